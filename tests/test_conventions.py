"""The conventions in which right sheets differ: their formulas, their numbers, and what does not go together."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings

from sheetnet import COST, Conventions, Network, Term, load, train
from sheetnet.book import files
from sheetnet.formula.arithmetic import evaluate
from sheetnet.formula.text import written
from sheetnet.layout.initial import read_network, read_patterns
from sheetnet.layout.layout import Layout
from sheetnet.net.equations import equations
from sheetnet.net.intermediates import intermediate
from sheetnet.net.terms import Use, label
from sheetnet.recognition.finding import find_nets
from sheetnet.report.net import unusual
from sheetnet.table.filling import filled
from sheetnet.table.rule import Rule, rule_table
from tests import agreement, sheets
from tests.networks import networks
from tests.witnesses import libreoffice

SOFTMAX = Conventions(activations=("tanh", "softmax"), cost="cross-entropy")
ENTROPY = Conventions(cost="cross-entropy")
ADDED = Conventions(difference="T-a")

# As a teacher types them, in the note's places: inputs C D, layer 1 E-N, layer 2 O-X, targets Y Z, cost AA.
FORMULAS: dict[str, tuple[Conventions, dict[str, str]]] = {
    "the note": (
        Conventions(),
        {"W8": "=(U8-Y8)*U8*(1-U8)", "O9": "=O8-$A$8*W8*K8", "AA8": "=0.5*(U8-Y8)^2+0.5*(V8-Z8)^2"},
    ),
    "T-a": (
        ADDED,
        {
            "W8": "=(Y8-U8)*U8*(1-U8)",
            "M8": "=K8*(1-K8)*(W8*O8+X8*R8)",
            "E9": "=E8+$A$8*M8*C8",
            "G9": "=G8+$A$8*M8",
            "AA8": "=0.5*(Y8-U8)^2+0.5*(Z8-V8)^2",
        },
    ),
    "T-a, shared biases": (replace(ADDED, biases="shared"), {"G9": "=G8+$A$8*(M8+N8)", "J9": "=G9"}),
    "squares": (
        Conventions(cost="squares"),
        {"W8": "=2*(U8-Y8)*U8*(1-U8)", "AA8": "=(U8-Y8)^2+(V8-Z8)^2"},
    ),
    "mean squares of two are half squares": (
        Conventions(cost="mean squares"),
        {"W8": "=(U8-Y8)*U8*(1-U8)", "AA8": "=0.5*(U8-Y8)^2+0.5*(V8-Z8)^2"},
    ),
    "half mean squares": (
        Conventions(cost="half mean squares"),
        {"W8": "=(U8-Y8)*U8*(1-U8)/2", "AA8": "=((U8-Y8)^2+(V8-Z8)^2)/4"},
    ),
    "cross-entropy": (
        ENTROPY,
        {"W8": "=U8-Y8", "AA8": "=-(Y8*LN(U8)+(1-Y8)*LN(1-U8))-(Z8*LN(V8)+(1-Z8)*LN(1-V8))"},
    ),
    "cross-entropy, T-a": (replace(ENTROPY, difference="T-a"), {"W8": "=Y8-U8", "O9": "=O8+$A$8*W8*K8"}),
    "softmax": (
        SOFTMAX,
        {
            "K8": "=TANH(C8*E8+D8*F8+G8)",
            "V8": "=EXP(K8*R8+L8*S8+T8)/(EXP(K8*O8+L8*P8+Q8)+EXP(K8*R8+L8*S8+T8))",
            "X8": "=V8-Z8",
            "AA8": "=-Y8*LN(U8)-Z8*LN(V8)",
        },
    ),
}


def _layout(folder: Path, sizes: tuple[int, ...], conventions: Conventions, **options: Any) -> Layout:
    """Return the layout of a sheet in the note's places, read with some conventions."""
    [layout] = find_nets(load(sheets.write(folder / "net.xlsx", sizes, **options)))
    return replace(layout, conventions=conventions)


