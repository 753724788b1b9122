"""The pages of a sheet: their rows, further ones below them like the last, and surplus ones emptied."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from sheetnet.book.calculator import Place
from sheetnet.book.edits import ClearCells, Edit, PutCell, SetHeights, SetPrinted, Style
from sheetnet.book.grid import MAX_CELLS, MAX_ROWS, Area, Sheet
from sheetnet.design.page import row_height
from sheetnet.errors import LayoutError
from sheetnet.formula.expression import CellReference, Reference
from sheetnet.formula.text import formula_text
from sheetnet.layout.content import holds
from sheetnet.layout.language import languages
from sheetnet.layout.layout import Layout
from sheetnet.layout.lens import Lens
from sheetnet.layout.page import FIRST, RATE_ROW, PagePlan, page_plan, read_caption

_BELOW = 2
"""Rows of a page below its last number: for a question, and for the answer."""
_BEYOND = 3
"""Columns right of all cells at which one without a look is found."""


class PageRows(NamedTuple):
    """The first and the last row of a page on its sheet, zero-based."""

    first: int
    last: int


class PageSheet:
    """The pages of a net where they stand on its sheet: their `rows`, and the columns over which they reach.

    Rows and columns that were inserted between blocks are a page's own.
    """

    def __init__(self, layout: Layout) -> None:
        assert layout.lens is not None
        self.layout, self.lens = layout, layout.lens
        self.sheet: Sheet = layout.lens.book.sheet(layout.sheet)
        self.plan: PagePlan = page_plan(layout.sizes, biases=layout.has_biases)
        places = list(self._places())
        self.rates = [self.lens.place(*layout.rate)] if layout.rate is not None else []
        self.rates += sorted(self.lens.between)
        self.rows = list(self._rows(places))
        used = [place[2] for place in (*places[0].values(), *self.rates[:1])]
        planned = max(place.column for place in self.plan.places.values())
        self.left = min(self._captions(), default=max(min(used) - FIRST, 0))
        self.right = max(used) + self.plan.width - 1 - planned

    def printed(self, pages: int) -> tuple[Area, ...]:
        """Return what is printed of the first `pages` pages, those that are still to come included."""
        last = self.rows[-1]
        rows = [*self.rows[:pages]]
        rows += [
            PageRows(last.first + lower, last.last + lower)
            for lower in (self.pitch * more for more in range(1, pages - len(rows) + 1))
        ]
        return tuple(Area(self.sheet.name, top, self.left, end, self.right) for top, end in rows)

    @property
    def pitch(self) -> int:
        """How many rows below the last page's first row the next page begins."""
        return self.rows[-1].last - self.rows[-1].first + 2

    def _captions(self) -> Iterator[int]:
        """Yield the columns of the captions on the first page."""
        for row in range(self.rows[0].first, self.rows[0].last + 1):
            for column, cell in self.sheet.rows.get(row, {}).items():
                if isinstance(cell.value, str) and read_caption(cell.value) is not None:
                    yield column

    def _places(self) -> Iterator[dict[int, Place]]:
        """Yield the cells of each step by their columns in the view."""
        found: dict[int, dict[int, Place]] = {}
        for (row, column), place in self.lens.places.items():
            found.setdefault(row, {})[column] = place
        return (found[row] for row in range(self.layout.first_row, self.layout.last_row + 1))

    def _rows(self, places: list[dict[int, Place]]) -> Iterator[PageRows]:
        """Yield the rows of each page, from its title, or where that would be, to the room for an answer."""
        before = -1
        for page in places:
            used = [row for _, row, _ in page.values()]
            begin = min(used)
            rate = next((row for _, row, _ in self.rates if before < row < begin), None)
            top = begin - self._planned_begin() if rate is None else rate - RATE_ROW
            titled = (row for row in range(before + 1, begin) if self._is_titled(row))
            top = next(titled, max(top, before + 1))
            before = max(used) + _BELOW
            yield PageRows(top, before)

    def _planned_begin(self) -> int:
        """Return the row of a page in which its first number but γ stands."""
        return min(place.row for place in self.plan.places.values() if place.row != RATE_ROW)

    def _is_titled(self, row: int) -> bool:
        texts = (cell.value for cell in self.sheet.rows.get(row, {}).values())
        return any(isinstance(text, str) and _step_of(text) is not None for text in texts)


