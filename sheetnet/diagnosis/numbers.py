"""The numbers that stand in a sheet, and what formulas give from them, all rows at once."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, CellError, Value
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import evaluate_columns
from sheetnet.formula.expression import CellReference, Expression

Array = NDArray[np.float64]


class Numbers:
    """The cached values of a book's cells, by column; nan where no number is.

    Empty cells count as 0, as they do in formulas. `known` are numbers that take the place of cached ones:
    text in which a number can be read.
    """

    def __init__(self, book: Book, known: Mapping[Place, float] | None = None) -> None:
        self._sheets = {sheet.name: sheet for sheet in book.sheets}
        self._known = known or {}
        self._columns: dict[tuple[str, int], Array] = {}
        self._lengths = {name: max(sheet.rows, default=-1) + 2 for name, sheet in self._sheets.items()}

    def column(self, sheet: str, column: int, first: int, last: int) -> Array:
        """Return the numbers of rows `first` … `last` of a column, shape (rows,)."""
        return self._rows(sheet, column, np.arange(first, last + 1))

    def at(self, place: Place) -> float:
        """Return the number of one cell."""
        return float(self.column(place[0], place[2], place[1], place[1])[0])

    def evaluated(
        self,
        expression: Expression,
        sheet: str,
        column: int,
        first: int,
        last: int,
        changes: Mapping[CellReference, Array] | None = None,
    ) -> Array | None:
        """Return what a relative expression gives in rows of a column; None outside the arithmetic.

        `changes` are added to the numbers that some references give.
        """
        rows = np.arange(first, last + 1)

        def lookup(target: object) -> Array:
            if not isinstance(target, CellReference):
                raise NotComputable(str(target))
            other = target.column if target.column_fixed else target.column + column
            at = np.full(len(rows), target.row) if target.row_fixed else rows + target.row
            found = self._rows(target.sheet or sheet, other, at)
            change = changes.get(target) if changes else None
            return found if change is None else found + change

        try:
            return np.array(np.broadcast_to(evaluate_columns(expression, lookup), (len(rows),)))
        except NotComputable:
            return None

    def _rows(self, sheet: str, column: int, rows: NDArray[np.intp]) -> Array:
        """Return the numbers of some rows; nan above the sheet, 0 below its last row."""
        values = self._values(sheet, column)
        found = np.zeros(len(rows))
        inside = (rows >= 0) & (rows < len(values))
        found[inside] = values[rows[inside]]
        found[rows < 0] = np.nan
        return found

    def _values(self, sheet: str, column: int) -> Array:
        key = sheet, column
        if key not in self._columns:
            held = self._sheets.get(sheet)
            values = np.zeros(self._lengths.get(sheet, 0))
            if held is None:
                values = np.full(1, np.nan)
            else:
                for row, cells in held.rows.items():
                    cell = cells.get(column)
                    if cell is not None:
                        missing = cell.value is None and cell.formula is not None
                        values[row] = np.nan if missing else _number(cell.value)
            for (name, row, other), value in self._known.items():
                if (name, other) == key:
                    values[row] = value
            self._columns[key] = values
        return self._columns[key]


def _number(value: Value) -> float:
    if value is None:
        return 0.0
    return np.nan if isinstance(value, str | CellError) else float(value)
