"""The page of a student: the mark, what went wrong first, every blank, and what to look at next."""

import re
from collections.abc import Iterator
from pathlib import Path

from sheetnet.marking.marks import MarkedClass, MarkedStudent
from sheetnet.report.html.document import document
from sheetnet.report.html.markup import Markup, clipped, element
from sheetnet.report.marks.html.bars import patterns, stack, stack_key
from sheetnet.report.marks.html.blocks import block_sections
from sheetnet.report.marks.html.mistakes import StudentView, anchor, mistake_cards
from sheetnet.report.marks.html.view import MOST_SENTENCE, MOST_TEXT, MarkView, counted

STYLE = Path(__file__).with_name("marks.css")
"""The style of pages of marks."""
MOST_NAME = 120
"""Characters of a student's or a file's name that are shown."""
MOST_NEXT = 5
"""Things to look at next that are told."""
MOST_CHANGED = 40
"""Given numbers that were changed and are shown."""


def student_page(marked: MarkedClass, student: MarkedStudent, language: str = "en") -> str:
    """Return a student's page, which needs nothing beside itself and prints on A4.

    `language` is ``en`` or ``da``. Everything that the student typed is escaped.
    """
    page = StudentView(MarkView.of(marked, language), student)
    say = page.view.say
    name = clipped(student.name or say("number", id=student.id), MOST_NAME)
    return document(
        say("student_title", name=name),
        patterns(),
        _head(page, name),
        element(
            "main",
            mistake_cards(page),
            _changed(page),
            _next(page),
            element("section", element("h2", say("sheet")), list(block_sections(page))),
            class_="student",
        ),
        element("footer", element("p", say("student_footer"))),
        style=STYLE,
        language=say.code,
    )


def _head(page: StudentView, name: str) -> Markup:
    view, say, student = page.view, page.view.say, page.student
    counts = counted(student.blanks)
    told = [view.net, say("level", level=view.manifest.level)] if view.manifest.level else [view.net]
    told += [say("number", id=clipped(student.id, MOST_NAME))] if student.name else []
    files = [element("p", say("file", file=clipped(_own_name(student.file), MOST_NAME)), class_="note")]
    if student.others:
        others = view.listed(clipped(_own_name(each), MOST_TEXT) for each in student.others)
        files.append(element("p", say("others", files=others), class_="note"))
    return element(
        "header",
        element("h1", name),
        element("p", ", ".join(told), class_="tally"),
        element(
            "p",
            element("strong", view.earned(student.earned, student.of), class_="mark"),
            " ",
            element("span", view.percent(student.earned, student.of), class_="share"),
            class_="total",
        ),
        stack(view, say("sheet"), counts),
        stack_key(view, counts),
        files,
        class_="head",
    )


def _own_name(file: str) -> str:
    """Return a file's name without the folders and zips of the teacher's that it was found in."""
    return re.split(r"[/\\]", file)[-1]


def _changed(page: StudentView) -> Markup | None:
    """Return the given numbers that were changed, as a table."""
    view, say, changed = page.view, page.view.say, page.student.changed
    if not changed:
        return None
    heads = [element("th", say(key), scope="col") for key in ("term", "was", "is", "cell")]
    rows = [
        element(
            "tr",
            element("th", view.stepped(clipped(each.term, MOST_TEXT), each.step), scope="row"),
            [element("td", view.number(value), class_="number") for value in (each.given, each.found)],
            element("td", clipped(each.cell, MOST_TEXT)),
        )
        for each in changed[:MOST_CHANGED]
    ]
    left_out = len(changed) - MOST_CHANGED
    table = element("table", element("thead", element("tr", heads)), element("tbody", rows), class_="listed")
    return element(
        "section",
        element("h2", say("changed")),
        element("p", say("changed_told"), class_="note"),
        element("div", table, class_="scroll", tabindex="0", role="region", aria_label=say("changed")),
        element("p", f"… {say.count(left_out, 'more')}", class_="note") if left_out > 0 else None,
    )


def _next(page: StudentView) -> Markup:
    items = list(_advice(page))
    return element(
        "section",
        element("h2", page.view.say("next")),
        element("ol", items[:MOST_NEXT]) if items else element("p", page.view.say("nothing")),
        class_="next",
    )


def _advice(page: StudentView) -> Iterator[Markup]:
    """Yield what to do, first causes first."""
    view, say, student = page.view, page.view.say, page.student
    if student.changed:
        yield element("li", say("next_changed"))
    for number, each in enumerate(page.mistakes, start=1):
        terms = page.listed(each.blanks)
        if each.code:
            text = say("next_mistake", terms=terms, title=view.title(each.code), number=number)
            yield element("li", element("a", clipped(text, MOST_SENTENCE), href=f"#{anchor(number)}"))
        else:
            yield element("li", say("next_wrong", terms=terms))
    for verdict in ("empty", "unreadable", "missing", "rounded", "typed"):
        blanks = [blank for blank in student.blanks if blank.verdict == verdict]
        if blanks:
            text = say(f"next_{verdict}", terms=page.listed(blanks), decimals=view.manifest.decimals)
            yield element("li", text)
    texts = [blank for blank in student.blanks if blank.as_text]
    if texts:
        yield element("li", say("next_text", terms=page.listed(texts)))
