"""Training across formats: the nets' sheets become a new workbook, and nothing is lost without a word."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from sheetnet import find_nets, load, new_file, train_file
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.book.grid import a1
from sheetnet.cli import main
from tests import sheets
from tests.agreement import agree_with_calc, cached, formulas
from tests.witnesses import gnumeric, libreoffice, openxmlsdk

BOTH_WAYS = pytest.mark.parametrize(("source", "target"), [("ods", "xlsx"), ("xlsx", "ods")])


def _plain(formula: str) -> str:
    return formula.removeprefix("of:").replace("[.", "").replace(":.", ":").replace("]", "").replace(";", ",")


@pytest.mark.shared
@pytest.mark.libreoffice
@pytest.mark.parametrize("target", ["ods", "xlsx"])
def test_the_authors_workbook(author_file: Path, tmp_path: Path, target: str) -> None:
    """Both sheets keep every formula, value and helper cell, and recalculate to the same bits."""
    source = author_file if target == "xlsx" else libreoffice.converted(author_file, ".xlsx", tmp_path)
    same = train_file(source, tmp_path / f"same{source.suffix}").out
    out = train_file(source, tmp_path / f"other.{target}").out
    one, two = load(same), load(out)
    for name in ("Sheet1", "Ark2"):
        expected = {place: _plain(text) for place, text in formulas(one, name).items()}
        found = {place: _plain(text) for place, text in formulas(two, name).items()}
        assert found == expected
        assert two.sheet(name).cell(7, 0).value == 0.5  # type: ignore[union-attr]
    assert cached(two) == cached(one)
    assert agree_with_calc(out, tmp_path / "stripped") > 30_000


@BOTH_WAYS
@pytest.mark.parametrize("kind", ["first row", "filled", "patterns", "two nets", "no captions", "new"])
def test_other_way_round(tmp_path: Path, source: str, target: str, kind: str) -> None:
    """The output has the formulas that an output of the input's own format has, and the same values."""
    path = tmp_path / f"in.{source}"
    match kind:
        case "first row":
            sheets.write(path, (2, 3, 2))
        case "filled":
            train_file(sheets.write(path, (2, 2, 2)), path, steps=30, in_place=True)
        case "patterns":
            sheets.write(path, (2, 2, 1), patterns=sheets.XOR)
        case "two nets":
            sheets.save(path, {"A": sheets.beside((2, 2, 1), (1, 1)), "B b": sheets.net((3, 2))})
        case "no captions":
            sheets.write(path, (2, 2, 2), words=None, top=3, left=2)
        case "new":
            new_file((2, 2, 1), path, patterns=([[0, 1], [1, 0]], [[1], [0]]), steps=20, seed=1)
    same = load(train_file(path, tmp_path / f"same.{source}", steps=40).out)
    training = train_file(path, tmp_path / f"other.{target}", steps=40)
    other = load(training.out)
    for sheet in same.sheets:
        expected = {place: _plain(text) for place, text in formulas(same, sheet.name).items()}
        assert {place: _plain(text) for place, text in formulas(other, sheet.name).items()} == expected
        texts = {
            (row, column): cell.value
            for row, cells in sheet.rows.items()
            for column, cell in cells.items()
            if cell.formula is None
        }
        found = other.sheet(sheet.name)
        assert {place: found.cell(*place).value for place in texts} == texts  # type: ignore[union-attr]
    assert cached(other) == cached(same)
    assert [net.layout.sizes for net in training.nets] == [net.sizes for net in find_nets(other)]
    drawings = [drawing for sheet in other.sheets for drawing in sheet.drawings]
    assert len(drawings) == len(training.nets) + (kind == "new")
    for sheet in other.sheets:
        used = max(column for cells in sheet.rows.values() for column in cells)
        assert all(drawing.area.first_column > used for drawing in sheet.drawings)
        assert not any(a.area.meets(b.area) for a in sheet.drawings for b in sheet.drawings if a is not b)


