"""New: sheets of any size, and who agrees with their numbers."""

import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from sheetnet import (
    COST,
    Conventions,
    Term,
    find_nets,
    load,
    new_file,
    read_file,
    read_network,
    read_patterns,
    train_file,
)
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.book.grid import CellError
from sheetnet.cli import main
from sheetnet.layout.language import LANGUAGES
from sheetnet.net.conventions import ACTIVATIONS, BIASES
from sheetnet.net.terms import MEAN_COST, STEP
from tests import sheets
from tests.agreement import agree_with_calc, agree_with_gnumeric, agree_with_ironcalc, formulas
from tests.witnesses import openxmlsdk, rendering

FORMATS = ["ods", "xlsx"]
XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
BITS = ([[0, 0, 1], [0, 1, 0], [1, 1, 1]], [[0, 1], [1, 0], [1, 1]])
MAZUR = [[[0.15, 0.20, 0.35], [0.25, 0.30, 0.35]], [[0.40, 0.45, 0.60], [0.50, 0.55, 0.60]]]

NETS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "2-2-2": ((2, 2, 2), {"steps": 60}),
    "3-1": ((3, 1), {"steps": 40}),
    "five layers": ((2, 3, 1, 3, 2), {"steps": 30}),
    "11-12-3": ((11, 12, 3), {"steps": 5}),
    "30-30-10": ((30, 30, 10), {"steps": 4}),
    "xor": ((2, 2, 1), {"steps": 50, "patterns": XOR, "learning_rate": 4.0}),
    "danish": ((2, 2, 1), {"steps": 9, "patterns": XOR, "lang": "da"}),
    "tanh": ((2, 3, 2), {"steps": 40, "activations": ("tanh",), "learning_rate": 0.1}),
    "relu": ((3, 4, 2), {"steps": 40, "activations": ("relu", "sigmoid"), "patterns": BITS}),
    "wide linear": ((25, 1), {"steps": 3, "activations": ("linear",), "learning_rate": 0.01}),
    "linear": ((2, 2, 2), {"steps": 40, "activations": ("linear",), "learning_rate": 0.1}),
    "mixed": ((2, 3, 3, 2), {"steps": 30, "activations": ("tanh", "relu", "linear"), "learning_rate": 0.05}),
    "fixed": ((2, 2, 2), {"steps": 40, "biases": "fixed", "weights": MAZUR}),
    "shared": ((2, 3, 2), {"steps": 40, "biases": "shared"}),
    "none": ((2, 2, 2), {"steps": 40, "biases": "none"}),
    "smallest": ((1, 1), {"steps": 7, "biases": "none"}),
    "repeated patterns": ((1, 2, 1), {"steps": 12, "patterns": ([[0], [1], [0], [1]], [[1], [0], [1], [0]])}),
    "repeated, one step": ((1, 1), {"steps": 1, "patterns": ([[0], [0], [0]], [[1], [1], [1]])}),
    "fewer steps than patterns": ((2, 2, 1), {"steps": 2, "patterns": XOR}),
    "one step": ((2, 2, 2), {"steps": 1}),
    "one step, fixed": ((2, 2, 2), {"steps": 1, "biases": "fixed", "lang": "da"}),
    "one step, shared": ((2, 2, 1), {"steps": 1, "biases": "shared", "activations": ("tanh", "sigmoid")}),
    "one step, relu": ((2, 2), {"steps": 1, "activations": ("relu",), "learning_rate": 0.1, "lang": "da"}),
}
EVERY = pytest.mark.parametrize(("sizes", "options"), NETS.values(), ids=NETS)


def _new(folder: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]) -> Path:
    return new_file(sizes, folder / f"new.{form}", **{"seed": 1, **options}).out


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", FORMATS)
@EVERY
def test_values_are_those_calc_computes(
    tmp_path: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]
) -> None:
    """LibreOffice computes every stored value from the formulas alone, to the bit."""
    assert agree_with_calc(_new(tmp_path, form, sizes, options), tmp_path / "stripped") >= 5


