"""Conventions that are worth a word: one that misleads, and some that are no fault at all."""

from collections.abc import Iterator

from sheetnet.diagnosis.causes import Cause
from sheetnet.diagnosis.faults import Fault
from sheetnet.diagnosis.inference import Inference
from sheetnet.net.terms import Term, is_bias


def convention_faults(inference: Inference) -> Iterator[Fault]:
    """Yield the cells of conventions that a report names, and of learning rates written into formulas.

    A rate that is written into all formulas is a remark, into some of them a mistake.
    """
    layout, conventions = inference.layout, inference.conventions
    if conventions.order == "outputs first":
        hidden = [t for t in layout.columns if t.kind == "delta" and t.layer < len(layout.sizes) - 1]
        yield from _agreeing(inference, hidden, "convention-outputs-first")
    if conventions.biases == "fixed" and layout.steps > 1:
        biases = [t for t in layout.columns if t.kind == "w" and is_bias(t, layout.sizes)]
        yield from _agreeing(inference, biases, "convention-fixed-biases")
    weights = [
        item
        for term, items in inference.judged.items()
        if term.kind == "w" and not (conventions.biases == "fixed" and is_bias(term, layout.sizes))
        for item in items
        if item.agrees and item.series.pattern is not None and item.series.last > layout.first_row
    ]
    written = [item for item in weights if item.literal or layout.rate is None]
    uniform = len(written) == len(weights)
    code = "convention-written-rate" if uniform else "update-written-rate"
    rate = {"rate": f"{layout.learning_rate:g}", "expected_part": layout.rate_address}
    for item in written:
        first = max(item.series.first, layout.begin(item.term))
        yield Fault(item.term, first, item.series.last, Cause(code, rate))


def _agreeing(inference: Inference, terms: list[Term], code: str) -> Iterator[Fault]:
    for term in terms:
        for item in inference.judged[term]:
            first = max(item.series.first, inference.layout.begin(term))
            if item.agrees and first <= item.series.last:
                yield Fault(term, first, item.series.last, Cause(code))
