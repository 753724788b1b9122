"""Check: the author's workbook, the report, JSON, marked copies, the command line."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.utils.cell import coordinate_from_string

from sheetnet import load, new_file, train_file
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.cli import main
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.jobs.checking import CheckedNet, check_file
from sheetnet.report.check.text import checking_report
from tests.witnesses import libreoffice, openxmlsdk

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = sorted(
    path
    for path in (ROOT / "samples").glob("*.*")
    if path.suffix in (".ods", ".xlsx") and not path.name.startswith(("mistakes", "worksheet"))
)
"""Those whose cost has a slope: on a worksheet the cells that lead to it are typed, or empty."""
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SPOILT = ROOT / "samples" / "mistakes-2-2-2.ods"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command: exit code, standard output, standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def _cells(net: CheckedNet) -> set[tuple[int, int]]:
    """Return all cells at fault: row, column, both from 1."""
    found = set()
    for finding in net.faults:
        for area in finding.areas:
            left, top, right, bottom = range_boundaries(str(area))
            found |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
    return found


# ---------------------------------------------------------------- the author's workbook

MOCKUP = """\
Sheet1  2-2-2 net, sigmoid; learning rate 0.5 (A8); rows 8-1002      NO MISTAKES
  All 24,859 formulas follow the rule; a second method (central differences of
  the cost) agrees. Not part of the net, left alone: N5.

Ark2  1-1-1 net, sigmoid; learning rate 0.5 (A8); rows 8-200          2 MISTAKES
1 Learning rate from an empty cell                           [update-wrong-rate]
  where     D9: w00 of layer 1, step 1
  found     =D8-$A$9*C8*G8  0.1
  expected  =D8-$A$8*C8*G8  0.10023135
  why       $A$9 is empty; the learning rate is in $A$8.
2 Learning rate left out                                        [update-no-rate]
  where     D10:E200, H10:I200: all 4 weights, steps 2-192 (764 cells)
  found     =D9-C9*G9       0.10045271  (D10)
  expected  =D9-$A$8*C9*G9  0.10022635
  why       The gradient is subtracted as if the rate were 1. Multiply it by γ
            first.
To mend both: correct D9, then copy D9:E9 and H9:I9 down to row 200.

960 other cells hold wrong numbers, but only because of these two; leave them.
Your cost still falls, even faster than it should (3.0e-13 at the end; 3.0e-08
is right), so the curve could not have shown you this.
Not part of the net, left alone: A11.

1 sheet right, 1 sheet with 2 mistakes.
A marked copy:  --annotate Simple_Neural_Net-checked.ods"""


@pytest.mark.shared
def test_the_authors_workbook(author_file: Path) -> None:
    """Sheet1 is right; of Ark2 just the 765 cells without a learning rate are at fault, by two causes."""
    right, wrong = check_file(author_file).nets
    assert right.findings == ()
    assert (right.judged, right.slopes) == (24_859, True)
    assert [finding.code for finding in wrong.findings] == ["update-wrong-rate", "update-no-rate"]
    weights = {4, 5, 8, 9}
    assert _cells(wrong) == {(9, 4)} | {(row, column) for row in range(10, 201) for column in weights}
    assert wrong.follow == 960


@pytest.mark.shared
def test_the_report_on_it(author_file: Path) -> None:
    """The report has the tone, the order and the amount of the mock-up, with the author's own addresses."""
    assert checking_report([check_file(author_file)]) == MOCKUP


@pytest.mark.shared
@pytest.mark.libreoffice
def test_the_authors_workbook_as_xlsx(author_file: Path, tmp_path: Path) -> None:
    """Re-saved by LibreOffice in Excel's format it has the same findings on the same cells."""
    twin = libreoffice.converted(author_file, ".xlsx", tmp_path)
    ours, theirs = check_file(author_file).nets, check_file(twin).nets
    for one, other in zip(ours, theirs, strict=True):
        assert [f.code for f in one.findings] == [f.code for f in other.findings]
        assert _cells(one) == _cells(other)
        assert one.follow == other.follow


# ---------------------------------------------------------------- what is right


@pytest.mark.parametrize("path", [*SAMPLES, *TEMPLATES], ids=lambda path: "/".join(path.parts[-2:]))
def test_right_sheets_are_right(path: Path) -> None:
    """Every sample and template checks clean, with central differences agreeing."""
    [net] = check_file(path).nets
    assert net.faults == ()
    assert net.slopes is True
    assert net.follow == 0