@pytest.mark.gnumeric
@pytest.mark.parametrize("form", FORMATS)
@EVERY
def test_gnumeric_agrees(tmp_path: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]) -> None:
    """A second spreadsheet program computes the same numbers."""
    assert agree_with_gnumeric(_new(tmp_path, form, sizes, options), tmp_path / "stripped") >= 5


@EVERY
def test_ironcalc_agrees(tmp_path: Path, sizes: tuple[int, ...], options: dict[str, Any]) -> None:
    """A third one does too."""
    assert agree_with_ironcalc(_new(tmp_path, "xlsx", sizes, options), tmp_path / "stripped") >= 5


@pytest.mark.openxmlsdk
@pytest.mark.parametrize("name", ["2-2-2", "danish", "shared", "one step", "30-30-10"])
def test_excel_would_open_it(tmp_path: Path, name: str) -> None:
    """The Open XML SDK finds nothing wrong."""
    assert openxmlsdk.findings(_new(tmp_path, "xlsx", *NETS[name])) == []


@pytest.mark.parametrize("form", FORMATS)
@EVERY
def test_info_and_train_take_it_as_it_is(
    tmp_path: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]
) -> None:
    """Its conventions are read back, and training longer keeps every formula."""
    path = _new(tmp_path, form, sizes, options)
    [sheet] = read_file(path).sheets
    [net] = sheet.nets
    assert net.layout.sizes == sizes
    expected = Conventions(
        options.get("biases", "trained"), activations=options.get("activations", ("sigmoid",))
    )
    assert net.conventions == expected
    assert (net.departed, net.typed, sheet.stray, sheet.not_understood) == ((), (), (), ())
    training = train_file(path, tmp_path / f"longer.{form}", steps=70)
    [trained] = training.nets
    assert (trained.departed, trained.typed, trained.added, training.unfilled) == ((), (), (), ())
    assert trained.conventions == expected
    before, after = (formulas(load(file), net.layout.sheet) for file in (path, training.out))
    assert {place: after.get(place) for place in before} == before
    longer = new_file(sizes, tmp_path / f"new70.{form}", **{"seed": 1, **options, "steps": 70}).out
    assert after == formulas(load(longer), net.layout.sheet)


@EVERY
def test_the_engine_agrees(tmp_path: Path, sizes: tuple[int, ...], options: dict[str, Any]) -> None:
    """The sheet's numbers are those of the matrices, step after step."""
    path = _new(tmp_path, "ods", sizes, options)
    book = load(path)
    [layout] = find_nets(book)
    network, (inputs, targets) = read_network(book, layout), read_patterns(book, layout)
    rows = book.sheet(layout.sheet).rows
    for step in range(layout.steps):
        x, t = inputs[step % len(inputs)], targets[step % len(inputs)]
        row = rows[layout.first_row + step]

        def shown(kind: str, layer: int, row: Any = row) -> list[float]:
            return [row[column].value for column in layout.of(kind, layer)]

        activations = network.forward(x)
        deltas, gradients = network.deltas(activations, t), network.gradients(x, t)
        assert row[layout.columns[COST]].value == pytest.approx(network.cost(x, t), rel=1e-11, abs=1e-13)
        for layer in range(1, len(sizes)):
            close = {"rel": 1e-11, "abs": 1e-13}
            assert shown("w", layer) == pytest.approx(network.weights[layer - 1].ravel(), **close)
            assert shown("a", layer) == pytest.approx(activations[layer], **close)
            assert shown("delta", layer) == pytest.approx(deltas[layer - 1], **close)
            assert shown("gradient", layer) == pytest.approx(gradients[layer - 1].ravel(), **close)
        network = network.step(x, t)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["2-2-2", "3-1", "five layers", "11-12-3", "xor"])
