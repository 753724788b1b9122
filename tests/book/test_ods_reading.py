"""Reading .ods files: against odfpy, calamine, LibreOffice and Gnumeric, and what must be refused."""

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from odf import element
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.opendocument import load as odf_load
from odf.table import Table, TableCell, TableRow
from odf.teletype import extractText
from odf.text import P
from python_calamine import CalamineWorkbook

from sheetnet.book.grid import Area, Cell, CellError, Drawing
from sheetnet.errors import FileError
from tests.book import ods_package as ods
from tests.witnesses import gnumeric, libreoffice

Cells = dict[tuple[int, int], tuple[Any, str | None]]


def _ours(path: Path, name: str) -> Cells:
    rows = ods.load(path).sheet(name).rows
    return {(r, c): (cell.value, cell.formula) for r, cells in rows.items() for c, cell in cells.items()}


def _odfpy(path: Path, name: str) -> Cells:
    """Read numbers, texts and formulas with odfpy, repeats written out where something stands."""
    found: Cells = {}
    for table in odf_load(path).spreadsheet.getElementsByType(Table):
        if table.getAttribute("name") != name:
            continue
        at = 0
        for row in table.getElementsByType(TableRow):
            column = 0
            height = int(row.getAttribute("numberrowsrepeated") or 1)
            for cell in row.childNodes:
                if not isinstance(cell, element.Element) or cell.qname[1] not in (
                    "table-cell",
                    "covered-table-cell",
                ):
                    continue
                width = int(cell.getAttribute("numbercolumnsrepeated") or 1)
                value = _odf_value(cell)
                if value != (None, None):
                    found |= {(at + r, column + c): value for r in range(height) for c in range(width)}
                column += width
            at += height
    return found


def _odf_value(cell: Any) -> tuple[Any, str | None]:
    formula = cell.getAttribute("formula")
    kind = cell.getAttribute("valuetype")
    if kind in ("float", "percentage", "currency"):
        return float(cell.getAttribute("value")), formula
    if kind == "string":
        return "\n".join(extractText(p) for p in cell.getElementsByType(P)), formula
    return None, formula


@pytest.mark.shared
@pytest.mark.parametrize("name", ["Sheet1", "Ark2"])
def test_author_file_as_odfpy_reads_it(author_file: Path, name: str) -> None:
    """Every cell of the author's sheets has the value and formula that odfpy finds."""
    ours = _ours(author_file, name)
    assert len(ours) > 2000
    assert ours == _odfpy(author_file, name)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["Sheet1", "Ark2"])
def test_author_file_as_calamine_reads_it(author_file: Path, name: str) -> None:
    """Every value of the author's sheets is the one that calamine finds."""
    sheet = CalamineWorkbook.from_path(str(author_file)).get_sheet_by_name(name)
    table = sheet.to_python(skip_empty_area=False)
    theirs = {(r, c): v for r, line in enumerate(table) for c, v in enumerate(line) if v != ""}
    assert {place: value for place, (value, _) in _ours(author_file, name).items()} == theirs


@pytest.mark.shared
def test_author_file_around_the_cells(author_file: Path) -> None:
    """Charts, drawings, merged cells, language and signature are read."""
    book = ods.load(author_file)
    sheet = book.sheet("Sheet1")
    assert [chart.part for chart in book.charts] == ["Object 1/content.xml", "Object 2/content.xml"]
    assert [str(chart.ranges[0]) for chart in book.charts] == ["AA8:AA1002", "AA8:AA82"]
    assert sheet.drawings[0] == Drawing("Chart 1", "chart", Area("Sheet1", 26, 27, 46, 34))
    assert [str(area) for area in sheet.merged] == ["A1:AA1", "A2:V2"]
    assert (book.decimal, book.signed, book.format) == (",", False, "ods")


@pytest.mark.shared
@pytest.mark.parametrize(
    "again",
    [
        pytest.param(libreoffice.converted, marks=pytest.mark.libreoffice, id="libreoffice"),
        pytest.param(gnumeric.converted, marks=pytest.mark.gnumeric, id="gnumeric"),
    ],
)
def test_author_file_saved_again(author_file: Path, tmp_path: Path, again: Any) -> None:
    """A re-save by another program is read alike: same places and formulas, values to 1e-12."""
    copy = again(author_file, ".ods", tmp_path)
    for name in ("Sheet1", "Ark2"):
        before, after = _ours(author_file, name), _ours(copy, name)
        assert before.keys() == after.keys()
        assert {p for p, (_, f) in before.items() if f} == {p for p, (_, f) in after.items() if f}
        for place, (value, _) in before.items():
            if isinstance(value, float):
                assert after[place][0] == pytest.approx(value, rel=1e-12, abs=1e-12)
            else:
                assert after[place][0] == value
    if again is libreoffice.converted:
        charts = [{chart.ranges for chart in ods.load(path).charts} for path in (copy, author_file)]
        assert charts[0] == charts[1]
        assert [f for _, f in before.values()] == [f for _, f in after.values()]


