"""A table of steps as a model: columns, each with the one formula that most of its rows repeat."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sheetnet.book.calculator import Place
from sheetnet.formula.expression import CellReference, Expression, Reference, replace, walk


class At(NamedTuple):
    """The cell of a column so many rows below the formula's own; −1 is the row above, the step before."""

    column: int
    lag: int = 0


Source: TypeAlias = int | Place
"""A column of the table, or one cell that serves all steps."""


@dataclass(frozen=True, slots=True)
class Model:
    """What the columns of a table hold: rows `first` … `last` of a sheet, one a step.

    `formulas` has the expression of each computed column, over `At`s and Places; `states` are those that
    take up the step before, `given` the columns of numbers that are typed or repeated; those that are
    `sparse` stand in a few rows only.
    """

    sheet: str
    first: int
    last: int
    formulas: Mapping[int, Expression]
    states: tuple[int, ...]
    given: tuple[int, ...]
    sparse: frozenset[int] = frozenset()
    closures: dict[int, frozenset[Source]] = field(default_factory=dict)

    def uses(self, column: int) -> frozenset[Source]:
        """Return what a column is computed from, directly or not; states are not followed."""
        if column not in self.closures:
            self.closures[column] = frozenset(self._followed(column))
        return self.closures[column]

    def _followed(self, column: int) -> set[Source]:
        found: set[Source] = set()
        stack: list[Source] = [*self.direct(column)]
        while stack:
            source = stack.pop()
            if source in found:
                continue
            found.add(source)
            if isinstance(source, int) and source not in self.states:
                stack += self.direct(source)
        return found

    def direct(self, column: int) -> list[Source]:
        """Return what a column's formula names: other columns, and single cells; a state's in its own row."""
        expression = self.formulas.get(column)
        if expression is None:
            return []
        return [each for each in sources(expression, 0 if column in self.states else None) if each != column]

    def users(self, source: Source) -> list[int]:
        """Return the columns whose formulas name a column or a cell, of whatever row."""
        return [column for column, expression in self.formulas.items() if source in sources(expression, None)]


def sources(expression: Expression, lag: int | None = 0) -> list[Source]:
    """Return the columns that an expression names at a lag (None: at any), and its single cells."""
    found: dict[Source, None] = {}
    for part in walk(expression):
        if isinstance(part, Reference):
            if isinstance(part.target, At):
                if lag is None or part.target.lag == lag:
                    found[part.target.column] = None
            elif isinstance(part.target, tuple):
                found[part.target] = None
    return list(found)


def modelled(expression: Expression, sheet: str, row: int, column: int, own: Collection[int]) -> Expression:
    """Return a formula of a cell over `At`s of a table's `own` columns, and Places.

    A fixed reference into the table's rows means one cell; so does any to another sheet or other columns.
    """

    def at(part: Expression) -> Expression | None:
        if not isinstance(part, Reference) or not isinstance(part.target, CellReference):
            return None
        name, target_row, target = part.target.at(row, column)
        if (name or sheet) == sheet and not part.target.row_fixed and target in own:
            return Reference(At(target, target_row - row))
        return Reference((name or sheet, target_row, target))

    return replace(expression, at)
