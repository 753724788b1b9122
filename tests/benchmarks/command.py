"""The whole command `sheetnet train`: its time against LibreOffice converting, and its peak memory."""

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.benchmarks import office
from tests.benchmarks.inputs import PARTS, Inputs
from tests.benchmarks.measure import command, knows_peaks, medians, peak
from tests.benchmarks.table import Line

TITLE = "The whole command, a process"

MEGABYTES = 150.0
"""What training may hold at a time, however many rows it writes."""


def lines(inputs: Inputs) -> Iterator[Line | str]:
    """Yield the command's time and memory."""
    author = inputs.author()
    target = inputs.folder / "command.ods"
    if reason := office.missing(uno=False):
        yield f"LibreOffice converting is left out: {reason}"
    else:
        # Python keeps its bytecode, as it does for a user, but not among the project's files
        bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(inputs.folder / "bytecode")}
        works = command(_train(author, target), bytecode), command(office.conversion(author, inputs.folder))
        medians(1, *works)  # the first time they also make their bytecode and their profile
        ours, theirs = medians(inputs.rounds, *works)
        yield Line("train author's .ods / soffice converting", ours, theirs, ratio=0.5)
    if not knows_peaks():
        yield "peak memory is left out: this system does not tell it"
        return
    counts = (inputs.rows[0] // 10, *inputs.rows)
    for suffix in PARTS:
        out = target.with_suffix(suffix)
        peaks = [peak(_train(inputs.sample(suffix), out, steps)) for steps in counts]
        for (few, small), (many, large) in pairwise(zip(counts, peaks, strict=True)):
            yield Line(f"peak, {suffix}, {many:,} rows / {few:,}", large, small, unit="MB", most=MEGABYTES)


def _train(source: Path, target: Path, steps: int | None = None) -> list[str]:
    options = [] if steps is None else ["--steps", str(steps)]
    return [sys.executable, "-m", "sheetnet", "train", str(source), str(target), "--overwrite", *options]
