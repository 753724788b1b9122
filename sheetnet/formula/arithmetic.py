"""Calc's arithmetic: its addition, its functions, and the value of one expression."""

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Range,
    Reference,
    Unreadable,
    chain,
    walk,
)

Value: TypeAlias = float | str | bool | None
Lookup: TypeAlias = Callable[[object], Value]
"""Gives the value of a reference's target; raises ErrorValue where that cell shows an error."""

NEARLY_EQUAL = 2.0**-48
"""Calc calls two numbers equal when they differ by less than this part of either (rtl_math_approxEqual)."""
MAX_RANGE = 1_000_000
"""Cells that one range may have here."""


class ErrorValue(Exception):
    """An error that Calc shows in the cell; its text is what is shown."""


class NotComputable(Exception):
    """A formula with a part outside the arithmetic that this program evaluates."""


def settle(a: float, b: float, total: float) -> float:
    """Return Calc's a ± b from the plain `total`: 0 when the operands nearly cancel, unless all are integers.

    Source: LibreOffice, rtl::math::approxAdd and approxSub, include/rtl/math.hxx.
    """
    size = abs(total)
    if size < abs(a) * NEARLY_EQUAL and size < abs(b) * NEARLY_EQUAL:
        if a.is_integer() and b.is_integer() and total.is_integer():
            return total
        return 0.0
    return total


def add(a: float, b: float) -> float:
    """Return Calc's a + b."""
    return settle(a, b, a + b)


def subtract(a: float, b: float) -> float:
    """Return Calc's a − b."""
    return settle(a, b, a - b)


def power(a: float, b: float) -> float:
    """Return Calc's a ^ b, which is C's pow."""
    try:
        return math.pow(a, b)
    except (OverflowError, ValueError) as error:
        raise ErrorValue("#NUM!") from error


KNOWN_FUNCTIONS: set[str] = set()
"""The whitelist: functions that `evaluate` knows."""


def is_known(expression: Expression) -> bool:
    """Tell whether an expression has nothing but what `evaluate` knows."""
    for part in walk(expression):
        if isinstance(part, Unreadable) or (isinstance(part, Call) and part.name not in KNOWN_FUNCTIONS):
            return False
        if isinstance(part, Range) and _is_mixed(part):
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


def cells(area: Range) -> Iterator[CellReference]:
    """Yield the cells of a range, row by row; its corners must be fixed or relative alike."""
    first, last = area.first, area.last
    if _is_mixed(area):
        raise NotComputable("a range with one fixed corner")
    rows = range(min(first.row, last.row), max(first.row, last.row) + 1)
    columns = range(min(first.column, last.column), max(first.column, last.column) + 1)
    if len(rows) * len(columns) > MAX_RANGE:
        raise NotComputable("a very large range")
    for row in rows:
        for column in columns:
            yield first._replace(row=row, column=column)


def _is_mixed(area: Range) -> bool:
    first, last = area.first, area.last
    return first.row_fixed != last.row_fixed or first.column_fixed != last.column_fixed


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise ErrorValue("#NUM!")


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
        if isinstance(left, str) or isinstance(right, str):
            raise NotComputable("a comparison of texts")
        return _COMPARISONS[operator](subtract(number(left), number(right)))
    a, b = number(left), number(right)
    if operator == "+":
        return _finite(add(a, b))
    if operator == "-":
        return _finite(subtract(a, b))
    if operator == "*":
        return _finite(a * b)
    if operator == "/":
        if b == 0:
            raise ErrorValue("#DIV/0!")
        return _finite(a / b)
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


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError as error:
        raise ErrorValue("#NUM!") from error


def _domain(function: Callable[[float], float]) -> Callable[[float], float]:
    def guarded(x: float) -> float:
        try:
            return function(x)
        except ValueError as error:
            raise ErrorValue("Err:502") from error
        except OverflowError as error:
            raise ErrorValue("#NUM!") from error

    return guarded


_ONE_NUMBER: dict[str, Callable[[float], float]] = {
    "EXP": _exp,
    "LN": _domain(math.log),
    "LOG10": _domain(math.log10),
    "SQRT": _domain(math.sqrt),
    "SIN": math.sin,
    "COS": math.cos,
    "TANH": math.tanh,
    "SINH": _domain(math.sinh),
    "COSH": _domain(math.cosh),
    "ATAN": math.atan,
    "ABS": abs,
    "INT": math.floor,
    "SIGN": lambda x: math.copysign(1.0, x) if x else 0.0,
}


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
            if isinstance(value, float | int):
                found.append(float(value))
        else:
            found.append(number(evaluate(argument, lookup)))
    return found


