"""Sheets with a mistake in them: any formulas in the place of the right ones, and the values that follow."""

import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter

from sheetnet.book.grid import CellError
from tests.layouts import COLUMN, Column, Pattern, Weights, columns, label
from tests.plainfile import PlainCell, write_plain
from tests.reckoning import Content, computed, is_formula, split, values

RATE = "$A$8"
LABELS, FIRST = 6, 8
"""The label row and the row of step 0, as a sheet numbers them."""


@dataclass(frozen=True)
class Base:
    """A sheet in which everything is right; `extra` has columns of z, and of dC/dW that the updates use."""

    sizes: tuple[int, ...]
    steps: int
    patterns: Sequence[Pattern]
    weights: Weights | None = None
    extra: bool = False

    @property
    def last(self) -> int:
        """The row of the last step."""
        return FIRST + self.steps - 1

    @cached_property
    def places(self) -> dict[Column, str]:
        """The letters of the columns: C onwards, dC/dW after an empty one."""
        named: list[Column | None] = []
        for column in columns(self.sizes):
            if self.extra and column.letter == "a" and column.layer and column.indices == (0,):
                layer = column.layer
                named += [Column("z", layer, (i,)) for i in range(self.sizes[layer])]
            named.append(column)
        if self.extra:
            weights = [column for column in named if column is not None and column.letter == "w"]
            named += [None, *(column._replace(letter="dC/dw") for column in weights)]
        return {
            column: get_column_letter(COLUMN + 1 + index)
            for index, column in enumerate(named)
            if column is not None
        }

    @cached_property
    def cells(self) -> dict[str, Content]:
        """All cells by their address: labels, numbers, formulas."""
        found: dict[str, Content] = {f"A{LABELS}": "Learning rate", RATE.replace("$", ""): 0.5}
        rng = random.Random(3)
        for column, letters in self.places.items():
            found[f"{letters}{LABELS}"] = label(column.letter, *column.indices)
            for row in range(FIRST, self.last + 1):
                formula = self.right(column, row)
                found[f"{letters}{row}"] = (
                    self._number(column, row, rng) if formula is None else f"={formula}"
                )
        for layer, letter in enumerate(["a", *"w" * (len(self.sizes) - 1)]):
            first = next(c for c in self.places if (c.letter, c.layer) == (letter, layer))
            found[f"{self.places[first]}{LABELS - 2}"] = f"Layer {layer}"
        return found

    def _number(self, column: Column, row: int, rng: random.Random) -> float:
        if column.letter == "w":
            i, j = column.indices
            drawn = rng.choice((1, -1)) * rng.randrange(1, 10) / 10
            return drawn if self.weights is None else self.weights[column.layer - 1][i][j]
        inputs, targets = self.patterns[row - FIRST]
        return float((targets if column.letter == "T" else inputs)[column.indices[0]])

    def right(self, column: Column, row: int) -> str | None:
        """Return the formula that belongs in a cell, without its =; None for a number of the first rows."""
        here = At(self, column, row)
        given = column.letter == "T" or (column.letter, column.layer) == ("a", 0)
        if given:
            period = len(self.patterns)
            return here.itself(-period) if row >= FIRST + period else None
        match column.letter:
            case "w":
                return None if row == FIRST else f"{here.itself(-1)}-{RATE}*{here.moved(-1).gradient}"
            case "dC/dw":
                return here.product
            case "z":
                return here.sum
            case "a":
                return f"1/(1+EXP(-{here.x}))"
            case "C":
                return "+".join(f"0.5*{here.miss(k)}^2" for k in range(self.sizes[-1]))
        a = here.a(here.layer, here.i)
        if here.layer == here.end:
            return f"{here.miss(here.i)}*{a}*(1-{a})"
        return f"{a}*(1-{a})*({here.paths})"