def test_document_made_by_odfpy(tmp_path: Path) -> None:
    """Values of every type, several paragraphs, repeats and a note."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="S")
    line = TableRow(numberrowsrepeated=2)
    line.addElement(TableCell(valuetype="float", value="1.5", numbercolumnsrepeated=2))
    text = TableCell(valuetype="string")
    text.addElement(P(text="one"))
    text.addElement(P(text="two"))
    line.addElement(text)
    line.addElement(TableCell(valuetype="boolean", booleanvalue="true"))
    line.addElement(TableCell(valuetype="date", datevalue="2019-11-01"))
    noted = TableCell()
    note = Annotation()
    note.addElement(P(text="a note"))
    noted.addElement(note)
    line.addElement(noted)
    line.addElement(TableCell(valuetype="float", value="3", formula="of:=[.A1]*2"))
    table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(tmp_path / "t.ods")
    sheet = ods.load(tmp_path / "t.ods").sheets[0]
    expected = [1.5, 1.5, "one\ntwo", True, "2019-11-01", None, 3.0]
    for number in (0, 1):
        assert [sheet.rows[number][c].value for c in range(7)] == expected
    assert sheet.rows[1][6].formula == "of:=[.A1]*2"
    assert set(sheet.rows) == {0, 1}


_TEXTS = {
    "spans": ("<text:p>a<text:span>b</text:span>c</text:p>", "abc"),
    "blanks": ('<text:p>a<text:s text:c="3"/>b<text:s/></text:p>', "a   b "),
    "tab": ("<text:p>a<text:tab/>b</text:p>", "a\tb"),
    "paragraphs": ("<text:p>a</text:p><text:p/><text:p>b</text:p>", "a\n\nb"),
    "entity": ("<text:p>&lt;&amp;δ&#956;</text:p>", "<&δμ"),
    "note": (
        "<office:annotation><dc:date>x</dc:date><text:p>no</text:p></office:annotation><text:p>a</text:p>",
        "a",
    ),
    "link": ('<text:p><text:a xlink:href="x">a</text:a></text:p>', "a"),
    "cdata": ("<text:p><![CDATA[<table:table-cell/>]]></text:p>", "<table:table-cell/>"),
}


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
@pytest.mark.parametrize("inside", _TEXTS, ids=_TEXTS)
def test_text(tmp_path: Path, inside: str, typed: bool) -> None:
    """A cell's text is its paragraphs, whatever is in them, and never its note."""
    markup, expected = _TEXTS[inside]
    kind = ' office:value-type="string"' if typed else ""
    cells = f"<table:table-cell{kind}>{markup}</table:table-cell>{ods.number(7)}"
    sheet = ods.load(ods.build(tmp_path / "t.ods", ods.row(cells))).sheets[0]
    assert sheet.rows == {0: {0: Cell(expected), 1: Cell(7.0)}}


_CELLS = {
    "exponent": (ods.number("1e-300"), Cell(1e-300)),
    "percentage": ('<table:table-cell office:value-type="percentage" office:value="0.5"/>', Cell(0.5)),
    "currency": (
        '<table:table-cell office:value-type="currency" office:currency="DKK" office:value="2"/>',
        Cell(2.0),
    ),
    "time": ('<table:table-cell office:value-type="time" office:time-value="PT1H"/>', Cell("PT1H")),
    "string-value": (
        '<table:table-cell office:value-type="string" office:string-value="x"><text:p>y</text:p></table:table-cell>',
        Cell("x"),
    ),
    "not computed": ('<table:table-cell table:formula="of:=[.B1]"/>', Cell(None, "of:=[.B1]")),
    "older prefix": (ods.number(1, "oooc:=[.B1]"), Cell(1.0, "oooc:=[.B1]")),
    "escaped formula": (
        ods.number(1, "of:=IF([.B1]&gt;0;&quot;a&quot;;1)"),
        Cell(1.0, 'of:=IF([.B1]>0;"a";1)'),
    ),
    "error": (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
        Cell(CellError("#DIV/0!"), "of:=1/0"),
    ),
    "older error": (
        '<table:table-cell table:formula="oooc:=SQRT(-1)" office:value-type="string" office:string-value="">'
        "<text:p>Err:502</text:p></table:table-cell>",
        Cell(CellError("Err:502"), "oooc:=SQRT(-1)"),
    ),
    "covered": ("<table:covered-table-cell><text:p>x</text:p></table:covered-table-cell>", Cell("x")),
    "note alone": ("<table:table-cell><office:annotation/></table:table-cell>", Cell(None)),
    "infinite": (ods.number("1e999"), Cell(CellError("#NUM!"))),
}


