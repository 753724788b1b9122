"""What a net's quantities and neurons are called, in a formula of the note and in a sentence."""

import re
from collections.abc import Sequence

from sheetnet.layout.layout import Layout
from sheetnet.layout.prose import listing, plural
from sheetnet.net.terms import COST, LEARNING_RATE, Kind, Term, is_bias
from sheetnet.report.places import neuron_name

_LAYERED: tuple[Kind, ...] = ("a", "w", "delta", "gradient", "z", "slope", "pull", "path", "new")
_NAMES: dict[Kind, str] = {
    "learning_rate": "the learning rate",
    "step": "the step's number",
    "mean_cost": "the mean cost",
    "cost": "the cost C",
}
_NOUNS: dict[Kind, str] = {
    "a": "activation",
    "w": "weight",
    "gradient": "gradient",
    "target": "target",
    "z": "weighted sum",
    "slope": "slope",
    "pull": "sum",
    "path": "path",
    "new": "new weight",
}
_LONGEST_COST = 8
"""Letters of a cost's own name in a derivative."""


def short(term: Term, layout: Layout) -> str:
    """Return a term as a formula of the note has it, a weight as its sheet calls it: δ0(1), w00(2), T0, γ."""
    if term == LEARNING_RATE:
        return "γ"
    if (own := layout.own_name(term)) is not None:
        return f"({own})" if term.kind == "miss" and re.search(r"[-+*/^ ]", own) else own
    if term.kind == "miss":
        return f"({_miss(term, layout, f'({len(layout.sizes) - 1})')})"
    return f"{layout.label(term)}({term.layer})" if term.kind in _LAYERED else layout.label(term)


def named(term: Term, layout: Layout) -> str:
    """Return a term as a sentence has it: δ0 of layer 1, the bias w02 of layer 1, T0."""
    return layout.own_name(term) or f"{_alone(term, layout)}{_layer(term)}"


def named_together(terms: Sequence[Term], layout: Layout) -> str:
    """Return terms of one kind and layer as a sentence has them: w00, w01 and the bias w02 of layer 1."""
    first = terms[0]
    if len(terms) <= 4 and all(map(layout.own_name, terms)):
        return listing([layout.label(term) for term in terms])
    if len(terms) <= 4:
        return listing([_alone(term, layout) for term in terms]) + _layer(first)
    if first.kind == "delta":
        return f"{len(terms)} δ{_layer(first)}"
    return plural(len(terms), _NOUNS.get(first.kind, "cell")) + _layer(first)


def _alone(term: Term, layout: Layout) -> str:
    if term.kind in _NAMES:
        return _NAMES[term.kind]
    if term.kind == "miss":
        return _miss(term, layout)
    if term.kind == "part":
        return f"the part {layout.label(term)} of the cost"
    bias = term.kind == "w" and is_bias(term, layout.sizes)
    return f"the bias {layout.label(term)}" if bias else layout.label(term)


def _layer(term: Term) -> str:
    return f" of layer {term.layer}" if term.kind in _LAYERED else ""


def _miss(term: Term, layout: Layout, layer: str = "") -> str:
    """Return a0-T0, or the other way round where the sheet takes it so."""
    last = len(layout.sizes) - 1
    a = layout.own_name(Term("a", last, term.i)) or f"a{term.i}{layer}"
    target = layout.own_name(Term("target", 0, term.i)) or f"T{term.i}"
    return f"{a}-{target}" if layout.conventions_of(term).difference == "a-T" else f"{target}-{a}"


def cost_letter(layout: Layout) -> str:
    """Return what stands for the cost in a derivative: C, or the sheet's own short name for it."""
    own = layout.own_name(COST)
    return own if own is not None and len(own) <= _LONGEST_COST and " " not in own else "C"


def sum_letter(layer: int, i: int, layout: Layout) -> str:
    """Return what stands for a neuron's weighted sum: z0(1), or the sheet's own name for it."""
    own = layout.own_name(Term("z", layer, i))
    name = own or neuron_name(layout, layer, i)
    if name is None:
        return f"z{i}({layer})"
    return own or "z_" + re.sub(r"^(?:a|act|out)_", "", name)


def neuron(layer: int, i: int, layout: Layout) -> str:
    """Return how a neuron is called: input 0, hidden neuron 0, output 0; or as the sheet itself calls it."""
    sizes = layout.sizes
    if (own := neuron_name(layout, layer, i)) is not None:
        return own
    if layer == 0:
        return f"input {i}"
    if layer == len(sizes) - 1:
        return f"output {i}"
    return f"hidden neuron {i}" if len(sizes) == 3 else f"neuron {i} of layer {layer}"
