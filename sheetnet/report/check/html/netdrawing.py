"""The net as a drawing: neurons, weights as lines, and marks where something is wrong."""

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from typing import TypeAlias

import numpy as np

from sheetnet.net.terms import COST, LEARNING_RATE, Term, label
from sheetnet.report.check.html.netshape import BEFORE_TARGET, NetShape, Point
from sheetnet.report.check.html.view import NetView
from sheetnet.report.html.markup import Markup, clipped, element

Faults: TypeAlias = Mapping[Term, tuple[int, ...]]
"""The numbers of the findings at each part that is drawn."""

_LETTERS = 7
"""Letters of a name of the sheet's own in a neuron."""
_APART = 14
"""Least distance of two weights that are written."""
_MANY = 40
"""Weights of which all are drawn thick."""
_WRITTEN, _MARKED = 0.34, 0.66
"""Where on its line, between 0 and 1, a weight is written, and where marked."""


def net_drawing(view: NetView) -> Markup:
    """Return the net after its last step, as the sheet has it."""
    shape, faults = NetShape.of(view.net), view.faults
    return element(
        "svg",
        element("title", view.wording("net_title", net=view.net.layout.name)),
        element(
            "g",
            _weights(view, shape, faults),
            _outcome(view, shape, faults),
            _neurons(view, shape, faults),
            aria_hidden="true",
        ),
        _marks(view, shape, faults),
        viewBox=f"0 0 {shape.width:.0f} {shape.height:.0f}",
        width=shape.width,
        height=shape.height,
        role="group",
        class_="net wide" if shape.wide else "net",
    )


def _weights(view: NetView, shape: NetShape, faults: Faults) -> Iterator[Markup]:
    """Yield the lines, then the numbers beside them, where there is room for those of a whole layer."""
    drawn = list(shape.lines(view.net.layout.sizes))
    values = {line.term: _last(view, line.term) for line in drawn}
    largest = max((abs(value) for value in values.values() if np.isfinite(value)), default=0) or 1
    thickest = 5 if len(drawn) <= _MANY else 3
    texts = []
    for layer, lines in groupby(drawn, key=lambda line: line.term.layer):
        places = []
        for term, start, end in lines:
            value = values[term]
            number = view.wording.number(value)
            sign = "unknown" if not np.isfinite(value) else "negative" if value < 0 else "positive"
            width = 1 + thickest * abs(value) / largest if np.isfinite(value) else 1
            ends = {"x1": start.x, "y1": start.y, "x2": end.x, "y2": end.y}
            if faulty := faults.get(term):
                yield element("line", **ends, class_=f"halo {view.severity(faulty)}")
            name = view.wording("named", label=_label(view, term), layer=layer, value=number)
            yield element("line", element("title", name), **ends, stroke_width=width, class_=sign)
            places.append((start.toward(end, _WRITTEN), view.wording.number(value, 3)))
        heights = sorted(place.y for place, _ in places)
        if all(below - above >= _APART for above, below in pairwise(heights)):
            texts += [
                element("text", text, x=place.x, y=place.y + 4, class_="weight") for place, text in places
            ]
    yield from texts


