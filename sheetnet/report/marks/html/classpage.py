"""The page of a class: which mistakes, which blanks were hardest, how the marks lie, and every student."""

from collections.abc import Sequence
from fractions import Fraction

from sheetnet.marking.marks import MarkedClass, MarkedStudent
from sheetnet.report.html.document import document
from sheetnet.report.html.markup import Child, Markup, clipped, element
from sheetnet.report.marks.html.bars import bar, histogram, patterns, stack, stack_key
from sheetnet.report.marks.html.names import student_link
from sheetnet.report.marks.html.statistics import blank_counts, mean, spread
from sheetnet.report.marks.html.studentpage import MOST_NAME, STYLE
from sheetnet.report.marks.html.view import MarkView, counted
from sheetnet.report.marks.summary import Summary

MOST_MISTAKES = 15
"""Mistakes that have a bar."""
MOST_BLANKS = 20
"""Blanks that have a bar."""
MOST_FILES = 200
"""Files that were not marked and are listed."""


def class_page(marked: MarkedClass, language: str = "en") -> str:
    """Return the page of a class, which leads to those of its students and needs nothing else.

    `language` is ``en`` or ``da``. Everything from files and lists is escaped.
    """
    view = MarkView.of(marked, language)
    say = view.say
    return document(
        say("class_title", net=view.net),
        patterns(),
        _head(view, marked),
        element(
            "main",
            _mistakes(view, marked),
            _hardest(view, marked),
            _spread(view, marked),
            _students(view, marked),
            _without(view, marked),
            _unmarked(view, marked),
            class_="class",
        ),
        element("footer", element("p", say("class_footer"))),
        style=STYLE,
        language=say.code,
    )


def _head(view: MarkView, marked: MarkedClass) -> Markup:
    say = view.say
    told = [view.net, say("level", level=view.manifest.level)] if view.manifest.level else [view.net]
    everybody = len(view.manifest.students)
    summary = say(
        "marked",
        marked=len(marked.students),
        all=say.count(everybody, "students"),
        mean=view.percent(mean(marked), Fraction(1)),
    )
    return element(
        "header",
        element("h1", say("class_title", net=view.net)),
        element("p", ", ".join(told[1:]), class_="tally") if told[1:] else None,
        element("p", summary if marked.students else say("nobody"), class_="total"),
        class_="head",
    )


def _mistakes(view: MarkView, marked: MarkedClass) -> Markup | None:
    """Return which mistakes were made, a bar each."""
    say, found = view.say, Summary.of(marked).mistakes
    everybody = len(marked.students)
    if not everybody:
        return None
    rows = []
    for each in found[:MOST_MISTAKES]:
        title, students = view.title(each.code), say.count(each.students, "students")
        drawing = bar(
            say("misconception_title", title=title, students=students),
            say(
                "misconception_desc",
                part=view.percent(Fraction(each.students), Fraction(everybody)),
                blanks=say.count(each.blanks, "blanks"),
            ),
            each.students / everybody,
        )
        told = f"{students}, {say.count(each.blanks, 'blanks')}"
        rows.append([[title, " ", element("code", each.code)], drawing, told])
    if not rows:
        return element(
            "section", element("h2", say("misconceptions")), element("p", say("no_misconceptions"))
        )
    left_out = len(found) - MOST_MISTAKES
    return element(
        "section",
        element("h2", say("misconceptions")),
        element("p", say("misconceptions_told"), class_="note"),
        _bars(say("misconceptions"), [say("mistake"), say("students_with"), say("how_many")], rows),
        element("p", f"… {say.count(left_out, 'more')}", class_="note") if left_out > 0 else None,
    )