@pytest.mark.parametrize(("conventions", "expected"), FORMULAS.values(), ids=FORMULAS)
def test_formulas_are_a_teachers(tmp_path: Path, conventions: Conventions, expected: dict[str, str]) -> None:
    """Each convention has the formulas that people write for it."""
    layout = _layout(tmp_path, (2, 2, 2), conventions)
    rule = Rule(layout, conventions, "xlsx")
    sheet = openpyxl.Workbook().worksheets[0]
    found = {}
    for address in expected:
        cell = sheet[address]
        found[address] = rule.pattern(layout.terms[cell.column - 1]).text(cell.row - 1)
    assert found == expected


@pytest.mark.parametrize(
    ("conventions", "delta", "cost"),
    [
        pytest.param(
            Conventions(cost="mean squares"),
            "2*(a0-T0)*a0*(1-a0)/3",
            "((a0-T0)^2+(a1-T1)^2+(a2-T2)^2)/3",
            id="mean squares",
        ),
        pytest.param(
            Conventions(cost="half mean squares", difference="T-a"),
            "(T0-a0)*a0*(1-a0)/3",
            "((T0-a0)^2+(T1-a1)^2+(T2-a2)^2)/6",
            id="half mean squares",
        ),
    ],
)
def test_means_over_three_outputs(conventions: Conventions, delta: str, cost: str) -> None:
    """They are divided once, at the end."""
    rules = equations((1, 3), conventions)
    assert [written(rules[term], _name) for term in (Term("delta", 1), COST)] == [delta, cost]


@pytest.mark.parametrize(
    ("conventions", "weight", "bias"),
    [
        pytest.param(ADDED, "-δ0*a0", "-δ0", id="true"),
        pytest.param(replace(ADDED, gradients="-dC/dW"), "δ0*a0", "δ0", id="negative"),
        pytest.param(replace(ADDED, biases="shared"), "-δ0*a0", "-(δ0+δ1)", id="shared biases"),
    ],
)
def test_gradients_where_delta_has_the_other_sign(conventions: Conventions, weight: str, bias: str) -> None:
    """dC/dW is the true one, unless the sheet calls the negative so."""
    rules = equations((1, 2), conventions)
    found = [written(rules[Term("gradient", 1, 0, j)], _name) for j in (0, 1)]
    assert found == [weight, bias]


def _name(target: object) -> str:
    assert isinstance(target, Use)
    return label(target.term) if target.step == 0 else f"{label(target.term)}[{target.step}]"


BATCHES = {
    "sum": (Conventions(batch="sum"), "w00[-1]-Learning rate*(δ0[-2]*a0[-2]+δ0[-1]*a0[-1])"),
    "mean": (Conventions(batch="mean"), "w00[-1]-Learning rate*(δ0[-2]*a0[-2]+δ0[-1]*a0[-1])/2"),
    "T-a": (
        Conventions(batch="sum", difference="T-a"),
        "w00[-1]+Learning rate*(δ0[-2]*a0[-2]+δ0[-1]*a0[-1])",
    ),
}


@pytest.mark.parametrize(("conventions", "first"), BATCHES.values(), ids=BATCHES)
def test_a_batch_updates_in_the_first_row_of_a_pass(conventions: Conventions, first: str) -> None:
    """There the pass before is added up; in its other rows a weight is the one above."""
    weight = Term("w", 1)
    found = [written(equations((1, 1), conventions, patterns=2, turn=turn)[weight], _name) for turn in (0, 1)]
    assert found == [first, "w00[-1]"]
    alone = equations((1, 1), conventions, patterns=1)
    assert alone == equations((1, 1), replace(conventions, batch="one"))


NUMBERS = {
    "T-a": replace(ADDED, gradients="-dC/dW"),
    "T-a, shared": replace(ADDED, biases="shared"),
    "T-a, outputs first": replace(ADDED, order="outputs first"),
    "squares": Conventions(cost="squares", activations=("relu", "linear")),
    "mean squares": Conventions(cost="mean squares"),
    "half mean squares": Conventions(cost="half mean squares", biases="fixed"),
    "cross-entropy": replace(ENTROPY, difference="T-a"),
    "softmax": SOFTMAX,
}


