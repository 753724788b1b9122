"""What the cells of a workbook are computed from: formulas over single places, ranges spelt out."""

from collections.abc import Iterator

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, Cell
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import (
    CellReference,
    Expression,
    Operation,
    Reference,
    replace,
    walk,
)
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.series import SeriesReader
from sheetnet.recognition.sums import terms_of

MOST_PARTS = 1_000_000
"""Parts of all formulas that are read; where ranges make them more the rest counts as not readable."""


class Formulas:
    """Reads the formulas of a book's cells, each once."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._reader = SeriesReader(book)
        self.cell = self._reader.cell
        self._scalars: dict[int, tuple[Expression, int]] = {}
        self._left = MOST_PARTS
        self._known: dict[Place, Expression | None] = {}
        self._named: dict[Place, list[Place]] = {}
        self._users: dict[str, dict[Place, list[Place]]] = {}

    def expression(self, place: Place) -> Expression | None:
        """Return the formula of a cell over Places; None where there is none, or it can't be read."""
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    def _read(self, place: Place) -> Expression | None:
        cell = self.cell(place)
        if cell is None or cell.formula is None:
            return None
        sheet, row, column = place
        try:
            relative = self._reader.expression(*place)
            if id(relative) not in self._scalars:  # the reader keeps what it has read
                spelt = scalar(relative)
                self._scalars[id(relative)] = spelt, sum(1 for _ in walk(spelt))
        except (Unparsable, NotComputable):
            return None

        def put(part: Expression) -> Expression | None:
            if isinstance(part, Reference) and isinstance(part.target, CellReference):
                name, target_row, target = part.target.at(row, column)
                return Reference((name or sheet, target_row, target))
            return None

        found, parts = self._scalars[id(relative)]
        self._left -= parts
        return None if self._left < 0 else replace(found, put)

    def named(self, place: Place) -> list[Place]:
        """Return the places that the formula of a cell names, each once, from the left."""
        if place not in self._named:
            expression = self.expression(place)
            self._named[place] = [] if expression is None else places(expression)
        return self._named[place]

    def computed(self, sheet: str) -> Iterator[tuple[Place, Cell]]:
        """Yield the cells of a sheet that have formulas."""
        for row, cells in self.book.sheet(sheet).rows.items():
            for column, cell in cells.items():
                if cell.formula is not None:
                    yield (sheet, row, column), cell

    def users(self, place: Place) -> list[Place]:
        """Return the cells of a place's own sheet whose formulas name it."""
        sheet = place[0]
        if sheet not in self._users:
            users: dict[Place, list[Place]] = {}
            for user, _ in self.computed(sheet):
                for used in self.named(user):
                    users.setdefault(used, []).append(user)
            self._users[sheet] = users
        return self._users[sheet].get(place, [])

    def precedents(self, place: Place) -> set[Place]:
        """Return all cells of which a cell is computed, directly or not."""
        found: set[Place] = set()
        stack = [place]
        while stack:
            for used in self.named(stack.pop()):
                if used not in found:
                    found.add(used)
                    stack.append(used)
        return found


def places(expression: Expression) -> list[Place]:
    """Return the places that a formula names, each once, from the left."""
    return list(dict.fromkeys(each_place(expression)))


def each_place(expression: Expression) -> Iterator[Place]:
    """Yield the places that a formula names, as often as it does."""
    for part in walk(expression):
        if isinstance(part, Reference) and isinstance(part.target, tuple):
            yield part.target


def only_place(expression: Expression | None) -> Place | None:
    """Return the place that a formula copies, None where it does more than that."""
    while isinstance(expression, Operation) and expression.operator == "pos":
        expression = expression.operands[0]
    if isinstance(expression, Reference) and isinstance(expression.target, tuple):
        return expression.target
    return None


def changed_places(expression: Expression | None) -> list[Place]:
    """Return the places that a formula changes by something else: w in w − γ·g."""
    terms = [] if expression is None else list(terms_of(expression))
    if sum(1 for _, term in terms if any(each_place(term))) < 2:
        return []
    return [place for sign, term in terms if sign > 0 and (place := only_place(term)) is not None]


def shape(expression: Expression) -> Expression:
    """Return a formula without the places that it names."""

    def forget(part: Expression) -> Expression | None:
        return Reference(None) if isinstance(part, Reference) else None

    return replace(expression, forget)
