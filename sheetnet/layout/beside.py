"""Columns that stand beside a net's own: dC/dW, the count of steps, the mean cost, helpers."""

from collections import Counter
from collections.abc import Sequence

from sheetnet.book.grid import Cell, Sheet, Value
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.layout.content import is_number, labels
from sheetnet.layout.groups import Placed, Run, gradient_columns
from sheetnet.layout.series import references
from sheetnet.net.terms import MEAN_COST, STEP, Term


def gradients(
    sheet: Sheet,
    runs: Sequence[Run],
    net: Placed,
    first: int,
) -> dict[Term, int]:
    """Return the net's dC/dW columns: those whose formulas use its δ, else the only ones that fit."""
    sizes, places, biases, transposed, _ = net
    own = set(places.values())
    layers = len(sizes) - 1
    candidates = [
        found
        for start in range(len(runs) - layers + 1)
        if (
            found := gradient_columns(
                runs[start : start + layers], sizes, biases=biases, transposed=transposed
            )
        )
        is not None
    ]
    for found in candidates:
        used = {
            column
            for term, place in found.items()
            for _, column in references(sheet.cell(first, place), first, place)
        }
        if used and used <= own:
            return found
    plain = [
        found
        for found in candidates
        if not any(references(sheet.cell(first, place), first, place) for place in found.values())
    ]
    return plain[0] if len(plain) == 1 else {}


def asides(
    sheet: Sheet, label_row: int, first: int, end: int, places: dict[Term, int], taken: set[int]
) -> dict[Term, int]:
    """Return the column that counts a net's steps, left of it, and that of its mean cost, right of it.

    A column in which something else is typed is its author's own.
    """
    left, right = min(places.values()), max(c for term, c in places.items() if term.kind == "cost")
    before = max((column for column in taken if column < left), default=-1)
    after = min((column for column in taken if column > right), default=right + 3)
    found = {}
    for column, label in labels(sheet.rows[label_row]):
        typed = {
            row: cell.value
            for row, cells in sheet.rows.items()
            if first <= row < end and (cell := cells.get(column)) is not None and cell.formula is None
        }
        if label.kind == "step" and before < column < left and is_number(sheet.cell(first, column)):
            begin = typed.get(first)
            if isinstance(begin, float) and all(
                _is_plain(value) and value == begin + row - first for row, value in typed.items()
            ):
                found[STEP] = column
        if label.kind == "mean_cost" and right < column < after and all(map(_is_plain, typed.values())):
            found[MEAN_COST] = column
    return found


def _is_plain(value: Value) -> bool:
    """Tell a number, or nothing: what a count of steps and a mean may stand beside."""
    return value is None or type(value) is float


def helpers(sheet: Sheet, first: int, last: int, places: dict[Term, int], taken: set[int]) -> tuple[int, ...]:
    """Return the columns of one formula down the table's rows that are no term of a net and use the table."""
    own = set(places.values())
    rows = range(first, last + 1)
    counts: dict[int, Counter[Pattern]] = {}
    for row in rows:
        for column, cell in sheet.rows.get(row, {}).items():
            if cell.formula is not None and column not in own and column not in taken:
                counts.setdefault(column, Counter())[pattern(cell.formula, row)] += 1
    found = []
    for column, patterns in counts.items():
        (form, count), *_ = patterns.most_common(1)
        used = references(Cell(None, form.text(last)), last, column)
        if 2 * count > len(rows) and any(r in rows and (c in own or c == column) for r, c in used):
            found.append(column)
    return tuple(sorted(found))
