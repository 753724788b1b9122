"""The feedback column: what LibreOffice says beside right, rounded, wrong and missing gradients."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import assume, given, settings
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from sheetnet import Conventions, Network
from sheetnet.errors import LayoutError
from sheetnet.exercise import feedback
from sheetnet.exercise.feedback import WORDS, central_difference, tolerance, verdict
from sheetnet.formula.arithmetic import evaluate, is_known
from sheetnet.formula.expression import CellReference, Expression, Reference
from sheetnet.formula.expression import replace as replaced
from sheetnet.formula.parse import parse
from sheetnet.formula.text import Dialect, formula_text, written
from sheetnet.net.terms import Term, Use, is_bias, label, named, weights
from tests.networks import networks
from tests.witnesses import libreoffice

RIGHT, WRONG = WORDS["en"]
NOTE = Network.of([[[0.5, -0.2, 0.3], [0.2, -0.6, 0.6]], [[0.1, 0.5, -0.3], [0.2, 0.3, 0.5]]])
HIDDEN = [[0.7, -0.4, 0.3], [-0.8, 0.6, -0.2], [0.5, 0.9, 0.1]]
OUTPUTS = [[0.9, -0.7, 0.4, 0.2], [-0.5, 0.8, 0.6, -0.3]]
NETS: dict[str, Network] = {
    "the note's": NOTE,
    "softmax": Network.of([HIDDEN, OUTPUTS], conventions=Conventions(activations=("tanh", "softmax"), cost="cross-entropy")),
    "δ of T-a, columns of -dC/dW, shared biases": Network.of(
        [[[0.7, -0.4, 0.3], [-0.8, 0.6, 0.3]], [[0.9, -0.7, 0.2], [-0.5, 0.8, 0.2]]],
        conventions=Conventions(biases="shared", difference="T-a", gradients="-dC/dW", cost="squares"),
    ),
    "three layers, T-a, no biases": Network.of(
        [[[0.7, -0.4], [0.8, -0.6]], [[0.9, -0.7], [-0.5, 0.8]], [[1.2, -0.6]]],
        conventions=Conventions(biases="none", difference="T-a", activations=("relu", "sigmoid", "linear")),
    ),
    "cross-entropy of sigmoids": Network.of([HIDDEN, OUTPUTS], conventions=Conventions(cost="cross-entropy")),
}  # fmt: skip
INPUTS, TARGETS = [0.6, -0.9], [0.3, 0.7]
TOLERANCE = tolerance(4)

CASES: dict[str, tuple[Callable[[float], float | str | None], str]] = {
    "exact": (lambda g: g, RIGHT),
    "rounded": (lambda g: round(g, 4), RIGHT),
    "three tolerances above": (lambda g: g + 3 * TOLERANCE, WRONG),
    "three tolerances below": (lambda g: g - 3 * TOLERANCE, WRONG),
    "sign flipped": (lambda g: -g, WRONG),
    "nothing": (lambda g: 0.0, WRONG),
    "empty": (lambda g: None, ""),
    "text": (lambda g: "later", ""),
}


def _terms(network: Network) -> list[Term]:
    biases = network.conventions.biases != "none"
    return [w for layer in range(1, len(network.sizes)) for w in weights(network.sizes, layer, biases=biases)]


def _column_gradient(network: Network, term: Term) -> float:
    """Return what a sheet's column of dC/dw holds, from the matrices."""
    targets = TARGETS[: network.sizes[-1]]
    slope = float(network.gradients(INPUTS, targets)[term.layer - 1][term.i, term.j])
    return -slope if network.conventions.gradients == "-dC/dW" else slope


def _verdict(network: Network, term: Term, **options: object) -> Expression:
    return verdict(
        term,
        network.sizes,
        network.conventions,
        gradient=Use(term._replace(kind="gradient")),
        tolerance=TOLERANCE,
        right=RIGHT,
        wrong=WRONG,
        **options,
    )


def _given(network: Network) -> dict[Term, float]:
    values = {Term("a", 0, i): value for i, value in enumerate(INPUTS)}
    values |= {Term("target", 0, i): value for i, value in enumerate(TARGETS[: network.sizes[-1]])}
    return values | {w: float(network.weights[w.layer - 1][w.i, w.j]) for w in _terms(network)}


def _sheet(network: Network, dialect: Dialect) -> Iterator[tuple[list[float | str | None], str]]:
    """Yield rows of a sheet, (values, a formula in the second column): the given numbers, then the cases."""
    values = _given(network)
    columns = {term: column for column, term in enumerate(values)}
    yield list(values.values()), ""
    row = 0
    for term in _terms(network):
        expression = _verdict(network, term)
        for make, _ in CASES.values():
            row += 1

            def placed(part: Expression) -> Expression | None:
                if not isinstance(part, Reference):
                    return None
                assert isinstance(part.target, Use)
                name = part.target.term
                if name.kind == "gradient":
                    return Reference(CellReference(0, -1))
                return Reference(CellReference(0, columns[name], row_fixed=True, column_fixed=True))

            formula = formula_text(replaced(expression, placed), row, 1, dialect)
            yield [make(_column_gradient(network, term))], formula


