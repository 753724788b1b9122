"""Whole workbooks marked, noted and listed: nothing is lost."""

import math
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.opendocument import load as odf_load
from odf.table import Table, TableCell, TableRow
from odf.text import A

from sheetnet.book.edits import AddSheet, Edit, Mark, Note, SheetCell
from sheetnet.book.files import load
from sheetnet.book.grid import Book, a1
from tests.book import ods_package as ods
from tests.book import xlsx_package as xlsx
from tests.book.annotating import (
    FILL,
    FORMATS,
    SAMPLES,
    annotated,
    area,
    cells,
    described,
    differing,
    mark,
    report,
    rich_workbook,
)
from tests.witnesses import gnumeric, libreoffice, openxmlsdk

HANDBUILT = ["01.xlsx", "02.xlsx", "03.xlsx", "04.xlsx", "05.xlsx", "06.xlsx"]
FAULTY = ("D9:D9", "D10:E200", "H10:I200")
"""The 765 faulty cells of the author's Ark2."""


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """Return a workbook of everything that must survive."""
    return rich_workbook(tmp_path / "rich.xlsx")


def _same(one: float | str, other: float | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-14, abs_tol=1e-15)


def _annotations(book: Book, sheet: str, *faulty: str) -> list[Edit]:
    areas = [area(sheet, text) for text in faulty]
    notes = [Note(sheet, where.first_row, where.first_column, f"finding {where}") for where in areas]
    return [*(Mark(where, FILL) for where in areas), *notes, report(book, *areas)]


@pytest.mark.shared
@pytest.mark.libreoffice
@pytest.mark.gnumeric
@FORMATS
def test_authors_workbook(suffix: str, author_file: Path, tmp_path: Path) -> None:
    """All programs show the author's numbers; his charts and looks stay; 765 cells are marked and no other."""
    source = author_file if suffix == ".ods" else libreoffice.converted(author_file, ".xlsx", tmp_path)
    book = load(source)
    out = annotated(source, tmp_path / f"o{suffix}", *_annotations(book, "Ark2", *FAULTY))
    changed = (
        {"content.xml", "settings.xml"}
        if suffix == ".ods"
        else {
            "xl/worksheets/sheet2.xml",
            "xl/styles.xml",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "[Content_Types].xml",
            "xl/worksheets/sheet3.xml",
            "xl/comments1.xml",
            "xl/drawings/vmlDrawing1.vml",
            "xl/worksheets/_rels/sheet2.xml.rels",
        }
    )
    assert differing(source, out) == changed
    assert {name: found for name, found in cells(out).items() if name != "sheetnet check"} == cells(source)
    before, after = libreoffice.cached(source), libreoffice.cached(out)
    listed = after.pop("sheetnet check")
    # a formula cell that names a style of its own shows the 15 digits that are stored
    for name, found in before.items():
        assert after[name].keys() == found.keys()
        assert all(_same(after[name][place], value) for place, value in found.items())
    assert [listed[row, 0] for row in range(4)] == ["Cells", "D9", "D10:E200", "H10:I200"]
    assert libreoffice.charts(out) == libreoffice.charts(source) | {"sheetnet check": []}
    assert libreoffice.notes(out)["Ark2"] == {
        (8, 3): "finding D9",
        (9, 3): "finding D10:E200",
        (9, 7): "finding H10:I200",
    }
    (tmp_path / "there").mkdir()
    shown = out if suffix == ".xlsx" else libreoffice.converted(out, ".xlsx", tmp_path / "there")
    filled = {
        cell.coordinate
        for row in openpyxl.load_workbook(shown)["Ark2"].iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb == f"FF{FILL}"
    }
    faulty = [area("Ark2", text) for text in FAULTY]
    assert filled == {
        a1(row, column)
        for where in faulty
        for row in range(where.first_row, where.last_row + 1)
        for column in range(where.first_column, where.last_column + 1)
    }
    assert len(filled) == 765
    edges = [("Ark2", row, column) for row in (7, 8, 9, 10, 198, 199, 200) for column in range(2, 11)]
    for place, one, other in zip(
        edges, *(libreoffice.looks(path, edges) for path in (source, out)), strict=True
    ):
        assert one["format"] == other["format"]
        if a1(*place[1:]) not in filled:
            assert (one["fill"], one["lines"]) == (other["fill"], other["lines"])
    theirs = gnumeric.recalculated(out)
    theirs.pop("sheetnet check")
    assert theirs == gnumeric.recalculated(source)


