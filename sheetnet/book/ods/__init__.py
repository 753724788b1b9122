"""OpenDocument spreadsheets: reading, and splicing edits into a copy."""

from sheetnet.book.ods.document import read
from sheetnet.book.ods.saving import changes

__all__ = ["changes", "read"]
