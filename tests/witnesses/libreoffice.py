"""LibreOffice as a witness: what it computes, what it shows, and what it saves.

One LibreOffice of each language serves a whole test session; it starts at the first call and ends with `close`.
"""

import atexit
import contextlib
import functools
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, dict[tuple[int, int], float | str]]
"""Sheet name → zero-based (row, column) → number or text; empty cells are left out."""

START = 150
"""Seconds until LibreOffice must have started."""
TIMEOUT = 120
"""Seconds until a request must be answered."""

_SERVER = Path(__file__).with_name("uno_server.py")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
_QUIET = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class OfficeError(RuntimeError):
    """LibreOffice refused a request, died, or took too long."""


def recalculated(path: Path) -> Values:
    """Return all values after a hard recalculation: every formula computed, cached values ignored.

    Numbers are the very doubles; an error is the text that its cell shows (``#NUM!``, ``Err:502``).
    """
    return _values(_ask(do="recalculate", path=str(path.resolve())))


def cached(path: Path) -> Values:
    """Return all values as LibreOffice shows them after a plain load, with no recalculation asked for."""
    return _values(_ask(do="load", path=str(path.resolve())))


def formulas(path: Path) -> Values:
    """Return all formulas as LibreOffice understood them, spelt its way with ``=``; other cells as text."""
    return _values(_ask(do="formulas", path=str(path.resolve())))


def notes(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Return all notes by sheet and cell."""
    sheets = _ask(do="notes", path=str(path.resolve()))
    return {name: {(row, column): text for row, column, text in found} for name, found in sheets.items()}


def charts(path: Path) -> dict[str, list[list[list[int]]]]:
    """Return the ranges of each sheet's charts: first row, first column, last row, last column."""
    return dict(_ask(do="charts", path=str(path.resolve())))


def looks(path: Path, places: Sequence[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """Return how cells look: fill, lines, number format, bold, wrapped, links, text."""
    return list(_ask(do="looks", path=str(path.resolve()), places=list(places)))


def converted(path: Path, suffix: str, folder: Path, *, password: str | None = None) -> Path:
    """Save `path` as .ods, .xlsx, .xlsm, .xls, .fods, .ots, .pdf or .csv in `folder`; return the new file.

    With `password` the new file is encrypted.
    """
    target = folder.resolve() / f"{path.stem}{suffix}"
    if target == path.resolve():
        raise ValueError(f"{path}: choose another folder, LibreOffice would overwrite it")
    return Path(_ask(do="convert", path=str(path.resolve()), target=str(target), encrypt=password))


def entered(
    path: Path, texts: list[str], *, cell: tuple[int, int] = (5, 5), locale: str = "en-US"
) -> list[tuple[str, str, int]]:
    """Type texts into a cell (column, row) of the first sheet of a LibreOffice of that language.

    Returns for each how it is shown there, its English form, and the error code. A text without ``=`` is
    taken as English.
    """
    answers = _ask(locale, do="enter", path=str(path.resolve()), texts=texts, cell=cell)
    return [(shown, english, code) for shown, english, code in answers]


def missing_danish() -> str | None:
    """Say what is missing for Danish, or None."""
    if reason := missing():
        return reason
    program = Path(_soffice() or "").resolve().parent
    there = any((program / place / "da").exists() for place in ("resource", "../Resources/resource"))
    return None if there else "LibreOffice speaks no Danish (Debian: libreoffice-l10n-da)"


def missing() -> str | None:
    """Say what is missing for this witness, or None."""
    if _soffice() is None:
        return "soffice (LibreOffice Calc) is not installed"
    if _uno_python() is None:
        return "no Python with LibreOffice's uno module was found (Debian: python3-uno)"
    return None


def close() -> None:
    """End LibreOffice and remove its profile; the next call starts another."""
    while _offices:
        _offices.popitem()[1].close()


class _Office:
    """The running server process, and a thread that reads its answers so that waiting can end."""

    def __init__(self, soffice: str, python: str, locale: str) -> None:
        self.profile = Path(tempfile.mkdtemp(prefix="sheetnet-office-"))
        self.log = self.profile / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [python, str(_SERVER), soffice, str(self.profile / "profile"), locale],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"PYTHONUTF8": "1"},
                start_new_session=True,  # so that LibreOffice can be killed with its server
                creationflags=_QUIET,
            )
        self.answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._answer(START)
        except OfficeError:
            shutil.rmtree(self.profile, ignore_errors=True)
            raise

    def ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            self.kill()
            raise OfficeError(f"LibreOffice is gone: {self._last_words()}") from error
        answer = self._answer(TIMEOUT)
        if "error" in answer:
            raise OfficeError(answer["error"])
        return answer["result"]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put("")

    def _answer(self, seconds: float) -> Any:
        try:
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            line = None
        if line:
            return json.loads(line)
        self.kill()
        what = f"gave no answer in {seconds} seconds" if line is None else "ended"
        raise OfficeError(f"LibreOffice {what}: {self._last_words()}")

    def _last_words(self) -> str:
        logs = [self.log, self.profile / "profile" / "soffice.log"]
        return " | ".join(log.read_text("utf-8", "replace")[-600:] for log in logs if log.exists())

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.kill()
        shutil.rmtree(self.profile, ignore_errors=True)

    def kill(self) -> None:
        """End the server and the LibreOffice that it started, however they are."""
        if sys.platform == "win32":
            command = ["taskkill", "/T", "/F", "/PID", str(self.process.pid)]
            subprocess.run(command, capture_output=True, check=False, creationflags=_QUIET)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


_offices: dict[str, _Office] = {}
atexit.register(close)


def _ask(locale: str = "en-US", **request: Any) -> Any:
    """Send a request to the session's LibreOffice of that language, starting it when there is none."""
    if locale in _offices and _offices[locale].process.poll() is not None:
        _offices.pop(locale).close()
    if locale not in _offices:
        soffice, python = _soffice(), _uno_python()
        if soffice is None or python is None:
            raise OfficeError(missing())
        _offices[locale] = _Office(soffice, python, locale)
    return _offices[locale].ask(request)


def _values(sheets: dict[str, tuple[int, int, list[list[float | str]]]]) -> Values:
    return {
        name: {
            (first_row + i, first_column + j): value
            for i, row in enumerate(rows)
            for j, value in enumerate(row)
            if value != ""
        }
        for name, (first_row, first_column, rows) in sheets.items()
    }


@functools.cache
def _soffice() -> str | None:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES if Path(place).exists()), None)


@functools.cache
def _uno_python() -> str | None:
    """Return a Python that can import uno: the tests' own, the system's, or LibreOffice's."""
    soffice = _soffice()
    candidates = [sys.executable, "/usr/bin/python3"]
    if soffice is not None:
        program = Path(soffice).resolve().parent
        candidates += [str(program / name) for name in ("python", "python.exe", "../Resources/python")]
    for python in candidates:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            command = [python, "-c", "import uno"]
            done = subprocess.run(command, capture_output=True, timeout=60, check=False, creationflags=_QUIET)
            if done.returncode == 0:
                return python
    return None
