"""What a check finds: one finding a cause, with all cells at fault because of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from sheetnet.book.grid import Area, Value
from sheetnet.net.terms import Term

TOLERANCE = 1e-9
"""Relative difference up to which two numbers count as equal."""

Severity: TypeAlias = Literal["error", "warning", "remark"]
"""A mistake; a doubt: a convention that misleads, or what can't be decided; a remark, which is no fault."""


class Example(NamedTuple):
    """What stands in a cell at fault and what belongs there, as `Finding` has it."""

    found: str | None
    expected: str | None
    value: Value
    expected_value: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, and the cells of one sheet that are at fault because of it.

    `code` is that of the catalogue, `areas` cover exactly the cells at fault, `row` and `column` are the
    cell that the formulas and values are about, the first one; `examples` are the same of each area's first.
    `found` and `expected` are formulas as the file spells them (None where there is none), `value` is what
    stands there and `expected_value` what the rule gives from the cell's own neighbours (None: not known).
    `details` fill the places of the catalogue's sentences. `also` are codes of other mistakes that this
    formula could be as well. `follow` counts the cells that hold other numbers only because of the net's
    findings. Findings of one cause on several sheets have the same `cause`. `correct` are cells to be typed
    anew, each with its own formula, `copies` pairs of right cells and the areas over which to copy them.
    """

    code: str
    severity: Severity
    areas: tuple[Area, ...]
    terms: tuple[Term, ...]
    row: int
    column: int
    found: str | None = None
    expected: str | None = None
    value: Value = None
    expected_value: float | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    follow: int = 0
    cause: str = ""
    correct: tuple[Area, ...] = ()
    copies: tuple[tuple[Area, Area], ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def sheet(self) -> str:
        """The sheet on which the cells are."""
        return self.areas[0].sheet

    @property
    def cells(self) -> int:
        """How many cells are at fault."""
        return sum(
            (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1)
            for area in self.areas
        )