def _step_of(text: str) -> str | None:
    """Return the number of the step that a page's title ends with, in any language."""
    for language in languages():
        name, _, _ = language.page["title"].format(net="", step="\0").partition("\0")
        match = re.search(rf"{re.escape(name.strip(' ,'))}\s*(\d+)\s*$", text)
        if match is not None:
            return match[1]
    return None


def with_pages(layout: Layout, last_row: int) -> Layout:
    """Return a layout on whose sheet the pages of steps up to `last_row` have places, too.

    LayoutError where a sheet ends before, or where something stands in their cells.
    """
    if not layout.pages or layout.lens is None or last_row <= layout.last_row:
        return layout
    pages = PageSheet(layout)
    _check_room(pages, last_row)
    lens, pitch = layout.lens, pages.pitch
    model = {column: place for (row, column), place in lens.places.items() if row == layout.last_row}
    places = dict(lens.places)
    between = dict(lens.between)
    rate = _rate_below(pages)
    for row in range(layout.last_row + 1, last_row + 1):
        lower = (row - layout.last_row) * pitch
        places |= {
            (row, column): (sheet, down + lower, right) for column, (sheet, down, right) in model.items()
        }
        if rate is not None:
            sheet, down, right = rate
            between[sheet, down + lower, right] = _copied(pages.rates[0], lens)
    return replace(layout, lens=replace(lens, places=places, between=between))


def _rate_below(pages: PageSheet) -> Place | None:
    """Return the cell of γ on the last page, None where it has none."""
    top, end = pages.rows[-1]
    return next((place for place in pages.rates if top <= place[1] <= end), None)


def _copied(rate: Place, lens: Lens) -> str:
    """Return the formula by which a page takes γ from the first one."""
    _, row, column = rate
    return formula_text(Reference(CellReference(row, column, True, True)), 0, 0, lens.book.dialect)