def test_formulas_are_the_authors(tmp_path: Path, form: str, name: str) -> None:
    """Every formula of the note's columns stands where he would put it, as he would write it."""
    sizes, options = NETS[name]
    path = _new(tmp_path, form, sizes, options)
    found = {place: _excel(text) for place, text in formulas(load(path), "Sheet1").items()}
    expected = sheets.formulas(sizes, options["steps"], patterns=4 if "patterns" in options else 1)
    assert {place: found.get(place) for place in expected} == expected
    assert found[8, 1] == "=B8+1"
    if name == "xor":
        assert found[10, 21] == "=AVERAGE(U8:U11)"
        assert (9, 21) not in found


def _excel(formula: str) -> str:
    return formula.removeprefix("of:").replace("[.", "").replace(":.", ":").replace("]", "").replace(";", ",")


FORMS = {
    "tanh": ("tanh", "=TANH(C8*E8+D8*F8+G8)", "=(1-K8^2)*(W8*O8+X8*R8)", "=(U8-Y8)*(1-U8^2)"),
    "relu": ("relu", "=MAX(0,C8*E8+D8*F8+G8)", "=IF(K8>0,1,0)*(W8*O8+X8*R8)", "=(U8-Y8)*IF(U8>0,1,0)"),
    "linear": ("linear", "=C8*E8+D8*F8+G8", "=W8*O8+X8*R8", "=U8-Y8"),
}


@pytest.mark.parametrize(("activation", "a", "hidden", "output"), FORMS.values(), ids=FORMS)
def test_formulas_of_other_activations(
    tmp_path: Path, activation: Any, a: str, hidden: str, output: str
) -> None:
    """An activation has its own slope in δ."""
    path = _new(tmp_path, "xlsx", (2, 2, 2), {"steps": 3, "activations": (activation,), "learning_rate": 0.1})
    found = formulas(load(path), "Sheet1")
    assert (found[7, 10], found[7, 12], found[7, 22]) == (a, hidden, output)


def test_formulas_of_shared_and_fixed_biases(tmp_path: Path) -> None:
    """A shared bias is one number that the layer's other neurons refer to; a fixed one is repeated."""
    shared = formulas(load(_new(tmp_path, "xlsx", (2, 2, 2), {"steps": 3, "biases": "shared"})), "Sheet1")
    assert (shared[7, 9], shared[8, 9], shared[8, 6]) == ("=G8", "=G9", "=G8-$A$8*(M8+N8)")
    path = new_file((2, 2, 2), tmp_path / "fixed.xlsx", biases="fixed", steps=3).out
    assert formulas(load(path), "Sheet1")[8, 6] == "=G8"


def test_long_sums_are_sumproducts(tmp_path: Path) -> None:
    """More than twenty products become one SUMPRODUCT; twenty are written out."""
    wide = formulas(load(_new(tmp_path, "xlsx", (21, 1), {"steps": 1})), "Sheet1")
    assert wide[7, 45] == "=1/(1+EXP(-(SUMPRODUCT(C8:W8,X8:AR8)+AS8)))"
    narrow = formulas(load(new_file((20, 1), tmp_path / "narrow.xlsx", steps=1).out), "Sheet1")
    assert all("SUMPRODUCT" not in formula for formula in narrow.values())


def test_mazurs_sheet(tmp_path: Path) -> None:
    """With fixed biases and his weights the sheet has his published numbers."""
    patterns = ([[0.05, 0.10]], [[0.01, 0.99]])
    options: dict[str, Any] = {"weights": MAZUR, "patterns": patterns, "biases": "fixed", "steps": 2}
    book = load(_new(tmp_path, "ods", (2, 2, 2), options))
    [layout] = find_nets(book)
    first, second = (book.sheet("Sheet1").rows[row] for row in (7, 8))
    assert first[layout.columns[COST]].value == pytest.approx(0.298371108760, abs=5.1e-13)
    assert second[layout.columns[COST]].value == pytest.approx(0.291027773694, abs=5.1e-13)
    assert second[layout.columns[Term("w", 2)]].value == pytest.approx(0.358916479718, abs=5.1e-13)
    assert second[layout.columns[Term("w", 2, 0, 2)]].value == 0.60


