"""A summary of a marked class: its rows in the order of the manifest, its mean, and what went wrong most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import NamedTuple

from sheetnet.exercise.manifest import Entry
from sheetnet.marking.marks import MarkedBlank, MarkedClass, MarkedStudent, Unmarked, Verdict, blanks_of

RIGHT: frozenset[Verdict] = frozenset({"right", "own", "convention"})
"""Verdicts on what is right."""


class Mistake(NamedTuple):
    """A mistake of the catalogue: its code, how many students made it, and in how many blanks."""

    code: str
    students: int
    blanks: int


class Column(NamedTuple):
    """A blank of the class: its name, the term it asks for, and its step.

    `question` is the key of what is asked where a mistake is to be found, its "cell" or its "value".
    """

    name: str
    term: str
    step: int
    question: str = ""


class Hardest(NamedTuple):
    """The blank that the fewest have right, and how many those are."""

    column: Column
    right: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a class has in common; `columns` are all its blanks, `mistakes` the commonest first."""

    marked: MarkedClass
    columns: tuple[Column, ...]
    mistakes: tuple[Mistake, ...]

    @classmethod
    def of(cls, marked: MarkedClass) -> "Summary":
        """Count what stands in a class."""
        columns: dict[str, Column] = {}
        for entry in marked.manifest.students:
            for each in entry.blanks:
                find = "" if entry.planted is None else "cell" if each.kind == "cell" else "value"
                columns.setdefault(each.name, Column(each.name, each.term, each.step, find))
        for name in blanks_of(marked):
            if name not in columns:
                found = next(b for student in marked.students for b in student.blanks if b.name == name)
                columns[name] = Column(name, found.term, found.step)
        mistakes = [
            Mistake(code, sum(any(b.code == code for b in each.blanks) for each in marked.students), count)
            for code, count in marked.counts().items()
        ]
        mistakes.sort(key=lambda mistake: (-mistake.students, -mistake.blanks, mistake.code))
        return cls(marked, tuple(columns.values()), tuple(mistakes))

    def rows(self) -> Iterator[tuple[Entry, MarkedStudent | None]]:
        """Yield the students in the order of the manifest, each with what was marked."""
        found = {student.id: student for student in self.marked.students}
        for entry in self.marked.manifest.students:
            yield entry, found.get(entry.id)

    def mean(self) -> tuple[Fraction, Fraction] | None:
        """Return the mean of the marks, and of the most that could be had; None where nobody was marked."""
        students = self.marked.students
        if not students:
            return None
        earned, of = (
            sum((getattr(student, name) for student in students), Fraction(0)) for name in ("earned", "of")
        )
        return earned / len(students), of / len(students)

    def hardest(self) -> Hardest | None:
        """Return the first of the blanks that the fewest have right; None where all have all right."""
        if not self.marked.students or not self.columns:
            return None
        right = dict.fromkeys((column.name for column in self.columns), 0)
        for student in self.marked.students:
            for blank in student.blanks:
                right[blank.name] += blank.verdict in RIGHT
        column = min(self.columns, key=lambda column: right[column.name])
        fewest = right[column.name]
        return Hardest(column, fewest) if fewest < len(self.marked.students) else None


def by_name(student: MarkedStudent) -> Mapping[str, MarkedBlank]:
    """Return a student's blanks by their names."""
    return {blank.name: blank for blank in student.blanks}


def reason_text(unmarked: Unmarked) -> str:
    """Return why a file was not marked, without its name, which errors begin with."""
    for name in (unmarked.file, PurePath(unmarked.file).name):
        if name and unmarked.reason.startswith(f"{name}: "):
            return unmarked.reason.removeprefix(f"{name}: ")
    return unmarked.reason


def percent(earned: Fraction, of: Fraction) -> Fraction | None:
    """Return marks as a percentage, None of nothing."""
    return 100 * earned / of if of else None
