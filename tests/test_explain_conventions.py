"""Explain on sheets of every convention, and with columns of what lies between, recalculated by LibreOffice."""

import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

import openpyxl
import pytest

from sheetnet import find_nets, load
from sheetnet.book.grid import Book
from sheetnet.formula.address import a1
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import INTERMEDIATES, Term
from tests.conventional import Way, write
from tests.explained import chained, check_numbers, report
from tests.handmade import handmade
from tests.witnesses import libreoffice

pytestmark = pytest.mark.libreoffice

WAYS = {
    "Note": Way(),
    "Added": Way(difference="T-a", gradients="dC/dW"),
    "Negative": Way(difference="T-a", gradients="-dC/dW", via=True),
    "Squares": Way(cost="squares", outputs="linear"),
    "Means": Way(sizes=(2, 2, 3), cost="mean squares", outputs="tanh"),
    "HalfMeans": Way(sizes=(2, 2, 3), cost="half mean squares", difference="T-a"),
    "Entropy": Way(cost="cross-entropy", hidden="tanh"),
    "Softmax": Way(cost="cross-entropy", outputs="softmax", gradients="dC/dW"),
    "SoftmaxAdded": Way(cost="cross-entropy", outputs="softmax", hidden="relu", difference="T-a"),
    "Sum": Way(batch="sum"),
    "SumVia": Way(batch="sum", gradients="dC/dW", via=True),
    "Mean": Way(batch="mean", biases="shared", difference="T-a"),
    "MeanOfFour": Way(sizes=(2, 2, 1), batch="mean", patterns=4, gradients="dC/dW", via=True, steps=9),
    "Shared": Way(biases="shared", gradients="dC/dW"),
    "Fixed": Way(biases="fixed", gradients="dC/dW"),
    "None": Way(biases="none", sizes=(2, 3, 2, 2)),
    "Mazur": Way(order="outputs first", biases="fixed", patterns=1),
    "Written": Way(rate="0.5"),
    "Elsewhere": Way(rate="Rates!$B$2"),
}


Computed: TypeAlias = Callable[[str], Path]


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """Return what gives each way's workbook, computed by LibreOffice."""
    folder = tmp_path_factory.mktemp("ways")
    (folder / "computed").mkdir()

    @cache
    def path_of(name: str) -> Path:
        path = write(folder / f"{name}.xlsx", {name: WAYS[name]})
        if name == "Elsewhere":
            book = openpyxl.load_workbook(path)
            book.create_sheet("Rates")["B1"] = "Learning rate"
            book["Rates"]["B2"] = 0.5
            book.save(path)
        return libreoffice.converted(path, ".xlsx", folder / "computed")

    return path_of


def _layout(book: Book, name: str) -> Layout:
    [layout] = find_nets(book, [name])
    return layout


def _value(book: Book, name: str, row: int, column: int) -> float:
    cell = book.sheet(name).cell(row, column)
    assert cell is not None
    assert isinstance(cell.value, float), a1(row, column)
    return cell.value


@pytest.mark.parametrize("name", WAYS)
def test_numbers_are_the_sheets(computed: Computed, name: str) -> None:
    """In each kind of column the rule is the sheet's own formula, and every step has Calc's value."""
    path, way = computed(name), WAYS[name]
    book = load(path)
    layout = _layout(book, name)
    seen = set()
    for term, column in layout.columns.items():
        kind = (term.kind, term.layer, min(term.i, 1), term.j == layout.sizes[term.layer - 1])
        if kind in seen:
            continue
        seen.add(kind)
        rows = {way.patterns, way.patterns + 1} if term.kind == "w" else {way.patterns}
        for row in sorted(layout.first_row + step for step in rows):
            text = check_numbers(path, f"{name}.{a1(row, column)}", _value(book, name, row, column))
            assert "as on your sheet" in text
            assert not re.search("Your sheet has|your sheet has|sheetnet check", text), text
    assert len(seen) >= 12


# ---------------------------------------------------------------- the chain is the cost's slope


def _costs(way: Way, layout: Layout, values: dict[Term, float]) -> float:
    """Return the cost of a row with some weights, by this test's own arithmetic."""
    last = len(layout.sizes) - 1
    a = [values[Term("a", 0, i)] for i in range(layout.sizes[0])]
    for layer in range(1, last + 1):
        ones = [] if way.biases == "none" else [1.0]
        z = [
            sum(x * values[Term("w", layer, i, j)] for j, x in enumerate([*a, *ones]))
            for i in range(layout.sizes[layer])
        ]
        kind = way.outputs if layer == last else way.hidden
        total = sum(map(math.exp, z))
        a = [
            {
                "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
                "tanh": math.tanh,
                "relu": lambda x: max(0, x),
                "linear": lambda x: x,
                "softmax": lambda x: math.exp(x) / total,  # noqa: B023
            }[kind](x)
            for x in z
        ]
    pairs = [(x, values[Term("target", 0, i)]) for i, x in enumerate(a)]
    if way.cost == "cross-entropy":
        if way.outputs == "softmax":
            return -sum(t * math.log(x) for x, t in pairs)
        return -sum(t * math.log(x) + (1 - t) * math.log(1 - x) for x, t in pairs)
    squares, n = sum((x - t) ** 2 for x, t in pairs), len(pairs)
    factors = {"half squares": 0.5, "squares": 1, "mean squares": 1 / n, "half mean squares": 0.5 / n}
    return squares * factors[way.cost]


