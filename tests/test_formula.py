"""The language of cells: text in and out, and Calc's arithmetic against Calc."""

import math
import random
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet.formula import arithmetic, rounding
from sheetnet.formula.expression import CellReference, Constant, Expression, Operation, Reference
from sheetnet.formula.parse import Unparsable, parse
from sheetnet.formula.pattern import pattern
from sheetnet.formula.program import Failure, Lag, compile_columns, run_rows
from sheetnet.formula.text import formula_text
from tests.witnesses import libreoffice

TEXTS = [
    ("of:=1/(1+EXP(-([.C8]*[.E8]+[.D8]*[.F8]+[.G8])))", "=1/(1+EXP(-(C8*E8+D8*F8+G8)))"),
    ("of:=[.E8]-[.$A$8]*[.M8]*[.C8]", "=E8-$A$8*M8*C8"),
    ("of:=0.5*([.U8]-[.Y8])^2+0.5*([.V8]-[.Z8])^2", "=0.5*(U8-Y8)^2+0.5*(V8-Z8)^2"),
    ("of:=SUM([.A1:.B3];[$Ark2.C4];[$'My Sheet'.$A$1])", "=SUM(A1:B3,'Ark2'!C4,'My Sheet'!$A$1)"),
    ("of:=[.A1]-([.B1]-[.C1])/(2/3)^(2^3)", "=A1-(B1-C1)/(2/3)^(2^3)"),
    ("of:=-[.A1]^2+5%", "=-A1^2+5%"),
    ("of:=IF([.A1]>=2;1;0)", "=IF(A1>=2,1,0)"),
]


@pytest.mark.parametrize(("ods", "xlsx"), TEXTS, ids=[xlsx for _, xlsx in TEXTS])
def test_both_dialects_say_the_same(ods: str, xlsx: str) -> None:
    """A formula is one expression in both dialects, and comes back as the text it was."""
    assert parse(ods, 8, 4) == parse(xlsx, 8, 4)
    if "Ark2" not in ods:
        assert formula_text(parse(xlsx, 8, 4), 8, 4, "ods") == ods
    assert formula_text(parse(ods, 8, 4), 8, 4, "xlsx") == xlsx


@pytest.mark.parametrize(
    ("formula", "row", "lower"),
    [
        ("of:=[.E8]-[.$A$8]*[.M8]*LOG10([.C8])", 8, "of:=[.E11]-[.$A$8]*[.M11]*LOG10([.C11])"),
        ("=E8-$A$8*M8*LOG10(C8)", 8, "=E11-$A$8*M11*LOG10(C11)"),
        ("='a 1'!B3+Sheet1!C9+\"A1\"+A1:B2", 8, "='a 1'!B6+Sheet1!C12+\"A1\"+A4:B5"),
        ("of:=SUM([$'x.A1'.A3:.B$4])", 8, "of:=SUM([$'x.A1'.A6:.B$4])"),
        ("=rate1x*A2", 8, "=rate1x*A5"),
        ("=_w01+A$2", 8, "=_w01+A$2"),
    ],
)
def test_patterns_move_relative_rows_only(formula: str, row: int, lower: str) -> None:
    """A pattern three rows lower names cells three rows lower, and nothing else changes."""
    assert pattern(formula, row).text(row) == formula
    assert pattern(formula, row).text(row + 3) == lower


@pytest.mark.parametrize(
    "formula",
    ["=", "=1+", "=(" * 100_000, "=" + "(" * 5000 + "1" + ")" * 5000, "=1+" * 400_000, "=A1 B1 C1)"],
)
def test_what_is_no_formula_is_refused_quickly(formula: str) -> None:
    """Broken, nested or gigantic formulas end in Unparsable, not in a crash."""
    with pytest.raises(Unparsable):
        parse(formula, 0, 0)


numbers = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from([0.0, 1.0, -1.0, 0.1, 0.5, 2.0, 1e-9, 1e15, 3.0, 0.30000000000000004, 0.3]),
)


