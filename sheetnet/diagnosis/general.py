"""Findings about a net as a whole, which no single formula shows."""

from collections.abc import Iterator
from dataclasses import replace

from sheetnet.book.grid import Area
from sheetnet.diagnosis.catalogue import catalogue, severity
from sheetnet.diagnosis.findings import Example, Finding
from sheetnet.diagnosis.inference import Inference
from sheetnet.diagnosis.mending import grouped
from sheetnet.formula.address import column_name
from sheetnet.layout.content import holds
from sheetnet.layout.prose import listing
from sheetnet.net.terms import COST, Term, is_given


def general_findings(inference: Inference, *, slopes: bool | None, faulty: bool) -> Iterator[Finding]:
    """Yield that nothing is computed yet, and that central differences contradict a sheet without faults."""
    layout = inference.layout
    if layout.verified and layout.conventions.batch == "one" and abs(layout.scale - 1) > _SAME:
        yield _scale(inference)
    if layout.beyond:
        updated = [term for term in layout.columns if term.kind == "w" and term in layout.verified]
        names = [layout.names.get(column) or column_name(column) for column in layout.beyond]
        yield replace(
            _finding(inference, "convention-beyond-descent", updated), details={"what": listing(names)}
        )
    if not faulty and _is_begun_only(inference):
        yield _finding(inference, "sheet-not-filled", [term for term in layout.columns if term.kind == "w"])
    if slopes is False and not faulty:
        terms = [term for term in layout.columns if term.kind == "delta"]
        if layout.by_formulas:
            terms = [term for term in layout.columns if term.kind == "w" and term not in layout.verified]
        yield _finding(inference, "sheet-slopes-disagree", terms)


def _is_begun_only(inference: Inference) -> bool:
    """Tell whether a sheet has first numbers alone: one step without formulas, or pages without answers."""
    layout = inference.layout
    judged = [(term, item) for term in layout.own_columns for item in inference.judged[term]]
    if any(item.series.pattern is not None and not is_given(term) for term, item in judged):
        return False
    if not layout.pages or layout.lens is None:
        untouched = layout.steps == 1 and not layout.tail
        return untouched and all(item.series.pattern is None for _, item in judged)
    sheet = layout.lens.view.sheet(layout.sheet)
    return not any(
        holds(sheet.cell(row, column))
        for term, column in layout.columns.items()
        if not is_given(term)
        for row in range(layout.begin(term), layout.last_row + 1)
    )


_SAME = 1e-6
_EXPLAINED: dict[bool, tuple[str, ...]] = {
    True: ("delta-output-factor-two", "cost-half", "cost-mean"),
    False: ("cost-no-half", "delta-output-factor-missing"),
}
"""Mistakes that make all gradients larger (True) or smaller than the slope."""


def _scale(inference: Inference) -> Finding:
    """Return the doubt about gradients that are all the same multiple of the slope."""
    layout = inference.layout
    last = len(layout.sizes) - 1
    kinds = ("delta", "gradient", "w")
    back = next(
        (kind for kind in kinds if any((t.kind, t.layer) == (kind, last) for t in layout.columns)), "w"
    )
    terms = [term for term in layout.columns if term == COST or (term.kind, term.layer) == (back, last)]
    finding = _finding(inference, "convention-scale", terms)
    also = tuple(code for code in _EXPLAINED[layout.scale > 1] if code in catalogue())
    return replace(finding, details={"scale": f"{layout.scale:.6g}"}, also=also)


def _finding(inference: Inference, code: str, terms: list[Term]) -> Finding:
    layout = inference.layout
    areas = grouped(
        [
            Area(layout.sheet, layout.first_row, column, layout.last_row, column)
            for column in sorted({layout.columns[term] for term in terms})
        ]
    )
    first = min(layout.columns[term] for term in terms)
    nothing = Example(None, None, None, None)
    return Finding(
        code, severity(code), areas, tuple(terms), layout.first_row, first, examples=(nothing,) * len(areas)
    )
