"""Workbook files: which format they have, loading one, and saving a copy of one with edits."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Protocol

from sheetnet.book.edits import Edits
from sheetnet.book.grid import Book
from sheetnet.book.package import Content, Package, atomic
from sheetnet.book.skeleton import Format, NewBook
from sheetnet.errors import FileError

# MS-CFB 2.2: the signature of compound files, which .xls and encrypted .xlsx files are.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SUFFIXES = {"ods": (".ods", ".ots"), "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm")}
_FORMATS: tuple[Format, ...] = ("ods", "xlsx")
_TEXT = (".csv", ".tsv", ".txt")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SEARCHED = 1 << 24
"""Bytes of a compound file in which the name of its encrypted part is looked for."""
_EXPECTED = "a spreadsheet (.ods or .xlsx)"


class _Format(Protocol):
    """What the module of a format offers."""

    def read(self, package: Package) -> Book:
        """Return the workbook."""

    def changes(
        self, package: Package, edits: Edits, *, progress: Callable[[int], object] | None = None
    ) -> dict[str, Content]:
        """Return the parts that the edits change."""


def load(path: str | Path) -> Book:
    """Read a workbook; FileError, on one line, for whatever is none."""
    with _package(Path(path)) as package:
        return _format(package).read(package)


def load_bytes(name: str, content: bytes) -> Book:
    """Read a workbook from what its file holds; FileError, on one line, for whatever is none.

    `name` stands for the file in messages and in `Book.path`; nothing is looked for there.
    """
    with _package_of(name, content) as package:
        return _format(package).read(package)


def content_of(path: Path) -> bytes:
    """Return what a workbook's file holds; FileError, on one line, where that can't be read."""
    _check_file(path, _EXPECTED)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: can't be read ({error.strerror})") from error


def load_table(path: str | Path, *, texts: bool = False) -> Book:
    """Read a workbook, or a text file of columns (.csv, .tsv, .txt); FileError for whatever is neither.

    With `texts` a text file's fields stay as they are written, numbers too.
    """
    path = Path(path)
    if path.suffix.lower() not in _TEXT:
        return load(path)
    from sheetnet.book import delimited

    _check_file(path, "a table (.csv, .ods or .xlsx)")
    return delimited.read(path, texts=texts)


def save(book: Book, target: Path, edits: Edits, *, progress: Callable[[int], object] | None = None) -> None:
    """Write a copy of the book's file with edits to `target`, which may be the file itself.

    `target` is replaced as a whole or not touched. `progress` is told how many further rows were written.
    """
    with _package(book.path) as package:
        changes = _format(package).changes(package, edits, progress=progress)
        package.rewrite(target.resolve(), changes)  # a link stays one, its file is replaced


def save_bytes(name: str, content: bytes, target: Path, edits: Edits) -> None:
    """Write a copy of a workbook with edits to `target`, from what its file holds; else as `save`."""
    with _package_of(name, content) as package:
        package.rewrite(target.resolve(), _format(package).changes(package, edits))


@contextmanager
def skeleton(new: NewBook, form: Format, name: str) -> Iterator[Book]:
    """Build a new workbook and yield it as it is read from a file called `name`, which is gone afterwards."""
    # slow to import, and only this needs them
    from tempfile import TemporaryDirectory

    if form == "ods":
        from sheetnet.book.ods.skeleton import build
    else:
        from sheetnet.book.xlsx.skeleton import build
    with TemporaryDirectory(prefix="sheetnet-") as folder:
        path = Path(folder, name)
        path.write_bytes(build(new))
        yield load(path)


def save_new(new: NewBook, target: Path) -> None:
    """Write a new workbook as it is; the name of `target` tells its format."""
    form = _format_of(target)
    assert form is not None
    with skeleton(new, form, target.name) as book:
        save(book, target, [])


def check_new(target: Path, *, overwrite: bool) -> Format:
    """Return the format of a new workbook from its name; FileError when it can't be written there."""
    form = _format_of(target)
    if form is None:
        raise FileError(
            f"{target}: expected the name of an .ods or .xlsx file; name it {target.stem}.ods or .xlsx"
        )
    with _writable(target):
        _check_target(target, overwrite=overwrite)
        _check_open(target)
    return form


def check_target(target: Path, sources: Sequence[Path], *, overwrite: bool) -> None:
    """Raise FileError when an output can't be written to `target`, or would replace one of the sources."""
    with _writable(target):
        if any(target.exists() and source.exists() and target.samefile(source) for source in sources):
            raise FileError(f"{target}: is the input itself; name another output")
        _check_target(target, overwrite=overwrite)
        _check_open(target)


def check_report(target: Path, suffixes: Sequence[str], *, overwrite: bool) -> None:
    """Raise FileError when a report can't be written to `target`, or its name has none of the suffixes."""
    if target.suffix.lower() not in suffixes:
        shown = " or ".join([", ".join(suffixes[:-1]), suffixes[-1]])
        raise FileError(f"{target}: expected a name that ends in {shown}; name it {target.stem}{suffixes[0]}")
    check_target(target, [], overwrite=overwrite)


def read_text(path: Path, expected: str, most: int) -> str:
    """Return the text of a file of at most `most` characters; FileError, on one line, where there is none."""
    _check_file(path, expected)
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(most + 1)
    except OSError as error:
        raise FileError(f"{path}: can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: is no text, expected {expected}") from error
    if len(text) > most:
        raise FileError(f"{path}: has more than {most:,} characters, expected {expected}")
    return text


def write_text(target: Path, text: str) -> None:
    """Write a report; the file is there as a whole or not at all."""
    with atomic(target.resolve()) as file:
        file.write(text.encode("utf-8", "replace"))  # a file's name may be no text


def make_folder(folder: Path) -> None:
    """Make a folder where there is none; FileError when that can't be."""
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)


