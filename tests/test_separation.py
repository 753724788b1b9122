"""An exercise's numbers tell mistakes apart: every wrong rule shows, and shows which one it is."""

import math
import random
from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest

from sheetnet.diagnosis.misconceptions import variants
from sheetnet.errors import SheetnetError
from sheetnet.exercise.drawing import Drawn, draw
from sheetnet.exercise.pairs import RIGHT
from sheetnet.exercise.separation import Clash, decimals_needed, least_distance, remaining, separation
from sheetnet.formula.arithmetic import ErrorValue, evaluate
from sheetnet.formula.expression import Expression, Reference, walk
from sheetnet.net.conventions import Conventions
from sheetnet.net.network import Network
from sheetnet.net.terms import COST, LEARNING_RATE, Term, Use, weights

NOTE = Conventions()
NOTE_222 = (
    [0.1, 0.9],
    [0.3, 0.4],
    [[[0.5, -0.2, 0.3], [0.2, -0.6, 0.6]], [[0.1, 0.5, -0.3], [0.2, 0.3, 0.5]]],
)
"""The note's own net: inputs, targets, weights."""
SEEDS = 200


def everything(sizes: tuple[int, ...]) -> list[Term]:
    """Return all that a sheet can ask of a net."""
    last = len(sizes) - 1
    each = [weight for layer in range(1, last + 1) for weight in weights(sizes, layer)]
    found = [Term("a", layer, i) for layer in range(1, last + 1) for i in range(sizes[layer])]
    found.append(COST)
    found += [Term("delta", layer, i) for layer in range(last, 0, -1) for i in range(sizes[layer])]
    return found + [weight._replace(kind=kind) for kind in ("gradient", "new") for weight in each]


def backward(sizes: tuple[int, ...]) -> list[Term]:
    """Return hidden δ, gradients and new weights."""
    return [
        term
        for term in everything(sizes)
        if term.kind in ("gradient", "new") or (term.kind == "delta" and term.layer < len(sizes) - 1)
    ]


# ------------------------------------------- a second way: matrices, and one formula after another


World = dict[tuple[Term, int], float]


def world(
    inputs: Sequence[float], targets: Sequence[float], matrices: Sequence[object], rate: float, steps: int
) -> World:
    """Return every number of a sheet of so many steps, as the note's matrices have it."""
    network = Network.of(matrices, learning_rate=rate)  # type: ignore[arg-type]
    found: World = {}
    for step in range(steps + 1):
        for layer, w in enumerate(network.weights, start=1):
            for (i, j), value in np.ndenumerate(w):
                found[Term("w", layer, i, j), step] = float(value)
                if step:
                    found[Term("new", layer, i, j), step - 1] = float(value)
        if step == steps:
            break
        activations = network.forward(inputs)
        for layer, (a, delta) in enumerate(
            zip(activations, [None, *network.deltas(activations, targets)], strict=True)
        ):
            found |= {(Term("a", layer, i), step): float(value) for i, value in enumerate(a)}
            if delta is not None:
                found |= {(Term("delta", layer, i), step): float(value) for i, value in enumerate(delta)}
        for layer, gradient in enumerate(network.gradients(inputs, targets), start=1):
            found |= {
                (Term("gradient", layer, i, j), step): float(g) for (i, j), g in np.ndenumerate(gradient)
            }
        found |= {(Term("target", 0, i), step): float(t) for i, t in enumerate(targets)}
        found[COST, step] = network.cost(inputs, targets)
        network = network.step(inputs, targets)
    return found


def value_of(expression: Expression, known: World, rate: float, step: int) -> float:
    """Return what a formula shows in a step; nan for an error, KeyError for what the sheet does not show."""

    def lookup(target: object) -> float:
        assert isinstance(target, Use)
        return rate if target.term == LEARNING_RATE else known[target.term, step + target.step]

    for part in walk(expression):
        if isinstance(part, Reference):
            lookup(part.target)
    try:
        value = evaluate(expression, lookup)
    except ErrorValue:
        return math.nan
    assert isinstance(value, float | int)
    return float(value)


def shown_values(term: Term, sizes: tuple[int, ...], known: World, rate: float, step: int) -> list[float]:
    """Return the right value, then that of every wrong rule that uses nothing but what the sheet shows."""
    return [known[term, step]] + [
        value_of(expression, known, rate, step)
        for _, expression in wrong_rules(term, sizes, known, rate, step)
    ]