@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if way.order == "simultaneous"])
def test_chain_is_the_slope_of_the_cost(computed: Computed, name: str) -> None:
    """Where there is a chain it comes to the central difference of the row's cost; else it is said why."""
    path, way = computed(name), WAYS[name]
    book = load(path)
    layout = _layout(book, name)
    row = layout.first_row + way.patterns - 1
    values = {term: _value(book, name, row, column) for term, column in layout.columns.items()}
    weights = [term for term in layout.columns if term.kind == "w"]
    found = 0
    for weight in weights[:: 1 if len(weights) < 10 else 3]:
        text = report(path, f"{name}.{a1(row + 1, layout.columns[weight])}")
        bias = weight.j == layout.sizes[weight.layer - 1]
        if way.biases in ("shared", "fixed") and bias:
            assert "chain" not in text
        elif way.outputs == "softmax" and weight.layer == 2:
            assert f"No chain through one neuron leads to dC/dw{weight.i}{weight.j}(2)" in text
        else:
            sides = [
                _costs(way, layout, {**values, weight: values[weight] + shift}) for shift in (1e-5, -1e-5)
            ]
            slope = (sides[0] - sides[1]) / 2e-5
            name_ = f"dC/dw{weight.i}{weight.j}({weight.layer})"
            assert chained(text, name_) == pytest.approx(slope, rel=1e-3, abs=1e-6)
            found += 1
    assert found >= 2


# ---------------------------------------------------------------- words

SAID = {
    "note": ("Note.W9", ["How fast the cost rises when the weighted sum into output 0 rises."], ["falls"]),
    "T-a δ": ("Added.M9", ["How fast the cost falls when the weighted sum into hidden neuron 0 rises."], []),
    "T-a update": ("Added.E10", ["new w00(1) = w00(1) + γ*δ0(1)*a0(0)", "It is added, since this δ says how fast the cost falls.", "The update holds -dC/dw00(1) of step 1, row 9. dC/dw00(1) by the chain rule:"], []),
    "T-a gradient": ("Added.AB9", ["How fast the cost rises when w00", "dC/dw00(1) = -δ0(1) * a0(0)"], ["negative"]),
    "T-a rate": ("Added.A8", ["new weight = weight + γ * δ * a."], ["dC/dw"]),
    "negative gradient": ("Negative.AB9", ["How fast the cost falls (this column has the negative of dC/dw) when w00", "dC/dw00(1) = δ0(1) * a0(0)", "This column has the negative of it."], []),
    "negative, update": ("Negative.E10", ["w00(1) + γ*dC/dw00(1)", "what is called dC/dw here says how fast the cost falls"], []),
    "squares": ("Squares.AA9", ["targets: the squares, added up."], ["half"]),
    "linear outputs": ("Squares.W9", ["2 * (a0(2)-T0)", "its slope is 1"], ["da0"]),
    "mean squares": ("Means.AG9", ["the mean of the squares over 3 outputs."], ["half"]),
    "half mean squares": ("HalfMeans.AG9", ["half of the mean of the squares over 3 outputs."], []),
    "cross-entropy": ("Entropy.AA9", ["cross-entropy, -T*ln(a)-(1-T)*ln(1-a), added up."], ["squares"]),
    "cross-entropy, δ": ("Entropy.W9", ["a0(2) - T0", "The slope of the sigmoid takes no part: cross-entropy cancels it."], ["a(1-a)"]),
    "softmax, a": ("Softmax.U9", ["which makes all outputs add up to 1", "EXP(z0(2))/(EXP(z0(2))+EXP(z1(2)))", "the weights of the sum into output 1 and its bias"], []),
    "softmax, δ": ("Softmax.W9", ["cancels it, as long as the targets add up to 1."], ["a(1-a)"]),
    "softmax, C": ("Softmax.AA9", ["cross-entropy, -T*ln(a), added up."], ["(1-T)"]),
    "softmax, hidden": ("Softmax.E10", ["dC/dz0(2) * dz0(2)/da0(1)", "dC/dz is that neuron's δ."], ["No chain"]),
    "softmax, T-a": ("SoftmaxAdded.E10", ["dC/dz is that neuron's -δ."], []),
    "batch, begins a pass": ("Sum.E10", ["w00(1) - γ * the sum of δ0(1)*a0(0) over 2 rows", "M8, M9   δ0 of layer 1", "by the sum of what its 2 rows give, 8-9.", "The update holds dC/dw00(1) of steps 0-1. dC/dw00(1) of row 9 by the chain rule:"], []),
    "batch, within a pass": ("Sum.E11", ["new w00(1) = w00(1)\n", "wait until then: next in row 12."], ["chain"]),
    "batch, biases are trained": ("Sum.G10", ["w02(1) - γ * the sum of δ0(1) over 2 rows"], ["never"]),
    "mean of four": ("MeanOfFour.E12", ["w00(1) - γ * the mean of dC/dw00(1) over 4 rows", "by the mean of what its 4 rows give, 8-11."], []),
    "mean of four, waiting": ("MeanOfFour.E15", ["next in row 16."], []),
    "mean, shared": ("Mean.G10", ["w02(1) + γ * the mean of δ0(1)+δ1(1) over 2 rows", "share the bias, so their δ are added up."], ["chain"]),
    "shared, neuron 1's": ("Shared.J10", ["new w12(1) = w02(1)\n", "What each neuron of the layer adds", "The neurons of this layer share one bias."], []),
    "fixed": ("Fixed.G10", ["new w02(1) = w02(1)\n", "Biases are never updated on this sheet."], ["chain"]),
    "fixed, its dC/dw": ("Fixed.AD9", ["dC/dw02(1) by the chain rule:"], []),
    "no biases": ("None.E9", ["w00(1)"], ["bias"]),
    "outputs first": ("Mazur.M9", ["The weights are those of the next row: this sheet updates the outputs first."], ["same row"]),
    "written rate": ("Written.E10", ["E9 - 0.5*M9*C9        as on your sheet", "0.5      the learning rate γ: how far an update goes; it has no cell"], []),
    "rate elsewhere": ("Elsewhere.E10", ["E9 - Rates!$B$2*M9*C9", "Rates.B2  the learning rate γ"], []),
    "that rate": ("Rates.B2", ["Rates, B2: the learning rate γ = 0.5", "every update of the 2-2-2 net uses it", "Elsewhere.E9:J14 (6 weights of layer 1)"], []),
}  # fmt: skip


