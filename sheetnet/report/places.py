"""Where the parts of a net stand on its sheet: columns, or rows where a step is a column, or single cells."""

from collections.abc import Iterable
from dataclasses import replace

from sheetnet.book.calculator import Place, cells_of
from sheetnet.book.grid import Area, Book, CellError
from sheetnet.formula.address import a1, column_name
from sheetnet.layout import vocabulary
from sheetnet.layout.content import holds
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import Kind, Term
from sheetnet.report.wording import Wording, wording
from sheetnet.report.words import column_runs
from sheetnet.table.pages import PageRows, PageSheet

_LONGEST = 24
"""Characters of a label that are shown."""
_CLOSE = 1e-6
"""A factor that differs from 1 by no more is nothing but rounding."""


def is_turned(layout: Layout) -> bool:
    """Tell whether a step is a column of the sheet."""
    return layout.lens is not None and layout.lens.turned


def is_blocks(layout: Layout) -> bool:
    """Tell whether each step is a block of cells, on one sheet or on several."""
    return layout.lens is not None and bool(layout.lens.places)


def spans(layout: Layout, columns: Iterable[int], say: Wording | None = None) -> list[str]:
    """Return where columns of a table stand: E:J; of a turned one rows 5-8; single cells by themselves.

    Of blocks they are the cells of the first step.
    """
    say = say or wording("en")
    lens = layout.lens
    if lens is None:
        return column_runs(set(columns))
    wanted = set(columns)
    if layout.pages:
        return cells_of_step(layout, wanted, layout.first_row)
    if is_blocks(layout):
        places = {lens.place(layout.sheet, layout.first_row, column) for column in wanted}
        return [_with_sheet(area, layout.sheet) for area in _joined(places)]
    plain = sorted(wanted - lens.cells.keys())
    texts = _row_runs(plain, say) if lens.turned else column_runs(plain)
    cells = dict.fromkeys(lens.cells[column] for column in sorted(wanted & lens.cells.keys()))
    return texts + [_with_sheet(area, layout.sheet) for area in _joined(cells)]


def cells_of_step(layout: Layout, columns: Iterable[int], row: int) -> list[str]:
    """Return the cells of a page that are columns of a table in one step, those of a block as one range."""
    assert layout.lens is not None
    return [str(area) for area in in_blocks(layout.lens.place(layout.sheet, row, each) for each in columns)]


def empty_cells(layout: Layout) -> int:
    """Return how many cells of pages are still to be filled in."""
    assert layout.lens is not None
    sheet = layout.lens.view.sheet(layout.sheet)
    return sum(
        not holds(sheet.cell(row, column))
        for term, column in layout.columns.items()
        for row in range(layout.begin(term), layout.last_row + 1)
    )


def in_blocks(places: Iterable[Place]) -> list[Area]:
    """Return single cells as areas, those of a rectangle made one."""
    blocks: list[Area] = []
    for area in _joined(places):
        above = next((each for each in blocks if _continues(each, area)), None)
        if above is None:
            blocks.append(area)
        else:
            blocks[blocks.index(above)] = above._replace(last_row=area.last_row)
    return blocks


def _continues(block: Area, area: Area) -> bool:
    """Tell whether an area stands right below a block, as wide as that."""
    one, other = (each._replace(first_row=0, last_row=0) for each in (block, area))
    return one == other and area.first_row == block.last_row + 1


def place_of(layout: Layout, terms: Iterable[Term], say: Wording | None = None) -> str:
    """Return where quantities stand, those without a place left out."""
    return ", ".join(spans(layout, {layout.columns[term] for term in terms if term in layout.columns}, say))


def steps_text(layout: Layout, say: Wording | None = None, *, last: int | None = None) -> str:
    """Return the rows of a net's steps, or its columns: rows 36-67, columns F-Q."""
    say = say or wording("en")
    if layout.pages:
        rows = pages_rows(layout, layout.last_row if last is None else last)
        pages = (layout.last_row if last is None else last) - layout.first_row + 1
        return say("net.pages", count=pages, first=str(rows[0].first + 1), last=str(rows[-1].last + 1))
    if is_blocks(layout):
        return _blocks_text(layout, say)
    ends = layout.first_row, layout.last_row if last is None else last
    turned = is_turned(layout)
    first, end = (column_name(each) if turned else str(each + 1) for each in ends)
    noun = "column" if turned else "row"
    return (
        say(f"net.{noun}s", first=first, last=end) if ends[1] > ends[0] else say(f"net.{noun}", first=first)
    )


def pages_rows(layout: Layout, last: int) -> list[PageRows]:
    """Return the rows of each page up to that of the step in row `last` of the table."""
    return PageSheet(replace(layout, last_row=last)).rows


def reaches(layout: Layout, sheet: str) -> bool:
    """Tell whether steps of a net stand on another sheet than the one on which it begins."""
    lens = layout.lens
    return (
        lens is not None
        and layout.sheet != sheet
        and any(place[0] == sheet for place in lens.places.values())
    )


def _blocks_text(layout: Layout, say: Wording) -> str:
    """Return the rows of a sheet over which blocks reach, or the sheets on which they are."""
    assert layout.lens is not None
    places = [
        place for (row, _), place in layout.lens.places.items() if layout.first_row <= row <= layout.last_row
    ]
    sheets = list(dict.fromkeys(sheet for sheet, _, _ in places))
    if len(sheets) > 1:
        return say("net.sheets", first=sheets[0], last=sheets[-1])
    rows = [row for _, row, _ in places]
    return say("net.rows", first=str(min(rows) + 1), last=str(max(rows) + 1))


