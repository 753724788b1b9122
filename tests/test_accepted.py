"""Conventions are no mistakes: every way in which right sheets differ is read, named, and found clean."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedNet, check_file
from sheetnet.net.conventions import Conventions
from tests.statement import FIRST, NOTE, Key, Statement, name
from tests.witnesses import libreoffice

SIGNS = Conventions(difference="T-a")
TANH = Conventions(activations=("tanh",))


def checked(path: Path) -> CheckedNet:
    """Return what is said of a workbook's only net."""
    found = check_file(path)
    assert found.error is None
    [net] = found.nets
    return net


def told(net: CheckedNet) -> list[tuple[str, str]]:
    """Return severity and code of a net's findings."""
    return [(finding.severity, finding.code) for finding in net.findings]


def _conventions(**options: Any) -> tuple[dict[str, Any], Conventions]:
    """Return what a Statement is built with, and the conventions that are to be read from it."""
    return options, options.get("conventions", Conventions())


def _spelt(**changes: Any) -> tuple[dict[str, Any], Conventions]:
    return _conventions(spelling=replace(NOTE, **changes))


def _slope(text: str) -> tuple[dict[str, Any], Conventions]:
    return _spelt(slopes={**NOTE.slopes, "sigmoid": text})


def _groups(text: str, conventions: Conventions = Conventions()) -> tuple[dict[str, Any], Conventions]:  # noqa: B008
    return _conventions(groups=text, conventions=conventions)


