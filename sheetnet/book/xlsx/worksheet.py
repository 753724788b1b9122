"""A worksheet's cells, read in one pass of expat without a tree (ECMA-376 18.3.1)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from sheetnet.book.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Area, Cell, CellError, Value
from sheetnet.book.package import Package
from sheetnet.book.xlsx.located import Element, damaged, local, parser
from sheetnet.book.xlsx.ranges import area, column_of
from sheetnet.book.xlsx.shared import SharedFormula
from sheetnet.book.xlsx.text import unescaped_string
from sheetnet.errors import FileError

_DIGITS = "0123456789"

Budget = list[int]
"""How many cells may still be read, as a list of one number that all sheets share."""


@dataclass(slots=True)
class Worksheet:
    """What a worksheet's part says; `parser` lines tell where it broke."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    columns: list[Element] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
    heights: dict[int, dict[str, str]] = field(default_factory=dict)
    drawing: str | None = None


def read_worksheet(package: Package, part: str, name: str, strings: list[str], budget: Budget) -> Worksheet:
    """Read the cells of one worksheet; FileError when its part is damaged or it holds too many."""
    sheet = Worksheet(name)
    reader = parser()
    reader.buffer_text = True
    arrays: list[tuple[int, int, Area]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        kind = local(tag)
        if kind == "sheetData":
            _read_cells(
                reader,
                tag.removesuffix("sheetData"),
                sheet=sheet,
                strings=strings,
                arrays=arrays,
                budget=budget,
                outside=(start, end),
            )
        elif kind == "mergeCell":
            sheet.merged.append(area(name, attributes.get("ref", "")))
        elif kind == "col":
            sheet.columns.append(Element(tag, attributes, 0, 0))
        elif kind == "sheetFormatPr":
            sheet.formats = attributes
        elif kind == "drawing" and sheet.drawing is None:
            sheet.drawing = Element(tag, attributes, 0, 0).get("id")

    def end(_: str) -> None:
        return

    reader.StartElementHandler = start
    try:
        for chunk in package.chunks(part):
            reader.Parse(chunk, False)
        reader.Parse(b"", True)
        _spread(sheet, arrays, budget)
    except expat.ExpatError as error:
        raise damaged(package, part, error.lineno) from error
    except (ValueError, IndexError, LookupError) as error:
        raise damaged(package, part, reader.CurrentLineNumber) from error
    except FileError as error:
        raise (
            error if package.path.name in str(error) else FileError(f"{package.path.name}: {error}")
        ) from None
    return sheet


def _spread(sheet: Worksheet, arrays: list[tuple[int, int, Area]], budget: Budget) -> None:
    """Give every cell of an array its formula: the file has it at the first cell only (18.3.1.40)."""
    for row, column, where in arrays:
        first = sheet.rows.get(row, {}).get(column)
        if first is None:
            continue
        _spend(budget, (where.last_row - where.first_row + 1) * (where.last_column - where.first_column + 1))
        for r in range(where.first_row, where.last_row + 1):
            cells = sheet.rows.setdefault(r, {})
            for c in range(where.first_column, where.last_column + 1):
                old = cells.get(c)
                cells[c] = Cell(old.value if old else None, first.formula, where)


def _spend(budget: Budget, cells: int) -> None:
    budget[0] -= cells
    if budget[0] < 0:
        raise FileError(f"it holds more than {MAX_CELLS:,} cells; refused, delete what is not needed")


def _number(text: str) -> Value:
    return float(text) if text else None


def _boolean(text: str) -> Value:
    return text.strip() in ("1", "true") if text else None


def _error(text: str) -> Value:
    return CellError(text) if text else None


def _read_cells(  # noqa: PLR0915 - closures over local variables are what makes expat fast
    reader: expat.XMLParserType,
    p: str,
    *,
    sheet: Worksheet,
    strings: list[str],
    arrays: list[tuple[int, int, Area]],
    budget: Budget,
    outside: tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]],
) -> None:
    """Take over the parser's handlers until ``sheetData`` ends; `p` is the prefix of its elements."""
    c_, v_, f_, t_, row_, phonetic_ = p + "c", p + "v", p + "f", p + "t", p + "row", p + "rPh"
    data_ = p + "sheetData"
    kinds: dict[str, Callable[[str], Value]] = {
        "n": _number,
        "s": lambda text: strings[int(text)] if text else None,
        "str": unescaped_string,
        "d": lambda text: text or None,
        "b": _boolean,
        "e": _error,
    }
    rows, heights, name = sheet.rows, sheet.heights, sheet.name
    shared: dict[str, SharedFormula] = {}
    new = tuple.__new__
    row, column = -1, -1
    cells: dict[int, Cell] = {}
    kind: str | None = None
    text = value = inline = ""
    formula: str | None = None
    attributes_f: dict[str, str] = {}
    phonetic = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, cells, kind, text, value, inline, formula, attributes_f, phonetic
        if tag == v_:
            text = ""
            reader.CharacterDataHandler = characters
        elif tag == c_:
            ref = attributes.get("r")
            column = column + 1 if ref is None else column_of(ref.rstrip(_DIGITS))
            kind = attributes.get("t")
            value = inline = ""
            formula = None
        elif tag == f_:
            text = ""
            attributes_f = attributes
            reader.CharacterDataHandler = characters
        elif tag == row_:
            given = attributes.get("r")
            row = row + 1 if given is None else int(given) - 1
            if not 0 <= row < MAX_ROWS:
                raise ValueError(given)
            column = -1
            cells = rows.get(row, {})
            if "ht" in attributes or "hidden" in attributes:
                heights[row] = attributes
        elif tag == t_:
            text = ""
            reader.CharacterDataHandler = characters
        elif tag == phonetic_:
            phonetic = True

    def end(tag: str) -> None:  # noqa: PLR0912 - one branch an element
        nonlocal value, inline, formula, phonetic
        if tag == v_:
            value = text
            reader.CharacterDataHandler = None
        elif tag == c_:
            if kind is None:
                held = float(value) if value else None
                if held is None and formula is None:
                    return
                cells[column] = new(Cell, (held, formula, None))
            else:
                other = unescaped_string(inline) if kind == "inlineStr" else kinds.get(kind, _number)(value)
                if other is None and formula is None:
                    return
                cells[column] = new(Cell, (other, formula, None))
        elif tag == f_:
            formula = _formula()
            reader.CharacterDataHandler = None
        elif tag == row_:
            if cells:
                if column >= MAX_COLUMNS:
                    raise ValueError(column)
                _spend(budget, len(cells))
                rows[row] = cells
        elif tag == t_:
            if not phonetic:
                inline += text
            reader.CharacterDataHandler = None
        elif tag == phonetic_:
            phonetic = False
        elif tag == data_:
            reader.StartElementHandler, reader.EndElementHandler = outside
            reader.CharacterDataHandler = None

    def _formula() -> str | None:
        how = attributes_f.get("t")
        if how is None or how == "normal":
            return "=" + text if text else None
        if how == "shared":
            index = attributes_f.get("si", "")
            if text:
                shared[index] = SharedFormula(text, row, column)
                return "=" + text
            first = shared.get(index)
            return None if first is None else "=" + first.at(row, column)
        if how == "array" and text:
            arrays.append((row, column, area(name, attributes_f.get("ref", ""))))
            return "=" + text
        return None

    def characters(data: str) -> None:
        nonlocal text
        text += data

    reader.StartElementHandler = start
    reader.EndElementHandler = end


def note_places(root: Element) -> Iterable[tuple[int, int]]:
    """Yield the cells that carry a note, from a comments part (18.7.3)."""
    for element in root.walk():
        if element.name == "comment" and (ref := element.get("ref")):
            yield from _places(ref)


def _places(ref: str) -> Iterable[tuple[int, int]]:
    try:
        where = area("", ref)
    except ValueError:
        return
    yield where.first_row, where.first_column
