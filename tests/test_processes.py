"""Work on many files: in order, few at a time, and a process that dies takes no other file with it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheetnet.errors import FileError
from sheetnet.jobs.checking import CheckedFile, check_files
from sheetnet.processes import in_processes, work_over

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
ITEMS = [f"item {number}" for number in range(30)]


def _named(item: str) -> tuple[str, int]:
    return f"did {item}", os.getpid()


def _dying(item: str) -> str:
    """Stand in for work that the system kills."""
    if item.startswith("killer"):
        os.kill(os.getpid(), signal.SIGKILL)
    return f"did {item}"


def _slow(item: str) -> str:
    time.sleep(0.05)
    return _dying(item)


def _raising(item: str) -> str:
    if item == ITEMS[3]:
        raise KeyError(item)
    return item


def _checked(results: list[str | FileError], items: list[str]) -> None:
    """Assert that each item has its result, in order, and each killer its one line."""
    assert len(results) == len(items)
    for item, result in zip(items, results, strict=True):
        if item.startswith("killer"):
            assert isinstance(result, FileError)
            assert str(result).startswith(
                f"{item}: the system ended the process that read it, most often for want"
            )
        else:
            assert result == f"did {item}"


# ---------------------------------------------------------------- here


@pytest.mark.parametrize("jobs", [1, 2, 3, 64])
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_results_are_in_order(jobs: int, count: int) -> None:
    """However many processes, each item has its result, in order; one process is this one."""
    results = list(work_over(_named, iter(ITEMS[:count]), jobs=jobs))
    assert [text for text, _ in results] == [f"did {item}" for item in ITEMS[:count]]  # type: ignore[misc]
    here = {pid for _, pid in results} == {os.getpid()}  # type: ignore[misc]
    assert here == (jobs == 1 or count == 1) or not count


@pytest.mark.parametrize("jobs", [1, 2])
def test_items_are_taken_as_results_are(jobs: int) -> None:
    """Items are read in a window ahead of the results, so that memory does not grow with the class."""
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield str(number)

    for done, _ in enumerate(work_over(_named, items(), jobs=jobs)):
        assert taken <= done + 4 * jobs + 1
    assert taken == 100


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("killers", [[0], [29], [5, 6], [3, 11, 12, 28]], ids=str)
def test_a_process_that_is_killed(killers: list[int]) -> None:
    """A process that the system kills costs its own file, and no other is lost or doubled."""
    items = [f"killer {number}" if number in killers else item for number, item in enumerate(ITEMS)]
    _checked(list(work_over(_dying, items, jobs=2)), items)
    _checked(in_processes(_dying, items, 2), items)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_item_is_named_as_asked() -> None:
    """The line that stands for a lost item begins with its name."""
    results = list(work_over(_dying, ["killer", "a"], jobs=2, named=lambda item: f"<{item}>"))
    assert str(results[0]).startswith("<killer>: ")


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises(jobs: int) -> None:
    """What the work, or reading an item, raises is raised, after the results before it."""
    results = work_over(_raising, ITEMS, jobs=jobs)
    assert [next(results) for _ in range(3)] == ITEMS[:3]
    with pytest.raises(KeyError):
        next(results)

    def items() -> Iterator[str]:
        yield from ITEMS[:12]
        raise FileError("no more")

    with pytest.raises(FileError, match="no more"):
        list(work_over(_dying, items(), jobs=jobs))


def test_an_iterator_that_is_left() -> None:
    """Who wants no more results waits for no more work."""
    results = work_over(_slow, (str(number) for number in range(10_000)), jobs=2)
    assert next(results) == "did 0"
    results.close()  # type: ignore[attr-defined]


INTERRUPTED = """
import os, sys, time
from sheetnet.processes import work_over
def work(item):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(60)
if __name__ == "__main__":
    list(work_over(work, range(9), jobs=2))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("kill", ["killpg", "kill"])
