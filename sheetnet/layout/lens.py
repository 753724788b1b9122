"""A lens: the table of a net as one row a step, and where its cells really stand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Area, Book
from sheetnet.formula.address import a1, column_index, column_name
from sheetnet.formula.expression import Call, CellReference, Expression, Range, Reference, replace
from sheetnet.formula.functions import NotComputable
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable, parse
from sheetnet.formula.text import formula_text
from sheetnet.formula.turning import turned

_ADDRESS = re.compile(r"(?<![A-Za-z0-9_.$!])\$?([A-Z]{1,3})\$?(\d{1,7})(?![A-Za-z0-9_(!])")


def with_ranges(expression: Expression) -> Expression:
    """Return a formula with ranges for what sums and means name cell by cell: SUM(A1,A2) is SUM(A1:A2)."""

    def put(part: Expression) -> Expression | None:
        if not (isinstance(part, Call) and part.name in ("SUM", "AVERAGE") and len(part.arguments) > 1):
            return None
        cells = [each.target for each in part.arguments if isinstance(each, Reference)]
        first, last = cells[0] if cells else None, cells[-1] if cells else None
        if len(cells) < len(part.arguments) or not isinstance(first, CellReference):
            return None
        down = [first._replace(row=first.row + index) for index in range(len(cells))]
        right = [first._replace(column=first.column + index) for index in range(len(cells))]
        if isinstance(last, CellReference) and cells in (down, right):
            return Call(part.name, (Range(first, last),))
        return None

    return replace(expression, put)


@dataclass(frozen=True, slots=True)
class Lens:
    """What a table looks like as the note lays it out, and the way back to the sheet.

    `book` is the workbook as it is, `view` as it is read. Where a step is a column, the view's rows are the
    sheet's columns (`turned`). `cells` are columns of the view that repeat one single cell in every row;
    `places` are cells of the view's `sheet` that stand anywhere else; `between` are those whose formulas are
    written into the view's, each with what belongs there.
    """

    book: Book
    view: Book
    turned: bool = False
    cells: Mapping[int, Place] = field(default_factory=dict)
    places: Mapping[tuple[int, int], Place] = field(default_factory=dict)
    sheet: str = ""
    between: Mapping[Place, str] = field(default_factory=dict)

    def place(self, sheet: str, row: int, column: int) -> Place:
        """Return where a cell of the view really stands."""
        found = self.places.get((row, column)) or self.cells.get(column)
        if found is not None:
            return found
        return (sheet, column, row) if self.turned else (sheet, row, column)

    def areas(self, area: Area) -> tuple[Area, ...]:
        """Return the cells of an area of the view, as areas of the sheets on which they are."""
        columns = range(area.first_column, area.last_column + 1)
        if not self.places and not any(column in self.cells for column in columns):
            if not self.turned:
                return (area,)
            sheet, top, left, bottom, right = area
            return (Area(sheet, left, top, right, bottom),)
        found = {
            self.place(area.sheet, row, column)
            for row in range(area.first_row, area.last_row + 1)
            for column in columns
        }
        return tuple(Area(sheet, row, column, row, column) for sheet, row, column in sorted(found))

    def formula(self, text: str | None, sheet: str) -> str | None:
        """Return a formula of the view with the addresses of the sheet; `sheet` is the one it stands on."""
        if text is None:
            return None
        if self.places:
            return self._led_back(text, sheet)
        put: dict[str, str] = {}
        for index, (column, place) in enumerate(sorted(self.cells.items())):
            mark = f"\0{index}\0"
            put[mark] = self._address(place, sheet)
            token = (
                rf"\[\.\$?{column_name(column)}\$?\d+\]"
                if self.book.dialect == "ods"
                else (rf"(?<![A-Za-z0-9_.$!]){column_name(column)}\$?\d+(?![A-Za-z0-9_.(!])")
            )
            text = re.sub(token, mark, text)
        if self.turned:
            text = turned(text)
        for mark, address in put.items():
            text = text.replace(mark, address)
        return text

    def addresses(self, text: str, sheet: str) -> str:
        """Return addresses, with words between, as the sheet has them; `sheet` is where they are told."""

        def lead(match: re.Match[str]) -> str:
            row, column = int(match[2]) - 1, column_index(match[1])
            if self.places and (row, column) not in self.places:
                return match[0]
            name, row, column = self.place(sheet, row, column)
            return a1(row, column) if name == sheet else f"{name}.{a1(row, column)}"

        return _ADDRESS.sub(lead, text)

    def _led_back(self, text: str, sheet: str) -> str | None:
        """Return a formula with each cell's own address, its ranges spelt out; None where they can't be."""

        def put(part: Expression) -> Expression | None:
            if not (isinstance(part, Reference) and isinstance(part.target, CellReference)):
                return None
            target = part.target
            name, row, column = target.at(0, 0)
            place = (name or self.sheet, row, column)
            fixed = target.row_fixed, target.column_fixed
            if name in (None, self.sheet) and (row, column) not in self.places and column in self.cells:
                fixed = True, True
            name, row, column = self.place(*place)
            return Reference(CellReference(row, column, *fixed, None if name == sheet else name))

        try:
            found = replace(scalar(parse(text, 0, 0)), put)
        except (Unparsable, NotComputable):
            return None
        return formula_text(with_ranges(found), 0, 0, self.book.dialect)

    def _address(self, place: Place, sheet: str) -> str:
        name, row, column = place
        letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", a1(row, column)).groups()  # type: ignore[union-attr]
        prefix = "" if name == sheet else "'" + name.replace("'", "''") + "'"
        if self.book.dialect == "ods":
            return f"[{'$' + prefix if prefix else ''}.${letters}${digits}]"
        return f"{prefix + '!' if prefix else ''}${letters}${digits}"