def _xlsx(path: Path, rows: Iterator[tuple[list[float | str | None], str]]) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "S"
    for values, formula in rows:
        book.worksheets[0].append([*values, formula] if formula else values)
    book.save(path)
    return path


def _ods(path: Path, rows: Iterator[tuple[list[float | str | None], str]]) -> Path:
    document = OpenDocumentSpreadsheet()
    table = Table(name="S")
    for values, formula in rows:
        row = TableRow()
        for value in values:
            cell = TableCell() if value is None else TableCell(valuetype="float", value=repr(value))
            if isinstance(value, str):
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            row.addElement(cell)
        if formula:
            row.addElement(TableCell(formula=formula))
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(path)
    return path


@pytest.mark.libreoffice
@pytest.mark.parametrize("dialect", ["ods", "xlsx"])
@pytest.mark.parametrize("network", NETS.values(), ids=NETS)
def test_libreoffice_says(tmp_path: Path, network: Network, dialect: Dialect) -> None:
    """Right for the right gradient, exact or rounded, wrong for any other, nothing where there is none."""
    write = _ods if dialect == "ods" else _xlsx
    path = write(tmp_path / f"sheet.{dialect}", _sheet(network, dialect))
    said = libreoffice.recalculated(path)["S"]
    row = 0
    for term in _terms(network):
        assert abs(_column_gradient(network, term)) > 3 * TOLERANCE, f"{named(term)} is too flat to tell"
        for case, (_, expected) in CASES.items():
            row += 1
            assert said.get((row, 1), "") == expected, (named(term), case)


@pytest.mark.parametrize("dialect", ["ods", "xlsx"])
def test_own_evaluation(dialect: Dialect) -> None:
    """The formulas are read and evaluated by this program too, to the same verdicts."""
    rows = list(_sheet(NOTE, dialect))
    for row, (values, formula) in enumerate(rows[1:], start=1):
        expression = parse(formula, row, 1)
        assert is_known(expression)

        def lookup(target: object, values: list[float | str | None] = values) -> float | str | None:
            assert isinstance(target, CellReference)
            return values[0] if not target.row_fixed else rows[0][0][target.column]

        assert evaluate(expression, lookup) == list(CASES.values())[(row - 1) % len(CASES)][1]
    assert len(rows) == 1 + len(CASES) * len(_terms(NOTE))


@settings(max_examples=80, derandomize=True, deadline=None)
@given(drawn=networks())
def test_difference_is_the_gradient(drawn: tuple[Network, np.ndarray, np.ndarray]) -> None:
    """In every net of every convention the difference is the slope that the matrices give."""
    network, inputs, targets = drawn
    assume("relu" not in network.conventions.activations)  # its kink has no slope
    assume(feedback._least(network.sizes) < feedback.MAX_CHARACTERS)
    network = replace(network, conventions=replace(network.conventions, order="simultaneous"))
    slopes = network.gradients(inputs[0], targets[0])
    values = {Term("a", 0, i): float(value) for i, value in enumerate(inputs[0])}
    values |= {Term("target", 0, i): float(value) for i, value in enumerate(targets[0])}
    values |= {w: float(network.weights[w.layer - 1][w.i, w.j]) for w in _terms(network)}
    for layer in range(1, len(network.sizes)):
        of_layer = [term for term in _terms(network) if term.layer == layer]
        for term in (of_layer[0], of_layer[-1]):
            found = evaluate(
                central_difference(term, network.sizes, network.conventions), lambda use: values[use.term]
            )
            slope = slopes[layer - 1][term.i, term.j]
            assert found == pytest.approx(slope, rel=2e-6, abs=2e-7), named(term)


def test_error_of_the_difference() -> None:
    """For weights up to 2 the difference is off by less than is allowed for."""
    rng = np.random.default_rng(1)
    worst = 0.0
    for conventions in (Conventions(), Conventions(activations=("tanh",)), Conventions(cost="cross-entropy")):
        for _ in range(20):
            matrices = [rng.uniform(-2, 2, (2, 3)), rng.uniform(-2, 2, (2, 3))]
            network = Network.of(matrices, conventions=conventions)
            values = _given(network)
            for term in _terms(network):
                difference = central_difference(term, network.sizes, conventions)
                found = evaluate(difference, lambda use, values=values: values[use.term])
                worst = max(worst, abs(float(found) - _column_gradient(network, term)))
    assert 0 < worst < feedback.ERROR


