"""The name of a new sheet: one that both formats take and no sheet of the workbook has."""

import re

from sheetnet.book.grid import Book

LONGEST = 31
"""Characters of a sheet's name in Excel."""
# Excel takes none of these; it keeps the name History for itself
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED = "history"


def free_name(book: Book, wanted: str) -> str:
    """Return `wanted` as a sheet's name, with a number behind it where the book has such a sheet."""
    taken = {name.casefold() for name in (*book.tabs, *(sheet.name for sheet in book.sheets), _RESERVED)}
    base = _FORBIDDEN.sub(" ", wanted).strip().strip("'")[:LONGEST].strip("' ") or "Sheet"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        ending = f" {number}"
        name = base[: LONGEST - len(ending)].rstrip("' ") + ending
    return name
