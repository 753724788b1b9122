"""A new .ods document from its description."""

from sheetnet.book.ods.skeleton.document import build

__all__ = ["build"]
