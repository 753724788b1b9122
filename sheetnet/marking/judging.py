"""Judging: a returned workbook becomes the marks of a student."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sheetnet.exercise.manifest import BlankEntry, Entry
from sheetnet.formula.address import a1
from sheetnet.marking.answers import MORE, Answers, Judged, is_rounded
from sheetnet.marking.judge import Judge
from sheetnet.marking.marks import MarkedBlank, MarkedStudent
from sheetnet.marking.returned import Answer, Returned
from sheetnet.net.terms import Term, Use

_ADDRESS = re.compile(r"(?<![A-Z0-9$(])\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}(?![A-Z0-9(])")


def marked(judge: Judge, entry: Entry, returned: Returned, file: str) -> MarkedStudent:
    """Return the marks of a student's file."""
    typed = judge.typed(entry)
    if entry.planted is not None:
        blanks = tuple(_found(judge, entry, returned, typed))
        return MarkedStudent(entry.id, entry.name, file, blanks, returned.changed(judge.exercise, typed))
    values = judge.exercise.values(typed)
    changed = returned.changed(judge.exercise, judge.shown(entry))
    answers = {
        use: returned.answer(blank.name, use, judge.exercise)
        for use, blank in zip(judge.exercise.blanks, entry.blanks, strict=True)
    }
    sheet = Answers(judge, values, answers)
    blanks = tuple(
        _blank(judge, blank, answers[use], sheet.judged(use), sheet.working(use))
        for use, blank in zip(judge.exercise.blanks, entry.blanks, strict=True)
    )
    return MarkedStudent(entry.id, entry.name, file, blanks, changed)


def _blank(judge: Judge, blank: BlankEntry, answer: Answer, judged: Judged, working: str) -> MarkedBlank:
    of = judge.scheme.worth(blank)
    return MarkedBlank(
        name=blank.name,
        term=blank.term,
        step=blank.step,
        verdict=judged.verdict,
        answer=answer.text,
        value=answer.value,
        expected=judged.expected,
        earned=judge.scheme.earned(judged.verdict, of, judged.code),
        of=of,
        cell=answer.cell or blank.cell,
        code=judged.code,
        also=judged.also,
        details=judged.details or {},
        working=working,
        as_text=answer.as_text,
        decimals=judged.decimals,
        reason=judged.reason or (answer.reason if judged.verdict == "unreadable" else ""),
    )


# ------------------------------------------------------------ a mistake that was to be found


def _found(
    judge: Judge, entry: Entry, returned: Returned, typed: Mapping[Use, float]
) -> Iterator[MarkedBlank]:
    """Yield the marks of the two boxes for a mistake: its cell, and what should stand there."""
    cell, value = entry.blanks
    use = Use(Term(value.kind, value.layer, value.i, value.j), value.step)  # type: ignore[arg-type]
    answer = returned.answer(cell.name, None, judge.exercise)
    places = {str(cell.expected)}
    if (place := returned.places(judge.exercise).get(use)) is not None:
        places = {a1(*place[1:])}  # rows may have been inserted above it
    named = _plain_cell(answer.text)
    right = named in places or named in {_plain_cell(cell.term)}
    judged = Judged("right" if right else "empty" if answer.empty else "wrong", 0.0)
    if answer.place is None:
        judged = Judged("missing", 0.0)
    yield replace(_blank(judge, cell, answer, judged, ""), expected=min(places))
    answer = returned.answer(value.name, None, judge.exercise)
    assert isinstance(value.expected, float | int)
    yield _blank(judge, value, answer, _corrected(judge, answer, float(value.expected)), "")


def _corrected(judge: Judge, answer: Answer, expected: float) -> Judged:
    """Return the verdict on the right number for a mistake's cell."""
    if answer.place is None:
        return Judged("missing", expected)
    if answer.value is None:
        return Judged("empty" if answer.empty else "unreadable", expected)
    half = judge.half * (1 + MORE)
    if abs(answer.value - expected) <= 2 * half:  # from numbers that are shown rounded
        return Judged("right", expected)
    if is_rounded(answer, expected, judge.manifest.decimals):
        return Judged("rounded", expected, decimals=answer.decimals)
    return Judged("wrong", expected)


def _plain_cell(text: str) -> str:
    """Return an address as it is compared: without words around it, its sheet, and dollar signs."""
    found: set[str] = {match.replace("$", "") for match in _ADDRESS.findall(text.upper())}
    if len(found) == 1:
        return found.pop()
    return text.strip(" =[]").rpartition("!")[2].rpartition(".")[2].replace("$", "").replace(" ", "").upper()
