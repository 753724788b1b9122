"""The catalogue of mistakes: every code with its severity, and its words in each language as data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sheetnet.diagnosis.findings import Severity

WARNINGS = frozenset(
    {
        "convention-outputs-first",
        "convention-scale",
        "convention-beyond-descent",
        "sheet-stale-value",
        "sheet-slopes-disagree",
        "sheet-unreadable",
    }
)
"""Codes of doubts: a convention that misleads, or what can't be decided here."""
REMARKS = frozenset(
    {"convention-fixed-biases", "convention-written-rate", "sheet-swapped-labels", "sheet-not-filled"}
)
"""Codes of what is no fault."""

_FOLDER = Path(__file__).with_name("catalogue")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue.

    `title` names the mistake in a few words, `meaning` explains it, `why` is the sentence of a finding, with
    places in braces, `wrong` and `right` are the example's formulas. `note` tells that the note prints it so.
    `titles` are more telling ones where a wrong reference is known to mean an empty cell, or text.
    """

    code: str
    severity: Severity
    title: str
    meaning: str
    why: str
    wrong: str
    right: str
    note: bool
    titles: Mapping[str, str]


def severity(code: str) -> Severity:
    """Return how bad a finding of a code is."""
    return "warning" if code in WARNINGS else "remark" if code in REMARKS else "error"


@cache
def catalogue(language: str = "en") -> Mapping[str, Entry]:
    """Return all entries by their code, in the order of the catalogue."""
    data = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    formulas = tomllib.loads((_FOLDER / "examples.toml").read_text(encoding="utf-8"))
    return {
        code: Entry(
            code=code,
            severity=severity(code),
            title=words["title"],
            meaning=words["meaning"],
            why=words.get("why", words["meaning"]),
            wrong=formulas.get(code, {}).get("wrong", ""),
            right=formulas.get(code, {}).get("right", ""),
            note=formulas.get(code, {}).get("note", False),
            titles=words.get("titles", {}),
        )
        for code, words in data.items()
    }
