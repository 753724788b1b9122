"""Expressions: what a formula says, apart from how a dialect spells it."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class CellReference(NamedTuple):
    """A cell as a formula names it: fixed parts are zero-based indices, relative parts are offsets.

    `sheet` None is the formula's own sheet.
    """

    row: int
    column: int
    row_fixed: bool = False
    column_fixed: bool = False
    sheet: str | None = None

    def at(self, row: int, column: int) -> tuple[str | None, int, int]:
        """Return (sheet, row, column) of the cell that a formula in `row`, `column` means."""
        return (
            self.sheet,
            self.row if self.row_fixed else self.row + row,
            self.column if self.column_fixed else self.column + column,
        )


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text or truth value written into the formula."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A value from elsewhere: a cell (CellReference), or whatever names a value in the caller's world."""

    target: Hashable


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, given by two corners."""

    first: CellReference
    last: CellReference


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator and its operands: one for ``neg``, ``pos`` and ``%``, two for all others."""

    operator: str
    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Call:
    """A function, its name in capitals, and its arguments."""

    name: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a formula that this program does not evaluate: a defined name, an array, another file."""

    text: str


Expression: TypeAlias = Constant | Reference | Range | Operation | Call | Unreadable


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the operands or arguments of an expression."""
    if isinstance(expression, Operation):
        return expression.operands
    if isinstance(expression, Call):
        return expression.arguments
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all its parts, the whole before its parts."""
    stack = [expression]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(children(part)))


def references(expression: Expression) -> list[CellReference]:
    """Return the cells that an expression names, each once."""
    found = (
        part.target
        for part in walk(expression)
        if isinstance(part, Reference) and isinstance(part.target, CellReference)
    )
    return list(dict.fromkeys(found))


def chain(expression: Expression) -> tuple[Expression, list[Operation]]:
    """Return the leftmost operand of binary operations that group from the left, and these, the inner first.

    A sum of 500 products is 500 operations deep on its left; whoever follows the chain needs no recursion.
    """
    operations: list[Operation] = []
    while isinstance(expression, Operation) and len(expression.operands) == 2:
        operations.append(expression)
        expression = expression.operands[0]
    return expression, operations[::-1]


def replace(expression: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """Return the expression with every part for which `change` gives another one replaced by it."""
    first, operations = chain(expression)
    changed = change(first)
    if changed is not None:
        result = changed
    elif isinstance(first, Operation):
        result = Operation(first.operator, tuple(replace(part, change) for part in first.operands))
    elif isinstance(first, Call):
        result = Call(first.name, tuple(replace(part, change) for part in first.arguments))
    else:
        result = first
    for operation in operations:
        changed = change(operation)
        right = operation.operands[1]
        result = changed or Operation(operation.operator, (result, replace(right, change)))
    return result


# Short forms, so that a rule written with them reads like the rule.


def number(value: float) -> Constant:
    """Return a constant."""
    return Constant(float(value))


def add(*terms: Expression) -> Expression:
    """Return t0 + t1 + …, added from the left as a sheet does."""
    total, *rest = terms
    for term in rest:
        total = Operation("+", (total, term))
    return total


def subtract(left: Expression, right: Expression) -> Expression:
    """Return left − right."""
    return Operation("-", (left, right))


def multiply(*factors: Expression) -> Expression:
    """Return f0 · f1 · …, multiplied from the left as a sheet does."""
    product, *rest = factors
    for factor in rest:
        product = Operation("*", (product, factor))
    return product


def divide(left: Expression, right: Expression) -> Expression:
    """Return left / right."""
    return Operation("/", (left, right))


def power(base: Expression, exponent: float) -> Expression:
    """Return base ^ exponent."""
    return Operation("^", (base, number(exponent)))


def negative(operand: Expression) -> Expression:
    """Return −operand."""
    return Operation("neg", (operand,))


def call(name: str, *arguments: Expression) -> Expression:
    """Return a function's call."""
    return Call(name, arguments)
