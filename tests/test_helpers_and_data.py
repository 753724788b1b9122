"""What a net's formulas use beside the net, and what its rows are not: patterns, helpers, guards, sums."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from sheetnet.jobs.checking import CheckedNet, check_file
from sheetnet.net.conventions import Conventions
from sheetnet.report.check.text import checking_report
from tests.statement import Statement
from tests.witnesses import libreoffice

ROWS = range(8, 20)
"""The rows of a Statement of twelve steps."""


def checked(path: Path) -> CheckedNet:
    """Return what is said of a workbook's only net."""
    found = check_file(path)
    assert found.error is None
    [net] = found.nets
    return net


def told(net: CheckedNet) -> list[tuple[str, list[str]]]:
    """Return codes and areas of all findings."""
    return [(each.code, [str(area) for area in each.areas]) for each in net.findings]


def built(path: Path, fill: Callable[[Worksheet], None], **options: int) -> Path:
    """Write a 2-2-2 net of twelve steps, changed as asked."""
    Statement((2, 2, 2), **options).save(path)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(path)
    fill(book["Sheet1"])
    book.save(path)
    return path


# ---------------------------------------------------------------- inputs and targets


def _counted(sheet: Worksheet) -> None:
    sheet["B6"] = "Step"
    sheet["B8"] = 0
    for row in ROWS[1:]:
        sheet[f"B{row}"] = f"=B{row - 1}+1"
    for row in ROWS:
        sheet[f"C{row}"], sheet[f"D{row}"] = f"=MOD(INT(B{row}/2),2)", f"=MOD(B{row},2)"
        sheet[f"Y{row}"], sheet[f"Z{row}"] = f"=IF(C{row}=D{row},0,1)", f"=C{row}*D{row}"


def _alternating(sheet: Worksheet) -> None:
    for row in ROWS[1:]:
        sheet[f"C{row}"] = f"=1-C{row - 1}"


def _targets_of_inputs(sheet: Worksheet) -> None:
    for row in ROWS:
        sheet[f"Y{row}"], sheet[f"Z{row}"] = f"=C{row}", f"=1-Y{row}"


def _listed(sheet: Worksheet) -> None:
    data = sheet.parent.create_sheet("Data")
    for row, values in enumerate(((0, 0, 0, 1), (0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 1)), 2):
        for column, value in enumerate(values, 1):
            data.cell(row, column).value = value
    for row in ROWS:
        for name, letter in zip("ABCD", "CDYZ", strict=True):
            sheet[f"{letter}{row}"] = f"=INDEX(Data!${name}$2:${name}$5,MOD(ROW()-8,4)+1)"


DATA = {
    "a count of steps": _counted,
    "alternating": _alternating,
    "targets of inputs": _targets_of_inputs,
    "a list": _listed,
}


@pytest.mark.parametrize("fill", DATA.values(), ids=DATA)
def test_patterns_by_formulas(tmp_path: Path, fill: Callable[[Worksheet], None]) -> None:
    """Formulas that make or fetch the patterns of every row are their author's own choice."""
    assert told(checked(built(tmp_path / "net.xlsx", fill))) == []


@pytest.mark.parametrize(
    ("changes", "areas"),
    [
        ({"Y12": "=C12"}, ["Y12"]),
        ({f"C{row}": f"=D{row}" for row in ROWS[1:]}, ["C9:C19"]),
        ({f"D{row}": f"=C{row}" for row in ROWS[1:]}, ["D9:D19"]),
        ({f"D{row}": f"=B{row - 1}" for row in ROWS[1:]}, ["D9:D19"]),
        ({f"Y{row}": f"=U{row}" for row in ROWS[1:]}, ["Y9:Y19"]),
    ],
    ids=["one target", "the other input", "the input before", "an empty column", "an output"],
)
def test_patterns_by_wrong_formulas(tmp_path: Path, changes: dict[str, object], areas: list[str]) -> None:
    """A copy of another column is no pattern, nor is one cell that departs from its column."""
    net = checked(Statement((2, 2, 2)).save(tmp_path / "net.xlsx", changes))
    assert [found for _, found in told(net)] == [areas]


@pytest.mark.libreoffice
def test_what_follows_with_fetched_patterns(tmp_path: Path) -> None:
    """What holds other numbers because of a mistake is counted by the patterns of every row."""
    path = built(tmp_path / "net.xlsx", _listed)
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["L19"] = "=1/(1+EXP(-(C19*H19+D19*I19)))"
    book.save(path)
    folder = tmp_path / "again"
    folder.mkdir()
    net = checked(libreoffice.converted(path, ".ods", folder))
    assert told(net) == [("forward-no-bias", ["L19"])]
    # the outputs, all δ, and the cost of the last row
    assert net.follow == 2 + 4 + 1


@pytest.mark.parametrize(("patterns", "said"), [(12, False), (6, True)], ids=["one pass", "two passes"])
def test_costs_of_one_pass_are_not_compared(tmp_path: Path, patterns: int, said: bool) -> None:
    """Whether the cost falls is told only where the same patterns come again."""
    changes = {"L14": "=1/(1+EXP(-(C14*H14+D14*I14)))"}
    path = Statement((2, 2, 2), patterns=patterns).save(tmp_path / "net.xlsx", changes)
    assert ("Your cost" in checking_report([check_file(path)])) is said


# ---------------------------------------------------------------- columns beside the net


