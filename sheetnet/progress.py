"""How far long work has come, told to whoever watches."""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], object]
"""Is told how many rows of how many are done; computing and writing a row count as one each."""


class Tally:
    """Adds up the rows that are done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, max(total, 1), 0

    def add(self, rows: int) -> None:
        """Count so many further rows."""
        self._done = min(self._done + rows, self._total)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def finish(self) -> None:
        """Count all rows that are left."""
        self.add(self._total)