@dataclass(frozen=True)
class At:
    """A cell, and what formulas in it may use, as text.

    LookupError for what the net has not; rows below the table are empty, those above it have no numbers.
    """

    base: Base
    column: Column
    row: int

    @property
    def layer(self) -> int:
        """The cell's layer."""
        return self.column.layer

    @property
    def end(self) -> int:
        """The last layer."""
        return len(self.base.sizes) - 1

    @property
    def i(self) -> int:
        """The cell's first index."""
        return self.column.indices[0]

    @property
    def j(self) -> int:
        """The cell's second index."""
        return self.column.indices[1]

    @property
    def is_bias(self) -> bool:
        """Whether the cell belongs to the weight of a bias node."""
        return self.j == self.base.sizes[self.layer - 1]

    def neurons(self, step: int = 0) -> range:
        """Return the neurons of the cell's layer, or of one that many layers after it."""
        return range(self.base.sizes[self.layer + step])

    def moved(self, rows: int) -> "At":
        """Return the same column's cell some rows below."""
        return At(self.base, self.column, self.row + rows)

    def itself(self, rows: int = 0) -> str:
        """Return the address of the cell, or of the one some rows below."""
        return self._address(self.column, rows)

    def cell(self, letter: str, layer: int, *indices: int, rows: int = 0) -> str:
        """Return the address of a quantity in the same row, or some rows below."""
        return self._address(Column(letter, layer, indices), rows)

    def _address(self, column: Column, rows: int) -> str:
        if self.row + rows < FIRST:
            raise LookupError(self.row + rows)
        return f"{self.base.places[column]}{self.row + rows}"

    def a(self, layer: int, i: int, rows: int = 0) -> str:
        """Return a_i of a layer."""
        return self.cell("a", layer, i, rows=rows)

    def w(self, layer: int, i: int, j: int, rows: int = 0) -> str:
        """Return w_ij of a layer."""
        return self.cell("w", layer, i, j, rows=rows)

    def d(self, layer: int, i: int, rows: int = 0) -> str:
        """Return δ_i of a layer."""
        return self.cell("δ", layer, i, rows=rows)

    def t(self, i: int) -> str:
        """Return T_i."""
        return self.cell("T", self.end, i)

    @property
    def cost(self) -> str:
        """C."""
        return self.cell("C", self.end)

    def miss(self, i: int, k: int | None = None, rows: int = 0) -> str:
        """Return (a_i − T_k) of the outputs, k is i unless it is said; `rows` moves a."""
        return f"({self.a(self.end, i, rows)}-{self.t(i if k is None else k)})"

    def products(self, a: int = 0, w: int = 0) -> list[str]:
        """Return the products of the weighted sum, a and w moved by that many rows."""
        layer = self.layer
        return [f"{self.a(layer - 1, j, a)}*{self.w(layer, self.i, j, w)}" for j in self.neurons(-1)]

    def bias(self, i: int | None = None, rows: int = 0) -> str:
        """Return the bias of neuron i, of the cell's own one unless it is said."""
        return self.w(self.layer, self.i if i is None else i, self.base.sizes[self.layer - 1], rows)

    @property
    def sum(self) -> str:
        """The weighted sum."""
        return "+".join([*self.products(), self.bias()])

    @property
    def x(self) -> str:
        """What the activation is taken of: z, or the weighted sum in brackets."""
        return self.cell("z", self.layer, self.i) if self.base.extra else f"({self.sum})"

    @property
    def paths(self) -> str:
        """Σ_k δ_k w_ki of the layer after."""
        return self.along(lambda k: self.w(self.layer + 1, k, self.i))

    def along(self, weight: Callable[[int], str], rows: int = 0) -> str:
        """Return Σ_k δ_k · weight(k) over the layer after; `rows` moves δ."""
        return "+".join(f"{self.d(self.layer + 1, k, rows)}*{weight(k)}" for k in self.neurons(1))

    @property
    def product(self) -> str:
        """δ_i a_j of the layer before; a bias's is δ_i."""
        delta = self.d(self.layer, self.i)
        return delta if self.is_bias else f"{delta}*{self.a(self.layer - 1, self.j)}"

    @property
    def gradient(self) -> str:
        """dC/dw_ij: its cell, or δ_i a_j."""
        return self.cell("dC/dw", self.layer, self.i, self.j) if self.base.extra else self.product


# ---------------------------------------------------------------- comparing


def differ(one: str, other: str, base: Base) -> bool:
    """Tell whether two formulas give different numbers when their cells hold some drawn at random.

    Inputs and targets repeat with the patterns; weights are above 0 and, in every second trial, below.
    """
    return any(_differ(one, other, base, trial) for trial in range(6))


def _differ(one: str, other: str, base: Base, trial: int) -> bool:
    given = {letters for column, letters in base.places.items() if _is_given(column)}
    signed = {letters for column, letters in base.places.items() if column.letter in ("w", "z")}

    def draw(address: str) -> float:
        letters, row = split(address)
        if letters in given:
            row = FIRST + (row - FIRST) % len(base.patterns)
        return _drawn(f"{letters}{row}", trial) * (-1 if letters in signed and trial % 2 else 1)

    found = [computed(f"={text}", draw) for text in (one, other)]
    if any(isinstance(each, CellError) for each in found):
        return str(found[0]) != str(found[1])
    return not math.isclose(*found, rel_tol=1e-12)


@cache
def _drawn(address: str, trial: int) -> float:
    return random.Random(f"{address} {trial}").uniform(0.1, 0.9)


def _is_given(column: Column) -> bool:
    return column.letter == "T" or (column.letter, column.layer) == ("a", 0)


# ---------------------------------------------------------------- files


def write(path: Path, cells: Mapping[str, Content], shown: Mapping[str, Any] | None = None) -> Path:
    """Write one sheet with formulas and values, .ods or .xlsx by the suffix; `shown` are other values."""
    held = {**values(cells), **(shown or {})}
    plain = {}
    for address, content in cells.items():
        letters, row = split(address)
        formula = _spelt(str(content), path.suffix) if is_formula(content) else None
        plain[row - 1, column_index_from_string(letters) - 1] = PlainCell(held[address], formula)
    return write_plain(path, plain)


def _spelt(formula: str, suffix: str) -> str:
    if suffix == ".xlsx":
        return formula
    references = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]+\b")
    return "of:" + references.sub(lambda found: f"[.{found[0]}]", formula).replace(",", ";")
