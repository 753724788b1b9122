"""Workbooks: what was read, what to change, and the two file formats."""
