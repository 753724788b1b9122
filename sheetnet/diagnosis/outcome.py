"""What a sheet holds and what the rule gives from the same first row: the numbers to be compared."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Area, Book
from sheetnet.diagnosis.data import brings_data
from sheetnet.diagnosis.inference import Inference
from sheetnet.diagnosis.mending import mended
from sheetnet.diagnosis.numbers import Array, Numbers
from sheetnet.diagnosis.world import has_rate_a_row
from sheetnet.errors import SheetnetError
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import evaluate_columns
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.initial import read_network, read_patterns
from sheetnet.layout.layout import Layout
from sheetnet.layout.values import with_values
from sheetnet.net.descent import train
from sheetnet.net.equations import equation
from sheetnet.net.network import Network
from sheetnet.net.terms import ASIDES, INTERMEDIATES, LEARNING_RATE, Term, Use, is_given
from sheetnet.net.trace import Trace
from sheetnet.table.filling import filled

SMALLEST = 1e-12


def computed(book: Book, layouts: Sequence[Layout], *, also: Iterable[Place] = ()) -> Book:
    """Return the book with the values that its file lacks beside formulas of the nets, and of cells `also`.

    So with the formulas that these need, wherever they stand; it is the same object where nothing is missing.
    """
    return with_values(book, [*_cells(layouts), *also])


def _cells(layouts: Iterable[Layout]) -> Iterator[Place]:
    """Yield the cells of the nets' tables, patterns below the last step among them, and the rates'."""
    for layout in layouts:
        if layout.rate is not None:
            yield layout.rate
        last = max(layout.last_row, layout.first_row + layout.patterns - 1)
        for column in {*layout.columns.values(), *layout.helpers}:
            for row in range(layout.first_row, last + 1):
                yield layout.sheet, row, column


def numbers_of(book: Book, layouts: Sequence[Layout]) -> Numbers:
    """Return a book's numbers, text that is a number read as one."""
    known = {
        (problem.sheet, problem.row, problem.column): problem.meant
        for layout in layouts
        for problem in layout.problems
        if problem.meant is not None
    }
    return Numbers(book, known)


def own_values(layout: Layout, numbers: Numbers) -> dict[Term, Array]:
    """Return what the sheet holds, by term, shape (steps,)."""
    return {
        term: numbers.column(layout.sheet, column, layout.first_row, layout.last_row)
        for term, column in layout.columns.items()
    }


def right_values(book: Book, inference: Inference, numbers: Numbers) -> dict[Term, Array] | None:
    """Return what the rule gives from the sheet's first row; None where that can't be computed.

    Inputs and targets that formulas bring from elsewhere are those that stand in every row.
    """
    layout = inference.layout
    if any(problem.meant is None for problem in layout.problems):
        return None
    try:
        if has_rate_a_row(book, layout):
            table = mended(book, layout, layout.last_row, inference=inference).table
            filling, _ = filled(book, layout, table, lambda _: None)
            return {term: filling.term(term) for term in layout.columns if term not in ASIDES}
        first = read_network(book, layout)
        network = Network(first.weights, first.learning_rate, inference.conventions)
        inputs, targets = read_patterns(book, layout)
        if _are_brought(inference):
            own = own_values(layout, numbers)
            inputs, targets = (
                np.stack([own[term] for term in layout.columns if (term.kind, term.layer) == group], axis=1)
                for group in (("a", 0), ("target", 0))
            )
            if not (np.isfinite(inputs).all() and np.isfinite(targets).all()):
                return None
        trace = train(network, inputs, targets, steps=layout.steps)
    except (SheetnetError, ValueError):
        return None
    found = {term: trace[term] for term in layout.columns if term in trace.columns}
    return found | _between(layout, inference, trace)


def _between(layout: Layout, inference: Inference, trace: Trace) -> dict[Term, Array]:
    """Return what the columns of intermediate quantities should hold, from the net's own quantities."""
    found: dict[Term, Array] = {}

    def lookup(use: Use) -> Array | float:
        if use.term == LEARNING_RATE:
            return layout.learning_rate
        if use.step != 0 or use.term not in trace.columns:
            raise NotComputable(str(use))
        return trace[use.term]

    for term in layout.columns:
        if term.kind in INTERMEDIATES:
            conventions = inference.rule.shown.get(term.kind, inference.conventions)
            with suppress(NotComputable):
                values = evaluate_columns(equation(term, layout.sizes, conventions), lookup)
                found[term] = np.broadcast_to(values, (layout.steps,))
    return found


def _are_brought(inference: Inference) -> bool:
    """Tell whether formulas bring a net's inputs or targets from elsewhere."""
    return any(
        item.agrees is False and brings_data(inference, item)
        for term, items in inference.judged.items()
        if is_given(term)
        for item in items
    )


def following(
    layout: Layout,
    own: Mapping[Term, Array],
    right: Mapping[Term, Array],
    faulty: Sequence[Area],
    tolerance: float,
) -> int:
    """Return how many cells hold other numbers than the rule gives without being at fault themselves."""
    count = 0
    for term, values in right.items():
        column = layout.columns[term]
        if is_given(term):
            continue
        with np.errstate(invalid="ignore"):
            slack = tolerance * np.abs(values) + SMALLEST
            wrong = ~(np.abs(own[term] - values) <= slack)
        for area in faulty:
            if area.first_column <= column <= area.last_column:
                wrong[area.first_row - layout.first_row : area.last_row + 1 - layout.first_row] = False
        count += int(wrong.sum())
    return count


def recalculated(inference: Inference, numbers: Numbers, tolerance: float) -> bool:
    """Tell whether the numbers stored beside wrong formulas are those that they give."""
    layout = inference.layout
    for term, column in layout.own_columns.items():
        for item in inference.judged[term]:
            series = item.series
            if item.agrees is not False or (term.kind == "w" and series.first == layout.first_row):
                continue
            try:
                expression = inference.judge.reader.of(series, column, layout.sheet)
            except (Unparsable, NotComputable):
                continue
            place = layout.sheet, column, series.first, series.last
            given, held = numbers.evaluated(expression, *place), numbers.column(*place)
            if given is not None:
                with np.errstate(invalid="ignore"):
                    slack = tolerance * np.maximum(np.abs(given), np.abs(held)) + SMALLEST
                    if (np.abs(given - held) > slack).any():
                        return False
    return True
