"""What else is in a workbook: other formulas follow, protection and links stay, helpers do no harm."""

import os
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from sheetnet import find_nets, load, train_file
from sheetnet.book.grid import Book
from sheetnet.cli import main
from tests import sheets
from tests.witnesses import libreoffice, recalculation


def _values(book: Book, sheet: str) -> dict[tuple[int, int], object]:
    rows = book.sheet(sheet).rows
    return {(row, column): cell.value for row, cells in rows.items() for column, cell in cells.items()}


def _stale(folder: Path, formulas: dict[str, str], names: dict[str, str] | None = None) -> Path:
    """Write a trained net with formulas on another sheet, whose cached values are wrong on purpose."""
    path = folder / "made.xlsx"
    sheets.filled(path, (2, 2, 2), 20)
    book = openpyxl.load_workbook(path)
    other = book.create_sheet("Other")
    for address, formula in formulas.items():
        other[address] = formula
    for name, text in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    book.save(path)
    (folder / "stale").mkdir()
    return recalculation.spoil_values(path, folder / "stale")


FOLLOWING = {
    "A1": "=Sheet1!AA9*2",
    "A2": "=onecost*2",
    "A3": "=MAX(costs)",
    "A4": "=A1+A2",
    "A5": "=SUM(Sheet1!AA8:AA27)",
    "A6": "=AVERAGE(Sheet1!AA8:AA27)-Sheet1!K8",
    "A7": "=IF(Sheet1!AA27<0.05,1,0)",
    "A8": "=ROUND(Sheet1!AA9,3)",
    "A9": "=SUMXMY2(Sheet1!U9:V9,Sheet1!Y9:Z9)/2",
    "A10": "=SUMPRODUCT((Sheet1!U9:V9-Sheet1!Y9:Z9)*(Sheet1!U9:V9-Sheet1!Y9:Z9))",
    "A11": "=MMULT(Sheet1!C9:D9,TRANSPOSE(Sheet1!E9:F9))+INDEX(Sheet1!AA8:AA27,3)",
    "A12": "=IFERROR(LN(-Sheet1!AA9),LOG(Sheet1!AA9))",
    "A13": "=OneCost+twice",
}
LEFT = {
    "B1": "=AVERAGE(Sheet1!AA:AA)",
    "B2": "=SUM(Sheet1!9:9)",
    "B3": "=MROUND(Sheet1!AA9,3)",
    "B4": "=B3+1",
    "B5": "=Sheet1!AA9*C1",
}


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_formulas_elsewhere_follow(tmp_path: Path, suffix: str) -> None:
    """Their new values are Calc's; what is not evaluated here loses its value, and none is left stale."""
    names = {"onecost": "Sheet1!$AA$9", "costs": "Sheet1!$AA$8:$AA$27", "twice": "onecost*2"}
    path = _stale(tmp_path, {**FOLLOWING, **LEFT, "C1": "2,5"}, names)
    if suffix == ".ods":
        path = libreoffice.converted(path, ".ods", tmp_path / "ods")
        (tmp_path / "again").mkdir()
        path = recalculation.spoil_values(path, tmp_path / "again")
    training = train_file(path, tmp_path / f"out{suffix}")
    found = _values(load(training.out), "Other")
    (tmp_path / "stripped").mkdir()
    theirs = libreoffice.recalculated(recalculation.strip_values(training.out, tmp_path / "stripped"))[
        "Other"
    ]
    for row in range(len(FOLLOWING)):
        assert found[row, 0] == theirs[row, 0], f"A{row + 1}"
    assert [found[row, 1] for row in range(len(LEFT))] == [None] * len(LEFT)
    assert {(row, column) for _, row, column in training.unfilled} == {(row, 1) for row in range(len(LEFT))}


def test_an_emptied_row_counts_as_0(tmp_path: Path) -> None:
    """A formula that points at a row which is no step any more has the value of an empty cell."""
    path = _stale(tmp_path, {"A1": "=Sheet1!AA25", "A2": "=A1+1"})
    found = _values(load(train_file(path, tmp_path / "out.xlsx", steps=10).out), "Other")
    assert (found[0, 0], found[1, 0]) == (0.0, 1.0)


