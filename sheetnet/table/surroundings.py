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
    columns_of: dict[tuple[str, int], list[Filling]] = {}
    for filling in fillings:
        for column in filling.table.columns:
            columns_of.setdefault((filling.layout.sheet, column), []).append(filling)

    def filling_at(place: Place) -> Filling | None:
        for filling in columns_of.get((place[0], place[2]), ()):
            if filling.has_row(place[1]):
                return filling
        return None

    def value(place: Place) -> Value:
        filling = filling_at(place)
        assert filling is not None
        return filling.at(place[1], place[2])

    puts: list[PutCell] = list(refreshed(book, changed, value, lambda place: filling_at(place) is not None))
    renewed = {(put.sheet, put.row, put.column): put.value for put in puts}
    cell_at = cells_of(book)

    def number(place: Place) -> float:
        filling = filling_at(place)
        found: Value
        if filling is not None:
            left_out = place[2] in filling.values.left_out
            found = None if left_out else filling.at(place[1], place[2])
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
        prepared = layout.steps == 1 and 0 <= old.first_row - layout.first_row < layout.patterns
        ends = old.sheet == layout.sheet and (prepared or old.last_row == layout.last_row)
        inside = old.first_column in table.columns and old.first_row < table.last_row
        if ends and inside and old.first_row < old.last_row:
            return old._replace(last_row=table.last_row)
    return old
