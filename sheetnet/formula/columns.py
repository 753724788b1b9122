"""Columns of values: one expression evaluated with numpy at many places at once."""

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import Call, Constant, Expression, Operation, Range, Reference, chain, walk
from sheetnet.formula.functions import SOME_NUMBERS
from sheetnet.formula.matrix import scalar

Column: TypeAlias = NDArray[np.float64]
Lookup: TypeAlias = Callable[[Any], Column | float]
"""Gives a target's values, shape (n,), or one number for all places; nan where the cell shows an error."""

_Rule: TypeAlias = Callable[..., Any]


def evaluate_columns(expression: Expression, lookup: Lookup) -> Column:
    """Return an expression's values at all places, shape (n,), or () when nothing in it varies.

    The functions are those of `arithmetic.evaluate`, in plain float64: near-cancellations are left as they
    are, sums are added from the left, and only ROUND and INT are Calc's to the bit. nan where the cell would
    show an error; truth is 1 and 0. Ranges are spelt out by `scalar` first, which is faster done once by who
    evaluates a formula often. NotComputable outside the whitelist and for texts.
    """
    try:
        return _evaluated(expression, lookup)
    except NotComputable:
        if not any(isinstance(part, Range) for part in walk(expression)):
            raise
    return _evaluated(scalar(expression), lookup)


def _evaluated(expression: Expression, lookup: Lookup) -> Column:
    # Nearly all formulas are free of errors: those that are not are computed again, one step at a time.
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            return np.asarray(_value(expression, lookup, _RULES), dtype=np.float64)
    except FloatingPointError:
        with np.errstate(all="ignore"):
            return np.asarray(_value(expression, lookup, _CAREFUL), dtype=np.float64)


def _value(expression: Expression, lookup: Lookup, rules: dict[str, _Rule]) -> Any:
    if isinstance(expression, Reference):
        return lookup(expression.target)
    if isinstance(expression, Operation):
        first, operations = chain(expression)
        if not operations:
            return _rule(expression, rules)(_value(expression.operands[0], lookup, rules))
        value = _value(first, lookup, rules)
        for operation in operations:
            value = _rule(operation, rules)(value, _value(operation.operands[1], lookup, rules))
        return value
    if isinstance(expression, Constant):
        if isinstance(expression.value, str):
            raise NotComputable("a text")
        return float(expression.value)
    if isinstance(expression, Call):
        name, arguments = expression.name, expression.arguments
        least, most = _ARGUMENTS.get(name, (1, 0))
        if not least <= len(arguments) <= most:
            raise NotComputable(f"the function {name}")
        return rules[name](*(_value(argument, lookup, rules) for argument in arguments))
    raise NotComputable("a range" if isinstance(expression, Range) else f"'{expression.text}'")


def _rule(operation: Operation, rules: dict[str, _Rule]) -> _Rule:
    if operation.operator not in _OPERATORS:
        raise NotComputable(operation.operator)
    return rules[operation.operator]


# ------------------------------------------------------- rules; each gives nan where an operand is nan


def _power(base: Any, exponent: Any) -> Any:
    if type(exponent) is float and exponent:
        return np.square(base) if exponent == 2.0 else np.power(base, exponent)
    # C's pow, and so numpy's: nan^0 and 1^nan are 1
    return np.where(np.isnan(base) | np.isnan(exponent), np.nan, np.power(base, exponent))


def _greater(a: Any, b: Any) -> Any:
    return np.heaviside(np.subtract(a, b), 0.0)


def _at_least(a: Any, b: Any) -> Any:
    return np.heaviside(np.subtract(a, b), 1.0)


def _true(a: Any) -> Any:
    return np.abs(np.sign(a))


def _different(a: Any, b: Any) -> Any:
    return _true(np.subtract(a, b))


def _if(test: Any, yes: Any, no: Any = 0.0) -> Any:
    return np.where(np.equal(test, 0.0), no, yes) + np.multiply(test, 0.0)


def _sum(*values: Any) -> Any:
    return reduce(np.add, values)


def _product(*values: Any) -> Any:
    return reduce(np.multiply, values)


def _deviations(*values: Any) -> Any:
    mean = np.divide(_sum(*values), len(values))
    return _sum(*(np.square(np.subtract(value, mean)) for value in values))


