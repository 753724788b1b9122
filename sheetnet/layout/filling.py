"""A computed table, and the edits that write it over the rows that a sheet has."""

from dataclasses import dataclass

from sheetnet.book.edits import ClearCells, Content, Edit, FilledColumn, FillRows
from sheetnet.book.grid import Area, Value
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.additions import value_style
from sheetnet.layout.layout import Layout
from sheetnet.layout.table import Piece, Table
from sheetnet.layout.values import Values
from sheetnet.net.terms import is_given


@dataclass(frozen=True, slots=True)
class Filling:
    """A table with the values that follow from its formulas; `layout` is that of the sheet as it was."""

    layout: Layout
    table: Table
    values: Values

    @property
    def steps(self) -> int:
        """How many rows the table will have."""
        return len(self.values)

    @property
    def surplus(self) -> int:
        """How many rows of the sheet are emptied because they are steps no more."""
        return max(self.layout.last_row - self.table.last_row, 0)

    def areas(self) -> list[Area]:
        """Return what is written or emptied, a column each."""
        last = max(self.table.last_row, self.layout.last_row)
        first = self.table.first_row
        return [Area(self.layout.sheet, first, column, last, column) for column in self.table.columns]

    def has_row(self, row: int) -> bool:
        """Tell whether a row is one of those that are written or emptied."""
        return self.table.first_row <= row <= max(self.table.last_row, self.layout.last_row)

    def at(self, row: int, column: int) -> Value:
        """Return what a cell of the table's columns will hold; None where it is emptied.

        NotComputable for a helper column that has no values.
        """
        if column in self.values.left_out:
            raise NotComputable("a helper column that is not evaluated here")
        return self.values.at(row, column) if row <= self.table.last_row else None

    def edits(self, *, formulas: bool = True) -> list[Edit]:
        """Return the edits that fill the table, with formulas and values or with values alone."""
        layout, table = self.layout, self.table
        columns = []
        style = value_style(layout)
        for column, pieces in sorted(table.columns.items()):
            term = layout.terms.get(column)
            contents = tuple((piece.first, _content(piece, formulas=formulas)) for piece in pieces)
            if any(content is not Content.KEPT for _, content in contents):
                added = style if term is not None and term.kind == "gradient" else None
                columns.append(FilledColumn(column, contents, self.values.column(column), added))
        like_row = layout.last_row if layout.steps > 1 else layout.first_row
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


def _content(piece: Piece, *, formulas: bool) -> Pattern | Content:
    if piece.pattern is None:
        return Content.KEPT
    return piece.pattern if formulas else Content.NUMBER
