"""Edits sorted by sheet and cut into bands of rows in which the same is done in every row."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from sheetnet.book.edits import (
    ChartData,
    ClearCells,
    Content,
    Edit,
    FilledColumn,
    FillRows,
    MoveDrawing,
    PutCell,
    SetWidth,
)
from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS, a1
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
Action: TypeAlias = Fill | PutCell | Clear


class Band(NamedTuple):
    """Rows `first` to `last` and what is done in each of their columns, in ascending order."""

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
    moves: dict[int, int] = field(default_factory=dict)
    blocks: list[FillRows] = field(default_factory=list)
    puts: list[PutCell] = field(default_factory=list)
    strips: list[_Strip] = field(default_factory=list)

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
    """All edits: by sheet, and the charts' data by part."""

    sheets: dict[str, SheetPlan]
    charts: dict[str, list[ChartData]]


def plan(file: str, edits: Iterable[Edit]) -> Plan:
    """Sort the edits; FileError when one lies outside the largest sheet."""
    sheets: dict[str, SheetPlan] = {}
    charts: dict[str, list[ChartData]] = {}
    for edit in edits:
        if isinstance(edit, ChartData):
            charts.setdefault(edit.part, []).append(edit)
            continue
        sheet = sheets.setdefault(edit.sheet, SheetPlan())
        match edit:
            case FillRows():
                sheet.blocks.append(edit)
                sheet.strips += _filled(edit)
            case PutCell():
                sheet.puts.append(edit)
                sheet.strips.append(_Strip(edit.row, edit.row, edit.column, edit))
            case ClearCells():
                sheet.strips += (_Strip(edit.first_row, edit.last_row, c, CLEAR) for c in edit.columns)
            case SetWidth():
                sheet.widths.append(edit)
            case MoveDrawing():
                sheet.moves[edit.index] = edit.column
    for name, sheet in sheets.items():
        for strip in sheet.strips:
            if (strip.last >= MAX_ROWS or strip.column >= MAX_COLUMNS) and not isinstance(
                strip.action, Clear
            ):
                raise FileError(
                    f"{file}, {name}, {a1(strip.last, strip.column)}: no such cell, a sheet has "
                    f"{MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns; take fewer steps or a smaller net"
                )
        sheet.bands = list(_bands(sheet.strips))
    return Plan(sheets, charts)


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


def _bands(strips: list[_Strip]) -> Iterator[Band]:
    """Yield the bands in order; where strips overlap, the later edit wins."""
    edges = sorted({row for strip in strips for row in (strip.first, strip.last + 1)})
    begins: dict[int, list[int]] = {}
    for number, strip in enumerate(strips):
        begins.setdefault(strip.first, []).append(number)
    active: list[int] = []
    for first, after in pairwise(edges):
        active = sorted([n for n in active if strips[n].last >= first] + begins.get(first, []))
        if active:
            actions = {strips[n].column: strips[n].action for n in active}
            yield Band(first, after - 1, dict(sorted(actions.items())))