def expressions(columns: int) -> st.SearchStrategy[Expression]:
    """Return expressions of arithmetic over the first columns of their own row."""
    leaves = st.one_of(
        st.builds(Constant, st.sampled_from([0.5, 1.0, 2.0, 0.1, 1e-3])),
        st.builds(
            lambda column: Reference(CellReference(0, column, column_fixed=True)), st.integers(0, columns - 1)
        ),
    )

    def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        pairs = st.tuples(inner, inner)
        return st.one_of(
            st.builds(Operation, st.sampled_from(["+", "-", "+", "-", "*", "/"]), pairs),
            st.builds(lambda x: Operation("neg", (x,)), inner),
            st.builds(lambda x: Operation("^", (x, Constant(2.0))), inner),
        )

    return st.recursive(leaves, larger, max_leaves=12)


@given(expressions(4))
@settings(max_examples=150, deadline=None)
def test_text_comes_back_as_the_same_expression(expression: Expression) -> None:
    """Text has all the brackets that it needs, in both dialects."""
    for dialect in ("ods", "xlsx"):
        assert parse(formula_text(expression, 3, 6, dialect), 3, 6) == expression  # type: ignore[arg-type]


@pytest.mark.libreoffice
def test_arithmetic_is_calcs_bit_for_bit(tmp_path: Path) -> None:
    """Random formulas over random numbers, near-cancellations among them, have the bits that Calc gives them."""
    rng = random.Random(7)
    drawn: list[Expression] = []

    @given(expressions(4))
    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    def draw(expression: Expression) -> None:
        drawn.append(expression)

    draw()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows = []
    for row, expression in enumerate(drawn):
        a = float(f"{rng.uniform(-3, 3):.12f}")
        near = float(f"{a * (1 + rng.choice([0, 1e-12, 4e-15, 2e-15, 1e-15])):.15g}")
        values = [a, near, -near, float(rng.randint(-3, 3))]
        rows.append(values)
        for column, value in enumerate(values):
            sheet.cell(row + 1, column + 1, value)
        sheet.cell(row + 1, 6, formula_text(expression, row, 5, "xlsx"))
    book.save(tmp_path / "random.xlsx")
    found = libreoffice.recalculated(tmp_path / "random.xlsx")["Sheet"]
    compared = 0
    for row, (expression, _) in enumerate(zip(drawn, rows, strict=True)):

        def lookup(target: object, row: int = row) -> float:
            assert isinstance(target, CellReference)
            value = found[row, target.column]
            assert isinstance(value, float)
            return value

        theirs = found[row, 5]
        try:
            mine = arithmetic.evaluate(expression, lookup)
        except arithmetic.ErrorValue:
            assert isinstance(theirs, str), formula_text(expression, row, 5, "xlsx")
            continue
        assert mine == theirs, formula_text(expression, row, 5, "xlsx")
        compared += 1
    assert compared > 250


