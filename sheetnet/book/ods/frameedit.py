"""Drawings of one sheet: moved to another column, and told of a chart's new ranges."""

from collections.abc import Mapping, Sequence

from sheetnet.book.edits import ChartData
from sheetnet.book.grid import column_name
from sheetnet.book.ods.address import quoted, replace_ranges
from sheetnet.book.ods.drawing import object_name
from sheetnet.book.ods.length import COLUMN_WIDTH, Run, edge, locate, millimetres
from sheetnet.book.ods.markup import with_attribute
from sheetnet.book.ods.ranges import follow


class FrameEditor:
    """Rewrites the start tags of drawings in the order of the file.

    `charts` are the changes of charts by object name; `renewed` names the objects whose stored picture
    goes, since it shows the old numbers.
    """

    def __init__(
        self,
        sheet: str,
        runs: Sequence[Run],
        moves: Mapping[int, int],
        charts: Mapping[str, Sequence[ChartData]],
        renewed: frozenset[str],
    ) -> None:
        self._sheet, self._runs, self._moves, self._charts, self._renewed = (
            sheet,
            runs,
            moves,
            charts,
            renewed,
        )
        self._index = -1
        self._object = ""

    def element(
        self, tag: str, name: str, attributes: dict[str, str], cell: tuple[int, int] | None, *, top: bool
    ) -> str:
        """Return the start tag that replaces `tag`; `top`: the drawing itself, not something inside it."""
        if top:
            self._index += 1
            if self._index in self._moves:
                tag = self._moved(tag, attributes, cell, self._moves[self._index])
        if name == "draw:frame":
            self._object = ""
        elif name == "draw:object":
            self._object = object_name(attributes)
            ranges = attributes.get("draw:notify-on-update-of-ranges")
            if ranges is not None and self._object in self._charts:
                new = replace_ranges(
                    ranges, lambda area: follow(area, self._charts[self._object], whole=True)
                )
                if new != ranges:
                    tag = with_attribute(tag, "draw:notify-on-update-of-ranges", new)
        elif name == "draw:image" and self._object in self._renewed and tag.endswith("/>"):
            return ""
        return tag

    def _moved(self, tag: str, attributes: dict[str, str], cell: tuple[int, int] | None, column: int) -> str:
        left = edge(self._runs, column, COLUMN_WIDTH)
        # OpenDocument 1.3 part 3, 19.567: the place of a drawing in a cell counts from that cell
        origin = 0.0 if cell is None else edge(self._runs, cell[1], COLUMN_WIDTH)
        name = "svg:x" if "svg:x" in attributes else "svg:x1"
        old = millimetres(attributes.get(name))
        if old is None:
            return tag
        shift = left - origin - old
        for key in ("svg:x", "svg:x1", "svg:x2"):
            place = millimetres(attributes.get(key))
            if place is not None:
                tag = with_attribute(tag, key, f"{place + shift:.2f}mm")
        if cell is not None and "table:end-cell-address" in attributes:
            right = left + (millimetres(attributes.get("svg:width")) or 0.0)
            last = locate(self._runs, right, COLUMN_WIDTH)
            row = attributes["table:end-cell-address"].rstrip().lstrip()
            digits = row[len(row.rstrip("0123456789")) :]
            tag = with_attribute(
                tag, "table:end-cell-address", f"{quoted(self._sheet)}.{column_name(last)}{digits}"
            )
            tag = with_attribute(tag, "table:end-x", f"{right - edge(self._runs, last, COLUMN_WIDTH):.2f}mm")
        return tag
