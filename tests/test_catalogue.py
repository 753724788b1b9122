"""The catalogue of mistakes: every entry, planted in a sheet that is right, is found and named, and nothing else."""

import ast
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import column_index_from_string, get_column_letter

from sheetnet.diagnosis import findings
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.diagnosis.findings import Finding
from sheetnet.diagnosis.misconceptions import variants
from sheetnet.jobs.checking import CheckedNet, check_file
from sheetnet.net.conventions import ACTIVATIONS, Conventions
from sheetnet.net.terms import terms
from tests.layouts import NOTE_PATTERN, NOTE_WEIGHTS, SEGMENTS
from tests.mistakes import MISTAKES, Mistake, equals, planted
from tests.planting import FIRST, Base, write
from tests.reckoning import Content, split, values
from tests.sheets import formulas
from tests.witnesses import libreoffice

BASES = {
    "note": Base((2, 2, 2), 14, [NOTE_PATTERN], NOTE_WEIGHTS),
    "extra": Base((2, 2, 2), 14, [NOTE_PATTERN], NOTE_WEIGHTS, extra=True),
    "wide": Base((4, 8, 8, 9), 19, SEGMENTS),
}
"""The note's net; the same with columns of z and dC/dW; the seven-segment net with its sixteen patterns."""
FORMATS = (".ods", ".xlsx")
SPOTS = ("all rows", "one row", "one cell")
CLAIMED = {
    "sheet-circular",
    "update-other-gradient",
    "gradient-other-weight",
    "gradient-bias-zero",
    "delta-other-row",
}
"""Codes that a finding may name beside its own, of which the table of mistakes has not every form."""


def _rows(base: Base, spot: str) -> range:
    middle = FIRST + base.steps // 2
    return range(FIRST, base.last + 1) if spot == "all rows" else range(middle, middle + 1)


def _checked(path: Path) -> CheckedNet:
    checked = check_file(path)
    assert (checked.error, [sheet.error for sheet in checked.sheets]) == (None, [None])
    [net] = checked.nets
    return net


def _cells(found: Iterable[Finding]) -> set[str]:
    return {
        f"{get_column_letter(column + 1)}{row + 1}"
        for finding in found
        for area in finding.areas
        for row in range(area.first_row, area.last_row + 1)
        for column in range(area.first_column, area.last_column + 1)
    }


@cache
def _same(name: str, base_name: str, spot: str) -> frozenset[str]:
    """Return the codes of all mistakes that are written the same as one, its own among them."""
    base = BASES[base_name]
    mine = planted(base, MISTAKES[name], _rows(base, "one row"))
    return frozenset(
        _code(base, mistake, mine, spot)
        for key, mistake in MISTAKES.items()
        if key == name or equals(base, mistake, mine)
    )


def _code(base: Base, mistake: Mistake, mine: Mapping[str, str], spot: str) -> str:
    """Return a mistake's code in some cells: it may have another where all cells are so."""
    if mistake.all is None or spot != "all rows":
        return mistake.code
    return (
        mistake.all if planted(base, mistake, _rows(base, "one row")).keys() == mine.keys() else mistake.code
    )


# ---------------------------------------------------------------- unspoilt


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_unspoilt(tmp_path: Path, base: Base, suffix: str) -> None:
    """A sheet in which everything is right has no finding, and its slopes are those of its cost."""
    net = _checked(write(tmp_path / f"right{suffix}", base.cells))
    assert (net.findings, net.slopes, net.layout.sizes) == ((), True, base.sizes)


@pytest.mark.parametrize("name", ["note", "wide"])
def test_bases_are_the_notes(name: str) -> None:
    """The formulas into which mistakes are planted are those of the note's sheet."""
    base = BASES[name]
    rule = formulas(base.sizes, base.steps, patterns=len(base.patterns))
    expected = {f"{get_column_letter(column + 1)}{row + 1}": text for (row, column), text in rule.items()}
    found = {cell: text for cell, text in base.cells.items() if isinstance(text, str) and text[0] == "="}
    assert found == expected


# ---------------------------------------------------------------- one mistake


def _cases() -> Iterable[Any]:
    """Yield every mistake in every base and spot; of a base other than the note's in one format each."""
    for index, name in enumerate(MISTAKES):
        for base, spots in (("note", SPOTS), ("extra", SPOTS[:2]), ("wide", SPOTS[:1])):
            for number, spot in enumerate(spots):
                both = base == "note" and spot != "one cell"
                for suffix in FORMATS if both else (FORMATS[(index + number) % 2],):
                    yield pytest.param(name, base, spot, suffix, id=f"{name} - {base}, {spot}, {suffix}")


