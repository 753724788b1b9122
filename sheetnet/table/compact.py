"""Long sums of products as SUMPRODUCT, which a sheet's reader can still take in and a cell can still hold."""

from sheetnet.formula.expression import (
    Call,
    CellReference,
    Expression,
    Operation,
    Range,
    Reference,
    add,
    call,
)

LONGEST_CHAIN = 20
"""Products that are written out; more become one SUMPRODUCT, where their cells stand side by side."""


def compact(expression: Expression) -> Expression:
    """Return the expression with sums of more than LONGEST_CHAIN products a·w as SUMPRODUCTs of ranges."""
    terms = _terms(expression)
    if len(terms) > 1:
        factors = [_factors(term) for term in terms]
        first = factors[0]
        count = 0
        while first is not None and count < len(terms) and factors[count] == _beside(first, count):
            count += 1
        if first is not None and count > LONGEST_CHAIN:
            ranges = (
                Range(corner, end) for corner, end in zip(first, _beside(first, count - 1), strict=True)
            )
            return add(call("SUMPRODUCT", *ranges), *map(compact, terms[count:]))
        return add(*map(compact, terms))
    if isinstance(expression, Operation):
        return Operation(expression.operator, tuple(map(compact, expression.operands)))
    if isinstance(expression, Call):
        return Call(expression.name, tuple(map(compact, expression.arguments)))
    return expression


def _terms(expression: Expression) -> list[Expression]:
    """Return the terms of a sum from the left, or the expression alone."""
    terms = []
    while isinstance(expression, Operation) and expression.operator == "+" and len(expression.operands) == 2:
        terms.append(expression.operands[1])
        expression = expression.operands[0]
    return [expression, *reversed(terms)]


def _factors(term: Expression) -> tuple[CellReference, CellReference] | None:
    """Return the two cells of a product of cells."""
    match term:
        case Operation("*", (Reference(CellReference() as left), Reference(CellReference() as right))):
            return left, right
    return None


def _beside(cells: tuple[CellReference, CellReference], columns: int) -> tuple[CellReference, CellReference]:
    """Return two cells so many columns to the right."""
    left, right = cells
    return left._replace(column=left.column + columns), right._replace(column=right.column + columns)
