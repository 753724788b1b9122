"""Calc's arithmetic: the value of one expression."""

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

from sheetnet.formula.expression import (
    Call,
    Constant,
    Expression,
    Operation,
    Range,
    Reference,
    Unreadable,
    chain,
    walk,
)
from sheetnet.formula.functions import MANY_NUMBERS, PAIRED, SOME_NUMBERS, finite, power
from sheetnet.formula.functions import ErrorValue as ErrorValue
from sheetnet.formula.functions import NotComputable as NotComputable
from sheetnet.formula.functions import add as add
from sheetnet.formula.functions import subtract as subtract
from sheetnet.formula.functions import total as total
from sheetnet.formula.matrix import is_spread, scalar
from sheetnet.formula.ranges import cells as cells
from sheetnet.formula.ranges import is_mixed, shape

Value: TypeAlias = float | str | bool | None
Lookup: TypeAlias = Callable[[object], Value]
"""Gives the value of a reference's target; raises ErrorValue where that cell shows an error."""


def is_known(expression: Expression) -> bool:
    """Tell whether an expression has nothing but what `evaluate` knows."""
    for part in walk(expression):
        if isinstance(part, Unreadable) or (isinstance(part, Call) and part.name not in KNOWN_FUNCTIONS):
            return False
        if isinstance(part, Range) and is_mixed(part):
            return False
    return True


def evaluate(expression: Expression, lookup: Lookup) -> Value:
    """Return the value that Calc computes; ErrorValue for an error, NotComputable outside the whitelist.

    `lookup` is given a reference's target, and for a Range each CellReference of it in turn.
    """
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Reference):
        return lookup(expression.target)
    if isinstance(expression, Operation):
        return _operation(expression, lookup)
    if isinstance(expression, Call):
        return _call(expression, lookup)
    raise NotComputable(f"'{expression.text}'" if isinstance(expression, Unreadable) else "a range")


def number(value: Value) -> float:
    """Return a value as an operand of arithmetic: empty is 0, text is an error."""
    if value is None:
        return 0.0
    if isinstance(value, str):
        raise ErrorValue("#VALUE!")
    return float(value)


def _operation(expression: Operation, lookup: Lookup) -> Value:
    first, operations = chain(expression)
    if not operations:
        operand = number(evaluate(expression.operands[0], lookup))
        return {"neg": -operand, "pos": operand, "%": operand / 100}[expression.operator]
    value = evaluate(first, lookup)
    for operation in operations:
        value = _binary(operation.operator, value, evaluate(operation.operands[1], lookup))
    return value


def _binary(operator: str, left: Value, right: Value) -> Value:
    if operator == "&":
        return _text(left) + _text(right)
    if operator in _COMPARISONS:
        if "" in (left, right) and operator in ("=", "<>"):
            return all(each in ("", None) for each in (left, right)) == (operator == "=")
        if isinstance(left, str) or isinstance(right, str):
            raise NotComputable("a comparison of texts")
        return _COMPARISONS[operator](subtract(number(left), number(right)))
    a, b = number(left), number(right)
    if operator == "+":
        return finite(add(a, b))
    if operator == "-":
        return finite(subtract(a, b))
    if operator == "*":
        return finite(a * b)
    if operator == "/":
        if b == 0:
            raise ErrorValue("#DIV/0!")
        return finite(a / b)
    if operator == "^":
        return power(a, b)
    raise NotComputable(operator)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    raise NotComputable("a number as text")


_COMPARISONS: dict[str, Callable[[float], bool]] = {
    "=": lambda difference: difference == 0,
    "<>": lambda difference: difference != 0,
    "<": lambda difference: difference < 0,
    "<=": lambda difference: difference <= 0,
    ">": lambda difference: difference > 0,
    ">=": lambda difference: difference >= 0,
}


# ---------------------------------------------------------------- functions


