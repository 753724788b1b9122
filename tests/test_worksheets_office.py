"""Worksheets in LibreOffice: filled in, saved, changed, and what the feedback says; one run does all."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sheetnet.book.grid import column_index
from sheetnet.exercise.feedback import WORDS
from tests.witnesses import libreoffice
from tests.worksheets import (
    FORMATS,
    Answer,
    Case,
    MadeSet,
    Sets,
    disagreements,
    findings,
    load,
    places,
)

pytestmark = pytest.mark.libreoffice
_WITNESSES = Path(libreoffice.__file__).parent

_SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from uno_server import FILTERS, leave, opened, properties, start, table

def named(document, name):
    return document.NamedRanges.getByName(name).ReferredCells.getCellByPosition(0, 0)

def done(desktop, job):
    document = opened(desktop, job["path"], None, writable=True)
    try:
        sheet = document.Sheets.getByIndex(0)
        locks = {
            "sheet": sheet.isProtected(),
            "first": sheet.getCellByPosition(0, 0).CellProtection.IsLocked,
            "boxes": [named(document, name).CellProtection.IsLocked for name in job["answers"]],
        }
        for name, answer in job["answers"].items():
            if isinstance(answer, str):
                named(document, name).setFormula(answer)
            else:
                named(document, name).setValue(answer)
        if job["change"]:
            sheet.unprotect("")
            sheet.Rows.insertByIndex(3, 2)
            sheet.Columns.insertByIndex(1, 1)
            sheet.Name = "It's <mine>"
            locks["sheet"] = sheet.isProtected()
        document.calculateAll()
        target = Path(job["target"])
        document.storeToURL(target.as_uri(), properties(FilterName=FILTERS[target.suffix]))
        return {"tables": {s.Name: table(s, False) for s in document.Sheets}, "locks": locks}
    finally:
        document.close(True)

office, desktop = start(*sys.argv[1:4])
try:
    for job in json.load(sys.stdin):
        try:
            answer = done(desktop, job)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
finally:
    leave(office, desktop)
"""


