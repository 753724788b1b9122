"""Marks in words: the tone of a verdict in both languages, and the report on a class in 80 columns."""

import re
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.marking.marks import VERDICTS, Changed, MarkedBlank, MarkedClass, Unmarked
from sheetnet.marking.scheme import read_scheme, scheme_of
from sheetnet.report import marks
from sheetnet.report.marks import fraction_text, marking_report, short_text, verdict_text
from sheetnet.report.marks.verdict import LONGEST
from tests.marked import HOSTILE, blank, entry, hostile_class, manifest, marked_class, one_of_each

FOLDER = Path(str(marks.__file__)).with_name("languages")

ENGLISH = {
    "misconception": "not yet, 0 of 1. You went along a row of W. The error comes back along the weights that leave "
    "this neuron, its column: w00, w10 for neuron 0. (The note prints it without the transpose, so you are in good "
    "company.) Right is δ0·w00 + δ1·w10 = 0.0239.",
    "right": "right, 1 of 1.",
    "own": "right from your own δ0, 1 of 1. Nothing to redo here.",
    "convention": "right, 1 of 1. You follow another convention, T-a with a plus in the update, and that is accepted.",
    "typed": "nearly, ½ of 1. The number is right, but a formula was asked, which follows when a number changes.",
    "rounded": "nearly, ½ of 1. Right, but rounded to 2 decimals where 4 were asked: 0.0239.",
    "wrong": "not yet, 0 of 1. Right is 0.7 - 0.4·(-0.0335) = 0.7134.",
    "empty": "empty, 0 of 1. Expected 0.0239.",
    "unreadable": "not readable, 0 of 1. What stands there is no number: “#DIV/0!”. Expected 0.0239.",
    "missing": "δ0(2): its cell is gone from this file, 0 of 1. Expected 0.0239.",
}
DANISH = {
    "own": "rigtigt ud fra dit eget δ0, 1 af 1. Her er intet at lave om.",
    "rounded": "næsten, ½ af 1. Rigtigt, men afrundet til 2 decimaler, hvor der skulle være 4: 0,0239.",
    "wrong": "ikke endnu, 0 af 1. Det rigtige er 0,7 - 0,4·(-0,0335) = 0,7134.",
    "unreadable": "kan ikke læses, 0 af 1. Det, der står her, er ikke et tal: “#DIV/0!”. Her skulle stå 0,0239.",
    "missing": "δ0(2): cellen er væk fra denne fil, 0 af 1. Her skulle stå 0,0239.",
}  # fmt: skip


def _of(verdict: str) -> MarkedBlank:
    return next(each for each in one_of_each() if each.verdict == verdict)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdicts_in_english(verdict: str) -> None:
    """What it earned comes first, then why, then what is right."""
    assert verdict_text(_of(verdict), 4) == ENGLISH[verdict]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdicts_in_danish(verdict: str) -> None:
    """The same in Danish, with the decimal comma in every number and no English word."""
    text = verdict_text(_of(verdict), 4, language="da")
    assert text == DANISH.get(verdict, text)
    assert not re.search(r"\d\.\d| of |right|expected", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"decimals": None}, "Right, but rounded too early, before the last step: 0.0239."),
        ({"decimals": 1}, "rounded to 1 decimal where 4 were asked"),
        (
            {"decimals": 2, "as_text": True, "value": -0.03},
            "nearly, ½ of 1. Read as -0.03 (it was typed as text). Right",
        ),
        ({"earned": Fraction(1)}, "right, 1 of 1. Right, but rounded"),
        ({"of": Fraction(2), "earned": Fraction(4, 3)}, "nearly, 1⅓ of 2."),
    ],
    ids=["early", "one", "text", "full marks", "thirds"],
)
def test_rounded(other: dict[str, Any], text: str) -> None:
    """How it was rounded, and as what a text was read."""
    assert text in verdict_text(replace(blank("rounded"), **other), 4)


def test_expected_is_told_from_the_answer() -> None:
    """Where both would show as the same number, more decimals are shown; no zero has a sign."""
    near = replace(blank("wrong"), value=0.02393, expected=0.023949)
    assert verdict_text(near, 4) == "not yet, 0 of 1. Expected 0.02395."
    assert verdict_text(replace(near, value=1.0, expected=-1e-9), 4) == "not yet, 0 of 1. Expected 0.0000."
    assert verdict_text(replace(near, expected=float("nan")), 4) == "not yet, 0 of 1."
    assert verdict_text(replace(near, expected="D20"), 4) == "not yet, 0 of 1. Expected D20."
    assert "e+200" in verdict_text(replace(near, expected=1e200), 4)


