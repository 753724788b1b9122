"""Tables of steps: rows in which columns repeat one formula each, some of them the step before's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sheetnet.book.grid import Sheet
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Expression, Reference, references
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import holds, is_number
from sheetnet.layout.series import Series, SeriesReader, column_series
from sheetnet.layout.series import references as references_of
from sheetnet.recognition.model import Model, Source, modelled, sources

GAP = 12
"""Rows without formulas that a column may have in the middle of a table."""
_SLIPS = 2
"""Rows above in which a step is looked for: by a slip it may be the one before the last."""


class Run(NamedTuple):
    """Rows of a column that repeat one formula: what it says, relative to its place."""

    column: int
    series: Series
    expression: Expression

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.series.last - self.series.first + 1


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A column whose formulas take up the step before; `first` is the row above them, step 0.

    `begins` tells that a number stands there, from which they can go on.
    """

    column: int
    first: int
    last: int
    begins: bool


def models(sheet: Sheet, reader: SeriesReader) -> Iterator[Model]:
    """Yield the tables of a sheet, from the top and the left."""
    if not sheet.rows:
        return
    runs = _runs(sheet, reader)
    starts: dict[int, list[Recurrence]] = {}
    for recurrence in _recurrences(sheet, runs):
        above = sheet.cell(recurrence.first, recurrence.column)
        if recurrence.begins or above is None or above.formula is None:
            starts.setdefault(recurrence.first, []).append(recurrence)
    for first, found in sorted(starts.items()):
        if any(recurrence.begins for recurrence in found):
            yield from _parted(sheet, runs, first, found)


def _runs(sheet: Sheet, reader: SeriesReader) -> dict[int, list[Run]]:
    """Return the runs of formulas of all columns; what can't be read is left out."""
    top, bottom = min(sheet.rows), max(sheet.rows)
    filled = {
        column for cells in sheet.rows.values() for column, cell in cells.items() if cell.formula is not None
    }
    found: dict[int, list[Run]] = {}
    for column in sorted(filled):
        for series in column_series(sheet, column, top, bottom):
            if series.pattern is None:
                continue
            try:
                expression = reader.of(series, column, sheet.name)
            except (Unparsable, NotComputable):
                continue
            found.setdefault(column, []).append(Run(column, series, expression))
    return found


# ---------------------------------------------------------------- columns that take up the step before


def _recurrences(sheet: Sheet, runs: Mapping[int, list[Run]]) -> Iterator[Recurrence]:
    """Yield the columns, each as often as a table begins in it."""
    formulas = Counter(
        row for row, cells in sheet.rows.items() for cell in cells.values() if cell.formula is not None
    )
    for column, own in runs.items():
        begun: list[Run] = []
        for run in own:
            if begun and _is_apart(sheet, formulas, begun[-1], run):
                yield from _recurrence(sheet, column, begun)
                begun = []
            if begun or _is_reading(run):
                begun.append(run)
        yield from _recurrence(sheet, column, begun)


def _is_apart(sheet: Sheet, formulas: Mapping[int, int], above: Run, below: Run) -> bool:
    """Tell whether two runs of a column belong to two tables: between them are labels, or next to nothing."""
    rows = range(above.series.last + 1, below.series.first)
    if len(rows) > GAP:
        return True
    few = min(formulas[above.series.last], formulas[below.series.first]) / 3
    cells = (sheet.cell(row, above.column) for row in rows)
    texts = any(cell is not None and isinstance(cell.value, str) and cell.formula is None for cell in cells)
    return texts or any(formulas.get(row, 0) < few for row in rows)


def _recurrence(sheet: Sheet, column: int, runs: list[Run]) -> Iterator[Recurrence]:
    if not runs or sum(run.rows for run in runs if _is_reading(run)) * 2 < sum(run.rows for run in runs):
        return
    first = runs[0].series.first - 1
    yield Recurrence(column, first, runs[-1].series.last, is_start(sheet, column, first))


def is_start(sheet: Sheet, column: int, row: int) -> bool:
    """Tell whether a cell can hold the first value of a weight: a number, or a formula that brings one.

    A formula that uses its own row is a computed quantity, which takes the row above by a slip.
    """
    cell = sheet.cell(row, column)
    if cell is None or isinstance(cell.value, str):
        return False
    if cell.formula is None:
        return is_number(cell)
    return all(used_row != row for used_row, _ in references_of(cell, row, column))


