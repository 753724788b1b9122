"""The whole command `sheetnet train`: its time against LibreOffice converting, and its peak memory."""

import sys
from collections.abc import Iterator
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
    if reason := office.missing():
        yield f"left out: soffice --convert-to ods ({reason})"
    else:
        conversion = command(office.conversion(author, inputs.folder))
        conversion()  # the first one makes its profile
        ours, theirs = medians(inputs.rounds, command(_train(author, target)), conversion)
        yield Line("train author's .ods / soffice converting", ours, theirs, ratio=0.5)
    if not knows_peaks():
        yield "left out: peak memory (this system does not tell it)"
        return
    fewer, most = ([max(rows // 10, 1) for rows in inputs.rows], inputs.rows)
    for suffix in PARTS:
        for few, many in zip(fewer, most, strict=True):
            small, large = (
                peak(_train(inputs.sample(suffix), target.with_suffix(suffix), steps))
                for steps in (few, many)
            )
            yield Line(f"peak, {suffix}, {many:,} rows / {few:,}", large, small, unit="MB", most=MEGABYTES)


def _train(source: Path, target: Path, steps: int | None = None) -> list[str]:
    options = [] if steps is None else ["--steps", str(steps)]
    return [sys.executable, "-m", "sheetnet", "train", str(source), str(target), "--overwrite", *options]
