"""Matrix formulas as one expression a cell, against what Calc computes for the array."""

import random
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from sheetnet.book.grid import Cell
from sheetnet.formula import arithmetic
from sheetnet.formula.expression import CellReference, Expression, Range, walk
from sheetnet.formula.functions import NotComputable
from sheetnet.formula.matrix import array_element, element, scalar
from sheetnet.formula.parse import parse
from sheetnet.formula.text import formula_text
from tests.witnesses import libreoffice

ARRAYS = [
    ("=MMULT(A1:C2,A2:B4)", 2, 2),
    ("=A1:C3*2+A2:C4", 3, 3),
    ("=A1:C1*A1:A3", 3, 3),
    ("=1/(1+EXP(-(MMULT(A1:B1,A2:C3)+A4:C4)))", 1, 3),
    ("=TRANSPOSE(A1:C2)", 3, 2),
    ("=MMULT(TRANSPOSE(A1:C1),A2:C2)", 3, 3),
    ("=$A$1:$B$2-$A$4*A3:B4", 2, 2),
    ("=IF(A1:C2>0,A1:C2,0)", 2, 3),
    ("=SUM(A1:A3*B1:B3)", 1, 1),
    ("=SUM((A1:C1-A2:C2)^2)/2+A1:A2", 2, 1),
    ("=MAX(ABS(A1:C3))", 1, 1),
    ("=INDEX(MMULT(A1:B2,A3:C4),2,3)", 1, 1),
    ("=INDEX(A1:C3,0,2)", 3, 1),
    ("=INDEX(A1:C3,2,)", 1, 3),
    ("=ROUND(-A1:C1%,3)", 1, 3),
    ("=AVERAGE(A1:C1*A2:C2,5)", 1, 1),
    ("=A1:C1", 2, 3),
    ("=A1:A2", 2, 3),
    ("=PI()*COLUMNS(A1:C3)", 2, 2),
    ("=SUMXMY2(A1:C1*2,A2:C2)", 1, 1),
]
ORDINARY = [
    "=SUMPRODUCT(A1:C1,A2:C2)", "=SUMPRODUCT((A1:C1)*(A2:C2))", "=SUMPRODUCT(A1:C1,TRANSPOSE(A1:A3))", "=SUMXMY2(A1:B1,A2:B2)",
    "=MMULT(A1:C1,A1:A3)", "=MMULT(A1:C1,A1:A3)+A4", "=SUMX2MY2(A1:C2,A2:C3)", "=SUMX2PY2(A1:C2,A2:C3)", "=DEVSQ(A1:C3)",
    "=1/(1+EXP(-SUMPRODUCT(A1:C1,A2:C2)))", "=SUM(A1:C3,2)", "=SUMSQ(A1:C1)/2", "=SUM(MMULT(A1:B2,B2:C3))", "=COUNT(A1:D4)",
    "=INDEX(A1:C3,2,3)*2", "=INDEX(A1:C1,2)", "=INDEX(A1:A3,2)", "=SUM(INDEX(A1:C3,0,2))", "=SUMPRODUCT(A1:C1^2)",
    "=SUMPRODUCT(EXP(A1:C1)-1)", "=PRODUCT(A1:C2)", "=MAX(A1:C2)-MIN(A1:C2)", "=AVERAGE(A1:D5)", "=SUMPRODUCT(A1,A2)", "=ROWS(A1:C5)",
]  # fmt: skip


def _no_ranges(expression: Expression) -> Expression:
    assert not any(isinstance(part, Range) for part in walk(expression))
    return expression


def _book(path: Path) -> None:
    """Write numbers into A1:C4, and every formula of the tables further right, below each other."""
    rng = random.Random(9)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(4):
        for column in range(3):
            sheet.cell(row + 1, column + 1, rng.uniform(-2, 2))
    for index, (formula, rows, columns) in enumerate(ARRAYS):
        corner = sheet.cell(4 * index + 1, 6)
        area = f"{corner.coordinate}:{sheet.cell(4 * index + rows, 5 + columns).coordinate}"
        sheet[corner.coordinate] = ArrayFormula(area, formula)
    for index, formula in enumerate(ORDINARY):
        sheet.cell(index + 1, 12, formula)
    book.save(path)


