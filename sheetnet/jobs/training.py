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
from sheetnet.design.pagecopy import language_of, page_copy
from sheetnet.diagnosis.inference import inferred
from sheetnet.diagnosis.mending import grouped, mended
from sheetnet.diagnosis.outcome import computed
from sheetnet.diagnosis.world import has_rate_a_row
from sheetnet.errors import LayoutError
from sheetnet.layout.content import is_number
from sheetnet.layout.initial import check_shared
from sheetnet.layout.layout import Layout, default_steps
from sheetnet.layout.rows import LOOKED_FOR
from sheetnet.layout.stated import contradictions
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term, is_bias, is_given
from sheetnet.progress import Progress, Tally
from sheetnet.recognition.finding import find_nets
from sheetnet.table.additions import Addition, drawing_moves, with_gradients
from sheetnet.table.filling import Filling, filled
from sheetnet.table.lensed import lengthened
from sheetnet.table.pages import with_pages
from sheetnet.table.room import last_row_of
from sheetnet.table.surroundings import following_edits
from sheetnet.table.table import Piece, Table, merged
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
    layouts = [_complete(book, layout) for layout in find_nets(book, sheets)]
    _refuse_blocks(book, layouts)
    if new_format is not None:
        _refuse_new(book, target, layouts)
    if not layouts:
        names = ", ".join(sheet.name for sheet in book.sheets)
        raise LayoutError(f"{source.name}: found no net, looked for {LOOKED_FOR} in its sheets ({names})")
    options = _Options(steps, until_cost, mend, formulas)
    tally = Tally(progress, 2 * sum(_steps(layout, steps) for layout in layouts))
    with _base(book, layouts, new_format) as (base, puts, left_behind):
        if new_format is not None and any(layout.pages for layout in layouts):
            layouts = [_again(base, layout) for layout in layouts]
        elif new_format is not None:
            layouts = [with_its_rate(layout, layouts) for layout in layouts]
        nets, edits, unfilled = _trained_nets(base, layouts, options, tally, new=new_format is not None)
        files.save(base, target, [*puts, *edits], progress=tally.add)
    tally.finish()
    unlike = [
        text for net in nets for text in contradictions(net.layout.seen(book), net.layout, net.conventions)
    ]
    warnings = (*files.warnings(book), *_redrawn(book, layouts), *unlike, *_too_many(nets), *left_behind)
    return Training(book, target, nets, formulas, unfilled, warnings)


def _refuse_blocks(book: Book, layouts: Sequence[Layout]) -> None:
    """Raise LayoutError for a net that is no table: there are no rows to go on with."""
    for layout in layouts:
        if layout.lens is not None and layout.lens.places and not layout.pages:
            raise LayoutError(
                f"{book.place(*layout.corner)}: found a net in blocks of cells, expected one step a row or "
                "a column; blocks can be checked, for a trained net make a table of rows (sheetnet new)"
            )


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
    if any(layout.pages for layout in layouts):
        copies = tuple(page_copy(book, layout, _conventions(layout)) for layout in layouts)
        code = language_of(book.sheet(layouts[0].sheet)).code
        with files.skeleton(NewBook(copies, datetime.now(UTC), code), form, book.path.name) as made:
            yield made, (), _not_copied(book, layouts)
        return
    new = carried(book, layouts, form)
    skeleton = NewBook(new.skeletons, datetime.now(UTC), new.language)
    with files.skeleton(skeleton, form, book.path.name) as made:
        drawn = {sheet.name: sheet.drawings for sheet in made.sheets}
        sheets = tuple(replace(sheet, drawings=drawn[sheet.name]) for sheet in new.sheets)
        yield replace(made, sheets=sheets), new.puts, new.warnings


def _conventions(layout: Layout) -> Conventions:
    assert layout.lens is not None
    return inferred(layout.lens.view, layout).conventions


def _again(book: Book, layout: Layout) -> Layout:
    """Return where the net of a page stands in a new workbook that was made of it."""
    (found,) = find_nets(book, [layout.sheet])
    return replace(found, conventions=_conventions(layout), patterns=layout.patterns)


def _not_copied(book: Book, layouts: Sequence[Layout]) -> tuple[str, ...]:
    """Return a warning of the sheets that a new workbook of pages is without."""
    left = [sheet.name for sheet in book.sheets if sheet.name not in {each.sheet for each in layouts}]
    return (f"left behind, since the output is a new workbook: {', '.join(left)}.",) if left else ()


def _trained_nets(
    book: Book, layouts: Sequence[Layout], options: _Options, tally: Tally, *, new: bool
) -> tuple[tuple[TrainedNet, ...], list[Edit], tuple[Place, ...]]:
    """Train the nets; return them, the edits that write them, and formulas that are left without a value."""
    nets: list[TrainedNet] = []
    taken: list[Area] = []
    edits: list[Edit] = []
    for found in layouts:
        seen = _seen(book, found)
        last_row = last_row_of(seen, found, _steps(found, options.steps))
        layout = with_pages(found, last_row)
        if layout.by_formulas or layout.pages:
            addition = Addition(layout)
        else:
            addition = with_gradients(book, layout, last_row, taken)
        net = _trained(lengthened(seen, layout, last_row), addition.layout, last_row, options, tally)
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
        for column in (*layout.of("a", 0), *layout.of("w"), *layout.of("target")):
            place = (layout.sheet, layout.first_row, column)
            place = place if layout.lens is None else layout.lens.place(*place)
            cell = book.sheet(place[0]).cell(*place[1:])
            formula = "" if cell is None or cell.formula is None else cell.formula
            if re.search(r"\b(RAND|RANDBETWEEN|RAND\.NV|RANDBETWEEN\.NV|NOW|TODAY)\(", formula):
                return [
                    f"{book.place(*place)} is a formula that draws a new "
                    "number whenever the file is opened; type a number instead, so that the values stay true."
                ]
    return []


