"""Edits spliced into .xlsx: independent readers see them, and nothing else has changed."""

import math
import re
import warnings
from pathlib import Path

import ironcalc
import numpy as np
import openpyxl
import pytest
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineWorkbook

from sheetnet.book.edits import (
    ChartData,
    ClearCells,
    Content,
    Edit,
    FilledColumn,
    FillRows,
    MoveDrawing,
    PutCell,
    SetWidth,
    Style,
)
from sheetnet.book.grid import Area, Cell, CellError, Value
from sheetnet.book.package import Package
from sheetnet.book.xlsx import changes, sheetsplice
from sheetnet.errors import FileError
from sheetnet.formula.pattern import pattern
from tests.book.xlsx_package import MAIN, SHEET, STRICT, book, build, part, parts, relationships, saved
from tests.witnesses import libreoffice, openxmlsdk

HANDBUILT = ["01.xlsx", "02.xlsx", "03.xlsx", "04.xlsx", "05.xlsx", "06.xlsx"]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Return a workbook with coloured cells, a note and a chart, built by openpyxl: cells in A1:C5."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Sheet1"
    for row in range(1, 6):
        for column in range(1, 4):
            sheet.cell(row, column, row * column / 10)
    sheet["B2"].fill = PatternFill("solid", fgColor="FFFFCC00")
    sheet["B2"].comment = Comment("keep me", "author")
    chart = LineChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=5))
    sheet.add_chart(chart, "E2")
    workbook.save(tmp_path / "plain.xlsx")
    return tmp_path / "plain.xlsx"


def filled(first: int, rows: int, *, style: Style | None = None, like_row: int | None = None) -> FillRows:
    """Return columns B (a running sum), D (a constant formula of B, not computed) and E (numbers)."""
    values = 1.0 + np.arange(rows) / 7
    return FillRows(
        "Sheet1",
        first,
        (
            FilledColumn(1, ((first, pattern(f"=B{first}+1/7", first)),), values, style),
            FilledColumn(3, ((first, pattern(f'=EXP(-B{first + 1})&"<δ>"', first)),), values * np.nan),
            FilledColumn(4, ((first, Content.NUMBER), (first + rows - 1, Content.KEPT)), values / 3),
        ),
        like_row,
    )


def test_fill_as_openpyxl(plain: Path, tmp_path: Path) -> None:
    """Rows that are there and rows that are not get formulas and values; their neighbours stay."""
    out = tmp_path / "out.xlsx"
    assert saved(plain, out, filled(1, 2500)) == {SHEET}
    before = openpyxl.load_workbook(plain)["Sheet1"]
    formulas, values = (
        openpyxl.load_workbook(out)["Sheet1"],
        openpyxl.load_workbook(out, data_only=True)["Sheet1"],
    )
    for row in range(2, 2502):
        assert formulas.cell(row, 2).value == f"=B{row - 1}+1/7"
        assert values.cell(row, 2).value == 1 + (row - 2) / 7
        assert formulas.cell(row, 4).value == f'=EXP(-B{row})&"<δ>"'
        assert values.cell(row, 4).value is None
        assert formulas.cell(row, 5).value == ((1 + (row - 2) / 7) / 3 if row < 2501 else None)
        for column in (1, 3):
            assert formulas.cell(row, column).value == before.cell(row, column).value
    assert formulas["B2"].comment.text == "keep me"
    assert formulas["B2"].fill.fgColor.rgb == "FFFFCC00"
    assert formulas.dimensions == "A1:E2501"
    assert saved(out, tmp_path / "again.xlsx", filled(1, 2500)) == set()


