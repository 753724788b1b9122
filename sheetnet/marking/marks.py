"""Marks: what was made of every blank of a student, and of a whole class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias, get_args

from sheetnet.exercise.manifest import Manifest

Verdict: TypeAlias = Literal[
    "right",
    "own",
    "convention",
    "typed",
    "rounded",
    "misconception",
    "wrong",
    "empty",
    "unreadable",
    "missing",
]
"""What is said of a blank.

"right"; "own": right from the student's own numbers (error carried forward); "convention": right by another
convention that is accepted; "typed": a right number where a formula was asked; "rounded": right, but rounded
too early; "misconception": a mistake of the catalogue; "wrong": none of these; "empty"; "unreadable": a text,
an error, or a formula that is not evaluated here; "missing": the cell is gone.
"""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class MarkedBlank:
    """One blank of a student.

    `answer` is what stands there as text, `value` the number that it was read as, `expected` what is right
    there, from the student's own numbers. `code` is that of a misconception, `also` those that fit as well,
    `details` words for its sentences, or the name of a convention; `working` is the right rule as a line:
    δ0·w00 + δ1·w10 = …. `as_text` tells that a number was stored as text, `decimals` with how many it was
    given where these are too few. `cell` is where it stands in the student's file, or stood as it was made.
    """

    name: str
    term: str
    step: int
    verdict: Verdict
    answer: str
    value: float | None
    expected: float | str
    earned: Fraction
    of: Fraction
    cell: str
    code: str = ""
    also: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    working: str = ""
    as_text: bool = False
    decimals: int | None = None
    reason: str = ""


class Changed(NamedTuple):
    """A given number that is not as it was handed out: its term and step, both numbers, and its cell."""

    term: str
    step: int
    given: float
    found: float | str | None
    cell: str


@dataclass(frozen=True, slots=True)
class MarkedStudent:
    """A student whose file was marked; `file` is the name it came under.

    `changed` are given numbers that were changed; `others` further files of the student, which do not count.
    """

    id: str
    name: str
    file: str
    blanks: tuple[MarkedBlank, ...]
    changed: tuple[Changed, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def earned(self) -> Fraction:
        """The marks, exactly."""
        return sum((blank.earned for blank in self.blanks), Fraction(0))

    @property
    def of(self) -> Fraction:
        """The most marks that could be had."""
        return sum((blank.of for blank in self.blanks), Fraction(0))


class Unmarked(NamedTuple):
    """A file that was not marked, and why, in one line; `student` is whose it is, if that is known."""

    file: str
    reason: str
    student: str = ""


@dataclass(frozen=True, slots=True)
class MarkedClass:
    """A class: its students in the order of the manifest, those without a file, and files not marked."""

    manifest: Manifest
    students: tuple[MarkedStudent, ...]
    without: tuple[str, ...]
    unmarked: tuple[Unmarked, ...]

    def counts(self) -> Mapping[str, int]:
        """Return how many blanks have each misconception, by its code, the commonest first."""
        found: dict[str, int] = {}
        for student in self.students:
            for blank in student.blanks:
                if blank.code:
                    found[blank.code] = found.get(blank.code, 0) + 1
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def blanks_of(marked: MarkedClass) -> Sequence[str]:
    """Return the names of all blanks of a class, in order."""
    return list(dict.fromkeys(blank.name for student in marked.students for blank in student.blanks))
