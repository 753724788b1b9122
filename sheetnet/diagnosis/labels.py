"""Labels that lie: two columns that are each other's by what the formulas do."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetnet.book.grid import Area, Book
from sheetnet.diagnosis.catalogue import severity
from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.findings import Example, Finding
from sheetnet.diagnosis.inference import Inference, inferred, judged_by
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import references
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import Term, is_bias

_DIGITS = re.compile(r"\d+")
MOST = 6
"""Pairs of columns that are tried."""
FEWEST = 3
"""Columns that must depart: two that are swapped are used by others."""
SWAPS = 3
"""Pairs that may be swapped on one sheet."""


class Swap(NamedTuple):
    """Two terms whose labels stand over each other's columns."""

    one: Term
    other: Term


def relabelled(book: Book, inference: Inference) -> tuple[Inference, tuple[Swap, ...]]:
    """Return what a sheet follows with lying labels set right, and which those are.

    Two columns are swapped only where that makes at least half of all departing cells right. Where formulas
    have told what columns hold no label can lie.
    """
    if inference.layout.by_formulas:
        return inference, ()
    swaps: list[Swap] = []
    for _ in range(SWAPS):
        before = inference.departing
        if not before or len(_faulty(inference)) < FEWEST:
            break
        layout = inference.layout
        tried = [
            (judged_by(book, _swapped(layout, pairs), inference.conventions), pairs)
            for pairs in _candidates(inference)
        ]
        if not tried:
            break
        best, pairs = min(tried, key=lambda each: each[0].departing)
        if 2 * best.departing > before:
            break
        inference = inferred(book, best.layout)
        swaps += pairs
    return inference, tuple(swaps)


def swap_finding(layout: Layout, swap: Swap) -> Finding:
    """Return the remark on two labels; `layout` has the columns as the formulas use them."""
    one, other = swap
    columns = layout.columns[one], layout.columns[other]
    row = layout.label_row
    areas = tuple(Area(layout.sheet, row, column, row, column) for column in sorted(columns))
    first, second = (one, other) if columns[0] < columns[1] else (other, one)
    return Finding(
        code="sheet-swapped-labels",
        severity=severity("sheet-swapped-labels"),
        areas=areas,
        terms=(first, second),
        row=row,
        column=min(columns),
        details={
            # the name that stands there is the other's
            "what": layout.named(second if layout.by_formulas else first),
            "other": layout.named(first if layout.by_formulas else second),
        },
        examples=(Example(None, None, None, None),) * len(areas),
    )


def lying_names(layout: Layout) -> list[Swap]:
    """Return the weights of a sheet of another layout whose numbers are each other's: w4 where w3 belongs.

    Its weights are numbered neuron by neuron, or value by value; where all but two are, these are swapped.
    """
    numbered = {
        term: int(digits[0])
        for term in layout.own_columns
        if term.kind == "w" and (digits := _DIGITS.findall(layout.own_name(term) or "")) and len(digits) == 1
    }
    biases = {term for term in numbered if is_bias(term, layout.sizes)}
    terms = [term for term in numbered if term not in biases]
    found: list[Swap] = []
    for order in (lambda term: term[1:], lambda term: (term.layer, term.j, term.i)):
        ordered = sorted(terms, key=order)
        numbers = [numbered[term] for term in ordered]
        odd = [index for index, number in enumerate(sorted(numbers)) if numbers[index] != number]
        if not odd:
            return []
        if len(odd) == 2 and len(terms) > 3:
            found.append(Swap(ordered[odd[0]], ordered[odd[1]]))
    return found[:1]


def _departures(inference: Inference) -> Iterator[Judged]:
    for term in inference.layout.own_columns:
        yield from (item for item in inference.judged[term] if item.agrees is False)


def _faulty(inference: Inference) -> set[Term]:
    return {item.term for item in _departures(inference)}


def _candidates(inference: Inference) -> list[tuple[Swap, ...]]:
    """Return pairs of terms of one kind and layer that wrong formulas use for each other, most often first.

    With two weights their gradients may be swapped too.
    """
    layout, votes = inference.layout, Counter[Swap]()
    for item in _departures(inference):
        column = layout.columns[item.term]
        try:
            found = inference.judge.reader.of(item.series, column, layout.sheet)
        except (Unparsable, NotComputable):
            continue
        row = item.series.first
        rule = scalar(inference.rule.expression(item.term, row))
        own, ruled = (
            {layout.terms.get(target.at(row, column)[2]) for target in references(each)}
            for each in (found, rule)
        )
        for one in own - ruled:
            for other in ruled - own:
                if one is not None and other is not None and (one[:2] == other[:2]):
                    votes[Swap(*sorted((one, other)))] += 1
    candidates: list[tuple[Swap, ...]] = []
    for swap, _ in votes.most_common(MOST):
        candidates.append((swap,))
        gradients = Swap(*(term._replace(kind="gradient") for term in swap))
        if swap.one.kind == "w" and set(gradients) <= set(layout.columns):
            candidates.append((swap, gradients))
    return candidates


def _swapped(layout: Layout, swaps: Sequence[Swap]) -> Layout:
    columns = dict(layout.columns)
    for one, other in swaps:
        columns[one], columns[other] = columns[other], columns[one]
    return replace(layout, columns=columns)
