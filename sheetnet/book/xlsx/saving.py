"""Edits spliced into a package: which parts change, and into what."""

from collections.abc import Callable, Sequence
from functools import cache

from sheetnet.book.edits import ChartData, ClearCells, Edits, FillRows, MoveDrawing, PutCell, SetWidth, Style
from sheetnet.book.package import Content, Package
from sheetnet.book.xlsx.charts import chart_splices
from sheetnet.book.xlsx.columns import ColumnSpan
from sheetnet.book.xlsx.drawings import anchored, move
from sheetnet.book.xlsx.located import Splice, parse, read, spliced
from sheetnet.book.xlsx.outline import (
    CONTENT_TYPES,
    Outline,
    SheetPart,
    outline,
    rels_part,
    without_relation,
    without_types,
)
from sheetnet.book.xlsx.plan import plan
from sheetnet.book.xlsx.reading import SIGNATURES, drawing_part
from sheetnet.book.xlsx.strings import shared_strings
from sheetnet.book.xlsx.styles import Styles
from sheetnet.book.xlsx.worksheetpart import Progress, WorksheetPart
from sheetnet.errors import FileError

SheetEdit = FillRows | PutCell | ClearCells | SetWidth | MoveDrawing


def changes(package: Package, edits: Edits, *, progress: Progress | None = None) -> dict[str, Content]:
    """Return the parts that `edits` change, for `Package.rewrite`; none when they change nothing.

    A worksheet's content is a function that streams it; `progress` is called with the number of further rows
    it has changed. Of a signed package the signatures go.
    """
    found = outline(package)
    saver = _Saver(package, found, progress)
    by_sheet: dict[str, list[SheetEdit]] = {}
    by_chart: dict[str, list[ChartData]] = {}
    for edit in edits:
        if isinstance(edit, ChartData):
            by_chart.setdefault(edit.part, []).append(edit)
        else:
            by_sheet.setdefault(edit.sheet, []).append(edit)
    known = {sheet.name: sheet for sheet in found.sheets}
    for name, own in by_sheet.items():
        if name not in known:
            raise FileError(
                f"{package.path.name}: it has no sheet '{name}'; expected one of {', '.join(known)}"
            )
        saver.sheet(known[name], own)
    for part, data in by_chart.items():
        saver.chart(part, data)
    return saver.finish()


class _Saver:
    """Gathers the changed parts of a package."""

    def __init__(self, package: Package, found: Outline, progress: Progress | None) -> None:
        self._package, self._outline, self._progress = package, found, progress
        self._parts: dict[str, Content] = {}
        self._gone: set[str] = set()
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
        cells = [edit for edit in edits if isinstance(edit, FillRows | PutCell | ClearCells)]
        if cells or columns != part.columns:
            self._cells(sheet, part, cells, columns)
        moves = [edit for edit in edits if isinstance(edit, MoveDrawing)]
        if moves:
            self._move(sheet, part, moves, columns)

    def _cells(
        self,
        sheet: SheetPart,
        part: WorksheetPart,
        edits: Sequence[FillRows | PutCell | ClearCells],
        columns: tuple[ColumnSpan, ...],
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
        styles = {
            style: self._styles.format(formats[style.like] if style.like else 0, style.fill, style.decimals)
            for style in wanted
        }
        laid = plan(edits, styles, formats)
        effect = part.effect(laid, formulas=self._has_chain)
        if effect.cells or columns != part.columns:
            if not effect.cells:
                laid = plan((), {}, {})
            self._parts[sheet.part] = part.content(laid, columns, self._progress)
        if effect.formulas and self._has_chain:
            self._drop_chain()

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
        self._splice(name, data, splices)

    def chart(self, part: str, edits: Sequence[ChartData]) -> None:
        """Carry out the edits of one chart."""
        data = read(self._package, part)
        root = parse(self._package, part, data)
        splices: dict[tuple[int, int], bytes] = {}
        for edit in edits:
            for start, end, new in chart_splices(root, data, edit, self._outline.spellings):
                splices[start, end] = new
        self._splice(part, data, [(start, end, new) for (start, end), new in splices.items()])

    def finish(self) -> dict[str, Content]:
        """Return the changed parts, with what follows from them."""
        styles = self._styles.content()
        if styles is not None and self._outline.styles is not None and self._parts:
            self._parts[self._outline.styles] = styles
        if self._parts:
            self._drop_signatures()
        if self._gone:
            data = read(self._package, CONTENT_TYPES)
            self._splice(CONTENT_TYPES, data, without_types(self._package, self._gone, data))
        return self._parts

    def _drop_chain(self) -> None:
        chain = self._outline.chain
        assert chain is not None
        if chain not in self._gone:
            self._drop(chain)
            self._unlink(self._outline.workbook, chain)

    def _drop_signatures(self) -> None:
        for name in self._package.names:
            if name.startswith(SIGNATURES) and not name.endswith("/"):
                self._drop(name)
                self._unlink("", name)

    def _drop(self, part: str) -> None:
        self._parts[part] = None
        self._gone.add(part)

    def _unlink(self, source: str, target: str) -> None:
        rels = rels_part(source)
        if rels in self._package:
            known = self._parts.get(rels)
            data = known if isinstance(known, bytes) else read(self._package, rels)
            self._splice(rels, data, without_relation(self._package, source, target, data))

    def _splice(self, part: str, data: bytes, splices: list[Splice]) -> None:
        if splices:
            self._parts[part] = spliced(data, splices)
