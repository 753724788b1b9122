"""Sheets of numbers without formulas: rounding is no mistake, a wrong number is, and a misconception is named."""

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedNet, check_file
from sheetnet.net.conventions import Conventions
from tests.evaluator import Place, Sheet
from tests.statement import Key, Statement


def _values(sheet: Statement) -> dict[Place, float]:
    """Return the numbers of all formulas, computed by this folder's own reader."""
    values = Sheet({**sheet.numbers, (8, 1): sheet.learning_rate}, sheet.texts)
    found = {place: values.value(place) for place in sheet.texts}
    assert all(map(math.isfinite, found.values()))
    return found


class _Rounded(Sheet):
    """A sheet in which some results are typed, rounded, and gone on with."""

    def __init__(
        self, numbers: Mapping[Place, float], texts: Mapping[Place, str], typed: set[Place], decimals: int
    ) -> None:
        super().__init__(numbers, dict(texts))
        self.typed, self.decimals = typed, decimals

    def value(self, place: Place) -> float:
        value = super().value(place)
        return round(value, self.decimals) if place in self.typed else value


def _typed(path: Path, sheet: Statement, values: Mapping[Place, float], typed: str = "") -> CheckedNet:
    """Check a sheet whose formulas, or those of some columns' letters, are numbers."""
    letters = {column: key.letter for key, column in sheet.at.items()}
    sheet.texts = {
        place: values[place] if not typed or letters[place[1]] in typed else text  # type: ignore[misc]
        for place, text in sheet.texts.items()
    }
    found = check_file(sheet.save(path))
    assert found.error is None
    [net] = found.nets
    return net


def _told(findings: tuple[Finding, ...]) -> list[tuple[str, list[str]]]:
    return [(finding.code, [str(area) for area in finding.areas]) for finding in findings]


NETS: dict[str, Statement] = {
    "the note": Statement((2, 2, 2)),
    "three layers": Statement((2, 3, 2, 2), seed=4),
    "patterns": Statement((2, 3, 1), 13, patterns=4, seed=2),
    "all columns": Statement((2, 2, 2), groups="a0 w1 z1 a1 s1 d1 w2 z2 a2 s2 e d2 T p C g1 g2"),
    "no biases": Statement((2, 2, 2), conventions=Conventions("none")),
}


def _again(name: str) -> Statement:
    net = NETS[name]
    groups = "a0 w1 z1 a1 s1 d1 w2 z2 a2 s2 e d2 T p C g1 g2" if name == "all columns" else None
    seed = {"three layers": 4, "patterns": 2}.get(name, 1)
    return Statement(
        net.sizes, net.steps, patterns=net.patterns, conventions=net.conventions, groups=groups, seed=seed
    )


@pytest.mark.parametrize("decimals", [2, 3, 4, 6, 16])
@pytest.mark.parametrize("name", NETS)
def test_rounded(tmp_path: Path, name: str, decimals: int) -> None:
    """A right sheet copied to so many decimals is right."""
    sheet = _again(name)
    rounded = {place: round(value, decimals) for place, value in _values(sheet).items()}
    net = _typed(tmp_path / "net.xlsx", sheet, rounded)
    assert _told(net.findings) == []


@pytest.mark.parametrize("typed", ["w", "a", "d", "C", "ad", "wC", "adC"])
@pytest.mark.parametrize("decimals", [2, 4])
def test_half_typed(tmp_path: Path, typed: str, decimals: int) -> None:
    """Columns of rounded numbers beside columns of formulas are right, too."""
    sheet = Statement((2, 2, 2))
    kinds = {column: key for key, column in sheet.at.items()}
    places = {
        place for place in sheet.texts if kinds[place[1]].letter in typed and kinds[place[1]][:2] != ("a", 0)
    }
    rounded = _Rounded({**sheet.numbers, (8, 1): sheet.learning_rate}, sheet.texts, places, decimals)
    sheet.texts |= {place: rounded.value(place) for place in places}  # type: ignore[misc]
    [net] = check_file(sheet.save(tmp_path / "net.xlsx")).nets
    assert _told(net.findings) == []