def _numbers(arguments: tuple[Expression, ...], lookup: Lookup) -> list[float]:
    """Return the numbers among arguments; texts in ranges do not count (OpenFormula 6.16)."""
    found: list[float] = []
    for argument in arguments:
        if isinstance(argument, Range):
            values = [lookup(cell) for cell in cells(argument)]
            if any(isinstance(value, bool) for value in values):
                raise NotComputable("truth values in a range, which count in one program and not in another")
            found += [float(value) for value in values if isinstance(value, float | int)]
        elif isinstance(argument, Reference):
            value = lookup(argument.target)
            if isinstance(value, bool):
                raise NotComputable("a cell's truth value, which counts in one program and not in another")
            if isinstance(value, float | int):
                found.append(float(value))
        else:
            found.append(number(evaluate(argument, lookup)))
    return found


def _columns(arguments: tuple[Expression, ...], lookup: Lookup) -> Iterator[tuple[Value, ...]]:
    """Yield what stands in the same place of ranges of one shape."""
    areas = [argument for argument in arguments if isinstance(argument, Range)]
    if len({shape(area) for area in areas}) != 1:
        raise ErrorValue("#VALUE!")
    return zip(*([lookup(cell) for cell in cells(area)] for area in areas), strict=True)


def _sumproduct(arguments: tuple[Expression, ...], lookup: Lookup) -> float:
    return total([math.prod(map(_number_or_zero, factors)) for factors in _columns(arguments, lookup)])


def _number_or_zero(value: Value) -> float:
    return float(value) if isinstance(value, float | int) else 0.0


def _paired(name: str, arguments: tuple[Expression, ...], lookup: Lookup) -> float:
    terms: list[float] = []
    for x, y in _columns(arguments, lookup):
        if not (_is_number(x) and _is_number(y)):
            raise NotComputable(f"{name} of something else than numbers, which programs treat differently")
        terms += PAIRED[name](number(x), number(y))
    return total(terms)


def _is_number(value: Value) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


def _call(expression: Call, lookup: Lookup) -> Value:
    name, arguments = expression.name, expression.arguments
    if is_spread(expression):
        return evaluate(scalar(expression), lookup)
    if name in SOME_NUMBERS:
        function, least, most = SOME_NUMBERS[name]
        if least <= len(arguments) <= most:
            return finite(float(function(*(number(evaluate(part, lookup)) for part in arguments))))
    elif name in MANY_NUMBERS and arguments:
        return MANY_NUMBERS[name](_numbers(arguments, lookup))
    elif name in _OTHER:
        rule, fewest, greatest = _OTHER[name]
        if fewest <= len(arguments) <= greatest:
            return rule(arguments, lookup)
    elif name in PAIRED and len(arguments) == 2:
        return _paired(name, arguments, lookup)
    raise NotComputable(f"the function {name}")


_Arguments: TypeAlias = tuple[Expression, ...]


def _if(arguments: _Arguments, lookup: Lookup) -> Value:
    if number(evaluate(arguments[0], lookup)):
        return evaluate(arguments[1], lookup)
    return evaluate(arguments[2], lookup) if len(arguments) == 3 else False


def _iferror(arguments: _Arguments, lookup: Lookup) -> Value:
    try:
        return evaluate(arguments[0], lookup)
    except ErrorValue:
        return evaluate(arguments[1], lookup)


def _truths(arguments: _Arguments, lookup: Lookup) -> list[bool]:
    given = [evaluate(part, lookup) for part in arguments]
    truths = [bool(number(value)) for value in given if value is not None]
    if not truths:
        raise ErrorValue("#VALUE!")
    return truths


_OTHER: dict[str, tuple[Callable[[_Arguments, Lookup], Value], int, float]] = {
    "IF": (_if, 2, 3),
    "IFERROR": (_iferror, 2, 2),
    "AND": (lambda arguments, lookup: all(_truths(arguments, lookup)), 1, math.inf),
    "OR": (lambda arguments, lookup: any(_truths(arguments, lookup)), 1, math.inf),
    "NOT": (lambda arguments, lookup: not number(evaluate(arguments[0], lookup)), 1, 1),
    "TRUE": (lambda arguments, lookup: True, 0, 0),
    "FALSE": (lambda arguments, lookup: False, 0, 0),
    "SUMPRODUCT": (_sumproduct, 1, math.inf),
}
KNOWN_FUNCTIONS = {*SOME_NUMBERS, *MANY_NUMBERS, *PAIRED, *_OTHER}
"""The whitelist: functions that `evaluate` knows."""
