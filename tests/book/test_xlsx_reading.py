"""Reading .xlsx: the same cells as openpyxl and calamine see, and what only hand-made parts show."""

import datetime
import warnings
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula
from python_calamine import CalamineWorkbook

from sheetnet.book.grid import Area, Book, Cell, CellError
from sheetnet.book.package import Package
from sheetnet.book.xlsx import read
from sheetnet.book.xlsx.ranges import range_text
from sheetnet.errors import FileError
from tests.book.xlsx_package import MAIN, RELATIONS, SHEET, STRICT, book, build, relationships
from tests.witnesses import gnumeric, libreoffice

HANDBUILT = ["01.xlsx", "02.xlsx", "03.xlsx", "04.xlsx", "05.xlsx", "06.xlsx"]


def openpyxl_cells(path: Path) -> dict[tuple[str, int, int], tuple[object, str | None]]:
    """Return values and formulas as openpyxl reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    found = {}
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                value, formula = values[sheet.title].cell(cell.row, cell.column).value, None
                if cell.data_type == "f":
                    formula = cell.value.text if isinstance(cell.value, ArrayFormula) else str(cell.value)
                if value is not None or formula is not None:
                    found[sheet.title, cell.row - 1, cell.column - 1] = value, formula
    return found


def our_cells(read_book: Book) -> dict[tuple[str, int, int], tuple[object, str | None]]:
    """Return values and formulas as we read them, notes alone left out."""
    return {
        (sheet.name, row, column): (cell.value, cell.formula)
        for sheet in read_book.sheets
        for row, cells in sheet.rows.items()
        for column, cell in cells.items()
        if cell.value is not None or cell.formula is not None
    }


@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
def test_handbuilt_as_openpyxl(shared: Path, name: str) -> None:
    """Every value and every formula, shared ones written out, is what openpyxl reads."""
    path = shared / "handbuilt" / name
    assert our_cells(book(path)) == openpyxl_cells(path)


@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
def test_handbuilt_as_calamine(shared: Path, name: str) -> None:
    """Every value is what calamine reads."""
    path = shared / "handbuilt" / name
    ours = our_cells(book(path))
    workbook = CalamineWorkbook.from_path(str(path))
    seen = 0
    for name_ in workbook.sheet_names:
        for row, values in enumerate(workbook.get_sheet_by_name(name_).to_python(skip_empty_area=False)):
            for column, value in enumerate(values):
                if value != "":
                    seen += 1
                    assert ours[name_, row, column][0] == value
    assert seen == sum(value is not None and value != "" for value, _ in ours.values())


@pytest.mark.shared
def test_handbuilt_charts(shared: Path) -> None:
    """The charts of a file saved by Excel are listed with their ranges and places."""
    found = book(shared / "handbuilt" / "02.xlsx")
    theirs = openpyxl.load_workbook(shared / "handbuilt" / "02.xlsx")["Sheet1"]._charts[0]
    assert [chart.part for chart in found.charts] == ["xl/charts/chart1.xml"]
    refs = [ref for series in theirs.series for ref in (series.tx.strRef.f, series.val.numRef.f)]
    assert [range_text(where) for where in found.charts[0].ranges] == refs
    (drawing,) = found.sheet("Sheet1").drawings
    assert drawing.kind == "chart"
    assert (drawing.area.first_row, drawing.area.first_column) == (
        theirs.anchor._from.row,
        theirs.anchor._from.col,
    )


@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
@pytest.mark.libreoffice
def test_resaved_by_libreoffice(shared: Path, name: str, tmp_path: Path) -> None:
    """A file re-saved by LibreOffice reads as openpyxl reads it."""
    path = libreoffice.converted(shared / "handbuilt" / name, ".xlsx", tmp_path)
    assert our_cells(book(path)) == openpyxl_cells(path)


@pytest.mark.shared
@pytest.mark.parametrize("name", HANDBUILT)
@pytest.mark.gnumeric
def test_resaved_by_gnumeric(shared: Path, name: str, tmp_path: Path) -> None:
    """A file re-saved by Gnumeric, on whose charts openpyxl fails, has the same numbers to 1e-9."""
    path = gnumeric.converted(shared / "handbuilt" / name, ".xlsx", tmp_path)
    before, after = our_cells(book(shared / "handbuilt" / name)), our_cells(book(path))
    for place, (value, formula) in before.items():
        if isinstance(value, float):
            assert after[place][0] == pytest.approx(value, rel=1e-9, abs=1e-9)
            assert (after[place][1] is None) == (formula is None)


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """Return a workbook with a bit of everything that openpyxl can build."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Net δ"
    sheet["A1"], sheet["B1"], sheet["C1"] = "w <01> & δ", True, datetime.date(2026, 1, 2)
    sheet["A2"], sheet["B2"] = 0.1, "=A2*2"
    sheet["D2"] = ArrayFormula("D2:E3", "=A2:B3*2")
    sheet["F9"].comment = Comment("a note alone", "me")
    sheet.merge_cells("A5:C6")
    chart = LineChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=2, max_row=9))
    sheet.add_chart(chart, "H4")
    hidden = workbook.create_sheet("It's hidden")
    hidden.sheet_state = "hidden"
    hidden["A1"] = 7
    lone = workbook.create_chartsheet("Curve")
    other = LineChart()
    other.add_data(Reference(hidden, min_col=1, min_row=1, max_row=3))
    lone.add_chart(other)
    workbook.defined_names["rate"] = openpyxl.workbook.defined_name.DefinedName(
        "rate", attr_text="'Net δ'!$A$2"
    )
    workbook.save(tmp_path / "rich.xlsx")
    return tmp_path / "rich.xlsx"


