"""A sheet with other numbers: what its formulas would give if everything they use followed the rule."""

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import Place, cells_of
from sheetnet.book.grid import Book, CellError
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import evaluate_columns
from sheetnet.formula.expression import CellReference, Expression
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import is_number
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import SeriesReader
from sheetnet.net.terms import LEARNING_RATE, STEP, Term, Use, is_bias, is_given
from sheetnet.table.rule import Rule, standing, without_column

Array = NDArray[np.float64]

DRAWS = 16
"""Sheets that are drawn at once; every value has shape (DRAWS,)."""
DEEPEST = 50
"""Cells beside a net that are followed one into the other: a column of them may lead up all rows."""
TOLERANCE = 1e-9
"""Relative to the expected value; differences of the order of rounding are 1e-15."""
SMALLEST = 1e-12
"""What two values may differ by in any case: where neurons saturate, a(1−a) is nothing but rounding."""
CHANGE_TOLERANCE = 1e-7
"""Relative to a weight's change, whose rounding is that of the weight."""


class World:
    """A sheet whose inputs, targets, weights and learning rate are drawn; all other terms follow the rule.

    Every step has weights of its own, inputs and targets repeat with the patterns. Cells that are no terms
    hold what they hold, or what their formulas give here. A quarter of the draws has large weights, in which
    neurons saturate, a quarter small inputs and biases, near a relu's bend. With `rate` the learning rate is
    that number and not drawn.
    """

    def __init__(
        self, book: Book, layout: Layout, rule: Rule, reader: SeriesReader, *, rate: float | None = None
    ) -> None:
        self.layout, self.rule = layout, rule
        self._terms = layout.terms
        self._index = {term: index for index, term in enumerate(layout.columns)}
        self._rate = (
            np.full(DRAWS, rate) if rate is not None else _generator("rate", 0).uniform(0.1, 0.9, DRAWS)
        )
        self._cell = cells_of(book)
        self._reader = reader
        self._known: dict[Place, Array] = {}
        self._folded: dict[tuple[Term, int], Array] = {}
        self._drawn: dict[int, Array] = {}
        self._ruled: dict[int, Expression] = {}
        self._has_rates = has_rate_a_row(book, layout)
        self._waiting: set[Place] = set()

    def evaluate(self, expression: Expression, row: int, column: int) -> Array | None:
        """Return an expression's values at a place of the net's sheet; None outside the arithmetic.

        It refers to cells, relative to the place, or to terms, which is faster than to place them first.
        """
        return self._evaluated(expression, (self.layout.sheet, row, column))

    def ruled(self, term: Term, row: int) -> Array | None:
        """Return what a term's rule gives in a row; None outside the arithmetic."""
        return self.evaluate(self._ruling(term, row), row, self.layout.columns[term])

    def agree(self, found: Array | None, term: Term, row: int, expected: Array | None) -> bool:
        """Tell whether two values of a term's cell in a row are the same but for rounding."""
        if found is None or expected is None:
            return False
        if term.kind == "w":
            before = self._value((self.layout.sheet, row - 1, self.layout.columns[term]))
            slack = CHANGE_TOLERANCE * np.abs(expected - before) + 8e-15 * np.maximum(1.0, np.abs(expected))
        else:
            slack = TOLERANCE * np.abs(expected) + SMALLEST
        finite = np.isfinite(expected)
        with np.errstate(invalid="ignore"):
            return bool(finite.sum() > DRAWS // 4 and (np.abs(found - expected) <= slack)[finite].all())

    def _ruling(self, term: Term, row: int) -> Expression:
        expression = self.rule.expression(term, row)
        if id(expression) not in self._ruled:
            self._ruled[id(expression)] = scalar(expression)
        return self._ruled[id(expression)]

    def _value(self, place: Place) -> Array:
        known = self._known.get(place)
        if known is None:
            if place in self._waiting or len(self._waiting) > DEEPEST:  # a circle, or nearly: no number
                return np.full(DRAWS, np.nan)
            self._waiting.add(place)
            known = self._known[place] = self._computed(place)
            self._waiting.discard(place)
        return known

    def _computed(self, place: Place) -> Array:
        sheet, row, column = place
        layout = self.layout
        if place == layout.rate or self._is_rate_of_a_row(place):
            return self._rate
        term = self._terms.get(column) if sheet == layout.sheet and row >= layout.first_row else None
        if term is not None:
            if term.kind in ("w", "step") or is_given(term):
                return self._draw(term, row)
            value = self._evaluated(self._ruling(term, row), place)
        else:
            cell = self._cell(place)
            if cell is None or cell.formula is None:
                held = None if cell is None else cell.value
                number = np.nan if isinstance(held, str | CellError) else float(held or 0)
                return np.full(DRAWS, number)
            try:
                value = self._evaluated(self._reader.expression(sheet, row, column), place)
            except (NotComputable, Unparsable):
                value = None
        return np.full(DRAWS, np.nan) if value is None else value

    def _evaluated(self, expression: Expression, place: Place) -> Array | None:
        sheet, row, column = place

        def lookup(target: object) -> Array:
            if isinstance(target, Use):
                return self._used(target, row)
            if not isinstance(target, CellReference):
                raise NotComputable(str(target))
            other, target_row, target_column = target.at(row, column)
            return self._value((other or sheet, target_row, target_column))

        try:
            return np.broadcast_to(evaluate_columns(expression, lookup), (DRAWS,))
        except NotComputable:
            return None

    def _used(self, use: Use, row: int) -> Array:
        """Return the value of a term that an equation uses in a row."""
        if use.term == LEARNING_RATE:
            return self._rate
        layout = self.layout
        use = standing(use, layout)
        if use.term in layout.columns:
            return self._value((layout.sheet, row + use.step, layout.columns[use.term]))
        key = (use.term, row + use.step)
        if key not in self._folded:
            found = without_column(use._replace(step=0), layout, self.rule.conventions)
            value = None if found is None else self._evaluated(found, (layout.sheet, row + use.step, 0))
            self._folded[key] = np.full(DRAWS, np.nan) if value is None else value
        return self._folded[key]

    def _is_rate_of_a_row(self, place: Place) -> bool:
        """Tell whether a cell is a row's own learning rate."""
        layout = self.layout
        rate = layout.rate
        same = self._has_rates and rate is not None and (place[0], place[2]) == (rate[0], rate[2])
        return same and place[1] >= layout.first_row

    def _draw(self, term: Term, row: int) -> Array:
        """Return a given term's numbers in a row, equal where the conventions say that they are equal."""
        layout, conventions = self.layout, self.rule.conventions
        step = row - layout.first_row
        if is_given(term):
            step %= layout.patterns
        if term.kind == "w" and conventions.batch != "one":
            step //= layout.patterns
        if is_bias(term, layout.sizes):
            if conventions.biases == "fixed":
                step = 0
            if conventions.biases == "shared":
                term = term._replace(i=0)
        if step not in self._drawn:
            self._drawn[step] = self._draws(step)
        drawn: Array = self._drawn[step][self._index[term]]
        return drawn

    def _draws(self, step: int) -> Array:
        """Return numbers for all terms of a step, shape (terms, DRAWS)."""
        rng = _generator("step", step)
        numbers = rng.uniform(0.1, 0.9, (len(self._index), DRAWS))
        signs = rng.choice((-1.0, 1.0), numbers.shape)
        quarter = DRAWS // 4
        for term, index in self._index.items():
            if term.kind == "target":
                continue  # between 0 and 1, for logarithms
            numbers[index] *= signs[index]
            if term.kind == "w":
                numbers[index, :quarter] *= max(1.0, 10 / self.layout.sizes[term.layer - 1])
            if is_given(term) or is_bias(term, self.layout.sizes):
                numbers[index, quarter : 2 * quarter] *= 0.05
            if term == STEP:
                numbers[index] = step
        return numbers


def _generator(name: str, number: int) -> np.random.Generator:
    return np.random.default_rng([len(name), number])


def has_rate_a_row(book: Book, layout: Layout) -> bool:
    """Tell whether at least half of the rows have a learning rate of their own, typed or computed."""
    if layout.rate is None or layout.rate[0] != layout.sheet or layout.steps < 2:
        return False
    if layout.rate[2] in layout.terms:
        return False
    sheet, column = book.sheet(layout.sheet), layout.rate[2]
    rows = range(layout.first_row + 1, layout.last_row + 1)
    cells = (sheet.cell(row, column) for row in rows)
    own = sum(is_number(cell) or (cell is not None and cell.formula is not None) for cell in cells)
    return 2 * own >= len(rows)