RELU_MISTAKES = {
    "no slope": ("M9", "=(W9*O9+X9*R9)"),
    "slope of a dead neuron": ("M9", "=IF(K9>=0,1,0)*(W9*O9+X9*R9)"),
    "the other side": ("M9", "=IF(K9<0,1,0)*(W9*O9+X9*R9)"),
    "leaky": ("K9", "=MAX(0.01*(C9*E9+D9*F9+G9),C9*E9+D9*F9+G9)"),
    "absolute": ("K9", "=ABS(C9*E9+D9*F9+G9)"),
    "no bend": ("K9", "=C9*E9+D9*F9+G9"),
}
RELU_FORMS = {
    "product": ("K9", "=(C9*E9+D9*F9+G9)*((C9*E9+D9*F9+G9)>0)"),
    "if": ("K9", "=IF(C9*E9+D9*F9+G9>0,C9*E9+D9*F9+G9,0)"),
    "half": ("K9", "=(ABS(C9*E9+D9*F9+G9)+(C9*E9+D9*F9+G9))/2"),
    "slope the other way round": ("M9", "=IF(K9<=0,0,1)*(W9*O9+X9*R9)"),
    "sign": ("M9", "=SIGN(K9)*(W9*O9+X9*R9)"),
}


RELU = [(*form, False) for form in RELU_MISTAKES.values()] + [(*form, True) for form in RELU_FORMS.values()]


@pytest.mark.parametrize(("address", "formula", "right"), RELU, ids=[*RELU_MISTAKES, *RELU_FORMS])
def test_relu_by_hand(tmp_path: Path, address: str, formula: str, right: bool) -> None:
    """A relu's bend and slope are looked at on both sides: a wrong form is found, another right one is kept."""
    options = {"steps": 9, "activations": ("relu", "linear"), "learning_rate": 0.1}
    path = _new(tmp_path, "xlsx", (2, 2, 2), options)
    row, column = int(address[1:]) - 1, ord(address[0]) - 65
    files.save(load(path), path, [PutCell("Sheet1", row, column, None, formula)])
    [net] = train_file(path).nets
    assert [str(area) for area in net.departed] == ([] if right else [address])
    assert net.conventions.activations == ("relu", "linear")


def test_a_column_of_the_authors_own_called_step(tmp_path: Path) -> None:
    """Text, or other numbers, below `Step` or `mean C` stay; only a count is continued."""
    path = _new(tmp_path, "xlsx", (2, 2, 1), {"steps": 12, "patterns": XOR})
    puts = [PutCell("Sheet1", row, 1, f"note {row}") for row in range(8, 19)]
    puts += [PutCell("Sheet1", row, 21, "good") for row in range(7, 19)]
    files.save(load(path), path, puts)
    sheet = load(train_file(path, steps=20).out).sheet("Sheet1")
    assert [sheet.rows[row][1].value for row in range(8, 19)] == [f"note {row}" for row in range(8, 19)]
    assert [sheet.rows[row][21].value for row in range(7, 19)] == ["good"] * 12
    assert 1 not in sheet.rows[19]


def test_a_deleted_row(tmp_path: Path) -> None:
    """Inputs that a deleted row leaves as #REF! are mended and reported like other formulas."""
    path = _new(tmp_path, "xlsx", (2, 2, 1), {"steps": 9})
    puts = [
        PutCell("Sheet1", 11, 2, CellError("#REF!"), "=#REF!"),
        PutCell("Sheet1", 11, 19, CellError("#REF!"), "=#REF!"),
    ]
    files.save(load(path), path, puts)
    training = train_file(path)
    assert [str(area) for area in training.nets[0].departed] == ["C12", "T12"]
    assert formulas(load(training.out), "Sheet1")[11, 2] == "=C11"