@pytest.mark.parametrize("kind", _CELLS, ids=_CELLS)
def test_cell(tmp_path: Path, kind: str) -> None:
    """A cell of each kind, and the plain one after it in its place."""
    markup, expected = _CELLS[kind]
    path = ods.build(tmp_path / "t.ods", ods.row(markup, ods.number(7)))
    cells = ods.load(path).sheets[0].rows[0]
    assert cells == {0: expected, 1: Cell(7.0)}
    assert type(cells[0].value) is type(expected.value)


def test_array_formula(tmp_path: Path) -> None:
    """Every cell of an array formula carries the formula and the area."""
    first = ods.number(
        1,
        "of:=TRANSPOSE([.F1:.G1])",
        ' table:number-matrix-columns-spanned="1" table:number-matrix-rows-spanned="2"',
    )
    path = ods.build(tmp_path / "t.ods", ods.row(first, ods.number(5)) + ods.row(ods.number(2)))
    sheet = ods.load(path).sheets[0]
    area = Area("Sheet1", 0, 0, 1, 0)
    assert sheet.rows[0] == {0: Cell(1.0, "of:=TRANSPOSE([.F1:.G1])", area), 1: Cell(5.0)}
    assert sheet.rows[1] == {0: Cell(2.0, "of:=TRANSPOSE([.F1:.G1])", area)}


def test_wrappers_and_strangers(tmp_path: Path) -> None:
    """Header rows, groups, hidden rows are read through; sub-tables, tracked changes and links are not."""
    stranger = f'<table:dde-links><table:table table:name="no">{ods.row(ods.number(9))}</table:table></table:dde-links>'
    tracked = f"<table:tracked-changes><table:deletion>{ods.row(ods.number(9))}</table:deletion></table:tracked-changes>"
    names = (
        '<table:named-expressions><table:named-range table:name="rate" table:cell-range-address="$Sheet1.$A$1"/>'
        '<table:named-expression table:name="two" table:expression="of:=2"/></table:named-expressions>'
    )
    sub = f'<table:table-cell><table:table table:is-sub-table="true">{ods.row(ods.number(8))}</table:table></table:table-cell>'
    hidden = ods.row(sub, ods.number(2), more=' table:visibility="collapse"')
    empty = ods.row("<table:table-cell/>", more=' table:number-rows-repeated="1048574"')
    sheet = (
        f"<table:table-header-rows>{ods.row(ods.number(1))}</table:table-header-rows>"
        f"<table:table-row-group>{hidden}</table:table-row-group>{empty}"
    )
    path = ods.build(tmp_path / "t.ods", sheet, around=tracked + "{}" + names + stranger)
    book = ods.load(path)
    assert [s.name for s in book.sheets] == ["Sheet1"]
    assert book.sheets[0].rows == {0: {0: Cell(1.0)}, 1: {1: Cell(2.0)}}
    assert book.names == {"rate": "of:=[$Sheet1.$A$1]", "two": "of:=2"}


def test_drawing_in_a_cell(tmp_path: Path) -> None:
    """A drawing anchored in a cell counts its place from there; repeats and hidden columns have their width."""
    styles = (
        '<style:style style:name="co1" style:family="table-column">'
        '<style:table-column-properties style:column-width="0.5in"/></style:style>'
    )
    frame = (
        '<draw:frame draw:name="P" svg:x="1cm" svg:y="0cm" svg:width="36pt" svg:height="1mm">'
        '<draw:image xlink:href="Pictures/x.png"/></draw:frame>'
    )
    sheet = (
        '<table:table-column table:style-name="co1" table:number-columns-repeated="3"/>'
        '<table:table-column table:style-name="co1" table:visibility="collapse"/><table:table-column/>'
        + ods.row("<table:table-cell/>", more=' table:number-rows-repeated="4"')
        + ods.row(ods.number(1), f"<table:table-cell>{frame}</table:table-cell>")
    )
    drawings = ods.load(ods.build(tmp_path / "t.ods", sheet, styles=styles)).sheets[0].drawings
    # 12.7 + 10 mm is in column B, 12.7 mm further in column C; the rows are 4.52 mm high
    assert drawings == (Drawing("P", "picture", Area("Sheet1", 4, 1, 4, 2)),)


