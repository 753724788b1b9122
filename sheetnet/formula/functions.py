"""Calc's functions of numbers, to the last bit."""

import math
from collections.abc import Callable

from sheetnet.formula import rounding

NEARLY_EQUAL = 2.0**-48
"""Calc calls two numbers equal when they differ by less than this part of either (rtl_math_approxEqual)."""
MAX_DECIMALS = 1_000
"""Decimals to which ROUND rounds here."""


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


def finite(value: float) -> float:
    """Return a number that a cell can hold; ErrorValue beyond float64."""
    if math.isfinite(value):
        return value
    raise ErrorValue("#NUM!")


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
    return finite(sum_ + error)


def _compensated(sum_: float, error: float, terms: list[float]) -> tuple[float, float]:
    for term in terms:
        new = sum_ + term
        error += (sum_ - new) + term if abs(sum_) >= abs(term) else (term - new) + sum_
        sum_ = new
    return sum_, error


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


def _average(values: list[float]) -> float:
    if not values:
        raise ErrorValue("#DIV/0!")
    return total(values) / len(values)


def _deviations(values: list[float]) -> float:
    """Return DEVSQ, which Calc sums without compensation."""
    mean = _average(values)
    return finite(sum((value - mean) * (value - mean) for value in values))


def _logarithm(value: float, base: float = 10.0) -> float:
    """Return LOG, which Calc divides out even for base 10."""
    if value <= 0 or base <= 0 or base == 1:
        raise ErrorValue("Err:502")
    return math.log(value) / math.log(base)


def _rounded(value: float, decimals: float = 0.0) -> float:
    if abs(decimals) > MAX_DECIMALS:
        raise NotComputable("ROUND to very many decimals")
    return rounding.rounded(value, math.trunc(decimals))


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
    "INT": rounding.floor,
    "SIGN": lambda x: math.copysign(1.0, x) if x else 0.0,
}

SOME_NUMBERS: dict[str, tuple[Callable[..., float], int, int]] = {
    **{name: (function, 1, 1) for name, function in _ONE_NUMBER.items()},
    "POWER": (power, 2, 2),
    "LOG": (_logarithm, 1, 2),
    "ROUND": (_rounded, 1, 2),
    "PI": (lambda: math.pi, 0, 0),
}
"""Functions of a few numbers: the least and the most that they take."""

MANY_NUMBERS: dict[str, Callable[[list[float]], float]] = {
    "SUM": total,
    "SUMSQ": lambda values: total([value * value for value in values]),
    "PRODUCT": lambda values: finite(math.prod(values)) if values else 0.0,
    "AVERAGE": _average,
    "MIN": lambda values: min(values, default=0.0),
    "MAX": lambda values: max(values, default=0.0),
    "COUNT": lambda values: float(len(values)),
    "DEVSQ": _deviations,
}
"""Functions of any number of numbers, those of whole ranges among them."""

PAIRED: dict[str, Callable[[float, float], tuple[float, ...]]] = {
    "SUMXMY2": lambda x, y: (subtract(x, y) * subtract(x, y),),
    "SUMX2MY2": lambda x, y: (x * x, -(y * y)),
    "SUMX2PY2": lambda x, y: (x * x, y * y),
}
"""What functions of two ranges sum for each pair; a pair counts where both are numbers."""