def _steps(layout: Layout, steps: int | None) -> int:
    if steps is not None:
        return steps
    return layout.steps if layout.steps > 1 or layout.pages else default_steps(layout.patterns)


def _trained(book: Book, layout: Layout, last_row: int, options: _Options, tally: Tally) -> TrainedNet:
    inference = inferred(book, layout)
    plan = mended(book, layout, last_row, mend=options.mend, inference=inference)
    if layout.by_formulas and plan.departed:
        from sheetnet.diagnosis.ownform import in_own_form  # noqa: PLC0415 -- seldom needed, and large

        plan = plan._replace(table=in_own_form(plan.table, inference))
    if plan.conventions.biases == "shared":
        check_shared(book, layout)
    filling, met = filled(book, plan.layout, plan.table, tally.add, until_cost=options.until_cost)
    table, values = filling.table, filling.values
    unlike = [area for area in plan.typed if not _right(book, area, table, values)]
    if layout.by_formulas:
        kept = [area for area in plan.typed if area not in unlike]
        numbers = _typed_columns(book, plan.layout, plan.conventions)
        filling = replace(filling, table=_with_numbers(table, kept), begun=layout.tail, typed=numbers)
    departed = [area for area in plan.departed if area.first_row <= table.last_row]
    return TrainedNet(
        filling=filling,
        conventions=plan.conventions,
        departed=_on_sheet(departed, layout),
        typed=_on_sheet(unlike, layout),
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


def _complete(book: Book, layout: Layout) -> Layout:
    """Return a layout with the step of which a sheet has the weights alone, and with each row's own rate."""
    if not layout.by_formulas:
        return layout
    seen, helpers = layout.seen(book), layout.helpers
    if layout.rate is not None and has_rate_a_row(seen, layout):
        _, row, column = layout.rate
        cell = seen.sheet(layout.sheet).cell(row + 1, column)
        if cell is not None and cell.formula is not None:
            helpers = tuple(sorted({*helpers, column}))
    return replace(layout, last_row=layout.last_row + layout.tail, helpers=helpers)


def _seen(book: Book, layout: Layout) -> Book:
    """Return the workbook as a layout sees it, with the values that its file lacks beside first numbers."""
    if layout.lens is None and layout.by_formulas:
        return computed(book, [layout])
    return layout.seen(book)


def _refuse_new(book: Book, target: Path, layouts: Sequence[Layout]) -> None:
    """Raise LayoutError for a sheet of a layout of its own, which is continued where it stands alone."""
    for layout in layouts:
        if layout.pages != layouts[0].pages:
            raise LayoutError(
                f"{book.path.name}, {layout.sheet}: found nets on pages and in rows, expected one kind in a "
                "new workbook; name one with --sheet"
            )
        if layout.by_formulas:
            raise LayoutError(
                f"{book.path.name}, {layout.sheet}: a sheet of its own layout is continued in a copy of its "
                f"file; name the output {target.with_suffix(book.path.suffix).name}"
            )


def _on_sheet(areas: Sequence[Area], layout: Layout) -> tuple[Area, ...]:
    """Return areas of a table as those of its sheet, neighbours made one; cells of all steps are no part."""
    lens = layout.lens
    if lens is None:
        return grouped(areas)
    own = [area for area in areas if area.first_column not in lens.cells]
    return grouped([part for area in own for part in lens.areas(area)])


def _with_numbers(table: Table, areas: Sequence[Area]) -> Table:
    """Return a table that leaves the numbers of some areas, a column each, as they are."""
    columns = dict(table.columns)
    for area in areas:
        column, pieces = area.first_column, list[Piece]()
        for piece in columns[column]:
            first, last = max(piece.first, area.first_row), min(piece.last, area.last_row)
            if first > last:
                pieces.append(piece)
                continue
            parts = [piece._replace(last=first - 1), Piece(first, last, None), piece._replace(first=last + 1)]
            pieces += [part for part in parts if part.first <= part.last]
        columns[column] = merged(pieces)
    return replace(table, columns=columns)


def _typed_columns(book: Book, layout: Layout, conventions: Conventions) -> frozenset[int]:
    """Return the columns of inputs, targets and fixed biases that have a typed number in every row."""
    sheet = book.sheet(layout.sheet)
    fixed = conventions.biases == "fixed"
    columns = {
        column
        for term, column in layout.columns.items()
        if is_given(term) or (fixed and term.kind == "w" and is_bias(term, layout.sizes))
    }
    last = layout.last_row - layout.tail
    return frozenset(
        column
        for column in columns
        if layout.steps > 1
        and all(is_number(sheet.cell(row, column)) for row in range(layout.first_row, last + 1))
        and not any(
            cell.formula is not None
            for row in range(layout.first_row, last + 1)
            if (cell := sheet.cell(row, column)) is not None
        )
    )


def _told(nets: list[TrainedNet], sheet: str, moved: tuple[str, ...]) -> list[TrainedNet]:
    """Return the nets, the first of a sheet that has new columns told what moved for them."""
    for index, net in enumerate(nets):
        if moved and net.layout.sheet == sheet and net.added:
            return [*nets[:index], replace(net, moved=moved), *nets[index + 1 :]]
    return nets