@pytest.mark.shared
@pytest.mark.libreoffice
@pytest.mark.openxmlsdk
@pytest.mark.parametrize("name", HANDBUILT)
def test_hand_built(name: str, shared: Path, tmp_path: Path) -> None:
    """Sheets of strangers, saved by Excel and others: the SDK finds nothing new, LibreOffice the same numbers."""
    source = shared / "handbuilt" / name
    book = load(source)
    edits: list[Edit] = []
    for sheet in book.sheets:
        edits += [mark(sheet.name, "C35:E61"), mark(sheet.name, "AE300:AF306")]
        edits += [Note(sheet.name, 34, 2, "one\ntwo"), Note(sheet.name, 299, 30, "a gap")]
    out = annotated(source, tmp_path / name, *edits, report(book, area(book.sheets[0].name, "C35:E61")))
    old = openxmlsdk.findings(source)
    assert [line for line in openxmlsdk.findings(out) if line not in old] == []
    found = libreoffice.cached(out)
    found.pop("sheetnet check")
    assert found == libreoffice.cached(source)
    notes = libreoffice.notes(out)
    charts = libreoffice.charts(out)
    charts.pop("sheetnet check")
    assert charts == libreoffice.charts(source)
    for sheet in book.sheets:
        assert notes[sheet.name] == {(34, 2): "one\ntwo", (299, 30): "a gap"}
    drawings = [
        part for part in xlsx.parts(source) if "drawing" in part or "chart" in part or "media" in part
    ]
    assert drawings
    assert differing(source, out).isdisjoint(drawings)


@pytest.mark.openxmlsdk
def test_rich_workbook_as_the_sdk(rich: Path, tmp_path: Path) -> None:
    """All edits together on a workbook of everything: the SDK finds nothing wrong."""
    book = load(rich)
    edits = [
        *_annotations(book, "Sheet1", "A1:C3", "B6", "C12", "A15:C16"),
        *_annotations(book, "It's 2 x", "A1")[:2],
    ]
    out = annotated(rich, tmp_path / "o.xlsx", *edits)
    old = openxmlsdk.findings(rich)
    assert [line for line in openxmlsdk.findings(out) if line not in old] == []
    assert described(out)["valid"] == described(rich)["valid"]


