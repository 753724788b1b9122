"""The table that a sheet should hold: its own formulas where they follow the rule, the rule's elsewhere."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sheetnet.book.grid import Area, Book, Sheet
from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.inference import Inference, inferred
from sheetnet.errors import LayoutError
from sheetnet.formula.expression import CellReference, Reference, walk
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.content import is_number
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import Series, column_series, relative
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import ASIDES, Term, is_given
from sheetnet.table.rule import Rule, check_length
from sheetnet.table.table import Piece, Table, merged


class Mended(NamedTuple):
    """The table to be, and what was found: areas of formulas that depart from the rule, conventions.

    `typed` are areas, a column each, where something typed stands in the place of formulas. `layout` is that
    of the sheet, its weights named as the formulas use them.
    """

    table: Table
    departed: tuple[Area, ...]
    typed: tuple[Area, ...]
    conventions: Conventions
    layout: Layout


def mended(
    book: Book, layout: Layout, last_row: int, *, mend: bool = True, inference: Inference | None = None
) -> Mended:
    """Return what the table's rows up to `last_row` hold: a sheet's own right formulas, else the rule's.

    New rows continue the column's own form. Without `mend` what departs from the rule is kept, and continued.
    LayoutError when a formula would be too long, or stands in an array formula.
    """
    sheet = book.sheet(layout.sheet)
    _refuse_arrays(book, sheet, layout, last_row)
    found = inferred(book, layout) if inference is None else inference
    layout, followed, judged = found.layout, found.rule, found.judged
    columns: dict[int, tuple[Piece, ...]] = {}
    departed: list[Area] = []
    typed: list[Area] = []
    for term, column in layout.own_columns.items():
        ruled = _ruled(layout, followed, term)
        place = book.place(layout.sheet, layout.first_row, column)
        check_length(ruled.first.text(last_row), layout, term, place)
        pieces = _pieces(sheet, layout, term, judged[term], ruled, mend=mend)
        for piece in pieces:
            if piece.departed and piece.first <= last_row:
                area = Area(layout.sheet, piece.first, column, piece.last, column)
                (typed if sheet.rows[piece.first][column].formula is None else departed).append(area)
        columns[column] = _extended(pieces, layout, term, ruled, last_row)
    for column in layout.helpers:
        columns[column] = _helper(sheet, layout, column, last_row)
    end = max(layout.last_row, last_row)
    table = Table(layout.sheet, layout.first_row, end, columns, followed.known()).cut(last_row)
    return Mended(table, grouped(departed), tuple(typed), followed.conventions, layout)


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


class _Turns(NamedTuple):
    """The formula of a column: in the `first` row of each pass, and in its `others`; mostly the same."""

    begin: int
    period: int
    first: Pattern
    others: Pattern

    def pieces(self, first: int, last: int) -> Iterator[tuple[int, int, Pattern]]:
        """Yield rows of the column, from where to where which formula stands."""
        while first <= last:
            turn = (first - self.begin) % self.period
            end = last if self.period == 1 else first if turn == 0 else first + self.period - turn - 1
            yield first, min(end, last), self.others if turn else self.first
            first = end + 1

    def own(self, judged: list[Judged]) -> "_Turns":
        """Return the same in the column's own right forms, where it has such."""
        found = {False: self.first, True: self.others}
        for item in judged:
            series = item.series
            if item.agrees and series.pattern is not None:
                if self.period == 1 or series.last - series.first + 1 >= self.period:
                    found = dict.fromkeys(found, series.pattern)
                else:
                    found[(series.first - self.begin) % self.period > 0] = series.pattern
        return self._replace(first=found[False], others=found[True])


def _ruled(layout: Layout, followed: Rule, term: Term) -> _Turns:
    batch = followed.conventions.batch != "one" and term.kind == "w"
    first, begin = followed.pattern(term), layout.first_row
    return _Turns(
        begin, layout.patterns if batch else 1, first, followed.pattern(term, begin + 1) if batch else first
    )


def _pieces(
    sheet: Sheet, layout: Layout, term: Term, judged: list[Judged], ruled: _Turns, *, mend: bool
) -> list[_Judgement]:
    """Return what the existing rows of a term's column shall hold."""
    column = layout.columns[term]
    right = ruled.own(judged)
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
            if agrees or kept or not mend:
                out.append(_Judgement(first, series.last, series.pattern, departed=not agrees and not kept))
            else:
                out += [_Judgement(*piece, departed=True) for piece in right.pieces(first, series.last)]
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
    right: _Turns,
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
        departed = held and not above and not (typed and given)
        if above or (typed and (given or not mend)):
            out.append(_Judgement(first, end, None, departed))
        else:
            out += [_Judgement(*piece, departed) for piece in right.pieces(first, end)]
        first = end + 1
    return out


def _is_given(term: Term) -> bool:
    """Tell what a sheet's author may fill in as he likes."""
    return is_given(term) or term in ASIDES


def _extended(
    pieces: list[_Judgement], layout: Layout, term: Term, ruled: _Turns, last_row: int
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
            own = own if _repeats(own, layout) else ruled.first
        if own is not None and _reads_typed_rate(own, layout, term):
            own = ruled.first
        form = ruled if own is None or ruled.period > 1 else ruled._replace(first=own, others=own)
        out += [Piece(*piece) for piece in form.pieces(start, last_row)]
    return merged(out)


def _reads_typed_rate(own: Pattern, layout: Layout, term: Term) -> bool:
    """Tell whether a formula takes the learning rate from its own row, where new rows have none."""
    if layout.rate is None:
        return False
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
    pieces = [Piece(item.first, item.last, item.pattern) for item in series]
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