# ---------------------------------------------------------------- the report


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
def test_the_sample_with_mistakes(suffix: str) -> None:
    """Three mistakes of different kinds are three findings on just their cells."""
    [net] = check_file(SPOILT.with_suffix(f".{suffix}")).nets
    found = {finding.code: [str(area) for area in finding.areas] for finding in net.findings}
    assert found == {
        "delta-hidden-untransposed": ["M8:N47"],
        "update-no-rate": ["O9:O47"],
        "sheet-pasted-rounded": ["L21"],
    }
    assert net.slopes is False


def test_lines_are_80_wide(run: Run) -> None:
    """No line of a report is wider than a terminal."""
    code, out, _ = run("check", SPOILT, *SAMPLES[:4])
    assert code == 1
    assert all(len(line) <= 80 for line in out.splitlines())


def test_codes_are_explained(run: Run) -> None:
    """The catalogue lists every code on a line of 80 columns, and explains each with its severity."""
    _, listed, _ = run("codes")
    assert all(len(line) <= 80 for line in listed.splitlines())
    for code, entry in catalogue().items():
        assert code in listed
        status, told, _ = run("codes", code)
        assert status == 0
        assert entry.title in told
        assert entry.wrong in told.replace("\n            ", " ")
    assert run("codes", "update-norate")[0] == 2


def _spoilt(folder: Path, changes: Mapping[str, Any], *, steps: int = 20, **options: Any) -> Path:
    """Write the note's net with some cells changed, values as a program that recalculates stores them."""
    path = new_file((2, 2, 2), folder / "net.xlsx", steps=steps, seed=1, **options).out
    edits = []
    for address, content in changes.items():
        column, row = coordinate_from_string(address)
        formula = content if isinstance(content, str) and content.startswith("=") else None
        value = None if formula else content
        edits.append(PutCell("Sheet1", row - 1, column_index_from_string(column) - 1, value, formula))
    files.save(load(path), path, edits)
    if not any(isinstance(content, str) and not content.startswith("=") for content in changes.values()):
        train_file(path, mend=False, in_place=True, steps=steps)
    return path


def test_a_rate_written_into_one_formula(tmp_path: Path) -> None:
    """What is expected there is the rate's cell, not the column's other formula with the same number."""
    changes = {f"E{row}": f"=E{row - 1}-0.5*M{row - 1}*C{row - 1}" for row in range(9, 28)}
    [net] = check_file(_spoilt(tmp_path, changes)).nets
    [finding] = net.findings
    assert (finding.code, finding.expected) == ("update-written-rate", "=E8-$A$8*M8*C8")


def test_what_is_printed_mends_what_is_named(tmp_path: Path) -> None:
    """A rate that slides is right in its first row; the formula printed is that of the cell to correct."""
    changes = {f"E{row}": f"=E{row - 1}-A{row - 1}*M{row - 1}*C{row - 1}" for row in range(9, 28)}
    [net] = check_file(_spoilt(tmp_path, changes)).nets
    [finding] = net.findings
    assert finding.code == "update-sliding-rate"
    assert [str(area) for area in finding.correct] == ["E9"]
    assert (finding.found, finding.expected) == ("=E8-A8*M8*C8", "=E8-$A$8*M8*C8")


def test_a_number_is_not_copied_down(tmp_path: Path) -> None:
    """Among values without formulas the wrong one is to be typed anew, not copied from a number."""
    path = _spoilt(tmp_path, {})
    train_file(path, in_place=True, formulas=False)
    book = load(path)
    files.save(book, path, [PutCell("Sheet1", 14, 10, 0.9)])
    [net] = check_file(path).nets
    [finding] = net.findings
    assert [str(area) for area in finding.areas] == ["K15"]
    assert [str(area) for area in finding.correct] == ["K15"]
    assert finding.copies == ()


def test_one_stale_value_is_one_cell(tmp_path: Path) -> None:
    """A value that was changed is told, not those that follow from the formula beside it."""
    path = _spoilt(tmp_path, {})
    book = load(path)
    cell = book.sheet("Sheet1").rows[14][22]
    files.save(book, path, [PutCell("Sheet1", 14, 22, 0.9, cell.formula)])
    [net] = check_file(path).nets
    assert [(f.code, [str(area) for area in f.areas]) for f in net.findings] == [
        ("sheet-stale-value", ["W15"])
    ]


def test_formulas_changed_without_recalculating(tmp_path: Path) -> None:
    """Stored values that are right beside wrong formulas are no right end: they are to be recalculated."""
    path = _spoilt(tmp_path, {})
    book = load(path)
    edits = [
        PutCell("Sheet1", row, 22, book.sheet("Sheet1").rows[row][22].value, f"=U{row + 1}-Y{row + 1}")
        for row in range(7, 27)
    ]
    files.save(book, path, edits)
    checked = check_file(path)
    assert not checked.nets[0].recalculated
    report = checking_report([checked])
    assert "Recalculate" in report
    assert "The end result is right" not in report


