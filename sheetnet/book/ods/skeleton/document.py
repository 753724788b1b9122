"""A new .ods document, built with odfpy from a skeleton (OpenDocument 1.3 part 3)."""

import re
from collections.abc import Iterator
from datetime import UTC
from io import BytesIO
from typing import Any

from odf import dc, draw, meta, table
from odf.namespaces import DRAWNS
from odf.opendocument import OpenDocumentSpreadsheet

from sheetnet.book.archive import packed, unpacked
from sheetnet.book.ods.address import range_text
from sheetnet.book.ods.parser import NAMESPACES
from sheetnet.book.ods.skeleton.chart import NOTIFIED, chart_document
from sheetnet.book.ods.skeleton.form import EXTENDED, NewValidations, named_ranges, places, selectable
from sheetnet.book.ods.skeleton.looks import NewLooks
from sheetnet.book.ods.skeleton.view import view_settings
from sheetnet.book.skeleton import NewBook, NewChart, NewSheet

_COUNTRIES = {"da": "DK", "en": "US"}  # others are mostly called like their language: de-DE
_MORE = {
    "config": "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "manifest": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    "ooo": "http://openoffice.org/2004/office",
    "xlink": "http://www.w3.org/1999/xlink",
}
_DECLARED = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in (NAMESPACES | _MORE).items())
_PROTECTED = f'{_DECLARED} xmlns:loext="{EXTENDED}"'


def build(book: NewBook) -> bytes:
    """Return the document's file; the same book gives the same bytes.

    Its charts are the objects 1, 2, … in the order of the sheets and of their `charts`.
    """
    document = OpenDocumentSpreadsheet()
    _describe(document, book)
    looks = NewLooks(document, (book.language, _COUNTRIES.get(book.language, book.language.upper())))
    validations = NewValidations(book.sheets)
    tables = [_Grid(document, book, sheet, looks, validations).table for sheet in book.sheets]
    for part in (validations.element(), *tables, named_ranges(book.names)):
        if part is not None:
            document.spreadsheet.addElement(part)
    document.settings.addElement(view_settings(book.sheets))
    file = BytesIO()
    document.save(file)
    parts = {name: _settled(content) for name, content in unpacked(file.getvalue()).items()}
    return packed(parts, stored="mimetype")


def _describe(document: Any, book: NewBook) -> None:
    created = book.created if book.created.tzinfo is None else book.created.astimezone(UTC)
    moment = created.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if book.created.tzinfo else "")
    document.meta.addElement(meta.CreationDate(text=moment))
    document.meta.addElement(dc.Date(text=moment))
    document.meta.addElement(dc.Language(text=book.language))
    if book.title:
        document.meta.addElement(dc.Title(text=book.title))


def _settled(content: bytes) -> bytes:
    """Take from a part what odfpy makes different from run to run, and what only repeats a style's name.

    It declares on a root the namespaces of everything that the process has built so far.
    """
    content = re.sub(rb' style:display-name="[^"]*"', b"", content)
    declared = _PROTECTED if b"<loext:" in content else _DECLARED
    content = re.sub(rb'( xmlns:\w+="[^"]*")+', declared.encode(), content, count=1)
    return re.sub(rb"(<meta:generator>)[^<]*", rb"\1sheetnet", content)


