"""A new .xlsx package, built with openpyxl from a skeleton (ECMA-376 part 1)."""

import re
from datetime import UTC
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

from sheetnet.book.archive import packed, unpacked
from sheetnet.book.grid import a1, column_name
from sheetnet.book.skeleton import Look, NewBook, NewSheet
from sheetnet.book.xlsx.columns import height_of, width_of
from sheetnet.book.xlsx.skeleton.chart import scatter_chart
from sheetnet.book.xlsx.skeleton.form import add_form, add_names, ordered
from sheetnet.book.xlsx.skeleton.page import COLUMN_WIDTH, ROW_HEIGHT, set_page

# 18.8.22: the order of a font's properties, which openpyxl does not keep
_FONT = ("b", "i", "sz", "color", "name", "family", "charset", "scheme")


def build(book: NewBook) -> bytes:
    """Return the package's file; the same book gives the same bytes.

    Its charts are numbered in the order of the sheets and of their `charts`.
    """
    out = openpyxl.Workbook()
    out.properties.creator = "sheetnet"
    out.properties.title = book.title or None
    out._fonts[0] = Font(name="Arial", size=10)  # of cells that have no style
    out._named_styles["Normal"].font = out._fonts[0]
    out.remove(out.active)
    for sheet in book.sheets:
        _add_sheet(out, book, sheet)
    add_names(out, book.names)
    file = BytesIO()
    out.save(file)
    parts = unpacked(file.getvalue())
    return packed({name: _settled(name, content, book) for name, content in parts.items()})


def _add_sheet(out: Any, book: NewBook, sheet: NewSheet) -> None:
    made = out.create_sheet(sheet.name)
    looks: dict[Look, Any] = {}
    for (row, column), (value, look) in sorted(sheet.cells.items(), key=lambda item: item[0]):
        cell = made.cell(row + 1, column + 1, value)
        if isinstance(value, str):
            cell.data_type = "s"  # openpyxl takes = for a formula, and #N/A for an error
        if look in looks:
            cell._style = looks[look]
        else:
            _dress(cell, look)
            looks[look] = cell._style
    for column, width in sorted(sheet.widths.items()):
        made.column_dimensions[column_name(column)].width = width_of(width)
    for row, height in sorted(sheet.heights.items()):
        made.row_dimensions[row + 1].height = height_of(height)
    made.sheet_format.defaultColWidth = width_of(COLUMN_WIDTH)
    made.sheet_format.defaultRowHeight = ROW_HEIGHT
    if sheet.frozen is not None:
        made.freeze_panes = a1(*sheet.frozen)
    set_page(made, sheet)
    add_form(made, sheet)
    for chart in sheet.charts:
        made.add_chart(scatter_chart(book, chart), a1(chart.row, chart.column))


def _dress(cell: Any, look: Look) -> None:
    cell.font = Font(
        name="Arial", size=look.size, bold=look.bold, italic=look.italic, color="FF" + look.colour
    )
    if look.fill:
        cell.fill = PatternFill("solid", fgColor="FF" + look.fill)
    if look.decimals is not None:
        cell.number_format = "0." + "0" * look.decimals if look.decimals else "0"
    if look.across or look.wrapped or look.middle:
        down = "center" if look.middle else "top" if look.wrapped else None
        cell.alignment = Alignment(horizontal=look.across, vertical=down, wrap_text=look.wrapped or None)
    if look.unlocked:
        cell.protection = Protection(locked=False)
    if look.boxed:
        line = Side("thin", "FF404040")
        cell.border = Border(left=line, right=line, top=line, bottom=line)
    elif look.ruled:
        cell.border = Border(bottom=Side("thin", "FF808080"))


def _settled(name: str, content: bytes, book: NewBook) -> bytes:
    """Take from a part what differs between runs, machines and openpyxl with and without lxml."""
    if not name.endswith((".xml", ".rels")):
        return content
    text = content.decode()
    if name == "docProps/core.xml":
        created = book.created if book.created.tzinfo is None else book.created.astimezone(UTC)
        text = re.sub(r"(?<=>)\d{4}-\d\d-\d\dT[\d:]+Z(?=<)", created.strftime("%Y-%m-%dT%H:%M:%SZ"), text)
    elif name == "docProps/app.xml":
        text = re.sub(r"(<Application>)[^<]*", r"\1sheetnet", text)
    elif match := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
        sheet = book.sheets[int(match[1]) - 1]
        text = ordered(_exact(text, sheet), sheet)
    text = ElementTree.canonicalize(text)
    if name == "xl/styles.xml":
        text = re.sub(r"(?<=<font>).*?(?=</font>)", _font, text)
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text.encode()


def _font(match: re.Match[str]) -> str:
    properties = re.findall(r"<((\w+)[^>]*></\2>)", match[0])
    return "".join(f"<{whole}" for whole, _ in sorted(properties, key=lambda one: _FONT.index(one[1])))


def _exact(xml: str, sheet: NewSheet) -> str:
    """Write the numbers with all their digits; openpyxl rounds to 16."""
    numbers = {a1(*place): value for place, (value, _) in sheet.cells.items() if not isinstance(value, str)}

    def digits(match: re.Match[str]) -> str:
        value = numbers.get(match[2])
        return match[0] if value is None else f"{match[1]}{value!r}<"

    return re.sub(r'(<c r="([A-Z]+\d+)"[^>]*><v>)[^<]*<', digits, xml)