def wrong_rules(
    term: Term, sizes: tuple[int, ...], known: World, rate: float, step: int
) -> list[tuple[str, Expression]]:
    found = []
    for variant in variants(term, sizes, NOTE):
        try:
            value_of(variant.expression, known, rate, step)
        except KeyError:
            continue
        found.append((variant.code, variant.expression))
    return found


@cache
def codes_and_equals(
    term: Term, sizes: tuple[int, ...], step: int, steps: int
) -> tuple[tuple[str, ...], frozenset[tuple[int, int]]]:
    """Return the codes of a blank's rules, the right one first, and which of them are equal on any numbers."""
    equal: set[tuple[int, int]] | None = None
    codes: tuple[str, ...] = ()
    for seed in range(6):
        dice = random.Random(seed)
        matrices = [
            [[dice.uniform(-2, 2) for _ in range(n + 1)] for _ in range(m)] for n, m in pairwise(sizes)
        ]
        inputs, targets = ([dice.uniform(0.1, 0.9) for _ in range(n)] for n in (sizes[0], sizes[-1]))
        rate = dice.uniform(0.2, 2.5)
        known = world(inputs, targets, matrices, rate, steps)
        codes = (RIGHT, *(code for code, _ in wrong_rules(term, sizes, known, rate, step)))
        values = shown_values(term, sizes, known, rate, step)
        now = {
            (k, m)
            for k, m in combinations(range(len(values)), 2)
            if math.isclose(values[k], values[m], rel_tol=1e-9, abs_tol=1e-14)
        }
        equal = now if equal is None else equal & now
    assert equal is not None
    return codes, frozenset(equal)


def close_pairs(
    drawn: Drawn,
    sizes: tuple[int, ...],
    asked: Sequence[Term],
    distance: float,
    steps: int = 1,
    apart: int = 1,
) -> set[tuple[Term, int, str, str]]:
    """Return the rules that a draw leaves closer than a distance, without those that are equal anyhow.

    ReLU is either the step's 0 or z itself, whatever the numbers.
    """
    rate = drawn.learning_rate
    known = world(drawn.inputs.tolist(), drawn.targets.tolist(), drawn.weights, rate, steps)
    found = set()
    for step in range(apart):
        for term in asked:
            codes, equal = codes_and_equals(term, sizes, step, steps)
            values = shown_values(term, sizes, known, rate, step)
            rights = {0, *(k for pair in equal if pair[0] == 0 for k in pair)}
            order = sorted((k for k in range(len(values)) if values[k] == values[k]), key=values.__getitem__)
            for place, k in enumerate(order):
                for m in order[place + 1 :]:
                    if values[m] - values[k] >= distance * (1 - 1e-9):
                        break
                    one, other = sorted((k, m))
                    both = {codes[one], codes[other]}
                    if len(both) == 1 or (one, other) in equal or {one, other} <= rights:
                        continue
                    if "forward-relu" in both and values[k] == values[m]:
                        assert both <= {"forward-relu", "forward-linear", "forward-step"}
                        continue
                    found.add((term, step, codes[one], codes[other]))
    return found


# ------------------------------------------------------------------------------------ draws


