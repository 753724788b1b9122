"""Lengths along a sheet: where a column begins in millimetres, and which column lies at a place."""

import re
from collections.abc import Sequence
from typing import NamedTuple

COLUMN_WIDTH = 22.58
"""Millimetres of a column without a style in LibreOffice."""
ROW_HEIGHT = 4.52
"""Millimetres of a row without a style in LibreOffice."""

# OpenDocument 1.3 part 3, 18.3.18.
_LENGTH = re.compile(r"\s*(-?[0-9]*\.?[0-9]+)(mm|cm|in|pt|pc|px)?\s*")
_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96}


class Run(NamedTuple):
    """Neighbouring columns or rows of one size; `size` in millimetres, 0 when hidden."""

    number: int
    size: float


def millimetres(text: str | None) -> float | None:
    """Return a length in millimetres; None where there is none."""
    match = _LENGTH.fullmatch(text or "")
    return None if match is None else float(match[1]) * _MILLIMETRES[match[2] or "mm"]


def edge(runs: Sequence[Run], index: int, default: float) -> float:
    """Return where number `index` begins, in millimetres from the sheet's corner."""
    place = 0.0
    for count, size in runs:
        if index <= count:
            return place + index * size
        place += count * size
        index -= count
    return place + index * default


def locate(runs: Sequence[Run], place: float, default: float) -> int:
    """Return the number of the column or row that lies `place` millimetres from the sheet's corner."""
    first = 0
    for count, size in runs:
        if place < count * size:
            return first + max(int(place / size), 0)
        place -= count * size
        first += count
    return first + max(int(place / default), 0)
