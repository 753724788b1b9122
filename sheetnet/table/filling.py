"""A computed table, and the edits that write it over the rows that a sheet has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import Place
from sheetnet.book.edits import ClearCells, Content, Edit, FilledColumn, FillRows, Style
from sheetnet.book.grid import Area, Book, Value
from sheetnet.design import looks
from sheetnet.errors import DivergenceError
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.layout import Layout
from sheetnet.net.descent import reached
from sheetnet.net.terms import COST, Term, is_given
from sheetnet.table.additions import value_style
from sheetnet.table.lensed import lens_edits
from sheetnet.table.table import Piece, Table
from sheetnet.table.values import Broken, Values


@dataclass(frozen=True, slots=True)
class Filling:
    """A table with the values that follow from its formulas; `layout` is that of the sheet as it was.

    `begun` counts the last rows of it that hold weights alone, `typed` are columns of numbers which go on as
    numbers; `anywhere` are the cells of steps that are no rows, each with its row and column in the table.
    Where the layout has a lens, the table is
    that of the lens's view; areas and places are the sheet's.
    """

    layout: Layout
    table: Table
    values: Values
    begun: int = 0
    typed: frozenset[int] = frozenset()
    anywhere: Mapping[Place, tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Note which cells of the sheet are written where these stand in no rows."""
        lens = self.layout.lens
        last = max(self.table.last_row, self.layout.last_row)
        places = {} if lens is None else lens.places
        found = {
            place: (row, column)
            for (row, column), place in places.items()
            if column in self.table.columns and self.table.first_row <= row <= last
        }
        object.__setattr__(self, "anywhere", found)

    @property
    def steps(self) -> int:
        """How many rows the table will have."""
        return len(self.values)

    def term(self, term: Term) -> NDArray[np.float64]:
        """Return a term's values, shape (steps,); one without a column may be a number inside formulas."""
        if term not in self.layout.columns and term in self.layout.numbers:
            return np.full(self.steps, self.layout.numbers[term])
        return self.values.column(self.layout.columns[term])

    @property
    def surplus(self) -> int:
        """How many rows of the sheet are emptied because they are steps no more."""
        return max(self.layout.last_row - self.table.last_row, 0)

    def areas(self) -> list[Area]:
        """Return what is written or emptied, a column each."""
        layout, lens = self.layout, self.layout.lens
        last, first = max(self.table.last_row, layout.last_row), self.table.first_row
        areas = [Area(layout.sheet, first, column, last, column) for column in self.written]
        return areas if lens is None else [part for area in areas for part in lens.areas(area)]

    @property
    def written(self) -> list[int]:
        """The columns of the table that are written: a cell that serves all steps is not."""
        lens = self.layout.lens
        return [column for column in self.table.columns if lens is None or column not in lens.cells]

    def seen(self, place: Place) -> tuple[int, int] | None:
        """Return the row and column of the table at which a cell of the sheet is written or emptied."""
        sheet, row, column = place
        if self.layout.lens is not None:
            if self.layout.lens.places:
                return self.anywhere.get(place)
            if self.layout.lens.turned:
                row, column = column, row
            if column in self.layout.lens.cells:
                return None
        last = max(self.table.last_row, self.layout.last_row)
        inside = column in self.table.columns and self.table.first_row <= row <= last
        return (row, column) if inside and sheet == self.layout.sheet else None

    def at(self, row: int, column: int) -> Value:
        """Return what a row of the table's column will hold; None where it is emptied.

        NotComputable for a helper column that has no values.
        """
        if column in self.values.left_out:
            raise NotComputable("a helper column that is not evaluated here")
        return self.values.at(row, column) if row <= self.table.last_row else None

    def edits(self, *, formulas: bool = True, new: bool = False) -> list[Edit]:
        """Return the edits that fill the table, with formulas and values or with values alone.

        New rows look like the last one of the sheet as it was; those of a `new` sheet like its first.
        """
        layout, table = self.layout, self.table
        if layout.lens is not None:
            numbers = self.typed if formulas else frozenset(table.columns)
            return lens_edits(layout, layout.lens, table, self.values, numbers)
        columns, terms = [], layout.terms
        for column, pieces in sorted(table.columns.items()):
            term = terms.get(column)
            alive = formulas and column not in self.typed
            contents = tuple((piece.first, _content(piece, formulas=alive)) for piece in pieces)
            if any(content is not Content.KEPT for _, content in contents):
                added = None
                if term is not None and term.kind == "gradient" and not layout.by_formulas:
                    added = value_style(layout)
                if new and term is not None:
                    decimals = looks.look(term).decimals
                    added = Style(like=(layout.first_row, column), decimals=decimals)
                columns.append(FilledColumn(column, contents, self.values.column(column), added))
        like_row = layout.last_row - self.begun if layout.steps > 1 and not new else layout.first_row
        return [FillRows(layout.sheet, table.first_row, tuple(columns), like_row), *self._emptied()]

    def _emptied(self) -> list[ClearCells]:
        """Return the edits that empty surplus rows; patterns typed there stay."""
        if not self.surplus:
            return []
        layout, last = self.layout, self.table.last_row
        given = {column for term, column in layout.columns.items() if is_given(term)}
        typed = min(layout.first_row + layout.patterns - 1, layout.last_row)
        columns = tuple(sorted(self.table.columns))
        edits = []
        if last < typed:
            computed = tuple(column for column in columns if column not in given)
            edits.append(ClearCells(layout.sheet, last + 1, typed, computed))
        if max(last, typed) < layout.last_row:
            edits.append(ClearCells(layout.sheet, max(last, typed) + 1, layout.last_row, columns))
        return edits


