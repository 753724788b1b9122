"""Wrong rules as data: for each term what its cell would hold if its author believed a misconception."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from sheetnet.diagnosis.misconceptions.cost import costs, parts
from sheetnet.diagnosis.misconceptions.delta import deltas
from sheetnet.diagnosis.misconceptions.forward import activations, sums
from sheetnet.diagnosis.misconceptions.update import gradients, updates
from sheetnet.diagnosis.misconceptions.variant import Net, Variant
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import shifted
from sheetnet.net.terms import Term


def variants(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Iterator[Variant]:
    """Yield the wrong rules that a term's cell may follow, those that are met most often first.

    A wrong rule may equal the right one in a net (a mean of two outputs is a half of their sum), or another
    wrong one.
    """
    net = Net(sizes, conventions)
    table: dict[str, Callable[[Term, Net], Iterator[Variant]]] = {
        "z": sums,
        "a": activations,
        "cost": costs,
        "part": parts,
        "delta": deltas,
        "gradient": gradients,
        "w": updates,
        "pull": _pulls,
        "new": _new,
    }
    if term.kind in table and (term.kind, term.layer) != ("a", 0):
        yield from table[term.kind](term, net)


def _pulls(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong ∂C/∂a: the wrong δ of a neuron whose slope is left out."""
    if net.conventions.cost == "cross-entropy":
        return
    each = [net.conventions.activation(layer) for layer in range(1, net.last + 1)]
    each[term.layer - 1] = "linear"
    flat = Net(net.sizes, replace(net.conventions, activations=tuple(each)))
    yield from deltas(term._replace(kind="delta"), flat)


def _new(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong new weights: wrong updates, in the step before."""
    for variant in updates(term._replace(kind="w"), net):
        yield variant._replace(expression=shifted(variant.expression, 1))
