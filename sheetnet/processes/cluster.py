"""A Dask cluster of processes, on other computers or this one."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from sheetnet.errors import FileError
from sheetnet.processes.death import DIED, LostError
from sheetnet.processes.task import packed, run
from sheetnet.version import __version__

if TYPE_CHECKING:
    from distributed import Client

IN_FLIGHT = 4
"""Items a thread of a worker that are given ahead of the one whose result is next."""
CONNECTING = 8.0
"""Seconds to wait for a cluster, and again for its workers."""
WITHOUT_WORKERS = 60.0
"""Seconds that a cluster may be without workers amid the work: they are started again, if all is well."""
_TICK = 5.0


class Cluster:
    """The workers of a Dask cluster."""

    def __init__(self, work: Callable[[Any], Any], address: str) -> None:
        self._address = address
        self._gone = False
        self._work = packed(work)
        self._client = _client(address)
        try:
            self._check_workers()
        except BaseException:
            self.close(whole=False)
            raise
        self.window = IN_FLIGHT * max(2, sum(self._client.nthreads().values()))

    def _check_workers(self) -> None:
        """Raise FileError unless there are workers, with this version of sheetnet."""
        try:
            self._client.wait_for_workers(1, timeout=CONNECTING)
        except TimeoutError as error:
            raise FileError(
                f"{self._address}: the Dask cluster has no workers; start some: dask worker {self._address}"
            ) from error
        versions = self._client.run(_version, on_error="return")
        for worker, version in sorted(versions.items()):
            if version != __version__:
                found = f"version {version}" if isinstance(version, str) else f"none ({version})"
                raise FileError(
                    f"{self._address}: the Dask worker {worker} needs sheetnet {__version__}, found {found}; "
                    "install it there"
                )

    def submit(self, item: object) -> Any:
        """Give an item to a worker, and return what stands for its result; None when the cluster is gone."""
        import dask

        try:
            # whole files travel, which Dask warns of from 10 MB on
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
                return None if self._gone else self._client.submit(_guarded, self._work, item, pure=False)
        except Exception:  # work and item are pickled later: this is of the connection
            self._gone = True
            return None

    def result(self, future: Any) -> Any:
        """Wait for a result; LostError when its workers died, or the cluster is gone."""
        from distributed import CancelledError, KilledWorker

        went = f"the Dask cluster at {self._address} went away before this file was done"
        self.settle([future])
        if future is None or not future.done():
            raise LostError(went)
        try:
            result, raised = future.result(timeout=WITHOUT_WORKERS)  # its worker may die even now
        except KilledWorker as error:
            raise LostError(DIED) from error
        except CancelledError as error:
            raise LostError(went) from error
        except Exception as error:  # what the work raises is in `raised`
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:150]
            raise LostError(f"the Dask cluster at {self._address} lost this file ({reason})") from error
        if raised is not None:
            raise raised
        return result

    def settle(self, futures: Sequence[Any]) -> None:
        """Wait until all of these are done or lost."""
        from distributed import wait

        seen = monotonic()
        while not self._gone and (
            pending := [each for each in futures if each is not None and not each.done()]
        ):
            try:
                with self._client.as_current():
                    wait(pending, timeout=_TICK)
            except TimeoutError:
                if self._has_workers():
                    seen = monotonic()
                self._gone = monotonic() - seen > WITHOUT_WORKERS
            except Exception:  # one was cancelled: it is done, and tells so itself
                pass
            self._gone |= self._client.status == "closed"

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except Exception:
            return False

    def apart(self, item: object) -> Any:
        """Work on an item alone; LostError when its workers die of that."""
        return self.result(self.submit(item))

    def close(self, *, whole: bool) -> None:
        """Let go of the cluster, which then drops what is not begun."""
        self._client.close()


def _guarded(work: bytes, item: Any) -> tuple[Any, Exception | None]:
    """Return what the work gives, or what it raises, which so differs from what a cluster raises."""
    try:
        return _thread().submit(run, work, item).result(), None
    except Exception as error:
        return None, error


@lru_cache(maxsize=1)
def _thread() -> ThreadPoolExecutor:
    """Return the one thread of this process that works, however many a worker has for its tasks.

    Dask's profiler samples those for its tasks every 10 ms, and what it holds of them outlives their returns:
    an array that numpy still looks into can't be resized (BufferError).
    """
    return ThreadPoolExecutor(1)


def _version() -> str:
    return __version__


def _client(address: str) -> "Client":
    """Connect to a cluster; FileError, within ten seconds, where there is none."""
    try:
        from distributed import Client
        from distributed.core import rpc
    except ImportError as error:
        raise FileError(
            f"{address}: a Dask cluster needs a further package; pip install 'sheetnet[dask]'"
        ) from error

    async def kind() -> object:
        async with asyncio.timeout(CONNECTING), rpc(address) as scheduler:
            return (await scheduler.identity())["type"]

    # a Client would wait for as long as anything at the address takes its time
    try:
        found = asyncio.run(kind())
    except Exception as error:  # what another service answers is read as anything
        found = error
    if found != "Scheduler":
        reason = f"{type(found).__name__}: {found}" if isinstance(found, Exception) else f"but a {found}"
        if isinstance(found, TimeoutError):
            reason = f"no answer within {CONNECTING:g} seconds"
        raise FileError(
            f"{address}: found no Dask scheduler ({reason[:150]}); start one, dask scheduler, and give the "
            "address that it names"
        )
    return Client(address, timeout=CONNECTING, set_as_default=False)
