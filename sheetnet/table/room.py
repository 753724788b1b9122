"""Where a sheet has room: rows for more steps, columns for more quantities."""

from collections.abc import Sequence

from sheetnet.book.grid import MAX_ROWS, Area, Book, Sheet
from sheetnet.errors import LayoutError
from sheetnet.layout.content import holds
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import is_given


def last_row_of(book: Book, layout: Layout, steps: int) -> int:
    """Return the row of the last of so many steps; LayoutError when something is in the way."""
    last_row = layout.first_row + steps - 1
    if last_row >= MAX_ROWS:
        raise LayoutError(
            f"{book.path.name}, {layout.sheet}: {steps:,} steps end in row {last_row + 1:,}, "
            f"a sheet has {MAX_ROWS:,} rows; use --steps {MAX_ROWS - layout.first_row} or less"
        )
    sheet = book.sheet(layout.sheet)
    columns = {*layout.columns.values(), *layout.helpers}
    given = {column for term, column in layout.columns.items() if is_given(term)}
    for row in sorted(row for row in sheet.rows if layout.last_row < row <= last_row):
        for column in sorted(columns & sheet.rows[row].keys()):
            if row < layout.first_row + layout.patterns and column in given:
                continue  # a pattern, typed below the last step
            cell = sheet.rows[row][column]
            if not holds(cell):
                continue  # a note, which stays
            found = cell.formula if cell.value is None else cell.value
            raise LayoutError(
                f"{book.place(layout.sheet, row, column)}: found '{found}', expected free cells for "
                f"{steps:,} steps; move it, or use --steps {row - layout.first_row} or less"
            )
    for area in sheet.merged:
        touched = columns & set(range(area.first_column, area.last_column + 1))
        if touched and layout.last_row < area.first_row <= last_row:
            raise LayoutError(
                f"{book.place(layout.sheet, area.first_row, min(touched))}: found the merged cells {area}, "
                f"expected free cells for {steps:,} steps; "
                f"unmerge them, or use --steps {area.first_row - layout.first_row} or less"
            )
    return last_row


def free_column(
    sheet: Sheet, layout: Layout, count: int, *, top: int, last_row: int, taken: Sequence[Area]
) -> int:
    """Return the first column, one empty one after the table, from which a block of columns is free."""
    used = max([*layout.columns.values(), *layout.helpers])
    blocked = {
        column
        for row, cells in sheet.rows.items()
        if top <= row <= last_row
        for column in cells
        if column > used
    }
    for area in [*sheet.merged, *taken]:
        if area.sheet == sheet.name and area.first_row <= last_row and area.last_row >= top:
            blocked.update(range(max(area.first_column, used + 1), area.last_column + 1))
    start = used + 2
    for column in sorted(blocked):
        if start - 1 <= column < start + count:
            start = column + 2
    return start
