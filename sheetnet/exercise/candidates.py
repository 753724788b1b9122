"""Numbers that a net of an exercise may have: few decimals, all different, nothing to hide behind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sheetnet.errors import SheetnetError
from sheetnet.exercise.evaluation import Array, Evaluation, evaluation, given_terms
from sheetnet.net.conventions import Activation, Conventions
from sheetnet.net.intermediates import use
from sheetnet.net.terms import LEARNING_RATE, Term, sizes_text

Units: TypeAlias = NDArray[np.int64]
"""Draws of a net's numbers, shape (given, draws), in units of their last decimal."""

_RATES = (3, 4, 6, 7, 14, 15, 16, 17, 18, 22, 24, 25)
"""Tenths; neither γ nor γ² nor 1/γ is near 1, and γ is not 2, a factor that wrong rules have."""
_OPEN: dict[Activation, tuple[float, float]] = {
    "sigmoid": (0.15, 0.85),
    "softmax": (0.15, 0.85),
    "tanh": (0.15, 0.85),
    "relu": (0.15, 2.0),
    "linear": (0.15, 2.0),
}
"""Between which a neuron's value is neither next to nothing nor shut, whatever its sign."""
_WIDEST = 16
"""Tenths up to which z goes where biases are chosen to suit it."""
_TRIES = 60
_NEAR = 6
"""Units by which a small change is greatest."""
_MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Dice:
    """Random whole numbers that are the same on every machine, whatever numpy's version."""

    _bits: np.random.PCG64

    @classmethod
    def of(cls, *seeds: int) -> "Dice":
        """Return the dice of a seed, or of several together; each is 0 or more."""
        return cls(np.random.PCG64(seeds))

    def below(self, bound: int | NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Return `count` numbers from 0 on, below a bound, or each below its own of shape (count,)."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64) >> np.uint64(32)
        return ((raw * np.asarray(bound, dtype=np.uint64)) >> np.uint64(32)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The numbers among which an exercise is looked for.

    `choices` has what each given number may be, in units of 1/`unit`; `_allowed` has the same as a table,
    shape (given, values), 0 in its middle column.
    """

    sizes: tuple[int, ...]
    conventions: Conventions
    given: tuple[Term, ...]
    unit: int
    steps: int
    choices: tuple[Units, ...]
    _allowed: NDArray[np.bool_]
    _outcome: Evaluation
    _sums: tuple[Evaluation, ...]

    def numbers(self, units: Units) -> Array:
        """Return draws as numbers, of the same shape."""
        return units / self.unit

    def some(self, dice: Dice, count: int) -> Units:
        """Return up to `count` suitable draws, shape (given, draws); none where they are too rare."""
        found: list[Units] = []
        for _ in range(_TRIES):
            drawn = np.array([choice[dice.below(len(choice), 16 * count)] for choice in self.choices])
            self._steer(dice, drawn)
            found.append(drawn[:, self._is_suitable(drawn)])
            if sum(each.shape[1] for each in found) >= count:
                break
        return np.concatenate(found, axis=1)[:, :count]

    def changed(self, dice: Dice, units: Units, times: int) -> Units:
        """Return suitable draws that differ from some of these in one number, up to `times` from each.

        Half of the changes are small: what clashes then parts, and little that was apart meets.
        """
        drawn = np.repeat(units, times, axis=1)
        count = drawn.shape[1]
        rows = dice.below(len(self.choices), count)
        lengths = np.array([len(choice) for choice in self.choices])
        places = dice.below(lengths[rows], count)
        values = [self.choices[row][place] for row, place in zip(rows, places, strict=True)]
        columns = np.arange(count)
        steps = dice.below(2 * _NEAR + 1, count) - _NEAR
        drawn[rows, columns] = np.where(dice.below(2, count), values, drawn[rows, columns] + steps)
        return drawn[:, self._is_suitable(drawn)]

    def _steer(self, dice: Dice, units: Units) -> None:
        """Choose biases so that every neuron's z is moderate, where each neuron has its own."""
        for layer, sums in enumerate(self._sums, start=1):
            for i, z in enumerate(sums.values(self.numbers(units))):
                row = self.given.index(Term("w", layer, i, self.sizes[layer - 1]))
                wanted = (dice.below(2 * _WIDEST + 1, z.size) - _WIDEST) / 10
                units[row] += np.rint((wanted - z) * self.unit).astype(np.int64)

    def _is_suitable(self, units: Units) -> NDArray[np.bool_]:
        fine = np.ones(units.shape[1], dtype=np.bool_)
        kinds = np.array([term.kind for term in self.given])
        for rows in (kinds == "w", (kinds == "a") | (kinds == "target")):
            fine &= (np.diff(np.sort(units[rows], axis=0), axis=0) > 0).all(axis=0)
        top = self._allowed.shape[1] // 2
        columns = np.clip(units, -top, top) + top
        fine &= np.take_along_axis(self._allowed, columns, axis=1).all(axis=0)
        if self.conventions.activation(len(self.sizes) - 1) == "softmax":
            fine &= units[kinds == "target"].sum(axis=0) == self.unit
        fine[fine] = self._is_moderate(self.numbers(units[:, fine]))
        return fine

    def _is_moderate(self, numbers: Array) -> NDArray[np.bool_]:
        """Tell draws whose neurons are all open, whose cost falls, and whose a − T have both signs."""
        values = self._outcome.values(numbers)
        costs = values[-self.steps - 1 :]
        fine: NDArray[np.bool_] = np.asarray((np.diff(costs, axis=0) < 0).all(axis=0))
        neurons = [
            (layer, i) for layer in range(1, len(self.sizes)) for i in range(self.sizes[layer])
        ] * self.steps
        for (layer, _), a in zip(neurons, np.abs(values[: len(neurons)]), strict=True):
            least, most = _OPEN[self.conventions.activation(layer)]
            fine &= (least < a) & (a < most)
        outputs, inputs = self.sizes[-1], self.sizes[0]
        last = sum(self.sizes[1:])
        misses = values[last - outputs : last] - numbers[inputs : inputs + outputs]
        if outputs > 1:
            fine &= (misses < 0).any(axis=0) & (misses > 0).any(axis=0)
        return fine


def candidates(
    sizes: tuple[int, ...], conventions: Conventions, *, steps: int = 1, more_decimals: int = 0
) -> Candidates:
    """Return the numbers that an exercise on a net may have, with as few decimals as tell them all apart.

    SheetnetError for a net with so many numbers that it would take more than four decimals.
    """
    given = tuple(given_terms(sizes, conventions))
    outcome = [
        (use("a", layer, i), step)
        for step in range(steps)
        for layer in range(1, len(sizes))
        for i in range(sizes[layer])
    ]
    outcome += [(use("cost"), step) for step in range(steps + 1)]
    sums = []
    if conventions.biases in ("trained", "fixed"):
        for layer in range(1, len(sizes)):
            rows = [(use("z", layer, i), 0) for i in range(sizes[layer])]
            sums.append(evaluation(sizes, conventions, rows))
    decimals = _decimals(given) + more_decimals
    if decimals > _MOST_DECIMALS:
        raise SheetnetError(
            f"{sizes_text(sizes)}: too large for an exercise ({len(given)} numbers that all differ); "
            "take fewer neurons"
        )
    choices = tuple(_choice(term, decimals) for term in given)
    # One column beyond what any number may be, on both sides, for all that is too large.
    top = max(int(np.abs(choice).max()) for choice in choices) + 1
    allowed = np.zeros((len(given), 2 * top + 1), dtype=np.bool_)
    for row, choice in enumerate(choices):
        allowed[row, choice + top] = True
    return Candidates(
        sizes,
        conventions,
        given,
        10**decimals,
        steps,
        choices,
        allowed,
        evaluation(sizes, conventions, outcome),
        tuple(sums),
    )


def _decimals(given: Sequence[Term]) -> int:
    """Return the fewest decimals with which numbers can differ and leave a choice."""
    weights = sum(term.kind == "w" for term in given)
    patterns = len(given) - weights - 1
    # Of random numbers so many are all different often enough to be found: the birthday problem.
    fits = (
        decimals
        for decimals in range(1, _MOST_DECIMALS)
        if weights**2 <= 9 * len(_choice(Term("w"), decimals))
        and patterns**2 <= 9 * len(_choice(Term("target"), decimals))
        and 1.5 * patterns <= len(_choice(Term("target"), decimals))
    )
    return next(fits, _MOST_DECIMALS + 1)


def _choice(term: Term, decimals: int) -> Units:
    """Return what a number may be: inputs and targets between 0 and 1, weights up to ±2 or ±3.5.

    All keep away from 0, ½ and 1, where wrong rules look right.
    """
    unit = 10**decimals
    if term == LEARNING_RATE:
        return np.array([rate * (unit // 10) for rate in _RATES], dtype=np.int64)
    near = math.ceil(0.03 * unit)
    if term.kind == "w":
        sizes = np.arange(unit // 10, (2 * unit if decimals == 1 else 7 * unit // 2) + 1, dtype=np.int64)
    else:
        sizes = np.arange(near, unit - near + 1, dtype=np.int64)
    away = (np.abs(sizes - unit // 2) >= near) & (np.abs(sizes - unit) >= near)
    sizes = sizes[away]
    signed = (-sizes[::-1], sizes) if term.kind == "w" else (sizes,)
    return np.concatenate(signed).astype(np.int64)
