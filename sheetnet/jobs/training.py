"""Train: a workbook with initial weights becomes the trained workbook."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetnet.book import files
from sheetnet.book.calculator import Place, cells_of
from sheetnet.book.dependents import refreshed
from sheetnet.book.edits import (
    ChartData,
    ClearCells,
    Content,
    Edit,
    FilledColumn,
    FillRows,
    MoveDrawing,
    PutCell,
)
from sheetnet.book.grid import MAX_ROWS, Area, Book, Value
from sheetnet.diagnosis.mending import mended
from sheetnet.errors import DivergenceError, FileError, LayoutError
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.additions import drawing_moves, value_style, with_gradients
from sheetnet.layout.layout import Layout
from sheetnet.layout.rows import LOOKED_FOR, find_nets
from sheetnet.layout.table import Piece, Table
from sheetnet.layout.values import Broken, Values
from sheetnet.net.conventions import Conventions
from sheetnet.net.descent import reached
from sheetnet.net.terms import COST, Term, label

DEFAULT_STEPS = 1000
"""Rows of a net of which the sheet holds only the first."""

Progress = Callable[[int, int], object]
"""Is told how many rows of how many are done; computing and writing a row count as one each."""


@dataclass(frozen=True, slots=True)
class TrainedNet:
    """One net after training.

    `values` has every column of the table by its index in `columns`; `added` are the new dC/dW columns,
    `departed` the areas that did not follow the rule (mended, or kept with `mend=False`), `surplus` the rows
    that were emptied, `moved` the drawings that made room, `followed` the charts that follow the last row.
    """

    layout: Layout
    conventions: Conventions
    table: Table
    values: Values
    added: tuple[int, ...]
    departed: tuple[Area, ...]
    mend: bool
    surplus: int
    moved: tuple[str, ...]
    until_cost: float | None
    reached: bool

    @property
    def steps(self) -> int:
        """How many rows the table has now."""
        return len(self.values)

    def term(self, term: Term) -> NDArray[np.float64]:
        """Return a term's values, shape (steps,)."""
        return self.values.column(self.layout.columns[term])


@dataclass(frozen=True, slots=True)
class Training:
    """The result of training a workbook: what was read, where it was saved, and every net."""

    book: Book
    out: Path
    nets: tuple[TrainedNet, ...]
    warnings: tuple[str, ...]


