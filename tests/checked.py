"""Checked files for tests of reports: real workbooks with findings that are written out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sheetnet import Trace, find_nets, load, read_network, read_patterns, train
from sheetnet.book.grid import Area, Book, Cell, Sheet, a1
from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedFile, CheckedNet, CheckedSheet
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import Term, label
from sheetnet.report.words import column_runs

Findings = Mapping[str, Sequence[Finding]]
"""Findings by the name of their sheet."""


@dataclass(frozen=True)
class PlainWords:
    """Words for findings that are as plain as can be; `title` of an unknown code is the code itself."""

    titles: Mapping[str, str]
    why: str = "The learning rate is in A8, and this formula does not use it."
    mend: str = "Correct the first cell, then copy it down."

    def title(self, finding: Finding, language: str, /) -> str:
        return self.titles.get(finding.code, finding.code)

    def message(self, finding: Finding, language: str, /) -> str:
        return finding.details.get("why", self.why)

    def repair(self, correct: Sequence[Area], copies: Sequence[tuple[Area, Area]], language: str, /) -> str:
        return self.mend

    def term_text(self, finding: Finding, layout: Layout, language: str, /) -> str:
        term = finding.terms[0]
        column = ", ".join(column_runs([layout.columns[term]])) if term in layout.columns else "none"
        return f"{label(term)}, layer {term.layer} (column {column})"

    def formula_shown(self, formula: str, book: Book, language: str, /) -> str:
        return formula.removeprefix("of:").replace("[.", "").replace("]", "")


WORDS = PlainWords(
    {
        "update-wrong-rate": "Learning rate from an empty cell",
        "update-no-rate": "Learning rate left out",
        "delta-hidden-untransposed": "Weights taken across instead of along",
        "rate-in-formulas": "Learning rate written into the formulas",
    }
)


def checked(book: Book, findings: Findings | None = None, *, path: Path | None = None) -> CheckedFile:
    """Return a workbook's nets as checked with these findings: own numbers from the cells, right ones trained."""
    layouts = find_nets(book, ())
    sheets = tuple(
        CheckedSheet(
            sheet.name,
            tuple(
                _net(book, layout, (findings or {}).get(sheet.name, ()))
                for layout in layouts
                if layout.sheet == sheet.name
            ),
        )
        for sheet in book.sheets
    )
    return CheckedFile(path or book.path, book, sheets)


def with_cells(book: Book, sheet: str, cells: Mapping[tuple[int, int], Cell], *, name: str = "") -> Book:
    """Return the book with other cells on a sheet, which may be given another name."""
    old = book.sheet(sheet)
    rows = {row: dict(line) for row, line in old.rows.items()}
    for (row, column), cell in cells.items():
        rows.setdefault(row, {})[column] = cell
    new = Sheet(name or sheet, rows, old.merged, old.drawings)
    return replace(book, sheets=tuple(new if each.name == sheet else each for each in book.sheets))


def author_findings() -> Findings:
    """Return the two real mistakes of the author's Ark2."""
    w = [Term("w", layer, 0, j) for layer in (1, 2) for j in (0, 1)]
    return {
        "Ark2": (
            Finding(
                "update-wrong-rate",
                "error",
                (Area("Ark2", 8, 3, 8, 3),),
                (w[0],),
                8,
                3,
                "of:=[.D8]-[.$A$9]*[.C8]*[.G8]",
                "of:=[.D8]-[.$A$8]*[.C8]*[.G8]",
                0.1,
                0.10023135,
                {"why": "A9 is empty, so w00 does not move; the learning rate is in A8."},
                follow=960,
                cause="c1",
            ),
            Finding(
                "update-no-rate",
                "error",
                (Area("Ark2", 9, 3, 199, 4), Area("Ark2", 9, 7, 199, 8)),
                tuple(w),
                9,
                3,
                "of:=[.D9]-[.C9]*[.G9]",
                "of:=[.D9]-[.$A$8]*[.C9]*[.G9]",
                0.10045271,
                0.10022635,
                follow=960,
                cause="c2",
            ),
        )
    }


def fault(
    book: Book, layout: Layout, term: Term, row: int, found: str, severity: str = "error", *, rows: int = 1
) -> Finding:
    """Return a finding on `rows` cells of a term's column from `row` on, in which `found` stands."""
    column = layout.columns[term]
    cell = book.sheet(layout.sheet).cell(row, column)
    assert cell is not None
    assert isinstance(cell.value, float), a1(row, column)
    return Finding(
        "update-no-rate",
        severity,  # type: ignore[arg-type]
        (Area(layout.sheet, row, column, row + rows - 1, column),),
        (term,),
        row,
        column,
        found,
        cell.formula,
        cell.value * 1.001,
        cell.value,
    )


def _net(book: Book, layout: Layout, findings: Sequence[Finding]) -> CheckedNet:
    sheet = book.sheet(layout.sheet)
    own = {term: np.full(layout.steps, np.nan) for term in layout.columns}
    for term, column in layout.columns.items():
        for step in range(layout.steps):
            cell = sheet.cell(layout.first_row + step, column)
            if cell is not None and isinstance(cell.value, float):
                own[term][step] = cell.value
    trace: Trace = train(read_network(book, layout), *read_patterns(book, layout), steps=layout.steps)
    right = {term: trace[term] for term in layout.columns if term in trace.columns}
    judged = sum(
        cell.formula is not None
        for row in range(layout.first_row, layout.last_row + 1)
        for cell in sheet.rows.get(row, {}).values()
    )
    follow = max((finding.follow for finding in findings), default=0)
    return CheckedNet(layout, layout.conventions, tuple(findings), judged, follow, own, right, True)


def checked_file(path: Path, findings: Findings | None = None) -> CheckedFile:
    """Return a file on disk as checked."""
    return checked(load(path), findings)