class _Run:
    """Jobs for one run of LibreOffice, and what came of them by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, dict[str, Any]] = {}
        self.sets: dict[str, MadeSet] = {}
        self.tables: dict[str, libreoffice.Values] = {}
        self.locks: dict[str, dict[str, Any]] = {}

    def add(
        self, name: str, made: MadeSet, source: Path, answers: Mapping[str, Answer], *, change: bool = False
    ) -> None:
        target = self._folder / f"{len(self._jobs)}{source.suffix}"
        self._jobs[name] = {
            "path": str(source),
            "target": str(target),
            "answers": dict(answers),
            "change": change,
        }
        self.sets[name] = made

    def saved(self, name: str) -> Path:
        return Path(self._jobs[name]["target"])

    def source(self, name: str) -> Path:
        return Path(self._jobs[name]["path"])

    def go(self) -> None:
        soffice, python = libreoffice._soffice(), libreoffice._uno_python()
        assert soffice is not None
        assert python is not None
        done = subprocess.run(
            [python, "-c", _SCRIPT, soffice, str(self._folder / "profile"), "en-US", str(_WITNESSES)],
            input=json.dumps(list(self._jobs.values())),
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert len(answers) == len(self._jobs), done.stderr[-2000:]
        for name, answer in zip(self._jobs, answers, strict=True):
            assert "error" not in answer, (name, answer["error"])
            self.tables[name] = libreoffice._values(answer["tables"])
            self.locks[name] = answer["locks"]


FILLED = [
    Case(3, "page", "numbers"),
    Case(5, "rows", "numbers"),
    Case(2, "page", "formulas", steps=2),
    Case(4, "rows", "formulas", steps=2),
    Case(7, "page", "numbers"),
]
_NAMES = [f"{case}, {form}" for case in FILLED for form in FORMATS]
_CASES = dict(zip(_NAMES, [(case, form) for case in FILLED for form in FORMATS], strict=True))
_CHANGED = [name for name in _NAMES if _CASES[name][0].level in (3, 4)]
_FEEDBACK = [f"feedback, {paper}, {form}" for paper in ("page", "rows") for form in FORMATS]


def _english(formula: Answer) -> Answer:
    """Return a formula as LibreOffice takes it, whatever the file's format."""
    return (
        re.sub(r"\[\.|\]|(?<=:)\.", "", formula.removeprefix("of:")) if isinstance(formula, str) else formula
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> _Run:
    """Return what LibreOffice made of everything that this module asks."""
    folder = tmp_path_factory.mktemp("office")
    sets, run = Sets(tmp_path_factory.mktemp("sets")), _Run(folder)
    for name, (case, form) in _CASES.items():
        made = sets(case)
        answers = made.answers(4)
        if case.answers == "formulas":
            answers = {key: _english(value) for key, value in made.formulas(form).items()}
        run.add(name, made, made.student(form), answers)
        if name in _CHANGED:
            run.add(f"changed, {name}", made, made.student(form), answers, change=True)
    for name in _FEEDBACK:
        _, paper, form = name.split(", ")
        made = sets(Case(3, paper, steps=2 if paper == "rows" else 1), feedback=True)
        gradients = [blank.name for blank in made.entry.blanks if blank.kind == "gradient"]
        right = made.answers(4)
        source = made.student(form)  # type: ignore[arg-type]
        run.add(f"right, {name}", made, source, right)
        run.add(f"empty, {name}", made, source, {})
        for sign in (1, -1):
            off = {gradient: float(right[gradient]) + sign * 10 * 5e-5 for gradient in gradients}
            run.add(f"wrong {sign}, {name}", made, source, right | off)
        half = {gradient: "" if number % 2 else right[gradient] for number, gradient in enumerate(gradients)}
        run.add(
            f"half, {name}",
            made,
            source,
            {key: value for key, value in (right | half).items() if value != ""},
        )
    run.go()
    return run


@pytest.mark.parametrize("name", _NAMES)
def test_filled_in(run: _Run, name: str) -> None:
    """Filled in and saved by LibreOffice a sheet is right, and its boxes are found under their names."""
    case, _ = _CASES[name]
    made, path = run.sets[name], run.saved(name)
    planted = made.entry.planted
    assert findings(path) == ([] if planted is None else [(planted.code, planted.cell)])
    assert disagreements(path, made) == []
    assert places(path) == places(run.source(name))
    assert load(path).names is not None
    assert (case.level == 7) == (planted is not None)


@pytest.mark.parametrize("name", _CHANGED)
def test_names_follow(run: _Run, name: str) -> None:
    """After rows and a column were inserted and the sheet renamed, each box is found under its name."""
    made, path = run.sets[name], run.saved(f"changed, {name}")
    moved = {
        key: ("It's <mine>", row + 2, column + 1)
        for key, (_, row, column) in places(run.source(name)).items()
    }
    assert places(path) == moved
    assert disagreements(path, made) == []


@pytest.mark.parametrize("name", _NAMES)
def test_protected_in_libreoffice(run: _Run, name: str) -> None:
    """The sheet is protected, its boxes alone are not, and without a password that can be taken off."""
    locks = run.locks[name]
    assert locks["sheet"]
    assert locks["first"]
    assert not any(locks["boxes"])
    if name in _CHANGED:
        assert not run.locks[f"changed, {name}"]["sheet"]


def _verdicts(run: _Run, job: str) -> dict[str, str]:
    """Return what stands in the cell of the verdict on each gradient, by the names of the boxes."""
    made, source = run.sets[job], run.source(job)
    book = load(source)
    boxes = {place[1:]: name for name, place in places(source).items()}
    found = {}
    [sheet] = book.sheets
    values = run.tables[job][sheet.name]
    for row, cells in sheet.rows.items():
        for column, cell in cells.items():
            if cell.formula is not None and (
                match := re.search(r"COUNT\(\[?\.?\$?([A-Z]+)\$?(\d+)", cell.formula)
            ):
                place = int(match[2]) - 1, column_index(match[1])
                found[boxes[place]] = str(values.get((row, column), ""))
    assert set(found) == {blank.name for blank in made.entry.blanks if blank.kind == "gradient"}
    return found


@pytest.mark.parametrize("name", _FEEDBACK)
def test_verdicts(run: _Run, name: str) -> None:
    """Right numbers agree, wrong ones do not, each by itself, and nothing is said of an empty box."""
    right, wrong = WORDS["en"]
    assert set(_verdicts(run, f"right, {name}").values()) == {right}
    assert set(_verdicts(run, f"empty, {name}").values()) == {""}
    for sign in (1, -1):
        assert set(_verdicts(run, f"wrong {sign}, {name}").values()) == {wrong}
    made = run.sets[f"half, {name}"]
    gradients = [blank.name for blank in made.entry.blanks if blank.kind == "gradient"]
    said = _verdicts(run, f"half, {name}")
    first = [blank for blank in made.entry.blanks if blank.kind == "gradient" and blank.step == 0]
    for number, gradient in enumerate(gradients[: len(first)]):
        assert said[gradient] == ("" if number % 2 else right)
