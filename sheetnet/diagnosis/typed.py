"""Columns without formulas: judged by their values, at the precision they were typed with."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sheetnet.diagnosis.causes import Cause
from sheetnet.diagnosis.inference import Inference
from sheetnet.diagnosis.misconceptions import variants
from sheetnet.diagnosis.numbers import Array, Numbers
from sheetnet.formula.expression import CellReference, Expression, references
from sheetnet.formula.matrix import scalar
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import ASIDES, Kind, Term, is_given
from sheetnet.table.rule import placed, spelt_out

EXACT = 12
"""Decimals from which on a number counts as exact."""
SMALLEST = 1e-12
_FEWEST = 2
"""Decimals that a page's number counts as rounded to, at least."""
_ZEROS = 2
"""Zeros that a rounded number may end in, which are not stored."""


def decimals(values: Array) -> int:
    """Return the decimals that numbers were written with, of which one in ten may have more."""
    exponents = (Decimal(repr(float(value))).as_tuple().exponent for value in values[np.isfinite(values)])
    counts = sorted((min(-int(exponent), EXACT) for exponent in exponents), reverse=True)
    return max(counts[(len(counts) - 1) // 10], 0) if counts else 0


class TypedColumns:
    """A net's columns without formulas, judged together: what follows from a wrong number is not wrong.

    A number is right when it is what the rule gives from the numbers beside it, or from those that the rule
    gives in place of wrong ones: a slip of the hand spoils nothing but its own cell, and whoever went on
    with a wrong number went on rightly. What it may differ by is half a unit of its last decimal, and as
    much as the rounding of the numbers that it follows from can make.
    """

    def __init__(self, inference: Inference, numbers: Numbers, tolerance: float) -> None:
        self._inference, self._numbers, self._tolerance = inference, numbers, tolerance
        self._written = _Written(inference, numbers)
        self._wrong: dict[Term, NDArray[np.bool_]] = {}
        self._corrections: dict[Term, Array] = {}
        terms = sorted((term for term in inference.layout.columns if self._is_typed(term)), key=_order)
        for _ in range(2):  # weights follow from the row above, whose numbers come last
            for term in terms:
                self._judge(term)

    def faults(self, term: Term, first: int, last: int) -> Iterator[tuple[int, int, Cause]]:
        """Yield the rows (first, last) of a term's column that hold wrong numbers, and why."""
        layout = self._inference.layout
        begin = layout.begin(term)
        wrong = self._wrong[term][first - begin : last + 1 - begin]
        if not wrong.any():
            return
        column = self._column(term, first, last)
        fitting: list[tuple[str, dict[str, str]]] = []
        for variant in variants(term, layout.sizes, self._inference.conventions):
            if variant.code not in [code for code, _ in fitting]:
                ruled = spelt_out(variant.expression, layout, self._inference.conventions)
                believed = column.differs(placed(ruled, layout, column.column), self._tolerance)
                if believed is not None and not believed[wrong].any() and self._tells(column, ruled, wrong):
                    fitting.append((variant.code, dict(variant.details)))
        cause = Cause("sheet-wrong-value")
        if fitting:
            (code, details), *also = fitting
            cause = Cause(code, details, tuple(code for code, _ in also))
        edges = np.flatnonzero(np.diff(np.concatenate(([0], wrong.astype(np.int8), [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield first + int(start), first + int(end) - 1, cause

    def _tells(self, column: "_Column", ruled: Expression, wrong: NDArray[np.bool_]) -> bool:
        """Tell whether a believed rule gives numbers at all in the rows that hold wrong ones."""
        layout = self._inference.layout
        given = column.corrected(placed(ruled, layout, column.column), {})
        return given is not None and bool(np.isfinite(given[wrong]).all())

    def _is_typed(self, term: Term) -> bool:
        """Tell whether a column is judged by its values: it has no formulas, or lacks one on a page."""
        without = [item.series.pattern is None for item in self._inference.judged[term]]
        typed = any(without) if self._inference.layout.pages else all(without)
        return typed and not is_given(term) and term not in ASIDES

    def _column(self, term: Term, first: int, last: int) -> "_Column":
        return _Column(self._written, term, first, last)

    def _judge(self, term: Term) -> None:
        """Find a term's wrong numbers, and what would put them right."""
        layout = self._inference.layout
        begin, rows = layout.begin(term), _last_row(layout, term) + 1
        self._wrong[term] = np.zeros(max(rows - begin, 0), dtype=bool)
        if begin >= rows:
            return
        column = self._column(term, begin, rows - 1)
        rule = scalar(self._inference.rule.expression(term))
        wrong = column.differs(rule, self._tolerance)
        if wrong is None:
            return
        corrected = column.corrected(rule, self._corrections)
        if wrong.any() and corrected is not None:
            again = column.differs(rule, self._tolerance, self._corrections)
            wrong = wrong if again is None else wrong & again
            correction = np.zeros(rows - layout.first_row)
            correction[begin - layout.first_row :][wrong] = np.nan_to_num(corrected - column.held)[wrong]
            self._corrections[term] = correction
        self._wrong[term] = wrong


_LAST_IN_ROW: tuple[Kind, ...] = (
    "z", "a", "slope", "miss", "part", "cost", "pull", "path", "delta", "gradient", "new"
)  # fmt: skip


def _order(term: Term) -> tuple[int, int]:
    """Return when a term is computed in its row: weights, forward layer by layer, and back again."""
    if term.kind in ("w", "z", "a"):
        return (0, term.layer) if term.kind != "w" else (-1, 0)
    return _LAST_IN_ROW.index(term.kind), -term.layer


def _last_row(layout: Layout, term: Term) -> int:
    """Return the last row in which a term has a number; weights have one below the last step."""
    return layout.last_row + (layout.tail if term.kind == "w" else 0)


class _Written:
    """With how many decimals a net's numbers were typed; each is looked at once."""

    def __init__(self, inference: Inference, numbers: Numbers) -> None:
        self.inference, self.numbers = inference, numbers
        self._units: dict[Term, float] = {}
        self._digits: dict[Term, int] = {}
        self._kinds: dict[Kind, list[int]] = {}

    def unit(self, term: Term) -> float:
        """Return half a unit of the last decimal of a term's numbers; 0 where they are exact."""
        if term not in self._units:
            self._units[term] = self._unit(term)
        return self._units[term]

    def _unit(self, term: Term) -> float:
        digits = self._decimals(term)
        if self.inference.layout.pages:  # one number a page: others tell whether it lacks zeros at its end
            digits = max(_FEWEST, *(other for other in self._alike(term.kind) if other <= digits + _ZEROS))
            if not self._values(term).any():  # a 0 is no rounded number
                return 0.0
        return 0.0 if digits >= EXACT else 0.5 * 10.0**-digits

    def _decimals(self, term: Term) -> int:
        if term not in self._digits:
            self._digits[term] = decimals(self._values(term))
        return self._digits[term]

    def _alike(self, kind: Kind) -> list[int]:
        """Return the decimals of all columns of a kind."""
        if kind not in self._kinds:
            own = self.inference.layout.own_columns
            alike = (other for other in own if other.kind == kind and not is_given(other))
            self._kinds[kind] = [self._decimals(other) for other in alike]
        return self._kinds[kind]

    def _values(self, term: Term) -> Array:
        """Return the numbers of a column that were typed, or on pages those of its cells without formulas."""
        layout = self.inference.layout
        first = layout.begin(term)
        values = self.numbers.column(layout.sheet, layout.columns[term], first, _last_row(layout, term))
        if not layout.pages:
            return values
        return values[~np.isin(np.arange(first, layout.last_row + 1), self.rows_with_formulas(term))]

    def rows_with_formulas(self, term: Term) -> list[int]:
        """Return the rows of a column that have formulas; where it is not judged by its values, all rows."""
        layout, series = self.inference.layout, [item.series for item in self.inference.judged[term]]
        formulas = [each for each in series if each.pattern is not None]
        if formulas and not layout.pages:
            return list(range(layout.first_row, layout.last_row + 1))
        return [row for each in formulas for row in range(each.first, each.last + 1)]


class _Column:
    """Typed values of a term, and what rules give in their place."""

    def __init__(self, written: "_Written", term: Term, first: int, last: int) -> None:
        inference, numbers = written.inference, written.numbers
        self.inference, self.numbers, self.written = inference, numbers, written
        self.first, self.last = first, last
        self.sheet = inference.layout.sheet
        self.column = inference.layout.columns[term]
        self.held = numbers.column(self.sheet, self.column, first, last)
        self.unit = written.unit(term)

    def differs(
        self, rule: Expression, tolerance: float, corrections: Mapping[Term, Array] | None = None
    ) -> NDArray[np.bool_] | None:
        """Tell for each row whether its value can't be what a rule gives, shape (rows,)."""
        ruled = self.corrected(rule, corrections or {})
        if ruled is None:
            return None
        spread = self._spread(rule) + self._spread_of_gradient()
        slack = self.unit * (1 + 1e-6) + 1.01 * spread + tolerance * np.abs(ruled) + SMALLEST
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.held) & np.isfinite(ruled) & (np.abs(self.held - ruled) > slack)

    def corrected(self, rule: Expression, corrections: Mapping[Term, Array]) -> Array | None:
        """Return what a rule gives from the sheet's numbers with corrections, shape (rows,)."""
        changes = {target: self._correction(target, corrections) for target in references(rule)}
        return self.numbers.evaluated(rule, self.sheet, self.column, self.first, self.last, changes)

    def _correction(self, target: CellReference, corrections: Mapping[Term, Array]) -> Array:
        """Return what is added to the numbers that a reference gives, shape (rows,)."""
        layout = self.inference.layout
        term, at = self._meant(target)
        found = np.zeros(len(at))
        if term is not None and term in corrections:
            inside = (at >= layout.first_row) & (at <= layout.last_row)
            found[inside] = corrections[term][at[inside] - layout.first_row]
        return found

    def _meant(self, target: CellReference) -> tuple[Term | None, NDArray[np.intp]]:
        """Return the term whose column a reference names, and in which rows, shape (rows,)."""
        rows = np.arange(self.first, self.last + 1)
        column = target.column if target.column_fixed else target.column + self.column
        at = np.full(len(rows), target.row) if target.row_fixed else rows + target.row
        own = target.sheet in (None, self.sheet)
        return self.inference.layout.terms.get(column) if own else None, at

    def _spread(self, rule: Expression) -> Array:
        """Return how far the rounding of what a rule uses can move its value, shape (rows,)."""
        total = np.zeros(self.last - self.first + 1)
        for target in references(rule):
            unit = self._rounding(target)
            if not unit.any():
                continue
            up, down = (
                self.numbers.evaluated(
                    rule, self.sheet, self.column, self.first, self.last, {target: sign * unit}
                )
                for sign in (1, -1)
            )
            assert up is not None
            assert down is not None
            total += np.nan_to_num(np.abs(up - down)) / 2
        return total

    def _spread_of_gradient(self) -> float:
        """Return how far the rounding of a typed dC/dW can move a weight that was updated by it."""
        layout = self.inference.layout
        weight = layout.terms[self.column]
        gradient = weight._replace(kind="gradient")
        if weight.kind != "w" or gradient not in layout.columns or self.written.rows_with_formulas(gradient):
            return 0.0
        return abs(layout.learning_rate) * self.written.unit(gradient)

    def _rounding(self, target: CellReference) -> Array:
        """Return by how much the numbers that a reference gives may be rounded, shape (rows,)."""
        layout = self.inference.layout
        term, at = self._meant(target)
        if term is None or is_given(term):
            return np.zeros(len(at))
        typed = (at >= layout.begin(term)) & ~np.isin(at, self.written.rows_with_formulas(term))
        return np.where(typed, self.written.unit(term), 0.0)
