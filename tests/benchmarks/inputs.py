"""The files that are measured, made in a temporary folder where they are not at hand."""

import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from sheetnet.book import files
from sheetnet.book.edits import Edits
from sheetnet.book.grid import Book
from sheetnet.jobs.training import train_file
from tests.witnesses import libreoffice

_ROOT = Path(__file__).resolve().parents[2]
_SEED = _ROOT.parent / "shared" / "seed" / "Simple_Neural_Net.ods"
_AUTHORS_STEPS = 995
_ROW = 1000  # bytes of XML, at the least, of 39 cells with formulas

PARTS = {".ods": "content.xml", ".xlsx": "xl/worksheets/sheet1.xml"}
"""Suffix → the part that holds the rows."""


class Saving(NamedTuple):
    """What `files.save` is called with at the end of a training."""

    book: Book
    target: Path
    edits: Edits


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where temporary files go, how many rows are written, and how often a work is done."""

    folder: Path
    rows: tuple[int, ...]
    rounds: int

    def sample(self, suffix: str) -> Path:
        """Return the note's 2-2-2 net, first row only."""
        return _ROOT / "samples" / f"note-2-2-2{suffix}"

    def author(self) -> Path:
        """Return the author's workbook, or a trained sample as long as it."""
        return _SEED if _SEED.exists() else self.trained(".ods", _AUTHORS_STEPS)

    def twin(self) -> Path:
        """Return the .xlsx of `author`: LibreOffice's, or a trained sample as long as it."""
        if _SEED.exists() and libreoffice.missing() is None:
            return _twin(self.folder)
        return self.trained(".xlsx", _AUTHORS_STEPS)

    def trained(self, suffix: str, steps: int) -> Path:
        """Return the sample trained for `steps` rows."""
        target = self.folder / f"trained-{steps}{suffix}"
        if not target.exists():
            train_file(self.sample(suffix), target, steps=steps)
            check_rows(target, steps)
        return target

    def saving(self, suffix: str, steps: int) -> Saving:
        """Return the arguments with which a training for `steps` rows calls `files.save`."""
        target = self.folder / f"saved-{steps}{suffix}"
        with patch.object(files, "save") as save:
            train_file(self.sample(suffix), target, steps=steps)
        arguments: tuple[Any, ...] = save.call_args.args
        return Saving(*arguments)


def check_rows(path: Path, rows: int) -> None:
    """Raise RuntimeError for a file that can't hold so many rows: its times would mean nothing."""
    with zipfile.ZipFile(path) as package:
        size = package.getinfo(PARTS[path.suffix]).file_size
    if size < _ROW * rows:
        raise RuntimeError(f"{path.name}: {size:,} bytes of XML are too few for {rows:,} rows")


@cache
def _twin(folder: Path) -> Path:
    return libreoffice.converted(_SEED, ".xlsx", folder)
