"""Which rows and columns of a sheet show its findings: a few of thousands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sheetnet.book.grid import Cell
from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedNet
from sheetnet.layout.series import references
from sheetnet.net.terms import COST

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
    """Return the rows around the first cells of each finding, and the columns that explain them."""
    return Excerpt(_rows(net), _columns(net))


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
    """Yield the cells of the findings that must be seen: first one of each, then of their ranges."""
    here = [finding for finding in net.findings if finding.sheet == net.layout.sheet]
    yield from ((finding.row, finding.column) for finding in here)
    for nth in range(MOST_AREAS):
        for finding in here:
            if nth < len(finding.areas):
                yield finding.areas[nth].first_row, finding.areas[nth].first_column


def _rows(net: CheckedNet) -> tuple[int, ...]:
    layout = net.layout
    heads = {layout.label_row, layout.caption_row}
    wanted = [layout.first_row, layout.last_row]
    places = [row for row, _ in _places(net)]
    wanted += places
    for row in places:
        wanted += [near for near in (row - 1, row + 1) if layout.first_row <= near <= layout.last_row]
    return shortened((row for row in wanted if row not in heads), MOST_ROWS)


def _columns(net: CheckedNet) -> tuple[int, ...]:
    layout = net.layout
    places = list(_places(net))
    table = {*layout.columns.values(), *layout.helpers, *(column for _, column in places)}
    rate = [layout.rate[2]] if layout.rate is not None and layout.rate[0] == layout.sheet else []
    table.update(rate)
    if max(table) - min(table) < WHOLE_COLUMNS:
        return tuple(range(min(table), max(table) + 1))
    faulty = [column for _, column in places]
    wanted = [*rate, *faulty]
    for finding in net.findings:
        wanted += sorted({column for _, column in _named(finding)} & table)
    wanted += [layout.columns[COST]] if COST in layout.columns else []
    wanted += [column + beside for column in faulty for beside in (-1, 1) if column + beside in table]
    return shortened(wanted, MOST_COLUMNS)


def _named(finding: Finding) -> list[tuple[int, int]]:
    """Return the cells that the formula found and the right one name."""
    return [
        place
        for formula in (finding.found, finding.expected)
        if formula is not None
        for place in references(Cell(None, formula), finding.row, finding.column)
    ]
