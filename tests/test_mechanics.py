"""What goes wrong with cells and not with the mathematics: each fault beside a sheet that has it not."""

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string, get_column_letter

from sheetnet import train_file
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.jobs.checking import CheckedFile, check_file
from tests import sheets
from tests.statement import Statement
from tests.witnesses import gnumeric, libreoffice

PROGRAMS = [
    pytest.param(libreoffice.converted, marks=pytest.mark.libreoffice, id="LibreOffice"),
    pytest.param(gnumeric.converted, marks=pytest.mark.gnumeric, id="Gnumeric"),
]
Resave = Callable[[Path, str, Path], Path]


def told(found: CheckedFile) -> list[tuple[str, str, list[str]]]:
    """Return severity, code and areas of all findings of a file."""
    assert found.error is None
    return [
        (each.severity, each.code, [str(area) for area in each.areas])
        for net in found.nets
        for each in net.findings
    ]


def _again(path: Path, suffix: str, resave: Resave) -> Path:
    folder = path.parent / "again"
    folder.mkdir(exist_ok=True)
    return resave(path, suffix, folder)


# ---------------------------------------------------------------- values beside formulas


@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
@pytest.mark.parametrize(
    ("stale", "areas"),
    [
        ({}, []),
        ({"AA12"}, ["AA12"]),
        ({"M19"}, ["M19"]),
        ({"M12"}, ["M12"]),
    ],
    ids=["none", "the cost", "the last row", "delta"],
)
def test_stale_values(tmp_path: Path, suffix: str, stale: set[str], areas: list[str]) -> None:
    """A cached value that its formula does not give is a doubt, in that cell alone."""
    path = train_file(
        Statement((2, 2, 2)).save(tmp_path / "net.xlsx"), tmp_path / f"out{suffix}", mend=False
    ).out
    assert told(check_file(path)) == []
    book = files.load(path)
    edits = []
    for address in stale:
        row, column = (
            int(re.sub("[A-Z]", "", address)) - 1,
            column_index_from_string(re.sub(r"\d", "", address)) - 1,
        )
        cell = book.sheet("Sheet1").cell(row, column)
        assert cell is not None
        assert isinstance(cell.value, float)
        edits.append(PutCell("Sheet1", row, column, cell.value + 0.25, cell.formula))
    files.save(book, tmp_path / f"stale{suffix}", edits)
    assert told(check_file(tmp_path / f"stale{suffix}")) == (
        [("warning", "sheet-stale-value", areas)] if areas else []
    )


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
@pytest.mark.parametrize("weight", [0.5, -800.0], ids=["right", "overflow"])
def test_error_values(tmp_path: Path, suffix: str, weight: float) -> None:
    """Where EXP overflows the first cell that shows it is told, and what follows from it is not."""
    path = Statement((2, 2, 2)).save(tmp_path / "net.xlsx", {"C8": 1.0, "E8": weight, "G8": weight})
    found = told(check_file(_again(path, suffix, libreoffice.converted)))
    assert found == ([] if weight > 0 else [("error", "sheet-error-value", ["K8"])])


CIRCLES = {
    "none": ({}, None),
    "itself": ({"K12": "=1/(1+EXP(-(K12*E12+D12*F12+G12)))"}, ["K12"]),
    "an input of its own": ({"C12": "=C12"}, ["C12"]),
    "an input of the next row": ({"C12": "=C13"}, ["C12"]),
    "through delta": ({"K12": "=1/(1+EXP(-(M12*E12+D12*F12+G12)))"}, ["K12"]),
    "the next row's weight": ({"E12": "=E11-$A$8*M12*C11"}, ["E12"]),
}  # fmt: skip


@pytest.mark.parametrize("values", ["absent", pytest.param("Calc's", marks=pytest.mark.libreoffice)])
@pytest.mark.parametrize(("changes", "areas"), CIRCLES.values(), ids=CIRCLES)
def test_circular_references(
    tmp_path: Path, changes: Mapping[str, object], areas: list[str] | None, values: str
) -> None:
    """A cell that needs its own value is told, and those behind it are not."""
    path = Statement((2, 2, 2)).save(tmp_path / "net.xlsx", changes)
    if values != "absent":
        path = _again(path, ".ods", libreoffice.converted)
    found = told(check_file(path))
    assert [(severity, cells) for severity, _, cells in found] == (
        [] if areas is None else [("error", areas)]
    )


TEXTS: dict[str, tuple[dict[str, Any], str | None, list[str]]] = {
    "none": ({}, None, []),
    "a weight": ({"F8": "0,5"}, "sheet-text-number", ["F8"]),
    "an input": ({"C8": "0.3"}, "sheet-text-number", ["C8"]),
    "a target": ({"Y8": "0,3 "}, "sheet-text-number", ["Y8"]),
    "the rate": ({"A8": "0,5"}, "sheet-text-number", ["A8"]),
    "a later input": ({"D12": "0,9"}, "sheet-text-number", ["D12"]),
    "a formula typed as text": ({"M12": " =K12*(1-K12)*(W12*O12+X12*R12)"}, "sheet-text", ["M12"]),
    "a number typed as text": ({"M12": "0,0123"}, "sheet-text-number", ["M12"]),
    "a truth value": ({"M12": True}, "sheet-truth-value", ["M12"]),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "areas"), TEXTS.values(), ids=TEXTS)
def test_texts(tmp_path: Path, changes: dict[str, Any], code: str | None, areas: list[str]) -> None:
    """Text where a number belongs is told, once."""
    found = told(check_file(Statement((2, 2, 2)).save(tmp_path / "net.xlsx", changes)))
    assert found == ([] if code is None else [("error", code, areas)])


