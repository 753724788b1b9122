"""Cells marked: other programs see fill and lines, and all else stays as it was."""

import re
from pathlib import Path
from random import Random

import openpyxl
import pytest

from sheetnet.book.edits import Mark, Note, PutCell
from sheetnet.book.grid import Area, a1
from tests.book import ods_package as ods
from tests.book import xlsx_package as xlsx
from tests.book.annotating import (
    EDGE,
    FILL,
    FORMATS,
    SAMPLES,
    annotated,
    area,
    cells,
    described,
    differing,
    mark,
    rich_workbook,
)
from tests.witnesses import libreoffice

THICK = 88
"""1/100 mm of a line of 2.5 pt, as LibreOffice counts."""


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """Return a workbook of everything that must survive."""
    return rich_workbook(tmp_path / "rich.xlsx")


@FORMATS
def test_mark_changes_nothing_but_looks(suffix: str, tmp_path: Path) -> None:
    """Every cell keeps value and formula; of the file only the cells' style names and the styles change."""
    source = SAMPLES / f"note-2-2-2-trained{suffix}"
    out = annotated(source, tmp_path / f"out{suffix}", mark("Sheet1", "E9:F100"), mark("Sheet1", "K9"))
    assert cells(out) == cells(source)
    if suffix == ".ods":
        assert differing(source, out) == {"content.xml"}
        part, styled = "content.xml", r'(<table:table-cell[^>]*?) table:style-name="[^"]*"'
    else:
        assert differing(source, out) == {"xl/styles.xml", xlsx.SHEET}
        part, styled = xlsx.SHEET, r'(<c r="[A-Z]+\d+") s="\d+"'
    old, new = (re.sub(styled, r"\1", xlsx.part(path, part)) for path in (source, out))
    if suffix == ".ods":
        old, new = (text[text.index("<office:body>") :] for text in (old, new))
    assert old == new


@FORMATS
def test_mark_again_changes_nothing(suffix: str, tmp_path: Path) -> None:
    """The same marks on a marked copy find all cells as they should be."""
    edits = (mark("Sheet1", "E9:F100"), mark("Sheet1", "K9"))
    out = annotated(SAMPLES / f"note-2-2-2-trained{suffix}", tmp_path / f"out{suffix}", *edits)
    again = annotated(out, tmp_path / f"again{suffix}", *edits)
    assert differing(out, again) == set()


OUTLINES = [
    pytest.param("B2", {"B2": "lrtb"}, id="one cell"),
    pytest.param("B2:D2", {"B2": "ltb", "C2": "tb", "D2": "rtb"}, id="one row"),
    pytest.param("B2:B4", {"B2": "lrt", "B3": "lr", "B4": "lrb"}, id="one column"),
    pytest.param("B2:C3", {"B2": "lt", "C2": "rt", "B3": "lb", "C3": "rb"}, id="two by two"),
    pytest.param(
        "B2:D5",
        {
            "B2": "lt",
            "C2": "t",
            "D2": "rt",
            "B3": "l",
            "C4": "",
            "D4": "r",
            "B5": "lb",
            "C5": "b",
            "D5": "rb",
        },
        id="a block",
    ),
]


@pytest.mark.libreoffice
@FORMATS
@pytest.mark.parametrize(("where", "sides"), OUTLINES)
def test_outline(suffix: str, where: str, sides: dict[str, str], tmp_path: Path) -> None:
    """LibreOffice draws a thick line round the area, on its outer sides alone, and fills it."""
    out = annotated(SAMPLES / f"xor-2-2-1{suffix}", tmp_path / f"o{suffix}", mark("Sheet1", where))
    looks = libreoffice.looks(out, [area("Sheet1", cell)[:3] for cell in sides])
    for look, expected in zip(looks, sides.values(), strict=True):
        assert look["fill"] == int(FILL, 16)
        drawn = {name[0].lower(): line for name, line in look["lines"].items() if line[0]}
        assert set(drawn) == set(expected)
        assert all(abs(width - THICK) <= 2 and colour == int(EDGE, 16) for width, colour in drawn.values())