PLAIN: dict[str, tuple[dict[str, Any], Conventions]] = {
    "the note": _conventions(),
    "four patterns": _conventions(patterns=4),
    "three layers": _conventions(sizes=(3, 2, 3, 2)),
    "one layer": _conventions(sizes=(3, 2)),
    "1-1-1": _conventions(sizes=(1, 1, 1)),
    # V1
    "T-a": _conventions(conventions=SIGNS),
    "T-a, five outputs": _conventions(conventions=SIGNS, sizes=(2, 3, 5)),
    "T-a with dC/dW": _groups("a0 w1 a1 d1 w2 a2 d2 T C g1 g2", SIGNS),
    "T-a with -dC/dW": _groups("a0 w1 a1 d1 w2 a2 d2 T C g1 g2", replace(SIGNS, gradients="-dC/dW")),
    # V2, V3
    "squares": _conventions(conventions=Conventions(cost="squares")),
    "squares, T-a": _conventions(conventions=Conventions(cost="squares", difference="T-a")),
    "mean squares": _conventions(conventions=Conventions(cost="mean squares"), sizes=(2, 2, 3)),
    "half mean squares": _conventions(conventions=Conventions(cost="half mean squares")),
    "half mean squares of three": _conventions(conventions=Conventions(cost="half mean squares"), sizes=(2, 2, 3)),
    # V4
    "fixed biases": _conventions(conventions=Conventions("fixed")),
    "shared biases": _conventions(conventions=Conventions("shared")),
    "no biases": _conventions(conventions=Conventions("none")),
    "no biases in three layers": _conventions(conventions=Conventions("none"), sizes=(3, 2, 3, 2)),
    "biases in columns of their own": _groups("a0 v1 b1 a1 d1 v2 b2 a2 d2 T C"),
    "fixed biases of their own": _groups("a0 v1 b1 a1 d1 v2 b2 a2 d2 T C", Conventions("fixed")),
    # V5
    "z": _groups("a0 w1 z1 a1 d1 w2 z2 a2 d2 T C"),
    "z of one layer": _groups("a0 w1 z1 a1 d1 w2 a2 d2 T C"),
    "slopes": _groups("a0 w1 a1 s1 d1 w2 a2 s2 d2 T C"),
    "slopes of the outputs": _groups("a0 w1 a1 d1 w2 a2 s2 d2 T C"),
    "a-T": _groups("a0 w1 a1 d1 w2 a2 e d2 T C"),
    "dC/dW": _groups("a0 w1 a1 d1 w2 a2 d2 T C g1 g2"),
    "costs of the outputs": _groups("a0 w1 a1 d1 w2 a2 d2 T p C"),
    "all columns": _groups("a0 w1 z1 a1 s1 d1 w2 z2 a2 s2 e d2 T p C g1 g2"),
    "all columns at the right": _groups("a0 w1 a1 d1 w2 a2 d2 T C z1 z2 s1 s2 e p g1 g2"),
    "all columns, T-a": _groups("a0 w1 z1 a1 s1 d1 w2 z2 a2 s2 e d2 T p C g1 g2", SIGNS),
    "all columns, tanh": _groups("a0 w1 z1 a1 s1 d1 w2 z2 a2 s2 e d2 T p C g1 g2", TANH),
    "all columns, squares": _groups("a0 w1 z1 a1 s1 d1 w2 z2 a2 s2 e d2 T p C g1 g2", Conventions(cost="squares")),
    # V6
    "exp over exp": _spelt(sigmoid="EXP({z})/(1+EXP({z}))"),
    "by tanh": _spelt(sigmoid="(1+TANH(({z})/2))/2"),
    "power": _spelt(sigmoid="POWER(1+EXP(-({z})),-1)"),
    "caret": _spelt(sigmoid="(1+EXP(-({z})))^-1"),
    "one minus": _spelt(sigmoid="1-1/(1+EXP({z}))"),
    "brackets": _spelt(sigmoid="(1/((1)+(EXP(-({z})))))", sum="brackets"),
    "reversed": _spelt(sum="reversed", delta="{slope}*{miss}", hidden="({paths})*{slope}"),
    "SUM": _spelt(sum="sum"),
    "SUMPRODUCT": _spelt(sum="sumproduct"),
    "SUMPRODUCT of a product": _spelt(sum="sumproduct of one"),
    "slope a-a^2": _slope("{a}-{a}^2"),
    "slope a-a*a": _slope("{a}-{a}*{a}"),
    "slope (1-a)*a": _slope("(1-{a})*{a}"),
    "slope .25-(a-.5)^2": _slope("0.25-({a}-0.5)^2"),
    "x*x": _spelt(square="({x})*({x})"),
    "POWER": _spelt(square="POWER({x},2)"),
    "SUMXMY2": _spelt(cost="SUMXMY2({a},{target})/2"),
    "half by division": _spelt(cost="1/2*SUMXMY2({a},{target})"),
    "SUMPRODUCT of squares": _spelt(cost="SUMPRODUCT(({a}-{target})^2)/2"),
    "update brackets": _spelt(update="({w})-(({change})*{rate})"),
    "update by sum": _spelt(update="-{rate}*{change}+{w}"),
    "update by SUM": _spelt(update="SUM({w},-{rate}*{change})"),
    # V7
    "weights by their columns": _conventions(by_column=True),
    "weights by their columns, 2-3-2": _conventions(by_column=True, sizes=(2, 3, 2)),
    # V8
    **{
        f"{batch} of {patterns}, {how}": _conventions(
            patterns=patterns, conventions=Conventions(batch=batch), spelling=replace(NOTE, batch=how)
        )
        for batch in ("sum", "mean")
        for patterns in (2, 4)
        for how in ("chain", "function", "sumproduct")
    },
    "sum with dC/dW": _conventions(
        patterns=3, conventions=Conventions(batch="sum"), groups="a0 w1 a1 d1 w2 a2 d2 T C g1 g2",
        spelling=replace(NOTE, batch="function"),
    ),
    "mean with dC/dW": _conventions(
        patterns=3, conventions=Conventions(batch="mean"), groups="a0 w1 a1 d1 w2 a2 d2 T C g1 g2",
        spelling=replace(NOTE, batch="function"),
    ),
    "sum, fixed biases": _conventions(patterns=3, conventions=Conventions("fixed", batch="sum")),
    "sum, shared biases": _conventions(patterns=3, conventions=Conventions("shared", batch="sum")),
    "mean, T-a": _conventions(patterns=3, conventions=Conventions(batch="mean", difference="T-a")),
    # V9
    "tanh": _conventions(conventions=TANH),
    "relu": _conventions(conventions=Conventions(activations=("relu",)), seed=3),
    "linear": _conventions(conventions=Conventions(activations=("linear",)), learning_rate=0.1),
    "linear outputs": _conventions(conventions=Conventions(activations=("sigmoid", "linear")), learning_rate=0.1),
    "tanh, sigmoid": _conventions(conventions=Conventions(activations=("tanh", "sigmoid"))),
    "relu, linear": _conventions(conventions=Conventions(activations=("relu", "linear")), learning_rate=0.1, seed=4),
    "relu, sigmoid": _conventions(conventions=Conventions(activations=("relu", "sigmoid")), seed=3),
    "sigmoid, tanh, linear": _conventions(
        conventions=Conventions(activations=("sigmoid", "tanh", "linear")), sizes=(2, 2, 3, 1), learning_rate=0.1
    ),
    "softmax": _conventions(conventions=Conventions(activations=("sigmoid", "softmax"), cost="cross-entropy"), sizes=(2, 2, 3)),
    "softmax of two": _conventions(conventions=Conventions(activations=("tanh", "softmax"), cost="cross-entropy")),
    "cross-entropy": _conventions(conventions=Conventions(cost="cross-entropy")),
    "cross-entropy, T-a": _conventions(conventions=Conventions(cost="cross-entropy", difference="T-a")),
    "cross-entropy after relu": _conventions(
        conventions=Conventions(activations=("relu", "sigmoid"), cost="cross-entropy"), sizes=(2, 3, 1), seed=3
    ),
    # V11
    "outputs first": _conventions(conventions=Conventions(order="outputs first")),
    "outputs first, fixed": _conventions(conventions=Conventions("fixed", "outputs first")),
    "outputs first in three layers": _conventions(conventions=Conventions(order="outputs first"), sizes=(2, 2, 3, 2)),
}  # fmt: skip


