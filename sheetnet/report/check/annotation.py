"""A marked copy of a checked workbook: fills, notes, and a sheet that lists the findings, as edits."""

from collections.abc import Iterator

from sheetnet.book.edits import AddSheet, Edit, Mark, Note, SheetCell
from sheetnet.book.grid import Book
from sheetnet.book.sheetname import free_name
from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedFile, CheckedNet
from sheetnet.report.check.findings import fix, formula_shown, message, repair, terms_text, title
from sheetnet.report.wording import wording

NAME = "sheetnet check"
"""The new sheet's name."""
_COLOURS = {"error": ("FFC7CE", "C00000"), "warning": ("FFEB9C", "9C6500")}
"""Fill and edge by severity; a remark is not marked."""
_HEAD = "E7E6E6"
_COLUMNS = (
    "number", "severity", "where", "what", "found", "value", "expected", "right", "why", "mend", "code",
)  # fmt: skip
_WIDTHS = (10.0, 18.0, 38.0, 46.0, 50.0, 26.0, 50.0, 26.0, 62.0, 48.0, 46.0)


def annotation(file: CheckedFile, *, language: str = "en") -> list[Edit]:
    """Return the edits that mark a workbook's faults: every cell, a note a range, and a list with links."""
    assert file.book is not None
    edits: list[Edit] = []
    number = 0
    for net in file.nets:
        for finding in net.findings:
            number += 1
            edits += _marks(file.book, net, finding, number, language)
    name = free_name(file.book, NAME)
    rows = tuple(_rows(file, file.book, language))
    return [*edits, AddSheet(name, rows, _WIDTHS, frozen=1)]


def _marks(book: Book, net: CheckedNet, finding: Finding, number: int, language: str) -> Iterator[Edit]:
    colours = _COLOURS.get(finding.severity)
    if colours is None:
        return
    say = wording(language)
    for index, (area, example) in enumerate(zip(finding.areas, finding.examples, strict=True)):
        found, expected = (formula_shown(each, book, language) for each in (example.found, example.expected))
        lines = [
            f"{number} {title(finding, language)} [{finding.code}]",
            message(finding, language) if index == 0 else "",
            f"{say('names.found')}: {found}" if found else "",
            f"{say('names.expected')}: {expected}" if expected else "",
            fix(finding, language) if index == 0 else "",
        ]
        yield Mark(area, *colours)
        yield Note(area.sheet, area.first_row, area.first_column, "\n".join(filter(None, lines)))


def _rows(file: CheckedFile, book: Book, language: str) -> Iterator[tuple[SheetCell, ...]]:
    say = wording(language)
    yield tuple(SheetCell(say(f"list.{head}"), bold=True, fill=_HEAD) for head in _COLUMNS)
    number = 0
    for net in file.nets:
        if not net.findings:
            empty, sheet = SheetCell(None), SheetCell(net.layout.sheet)
            verdict = say("verdict.hidden" if net.hidden else "verdict.right")
            yield empty, empty, sheet, SheetCell(f"{net.layout.name}: {verdict}", bold=True)
        for finding in net.findings:
            number += 1
            yield from _finding(book, net, finding, number, language)


def _finding(
    book: Book, net: CheckedNet, finding: Finding, number: int, language: str
) -> Iterator[tuple[SheetCell, ...]]:
    """Yield a row for each of a finding's ranges, with a link to it; the first one tells the rest too."""
    say = wording(language)
    fill = _COLOURS.get(finding.severity, (None, ""))[0]
    terms = terms_text(finding.terms, net.layout, language)
    for index, (area, example) in enumerate(zip(finding.areas, finding.examples, strict=True)):
        first = index == 0
        value = example.value
        yield (
            SheetCell(float(number) if first else None),
            SheetCell(say(f"severity.{finding.severity}") if first else None, fill=fill),
            SheetCell(f"{area.sheet} {area}", link=area, wrapped=True),
            SheetCell(f"{title(finding, language)}: {terms}" if first else None, bold=True, wrapped=True),
            SheetCell(formula_shown(example.found, book, language) or say("names.none"), wrapped=True),
            SheetCell(value if isinstance(value, float) else None if value is None else str(value)),
            SheetCell(formula_shown(example.expected, book, language), wrapped=True),
            SheetCell(example.expected_value),
            SheetCell(message(finding, language) if first else None, wrapped=True),
            SheetCell(repair(finding.correct, finding.copies, language) if first else None, wrapped=True),
            SheetCell(finding.code if first else None),
        )