def test_formula_is_a_teachers() -> None:
    """It is the cost twice, with one weight moved, and no more of it than the weight leads to."""
    name = lambda use: label(use.term)  # noqa: E731
    found = written(_verdict(Network.of([[[0.5, 0.1]]]), Term("w", 1, 0, 0)), name)
    assert found == (
        'IF(COUNT(dC/dw00)=1,IF(ABS(dC/dw00-(0.5*(1/(1+EXP(-(a0*(w00+0.0001)+w01)))-T0)^2'
        '-0.5*(1/(1+EXP(-(a0*(w00-0.0001)+w01)))-T0)^2)/0.0002)<=5.002/100000,"✓ agrees","✗ not yet"),"")'
    )  # fmt: skip
    output = written(_verdict(NOTE, Term("w", 2, 0, 2)), lambda use: named(use.term))
    assert "T0" in output
    assert "T1" not in output


def test_step_and_filled() -> None:
    """Another step's cells are used; what is to be filled in first is counted."""
    term = Term("w", 1, 0, 0)
    uses = [Use(Term("w", 1, 0, 0), 3), Use(Term("w", 1, 0, 1), 3)]
    expression = verdict(
        term,
        (1, 1),
        Conventions(),
        gradient=Use(term._replace(kind="gradient"), 3),
        tolerance=0.01,
        right="+",
        wrong="-",
        filled=uses,
    )
    text = written(expression, lambda use: f"{label(use.term)}@{use.step}")
    assert text.startswith("IF(COUNT(dC/dw00@3,w00@3,w01@3)=3,IF(ABS(dC/dw00@3-(0.5*(1/(1+EXP(-(a0@3*(w00@3+")
    assert text.endswith(')<=0.01,"+","-"),"")')
    values = {"gradient": 0.0, "w": None, "a": 0.5, "target": 0.5}
    assert evaluate(expression, lambda use: values[use.term.kind]) == ""
    values["w"] = 0.0
    assert evaluate(expression, lambda use: values[use.term.kind]) == "+"


@pytest.mark.parametrize("decimals", range(9))
def test_tolerance_is_spelt_plainly(decimals: int) -> None:
    """A tolerance has no exponent, and is half a unit of the last decimal and a little more."""
    assert tolerance(decimals) == pytest.approx(0.5 * 10.0**-decimals, rel=4.1 if decimals == 8 else 0.5)
    text = written(feedback._plain(tolerance(decimals)), str)
    assert "e" not in text
    assert evaluate(parse(f"={text}", 0, 0), str) == pytest.approx(tolerance(decimals), rel=1e-5)


@pytest.mark.parametrize(
    ("sizes", "largest"),
    [((4, 8, 8, 9), "3-3-3-3"), ((784, 30, 10), "5-5-5"), ((3,) * 6, "2-2-2-2-2-2"), ((1,) * 40, None)],
    ids=["seven segments", "digits", "many layers", "deep"],
)
def test_too_long(sizes: tuple[int, ...], largest: str | None) -> None:
    """A net whose formulas Excel would not take is refused, and the largest of its depth is named."""
    term = Term("w", 1, 0, 0)
    ask = {"gradient": Use(term), "tolerance": 0.1, "right": "+", "wrong": "-"}
    with pytest.raises(LayoutError, match="feedback column") as caught:
        verdict(term, sizes, Conventions(), **ask)
    if largest is None:
        assert "the largest" not in str(caught.value)
        return
    assert f"{largest} is the largest that can" in str(caught.value)
    square = tuple(map(int, largest.split("-")))
    longest = verdict(term, square, Conventions(), **ask)
    assert len(written(longest, lambda use: "$AB$1000")) < 8192
    with pytest.raises(LayoutError):
        verdict(term, tuple(size + 1 for size in square), Conventions(), **ask)


def test_outputs_first() -> None:
    """Where the outputs are updated first only their own columns are slopes of the cost."""
    network = replace(NOTE, conventions=Conventions(order="outputs first"))
    with pytest.raises(ValueError, match=r"dC/dw|w00\(1\)"):
        _verdict(network, Term("w", 1, 0, 0))
    assert _verdict(network, Term("w", 2, 0, 0)) == _verdict(NOTE, Term("w", 2, 0, 0))


def test_shared_bias_moves_in_all_neurons() -> None:
    """The bias that a layer shares is moved wherever it is used, whichever neuron's is asked for."""
    network = NETS["δ of T-a, columns of -dC/dW, shared biases"]
    bias = Term("w", 1, 0, 2)
    assert is_bias(bias, network.sizes)
    moved = written(central_difference(bias, network.sizes, network.conventions), lambda use: named(use.term))
    assert moved.count("(w02(1)+0.0001)") == moved.count("(w12(1)+0.0001)") > 0
    assert math.isclose(_column_gradient(network, bias), _column_gradient(network, bias._replace(i=1)))
