"""Splicing edits into .ods files: what is written, what stays byte for byte, and what LibreOffice makes of it."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from odf.opendocument import load as odf_load
from odf.table import Table
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
from sheetnet.book.grid import MAX_ROWS, Area, Cell, CellError
from sheetnet.book.ods import changes
from sheetnet.book.package import Package
from sheetnet.errors import FileError
from sheetnet.formula.pattern import Pattern, pattern
from tests.book import ods_package as ods
from tests.witnesses import gnumeric, libreoffice

COST = Area("Sheet1", 7, 26, 1001, 26)
GRADIENT = Style(like=(7, 12), fill="EEEECC", decimals=5)


def _column(
    column: int, values: Any, *contents: tuple[int, str | Content], style: Style | None = None
) -> FilledColumn:
    cut: list[tuple[int, Pattern | Content]] = [
        (row, text if isinstance(text, Content) else pattern(text, row)) for row, text in contents
    ]
    return FilledColumn(column, tuple(cut), np.asarray(values, dtype=float), style)


def _training(path: Path, rows: int) -> list[Edit]:
    """Return edits that fill the author's Sheet1 with numbers that its formulas never give."""
    sheet = ods.load(path).sheet("Sheet1")
    random = np.random.default_rng(rows)
    columns = []
    for column in range(2, 27):
        first, second = sheet.rows[7][column], sheet.rows[8][column]
        values = random.normal(size=rows)
        if first.formula is None:
            values[0] = first.value
        contents = (7, first.formula or Content.NUMBER), (8, second.formula or "")
        columns.append(_column(column, values, *contents))
    gradient = [("M", "C"), ("M", "D"), ("M", ""), ("W", "K")]
    edits: list[Edit] = []
    for number, (delta, a) in enumerate(gradient):
        formula = f"of:=[.{delta}8]" + (f"*[.{a}8]" if a else "")
        values = random.normal(size=rows) / 1000
        columns.append(_column(28 + number, values, (7, formula), style=GRADIENT))
        edits.append(PutCell("Sheet1", 5, 28 + number, f"dC/dw {number}", style=Style(like=(5, 4))))
    edits += [
        FillRows("Sheet1", 7, tuple(columns), 8),
        SetWidth("Sheet1", 28, 31, 17.0),
        MoveDrawing("Sheet1", 0, 33),
        ChartData("Object 1/content.xml", COST, COST._replace(last_row=6 + rows), columns[24].values),
    ]
    if rows < 995:
        edits.append(ClearCells("Sheet1", 7 + rows, 1001, tuple(range(2, 27))))
    return edits


def _filled(edits: list[Edit]) -> dict[tuple[int, int], float]:
    block = next(edit for edit in edits if isinstance(edit, FillRows))
    return {(7 + row, c.column): v for c in block.columns for row, v in enumerate(c.values.tolist())}


@pytest.mark.shared
@pytest.mark.parametrize("rows", [300, 995, 2500])
def test_filled_sheet_as_others_read_it(author_file: Path, tmp_path: Path, rows: int) -> None:
    """Every number written is read by calamine to the last bit; all other cells stay as they were."""
    edits = _training(author_file, rows)
    parts = ods.save(author_file, tmp_path / "t.ods", *edits)
    assert set(parts) == {
        "content.xml",
        "Object 1/content.xml",
        "ObjectReplacements/Object 1",
        "META-INF/manifest.xml",
    }
    expected = _filled(edits)
    table = (
        CalamineWorkbook.from_path(str(tmp_path / "t.ods"))
        .get_sheet_by_name("Sheet1")
        .to_python(skip_empty_area=False)
    )
    theirs = {(r, c): v for r, line in enumerate(table) for c, v in enumerate(line) if v != ""}
    captions = {(5, 28 + n): f"dC/dw {n}" for n in range(4)}
    before = ods.load(author_file).sheet("Sheet1").rows
    kept = {
        (r, c): cell.value
        for r, cells in before.items()
        for c, cell in cells.items()
        if (r < 7 or c < 2 or c > 26) and cell.value is not None
    }
    assert theirs == kept | captions | expected
    after = ods.load(tmp_path / "t.ods")
    assert after.sheet("Ark2") == ods.load(author_file).sheet("Ark2")
    for row in range(7, 7 + min(rows, 995)):
        assert [after.sheets[0].rows[row][c].formula for c in range(2, 27)] == [
            before[row][c].formula for c in range(2, 27)
        ]


