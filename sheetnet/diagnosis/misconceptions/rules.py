"""Wrong rules as data: for each term what its cell would hold if its author believed a misconception."""

from collections.abc import Callable, Iterator

from sheetnet.diagnosis.misconceptions.cost import costs
from sheetnet.diagnosis.misconceptions.delta import deltas
from sheetnet.diagnosis.misconceptions.forward import activations, sums
from sheetnet.diagnosis.misconceptions.update import gradients, updates
from sheetnet.diagnosis.misconceptions.variant import Net, Variant
from sheetnet.net.conventions import Conventions
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
        "delta": deltas,
        "gradient": gradients,
        "w": updates,
    }
    if term.kind in table and (term.kind, term.layer) != ("a", 0):
        yield from table[term.kind](term, net)
