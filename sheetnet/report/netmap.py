"""The map of a net on a sheet of a layout of its own: what is computed from what, and where it stands."""

from collections.abc import Iterator, Sequence

from sheetnet.book.grid import Book
from sheetnet.formula.address import a1
from sheetnet.jobs.reading import ReadNet
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Activation
from sheetnet.net.terms import COST, Kind, Term, is_bias
from sheetnet.report.net import BATCHES, COSTS, activations, signs
from sheetnet.report.places import (
    is_blocks,
    place_of,
    rate_label,
    scale_text,
    spans,
    step_name,
    step_noun,
    steps_text,
)
from sheetnet.report.wording import wording
from sheetnet.report.words import amount, item, listing, name_runs

_NAME = 15
_MOST_NEURONS, _MOST_INPUTS, _MOST_NAMES = 12, 6, 8
"""Neurons of a layer, products of a sum and names that are told; of more, the first ones."""
_KINDS: dict[Kind, str] = {
    "w": "weights",
    "z": "sums",
    "a": "values",
    "slope": "slopes",
    "delta": "δ",
    "pull": "∂C/∂a",
    "path": "paths back",
    "gradient": "gradients",
    "new": "new weights",
    "miss": "a-T",
    "part": "parts of the cost",
}
_SIGNS: dict[Activation, str] = {
    "sigmoid": "σ",
    "tanh": "tanh",
    "relu": "relu",
    "linear": "",
    "softmax": "softmax",
}


def net_map(book: Book, net: ReadNet) -> list[str]:
    """Return the map, at most 80 columns wide."""
    layout = net.layout
    told = activations(net.conventions, net.layout)
    lines = [f"{layout.sheet}  {layout.name} net, {told}"]
    noun = step_noun(layout)
    heads = f"; labels in {noun} {step_name(layout, layout.label_row)}"
    count = f"step 0 in {steps_text(layout)}" if layout.steps == 1 else f"in {steps_text(layout)}"
    steps = count if layout.steps == 1 else f"steps 0-{layout.steps - 1} {count}"
    named = layout.names and not is_blocks(layout)
    lines += item(f"{noun}s", steps + (heads if named else ""), _NAME)
    if layout.tail:
        more = step_name(layout, layout.last_row + 1)
        lines += item("", f"{noun} {more} has the weights of one more step; train completes it", _NAME)
    lines += item("learning rate", _rate(book, layout), _NAME)
    lines += item("patterns", _patterns(layout), _NAME)
    lines += item("inputs", _given(layout, "a"), _NAME)
    for layer in range(1, len(layout.sizes)):
        lines += _layer(net, layer)
    lines += item("targets", _given(layout, "target"), _NAME)
    lines += item("cost", _cost(net), _NAME)
    lines += _backward(net)
    lines += _conventions(net)
    if layout.beside:
        places = listing(spans(layout, layout.beside))
        lines += item("helpers", f"{places}: formulas beside the net's", _NAME)
    if net.departed:
        lines += item("not the rule", ", ".join(map(str, net.departed)), _NAME)
    if net.typed:
        lines += item("no formulas", "numbers stand in " + ", ".join(map(str, net.typed)), _NAME)
    return lines


def _rate(book: Book, layout: Layout) -> str:
    rate = amount(layout.learning_rate)
    if layout.rate is None:
        return f"{rate}, a number inside the formulas: each update multiplies by it"
    label = rate_label(book, layout)
    called = f', called "{label}"' if label else ""
    return f"{rate} in {layout.rate_address}{called}: each update multiplies by it"


def _patterns(layout: Layout) -> str:
    noun = step_noun(layout)
    first, last = (
        step_name(layout, row) for row in (layout.first_row, layout.first_row + layout.patterns - 1)
    )
    if layout.patterns == 1:
        return f"1, in {noun} {first}"
    return f"{layout.patterns}, in {noun}s {first}-{last}, in turn"


def _given(layout: Layout, kind: Kind) -> str:
    """Return the inputs or the targets, each with its name and place, or the number that it is."""
    size = layout.sizes[0 if kind == "a" else -1]
    terms = [Term(kind, 0, i) for i in range(size)]
    if any(term in layout.columns for term in terms) and (
        size > _MOST_NAMES or not all(map(layout.own_name, terms))
    ):
        return f"{size}, in {place_of(layout, terms)}"
    return ", ".join(_placed(term, layout) for term in terms)


def _placed(term: Term, layout: Layout) -> str:
    if term in layout.numbers:
        return f"{amount(layout.numbers[term])} in the formulas"
    place = place_of(layout, [term])
    name = layout.named(term)
    return f"{name} ({place})" if place else f"{name} (no cell)"


# ---------------------------------------------------------------- forward