@pytest.mark.shared
def test_bytes_outside_the_edited_rows_stay(author_file: Path, tmp_path: Path) -> None:
    """Before the first edited row only a frame, columns and styles differ; the other sheet not at all."""
    content = ods.save(author_file, tmp_path / "t.ods", *_training(author_file, 995))["content.xml"].decode()
    old = ods.members(author_file)["content.xml"].decode()
    assert (
        content[content.index('<table:table table:name="Ark2"') :]
        == old[old.index('<table:table table:name="Ark2"') :]
    )
    rows = re.compile("<table:table-row.*?</table:table-row>", re.DOTALL)
    ours, theirs = rows.findall(content), rows.findall(old)
    assert [n for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b] == [5, *range(7, 1002)]
    assert ours[5].startswith(theirs[5][:2000])


@pytest.mark.shared
@pytest.mark.parametrize("rows", [300, 1500])
def test_again_changes_nothing(author_file: Path, tmp_path: Path, rows: int) -> None:
    """The same edits on their own result change no part."""
    edits = _training(author_file, rows)
    ods.save(author_file, tmp_path / "t.ods", *edits)
    again = [edit for edit in edits if not isinstance(edit, ChartData)]
    chart = next(edit for edit in edits if isinstance(edit, ChartData))
    again.append(ChartData(chart.part, chart.new, chart.new, chart.values))
    assert ods.changed(tmp_path / "t.ods", *again) == []


@pytest.mark.shared
@pytest.mark.libreoffice
def test_libreoffice_keeps_our_values(author_file: Path, tmp_path: Path) -> None:
    """Deliberately wrong values beside formulas are shown as they are, and the formulas are understood."""
    edits = _training(author_file, 1200)
    ods.save(author_file, tmp_path / "t.ods", *edits)
    shown = libreoffice.cached(tmp_path / "t.ods")["Sheet1"]
    expected = _filled(edits)
    assert {place: shown.get(place, 0.0) for place in expected} == expected
    formulas = libreoffice.formulas(tmp_path / "t.ods")["Sheet1"]
    assert formulas[1206, 28] == "=M1207*C1207"
    assert formulas[1206, 4] == "=E1206-$A$8*M1206*C1206"


@pytest.mark.shared
@pytest.mark.libreoffice
def test_libreoffice_computes_what_it_computed(author_file: Path, tmp_path: Path) -> None:
    """With our values ignored the filled sheet gives the author's numbers, and the gradients follow."""
    ods.save(author_file, tmp_path / "t.ods", *_training(author_file, 1200))
    new, old = (libreoffice.recalculated(path) for path in (tmp_path / "t.ods", author_file))
    assert {p: v for p, v in new["Sheet1"].items() if p in old["Sheet1"]} == old["Sheet1"]
    sheet = new["Sheet1"]
    assert sheet[500, 28] == float(sheet[500, 12]) * float(sheet[500, 2])


@pytest.mark.shared
@pytest.mark.gnumeric
def test_gnumeric_reads_what_we_write(author_file: Path, tmp_path: Path) -> None:
    """Gnumeric recalculates the filled sheet to the author's numbers."""
    ods.save(author_file, tmp_path / "t.ods", *_training(author_file, 995))
    ours = gnumeric.recalculated(tmp_path / "t.ods")["Sheet1"]
    rows = ods.load(author_file).sheet("Sheet1").rows
    for row in (7, 8, 500, 1001):
        for column in range(2, 27):
            assert ours[row, column] == pytest.approx(rows[row][column].value, rel=1e-12, abs=1e-12)


@pytest.mark.shared
@pytest.mark.libreoffice
def test_chart_and_columns_after_libreoffice(author_file: Path, tmp_path: Path) -> None:
    """LibreOffice finds the chart moved clear of the new columns, with the new range; widths are as set."""
    ods.save(author_file, tmp_path / "t.ods", *_training(author_file, 300))
    (tmp_path / "out").mkdir()
    book = ods.load(libreoffice.converted(tmp_path / "t.ods", ".ods", tmp_path / "out"))
    drawings = {drawing.name: drawing.area for drawing in book.sheets[0].drawings}
    assert drawings["Chart 1"].first_column in (32, 33)
    assert drawings["Chart 1"].first_row == 26
    assert str(drawings["Chart 2"]) == "G22:V42"
    ranges = {chart.name: chart.ranges[0] for chart in book.charts}
    assert str(ranges["Chart 1"]) == "AA8:AA307"
    assert str(ranges["Chart 2"]) == "AA8:AA82"


