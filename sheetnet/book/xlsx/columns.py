"""Widths of columns and heights of rows, as the file and as drawings count (ECMA-376 18.3.1.13, 20.1.2.1)."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS
from sheetnet.book.xlsx.body import attributes
from sheetnet.book.xlsx.located import Element

PIXEL = 9525
"""EMU of a pixel at 96 dpi."""
_POINT = 12700
_DIGIT = 7
"""Pixels of a digit in Calibri 11, the default font."""

_HEIGHT = re.compile(r"""\s(?:ht|customHeight)\s*=\s*(?:"[^"]*"|'[^']*')""")
_SAME = 0.015
"""Points by which heights may differ and be one."""


def pixels(width: float) -> int:
    """Return the pixels of a column whose file says `width` characters (18.3.1.13)."""
    return math.trunc((256 * width + math.trunc(128 / _DIGIT)) / 256 * _DIGIT)


def width_of(millimetres: float) -> float:
    """Return the width attribute of a column: whole pixels, in digits, padding included, cut to 1/256."""
    return math.trunc(round(millimetres / 25.4 * 96) / _DIGIT * 256) / 256


def height_of(millimetres: float) -> float:
    """Return the ``ht`` attribute of a row: points, to the hundredth (18.3.1.73)."""
    return round(millimetres / 25.4 * 72, 2)


def with_height(raw: str, height: float | None) -> str:
    """Return a row's attributes with a height in points that Excel does not change (18.3.1.73)."""
    if height is None:
        return raw
    found = attributes(raw)
    if found.get("customHeight") in ("1", "true") and abs(_number(found.get("ht"), 0) - height) < _SAME:
        return raw
    return f'{_HEIGHT.sub("", raw).rstrip()} ht="{height:.10g}" customHeight="1"'


@dataclass(frozen=True, slots=True)
class ColumnSpan:
    """One ``<col>``: zero-based columns, both ends included, the attributes as they stand."""

    first: int
    last: int
    attributes: Mapping[str, str]


def spans(cols: Iterable[Element]) -> tuple[ColumnSpan, ...]:
    """Return the ``<col>`` elements in the order of their columns; those that say nonsense are left out."""
    found = []
    for element in cols:
        try:
            first, last = int(element.get("min") or 0) - 1, int(element.get("max") or 0) - 1
        except ValueError:
            continue
        if element.name == "col" and 0 <= first <= last:
            found.append(ColumnSpan(first, min(last, MAX_COLUMNS - 1), element.attributes))
    return tuple(sorted(found, key=lambda span: span.first))


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


@dataclass(frozen=True, slots=True)
class Extents:
    """How far columns and rows of a sheet extend; only those that differ from the default are listed."""

    columns: tuple[tuple[int, int, int], ...] = ()
    """(first, last, EMU of each)"""
    rows: Mapping[int, int] = field(default_factory=dict)
    column: int = 64 * PIXEL
    row: int = 15 * _POINT

    def left(self, column: int) -> int:
        """Return the EMU from the sheet's left edge to that of a column."""
        total = column * self.column
        for first, last, each in self.columns:
            total += max(0, min(column, last + 1) - first) * (each - self.column)
        return total

    def column_at(self, emu: int) -> tuple[int, int]:
        """Return the column that lies at a distance from the left edge, and the rest inside it."""
        low, high = 0, MAX_COLUMNS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(middle) <= emu else (low, middle)
        return low, max(0, emu - self.left(low))

    def top(self, row: int) -> int:
        """Return the EMU from the sheet's top edge to that of a row."""
        return row * self.row + sum(each - self.row for where, each in self.rows.items() if where < row)

    def row_at(self, emu: int) -> int:
        """Return the row that lies at a distance from the top edge."""
        low, high = 0, MAX_ROWS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.top(middle) <= emu else (low, middle)
        return low


def extents(
    columns: Iterable[ColumnSpan],
    formats: Mapping[str, str],
    heights: Mapping[int, Mapping[str, str]] | None = None,
) -> Extents:
    """Return a sheet's extents from its ``<col>``s, its ``<sheetFormatPr>`` and its rows' attributes."""
    # 18.3.1.81: without defaultColWidth it is baseColWidth digits and padding, up to 8 pixels
    base = math.ceil((_number(formats.get("baseColWidth"), 8) * _DIGIT + 5) / 8) * 8
    width = _number(formats.get("defaultColWidth"), 0)
    default = (pixels(width) if width else base) * PIXEL
    row = round(_number(formats.get("defaultRowHeight"), 15) * _POINT)
    wide = []
    for span in columns:
        each = _number(span.attributes.get("width"), 0)
        hidden = span.attributes.get("hidden") in ("1", "true")
        wide.append((span.first, span.last, 0 if hidden else pixels(each) * PIXEL if each else default))
    high = {}
    for where, given in (heights or {}).items():
        hidden = given.get("hidden") in ("1", "true")
        high[where] = 0 if hidden else round(_number(given.get("ht"), row / _POINT) * _POINT)
    return Extents(tuple(wide), high, default, row)


def set_widths(old: tuple[ColumnSpan, ...], first: int, last: int, width: float) -> tuple[ColumnSpan, ...]:
    """Return the spans with columns `first` to `last` of a width; the same where they have it already."""
    wanted = {"width": f"{width:.10g}", "customWidth": "1"}
    new: list[ColumnSpan] = []
    at = first
    for span in old:
        if span.last < first or span.first > last:
            new.append(span)
            continue
        if span.first > at:
            new.append(ColumnSpan(at, span.first - 1, wanted))
        inside = ColumnSpan(max(span.first, first), min(span.last, last), {**span.attributes, **wanted})
        if abs(_number(span.attributes.get("width"), 0) - width) < 1 / 256:
            inside = ColumnSpan(inside.first, inside.last, {**span.attributes, "customWidth": "1"})
        if inside.attributes == dict(span.attributes):
            new.append(span)
        else:
            if span.first < first:
                new.append(ColumnSpan(span.first, first - 1, span.attributes))
            new.append(inside)
            if span.last > last:
                new.append(ColumnSpan(last + 1, span.last, span.attributes))
        at = min(span.last, last) + 1
    if at <= last:
        new.append(ColumnSpan(at, last, wanted))
    return tuple(sorted(new, key=lambda span: span.first))
