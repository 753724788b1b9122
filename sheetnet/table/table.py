"""What a net's table will hold: for each of its columns, formulas and numbers, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sheetnet.formula.expression import Expression
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.series import relative


class Piece(NamedTuple):
    """Rows `first` … `last` of a column: a formula's pattern, or None for the numbers that stand there."""

    first: int
    last: int
    pattern: Pattern | None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of pieces that cover rows `first_row` … `last_row` of a sheet, each without a gap.

    `known` has the expressions of patterns by their column, where they need no parsing.
    """

    sheet: str
    first_row: int
    last_row: int
    columns: Mapping[int, tuple[Piece, ...]]
    known: Mapping[tuple[int, Pattern], Expression]

    def expression(self, column: int, row: int) -> Expression | None:
        """Return the relative expression of a cell, None for a number; Unparsable when it can't be read."""
        piece = self.piece(column, row)
        if piece is None or piece.pattern is None:
            return None
        known = self.known.get((column, piece.pattern))
        return known if known is not None else relative(piece.pattern.text(piece.first), piece.first, column)

    def cut(self, last_row: int) -> "Table":
        """Return the table's rows up to `last_row`."""
        columns = {
            column: tuple(
                piece._replace(last=min(piece.last, last_row)) for piece in pieces if piece.first <= last_row
            )
            for column, pieces in self.columns.items()
        }
        return Table(self.sheet, self.first_row, last_row, columns, self.known)

    def blocks(self) -> list[tuple[int, int]]:
        """Return the runs of rows (first, last) in which no column changes its formula."""
        starts = sorted({piece.first for pieces in self.columns.values() for piece in pieces})
        ends = [start - 1 for start in starts[1:]] + [self.last_row]
        return list(zip(starts, ends, strict=True))

    def piece(self, column: int, row: int) -> Piece | None:
        """Return the piece of a column in which a row lies."""
        for piece in self.columns.get(column, ()):
            if piece.first <= row <= piece.last:
                return piece
        return None


def merged(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Return pieces in order, neighbours of one pattern made one."""
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1].pattern == piece.pattern:
            out[-1] = out[-1]._replace(last=piece.last)
        else:
            out.append(piece)
    return tuple(out)