@pytest.mark.libreoffice
def test_strict_and_prefixed_parts(tmp_path: Path) -> None:
    """A package in the Strict namespaces, with prefixes, gets parts in those; LibreOffice reads all."""
    source = xlsx.build(tmp_path / "s.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>')
    inside = xlsx.parts(source)
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    with zipfile.ZipFile(source, "w") as package:
        for name, old in inside.items():
            data = old.replace(xlsx.MAIN.encode(), xlsx.STRICT.encode()).replace(
                xlsx.RELATIONS.encode(), strict.encode()
            )
            if name in ("xl/workbook.xml", xlsx.SHEET):
                data = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", data).replace(b"xmlns=", b"xmlns:x=")
            package.writestr(name, data)
    book = load(source)
    out = annotated(source, tmp_path / "o.xlsx", *_annotations(book, "Sheet1", "A1:B2"))
    new = xlsx.parts(out)
    for name in differing(source, out):
        assert b"schemas.openxmlformats.org/officeDocument" not in new[name], name
        assert b"schemas.openxmlformats.org/spreadsheetml" not in new[name], name
    assert libreoffice.cached(out)["Sheet1"] == {(0, 0): 1.0}
    assert libreoffice.notes(out)["Sheet1"] == {(0, 0): "finding A1:B2"}
    assert libreoffice.cached(out)["sheetnet check"][1, 0] == "A1:B2"


def test_document_of_few_prefixes(tmp_path: Path) -> None:
    """odfpy declares only the prefixes that a document needs; those of what is added are declared too."""
    document = OpenDocumentSpreadsheet()
    table, row, cell = Table(name="A b"), TableRow(), TableCell(valuetype="float", value="1")
    table.addElement(row)
    row.addElement(cell)
    document.spreadsheet.addElement(table)
    document.save(tmp_path / "s.ods")
    bare = re.sub(
        r' xmlns:(?:xlink|draw|svg|fo|style|number|of|dc)="[^"]*"',
        "",
        xlsx.part(tmp_path / "s.ods", "content.xml"),
    )
    parts = xlsx.parts(tmp_path / "s.ods") | {"content.xml": bare.encode()}
    with zipfile.ZipFile(tmp_path / "s.ods", "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    edits = [
        mark("A b", "A1:B2"),
        Note("A b", 4, 4, "x"),
        AddSheet("new", ((SheetCell("x", link=area("A b", "A1")),),)),
    ]
    out = annotated(tmp_path / "s.ods", tmp_path / "o.ods", *edits)
    ElementTree.fromstring(xlsx.parts(out)["content.xml"])  # it refuses a prefix that is not declared
    made = odf_load(out)
    assert [one.getAttribute("name") for one in made.spreadsheet.getElementsByType(Table)] == ["A b", "new"]
    assert [str(note) for note in made.spreadsheet.getElementsByType(Annotation)] == ["x"]
    assert [link.getAttribute("href") for link in made.spreadsheet.getElementsByType(A)] == ["#'A b'.A1"]


@pytest.mark.libreoffice
@pytest.mark.parametrize("resaved", [False, True], ids=["as saved", "resaved"])
@FORMATS
def test_marked_copy_marked_again(suffix: str, resaved: bool, tmp_path: Path) -> None:
    """A copy that is marked to its sheet's last row and followed by a list takes the marks of a second round."""
    faulty = ("M8:N47", "O9:O47")
    source = SAMPLES / f"mistakes-2-2-2{suffix}"
    once = annotated(source, tmp_path / f"once{suffix}", *_annotations(load(source), "Sheet1", *faulty))
    if resaved:
        (tmp_path / "resaved").mkdir()
        once = libreoffice.converted(once, suffix, tmp_path / "resaved")
    again = [*_annotations(load(once), "Sheet1", *faulty), mark("Sheet1", "T47")]
    twice = annotated(once, tmp_path / f"twice{suffix}", *again)
    found, before = cells(twice), cells(once)
    assert found.keys() - before.keys() == {"sheetnet check 2"}
    assert {name: found[name] for name in before} == before
    shown, expected = libreoffice.cached(twice), libreoffice.cached(once)
    assert {name: shown[name] for name in expected} == expected
    notes = libreoffice.notes(twice)["Sheet1"]
    before_notes = libreoffice.notes(source).get("Sheet1", {})
    assert notes == before_notes | {
        (area("", text).first_row, area("", text).first_column): f"finding {text}\n\nfinding {text}"
        for text in faulty
    }
    corners = [("Sheet1", 46, column) for column in (12, 13, 14, 19, 18)]
    looks = libreoffice.looks(twice, corners)
    assert [look["fill"] == int(FILL, 16) for look in looks] == [True, True, True, True, False]


@FORMATS
def test_signature_goes(suffix: str, tmp_path: Path) -> None:
    """A signature does not hold for a marked copy and is left out of it."""
    signature = "META-INF/documentsignatures.xml" if suffix == ".ods" else "_xmlsignatures/sig1.xml"
    parts = {signature: "<signature/>"}
    if suffix == ".ods":
        source = ods.build(tmp_path / "s.ods", ods.row(ods.number(1)), parts=parts)
    else:
        source = xlsx.build(tmp_path / "s.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>', parts=parts)
    assert load(source).signed
    out = annotated(source, tmp_path / f"o{suffix}", Note("Sheet1", 0, 0, "x"))
    assert signature not in xlsx.parts(out)
    assert not load(out).signed
