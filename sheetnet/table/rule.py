"""The rule in a sheet's own addresses: the formula that belongs in each column of a layout."""

from sheetnet.errors import LayoutError
from sheetnet.formula.expression import (
    CellReference,
    Expression,
    Range,
    Reference,
    add,
    call,
    number,
    replace,
)
from sheetnet.formula.parse import MAX_FORMULA
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.text import Dialect, formula_text
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equations
from sheetnet.net.terms import COST, LEARNING_RATE, MEAN_COST, STEP, Term, Use, label
from sheetnet.table.compact import compact
from sheetnet.table.table import Piece, Table


def rule_expressions(layout: Layout, conventions: Conventions) -> dict[Term, Expression]:
    """Return for every term that has a column the relative formula the rule puts there.

    It holds from the row `layout.begin` on. Sums of many products are SUMPRODUCTs of ranges.
    """
    rules = {
        term: rule for term, rule in equations(layout.sizes, conventions).items() if term in layout.columns
    }
    found = {term: compact(_placed(rule, layout, layout.columns[term])) for term, rule in rules.items()}
    for term in layout.columns:
        if term == STEP:
            found[term] = add(Reference(CellReference(-1, 0)), number(1))
        elif term == MEAN_COST:
            cost = layout.columns[COST] - layout.columns[term]
            found[term] = call(
                "AVERAGE", Range(CellReference(1 - layout.patterns, cost), CellReference(0, cost))
            )
        elif term not in found:
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


def rule_table(layout: Layout, dialect: Dialect) -> Table:
    """Return the table that follows the rule throughout, in the layout's rows and by its conventions.

    LayoutError where a formula would be longer than a cell takes.
    """
    expressions = rule_expressions(layout, layout.conventions)
    patterns = rule_patterns(layout, expressions, dialect)
    for term, text in patterns.items():
        check_length(text.text(layout.last_row), layout, term, layout.name)
    columns = {}
    for term, column in layout.columns.items():
        begin = layout.begin(term)
        given = [Piece(layout.first_row, min(begin - 1, layout.last_row), None)]
        ruled = [Piece(begin, layout.last_row, patterns[term])]
        columns[column] = tuple(piece for piece in (*given, *ruled) if piece.first <= piece.last)
    known = {(layout.columns[term], patterns[term]): rule for term, rule in expressions.items()}
    return Table(layout.sheet, layout.first_row, layout.last_row, columns, known)


def check_length(formula: str, layout: Layout, term: Term, place: str) -> None:
    """Raise LayoutError for a formula of a term that is longer than a cell takes."""
    if len(formula) > MAX_FORMULA:
        layer, added = (term.layer + 1, "δ") if term.kind == "delta" else (len(layout.sizes) - 1, "outputs")
        size = layout.sizes[layer]
        raise LayoutError(
            f"{place}: the formula of {label(term)} adds up {size} {added} of layer {layer} and would have "
            f"{len(formula):,} characters, a cell takes {MAX_FORMULA:,}; "
            f"use at most about {size * MAX_FORMULA // len(formula)} neurons there"
        )


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
