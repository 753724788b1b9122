"""New: a workbook with a net of any size, trained for some steps."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetnet.book import files
from sheetnet.book.skeleton import NewBook
from sheetnet.design.blank import blank
from sheetnet.design.newsheet import new_sheet
from sheetnet.formula.address import a1
from sheetnet.layout.language import language
from sheetnet.layout.layout import Layout, default_steps
from sheetnet.layout.patterns import patterns_of
from sheetnet.net.conventions import Activation, Biases, Conventions
from sheetnet.net.network import Network
from sheetnet.net.terms import sizes_text
from sheetnet.progress import Progress, Tally
from sheetnet.table.filling import Filling, filled
from sheetnet.table.rule import rule_table
from sheetnet.table.surroundings import following_edits

SEEDS = 10_000
"""Seeds that are drawn are below this: short enough to be typed again."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Creation:
    """A new workbook: where it was saved, and its net.

    `seed` is that of its random numbers, None if it has none; `charts` are the addresses of its charts.
    """

    out: Path
    filling: Filling
    seed: int | None
    charts: tuple[str, ...]

    @property
    def layout(self) -> Layout:
        """Where the net stands."""
        return self.filling.layout


def new_file(
    sizes: Sequence[int],
    out: str | Path | None = None,
    *,
    learning_rate: float = 0.5,
    seed: int | None = None,
    weights: Sequence[ArrayLike] | None = None,
    patterns: str | Path | tuple[ArrayLike, ArrayLike] | None = None,
    steps: int | None = None,
    advised: int | None = None,
    biases: Biases = "trained",
    activations: Sequence[Activation] = ("sigmoid",),
    lang: str = "en",
    overwrite: bool = False,
    created: datetime | None = None,
    progress: Progress | None = None,
) -> Creation:
    """Write a new workbook with a net of `sizes`, by default ``2-2-2.ods``, trained for `steps` rows.

    `patterns` is a file with a header, inputs then targets, one pattern a row; or inputs (patterns, n_0) and
    targets (patterns, n_L); by default one pattern of random numbers. `weights` are W(1) … W(L), shapes as in
    `Network`, by default random numbers with one decimal, from `seed`. `steps` are 1,000 by default, or one
    for each pattern if these are more; the sheet's instructions advise `advised` steps for going on, by
    default five times as many, or the default. A SheetnetError leaves no output.
    """
    shape = tuple(sizes)
    target = Path(f"{sizes_text(shape)}.ods" if out is None else out)
    form = files.check_new(target, overwrite=overwrite)
    conventions = Conventions(biases=biases, activations=tuple(activations))
    drawn = seed if seed is not None else random.SystemRandom().randrange(1, SEEDS)
    rng = random.Random(drawn)
    given = None if patterns is None else _given(patterns, shape)
    count = 1 if given is None else len(given[0])
    words = language(lang)
    layout = blank(
        shape,
        conventions,
        sheet=words.sheet,
        learning_rate=learning_rate,
        patterns=count,
        steps=default_steps(count) if steps is None else steps,
    )
    matrices = _random_weights(rng, shape, conventions) if weights is None else weights
    network = Network.of(matrices, learning_rate=learning_rate, conventions=conventions)
    if network.sizes != shape:
        raise ValueError(f"weights of a {network.sizes} net, expected those of {shape}")
    inputs, targets = _random_pattern(rng, shape) if given is None else given
    if advised is None:
        advised = 5 * layout.steps if layout.steps > 1 else default_steps(count)
    sheet = new_sheet(layout, network, inputs, targets, words, advised)
    table = rule_table(layout, form)
    tally = Tally(progress, 2 * layout.steps)
    new = NewBook((sheet,), created or datetime.now(UTC), lang)
    with files.skeleton(new, form, target.name) as book:
        filling, _ = filled(book, layout, table, tally.add)
        following, _ = following_edits(book, [filling])
        edits = filling.edits(new=True)
        files.save(book, target, [*edits, *following], progress=tally.add)
    tally.finish()
    charts = tuple(a1(chart.row, chart.column) for chart in sheet.charts)
    return Creation(target, filling, drawn if weights is None or given is None else None, charts)


def _given(patterns: str | Path | tuple[ArrayLike, ArrayLike], sizes: tuple[int, ...]) -> tuple[Array, Array]:
    if isinstance(patterns, str | Path):
        return patterns_of(files.load_table(Path(patterns)), sizes)
    inputs, targets = (np.atleast_2d(np.asarray(part, dtype=np.float64)) for part in patterns)
    if inputs.shape != (len(inputs), sizes[0]) or targets.shape != (len(inputs), sizes[-1]):
        raise ValueError(
            f"inputs of shape {inputs.shape} and targets of shape {targets.shape} do not fit {sizes}"
        )
    return inputs, targets


def _random_weights(rng: random.Random, sizes: tuple[int, ...], conventions: Conventions) -> list[Array]:
    """Draw weights of one decimal, never 0, at most 0.9, smaller the more there are (Glorot, Bengio 2010)."""
    matrices = []
    for before, after in pairwise(sizes):
        largest = min(max(round(10 * math.sqrt(6 / (before + after))), 1), 9)
        flat = [rng.choice((-1, 1)) * rng.randint(1, largest) / 10 for _ in range(after * (before + 1))]
        matrix = np.array(flat).reshape(after, before + 1)  # the same ones, however biases are treated
        if conventions.biases == "shared":
            matrix[:, -1] = matrix[0, -1]
        matrices.append(matrix[:, :before] if conventions.biases == "none" else matrix)
    return matrices


def _random_pattern(rng: random.Random, sizes: tuple[int, ...]) -> tuple[Array, Array]:
    inputs, targets = ([rng.randint(1, 9) / 10 for _ in range(size)] for size in (sizes[0], sizes[-1]))
    return np.array([inputs]), np.array([targets])
