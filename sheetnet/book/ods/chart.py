"""The charts of a document: which ranges each one draws."""

from collections.abc import Mapping

from sheetnet.book.grid import Area, Chart
from sheetnet.book.ods.address import parse_ranges
from sheetnet.book.ods.parser import MAX_DEPTH, Found, chunks, create, damage, too_deep
from sheetnet.book.package import Package

_PIECE = 1 << 13
# OpenDocument 1.3 part 3, 11.5 to 11.13
_RANGES = {
    "chart:series": ("chart:values-cell-range-address", "chart:label-cell-address"),
    "chart:domain": ("table:cell-range-address",),
    "chart:categories": ("table:cell-range-address",),
    "chart:error-indicator": ("chart:error-upper-range", "chart:error-lower-range"),
}


def read_chart(package: Package, part: str, name: str) -> Chart:
    """Read the ranges of one chart; its own copy of the numbers, which comes last, is not looked at."""
    parser = create(package, part)
    ranges: list[Area] = []
    depth = 0

    def start(element: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise too_deep(package, part)
        if element == "table:table":
            raise Found
        for attribute in _RANGES.get(element, ()):
            ranges.extend(parse_ranges(attributes.get(attribute)))

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        with damage(package, part, parser), chunks(package, part) as pieces:
            for chunk in pieces:
                for begin in range(0, len(chunk), _PIECE):
                    parser.Parse(chunk[begin : begin + _PIECE])
    except Found:
        pass
    return Chart(part, name, tuple(ranges))
