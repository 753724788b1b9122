"""What the page needs to know of one net, and in whose words it speaks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sheetnet.book.grid import Area, Book, Sheet
from sheetnet.diagnosis.findings import Finding
from sheetnet.formula.address import a1
from sheetnet.jobs.checking import CheckedNet
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import Term
from sheetnet.report.check.html.netshape import part
from sheetnet.report.html.markup import clipped
from sheetnet.report.wording import Wording

MOST_FORMULA = 8192
"""Characters of a formula in Excel; longer ones are not read."""
SHOWN_FORMULA = 2000
"""Characters of a formula that are shown."""
SIGNS = {"error": "✗", "warning": "?", "remark": "i"}
"""What marks a severity beside its colour."""


class Words(Protocol):
    """How findings are told: each text for one finding, in one language."""

    def title(self, finding: Finding, language: str, /) -> str:
        """Return the name of a mistake: Learning rate left out."""

    def message(self, finding: Finding, language: str, /) -> str:
        """Return why it is one."""

    def repair(self, correct: Sequence[Area], copies: Sequence[tuple[Area, Area]], language: str, /) -> str:
        """Return which cells to correct and which to copy; empty where there is no way."""

    def term_text(self, finding: Finding, layout: Layout, language: str, /) -> str:
        """Return what stands in its cells: dC/dw10, layer 1 (column AF)."""

    def formula_shown(self, formula: str, book: Book, language: str, /) -> str:
        """Return a formula as it pastes into the user's own program."""


@dataclass(frozen=True, slots=True)
class NetView:
    """A checked net on the page, called `name`; `anchor` begins the names of all places that belong to it.

    Findings are numbered from 1, in their order.
    """

    book: Book
    net: CheckedNet
    words: Words
    wording: Wording
    name: str
    anchor: str

    @property
    def sheet(self) -> Sheet:
        """The sheet on which the net is."""
        return self.book.sheet(self.net.layout.sheet)

    @property
    def rate(self) -> str:
        """The learning rate, with its cell where it has one."""
        layout = self.net.layout
        number = self.wording.number(layout.learning_rate)
        return number if layout.rate is None else f"{number} ({layout.rate_address})"

    def named(self, key: str) -> str:
        """Return a name that no other part of the page has, from a key of its words."""
        return f"{clipped(self.book.path.name, 200)}, {clipped(self.name, 200)}: {self.wording(key)}"

    def card(self, number: int) -> str:
        """Return the name of a finding's card."""
        return f"{self.anchor}-{number}"

    def cell(self, row: int, column: int) -> str:
        """Return the name of a cell in the table of rows."""
        return f"{self.anchor}-{a1(row, column)}"

    def formula(self, formula: str) -> str:
        """Return a formula as its user writes it; of one that no program would take, the beginning."""
        if len(formula) > MOST_FORMULA:
            return clipped(formula, SHOWN_FORMULA)
        return clipped(self.words.formula_shown(formula, self.book, self.wording.code), SHOWN_FORMULA)

    @property
    def faults(self) -> dict[Term, tuple[int, ...]]:
        """The numbers of the findings at each part of the drawing, remarks left out."""
        last = len(self.net.layout.sizes) - 1
        found: defaultdict[Term, tuple[int, ...]] = defaultdict(tuple)
        for number, finding in enumerate(self.net.findings, start=1):
            if finding.severity != "remark":
                for drawn in {part(term, last) for term in finding.terms}:
                    found[drawn] += (number,)
        return found

    def severity(self, numbers: Sequence[int]) -> str:
        """Return the worst severity of some findings."""
        found = {self.net.findings[number - 1].severity for number in numbers}
        return next(severity for severity in ("error", "warning", "remark") if severity in found)
