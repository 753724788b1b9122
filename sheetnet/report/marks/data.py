"""A marked class as plain data, version 1: keys may be added, none is renamed."""

import math
from typing import Any

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.marking.marks import Changed, MarkedBlank, MarkedClass, MarkedStudent
from sheetnet.marking.scheme import Scheme
from sheetnet.report.marks.summary import Summary
from sheetnet.report.marks.verdict import verdict_text


def gradebook_json(marked: MarkedClass, scheme: Scheme, *, language: str = "en") -> dict[str, Any]:
    """Return all that is known of a class; marks are exact, as texts: "1", "1/2".

    A number that is not finite is null.
    """
    manifest, summary = marked.manifest, Summary.of(marked)
    entries = catalogue(language)
    mean = summary.mean()
    return {
        "version": 1,
        "program": manifest.program,
        "seed": manifest.seed,
        "sizes": list(manifest.sizes),
        "level": manifest.level,
        "mean": None if mean is None else {"mark": str(mean[0]), "of": str(mean[1])},
        "students": [_student(student, scheme, manifest.decimals, language) for student in marked.students],
        "without": list(marked.without),
        "not_marked": [
            {"file": each.file, "student": each.student, "reason": each.reason} for each in marked.unmarked
        ],
        "mistakes": [
            {
                "code": code,
                "title": entries[code].title if code in entries else "",
                "students": students,
                "blanks": blanks,
            }
            for code, students, blanks in summary.mistakes
        ],
    }


def _student(student: MarkedStudent, scheme: Scheme, decimals: int, language: str) -> dict[str, Any]:
    return {
        "id": student.id,
        "name": student.name,
        "file": student.file,
        "mark": str(student.earned),
        "of": str(student.of),
        "band": scheme.band(student.earned, student.of),
        "others": list(student.others),
        "changed": [_changed(each) for each in student.changed],
        "blanks": [_blank(blank, decimals, language) for blank in student.blanks],
    }


def _blank(blank: MarkedBlank, decimals: int, language: str) -> dict[str, Any]:
    return {
        "name": blank.name,
        "term": blank.term,
        "step": blank.step,
        "cell": blank.cell,
        "verdict": blank.verdict,
        "answer": blank.answer,
        "value": _number(blank.value),
        "expected": _number(blank.expected),
        "mark": str(blank.earned),
        "of": str(blank.of),
        "code": blank.code,
        "also": list(blank.also),
        "details": dict(blank.details),
        "working": blank.working,
        "as_text": blank.as_text,
        "decimals": blank.decimals,
        "reason": blank.reason,
        "message": verdict_text(blank, decimals, language=language),
    }


def _changed(changed: Changed) -> dict[str, Any]:
    return {
        "term": changed.term,
        "step": changed.step,
        "given": _number(changed.given),
        "found": _number(changed.found),
        "cell": changed.cell,
    }


def _number(value: float | str | None) -> float | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