@pytest.mark.parametrize(("cell", "parts", "absent"), SAID.values(), ids=SAID)
def test_what_is_said(computed: Computed, cell: str, parts: list[str], absent: list[str]) -> None:
    """Each convention has its words, and no words of the others."""
    name = cell.partition(".")[0]
    text = report(computed("Elsewhere" if name == "Rates" else name), cell)
    flat = " ".join(text.split())
    for part in parts:
        assert part in text or part in flat, text
    for part in absent:
        assert part not in text, text


# ---------------------------------------------------------------- columns of what lies between

ORDERS = {
    "all": "a0 w1 b1 z1 a1 s1 d1 w2 b2 z2 a2 s2 e d2 T p C",
    "z alone": "a0 w1 b1 z1 a1 d1 w2 b2 z2 a2 d2 T C",
    "slopes alone": "a0 w1 b1 a1 s1 d1 w2 b2 a2 s2 d2 T C",
    "misses alone": "a0 w1 b1 a1 d1 w2 b2 a2 e d2 T C",
    "parts at the right": "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C p",
}
THROUGH = {
    "all": [
        "1/(1+EXP(-z0(1)))",
        "(a0(2)-T0) * σ'0(2)",
        "σ'0(1) * ( δ0(2)*w00(2) + δ1(2)*w10(2) )",
        "C0 + C1",
    ],
    "z alone": ["1/(1+EXP(-z0(1)))", "(a0(2)-T0) * a0(2) * (1-a0(2))", "0.5*(a0(2)-T0)^2"],
    "slopes alone": ["(a0(2)-T0) * σ'0(2)", "1/(1+EXP(-( a0(0)*w00(1)"],
    "misses alone": ["(a0(2)-T0) * a0(2) * (1-a0(2))", "0.5*(a0(2)-T0)^2"],
    "parts at the right": ["C0 + C1", "0.5 * (a0(2)-T0)^2"],
}


