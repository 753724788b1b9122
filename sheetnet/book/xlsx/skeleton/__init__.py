"""A new .xlsx workbook from its description."""

from sheetnet.book.xlsx.skeleton.document import build

__all__ = ["build"]
