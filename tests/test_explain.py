"""Explain: what it says of a cell is what stands in the sheet, and its numbers are right."""

import math
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from sheetnet import check_file, explain_cell, find_nets, load, new_file
from sheetnet.book import files
from sheetnet.book.edits import Edit, PutCell
from sheetnet.cli import main
from sheetnet.formula.address import a1, read_address
from sheetnet.formula.parse import parse
from sheetnet.formula.reduction import flattened, reductions
from sheetnet.formula.text import formula_text, written
from sheetnet.net.terms import Term
from sheetnet.report.check.findings import title
from sheetnet.report.explain.equation import figure, spaced, worked, wrapped
from tests import sheets
from tests.explained import WIDTH, chained, check_numbers, report, steps, worked_out
from tests.handmade import Key, handmade, name
from tests.witnesses import libreoffice

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
TEMPLATES = sorted(ROOT.glob("templates/*/*.*"))

MOCKED = """\
Sheet1, M9: δ0 of layer 1, step 1 = 0.0037620664     (for the other: Ark2.M9)
How fast the cost rises when the weighted sum into hidden neuron 0 rises.

  rule      δ0(1) = a0(1) * (1-a0(1)) * ( δ0(2)*w00(2) + δ1(2)*w10(2) )
  cells     M9    = K9 * (1-K9) * ( W9*O9 + X9*R9 )        as on your sheet
  numbers         = 0.541426 * 0.458574 * ( 0.048312*0.086199
                                          + 0.059910*0.183404 )
                  = 0.248284 * ( 0.004164 + 0.010988 )
                  = 0.248284 * 0.015152 = 0.003762

  K9       a0 of layer 1: this neuron's own value; a(1-a) is its slope
  W9, O9   δ0 and w00 of layer 2: the path through output 0
  X9, R9   δ1 and w10 of layer 2: the path through output 1
  The weights are those of the same row, before the update. The bias takes no
  part: nothing flows back into a bias node.

Used by E10, F10, G10 (w00, w01 and the bias w02 of layer 1, next step).
"""


