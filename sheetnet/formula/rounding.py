"""Calc's rounding: to the nearest at so many decimals, and down, with its allowance for the last bits."""

import math

EXACT = 2.0**52
"""From here on doubles have no fractions."""
APPROXIMATE = 2.0**41
"""Beyond this Calc makes no allowance: at most 11 bits are left for the fraction."""


def rounded(value: float, decimals: int = 0) -> float:
    """Return Calc's ROUND: halves away from 0, also those that are a bit short of a half.

    Source: LibreOffice 7.4, rtl_math_round, sal/rtl/math.cxx.
    """
    size = abs(value)
    if decimals == 0 or size == 0:
        return math.copysign(_nearest(size), value)
    if decimals > 0:
        if size >= EXACT or size.is_integer():
            return value
        decimals = min(decimals, 53 - math.frexp(size)[1])
    scale = _power_of_ten(abs(decimals))
    if scale == math.inf:
        return 0.0 if decimals < 0 else value
    scaled = size / scale if decimals < 0 else size * scale
    if scaled == math.inf:
        return value
    if scaled < EXACT:
        scaled = floor(scaled + 0.5)
    return math.copysign(scaled * scale if decimals < 0 else scaled / scale, value)


def floor(value: float) -> float:
    """Return Calc's INT: an integer but for the last bits is taken for one (rtl::math::approxFloor)."""
    return float(math.floor(_approximate(value)))


def _approximate(value: float) -> float:
    """Return a value at 15 digits, where it has more (rtl_math_approxValue)."""
    size = abs(value)
    if value > APPROXIMATE or size.is_integer() or (size * 2048).is_integer():
        return value
    exponent = 14 - math.floor(math.log10(size))
    scale = _power_of_ten(abs(exponent))
    scaled = _nearest(size / scale if exponent < 0 else size * scale)
    result = scaled * scale if exponent < 0 else scaled / scale
    return math.copysign(result, value) if math.isfinite(result) else value


def _nearest(size: float) -> float:
    """Return C's round of what is not negative; size + 0.5 could itself be rounded up."""
    below = math.floor(size) if math.isfinite(size) else size
    return float(below + 1 if size - below >= 0.5 else below)


def _power_of_ten(exponent: int) -> float:
    return float(f"1e{exponent}")
