"""content.xml streamed through with its edits spliced in; what no edit touches passes byte for byte."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from sheetnet.book.grid import Area
from sheetnet.book.ods.address import range_text
from sheetnet.book.ods.columnedit import ColumnEditor
from sheetnet.book.ods.frameedit import FrameEditor
from sheetnet.book.ods.markup import with_attribute
from sheetnet.book.ods.parser import MAX_DEPTH, NAMESPACES, chunks, count, create, damage, too_deep
from sheetnet.book.ods.rowedit import RowEditor
from sheetnet.book.ods.rowtemplate import rendered
from sheetnet.book.ods.sourcerow import SourceCell, SourceRow
from sheetnet.book.ods.window import Window
from sheetnet.book.package import Package
from sheetnet.errors import FileError

PART = "content.xml"
_NAMESPACES = NAMESPACES | {"xlink": "http://www.w3.org/1999/xlink"}
_CELLS = ("table:table-cell", "table:covered-table-cell")
# OpenDocument 1.3 part 3, 9.1.2: what stands before a sheet's rows, and the rows with their wrappers
_ROWS = frozenset(
    (
        "table:table-row",
        "table:table-rows",
        "table:table-header-rows",
        "table:table-row-group",
        "text:soft-page-break",
    )
)
_COLUMNS = frozenset(
    (
        "table:table-column",
        "table:table-columns",
        "table:table-header-columns",
        "table:table-column-group",
    )
)
_BEFORE = frozenset(
    (
        "table:title",
        "table:desc",
        "table:table-source",
        "office:dde-source",
        "table:scenario",
        "office:forms",
        "table:shapes",
    )
)


@dataclass(slots=True)
class SheetEditor:
    """The editors of one sheet; `printed` are its new print ranges, None where they stay."""

    rows: RowEditor
    columns: ColumnEditor
    frames: FrameEditor
    printed: tuple[Area, ...] | None = None


class Splice:
    """One pass over content.xml; `pieces` yields the new part."""

    def __init__(
        self,
        package: Package,
        sheets: dict[str, SheetEditor],
        frames: FrameEditor,
        styles: str,
        *,
        added: Mapping[str, str],
        prefixes: frozenset[str],
        sign: str,
        calcext: bool,
    ) -> None:
        self._package, self._sheets, self._frames, self._styles = package, sheets, frames, styles
        self._added, self._prefixes, self._sign, self._calcext = added, prefixes, sign, calcext
        self._parser = create(package, PART)
        self._window = Window()
        self._depth = self._level = 0
        self._names: set[str] = set()
        self._hold: int | None = None
        self._sheet: SheetEditor | None = None
        # the depth of the row, and of the drawing or note, that is open
        self._row_depth = self._opaque = 0
        self._cells: list[tuple[str, int, dict[str, str]]] = []
        self._begin = self._row = 0
        self._attributes: dict[str, str] = {}
        self._rows_began = self._rows_ended = False
        self._row_style: str | None = None

    def pieces(self) -> Generator[tuple[int, bytes], None, None]:
        """Yield the new part piece by piece, each with the number of rows that were written in it."""
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._prologue, self._ascend
        with chunks(self._package, PART) as pieces:
            for chunk in pieces:
                self._window.feed(chunk)
                with damage(self._package, PART, parser):
                    parser.Parse(chunk)
                safe = max(parser.CurrentByteIndex, 0) if self._hold is None else self._hold
                yield from self._passed_on(safe)
        with damage(self._package, PART, parser):
            parser.Parse(b"", True)
        yield from self._passed_on(self._window.end)

    def _passed_on(self, until: int) -> Iterator[tuple[int, bytes]]:
        for new in self._window.pass_on(until):
            if isinstance(new, bytes):
                yield 0, new
            else:
                yield from rendered(new, sign=self._sign, calcext=self._calcext)

    # ---- the handlers, from the outside in ----

    def _declare(self, place: int, attributes: dict[str, str]) -> None:
        """Declare the prefixes that what is added uses; odfpy's documents have only those that they need."""
        missing = [
            f' xmlns:{prefix}="{_NAMESPACES[prefix]}"'
            for prefix in sorted(self._prefixes)
            if f"xmlns:{prefix}" not in attributes
        ]
        if missing:
            end = place + len(self._window.tag(place).encode()) - 1
            self._window.patch(end, end, ["".join(missing)])

    def _prologue(self, name: str, attributes: dict[str, str]) -> None:
        self._descend()
        place = self._parser.CurrentByteIndex
        if self._depth == 1:
            self._declare(place, attributes)
        if name == "office:automatic-styles" and self._styles:
            tag = self._window.tag(place)
            if tag.endswith("/>"):
                new = f"{tag[:-2].rstrip()}>{self._styles}</{name}>"
                self._window.patch(place, place + len(tag.encode()), [new])
                self._styles = ""
        elif name == "office:body" and self._styles:
            new = f"<office:automatic-styles>{self._styles}</office:automatic-styles>"
            self._window.patch(place, place, [new])
        elif name == "office:spreadsheet":
            self._go_outside()

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep(self._package, PART)

    def _ascend(self, name: str) -> None:
        self._depth -= 1
        if name == "office:automatic-styles" and self._styles:
            place = self._parser.CurrentByteIndex
            self._window.patch(place, place, [self._styles])
            self._styles = ""

    def _go_outside(self) -> None:
        """Go on where no sheet is edited; how deep is to be known only where a sheet is to be added."""
        self._parser.StartElementHandler = self._outside
        self._parser.EndElementHandler = self._ended_outside if self._added else None

    def _ended_outside(self, _: str) -> None:
        if self._level == 0:
            self._add(self._parser.CurrentByteIndex)
        self._level -= 1

    def _add(self, place: int) -> None:
        if self._added:
            for name in self._added:
                if name.casefold() in self._names:
                    raise FileError(
                        f"{self._package.path.name}: it has a sheet '{name}'; choose another name"
                    )
            self._window.patch(place, place, ["".join(self._added.values())])
            self._added = {}

    def _outside(self, name: str, attributes: dict[str, str]) -> None:
        self._level += 1
        if self._level == 1 and name == "table:table":
            self._names.add(attributes.get("table:name", "").casefold())
        elif self._level == 1 and self._names:  # 9.1.1: what follows the sheets
            self._add(self._parser.CurrentByteIndex)
        if name == "table:table":
            self._sheet = self._sheets.pop(attributes.get("table:name", ""), None)
            if self._sheet is not None:
                if self._sheet.printed is not None:
                    self._print(self._sheet.printed)
                self._depth = self._row_depth = self._opaque = self._row = 0
                self._rows_began = self._rows_ended = False
                self._row_style = None
                self._parser.StartElementHandler, self._parser.EndElementHandler = self._inside, self._leave
        elif name.startswith("draw:"):
            self._drawing(self._frames, name, attributes, None, top=False)

    def _print(self, areas: tuple[Area, ...]) -> None:
        """Say in the table's tag what is printed of it (OpenDocument 1.3 part 3, 9.1.2)."""
        place = self._parser.CurrentByteIndex
        tag = self._window.tag(place)
        new = with_attribute(tag, "table:print-ranges", " ".join(map(range_text, areas)) or None)
        new = with_attribute(new, "table:print", None)
        if new != tag:
            self._window.patch(place, place + len(tag.encode()), [new])

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._row_depth:
            if self._depth == self._row_depth + 1:
                if name in _CELLS:
                    self._cells.append((name, self._parser.CurrentByteIndex, attributes))
            else:
                self._deeper(name, attributes)
            return
        sheet = self._sheet
        assert sheet is not None
        place = self._parser.CurrentByteIndex
        if name == "table:table-row":
            self._start_rows(place)
            self._row_depth, self._begin, self._hold = self._depth, place, place
            self._attributes, self._cells = attributes, []
        elif self._depth == 1 and name in _ROWS:
            self._start_rows(place)
        elif name == "table:table-column":
            tag = self._window.tag(place)
            new = sheet.columns.column(tag, attributes)
            if new != tag:
                self._window.patch(place, place + len(tag.encode()), [new])
        elif self._depth == 1 and self._rows_began and name not in _COLUMNS and name not in _BEFORE:
            self._end_rows(place)
        else:
            self._deeper(name, attributes)

    def _leave(self, name: str) -> None:
        if self._opaque and self._depth == self._opaque:
            self._opaque = 0
        elif self._row_depth and self._depth == self._row_depth:
            self._end_row()
        elif self._depth == 0 and name == "table:table":
            self._end_rows(self._parser.CurrentByteIndex)
            self._sheet = None
            self._level -= 1
            self._go_outside()
        self._depth -= 1

    # ---- rows ----

    def _start_rows(self, place: int) -> None:
        if not self._rows_began and self._sheet is not None:
            self._rows_began = True
            new = self._sheet.columns.missing()
            if new:
                self._window.patch(place, place, [new])

    def _end_rows(self, place: int) -> None:
        if not self._rows_ended and self._sheet is not None:
            self._start_rows(place)
            self._rows_ended = True
            new = self._sheet.rows.rest(self._row, self._row_style)
            if new:
                self._window.patch(place, place, new)

    def _end_row(self) -> None:
        editor = self._sheet.rows if self._sheet is not None else None
        number = count(self._attributes.get("table:number-rows-repeated"))
        place = self._parser.CurrentByteIndex
        self._row_depth, self._hold = 0, None
        self._row_style = self._attributes.get("table:style-name")
        if editor is not None:
            self._find_arrays(editor)
            if editor.concerns(self._row, number):
                source, stored, end = self._source(place)
                new = editor.row(self._row, number, source, stored=stored)
                if new is not None:
                    self._window.cover(self._begin, end, new)
        self._row += number

    def _find_arrays(self, editor: RowEditor) -> None:
        column = 0
        for _, _, attributes in self._cells:
            if "table:number-matrix-columns-spanned" in attributes:
                columns = count(attributes["table:number-matrix-columns-spanned"])
                rows = count(attributes.get("table:number-matrix-rows-spanned"))
                editor.array(self._row, column, rows, columns)
            column += count(attributes.get("table:number-columns-repeated"))

    def _source(self, place: int) -> tuple[SourceRow, str, int]:
        """Return the row that ends with the tag at `place`, its text, and the place after it."""
        head = self._window.tag(self._begin)
        if head.endswith("/>"):
            end = self._begin + len(head.encode())
            return SourceRow(head, [], "", self._attributes), head, end
        end = self._window.after(place)
        cells: list[SourceCell] = []
        column = 0
        edges = [cell[1] for cell in self._cells[1:]] + [place] * bool(self._cells)
        for (name, begin, attributes), after in zip(self._cells, edges, strict=True):
            number = count(attributes.get("table:number-columns-repeated"))
            cells.append(SourceCell(column, number, name, attributes, self._window.text(begin, after)))
            column += number
        tail = self._window.text(place, end)
        stored = (
            self._window.text(self._begin, self._cells[0][1])
            if self._cells
            else self._window.text(self._begin, place)
        )
        stored += "".join(cell.raw for cell in cells) + tail
        return SourceRow(head, cells, tail, self._attributes), stored, end

    # ---- drawings ----

    def _deeper(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth > MAX_DEPTH:
            raise too_deep(self._package, PART)
        top = not self._opaque
        drawing = name.startswith("draw:")
        if top and (drawing or name == "office:annotation"):
            self._opaque = self._depth
        if drawing and self._sheet is not None:
            before = (count(cell[2].get("table:number-columns-repeated")) for cell in self._cells[:-1])
            cell = (self._row, sum(before)) if self._row_depth else None
            self._drawing(self._sheet.frames, name, attributes, cell, top=top)

    def _drawing(
        self,
        frames: FrameEditor,
        name: str,
        attributes: dict[str, str],
        cell: tuple[int, int] | None,
        *,
        top: bool,
    ) -> None:
        place = self._parser.CurrentByteIndex
        tag = self._window.tag(place)
        new = frames.element(tag, name, attributes, cell, top=top)
        if new != tag:
            self._window.patch(place, place + len(tag.encode()), [new])
