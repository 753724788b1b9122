"""What is counted over a class: how each blank went, and how the marks are spread."""

import math
from dataclasses import dataclass
from fractions import Fraction

from sheetnet.marking.marks import MarkedBlank, MarkedClass
from sheetnet.report.marks.html.bars import BINS
from sheetnet.report.marks.html.view import Group, counted


@dataclass(frozen=True, slots=True)
class BlankCount:
    """A blank over the class: one student's, for its name, all verdicts, and the share of the marks."""

    blank: MarkedBlank
    student: str
    counts: dict[Group, int]
    share: Fraction


def blank_counts(marked: MarkedClass) -> list[BlankCount]:
    """Return the blanks of a class, the one with the least of its marks first."""
    every: dict[str, list[tuple[str, MarkedBlank]]] = {}
    for student in marked.students:
        for blank in student.blanks:
            every.setdefault(blank.name, []).append((student.id, blank))
    found = []
    for pairs in every.values():
        blanks = [blank for _, blank in pairs]
        share = _share(sum((b.earned for b in blanks), Fraction(0)), sum((b.of for b in blanks), Fraction(0)))
        id, first = pairs[0]
        found.append(BlankCount(first, id, counted(blanks), share))
    return sorted(found, key=lambda each: (each.share, -each.counts["mistake"]))


def spread(marked: MarkedClass) -> list[int]:
    """Return how many students have which share of the marks, shape (BINS,), the lowest first."""
    found = [0] * BINS
    for student in marked.students:
        share = _share(student.earned, student.of)
        found[min(max(math.floor(share * BINS), 0), BINS - 1)] += 1
    return found


def mean(marked: MarkedClass) -> Fraction:
    """Return the mean share of the marks, 0 where no student was marked."""
    shares = [_share(student.earned, student.of) for student in marked.students]
    return sum(shares, Fraction(0)) / len(shares) if shares else Fraction(0)


def _share(earned: Fraction, of: Fraction) -> Fraction:
    return earned / of if of > 0 else Fraction(0)