@pytest.mark.libreoffice
def test_fill_as_libreoffice(plain: Path, tmp_path: Path) -> None:
    """LibreOffice shows the values we stored, understands the formulas, and computes the same."""
    out = tmp_path / "out.xlsx"
    saved(plain, out, filled(1, 40), PutCell("Sheet1", 0, 9, "w δ", style=Style(fill="CCFFCC")))
    shown, formulas = libreoffice.cached(out)["Sheet1"], libreoffice.formulas(out)["Sheet1"]
    assert shown[40, 1] == 1 + 39 / 7
    assert formulas[40, 1] == "=B40+1/7"
    assert formulas[9, 3] == '=EXP(-B10)&"<δ>"'
    assert shown[0, 9] == "w δ"
    # B1 is 0.2
    assert libreoffice.recalculated(out)["Sheet1"][1, 1] == 0.2 + 1 / 7


def test_fill_as_calamine_and_ironcalc(plain: Path, tmp_path: Path) -> None:
    """Calamine reads our values; ironcalc computes the formulas that we wrote."""
    workbook = openpyxl.load_workbook(plain)
    workbook["Sheet1"]["B2"].comment = None  # ironcalc 0.9 does not find openpyxl's notes
    workbook.save(plain)
    out = tmp_path / "out.xlsx"
    saved(plain, out, filled(1, 40))
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("Sheet1").to_python()
    assert [row[1] for row in rows[1:]] == [1 + i / 7 for i in range(40)]
    model = ironcalc.load_from_xlsx(str(out), "en", "UTC", "en")
    model.evaluate()
    assert float(model.get_formatted_cell_value(0, 41, 2)) == pytest.approx(0.2 + 40 / 7)


@pytest.mark.openxmlsdk
@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
def test_sdk_finds_nothing_new(shared: Path, name: str, tmp_path: Path) -> None:
    """The Open XML SDK finds in our output only what it finds in the input."""
    path = shared / "handbuilt" / name
    found = book(path)
    sheet = found.sheets[0]
    right = max((max(cells) for cells in sheet.rows.values()), default=0) + 2
    style = Style((0, 0), "DDEEFF", 5)
    values = np.linspace(0, 1, 400)
    edits: list[Edit] = [
        FillRows(sheet.name, 30, (FilledColumn(right, ((30, pattern("=A1*B31", 30)),), values, style),)),
        PutCell(sheet.name, 4, right, "dC/dw <0>", style=style),
        PutCell(sheet.name, 700, 0, True, "=1=1"),
        PutCell(sheet.name, 701, 0, CellError("#NUM!"), "=EXP(800)"),
        SetWidth(sheet.name, right, right + 1, 25.0),
        *(MoveDrawing(sheet.name, i, right + 4 + i) for i in range(len(sheet.drawings))),
        *(
            ChartData(chart.part, old, old._replace(last_row=old.last_row + 3), np.zeros(_cells(old) + 3))
            for chart in found.charts
            for old in chart.ranges
            if old.first_column == old.last_column
        ),
    ]
    out = tmp_path / name
    saved(path, out, *edits)
    assert openxmlsdk.findings(out) == openxmlsdk.findings(path)
    assert saved(out, tmp_path / "again.xlsx", *(e for e in edits if not isinstance(e, ChartData))) == set()
    assert not [name for name in parts(out) if "calcChain" in name]


def _cells(area: Area) -> int:
    return area.last_row - area.first_row + 1