def said(path: Path, cell: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the command prints, after looking at its width."""
    assert main(["explain", str(path), cell]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= WIDTH for line in out.splitlines()), out
    return out


# ---------------------------------------------------------------- the author's file


@pytest.mark.shared
def test_author(author_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hidden δ of the author's file reads as it should."""
    assert said(author_file, "M9", capsys) == MOCKED


AUTHOR = {
    "fixed wrong": ("Ark2.D9", ["  the mistake      Learning rate from an empty cell [update-wrong-rate]\n", "your sheet has   D8-$A$9*C8*G8 = 0.1\n", "= 0.10023135\n", "A9       empty: your"]),
    "rate left out": ("Ark2.D10", ["  the mistake      Learning rate left out [update-no-rate]\n", "your sheet has   D9-C9*G9 = 0.10045271\n", "= 0.10022635\n"]),
    "stray": ("N5", ["a formula of your own", "N5 = N8*1000", "It uses N8 (δ1 of layer 1, step 0)."]),
    "stray of Ark2": ("Ark2.A11", ["A11 = J200", "It uses J200 (a0 of layer 2, step 192)."]),
    "rate": ("A8", ["the learning rate γ = 0.5 ", "E9:J1002 (6 weights of layer 1) and O9:T1002 (6"]),
    "empty, used": ("Ark2!A9", ["an empty cell\n", "Used by D9 (w00 of layer 1)."]),
    "one output": ("Ark2.G9", ["= F9 * (1-F9) * K9 * H9        as on your sheet"]),
    "bias": ("G9", ["the bias w02 of layer 1, step 1 = 0.29784958", "= G8 - $A$8*M8 ", "= 1  (the bias node"]),
    "in Danish": ("K9", ["1/(1+EKSP(-( C9*E9 + D9*F9 + G9 )))        as on your sheet"]),
    "last row": ("AA1002", ["the cost C, step 994 = ", "No formula uses it."]),
}  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize(("cell", "parts"), AUTHOR.values(), ids=AUTHOR)
def test_author_cells(
    author_file: Path,
    cell: str,
    parts: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other cells of the author's file, right ones and wrong ones, are told with his own formulas."""
    monkeypatch.chdir(author_file.parent)
    out = said(Path(author_file.name), cell, capsys)
    for part in parts:
        assert part in out, out
    wrong = cell in ("Ark2.D9", "Ark2.D10")
    assert ("sheetnet check Simple_Neural_Net.ods" in out) == wrong


@pytest.mark.shared
def test_author_chain(author_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The chain of the note's first weight goes through both outputs, with the note's corrected numbers."""
    out = said(author_file, "E9", capsys)
    assert "dC/dw00(1) = dC/da0(1) * da0(1)/dz0(1) * dz0(1)/dw00(1)\n" in out
    assert "= (U8-Y8) * U8*(1-U8) * O8\n" in out
    assert "= (V8-Z8) * V8*(1-V8) * R8\n" in out
    # δ0(1)·a0(0) with MATHS' δ0(1) = .0043008314646463
    assert out.count("= 0.017328 * 0.248202 * 0.1 = 0.0004301\n") == 1


def test_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """README's transcript is what the command prints."""
    [transcript] = re.findall(
        r"```text\n\$ sheetnet (explain .*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    command, expected = transcript.split("\n", 1)
    monkeypatch.chdir(ROOT)
    assert main(command.split()) == 0
    assert capsys.readouterr().out == expected


# ---------------------------------------------------------------- every printed number


WORKED: dict[str, tuple[str, dict[str, Any]]] = {
    "2-2-2": ("ods", {"sizes": (2, 2, 2)}),
    "tanh, linear": ("xlsx", {"sizes": (2, 3, 2), "activations": ("tanh", "linear")}),
    "relu, shared": ("ods", {"sizes": (2, 2, 2), "activations": ("relu", "sigmoid"), "biases": "shared"}),
    "fixed": ("xlsx", {"sizes": (2, 2, 2), "biases": "fixed"}),
    "no biases, four layers": ("ods", {"sizes": (2, 3, 2, 2), "biases": "none"}),
    "one output": ("xlsx", {"sizes": (1, 1, 1)}),
    "a sum as SUMPRODUCT": ("xlsx", {"sizes": (22, 2, 1), "learning_rate": 0.1}),
}


@pytest.mark.parametrize(("form", "options"), WORKED.values(), ids=WORKED)
def test_numbers_are_the_sheets(tmp_path: Path, form: str, options: dict[str, Any]) -> None:
    """Every step that is shown has the value that stands in the cell, in each kind of column."""
    options = dict(options)
    path = new_file(options.pop("sizes"), tmp_path / f"net.{form}", steps=4, seed=3, **options).out
    [layout] = find_nets(load(path))
    sheet = load(path).sheet("Sheet1")
    shown = set()
    for term, column in layout.columns.items():
        kind = (term.kind, term.layer, term.i, term.j > 0, term.j == layout.sizes[term.layer - 1])
        if term.i > 1 or kind in shown:
            continue
        shown.add(kind)
        cell = sheet.cell(layout.first_row + 2, column)
        assert cell is not None
        assert isinstance(cell.value, float)
        check_numbers(path, a1(layout.first_row + 2, column), cell.value)
    assert len(shown) >= 8


def test_chain_is_the_slope_of_the_cost(tmp_path: Path) -> None:
    """The chain's result is the central difference of the cost, computed apart from the sheet."""
    path = new_file((2, 2, 2), tmp_path / "net.xlsx", steps=2, seed=5).out
    [layout] = find_nets(load(path))
    row = load(path).sheet("Sheet1").rows[layout.first_row]
    values = {term: float(row[column].value or 0) for term, column in layout.columns.items()}  # type: ignore[arg-type]

    def cost(weight: Term, shift: float) -> float:
        now = {**values, weight: values[weight] + shift}
        a = [now[Term("a", 0, i)] for i in range(2)]
        for layer in (1, 2):
            z = [sum(x * now[Term("w", layer, i, j)] for j, x in enumerate([*a, 1])) for i in range(2)]
            a = [1 / (1 + math.exp(-x)) for x in z]
        return sum((a[i] - now[Term("target", 0, i)]) ** 2 for i in range(2)) / 2

    weights = [term for term in values if term.kind == "w"]
    assert len(weights) == 12
    for weight in weights:
        slope = (cost(weight, 1e-5) - cost(weight, -1e-5)) / 2e-5
        for text in (
            report(path, a1(layout.first_row + 1, layout.columns[weight])),
            report(path, a1(layout.first_row, layout.columns[weight._replace(kind="gradient")])),
        ):
            name = f"dC/dw{weight.i}{weight.j}({weight.layer})"
            assert chained(text, name) == pytest.approx(slope, rel=1e-3, abs=1e-6)


# ---------------------------------------------------------------- against openpyxl


def test_cells_line_is_the_formula(tmp_path: Path) -> None:
    """The line in cells is the formula that openpyxl reads there, but for the room in it."""
    path = SAMPLES / "note-2-2-2-trained.xlsx"
    sheet = openpyxl.load_workbook(path)["Sheet1"]
    for cell in [cell for cell in sheet[9] if cell.data_type == "f"]:
        text = report(path, cell.coordinate)
        match = re.search(r"^  cells (.*?)\n  numbers", text, re.MULTILINE | re.DOTALL)
        assert match is not None
        assert "as on your sheet" in match[1]
        formula = re.sub(r"\(as on your sheet\)|as on your sheet|\s", "", match[1])
        assert formula == f"{cell.coordinate}{cell.value}"


@pytest.mark.parametrize("name", ["note-2-2-2-trained.xlsx", "xor-2-2-1-trained.xlsx"])
def test_used_by_is_complete(name: str) -> None:
    """The cells that use a cell are all those whose formulas, as openpyxl reads them, name it."""
    path = SAMPLES / name
    sheet = openpyxl.load_workbook(path)["Sheet1"]
    used: dict[str, set[str]] = {}
    for line in sheet.iter_rows():
        for cell in line:
            if cell.data_type == "f":
                text = cell.value.replace("$", "")
                for first, last in re.findall(r"([A-Z]+\d+)(?::([A-Z]+\d+))?", text):
                    cells = sheet[f"{first}:{last or first}"]
                    for each in (each for across in cells for each in across):
                        used.setdefault(each.coordinate, set()).add(cell.coordinate)
    for address in ("A8", "C8", "C9", "E9", "G8", "K9", "M11", "S9", "U10", "AA9", "AC9", "B9", "B5", "V12"):
        told = {
            a1(row, column)
            for area in explain_cell(path, address).used_by
            for row in range(area.first_row, area.last_row + 1)
            for column in range(area.first_column, area.last_column + 1)
        }
        assert told == used.get(address, set()), address


# ---------------------------------------------------------------- every kind of cell

KINDS = {
    "input": ("C8", "a0 of layer 0, step 0 = 0\n", "You typed this number: pattern 1 of 4."),
    "input again": ("C12", "a0 of layer 0, step 4 = 0\n", "rule      a0(0) = the same, 4 rows above"),
    "target": ("T9", "T0, step 1 = 1\n", "pattern 2 of 4. It comes back every 4 rows."),
    "target again": ("T13", "T0, step 5 = 1\n", "cells     T13 = T9        as on your sheet"),
    "first weight": ("E8", "w00 of layer 1, step 0", "training starts from it"),
    "weight": ("E9", "w00 of layer 1, step 1", "E8 - $A$8*M8*C8"),
    "bias": ("G9", "the bias w02 of layer 1, step 1", "as it was before"),
    "activation": ("K9", "a0 of layer 1, step 1", "1/(1+EXP(-( C9*E9 + D9*F9 + G9 )))"),
    "δ output": ("S9", "δ0 of layer 2, step 1", "(R9-T9) * R9 * (1-R9)"),
    "δ hidden": ("M9", "δ0 of layer 1, step 1", "K9 * (1-K9) * (S9*O9)"),
    "cost": ("U9", "the cost C, step 1", "0.5 * (a0(2)-T0)^2"),
    "gradient": ("X9", "dC/dw00 of layer 1, step 1", "dC/da0(1) * da0(1)/dz0(1) * dz0(1)/dw00(1)"),
    "step": ("B9", "the step's number, step 1 = 1\n", "cells     B9   = B8 + 1"),
    "first step": ("B8", "the step's number, step 0 = 0\n", "the first row is step 0"),
    "mean cost": ("V11", "the mean cost, step 3", "= AVERAGE(U8:U11)        as on your sheet"),
    "no mean yet": ("V9", "the mean cost, step 1 = empty\n", "when all patterns had their turn"),
    "rate": ("A8", "the learning rate γ = 4\n", "new weight = weight - γ * dC/dw"),
    "label": ("K6", "the label of a0 of layer 1, 'a0'", "sheetnet explain xor-2-2-1-trained.xlsx K8"),
    "caption": ("E4", "a caption = 'Layer 1'", "It is no part of the net"),
    "text": ("A1", "a text = '", "It is no part of the net"),
    "empty": ("W30", "an empty cell\n", "the 2-2-1 net is in rows 8-487, columns B:V and"),
    "below": ("K488", "an empty cell\n", "below the net's last step"),
    "dollars, lower case": ("$k$9", "Sheet1, K9: a0 of layer 1", "K9"),
    "with its sheet": ("sheet1!k9", "Sheet1, K9: a0 of layer 1", "K9"),
}


@pytest.mark.parametrize(("cell", "head", "part"), KINDS.values(), ids=KINDS)
def test_kinds(
    cell: str, head: str, part: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of cell is named, and told what it is there for; none of a right sheet is doubted."""
    monkeypatch.chdir(SAMPLES)
    out = said(Path("xor-2-2-1-trained.xlsx"), cell, capsys)
    assert head in out
    assert part in out
    assert "your sheet has" not in out.lower()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_templates(path: Path) -> None:
    """Of every template each cell of the first rows, and around them, is explained within 80 columns."""
    [layout] = find_nets(load(path))
    columns = sorted({0, 1, *layout.columns.values(), max(layout.columns.values()) + 2})
    for row in (0, layout.label_row, layout.first_row, layout.first_row + 1, layout.last_row + 2):
        for column in columns[:: max(1, len(columns) // 6)]:
            assert a1(row, column) in report(path, a1(row, column))


def test_before_training(tmp_path: Path) -> None:
    """A sheet with initial weights alone shows the rule of its empty cells, with numbers where there are any."""
    path = sheets.write(tmp_path / "first.ods", (2, 2, 2), patterns=[sheets.NOTE_PATTERN], weights=sheets.NOTE_WEIGHTS)  # fmt: skip
    text = report(path, "K8")
    assert "a0 of layer 1, step 0 = empty" in text
    assert steps(text)[-1] == "0.542398"  # the note's
    assert "The cell is empty; sheetnet train fills it in." in text
    assert "No numbers: K8 holds no number." in report(path, "M8")


def test_a_number_too_large(tmp_path: Path) -> None:
    """Where Calc would show an error, the rule is shown and the error named."""
    weights = [[[-900.0, 0.0]], [[1.0, 0.0]]]
    path = sheets.write(tmp_path / "first.xlsx", (1, 1, 1), patterns=[((1.0,), (0.5,))], weights=weights)
    text = report(path, "F8")
    assert "1/(1+EXP(-( C8*D8 + E8 )))" in text
    assert "No numbers: the calculation comes to #NUM!." in text


# ---------------------------------------------------------------- what departs from the rule


def _put(cell: str, formula: str | None, value: Any = None) -> Edit:
    match = re.fullmatch(r"([A-Z]+)(\d+)", cell)
    assert match is not None
    return PutCell("Sheet1", int(match[2]) - 1, column_index_from_string(match[1]) - 1, value, formula)


Spoilt = dict[str, tuple[Edit, list[str]]]
SPOILT: Spoilt = {
    "another cell": (
        _put("M9", "=K9*(1-K9)*(W9*O9+X9*P9)", 0.123),
        ["your sheet has   K9*(1-K9)*(W9*O9+X9*P9) = 0.123\n", "the rule is      K9*(1-K9)*(W9*O9+X9*R9) = 0.0", "P9       w01 of layer 2, step 1, now ", "Why:  sheetnet check hand.xlsx"],
    ),
    "a rounded number": (_put("K9", None, 0.712), ["Your sheet has a number here, 0.712, no formula: the rule's, 0.71240", "rounded."]),
    "a number": (_put("K9", None, 0.5), ["Your sheet has a number here, 0.5, no formula; the rule gives 0.71240", "More:"]),
    "a text": (_put("U9", None, "0,5"), ["Your sheet has '0,5' here, no formula; the rule gives 0.6", "More:"]),
    "an input": (_put("C10", "=C9+0.1", 0.9), ["your sheet has   C9+0.1 = 0.9\n", "the rule is      C9 = 0.1\n", "Why:"]),
    "an error": (_put("M9", "=1/0", None), ["step 1 = #DIV/0!", "your sheet has   1/0 = #DIV/0!\n", "Why:"]),
    "no value": (_put("M9", "=K9*foo(", None), ["step 1 = no value", "your sheet has   K9*foo( = no value\n", "Why:"]),
    "unreadable": (_put("M9", "=K9*foo(", 1.0), ["your sheet has   K9*foo( = 1\n", "Why:"]),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "parts"), SPOILT.values(), ids=SPOILT)
def test_departures(tmp_path: Path, edit: Edit, parts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that departs from the rule shows both, and both values; before it was spoilt it did not."""
    monkeypatch.chdir(tmp_path)
    path = new_file((2, 2, 2), "hand.xlsx", steps=12, seed=1).out
    assert isinstance(edit, PutCell)
    cell = a1(edit.row, edit.column)
    assert "sheetnet check" not in report(path, cell)
    files.save(load(path), path, [edit])
    text = report(path, cell)
    for part in parts:
        assert part in text, text


OTHERWISE = {
    "quotient": ("K11", "=EXP(C11*E11+D11*F11+G11)/(1+EXP(C11*E11+D11*F11+G11))", "the same, in other words"),
    "SUMPRODUCT": ("K11", "=1/(1+EXP(-SUMPRODUCT(C11:D11,E11:F11)-G11))", "the same, in other words"),
    "other order": ("E11", "=E10-$A$8*C10*M10", "the same, in other words"),
    "from dC/dw": ("E11", "=E10-$A$8*AC10", "E10 - $A$8*AC10        as on your sheet"),
    "more brackets": ("M11", "=(K11*(1-K11))*((W11*O11)+X11*R11)", "as on your sheet"),
}


@pytest.mark.parametrize(("cell", "formula", "part"), OTHERWISE.values(), ids=OTHERWISE)
def test_written_otherwise(tmp_path: Path, cell: str, formula: str, part: str) -> None:
    """A formula that equals the rule is no departure; where it is built otherwise it is shown beside the rule."""
    path = new_file((2, 2, 2), tmp_path / "hand.xlsx", steps=12, seed=1).out
    found = explain_cell(path, cell)
    value = found.cell and found.cell.value
    files.save(load(path), path, [_put(cell, formula, value)])
    text = report(path, cell)
    assert part in text
    assert "Why:" not in text
    assert isinstance(value, float)
    check_numbers(path, cell, value)
    files.save(load(path), path, [_put(cell, formula, value + 1)])
    assert "have the sheet recalculated" in report(path, cell)


def test_stray_cells(tmp_path: Path) -> None:
    """A helper column and a formula beside the table name the cells that they use."""
    path = new_file((2, 2, 2), tmp_path / "hand.xlsx", steps=12, seed=1).out
    helpers = [_put(f"AR{row}", f"=SUM(K{row}:L{row})*$A$8", 1.0) for row in range(8, 20)]
    files.save(load(path), path, [*helpers, _put("AT3", "=K9", 1.0), _put("AT4", "=foo(", 1.0)])
    helper = report(path, "AR9")
    assert "a column of your own beside the net's, step 1 = 1" in helper
    assert "AR9 = SUM(K9:L9)*$A$8" in helper
    assert "It uses K9:L9 and A8 (the learning rate)." in helper
    assert "AT3 (no part of the net)" in report(path, "K9").replace("\n", " ")
    assert "It can't be read here" in report(path, "AT4")


# ---------------------------------------------------------------- the mistake, as the check has it

MISTAKES = {
    "the wrong δ": ("M9", "=K9*(1-K9)*(W9*O9+X9*P9)"),
    "no slope": ("W9", "=U9-Y9"),
    "no rate": ("E10", "=E9-M9*C9"),
    "a wrong rate": ("E10", "=E9-$A$9*M9*C9"),
    "a sign": ("O10", "=O9+$A$8*W9*K9"),
    "a reference that is gone": ("K9", "=1/(1+EXP(-(C9*#REF!+D9*F9+G9)))"),
    "a circle": ("K9", "=1/(1+EXP(-(K9*E9+D9*F9+G9)))"),
}


@pytest.mark.parametrize(("cell", "formula"), MISTAKES.values(), ids=MISTAKES)
def test_the_mistake_is_the_checks(
    tmp_path: Path, cell: str, formula: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that departs is given the one mistake that the check finds there, in the same words."""
    monkeypatch.chdir(tmp_path)
    path = new_file((2, 2, 2), "hand.xlsx", steps=12, seed=1).out
    files.save(load(path), path, [_put(cell, formula, 0.25)])
    [net] = check_file(path).nets
    [finding] = [each for each in net.findings if cell in map(str, each.areas)]
    text = " ".join(report(path, cell).split())
    assert f"the mistake {title(finding, 'en')} [{finding.code}] Why: sheetnet check hand.xlsx" in text
    for other in ("N9", "F10"):
        assert "the mistake" not in report(path, other)


# ---------------------------------------------------------------- sheets with faults

FAULTY: dict[str, tuple[dict[str, Any], dict[str, list[str]]]] = {
    "weight as text": ({"F8": "0,5"}, {
        "F8": ["w01 of layer 1, step 0 = '0,5'", "Expected a number here, found the text '0,5'; it is stored as text: type it again"],
        "K8": ["a0 of layer 1", "C8*E8 + D8*F8 + G8", "No numbers: F8 holds no number."],
        "F9": ["rule      new w01(1) = w01(1) - γ*δ0(1)*a1(0)", "No numbers: F8 holds no number."],
        "M9": ["δ0 of layer 1"],
    }),
    "no weight": ({"T8": None}, {"T8": ["the bias w12 of layer 2, step 0 = empty", "Nothing stands here yet: type a number."]}),
    "an input in words": ({"D8": "half"}, {"D8": ["found the text 'half'; type a number there."]}),
    "rate as text": ({"A8": "0,5"}, {
        "A8": ["the learning rate γ = '0,5'", "Expected a number here, found the text '0,5'"],
        "E9": ["E8 - $A$8*M8*C8        as on your sheet", "No numbers: A8 holds no number."],
    }),
    "no rate": ({"A8": None}, {"A8": ["the learning rate γ = empty", "Expected a number here, found an empty cell; type a number there."]}),
    "text over a formula": ({"M10": "0,01"}, {"M10": ["Your sheet has '0,01' here, no formula"], "E11": ["No numbers: M10 holds no number."]}),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "told"), FAULTY.values(), ids=FAULTY)
def test_sheets_with_faults(tmp_path: Path, changes: dict[str, Any], told: dict[str, list[str]]) -> None:
    """Where a number is missing the rest is explained all the same, and the cell itself says what it holds."""
    path = new_file((2, 2, 2), tmp_path / "net.xlsx", steps=5, seed=1).out
    files.save(load(path), path, [_put(cell, None, value) for cell, value in changes.items()])
    for cell, parts in told.items():
        text = report(path, cell)
        for part in parts:
            assert part in text or part in " ".join(text.split()), text


def test_a_broken_sheet_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sheet whose labels have a gap is told in its own cells only; alone it is an error."""
    cells = {"A": sheets.net((2, 2)), "B": sheets.net((1, 1))}
    path = sheets.save(tmp_path / "two.xlsx", cells)
    book = openpyxl.load_workbook(path)
    book["A"]["C6"] = None
    book.save(path)
    assert "B, C8: a0 of layer 0, step 0" in report(path, "C8")
    broken = report(path, "A.C8")
    assert "A, C8: a number, not part of the net" in broken
    assert "The sheet is not understood: two.xlsx, A, C6: found nothing, expected 'a0'" in " ".join(
        broken.split()
    )
    del book["B"]
    book.save(path)
    assert main(["explain", str(path), "C8"]) == 2
    assert "two.xlsx, A, C6: found nothing, expected 'a0'" in capsys.readouterr().err


# ---------------------------------------------------------------- arrays, names, a rate in every row


def _computed(path: Path, change: Callable[[Any], None]) -> Path:
    """Change a workbook's cells, and have LibreOffice compute it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    (path.parent / "computed").mkdir()
    return libreoffice.converted(path, ".xlsx", path.parent / "computed")


def _check_cell(path: Path, cell: str) -> str:
    held = explain_cell(path, cell).cell
    assert held is not None
    assert isinstance(held.value, float)
    return check_numbers(path, cell, held.value)


@pytest.mark.libreoffice
def test_array_formulas(tmp_path: Path) -> None:
    """A cell of an array formula is explained by what it shows of it, and uses that alone."""

    def change(book: Any) -> None:
        for row in range(8, 13):
            deltas = f"=(U{row}:V{row}-Y{row}:Z{row})*U{row}:V{row}*(1-U{row}:V{row})"
            book["Sheet1"][f"X{row}"] = None
            book["Sheet1"][f"W{row}"] = ArrayFormula(f"W{row}:X{row}", deltas)

    path = _computed(sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 5), change)
    text = _check_cell(path, "X10")
    assert "cells     X10   = (V10-Z10) * V10 * (1-V10)\n" in text
    assert "yours     X10   = {=(U10:V10-Y10:Z10)*U10:V10*(1-U10:V10)}" in text
    assert "the same, in other words" in text
    assert "Why:" not in text
    assert "Used by W10 (δ0 of layer 2) and AA10 (the cost C)." in report(path, "U10")
    assert "Used by X10 (δ1 of layer 2) and AA10 (the cost C)." in report(path, "V10")


@pytest.mark.libreoffice
def test_a_named_rate(tmp_path: Path) -> None:
    """A name is shown as the sheet spells it, and its cell knows who uses it."""

    def change(book: Any) -> None:
        book.defined_names["eta"] = DefinedName("eta", attr_text="Sheet1!$A$8")

    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 5, "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C", rate="eta")
    path = _computed(path, change)
    text = _check_cell(path, "E10")
    assert "E9 - eta*M9*C9        as on your sheet" in text
    assert "A8       the learning rate γ" in text
    assert "E9:J12 (6 weights of layer 1) and O9:T12 (6 weights of layer 2)" in report(path, "A8")


@pytest.mark.libreoffice
def test_a_rate_in_every_row(tmp_path: Path) -> None:
    """Where every row has a learning rate of its own, an update is worked out with the one that it uses."""

    def change(book: Any) -> None:
        sheet = book["Sheet1"]
        for row in range(9, 13):
            sheet[f"A{row}"] = 0.5 - (row - 8) / 20
            for cell in sheet[row]:
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace("$A$8*", f"$A{row - 1}*")

    path = _computed(sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 5), change)
    text = _check_cell(path, "E11")
    assert "E10 - $A10*M10*C10        as on your sheet" in text
    assert "A10      the learning rate γ" in text
    assert "recalculated" not in text
    assert "the learning rate γ = 0.4\n" in report(path, "A10")
    assert "on this sheet each row of the 2-2-2 net has one." in " ".join(report(path, "A10").split())


@pytest.mark.libreoffice
def test_weights_named_the_other_way_round(tmp_path: Path) -> None:
    """Where a sheet names a weight from-to it keeps its name, and the meaning is the right one."""

    def other(key: Key) -> str:
        return name(key._replace(i=key.j, j=key.i)) if key.letter == "w" else name(key)

    path = handmade(tmp_path / "net.xlsx", (2, 3, 2), 5, "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C", name=other)
    path = _computed(path, lambda book: None)
    text = _check_cell(path, "F10")  # the weight from input 1 to hidden neuron 0
    assert "Sheet1, F10: w10 of layer 1, step 2" in text
    assert "How much input 1 counts in the weighted sum into hidden neuron 0." in text
    assert "rule      new w10(1) = w10(1) - γ*δ0(1)*a1(0)" in text
    assert "dC/dw10(1) = dC/da0(1) * da0(1)/dz0(1) * dz0(1)/dw10(1)" in text
    assert "the bias b0 of layer 1" in report(path, "K10")
    assert openpyxl.load_workbook(path)["Sheet1"]["F6"].value == "w10"


DANISH = {
    "a": ("K9", "1/(1+EKSP(-( C9*E9 + D9*F9 + G9 )))"),
    "C": ("AA9", "0,5*(U9-Y9)^2 + 0,5*(V9-Z9)^2"),
    "otherwise": ("L9", "1/(1+EKSP(-SUMPRODUKT(C9:D9;H9:I9)-J9))"),
}


@pytest.mark.parametrize(("cell", "part"), DANISH.values(), ids=DANISH)
def test_formulas_in_danish(tmp_path: Path, cell: str, part: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Formulas are spelt as a Danish program shows them; test_display asks Calc for the same."""
    path = new_file((2, 2, 2), tmp_path / "hand.xlsx", steps=4, seed=1).out
    held = explain_cell(path, "L9").cell
    assert held is not None
    edit = _put("L9", "=1/(1+EXP(-SUMPRODUCT(C9:D9,H9:I9)-J9))", held.value)
    files.save(load(path), path, [edit])
    assert main(["explain", str(path), cell, "--language", "da"]) == 0
    assert part in capsys.readouterr().out
    assert part not in report(path, cell)


# ---------------------------------------------------------------- several nets, several sheets


def test_two_sheets(tmp_path: Path) -> None:
    """Without a sheet the first net is meant and the other sheets are named, ready to be typed."""
    cells = {name: sheets.net((2, 2, 2)) for name in ("My sheet", "It's", "C")}
    path = sheets.save(tmp_path / "nets.ods", cells)
    assert "My sheet, K8: a0 of layer 1" in report(path, "K8")
    assert """(for the others: 'It'"'"'s.K8', C.K8)""" in report(path, "K8")
    for cell in ("'It''s'.K8", "It's!K8", "it's.k8"):
        assert report(path, cell).startswith("It's, K8: a0 of layer 1")
        assert "for the other" not in report(path, cell)


def test_two_nets_of_a_sheet(tmp_path: Path) -> None:
    """A cell belongs to the net in whose columns it is."""
    path = sheets.save(tmp_path / "nets.xlsx", {"A": sheets.beside((2, 2, 2), (1, 1, 1))})
    first, second = find_nets(load(path))
    for layout in (first, second):
        cell = a1(layout.first_row, layout.columns[Term("a", 1, 0)])
        found = explain_cell(path, cell)
        assert found.layout is not None
        assert (found.layout.sizes, found.term) == (layout.sizes, Term("a", 1, 0))


def test_sheet_without_a_net(tmp_path: Path) -> None:
    """A cell of a sheet without a net is explained as far as it goes, when its sheet is named."""
    cells = {(0, 0): sheets.Cell(1.5, "number")}
    path = sheets.save(tmp_path / "nets.ods", {"Net": sheets.net((1, 1, 1)), "Notes": cells})
    text = report(path, "Notes.A1")
    assert text.startswith("Notes, A1: a number, not part of the net = 1.5")
    assert "There is no net on sheet Notes." in text


WRONG = {
    "no address": ("M", "'M' is no cell; expected an address such as M9, Sheet1.M9 or Sheet1!M9"),
    "a range": ("M9:N9", "'M9:N9' is no cell"),
    "row 0": ("M0", "'M0' is no cell"),
    "a column too far": ("XFE1", "'XFE1' is no cell, a sheet ends at XFD1048576"),
    "a row too far": ("A1048577", "'A1048577' is no cell, a sheet ends at XFD1048576"),
    "no such sheet": ("Ark7.M9", "found no sheet 'Ark7', its sheets are Sheet1"),
    "nothing": ("", "'' is no cell"),
}


@pytest.mark.parametrize(("cell", "message"), WRONG.values(), ids=WRONG)
def test_no_such_cell(cell: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no cell is refused in one line, with exit code 2."""
    assert main(["explain", str(SAMPLES / "note-2-2-2.ods"), cell]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_no_such_file_or_net(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is missing or has no net is refused in one line, with exit code 2."""
    assert main(["explain", str(tmp_path / "gone.ods"), "A1"]) == 2
    path = sheets.save(tmp_path / "empty.ods", {"A": {(0, 0): sheets.Cell(1.0, "number")}})
    assert main(["explain", str(path), "A1"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 2)
    assert "empty.ods: found no net, looked for a row of labels" in err


# ---------------------------------------------------------------- the parts

ADDRESSES: dict[str, tuple[str | None, int, int] | None] = {
    "M9": (None, 8, 12),
    "$aa$10": (None, 9, 26),
    "Ark2.M9": ("Ark2", 8, 12),
    "$Ark2!$M$9": ("Ark2", 8, 12),
    "v1.2.M9": ("v1.2", 8, 12),
    "'It''s'.M9": ("It's", 8, 12),
    "My sheet!M9": ("My sheet", 8, 12),
    "M09": None,
    "AAAA1": None,
    ".M9": None,
    "'a.M9": None,
}


@pytest.mark.parametrize(("text", "place"), ADDRESSES.items(), ids=ADDRESSES)
def test_addresses(text: str, place: tuple[str | None, int, int] | None) -> None:
    """Addresses are read in the spellings of Calc and Excel."""
    assert read_address(text) == place


FORMULAS = {
    "=0.5*(A1-B1)^2": ["0.5*(2-3)^2", "0.5*(-1)^2", "0.5*1", "0.5"],
    "=A1-B1*-C1": ["2-3*-(-4)", "2-3*4", "2-12", "-10"],
    "=1/(1+EXP(-(A1*B1+C1)))": ["1/(1+EXP(-(2*3+-4)))", "1/(1+EXP(-(6+-4)))", "1/(1+EXP(-2))"],
    "=A1*(1-A1)*(B1*C1+B1)": ["2*-1*(3*-4+3)", "-2*(-12+3)", "-2*-9", "18"],
    "=IF(A1>0,1,0)*B1": ["IF(2>0,1,0)*3", "1*3", "3"],
}


@pytest.mark.parametrize(("formula", "expected"), FORMULAS.items(), ids=FORMULAS)
def test_reductions(formula: str, expected: list[str]) -> None:
    """A calculation goes on from within, products before sums, and every step has the same value."""
    values = {"A1": 2.0, "B1": 3.0, "C1": -4.0}
    expression = parse(formula, 4, 4)

    def value(target: Any) -> float:
        return values[a1(*target.at(4, 4)[1:])]

    found = [written(step, str) for step in reductions(expression, value)]
    assert [step.replace("(-4)", "-4").replace("(-1)", "-1") for step in found[: len(expected)]] == [
        step.replace("(-4)", "-4").replace("(-1)", "-1") for step in expected
    ]
    results = [worked_out(spaced(step, str)) for step in reductions(expression, value)]
    assert results == pytest.approx([results[-1]] * len(results), abs=1e-5)


FLAT = {
    "=A1*(B1*C1)": "=A1*B1*C1",
    "=A1+(B1+C1)*2": "=A1+(B1+C1)*2",
    "=A1-(B1-C1)": "=A1-(B1-C1)",
    "=EXP(A1+(B1+(C1+D1)))": "=EXP(A1+B1+C1+D1)",
    "=A1/(B1*C1)": "=A1/(B1*C1)",
}


@pytest.mark.parametrize(("formula", "expected"), FLAT.items(), ids=FLAT)
def test_flattened(formula: str, expected: str) -> None:
    """Only brackets that change nothing are left out."""
    assert formula_text(flattened(parse(formula, 9, 9)), 9, 9, "xlsx") == expected


FIGURES = {0.5: "0.5", 0.1 * 0.2: "0.02", 1 / 3: "0.333333", 1 / 3000: "0.0003333", -1e-9: "-1e-09", -0.0: "0",
           1234.5678912: "1234.568", 1e300: "1e+300", 0.0599099: "0.059910", -2.0: "-2"}  # fmt: skip


@pytest.mark.parametrize(("value", "text"), FIGURES.items(), ids=FIGURES.values())
def test_figures(value: float, text: str) -> None:
    """Numbers are shown as short as they are, else with six decimals, small ones with four digits."""
    assert figure(value) == text


LAID_OUT = {
    "=A1*B1+C1": "A1*B1 + C1",
    "=A1*(1-A1)*(B1+C1)": "A1 * (1-A1) * ( B1 + C1 )",
    "=-(A1+B1)": "-( A1 + B1 )",
    "=MAX(0,A1*B1+C1)": "MAX(0, A1*B1 + C1)",
    "=A1-B1*(-2)": "A1 - B1*(-2)",
    "=A1*10%": "A1 * 10%",
    "=A1+B1+C1+D1+E1+F1+G1": "A1 + B1 + C1 + ... + F1 + G1",
    '=A1&"x""y"': 'A1&"x""y"',
}


@pytest.mark.parametrize(("formula", "text"), LAID_OUT.items(), ids=LAID_OUT)
def test_spaced(formula: str, text: str) -> None:
    """Formulas have room where one looks first; long sums are shortened."""

    def name(target: Any) -> str:
        return a1(*target.at(9, 9)[1:])

    assert spaced(parse(formula, 9, 9), name) == text


def test_wrapping() -> None:
    """What does not fit stands below its bracket, or below the sign of equality; nothing is ever wider."""
    lines = wrapped("aaaa * ( bbbbbbbb*cc + dd + ee )", "  x = ", width=26)
    assert lines == ["  x = aaaa * ( bbbbbbbb*cc", "             + dd + ee )"]
    long = "+".join(f"A{i}" for i in range(200))
    assert max(map(len, wrapped(long, "  x = "))) <= WIDTH
    assert "".join(line.strip() for line in wrapped(long, "  x = ")) == f"x = {long}"


def test_short_steps_share_a_line() -> None:
    """Steps without a sum share a line, a sum stands alone, and steps that look alike are shown once."""
    assert worked(["2*3 + 1", "6 + 1", "7"], "  = ") == ["  = 2*3 + 1", "  = 6 + 1 = 7"]
    assert worked(["2 * 3 * 1", "6 * 1", "6 * 1", "6"], "  = ") == ["  = 2 * 3 * 1 = 6 * 1 = 6"]


# ---------------------------------------------------------------- who uses the learning rate

UNRATED: dict[str, tuple[list[Edit], str]] = {
    "none": ([], "; every update of the 2-2-2 net uses it."),
    "one cell": ([_put("O11", "=O10-W10*K10", 0.5)], "should use it, but O11 does not."),
    "a column and a cell": (
        [*(_put(f"E{row}", f"=E{row - 1}-M{row - 1}*C{row - 1}", 0.5) for row in range(9, 20)), _put("T12", "=T11-0.5*X11", 0.5)],
        "should use it, but E9:E19, T12 do not.",
    ),
    "a typed weight": ([_put("P12", None, 0.25)], "should use it, but P12 does not."),
    "another cell": ([_put("G10", "=G9-$A$9*M9", 0.25)], "should use it, but G10 does not."),
    "from dC/dw": ([_put("E11", "=E10-$A$8*AC10", 0.5)], "; every update of the 2-2-2 net uses it."),
    "by way of another": (
        [*(_put(f"AP{row}", f"=$A$8*M{row}*C{row}", 0.5) for row in range(8, 20)), *(_put(f"E{row}", f"=E{row - 1}-AP{row - 1}", 0.5) for row in range(9, 20))],
        "; every update of the 2-2-2 net uses it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "part"), UNRATED.values(), ids=UNRATED)
def test_who_uses_the_learning_rate(tmp_path: Path, edits: list[Edit], part: str) -> None:
    """The learning rate is said to be used by every update where it is; else the others are named."""
    path = new_file((2, 2, 2), tmp_path / "hand.xlsx", steps=12, seed=1).out
    files.save(load(path), path, edits)
    assert part in " ".join(report(path, "A8").split())


def test_who_uses_the_samples_learning_rate() -> None:
    """The sample's column that leaves the rate out is named, and not among those that use it."""
    text = " ".join(report(SAMPLES / "mistakes-2-2-2.ods", "A8").split())
    assert "every update of the 2-2-2 net should use it, but O9:O47 do not." in text
    assert text.endswith("and P9:T47 (5 weights of layer 2).")


# ---------------------------------------------------------------- commands to be pasted

FOLDERS = {"here": ".", "a folder": "lesson", "blanks": "my own lesson", "quotes": "it's mine"}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_commands_can_be_pasted(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What explain and train tell to type finds the file from the folder in which they were typed."""
    monkeypatch.chdir(tmp_path)
    path = Path(folder, "hand.xlsx")
    path.parent.mkdir(exist_ok=True)
    files.save(load(SAMPLES / "mistakes-2-2-2.xlsx"), path, [])
    told = said(path, "O9", capsys) + said(path, "L21", capsys) + said(path, "K6", capsys)
    assert main(["train", str(path), "out.xlsx"]) == 0
    told += capsys.readouterr().out
    lines = [line for line in told.splitlines() if "sheetnet " in line]
    assert [line.split()[0] for line in lines] == ["Why:", "More:", "sheetnet", "Why:"]
    for line in lines:
        words = shlex.split(line[line.index("sheetnet ") :])
        assert words[2] == str(path)
        assert main(words[1:]) == int(words[1] == "check")
        assert "Sheet1" in capsys.readouterr().out


def test_a_long_path_leaves_the_line_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path for which the line has no room is called FILE."""
    path = tmp_path / ("long" * 20) / "hand.xlsx"
    path.parent.mkdir()
    files.save(load(SAMPLES / "mistakes-2-2-2.xlsx"), path, [])
    assert "  Why:  sheetnet check FILE\n" in said(path, "O9", capsys)
