"""Rules by way of intermediate columns: the same numbers, from the columns that a sheet shows."""

import numpy as np
import pytest
from hypothesis import given, settings

from sheetnet import Conventions, Network, Term, train
from sheetnet.formula.arithmetic import evaluate
from sheetnet.formula.expression import Reference, walk
from sheetnet.formula.text import written
from sheetnet.net.equations import equation
from sheetnet.net.intermediates import intermediate
from sheetnet.net.shortcut import by_gradient, shortened
from sheetnet.net.terms import LEARNING_RATE, Kind, Use, named
from tests.networks import networks


def _between(sizes: tuple[int, ...]) -> list[Term]:
    """Return all intermediate quantities of a net."""
    layers = [(layer, i) for layer in range(1, len(sizes)) for i in range(sizes[layer])]
    outputs = [Term(kind, 0, i) for kind in ("miss", "part") for i in range(sizes[-1])]
    return [*(Term(kind, *each) for kind in ("z", "slope") for each in layers), *outputs]


@given(networks())
@settings(max_examples=60, deadline=None)
def test_the_same_values(drawn: tuple[Network, np.ndarray, np.ndarray]) -> None:
    """By way of all of them every a, δ, C and σ' has the value that training has."""
    network, inputs, targets = drawn
    sizes, conventions = network.sizes, network.conventions
    trace = train(network, inputs, targets, steps=2)
    via = _between(sizes)

    def value(target: object) -> float:
        assert isinstance(target, Use)
        if target.term in via:
            found = evaluate(intermediate(target.term, sizes, conventions), value)
            assert isinstance(found, float)
            return found
        return float(trace[target.term][target.step])

    for term in (term for term in trace.columns if term.kind in ("a", "delta", "cost")):
        if (term.kind, term.layer) == ("a", 0):
            continue
        rule = shortened(equation(term, sizes, conventions), term, via, sizes, conventions)
        assert evaluate(rule, value) == pytest.approx(float(trace[term][0]), rel=1e-9, abs=1e-12)
        used = {part.target.term for part in walk(rule) if isinstance(part, Reference)}  # type: ignore[union-attr]
        assert used & set(via), term


def _name(target: object) -> str:
    assert isinstance(target, Use)
    return (
        "γ"
        if target.term == LEARNING_RATE
        else named(target.term) + (f"[{target.step}]" if target.step else "")
    )


LINEAR = Conventions(activations=("linear",))
RELU = Conventions(activations=("relu",))
MEANS = Conventions(cost="mean squares", difference="T-a")
SOFTMAX = Conventions(activations=("tanh", "softmax"), cost="cross-entropy")
WAYS = {
    "output δ": (Conventions(), Term("delta", 2), ["slope"], "(a0(2)-T0)*σ'0(2)"),
    "output δ by its miss": (Conventions(), Term("delta", 2), ["miss"], "a-T0*a0(2)*(1-a0(2))"),
    "hidden δ": (Conventions(), Term("delta", 1), ["slope"], "σ'0(1)*(δ0(2)*w00(2)+δ1(2)*w10(2)+δ2(2)*w20(2))"),
    "linear output": (LINEAR, Term("delta", 2), ["slope"], "(a0(2)-T0)*σ'0(2)"),
    "linear hidden": (LINEAR, Term("delta", 1), ["slope"], "σ'0(1)*(δ0(2)*w00(2)+δ1(2)*w10(2)+δ2(2)*w20(2))"),
    "linear a": (LINEAR, Term("a", 1), ["z"], "z0(1)"),
    "relu's slope from z": (RELU, Term("slope", 1), ["z"], "IF(z0(1)>0,1,0)"),
    "relu's slope from a": (RELU, Term("slope", 1), [], "IF(a0(1)>0,1,0)"),
    "means": (MEANS, Term("delta", 2), ["miss", "slope"], "2*a-T0*σ'0(2)/3"),
    "means by parts": (MEANS, Term("cost"), ["part"], "C0+C1+C2"),
    "a part by its miss": (MEANS, Term("part"), ["miss"], "a-T0^2/3"),
    "softmax": (SOFTMAX, Term("a", 2, 1), ["z"], "EXP(z1(2))/(EXP(z0(2))+EXP(z1(2))+EXP(z2(2)))"),
    "softmax's δ": (SOFTMAX, Term("delta", 2), ["slope"], "a0(2)-T0"),
    "nothing": (Conventions(), Term("delta", 2), [], "(a0(2)-T0)*a0(2)*(1-a0(2))"),
}  # fmt: skip


