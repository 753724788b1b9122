"""Weights named w_ij where i is the neuron they come from: read by their labels, or turned on demand."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sheetnet import LayoutError, find_nets, load, train_file
from sheetnet.diagnosis.mending import mended
from sheetnet.layout.transposed import transposed
from sheetnet.net.terms import Term
from tests import sheets
from tests.agreement import agree_with_calc
from tests.handmade import Key, handmade, name


def _from_to(key: Key) -> str:
    """Name a weight w_ij that leads from i to j, a bias b_j."""
    return name(key._replace(i=key.j, j=key.i)) if key.letter == "w" else name(key)


def _groups(sizes: tuple[int, ...]) -> str:
    layers = " ".join(f"w{layer} b{layer} a{layer} d{layer}" for layer in range(1, len(sizes)))
    return f"a0 {layers} T C"


def _bias_rows(sizes: tuple[int, ...]) -> Callable[[Key], str]:
    """Name the biases as a further row of from-to weights: w20 is that of neuron 0 where 2 come before."""

    def named(key: Key) -> str:
        return f"w{sizes[key.layer - 1]}{key.i}" if key.letter == "b" else _from_to(key)

    return named


SIZES = [(2, 3, 2), (3, 2), (2, 1), (1, 2, 1), (2, 2, 3), (4, 3, 2, 2)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("rows", [False, True], ids=["b0", "bias rows"])
def test_labels_that_make_sense_one_way(tmp_path: Path, sizes: tuple[int, ...], rows: bool) -> None:
    """A net whose layers differ in size is read by its labels, the other way round where only that fits."""
    plain = find_nets(
        load(handmade(tmp_path / "plain.xlsx", sizes, 3, _groups(sizes), name=_bias_named(sizes)))
    )
    named = _bias_rows(sizes) if rows else _from_to
    book = load(handmade(tmp_path / "net.xlsx", sizes, 3, _groups(sizes), name=named))
    [layout] = find_nets(book)
    assert (layout.sizes, layout.columns) == (sizes, plain[0].columns)
    assert (plain[0].transposed_names, layout.transposed_names) == (False, True)
    assert mended(book, layout, layout.last_row).departed == ()


def _bias_named(sizes: tuple[int, ...]) -> Callable[[Key], str]:
    def named(key: Key) -> str:
        return f"w{key.i}{sizes[key.layer - 1]}" if key.letter == "b" else name(key)

    return named


def test_a_square_layer_with_a_row_of_biases(tmp_path: Path) -> None:
    """w20 and w21 as biases tell the naming even where all layers are of one size."""
    book = load(handmade(tmp_path / "net.xlsx", (2, 2, 2), 3, _groups((2, 2, 2)), name=_bias_rows((2, 2, 2))))
    [layout] = find_nets(book)
    assert layout.transposed_names
    assert mended(book, layout, layout.last_row).departed == ()


def test_the_sheets_own_labels(tmp_path: Path) -> None:
    """A term is called what its column is called."""
    book = load(handmade(tmp_path / "net.xlsx", (2, 3, 2), 3, _groups((2, 3, 2)), name=_from_to))
    [layout] = find_nets(book)
    row = book.sheet("Sheet1").rows[layout.label_row]
    assert {term: layout.label(term) for term in layout.columns} == {
        term: row[column].value for term, column in layout.columns.items()
    }


@pytest.mark.libreoffice
def test_training(tmp_path: Path) -> None:
    """Such a sheet is trained by its own formulas; its new dC/dW columns are named in the same way."""
    path = handmade(tmp_path / "net.xlsx", (2, 3, 2), 3, _groups((2, 3, 2)), name=_from_to)
    training = train_file(path, steps=10)
    assert training.nets[0].departed == training.nets[0].typed == ()
    assert agree_with_calc(training.out, tmp_path / "stripped") > 200
    book = load(training.out)
    [layout] = find_nets(book)
    assert layout.gradients
    assert layout.transposed_names
    labels = book.sheet("Sheet1").rows[layout.label_row]
    gradient = Term("gradient", 1, 2, 1)
    assert labels[layout.columns[gradient]].value == "dC/dw12"
    assert labels[layout.columns[gradient._replace(j=2)]].value == "dC/db2"
    assert mended(book, layout, layout.last_row).departed == ()


def test_turning(tmp_path: Path) -> None:
    """A square net reads both ways; the formulas say which is meant."""
    named = handmade(tmp_path / "net.xlsx", (2, 2, 2), 3, _groups((2, 2, 2)), name=_from_to)
    book = load(named)
    [layout] = find_nets(book)
    assert not layout.transposed_names
    plan = mended(book, layout, layout.last_row)
    turned = transposed(layout)
    assert turned is not None
    assert turned.transposed_names
    assert (plan.departed, plan.layout) == ((), turned)
    assert turned.columns[Term("w", 1, 0, 1)] == layout.columns[Term("w", 1, 1, 0)]
    assert turned.columns[Term("w", 1, 0, 2)] == layout.columns[Term("w", 1, 0, 2)]
    assert transposed(turned) == layout


@pytest.mark.parametrize(
    ("sizes", "layers"), [((2, 3), 0), ((1, 1, 1), 0), ((2, 2, 1), 1), ((3, 4, 4, 2), 1)]
)
def test_what_can_be_turned(tmp_path: Path, sizes: tuple[int, ...], layers: int) -> None:
    """Only layers as large as the one before them can be read the other way."""
    [layout] = find_nets(load(sheets.write(tmp_path / "net.ods", sizes)))
    turned = transposed(layout)
    if not layers:
        assert turned is None
    else:
        assert turned is not None
        changed = {term.layer for term in layout.columns if turned.columns[term] != layout.columns[term]}
        assert len(changed) == layers
        assert set(turned.columns.values()) == set(layout.columns.values())


def test_a_wrong_label_is_no_transposed_one(tmp_path: Path) -> None:
    """The error that names a missing label is that of the note's own reading."""
    path = sheets.write(tmp_path / "lesson.xlsx", (2, 3, 2))
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["F6"] = "x"
    book.save(path)
    with pytest.raises(LayoutError, match=r"F6: found 'x', expected 'w01' \(layer 1 has 3 neurons\)"):
        find_nets(load(path))
