"""Series: runs of cells down one column that repeat one relative formula."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from sheetnet.book.calculator import Formula, cells_of
from sheetnet.book.grid import Book, Cell, Sheet
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Expression, Range, Reference, walk
from sheetnet.formula.matrix import array_element, scalar
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable, parse
from sheetnet.formula.pattern import Pattern, pattern


class Series(NamedTuple):
    """Rows `first` … `last` of a column: their formula's pattern, None for numbers and empty cells.

    Of an array formula the pattern is that of the array's first row, and `array` says how many rows below
    and columns right of the array's first cell the series stands.
    """

    first: int
    last: int
    pattern: Pattern | None
    array: tuple[int, int] | None = None

    def expression(self, column: int) -> Expression | None:
        """Return the formula's relative expression, None for numbers; Unparsable when it can't be read."""
        return None if self.pattern is None else relative(self.text(), self.first, column)

    def text(self) -> str:
        """Return the formula's text in the first row, as the file spells it; empty for numbers."""
        return "" if self.pattern is None else self.pattern.text(self.first - (self.array or (0, 0))[0])


_Key: TypeAlias = tuple[str | None, int, Pattern, tuple[int, int] | None]


class SeriesReader:
    """Reads formulas of a book as expressions over single cells: names resolved, matrices taken apart.

    LayoutError, where `most` is given, when that many different formulas have been read: then columns do not
    repeat one formula, and hardly any finding would tell more than that. `cell` finds a cell by its place,
    `sheets` has the sheets by their names.
    """

    def __init__(self, book: Book, *, sheet: str = "", most: int | None = None) -> None:
        self._where = f"{book.path.name}, {sheet}"
        self._most = most
        self._names = book.names or {}
        self.cell = cells_of(book)
        self.sheets = {each.name: each for each in book.sheets}
        self._known: dict[_Key, Expression | Exception] = {}

    def expression(self, sheet: str, row: int, column: int) -> Expression:
        """Return what the formula of a cell says; Unparsable or NotComputable when it can't be read."""
        cell = self.cell((sheet, row, column))
        assert cell is not None
        return self.of(Series(row, row, *_form(cell, row, column)), column, sheet)

    def of(self, series: Series, column: int, sheet: str | None = None) -> Expression:
        """Return what the formula of a series says; Unparsable or NotComputable when it can't be read.

        `sheet` is the one on which it stands, whose own names come first.
        """
        assert series.pattern is not None
        key = (sheet, column, series.pattern, series.array)
        if key not in self._known:
            if self._most is not None and len(self._known) >= self._most:
                raise LayoutError(
                    f"{self._where}, {a1(series.first, column)}: found more than {self._most:,} different "
                    "formulas, expected columns that repeat one; copy the formulas of a right row down"
                )
            try:
                self._known[key] = self._read(series, column, sheet)
            except (Unparsable, NotComputable) as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, Exception):
            raise found
        return found

    def _read(self, series: Series, column: int, sheet: str | None) -> Expression:
        down, right = series.array or (0, 0)
        found = resolved(parse(series.text(), series.first - down, column - right), self._names, sheet)
        return scalar(found) if series.array is None else array_element(found, down, right)


def column_series(sheet: Sheet, column: int, first: int, last: int) -> Iterator[Series]:
    """Yield the series of a column's rows `first` … `last`, both included, from the top."""
    rows = sheet.rows
    start, current = first, _form(sheet.cell(first, column), first, column)
    for row in range(first + 1, last + 1):
        cells = rows.get(row)
        cell = None if cells is None else cells.get(column)
        form, array = current
        if cell is None or cell.formula is None:
            if form is None:
                continue
        elif form is not None and array is None and cell.array is None:
            if form.text(row) == cell.formula:
                continue
        elif _form(cell, row, column) == current:
            continue
        yield Series(start, row - 1, form, array)
        start, current = row, _form(cell, row, column)
    yield Series(start, last, *current)


def references(cell: Cell | None, row: int, column: int) -> list[tuple[int, int]]:
    """Return the cells of its own sheet that a cell's formula names, ranges by their corners."""
    if cell is None or cell.formula is None:
        return []
    try:
        expression = relative(cell.formula, row, column)
    except Unparsable:
        return []
    targets: list[CellReference] = []
    for part in walk(expression):
        if isinstance(part, Reference) and isinstance(part.target, CellReference):
            targets.append(part.target)
        elif isinstance(part, Range):
            targets += [part.first, part.last]
    return [target.at(row, column)[1:] for target in targets if target.sheet is None]


@lru_cache(maxsize=4096)
def relative(formula: str, row: int, column: int) -> Expression:
    """Return `parse`'s result, kept for the next call."""
    return parse(formula, row, column)


def formula_of(book: Book, cell: Cell, sheet: str, row: int, column: int) -> Formula:
    """Return a cell's formula for a Calculator, names resolved; NotComputable when it can't be read."""
    assert cell.formula is not None
    try:
        return Formula(resolved(relative(cell.formula, row, column), book.names, sheet))
    except Unparsable as error:
        raise NotComputable(str(error)) from error


def _form(cell: Cell | None, row: int, column: int) -> tuple[Pattern | None, tuple[int, int] | None]:
    """Return a cell's relative formula, and its place in an array formula if it is part of one."""
    if cell is None or cell.formula is None:
        return None, None
    if cell.array is None:
        return pattern(cell.formula, row), None
    down, right = row - cell.array.first_row, column - cell.array.first_column
    return pattern(cell.formula, cell.array.first_row), (down, right)
