"""Updates that take the learning rate neither from its cell nor, by way of others, as the rule asks for."""

from collections.abc import Sequence

from sheetnet.book.grid import Area
from sheetnet.diagnosis.inference import Inference


def unrated(inference: Inference, users: Sequence[Area]) -> tuple[Area, ...]:
    """Return the updates, by column, that do not use the learning rate's cell; `users` name it.

    One that follows the rule without naming the cell has the rate from a column beside it, or needs none.
    """
    layout, found = inference.layout, []
    for term, column in layout.own_columns.items():
        if term.kind != "w":
            continue
        for item in inference.judged[term]:
            if item.agrees and not item.literal:
                continue
            first, last = max(item.series.first, layout.begin(term)), item.series.last
            naming = [area for area in users if area.meets(Area(layout.sheet, first, column, last, column))]
            rows = {row for area in naming for row in range(area.first_row, area.last_row + 1)}
            found += _runs(layout.sheet, column, [row for row in range(first, last + 1) if row not in rows])
    return tuple(found)


def _runs(sheet: str, column: int, rows: Sequence[int]) -> list[Area]:
    runs: list[Area] = []
    for row in rows:
        if runs and runs[-1].last_row == row - 1:
            runs[-1] = runs[-1]._replace(last_row=row)
        else:
            runs.append(Area(sheet, row, column, row, column))
    return runs
