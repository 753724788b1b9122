"""Comparing a sheet's formulas with the rule: equal by text, or equal on numbers drawn at random."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from sheetnet.book.grid import Book
from sheetnet.diagnosis.guards import unguarded
from sheetnet.diagnosis.world import World
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Constant, Expression, Reference, references, walk
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.content import holds, is_number
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import Series, SeriesReader, column_series
from sheetnet.net.terms import Term, is_bias
from sheetnet.table.rule import Rule


class Judged(NamedTuple):
    """A series of a term's column, and whether its formula equals the rule's; numbers are not judged.

    `literal` tells that it does with the learning rate written into it as a number.
    """

    term: Term
    series: Series
    agrees: bool | None
    literal: bool = False


class Judge:
    """Compares formulas of a net's sheet with the rule that some conventions ask for."""

    def __init__(
        self, book: Book, layout: Layout, followed: Rule, reader: SeriesReader | None = None
    ) -> None:
        self.book, self.layout, self.followed = book, layout, followed
        self.reader = reader or SeriesReader(book)
        self.world = World(book, layout, followed, self.reader)
        self._own_rate: World | None = None
        self._terms = layout.terms

    def verdicts(self, term: Term, series: Series) -> list[Judged]:
        """Return the verdicts on a series: one, unless a column beside the net changes in which it looks."""
        found: list[Judged] = []
        for part in self._parts(term, series):
            judged = self._verdict(term, part)
            if found and found[-1][2:] == judged[2:]:
                joined = found[-1].series._replace(last=part.last)
                found[-1] = found[-1]._replace(series=joined)
            else:
                found.append(judged)
        return found

    def by_turns(self, judged: Judged) -> list[Judged]:
        """Return a wrong series of weights that change once a pass in parts: in some rows it may be right."""
        term, series = judged.term, judged.series
        if judged.agrees is not False or self.followed.conventions.batch == "one" or term.kind != "w":
            return [judged]
        rows = range(series.first, series.last + 1)
        runs = [list(run) for _, run in groupby(rows, key=lambda row: self.followed.turn(term, row))]
        parts = [self._verdict(term, series._replace(first=run[0], last=run[-1])) for run in runs]
        return parts if any(part.agrees for part in parts) else [judged]

    def _parts(self, term: Term, series: Series) -> Iterator[Series]:
        """Yield a series cut where columns beside the net that it uses go on with another formula."""
        cuts: set[int] = set()
        if series.pattern is not None and not self._is_ruled(term, series):
            self._cut(series, self.layout.columns[term], self.layout.sheet, 0, cuts, set())
        first = series.first
        for row in sorted(cuts):
            if first < row <= series.last:
                yield series._replace(first=first, last=row - 1)
                first = row
        yield series._replace(first=first)

    def _cut(
        self, series: Series, column: int, sheet: str, moved: int, cuts: set[int], seen: set[tuple[str, int]]
    ) -> None:
        """Add the rows, `moved` from those of a series, in which what it uses beside the net changes."""
        layout = self.layout
        rate = None if layout.rate is None else (layout.rate[0], layout.rate[2])
        try:
            used = references(self.reader.of(series, column, sheet))
        except (Unparsable, NotComputable):
            return
        for target in used:
            name, first, other = target.at(series.first, column)
            place = name or sheet, other
            own = place[0] == layout.sheet and other in self._terms
            if (
                target.row_fixed
                or own
                or place == rate
                or place in seen
                or place[0] not in self.reader.sheets
            ):
                continue
            seen.add(place)
            last = first + series.last - series.first
            for part in column_series(self.reader.sheets[place[0]], other, max(first, 0), last):
                cuts.add(part.first - target.row + moved)
                if part.pattern is not None:
                    self._cut(part, other, place[0], moved - target.row, cuts, seen)

    def _verdict(self, term: Term, series: Series) -> Judged:
        if series.pattern is None:
            return Judged(term, series, None)
        if self._is_ruled(term, series):
            return Judged(term, series, agrees=True)
        try:
            expression = self.read(term, series)
        except (Unparsable, NotComputable):
            return Judged(term, series, agrees=False)
        if _uses_itself(expression) or (self._must_stay(term) and self._uses_others(expression, term)):
            return Judged(term, series, agrees=False)
        if self.equal(expression, term, series) or self._stays(expression, term, series):
            return Judged(term, series, agrees=True)
        literal = (
            term.kind == "w"
            and self._writes_rate(expression)
            and self.equal(expression, term, series, self.with_own_rate())
        )
        return Judged(term, series, agrees=literal, literal=literal)

    def _is_ruled(self, term: Term, series: Series) -> bool:
        """Tell whether a series' formula is the rule's by its text."""
        one = self.followed.conventions.batch == "one"
        return one and series.array is None and series.pattern == self.followed.pattern(term)

    def read(self, term: Term, series: Series) -> Expression:
        """Return what a formula says in filled rows; Unparsable or NotComputable if it can't be read."""
        sheet, column, cell = self.layout.sheet, self.layout.columns[term], self.reader.cell

        def filled(target: CellReference) -> bool:
            name, row, other = target.at(series.first, column)
            return holds(cell((name or sheet, row, other)))

        return unguarded(self.reader.of(series, column), filled)

    def equal(self, expression: Expression, term: Term, series: Series, world: World | None = None) -> bool:
        """Tell whether a formula has the value of a term's rule in all rows of a series."""
        world = world or self.world
        column = self.layout.columns[term]
        rows = self.rows(series)
        for other in self._rules(term):
            if all(
                world.agree(world.evaluate(expression, row, column), term, row, world.ruled(other, row))
                for row in rows
            ):
                return True
        return False

    def says(self, item: Judged, form: Pattern) -> bool:
        """Tell whether a series has the same values as another formula would have in its rows."""
        term, series = item.term, item.series
        column = self.layout.columns[term]
        try:
            own = self.read(term, series)
            other = self.read(term, Series(series.first, series.last, form))
        except (Unparsable, NotComputable):
            return False
        if _uses_itself(own):
            return False
        return series.pattern == form or all(
            self.world.agree(
                self.world.evaluate(own, row, column), term, row, self.world.evaluate(other, row, column)
            )
            for row in self.rows(series)
        )

    def rows(self, series: Series) -> list[int]:
        """Return rows of a series in which a formula is tried: its ends, and where a pass begins."""
        first, last = series.first, series.last
        found = {first, min(first + 1, last), last}
        if self.followed.conventions.batch != "one":
            found.add(first + (self.layout.first_row - first) % self.layout.patterns)
        return sorted(row for row in found if row <= last)

    def _rules(self, term: Term) -> list[Term]:
        """Return the terms whose rules a term may follow: a shared bias is neuron 0's, or is updated so."""
        shared = self.followed.conventions.biases == "shared" and term.kind == "w" and term.i > 0
        return [term, term._replace(i=0)] if shared and is_bias(term, self.layout.sizes) else [term]

    def _must_stay(self, term: Term) -> bool:
        fixed = self.followed.conventions.biases == "fixed"
        return fixed and term.kind == "w" and is_bias(term, self.layout.sizes)

    def _stays(self, expression: Expression, term: Term, series: Series) -> bool:
        """Tell whether a fixed bias is a single cell outside the table, with the number of its first row."""
        if not (self._must_stay(term) and isinstance(expression, Reference)):
            return False
        target, column = expression.target, self.layout.columns[term]
        if not (isinstance(target, CellReference) and target.row_fixed):
            return False
        sheet, row, at = target.at(series.first, column)
        cell = self.reader.cell((sheet or self.layout.sheet, row, at))
        first = self.reader.cell((self.layout.sheet, self.layout.first_row, column))
        return cell is not None and first is not None and is_number(cell) and cell.value == first.value

    def _uses_others(self, expression: Expression, term: Term) -> bool:
        """Tell whether a formula uses other terms: an update comes to nothing where its rate is empty."""
        layout = self.layout
        own = layout.columns[term]
        used = {
            part.target.at(layout.first_row, own)[2]
            for part in walk(expression)
            if isinstance(part, Reference)
            and isinstance(part.target, CellReference)
            and part.target.sheet is None
            and not (part.target.row_fixed and not layout.first_row <= part.target.row <= layout.last_row)
        }
        return any(column in layout.terms for column in used - {own})

    def _writes_rate(self, expression: Expression) -> bool:
        return any(isinstance(part, Constant) and part.value not in (0, 1) for part in walk(expression))

    def with_own_rate(self) -> World:
        """Return the world in which the learning rate is the sheet's own number."""
        if self._own_rate is None:
            rate = self.layout.learning_rate
            self._own_rate = World(self.book, self.layout, self.followed, self.reader, rate=rate)
        return self._own_rate


def _uses_itself(expression: Expression) -> bool:
    """Tell whether a formula refers to its own cell; its value is none then, whatever it says."""
    itself = Reference(CellReference(0, 0))
    return any(part == itself for part in walk(expression))