def step_name(layout: Layout, row: int) -> str:
    """Return the row of the sheet, or the column, in which a row of the table is: 36, F.

    It is the number of the page, from 1 on; of blocks the step.
    """
    if layout.pages:
        return str(row - layout.first_row + 1)
    if is_blocks(layout):
        return str(row - layout.first_row)
    return column_name(row) if is_turned(layout) else str(row + 1)


def step_noun(layout: Layout) -> str:
    """Return what a step is on the sheet: a row, a column, a page, or where it is a block a step."""
    if layout.pages:
        return "page"
    return "step" if is_blocks(layout) else "column" if is_turned(layout) else "row"


def neuron_name(layout: Layout, layer: int, i: int) -> str | None:
    """Return the label that a sheet has for a neuron: that of its weighted sum, else of its value."""
    kinds: tuple[Kind, ...] = ("z", "a")
    names = (layout.own_name(Term(kind, layer, i)) for kind in kinds)
    return next(filter(None, names), None)


def first_step(layout: Layout, areas: Iterable[Area]) -> tuple[int, int] | None:
    """Return the first and the last step in which areas of the sheet lie; None where they are in none."""
    single = set() if layout.lens is None else set(layout.lens.cells.values())
    anywhere = is_blocks(layout)
    found = [
        area for area in areas if (anywhere or area.sheet == layout.sheet) and tuple(area[:3]) not in single
    ]
    if not found:
        return None
    if is_blocks(layout):
        return _blocks_of(layout, found)
    turned = is_turned(layout)
    first = min(area.first_column if turned else area.first_row for area in found) - layout.first_row
    last = max(area.last_column if turned else area.last_row for area in found) - layout.first_row
    return (first, last) if first >= 0 else None


def _blocks_of(layout: Layout, areas: Iterable[Area]) -> tuple[int, int] | None:
    """Return the first and the last of the blocks in which areas lie."""
    assert layout.lens is not None
    steps: dict[Place, list[int]] = {}
    for (row, _), place in layout.lens.places.items():
        if layout.first_row <= row <= layout.last_row:
            steps.setdefault(place, []).append(row - layout.first_row)
    ends = [
        (area.sheet, *corner)
        for area in areas
        for corner in ((area.first_row, area.first_column), (area.last_row, area.last_column))
    ]
    found = [step for end in ends for step in steps.get(end, ())]
    return (min(found), max(found)) if found else None


def first_cell(layout: Layout) -> str:
    """Return the address of the first cell of a net's table, in step 0."""
    single = set() if layout.lens is None else layout.lens.cells.keys()
    place = layout.sheet, layout.first_row, min({*layout.columns.values()} - single)
    return a1(*(place if layout.lens is None else layout.lens.place(*place))[1:])


def scale_text(layout: Layout, say: Wording) -> str:
    """Return by what a sheet's gradients differ from the slope of its cost; empty where they are that."""
    if abs(layout.scale - 1) <= _CLOSE:
        return ""
    known = {2.0: "twice", 0.5: "half", -1.0: "minus"}
    name = next((name for value, name in known.items() if abs(layout.scale / value - 1) <= _CLOSE), None)
    times = say(f"read.{name}") if name else say("read.times", factor=say.number(layout.scale, 4))
    return say("read.scale" if layout.gradients else "read.scale_updates", times=times)


def rate_place(layout: Layout) -> Place | None:
    """Return where the learning rate really stands, None where it is a number inside the formulas."""
    if layout.rate is None or layout.lens is None:
        return layout.rate
    return layout.lens.place(*layout.rate)


def rate_label(book: Book, layout: Layout) -> str:
    """Return the text that calls the learning rate so, beside or above its cell; empty without such."""
    place = rate_place(layout)
    if place is None:
        return ""
    sheet, row, column = place
    cell = cells_of(book)
    beside = [(row, column - 1), (row - 1, column), (row, column - 2)]
    beside += [(layout.label_row, column)] if not is_turned(layout) else [(row, layout.label_row)]
    for at in beside:
        found = cell((sheet, *at)) if min(at) >= 0 else None
        if found is not None and isinstance(found.value, str) and not isinstance(found.value, CellError):
            text = " ".join(found.value.split())
            if vocabulary.is_rate(found.value) and len(text) <= _LONGEST:
                return text
    return ""


def _row_runs(rows: list[int], say: Wording) -> list[str]:
    runs: list[list[int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    if not runs:
        return []
    texts = [f"{a + 1}-{b + 1}" if b > a else str(a + 1) for a, b in runs]
    many = len(runs) > 1 or runs[0][0] != runs[0][1]
    return [f"{say('places.rows' if many else 'places.row')} {texts[0]}", *texts[1:]]


def _joined(places: Iterable[Place]) -> list[Area]:
    """Return single cells as areas, neighbours in a row or in a column made one."""
    out: list[Area] = []
    for sheet, row, column in sorted(places):
        last = out[-1] if out else None
        if last is not None and last.sheet == sheet:
            if last.first_row == last.last_row == row and last.last_column + 1 == column:
                out[-1] = last._replace(last_column=column)
                continue
            if last.first_column == last.last_column == column and last.last_row + 1 == row:
                out[-1] = last._replace(last_row=row)
                continue
        out.append(Area(sheet, row, column, row, column))
    return out


def _with_sheet(area: Area, sheet: str) -> str:
    return str(area) if area.sheet == sheet else f"{area.sheet}.{area}"


def address(place: Place, sheet: str) -> str:
    """Return a cell's address, with its sheet where that is another one."""
    text = a1(*place[1:])
    return text if place[0] == sheet else f"{place[0]}.{text}"
