"""A net's new sheet before its steps are poured in: captions, labels, first numbers, charts, print set-up."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Area
from sheetnet.book.skeleton import NewCell, NewChart, NewSheet
from sheetnet.design import looks
from sheetnet.formula.address import a1, a1_range, column_name
from sheetnet.layout.language import Language
from sheetnet.layout.layout import DEFAULT_STEPS, Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.network import Network
from sheetnet.net.terms import ASIDES, COST, MEAN_COST, STEP, Term, label

PRINTED_STEPS = 40
PRINTED_COLUMNS = 28
"""More columns side by side can't be read on A4; a wider table is printed in parts, a page wide each."""
_LINES, _SLACK = 3, 12
"""Rows above the captions, and characters of a line that a long word may leave empty."""
CHART_ROWS = 20  # of 4.5 mm: a chart and a gap below it

Cells = dict[tuple[int, int], NewCell]
Array = NDArray[np.float64]


def new_sheet(
    layout: Layout, network: Network, inputs: Array, targets: Array, language: Language, advised: int
) -> NewSheet:
    """Return the sheet of a new net, whose name and places are the layout's.

    Inputs (patterns, n_0) and targets (patterns, n_L) stand in the first rows; its instructions advise
    `advised` steps.
    """
    charts, parts = new_charts(layout, language), printed_parts(layout)
    widths = new_widths([layout])
    settings = _settings(layout, language)
    _, rate_column = _rate(layout)
    longest = max((len(str(cell.value)) for cell in settings.values()), default=0)
    widths[rate_column] = max(widths[rate_column], looks.text_width(longest))
    room = sum(widths[column] for column in range(parts[0].last_column + 1))
    lines = _wrapped(list(_instructions(layout, charts, language, advised)), room)
    return NewSheet(
        name=layout.sheet,
        cells={
            **{(row, 0): NewCell(text, looks.TEXT) for row, text in enumerate(lines)},
            **_heads(layout, language),
            **settings,
            **_first_row(layout, network),
            **_patterns(layout, inputs, targets),
        },
        widths=widths,
        frozen=(layout.label_row + 1, min(layout.of("a", 0))),
        charts=charts,
        printed=parts,
        pages_high=1,
        repeated_rows=(layout.label_row - 2, layout.label_row),
        repeated_columns=(0, min(layout.of("a", 0)) - 1),
    )


# ---------------------------------------------------------------- cells


def _heads(layout: Layout, language: Language) -> Cells:
    """Return labels and captions: the layers' in one row, the quantities' below it."""
    words, last = language.captions, len(layout.sizes) - 1
    row, top = layout.label_row, layout.label_row - 2
    cells = {
        (row, column): NewCell(language.labels.get(term.kind) or label(term), looks.LABEL)
        for term, column in layout.columns.items()
    }
    cells[row, layout.columns[STEP]] = NewCell(words["step"], looks.LABEL)
    cells[row, _rate(layout)[1]] = NewCell(words["learning_rate"], looks.RATE_LABEL)
    captions = {
        (top, Term("a", 0)): f"{words['layer']} 0",
        (row - 1, Term("a", 0)): words["input"],
        (row - 1, Term("a", last)): words["output"],
        (row - 1, Term("target")): words["target"],
        (row - 1, COST): words["cost"],
    }
    for layer in range(1, last + 1):
        captions[top, Term("w", layer)] = f"{words['layer']} {layer}"
        captions[top, Term("gradient", layer)] = f"{words['gradient']} {layer}"
    terms = layout.terms
    for part in printed_parts(layout)[1:]:  # a layer that goes on in a further part is named there again
        term = terms[part.first_column]
        if term.kind != "target" and term not in ASIDES and term != COST:
            word = words["gradient" if term.kind == "gradient" else "layer"]
            captions[top, term] = f"{word} {term.layer}"
    for (line, term), text in captions.items():
        cells[line, layout.columns[term]] = NewCell(text, looks.CAPTION)
    return cells


def _settings(layout: Layout, language: Language) -> Cells:
    """Return what is not the note's: the activations and the treatment of biases, below the learning rate."""
    told = {}
    if layout.conventions.activations != Conventions().activations:
        told["activation"] = ", ".join(layout.conventions.activations)
    if layout.conventions.biases != Conventions().biases:
        told["biases"] = language.biases[layout.conventions.biases]
    row, column = _rate(layout)
    cells: Cells = {}
    for index, (key, text) in enumerate(told.items()):
        cells[row + 2 + 3 * index, column] = NewCell(language.captions[key], looks.RATE_LABEL)
        cells[row + 3 + 3 * index, column] = NewCell(text, looks.PLAIN)
    return cells


def _rate(layout: Layout) -> tuple[int, int]:
    """Return row and column of the learning rate, which every new sheet has."""
    assert layout.rate is not None
    return layout.rate[1:]


