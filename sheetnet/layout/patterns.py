"""The training patterns of a table: below a header one pattern a row, its inputs and then its targets."""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Book, Cell, CellError, Sheet, a1, column_name
from sheetnet.errors import LayoutError
from sheetnet.layout import content
from sheetnet.layout.prose import plural
from sheetnet.net.terms import sizes_text

_SHOWN = 40
"""Characters of a text that an error shows."""
_LIKE_NUMBER = re.compile(
    r"[+\-−]?[.,]?\d[\d\s.,_'’]*(?:e[+\-−]?\d+)?\s*%?|[+\-−]?(?:nan|inf|infinity)", re.IGNORECASE
)
_GROUPED = re.compile(r"[+\-−]?\d{1,3}(?:([\s.,_'’])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")
"""A number with signs between its thousands."""


def patterns_of(book: Book, sizes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return inputs and targets, shapes (patterns, n_0) and (patterns, n_L), from the first sheet with cells.

    The table may begin anywhere. Formulas count by their cached values. LayoutError, naming the cell, for
    all that is no table of n_0 + n_L numbers a row below a header.
    """
    return _Table(book, sizes).read()


class _Table:
    """The table of a book's first sheet that holds something: where it stands, and what it lacks."""

    def __init__(self, book: Book, sizes: tuple[int, ...]) -> None:
        self.book = book
        self.sizes = sizes
        self.width = sizes[0] + sizes[-1]
        held = ((sheet.name, _rows(sheet)) for sheet in book.sheets)
        self.sheet, self.rows = next(((name, rows) for name, rows in held if rows), ("", {}))

    def read(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return inputs and targets."""
        if not self.rows:
            raise LayoutError(
                f"{self.book.path.name}: found nothing in it, expected a header such as {self._header()} "
                f"and below it {self._wanted()}; type one pattern a row"
            )
        top = min(self.rows)
        self._check_header(top)
        last = top
        while last + 1 in self.rows:
            last += 1
        self._check_end(top, last)
        left = self._left(range(top + 1, last + 1))
        values = [self._numbers(row, left) for row in range(top + 1, last + 1)]
        table = np.array(values, dtype=np.float64)
        return table[:, : self.sizes[0]], table[:, self.sizes[0] :]

    def _check_header(self, top: int) -> None:
        """Refuse a first row without a name in it: it is a pattern, which would be lost."""
        cells = self.rows[top]
        if any(not _like_number(cell) for cell in cells.values()):
            return
        column = min(cells)
        value = cells[column].value
        number = f"found the number {value:g}" if content.is_number(cells[column]) else _found(cells[column])
        raise LayoutError(
            f"{self._place(top, column)}: {number}, expected a header above the first pattern, "
            f"such as {self._header()}; add a {'line' if self.book.format == 'csv' else 'row'} of names"
        )

    def _check_end(self, top: int, last: int) -> None:
        """Refuse numbers below an empty row, and a table without patterns."""
        below = (row for row in sorted(self.rows) if row > last)
        again = next((row for row in below if any(map(_like_number, self.rows[row].values()))), None)
        column = min(self.rows[top])
        if again is None and last == top:
            raise LayoutError(
                f"{self._place(top + 1, column)}: found no pattern below the header, "
                f"expected {self._wanted()}; type one pattern a row"
            )
        if last == top:
            raise LayoutError(
                f"{self._place(top + 1, column)}: found an empty row below the first text, expected "
                "the first pattern there; let nothing but one row of names stand above the patterns"
            )
        if again is not None:
            column, cell = next(
                (column, cell) for column, cell in sorted(self.rows[again].items()) if _like_number(cell)
            )
            raise LayoutError(
                f"{self._place(again, column)}: {_found(cell)} below the empty row {last + 2}, "
                "expected the patterns without a gap; delete the empty rows, or what stands below them"
            )

    def _left(self, rows: range) -> int:
        """Return the first column; LayoutError when the rows are not as wide as the net's patterns."""
        left = min(min(self.rows[row]) for row in rows)
        right = max(max(self.rows[row]) for row in rows)
        if right - left + 1 == self.width:
            self._check_halves(rows, left)
            return left
        first = self.rows[rows[0]]
        begin, end = min(first), min(first) + self.width - 1
        if max(first) == end:  # the first pattern is as it should be, so another row is not
            row, column = next(
                (row, column)
                for row in rows
                for column in sorted(self.rows[row])
                if not begin <= column <= end
            )
            raise LayoutError(
                f"{self._place(row, column)}: {_found(self.rows[row][column])} beside the "
                f"{plural(self.width, 'column')} ({_columns(begin, end)}) of the rows above, "
                f"expected {self._wanted()}; {self._width_advice(rows, self.width + 1)}"
            )
        found = right - left + 1
        raise LayoutError(
            f"{self._place(rows[0], left)}: found {plural(found, 'column')} ({_columns(left, right)}), "
            f"expected {self.width}: {self._wanted()}; {self._width_advice(rows, found)}"
        )

    def _check_halves(self, rows: range, left: int) -> None:
        """Refuse 0,5,0,3 below two names: numbers that decimal commas may have cut in two."""
        names = len(self.rows[rows[0] - 1])
        if self.book.format == "csv" and 2 * names == self.width and self._whole(rows):
            raise LayoutError(
                f"{self._place(rows[0], left)}: found {plural(self.width, 'column')} "
                f"({_columns(left, left + self.width - 1)}) of whole numbers below {plural(names, 'name')}, "
                "expected a name above each; if the commas are decimal, put semicolons between the columns, "
                "else name all columns"
            )

    def _whole(self, rows: range) -> bool:
        values = (cell.value for row in rows for cell in self.rows[row].values())
        return all(isinstance(value, float) and value.is_integer() for value in values)

    def _width_advice(self, rows: range, found: int) -> str:
        if self.book.format == "csv" and found < self.width:
            return "add the missing columns, and put a comma, semicolon or tab between all columns"
        if self.book.format == "csv" and self._whole(rows):
            return (
                "if its commas are decimal, put semicolons between the columns; "
                "else change the net or the table"
            )
        return "change the net or the table"

    def _numbers(self, row: int, left: int) -> list[float]:
        cells = self.rows[row]
        values = []
        for column in range(left, left + self.width):
            cell = cells.get(column)
            if cell is None or not isinstance(cell.value, float):
                advice = self._advice(cell)
                if row == min(self.rows) + 1 and not any(map(_like_number, cells.values())):
                    advice = "the header is the first row that is filled; remove what stands above it"
                raise LayoutError(f"{self._place(row, column)}: {_found(cell)}, expected a number; {advice}")
            if not np.isfinite(cell.value):
                raise LayoutError(
                    f"{self._place(row, column)}: found {cell.value:g}, expected a finite number; "
                    "type one between -1.79E+308 and 1.79E+308"
                )
            values.append(cell.value)
        return values

    def _advice(self, cell: Cell | None) -> str:
        if cell is not None and cell.value is None:
            return "open the file in a spreadsheet program and save it there"
        if cell is not None and isinstance(cell.value, bool):
            return "type 1 or 0 there"
        if cell is None or not isinstance(cell.value, str) or isinstance(cell.value, CellError):
            return content.advice(cell)
        text = cell.value.strip()
        grouped = _GROUPED.fullmatch(text)
        if grouped and (len(re.findall(r"[^\d+\-−]", text)) > 1 or grouped[1] not in ".,"):
            return f"write it without signs between the thousands: {text.replace(grouped[1], '')}"
        if not _like_number(cell) or text.lower().lstrip("+-−")[:1] in ("n", "i"):
            return "type a number there"
        if self.book.format == "csv":
            return "write it with digits alone and one decimal sign, the same in the whole file"
        return content.advice(cell)

    def _place(self, row: int, column: int) -> str:
        if self.book.format == "csv":
            return f"{self.book.path.name}, {a1(row, column)}"
        return self.book.place(self.sheet, row, column)

    def _wanted(self) -> str:
        net = sizes_text(self.sizes)
        article = "an" if net.startswith("8") or self.sizes[0] in (11, 18) else "a"
        inputs, targets = plural(self.sizes[0], "input"), plural(self.sizes[-1], "target")
        return f"{inputs} and {targets} of {article} {net} net"

    def _header(self) -> str:
        names = []
        for name, size in (("a", self.sizes[0]), ("T", self.sizes[-1])):
            shown = [f"{name}{i}" for i in range(size)]
            names += shown if size < 5 else [*shown[:2], "…", shown[-1]]
        return ",".join(names)


def _rows(sheet: Sheet) -> Mapping[int, Mapping[int, Cell]]:
    """Return a sheet's rows without notes, and without text of blanks alone."""
    rows = {}
    for row, cells in sheet.rows.items():
        held = {
            column: cell
            for column, cell in cells.items()
            if isinstance(cell.value, float) or (content.holds(cell) and not _is_blank(cell))
        }
        if held:
            rows[row] = held
    return rows


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell.value, str) and cell.formula is None and not cell.value.strip()


def _like_number(cell: Cell) -> bool:
    """Tell a number, or what was meant as one, from a name."""
    if isinstance(cell.value, str) and not isinstance(cell.value, CellError):
        return _LIKE_NUMBER.fullmatch(cell.value.strip()) is not None
    return True


def _found(cell: Cell | None) -> str:
    """Return `content.found`, on one line and not too long."""
    if cell is not None and isinstance(cell.value, str) and not isinstance(cell.value, CellError):
        cell = Cell(_line(cell.value), cell.formula)
    elif cell is not None and cell.value is None and cell.formula is not None:
        cell = Cell(None, _line(cell.formula))
    return content.found(cell)


def _line(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: _SHOWN + 1])
    return shown if len(text) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _columns(first: int, last: int) -> str:
    return column_name(first) if first == last else f"{column_name(first)}:{column_name(last)}"
