"""Worksheets that are filled in: right with what their keys say, and wrong where they are wrong."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sheetnet.book.skeleton import Format
from tests.worksheets import (
    FORMATS,
    LEVELS,
    Case,
    MadeSet,
    Sets,
    disagreements,
    filled,
    findings,
    reckoned,
    shown,
)

PAPERS, ANSWERS = ("page", "rows"), ("numbers", "formulas")
CASES = [
    *(Case(level, paper, answers) for level in LEVELS for paper in PAPERS for answers in ANSWERS),
    *(Case(level, paper, answers, steps=2) for level in (1, 3, 7) for paper in PAPERS for answers in ANSWERS),
    *(Case(level, paper, sizes=(2, 2, 1)) for level in (3, 5) for paper in PAPERS),
    Case(3, "page", sizes=(3, 4, 2)),
]
ASKED = [case for case in CASES if case.level != 7]
FIND = [case for case in CASES if case.level == 7]

asked = pytest.mark.parametrize("case", ASKED, ids=map(str, ASKED))
find = pytest.mark.parametrize("case", FIND, ids=map(str, FIND))
both = pytest.mark.parametrize("form", FORMATS)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """Return the sets of this module."""
    return Sets(tmp_path_factory.mktemp("worksheets"))


def _fillings(made: MadeSet, form: Format) -> Iterator[tuple[str, dict[str, float | str]]]:
    """Yield how a student may fill a sheet in rightly."""
    if made.manifest.answers == "numbers":
        if made.manifest.steps == 1:  # who rounds goes on with other numbers than the key
            yield "as asked", made.answers(made.manifest.decimals)
        yield "exact", made.answers()
    yield "formulas", made.answers() | made.formulas(form)


@both
@asked
def test_filled_in(tmp_path: Path, sets: Sets, case: Case, form: Format) -> None:
    """With the key's values or formulas a sheet is right, for check and for the manifest."""
    made = sets(case)
    assert set(made.formulas(form)) == set(made.answers())
    for how, answers in _fillings(made, form):
        path = filled(made.student(form), answers, tmp_path / f"{how}.{form}")
        assert findings(path) == [], how
        assert disagreements(path, made) == [], how


@both
@pytest.mark.parametrize(
    "case", [case for case in ASKED if case.steps > 1 and case.answers == "numbers"], ids=str
)
def test_going_on(tmp_path: Path, sets: Sets, case: Case, form: Format) -> None:
    """Who goes on with rounded new weights is right; what then differs from the key is less than a unit or two."""
    made, sizes = sets(case), case.sizes
    first = shown(made.student(form), 0, sizes)
    answers = made.answers(4)
    second = {key: np.full_like(table, np.nan) for key, table in first.items()}
    second["a", 0], second["target", 0] = first["a", 0], first["target", 0]
    for blank in made.entry.blanks:
        if blank.kind == "new" and blank.step == 0:
            second["w", blank.layer][blank.i, blank.j] = answers[blank.name]
    found = reckoned(second, made.entry.learning_rate, sizes)
    for blank in made.entry.blanks:
        if blank.step == 1:
            answers[blank.name] = round(float(found[blank.kind, blank.layer][blank.i, blank.j]), 4)
    path = filled(made.student(form), answers, tmp_path / f"filled.{form}")
    assert findings(path) == []
    assert all(abs(float(value) - float(expected)) < 2e-4 for _, value, expected in disagreements(path, made))


SLIPS = [Case(level, paper) for level in (1, 3, 5) for paper in PAPERS]


@pytest.mark.parametrize(("case", "form"), list(zip(SLIPS, FORMATS * 3, strict=True)), ids=map(str, SLIPS))
def test_one_wrong(tmp_path: Path, sets: Sets, case: Case, form: Format) -> None:
    """With one answer off by 20 tolerances that one does not agree, and check finds its cell alone."""
    made = sets(case)
    for blank in made.entry.blanks[:: max(1, len(made.entry.blanks) // 2)]:
        answers = made.answers(made.manifest.decimals)
        answers[blank.name] = float(answers[blank.name]) + 20 * blank.tolerance
        path = filled(made.student(form), answers, tmp_path / f"{blank.name}.{form}")
        assert [name for name, _, _ in disagreements(path, made)] == [blank.name]
        assert [cell for _, cell in findings(path)] == [blank.cell], blank.term


@both
@asked
def test_keys(sets: Sets, case: Case, form: Format) -> None:
    """A key is right itself, and holds what the manifest expects."""
    made = sets(case)
    assert findings(made.key(form)) == []
    assert disagreements(made.key(form), made) == []


@both
@find
def test_planted_mistake(tmp_path: Path, sets: Sets, case: Case, form: Format) -> None:
    """Check finds the planted mistake and no other, before and after the boxes are filled in."""
    made = sets(case)
    planted = made.entry.planted
    assert planted is not None
    wanted = [(planted.code, planted.cell)]
    assert findings(made.student(form)) == wanted
    assert findings(made.key(form)) == wanted
    assert disagreements(made.key(form), made) == []
    for how, answers in _fillings(made, form):
        path = filled(made.student(form), answers, tmp_path / f"{how}.{form}")
        assert findings(path) == wanted
        assert disagreements(path, made) == []
