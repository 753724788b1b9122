"""Findings of a table that was seen through a lens, put back to where its cells really stand."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sheetnet.book.grid import Area, Sheet
from sheetnet.diagnosis.findings import Example, Finding
from sheetnet.formula.pattern import pattern
from sheetnet.layout.lens import Lens

_ADDRESSES = ("found_part", "expected_part", "cell", "path", "surplus", "missing")
"""Details of a finding that are addresses; others may look like one, as the label w1 does."""


def put_back(finding: Finding, lens: Lens | None) -> Finding:
    """Return a finding with the places and formulas of the sheet itself."""
    if lens is None:
        return finding
    sheet, row, column = lens.place(finding.sheet, finding.row, finding.column)
    areas, examples = [], []
    for area, example in zip(finding.areas, finding.examples, strict=False):
        for part, own in _parts(area, example, lens):
            areas.append(part)
            examples.append(own)
    first = _example(
        Example(finding.found, finding.expected, finding.value, finding.expected_value),
        Area(sheet, row, column, row, column),
        lens,
    )
    correct, copies = finding.correct, finding.copies
    if lens.places:  # what is below each other in the view is not so on the sheet
        correct, copies = (*correct, *(target for _, target in copies)), ()
    return replace(
        finding,
        areas=tuple(areas),
        examples=tuple(examples),
        row=row,
        column=column,
        found=first.found,
        expected=first.expected,
        value=first.value,
        expected_value=first.expected_value,
        details={
            key: lens.addresses(text, areas[0].sheet) if key in _ADDRESSES else text
            for key, text in finding.details.items()
        },
        correct=_put(correct, lens),
        copies=tuple(
            (one, other)
            for source, target in copies
            for one, other in zip(lens.areas(source), lens.areas(target), strict=False)
        ),
    )


def _parts(area: Area, example: Example, lens: Lens) -> Iterator[tuple[Area, Example]]:
    """Yield the cells of an area on the sheets, each with what belongs there if the first one tells."""
    if not lens.places:
        for part in lens.areas(area):
            yield part, _example(example, part, lens)
        return
    seen = set()
    for row in range(area.first_row, area.last_row + 1):
        for column in range(area.first_column, area.last_column + 1):
            place = lens.place(area.sheet, row, column)
            if place in seen:
                continue
            seen.add(place)
            name, at_row, at_column = place
            part = Area(name, at_row, at_column, at_row, at_column)
            own = example
            if (row, column) != (area.first_row, area.first_column):
                cell = lens.book.sheet(name).cell(at_row, at_column)
                value = None if cell is None else cell.value
                same = column == area.first_column and example.expected is not None
                form = pattern(example.expected or "", area.first_row) if same else None
                own = Example(example.found, None if form is None else form.text(row), value, None)
            yield part, _example(own, part, lens)


def _put(areas: Iterable[Area], lens: Lens) -> tuple[Area, ...]:
    return tuple(part for area in areas for part in lens.areas(area))


def _example(example: Example, area: Area, lens: Lens) -> Example:
    cell = _sheet(lens, area.sheet).cell(area.first_row, area.first_column)
    found = None if cell is None else cell.formula
    expected = lens.formula(example.expected, area.sheet)
    usual = lens.between.get((area.sheet, area.first_row, area.first_column))
    if usual is not None:
        return Example(found, usual, None if cell is None else cell.value, None)
    return example._replace(found=found if example.found is not None else None, expected=expected)


def _sheet(lens: Lens, name: str) -> Sheet:
    return lens.book.sheet(name)
