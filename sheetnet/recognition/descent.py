"""The cost of a table, and which weights go down along its slope: the sheet differentiated by itself."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from sheetnet.book.calculator import Place
from sheetnet.formula.expression import Call, Expression, Operation, Reference, walk
from sheetnet.layout.rate import Rate
from sheetnet.recognition.model import At, Model, Source, sources
from sheetnet.recognition.trial import FEWEST, Array, Trial, constant_ratio

_DISTANCES = ("POWER", "SUMSQ", "SUMXMY2", "ABS", "LN", "LOG", "SQRT")
MOST = 24
"""Columns that are tried as the cost."""


class Descent(NamedTuple):
    """A column taken as the cost, and by what multiple of its slope each weight falls in a step.

    None where the change is no multiple of the slope. `factor` is the one that most weights have: the
    learning rate, times what the sheet's gradients are larger than the slope.
    """

    cost: int
    factors: Mapping[int, float | None]
    factor: float | None

    @property
    def agreeing(self) -> tuple[int, ...]:
        """The weights that fall by the common multiple of their slope."""
        if self.factor is None:
            return ()
        return tuple(state for state, each in self.factors.items() if same(each, self.factor))


def same(one: float | None, other: float) -> bool:
    """Tell whether two factors are the same but for rounding."""
    return one is not None and abs(one - other) <= 1e-5 * abs(other)


def descent(model: Model, number: Callable[[Place], float], prefers: Callable[[int], int]) -> Descent | None:
    """Return the descent along the column that explains the most weights, None where nothing is a cost.

    A cost depends on weights and is not what the updates are made of; `prefers` tells how much a label
    speaks for a column.
    """
    trial = Trial(model, number, fixed=rate_columns(model))
    changes = {state: trial.change(state) for state in model.states}
    found = [along(trial, changes, column) for column in candidates(model, prefers)]
    if not found:
        return None
    order = {each.cost: position for position, each in enumerate(found)}

    def likely(each: Descent) -> tuple[int, int, int, int]:
        # parts of the cost come before their total, and what is made of it comes after
        breadth = 0 if each.agreeing else _breadth(model, each.cost)
        return len(each.agreeing), prefers(each.cost), breadth, -order[each.cost]

    return max(found, key=likely)


def _breadth(model: Model, column: int) -> int:
    """Return on how many weights and given numbers a column depends: a total on more than its parts."""
    return len(model.uses(column) & {*model.states, *model.given})


class Standing(NamedTuple):
    """How a sheet goes down its own cost: the weights that do, and by what its gradients exceed the slope."""

    states: tuple[int, ...]
    scale: float


def standing(
    model: Model, number: Callable[[Place], float], found: Descent, rate: Rate, last: Collection[Source]
) -> Standing | None:
    """Return which weights go down the slope by one common multiple, None where too few do.

    It is the multiple of most weights of the `last` layer, on which the fewest formulas bear; all go down in
    proportion to the learning rate, or do not count.
    """
    own = {state: factor for state, factor in found.factors.items() if state in last}
    factor, count = _commonest(own)
    if not factor or 2 * count < len(own):
        factor = found.factor if 2 * len(found.agreeing) >= len(model.states) else None
    if factor is None or factor <= 0 or not rate.value > 0:
        return None
    agreeing = [state for state, each in found.factors.items() if same(each, factor)]
    if rate.place is not None:
        place = rate.place
        trial = Trial(
            model,
            lambda cell: 2 * number(cell) if cell == place else number(cell),
            fixed=rate_columns(model),
        )
        again = along(trial, {state: trial.change(state) for state in agreeing}, found.cost)
        agreeing = [state for state in agreeing if same(again.factors[state], 2 * factor)]
    return Standing(tuple(agreeing), factor / rate.value) if agreeing else None


def _commonest(factors: Mapping[int, float | None]) -> tuple[float | None, int]:
    """Return the factor that most weights have, and how many have it; None without one."""
    votes: Counter[float] = Counter(float(f"{each:.5g}") for each in factors.values() if each)
    if not votes:
        return None, 0
    common, count = votes.most_common(1)[0]
    return next((each for each in factors.values() if same(each, common)), None), count


def along(trial: Trial, changes: Mapping[int, Array], cost: int) -> Descent:
    """Return by which multiples of a column's slope the states change."""
    slopes = trial.slopes(cost)
    factors: dict[int, float | None] = {}
    for state, change in changes.items():
        slope = slopes.get(At(state))
        factors[state] = None if slope is None else constant_ratio(change, slope)
    if not any(factors.values()):
        factors = _decaying(trial, changes, slopes) or factors
    return Descent(cost, factors, _commonest(factors)[0])