@BOTH_WAYS
@pytest.mark.libreoffice
@pytest.mark.gnumeric
def test_other_programs_read_it(tmp_path: Path, source: str, target: str) -> None:
    """LibreOffice computes the same bits, Gnumeric reads it, and the Open XML SDK finds nothing."""
    path = sheets.write(tmp_path / f"in.{source}", (2, 3, 2), patterns=3)
    out = train_file(path, tmp_path / f"out.{target}", steps=30).out
    assert agree_with_calc(out, tmp_path / "stripped") > 800
    assert gnumeric.recalculated(out)
    if target == "xlsx" and openxmlsdk.missing() is None:
        assert openxmlsdk.findings(out) == []


def _rich(path: Path) -> Path:
    """Write an .xlsx with a net, formulas beside it, a second sheet, a chart, a name and an array formula."""
    sheets.write(path, (2, 2, 1))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet["AK1"], sheet["AK2"], sheet["AK3"] = "=R8*2", "=Data!A1+1", '=IF(U8>0,"high","low")'
    sheet["AK4"] = ArrayFormula("AK4:AK5", "=A8:A9*2")
    sheet["AK6"], sheet["AK7"] = "=rate*2", "=_xlfn.SKEW.P(C8:D8)"
    sheet["AK9"], sheet["AK10"] = "=== not a formula", True
    sheet["AK9"].data_type = "s"
    book.create_sheet("Data")["A1"] = 41
    book.defined_names["rate"] = openpyxl.workbook.defined_name.DefinedName("rate", attr_text="Sheet1!$A$8")
    chart = openpyxl.chart.LineChart()
    chart.add_data(openpyxl.chart.Reference(sheet, range_string="Sheet1!U8:U20"))
    sheet.add_chart(chart, "AN3")
    book.save(path)
    return path


def test_what_is_left_behind_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other sheets, charts and formatting are named; formulas that need them become their values.

    Those that use a defined name have the cell that it means.
    """
    path = _rich(tmp_path / "rich.xlsx")
    assert main(["train", str(path), str(tmp_path / "out.ods"), "--steps", "5"]) == 0
    warnings = capsys.readouterr().err
    assert (
        "left behind in rich.xlsx: the sheet Data, 1 chart, the defined names, notes and formatting of your own"
        in warnings
    )
    assert "Sheet1.AK2, Sheet1.AK4, Sheet1.AK5, Sheet1.AK7: the formula needs something" in warnings
    book = load(tmp_path / "out.ods")
    assert [sheet.name for sheet in book.sheets] == ["Sheet1"]
    sheet = book.sheet("Sheet1")
    first = sheet.cell(0, 36)
    assert first is not None
    assert (first.formula, first.value) == ("of:=[.R8]*2", 2 * sheet.cell(7, 17).value)  # type: ignore[union-attr, operator]
    assert sheet.cell(2, 36).value in ("high", "low")  # type: ignore[union-attr]
    assert sheet.cell(8, 36) == ("=== not a formula", None, None)
    assert all((cell := sheet.cell(row, 36)) is None or cell.formula is None for row in (1, 3, 6))
    assert sheet.cell(5, 36).formula == "of:=[$Sheet1.$A$8]*2"  # type: ignore[union-attr]


NAMES = {"forbidden": "a[b]", "long": "A sheet with a name of thirty-two", "emoji": "🙂" * 16}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_that_excel_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A sheet whose name Excel does not take is refused in one line; to .ods it goes."""
    path = sheets.save(tmp_path / "in.ods", {name: sheets.net((2, 1))})
    assert main(["train", str(path), str(tmp_path / "out.xlsx")]) == 2
    assert "expected a name that Excel takes" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["in.ods"]
    assert main(["train", str(path), "--steps", "3"]) == 0


def test_what_the_other_format_may_not_know(tmp_path: Path) -> None:
    """An intersection, a broken reference and a rare function become values; a truth value stays one."""
    path = sheets.write(tmp_path / "in.xlsx", (2, 2, 1))
    rare = {0: "=SUM(A8:D8 C8:C9)", 1: "=#REF!+1", 2: "=CEILING(A8)", 3: "=ROUND(A8,1)"}
    puts = [PutCell("Sheet1", row, 36, 7.0, formula) for row, formula in rare.items()]
    files.save(load(path), path, [*puts, PutCell("Sheet1", 4, 36, True)])
    training = train_file(path, tmp_path / "out.ods", steps=3)
    sheet = load(training.out).sheet("Sheet1")
    assert [sheet.rows[row][36].formula for row in range(5)] == [None, None, None, "of:=ROUND([.A8];1)", None]
    assert [sheet.rows[row][36].value for row in range(5)] == [7.0, 7.0, 7.0, 7.0, True]
    assert "Sheet1.AK1, Sheet1.AK2, Sheet1.AK3: the formula needs" in training.warnings[-1]


