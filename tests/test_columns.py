"""Expressions over whole columns, against Calc and against the evaluator of one cell."""

import math
import random
import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet.formula import arithmetic, functions
from sheetnet.formula.columns import evaluate_columns
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Reference,
    add,
    walk,
)
from sheetnet.formula.parse import parse
from tests.witnesses import libreoffice

FORMULAS = [
    "=1/(1+EXP(-(A1*B1+C1)))", "=EXP(A1)", "=LN(B1)", "=LOG10(B1)", "=LOG(B1)", "=LOG(C1,B1)", "=SQRT(A1)", "=SIN(A1)",
    "=COS(A1)", "=TANH(A1)", "=SINH(A1)", "=COSH(A1)", "=ATAN(A1)", "=ABS(A1)", "=INT(A1)", "=SIGN(A1)", "=ROUND(A1,3)",
    "=ROUND(A1)", "=ROUND(A1*1000,-2)", "=POWER(A1,2)", "=POWER(B1,A1)", "=A1^3", "=A1^B1", "=-A1^2", "=A1%", "=+A1",
    "=IF(A1>0,B1,C1)", "=IF(A1>0,LN(A1),0)", "=IF(A1=0,1/A1)+1", "=IFERROR(LN(A1),-1)", "=IFERROR(1/(A1-A1),A1)",
    "=IF(AND(A1>0,B1<1),1,2)", "=IF(OR(A1<=0,NOT(B1>=1)),1,2)", "=IF(A1<>B1,1,2)", "=PI()*A1", "=A1/(A1-A1)",
    "=SUM(A1:C1)", "=SUM(A1,B1:C1,0.1)", "=SUMSQ(A1:C1)", "=PRODUCT(A1:C1)", "=AVERAGE(A1:C1)", "=MIN(A1:C1)",
    "=MAX(A1:C1,0)", "=COUNT(A1:C1)", "=SUMPRODUCT(A1:B1,B1:C1)", "=SUMPRODUCT((A1:B1)*(B1:C1))", "=DEVSQ(A1:C1)",
    "=SUMXMY2(A1:B1,B1:C1)", "=SUMX2MY2(A1:B1,B1:C1)", "=SUMX2PY2(A1:B1,B1:C1)", "=SUM(MMULT(A1:B1,TRANSPOSE(B1:C1)))",
    "=EXP(A1*1000)", "=IF(TRUE(),A1,FALSE())", "=ROUND(0.285+A1*0,2)", "=INT((0.1+0.7)*10+A1*0)", "=0^(A1-A1)", "=MAX(0,A1)",
]  # fmt: skip


