"""Info: how a workbook is read, net by net and sheet by sheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetnet.book import files
from sheetnet.book.grid import Area, Book, CellError, Sheet
from sheetnet.diagnosis.inference import inferred
from sheetnet.diagnosis.mending import grouped, mended
from sheetnet.diagnosis.world import has_rate_a_row
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.text import formula_text
from sheetnet.layout.labels import is_layer_caption, read_label
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import relative
from sheetnet.layout.stated import contradictions
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import is_bias
from sheetnet.recognition.finding import NotRead, nets_by_sheet


@dataclass(frozen=True, slots=True)
class ReadNet:
    """A net as it was read: its layout and conventions, and where the rule's formulas are missing."""

    layout: Layout
    conventions: Conventions
    departed: tuple[Area, ...]
    typed: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet as it was read.

    `stray` are formula cells that belong to no net (address, formula), `not_understood` texts with the place
    they stand at: labels that no vocabulary has, formulas that can't be parsed. `missing` says of a sheet
    with formulas and no net what was found of one, and what was not.
    """

    name: str
    nets: tuple[ReadNet, ...]
    cells: int
    formulas: int
    stray: tuple[tuple[str, str], ...]
    not_understood: tuple[tuple[str, str], ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A workbook as it was read, and what its user should know."""

    book: Book
    sheets: tuple[ReadSheet, ...]
    warnings: tuple[str, ...]


def read_file(path: str | Path, *, sheets: Sequence[str] = ()) -> Reading:
    """Read a workbook and tell how; SheetnetError when it can't be read, or a layout is incomplete."""
    path = Path(path)
    book = files.load(path)
    found = []
    for each in nets_by_sheet(book, sheets, lenient=False):
        if each.error is not None and not isinstance(each.error, NotRead):
            raise each.error
        nets = tuple(_read(book, layout) for layout in each.nets)
        found.append(_sheet(book, each.sheet, nets, each.error))
    unlike = [
        text
        for sheet in found
        for net in sheet.nets
        for text in contradictions(net.layout.seen(book), net.layout, net.conventions)
    ]
    return Reading(book, tuple(found), (*files.warnings(book), *unlike))


def _read(book: Book, layout: Layout) -> ReadNet:
    seen = layout.seen(book)
    try:
        plan = mended(seen, layout, layout.last_row)
    except LayoutError:
        if not layout.by_formulas:
            raise
        read = inferred(seen, layout)  # what can't be written can be read all the same
        return ReadNet(read.layout, read.conventions, (), ())
    fixed = {
        column
        for term, column in layout.columns.items()
        if term.kind == "w" and layout.conventions.biases == "fixed" and is_bias(term, layout.sizes)
    }
    own = fixed if layout.by_formulas else set()  # as its author repeats them
    departed = _on_sheet(plan.departed, layout)
    typed = _on_sheet([area for area in plan.typed if area.first_column not in own], layout)
    return ReadNet(plan.layout, plan.conventions, departed, typed)


def _on_sheet(areas: Iterable[Area], layout: Layout) -> tuple[Area, ...]:
    """Return areas of a table as those of its sheet, neighbours made one."""
    lens = layout.lens
    if lens is None:
        return grouped(list(areas))
    return grouped(list(dict.fromkeys(part for area in areas for part in lens.areas(area))))


def _sheet(
    book: Book, sheet: Sheet, nets: tuple[ReadNet, ...], error: LayoutError | None = None
) -> ReadSheet:
    stray, odd = [], []
    own = _cells_of(book, sheet, [net.layout for net in nets])
    heads = {net.layout.label_row for net in nets if net.layout.lens is None and not net.layout.by_formulas}
    cells = formulas = 0
    for row, line in sorted(sheet.rows.items()):
        for column, cell in sorted(line.items()):
            cells += 1
            formulas += cell.formula is not None
            if cell.formula is not None and (row, column) not in own:
                try:
                    plain = formula_text(relative(cell.formula, row, column), row, column, "xlsx")
                except Unparsable:
                    plain = cell.formula
                    odd.append((a1(row, column), cell.formula))
                stray.append((a1(row, column), plain))
            is_text = isinstance(cell.value, str) and not isinstance(cell.value, CellError)
            if row in heads and is_text and cell.formula is None:
                text = str(cell.value)
                if read_label(text) is None and not is_layer_caption(text):
                    odd.append((a1(row, column), text))
    missing = "" if error is None else str(error).removeprefix(f"{book.path.name}, {sheet.name}: ")
    if not nets and not missing and formulas:
        missing = unread(formulas)
    return ReadSheet(sheet.name, nets, cells, formulas, tuple(stray), tuple(odd), missing)


def unread(formulas: int) -> str:
    """Return what is known of a sheet with formulas in which no net was found, and what was looked for."""
    known = "1 formula was" if formulas == 1 else f"{formulas:,} formulas were"
    return (
        f"{known} read, and no net was found in them: no table in which weights take up the step before, and "
        "change so that a cost falls that is computed from them, from inputs and from targets"
    )


def _cells_of(book: Book, sheet: Sheet, layouts: Iterable[Layout]) -> set[tuple[int, int]]:
    """Return the cells that belong to nets: their tables, the step that is begun, their rates."""
    own = set()
    for layout in layouts:
        lens = layout.lens
        columns = {*layout.columns.values(), *layout.helpers}
        if layout.by_formulas and layout.rate is not None and has_rate_a_row(layout.seen(book), layout):
            columns.add(layout.rate[2])
        last = layout.last_row + layout.tail
        places = [(sheet.name, row, at) for row in range(layout.first_row, last + 1) for at in columns]
        if layout.by_formulas and layout.rate is not None:
            places.append(layout.rate)
        if lens is not None:
            places = [*(lens.place(*place) for place in places), *lens.between]
        own |= {place[1:] for place in places if place[0] == sheet.name}
    return own