@pytest.mark.parametrize("word", ["tanh; sigmoid", "tanh sigmoid", "tanh/sigmoid", "TANH, Sigmoid,"])
def test_activations_stated_for_numbers_alone(tmp_path: Path, word: str) -> None:
    """On a sheet of labels and numbers the words below the learning rate are all there is."""
    cells = sheets.net((2, 2, 1)) | {
        (9, 0): sheets.Cell("Activation:", "text"),
        (10, 0): sheets.Cell(word, "text"),
    }
    [net] = train_file(sheets.save(tmp_path / "hand.ods", {"Sheet1": cells}), steps=3).nets
    assert net.conventions.activations == ("tanh", "sigmoid")


WORDS = {
    "other activation": (
        "Activation",
        "tanh",
        "A11: found 'tanh', but the formulas are those of 'sigmoid' and were kept; correct this cell, or empty "
        "the formulas from row 8 on to have them made anew",
    ),
    "no activation": (
        "Aktivering",
        "tahn",
        "A11: found 'tahn', expected sigmoid, tanh, relu, linear, one for all",
    ),
    "other biases": (
        "Biases",
        "fixed",
        "A11: found 'fixed', but the formulas are those of 'trained' and were kept",
    ),
    "no biases": ("Biases", "none", "A11: found 'none', but the formulas are those of 'trained'"),
    "unknown biases": ("Bias", "stuck", "A11: found 'stuck', expected trained, fixed, shared, none"),
}


@pytest.mark.parametrize("command", ["train", "info"])
@pytest.mark.parametrize(("caption", "word", "message"), WORDS.values(), ids=WORDS)
def test_words_that_the_formulas_contradict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, caption: str, word: str, message: str
) -> None:
    """What is stated below the learning rate and is not so is named in a warning."""
    path = _new(tmp_path, "ods", (2, 2, 1), {"steps": 9})
    puts = [PutCell("Sheet1", 9, 0, caption), PutCell("Sheet1", 10, 0, word)]
    files.save(load(path), path, puts)
    assert main([command, str(path)]) == 0
    assert message in capsys.readouterr().err


def test_words_that_are_true_are_no_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sheet that says what it does is trained in silence."""
    options = {"activations": ("tanh", "relu"), "biases": "shared", "learning_rate": 0.01}
    path = _new(tmp_path, "xlsx", (2, 2, 1), {"steps": 9, **options})
    assert main(["train", str(path)]) == 0
    assert capsys.readouterr().err == ""


def test_shared_biases_that_differ_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neurons can't share a bias that has two values."""
    path = _new(tmp_path, "xlsx", (2, 2, 1), {"steps": 9, "biases": "shared"})
    book = load(path)
    value = book.sheet("Sheet1").rows[7][6].value
    files.save(book, path, [PutCell("Sheet1", 7, 9, 0.75)])
    assert main(["train", str(path)]) == 2
    expected = (
        f"J8: found 0.75, expected {value:g}, the bias that the neurons of layer 1 share; type =G8 there"
    )
    assert expected in capsys.readouterr().err


def test_labels_above_ten_neurons(tmp_path: Path) -> None:
    """Every label of a layer is unique: w110 is w1,10 or w11,0."""
    sheet = load(_new(tmp_path, "ods", (11, 12, 3), {"steps": 1})).sheet("Sheet1")
    labels = [cell.value for column, cell in sorted(sheet.rows[5].items())]
    first = labels[labels.index("w00") : labels.index("w00") + 12 * 12]
    assert len(set(first)) == 144
    assert {"w1,10", "w11,0", "w0,11"} <= set(first)