@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
@pytest.mark.parametrize("fast", [True, False], ids=["compiled", "plain"])
def test_other_cells_stay(
    shared: Path, name: str, fast: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filling every second column of Excel's files leaves the others as they read, shared formulas too."""
    if not fast:
        monkeypatch.setattr(sheetsplice, "template", lambda *_, **__: None)
    path, out = shared / "handbuilt" / name, tmp_path / name
    before = book(path)
    sheet = before.sheets[-1]
    first, last = min(sheet.rows), max(sheet.rows)
    values = np.arange(last - first + 1.0)
    values[3] = np.nan
    columns = tuple(
        FilledColumn(column, ((first, pattern(f"=$A{first + 1}*2", first)), (last, Content.NUMBER)), values)
        for column in range(1, 60, 2)
    )
    saved(path, out, FillRows(sheet.name, first, columns))
    after = book(out)
    assert after.sheets[:-1] == before.sheets[:-1]
    assert after.charts == before.charts
    assert after.sheets[-1].merged == sheet.merged
    for row, cells in after.sheets[-1].rows.items():
        for column, cell in cells.items():
            if column % 2 == 0 or column >= 60:
                assert cell == sheet.cell(row, column)
            elif row < last:
                value = None if row == first + 3 else float(row - first)
                assert cell == Cell(value, f"=$A{row + 1}*2")
    covered = {  # openpyxl empties what merged cells cover
        (row, column)
        for _, top, left, bottom, right in sheet.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }
    theirs = openpyxl_formulas(out, sheet.name)
    ours = {(r, c): cell.formula for r, cells in after.sheets[-1].rows.items() for c, cell in cells.items()}
    assert all(ours[place] == formula for place, formula in theirs.items())
    assert {place for place, formula in ours.items() if formula} <= covered | set(theirs)
    unchanged = {
        k: v for k, v in parts(path).items() if not re.search(r"calcChain|Types|workbook.xml.rels|sheet\d", k)
    }
    assert {k: v for k, v in parts(out).items() if k in unchanged} == unchanged


def openpyxl_formulas(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the formulas as openpyxl reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = openpyxl.load_workbook(path)[sheet].iter_rows()
    return {(c.row - 1, c.column - 1): str(c.value) for row in rows for c in row if c.data_type == "f"}


@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
def test_compiled_rows_are_the_plain_ones(
    shared: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiled writer gives the very bytes of the plain one."""
    sheet = book(shared / "handbuilt" / name).sheets[-1]
    values = np.where(np.arange(900) % 50 == 7, np.inf, -np.arange(900) / 3)
    edits = (
        FillRows(
            sheet.name,
            2,
            tuple(
                FilledColumn(c, ((2, pattern("=A2+A$1*'x'!B4&\"{A1}\\\"", 2)), (99, Content.NUMBER)), values)
                for c in (0, 3, 5, 6, 40)
            ),
        ),
        ClearCells(sheet.name, 5, 60, (1, 7, 41)),
        PutCell(sheet.name, 9, 3, None, "=B1"),
    )
    saved(shared / "handbuilt" / name, tmp_path / "fast.xlsx", *edits)
    monkeypatch.setattr(sheetsplice, "template", lambda *_, **__: None)
    saved(shared / "handbuilt" / name, tmp_path / "plain.xlsx", *edits)
    assert parts(tmp_path / "fast.xlsx") == parts(tmp_path / "plain.xlsx")


@pytest.mark.shared
def test_one_cell_changes_only_its_bytes(shared: Path, tmp_path: Path) -> None:
    """Putting one number replaces one cell's bytes."""
    path, out = shared / "handbuilt" / "04.xlsx", tmp_path / "out.xlsx"
    assert saved(path, out, PutCell("Calculation", 26, 22, 0.25)) == {SHEET}
    old, new = part(path), part(out)
    match = re.search(r'<c r="W27"[^>]*>.*?</c>', old)
    assert match is not None
    cell = re.sub(r"<v>.*</v>", "<v>0.25</v>", match[0])
    assert new == old[: match.start()] + cell + old[match.end() :]


def test_first_cell_of_shared_formula(tmp_path: Path) -> None:
    """When the first cell of a shared formula is overwritten, its followers' texts are written out."""
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:B3" si="0">D1*$D$1&amp;"&lt;"</f><v>1</v></c>'
        '<c r="B1"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="2"><c r="A2" s="1"><f t="shared" si="0"/><v>3</v></c>'
        '<c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>5</v></c>'
        '<c r="C3"><f t="shared" si="1"/><v>5</v></c></row>'
    )
    path, out = build(tmp_path / "x.xlsx", rows), tmp_path / "out.xlsx"
    saved(path, out, PutCell("Sheet1", 0, 0, 7.0), PutCell("Sheet1", 1, 1, 8.0))
    assert part(out).partition("<sheetData>")[2].partition("</sheetData>")[0] == (
        '<row r="1"><c r="A1"><v>7.0</v></c><c r="B1"><f>E1*$D$1&amp;"&lt;"</f><v>2</v></c></row>'
        '<row r="2"><c r="A2" s="1"><f>D2*$D$1&amp;"&lt;"</f><v>3</v></c><c r="B2"><v>8.0</v></c></row>'
        '<row r="3"><c r="A3"><f>D3*$D$1&amp;"&lt;"</f><v>5</v></c>'
        '<c r="C3"><f t="shared" si="1"/><v>5</v></c></row>'
    )


def test_follower_that_says_the_same_stays(tmp_path: Path) -> None:
    """A shared formula's follower is not touched by the same formula and value spelt out."""
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1*2</f><v>1.50</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2E0</v></c></row>'
    )
    edit = FillRows("Sheet1", 0, (FilledColumn(0, ((0, pattern("=B1*2", 0)),), np.array([1.5, 2.0])),))
    assert saved(build(tmp_path / "x.xlsx", rows), tmp_path / "out.xlsx", edit) == set()


@pytest.mark.parametrize("kind", ["array", "dataTable"])
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(PutCell("Sheet1", 1, 1, 3.0), id="put"),
        pytest.param(ClearCells("Sheet1", 0, 5, (1,)), id="clear"),
        pytest.param(
            FillRows("Sheet1", 1, (FilledColumn(1, ((1, Content.NUMBER),), np.ones(1)),)), id="fill"
        ),
    ],
)
def test_array_is_refused(tmp_path: Path, kind: str, edit: Edit) -> None:
    """A cell inside an array formula can't be changed alone; the message names it."""
    rows = (
        f'<row r="1"><c r="A1"><f t="{kind}" ref="A1:B2">C1</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><v>1</v></c></row>'
    )
    with pytest.raises(FileError, match=r"^x\.xlsx, Sheet1, B[12]: .*A1:B2"):
        saved(build(tmp_path / "x.xlsx", rows), tmp_path / "out.xlsx", edit)
    assert not (tmp_path / "out.xlsx").exists()


