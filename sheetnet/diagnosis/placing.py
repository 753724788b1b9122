"""Findings of a table that was seen through a lens, put back to where its cells really stand."""

from collections.abc import Iterable
from dataclasses import replace

from sheetnet.book.grid import Area, Sheet
from sheetnet.diagnosis.findings import Example, Finding
from sheetnet.layout.lens import Lens


def put_back(finding: Finding, lens: Lens | None) -> Finding:
    """Return a finding with the places and formulas of the sheet itself."""
    if lens is None:
        return finding
    sheet, row, column = lens.place(finding.sheet, finding.row, finding.column)
    areas, examples = [], []
    for area, example in zip(finding.areas, finding.examples, strict=False):
        for part in lens.areas(area):
            areas.append(part)
            examples.append(_example(example, part, lens))
    first = _example(
        Example(finding.found, finding.expected, finding.value, finding.expected_value),
        Area(sheet, row, column, row, column),
        lens,
    )
    return replace(
        finding,
        areas=tuple(areas),
        examples=tuple(examples),
        row=row,
        column=column,
        found=first.found,
        expected=first.expected,
        correct=_put(finding.correct, lens),
        copies=tuple(
            (one, other)
            for source, target in finding.copies
            for one, other in zip(lens.areas(source), lens.areas(target), strict=False)
        ),
    )


def _put(areas: Iterable[Area], lens: Lens) -> tuple[Area, ...]:
    return tuple(part for area in areas for part in lens.areas(area))


def _example(example: Example, area: Area, lens: Lens) -> Example:
    cell = _sheet(lens, area.sheet).cell(area.first_row, area.first_column)
    found = None if cell is None else cell.formula
    expected = lens.formula(example.expected, area.sheet)
    return example._replace(found=found if example.found is not None else None, expected=expected)


def _sheet(lens: Lens, name: str) -> Sheet:
    return lens.book.sheet(name)
