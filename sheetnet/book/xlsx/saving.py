"""Edits spliced into a package: which parts change, and into what."""

from collections.abc import Callable, Sequence
from functools import cache
from posixpath import dirname, join

from sheetnet.book.edits import (
    AddSheet,
    ChartData,
    ClearCells,
    Edits,
    FillRows,
    Mark,
    MoveDrawing,
    Note,
    PutCell,
    SetHeights,
    SetPrinted,
    SetWidth,
    Style,
)
from sheetnet.book.grid import MAX_ROWS, Area
from sheetnet.book.package import Content, Package
from sheetnet.book.xlsx.charts import chart_splices
from sheetnet.book.xlsx.columns import ColumnSpan
from sheetnet.book.xlsx.drawings import anchored, move
from sheetnet.book.xlsx.located import Splice, inside, parse, read
from sheetnet.book.xlsx.newsheet import CONTENT_TYPE as WORKSHEET
from sheetnet.book.xlsx.newsheet import sheet_text, tab_text
from sheetnet.book.xlsx.noting import add_notes
from sheetnet.book.xlsx.outline import Outline, SheetPart, outline
from sheetnet.book.xlsx.partlist import PartList
from sheetnet.book.xlsx.plan import plan
from sheetnet.book.xlsx.printed import print_splices
from sheetnet.book.xlsx.reading import SIGNATURES, drawing_part
from sheetnet.book.xlsx.strings import shared_strings
from sheetnet.book.xlsx.styles import Styles
from sheetnet.book.xlsx.worksheetpart import Progress, WorksheetPart
from sheetnet.errors import FileError

RowEdit = FillRows | PutCell | ClearCells | Mark | SetHeights
SheetEdit = RowEdit | SetWidth | SetPrinted | MoveDrawing | Note


def changes(package: Package, edits: Edits, *, progress: Progress | None = None) -> dict[str, Content]:
    """Return the parts that `edits` change, for `Package.rewrite`; none when they change nothing.

    A worksheet's content is a function that streams it; `progress` is called with the number of further rows
    it has changed. Of a signed package the signatures go.
    """
    found = outline(package)
    saver = _Saver(package, found, progress)
    by_sheet: dict[str, list[SheetEdit]] = {}
    by_chart: dict[str, list[ChartData]] = {}
    added: list[AddSheet] = []
    for edit in edits:
        if isinstance(edit, ChartData):
            by_chart.setdefault(edit.part, []).append(edit)
        elif isinstance(edit, AddSheet):
            added.append(edit)
        else:
            name = edit.area.sheet if isinstance(edit, Mark) else edit.sheet
            by_sheet.setdefault(name, []).append(edit)
    known = {sheet.name: sheet for sheet in found.sheets}
    for name, own in by_sheet.items():
        if name not in known:
            raise FileError(
                f"{package.path.name}: it has no sheet '{name}'; expected one of {', '.join(known)}"
            )
        saver.sheet(known[name], own)
    for part, data in by_chart.items():
        saver.chart(part, data)
    for sheet in added:
        saver.add(sheet)
    return saver.finish()