def _first_row(layout: Layout, network: Network) -> Cells:
    """Return the numbers of step 0, and empty cells for the formulas, each with its look."""
    cells: Cells = {_rate(layout): NewCell(layout.learning_rate, looks.RATE)}
    for term, column in layout.columns.items():
        value = None
        if term.kind == "w":
            value = float(network.weights[term.layer - 1][term.i, term.j])
        elif term == STEP:
            value = 0.0
        cells[layout.first_row, column] = NewCell(value, looks.look(term))
    return cells


def _patterns(layout: Layout, inputs: Array, targets: Array) -> Cells:
    given = ((Term("a"), inputs), (Term("target"), targets))
    columns = [(layout.of(term.kind, 0), looks.look(term), table) for term, table in given]
    return {
        (layout.first_row + step, column): NewCell(float(value), look)
        for places, look, table in columns
        for step, row in enumerate(table)
        for column, value in zip(places, row, strict=True)
    }


def _wrapped(lines: list[str], room: float) -> list[str]:
    """Return instructions in the two lines of the note's, or in three where a narrow table needs them."""
    width = looks.characters(room)
    if all(len(line) <= width for line in lines):
        return lines
    whole = " ".join(lines)
    return textwrap.wrap(whole, max(width, len(whole) // _LINES + _SLACK), break_on_hyphens=False)


def _instructions(
    layout: Layout, charts: Sequence[NewChart], language: Language, advised: int
) -> Iterator[str]:
    """Yield what a user is told above the table, with the addresses of this very sheet."""
    first, patterns = layout.first_row, layout.patterns

    def area(kind: str, layer: int | None, rows: int) -> str:
        columns = layout.of(kind, layer)
        return a1_range(first, columns[0], first + rows - 1, columns[-1])

    weights = [area("w", layer, 1) for layer in range(1, len(layout.sizes))]
    places = {
        "inputs": area("a", 0, patterns),
        "targets": area("target", None, patterns),
        "weights": language.listing(weights),
        "rate": layout.rate_address,
        "first": first + 1,
        "patterns": patterns,
        "cost": column_name(layout.columns[COST]),
        "mean_cost": column_name(layout.columns.get(MEAN_COST, 0)),
        "charts": language.listing([a1(chart.row, chart.column) for chart in charts]),
        "more": advised,
    }
    texts = language.instructions
    several = "patterns_" if patterns > 1 else ""
    yield texts["change"].format(**places)
    yield texts[several + ("rows" if layout.steps > 1 else "first")].format(**places)


# ---------------------------------------------------------------- charts, widths, print


def new_charts(layout: Layout, language: Language) -> tuple[NewChart, ...]:
    """Return the chart of the cost, and of its mean over each pass, right of all columns."""
    column = max(layout.columns.values()) + 2
    # where only step 0 is there, training gives the ranges their true end
    end = layout.last_row if layout.steps > 1 else layout.first_row + DEFAULT_STEPS - 1
    terms = [term for term in (COST, MEAN_COST) if term in layout.columns]

    def area(term: Term, begin: int) -> Area:
        at = layout.columns[term]
        return Area(layout.sheet, begin, at, max(end, begin), at)

    charts = []
    for index, term in enumerate(terms):
        begin = layout.begin(term)
        charts.append(
            NewChart(
                title=language.charts[term.kind],
                x=area(STEP, begin) if STEP in layout.columns else None,
                y=area(term, begin),
                x_title=language.charts["step"],
                y_title="C" if term == COST else language.labels[term.kind],
                row=layout.first_row + index * CHART_ROWS,
                column=column,
            )
        )
    return tuple(charts)


def new_widths(layouts: Sequence[Layout]) -> dict[int, float]:
    """Return the widths of a new sheet's columns up to its last, in millimetres."""
    rates = [layout.rate for layout in layouts if layout.rate is not None and layout.rate[0] == layout.sheet]
    widths = {column: looks.RATE_WIDTH for _, _, column in rates}
    for layout in layouts:
        widths |= {column: looks.width(term) for term, column in layout.columns.items()}
        widths |= dict.fromkeys(layout.helpers, looks.WIDTH)
    return {column: widths.get(column, looks.GAP_WIDTH) for column in range(max(widths) + 1)}


def printed_parts(layout: Layout, most: int = PRINTED_COLUMNS) -> tuple[Area, ...]:
    """Return the print ranges: heads and first steps, in parts of `most` columns that fit a page each.

    dC/dW begins a part of its own; so does what is repeated at the left of each.
    """
    last_row = layout.first_row + PRINTED_STEPS - 1
    left = min(layout.of("a", 0))
    gradient = min(layout.of("gradient"), default=None)
    end = max(layout.columns.values())
    blocks = [(left, end)] if gradient is None else [(left, gradient - 2), (gradient, end)]
    parts = []
    for first, last in blocks:
        count = -(-(last - first + 1) // most)
        size = -(-(last - first + 1) // count)
        parts += [(start, min(start + size - 1, last)) for start in range(first, last + 1, size)]
    top = max(layout.label_row - 2, 0)
    whole = Area(layout.sheet, 0, 0, last_row, parts[0][1])
    return (whole, *(Area(layout.sheet, top, start, last_row, stop) for start, stop in parts[1:]))
