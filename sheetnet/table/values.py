"""The values of a table, computed from the formulas that it holds."""

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import Calculator, Formula, Place, cells_of
from sheetnet.book.grid import Book, Cell, CellError, Value
from sheetnet.formula.arithmetic import NotComputable, is_known
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Reference,
    replace,
    walk,
)
from sheetnet.formula.matrix import scalar
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.program import Circular, Failure, Irregular, Lag, Program, compile_columns, run_rows
from sheetnet.layout.series import formula_of
from sheetnet.table.table import Table

CHUNK = 1000
"""Rows between two reports of progress."""
_OVER_NUMBERS = {"AVERAGE", "COUNT", "DEVSQ", "MAX", "MIN", "PRODUCT"}
"""Functions for which an empty cell is not the same as 0."""


class CellFailure(NamedTuple):
    """The cell at which Calc would show an error, and what it shows."""

    row: int
    column: int
    shown: str


class Broken(Exception):
    """A table that can't be computed to its end; `failure` says where it stops."""

    def __init__(self, failure: CellFailure) -> None:
        super().__init__(failure)
        self.failure = failure


class Values:
    """The computed rows of a table: shape (rows, columns), in the order of the table's columns.

    `left_out` are those of the `helpers` with formulas that are not evaluated here, and those to do
    `without`; they have no values.
    """

    def __init__(
        self, book: Book, table: Table, helpers: Sequence[int] = (), *, without: Collection[int] = ()
    ) -> None:
        self.book, self.table = book, table
        self.left_out = self._left_out(helpers, set(without))
        self.columns = sorted(set(table.columns) - self.left_out)
        self._index = {column: index for index, column in enumerate(self.columns)}
        self._out: array[float] = array("d")
        self._cell = cells_of(book)

    def __len__(self) -> int:
        return len(self._out) // len(self.columns)

    def column(self, column: int) -> NDArray[np.float64]:
        """Return a column's values, shape (rows,); nan throughout for one that is left out."""
        if column in self.left_out:
            return np.full(len(self), np.nan)
        return self._matrix()[:, self._index[column]]

    def at(self, row: int, column: int) -> float:
        """Return the value at a zero-based place of the sheet."""
        return self._out[(row - self.table.first_row) * len(self.columns) + self._index[column]]

    def cut(self, table: Table) -> None:
        """Forget the rows after the last one of a shorter table."""
        self.table = table
        del self._out[(table.last_row - table.first_row + 1) * len(self.columns) :]

    def compute(self) -> Iterator[int]:
        """Compute row after row; yields, now and then, the number of rows done. Broken at an error value."""
        for first, last in self.table.blocks():
            try:
                yield from self._straight(first, last)
            except (Irregular, Circular):
                yield from self._on_demand(first, last)

    def _left_out(self, helpers: Sequence[int], out: set[int]) -> set[int]:
        """Return the helper columns that can't be evaluated to a number, or use one that can't be."""
        grown = True
        while grown:
            before = len(out)
            for column in helpers:
                for piece in self.table.columns[column]:
                    try:
                        expression = self._expression(column, piece.first)
                    except Unparsable:
                        out.add(column)
                        continue
                    if expression is not None and not _is_numeric(expression, column, out):
                        out.add(column)
            grown = len(out) > before
        return out

    def _expression(self, column: int, row: int) -> Expression | None:
        """Return the table's expression of a cell, names resolved."""
        expression = self.table.expression(column, row)
        if expression is None:
            return None
        return resolved(expression, self.book.names, self.table.sheet)

    def _matrix(self) -> NDArray[np.float64]:
        return np.frombuffer(self._out, dtype=np.float64).reshape(-1, len(self.columns))

    # ------------------------------------------------------------ straight-line code

    def _straight(self, first: int, last: int) -> Iterator[int]:
        beside: dict[int, int] = {}  # columns that formulas use though they are not the table's: their index
        expressions = self._expressions(first, last, beside)
        program = compile_columns([*expressions, *[None] * len(beside)])
        given = [
            array("d") if expression is not None else self._numbers(column, first, last)
            for column, expression in zip(self.columns, expressions, strict=True)
        ] + [self._numbers(column, first, last) for column in beside]
        if beside:
            yield from self._with_neighbours(program, first, last, given)
            return
        start = self.table.first_row
        for low in range(first, last + 1, CHUNK):
            high = min(low + CHUNK, last + 1)
            self._run(program, self._out, low - start, high - start, given)
            yield high - start

    def _with_neighbours(
        self, program: Program, first: int, last: int, given: "list[array[float]]"
    ) -> Iterator[int]:
        """Run a program that has more columns than the table: the rows before get zeros in those."""
        width, start = len(self.columns), self.table.first_row
        extra = len(program.columns) - width
        rows = self._matrix()
        above = np.zeros((len(rows), width + extra))
        above[:, :width] = rows
        for column in range(width, width + extra):
            above[:, column] = given[column][: len(rows)]
        del rows
        out = array("d", above.tobytes())
        self._run(program, out, first - start, last + 1 - start, given)
        self._out = array("d", np.frombuffer(out).reshape(-1, width + extra)[:, :width].tobytes())
        yield last + 1 - start

    def _run(
        self, program: Program, out: "array[float]", first: int, last: int, given: "list[array[float]]"
    ) -> None:
        try:
            run_rows(program, out, first, last, given)
        except Failure as failure:
            column = self.columns[failure.column]
            raise Broken(CellFailure(failure.row + self.table.first_row, column, failure.shown)) from failure
        except NotComputable as error:
            raise Irregular(str(error)) from error

    def _numbers(self, column: int, first: int, last: int) -> "array[float]":
        """Return the numbers typed into a column, from the table's first row on; empty counts as 0."""
        out = array("d", bytes(8 * (last + 1 - self.table.first_row)))
        for row in range(self.table.first_row, last + 1):
            cell = self._cell((self.table.sheet, row, column))
            value = None if cell is None else cell.value
            if row >= first and (
                isinstance(value, str) or (cell is not None and self._depends(cell, row, column))
            ):
                raise Irregular("no plain number")
            out[row - self.table.first_row] = float(value) if isinstance(value, float | bool) else 0.0
        return out

    def _depends(self, cell: Cell, row: int, column: int) -> bool:
        """Tell whether a cell beside the table has a formula; then only the general way is sure."""
        return cell.formula is not None and column not in self._index

    def _expressions(self, first: int, last: int, beside: dict[int, int]) -> list[Expression | None]:
        out: list[Expression | None] = []
        for column in self.columns:
            try:
                expression = self._expression(column, first)
            except Unparsable as error:
                raise Irregular(str(error)) from error
            if expression is not None:
                translate = self._translator(first, last, column, beside)
                expression = replace(_spelt_out(expression), translate)
            out.append(expression)
        return out

    def _translator(
        self, first: int, last: int, column: int, beside: dict[int, int]
    ) -> Callable[[Expression], Expression | None]:
        """Return the change of cell references to values of the program's columns, or to constants."""

        def translate(part: Expression) -> Expression | None:
            if isinstance(part, Reference) and isinstance(part.target, CellReference):
                return self._translated(part.target, first, last, column, beside)
            if isinstance(part, Call) and part.name in _OVER_NUMBERS:
                for argument in part.arguments:
                    if isinstance(argument, Reference) and not self._is_own(argument, first, column):
                        raise Irregular("a cell that may be empty, and then does not count as 0")
            return None

        return translate

    def _is_own(self, reference: Reference, row: int, column: int) -> bool:
        """Tell whether a reference from a place means a cell of the table, where numbers stand."""
        if not isinstance(reference.target, CellReference):
            return False
        sheet, row, column = reference.target.at(row, column)
        return (
            sheet in (None, self.table.sheet)
            and column in self._index
            and self.table.first_row <= row <= self.table.last_row
        )

    def _translated(
        self, target: CellReference, first: int, last: int, column: int, beside: dict[int, int]
    ) -> Expression:
        sheet, row, other = target.at(first, column)
        mine = sheet in (None, self.table.sheet)
        table = self.table
        if mine and other in self._index and target.row_fixed and table.first_row <= row <= table.last_row:
            if row < first:
                return Constant(self.at(row, other))
            if first == last == row:
                return Reference(Lag(self._index[other], 0))
            raise Irregular("a fixed row below")
        if mine and other in self._index and not target.row_fixed and row >= table.first_row:
            if target.row > 0:
                raise Irregular("a later row")
            return Reference(Lag(self._index[other], -target.row))
        if target.row_fixed or first == last:
            return Constant(self._outside((sheet or table.sheet, row, other)))
        if not mine or row < table.first_row or target.row > 0:
            raise Irregular("a moving reference outside the table")
        if other not in beside:
            beside[other] = len(self.columns) + len(beside)
        return Reference(Lag(beside[other], -target.row))

    def _outside(self, place: Place) -> float:
        cell = self._cell(place)
        if cell is None or cell.value is None:
            return 0.0
        if cell.formula is None and isinstance(cell.value, float | bool):
            return float(cell.value)
        raise Irregular("a cell that only the general way can read")

    # ------------------------------------------------------------ the general way

    def _on_demand(self, first: int, last: int) -> Iterator[int]:
        """Compute rows cell by cell, whatever refers to whatever."""
        calculator = Calculator(self._content)
        for row in range(first, last + 1):
            values = []
            for column in self.columns:
                try:
                    value = calculator.value((self.table.sheet, row, column))
                except NotComputable as error:
                    raise Broken(CellFailure(row, column, str(error))) from error
                if isinstance(value, CellError):
                    raise Broken(CellFailure(row, column, value))
                values.append(0.0 if value is None or isinstance(value, str) else float(value))
            self._out.extend(values)
        yield last + 1 - self.table.first_row

    def _content(self, place: Place) -> Value | Formula:
        sheet, row, column = place
        table = self.table
        if sheet == table.sheet and column in self._index and table.first_row <= row <= table.last_row:
            if row - table.first_row < len(self):
                return self.at(row, column)
            try:
                expression = self._expression(column, row)
            except Unparsable as error:
                raise NotComputable(str(error)) from error
            if expression is not None:
                return Formula(expression)
        cell = self._cell(place)
        if sheet == table.sheet and column in self.left_out and row >= table.first_row:
            raise NotComputable("a helper column that is not evaluated here")
        if cell is None:
            return None
        if (
            cell.formula is not None
            and cell.array is None
            and not (sheet == table.sheet and column in self._index)
        ):
            return formula_of(self.book, cell, sheet, row, column)
        return cell.value


def _is_numeric(expression: Expression, column: int, without: set[int]) -> bool:
    if any(isinstance(part, Constant) and isinstance(part.value, str) for part in walk(expression)):
        return False
    return is_known(expression) and _columns(expression, column).isdisjoint(without)


def _columns(expression: Expression, column: int) -> set[int]:
    found = set()
    for part in walk(expression):
        if isinstance(part, Reference) and isinstance(part.target, CellReference):
            found.add(part.target.at(0, column)[2])
    return found


def _spelt_out(expression: Expression) -> Expression:
    """Return an expression without ranges."""
    try:
        return scalar(expression)
    except NotComputable as error:
        raise Irregular(str(error)) from error
