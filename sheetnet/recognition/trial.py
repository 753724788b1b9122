"""A table's own formulas on other numbers: what two steps give, and how the cost follows the weights."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import Place
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import evaluate_columns
from sheetnet.formula.derivative import gradients
from sheetnet.formula.expression import Expression
from sheetnet.recognition.model import At, Model, Source
from sheetnet.recognition.sums import weighted_sums

Array = NDArray[np.float64]

DRAWS = 48
"""Steps that are drawn at once; every value has shape (DRAWS,)."""
TOLERANCE = 1e-6
"""Relative difference up to which two ways to the same slope agree; a weight's change is a difference."""
FEWEST = 4
"""Draws in which a slope must be other than 0: a relu answers in some of them only."""
_BACK = 2
"""Steps before the drawn one in which formulas are followed; beyond, nothing is known."""


class Trial:
    """A model whose weights and data are drawn; everything else follows from its formulas.

    `fixed` are sources that keep the numbers they have, among them the learning rate. Step 0 is drawn, and
    the states of step 1 are what the formulas make of it.
    """

    def __init__(
        self, model: Model, number: Callable[[Place], float], *, fixed: Iterable[Source] = (), seed: int = 0
    ) -> None:
        self.model = model
        self._number = number
        self._fixed = set(fixed)
        self._inputs = input_cells(model)
        self._rng = np.random.default_rng(seed)
        self._values: dict[At | Place, Array] = {}
        self._waiting: set[At | Place] = set()

    def value(self, place: At | Place) -> Array:
        """Return the values of a cell, nan where they are not known."""
        known = self._values.get(place)
        if known is None:
            if place in self._waiting:  # a circle
                return np.full(DRAWS, np.nan)
            self._waiting.add(place)
            known = self._values[place] = self._found(place)
            self._waiting.discard(place)
        return known

    def change(self, state: int) -> Array:
        """Return by how much a state falls from step 0 to step 1."""
        return self.value(At(state)) - self.value(At(state, 1))

    def slopes(self, column: int) -> dict[At | Place, Array]:
        """Return the exact derivatives of a column in step 0 by all that it depends on there."""
        place: At | Place = At(column)
        try:
            found = gradients(place, expression_of=self.formula, at=_at, value=self.value)
        except (ValueError, NotComputable):
            return {}
        return {cell: np.broadcast_to(slope, (DRAWS,)) for cell, slope in found.items()}

    def evaluated(self, expression: Expression, lag: int = 0) -> Array:
        """Return the values of an expression over the model's sources, nan outside the arithmetic."""
        try:
            values = evaluate_columns(expression, lambda target: self.value(_at(At(0, lag), target)))
        except NotComputable:
            return np.full(DRAWS, np.nan)
        return np.array(np.broadcast_to(values, (DRAWS,)))

    def formula(self, place: At | Place) -> Expression | None:
        """Return the formula from which a cell follows, None for what is drawn or given."""
        if not isinstance(place, At) or not -_BACK <= place.lag <= 1:
            return None
        if place.column in self.model.states and place.lag <= 0:
            return None
        return self.model.formulas.get(place.column)

    def _found(self, place: At | Place) -> Array:
        if not isinstance(place, At):
            if place in self._inputs:
                return self._rng.uniform(0.1, 0.9, DRAWS)
            return np.full(DRAWS, self._number(place))
        expression = self.formula(place)
        if expression is not None:
            return self.evaluated(expression, place.lag)
        model = self.model
        if place.column in model.formulas and place.column not in model.states:
            return np.full(DRAWS, np.nan)
        if place.column in self._fixed:
            return np.full(DRAWS, self._number((model.sheet, model.first, place.column)))
        drawn = self._rng.uniform(0.1, 0.9, DRAWS)
        if place.column in model.states:
            drawn *= self._rng.choice((-1.0, 1.0), DRAWS)
        return drawn


def input_cells(model: Model) -> set[Source]:
    """Return the single cells that weights multiply: inputs, whatever number they hold now."""
    return {
        source
        for column in model.formulas
        if column not in model.states
        for each in weighted_sums(model, column, model.states)
        for _, source in each.products
        if not isinstance(source, int)
    }


def _at(place: At | Place, target: object) -> At | Place:
    """Return the cell that a formula of a place means by a target."""
    if isinstance(target, At) and isinstance(place, At):
        return target._replace(lag=target.lag + place.lag)
    assert isinstance(target, tuple)
    return target


def constant_ratio(change: Array, slope: Array) -> float | None:
    """Return change / slope where it is one number in all draws, else None; 0 where nothing changes."""
    change, slope = np.broadcast_to(change, (DRAWS,)), np.broadcast_to(slope, (DRAWS,))
    both = np.isfinite(change) & np.isfinite(slope)
    known = both & (np.abs(slope) > 1e-9)
    if known.sum() < FEWEST or (np.abs(change[both & ~known]) > 1e-8).any():
        return None
    ratios = change[known] / slope[known]
    middle = float(np.median(ratios))
    slack = TOLERANCE * abs(middle) + 1e-12 / np.abs(slope[known])
    return middle if bool((np.abs(ratios - middle) <= slack).all()) else None