@pytest.mark.libreoffice
def test_functions_are_calcs(tmp_path: Path) -> None:
    """Every function of the whitelist gives what Calc gives."""
    formulas = [
        "=EXP(A1)", "=LN(B1)", "=LOG10(B1)", "=SQRT(B1)", "=SIN(A1)", "=COS(A1)", "=TANH(A1)", "=ABS(A1)", "=INT(A1)",
        "=SIGN(A1)", "=SUM(A1:C3)", "=SUM(A1,B1,0.1)", "=SUMSQ(A1:C1)", "=PRODUCT(A1:C1)", "=AVERAGE(A1:C3)",
        "=MIN(A1:C3)", "=MAX(A1:C3)", "=COUNT(A1:C3)", "=SUMPRODUCT(A1:C1,A2:C2)", "=POWER(A1,2)", "=POWER(B1,0.3)",
        "=IF(A1<0,1,2)", "=IF(AND(A1<0,B1>0),1,2)", "=IF(OR(A1>0,NOT(B1>0)),1,2)", "=PI()", "=0^0", "=-2^2", "=2^3^2",
        "=1/(1+EXP(-A1))", "=EXP(A1)/(1+EXP(A1))", "=50%", "=ATAN(A1)", "=SINH(A1)", "=COSH(A1)",
        "=LOG(B1)", "=LOG(B1,3)", "=ROUND(A1)", "=ROUND(A1,3)", "=ROUND(A1*1E5,-2)", "=ROUND(2.5)", "=ROUND(-1.005,2)",
        "=DEVSQ(A1:C3)", "=DEVSQ(A1,0.1,C3)", "=SUMXMY2(A1:C2,A2:C3)", "=SUMX2MY2(A1:C2,A2:C3)", "=SUMX2PY2(A1:C2,A2:C3)",
        "=IFERROR(LN(A1),-1)", "=IFERROR(LN(B1),-1)", "=IFERROR(1/0,IFERROR(2,3))",
    ]  # fmt: skip
    errors = [
        "=EXP(800)",
        "=SINH(1000)",
        "=LN(0)",
        "=SQRT(-1)",
        "=1/0",
        "=0^-1",
        "=(-8)^0.5",
        "=1e200*1e200",
        "=D1+1",
        "=LOG(0)",
        "=LOG(2,1)",
        "=LOG(2,-1)",
        "=IFERROR(1/0,LN(0))",
        "=SUMXMY2(A1:C1,A1:C2)",
        "=SUMPRODUCT(A1:B3,A1:C2)",
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rng = random.Random(3)
    for row in range(1, 4):
        for column in range(1, 4):
            sheet.cell(row, column, float(f"{rng.uniform(0.1, 2) * (-1 if column == 1 else 1):.9f}"))
    sheet["D1"] = "0,5"
    for index, formula in enumerate(formulas + errors):
        sheet.cell(index + 1, 6, formula)
    book.save(tmp_path / "functions.xlsx")
    found = libreoffice.recalculated(tmp_path / "functions.xlsx")["Sheet"]
    for index, formula in enumerate(formulas + errors):

        def lookup(target: object, index: int = index) -> arithmetic.Value:
            assert isinstance(target, CellReference)
            _, row, column = target.at(index, 5)
            return found.get((row, column))

        theirs = found[index, 5]
        if formula in errors:
            assert isinstance(theirs, str)
            with pytest.raises(arithmetic.ErrorValue, match=f"^{theirs}$"):
                arithmetic.evaluate(parse(formula, index, 5), lookup)
        else:
            assert arithmetic.evaluate(parse(formula, index, 5), lookup) == theirs, formula


def test_functions_beyond_arithmetic_are_never_run() -> None:
    """What reaches outside, or is not known, is not computable."""
    for formula in (
        '=WEBSERVICE("http://x")',
        "=INDIRECT(A1)",
        "=RAND()",
        "=NOW()",
        "=DDE(1)",
        "=[1]Sheet1!A1+1",
        "=ROUND(A1,1E9)",
    ):
        with pytest.raises(arithmetic.NotComputable):
            arithmetic.evaluate(parse(formula, 0, 0), lambda _: 1.0)


def test_straight_line_code_is_the_evaluator() -> None:
    """Compiled columns and the evaluator give the same bits, also where operands nearly cancel."""
    from array import array

    rng = random.Random(11)
    a, b = Reference(Lag(0, 0)), Reference(Lag(1, 0))
    above = Reference(Lag(2, 1))
    column = Operation(
        "-", (Operation("+", (Operation("*", (a, b)), above)), Operation("*", (b, Constant(0.5))))
    )
    program = compile_columns([None, None, column])
    xs = [rng.uniform(-1, 1) for _ in range(300)]
    ys = [x * (1 + rng.choice([0, 1e-15, 3e-15, 1e-9])) for x in xs]
    given_numbers = [array("d", xs), array("d", ys), array("d")]
    out = array("d")
    run_rows(program, out, 0, 300, given_numbers)
    last = 0.0
    for row in range(300):
        product = arithmetic.add(xs[row] * ys[row], last)
        last = arithmetic.subtract(product, ys[row] * 0.5)
        assert out[3 * row + 2] == last


def test_failures_name_row_and_column() -> None:
    """The first cell in which Calc would show an error is named, with what it shows."""
    from array import array

    divided = Operation("/", (Constant(1.0), Reference(Lag(0, 0))))
    program = compile_columns([None, divided])
    with pytest.raises(Failure) as failure:
        run_rows(program, array("d"), 0, 3, [array("d", [1.0, 0.0, 2.0]), array("d")])
    assert (failure.value.row, failure.value.column, failure.value.shown) == (1, 1, "#DIV/0!")
    assert math.isfinite(1.0)


@pytest.mark.libreoffice
def test_sums_are_calcs_where_they_cancel(tmp_path: Path) -> None:
    """SUM and SUMPRODUCT of terms that nearly cancel have Calc's bits, whatever their order."""
    rng = random.Random(3)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 301):
        terms = [rng.uniform(-1, 1) for _ in range(rng.randrange(2, 6))]
        near = rng.choice([0, *(2.0**-power for power in range(45, 53))])
        terms.append(-math.fsum(terms) * (1 + near))
        if rng.random() < 0.4:
            rng.shuffle(terms)
        for column, term in enumerate(terms):
            sheet.cell(row, column + 3, term)
        end = openpyxl.utils.get_column_letter(len(terms) + 2)
        sheet.cell(row, 1, f"=SUM(C{row}:{end}{row})")
        sheet.cell(row, 2, f"=SUMPRODUCT(C{row}:{end}{row},C{row}:{end}{row})")
    book.save(tmp_path / "sums.xlsx")
    found = libreoffice.recalculated(tmp_path / "sums.xlsx")["Sheet"]
    for row in range(300):
        terms = [value for column in range(2, 9) if isinstance(value := found.get((row, column)), float)]
        assert arithmetic.total(terms) == found[row, 0], terms
        assert arithmetic.total([term * term for term in terms]) == found[row, 1], terms