class _Grid:
    """One sheet's table, with its columns, rows and charts."""

    def __init__(
        self, document: Any, book: NewBook, sheet: NewSheet, looks: NewLooks, validations: NewValidations
    ) -> None:
        self._document, self._book, self._sheet, self._looks = document, book, sheet, looks
        self._validations = {
            (row, column): name for (own, row, column), name in validations.names.items() if own == sheet.name
        }
        self._spans = {(area.first_row, area.first_column): area for area in sheet.merged}
        self._covered = {place for area in sheet.merged for place in places(area)}.difference(self._spans)
        self._frames: dict[tuple[int, int], list[Any]] = {}
        for chart in sheet.charts:
            self._frames.setdefault((chart.row, chart.column), []).append(self._frame(chart))
        self._places = sorted({*sheet.cells, *self._frames, *self._validations, *self._spans, *self._covered})
        given: dict[str, Any] = {}
        if sheet.printed:
            given["printranges"] = " ".join(map(range_text, sheet.printed))
        if sheet.protected:
            given["protected"] = "true"
        style = looks.page(sheet.pages_high, portrait=sheet.portrait, headed=sheet.headed)
        self.table = table.Table(name=sheet.name, stylename=style, **given)
        if sheet.protected:
            self.table.addElement(selectable(), check_grammar=False)
        self._add_columns()
        self._add_rows()

    def _add_columns(self) -> None:
        last = max([column for _, column in self._places] + list(self._sheet.widths), default=0)
        for parent, index in _parted(
            self.table, table.TableHeaderColumns, self._sheet.repeated_columns, last
        ):
            width = self._sheet.widths.get(index)
            named = {} if width is None else {"stylename": self._looks.width(width)}
            parent.addElement(table.TableColumn(defaultcellstylename="Default", **named))

    def _add_rows(self) -> None:
        rows: dict[int, list[int]] = {}
        for row, column in self._places:
            rows.setdefault(row, []).append(column)
        last = max([*rows, *self._sheet.heights], default=0)
        for parent, index in _parted(self.table, table.TableHeaderRows, self._sheet.repeated_rows, last):
            height = self._sheet.heights.get(index)
            line = table.TableRow(**({} if height is None else {"stylename": self._looks.height(height)}))
            end = 0
            for column in rows.get(index, ()):
                if column > end:
                    line.addElement(table.TableCell(numbercolumnsrepeated=column - end))
                line.addElement(self._cell(index, column))
                end = column + 1
            if not end:
                line.addElement(table.TableCell())
            parent.addElement(line)

    def _cell(self, row: int, column: int) -> Any:
        new = self._sheet.cells.get((row, column))
        covered = (row, column) in self._covered
        if new is None:
            out = table.CoveredTableCell() if covered else table.TableCell()
        else:
            out = self._looks.cell(new, covered=covered)
        if (row, column) in self._validations:
            out.setAttribute("contentvalidationname", self._validations[row, column])
        if (row, column) in self._spans:
            area = self._spans[row, column]
            out.setAttribute("numbercolumnsspanned", area.last_column - area.first_column + 1)
            out.setAttribute("numberrowsspanned", area.last_row - area.first_row + 1)
        for frame in self._frames.get((row, column), ()):
            out.addElement(frame)
        return out

    def _frame(self, chart: NewChart) -> Any:
        number = len(self._document.childobjects) + 1
        place = self._document.addObject(chart_document(self._book, chart))
        frame = draw.Frame(
            stylename=self._looks.frame(),
            zindex=number - 1,
            x="0mm",
            y="0mm",
            width=f"{chart.width:g}mm",
            height=f"{chart.height:g}mm",
        )
        # odfpy takes it for the name of a style, and spells its blank _20_
        frame.attributes[DRAWNS, "name"] = f"Chart {number}"
        shown = draw.Object(href=place, type="simple", show="embed", actuate="onLoad")
        shown.setAttrNS(*NOTIFIED, " ".join(map(range_text, chart.areas)))
        frame.addElement(shown)
        return frame


def _parted(parent: Any, wrapper: Any, span: tuple[int, int] | None, last: int) -> Iterator[tuple[Any, int]]:
    """Yield the numbers up to `last`, or to the end of `span`, each with the element that it goes into."""
    first, end = span or (0, -1)
    wrapped = wrapper()
    for index in range(max(last, end) + 1):
        if index == first and span is not None:
            parent.addElement(wrapped)
        yield (wrapped if first <= index <= end else parent), index
