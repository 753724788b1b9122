"""The places of a new net's terms, those of the note's sheet; and which nets a sheet can hold."""

from sheetnet.book.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from sheetnet.errors import LayoutError
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import COST, MEAN_COST, STEP, Term, sizes_text, terms, weight_count

_CAPTIONS, _LABELS, _FIRST = 3, 5, 7
_RATE, _STEP, _NET = 0, 1, 2


def blank(
    sizes: tuple[int, ...],
    conventions: Conventions,
    *,
    sheet: str,
    learning_rate: float,
    patterns: int,
    steps: int,
) -> Layout:
    """Return the layout of a new net: the note's columns, a count of steps left of them, dC/dW at the right.

    With several patterns the mean cost of a pass stands beside the cost. LayoutError when a sheet has not
    room for it.
    """
    _check_rows(sizes, steps)
    _check_columns(sizes, conventions, patterns)
    layout = Layout(
        sheet=sheet,
        sizes=sizes,
        columns=_columns(sizes, conventions, patterns),
        label_row=_LABELS,
        caption_row=_CAPTIONS,
        first_row=_FIRST,
        last_row=_FIRST + steps - 1,
        rate=(sheet, _FIRST, _RATE),
        learning_rate=learning_rate,
        conventions=conventions,
        patterns=patterns,
    )
    if steps > layout.most_steps:
        raise LayoutError(
            f"{layout.name}: {steps:,} steps of {len(layout.columns):,} columns are more than {MAX_CELLS:,} "
            "cells, the most that can be read again; "
            f"use --steps {layout.most_steps} or less"
        )
    return layout


def _columns(sizes: tuple[int, ...], conventions: Conventions, patterns: int) -> dict[Term, int]:
    columns: dict[Term, int] = {STEP: _STEP}
    column = _NET
    beside = False
    for term in terms(sizes, biases=conventions.biases != "none"):
        if term.kind == "gradient" and not beside:
            column, beside = column + 1, True
        columns[term] = column
        column += 1
        if term == COST and patterns > 1:
            columns[MEAN_COST] = column
            column += 1
    return columns


def _check_rows(sizes: tuple[int, ...], steps: int) -> None:
    if _FIRST + steps > MAX_ROWS:
        raise LayoutError(
            f"{sizes_text(sizes)}: {steps:,} steps from row {_FIRST + 1} on do not fit, "
            f"a sheet has {MAX_ROWS:,} rows; use --steps {MAX_ROWS - _FIRST} or less"
        )


def _check_columns(sizes: tuple[int, ...], conventions: Conventions, patterns: int) -> None:
    needed = _width(sizes, conventions, patterns)
    if needed > MAX_COLUMNS:
        weights = weight_count(sizes, biases=conventions.biases != "none")
        raise LayoutError(
            f"{sizes_text(sizes)}: {weights:,} weights, with a column each for them and their dC/dW, "
            f"a, δ and T, need {needed:,} columns, and a sheet has {MAX_COLUMNS:,}; "
            f"the largest of its shape that fits is {sizes_text(_largest(sizes, conventions, patterns))}"
        )


def _width(sizes: tuple[int, ...], conventions: Conventions, patterns: int) -> int:
    """Return how many columns the sheet has up to the last dC/dW, the empty one before them counted."""
    values = sizes[0] + 2 * sum(sizes[1:]) + sizes[-1] + 1 + (patterns > 1)
    return _NET + values + 1 + 2 * weight_count(sizes, biases=conventions.biases != "none")


def _largest(sizes: tuple[int, ...], conventions: Conventions, patterns: int) -> tuple[int, ...]:
    """Return the net with the largest hidden layers that fits, else with the largest inputs and outputs."""
    inputs, *hidden, outputs = sizes
    for size in range(max(hidden, default=0), 0, -1):
        tried = (inputs, *(max(1, n * size // max(hidden)) for n in hidden), outputs)
        if _width(tried, conventions, patterns) <= MAX_COLUMNS:
            return tried
    small = (1,) * len(hidden)
    for size in range(max(inputs, outputs), 0, -1):
        scale = size / max(inputs, outputs)
        tried = (max(1, int(inputs * scale)), *small, max(1, int(outputs * scale)))
        if _width(tried, conventions, patterns) <= MAX_COLUMNS:
            return tried
    return (1,) * len(sizes)
