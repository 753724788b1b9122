"""Comparing a sheet's formulas with the rule: equal by text, or equal on numbers drawn at random."""

import math
import random
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sheetnet.book.calculator import Calculator, Formula, Place, cells_of
from sheetnet.book.grid import Book, Value
from sheetnet.formula.arithmetic import ErrorValue, NotComputable
from sheetnet.formula.expression import Expression
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import Series, column_series, formula_of
from sheetnet.net.terms import Term, is_given

TRIALS = 3
"""Draws of random numbers on which two formulas must agree."""
TOLERANCE = 1e-9
"""Relative to the larger of 1 and the values; differences of the order of rounding are 1e-15."""


class Judged(NamedTuple):
    """A series of a term's column, and whether its formula equals the rule's; numbers are not judged."""

    term: Term
    series: Series
    agrees: bool | None


def judge(
    book: Book,
    layout: Layout,
    expressions: dict[Term, Expression],
    patterns: dict[Term, Pattern],
    terms: Collection[Term],
) -> Iterator[Judged]:
    """Yield every series of some terms' columns with a verdict on its formula."""
    worlds = [_World(book, layout, expressions, seed) for seed in range(TRIALS)]
    sheet = book.sheet(layout.sheet)
    for term in terms:
        column = layout.columns[term]
        for series in column_series(sheet, column, layout.first_row, layout.last_row):
            agrees = None
            if series.pattern is not None:
                agrees = series.pattern == patterns[term] or _agree(worlds, series, column, expressions[term])
            yield Judged(term, series, agrees)


def _agree(worlds: list["_World"], series: Series, column: int, rule: Expression) -> bool:
    try:
        expression = series.expression(column)
    except Unparsable:
        return False
    assert expression is not None
    rows = {series.first, min(series.first + 1, series.last), series.last}
    return all(world.agree(expression, rule, row, column) for world in worlds for row in rows)


class _World:
    """A sheet whose terms hold random numbers, equal where the rule says that they are equal.

    Inputs and targets repeat with the patterns, dC/dW follows from δ and a; the learning rate is the
    sheet's own. Other cells hold what they hold, formulas are evaluated in this world.
    """

    def __init__(self, book: Book, layout: Layout, expressions: dict[Term, Expression], seed: int) -> None:
        self.layout, self.seed = layout, seed
        self.expressions = expressions
        self.terms = layout.terms
        self.cell = cells_of(book)
        self.calculator = Calculator(self._content)

    def agree(self, expression: Expression, rule: Expression, row: int, column: int) -> bool:
        """Tell whether both have the same value at a place."""
        place = (self.layout.sheet, row, column)
        try:
            found = self.calculator.evaluated(expression, place)
            expected = self.calculator.evaluated(rule, place)
        except (ErrorValue, NotComputable):
            return False
        if isinstance(found, str) or isinstance(expected, str) or found is None or expected is None:
            return False
        return math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)

    def _is_rate_of_a_row(self, place: Place) -> bool:
        """Tell whether a cell is a row's own learning rate: that column has formulas all the way down."""
        sheet, row, column = place
        rate_sheet, _, rate_column = self.layout.rate
        same = (sheet, column) == (rate_sheet, rate_column) and sheet == self.layout.sheet
        return same and column in self.layout.helpers and row >= self.layout.first_row

    def _content(self, place: Place) -> Value | Formula:
        sheet, row, column = place
        layout = self.layout
        if place == layout.rate or self._is_rate_of_a_row(place):
            return layout.learning_rate
        term = self.terms.get(column) if sheet == layout.sheet and row >= layout.first_row else None
        if term is not None:
            if term.kind == "gradient":
                return Formula(self.expressions[term])
            turn = (row - layout.first_row) % layout.patterns if is_given(term) else row
            return random.Random(f"{self.seed} {term} {turn}").uniform(0.1, 0.9)
        cell = self.cell(place)
        if cell is None or cell.formula is None:
            return None if cell is None else cell.value
        return formula_of(cell, row, column)
