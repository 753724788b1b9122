"""Pairs of rules that a blank may have been filled by, and those that nothing tells apart."""

import math
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sheetnet.exercise.evaluation import Array, Evaluation
from sheetnet.net.terms import LEARNING_RATE, Term

RIGHT = "right"
"""Stands for the right rule where a code names a wrong one."""
EQUAL = 1e-9
"""Relative difference up to which two rules agree at a point."""
POINTS = 64
"""Points at which rules that agree are taken to be the same."""


class Tie(NamedTuple):
    """Rules of one blank that are equal by the net's structure, whatever its numbers are.

    Unless `always`: then the numbers choose which of several pairs are equal, but one is (a ReLU is z or a
    step's 0).
    """

    term: Term
    codes: tuple[str, ...]
    always: bool = True
    step: int = 0


class Rule(NamedTuple):
    """A rule of a blank, and the codes of all rules that equal it; `row` is its row of the values."""

    term: Term
    step: int
    row: int
    codes: frozenset[str]


class Pair(NamedTuple):
    """Two rules of a blank to tell apart, unless they `may_tie` and are equal outright; the right first."""

    one: Rule
    other: Rule
    may_tie: bool = False

    @property
    def severe(self) -> bool:
        """Whether one of the two is the right rule."""
        return RIGHT in self.one.codes

    def names(self) -> tuple[str, str]:
        """Return a code of each rule, two different ones; "right" first."""
        return next(
            (code, other)
            for code, other in product(sorted(self.one.codes), sorted(self.other.codes))
            if code != other
        )

    def code_pairs(self) -> set[tuple[str, str]]:
        """Return all the pairs of codes, each in order, that the two rules may be met under."""
        every = product(self.one.codes, self.other.codes)
        return {(min(pair), max(pair)) for pair in every if pair[0] != pair[1]}


def points(given: Sequence[Term], sizes: tuple[int, ...], count: int) -> Array:
    """Return generic numbers, shape (given, count), at which rules that differ do so."""
    random = np.random.Generator(np.random.PCG64(1))
    found = random.uniform(0.05, 0.95, (len(given), count))
    for row, term in enumerate(given):
        if term == LEARNING_RATE:
            found[row] = random.uniform(0.2, 2.6, count)
        if term.kind == "w":
            # Neurons that are neither shut nor wide open, however many feed them.
            widest = min(2.0, 4 / math.sqrt(sizes[term.layer - 1] + 1))
            found[row] = random.uniform(-widest, widest, count)
    return found


def _agreement(one: Array, other: Array) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        same = np.abs(one - other) <= EQUAL * (np.abs(one) + np.abs(other))
    return same | (np.isnan(one) & np.isnan(other))


def merged(blank: Sequence[tuple[Term, int, int, str]], values: Array) -> tuple[list[Rule], list[Tie]]:
    """Return a blank's rules without what equals another one everywhere, and the ties of which that is.

    A blank's rules are given as (term, step, row of the values, code), the right one first. What equals that
    is right, whatever its code.
    """
    rows: dict[int, set[str]] = {}
    for _, _, row, code in blank:
        others = list(rows)
        same = np.flatnonzero(_agreement(values[row], values[others]).all(axis=1))
        rows.setdefault(others[same[0]] if same.size else row, set()).add(code)
    term, step = blank[0][:2]
    found = [
        Rule(term, step, row, frozenset({RIGHT} if RIGHT in codes else codes)) for row, codes in rows.items()
    ]
    return found, [Tie(term, _listed(codes), step=step) for codes in rows.values() if len(codes) > 1]


def paired(rules: Sequence[Rule], values: Array, *, severe: bool = False) -> tuple[list[Pair], list[Tie]]:
    """Return the pairs of a blank's rules to tell apart, and the ties of which any numbers have one.

    With `severe` only the pairs of the right rule and a wrong one.
    """
    # Two rules of the same code, and of no other, need not be told apart.
    pairs = [
        (one, other)
        for k, other in enumerate(rules)
        for one in rules[: min(k, 1) if severe else k]
        if len(one.codes | other.codes) > 1
    ]
    equal = [_agreement(values[one.row], values[other.row]) for one, other in pairs]
    # Two or more points in which rules agree that differ elsewhere are no accident.
    some = [k for k, same in enumerate(equal) if same.sum() > 1]
    unavoidable = bool(some) and bool(np.any([equal[k] for k in some], axis=0).all())
    tying = set(some) if unavoidable else set()
    found = [Pair(one, other, k in tying) for k, (one, other) in enumerate(pairs)]
    ties = [
        Tie(one.term, _listed(one.codes | other.codes), always=False, step=one.step)
        for k, (one, other) in enumerate(pairs)
        if k in tying
    ]
    return found, ties


def differing(pairs: Sequence[Pair], values: Array) -> list[Pair]:
    """Return the pairs without those whose distance is always that of another: γ(x − y) in many updates."""
    mixes = np.random.Generator(np.random.PCG64(2)).uniform(1, 2, (values.shape[1], 2))
    found: dict[tuple[str, str, bool, bool], Pair] = {}
    for pair in pairs:
        with np.errstate(invalid="ignore"):
            apart = np.nan_to_num(np.abs(values[pair.one.row] - values[pair.other.row]), posinf=1e300)
        # Two sums of the distances at all points stand for all of these.
        with np.errstate(over="ignore"):
            one, other = (apart @ mixes).tolist()
        found.setdefault((f"{one:.9e}", f"{other:.9e}", pair.severe, pair.may_tie), pair)
    return list(found.values())


def by_frequency(
    pairs: list[Pair], compiled: Evaluation, sizes: tuple[int, ...], distance: float
) -> list[Pair]:
    """Return the pairs in an order in which those that clash at most points come first."""
    values = compiled.values(points(compiled.given, sizes, 4 * POINTS))
    with np.errstate(invalid="ignore"):
        close = [
            int((np.abs(values[pair.one.row] - values[pair.other.row]) < distance).sum()) for pair in pairs
        ]
    return [pairs[k] for k in sorted(range(len(pairs)), key=lambda k: -close[k])]


def _listed(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(codes, key=lambda code: (code != RIGHT, code)))
