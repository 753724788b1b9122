"""A look through content.xml before it is edited: styles, columns, and what the cells to copy look like."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from sheetnet.book.marks import MarkLook
from sheetnet.book.ods.length import Run
from sheetnet.book.ods.parser import Found, check_prefixes, chunks, count, create, damage
from sheetnet.book.ods.plan import Annotate, Band, Fill, Plan, SheetPlan
from sheetnet.book.ods.styles import AutomaticStyles
from sheetnet.book.ods.tree import Element
from sheetnet.book.package import Package
from sheetnet.errors import FileError

PART = "content.xml"


class Columns(NamedTuple):
    """Neighbouring columns of one declaration."""

    number: int
    style: str | None
    cell_style: str | None
    hidden: bool


@dataclass(slots=True)
class RowLook:
    """The style names of one row's cells, by first and last column, in order; their default; its style."""

    default: str | None
    style: str | None = None
    cells: list[tuple[int, int, str | None]] = field(default_factory=list)

    def own(self, column: int) -> str | None:
        """Return the style that the cell itself names."""
        index = bisect_right(self.cells, column, key=itemgetter(0)) - 1
        first, last, style = self.cells[index] if index >= 0 else (0, -1, None)
        return style if first <= column <= last else None


@dataclass(slots=True)
class SheetSurvey:
    """What one edited sheet looks like."""

    columns: list[Columns] = field(default_factory=list)
    rows: dict[int, RowLook] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)
    """Columns to fill in which some cell has no style of its own."""
    marked: dict[tuple[MarkLook, str | None], None] = field(default_factory=dict)
    """What is to be marked, each with the style that shows in cells to be marked so."""

    def column_style(self, column: int) -> str | None:
        """Return the default cell style of a column."""
        for columns in self.columns:
            column -= columns.number
            if column < 0:
                return columns.cell_style
        return None

    def style(self, row: int, column: int) -> str | None:
        """Return the style that shows in a cell of a surveyed row."""
        look = self.rows.get(row)
        own = None if look is None else look.own(column) or look.default
        return own or self.column_style(column)

    def mark(self, band: Band, row: RowLook) -> None:
        """Note down the styles that a band marks in a row."""
        for column, action in band.actions.items():
            if isinstance(action, Annotate) and action.look is not None:
                base = row.own(column) or row.default or self.column_style(column)
                self.marked[action.look, base] = None

    def runs(self, styles: AutomaticStyles) -> list[Run]:
        """Return the columns' widths."""
        return [Run(c.number, 0.0 if c.hidden else styles.column_size(c.style)) for c in self.columns]


@dataclass(slots=True)
class Survey:
    """The automatic styles, whether LibreOffice's extension of the format is declared, and the sheets."""

    styles: AutomaticStyles
    calcext: bool
    sheets: dict[str, SheetSurvey]


