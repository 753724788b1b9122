"""Sheets of every convention, their formulas as a teacher types them: a statement apart from the project's own."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.layouts import Column, columns, label

LABELS, FIRST = 6, 8
"""The label row and the row of step 0, as a sheet numbers them."""


class Way(NamedTuple):
    """How a net's sheet does it; `gradients` adds columns of dC/dW, as they are or negative, `rate` is its spelling.

    `via` lets the updates take dC/dW from its columns.
    """

    sizes: tuple[int, ...] = (2, 2, 2)
    difference: str = "a-T"
    cost: str = "half squares"
    outputs: str = "sigmoid"
    hidden: str = "sigmoid"
    biases: str = "trained"
    batch: str = "one"
    order: str = "simultaneous"
    gradients: str = ""
    via: bool = False
    rate: str = "$A$8"
    patterns: int = 2
    steps: int = 7


def write(path: Path, ways: dict[str, Way]) -> Path:
    """Write an .xlsx with a sheet for each way, called as its key; cached values it has none."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, way in ways.items():
        _Sheet(book.create_sheet(name), way).fill()
    book.save(path)
    return path


class _Sheet:
    def __init__(self, sheet: Worksheet, way: Way) -> None:
        self.sheet, self.way, self.last = sheet, way, len(way.sizes) - 1
        found = columns(way.sizes)
        if way.biases == "none":
            found = [each for each in found if not self._is_bias(each)]
        if way.gradients:
            found += [each._replace(letter="g") for each in found if each.letter == "w"]
        self.at = {column: get_column_letter(3 + index) for index, column in enumerate(found)}

    def fill(self) -> None:
        """Write labels, the numbers that a user types, and all formulas."""
        if self.way.rate == "$A$8":
            self.sheet["A6"], self.sheet["A8"] = "Learning rate", 0.5
        for index, (column, letter) in enumerate(self.at.items()):
            name = {"g": "dC/dw"}.get(column.letter, column.letter)
            self.sheet[f"{letter}{LABELS}"] = label(name, *column.indices)
            for row in range(FIRST, FIRST + self.way.steps):
                given = column.letter == "T" or (column.letter, column.layer) == ("a", 0)
                typed = row - FIRST < (self.way.patterns if given else column.letter == "w")
                shared = self.way.biases == "shared" and self._is_bias(column)
                number = (3 if shared else (5 * index + 3 * row) % 9 + 1) / 10
                if self.way.outputs == "softmax" and column.letter == "T":
                    number = float(column.indices[0] == row % len(self._outputs()))
                self.sheet[f"{letter}{row}"] = number if typed else "=" + self._formula(column, row)

    def _is_bias(self, column: Column) -> bool:
        return column.letter in "wg" and column.indices[1] == self.way.sizes[column.layer - 1]

    def _outputs(self) -> range:
        return range(self.way.sizes[-1])

    def _cell(self, row: int, letter: str, layer: int, *indices: int) -> str:
        return f"{self.at[Column(letter, layer, indices)]}{row}"

    def _formula(self, column: Column, row: int) -> str:
        letter, layer, indices = column
        match letter:
            case "a" if layer > 0:
                return self._answer(row, layer, *indices)
            case "δ":
                return self._delta(row, layer, *indices)
            case "C":
                return self._cost(row)
            case "w":
                return self._update(column, row)
            case "g":
                sign = "-" if self.way.difference == "T-a" and self.way.gradients == "dC/dW" else ""
                products = self._products(column, row)
                return f"{sign}({'+'.join(products)})" if len(products) > 1 else sign + products[0]
        return f"{self.at[column]}{row - self.way.patterns}"

    def _sum(self, row: int, layer: int, i: int) -> str:
        before = self.way.sizes[layer - 1]
        terms = [
            f"{self._cell(row, 'a', layer - 1, j)}*{self._cell(row, 'w', layer, i, j)}" for j in range(before)
        ]
        bias = [] if self.way.biases == "none" else [self._cell(row, "w", layer, i, before)]
        return "+".join([*terms, *bias])

    def _answer(self, row: int, layer: int, i: int) -> str:
        z = self._sum(row, layer, i)
        kind = self.way.outputs if layer == self.last else self.way.hidden
        if kind == "softmax":
            powers = [f"EXP({self._sum(row, layer, k)})" for k in self._outputs()]
            return f"EXP({z})/({'+'.join(powers)})"
        return {"sigmoid": f"1/(1+EXP(-({z})))", "tanh": f"TANH({z})", "relu": f"MAX(0,{z})", "linear": z}[
            kind
        ]

    def _delta(self, row: int, layer: int, i: int) -> str:
        a = self._cell(row, "a", layer, i)
        kind = self.way.outputs if layer == self.last else self.way.hidden
        slopes = {"sigmoid": f"{a}*(1-{a})", "tanh": f"(1-{a}^2)", "relu": f"IF({a}>0,1,0)"}
        slope = slopes.get(kind, "")
        if layer < self.last:
            weights = row + (self.way.order == "outputs first")
            paths = [
                f"{self._cell(row, 'δ', layer + 1, k)}*{self._cell(weights, 'w', layer + 1, k, i)}"
                for k in range(self.way.sizes[layer + 1])
            ]
            return f"{slope}*({'+'.join(paths)})" if slope else "+".join(paths)
        target, n = self._cell(row, "T", layer, i), len(self._outputs())
        miss = f"({a}-{target})" if self.way.difference == "a-T" else f"({target}-{a})"
        if self.way.cost == "cross-entropy":
            return miss[1:-1]
        product = f"{miss}*{slope}" if slope else miss
        return {
            "half squares": product,
            "squares": f"2*{product}",
            "mean squares": f"2*{product}/{n}",
            "half mean squares": f"{product}/{n}",
        }[self.way.cost]

    def _cost(self, row: int) -> str:
        pairs = [
            (self._cell(row, "a", self.last, i), self._cell(row, "T", self.last, i)) for i in self._outputs()
        ]
        if self.way.cost == "cross-entropy":
            if self.way.outputs == "softmax":
                return "".join(f"-{t}*LN({a})" for a, t in pairs)
            return "".join(f"-({t}*LN({a})+(1-{t})*LN(1-{a}))" for a, t in pairs)
        squares = [f"({a}-{t})^2" if self.way.difference == "a-T" else f"({t}-{a})^2" for a, t in pairs]
        total, n = "+".join(squares), len(pairs)
        return {
            "half squares": "+".join(f"0.5*{square}" for square in squares),
            "squares": total,
            "mean squares": f"({total})/{n}",
            "half mean squares": f"({total})/{2 * n}",
        }[self.way.cost]

    def _products(self, column: Column, row: int) -> Sequence[str]:
        layer, (i, j) = column.layer, column.indices
        if not self._is_bias(column):
            return [f"{self._cell(row, 'δ', layer, i)}*{self._cell(row, 'a', layer - 1, j)}"]
        who = range(self.way.sizes[layer]) if self.way.biases == "shared" else [i]
        return [self._cell(row, "δ", layer, k) for k in who]

    def _update(self, column: Column, row: int) -> str:
        way, above = self.way, f"{self.at[column]}{row - 1}"
        bias = self._is_bias(column)
        if bias and way.biases == "shared" and column.indices[0] > 0:
            return self._cell(row, "w", column.layer, 0, column.indices[1])
        rows = [row - 1] if way.batch == "one" else range(row - way.patterns, row)
        if (bias and way.biases == "fixed") or (way.batch != "one" and (row - FIRST) % way.patterns):
            return above
        added = way.difference == "T-a"
        if way.via:
            added = way.gradients == "-dC/dW"
            products = [f"{self.at[column._replace(letter='g')]}{each}" for each in rows]
        else:
            products = [product for each in rows for product in self._products(column, each)]
        change = f"({'+'.join(products)})" if len(products) > 1 else products[0]
        mean = f"/{way.patterns}" if way.batch == "mean" else ""
        return f"{above}{'+' if added else '-'}{way.rate}*{change}{mean}"
