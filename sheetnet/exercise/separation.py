"""Which wrong rules a net's numbers tell apart, for many draws of the numbers at once."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetnet.diagnosis.misconceptions import variants
from sheetnet.exercise.evaluation import Array, Evaluation, evaluation, is_shown, numbers_of
from sheetnet.exercise.pairs import (
    EQUAL,
    POINTS,
    Pair,
    Tie,
    by_frequency,
    differing,
    merged,
    paired,
    points,
)
from sheetnet.exercise.pairs import RIGHT as RIGHT
from sheetnet.formula.expression import Expression
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation
from sheetnet.net.terms import Term

Indices: TypeAlias = NDArray[np.intp]
Demand: TypeAlias = Literal["right", "groups", "blanks"]
"""What numbers must tell apart, the mildest first.

"right": in every blank the right value from that of every wrong rule. "groups": that, and any two wrong rules
in at least one of the blanks of a kind and a layer in which both can be met. "blanks": that in every blank.
"""

TOLERANCES = 10
"""How many marking tolerances values that are told apart differ by at least."""
MOST_PAIRS = 100_000
"""Pairs of rules up to which wrong rules are compared with each other; beyond, the demand is "right"."""
_NEVER = 1e-12
"""A distance that no number of decimals shows."""
_CHUNK = 64


class Clash(NamedTuple):
    """Two rules whose values in a blank can't be told apart; of codes `code` may be "right"."""

    term: Term
    code: str
    other: str
    distance: float
    step: int = 0


