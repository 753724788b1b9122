"""A table that was computed as a lens shows it, written to where its cells really stand."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from sheetnet.book.edits import ClearCells, Edit, PutCell, Style
from sheetnet.book.grid import Book, Cell
from sheetnet.formula.expression import CellReference, Expression, Reference
from sheetnet.formula.expression import replace as replaced
from sheetnet.formula.functions import NotComputable
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable, parse
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.turning import turned
from sheetnet.layout.layout import Layout
from sheetnet.layout.lens import Lens
from sheetnet.net.terms import Term
from sheetnet.table.pages import page_edits
from sheetnet.table.table import Table
from sheetnet.table.values import Values


def lens_edits(layout: Layout, lens: Lens, table: Table, values: Values, typed: frozenset[int]) -> list[Edit]:
    """Return the edits that fill a table, and empty surplus steps of the sheet; new cells look like the last.

    Formulas go on in their author's own spelling, `typed` columns as numbers.
    """
    edits: list[Edit] = []
    terms = layout.terms
    for column, pieces in sorted(table.columns.items()):
        if column in lens.cells:
            continue
        numbers, text_of = values.column(column), _texts(layout, lens, column)
        like = lens.place(layout.sheet, *_like(layout, column, terms.get(column)))
        for piece in pieces:
            if piece.pattern is None:
                continue
            for row in range(piece.first, min(piece.last, table.last_row) + 1):
                text = None if column in typed else text_of(piece.pattern, row)
                number = float(numbers[row - table.first_row])
                style = Style(like=like[1:]) if row > layout.last_row else None
                place = lens.place(layout.sheet, row, column)
                edits.append(PutCell(*place, number if math.isfinite(number) else None, text, style))
    if layout.pages:
        return [*edits, *page_edits(layout, table.last_row, formulas=bool(set(table.columns) - typed))]
    return [*edits, *_emptied(layout, lens, table)]


def _like(layout: Layout, column: int, term: Term | None) -> tuple[int, int]:
    """Return the row and column of the view whose cell those of new steps look like."""
    row = layout.last_row if layout.steps > 1 else layout.first_row
    if layout.pages and layout.steps == 1 and term is not None and term.kind == "w":
        return row, layout.columns[term._replace(kind="new")]  # computed, and so with its decimals
    return row, column


def _texts(layout: Layout, lens: Lens, column: int) -> Callable[[Pattern, int], str | None]:
    """Return what gives the formula of a row of a column, in its author's spelling where there is one."""
    if layout.pages:
        return partial(_on_page, layout, lens, column, _own_cells(layout, lens, column))
    forms = {ruled: form for ruled, (_, form) in _own_cells(layout, lens, column).items()}

    def text(ruled: Pattern, row: int) -> str | None:
        form = forms.get(ruled)
        if form is None:
            return lens.formula(ruled.text(row), layout.sheet)
        return turned(form.text(row)) if lens.turned else form.text(row)

    return text


def _own_cells(layout: Layout, lens: Lens, column: int) -> dict[Pattern, tuple[int, Pattern]]:
    """Return the formulas of a column as the sheet itself spells them, by what the view has for them.

    Each with the row of the view in which it first stands. On a page they are relative to the cell's own row.
    """
    seen, own = lens.view.sheet(layout.sheet), lens.book.sheet(layout.sheet)
    forms: dict[Pattern, tuple[int, Pattern]] = {}
    for row in range(layout.first_row, layout.last_row + 1):
        cell = seen.cell(row, column)
        _, at, real_column = lens.place(layout.sheet, row, column)
        real = own.cell(at, real_column)
        if cell is None or cell.formula is None or real is None or real.formula is None:
            continue
        text = turned(real.formula) if lens.turned else real.formula
        forms.setdefault(pattern(cell.formula, row), (row, pattern(text, at if layout.pages else row)))
    return forms


def _on_page(
    layout: Layout,
    lens: Lens,
    column: int,
    forms: Mapping[Pattern, tuple[int, Pattern]],
    ruled: Pattern,
    row: int,
) -> str | None:
    """Return a cell's formula: what stands there if it is that, else as another page spells it, if it can be.

    That page's spelling must lead to this page's own cells, which rows between blocks may prevent.
    """
    _, at, real_column = lens.place(layout.sheet, row, column)
    if row <= layout.last_row:
        seen = lens.view.sheet(layout.sheet).cell(row, column)
        real = lens.book.sheet(layout.sheet).cell(at, real_column)
        if seen is not None and seen.formula is not None and pattern(seen.formula, row) == ruled:
            return None if real is None else real.formula
    text = lens.formula(ruled.text(row), layout.sheet)
    own = forms.get(ruled)
    if own is None or text is None:
        return text
    shown = own[1].text(at)
    return shown if _cells_meant(shown) == _cells_meant(text) else text


def _cells_meant(text: str) -> Expression | None:
    """Return a formula with all its cells fixed, to compare what it computes; None where it can't be read."""

    def fixed(part: Expression) -> Expression | None:
        if not (isinstance(part, Reference) and isinstance(part.target, CellReference)):
            return None
        name, row, column = part.target.at(0, 0)
        return Reference(CellReference(row, column, True, True, name))

    try:
        return replaced(scalar(parse(text, 0, 0)), fixed)
    except (Unparsable, NotComputable):
        return None


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


def copied_rates(layout: Layout) -> list[Edit]:
    """Return the edits that copy γ from the first page to each of the others."""
    lens = layout.lens
    if lens is None or not layout.pages:
        return []
    return [PutCell(*place, layout.learning_rate, formula) for place, formula in sorted(lens.between.items())]


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
