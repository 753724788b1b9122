"""Values that a file lacks beside its formulas: those of programs that write none."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from sheetnet.book.calculator import Calculator, Formula, Place, cells_of
from sheetnet.book.grid import Book, Cell, Value
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.series import SeriesReader


def with_values(book: Book, places: Iterable[Place]) -> Book:
    """Return the book with values beside the formulas of some cells, and of all that they need.

    What is outside the arithmetic stays without a value. It is the same object where nothing is missing.
    """
    missing = _without_value(book, places)
    if not missing:
        return book
    calculator = _calculator(book)
    for place in missing:
        with suppress(NotComputable):
            calculator.value(place)
    rows: dict[str, dict[int, dict[int, Cell]]] = {}
    for sheet, row, column in _without_value(book, calculator.known):
        old = book.sheet(sheet).rows[row]
        cells = rows.setdefault(sheet, {}).setdefault(row, dict(old))
        cells[column] = old[column]._replace(value=calculator.known[sheet, row, column])
    sheets = (replace(each, rows={**each.rows, **rows.get(each.name, {})}) for each in book.sheets)
    return replace(book, sheets=tuple(sheets)) if rows else book


def _without_value(book: Book, places: Iterable[Place]) -> list[Place]:
    """Return those of the places that hold a formula without a value."""
    cell_at = cells_of(book)
    return [
        place
        for place in places
        if (cell := cell_at(place)) is not None and cell.formula is not None and cell.value is None
    ]


def _calculator(book: Book) -> Calculator:
    cell_at, reader = cells_of(book), SeriesReader(book)

    def content(place: Place) -> Value | Formula:
        cell = cell_at(place)
        if cell is None or cell.formula is None or cell.value is not None:
            return None if cell is None else cell.value
        try:
            return Formula(reader.expression(*place))
        except Unparsable as error:
            raise NotComputable(str(error)) from error

    return Calculator(content)