def _check_room(pages: PageSheet, last_row: int) -> None:
    """Raise LayoutError where further pages end below the sheet, are too many, or are not free."""
    layout, sheet, book = pages.layout, pages.sheet, pages.lens.book
    more, begin = last_row - layout.last_row, pages.rows[-1].last + 1
    most = layout.steps + (MAX_ROWS - begin) // pages.pitch
    most = min(most, MAX_CELLS // max(len(pages.plan.places) + len(pages.plan.marks), 1))
    if layout.steps + more > most:
        raise LayoutError(
            f"{book.path.name}, {sheet.name}: {layout.steps + more:,} pages of a {layout.name} net are more "
            f"than a sheet takes; use --steps {most} or less, or a table of rows: "
            f"sheetnet new {layout.name}"
        )
    end = pages.rows[-1].last + more * pages.pitch
    for row in sorted(row for row in sheet.rows if begin <= row <= end):
        for column, cell in sorted(sheet.rows[row].items()):
            if pages.left <= column <= pages.right and holds(cell):
                found = cell.formula if cell.value is None else cell.value
                free = (row - begin) // pages.pitch + layout.steps
                raise LayoutError(
                    f"{book.place(sheet.name, row, column)}: found '{found}', expected free cells for "
                    f"{layout.steps + more:,} pages; move it, or use --steps {free} or less"
                )
    for area in sheet.merged:
        if begin <= area.first_row <= end and pages.left <= area.first_column <= pages.right:
            place = book.place(sheet.name, area.first_row, area.first_column)
            raise LayoutError(
                f"{place}: found the merged cells {area}, expected free cells for "
                f"{layout.steps + more:,} pages; unmerge them"
            )


def page_edits(layout: Layout, last_row: int, *, formulas: bool = True) -> list[Edit]:
    """Return what makes the pages of a sheet as many as a table's steps, but for the numbers of terms.

    The labels, looks and heights of further pages are those of the last one; surplus pages are emptied, and
    what is printed follows. Where a page shows γ but has none, it gets it. `layout` has places for all of
    the pages.
    """
    pages = PageSheet(_on_sheet(layout))
    count = last_row - layout.first_row + 1
    edits: list[Edit] = []
    if count > layout.steps:
        edits = [*_copies(pages, layout, last_row), _heights(pages, count - layout.steps)]
    elif count < layout.steps:
        edits = list(_emptied(pages, count))
    if edits:
        edits.append(SetPrinted(layout.sheet, pages.printed(count)))
    return [*edits, *_rates(pages, layout, count, formulas=formulas)]


def _on_sheet(layout: Layout) -> Layout:
    """Return a layout without the pages that its sheet does not have yet."""
    lens = layout.lens
    assert lens is not None
    places = {at: place for at, place in lens.places.items() if at[0] <= layout.last_row}
    end = max(row for (at, _), (_, row, _) in places.items() if at == layout.last_row)
    between = {place: text for place, text in lens.between.items() if place[1] <= end}
    return replace(layout, lens=replace(lens, places=places, between=between))


def _rates(pages: PageSheet, layout: Layout, count: int, *, formulas: bool) -> Iterator[Edit]:
    """Yield γ for the pages after the first that show it: where there is none yet, and all as numbers."""
    assert layout.lens is not None
    like = _rate_below(pages)
    end = pages.rows[min(count, len(pages.rows)) - 1].last + max(count - layout.steps, 0) * pages.pitch
    for place, text in sorted(layout.lens.between.items()):
        cell = pages.sheet.cell(*place[1:])
        if place[1] <= end and not (formulas and holds(cell)):
            style = None if like is None or place in pages.rates else Style(like=like[1:])
            yield PutCell(*place, layout.learning_rate, text if formulas else None, style)


def _copies(pages: PageSheet, layout: Layout, last_row: int) -> Iterator[Edit]:
    """Yield what stands on further pages beside the terms' cells, as on the last page."""
    top, end = pages.rows[-1]
    assert layout.lens is not None
    own = {place[1:] for (row, _), place in layout.lens.places.items() if row == layout.last_row}
    own |= {place[1:] for place in pages.rates}
    for more in range(1, last_row - layout.last_row + 1):
        lower = more * pages.pitch
        for row, column in product(range(top, end + 1), range(pages.left, pages.right + 1)):
            if (row, column) in own:
                continue
            cell = pages.sheet.cell(row, column)
            value = None if cell is None or cell.formula is not None else cell.value
            if isinstance(value, str) and row == top:
                value = _counted_on(value, layout.steps - 1, more)
            yield PutCell(layout.sheet, row + lower, column, value, None, Style(like=(row, column)))


def _counted_on(title: str, step: int, more: int) -> str:
    """Return a title with the number of a later step, where it tells that of its own."""
    found = _step_of(title)
    if found is None or int(found) != step:
        return title
    return f"{title.rstrip()[: -len(found)]}{step + more}"


_GAP = 4.5
"""The height of a row between pages, in millimetres."""


def _heights(pages: PageSheet, more: int) -> SetHeights:
    top, end = pages.rows[-1]
    heights: dict[int, float] = {}
    for lower in range(pages.pitch, (more + 1) * pages.pitch, pages.pitch):
        heights[top + lower - 1] = _GAP
        heights |= dict.fromkeys(range(top + lower, end + lower + 1), row_height(pages.plan))
    return SetHeights(pages.sheet.name, heights)


def _emptied(pages: PageSheet, count: int) -> Iterator[Edit]:
    """Yield what empties the pages after the first `count`, and takes their looks away."""
    name, columns = pages.sheet.name, range(pages.left, pages.right + 1)
    plain = pages.rows[0].first, max(max(line, default=0) for line in pages.sheet.rows.values()) + _BEYOND
    for top, end in pages.rows[count:]:
        yield ClearCells(name, top, end, tuple(columns))
        for row, column in product(range(top, end + 1), columns):
            yield PutCell(name, row, column, None, None, Style(like=plain))
