"""Formulas as programs show them, against Calc in English and in Danish."""

import tomllib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet.formula import display
from sheetnet.formula.arithmetic import KNOWN_FUNCTIONS
from sheetnet.formula.display import neutral, shown
from sheetnet.formula.parse import parse
from sheetnet.formula.text import Dialect, formula_text
from tests.test_formula import expressions
from tests.witnesses import libreoffice

# as the file has it, as Calc shows it, as Danish Calc does, Excel's neutral form
ODS = [
    ("of:=[.D8]-[.$A$9]*[.C8]", "=D8-$A$9*C8", "=D8-$A$9*C8", "=D8-$A$9*C8"),
    ("of:=[$Ark2.A1]*0.5", "=$Ark2.A1*0.5", "=$Ark2.A1*0,5", "=Ark2!A1*0.5"),
    ("of:=SUM([$'My Sheet'.$A$1:.B2];1.5)", "=SUM($'My Sheet'.$A$1:B2,1.5)", "=SUM($'My Sheet'.$A$1:B2;1,5)", "=SUM('My Sheet'!$A$1:B2,1.5)"),
    ('of:=IF([.A1]>0.5;"a;b.5 IF(";0.125)', '=IF(A1>0.5,"a;b.5 IF(",0.125)', '=HVIS(A1>0,5;"a;b.5 IF(";0,125)', '=IF(A1>0.5,"a;b.5 IF(",0.125)'),
    ("of:=1/(1+EXP(-([.C8]*[.E8]+[.G8])))", "=1/(1+EXP(-(C8*E8+G8)))", "=1/(1+EKSP(-(C8*E8+G8)))", "=1/(1+EXP(-(C8*E8+G8)))"),
    ("of:=( [.A1] + (2) ) * TRUE()", "=( A1 + (2) ) * TRUE()", "=( A1 + (2) ) * SAND()", "=( A1 + (2) ) * TRUE()"),
    ("of:=SUMPRODUCT({1.5;2|3;4})", "=SUMPRODUCT({1.5,2;3,4})", "=SUMPRODUKT({1,5.2;3.4})", "=SUMPRODUCT({1.5,2;3,4})"),
    ("of:=SUM([.A1:.B2]~[.C1])", "=SUM(A1:B2~C1)", "=SUM(A1:B2~C1)", "=SUM(A1:B2,C1)"),
    ("of:=SUM([.A:.A])", "=SUM(A:A)", "=SUM(A:A)", "=SUM(A:A)"),
    ("of:=IFERROR(INDEX([.A1:.B2];1;2);LN([.A1])%)", "=IFERROR(INDEX(A1:B2,1,2),LN(A1)%)", "=HVIS.FEJL(INDEKS(A1:B2;1;2);LN(A1)%)", "=IFERROR(INDEX(A1:B2,1,2),LN(A1)%)"),
]  # fmt: skip
XLSX = [
    ("=D8-$A$9*C8", "=D8-$A$9*C8"),
    ("=Ark2!A1*0.5", "=Ark2!A1*0,5"),
    ("='1.5, it''s'!A1+SUM(A1:B2,1.5)", "='1.5, it''s'!A1+SUM(A1:B2;1,5)"),
    ('=IF(A1>0.5,"a,b.5",TRUE)', '=HVIS(A1>0,5;"a,b.5";SAND)'),
    ("=_xlfn.IFNA(AVERAGE(A1,B1)^2,POWER(C1, 2))", "=HVISIT(MIDDEL(A1;B1)^2;POTENS(C1; 2))"),
    ("=rate.exp*log10+1E-3", "=rate.exp*log10+1E-3"),
    ("=Table1[a,b.5]*2.5", "=Table1[a,b.5]*2,5"),
]


