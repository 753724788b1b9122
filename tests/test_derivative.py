"""Derivatives of formulas, against central differences of the same functions in plain Python."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sheetnet.formula import columns, derivative
from sheetnet.formula.address import a1, read_address
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import Column, evaluate_columns
from sheetnet.formula.derivative import gradients, partials
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Expression,
    Operation,
    Reference,
    add,
    multiply,
    walk,
)
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import parse
from tests.test_columns import FORMULAS, PLACES, expressions

RELATIVE, ABSOLUTE = 1e-8, 1e-9
"""How near a five-point difference comes to the derivative here; a rule wrong by 0.05 % is 5e-4 away."""
STEP = 2.0**-11


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _deviations(*values: float) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


# Each formula of A1 (−2 … 2), B1 and C1 (0.3 … 2) once more, as a function of its own.
FUNCTIONS: dict[str, Callable[[float, float, float], float]] = {
    "=A1": lambda a, b, c: a,
    "=A1+B1": lambda a, b, c: a + b,
    "=A1-B1": lambda a, b, c: a - b,
    "=A1*B1": lambda a, b, c: a * b,
    "=A1/B1": lambda a, b, c: a / b,
    "=3/B1": lambda a, b, c: 3 / b,
    "=A1^2": lambda a, b, c: a**2,
    "=A1^3": lambda a, b, c: a**3,
    "=B1^-1.5": lambda a, b, c: b**-1.5,
    "=B1^A1": lambda a, b, c: b**a,
    "=2^A1": lambda a, b, c: 2**a,
    "=A1^0": lambda a, b, c: 1.0,
    "=POWER(A1,5)": lambda a, b, c: a**5,
    "=POWER(B1,C1)": lambda a, b, c: b**c,
    "=-A1": lambda a, b, c: -a,
    "=+A1": lambda a, b, c: a,
    "=A1%": lambda a, b, c: a / 100,
    "=EXP(A1)": lambda a, b, c: math.exp(a),
    "=LN(B1)": lambda a, b, c: math.log(b),
    "=LOG10(B1)": lambda a, b, c: math.log10(b),
    "=LOG(B1)": lambda a, b, c: math.log10(b),
    "=LOG(B1,C1+3)": lambda a, b, c: math.log(b, c + 3),
    "=SQRT(B1)": lambda a, b, c: math.sqrt(b),
    "=SIN(A1)": lambda a, b, c: math.sin(a),
    "=COS(A1)": lambda a, b, c: math.cos(a),
    "=TANH(A1)": lambda a, b, c: math.tanh(a),
    "=SINH(A1)": lambda a, b, c: math.sinh(a),
    "=COSH(A1)": lambda a, b, c: math.cosh(a),
    "=ATAN(A1)": lambda a, b, c: math.atan(a),
    "=ABS(A1)*B1": lambda a, b, c: abs(a) * b,
    "=INT(A1)+B1": lambda a, b, c: math.floor(a) + b,
    "=SIGN(A1)*C1": lambda a, b, c: math.copysign(1, a) * c,
    "=ROUND(A1,1)*C1": lambda a, b, c: round(a, 1) * c,
    "=PI()*A1": lambda a, b, c: math.pi * a,
    "=IF(TRUE(),A1,FALSE())": lambda a, b, c: a,
    "=IF(A1>0,B1*A1,C1*C1)": lambda a, b, c: b * a if a > 0 else c * c,
    "=IF(A1>0,LN(A1),0)": lambda a, b, c: math.log(a) if a > 0 else 0.0,
    "=IF(A1>0,A1)": lambda a, b, c: a if a > 0 else 0.0,
    "=IF(AND(A1>0,B1>=1),A1,IF(OR(A1<-1,NOT(C1<=1)),B1,C1))": lambda a, b, c: (
        a if a > 0 and b >= 1 else b if a < -1 or not c <= 1 else c
    ),
    "=(A1>0)*A1*B1+(A1<>B1)*C1+(A1=B1)": lambda a, b, c: (a > 0) * a * b + c,
    "=IFERROR(LN(A1),-2*C1)": lambda a, b, c: math.log(a) if a > 0 else -2 * c,
    "=IFERROR(SQRT(A1)*B1,A1*C1)": lambda a, b, c: math.sqrt(a) * b if a > 0 else a * c,
    "=MAX(0,A1)": lambda a, b, c: max(0.0, a),
    "=MAX(A1:C1)": max,
    "=MIN(A1*B1,C1,B1)": lambda a, b, c: min(a * b, c, b),
    "=SUM(A1:C1,A1)": lambda a, b, c: a + b + c + a,
    "=SUMSQ(A1:C1)": lambda a, b, c: a * a + b * b + c * c,
    "=PRODUCT(A1:C1,2,A1)": lambda a, b, c: a * b * c * 2 * a,
    "=PRODUCT(A1)": lambda a, b, c: a,
    "=SUMPRODUCT(A1,B1,C1)": lambda a, b, c: a * b * c,
    "=SUMPRODUCT(A1:B1,B1:C1)": lambda a, b, c: a * b + b * c,
    "=SUMPRODUCT((A1:B1-B1:C1)^2)/2": lambda a, b, c: ((a - b) ** 2 + (b - c) ** 2) / 2,
    "=AVERAGE(A1:C1)": lambda a, b, c: (a + b + c) / 3,
    "=COUNT(A1:C1)*A1": lambda a, b, c: 3 * a,
    "=DEVSQ(A1:C1)": _deviations,
    "=SUMXMY2(A1,B1)": lambda a, b, c: (a - b) ** 2,
    "=SUMX2MY2(A1,B1)": lambda a, b, c: a * a - b * b,
    "=SUMX2PY2(A1,B1)": lambda a, b, c: a * a + b * b,
    "=SUMXMY2(A1:B1,B1:C1)": lambda a, b, c: (a - b) ** 2 + (b - c) ** 2,
    "=SUM(MMULT(A1:B1,TRANSPOSE(B1:C1)))": lambda a, b, c: a * b + b * c,
    "=A1*A1+A1": lambda a, b, c: a * a + a,
    "=1/(1+EXP(-(A1*B1+C1)))": lambda a, b, c: _sigmoid(a * b + c),
    "=0.5*((TANH(A1*B1)-C1)^2+(SIN(A1)/B1-A1)^2)": lambda a, b, c: (
        0.5 * ((math.tanh(a * b) - c) ** 2 + (math.sin(a) / b - a) ** 2)
    ),
}  # fmt: skip

# No kink and no jump of a formula above is nearer than two steps.
ROWS = [
    (0.68, 0.37, 1.13), (-0.81, 0.59, 1.72), (0.39, 1.34, 1.51), (-0.52, 1.47, 1.28), (1.48, 0.83, 1.94),
    (-1.57, 1.26, 1.61), (1.93, 1.07, 0.42),
]  # fmt: skip


def _place(values: Any) -> Callable[[Any], Any]:
    """Return a lookup of cells of row 1 in a table, one row a place."""
    table = np.array(values)
    return lambda target: table[..., target.column]


def _difference(function: Callable[..., float], at: tuple[float, ...], index: int) -> float:
    """Return (f(x−2h) − 8f(x−h) + 8f(x+h) − f(x+2h)) / 12h, exact but for h⁴ and rounding."""

    def shifted(steps: int) -> float:
        return function(*(x + steps * STEP * (i == index) for i, x in enumerate(at)))

    return (shifted(-2) - 8 * shifted(-1) + 8 * shifted(1) - shifted(2)) / (12 * STEP)


def _compare(formula: str) -> None:
    """Compare values and derivatives of a formula with those of the function beside it."""
    expression = parse(formula, 0, 0)
    function = FUNCTIONS[formula]
    values, slopes = partials(expression, _place(ROWS))
    expected = [function(*row) for row in ROWS]
    np.testing.assert_allclose(np.broadcast_to(values, len(ROWS)), expected, rtol=1e-14, atol=1e-14)
    found = {target.column: slope for target, slope in slopes.items()}  # type: ignore[attr-defined]
    for index in range(3):
        expected = [_difference(function, row, index) for row in ROWS]
        np.testing.assert_allclose(
            np.broadcast_to(found.get(index, 0.0), len(ROWS)), expected, rtol=RELATIVE, atol=ABSOLUTE
        )


@pytest.mark.parametrize("formula", FUNCTIONS)
def test_derivatives_are_central_differences(formula: str) -> None:
    """Each formula's derivative by each cell is that of the function, at all places at once."""
    _compare(formula)