WRONG = {
    "a of layer 1": Key("a", 1, 1), "δ of layer 1": Key("d", 1, 0), "a weight": Key("w", 2, 0, 1),
    "a bias": Key("w", 1, 1, 2), "an output": Key("a", 2, 0), "δ of the outputs": Key("d", 2, 1), "C": Key("C"),
}  # fmt: skip


@pytest.mark.parametrize("decimals", [3, 4, 6, 16])
@pytest.mark.parametrize("key", WRONG.values(), ids=WRONG)
def test_one_wrong_number(tmp_path: Path, key: Key, decimals: int) -> None:
    """One number that rounding can't explain is found, and no other."""
    sheet = Statement((2, 2, 2))
    rounded = {place: round(value, decimals) for place, value in _values(sheet).items()}
    place = 13, sheet.at[key]
    rounded[place] += 0.02
    net = _typed(tmp_path / "net.xlsx", sheet, rounded)
    assert [areas for _, areas in _told(net.findings)] == [[sheet.address(*key, row=13)]]
    assert [finding.severity for finding in net.findings] == ["error"]


@pytest.mark.parametrize("key", WRONG.values(), ids=WRONG)
def test_going_on_with_a_wrong_number(tmp_path: Path, key: Key) -> None:
    """Who goes on with a wrong number as the rule says made one mistake, not many."""
    sheet = Statement((2, 2, 2))
    sheet.texts[13, sheet.at[key]] += "+0.02"
    rounded = {place: round(value, 4) for place, value in _values(sheet).items()}
    net = _typed(tmp_path / "net.xlsx", sheet, rounded)
    assert [areas for _, areas in _told(net.findings)] == [[sheet.address(*key, row=13)]]


@pytest.mark.parametrize("decimals", [4, 6, 16])
def test_half_a_unit_is_rounding(tmp_path: Path, decimals: int) -> None:
    """A number that is off by one in its last decimal is one that rounding cannot explain only if exact."""
    sheet = Statement((2, 2, 2))
    rounded = {place: round(value, decimals) for place, value in _values(sheet).items()}
    place = 13, sheet.at[Key("C")]
    rounded[place] += 0.4 * 10.0**-decimals
    rounded[place] = round(rounded[place], decimals)
    assert _told(_typed(tmp_path / "net.xlsx", sheet, rounded).findings) == []


MISTAKES: dict[str, tuple[Key, str, str]] = {
    "no slope": (Key("d", 2, 0), "=U{r}-Y{r}", "delta-output-no-slope"),
    "no half": (Key("C"), "=(U{r}-Y{r})^2+(V{r}-Z{r})^2", "cost-no-half"),
    "no bias": (Key("a", 1, 0), "=1/(1+EXP(-(C{r}*E{r}+D{r}*F{r})))", "forward-no-bias"),
    "not transposed": (Key("d", 1, 0), "=K{r}*(1-K{r})*(W{r}*O{r}+X{r}*P{r})", "delta-hidden-untransposed"),
}


@pytest.mark.parametrize("decimals", [4, 6, 16])
@pytest.mark.parametrize(("key", "formula", "code"), MISTAKES.values(), ids=MISTAKES)
def test_a_misconception(tmp_path: Path, key: Key, formula: str, code: str, decimals: int) -> None:
    """A typed column that follows a wrong rule is told by its name."""
    sheet = Statement((2, 2, 2))
    right = dict(sheet.texts)
    for row in sheet.rows:
        sheet.texts[row, sheet.at[key]] = formula.format(r=row)
    rounded = {place: round(value, decimals) for place, value in _values(sheet).items()}
    sheet.texts = right
    net = _typed(tmp_path / "net.xlsx", sheet, rounded)
    assert [(each.code, each.cells) for each in net.findings] == [(code, sheet.steps)]
