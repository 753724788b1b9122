"""How a new sheet is printed: paper, margins, scale, print ranges (ECMA-376 part 1, 18.3.1.63)."""

from typing import Any

from openpyxl.worksheet.page import PageMargins

from sheetnet.book.grid import column_name
from sheetnet.book.skeleton import Look, NewSheet

COLUMN_WIDTH = 22.58
"""Millimetres of a column that says nothing, as in LibreOffice: a chart covers the same cells there."""
ROW_HEIGHT = 12.75
"""Points of a row of Arial 10."""
_MARGIN = 10 / 25.4
_PAGE = 275.0, 186.0
_UPRIGHT = 188.0, 273.0
"""Millimetres inside an A4 page's margins, a little less than 277 by 190 since fonts differ."""


def set_page(made: Any, sheet: NewSheet) -> None:
    """Set up the pages of an openpyxl worksheet."""
    made.page_margins = PageMargins(*[_MARGIN] * 4, header=_MARGIN / 2, footer=_MARGIN / 2)
    made.page_setup.orientation = "portrait" if sheet.portrait else "landscape"
    made.page_setup.paperSize = made.PAPERSIZE_A4
    made.page_setup.fitToWidth, made.page_setup.fitToHeight = 1, 0
    scale = _scale(sheet)
    if scale is None:
        made.sheet_properties.pageSetUpPr.fitToPage = True
    else:
        made.page_setup.scale = scale
    if sheet.headed:
        made.print_options.headings = True
    made.oddFooter.center.text = "&P"
    made.oddFooter.center.font = "Arial,Regular"
    made.oddFooter.center.size = 8
    made.oddFooter.center.color = "595959"
    if sheet.printed:
        made.print_area = ",".join(map(str, sheet.printed))
    if sheet.repeated_rows is not None:
        first, last = sheet.repeated_rows
        made.print_title_rows = f"{first + 1}:{last + 1}"
    if sheet.repeated_columns is not None:
        first, last = sheet.repeated_columns
        made.print_title_cols = f"{column_name(first)}:{column_name(last)}"


def _scale(sheet: NewSheet) -> int | None:
    """Return the percentage at which all ranges are so many pages high; None where their width decides.

    Excel prints all ranges of a sheet at one scale, and counts the pages of all together.
    """
    if not sheet.pages_high or not sheet.printed:
        return None
    across, down = _UPRIGHT if sheet.portrait else _PAGE
    repeated = range(0) if sheet.repeated_columns is None else range(sheet.repeated_columns[1] + 1)
    widest = max(
        sum(
            sheet.widths.get(column, COLUMN_WIDTH)
            for column in {*repeated, *range(area.first_column, area.last_column + 1)}
        )
        for area in sheet.printed
    )
    heights = _heights(sheet)
    first, last = sheet.repeated_rows or (0, -1)
    highest = max(
        sum(
            heights.get(row, ROW_HEIGHT)
            for row in {*range(first, last + 1), *range(area.first_row, area.last_row + 1)}
        )
        for area in sheet.printed
    )
    fitting = down * sheet.pages_high / (highest / 72 * 25.4)
    return None if fitting >= min(across / widest, 1) else int(100 * fitting)


def _heights(sheet: NewSheet) -> dict[int, float]:
    """Return the rows' heights in points, of those that are given or that large letters make higher."""
    out: dict[int, float] = {}
    for (row, _), (_, look) in sheet.cells.items():
        if look.size > Look().size:
            out[row] = max(out.get(row, ROW_HEIGHT), look.size / Look().size * ROW_HEIGHT)
    return out | {row: height / 25.4 * 72 for row, height in sheet.heights.items()}
