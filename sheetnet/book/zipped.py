"""An archive: a zip of files from anywhere, of which each is read with care or refused with a reason."""

import os
import stat
import struct
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from sheetnet.book.package import DAMAGED, METHODS

MAX_BYTES = 50 * 1024**2
"""Of one file: a worksheet has a thousandth."""
MAX_TOTAL = 4 * 1024**3
"""Bytes that the files of an archive may inflate to, together with those of the archives in it."""
MAX_RATIO = 250
"""How often a file over 1 MB may outgrow its deflated size; a workbook is deflated already."""
MAX_ENTRIES = 20_000
MAX_DIRECTORY = 500 * MAX_ENTRIES
"""Bytes; zipfile reads the directory whole, before anything can be counted."""

TOO_LARGE = f"has more than {MAX_BYTES // 1024**2} MB, as no worksheet has"
_BOMB = "refused as a zip bomb"
_SMALL = 1024**2
_CHUNK = 1 << 18
_UTF8 = 0x800
_FAILURES = (*DAMAGED, OSError)


class RefusedError(Exception):
    """What can't or won't be read; its text is the reason, in one line without a name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive: its name, text with / between folders, and when it was modified, in seconds."""

    name: str
    modified: float
    info: zipfile.ZipInfo


class Archive:
    """An open zip; close it, or use it in a with statement.

    `left` is one number: how many bytes may be inflated yet, which an archive shares with those in it.
    """

    def __init__(self, file: IO[bytes], left: list[int] | None = None) -> None:
        """Read the directory; RefusedError where it is damaged or overlong."""
        self.left = [MAX_TOTAL] if left is None else left
        try:
            overlong = _directory_size(file) > MAX_DIRECTORY
            file.seek(0)
            if not overlong:
                self._zip = zipfile.ZipFile(file)
        except _FAILURES as error:
            raise RefusedError("the zip is damaged; use a whole copy") from error
        if overlong or len(self._zip.infolist()) > MAX_ENTRIES:
            raise RefusedError(f"has more than {MAX_ENTRIES:,} entries; unpack it first")

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()

    @property
    def names(self) -> frozenset[str]:
        """The names of all entries, as they stand in the directory."""
        return frozenset(self._zip.namelist())

    def entries(self) -> Iterator[Entry]:
        """Yield the files that hold anything, in the order of their names."""
        for name, info in sorted(
            ((_name(info), info) for info in self._zip.infolist()), key=lambda pair: pair[0]
        ):
            if not name.endswith("/") and info.file_size:
                yield Entry(name, _modified(info), info)

    def begin(self, name: str | Entry, size: int = 4) -> bytes:
        """Return the first bytes of an entry, or of the part of this name; none where they can't be read."""
        with (
            suppress(KeyError, *_FAILURES),
            self._zip.open(name.info if isinstance(name, Entry) else name) as file,
        ):
            return file.read(size)
        return b""

    def read(self, entry: Entry) -> bytes:
        """Return what an entry holds; RefusedError where it is too much, damaged or encrypted."""
        info = entry.info
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RefusedError("a link, which is not followed")
        if info.flag_bits & 1:
            raise RefusedError("encrypted in its zip; pack it without a password")
        if info.compress_type not in METHODS:
            raise RefusedError("packed in a way that can't be read here; pack it as an ordinary zip")
        if info.file_size > MAX_BYTES:
            raise RefusedError(TOO_LARGE)
        if info.file_size > _SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise RefusedError(f"inflates to {info.file_size:,} bytes from {info.compress_size:,}; {_BOMB}")
        if info.file_size > self.left[0]:
            raise RefusedError(f"the zip inflates to more than {MAX_TOTAL // 1024**3} GB; {_BOMB}")
        self.left[0] -= info.file_size
        content = bytearray()
        try:
            with self._zip.open(info) as file:
                while chunk := file.read(_CHUNK):
                    content += chunk
        except _FAILURES as error:
            raise RefusedError("damaged in its zip; use a whole copy") from error
        if len(content) != info.file_size:
            raise RefusedError("cut short in its zip; use a whole copy")
        return bytes(content)


def _directory_size(file: IO[bytes]) -> int:
    """Return the bytes of a zip's directory, as its end says (APPNOTE.TXT, 4.3.14 and 4.3.16)."""
    end = file.seek(0, os.SEEK_END)
    begin = file.seek(max(0, end - 65_557))
    tail = file.read(65_557)
    at = tail.rfind(b"PK\5\6")
    if at < 0:
        raise zipfile.BadZipFile
    (size,) = struct.unpack_from("<L", tail, at + 12)
    if at >= 20 and tail.startswith(b"PK\6\7", at - 20):
        # zipfile takes the 56 bytes before the locator for the zip64 record, wherever the locator points
        file.seek(begin + at - 20 - 56)
        (size,) = struct.unpack_from("<Q", file.read(56), 40)
    return int(size)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a name as it was meant: macOS writes UTF-8 without saying so, some Windows programs a\\b."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _modified(info: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