@pytest.mark.shared
def test_chart_keeps_its_own_copy_of_the_numbers(author_file: Path, tmp_path: Path) -> None:
    """The local table has a row for each step with its number and category; nothing else of the part changes."""
    edits = _training(author_file, 1100)
    parts = ods.save(author_file, tmp_path / "t.ods", *edits)
    new, old = (
        parts["Object 1/content.xml"].decode(),
        ods.members(author_file)["Object 1/content.xml"].decode(),
    )
    chart = next(edit for edit in edits if isinstance(edit, ChartData))
    assert [float(v) for v in re.findall(r'office:value="([^"]*)"', new)] == chart.values.tolist()
    categories = re.findall(r"<table:table-row><table:table-cell [^>]*><text:p>(\d+)</text:p>", new)
    assert categories == [str(n + 1) for n in range(1100)]
    assert "AA1002" not in new
    assert new.count("Sheet1.AA8:Sheet1.AA1107") == old.count("Sheet1.AA8:Sheet1.AA1002") == 3
    assert 'chart:repeated="1100"' in new
    assert "Sheet1.AA8:Sheet1.AA1107" in parts["content.xml"].decode()
    assert b"ObjectReplacements/Object 1" not in parts["META-INF/manifest.xml"]
    assert b"ObjectReplacements/Object 2" in parts["META-INF/manifest.xml"]
    head = old[: old.index("<table:table-rows>")]
    assert new[: new.index("<table:table-rows>")] == head.replace("AA1002", "AA1107").replace(
        '"995"', '"1100"'
    )


@pytest.mark.shared
def test_chart_whose_numbers_are_the_same_stays(author_file: Path) -> None:
    """A chart with the same range and the same 15 digits is not touched."""
    rows = ods.load(author_file).sheets[0].rows
    values = np.array([rows[row][26].value for row in range(7, 1002)])
    assert ods.changed(author_file, ChartData("Object 1/content.xml", COST, COST, values * (1 + 1e-16))) == []
    values[5] *= 1.5
    assert "Object 1/content.xml" in ods.changed(
        author_file, ChartData("Object 1/content.xml", COST, COST, values)
    )


@pytest.mark.shared
def test_repeated_cell_is_cut(author_file: Path, tmp_path: Path) -> None:
    """Ark2 stores D8 and E8 once, with a repeat; one of them is set, the other stays."""
    ods.save(author_file, tmp_path / "t.ods", PutCell("Ark2", 7, 4, 0.125))
    old, new = (ods.load(path).sheet("Ark2").rows for path in (author_file, tmp_path / "t.ods"))
    assert new[7][4].value == 0.125
    assert {r: c for r, c in new.items() if r != 7} == {r: c for r, c in old.items() if r != 7}
    assert {c: v for c, v in new[7].items() if c != 4} == {c: v for c, v in old[7].items() if c != 4}


def _size(path: Path) -> tuple[int, int, int]:
    """Return how many rows and declared columns odfpy counts, and the columns of the widest row."""
    table = odf_load(path).spreadsheet.getElementsByType(Table)[0]
    rows, columns, widest = 0, 0, 0
    for child in table.childNodes:
        kind = child.qname[1]
        if kind == "table-column":
            columns += int(child.getAttribute("numbercolumnsrepeated") or 1)
        if kind == "table-row":
            rows += int(child.getAttribute("numberrowsrepeated") or 1)
            widest = max(
                widest, sum(int(c.getAttribute("numbercolumnsrepeated") or 1) for c in child.childNodes)
            )
    return rows, columns, widest


_EMPTY_ROWS = ods.row(
    '<table:table-cell table:number-columns-repeated="6"/>', more=' table:number-rows-repeated="{}"'
)
_SHEETS = {
    "full size": (
        '<table:table-column table:number-columns-repeated="6"/>',
        _EMPTY_ROWS.format(MAX_ROWS - 1),
        (MAX_ROWS, 6, 6),
    ),
    "short": ('<table:table-column table:number-columns-repeated="6"/>', "", (12, 6, 6)),
    "narrow": ("<table:table-column/>", "", (12, 6, 6)),
    "in one row": ("", ods.row(more=' table:number-rows-repeated="40"'), (41, 0, 6)),
    "one more row": ("", "<table:table-row/>", (12, 0, 6)),
}