def test_a_rate_that_is_text(tmp_path: Path, run: Run) -> None:
    """A learning rate with the wrong decimal sign is a finding in every form of the report."""
    path = _spoilt(tmp_path, {"A8": "0,5"})
    for form in ("text", "json", "html"):
        code, out, _ = run("check", path, "--format", form)
        assert code == 1
        assert "sheet-text-number" in out


def test_findings_not_asked_for(run: Run) -> None:
    """Where findings are left out nothing is called right, and no cell is blamed on what is shown."""
    _, none, _ = run("check", SPOILT, "--ignore", "update,delta,sheet")
    assert "NOTHING SHOWN" in none
    assert "3 other findings are not shown" in " ".join(none.split())
    assert "NO MISTAKES" not in none
    _, one, _ = run("check", SPOILT, "--select", "update")
    assert "hold wrong numbers" not in one


def test_each_range_has_its_own_note(tmp_path: Path, run: Run) -> None:
    """In a marked copy the note at a range has that range's formulas."""
    wrong = {"E": "={0}{1}-M{1}*C{1}", "O": "={0}{1}-W{1}*K{1}"}
    changes = {f"{c}{row}": text.format(c, row - 1) for c, text in wrong.items() for row in range(9, 28)}
    out = tmp_path / "marked.xlsx"
    run("check", _spoilt(tmp_path, changes), "--annotate", out)
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    assert "=E8-$A$8*M8*C8" in sheet["E9"].comment.text
    assert "=O8-$A$8*W8*K8" in sheet["O9"].comment.text


# ---------------------------------------------------------------- JSON


def test_json(run: Run) -> None:
    """JSON has the keys that programs may count on, formulas in Excel's English form, and plain numbers."""
    code, out, _ = run("check", SPOILT, "--format", "json")
    data = json.loads(out)
    assert (code, data["version"]) == (1, 1)
    [file] = data["files"]
    [sheet] = file["sheets"]
    assert (file["file"], file["error"]) == (str(SPOILT), None)
    assert (sheet["name"], sheet["nets"], sheet["conventions"]) == ("Sheet1", ["2-2-2"], ["sigmoid"])
    second = sheet["findings"][1]
    assert {
        key: second[key] for key in ("code", "severity", "cells", "term", "found", "expected", "cause")
    } == {
        "code": "update-no-rate",
        "severity": "error",
        "cells": ["O9:O47"],
        "term": "w00, layer 2",
        "found": "=O8-W8*K8",
        "expected": "=O8-$A$8*W8*K8",
        "cause": "c2",
    }
    assert second["value"] == pytest.approx(0.1 - 0.0508870612609718 * 0.542397940774351, rel=1e-12)
    assert second["expected_value"] == pytest.approx(
        0.1 - 0.5 * 0.0508870612609718 * 0.542397940774351, rel=1e-12
    )
    assert set(second) >= {"message", "fix", "follow"}


def test_select_and_ignore(run: Run) -> None:
    """Codes, or families of codes, are kept or left out; the exit code follows."""
    _, out, _ = run("check", SPOILT, "--format", "json", "--select", "update,delta-hidden-untransposed")
    codes = [f["code"] for f in json.loads(out)["files"][0]["sheets"][0]["findings"]]
    assert codes == ["delta-hidden-untransposed", "update-no-rate"]
    assert run("check", SPOILT, "--ignore", "update,delta,sheet-pasted-rounded")[0] == 0


# ---------------------------------------------------------------- files


def test_several_files(run: Run, tmp_path: Path) -> None:
    """Each file is reported; one that can't be read stops none; with processes it is the same."""
    arguments = [SAMPLES[0], tmp_path / "none.ods", SPOILT]
    once = run("check", *arguments)
    assert once[0] == 2
    assert "none.ods: no such file" in once[1]
    assert "3 MISTAKES" in once[1]
    assert run("check", *arguments, "--jobs", "2") == once


def test_a_file_alone_means_check(run: Run) -> None:
    """sheetnet FILE is sheetnet check FILE."""
    assert run(SPOILT) == run("check", SPOILT)


def test_the_report_as_a_file(run: Run, tmp_path: Path) -> None:
    """-o writes the report to a file, and replaces none unasked."""
    out = tmp_path / "report.txt"
    assert run("check", SPOILT, "-o", out)[:2] == (1, "")
    assert out.read_text(encoding="utf-8") == run("check", SPOILT)[1]
    code, _, error = run("check", SPOILT, "-o", out)
    assert code == 2
    assert "exists already" in error
    assert run("check", SPOILT, "-o", out, "--overwrite")[0] == 1


