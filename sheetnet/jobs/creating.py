"""New: a workbook with a net of any size, trained for some steps."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetnet.book import files
from sheetnet.book.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from sheetnet.book.skeleton import Format, NewBook
from sheetnet.design.blank import blank
from sheetnet.design.newsheet import new_sheet
from sheetnet.design.page import page_sheet, typed_numbers
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1
from sheetnet.layout.language import Language, language
from sheetnet.layout.layout import Layout, default_steps
from sheetnet.layout.page import page_plan
from sheetnet.layout.patterns import patterns_of
from sheetnet.net.conventions import Activation, Biases, Conventions
from sheetnet.net.network import Network
from sheetnet.net.terms import sizes_text
from sheetnet.progress import Progress, Tally
from sheetnet.recognition.finding import find_nets
from sheetnet.table.filling import Filling, filled
from sheetnet.table.lensed import copied_rates
from sheetnet.table.rule import rule_table
from sheetnet.table.surroundings import following_edits

SEEDS = 10_000
"""Seeds that are drawn are below this: short enough to be typed again."""

Array = NDArray[np.float64]
Arrangement: TypeAlias = Literal["rows", "page"]
"""How a net is laid out: one row a step as in the note, or one page a step."""


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
    arrangement: Arrangement = "rows",
    overwrite: bool = False,
    created: datetime | None = None,
    progress: Progress | None = None,
) -> Creation:
    """Write a new workbook with a net of `sizes`, by default ``2-2-2.ods``, trained for `steps` rows.

    The `arrangement` "rows" is the note's sheet, one row a step; "page" has one A4 page a step, by default
    as many as there are patterns.

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
    matrices = _random_weights(rng, shape, conventions) if weights is None else weights
    network = Network.of(matrices, learning_rate=learning_rate, conventions=conventions)
    if network.sizes != shape:
        raise ValueError(f"weights of a {network.sizes} net, expected those of {shape}")
    inputs, targets = _random_pattern(rng, shape) if given is None else given
    words, tally_of = language(lang), partial(Tally, progress)
    moment = created or datetime.now(UTC)
    used = drawn if weights is None or given is None else None
    if arrangement == "page":
        pages = count if steps is None else steps
        tally = tally_of(2 * pages)
        filling = _pages(target, form, network, inputs, targets, words, pages, moment, tally)
        tally.finish()
        return Creation(target, filling, used, ())
    layout = blank(
        shape,
        conventions,
        sheet=words.sheet,
        learning_rate=learning_rate,
        patterns=count,
        steps=default_steps(count) if steps is None else steps,
    )
    if advised is None:
        advised = 5 * layout.steps if layout.steps > 1 else default_steps(count)
    sheet = new_sheet(layout, network, inputs, targets, words, advised)
    table = rule_table(layout, form)
    tally = tally_of(2 * layout.steps)
    new = NewBook((sheet,), moment, lang)
    with files.skeleton(new, form, target.name) as book:
        filling, _ = filled(book, layout, table, tally.add)
        following, _ = following_edits(book, [filling])
        edits = filling.edits(new=True)
        files.save(book, target, [*edits, *following], progress=tally.add)
    tally.finish()
    charts = tuple(a1(chart.row, chart.column) for chart in sheet.charts)
    return Creation(target, filling, used, charts)


def _pages(
    target: Path,
    form: Format,
    network: Network,
    inputs: Array,
    targets: Array,
    words: Language,
    steps: int,
    created: datetime,
    tally: Tally,
) -> Filling:
    """Write a workbook with a page a step; return what it holds."""
    _check_pages(network, steps)
    numbers = typed_numbers(network, inputs[:steps], targets[:steps])
    sheet = page_sheet(
        network.sizes, network.conventions, numbers, name=words.sheet, steps=steps, language=words
    )
    with files.skeleton(NewBook((sheet,), created, words.code), form, target.name) as book:
        [found] = find_nets(book)
        layout = replace(found, conventions=network.conventions, patterns=min(len(inputs), steps))
        filling, _ = filled(layout.seen(book), layout, rule_table(layout, form), tally.add)
        files.save(book, target, [*filling.edits(new=True), *copied_rates(layout)])
        tally.add(steps)
    return filling


def _check_pages(network: Network, steps: int) -> None:
    """Raise LayoutError for more pages, or larger ones, than a sheet takes."""
    plan = page_plan(network.sizes, biases=network.conventions.biases != "none")
    name = sizes_text(network.sizes)
    most = min(MAX_ROWS // plan.pitch, MAX_CELLS // (len(plan.places) + len(plan.marks)))
    if plan.width > MAX_COLUMNS or most == 0:
        raise LayoutError(
            f"{name}: a page would have {plan.height:,} rows and {plan.width:,} columns, a sheet takes "
            f"{MAX_ROWS:,} and {MAX_COLUMNS:,}; use fewer neurons"
        )
    if steps > most:
        raise LayoutError(
            f"{name}: {steps:,} pages are more than a sheet takes; use --steps {most} or less, "
            "or a table of rows (--layout rows)"
        )


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