def _neurons(view: NetView, shape: NetShape, faults: Faults) -> Iterator[Markup]:
    last = len(view.net.layout.sizes) - 1
    for layer in range(last + 1):
        text = view.wording("layer", layer=layer)
        yield element("text", text, x=shape.neurons[layer, 0].x, y=18, class_="layer")
    for (layer, i), (x, y) in shape.neurons.items():
        term = Term("a", layer, i)
        faulty = faults.get(term)
        kind = "input" if layer == 0 else "activation"
        value = view.wording.number(_last(view, term), 3)
        ring = f"ring {view.severity(faulty)}" if faulty else ""
        large = shape.large
        yield element(
            "g",
            element("title", view.wording("named", label=_label(view, term), layer=layer, value=value)),
            element("circle", cx=x, cy=y, r=shape.radius + 4, class_=ring) if faulty else None,
            element("circle", cx=x, cy=y, r=shape.radius, class_=kind),
            element(
                "text",
                clipped(_label(view, term), _LETTERS),
                x=x,
                y=y - 3 if large else y + 4,
                class_="neuron",
            ),
            element("text", value, x=x, y=y + 12, class_="amount") if large else None,
        )
    size = shape.radius * 0.62
    for layer, (x, y) in shape.biases.items():
        yield element(
            "g",
            element("title", view.wording("bias_node", layer=layer)),
            element("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, rx=4),
            element("text", "1", x=x, y=y + 4, class_="neuron"),
        )
    for (x, y), count in shape.left_out:
        text = view.wording("more", count=view.wording.integer(count))
        yield element("text", f"⋮ {text}", x=x, y=y + 4, class_="more")
    yield element("text", f"γ {view.rate}", x=shape.rate.x, y=shape.rate.y, class_="rate")


def _outcome(view: NetView, shape: NetShape, faults: Faults) -> Iterator[Markup]:
    """Yield the targets and the cost, right of the outputs."""
    targets = list(shape.targets(len(view.net.layout.sizes) - 1))
    for _, (x, y) in targets:
        yield element("line", x1=x - BEFORE_TARGET, y1=y, x2=x, y2=y, class_="path")
        yield element("line", x1=x, y1=y, x2=shape.cost.x, y2=shape.cost.y, class_="path")
    for i, place in targets:
        yield from _box(view, Term("target", 0, i), place, 70, faults)
    yield from _box(view, COST, shape.cost, 92, faults)


def _box(view: NetView, term: Term, place: Point, width: float, faults: Faults) -> Iterator[Markup]:
    x, y = place.x - width / 2, place.y - 13
    if faulty := faults.get(term):
        ring = f"ring {view.severity(faulty)}"
        yield element("rect", x=x - 4, y=y - 4, width=width + 8, height=34, rx=8, class_=ring)
    yield element("rect", x=x, y=y, width=width, height=26, rx=6, class_=term.kind)
    value = view.wording.number(_last(view, term), 3)
    name = _label(view, term)
    if name != label(term):
        name = clipped(name, max(int(width / 7) - len(value), 4))
    text = f"{name} {value}"
    yield element("text", text, x=place.x, y=place.y + 4, class_="neuron")


def _marks(view: NetView, shape: NetShape, faults: Faults) -> Iterator[Markup]:
    """Yield the numbers of the findings, at what they are about, as links to their cards."""
    for term, start, end in shape.lines(view.net.layout.sizes):
        yield from _mark(view, start.toward(end, _MARKED), faults.get(term))
    for (layer, i), (x, y) in shape.neurons.items():
        place = Point(x + shape.radius * 0.8, y - shape.radius)
        yield from _mark(view, place, faults.get(Term("a", layer, i)))
    for i, (x, y) in shape.targets(len(view.net.layout.sizes) - 1):
        yield from _mark(view, Point(x + 35, y - 15), faults.get(Term("target", 0, i)))
    yield from _mark(view, Point(shape.cost.x + 42, shape.cost.y - 16), faults.get(COST))
    yield from _mark(view, Point(shape.rate.x - 14, shape.rate.y - 5), faults.get(LEARNING_RATE))


def _mark(view: NetView, place: Point, numbers: tuple[int, ...] | None) -> Iterator[Markup]:
    if not numbers:
        return
    text = " ".join(map(str, numbers[:3])) + (" …" if len(numbers) > 3 else "")
    width = 13 + 7 * len(text)
    yield element(
        "a",
        element("rect", x=place.x - width / 2, y=place.y - 10, width=width, height=20, rx=10),
        element("text", text, x=place.x, y=place.y + 4),
        href=f"#{view.card(numbers[0])}",
        aria_label=view.wording("finding_link", numbers=", ".join(map(str, numbers))),
        class_=f"mark {view.severity(numbers)}",
    )


def _label(view: NetView, term: Term) -> str:
    """Return what the sheet itself calls a term, or the note's label."""
    own = view.net.layout.own_name(term)
    return label(term) if own is None else own


def _last(view: NetView, term: Term) -> float:
    """Return what the sheet's last row holds, nan where there is no number."""
    values = view.net.own.get(term)
    return float(values[-1]) if values is not None and len(values) else float("nan")
