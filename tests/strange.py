"""Strange but right hand-built sheets drawn from a seed, and the same sheets with one misconception planted.

Nothing here comes from the project's own code: the layouts are those of real sheets, the mistakes those of the
catalogue of misconceptions. Inside, rows, columns, steps, layers and neurons count from 0.
"""

import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
from openpyxl.utils import get_column_letter

from tests.evaluator import Read, read
from tests.strange_formulas import MISTAKES, Hook, Key, Manner, Mistake, Ref, Rule, plain

Place: TypeAlias = tuple[int, int]
"""Row and column."""
Address: TypeAlias = tuple[str, str]
"""A sheet's name and a cell of it, as in A1."""
Content: TypeAlias = float | str
"""What is typed; formulas begin with =, a text that begins so has a ' before it."""


@dataclass(frozen=True)
class Strange(Manner):
    """All choices of a sheet; `drawn` makes them by a seed.

    `inputs`, `targets` and the biases that are `fixed` are "typed" in every row, the cell "above", the "first"
    row's cell with $, an "anchored" cell over the table, or have no column but that "cell" itself. The `rate`
    is in a "cell" anywhere, "beside" the first row, in a column with one a "row", a "number" inside the
    formulas or on another "tab". `direction` is "rows" where a row is a step, or "columns".
    """

    seed: int = 0
    steps: int = 8
    patterns: int = 1
    bits: bool = False
    inputs: str = "typed"
    targets: str = "typed"
    fixed: str = "typed"
    drift: bool = False
    rate: str = "cell"
    rates: str = "typed"
    rate_label: str = "η ="
    vocabulary: str = "mazur"
    order: str = "real"
    gap: int = 0
    label_row: int = 4
    spare_row: bool = False
    first_column: int = 0
    counter: bool = False
    helper: str = "none"
    direction: str = "rows"
    tables: int = 1
    arrangement: str = "below"
    partial: bool = False
    notes: int = 2
    notes_tab: bool = False
    spaced: bool = False
    plus_first: bool = False

    def write(self, path: Path, plant: "Plant | None" = None) -> "Truth":
        """Write an .xlsx without cached values, with a mistake planted if asked; return what stands where."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for sheet, cells in _cells(self, plant).items():
            page = book.create_sheet(sheet)
            for (row, column), content in cells.items():
                cell = page.cell(row + 1, column + 1)
                typed_text = isinstance(content, str) and content.startswith("'")
                cell.value = content[1:] if typed_text and isinstance(content, str) else content
                if typed_text:
                    cell.data_type = "s"
        book.save(path)
        return Truth(tuple(each.truth for each in tables(self)))


@dataclass(frozen=True)
class Table:
    """Where a net really stands: a list of addresses, one a step, for every scalar that has cells.

    `place` is by (kind, layer, i, j); kinds are a (layer 0 are inputs), w (j is the number of neurons before
    for a bias), target, cost, delta, gradient and z. A fixed cell is listed again for every step, and cells
    that neurons share for each of them. `rate` is None where it is a number in the formulas.
    """

    sheet: str
    sizes: tuple[int, ...]
    steps: int
    rate: Address | None
    rates: tuple[float, ...]
    place: Mapping[tuple[str, int, int, int], list[str]]


@dataclass(frozen=True)
class Truth:
    """What a recogniser ought to find in a book."""

    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Plant:
    """A mistake in one of a book's tables, and the cells whose formulas are then wrong.

    `accepted` are the codes of all explanations that come to the same, its own among them. `doubt`: it may be
    a warning, or the other side of a disagreement is blamed. `nested`: it also stands inside formulas of other
    layers, where it may be called something else. `value` is a number typed in the place of a formula.
    """

    name: str
    code: str
    spot: str
    table: int
    addresses: frozenset[Address]
    accepted: frozenset[str]
    hook: Hook | None = None
    cells: frozenset[Key] = frozenset()
    step: int | None = None
    doubt: bool = False
    nested: bool = False
    value: float | None = None

    def is_in(self, table: int, key: Key, step: int) -> bool:
        """Tell whether it is made in a cell."""
        return table == self.table and key in self.cells and self.step in (None, step)


# ---------------------------------------------------------------- drawing

_SIZES = [
    (2, 2, 2), (2, 2, 2), (3, 4, 2), (2, 3, 3, 1), (1, 1, 1), (2, 1), (2, 2, 1), (3, 2, 2), (1, 2, 1), (4, 3, 2),
    (3, 3), (2, 2, 2, 2), (2, 4, 3), (1, 1), (3, 2, 4), (2, 1, 2), (1, 1, 1, 1),
]  # fmt: skip
_SIGMOIDS = [
    "1/(1+EXP(-#))", "1/(1+EXP(-#))", "1/(1+EXP(-1*#))", "EXP(#)/(1+EXP(#))", "(1+EXP(-#))^-1",
    "POWER(1+EXP(-#),-1)", "(1+TANH(#/2))/2", "(1/(1+EXP(-#)))",
]  # fmt: skip
_SQUARES = {
    "half": ["0.5*(#)^2", "(1/2)*(#)^2", "1/2*(#)^2", "POWER(#,2)/2", "0.5*POWER(#,2)", "(#)^2/2"],
    "squares": ["(#)^2", "POWER(#,2)", "(#)*(#)"],
    "mean": ["(#)^2", "POWER(#,2)"],
}
RATES = ["η =", "η", "α", "lr", "LR=", "L.R", "n = ", "learning rate", "k", "Learning rate (k)", "eta"]


def drawn(seed: int, **forced: Any) -> Strange:
    """Return the sheet of a seed, some of its choices forced: the others stay what they are, if they can."""
    unknown = forced.keys() - {each.name for each in fields(Strange)}
    assert not unknown, f"no such choice: {unknown}"
    made: dict[str, Any] = {"seed": seed}

    def pick(name: str, *options: Any) -> Any:
        chosen = random.Random(f"{seed} {name}").choice(options)
        made[name] = forced.get(name, chosen)
        return made[name]

    sizes = pick("sizes", *_SIZES)
    pick("hidden", "sigmoid", "sigmoid", "sigmoid", "tanh", "relu")
    pick("outputs", "sigmoid", "sigmoid", "sigmoid", "tanh", "linear")
    cost = pick("cost", "half", "half", "half", "squares", *(["mean"] if sizes[-1] > 1 else []))
    biases = pick("biases", "trained", "trained", "fixed", "shared", "fixed shared", "none", "none")
    pick("z", True, True, False)
    pick("deltas", "columns", "folded", *(["backs"] if len(sizes) > 2 else ["folded"]))
    pick("gradients", True, True, False)
    pick("difference", "a-T", "a-T", "T-a")
    pick("negative", True, False)
    pick("parts", *([True, False] if sizes[-1] > 1 else [False]))
    pick("sigmoid", *_SIGMOIDS)
    pick("tanh", "TANH(#)", "TANH(#)", "(EXP(#)-EXP(-#))/(EXP(#)+EXP(-#))", "(EXP(2*#)-1)/(EXP(2*#)+1)")
    pick("relu", "MAX(0,#)", "MAX(#,0)", "IF(#>0,#,0)")
    pick("square", *_SQUARES[cost])
    pick("total", "+", "+", "SUM", *(["AVERAGE"] * 2 if cost == "mean" else ["+"]))
    for name in ("weight_first", "slope_first", "target_first"):
        pick(name, True, False)
    pick("minus_spelt", False, False, False, True)
    pick("update", "w-r*g", "w-r*g", "w-(r*g)", "w-g*r")
    _draw_sheet(made, pick)
    if biases == "none" and "fixed" not in forced:
        made["fixed"] = "typed"
    return Strange(**made)


def _draw_sheet(made: dict[str, Any], pick: Callable[..., Any]) -> None:
    """Draw what does not show in the formulas of the net itself."""
    pick("steps", 4, 5, 6, 8, 8, 10, 12, 15, 20, 30)
    patterns = pick("patterns", 1, 1, 1, 1, 2, 3, 4)
    repeated = (
        ["typed", "above"] if patterns > 1 else ["typed", "typed", "above", "first", "anchored", "cell"]
    )
    pick("inputs", *repeated)
    targets = pick("targets", *repeated)
    pick("fixed", "typed", "above", "first", "anchored", "cell")
    pick("bits", False, False, False, True)
    pick("drift", *([True, False] if targets == "typed" and patterns == 1 else [False]))
    pick("rate", "cell", "cell", "beside", "row", "number", "tab")
    pick("rates", "typed", "above", "falling")
    pick("rate_label", *RATES)
    pick("vocabulary", "mazur", "mazur", "net", "act", "note", "plain", "da", "de", "fr", "none")
    pick("order", "real", "real", "note", "shuffled")
    pick("gap", 0, 0, 1, 2)
    pick("label_row", 2, 3, 4, 6, 9, 15, 33, 40)
    pick("spare_row", False, False, True)
    pick("first_column", 0, 0, 1, 2, 5, 25, 60)
    pick("counter", False, True)
    pick("helper", "none", "none", "ln", "max", "pasted")
    pick("direction", "rows", "rows", "rows", "columns")
    pick("tables", 1, 1, 1, 2, 3)
    pick("arrangement", "below", "beside", "tabs")
    pick("partial", False, False, True)
    pick("notes", 0, 1, 3, 6)
    pick("notes_tab", False, False, True)
    pick("spaced", False, True)
    pick("plus_first", False, False, False, True)


# ---------------------------------------------------------------- labels

_NOTES = [
    "Back-propagation by hand", "∂E_t/∂w5 = (a_o1 - t1) * a_o1 * (1 - a_o1) * a_h1", "'=w1*i1+w2*i2",
    "h1 = w1*i1 + w2*i2", "a_h1 = σ(h1) = 1/(1+exp(-h1))", "'=1/(1+exp(-h1))", "E1 = (1/2)*(t1 - a_o1)^2",
    "Targets", "Outputs", "∂a_o1/∂o1 = a_o1*(1 - a_o1)", "'=> the cost falls",
]  # fmt: skip
_GRADIENTS = ("∂E_t/∂", "dE/d", "E∂", "d", "δE_t/δ")
_WORDS: dict[str, dict[str, str]] = {
    "mazur": {
        "a0": "i{i}", "z": "h{n}", "a": "a_h{n}", "zo": "o{i}", "ao": "a_o{i}", "w": "w{m}", "b": "b{n}",
        "target": "t{i}", "part": "E{i}", "cost": "E_total", "delta": "δ_h{n}", "do": "δ_o{i}",
        "back": "∂E_t/∂a_h{n}", "gradient": "∂E_t/∂w{m}", "gb": "∂E_t/∂b{n}",
    },
    "net": {
        "a0": "i{i}", "z": "net_h{n}", "a": "out_h{n}", "zo": "net_o{i}", "ao": "out_o{i}", "w": "w{m}",
        "b": "b{n}", "target": "target{i}", "part": "E_o{i}", "cost": "Etotal", "delta": "delta_h{n}",
        "do": "delta_o{i}", "back": "dE/dout_h{n}", "gradient": "dE/dw{m}", "gb": "dE/db{n}",
    },
    "act": {
        "a0": "x{i}", "z": "z_h{n}", "a": "act_h{n}", "zo": "z_o{i}", "ao": "act_o{i}", "w": "w_{i}{j}",
        "b": "b_{i}", "target": "y{i}", "part": "err_{i}", "cost": "E_tot", "delta": "d_h{n}", "do": "d_o{i}",
        "back": "E∂a_h{n}", "gradient": "dw{m}", "gb": "db{n}",
    },
    "note": {
        "a0": "a{k}", "z": "z{k}", "a": "a{k}", "zo": "z{k}", "ao": "a{k}", "w": "w{k}{p}", "b": "w{k}{p}",
        "target": "T{k}", "part": "C{k}", "cost": "C", "delta": "δ{k}", "do": "δ{k}", "back": "s{k}",
        "gradient": "dC/dw{k}{p}", "gb": "dC/dw{k}{p}",
    },
    "plain": {
        "a0": "x_{i}", "z": "z_{n}", "a": "a_{n}", "zo": "z_{n}", "ao": "a_{n}", "w": "w_{m}", "b": "b_{n}",
        "target": "t_{i}", "part": "C_{i}", "cost": "C", "delta": "δ_{n}", "do": "δ_{n}", "back": "𝛿C/𝛿a_{n}",
        "gradient": "𝛿w_{m}", "gb": "𝛿b_{n}",
    },
    "da": {
        "a0": "ind {i}", "z": "sum {n}", "a": "skjult {n}", "zo": "sum ud {i}", "ao": "ud {i}", "w": "vægt {m}",
        "b": "bias {n}", "target": "mål {i}", "part": "fejl {i}", "cost": "samlet fejl", "delta": "delta {n}",
        "do": "delta ud {i}", "back": "tilbage {n}", "gradient": "gradient {m}", "gb": "gradient b{n}",
    },
    "de": {
        "a0": "Eingabe {i}", "z": "Netz {n}", "a": "verdeckt {n}", "zo": "Netz A{i}", "ao": "Ausgabe {i}",
        "w": "Gewicht {m}", "b": "Schwelle {n}", "target": "Ziel {i}", "part": "Fehler {i}", "cost": "Fehler",
        "delta": "Delta {n}", "do": "Delta A{i}", "back": "zurück {n}", "gradient": "Ableitung {m}",
        "gb": "Ableitung S{n}",
    },
    "fr": {
        "a0": "entrée {i}", "z": "somme {n}", "a": "cachée {n}", "zo": "somme s{i}", "ao": "sortie {i}",
        "w": "poids {m}", "b": "biais {n}", "target": "cible {i}", "part": "erreur {i}", "cost": "erreur totale",
        "delta": "delta {n}", "do": "delta s{i}", "back": "retour {n}", "gradient": "dérivée {m}",
        "gb": "dérivée b{n}",
    },
}  # fmt: skip


def _label(net: Strange, key: Key) -> str | None:
    """Return a column's label; where columns are shuffled its numbers are not in the columns' order."""
    if net.vocabulary == "none":
        return None
    kind, layer, i, j = key
    if kind in ("counter", "helper", "rate"):
        helper = {"ln": "ln E", "max": "max", "pasted": "η = 0.1"}.get(net.helper, "")
        return {"counter": "step", "helper": helper, "rate": net.rate_label}[kind]
    words = _WORDS[net.vocabulary] | _variant(net)
    last = layer == net.end or (kind in ("target", "part"))
    names = {"a": "a0" if layer == 0 else "ao" if last else "a", "z": "zo" if last else "z"}
    name = names.get(kind, "do" if kind == "delta" and last else kind)
    if net.is_bias(key):
        name = "b" if kind == "w" else "gb"
    own, before = _named(net, net.end if kind in ("target", "part") else layer), _named(net, layer - 1)
    i = own[i] if i < len(own) else i
    j = before[j] if kind in ("w", "gradient") and j < len(before) else j
    n = sum(net.sizes[1:layer]) + i
    if net.is_bias(key) and "shared" in net.biases:
        n = layer - 1
    m = sum(x * y for x, y in zip(net.sizes, net.sizes[1:layer], strict=False))
    m += i * net.sizes[layer - 1] + j if layer else 0
    return words[name].format(k=i, p=j, i=i + 1, j=j + 1, n=n + 1, m=m + 1)


def _variant(net: Strange) -> dict[str, str]:
    """Return other words for the same vocabulary, by the sheet's seed."""
    if net.vocabulary != "mazur":
        return {}
    stem = _GRADIENTS[net.seed % len(_GRADIENTS)]
    big = "W" if net.seed % 4 == 3 else "w"
    return {
        "cost": ("E_total", "E_tot", "E_TOTAL", "E")[net.seed // 2 % 4],
        "w": f"{big}{{m}}",
        "gradient": f"{stem}{big}{{m}}",
        "gb": f"{stem}b{{n}}",
    }


def _named(net: Strange, layer: int) -> list[int]:
    """Return the author's numbers of a layer's neurons."""
    numbers = list(range(net.sizes[layer])) if layer >= 0 else []
    if net.order == "shuffled":
        random.Random(f"{net.seed} names {layer}").shuffle(numbers)
    return numbers


# ---------------------------------------------------------------- tables


class Sheet:
    """One net's table: its numbers, where each line of it stands, and the formula of every cell.

    A line is a column where a row is a step, and a row where a column is one.
    """

    def __init__(self, net: Strange, number: int) -> None:
        self.net, self.number = net, number
        self.rng = random.Random(f"{net.seed} table {number}")
        self.name, self.top, self.left = "Sheet1", 0, net.first_column
        self.head = net.label_row - 1 if number == 0 or net.arrangement != "below" else min(net.label_row, 6)
        self.fixed: dict[Key, Place] = {}
        self.texts: dict[Place, Content] = {}
        self.taken: set[Place] = set()
        self._draw_numbers()
        self.lines = self._lines()
        self.margin = 0
        self._head()

    # ------------------------------------------------------------ numbers

    def _draw_numbers(self) -> None:
        net, rng = self.net, self.rng
        kinds = {net.activation(layer) for layer in range(1, net.end + 1)}
        slow = "relu" in kinds or "linear" in kinds
        choices = (
            (0.02, 0.05, 0.1) if slow else (0.05, 0.1, 0.3) if "tanh" in kinds else (0.1, 0.5, 0.8, 1, 2)
        )
        self.rate = float(rng.choice(choices))
        self.start = {}
        for key in net.weights():
            # the first neuron of a layer of ReLUs is not to be dead
            signs = (1,) if net.activation(key.layer) == "relu" and key.i == 0 else (1, 1, -1)
            self.start[key] = rng.choice(signs) * rng.randrange(10, 95) / 100
        limits = {"sigmoid": (1, 100), "tanh": (-90, 90), "linear": (-150, 150)}[net.outputs]
        self.given: dict[Key, list[float]] = {}
        for kind, count in (("a", net.sizes[0]), ("target", net.sizes[-1])):
            for i in range(count):
                low, high = (5, 95) if kind == "a" else limits
                row = [rng.choice([n for n in range(low, high) if n]) / 100 for _ in range(net.patterns)]
                self.given[Key(kind, 0, i)] = [float(rng.randrange(2)) for _ in row] if net.bits else row
        if not any(value for key, row in self.given.items() if key.kind == "a" for value in row):
            self.given[Key("a")][0] = 1.0

    def number_of(self, key: Key, step: int) -> float | None:
        """Return a number that is given, or None where a formula makes it."""
        net = self.net
        if key in self.given:
            value = self.given[key][step % net.patterns]
            drifts = net.drift and key == Key("target") and step > 1 and value
            return float(f"{value - 1e-15:.15f}") if drifts else value
        if key.kind == "w" and (step == 0 or (net.is_bias(key) and "fixed" in net.biases)):
            return self.start[key]
        if key.kind == "rate":
            falling = (net.rate, net.rates) == ("row", "falling")
            return round(self.rate * 0.95**step, 4) if falling else self.rate
        if key.kind == "counter":
            return float(step)
        return None

    # ------------------------------------------------------------ where everything stands

    def mode(self, key: Key) -> str:
        """Return how a given number is repeated."""
        net = self.net
        if key.kind == "w":
            return net.fixed if net.is_bias(key) and "fixed" in net.biases else "computed"
        if key in self.given:
            return net.inputs if key.kind == "a" else net.targets
        return net.rates if key.kind == "rate" else "computed"

    def _lines(self) -> dict[Key, int]:
        """Return the table's lines in the author's order, neurons numbered as their a stand in it."""
        net, order = self.net, self._ordered()
        if net.order == "shuffled":
            random.Random(f"{net.seed} order").shuffle(order)
        places: dict[tuple[str, int], list[int]] = {}
        for place, key in enumerate(order):
            if key.kind == "a":
                places.setdefault((key.kind, key.layer), []).append(place)
        for (kind, layer), group in places.items():
            for i, place in enumerate(sorted(group)):
                order[place] = Key(kind, layer, i)
        found, line = {}, 0
        if net.rate == "beside":
            found[Key("rate")], line = 0, 2
        gaps = random.Random(f"{net.seed} gaps")
        for key in order:
            found[key] = line
            line += 1 + (gaps.randrange(net.gap + 1) if gaps.random() < 0.2 else 0)
        return found

    def _ordered(self) -> list[Key]:
        net = self.net
        inputs = [key for key in self.given if key.kind == "a"]
        targets = [key for key in self.given if key.kind == "target"]
        parts = [Key("part", 0, k) for k in range(net.sizes[-1])] if net.parts else []
        costs = [*parts, Key("cost")]
        layers = range(1, net.end + 1)
        forward: list[Key] = []
        for layer in layers:
            forward += [key for key in net.weights() if key.layer == layer]
            for i in range(net.sizes[layer]):
                forward += [Key("z", layer, i)] * net.z + [Key("a", layer, i)]
            if net.order == "note" and net.deltas == "columns":
                forward += [Key("delta", layer, i) for i in range(net.sizes[layer])]
        back: list[Key] = []
        if net.deltas == "columns" and net.order != "note":
            back += [Key("delta", *each) for each in reversed(net.neurons(1, net.end))]
        if net.deltas == "backs":
            back += [Key("back", *each) for each in net.neurons(1, net.end - 1)]
        back += net.weights("gradient") * net.gradients
        if net.order == "note":
            order = [*inputs, *forward, *targets, *costs, *back]
        else:
            order = [*targets, *inputs, *forward, *costs, *back]
        order = [Key("counter")] * net.counter + [Key("rate")] * (net.rate == "row") + order
        order += [Key("helper")] * (net.helper != "none")
        return [key for key in order if self.mode(key) != "cell"]

    def _head(self) -> None:
        """Lay out what stands over the table: the rate, fixed cells, notes."""
        net, rng = self.net, self.rng
        wide = max(len(self.lines) if net.direction == "rows" else net.steps, 4)
        if net.rate == "cell":
            self._pair(Key("rate"), rng.randrange(self.head), rng.randrange(wide - 1))
        single = [key for key in [*self.given, *net.weights()] if self.mode(key) in ("cell", "anchored")]
        column = rng.randrange(4)
        free = [
            first
            for first in range(self.head - len(single))
            if not {(first + k, column + m) for k in range(len(single)) for m in (0, 1)} & self.taken
        ]
        over = bool(free) and rng.random() < 0.6
        self.margin = 3 if single and not over else 0
        for row, key in enumerate(single, rng.choice(free) if over else self.head):
            self._pair(key, row, column if over else 0)
        for text in rng.sample(_NOTES, net.notes):
            place = rng.randrange(max(self.head, 1)), rng.randrange(wide)
            if place[0] < self.head - 1 and place not in self.taken:
                self.texts[place] = text

    def _pair(self, key: Key, row: int, column: int) -> None:
        """Put a label and beside it the cell of a number."""
        name = self.net.rate_label if key.kind == "rate" else _label(self.net, key)
        if name is not None and (key.kind == "rate" or self.net.vocabulary != "none"):
            self.texts[row, column] = name
        self.fixed[key] = row, column + 1
        self.taken |= {(row, column + k) for k in range(-1, 4)}

    def local(self, key: Key, step: int) -> Place:
        """Return where a scalar stands, from the table's own corner."""
        if key in self.fixed and self.mode(key) == "cell":
            return self.fixed[key]
        if key not in self.lines:
            raise LookupError(key)
        first = 1 + self.net.spare_row
        if self.net.direction == "rows":
            return self.head + first + step, self.margin + self.lines[key]
        return self.head + self.lines[key], self.margin + first + step

    @property
    def size(self) -> Place:
        """How many rows and columns the table needs."""
        last = self.net.steps - 1 + self.net.partial
        places = [self.local(key, last) for key in self.lines] + list(self.texts) + list(self.fixed.values())
        return max(row for row, _ in places) + 1, max(column for _, column in places) + 1

    def put(self, place: Place) -> Place:
        """Return a place on the sheet."""
        return place[0] + self.top, place[1] + self.left

    def a1(self, place: Place, dollars: str = "") -> str:
        """Return the address of one of the table's own places, with $ before its column, its row or both."""
        row, column = self.put(place)
        column_sign, row_sign = ("$" if sign in dollars else "" for sign in "cr")
        return f"{column_sign}{get_column_letter(column + 1)}{row_sign}{row + 1}"

    # ------------------------------------------------------------ formulas

    @property
    def last(self) -> int:
        """The last step of which anything stands there."""
        return self.net.steps - 1 + self.net.partial

    def steps(self, key: Key) -> range:
        """Return the steps at which a line has a cell."""
        if key == Key("rate") and self.net.rate == "beside":
            return range(1)
        return range(self.net.steps + (self.net.partial and key.kind == "w"))

    def is_formula(self, key: Key, step: int, plant: Plant | None = None) -> bool:
        """Tell what the net's rule computes from what is given or stands beside it."""
        if key.kind in ("rate", "counter", "helper"):
            return False
        if plant is not None and key.kind == "w" and step > 0 and plant.is_in(self.number, key, step):
            return True
        return self.number_of(key, step) is None

    def refer(self, key: Key, step: int) -> str:
        """Return how a formula names a scalar of a step; LookupError where the sheet has none."""
        net = self.net
        if key.kind in ("empty", "stray", "slid"):
            return self._wrong_rate(key.kind, step)
        if key == Key("rate") and net.rate != "row":
            match net.rate:
                case "number":
                    return f"{self.rate:g}"
                case "tab":
                    return f"{_quoted(_TAB)}!$B${self.number + 2}"
            return self.a1(self.fixed[key] if net.rate == "cell" else self.local(key, 0), "cr")
        if self.mode(key) == "cell":
            return self.a1(self.fixed[key], "cr")
        self.check(key, step)
        return self.a1(self.local(key, step))

    def check(self, key: Key, step: int) -> None:
        """Raise LookupError for a step that the sheet has not; the weights of one after the last are empty."""
        if self.mode(key) != "cell" and not 0 <= step < self.net.steps + (key.kind == "w"):
            raise LookupError(step)

    def _wrong_rate(self, kind: str, step: int) -> str:
        net = self.net
        if net.rate not in ("cell", "beside") or (kind == "slid" and net.rate != "beside"):
            raise LookupError(kind)
        if kind == "slid":
            row, column = self.local(Key("rate"), 0)
            return self.a1((row + step, column) if net.direction == "rows" else (row, column + step))
        if kind == "stray":
            return self.a1(self.local(Key("a"), 0), "cr")
        row, column = self.fixed[Key("rate")] if net.rate == "cell" else self.local(Key("rate"), 1)
        return self.a1((row, column + 1) if net.rate == "cell" else (row, column), "cr")

    def text(self, key: Key, step: int, plant: Plant | None = None) -> str:
        """Return a net's own formula, without its =, the wrong one where the mistake is made."""
        return self.ruled(key, step, plant, lambda each, later: self.refer(each, step + later))

    def ruled(self, key: Key, step: int, plant: Plant | None, name: Ref) -> str:
        """Return a formula with any names for what it uses; right where a wrong one would leave the table."""
        if plant is not None and plant.hook is not None and plant.is_in(self.number, key, step):
            with suppress(LookupError):
                return Rule(self.net, name, key, hook=plant.hook).text
        return Rule(self.net, name, key).text

    def content(self, key: Key, step: int, plant: Plant | None = None) -> Content:
        """Return what is typed into a line's cell."""
        net, number, mode = self.net, self.number_of(key, step), self.mode(key)
        if key.kind == "helper":
            return self._helper(step)
        if self.is_formula(key, step, plant):
            if plant is not None and plant.value is not None and plant.is_in(self.number, key, step):
                return plant.value
            return self._spelt(self.text(key, step, plant))
        assert number is not None
        if key.kind == "counter":
            return f"={self.a1(self.local(key, step - 1))}+1" if step and net.seed % 2 else number
        repeated = step >= net.patterns if key in self.given else step > 0
        if mode == "above" and repeated:
            return f"={self.a1(self.local(key, step - (net.patterns if key in self.given else 1)))}"
        if mode == "first" and repeated:
            return f"={self.a1(self.local(key, 0), 'cr' if net.seed % 2 else 'r' if net.direction == 'rows' else 'c')}"
        return f"={self.a1(self.fixed[key], 'cr')}" if mode == "anchored" else number

    def _helper(self, step: int) -> Content:
        cost = Key("cost")
        match self.net.helper:
            case "ln":
                return f"=LN({self.a1(self.local(cost, step))})"
            case "max":
                first = self.a1(self.local(cost, 0), "cr")
                return f"=MAX({first}:{self.a1(self.local(cost, step))})"
        return round(0.25 * 0.97**step, 6)

    def _spelt(self, formula: str) -> str:
        if self.net.spaced:
            formula = re.sub(r"(?<=[\w)])\+(?=[\w($])", " + ", formula)
        return f"=+{formula}" if self.net.plus_first and formula[0] not in "+-" else f"={formula}"

    def cells(self, plant: Plant | None = None) -> Iterator[tuple[Place, Content]]:
        """Yield all that is typed."""
        for place, text in self.texts.items():
            yield self.put(place), text
        for key, place in self.fixed.items():
            number = self.number_of(key, 0)
            assert number is not None
            yield self.put(place), number
        for key in self.lines:
            name = _label(self.net, key)
            row, column = self.local(key, 0)
            first = 1 + self.net.spare_row
            if name is not None:
                place = (row - first, column) if self.net.direction == "rows" else (row, column - first)
                yield self.put(place), name
            for step in self.steps(key):
                yield self.put(self.local(key, step)), self.content(key, step, plant)

    @cached_property
    def truth(self) -> Table:
        """Where everything stands."""
        net, steps = self.net, range(self.net.steps)
        place = {}
        for key in [*self.lines, *self.fixed]:
            if key.kind not in ("a", "w", "target", "cost", "delta", "gradient", "z"):
                continue
            shared = net.is_bias(key) and "shared" in net.biases
            for i in range(net.sizes[key.layer]) if shared else [key.i]:
                place[key.kind, key.layer, i, key.j] = [self.a1(self.local(key, step)) for step in steps]
        rate: Address | None = None
        if net.rate == "tab":
            rate = _TAB, f"B{self.number + 2}"
        elif net.rate != "number":
            rate = self.name, self.a1(self.fixed.get(Key("rate")) or self.local(Key("rate"), 0))
        rates = tuple(self.number_of(Key("rate"), step) or 0.0 for step in steps)
        return Table(self.name, net.sizes, net.steps, rate, rates, place)


_TAB = "Data 1"


def _quoted(sheet: str) -> str:
    return f"'{sheet}'" if " " in sheet else sheet


@cache
def tables(net: Strange) -> tuple[Sheet, ...]:
    """Return a book's tables, set below each other, side by side or on tabs of their own."""
    found = []
    row = column = 0
    for number in range(net.tables):
        table = Sheet(net, number)
        table.top, table.left = row, column + net.first_column
        if net.arrangement == "tabs":
            table.name = f"Sheet{number + 1}"
        elif net.arrangement == "below":
            row += table.size[0] + 1 + net.seed % 3
        else:
            column += table.size[1] + 2
        found.append(table)
    return tuple(found)


def _cells(net: Strange, plant: Plant | None) -> dict[str, dict[Place, Content]]:
    """Return what is typed into a book's sheets."""
    book: dict[str, dict[Place, Content]] = {}
    if net.notes_tab:
        book["Notes"] = {(row, 0): text for row, text in enumerate(_NOTES)}
    if net.rate == "tab":
        book[_TAB] = {}
        for table in tables(net):
            book[_TAB] |= {(table.number + 1, 0): net.rate_label, (table.number + 1, 1): table.rate}
    for table in tables(net):
        cells = book.setdefault(table.name, {})
        for place, content in table.cells(plant):
            assert place not in cells, (table.name, place, content, cells[place])
            cells[place] = content
    return book


# ---------------------------------------------------------------- what formulas come to

_HERE = 1000
"""The row of the same step in formulas whose columns are scalars: the row above it is the step before."""
_MIDDLE = 2
"""A step that has others around it."""
_RATES = ("rate", "empty", "stray", "slid")


@cache
def _read(text: str) -> Read:
    return read(plain(text))


def _result(text: str, cell: Callable[[Place], float]) -> float:
    """Return what a formula comes to, nan for an error."""
    try:
        found = _read(text)(cell)
    except (ArithmeticError, ValueError):
        return math.nan
    assert isinstance(found, float)
    return found


class Drawing:
    """What a table's formulas come to when all that they name is drawn at random."""

    def __init__(self, table: Sheet) -> None:
        self.table, net = table, table.net
        keys = [*map(Key, _RATES), *table.lines, *table.fixed, *net.weights()]
        self.keys = list(dict.fromkeys(keys))
        self.columns = {key: get_column_letter(1 + column) for column, key in enumerate(self.keys)}
        self.known: dict[tuple[str, int], float] = {}

    def name(self, key: Key, later: int, step: int = _MIDDLE) -> str:
        """Return a scalar as the formulas here name it; LookupError where the sheet has it not at that step."""
        text = self.table.refer(key, step + later)
        written = key.kind == "rate" and self.table.net.rate == "number"
        return text if written else f"{self.columns[key]}{_HERE + later}"

    def text(self, key: Key, hook: Hook | None = None) -> str:
        """Return a formula of any step that has others around it."""
        return Rule(self.table.net, self.name, key, hook=hook).text

    def differ(self, one: str, other: str) -> bool:
        """Tell whether two formulas give different numbers."""
        return one != other and not all(self._agree(one, other, trial) for trial in range(6))

    def _agree(self, one: str, other: str, trial: int) -> bool:
        first, second = self._drawn(one, trial), self._drawn(other, trial)
        return math.isclose(first, second, rel_tol=1e-9) or (math.isnan(first) and math.isnan(second))

    def _drawn(self, text: str, trial: int) -> float:
        def cell(place: Place) -> float:
            return self._draw(self.keys[place[1] - 1], place[0] - _HERE, trial)

        if (text, trial) not in self.known:
            self.known[text, trial] = _result(text, cell)
        return self.known[text, trial]

    def _draw(self, key: Key, later: int, trial: int) -> float:
        net = self.table.net
        if key.kind == "empty":
            return 0.0
        if key in self.table.given:
            later %= net.patterns
        elif key.kind == "rate" and net.rate != "row":
            later = 0
        rng = random.Random(f"{key} {later} {trial}")
        found = rng.uniform(0.1, 0.9)
        if key.kind == "a" and key.layer and net.activation(key.layer) == "relu":
            return found * rng.choice((0, 1))
        return (
            -found if key.kind in ("w", "z", "delta", "back") and trial % 2 and rng.random() < 0.5 else found
        )


@cache
def drawing(table: Sheet) -> Drawing:
    """Return what a table's formulas come to at random."""
    return Drawing(table)


class Run:
    """What a table's cells come to, from the numbers that are typed into it; nan for an error."""

    def __init__(self, table: Sheet, plant: Plant | None = None) -> None:
        self.table, self.plant, self.drawing = table, plant, drawing(table)
        self.known: dict[tuple[Key, int], float] = {}
        for step in range(table.last + 1):
            for key in table.lines:
                if step in table.steps(key) and table.is_formula(key, step, plant):
                    self.value(key, step)

    def value(self, key: Key, step: int) -> float:
        """Return what a cell holds."""
        if (key, step) not in self.known:
            self.known[key, step] = self._computed(key, step)
        return self.known[key, step]

    def _computed(self, key: Key, step: int) -> float:
        table, plant = self.table, self.plant
        match key.kind:
            case "empty":
                return 0.0
            case "slid":
                return table.rate if step == 0 else 0.0
            case "stray":
                return table.given[Key("a")][0]
        if not table.is_formula(key, step, plant):
            return table.number_of(key, step) or 0.0
        if step not in table.steps(key):
            return 0.0
        if plant is not None and plant.value is not None and plant.is_in(table.number, key, step):
            return plant.value
        return self.result(key, step, plant)

    def result(self, key: Key, step: int, plant: Plant | None = None) -> float:
        """Return what a cell's formula comes to, by the rule unless a plant is said, from its own neighbours."""
        text = self.table.ruled(key, step, plant, lambda each, later: self.drawing.name(each, later, step))
        return _result(
            text, lambda place: self.value(self.drawing.keys[place[1] - 1], step + place[0] - _HERE)
        )


# ---------------------------------------------------------------- planting


@cache
def plants(net: Strange) -> tuple[Plant, ...]:
    """Return all mistakes that can be planted in one of the sheet's tables, but what equals the rule."""
    table = tables(net)[net.seed % net.tables]
    planting = _Planting(table)
    return (*(plant for mistake in MISTAKES for plant in planting.of(mistake)), *_pasted(table))


def chosen(net: Strange, count: int) -> list[Plant]:
    """Return some mistakes by the sheet's seed, of different codes, each of which shows in the numbers.

    The first stands in whole columns, the next in one row, and so on in turn; fewer where there are no more.
    """
    found: list[Plant] = []
    all_ = list(plants(net))
    random.Random(f"{net.seed} chosen").shuffle(all_)
    while len(found) < count:
        codes = {each.code for each in found}
        new = sorted(
            (plant for plant in all_ if plant.code not in codes),
            key=lambda plant: (plant.spot == "row") != len(found) % 2,
        )
        shown = next((plant for plant in new if visible(net, plant)), None)
        if shown is None:
            break
        found.append(shown)
    return found


def visible(net: Strange, plant: Plant) -> bool:
    """Tell whether each wrong cell holds another number than the rule gives from its own neighbours.

    So it is not where a sheet's numbers hide a mistake, or grow beyond all bounds.
    """
    table = tables(net)[plant.table]
    run = Run(table, plant)
    if not all(abs(value) < 1e6 for value in run.known.values()):
        return False
    if plant.value is not None or plant.code == "update-sliding-rate":  # that slides from the second row on
        return True
    return not any(
        math.isclose(run.value(key, step), run.result(key, step), rel_tol=1e-7, abs_tol=1e-10)
        for key in plant.cells
        for step in table.steps(key)
        if (table.name, table.a1(table.local(key, step))) in plant.addresses
        and not (net.is_bias(key) and "fixed" in net.biases)  # the rule has no formula for it
    )


_FORMULAS = ("a", "z", "part", "cost", "delta", "back", "gradient", "w")
_DELTAS = ("miss δ", "paths", "slope", "hidden δ")


class _Planting:
    """The cells of a table in which mistakes can be made."""

    def __init__(self, table: Sheet) -> None:
        self.table, self.net, self.drawing = table, table.net, drawing(table)
        self.keys = [key for key in table.lines if table.is_formula(key, 1)]
        self.right = {key: self.drawing.text(key) for key in self.keys}
        self.texts: dict[tuple[str, Key], str] = {}
        for mistake in MISTAKES:
            hook = self._hook(mistake, self.spots(mistake))
            cells = {cell for at in self.spots(mistake) for cell in self.cells(mistake, at)}
            self.texts |= {(mistake.name, key): text for key, text in self.wrong(hook, cells).items()}

    def spots(self, mistake: Mistake) -> list[Key]:
        """Return the neurons, outputs or weights whose quantity a mistake is about."""
        net = self.net
        match mistake.quantity:
            case "sum" | "a":
                return [Key("a", *each) for each in net.neurons(1, net.end)]
            case "part":
                return [Key("part", 0, k) for k in range(net.sizes[-1])]
            case "cost":
                return [Key("cost")]
            case "miss δ":
                return [Key("delta", *each) for each in net.neurons(net.end, net.end)]
            case "paths" | "slope" | "hidden δ":
                return [Key("delta", *each) for each in net.neurons(1, net.end - 1)]
        trained = [key._replace(kind="w") for key in net.weights("gradient")]
        if mistake.code == "update-fixed-bias":
            fixed = net.biases == "fixed" and net.fixed != "cell"
            return [key for key in net.weights() if fixed and net.is_bias(key)]
        return trained

    def cells(self, mistake: Mistake, at: Key) -> list[Key]:
        """Return the cells of its own layer in which such a quantity is written."""
        net = self.net
        last = Key("gradient" if net.gradients else "w", *at[1:])
        match mistake.quantity:
            case "sum":
                return [at._replace(kind="z" if net.z else "a")]
            case "part":
                return [at if net.parts else Key("cost")]
            case "gradient":
                return [last]
            case "miss δ" | "paths" | "slope" | "hidden δ":
                if net.deltas == "columns":
                    return [at]
                trained = [key._replace(kind=last.kind) for key in net.weights("gradient")]
                own = [
                    key for key in trained if key.i == at.i or (net.is_bias(key) and net.biases == "shared")
                ]
                return [Key("back", *at[1:]), *(key for key in own if key.layer == at.layer)]
        return [at]

    def wrong(self, hook: Hook, cells: Iterable[Key]) -> dict[Key, str]:
        """Return those formulas of some cells that a mistake makes wrong."""
        found = {}
        for key in cells:
            with suppress(LookupError):
                right = self.right.get(key) or self.drawing.name(key, 0)
                text = self.drawing.text(key, hook)
                if self.drawing.differ(text, right):
                    found[key] = text
        return found

    def _hook(self, mistake: Mistake, spots: Iterable[Key], *, nested: bool = False) -> Hook:
        return Hook(mistake, frozenset((at.layer, at.i, at.j) for at in spots), nested)

    def of(self, mistake: Mistake) -> Iterator[Plant]:
        """Yield a mistake in all, in one and in one row of its cells."""
        net, rng = self.net, random.Random(f"{self.net.seed} {mistake.name}")
        found = {
            at: cells
            for at in self.spots(mistake)
            if (cells := self.wrong(self._hook(mistake, [at]), self.cells(mistake, at)))
        }
        if not found:
            return
        every: dict[Key, str] = {}
        if "all" in mistake.spots and not mistake.votes(net):
            inside = mistake.quantity in _DELTAS and net.deltas != "columns"
            hook = self._hook(mistake, found, nested=inside)
            every = self.wrong(hook, self.keys)
            own = {cell for at in found for cell in self.cells(mistake, at)}
            yield from self._plant(
                mistake, "all", hook, every, doubt=mistake.doubt, nested=not every.keys() <= own
            )
        whole = mistake.quantity == "part" and not net.parts
        one = [at for at in found if not whole and (not mistake.votes(net) or self._has_votes(mistake, at))]
        if "one" in mistake.spots and one:
            at = rng.choice(one)
            alone = mistake.doubt and net.sizes[-1] == 1
            if found[at].keys() != every.keys():
                yield from self._plant(mistake, "one", self._hook(mistake, [at]), found[at], doubt=alone)
        if "row" in mistake.spots:
            at = rng.choice(list(found))
            hook = self._hook(mistake, found if whole else [at])
            step = rng.randrange(2, net.steps - 1)
            yield from self._plant(mistake, "row", hook, self.wrong(hook, found[at]), step=step)

    def _has_votes(self, mistake: Mistake, at: Key) -> bool:
        """Tell whether enough others are left that do it right."""
        net = self.net
        if mistake.quantity in ("gradient", "update"):
            weights = [key for key in net.weights() if mistake.quantity == "update" or key.layer == at.layer]
            alike = [key for key in weights if net.is_bias(key) == net.is_bias(at)]
            return len(alike) > (2 if mistake.quantity == "update" else 1)
        return net.sizes[at.layer or net.end] > 1

    def _plant(
        self, mistake: Mistake, spot: str, hook: Hook, wrong: dict[Key, str], **more: Any
    ) -> Iterator[Plant]:
        table = self.table
        same = {
            each.code
            for each in MISTAKES
            if all(
                (each.name, key) in self.texts and not self.drawing.differ(self.texts[each.name, key], text)
                for key, text in wrong.items()
            )
        }
        plant = Plant(
            mistake.name, mistake.code, spot, table.number, frozenset(),
            frozenset({mistake.code} | mistake.also | same), hook, frozenset(wrong), **more,
        )  # fmt: skip
        addresses = {
            (table.name, table.a1(table.local(key, step)))
            for key in wrong
            for step in table.steps(key)
            if table.is_formula(key, step, plant)
            and table.content(key, step, plant) != table.content(key, step)
        }
        if addresses:
            yield replace(plant, addresses=frozenset(addresses))


def _pasted(table: Sheet) -> Iterator[Plant]:
    """Yield numbers typed in the place of formulas, as they are and as they are displayed."""
    rng, run = random.Random(f"{table.net.seed} pasted"), Run(table)
    for name, digits in (("number", None), ("rounded", 4)):
        key = rng.choice([key for key in table.lines if table.is_formula(key, 1)])
        step = rng.randrange(1, table.net.steps - 1)
        value = run.value(key, step)
        typed = value if digits is None else round(value, digits)
        address = table.name, table.a1(table.local(key, step))
        if digits is None or abs(typed - value) > 1e-7:
            code = f"sheet-pasted-{name}"
            yield Plant(
                f"pasted {name}", code, "row", table.number, frozenset({address}), frozenset({code}),
                cells=frozenset({key}), step=step, value=typed,
            )  # fmt: skip
