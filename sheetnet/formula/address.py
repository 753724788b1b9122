"""Addresses of cells as people read them: A8, D10:E200."""

import re
from functools import lru_cache


@lru_cache(maxsize=16_384)
def column_name(column: int) -> str:
    """Return the letters of a zero-based column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=16_384)
def column_index(letters: str) -> int:
    """Return the zero-based column of its letters: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def a1(row: int, column: int) -> str:
    """Return the address of a zero-based place: (7, 0) is A8."""
    return f"{column_name(column)}{row + 1}"


def a1_range(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """Return the address of a rectangle: D10:E200, or D9 for one cell."""
    first, last = a1(first_row, first_column), a1(last_row, last_column)
    return first if first == last else f"{first}:{last}"


_ADDRESS = re.compile(r"(?:\$?('(?:[^']|'')+'|[^'].*?)[.!])?\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


def read_address(text: str) -> tuple[str | None, int, int] | None:
    """Return (sheet, row, column) of M9, $M$9, Ark2.M9, Ark2!M9, 'My sheet'.M9; None for whatever is none."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        return None
    sheet, letters, digits = match.groups()
    if sheet is not None and sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, int(digits) - 1, column_index(letters)
