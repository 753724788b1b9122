"""A table that was computed as a lens shows it, written to where its cells really stand."""

import math
from collections.abc import Iterator
from dataclasses import replace

from sheetnet.book.edits import ClearCells, Edit, PutCell, Style
from sheetnet.book.grid import Book, Cell
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.turning import turned
from sheetnet.layout.layout import Layout
from sheetnet.layout.lens import Lens
from sheetnet.table.table import Table
from sheetnet.table.values import Values


def lens_edits(layout: Layout, lens: Lens, table: Table, values: Values, typed: frozenset[int]) -> list[Edit]:
    """Return the edits that fill a table, and empty surplus steps of the sheet; new cells look like the last.

    Formulas go on in their author's own spelling, `typed` columns as numbers.
    """
    edits: list[Edit] = []
    for column, pieces in sorted(table.columns.items()):
        if column in lens.cells:
            continue
        numbers, forms = values.column(column), _own_forms(layout, lens, column)
        like = lens.place(layout.sheet, layout.last_row if layout.steps > 1 else layout.first_row, column)
        for piece in pieces:
            if piece.pattern is None:
                continue
            form = forms.get(piece.pattern)
            for row in range(piece.first, min(piece.last, table.last_row) + 1):
                text = None if column in typed else _text(lens, layout.sheet, piece.pattern, form, row)
                number = float(numbers[row - table.first_row])
                style = Style(like=like[1:]) if row > layout.last_row else None
                place = lens.place(layout.sheet, row, column)
                edits.append(PutCell(*place, number if math.isfinite(number) else None, text, style))
    return [*edits, *_emptied(layout, lens, table)]


def _own_forms(layout: Layout, lens: Lens, column: int) -> dict[Pattern, Pattern]:
    """Return the formulas of a column as the sheet itself spells them, by what the view has for them."""
    seen, own = lens.view.sheet(layout.sheet), lens.book.sheet(layout.sheet)
    forms: dict[Pattern, Pattern] = {}
    for row in range(layout.first_row, layout.last_row + 1):
        cell = seen.cell(row, column)
        real = own.cell(*lens.place(layout.sheet, row, column)[1:])
        if cell is None or cell.formula is None or real is None or real.formula is None:
            continue
        text = turned(real.formula) if lens.turned else real.formula
        forms.setdefault(pattern(cell.formula, row), pattern(text, row))
    return forms


def _text(lens: Lens, sheet: str, ruled: Pattern, form: Pattern | None, row: int) -> str | None:
    if form is None:
        return lens.formula(ruled.text(row), sheet)
    text = form.text(row)
    return turned(text) if lens.turned else text


def _emptied(layout: Layout, lens: Lens, table: Table) -> Iterator[ClearCells]:
    """Yield the edits that empty the steps of the sheet after the table's last one."""
    first, last = table.last_row + 1, layout.last_row
    if first > last:
        return
    columns = tuple(column for column in sorted(table.columns) if column not in lens.cells)
    if lens.turned:
        for column in columns:
            yield ClearCells(layout.sheet, column, column, tuple(range(first, last + 1)))
    else:
        yield ClearCells(layout.sheet, first, last, columns)


def lengthened(book: Book, layout: Layout, last_row: int) -> Book:
    """Return a lens's view in which the cells that serve all steps stand in new rows too."""
    if layout.lens is None or not layout.lens.cells:
        return book
    sheet = book.sheet(layout.sheet)
    rows = {row: dict(cells) for row, cells in sheet.rows.items()}
    for column in layout.lens.cells:
        value = rows[layout.first_row][column].value
        for row in range(layout.first_row, last_row + 1):
            rows.setdefault(row, {})[column] = Cell(value)
    longer = replace(sheet, rows=dict(sorted(rows.items())))
    return replace(book, sheets=tuple(longer if each.name == sheet.name else each for each in book.sheets))
