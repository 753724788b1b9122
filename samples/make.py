"""Make the samples (`python samples/make.py`): sheets with initial weights, laid out like the note's own.

The files are the same to the last byte wherever they are made: fixed dates, stored (not deflated) parts.
"""

import random
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from xml.etree import ElementTree

import odf.opendocument
import openpyxl
from odf import config, dc, meta, number, style, table, text
from odf.namespaces import STYLENS
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins

Weights: TypeAlias = Sequence[Sequence[Sequence[float]]]
"""A layer's matrix after the other, each of shape (n_l, n_(l-1) + 1), the biases in its last column."""
Pattern: TypeAlias = tuple[Sequence[float], Sequence[float]]
"""Inputs and targets."""

DATE = "2019-01-01T00:00:00"
NOTE_WEIGHTS = (((0.5, -0.2, 0.3), (0.2, -0.6, 0.6)), ((0.1, 0.5, -0.3), (0.2, 0.3, 0.5)))
NOTE_PATTERN = ((0.1, 0.9), (0.3, 0.4))

LABELS, FIRST = 5, 7
"""The label row and the row of step 0, zero-based."""
COLUMN = 2
"""The column of the first input."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks; `decimals` None shows a number as it was typed."""

    fill: str | None = None
    bold: bool = False
    colour: str = "000000"
    decimals: int | None = None
    centred: bool = False
    ruled: bool = False


LOOKS = {
    "text": Look(colour="595959"),
    "caption": Look(bold=True, colour="595959"),
    "rate label": Look(bold=True, ruled=True),
    "label": Look(bold=True, centred=True, ruled=True),
    "rate": Look(fill="C9E7B8"),
    "input": Look(fill="FFF3B8"),
    "weight": Look(fill="E3D9F2", decimals=5),
    "activation": Look(fill="FAD0BF", decimals=5),
    "number": Look(decimals=5),
    "target": Look(fill="C9E7B8"),
}


class Cell(NamedTuple):
    """A cell's value and the name of its look."""

    value: float | str | None
    look: str


Cells: TypeAlias = dict[tuple[int, int], Cell]
"""Zero-based (row, column) → cell."""

Label: TypeAlias = Callable[..., str]
"""From a letter (a, w, δ, T, C) and indices to the text over a column."""

ENGLISH = {
    "layer": "Layer",
    "input": "Input",
    "output": "Output",
    "target": "Target",
    "cost": "Cost",
    "rate": "Learning rate",
}


class Column(NamedTuple):
    """One scalar of a net: its letter, its layer and its indices."""

    letter: str
    layer: int
    indices: tuple[int, ...]


def columns(sizes: Sequence[int]) -> list[Column]:
    """Return a net's columns from the first input to the cost, in the order of the note's spreadsheet."""
    last = len(sizes) - 1
    out = [Column("a", 0, (i,)) for i in range(sizes[0])]
    for layer in range(1, last + 1):
        neurons = range(sizes[layer])
        out += [Column("w", layer, (i, j)) for i in neurons for j in range(sizes[layer - 1] + 1)]
        out += [Column("a", layer, (i,)) for i in neurons]
        out += [Column("δ", layer, (i,)) for i in neurons]
    out += [Column("T", last, (i,)) for i in range(sizes[-1])]
    return [*out, Column("C", last, ())]


def label(letter: str, *indices: int) -> str:
    """Return a column's label: w01, a0, C; with a comma (w1,10) where an index has two digits."""
    return letter + ("," if max(indices, default=0) > 9 else "").join(map(str, indices))


