"""Drawings of a sheet: their anchors, what they cover, and how they move (ECMA-376 20.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from sheetnet.book.grid import MAX_COLUMNS, Area, Drawing
from sheetnet.book.xlsx.columns import Extents
from sheetnet.book.xlsx.located import Element, Splice

_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
_OBJECTS = ("sp", "grpSp", "graphicFrame", "cxnSp", "pic", "contentPart")


@dataclass(frozen=True, slots=True)
class Anchored:
    """A drawing of a part, with the element that anchors it and the relationships of its charts."""

    drawing: Drawing
    anchor: Element
    charts: tuple[tuple[str, str], ...]
    """(name, relationship id)"""


def anchored(root: Element, sheet: str, extents: Extents) -> Iterator[Anchored]:
    """Yield the drawings of a part in order; an anchor that makes no sense is passed over."""
    for anchor in root.walk():
        if anchor.name not in _ANCHORS:
            continue
        thing = next((e for e in anchor.walk() if e.name in _OBJECTS), None)
        if thing is None:
            continue
        try:
            area = _area(anchor, sheet, extents)
        except (ValueError, AttributeError):
            continue
        charts = []
        for frame in anchor.walk():
            if frame.name == "graphicFrame":
                charts += [(_name(frame), e.get("id") or "") for e in frame.walk() if e.name == "chart"]
        kind = "chart" if charts else "picture" if thing.name == "pic" else "shape"
        yield Anchored(Drawing(_name(thing), kind, area), anchor, tuple(charts))  # type: ignore[arg-type]


def _name(thing: Element) -> str:
    return next((e.get("name") or "" for e in thing.walk() if e.name == "cNvPr"), "")


def _int(anchor: Element, *path: str) -> int:
    element = anchor.child(*path)
    if element is None:
        raise ValueError(path[-1])
    return int(element.text)


def _area(anchor: Element, sheet: str, extents: Extents) -> Area:
    if anchor.name == "twoCellAnchor":
        top, left = _int(anchor, "from", "row"), _int(anchor, "from", "col")
        bottom, right = _int(anchor, "to", "row"), _int(anchor, "to", "col")
        _int(anchor, "from", "colOff")  # what moving it will need
        # a drawing that ends at the very edge of a cell does not cover it
        bottom -= _int(anchor, "to", "rowOff") <= 0 and bottom > top
        right -= _int(anchor, "to", "colOff") <= 0 and right > left
        return Area(sheet, top, left, max(top, bottom), max(left, right))
    if anchor.name == "oneCellAnchor":
        top, left = _int(anchor, "from", "row"), _int(anchor, "from", "col")
        x = extents.left(left) + _int(anchor, "from", "colOff")
        y = extents.top(top) + _int(anchor, "from", "rowOff")
    else:
        position = anchor.child("pos")
        x, y = (int(position.get("x") or 0), int(position.get("y") or 0)) if position else (0, 0)
        top, left = extents.row_at(y), extents.column_at(x)[0]
    extent = anchor.child("ext")
    width, height = (int(extent.get("cx") or 0), int(extent.get("cy") or 0)) if extent else (0, 0)
    bottom, right = extents.row_at(max(y, y + height - 1)), extents.column_at(max(x, x + width - 1))[0]
    return Area(sheet, top, left, max(top, bottom), max(left, right))


def move(anchor: Element, column: int, old: Extents, new: Extents) -> list[Splice]:
    """Return the splices that bring an anchor's left edge to `column`; none when it is there.

    A two-cell anchor keeps its width: `old` are the extents in which it was measured, `new` those it gets.
    """
    if anchor.name == "absoluteAnchor":
        position = anchor.child("pos")
        x = new.left(column)
        if position is None or int(position.get("x") or 0) == x:
            return []
        y = position.get("y") or "0"
        tag = f'<{position.tag} x="{x}" y="{y}"/>'
        return [(position.start, position.end, tag.encode())]
    left, offset = _int(anchor, "from", "col"), _int(anchor, "from", "colOff")
    if (left, offset) == (column, 0):
        return []
    splices = _texts(anchor, "from", column, 0)
    if anchor.name == "twoCellAnchor":
        right = old.left(_int(anchor, "to", "col")) + _int(anchor, "to", "colOff")
        width = right - old.left(left) - offset
        last, rest = new.column_at(new.left(column) + max(width, 0))
        splices += _texts(anchor, "to", min(last, MAX_COLUMNS - 1), rest)
    return splices


def _texts(anchor: Element, corner: str, column: int, offset: int) -> list[Splice]:
    splices = []
    for name, number in (("col", column), ("colOff", offset)):
        element = anchor.child(corner, name)
        assert element is not None
        splices.append((element.inner, element.close, str(number).encode()))
    return splices
