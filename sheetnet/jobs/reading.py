"""Info: how a workbook is read, net by net and sheet by sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sheetnet.book import files
from sheetnet.book.grid import Area, Book, CellError, Sheet
from sheetnet.diagnosis.mending import grouped, mended
from sheetnet.formula.address import a1
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.text import formula_text
from sheetnet.layout.labels import is_layer_caption, read_label
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import relative
from sheetnet.layout.stated import contradictions
from sheetnet.net.conventions import Conventions
from sheetnet.recognition.finding import find_nets


@dataclass(frozen=True, slots=True)
class ReadNet:
    """A net as it was read: its layout and conventions, and areas without the rule's formulas."""

    layout: Layout
    conventions: Conventions
    departed: tuple[Area, ...]
    typed: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet as it was read.

    `stray` are formula cells that belong to no net (address, formula), `not_understood` texts with the place
    they stand at: labels that no vocabulary has, formulas that can't be parsed.
    """

    name: str
    nets: tuple[ReadNet, ...]
    cells: int
    formulas: int
    stray: tuple[tuple[str, str], ...]
    not_understood: tuple[tuple[str, str], ...]


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
    layouts = find_nets(book, sheets)
    found = []
    for sheet in book.sheets:
        if not sheets or sheet.name in sheets:
            nets = [_read(book, layout) for layout in layouts if layout.sheet == sheet.name]
            found.append(_sheet(sheet, tuple(nets)))
    unlike = [
        text
        for sheet in found
        for net in sheet.nets
        for text in contradictions(book, net.layout, net.conventions)
    ]
    return Reading(book, tuple(found), (*files.warnings(book), *unlike))


def _read(book: Book, layout: Layout) -> ReadNet:
    plan = mended(book, layout, layout.last_row)
    return ReadNet(plan.layout, plan.conventions, plan.departed, grouped(plan.typed))


def _sheet(sheet: Sheet, nets: tuple[ReadNet, ...]) -> ReadSheet:
    stray, odd = [], []
    tables = [_Table.of(net.layout) for net in nets]
    cells = formulas = 0
    for row, line in sorted(sheet.rows.items()):
        for column, cell in sorted(line.items()):
            cells += 1
            formulas += cell.formula is not None
            if cell.formula is not None and not any(table.holds(row, column) for table in tables):
                try:
                    plain = formula_text(relative(cell.formula, row, column), row, column, "xlsx")
                except Unparsable:
                    plain = cell.formula
                    odd.append((a1(row, column), cell.formula))
                stray.append((a1(row, column), plain))
            if isinstance(cell.value, str) and not isinstance(cell.value, CellError) and cell.formula is None:
                heads = any(row == net.layout.label_row for net in nets)
                if heads and read_label(cell.value) is None and not is_layer_caption(cell.value):
                    odd.append((a1(row, column), cell.value))
    return ReadSheet(sheet.name, nets, cells, formulas, tuple(stray), tuple(odd))


class _Table(NamedTuple):
    """The rows and columns of a net's table."""

    first_row: int
    last_row: int
    columns: frozenset[int]

    @classmethod
    def of(cls, layout: Layout) -> "_Table":
        columns = frozenset({*layout.columns.values(), *layout.helpers})
        return cls(layout.first_row, layout.last_row, columns)

    def holds(self, row: int, column: int) -> bool:
        return self.first_row <= row <= self.last_row and column in self.columns