VALUES: list[tuple[Value, str | None]] = [
    (0.1, None),
    (-0.0, None),
    (1e-300, "=A1"),
    (True, None),
    (False, "=1=2"),
    ("text", None),
    (" a\n<b>&\x07_x0041_ δ ", None),
    ("=A1", None),
    ("δ", '="δ"'),
    (CellError("#DIV/0!"), "=1/0"),
    (None, "=A1<B1"),
    (1.0, '=Sheet1!A1&"\'"'),
]


@pytest.mark.parametrize(("value", "formula"), VALUES)
def test_put(tmp_path: Path, value: Value, formula: str | None) -> None:
    """Every kind of value and formula comes back from openpyxl and from us; putting it again does nothing."""
    path, out = (
        build(tmp_path / "x.xlsx", '<row r="2"><c r="B2" s="1"><v>1</v></c></row>'),
        tmp_path / "out.xlsx",
    )
    edits = [
        PutCell("Sheet1", row, column, value, formula) for row, column in ((0, 0), (1, 1), (1, 2), (7, 0))
    ]
    assert SHEET in saved(path, out, *edits)
    formulas, values = (
        openpyxl.load_workbook(out)["Sheet1"],
        openpyxl.load_workbook(out, data_only=True)["Sheet1"],
    )
    for address in ("A1", "B2", "C2", "A8"):
        if value != VALUES[6][0]:  # openpyxl does not resolve _x0007_
            assert values[address].value == value
        if formula is not None:
            assert formulas[address].value == formula
    assert book(out).sheets[0].cell(1, 1) == Cell(value, formula)
    assert "-0.0" not in part(out)
    assert formulas["B2"].number_format == "0.00"
    assert saved(out, tmp_path / "again.xlsx", *edits) == set()


def test_shared_string_that_says_the_same_stays(tmp_path: Path) -> None:
    """A text that is there as a shared string is left alone."""
    path = build(
        tmp_path / "x.xlsx", '<row><c t="s"><v>0</v></c></row>', strings=["<r><t>dC</t></r><r><t>/dw</t></r>"]
    )
    assert saved(path, tmp_path / "out.xlsx", PutCell("Sheet1", 0, 0, "dC/dw")) == set()
    assert saved(path, tmp_path / "out.xlsx", PutCell("Sheet1", 0, 0, "dC/dx")) == {SHEET}


