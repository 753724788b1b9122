"""Columns of one sheet: widths set, declarations cut, missing ones added."""

from collections.abc import Iterator, Sequence

from sheetnet.book.edits import SetWidth
from sheetnet.book.ods.length import COLUMN_WIDTH, Run
from sheetnet.book.ods.markup import repeated, with_attribute
from sheetnet.book.ods.styles import AutomaticStyles
from sheetnet.book.ods.survey import Columns, SheetSurvey


class ColumnEditor:
    """Rewrites a sheet's column declarations in the order of the file; `runs` are the widths after it."""

    def __init__(
        self, survey: SheetSurvey, styles: AutomaticStyles, widths: Sequence[SetWidth], last_column: int
    ) -> None:
        asked = {column: w.millimetres for w in widths for column in range(w.first_column, w.last_column + 1)}
        self._entries: list[list[tuple[int, str | None]]] = []
        self.runs: list[Run] = []
        first = 0
        for columns in survey.columns:
            self._entries.append(list(_pieces(columns, first, asked, styles)))
            for number, style in self._entries[-1]:
                self.runs.append(Run(number, 0.0 if columns.hidden else styles.column_size(style)))
            first += columns.number
        # a sheet that declares no columns needs none for its cells
        needed = max(max(asked, default=-1), last_column if survey.columns else -1) + 1
        self._missing: list[tuple[int, str | None]] = []
        if needed > first:
            self._missing = list(_pieces(Columns(needed - first, None, None, False), first, asked, styles))
            self.runs += [Run(n, styles.column_size(s) if s else COLUMN_WIDTH) for n, s in self._missing]
        self._next = iter(self._entries)

    def column(self, tag: str, attributes: dict[str, str]) -> str:
        """Return what replaces the next declaration's start tag: one tag for each width in it."""
        pieces = next(self._next, None)
        style = attributes.get("table:style-name")
        if pieces is None or all(new == style for _, new in pieces):
            return tag
        tags = [repeated(with_attribute(tag, "table:style-name", new), "columns", n) for n, new in pieces]
        closed = [one if one.endswith("/>") else f"{one[:-1]}/>" for one in tags[:-1]]
        return "".join([*closed, tags[-1]])

    def missing(self) -> str:
        """Return declarations of the columns beyond those that the sheet declares."""
        return "".join(
            repeated(with_attribute("<table:table-column/>", "table:style-name", style), "columns", number)
            for number, style in self._missing
        )


def _pieces(
    columns: Columns, first: int, asked: dict[int, float], styles: AutomaticStyles
) -> Iterator[tuple[int, str | None]]:
    """Yield the neighbouring columns of one style, with its name."""
    inside = sorted(column for column in asked if first <= column < first + columns.number)
    at, end = first, first + columns.number
    number, current = 0, columns.style
    for column in [*inside, end]:
        for count, size in ((column - at, None), (int(column < end), asked.get(column))):
            style = columns.style if size is None else styles.width(columns.style, size)
            if count and style != current:
                if number:
                    yield number, current
                number, current = 0, style
            number += count
        at = column + 1
    if number:
        yield number, current
