"""The cells around a cell, in words: those that feed it, one line each, and those that it feeds."""

import textwrap
from collections.abc import Sequence
from typing import TypeAlias

from sheetnet.book.grid import Area, Value
from sheetnet.formula.address import a1, a1_range
from sheetnet.jobs.explaining import Explanation
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import LEARNING_RATE, Term, Use
from sheetnet.report.explain.feeders import feeders
from sheetnet.report.explain.naming import named, named_together
from sheetnet.report.words import WIDTH, listing, paragraph, plural
from sheetnet.table.cellrule import CellRule, NoNumber

MANY, FIRST = 8, 3
"""Lines and cells that are all told; of more, the first ones and the last."""


def fed(found: Explanation) -> list[str]:
    """Return the cells that the rule uses and why, then those that the formula alone uses."""
    rule = found.rule
    assert rule is not None
    rows = [
        (", ".join(dict.fromkeys(_address(rule, use, found) for use in uses)), purpose)
        for uses, purpose in feeders(rule)
    ]
    if len(rows) > MANY:
        left = len(rows) - FIRST - 2
        rows = [*rows[:FIRST], ("...", f"{left} more like these"), *rows[-2:]]
    rows = [(_shortened(cells), purpose) for cells, purpose in rows]
    if found.verdict == "departs":
        rows += _extra(found, rule)
    width = max((len(cells) for cells, _ in rows), default=0)
    width = max(width + 2, 9)
    lines = []
    for cells, purpose in rows:
        lines += textwrap.wrap(
            purpose,
            WIDTH,
            initial_indent=f"  {cells:<{width}}",
            subsequent_indent=" " * (width + 2),
            break_on_hyphens=False,
        )
    return lines


def no_numbers(reason: Exception) -> str:
    """Return why a rule can't be worked out."""
    if isinstance(reason, NoNumber):
        return f"No numbers: {reason} holds no number."
    return f"No numbers: the calculation comes to {reason}."


def _shortened(cells: str) -> str:
    each = cells.split(", ")
    return cells if len(each) <= 4 else f"{each[0]} ... {each[-1]}"


def _extra(found: Explanation, rule: CellRule) -> list[tuple[str, str]]:
    """Return the cells that the formula uses and the rule does not, and what they hold."""
    ruled = {rule.place(use) for use in rule.uses}
    out = []
    for area in found.uses or ():
        single = (area.first_row, area.first_column) == (area.last_row, area.last_column)
        if single and (area.sheet, area.first_row, area.first_column) in ruled:
            continue
        if not single:
            out.append((_area(area, found), "your formula uses these cells"))
            continue
        cell = (
            found.book.sheet(area.sheet).cell(area.first_row, area.first_column)
            if _known(found, area)
            else None
        )
        what = _what(area, found)
        holds = _held(None if cell is None else cell.value)
        out.append((_area(area, found), f"{what}{holds}: your formula uses it, the rule does not"))
    return out[:MANY]


def _known(found: Explanation, area: Area) -> bool:
    return any(sheet.name == area.sheet for sheet in found.book.sheets)


def _held(value: Value) -> str:
    if value is None:
        return "empty"
    return f"{value:.8g}" if isinstance(value, float) else "no number"


def _what(area: Area, found: Explanation) -> str:
    term = _term(area, found.layout)
    if term is None or found.layout is None:
        return ""
    if term == LEARNING_RATE:
        return "the learning rate, now "
    step = area.first_row - found.layout.first_row
    return f"{named(term, found.layout)}, step {step}, now "


def _term(area: Area, layout: Layout | None) -> Term | None:
    """Return the term whose cells an area of one column is."""
    if layout is None or area.sheet != layout.sheet:
        return None
    if (area.sheet, area.first_row, area.first_column) == layout.rate:
        return LEARNING_RATE
    if not layout.first_row <= area.first_row <= layout.last_row:
        return None
    return layout.terms.get(area.first_column)


