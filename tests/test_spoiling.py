"""One cell spoilt at random in a random net: that cell is told and no other; what changes nothing is not told."""

import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from openpyxl.utils import column_index_from_string, get_column_letter

from sheetnet import SheetnetError, train_file
from sheetnet.jobs.checking import check_file
from sheetnet.net.conventions import Conventions
from tests.evaluator import Place, Sheet, places
from tests.statement import NOTE, Statement, default_groups

DRAWS = 8
"""Starts from which a spoilt formula is compared with the right one."""
SAME, OTHER = 1e-12, 1e-6
"""Relative differences up to which two values are the same, and from which they are not."""

_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\d(])")
_ALONE = re.compile(r"(?<![:$A-Z])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\d(:])")
"""No end of a range: one with a single fixed corner is read by no cell's formula alone."""
_NUMBER = re.compile(r"(?<![A-Z$\d.])\d+\.?\d*")
_OPERATOR = re.compile(r"(?<=[\d)])[-+*/^]")


class Spoilt(NamedTuple):
    """A cell, what stands there instead, and whether that is a formula."""

    place: Place
    content: object

    @property
    def address(self) -> str:
        return f"{get_column_letter(self.place[1])}{self.place[0]}"


# ---------------------------------------------------------------- random nets


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Return the sheet of a random net with random conventions."""
    sizes = draw(
        st.sampled_from([(2, 2, 2), (1, 1, 1), (2, 3, 1), (3, 2), (4, 3, 3), (2, 2, 3, 2), (1, 3, 2)])
    )
    patterns = draw(st.integers(1, 4))
    last = len(sizes) - 1
    hidden = [draw(st.sampled_from(["sigmoid", "sigmoid", "tanh", "relu"])) for _ in range(last - 1)]
    outputs, cost = draw(
        st.sampled_from([
            *[("sigmoid", "half squares")] * 4, ("sigmoid", "squares"), ("sigmoid", "half mean squares"),
            ("sigmoid", "cross-entropy"), ("tanh", "half squares"), ("linear", "half squares"),
            *([("softmax", "cross-entropy")] if sizes[-1] > 1 and last > 1 else []),
        ])
    )  # fmt: skip
    batch = draw(st.sampled_from(["one", "one", "one", "sum", "mean"])) if patterns > 1 else "one"
    order = (
        draw(st.sampled_from(["simultaneous", "simultaneous", "outputs first"]))
        if batch == "one"
        else "simultaneous"
    )
    conventions = Conventions(
        biases=draw(st.sampled_from(["trained", "trained", "fixed", "shared", "none"])),
        order=order if last > 1 else "simultaneous",
        activations=(*hidden, outputs),
        difference=draw(st.sampled_from(["a-T", "a-T", "T-a"])),
        cost=cost,
        batch=batch,
    )  # fmt: skip
    spelling = replace(
        NOTE,
        sigmoid=draw(st.sampled_from([NOTE.sigmoid, "EXP({z})/(1+EXP({z}))", "(1+TANH(({z})/2))/2"])),
        sum=draw(st.sampled_from(["chain", "chain", "reversed", "sumproduct"])),
        square=draw(st.sampled_from(["({x})^2", "POWER({x},2)"])),
    )
    groups = default_groups(sizes)
    layers = range(1, last + 1)
    for extra in draw(st.lists(st.sampled_from(["z", "s", "e", "p", "g"]), unique=True, max_size=2)):
        linear = (extra == "s" and "linear" in conventions.activations) or outputs == "softmax"
        if not linear:
            groups += " " + (extra if extra in "ep" else " ".join(f"{extra}{layer}" for layer in layers))
    return Statement(
        sizes, max(7, 3 * patterns + 1), patterns=patterns, conventions=conventions, spelling=spelling,
        groups=groups, learning_rate=draw(st.sampled_from([0.5, 0.3])), seed=draw(st.integers(1, 999)),
    )  # fmt: skip


# ---------------------------------------------------------------- ways to spoil


def _one(text: str, pattern: re.Pattern[str], draw: st.DrawFn, change: Callable[[re.Match[str]], str]) -> str:
    """Return a text with one place changed that a pattern finds."""
    found = list(pattern.finditer(text))
    assume(found)
    match = draw(st.sampled_from(found))
    return text[: match.start()] + change(match) + text[match.end() :]


def _shifted(match: re.Match[str], rows: int, columns: int) -> str:
    column, row = column_index_from_string(match[2]) + columns, int(match[4]) + rows
    assume(column > 0 and row > 0)
    return f"{match[1]}{get_column_letter(column)}{match[3]}{row}"


def _reference(text: str, draw: st.DrawFn, sheet: Statement) -> str:
    rows, columns = draw(st.sampled_from([(-1, 0), (1, 0), (0, -1), (0, 1)]))
    return _one(text, _REFERENCE, draw, lambda match: _shifted(match, rows, columns))


def _constant(text: str, draw: st.DrawFn, sheet: Statement) -> str:
    other = draw(st.sampled_from(["0", "1", "2", "0.25", "3"]))
    return _one(text, _NUMBER, draw, lambda match: other)


def _operator(text: str, draw: st.DrawFn, sheet: Statement) -> str:
    other = draw(st.sampled_from("+-*/^"))
    return _one(text, _OPERATOR, draw, lambda match: other)


def _dollar(text: str, draw: st.DrawFn, sheet: Statement) -> str:
    def toggled(match: re.Match[str]) -> str:
        row, column = draw(st.sampled_from([(True, False), (False, True), (True, True)]))
        signs = [
            "$" if bool(sign) != change else "" for sign, change in ((match[1], column), (match[3], row))
        ]
        return f"{signs[0]}{match[2]}{signs[1]}{match[4]}"

    return _one(text, _ALONE, draw, toggled)


WAYS: dict[str, Callable[[str, st.DrawFn, Statement], str]] = {
    "reference": _reference,
    "constant": _constant,
    "operator": _operator,
    "dollar": _dollar,
}


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Statement, Spoilt]:
    """Return a sheet, and what is to be spoilt in it."""
    sheet = draw(statements())
    place = draw(st.sampled_from(sorted(sheet.texts)))
    text = sheet.texts[place]
    way = draw(st.sampled_from([*WAYS, *WAYS, "pasted", "empty", "text", "true", "copied", "filled"]))
    event(way)
    if way in WAYS:
        return sheet, Spoilt(place, WAYS[way](text, draw, sheet))
    if way in ("copied", "filled"):
        row, column = place
        other = draw(st.sampled_from(sorted(c for r, c in sheet.texts if r == row)))
        away = column - other if way == "filled" else 0
        copied = _REFERENCE.sub(lambda m: m[0] if m[1] else _shifted(m, 0, away), sheet.texts[row, other])
        return sheet, Spoilt(place, copied)
    values = Sheet(_numbers(sheet, 0), sheet.texts)
    value = values.value(place)
    assume(math.isfinite(value))
    return sheet, Spoilt(place, {"pasted": value, "empty": None, "text": "abc", "true": True}[way])


# ---------------------------------------------------------------- what is to be found


def _numbers(sheet: Statement, draw: int) -> Mapping[Place, float]:
    """Return the sheet's numbers, in all but the first draw others that are equal where they were equal."""
    rng = random.Random(draw)
    found: dict[Place, float] = {(8, 1): sheet.learning_rate if draw == 0 else rng.uniform(0.1, 0.9)}
    drawn: dict[object, float] = {}
    for place, number in sheet.numbers.items():
        same = _shared(sheet, place)
        target = any(key.letter == "T" for key in sheet.at if sheet.at[key] == place[1])
        scale = rng.choice((0.3, 1, 3))
        other = rng.uniform(0.05, 0.95) if target else rng.uniform(-scale, scale)
        found[place] = number if draw == 0 else drawn.setdefault(same, other)
    return found