def test_labels_in_the_first_row(tmp_path: Path) -> None:
    """A table without anything above it is carried over, and printed from its first row on."""
    cells = {
        (row - 5 if row == 5 else 1, column): cell
        for (row, column), cell in sheets.net((2, 2, 1), words=None).items()
    }
    path = sheets.save(tmp_path / "in.ods", {"Sheet1": cells}, frozen=None)
    out = train_file(path, tmp_path / "out.xlsx", steps=9).out
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert str(sheet.print_area).replace("$", "").endswith("A1:U41")
    assert find_nets(load(out))[0].steps == 9


def test_macros_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook with macros can become one without; it says so."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 2, 1))
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    path = path.rename(tmp_path / "net.xlsm")
    assert main(["train", str(path), str(tmp_path / "out.xlsx"), "--steps", "3"]) == 0
    assert "left behind in net.xlsm: the macros, notes" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        assert not [name for name in package.namelist() if "vba" in name]


def test_only_one_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --sheet the others stay behind, and are named."""
    path = sheets.save(tmp_path / "two.ods", {"A": sheets.net((2, 1)), "B": sheets.net((1, 1))})
    assert main(["train", str(path), str(tmp_path / "out.xlsx"), "--sheet", "B", "--steps", "4"]) == 0
    assert "left behind in two.ods: the sheet A," in capsys.readouterr().err
    assert [sheet.name for sheet in load(tmp_path / "out.xlsx").sheets] == ["B"]


def test_errors_name_the_users_own_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal names IN, not the workbook on its way to OUT, and leaves no file."""
    path = sheets.write(tmp_path / "in.ods", (2, 2, 1), weights=[[[-8000.0, 0, 0], [0, 0, 0]], [[1, 1, 1]]])
    assert main(["train", str(path), str(tmp_path / "out.xlsx")]) == 2
    assert re.search(r"in\.ods, Sheet1, [A-Z]+8: step 0, .*#NUM!", capsys.readouterr().err)
    assert [file.name for file in tmp_path.iterdir()] == ["in.ods"]


def test_other_suffixes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output that is neither of IN's format nor a plain workbook is refused."""
    path = sheets.write(tmp_path / "in.ods", (2, 1))
    for name in ("out.xlsm", "out.csv", "out"):
        assert main(["train", str(path), str(tmp_path / name)]) == 2
        assert "in.ods can be saved as .ods or .xlsx; name the output out.ods" in capsys.readouterr().err


def test_departures_are_kept_or_mended(tmp_path: Path) -> None:
    """Formulas that depart from the rule are mended, or with mend=False carried over and followed."""
    path = train_file(sheets.write(tmp_path / "in.ods", (2, 2, 1)), tmp_path / "t.ods", steps=20).out
    other = train_file(path, tmp_path / "wrong.xlsx", steps=20).out
    made = openpyxl.load_workbook(other)
    made.worksheets[0]["E12"] = "=E11-$A$8*M11"
    made.save(tmp_path / "wrong2.xlsx")
    source = train_file(tmp_path / "wrong2.xlsx", tmp_path / "cached.xlsx", steps=20, mend=False).out
    kept = train_file(source, tmp_path / "kept.ods", steps=20, mend=False)
    mended = train_file(source, tmp_path / "mended.ods", steps=20)
    for training, text in ((kept, "of:=[.E11]-[.$A$8]*[.M11]"), (mended, "of:=[.E11]-[.$A$8]*[.M11]*[.C11]")):
        assert [str(area) for area in training.nets[0].departed] == ["E12"]
        assert load(training.out).sheet("Sheet1").cell(11, 4).formula == text, a1(11, 4)  # type: ignore[union-attr]
