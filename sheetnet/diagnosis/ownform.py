"""A mended table in its author's own form: his formulas with the one part corrected that was wrong."""

from dataclasses import replace

from sheetnet.diagnosis.causes import cause_of
from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.inference import Inference
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.net.terms import ASIDES, Term, is_given
from sheetnet.table.table import Table, merged


def in_own_form(table: Table, inference: Inference) -> Table:
    """Return a table with the rule's formulas in the author's own form, in columns that have no right one."""
    layout, columns = inference.layout, dict(table.columns)
    batch = inference.conventions.batch != "one"
    for term, column in layout.own_columns.items():
        judged = inference.judged[term]
        if is_given(term) or term in ASIDES or (batch and term.kind == "w"):
            continue
        if any(item.agrees and item.series.pattern is not None for item in judged):
            continue
        ruled = inference.rule.pattern(term)
        if any(piece.pattern == ruled for piece in columns[column]):
            own = _mended(inference, term, judged)
            if own is not None:
                columns[column] = merged(
                    [
                        piece._replace(pattern=own if piece.pattern == ruled else piece.pattern)
                        for piece in columns[column]
                    ]
                )
    return replace(table, columns=columns)


def _mended(inference: Inference, term: Term, judged: list[Judged]) -> Pattern | None:
    """Return a column's own wrong formula with its one mistake corrected, None where that is not known."""
    for item in judged:
        series = item.series
        if item.agrees is not False or series.pattern is None:
            continue
        first = max(series.first, inference.layout.begin(term))
        if first > series.last:
            continue
        mended = cause_of(inference.judge, term, series._replace(first=first)).mended
        if mended is not None:
            return pattern(mended, first)
    return None