def _words(conventions: Conventions) -> list[tuple[str, str]]:
    """Return what is said of conventions that a reader should know of."""
    said = []
    if conventions.order == "outputs first":
        said.append(("warning", "convention-outputs-first"))
    if conventions.biases == "fixed":
        said.append(("remark", "convention-fixed-biases"))
    return said


def _slopes(conventions: Conventions) -> bool | None:
    """Return what central differences can say: with other weights in δ nothing of dC/dW."""
    return None if conventions.order == "outputs first" else True


@pytest.mark.parametrize(
    "values",
    [
        "absent",
        pytest.param(".xlsx", marks=pytest.mark.libreoffice),
        pytest.param(".ods", marks=pytest.mark.libreoffice),
    ],
)
@pytest.mark.parametrize(("options", "conventions"), PLAIN.values(), ids=PLAIN)
def test_conventions(tmp_path: Path, options: dict[str, Any], conventions: Conventions, values: str) -> None:
    """A convention is named and no mistake, with the values that Calc saves and without, in both formats."""
    path = Statement(**{"sizes": (2, 2, 2), **options}).save(tmp_path / "net.xlsx")
    if values != "absent":
        path = libreoffice.converted(path, values, _folder(tmp_path))
    net = checked(path)
    assert told(net) == _words(conventions)
    assert net.conventions == conventions
    assert net.slopes is _slopes(conventions)
    assert net.judged >= (net.layout.steps - 1) * (len(net.layout.columns) - 1)


def _folder(path: Path) -> Path:
    folder = path / "again"
    folder.mkdir()
    return folder


# ---------------------------------------------------------------- arrays, names, other places


def _arrays(changes: dict[str, str]) -> Callable[[Statement], dict[str, object]]:
    """Return what makes array formulas of a 2-2-2 net: area with rows as {r} → formula."""

    def made(sheet: Statement) -> dict[str, object]:
        found: dict[str, object] = {}
        for area, text in changes.items():
            for row in sheet.rows:
                places = {"r": row, "p": row - 1}
                if "{p}" in text and row == FIRST:
                    continue
                own = area.format(**places)
                found[own.partition(":")[0]] = ArrayFormula(own, text.format(**places))
        return found

    return made


def _whole_column(sheet: Statement) -> dict[str, object]:
    """The cost alone: nothing follows from it, so its rows can be computed together."""
    last = sheet.rows[-1]
    squares = [f"0.5*({a}8:{a}{last}-{t}8:{t}{last})^2" for a, t in ("UY", "VZ")]
    return {"AA8": ArrayFormula(f"AA8:AA{last}", f"={'+'.join(squares)}")}