def filled(
    book: Book,
    layout: Layout,
    table: Table,
    done: Callable[[int], object],
    *,
    until_cost: float | None = None,
) -> tuple[Filling, bool]:
    """Return a table with its values, and whether the cost came down to `until_cost`, where it then ends.

    `done` is told how many further rows are computed. DivergenceError at the first cell of the net that
    would show an error; a column beside the net has no values then.
    """
    without: set[int] = set()
    while True:
        values = Values(book, table, layout.beside, without=without)
        try:
            stop = _computed(values, layout, done, until_cost)
            break
        except Broken as broken:
            column = broken.failure.column
            if column not in layout.beside or column in without:
                raise _diverged(book, layout, broken) from broken
            without.add(column)  # an error in a column of the user's own is no reason to stop
    if stop is not None:
        table = table.cut(layout.first_row + stop - 1)
        values.cut(table)
    return Filling(layout, table, values), stop is not None


def _computed(
    values: Values, layout: Layout, done: Callable[[int], object], until_cost: float | None
) -> int | None:
    """Compute a table; return after how many steps the cost was reached, if it was."""
    before = 0
    for rows in values.compute():
        done(rows - before)
        before = rows
        if until_cost is not None:
            stop = reached(values.column(layout.columns[COST]).copy(), layout.patterns, until_cost)
            if stop is not None:
                return stop
    return None


def _diverged(book: Book, layout: Layout, broken: Broken) -> DivergenceError:
    row, column, shown = broken.failure
    place = (layout.sheet, row, column)
    where = book.place(*(place if layout.lens is None else layout.lens.place(*place)))
    if not shown.startswith(("#", "Err:")):
        return DivergenceError(
            f"{where}: its formula needs {shown}, not evaluated here; "
            "write it with + - * / ^ and EXP, or leave out --no-mend"
        )
    term = layout.terms.get(column)
    name = "a helper column" if term is None else layout.label(term)
    own = term is not None and layout.own_name(term) is not None
    layer = f" of layer {term.layer}" if term is not None and term.layer and not own else ""
    return DivergenceError(
        f"{where}: step {row - layout.first_row}, {name}{layer} can't be "
        f"computed, Calc would show {shown} there; use a smaller learning rate or smaller initial weights"
    )


def _content(piece: Piece, *, formulas: bool) -> Pattern | Content:
    if piece.pattern is None:
        return Content.KEPT
    return piece.pattern if formulas else Content.NUMBER
