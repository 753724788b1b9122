"""What can go wrong for a user: one line that names file, sheet and cell, the finding, and the next step."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")


class SheetnetError(Exception):
    """Something a user can mend; its text is the whole message, on one line whatever a cell in it holds."""

    def __init__(self, message: str) -> None:
        super().__init__(_BREAKS.sub(" ", message))


class FileError(SheetnetError):
    """A file that can't be read or written: missing, damaged, encrypted, hostile, no room."""


class LayoutError(SheetnetError):
    """A sheet in which a net was looked for and not found whole."""


class DivergenceError(SheetnetError):
    """Training arrived at a number that no cell can show."""


class ProgramError(SheetnetError):
    """A fault of this program itself; it is told as such, and never looks like a result."""


@contextmanager
def no_surprise(where: str) -> Iterator[None]:
    """Turn an exception that nobody foresaw into a ProgramError; `where` is the file or the cell worked on.

    So one file, or one net, takes no other with it. What the system refuses is a FileError.
    """
    try:
        yield
    except SheetnetError:
        raise
    except MemoryError as error:
        raise FileError(f"{where}: not enough memory for this file; close other programs") from error
    except OSError as error:
        raise FileError(f"{where}: can't be read ({error.strerror or error})") from error
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        what = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise ProgramError(
            f"{where}: could not be checked for a fault in sheetnet itself "
            f"({what}; {Path(last.filename).name}, line {last.lineno}); please report it, with the file"
        ) from error
