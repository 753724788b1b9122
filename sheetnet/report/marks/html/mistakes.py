"""The mistakes of a student as cards: what each is, why it is one, and what is right in each blank."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.marking.marks import MarkedBlank, MarkedStudent
from sheetnet.report.html.markup import Markup, clipped, element
from sheetnet.report.marks.html.view import MOST_SENTENCE, MarkView
from sheetnet.report.marks.verdict import why_text

MOST_BLANKS = 4
"""Blanks that a card works out; the others are named."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Blanks with one mistake, in the order of the sheet; `code` is empty where none is known."""

    code: str
    why: str
    blanks: tuple[MarkedBlank, ...]


@dataclass(frozen=True)
class StudentView:
    """A student's blanks and mistakes; a mistake is numbered from 1, in the order of the sheet."""

    view: MarkView
    student: MarkedStudent

    @cached_property
    def terms(self) -> Mapping[str, str]:
        """What each blank is called, by its defined name."""
        entries, view = self.view.entries(self.student.id), self.view
        return {each.name: view.term(each, entries.get(each.name)) for each in self.student.blanks}

    @cached_property
    def mistakes(self) -> Sequence[Mistake]:
        """Mistakes of the catalogue, and blanks that are wrong for no known reason, as they come first."""
        found: dict[tuple[str, str], list[MarkedBlank]] = {}
        unknown = []
        for blank in self.student.blanks:
            if blank.verdict == "misconception" or (blank.code and blank.verdict == "wrong"):
                found.setdefault((blank.code, _why(blank, self.view.say.code)), []).append(blank)
            elif blank.verdict == "wrong":
                unknown.append(blank)
        known = [Mistake(code, why, tuple(blanks)) for (code, why), blanks in found.items()]
        places = {blank.name: at for at, blank in enumerate(self.student.blanks)}
        every = [*known, *([Mistake("", "", tuple(unknown))] if unknown else [])]
        return sorted(every, key=lambda mistake: places[mistake.blanks[0].name])

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of the mistake in each blank that has one, by its defined name."""
        return {
            blank.name: number for number, each in enumerate(self.mistakes, start=1) for blank in each.blanks
        }

    def named(self, blank: MarkedBlank) -> str:
        """Return what a blank is called, with its step where there are several."""
        return self.view.stepped(self.terms[blank.name], blank.step)

    def listed(self, blanks: Sequence[MarkedBlank]) -> str:
        """Return what blanks are called, as a list in prose."""
        return self.view.listed(map(self.named, blanks))


def _why(blank: MarkedBlank, language: str) -> str:
    """Return why a mistake is one; of a code that is not in the catalogue nothing is known."""
    return why_text(blank, language) if blank.code in catalogue(language) else ""


def anchor(number: int) -> str:
    """Return the name of a mistake's card on the page."""
    return f"mistake-{number}"


def mistake_cards(page: StudentView) -> Markup | None:
    """Return the section of mistakes, None where there are none."""
    if not page.mistakes:
        return None
    say = page.view.say
    cards = [_card(page, number, each) for number, each in enumerate(page.mistakes, start=1)]
    return element(
        "section",
        element("h2", say("mistakes")),
        element("p", say("mistakes_told"), class_="note"),
        element("div", cards, class_="cards"),
    )


def _card(page: StudentView, number: int, mistake: Mistake) -> Markup:
    view, say = page.view, page.view.say
    title = view.title(mistake.code) if mistake.code else say("unexplained")
    why = mistake.why if mistake.code else say("unexplained_why")
    code = element("p", element("code", mistake.code), class_="kind") if mistake.code else None
    also = [view.title(each) for each in dict.fromkeys(c for blank in mistake.blanks for c in blank.also)]
    rest = page.listed(mistake.blanks[MOST_BLANKS:])
    return element(
        "article",
        element(
            "header",
            element("span", f"✗ {number}", class_="badge", aria_hidden="true"),
            element("h3", title),
            code,
        ),
        element("p", clipped(why, MOST_SENTENCE), class_="why") if why else None,
        [_worked(page, blank) for blank in mistake.blanks[:MOST_BLANKS]],
        element("p", say("likewise", terms=rest), class_="rest") if rest else None,
        element("p", say("or"), ": ", "; ".join(also), class_="rest") if also else None,
        id=anchor(number),
        class_="card" if mistake.code else "card warning",
    )


def _worked(page: StudentView, blank: MarkedBlank) -> Markup:
    """Return a blank with what was found, what is right, and how that is worked out."""
    view, say = page.view, page.view.say
    names = (say("found"), say("expected"), say("working"))
    return element(
        "div",
        element("h4", page.named(blank)),
        element("dl", _entries(view, blank, names)),
        class_="worked",
    )


def _entries(view: MarkView, blank: MarkedBlank, names: tuple[str, str, str]) -> Iterator[Markup]:
    answer = view.answer(blank)
    if blank.value is not None and blank.answer.startswith("="):
        answer = f"{answer} = {view.say.number(blank.value)}"
    texts = (answer, view.expected(blank), view.working(blank))
    for name, text, kind in zip(names, texts, ("value", "value", "line"), strict=True):
        if text:
            yield element("div", element("dt", name), element("dd", text, class_=kind))
