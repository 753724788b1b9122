"""One net on the page: the verdict, how it was read, drawings, cards and rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from sheetnet.jobs.checking import CheckedNet
from sheetnet.net.terms import COST
from sheetnet.report.check.html.card import card
from sheetnet.report.check.html.costcurve import cost_curve, differ, passes
from sheetnet.report.check.html.gridtable import grid_table
from sheetnet.report.check.html.netdrawing import net_drawing
from sheetnet.report.check.html.view import NetView
from sheetnet.report.check.html.weighttable import weight_table
from sheetnet.report.html.markup import Markup, element
from sheetnet.report.places import first_cell, is_blocks, spans, step_name, step_noun, steps_text
from sheetnet.report.wording import Wording, wording

VERDICTS = {"right": "✓", "error": "✗", "warning": "?"}
"""The sign before a verdict."""


def verdict(net: CheckedNet, say: Wording) -> tuple[str, str]:
    """Return what kind of verdict a net gets, and its words: 2 mistakes, 1 remark."""
    counts = {
        severity: sum(finding.severity == severity for finding in net.findings)
        for severity in ("error", "warning", "remark")
    }
    words = [say.count(count, severity) for severity, count in counts.items() if count]
    kind = next((severity for severity in ("error", "warning") if counts[severity]), "right")
    if net.hidden and kind == "right":
        return kind, say("nothing_shown")
    return kind, ", ".join(words if counts["error"] else [say("right"), *words])


def net_name(net: CheckedNet, nets: Sequence[CheckedNet]) -> str:
    """Return the sheet's name, with the net's first cell where the sheet has several nets."""
    layout = net.layout
    alone = sum(other.layout.sheet == layout.sheet for other in nets) == 1
    return layout.sheet if alone else f"{layout.sheet} {first_cell(layout)}"


def net_section(view: NetView, alike: Mapping[str, Sequence[tuple[str, str]]]) -> Markup:
    """Return the whole section; `alike` is for the cards."""
    net, say = view.net, view.wording
    kind, words = verdict(net, say)
    curve = cost_curve(view)
    figures = [_figure(view, "net", net_drawing(view), _net_key(view))]
    if curve is not None:
        figures.append(_figure(view, "curve", curve, _curve_key(view)))
    findings = [card(view, number, alike) for number in range(1, len(net.findings) + 1)]
    return element(
        "section",
        element("h3", view.name, " ", element("small", say("net_of", sizes=net.layout.name))),
        element("p", element("b", VERDICTS[kind], " ", words), class_=f"verdict {kind}"),
        element("ul", [element("li", sentence) for sentence in _summary(view)], class_="summary"),
        [element("h4", say("findings")), element("div", findings, class_="cards")] if findings else None,
        [element("h4", say("rows")), element("p", say("rows_key"), class_="key"), grid_table(view)]
        if findings and not is_blocks(view.net.layout)
        else None,
        element("h4", say("pictures")),
        element("div", figures, class_="figures"),
        weight_table(view),
        element("h4", say("read_as")),
        element("dl", _reading(view), class_="reading"),
        id=view.anchor,
        class_="net",
    )


def _summary(view: NetView) -> Iterator[str]:
    """Yield what the findings alone don't say."""
    net, say = view.net, view.wording
    judged = say.count(net.judged, "formulas")
    yield say("judged" if net.faults or net.hidden else "all_follow", formulas=judged)
    if net.hidden:
        yield say.count(net.hidden, "hidden")
    if net.slopes is not None and not (net.slopes and net.faults and net.layout.by_formulas):
        key = "slopes_agree" if net.slopes else "slopes_differ"
        yield say(f"{key}_own" if net.layout.by_formulas else key)
    if net.follow and not net.hidden:
        yield say("follow", cells=say.count(net.follow, "other_cells"))
    if net.right is not None and COST in net.right and COST in net.own:
        patterns = net.layout.patterns
        own, right = passes(net.own[COST], patterns), passes(net.right[COST], patterns)
        if differ(own, right):
            last = {"own": say.number(float(own[-1]), 3), "right": say.number(float(right[-1]), 3)}
            yield say("falls" if own[-1] < own[0] else "ends", **last)


def _figure(view: NetView, key: str, drawing: Markup, explanation: Markup) -> Markup:
    name = element("b", view.wording(key))
    box = element("div", drawing, class_="scroll", tabindex="0", role="region", aria_label=view.named(key))
    return element("figure", element("figcaption", name, explanation), box)


def _sample(kind: str, text: str) -> Markup:
    """Return a piece of line and what it means."""
    line = element("line", x1=1, y1=6, x2=31, y2=6, stroke_width=3, class_=kind)
    sample = element("svg", line, width=32, height=12, aria_hidden="true", class_="sample")
    return element("li", sample, " ", text)


def _net_key(view: NetView) -> Markup:
    say, layout = view.wording, view.net.layout
    text = say("net_key", step=say.integer(layout.steps - 1), place=_step_text(view, layout.last_row))
    lines = [_sample(kind, say(kind)) for kind in ("positive", "negative")]
    return element("ul", lines, element("li", text), class_="key")


def _step_text(view: NetView, row: int) -> str:
    """Return the row of the sheet, or the column, in which a row of the table is."""
    key = {"row": "net.row", "column": "net.column", "page": "net.page", "step": "where.step"}[
        step_noun(view.net.layout)
    ]
    return wording(view.wording.code)(key, first=step_name(view.net.layout, row))


def _curve_key(view: NetView) -> Markup:
    net, say = view.net, view.wording
    right = None if net.right is None else net.right.get(COST)
    lines = [_sample("curve own", say("own_curve"))]
    if right is not None and differ(net.own[COST], right):
        lines.append(_sample("curve right", say("right_curve")))
    elif right is not None:
        lines.append(element("li", say("same_curve")))
    return element("ul", lines, class_="key")


def _reading(view: NetView) -> Iterator[Markup]:
    """Yield how the sheet was read, and which conventions hold."""
    say, layout, conventions = view.wording, view.net.layout, view.net.conventions
    words = wording(say.code)
    rows = steps_text(layout, wording(say.code)).replace("-", "–")
    entries = [
        (say("rate"), view.rate),
        (
            say("rows_read"),
            say("steps_pages" if layout.pages else "steps", last=say.integer(layout.steps - 1), rows=rows),
        ),
        (say("patterns"), say.integer(layout.patterns) if layout.patterns > 1 else ""),
    ]
    entries += [
        say.convention(choice.name, getattr(conventions, choice.name))
        for choice in fields(conventions)
        if choice.name != "gradients" or layout.gradients
    ]
    for key, kind, layer in (
        ("inputs", "a", 0),
        ("weights", "w", None),
        ("deltas", "delta", None),
        ("targets", "target", None),
        ("cost", "cost", None),
        ("gradients", "gradient", None),
    ):
        entries.append((say(key), ", ".join(spans(layout, layout.of(kind, layer), words))))
    entries.append((say("beside"), ", ".join(spans(layout, layout.beside, words))))
    for name, text in entries:
        if text:
            yield element("div", element("dt", name), element("dd", text))