def survey(package: Package, plan: Plan) -> Survey:  # noqa: PLR0915 - closures share state
    """Read as much of content.xml as the plan needs; FileError when a sheet is missing."""
    parser = create(package, PART)
    root = Element("office:automatic-styles", {})
    open_elements: list[Element] = []
    found: dict[str, SheetSurvey] = {}
    missing = set(plan.sheets)
    calcext = False
    first = True
    sheet = SheetSurvey()
    asked: set[int] = set()
    styled: dict[int, list[tuple[int, int]]] = {}
    marks: deque[Band] = deque()
    row = next_row = column = 0
    look: RowLook | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal first, calcext
        if first:
            check_prefixes(package, attributes)
            calcext = "xmlns:calcext" in attributes
            first = False
        elif open_elements or name == root.name:
            element = Element(name, attributes) if open_elements else root
            if open_elements:
                open_elements[-1].children.append(element)
            else:
                parser.EndElementHandler, parser.CharacterDataHandler = end, text
            open_elements.append(element)
        elif name == "office:spreadsheet":
            if not missing:
                raise Found
            parser.StartElementHandler = outside

    def text(data: str) -> None:
        open_elements[-1].children.append(data)

    def end(_: str) -> None:
        open_elements.pop()
        if not open_elements:
            parser.EndElementHandler = parser.CharacterDataHandler = None

    def outside(name: str, attributes: dict[str, str]) -> None:
        nonlocal sheet, row, next_row, asked, styled, marks
        if name == "table:table" and attributes.get("table:name") in missing:
            missing.discard(attributes["table:name"])
            sheet = found[attributes["table:name"]] = SheetSurvey()
            planned = plan.sheets[attributes["table:name"]]
            asked, styled = _questions(planned)
            marks = deque(planned.bands if planned.marked else ())
            row = next_row = 0
            parser.StartElementHandler = inside

    def inside(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, next_row, column, look
        if name in ("table:table-cell", "table:covered-table-cell"):
            if look is not None:
                number = count(attributes.get("table:number-columns-repeated"))
                look.cells.append((column, column + number - 1, attributes.get("table:style-name")))
                column += number
        elif name == "table:table-row":
            finish_row()
            row, column = next_row, 0
            next_row += count(attributes.get("table:number-rows-repeated"))
            wanted = (
                (bool(marks) and marks[0].first < next_row)
                or any(row <= number < next_row for number in asked)
                or any(begin < next_row and row <= last for spans in styled.values() for begin, last in spans)
            )
            given = (attributes.get("table:default-cell-style-name"), attributes.get("table:style-name"))
            look = RowLook(*given) if wanted else None
        elif name == "table:table-column":
            hidden = attributes.get("table:visibility", "visible") != "visible"
            number = count(attributes.get("table:number-columns-repeated"))
            names = (attributes.get("table:style-name"), attributes.get("table:default-cell-style-name"))
            sheet.columns.append(Columns(number, *names, hidden))
        elif name == "table:table" and attributes.get("table:is-sub-table") != "true":
            finish_row()
            leave()
            outside(name, attributes)

    def finish_row() -> None:
        nonlocal look
        if look is not None:
            for number in asked:
                if row <= number < next_row:
                    sheet.rows[number] = look
            for place, spans in list(styled.items()):
                touched = any(begin < next_row and row <= last for begin, last in spans)
                if touched and look.own(place) is None:
                    sheet.bare.add(place)
                    del styled[place]
                elif all(last < next_row for _, last in spans):
                    del styled[place]
            while marks and marks[0].first < next_row:
                sheet.mark(marks[0], look)
                if marks[0].last >= next_row:
                    break
                marks.popleft()
            look = None
        if next_row > max(asked, default=0) and not styled and not marks:
            leave()

    def leave() -> None:
        finish = [place for place, spans in styled.items() if any(last >= next_row for _, last in spans)]
        sheet.bare.update(finish)
        styled.clear()
        for band in marks:
            sheet.mark(band, RowLook(None))  # below the last row that is stored
        marks.clear()
        parser.StartElementHandler = outside
        if not missing:
            raise Found

    parser.StartElementHandler = start
    try:
        with damage(package, PART, parser), chunks(package, PART) as pieces:
            for chunk in pieces:
                parser.Parse(chunk)
            parser.Parse(b"", True)
            finish_row()
            leave()
    except Found:
        pass
    if missing:
        raise FileError(f"{package.path.name}: has no sheet '{min(missing)}'; check its name")
    return Survey(AutomaticStyles(root), calcext, found)


def _questions(plan: SheetPlan) -> tuple[set[int], dict[int, list[tuple[int, int]]]]:
    """Return the rows whose styles, cells' too, are to be known, and those where a column may lack one."""
    asked = set(plan.heights)
    styled: dict[int, list[tuple[int, int]]] = {}
    for block in plan.blocks:
        asked.add(block.first_row)
        if block.like_row is not None:
            asked.add(block.like_row)
    for put in plan.puts:
        if put.style is not None:
            asked.add(put.row)
    given = [put.style for put in plan.puts] + [c.style for block in plan.blocks for c in block.columns]
    asked.update(style.like[0] for style in given if style is not None and style.like is not None)
    for band in plan.bands:
        for column, action in band.actions.items():
            if isinstance(action, Fill) and action.column.style is not None:
                styled.setdefault(column, []).append((band.first, band.last))
    return asked, styled
