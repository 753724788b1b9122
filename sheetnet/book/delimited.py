"""Text files of columns (.csv, .tsv, .txt), read as a book of one sheet (RFC 4180, and what Excel writes)."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sheetnet.book.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Book, Cell, Sheet, Value, a1
from sheetnet.errors import FileError

MAX_BYTES = 100_000_000
_DELIMITERS = "\t;,"
_SAMPLE = 200
"""Rows that show which delimiter a file has."""

# Excel hides this first line, and so does LibreOffice: the row below it is row 1.
_SEPARATOR = re.compile(r'"?sep=([\t;,])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
# str.splitlines() ends lines at more signs, such as U+2028.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# float() takes more: 1_000, nan, infinity, the digits of other scripts.
_NUMBER = re.compile(r"[+\-−]?(?:[0-9]+(?:\.[0-9]*|,[0-9]+)?|[.,][0-9]+)(?:[eE][+\-−]?[0-9]+)?")
_NUMBERS = re.compile(r"[+\-−]?[0-9.,]*[0-9](?:[eE][+\-−]?[0-9]+)?")
"""Looser, for the choice of a delimiter: 1.234,5 is to be found whole, and refused by those who know why."""


def read(path: Path, *, texts: bool = False) -> Book:
    """Return the file as a book with one sheet, of the file's name; FileError when it is no text.

    Delimiter, decimal sign and encoding are found from the file. A field that is no plain number is text;
    so is one whose decimal sign is not that of the numbers before it, which may group thousands by it. With
    `texts` no field is a number: 007 and 1e5 stay as they are written.
    """
    text = _text(path, "a table" if texts else "a table of numbers")
    declared = _SEPARATOR.match(text)
    start = declared.end() if declared else 0
    delimiter = declared[1] if declared else _delimiter(text, texts=texts)
    rows: dict[int, dict[int, Cell]] = {}
    decimal, count, row = "", 0, -1
    try:
        for row, fields in enumerate(_reader(text, delimiter, start)):
            cells = {}
            for column, field in enumerate(fields):
                if field and not field.isspace():
                    value, decimal = (field, decimal) if texts else _value(field, decimal)
                    cells[column] = Cell(value)
            if cells:
                count += len(cells)
                _check(path, row, max(cells), count)
                rows[row] = cells
    except csv.Error as error:
        raise FileError(
            f"{path.name}, row {row + 2}: found a field that can't be read ({error}); check its quote signs"
        ) from error
    return Book(path, "csv", (Sheet(path.stem, rows),), decimal=decimal or ".")


def _text(path: Path, expected: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(f"{path}: can't be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        raise FileError(
            f"{path.name}: is larger than {MAX_BYTES // 10**6} MB, which no net needs; use a smaller table"
        )
    try:
        text = _decoded(content)
    except UnicodeDecodeError as error:
        raise _no_text(path, expected) from error
    if "\0" in text:
        raise _no_text(path, expected)
    return text


def _decoded(content: bytes) -> str:
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's "Unicode text"
        return content.decode("utf-16")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _no_text(path: Path, expected: str) -> FileError:
    return FileError(
        f"{path.name}: is no text file, expected {expected}; save it as .csv (UTF-8), .ods or .xlsx"
    )


def _reader(text: str, delimiter: str, start: int = 0) -> Iterator[list[str]]:
    lines = (line[0] for line in _LINE.finditer(text, start))
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


def _delimiter(text: str, *, texts: bool) -> str:
    """Return the delimiter that makes the most numbers, or in a table of texts the most rows of one width.

    Where two make as many the comma comes last, since it may be decimal: 0,5;1,5.
    """
    best, most = ",", -1
    for delimiter in _DELIMITERS:
        try:
            rows = _reader(text, delimiter) if texts else _filled(text, delimiter)
            sample = list(islice(rows, _SAMPLE))
        except csv.Error:
            continue
        count = _alike(sample) if texts else _numbers(sample)
        if count > most and any(len(fields) > 1 for fields in sample):
            best, most = delimiter, count
    return best


def _numbers(rows: list[list[str]]) -> int:
    """Return how many fields look like numbers."""
    return sum(bool(_NUMBERS.fullmatch(field)) for fields in rows for field in fields)


def _alike(rows: list[list[str]]) -> int:
    """Return how many rows have the commonest number of fields above one."""
    return max(Counter(len(fields) for fields in rows if len(fields) > 1).values(), default=0)


def _filled(text: str, delimiter: str) -> Iterator[list[str]]:
    for fields in _reader(text, delimiter):
        filled = [field.strip() for field in fields if field.strip()]
        if filled:
            yield filled


def _value(field: str, decimal: str) -> tuple[Value, str]:
    """Return a field's value, and the decimal sign of the numbers so far, nothing when they have none."""
    # a comma in a field is decimal, or the field would end there
    text = field.strip()
    if not _NUMBER.fullmatch(text):
        return field, decimal
    sign = "," if "," in text else "." if "." in text else decimal
    if decimal not in ("", sign):
        return field, decimal
    return float(text.replace(",", ".").replace("−", "-")), sign


def _check(path: Path, row: int, column: int, count: int) -> None:
    if row >= MAX_ROWS or column >= MAX_COLUMNS:
        raise FileError(
            f"{path.name}, {a1(row, column)}: found a cell outside the largest sheet "
            f"({MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns); use a smaller table"
        )
    if count > MAX_CELLS:
        raise FileError(
            f"{path.name}: more than {MAX_CELLS:,} cells hold something, which no net needs; "
            "use a smaller table"
        )