def test_asides(tmp_path: Path) -> None:
    """Steps are counted, and with several patterns the mean cost of each pass ends its rows."""
    path = _new(tmp_path, "ods", (2, 2, 1), NETS["xor"][1])
    book = load(path)
    [layout] = find_nets(book)
    rows = book.sheet("Sheet1").rows
    costs = [rows[7 + step][layout.columns[COST]].value for step in range(50)]
    assert [rows[7 + step][layout.columns[STEP]].value for step in range(50)] == list(range(50))
    column = layout.columns[MEAN_COST]
    assert all(rows[7 + step].get(column) is None for step in range(3))
    assert rows[46][column].value == pytest.approx(np.mean(costs[36:40]), rel=1e-14)


def test_a_seed_draws_the_same_again(tmp_path: Path) -> None:
    """A seed gives the same weights in both formats; they have one decimal and are not 0."""
    networks = []
    for name in ("one.ods", "two.xlsx"):
        book = load(new_file((2, 3, 2), tmp_path / name, seed=5, steps=2).out)
        networks.append(read_network(book, find_nets(book)[0]))
    for one, two in zip(*(network.weights for network in networks), strict=True):
        assert (one == two).all()
        assert (np.round(one, 1) == one).all()
        assert (one != 0).all()
    other = load(new_file((2, 3, 2), tmp_path / "other.ods", seed=6, steps=2).out)
    assert any(
        (a != b).any()
        for a, b in zip(read_network(other, find_nets(other)[0]).weights, networks[0].weights, strict=True)
    )


def test_a_seed_draws_the_same_for_every_treatment_of_biases(tmp_path: Path) -> None:
    """Sheets of one seed differ in nothing but their biases, so that conventions can be compared."""
    found = []
    for biases in BIASES:
        book = load(new_file((2, 3, 2), tmp_path / f"{biases}.ods", seed=5, steps=2, biases=biases).out)
        [layout] = find_nets(book)
        network = read_network(book, layout)
        weights = [w[:, :n] for w, n in zip(network.weights, layout.sizes, strict=False)]
        found.append([*weights, *read_patterns(book, layout)])
    for each in found[1:]:
        assert all((one == two).all() for one, two in zip(each, found[0], strict=True))


