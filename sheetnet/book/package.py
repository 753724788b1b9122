"""A zip package of parts, read with care and rewritten whole or not at all."""

import os
import re
import secrets
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, TypeAlias

from sheetnet.errors import FileError

MAX_TOTAL = 4 * 1024**3
"""Bytes that all parts together may inflate to."""
MAX_RATIO = 250
"""How often a large part may outgrow its deflated size: the author's content.xml grows 13-fold."""
_SMALL = 64 * 1024**2
_CHUNK = 1 << 18
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,  # names that are no text, places before the file's begin
)
"""What reading a zip file raises that is no whole one."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of compression, that are read."""

Sink: TypeAlias = Callable[[bytes], object]
Content: TypeAlias = bytes | Callable[[Sink], None] | None
"""A part's new content: bytes, a function that writes it piece by piece to a sink, or None to drop it."""


class Package:
    """An open zip file whose directory has been checked; close it, or use it in a with statement."""

    def __init__(self, path: Path, file: IO[bytes] | None = None) -> None:
        """Open the file at `path`; with `file` that is read, and `path` only names it in messages."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path if file is None else file)
        except DAMAGED as error:
            raise FileError(
                f"{path.name}: the file is damaged (its zip directory can't be read); use a whole copy"
            ) from error
        try:
            self._check_directory()
        except FileError:
            self._zip.close()
            raise

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The parts' names, in the order of the file."""
        return self._zip.namelist()

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def size(self, name: str) -> int:
        """Return the bytes that a part inflates to, as its directory says."""
        return self._zip.NameToInfo[name].file_size

    def read(self, name: str) -> bytes:
        """Return a part's content; FileError when it is damaged or missing."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's content piece by piece; FileError when it is damaged or missing."""
        if name not in self:
            raise FileError(
                f"{self.path.name}: its part {name} is missing; the file is damaged, use a whole copy"
            )
        left = self.size(name)
        try:
            with self._zip.open(name) as stream:
                while chunk := stream.read(_CHUNK):
                    left -= len(chunk)
                    yield chunk
        except DAMAGED as error:
            raise FileError(f"{self.path.name}: its part {name} is damaged; use a whole copy") from error
        if left:
            raise FileError(f"{self.path.name}: its part {name} is cut short; use a whole copy")

    def rewrite(self, target: Path, changes: Mapping[str, Content]) -> None:
        """Write the package to `target` with some parts changed, added or dropped; all others byte for byte.

        Atomic: `target` is the old file or the whole new one, never a part of it. The package is closed then.
        """
        with atomic(target) as file:
            try:
                self._write_all(file, changes, zip64=False)
            except RuntimeError:  # a part over 2 GiB; Excel grumbles about zip64 where it is not needed
                file.seek(0)
                file.truncate()
                self._write_all(file, changes, zip64=True)
            self._zip.close()  # Windows replaces no file that is open

    def _write_all(self, file: IO[bytes], changes: Mapping[str, Content], *, zip64: bool) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            for old in self._zip.infolist():
                name = old.filename
                content = changes[name] if name in changes else partial(self._copy, name)
                if content is None:
                    continue
                new = zipfile.ZipInfo(name, old.date_time)
                stored = old.compress_type == zipfile.ZIP_STORED and name not in changes
                new.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                new.external_attr = old.external_attr
                _write(out, new, content, zip64=zip64)
            for name, content in changes.items():
                if name not in self and content is not None:
                    added = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                    added.compress_type = zipfile.ZIP_DEFLATED
                    _write(out, added, content, zip64=zip64)

    def _copy(self, name: str, sink: Sink) -> None:
        for chunk in self.chunks(name):
            sink(chunk)

    def _check_directory(self) -> None:
        total = 0
        seen: set[str] = set()
        for entry in self._zip.infolist():
            name = entry.filename
            parts = re.split(r"[/\\]", name)
            if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or name in seen:
                raise FileError(
                    f"{self.path.name}: a part is named '{name[:80]}', as no office program does; refused"
                )
            seen.add(name)
            if entry.flag_bits & 1:
                raise FileError(f"{self.path.name}: the file is encrypted; save a copy without a password")
            if entry.compress_type not in METHODS:  # OpenDocument part 2, 2.2; ECMA-376 part 2, 7.3.5
                raise FileError(f"{self.path.name}: its part {name[:80]} is damaged; use a whole copy")
            total += entry.file_size
            bomb = entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
            if bomb or total > MAX_TOTAL:
                raise FileError(
                    f"{self.path.name}: its part {name} inflates to {entry.file_size:,} bytes "
                    f"from {entry.compress_size:,}; refused as a zip bomb"
                )


def _write(out: zipfile.ZipFile, entry: zipfile.ZipInfo, content: Content, *, zip64: bool) -> None:
    if entry.is_dir():
        out.writestr(entry, b"")
        return
    with out.open(entry, "w", force_zip64=zip64) as stream:
        if isinstance(content, bytes):
            stream.write(content)
        elif content is not None:
            content(stream.write)


@contextmanager
def atomic(target: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `target` that becomes it when all went well, and vanishes when not."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(temporary, target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(
            f"{target}: can't be written ({reason}); choose another place for the output"
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
