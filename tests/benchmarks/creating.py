"""`sheetnet new`: the cost of a cell in a wide net against one of the same number of cells in a narrow one."""

from collections.abc import Iterator
from functools import partial

import sheetnet
from tests.benchmarks.inputs import PARTS, Inputs
from tests.benchmarks.measure import medians, timed
from tests.benchmarks.table import Line

TITLE = "A new sheet, a cell: a wide net beside a narrow one of as many cells"

WIDE, NARROW = (4, 8, 8, 9), (2, 2, 2)
BOUND = 1.5
"""Ours / the other: the cost of a cell is flat, but for its longer formula."""
SLOW = 1e-4
"""A learning rate with which no net arrives: numbers that do not change any more cost less."""


def lines(inputs: Inputs) -> Iterator[Line | str]:
    """Yield the seconds a cell takes in both."""
    steps = inputs.rows[0] // (5 if len(inputs.rows) == 1 else 1)
    for suffix in PARTS:
        small = [
            sheetnet.new_file(sizes, inputs.folder / f"small{suffix}", steps=1, seed=1, overwrite=True)
            for sizes in (WIDE, NARROW)
        ]
        wide, narrow = (len(creation.layout.columns) for creation in small)
        rows = {WIDE: steps, NARROW: steps * wide // narrow}
        works = [
            timed(
                partial(
                    sheetnet.new_file,
                    sizes,
                    inputs.folder / f"new{suffix}",
                    steps=rows[sizes],
                    seed=1,
                    learning_rate=SLOW,
                    overwrite=True,
                )
            )
            for sizes in (WIDE, NARROW)
        ]
        ours, theirs = medians(max(inputs.rounds // 2, 1), *works)
        cells = steps * wide
        what = f"{suffix}, 4-8-8-9, {steps:,} rows / 2-2-2"
        yield Line(what, ours / cells, theirs / cells, ratio=BOUND)