@dataclass(frozen=True, slots=True)
class Separation:
    """The rules of some blanks, compiled, and which of them are to be told apart.

    `structural` lists what no numbers tell apart. `rows`, shape (2, pairs), has the rows of the values of the
    rules of each pair; `left`, `right`, `severe` (the right rule is one of the two) and `may_tie` have an
    entry for each pair that differs from all others, those that clash most often first.
    """

    evaluation: Evaluation
    structural: tuple[Tie, ...]
    demand: Demand
    distance: float
    pairs: tuple[Pair, ...]
    rows: Indices
    left: Indices
    right: Indices
    severe: NDArray[np.bool_]
    may_tie: NDArray[np.bool_]

    def with_decimals(self, decimals: int) -> "Separation":
        """Return the same for blanks in which so many decimals are asked."""
        return replace(self, distance=_distance(decimals))

    def scores(self, numbers: Array, ceiling: float = math.inf) -> NDArray[np.int64]:
        """Return how badly each draw's rules clash, shape (draws,), 0 where none does.

        Numbers of shape (given, draws). A score of `ceiling` and above may be too low.
        """
        found = np.zeros(numbers.shape[1], dtype=np.int64)
        common = min(len(self.left), max(500, len(self.left) // 5))
        for start in range(0, numbers.shape[1], _CHUNK):
            values = self.evaluation.values(numbers[:, start : start + _CHUNK])
            part = self._penalties(values, slice(0, common))
            hopeful = part < ceiling
            if common < len(self.left) and hopeful.any():
                part[hopeful] += self._penalties(values[:, hopeful], slice(common, None))
            found[start : start + _CHUNK] = part
        return found

    def _penalties(self, values: Array, pairs: slice) -> NDArray[np.int64]:
        apart = values[self.left[pairs]]
        with np.errstate(invalid="ignore"):
            apart -= values[self.right[pairs]]
        np.abs(apart, out=apart)
        places = np.flatnonzero(apart < self.distance)
        rows, draws = np.divmod(places, values.shape[1])
        close = apart.ravel()[places]
        # Whole numbers, so that a last bit, which machines differ in, does not decide between two draws.
        penalty = 1 + np.floor(4 * (1 - close / self.distance)).astype(np.int64)
        penalty *= np.where(self.severe[pairs][rows], 8, 1)
        penalty[self.may_tie[pairs][rows] & (close < _NEVER)] = 0
        total = np.zeros(values.shape[1], dtype=np.int64)
        np.add.at(total, draws, penalty)
        return total

    def clashes(self, numbers: Array) -> tuple[Clash, ...]:
        """Return what one draw, shape (given,), does not tell apart, those with the right rule first."""
        found = [
            Clash(pair.one.term, *pair.names(), apart, pair.one.step) for pair, apart in self._close(numbers)
        ]
        return tuple(sorted(found, key=lambda clash: (clash.step, clash.code != RIGHT)))

    def holds(self, numbers: Array) -> Demand | None:
        """Return the strictest demand that one draw, shape (given,), meets; None where it meets none."""
        close = [pair for pair, _ in self._close(numbers)]
        if any(pair.severe for pair in close):
            return None
        if self.demand == "right" or not close:
            return self.demand
        failing = {(pair.one.term, *_met(pair, codes)) for pair in close for codes in pair.code_pairs()}
        told = {
            _met(pair, codes)
            for pair in self.pairs
            for codes in pair.code_pairs()
            if (pair.one.term, *_met(pair, codes)) not in failing
        }
        everywhere = all(_met(pair, codes) in told for pair in close for codes in pair.code_pairs())
        return "groups" if everywhere else "right"

    def _close(self, numbers: Array) -> list[tuple[Pair, float]]:
        values = self.evaluation.values(numbers[:, np.newaxis])[:, 0]
        with np.errstate(invalid="ignore"):
            apart = np.abs(values[self.rows[0]] - values[self.rows[1]])
        close = [(self.pairs[k], float(apart[k])) for k in np.flatnonzero(apart < self.distance)]
        return [(pair, distance) for pair, distance in close if not (pair.may_tie and distance < _NEVER)]


def _met(pair: Pair, codes: tuple[str, str]) -> tuple[str, int, int, str, str]:
    """Return the group of blanks, a kind and a layer in a step, in which two codes meet."""
    return pair.one.term.kind, pair.one.term.layer, pair.one.step, *codes


def decimals_needed(clashes: Iterable[Clash]) -> int | None:
    """Return with how many asked decimals none of these would clash, None where no number is enough."""
    closest = min((clash.distance for clash in clashes), default=math.inf)
    if closest < _NEVER:
        return None
    decimals = 0
    while least_distance(decimals) > closest * (1 + EQUAL):
        decimals += 1
    return decimals


def least_distance(decimals: int) -> float:
    """Return how far apart values must be where so many decimals are asked."""
    return TOLERANCES * 0.5 * 10.0**-decimals


def _distance(decimals: int) -> float:
    # The last hair is left to rounding: weights may differ by just the least distance.
    return least_distance(decimals) * (1 - EQUAL)


def remaining(
    sizes: tuple[int, ...],
    conventions: Conventions,
    inputs: ArrayLike,
    targets: ArrayLike,
    weights: Sequence[ArrayLike],
    learning_rate: float,
    asked: Sequence[Term],
    decimals: int = 4,
    *,
    steps: int = 1,
) -> tuple[Clash, ...]:
    """Return what the numbers of a net do not tell apart in blanks of these terms, in every step.

    Inputs of shape (n_0,), targets (n_L,), `weights` W(1) … W(L) as in `Network`.
    """
    rules = separation(sizes, conventions, tuple(asked), decimals=decimals, steps=steps)
    numbers = numbers_of(sizes, conventions, inputs, targets, weights, learning_rate)
    return rules.clashes(numbers)


@lru_cache(maxsize=32)
def separation(
    sizes: tuple[int, ...],
    conventions: Conventions,
    asked: tuple[Term, ...],
    *,
    decimals: int = 4,
    steps: int = 1,
    judged: int | None = None,
) -> Separation:
    """Compile the rules of blanks of these terms in the first `judged` steps, all unless said, of a sheet.

    Wrong rules that need what stands in none of the sheet's `steps` do not count.
    """
    wanted: list[tuple[Expression, int]] = []
    written: list[tuple[Term, int, int, str]] = []
    for step in range(steps if judged is None else judged):
        for term in dict.fromkeys(asked):
            each = [(RIGHT, equation(term, sizes, conventions))]
            each += [(wrong.code, wrong.expression) for wrong in variants(term, sizes, conventions)]
            for code, expression in each:
                if is_shown(expression, step, steps):
                    written.append((term, step, len(wanted), code))
                    wanted.append((expression, step))
    compiled = evaluation(sizes, conventions, wanted)
    values = compiled.values(points(compiled.given, sizes, POINTS))
    ties: list[Tie] = []
    pairs: list[Pair] = []
    blanks = [list(blank) for _, blank in groupby(written, key=lambda rule: rule[:2])]
    many = sum(len(blank) * (len(blank) - 1) // 2 for blank in blanks) > MOST_PAIRS
    for blank in blanks:
        rules, equal = merged(blank, values)
        found, tied = paired(rules, values, severe=many)
        pairs += found
        ties += equal + tied
    distance = _distance(decimals)
    order = by_frequency(differing(pairs, values), compiled, sizes, distance)
    return Separation(
        compiled,
        tuple(ties),
        "right" if many else "blanks",
        distance,
        tuple(pairs),
        np.array([(pair.one.row, pair.other.row) for pair in pairs], dtype=np.intp).reshape(-1, 2).T,
        np.array([pair.one.row for pair in order], dtype=np.intp),
        np.array([pair.other.row for pair in order], dtype=np.intp),
        np.array([pair.severe for pair in order], dtype=np.bool_),
        np.array([pair.may_tie for pair in order], dtype=np.bool_),
    )
