"""What a new workbook lets its reader enter: validations, protected sheets and names of cells."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation

from sheetnet.book.grid import Area, a1
from sheetnet.book.skeleton import NewSheet, Validation
from sheetnet.book.xlsx.ranges import range_text

_LARGEST = "1E+300"


def add_form(made: Any, sheet: NewSheet) -> None:
    """Protect an openpyxl worksheet and give it its merged cells and validations, as the sheet says."""
    for area in sheet.merged:
        # merge_cells takes the looks of all cells but the first
        made.merged_cells.add(CellRange(str(area)))
    for validation, areas in _divided(sheet):
        made.add_data_validation(_validation(validation, areas))
    if sheet.protected:
        made.protection.enable()


def add_names(out: Any, names: Mapping[str, Area]) -> None:
    """Give an openpyxl workbook its names (ECMA-376 part 1, 18.2.5)."""
    for name, area in sorted(names.items()):
        out.defined_names[name] = DefinedName(name, attr_text=range_text(area))


def ordered(xml: str, sheet: NewSheet) -> str:
    """Return a worksheet's text with its merged cells and validated ones in order; openpyxl keeps none."""
    refs = [" ".join(map(str, areas)) for _, areas in _divided(sheet)]
    found = iter(refs)
    xml = re.sub(r'(<dataValidation (?:[^>]* )?sqref=")[^"]*', lambda match: f"{match[1]}{next(found)}", xml)
    cells = "".join(f'<mergeCell ref="{area}"/>' for area in sorted(sheet.merged))
    return re.sub(r"(<mergeCells[^>]*>).*?(</mergeCells>)", rf"\g<1>{cells}\g<2>", xml, flags=re.DOTALL)


def _divided(sheet: NewSheet) -> Iterator[tuple[Validation, tuple[Area, ...]]]:
    """Yield the validations with their areas, one at a time where a formula is relative to its first cell."""
    for validation in sheet.validations:
        if validation.kind == "number":
            yield validation, validation.areas
        else:
            for area in validation.areas:
                yield validation, (area,)


def _validation(validation: Validation, areas: tuple[Area, ...]) -> Any:
    """Return openpyxl's (18.3.1.32)."""
    given: dict[str, str]
    if validation.kind == "number":
        given = {"type": "decimal", "operator": "between", "formula1": f"-{_LARGEST}", "formula2": _LARGEST}
    else:
        first = a1(areas[0].first_row, areas[0].first_column)
        given = {"type": "custom", "formula1": f"_xlfn.ISFORMULA({first})"}
    return DataValidation(
        **given,
        sqref=" ".join(map(str, areas)),
        allow_blank=True,
        errorStyle="stop" if validation.kind == "number" else "warning",
        showInputMessage=True,
        showErrorMessage=True,
        promptTitle=validation.title,
        prompt=validation.hint,
        errorTitle=validation.title,
        error=validation.error,
    )
