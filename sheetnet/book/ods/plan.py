"""Edits sorted by sheet and cut into bands of rows in which the same is done in every row."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from sheetnet.book.edits import (
    AddSheet,
    ChartData,
    ClearCells,
    Content,
    Edit,
    FilledColumn,
    FillRows,
    Mark,
    MoveDrawing,
    Note,
    PutCell,
    SetHeights,
    SetPrinted,
    SetWidth,
)
from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS, Area, a1
from sheetnet.book.marks import MarkLook, strips
from sheetnet.errors import FileError
from sheetnet.formula.pattern import Pattern


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """One column of a band: its content, and whether its values are finite there."""

    block: FillRows
    column: FilledColumn
    content: Pattern | Content
    finite: bool


class Clear:
    """A cell that is emptied."""


CLEAR = Clear()


@dataclass(frozen=True, slots=True)
class Annotate:
    """A cell that keeps what it holds: it is marked, or gets a note, or both."""

    look: MarkLook | None = None
    note: str | None = None

    def joined(self, later: "Annotate") -> "Annotate":
        """Return this and a later one in one."""
        notes = [note for note in (self.note, later.note) if note is not None]
        return Annotate(later.look or self.look, "\n\n".join(notes) if notes else None)


Action: TypeAlias = Fill | PutCell | Clear | Annotate

SheetEdit: TypeAlias = (
    FillRows | PutCell | ClearCells | SetWidth | SetHeights | SetPrinted | MoveDrawing | Mark | Note
)


class Band(NamedTuple):
    """Rows `first` to `last` and what is done in each of their columns, in ascending order.

    A row that gets a height is a band of its own.
    """

    first: int
    last: int
    actions: dict[int, Action]


class _Strip(NamedTuple):
    first: int
    last: int
    column: int
    action: Action


@dataclass(slots=True)
class SheetPlan:
    """What is to be done on one sheet."""

    bands: list[Band] = field(default_factory=list)
    widths: list[SetWidth] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    printed: tuple[Area, ...] | None = None
    moves: dict[int, int] = field(default_factory=dict)
    blocks: list[FillRows] = field(default_factory=list)
    puts: list[PutCell] = field(default_factory=list)
    strips: list[_Strip] = field(default_factory=list)
    marked: bool = False
    noted: bool = False

    def add(self, edit: SheetEdit) -> None:
        """Take an edit in; its bands are cut when all are known."""
        match edit:
            case FillRows():
                self.blocks.append(edit)
                self.strips += _filled(edit)
            case PutCell():
                self.puts.append(edit)
                self.strips.append(_Strip(edit.row, edit.row, edit.column, edit))
            case ClearCells():
                self.strips += (_Strip(edit.first_row, edit.last_row, c, CLEAR) for c in edit.columns)
            case SetWidth():
                self.widths.append(edit)
            case SetHeights():
                self.heights |= edit.heights
            case SetPrinted():
                self.printed = edit.areas
            case MoveDrawing():
                self.moves[edit.index] = edit.column
            case Mark():
                self.strips += (_Strip(*strip[:3], Annotate(strip.look)) for strip in strips(edit))
                self.marked = True
            case Note():
                self.strips.append(_Strip(edit.row, edit.row, edit.column, Annotate(note=edit.text)))
                self.noted = True

    @property
    def formulas(self) -> bool:
        """Tell whether a formula is written."""
        return any(
            (isinstance(action, Fill) and isinstance(action.content, Pattern))
            or (isinstance(action, PutCell) and action.formula is not None)
            for action in (strip.action for strip in self.strips)
        )

    @property
    def last_column(self) -> int:
        """The last column in which something is written, -1 for none."""
        written = [strip.column for strip in self.strips if not isinstance(strip.action, Clear)]
        return max(written, default=-1)


@dataclass(frozen=True, slots=True)
class Plan:
    """All edits: by sheet, the charts' data by part, and the sheets to add."""

    sheets: dict[str, SheetPlan]
    charts: dict[str, list[ChartData]]
    added: list[AddSheet]


def plan(file: str, edits: Iterable[Edit]) -> Plan:
    """Sort the edits; FileError when one lies outside the largest sheet."""
    sheets: dict[str, SheetPlan] = {}
    charts: dict[str, list[ChartData]] = {}
    added: list[AddSheet] = []
    for edit in edits:
        if isinstance(edit, ChartData):
            charts.setdefault(edit.part, []).append(edit)
            continue
        if isinstance(edit, AddSheet):
            added.append(edit)
            continue
        sheet = sheets.setdefault(edit.area.sheet if isinstance(edit, Mark) else edit.sheet, SheetPlan())
        sheet.add(edit)
    for name, sheet in sheets.items():
        for strip in sheet.strips:
            if (strip.last >= MAX_ROWS or strip.column >= MAX_COLUMNS) and not isinstance(
                strip.action, Clear
            ):
                raise FileError(
                    f"{file}, {name}, {a1(strip.last, strip.column)}: no such cell, a sheet has "
                    f"{MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns; take fewer steps or a smaller net"
                )
        if max(sheet.heights, default=0) >= MAX_ROWS:
            raise FileError(
                f"{file}, {name}: no row {max(sheet.heights) + 1:,}, a sheet has {MAX_ROWS:,} rows; "
                "name one of those"
            )
        sheet.bands = list(_bands(sheet.strips, sheet.heights))
    return Plan(sheets, charts, added)


def _filled(block: FillRows) -> Iterator[_Strip]:
    """Yield the column's pieces of one content, cut again where values begin or cease to be finite."""
    for column in block.columns:
        finite = np.isfinite(column.values)
        changes = np.flatnonzero(finite[1:] != finite[:-1]) + 1 + block.first_row
        end = block.first_row + len(column.values)
        starts = [first for first, _ in column.contents]
        cuts = sorted({*starts, *(int(row) for row in changes)})
        for first, after in zip(cuts, [*cuts[1:], end], strict=True):
            content = column.contents[bisect_right(starts, first) - 1][1]
            if content is not Content.KEPT and first < after:
                fill = Fill(block, column, content, bool(finite[first - block.first_row]))
                yield _Strip(first, after - 1, column.column, fill)


def _bands(found: list[_Strip], heights: Collection[int]) -> Iterator[Band]:
    """Yield the bands in order; where strips overlap, the later edit wins."""
    edges = sorted(
        {row for strip in found for row in (strip.first, strip.last + 1)}
        | {edge for row in heights for edge in (row, row + 1)}
    )
    begins: dict[int, list[int]] = {}
    for number, strip in enumerate(found):
        begins.setdefault(strip.first, []).append(number)
    active: list[int] = []
    for first, after in pairwise(edges):
        active = sorted([n for n in active if found[n].last >= first] + begins.get(first, []))
        if active or first in heights:
            actions: dict[int, Action] = {}
            for strip in (found[n] for n in active):
                earlier = actions.get(strip.column)
                if isinstance(earlier, Annotate) and isinstance(strip.action, Annotate):
                    actions[strip.column] = earlier.joined(strip.action)
                else:
                    actions[strip.column] = strip.action
            yield Band(first, after - 1, dict(sorted(actions.items())))
