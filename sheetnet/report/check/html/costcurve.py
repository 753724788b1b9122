"""The cost, step by step, as a curve: the sheet's own and the right one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sheetnet.net.terms import COST
from sheetnet.report.check.html.view import NetView
from sheetnet.report.html.markup import Markup, element

Array = NDArray[np.float64]

BUCKETS = 400
"""Of so many stretches of a long curve each has its least and largest cost drawn."""
DECADES = 16
"""Powers of ten that a logarithmic axis has at most; what is smaller lies on its floor."""
WIDE = 50
"""From this ratio of the largest to the smallest cost on the axis is logarithmic."""

_WIDTH, _HEIGHT = 620, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 16, 34, 46


@dataclass(frozen=True, slots=True)
class Axis:
    """What the curve's height says: costs from `low` to `high`, on a logarithmic scale or a linear one.

    `clips` tells that smaller costs lie on its floor.
    """

    low: float
    high: float
    logarithmic: bool
    clips: bool = False

    @classmethod
    def of(cls, *curves: Array) -> "Axis | None":
        """Return the axis on which all finite costs fit, None when there is none."""
        costs = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
        if not costs.size:
            return None
        low, high = float(costs.min()), float(costs.max())
        above = costs[costs > 0]
        if low >= 0 and above.size and high > WIDE * float(above.min()):
            floor = max(float(above.min()), high / 10.0**DECADES)
            bottom, top = 10.0 ** math.floor(math.log10(floor)), 10.0 ** math.ceil(math.log10(high))
            return cls(bottom, top, True, clips=low < bottom)
        base = min(low, 0)
        span = max(high, 0) - base or 1.0
        step = _step(span)
        return cls(math.floor(base / step) * step, math.ceil((base + span) / step) * step, False)

    def part(self, costs: Array) -> Array:
        """Return how far up the axis costs are, 0 … 1."""
        if self.logarithmic:
            low, high = math.log10(self.low), math.log10(self.high)
            return np.asarray((np.log10(np.maximum(costs, self.low)) - low) / (high - low))
        return (costs - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return the costs that are written beside the axis, at most seven."""
        if self.logarithmic:
            low, high = round(math.log10(self.low)), round(math.log10(self.high))
            return [10.0**power for power in range(low, high + 1, max(1, -(-(high - low) // 6)))]
        step = _step(self.high - self.low)
        return [round(self.low / step + i) * step for i in range(round((self.high - self.low) / step) + 1)]


def passes(costs: Array, patterns: int) -> Array:
    """Return the mean cost of each whole pass over the patterns, shape (passes,)."""
    whole = len(costs) // patterns
    return costs[: whole * patterns].reshape(whole, patterns).mean(axis=1) if whole else costs


def differ(own: Array, right: Array | None) -> bool:
    """Tell whether two curves can be told apart, as numbers do."""
    return right is not None and not np.allclose(own, right, rtol=1e-6, atol=1e-15, equal_nan=True)


def thinned(costs: Array, most: int = BUCKETS) -> NDArray[np.intp]:
    """Return which points of a curve are drawn: the least and the largest of each of `most` stretches.

    A stretch with a cost that is no number also has its first such point, so that the gap is seen; both ends
    are always there.
    """
    if len(costs) <= 2 * most:
        return np.arange(len(costs))
    chosen = {0, len(costs) - 1}
    bounds = np.linspace(0, len(costs), most + 1).astype(int)
    for start, end in pairwise(bounds.tolist()):
        part = costs[start:end]
        finite = np.isfinite(part)
        if finite.any():
            chosen.add(int(start + np.where(finite, part, np.inf).argmin()))
            chosen.add(int(start + np.where(finite, part, -np.inf).argmax()))
        if not finite.all():
            chosen.add(int(start + finite.argmin()))
    return np.array(sorted(chosen))


def cost_curve(view: NetView) -> Markup | None:
    """Return the drawing, None where the sheet holds no cost."""
    net, patterns = view.net, view.net.layout.patterns
    if COST not in net.own:
        return None
    own = passes(net.own[COST], patterns)
    right = None if net.right is None or COST not in net.right else passes(net.right[COST], patterns)
    if not differ(own, right):
        right = None
    axis = Axis.of(own) if right is None else Axis.of(own, right)
    if axis is None:
        return None
    steps = max(len(own) * patterns - 1, 1)
    curves = [] if right is None else [_path(right, axis, patterns, steps, "curve right")]
    curves.append(_path(own, axis, patterns, steps, "curve own"))
    first, last = view.wording.number(float(own[0])), view.wording.number(float(own[-1]))
    return element(
        "svg",
        element("title", view.wording("curve_title")),
        element(
            "desc", view.wording("curve_desc", first=first, last=last, steps=view.wording.integer(steps))
        ),
        _axes(view, axis, steps),
        curves,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        width=_WIDTH,
        height=_HEIGHT,
        role="img",
        class_="chart",
    )


def _x(step: Array | float, steps: int) -> Array:
    return np.asarray(_LEFT + (_WIDTH - _LEFT - _RIGHT) * np.asarray(step) / steps)


def _y(part: Array) -> Array:
    return np.asarray(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * part)


def _path(costs: Array, axis: Axis, patterns: int, steps: int, kind: str) -> Markup:
    """Return a curve, with gaps where the cost is no number; a lone point is a dot."""
    points = thinned(costs)
    xs, ys = _x(np.asarray((points + 1.0) * patterns - 1, np.float64), steps), _y(axis.part(costs[points]))
    text, drawing = [], False
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if math.isfinite(y):
            text.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}" + ("" if drawing else "h0"))
        drawing = math.isfinite(y)
    return element("path", d="".join(text), class_=kind)


def _axes(view: NetView, axis: Axis, steps: int) -> Iterator[Markup]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for cost in axis.ticks():
        y = float(_y(axis.part(np.array(cost))))
        yield element("line", x1=_LEFT, y1=y, x2=right, y2=y, class_="guide")
        below = "≤ " if axis.clips and cost == axis.low else ""
        yield element("text", f"{below}{view.wording.number(cost, 3)}", x=_LEFT - 8, y=y + 4, class_="left")
    unit = max(round(_step(float(steps))), 1)
    for step in range(0, steps + 1, unit):
        x = float(_x(step, steps))
        yield element("line", x1=x, y1=bottom, x2=x, y2=bottom + 5, class_="axis")
        yield element("text", view.wording.integer(step), x=x, y=bottom + 19)
    yield element("line", x1=_LEFT, y1=bottom, x2=right, y2=bottom, class_="axis")
    height = view.wording("mean_cost" if view.net.layout.patterns > 1 else "cost")
    height += f" ({view.wording('logarithmic')})" if axis.logarithmic else ""
    yield element("text", height, x=8, y=18, class_="name")
    yield element("text", view.wording("step"), x=right, y=_HEIGHT - 8, class_="name end")


def _step(span: float) -> float:
    """Return a round number, 1, 2 or 5 times a power of ten, of which four to eight fill a span."""
    power = 10.0 ** math.floor(math.log10(span / 4))
    return next((power * unit for unit in (5, 2, 1) if span / (power * unit) >= 4), power)