def test_clear(plain: Path, tmp_path: Path) -> None:
    """Cleared cells keep style and note; empty ones are not made."""
    out = tmp_path / "out.xlsx"
    assert saved(plain, out, ClearCells("Sheet1", 1, 50, (1, 2, 9))) == {SHEET}
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    assert [sheet.cell(row, 2).value for row in range(1, 6)] == [0.2, None, None, None, None]
    assert (sheet["B2"].fill.fgColor.rgb, sheet["B2"].comment.text) == ("FFFFCC00", "keep me")
    assert sheet.max_row == 5
    assert saved(out, tmp_path / "again.xlsx", ClearCells("Sheet1", 1, 50, (1, 2, 9))) == set()


def test_styles(plain: Path, tmp_path: Path) -> None:
    """A style is like its cell but for fill and decimals, made once, and found again."""
    out = tmp_path / "out.xlsx"
    five = Style((1, 1), "DDEEFF", 5)
    edits = (
        PutCell("Sheet1", 0, 5, 1.0, style=five),
        PutCell("Sheet1", 1, 5, 1.0, style=Style((1, 1), "DDEEFF", 5)),
        PutCell("Sheet1", 2, 5, 1.0, style=Style(None, "ddeeff", 2)),
        PutCell("Sheet1", 3, 5, 1.0, style=Style((1, 1))),
        PutCell("Sheet1", 4, 5, 1.0, style=Style((1, 1), None, 0)),
        filled(7, 3, style=five, like_row=1),
    )
    assert saved(plain, out, *edits) == {SHEET, "xl/styles.xml"}
    before, after = openpyxl.load_workbook(plain), openpyxl.load_workbook(out)
    sheet = after["Sheet1"]
    assert len(after._cell_styles) == len(before._cell_styles) + 3
    assert [sheet.cell(row, 6).number_format for row in range(1, 6)] == [
        "0.00000",
        "0.00000",
        "0.00",
        "General",
        "0",
    ]
    assert [sheet.cell(row, 6).fill.fgColor.rgb[2:] for row in (1, 2, 3, 4)] == [
        "DDEEFF",
        "DDEEFF",
        "DDEEFF",
        "FFCC00",
    ]
    assert sheet["B8"].fill.fgColor.rgb == "FFDDEEFF"
    styles = part(out, "xl/styles.xml")
    for name, item in (("fills", "fill"), ("cellXfs", "xf"), ("numFmts", "numFmt")):
        match = re.search(rf'<{name} count="(\d+)">(.*?)</{name}>', styles)
        assert match is not None
        assert int(match[1]) == len(re.findall(rf"<{item}[\s>]", match[2]))
    assert saved(out, tmp_path / "again.xlsx", *edits) == set()