def _helper(wrong: object, *, name: str = "") -> Callable[[Worksheet], None]:
    """Return what lets K use a column for z, in row 12 of which something else stands if asked."""

    def fill(sheet: Worksheet) -> None:
        beside = sheet.parent.create_sheet(name) if name else sheet
        own = "Sheet1!" if name else ""
        for row in ROWS:
            beside[f"AF{row}"] = f"={own}C{row}*{own}E{row}+{own}D{row}*{own}F{row}+{own}G{row}"
            beside[f"AG{row}"] = f"=EXP(-AF{row})"
            sheet[f"K{row}"] = f"=1/(1+{f'{name}!' if name else ''}AG{row})"
        if wrong is not None:
            beside["AF12"] = wrong

    return fill


@pytest.mark.parametrize("name", ["", "Calc"], ids=["its own sheet", "another sheet"])
@pytest.mark.parametrize("wrong", [None, "=C12*E12+D12*F12", 0.7], ids=["right", "wrong", "a number"])
def test_helpers(tmp_path: Path, wrong: object, name: str) -> None:
    """A slip in a column that the net's formulas use is found in its row, and can be mended."""
    if isinstance(wrong, str) and name:
        wrong = wrong.replace("=C", "=Sheet1!C")
    net = checked(built(tmp_path / "net.xlsx", _helper(wrong, name=name)))
    assert [areas for _, areas in told(net)] == ([] if wrong is None else [["K12"]])
    for finding in net.findings:
        assert finding.expected == "=1/(1+EXP(-(C12*E12+D12*F12+G12)))"
        assert ([str(area) for area in finding.correct], finding.copies) == (["K12"], ())
    if wrong is None and not name:
        assert net.slopes is True


@pytest.mark.libreoffice
def test_central_differences_through_another_sheet(tmp_path: Path) -> None:
    """Central differences follow the weights through columns of another sheet."""
    path = built(tmp_path / "net.xlsx", _helper(None, name="Calc"))
    folder = tmp_path / "again"
    folder.mkdir()
    net = checked(libreoffice.converted(path, ".ods", folder))
    assert (told(net), net.slopes) == ([], True)


def test_a_rate_of_the_same_value(tmp_path: Path) -> None:
    """Another cell that happens to hold the learning rate's number is a wrong cell, and no other mistake."""
    changes: dict[str, object] = {f"E{row}": f"=E{row - 1}-$B$8*M{row - 1}*C{row - 1}" for row in ROWS[1:]}
    net = checked(Statement((2, 2, 2)).save(tmp_path / "net.xlsx", {**changes, "B8": 0.5}))
    assert told(net) == [("update-wrong-rate", ["E9:E19"])]


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("row", [20, 21, 22], ids=["below", "after a row", "after two rows"])
@pytest.mark.parametrize("text", ["AVERAGE({c}8:{c}19)", "{c}19", "MAX({c}8:{c}19)-MIN({c}8:{c}19)"])
def test_sums_below_the_table(tmp_path: Path, row: int, text: str) -> None:
    """A row of means or last values below the table is no step."""

    def fill(sheet: Worksheet) -> None:
        for column in range(3, 28):
            name = openpyxl.utils.get_column_letter(column)
            sheet[f"{name}{row}"] = "=" + text.format(c=name)

    net = checked(built(tmp_path / "net.xlsx", fill))
    assert (told(net), net.layout.steps) == ([], 12)


def _guarded(wrong: str = "") -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for cells in sheet.iter_rows(min_row=9, max_row=19, min_col=5, max_col=27):
            for cell in cells:
                cell.value = f'=IF($C{cell.row}="","",{str(cell.value)[1:]})'
        if wrong:
            sheet[wrong] = str(sheet[wrong].value).replace("*(1-", "*(2-")

    return fill


@pytest.mark.parametrize("wrong", ["", "M12"], ids=["right", "wrong"])
def test_guards(tmp_path: Path, wrong: str) -> None:
    """Formulas that show nothing while their row is not filled are judged by what they show then."""
    net = checked(built(tmp_path / "net.xlsx", _guarded(wrong)))
    assert told(net) == ([("sheet-constant", [wrong])] if wrong else [])


def test_an_unknown_function_is_a_doubt(tmp_path: Path) -> None:
    """What a function gives that is not evaluated here can't be decided."""
    text = "=_xlfn.LET(_xlpm.z,C12*E12+D12*F12+G12,1/(1+EXP(-_xlpm.z)))"
    net = checked(Statement((2, 2, 2)).save(tmp_path / "net.xlsx", {"K12": text}))
    assert told(net) == [("sheet-unreadable", ["K12"])]


# ---------------------------------------------------------------- batches


@pytest.mark.parametrize(
    ("changes", "expected", "correct", "copies"),
    [
        ({"E13": "=F12"}, "=E12", [], [("E11", "E13")]),
        ({"E10": "=F9"}, "=E9", [], [("E9", "E10")]),
        ({"E16": "=E15"}, None, [], [("E12", "E16")]),
        ({"E12": "=E11"}, None, ["E12"], []),
        (
            {f"E{row}": f"=F{row - 1}" for row in (9, 10, 11, 13)},
            "=E8",
            ["E9"],
            [("E9", "E10:E11"), ("E11", "E13")],
        ),
    ],
    ids=["stays after an update", "stays", "an update", "the first update", "all that stay in a pass"],
)
def test_mending_a_batch(
    tmp_path: Path,
    changes: dict[str, object],
    expected: str | None,
    correct: list[str],
    copies: list[tuple[str, str]],
) -> None:
    """Where weights change once a pass, the rows in which they do and those in which they stay are mended apart."""
    sheet = Statement((2, 2, 2), patterns=4, conventions=Conventions(batch="mean"))
    net = checked(sheet.save(tmp_path / "net.xlsx", changes))
    first = min(net.findings, key=lambda each: each.row)
    assert first.expected == (expected or sheet.texts[first.row + 1, 5])
    assert [str(area) for each in net.findings for area in each.correct] == correct
    assert [(str(a), str(b)) for each in net.findings for a, b in each.copies] == copies
