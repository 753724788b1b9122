"""Work on several files in several processes, of which one that dies takes no other with it."""

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from sheetnet.errors import FileError

T = TypeVar("T")


def in_processes(
    work: Callable[[str | Path], T], paths: Sequence[str | Path], jobs: int
) -> list[T | FileError]:
    """Return what `work` gives for each path, in their order, from at most `jobs` processes.

    FileError stands for a file whose process the system ended. An interrupt ends all processes.
    """
    with ProcessPoolExecutor(min(jobs, len(paths)), initializer=_be_interrupted) as pool:
        try:
            futures = [pool.submit(work, path) for path in paths]
            results = [_result(future) for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    # One death breaks the whole pool, and does not tell whose it was: what is left is done apart.
    return [
        _apart(work, path) if result is None else result for path, result in zip(paths, results, strict=True)
    ]


def _result(future: "Future[T]") -> T | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _apart(work: Callable[[str | Path], T], path: str | Path) -> T | FileError:
    try:
        with ProcessPoolExecutor(1, initializer=_be_interrupted) as pool:
            return pool.submit(work, path).result()
    except BrokenProcessPool:
        return FileError(
            f"{path}: the system ended the process that read it, most often for want of memory; "
            "close other programs, or delete what the file need not hold"
        )


def _be_interrupted() -> None:
    """Let Ctrl-C end a process at once, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
