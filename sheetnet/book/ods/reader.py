"""The sheets of content.xml, in one streaming pass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import repeat

from sheetnet.book.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Area, Cell, Sheet, Value, a1
from sheetnet.book.ods.drawing import Frame
from sheetnet.book.ods.length import millimetres
from sheetnet.book.ods.numeral import VALUES, stored_value
from sheetnet.book.ods.parser import MAX_DEPTH, check_prefixes, chunks, count, create, damage, too_deep
from sheetnet.book.ods.plain import MARK, PlainCells
from sheetnet.book.ods.table import Table
from sheetnet.book.ods.text import TextCell
from sheetnet.book.package import Package
from sheetnet.errors import FileError

PART = "content.xml"
_MAX_PARAGRAPHS = 200_000

Attributes = dict[str, str]
_cell: Callable[[tuple[Value, str | None, Area | None]], Cell] = partial(tuple.__new__, Cell)

# OpenDocument 1.3 part 3, 9.1 and 9.2: wrappers that are passed through on the way to rows and columns.
_WRAPPERS = frozenset(
    (
        "table:shapes",
        "table:table-columns",
        "table:table-header-columns",
        "table:table-column-group",
        "table:table-rows",
        "table:table-header-rows",
        "table:table-row-group",
        "table:named-expressions",
        "text:soft-page-break",
    )
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What content.xml holds: sheets, the frames' object names beside them, and named expressions."""

    sheets: tuple[Sheet, ...]
    frames: tuple[Frame, ...]
    names: Mapping[str, str]