@pytest.mark.parametrize(("name", "base_name", "spot", "suffix"), list(_cases()))
def test_planted(tmp_path: Path, name: str, base_name: str, spot: str, suffix: str) -> None:
    """A mistake is one finding of its code and of exactly its cells; what equals the rule is none."""
    base = BASES[base_name]
    wrong = planted(base, MISTAKES[name], _rows(base, spot))
    if spot == "one cell":
        wrong = dict(list(wrong.items())[-1:])
    net = _checked(write(tmp_path / f"planted{suffix}", {**base.cells, **wrong}))
    if not wrong:
        assert net.findings == ()
        return
    [finding] = net.findings
    assert _cells([finding]) == set(wrong)
    _check_name(finding, name, base_name, spot)


def _check_name(finding: Finding, name: str, base_name: str, spot: str) -> None:
    """Check that a finding names the mistake, and all others that are written the same."""
    codes = _same(name, base_name, spot)
    assert finding.code in codes
    convention = finding.code.startswith("convention-")
    assert finding.severity != "error" if convention else finding.severity == "error"
    if not convention:
        assert codes <= {finding.code, *finding.also}
    assert set(finding.also) <= codes | CLAIMED


FAMILIES = sorted({name.split(":")[0] for name in MISTAKES})


@pytest.mark.parametrize("family", FAMILIES)
def test_different_mistakes_in_one_sheet(tmp_path: Path, family: str) -> None:
    """Mistakes of different codes in different rows of one sheet are as many findings, each of its own cells."""
    base, row = BASES["wide"], FIRST + 1
    wrong: dict[str, dict[str, str]] = {}
    for name, mistake in MISTAKES.items():
        taken = {MISTAKES[other].code for other in wrong}
        found = planted(base, mistake, range(row, row + 1)) if row < base.last else {}
        if name.startswith(f"{family}:") and found and mistake.code not in taken:
            wrong[name], row = dict(list(found.items())[:10]), row + 1
    assert len(wrong) > 3
    cells = {cell: text for each in wrong.values() for cell, text in each.items()}
    net = _checked(write(tmp_path / "many.xlsx", {**base.cells, **cells}))
    assert _cells(net.findings) == set(cells)
    for name, each in wrong.items():
        [finding] = [finding for finding in net.findings if _cells([finding]) == set(each)]
        _check_name(finding, name, "wide", "one row")


# ---------------------------------------------------------------- the sheet

RIGHT = values(BASES["note"].cells)


def _column(letter: str, form: str, first: int = FIRST + 1) -> dict[str, Content]:
    """Return a column's formulas down to the last row: {r} is the row, {p} the one above."""
    last = BASES["note"].last
    return {f"{letter}{row}": form.format(r=row, p=row - 1) for row in range(first, last + 1)}


SHEET: Mapping[str, tuple[str | None, dict[str, Content], str]] = {
    "a number pasted": ("sheet-pasted-number", {"K15": RIGHT["K15"]}, "K15"),
    "numbers pasted below each other": (
        "sheet-pasted-number", {f"M{row}": RIGHT[f"M{row}"] for row in (15, 16)}, "M15 M16",
    ),
    "pasted as displayed": ("sheet-pasted-rounded", {"K15": round(RIGHT["K15"], 4)}, "K15"),
    "filled down too short": ("sheet-fill-stopped", {"E20": None, "E21": None}, "E20 E21"),
    "a gap": ("sheet-gap", {"W14": None}, "W14"),
    "a doubled row": ("sheet-doubled-row", {"E15": "=E13-$A$8*M13*C13"}, "E15"),
    "$ misplaced": (
        "sheet-dollar", _column("E", "=$E$8-$A$8*M{p}*C{p}"), " ".join(_column("E", "")),
    ),
    "$ missing": (
        "update-sliding-rate", _column("E", "=E{p}-$A{p}*M{p}*C{p}"), " ".join(_column("E", "")),
    ),
    "$ where it does no harm": (None, _column("E", "=E{p}-A$8*M{p}*C{p}"), ""),
    "the neighbour's column": ("sheet-neighbour", {"AA15": "=0.5*(U15-Y15)^2+0.5*(V15-Y15)^2"}, "AA15"),
    "an empty cell": ("sheet-empty-reference", {"K15": "=1/(1+EXP(-(C15*E15+D15*F15+B15)))"}, "K15"),
    "a cell with text": ("sheet-text-reference", {"K15": "=1/(1+EXP(-(C15*E15+D15*F15+G6)))"}, "K15"),
    "a number as text": ("sheet-text-number", {"F8": "-0,2"}, "F8"),
    "a learning rate as text": ("sheet-text-number", {"A8": "0,5"}, "A8"),
    "a circle": ("sheet-circular", {"M15": "=K15*(1-K15)*(W15*O15+X15*R15)+0*M15"}, "M15"),
    "#NUM!": ("sheet-error-value", {"J8": -800.0}, "L8"),
    "an input that changes": ("sheet-input-changes", {"C15": 0.7}, "C15"),
    "a target that changes": ("sheet-input-changes", {"Z15": 0.7}, "Z15"),
    "a Boolean": ("sheet-truth-value", {"H15": "=H14=(H14-$A$8*N14*C14)"}, "H15"),
    "a stray helper": (None, {"AD3": "=K8*1000"}, ""),
}  # fmt: skip


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("code", "changes", "cells"), SHEET.values(), ids=SHEET)
def test_the_sheet(
    tmp_path: Path, code: str | None, changes: dict[str, Content], cells: str, suffix: str
) -> None:
    """What goes wrong with cells, whatever their formulas mean, is one finding of exactly these cells."""
    net = _checked(write(tmp_path / f"sheet{suffix}", {**BASES["note"].cells, **changes}))
    assert [finding.code for finding in net.findings] == ([code] if code else [])
    assert _cells(net.findings) == set(cells.split())