def test_style_of_new_cells(tmp_path: Path) -> None:
    """A new cell looks like that of the row to be like, else like its row, else like its column."""
    head = '<cols><col min="2" max="2" width="9" style="1"/></cols>'
    rows = (
        '<row r="1"><c r="C1" s="1"/></row><row r="2" s="1" customFormat="1"/>'
        '<row r="3" spans="1:1"><c r="A3"/></row>'
    )
    values = np.ones(3)
    columns = tuple(FilledColumn(column, ((1, Content.NUMBER),), values) for column in (0, 1, 2))
    out = tmp_path / "out.xlsx"
    saved(build(tmp_path / "x.xlsx", rows, head=head), out, FillRows("Sheet1", 1, columns, like_row=0))
    assert part(out).partition("<sheetData>")[2].partition("</sheetData>")[0] == (
        '<row r="1"><c r="C1" s="1"/></row>'
        '<row r="2" s="1" customFormat="1"><c r="A2"><v>1.0</v></c><c r="B2" s="1"><v>1.0</v></c>'
        '<c r="C2" s="1"><v>1.0</v></c></row>'
        '<row r="3" spans="1:3"><c r="A3"><v>1.0</v></c><c r="B3" s="1"><v>1.0</v></c>'
        '<c r="C3" s="1"><v>1.0</v></c></row>'
        '<row r="4"><c r="A4"><v>1.0</v></c><c r="B4" s="1"><v>1.0</v></c>'
        '<c r="C4" s="1"><v>1.0</v></c></row>'
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_odd_spellings(tmp_path: Path, encoding: str) -> None:
    """Prefixed names, implied places, CDATA, white space and UTF-16 are written into as well."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><x:worksheet xmlns:x="{STRICT}"><!-- <x:sheetData/> -->'
        "<x:sheetData>\n<x:row><!-- </x:row> --><x:c><x:f><![CDATA[A2<2]]></x:f><x:v>1</x:v></x:c>\n "
        "<x:c t='inlineStr'><x:is><x:t>δ</x:t></x:is></x:c></x:row>\n<x:row><x:c><x:v>5</x:v></x:c></x:row>\n"
        "</x:sheetData><!-- ! --></x:worksheet>"
    )
    path, out = build(tmp_path / "x.xlsx", "", sheet=text.encode(encoding)), tmp_path / "out.xlsx"
    edits = (PutCell("Sheet1", 0, 1, "ε"), PutCell("Sheet1", 0, 3, 4.0, "=A1"), PutCell("Sheet1", 4, 0, 6.0))
    saved(path, out, *edits)
    assert book(out).sheets[0].rows == {
        0: {0: Cell(1.0, "=A2<2"), 1: Cell("ε"), 3: Cell(4.0, "=A1")},
        1: {0: Cell(5.0)},
        4: {0: Cell(6.0)},
    }
    assert part(out).endswith("</x:sheetData><!-- ! --></x:worksheet>")
    assert saved(out, tmp_path / "again.xlsx", *edits) == set()


@pytest.mark.parametrize("data", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>"])
def test_empty_sheet(tmp_path: Path, data: str) -> None:
    """A sheet without rows gets some; the columns' widths come before them."""
    path = build(tmp_path / "x.xlsx", "", sheet=f'<worksheet xmlns="{MAIN}">{data}<pageMargins/></worksheet>')
    saved(path, tmp_path / "out.xlsx", PutCell("Sheet1", 1, 1, 2.0), SetWidth("Sheet1", 1, 1, 20))
    cols = '<cols><col min="2" max="2" width="10.85546875" customWidth="1"/></cols>'
    row = '<row r="2"><c r="B2"><v>2.0</v></c></row>'
    assert part(tmp_path / "out.xlsx") == (
        f'<worksheet xmlns="{MAIN}">{cols}<sheetData>{row}</sheetData><pageMargins/></worksheet>'
    )


def test_widths(tmp_path: Path) -> None:
    """Spans of columns are split; what is not named keeps its width, and the style stays."""
    head = (
        '<cols><col min="2" max="5" width="9" style="1"/><col min="8" max="8" hidden="1" width="3"/></cols>'
    )
    path, out = build(tmp_path / "x.xlsx", "", head=head), tmp_path / "out.xlsx"
    assert saved(path, out, SetWidth("Sheet1", 3, 8, 30)) == {SHEET}
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    assert re.findall(r'min="(\d+)" max="(\d+)" width="([\d.]+)"', part(out)) == [
        ("2", "3", "9"),
        ("4", "5", "16.140625"),
        ("6", "7", "16.140625"),
        ("9", "9", "16.140625"),
    ]
    assert sheet.column_dimensions["H"].hidden
    assert saved(out, tmp_path / "again.xlsx", SetWidth("Sheet1", 3, 8, 30)) == set()


@pytest.mark.parametrize(("pixels", "width"), [(64, 9.140625), (20, 2.85546875), (141, 20.140625)])
def test_width_as_excel(plain: Path, tmp_path: Path, pixels: int, width: float) -> None:
    """Excel's own numbers for columns of so many pixels; LibreOffice's depend on the fonts of its machine."""
    saved(plain, tmp_path / "out.xlsx", SetWidth("Sheet1", 7, 7, pixels / 96 * 25.4))
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["Sheet1"].column_dimensions["H"].width == width


def test_move(plain: Path, tmp_path: Path) -> None:
    """A chart goes to its column with its size; moving it again does nothing."""
    out = tmp_path / "out.xlsx"
    assert saved(plain, out, MoveDrawing("Sheet1", 0, 12)) == {"xl/drawings/drawing1.xml"}
    before, after = (openpyxl.load_workbook(p)["Sheet1"]._charts[0].anchor for p in (plain, out))
    assert (after._from.col, after._from.colOff, after._from.row) == (12, 0, before._from.row)
    assert (after.ext.width, after.ext.height) == (before.ext.width, before.ext.height)
    assert saved(out, tmp_path / "again.xlsx", MoveDrawing("Sheet1", 0, 12)) == set()


@pytest.mark.shared
def test_move_over_other_widths(shared: Path, tmp_path: Path) -> None:
    """A chart anchored at two cells keeps its width in pixels over columns that were made twice as wide."""
    path, out = shared / "handbuilt" / "02.xlsx", tmp_path / "out.xlsx"
    saved(path, out, SetWidth("Sheet1", 40, 60, 128 / 96 * 25.4), MoveDrawing("Sheet1", 0, 40))
    before, after = (openpyxl.load_workbook(p)["Sheet1"]._charts[0].anchor for p in (path, out))
    width = (before.to.col - before._from.col) * 64 * 9525 + before.to.colOff - before._from.colOff
    assert (after.to.col - after._from.col) * 128 * 9525 + after.to.colOff == width
    assert (after._from.row, after.to.row) == (before._from.row, before.to.row)


@pytest.mark.shared
def test_chart(shared: Path, tmp_path: Path) -> None:
    """A chart's range and its copy of the numbers are renewed; the same ones again change nothing."""
    path, out = shared / "handbuilt" / "02.xlsx", tmp_path / "out.xlsx"
    old = Area("Sheet1", 2, 22, 199, 22)
    new = Area("Sheet1", 2, 22, 5, 22)
    values = np.array([1 / 3, math.nan, -0.0, 1e-9])
    part_ = "xl/charts/chart1.xml"
    assert saved(path, out, ChartData(part_, old, new, values)) == {part_}
    series = openpyxl.load_workbook(out)["Sheet1"]._charts[0].series[0]
    assert series.val.numRef.f == "Sheet1!$W$3:$W$6"
    cache = series.val.numRef.numCache
    assert (cache.ptCount, [(pt.idx, float(pt.v)) for pt in cache.pt]) == (
        4,
        [(0, 1 / 3), (2, 0.0), (3, 1e-9)],
    )
    assert (
        cache.formatCode
        == openpyxl.load_workbook(path)["Sheet1"]._charts[0].series[0].val.numRef.numCache.formatCode
    )
    for same in (values, values * (1 + 1e-16)):
        assert saved(out, tmp_path / "again.xlsx", ChartData(part_, new, new, same)) == set()
    assert series.tx.strRef.f == "Sheet1!$W$2"


@pytest.mark.parametrize(
    "spelling", ["Sheet1!$A$1:$A$5", "'Sheet1'!A1:A5", "sheet1!A$1:$A5", "(Sheet1!$A$1:$A$5)"]
)
def test_chart_spellings(plain: Path, tmp_path: Path, spelling: str) -> None:
    """A range is found however it is spelt."""
    with Package(plain) as package:
        chart = package.read("xl/charts/chart1.xml").replace(b"'Sheet1'!$A$1:$A$5", spelling.encode())
        assert spelling.encode() in chart
        package.rewrite(tmp_path / "x.xlsx", {"xl/charts/chart1.xml": chart})
    old, new = Area("Sheet1", 0, 0, 4, 0), Area("Sheet1", 0, 0, 8, 0)
    saved(tmp_path / "x.xlsx", tmp_path / "out.xlsx", ChartData("xl/charts/chart1.xml", old, new, np.ones(9)))
    assert "Sheet1!$A$1:$A$9" in part(tmp_path / "out.xlsx", "xl/charts/chart1.xml")
    assert book(tmp_path / "out.xlsx").charts[0].ranges == (new,)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("edit", "gone"),
    [
        pytest.param(PutCell("Calculation", 26, 22, 9.0), False, id="number"),
        pytest.param(PutCell("Calculation", 26, 22, 9.0, "=3*3"), True, id="becomes-formula"),
        pytest.param(PutCell("Calculation", 90, 0, 9.0, "=3*3"), True, id="new-formula"),
        pytest.param(ClearCells("Calculation", 40, 40, (9,)), True, id="formula-cleared"),
        pytest.param(PutCell("Calculation", 90, 0, 9.0), False, id="new-number"),
    ],
)
def test_calculation_chain(shared: Path, tmp_path: Path, edit: Edit, gone: bool) -> None:
    """The chain goes, with its relationship and content type, when a formula comes or goes; not otherwise."""
    out = tmp_path / "out.xlsx"
    saved(shared / "handbuilt" / "04.xlsx", out, edit)
    assert ("xl/calcChain.xml" not in parts(out)) == gone
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        assert ("calcChain" not in part(out, name)) == gone
    openpyxl.load_workbook(out)


