"""A sheet added behind the others, with links into them."""

import re
from pathlib import Path

import openpyxl
import pytest

from sheetnet.book.edits import AddSheet, Edit, Note, SheetCell
from sheetnet.book.files import load
from sheetnet.book.grid import Book
from sheetnet.book.sheetname import free_name
from sheetnet.errors import FileError
from tests.book import ods_package as ods
from tests.book import xlsx_package as xlsx
from tests.book.annotating import (
    FORMATS,
    SAMPLES,
    annotated,
    area,
    described,
    differing,
    mark,
    report,
    rich_workbook,
)
from tests.witnesses import libreoffice


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """Return a workbook of everything that must survive."""
    return rich_workbook(tmp_path / "rich.xlsx")


@pytest.mark.libreoffice
@FORMATS
def test_new_sheet_as_libreoffice(suffix: str, tmp_path: Path) -> None:
    """The sheet comes last; its texts are texts whatever they begin with, its links lead to the cells."""
    source = SAMPLES / f"note-2-2-2-trained{suffix}"
    texts = ["=1+1", "+1", "-1", "@x", " two  blanks ", "a\nb", "δ <&> \"'"]
    rows = tuple((SheetCell(text, wrapped=True), SheetCell(number / 8)) for number, text in enumerate(texts))
    head = (SheetCell("Cells", bold=True, fill="DDDDDD"), SheetCell("E9", link=area("Sheet1", "E9:F300")))
    out = annotated(source, tmp_path / f"o{suffix}", AddSheet("Ann's list", (head, *rows), (60.0, 20.0), 1))
    shown, formulas = libreoffice.cached(out), libreoffice.formulas(out)["Ann's list"]
    assert list(shown) == [*libreoffice.cached(source), "Ann's list"]
    assert shown["Sheet1"] == libreoffice.cached(source)["Sheet1"]
    for number, text in enumerate(texts, 1):
        assert shown["Ann's list"][number, 0] == text
        assert str(formulas[number, 0]).removeprefix("'") == text
        assert shown["Ann's list"].get((number, 1)) == (number - 1) / 8
    bold, link, wrapped = libreoffice.looks(
        out, [("Ann's list", 0, 0), ("Ann's list", 0, 1), ("Ann's list", 1, 0)]
    )
    assert (bold["bold"], bold["fill"], wrapped["bold"], wrapped["wrapped"]) == (True, 0xDDDDDD, False, True)
    assert link["links"] == ["#Sheet1.E9:F300"]


@pytest.mark.libreoffice
@FORMATS
@pytest.mark.parametrize("name", ["It's 2 x", "Ark2", "Plain", "Ærø-1"])
def test_link_to_any_sheet(suffix: str, name: str, tmp_path: Path) -> None:
    """A link to a sheet of any name is the one that LibreOffice understands in both formats."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = name
    book.active["B2"] = 1
    book.save(tmp_path / "s.xlsx")
    source = (
        tmp_path / "s.xlsx"
        if suffix == ".xlsx"
        else libreoffice.converted(tmp_path / "s.xlsx", ".ods", tmp_path)
    )
    links = ((SheetCell("go", link=area(name, "B2:C9")),), (SheetCell("go", link=area(name, "B2")),))
    out = annotated(source, tmp_path / f"o{suffix}", AddSheet("list", links))
    other = ".ods" if suffix == ".xlsx" else ".xlsx"
    folder = tmp_path / "there"
    folder.mkdir()
    turned = libreoffice.converted(out, other, folder)
    back = openpyxl.load_workbook(out if suffix == ".xlsx" else turned)["list"]
    quoted = {"It's 2 x": "'It''s 2 x'", "Ærø-1": "'Ærø-1'"}.get(name, name)
    assert [back[cell].hyperlink.location.replace("'Ark2'", "Ark2") for cell in ("A1", "A2")] == [
        f"{quoted}!B2:C9",
        f"{quoted}!B2",
    ]


def test_new_sheet_as_openpyxl(rich: Path, tmp_path: Path) -> None:
    """Widths, the frozen row, looks and links are read; the workbook's other sheets and names stay."""
    book = load(rich)
    out = annotated(rich, tmp_path / "o.xlsx", report(book, area("It's 2 x", "A1"), area("Sheet1", "B2:C3")))
    assert described(out) == described(rich)
    after = openpyxl.load_workbook(out)
    assert after.sheetnames == ["Sheet1", "It's 2 x", "sheetnet check", "sheetnet check 2"]
    sheet = after["sheetnet check 2"]
    assert sheet.freeze_panes == "A2"
    assert abs(sheet.column_dimensions["B"].width - 80 / 25.4 * 96 / 7) < 0.2
    assert (sheet["A1"].font.b, sheet["A1"].fill.fgColor.rgb, sheet["A2"].font.u) == (
        True,
        "FFDDDDDD",
        "single",
    )
    assert [sheet[cell].hyperlink.location for cell in ("A2", "A3")] == ["'It''s 2 x'!A1", "Sheet1!B2:C3"]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].alignment.wrap_text) == (
        "=D8-$A$9*C8*G8\nwhy: <&> δ",
        "s",
        True,
    )
    assert sheet["C2"].value == 0.5
    assert [sheet.row_dimensions[row].height for row in (1, 2)] == [15, 30]


