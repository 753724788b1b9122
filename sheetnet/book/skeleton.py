"""A new workbook, as data: styled cells without formulas, charts and print set-up; the formats know how.

A skeleton is small: rows of steps are poured in afterwards, as edits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from sheetnet.book.grid import Area


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks: colours are RRGGBB; `decimals` None shows a number as it was typed (General).

    `size` is in points. `align` says more than `centred` where both are given; `middle` more than `wrapped`,
    whose text begins at the top of its cell, and `boxed` more than `ruled`.
    """

    fill: str | None = None
    bold: bool = False
    colour: str = "000000"
    decimals: int | None = None
    centred: bool = False
    ruled: bool = False
    """A thin grey line below."""
    size: float = 10.0
    italic: bool = False
    boxed: bool = False
    """A thin dark line on all four sides."""
    unlocked: bool = False
    """It may be edited where its sheet is protected."""
    align: Literal["left", "center", "right"] | None = None
    wrapped: bool = False
    middle: bool = False
    """Its content stands half-way down the cell."""

    @property
    def across(self) -> Literal["left", "center", "right"] | None:
        """Where its content stands from left to right; None: numbers right, text left."""
        return self.align or ("center" if self.centred else None)


class NewCell(NamedTuple):
    """A value, or None for an empty cell that has a look. Text is stored as text, whatever it begins with."""

    value: float | str | None
    look: Look = Look()


_NOTHING = NewCell(None)


@dataclass(frozen=True, slots=True)
class NewChart:
    """A curve of `y` over `x`, a column each and equally long, with straight lines and no markers.

    `x` None counts 1, 2, 3 …
    Its upper left corner is that of the cell `row`, `column`; `width` and `height` in millimetres.
    """

    title: str
    x: Area | None
    y: Area
    x_title: str
    y_title: str
    row: int
    column: int
    width: float = 150.0
    height: float = 80.0

    @property
    def areas(self) -> tuple[Area, ...]:
        """The ranges that it draws, `x` first."""
        return (self.y,) if self.x is None else (self.x, self.y)


@dataclass(frozen=True, slots=True)
class Validation:
    """What may be entered in some cells, which may stay blank; programs say so when one is selected.

    A "number" is insisted on, typed or computed by a formula. A "formula" is only asked for: what is none is
    taken after a warning. `title` stands over `hint` and `error`; Excel takes at most 32, 255 and 225
    characters, so ValueError when one is longer.
    """

    areas: tuple[Area, ...]
    kind: Literal["number", "formula"]
    title: str
    hint: str
    error: str

    def __post_init__(self) -> None:
        for text, most in ((self.title, 32), (self.hint, 255), (self.error, 225)):
            if len(text) > most:
                raise ValueError(
                    f"{text[:most]}…: {len(text)} characters, expected at most {most}; shorten it"
                )


@dataclass(frozen=True, slots=True)
class NewSheet:
    """One sheet; places are zero-based.

    `widths` are columns', `heights` rows', in millimetres. `frozen` is the first row and the first column
    that scroll. `printed` are the print ranges, A4, landscape unless `portrait`, each one page wide and at
    most `pages_high` high, 0 for as many as it takes; `repeated_rows` and `repeated_columns` (first, last)
    stand on every page; `headed` prints the letters of columns and the
    numbers of rows, too. In a `protected` sheet, which has no password, all cells can be selected and those
    be edited whose look is unlocked. `merged` areas show the content of their first cell.
    """

    name: str
    cells: Mapping[tuple[int, int], NewCell]
    widths: Mapping[int, float] = field(default_factory=dict)
    frozen: tuple[int, int] | None = None
    charts: tuple[NewChart, ...] = ()
    printed: tuple[Area, ...] = ()
    pages_high: int = 0
    repeated_rows: tuple[int, int] | None = None
    repeated_columns: tuple[int, int] | None = None
    heights: Mapping[int, float] = field(default_factory=dict)
    portrait: bool = False
    headed: bool = False
    protected: bool = False
    merged: tuple[Area, ...] = ()
    validations: tuple[Validation, ...] = ()


@dataclass(frozen=True, slots=True)
class NewBook:
    """A workbook; `language` is that of its texts (``en``, ``da``), whose decimal sign an .ods shows.

    `created` is the time in its properties, `names` are the names that all its sheets may use for cells.
    """

    sheets: tuple[NewSheet, ...]
    created: datetime
    language: str = "en"
    title: str = ""
    names: Mapping[str, Area] = field(default_factory=dict)

    def numbers(self, area: Area) -> list[float]:
        """Return an area's numbers, row by row; nan where there is none."""
        cells = next((sheet.cells for sheet in self.sheets if sheet.name == area.sheet), {})
        rows = range(area.first_row, area.last_row + 1)
        columns = range(area.first_column, area.last_column + 1)
        found = (cells.get((row, column), _NOTHING).value for row in rows for column in columns)
        return [math.nan if value is None or isinstance(value, str) else float(value) for value in found]


Format = Literal["ods", "xlsx"]
