"""The cells around a cell, in words: those that feed it, one line each, and those that it feeds."""

import textwrap
from collections.abc import Sequence
from typing import TypeAlias

from sheetnet.book.grid import Area, Value
from sheetnet.formula.address import a1_range
from sheetnet.jobs.explaining import Explanation
from sheetnet.net.terms import LEARNING_RATE, Term
from sheetnet.report.explain.feeders import feeders
from sheetnet.report.explain.naming import named, named_together
from sheetnet.report.places import is_turned
from sheetnet.report.words import WIDTH, listing, paragraph, plural
from sheetnet.table.cellrule import CellRule, NoNumber

MANY, FIRST = 8, 3
"""Lines and cells that are all told; of more, the first ones and the last."""


def fed(found: Explanation) -> list[str]:
    """Return the cells that the rule uses and why, then those that the formula alone uses."""
    rule = found.rule
    assert rule is not None
    rows = [
        (", ".join(dict.fromkeys(rule.address(use, found.place[0]) for use in uses)), purpose)
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
        if single and tuple(found.in_table(area)[:3]) in ruled:
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
    term = _term(area, found)
    if term is None or found.layout is None:
        return ""
    if term == LEARNING_RATE:
        return "the learning rate, now "
    step = found.in_table(area).first_row - found.layout.first_row
    return f"{named(term, found.layout)}, step {step}, now "


def _term(area: Area, found: Explanation) -> Term | None:
    """Return the term whose cells an area of one column is."""
    layout = found.layout
    if layout is None:
        return None
    sheet, row, column, _, _ = found.in_table(area)
    if (sheet, row, column) == layout.rate:
        return LEARNING_RATE
    if sheet != layout.sheet:
        return None
    term = layout.terms.get(column)
    rate = layout.rate
    if layout.by_formulas and term is None and rate is not None and (sheet, column) == (rate[0], rate[2]):
        term = LEARNING_RATE
    last = layout.last_row + (layout.tail if term is not None and term.kind == "w" else 0)
    return term if layout.first_row <= row <= last else None


def plain_uses(found: Explanation) -> list[str]:
    """Return the cells that the formula of a cell without a rule uses."""
    if found.uses is None:
        return ["  It can't be read here, so the cells that it uses are not known."]
    if not found.uses:
        return ["  It uses no other cell."]
    texts = []
    for area in found.uses[:MANY]:
        term = _term(area, found)
        single = (area.first_row, area.first_column) == (area.last_row, area.last_column)
        about = ""
        if term == LEARNING_RATE:
            about = " (the learning rate)"
        elif term is not None and found.layout is not None and single:
            step = found.in_table(area).first_row - found.layout.first_row
            about = f" ({named(term, found.layout)}, step {step})"
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
        folded = folded and not (found.layout is not None and found.layout.by_formulas)
        return [f"No formula uses it{': the update computes this product itself' if folded else ''}."]
    groups: dict[_Group, list[Area]] = {}
    for area in _parted(found.used_by, found):
        term, inner = _term(area, found), found.in_table(area)
        single = inner.first_row == inner.last_row and not found.serves_all
        key: _Group = ("", 0, None)
        if term is not None:
            key = term.kind, term.layer, inner.first_row - found.inner[1] if single else None
        groups.setdefault(key, []).append(area)
    texts = []
    for key, areas in groups.items():
        cells = cells_text(areas, found)
        texts.append(f"{cells} ({_purpose(key, areas, found)})")
    return paragraph(f"Used by {listing(texts)}.")


def _purpose(key: _Group, areas: list[Area], found: Explanation) -> str:
    layout = found.layout
    terms = list(dict.fromkeys(term for area in areas if (term := _term(area, found)) is not None))
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
        if runs and _is_beside(found.in_table(runs[-1][-1]), found.in_table(area)):
            runs[-1].append(area)
        else:
            runs.append([area])
    texts: list[str] = []
    for run in runs:
        inner = found.in_table(run[0])
        if len(run) > 3 or (len(run) > 1 and inner.first_row != inner.last_row):
            last = run[-1]
            whole = run[0]._replace(last_row=last.last_row, last_column=last.last_column)
            texts.append(_area(whole, found))
        else:
            texts += [_area(area, found) for area in run]
    if len(texts) > MANY:
        texts = [*texts[:FIRST], "...", texts[-1]]
    return ", ".join(texts)


def _is_beside(one: Area, other: Area) -> bool:
    """Tell whether the second of two areas of one column each goes on to the right of the first."""
    return (one.sheet, one.first_row, one.last_row, one.last_column + 1) == (
        other.sheet,
        other.first_row,
        other.last_row,
        other.first_column,
    )


def _parted(areas: Sequence[Area], found: Explanation) -> list[Area]:
    """Return areas of one quantity each: where a step is a column, a column of cells has several."""
    if found.layout is None or not is_turned(found.layout):
        return list(areas)
    rows = [
        area._replace(first_row=row, last_row=row)
        for area in areas
        for row in range(area.first_row, area.last_row + 1)
    ]
    out: list[Area] = []
    for part in sorted(rows):
        last = out[-1] if out else None
        same = last is not None and (last.sheet, last.first_row) == (part.sheet, part.first_row)
        if last is not None and same and last.last_column + 1 == part.first_column:
            out[-1] = last._replace(last_column=part.last_column)
        else:
            out.append(part)
    return out


def _area(area: Area, found: Explanation) -> str:
    text = a1_range(*area[1:])
    return text if area.sheet == found.place[0] else f"{area.sheet}.{text}"
