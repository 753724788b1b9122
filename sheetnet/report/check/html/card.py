"""A finding as a card: what, where, found and expected, why, and how to mend it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import chain

from sheetnet.diagnosis.findings import Finding
from sheetnet.formula.address import a1
from sheetnet.report.check.html.excerpt import MOST_AREAS
from sheetnet.report.check.html.view import SIGNS, NetView
from sheetnet.report.html.markup import Markup, clipped, element, join

MOST_TEXT = 4000
"""Characters of a sentence that are shown."""
MOST_COMPARED = 400
"""Parts of a formula, names and signs, up to which two formulas are compared part by part."""
ALIKE = 0.5
"""How alike two formulas are, 0 … 1, whose differences say something."""
_PART = re.compile(r"\$?[A-Za-z]+\$?\d+|\w+(?:[.,]\d+)?|\s+|.", re.DOTALL)


def card(view: NetView, number: int, alike: Mapping[str, Sequence[tuple[str, str]]]) -> Markup:
    """Return one finding's card; `alike` has the anchors and sheets of each cause's findings."""
    finding, say = view.net.findings[number - 1], view.wording
    others = [(place, sheet) for place, sheet in alike.get(finding.cause, ()) if place != view.card(number)]
    return element(
        "article",
        element(
            "header",
            element("span", f"{SIGNS[finding.severity]}{number}", class_="badge", aria_hidden="true"),
            element("h5", view.words.title(finding, say.code)),
            element("p", say(finding.severity), " ", element("code", finding.code), class_="kind"),
        ),
        element(
            "dl",
            _entry(say("where"), _where(view, finding)),
            _comparison(view, finding),
            _entry(say("why"), clipped(view.words.message(finding, say.code), MOST_TEXT)),
            _entry(
                say("mend"), clipped(view.words.repair(finding.correct, finding.copies, say.code), MOST_TEXT)
            ),
            _entry(
                say("or"),
                _listed([view.words.title(replace(finding, code=code), say.code) for code in finding.also]),
            ),
            _entry(
                say("also_on"), _listed([element("a", sheet, href=f"#{place}") for place, sheet in others])
            ),
        ),
        id=view.card(number),
        class_=f"card {finding.severity}",
    )


def marked(text: str, other: str) -> Markup:
    """Return a formula in which the parts that the other one does not have are marked, if they are few."""
    parts, others = _PART.findall(text), _PART.findall(other)
    if len(parts) > MOST_COMPARED or len(others) > MOST_COMPARED:
        return join(text)
    matcher = SequenceMatcher(None, parts, others, autojunk=False)
    if matcher.ratio() < ALIKE:
        return join(text)
    out: list[str | Markup] = []
    for what, start, end, _, _ in matcher.get_opcodes():
        piece = "".join(parts[start:end])
        out.append(piece if what == "equal" or not piece else element("mark", piece))
    return join(out)


def _entry(name: str, content: str | None) -> Markup | None:
    return join(element("dt", name), element("dd", content)) if content else None


def _where(view: NetView, finding: Finding) -> Markup:
    layout = view.net.layout
    parts: list[str | Markup] = []
    for nth, area in enumerate(finding.areas[: 2 * MOST_AREAS]):
        here = area.sheet == layout.sheet
        text = str(area) if here else f"{area.sheet}.{area}"
        seen = here and nth < MOST_AREAS
        link = f"#{view.cell(area.first_row, area.first_column)}"
        parts += [", "] * (nth > 0) + [element("a", text, href=link) if seen else text]
    left_out = len(finding.areas) - 2 * MOST_AREAS
    if left_out > 0:
        parts.append(f", {view.wording('more', count=view.wording.integer(left_out))}")
    term = view.words.term_text(finding, layout, view.wording.code)
    parts.append(f": {clipped(term, MOST_TEXT)}" if term else "")
    parts.append(f" ({view.wording.count(finding.cells, 'cells')})")
    return element("span", parts)


def _comparison(view: NetView, finding: Finding) -> Iterator[Markup]:
    """Yield what was found and what is right, formula and value, the differing parts marked."""
    found, expected = (
        None if formula is None else view.formula(formula) for formula in (finding.found, finding.expected)
    )
    value, right = view.wording.pair(finding.value, finding.expected_value)
    place = a1(finding.row, finding.column)
    for name, formula, other, number in (
        (view.wording("found"), found, expected, value),
        (view.wording("expected"), expected, found, right),
    ):
        if formula or number:
            cell = element("span", place, class_="place")
            code = None if formula is None else element("code", marked(formula, other or formula))
            shown = element("span", clipped(number, MOST_TEXT), class_="value") if number else None
            yield join(element("dt", name), element("dd", cell, " ", code, " ", shown, class_="formula"))


def _listed(items: Sequence[str]) -> Markup | None:
    """Return items with commas between, None where there are none."""
    if not items:
        return None
    return join(list(chain.from_iterable((", ", item) for item in items))[1:])
