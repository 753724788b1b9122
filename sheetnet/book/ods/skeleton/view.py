"""A new document's view: frozen rows and columns, which Calc keeps in settings.xml under names of its own."""

from collections.abc import Sequence
from typing import Any

from odf import config

from sheetnet.book.skeleton import NewSheet

_FROZEN = "2"
_BOTTOM_LEFT, _TOP_RIGHT, _BOTTOM_RIGHT = "2", "1", "3"


def view_settings(sheets: Sequence[NewSheet]) -> Any:
    """Return the settings that show the first sheet, with each sheet frozen as it says."""
    view = config.ConfigItemMapEntry()
    tables = config.ConfigItemMapNamed(name="Tables")
    for sheet in sheets:
        entry = config.ConfigItemMapEntry(name=sheet.name)
        row, column = sheet.frozen or (0, 0)
        if row or column:
            _add_split(entry, row, column)
        tables.addElement(entry)
    view.addElement(config.ConfigItem(name="ViewId", type="string", text="view1"))
    view.addElement(tables)
    view.addElement(config.ConfigItem(name="ActiveTable", type="string", text=sheets[0].name))
    views = config.ConfigItemMapIndexed(name="Views")
    views.addElement(view)
    out = config.ConfigItemSet(name="ooo:view-settings")
    out.addElement(views)
    return out


def _add_split(entry: Any, row: int, column: int) -> None:
    pane = _BOTTOM_RIGHT if row and column else _BOTTOM_LEFT if row else _TOP_RIGHT
    for key, kind, value in (
        ("HorizontalSplitMode", "short", _FROZEN if column else "0"),
        ("VerticalSplitMode", "short", _FROZEN if row else "0"),
        ("HorizontalSplitPosition", "int", str(column)),
        ("VerticalSplitPosition", "int", str(row)),
        ("ActiveSplitRange", "short", pane),
        ("PositionRight", "int", str(column)),
        ("PositionBottom", "int", str(row)),
    ):
        entry.addElement(config.ConfigItem(name=key, type=kind, text=value))