@pytest.mark.parametrize("kind", _SHEETS, ids=_SHEETS)
def test_rows_below_what_is_stored(tmp_path: Path, kind: str) -> None:
    """Rows come out of the empty ones that are stored, or are added; a sheet does not outgrow its size."""
    head, tail, size = _SHEETS[kind]
    path = ods.build(tmp_path / "s.ods", head + ods.row(ods.number(1)) + tail)
    block = FillRows(
        "Sheet1", 2, (_column(3, range(10), (2, "of:=[.A3]*2")), _column(5, range(10), (2, Content.NUMBER)))
    )
    ods.save(path, tmp_path / "t.ods", block)
    rows = ods.load(tmp_path / "t.ods").sheets[0].rows
    assert rows[0] == {0: Cell(1.0)}
    assert [rows[n] for n in range(2, 12)] == [
        {3: Cell(float(n), f"of:=[.A{n + 3}]*2"), 5: Cell(float(n))} for n in range(10)
    ]
    assert len(rows) == 11
    assert _size(tmp_path / "t.ods") == size
    assert ods.changed(tmp_path / "t.ods", block) == []


@pytest.mark.parametrize(
    "edit",
    [
        PutCell("Sheet1", MAX_ROWS, 0, 1.0),
        FillRows("Sheet1", MAX_ROWS - 1, (_column(0, [1, 2], (MAX_ROWS - 1, Content.NUMBER)),)),
    ],
    ids=["cell", "rows"],
)
def test_no_room(tmp_path: Path, edit: Edit) -> None:
    """Cells outside the largest sheet are refused by their address."""
    with pytest.raises(FileError, match=r"s\.ods, Sheet1, A1048577: no such cell"):
        ods.changed(ods.build(tmp_path / "s.ods", ods.row(ods.number(1))), edit)


def test_unknown_sheet(tmp_path: Path) -> None:
    """A sheet that is not there is named."""
    with pytest.raises(FileError, match="no sheet 'Ark9'"):
        ods.changed(ods.build(tmp_path / "s.ods", ods.row(ods.number(1))), PutCell("Ark9", 0, 0, 1.0))


_VALUES = {
    "number": (PutCell("Sheet1", 0, 0, 0.1), 0.1, None),
    "minus zero": (PutCell("Sheet1", 0, 0, -0.0), 0.0, None),
    "tiny": (PutCell("Sheet1", 0, 0, -2.36730159440484e-308), -2.36730159440484e-308, None),
    "text": (PutCell("Sheet1", 0, 0, 'a  <b> & "c"\td\n e'), 'a  <b> & "c"\td\n e', None),
    "like a formula": (PutCell("Sheet1", 0, 0, "=1+1"), "=1+1", None),
    "control": (PutCell("Sheet1", 0, 0, "a\x00b"), "a\ufffdb", None),
    "boolean": (PutCell("Sheet1", 0, 0, True), True, None),
    "formula": (PutCell("Sheet1", 0, 0, 12.5, 'of:=IF([.B1]<2;"a&b";1)'), 12.5, 'of:=IF([.B1]<2;"a&b";1)'),
    "text formula": (PutCell("Sheet1", 0, 0, "x y", "of:=[.B1]"), "x y", "of:=[.B1]"),
    "error": (PutCell("Sheet1", 0, 0, CellError("#NUM!"), "of:=LN(0)"), CellError("#NUM!"), "of:=LN(0)"),
    "not computed": (PutCell("Sheet1", 0, 0, None, "of:=[.B1]"), None, "of:=[.B1]"),
}


@pytest.mark.parametrize("kind", _VALUES, ids=_VALUES)
def test_put(tmp_path: Path, kind: str) -> None:
    """A cell of each kind is read back; its note, validation and span stay, its neighbours too."""
    edit, value, formula = _VALUES[kind]
    more = (
        ' table:content-validation-name="v1" table:number-columns-spanned="2" table:number-rows-spanned="1"'
    )
    note = "<office:annotation><text:p>note</text:p></office:annotation>"
    old = f'<table:table-cell{more} office:value-type="string">{note}<text:p>old</text:p><text:p/></table:table-cell>'
    path = ods.build(
        tmp_path / "s.ods",
        ods.row(old, "<table:covered-table-cell/>", ods.number(7)) + ods.row(ods.number(8)),
    )
    text = ods.save(path, tmp_path / "t.ods", edit)["content.xml"].decode()
    sheet = ods.load(tmp_path / "t.ods").sheets[0]
    assert sheet.rows == {0: {0: Cell(value, formula), 2: Cell(7.0)}, 1: {0: Cell(8.0)}}
    assert type(sheet.rows[0][0].value) is type(value)
    assert more in text
    assert note in text
    assert ">old<" not in text
    assert sheet.merged == (Area("Sheet1", 0, 0, 0, 1),)
    assert ods.changed(tmp_path / "t.ods", edit) == []