@pytest.mark.libreoffice
@FORMATS
def test_later_mark_holds(suffix: str, tmp_path: Path) -> None:
    """Where areas meet, the later one's fill and lines are seen."""
    other = Mark(area("Sheet1", "C3:C4"), "FFEEAA", "0000AA")
    out = annotated(SAMPLES / f"xor-2-2-1{suffix}", tmp_path / f"o{suffix}", mark("Sheet1", "B2:D6"), other)
    inner, outer = libreoffice.looks(out, [("Sheet1", 2, 2), ("Sheet1", 1, 1)])
    assert (inner["fill"], inner["lines"]["Left"][1]) == (0xFFEEAA, 0x0000AA)
    assert outer["fill"] == int(FILL, 16)


def test_mark_as_openpyxl(rich: Path, tmp_path: Path) -> None:
    """A marked cell keeps number format, font, protection and the lines of its other sides."""
    out = annotated(rich, tmp_path / "o.xlsx", mark("Sheet1", "A2:B7"), mark("Sheet1", "F20:F21"))
    assert described(out) == described(rich)
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    for row in sheet["A2:B7"]:
        for cell in row:
            assert (cell.fill.fill_type, cell.fill.fgColor.rgb) == ("solid", f"FF{FILL}")
    border = sheet["B3"].border
    assert (border.right.style, border.right.color.rgb) == ("thick", f"FF{EDGE}")
    assert (border.left.style, border.left.color.rgb, border.bottom.style) == ("double", "FF00FF00", "dashed")
    assert (border.diagonal.style, border.diagonalUp, border.top) == ("thin", True, None)
    assert (sheet["F20"].fill.fgColor.rgb, sheet["F20"].border.bottom.style) == (f"FF{FILL}", None)
    assert sheet["F21"].border.bottom.style == "thick"
    assert sheet["B6"].comment.text == "mine\nof two lines"
    assert sheet.dimensions == "A1:F21"


def test_mark_rows_and_columns_in_xlsx(tmp_path: Path) -> None:
    """An empty cell takes the format of its row, else of its column; what is no cell yet becomes one."""
    source = xlsx.build(
        tmp_path / "s.xlsx",
        '<row r="2" s="1" customFormat="1"><c r="B2"><v>1</v></c></row><row r="3"/>',
        head='<cols><col min="3" max="3" width="9" style="1"/></cols>',
    )
    out = annotated(source, tmp_path / "o.xlsx", mark("Sheet1", "A2:C5"))
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    formats = {a1(r, c): sheet.cell(r + 1, c + 1).number_format for r in range(1, 5) for c in range(3)}
    assert {cell for cell, code in formats.items() if code == "0.00"} == {"A2", "C2", "C3", "C4", "C5"}
    assert all(sheet[cell].fill.fgColor.rgb == f"FF{FILL}" for cell in formats)


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param("<c r='A1' s='1'><v>1</v></c>", id="single quotes"),
        pytest.param('<c s="1" r="A1"><v>1</v></c>', id="style first"),
        pytest.param("<c><v>1</v></c>", id="no address"),
        pytest.param('<c r="A1"\n  s = "1" ><f>1</f><v>1</v></c>', id="spread out"),
    ],
)
def test_mark_however_a_cell_is_spelt(spelling: str, tmp_path: Path) -> None:
    """Marking finds a cell however its tag is written."""
    source = xlsx.build(tmp_path / "s.xlsx", f'<row r="1">{spelling}<c r="B1"><v>2</v></c></row>')
    sheet = openpyxl.load_workbook(annotated(source, tmp_path / "o.xlsx", mark("Sheet1", "A1")))["Sheet1"]
    assert sheet["A1"].fill.fgColor.rgb == f"FF{FILL}"
    assert sheet["A1"].number_format == ("General" if "s" not in spelling.partition("<v")[0] else "0.00")
    assert sheet["B1"].fill.fill_type is None


