"""Numbers, columns and ranges as a report writes them, and text for consoles without Greek letters."""

import codecs
import re
import shlex
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from sheetnet.book.grid import CellError, Value
from sheetnet.formula.address import column_name
from sheetnet.layout.prose import listing as listing
from sheetnet.layout.prose import plural as plural

WIDTH = 80
"""Columns of a terminal that nothing exceeds."""

_PLAIN = {
    "δ": "d",
    "σ": "s",
    "∂": "d",
    "γ": "g",
    "η": "n",
    "Σ": "S",
    "½": "1/2",
    "²": "2",
    "—": "-",
    "–": "-",
    "−": "-",
    "…": "...",
}


def _replacement(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, "?") for letter in letters), error.end


codecs.register_error("plain", _replacement)
"""The error handler for streams whose encoding lacks a letter: δ becomes d."""


def amount(value: float) -> str:
    """Return a cost or a rate: seven decimals, three digits where it is small."""
    if value == 0 or abs(value) >= 1e-4:
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return f"{value:.3g}"


def column_runs(columns: Iterable[int]) -> list[str]:
    """Return columns as runs of letters: E:J, AA."""
    runs: list[list[int]] = []
    for column in sorted(columns):
        if runs and runs[-1][1] == column - 1:
            runs[-1][1] = column
        else:
            runs.append([column, column])
    return [
        column_name(first) if first == last else f"{column_name(first)}:{column_name(last)}"
        for first, last in runs
    ]


def item(name: str, text: str, width: int = 10) -> list[str]:
    """Return an indented line with a name before it, wrapped at the terminal's width."""
    indent = " " * (width + 2)
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  " + name.ljust(width - 1) + " ",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def paragraph(text: str, indent: str = "") -> list[str]:
    """Return a text wrapped at the terminal's width."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=True,
        break_on_hyphens=False,
    )


def value_text(value: Value, *, formula: bool = False) -> str:
    """Return what a cell holds: a number with eight digits, a text in quotation marks.

    A `formula` without a value is not empty.
    """
    if value is None:
        return "no value" if formula else "empty"
    if isinstance(value, CellError):
        return str(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        text = " ".join(value.split())
        return f"'{text}'" if len(text) <= 40 else f"'{text[:37]}...'"
    return f"{value:.8g}"


def command(name: str, path: Path, *arguments: str, indent: int = 0) -> str:
    """Return what to type for a command, the path as given; FILE stands for one too long for the line."""
    for each in (str(path), "FILE"):
        text = shlex.join(["sheetnet", name, each, *arguments])
        if indent + len(text) <= WIDTH:
            break
    return text


def name_runs(names: Sequence[str]) -> list[str]:
    """Return names with three or more that are counted on made one: w1, w2, w5-w8."""
    runs: list[list[str]] = []
    for name in names:
        if runs and _follows(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    out: list[str] = []
    for run in runs:
        out += [f"{run[0]}-{run[-1]}"] if len(run) > 2 else run
    return out


def _follows(one: str, other: str) -> bool:
    found = [re.fullmatch(r"(.*?)(\d{1,6})", name) for name in (one, other)]
    if found[0] is None or found[1] is None:
        return False
    return found[0][1] == found[1][1] and int(found[1][2]) == int(found[0][2]) + 1
