"""An area as OpenDocument spells it outside formulas (1.3 part 3, 18.3.2)."""

from sheetnet.book.grid import Area, a1
from sheetnet.book.ods.address import quoted


def range_text(area: Area) -> str:
    """Return ``Sheet1.A8:Sheet1.A300``, with ``'My Sheet'`` quoted."""
    sheet = quoted(area.sheet)
    return f"{sheet}.{a1(area.first_row, area.first_column)}:{sheet}.{a1(area.last_row, area.last_column)}"
