"""Pages of a net before their formulas are poured in: titles, rules, labels, first numbers, print set-up."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Area
from sheetnet.book.skeleton import Look, NewCell, NewSheet, Validation
from sheetnet.design import looks
from sheetnet.design.rules import (
    cost_rule,
    forward_rule,
    gradient_rule,
    hidden_rule,
    new_rule,
    output_rule,
)
from sheetnet.layout.language import Language
from sheetnet.layout.page import (
    CAPTION,
    FIRST,
    LABEL,
    RATE_ROW,
    RULE,
    TITLE,
    TOLD,
    Mark,
    PagePlan,
    Section,
    caption_text,
    neuron_text,
    page_plan,
    settings_text,
)
from sheetnet.net.conventions import Conventions
from sheetnet.net.network import Network
from sheetnet.net.terms import LEARNING_RATE, Term, Use, label, sizes_text, weights

Array = NDArray[np.float64]
Cells = dict[tuple[int, int], NewCell]

_GREY, _PALE = "595959", "E7E6E6"
_TITLE = Look(bold=True, size=13, middle=True)
_TOLD = Look(colour=_GREY, size=9, middle=True)
_SECTION = Look(bold=True, fill=_PALE, middle=True)
_RULE = Look(fill=_PALE, middle=True)
_CAPTION = Look(bold=True, middle=True)
_NEURON = Look(colour=_GREY, align="center", middle=True)
_SOURCE = Look(colour=_GREY, size=9, align="center", middle=True)
_ASIDE = Look(colour=_GREY, size=9, middle=True)
_SIDE_LABEL = Look(align="right", middle=True)
_LINE = Look(ruled=True, middle=True, unlocked=True)
_CAPTION_WIDTH, _LABEL_WIDTH, _WIDTH, _SIDE_WIDTH = 20.0, 11.0, 20.0, 16.0
_LOWEST, _HIGHEST, _PAPER = 5.4, 8.5, (186.0, 266.0)
"""Millimetres: heights of rows, and width and height of what is printed on A4."""


@dataclass(frozen=True, slots=True)
class Form:
    """What makes of a page an exercise: `blanks` are cells to be filled in.

    `told` says what is to be done, `given` and `asked` what stands beside a section of which nothing, or
    something, is to be filled in; `head` is what stands at the right of the title; `more` are further cells
    of a page, by row and column inside it, and `question` its question in words. `working` is the word
    before room to write; `headed` prints the letters of columns and the numbers of rows.
    """

    blanks: Collection[Use]
    told: str
    given: str
    asked: str
    head: tuple[str, str]
    working: str
    question: str = ""
    more: Mapping[tuple[int, int], NewCell] = field(default_factory=dict)
    validations: tuple[Validation, ...] = ()
    protected: bool = True
    headed: bool = False


def page_sheet(
    sizes: tuple[int, ...],
    conventions: Conventions,
    numbers: Mapping[Use, float],
    *,
    name: str,
    steps: int,
    language: Language,
    decimals: int = looks.DECIMALS,
    form: Form | None = None,
) -> NewSheet:
    """Return a sheet with a page for each of `steps` steps, one below the other.

    `numbers` are those that are typed, of step 0 and of further patterns; computed cells have a look and
    stay empty.
    """
    plan = page_plan(sizes, biases=conventions.biases != "none")
    cells: Cells = {}
    for step in range(steps):
        page = _Page(plan, conventions, language, decimals, step, form)
        top = step * plan.pitch
        for (row, column), cell in page.cells(numbers).items():
            cells[top + row, column] = cell
    rows = (step * plan.pitch + row for step in range(steps) for row in range(plan.height))
    return NewSheet(
        name=name,
        cells=cells,
        widths=_widths(plan),
        heights=dict.fromkeys(rows, row_height(plan)),
        printed=page_areas(plan, name, steps),
        pages_high=1,
        portrait=True,
        headed=form is not None and form.headed,
        protected=form is not None and form.protected,
        validations=() if form is None else form.validations,
    )


def typed_numbers(network: Network, inputs: Array, targets: Array) -> dict[Use, float]:
    """Return the numbers that a net begins with, as `page_sheet` wants them.

    Inputs (patterns, n_0) and targets (patterns, n_L) stand on a page each.
    """
    numbers = {Use(LEARNING_RATE): network.learning_rate}
    for layer in range(1, len(network.sizes)):
        for weight in weights(network.sizes, layer, biases=network.conventions.biases != "none"):
            numbers[Use(weight)] = float(network.weights[layer - 1][weight.i, weight.j])
    for term, table in ((Term("a"), inputs), (Term("target"), targets)):
        for step, line in enumerate(table):
            numbers |= {Use(term._replace(i=i), step): float(value) for i, value in enumerate(line)}
    return numbers


def row_height(plan: PagePlan) -> float:
    """Return the height of a page's rows, in millimetres: as much as the paper has for so many."""
    width, height = _PAPER
    scale = min(width / sum(_widths(plan).values()), 1.0)
    return min(max(height / scale / plan.height, _LOWEST), _HIGHEST)