def test_book_of_openpyxl(rich: Path) -> None:
    """Sheets, hidden ones too, names, merged cells, notes, arrays and charts are read."""
    found = book(rich)
    assert [sheet.name for sheet in found.sheets] == ["Net δ", "It's hidden"]
    assert found.names == {"rate": "='Net δ'!$A$2"}
    sheet = found.sheet("Net δ")
    assert sheet.merged == (Area("Net δ", 4, 0, 5, 2),)
    assert sheet.cell(0, 0) == Cell("w <01> & δ")
    assert sheet.cell(0, 1) == Cell(True)
    assert sheet.cell(1, 1) == Cell(None, "=A2*2")
    assert sheet.cell(8, 5) == Cell(None)
    array = Area("Net δ", 1, 3, 2, 4)
    assert {sheet.cell(row, column) for row in (1, 2) for column in (3, 4)} == {Cell(None, "=A2:B3*2", array)}
    (drawing,) = sheet.drawings
    assert drawing.kind == "chart"
    assert drawing.area[1:3] == (3, 7)
    # openpyxl makes charts of 15 × 7.5 cm: 567 pixels of columns of 64, 283 of rows of 20
    assert drawing.area[3:] == (3 + 14, 7 + 8)
    assert [chart.ranges for chart in found.charts] == [
        (Area("Net δ", 1, 0, 8, 0),),
        (Area("It's hidden", 0, 0, 2, 0),),
    ]
    assert not found.signed


def shared_cell(ref: str, text: str = "") -> str:
    area = ' ref="A1:Z99"' if text else ""
    return f'<c r="{ref}"><f t="shared"{area} si="0">{text}</f><v>1</v></c>'


@pytest.mark.parametrize(
    ("first", "follower"),
    [
        pytest.param("A1+$A1+A$1+$A$1", "C2+$A2+C$1+$A$1", id="dollars"),
        pytest.param("SUM(A1:B$3)", "SUM(C2:D$3)", id="range"),
        pytest.param("'a B1 ''c'!A1&amp;Sheet2!B2", "'a B1 ''c'!C2&Sheet2!D3", id="sheets"),
        pytest.param('IF(A1="B1","""C1""",A1)', 'IF(C2="B1","""C1""",C2)', id="text"),
        pytest.param(
            "SUM(A:B)+SUM($A:B)+SUM(1:2)+SUM($1:2)", "SUM(C:D)+SUM($A:D)+SUM(2:3)+SUM($1:3)", id="whole"
        ),
        pytest.param("LOG10(A1)+w_A1+A1.b+LOG10", "LOG10(C2)+w_A1+A1.b+LOI11", id="names"),
        pytest.param("1E5*A1+2.5E1", "1E5*C2+2.5E1", id="numbers"),
        pytest.param("XFD1048576+A1", "B1+C2", id="wrap"),
        pytest.param("T[A1]+A1", "T[A1]+C2", id="table"),
        pytest.param("Sheet1!A1:B2", "Sheet1!C2:D3", id="sheet-range"),
        pytest.param("A1#+B1%", "C2#+D2%", id="operators"),
    ],
)
def test_shared_formula(tmp_path: Path, first: str, follower: str) -> None:
    """A follower two columns to the right, one row down has the text moved by as much."""
    rows = f'<row r="1">{shared_cell("A1", first)}</row><row r="2">{shared_cell("C2")}</row>'
    cell = book(build(tmp_path / "x.xlsx", rows)).sheets[0].cell(1, 2)
    assert cell == Cell(1.0, "=" + follower)