@pytest.mark.libreoffice
def test_rounding_is_calcs_bit_for_bit(tmp_path: Path) -> None:
    """ROUND and INT of halves, near-integers and numbers of all sizes have Calc's bits."""
    rng = random.Random(2)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 1501):
        decimals = rng.randint(0, 6) if rng.random() < 0.8 else rng.randint(-5, 17)
        near = 1 + rng.choice([0, 1, -1, 2, -2, 5, -9]) * 2.0 ** -rng.choice([46, 49, 52])
        draw = rng.randrange(3)
        if draw == 0:
            value = rng.uniform(-1, 1) * 10.0 ** rng.randint(-8, 16)
        else:
            value = (rng.randint(-2000, 2000) + 0.5 * (draw == 1)) / 10.0 ** max(decimals, 0) * near
        sheet.cell(row, 1, value)
        sheet.cell(row, 2, decimals)
        for column, formula in enumerate(("=ROUND(A{0},B{0})", "=ROUND(A{0})", "=INT(A{0})"), start=3):
            sheet.cell(row, column, formula.format(row))
    book.save(tmp_path / "rounding.xlsx")
    found = libreoffice.recalculated(tmp_path / "rounding.xlsx")["Sheet"]
    for row in range(1500):
        value, decimals = float(found[row, 0]), int(found[row, 1])
        mine = (rounding.rounded(value, decimals), rounding.rounded(value), rounding.floor(value))
        assert mine == tuple(found[row, column] for column in (2, 3, 4)), (value, decimals)


@pytest.mark.libreoffice
def test_sums_of_squares_are_calcs(tmp_path: Path) -> None:
    """Sums over pairs and deviations have Calc's bits, whose order is column by column, also where they cancel."""
    rng = random.Random(4)
    names = ["SUMXMY2(A{0}:B{1},C{0}:D{1})", "SUMX2MY2(A{0}:B{1},C{0}:D{1})", "SUMX2PY2(A{0}:B{1},C{0}:D{1})",
             "DEVSQ(A{0}:D{1})", "SUMPRODUCT(A{0}:B{1},C{0}:D{1})", "SUM(A{0}:D{1})"]  # fmt: skip
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 401):
        left = [rng.uniform(-1, 1) * 10.0 ** rng.choice([0, 0, 0, -6, 6]) for _ in range(2)]
        right = [value * (1 + rng.choice([0, 1e-15, 4e-15, 1e-12, 1])) for value in left]
        for column, value in enumerate(left + right):
            sheet.cell(row, column + 1, value)
        for column, name in enumerate(names):
            sheet.cell(row, column + 6, "=" + name.format(row, row + 1))
    book.save(tmp_path / "squares.xlsx")
    found = libreoffice.recalculated(tmp_path / "squares.xlsx")["Sheet"]

    def lookup(target: object) -> arithmetic.Value:
        assert isinstance(target, CellReference)
        return found.get((target.row, target.column))

    for row in range(399):
        for column, name in enumerate(names):
            expression = parse("=" + name.format(row + 1, row + 2), 0, 0)
            assert arithmetic.evaluate(expression, lookup) == found[row, column + 5], (row, name)
