"""A mistake planted in a complete sheet: one cell by a wrong rule, and all that follows computed from it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sheetnet.book.grid import Book, Cell
from sheetnet.diagnosis.catalogue import severity
from sheetnet.diagnosis.conventions import convention_faults
from sheetnet.diagnosis.faults import Faults
from sheetnet.diagnosis.findings import TOLERANCE
from sheetnet.diagnosis.inference import inferred
from sheetnet.diagnosis.misconceptions import Variant
from sheetnet.diagnosis.outcome import numbers_of
from sheetnet.errors import SheetnetError
from sheetnet.exercise.exercise import OTHER_ROWS, Exercise, Impossible
from sheetnet.exercise.separation import least_distance
from sheetnet.formula.expression import Expression
from sheetnet.net.terms import Use
from sheetnet.recognition.finding import find_nets

_LARGEST = 20.0
"""Numbers of a size beyond this give a mistake away."""


@dataclass(frozen=True, slots=True)
class Planting:
    """A planted mistake: its cell, its code in the catalogue, all numbers, and the number that belongs there.

    `rules` are those of the sheet, the wrong one among them.
    """

    use: Use
    code: str
    values: Mapping[Use, float]
    right: float
    rules: Mapping[Use, Expression]


def planted(
    exercise: Exercise, typed: Mapping[Use, float], base: Book, rng: random.Random
) -> Planting | None:
    """Return a mistake that `check` finds under its code and nothing else; None where no rule makes one.

    Numbers are chosen from `typed`; `base` is the workbook of the form, into which they go.
    """
    for use, variant in _candidates(exercise, rng):
        found = _tried(exercise, typed, use, variant)
        if found is not None and _is_found(exercise, found, typed, base):
            return found
    return None


def _candidates(exercise: Exercise, rng: random.Random) -> Iterator[tuple[Use, Variant]]:
    """Yield wrong rules for cells in a random order, quantities of few cells as often as those of many."""
    groups: dict[tuple[str, str], list[tuple[Use, Variant]]] = {}
    for use in exercise.rules:
        for variant in exercise.wrong_rules(use):
            if variant.code not in OTHER_ROWS:
                groups.setdefault((use.term.kind, variant.code), []).append((use, variant))
    quantities: dict[str, list[tuple[str, str]]] = {}
    for key in groups:
        quantities.setdefault(key[0], []).append(key)
    while quantities:
        kind = rng.choice(list(quantities))
        key = rng.choice(quantities[kind])
        group = groups[key]
        yield group.pop(rng.randrange(len(group)))
        if not group:
            quantities[kind].remove(key)
            if not quantities[kind]:
                del quantities[kind]


def _tried(
    exercise: Exercise, typed: Mapping[Use, float], use: Use, planted_rule: Variant
) -> Planting | None:
    """Return the sheet with a wrong rule, None where it can't be told from the right one or from another."""
    code, rule = planted_rule.code, planted_rule.expression
    try:
        values = exercise.values(typed, {use: rule})
        right = exercise.value(exercise.rules[use], values)
        wrong = exercise.value(rule, values)
    except Impossible:
        return None
    if any(abs(value) > _LARGEST for value in values.values()):
        return None
    apart = least_distance(exercise.decimals)
    others = [right]
    for other in exercise.wrong_rules(use):
        if other.code != code:
            try:
                others.append(exercise.value(other.expression, values))
            except Impossible:
                continue
    if any(abs(wrong - value) < apart for value in others):
        return None
    return Planting(use, code, values, right, {**exercise.rules, use: rule})


def _is_found(exercise: Exercise, planting: Planting, typed: Mapping[Use, float], base: Book) -> bool:
    """Tell whether checking the sheet names the planted cell and code, and nothing else."""
    book = _filled(exercise, planting, typed, base)
    try:
        [layout] = find_nets(book, lenient=True)
        seen = layout.seen(book)
        inference, numbers = inferred(seen, layout), numbers_of(seen, [layout])
        faults = [*Faults(seen, inference, numbers, TOLERANCE), *convention_faults(inference)]
    except (SheetnetError, ValueError):
        return False
    serious = [fault for fault in faults if severity(fault.cause.code) != "remark"]
    if len(serious) != 1 or serious[0].cause.code != planting.code or serious[0].cause.also:
        return False
    [fault] = serious
    if fault.first != fault.last:
        return False
    place = layout.place(fault.term, fault.first - layout.first_row)
    return place == exercise.places[planting.use]


def _filled(exercise: Exercise, planting: Planting, typed: Mapping[Use, float], base: Book) -> Book:
    """Return the workbook with what the sheet shows."""
    shown = replace(exercise, rules=planting.rules)
    sheet = base.sheet(exercise.places[planting.use][0])
    rows = {row: dict(cells) for row, cells in sheet.rows.items()}
    for edit in shown.student_edits(typed, planting.values):
        rows.setdefault(edit.row, {})[edit.column] = Cell(edit.value, edit.formula)
    filled = replace(sheet, rows={row: rows[row] for row in sorted(rows)})
    return replace(base, sheets=(filled,))
