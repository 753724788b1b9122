"""Inputs and targets that formulas bring from elsewhere: a list of patterns, a count of steps."""

from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.inference import Inference
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Expression, Reference, references
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import holds
from sheetnet.net.terms import STEP, is_given


def brings_data(inference: Inference, item: Judged) -> bool:
    """Tell whether the formula of an input or a target, other than the rule's, is its author's own choice.

    It is where it uses nothing of the table, or, all down its column, what stands in the same row further
    left, or above it: the count of steps, inputs, of a target other targets. A copy of empty cells, or of
    other inputs, is none; but an input may be the target.
    """
    layout, series, column = inference.layout, item.series, inference.layout.columns[item.term]
    if "#REF!" in series.text().upper():
        return False
    try:
        expression = inference.judge.reader.of(series, column)
    except (Unparsable, NotComputable):
        return True
    own = [target for target in references(expression) if target.sheet in (None, layout.sheet)]
    places = [target.at(series.last, column)[1:] for target in own]
    table = [place for place in places if place[1] in layout.terms and place[0] > layout.label_row]
    if not table:
        return not _copies_nothing(inference, item, expression)
    before = [
        (row, used)
        for row, used in table
        if (used < column and row == series.last) or (used == column and row < series.last)
    ]
    terms = [layout.terms[place[1]] for place in before]
    copies = isinstance(expression, Reference) and item.term.kind != "target"
    most = 2 * (series.last - series.first + 1) > layout.steps
    return most and before == table and not copies and all(term == STEP or is_given(term) for term in terms)


def _copies_nothing(inference: Inference, item: Judged, expression: Expression) -> bool:
    """Tell whether a formula is but a reference to cells of its sheet in none of which anything stands."""
    layout, series = inference.layout, item.series
    if not (isinstance(expression, Reference) and isinstance(expression.target, CellReference)):
        return False
    sheet, cell = expression.target.sheet or layout.sheet, inference.judge.reader.cell
    rows = range(series.first, series.last + 1)
    used = ((sheet, *expression.target.at(row, layout.columns[item.term])[1:]) for row in rows)
    return sheet == layout.sheet and not any(holds(cell(place)) for place in used)
