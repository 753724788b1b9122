"""Submissions: the workbooks that a class returned, in folders and zips as learning platforms nest them."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

from sheetnet.book.zipped import MAX_BYTES, TOO_LARGE, Archive, RefusedError
from sheetnet.errors import FileError

_WORKBOOKS = (".ods", ".ots", ".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb")
_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zipx")
_CALC = "application/vnd.oasis.opendocument.spreadsheet"
_DEBRIS = re.compile(
    r"~\$.*|\._.*|\.~lock\..*|.*\.(?:tmp|part|crdownload)|(?:eh)?thumbs\.db|desktop\.ini|icon\r",
    re.IGNORECASE | re.DOTALL,
)
_DEBRIS_FOLDERS = frozenset({"__MACOSX", "@eaDir", "$RECYCLE.BIN"})
_DEEPEST = 2
"""Zips are read in zips, and no deeper."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A file that was returned and may be a workbook.

    `name` is where it was found, a zip like a folder: text to show, and no place to write to. `modified` is
    in seconds since 1970, `source` the file on the disk: itself, or the outermost zip that it is in.
    """

    name: str
    content: bytes = field(repr=False)
    modified: float
    source: str

    def __str__(self) -> str:
        return self.name


class Skipped(NamedTuple):
    """A file or a folder that was passed over, and why, in one line."""

    name: str
    reason: str


def submissions(paths: Sequence[Path]) -> Iterator[Submission | Skipped]:
    """Yield what is in files, folders and zips, one after the other, each folder in the order of its names.

    What operating systems and office programs leave behind, and empty files, are passed over without a word,
    and no file is yielded twice. FileError at once for a path that does not exist. Memory holds one content
    at a time, and of a zip in a zip that one.
    """
    for path in paths:
        try:
            path.stat()
        except (OSError, ValueError) as error:
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                raise FileError(f"{path}: no such file or folder; check the name") from error
            reason = error.strerror if isinstance(error, OSError) else error
            raise FileError(f"{str(path)[:200]}: can't be read ({reason})") from error
    return _all(paths)


def _all(paths: Sequence[Path]) -> Iterator[Submission | Skipped]:
    seen: set[str] = set()
    for path in paths:
        for found in _in_folder(path) if path.is_dir() else [path]:
            if isinstance(found, Skipped):
                yield found
            elif (place := os.path.realpath(found)) not in seen:
                seen.add(place)
                yield from _of_file(found)


def _in_folder(folder: Path) -> Iterator[Path | Skipped]:
    """Yield the files of a folder and of those below it, without debris; links are not followed."""
    pending = [folder]
    while pending:
        place = pending.pop()
        try:
            with os.scandir(place) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
            below = [place / entry.name for entry in entries if _is_searched(entry)]
        except OSError as error:
            yield Skipped(str(place), f"can't be read ({error.strerror})")
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) or _is_debris(entry.name):
                continue
            if entry.is_symlink():
                yield Skipped(str(place / entry.name), "a link, which is not followed")
            else:
                yield place / entry.name
        pending += reversed(below)


def _is_searched(entry: "os.DirEntry[str]") -> bool:
    """Tell whether this is a folder, and none of debris or, on Windows, a junction to elsewhere."""
    if not entry.is_dir(follow_symlinks=False) or entry.name in _DEBRIS_FOLDERS:
        return False
    attributes = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)
    return bool(attributes != getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None))


def _of_file(path: Path) -> Iterator[Submission | Skipped]:
    name = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would never end
            yield Skipped(name, "no file")
            return
        if not status.st_size:
            return
        with path.open("rb") as file:
            kind = _kind(name, file)
            if kind == "zip":
                yield from _in_zip(name, name, file)
                return
            content = file.read(MAX_BYTES + 1) if kind == "workbook" else b""
    except OSError as error:
        yield Skipped(name, f"can't be read ({error.strerror or error})")
        return
    if kind != "workbook":
        yield Skipped(name, kind)
    elif len(content) > MAX_BYTES:
        yield Skipped(name, TOO_LARGE)
    else:
        yield Submission(name, content, status.st_mtime, name)


def _in_zip(
    name: str, source: str, file: IO[bytes], left: list[int] | None = None, depth: int = 1
) -> Iterator[Submission | Skipped]:
    """Yield what is in a zip that is shown as `name`."""
    if depth > _DEEPEST:
        yield Skipped(name, "a zip within a zip within a zip; unpack it first")
        return
    try:
        archive = Archive(file, left)
    except RefusedError as error:
        yield Skipped(name, str(error))
        return
    with archive:
        for entry in archive.entries():
            *folders, last = entry.name.split("/")
            if _is_debris(last) or not _DEBRIS_FOLDERS.isdisjoint(folders):
                continue
            inner = f"{name}/{entry.name}"
            kind = _kind_of_name(last)
            if kind is None and not archive.begin(entry).startswith(b"PK"):
                kind = _other(last)
            if kind not in (None, "workbook", "zip"):
                yield Skipped(inner, str(kind))
                continue
            try:
                content = archive.read(entry)
            except RefusedError as error:
                yield Skipped(inner, str(error))
                continue
            kind = kind or _kind(last, BytesIO(content))
            if kind == "zip":
                yield from _in_zip(inner, source, BytesIO(content), archive.left, depth + 1)
            elif kind == "workbook":
                yield Submission(inner, content, entry.modified, source)
            else:
                yield Skipped(inner, kind)


# ---------------------------------------------------------------- what a file is


def _is_debris(name: str) -> bool:
    """Tell whether a file is what a system or a program left behind."""
    if _DEBRIS.fullmatch(name):
        return True
    return name.startswith(".") and not name.lower().endswith((*_WORKBOOKS, ".zip"))


def _kind(name: str, file: IO[bytes]) -> str:
    """Return "workbook", "zip", or why a file is neither; it is at its begin before and after."""
    kind = _kind_of_name(name)
    if kind is not None:
        return kind
    begin = file.read(2)
    file.seek(0)
    if begin == b"PK" and _is_workbook(file):
        return "workbook"  # a browser or a platform gave it another name
    return _other(name)


def _kind_of_name(name: str) -> str | None:
    """Return what a file is by its name, None where its content decides."""
    if name.lower().endswith(_WORKBOOKS):
        return "workbook"
    if name.lower().endswith(_ARCHIVES):
        return "an archive that can't be read here; unpack it first"
    return None


def _other(name: str) -> str:
    return "zip" if name.lower().endswith(".zip") else "not a workbook"


def _is_workbook(file: IO[bytes]) -> bool:
    """Tell whether a zip holds the parts of a workbook (ECMA-376 part 1, 12.3.23; OpenDocument 2, 3.3)."""
    try:
        with Archive(file) as archive:
            media = archive.begin("mimetype", 100).decode("ascii", "replace").strip()
            return "xl/workbook.xml" in archive.names or media in (_CALC, f"{_CALC}-template")
    except RefusedError:
        return False
    finally:
        file.seek(0)
