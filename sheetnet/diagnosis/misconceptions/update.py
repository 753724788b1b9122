"""Wrong gradients, and wrong updates of weights."""

from collections.abc import Iterator

from sheetnet.diagnosis.misconceptions.variant import Net, Variant, a_of, d_of, in_rows, w_of
from sheetnet.formula.expression import (
    Expression,
    Reference,
    add,
    divide,
    multiply,
    negative,
    number,
    power,
    subtract,
)
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation, shifted
from sheetnet.net.terms import LEARNING_RATE, Term, Use, is_bias, label

MOST_PAIRS = 100
"""Weights of a layer of which each may have been updated by another one's gradient."""


def gradients(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong gradients, of the sign that the sheet's columns of dC/dW have."""
    right = net.right(term)
    negated = net.conventions.difference == "T-a" and net.conventions.gradients == "dC/dW"
    for variant in _slopes(term, net):
        yield variant._replace(expression=negative(variant.expression)) if negated else variant
    yield Variant("gradient-sign", negative(right))
    for other in _others(term, net):
        yield Variant("gradient-other-weight", net.right(other), {"other": label(other)})


def _slopes(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong products δ·a for a weight or its gradient."""
    layer, i, j = term.layer, term.i, term.j
    before, here = net.sizes[layer - 1], net.sizes[layer]
    delta = d_of(layer, i)
    if is_bias(term, net.sizes):
        for source in range(before):
            wrong = multiply(delta, a_of(layer - 1, source))
            yield Variant("gradient-bias-times-a", wrong, {"a": f"a{source}"})
        for k in range(here):
            yield Variant("gradient-bias-times-a", multiply(delta, a_of(layer, k)), {"a": f"a{k}"})
        if net.conventions.biases != "shared":
            for k in range(here):
                if k != i:
                    yield Variant("gradient-common-bias", d_of(layer, k), {"other": f"δ{k}"})
            if here > 1:
                yield Variant(
                    "gradient-common-bias", add(*(d_of(layer, k) for k in range(here))), {"other": "all δ"}
                )
        yield Variant("gradient-bias-zero", number(0))
        return
    yield Variant("gradient-delta-alone", delta)
    if j < here:
        yield Variant("gradient-own-activation", multiply(delta, a_of(layer, j)))
    yield Variant("gradient-own-activation", multiply(delta, a_of(layer, i)))
    if j < here and i < before:
        yield Variant("gradient-transposed", multiply(d_of(layer, j), a_of(layer - 1, i)))
    for other in (layer + 1, layer - 1):
        if 1 <= other <= net.last and i < net.sizes[other]:
            wrong = multiply(d_of(other, i), a_of(layer - 1, j))
            yield Variant("gradient-other-layer", wrong, {"layer": str(other)})
    if net.last == 2 and (layer, i, j) == (1, 1, 1) and net.sizes[1] > 1 and net.sizes[2] == 2:
        yield Variant("gradient-note", _note_gradient(net))


def _note_gradient(net: Net) -> Expression:
    """Return dC/dw11(1) as the note prints it."""
    first = multiply(net.miss(0), *net.slope(2, 1), w_of(2, 0, 1))
    printed = multiply(first, a_of(1, 0), subtract(number(1), a_of(1, 1)), a_of(0, 1))
    return add(printed, multiply(net.miss(1), *net.slope(2, 1), w_of(2, 1, 1), *net.slope(1, 1), a_of(0, 1)))


def _others(term: Term, net: Net) -> list[Term]:
    """Return the other weights of a layer, or their gradients, that a cell may have taken."""
    width = net.sizes[term.layer - 1] + net.biases
    rows = net.sizes[term.layer]
    if width * rows > MOST_PAIRS:
        return []
    places = [(i, j) for i in range(rows) for j in range(width)]
    return [term._replace(i=i, j=j) for i, j in places if (i, j) != (term.i, term.j)]


def updates(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong updates of a weight: w − γ g with a part of it wrong, everything of the step before."""
    before, rate = Reference(Use(term, -1)), Reference(Use(LEARNING_RATE))
    sign = add if net.conventions.difference == "T-a" else subtract
    unsigned = Conventions(biases="shared" if net.conventions.biases == "shared" else "trained")
    g = equation(term._replace(kind="gradient"), net.sizes, unsigned)
    right = shifted(g, -1)
    yield Variant("update-no-rate", sign(before, right))
    yield Variant("update-none", before)
    yield Variant("update-plus", (subtract if sign is add else add)(before, multiply(rate, right)))
    yield Variant("update-rate-squared", sign(before, multiply(power(rate, 2), right)))
    yield Variant("update-rate-divided", sign(before, divide(right, rate)))
    yield Variant("update-only-change", multiply(rate, right))
    yield Variant("update-only-change", negative(multiply(rate, right)))
    if net.conventions.biases == "fixed" and is_bias(term, net.sizes):
        yield Variant("update-fixed-bias", sign(before, multiply(rate, right)))
    for variant in _slopes(term, net):
        wrong = shifted(variant.expression, -1)
        yield variant._replace(expression=sign(before, multiply(rate, wrong)))
    for other in _others(term, net):
        wrong = shifted(equation(other._replace(kind="gradient"), net.sizes, unsigned), -1)
        details = {"other": label(other)}
        yield Variant("update-other-gradient", sign(before, multiply(rate, wrong)), details)
        yield Variant("update-other-weight", sign(Reference(Use(other, -1)), multiply(rate, right)), details)
    yield Variant("sheet-doubled-row", shifted(sign(before, multiply(rate, right)), -1))
    for kinds in (("delta",), ("a",), ("delta", "a")):
        for step in (1, -1):
            moved = sign(before, multiply(rate, in_rows(right, kinds, step)))
            yield Variant("update-other-row", moved, {"row": "after" if step > 0 else "before"})
    yield Variant(
        "update-other-row", sign(Reference(Use(term, -2)), multiply(rate, right)), {"row": "before"}
    )
