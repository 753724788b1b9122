"""The learning rate of a sheet: in a labelled or named cell, in one that formulas use, or in themselves."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, Cell, Sheet
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1
from sheetnet.formula.arithmetic import ErrorValue, NotComputable, evaluate
from sheetnet.formula.expression import (
    CellReference,
    Constant,
    Expression,
    Operation,
    Reference,
    Unreadable,
    children,
    walk,
)
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import holds, is_number, labels
from sheetnet.layout.labels import read_label
from sheetnet.layout.problems import Problem, problem
from sheetnet.layout.series import column_series
from sheetnet.net.terms import LEARNING_RATE, Term

_NAMES = ("rate",)
"""Words for it that only a defined name may be, beside those of labels."""
_Source: TypeAlias = Place | float
"""Where a formula takes its rate from: a cell, or a number of its own."""


class Rate(NamedTuple):
    """The learning rate: its cell, None for a number inside the formulas; its value, nan if not known."""

    place: Place | None
    value: float
    problems: tuple[Problem, ...] = ()


def find_rate(
    book: Book, sheet: Sheet, label_row: int, rows: range, places: Mapping[Term, int], *, lenient: bool
) -> Rate:
    """Return the learning rate of a net whose steps stand in `rows`.

    It is below or beside a label on the net's own sheet; else in a cell whose defined name is a word for it,
    or labelled on a sheet of its own; else what most update formulas use, a cell or a number. LayoutError
    where nothing tells, unless `lenient` and there are update formulas: without a rate they act as if it
    were 1.
    """
    place = _labelled(sheet, label_row, rows[0], min(places.values()))
    if place is not None:
        return in_cell(book, place)
    votes = _votes(book, sheet, rows, places)
    said = [*_named(book, sheet), *_elsewhere(book, sheet)]
    told = next((cell for cell in said if votes[cell] or not votes), None)
    if told is not None:
        return in_cell(book, told)
    names = {each.name for each in book.sheets}
    used = next(
        (source for source, _ in votes.most_common(1) if isinstance(source, float) or source[0] in names),
        None,
    )
    if used is not None:
        return Rate(None, used) if isinstance(used, float) else in_cell(book, used)
    if lenient and len(rows) > 1:
        return Rate(None, 1.0)
    raise LayoutError(
        f"{book.path.name}, {sheet.name}: found no learning rate, expected a cell "
        f"labelled 'Learning rate' with the number below it; add one, "
        f"for example in {a1(label_row, 0)} and {a1(rows[0], 0)}"
    )


def in_cell(book: Book, place: Place) -> Rate:
    """Return the rate that stands in a cell, with what is wrong with it."""
    name, row, column = place
    sheet = book.sheet(name)
    wrong = problem(sheet, row, column, LEARNING_RATE)
    cell = sheet.cell(row, column)
    if cell is not None and is_number(cell):
        assert isinstance(cell.value, float)
        return Rate(place, cell.value, () if wrong is None else (wrong,))
    assert wrong is not None
    return Rate(place, math.nan if wrong.meant is None else wrong.meant, (wrong,))


# ---------------------------------------------------------------- where words say that it is


def _labelled(sheet: Sheet, label_row: int, first: int, left: int) -> Place | None:
    """Return the cell below or beside a label, of several the nearest to the net's left."""
    places = []
    for row, cells in sheet.rows.items():
        for column, label in labels(cells):
            if label.kind == "learning_rate":
                distance = (abs(row - label_row), left - column if column <= left else 10_000 + column)
                places.append((distance, row, column))
    if not places:
        return None
    _, row, column = min(places)
    below = next((r for r in range(row + 1, max(row + 3, first + 1)) if holds(sheet.cell(r, column))), None)
    if (below is None or _is_label(sheet.cell(below, column))) and is_number(sheet.cell(row, column + 1)):
        return sheet.name, row, column + 1
    below = first if below is None and row == label_row else row + 1 if below is None else below
    return sheet.name, below, column


def _is_label(cell: Cell | None) -> bool:
    return cell is not None and isinstance(cell.value, str) and read_label(cell.value) is not None


def _named(book: Book, sheet: Sheet) -> Iterator[Place]:
    """Yield the cells whose defined names are words for a learning rate, the sheet's own names first."""
    own = f"{sheet.name}!"
    for name in sorted(book.names or {}, key=lambda name: not name.startswith(own)):
        word = name.removeprefix(own)
        label = read_label(word)
        if (label is not None and label.kind == "learning_rate") or word.casefold() in _NAMES:
            meaning = resolved(Unreadable(word), book.names, sheet.name)
            if isinstance(meaning, Reference) and isinstance(meaning.target, CellReference):
                name_sheet, row, column = meaning.target.at(0, 0)
                if any(each.name == (name_sheet or sheet.name) for each in book.sheets):
                    yield name_sheet or sheet.name, row, column


def _elsewhere(book: Book, sheet: Sheet) -> Iterator[Place]:
    """Yield the numbers that are labelled as a learning rate on other sheets."""
    for other in book.sheets:
        place = None if other is sheet else _labelled(other, 0, 0, 0)
        if place is not None and is_number(other.cell(*place[1:])):
            yield place


# ---------------------------------------------------------------- where formulas take it from


def _votes(book: Book, sheet: Sheet, rows: range, places: Mapping[Term, int]) -> Counter[_Source]:
    """Count the cells whose formulas update a weight by what they take for the rate."""
    votes: Counter[_Source] = Counter()
    own = {(sheet.name, column) for column in places.values()}
    for column in (column for term, column in places.items() if term.kind == "w"):
        for series in column_series(sheet, column, rows[0] + 1, rows[-1]) if len(rows) > 1 else ():
            try:
                expression = series.expression(column)
            except Unparsable:
                continue
            if expression is not None:
                expression = resolved(expression, book.names, sheet.name)
                cells = [
                    (target, (name or sheet.name, row, used))
                    for target in _targets(expression)
                    for name, row, used in (target.at(series.first, column),)
                    if (name or sheet.name, used) not in own
                ]
                fixed: list[_Source] = [place for target, place in cells if target.row_fixed]
                moving: list[_Source] = [
                    (place[0], rows[0], place[2]) for target, place in cells if target.column_fixed
                ]
                for source in dict.fromkeys(fixed or moving or numbers_in(expression)):
                    votes[source] += series.last - series.first + 1
    return votes


def _targets(expression: Expression) -> Iterator[CellReference]:
    for part in walk(expression):
        if isinstance(part, Reference) and isinstance(part.target, CellReference):
            yield part.target


def numbers_in(expression: Expression) -> Iterator[float]:
    """Yield the numbers above 0 by which a formula multiplies: 0.5, 1/2, 50 %, and 0.5 where it has /2."""
    if isinstance(expression, Operation) and expression.operator == "/":
        value = _constant(expression.operands[1])
        if value is not None and _constant(expression.operands[0]) is None:
            yield from numbers_in(expression.operands[0])
            if value:
                yield abs(1 / value)
            return
    value = _constant(expression)
    if value is not None and value != 0:
        yield abs(value)
    elif value is None:
        for part in children(expression):
            yield from numbers_in(part)


def _constant(expression: Expression) -> float | None:
    """Return the value of an expression in which there are only numbers."""
    if not all(isinstance(part, Constant | Operation) for part in walk(expression)):
        return None
    try:
        value = evaluate(expression, lambda target: None)
    except (ErrorValue, NotComputable):
        return None
    return float(value) if isinstance(value, float) else None
