"""A workbook as it was read: sheets of cells, charts and drawings; nothing in it changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from sheetnet.formula.address import a1 as a1
from sheetnet.formula.address import a1_range as a1_range
from sheetnet.formula.address import column_index as column_index
from sheetnet.formula.address import column_name as column_name

MAX_ROWS = 1_048_576
"""Rows of a sheet in Calc and Excel."""
MAX_COLUMNS = 16_384
"""Columns of a sheet in Calc (since 7.4) and Excel."""


MAX_SHEETS = 10_000
"""Sheets of a workbook in Calc."""
MAX_CELLS = 5_000_000
"""Filled cells of a workbook that is read here."""


class CellError(str):
    """An error value as its cell shows it: ``#NUM!``, ``Err:502``."""

    __slots__ = ()


Value: TypeAlias = float | str | bool | CellError | None


class Area(NamedTuple):
    """A rectangle of cells on one sheet; zero-based, both ends included."""

    sheet: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def meets(self, other: "Area") -> bool:
        """Tell whether the two have a cell in common."""
        return (
            self.sheet == other.sheet
            and self.first_row <= other.last_row
            and other.first_row <= self.last_row
            and self.first_column <= other.last_column
            and other.first_column <= self.last_column
        )

    def __str__(self) -> str:
        return a1_range(self.first_row, self.first_column, self.last_row, self.last_column)


class Cell(NamedTuple):
    """What one cell holds: its cached value and its formula, as the file spells it, with ``=``.

    In .ods the formula keeps its prefix (``of:=[.C8]``); in .xlsx a shared formula's followers are written
    out. Every cell of an array formula carries the formula and the array's area.
    """

    value: Value
    formula: str | None = None
    array: Area | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, picture or shape that floats over cells; `area` is what it covers."""

    name: str
    kind: Literal["chart", "picture", "shape"]
    area: Area


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and the ranges it draws, in the order of its file; `part` is its place in the package."""

    part: str
    name: str
    ranges: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `rows` holds only cells that hold something (a note alone counts, with value None)."""

    name: str
    rows: Mapping[int, Mapping[int, Cell]]
    merged: tuple[Area, ...] = ()
    drawings: tuple[Drawing, ...] = ()

    def cell(self, row: int, column: int) -> Cell | None:
        """Return the cell at a zero-based place, or None where the sheet is empty."""
        cells = self.rows.get(row)
        return None if cells is None else cells.get(column)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook; `decimal` is the sign its displayed numbers use, `names` its defined names as formulas.

    `language` is a code such as ``da``, empty where the file does not tell (no .xlsx does). `macros` tells
    that programs are in it, `signed` that it has a digital signature. `tabs` names all that has a tab:
    sheets without cells, as a chart alone, are not among `sheets`.
    """

    path: Path
    format: Literal["ods", "xlsx", "csv"]
    sheets: tuple[Sheet, ...]
    charts: tuple[Chart, ...] = ()
    names: Mapping[str, str] | None = None
    decimal: str = "."
    language: str = ""
    signed: bool = False
    macros: bool = False
    tabs: tuple[str, ...] = ()

    @property
    def dialect(self) -> Literal["ods", "xlsx"]:
        """How its formulas are spelt."""
        return "ods" if self.format == "ods" else "xlsx"

    def place(self, sheet: str, row: int, column: int) -> str:
        """Return how an error names a cell: file, sheet, address."""
        return f"{self.path.name}, {sheet}, {a1(row, column)}"

    def sheet(self, name: str) -> Sheet:
        """Return the sheet called `name`; KeyError when there is none."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)
