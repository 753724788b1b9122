"""The scheme: what a verdict earns, exactly, and one line for whatever a teacher's file has wrong."""

import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.errors import FileError
from sheetnet.exercise.manifest import BlankEntry
from sheetnet.marking.marks import VERDICTS, MarkedStudent, Verdict
from sheetnet.marking.scheme import Scheme, read_scheme, scheme_of, scheme_text
from tests.marked import blank, one_of_each

HALF, ONE = Fraction(1, 2), Fraction(1)


def test_default() -> None:
    """Right is right, nearly is half, and a mistake, an empty cell or one that is gone is nothing."""
    scheme = read_scheme(None)
    full = {"right", "own", "convention"}
    half = {"typed", "rounded"}
    assert {verdict: scheme.earned(verdict, ONE) for verdict in VERDICTS} == {
        verdict: ONE if verdict in full else HALF if verdict in half else Fraction(0) for verdict in VERDICTS
    }
    assert (scheme.codes, scheme.marks, scheme.bands, scheme.repeated) == ({}, {}, (), True)
    assert scheme.earned("typed", Fraction(1, 3)) == Fraction(1, 6)


def test_default_can_be_saved_and_edited(tmp_path: Path) -> None:
    """The text that ships is a scheme itself, and so is every line of it that is commented out."""
    path = tmp_path / "scheme.toml"
    path.write_text(scheme_text(), encoding="utf-8")
    assert read_scheme(path) == read_scheme(None)
    path.write_text("\ufeff" + scheme_text().replace("\n", "\r\n"), encoding="utf-8")
    assert read_scheme(path) == read_scheme(None)
    lines = [line.removeprefix("# ") if " = " in line else line for line in scheme_text().splitlines()]
    whole = scheme_of("\n".join(lines), "scheme.toml")
    assert whole.codes == {"update-no-rate": HALF, "cost": Fraction(1, 4)}
    assert whole.marks["δ(1)"] == 3
    assert whole.bands[0] == ("very good", Fraction(9, 10))


def test_every_verdict_is_explained() -> None:
    """The file that ships names every verdict, in order."""
    assert tuple(tomllib.loads(scheme_text())["verdicts"]) == VERDICTS


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1", ONE),
        ("0", Fraction(0)),
        ("0.1", Fraction(1, 10)),
        ('"1/3"', Fraction(1, 3)),
        ('" 2 / 3 "', Fraction(2, 3)),
        ('"0.25"', Fraction(1, 4)),
        ("1.0", ONE),
        ("1e-3", Fraction(1, 1000)),
    ],
)
def test_fractions_are_exact(written: str, read: Fraction) -> None:
    """A share is what was written, to the last digit."""
    assert scheme_of(f"[verdicts]\nrounded = {written}", "s.toml").verdicts["rounded"] == read


def test_what_is_left_out_is_as_in_the_default() -> None:
    """A file of one line changes one thing."""
    scheme = scheme_of("[verdicts]\nempty = 0.25", "s.toml")
    default = read_scheme(None)
    assert scheme == replace(default, verdicts={**default.verdicts, "empty": Fraction(1, 4)})


def test_codes_and_their_beginnings() -> None:
    """The longest name of a code counts; other mistakes and other verdicts are not touched."""
    scheme = scheme_of('[codes]\nupdate = 0.25\nupdate-no-rate = "1/2"', "s.toml")
    assert scheme.earned("misconception", ONE, "update-no-rate") == HALF
    assert scheme.earned("misconception", ONE, "update-plus") == Fraction(1, 4)
    assert scheme.earned("misconception", ONE, "delta-hidden-untransposed") == 0
    assert scheme.earned("wrong", ONE, "update-no-rate") == 0


@pytest.mark.parametrize(
    ("kind", "layer", "worth"),
    [
        ("delta", 1, 3),
        ("delta", 2, 2),
        ("new", 1, Fraction(1, 3)),
        ("cost", 0, 5),
        ("gradient", 1, HALF),
        ("cell", 1, 4),
    ],
)
def test_worth_by_quantity(kind: str, layer: int, worth: Fraction) -> None:
    """A quantity of one layer counts before the quantity; where neither is named the manifest does."""
    text = '[marks]\n"δ" = 2\n"δ(1)" = 3\n"new W" = "1/3"\nC = 5\ncell = 4'
    entry = BlankEntry("blank_001", "", kind, layer, 0, 0, 0, 0.5, "1/2", 5e-05, "Sheet1.A1")
    assert scheme_of(text, "s.toml").worth(entry) == worth


def _student(scheme: Scheme, *verdicts: tuple[Verdict, str]) -> list[Fraction]:
    blanks = tuple(blank(verdict, at, code=code) for at, (verdict, code) in enumerate(verdicts))
    return [b.earned for b in scheme.marked(MarkedStudent("s", "", "s.ods", blanks)).blanks]


def test_a_mistake_that_is_made_again() -> None:
    """It costs in every blank, or where a scheme says so in the first alone; another one costs as before."""
    made: tuple[tuple[Verdict, str], ...] = (
        ("misconception", "update-no-rate"),
        ("right", ""),
        ("misconception", "update-no-rate"),
        ("misconception", "update-plus"),
        ("wrong", ""),
        ("wrong", ""),
    )
    assert _student(read_scheme(None), *made) == [0, 1, 0, 0, 0, 0]
    assert _student(scheme_of("repeated = false", "s.toml"), *made) == [0, 1, 1, 0, 0, 0]


