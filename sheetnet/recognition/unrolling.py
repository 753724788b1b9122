"""Blocks unrolled: a table with one row a step, or a pattern, whose cells stand in the blocks."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sheetnet.book.calculator import Place
from sheetnet.book.grid import MAX_COLUMNS, Book, Cell, Sheet
from sheetnet.formula.expression import Call, CellReference, Expression, Reference, multiply, number
from sheetnet.formula.expression import replace as replaced
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.text import formula_text
from sheetnet.layout.lens import Lens, with_ranges
from sheetnet.layout.series import SeriesReader
from sheetnet.layout.values import with_values
from sheetnet.recognition.blockcolumns import BlockColumns, Key
from sheetnet.recognition.blocks import Blocks
from sheetnet.recognition.chains import blocks_of
from sheetnet.recognition.formulas import Formulas, only_place
from sheetnet.recognition.model import Model
from sheetnet.recognition.passes import pass_of
from sheetnet.recognition.tables import models

FIRST = 1
"""The row of step 0; above it are the labels."""
MOST_COLUMNS = 1_000
"""Cells of a block that can be columns."""


@dataclass(frozen=True, slots=True)
class Unrolled:
    """Blocks as a table: the models in it, and the lens through which it is seen.

    `patterns` rows belong to one block.
    """

    lens: Lens
    models: tuple[Model, ...]
    patterns: int = 1


def unrolled(book: Book, sheet: str) -> Unrolled | None:
    """Return the blocks that begin on a sheet as a table, None where there are none.

    The table stands right of all cells, so that formulas lead to these as they did.
    """
    formulas = Formulas(book)
    blocks = blocks_of(formulas, sheet)
    if blocks is None:
        return None
    names = {frame.sheet for frame in blocks.frames}
    valued = with_values(book, [place for name in names for place, _ in formulas.computed(name)])
    formulas = formulas if valued is book else Formulas(valued)
    passes = pass_of(formulas, blocks)
    columns = BlockColumns(formulas, blocks, passes)
    if len(columns.columns) > MOST_COLUMNS or max(columns.columns.values(), default=0) >= MAX_COLUMNS:
        return None
    count = 1 if passes is None else passes.count
    table = _Table(columns, count)
    if passes is None:
        return Unrolled(table.lens(valued), tuple(table.models()))
    # what a pass adds up is that of one pattern, for a reader of steps
    single = _Table(columns, 1)
    stretched = (
        replace(model, last=FIRST + (model.last - FIRST + 1) * count - 1) for model in single.models()
    )
    return Unrolled(table.lens(valued), tuple(stretched), count)


class _Table:
    """Lays blocks out as rows, `count` for each block; one where its patterns are taken for one."""

    def __init__(self, columns: BlockColumns, count: int) -> None:
        self._of, self.columns, self.count = columns, columns.columns, count
        self.blocks: Blocks = columns.blocks
        self.formulas = columns.formulas
        self.book = columns.formulas.book
        self.sheet = columns.blocks.frames[0].sheet
        self.places: dict[tuple[int, int], Place] = {}
        self.between: dict[Place, str] = {}
        self.rows = self._rows()

    def _rows(self) -> dict[int, dict[int, Cell]]:
        rows: dict[int, dict[int, Cell]] = {FIRST - 1: {}}
        for key, label in self._of.labels().items():
            rows[FIRST - 1][self.columns[key]] = Cell(label)
            self.places[FIRST - 1, self.columns[key]] = self._of.place(key, 0, 0)
        for index in range(len(self.blocks.frames)):
            for each in range(self.count):
                row = FIRST + index * self.count + each
                cells = {self.columns[key]: self._cell(key, index, each, row) for key in self.columns}
                found = {column: cell for column, cell in cells.items() if cell is not None}
                if each == 0 or len(found) > len(self.blocks.states):
                    rows[row] = found
        if len(self.blocks.frames) == 1 or self._of.passes is not None:
            row = FIRST + len(self.blocks.frames) * self.count
            if new := dict(self._next(row)):
                rows[row] = new
        return rows

    def _cell(self, key: Key, index: int, each: int, row: int) -> Cell | None:
        """Return what stands in a column of the table, for a pattern of a block."""
        place, column = self._of.place(key, index, each), self.columns[key]
        cell = self.formulas.cell(place)
        self.places[row, column] = place
        if cell is None or (cell.value is None and cell.formula is None):
            return None
        if key in self.blocks.states and each:
            above = formula_text(Reference(CellReference(-1, 0)), row, column, self.book.dialect)
            return Cell(cell.value, above)
        expression = self.formulas.expression(place)
        if cell.formula is None or expression is None:
            return Cell(cell.value, cell.formula)
        if key in self.blocks.states and self._of.passes is not None:
            self.places[row, column] = self._cause(place, expression)
        return Cell(cell.value, self._text(self._of.whole(expression), index, row, column))

    def _next(self, row: int) -> Iterator[tuple[int, Cell]]:
        """Yield the weights of one step more, from where their new values are computed."""
        last = len(self.blocks.frames) - 1
        for state, new in self.blocks.states.items():
            place = None if new is None else self.blocks.place(last, new)
            cell = None if place is None else self.formulas.cell(place)
            if place is not None and cell is not None and cell.formula is not None:
                column = self.columns[state]
                self.places[row, column] = self._cause(place, Reference(place))
                yield (
                    column,
                    Cell(cell.value, self._text(self._of.whole(Reference(place)), last + 1, row, column)),
                )

    def _cause(self, place: Place, expression: Expression) -> Place:
        """Return the cell to which a weight's formula is due, those between them remembered."""
        used = self._of.between(place)
        for each in used:
            usual = self._of.usual(each)
            if usual is not None:
                self.between[each] = self._text(usual, 0, each[1], each[2], sheet=each[0])
        return self._of.cause(place, used, only_place(expression))

    # ------------------------------------------------------------ formulas

    def _text(
        self, expression: Expression, index: int, row: int, column: int, *, sheet: str | None = None
    ) -> str:
        """Return a formula of a block in the addresses of the table, as far as they are in it.

        With a `sheet` it is that of a cell there, in its own addresses.
        """

        def put(part: Expression) -> Expression | None:
            place = only_place(part) if isinstance(part, Reference) else None
            if place is None:
                return None
            if sheet is not None:
                fixed = self.blocks.located(place) is None
                name = None if place[0] == sheet else place[0]
                at = place[1:] if fixed else (place[1] - row, place[2] - column)
                return Reference(CellReference(*at, fixed, fixed, name))
            if self._of.is_one(place):
                return number(1)
            found = self._at(place, index, row)
            if found is not None:
                return Reference(CellReference(found[0] - row, found[1] - column))
            name = None if place[0] == self.sheet else place[0]
            return Reference(CellReference(place[1], place[2], True, True, name))

        copied = only_place(expression)  # =+A1 as =A1
        found = replaced(expression if copied is None else Reference(copied), put)
        if self._of.passes is not None and self.count == 1 and sheet is None:
            found = replaced(found, _of_one)
        return formula_text(found if sheet is None else with_ranges(found), row, column, self.book.dialect)

    def _at(self, place: Place, index: int, row: int) -> tuple[int, int] | None:
        """Return where a cell stands in the table, as a formula in a row of block `index` means it."""
        passes = self._of.passes
        beside = None if passes is None else passes.beside(place)
        if beside is not None:
            first = FIRST + index * self.count
            return first + (beside[1] if self.count > 1 else 0), self.columns[beside[0]]
        at = self.blocks.located(place)
        if at is None or (key := self._of.key(at[1])) not in self.columns:
            return None
        first = FIRST + at[0] * self.count
        each = None if passes is None or key in self.blocks.states else passes.pattern(at[1])
        if self.count == 1:
            return first, self.columns[key]
        if each is None:  # the nearest of the rows that repeat it
            return min(max(first, row), first + self.count - 1), self.columns[key]
        return first + each, self.columns[key]

    # ------------------------------------------------------------ views

    def lens(self, book: Book) -> Lens:
        """Return the lens that shows the table right of the cells of the first block's sheet."""
        sheet = self.book.sheet(self.sheet)
        rows = {
            row: {**sheet.rows.get(row, {}), **self.rows.get(row, {})}
            for row in sorted({*sheet.rows, *self.rows})
        }
        view = self._with(replace(sheet, rows=rows))
        return Lens(book, view, places=self.places, sheet=self.sheet, between=self.between)

    def models(self) -> Iterator[Model]:
        """Yield the tables in the rows, weights that are typed or odd in a block taken for usual ones."""
        rows = {row: dict(cells) for row, cells in self.rows.items()}
        later = [row for row in rows if row > FIRST]
        for state in self.blocks.states:
            column = self.columns[state]
            forms: Counter[Pattern] = Counter()
            for row in later:
                text = _formula(rows, row, column)
                if text is not None:
                    forms[pattern(text, row)] += 1
            if forms:
                usual = forms.most_common(1)[0][0]
                for row in later:
                    if column in rows[row]:
                        rows[row][column] = rows[row][column]._replace(formula=usual.text(row))
        alone = Sheet(self.sheet, rows)
        yield from models(alone, SeriesReader(self._with(alone), sheet=self.sheet))

    def _with(self, sheet: Sheet) -> Book:
        sheets = (sheet if each.name == self.sheet else each for each in self.book.sheets)
        return replace(self.book, sheets=tuple(sheets))


def _formula(rows: Mapping[int, Mapping[int, Cell]], row: int, column: int) -> str | None:
    cell = rows[row].get(column)
    return None if cell is None else cell.formula


def _of_one(part: Expression) -> Expression | None:
    """Return what a sum or mean over patterns is where they are one: x · n, or x."""
    if isinstance(part, Call) and part.name in ("SUM", "AVERAGE") and len(set(part.arguments)) == 1:
        one = part.arguments[0]
        return one if part.name == "AVERAGE" else multiply(one, number(len(part.arguments)))
    return None
