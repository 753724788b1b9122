"""A finding in words: its title, where it is, why it is one, and how to mend it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sheetnet.book.grid import Area, Book
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.diagnosis.findings import Finding
from sheetnet.formula.address import column_name
from sheetnet.formula.display import neutral, shown
from sheetnet.layout.layout import Layout
from sheetnet.layout.prose import listing
from sheetnet.net.terms import LAYERED, Term
from sheetnet.report.places import is_blocks, is_turned, place_of
from sheetnet.report.wording import wording
from sheetnet.report.words import column_runs

MOST = 6
"""Labels, ranges or ways to mend that are listed; of more, the rest is counted."""


def title(finding: Finding, language: str) -> str:
    """Return the mistake in a few words."""
    entry = catalogue(language)[finding.code]
    return entry.titles.get(finding.details.get("holds", ""), entry.title)


def message(finding: Finding, language: str) -> str:
    """Return why a finding is one, in a sentence or two."""
    say = wording(language)
    places = dict(finding.details)
    if "holds" in places:
        places["holds"] = say(f"holds.{places['holds']}", what=places.get("what", ""))
    for name in ("found_part", "expected_part", "rate", "base"):
        if re.fullmatch(r"[-0-9.]+", places.get(name, "")):
            places[name] = say.decimal(places[name])
    if "row" in places:
        places["row"] = say(f"rows.{places['row']}")
    why = catalogue(language)[finding.code].why.format_map(_Places(places))
    parts = [say(f"parts.{name}", parts=places[name]) for name in ("surplus", "missing") if places.get(name)]
    return " ".join([why, *(parts if finding.code == "sheet-other-formula" else [])])


class _Places(dict[str, str]):
    """What fills the places of a sentence; a place without a filling shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def fix(finding: Finding, language: str) -> str:
    """Return how to mend a finding, by copying down where that is possible; empty where there is no way."""
    say = wording(language)
    how = repair(finding.correct, finding.copies, language)
    return say("fix.only", how=how) if how else ""


def repair(correct: Sequence[Area], copies: Sequence[tuple[Area, Area]], language: str) -> str:
    """Return in words which cells to correct, and which to copy down."""
    say = wording(language)
    steps = []
    if correct:
        steps.append(say("fix.type", cells=_listed(correct, language)))
    by_last: dict[tuple[bool, int], list[tuple[Area, Area]]] = defaultdict(list)
    for source, target in copies:
        if source != target:  # a cell that serves all steps
            right = source.first_row == target.first_row
            by_last[right, target.last_column if right else target.last_row].append((source, target))
    if len(by_last) + bool(correct) > MOST or len(correct) > 2 * MOST:
        return say("fix.many")
    for (right, last), pairs in by_last.items():
        sources = _listed([source for source, _ in pairs], language)
        if right and any(target.first_column < target.last_column for _, target in pairs):
            steps.append(say("fix.copy_right", source=sources, last=column_name(last)))
        elif not right and any(target.first_row < target.last_row for _, target in pairs):
            steps.append(say("fix.copy", source=sources, last=str(last + 1)))
        else:
            targets = _listed([target for _, target in pairs], language)
            steps.append(say("fix.copy_one", source=sources, target=targets))
    how = steps[0] if steps else ""
    for step in steps[1:]:
        how = say("fix.then", first=how, second=step)
    return how


def _listed(areas: Iterable[Area], language: str) -> str:
    names = [str(area) for area in areas]
    if len(names) > MOST:
        names = [*names[:MOST], "…"]
    return listing(names, wording(language)("and"))


# ---------------------------------------------------------------- terms


def term_text(finding: Finding, layout: Layout, language: str) -> str:
    """Return which quantities are at fault, with their columns: dC/dw10, layer 1 (column AF)."""
    say, short = wording(language), terms_text(finding.terms, layout, language, short=True)
    if is_turned(layout) or is_blocks(layout):
        return f"{short} ({place_of(layout, finding.terms, say)})"
    columns = ", ".join(
        column_runs({c for area in finding.areas for c in range(area.first_column, area.last_column + 1)})
    )
    return say("column", term=short, columns=columns)


def terms_text(terms: Sequence[Term], layout: Layout, language: str, *, short: bool = False) -> str:
    """Return terms in words: w00 of layer 1; all 4 weights; δ0 and δ1 of layer 2."""
    say = wording(language)
    wanted = list(dict.fromkeys(terms))
    groups: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for term in wanted:
        groups[term.kind, term.layer].append(term)
    kinds = {kind for kind, _ in groups}
    if len(groups) > 1 and len(kinds) == 1:
        (kind,) = kinds
        whole = [term for term in layout.columns if term.kind == kind and (kind, term.layer) != ("a", 0)]
        if set(whole) == set(wanted):
            return _counted("all", len(wanted), kind, language, own=layout.by_formulas)
    parts = []
    for (kind, layer), members in groups.items():
        whole = [term for term in layout.columns if (term.kind, term.layer) == (kind, layer)]
        if len(members) > 4:
            amount = "all" if len(members) == len(whole) else "some"
            noun = "inputs" if (kind, layer) == ("a", 0) else kind
            text = _counted(amount, len(members), noun, language, own=layout.by_formulas)
        elif short:
            text = ", ".join(dict.fromkeys(map(layout.label, members)))
        else:
            text = listing(list(dict.fromkeys(map(layout.label, members))), say("and"))
        own = all(layout.own_name(term) for term in members)
        if kind in LAYERED and not (own and len(members) <= 4):
            text = say("layer_short" if short else "layer", terms=text, layer=str(layer))
        parts.append(text)
    return "; ".join(parts)


def _counted(amount: str, count: int, kind: str, language: str, *, own: bool) -> str:
    """Return so many of a kind; `own` tells that the sheet is not labelled as in the note."""
    say = wording(language)
    group = "own_kinds" if own and kind in ("delta", "gradient") else "kinds"
    noun = say("terms.inputs") if kind == "inputs" else say(f"{group}.{kind}")
    return say("terms.both" if (amount, count) == ("all", 2) else f"terms.{amount}", count=count, kind=noun)


# ---------------------------------------------------------------- formulas


def formula_shown(formula: str | None, book: Book, language: str) -> str:
    """Return a formula as it pastes into the user's own program; empty where there is none."""
    if formula is None:
        return ""
    danish = language == "da" or book.language == "da"
    decimal = "," if danish or book.decimal == "," else "."
    return shown(formula, dialect=book.dialect, language="da" if danish else "en", decimal=decimal)


def formula_neutral(formula: str | None) -> str | None:
    """Return a formula in Excel's English form, whatever its file's dialect."""
    return None if formula is None else neutral(formula)