def net(
    sizes: Sequence[int],
    *,
    weights: Weights | None = None,
    patterns: Sequence[Pattern] | int = 1,
    learning_rate: float = 0.5,
    seed: int = 1,
    decimals: int = 1,
    top: int = 0,
    left: int = 0,
    words: Mapping[str, str] | None = ENGLISH,
    label: Label = label,
) -> Cells:
    """Lay out step 0 of a net: captions, labels and numbers, without formulas.

    Weights and patterns that are not given (`patterns` may be their number) are random: `decimals` decimals,
    between -1 and 1, never 0. `words` None leaves the captions out.
    """
    rng = random.Random(seed)
    scale = 10**decimals

    def some(count: int, sign: int = 1) -> list[float]:
        return [rng.choice((1, sign)) * rng.randrange(1, scale) / scale for _ in range(count)]

    if weights is None:
        weights = [[some(before + 1, -1) for _ in range(after)] for before, after in pairwise(sizes)]
    if isinstance(patterns, int):
        patterns = [(some(sizes[0]), some(sizes[-1])) for _ in range(patterns)]
    cells: Cells = {
        (LABELS, 0): Cell(ENGLISH["rate"] if words is None else words["rate"], "rate label"),
        (FIRST, 0): Cell(learning_rate, "rate"),
    }
    looks = {"a": "activation", "δ": "number", "C": "number"}
    places = {column: COLUMN + i for i, column in enumerate(columns(sizes))}
    for column, at in places.items():
        cells[LABELS, at] = Cell(label(column.letter, *column.indices), "label")
        match column:
            case Column("a", 0, (i,)):
                cells |= {(FIRST + k, at): Cell(given[i], "input") for k, (given, _) in enumerate(patterns)}
            case Column("T", _, (i,)):
                cells |= {
                    (FIRST + k, at): Cell(wanted[i], "target") for k, (_, wanted) in enumerate(patterns)
                }
            case Column("w", layer, (i, j)):
                cells[FIRST, at] = Cell(weights[layer - 1][i][j], "weight")
            case _:
                cells[FIRST, at] = Cell(None, looks[column.letter])
    if words is not None:
        cells |= _captions(sizes, places, words)
        cells |= _instructions(sizes, places, len(patterns), top, left)
    return {(row + top, column + left): cell for (row, column), cell in cells.items()}


def _captions(sizes: Sequence[int], places: Mapping[Column, int], words: Mapping[str, str]) -> Cells:
    last = len(sizes) - 1
    firsts = [places[Column("a", 0, (0,))]] + [
        places[Column("w", layer, (0, 0))] for layer in range(1, last + 1)
    ]
    cells = {(3, at): Cell(f"{words['layer']} {layer}", "caption") for layer, at in enumerate(firsts)}
    for word, column in (
        ("input", Column("a", 0, (0,))),
        ("output", Column("a", last, (0,))),
        ("target", Column("T", last, (0,))),
        ("cost", Column("C", last, ())),
    ):
        cells[4, places[column]] = Cell(words[word], "caption")
    return cells


def _instructions(
    sizes: Sequence[int], places: Mapping[Column, int], patterns: int, top: int, left: int
) -> Cells:
    def span(letter: str, layer: int, rows: int = 1) -> str:
        ats = [at for column, at in places.items() if column[:2] == (letter, layer)]
        first = f"{get_column_letter(min(ats) + left + 1)}{FIRST + top + 1}"
        last = f"{get_column_letter(max(ats) + left + 1)}{FIRST + top + rows}"
        return first if first == last else f"{first}:{last}"

    spans = [span("w", layer) for layer in range(1, len(sizes))]
    weights = ", ".join(spans[:-1]) + " and " * (len(spans) > 1) + spans[-1]
    rate = f"{get_column_letter(left + 1)}{FIRST + top + 1}"
    return {
        (0, 0): Cell(
            f"Change the inputs (yellow, {span('a', 0, patterns)}), the targets (green, "
            f"{span('T', len(sizes) - 1, patterns)}) and the learning rate ({rate}) as you like.",
            "text",
        ),
        (1, 0): Cell(
            f"Training starts from the weights in the lavender cells, {weights}, and adds one row a step.",
            "text",
        ),
    }


def write(path: Path, sizes: Sequence[int], **options: Any) -> Path:
    """Write one net with the options of `net`, as .ods or .xlsx by the path's suffix; return the path."""
    return save(path, {"Sheet1": net(sizes, **options)}, frozen=_corner(options))


def _corner(options: Mapping[str, Any]) -> tuple[int, int]:
    return options.get("top", 0) + LABELS + 1, options.get("left", 0) + COLUMN


def save(
    path: Path, sheets: Mapping[str, Cells], *, frozen: tuple[int, int] | None = (LABELS + 1, COLUMN)
) -> Path:
    """Write sheets of cells as .ods or .xlsx; `frozen` is the first row and column that scroll."""
    content = {".ods": _ods, ".xlsx": _xlsx}[path.suffix](sheets, frozen)
    with zipfile.ZipFile(BytesIO(content)) as built, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for entry in built.infolist():
            part = zipfile.ZipInfo(entry.filename)  # dated 1980-01-01
            part.external_attr = 0o600 << 16
            part.create_system = 3  # Windows and Unix would differ
            out.writestr(part, _settled(entry.filename, built.read(entry), sheets))
    return path


def _settled(name: str, content: bytes, sheets: Mapping[str, Cells]) -> bytes:
    """Take from a part what differs between runs, machines and openpyxl with and without lxml."""
    if name == "docProps/core.xml":
        content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", DATE.encode() + b"Z", content)
    if name == "meta.xml":
        content = re.sub(rb"(<meta:generator>)[^<]*", rb"\1sheetnet", content)
    if match := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
        cells = list(sheets.values())[int(match[1]) - 1]
        content = _exact(content.decode(), cells).encode()
    if name.startswith(("xl/", "docProps/")) or name in ("[Content_Types].xml", "_rels/.rels"):
        canonical = ElementTree.canonicalize(content.decode())
        if name == "xl/styles.xml":
            canonical = re.sub(r"(?<=<font>).*?(?=</font>)", _font, canonical)
        content = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + canonical.encode()
    return content