@pytest.fixture(params=NUMBERS.values(), ids=list(NUMBERS))
def workbook(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Layout]:
    """Return a sheet of three patterns and forty rows by some conventions, and its layout."""
    options = {"patterns": 3, "learning_rate": 0.1, "weights": [[[0.3, -0.2, 0.1], [0.5, 0.4, 0.1]]]}
    options["weights"] = [*options["weights"], [[0.2, -0.3, 0.2], [0.1, 0.4, 0.2], [-0.5, 0.3, 0.2]]]  # type: ignore[misc]
    layout = _layout(tmp_path, (2, 2, 3), request.param, **options)
    layout = replace(layout, last_row=layout.first_row + 39)
    book = load(tmp_path / "net.xlsx")
    filling, _ = filled(book, layout, rule_table(layout, "xlsx"), lambda rows: None)
    files.save(book, tmp_path / "filled.xlsx", filling.edits(new=True))
    return tmp_path / "filled.xlsx", layout


@pytest.mark.libreoffice
def test_sheets_have_calcs_numbers(workbook: tuple[Path, Layout], tmp_path: Path) -> None:
    """Every number beside a formula has the bits that LibreOffice computes, logarithms among them."""
    path, layout = workbook
    assert agreement.agree_with_calc(path, tmp_path / "stripped") >= 40 * (len(layout.columns) - 5) - 9


@pytest.mark.gnumeric
def test_sheets_have_gnumerics_numbers(workbook: tuple[Path, Layout], tmp_path: Path) -> None:
    """Gnumeric computes the same numbers."""
    path, layout = workbook
    assert agreement.agree_with_gnumeric(path, tmp_path / "stripped") >= 40 * (len(layout.columns) - 5) - 9


def test_sheets_have_the_matrices_numbers(workbook: tuple[Path, Layout]) -> None:
    """The table's costs and weights are those of the matrices, step after step."""
    path, layout = workbook
    book = load(path)
    network, (inputs, targets) = read_network(book, layout), read_patterns(book, layout)
    assert len(inputs) == 3
    for step in range(40):
        row = book.sheet(layout.sheet).rows[layout.first_row + step]
        x, t = inputs[step % 3], targets[step % 3]
        assert row[layout.columns[COST]].value == pytest.approx(network.cost(x, t), rel=1e-11)
        for layer, w in enumerate(network.weights, start=1):
            shown = [row[column].value for column in layout.of("w", layer)]
            assert shown == pytest.approx(w.ravel().tolist(), rel=1e-11, abs=1e-13)
        network = network.step(x, t)


