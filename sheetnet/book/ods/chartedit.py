"""A chart's part with new ranges and a renewed copy of its numbers."""

from collections.abc import Sequence

from sheetnet.book.edits import ChartData
from sheetnet.book.grid import Area
from sheetnet.book.ods.address import parse_ranges, replace_ranges
from sheetnet.book.ods.localtable import LocalTable
from sheetnet.book.ods.markup import TAG_BYTES, with_attribute
from sheetnet.book.ods.parser import MAX_DEPTH, count, create, damage, too_deep
from sheetnet.book.ods.ranges import follow
from sheetnet.book.package import Content, Package, Sink

_VALUES = "chart:values-cell-range-address"
_RANGE = "table:cell-range-address"
_CELL = "table:table-cell"
# OpenDocument 1.3 part 3, 19.13 to 19.15, 19.595: attributes that hold ranges
_ADDRESSES = (
    _VALUES,
    "chart:label-cell-address",
    _RANGE,
    "chart:error-upper-range",
    "chart:error-lower-range",
)


# more columns than anyone can tell apart in a chart
_MAX_SERIES = 1024


class _Scan:
    """What a pass over the part finds: tags to change, the series' data points, the local table."""

    def __init__(self, package: Package, part: str) -> None:
        self.package, self.part = package, part
        self.data = package.read(part)
        self.tags: list[tuple[int, str, dict[str, str]]] = []
        self.points: dict[Area, list[tuple[int, int]]] = {}
        self.table = LocalTable()
        self.span = (0, 0)
        self._series: tuple[Area, ...] = ()
        self._depth = self._local = self._header = self._begin = 0
        self._cell: tuple[int, int] | None = None
        self._cells: list[str] = []
        self._parser = parser = create(package, part)
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        with damage(package, part, parser):
            parser.Parse(self.data, True)

    def tag(self, place: int) -> str:
        """Return the start tag at a place."""
        match = TAG_BYTES.match(self.data, place)
        if match is None:
            raise ValueError(place)
        return match[0].decode()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep(self.package, self.part)
        place = self._parser.CurrentByteIndex
        if self._local:
            self._in_table(name, attributes, place)
        elif name == "table:table":
            self._local = self._depth
        elif any(address in attributes for address in _ADDRESSES):
            self.tags.append((place, name, attributes))
        if name == "chart:series":
            self._series = parse_ranges(attributes.get(_VALUES))
            self.table.order += self._series
        elif name == "chart:domain":
            order = self.table.order
            before = len(order) - len(self._series)
            order[before:before] = (
                area for area in parse_ranges(attributes.get(_RANGE)) if area not in order
            )
        elif name == "chart:data-point" and self._series:
            points = self.points.setdefault(self._series[0], [])
            points.append((place, count(attributes.get("chart:repeated"))))

    def _in_table(self, name: str, attributes: dict[str, str], place: int) -> None:
        if name == "table:table-header-rows":
            self._header = self._depth
        elif name == "table:table-row" and not self._header:
            self._cells = []
            self._begin = place
        elif name == _CELL and not self._header and self._cell is None:
            self._cell = (place, count(attributes.get("table:number-columns-repeated")))

    def _end(self, name: str) -> None:
        place = self._parser.CurrentByteIndex
        if self._local and name == _CELL and self._cell is not None:
            begin, number = self._cell
            self._cells += [self.data[begin : self._after(place)].decode()] * min(number, _MAX_SERIES)
            self._cell = None
        elif self._local and name == "table:table-row" and not self._header:
            self.span = (self.span[0] or self._begin, self._after(place))
            self.table.append(self._cells)
        elif self._depth == self._header:
            self._header = 0
        elif self._depth == self._local:
            self._local = 0
        self._depth -= 1

    def _after(self, place: int) -> int:
        match = TAG_BYTES.match(self.data, place)
        return match.end() if match is not None else self.data.index(b">", place) + 1


def renewed_chart(package: Package, part: str, changes: Sequence[ChartData]) -> Content:
    """Return what writes the chart's content.xml with the changes, None when nothing changes.

    Numbers are compared at 15 significant digits, since LibreOffice stores no more.
    """
    scan = _Scan(package, part)
    patches: list[tuple[int, int, str]] = []

    def patch(place: int, new: str) -> None:
        old = scan.tag(place)
        if new != old:
            patches.append((place, place + len(old.encode()), new))

    for place, name, attributes in scan.tags:
        tag = scan.tag(place)
        whole = name == "chart:plot-area"
        for key in _ADDRESSES:
            if key in attributes:
                ranges = replace_ranges(attributes[key], lambda area: follow(area, changes, whole=whole))  # noqa: B023
                if ranges != attributes[key]:
                    tag = with_attribute(tag, key, ranges)
        patch(place, tag)
    for change in changes:
        more = _rows(change.new) - _rows(change.old)
        points = scan.points.get(change.old, [])
        if more and sum(number for _, number in points) == _rows(change.old):
            place, number = points[-1]
            left = str(max(number + more, 1))
            patch(place, with_attribute(scan.tag(place), "chart:repeated", left if left != "1" else None))
    # every change has to be put in, so no short cut
    renewed = any([scan.table.renew(change) for change in changes])  # noqa: C419
    if renewed:
        patches.append((*scan.span, ""))
    if not patches:
        return None

    def write(sink: Sink) -> None:
        done = 0
        for begin, end, new in sorted(patches):
            sink(scan.data[done:begin])
            sink(new.encode())
            if renewed and (begin, end) == scan.span:
                for piece in scan.table.pieces():
                    sink(piece)
            done = end
        sink(scan.data[done:])

    return write


def _rows(area: Area) -> int:
    return (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1)
