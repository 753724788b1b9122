"""The learning rate: in a named cell, on another sheet, in a cell without a label, inside the formulas."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from sheetnet import LayoutError, find_nets, load, train_file
from sheetnet.diagnosis.mending import mended
from sheetnet.jobs.reading import read_file
from sheetnet.report.reading import reading_json, reading_report
from tests.agreement import agree_with_calc, agree_with_gnumeric, cached
from tests.handmade import handmade
from tests.witnesses import gnumeric, libreoffice

GROUPS = "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C"


def _named(name: str, cell: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        sheet, _, address = cell.rpartition("!")
        if sheet and sheet not in book.sheetnames:
            book.create_sheet(sheet)
        book[sheet or "Sheet1"][address.replace("$", "")] = 0.5
        book.defined_names[name] = DefinedName(name, attr_text=f"{sheet or 'Sheet1'}!{address}")

    return change


def _on(sheet: str, *, label: str | None) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book.create_sheet(sheet)
        book[sheet]["B1"], book[sheet]["B2"] = label, 0.5

    return change


def _alone(book: openpyxl.Workbook) -> None:
    book["Sheet1"]["B2"] = 0.5


def _nothing(book: openpyxl.Workbook) -> None:
    pass


WHERE: dict[str, tuple[str, Callable[[openpyxl.Workbook], None], tuple[str, int, int] | None]] = {
    "a name that is a word for it": ("eta", _named("eta", "$A$3"), ("Sheet1", 2, 0)),
    "a name in other capitals": ("Learning_Rate", _named("learning_rate", "$A$3"), ("Sheet1", 2, 0)),
    "any name": ("speed", _named("speed", "$A$3"), ("Sheet1", 2, 0)),
    "a name on another sheet": ("rate", _named("rate", "Settings!$B$2"), ("Settings", 1, 1)),
    "a label on another sheet": ("Settings!$B$2", _on("Settings", label="Learning rate"), ("Settings", 1, 1)),
    "no label, another sheet": ("Settings!$B$2", _on("Settings", label=None), ("Settings", 1, 1)),
    "no label": ("$B$2", _alone, ("Sheet1", 1, 1)),
    "a number": ("0.5", _nothing, None),
    "a quotient": ("1/2", _nothing, None),
    "a percentage": ("50%", _nothing, None),
}


def _written(folder: Path, rate: str, change: Callable[[openpyxl.Workbook], None], suffix: str) -> Path:
    path = handmade(folder / "net.xlsx", (2, 2, 2), 4, GROUPS, rate=rate, rate_cell=None)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path if suffix == ".xlsx" else libreoffice.converted(path, suffix, folder)


@pytest.mark.libreoffice
@pytest.mark.parametrize(("rate", "change", "place"), WHERE.values(), ids=WHERE)
@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_where_it_is(
    tmp_path: Path,
    rate: str,
    change: Callable[[openpyxl.Workbook], None],
    place: tuple[str, int, int] | None,
    suffix: str,
) -> None:
    """It is found; right formulas are kept, and new rows have what Calc computes and a plain sheet has."""
    path = _written(tmp_path, rate, change, suffix)
    book = load(path)
    [layout] = find_nets(book)
    assert (layout.rate, layout.learning_rate) == (place, 0.5)
    assert (layout.rate_address == "in the formulas") == (place is None)
    assert mended(book, layout, layout.last_row).departed == ()
    training = train_file(path, steps=12)
    assert training.nets[0].departed == training.nets[0].typed == ()
    assert agree_with_calc(training.out, tmp_path / "stripped") > 200
    after = load(training.out)
    first, last = (after.sheet("Sheet1").rows[row][4].formula or "" for row in (8, 18))
    assert first == book.sheet("Sheet1").rows[8][4].formula
    assert last.split("*")[0].split("-")[1] == first.split("*")[0].split("-")[1]
    plain = train_file(handmade(tmp_path / "plain.xlsx", (2, 2, 2), 4, GROUPS), steps=12)
    ours, theirs = cached(after), cached(load(plain.out))
    assert len(theirs) > 200
    assert all(ours[place] == value for place, value in theirs.items())


@pytest.mark.parametrize(("rate", "change", "place"), WHERE.values(), ids=WHERE)
def test_carried_over(
    tmp_path: Path,
    rate: str,
    change: Callable[[openpyxl.Workbook], None],
    place: tuple[str, int, int] | None,
) -> None:
    """In a workbook of the other format names and other sheets' cells become what they mean."""
    training = train_file(_written(tmp_path, rate, change, ".xlsx"), tmp_path / "out.ods", steps=12)
    assert training.nets[0].departed == training.nets[0].typed == ()
    book = load(training.out)
    [layout] = find_nets(book)
    assert layout.rate == (place if place is not None and place[0] == "Sheet1" else None)
    assert layout.learning_rate == 0.5
    if gnumeric.missing() is None:
        assert agree_with_gnumeric(training.out, tmp_path / "stripped") > 200


def test_one_cell_departs(tmp_path: Path) -> None:
    """One formula with another number is mended, the number that most formulas have stays."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 6, GROUPS, rate="0.5", rate_cell=None)
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["F11"] = book["Sheet1"]["F11"].value.replace("0.5", "0.05")
    book.save(path)
    training = train_file(path)
    assert [str(area) for area in training.nets[0].departed] == ["F11"]
    assert find_nets(load(training.out))[0].learning_rate == 0.5


def test_a_label_goes_first(tmp_path: Path) -> None:
    """A labelled cell on the sheet is the rate, whatever cell the formulas use."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, GROUPS, rate="$A$9")
    assert find_nets(load(path))[0].rate == ("Sheet1", 7, 0)


def test_an_unused_word_is_no_rate(tmp_path: Path) -> None:
    """A named cell that no update formula uses is not it, where they all use another one."""
    path = _written(tmp_path, "$B$2", _alone, ".xlsx")
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["A2"] = 0.1
    book.defined_names["alpha"] = DefinedName("alpha", attr_text="Sheet1!$A$2")
    book.save(path)
    assert find_nets(load(path))[0].rate == ("Sheet1", 1, 1)


def test_no_rate_at_all(tmp_path: Path) -> None:
    """Formulas without a rate act as if it were 1, and only a lenient reader takes that for one."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, GROUPS, rate_cell=None)
    book = openpyxl.load_workbook(path)
    for row in book["Sheet1"].iter_rows(min_row=9):
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("$A$8*", "")
    book.save(path)
    with pytest.raises(LayoutError, match="found no learning rate"):
        find_nets(load(path))
    [layout] = find_nets(load(path), lenient=True)
    assert (layout.rate, layout.learning_rate) == (None, 1)
    assert mended(load(path), layout, layout.last_row).departed == ()


def test_an_empty_cell_is_told(tmp_path: Path) -> None:
    """Where all formulas take the rate from an empty cell without a label, that cell is the problem."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, GROUPS, rate="$B$2", rate_cell=None)
    with pytest.raises(LayoutError, match="B2: found an empty cell, expected the learning rate"):
        find_nets(load(path))
    [layout] = find_nets(load(path), lenient=True)
    assert [(problem.row, problem.column) for problem in layout.problems] == [(1, 1)]


def test_how_it_is_told(tmp_path: Path) -> None:
    """The map of a file says where the number is."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, GROUPS, rate="0.5", rate_cell=None)
    reading = read_file(path)
    assert "0.5 in the formulas" in reading_report(reading)
    told = reading_json(reading)["sheets"][0]["nets"][0]["learning_rate"]
    assert told == {"value": 0.5, "cell": None}
