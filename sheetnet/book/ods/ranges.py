"""Ranges that follow a chart's new last row."""

from collections.abc import Sequence

from sheetnet.book.edits import ChartData
from sheetnet.book.grid import Area


def follow(area: Area, changes: Sequence[ChartData], *, whole: bool = False) -> Area:
    """Return the range after the changes; `whole`: a range around several series ends where they end."""
    for change in changes:
        if area == change.old:
            return change.new
    for change in changes:
        old, new = change.old, change.new
        around = (
            area.sheet == old.sheet
            and area.first_row <= old.first_row
            and area.last_row == old.last_row
            and area.first_column <= old.first_column
            and old.last_column <= area.last_column
        )
        if (
            whole
            and around
            and (old.first_row, old.first_column, old.last_column)
            == (
                new.first_row,
                new.first_column,
                new.last_column,
            )
        ):
            area = area._replace(last_row=new.last_row)
    return area
