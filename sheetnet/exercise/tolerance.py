"""The tolerance of an answer that is asked with so many decimals."""


def half_unit(decimals: int) -> float:
    """Return half a unit of the last decimal: what rounding may change."""
    return 0.5 * 10.0**-decimals
