"""The rule in a sheet's own addresses: the formula that belongs in each column of a layout."""

from typing import NamedTuple

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


class Rule(NamedTuple):
    """What conventions ask of a sheet: for every term that has a column a relative formula, and its text.

    It stands from the row `layout.begin` on. Sums of many products are SUMPRODUCTs of ranges.
    """

    conventions: Conventions
    expressions: dict[Term, Expression]
    patterns: dict[Term, Pattern]

    def known(self, layout: Layout) -> dict[tuple[int, Pattern], Expression]:
        """Return the expressions by column and text, as a Table wants them."""
        return {(layout.columns[term], text): self.expressions[term] for term, text in self.patterns.items()}


def rule(layout: Layout, conventions: Conventions, dialect: Dialect) -> Rule:
    """Return the rule in a sheet's own addresses."""
    expressions = _expressions(layout, conventions)
    row = layout.first_row + layout.patterns
    patterns = {
        term: pattern(formula_text(expression, row, layout.columns[term], dialect), row)
        for term, expression in expressions.items()
    }
    return Rule(conventions, expressions, patterns)


def _expressions(layout: Layout, conventions: Conventions) -> dict[Term, Expression]:
    found = {
        term: compact(_placed(equation, layout, layout.columns[term]))
        for term, equation in equations(layout.sizes, conventions).items()
        if term in layout.columns
    }
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


def rule_table(layout: Layout, dialect: Dialect) -> Table:
    """Return the table that follows the rule throughout, in the layout's rows and by its conventions.

    LayoutError where a formula would be longer than a cell takes.
    """
    found = rule(layout, layout.conventions, dialect)
    for term, text in found.patterns.items():
        check_length(text.text(layout.last_row), layout, term, layout.name)
    columns = {}
    for term, column in layout.columns.items():
        begin = layout.begin(term)
        given = [Piece(layout.first_row, min(begin - 1, layout.last_row), None)]
        ruled = [Piece(begin, layout.last_row, found.patterns[term])]
        columns[column] = tuple(piece for piece in (*given, *ruled) if piece.first <= piece.last)
    return Table(layout.sheet, layout.first_row, layout.last_row, columns, found.known(layout))


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


def _placed(equation: Expression, layout: Layout, column: int) -> Expression:
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

    return replace(equation, place)
