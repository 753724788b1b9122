"""Sheets built by hand: what is right stays, what is wrong is found, what is the author's own is not touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import column_index_from_string

from sheetnet import COST, Conventions, find_nets, load, new_file, train_file
from sheetnet.book import files
from sheetnet.book.edits import Edit, PutCell
from sheetnet.jobs.training import Training

ROWS = range(9, 20)
"""Rows of steps 1 … 11, as a sheet numbers them."""


def _put(column: str, row: int, formula: str | None, value: Any = None) -> Edit:
    return PutCell("Sheet1", row - 1, column_index_from_string(column) - 1, value, formula)


def _sheet(folder: Path, edits: list[Edit], **options: Any) -> Path:
    """Write a 2-2-2 net of 12 steps by the rule, then change cells of it; return the path."""
    path = new_file((2, 2, 2), folder / "hand.xlsx", steps=12, seed=1, **options).out
    files.save(load(path), path, edits)
    return path


def _departed(training: Training) -> list[str]:
    return [str(area) for area in training.nets[0].departed]


FIXED: dict[str, Callable[[int], str]] = {
    "the one above": lambda row: f"={{c}}{row - 1}",
    "the first one": lambda row: "=${c}$8",
    "the first one's row": lambda row: "={c}$8",
}


@pytest.mark.parametrize("form", FIXED.values(), ids=FIXED)
def test_fixed_biases(tmp_path: Path, form: Callable[[int], str]) -> None:
    """A bias that is never updated is a convention, however the first one is repeated."""
    edits = [_put(c, row, form(row).format(c=c)) for c in "GJQT" for row in ROWS]
    training = train_file(_sheet(tmp_path, edits), steps=20)
    assert (_departed(training), training.nets[0].conventions) == ([], Conventions("fixed"))


SHARED: dict[str, dict[str, str]] = {
    "each updated by the sum": {
        "J": "=J{p}-$A$8*(M{p}+N{p})",
        "T": "=T{p}-$A$8*(W{p}+X{p})",
    },
    "from the first one": {
        "J": "=G{p}-$A$8*(N{p}+M{p})",
        "T": "=Q{p}-$A$8*SUM(W{p}:X{p})",
    },
    "one refers to the other": {},
}


@pytest.mark.parametrize("columns", SHARED.values(), ids=SHARED)
def test_shared_biases(tmp_path: Path, columns: dict[str, str]) -> None:
    """A layer's shared bias may stand in every neuron's column with an update of its own."""
    edits = [_put(c, row, text.format(p=row - 1)) for c, text in columns.items() for row in ROWS]
    training = train_file(_sheet(tmp_path, edits, biases="shared"), steps=20)
    assert (_departed(training), training.nets[0].conventions) == ([], Conventions("shared"))


WRONG: dict[str, tuple[dict[str, Any], list[Edit], str, Conventions]] = {
    "fixed, one trained": (
        {"biases": "fixed"}, [_put("T", 15, "=T14-$A$8*X14")], "T15", Conventions("fixed"),
    ),
    "shared, one alone": (
        {"biases": "shared"}, [_put("Q", 15, "=Q14-$A$8*W14")], "Q15", Conventions("shared"),
    ),
    "tanh, a sigmoid in step 0": (
        {"activations": ("tanh",), "learning_rate": 0.1},
        [_put("K", 8, "=1/(1+EXP(-(C8*E8+D8*F8+G8)))")], "K8", Conventions(activations=("tanh",)),
    ),
    "relu as |z|, one without a bend": (
        {"activations": ("relu", "sigmoid")},
        [
            *(_put(c, row, f"=(({z})+ABS({z}))/2") for row in (8, *ROWS)
              for c, z in (("K", f"C{row}*E{row}+D{row}*F{row}+G{row}"), ("L", f"C{row}*H{row}+D{row}*I{row}+J{row}"))),
            _put("L", 15, "=C15*H15+D15*I15+J15"),
        ],
        "L15", Conventions(activations=("relu", "sigmoid")),
    ),
    "clipped": (
        {}, [_put("K", 12, "=1/(1+EXP(-MAX(-3,MIN(3,C12*E12+D12*F12+G12))))")], "K12", Conventions(),
    ),
    "a bounded relu": (
        {"activations": ("relu", "sigmoid")},
        [_put("K", 12, "=MIN(1,MAX(0,C12*E12+D12*F12+G12))")], "K12", Conventions(activations=("relu", "sigmoid")),
    ),
    "a relu's slope from 0.1 on": (
        {"activations": ("relu", "sigmoid")},
        [_put("M", 12, "=IF(K12>0.1,1,0)*(W12*O12+X12*R12)")], "M12", Conventions(activations=("relu", "sigmoid")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "edits", "cell", "conventions"), WRONG.values(), ids=WRONG)
def test_one_wrong_cell(
    tmp_path: Path, options: dict[str, Any], edits: list[Edit], cell: str, conventions: Conventions
) -> None:
    """One cell that departs is named, and does not overturn the convention of all others."""
    training = train_file(_sheet(tmp_path, edits, **options))
    assert (_departed(training), training.nets[0].conventions) == ([cell], conventions)


def test_typed_rates(tmp_path: Path) -> None:
    """Where every row has a typed learning rate, new rows take the first one: they have none of their own."""
    weights = {"E": "M{0}*C{0}", "F": "M{0}*D{0}", "G": "M{0}"}
    edits = [_put("A", row, None, 0.5) for row in ROWS]
    edits += [
        _put(c, row, f"={c}{row - 1}-$A{row - 1}*" + text.format(row - 1))
        for c, text in weights.items()
        for row in ROWS
    ]
    training = train_file(_sheet(tmp_path, edits), steps=30)
    assert _departed(training) == []
    whole = new_file((2, 2, 2), tmp_path / "whole.xlsx", steps=30, seed=1).out
    costs = [
        [book.sheet("Sheet1").rows[row][find_nets(book)[0].columns[COST]].value for row in range(7, 37)]
        for book in (load(training.out), load(whole))
    ]
    assert costs[0] == costs[1]


def test_text_among_inputs_is_reported(tmp_path: Path) -> None:
    """Text or a truth value in the place of a repeated input or target is replaced, and said."""
    edits = [_put("C", 15, None, "abc"), _put("Y", 16, None, True)]
    training = train_file(_sheet(tmp_path, edits))
    assert [str(area) for area in training.nets[0].typed] == ["C15", "Y16"]


def test_a_block_of_summaries_is_no_column_of_the_table(tmp_path: Path) -> None:
    """Different formulas below each other beside the table stay where they are, whatever the steps."""
    block = [
        "=MIN(AA8:AA19)",
        "=MAX(AA8:AA19)",
        "=AVERAGE(AA8:AA19)",
        "=AA8-AA19",
        "=U19",
        "=V19",
        "=ABS(U19-Y19)",
    ]
    edits = [_put("AR", row, formula) for row, formula in enumerate(block, 8)]
    path = _sheet(tmp_path, edits)
    for steps in (6, 20):
        sheet = load(train_file(path, steps=steps, overwrite=True).out).sheet("Sheet1")
        column = column_index_from_string("AR") - 1
        found = {row + 1: cells[column].formula for row, cells in sheet.rows.items() if column in cells}
        assert found == dict(enumerate(block, 8))


def test_the_authors_own_mean_does_not_count_patterns(tmp_path: Path) -> None:
    """Patterns typed all along repeat as they do, whatever a column called mean C averages."""
    options: dict[str, Any] = {"patterns": ([[0, 0], [0, 1], [1, 0]], [[0, 1], [1, 0], [1, 1]])}
    given = ([0, 0, 0, 1], [0, 1, 1, 0], [1, 0, 1, 1])
    edits = [
        _put(c, row, None, float(value))
        for row in range(8, 20)
        for c, value in zip(("C", "D", "Y", "Z"), given[(row - 8) % 3], strict=True)
    ]
    assert find_nets(load(_sheet(tmp_path, edits, **options)))[0].patterns == 3
