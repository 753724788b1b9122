"""A chart's own copy of its numbers: the rows of its local table, as they stand and renewed."""

import math
import re
from dataclasses import dataclass

from sheetnet.book.edits import ChartData
from sheetnet.book.grid import Area
from sheetnet.book.ods.address import parse_range, replace_ranges
from sheetnet.book.ods.markup import TAG, escape, repeated
from sheetnet.book.ods.numeral import stored

_DESCRIPTION = re.compile(r"(<svg:desc>)([^<]*)(</svg:desc>)")
_NUMBER = re.compile(r"""\soffice:value=["']([^"']*)["']""")
_PARAGRAPH = re.compile(r"<text:p>([^<]*)</text:p>")
_HIDDEN = re.compile(r"<draw:g>.*?</draw:g>", re.DOTALL)
_EMPTY = "<table:table-cell><text:p/></table:table-cell>"


@dataclass(slots=True)
class LocalTable:
    """Body rows as texts of cells; `begin` and `end` are their place in the part's bytes.

    The first column holds the categories. LibreOffice names a column's range in a hidden group of its first
    cell; where that is missing, `order` gives the ranges of the columns from the second on.
    """

    rows: list[list[str]]
    begin: int
    end: int
    order: list[Area]

    def renew(self, change: ChartData) -> bool:
        """Put a range's new numbers in; tell whether anything changed."""
        column = self._column(change.old)
        if column is None:
            return False
        values = [float(value) for value in change.values.ravel()]
        if change.old == change.new and self._numbers(column) == [_digits(value) for value in values]:
            return False
        description = next(
            (_DESCRIPTION.search(row[column]) for row in self.rows[:1] if column < len(row)), None
        )
        width = max(map(len, self.rows), default=column + 1)
        needed = max(len(values), *(self._length(other) for other in range(1, width) if other != column), 0)
        del self.rows[needed:]
        while len(self.rows) < needed:
            self.rows.append([self._category(len(self.rows)), *[_cell(math.nan)] * (width - 1)])
        for number, row in enumerate(self.rows):
            row.extend([_EMPTY] * (column + 1 - len(row)))
            value = values[number] if number < len(values) else math.nan
            row[column] = _category_cell(value) if column == 0 else _cell(value)
        if description is not None and self.rows:
            named = replace_ranges(
                description[2].replace("&apos;", "'"), lambda area: change.new if area == change.old else area
            )
            group = f"<draw:g><svg:desc>{escape(named)}</svg:desc></draw:g>"
            self.rows[0][column] = self.rows[0][column].replace(
                "</table:table-cell>", f"{group}</table:table-cell>"
            )
        return True

    def __str__(self) -> str:
        return "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in self.rows)

    def _column(self, area: Area) -> int | None:
        for number, cell in enumerate(self.rows[0] if self.rows else []):
            match = _DESCRIPTION.search(cell)
            if match is not None and parse_range(match[2].replace("&apos;", "'")) == area:
                return number
        described = any(_DESCRIPTION.search(cell) for row in self.rows[:1] for cell in row)
        return None if described or area not in self.order else self.order.index(area) + 1

    def _numbers(self, column: int) -> list[str]:
        found = [_number(row[column]) if column < len(row) else math.nan for row in self.rows]
        return [_digits(value) for value in found]

    def _length(self, column: int) -> int:
        """Return the rows up to the last number of a column."""
        numbers = self._numbers(column)
        while numbers and numbers[-1] == "nan":
            numbers.pop()
        return len(numbers)

    def _category(self, number: int) -> str:
        last = _PARAGRAPH.search(self.rows[-1][0]) if self.rows and self.rows[-1] else None
        if number == 0 or (last is not None and last[1] == str(number)):
            return _category_cell(number + 1.0)
        return _EMPTY


def singles(cell: str, count: int) -> list[str]:
    """Return a repeated cell as single ones."""
    match = TAG.match(cell)
    if match is None or count == 1:
        return [cell]
    return [repeated(match[0], "columns", 1) + cell[match.end() :]] * min(count, 1024)


def _digits(value: float) -> str:
    return f"{value + 0.0:.15g}"


def _number(cell: str) -> float:
    match = _NUMBER.search(cell)
    text = match[1] if match is not None else ""
    if not text:
        shown = _PARAGRAPH.search(_HIDDEN.sub("", cell))
        text = shown[1] if shown is not None else ""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _cell(value: float) -> str:
    text = stored([value + 0.0])[0] if math.isfinite(value) else "NaN"
    attributes = f'office:value-type="float" office:value="{text}"'
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def _category_cell(value: float) -> str:
    text = f"{value:.15g}" if math.isfinite(value) else ""
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
