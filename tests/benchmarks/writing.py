"""Writing the rows of a trained 2-2-2 sheet, against deflating the same XML and against the libraries."""

import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import odf.opendocument
import openpyxl
from odf.table import Table, TableCell, TableRow
from odf.text import P

from sheetnet.book import files
from sheetnet.book.edits import Content, FillRows
from tests.benchmarks.inputs import PARTS, Inputs, Saving, check_rows
from tests.benchmarks.measure import Measured, medians, timed
from tests.benchmarks.table import Line

TITLE = "Writing a trained 2-2-2 sheet, 39 columns, values known"

LEVEL = 6
_CHUNK = 1 << 18
# odfpy's tree takes minutes and gigabytes at the full number
_ODFPY_ROWS = 1_000

Row: TypeAlias = list[tuple[str | None, float]]
"""A formula, or None, and a value a cell."""


def lines(inputs: Inputs) -> Iterator[Line]:
    """Yield our save beside the others'."""
    for suffix in PARTS:
        for rows in inputs.rows:
            saving = inputs.saving(suffix, rows)
            works = [
                timed(partial(files.save, *saving)),
                deflating(saving.target, PARTS[suffix]),
            ]
            library = rows == inputs.rows[0]
            if library:
                works.append(_library(suffix, saving))
            ours, deflate, *other = medians(inputs.rounds if library else 3, *works)
            yield Line(f"{suffix}, {rows:,} rows / zlib level {LEVEL} alone", ours, deflate, ratio=2)
            if library and suffix == ".ods":
                yield Line(
                    f"{suffix}, {rows:,} rows / odfpy ({_ODFPY_ROWS:,} scaled)",
                    ours,
                    other[0] * rows / _ODFPY_ROWS,
                )
            elif library:
                yield Line(f"{suffix}, {rows:,} rows / openpyxl, no values", ours, other[0])
            check_rows(saving.target, rows)
            saving.target.unlink()


def deflating(path: Path, part: str) -> Measured:
    """Return the work of deflating a part's text; inflating it, piece by piece, is not counted."""

    def measured() -> float:
        seconds = 0.0
        deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        with zipfile.ZipFile(path) as package, package.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                begin = time.perf_counter()
                deflate.compress(chunk)
                seconds += time.perf_counter() - begin
        begin = time.perf_counter()
        deflate.flush()
        return seconds + time.perf_counter() - begin

    return measured


def _library(suffix: str, saving: Saving) -> Measured:
    block = next(edit for edit in saving.edits if isinstance(edit, FillRows))
    target = saving.target.with_stem("library")
    if suffix == ".ods":
        few = list(islice(_rows(block), _ODFPY_ROWS))
        return _removing(target, lambda: write_odfpy(target, few))
    rows = list(_rows(block))
    return _removing(target, lambda: write_openpyxl(target, rows))


def _removing(target: Path, work: Callable[[], object]) -> Measured:
    def measured() -> float:
        try:
            return timed(work)()
        finally:
            target.unlink(missing_ok=True)

    return measured


def _rows(block: FillRows) -> Iterator[Row]:
    """Yield what a block of rows holds, cell by cell."""
    for index in range(len(block.columns[0].values)):
        row = block.first_row + index
        cells: Row = []
        for column in block.columns:
            content = [content for first, content in column.contents if first <= row][-1]
            formula = None if isinstance(content, Content) else content.text(row)
            cells.append((formula, float(column.values[index])))
        yield cells


def write_odfpy(target: Path, rows: list[Row]) -> None:
    """Write a sheet as odfpy's users do: an element a cell, with formula, value and text."""
    document = odf.opendocument.OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    document.spreadsheet.addElement(table)
    for cells in rows:
        row = TableRow()
        table.addElement(row)
        for formula, value in cells:
            options = {} if formula is None else {"formula": formula}
            cell = TableCell(valuetype="float", value=repr(value), **options)
            cell.addElement(P(text=f"{value:.5f}"))
            row.addElement(cell)
    document.save(str(target))


def write_openpyxl(target: Path, rows: list[Row]) -> None:
    """Write a sheet as openpyxl's users do, in its fastest mode; beside a formula it writes no value."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for cells in rows:
        sheet.append([value if formula is None else formula for formula, value in cells])
    book.save(target)
