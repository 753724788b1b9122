"""Train: a workbook with initial weights becomes the trained workbook."""

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sheetnet.book import files
from sheetnet.book.calculator import Place
from sheetnet.book.edits import Edit, PutCell
from sheetnet.book.grid import MAX_CELLS, Area, Book
from sheetnet.book.skeleton import Format, NewBook
from sheetnet.design.carrying import carried, with_its_rate
from sheetnet.diagnosis.mending import grouped, mended
from sheetnet.errors import LayoutError
from sheetnet.layout.initial import check_shared
from sheetnet.layout.layout import Layout, default_steps
from sheetnet.layout.rows import LOOKED_FOR
from sheetnet.layout.stated import contradictions
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term
from sheetnet.progress import Progress, Tally
from sheetnet.recognition.finding import find_nets
from sheetnet.table.additions import drawing_moves, with_gradients
from sheetnet.table.filling import Filling, filled
from sheetnet.table.room import last_row_of
from sheetnet.table.surroundings import following_edits
from sheetnet.table.table import Table
from sheetnet.table.values import Values


@dataclass(frozen=True, slots=True)
class TrainedNet:
    """One net after training.

    `filling` has the table and its values; `added` are the columns of new dC/dW, `departed` the areas that
    did not follow the rule (mended, or kept with `mend` False), `typed` those where something else than the
    rule's number stood in the place of a formula, `moved` the drawings that made room,
    `reached` tells whether the cost came down to `until_cost`.
    """

    filling: Filling
    conventions: Conventions
    departed: tuple[Area, ...]
    typed: tuple[Area, ...]
    mend: bool
    until_cost: float | None
    reached: bool
    added: tuple[int, ...] = ()
    moved: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        """Where the net stands, its dC/dW columns included."""
        return self.filling.layout

    @property
    def steps(self) -> int:
        """How many rows the table has now."""
        return self.filling.steps

    def term(self, term: Term) -> NDArray[np.float64]:
        """Return a term's values, shape (steps,)."""
        return self.filling.values.column(self.layout.columns[term])


