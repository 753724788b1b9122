"""The table that a sheet should hold: its own formulas where they follow the rule, the rule's elsewhere."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple, TypeAlias

from sheetnet.book.grid import Area, Book, Sheet
from sheetnet.diagnosis.compare import Judged, judge
from sheetnet.errors import LayoutError
from sheetnet.formula.expression import CellReference, Reference, walk
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.content import is_number
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import Series, column_series, relative
from sheetnet.net.conventions import ACTIVATIONS, BIASES, Conventions
from sheetnet.net.terms import ASIDES, Term, is_bias, is_given
from sheetnet.table.rule import Rule, check_length, rule
from sheetnet.table.table import Piece, Table, merged


class Mended(NamedTuple):
    """The table to be, and what was found: areas of formulas that depart from the rule, conventions.

    `typed` are areas, a column each, where something typed stands in the place of formulas.
    """

    table: Table
    departed: tuple[Area, ...]
    typed: tuple[Area, ...]
    conventions: Conventions


def mended(book: Book, layout: Layout, last_row: int, *, mend: bool = True) -> Mended:
    """Return what the table's rows up to `last_row` hold: a sheet's own right formulas, else the rule's.

    New rows continue the column's own form. Without `mend` what departs from the rule is kept, and continued.
    LayoutError when a formula would be too long, or stands in an array formula.
    """
    sheet = book.sheet(layout.sheet)
    _refuse_arrays(book, sheet, layout, last_row)
    judged, followed = _judged(book, layout)
    columns: dict[int, tuple[Piece, ...]] = {}
    departed: list[Area] = []
    typed: list[Area] = []
    for term, column in layout.columns.items():
        ruled = followed.patterns[term]
        place = book.place(layout.sheet, layout.first_row, column)
        check_length(ruled.text(last_row), layout, term, place)
        pieces = _pieces(sheet, layout, term, judged[term], ruled, mend=mend)
        for piece in pieces:
            if piece.departed and piece.first <= last_row:
                area = Area(layout.sheet, piece.first, column, piece.last, column)
                (typed if sheet.rows[piece.first][column].formula is None else departed).append(area)
        columns[column] = _extended(pieces, layout, term, ruled, last_row)
    for column in layout.helpers:
        columns[column] = _helper(sheet, layout, column, last_row)
    end = max(layout.last_row, last_row)
    table = Table(layout.sheet, layout.first_row, end, columns, followed.known(layout)).cut(last_row)
    return Mended(table, grouped(departed), tuple(typed), followed.conventions)


def grouped(areas: Sequence[Area]) -> tuple[Area, ...]:
    """Return areas with neighbouring columns of the same rows made one, from the left and the top."""
    out: list[Area] = []
    for area in sorted(areas, key=lambda area: (area.first_row, area.last_row, area.first_column)):
        last = out[-1] if out else None
        same_rows = last is not None and (last.first_row, last.last_row) == (area.first_row, area.last_row)
        if last is not None and same_rows and area.first_column == last.last_column + 1:
            out[-1] = last._replace(last_column=area.last_column)
        else:
            out.append(area)
    return tuple(sorted(out, key=lambda area: (area.first_column, area.first_row)))


class _Judgement(NamedTuple):
    """Rows of a column: what they shall hold, and whether what they hold departs from the rule."""

    first: int
    last: int
    pattern: Pattern | None
    departed: bool


def _judged(book: Book, layout: Layout) -> tuple[dict[Term, list[Judged]], Rule]:
    """Judge every column, by the conventions from which the fewest cells depart."""
    followed = rule(layout, layout.conventions, book.dialect)
    found = _by_term(book, layout, followed, layout.columns)
    for terms, others in _choices(layout):
        fewest = _departing(found, terms)
        best = followed
        for other in others(followed.conventions) if fewest else ():
            tried = rule(layout, other, book.dialect)
            departing = _departing(_by_term(book, layout, tried, terms), terms)
            if departing < fewest:
                fewest, best = departing, tried
        if best is not followed:
            followed = best
            found = _by_term(book, layout, followed, layout.columns)
    return found, followed


_Others: TypeAlias = Callable[[Conventions], list[Conventions]]


def _choices(layout: Layout) -> Iterator[tuple[list[Term], _Others]]:
    """Yield each choice that a sheet has: the terms that show it, and what else could have been chosen."""
    layers = len(layout.sizes) - 1

    def activations(layer: int) -> _Others:
        def others(now: Conventions) -> list[Conventions]:
            each = [now.activation(number) for number in range(1, layers + 1)]
            return [
                replace(now, activations=(*each[: layer - 1], activation, *each[layer:]))
                for activation in ACTIVATIONS
                if activation != each[layer - 1]
            ]

        return others

    def biases(now: Conventions) -> list[Conventions]:
        return [replace(now, biases=treated) for treated in BIASES if treated not in (now.biases, "none")]

    def order(now: Conventions) -> list[Conventions]:
        return [replace(now, order="outputs first")]

    terms = list(layout.columns)
    for layer in range(1, layers + 1):
        yield [term for term in terms if (term.kind, term.layer) == ("a", layer)], activations(layer)
    yield [term for term in terms if term.kind == "w" and is_bias(term, layout.sizes)], biases
    yield [term for term in terms if term.kind == "delta" and term.layer < layers], order


def _departing(found: dict[Term, list[Judged]], terms: Collection[Term]) -> int:
    """Return how many cells of some terms depart from the rule: the fewer, the likelier the convention."""
    series = (item.series for term in terms for item in found[term] if item.agrees is False)
    return sum(each.last - each.first + 1 for each in series)


def _by_term(book: Book, layout: Layout, followed: Rule, terms: Collection[Term]) -> dict[Term, list[Judged]]:
    found: dict[Term, list[Judged]] = {}
    for item in judge(book, layout, followed, terms):
        found.setdefault(item.term, []).append(item)
    return found


def _pieces(
    sheet: Sheet, layout: Layout, term: Term, judged: list[Judged], ruled: Pattern, *, mend: bool
) -> list[_Judgement]:
    """Return what the existing rows of a term's column shall hold."""
    column = layout.columns[term]
    right = next((item.series.pattern for item in reversed(judged) if item.agrees), None) or ruled
    out: list[_Judgement] = []
    given = _is_given(term)
    for series, agrees in ((item.series, item.agrees) for item in judged):
        first = series.first
        if term.kind == "w" and first == layout.first_row:
            # step 0: the initial weights, however they were made
            out.append(_Judgement(first, first, None, departed=False))
            first += 1
            if first > series.last:
                continue
        if series.pattern is not None:
            kept = given and "#REF!" not in series.pattern.text(first)  # a deleted row leaves that behind
            pattern = series.pattern if agrees or kept or not mend else right
            out.append(_Judgement(first, series.last, pattern, departed=not agrees and not kept))
        else:
            out += _numbers(sheet, layout, term, column, first, series.last, right, mend=mend)
    return out