def test_unfilled_formulas_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report names formulas whose values are left to a spreadsheet program."""
    path = _stale(tmp_path, {"B3": "=MROUND(Sheet1!AA9,3)"})
    assert main(["train", str(path), str(tmp_path / "out.xlsx")]) == 0
    assert "Not evaluated here, left to your spreadsheet program: Other.B3." in capsys.readouterr().out


@pytest.mark.parametrize("up", [False, True], ids=["downwards", "upwards"])
def test_long_chains(tmp_path: Path, up: bool) -> None:
    """A chain of formulas of any length and direction is followed to its end."""
    count = 3000
    chain = {f"A{row}": f"=SUM(A{row + (1 if up else -1)})+0" for row in range(2, count)}
    chain["A1"] = "=A2+0" if up else "=Sheet1!AA9"
    chain[f"A{count}"] = "=Sheet1!AA9" if up else f"=A{count - 1}"
    training = train_file(_stale(tmp_path, chain), tmp_path / "out.xlsx")
    found = _values(load(training.out), "Other")
    cost = training.nets[0].filling.at(8, 26)
    assert {found[row, 0] for row in range(count)} == {cost}


def test_a_circle_is_an_error_value(tmp_path: Path) -> None:
    """Formulas that need each other get Calc's error, and nothing hangs."""
    path = _stale(tmp_path, {"A1": "=A2+Sheet1!AA9", "A2": "=A1+1"})
    found = _values(load(train_file(path, tmp_path / "out.xlsx").out), "Other")
    assert found[0, 0] == found[1, 0] == "Err:522"


HELPERS = {
    "unknown": "=MROUND(AA{r},3)",
    "running total": "=SUM(AA$8:AA{r})",
    "text": '=IF(AA{r}<0.01,"done","")',
    "error": "=AA{r}/0",
    "name": "=foo*AA{r}",
}


@pytest.mark.parametrize("formula", HELPERS.values(), ids=HELPERS)
def test_helpers_that_are_not_evaluated(tmp_path: Path, formula: str) -> None:
    """A column of the user's own that can't be evaluated is filled down, without values, and stops nothing."""
    path = tmp_path / "helper.xlsx"
    sheets.filled(path, (2, 2, 2), 10)
    book = openpyxl.load_workbook(path)
    for row in range(8, 18):
        book["Sheet1"][f"AC{row}"] = formula.format(r=row)
    book.save(path)
    training = train_file(path, tmp_path / "out.xlsx", steps=14)
    [net] = training.nets
    assert net.filling.values.left_out == {28}
    assert net.added == tuple(range(30, 42))
    cell = load(training.out).sheet("Sheet1").cell(20, 28)
    assert cell is not None
    assert (cell.formula, cell.value) == (formula.format(r=21), None)


def test_a_protected_sheet(tmp_path: Path) -> None:
    """LibreOffice's element for a protected sheet, before all rows, moves none of them."""
    path = sheets.write(tmp_path / "net.ods", (2, 2, 2))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    protection = '<loext:table-protection loext:select-protected-cells="true"/>'
    text = parts["content.xml"].decode()
    text = re.sub(r"(<table:table [^>]*>)", rf"\1{protection}", text, count=1)
    declared = ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
    if "xmlns:loext" not in text:
        text = text.replace("<office:document-content", "<office:document-content" + declared, 1)
    parts["content.xml"] = text.encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    before = find_nets(load(path))[0]
    after = find_nets(load(train_file(path, steps=12).out))[0]
    assert (after.label_row, after.first_row, after.last_row) == (before.label_row, before.first_row, 18)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A link stays one: the file that it leads to is trained; a link to nowhere is no output."""
    path = sheets.write(tmp_path / "real.ods", (1, 1))
    link = tmp_path / "link.ods"
    link.symlink_to(path)
    assert main(["train", str(link), "--in-place", "--steps", "5"]) == 0
    assert link.is_symlink()
    assert find_nets(load(path))[0].steps == 5
    nowhere = tmp_path / "nowhere.ods"
    nowhere.symlink_to(tmp_path / "gone.ods")
    assert main(["train", str(path), str(nowhere)]) == 2
    assert "is a link to nowhere" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_a_pipe_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe does not make the command wait."""
    os.mkfifo(tmp_path / "pipe.ods")
    assert main(["train", str(tmp_path / "pipe.ods")]) == 2
    assert "is no file" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "x" * 300 + ".ods"], ids=["empty", "long"])
def test_impossible_names(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that no file can have end in one line."""
    for command in ("train", "info"):
        assert main([command, name]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_empty_cells_do_not_count(tmp_path: Path) -> None:
    """A helper column's average passes over the empty column beside it, as both programs do."""
    path = tmp_path / "helper.xlsx"
    sheets.filled(path, (2, 2, 2), 10)
    book = openpyxl.load_workbook(path)
    for row in range(8, 18):
        book["Sheet1"][f"AD{row}"] = f"=AVERAGE(AA{row},AC{row})"
    book.save(path)
    train_file(path, tmp_path / "out.xlsx", steps=14)
    sheet = load(tmp_path / "out.xlsx").sheet("Sheet1")
    for row in range(7, 21):
        average, cost = sheet.cell(row, 29), sheet.cell(row, 26)
        assert average is not None
        assert cost is not None
        assert average.value == cost.value