@pytest.mark.libreoffice
def test_libreoffice_understands_every_kind(tmp_path: Path) -> None:
    """LibreOffice shows texts, numbers and wrong values as they were put, and computes what has none."""
    path = ods.build(tmp_path / "s.ods", ods.row(ods.number(7)))
    edits = [PutCell("Sheet1", n, 3, e.value, e.formula) for n, (e, _, _) in enumerate(_VALUES.values())]
    ods.save(path, tmp_path / "t.ods", *edits)
    shown = libreoffice.cached(tmp_path / "t.ods")["Sheet1"]
    names = list(_VALUES)
    # LibreOffice 7.4 reads no text:tab
    assert shown[names.index("text"), 3] == 'a  <b> & "c"d\n e'
    for name in ("number", "tiny", "like a formula", "formula"):
        assert shown[names.index(name), 3] == _VALUES[name][1]
    assert shown[names.index("text formula"), 3] == "x y"
    assert shown.get((names.index("not computed"), 3), 0.0) == 0.0


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "declared", ["", ' table:default-cell-style-name="ce9"'], ids=["bare", "column default"]
)
def test_formula_without_a_style_keeps_its_value(tmp_path: Path, declared: str) -> None:
    """Where nothing names a style a real one is named, so that LibreOffice does not recalculate."""
    styles = '<style:style style:name="ce9" style:family="table-cell" style:parent-style-name="Default"/>'
    sheet = (
        f"<table:table-column{declared}/>" + ods.row(ods.number(7)) + ods.row(ods.number(1, "of:=[.A1]*2"))
    )
    path = ods.build(tmp_path / "s.ods", sheet, styles=styles)
    ods.save(
        path,
        tmp_path / "t.ods",
        FillRows("Sheet1", 1, (_column(0, [99, 98], (1, "of:=[.A1]*2")),)),
        PutCell("Sheet1", 5, 0, 97.0, "of:=[.A1]*3"),
    )
    shown = libreoffice.cached(tmp_path / "t.ods")["Sheet1"]
    assert [shown[1, 0], shown[2, 0], shown[5, 0]] == [99, 98, 97]
    assert libreoffice.recalculated(tmp_path / "t.ods")["Sheet1"][1, 0] == 14


@pytest.mark.libreoffice
def test_formula_prefix_is_declared(tmp_path: Path) -> None:
    """A document that declares no prefix for formulas, as odfpy's, gets it with the first one."""
    good = ods.members(ods.build(tmp_path / "g.ods", ods.row(ods.number(7))))["content.xml"].decode()
    path = ods.build(tmp_path / "s.ods", "", content=re.sub(' xmlns:of="[^"]*"', "", good))
    ods.save(path, tmp_path / "t.ods", PutCell("Sheet1", 0, 1, 99.0, "of:=[.A1]*2"))
    assert libreoffice.cached(tmp_path / "t.ods")["Sheet1"][0, 1] == 99
    assert libreoffice.recalculated(tmp_path / "t.ods")["Sheet1"][0, 1] == 14
    text = ods.save(path, tmp_path / "u.ods", PutCell("Sheet1", 0, 1, 99.0))["content.xml"]
    assert b"xmlns:of=" not in text


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "value", [0.1, -2.36730159440484e-08, 123456.789, 5.0, 1.5e-300, 1e-4, 9.87654321012345e-05]
)
def test_shown_text_is_what_libreoffice_writes(tmp_path: Path, value: float) -> None:
    """A number's text is the one that LibreOffice stores for it itself."""
    path = ods.build(tmp_path / "s.ods", ods.row(ods.number(7)))
    ods.save(path, tmp_path / "t.ods", PutCell("Sheet1", 0, 0, value))
    (tmp_path / "out").mkdir()
    copy = libreoffice.converted(tmp_path / "t.ods", ".ods", tmp_path / "out")
    ours, theirs = (
        re.findall("<text:p>([^<]*)</text:p></table:table-cell>", ods.members(file)["content.xml"].decode())
        for file in (tmp_path / "t.ods", copy)
    )
    assert ours == theirs


