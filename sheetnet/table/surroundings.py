"""What follows from new tables elsewhere in a workbook: other formulas' values, and charts."""

import math
from collections.abc import Sequence

import numpy as np

from sheetnet.book.calculator import Place, cells_of
from sheetnet.book.dependents import refreshed
from sheetnet.book.edits import ChartData, Edit, PutCell
from sheetnet.book.grid import Area, Book, Value
from sheetnet.table.filling import Filling


def following_edits(book: Book, fillings: Sequence[Filling]) -> tuple[list[Edit], tuple[Place, ...]]:
    """Return new values for formulas that depend on the tables, and new ranges and data for their charts.

    With them the places of formulas that are not evaluated here, and so lose their stored value.
    """
    changed = [area for filling in fillings for area in filling.areas()]
    by_sheet: dict[str, list[Filling]] = {}
    for filling in fillings:
        by_sheet.setdefault(filling.layout.sheet, []).append(filling)

    def found_at(place: Place) -> tuple[Filling, tuple[int, int]] | None:
        for filling in by_sheet.get(place[0], ()):
            seen = filling.seen(place)
            if seen is not None:
                return filling, seen
        return None

    def value(place: Place) -> Value:
        found = found_at(place)
        assert found is not None
        filling, seen = found
        return filling.at(*seen)

    puts: list[PutCell] = list(refreshed(book, changed, value, lambda place: found_at(place) is not None))
    renewed = {(put.sheet, put.row, put.column): put.value for put in puts}
    cell_at = cells_of(book)

    def number(place: Place) -> float:
        at = found_at(place)
        found: Value
        if at is not None:
            filling, seen = at
            found = None if seen[1] in filling.values.left_out else filling.at(*seen)
        elif place in renewed:
            found = renewed[place]
        else:
            cell = cell_at(place)
            found = None if cell is None else cell.value
        return float(found) if isinstance(found, float | bool) else math.nan

    edits: list[Edit] = list(puts)
    for chart in book.charts:
        for old in dict.fromkeys(chart.ranges):
            if any(area.meets(old) for area in changed):
                new = _followed(old, fillings)
                rows = range(new.first_row, new.last_row + 1)
                columns = range(new.first_column, new.last_column + 1)
                data = np.array([[number((new.sheet, row, column)) for column in columns] for row in rows])
                edits.append(ChartData(chart.part, old, new, data))
    unfilled = tuple((put.sheet, put.row, put.column) for put in puts if put.value is None)
    return edits, unfilled


def _followed(old: Area, fillings: Sequence[Filling]) -> Area:
    """Return a chart's range, which follows the last step when it ended there.

    A chart drawn beforehand, over rows that a sheet with only its first row is to get, follows too.
    """
    for filling in fillings:
        layout, table = filling.layout, filling.table
        turned = layout.lens is not None and layout.lens.turned
        area = _turned(old) if turned else old
        prepared = layout.steps == 1 and 0 <= area.first_row - layout.first_row < layout.patterns
        last = (layout.last_row, layout.last_row - filling.begun)
        ends = area.sheet == layout.sheet and (prepared or area.last_row in last)
        inside = area.first_column in table.columns and area.first_row < table.last_row
        if ends and inside and area.first_row < area.last_row:
            new = area._replace(last_row=table.last_row)
            return _turned(new) if turned else new
    return old


def _turned(area: Area) -> Area:
    sheet, top, left, bottom, right = area
    return Area(sheet, left, top, right, bottom)