def _decaying(
    trial: Trial, changes: Mapping[int, Array], slopes: Mapping[At | Place, Array]
) -> dict[int, float | None] | None:
    """Return the multiples where each weight also decays by the same part of itself, None elsewhere."""
    factors: dict[int, float | None] = {}
    decays: list[float] = []
    for state, change in changes.items():
        slope = slopes.get(At(state))
        if slope is None:
            return None
        both = np.column_stack([slope, trial.value(At(state))])
        known = np.isfinite(both).all(axis=1) & np.isfinite(change)
        if known.sum() < FEWEST:
            return None
        found, *_ = np.linalg.lstsq(both[known], change[known], rcond=None)
        if not np.allclose(both[known] @ found, change[known], rtol=1e-9, atol=1e-12):
            return None
        factors[state] = float(found[0])
        decays.append(float(found[1]))
    return factors if decays and np.allclose(decays, decays[0], rtol=1e-6) else None


def candidates(model: Model, prefers: Callable[[int], int]) -> list[int]:
    """Return the columns that may be the cost, what others of them follow from first.

    Those that depend on most weights; one that updates are made of only if nothing else is left.
    """
    updated = used_by_updates(model)
    depends = {
        column: len({*model.uses(column)} & set(model.states))
        for column in model.formulas
        if column not in model.states
    }
    apart = [column for column, count in depends.items() if count and column not in updated]
    apart += [column for column, count in depends.items() if count and column in updated and prefers(column)]
    apart = apart or [
        column for column, count in depends.items() if count and _is_cost_like(model.formulas[column])
    ]
    most = max((depends[column] for column in apart), default=0)
    likely = sorted(apart, key=lambda column: (-prefers(column), -depends[column], len(model.uses(column))))
    chosen = [column for column in likely if 2 * depends[column] >= most][:MOST]
    return sorted(chosen, key=lambda column: (len(model.uses(column)), column))


def _is_cost_like(expression: Expression) -> bool:
    """Tell whether a formula makes a distance: by a square, an absolute value, a logarithm."""
    return any(
        (isinstance(part, Operation) and part.operator == "^" and len(part.operands) == 2)
        or (isinstance(part, Call) and part.name in _DISTANCES)
        for part in walk(expression)
    )


def used_by_updates(model: Model, states: Iterable[int] | None = None) -> set[int]:
    """Return the columns from which the next step's states are computed, directly or not."""
    found: set[int] = set()
    stack = [
        source
        for state in (model.states if states is None else states)
        for lag in (0, -1)
        for source in sources(model.formulas[state], lag)
        if isinstance(source, int) and source != state
    ]
    while stack:
        column = stack.pop()
        if column not in found and column in model.formulas and column not in model.states:
            found.add(column)
            stack += [source for source in model.direct(column) if isinstance(source, int)]
    return found


def update_of(model: Model, state: int) -> tuple[int, ...]:
    """Return the columns whose formulas make up a state's update: its own, and a new value that it copies."""
    expression = model.formulas[state]
    if isinstance(expression, Reference) and isinstance(expression.target, At):
        copied = expression.target.column
        if copied in model.formulas and copied not in model.states:
            return state, copied
    return (state,)


def rate_columns(model: Model) -> set[Source]:
    """Return the given columns that nothing but updates use: a learning rate in each row."""
    updating = {column for state in model.states for column in update_of(model, state)}
    return {
        column
        for column in model.given
        if column not in model.sparse and (users := model.users(column)) and set(users) <= updating
    }