@pytest.mark.parametrize("suffix", FORMATS)
def test_stale(tmp_path: Path, suffix: str) -> None:
    """A value that its formula does not give is a doubt: the file needs to be recalculated."""
    cells = BASES["note"].cells
    net = _checked(write(tmp_path / f"stale{suffix}", cells, values({**cells, "K15": 0.123})))
    assert [(finding.code, finding.severity) for finding in net.findings] == [
        ("sheet-stale-value", "warning")
    ]
    assert _cells(net.findings) == {"K15"}


def test_stray_helpers_are_told_apart(tmp_path: Path) -> None:
    """A formula outside the table is no finding, but is told."""
    checked = check_file(write(tmp_path / "stray.ods", {**BASES["note"].cells, "AD3": "=K8*1000"}))
    assert checked.sheets[0].stray == ("AD3",)


# ---------------------------------------------------------------- what the values are worth


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "name", ["forward: wrong base", "cost: cross-entropy", "hidden δ: brackets", "update: γ relative"]
)
def test_values_are_calcs(tmp_path: Path, name: str, suffix: str) -> None:
    """The values beside planted formulas are those that Calc gives to these formulas."""
    base = BASES["note"]
    cells = {**base.cells, **planted(base, MISTAKES[name], _rows(base, "all rows"))}
    found = libreoffice.recalculated(write(tmp_path / f"calc{suffix}", cells))["Sheet1"]
    numbers = {cell: value for cell, value in values(cells).items() if isinstance(value, float)}
    assert len(numbers) > base.steps * len(base.places) / 2
    for address, value in numbers.items():
        letters, row = split(address)
        assert found[row - 1, column_index_from_string(letters) - 1] == pytest.approx(
            value, rel=1e-9, abs=1e-12
        )


# ---------------------------------------------------------------- the catalogue itself


def test_planted_codes_are_catalogued() -> None:
    """Every code of the tables here has its words."""
    codes = {code for each in MISTAKES.values() for code in (each.code, each.all) if code}
    assert codes | {code for code, _, _ in SHEET.values() if code} <= set(catalogue())


CONVENTIONS = [
    *(Conventions(activations=(activation,)) for activation in ACTIVATIONS),
    Conventions(biases="fixed"),
    Conventions(order="outputs first"),
    Conventions(cost="squares"),
]


def test_every_code_has_words_and_all_words_a_code() -> None:
    """The codes of wrong rules, and those that the checker's own text names, are those of the catalogue."""
    given = {
        variant.code
        for sizes in ((2, 2, 2), (3, 4, 4, 3))
        for conventions in CONVENTIONS
        for term in terms(sizes, biases=True)
        for variant in variants(term, sizes, conventions)
    }
    for path in Path(findings.__file__).parent.glob("*.py"):
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                given |= set(re.findall(r"^(?:sheet|update|convention)-[a-z-]+[a-z]$", part.value))
    given |= {"sheet-empty-reference", "sheet-text-reference"}  # made of what a cell holds
    assert given == set(catalogue())