def total(values: list[float]) -> float:
    """Return Calc's SUM: compensated, the last term added apart, 0 where that nearly cancels all others.

    Source: LibreOffice, KahanSum (sc/inc/kahan.hxx), Neumaier's variant; zeros are passed over.
    """
    terms = [value for value in values if value]
    if not terms:
        return 0.0
    last = terms.pop()
    sum_, error = _compensated(0.0, 0.0, terms)
    if settle(sum_ + error, last, sum_ + error + last) == 0:
        return 0.0
    sum_, error = _compensated(sum_, error, [last])
    return _finite(sum_ + error)


def _compensated(sum_: float, error: float, terms: list[float]) -> tuple[float, float]:
    for term in terms:
        new = sum_ + term
        error += (sum_ - new) + term if abs(sum_) >= abs(term) else (term - new) + sum_
        sum_ = new
    return sum_, error


def _sumproduct(arguments: tuple[Expression, ...], lookup: Lookup) -> float:
    if not all(isinstance(argument, Range) for argument in arguments):
        raise NotComputable("SUMPRODUCT of something else than ranges")
    columns = [
        [_number_or_zero(lookup(cell)) for cell in cells(area)]
        for area in arguments
        if isinstance(area, Range)
    ]
    if len({len(column) for column in columns}) != 1:
        raise ErrorValue("#VALUE!")
    return total([math.prod(factors) for factors in zip(*columns, strict=True)])


def _number_or_zero(value: Value) -> float:
    return float(value) if isinstance(value, float | int) else 0.0


def _average(values: list[float]) -> float:
    if not values:
        raise ErrorValue("#DIV/0!")
    return total(values) / len(values)


_MANY_NUMBERS: dict[str, Callable[[list[float]], float]] = {
    "SUM": total,
    "SUMSQ": lambda values: total([value * value for value in values]),
    "PRODUCT": lambda values: _finite(math.prod(values)) if values else 0.0,
    "AVERAGE": _average,
    "MIN": lambda values: min(values, default=0.0),
    "MAX": lambda values: max(values, default=0.0),
    "COUNT": lambda values: float(len(values)),
}


def _call(expression: Call, lookup: Lookup) -> Value:
    name, arguments = expression.name, expression.arguments
    if name in _ONE_NUMBER and len(arguments) == 1:
        return _finite(float(_ONE_NUMBER[name](number(evaluate(arguments[0], lookup)))))
    if name in _MANY_NUMBERS and arguments:
        return _MANY_NUMBERS[name](_numbers(arguments, lookup))
    if name == "SUMPRODUCT" and arguments:
        return _sumproduct(arguments, lookup)
    if name == "POWER" and len(arguments) == 2:
        base, exponent = (number(evaluate(part, lookup)) for part in arguments)
        return power(base, exponent)
    if name == "IF" and 2 <= len(arguments) <= 3:
        if number(evaluate(arguments[0], lookup)):
            return evaluate(arguments[1], lookup)
        return evaluate(arguments[2], lookup) if len(arguments) == 3 else False
    if name in ("AND", "OR") and arguments:
        given = [evaluate(part, lookup) for part in arguments]
        truths = [bool(number(value)) for value in given if value is not None]
        if not truths:
            raise ErrorValue("#VALUE!")
        return all(truths) if name == "AND" else any(truths)
    if name == "NOT" and len(arguments) == 1:
        return not number(evaluate(arguments[0], lookup))
    if name in _NO_ARGUMENT and not arguments:
        return _NO_ARGUMENT[name]
    raise NotComputable(f"the function {name}")


_NO_ARGUMENT: dict[str, float | bool] = {"PI": math.pi, "TRUE": True, "FALSE": False}
KNOWN_FUNCTIONS |= {
    *_ONE_NUMBER,
    *_MANY_NUMBERS,
    *_NO_ARGUMENT,
    "SUMPRODUCT",
    "POWER",
    "IF",
    "AND",
    "OR",
    "NOT",
}