@pytest.mark.parametrize(
    ("sizes", "blanks", "seeds"),
    [
        pytest.param((2, 2, 2), everything, SEEDS, id="2-2-2"),
        pytest.param((2, 2, 1), everything, SEEDS, id="2-2-1"),
        pytest.param((2, 2, 2), backward, 20, id="2-2-2 backward"),
        pytest.param((3, 4, 2), backward, 12, id="3-4-2 backward"),
        pytest.param((3, 4, 2), everything, 12, id="3-4-2"),
    ],
)
def test_all_mistakes_are_told_apart(
    sizes: tuple[int, ...], blanks: Callable[[tuple[int, ...]], list[Term]], seeds: int
) -> None:
    """With four decimals every wrong rule is ten tolerances from the right one and from every other one."""
    asked = blanks(sizes)
    for seed in range(seeds):
        drawn = draw(sizes, NOTE, asked, seed=seed)
        assert drawn.holds == "blanks"
        assert not drawn.remaining
        assert not close_pairs(drawn, sizes, asked, 5e-4), seed


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 2, 1)], ids=str)
def test_two_steps(sizes: tuple[int, ...]) -> None:
    """What a draw says of a second step is so."""
    asked = backward(sizes)
    drawn = draw(sizes, NOTE, asked, seed=3, steps=2)
    close = close_pairs(drawn, sizes, asked, 5e-4, steps=2, apart=2)
    assert {(clash.term, clash.step) for clash in drawn.remaining} == {place[:2] for place in close}
    assert not any(RIGHT in pair[2:] for pair in close if pair[1] < drawn.apart)


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 2, 1), (3, 4, 2)], ids=str)
def test_numbers_suit_an_exercise(sizes: tuple[int, ...]) -> None:
    """Few decimals, all different, none near 0, ½ or 1; open neurons, a cost that falls, both signs of a − T."""
    decimals = 2 if sizes == (3, 4, 2) else 1
    for seed in range(10):
        drawn = draw(sizes, NOTE, backward(sizes), seed=seed)
        flat = np.concatenate([w.ravel() for w in drawn.weights])
        given = np.concatenate([drawn.inputs, drawn.targets])
        assert [w.shape for w in drawn.weights] == [(m, n + 1) for n, m in pairwise(sizes)]
        for numbers in (flat, given):
            assert (np.round(numbers, decimals) == numbers).all()
            assert len(set(numbers.tolist())) == numbers.size
            for awkward in (0, 0.5, 1):
                assert (abs(abs(numbers) - awkward) > 0.02).all()
        rate = drawn.learning_rate
        assert rate == round(rate, 1)
        assert all(abs(number - 1) > 0.2 for number in (rate, rate**2, 1 / rate))
        network = Network(drawn.weights, rate)
        activations = network.forward(drawn.inputs)
        assert all(((a > 0.15) & (a < 0.85)).all() for a in activations[1:])
        if sizes[-1] > 1:
            assert len(set(np.sign(activations[-1] - drawn.targets))) == 2
        after = network.step(drawn.inputs, drawn.targets)
        assert after.cost(drawn.inputs, drawn.targets) < network.cost(drawn.inputs, drawn.targets)


def test_the_same_seed_draws_the_same() -> None:
    """A seed's numbers do not depend on what was drawn before, and differ from other seeds'."""
    asked = backward((2, 2, 2))

    def flat(seed: int) -> list[float]:
        drawn = draw((2, 2, 2), NOTE, asked, seed=seed)
        matrices = [w.ravel() for w in drawn.weights]
        return [*drawn.inputs, *drawn.targets, drawn.learning_rate, *np.concatenate(matrices)]

    first = [flat(seed) for seed in range(20)]
    assert [flat(seed) for seed in reversed(range(20))] == first[::-1]
    assert len({tuple(numbers) for numbers in first}) == 20


@pytest.mark.parametrize(
    "conventions",
    [
        Conventions(biases="fixed"),
        Conventions(biases="none"),
        Conventions(biases="shared"),
        Conventions(difference="T-a"),
        Conventions(cost="squares"),
        Conventions(activations=("tanh",)),
        Conventions(activations=("sigmoid", "softmax"), cost="cross-entropy"),
    ],
    ids=lambda conventions: f"{conventions.biases} {conventions.activations[-1]} {conventions.cost}",
)
def test_other_conventions(conventions: Conventions) -> None:
    """Nets of other conventions get numbers as well, on which no wrong rule looks right."""
    biases = conventions.biases != "none"
    asked = [
        Term("delta", 1, 0),
        *(w._replace(kind="gradient") for w in weights((2, 2, 2), 2, biases=biases)),
    ]
    drawn = draw((2, 2, 2), conventions, asked, seed=1)
    assert [w.shape for w in drawn.weights] == [(2, 2 + biases)] * 2
    given = drawn.inputs, drawn.targets, drawn.weights, drawn.learning_rate
    assert remaining((2, 2, 2), conventions, *given, asked) == drawn.remaining
    assert not any(clash.code == RIGHT for clash in drawn.remaining)


# --------------------------------------------------------------------- numbers that hide mistakes


def found(clashes: Sequence[Clash], term: Term) -> set[frozenset[str]]:
    return {frozenset(clash[1:3]) for clash in clashes if clash.term == term}


