"""Sheets of pages for tests: their cells by address, any of them replaced, computed anew and saved plainly."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter

from sheetnet import load, new_file
from sheetnet.formula.address import a1
from tests.plainfile import PlainCell, write_plain
from tests.reckoning import Content, is_formula, split, values


def page_cells(folder: Path, sizes: tuple[int, ...], steps: int, **options: Any) -> dict[str, Content]:
    """Return the cells of a new sheet of pages: texts, numbers, formulas."""
    place = folder / f"new-{len(list(folder.iterdir()))}.xlsx"
    new_file(sizes, place, arrangement="page", steps=steps, **{"seed": 5, **options})
    (sheet,) = load(place).sheets
    return {
        a1(row, column): cell.value if cell.formula is None else cell.formula
        for row, line in sheet.rows.items()
        for column, cell in line.items()
        if not isinstance(cell.value, str) or cell.formula is None
    }


def moved(
    cells: Mapping[str, Content], rows: Callable[[int], int], columns: Callable[[int], int] = lambda at: at
) -> dict[str, Content]:
    """Return cells with rows or columns inserted: each row and column (from 1 on) goes to another one."""

    def address(match: re.Match[str]) -> str:
        fixed, letters, dollar, row = match.groups()
        letters = get_column_letter(columns(column_index_from_string(letters)))
        return f"{fixed}{letters}{dollar}{rows(int(row))}"

    def turned(text: str) -> str:
        return re.sub(r"(\$?)\b([A-Z]{1,2})(\$?)(\d+)\b", address, text)

    return {turned(at): turned(str(held)) if is_formula(held) else held for at, held in cells.items()}


def saved(path: Path, cells: Mapping[str, Content], *, typed: int | None = None) -> Path:
    """Save cells with their values; with `typed` numbers of so many decimals in the place of formulas."""
    held = values(cells)
    plain = {}
    for address, content in cells.items():
        letters, row = split(address)
        place = row - 1, column_index_from_string(letters) - 1
        formula = content if isinstance(content, str) and is_formula(content) else None
        value = held[address]
        if formula is not None and typed is not None and isinstance(value, float):
            formula, value = None, round(value, typed)
        plain[place] = PlainCell(value, formula)
    return write_plain(path, plain)
