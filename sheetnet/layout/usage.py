"""Which cells a formula uses, and which formulas use a cell."""

from collections.abc import Iterator
from typing import NamedTuple

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Area, Book
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Expression, Range, Reference, walk
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.series import Series, SeriesReader, column_series


class _Bound(NamedTuple):
    """An end of a range: a row, or an offset from the formula's own row."""

    row: int
    fixed: bool

    @classmethod
    def of(cls, reference: CellReference) -> "_Bound":
        return cls(reference.row, reference.row_fixed)


def used(book: Book, place: Place) -> list[Area] | None:
    """Return the cells that a cell's formula uses, each area once; None when it can't be read.

    Defined names count as what they stand for, an array formula as that which the cell shows of it.
    """
    sheet, row, column = place
    [series] = column_series(book.sheet(sheet), column, row, row)
    try:
        expression = _read(book, SeriesReader(book), sheet, series, column)
    except (Unparsable, NotComputable):
        return None
    if expression is None:
        return []
    found = []
    for first, last in _named(expression):
        _, top, left = first.at(row, column)
        _, bottom, right = last.at(row, column)
        found.append(
            Area(first.sheet or sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))
        )
    return list(dict.fromkeys(found))


def users(book: Book, place: Place) -> list[Area]:
    """Return the cells whose formulas use a cell, alone or within a range: areas of one column, in order."""
    name, row, column = place
    reader = SeriesReader(book)
    found: list[Area] = []
    for sheet in book.sheets:
        ends: dict[int, tuple[int, int]] = {}
        for index, cells in sheet.rows.items():
            for at, cell in cells.items():
                if cell.formula is not None:
                    first, last = ends.get(at, (index, index))
                    ends[at] = min(first, index), max(last, index)
        for at, (first, last) in sorted(ends.items()):
            areas = []
            for series in column_series(sheet, at, first, last):
                try:
                    expression = _read(book, reader, sheet.name, series, at)
                except (Unparsable, NotComputable):
                    continue
                for one, other in _named(expression) if expression is not None else ():
                    if (one.sheet or sheet.name).casefold() != name.casefold():
                        continue
                    columns = sorted((one.at(0, at)[2], other.at(0, at)[2]))
                    rows = _rows(_Bound.of(one), _Bound.of(other), row, series.first, series.last)
                    if columns[0] <= column <= columns[1] and rows is not None:
                        areas.append(rows)
            found += [Area(sheet.name, top, at, bottom, at) for top, bottom in _united(areas)]
    return found


def _read(book: Book, reader: SeriesReader, sheet: str, series: Series, column: int) -> Expression | None:
    """Return a series' relative expression with its ranges whole, but for arrays, which are taken apart."""
    if series.array is not None:
        return reader.of(series, column, sheet)
    expression = series.expression(column)
    return None if expression is None else resolved(expression, book.names, sheet)


def _named(expression: Expression) -> Iterator[tuple[CellReference, CellReference]]:
    for part in walk(expression):
        if isinstance(part, Reference) and isinstance(part.target, CellReference):
            yield part.target, part.target
        elif isinstance(part, Range):
            yield part.first, part.last


def _rows(one: _Bound, other: _Bound, row: int, first: int, last: int) -> tuple[int, int] | None:
    """Return the rows, within first … last, whose formula reaches a row with its range from one to other."""
    upper, lower = one, other
    if (upper.fixed, lower.fixed) in ((True, True), (False, False)) and upper.row > lower.row:
        upper, lower = lower, upper
    for bound, above in ((upper, True), (lower, False)):
        if bound.fixed:
            if (bound.row > row) if above else (bound.row < row):
                return None
        elif above:
            last = min(last, row - bound.row)
        else:
            first = max(first, row - bound.row)
    return (first, last) if first <= last else None


def _united(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return runs of rows in order, those that touch made one."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if out and first <= out[-1][1] + 1:
            out[-1] = out[-1][0], max(last, out[-1][1])
        else:
            out.append((first, last))
    return out
