"""A pool of processes of this computer."""

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from sheetnet.processes.death import DIED, LostError
from sheetnet.processes.task import packed, run

IN_FLIGHT = 4
"""Items a process that are given ahead of the one whose result is next."""


class Pool:
    """Processes of this computer."""

    def __init__(self, work: Callable[[Any], Any], jobs: int) -> None:
        self.window = IN_FLIGHT * jobs
        self._jobs = jobs
        self._run = partial(run, packed(work))
        self._pool = ProcessPoolExecutor(jobs, initializer=_be_interrupted)

    def submit(self, item: object) -> Future[Any]:
        """Give an item to a process, and return what stands for its result."""
        try:
            return self._pool.submit(self._run, item)
        except BrokenProcessPool as error:
            lost: Future[Any] = Future()
            lost.set_exception(error)
            return lost

    def result(self, future: Future[Any]) -> Any:
        """Wait for a result; LostError when its process died."""
        try:
            return future.result()
        except BrokenProcessPool as error:
            raise LostError(DIED) from error

    def settle(self, futures: Sequence[Future[Any]]) -> None:
        """Wait until all of these are done or lost, and start other processes."""
        self._pool.shutdown()  # it is broken, and all that it had is done or lost
        self._pool = ProcessPoolExecutor(self._jobs, initializer=_be_interrupted)

    def apart(self, item: object) -> Any:
        """Work on an item in a process of its own; LostError when that dies of it."""
        with ProcessPoolExecutor(1, initializer=_be_interrupted) as pool:
            return self.result(pool.submit(self._run, item))

    def close(self, *, whole: bool) -> None:
        """End the processes, at once unless the work is done as a whole."""
        # public from Python 3.14 on, as terminate_workers
        running = [] if whole else [*(self._pool._processes or {}).values()]
        self._pool.shutdown(wait=whole, cancel_futures=True)
        for process in running:
            process.terminate()


def _be_interrupted() -> None:
    """Let Ctrl-C end a process at once, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
