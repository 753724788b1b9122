"""A progress bar for long work, drawn on a terminal and wiped off when done."""

import time
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

PATIENCE = 0.5
"""Seconds of work that need no bar."""


class Bar:
    """Draws a bar once the work has taken half a second; use it in a with statement."""

    def __init__(self, stream: TextIO) -> None:
        console = Console(file=stream)
        columns = (
            TextColumn("rows"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None
        self._begin = time.monotonic()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how many rows of how many are done."""
        if self._task is None:
            if time.monotonic() - self._begin < PATIENCE:
                return
            self._bar.start()
            self._task = self._bar.add_task("", total=total)
        self._bar.update(self._task, completed=done)
