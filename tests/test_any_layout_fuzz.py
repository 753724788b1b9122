"""Sheets of any layout with damage done to them: whatever stands there is read, or refused in one line."""

import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetnet import SheetnetError, check_file, read_file
from tests.rowtable import net, write
from tests.strange import drawn

JUNK: tuple[Any, ...] = (
    "=1/0", "text", None, True, "=A1", "=SUM(A1:Z9)", "=foo(1)", "=#REF!", "=INDEX(A1:B2,1,1)",
    '=IF(A1>0,"x",2)', "=MMULT(A1:B2,C1:D2)", 0, -1e300, "=$Q$5", "=OFFSET(A1,1,1)", "=RAND()",
)  # fmt: skip
SIGNS = "*+-/123456789"


def _damaged(path: Path, seed: int) -> Path:
    """Write a right sheet with some of its cells, columns and rows changed; return its path."""
    rng = random.Random(seed)
    if rng.random() < 0.3:
        write(path, net())
    else:
        drawn(rng.randrange(100)).write(path)
    book = openpyxl.load_workbook(path)
    for sheet in book:
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        for _ in range(rng.choice((1, 3, 10, 60)) if cells else 0):
            cell, kind = rng.choice(cells), rng.random()
            if kind < 0.5:
                cell.value = rng.choice(JUNK)
            elif kind < 0.7:
                cell.value = rng.choice(cells).value
            elif kind < 0.85 and isinstance(cell.value, str):
                cell.value = cell.value.replace(rng.choice(SIGNS), rng.choice(SIGNS), 1)
            else:
                cell.value = None
        if rng.random() < 0.15:
            sheet.delete_cols(rng.randint(1, sheet.max_column))
        if rng.random() < 0.15:
            sheet.insert_rows(rng.randint(1, sheet.max_row))
    book.save(path)
    return path


@pytest.mark.parametrize("seed", range(40))
def test_damaged_sheets(tmp_path: Path, seed: int) -> None:
    """No damage brings a fault of the program to light; what is refused is refused in one line."""
    path = _damaged(tmp_path / "damaged.xlsx", seed)
    checked = check_file(path)
    told = [checked.error, *(sheet.error for sheet in checked.sheets)]
    try:
        read_file(path)
    except SheetnetError as error:
        told.append(str(error))
    for text in told:
        assert text is None or ("\n" not in text and "fault in sheetnet itself" not in text)