def _layer(net: ReadNet, layer: int) -> list[str]:
    layout = net.layout
    parts = [f"{_KINDS[kind]} {place}" for kind in ("w", "z", "a") if (place := _places(layout, kind, layer))]
    lines = item(f"layer {layer}", "; ".join(parts), _NAME)
    size = layout.sizes[layer]
    for i in range(min(size, _MOST_NEURONS)):
        lines += item("", _neuron(net, layer, i), _NAME)
    if size > _MOST_NEURONS:
        lines += item("", f"and {size - _MOST_NEURONS} more like these", _NAME)
    return lines


def _places(layout: Layout, kind: Kind, layer: int | None = None) -> str:
    return place_of(
        layout,
        [term for term in layout.columns if term.kind == kind and layer in (None, term.layer)],
    )


def _neuron(net: ReadNet, layer: int, i: int) -> str:
    """Return how a neuron's value comes about: h1 = w1·i1 + w2·i2, a_h1 = σ(h1)."""
    layout = net.layout
    a, z = Term("a", layer, i), Term("z", layer, i)
    total = " + ".join(_shown(list(_products(net, layer, i))))
    sign = _SIGNS[net.conventions.activation(layer)]
    if z in layout.columns:
        return f"{layout.named(z)} = {total}, {layout.named(a)} = {_of(sign, layout.named(z))}"
    return f"{layout.named(a)} = {_of(sign, total)}"


def _of(sign: str, text: str) -> str:
    return f"{sign}({text})" if sign else text


def _products(net: ReadNet, layer: int, i: int) -> Iterator[str]:
    layout, before = net.layout, net.layout.sizes[layer - 1]
    for j in range(before + layout.has_biases):
        weight = Term("w", layer, i, j)
        if j == before:
            yield _factor(weight, layout)
        else:
            yield f"{_factor(weight, layout)}·{_factor(Term('a', layer - 1, j), layout)}"


def _factor(term: Term, layout: Layout) -> str:
    return amount(layout.numbers[term]) if term in layout.numbers else layout.named(term)


def _shown(products: Sequence[str]) -> list[str]:
    if len(products) <= _MOST_INPUTS:
        return list(products)
    return [*products[: _MOST_INPUTS - 2], "…", products[-1]]


# ---------------------------------------------------------------- cost and backward


def _cost(net: ReadNet) -> str:
    layout = net.layout
    text = f"{_placed(COST, layout)}: {COSTS[net.conventions.cost]}"
    parts = _places(layout, "part")
    return f"{text}, added up from {parts}" if parts else text


def _backward(net: ReadNet) -> list[str]:
    layout = net.layout
    lines: list[str] = []
    for kind in ("miss", "slope", "path", "pull", "delta", "gradient", "new"):
        terms = sorted(term for term in layout.own_columns if term.kind == kind)
        if not terms:
            continue
        names = [layout.own_name(term) for term in terms]
        told = name_runs([name for name in names if name])
        called = f": {', '.join(told)}" if all(names) and len(told) <= _MOST_NAMES else ""
        lines += item(_KINDS[kind], f"{place_of(layout, terms)}{called}", _NAME)
    missing = [
        name
        for kind, name in (("z", "weighted sums"), ("delta", "δ"), ("gradient", "gradients"))
        if not layout.of(kind)
    ]
    if missing:
        lines += item("no cells", f"{listing(missing)}: inside the formulas that need them", _NAME)
    return lines


def _conventions(net: ReadNet) -> list[str]:
    layout, conventions = net.layout, net.conventions
    biases = place_of(
        layout, [term for term in layout.columns if term.kind == "w" and is_bias(term, layout.sizes)]
    )
    treated = {
        "trained": f"one a neuron: {biases}",
        "fixed": f"never updated: {biases}",
        "shared": f"one a layer, which its neurons share: {biases}",
        "none": "none",
    }
    lines = item("biases", treated[conventions.biases], _NAME)
    if conventions.order != "simultaneous":
        lines += item(
            "order", "layers are updated from the outputs back, each before the next δ is taken", _NAME
        )
    if told := signs(conventions, own=True):
        lines += item("signs", "; ".join(told), _NAME)
    if scale := scale_text(layout, wording("en")):
        lines += item("scale", scale, _NAME)
    if conventions.batch != "one":
        lines += item("batch", BATCHES[conventions.batch], _NAME)
    return lines


def terms_json(layout: Layout) -> list[dict[str, object]]:
    """Return every quantity of a net with its name and its cell in step 0; None where it has none."""
    found: list[dict[str, object]] = []
    for term in sorted({*layout.columns, *layout.numbers}, key=lambda term: (term.layer, term)):
        place = layout.place(term, 0)
        found.append(
            {
                "term": layout.label(term),
                "name": layout.own_name(term),
                "kind": term.kind,
                "layer": term.layer,
                "i": term.i,
                "j": term.j,
                "sheet": None if place is None else place[0],
                "cell": None if place is None else a1(*place[1:]),
                "number": layout.numbers.get(term),
            }
        )
    return found
