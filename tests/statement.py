"""Back-propagation as formula text, in the note's layout and by any convention: the tests' own statement."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

import openpyxl
from openpyxl.utils import get_column_letter

from sheetnet.net.conventions import Conventions

LABELS, FIRST, COLUMN = 6, 8, 3
"""The label row, the row of step 0 and the column of the first input, as a sheet numbers them."""


class Key(NamedTuple):
    """One scalar: a, w, d (δ), T, C, g (dC/dw), z, s (slope), e (miss), p (the cost's part); its indices."""

    letter: str
    layer: int = 0
    i: int = 0
    j: int = 0


Texts: TypeAlias = dict[tuple[int, int], str]
"""(row, column), as openpyxl numbers them → formula."""


@dataclass(frozen=True)
class Spelling:
    """How formulas are written: templates, and ways to add up products of a layer's inputs and weights."""

    sigmoid: str = "1/(1+EXP(-({z})))"
    tanh: str = "TANH({z})"
    relu: str = "MAX(0,{z})"
    slopes: Mapping[str, str] = field(
        default_factory=lambda: {
            "sigmoid": "{a}*(1-{a})", "tanh": "(1-{a}^2)", "relu": "IF({a}>0,1,0)", "linear": "1",
        }
    )  # fmt: skip
    sum: str = "chain"
    square: str = "({x})^2"
    cost: str = "chain"
    delta: str = "{miss}*{slope}"
    hidden: str = "{slope}*({paths})"
    update: str = "{w}-{rate}*{change}"
    rise: str = "{w}+{rate}*{change}"
    batch: str = "chain"


NOTE = Spelling()
"""The author's own way."""


def default_groups(sizes: Sequence[int]) -> str:
    """Return the note's order of columns."""
    layers = range(1, len(sizes))
    return " ".join(["a0", *(f"w{layer} a{layer} d{layer}" for layer in layers), "T", "C"])


def keys(sizes: Sequence[int], group: str, *, biases: bool = True, by_column: bool = False) -> list[Key]:
    """Return the scalars of a group such as ``w1``, the weights of layer 1; ``b1`` are biases alone."""
    letter, layer = group[0], int(group[1:] or 0)
    if letter in "wvg":
        before = sizes[layer - 1]
        pairs = [(i, j) for i in range(sizes[layer]) for j in range(before + (biases and letter != "v"))]
        if by_column:
            pairs.sort(key=lambda pair: pair[::-1])
        return [Key("g" if letter == "g" else "w", layer, i, j) for i, j in pairs]
    if letter == "b":
        return [Key("w", layer, i, sizes[layer - 1]) for i in range(sizes[layer])]
    count = 1 if letter == "C" else sizes[layer] if layer or letter == "a" else sizes[-1]
    return [Key(letter, layer, i) for i in range(count)]


def name(key: Key) -> str:
    """Return the note's label."""
    letters = {"d": "δ", "s": "σ'", "e": "a-T", "p": "C", "g": "dC/dw"}
    indices = f"{key.i}{key.j}" if key.letter in "wg" else "" if key.letter == "C" else str(key.i)
    return letters.get(key.letter, key.letter) + indices


class Statement:
    """A net's sheet: where everything stands, and the formula of every cell."""

    def __init__(
        self,
        sizes: Sequence[int],
        steps: int = 12,
        *,
        patterns: int = 1,
        conventions: Conventions = Conventions(),  # noqa: B008
        spelling: Spelling = NOTE,
        groups: str | None = None,
        by_column: bool = False,
        rate: str = "$A$8",
        learning_rate: float = 0.5,
        seed: int = 1,
        name: Callable[[Key], str] = name,
    ) -> None:
        self.sizes, self.steps, self.patterns = tuple(sizes), steps, patterns
        self.conventions, self.spelling, self.rate, self.name = conventions, spelling, rate, name
        self.learning_rate, self.last = learning_rate, len(sizes) - 1
        self.biases = conventions.biases != "none"
        order: list[Key] = []
        for group in (groups or default_groups(sizes)).split():
            order += keys(sizes, group, biases=self.biases, by_column=by_column)
        self.at = {key: COLUMN + index for index, key in enumerate(order)}
        self.rows = range(FIRST, FIRST + steps)
        self.texts: Texts = {}
        self.numbers = self._numbers(random.Random(seed))
        for row in self.rows:
            for key, column in self.at.items():
                if (row, column) not in self.numbers:
                    self.texts[row, column] = "=" + self._formula(key, row)

    def save(self, path: Path, changes: Mapping[str, object] | None = None) -> Path:
        """Write an .xlsx without cached values, cells of Sheet1 changed as asked; return the path."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Sheet1"
        sheet["A6"], sheet["A8"] = "Learning rate", self.learning_rate
        for key, column in self.at.items():
            sheet.cell(LABELS, column).value = self.name(key)
        for place, value in {**self.numbers, **self.texts}.items():
            sheet.cell(*place).value = value
        for address, value in (changes or {}).items():
            sheet[address] = value
        book.save(path)
        return path

    def address(self, letter: str, layer: int = 0, i: int = 0, j: int = 0, *, row: int) -> str:
        """Return the address of a scalar in a row."""
        return f"{get_column_letter(self.at[Key(letter, layer, i, j)])}{row}"

    # ------------------------------------------------------------ numbers of the first rows

    def _numbers(self, rng: random.Random) -> dict[tuple[int, int], float]:
        numbers = {}
        shared: dict[int, float] = {}
        for key, column in self.at.items():
            given = key.letter == "T" or (key.letter, key.layer) == ("a", 0)
            for k in range(self.patterns if given else key.letter == "w"):
                number = rng.randrange(1, 10) / 10
                if key.letter == "w":
                    number *= rng.choice((1, -1))
                    if key.j == self.sizes[key.layer - 1] and self.conventions.biases == "shared":
                        number = shared.setdefault(key.layer, number)
                numbers[FIRST + k, column] = number
        if self.conventions.activation(self.last) == "softmax":
            for row in range(FIRST, FIRST + self.patterns):
                targets = [self.at[key] for key in self.at if key.letter == "T"]
                for column in targets:
                    numbers[row, column] = float(column == targets[row % len(targets)])
        return numbers

    # ------------------------------------------------------------ formulas

    def _formula(self, key: Key, row: int) -> str:
        letter, layer, i, j = key
        if letter == "T" or (letter, layer) == ("a", 0):
            return f"{get_column_letter(self.at[key])}{row - self.patterns}"
        return {
            "a": lambda: self._activation(layer, i, row),
            "z": lambda: self._sum(layer, i, row),
            "s": lambda: self._slope(layer, i, row, column=False),
            "e": lambda: self._miss(i, row, column=False),
            "p": lambda: self._part(i, row),
            "d": lambda: self._delta(layer, i, row),
            "g": lambda: self._gradient(layer, i, j, row),
            "w": lambda: self._update(layer, i, j, row),
            "C": lambda: self._cost(row),
        }[letter]()

    def _sum(self, layer: int, i: int, row: int) -> str:
        before = range(self.sizes[layer - 1])
        a = [self.address("a", layer - 1, j, row=row) for j in before]
        w = [self.address("w", layer, i, j, row=row) for j in before]
        products = [f"{x}*{y}" for x, y in zip(a, w, strict=True)]
        bias = [self.address("w", layer, i, self.sizes[layer - 1], row=row)] if self.biases else []
        ranges = f"{a[0]}:{a[-1]}", f"{w[0]}:{w[-1]}"
        added = {
            "chain": lambda: "+".join(products),
            "reversed": lambda: "+".join(f"{y}*{x}" for x, y in reversed(list(zip(a, w, strict=True)))),
            "brackets": lambda: "+".join(f"({product})" for product in products),
            "sum": lambda: f"SUM({','.join(products)})",
            "sumproduct": lambda: "SUMPRODUCT({},{})".format(*ranges),
            "sumproduct of one": lambda: "SUMPRODUCT({}*{})".format(*ranges),
            "mmult": lambda: "MMULT({},TRANSPOSE({}))".format(*ranges),
            "sum of products": lambda: "SUM({}*{})".format(*ranges),
        }[self.spelling.sum]()
        parts = [*bias, added] if self.spelling.sum == "reversed" else [added, *bias]
        return "+".join(parts)

    def _z(self, layer: int, i: int, row: int) -> str:
        return (
            self.address("z", layer, i, row=row)
            if Key("z", layer, i) in self.at
            else self._sum(layer, i, row)
        )

    def _activation(self, layer: int, i: int, row: int) -> str:
        activation = self.conventions.activation(layer)
        z = self._z(layer, i, row)
        if activation == "linear":
            return z
        if activation == "softmax":
            powers = [f"EXP({self._z(layer, k, row)})" for k in range(self.sizes[layer])]
            return f"{powers[i]}/({'+'.join(powers)})"
        return str(getattr(self.spelling, activation)).format(z=z)

    def _slope(self, layer: int, i: int, row: int, *, column: bool = True) -> str:
        if column and Key("s", layer, i) in self.at:
            return self.address("s", layer, i, row=row)
        a = self.address("a", layer, i, row=row)
        return self.spelling.slopes[self.conventions.activation(layer)].format(a=a)

    def _miss(self, i: int, row: int, *, column: bool = True) -> str:
        if column and Key("e", 0, i) in self.at:
            return self.address("e", 0, i, row=row)
        pair = self.address("a", self.last, i, row=row), self.address("T", 0, i, row=row)
        return "-".join(pair if self.conventions.difference == "a-T" else reversed(pair))

    def _delta(self, layer: int, i: int, row: int) -> str:
        if layer == self.last:
            miss = f"({self._miss(i, row)})"
            if self.conventions.cost == "cross-entropy":
                return miss
            factor, divided = {
                "half squares": ("", ""),
                "squares": ("2*", ""),
                "mean squares": ("2*", f"/{self.sizes[-1]}"),
                "half mean squares": ("", f"/{self.sizes[-1]}"),
            }[self.conventions.cost]
            return (
                factor
                + self.spelling.delta.format(miss=miss, slope=f"({self._slope(layer, i, row)})")
                + divided
            )
        updated = row + (self.conventions.order == "outputs first")
        paths = "+".join(
            f"{self.address('d', layer + 1, k, row=row)}*{self.address('w', layer + 1, k, i, row=updated)}"
            for k in range(self.sizes[layer + 1])
        )
        return self.spelling.hidden.format(slope=f"({self._slope(layer, i, row)})", paths=paths)

    def _product(self, layer: int, i: int, j: int, row: int) -> str:
        if j < self.sizes[layer - 1]:
            return f"{self.address('d', layer, i, row=row)}*{self.address('a', layer - 1, j, row=row)}"
        if self.conventions.biases == "shared":
            return (
                "(" + "+".join(self.address("d", layer, k, row=row) for k in range(self.sizes[layer])) + ")"
            )
        return self.address("d", layer, i, row=row)

    def _gradient(self, layer: int, i: int, j: int, row: int) -> str:
        true = self.conventions.difference == "a-T" or self.conventions.gradients == "-dC/dW"
        return ("" if true else "-") + self._product(layer, i, j, row)

    def _update(self, layer: int, i: int, j: int, row: int) -> str:
        own = get_column_letter(self.at[Key("w", layer, i, j)])
        above, bias = f"{own}{row - 1}", j == self.sizes[layer - 1]
        turn = (row - FIRST) % self.patterns
        if (bias and self.conventions.biases == "fixed") or (self.conventions.batch != "one" and turn):
            return above
        falls = self.conventions.difference == "a-T"
        first = row - (1 if self.conventions.batch == "one" else self.patterns)
        rows = range(first, row)
        if Key("g", layer, i, j) in self.at:
            falls = falls or self.conventions.gradients == "dC/dW"
            changes = [self.address("g", layer, i, j, row=each) for each in rows]
        else:
            changes = [self._product(layer, i, j, each) for each in rows]
        rate = self.rate.format(above=row - 1, row=row)
        spelt = self.spelling.update if falls else self.spelling.rise
        return spelt.format(w=above, rate=rate, change=self._added(changes))

    def _added(self, changes: list[str]) -> str:
        """Return a batch's sum or mean of changes, or the one change."""
        if self.conventions.batch == "one":
            return changes[0]
        mean = self.conventions.batch == "mean"
        if self.spelling.batch == "chain":
            return f"({'+'.join(changes)})" + (f"/{self.patterns}" if mean else "")
        columns = list(zip(*(change.split("*") for change in changes), strict=True))
        ranges = [f"{column[0]}:{column[-1]}" for column in columns]
        if self.spelling.batch == "sumproduct":
            return f"SUMPRODUCT({','.join(ranges)})" + (f"/{self.patterns}" if mean else "")
        if mean:
            return f"AVERAGE({','.join(changes if len(ranges) > 1 else ranges)})"
        return f"SUM({','.join(changes if len(ranges) > 1 else ranges)})"

    def _part(self, i: int, row: int) -> str:
        a, target = self.address("a", self.last, i, row=row), self.address("T", 0, i, row=row)
        if self.conventions.cost == "cross-entropy":
            hit = f"{target}*LN({a})"
            softmax = self.conventions.activation(self.last) == "softmax"
            return f"-{hit}" if softmax else f"-({hit}+(1-{target})*LN(1-{a}))"
        factor = {
            "half squares": "0.5*",
            "squares": "",
            "mean squares": f"1/{self.sizes[-1]}*",
            "half mean squares": f"1/(2*{self.sizes[-1]})*",
        }[self.conventions.cost]
        return factor + self.spelling.square.format(x=self._miss(i, row))

    def _cost(self, row: int) -> str:
        outputs = range(self.sizes[-1])
        if Key("p", 0, 0) in self.at:
            return "+".join(self.address("p", 0, i, row=row) for i in outputs)
        if self.spelling.cost == "chain":
            return "+".join(self._part(i, row) for i in outputs)
        ends = 0, self.sizes[-1] - 1
        a, target = (
            ":".join(self.address(letter, layer, i, row=row) for i in ends)
            for letter, layer in (("a", self.last), ("T", 0))
        )
        return self.spelling.cost.format(a=a, target=target, n=self.sizes[-1])