def _font(match: re.Match[str]) -> str:
    """Put a font's properties in the order of ECMA-376 18.8.22, which openpyxl does not keep."""
    order = ["b", "i", "sz", "color", "name", "family", "charset", "scheme"]
    properties = re.findall(r"<(\w+)[^>]*></\1>", match[0])
    parts = re.findall(r"<\w+[^>]*></\w+>", match[0])
    return "".join(part for _, part in sorted(zip(map(order.index, properties), parts, strict=True)))


def _exact(xml: str, cells: Cells) -> str:
    """Write the numbers with all their digits; openpyxl rounds to 16."""
    numbers = {
        f"{get_column_letter(column + 1)}{row + 1}": cell.value
        for (row, column), cell in cells.items()
        if isinstance(cell.value, int | float)
    }

    def digits(match: re.Match[str]) -> str:
        value = numbers.get(match[2])
        return match[0] if value is None else f"{match[1]}{value!r}<"

    return re.sub(r'(<c r="([A-Z]+\d+)"[^>]*><v>)[^<]*<', digits, xml)


def _widths(cells: Cells) -> dict[int, float]:
    """Return the columns' widths in millimetres: 17 hold -12.34567, an index column is narrow."""
    rates = {column for (_, column), cell in cells.items() if cell.look == "rate label"}
    used = {column for _, column in cells}
    return {c: 26 if c in rates else 17 if c in used else 5 for c in range(max(used) + 1)}


def _pages(sheets: Mapping[str, Cells]) -> int:
    """Return how many pages wide a print may be: forty columns on a page can still be read."""
    return 1 + max(column for cells in sheets.values() for _, column in cells) // 40


def _xlsx(sheets: Mapping[str, Cells], frozen: tuple[int, int] | None) -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = "sheetnet"
    book._fonts[0] = Font(name="Arial", size=10)  # of cells that have no style
    book._named_styles["Normal"].font = book._fonts[0]
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for (row, column), (value, look_name) in sorted(cells.items()):
            look = LOOKS[look_name]
            cell = sheet.cell(row + 1, column + 1, value)
            cell.font = Font(name="Arial", size=10, bold=look.bold, color="FF" + look.colour)
            if look.fill:
                cell.fill = PatternFill("solid", fgColor="FF" + look.fill)
            if look.decimals is not None:
                cell.number_format = "0." + "0" * look.decimals
            if look.centred:
                cell.alignment = Alignment(horizontal="center")
            if look.ruled:
                cell.border = Border(bottom=Side("thin", "FF808080"))
        for column, width in _widths(cells).items():
            # in digits of Arial 10, 7 pixels wide (ECMA-376 18.3.1.13)
            sheet.column_dimensions[get_column_letter(column + 1)].width = round(width / 25.4 * 96 / 7, 2)
        if frozen is not None:
            sheet.freeze_panes = f"{get_column_letter(frozen[1] + 1)}{frozen[0] + 1}"
        sheet.page_margins = PageMargins(*[10 / 25.4] * 4)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = _pages(sheets), 0
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _ods(sheets: Mapping[str, Cells], frozen: tuple[int, int] | None) -> bytes:
    document = odf.opendocument.OpenDocumentSpreadsheet()
    document.meta.addElement(meta.CreationDate(text=DATE))
    document.meta.addElement(dc.Date(text=DATE))
    looks = _ods_styles(document, _pages(sheets))
    widths: dict[float, style.Style] = {}
    for name, cells in sheets.items():
        sheet = table.Table(name=name, stylename="ta1")
        for millimetres in _widths(cells).values():
            if millimetres not in widths:
                widths[millimetres] = style.Style(name=f"co{len(widths) + 1}", family="table-column")
                widths[millimetres].addElement(style.TableColumnProperties(columnwidth=f"{millimetres}mm"))
                document.automaticstyles.addElement(widths[millimetres])
            sheet.addElement(table.TableColumn(stylename=widths[millimetres], defaultcellstylename="Default"))
        for row in range(max(row for row, _ in cells) + 1):
            line = table.TableRow()
            for column in range(max((c for r, c in cells if r == row), default=0) + 1):
                line.addElement(_ods_cell(cells.get((row, column)), looks))
            sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
    if frozen is not None:
        document.settings.addElement(_ods_view(sheets, frozen))
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _ods_cell(cell: Cell | None, looks: Mapping[str, style.Style]) -> table.TableCell:
    if cell is None:
        return table.TableCell()
    look = looks[cell.look]
    if cell.value is None:
        return table.TableCell(stylename=look)
    if isinstance(cell.value, str):
        out = table.TableCell(stylename=look, valuetype="string")
        out.addElement(text.P(text=cell.value))
        return out
    decimals = LOOKS[cell.look].decimals
    out = table.TableCell(stylename=look, valuetype="float", value=repr(cell.value))
    out.addElement(text.P(text=f"{cell.value:g}" if decimals is None else f"{cell.value:.{decimals}f}"))
    return out


