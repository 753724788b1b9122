"""Series: runs of cells down one column that repeat one relative formula."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from sheetnet.book.calculator import Formula
from sheetnet.book.grid import Cell, Sheet
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Expression, Range, Reference, walk
from sheetnet.formula.parse import Unparsable, parse
from sheetnet.formula.pattern import Pattern, pattern


class Series(NamedTuple):
    """Rows `first` … `last` of a column: their formula's pattern, None for numbers and empty cells."""

    first: int
    last: int
    pattern: Pattern | None

    def expression(self, column: int) -> Expression | None:
        """Return the formula's relative expression, None for numbers; Unparsable when it can't be read."""
        return None if self.pattern is None else relative(self.pattern.text(self.first), self.first, column)


def column_series(sheet: Sheet, column: int, first: int, last: int) -> Iterator[Series]:
    """Yield the series of a column's rows `first` … `last`, both included, from the top."""
    rows = sheet.rows
    start, current = first, _pattern(sheet.cell(first, column), first)
    for row in range(first + 1, last + 1):
        cells = rows.get(row)
        cell = None if cells is None else cells.get(column)
        formula = None if cell is None else cell.formula
        if current is None:
            if formula is None:
                continue
        elif formula is not None and current.text(row) == formula:
            continue
        yield Series(start, row - 1, current)
        start, current = row, _pattern(cell, row)
    yield Series(start, last, current)


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


def formula_of(cell: Cell, row: int, column: int) -> Formula:
    """Return a cell's formula for a Calculator; NotComputable when it can't be read."""
    assert cell.formula is not None
    try:
        return Formula(relative(cell.formula, row, column))
    except Unparsable as error:
        raise NotComputable(str(error)) from error


def _pattern(cell: Cell | None, row: int) -> Pattern | None:
    return None if cell is None or cell.formula is None else pattern(cell.formula, row)