def plain_uses(found: Explanation) -> list[str]:
    """Return the cells that the formula of a cell without a rule uses."""
    if found.uses is None:
        return ["  It can't be read here, so the cells that it uses are not known."]
    if not found.uses:
        return ["  It uses no other cell."]
    texts = []
    for area in found.uses[:MANY]:
        term = _term(area, found.layout)
        single = (area.first_row, area.first_column) == (area.last_row, area.last_column)
        about = ""
        if term == LEARNING_RATE:
            about = " (the learning rate)"
        elif term is not None and found.layout is not None and single:
            about = f" ({named(term, found.layout)}, step {area.first_row - found.layout.first_row})"
        texts.append(_area(area, found) + about)
    if len(found.uses) > MANY:
        texts.append(f"{len(found.uses) - MANY} more")
    return paragraph(f"It uses {listing(texts)}.", "  ")


_Group: TypeAlias = tuple[str, int, int | None]
"""A quantity's kind and layer, "" outside the net, and how many rows below the cell; None in all rows."""


def used_by(found: Explanation) -> list[str]:
    """Return the cells whose formulas use the cell, those of one quantity together."""
    if not found.used_by:
        if found.role == "label" or found.cell is None:
            return []
        folded = found.term is not None and found.term.kind == "gradient" and found.role == "term"
        return [f"No formula uses it{': the update computes this product itself' if folded else ''}."]
    groups: dict[_Group, list[Area]] = {}
    for area in found.used_by:
        term = _term(area, found.layout)
        single = area.first_row == area.last_row
        key: _Group = ("", 0, None)
        if term is not None:
            key = term.kind, term.layer, area.first_row - found.place[1] if single else None
        groups.setdefault(key, []).append(area)
    texts = []
    for key, areas in groups.items():
        cells = cells_text(areas, found)
        texts.append(f"{cells} ({_purpose(key, areas, found)})")
    return paragraph(f"Used by {listing(texts)}.")


def _purpose(key: _Group, areas: list[Area], found: Explanation) -> str:
    layout = found.layout
    terms = [term for area in areas if (term := _term(area, layout)) is not None]
    if layout is None or not terms:
        return "no part of the net"
    text = named_together(terms, layout)
    shift = key[2]
    if shift is None or found.role not in ("term", "helper"):
        return text
    if shift == 0:
        return text
    steps = {1: "next step", -1: "the step before"}.get(
        shift, f"{plural(abs(shift), 'step')} {'later' if shift > 0 else 'before'}"
    )
    return f"{text}, {steps}"


def cells_text(areas: Sequence[Area], found: Explanation) -> str:
    """Return areas of one column each; four neighbours or more become one range."""
    runs: list[list[Area]] = []
    for area in areas:
        last = runs[-1][-1] if runs else None
        beside = last is not None and (last.sheet, last.first_row, last.last_row, last.last_column + 1) == (
            area.sheet,
            area.first_row,
            area.last_row,
            area.first_column,
        )
        if beside:
            runs[-1].append(area)
        else:
            runs.append([area])
    texts: list[str] = []
    for run in runs:
        if len(run) > 3 or (len(run) > 1 and run[0].first_row != run[0].last_row):
            texts.append(_area(run[0]._replace(last_column=run[-1].last_column), found))
        else:
            texts += [_area(area, found) for area in run]
    if len(texts) > MANY:
        texts = [*texts[:FIRST], "...", texts[-1]]
    return ", ".join(texts)


def _address(rule: CellRule, use: Use, found: Explanation) -> str:
    """Return where a term stands; a learning rate without a cell is its number."""
    place = rule.place(use)
    if place is None:
        return f"{rule.layout.learning_rate:.8g}"
    sheet, row, column = place
    return a1(row, column) if sheet == found.place[0] else f"{sheet}.{a1(row, column)}"


def _area(area: Area, found: Explanation) -> str:
    text = a1_range(*area[1:])
    return text if area.sheet == found.place[0] else f"{area.sheet}.{text}"