def _ods_styles(document: Any, pages: int) -> dict[str, style.Style]:
    """Add the styles of cells, sheet and page, and return the cells' by their looks."""
    default = style.Style(name="Default", family="table-cell")
    default.addElement(style.TextProperties(fontfamily="Arial", fontsize="10pt"))
    document.styles.addElement(default)
    page = style.PageLayout(name="pm1")
    sides = {"pagewidth": "297mm", "pageheight": "210mm", "printorientation": "landscape", "margin": "10mm"}
    paper = style.PageLayoutProperties(**sides)
    paper.setAttrNS(STYLENS, "scale-to-X", str(pages))  # LibreOffice's own
    page.addElement(paper)
    document.automaticstyles.addElement(page)
    document.masterstyles.addElement(style.MasterPage(name="Default", pagelayoutname=page))
    sheet = style.Style(name="ta1", family="table", masterpagename="Default")
    sheet.addElement(style.TableProperties(display="true"))
    document.automaticstyles.addElement(sheet)
    out = {}
    for i, (name, look) in enumerate(LOOKS.items(), 1):
        options: dict[str, Any] = {}
        if look.decimals is not None:
            format_name = f"N{look.decimals}"
            if not any(
                node.getAttribute("name") == format_name for node in document.automaticstyles.childNodes
            ):
                digits = number.NumberStyle(name=format_name)
                digits.addElement(number.Number(decimalplaces=look.decimals, minintegerdigits=1))
                document.automaticstyles.addElement(digits)
            options["datastylename"] = format_name
        cell = style.Style(name=f"ce{i}", family="table-cell", parentstylename="Default", **options)
        ruled = {"borderbottom": "0.75pt solid #808080"} if look.ruled else {}
        fill = {"backgroundcolor": f"#{look.fill}"} if look.fill else {}
        cell.addElement(
            style.TableCellProperties(
                textalignsource="fix" if look.centred else "value-type", **ruled, **fill
            )
        )
        if look.centred:
            cell.addElement(style.ParagraphProperties(textalign="center"))
        weight = {"fontweight": "bold"} if look.bold else {}
        cell.addElement(style.TextProperties(color=f"#{look.colour}", **weight))
        document.automaticstyles.addElement(cell)
        out[name] = cell
    return out


def _ods_view(sheets: Mapping[str, Cells], frozen: tuple[int, int]) -> config.ConfigItemSet:
    """Freeze rows and columns, which Calc keeps in settings.xml under names of its own."""
    view = config.ConfigItemMapEntry()
    tables = config.ConfigItemMapNamed(name="Tables")
    for name in sheets:
        entry = config.ConfigItemMapEntry(name=name)
        for key, kind, value in (
            ("HorizontalSplitMode", "short", 2),
            ("VerticalSplitMode", "short", 2),
            ("HorizontalSplitPosition", "int", frozen[1]),
            ("VerticalSplitPosition", "int", frozen[0]),
            ("ActiveSplitRange", "short", 3),
            ("PositionRight", "int", frozen[1]),
            ("PositionBottom", "int", frozen[0]),
        ):
            entry.addElement(config.ConfigItem(name=key, type=kind, text=str(value)))
        tables.addElement(entry)
    view.addElement(config.ConfigItem(name="ViewId", type="string", text="view1"))
    view.addElement(tables)
    view.addElement(config.ConfigItem(name="ActiveTable", type="string", text=next(iter(sheets))))
    views = config.ConfigItemMapIndexed(name="Views")
    views.addElement(view)
    out = config.ConfigItemSet(name="ooo:view-settings")
    out.addElement(views)
    return out


def make(folder: Path) -> list[Path]:
    """Write the samples into `folder`: the note's net, in both formats."""
    return [
        write(folder / f"note-2-2-2{suffix}", (2, 2, 2), weights=NOTE_WEIGHTS, patterns=[NOTE_PATTERN])
        for suffix in (".ods", ".xlsx")
    ]


if __name__ == "__main__":
    make(Path(__file__).parent)
