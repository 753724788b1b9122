"""What a sheet's formulas come to, reckoned by Python itself: for formulas of the tests' own making."""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

from sheetnet.book.grid import CellError

Content: TypeAlias = float | str | bool | None
"""What is typed into a cell; a text that begins with = is a formula."""

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)\b")


def values(cells: Mapping[str, Content]) -> dict[str, Any]:
    """Return what the cells hold once they are computed; None in a circle and in what follows from it."""
    found: dict[str, Any] = {}

    def value(address: str) -> Any:
        if address not in found:
            found[address] = None  # while it is being computed: a circle
            content = cells.get(address)
            found[address] = computed(content, operand) if is_formula(content) else content
        return found[address]

    def operand(address: str) -> float:
        given = value(address)
        if isinstance(given, CellError):
            raise _Shown(given)
        if isinstance(given, str):
            raise _Shown("#VALUE!")
        if given is None and cells.get(address) is not None:
            raise _Circle
        return float(given or 0)

    return {address: value(address) for address in sorted(cells, key=_row)}


class _Shown(Exception):
    """An error value that a cell shows."""


class _Circle(Exception):
    """A cell that is still being computed."""


def computed(formula: Any, operand: Callable[[str], float]) -> Any:
    """Return a formula's value, an error it shows, or None in a circle; `operand` gives numbers by address."""
    try:
        found = eval(_code(formula), {**_FUNCTIONS, "v": operand})
    except _Circle:
        return None
    except _Shown as error:
        return CellError(str(error))
    except ZeroDivisionError:
        return CellError("#DIV/0!")
    except (OverflowError, ValueError):
        return CellError("#NUM!")
    return (
        found
        if isinstance(found, bool)
        else CellError("#NUM!")
        if isinstance(found, complex)
        else float(found)
    )


_FUNCTIONS: dict[str, Any] = {
    "__builtins__": {},
    "EXP": math.exp,
    "LN": math.log,
    "TANH": math.tanh,
    "SQRT": math.sqrt,
    "ABS": abs,
    "MAX": max,
    "SUM": lambda *parts: sum(parts),
    "IF": lambda test, yes, no: yes if test else no,
}


@lru_cache(maxsize=1 << 16)
def _code(formula: str) -> CodeType:
    """Return a formula as Python: the two agree on what is written here, but for ^ and =."""
    text = _REFERENCE.sub(r"v('\1\2')", formula[1:]).replace("^", "**")
    return compile(re.sub(r"(?<![<>=])=", "==", text), formula, "eval")


def is_formula(content: Any) -> bool:
    """Tell a formula from what is typed as it is."""
    return isinstance(content, str) and content.startswith("=")


def split(address: str) -> tuple[str, int]:
    """Return an address's column letters and its row."""
    match = _REFERENCE.fullmatch(address)
    assert match is not None
    return match[1], int(match[2])


def _row(address: str) -> int:
    return split(address)[1]
