"""Where a net's cells stand on a sheet like the note's: the tests' own statement of the layout."""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from openpyxl.utils import get_column_letter

from sheetnet.book.skeleton import Look

Weights: TypeAlias = Sequence[Sequence[Sequence[float]]]
"""A layer's matrix after the other, each of shape (n_l, n_(l-1) + 1), the biases in its last column."""
Pattern: TypeAlias = tuple[Sequence[float], Sequence[float]]
"""Inputs and targets."""

NOTE_WEIGHTS = (((0.5, -0.2, 0.3), (0.2, -0.6, 0.6)), ((0.1, 0.5, -0.3), (0.2, 0.3, 0.5)))
NOTE_PATTERN = ((0.1, 0.9), (0.3, 0.4))

MAZUR_WEIGHTS = (((0.15, 0.2, 0.35), (0.25, 0.3, 0.35)), ((0.4, 0.45, 0.6), (0.5, 0.55, 0.6)))
MAZUR_PATTERN = ((0.05, 0.1), (0.01, 0.99))

XOR = [((a, b), (a ^ b,)) for a in (0, 1) for b in (0, 1)]
"""The four patterns of exclusive or, for sizes (2, n, 1)."""

_DIGITS = ["abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg"]
SEGMENTS = [
    (
        tuple(number >> bit & 1 for bit in (3, 2, 1, 0)),
        (int(number > 9),) * 2 + tuple(int(segment in _DIGITS[number % 10]) for segment in "abcdefg"),
    )
    for number in range(16)
]
"""The sixteen patterns of the seven-segment net, for sizes (4, n, m, 9)."""

LABELS, FIRST = 5, 7
"""The label row and the row of step 0, zero-based."""
COLUMN = 2
"""The column of the first input."""


LOOKS = {
    "text": Look(colour="595959"),
    "caption": Look(bold=True, colour="595959"),
    "rate label": Look(bold=True, ruled=True),
    "label": Look(bold=True, centred=True, ruled=True),
    "rate": Look(fill="C9E7B8"),
    "input": Look(fill="FFF3B8"),
    "weight": Look(fill="E3D9F2", decimals=5),
    "activation": Look(fill="FAD0BF", decimals=5),
    "number": Look(decimals=5),
    "target": Look(fill="C9E7B8"),
}


class Cell(NamedTuple):
    """A cell's value and the name of its look."""

    value: float | str | None
    look: str


Cells: TypeAlias = dict[tuple[int, int], Cell]
"""Zero-based (row, column) → cell."""

Label: TypeAlias = Callable[..., str]
"""From a letter (a, w, δ, T, C) and indices to the text over a column."""

ENGLISH = {
    "layer": "Layer",
    "input": "Input",
    "output": "Output",
    "target": "Target",
    "cost": "Cost",
    "rate": "Learning rate",
}


class Column(NamedTuple):
    """One scalar of a net: its letter, its layer and its indices."""

    letter: str
    layer: int
    indices: tuple[int, ...]


def columns(sizes: Sequence[int]) -> list[Column]:
    """Return a net's columns from the first input to the cost, in the order of the note's spreadsheet."""
    last = len(sizes) - 1
    out = [Column("a", 0, (i,)) for i in range(sizes[0])]
    for layer in range(1, last + 1):
        neurons = range(sizes[layer])
        out += [Column("w", layer, (i, j)) for i in neurons for j in range(sizes[layer - 1] + 1)]
        out += [Column("a", layer, (i,)) for i in neurons]
        out += [Column("δ", layer, (i,)) for i in neurons]
    out += [Column("T", last, (i,)) for i in range(sizes[-1])]
    return [*out, Column("C", last, ())]


def label(letter: str, *indices: int) -> str:
    """Return a column's label: w01, a0, C; with a comma (w1,10) where an index has two digits."""
    return letter + ("," if max(indices, default=0) > 9 else "").join(map(str, indices))


