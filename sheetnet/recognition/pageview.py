"""Pages as a table: a lens through which they have one row a step and one column a term."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, Cell, CellError, Sheet
from sheetnet.formula.expression import CellReference, Expression, Reference
from sheetnet.formula.expression import replace as replaced
from sheetnet.formula.text import formula_text
from sheetnet.layout.given import pattern_problems, patterns, repeated
from sheetnet.layout.layout import Layout
from sheetnet.layout.lens import Lens
from sheetnet.layout.page import read_settings
from sheetnet.layout.problems import Problem, first_row_problems, refusal
from sheetnet.layout.rate import Rate, in_cell
from sheetnet.layout.stated import stated_conventions
from sheetnet.layout.values import with_values
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term, label
from sheetnet.recognition.formulas import Formulas, only_place

FIRST = 1
"""The row of step 0 in the view; above it are the labels."""


class Page(NamedTuple):
    """One page: its net's sizes, and the cells of its terms."""

    sizes: tuple[int, ...]
    biases: bool
    places: Mapping[Term, Place]


def texts_of(sheet: Sheet) -> dict[int, dict[int, str]]:
    """Return the texts that stand on a sheet, by row and column."""
    found: dict[int, dict[int, str]] = {}
    for row, cells in sorted(sheet.rows.items()):
        for column, cell in sorted(cells.items()):
            if isinstance(cell.value, str) and not isinstance(cell.value, CellError) and not cell.formula:
                found.setdefault(row, {})[column] = cell.value.strip()
    return found


class _Seen(NamedTuple):
    """Where a page's cell stands in the view: its row, and its term, which tells the column."""

    row: int
    term: Term


