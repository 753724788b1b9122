"""Views of a workbook in which a table has one row a step: turned, or with single cells as columns."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Area, Book, Cell, Sheet
from sheetnet.formula.expression import CellReference, Expression, Reference
from sheetnet.formula.expression import replace as replaced
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.pattern import pattern
from sheetnet.formula.text import formula_text
from sheetnet.formula.turning import turned
from sheetnet.layout.series import column_series, relative
from sheetnet.recognition.model import Model

_MATRICES = ("MMULT(", "TRANSPOSE(")


def turned_book(book: Book) -> Book:
    """Return a book with the rows and columns of all its sheets exchanged."""
    names = {name: turned(text) for name, text in (book.names or {}).items()}
    sheets = tuple(replace(sheet, rows=_turned_rows(sheet), merged=(), drawings=()) for sheet in book.sheets)
    return replace(book, sheets=sheets, names=names, charts=())


def _turned_rows(sheet: Sheet) -> Mapping[int, Mapping[int, Cell]]:
    rows: dict[int, dict[int, Cell]] = {}
    for row, cells in sheet.rows.items():
        for column, cell in cells.items():
            rows.setdefault(column, {})[row] = _turned_cell(cell)
    return dict(sorted(rows.items()))


def _turned_cell(cell: Cell) -> Cell:
    if cell.formula is None:
        return cell
    array = cell.array
    if array is not None:
        array = Area(array.sheet, array.first_column, array.first_row, array.last_column, array.last_row)
    return Cell(cell.value, turned(cell.formula), array)


def with_columns(book: Book, model: Model, cells: Iterable[Place]) -> tuple[Book, dict[int, Place]]:
    """Return a book in which single cells stand in every row of a table, in columns right of the sheet.

    The formulas of the table name them there. Also return these columns and the cells that they repeat.
    """
    sheet = book.sheet(model.sheet)
    free = max(column for line in sheet.rows.values() for column in line) + 2
    places = {free + index: place for index, place in enumerate(cells)}
    columns = {place: column for column, place in places.items()}
    rows = {row: dict(line) for row, line in sheet.rows.items()}
    names = {each.name: each for each in book.sheets}
    for column, (name, row, at) in places.items():
        cell = names[name].cell(row, at) if name in names else None
        value = None if cell is None else cell.value
        for step in range(model.first, model.last + 2):
            rows.setdefault(step, {})[column] = Cell(value)
    for column in model.formulas:
        _renamed(book, sheet, rows, column, model, columns)
    return replace(
        book,
        sheets=tuple(replace(each, rows=rows) if each.name == sheet.name else each for each in book.sheets),
    ), places


def _renamed(
    book: Book,
    sheet: Sheet,
    rows: dict[int, dict[int, Cell]],
    column: int,
    model: Model,
    columns: Mapping[Place, int],
) -> None:
    """Rewrite the formulas of a column that name single cells which are columns now."""
    for series in column_series(sheet, column, model.first, model.last + 1):
        if series.pattern is None or series.array is not None:
            continue
        try:
            expression = relative(series.text(), series.first, column)
        except Unparsable:
            continue

        def put(part: Expression, first: int = series.first) -> Expression | None:
            if isinstance(part, Reference) and isinstance(part.target, CellReference):
                name, row, at = part.target.at(first, column)
                if part.target.row_fixed or name not in (None, sheet.name):
                    found = columns.get((name or sheet.name, row, at))
                    if found is not None:
                        return Reference(CellReference(0, found - column))
            return None

        changed = replaced(expression, put)
        if changed != expression:
            text = formula_text(changed, series.first, column, book.dialect)
            form = pattern(text, series.first)
            for row in range(series.first, series.last + 1):
                rows[row][column] = rows[row][column]._replace(formula=form.text(row))