def read_contents(package: Package, charts: frozenset[str]) -> Contents:  # noqa: PLR0915 - closures share state
    """Read every sheet; `charts` are the names of the objects that are charts."""
    file = package.path.name
    parser = create(package, PART)
    tables: list[Table] = []
    names: dict[str, str] = {}
    sizes: dict[tuple[str, str], float] = {}
    style = ("", "")
    depth = live = paragraphs = 0
    # the row being read, the first row after it, the cell being read and the first column after it
    row = next_row = here = column = 0
    in_rows = blank = False
    nothing = repeat(None)
    cells: dict[int, Cell] = {}
    table = Table("")

    def cap(more: int) -> None:
        nonlocal live
        live += more
        if live > MAX_CELLS:
            raise FileError(
                f"{file}, {table.name}: more than {MAX_CELLS:,} cells hold something, which no net needs; "
                "delete the cells that are repeated far down or far to the right"
            )

    def prologue(name: str, attributes: Attributes) -> None:
        nonlocal depth, style
        if depth == 0:
            check_prefixes(package, attributes)
        depth += 1
        if depth > MAX_DEPTH:
            raise too_deep(package, PART)
        if name == "style:style":
            style = (attributes.get("style:family", ""), attributes.get("style:name", ""))
        elif name in ("style:table-column-properties", "style:table-row-properties"):
            size = millimetres(attributes.get("style:column-width") or attributes.get("style:row-height"))
            if size is not None:
                sizes[style] = size
        elif name == "office:spreadsheet":
            parser.StartElementHandler = start
            parser.EndElementHandler = None

    def ascend(_: str) -> None:
        nonlocal depth
        depth -= 1

    def start(name: str, attributes: Attributes) -> None:
        nonlocal blank, paragraphs
        if name == MARK:
            plain_run(attributes[MARK])
        elif name == "text:p":
            paragraphs += 1
            if blank:
                text.open(here, column, {}, None, paragraph=True)
                blank = False
            elif paragraphs > _MAX_PARAGRAPHS:
                raise too_deep(package, PART)
        elif name in ("table:table-cell", "table:covered-table-cell"):
            start_cell(attributes)
        elif name == "table:table-row":
            start_row(attributes)
        elif name not in _WRAPPERS:
            other(name, attributes)

    def start_cell(attributes: Attributes) -> None:
        nonlocal here, column, blank
        here = column
        column += count(attributes.get("table:number-columns-repeated"))
        formula = attributes.get("table:formula")
        kind = attributes.get("office:value-type")
        blank = kind is None and formula is None
        if kind is not None and kind not in VALUES:
            text.open(here, column, attributes, formula, paragraph=False)
        elif not blank:
            write(here, column, stored_value(kind, attributes), formula)
        if "table:number-columns-spanned" in attributes or "table:number-rows-spanned" in attributes:
            area = spanned(attributes, "")
            if area[1:3] != area[3:5]:
                table.merged.append(area)
        if formula is not None and "table:number-matrix-columns-spanned" in attributes:
            table.arrays.append((spanned(attributes, "matrix-"), formula))

    def plain_run(number: str) -> None:
        nonlocal column, blank
        formulas, numbers, repeats = plain.run(number)
        begin, size = 0, len(numbers)
        while begin < size:
            end = numbers.index(None, begin) if None in numbers[begin:] else size
            values = map(float, numbers[begin:end])  # type: ignore[arg-type]
            last = column + end - begin
            fields = zip(values, formulas[begin:end], nothing, strict=False)
            cells.update(zip(range(column, last), map(_cell, fields), strict=True))
            column = last
            if end < size:
                column += int(repeats[end] or 1)
            begin = end + 1
        blank = False

    def spanned(attributes: Attributes, kind: str) -> Area:
        rows = count(attributes.get(f"table:number-{kind}rows-spanned"))
        columns = count(attributes.get(f"table:number-{kind}columns-spanned"))
        return Area(
            table.name, row, here, min(row + rows, MAX_ROWS) - 1, min(here + columns, MAX_COLUMNS) - 1
        )

    def start_row(attributes: Attributes) -> None:
        nonlocal row, next_row, here, column, blank, cells, in_rows, paragraphs
        finish_row()
        row = next_row
        next_row = row + count(attributes.get("table:number-rows-repeated"))
        here = column = paragraphs = 0
        blank, in_rows, cells = False, True, {}
        table.row_looks.append((next_row - row, attributes))

    def finish_row() -> None:
        if not cells:
            return
        last = next(reversed(cells))
        if next_row > MAX_ROWS or last >= MAX_COLUMNS:
            raise FileError(
                f"{file}, {table.name}, {a1(next_row - 1, last)}: found a cell outside the largest sheet "
                f"({MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns); the file is damaged"
            )
        cap(len(cells) * (next_row - row))
        if next_row - row == 1:
            table.rows[row] = cells
        else:
            # the rows of a repeat share their cells, which nobody changes
            table.rows.update(dict.fromkeys(range(row, next_row), cells))

    def other(name: str, attributes: Attributes) -> None:
        nonlocal next_row, in_rows, cells, table
        if name == "table:table" and attributes.get("table:is-sub-table") != "true":
            finish_row()
            table = Table(attributes.get("table:name", f"Sheet{len(tables) + 1}"))
            tables.append(table)
            if len(tables) > MAX_SHEETS:
                raise FileError(f"{file}: has more than {MAX_SHEETS:,} sheets; the file is damaged")
            next_row, in_rows, cells = 0, False, {}
        elif name == "table:table-column":
            number = count(attributes.get("table:number-columns-repeated"))
            table.column_looks.append((number, attributes))
        elif name == "table:named-range":
            names.setdefault(
                attributes.get("table:name", ""), f"of:=[{attributes.get('table:cell-range-address')}]"
            )
        elif name == "table:named-expression":
            formula = attributes.get("table:expression", "")
            prefixed = formula.startswith(("=", "of:=", "oooc:="))
            names.setdefault(attributes.get("table:name", ""), formula if prefixed else f"of:={formula}")
        elif name.startswith("draw:"):
            frame = Frame(name, attributes, (row, here) if in_rows else None)
            table.frames.append(frame)
            skip(frame.inside)
        else:
            if name == "office:annotation" and in_rows and blank:
                cap(column - here)
                cells.update(dict.fromkeys(range(here, column), _cell((None, None, None))))
            skip(None)

    def skip(inside: Callable[[str, Attributes], None] | None) -> None:
        """Pass over the element that has just begun, telling `inside` of what is in it."""
        handlers = parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler
        level = 1

        def down(name: str, attributes: Attributes) -> None:
            nonlocal level
            level += 1
            if level > MAX_DEPTH:
                raise too_deep(package, PART)
            if inside is not None:
                inside(name, attributes)

        def up(_: str) -> None:
            nonlocal level
            level -= 1
            if level == 0:
                parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = handlers

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = down, up, None

    def write(first: int, last: int, value: Value, formula: str | None) -> None:
        if last - first > 1:
            cap(last - first - 1)
        cells.update(dict.fromkeys(range(first, last), _cell((value, formula, None))))

    plain = PlainCells(parser.Parse)
    text = TextCell(parser, write, other, partial(too_deep, package, PART))
    parser.StartElementHandler = prologue
    parser.EndElementHandler = ascend
    with damage(package, PART, parser), chunks(package, PART) as pieces:
        plain.parse(pieces)
        parser.Parse(b"", True)
    finish_row()
    if parser.StartElementHandler is prologue:
        raise FileError(
            f"{file}: found no spreadsheet in it, expected an .ods document; save it as .ods or .xlsx"
        )
    sheets = tuple(table.finished(charts, sizes, cap) for table in tables)
    return Contents(sheets, tuple(frame for table in tables for frame in table.frames), names)
