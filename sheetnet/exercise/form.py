"""The form of an exercise: its sheet before numbers are poured in, its boxes named, checked and unlocked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Area
from sheetnet.book.skeleton import Look, NewBook, NewCell, NewSheet, Validation
from sheetnet.design.blank import blank
from sheetnet.design.page import Form, page_sheet
from sheetnet.design.rowform import HEAD, row_sheet
from sheetnet.design.rules import question_term
from sheetnet.exercise.levels import FIND
from sheetnet.exercise.manifest import Answers, Paper
from sheetnet.exercise.words import words
from sheetnet.layout.language import language
from sheetnet.layout.layout import Layout
from sheetnet.layout.page import FIRST, RULE, TITLE, PagePlan, page_plan
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term, Use, named

NAME = "blank_{:03d}"
"""The defined name of a box; one such as w01 is a cell's address to Excel."""
STUDENT = "student"
"""The defined name of the cell with the student's id."""
_BOX = Look(boxed=True, unlocked=True, middle=True)
_WORD = Look(colour="595959", middle=True)
_VERDICT = Look(size=8, middle=True)
_TITLE, _HINT = 32, 255
"""Characters that Excel shows of a box's title, and of what is said about it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a worksheet is to be like; `asked` are the terms of each step that are left blank.

    With none of them a complete sheet is made in which one mistake is to be found. `feedback` puts verdicts
    beside the gradients.
    """

    sizes: tuple[int, ...]
    conventions: Conventions
    asked: tuple[Term, ...]
    level: int = 3
    paper: Paper = "page"
    steps: int = 1
    answers: Answers = "numbers"
    decimals: int = 4
    feedback: bool = False
    lang: str = "en"
    patterns: int = 1

    @property
    def finds(self) -> bool:
        """Whether a mistake is to be found."""
        return not self.asked and self.level == FIND

    @property
    def blanks(self) -> tuple[Use, ...]:
        """The cells that are left blank, step by step."""
        return tuple(Use(term, step) for step in range(self.steps) for term in self.asked)


@dataclass(frozen=True, slots=True)
class Made:
    """A form: its workbook, and the places of what is written into it for each student.

    `heads` are the cells of name and number, a pair a page; `boxes` the cells by their defined names, in the
    order of the blanks, of a sheet with a mistake those for its cell and for the right number; `verdicts`
    those beside the gradients.
    """

    book: NewBook
    heads: tuple[tuple[Place, Place], ...]
    boxes: Mapping[str, Place]
    verdicts: Mapping[Use, Place]


def form_of(request: Request, created: datetime, *, key: bool = False) -> Made:
    """Return the form of a worksheet; that of a `key` is not protected, and says that it is one."""
    return _Maker(request, created, key=key).made()


