"""Where the parts of a net stand in its drawing; of a large layer a few neurons are drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sheetnet.jobs.checking import CheckedNet
from sheetnet.net.terms import COST, Term
from sheetnet.report.check.html.excerpt import gaps, shortened

MOST_NEURONS = 12
"""Neurons of a layer that are drawn."""
BEFORE_TARGET = 82
"""From an output to its target."""
TOP = 46
"""Room above the neurons, for the names of the layers."""
_LEFT, _OUTCOME = 48, 240
_TALL = 5
"""Neurons above each other up to which all are drawn large."""
_LAYERS = 3
"""Layers up to which a drawing is no wider than half a page."""
_FULL = 25.0
"""Radius of a neuron that is drawn large."""


class Point(NamedTuple):
    """A place in the drawing, from its top left corner."""

    x: float
    y: float

    def toward(self, end: "Point", part: float) -> "Point":
        """Return the place on the line from here to `end`: 0 is here, 1 is there."""
        return Point(self.x + part * (end.x - self.x), self.y + part * (end.y - self.y))


class Line(NamedTuple):
    """A weight that is drawn."""

    term: Term
    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class NetShape:
    """Places of neurons by layer and index, of bias nodes by the layer they feed, and of what is left out."""

    neurons: dict[tuple[int, int], Point]
    biases: dict[int, Point]
    left_out: list[tuple[Point, int]]
    radius: float
    width: float
    height: float

    @classmethod
    def of(cls, net: CheckedNet) -> "NetShape":
        """Return the places of a net's parts; neurons of findings are among those drawn."""
        layout = net.layout
        last = len(layout.sizes) - 1
        shown = [_shown(net, layer) for layer in range(last + 1)]
        counts = [
            len(neurons)
            + sum(left_out > 0 for _, left_out in gaps(neurons))
            + (layout.has_biases and layer < last)
            for layer, neurons in enumerate(shown)
        ]
        most = max(counts)
        step = 92.0 if most <= _TALL else max(44.0, 460 / most)
        between = 185 if most <= _TALL else 240
        height = TOP + most * step
        shape = cls({}, {}, [], min(_FULL, 0.4 * step), _LEFT + last * between + _OUTCOME, height + 8)
        for layer, neurons in enumerate(shown):
            x, y = _LEFT + layer * between, TOP + (most - counts[layer]) * step / 2 + step / 2
            for i, left_out in gaps(neurons):
                if left_out:
                    shape.left_out.append((Point(x, y), left_out))
                    y += step
                shape.neurons[layer, i] = Point(x, y)
                y += step
            if layout.has_biases and layer < last:
                shape.biases[layer + 1] = Point(x, y)
        return shape

    @property
    def large(self) -> bool:
        """Whether there is room for a number in a neuron."""
        return self.radius == _FULL

    @property
    def wide(self) -> bool:
        """Whether the drawing needs the width of the page."""
        return not self.large or len({layer for layer, _ in self.neurons}) > _LAYERS

    def lines(self, sizes: tuple[int, ...]) -> Iterator[Line]:
        """Yield the weights between neurons that are drawn."""
        for layer, (before, after) in enumerate(pairwise(sizes), start=1):
            sources = [
                (j, self.neurons[layer - 1, j]) for j in range(before) if (layer - 1, j) in self.neurons
            ]
            sources += [(before, self.biases[layer])] if layer in self.biases else []
            for i in range(after):
                if (layer, i) in self.neurons:
                    for j, place in sources:
                        yield Line(Term("w", layer, i, j), place, self.neurons[layer, i])

    def targets(self, last: int) -> Iterator[tuple[int, Point]]:
        """Yield where the targets stand, right of the outputs, layer `last`."""
        for (layer, i), place in self.neurons.items():
            if layer == last:
                yield i, Point(place.x + BEFORE_TARGET, place.y)

    @property
    def cost(self) -> Point:
        """Where the cost stands, right of everything."""
        return Point(self.width - 58, TOP + (self.height - TOP) / 2 - 4)

    @property
    def rate(self) -> Point:
        """Where the learning rate begins."""
        return Point(self.width - 104, self.height - 12)


def part(term: Term, last: int) -> Term:
    """Return the term that is drawn for a term: a neuron for its δ, a weight for its dC/dW, C for its mean.

    What belongs to no layer and is none of these, as a − T, is drawn at the outputs, layer `last`.
    """
    match term.kind:
        case "a" | "w" | "target" | "cost" | "learning_rate" | "step":
            return term
        case "gradient":
            return term._replace(kind="w")
        case "mean_cost":
            return COST
    return Term("a", term.layer or last, term.i)


def _shown(net: CheckedNet, layer: int) -> tuple[int, ...]:
    """Return the neurons of a layer that are drawn."""
    sizes = net.layout.sizes
    size, most = sizes[layer], min(sizes[layer], MOST_NEURONS)
    faulty = {
        i
        for finding in net.findings
        for term in finding.terms
        for of, i in _neurons(part(term, len(sizes) - 1), len(sizes) - 1)
        if of == layer and i < size
    }
    return shortened([*range(min(3, size)), size - 1, *sorted(faulty), *range(size)], most)


def _neurons(drawn: Term, last: int) -> Iterator[tuple[int, int]]:
    """Yield the layers and indices of the neurons that something drawn is at."""
    match drawn.kind:
        case "a":
            yield drawn.layer, drawn.i
        case "w":
            yield from ((drawn.layer, drawn.i), (drawn.layer - 1, drawn.j))
        case "target":
            yield last, drawn.i