def test_the_seed_that_was_drawn_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --seed one is drawn; what is printed makes the same sheet."""
    assert main(["new", "2-2-2", str(tmp_path / "a.ods"), "--steps", "5"]) == 0
    match = re.search(r"--seed (\d+)", capsys.readouterr().out)
    assert match
    assert main(["new", "2-2-2", "--seed", match[1], "--steps", "5", str(tmp_path / "b.ods")]) == 0
    one, two = (load(tmp_path / name).sheet("Sheet1").rows for name in ("a.ods", "b.ods"))
    assert {r: c for r, c in one.items() if r > 2} == {r: c for r, c in two.items() if r > 2}


@pytest.mark.parametrize("lang", ["en", "da"])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["2-2-2", "xor", "30-30-10", "one step", "five layers"])
def test_instructions_name_the_right_cells(tmp_path: Path, form: str, name: str, lang: str) -> None:
    """The addresses in the instructions are those of the sheet: inputs, targets, weights, rate, chart."""
    sizes, options = NETS[name]
    book = load(_new(tmp_path, form, sizes, {**options, "lang": lang}))
    [layout] = find_nets(book)
    sheet = book.sheet(layout.sheet)
    text = " ".join(str(sheet.rows[row][0].value) for row in (0, 1, 2) if row in sheet.rows)
    areas = re.findall(r"\b([A-Z]{1,3})(\d+)(?::([A-Z]{1,3})(\d+))?\b", text)
    named = {f"{a}{b}:{c}{d}" if c else f"{a}{b}" for a, b, c, d in areas}
    last = 7 + layout.patterns

    def span(kind: str, layer: int | None, end: int) -> str:
        columns = [get_column_letter(column + 1) for column in layout.of(kind, layer)]
        return f"{columns[0]}8:{columns[-1]}{end}" if (len(columns), end) != (1, 8) else f"{columns[0]}8"

    expected = {"A8", span("a", 0, last), span("target", None, last)}
    expected |= {span("w", layer, 8) for layer in range(1, len(sizes))}
    expected |= {
        get_column_letter(d.area.first_column + 1) + str(d.area.first_row + 1) for d in sheet.drawings
    }
    assert named == expected


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["2-2-2", "xor", "one step"])
def test_charts(tmp_path: Path, form: str, name: str) -> None:
    """A chart of the cost stands right of all columns, with several patterns one of its mean below it."""
    sizes, options = NETS[name]
    path = _new(tmp_path, form, sizes, options)
    book = load(path)
    [layout] = find_nets(book)
    ranges = [sorted(str(area) for area in chart.ranges) for chart in book.charts]
    end = 1007 if layout.steps == 1 else layout.last_row + 1
    cost = get_column_letter(layout.columns[COST] + 1)
    assert ranges[0] == sorted([f"B8:B{end}", f"{cost}8:{cost}{end}"])
    assert len(ranges) == (2 if name == "xor" else 1)
    drawings = book.sheet("Sheet1").drawings
    assert all(drawing.area.first_column > max(layout.columns.values()) for drawing in drawings)
    assert not any(a.area.meets(b.area) for a in drawings for b in drawings if a is not b)
    out = train_file(path, tmp_path / f"longer.{form}", steps=80).out
    after = load(out)
    assert [sorted(str(area) for area in chart.ranges) for chart in after.charts] == [
        [re.sub(r"\d+$", "87", text) for text in each] for each in ranges
    ]
    assert [drawing.area.first_column for drawing in after.sheet("Sheet1").drawings] == [
        drawing.area.first_column for drawing in drawings
    ]


REFUSED = {
    "too many weights": (
        ["784-30-10"],
        "784-30-10: 23,860 weights, with a column each for them and their dC/dW, a, δ and T, need 48,598 columns, "
        "and a sheet has 16,384; the largest of its shape that fits is 784-9-10",
    ),
    "too many inputs": (["9000-1"], "the largest of its shape that fits is 5458-1"),
    "long formula": (
        ["2-2-600", "--steps", "2"],
        "the formula of δ0 adds up 600 δ of layer 2 and would have",
    ),
    "too many rows": (["2-2-2", "--steps", "1048576"], "use --steps 1048569 or less"),
    "too many cells": (["2-2-2", "--steps", "200000"], "use --steps 131571 or less"),
    "a folder": (["2-2-2", "folder.ods"], "folder.ods: is a folder"),
    "a text file": (
        ["2-2-2", "x.txt"],
        "x.txt: expected the name of an .ods or .xlsx file; name it x.ods or .xlsx",
    ),
    "no such folder": (["2-2-2", "nowhere/x.ods"], "there is no folder nowhere; make it first"),
    "no patterns": (["2-2-2", "--patterns", "none.csv"], "none.csv: no such file"),
    "wrong patterns": (
        ["2-2-2", "--patterns", "xor.csv"],
        "xor.csv, A2: found 3 columns (A:C), expected 4: 2 inputs and 2 targets of a 2-2-2 net",
    ),
    "activations": (["2-2-2", "--activation", "tanh,tanh,relu"], "names 3 layers, expected 1 or 2"),
    "diverged": (
        ["2-2-2", "--activation", "linear", "--learning-rate", "50"],
        "can't be computed, Calc would show",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    """What can't be made is refused in one line that says what would do, and leaves no file."""
    monkeypatch.chdir(tmp_path)
    Path("xor.csv").write_text("a0,a1,T0\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    Path("folder.ods").mkdir()
    before = sorted(tmp_path.iterdir())
    assert main(["new", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("sizes", ["2", "2-0-2", "2--2", "a-b", "2-2-", "99999999-2", "", "2-2-2 "])
def test_sizes_that_are_none(sizes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Sizes are counts of neurons, two layers at least."""
    with pytest.raises(SystemExit) as stop:
        main(["new", sizes])
    assert stop.value.code == 2
    assert "expected neurons a layer, such as 2-2-2" in capsys.readouterr().err


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An existing file stays unless --overwrite is said."""
    path = tmp_path / "mine.ods"
    path.write_bytes(b"mine")
    assert main(["new", "2-2-2", str(path)]) == 2
    assert "say --overwrite to replace it" in capsys.readouterr().err
    assert path.read_bytes() == b"mine"
    assert main(["new", "2-2-2", str(path), "--overwrite", "--steps", "3"]) == 0
    assert find_nets(load(path))[0].steps == 3


def test_default_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook is called after its sizes, in the current folder."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "3-1", "--steps", "2"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["3-1.ods"]


def test_python_s_own_mistakes(tmp_path: Path) -> None:
    """Arrays that do not fit the sizes are a ValueError, and no file is left."""
    with pytest.raises(ValueError, match="weights of a"):
        new_file((3, 2), tmp_path / "x.ods", weights=[[[1.0, 2.0]]])
    with pytest.raises(ValueError, match="do not fit"):
        new_file((2, 1), tmp_path / "x.ods", patterns=([[1.0, 2.0, 3.0]], [[1.0]]))
    with pytest.raises(ValueError, match="3 activations"):
        new_file((2, 2, 1), tmp_path / "x.ods", activations=("tanh", "relu", "linear"))
    assert not list(tmp_path.iterdir())


@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    activations=st.lists(st.sampled_from(ACTIVATIONS), min_size=4, max_size=4),
    biases=st.sampled_from(BIASES),
    lang=st.sampled_from(LANGUAGES),
    patterns=st.integers(0, 4),
    steps=st.integers(1, 9),
    form=st.sampled_from(FORMATS),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=40, deadline=None)
def test_any_sheet_can_be_trained_on(
    sizes: list[int],
    activations: list[Any],
    biases: Any,
    lang: str,
    patterns: int,
    steps: int,
    form: str,
    seed: int,
) -> None:
    """Whatever is made: training longer changes no formula, and gives what a longer sheet would have had."""
    rng = random.Random(seed)
    options: dict[str, Any] = {
        "activations": activations[: len(sizes) - 1],
        "biases": biases,
        "lang": lang,
        "learning_rate": 0.01,
        "seed": seed,
    }
    if patterns:
        tables = [
            [[rng.randint(0, 1) for _ in range(n)] for _ in range(patterns)] for n in (sizes[0], sizes[-1])
        ]
        options["patterns"] = tuple(tables)
    with TemporaryDirectory() as folder:
        path = new_file(sizes, Path(folder, f"a.{form}"), steps=steps, **options).out
        longer = new_file(sizes, Path(folder, f"b.{form}"), steps=12, **options).out
        training = train_file(path, steps=12)
        [net] = training.nets
        assert (net.departed, net.typed, net.added) == ((), (), ())
        assert training.warnings == ()
        one, two = (load(file).sheets[0].rows for file in (training.out, longer))
        assert {row: cells for row, cells in one.items() if row > 2} == {
            row: cells for row, cells in two.items() if row > 2
        }


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("sizes", "pages"), [((3, 1), 2), ((2, 2, 2), 2), ((4, 8, 8, 9), 17)])
def test_a_part_is_a_page(tmp_path: Path, form: str, sizes: tuple[int, ...], pages: int) -> None:
    """The first 40 steps are printed on a page for each part of the table, with the dC/dW apart."""
    if (reason := rendering.missing()) is not None:
        pytest.skip(reason)
    path = _new(tmp_path, form, sizes, {"steps": 60})
    # LibreOffice scales each range of an .xlsx apart: dC/dW of 2-2-2 is then as large as it can be, and longer
    several = form == "xlsx" and sizes == (2, 2, 2)
    assert len(rendering.pages(path, tmp_path, resolution=30)) == pages + several
