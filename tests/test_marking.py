"""Answers are judged one after the other: mistakes are named, what follows from them is right, and nothing is given away."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sheetnet.exercise.exercise import Impossible, uses
from sheetnet.formula.expression import Constant, Expression, Operation
from sheetnet.marking.answers import Judged
from sheetnet.marking.judge import Judge
from sheetnet.marking.returned import Answer
from sheetnet.net.terms import Use
from tests.returning import PLACE, called, judge_of, judged, number, worked
from tests.worksheets import Case, Sets, reckoned

CREDIT = ("right", "own")
DEAD = ("rests-zero", "rests-saturated", "rests-idle")
CASES = [
    *(Case(level, paper) for level in (3, 5) for paper in ("page", "rows")),
    *(Case(level, paper, sizes=(2, 2, 1)) for level, paper in ((3, "rows"), (5, "page"))),
    *(Case(level, paper, sizes=(3, 4, 2)) for level, paper in ((3, "page"), (5, "rows"))),
]
cases = pytest.mark.parametrize("case", CASES, ids=map(str, CASES))


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """Return the sets of this module."""
    return Sets(tmp_path_factory.mktemp("marking"))


def _judge(sets: Sets, case: Case, **options: object) -> Judge:
    return judge_of(sets(case, formats=("xlsx",), **options))


def _verdicts(found: Mapping[Use, Judged]) -> set[str]:
    return {each.verdict for each in found.values()}


# ---- what is right, and named mistakes ----


@pytest.mark.parametrize("rounded", [False, True], ids=["unrounded", "rounded"])
@cases
def test_all_right(sets: Sets, case: Case, rounded: bool) -> None:
    """Whoever has everything right is told so everywhere, from whatever digits the work went on."""
    judge = _judge(sets, case)
    entry = judge.manifest.students[0]
    found = judged(judge, entry, worked(judge, entry, rounded=rounded))
    assert _verdicts(found) == {"right"}


@pytest.mark.parametrize("level", [3, 5])
def test_numpy_agrees(sets: Sets, level: int) -> None:
    """What numpy computes with matrices is right."""
    judge = _judge(sets, Case(level))
    entry, values = judge.manifest.students[0], {}
    given = {("a", 0): np.array(entry.inputs).T, ("target", 0): np.array(entry.targets).T}
    given |= {("w", layer): np.array(w) for layer, w in enumerate(entry.weights, start=1)}
    keys = [("a", 1), ("a", 2), ("cost", 0), ("delta", 1), ("delta", 2), ("gradient", 1), ("gradient", 2)]
    known = worked(judge, entry)
    plain = {use.term: known[use] for use in judge.exercise.plain}
    for key in keys:
        shape = (2, 3) if key[0] == "gradient" else (1, 1) if key == ("cost", 0) else (2, 1)
        given[key] = np.full(shape, np.nan)
        for term, value in plain.items():
            if (term.kind, term.layer) == key:
                given[key][term.i, term.j] = value
    found = reckoned(given, entry.learning_rate, judge.manifest.sizes)
    for use in judge.exercise.blanks:
        values[use] = float(found[use.term.kind, use.term.layer][use.term.i, use.term.j])
    assert _verdicts(judged(judge, entry, values)) == {"right"}


@pytest.mark.parametrize("rounded", [False, True], ids=["unrounded", "rounded"])
@cases
def test_named(sets: Sets, case: Case, rounded: bool) -> None:
    """A mistake of the catalogue is named where it is made and costs there alone, all else computed from it.

    Only an activation of exactly 0 or 1, a δ of 0 and a gradient of 0 can't be gone on from.
    """
    judge = _judge(sets, case)
    entry, made = judge.manifest.students[0], judge.exercise
    right = made.values(judge.typed(entry))
    planted = 0
    stride = 14 if case.sizes == (3, 4, 2) else 3
    for at, use in enumerate(made.blanks):
        for variant in judge.variants(use)[(at + CASES.index(case) + rounded) % stride :: stride]:
            try:
                values = worked(judge, entry, {use: variant.expression}, rounded=rounded)
            except Impossible:
                continue
            if abs(values[use] - right[use]) < 10 * judge.half:
                continue
            planted += 1
            found = judged(judge, entry, values)
            said = found.pop(use)
            assert said.verdict == "misconception", (use, variant.code)
            assert variant.code in (said.code, *said.also), (use, variant.code)
            lost = {each: one for each, one in found.items() if one.verdict not in CREDIT}
            assert {one.reason for one in lost.values()} <= set(DEAD), variant
            assert not lost or _has_dead_end(judge, values, right), (use, variant.code)
    assert planted > 20


def _has_dead_end(judge: Judge, values: Mapping[Use, float], right: Mapping[Use, float]) -> bool:
    for use in judge.exercise.blanks:
        shown = round(values[use], judge.manifest.decimals)
        if use.term.kind in ("a", "delta") and shown in (0, 1) and abs(shown - right[use]) > judge.half:
            return True
    return False


@pytest.mark.parametrize("case", CASES[:4], ids=map(str, CASES[:4]))
def test_no_name(sets: Sets, case: Case) -> None:
    """A number that no mistake of the catalogue leads to is wrong, costs once, and can be gone on from."""
    judge = _judge(sets, case)
    entry, made = judge.manifest.students[0], judge.exercise
    for use in made.blanks[::2]:
        right = worked(judge, entry)[use]
        slip = next(
            value
            for value in (right + step * 0.0137 for step in range(1, 60))
            if not judged(judge, entry, worked(judge, entry), {use: number(value, 4)})[use].code
        )
        found = judged(judge, entry, worked(judge, entry, typed={use: slip}))
        assert found.pop(use).verdict == "wrong"
        assert _verdicts(found) <= set(CREDIT), use


def test_two_steps(sets: Sets) -> None:
    """What the sheet computes from answers may be gone on from as it is shown."""
    for paper in ("page", "rows"):
        judge = _judge(sets, Case(1, paper, steps=2))
        entry = judge.manifest.students[0]
        for rounded in (False, True):
            found = judged(judge, entry, worked(judge, entry, rounded=rounded))
            assert _verdicts(found) == {"right"}, (paper, rounded)
            use = judge.exercise.blanks[0]
            values = worked(judge, entry, typed={use: 0.1234}, rounded=rounded)
            found = judged(judge, entry, values)
            assert found.pop(use).verdict in ("wrong", "misconception")
            assert _verdicts(found) == {"right", "own"}, (paper, rounded)


# ---- no gaming ----


@pytest.mark.parametrize("value", [5.0, -0.2, 1.0, 0.0], ids=str)
def test_impossible_activation(sets: Sets, value: float) -> None:
    """An activation outside (0, 1), or at its ends, carries no work."""
    judge = _judge(sets, Case(5))
    entry = judge.manifest.students[0]
    use = called(judge, "a0(1)")
    found = judged(judge, entry, worked(judge, entry, typed={use: value}))
    assert found[use].verdict in ("wrong", "misconception")  # a step instead of σ gives 0 or 1, too
    for name in ("a0(2)", "a1(2)", "δ0(1)", "dC/dw00(2)"):
        assert found[called(judge, name)].verdict == "wrong", name
        assert found[called(judge, name)].reason.startswith("rests-"), name
    assert found[called(judge, "a1(1)")].verdict == "right"


def test_zero_delta(sets: Sets) -> None:
    """A δ of 0 makes everything easy, and carries nothing."""
    judge = _judge(sets, Case(3))
    entry = judge.manifest.students[0]
    zeros = {called(judge, name): 0.0 for name in ("δ0(1)", "δ1(1)")}
    found = judged(judge, entry, worked(judge, entry, typed=zeros))
    for use, one in found.items():
        lost = use.term.kind in ("delta", "gradient", "new") and use.term.layer == 1
        assert (one.verdict == "wrong") == lost, use


@pytest.mark.parametrize("reason", ["#DIV/0!", "nan"])
def test_no_number(sets: Sets, reason: str) -> None:
    """From an error, or a number that is none, nothing follows but what is right."""
    judge = _judge(sets, Case(3))
    entry = judge.manifest.students[0]
    use = called(judge, "δ0(1)")
    found = judged(judge, entry, worked(judge, entry), {use: Answer(reason, None, PLACE, reason=reason)})
    assert found.pop(use).verdict == "unreadable"
    assert _verdicts(found) == {"right"}
    other = judged(judge, entry, worked(judge, entry), {use: Answer("", None, PLACE)})
    assert other[use].verdict == "empty"
    other = judged(judge, entry, worked(judge, entry), {use: Answer("", None, None)})
    assert other[use].verdict == "missing"


@pytest.mark.parametrize("value", [0.1234, 0.5, 0.1, 0.0, 1.0], ids=str)
@pytest.mark.parametrize("level", [3, 5])
def test_one_number_everywhere(sets: Sets, level: int, value: float) -> None:
    """The same number in every blank earns nothing by being gone on from, nor by being near."""
    judge = _judge(sets, Case(level))
    entry, made = judge.manifest.students[0], judge.exercise
    right = made.values(judge.typed(entry))
    found = judged(judge, entry, dict.fromkeys(made.blanks, value))
    for use, one in found.items():
        if abs(value - right[use]) > judge.half:
            assert one.verdict in ("wrong", "misconception"), (use, one)


def test_copied_delta(sets: Sets) -> None:
    """The given δ of the outputs, copied into the hidden ones, carries nothing."""
    judge = _judge(sets, Case(3))
    entry = judge.manifest.students[0]
    values = worked(judge, entry)
    copies = {called(judge, f"δ{i}(1)"): values[called(judge, f"δ{i}(2)")] for i in (0, 1)}
    found = judged(judge, entry, worked(judge, entry, typed=copies))
    for i in (0, 1):
        assert found[called(judge, f"δ{i}(1)")].verdict == "wrong"
        for name in (f"dC/dw{i}0(1)", f"dC/dw{i}1(1)"):
            assert found[called(judge, name)].verdict == "wrong", name


def test_copied_from_beside(sets: Sets) -> None:
    """The same holds for a hidden activation that was copied from beside it."""
    judge = _judge(sets, Case(5))
    entry = judge.manifest.students[0]
    copy = {called(judge, "a1(1)"): worked(judge, entry)[called(judge, "a0(1)")]}
    found = judged(judge, entry, worked(judge, entry, typed=copy))
    assert found[called(judge, "a0(1)")].verdict == "right"
    said = found[called(judge, "a1(1)")]
    assert said.verdict == ("misconception" if said.code else "wrong")
    assert (found[called(judge, "a0(2)")].verdict == "own") == bool(said.code)


# ---- conventions ----


def _by(judge: Judge, name: str, at: int = 0) -> dict[Use, float]:
    """Return the numbers of a student who works by another convention that is accepted."""
    entry = judge.manifest.students[0]
    others = [made for each, made, _ in judge.alternatives if each.name == name]
    return worked(judge, entry, others[at].rules)


@pytest.mark.parametrize(
    ("level", "name", "at", "shown"),
    [
        (4, "T-a", 0, {"delta"}),
        (4, "T-a", 1, {"delta"}),
        (5, "T-a", 0, {"delta"}),
        (5, "squares", 0, {"cost", "delta"}),
        (5, "outputs first", 0, {"delta"}),
        (3, "outputs first", 0, {"delta"}),
    ],
)
def test_convention(sets: Sets, level: int, name: str, at: int, shown: set[str]) -> None:
    """Another convention that is kept to throughout is accepted."""
    judge = _judge(sets, Case(level))
    found = judged(judge, judge.manifest.students[0], _by(judge, name, at))
    assert _verdicts(found) <= {"right", "own", "convention"}
    other = {use.term.kind for use, one in found.items() if one.verdict == "convention"}
    assert other >= shown
    assert {one.details["convention"] for one in found.values() if one.details} == {name}


def test_convention_and_a_slip(sets: Sets) -> None:
    """One mistake beside it does not make a convention wrong."""
    judge = _judge(sets, Case(4))
    entry, values = judge.manifest.students[0], _by(judge, "T-a")
    use = called(judge, "new w00(1)")
    found = judged(judge, entry, values, {use: number(values[use] + 0.3571, 4)})
    assert found.pop(use).verdict == "wrong"
    assert _verdicts(found) <= {"right", "own", "convention"}


def _negated(rule: Expression) -> Expression:
    return Operation("*", (Constant(-1.0), rule))


def test_flipped_sign(sets: Sets) -> None:
    """T − a with a minus in the update is the sign mistake, made once."""
    judge = _judge(sets, Case(4))
    entry = judge.manifest.students[0]
    outputs = [called(judge, f"δ{i}(2)") for i in (0, 1)]
    rules = judge.exercise.rules
    found = judged(judge, entry, worked(judge, entry, {use: _negated(rules[use]) for use in outputs}))
    for use in outputs:
        assert found.pop(use).verdict == "misconception"
    assert _verdicts(found) <= set(CREDIT)


def test_wrong_way_throughout(sets: Sets) -> None:
    """Where δ(2) is given, weights that go uphill are no convention."""
    judge = _judge(sets, Case(3))
    entry = judge.manifest.students[0]
    uphill = {
        use: variant.expression
        for use in judge.exercise.blanks
        if use.term.kind == "new"
        for variant in judge.variants(use)
        if "sign" in variant.code or "uphill" in variant.code or "plus" in variant.code
    }
    assert uphill
    found = judged(judge, entry, worked(judge, entry, uphill))
    for use in uphill:
        assert found[use].verdict == "misconception", use


@pytest.mark.parametrize("kinds", [("cost",), ("delta",)])
def test_half_a_convention(sets: Sets, kinds: tuple[str, ...]) -> None:
    """The ½ left out in C alone, or the factor 2 in δ alone, is a mistake."""
    judge = _judge(sets, Case(5))
    entry = judge.manifest.students[0]
    [other] = [made for each, made, _ in judge.alternatives if each.name == "squares"]
    rules = {use: rule for use, rule in other.rules.items() if use.term.kind in kinds and use.term.layer != 1}
    found = judged(judge, entry, worked(judge, entry, rules))
    changed = [use for use in rules if use in found]
    assert changed
    for use in changed:
        assert found.pop(use).verdict in ("misconception", "wrong"), use
    assert _verdicts(found) <= set(CREDIT)


# ---- decimals and formulas ----


@pytest.mark.parametrize("level", [3, 5])
def test_rounded_early(sets: Sets, level: int) -> None:
    """Two decimals where four are asked cost half; what is computed from them is right."""
    judge = _judge(sets, Case(level))
    entry, made = judge.manifest.students[0], judge.exercise
    right = made.values(judge.typed(entry))
    early = [
        use
        for use in made.blanks
        if use.term.kind in ("a", "delta")
        and round(right[use], 2)
        and abs(round(right[use], 2) - right[use]) > judge.half
    ]
    assert early
    for use in early:
        short = {use: number(right[use], 2)}
        value = short[use].value
        assert value is not None
        for values in (worked(judge, entry), worked(judge, entry, typed={use: value})):
            found = judged(judge, entry, values, short)
            said = found.pop(use)
            assert (said.verdict, said.decimals) == ("rounded", short[use].decimals)
            assert judge.scheme.earned(said.verdict, judge.scheme.worth(entry.blanks[0])) * 2 == 1
            assert _verdicts(found) <= set(CREDIT), use


def test_early_rounding_hides_no_mistake(sets: Sets) -> None:
    """A number with fewer decimals that is beyond their rounding is wrong."""
    judge = _judge(sets, Case(3))
    entry = judge.manifest.students[0]
    use = called(judge, "new w00(2)")
    right = worked(judge, entry)
    found = judged(judge, entry, right, {use: number(right[use] + 0.02, 2)})
    assert found[use].verdict in ("wrong", "misconception")


def test_trailing_zero(sets: Sets) -> None:
    """A number that ends in zeros is as exact as the others; from it a mistake is as wrong."""
    judge = _judge(sets, Case(5))
    entry = judge.manifest.students[0]
    use, later = called(judge, "a0(1)"), called(judge, "a0(2)")
    values = worked(judge, entry, typed={use: 0.4})
    found = judged(judge, entry, values, {later: number(values[later] + 0.002, 4)})
    assert found[later].verdict in ("wrong", "misconception")


def test_tolerance(sets: Sets) -> None:
    """Half a unit of the last decimal is right, more is not."""
    judge = _judge(sets, Case(1))
    entry, right = judge.manifest.students[0], worked(judge, judge.manifest.students[0])
    use = judge.exercise.blanks[0]
    for factor, within in ((0.99, True), (-0.99, True), (1.9, False), (-1.9, False)):
        answer = Answer("", right[use] + factor * judge.half, PLACE, decimals=9)
        assert (judged(judge, entry, right, {use: answer})[use].verdict == "right") == within, factor


def test_number_for_a_formula(sets: Sets) -> None:
    """Where a formula is asked, a number is a number, also one that goes on from what is shown."""
    judge = _judge(sets, Case(3, "page", "formulas"))
    entry, made = judge.manifest.students[0], judge.exercise
    for rounded in (False, True):
        found = judged(judge, entry, worked(judge, entry, rounded=rounded))
        assert _verdicts(found) == {"typed"}
    right = worked(judge, entry)
    formulas = {use: Answer("=A1", right[use], PLACE, formula=True) for use in made.blanks}
    assert _verdicts(judged(judge, entry, right, formulas)) == {"right"}


def test_one_mistake_of_one_formula(sets: Sets) -> None:
    """A formula that makes a mistake is named, whatever it is copied from."""
    judge = _judge(sets, Case(3, "rows", "formulas"))
    entry, made = judge.manifest.students[0], judge.exercise
    for use in made.blanks:
        variant = judge.variants(use)[0]
        values = worked(judge, entry, {use: variant.expression})
        if abs(values[use] - made.values(judge.typed(entry))[use]) < 10 * judge.half:
            continue
        formulas = {each: Answer("=A1", values[each], PLACE, formula=True) for each in made.blanks}
        found = judged(judge, entry, values, formulas)
        said = found.pop(use)
        assert variant.code in (said.code, *said.also)
        assert _verdicts(found) <= set(CREDIT)


# ---- what is shown with a verdict ----


def test_working(tmp_path: Path, sets: Sets) -> None:
    """The right rule is shown with letters, and with the numbers of the student."""
    from tests.returning import one
    from tests.worksheets import filled

    made = sets(Case(3), formats=("xlsx",))
    answers = made.answers(4) | {"blank_001": 0.1234}
    student = one(made, filled(made.student("xlsx"), answers, tmp_path / "x.xlsx"))
    judge = judge_of(made)
    for blank, use in zip(student.blanks, judge.exercise.blanks, strict=True):
        letters, _, numbers = blank.working.partition(" = ")
        assert letters, use
        assert not set("δaw") & set(numbers)
        needed = {each.term for each in uses(judge.exercise.rules[use])}
        if called(judge, "δ0(1)").term in needed:
            assert "0.1234" in numbers


def test_scheme_of_zero(sets: Sets) -> None:
    """Marks are exact, and the scheme's."""
    judge = _judge(sets, Case(3))
    thirds = replace(judge.scheme, marks={"δ": judge.scheme.verdicts["rounded"] / 3})
    assert (
        sum(thirds.worth(blank) for blank in judge.manifest.students[0].blanks if blank.kind == "delta") * 3
        == 1
    )


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 1e16, -0.0], ids=str)
def test_extreme_numbers(sets: Sets, value: float) -> None:
    """Numbers at the ends of what a cell can hold are wrong, and no fault."""
    for case in (Case(5), Case(1, "rows", steps=2), Case(3, "page", "formulas")):
        judge = _judge(sets, case)
        entry = judge.manifest.students[0]
        answers = {use: Answer(repr(value), value, PLACE, decimals=0) for use in judge.exercise.blanks}
        found = judged(judge, entry, worked(judge, entry), answers)
        assert _verdicts(found) <= {"wrong", "misconception"}


def test_nothing_updated(sets: Sets) -> None:
    """Who leaves all weights as they were has no fixed biases, but forgot the update; fixed biases are accepted."""
    judge = _judge(sets, Case(3))
    entry = judge.manifest.students[0]
    none = {
        use: variant.expression
        for use in judge.exercise.blanks
        for variant in judge.variants(use)
        if variant.code == "update-none"
    }
    found = judged(judge, entry, worked(judge, entry, none))
    assert {found[use].verdict for use in none} == {"misconception"}
    biases = {use: rule for use, rule in none.items() if use.term.j == 2}
    found = judged(judge, entry, worked(judge, entry, biases))
    assert {found[use].verdict for use in biases} == {"convention"}