def test_fill_keeps_what_is_not_content(tmp_path: Path) -> None:
    """Own styles, notes, drawings and unknown attributes of filled cells stay; kept cells stay whole."""
    note = "<office:annotation><text:p>n</text:p></office:annotation>"
    frame = (
        '<draw:frame svg:x="1mm" svg:y="1mm"><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame>'
    )
    special = f'<table:table-cell table:style-name="ce1" xx="1>0" office:value-type="float" office:value="1">{note}<text:p>1</text:p>{frame}</table:table-cell>'
    kept = "<table:table-cell office:value-type='float'  office:value='5' ><text:p>5,0</text:p></table:table-cell >"
    path = ods.build(tmp_path / "s.ods", ods.row(special, kept, ods.number(3)) + ods.row(ods.number(1), kept))
    block = FillRows(
        "Sheet1", 0, (_column(0, [10, 11], (0, "of:=[.C1]")), _column(1, [0, 0], (0, Content.KEPT)))
    )
    text = ods.save(path, tmp_path / "t.ods", block)["content.xml"].decode()
    assert (
        f'<table:table-cell table:style-name="ce1" xx="1&gt;0" table:formula="of:=[.C1]" office:value-type="float" office:value="10" calcext:value-type="float">{note}{frame}<text:p>10</text:p></table:table-cell>{kept}'
        in text
    )
    assert text.count(kept) == 2


def test_values_that_are_not_finite(tmp_path: Path) -> None:
    """A formula whose value is not known is left to the program to compute; a number is left out."""
    path = ods.build(tmp_path / "s.ods", ods.row(ods.number(1)))
    values = [1.0, np.nan, np.inf, 4.0]
    block = FillRows(
        "Sheet1", 1, (_column(0, values, (1, "of:=[.A1]")), _column(1, values, (1, Content.NUMBER)))
    )
    ods.save(path, tmp_path / "t.ods", block)
    rows = ods.load(tmp_path / "t.ods").sheets[0].rows
    assert [rows[n][0] for n in range(1, 5)] == [
        Cell(1.0, "of:=[.A1]"),
        Cell(None, "of:=[.A2]"),
        Cell(None, "of:=[.A3]"),
        Cell(4.0, "of:=[.A4]"),
    ]
    assert [rows[n].get(1) for n in range(1, 5)] == [Cell(1.0), None, None, Cell(4.0)]


def test_clear(tmp_path: Path) -> None:
    """Values and formulas go, styles and notes stay; emptying what is empty changes nothing."""
    note = "<office:annotation><text:p>n</text:p></office:annotation>"
    cell = ods.number(1, "of:=[.B1]", ' table:style-name="ce1" table:number-columns-repeated="3"').replace(
        "<text:p>", f"{note}<text:p>"
    )
    path = ods.build(tmp_path / "s.ods", ods.row(cell, ods.number(2), more=' table:number-rows-repeated="4"'))
    edit = ClearCells("Sheet1", 1, 2, (1, 3, 9))
    text = ods.save(path, tmp_path / "t.ods", edit)["content.xml"].decode()
    rows = ods.load(tmp_path / "t.ods").sheets[0].rows
    one = Cell(1.0, "of:=[.B1]")
    assert rows[0] == rows[3] == {0: one, 1: one, 2: one, 3: Cell(2.0)}
    assert rows[1] == rows[2] == {0: one, 1: Cell(None), 2: one}
    assert f'<table:table-cell table:style-name="ce1">{note}</table:table-cell>' in text
    assert ods.changed(tmp_path / "t.ods", edit) == []
    assert ods.changed(path, ClearCells("Sheet1", 2, 1000, (7, 8))) == []


@pytest.mark.parametrize(
    "edit",
    [
        PutCell("Sheet1", 1, 0, 1.0),
        ClearCells("Sheet1", 1, 1, (0,)),
        FillRows("Sheet1", 0, (_column(0, [1, 2, 3], (0, Content.NUMBER)),)),
    ],
    ids=["put", "clear", "fill"],
)
def test_array_formula_is_refused(tmp_path: Path, edit: Edit) -> None:
    """No edit may touch a part of an array formula; the cell is named."""
    spans = ' table:number-matrix-columns-spanned="1" table:number-matrix-rows-spanned="2"'
    path = ods.build(
        tmp_path / "s.ods", ods.row(ods.number(1, "of:=TRANSPOSE([.F1:.G1])", spans)) + ods.row(ods.number(2))
    )
    with pytest.raises(FileError, match=r"s\.ods, Sheet1, A[12]: found an array formula"):
        ods.changed(path, edit)
    ods.save(path, tmp_path / "t.ods", PutCell("Sheet1", 1, 1, 3.0))
    assert ods.load(tmp_path / "t.ods").sheets[0].rows[1][0].array == Area("Sheet1", 0, 0, 1, 0)


