"""The learning rate of a table: what all updates multiply by."""

import math
from collections import Counter
from collections.abc import Callable

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book
from sheetnet.layout.content import is_number
from sheetnet.layout.rate import Rate, in_cell, numbers_in
from sheetnet.recognition.backward import SCALES
from sheetnet.recognition.descent import rate_columns, update_of
from sheetnet.recognition.model import At, Model, Source, sources


def rate_of(
    book: Book, model: Model, taken: set[Source], is_rate: Callable[[Place], bool], factor: float | None
) -> Rate | None:
    """Return the learning rate: the cell, or the column, that most updates use and no term is.

    Without one it is a number inside the updates, the one that is `factor`, by which most weights go down
    along the slope, or near it. `is_rate` tells whether a label beside a cell says so.
    """
    votes: Counter[Place] = Counter()
    written: Counter[float] = Counter()
    columns = rate_columns(model)
    for state in model.states:
        named: dict[Place, None] = {}
        for column in update_of(model, state):
            expression = model.formulas[column]
            for source in sources(expression, None):
                if source in taken or source in model.formulas:
                    continue
                if isinstance(source, int):
                    if source in columns or source in model.sparse:
                        named[model.sheet, model.first, source] = None
                else:
                    named[source] = None
        if not named:
            # a gradient in a column of its own is no number's factor
            found = [
                each for column in update_of(model, state) for each in numbers_in(model.formulas[column])
            ]
            if factor is not None:  # of several numbers the one by which the weight goes down
                found.sort(key=lambda each: _unlike(factor / each))
            written.update(found[:1])
        votes.update(list(named))
    places = sorted(votes, key=lambda place: (-(votes[place] + 0.5 * is_rate(place)), place))
    sheets = {sheet.name for sheet in book.sheets}
    known = [place for place in places if place[0] in sheets]
    numbers = [place for place in known if _is_rate(book, place)]
    if numbers and votes[numbers[0]] * 2 >= sum(written.values()):
        return in_cell(book, numbers[0])
    if written:
        exact = (each for each in written if factor is not None and math.isclose(each, factor, rel_tol=1e-5))
        return Rate(None, next(exact, written.most_common(1)[0][0]))
    return in_cell(book, known[0]) if known else None


def _unlike(ratio: float) -> tuple[float, int]:
    """Return how far a ratio is from a scale that gradients may have, and how unusual that is."""
    return min((round(abs(ratio - scale), 9), index) for index, scale in enumerate(SCALES))


def _is_rate(book: Book, place: Place) -> bool:
    cell = book.sheet(place[0]).cell(place[1], place[2])
    return cell is not None and is_number(cell)


__all__ = ["At", "rate_of"]