def _count(*values: Any) -> Any:
    return np.add(_sum(*(np.multiply(value, 0.0) for value in values)), len(values))


def _log(a: Any, base: Any = None) -> Any:
    return np.log10(a) if base is None else np.divide(np.log(a), np.log(base))


def _as_calc(name: str) -> _Rule:
    """Return a function of the evaluator's, value by value: where it jumps, the last bits decide much."""
    function = SOME_NUMBERS[name][0]

    def value(*numbers: float) -> float:
        return function(*map(float, numbers)) if all(map(math.isfinite, numbers)) else math.nan

    def column(*values: Any) -> Any:
        rows = np.broadcast_arrays(*values)
        flat = zip(*(row.ravel().tolist() for row in rows), strict=True)
        return np.array([value(*numbers) for numbers in flat]).reshape(rows[0].shape)

    return column


_OPERATORS: dict[str, _Rule] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": _power,
    "neg": np.negative,
    "pos": np.positive,
    "%": lambda a: np.divide(a, 100.0),
    "=": lambda a, b: np.subtract(1.0, _different(a, b)),
    "<>": _different,
    ">": _greater,
    ">=": _at_least,
    "<": lambda a, b: _greater(b, a),
    "<=": lambda a, b: _at_least(b, a),
}
_ANY = 1_000_000
_FUNCTIONS: dict[str, tuple[_Rule, int, int]] = {
    "EXP": (np.exp, 1, 1),
    "LN": (np.log, 1, 1),
    "LOG10": (np.log10, 1, 1),
    "LOG": (_log, 1, 2),
    "SQRT": (np.sqrt, 1, 1),
    "SIN": (np.sin, 1, 1),
    "COS": (np.cos, 1, 1),
    "TANH": (np.tanh, 1, 1),
    "SINH": (np.sinh, 1, 1),
    "COSH": (np.cosh, 1, 1),
    "ATAN": (np.arctan, 1, 1),
    "ABS": (np.abs, 1, 1),
    "INT": (_as_calc("INT"), 1, 1),
    "SIGN": (np.sign, 1, 1),
    "ROUND": (_as_calc("ROUND"), 1, 2),
    "POWER": (_power, 2, 2),
    "PI": (lambda: np.pi, 0, 0),
    "TRUE": (lambda: 1.0, 0, 0),
    "FALSE": (lambda: 0.0, 0, 0),
    "IF": (_if, 2, 3),
    "IFERROR": (lambda a, instead: np.where(np.isnan(a), instead, a), 2, 2),
    "AND": (lambda *values: reduce(np.minimum, map(_true, values)), 1, _ANY),
    "OR": (lambda *values: reduce(np.maximum, map(_true, values)), 1, _ANY),
    "NOT": (lambda a: np.subtract(1.0, _true(a)), 1, 1),
    "SUM": (_sum, 1, _ANY),
    "SUMSQ": (lambda *values: _sum(*map(np.square, values)), 1, _ANY),
    "SUMPRODUCT": (_product, 1, _ANY),
    "PRODUCT": (_product, 1, _ANY),
    "AVERAGE": (lambda *values: np.divide(_sum(*values), len(values)), 1, _ANY),
    "MIN": (lambda *values: reduce(np.minimum, values), 1, _ANY),
    "MAX": (lambda *values: reduce(np.maximum, values), 1, _ANY),
    "COUNT": (_count, 1, _ANY),
    "DEVSQ": (_deviations, 1, _ANY),
    "SUMXMY2": (lambda a, b: np.square(np.subtract(a, b)), 2, 2),
    "SUMX2MY2": (lambda a, b: np.subtract(np.square(a), np.square(b)), 2, 2),
    "SUMX2PY2": (lambda a, b: np.add(np.square(a), np.square(b)), 2, 2),
}


def _careful(rule: _Rule) -> _Rule:
    """Return a rule whose overflows and poles are errors, as they are in a cell."""

    def finite(*values: Any) -> Any:
        result = rule(*values)
        return np.where(np.isfinite(result), result, np.nan)

    return finite


_ARGUMENTS = {name: (least, most) for name, (_, least, most) in _FUNCTIONS.items()}
_RULES = _OPERATORS | {name: rule for name, (rule, _, _) in _FUNCTIONS.items()}
_CAREFUL = {name: _careful(rule) for name, rule in _RULES.items()}
