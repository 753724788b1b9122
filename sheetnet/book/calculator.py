"""Values of cells on demand: what a caller says a cell holds, formulas evaluated when they are needed."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from sheetnet.book.grid import Book, Cell, CellError, Sheet, Value
from sheetnet.formula.arithmetic import ErrorValue, NotComputable, evaluate
from sheetnet.formula.expression import CellReference, Expression

Place: TypeAlias = tuple[str, int, int]
"""Sheet, zero-based row, zero-based column."""

_DEPTH = 150
"""Formulas that may wait for one another before this program's own stack gives in."""


class Formula(NamedTuple):
    """What a cell has instead of a value: a relative expression, to be evaluated at its place."""

    expression: Expression


class Calculator:
    """Gives the values of cells; `source` says for each place what it holds: a value, or a Formula."""

    def __init__(self, source: Callable[[Place], Value | Formula]) -> None:
        self._source = source
        self._known: dict[Place, Value] = {}
        self._waiting: set[Place] = set()

    def value(self, place: Place) -> Value:
        """Return a cell's value; an error that Calc would show is a CellError.

        NotComputable when the cell, or one that it needs, is outside the arithmetic of this program.
        """
        if place in self._known:
            return self._known[place]
        if place in self._waiting:
            return CellError("Err:522")  # LibreOffice's code for a circular reference
        if len(self._waiting) > _DEPTH:
            raise NotComputable("too many formulas that wait for one another")
        content = self._source(place)
        if isinstance(content, Formula):
            self._waiting.add(place)
            try:
                content = self.evaluated(content.expression, place)
            except ErrorValue as error:
                content = CellError(str(error))
            finally:
                self._waiting.discard(place)
        self._known[place] = content
        return content

    def evaluated(self, expression: Expression, place: Place) -> Value:
        """Return the value of a relative expression at a place; ErrorValue where Calc shows an error."""
        sheet, row, column = place

        def lookup(target: object) -> Value:
            if not isinstance(target, CellReference):
                raise NotComputable(str(target))
            other, target_row, target_column = target.at(row, column)
            value = self.value((other or sheet, target_row, target_column))
            if isinstance(value, CellError):
                raise ErrorValue(value)
            return value

        return evaluate(expression, lookup)


def cells_of(book: Book) -> Callable[[Place], Cell | None]:
    """Return a function that finds a cell of the book; sheets' names are compared as they are."""
    sheets: dict[str, Sheet] = {sheet.name: sheet for sheet in book.sheets}

    def cell(place: Place) -> Cell | None:
        sheet = sheets.get(place[0])
        return None if sheet is None else sheet.cell(place[1], place[2])

    return cell
