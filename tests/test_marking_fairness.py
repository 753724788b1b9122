"""Marks are fair: a slip costs once and the same for everybody, and nothing is had for nothing."""

from pathlib import Path

import pytest

from sheetnet import cli
from sheetnet.exercise.manifest import to_json
from sheetnet.marking.judge import Judge
from tests.returning import called, class_of, entry_answers, judge_of, judged, one, verdicts, worked
from tests.worksheets import Case, Sets, filled

SLIPS = ("dC/dw01(1)", "δ0(2)", "dC/dw12(2)", "δ1(1)")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """Return the sets of this module."""
    return Sets(tmp_path_factory.mktemp("fair"))


@pytest.fixture(scope="module")
def judges(sets: Sets) -> list[Judge]:
    """Return judges of ten sets with other numbers, at level 5."""
    return [judge_of(sets(Case(5), formats=("xlsx",), seed=seed)) for seed in range(1, 11)]


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_costs_once(judges: list[Judge], name: str) -> None:
    """A sign that is turned round where it is copied down costs its own mark, whoever goes on without it."""
    for judge in judges:
        entry = judge.manifest.students[0]
        values = worked(judge, entry, rounded=True)
        slip = called(judge, name)
        values[slip] = -values[slip]
        found = judged(judge, entry, values)
        lost = {use for use, each in found.items() if each.verdict not in ("right", "own")}
        assert lost == {slip}, {use.term: found[use] for use in lost}


@pytest.mark.parametrize("level", [2, 3, 5])
def test_nothing_for_nothing(sets: Sets, level: int) -> None:
    """Gradients of 0 and weights that stay as they are earn nothing but what a bias left out would."""
    judge = judge_of(sets(Case(level), formats=("xlsx",)))
    entry, made = judge.manifest.students[0], judge.exercise
    values = worked(judge, entry)
    typed = judge.typed(entry)
    for use in made.blanks:
        if use.term.kind == "gradient":
            values[use] = 0.0
        elif use.term.kind == "new":
            values[use] = typed[use._replace(term=use.term._replace(kind="w"))]
    found = judged(judge, entry, values)
    credited = [
        use
        for use, each in found.items()
        if use.term.kind in ("gradient", "new") and each.verdict in ("right", "own")
    ]
    assert all(use.term.kind == "new" and use.term.j == 2 for use in credited)


@pytest.mark.parametrize("option", ["-o", "--annotate", "--html", "inside", "manifest"])
def test_outputs_spare_inputs(
    tmp_path: Path, sets: Sets, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """An output over the manifest, over a returned file, or among them is refused before anything is done."""
    made = class_of(sets, tmp_path / "class", "s1", case=Case(1))
    returned = tmp_path / "returned"
    returned.mkdir()
    file = filled(made.student("xlsx", "s1"), entry_answers(made, "s1"), returned / "s1.xlsx")
    manifest = tmp_path / "manifest.json"
    manifest.write_text(to_json(made.manifest), encoding="utf-8")
    before = file.read_bytes(), manifest.read_bytes()
    output = {
        "-o": ["-o", str(file)],
        "inside": ["-o", str(returned / "book.xlsx")],
        "manifest": ["-o", str(manifest)],
    }.get(option, [option, str(returned)])
    code = cli.main(["mark", str(manifest), str(returned), *output, "--overwrite"])
    assert code == 2
    assert "name another output" in capsys.readouterr().err
    assert (file.read_bytes(), manifest.read_bytes()) == before
    assert sorted(path.name for path in returned.iterdir()) == ["s1.xlsx"]


def test_a_number_too_large(tmp_path: Path, sets: Sets) -> None:
    """A formula beyond all numbers costs its own box alone."""
    made = class_of(sets, tmp_path / "class", "s1", case=Case(1))
    answers = entry_answers(made, "s1") | {"blank_003": "=1e400"}
    found = verdicts(one(made, filled(made.student("xlsx", "s1"), answers, tmp_path / "s1.xlsx")))
    assert [name for name, verdict in found.items() if verdict != "right"] == ["blank_003"]
    assert found["blank_003"] == "unreadable"