def _shared(sheet: Statement, place: Place) -> object:
    """Return what makes the biases of a layer one."""
    for key, column in sheet.at.items():
        bias = key.letter == "w" and key.j == sheet.sizes[key.layer - 1]
        if column == place[1] and bias and sheet.conventions.biases == "shared":
            return "bias", key.layer
    return place


def _changes(sheet: Statement, spoil: Spoilt) -> bool | None:
    """Tell whether a spoilt cell differs from the right one, were all others right; None if it is hard to say.

    All formulas are evaluated from several random starts by this folder's own reader.
    """
    if not (isinstance(spoil.content, str) and spoil.content.startswith("=")):
        return True
    if _leads_back(sheet, spoil):
        return True
    differences = []
    for draw in range(DRAWS):
        right = Sheet(_numbers(sheet, draw), sheet.texts)
        expected, found = right.value(spoil.place), right.result(spoil.content)
        if math.isnan(expected):
            continue
        differences.append(
            math.inf if math.isnan(found) else abs(found - expected) / max(abs(expected), 1e-3)
        )
    assume(len(differences) >= 3)
    if max(differences) > OTHER:
        return True
    return False if max(differences) <= SAME else None


def _leads_back(sheet: Statement, spoil: Spoilt) -> bool:
    """Tell whether a spoilt formula needs its own value."""
    texts = {**sheet.texts, spoil.place: str(spoil.content)}
    seen: set[Place] = set()
    stack = _named(texts[spoil.place])
    while stack:
        place = stack.pop()
        if place == spoil.place:
            return True
        if place not in seen and place in texts:
            seen.add(place)
            stack += _named(texts[place])
    return False