def test_working_ends_with_the_number() -> None:
    """The rule, the student's own numbers, and what they give, once."""
    one = replace(blank("wrong"), value=9.0, expected=-0.1245)
    said = "not yet, 0 of 1. Right is δ0(2)*a0 = (-0.249)*0.5 = -0.1245."
    assert verdict_text(replace(one, working="δ0(2)*a0 = (-0.249)*0.5"), 4) == said
    assert verdict_text(replace(one, working="δ0(2)*a0 = (-0.249)*0.5 = -0.1245"), 4) == said
    assert verdict_text(replace(one, working="δ0(2) = (-0.1245)"), 4).endswith("Right is δ0(2) = (-0.1245).")


def test_mistakes() -> None:
    """Other mistakes that fit are named by their titles; one that is made again costs nothing, and that is said."""
    one = replace(
        blank("misconception", code="update-no-rate"), also=("update-plus", "no-such", "update-no-rate")
    )
    titles = catalogue()
    text = verdict_text(one, 4)
    assert text.startswith(f"not yet, 0 of 1. {titles['update-no-rate'].why}")
    assert f"It could be this as well: “{titles['update-plus'].title}”." in text
    assert "It costs nothing here." in verdict_text(replace(one, earned=Fraction(1)), 4)
    assert verdict_text(replace(one, code="no-such", also=()), 4) == "not yet, 0 of 1. Expected 0.0239."


def test_what_an_answer_rests_on() -> None:
    """An answer that rests on a number which can't be is told so, whatever the reason is called."""
    one = replace(blank("wrong"), value=9.0, reason="rests-saturated")
    assert "It rests on an activation of exactly 0 or 1" in verdict_text(one, 4)
    assert "It rests on an answer before it" in verdict_text(replace(one, reason="rests-no-such"), 4)
    assert "rests" not in verdict_text(replace(one, reason="no such"), 4)


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_mistake_has_its_words(code: str, language: str) -> None:
    """With all details and with none, the sentence is whole: no brace, no dash for what is not known."""
    names = {name for _, name, _, _ in Formatter().parse(catalogue(language)[code].why) if name}
    for details in ({}, dict.fromkeys(names, "empty" if "holds" in names else "before")):
        text = verdict_text(replace(blank("misconception", code=code), details=details), 4, language=language)
        assert not re.search(r"[{}]| – ", text)


def test_conventions() -> None:
    """One that has no words stands for itself, whatever is in its name."""
    for name, said in (("squares", "a cost without the ½"), ("mine", "mine"), ("T-a.x", "T-a.x"), ("", "")):
        one = replace(blank("convention"), details={"convention": name})
        assert f"another convention{', ' * bool(said)}{said}" in verdict_text(one, 4)
    assert "with a plus" in verdict_text(replace(blank("convention"), details={"difference": "T-a"}), 4)


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("verdict", VERDICTS)
def test_texts_of_others(verdict: str, text: str, language: str) -> None:
    """Whatever a student typed, a verdict is one line of a bearable length that any file can hold."""
    one = replace(
        _of(verdict),
        answer=text,
        reason=text,
        working=text,
        expected=text,
        details={"own": text, "other": text},
    )
    said = verdict_text(one, 4, language=language)
    assert len(said) <= LONGEST
    assert not re.search("[\x00-\x1f\x7f\u202e\ud800-\udfff]", said)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"), ("1", "1"), ("12", "12"), ("1/2", "½"), ("3/2", "1½"), ("1/3", "⅓"), ("2/3", "⅔"), ("1/4", "¼"),
        ("3/4", "¾"), ("7/8", "⅞"), ("1/7", "1/7"), ("16/7", "2 2/7"), ("1000/3", "333⅓"),
    ],
)  # fmt: skip
def test_fractions(value: str, text: str) -> None:
    """Marks are exact: a sign where there is one, else a fraction."""
    assert fraction_text(Fraction(value)) == text


