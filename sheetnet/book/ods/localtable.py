"""A chart's own copy of its numbers: its local table, read, renewed and written a few rows at a time."""

import math
import re
from array import array
from collections.abc import Iterator
from itertools import chain, repeat
from typing import TypeAlias

import numpy as np

from sheetnet.book.edits import ChartData
from sheetnet.book.grid import Area
from sheetnet.book.ods.address import parse_range, replace_ranges
from sheetnet.book.ods.markup import escape
from sheetnet.book.ods.numeral import stored

_DESCRIPTION = re.compile(r"<svg:desc>([^<]*)</svg:desc>")
_NUMBER = re.compile(r"""\soffice:value=["']([^"']*)["']""")
_PARAGRAPH = re.compile(r"<text:p>([^<]*)</text:p>")
_EMPTY = "<table:table-cell><text:p/></table:table-cell>"
_SLICE = 512
_Numbers: TypeAlias = "array[float]"


class LocalTable:
    """The columns of numbers, and before them the categories, most often 1, 2, 3 … as text.

    LibreOffice names a column's range in a hidden group of its first cell; where that is missing, `order`
    gives the ranges of the columns from the second on.
    """

    def __init__(self) -> None:
        self.order: list[Area] = []
        self.rows = 0
        self._columns: list[_Numbers] = []
        self._categories: list[str | None] = []
        self._ranges: dict[int, str] = {}

    def append(self, cells: list[str]) -> None:
        """Take in one row of the file."""
        for number, cell in enumerate(cells):
            description = _DESCRIPTION.search(cell) if self.rows == 0 else None
            if description is not None:
                self._ranges[number] = description[1].replace("&apos;", "'").replace("&amp;", "&")
                cell = re.sub(r"<draw:g>.*?</draw:g>", "", cell, flags=re.DOTALL)  # noqa: PLW2901
            if number == 0:
                self._categories.append(None if cell == _category(self.rows) else cell)
                continue
            while len(self._columns) < number:
                self._columns.append(array("d", repeat(math.nan, self.rows)))
            self._columns[number - 1].append(_number(cell))
        self.rows += 1
        for column in self._columns:
            column.extend(repeat(math.nan, self.rows - len(column)))

    def renew(self, change: ChartData) -> bool:
        """Put a range's new numbers in; tell whether anything changed."""
        column = self._column(change.old)
        if column is None:
            return False
        flat = change.values.ravel()
        values = array("d", np.where(np.isfinite(flat), flat, np.nan).tolist())
        if column == 0:
            new = [f"{value:.15g}" if math.isfinite(value) else "" for value in values]
            self._categories = [f"{_TEXT}<text:p>{text}</text:p></table:table-cell>" for text in new]
        elif change.old == change.new and _alike(self._columns[column - 1], values):
            return False
        else:
            self._columns[column - 1] = values
        if column in self._ranges:
            self._ranges[column] = replace_ranges(
                self._ranges[column], lambda area: change.new if area == change.old else area
            )
        self.rows = max((_length(numbers) for numbers in self._columns), default=0)
        self.rows = max(self.rows, len(values))
        return True

    def pieces(self) -> Iterator[bytes]:
        """Yield the rows as text."""
        counting = not self._categories or self._categories[-1] is None
        columns = [chain(numbers, repeat(math.nan)) for numbers in self._columns]
        for begin in range(0, self.rows, _SLICE):
            out = []
            for row in range(begin, min(begin + _SLICE, self.rows)):
                known = row < len(self._categories)
                category = self._categories[row] if known else None if counting else _EMPTY
                cells = [_category(row) if category is None else category]
                cells += (_cell(next(numbers)) for numbers in columns)
                if row == 0:
                    for column, text in self._ranges.items():
                        group = f"<draw:g><svg:desc>{escape(text)}</svg:desc></draw:g></table:table-cell>"
                        cells[column] = cells[column].removesuffix("</table:table-cell>") + group
                out.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
            yield "".join(out).encode()

    def _column(self, area: Area) -> int | None:
        for number, text in self._ranges.items():
            if parse_range(text) == area:
                return number
        known = not self._ranges and area in self.order and self.order.index(area) < len(self._columns)
        return self.order.index(area) + 1 if known else None


_TEXT = '<table:table-cell office:value-type="string">'


def _category(row: int) -> str:
    return f"{_TEXT}<text:p>{row + 1}</text:p></table:table-cell>"


def _alike(old: _Numbers, new: _Numbers) -> bool:
    """Tell whether two columns show the same 15 digits; LibreOffice stores no more."""
    if _length(old) != _length(new):
        return False
    return all(f"{a + 0.0:.15g}" == f"{b + 0.0:.15g}" for a, b in zip(old, new, strict=False))


def _length(numbers: _Numbers) -> int:
    """Return the rows up to the last number."""
    length = len(numbers)
    while length and not math.isfinite(numbers[length - 1]):
        length -= 1
    return length


def _number(cell: str) -> float:
    match = _NUMBER.search(cell) or _PARAGRAPH.search(cell)
    try:
        return float(match[1]) if match is not None else math.nan
    except ValueError:
        return math.nan


def _cell(value: float) -> str:
    text = stored([value + 0.0])[0] if math.isfinite(value) else "NaN"
    attributes = f'office:value-type="float" office:value="{text}"'
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"