def test_signatures_go(tmp_path: Path) -> None:
    """A change ends the signatures, with all that leads to them; without a change they stay."""
    signed = {
        "_xmlsignatures/origin.sigs": "",
        "_xmlsignatures/sig1.xml": "<Signature/>",
        "_xmlsignatures/_rels/origin.sigs.rels": relationships({"rId1": ("signature", "sig1.xml")}),
        "_rels/.rels": relationships(
            {"rId1": ("officeDocument", "xl/workbook.xml"), "rId9": ("origin", "_xmlsignatures/origin.sigs")}
        ),
        "xl/vbaProject.bin": b"\x00macro",
    }
    path, out = (
        build(tmp_path / "x.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>', parts=signed),
        tmp_path / "o.xlsx",
    )
    assert saved(path, out, PutCell("Sheet1", 0, 0, 1.0)) == set()
    saved(path, out, PutCell("Sheet1", 0, 0, 2.0))
    assert not [name for name in parts(out) if "_xmlsignatures" in name]
    assert "origin" not in part(out, "_rels/.rels")
    assert parts(out)["xl/vbaProject.bin"] == b"\x00macro"
    assert not book(out).signed


def test_progress_and_stream(plain: Path, tmp_path: Path) -> None:
    """Progress counts every row that changes; a sheet is handed over in pieces, not whole."""
    rows: list[int] = []
    with Package(plain) as package:
        changed = changes(package, [filled(1, 20_000)], progress=rows.append)
        assert rows == []
        write = changed[SHEET]
        assert callable(write)
        pieces: list[int] = []
        write(lambda data: pieces.append(len(data)))
    assert sum(rows) == 20_000
    assert max(pieces) < 300_000


def test_wide_rows(tmp_path: Path) -> None:
    """Thousands of columns are filled as well as a few."""
    columns = tuple(FilledColumn(c, ((0, pattern("=A5*$B$2", 1)),), np.full(3, c / 7)) for c in range(5000))
    saved(build(tmp_path / "x.xlsx", '<row r="2"/>'), tmp_path / "out.xlsx", FillRows("Sheet1", 0, columns))
    sheet = book(tmp_path / "out.xlsx").sheets[0]
    assert sheet.cell(2, 4999) == Cell(4999 / 7, "=A6*$B$2")
    assert all(len(sheet.rows[row]) == 5000 for row in range(3))


def test_unknown_sheet(plain: Path, tmp_path: Path) -> None:
    """A sheet that is not there is named."""
    with pytest.raises(FileError, match=r"plain\.xlsx: it has no sheet 'No'"):
        saved(plain, tmp_path / "out.xlsx", PutCell("No", 0, 0, 1.0))
