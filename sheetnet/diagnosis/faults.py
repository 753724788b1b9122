"""The faults of a net's cells, one series after the other: wrong formulas, and what stands in their place."""

from collections.abc import Iterator
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import cells_of
from sheetnet.book.grid import Book, Cell, CellError, Sheet
from sheetnet.diagnosis.causes import Cause, cause_of, circle_of
from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.data import brings_data
from sheetnet.diagnosis.inference import Inference
from sheetnet.diagnosis.numbers import Numbers
from sheetnet.diagnosis.typed import TypedColumns, decimals
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import references
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import holds, meant
from sheetnet.layout.given import DRIFT
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import ASIDES, MEAN_COST, Term, is_given

SMALLEST = 1e-12
"""What a number may differ by in any case; a converged net's δ is nothing but rounding."""

_TELLING = (
    "forward-one-minus",
    "forward-minus-in-sigmoid",
    "forward-base",
    "forward-step",
    "forward-brackets",
)
"""Codes of activations that nobody means."""
_LAST = ("sheet-error-value", "sheet-stale-value")
"""Codes from which no number becomes too large."""
MOST_CAUSES = 100
"""Wrong series of a net whose causes are looked for in full, and three more a column: beyond, hardly any
repeats its neighbours, and the search would take minutes."""

_Kind: TypeAlias = Literal["empty", "number", "number as text", "text", "truth", "error"]


class Fault(NamedTuple):
    """Rows `first` … `last` of a term's column that are at fault, and why."""

    term: Term
    first: int
    last: int
    cause: Cause


