"""A class list: the students that exercises are made for, read from a table with the columns id and name."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sheetnet.book import files
from sheetnet.book.grid import Book, Cell, CellError, Sheet, a1
from sheetnet.errors import FileError

MAX_ID = 64
"""Characters of an id."""
MAX_NAME = 200
"""Characters of a name that are shown."""
MAX_STUDENTS = 5_000
_MAX_BYTES = 200  # of an id; a file's name has at most 255, its suffix among them
_HEADER_ROWS = 20
"""Filled rows of a sheet in which its columns may be named."""
_IDS = ("id", "nr", "nr.")
"""What a column of ids may be called, the better word first."""
_NAMES = ("name", "navn")
_EXPECTED = "expected a class list with the columns id and name"

# learn.microsoft.com, "Naming files, paths, and namespaces": with any suffix, too.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Student:
    """One student: an id that is safe in the name of a file, and a name, which may be any text or empty."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a sheet names its columns: zero-based row, column of ids, and column of names if there is one."""

    row: int
    id: int
    name: int | None


def read_roster(path: str | Path) -> tuple[Student, ...]:
    """Read a class list (.csv, .ods or .xlsx), its students in the order of its rows.

    The columns may stand in any order, among others, below other rows; the first sheet that names a column
    of ids counts. FileError, on one line, for ids that are missing, doubled or no file names.
    """
    book = files.load_table(path, texts=True)
    for sheet in book.sheets:
        columns = _columns(book, sheet)
        if columns is not None:
            return _students(book, sheet, columns)
    places = ", ".join(sheet.name for sheet in book.sheets[:3]) if book.format != "csv" else ""
    raise FileError(
        f"{book.path.name}{places and ', '}{places}: found no column called id in the first {_HEADER_ROWS} "
        f"rows, {_EXPECTED}; name the columns in a row above the students"
    )


def id_problem(text: str) -> str | None:
    """Return what an id should be that is not safe in the name of a file on any system, else None."""
    normal = unicodedata.normalize("NFC", text)
    if len(normal) > MAX_ID or len(normal.encode("utf-8", "replace")) > _MAX_BYTES:
        return f"at most {MAX_ID} characters"
    if not normal or not all(_is_plain(sign) for sign in normal):
        return "letters, digits, - _ and . alone"
    if normal.startswith((".", "-")) or normal.endswith(".") or ".." in normal:
        return "no . or - at its beginning, no . at its end, and no two in a row"
    if _DEVICE.fullmatch(normal):
        return "another one, since Windows keeps this name for a device"
    if unicodedata.category(normal[0])[0] == "M":
        return "a letter or a digit first"
    return None


def same_file(text: str) -> str:
    """Return what ids have in common whose files would be one where case does not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def plain_name(text: str) -> str:
    """Return a text as one line of at most MAX_NAME characters, without signs that are not shown."""
    shown = "".join(" " if _is_hidden(sign) else sign for sign in text)
    line = " ".join(unicodedata.normalize("NFC", shown).split())
    return line if len(line) <= MAX_NAME else line[: MAX_NAME - 1] + "…"


def _is_plain(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind[0] in "LM" or kind == "Nd" or sign in "-_."


def _is_hidden(sign: str) -> bool:
    """Tell control characters, broken surrogates, line ends, signs that turn the direction, and no text."""
    turns = "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"
    return unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or turns or ord(sign) & 0xFFFE == 0xFFFE


# ---------------------------------------------------------------- the table


def _columns(book: Book, sheet: Sheet) -> _Columns | None:
    """Return the first row of a sheet that names a column of ids; FileError when it names two alike."""
    filled = [row for row, cells in sorted(sheet.rows.items()) if any(_text(book, c) for c in cells.values())]
    for row in filled[:_HEADER_ROWS]:
        cells = sheet.rows[row]
        words = {column: _text(book, cell).casefold() for column, cell in sorted(cells.items())}
        ids = _called(book, sheet, row, words, _IDS)
        if ids is not None:
            return _Columns(row, ids, _called(book, sheet, row, words, _NAMES))
    return None


def _called(
    book: Book, sheet: Sheet, row: int, words: Mapping[int, str], names: tuple[str, ...]
) -> int | None:
    """Return the column that has the first of some names, None where none has one."""
    for name in names:
        found = [column for column, word in words.items() if word == name]
        if len(found) > 1:
            raise FileError(
                f"{_place(book, sheet, row, found[1])}: found a second column called '{name}' "
                f"(the first is {a1(row, found[0])}), expected one; rename the other"
            )
        if found:
            return found[0]
    return None


def _students(book: Book, sheet: Sheet, columns: _Columns) -> tuple[Student, ...]:
    students: list[Student] = []
    seen: dict[str, int] = {}
    for row in sorted(row for row in sheet.rows if row > columns.row):
        cells = sheet.rows[row]
        place = _place(book, sheet, row, columns.id)
        name = "" if columns.name is None else plain_name(_text(book, cells.get(columns.name)))
        text = _id(book, cells.get(columns.id), place)
        if not text and not name:
            continue
        if not text:
            raise FileError(f"{place}: found no id for {_quoted(name)}, expected one; type an id there")
        problem = id_problem(text)
        if problem is not None:
            raise FileError(f"{place}: found the id {_quoted(text)}, expected {problem}; {_advice(text)}")
        twin = seen.setdefault(same_file(text), row)
        if twin != row:
            raise FileError(
                f"{place}: found the id {_quoted(text)} a second time (the first is "
                f"{a1(twin, columns.id)}; capitals do not count), expected each once; give one another id"
            )
        students.append(Student(text, name))
        if len(students) > MAX_STUDENTS:
            raise FileError(
                f"{place}: found more than {MAX_STUDENTS:,} students, expected a class; split the list"
            )
    if not students:
        raise FileError(
            f"{_place(book, sheet, columns.row, columns.id)}: found no students below this row, expected at "
            "least one; add a row with an id for each"
        )
    return tuple(students)


def _id(book: Book, cell: Cell | None, place: str) -> str:
    """Return an id as its cell shows it, NFC, empty where there is none."""
    if cell is not None and isinstance(cell.value, CellError):
        raise FileError(f"{place}: found the error {cell.value}, expected an id; type it as text")
    if cell is not None and cell.value is None and cell.formula is not None:
        raise FileError(f"{place}: found a formula without a value, expected an id; type it as text")
    return unicodedata.normalize("NFC", _text(book, cell))


def _text(book: Book, cell: Cell | None) -> str:
    """Return a cell's value as text without blanks around it; a whole number has no decimals."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}".replace(".", book.decimal)
    return value.strip()


def _advice(text: str) -> str:
    """Return what to do about an id that can't be one, with another where that is near."""
    pieces = re.findall(r"[\w.-]+", text)
    near = re.sub(r"\.{2,}", ".", "-".join(pieces)).lstrip(".-").rstrip(".")
    if not near or id_problem(near) is not None:
        return "type another one"
    return f"type another one, such as {near}"


def _quoted(text: str) -> str:
    line = plain_name(text)
    return f"'{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}'"


def _place(book: Book, sheet: Sheet, row: int, column: int) -> str:
    """Return how an error names a cell; a text file has one sheet, whose name says nothing."""
    if book.format == "csv":
        return f"{book.path.name}, {a1(row, column)}"
    return book.place(sheet.name, row, column)