def _is_reading(run: Run) -> bool:
    """Tell whether a formula takes up the row above, and more than its own column's."""
    cells = references(run.expression)
    if not any(_moves(cell) and cell.row < 0 for cell in cells):
        return False
    return any(_moves(cell) and (cell.row >= 0 or not _is_own(cell)) for cell in cells)


def _moves(cell: CellReference) -> bool:
    return cell.sheet is None and not cell.row_fixed and -_SLIPS <= cell.row <= 1


def _is_own(cell: CellReference) -> bool:
    return cell.column == 0 and not cell.column_fixed


# ---------------------------------------------------------------- tables


def _parted(
    sheet: Sheet, runs: Mapping[int, list[Run]], first: int, found: list[Recurrence]
) -> Iterator[Model]:
    """Yield the tables that begin in one row: columns that need each other are one."""
    last = Counter(recurrence.last for recurrence in found).most_common(1)[0][0]
    main = {column: best for column, own in runs.items() if (best := _main(own, first, last)) is not None}
    filled = {column for row in range(first, min(last, first + 3) + 1) for column in sheet.rows.get(row, {})}
    columns = filled | set(main)
    formulas: dict[int, Expression] = {}
    for column, run in main.items():
        formulas[column] = modelled(run.expression, sheet.name, run.series.first, column, columns)
    repeated = {column for column, expression in formulas.items() if is_repetition(column, expression)}
    computed = {column: each for column, each in formulas.items() if column not in repeated}
    for part in _components({recurrence.column for recurrence in found} & set(computed), computed):
        states = tuple(sorted(part & {recurrence.column for recurrence in found}))
        if not states:
            continue
        chosen = {column: computed[column] for column in sorted(part)}
        used = {
            source
            for expression in chosen.values()
            for source in sources(expression, None)
            if isinstance(source, int) and source not in chosen and holds(sheet.cell(first, source))
        }
        end = _last(sheet, first, last, [column for column in chosen if column not in states])
        sparse = frozenset(column for column in used if _is_sparse(sheet, column, range(first, end + 1)))
        yield Model(sheet.name, first, end, chosen, states, tuple(sorted(used)), sparse)


def _main(runs: Iterable[Run], first: int, last: int) -> Run | None:
    """Return the formula that most rows of a table repeat."""
    inside = [
        (min(run.series.last, last) - max(run.series.first, first) + 1, run)
        for run in runs
        if run.series.first <= last and run.series.last >= first
    ]
    if not inside:
        return None
    count, best = max(inside, key=lambda each: each[0])
    if last > first and best.series.first > first + 1 and count * 4 < last - first:
        return None
    return best


def is_repetition(column: int, expression: Expression) -> bool:
    """Tell whether a column only repeats itself, another cell, or counts: nothing in it is computed."""
    return all(source == column for source in sources(expression, None) if isinstance(source, int)) and (
        isinstance(expression, Reference)
        or column in sources(expression, -1)
        or not sources(expression, None)
    )


def _components(states: set[int], formulas: Mapping[int, Expression]) -> Iterator[set[int]]:
    """Yield the sets of columns that need each other and hold a state, from the left."""
    neighbours: dict[int, set[int]] = {column: set() for column in formulas}
    for column, expression in formulas.items():
        for source in sources(expression, None):
            if isinstance(source, int) and source in formulas:
                neighbours[column].add(source)
                neighbours[source].add(column)
    left = sorted(formulas)
    seen: set[int] = set()
    for column in left:
        if column in seen:
            continue
        part, stack = {column}, [column]
        while stack:
            for other in neighbours[stack.pop()] - part:
                part.add(other)
                stack.append(other)
        seen |= part
        if part & states:
            yield part


def _is_sparse(sheet: Sheet, column: int, rows: range) -> bool:
    return 2 * sum(holds(sheet.cell(row, column)) for row in rows) < len(rows)


def _last(sheet: Sheet, first: int, last: int, columns: list[int]) -> int:
    """Return the last row in which at least half of the columns hold something."""
    for row in range(last, first, -1):
        cells = sheet.rows.get(row, {})
        if 2 * sum(holds(cells.get(column)) for column in columns) >= len(columns):
            return row
    return first


__all__ = ["Model", "Recurrence", "Run", "Source", "models"]