# ---------------------------------------------------------------- several sheets and nets


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
@pytest.mark.parametrize("spoilt", [False, True], ids=["right", "spoilt"])
def test_hidden_sheets(tmp_path: Path, state: str, spoilt: bool) -> None:
    """A hidden sheet is checked like any other."""
    path = Statement((2, 2, 2)).save(
        tmp_path / "net.xlsx", {"M12": "=K12*(W12*O12+X12*R12)"} if spoilt else {}
    )
    book = openpyxl.load_workbook(path)
    book.create_sheet("Front")["A1"] = "Hello"
    book["Sheet1"].sheet_state = state
    book.active = 1
    book.save(path)
    found = told(check_file(path))
    assert [(severity, cells) for severity, _, cells in found] == ([("error", ["M12"])] if spoilt else [])


def _written(path: Path, cells: sheets.Cells, changes: Mapping[tuple[int, int], str]) -> Path:
    sheets.save(path, {"Sheet1": cells})
    book = openpyxl.load_workbook(path)
    for (row, column), text in changes.items():
        book["Sheet1"].cell(row + 1, column + 1).value = text
    book.save(path)
    return path


@pytest.mark.parametrize("spoilt", [None, 0, 1], ids=["right", "first", "second"])
@pytest.mark.parametrize("way", ["beside", "below"])
def test_several_nets_on_a_sheet(tmp_path: Path, spoilt: int | None, way: str) -> None:
    """Each net of a sheet is checked by its own learning rate and cells."""
    sizes, steps = (2, 2, 1), 6
    width = len(sheets.columns(sizes)) + sheets.COLUMN
    if way == "beside":
        cells = sheets.beside(sizes, sizes)
        places = [(0, 0), (0, max(column for _, column in sheets.net(sizes)) + 1 + 2)]
    else:
        cells = sheets.below(sizes, sizes)
        places = [(0, 0), (max(row for row, _ in sheets.net(sizes)) + 1 + 12, 0)]
    texts: dict[tuple[int, int], str] = {}
    for top, left in places:
        texts |= sheets.formulas(sizes, steps, top=top, left=left)
    expected = []
    if spoilt is not None:
        top, left = places[spoilt]
        row, column = sheets.FIRST + top + 3, left + width - 1
        texts[row, column] = texts[row, column].replace("0.5*", "")
        expected = [f"{get_column_letter(column + 1)}{row + 1}"]
    found = check_file(_written(tmp_path / "nets.xlsx", cells, texts))
    assert len(found.nets) == 2
    assert [cells for _, _, cells in told(found)] == ([expected] if expected else [])
    assert [len(net.findings) for net in found.nets] == [int(spoilt == number) for number in (0, 1)]


# ---------------------------------------------------------------- saved again by other programs


@pytest.mark.shared
@pytest.mark.parametrize("resave", PROGRAMS)
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_the_authors_workbook_saved_again(
    author_file: Path, tmp_path: Path, resave: Resave, suffix: str
) -> None:
    """The author's workbook has the same findings whatever program saved it."""
    (tmp_path / "again").mkdir()
    again = resave(author_file, suffix, tmp_path / "again")
    assert told(check_file(again)) == told(check_file(author_file))
    assert told(check_file(again)) != []


SPOILT = {
    "right": {},
    "a slip": {"M12": "=K12*(1-K12)*(W12*O12+X12*P12)"},
    "a pasted number": {"U14": 0.5},
    "a whole column": {f"W{row}": f"=U{row}-Y{row}" for row in range(8, 20)},
    "a sliding rate": {f"E{row}": f"=E{row - 1}-$A{row - 1}*M{row - 1}*C{row - 1}" for row in range(9, 20)},
}  # fmt: skip


@pytest.mark.parametrize("resave", PROGRAMS)
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
@pytest.mark.parametrize("changes", SPOILT.values(), ids=SPOILT)
def test_saved_again(tmp_path: Path, changes: Mapping[str, object], resave: Resave, suffix: str) -> None:
    """A sheet has the same findings when another program has recalculated and saved it."""
    path = Statement((2, 2, 2)).save(tmp_path / "net.xlsx", changes)
    found = told(check_file(path))
    assert bool(found) == bool(changes)
    assert told(check_file(_again(path, suffix, resave))) == found


@pytest.mark.parametrize("changes", SPOILT.values(), ids=SPOILT)
def test_shared_formulas(tmp_path: Path, changes: Mapping[str, object]) -> None:
    """A column of which only the first cell has the text is read as if all had it."""
    path = Statement((2, 2, 2)).save(tmp_path / "net.xlsx", changes)
    shared = _shared(path, tmp_path / "shared.xlsx", ["AA", "V", "L", "J", "T"])
    assert told(check_file(shared)) == told(check_file(path))


def _shared(path: Path, target: Path, columns: list[str]) -> Path:
    """Write the formulas of rows 10 to 19 of some columns as one shared formula each (ECMA-376 18.3.1.40)."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                text = content.decode()
                for index, column in enumerate(columns):

                    def followed(match: re.Match[str], index: int = index, column: str = column) -> str:
                        row = int(match[2])
                        if row < 10:
                            return match[0]
                        if row == 10:
                            return f'{match[1]}<f t="shared" ref="{column}10:{column}19" si="{index}">{match[3]}</f>'
                        return f'{match[1]}<f t="shared" si="{index}"/>'

                    text, count = re.subn(rf'(<c r="{column}(\d+)"[^>]*>)<f>(.*?)</f>', followed, text)
                    assert count >= 11
                content = text.encode()
            copy.writestr(entry.filename, content)
    return target