def test_styles_are_shared_and_found_again(tmp_path: Path) -> None:
    """Equal requests make one style; a second file with that style uses it."""
    base = '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="Default"><style:text-properties fo:font-weight="bold"/></style:style>'
    path = ods.build(tmp_path / "s.ods", ods.row(ods.number(1, more=' table:style-name="ce1"')), styles=base)
    style = Style(like=(0, 0), fill="AABBCC", decimals=3)
    block = FillRows(
        "Sheet1",
        0,
        (_column(1, [1.23456], (0, Content.NUMBER), style=style), _column(2, [2], (0, "of:=1"), style=style)),
    )
    put = PutCell("Sheet1", 4, 4, "x", style=style)
    text = ods.save(path, tmp_path / "t.ods", block, put)["content.xml"].decode()
    added = text[text.index(base) + len(base) : text.index("</office:automatic-styles>")]
    assert added == (
        '<number:number-style style:name="N10000"><number:number number:decimal-places="3" '
        'number:min-integer-digits="1"/></number:number-style>'
        '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="Default" '
        'style:data-style-name="N10000"><style:table-cell-properties fo:background-color="#aabbcc"/>'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
    )
    assert text.count('table:style-name="ce2"') == 3
    assert "<text:p>1.235</text:p>" in text
    more = ods.save(tmp_path / "t.ods", tmp_path / "u.ods", PutCell("Sheet1", 5, 5, "y", style=style))[
        "content.xml"
    ].decode()
    assert more.count("<style:style ") == 2


def test_widths(tmp_path: Path) -> None:
    """A declaration is cut where widths differ; columns beyond the declared ones are declared."""
    styles = '<style:style style:name="co1" style:family="table-column"><style:table-column-properties style:column-width="10mm"/></style:style>'
    columns = '<table:table-column table:style-name="co1" table:number-columns-repeated="4" table:default-cell-style-name="Default"/>'
    path = ods.build(tmp_path / "s.ods", columns + ods.row(ods.number(1)), styles=styles)
    text = ods.save(
        path,
        tmp_path / "t.ods",
        SetWidth("Sheet1", 1, 1, 20),
        SetWidth("Sheet1", 3, 5, 30),
        SetWidth("Sheet1", 0, 0, 10),
    )["content.xml"].decode()
    one = '<table:table-column table:style-name="{}" table:default-cell-style-name="Default"/>'
    assert "".join(one.format(name) for name in ("co1", "co2", "co1", "co3")) in text
    assert (
        '<table:table-column table:style-name="co4" table:number-columns-repeated="2"/><table:table-row'
        in text
    )
    assert ods.changed(tmp_path / "t.ods", SetWidth("Sheet1", 1, 1, 20), SetWidth("Sheet1", 3, 3, 30)) == []
    assert ods.changed(path, SetWidth("Sheet1", 0, 3, 10)) == []


def test_drawing_in_a_cell_moves(tmp_path: Path) -> None:
    """A drawing anchored in a cell moves with its end, even where its row is edited as well."""
    frame = (
        '<draw:frame draw:name="P" table:end-cell-address="Sheet1.C3" table:end-x="3mm" table:end-y="1mm" '
        'svg:x="1mm" svg:y="0mm" svg:width="30mm" svg:height="5mm"/>'
    )
    sheet = '<table:table-column table:number-columns-repeated="9"/>' + ods.row(
        ods.number(1), f"<table:table-cell>{frame}</table:table-cell>"
    )
    path = ods.build(tmp_path / "s.ods", sheet)
    for number, more in enumerate(([], [PutCell("Sheet1", 0, 0, 2.0)], [PutCell("Sheet1", 0, 1, 2.0)])):
        ods.save(path, tmp_path / f"{number}.ods", MoveDrawing("Sheet1", 0, 5), *more)
        (drawing,) = ods.load(tmp_path / f"{number}.ods").sheets[0].drawings
        assert (drawing.area.first_column, drawing.area.last_column, drawing.area.last_row) == (5, 6, 2)
        assert ods.changed(tmp_path / f"{number}.ods", MoveDrawing("Sheet1", 0, 5), *more) == []


_CHART = (
    f"{ods.ROOT}<office:body><office:chart><chart:chart><chart:plot-area table:cell-range-address=\"'O''Brien x'.A1:'O''Brien x'.B4\">"
    "<chart:series chart:values-cell-range-address=\"$'O''Brien x'.$B$2:.$B$4\" chart:label-cell-address=\"'O''Brien x'.B1\">"
    "<chart:domain table:cell-range-address=\"'O''Brien x'.A2:'O''Brien x'.A4\"/><chart:data-point chart:repeated=\"3\"/></chart:series></chart:plot-area>"
    '<table:table table:name="local-table"><table:table-rows>'
    + "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{n + 1}</text:p></table:table-cell>'
        f'<table:table-cell office:value-type="float" office:value="{n}"><text:p>{n}</text:p></table:table-cell>'
        f'<table:table-cell office:value-type="float" office:value="{n}.5"><text:p>{n}.5</text:p></table:table-cell></table:table-row>'
        for n in range(3)
    )
    + "</table:table-rows></table:table></chart:chart></office:chart></office:body></office:document-content>"
)