def test_marks_add_up_exactly() -> None:
    """Thirds stay thirds."""
    scheme = scheme_of('[verdicts]\nrounded = "1/3"', "s.toml")
    student = scheme.marked(MarkedStudent("s", "", "s.ods", tuple(blank("rounded", at) for at in range(3))))
    assert student.earned == 1
    assert scheme.marked(MarkedStudent("s", "", "", one_of_each())).earned == Fraction(23, 6)


def test_bands() -> None:
    """The best word that holds is said, at its edge too; of no marks the lowest."""
    scheme = scheme_of('[bands]\n"passed" = 0.5\n"good" = "9/10"', "s.toml")
    shares = [
        (Fraction(9), 10),
        (Fraction(89, 10), 10),
        (Fraction(5), 10),
        (Fraction(49, 10), 10),
        (Fraction(0), 0),
    ]
    words = [scheme.band(earned, Fraction(of)) for earned, of in shares]
    assert words == ["good", "passed", "passed", "", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "s.toml: found 'x', expected one of decimals, repeated, verdicts, codes, marks, bands"),
        ("verdicts = 1", r"s.toml, verdicts: found '1', expected a group of lines below \[verdicts\]"),
        ("[verdicts]\nrigth = 1", "s.toml, verdicts: found 'rigth', expected one of right, own, "),
        ("[verdicts]\nright = -1", "s.toml, verdicts, right: found '-1', expected a number or a fraction such as"),
        ("[verdicts]\nright = 1.5", "s.toml, verdicts, right: found '1.5', expected .* from 0 to 1$"),
        ('[verdicts]\nright = "3/2"', "found '3/2', expected .* from 0 to 1$"),
        ('[verdicts]\nright = "1/0"', "found '1/0'"),
        ('[verdicts]\nright = "half"', "found 'half'"),
        ("[verdicts]\nright = true", "found 'True'"),
        ("[verdicts]\nright = nan", "found 'NaN'"),
        ("[verdicts]\nright = inf", "found 'Infinity'"),
        ("[verdicts]\nright = [1]", r"found '\[1\]'"),
        ("[verdicts]\nright = 1e999999999", "found '1E\\+999999999'"),
        ("[verdicts]\nright = 2026-11-26", "found '2026-11-26'"),
        ("[codes]\nno-such = 1", "s.toml, codes: found 'no-such', expected the code of a mistake, .* sheetnet codes"),
        ("[codes]\nupd = 1", "found 'upd'"),
        ('[marks]\n"γ" = 1', "s.toml, marks: found 'γ', expected a quantity, a, δ, dC/dW, new W, C, cell, or "),
        ('[marks]\n"C" = 1001', "s.toml, marks, C: found '1001', expected .* from 0 to 1,000$"),
        ('[marks]\n"C" = -1', "s.toml, marks, C: found '-1'"),
        ('[bands]\n"" = 1', "s.toml, bands: found ''"),
        (f'[bands]\n"{"x" * 41}" = 1', "at most 40 characters"),
        ('[bands]\n"a\\nb" = 1', "s.toml, bands: found 'a b'"),
        ("decimals = 7", "s.toml, decimals: found '7', expected a whole number, 0 to 6"),
        ("decimals = 1.0", "found '1.0'"),
        ("decimals = true", "found 'True'"),
        ("repeated = 1", "s.toml, repeated: found '1', expected true or false"),
        ("a = [", "s.toml: is no TOML"),
        ("decimals = 1\ndecimals = 2", "s.toml: is no TOML"),
        ("a = " + "[" * 5000, "s.toml: is no TOML"),
    ],
)  # fmt: skip
def test_one_line_for_what_is_wrong(text: str, message: str) -> None:
    """What is wrong is named with its place, what was found and what was expected, on one line."""
    with pytest.raises(FileError, match=message) as raised:
        scheme_of(text, "s.toml")
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 250


def test_files_that_are_none(tmp_path: Path) -> None:
    """A folder, a missing file, bytes and a huge file are one line each."""
    other = tmp_path / "other.toml"
    with pytest.raises(FileError, match=r"other\.toml: no such file"):
        read_scheme(other)
    with pytest.raises(FileError, match=r"is a folder, expected a scheme"):
        read_scheme(tmp_path)
    with pytest.raises(FileError, match="no such file"):
        read_scheme("a\0b")
    other.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match=r"other\.toml: is no text, expected a scheme"):
        read_scheme(other)
    other.write_bytes(b"#" * 1_000_001)
    with pytest.raises(FileError, match=r"other\.toml: has more than 1,000,000 characters"):
        read_scheme(other)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(text=st.text(max_size=200) | st.text('[]verdicts=right"1/2.e-\n#{}', max_size=60))
def test_any_text(text: str) -> None:
    """Any text is a scheme or one line."""
    said = ""
    try:
        shares = list(scheme_of(text, "s.toml").verdicts.values())
    except FileError as error:
        shares, said = [], str(error)
    assert bool(said) != bool(shares)
    assert "\n" not in said
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_can_be_named(code: str) -> None:
    """A scheme may have a share for each mistake, and for its family."""
    scheme = scheme_of(f"[codes]\n{code} = 0.5\n{code.partition('-')[0]} = 0.25", "s.toml")
    assert scheme.earned("misconception", Fraction(2), code) == 1
