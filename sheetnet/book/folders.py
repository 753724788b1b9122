"""Folders of outputs: built beside their place, and there as a whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from sheetnet.errors import FileError


def check_folder(target: Path, *, overwrite: bool) -> None:
    """Raise FileError where outputs can't go into a folder, or would lie among what is in it already."""
    try:
        if os.path.lexists(target) and not target.is_dir():
            raise FileError(f"{target}: is a file, expected the name of a folder; name another one")
        if not target.exists() and not target.absolute().parent.is_dir():
            raise FileError(
                f"{target}: can't be made, there is no folder {target.absolute().parent}; make it first"
            )
        if target.is_dir() and any(target.iterdir()) and not overwrite:
            raise FileError(
                f"{target}: is not empty; say --overwrite to replace files of the same names, or name "
                "another folder"
            )
    except OSError as error:
        raise FileError(f"{str(target)[:200]}: can't be written ({error.strerror})") from error


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target`; what is in it moves there when all went well.

    Files of the same names are replaced, others stay. FileError where the system refuses.
    """
    try:
        place = target.resolve()
        stage = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    except OSError as error:
        raise FileError(f"{str(target)[:200]}: can't be written ({error.strerror})") from error
    try:
        yield stage
        try:
            _moved(stage, place)
        except OSError as error:
            raise FileError(
                f"{str(error.filename or target)[:200]}: can't be written ({error.strerror}); close it where "
                "it is open, and try again"
            ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _moved(stage: Path, target: Path) -> None:
    """Move what is in a folder into another one."""
    files = sorted(path for path in stage.rglob("*") if path.is_file())
    for path in files:
        goal = target / path.relative_to(stage)
        if goal.is_dir():
            raise IsADirectoryError(21, "a folder of this name is there", str(goal))
    for path in files:
        goal = target / path.relative_to(stage)
        goal.parent.mkdir(parents=True, exist_ok=True)
        path.replace(goal)