class _Maker:
    """Makes a form in either layout."""

    def __init__(self, request: Request, created: datetime, *, key: bool) -> None:
        self._request, self._created, self._key = request, created, key
        self._words, self._language = words(request.lang), language(request.lang)
        self._sheet = self._language.sheet
        self._verdicts: dict[Use, Place] = {}

    def made(self) -> Made:
        if self._request.paper == "page":
            return self._page()
        return self._rows()

    # ------------------------------------------------------------ the two layouts

    def _page(self) -> Made:
        request = self._request
        plan = page_plan(request.sizes, biases=request.conventions.biases != "none")

        def place(use: Use) -> Place:
            at = plan.places[use.term]
            return self._sheet, use.step * plan.pitch + at.row, at.column

        more: dict[tuple[int, int], NewCell] = {}
        boxes = {NAME.format(number): place(use) for number, use in enumerate(request.blanks, start=1)}
        if request.finds:
            more, boxes = self._found(plan.question_row, (4, plan.side))
        elif request.feedback:
            more |= self._page_verdicts(plan)
        form = self._form(boxes, more)
        sheet = page_sheet(
            request.sizes,
            request.conventions,
            {},
            name=self._sheet,
            steps=request.steps,
            language=self._language,
            decimals=request.decimals,
            form=form,
        )
        heads = tuple(
            (
                (self._sheet, step * plan.pitch + TITLE, RULE),
                (self._sheet, step * plan.pitch + TITLE, plan.width - 1),
            )
            for step in range(request.steps)
        )
        return Made(self._book(sheet, boxes, heads[0][1]), heads, boxes, self._verdicts)

    def _page_verdicts(self, plan: PagePlan) -> dict[tuple[int, int], NewCell]:
        """Return the cells of a page for verdicts, each in the row of its gradient, and their heads."""
        more: dict[tuple[int, int], NewCell] = {}
        for use in self._request.blanks:
            if use.term.kind == "gradient":
                at = plan.places[use.term]
                column = plan.side + at.column - FIRST
                self._verdicts[use] = self._sheet, use.step * plan.pitch + at.row, column
                more[at.row, column] = NewCell(None, _VERDICT)
                if use.term.i == 0 and use.term.j == 0:
                    more[at.row - 1, plan.side] = NewCell(self._words.form["verdict"], _VERDICT)
        return more

    def _rows(self) -> Made:
        request = self._request
        layout = row_layout(request)

        def place(use: Use) -> Place:
            if use.term.kind == "new":
                found = layout.place(use.term._replace(kind="w"), use.step + 1)
            else:
                found = layout.place(use.term, use.step)
            assert found is not None
            return found

        more: dict[tuple[int, int], NewCell] = {}
        boxes = {NAME.format(number): place(use) for number, use in enumerate(request.blanks, start=1)}
        if request.finds:
            more, boxes = self._found(layout.last_row + 2, (4, 10))
        elif request.feedback:
            more |= self._row_verdicts(layout)
        sheet = row_sheet(layout, self._form(boxes, more), self._language, request.decimals)
        heads = ((self._sheet, *HEAD[0]), (self._sheet, *HEAD[1]))
        return Made(self._book(sheet, boxes, heads[1]), (heads,), boxes, self._verdicts)

    def _row_verdicts(self, layout: Layout) -> dict[tuple[int, int], NewCell]:
        """Return the cells right of the table for verdicts, and their heads."""
        more: dict[tuple[int, int], NewCell] = {}
        column = max(layout.columns.values()) + 2
        more[layout.label_row - 2, column] = NewCell(self._words.form["verdict"], Look(bold=True))
        for term in dict.fromkeys(use.term for use in self._request.blanks if use.term.kind == "gradient"):
            more[layout.label_row, column] = NewCell(
                f"✓ {named(term._replace(kind='w'))}", Look(bold=True, ruled=True)
            )
            for step in range(self._request.steps):
                place = layout.first_row + step, column
                self._verdicts[Use(term, step)] = self._sheet, *place
                more[place] = NewCell(None, _VERDICT)
            column += 1
        return more

    # ------------------------------------------------------------ what both have

    def _found(
        self, row: int, columns: tuple[int, int]
    ) -> tuple[dict[tuple[int, int], NewCell], dict[str, Place]]:
        """Return the boxes for a mistake's cell and for the right number, and what stands beside them."""
        first, second = columns
        said = self._words.form
        more = {
            (row, 0): NewCell(said["cell"], _WORD),
            (row, first - 1): NewCell(None, _BOX),
            (row, first): NewCell(f"  {said['value']}", _WORD),
            (row, second + 2): NewCell(None, replace(_BOX, decimals=self._request.decimals)),
            (row + 1, 0): NewCell(said["why"], _WORD),
        }
        boxes = {
            NAME.format(1): (self._sheet, row, first - 1),
            NAME.format(2): (self._sheet, row, second + 2),
        }
        return more, boxes

    def _form(self, boxes: Mapping[str, Place], more: Mapping[tuple[int, int], NewCell]) -> Form:
        request, said = self._request, self._words.form
        told = said["find" if request.finds else request.answers].format(decimals=request.decimals)
        return Form(
            blanks=frozenset(request.blanks),
            told=f"{said['key']}.  {told}" if self._key else told,
            given="" if request.finds else said["given"],
            asked=said["asked"],
            head=("", ""),
            working=said["working"],
            question="" if request.finds else self._question(),
            more=more,
            validations=() if self._key else tuple(self._validations(boxes)),
            protected=not self._key,
            headed=request.finds,
        )

    def _question(self) -> str:
        pair = question_term(self._request.sizes)
        if pair is None:
            return self._words.questions["rate"]
        return self._words.questions["hidden"].format(right=pair[0], wrong=pair[1])

    def _validations(self, boxes: Mapping[str, Place]) -> Sequence[Validation]:
        """Return what may be entered, a box each; the cell of a mistake may be any text."""
        request, said = self._request, self._words.boxes
        if request.finds:
            return [self._number(boxes[NAME.format(2)], self._words.form["value"])]
        kind: Callable[[Place, str], Validation] = (
            self._number if request.answers == "numbers" else self._formula
        )
        return [
            kind(place, said["title"].format(term=named(use.term), step=use.step))
            for use, place in zip(request.blanks, boxes.values(), strict=True)
        ]

    def _number(self, place: Place, title: str) -> Validation:
        said, decimals = self._words.boxes, self._request.decimals
        hint, error = (said[key].format(decimals=decimals) for key in ("number_hint", "number_error"))
        return Validation((_cell(place),), "number", title[:_TITLE], hint[:_HINT], error)

    def _formula(self, place: Place, title: str) -> Validation:
        said = self._words.boxes
        return Validation(
            (_cell(place),), "formula", title[:_TITLE], said["formula_hint"], said["formula_error"]
        )

    def _book(self, sheet: NewSheet, boxes: Mapping[str, Place], number: Place) -> NewBook:
        names = {name: _cell(place) for name, place in {**boxes, STUDENT: number}.items()}
        return NewBook((sheet,), self._created, self._request.lang, names=names)


def row_layout(request: Request) -> Layout:
    """Return where everything stands in a worksheet of rows, a row for the last new weights included."""
    return blank(
        request.sizes,
        request.conventions,
        sheet=language(request.lang).sheet,
        learning_rate=1.0,
        patterns=1,
        steps=request.steps + 1,
    )


def _cell(place: Place) -> Area:
    sheet, row, column = place
    return Area(sheet, row, column, row, column)
