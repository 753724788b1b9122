"""The names of a net's scalars."""

from itertools import pairwise
from typing import Literal, NamedTuple

Kind = Literal[
    "a",
    "w",
    "delta",
    "gradient",
    "target",
    "cost",
    "learning_rate",
    "step",
    "mean_cost",
    "z",
    "slope",
    "miss",
    "part",
    "pull",
    "path",
    "new",
]


class Term(NamedTuple):
    """One scalar: a_i(layer), w_ij(layer), δ_i(layer), dC/dw_ij(layer), T_i, C or γ.

    A sheet may also count the steps, have the mean of C over a pass through all patterns, and columns for
    intermediate quantities: z_i(layer), its slope σ'_i(layer), the miss a_i − T_i, C's part of output i; the
    pull ∂C/∂a_i(layer) of a hidden neuron, its path δ_j(layer+1) w_ji(layer+1) through neuron j, and the new
    w_ij, which the next step takes up.

    Layers count from 0, the inputs; T, C, its parts, the misses and γ belong to none and carry 0. A bias is
    the weight whose j is the number of neurons of the layer before.
    """

    kind: Kind
    layer: int = 0
    i: int = 0
    j: int = 0


class Use(NamedTuple):
    """A term as an equation uses it: of the same step, or of `step` steps later (−1 is the step before)."""

    term: Term
    step: int = 0


COST = Term("cost")
LEARNING_RATE = Term("learning_rate")
STEP = Term("step")
MEAN_COST = Term("mean_cost")
ASIDES = (STEP, MEAN_COST)
"""Columns that a sheet may have beside the net's own, for its readers' sake."""
INTERMEDIATES: tuple[Kind, ...] = ("z", "slope", "miss", "part", "pull", "path", "new")
"""Quantities on the way to the net's own, which sheets may have in columns of their own."""
LAYERED: tuple[Kind, ...] = ("a", "w", "delta", "gradient", "z", "slope", "pull", "path", "new")
"""Quantities that belong to a layer."""


def label(term: Term) -> str:
    """Return the column label of the note for a term: a0, w01, δ0, dC/dw01, T0, C; z0, σ'0, a-T0, C0.

    Indices above nine are set apart, since w110 could mean two weights: w1,10 and w11,0.
    """
    if term.kind in ("w", "gradient"):
        comma = "," if max(term.i, term.j) > 9 else ""
        return f"{'w' if term.kind == 'w' else 'dC/dw'}{term.i}{comma}{term.j}"
    if term.kind == "new":
        return f"new {label(term._replace(kind='w'))}"
    if term.kind == "path":
        return f"∂C{term.j}/∂a{term.i}"
    if term.kind == "pull":
        return f"∂C/∂a{term.i}"
    names = {"a": "a", "delta": "δ", "target": "T", "z": "z", "slope": "σ'", "miss": "a-T", "part": "C"}
    if term.kind in names:
        return f"{names[term.kind]}{term.i}"
    return {"cost": "C", "learning_rate": "Learning rate", "step": "Step", "mean_cost": "mean C"}[term.kind]


def named(term: Term) -> str:
    """Return a term's label with its layer, as the note writes it: δ0(1), dC/dw01(2), T0, C."""
    return f"{label(term)}({term.layer})" if term.kind in LAYERED else label(term)


def sizes_text(sizes: tuple[int, ...]) -> str:
    """Return sizes as people say them: 2-2-2."""
    return "-".join(map(str, sizes))


def is_bias(term: Term, sizes: tuple[int, ...]) -> bool:
    """Tell whether a weight or a gradient entry is a bias's."""
    return term.kind in ("w", "gradient") and term.j == sizes[term.layer - 1]


def is_given(term: Term) -> bool:
    """Tell inputs and targets, which a user gives, from what the rule computes and from weights."""
    return term.kind == "target" or (term.kind, term.layer) == ("a", 0)


def terms(sizes: tuple[int, ...], *, biases: bool = True) -> list[Term]:
    """Return a net's terms in the order of the note's columns, the gradients last."""
    found = [Term("a", 0, i) for i in range(sizes[0])]
    for layer in range(1, len(sizes)):
        found += weights(sizes, layer, biases=biases)
        found += [Term("a", layer, i) for i in range(sizes[layer])]
        found += [Term("delta", layer, i) for i in range(sizes[layer])]
    found += [Term("target", 0, i) for i in range(sizes[-1])]
    found.append(COST)
    for layer in range(1, len(sizes)):
        found += [weight._replace(kind="gradient") for weight in weights(sizes, layer, biases=biases)]
    return found


def weights(sizes: tuple[int, ...], layer: int, *, biases: bool = True) -> list[Term]:
    """Return a layer's weights, row by row of W(layer): w00 w01 … w0n w10 …, each row's bias last."""
    return [Term("w", layer, i, j) for i in range(sizes[layer]) for j in range(sizes[layer - 1] + biases)]


def weight_count(sizes: tuple[int, ...], *, biases: bool = True) -> int:
    """Return how many weights a net has, its biases among them."""
    return sum((before + biases) * after for before, after in pairwise(sizes))