class Faults:
    """Examines the columns of a net by what was inferred of it."""

    def __init__(self, book: Book, inference: Inference, numbers: Numbers, tolerance: float) -> None:
        self.book, self.inference, self.numbers, self.tolerance = book, inference, numbers, tolerance
        self.layout: Layout = inference.layout
        self.cell = cells_of(book)
        self.sheet: Sheet = book.sheet(self.layout.sheet)
        self.typed = TypedColumns(inference, numbers, tolerance)
        self._causes_left = MOST_CAUSES + 3 * len(self.layout.columns)

    def __iter__(self) -> Iterator[Fault]:
        """Yield all faults; a number that became too large below another fault is no first cause."""
        found = self._stale_first(list(self._examined()))
        begin = min((fault.first for fault in found if fault.cause.code not in _LAST), default=None)
        for fault in found:
            if fault.cause.code != "sheet-error-value" or begin is None or fault.first < begin:
                yield fault

    def _stale_first(self, found: list[Fault]) -> list[Fault]:
        """Return faults without the stale values that use another stale one: that is the first cause."""
        stale = {
            (row, self.layout.columns[fault.term]): fault
            for fault in found
            if fault.cause.code == "sheet-stale-value"
            for row in range(fault.first, fault.last + 1)
        }
        if not stale:
            return found
        out = [fault for fault in found if fault.cause.code != "sheet-stale-value"]
        for (row, column), fault in stale.items():
            used = references(self.inference.judge.reader.expression(self.layout.sheet, row, column))
            places = {target.at(row, column) for target in used}
            if any(place[1:] in stale for place in places if place[0] in (None, self.layout.sheet)):
                continue
            last = out[-1] if out else None
            if last is not None and (last.term, last.last, last.cause) == (fault.term, row - 1, fault.cause):
                out[-1] = last._replace(last=row)
            else:
                out.append(fault._replace(first=row, last=row))
        return out

    def _examined(self) -> Iterator[Fault]:
        for term in self.layout.own_columns:
            judged = self.inference.judged[term]
            if term in ASIDES and not (term == MEAN_COST and _mostly_right(judged)):
                continue
            for item in judged:
                if item.series.pattern is not None:
                    yield from self._formula(item)
            if is_given(term):
                yield from self._given(term, judged)
            else:
                yield from self._without_formula(term, judged)
        for problem in self.layout.problems:
            kind = _kind(self.book.sheet(problem.sheet).cell(problem.row, problem.column))
            if problem.sheet == self.layout.sheet and kind != "number":
                cause = self._instead(kind, problem.column, problem.row, problem.row)
                yield Fault(problem.term, problem.row, problem.row, cause)

    # ------------------------------------------------------------ formulas

    def _formula(self, item: Judged) -> Iterator[Fault]:
        term, series = item.term, item.series
        if term.kind == "w" and series.first == self.layout.first_row:  # the initial weights, however made
            series = series._replace(first=series.first + 1)
            if series.first > series.last:
                return
        if not item.agrees and not (is_given(term) and brings_data(self.inference, item)):
            self._causes_left -= 1
            cause = cause_of(self.inference.judge, term, series, briefly=self._causes_left < 0)
            yield Fault(term, series.first, series.last, cause)
        elif item.agrees and (told := self._mistaken(item)) is not None:
            yield Fault(term, series.first, series.last, told)
        elif item.agrees and (way := circle_of(self.inference.judge, term, series)) is not None:
            yield Fault(term, series.first, series.last, Cause("sheet-circular", {"path": way}))
        elif item.agrees:
            yield from self._values(item)

    def _mistaken(self, item: Judged) -> Cause | None:
        """Return what makes an activation wrong although the weights go down its slope.

        1/(1−EXP(−z)) has the slope a(1−a) too, and a step has none.
        """
        judge = self.inference.judge
        term, series = item.term, item.series
        if term.kind != "a" or term not in self.layout.verified:
            return None
        try:
            if judge.equal(judge.read(term, series), term, series):
                return None
        except (Unparsable, NotComputable):
            return None
        cause = cause_of(judge, term, series)
        return cause if cause.code in _TELLING else None

    def _values(self, item: Judged) -> Iterator[Fault]:
        """Yield the rows of right formulas beside which another value stands, or an error without a cause."""
        term, series = item.term, item.series
        column = self.layout.columns[term]
        expression = self.inference.judge.reader.of(series, column)
        given = self.numbers.evaluated(expression, self.layout.sheet, column, series.first, series.last)
        if given is None:
            return
        held = self.numbers.column(self.layout.sheet, column, series.first, series.last)
        rows = np.arange(series.first, series.last + 1)
        with np.errstate(invalid="ignore"):
            slack = self.tolerance * np.maximum(np.abs(given), np.abs(held)) + SMALLEST
            stale = np.isfinite(given) & np.isfinite(held) & (np.abs(given - held) > slack)
        odd = ~np.isfinite(held)
        for row in rows[odd]:
            cell = self.sheet.cell(int(row), column)
            shown = cell.value if cell is not None else None
            begins = self._begins(expression, int(row), column)
            if isinstance(shown, CellError | str) and np.isfinite(given[row - series.first]) and begins:
                stale[row - series.first] = True
            elif isinstance(shown, CellError) and begins:
                yield Fault(term, int(row), int(row), Cause("sheet-error-value", {"what": str(shown)}))
        for first, last in runs(stale):
            yield Fault(term, series.first + first, series.first + last, Cause("sheet-stale-value"))

    def _begins(self, expression: object, row: int, column: int) -> bool:
        """Tell whether an error begins in a cell: all that its formula uses are numbers, none is text."""
        for target in references(expression):  # type: ignore[arg-type]
            sheet, other_row, other = target.at(row, column)
            place = (sheet or self.layout.sheet, other_row, other)
            cell = self.cell(place)
            if not np.isfinite(self.numbers.at(place)) or (cell is not None and isinstance(cell.value, str)):
                return False
        return True

    # ------------------------------------------------------------ cells without a formula

    def _given(self, term: Term, judged: list[Judged]) -> Iterator[Fault]:
        """Yield what stands among the formulas of an input or a target that repeats."""
        begin, column = self.layout.begin(term), self.layout.columns[term]
        formulas = sum(_rows(item) for item in judged if item.series.pattern is not None)
        typed = sum(
            _rows(item) for item in judged if item.series.pattern is None and item.series.first >= begin
        )
        for item in judged:
            if item.series.pattern is not None:
                continue
            for kind, first, last in self._kinds(column, max(item.series.first, begin), item.series.last):
                if kind == "number":
                    if formulas > typed:
                        yield from self._typed_in(term, first, last)
                    elif not formulas:
                        yield from self._changing(term, first, last)
                elif kind != "empty" or (not self.layout.pages and (last < self.layout.last_row or formulas)):
                    yield Fault(term, first, last, self._instead(kind, column, first, last))

    def _typed_in(self, term: Term, first: int, last: int) -> Iterator[Fault]:
        """Yield numbers typed over formulas: pasted, or an input that changes midway."""
        column, sheet = self.layout.columns[term], self.layout.sheet
        before = self.numbers.column(sheet, column, first - self.layout.patterns, last - self.layout.patterns)
        held = self.numbers.column(sheet, column, first, last)
        same = np.abs(held - before) <= DRIFT * np.abs(before)
        for equal, rows in groupby(range(first, last + 1), key=lambda row: bool(same[row - first])):
            found = list(rows)
            code = "sheet-pasted-number" if equal else "sheet-input-changes"
            yield Fault(term, found[0], found[-1], Cause(code))

    def _changing(self, term: Term, first: int, last: int) -> Iterator[Fault]:
        """Yield typed numbers that are not those of their pattern, where nearly all others are."""
        layout, column = self.layout, self.layout.columns[term]
        patterns = self.numbers.column(layout.sheet, column, layout.first_row, layout.begin(term) - 1)
        steps = np.arange(first, last + 1) - layout.first_row
        held, given = (
            self.numbers.column(layout.sheet, column, first, last),
            patterns[steps % layout.patterns],
        )
        unlike = ~(np.abs(held - given) <= DRIFT * np.abs(given))
        for begin, end in runs(unlike):
            yield Fault(term, first + begin, first + end, Cause("sheet-input-changes"))

    def _without_formula(self, term: Term, judged: list[Judged]) -> Iterator[Fault]:
        layout, column = self.layout, self.layout.columns[term]
        begin = layout.begin(term)
        gaps = [item.series for item in judged if item.series.pattern is None and item.series.last >= begin]
        if all(item.series.pattern is None for item in judged):
            yield from self._typed(term, begin)
            return
        for series in gaps:
            for kind, first, last in self._kinds(column, max(series.first, begin), series.last):
                if kind == "number" and layout.pages:  # an answer, as good as a formula
                    faulty = self.typed.faults(term, first, last)
                    yield from (Fault(term, top, bottom, cause) for top, bottom, cause in faulty)
                elif kind == "number":
                    yield from self._pasted(term, first, last)
                elif kind != "empty" or not layout.pages:
                    yield Fault(term, first, last, self._instead(kind, column, first, last))

    def _typed(self, term: Term, begin: int) -> Iterator[Fault]:
        """Yield the faults of a column that has no formula at all: it is judged by its values."""
        layout, column = self.layout, self.layout.columns[term]
        end = layout.last_row + (layout.tail if term.kind == "w" else 0)
        for kind, first, last in self._kinds(column, begin, end):
            if kind == "number":
                faulty = self.typed.faults(term, first, last)
                yield from (Fault(term, top, bottom, cause) for top, bottom, cause in faulty)
            elif kind != "empty" or (self._is_filled() and not layout.pages):
                yield Fault(term, first, last, self._instead(kind, column, first, last))

    def _is_filled(self) -> bool:
        """Tell whether any computed cell of the net holds something."""
        layout = self.layout
        return any(
            holds(self.sheet.cell(row, column))
            for term, column in layout.columns.items()
            if not is_given(term) and term not in ASIDES
            for row in (layout.begin(term), layout.last_row)
            if row > layout.first_row or term.kind != "w"
        )

    def _pasted(self, term: Term, first: int, last: int) -> Iterator[Fault]:
        column, sheet = self.layout.columns[term], self.layout.sheet
        held = self.numbers.column(sheet, column, first, last)
        rule = scalar(self.inference.rule.expression(term))
        ruled = self.numbers.evaluated(rule, sheet, column, first, last)
        digits = decimals(held)
        code = "sheet-pasted-number"
        if ruled is not None and digits < 12:
            with np.errstate(invalid="ignore"):
                near = np.abs(held - ruled) <= 0.5 * 10.0**-digits + 1e-15
                exact = np.abs(held - ruled) <= SMALLEST
            if near.all() and not exact.all():
                code = "sheet-pasted-rounded"
        yield Fault(term, first, last, Cause(code, {"digits": str(digits)}))

    def _instead(self, kind: str, column: int, first: int, last: int) -> Cause:
        """Return the cause for what stands in the place of a formula, or of a number."""
        cell = self.sheet.cell(first, column)
        shown = "" if cell is None or cell.value is None else str(cell.value)[:24]
        if kind == "empty":
            ends = last == self.layout.last_row and first > self.layout.first_row
            return Cause("sheet-fill-stopped" if ends else "sheet-gap")
        code = {"text": "sheet-text", "number as text": "sheet-text-number", "truth": "sheet-truth-value"}
        return Cause(code.get(kind, "sheet-error-value"), {"what": shown})

    def _kinds(self, column: int, first: int, last: int) -> Iterator[tuple[_Kind, int, int]]:
        """Yield the runs of cells without formulas by what they hold: kind, first row, last row."""
        rows = range(first, last + 1)
        for kind, run in groupby(rows, key=lambda row: _kind(self.sheet.cell(row, column))):
            found = list(run)
            yield kind, found[0], found[-1]


def _kind(cell: Cell | None) -> _Kind:
    if not holds(cell) or cell is None:
        return "empty"
    if isinstance(cell.value, bool):
        return "truth"
    if isinstance(cell.value, CellError):
        return "error"
    if isinstance(cell.value, str):
        return "text" if meant(cell.value) is None else "number as text"
    return "number"


def _mostly_right(judged: list[Judged]) -> bool:
    """Tell whether most formulas of a column are the rule's; else it is the author's own."""
    formulas = [item for item in judged if item.series.pattern is not None]
    return 2 * sum(_rows(item) for item in formulas if item.agrees) > sum(map(_rows, formulas))


def _rows(item: Judged) -> int:
    return item.series.last - item.series.first + 1


def runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the runs of true values, as pairs of first and last index."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(end) - 1
