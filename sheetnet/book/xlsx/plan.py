"""What the edits of one sheet put into which rows, as stretches of rows that are filled alike."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.edits import ClearCells, Content, Edit, FillRows, Mark, PutCell, SetHeights, Style
from sheetnet.book.grid import Value
from sheetnet.book.marks import MarkLook, strips
from sheetnet.book.xlsx.columns import height_of
from sheetnet.formula.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Filled:
    """A formula or a number out of a column of values; formats for cells that have none."""

    source: int
    """which of the plan's columns of values"""
    pattern: Pattern | None
    own: int | None
    """the format that the edit asks for"""
    like: int | None
    """the format of the same column in the row to be like, for cells not in the file yet"""


@dataclass(frozen=True, slots=True)
class Put:
    """One cell's formula, without ``=``, and value; `style` None keeps its format."""

    formula: str | None
    value: Value
    style: int | None


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The cell as it is in another format; `formats` gives it for the one that it has."""

    look: MarkLook
    formats: Callable[[int, MarkLook], int]

    def format(self, base: int) -> int:
        """Return the format of a marked cell."""
        return self.formats(base, self.look)


Action = Filled | Put | Clear | Marked
Spec = tuple[tuple[int, Action], ...]
"""What happens in a row: (column, action) in the order of columns."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows `first` to `last` of one spec; one with a `height`, in points, is one row."""

    first: int
    last: int
    spec: Spec
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The stretches of a sheet in order, and the columns of values they take: (first row, values)."""

    stretches: tuple[Stretch, ...]
    sources: tuple[tuple[int, NDArray[np.float64]], ...]

    @property
    def marks(self) -> bool:
        """Tell whether cells are marked."""
        return any(isinstance(action, Marked) for stretch in self.stretches for _, action in stretch.spec)

    @property
    def only_marks(self) -> bool:
        """Tell whether nothing else is done."""
        return all(
            stretch.height is None and all(isinstance(action, Marked) for _, action in stretch.spec)
            for stretch in self.stretches
        )

    @property
    def extent(self) -> tuple[int, int, int, int] | None:
        """First row, first column, last row and last column that get content, or None."""
        found = [
            (stretch.first, column, stretch.last)
            for stretch in self.stretches
            for column, action in stretch.spec
            if not isinstance(action, Clear)
        ]
        if not found:
            return None
        columns = [column for _, column, _ in found]
        return min(found)[0], min(columns), max(last for _, _, last in found), max(columns)


Interval = tuple[int, int, int, Action]
"""First row, last row, column, action."""


def plan(
    edits: Iterable[Edit],
    styles: Mapping[Style, int],
    like: Mapping[tuple[int, int], int],
    marked: Callable[[int, MarkLook], int],
) -> Plan:
    """Lay out the edits of one sheet's cells and rows' heights; where two meet, the later one holds.

    `styles` are the formats of the styles asked for, `like` those of the cells in `like_row` rows; `marked`
    gives the format of a cell of some format when it is marked.
    """
    intervals: list[Interval] = []
    sources: list[tuple[int, NDArray[np.float64]]] = []
    heights: dict[int, float] = {}
    for edit in edits:
        match edit:
            case FillRows():
                intervals += _fill(edit, sources, styles, like)
            case PutCell():
                formula = edit.formula.removeprefix("=") if edit.formula is not None else None
                style = styles[edit.style] if edit.style is not None else None
                put: Action = Put(formula, edit.value, style)
                if formula is None and edit.value is None and style is None:
                    put = Clear()
                intervals.append((edit.row, edit.row, edit.column, put))
            case ClearCells():
                intervals += [(edit.first_row, edit.last_row, column, Clear()) for column in edit.columns]
            case SetHeights():
                heights |= {row: height_of(size) for row, size in edit.heights.items()}
            case Mark():
                intervals += ((*strip[:3], Marked(strip.look, marked)) for strip in strips(edit))
            case _:
                pass
    return Plan(tuple(_stretches(intervals, heights)), tuple(sources))


def _fill(
    edit: FillRows,
    sources: list[tuple[int, NDArray[np.float64]]],
    styles: Mapping[Style, int],
    like: Mapping[tuple[int, int], int],
) -> Iterable[Interval]:
    for column in edit.columns:
        values = np.asarray(column.values, dtype=np.float64)
        own = styles[column.style] if column.style is not None else None
        as_row = like.get((edit.like_row, column.column)) if edit.like_row is not None else None
        end = edit.first_row + len(values)
        starts = [row for row, _ in column.contents[1:]]
        used = False
        for (first, content), after in zip(column.contents, [*starts, end], strict=True):
            last = min(after, end) - 1
            if content is Content.KEPT or last < first:
                continue
            pattern = content if isinstance(content, Pattern) else None
            yield first, last, column.column, Filled(len(sources), pattern, own, as_row)
            used = True
        if used:
            sources.append((edit.first_row, values))


def _stretches(intervals: list[Interval], heights: Mapping[int, float]) -> Iterable[Stretch]:
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for index, (first, last, _, _) in enumerate(intervals):
        if first <= last:
            starts.setdefault(first, []).append(index)
            ends.setdefault(last + 1, []).append(index)
    active: set[int] = set()
    rows = sorted({*starts, *ends, *heights, *(row + 1 for row in heights)})
    for row, after in pairwise(rows):
        active.difference_update(ends.get(row, ()))
        active.update(starts.get(row, ()))
        cells = {intervals[index][2]: intervals[index][3] for index in sorted(active)}
        if cells or row in heights:
            spec = tuple(sorted(cells.items(), key=lambda cell: cell[0]))
            yield Stretch(row, after - 1, spec, heights.get(row))
