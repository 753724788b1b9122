"""The .xlsx and .xlsm format: reading a package, and splicing edits into it (ECMA-376 part 1)."""

from sheetnet.book.xlsx.reading import read
from sheetnet.book.xlsx.saving import changes

__all__ = ["changes", "read"]
