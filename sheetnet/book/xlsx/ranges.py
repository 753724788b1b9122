"""Addresses as the XML spells them: refs of cells, and ranges of charts and names."""

import re
from collections.abc import Mapping
from functools import cache

from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS, Area, column_index, column_name

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_RANGE = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!\[\](),:$\s]+))!"
    r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6}))?"
)
_PLAIN_NAME = re.compile(r"[^\W\d][\w.]*")
_LIKE_ADDRESS = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


@cache
def column_of(letters: str) -> int:
    """Return the zero-based column of capital letters; ValueError when there is none."""
    column = column_index(letters) if letters.isascii() and letters.isalpha() else -1
    if not 0 <= column < MAX_COLUMNS:
        raise ValueError(letters)
    return column


@cache
def letters_of(column: int) -> str:
    """Return the letters of a zero-based column."""
    return column_name(column)


def place(ref: str) -> tuple[int, int]:
    """Return the zero-based row and column of a cell's ref; ValueError when it is none."""
    match = _CELL.fullmatch(ref)
    if match is None or int(match[2]) > MAX_ROWS:
        raise ValueError(ref)
    return int(match[2]) - 1, column_of(match[1].upper())


def area(sheet: str, ref: str) -> Area:
    """Return the area of a ref such as ``A1:B3``; ValueError when it is none."""
    first, _, last = ref.partition(":")
    top, left = place(first)
    bottom, right = place(last) if last else (top, left)
    return Area(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def range_area(text: str, sheets: Mapping[str, str]) -> Area | None:
    """Return the area that a chart's formula names, or None when it is not one range of this book.

    `sheets` maps a sheet's name in lower case to its spelling: names of sheets do not tell case apart.
    """
    match = _RANGE.fullmatch(text.strip().removeprefix("=").strip("()"))
    if match is None:
        return None
    sheet = sheets.get((match[1].replace("''", "'") if match[1] else match[2]).lower())
    if sheet is None:
        return None
    try:
        return area(sheet, f"{match[3]}{match[4]}" + (f":{match[5]}{match[6]}" if match[5] else ""))
    except ValueError:
        return None


def range_text(where: Area) -> str:
    """Return an area as charts spell it: ``Sheet1!$A$1:$A$9``, the sheet quoted where Excel wants it."""
    plain = _PLAIN_NAME.fullmatch(where.sheet) and not _LIKE_ADDRESS.fullmatch(where.sheet)
    sheet = where.sheet if plain else "'" + where.sheet.replace("'", "''") + "'"
    first = f"${letters_of(where.first_column)}${where.first_row + 1}"
    last = f"${letters_of(where.last_column)}${where.last_row + 1}"
    return f"{sheet}!{first}" if first == last else f"{sheet}!{first}:{last}"
