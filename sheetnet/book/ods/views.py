"""The views of an .ods document's sheets, which Calc keeps in settings.xml: new sheets with frozen rows."""

from collections.abc import Sequence

from sheetnet.book.edits import AddSheet
from sheetnet.book.ods.markup import escape
from sheetnet.book.ods.parser import MAX_DEPTH, create, damage, too_deep
from sheetnet.book.package import Package

PART = "settings.xml"
_FROZEN = 2
_BOTTOM_LEFT = 2


def frozen_views(package: Package, sheets: Sequence[AddSheet]) -> dict[str, bytes]:
    """Return settings.xml with the new sheets' frozen rows; nothing where it keeps no views of sheets."""
    entries = "".join(_entry(sheet) for sheet in sheets if sheet.frozen)
    if not entries or PART not in package:
        return {}
    data = package.read(PART)
    place = _end_of_views(package, data)
    return {} if place is None else {PART: data[:place] + entries.encode() + data[place:]}


def _end_of_views(package: Package, data: bytes) -> int | None:
    """Return the place before the end tag of the map that names the sheets, None where there is no such."""
    parser = create(package, PART)
    names: list[str | None] = []
    found: int | None = None

    def start(_: str, attributes: dict[str, str]) -> None:
        names.append(attributes.get("config:name"))
        if len(names) > MAX_DEPTH:
            raise too_deep(package, PART)

    def end(name: str) -> None:
        nonlocal found
        inside = "Views" in names and names[-1] == "Tables" and name == "config:config-item-map-named"
        at = parser.CurrentByteIndex
        if inside and data.startswith(b"</", at):
            found = at
        names.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    with damage(package, PART, parser):
        parser.Parse(data, True)
    return found


def _entry(sheet: AddSheet) -> str:
    items = "".join(
        f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
        for name, kind, value in (
            ("HorizontalSplitMode", "short", 0),
            ("VerticalSplitMode", "short", _FROZEN),
            ("HorizontalSplitPosition", "int", 0),
            ("VerticalSplitPosition", "int", sheet.frozen),
            ("ActiveSplitRange", "short", _BOTTOM_LEFT),
            ("PositionRight", "int", 0),
            ("PositionBottom", "int", sheet.frozen),
        )
    )
    name = escape(sheet.name)
    return f'<config:config-item-map-entry config:name="{name}">{items}</config:config-item-map-entry>'
