"""The rule in a sheet's own addresses: the formula that belongs in each column of a layout."""

from sheetnet.formula.expression import CellReference, Expression, Reference, replace
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.text import Dialect, formula_text
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equations
from sheetnet.net.terms import LEARNING_RATE, Term, Use


def rule_expressions(layout: Layout, conventions: Conventions) -> dict[Term, Expression]:
    """Return for every term that has a column the relative formula the rule puts there.

    A weight's holds from step 1 on, an input's and a target's from the first step after the patterns.
    """
    rules = {
        term: rule for term, rule in equations(layout.sizes, conventions).items() if term in layout.columns
    }
    found = {term: _placed(rule, layout, layout.columns[term]) for term, rule in rules.items()}
    for term in layout.columns:
        if term not in found:
            found[term] = Reference(CellReference(-layout.patterns, 0))
    return found


def rule_patterns(
    layout: Layout, expressions: dict[Term, Expression], dialect: Dialect
) -> dict[Term, Pattern]:
    """Return the texts of `rule_expressions`, for any row."""
    row = layout.first_row + layout.patterns
    return {
        term: pattern(formula_text(expression, row, layout.columns[term], dialect), row)
        for term, expression in expressions.items()
    }


def _placed(rule: Expression, layout: Layout, column: int) -> Expression:
    sheet, rate_row, rate_column = layout.rate
    rate = Reference(
        CellReference(rate_row, rate_column, True, True, None if sheet == layout.sheet else sheet)
    )

    def place(part: Expression) -> Expression | None:
        if not (isinstance(part, Reference) and isinstance(part.target, Use)):
            return None
        term, step = part.target
        return (
            rate if term == LEARNING_RATE else Reference(CellReference(step, layout.columns[term] - column))
        )

    return replace(rule, place)
