"""Marked classes made by hand: a student a line, a blank with every verdict, and names that mean harm."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sheetnet import Conventions
from sheetnet.exercise.manifest import BlankEntry, Entry, Manifest
from sheetnet.marking.marks import Changed, MarkedBlank, MarkedClass, MarkedStudent, Unmarked, Verdict
from sheetnet.marking.scheme import read_scheme

HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "<script>alert(1)</script>",
    "one\ntwo",
    "x" * 10_000,
    "a\x00b\x07c\x1bd",
    "half \ud800 a pair",
    '"; DROP TABLE',
    "#N/A",
    "a;b,c|d\te",
    "_x000D_",
    "\u202egnp.exe",
)
"""Texts of others that must stay texts wherever they stand."""
TERMS = (
    "δ0(1)",
    "δ1(1)",
    "dC/dw00(1)",
    "dC/dw01(1)",
    "new w00(2)",
    "new w01(2)",
    "a0(1)",
    "a1(1)",
    "C",
    "δ0(2)",
)
KINDS = ("delta", "delta", "gradient", "gradient", "new", "new", "a", "a", "cost", "delta")
LAYERS = (1, 1, 1, 1, 2, 2, 1, 1, 0, 2)
VERDICTS_IN_ORDER: tuple[Verdict, ...] = (
    "misconception", "right", "own", "convention", "typed", "rounded", "wrong", "empty", "unreadable", "missing",
)  # fmt: skip


def blank(verdict: Verdict = "right", at: int = 0, **other: Any) -> MarkedBlank:
    """Return a marked blank of 1 mark, the one at a place of TERMS, in row 20 of Sheet1."""
    of = Fraction(other.pop("of", 1))
    values: dict[str, Any] = {
        "name": f"blank_{at + 1:03}",
        "term": TERMS[at],
        "step": 0,
        "verdict": verdict,
        "answer": "0.0239",
        "value": 0.0239,
        "expected": 0.0239,
        "of": of,
        "earned": read_scheme(None).earned(verdict, of, str(other.get("code", ""))),
        "cell": f"Sheet1.{'ABCDEFGHIJ'[at]}20",
    }
    return MarkedBlank(**(values | other))


def one_of_each() -> tuple[MarkedBlank, ...]:
    """Return a blank with every verdict."""
    said: Mapping[str, dict[str, Any]] = {
        "misconception": {
            "answer": "-0.0121",
            "value": -0.0121,
            "code": "delta-hidden-untransposed",
            "working": "δ0·w00 + δ1·w10 = 0.0239",
        },
        "own": {"details": {"own": "δ0"}},
        "convention": {"details": {"convention": "T-a"}},
        "rounded": {"answer": "0.02", "value": 0.02, "decimals": 2},
        "wrong": {"answer": "7", "value": 7.0, "working": "0.7 - 0.4·(-0.0335) = 0.7134", "expected": 0.7134},
        "empty": {"answer": "", "value": None},
        "unreadable": {"answer": "#DIV/0!", "value": None, "reason": "#DIV/0!"},
        "missing": {"answer": "", "value": None},
    }
    return tuple(blank(verdict, at, **said.get(verdict, {})) for at, verdict in enumerate(VERDICTS_IN_ORDER))


def entry(id: str, name: str = "", *, blanks: int = len(TERMS)) -> Entry:
    """Return a student of the manifest, with the first blanks of TERMS."""
    return Entry(
        id,
        name,
        f"students/{id}.xlsx",
        "a" * 64,
        0.4,
        ((0.5, 0.4),),
        ((0.9, 0.2),),
        (((-1.0, 1.1, 0.8), (-1.5, -0.5, -0.3)), ((0.7, -0.2, 0.3), (1.4, 0.9, -0.5))),
        tuple(
            BlankEntry(
                f"blank_{at + 1:03}", TERMS[at], KINDS[at], LAYERS[at], 0, 0, 0, 0.0239, "1", 5e-05,
                f"Sheet1.{'ABCDEFGHIJ'[at]}20",
            )
            for at in range(blanks)
        ),
    )  # fmt: skip


def manifest(students: Sequence[Entry]) -> Manifest:
    """Return the manifest of a class."""
    return Manifest(
        1, "sheetnet 0.9", 2026, (2, 2, 2), Conventions(), 4, "page", 3, "numbers", tuple(students)
    )


def marked_class() -> MarkedClass:
    """Return a class of four: Anna has one blank of each verdict, Bo all right, Carl no file, Dina a few wrong."""
    names = {"s01": "Anna Ørsted", "s02": "Bo", "s03": "Carl", "007": "Dina"}
    right = tuple(blank("right", at) for at in range(len(TERMS)))
    few = {0: "delta-hidden-untransposed", 1: "delta-hidden-untransposed", 4: "update-no-rate"}
    dina = tuple(
        blank("misconception", at, code=few[at], value=0.5, answer="0.5") if at in few else each
        for at, each in enumerate(right)
    )
    return MarkedClass(
        manifest([entry(id, name) for id, name in names.items()]),
        (
            MarkedStudent("s01", names["s01"], "Anna/sheet.xlsx", one_of_each()),
            MarkedStudent("s02", names["s02"], "s02.ods", right, others=("old/s02.ods",)),
            MarkedStudent(
                "007", "Dina", "007.xlsx", dina, changed=(Changed("w00(1)", 0, -1.0, 0.5, "Sheet1.C6"),)
            ),
        ),
        ("s03",),
        (
            Unmarked("essay.docx", "not a workbook"),
            Unmarked("s99.xlsx", "s99.xlsx: its id is not in the manifest"),
        ),
    )


def hostile_class() -> MarkedClass:
    """Return a class in which every text of others is one of HOSTILE."""
    base = marked_class()
    entries, students, files = [], [], []
    for at, text in enumerate(HOSTILE):
        id = f"h{at:02}"
        entries.append(entry(id, text, blanks=2))
        bad = blank(
            "misconception", 0, code="forward-other-bias", answer=text, reason=text, details={"other": text}
        )
        lost = blank("unreadable", 1, answer=text, value=None, reason=text)
        changed = Changed("w00(1)", 0, 0.5, text, "Sheet1.C6")
        students.append(
            MarkedStudent(id, text, text, (bad, lost), changed=(changed,), others=(f"{text}.xlsx",))
        )
        files.append(Unmarked(text, text, text))
    return replace(
        base, manifest=manifest(entries), students=tuple(students), without=(), unmarked=tuple(files)
    )
