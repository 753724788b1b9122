"""The printed table: what was measured, ours, the other, their ratio, and the bound."""

from dataclasses import dataclass
from typing import Literal

_ROW = "{:<41} {:>8} {:>8} {:>7} {:>7} {:>4}"

_SCALES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))

HEADER = _ROW.format("ours / the other", "ours", "other", "ratio", "bound", "met?")


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison: seconds or megabytes of ours and of the other.

    `ratio` bounds ours / other from above, `most` ours alone; with neither the line only informs.
    """

    what: str
    ours: float
    other: float
    unit: Literal["s", "MB"] = "s"
    ratio: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        if self.most is not None:
            return self.ours <= self.most
        return None if self.ratio is None else self.ours / self.other <= self.ratio

    def __str__(self) -> str:
        if self.most is not None:
            bound = _shown(self.most, self.unit)
        else:
            bound = "" if self.ratio is None else f"{self.ratio:g}"
        met = {True: "yes", False: "NO", None: ""}[self.met]
        values = (_shown(value, self.unit) for value in (self.ours, self.other))
        return _ROW.format(self.what, *values, f"{self.ours / self.other:.2g}", bound, met).rstrip()


def _shown(value: float, unit: str) -> str:
    """Return three digits and a unit: 58.3 ms, 3.2 µs, 96 MB."""
    if unit == "MB":
        return f"{value:.0f} MB"
    scale, name = next((pair for pair in _SCALES if value >= pair[0]), _SCALES[-1])
    number = value / scale
    return f"{number:.0f} {name}" if number >= 100 else f"{number:.3g} {name}"