@pytest.mark.parametrize(
    ("locale", "sign"),
    [
        (("da", "DK"), ","),
        (("de", "CH"), "."),
        (("es", "MX"), "."),
        (("es", "ES"), ","),
        (("en", "US"), "."),
        (("tr", "TR"), ","),
        (("none", "none"), "."),
    ],
    ids=str,
)
def test_decimal_sign(tmp_path: Path, locale: tuple[str, str], sign: str) -> None:
    """The sign follows the default language, which is told."""
    book = ods.load(ods.build(tmp_path / "t.ods", "", locale=locale))
    assert (book.decimal, book.language) == (sign, "" if locale[0] == "none" else locale[0])


_ENTITY = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
_HOSTILE = {
    "doctype": (lambda text: text.replace("\n", f"\n{_ENTITY}", 1), "document type"),
    "truncated": (lambda text: text[: len(text) // 2], "damaged .content.xml, line 2"),
    "mismatched": (
        lambda text: text.replace("</office:body>", "</office:boody>"),
        "damaged .content.xml, line 2",
    ),
    "control character": (lambda text: text.replace("<text:p>1", "<text:p>\x01"), "damaged"),
    "bad number": (lambda text: text.replace('value="1"', 'value="1-2"'), "damaged"),
    "bad repeat": (
        lambda text: text.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="-1">'),
        "damaged",
    ),
    "deep": (
        lambda text: text.replace("</text:p>", "<text:span>" * 5000 + "</text:span>" * 5000 + "</text:p>", 1),
        "deep",
    ),
    "deep text": (lambda text: text.replace("<text:p>t", "<text:p>" + "<text:span>" * 500), "deep"),
    "other prefixes": (
        lambda text: re.sub(r"(?<=[< /])table:|xmlns:table(?==)", lambda m: m[0].replace("table", "t"), text),
        "prefix|meaning",
    ),
    "cells without end": (
        lambda text: text.replace(
            "<table:table-row>", '<table:table-row table:number-rows-repeated="1000000">'
        ).replace("<table:table-cell ", '<table:table-cell table:number-columns-repeated="8000" '),
        "more than 5,000,000 cells",
    ),
    "far right": (
        lambda text: text.replace(
            "<table:table-row>", '<table:table-row><table:table-cell table:number-columns-repeated="16384"/>'
        ),
        "outside the largest sheet",
    ),
    "another document": (lambda text: text.replace("office:spreadsheet", "office:text"), "no spreadsheet"),
}


@pytest.mark.parametrize("kind", _HOSTILE, ids=_HOSTILE)
def test_refused(tmp_path: Path, kind: str) -> None:
    """What is damaged or hostile is refused in one line that names the file."""
    spoil, message = _HOSTILE[kind]
    sheet = ods.row(
        ods.number(1), '<table:table-cell office:value-type="string"><text:p>t</text:p></table:table-cell>'
    )
    good = ods.build(tmp_path / "good.ods", sheet)
    text = ods.members(good)["content.xml"].decode()
    path = ods.build(tmp_path / "bad.ods", "", content=spoil(text))
    with pytest.raises(FileError, match=message) as caught:
        ods.load(path)
    assert str(caught.value).startswith("bad.ods")
    assert "\n" not in str(caught.value)


def test_encrypted(tmp_path: Path) -> None:
    """A file with encrypted parts is refused with the way out."""
    parts = {
        "META-INF/manifest.xml": ods.manifest({"content.xml": "text/xml"}, "<manifest:encryption-data/>")
    }
    with pytest.raises(FileError, match="encrypted; save a copy without a password"):
        ods.load(ods.build(tmp_path / "t.ods", "", parts=parts))


@pytest.mark.libreoffice
def test_encrypted_by_libreoffice(tmp_path: Path) -> None:
    """A file that LibreOffice encrypted is refused."""
    path = ods.build(tmp_path / "t.ods", ods.row(ods.number(1)))
    (tmp_path / "out").mkdir()
    copy = libreoffice.converted(path, ".ods", tmp_path / "out", password="secret")
    with pytest.raises(FileError, match="without a password"):
        ods.load(copy)


def test_signed(tmp_path: Path) -> None:
    """A signature is seen."""
    assert ods.load(
        ods.build(tmp_path / "t.ods", "", parts={"META-INF/documentsignatures.xml": "<x/>"})
    ).signed


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 18])
def test_pieces_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """What is read does not depend on where the part's bytes are cut."""
    rows = [
        ods.row(
            ods.number(n, f"of:=[.A{n}]*2"),
            "<table:table-cell/>",
            ods.number(f"{n}.5"),
            '<table:table-cell office:value-type="string"><text:p>δ</text:p></table:table-cell>',
        )
        for n in range(20)
    ]
    path = ods.build(tmp_path / "t.ods", "".join(rows))
    whole = ods.load(path).sheets
    monkeypatch.setattr("sheetnet.book.package._CHUNK", size)
    assert ods.load(path).sheets == whole
    assert len(whole[0].rows) == 20
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