def test_chart_of_a_quoted_sheet(tmp_path: Path) -> None:
    """Addresses keep their quotes and signs; x values and values both follow, the other column is kept."""
    part = "Object 1/content.xml"
    types = {
        "content.xml": "text/xml",
        "Object 1/": "application/vnd.oasis.opendocument.chart",
        part: "text/xml",
    }
    path = ods.build(
        tmp_path / "s.ods",
        ods.row(ods.number(1)),
        parts={part: _CHART, "META-INF/manifest.xml": ods.manifest(types)},
    )
    name = "O'Brien x"
    x, y = Area(name, 1, 0, 3, 0), Area(name, 1, 1, 3, 1)
    assert ods.load(path).charts[0].ranges == (y, Area(name, 0, 1, 0, 1), x)
    edits = [ChartData(part, a, a._replace(last_row=5), np.arange(5) * k) for a, k in ((x, 2.0), (y, 3.0))]
    text = ods.save(path, tmp_path / "t.ods", *edits)[part].decode()
    assert "\"'O''Brien x'.A1:'O''Brien x'.B6\"" in text
    assert "\"$'O''Brien x'.$B$2:.$B$6\"" in text
    assert "\"'O''Brien x'.A2:'O''Brien x'.A6\"" in text
    assert 'chart:repeated="5"' in text
    assert re.findall(r'office:value="([^"]*)"', text) == ["0", "0", "2", "3", "4", "6", "6", "9", "8", "12"]
    shorter = [ChartData(part, e.new, e.old, e.values[:3]) for e in edits]
    again = ods.save(tmp_path / "t.ods", tmp_path / "u.ods", *shorter)[part].decode()
    assert re.findall(r'office:value="([^"]*)"', again) == ["0", "0", "2", "3", "4", "6"]


def test_signature_goes_with_the_first_change(tmp_path: Path) -> None:
    """A changed document is no longer signed; one that does not change stays so."""
    signature = "META-INF/documentsignatures.xml"
    path = ods.build(tmp_path / "s.ods", ods.row(ods.number(1)), parts={signature: "<x/>"})
    assert ods.changed(path, PutCell("Sheet1", 0, 0, 2.0)) == [
        "content.xml",
        signature,
        "META-INF/manifest.xml",
    ]
    assert ods.changed(path, ClearCells("Sheet1", 5, 6, (1,))) == []


@pytest.mark.parametrize("size", [1, 13, 1000])
def test_pieces_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """What is written does not depend on where the part's bytes are cut."""
    frame = (
        '<table:shapes><draw:frame svg:x="1mm" svg:y="1mm" svg:width="1mm" svg:height="1mm"/></table:shapes>'
    )
    sheet = (
        frame
        + '<table:table-column table:number-columns-repeated="3"/>'
        + "".join(ods.row(ods.number(n), ods.number("δ" * 0 + "2")) for n in range(9))
    )
    path = ods.build(tmp_path / "s.ods", sheet)
    edits: list[Edit] = [
        FillRows("Sheet1", 3, (_column(1, range(20), (3, "of:=[.A4]"), style=Style(fill="FF0000")),)),
        PutCell("Sheet1", 1, 1, "é"),
        SetWidth("Sheet1", 1, 1, 9),
        MoveDrawing("Sheet1", 0, 2),
    ]
    whole = ods.save(path, tmp_path / "t.ods", *edits)
    monkeypatch.setattr("sheetnet.book.package._CHUNK", size)
    assert ods.save(path, tmp_path / "u.ods", *edits) == whole


def test_progress_counts_rows(tmp_path: Path) -> None:
    """All rows written are told, a few hundred at a time."""
    path = ods.build(tmp_path / "s.ods", ods.row(ods.number(1)))
    told: list[int] = []
    with Package(path) as package:
        block = FillRows("Sheet1", 1, (_column(0, np.arange(2500), (1, Content.NUMBER)),))
        package.rewrite(tmp_path / "t.ods", changes(package, [block], progress=told.append))
    assert sum(told) == 2500
    assert max(told) < 1000
