"""LibreOffice as the other: converting a file, and recalculating one again and again."""

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.measure import TIMEOUT
from tests.witnesses import libreoffice

_SERVER = Path(__file__).with_name("recalculating.py")


def missing(*, uno: bool) -> str | None:
    """Say what is missing for a conversion, or with `uno` for a recalculation; None for nothing."""
    if uno:
        return libreoffice.missing()
    return None if libreoffice._soffice() else "soffice (LibreOffice Calc) is not installed"


def conversion(path: Path, folder: Path) -> list[str]:
    """Return the command that converts `path` to .ods into `folder`, with a profile of its own there."""
    profile = (folder / "profile").resolve().as_uri()
    options = ["--headless", "--norestore", "--nolockcheck", "--convert-to", "ods"]
    return [_soffice(), f"-env:UserInstallation={profile}", *options, "--outdir", str(folder), str(path)]


class Recalculation:
    """A file open in LibreOffice, to be recalculated hard; use it in a with statement."""

    def __init__(self, path: Path, folder: Path) -> None:
        python = libreoffice._uno_python()
        assert python is not None
        self._process = subprocess.Popen(
            [python, str(_SERVER), _soffice(), str(folder / "recalculating"), str(path.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(TIMEOUT)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def seconds(self) -> float:
        """Recalculate every formula; return the seconds of that alone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        try:
            return float(line)
        except ValueError:
            reason = line.strip() or "it ended"
            raise libreoffice.OfficeError(f"LibreOffice could not recalculate: {reason}") from None


def _soffice() -> str:
    soffice = libreoffice._soffice()
    assert soffice is not None
    return soffice
