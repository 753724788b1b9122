"""Books whose file has no values beside formulas: checked and explained as those that have them."""

from pathlib import Path

import openpyxl
import pytest

from sheetnet import check_file, explain_cell, find_nets, load
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.book.grid import Book, CellError
from sheetnet.diagnosis.outcome import computed
from sheetnet.jobs.annotating import annotate_file
from sheetnet.report.check.annotation import annotation
from sheetnet.report.check.text import checking_report
from tests.book.annotating import FORMATS, cells
from tests.explained import report
from tests.witnesses import libreoffice
from tests.witnesses.recalculation import strip_values

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
NAMES = ["mistakes-2-2-2", "xor-2-2-1-trained"]


def _bare(name: str, folder: Path) -> Path:
    """Return a copy of a sample without the values beside its formulas."""
    path = strip_values(SAMPLES / name, folder)
    held = [cell for sheet in load(path).sheets for row in sheet.rows.values() for cell in row.values()]
    assert {cell.value for cell in held if cell.formula is not None} == {None}
    return path


def _computed(path: Path) -> Book:
    book = load(path)
    return computed(book, find_nets(book, lenient=True))


def _value(book: Book, sheet: str, row: int, column: int) -> object:
    cell = book.sheet(sheet).cell(row, column)
    assert cell is not None
    return cell.value


@pytest.mark.libreoffice
@FORMATS
@pytest.mark.parametrize("name", NAMES)
def test_values_as_libreoffice(name: str, suffix: str, tmp_path: Path) -> None:
    """Every formula of a table gets the very number that LibreOffice computes, typed cells keep theirs."""
    path = _bare(name + suffix, tmp_path)
    book, shown = _computed(path), libreoffice.recalculated(path)["Sheet1"]
    [layout] = find_nets(book)
    rows = range(layout.first_row, layout.last_row + 1)
    held = {(row, column) for row in rows for column in layout.columns.values() if (row, column) in shown}
    assert len(held) > 0.9 * layout.steps * len(layout.columns)
    assert {place: _value(book, "Sheet1", *place) for place in held} == {
        place: shown[place] for place in held
    }
    assert book.path == path


def test_nothing_to_compute() -> None:
    """A book that has its values is handed back as it is."""
    book = load(SAMPLES / "mistakes-2-2-2.xlsx")
    assert computed(book, find_nets(book)) is book


@FORMATS
def test_reports_as_with_values(suffix: str, tmp_path: Path) -> None:
    """The check of a file without values says word for word what it says of the file with them."""
    name = f"mistakes-2-2-2{suffix}"
    text = checking_report([check_file(_bare(name, tmp_path))])
    assert text == checking_report([check_file(SAMPLES / name)])
    assert "M8:N47: δ0 and δ1" in text


@FORMATS
@pytest.mark.parametrize("cell", ["N31", "O31", "K9", "AA20"])
def test_explained_as_with_values(cell: str, suffix: str, tmp_path: Path) -> None:
    """A cell whose neighbours have no stored values is explained with the same numbers."""
    name = f"mistakes-2-2-2{suffix}"
    assert _numbers(report(_bare(name, tmp_path), cell)) == _numbers(report(SAMPLES / name, cell))


def _numbers(text: str) -> list[str]:
    """Return an explanation without the command that it names."""
    assert "holds no number" not in text
    assert "no value" not in text
    return [line for line in text.splitlines() if "sheetnet check" not in line]


def _spread(path: Path, start: str) -> Path:
    """Write the sample by openpyxl, without values; its first weight is a formula over another sheet."""
    book = openpyxl.load_workbook(SAMPLES / "note-2-2-2-trained.xlsx")
    sheet = book["Sheet1"]
    other = book.create_sheet("Start")
    other["A1"], other["A2"] = sheet["E8"].value, start
    sheet["E8"] = "=Start!A2"
    other["C1"] = "=1+1"
    book.save(path)
    return path


def test_what_a_table_needs(tmp_path: Path) -> None:
    """A first weight computed on another sheet gets its value, and so does the cell there; no other does."""
    path = _spread(tmp_path / "spread.xlsx", "=A1*2/2")
    book = _computed(path)
    first = openpyxl.load_workbook(path)["Start"]["A1"].value
    assert (_value(book, "Sheet1", 7, 4), _value(book, "Start", 1, 0)) == (first, first)
    assert _value(book, "Start", 0, 2) is None
    [net] = check_file(path).nets
    assert net.findings == ()
    assert net.right is not None
    found = explain_cell(path, "Start.C1")
    assert found.cell is not None
    assert found.cell.value == 2.0


@pytest.mark.parametrize(
    ("start", "value"),
    [("=1/0", CellError("#DIV/0!")), ("=FOO(1)", None)],
    ids=["an error", "unknown"],
)
def test_what_has_no_number(start: str, value: object, tmp_path: Path) -> None:
    """An error is shown where Calc shows one; what can't be evaluated stays without a value, as what needs it."""
    book = _computed(_spread(tmp_path / "spread.xlsx", start))
    assert _value(book, "Sheet1", 7, 4) == value
    assert _value(book, "Sheet1", 7, 10) == value  # K8 needs E8
    assert isinstance(_value(book, "Sheet1", 7, 11), float)  # L8 does not


@pytest.mark.libreoffice
@FORMATS
def test_marked_copy_stays_without_values(suffix: str, tmp_path: Path) -> None:
    """A marked copy has the formulas of such a file as they were; LibreOffice computes the same from both."""
    source = _bare(f"mistakes-2-2-2{suffix}", tmp_path)
    file, out = check_file(source), tmp_path / f"marked{suffix}"
    assert file.book is not None
    annotate_file(file.book, out, annotation(file))
    found = cells(out)
    assert found.pop("sheetnet check")
    assert found == cells(source)
    shown = libreoffice.cached(out)
    shown.pop("sheetnet check")
    assert shown == libreoffice.cached(source)
    assert len(shown["Sheet1"]) > 40 * 30


def test_a_stale_value_is_still_told(tmp_path: Path) -> None:
    """One value that is there and wrong is told among formulas that have none."""
    path = _bare("note-2-2-2-trained.xlsx", tmp_path)
    book = load(path)
    cell = book.sheet("Sheet1").cell(20, 12)
    assert cell is not None
    files.save(book, path, [PutCell("Sheet1", 20, 12, 0.25, cell.formula)])
    [net] = check_file(path).nets
    assert ("sheet-stale-value", "M21") in {(each.code, str(each.areas[0])) for each in net.findings}