def test_tolerance(run: Run, tmp_path: Path) -> None:
    """A stored value that is off by 1e-7 counts as equal when the tolerance says so."""
    path = tmp_path / "off.xlsx"
    shutil.copy(ROOT / "samples" / "note-2-2-2-trained.xlsx", path)
    book = load(path)
    cell = book.sheet("Sheet1").rows[20][10]
    files.save(book, path, [PutCell("Sheet1", 20, 10, cell.value * (1 + 1e-7), cell.formula)])
    code, out, _ = run("check", path)
    assert code == 1
    assert "sheet-stale-value" in out
    assert "K21" in out
    assert run("check", path, "--tolerance", "1e-6")[0] == 0


# ---------------------------------------------------------------- marked copies


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
def test_annotate(run: Run, tmp_path: Path, suffix: str) -> None:
    """A marked copy has all cells as they were, a note at each range, a list of findings, and checks the same."""
    source, out = SPOILT.with_suffix(f".{suffix}"), tmp_path / f"marked.{suffix}"
    before = source.read_bytes()
    assert run("check", source, "--annotate", out)[0] == 1
    assert source.read_bytes() == before
    old, new = load(source), load(out)
    for sheet in old.sheets:
        for row, cells in sheet.rows.items():
            for column, cell in cells.items():
                assert new.sheet(sheet.name).rows[row][column] == cell
    assert [sheet.name for sheet in new.sheets] == ["Sheet1", "sheetnet check"]
    listed = [cell.value for cells in new.sheet("sheetnet check").rows.values() for cell in cells.values()]
    assert {"Sheet1 M8:N47", "Sheet1 O9:O47", "Sheet1 L21", "update-no-rate"} <= set(listed)
    assert len(new.charts) == len(old.charts)
    [one], [other] = check_file(source).nets, check_file(out).nets
    assert one.findings == other.findings
    code, _, error = run("check", source, "--annotate", out)
    assert code == 2
    assert "exists already" in error


def test_notes_and_links(run: Run, tmp_path: Path) -> None:
    """openpyxl finds the notes at the first cells, the fills of all, and links that lead to the ranges."""
    source, out = SPOILT.with_suffix(".xlsx"), tmp_path / "marked.xlsx"
    run("check", source, "--annotate", out)
    book = openpyxl.load_workbook(out)
    sheet = book["Sheet1"]
    notes = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
    assert set(notes) == {"M8", "O9", "L21"}
    assert "=O8-$A$8*W8*K8" in notes["O9"]
    filled = {cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"}
    assert len(filled) == 80 + 39 + 1
    assert {"M8", "N47", "O30", "L21"} <= filled
    links = [cell.hyperlink.location for row in book["sheetnet check"] for cell in row if cell.hyperlink]
    assert [link.replace("'", "").replace("$", "") for link in links] == [
        "Sheet1!M8:N47",
        "Sheet1!O9:O47",
        "Sheet1!L21",
    ]


@pytest.mark.openxmlsdk
def test_marked_copies_are_valid(run: Run, tmp_path: Path) -> None:
    """Microsoft's Open XML SDK finds nothing in a marked copy that it does not find in the source."""
    source, out = SPOILT.with_suffix(".xlsx"), tmp_path / "marked.xlsx"
    run("check", source, "--annotate", out)
    assert openxmlsdk.findings(out) == openxmlsdk.findings(source)


def test_annotating_several(run: Run, tmp_path: Path) -> None:
    """With several files OUT is a folder, in which each keeps its name; equal names are numbered."""
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(SPOILT, other)
    folder = tmp_path / "marked"
    assert run("check", SPOILT, other / SPOILT.name, "--annotate", folder)[0] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["mistakes-2-2-2-2.ods", "mistakes-2-2-2.ods"]


PLACES: dict[str, tuple[Any, str]] = {
    "the input itself": ("mistakes.ods", "is the input itself"),
    "another format": ("marked.xlsx", "name it marked.ods"),
    "no folder": ("none/marked.ods", "make it first"),
}


@pytest.mark.parametrize(("name", "message"), PLACES.values(), ids=PLACES)
def test_where_a_copy_cannot_go(run: Run, tmp_path: Path, name: str, message: str) -> None:
    """A copy that can't be saved as asked is refused in one line, and nothing is left behind."""
    source = tmp_path / "mistakes.ods"
    shutil.copy(SPOILT, source)
    code, _, error = run("check", source, "--annotate", tmp_path / name)
    assert (code, len(error.splitlines())) == (2, 1)
    assert message in error
    assert [path.name for path in tmp_path.iterdir()] == ["mistakes.ods"]
    assert source.read_bytes() == SPOILT.read_bytes()
