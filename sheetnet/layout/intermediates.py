"""Columns of what leads to the net's own quantities: z, its slope σ', a − T, each output's part of C."""

from collections.abc import Iterable, Mapping, Sequence

from sheetnet.book.grid import Cell, Sheet
from sheetnet.layout.content import holds, is_number, labels
from sheetnet.layout.labels import Label
from sheetnet.layout.series import column_series, references
from sheetnet.net.terms import INTERMEDIATES, Kind, Term

_Named = tuple[int, Label]
"""A label and its column."""


def intermediates(
    sheet: Sheet,
    label_row: int,
    rows: range,
    sizes: tuple[int, ...],
    places: Mapping[Term, int],
    taken: set[int],
    *,
    lenient: bool,
) -> dict[Term, int]:
    """Return the columns of intermediate quantities, of a layer all neurons' or none.

    A column's layer is the one whose cells its formulas use, without formulas that beside whose labels it
    stands. What is incomplete, doubled or ambiguous is left out; so is a column in which something else
    than numbers stands, unless `lenient`.
    """
    left, right = min(places.values()), max(places.values())
    before = max((column for column in taken if column < left), default=-1)
    after = min((column for column in taken if column > right), default=1 << 20)
    named = [
        (column, label)
        for column, label in labels(sheet.rows[label_row])
        if label.kind in INTERMEDIATES and before < column < after and column not in places.values()
        if _is_column([sheet.cell(row, column) for row in rows], lenient=lenient)
    ]
    used = {column: _used(sheet, column, rows) for column, _ in named}
    own = {*places.values(), *used}
    named = [each for each in named if not _has_formulas(sheet, each[0], rows) or used[each[0]] & own]
    found: dict[Term, int] = {}
    for kind in INTERMEDIATES:
        mine = [(column, label) for column, label in named if label.kind == kind]
        layers = _layers(kind, mine, used, sizes, {**places, **found})
        for layer in set(layers.values()):
            beside = [(column, label) for column, label in mine if layers.get(column) == layer]
            found |= _whole(kind, layer, beside, sizes[layer or -1])
    return found


def _is_column(cells: Sequence[Cell | None], *, lenient: bool) -> bool:
    """Tell whether cells are a column of formulas or numbers."""
    if not holds(cells[0]):
        return False
    plain = [
        cell is None
        or (cell.formula is not None and cell.array is None)
        or (cell.formula is None and (cell.value is None or is_number(cell)))
        for cell in cells
    ]
    return 2 * sum(plain) > len(plain) if lenient else all(plain)


def _has_formulas(sheet: Sheet, column: int, rows: range) -> bool:
    return any((cell := sheet.cell(row, column)) is not None and cell.formula is not None for row in rows)


def _used(sheet: Sheet, column: int, rows: range) -> set[int]:
    """Return the columns that most of a column's formulas use, in their own row."""
    series = [each for each in column_series(sheet, column, rows[0], rows[-1]) if each.pattern is not None]
    if not series:
        return set()
    row = max(series, key=lambda each: each.last - each.first).first
    return {used for target, used in references(sheet.cell(row, column), row, column) if target == row}


def _layers(
    kind: Kind,
    mine: Sequence[_Named],
    used: Mapping[int, set[int]],
    sizes: tuple[int, ...],
    places: Mapping[Term, int],
) -> dict[int, int]:
    """Return the layer of each column, 0 for what belongs to the outputs as a whole."""
    if kind in ("miss", "part"):
        return {column: 0 for column, _ in mine}
    signs: tuple[Kind, ...] = ("w",) if kind == "z" else ("a", "z")
    layer_of = {
        column: term.layer for term, column in places.items() if term.kind in signs and term.layer > 0
    }
    shown = {column: {layer_of[each] for each in used[column] if each in layer_of} for column, _ in mine}
    if any(shown.values()):
        return {column: next(iter(layers)) for column, layers in shown.items() if len(layers) == 1}
    runs = _runs(mine)
    if [len(run) for run in runs] == list(sizes[1:]):
        return {column: layer for layer, run in enumerate(runs, start=1) for column in run}
    begins = [
        min(column for term, column in places.items() if term.layer == layer and term.kind != "gradient")
        for layer in range(1, len(sizes))
    ]
    return {column: max(sum(begin < column for begin in begins), 1) for column, _ in mine}


def _runs(mine: Iterable[_Named]) -> list[list[int]]:
    """Cut columns where an index comes again."""
    runs: list[list[int]] = []
    seen: set[str] = set()
    for column, label in mine:
        if not runs or label.digits in seen:
            runs.append([])
            seen = set()
        runs[-1].append(column)
        seen.add(label.digits)
    return runs


def _whole(kind: Kind, layer: int, beside: Sequence[_Named], neurons: int) -> dict[Term, int]:
    """Return the columns of a quantity of one layer; none when one is missing, or there are more."""
    columns = {label.digits or "0": column for column, label in beside}
    if len(beside) != neurons or set(columns) != {str(i) for i in range(neurons)}:
        return {}
    return {Term(kind, layer, i): columns[str(i)] for i in range(neurons)}
