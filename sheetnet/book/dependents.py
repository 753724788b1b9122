"""Formulas outside the changed cells that depend on them, and the values they have now."""

from collections.abc import Callable, Iterator, Sequence

from sheetnet.book.calculator import Calculator, Formula, Place, cells_of
from sheetnet.book.edits import PutCell
from sheetnet.book.grid import Area, Book, Cell, CellError, Value
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Expression,
    Range,
    Reference,
    Unreadable,
    walk,
)
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable, parse

_ANYWHERE = {"INDIRECT", "OFFSET"}
"""Functions whose result may come from any cell."""


def refreshed(
    book: Book,
    changed: Sequence[Area],
    value: Callable[[Place], Value | None],
    managed: Callable[[Place], bool],
) -> Iterator[PutCell]:
    """Yield an edit for every formula cell whose value follows from changed cells and is another one now.

    `managed` tells which cells have been dealt with; `value` gives theirs. A formula with a part that is not
    evaluated here loses its stored value, so that the spreadsheet program computes it on opening.
    """
    graph = _Dependents(book, changed, managed)
    places = list(graph.places())
    if not places:
        return
    cell_at = cells_of(book)

    def content(place: Place) -> Value | Formula:
        if managed(place):
            return value(place)
        cell = cell_at(place)
        if graph.is_affected(place):
            expression = graph.expression(place)
            if expression is None or (cell is not None and cell.array is not None):
                raise NotComputable("a formula that can't be evaluated here")
            return Formula(expression)
        if cell is not None and isinstance(cell.value, str) and not isinstance(cell.value, CellError):
            raise NotComputable("a text, which programs take for a number each in its own way")
        return None if cell is None else cell.value

    calculator = Calculator(content)
    for place in places:
        cell = cell_at(place)
        assert cell is not None
        if cell.array is not None:
            continue  # both programs compute array formulas whenever they load them
        new: Value
        try:
            new = calculator.value(place)
            new = 0.0 if new is None else new  # a reference to an empty cell
        except NotComputable:
            new = None
        if new != cell.value or type(new) is not type(cell.value):
            yield PutCell(*place, value=new, formula=cell.formula)


class _Dependents:
    """Which formula cells depend on changed areas, directly or through other formulas."""

    def __init__(self, book: Book, changed: Sequence[Area], managed: Callable[[Place], bool]) -> None:
        self.book = book
        self.changed = changed
        self.formulas: dict[Place, Cell] = {}
        for sheet in book.sheets:
            for row, cells in sheet.rows.items():
                for column, cell in cells.items():
                    if cell.formula is not None:
                        place = (sheet.name, row, column)
                        if not managed(place):
                            self.formulas[place] = cell
        self.expressions: dict[Place, Expression | None] = {}
        self.affected: dict[Place, bool] = {}

    def places(self) -> Iterator[Place]:
        """Yield the affected formula cells."""
        for place in self.formulas:
            if self._is_affected(place):
                yield place

    def is_affected(self, place: Place) -> bool:
        """Tell whether a cell is a formula that depends on what changed."""
        return place in self.formulas and self._is_affected(place)

    def expression(self, place: Place) -> Expression | None:
        """Return a formula cell's expression, names replaced by what they mean; None when unreadable."""
        if place not in self.expressions:
            formula = self.formulas[place].formula
            assert formula is not None
            try:
                expression = parse(formula, place[1], place[2])
            except Unparsable:
                self.expressions[place] = None
            else:
                self.expressions[place] = resolved(expression, self.book.names, place[0])
        return self.expressions[place]

    def _is_affected(self, start: Place) -> bool:
        """Search, without recursion, whether a cell reaches a changed area."""
        if start in self.affected:
            return self.affected[start]
        path, seen = [start], {start}
        parents: dict[Place, Place] = {}
        while path:
            place = path.pop()
            if self.affected.get(place):
                return self._mark(place, parents, start)
            for area in self._areas(place):
                if any(area.meets(other) for other in self.changed):
                    return self._mark(place, parents, start)
                for other in self._formulas_in(area):
                    if other not in seen and self.affected.get(other) is not False:
                        seen.add(other)
                        parents[other] = place
                        path.append(other)
        for place in seen:
            self.affected[place] = False
        return False

    def _mark(self, place: Place, parents: dict[Place, Place], start: Place) -> bool:
        self.affected[place] = True
        while place != start:
            place = parents[place]
            self.affected[place] = True
        return True

    def _areas(self, place: Place) -> Iterator[Area]:
        expression = self.expression(place)
        if expression is None:
            yield from self.changed  # who knows
            return
        for part in walk(expression):
            if isinstance(part, Reference) and isinstance(part.target, CellReference):
                yield _area(part.target, part.target, place)
            elif isinstance(part, Range):
                yield _area(part.first, part.last, place)
            elif isinstance(part, Unreadable) or (isinstance(part, Call) and part.name in _ANYWHERE):
                yield from self.changed  # whole columns, unions, tables: who knows

    def _formulas_in(self, area: Area) -> Iterator[Place]:
        rows = area.last_row - area.first_row + 1
        columns = area.last_column - area.first_column + 1
        if rows * columns <= len(self.formulas):
            for row in range(area.first_row, area.last_row + 1):
                for column in range(area.first_column, area.last_column + 1):
                    if (area.sheet, row, column) in self.formulas:
                        yield area.sheet, row, column
        else:
            for place in self.formulas:
                if Area(place[0], place[1], place[2], place[1], place[2]).meets(area):
                    yield place


def _area(first: CellReference, last: CellReference, place: Place) -> Area:
    sheet, row, column = first.at(place[1], place[2])
    _, last_row, last_column = last.at(place[1], place[2])
    rows, columns = sorted((row, last_row)), sorted((column, last_column))
    return Area(sheet or place[0], rows[0], columns[0], rows[1], columns[1])
