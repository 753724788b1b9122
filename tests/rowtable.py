"""Small tables of steps as people build them: one row a step, labels above, formulas by the labels' names."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl
from openpyxl.utils import get_column_letter

FIRST = 6
"""The row of step 0, as a sheet numbers it; labels stand above it."""


class Column(NamedTuple):
    """A column: its label, the number of step 0, and its formula; without one the number stays.

    In a formula ``{w1}`` is the cell of that label in the same row, ``{w1<}`` the one above it.
    """

    label: str
    first: float | None = None
    formula: str | None = None


def write(
    path: Path, columns: Sequence[Column], *, rows: int = 12, cells: Mapping[str, float | str] | None = None
) -> Path:
    """Write a workbook with such a table, the learning rate 0.5 in B1, and other cells; return its path."""
    book = openpyxl.Workbook()
    sheet = book.active
    letters = {column.label: get_column_letter(at) for at, column in enumerate(columns, 1)}
    for address, content in {"A1": "lr", "B1": 0.5, **(cells or {})}.items():
        sheet[address] = content
    for column in columns:
        sheet[f"{letters[column.label]}{FIRST - 1}"] = column.label
        for row in range(FIRST, FIRST + rows):
            sheet[f"{letters[column.label]}{row}"] = _content(column, row, letters)
    book.save(path)
    return path


def _content(column: Column, row: int, letters: Mapping[str, str]) -> float | str | None:
    if column.formula is None or (row == FIRST and column.first is not None):
        return column.first

    def cell(match: re.Match[str]) -> str:
        name = match[1]
        return f"{letters[name.removesuffix('<')]}{row - name.endswith('<')}"

    return "=" + re.sub(r"\{([^}]*)\}", cell, column.formula)


def net(
    *,
    activation: str = "1/(1+EXP(-z))",
    slope: str = "h*(1-h)",
    cost: str | None = "0.5*({t1}-{o})^2",
    delta: str = "({o}-{t1})*{o}*(1-{o})",
    update: str = "{w<}-$B$1*{g<}",
) -> list[Column]:
    """Return a 2-2-1 net with a column for everything; z, h, w and g stand for a neuron's or weight's own."""
    weights = dict(zip(range(1, 7), (0.15, 0.2, 0.25, 0.3, 0.4, 0.45), strict=True))

    def of(neuron: int, text: str) -> str:
        return re.sub(r"\b[zh]\b", lambda match: f"{{{match[0]}{neuron}}}", text)

    def updated(number: int) -> str:
        return re.sub(r"\{([wgvn])(<?)\}", lambda m: f"{{{_NAMES[m[1]]}{number}{m[2]}}}", update)

    found = [Column("i1", 0.05), Column("i2", 0.1), Column("t1", 0.9)]
    found += [Column(f"w{number}", value, updated(number)) for number, value in weights.items()]
    found += [Column("z1", None, "{w1}*{i1}+{w2}*{i2}"), Column("z2", None, "{w3}*{i1}+{w4}*{i2}")]
    found += [Column(f"h{neuron}", None, of(neuron, activation)) for neuron in (1, 2)]
    found += [Column("zo", None, "{w5}*{h1}+{w6}*{h2}"), Column("o", None, "1/(1+EXP(-{zo}))")]
    found += [] if cost is None else [Column("E", None, cost)]
    found.append(Column("do", None, delta))
    found += [Column("dw5", None, "{do}*{h1}"), Column("dw6", None, "{do}*{h2}")]
    for number, neuron, source in ((1, 1, "i1"), (2, 1, "i2"), (3, 2, "i1"), (4, 2, "i2")):
        found.append(
            Column(f"dw{number}", None, f"{{do}}*{{w{4 + neuron}}}*{of(neuron, slope)}*{{{source}}}")
        )
    return found


_NAMES = {"w": "w", "g": "dw", "v": "v", "n": "new w"}


def changed(columns: Sequence[Column], **formulas: str) -> list[Column]:
    """Return columns with other formulas, by their labels."""
    return [
        column._replace(formula=formulas[column.label]) if column.label in formulas else column
        for column in columns
    ]