def _named(text: str) -> list[Place]:
    """Return the cells that a formula uses, all of a range's."""
    found = places(text)
    ranges = re.findall(r"([A-Z]+\d+):([A-Z]+\d+)", text)
    for ends in ranges:
        (top, left), (bottom, right) = (places(end)[0] for end in ends)
        found += [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    return found


_SETTINGS: dict[str, Any] = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "phases": [
        Phase.generate
    ],  # a sheet is checked in a third of a second: making a failing one small takes minutes
    "suppress_health_check": list(HealthCheck),
}


def _errors(path: Path) -> list[tuple[str, list[str]]]:
    """Return the codes and areas of errors, and of formulas that no program can compute: ranges that don't fit."""
    found = check_file(path)
    assert found.error is None
    [net] = found.nets
    faults = [each for each in net.findings if each.severity == "error" or each.code == "sheet-unreadable"]
    return [(each.code, [str(area) for area in each.areas]) for each in faults]


@settings(max_examples=30, **_SETTINGS)
@given(sheet=statements(), trained=st.booleans())
def test_nothing_spoilt(tmp_path_factory: Any, sheet: Statement, trained: bool) -> None:
    """A random net of random conventions is clean, and its conventions are those it was made by."""
    folder = tmp_path_factory.mktemp("net")
    path = sheet.save(folder / "net.xlsx")
    if trained:
        path = train_file(path, folder / "trained.ods", mend=False).out
    assert _errors(path) == []


@settings(max_examples=100, **_SETTINGS)
@given(case=spoilt(), trained=st.booleans())
def test_one_spoilt_cell(tmp_path_factory: Any, case: tuple[Statement, Spoilt], trained: bool) -> None:
    """Exactly the spoilt cell is told, though all later rows hold other numbers; or nothing, if nothing changed."""
    sheet, spoil = case
    changes = _changes(sheet, spoil)
    assume(changes is not None)
    event(f"changes {changes}")
    folder = tmp_path_factory.mktemp("net")
    path = sheet.save(folder / "net.xlsx", {spoil.address: spoil.content})
    if trained and isinstance(spoil.content, str) and spoil.content.startswith("="):
        try:
            path = train_file(path, folder / "trained.ods", mend=False).out
        except SheetnetError:
            event("not trained")
    found = _errors(path)
    assert [areas for _, areas in found] == ([[spoil.address]] if changes else []), (
        found,
        sheet.texts[spoil.place],
        spoil,
    )
