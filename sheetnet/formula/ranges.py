"""Ranges: their shapes and their cells."""

from collections.abc import Iterator

from sheetnet.formula.expression import CellReference, Range
from sheetnet.formula.functions import NotComputable

MAX_RANGE = 1_000_000
"""Cells that one range may have here."""


def cells(area: Range) -> Iterator[CellReference]:
    """Yield the cells of a range column by column, as Calc does; its corners are fixed or relative alike."""
    first, last = area.first, area.last
    if is_mixed(area):
        raise NotComputable("a range with one fixed corner")
    rows = range(min(first.row, last.row), max(first.row, last.row) + 1)
    columns = range(min(first.column, last.column), max(first.column, last.column) + 1)
    if len(rows) * len(columns) > MAX_RANGE:
        raise NotComputable("a very large range")
    for column in columns:
        for row in rows:
            yield first._replace(row=row, column=column)


def is_mixed(area: Range) -> bool:
    """Tell whether one corner moves with the formula and the other does not."""
    first, last = area.first, area.last
    return first.row_fixed != last.row_fixed or first.column_fixed != last.column_fixed


def shape(area: Range) -> tuple[int, int]:
    """Return the number of rows and of columns."""
    return abs(area.last.row - area.first.row) + 1, abs(area.last.column - area.first.column) + 1
