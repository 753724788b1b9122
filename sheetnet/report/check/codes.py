"""The catalogue of mistakes in words: a line a code, or one code with its example."""

import textwrap
from itertools import groupby

from sheetnet.diagnosis.catalogue import Entry, catalogue
from sheetnet.report.wording import wording
from sheetnet.report.words import WIDTH

_CODE = 31
"""Columns that a code takes in the list."""


def codes_report(language: str = "en", *, family: str = "") -> str:
    """Return all codes, or those of one family, with their titles, at most 80 columns wide."""
    lines: list[str] = []
    entries = catalogue(language)
    for _, members in groupby(entries.values(), key=lambda entry: entry.code.partition("-")[0]):
        for entry in members:
            if not entry.code.startswith(family):
                continue
            lines += textwrap.wrap(
                f"{entry.code:<{_CODE}} {entry.title}",
                WIDTH,
                subsequent_indent=" " * (_CODE + 1),
                break_on_hyphens=False,
            )
        lines.append("")
    return "\n".join(lines).strip("\n")


def code_report(code: str, language: str = "en") -> str:
    """Return what one code means, with an example; KeyError when there is no such code."""
    entry = catalogue(language)[code]
    severity = wording(language)(f"severity.{entry.severity}")
    lines = [f"{entry.code}: {entry.title} ({severity})", ""]
    lines += textwrap.wrap(entry.meaning, WIDTH, break_on_hyphens=False)
    return "\n".join([*lines, *_example(entry, language)])


def _example(entry: Entry, language: str) -> list[str]:
    say = wording(language)
    lines = [""] if entry.wrong or entry.right else []
    for name, text in (("found", entry.wrong), ("expected", entry.right)):
        if text:
            lines += textwrap.wrap(
                text, WIDTH, initial_indent=f"  {say(f'names.{name}'):<10}", subsequent_indent=" " * 12
            )
    return lines