def page_areas(plan: PagePlan, name: str, steps: int) -> tuple[Area, ...]:
    """Return the print ranges of a sheet's pages."""
    tops = (step * plan.pitch for step in range(steps))
    return tuple(Area(name, top, 0, top + plan.height - 1, plan.width - 1) for top in tops)


def _widths(plan: PagePlan) -> dict[int, float]:
    widths = {CAPTION: _CAPTION_WIDTH, LABEL: _LABEL_WIDTH, plan.side - 1: looks.GAP_WIDTH}
    widths |= dict.fromkeys(range(FIRST, plan.side - 1), _WIDTH)
    return widths | dict.fromkeys(range(plan.side, plan.width), _SIDE_WIDTH)


class _Page:
    """The cells of one page, in rows of its own."""

    def __init__(
        self,
        plan: PagePlan,
        conventions: Conventions,
        language: Language,
        decimals: int,
        step: int,
        form: Form | None,
    ) -> None:
        self._plan, self._conventions, self._language = plan, conventions, language
        self._decimals, self._step, self._form = decimals, step, form
        self._words = language.page
        self._last = len(plan.sizes) - 1

    def cells(self, numbers: Mapping[Use, float]) -> Cells:
        cells: Cells = dict(self._head())
        for mark in self._plan.marks:
            cells.update(self._marked(mark))
        for term, place in self._plan.places.items():
            use = Use(term, self._step)
            cells[place] = NewCell(numbers.get(use), self._look(term))
        if self._form is not None:
            row = self._plan.question_row
            if self._form.question:
                cells[row, CAPTION] = NewCell(self._form.question, Look(middle=True))
            cells |= {(row + 1, column): NewCell(None, _LINE) for column in range(self._plan.width)}
            cells.update(self._form.more)
        return cells

    def _look(self, term: Term) -> Look:
        if self._form is not None and Use(term, self._step) in self._form.blanks:
            return Look(boxed=True, unlocked=True, align="right", middle=True, decimals=self._decimals)
        usual = looks.RATE if term == LEARNING_RATE else looks.look(term)
        if term.kind == "new":
            usual = looks.look(term._replace(kind="w"))
        computed = not (
            term == LEARNING_RATE
            or term.kind == "target"
            or (term.kind, term.layer) == ("a", 0)
            or (term.kind == "w" and self._step == 0)
        )
        return replace(
            usual, decimals=self._decimals if computed else None, align="right", middle=True, centred=False
        )

    def _head(self) -> Iterator[tuple[tuple[int, int], NewCell]]:
        """Yield what stands above the first section."""
        net, form = sizes_text(self._plan.sizes), self._form
        title = self._words["title"].format(net=net, step=self._step)
        yield (TITLE, CAPTION), NewCell(title, _TITLE)
        yield (TOLD, CAPTION), NewCell(self._words["change"] if form is None else form.told, _TOLD)
        settings = settings_text(self._conventions, self._language)
        if settings:
            yield (RATE_ROW, CAPTION), NewCell(settings, Look(middle=True))
        rate = self._plan.places[LEARNING_RATE]
        yield (rate.row, rate.column - 1), NewCell(self._words["rate"], _SIDE_LABEL)
        if form is not None:
            name, number = form.head
            yield (TITLE, RULE), NewCell(name, Look(middle=True))
            yield (TITLE, self._plan.width - 1), NewCell(number, Look(bold=True, align="right", middle=True))

    def _marked(self, mark: Mark) -> Iterator[tuple[tuple[int, int], NewCell]]:
        """Yield what a mark of the plan puts on the page."""
        if mark.kind == "section":
            yield from self._titled(mark)
        elif mark.kind == "caption":
            assert mark.caption is not None
            yield mark.position, NewCell(caption_text(mark.caption, self._words["new"]), _CAPTION)
        elif mark.kind == "neuron":
            yield mark.position, NewCell(neuron_text(mark.layer, mark.i, self._last), _NEURON)
        elif mark.kind == "source":
            yield mark.position, NewCell(f"a{mark.i}", _SOURCE)
            if mark.i == 0:
                yield (mark.position.row, LABEL), NewCell(self._words["from"], _SOURCE)
        elif mark.kind == "bias":
            yield mark.position, NewCell(self._words["bias"], _SOURCE)
        elif mark.kind == "one":
            yield mark.position, NewCell(1.0, Look(colour=_GREY, align="right", middle=True))
            yield (
                (mark.position.row - 1, self._plan.side),
                NewCell(self._words["bias_node"], _ASIDE),
            )
        elif mark.kind == "target":
            yield mark.position, NewCell(label(Term("target", 0, mark.i)), _NEURON)
        elif mark.kind == "cost":
            yield mark.position, NewCell("C", _NEURON)
        elif self._form is not None and self._asks("delta", mark.layer):
            yield mark.position, NewCell(self._form.working, _ASIDE)
            row = mark.position.row
            for column in range(mark.position.column + 1, self._plan.width):
                yield (row, column), NewCell(None, _LINE)

    def _titled(self, mark: Mark) -> Iterator[tuple[tuple[int, int], NewCell]]:
        """Yield the title of a section, its number, its rule, and whether it is given."""
        row, number = mark.position.row, list(self._plan.sections).index(mark.section) + 1
        name, rule = self._named(mark.section, number)
        status = ""
        if self._form is not None:
            status = f"  {self._form.asked if self._is_asked(mark.section) else self._form.given}".rstrip()
        for column in range(self._plan.width):
            yield (row, column), NewCell(None, _RULE)
        yield (row, CAPTION), NewCell(f"{number} {name}{status}", _SECTION)
        yield (row, RULE), NewCell(rule, _RULE)

    def _named(self, section: Section, number: int) -> tuple[str, str]:
        """Return a section's name and its rule."""
        words, sizes, conventions = self._words, self._plan.sizes, self._conventions
        if section == "forward":
            return words["forward"], forward_rule(self._last, conventions)
        if section == "cost":
            return words["cost"], cost_rule(sizes[-1], conventions)
        if section == "output":
            return words["output"], output_rule(self._last, sizes[-1], conventions)
        if section == "hidden":
            name = words["hidden" if self._last == 2 else "hidden_layers"]
            return name, hidden_rule(sizes, conventions)
        if section == "gradient":
            return words["gradient"], gradient_rule(conventions, self._language)
        return words["new_weights"], new_rule(conventions, number - 1, number, self._language)

    def _is_asked(self, section: Section) -> bool:
        """Tell whether something of a section is to be filled in."""
        if section == "output":
            return self._asks("delta", self._last)
        if section == "hidden":
            return any(self._asks("delta", layer) for layer in range(1, self._last))
        kinds = {"forward": "a", "cost": "cost", "gradient": "gradient", "new": "new"}
        return self._asks(kinds[section])

    def _asks(self, kind: str, layer: int | None = None) -> bool:
        return self._form is not None and any(
            use.term.kind == kind and layer in (None, use.term.layer) and use.step == self._step
            for use in self._form.blanks
        )
