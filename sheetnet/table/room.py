"""Where a sheet has room: rows for more steps, columns for more quantities."""

from collections.abc import Sequence

from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS, Area, Book, Sheet
from sheetnet.errors import LayoutError
from sheetnet.formula.address import column_name
from sheetnet.layout.content import holds
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import is_given


def last_row_of(book: Book, layout: Layout, steps: int) -> int:
    """Return the row of the last of so many steps; LayoutError when something is in the way."""
    last_row = layout.first_row + steps - 1
    lens = layout.lens
    if layout.pages:
        return last_row  # `with_pages` sees to it
    turned = lens is not None and lens.turned
    most, noun = (MAX_COLUMNS, "column") if turned else (MAX_ROWS, "row")
    if last_row >= most:
        end = column_name(last_row) if turned else f"{last_row + 1:,}"
        raise LayoutError(
            f"{book.path.name}, {layout.sheet}: {steps:,} steps end in {noun} {end}, "
            f"a sheet has {most:,} {noun}s; use --steps {most - layout.first_row} or less"
        )
    sheet = book.sheet(layout.sheet)
    columns = {*layout.columns.values(), *layout.helpers}
    if lens is not None:
        columns -= lens.cells.keys()

    def place(row: int, column: int) -> str:
        at = (layout.sheet, row, column)
        return book.place(*(at if lens is None else lens.place(*at)))

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
                f"{place(row, column)}: found '{found}', expected free cells for "
                f"{steps:,} steps; move it, or use --steps {row - layout.first_row} or less"
            )
    for area in sheet.merged if lens is None else _merged(layout):
        touched = columns & set(range(area.first_column, area.last_column + 1))
        if touched and layout.last_row < area.first_row <= last_row:
            raise LayoutError(
                f"{place(area.first_row, min(touched))}: found the merged cells {_real(area, layout)}, "
                f"expected free cells for {steps:,} steps; "
                f"unmerge them, or use --steps {area.first_row - layout.first_row} or less"
            )
    return last_row


def _merged(layout: Layout) -> list[Area]:
    """Return the merged cells of a sheet that is seen through a lens, as the view would have them."""
    assert layout.lens is not None
    return [_real(area, layout) for area in layout.lens.book.sheet(layout.sheet).merged]


def _real(area: Area, layout: Layout) -> Area:
    """Return an area with rows and columns exchanged where the layout's lens does so."""
    sheet, top, left, bottom, right = area
    turned = layout.lens is not None and layout.lens.turned
    return Area(sheet, left, top, right, bottom) if turned else area


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