def _numbers(
    sheet: Sheet,
    layout: Layout,
    term: Term,
    column: int,
    first: int,
    last: int,
    right: Pattern,
    *,
    mend: bool,
) -> list[_Judgement]:
    """Return what rows without formulas shall hold: typed inputs stay, empty cells are filled."""
    out: list[_Judgement] = []
    given = _is_given(term)
    begin = layout.begin(term) if term in ASIDES else first
    cells = ((r, sheet.rows.get(r, {}).get(column)) for r in range(first, last + 1))
    kinds = (
        (row < begin, cell is not None and cell.value is not None, is_number(cell)) for row, cell in cells
    )
    for (above, held, typed), rows in groupby(kinds):
        end = first + sum(1 for _ in rows) - 1
        pattern = None if above or (typed and (given or not mend)) else right
        out.append(_Judgement(first, end, pattern, departed=held and not above and not (typed and given)))
        first = end + 1
    return out


def _is_given(term: Term) -> bool:
    """Tell what a sheet's author may fill in as he likes."""
    return is_given(term) or term in ASIDES


def _extended(
    pieces: list[_Judgement], layout: Layout, term: Term, ruled: Pattern, last_row: int
) -> tuple[Piece, ...]:
    """Return a column's pieces, continued to the last row in the column's own form."""
    out = [Piece(*piece[:3]) for piece in pieces]
    last = out[-1].last if out else layout.first_row - 1
    if last < last_row:
        own = next((piece.pattern for piece in reversed(pieces) if piece.pattern is not None), None)
        start, begin = last + 1, layout.begin(term)
        if start < begin:  # patterns typed below the last step stand there already
            out.append(Piece(start, min(begin - 1, last_row), None))
            start = begin
        if is_given(term):
            own = own if _repeats(own, layout) else ruled
        if own is not None and _reads_typed_rate(own, layout, term):
            own = ruled
        if start <= last_row:
            out.append(Piece(start, last_row, own or ruled))
    return merged(out)


def _reads_typed_rate(own: Pattern, layout: Layout, term: Term) -> bool:
    """Tell whether a formula takes the learning rate from its own row, where new rows have none."""
    sheet, row, column = layout.rate
    if sheet != layout.sheet or column in layout.helpers:
        return False
    here = layout.columns[term]
    try:
        parts = walk(relative(own.text(row + 1), row + 1, here))
    except Unparsable:
        return False
    targets = (part.target for part in parts if isinstance(part, Reference))
    cells = (target for target in targets if isinstance(target, CellReference) and not target.row_fixed)
    return any(cell.sheet in (None, sheet) and cell.at(row, here)[2] == column for cell in cells)


def _repeats(pattern: Pattern | None, layout: Layout) -> bool:
    """Tell whether an input's formula is nothing but one cell above."""
    return pattern is not None and pattern.offsets == (-layout.patterns,)


def _helper(sheet: Sheet, layout: Layout, column: int, last_row: int) -> tuple[Piece, ...]:
    series: list[Series] = list(column_series(sheet, column, layout.first_row, layout.last_row))
    pieces = [Piece(*item) for item in series]
    pattern = next((item.pattern for item in reversed(series) if item.pattern is not None), None)
    if last_row > layout.last_row:
        pieces.append(Piece(layout.last_row + 1, last_row, pattern))
    return merged(pieces)


def _refuse_arrays(book: Book, sheet: Sheet, layout: Layout, last_row: int) -> None:
    columns = {*layout.columns.values(), *layout.helpers}
    for row in range(layout.first_row, last_row + 1):
        for column, cell in sheet.rows.get(row, {}).items():
            if cell.array is not None and column in columns:
                raise LayoutError(
                    f"{book.place(sheet.name, row, column)}: found an array formula over {cell.array}, "
                    "expected one formula a cell; enter it without Ctrl+Shift+Enter"
                )
