"""Measurements: the seconds of works done in turn, and the peak memory of a command."""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

Measured: TypeAlias = Callable[[], float]
"""Does a work once and returns the seconds it took."""

TIMEOUT = 300
"""Seconds that one command may take."""

# Linux counts what a process held before its exec, so a large parent spoils its child's peak: this small
# one stands between. Its own output is the peak alone.
_BETWEEN = """
import os, sys
child = os.fork()
if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def timed(work: Callable[[], object]) -> Measured:
    """Return the work as one that tells its seconds."""

    def measured() -> float:
        gc.collect()
        begin = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - begin
        del result  # freeing it is not part of the work
        return seconds

    return measured


def command(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, *, codes: Sequence[int] = (0,)
) -> Measured:
    """Return a whole command, from start to exit, as a work; RuntimeError when it fails.

    `environment` holds variables to set beside those that there are, `codes` the exit codes of success.
    """
    return timed(lambda: _run(arguments, environment, codes))


def medians(rounds: int, *works: Measured) -> list[float]:
    """Do the works in turn, round after round, and return the median seconds of each."""
    seconds = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*seconds, strict=True)]


def peak(arguments: Sequence[str]) -> float:
    """Return the most megabytes that a command held at a time; its program is an absolute path."""
    output = _run([sys.executable, "-I", "-S", "-c", _BETWEEN, *arguments])
    return int(output) * (1 if sys.platform == "darwin" else 1024) / 1e6


def knows_peaks() -> bool:
    """Tell whether this system says how much memory a command held."""
    return hasattr(os, "wait4")


def _run(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)
) -> str:
    done = subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT,
        check=False,
        env=os.environ | (environment or {}),
    )
    if done.returncode not in codes:
        raise RuntimeError(f"{' '.join(arguments)} failed ({done.returncode}): {done.stderr[-1000:]}")
    return done.stdout