def clashes_of(
    asked: Sequence[Term], *, decimals: int = 4, rate: float = 0.5, **changes: object
) -> tuple[Clash, ...]:
    inputs, targets, matrices = NOTE_222
    given = {"inputs": inputs, "targets": targets, "weights": matrices} | changes
    values = given["inputs"], given["targets"], given["weights"]
    return remaining((2, 2, 2), NOTE, *values, rate, asked, decimals)  # type: ignore[arg-type]


def test_a_rate_of_one_hides_itself() -> None:
    """γ = 1 hides that it was left out, squared or divided by; another one does not."""
    term = Term("new", 2, 0, 0)
    hidden = {frozenset((RIGHT, f"update-{what}")) for what in ("no-rate", "rate-squared", "rate-divided")}
    assert hidden <= found(clashes_of([term], rate=1.0), term)
    assert not hidden & found(clashes_of([term], rate=0.4), term)


def test_a_symmetric_matrix_hides_the_transpose() -> None:
    """w01 = w10 hides a transpose left out; other weights do not."""
    term, hidden = Term("delta", 1, 0), frozenset((RIGHT, "delta-hidden-untransposed"))
    symmetric = [NOTE_222[2][0], [[0.1, 0.9, -0.3], [0.9, 0.3, 0.5]]]
    assert hidden in found(clashes_of([term], weights=symmetric), term)
    clear = [NOTE_222[2][0], [[0.1, 0.9, -0.3], [-1.2, 0.3, 0.5]]]
    assert hidden not in found(clashes_of([term], weights=clear), term)


def test_inputs_of_one_and_zero_hide_factors() -> None:
    """An input of 1 hides that it was left out of a gradient; one of 0 hides which gradient it is."""
    ones, noughts = Term("gradient", 1, 0, 0), Term("gradient", 1, 0, 1)
    clashes = clashes_of([ones, noughts], inputs=[1.0, 0.0])
    assert frozenset((RIGHT, "gradient-delta-alone")) in found(clashes, ones)
    assert frozenset((RIGHT, "gradient-sign")) in found(clashes, noughts)


def test_fewer_decimals_hide_more() -> None:
    """What is told apart with four decimals clashes with two, and is told how many decimals would do."""
    asked = backward((2, 2, 2))
    # The note's own w01 and w12 of layer 2 are equal, which no decimals tell apart.
    matrices = [NOTE_222[2][0], [[0.1, 0.5, -0.3], [0.2, 0.3, 0.7]]]
    clashes = [clashes_of(asked, decimals=decimals, weights=matrices) for decimals in range(1, 7)]
    counts = [len(each) for each in clashes]
    assert counts == sorted(counts, reverse=True)
    needed = decimals_needed(clashes[3])
    assert needed is not None
    assert not clashes_of(asked, decimals=needed, weights=matrices)
    assert clashes_of(asked, decimals=needed - 1, weights=matrices)


def test_what_is_equal_on_any_numbers() -> None:
    """A mean of two outputs is a half of their sum, so no numbers tell it apart; nor two names of one formula."""
    rules = separation((2, 2, 2), NOTE, (COST, Term("gradient", 2, 0, 1)))
    ties = [(tie.term, tie.codes) for tie in rules.structural if tie.always]
    assert (COST, (RIGHT, "cost-mean")) in ties
    assert any("gradient-transposed" in codes and "gradient-other-weight" in codes for _, codes in ties)


def test_too_few_decimals() -> None:
    """Where no numbers will do, one line says which rules remain and how many decimals to ask for."""
    with pytest.raises(
        SheetnetError, match=r"2-2-2: .* in δ0\(1\).* and \d+ more .* 1 decimals .*; ask for [234]$"
    ):
        draw((2, 2, 2), NOTE, [Term("delta", 1, 0), Term("delta", 1, 1)], seed=1, decimals=1)


def test_distances() -> None:
    """Ten tolerances of half a unit of the last decimal: 0.0005 where four are asked."""
    assert [least_distance(decimals) for decimals in (2, 4)] == pytest.approx([0.05, 0.0005], rel=1e-12)
    at = [Clash(COST, RIGHT, "cost-mean", distance) for distance in (0.05, 0.0004)]
    assert [decimals_needed(at[:1]), decimals_needed(at), decimals_needed([])] == [2, 5, 0]
    assert decimals_needed([Clash(COST, RIGHT, "cost-mean", 0.0)]) is None