def test_new_sheet_stands_among_the_sheets(tmp_path: Path) -> None:
    """In .ods it follows the last sheet, before names and ranges, and nothing else in the part changes."""
    around = (
        '{}<table:table table:name="B"><table:table-column/><table:table-row><table:table-cell/></table:table-row>'
        "<table:named-expressions/></table:table><table:named-expressions/><table:database-ranges/>"
    )
    source = ods.build(tmp_path / "s.ods", ods.row(ods.number(1)), around=around)
    for name, edits in {"alone": [], "after": [mark("B", "A1")], "before": [mark("Sheet1", "A1")]}.items():
        sheet = AddSheet("new", ((SheetCell("x"),),))
        text = xlsx.part(annotated(source, tmp_path / f"{name}.ods", sheet, *edits), "content.xml")
        assert re.findall(r'<table:table table:name="(\w+)"', text) == ["Sheet1", "B", "new"]
        assert "</table:table><table:named-expressions/><table:database-ranges/></office:spreadsheet>" in text
        assert '<table:named-expressions/></table:table><table:table table:name="new"' in text
    bare = ods.build(tmp_path / "bare.ods", ods.row(ods.number(1)))
    text = xlsx.part(annotated(bare, tmp_path / "o.ods", AddSheet("new", ())), "content.xml")
    assert "</table:table></office:spreadsheet>" in text
    assert [sheet.name for sheet in load(tmp_path / "o.ods").sheets] == ["Sheet1", "new"]


def test_frozen_row_in_ods(tmp_path: Path) -> None:
    """The views name the new sheet behind the others, with the items that Calc writes for a frozen row."""
    source = SAMPLES / "note-2-2-2-trained.ods"
    out = annotated(source, tmp_path / "o.ods", report(load(source), area("Sheet1", "E9")))
    assert differing(source, out) == {"content.xml", "settings.xml"}
    old, new = (xlsx.part(path, "settings.xml") for path in (source, out))
    (entry,) = re.findall(r'<config:config-item-map-entry config:name="sheetnet check">.*?-entry>', new)
    assert new.replace(entry, "") == old
    items = dict(re.findall(r'config-item config:name="(\w+)" config:type="\w+">(\d+)<', entry))
    assert items["VerticalSplitMode"] == "2"
    assert items["VerticalSplitPosition"] == items["PositionBottom"] == "1"
    assert items["HorizontalSplitMode"] == items["HorizontalSplitPosition"] == "0"
    assert new.partition(entry)[2].startswith("</config:config-item-map-named>")


NAMES = [
    pytest.param("sheetnet check", (), "sheetnet check", id="free"),
    pytest.param("sheetnet check", ("SHEETNET Check", "sheetnet check 2"), "sheetnet check 3", id="taken"),
    pytest.param("a/b:c?[d]*\\", (), "a b c  d", id="forbidden"),
    pytest.param("'quoted'", (), "quoted", id="quotes at its ends"),
    pytest.param("x" * 40, (), "x" * 31, id="too long"),
    pytest.param("x" * 40, ("x" * 31,), "x" * 29 + " 2", id="too long and taken"),
    pytest.param("History", (), "History 2", id="Excel's own"),
    pytest.param(" ", (), "Sheet", id="nothing"),
]


@pytest.mark.parametrize(("wanted", "taken", "expected"), NAMES)
def test_free_name(wanted: str, taken: tuple[str, ...], expected: str) -> None:
    """A name fits both formats and no tab of the book, whatever is on it, has it."""
    assert free_name(Book(Path("a.xlsx"), "xlsx", (), tabs=taken), wanted) == expected


@FORMATS
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Note("Sheet9", 0, 0, "x"), "has no sheet 'Sheet9'"),
        (AddSheet("sheet1", ()), "has a sheet"),
    ],
    ids=["no such sheet", "name taken"],
)
def test_refused(suffix: str, edit: Edit, message: str, tmp_path: Path) -> None:
    """What can't be done is refused in one line, and nothing is written."""
    with pytest.raises(FileError, match=message):
        annotated(SAMPLES / f"xor-2-2-1{suffix}", tmp_path / f"o{suffix}", edit)
    assert list(tmp_path.iterdir()) == []
