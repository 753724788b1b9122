"""Which rows and columns of a sheet show its findings: a few of thousands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sheetnet.book.grid import Cell
from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedNet
from sheetnet.layout.series import references
from sheetnet.net.terms import COST
from sheetnet.report.places import is_turned

MOST_ROWS = 48
"""Rows that are shown."""
WHOLE_COLUMNS = 32
"""Columns up to which a table is shown in its full width."""
MOST_COLUMNS = 24
"""Columns that are shown of a wider one."""
MOST_AREAS = 6
"""Ranges of one finding whose first cell is shown."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Rows and columns in rising order, zero-based; `columns` of one row belong together."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


def excerpt(net: CheckedNet) -> Excerpt:
    """Return the rows around the first cells of each finding, and the columns that explain them.

    Where a step is a column it is the other way round.
    """
    if is_turned(net.layout):
        return Excerpt(_terms(net, MOST_ROWS, MOST_ROWS), _steps(net, MOST_COLUMNS))
    return Excerpt(_steps(net, MOST_ROWS), _terms(net, WHOLE_COLUMNS, MOST_COLUMNS))


def gaps(shown: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each shown number with how many were left out before it."""
    before = None
    for index in shown:
        yield index, 0 if before is None else index - before - 1
        before = index


def shortened(wanted: Iterable[int], most: int) -> tuple[int, ...]:
    """Return the first `most` different numbers, most wanted first, in rising order.

    A single one that would be left out between two stays: its mark would take as much room.
    """
    found: dict[int, None] = {}
    for index in wanted:
        if len(found) == most:
            break
        found[index] = None
    filled = {index + 1 for index in found if index + 1 not in found and index + 2 in found}
    return tuple(sorted({*found, *filled}))


def _places(net: CheckedNet) -> Iterator[tuple[int, int]]:
    """Yield the cells of the findings that must be seen: first one of each, then of their ranges.

    As places in the table: its row, a step's, first.
    """
    here = [finding for finding in net.findings if finding.sheet == net.layout.sheet]
    found = [(finding.row, finding.column) for finding in here]
    for nth in range(MOST_AREAS):
        for finding in here:
            if nth < len(finding.areas):
                found.append((finding.areas[nth].first_row, finding.areas[nth].first_column))
    yield from _in_table(net, found)


def _in_table(net: CheckedNet, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield cells of the sheet as places in the table; those that serve all steps lie elsewhere."""
    lens = net.layout.lens
    single = set() if lens is None else {place[1:] for place in lens.cells.values()}
    for row, column in places:
        if (row, column) not in single:
            yield (column, row) if is_turned(net.layout) else (row, column)


def _steps(net: CheckedNet, most: int) -> tuple[int, ...]:
    layout = net.layout
    heads = {layout.label_row, layout.caption_row}
    wanted = [layout.first_row, layout.last_row]
    places = [row for row, _ in _places(net)]
    wanted += places
    for row in places:
        wanted += [near for near in (row - 1, row + 1) if layout.first_row <= near <= layout.last_row]
    return shortened((row for row in wanted if row not in heads), most)


def _terms(net: CheckedNet, whole: int, most: int) -> tuple[int, ...]:
    layout = net.layout
    single = set() if layout.lens is None else layout.lens.cells.keys()
    places = list(_places(net))
    table = {*layout.columns.values(), *layout.helpers, *(column for _, column in places)}
    rate = [layout.rate[2]] if layout.rate is not None and layout.rate[0] == layout.sheet else []
    table.update(rate)
    table -= single
    if max(table) - min(table) < whole:
        return tuple(range(min(table), max(table) + 1))
    faulty = [column for _, column in places]
    wanted = [*rate, *faulty]
    for finding in net.findings:
        wanted += sorted({column for _, column in _in_table(net, _named(finding))} & table)
    wanted += [layout.columns[COST]] if COST in layout.columns else []
    wanted += [column + beside for column in faulty for beside in (-1, 1) if column + beside in table]
    return shortened((column for column in wanted if column in table or column in faulty), most)


def _named(finding: Finding) -> list[tuple[int, int]]:
    """Return the cells that the formula found and the right one name."""
    return [
        place
        for formula in (finding.found, finding.expected)
        if formula is not None
        for place in references(Cell(None, formula), finding.row, finding.column)
    ]