def _emptied(made: dict[str, object]) -> dict[str, object]:
    """Return changes with the other cells of each array emptied first: they have no formula of their own."""
    found: dict[str, object] = {}
    for address, value in made.items():
        assert isinstance(value, ArrayFormula)
        for rows in openpyxl.utils.cell.rows_from_range(value.ref):
            found |= dict.fromkeys(rows)
        found[address] = value
    return found


ARRAYS: dict[str, Callable[[Statement], dict[str, object]]] = {
    "MMULT": _arrays({"K{r}": "=1/(1+EXP(-(MMULT(C{r}:D{r},TRANSPOSE(E{r}:F{r}))+G{r})))"}),
    "SUM of products": _arrays({"L{r}": "=1/(1+EXP(-(SUM(C{r}:D{r}*H{r}:I{r})+J{r})))"}),
    "both deltas": _arrays({"W{r}:X{r}": "=(U{r}:V{r}-Y{r}:Z{r})*U{r}:V{r}*(1-U{r}:V{r})"}),
    "two weights": _arrays({"O{r}:P{r}": "=O{p}:P{p}-$A$8*W{p}*K{p}:L{p}"}),
    "inputs": _arrays({"C{r}:D{r}": "=C{p}:D{p}"}),
    "cost": _arrays({"AA{r}": "=SUM((U{r}:V{r}-Y{r}:Z{r})^2)/2"}),
    "a column": _whole_column,
    "several": _arrays({
        "K{r}": "=1/(1+EXP(-(MMULT(C{r}:D{r},TRANSPOSE(E{r}:F{r}))+G{r})))",
        "W{r}:X{r}": "=(U{r}:V{r}-Y{r}:Z{r})*U{r}:V{r}*(1-U{r}:V{r})",
        "AA{r}": "=SUM((U{r}:V{r}-Y{r}:Z{r})^2)/2",
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        "absent",
        pytest.param(".xlsx", marks=pytest.mark.libreoffice),
        pytest.param(".ods", marks=pytest.mark.libreoffice),
    ],
)
@pytest.mark.parametrize("made", ARRAYS.values(), ids=ARRAYS)
def test_array_formulas(tmp_path: Path, made: Callable[[Statement], dict[str, object]], values: str) -> None:
    """Array formulas, of one cell and over ranges, are judged cell by cell."""
    sheet = Statement((2, 2, 2))
    path = sheet.save(tmp_path / "net.xlsx", _emptied(made(sheet)))
    if values != "absent":
        path = libreoffice.converted(path, values, _folder(tmp_path))
    net = checked(path)
    assert (told(net), net.conventions, net.slopes) == ([], Conventions(), True)
    assert net.judged == 284 - (2 if "=C7" in str(made(sheet)) else 0)


def _from_to(key: Key) -> str:
    return name(key._replace(i=key.j, j=key.i)) if key.letter in "wg" and key.j < 2 else name(key)


@pytest.mark.parametrize("groups", [None, "a0 w1 a1 d1 w2 a2 d2 T C g1 g2"], ids=["plain", "dC/dW"])
def test_transposed_names(tmp_path: Path, groups: str | None) -> None:
    """Weights named from neuron to neuron are read so where only then the formulas make sense."""
    net = checked(Statement((2, 2, 2), groups=groups, name=_from_to).save(tmp_path / "net.xlsx"))
    assert (told(net), net.conventions, net.slopes) == ([], Conventions(), True)
    assert net.layout.transposed_names
    assert not checked(
        Statement((2, 2, 2), groups=groups).save(tmp_path / "own.xlsx")
    ).layout.transposed_names


def test_transposed_names_with_a_wrong_cell(tmp_path: Path) -> None:
    """A wrong cell among weights named the other way is the one that is told."""
    sheet = Statement((2, 2, 2), name=_from_to)
    net = checked(sheet.save(tmp_path / "net.xlsx", {"M12": "=K12*(1-K12)*(W12*O12+X12*P12)"}))
    assert net.layout.transposed_names
    assert [[str(area) for area in finding.areas] for finding in net.findings] == [["M12"]]


def _named(book: openpyxl.Workbook, cell: str) -> None:
    book.defined_names.add(DefinedName("gamma", attr_text=cell))


def _elsewhere(book: openpyxl.Workbook) -> None:
    """Move the learning rate to a sheet of its own."""
    settings = book.create_sheet("Settings")
    settings["A2"], settings["B2"] = "Learning rate", 0.5
    book["Sheet1"]["A6"] = book["Sheet1"]["A8"] = None


def _named_elsewhere(book: openpyxl.Workbook) -> None:
    _elsewhere(book)
    _named(book, "Settings!$B$2")


def _taken_over(book: openpyxl.Workbook) -> None:
    book.create_sheet("Settings")["B2"] = 0.5
    book["Sheet1"]["A8"] = "=Settings!B2"


def _rates(value: Callable[[int], object]) -> Callable[[openpyxl.Workbook], None]:
    def fill(book: openpyxl.Workbook) -> None:
        for row in range(FIRST + 1, FIRST + 12):
            book["Sheet1"][f"A{row}"] = value(row)

    return fill


RATES: dict[str, tuple[str, Callable[[openpyxl.Workbook], None]]] = {
    "a row fixed": ("A$8", lambda book: None),
    "a defined name": ("gamma", lambda book: _named(book, "Sheet1!$A$8")),
    "a name on another sheet": ("gamma", _named_elsewhere),
    "another sheet": ("Settings!$B$2", _elsewhere),
    "taken over": ("$A$8", _taken_over),
    "a row's own, typed": ("$A{above}", _rates(lambda row: 0.5)),
    "a row's own, typed and falling": ("$A{above}", _rates(lambda row: 5 / row)),
    "a row's own, falling": ("$A{above}", _rates(lambda row: f"=A{row - 1}*0.99")),
    "a row's own, by its step": ("A{above}", _rates(lambda row: f"=$A$8/(1+{row - 8}/10)")),
    "a row's own, copied": ("$A{above}", _rates(lambda row: f"=A{row - 1}")),
}


@pytest.mark.parametrize(
    "values",
    [
        "absent",
        pytest.param(".xlsx", marks=pytest.mark.libreoffice),
        pytest.param(".ods", marks=pytest.mark.libreoffice),
    ],
)
@pytest.mark.parametrize(("rate", "prepare"), RATES.values(), ids=RATES)
def test_learning_rates(
    tmp_path: Path, rate: str, prepare: Callable[[openpyxl.Workbook], None], values: str
) -> None:
    """The learning rate may have a name, stand on another sheet, or in every row."""
    path = Statement((2, 2, 2), rate=rate).save(tmp_path / "net.xlsx")
    book = openpyxl.load_workbook(path)
    prepare(book)
    book.save(path)
    if values != "absent":
        path = libreoffice.converted(path, values, _folder(tmp_path))
    net = checked(path)
    assert (told(net), net.conventions, net.slopes) == ([], Conventions(), True)


def test_a_written_rate(tmp_path: Path) -> None:
    """A learning rate that all formulas have as a number is a remark."""
    net = checked(Statement((2, 2, 2), rate="0.5").save(tmp_path / "net.xlsx"))
    assert told(net) == [("remark", "convention-written-rate")]
    assert sum(finding.cells for finding in net.findings) == 12 * 11
    assert net.slopes is True


@pytest.mark.parametrize("cells", [["G12"], ["O15", "P15", "T9"]], ids=["one", "three"])
def test_a_rate_written_into_some(tmp_path: Path, cells: list[str]) -> None:
    """A learning rate that some formulas have as a number is a mistake of those."""
    sheet = Statement((2, 2, 2))
    texts = {f"{get_column_letter(column)}{row}": text for (row, column), text in sheet.texts.items()}
    changes: dict[str, object] = {cell: texts[cell].replace("$A$8", "0.5") for cell in cells}
    net = checked(sheet.save(tmp_path / "net.xlsx", changes))
    assert told(net) == [("error", "update-written-rate")]
    assert _cells(net.findings) == set(cells)


def _cells(findings: tuple[Finding, ...]) -> set[str]:
    """Return the addresses of the cells of findings."""
    return {
        f"{get_column_letter(column + 1)}{row + 1}"
        for finding in findings
        for area in finding.areas
        for row in range(area.first_row, area.last_row + 1)
        for column in range(area.first_column, area.last_column + 1)
    }
