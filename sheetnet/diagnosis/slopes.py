"""A second witness: central differences of a sheet's own cost, against its δ and dC/dW."""

from collections.abc import Iterator

import numpy as np

from sheetnet.book.calculator import Place, cells_of
from sheetnet.book.grid import Book
from sheetnet.diagnosis.inference import Inference
from sheetnet.diagnosis.numbers import Array, Numbers
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import evaluate_columns
from sheetnet.formula.expression import CellReference, Expression
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.series import SeriesReader
from sheetnet.net.terms import ASIDES, COST, Term, is_bias, is_given

ROWS = 12
"""Rows in which slopes are taken: the first ones, and others spread over the table."""
STEP = 1e-3
"""By how much a weight is moved; a five-point difference errs by STEP⁴ and by rounding, both about 1e-13."""
STENCIL = np.array([-2.0, -1.0, 1.0, 2.0])
FACTORS = np.array([1.0, -8.0, 8.0, -1.0]) / 12
RELATIVE, ABSOLUTE = 1e-6, 1e-9


def slopes_agree(book: Book, inference: Inference, numbers: Numbers) -> bool | None:
    """Tell whether the slopes of the sheet's cost are those that its δ and dC/dW say; None if there is none.

    The cost is computed by the sheet's own formulas, from the activations to C. With wrong formulas in the
    forward pass the slopes are those of what the sheet computes, not of what it should. Where columns from
    the activations on are typed there are none: nothing follows from the weights, or only as far as rounded.
    """
    layout = inference.layout
    if any(_is_typed(inference, term) for term in layout.columns):
        return None
    witness = _Witness(book, inference, numbers)
    seen = False
    for row in _rows(layout.first_row, layout.last_row):
        slopes = witness.slopes(row)
        if slopes is None:
            continue
        for weight, slope in slopes.items():
            for stated in _stated(inference, numbers, weight, row):
                seen = True
                if not abs(stated - slope) <= ABSOLUTE + RELATIVE * abs(slope):
                    return False
    return True if seen else None


def _is_typed(inference: Inference, term: Term) -> bool:
    """Tell whether a column of computed numbers, weights aside, has no formula, or lacks it on one page."""
    computed = term.kind != "w" and not is_given(term) and term not in ASIDES
    whole = any if inference.layout.pages else all
    return computed and whole(item.series.pattern is None for item in inference.judged[term])


def _rows(first: int, last: int) -> list[int]:
    spread = np.unique(np.linspace(first, last, ROWS).astype(int)).tolist()
    return sorted({*range(first, min(first + 3, last + 1)), *spread})


def _stated(inference: Inference, numbers: Numbers, weight: Term, row: int) -> Iterator[float]:
    """Yield what the sheet says of a weight's slope in a row: δ·a, and its dC/dW column."""
    layout, conventions = inference.layout, inference.conventions
    sign = -1.0 if conventions.difference == "T-a" else 1.0

    def number(term: Term) -> float:
        """Return what stands in a term's column, nan where it has none."""
        column = layout.columns.get(term)
        return np.nan if column is None else numbers.at((layout.sheet, row, column))

    delta = number(Term("delta", weight.layer, weight.i))
    before = 1.0 if is_bias(weight, layout.sizes) else number(Term("a", weight.layer - 1, weight.j))
    if np.isfinite(delta * before) and conventions.order == "simultaneous":
        yield sign * delta * before
    gradient = weight._replace(kind="gradient")
    alone = not (is_bias(weight, layout.sizes) and conventions.biases == "shared")
    if gradient in layout.columns and alone and conventions.order == "simultaneous":
        stated = number(gradient)
        if np.isfinite(stated):
            yield stated if conventions.gradients == "dC/dW" else -stated


class _Witness:
    """Evaluates the cost of a row by the sheet's own formulas, with one weight after the other moved."""

    def __init__(self, book: Book, inference: Inference, numbers: Numbers) -> None:
        self.layout, self._numbers = inference.layout, numbers
        self._reader = SeriesReader(book)
        self._cell = cells_of(book)
        self._weights = [term for term in self.layout.columns if term.kind == "w"]
        self._shape = len(self._weights) * len(STENCIL)

    def slopes(self, row: int) -> dict[Term, float] | None:
        """Return dC/dw of each weight in a row, None where the cost can't be computed."""
        layout = self.layout
        place = (layout.sheet, row, layout.columns[COST])
        cost = self._cell(place)
        known: dict[Place, Array] = {}
        for index, weight in enumerate(self._weights):
            begin = self._numbers.at((layout.sheet, row, layout.columns[weight]))
            if not np.isfinite(begin):
                return None
            moved = np.full(self._shape, begin)
            moved[index * 4 : index * 4 + 4] += STEP * STENCIL
            known[layout.sheet, row, layout.columns[weight]] = moved
        if cost is None or cost.formula is None:
            return None
        try:
            values = self._value(place, row, known)
        except (NotComputable, Unparsable, RecursionError):
            return None
        with np.errstate(all="ignore"):  # a cost that is no number gives no slope
            found = (values.reshape(-1, len(STENCIL)) @ FACTORS) / STEP
        if not np.isfinite(found).all():
            return None
        return dict(zip(self._weights, found.tolist(), strict=True))

    def _value(self, place: Place, row: int, known: dict[Place, Array]) -> Array:
        if place not in known:
            known[place] = np.full(self._shape, np.nan)  # for a circle
            cell = self._cell(place)
            if cell is not None and cell.formula is not None and self._is_computed(place, row):
                value = self._evaluated(self._reader.expression(*place), place, row, known)
            else:
                value = np.full(self._shape, self._numbers.at(place))
            known[place] = value
        return known[place]

    def _is_computed(self, place: Place, row: int) -> bool:
        """Tell whether a cell may follow from the weights of the row; all else keeps its number.

        Columns beside the net, on whatever sheet, may; of the net's own only the row's.
        """
        term = self.layout.terms.get(place[2]) if place[0] == self.layout.sheet else None
        given = term is not None and (
            term.kind in ("delta", "gradient", "target", "w") or term == Term("a", 0, term.i)
        )
        return term is None or (place[1] == row and not given)

    def _evaluated(self, expression: Expression, place: Place, row: int, known: dict[Place, Array]) -> Array:
        sheet, own_row, column = place

        def lookup(target: object) -> Array:
            if not isinstance(target, CellReference):
                raise NotComputable(str(target))
            other, target_row, target_column = target.at(own_row, column)
            return self._value((other or sheet, target_row, target_column), row, known)

        return np.array(np.broadcast_to(evaluate_columns(expression, lookup), (self._shape,)))
