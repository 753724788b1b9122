"""Bars: shares of a whole as drawings that fill their place, told by pattern and number beside colour."""

from collections.abc import Iterator, Mapping, Sequence

from sheetnet.report.html.markup import Markup, element
from sheetnet.report.marks.html.view import GROUPS, SIGNS, Group, MarkView

NARROW = 0.045
"""The share of a bar below which a part's number does not fit into it."""
BINS = 10
"""Stretches of the share of the marks in which students are counted."""

_HEIGHT = 22
_WIDTH, _TALL, _LEFT, _RIGHT, _TOP, _BOTTOM = 340, 210, 14, 18, 34, 44
_PATTERNS: Mapping[Group, tuple[str, int]] = {
    "own": ("M0 0h2v2h-2z M4 4h2v2h-2z", 8),
    "nearly": ("M0 6L6 0 M-1 1L1 -1 M5 7L7 5", 6),
    "mistake": ("M0 0L7 7 M0 7L7 0", 7),
    "nothing": ("M0 4h1", 8),
}
"""Group → the strokes that fill its parts, and the side of the square that is repeated, in pixels."""


def patterns() -> Markup:
    """Return the patterns of all bars of a page, which stands in it once."""
    found = [
        element(
            "pattern",
            element("path", d=strokes, class_="stroke"),
            id=f"pattern-{group}",
            width=side,
            height=side,
            patternUnits="userSpaceOnUse",
        )
        for group, (strokes, side) in _PATTERNS.items()
    ]
    return element("svg", element("defs", found), width=0, height=0, aria_hidden="true", class_="unseen")


def stack(view: MarkView, name: str, counts: Mapping[Group, int], *, desc: str = "") -> Markup:
    """Return a bar of as many parts as there are groups with a count, each as long as its share."""
    total = sum(counts.values())
    title = view.say("bar_title", name=name, parts=parts_text(view, counts))
    return element(
        "svg",
        element("title", title),
        element("desc", desc) if desc else None,
        list(_parts(view, counts, total)),
        element("rect", x=0, y=0, width="100%", height=_HEIGHT, class_="frame"),
        width="100%",
        height=_HEIGHT,
        role="img",
        class_="bar",
    )


def parts_text(view: MarkView, counts: Mapping[Group, int]) -> str:
    """Return the parts of a bar in words: 12 right, 3 not yet."""
    found = [f"{view.say.integer(counts[g])} {view.say(f'groups.{g}')}" for g in GROUPS if counts.get(g)]
    return ", ".join(found) or "0"


def stack_key(view: MarkView, counts: Mapping[Group, int] | None = None) -> Markup:
    """Return what the parts of bars mean; with `counts` only those that there are, and how many."""
    items = []
    for group in GROUPS:
        if counts is None or counts[group]:
            number = "" if counts is None else f"{view.say.integer(counts[group])} "
            sample = element("svg", _fill(group, "0", "100%"), width=22, height=14, aria_hidden="true")
            items.append(
                element(
                    "li",
                    element("span", sample, class_="sample"),
                    f" {number}{SIGNS[group]} {view.say(f'groups.{group}')}",
                )
            )
    return element("ul", items, class_="key")


def bar(title: str, desc: str, share: float) -> Markup:
    """Return a plain bar of which a share is filled, 0 … 1."""
    return element(
        "svg",
        element("title", title),
        element("desc", desc),
        element("rect", x=0, y=0, width=_percent(share), height=_HEIGHT, class_="part mistake"),
        element("rect", x=0, y=0, width=_percent(share), height=_HEIGHT, fill="url(#pattern-mistake)"),
        element("rect", x=0, y=0, width="100%", height=_HEIGHT, class_="frame"),
        width="100%",
        height=_HEIGHT,
        role="img",
        class_="bar",
    )


def histogram(view: MarkView, counts: Sequence[int]) -> Markup:
    """Return how many students have which share of the marks, `counts` of shape (BINS,), the lowest first."""
    say, most = view.say, max(*counts, 1)
    step, bottom = (_WIDTH - _LEFT - _RIGHT) / BINS, _TALL - _BOTTOM
    high = bottom - _TOP
    told = [
        f"{say('range', low=100 // BINS * k, high=100 // BINS * (k + 1))}: {say.count(count, 'students')}"
        for k, count in enumerate(counts)
        if count
    ]
    drawn: list[Markup] = []
    for k, count in enumerate(counts):
        x, height = _LEFT + k * step, high * count / most
        drawn.append(
            element("rect", x=x + 2, y=bottom - height, width=step - 4, height=height, class_="column")
        )
        if count:
            drawn.append(element("text", say.integer(count), x=x + step / 2, y=bottom - height - 5))
    for k in range(BINS + 1):
        x = _LEFT + k * step
        drawn.append(element("line", x1=x, y1=bottom, x2=x, y2=bottom + 4, class_="axis"))
        if k % 2 == 0:
            drawn.append(element("text", str(100 // BINS * k), x=x, y=bottom + 18))
    return element(
        "svg",
        element("title", say("distribution_title")),
        element("desc", say("distribution_desc", parts="; ".join(told))),
        drawn,
        element("line", x1=_LEFT, y1=bottom, x2=_WIDTH - _RIGHT, y2=bottom, class_="axis"),
        element("text", say("students_axis"), x=2, y=12, class_="name start"),
        element("text", say("share_axis"), x=_WIDTH - _RIGHT, y=_TALL - 6, class_="name end"),
        viewBox=f"0 0 {_WIDTH} {_TALL}",
        width=_WIDTH,
        height=_TALL,
        role="img",
        class_="histogram",
    )


def _parts(view: MarkView, counts: Mapping[Group, int], total: int) -> Iterator[Markup]:
    start = 0
    for group in GROUPS:
        count = counts.get(group, 0)
        if not count:
            continue
        yield from _fill(group, _percent(start / total), _percent(count / total))
        if count / total >= NARROW:
            middle = _percent((start + count / 2) / total)
            yield element("text", view.say.integer(count), x=middle, y=_HEIGHT / 2 + 5, class_="count")
        start += count


def _fill(group: Group, x: str, width: str) -> Iterator[Markup]:
    """Yield a part: its colour, and over it its pattern."""
    yield element("rect", x=x, y=0, width=width, height=_HEIGHT, class_=f"part {group}")
    if group in _PATTERNS:
        yield element("rect", x=x, y=0, width=width, height=_HEIGHT, fill=f"url(#pattern-{group})")


def _percent(share: float) -> str:
    return f"{100 * share:.3f}%"