@pytest.mark.libreoffice
def test_mark_shared_and_array_formulas(tmp_path: Path) -> None:
    """Marking the first cell of a shared formula, or one of an array's, leaves all formulas as they are."""
    source = xlsx.build(
        tmp_path / "s.xlsx",
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">ROW()*2</f><v>2</v></c>'
        '<c r="B1"><f t="array" ref="B1:B2">ROW(A1:A2)</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c><c r="B2"><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>6</v></c></row>',
    )
    out = annotated(source, tmp_path / "o.xlsx", mark("Sheet1", "A1:A2"), mark("Sheet1", "B2"))
    assert libreoffice.formulas(out) == libreoffice.formulas(source)
    assert libreoffice.recalculated(out) == libreoffice.recalculated(source)
    both = annotated(source, tmp_path / "b.xlsx", mark("Sheet1", "A2:A3"), PutCell("Sheet1", 0, 0, 9.0))
    formulas = libreoffice.formulas(both)["Sheet1"]
    assert [formulas[row, 0] for row in range(3)] == ["9", "=ROW()*2", "=ROW()*2"]


def _ods_style(name: str, box: str = "", *, data: str = "", parent: str = "Default") -> str:
    given = f' style:data-style-name="{data}"' if data else ""
    inside = f"<style:table-cell-properties {box}/>" if box else ""
    return f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="{parent}"{given}>{inside}</style:style>'


@pytest.fixture
def repeated(tmp_path: Path) -> Path:
    """Return an .ods with repeated cells and rows, and columns' defaults."""
    decimals = (
        '<number:number-style style:name="N2"><number:number number:decimal-places="2" '
        'number:min-integer-digits="1"/></number:number-style>'
    )
    styles = decimals + _ods_style("two", data="N2")
    styles += _ods_style(
        "framed", 'fo:border="0.75pt solid #00ff00" style:border-line-width="0.1mm 0.1mm 0.1mm"'
    )
    return ods.build(
        tmp_path / "repeated.ods",
        '<table:table-column table:number-columns-repeated="3"/>'
        '<table:table-column table:default-cell-style-name="two" table:number-columns-repeated="2"/>'
        '<table:table-column table:number-columns-repeated="3"/>'
        + ods.row(
            ods.number(0.5, more=' table:style-name="framed" table:number-columns-repeated="4"'),
            ods.number(0.25),
            "<table:table-cell/>" * 3,
        )
        + ods.row(
            ods.number(7),
            '<table:table-cell table:number-columns-repeated="7"/>',
            more=' table:number-rows-repeated="5"',
        )
        + ods.row(ods.number(7, "of:=3+3"), '<table:table-cell table:number-columns-repeated="7"/>') * 3
        + ods.row(
            '<table:table-cell table:number-columns-repeated="8"/>', more=' table:number-rows-repeated="9"'
        ),
        styles=styles,
    )


@pytest.mark.libreoffice
def test_repeated_cells_and_rows_are_cut(repeated: Path, tmp_path: Path) -> None:
    """In .ods a mark takes cells out of repeated ones; rows, columns and what is empty keep their looks."""
    edits = [mark("Sheet1", "B1:C1"), mark("Sheet1", "A3:E4"), mark("Sheet1", "E9:G10")]
    out = annotated(repeated, tmp_path / "o.ods", *edits)
    assert cells(out) == cells(repeated)
    marked = {
        (r, c)
        for e in edits
        for r in range(e.area[1], e.area[3] + 1)
        for c in range(e.area[2], e.area[4] + 1)
    }
    every = [(row, column) for row in range(12) for column in range(8)]
    before, after = (
        libreoffice.looks(path, [("Sheet1", *place) for place in every]) for path in (repeated, out)
    )
    for place, old, new in zip(every, before, after, strict=True):
        assert (new["fill"] == int(FILL, 16)) == (place in marked), a1(*place)
        assert new["format"] == old["format"], a1(*place)
        if place not in marked:
            assert new == old, a1(*place)
    first = after[every.index((0, 1))]["lines"]
    assert (first["Left"][1], first["Right"][1]) == (int(EDGE, 16), 0x00FF00)