def net(
    sizes: Sequence[int],
    *,
    weights: Weights | None = None,
    patterns: Sequence[Pattern] | int = 1,
    learning_rate: float = 0.5,
    seed: int = 1,
    decimals: int = 1,
    top: int = 0,
    left: int = 0,
    words: Mapping[str, str] | None = ENGLISH,
    label: Label = label,
) -> Cells:
    """Lay out step 0 of a net: captions, labels and numbers, without formulas.

    Weights and patterns that are not given (`patterns` may be their number) are random: `decimals` decimals,
    between -1 and 1, never 0. `words` None leaves the captions out.
    """
    rng = random.Random(seed)
    scale = 10**decimals

    def some(count: int, sign: int = 1) -> list[float]:
        return [rng.choice((1, sign)) * rng.randrange(1, scale) / scale for _ in range(count)]

    if weights is None:
        weights = [[some(before + 1, -1) for _ in range(after)] for before, after in pairwise(sizes)]
    if isinstance(patterns, int):
        patterns = [(some(sizes[0]), some(sizes[-1])) for _ in range(patterns)]
    cells: Cells = {
        (LABELS, 0): Cell(ENGLISH["rate"] if words is None else words["rate"], "rate label"),
        (FIRST, 0): Cell(learning_rate, "rate"),
    }
    looks = {"a": "activation", "δ": "number", "C": "number"}
    places = {column: COLUMN + i for i, column in enumerate(columns(sizes))}
    for column, at in places.items():
        cells[LABELS, at] = Cell(label(column.letter, *column.indices), "label")
        match column:
            case Column("a", 0, (i,)):
                cells |= {(FIRST + k, at): Cell(given[i], "input") for k, (given, _) in enumerate(patterns)}
            case Column("T", _, (i,)):
                cells |= {
                    (FIRST + k, at): Cell(wanted[i], "target") for k, (_, wanted) in enumerate(patterns)
                }
            case Column("w", layer, (i, j)):
                cells[FIRST, at] = Cell(weights[layer - 1][i][j], "weight")
            case _:
                cells[FIRST, at] = Cell(None, looks[column.letter])
    if words is not None:
        cells |= _captions(sizes, places, words)
        cells |= _instructions(sizes, places, len(patterns), top, left)
    return {(row + top, column + left): cell for (row, column), cell in cells.items()}


def _captions(sizes: Sequence[int], places: Mapping[Column, int], words: Mapping[str, str]) -> Cells:
    last = len(sizes) - 1
    firsts = [places[Column("a", 0, (0,))]] + [
        places[Column("w", layer, (0, 0))] for layer in range(1, last + 1)
    ]
    cells = {(3, at): Cell(f"{words['layer']} {layer}", "caption") for layer, at in enumerate(firsts)}
    for word, column in (
        ("input", Column("a", 0, (0,))),
        ("output", Column("a", last, (0,))),
        ("target", Column("T", last, (0,))),
        ("cost", Column("C", last, ())),
    ):
        cells[4, places[column]] = Cell(words[word], "caption")
    return cells


def _instructions(
    sizes: Sequence[int], places: Mapping[Column, int], patterns: int, top: int, left: int
) -> Cells:
    def span(letter: str, layer: int, rows: int = 1) -> str:
        ats = [at for column, at in places.items() if column[:2] == (letter, layer)]
        first = f"{get_column_letter(min(ats) + left + 1)}{FIRST + top + 1}"
        last = f"{get_column_letter(max(ats) + left + 1)}{FIRST + top + rows}"
        return first if first == last else f"{first}:{last}"

    spans = [span("w", layer) for layer in range(1, len(sizes))]
    weights = ", ".join(spans[:-1]) + " and " * (len(spans) > 1) + spans[-1]
    rate = f"{get_column_letter(left + 1)}{FIRST + top + 1}"
    return {
        (0, 0): Cell(
            f"Change the inputs (yellow, {span('a', 0, patterns)}), the targets (green, "
            f"{span('T', len(sizes) - 1, patterns)}) and the learning rate ({rate}) as you like.",
            "text",
        ),
        (1, 0): Cell(
            f"Training starts from the weights in the lavender cells, {weights}, and adds one row a step.",
            "text",
        ),
    }