def test_an_interrupt_ends_all(tmp_path: Path, kill: str) -> None:
    """Ctrl-C, and a signal to the first process alone, end all at once, and only the first says so."""
    (tmp_path / "interrupted.py").write_text(INTERRUPTED, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "interrupted.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert {int(process.stdout.readline()) for _ in range(2)}
            getattr(os, kill)(process.pid, signal.SIGINT)
            _, error = process.communicate(timeout=20)  # the others have the same stdout
        finally:
            process.kill()
    assert process.returncode != 0
    assert error.count("Traceback") <= 1


# ---------------------------------------------------------------- on a cluster

try:
    import dask
    import distributed
except ImportError:
    distributed = None  # type: ignore[assignment]

on_dask = [
    pytest.mark.skipif(distributed is None, reason="needs distributed: pip install 'sheetnet[dask]'"),
    pytest.mark.skipif(os.name == "nt", reason="signals"),
]


def _with(marks: list[Any]) -> Any:
    def mark(test: Any) -> Any:
        for each in marks:
            test = each(test)
        return test

    return mark


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of two worker processes, which gives a task up at the first death, with all beside it."""
    settings = {"distributed.scheduler.allowed-failures": 0}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as made,
    ):
        yield made


@_with(on_dask)
def test_a_cluster_gives_what_one_process_gives(cluster: Any) -> None:
    """Results are in order, from other processes; what the work raises is raised."""
    results = list(work_over(_named, iter(ITEMS), executor_address=cluster.scheduler_address))
    assert [text for text, _ in results] == [f"did {item}" for item in ITEMS]  # type: ignore[misc]
    assert os.getpid() not in {pid for _, pid in results}  # type: ignore[misc]
    with pytest.raises(KeyError):
        list(work_over(_raising, ITEMS, executor_address=cluster.scheduler_address))
    large = [bytes(12_000_000)] * 3
    assert list(work_over(len, large, executor_address=cluster.scheduler_address)) == [12_000_000] * 3


@_with(on_dask)
def test_a_cluster_reads_no_files(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are sent: workers find none of them, and say what one process says."""
    names = ["mistakes-2-2-2.ods", "none.ods", "README.md", "note-2-2-2.xlsx"]
    for name in names:
        if (SAMPLES / name).exists():
            (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
    (tmp_path / ".~lock.mistakes-2-2-2.ods#").touch()
    monkeypatch.chdir(tmp_path)  # workers are elsewhere, and the names are relative
    there = check_files(names, dask=cluster.scheduler_address)
    assert [_summary(file) for file in there] == [_summary(file) for file in check_files(names)]
    assert any("is open in LibreOffice" in warning for warning in there[0].warnings)


def _summary(file: CheckedFile) -> tuple[object, ...]:
    return file.path, file.error, file.warnings, [(net.layout, net.findings, net.judged) for net in file.nets]


@_with(on_dask)
def test_a_worker_that_is_killed(cluster: Any) -> None:
    """A worker that dies amid the work, whoever killed it, loses and doubles nothing."""
    (pid, *_) = [nanny.process.pid for nanny in cluster.workers.values()]
    killing = threading.Timer(0.5, os.kill, (pid, signal.SIGKILL))
    killing.start()
    items = ITEMS * 2
    results = list(work_over(_slow, iter(items), executor_address=cluster.scheduler_address))
    killing.join()
    _checked(results, items)  # type: ignore[arg-type]


@_with(on_dask)
def test_a_file_that_kills_workers(cluster: Any) -> None:
    """It costs itself alone, though Dask gives up all that its worker had in hand."""
    items = [*ITEMS[:5], "killer", *ITEMS[5:]]
    results = list(work_over(_slow, iter(items), executor_address=cluster.scheduler_address))
    _checked(results, items)  # type: ignore[arg-type]


_INSIDE: list[str] = []


def _crowded(item: str) -> tuple[int, str]:
    """Return how many threads of this process are in here, and the name of this one."""
    _INSIDE.append(item)
    time.sleep(0.01)
    inside = len(_INSIDE)
    _INSIDE.remove(item)
    return inside, threading.current_thread().name


@_with(on_dask)
def test_a_worker_of_several_threads() -> None:
    """It works on one file at a time, in a thread that Dask's profiler does not hold frames of."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=4, processes=True, dashboard_address=":0", silence_logs=50
    ) as threaded:
        results = list(work_over(_crowded, ITEMS, executor_address=threaded.scheduler_address))
    assert {inside for inside, _ in results} == {1}  # type: ignore[misc]
    assert not any("Dask" in name for _, name in results)  # type: ignore[misc]


@_with(on_dask)
def test_an_address_that_is_no_cluster(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody there, one who says nothing, a worker, nonsense: one line, and soon."""
    from sheetnet.processes import cluster as module

    assert module.CONNECTING < 10
    monkeypatch.setattr(module, "CONNECTING", 1.0)
    with socket.socket() as silent, socket.socket() as closed:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        closed.bind(("127.0.0.1", 0))
        worker = next(iter(cluster.scheduler.workers))
        for address in (
            *(f"tcp://127.0.0.1:{s.getsockname()[1]}" for s in (silent, closed)),
            worker,
            "x",
            "",
        ):
            begin = time.monotonic()
            with pytest.raises(FileError, match=r"found no Dask scheduler .*; start one, dask scheduler"):
                list(work_over(_dying, ITEMS, executor_address=address))
            assert time.monotonic() - begin < 5


@_with(on_dask)
def test_a_cluster_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler alone is told, not waited for."""
    from sheetnet.processes import cluster as module

    monkeypatch.setattr(module, "CONNECTING", 1.0)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as alone,
        pytest.raises(FileError, match="has no workers; start some: dask worker tcp://"),
    ):
        list(work_over(_dying, ITEMS, executor_address=alone.scheduler_address))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks Dask is told what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(FileError, match=r"pip install 'sheetnet\[dask\]'"):
        list(work_over(_dying, ITEMS, executor_address="tcp://127.0.0.1:8786"))