class _Saver:
    """Gathers the changed parts of a package."""

    def __init__(self, package: Package, found: Outline, progress: Progress | None) -> None:
        self._package, self._outline, self._progress = package, found, progress
        self._parts = PartList(package)
        self._strings: Callable[[], list[str]] = cache(lambda: shared_strings(package, found.strings))
        self._has_chain = found.chain is not None and found.chain in package
        data, root = b"", None
        if found.styles is not None and found.styles in package:
            data = read(package, found.styles)
            root = parse(package, found.styles, data)
        self._styles = Styles(root, data)

    def sheet(self, sheet: SheetPart, edits: Sequence[SheetEdit]) -> None:
        """Carry out the edits of one sheet."""
        part = WorksheetPart(self._package, sheet, self._strings) if sheet.kind == "worksheet" else None
        if part is None:
            raise FileError(
                f"{self._package.path.name}, {sheet.name}: it is a sheet of charts, without cells"
            )
        columns = part.widened([edit for edit in edits if isinstance(edit, SetWidth)])
        cells = [edit for edit in edits if isinstance(edit, RowEdit)]
        notes = [edit for edit in edits if isinstance(edit, Note)]
        added = self._note(sheet, part, notes, columns) if notes else None
        if cells or added or columns != part.columns:
            self._cells(sheet, part, cells, columns, added)
        moves = [edit for edit in edits if isinstance(edit, MoveDrawing)]
        if moves:
            self._move(sheet, part, moves, columns)
        printed = [edit.areas for edit in edits if isinstance(edit, SetPrinted)]
        if printed:
            self._print(sheet, printed[-1])

    def _cells(
        self,
        sheet: SheetPart,
        part: WorksheetPart,
        edits: Sequence[RowEdit],
        columns: tuple[ColumnSpan, ...],
        added: tuple[int, str] | None,
    ) -> None:
        wanted: dict[Style, None] = {}
        places: set[tuple[int, int]] = set()
        for edit in edits:
            if isinstance(edit, PutCell) and edit.style is not None:
                wanted[edit.style] = None
            elif isinstance(edit, FillRows):
                wanted |= {column.style: None for column in edit.columns if column.style is not None}
                if edit.like_row is not None:
                    places |= {(edit.like_row, column.column) for column in edit.columns}
        places |= {style.like for style in wanted if style.like is not None}
        formats = part.formats(places)
        highest = max((max(e.heights, default=0) for e in edits if isinstance(e, SetHeights)), default=0)
        if highest >= MAX_ROWS:
            raise FileError(
                f"{self._package.path.name}, {sheet.name}: no row {highest + 1:,}, a sheet has "
                f"{MAX_ROWS:,} rows; name one of those"
            )
        styles = {
            style: self._styles.format(formats[style.like] if style.like else 0, style.fill, style.decimals)
            for style in wanted
        }
        laid = plan(edits, styles, formats, self._styles.marked)
        effect = part.effect(laid, formulas=self._has_chain)
        if effect.cells or added or columns != part.columns:
            if not effect.cells:
                laid = plan((), {}, {}, self._styles.marked)
            self._parts.changed[sheet.part] = part.content(laid, columns, self._progress, added=added)
        if effect.formulas and self._has_chain:
            self._drop_chain()

    def _note(
        self,
        sheet: SheetPart,
        part: WorksheetPart,
        edits: Sequence[Note],
        columns: tuple[ColumnSpan, ...],
    ) -> tuple[int, str] | None:
        """Add notes; return the element that names their drawing, and its place, where there is none yet."""
        notes: dict[tuple[int, int], str] = {}
        for edit in edits:
            before = notes.get((edit.row, edit.column))
            notes[edit.row, edit.column] = edit.text if before is None else f"{before}\n\n{edit.text}"
        behind, found = part.tail(), self._outline
        link = add_notes(self._parts, found, sheet, notes, behind.drawing, part.extents(columns))
        if link is None or behind.drawing is not None:
            return None
        p = part.prefix
        return behind.place, f'<{p}legacyDrawing xmlns:r="{found.relationships}" r:id="{link}"/>'

    def _print(self, sheet: SheetPart, areas: tuple[Area, ...]) -> None:
        """Set a sheet's print ranges, which name it by the place of its tab."""
        workbook = self._outline.workbook
        root, data = self._parts.root(workbook)
        index = self._outline.tabs.index(sheet.name)
        self._parts.splice(workbook, data, print_splices(root, data, index, areas))

    def add(self, sheet: AddSheet) -> None:
        """Add a sheet behind the others."""
        found, parts = self._outline, self._parts
        root, data = parts.root(found.workbook)
        listed = root.child("sheets")
        names = {(entry.get("name") or "").casefold() for entry in listed.children} if listed else set()
        if listed is None or sheet.name.casefold() in names:
            raise FileError(f"{self._package.path.name}: it has a sheet '{sheet.name}'; choose another name")
        part = parts.free(join(dirname(found.workbook), "worksheets/sheet{}.xml"))
        viewed = root.child("bookViews") is not None
        parts.add_xml(part, sheet_text(sheet, found, self._styles.cell, viewed=viewed), WORKSHEET)
        link = parts.link(found.workbook, part, f"{found.relationships}/worksheet")
        ids = [int(entry.get("sheetId") or 0) for entry in listed.children]
        tab = tab_text(root.prefix, found.relationships, sheet.name, max(ids, default=0) + 1, link)
        parts.splice(found.workbook, data, [inside(listed, data, tab)])

    def _move(
        self,
        sheet: SheetPart,
        part: WorksheetPart,
        edits: Sequence[MoveDrawing],
        columns: tuple[ColumnSpan, ...],
    ) -> None:
        name = drawing_part(self._package, sheet)
        if name is None:
            raise FileError(f"{self._package.path.name}, {sheet.name}: it has no drawings to move")
        data = read(self._package, name)
        old, new = part.extents(), part.extents(columns)
        drawings = list(anchored(parse(self._package, name, data), sheet.name, old))
        last = {edit.index: edit.column for edit in edits}
        splices: list[Splice] = []
        for index, column in last.items():
            splices += move(drawings[index].anchor, column, old, new)
        self._parts.splice(name, data, splices)

    def chart(self, part: str, edits: Sequence[ChartData]) -> None:
        """Carry out the edits of one chart."""
        data = read(self._package, part)
        root = parse(self._package, part, data)
        splices: dict[tuple[int, int], bytes] = {}
        for edit in edits:
            for start, end, new in chart_splices(root, data, edit, self._outline.spellings):
                splices[start, end] = new
        self._parts.splice(part, data, [(start, end, new) for (start, end), new in splices.items()])

    def finish(self) -> dict[str, Content]:
        """Return the changed parts, with what follows from them."""
        styles = self._styles.content()
        if styles is not None and self._outline.styles is not None and self._parts.changed:
            self._parts.changed[self._outline.styles] = styles
        if self._parts.changed:
            for name in self._package.names:
                if name.startswith(SIGNATURES) and not name.endswith("/"):
                    self._parts.drop(name)
                    self._parts.unlink("", name)
        return self._parts.finish()

    def _drop_chain(self) -> None:
        chain = self._outline.chain
        assert chain is not None
        if chain not in self._parts.changed:
            self._parts.drop(chain)
            self._parts.unlink(self._outline.workbook, chain)
