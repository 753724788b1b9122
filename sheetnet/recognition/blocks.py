"""Blocks: sheets, or parts of one, that hold one step each, cell by cell at the same places."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sheetnet.book.calculator import Place

Position: TypeAlias = tuple[int, int]
"""Row and column inside a block."""

FEWEST = 2
"""Weights that a block has, at least."""
MOST_ALONE = 2_000
"""Formulas of a sheet that may be one block."""


class Frame(NamedTuple):
    """Where a block stands: its sheet, and the place of its first row and column."""

    sheet: str
    row: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of one shape, one after the other: `frames` of `height` rows and `width` columns, None for all.

    `states` has the positions of the weights, each with that of the cell of the same block in which its new
    value is computed; None where the next block does that in the weight's own cell.
    """

    frames: tuple[Frame, ...]
    states: Mapping[Position, Position | None]
    height: int | None = None
    width: int | None = None

    def located(self, place: Place) -> tuple[int, Position] | None:
        """Return in which block a cell stands, and where in it; None outside all of them."""
        sheet, row, column = place
        if self.height is None and self.width is None:
            found = next((index for index, frame in enumerate(self.frames) if frame.sheet == sheet), None)
            return None if found is None else (found, (row, column))
        first = self.frames[0]
        if sheet != first.sheet:
            return None
        if self.height is not None:
            index, row = divmod(row - first.row, self.height)
        else:
            index, column = divmod(column - first.column, self.width or 1)
        return (index, (row, column)) if 0 <= index < len(self.frames) else None

    def place(self, index: int, position: Position) -> Place:
        """Return the cell that has a position in a block."""
        frame = self.frames[index]
        return frame.sheet, frame.row + position[0], frame.column + position[1]