def _hardest(view: MarkView, marked: MarkedClass) -> Markup | None:
    """Return how each blank went, a bar of the verdicts each."""
    say, found = view.say, blank_counts(marked)
    if not found:
        return None
    rows = []
    for each in found[:MOST_BLANKS]:
        entry = view.entries(each.student).get(each.blank.name)
        name = view.stepped(view.term(each.blank, entry), each.blank.step)
        share = view.percent(each.share, Fraction(1))
        rows.append([name, stack(view, name, each.counts, desc=say("bar_desc", mean=share)), share])
    told = say("shown_of", shown=len(rows), all=say.integer(len(found)))
    return element(
        "section",
        element("h2", say("hardest")),
        element("p", say("hardest_told"), class_="note"),
        stack_key(view),
        _bars(say("hardest"), [say("blank"), say("students_with"), say("earned")], rows, "blanks"),
        element("p", told, class_="note") if len(rows) < len(found) else None,
    )


def _spread(view: MarkView, marked: MarkedClass) -> Markup | None:
    say = view.say
    if not marked.students:
        return None
    return element(
        "section", element("h2", say("distribution")), element("figure", histogram(view, spread(marked)))
    )


def _bars(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[Child]], kind: str = "mistakes"
) -> Markup:
    """Return a table of bars: what each is about, the bar, and what it says as a number."""
    body = [
        element(
            "tr",
            element("th", name, scope="row"),
            element("td", drawing, class_="drawn"),
            element("td", told, class_="told"),
        )
        for name, drawing, told in rows
    ]
    return element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", element("tr", [element("th", head, scope="col") for head in heads])),
        element("tbody", body),
        class_=f"bars {kind}",
    )


# ---------------------------------------------------------------- lists


def _students(view: MarkView, marked: MarkedClass) -> Markup | None:
    """Return all students with their marks, each leading to a page of its own."""
    if not marked.students:
        return None
    say = view.say
    heads = [element("th", say(key), scope="col") for key in ("id", "name", "mark", "share", "blanks")]
    return _table(view, "table", heads, [_student(view, student) for student in marked.students], "students")


def _student(view: MarkView, student: MarkedStudent) -> Markup:
    name = clipped(student.name or student.id, MOST_NAME)
    return element(
        "tr",
        element(
            "th", element("a", clipped(student.id, MOST_NAME), href=student_link(student.id)), scope="row"
        ),
        element("td", clipped(student.name, MOST_NAME)),
        element("td", view.earned(student.earned, student.of), class_="number"),
        element("td", view.percent(student.earned, student.of), class_="number"),
        element("td", stack(view, name, counted(student.blanks)), class_="drawn"),
    )


def _without(view: MarkView, marked: MarkedClass) -> Markup | None:
    if not marked.without:
        return None
    items = []
    for id in marked.without:
        name = view.name(id)
        items.append(element("li", clipped(f"{id} {name}" if name else id, MOST_NAME)))
    heading = f"{view.say('without')} ({view.say.integer(len(items))})"
    return element("section", element("h2", heading), element("ul", items, class_="names"))


def _unmarked(view: MarkView, marked: MarkedClass) -> Markup | None:
    """Return the files that were not marked, with the reasons."""
    if not marked.unmarked:
        return None
    say = view.say
    heads = [element("th", say(key), scope="col") for key in ("file_name", "reason", "whose")]
    rows = [
        element(
            "tr",
            element("th", clipped(each.file, MOST_NAME), scope="row"),
            element("td", clipped(each.reason, 2 * MOST_NAME)),
            element("td", clipped(each.student, MOST_NAME)),
        )
        for each in marked.unmarked[:MOST_FILES]
    ]
    return _table(view, "unmarked", heads, rows, "files", left_out=len(marked.unmarked) - MOST_FILES)


def _table(
    view: MarkView, key: str, heads: Sequence[Markup], rows: Sequence[Markup], kind: str, left_out: int = 0
) -> Markup:
    say = view.say
    table = element(
        "table",
        element("caption", say(key), class_="unseen"),
        element("thead", element("tr", heads)),
        element("tbody", rows),
        class_=f"listed {kind}",
    )
    return element(
        "section",
        element("h2", say(key)),
        element("div", table, class_="scroll", tabindex="0", role="region", aria_label=say(key)),
        element("p", f"… {say.count(left_out, 'more')}", class_="note") if left_out > 0 else None,
    )
