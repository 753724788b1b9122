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
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import Series, column_series, formula_of
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term, is_bias, is_given
from sheetnet.table.rule import Rule

TRIALS = 8
"""Draws of random numbers on which two formulas must agree; in each second one every z changes its sign."""
LARGE, SMALL = 5.0, 0.05
"""In every second pair of draws weights are so many times larger, and a relu's values smaller."""
TOLERANCE = 1e-9
"""Relative to the larger of 1 and the values; differences of the order of rounding are 1e-15."""


class Judged(NamedTuple):
    """A series of a term's column, and whether its formula equals the rule's; numbers are not judged."""

    term: Term
    series: Series
    agrees: bool | None


def judge(book: Book, layout: Layout, followed: Rule, terms: Collection[Term]) -> Iterator[Judged]:
    """Yield every series of some terms' columns with a verdict on its formula."""
    worlds = [_World(book, layout, followed, trial) for trial in range(TRIALS)]
    sheet = book.sheet(layout.sheet)
    for term in terms:
        column = layout.columns[term]
        for series in column_series(sheet, column, layout.first_row, layout.last_row):
            agrees = None
            if series.pattern is not None:
                agrees = series.pattern == followed.patterns[term] or any(
                    _agree(worlds, series, column, followed.expressions[other], layout.columns[other])
                    for other in _rules(term, layout, followed.conventions)
                )
            yield Judged(term, series, agrees)


def _rules(term: Term, layout: Layout, conventions: Conventions) -> list[Term]:
    """Return the terms whose rules a term may follow: a shared bias is neuron 0's, or updated as that is."""
    if conventions.biases == "shared" and is_bias(term, layout.sizes) and term.kind == "w" and term.i > 0:
        return [term, term._replace(i=0)]
    return [term]


def _agree(worlds: list["_World"], series: Series, column: int, rule: Expression, rule_column: int) -> bool:
    """Tell whether a series' formula has the value of a rule that stands in a column."""
    try:
        expression = series.expression(column)
    except Unparsable:
        return False
    assert expression is not None
    rows = {series.first, min(series.first + 1, series.last), series.last}
    return all(world.agree(expression, rule, row, column, rule_column) for world in worlds for row in rows)


class _World:
    """A sheet whose terms hold random numbers, equal where the rule says that they are equal.

    Inputs and targets repeat with the patterns, dC/dW follows from δ and a; the learning rate is the
    sheet's own. Other cells hold what they hold, formulas are evaluated in this world. Of two trials that
    follow one another the second has all weights negated, and the other half of a relu's neurons silent.
    """

    def __init__(self, book: Book, layout: Layout, followed: Rule, trial: int) -> None:
        self.layout, self.trial = layout, trial
        self.expressions, self.conventions = followed.expressions, followed.conventions
        self.terms = layout.terms
        self.cell = cells_of(book)
        self.calculator = Calculator(self._content)

    def agree(
        self, expression: Expression, rule: Expression, row: int, column: int, rule_column: int
    ) -> bool:
        """Tell whether a formula in a column has the value of a rule in another, or in the same."""
        sheet = self.layout.sheet
        try:
            found = self.calculator.evaluated(expression, (sheet, row, column))
            expected = self.calculator.evaluated(rule, (sheet, row, rule_column))
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

    def _drawn(self, term: Term, turn: int) -> float:
        """Return a number as a term may have it."""
        pair, second = divmod(self.trial, 2)
        if is_bias(term, self.layout.sizes):
            if self.conventions.biases == "fixed":
                turn = 0  # the same in every row
            if self.conventions.biases == "shared":
                term = term._replace(i=0)
        rng = random.Random(f"{pair} {term} {turn}")
        size, negative = rng.uniform(0.1, 0.9), rng.random() < 0.5
        if term.kind == "w":
            size *= LARGE if pair % 2 else 1
            return -size if negative != bool(second) else size
        activation = (
            self.conventions.activation(term.layer) if (term.kind, term.layer > 0) == ("a", True) else ""
        )
        if activation == "relu":
            return 0.0 if negative != bool(second) else size * (SMALL if pair % 2 else 1)
        positive = activation == "sigmoid" or term.kind in ("target", "cost")
        return -size if negative and not positive else size

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
            return self._drawn(term, turn)
        cell = self.cell(place)
        if cell is None or cell.formula is None:
            return None if cell is None else cell.value
        return formula_of(cell, row, column)
