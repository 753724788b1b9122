"""Values of cells on demand: what a caller says a cell holds, formulas evaluated when they are needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from sheetnet.book.grid import Book, Cell, CellError, Sheet, Value
from sheetnet.formula.arithmetic import ErrorValue, NotComputable, cells, evaluate
from sheetnet.formula.expression import CellReference, Expression, Range, Reference, walk

Place: TypeAlias = tuple[str, int, int]
"""Sheet, zero-based row, zero-based column."""

MAX_LOOKUPS = 5_000_000
"""Cells that ranges may name in all; beyond that they are left to a spreadsheet program."""


class Formula(NamedTuple):
    """What a cell has instead of a value: a relative expression, to be evaluated at its place."""

    expression: Expression


class Calculator:
    """Gives the values of cells; `source` says for each place what it holds: a value, or a Formula."""

    def __init__(self, source: Callable[[Place], Value | Formula]) -> None:
        self._source = source
        self._known: dict[Place, Value] = {}
        self._failed: dict[Place, str] = {}
        self._left = MAX_LOOKUPS

    @property
    def known(self) -> Mapping[Place, Value]:
        """The values that are known by now: of the cells asked for, and of all that they need."""
        return self._known

    def value(self, place: Place) -> Value:
        """Return a cell's value; an error that Calc would show is a CellError.

        NotComputable when the cell, or one that it needs, is outside the arithmetic of this program. What a
        formula needs is computed before it, so chains may be of any length.
        """
        waiting: set[Place] = set()
        stack = [place]
        while stack:
            top = stack[-1]
            if top in self._known or top in self._failed:
                stack.pop()
                continue
            try:
                content = self._source(top)
                if isinstance(content, Formula):
                    if top not in waiting:
                        waiting.add(top)
                        needed = list(self._precedents(content.expression, top))
                        stack += [c for c in needed if c not in self._known and c not in waiting]
                        continue
                    content = self._settled(content.expression, top)
                self._known[top] = content
            except NotComputable as error:
                self._failed[top] = str(error)
            stack.pop()
        if place in self._failed:
            raise NotComputable(self._failed[place])
        return self._known[place]

    def evaluated(self, expression: Expression, place: Place) -> Value:
        """Return the value of a relative expression at a place; ErrorValue where Calc shows an error."""
        for cell in self._precedents(expression, place):
            if cell not in self._known and cell not in self._failed:
                with suppress(NotComputable):
                    self.value(cell)
        return self._evaluated(expression, place)

    def _settled(self, expression: Expression, place: Place) -> Value:
        try:
            return self._evaluated(expression, place)
        except ErrorValue as error:
            return CellError(str(error))

    def _evaluated(self, expression: Expression, place: Place) -> Value:
        sheet, row, column = place

        def lookup(target: object) -> Value:
            if not isinstance(target, CellReference):
                raise NotComputable(str(target))
            other, target_row, target_column = target.at(row, column)
            cell = (other or sheet, target_row, target_column)
            if cell in self._failed:
                raise NotComputable(self._failed[cell])
            # What is not known by now waits for this very cell: LibreOffice's code for a circle is Err:522.
            value = self._known.get(cell, _CIRCULAR)
            if isinstance(value, CellError):
                raise ErrorValue(value)
            return value

        return evaluate(expression, lookup)

    def _precedents(self, expression: Expression, place: Place) -> Iterator[Place]:
        sheet, row, column = place
        for part in walk(expression):
            targets: Iterable[object] = ()
            if isinstance(part, Reference):
                targets = (part.target,)
            elif isinstance(part, Range):
                targets = cells(part)
            for target in targets:
                if isinstance(target, CellReference):
                    self._left -= isinstance(part, Range)
                    if self._left < 0:
                        raise NotComputable("very many cells")
                    other, target_row, target_column = target.at(row, column)
                    yield other or sheet, target_row, target_column


_CIRCULAR = CellError("Err:522")


def cells_of(book: Book) -> Callable[[Place], Cell | None]:
    """Return a function that finds a cell of the book; sheets' names are compared as they are."""
    sheets: dict[str, Sheet] = {sheet.name: sheet for sheet in book.sheets}

    def cell(place: Place) -> Cell | None:
        sheet = sheets.get(place[0])
        return None if sheet is None else sheet.cell(place[1], place[2])

    return cell
