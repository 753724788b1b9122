"""Findings about a net as a whole, which no single formula shows."""

from collections.abc import Iterator

from sheetnet.book.grid import Area
from sheetnet.diagnosis.catalogue import severity
from sheetnet.diagnosis.findings import Example, Finding
from sheetnet.diagnosis.inference import Inference
from sheetnet.net.terms import Term


def general_findings(inference: Inference, *, slopes: bool | None, faulty: bool) -> Iterator[Finding]:
    """Yield that nothing is computed yet, and that central differences contradict a sheet without faults."""
    layout = inference.layout
    judged = [item for term in layout.own_columns for item in inference.judged[term]]
    if layout.steps == 1 and not any(item.series.pattern is not None for item in judged) and not faulty:
        yield _finding(inference, "sheet-not-filled", [term for term in layout.columns if term.kind == "w"])
    if slopes is False and not faulty:
        yield _finding(
            inference, "sheet-slopes-disagree", [term for term in layout.columns if term.kind == "delta"]
        )


def _finding(inference: Inference, code: str, terms: list[Term]) -> Finding:
    layout = inference.layout
    areas = tuple(
        Area(layout.sheet, layout.first_row, column, layout.last_row, column)
        for column in sorted({layout.columns[term] for term in terms})
    )
    first = min(layout.columns[term] for term in terms)
    nothing = Example(None, None, None, None)
    return Finding(
        code, severity(code), areas, tuple(terms), layout.first_row, first, examples=(nothing,) * len(areas)
    )