def test_kinds_and_implied_places(tmp_path: Path) -> None:
    """Cells and rows without r follow the last ones; every type of cell is read."""
    rows = (
        '<row><c t="s"><v>1</v></c><c><v>2.5</v></c><c r="E1" t="b"><v>1</v></c><c t="e"><v>#NUM!</v></c>'
        '</row><row><c/><c t="str"><f>A1</f><v> x </v></c><c t="inlineStr"><is><r><t>a</t></r><r>'
        '<t xml:space="preserve"> b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>'
        '<c t="d"><v>2026-01-02</v></c></row>'
        '<row r="9" spans="1:2"><c s="1"/><c r="B9"><f>1/0</f></c><c t="n"><f/><v>1E-3</v></c></row><row/>'
    )
    strings = ["<t>no</t>", '<r><t>ri</t></r><r><t>ch_x0041_</t></r><rPh sb="0" eb="1"><t>no</t></rPh>']
    sheet = book(build(tmp_path / "x.xlsx", rows, strings=strings)).sheets[0]
    assert sheet.rows == {
        0: {0: Cell("richA"), 1: Cell(2.5), 4: Cell(True), 5: Cell(CellError("#NUM!"))},
        1: {1: Cell(" x ", "=A1"), 2: Cell("a b"), 3: Cell("2026-01-02")},
        8: {1: Cell(None, "=1/0"), 2: Cell(0.001)},
    }
    assert isinstance(sheet.rows[0][5].value, CellError)