@pytest.mark.parametrize(("formula", "calc", "danish", "excel"), ODS, ids=[row[0] for row in ODS])
def test_openformula_as_programs_show_it(formula: str, calc: str, danish: str, excel: str) -> None:
    """Brackets, order and spacing stay; references, separators and names become the program's."""
    assert shown(formula, dialect="ods") == calc
    assert shown(formula, dialect="ods", language="da") == danish
    assert neutral(formula) == excel


@pytest.mark.parametrize(("formula", "danish"), XLSX, ids=[row[0] for row in XLSX])
def test_excels_formulas(formula: str, danish: str) -> None:
    """Excel's formulas are shown as they are in English, and with Danish names, signs and separators in Danish."""
    assert shown(formula, dialect="xlsx") == neutral(formula) == formula.replace("_xlfn.", "")
    assert shown(formula, dialect="xlsx", language="da") == danish


def test_the_decimal_sign_may_differ_from_the_language() -> None:
    """English names with a decimal comma, as in a German file, and Danish ones with a point."""
    assert shown("of:=EXP([.A1]*0.5;1)", dialect="ods", decimal=",") == "=EXP(A1*0,5;1)"
    assert shown("of:=EXP([.A1]*0.5;1)", dialect="ods", language="da", decimal=".") == "=EKSP(A1*0.5,1)"


@given(expressions(4), st.sampled_from(["ods", "xlsx"]))
@settings(max_examples=150, deadline=None)
def test_the_neutral_form_means_the_same(expression: object, dialect: Dialect) -> None:
    """What is shown of a formula is read as that formula."""
    text = formula_text(expression, 3, 6, dialect)  # type: ignore[arg-type]
    assert parse(neutral(text), 3, 6) == expression


@pytest.mark.parametrize(
    "piece",
    [
        "['",
        "'",
        '"',
        "a",
        "a ",
        "[",
        "1.",
        "[.A1]",
        "f(",
        "a!",
        "1e",
        "a.b'",
        "$",
        "{",
        ".A1:",
        "_xlfn.",
        "'a':",
    ],
)
@pytest.mark.parametrize("prefix", ["=", "of:=", "of:=["])
def test_hostile_formulas_take_time_in_proportion(piece: str, prefix: str) -> None:
    """A formula of any one piece is spelt at once; were the rest of it tried for each, it would take minutes."""
    text = prefix + piece * (250_000 // len(piece))
    assert shown(text, dialect="ods", language="da").startswith("=")


def _book(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for name in ("Ark2", "My Sheet"):
        book.create_sheet(name)
    book.save(folder / "sheets.xlsx")
    return folder / "sheets.xlsx"


@pytest.mark.libreoffice
@pytest.mark.danish
def test_danish_functions_are_calcs(tmp_path: Path) -> None:
    """Every function that is evaluated here, and every one in the file, has the name that Danish Calc shows."""
    path = Path(display.__file__).with_name("languages") / "da.toml"
    names = tomllib.loads(path.read_text(encoding="utf-8"))["functions"]
    functions = sorted(KNOWN_FUNCTIONS | set(names))
    found = libreoffice.entered(_book(tmp_path), [f"{name}(1;1)" for name in functions], locale="da-DK")
    assert [text for text, _, _ in found] == [f"={names.get(name, name)}(1;1)" for name in functions]


@pytest.mark.libreoffice
@pytest.mark.danish
def test_calc_takes_what_is_shown(tmp_path: Path) -> None:
    """Typed into Calc, English or Danish, a shown formula stays as it is and means the same formula."""
    book = _book(tmp_path)
    english = libreoffice.entered(book, [calc for _, calc, _, _ in ODS])
    danish = libreoffice.entered(book, [danish for _, _, danish, _ in ODS], locale="da-DK")
    assert [text for text, _, _ in english] == [calc for _, calc, _, _ in ODS]
    assert [text for text, _, _ in danish] == [danish for _, _, danish, _ in ODS]
    assert [meaning for _, meaning, _ in english] == [meaning for _, meaning, _ in danish]
    assert all(code not in range(508, 526) for _, _, code in english + danish)
