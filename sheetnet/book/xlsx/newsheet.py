"""A sheet to be added, as a worksheet's part (ECMA-376 18.3.1.99)."""

import math
from collections.abc import Callable

from sheetnet.book.edits import AddSheet, SheetCell
from sheetnet.book.grid import Area, a1, a1_range
from sheetnet.book.xlsx.cells import CellText, Held
from sheetnet.book.xlsx.columns import width_of
from sheetnet.book.xlsx.outline import Outline
from sheetnet.book.xlsx.ranges import range_text
from sheetnet.book.xlsx.text import escaped_string

_LINE, _MOST = 15, 27
"""Points of a line of the default font, and lines of the highest row, 409 points (18.3.1.73)."""
_WIDTH = 8.43
"""Digits of a column without a width of its own."""
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def sheet_text(sheet: AddSheet, found: Outline, style: Callable[[SheetCell], int], *, viewed: bool) -> str:
    """Return the worksheet; `style` gives a cell's format, `viewed` tells that the workbook has a window."""
    rows = "".join(
        f'<row r="{number + 1}" ht="{_LINE * _lines(row, sheet.widths)}">'
        f"{''.join(_cells(number, row, style))}</row>"
        for number, row in enumerate(sheet.rows)
        if row
    )
    links = "".join(
        f'<hyperlink ref="{a1(row, column)}" location="{_attribute(_location(cell.link))}"/>'
        for row, cells in enumerate(sheet.rows)
        for column, cell in enumerate(cells)
        if cell.link is not None
    )
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{width_of(size):.10g}" customWidth="1"/>'
        for number, size in enumerate(sheet.widths, 1)
    )
    return (
        f'<worksheet xmlns="{found.namespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        + (_view(sheet.frozen) if viewed else "")
        + (f"<cols>{widths}</cols>" if widths else "")
        + f"<sheetData>{rows}</sheetData>"
        + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def tab_text(prefix: str, relationships: str, name: str, number: int, link: str) -> str:
    """Return the workbook's entry for a sheet (18.2.19); `number` is its sheetId."""
    called = f'name="{_attribute(name)}" sheetId="{number}"'
    return f'<{prefix}sheet xmlns:r="{relationships}" {called} r:id="{link}"/>'


def _cells(number: int, row: tuple[SheetCell, ...], style: Callable[[SheetCell], int]) -> list[str]:
    text = CellText("")
    return [
        text.write(number, column, str(style(cell) or ""), Held(None, cell.value))
        for column, cell in enumerate(row)
    ]


def _lines(row: tuple[SheetCell, ...], widths: tuple[float, ...]) -> int:
    """Return how many lines of text a row is high; programs differ in whether they find out themselves."""
    most = 1
    for column, cell in enumerate(row):
        if cell.wrapped and isinstance(cell.value, str):
            size = width_of(widths[column]) if column < len(widths) else _WIDTH
            # letters are narrower than digits, but words do not fill a line
            room = max(int(size), 1)
            most = max(most, sum(max(1, math.ceil(len(line) / room)) for line in cell.value.split("\n")))
    return min(most, _MOST)


def _view(frozen: int) -> str:
    pane = (
        f'<pane ySplit="{frozen}" topLeftCell="{a1(frozen, 0)}" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/>'
        if frozen
        else ""
    )
    return f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'


def _location(link: Area) -> str:
    return f"{range_text(link).rpartition('!')[0]}!{a1_range(*link[1:])}"


def _attribute(text: str) -> str:
    return escaped_string(text).replace('"', "&quot;")
