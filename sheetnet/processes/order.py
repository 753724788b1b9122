"""The order of work: many files in processes, results in the order of the files, few in memory at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sheetnet.errors import FileError
from sheetnet.processes.death import LostError

T = TypeVar("T")
R = TypeVar("R")


class _Crew(Protocol):
    """Processes that take work; `window` is how many items they are given ahead."""

    window: int

    def submit(self, item: object) -> Any:
        """Give an item to a process, and return what stands for its result."""

    def result(self, future: Any) -> Any:
        """Wait for a result; LostError when its process died."""

    def settle(self, futures: Sequence[Any]) -> None:
        """Wait until all of these are done or lost, and be ready for more."""

    def apart(self, item: object) -> Any:
        """Work on an item while no process has another one; LostError when it dies of that."""

    def close(self, *, whole: bool) -> None:
        """Drop what is not begun, and let go of the processes; `whole` tells that there is no such thing."""


def work_over(
    work: Callable[[T], R],
    items: Iterable[T],
    *,
    jobs: int = 1,
    executor_address: str | None = None,
    named: Callable[[T], str] = str,
) -> Iterator[R | FileError]:
    """Yield what `work` gives for each item, in their order, from at most `jobs` processes.

    With an address they are those of a Dask cluster, and `jobs` means nothing: the items themselves travel
    there. They are taken as results are, so that few are in memory. FileError stands for an item, called
    `named(item)`, whose process died of it twice: once among others, and once alone. What `work` raises is
    raised here; then, on an interrupt, and when the iterator is closed, nothing more is begun. FileError, at
    the first item, when there is no such cluster.
    """
    items = iter(items)
    first: list[T] = []
    crew: _Crew
    if executor_address is not None:
        from sheetnet.processes.cluster import Cluster

        crew = Cluster(work, executor_address)
    else:
        first = list(islice(items, max(jobs, 1)))  # no more processes than items
        if len(first) < 2:
            yield from map(work, chain(first, items))
            return
        from sheetnet.processes.pool import Pool

        crew = Pool(work, len(first))
    whole = False
    try:
        yield from _in_order(crew, chain(first, items), named)
        whole = True
    finally:
        crew.close(whole=whole)


def in_processes(
    work: Callable[[str | Path], R], paths: Sequence[str | Path], jobs: int
) -> list[R | FileError]:
    """Return what `work` gives for each path, as `work_over` does."""
    return list(work_over(work, paths, jobs=jobs))


def _in_order(crew: _Crew, items: Iterable[T], named: Callable[[T], str]) -> Iterator[Any]:
    """Yield the result of each item, or the FileError that stands for it."""
    flight: deque[tuple[T, Any]] = deque()
    for item in items:
        flight.append((item, crew.submit(item)))
        if len(flight) >= crew.window:
            yield from _landed(crew, flight, named)
    while flight:
        yield from _landed(crew, flight, named)


def _landed(crew: _Crew, flight: deque[tuple[T, Any]], named: Callable[[T], str]) -> Iterator[Any]:
    """Yield the result of the first item in flight; where its process died, those of all in flight.

    One death breaks all that a pool has in hand, and does not tell whose it was: what is lost is done apart.
    """
    item, future = flight.popleft()
    try:
        result = crew.result(future)
    except LostError:
        lost = [(item, future), *flight]
        flight.clear()
        crew.settle([each for _, each in lost])
        for one, its in lost:
            yield _again(crew, one, its, named)
    else:
        yield result


def _again(crew: _Crew, item: T, future: Any, named: Callable[[T], str]) -> Any:
    """Return a result that is there, or else try once more."""
    try:
        return crew.result(future)
    except LostError:
        try:
            return crew.apart(item)
        except LostError as error:
            return FileError(f"{named(item)}: {error}")
