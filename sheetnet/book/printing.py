"""Workbooks printed to PDF by LibreOffice, many in one run."""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sheetnet.errors import FileError, SheetnetError

BATCH = 100
"""Files a run of LibreOffice: starting takes 1.2 s, each small file 0.08 s; a failure loses the whole run."""
TIMEOUT = 60.0
"""Seconds that a run may take, and as many for every ten of its files."""

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
# help.libreoffice.org, "Starting LibreOffice software with parameters"
_OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard")
_QUIET = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_WORDS = 200
_DATE = re.compile(rb"(/(?:CreationDate|ModDate)\s*\(D:)[0-9]{14}")
_IDENTITY = re.compile(rb"(/ID \[ <|(?<=>)\n<|/DocChecksum /)[0-9A-F]{32}(?=[>\n])")


def pdf_program() -> Path:
    """Return the program that prints, LibreOffice; SheetnetError, saying what to install, without it."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    place = found or next((place for place in _PLACES if Path(place).is_file()), None)
    if place is None:
        raise SheetnetError(
            "printing to PDF needs LibreOffice, which was not found; install it, from libreoffice.org or: "
            "apt install libreoffice-calc; or leave out --pdf"
        )
    return Path(place)


def print_pdf(sources: Sequence[Path], folder: Path, *, timeout: float = TIMEOUT) -> tuple[Path, ...]:
    """Print workbooks to PDF files of their names in a folder that is there; return these in their order.

    A PDF is there as a whole or not at all, and one of the name is replaced. At most `timeout` seconds pass
    for each ten files of a run. SheetnetError without LibreOffice; FileError, naming the first file that was
    not printed, when it refused, failed or took too long.
    """
    program = pdf_program()
    targets = tuple(folder / f"{source.stem}.pdf" for source in sources)
    _check(sources, targets, folder)
    for first in range(0, len(sources), BATCH):
        batch = slice(first, first + BATCH)
        try:
            # beside the targets: LibreOffice from a snap sees no other temporary folder
            with tempfile.TemporaryDirectory(
                prefix="printing-", dir=folder, ignore_cleanup_errors=True
            ) as place:
                _print(program, sources[batch], targets[batch], Path(place).resolve(), timeout)
        except OSError as error:
            raise FileError(f"{folder}: can't be printed to ({error.strerror or error})") from error
    return targets


def _check(sources: Sequence[Path], targets: Sequence[Path], folder: Path) -> None:
    if not folder.is_dir():
        raise FileError(f"{folder}: can't be printed to, there is no such folder; make it first")
    seen: dict[str, Path] = {}
    for source, target in zip(sources, targets, strict=True):
        if not source.is_file():
            raise FileError(f"{source}: can't be printed, no such file; check the name and the folder")
        other = seen.setdefault(target.name.casefold(), source)
        if other is not source:
            raise FileError(f"{source}: would be printed to {target.name} like {other}; rename one of them")


def _print(
    program: Path, sources: Sequence[Path], targets: Sequence[Path], place: Path, timeout: float
) -> None:
    """Print files in one run, from copies in `place`, which is theirs alone.

    The copies' names are plain: under the locale C LibreOffice finds no file called ø.ods.
    """
    copies = [place / f"{number:04}{source.suffix.lower()}" for number, source in enumerate(sources, start=1)]
    for source, copy in zip(sources, copies, strict=True):
        shutil.copyfile(source, copy)
    said = _run(
        [
            str(program),
            f"-env:UserInstallation={(place / 'profile').as_uri()}",
            *_OPTIONS,
            *("--convert-to", "pdf", "--outdir", str(place)),
            *map(str, copies),
        ],
        timeout * (1 + (len(sources) - 1) // 10),
        f"{sources[0]}",
    )
    for source, copy, target in zip(sources, copies, targets, strict=True):
        printed = copy.with_suffix(".pdf")
        content = printed.read_bytes() if printed.is_file() else b""
        if not content.startswith(b"%PDF-"):
            words = f" ({said})" if said else ""
            raise FileError(
                f"{source}: LibreOffice made no PDF of it{words}; open it in LibreOffice and print it there"
            )
        printed.write_bytes(_timeless(content))
        printed.replace(target)


def _timeless(content: bytes) -> bytes:
    """Return a PDF that depends on its pages alone: its date is that of an old zip, its identity their hash.

    ISO 32000-1, 7.9.4 and 14.4. All lengths stay, so that its table of offsets does.
    """
    dated = _DATE.sub(lambda match: match[1] + b"19800101000000", content)
    pages = _IDENTITY.sub(lambda match: match[1] + b"0" * 32, dated)
    identity = hashlib.sha256(pages).hexdigest()[:32].upper().encode("ascii")
    return _IDENTITY.sub(lambda match: match[1] + identity, dated)


def _run(command: list[str], seconds: float, first: str) -> str:
    """Run LibreOffice; return what it complained of. FileError, naming the `first` file, when it hangs."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment["TZ"] = "UTC"
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # soffice is a script, whose program would outlive it
        creationflags=_QUIET,
    )
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise FileError(
            f"{first}: LibreOffice had not printed it, and what came with it, after {seconds:g} seconds; "
            "end a LibreOffice that hangs and try again, or leave out --pdf"
        ) from None
    finally:
        if process.poll() is None:
            _kill(process)
    lines = said.decode("utf-8", "replace").splitlines()
    told = [line.strip() for line in lines if line.strip() and "javaldx" not in line]
    return " ".join(told)[:_WORDS]


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a LibreOffice and all that it started."""
    if sys.platform == "win32":
        task = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(task, capture_output=True, check=False, creationflags=_QUIET)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    if process.stderr is not None:
        process.stderr.close()
