"""Faults put together: one finding a cause, with its cells as ranges and the way to mend them."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from sheetnet.book.grid import Area, Book
from sheetnet.diagnosis.catalogue import severity
from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.faults import Fault
from sheetnet.diagnosis.findings import Example, Finding, Severity
from sheetnet.diagnosis.inference import Inference
from sheetnet.diagnosis.mending import grouped
from sheetnet.diagnosis.numbers import Numbers
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.net.terms import LEARNING_RATE, Term
from sheetnet.table.rule import Rule

_EACH_ITS_OWN = frozenset(
    {
        "sheet-reference", "sheet-neighbour", "sheet-dollar", "sheet-operator", "sheet-constant",
        "sheet-function", "sheet-sign", "sheet-circular", "sheet-other-formula", "sheet-empty-reference",
        "sheet-text-reference",
    }
)  # fmt: skip
"""Codes whose faults in other rows are others: one slip of the hand each."""
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "remark": 2}


def findings_of(
    faults: Iterable[Fault], book: Book, inference: Inference, numbers: Numbers
) -> tuple[Finding, ...]:
    """Return faults as findings, the worst first, then by their places."""
    groups: dict[Hashable, list[Fault]] = {}
    lens = inference.layout.lens
    blocks = inference.conventions.batch != "one" and lens is not None and bool(lens.places)
    for fault in faults:
        code, key = fault.cause.code, fault.cause.key
        # where a block is a pass, a weight has one formula a block
        each = code in _EACH_ITS_OWN and not (blocks and fault.term.kind == "w")
        alone = (fault.first, fault.last) if each else ()
        kind = "" if code.startswith("sheet-") else fault.term.kind
        groups.setdefault((code, key, kind, alone), []).append(fault)
    grouping = _Grouping(book, inference, numbers, [fault for group in groups.values() for fault in group])
    found = [grouping.finding(group) for group in groups.values()]
    return tuple(sorted(found, key=lambda each: (_ORDER[each.severity], each.row, each.column)))


class _Grouping:
    """Makes findings of one net's faults."""

    def __init__(self, book: Book, inference: Inference, numbers: Numbers, faults: Sequence[Fault]) -> None:
        self.book, self.inference, self.numbers = book, inference, numbers
        self.layout = inference.layout
        self.sheet = book.sheet(self.layout.sheet)
        self.faulty: dict[Term, list[Fault]] = {}
        for fault in faults:
            self.faulty.setdefault(fault.term, []).append(fault)

    def finding(self, faults: Sequence[Fault]) -> Finding:
        """Return one cause's finding."""
        faults = sorted(faults, key=lambda fault: (fault.first, self._column(fault.term)))
        first = faults[0]
        code, areas = first.cause.code, self._areas(faults)
        correct, copies = self._repair(faults)
        example = self._example(first)
        return Finding(
            code=code,
            severity=severity(code),
            areas=areas,
            terms=tuple(fault.term for fault in sorted(faults, key=lambda each: self._column(each.term))),
            row=first.first,
            column=self._column(first.term),
            found=example.found,
            expected=example.expected,
            value=example.value,
            expected_value=example.expected_value,
            details=first.cause.details,
            also=_also(faults),
            correct=correct,
            copies=copies,
            examples=tuple(self._example(self._at(faults, area)) for area in areas),
        )

    def _at(self, faults: Sequence[Fault], area: Area) -> Fault:
        """Return the fault of an area's first cell."""
        return next(
            fault
            for fault in faults
            if fault.first == area.first_row and self._column(fault.term) == area.first_column
        )

    def _example(self, fault: Fault) -> Example:
        row = fault.first
        cell = self.sheet.cell(row, self._column(fault.term))
        found, value = (None, None) if cell is None else (cell.formula, cell.value)
        if self._is_beyond_rule(fault):
            return Example(found, None, value, None)
        return Example(found, self._expected(fault, row), value, self._expected_value(fault, row))

    def _is_beyond_rule(self, fault: Fault) -> bool:
        """Tell whether what is right depends on the slope of an activation that only the sheet knows."""
        own, term = self.layout.own_activations, fault.term
        if not own or fault.cause.mended is not None or any(item.agrees for item in self._judged(term)):
            return False
        if term.kind in ("gradient", "w", "new") and Term("delta", term.layer, term.i) in self.layout.columns:
            return False
        return any(layer >= term.layer for layer in own)

    def _judged(self, term: Term) -> Sequence[Judged]:
        return self.inference.judged.get(term, ())

    def _column(self, term: Term) -> int:
        rate = self.layout.rate
        return rate[2] if term == LEARNING_RATE and rate is not None else self.layout.columns[term]

    def _begin(self, term: Term) -> int:
        """Return the row from which on a term has a formula; a learning rate has none."""
        return self.layout.last_row + 1 if term == LEARNING_RATE else self.layout.begin(term)

    def _areas(self, faults: Sequence[Fault]) -> tuple[Area, ...]:
        """Return the cells of faults; columns that stand elsewhere on the sheet stay apart."""
        areas = [self._area(fault) for fault in faults]
        lens = self.layout.lens
        return grouped(areas) if lens is None or not lens.places else tuple(areas)

    def _area(self, fault: Fault) -> Area:
        column = self._column(fault.term)
        return Area(self.layout.sheet, fault.first, column, fault.last, column)

    # ------------------------------------------------------------ what is expected

    def _expected(self, fault: Fault, row: int) -> str | None:
        """Return the formula that belongs in a row of a fault, in the author's own form if there is one."""
        if row < self._begin(fault.term):
            return None
        return self._right(fault, row).text(row)

    def _right(self, fault: Fault, row: int) -> Pattern:
        """Return the formula that belongs in a column: one of its own that is right, or a mended one."""
        rule, term, code = self.inference.rule, fault.term, fault.cause.code
        begin, turn = self.layout.begin(term), rule.turn(term, row)
        if code == "convention-outputs-first":
            rule = Rule(self.layout, replace(rule.conventions, order="simultaneous"), self.book.dialect)
        elif code != "update-written-rate":
            for item in reversed(self.inference.judged[term]):
                own = item.series
                rows = range(max(own.first, begin), own.last + 1)
                if (
                    item.agrees
                    and own.array is None
                    and own.pattern is not None
                    and not self._stands(own.pattern, term, row)
                    and any(rule.turn(term, each) == turn for each in rows)
                ):
                    return own.pattern
        for other in self.faulty.get(term, ()):
            mended = other.cause.mended
            if mended is not None and other.first <= row and rule.turn(term, other.first) == turn:
                return pattern(mended, other.first)
        return rule.pattern(term, row)

    def _stands(self, form: Pattern, term: Term, row: int) -> bool:
        """Tell whether a formula stands in a row already, where a column beside the net makes it wrong."""
        cell = self.sheet.cell(row, self._column(term))
        return cell is not None and cell.formula is not None and form == pattern(cell.formula, row)

    def _expected_value(self, fault: Fault, row: int) -> float | None:
        layout, term = self.layout, fault.term
        if row < self._begin(term):
            problem = next(
                (p for p in layout.problems if (p.row, p.column) == (row, self._column(term))), None
            )
            return None if problem is None else problem.meant
        expression = self.inference.rule.expression(term, row)
        values = self.numbers.evaluated(expression, layout.sheet, layout.columns[term], row, row)
        return None if values is None or values[0] != values[0] else float(values[0])

    # ------------------------------------------------------------ how to mend it

    def _repair(self, faults: Sequence[Fault]) -> tuple[tuple[Area, ...], tuple[tuple[Area, Area], ...]]:
        """Return the cells to type anew, and pairs of right cells and the areas to copy them over."""
        correct: list[Area] = []
        targets: dict[tuple[int, int, int], list[int]] = {}
        for fault in faults:
            column = self._column(fault.term)
            if fault.first < self._begin(fault.term):
                correct.append(self._area(fault))
                continue
            for first, last in self._alike(fault):
                source = self._source(fault.term, first, faults)
                if source == first:
                    correct.append(Area(self.layout.sheet, first, column, first, column))
                start = max(first, source + 1)
                if start <= last:
                    targets.setdefault((source, start, last), []).append(column)
        copies: list[tuple[Area, Area]] = []
        for (source, start, last), columns in targets.items():
            for area in grouped([Area(self.layout.sheet, start, column, last, column) for column in columns]):
                copies.append((area._replace(first_row=source, last_row=source), area))
        return grouped(correct), tuple(copies)

    def _alike(self, fault: Fault) -> Iterator[tuple[int, int]]:
        """Yield the runs of a fault's rows in which one formula belongs: first row, last row."""
        rows = range(fault.first, min(fault.last, self.layout.last_row) + 1)
        for _, run in groupby(rows, key=lambda row: self.inference.rule.turn(fault.term, row)):
            found = list(run)
            yield found[0], found[-1]

    def _source(self, term: Term, first: int, faults: Sequence[Fault]) -> int:
        """Return the row from which a formula is to be copied to `first` and below; `first` if there is none.

        It is the row above, if that is right. Where weights change once a pass, the nearest above in which
        the same formula belongs, or the first such one that is mended.
        """
        rule, begin = self.inference.rule, self._begin(term)
        own = [each for each in faults if each.term == term]
        faulty = {row for each in own for row in range(each.first, each.last + 1)}
        if rule.conventions.batch == "one":
            above = self.sheet.cell(first - 1, self._column(term))
            form = None if above is None else above.formula
            fits = form is not None and not self._stands(pattern(form, first - 1), term, first)
            return first - 1 if begin < first and first - 1 not in faulty and fits else first
        turn = rule.turn(term, first)
        alike = (row for row in range(first - 1, begin - 1, -1) if rule.turn(term, row) == turn)
        mended = [row for row in faulty if row < first and rule.turn(term, row) == turn]
        return next((row for row in alike if row not in faulty), min(mended, default=first))


def _also(faults: Sequence[Fault]) -> tuple[str, ...]:
    """Return the other codes that fit all faults of one cause; a circle through some of them counts."""
    codes = dict.fromkeys(code for fault in faults for code in fault.cause.also)
    return tuple(
        code
        for code in codes
        if code == "sheet-circular" or all(code in fault.cause.also for fault in faults)
    )
