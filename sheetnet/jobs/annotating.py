"""Annotate: a copy of a checked workbook with its faults marked."""

from collections.abc import Sequence
from pathlib import Path

from sheetnet.book import files
from sheetnet.book.edits import Edits
from sheetnet.book.grid import Book
from sheetnet.errors import FileError


def annotated_names(sources: Sequence[Path], out: Path, *, overwrite: bool = False) -> list[Path]:
    """Return where the marked copies of workbooks go: to `out`, or with several into the folder `out`.

    Workbooks of one name are numbered. FileError where a copy can't be saved as asked; nothing is written.
    """
    if len(sources) == 1:
        if out.suffix.lower() != sources[0].suffix.lower() and not out.is_dir():
            raise _other_format(out, sources[0])
        files.check_target(out, sources, overwrite=overwrite)
        return [out]
    if out.exists() and not out.is_dir():
        raise FileError(f"{out}: is a file, expected a folder for the copies of {len(sources)} workbooks")
    names: list[Path] = []
    for source in sources:
        name, number = out / source.name, 1
        while name in names:
            number += 1
            name = out / f"{source.stem}-{number}{source.suffix}"
        if out.exists():
            files.check_target(name, sources, overwrite=overwrite)
        names.append(name)
    return names


def annotate_file(book: Book, target: Path, edits: Edits, *, overwrite: bool = False) -> None:
    """Save a copy of a workbook with marks, notes and a sheet of findings; FileError when that can't be.

    Its folder is made where there is none.
    """
    files.make_folder(target.parent)
    if files.check_output(book, target, in_place=False, overwrite=overwrite) is not None:
        raise _other_format(target, book.path)
    files.save(book, target, edits)


def _other_format(target: Path, source: Path) -> FileError:
    return FileError(
        f"{target}: a marked copy has the format of {source.name}; name it {target.stem}{source.suffix}"
    )
