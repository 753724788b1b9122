"""A worksheet's part as it is saved: its head, its rows streamed, its tail byte for byte."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from sheetnet.book.edits import SetWidth
from sheetnet.book.grid import a1_range
from sheetnet.book.package import Package, Sink
from sheetnet.book.xlsx.body import Body
from sheetnet.book.xlsx.cells import CellText
from sheetnet.book.xlsx.columns import ColumnSpan, Extents, extents, set_widths, spans, width_of
from sheetnet.book.xlsx.located import Element, Splice, parse_head, spliced, utf8
from sheetnet.book.xlsx.outline import SheetPart
from sheetnet.book.xlsx.plan import Plan
from sheetnet.book.xlsx.ranges import area
from sheetnet.book.xlsx.rowtext import RowSplicer, row_style
from sheetnet.book.xlsx.sheetsplice import SheetSplice
from sheetnet.book.xlsx.tail import Tail, tail

_BATCH = 1 << 17
_REPORT = 500
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a plan does to a worksheet: whether any cell changes, and whether one gains or loses a formula."""

    cells: bool
    formulas: bool


class WorksheetPart:
    """A worksheet of a package, ready to be edited."""

    def __init__(self, package: Package, sheet: SheetPart, strings: Callable[[], list[str]]) -> None:
        self._package, self._sheet, self._strings = package, sheet, strings
        root, _ = parse_head(package, sheet.part, utf8(package.chunks(sheet.part)), "sheetData")
        self._root = root
        self._data = root.children[-1]
        self.prefix = self._data.prefix.encode().decode("latin-1")  # as the rows' text is read
        cols = root.child("cols")
        self.columns = spans(cols.children if cols else ())

    def extents(self, columns: tuple[ColumnSpan, ...] | None = None) -> Extents:
        """Return how wide the sheet's columns are, or would be with other `columns`."""
        formats = self._root.child("sheetFormatPr")
        return extents(self.columns if columns is None else columns, formats.attributes if formats else {})

    def widened(self, edits: list[SetWidth]) -> tuple[ColumnSpan, ...]:
        """Return the columns after some edits of their widths."""
        columns = self.columns
        for edit in edits:
            columns = set_widths(columns, edit.first_column, edit.last_column, width_of(edit.millimetres))
        return columns

    def column_style(self, column: int) -> int:
        """Return the format that a column gives its empty cells."""
        for span in self.columns:
            if span.first <= column <= span.last:
                style = span.attributes.get("style", "0")
                return int(style) if style.isdigit() else 0
        return 0

    def formats(self, places: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Return the formats of cells; where there is no cell, that of its row or column."""
        wanted: dict[int, list[int]] = {}
        for place in places:
            wanted.setdefault(place[0], []).append(place[1])
        found = {place: self.column_style(place[1]) for place in places}
        left = set(wanted)
        cells = CellText(self.prefix)
        for row in self._body()[1].rows() if left else ():
            if row.number in left:
                raw, there, _ = cells.row(row.text)
                of_row = row_style(raw)
                styles = {cell.column: cell.attributes.get("s", "0") for cell in there}
                for column in wanted[row.number]:
                    if column in styles:
                        found[row.number, column] = int(styles[column]) if styles[column].isdecimal() else 0
                    elif of_row is not None:
                        found[row.number, column] = of_row
                left.discard(row.number)
            if not left:
                break
        return found

    def effect(self, plan: Plan, *, formulas: bool) -> Effect:
        """Find out whether a plan changes anything; with `formulas` also whether a formula comes or goes."""
        splice = self._splice(self._body()[1], plan, exact=True)
        changed = False
        for old, new in splice[0].rows():
            changed |= old != new
            # a marked cell's format is to be known before the first byte is written
            if changed and (splice[1].formulas_changed or not formulas) and not plan.marks:
                break
        return Effect(changed, splice[1].formulas_changed)

    def tail(self) -> Tail:
        """Look at what stands behind the rows."""
        head, body = self._body()
        for _ in body.rows():
            pass
        opened = head[self._root.start : self._root.inner]
        if not self._is_empty():
            opened += head[self._data.start : self._data.inner]
        return tail(self._package, self._sheet.part, opened, "".join(body.rest()))

    def content(
        self,
        plan: Plan,
        columns: tuple[ColumnSpan, ...],
        progress: Progress | None,
        *,
        added: tuple[int, str] | None = None,
    ) -> Callable[[Sink], None]:
        """Return the function that streams the part with a plan and with columns of other widths.

        `added` is an element to put in behind the rows, and its place there.
        """

        def write(sink: Sink) -> None:
            head, body = self._body()
            sink(spliced(head, self._head_splices(head, plan, columns)))
            batch: list[str] = []
            size = written = 0
            for old, new in self._splice(body, plan, exact=False)[0].rows():
                batch.append(new)
                size += len(new)
                written += new != old
                if size > _BATCH:
                    sink("".join(batch).encode("latin-1"))
                    batch, size = [], 0
                if written >= _REPORT:
                    if progress is not None:
                        progress(written)
                    written = 0
            sink("".join(batch).encode("latin-1"))
            if self._is_empty():
                sink(f"</{self._data.tag}>".encode())
            rest = body.rest()
            if added is not None:
                text = "".join(rest)
                rest = iter((text[: added[0]], added[1], text[added[0] :]))
            for text in rest:
                sink(text.encode("latin-1"))
            if progress is not None and written:
                progress(written)

        return write

    def _is_empty(self) -> bool:
        return self._data.close != -1

    def _body(self) -> tuple[bytes, Body]:
        chunks: Iterator[bytes] = utf8(self._package.chunks(self._sheet.part))
        root, taken = parse_head(self._package, self._sheet.part, chunks, "sheetData")
        data = root.children[-1]
        text = taken[data.inner :].decode("latin-1")
        if self._is_empty():
            return taken[: data.inner], Body("", (), self.prefix).followed_by(text, chunks)
        return taken[: data.inner], Body(text, chunks, self.prefix)

    def _splice(self, body: Body, plan: Plan, *, exact: bool) -> tuple[SheetSplice, RowSplicer]:
        where = f"{self._package.path.name}, {self._sheet.name}"
        splicer = RowSplicer(where, self.prefix, self.column_style, self._strings, marks=plan.only_marks)
        return SheetSplice(body, splicer, plan, self.column_style, exact=exact), splicer

    def _head_splices(self, head: bytes, plan: Plan, columns: tuple[ColumnSpan, ...]) -> list[Splice]:
        splices: list[Splice] = []
        dimension = self._root.child("dimension")
        if dimension is not None and (ref := _widened(dimension, plan)) is not None:
            tag = f'<{dimension.tag} ref="{ref}"/>'
            splices.append((dimension.start, dimension.end, tag.encode()))
        if columns != self.columns:
            cols = self._root.child("cols")
            p = self.prefix
            inner = "".join(_col(p, span) for span in columns)
            at = (cols.start, cols.end) if cols else (self._data.start, self._data.start)
            splices.append((*at, f"<{p}cols>{inner}</{p}cols>".encode("latin-1", "xmlcharrefreplace")))
        if self._is_empty():
            raw = head[self._data.start : self._data.inner].decode("latin-1")
            splices.append(
                (self._data.start, self._data.inner, (raw.rstrip("/>").rstrip() + ">").encode("latin-1"))
            )
        return splices


def _col(prefix: str, span: ColumnSpan) -> str:
    wanted: Mapping[str, str] = {**span.attributes, "min": str(span.first + 1), "max": str(span.last + 1)}
    order = sorted(wanted, key=lambda name: (name not in ("min", "max"), name == "max"))
    return f"<{prefix}col" + "".join(f" {name}={quoteattr(wanted[name])}" for name in order) + "/>"


def _widened(dimension: Element, plan: Plan) -> str | None:
    extent = plan.extent
    try:
        old = area("", dimension.get("ref") or "")
    except ValueError:
        return None
    if extent is None:
        return None
    ref = a1_range(
        min(old.first_row, extent[0]),
        min(old.first_column, extent[1]),
        max(old.last_row, extent[2]),
        max(old.last_column, extent[3]),
    )
    return None if ref == str(old) else ref