@pytest.mark.libreoffice
def test_columns_are_calcs(tmp_path: Path) -> None:
    """Every function gives what Calc gives in each row, and nan where Calc shows an error."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rng = random.Random(5)
    rows = [
        [float(f"{rng.uniform(-2, 2):.6f}"), float(f"{rng.uniform(0.2, 2):.6f}"), rng.uniform(0.2, 2)]
        for _ in range(20)
    ] + [[0.0, 1.0, 1.0]]
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            sheet.cell(row + 1, column + 1, value)
        for index, formula in enumerate(FORMULAS):
            sheet.cell(
                row + 1,
                index + 5,
                formula.replace("A1", f"A{row + 1}")
                .replace("B1", f"B{row + 1}")
                .replace("C1", f"C{row + 1}"),
            )
    book.save(tmp_path / "columns.xlsx")
    found = libreoffice.recalculated(tmp_path / "columns.xlsx")["Sheet"]
    table = np.array([[found[row, column] for column in range(3)] for row in range(len(rows))], dtype=float)
    errors = 0
    for index, formula in enumerate(FORMULAS):
        mine = evaluate_columns(parse(formula, 0, 0), lambda target: table[:, target.column])
        theirs = [found[row, index + 4] for row in range(len(rows))]
        expected = np.array([value if isinstance(value, float) else math.nan for value in theirs])
        errors += int(np.isnan(expected).sum())
        np.testing.assert_allclose(
            np.broadcast_to(mine, len(rows)), expected, rtol=2e-15, atol=1e-15, err_msg=formula
        )
    assert errors > 40


def expressions() -> st.SearchStrategy[Expression]:
    """Return expressions whose parts are all computed exactly alike by numpy and by Python."""
    leaves: st.SearchStrategy[Expression] = st.one_of(
        st.builds(Constant, st.sampled_from([0.0, 0.5, 1.0, 3.0, 1e200, True])),
        st.builds(lambda column: Reference(CellReference(0, column)), st.integers(0, 3)),
    )

    def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        operators = st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "=", "<>"])
        one = st.sampled_from(["ABS", "SIGN", "SQRT", "INT", "NOT"])
        two = st.sampled_from(
            ["SUM", "MIN", "MAX", "PRODUCT", "AVERAGE", "COUNT", "AND", "OR", "IF", "IFERROR"]
        )
        return st.one_of(
            st.builds(Operation, operators, st.tuples(inner, inner)),
            st.builds(Operation, st.sampled_from(["neg", "pos", "%"]), st.tuples(inner)),
            st.builds(Call, one, st.tuples(inner)),
            st.builds(Call, two, st.tuples(inner, inner)),
            st.builds(Call, st.just("IF"), st.tuples(inner, inner, inner)),
        )

    return st.recursive(leaves, larger, max_leaves=12)


PLACES = np.array(
    [[0.0, 1.0, -1.0, 0.3], [0.5, 0.1, 3.0, 1e200], [-2.0, math.nan, 0.7, -0.7], [2.0, 2.0, 0.1, 0.2]]
)


@given(expressions())
@settings(max_examples=400, deadline=None)
def test_columns_are_the_evaluators_cells(expression: Expression) -> None:
    """Each place has the evaluator's value, nan where it finds an error; cells with errors (nan) go in too."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("error")
        patch.setattr(functions, "NEARLY_EQUAL", 0.0)  # Calc's rule of cancellation is not for columns
        found = evaluate_columns(expression, lambda target: PLACES[:, target.column])
        for place, values in enumerate(PLACES):

            def lookup(target: object, values: np.ndarray = values) -> float:  # type: ignore[type-arg]
                assert isinstance(target, CellReference)
                value = float(values[target.column])
                if math.isnan(value):
                    raise arithmetic.ErrorValue("#N/A")
                return value

            try:
                expected = arithmetic.number(arithmetic.evaluate(expression, lookup))
            except arithmetic.ErrorValue:
                expected = math.nan
            value = np.broadcast_to(found, len(PLACES))[place]
            assert value == expected or (math.isnan(value) and math.isnan(expected)), (value, expected)


def test_columns_know_what_the_evaluator_knows() -> None:
    """Every function of the whitelist is among those of the formulas that Calc confirms."""
    named = {
        part.name for formula in FORMULAS for part in walk(parse(formula, 0, 0)) if isinstance(part, Call)
    }
    assert named - {"MMULT", "TRANSPOSE"} == arithmetic.KNOWN_FUNCTIONS


def test_long_sums_need_no_recursion() -> None:
    """A chain of 5,000 terms is followed, not descended."""
    cell = Reference(CellReference(0, 0))
    total = evaluate_columns(add(*[cell] * 5000), lambda _: np.array([1.0, 2.0]))
    np.testing.assert_array_equal(total, [5000.0, 10000.0])


@pytest.mark.parametrize(
    "formula",
    [
        '="a"',
        '=IF(A1>0,"yes",1)',
        "=A1&B1",
        "=RAND()",
        "=EXP(A1,B1)",
        "=name+1",
        "=A1:B2+1",
        "=[1]x!A1",
        "=IF(A1)",
    ],
)
def test_what_is_not_arithmetic_is_refused(formula: str) -> None:
    """Texts, names, unknown functions and wrong numbers of arguments are not computable."""
    with pytest.raises(arithmetic.NotComputable):
        evaluate_columns(parse(formula, 0, 0), lambda _: np.ones(3))
