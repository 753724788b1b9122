"""Drawings on a sheet: which cells a frame covers, and what it shows."""

from collections.abc import Sequence
from typing import Literal

from sheetnet.book.grid import Area, Drawing
from sheetnet.book.ods.address import parse_range
from sheetnet.book.ods.length import COLUMN_WIDTH, ROW_HEIGHT, Run, edge, locate, millimetres

_ROUNDING = 1e-6
"""Millimetres by which a sum of widths may miss the edge that it stands for."""


class Frame:
    """A drawing element as it is read; `cell` is the place it is anchored at, None on the sheet itself."""

    __slots__ = ("attributes", "boxes", "cell", "element", "object", "picture")

    def __init__(self, element: str, attributes: dict[str, str], cell: tuple[int, int] | None) -> None:
        self.element, self.attributes, self.cell = element, attributes, cell
        self.object = ""
        self.picture = False
        self.boxes = [attributes]

    @property
    def name(self) -> str:
        """The name its author sees, else that of the object in it."""
        return self.attributes.get("draw:name", "") or self.object

    def inside(self, name: str, attributes: dict[str, str]) -> None:
        """Take in an element inside the frame."""
        if name == "draw:object":
            self.object = object_name(attributes)
        elif name == "draw:image":
            self.picture = True
        if self.element == "draw:g" and name.startswith("draw:"):
            self.boxes.append(attributes)

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom in millimetres; the boxes of a group's members together."""
        found = []
        for given in self.boxes:
            get = given.get
            left, top = millimetres(get("svg:x") or get("svg:x1")), millimetres(get("svg:y") or get("svg:y1"))
            if left is None or top is None:
                continue
            right, bottom = millimetres(get("svg:x2")), millimetres(get("svg:y2"))
            right = left + (millimetres(get("svg:width")) or 0.0) if right is None else right
            bottom = top + (millimetres(get("svg:height")) or 0.0) if bottom is None else bottom
            found.append((min(left, right), min(top, bottom), max(left, right), max(top, bottom)))
        if not found:
            return 0.0, 0.0, millimetres(self.attributes.get("svg:width")) or 0.0, 0.0
        lefts, tops, rights, bottoms = zip(*found, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


def object_name(attributes: dict[str, str]) -> str:
    """Return the part folder that a draw:object points to: ``./Object 1`` is ``Object 1``."""
    return attributes.get("xlink:href", "").removeprefix("./").rstrip("/")


def placed(
    frame: Frame, sheet: str, widths: Sequence[Run], heights: Sequence[Run], charts: frozenset[str]
) -> Drawing:
    """Return the drawing with the area it covers."""
    kind: Literal["chart", "picture", "shape"] = "shape"
    if frame.object in charts:
        kind = "chart"
    elif frame.picture or frame.object:
        kind = "picture"
    left, top, right, bottom = frame.box()
    if frame.cell is not None:
        # OpenDocument 1.3 part 3, 19.567: the place of a drawing in a cell counts from that cell
        across, down = edge(widths, frame.cell[1], COLUMN_WIDTH), edge(heights, frame.cell[0], ROW_HEIGHT)
        left, right, top, bottom = left + across, right + across, top + down, bottom + down
    first_row = locate(heights, top + _ROUNDING, ROW_HEIGHT)
    first_column = locate(widths, left + _ROUNDING, COLUMN_WIDTH)
    end = parse_range(frame.attributes.get("table:end-cell-address", ""))
    if end is not None:
        last_row, last_column = end.last_row, end.last_column
    else:
        last_row, last_column = locate(heights, bottom, ROW_HEIGHT), locate(widths, right, COLUMN_WIDTH)
    area = Area(sheet, first_row, first_column, max(first_row, last_row), max(first_column, last_column))
    return Drawing(frame.name, kind, area)