@pytest.mark.parametrize(("conventions", "term", "kinds", "expected"), WAYS.values(), ids=WAYS)
def test_ways(conventions: Conventions, term: Term, kinds: list[str], expected: str) -> None:
    """What a sheet has columns for is taken from there, the rest is spelt out."""
    sizes = (2, 2, 3)
    via = [each for each in _between(sizes) if each.kind in kinds]
    rule = shortened(equation(term, sizes, conventions), term, via, sizes, conventions)
    assert written(rule, _name) == expected


def test_some_parts_are_not_the_cost() -> None:
    """The cost is the sum of its parts only where there are all."""
    sizes, conventions = (2, 2, 3), Conventions()
    cost = equation(Term("cost"), sizes, conventions)
    via = [Term("part", 0, 0), Term("part", 0, 1)]
    assert shortened(cost, Term("cost"), via, sizes, conventions) == cost


UPDATES = {
    "note": (Conventions(), 4, "w00(1)[-1]-γ*dC/dw00(1)[-1]"),
    "negative": (Conventions(difference="T-a", gradients="-dC/dW"), 4, "w00(1)[-1]+γ*dC/dw00(1)[-1]"),
    "T-a with true dC/dW": (Conventions(difference="T-a"), 4, "w00(1)[-1]-γ*dC/dw00(1)[-1]"),
    "sum": (Conventions(batch="sum"), 2, "w00(1)[-1]-γ*(dC/dw00(1)[-2]+dC/dw00(1)[-1])"),
    "mean": (Conventions(batch="mean"), 2, "w00(1)[-1]-γ*(dC/dw00(1)[-2]+dC/dw00(1)[-1])/2"),
}


@pytest.mark.parametrize(("conventions", "patterns", "expected"), UPDATES.values(), ids=UPDATES)
def test_by_gradient(conventions: Conventions, patterns: int, expected: str) -> None:
    """An update takes dC/dW with its own sign, in a batch those of the whole pass."""
    assert written(by_gradient(Term("w", 1), conventions, patterns), _name) == expected


OTHERS = {
    "T-a beside a-T": ({"miss": Conventions(difference="T-a")}, Term("delta", 2), ["miss"], "-a-T0*a0(2)*(1-a0(2))"),
    "its square": ({"miss": Conventions(difference="T-a")}, Term("part"), ["miss"], "0.5*a-T0^2"),
    "parts without ½": ({"part": Conventions(cost="squares")}, Term("cost"), ["part"], "0.5*(C0+C1+C2)"),
    "parts with what C has not": ({"part": Conventions(cost="half mean squares")}, Term("cost"), ["part"], None),
}  # fmt: skip


@pytest.mark.parametrize(("shown", "term", "kinds", "expected"), OTHERS.values(), ids=OTHERS)
def test_columns_of_other_conventions(
    shown: dict[Kind, Conventions], term: Term, kinds: list[str], expected: str | None
) -> None:
    """A miss with the other sign is turned, parts are multiplied; where more would be needed, nothing changes."""
    sizes, conventions = (2, 2, 3), Conventions()
    via = [each for each in _between(sizes) if each.kind in kinds]
    rule = equation(term, sizes, conventions)
    found = shortened(rule, term, via, sizes, conventions, shown)
    assert written(found, _name) == (written(rule, _name) if expected is None else expected)
