"""Workbooks annotated for tests, and what others must find in them."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula

from sheetnet.book.edits import AddSheet, Edit, Mark, SheetCell
from sheetnet.book.files import load, save
from sheetnet.book.grid import Area, Book
from sheetnet.book.sheetname import free_name
from tests.book import xlsx_package as xlsx

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FORMATS = pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
FILL, EDGE = "FFD0D0", "C00000"


def area(sheet: str, text: str) -> Area:
    """Return the area of an address such as D10:E200."""
    first, _, last = text.partition(":")
    places = [re.fullmatch(r"([A-Z]+)(\d+)", one) for one in (first, last or first)]
    (top, left), (bottom, right) = (
        (int(m[2]) - 1, openpyxl.utils.column_index_from_string(m[1]) - 1) for m in places if m
    )
    return Area(sheet, top, left, bottom, right)


def mark(sheet: str, text: str) -> Mark:
    return Mark(area(sheet, text), FILL, EDGE)


def report(book: Book, *links: Area) -> AddSheet:
    """Return a sheet that lists some areas."""
    head = tuple(SheetCell(text, bold=True, fill="DDDDDD") for text in ("Cells", "Finding", "Value"))
    rows = tuple(
        (
            SheetCell(str(link), link=link),
            SheetCell("=D8-$A$9*C8*G8\nwhy: <&> δ", wrapped=True),
            SheetCell(0.5),
        )
        for link in links
    )
    return AddSheet(free_name(book, "sheetnet check"), (head, *rows, (), (SheetCell(None),)), (25.0, 80.0), 1)


def annotated(source: Path, target: Path, *edits: Edit) -> Path:
    """Save a copy with edits."""
    save(load(source), target, edits)
    return target


def differing(source: Path, target: Path) -> set[str]:
    """Return the names of the parts that are not byte for byte the same."""
    before, after = xlsx.parts(source), xlsx.parts(target)
    return {name for name in before | after if before.get(name) != after.get(name)}


def cells(path: Path) -> dict[str, Any]:
    """Return what the sheets hold, notes without contents left out."""
    return {
        sheet.name: {
            (r, c): cell
            for r, row in sheet.rows.items()
            for c, cell in row.items()
            if cell.value is not None or cell.formula
        }
        for sheet in load(path).sheets
    }


def rich_workbook(path: Path) -> Path:
    """Write a workbook of everything that must survive, built by openpyxl; cells in A1:C12."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Sheet1"
    for row in range(1, 13):
        for column in range(1, 4):
            sheet.cell(row, column, row * column / 10).number_format = "0.000"
    sheet["B2"].fill = PatternFill("solid", fgColor="FFFFCC00")
    sheet["B3"].border = Border(
        left=Side("double", color="FF00FF00"), bottom=Side("dashed"), diagonal=Side("thin"), diagonalUp=True
    )
    sheet["B4"].font = Font(italic=True, color="FF123456", name="Courier New", size=9)
    sheet["B5"].protection = Protection(locked=False)
    sheet["B6"].comment = Comment("mine\nof two lines", "the author", height=60, width=200)
    sheet["E1"].comment = Comment("beside", "another")
    sheet["C12"] = ArrayFormula("C12:C13", "=A1:A2*2")
    sheet["D1"] = "=SUM(A1:A3)"
    sheet.merge_cells("A15:C16")
    sheet.protection.sheet = True
    rule = CellIsRule("greaterThan", ["0.5"], fill=PatternFill(bgColor="FFFF0000"))
    sheet.conditional_formatting.add("A1:A9", rule)
    valid = DataValidation("decimal", "between", "0", "1")
    valid.add("C1:C9")
    sheet.add_data_validation(valid)
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["F"].fill = PatternFill("solid", fgColor="FF00CCFF")
    chart = LineChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=5))
    sheet.add_chart(chart, "E2")
    workbook.create_sheet("It's 2 x")["A1"] = 7
    other = LineChart()
    other.add_data(Reference(sheet, min_col=2, min_row=1, max_row=5))
    workbook.create_chartsheet("sheetnet check").add_chart(other)
    workbook.defined_names["rate"] = DefinedName("rate", attr_text="Sheet1!$A$1")
    workbook.save(path)
    return path


def described(path: Path) -> dict[str, Any]:
    """Return what openpyxl reads of Sheet1 beside its cells."""
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    return {
        "merged": [str(area) for area in sheet.merged_cells.ranges],
        "protected": sheet.protection.sheet,
        "rules": [str(area.sqref) for area in sheet.conditional_formatting],
        "valid": [(str(one.sqref), one.formula1) for one in sheet.data_validations.dataValidation],
        "frozen": sheet.freeze_panes,
        "charts": [chart.series[0].val.numRef.f for chart in sheet._charts],
        "names": {name: one.attr_text for name, one in book.defined_names.items()},
        "cells": {
            cell.coordinate: (
                str(getattr(cell.value, "text", cell.value)),
                cell.number_format,
                cell.protection.locked,
                cell.font.i,
                cell.font.name,
            )
            for row in sheet["A1:F16"]
            for cell in row
        },
        "others": {cell.coordinate: cell.style_id for row in sheet["C1:F16"] for cell in row},
    }
