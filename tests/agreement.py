"""What stands in a workbook beside its formulas, against what other programs compute from the formulas alone."""

from pathlib import Path

import pytest

from sheetnet import load
from sheetnet.book.grid import Book, a1
from tests.witnesses import gnumeric, libreoffice, recalculation

Place = tuple[str, int, int]


def formulas(book: Book, sheet: str) -> dict[tuple[int, int], str]:
    """Return the formulas of a sheet."""
    return {
        (row, column): cell.formula
        for row, cells in book.sheet(sheet).rows.items()
        for column, cell in cells.items()
        if cell.formula is not None
    }


def cached(book: Book) -> dict[Place, float]:
    """Return the numbers that stand beside formulas."""
    return {
        (sheet.name, row, column): cell.value
        for sheet in book.sheets
        for row, cells in sheet.rows.items()
        for column, cell in cells.items()
        if cell.formula is not None and isinstance(cell.value, float)
    }


def agree_with_calc(path: Path, folder: Path, only: str | None = None) -> int:
    """Assert that our cached values are what LibreOffice computes from formulas alone; return how many."""
    ours = cached(load(path))
    theirs = libreoffice.recalculated(_stripped(path, folder))
    wrong = [
        f"{sheet}.{a1(row, column)}: {value!r}, Calc {theirs[sheet].get((row, column))!r}"
        for (sheet, row, column), value in ours.items()
        if only in (None, sheet) and theirs[sheet].get((row, column)) != value
    ]
    assert not wrong, wrong[:5]
    return len(ours)


def agree_with_gnumeric(path: Path, folder: Path) -> int:
    """Assert that Gnumeric computes our cached values to 1e-12; return how many."""
    ours = cached(load(path))
    theirs = gnumeric.recalculated(_stripped(path, folder))
    for (sheet, row, column), value in ours.items():
        found = theirs[sheet][row, column]
        assert found == pytest.approx(value, rel=1e-12, abs=1e-12), a1(row, column)
    return len(ours)


def agree_with_ironcalc(path: Path, folder: Path) -> int:
    """Assert that ironcalc computes the cached values of an .xlsx with one sheet to 1e-12; return how many."""
    ironcalc = pytest.importorskip("ironcalc")
    ours = cached(load(path))
    model = ironcalc.load_from_xlsx(str(_stripped(path, folder)), "en", "UTC", "en")
    model.evaluate()
    for (_, row, column), value in ours.items():
        found = model.get_cell_value(0, row + 1, column + 1)
        assert found == pytest.approx(value, rel=1e-12, abs=1e-12), a1(row, column)
    return len(ours)


def _stripped(path: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return recalculation.strip_values(path, folder)