@pytest.mark.parametrize("groups", ORDERS)
def test_columns_between(tmp_path: Path, groups: str) -> None:
    """The rule goes through the columns that the sheet uses, and their cells feed it; numbers are Calc's."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, ORDERS[groups])
    (tmp_path / "computed").mkdir()
    path = libreoffice.converted(path, ".xlsx", tmp_path / "computed")
    book = load(path)
    layout = _layout(book, "Sheet1")
    row = layout.first_row + 1
    texts = {
        term: check_numbers(path, a1(row, column), _value(book, "Sheet1", row, column))
        for term, column in layout.columns.items()
        if term.i == 0 and term.j in (0, 2)
    }
    assert all("as on your sheet" in text for text in texts.values())
    rules = [text.partition("  rule ")[2] for text in texts.values()]
    for part in THROUGH[groups]:
        assert any(part in rule for rule in rules), part
    between = {term: layout.columns[term] for term in layout.columns if term.kind in INTERMEDIATES}
    assert between
    for term, column in between.items():
        if term.i:
            continue
        for address in re.findall(r"\b[A-Z]+\d+\b", texts[term].partition("Used by ")[2]):
            user = next(t for t, c in layout.columns.items() if a1(row, c) == address)
            if user.i == 0 and user in texts:
                assert a1(row, column) in _fed(texts[user]), (term, user)


def _fed(text: str) -> list[str]:
    """Return the addresses that begin the lines below the numbers."""
    lines = re.findall(r"^  ([A-Z]+\d+(?:, [A-Z]+\d+)*) ", text, re.MULTILINE)
    return [address for line in lines for address in line.split(", ")]


MEANT = {
    "z": ("K9", ["z0 of layer 1, step 1", "The weighted sum into hidden neuron 0", "C9, E9   a0 of layer 0 and w00 of layer 1: what comes from input 0", "Used by M9 (a0 of layer 1)."]),
    "slope": ("O9", ["σ'0 of layer 1, step 1", "How fast what hidden neuron 0 answers rises when its weighted sum rises.", "M9       a0 of layer 1: this neuron's own value", "Used by Q9 (δ0 of layer 1)."]),
    "miss": ("AE9", ["a0-T0, step 1", "How far output 0 is off: what it answers less what it should answer.", "a0(2)-T0 = a0(2) - T0"]),
    "part": ("AK9", ["the part C0 of the cost, step 1", "What output 0 adds to the cost: half of the square of a-T.", "Used by AM9 (the cost C)."]),
    "δ": ("AG9", ["AE9      a0-T0: how far output 0 is off", "AC9      σ'0 of layer 2: this neuron's slope"]),
    "a": ("M9", ["K9       z0 of layer 1: its weighted sum", "Used by O9 (σ'0 of layer 1)"]),
    "C": ("AM9", ["AK9      the part C0 of the cost: what output 0 adds"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def between(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sheet that has a column for every intermediate quantity."""
    folder = tmp_path_factory.mktemp("between")
    path = handmade(folder / "net.xlsx", (2, 2, 2), 4, ORDERS["all"])
    (folder / "computed").mkdir()
    return libreoffice.converted(path, ".xlsx", folder / "computed")


@pytest.mark.parametrize(("cell", "parts"), MEANT.values(), ids=MEANT)
def test_what_lies_between(between: Path, cell: str, parts: list[str]) -> None:
    """Each intermediate quantity is named, told what it means, and where it comes from and goes to."""
    text = report(between, cell)
    for part in parts:
        assert part in text, text


def test_columns_between_of_other_conventions(tmp_path: Path) -> None:
    """Misses of T - a beside a δ of a - T, and squares of which C is a half, are taken as what they are."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, ORDERS["all"])
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    for r in range(8, 12):
        for e, a, t, delta, slope, part in (
            ("AE", "AA", "AI", "AG", "AC", "AK"),
            ("AF", "AB", "AJ", "AH", "AD", "AL"),
        ):
            sheet[f"{e}{r}"] = f"={t}{r}-{a}{r}"
            sheet[f"{delta}{r}"] = f"=-{e}{r}*{slope}{r}"
            sheet[f"{part}{r}"] = f"={e}{r}^2"
        sheet[f"AM{r}"] = f"=0.5*(AK{r}+AL{r})"
    book.save(path)
    (tmp_path / "computed").mkdir()
    path = libreoffice.converted(path, ".xlsx", tmp_path / "computed")
    computed = load(path)
    told = {
        "AE9": ["T0-a0, step 1", "T0-a0(2) = T0 - a0(2)", "what it should answer less what it answers"],
        "AG9": ["How fast the cost rises", "-(T0-a0(2)) * σ'0(2)", "AE9      T0-a0: how far output 0 is off"],
        "AK9": ["(T0-a0(2))^2", "What the cost is made of, for output 0: the square of"],
        "AM9": ["half of the squares, added up", "0.5 * ( C0 + C1 )", "AK9      the part C0 of the cost"],
    }
    layout = _layout(computed, "Sheet1")
    for cell, parts in told.items():
        column = openpyxl.utils.column_index_from_string(cell[:2]) - 1
        assert column in layout.columns.values()
        text = check_numbers(path, cell, _value(computed, "Sheet1", 8, column))
        for part in ["as on your sheet", *parts]:
            assert part in text or part in " ".join(text.split()), text