def test_data_table_and_dangling(tmp_path: Path) -> None:
    """A data table gives values alone; so does a shared formula whose first cell is gone."""
    rows = (
        '<row r="1"><c r="A1"><f t="dataTable" ref="A1:A2" dt2D="0" r1="B1"/><v>3</v></c>'
        '<c r="B1"><f t="shared" si="9"/><v>4</v></c></row>'
    )
    assert book(build(tmp_path / "x.xlsx", rows)).sheets[0].rows[0] == {0: Cell(3.0), 1: Cell(4.0)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_strict_and_prefixed(tmp_path: Path, encoding: str) -> None:
    """Strict's namespace, prefixed names, comments, CDATA and UTF-16 read the same."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><x:worksheet xmlns:x="{STRICT}"><!-- <x:row> -->'
        '<x:sheetData><x:row r="2"><!-- y --><x:c r="B2"><x:f><![CDATA[A1<2]]></x:f><x:v>1</x:v></x:c>'
        '<x:c r="C2" t="inlineStr"><x:is><x:t>δ</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'
    )
    path = build(tmp_path / "x.xlsx", "", sheet=text.encode(encoding))
    assert book(path).sheets[0].rows == {1: {1: Cell(1.0, "=A1<2"), 2: Cell("δ")}}


DRAWING = (
    '<x:wsDr xmlns:x="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="urn:a" '
    f'xmlns:mc="urn:mc" xmlns:r="{RELATIONS}">'
    '<x:absoluteAnchor><x:pos x="609600" y="190500"/><x:ext cx="609600" cy="190500"/><x:sp><x:nvSpPr>'
    '<x:cNvPr id="1" name="box"/></x:nvSpPr></x:sp></x:absoluteAnchor>'
    "<mc:AlternateContent><mc:Choice><x:oneCellAnchor><x:from><x:col>1</x:col><x:colOff>0</x:colOff>"
    '<x:row>0</x:row><x:rowOff>0</x:rowOff></x:from><x:ext cx="609601" cy="190500"/><x:pic><x:nvPicPr>'
    '<x:cNvPr id="2" name="face"/>'
    "</x:nvPicPr></x:pic></x:oneCellAnchor></mc:Choice><mc:Fallback><x:oneCellAnchor/></mc:Fallback>"
    "</mc:AlternateContent><x:twoCellAnchor><x:from/></x:twoCellAnchor></x:wsDr>"
)


def with_drawing(path: Path, drawing: str, head: str = "") -> Path:
    return build(
        path,
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        head=head,
        tail='<drawing r:id="rId1"/>',
        parts={
            "xl/worksheets/_rels/sheet1.xml.rels": relationships({"rId1": ("drawing", "../drawings/d.xml")}),
            "xl/drawings/d.xml": drawing,
        },
    )


@pytest.mark.parametrize(
    ("head", "absolute", "one"),
    [
        pytest.param("", (1, 1, 1, 1), (0, 1, 0, 2), id="default"),
        pytest.param(
            '<cols><col min="1" max="2" width="4.5703125" customWidth="1"/></cols>',
            (1, 2, 1, 2),
            (0, 1, 0, 2),
            id="narrow",
        ),
    ],
)
def test_anchors(tmp_path: Path, head: str, absolute: tuple[int, ...], one: tuple[int, ...]) -> None:
    """Anchors in EMU cover the cells that lie under them; a broken anchor is passed over."""
    drawings = book(with_drawing(tmp_path / "x.xlsx", DRAWING, head)).sheets[0].drawings
    assert [(d.name, d.kind, d.area[1:]) for d in drawings] == [
        ("box", "shape", absolute),
        ("face", "picture", one),
    ]


@pytest.mark.parametrize(
    "drawing", ["", "<x", "<a/>", "<!DOCTYPE a><a/>"], ids=["empty", "cut", "other", "dtd"]
)
def test_broken_drawing(tmp_path: Path, drawing: str) -> None:
    """A drawing that can't be read is passed over; the cells are read."""
    sheet = book(with_drawing(tmp_path / "x.xlsx", drawing)).sheets[0]
    assert sheet.drawings == ()
    assert sheet.cell(0, 0) == Cell(1.0)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        pytest.param({SHEET: f'<worksheet xmlns="{MAIN}">\n<sheetData><row'}, f"({SHEET}, line 2)", id="cut"),
        pytest.param(
            {SHEET: '<worksheet><sheetData><row r="1"><c r="A1"><v>x</v></c></row>'}, "damaged", id="number"
        ),
        pytest.param(
            {SHEET: "<worksheet><sheetData><row><c t='s'><v>5</v></c></row>"}, "damaged", id="string"
        ),
        pytest.param({SHEET: '<worksheet><sheetData><row r="1048577"/>'}, "damaged", id="row"),
        pytest.param({SHEET: '<worksheet><sheetData><row><c r="XFE1"><v>1</v></c>'}, "damaged", id="column"),
        pytest.param({SHEET: '<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'}, "DTD", id="dtd"),
        pytest.param({"xl/workbook.xml": "<workbook"}, "(xl/workbook.xml, line 1)", id="workbook"),
        pytest.param({"xl/sharedStrings.xml": "<!DOCTYPE a><sst/>"}, "DTD", id="strings"),
        pytest.param({"xl/workbook.bin": b"\x83"}, "save as .xlsx", id="xlsb"),
    ],
)
def test_damaged(tmp_path: Path, parts: dict[str, bytes | str], found: str) -> None:
    """A damaged workbook, worksheet or list of strings is one line that names the file."""
    path = build(tmp_path / "x.xlsx", "", parts=parts)
    with Package(path) as package, pytest.raises(FileError) as error:
        read(package)
    assert str(error.value).startswith("x.xlsx: ")
    assert found in str(error.value)
    assert "\n" not in str(error.value)


def test_too_many_cells(tmp_path: Path) -> None:
    """An array formula over a whole sheet is refused before it fills the memory."""
    rows = '<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f><v>1</v></c></row>'
    with Package(build(tmp_path / "x.xlsx", rows)) as package, pytest.raises(FileError, match="5,000,000"):
        read(package)


def test_signed(tmp_path: Path) -> None:
    """A signed package says so."""
    assert book(build(tmp_path / "x.xlsx", "", parts={"_xmlsignatures/sig1.xml": "<a/>"})).signed