def check_output(book: Book, target: Path, *, in_place: bool, overwrite: bool) -> Format | None:
    """Return the format of an output that is no copy of the book's file but a new workbook, else None.

    FileError when `target` can't be the output as asked.
    """
    with _writable(target):
        return _check_output(book.path, target, book.format, in_place=in_place, overwrite=overwrite)


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    """Turn what the system says of a place into a FileError."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{str(target)[:200]}: can't be written ({error.strerror})") from error


def _check_output(source: Path, target: Path, form: str, *, in_place: bool, overwrite: bool) -> Format | None:
    new = None
    if not in_place:
        if target.exists() and target.samefile(source):
            raise FileError(f"{target}: is the input itself; say --in-place to replace it")
        if source.suffix.lower() not in _SUFFIXES[form]:
            raise FileError(
                f"{source.name}: is an .{form} workbook under another name; rename it to {source.stem}.{form}"
            )
        if target.suffix.lower() != source.suffix.lower():
            new = _format_of(target)
            if new is None:
                suffixes = dict.fromkeys((source.suffix.lower(), ".ods", ".xlsx"))
                raise FileError(
                    f"{target}: {source.name} can be saved as {' or '.join(suffixes)}; "
                    f"name the output {target.stem}{source.suffix}"
                )
        _check_target(target, overwrite=overwrite)
    _check_open(target)
    return new


def _format_of(target: Path) -> Format | None:
    """Return the format that a new workbook of this name has."""
    return next((form for form in _FORMATS if target.suffix.lower() == f".{form}"), None)


def _check_target(target: Path, *, overwrite: bool) -> None:
    if target.is_dir():
        raise FileError(f"{target}: is a folder, expected the name of the output file")
    if os.path.lexists(target) and not target.exists():
        raise FileError(f"{target}: is a link to nowhere; name another output")
    if not target.parent.is_dir():
        raise FileError(f"{target}: can't be written, there is no folder {target.parent}; make it first")
    if target.exists() and not overwrite:
        raise FileError(f"{target}: exists already; say --overwrite to replace it, or name another output")


def _check_open(target: Path) -> None:
    program = opened_by(target)
    if program is not None and target.exists():
        raise FileError(
            f"{target}: is open in {program}; close it there first, or name another output "
            f"(after a crash, delete {lock_of(target)})"
        )


def warnings(book: Book) -> list[str]:
    """Return what the user of the book's file should know before trusting a copy of it."""
    name, program = book.path.name, opened_by(book.path)
    out = []
    if program is not None:
        out.append(f"{name} is open in {program}: changes that are not saved there are not seen here.")
    if book.signed:
        out.append(f"{name} is digitally signed; the signature does not hold for the output and is left out.")
    return out


def opened_by(path: Path) -> str | None:
    """Return the name of the program whose lock file says that it has `path` open, or None."""
    lock = lock_of(path)
    return None if lock is None else "LibreOffice" if lock.startswith(".~lock.") else "Excel"


def lock_of(path: Path) -> str | None:
    """Return the name of the lock file that a program which has `path` open keeps beside it, or None."""
    # Excel cuts the first two letters of long names
    names = (f".~lock.{path.name}#", f"~${path.name}", f"~${path.name[2:]}")
    return next((name for name in names if path.with_name(name).exists()), None)


def _check_file(path: Path, expected: str) -> None:
    try:
        if not path.exists():
            raise FileError(f"{path}: no such file; check the name and the folder")
        if path.is_dir():
            raise FileError(f"{path}: is a folder, expected {expected}")
        if not path.is_file():
            raise FileError(f"{path}: is no file, expected {expected}")
    except OSError as error:
        raise FileError(f"{path}: can't be read ({error.strerror})") from error


def _package(path: Path) -> Package:
    _check_file(path, _EXPECTED)
    try:
        with path.open("rb") as file:
            head = file.read(8)
            encrypted = head == _COMPOUND and _ENCRYPTED in head + file.read(_SEARCHED)
    except OSError as error:
        raise FileError(f"{path}: can't be read ({error.strerror})") from error
    _check_head(path, head, encrypted=encrypted)
    return Package(path)


def _package_of(name: str, content: bytes) -> Package:
    path, head = Path(name), content[:8]
    encrypted = head == _COMPOUND and content.find(_ENCRYPTED, 0, len(head) + _SEARCHED) >= 0
    _check_head(path, head, encrypted=encrypted)
    return Package(path, BytesIO(content))


def _check_head(path: Path, head: bytes, *, encrypted: bool) -> None:
    """Raise FileError for a file that begins as no workbook does."""
    if head == _COMPOUND:
        if encrypted:
            raise FileError(f"{path.name}: the file is encrypted; save a copy without a password")
        raise FileError(
            f"{path.name}: an old Excel file (.xls); save it as .xlsx or .ods in Excel or LibreOffice"
        )
    if path.suffix.lower() in _TEXT and not head.startswith(b"PK\3\4"):
        raise FileError(
            f"{path.name}: not a spreadsheet but a text file, expected .ods or .xlsx; "
            "open it in LibreOffice or Excel and save it as one"
        )
    if not head.startswith(b"PK"):
        raise FileError(f"{path.name}: not a spreadsheet that can be read here; save it as .ods or .xlsx")


def _format(package: Package) -> _Format:
    if "xl/workbook.bin" in package:
        raise FileError(f"{package.path.name}: a binary Excel file (.xlsb); save it as .xlsx")
    if "[Content_Types].xml" in package:
        from sheetnet.book import xlsx

        return xlsx
    if "content.xml" in package:
        from sheetnet.book import ods

        return ods
    raise FileError(f"{package.path.name}: a zip file, but not a spreadsheet; expected .ods or .xlsx")
