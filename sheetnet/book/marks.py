"""The marks of areas, taken apart: which cells of an area get its line on which of their sides."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sheetnet.book.edits import Mark

SIDES = ("left", "right", "top", "bottom")
"""The sides of a cell, in the order in which both formats write them."""


class MarkLook(NamedTuple):
    """What a mark changes in how a cell looks: its fill, and a line of a colour on some of its `sides`."""

    fill: str
    edge: str
    sides: tuple[str, ...]


class MarkStrip(NamedTuple):
    """Cells of one column that are marked alike."""

    first: int
    last: int
    column: int
    look: MarkLook


def strips(mark: Mark) -> Iterator[MarkStrip]:
    """Yield the area's columns, each cut into its first row, its last row, and the rows between."""
    area = mark.area
    cuts = sorted({area.first_row, min(area.first_row + 1, area.last_row), area.last_row, area.last_row + 1})
    for column in range(area.first_column, area.last_column + 1):
        across = (column == area.first_column, column == area.last_column)
        for first, after in pairwise(cuts):
            on = (*across, first == area.first_row, after > area.last_row)
            sides = tuple(side for side, there in zip(SIDES, on, strict=True) if there)
            yield MarkStrip(first, after - 1, column, MarkLook(mark.fill.upper(), mark.edge.upper(), sides))