@pytest.mark.libreoffice
def test_elements_are_calcs(tmp_path: Path) -> None:
    """Each cell of an array has Calc's value, and ordinary formulas have theirs without ranges."""
    _book(tmp_path / "arrays.xlsx")
    found = libreoffice.recalculated(tmp_path / "arrays.xlsx")["Sheet"]

    def lookup(row: int, column: int):  # type: ignore[no-untyped-def]
        def value(target: object) -> arithmetic.Value:
            assert isinstance(target, CellReference)
            return found.get(target.at(row, column)[1:])

        return value

    for index, (formula, rows, columns) in enumerate(ARRAYS):
        first = parse(formula, 4 * index, 5)
        for down in range(rows):
            for right in range(columns):
                place = (4 * index + down, 5 + right)
                own = _no_ranges(array_element(first, down, right))
                value = arithmetic.evaluate(own, lookup(*place))
                assert value == pytest.approx(found[place], rel=1e-14), (formula, down, right)
                corner = arithmetic.evaluate(element(first, down, right), lookup(4 * index, 5))
                assert corner == value
    for index, formula in enumerate(ORDINARY):
        expression = parse(formula, index, 11)
        value = arithmetic.evaluate(_no_ranges(scalar(expression)), lookup(index, 11))
        assert value == pytest.approx(found[index, 11], rel=1e-14), formula
        assert arithmetic.evaluate(expression, lookup(index, 11)) == pytest.approx(
            found[index, 11], rel=1e-14
        ), formula


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=SUMPRODUCT(W8:X8,O8:P8)", "=SUM(W8*O8,X8*P8)"),
        ("=SUMPRODUCT((W8:X8)*($O$8:$P$8))", "=SUM(W8*$O$8,X8*$P$8)"),
        ("=0.5*SUMXMY2(U8:V8,Y8:Z8)", "=0.5*SUMSQ(U8-Y8,V8-Z8)"),
        ("=MMULT(C8:D8,E8:E9)+G8", "=SUM(C8*E8,D8*E9)+G8"),
        ("=INDEX($A$1:$B$3,3,2)*C8", "=$B$3*C8"),
        ("=A1+B1*EXP(-C1)", "=A1+B1*EXP(-C1)"),
    ],
    ids=lambda text: text,
)
def test_references_stay_fixed_or_relative(formula: str, expected: str) -> None:
    """What a range says of its corners, its cells say too."""
    assert formula_text(scalar(parse(formula, 7, 30)), 7, 30, "xlsx") == expected


def test_an_arrays_cells_name_cells_of_their_own(tmp_path: Path) -> None:
    """Relative to its own place a cell lower down names the cells that it uses."""
    cell = Cell(1.0, "=MMULT(C8:D8,$E$8:$F$9)+G8:H8")
    assert cell.formula is not None
    first = parse(cell.formula, 7, 10)
    assert formula_text(array_element(first, 0, 1), 7, 11, "xlsx") == "=SUM(C8*$F$8,D8*$F$9)+H8"


@pytest.mark.parametrize(
    "formula",
    [
        "=A1:A3", "=A1:A3+1", "=SUM(A1:A3*B1:B3)", "=EXP(A1:A3)", "=MMULT(A1:B2,C1:D2)", "=MMULT(A1:C1,A1:B1)",
        "=SUMPRODUCT(A1:A3,B1:B2)", "=INDEX(A1:B2,3,1)", "=INDEX(A1:B2,A1,1)", "=SUM(A1:XFD1000)", "=SUMXMY2(A1:A3,B1:B2)",
        "=SUMPRODUCT(A1:A70000,B1:B70000)", "=MAX(A$1:A3)", "=SUMPRODUCT(OFFSET(A1,0,0,3,1),B1:B3)", "=SUMPRODUCT(names*A1:A3)",
    ],
)  # fmt: skip
def test_what_programs_disagree_on_is_not_read(formula: str) -> None:
    """A range for one cell, shapes that don't fit, and gigantic ranges are refused."""
    with pytest.raises(NotComputable):
        scalar(parse(formula, 0, 30))


def test_nested_products_end_soon() -> None:
    """Products of products multiply their parts; without the limit this would not end."""
    formula = "A1:T20"
    for _ in range(12):
        formula = f"MMULT({formula},A1:T20)"
    with pytest.raises(NotComputable):
        element(parse("=" + formula, 0, 30), 0, 0)


@pytest.mark.parametrize(("down", "right"), [(3, 0), (0, 2)])
def test_beyond_the_arrays_end(down: int, right: int) -> None:
    """Cells beyond an array's end, which show #N/A, have no expression."""
    with pytest.raises(NotComputable, match="#N/A"):
        element(parse("=A1:B3*2", 0, 5), down, right)