@pytest.mark.libreoffice
@pytest.mark.parametrize(("batch", "over"), [("sum", ""), ("mean", "/2")], ids=["sum", "mean"])
def test_a_batch_typed_by_hand(tmp_path: Path, batch: Any, over: str) -> None:
    """A sheet of two patterns whose weights change every second row has the numbers of `train`, to the bit."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    # A γ, C input, D weight, E bias, F output, G δ, H target, I cost
    inputs, targets = [[0.3], [0.8]], [[0.9], [0.2]]
    sheet["A8"] = 0.7
    for row in range(8, 18):
        sheet[f"C{row}"], sheet[f"H{row}"] = inputs[row % 2][0], targets[row % 2][0]
        sheet[f"F{row}"] = f"=1/(1+EXP(-(C{row}*D{row}+E{row})))"
        sheet[f"G{row}"] = f"=(F{row}-H{row})*F{row}*(1-F{row})"
        sheet[f"I{row}"] = f"=0.5*(F{row}-H{row})^2"
        above, first = row - 1, row - 2
        if row == 8:
            sheet["D8"], sheet["E8"] = 0.4, -0.6
        elif row % 2:
            sheet[f"D{row}"], sheet[f"E{row}"] = f"=D{above}", f"=E{above}"
        else:
            sheet[f"D{row}"] = f"=D{above}-$A$8*(G{first}*C{first}+G{above}*C{above}){over}"
            sheet[f"E{row}"] = f"=E{above}-$A$8*(G{first}+G{above}){over}"
    book.save(tmp_path / "batch.xlsx")
    found = libreoffice.recalculated(tmp_path / "batch.xlsx")["Sheet"]
    network = Network.of([[[0.4, -0.6]]], learning_rate=0.7, conventions=Conventions(batch=batch))
    trace = train(network, inputs, targets, steps=10)
    columns = {3: Term("w", 1, 0, 0), 4: Term("w", 1, 0, 1), 5: Term("a", 1), 6: Term("delta", 1), 8: COST}
    for column, term in columns.items():
        assert [found[row, column] for row in range(7, 17)] == trace[term].tolist(), label(term)


def test_a_batch_stops_at_the_cost_as_single_patterns_do() -> None:
    """`until_cost` ends a batch after the first whole pass below it, however long passes are."""
    rng = np.random.default_rng(3)
    inputs, targets = rng.uniform(0, 1, (7, 2)), rng.uniform(0.4, 0.6, (7, 1))
    network = Network.of([[[0.9, -0.8, 0.7]]], learning_rate=0.5, conventions=Conventions(batch="mean"))
    whole = train(network, inputs, targets, steps=2100)[COST]
    worst = whole.reshape(-1, 7).max(axis=1)
    bound = float(worst[200])
    assert worst[0] > bound
    stopped = train(network, inputs, targets, steps=2100, until_cost=bound)[COST]
    assert len(stopped) == 7 * (int((worst <= bound).argmax()) + 1)
    np.testing.assert_array_equal(stopped, whole[: len(stopped)])


@given(networks())
@settings(max_examples=60, deadline=None)
def test_intermediates_are_those_of_the_matrices(drawn: tuple[Network, np.ndarray, np.ndarray]) -> None:
    """z is W A, σ' its activation's slope by central differences, a miss a − T, and C the sum of its parts."""
    network, inputs, targets = drawn
    sizes, conventions = network.sizes, network.conventions
    trace = train(network, inputs, targets, steps=1)
    x, t = inputs[0], targets[0]

    def value(kind: Any, layer: int, i: int) -> float:
        def of(target: object) -> float:
            assert isinstance(target, Use)
            assert target.step == 0
            return float(trace[target.term][0])

        found = evaluate(intermediate(Term(kind, layer, i), sizes, conventions), of)
        assert isinstance(found, float)
        return found

    activations = network.forward(x)
    for layer, (w, before) in enumerate(zip(network.weights, activations, strict=False), start=1):
        z = w @ np.append(before, np.ones(w.shape[1] - before.size))
        assert [value("z", layer, i) for i in range(z.size)] == pytest.approx(
            z.tolist(), rel=1e-11, abs=1e-13
        )
        if conventions.activation(layer) == "relu" and (np.abs(z) < 1e-3).any():
            continue  # its kink
        for i in range(z.size):
            sides = [_moved(z, i, sign * 1e-5, conventions.activation(layer)) for sign in (1, -1)]
            assert value("slope", layer, i) == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=2e-9)
    miss = (activations[-1] - t) * (1 if conventions.difference == "a-T" else -1)
    assert [value("miss", 0, i) for i in range(t.size)] == pytest.approx(miss.tolist(), rel=1e-11, abs=1e-13)
    parts = [value("part", 0, i) for i in range(t.size)]
    assert sum(parts) == pytest.approx(network.cost(x, t), rel=1e-11, abs=1e-13)


def _moved(z: np.ndarray, i: int, step: float, activation: Any) -> float:
    """Return a_i after a step of z_i: a net of one layer whose weights are z."""
    moved = z + np.eye(z.size)[i] * step
    cost: Any = "cross-entropy" if activation == "softmax" else "squares"
    conventions = Conventions(biases="none", activations=(activation,), cost=cost)
    return float(Network.of([moved[:, None]], conventions=conventions).forward([1.0])[-1][i])


def test_labels_of_intermediates() -> None:
    """They are called as in sheets that show them."""
    terms = [Term("z", 1, 0), Term("slope", 1, 1), Term("miss", 0, 0), Term("part", 0, 1)]
    assert [label(term) for term in terms] == ["z0", "σ'1", "a-T0", "C1"]
    with pytest.raises(ValueError, match="delta is no intermediate"):
        intermediate(Term("delta", 1, 0), (1, 1), Conventions())


APART: dict[str, tuple[dict[str, Any], str]] = {
    "cross-entropy of tanh": ({"cost": "cross-entropy", "activations": ("tanh",)}, "cross-entropy of tanh"),
    "softmax with squares": (
        {"activations": ("tanh", "softmax")},
        "softmax outputs with the cost half squares",
    ),
    "hidden softmax": (
        {"cost": "cross-entropy", "activations": ("softmax", "sigmoid")},
        "softmax in a hidden layer",
    ),
    "a batch with outputs first": ({"batch": "mean", "order": "outputs first"}, r"a batch \(mean\)"),
}


@pytest.mark.parametrize(("choices", "message"), APART.values(), ids=APART)
def test_what_does_not_go_together(choices: dict[str, Any], message: str) -> None:
    """Such conventions can't be made, and are told apart from those that can."""
    with pytest.raises(ValueError, match=message):
        Conventions(**choices)
    assert Conventions().varied(**choices) is None
    assert Conventions().varied(cost="squares") == Conventions(cost="squares")


