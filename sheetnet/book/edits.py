"""What to change in a workbook, as data; the formats know how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Area, Value
from sheetnet.formula.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Style:
    """How a new cell looks: like another cell of its sheet (row, column), but for what is said here.

    `fill` is RRGGBB, `decimals` the digits after the decimal sign.
    """

    like: tuple[int, int] | None = None
    fill: str | None = None
    decimals: int | None = None


class Content(Enum):
    """What a filled cell holds besides its value, where that is not a formula."""

    NUMBER = "number"
    """The value alone; a formula that stood there goes."""
    KEPT = "kept"
    """The cell stays as it is, byte for byte."""


@dataclass(frozen=True, slots=True)
class FilledColumn:
    """One column of a block of rows: what stands in its cells, and their values, shape (rows,).

    `contents` are pairs (first row, content from that row on), in order; the first row of the first pair is
    the block's. A value that is not finite (nan) leaves the formula without a value. `style` is for cells
    that have none of their own yet.
    """

    column: int
    contents: tuple[tuple[int, Pattern | Content], ...]
    values: NDArray[np.float64]
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class FillRows:
    """Fill a block of rows; cells of other columns in these rows stay.

    A filled cell keeps its own style, its note and its validation; one that has no style takes its column's
    `style`, else that of the same column in `like_row`, else the default style of its sheet's column.
    Columns are in ascending order.
    """

    sheet: str
    first_row: int
    columns: tuple[FilledColumn, ...]
    like_row: int | None = None


@dataclass(frozen=True, slots=True)
class PutCell:
    """Set one cell; `formula` None is a plain value, value None beside a formula is 'not computed'.

    Its style stays unless `style` is given; its note stays.
    """

    sheet: str
    row: int
    column: int
    value: Value
    formula: str | None = None
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class ClearCells:
    """Empty cells of some columns from `first_row` to `last_row`; styles and notes stay."""

    sheet: str
    first_row: int
    last_row: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetWidth:
    """Set the width of columns, in millimetres."""

    sheet: str
    first_column: int
    last_column: int
    millimetres: float


@dataclass(frozen=True, slots=True)
class SetHeights:
    """Set the heights of rows, in millimetres by row; of rows that only this save adds, too."""

    sheet: str
    heights: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class SetPrinted:
    """Print these areas of a sheet and no others; with no areas, all of it."""

    sheet: str
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class MoveDrawing:
    """Move the sheet's drawing number `index` so that it begins at the left edge of `column`; rows stay."""

    sheet: str
    index: int
    column: int


@dataclass(frozen=True, slots=True)
class ChartData:
    """Point a chart's range `old` at `new` (often the same), and renew the chart's copy of its numbers.

    `values` are those of `new`, row by row; nan is an empty cell.
    """

    part: str
    old: Area
    new: Area
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mark:
    """Make the cells of an area stand out: a fill, and a line around the area that is seen in grey print too.

    The cells, empty ones too, keep all that they hold and how they look but for these two. `fill` and `edge`
    are RRGGBB. Where areas meet the later one holds, and so it does where it meets another edit of a cell.
    """

    area: Area
    fill: str
    edge: str = "C00000"


@dataclass(frozen=True, slots=True)
class Note:
    """Add a note to a cell; one that is there keeps its text, and this one follows after a blank line.

    In a thread of comments it becomes a reply.
    """

    sheet: str
    row: int
    column: int
    text: str


class SheetCell(NamedTuple):
    """A cell of a new sheet. Text is stored as text, whatever it begins with.

    `link` is what a click on it leads to; `wrapped` breaks its text into as many lines as it takes.
    """

    value: float | str | None
    link: Area | None = None
    bold: bool = False
    wrapped: bool = False
    fill: str | None = None


@dataclass(frozen=True, slots=True)
class AddSheet:
    """Add a sheet behind the last one, called as `sheetname.free_name` proposes.

    `rows` are its cells from A1 on, `widths` its first columns' in millimetres. The first `frozen` rows stay
    in view when the others scroll.
    """

    name: str
    rows: tuple[tuple[SheetCell, ...], ...]
    widths: tuple[float, ...] = ()
    frozen: int = 0


Edit: TypeAlias = (
    FillRows
    | PutCell
    | ClearCells
    | SetWidth
    | SetHeights
    | SetPrinted
    | MoveDrawing
    | ChartData
    | Mark
    | Note
    | AddSheet
)
Edits: TypeAlias = Sequence[Edit]
