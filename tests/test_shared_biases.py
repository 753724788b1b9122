"""One bias a layer in one column, which its neurons share: read, judged, trained."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sheetnet import Conventions, find_nets, load, new_file, read_network, train_file
from sheetnet.diagnosis.mending import mended
from sheetnet.net.terms import Term
from tests.agreement import agree_with_calc
from tests.handmade import Key, handmade, name

NAMES: dict[str, Callable[[Key], str]] = {
    "b": name,
    "bias": lambda key: "bias" if key.letter == "u" else name(key),
    "b1, b2": lambda key: f"b{key.layer}" if key.letter == "u" else name(key),
}
GROUPS = "a0 w1 u1 a1 d1 w2 u2 a2 d2 T C"


def _written(folder: Path, named: str, *, fixed: bool = False, sizes: tuple[int, ...] = (2, 2, 2)) -> Path:
    path = handmade(folder / "net.xlsx", sizes, 5, GROUPS, name=NAMES[named])
    if fixed:
        book = openpyxl.load_workbook(path)
        sheet = book["Sheet1"]
        for column in (cell.column_letter for cell in sheet[6] if str(cell.value).startswith("b")):
            for row in range(9, 13):
                sheet[f"{column}{row}"] = f"={column}{row - 1}"
        book.save(path)
    return path


@pytest.mark.parametrize("named", NAMES)
@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 1)], ids=str)
def test_one_column_of_several_terms(tmp_path: Path, named: str, sizes: tuple[int, ...]) -> None:
    """The column is that of every neuron's bias; its formula is judged once."""
    book = load(_written(tmp_path, named, sizes=sizes))
    [layout] = find_nets(book)
    assert (layout.sizes, layout.conventions.biases, layout.helpers) == (sizes, "shared", ())
    for layer in (1, 2):
        biases = {layout.columns[Term("w", layer, i, sizes[layer - 1])] for i in range(sizes[layer])}
        assert len(biases) == 1
        assert layout.terms[biases.pop()] == Term("w", layer, 0, sizes[layer - 1])
    plan = mended(book, layout, layout.last_row)
    assert (plan.departed, plan.typed) == ((), ())
    assert plan.conventions == Conventions("shared")
    weights = read_network(book, layout).weights
    assert all((w[:, -1] == w[0, -1]).all() for w in weights)


def test_never_updated(tmp_path: Path) -> None:
    """A shared bias that is never updated is a fixed one, as in Mazur's example."""
    book = load(_written(tmp_path, "b1, b2", fixed=True))
    [layout] = find_nets(book)
    plan = mended(book, layout, layout.last_row)
    assert (plan.departed, plan.conventions.biases) == ((), "fixed")


def test_one_wrong_cell(tmp_path: Path) -> None:
    """A row in which the shared bias follows one δ alone is the one that departs."""
    path = _written(tmp_path, "b")
    book = openpyxl.load_workbook(path)
    assert book["Sheet1"]["I6"].value == "b"
    book["Sheet1"]["I11"] = "=I10-$A$8*L10"
    book.save(path)
    assert [str(area) for area in train_file(path).nets[0].departed] == ["I11"]


@pytest.mark.libreoffice
@pytest.mark.parametrize("named", NAMES)
def test_training(tmp_path: Path, named: str) -> None:
    """New rows continue it with what Calc computes, and what a sheet with a column a neuron has."""
    path = _written(tmp_path, named)
    training = train_file(path, steps=20)
    assert training.nets[0].departed == training.nets[0].typed == ()
    assert agree_with_calc(training.out, tmp_path / "stripped") > 300
    book = load(training.out)
    [layout] = find_nets(book)
    assert layout.gradients
    assert layout.steps == 20
    given = read_network(load(path), find_nets(load(path))[0])
    first = load(path).sheet("Sheet1").rows[7]
    inputs, targets = (
        [float(first[column].value or 0) for column in layout.of(*each)] for each in (("a", 0), ("target",))
    )
    whole = new_file(
        (2, 2, 2),
        tmp_path / "whole.xlsx",
        weights=given.weights,
        patterns=([inputs], [targets]),
        steps=20,
        biases="shared",
    ).out
    other = load(whole)
    [plain] = find_nets(other)
    for term, column in plain.columns.items():
        if term in layout.columns:
            ours, theirs = (
                [each.sheet("Sheet1").rows[row][at].value for row in range(7, 27)]
                for each, at in ((book, layout.columns[term]), (other, column))
            )
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-14), term