def _formulas_with(name: str) -> list[str]:
    def named(formula: str) -> bool:
        parts = [parse(formula, 0, 0), *walk(scalar(parse(formula, 0, 0)))]
        return any(
            (isinstance(part, Call) and part.name == name)
            or (isinstance(part, Operation) and part.operator == name)
            for part in parts
        )

    return list(filter(named, FUNCTIONS))


def test_every_function_has_a_rule_and_a_test() -> None:
    """The tables together name each operator and function of columns once, and each stands in a formula above."""
    tables = [*derivative._OF_EACH, *derivative._OF_ALL, *derivative._CHOICES, *derivative._FLAT]
    assert sorted(tables) == sorted([*columns._OPERATORS, *columns._FUNCTIONS])
    assert not [name for name in tables if not _formulas_with(name)]


def _is_caught(name: str) -> bool:
    def fails(formula: str) -> bool:
        try:
            _compare(formula)
        except AssertionError:
            return True
        return False

    return any(map(fails, _formulas_with(name)))


WRONG = 1.0005
RULES = [(name, index) for name, rules in derivative._OF_EACH.items() for index in range(len(rules))]


@pytest.mark.parametrize(("name", "index"), RULES, ids=str)
def test_a_slightly_wrong_rule_is_caught(name: str, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivative by one argument that is wrong by 0.05 % fails the comparison above."""
    rules = list(derivative._OF_EACH[name])
    right = rules[index]
    rules[index] = lambda *values: WRONG * right(*values)
    assert not _is_caught(name)
    monkeypatch.setitem(derivative._OF_EACH, name, tuple(rules))
    assert _is_caught(name)


@pytest.mark.parametrize("name", derivative._OF_ALL)
def test_a_slightly_wrong_rule_for_many_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does one of a function of any number of arguments, wrong in the last of them only."""
    right = derivative._OF_ALL[name]

    def wrong(*values: Any) -> list[Any]:
        *others, last = right(*values)
        return [*others, WRONG * last]

    monkeypatch.setitem(derivative._OF_ALL, name, wrong)
    assert _is_caught(name)


@pytest.mark.parametrize("name", derivative._CHOICES)
def test_the_wrong_branch_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a choice that passes the derivative to the branches not taken."""
    right = derivative._CHOICES[name]
    monkeypatch.setitem(
        derivative._CHOICES, name, lambda step: [np.logical_not(here) for here in right(step)]
    )
    assert _is_caught(name)


@pytest.mark.parametrize(
    ("formula", "row", "expected"),
    [
        pytest.param("=ABS(A1)", [0.0], [0.0], id="ABS at 0"),
        pytest.param("=MAX(0,A1)", [0.0], [0.0], id="relu at 0"),
        pytest.param("=MAX(A1,0)", [0.0], [0.0], id="relu at 0, the constant last"),
        pytest.param("=MAX(A1,B1)", [2.0, 2.0], [1.0, 0.0], id="the first of equal ones"),
        pytest.param("=MIN(A1,A1)", [2.0], [1.0], id="a cell equal to itself"),
        pytest.param("=IF(A1>0,A1,0.1*A1)", [0.0], [0.1], id="leaky relu at 0"),
        pytest.param("=PRODUCT(A1:C1)", [0.0, 2.0, 3.0], [6.0, 0.0, 0.0], id="a product with a 0"),
        pytest.param("=PRODUCT(A1:C1)", [0.0, 2.0, 0.0], [0.0, 0.0, 0.0], id="a product with two"),
        pytest.param("=A1^3", [-2.0], [12.0], id="a power of a negative base"),
        pytest.param("=A1^B1", [-2.0, 3.0], [12.0, math.nan], id="of which the exponent can't vary"),
        pytest.param("=A1^B1", [0.0, 2.0], [0.0, 0.0], id="a power of 0"),
        pytest.param("=A1^1", [0.0], [1.0], id="first power of 0"),
        pytest.param("=A1^B1", [3.0, 0.0], [0.0, math.log(3)], id="power 0"),
        pytest.param("=SQRT(A1)", [0.0], [math.inf], id="a vertical tangent"),
        pytest.param("=LN(A1)*B1", [-1.0, 5.0], [math.nan, math.nan], id="an error"),
        pytest.param("=1/A1+B1", [0.0, 5.0], [math.nan, math.nan], id="a pole"),
        pytest.param("=EXP(A1*1000)", [2.0], [math.nan], id="an overflow"),
        pytest.param("=IF(A1=0,B1,1/A1)", [0.0, 3.0], [0.0, 1.0], id="an error not taken"),
        pytest.param("=IF(A1=0,B1,SQRT(A1))", [0.0, 3.0], [0.0, 1.0], id="a tangent not taken"),
        pytest.param("=IFERROR(A1*B1,C1^2)", [math.nan, 2.0, 3.0], [0.0, 0.0, 6.0], id="an error's replacement"),
        pytest.param("=IF(A1>0,1,2)", [1.0], [0.0], id="in the test only"),
        pytest.param("=TANH(A1)", [1000.0], [0.0], id="saturated"),
        pytest.param("=1/(1+EXP(-A1))", [-300.0], [math.exp(-300.0)], id="saturated sigmoid"),
    ],
)  # fmt: skip
def test_kinks_errors_and_limits(formula: str, row: list[float], expected: list[float]) -> None:
    """The branch taken decides; where there is no derivative it is nan or infinite, and nothing warns.

    The same comes out when other places, without errors, are computed along.
    """
    expression = parse(formula, 0, 0)
    _, single = partials(expression, lambda target: row[target.column])
    _, several = partials(expression, _place([row, [0.7] * len(row)]))
    for index, value in enumerate(expected):
        target = CellReference(0, index)
        assert single[target] == pytest.approx(value, rel=1e-14, abs=0.0, nan_ok=True)
        assert np.broadcast_to(several[target], 2)[0] == pytest.approx(value, rel=1e-14, abs=0.0, nan_ok=True)


@pytest.mark.parametrize("formula", FORMULAS)
def test_values_are_those_of_columns(formula: str) -> None:
    """The values beside the derivatives are `evaluate_columns`' own, errors too."""
    lookup = _place([*ROWS, (0.0, 1.0, 1.0), (-1.0, math.nan, 2.0)])
    values, slopes = partials(parse(formula, 0, 0), lookup)
    np.testing.assert_array_equal(values, evaluate_columns(parse(formula, 0, 0), lookup))
    for slope in slopes.values():
        assert slope.dtype == np.float64
        assert slope.shape in ((), (len(ROWS) + 2,))


@given(expressions())
@settings(max_examples=300, deadline=None)
def test_any_expression_has_values_and_derivatives(expression: Expression) -> None:
    """Values are `evaluate_columns`' own whatever the expression; each target has a derivative, nan in errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values, slopes = partials(expression, _place(PLACES))
    np.testing.assert_array_equal(values, evaluate_columns(expression, _place(PLACES)))
    assert set(slopes) == {part.target for part in walk(expression) if isinstance(part, Reference)}
    for slope in slopes.values():
        everywhere = np.broadcast_to(slope, len(PLACES))
        assert np.isnan(everywhere[np.broadcast_to(np.isnan(values), len(PLACES))]).all()


def test_long_sums_need_no_recursion() -> None:
    """A sum of 500 products of cells passes to each factor the other one, and a cell used 5,000 times the sum."""
    cells = [(Reference(("w", index)), Reference(("a", index))) for index in range(500)]
    at = {
        pair[side].target: np.array([index + 1.0, -index])
        for index, pair in enumerate(cells)
        for side in (0, 1)
    }
    at |= {w.target: 2 * at[w.target] for w, _ in cells}
    values, slopes = partials(add(*(multiply(w, a) for w, a in cells)), at.__getitem__)
    assert len(slopes) == 1000
    np.testing.assert_allclose(
        values, [2 * sum(i * i for i in range(501)), 2 * sum(i * i for i in range(500))]
    )
    for w, a in cells:
        np.testing.assert_array_equal(slopes[w.target], at[a.target])
        np.testing.assert_array_equal(slopes[a.target], at[w.target])
    cell = Reference("x")
    assert partials(add(*[cell] * 5000), lambda _: 1.0)[1] == {"x": 5000.0}


@pytest.mark.parametrize(
    "formula", ['="a"', "=A1&B1", "=RAND()", "=EXP(A1,B1)", "=name+1", "=A1:B2+1", "=IF(A1)"]
)
def test_what_is_not_arithmetic_is_refused(formula: str) -> None:
    """What `evaluate_columns` does not compute has no derivative either."""
    with pytest.raises(NotComputable):
        partials(parse(formula, 0, 0), lambda _: np.ones(3))


# ---------------------------------------------------------------- along the cells of a sheet

NET = {
    "A1": 0.05, "B1": 0.10, "C1": 0.01, "D1": 0.99,
    "A2": 0.15, "B2": 0.20, "C2": 0.35, "A3": 0.25, "B3": 0.30, "C3": 0.35,
    "A4": 0.40, "B4": 0.45, "C4": 0.60, "A5": 0.50, "B5": 0.55, "C5": 0.60,
    "E2": "=SUMPRODUCT(A2:B2,A$1:B$1)+C2", "E3": "=SUMPRODUCT(A3:B3,A$1:B$1)+C3",
    "F2": "=1/(1+EXP(-E2))", "F3": "=1/(1+EXP(-E3))",
    "E4": "=$F$2*A4+$F$3*B4+C4", "E5": "=$F$2*A5+$F$3*B5+C5",
    "F4": "=1/(1+EXP(-E4))", "F5": "=1/(1+EXP(-E5))",
    "G4": "=(C1-F4)^2/2", "G5": "=0.5*(D1-F5)^2", "H4": "=SUM(G4:G5)",
}  # fmt: skip
"""Mazur's net: inputs and targets in row 1, hidden neurons in rows 2 and 3, outputs in 4 and 5."""
# Mazur's article prints 12 decimals.
PRINTED = 5.1e-13


def _gradients(root: str, sheet: dict[str, Any]) -> tuple[dict[Any, Column], dict[Any, Column | float]]:
    """Return the derivatives by a sheet's cells, and the cells' values."""
    values: dict[Any, Column | float] = {}

    def expression_of(cell: Any) -> Expression | None:
        address = read_address(cell)
        assert address is not None
        return parse(sheet[cell], *address[1:]) if isinstance(sheet[cell], str) else None

    def at(cell: Any, target: CellReference) -> str:
        address = read_address(cell)
        assert address is not None
        return a1(*target.at(*address[1:])[1:])

    def value(cell: Any) -> Column | float:
        if cell not in values:
            expression = expression_of(cell)
            values[cell] = (
                sheet[cell]
                if expression is None
                else evaluate_columns(expression, lambda target: value(at(cell, target)))
            )
        return values[cell]

    found = gradients(root, expression_of=expression_of, at=at, value=value)
    values[root] = value(root)
    return found, values


def test_mazurs_published_gradients() -> None:
    """What reaches the cells of z, w and b from the cost is δ and dE/dw as published."""
    found, values = _gradients("H4", NET)
    assert values["H4"] == pytest.approx(0.298371108760, abs=PRINTED)
    published = {
        "E4": 0.138498561629, "E5": -0.038098236517, "E2": 0.008771354689, "E3": 0.009954254705,
        "C4": 0.138498561629, "C5": -0.038098236517, "C2": 0.008771354689, "C3": 0.009954254705,
        "A4": 0.082167040564, "B4": 0.082667627848, "A5": -0.022602540477, "B5": -0.022740242216,
        "A2": 0.000438567734, "B2": 0.000877135469, "A3": 0.000497712735, "B3": 0.000995425471,
    }  # fmt: skip
    for cell, slope in published.items():
        assert found[cell] == pytest.approx(slope, abs=PRINTED), cell
    assert found["H4"] == 1.0
    assert next(iter(found)) == "H4"
    assert set(found) == set(NET)


def test_several_nets_at_once() -> None:
    """Mazur's net and the note's stand in one column of values each, and neither disturbs the other."""
    note = [
        0.1, 0.9, 0.3, 0.4, 0.5, -0.2, 0.3, 0.2, -0.6, 0.6, 0.1, 0.5, -0.3, 0.2, 0.3, 0.5,
    ]  # fmt: skip
    sheet = dict(NET)
    for cell, value in zip(list(NET)[:16], note, strict=True):
        sheet[cell] = np.array([NET[cell], value])
    found, values = _gradients("H4", sheet)
    np.testing.assert_allclose(values["H4"], [0.298371108760, 0.0605716938833457], rtol=0, atol=PRINTED)
    deltas = {
        "E4": [0.138498561629, 0.050887061260972],
        "E5": [-0.038098236517, 0.0611960669589235],
        "E2": [0.008771354689, 0.0043008314646463],
        "E3": [0.009954254705, 0.0109330854113259],
    }
    for cell, expected in deltas.items():
        np.testing.assert_allclose(found[cell], expected, rtol=0, atol=PRINTED, err_msg=cell)


def test_a_shared_bias_has_the_sum_of_the_deltas() -> None:
    """A cell that two neurons use gets what both pass back."""
    sheet = NET | {"E3": "=SUMPRODUCT(A3:B3,A$1:B$1)+C2", "E5": "=$F$2*A5+$F$3*B5+$C$4"}
    found, _ = _gradients("H4", sheet)
    assert found["C2"] == pytest.approx(0.008771354689 + 0.009954254705, abs=2 * PRINTED)
    assert found["C4"] == pytest.approx(0.138498561629 - 0.038098236517, abs=2 * PRINTED)
    assert "C3" not in found


def test_a_spoilt_cell_is_seen() -> None:
    """A net whose output has another activation no longer has the published derivatives."""
    found, _ = _gradients("H4", NET | {"F4": "=TANH(E4)"})
    assert abs(found["A4"] - 0.082167040564) > 1e-3
    assert found["A5"] == pytest.approx(-0.022602540477, abs=PRINTED)


def test_each_cell_is_visited_once() -> None:
    """Of a ladder with 2^2000 paths from foot to root each formula is differentiated once, without recursion."""
    asked: list[int] = []

    def expression_of(cell: Any) -> Expression | None:
        asked.append(cell)
        return None if cell == 0 else multiply(add(Reference(-1), Reference(-1)), Reference("half"))

    def at(cell: Any, target: Any) -> int:
        return -1 if target == "half" else cell + target

    def leaf_or(cell: Any) -> Expression | None:
        return None if cell == -1 else expression_of(cell)

    found = gradients(2000, expression_of=leaf_or, at=at, value=lambda cell: 0.5 if cell == -1 else 3.0)
    assert found[0] == 1.0
    assert found[-1] == 2000 * 6.0
    assert sorted(asked) == list(range(2001))


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        pytest.param({"A1": 0.0, "A2": "=1/A1", "A3": "=IFERROR(A2,5*A1)"}, 5.0, id="replaced"),
        pytest.param({"A1": 0.0, "A2": "=1/A1", "A3": "=IF(A1=0,7*A1,A2)"}, 7.0, id="not taken"),
        pytest.param({"A1": 0.0, "A2": "=1/A1", "A3": "=A2+A1"}, math.nan, id="passed on"),
        pytest.param({"A1": 0.0, "A2": "=SQRT(A1)", "A3": "=A2*A2"}, math.nan, id="0 times infinity"),
    ],
)
def test_errors_along_the_way(sheet: dict[str, Any], expected: float) -> None:
    """An error that never reaches the root passes nothing on; one that does leaves no derivative."""
    found, _ = _gradients("A3", sheet)
    assert found["A1"] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param({"A1": "=A1+1"}, id="itself"),
        pytest.param({"A1": "=A2*2", "A2": "=A3", "A3": "=IF(A4>0,A2,1)", "A4": 1.0}, id="further on"),
    ],
)
def test_circles_are_refused(sheet: dict[str, Any]) -> None:
    """Cells that need each other have no derivatives; the message names them."""
    with pytest.raises(ValueError, match=r"cells that need each other: A\d, A\d"):
        _gradients("A1", sheet)


def test_a_leaf_is_its_own_derivative() -> None:
    """A root without a formula depends on itself alone."""
    assert gradients("x", expression_of=lambda _: None, at=lambda _, target: target, value=lambda _: 2.0) == {
        "x": 1.0
    }