def test_softmax_in_every_layer_is_refused() -> None:
    """One softmax for all of several layers is no net; for a single layer it is."""
    alone = Conventions(cost="cross-entropy", activations=("softmax",))
    with pytest.raises(ValueError, match="softmax in all of 2 layers"):
        equations((2, 2, 2), alone)
    with pytest.raises(ValueError, match="softmax in all of 2 layers"):
        Network.of([[[1.0, 0.0]], [[1.0, 0.0]]], conventions=alone)
    assert Term("a", 1, 1) in equations((2, 2), alone)


def test_equal_conventions_compare_equal() -> None:
    """What dC/dW columns hold makes a difference with T − a only."""
    assert Conventions(gradients="-dC/dW") == Conventions()
    assert replace(ADDED, gradients="-dC/dW") != ADDED


OUTPUTS = "=EXP(K8*O8+L8*P8+Q8)/(EXP(K8*O8+L8*P8+Q8)+EXP(K8*R8+L8*S8+T8))"
READ = {
    "softmax": ({"U8": OUTPUTS}, ("sigmoid", "softmax"), "cross-entropy"),
    "z in columns": ({"U8": "=EXP(AC8)/SUM(EXP(AC8),EXP(AD8))"}, ("sigmoid", "softmax"), "cross-entropy"),
    "sigmoid of two powers": ({"U8": "=EXP(AC8)/(1+EXP(AC8))"}, ("sigmoid",), "half squares"),
    "cross-entropy": ({"U8": "=1/(1+EXP(-AC8))", "AA8": "=-Y8*LN(U8)"}, ("sigmoid",), "cross-entropy"),
    "words": ({"A10": "Activation", "A11": "tanh, softmax"}, ("tanh", "softmax"), "cross-entropy"),
    "words of no net": ({"A10": "Activation", "A11": "softmax, tanh"}, ("sigmoid",), "half squares"),
    "one word too few": ({"A10": "Activation", "A11": "softmax"}, ("sigmoid",), "half squares"),
}


@pytest.mark.parametrize(("cells", "activations", "cost"), READ.values(), ids=READ)
def test_softmax_and_cross_entropy_are_read(
    tmp_path: Path, cells: dict[str, str], activations: tuple[str, ...], cost: str
) -> None:
    """A sheet's first row, or the words below the learning rate, tell them."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 2, 2))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    hidden = {"K8": "=1/(1+EXP(-AB8))", "L8": "=1/(1+EXP(-AB8))"} if "U8" in cells else {}
    for address, content in {**hidden, **cells}.items():
        sheet[address] = content
    book.save(path)
    [layout] = find_nets(load(path))
    assert (layout.conventions.activations, layout.conventions.cost) == (activations, cost)


def test_words_for_every_convention() -> None:
    """Each choice that is not the note's has words of its own; the note's has none."""
    assert unusual(Conventions()) == []
    choices: list[dict[str, Any]] = [
        {"difference": "T-a"},
        {"difference": "T-a", "gradients": "-dC/dW"},
        {"cost": "squares"},
        {"cost": "mean squares"},
        {"cost": "half mean squares"},
        {"cost": "cross-entropy"},
        {"batch": "sum"},
        {"batch": "mean"},
    ]
    told = [", ".join(unusual(Conventions(**choice))) for choice in choices]
    assert all(told)
    assert len(set(told)) == len(told)