def train_file(
    source: str | Path,
    out: str | Path | None = None,
    *,
    sheets: Sequence[str] = (),
    steps: int | None = None,
    until_cost: float | None = None,
    mend: bool = True,
    formulas: bool = True,
    in_place: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Training:
    """Train every net of a workbook and save the result to `out`, `source` with ``-trained`` by default.

    `steps` is the number of rows, by default as many as the sheet has. A SheetnetError leaves no output.
    """
    source = Path(source)
    target = source if in_place else Path(out) if out is not None else trained_name(source)
    book = files.load(source)
    warnings = _check_target(source, target, book, in_place=in_place, overwrite=overwrite)
    layouts = find_nets(book, sheets)
    if not layouts:
        raise LayoutError(
            f"{source.name}: found no net, looked for {LOOKED_FOR} in "
            f"{'its sheet' if len(book.sheets) == 1 else 'each of its sheets'} "
            f"{', '.join(sheet.name for sheet in book.sheets)}"
        )
    counter = _Counter(progress, 2 * sum(_steps(layout, steps) for layout in layouts))
    nets = []
    taken: list[Area] = []
    edits: list[Edit] = []
    for layout in layouts:
        last_row = _last_row(book, layout, _steps(layout, steps))
        addition = with_gradients(book, layout, last_row, taken)
        net = _trained(book, addition.layout, last_row, until_cost, counter, mend=mend)
        if addition.area is not None:
            taken.append(addition.area)
        edits += [*addition.edits, *_filled(book, net, formulas=formulas), *_emptied(net)]
        added = (
            () if addition.area is None else range(addition.area.first_column, addition.area.last_column + 1)
        )
        nets.append(replace(net, added=tuple(added)))
    nets, moves = _moved(book, nets, taken)
    edits += [*moves, *_elsewhere(book, nets)]
    files.save(book, target, edits, progress=counter.add)
    counter.finish()
    return Training(book, target, tuple(nets), tuple(warnings))


def trained_name(source: Path) -> Path:
    """Return the default name of a trained workbook: ``a.ods`` becomes ``a-trained.ods``."""
    return source.with_name(f"{source.stem}-trained{source.suffix}")


# ---------------------------------------------------------------- before


def _check_target(source: Path, target: Path, book: Book, *, in_place: bool, overwrite: bool) -> list[str]:
    """Refuse an output that can't be written as asked; return warnings about the input."""
    warnings = []
    if not in_place:
        if target.is_dir():
            raise FileError(f"{target}: is a folder, expected the name of the output file")
        if target.exists() and source.exists() and target.samefile(source):
            raise FileError(f"{target}: is the input itself; say --in-place to replace it")
        if target.exists() and not overwrite:
            raise FileError(
                f"{target}: exists already; say --overwrite to replace it, or name another output"
            )
        kind = "ods" if target.suffix.lower() in (".ods", ".ots") else "xlsx"
        if (
            target.suffix.lower() not in (".ods", ".ots", ".xlsx", ".xlsm", ".xltx", ".xltm")
            or kind != book.format
        ):
            raise FileError(
                f"{target}: {source.name} is an .{book.format} workbook, and is saved as one; "
                f"name the output {target.stem}{source.suffix}"
            )
    opened = files.opened_by(target)
    if opened is not None and (in_place or target.exists()):
        raise FileError(f"{target}: is open in {opened}; close it there first, or name another output")
    opened = files.opened_by(source)
    if opened is not None:
        warnings.append(
            f"{source.name} is open in {opened}: changes that are not saved there are not seen here."
        )
    if book.signed:
        warnings.append(
            f"{source.name} is digitally signed; the signature does not hold for the output and is left out."
        )
    return warnings


def _steps(layout: Layout, steps: int | None) -> int:
    if steps is not None:
        return steps
    return layout.steps if layout.steps > 1 else max(DEFAULT_STEPS, layout.patterns)


def _last_row(book: Book, layout: Layout, steps: int) -> int:
    """Return the row of the last step; LayoutError when the sheet has no room for it."""
    last_row = layout.first_row + steps - 1
    if last_row >= MAX_ROWS:
        raise LayoutError(
            f"{book.path.name}, {layout.sheet}: {steps:,} steps end in row {last_row + 1:,}, "
            f"a sheet has {MAX_ROWS:,} rows; use --steps {MAX_ROWS - layout.first_row} or less"
        )
    columns = {*layout.columns.values(), *layout.helpers}
    own = {column for term, column in layout.columns.items() if _is_own(term)}
    typed = layout.first_row + layout.patterns
    rows = book.sheet(layout.sheet).rows
    for row in sorted(row for row in rows if layout.last_row < row <= last_row):
        for column in sorted(columns & rows[row].keys()):
            if row < typed and column in own:
                continue
            cell = rows[row][column]
            found = cell.formula if cell.value is None else cell.value
            raise LayoutError(
                f"{book.place(layout.sheet, row, column)}: found '{found}', expected free cells for "
                f"{steps:,} steps; move it, or use --steps {row - layout.first_row} or less"
            )
    return last_row


def _is_own(term: Term) -> bool:
    return term.kind == "target" or (term.kind, term.layer) == ("a", 0)


# ---------------------------------------------------------------- one net


def _trained(
    book: Book, layout: Layout, last_row: int, until_cost: float | None, counter: "_Counter", *, mend: bool
) -> TrainedNet:
    plan = mended(book, layout, last_row, mend=mend)
    values = Values(book, plan.table)
    done, stop, cost = 0, None, layout.columns[COST]
    try:
        for rows in values.compute():
            counter.add(rows - done)
            done = rows
            if until_cost is not None:
                stop = reached(values.column(cost).copy(), layout.patterns, until_cost)
                if stop is not None:
                    break
    except Broken as broken:
        raise _diverged(book, layout, broken) from broken
    table = plan.table
    if stop is not None:
        values.cut(stop)
        table = table.cut(layout.first_row + stop - 1)
        values.table = table
    last = layout.first_row + len(values) - 1
    return TrainedNet(
        layout=layout,
        conventions=plan.conventions,
        table=table,
        values=values,
        added=(),
        departed=tuple(area for area in plan.departed if area.first_row <= last),
        mend=mend,
        surplus=max(layout.last_row - last, 0),
        moved=(),
        until_cost=until_cost,
        reached=stop is not None,
    )


def _diverged(book: Book, layout: Layout, broken: Broken) -> DivergenceError:
    row, column, shown = broken.failure
    term = layout.terms.get(column)
    name = "a helper column" if term is None else label(term)
    layer = f" of layer {term.layer}" if term is not None and term.layer else ""
    return DivergenceError(
        f"{book.place(layout.sheet, row, column)}: step {row - layout.first_row}, {name}{layer} can't be "
        f"computed, Calc would show {shown} there; use a smaller learning rate or smaller initial weights"
    )


def _filled(book: Book, net: TrainedNet, *, formulas: bool) -> list[Edit]:
    layout, table = net.layout, net.table
    columns = []
    style = value_style(layout)
    for column, pieces in sorted(table.columns.items()):
        term = layout.terms.get(column)
        contents = tuple((piece.first, _content(piece, formulas=formulas)) for piece in pieces)
        if all(content is Content.KEPT for _, content in contents):
            continue
        gradient = term is not None and term.kind == "gradient"
        columns.append(FilledColumn(column, contents, net.values.column(column), style if gradient else None))
    like_row = layout.last_row if layout.steps > 1 else layout.first_row
    return [FillRows(layout.sheet, table.first_row, tuple(columns), like_row)]


def _content(piece: Piece, *, formulas: bool) -> Pattern | Content:
    if piece.pattern is None:
        return Content.KEPT
    return piece.pattern if formulas else Content.NUMBER


def _emptied(net: TrainedNet) -> list[Edit]:
    """Return the edits that empty surplus rows; patterns typed there stay."""
    if not net.surplus:
        return []
    layout, last = net.layout, net.table.last_row
    own = {column for term, column in layout.columns.items() if _is_own(term)}
    typed = layout.first_row + layout.patterns - 1
    all_columns = tuple(sorted({*layout.columns.values(), *layout.helpers}))
    edits: list[Edit] = []
    if last < typed:
        others = tuple(column for column in all_columns if column not in own)
        edits.append(ClearCells(layout.sheet, last + 1, min(typed, layout.last_row), others))
    if max(last, typed) < layout.last_row:
        edits.append(ClearCells(layout.sheet, max(last, typed) + 1, layout.last_row, all_columns))
    return edits


# ---------------------------------------------------------------- around the nets


def _moved(
    book: Book, nets: list[TrainedNet], taken: Sequence[Area]
) -> tuple[list[TrainedNet], list[MoveDrawing]]:
    """Return the moves of drawings off the new columns, told to the first net of their sheet."""
    edits: list[MoveDrawing] = []
    out = list(nets)
    for sheet in book.sheets:
        areas = [area for area in taken if area.sheet == sheet.name]
        if areas:
            moves, names = drawing_moves(sheet, areas)
            edits += moves
            index = next(i for i, net in enumerate(out) if net.layout.sheet == sheet.name and net.added)
            out[index] = replace(out[index], moved=names)
    return out, edits


def _elsewhere(book: Book, nets: Sequence[TrainedNet]) -> list[Edit]:
    """Return new values for formulas that depend on the nets, and new ranges and data for their charts."""
    changed = []
    for net in nets:
        last = max(net.table.last_row, net.layout.last_row)
        changed += [
            Area(net.layout.sheet, net.table.first_row, column, last, column) for column in net.table.columns
        ]

    def net_at(place: Place) -> TrainedNet | None:
        for net in nets:
            if place[0] == net.layout.sheet and place[2] in net.table.columns:
                last = max(net.table.last_row, net.layout.last_row)
                if net.table.first_row <= place[1] <= last:
                    return net
        return None

    def value(place: Place) -> Value:
        net = net_at(place)
        assert net is not None
        return net.values.at(place[1], place[2]) if place[1] <= net.table.last_row else None

    edits: list[Edit] = list(refreshed(book, changed, value, lambda place: net_at(place) is not None))
    refreshed_cells = {
        (edit.sheet, edit.row, edit.column): edit.value for edit in edits if isinstance(edit, PutCell)
    }
    cell_at = cells_of(book)

    def number(place: Place) -> float:
        if net_at(place) is not None:
            found = value(place)
        elif place in refreshed_cells:
            found = refreshed_cells[place]
        else:
            cell = cell_at(place)
            found = None if cell is None else cell.value
        return float(found) if isinstance(found, float | bool) else math.nan

    for chart in book.charts:
        for old in dict.fromkeys(chart.ranges):
            if any(area.meets(old) for area in changed):
                new = _following(old, nets)
                rows = range(new.first_row, new.last_row + 1)
                columns = range(new.first_column, new.last_column + 1)
                data = np.array([[number((new.sheet, row, column)) for column in columns] for row in rows])
                edits.append(ChartData(chart.part, old, new, data))
    return edits


def _following(old: Area, nets: Sequence[TrainedNet]) -> Area:
    """Return a chart's range, which follows the last step when it ended there."""
    for net in nets:
        ends = old.sheet == net.layout.sheet and old.last_row == net.layout.last_row
        inside = old.first_column in net.table.columns and old.first_row < net.table.last_row
        if ends and inside and old.first_row < old.last_row:
            return old._replace(last_row=net.table.last_row)
    return old


class _Counter:
    """Adds up rows for whoever watches."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, max(total, 1), 0

    def add(self, rows: int) -> None:
        self._done = min(self._done + rows, self._total)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def finish(self) -> None:
        self.add(self._total)