@dataclass(frozen=True, slots=True)
class Training:
    """The result of training a workbook: what was read, where it was saved, and every net.

    `unfilled` are formulas elsewhere (sheet, row, column) whose value only a spreadsheet program can renew.
    """

    book: Book
    out: Path
    nets: tuple[TrainedNet, ...]
    formulas: bool
    unfilled: tuple[Place, ...]
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

    `steps` is the number of rows, by default as many as the sheet has. An `out` of another format is a new
    workbook with the nets' sheets. A SheetnetError leaves no output.
    """
    source = Path(source)
    book = files.load(source)
    target = source if in_place else Path(out) if out is not None else trained_name(source)
    new_format = files.check_output(book, target, in_place=in_place, overwrite=overwrite)
    layouts = find_nets(book, sheets)
    if not layouts:
        names = ", ".join(sheet.name for sheet in book.sheets)
        raise LayoutError(f"{source.name}: found no net, looked for {LOOKED_FOR} in its sheets ({names})")
    options = _Options(steps, until_cost, mend, formulas)
    tally = Tally(progress, 2 * sum(_steps(layout, steps) for layout in layouts))
    with _base(book, layouts, new_format) as (base, puts, left_behind):
        if new_format is not None:
            layouts = [with_its_rate(layout, layouts) for layout in layouts]
        nets, edits, unfilled = _trained_nets(base, layouts, options, tally, new=new_format is not None)
        files.save(base, target, [*puts, *edits], progress=tally.add)
    tally.finish()
    unlike = [text for net in nets for text in contradictions(book, net.layout, net.conventions)]
    warnings = (*files.warnings(book), *_redrawn(book, layouts), *unlike, *_too_many(nets), *left_behind)
    return Training(book, target, nets, formulas, unfilled, warnings)


def trained_name(source: Path) -> Path:
    """Return the default name of a trained workbook: ``a.ods`` becomes ``a-trained.ods``."""
    return source.with_name(f"{source.stem}-trained{source.suffix}")


class _Options(NamedTuple):
    """What `train_file` was asked for."""

    steps: int | None
    until_cost: float | None
    mend: bool
    formulas: bool


@contextmanager
def _base(
    book: Book, layouts: Sequence[Layout], form: Format | None
) -> Iterator[tuple[Book, tuple[PutCell, ...], tuple[str, ...]]]:
    """Yield the workbook of which the output is a copy with edits: the book's file, or a new one.

    With a new one its formulas beside the tables, which are still to be written, and what is left behind.
    """
    if form is None:
        yield book, (), ()
        return
    new = carried(book, layouts, form)
    skeleton = NewBook(new.skeletons, datetime.now(UTC), new.language)
    with files.skeleton(skeleton, form, book.path.name) as made:
        drawn = {sheet.name: sheet.drawings for sheet in made.sheets}
        sheets = tuple(replace(sheet, drawings=drawn[sheet.name]) for sheet in new.sheets)
        yield replace(made, sheets=sheets), new.puts, new.warnings


def _trained_nets(
    book: Book, layouts: Sequence[Layout], options: _Options, tally: Tally, *, new: bool
) -> tuple[tuple[TrainedNet, ...], list[Edit], tuple[Place, ...]]:
    """Train the nets; return them, the edits that write them, and formulas that are left without a value."""
    nets: list[TrainedNet] = []
    taken: list[Area] = []
    edits: list[Edit] = []
    for layout in layouts:
        last_row = last_row_of(book, layout, _steps(layout, options.steps))
        addition = with_gradients(book, layout, last_row, taken)
        net = _trained(book, addition.layout, last_row, options, tally)
        edits += [*addition.edits, *net.filling.edits(formulas=options.formulas, new=new)]
        area = addition.area
        if area is not None:
            taken.append(area)
            net = replace(net, added=tuple(range(area.first_column, area.last_column + 1)))
        nets.append(net)
    for sheet in book.sheets:
        moves, names_moved = drawing_moves(sheet, [area for area in taken if area.sheet == sheet.name])
        edits += moves
        nets = _told(nets, sheet.name, names_moved)
    following, unfilled = following_edits(book, [net.filling for net in nets])
    return tuple(nets), [*edits, *following], unfilled


def _too_many(nets: Sequence[TrainedNet]) -> list[str]:
    """Return a warning of an output that is too large to be read again."""
    cells = sum(net.steps * len(net.layout.columns) for net in nets)
    if cells <= MAX_CELLS:
        return []
    return [
        f"the output has {cells:,} cells in its tables; more than {MAX_CELLS:,} can't be read here again."
    ]


def _redrawn(book: Book, layouts: Sequence[Layout]) -> list[str]:
    """Return a warning of the first number that a program draws anew whenever it opens the file."""
    for layout in layouts:
        cells = book.sheet(layout.sheet).rows[layout.first_row]
        for column in (*layout.of("a", 0), *layout.of("w"), *layout.of("target")):
            formula = cells[column].formula or ""
            if re.search(r"\b(RAND|RANDBETWEEN|RAND\.NV|RANDBETWEEN\.NV|NOW|TODAY)\(", formula):
                return [
                    f"{book.place(layout.sheet, layout.first_row, column)} is a formula that draws a new "
                    "number whenever the file is opened; type a number instead, so that the values stay true."
                ]
    return []


def _steps(layout: Layout, steps: int | None) -> int:
    if steps is not None:
        return steps
    return layout.steps if layout.steps > 1 else default_steps(layout.patterns)


def _trained(book: Book, layout: Layout, last_row: int, options: _Options, tally: Tally) -> TrainedNet:
    plan = mended(book, layout, last_row, mend=options.mend)
    if plan.conventions.biases == "shared":
        check_shared(book, layout)
    filling, met = filled(book, plan.layout, plan.table, tally.add, until_cost=options.until_cost)
    table, values = filling.table, filling.values
    return TrainedNet(
        filling=filling,
        conventions=plan.conventions,
        departed=tuple(area for area in plan.departed if area.first_row <= table.last_row),
        typed=grouped([area for area in plan.typed if not _right(book, area, table, values)]),
        mend=options.mend,
        until_cost=options.until_cost,
        reached=met,
    )


def _right(book: Book, area: Area, table: Table, values: Values) -> bool:
    """Tell whether the numbers typed into an area are those that the rule gives."""
    sheet = book.sheet(area.sheet)
    rows = range(area.first_row, min(area.last_row, table.last_row) + 1)
    for row in rows:
        cell = sheet.cell(row, area.first_column)
        value = None if cell is None else cell.value
        new = values.at(row, area.first_column)
        if not isinstance(value, float) or not math.isclose(value, new, rel_tol=1e-9, abs_tol=1e-12):
            return False
    return True


def _told(nets: list[TrainedNet], sheet: str, moved: tuple[str, ...]) -> list[TrainedNet]:
    """Return the nets, the first of a sheet that has new columns told what moved for them."""
    for index, net in enumerate(nets):
        if moved and net.layout.sheet == sheet and net.added:
            return [*nets[:index], replace(net, moved=moved), *nets[index + 1 :]]
    return nets
