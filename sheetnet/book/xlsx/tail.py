"""What follows the rows of a worksheet: where its old-style drawing stands, the slips of its notes."""

from typing import NamedTuple

from sheetnet.book.package import Package
from sheetnet.book.xlsx.located import parse

# ECMA-376 18.3.1.99: what may follow legacyDrawing
_AFTER = frozenset(
    [
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    ]
)
# Excel wraps controls in it
_WRAPPER = "AlternateContent"


class Tail(NamedTuple):
    """The id of the old-style drawing's relationship, or None; and where in the text one would stand."""

    drawing: str | None
    place: int


def tail(package: Package, part: str, opened: bytes, text: str) -> Tail:
    """Look through the text behind a worksheet's last row, read as latin-1.

    `opened` are the start tags that are open there.
    """
    root = parse(package, part, opened + text.encode("latin-1"))
    place, found = None, None
    for child in root.children:
        if child.name == "legacyDrawing":
            found = child.get("id")
        elif child.name in _AFTER or child.name == _WRAPPER:
            place = child.start if place is None else place
        elif child.start >= len(opened):
            place = None
    return Tail(found, (root.close if place is None else place) - len(opened))