def test_languages_say_the_same() -> None:
    """Both files have the same keys, with the same places in their sentences."""
    english, danish = (
        tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8")) for code in ("en", "da")
    )

    def places(data: object, path: str = "") -> dict[str, set[str]]:
        if isinstance(data, dict):
            return {k: v for key, value in data.items() for k, v in places(value, f"{path}.{key}").items()}
        text = " ".join(data) if isinstance(data, list) else str(data)
        return {path: {name for _, name, _, _ in Formatter().parse(text) if name}}

    assert places(english) == places(danish)
    assert set(english["short"]) == set(VERDICTS)


@pytest.mark.parametrize("language", ["en", "da"])
def test_short_words(language: str) -> None:
    """A word or two, one of its own for each verdict."""
    words = [short_text(verdict, language) for verdict in VERDICTS]
    assert len(set(words)) == len(VERDICTS)
    assert max(map(len, words)) <= 20


# ---------------------------------------------------------------- the report


def test_report() -> None:
    """The class, its mean, what was hardest, the commonest mistakes, what is to be looked at, what was saved."""
    text = marking_report(
        marked_class(), read_scheme(None), gradebook=Path("grades.xlsx"), annotated=Path("notes")
    )
    assert text == (
        "2-2-2 net, 10 blanks a student: 3 of 4 students marked\n"
        "  mean      7 of 10 (70 %); from 4 to 10\n"
        "  hardest   δ0(1) blank_001: right in 1 of 3\n"
        "  mistakes  Transpose left out [delta-hidden-untransposed]: 2 students, 3 blanks\n"
        "            Learning rate left out [update-no-rate]: 1 student, 1 blank\n"
        "  changed   given numbers were changed: 007\n"
        "  further   1 further file of a student does not count: the newest does\n"
        "  no file   s03\n"
        "\n"
        "2 files were not marked:\n"
        "  essay.docx: not a workbook\n"
        "  s99.xlsx: its id is not in the manifest\n"
        "\n"
        "Saved grades.xlsx.\n"
        "Saved 3 copies with notes in notes."
    )


def test_report_in_danish() -> None:
    """Decimal comma, Danish titles, Danish new weights."""
    text = marking_report(marked_class(), scheme_of('[bands]\n"bestået" = 0.5', "s.toml"), language="da")
    assert "middel    7 af 10 (70 %); fra 4 til 10" in text
    assert catalogue("da")["update-no-rate"].title in text
    assert "med ord   bestået 2" in text
    third = replace(marked_class(), students=marked_class().students[1:])
    assert "middel    8,5 af 10" in marking_report(third, read_scheme(None), language="da")


@pytest.mark.parametrize("language", ["en", "da"])
def test_report_is_narrow(language: str) -> None:
    """No line is wider than a terminal, whatever names there are, and many of a kind are counted."""
    marked = hostile_class()
    many = replace(
        marked,
        without=tuple(f"student-with-a-long-id-{at:04}" for at in range(200)),
        unmarked=tuple(Unmarked(f"{'folder/' * 20}{at}.xlsx", "damaged " * 30) for at in range(300)),
    )
    for each in (marked, many):
        lines = marking_report(each, read_scheme(None), gradebook=Path("x" * 300), language=language).split(
            "\n"
        )
        assert max(map(len, lines)) <= 80
        assert len(lines) < 80
        assert not any(re.search("[\x00-\x1f\x7f\u202e]", line) for line in lines)


def test_nobody_marked() -> None:
    """A class without files, or without marks, is told as such."""
    empty = MarkedClass(manifest([entry("s01")]), (), ("s01",), ())
    assert "nothing" not in marking_report(empty, read_scheme(None))
    assert "no file was marked" in marking_report(empty, read_scheme(None))
    nothing = scheme_of('[marks]\n"δ" = 0', "s.toml")
    student = replace(marked_class().students[0], blanks=(replace(blank("right", of=0)),))
    text = marking_report(replace(empty, students=(student,), without=()), nothing)
    assert "mean      0 of 0 (– %)" in text


def test_changed_numbers_without_a_net() -> None:
    """Where the net is not found again nothing is said to be a number."""
    lost = replace(marked_class().students[0], changed=(Changed("", 0, float("nan"), None, ""),))
    text = marking_report(replace(marked_class(), students=(lost,)), read_scheme(None))
    assert "changed   given numbers were changed: s01" in text
