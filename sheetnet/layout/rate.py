"""The learning rate of a sheet: where it stands, and that it is one."""

from sheetnet.book.grid import Book, Sheet
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1
from sheetnet.layout.content import advice, found, holds, is_number, labels


def rate_place(book: Book, sheet: Sheet, label_row: int, first: int, left: int) -> tuple[str, int, int]:
    """Return the place of the learning rate: below or beside its label, the nearest to the net's left."""
    places = []
    for row, cells in sheet.rows.items():
        for column, label in labels(cells):
            if label.kind == "learning_rate":
                distance = (abs(row - label_row), left - column if column <= left else 10_000 + column)
                places.append((distance, row, column))
    if not places:
        raise LayoutError(
            f"{book.path.name}, {sheet.name}: found no learning rate, expected a cell "
            f"labelled 'Learning rate' with the number below it; add one, "
            f"for example in {a1(label_row, 0)} and {a1(first, 0)}"
        )
    _, row, column = min(places)
    below = next((r for r in range(row + 1, max(row + 3, first + 1)) if holds(sheet.cell(r, column))), None)
    if below is None and is_number(sheet.cell(row, column + 1)):
        return sheet.name, row, column + 1
    below = first if below is None and row == label_row else row + 1 if below is None else below
    return sheet.name, below, column


def learning_rate(book: Book, rate: tuple[str, int, int]) -> float:
    """Return the learning rate; LayoutError when it is no number above 0."""
    sheet, row, column = rate
    cell = book.sheet(sheet).cell(row, column)
    if cell is None or not is_number(cell):
        raise LayoutError(
            f"{book.place(sheet, row, column)}: {found(cell)}, "
            f"expected the learning rate, a number; {advice(cell)}"
        )
    value = cell.value
    assert isinstance(value, float)
    if not value > 0:
        raise LayoutError(
            f"{book.place(sheet, row, column)}: found the learning rate {value:g}, "
            "expected a number above 0; "
            "0.5 is a good start"
        )
    return value
