"""Sheets built by hand: the groups of columns in any order, with columns of their own for what lies between."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl
from openpyxl.utils import get_column_letter

LABELS, FIRST = 6, 8
"""The label row and the row of step 0, as a sheet numbers them."""


class Key(NamedTuple):
    """One scalar: a, w, b (a bias), u (one that a layer shares), z, s (slope), d (δ), T, e (miss), p (part), C; layer and indices."""

    letter: str
    layer: int = 0
    i: int = 0
    j: int = 0


def name(key: Key) -> str:
    """Return the note's label; the biases are b0, b1."""
    letters = {"d": "δ", "s": "σ'", "e": "e", "p": "C", "u": "b"}
    indices = f"{key.i}{key.j}" if key.letter == "w" else "" if key.letter in "Cu" else str(key.i)
    return letters.get(key.letter, key.letter) + indices


def keys(sizes: Sequence[int], group: str) -> list[Key]:
    """Return the scalars of a group such as ``w1``, the weights of layer 1; ``T`` and its like have none."""
    letter, layer = group[0], int(group[1:] or 0)
    if letter == "w":
        return [Key("w", layer, i, j) for i in range(sizes[layer]) for j in range(sizes[layer - 1])]
    count = 1 if letter in "Cu" else sizes[layer] if layer or letter == "a" else sizes[-1]
    return [Key(letter, layer, i) for i in range(count)]


def handmade(
    path: Path,
    sizes: Sequence[int],
    steps: int,
    groups: str,
    *,
    name: Callable[[Key], str] = name,
    rate: str = "$A$8",
    rate_cell: tuple[str, str] | None = ("A6", "A8"),
) -> Path:
    """Write an .xlsx whose groups stand in the given order, ``a0 w1 b1 z1 a1 …``; cached values it has none.

    A formula uses the columns that are there: a is computed from z, δ from the slope. `rate` is how the
    update formulas spell the learning rate, `rate_cell` where its label and its number 0.5 stand.
    """
    rng = random.Random(7)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    columns = [key for group in groups.split() for key in keys(sizes, group)]
    at = {key: get_column_letter(3 + index) for index, key in enumerate(columns)}
    if rate_cell is not None:
        sheet[rate_cell[0]], sheet[rate_cell[1]] = "Learning rate", 0.5
    for key, column in at.items():
        sheet[f"{column}{LABELS}"] = name(key)
    for step in range(steps):
        row = FIRST + step
        for key, column in at.items():
            given = key.letter in "wbuT" or (key.letter, key.layer) == ("a", 0)
            formula = _formula(key, sizes, at, row, rate)
            sheet[f"{column}{row}"] = rng.randrange(1, 10) / 10 if given and step == 0 else formula
    book.save(path)
    return path


def _formula(key: Key, sizes: Sequence[int], at: dict[Key, str], row: int, rate: str) -> str:
    """Return the rule of the note, in cells."""
    last = len(sizes) - 1

    def cell(letter: str, layer: int = 0, i: int = 0, j: int = 0, row: int = row) -> str:
        return f"{at[Key(letter, layer, i, j)]}{row}"

    def weighted(layer: int, i: int) -> str:
        terms = [f"{cell('a', layer - 1, j)}*{cell('w', layer, i, j)}" for j in range(sizes[layer - 1])]
        return "+".join([*terms, cell("u", layer) if Key("u", layer) in at else cell("b", layer, i)])

    layer, i, j = key.layer, key.i, key.j
    above = f"{at[key]}{row - 1}"
    match key.letter:
        case "T" | "a" if key.letter == "T" or layer == 0:
            return f"={above}"
        case "w":
            return (
                f"={above}-{rate}*{cell('d', layer, i, row=row - 1)}*{cell('a', layer - 1, j, row=row - 1)}"
            )
        case "b":
            return f"={above}-{rate}*{cell('d', layer, i, row=row - 1)}"
        case "u":
            deltas = [cell("d", layer, k, row=row - 1) for k in range(sizes[layer])]
            return f"={above}-{rate}*({'+'.join(deltas)})"
        case "z":
            return f"={weighted(layer, i)}"
        case "a":
            z = cell("z", layer, i) if Key("z", layer, i) in at else weighted(layer, i)
            return f"=1/(1+EXP(-({z})))"
        case "s":
            return f"={cell('a', layer, i)}*(1-{cell('a', layer, i)})"
        case "e":
            return f"={cell('a', last, i)}-{cell('T', 0, i)}"
        case "p":
            return f"=0.5*({cell('a', last, i)}-{cell('T', 0, i)})^2"
        case "C":
            parts = [cell("p", 0, k) for k in range(sizes[-1]) if Key("p", 0, k) in at]
            squares = [f"0.5*({cell('a', last, k)}-{cell('T', 0, k)})^2" for k in range(sizes[-1])]
            return "=" + "+".join(parts or squares)
        case "d":
            a = cell("a", layer, i)
            slope = cell("s", layer, i) if Key("s", layer, i) in at else f"{a}*(1-{a})"
            if layer == last:
                miss = cell("e", 0, i) if Key("e", 0, i) in at else f"({a}-{cell('T', 0, i)})"
                return f"={miss}*{slope}"
            paths = [
                f"{cell('d', layer + 1, k)}*{cell('w', layer + 1, k, i)}" for k in range(sizes[layer + 1])
            ]
            return f"={slope}*({'+'.join(paths)})"
    raise ValueError(key)