@pytest.mark.libreoffice
def test_marked_formula_keeps_its_value(repeated: Path, tmp_path: Path) -> None:
    """A formula cell without a style is recalculated when LibreOffice loads it; marked, it shows what it held."""
    assert [libreoffice.cached(repeated)["Sheet1"][row, 0] for row in (6, 7, 8)] == [6, 6, 6]
    out = annotated(repeated, tmp_path / "o.ods", mark("Sheet1", "A7:A8"), Note("Sheet1", 8, 0, "note alone"))
    assert [libreoffice.cached(out)["Sheet1"][row, 0] for row in (6, 7, 8)] == [7, 7, 6]


@pytest.mark.libreoffice
@FORMATS
@pytest.mark.parametrize("seed", [1, 2])
def test_any_areas(seed: int, suffix: str, tmp_path: Path) -> None:
    """Areas that overlap at random, over cells that are there or not: each cell looks as its last mark says."""
    random = Random(seed)
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Sheet1"
    for row in range(2, 12):
        for column in range(1, 12):
            if random.random() < 0.5 and row != 7:
                sheet.cell(row, column, random.random())
    workbook.save(tmp_path / "s.xlsx")
    source = tmp_path / "s.xlsx"
    if suffix == ".ods":
        source = libreoffice.converted(source, ".ods", tmp_path)
    marks, expected = [], {}
    for number in range(25):
        top, left = random.randrange(14), random.randrange(14)
        bottom, right = top + random.randrange(4), left + random.randrange(4)
        fill = f"{0x40 + number:02X}{random.randrange(65536):04X}"
        marks.append(Mark(Area("Sheet1", top, left, bottom, right), fill, EDGE))
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                sides = (column == left, column == right, row == top, row == bottom)
                expected[row, column] = (fill, sides)
    out = annotated(source, tmp_path / f"o{suffix}", *marks)
    assert cells(out) == cells(source)
    every = [("Sheet1", row, column) for row in range(18) for column in range(18)]
    for (_, row, column), look in zip(every, libreoffice.looks(out, every), strict=True):
        fill, sides = expected.get((row, column), (None, (False,) * 4))
        assert look["fill"] == (-1 if fill is None else int(fill, 16)), a1(row, column)
        lines = (look["lines"][side][0] > 0 for side in ("Left", "Right", "Top", "Bottom"))
        assert tuple(lines) == sides, a1(row, column)


@pytest.mark.libreoffice
@FORMATS
def test_many_marks(suffix: str, tmp_path: Path) -> None:
    """Ten thousand areas of one cell are marked one by one, and no cell between them."""
    size = 200
    if suffix == ".ods":
        rows = "".join(ods.row(*(ods.number(c) for c in range(size))) for _ in range(size))
        source = ods.build(tmp_path / "s.ods", rows)
    else:
        line = "".join(f'<c r="{a1(0, c)[:-1]}%d"><v>{c}</v></c>' for c in range(size))
        rows = "".join(f'<row r="{r}">{line.replace("%d", str(r))}</row>' for r in range(1, size + 1))
        source = xlsx.build(tmp_path / "s.xlsx", rows)
    odd = [(r, c) for r in range(size) for c in range(size) if (r + c) % 4 == 1]
    assert len(odd) == 10_000
    out = annotated(
        source, tmp_path / f"o{suffix}", *(Mark(Area("Sheet1", r, c, r, c), FILL) for r, c in odd)
    )
    every = [("Sheet1", r, c) for r in range(0, size, 19) for c in range(0, size, 7)]
    looks = libreoffice.looks(out, every)
    assert {place[1:] for place, look in zip(every, looks, strict=True) if look["fill"] == int(FILL, 16)} == {
        place[1:] for place in every if (place[1] + place[2]) % 4 == 1
    }
    assert cells(out) == cells(source)
