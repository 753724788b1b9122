"""The inputs and targets that a table is given: how many patterns, and whether all of them are numbers."""

import math
from collections import Counter
from collections.abc import Mapping

from sheetnet.book.grid import Sheet
from sheetnet.formula.expression import CellReference, Reference
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import holds, is_number, meant
from sheetnet.layout.problems import Problem, problem
from sheetnet.layout.series import column_series, references
from sheetnet.net.terms import Term, is_given

_RARE = 10
"""One row in so many may be a slip in typed numbers that repeat otherwise."""
DRIFT = 1e-12
"""Relative difference of numbers that are one: 0.989999999999999 is what filling down makes of 0.99."""
_SHORT = 4
"""Typed numbers with slips must repeat so many times."""


def patterns(
    sheet: Sheet, first: int, end: int, places: Mapping[Term, int], *, mean: int | None, lenient: bool
) -> tuple[int, list[Problem]]:
    """Return how many rows have inputs and targets of their own before they repeat, and what is no number.

    Typed numbers may repeat, too, where no formulas below them do, and no column of a `mean` counts them; a
    `lenient` reader lets a few rows break the repetition.
    """
    given = {column: term for term, column in places.items() if is_given(term)}
    rows: list[tuple[float, ...]] = []
    problems: list[Problem] = []
    for row in range(first, end):
        cells = [(column, sheet.cell(row, column)) for column in given]
        held = [cell for _, cell in cells if holds(cell)]
        if not held or all(cell is not None and cell.formula is not None for cell in held):
            break
        found = [problem(sheet, row, column, given[column]) for column in given]
        problems += [each for each in found if each is not None]
        rows.append(tuple(_number(sheet, row, column) for column in given))
    return _period(
        sheet, rows, first, list(given), mean, strays=len(rows) // _RARE if lenient else 0
    ), problems


def repeated(sheet: Sheet, first: int, last: int, places: Mapping[Term, int]) -> int | None:
    """Return after how many rows most formulas of the inputs and targets repeat them, None without such."""
    counts: Counter[int] = Counter()
    for column in (column for term, column in places.items() if is_given(term)):
        for series in column_series(sheet, column, first, last):
            try:
                expression = series.expression(column)
            except Unparsable:
                continue
            if isinstance(expression, Reference) and isinstance(expression.target, CellReference):
                _, row, used = expression.target.at(series.first, column)
                lag = 1 if expression.target.row_fixed and row == first else series.first - row
                inside = row >= first or lag == 1
                if used == column and lag > 0 and inside and expression.target.sheet in (None, sheet.name):
                    counts[lag] += series.last - series.first + 1
    return counts.most_common(1)[0][0] if counts else None


def pattern_problems(sheet: Sheet, first: int, count: int, places: Mapping[Term, int]) -> list[Problem]:
    """Return the inputs and targets of the first `count` rows that are no numbers, row by row."""
    found = [
        problem(sheet, row, column, term)
        for row in range(first, first + count)
        for term, column in places.items()
        if is_given(term)
    ]
    return [each for each in found if each is not None]


def _number(sheet: Sheet, row: int, column: int) -> float:
    cell = sheet.cell(row, column)
    value = None if cell is None else cell.value
    if isinstance(value, float) and is_number(cell):
        return value
    read = meant(value)
    return math.nan if read is None else read


def _period(
    sheet: Sheet,
    rows: list[tuple[float, ...]],
    first: int,
    columns: list[int],
    mean: int | None,
    *,
    strays: int,
) -> int:
    """Return after how many rows the patterns repeat; up to so many `strays` are taken for slips."""
    count = max(len(rows), 1)
    counted = mean is not None and _window(sheet, mean, first, first + count) in (None, count)
    if counted or any(
        references(sheet.cell(first + count, column), first + count, column) for column in columns
    ):
        return count
    for period in range(1, count // 2 + 1):
        unlike = sum(not _same(rows[i], rows[i % period]) for i in range(period, count))
        if unlike == 0 or (unlike <= strays and period <= count // _SHORT):
            return period
    return count


def _same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two patterns are equal, as far as they are known."""
    return all(
        math.isclose(a, b, rel_tol=DRIFT) or math.isnan(a) or math.isnan(b)
        for a, b in zip(one, other, strict=True)
    )


def _window(sheet: Sheet, column: int, first: int, last: int) -> int | None:
    """Return over how many rows the formulas of a column reach, None where there are none."""
    for row in range(first, last + 1):
        rows = [used for used, _ in references(sheet.cell(row, column), row, column)]
        if rows:
            return max(rows) - min(rows) + 1
    return None