class PagesAsRows:
    """Lays pages out as rows, right of all cells of the sheet: one row a step, one column a term."""

    def __init__(self, book: Book, sheet: Sheet, pages: Sequence[Page], rates: Sequence[Place]) -> None:
        self.sheet, self.pages = sheet.name, pages
        wanted = [place for page in pages for place in page.places.values()]
        self.book = with_values(book, [*wanted, *rates])
        self._formulas = Formulas(self.book)
        origin = only_place(self._formulas.expression(rates[0]))  # of a copy whose own label is missing
        self.rates = [*([] if origin is None or origin in rates else [origin]), *rates]
        used = (column for line in sheet.rows.values() for column in line)
        self._rate = (0, max(used, default=0) + 2)
        self.columns = {term: self._rate[1] + 1 + index for index, term in enumerate(pages[0].places)}
        self._where = {
            place: _Seen(FIRST + step, term)
            for step, page in enumerate(pages)
            for term, place in page.places.items()
        }

    def layout(self, *, lenient: bool) -> Layout:
        """Return the pages' layout; LayoutError where a number is missing, unless `lenient`."""
        sizes, biases, _ = self.pages[0]
        rows, at = self._rows()
        view = self._view(rows)
        sheet = view.sheet(self.sheet)
        last = FIRST + len(self.pages) - 1
        rate = in_cell(self.book, self.rates[0])
        count, unread = patterns(sheet, FIRST, last + 1, self.columns, mean=None, lenient=lenient)
        if (repeats := repeated(sheet, FIRST, last, self.columns)) is not None:
            count, unread = repeats, pattern_problems(sheet, FIRST, repeats, self.columns)
        problems = [*first_row_problems(sheet, FIRST, self.columns), *self._of_rate(rate), *unread]
        if problems and not lenient:
            first = problems[0]
            _, row, column = at[first.row, first.column]
            raise refusal(self.book, first._replace(row=row, column=column), row)
        stated = stated_conventions(sheet, sizes, self.columns, FIRST, None, biases=biases)
        between = {
            place: formula_text(self._reference(self.rates[0], fixed=True), 0, 0, self.book.dialect)
            for place in self.rates[1:]
        }
        return Layout(
            sheet=self.sheet,
            sizes=sizes,
            columns=self.columns,
            label_row=0,
            caption_row=None,
            first_row=FIRST,
            last_row=last,
            rate=(self.sheet, *self._rate),
            learning_rate=rate.value,
            conventions=self._settings(stated, len(sizes) - 1),
            patterns=count,
            problems=tuple(dict.fromkeys(problems)),
            pages=True,
            lens=Lens(self.book, view, places=at, sheet=self.sheet, between=between),
        )

    def _settings(self, stated: Conventions, layers: int) -> Conventions:
        """Return the conventions with what a line of the page says in words."""
        for line in texts_of(self.book.sheet(self.sheet)).values():
            for text in line.values():
                said = read_settings(text, layers)
                if said is not None:
                    return replace(stated, **said)
        return stated

    def _of_rate(self, rate: Rate) -> list[Problem]:
        return [problem._replace(row=self._rate[0], column=self._rate[1]) for problem in rate.problems]

    def _rows(self) -> tuple[dict[int, dict[int, Cell]], dict[tuple[int, int], Place]]:
        """Return the rows of the view, and where their cells stand on the sheet."""
        rate = self._formulas.cell(self.rates[0])
        rows: dict[int, dict[int, Cell]] = {
            0: {column: Cell(label(term)) for term, column in self.columns.items()}
        }
        if rate is not None:
            rows[0][self._rate[1]] = Cell(rate.value)
        at: dict[tuple[int, int], Place] = {self._rate: self.rates[0]}
        at |= {(0, column): self.pages[0].places[term] for term, column in self.columns.items()}
        for place, (row, term) in self._where.items():
            column = self.columns[term]
            at[row, column] = place
            cell = self._formulas.cell(place)
            if cell is not None and (cell.value is not None or cell.formula is not None):
                rows.setdefault(row, {})[column] = Cell(cell.value, self._formula(place, row, column))
        return rows, at

    def _formula(self, place: Place, row: int, column: int) -> str | None:
        """Return the formula of a cell in the addresses of the view."""
        cell, expression = self._formulas.cell(place), self._formulas.expression(place)
        if cell is None or cell.formula is None or expression is None:
            return None if cell is None else cell.formula

        def put(part: Expression) -> Expression | None:
            used = only_place(part) if isinstance(part, Reference) else None
            if used is None:
                return None
            if used in self._where:
                found = self._where[used]
                return Reference(CellReference(found.row - row, self.columns[found.term] - column))
            return self._reference(used)

        return formula_text(replaced(expression, put), row, column, self.book.dialect)

    def _reference(self, place: Place, *, fixed: bool = False) -> Reference:
        """Return a reference to a cell that belongs to no page; a copied γ is the first page's."""
        seen = set()
        while not fixed and place in self.rates[1:] and place not in seen:
            seen.add(place)
            copied = self.rates[0] if self._is_copy(place) else only_place(self._formulas.expression(place))
            if copied is None:
                break
            place = copied
        if place == self.rates[0] and not fixed:
            return Reference(CellReference(*self._rate, True, True))
        sheet, row, column = place
        return Reference(CellReference(row, column, True, True, None if sheet == self.sheet else sheet))

    def _is_copy(self, place: Place) -> bool:
        """Tell whether the number of the first page's γ was typed again."""
        first, cell = self._formulas.cell(self.rates[0]), self._formulas.cell(place)
        return first is not None and cell is not None and cell.formula is None and cell.value == first.value

    def _view(self, rows: Mapping[int, Mapping[int, Cell]]) -> Book:
        sheet = self.book.sheet(self.sheet)
        merged = {
            row: {**sheet.rows.get(row, {}), **rows.get(row, {})} for row in sorted({*sheet.rows, *rows})
        }
        seen = replace(sheet, rows=merged)
        return replace(
            self.book, sheets=tuple(seen if each.name == self.sheet else each for each in self.book.sheets)
        )
