"""The pages of marks: what they show, that they are sound and harmless, and how a browser shows them."""

import base64
import hashlib
import random
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from sheetnet import Conventions
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.exercise.levels import asked_terms
from sheetnet.exercise.manifest import BlankEntry, Entry, Manifest
from sheetnet.marking.marks import VERDICTS, Changed, MarkedBlank, MarkedClass, MarkedStudent, Unmarked
from sheetnet.net.terms import Term, named
from sheetnet.report.marks import html as report
from sheetnet.report.marks.html import CLASS_FILE, class_page, mark_pages, student_file, student_page
from sheetnet.report.marks.html.blocks import MOST_COLUMNS, blocks
from sheetnet.report.marks.html.mistakes import MOST_BLANKS, StudentView
from sheetnet.report.marks.html.statistics import blank_counts, mean, spread
from sheetnet.report.marks.html.view import GROUP, GROUPS, SIGNS, MarkView, counted
from tests.marked import HOSTILE, hostile_class, marked_class
from tests.pages import Page
from tests.witnesses import chromium

LANGUAGES = Path(report.__file__).with_name("languages")
MOST_BYTES = 300_000
NAMES = (
    *(
        "Anna Ørsted",
        "Bo Åkjær",
        "Clara",
        "Ditte-Marie Højbjerg Rasmussen",
        "Emil",
        "Freja",
        "Gustav",
        "Hanne",
    ),
    *("Ida", "Jens", "Karla", "Lars", "Mia", "Nikolaj", "Oda", "Peter", "Rikke", "Søren", "Tove", "Ulla"),
)
CODES: Mapping[str, str] = {
    "delta": "delta-hidden-untransposed",
    "gradient": "gradient-other-layer",
    "new": "update-no-rate",
    "a": "forward-no-bias",
    "cost": "cost-no-half",
}
WORKING: Mapping[str, str] = {
    "delta": "a0·(1-a0)·(δ0·w00 + δ1·w10) = 0.677·0.323·(-0.0495·0.7 + 0.103·1.4) = 0.0239",
    "gradient": "δ0·a0 = 0.0239·0.5 = 0.0120",
    "new": "w00 - γ·dC/dw00 = 0.7 - 0.4·(-0.0335) = 0.7134",
}


def _made(term: Term, entry: BlankEntry, skill: float, dice: random.Random) -> MarkedBlank:
    """Return a blank as a student of so much skill, 0 … 1, may fill it."""
    value = entry.expected
    assert isinstance(value, float)
    right = MarkedBlank(
        entry.name, entry.term, entry.step, "right", f"{value:.4f}", value, value, Fraction(1), Fraction(1),
        entry.cell,
    )  # fmt: skip
    none = Fraction(0)
    thrown = dice.random()
    if thrown < skill:
        return replace(right, verdict="own", details={"own": "δ0"}) if dice.random() < 0.3 else right
    kind = dice.choice(
        ["mistake"] * 5 + ["wrong", "empty", "rounded", "typed", "text", "unreadable", "missing"]
    )
    wrong = value + 0.0123
    if kind == "mistake":
        return replace(
            right, verdict="misconception", answer=f"{wrong:.4f}", value=wrong, earned=none,
            code=CODES[term.kind], working=WORKING.get(term.kind, ""),
        )  # fmt: skip
    if kind == "wrong":
        working = WORKING.get(term.kind, "")
        return replace(
            right, verdict="wrong", answer=f"{wrong:.4f}", value=wrong, earned=none, working=working
        )
    if kind in ("rounded", "text"):
        text = f"{value:.2f}" if kind == "rounded" else f"{value:.2f}".replace(".", ",")
        return replace(
            right, verdict="rounded", answer=text, value=float(f"{value:.2f}"), earned=Fraction(1, 2),
            decimals=2, as_text=kind == "text",
        )  # fmt: skip
    if kind == "typed":
        return replace(right, verdict="typed", earned=Fraction(1, 2))
    if kind == "unreadable":
        return replace(
            right, verdict="unreadable", answer="ved ikke", value=None, earned=none, reason="a text"
        )
    return replace(
        right, verdict="empty" if kind == "empty" else "missing", answer="", value=None, earned=none
    )


@cache
def _class(sizes: tuple[int, ...] = (2, 2, 2), steps: int = 1, students: int = 20) -> MarkedClass:
    """Return a class at level 3 in which every kind of verdict is given."""
    dice = random.Random(7)
    asked = asked_terms(sizes, 3)
    entries, marked = [], []
    for number, name in enumerate(NAMES[:students]):
        id = f"s{number + 1:02}"
        uses = [(term, step) for step in range(steps) for term in asked]
        blanks = tuple(
            BlankEntry(
                f"blank_{at:03}", named(term), term.kind, term.layer, term.i, term.j, step,
                round(dice.uniform(-1, 1), 6), "1", 5e-5, f"Sheet1.D{at + 10}",
            )
            for at, (term, step) in enumerate(uses, start=1)
        )  # fmt: skip
        weights = tuple(
            tuple(tuple(0.1 for _ in range(before + 1)) for _ in range(after))
            for before, after in pairwise(sizes)
        )
        entries.append(
            Entry(
                id, name, f"students/{id}.xlsx", "0" * 64, 0.4, ((0.5,) * sizes[0],), ((0.9,) * sizes[-1],),
                weights, blanks,
            )
        )  # fmt: skip
        skill = dice.uniform(0.35, 1.05)
        made = tuple(_made(term, blank, skill, dice) for (term, _), blank in zip(uses, blanks, strict=True))
        changed = (Changed("w00(1)", 0, -1.0, 1.0, "Sheet1.D8"), Changed("T0", 0, 0.9, None, "Sheet1.I9"))
        marked.append(
            MarkedStudent(
                id, name, f"{id}_{name}_aflevering.xlsx", made, changed if number == 0 else (),
                ("s01 (kopi).xlsx",) if number == 0 else (),
            )
        )  # fmt: skip
    manifest = Manifest(
        1, "sheetnet", 7, sizes, Conventions(), 4, "page", 3, "numbers", tuple(entries), steps
    )
    return MarkedClass(
        manifest,
        tuple(marked[:-2]),
        (marked[-2].id, marked[-1].id),
        (
            Unmarked("Opgave 3 (1).docx", "not a workbook"),
            Unmarked(
                "s19.xlsx", "the workbook is damaged: no such part xl/workbook.xml; save it again", "s19"
            ),
        ),
    )


def _find() -> MarkedClass:
    """Return a class that was to find a mistake: a cell, and the number that should stand there."""
    made = _class(students=3)
    entries, students = [], []
    for entry, student in zip(made.manifest.students, made.students, strict=False):
        first, second = entry.blanks[:2]
        cell = replace(first, term="δ0(1)", kind="cell", expected="D20")
        value = replace(second, term="δ0(1)", kind="delta")
        entries.append(replace(entry, blanks=(cell, value)))
        blanks = (
            replace(
                student.blanks[0], term="δ0(1)", verdict="wrong", answer="D21", value=None, expected="D20"
            ),
            replace(student.blanks[1], term="δ0(1)", verdict="right"),
        )
        students.append(replace(student, blanks=blanks))
    manifest = replace(made.manifest, level=7, students=(*entries, *made.manifest.students[len(entries) :]))
    return replace(made, manifest=manifest, students=tuple(students))


def _alone(**other: object) -> MarkedClass:
    """Return a class of one student with one blank, which is right but for what is given."""
    made = _class(students=3)
    first = made.students[0]
    blank = replace(
        first.blanks[0], verdict="right", answer="0.5", value=0.5, expected=0.5, code="", working="",
        as_text=False, earned=Fraction(1), details={}, reason="",
    )  # fmt: skip
    blank = replace(blank, **other)  # type: ignore[arg-type]
    return replace(made, students=(replace(first, blanks=(blank,), changed=(), others=()),))


def _none() -> MarkedClass:
    made = _class()
    return replace(made, students=(), without=tuple(entry.id for entry in made.manifest.students))


def _first(marked: MarkedClass, language: str = "en") -> str:
    return student_page(marked, marked.students[0], language)


PAGES: dict[str, Callable[[str], str]] = {
    "class": lambda language: class_page(_class(), language),
    "student": lambda language: _first(_class(), language),
    "one of each verdict": lambda language: _first(marked_class(), language),
    "class of four": lambda language: class_page(marked_class(), language),
    "wide net": lambda language: _first(_class((4, 8, 8, 9), 1, 3), language),
    "wide class": lambda language: class_page(_class((4, 8, 8, 9), 1, 3), language),
    "two steps": lambda language: _first(_class(steps=2), language),
    "a mistake to find": lambda language: _first(_find(), language),
    "class with it": lambda language: class_page(_find(), language),
    "nobody": lambda language: class_page(_none(), language),
    "all right": lambda language: _first(_alone(), language),
}
pages = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
languages = pytest.mark.parametrize("language", ["en", "da"])


# --------------------------------------------------------------------------------------------- sound


@pages
@languages
def test_markup_is_sound(page: Callable[[str], str], language: str) -> None:
    """Elements are closed, names unique, no heading level is skipped, heads have a scope, drawings a title."""
    parsed = Page(page(language))
    anchors = parsed.anchors
    assert len(anchors) == len(set(anchors))
    levels = [int(e.tag[1]) for e in parsed.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(e.attributes.get("scope") in ("row", "col") for e in parsed.of("th"))
    drawn = [e for e in parsed.of("svg") if e.attributes.get("aria-hidden") != "true"]
    assert all(e.attributes.get("role") == "img" for e in drawn)
    assert len(parsed.of("title")) == len(drawn) + 1
    assert all(
        e.attributes.get("aria-label") for e in parsed.elements if e.attributes.get("role") == "region"
    )
    assert parsed.of("html")[0].attributes["lang"] == language
    for fill in (e.attributes["fill"] for e in parsed.of("rect") if "fill" in e.attributes):
        assert re.fullmatch(r"url\(#(.*)\)", fill or "")
        assert (fill or "")[5:-1] in anchors


@pages
def test_nothing_comes_from_elsewhere(page: Callable[[str], str]) -> None:
    """The page has no scripts, pictures, frames or fonts, and lets its browser have none but its own style."""
    text = page("en")
    parsed = Page(text)
    foreign = {"script", "link", "img", "image", "iframe", "object", "embed", "base", "use", "form"}
    assert not parsed.tags.keys() & foreign
    for each in parsed.elements:
        assert not any(name in ("src", "style") or name.startswith("on") for name in each.attributes), each
    (style,) = parsed.of("style")
    assert not re.search(r"url\(|@import|@font-face|expression\(", style.content)
    assert "//" not in text
    policies = [e for e in parsed.of("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(style.content.encode()).digest()).decode()
    assert [e.attributes["content"] for e in policies] == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert len(text.encode()) < MOST_BYTES


def test_links_lead_to_pages_of_the_folder() -> None:
    """The class's page leads to each student's, those lead nowhere but to themselves, and no two are one file."""
    made = _class()
    written = dict(mark_pages(made))
    assert list(written) == [CLASS_FILE, *(student_file(each.id) for each in made.students)]
    links = [e.attributes["href"] or "" for e in Page(written[CLASS_FILE]).of("a")]
    assert [unquote(link) for link in links] == list(written)[1:]
    for name, text in written.items():
        if name != CLASS_FILE:
            parsed = Page(text)
            assert all((e.attributes["href"] or "")[1:] in parsed.anchors for e in parsed.of("a"))


@pytest.mark.parametrize(
    ("id", "link"),
    [
        ("class", "students/class.html"),
        ("index", "students/index.html"),
        ("Åse-1", "students/%C3%85se-1.html"),
        ("a#b?c%d e", "students/a%23b%3Fc%25d%20e.html"),
        ("javascript:x", "students/javascript%3Ax.html"),
        ("half \ud800", "students/half%20%3F.html"),
    ],
    ids=["class", "index", "Danish", "signs", "scheme", "broken"],
)
def test_addresses_of_students(id: str, link: str) -> None:
    """An id is percent-encoded inside a relative address that begins with the folder."""
    made = _alone()
    page = class_page(replace(made, students=(replace(made.students[0], id=id),)))
    assert [e.attributes["href"] for e in Page(page).of("a")] == [link]
    assert student_file(id) != CLASS_FILE


# ----------------------------------------------------------------------------------- hostile texts


def _spoilt(text: str) -> MarkedClass:
    """Return a class in which a text stands wherever one of a student's, or of a file, can."""
    made = _class(students=3)
    student = made.students[0]
    blanks = list(student.blanks)
    for at, verdict in enumerate(VERDICTS):
        blanks[at] = replace(
            blanks[at], verdict=verdict, answer=text, expected=text if at == 6 else 0.5, cell=text, term=text,
            code="forward-other-bias" if verdict == "misconception" else "", also=(text,), reason=text,
            details={"other": text, "own": text, "convention": text}, working=text, as_text=at % 2 == 0,
        )  # fmt: skip
    blanks[-1] = replace(blanks[-1], verdict="misconception", code=text, working=text, name=text)
    changed = (Changed(text, 0, 0.5, text, text),)
    spoilt = replace(
        student, name=text, file=text, blanks=tuple(blanks), changed=changed, others=(text, f"{text}2")
    )
    entries = [replace(entry, name=text) for entry in made.manifest.students]
    manifest = replace(made.manifest, students=tuple(entries))
    unmarked = (Unmarked(text, text, text),)
    return replace(made, manifest=manifest, students=(spoilt,), without=("s02", text), unmarked=unmarked)


@languages
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_of_others_stay_texts(text: str, language: str) -> None:
    """Names, answers, codes and reasons, whatever they are, add no element and no attribute."""
    for make in (class_page, lambda marked, code: student_page(marked, marked.students[0], code)):
        page, tame = (Page(make(_spoilt(each), language)) for each in (text, "harmless"))
        assert page.tags == tame.tags
        assert [sorted(e.attributes) for e in page.elements] == [sorted(e.attributes) for e in tame.elements]
        shown = make(_spoilt(text), language)
        assert shown.encode("utf-8").decode("utf-8") == shown
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        assert len(shown) < MOST_BYTES
        assert not any("javascript" in (e.attributes["href"] or "") for e in page.of("a"))


# --------------------------------------------------------------------------------------- what it shows


@pytest.mark.parametrize(
    "marked",
    [_class, marked_class, hostile_class, lambda: _class((4, 8, 8, 9), 1, 3), lambda: _class(steps=2), _find],
    ids=["2-2-2", "by hand", "hostile", "4-8-8-9", "two steps", "find"],
)
@languages
def test_every_blank_is_there(marked: Callable[[], MarkedClass], language: str) -> None:
    """Each blank has one place in the sheet, with its answer, the sign and the word of its verdict, its marks."""
    made = marked()
    for student in made.students[:4]:
        page = StudentView(MarkView.of(made, language), student)
        assert sorted(b.name for block in blocks(page).values() for b in block) == sorted(
            b.name for b in student.blanks
        )
        parsed = Page(student_page(made, student, language))
        cells = [e.content for e in parsed.of("td") if set(e.classes) & set(GROUPS)]
        assert len(cells) == len(student.blanks)
        for blank in student.blanks:
            parts = (
                f"{SIGNS[GROUP[blank.verdict]]} {page.view.verdict(blank)}",
                page.view.earned(blank.earned, blank.of),
            )
            assert any(all(part in cell for part in parts) for cell in cells)


def test_a_matrix_stands_as_on_the_sheet() -> None:
    """dC/dW(2) of a 2-2-2 net has two rows and the columns a0, a1 and bias, each number in its place."""
    made = _class()
    page = Page(_first(made))
    (table,) = [e for e in page.of("table", "matrix") if e.content.startswith("Gradients dC/dW(2)")]
    names = re.findall(r"o\d|dC/dw\d\d\(2\)", table.content)
    assert names == [
        *("o0", "dC/dw00(2)", "dC/dw01(2)", "dC/dw02(2)"),
        *("o1", "dC/dw10(2)", "dC/dw11(2)", "dC/dw12(2)"),
    ]
    assert "a0a1bias" in table.content


def test_a_wide_matrix_is_listed() -> None:
    """A matrix of more columns than fit is a table of a row a blank."""
    made = _class((MOST_COLUMNS, 2, 2), 1, 3)
    page = Page(_first(made))
    (table,) = [e for e in page.of("table") if e.content.startswith("Gradients dC/dW(1)")]
    assert table.classes == ["listed"]
    assert table.content.count("dC/dw") == 2 * (MOST_COLUMNS + 1)


def test_mistakes_come_first_and_are_explained() -> None:
    """A card has the title, why, the answer, what is right and the working; the cell leads to it."""
    made = marked_class()
    page = Page(_first(made))
    headings = [e.content for e in page.elements if e.tag == "h2"]
    assert headings == ["What went wrong first", "What to look at next", "Your sheet, blank by blank"]
    known, unknown = page.of("article", "card")
    entry = catalogue()["delta-hidden-untransposed"]
    for part in (entry.title, entry.why, "-0.0121", "0.0239", "δ0·w00 + δ1·w10 = 0.0239", entry.code):
        assert part in known.content
    for part in ("no mistake that is known here", "a0(1)", "0.7134", "0.7 - 0.4·(-0.0335) = 0.7134"):
        assert part in unknown.content
    (row,) = [e for e in page.of("tr") if e.content.startswith("δ0(1)-0.0121")]
    assert row.content == "δ0(1)-0.0121✗ not yet 0 of 1; expected 0.0239 mistake 1"
    assert page.of("p", "total")[0].content == "4 of 10 40 %"
    items = [e.content for e in page.of("li")]
    assert "δ0(1): Transpose left out. Mistake 1 above." in items
    assert "dC/dw00(1) right from your own δ0, 1 of 1. Nothing to redo here." in items


def test_the_same_in_danish() -> None:
    """Danish has its own words, decimal commas in answers and workings, and the Danish catalogue."""
    made = marked_class()
    page = Page(_first(made, "da"))
    known = page.of("article", "card")[0].content
    assert catalogue("da")["delta-hidden-untransposed"].title in known
    for part in ("-0,0121", "Ventet0,0239", "δ0·w00 + δ1·w10 = 0,0239"):
        assert part in known
    body = page.of("body")[0].content
    assert "ny w00(2)" in body
    assert not re.search(r"\d\.\d{3}", body.replace("delta-", ""))
    assert page.of("p", "total")[0].content == "4 af 10 40 %"


def test_changed_numbers_and_other_files_are_told() -> None:
    """Given numbers that were changed have both numbers and their cell; further files do not count."""
    page = Page(_first(_class()))
    rows = [e.content for e in page.of("tr")]
    assert "w00(1)-11Sheet1.D8" in rows
    assert "T00.9nothingSheet1.I9" in rows
    assert "Put the given numbers back that were changed." in [e.content for e in page.of("li")]
    assert "Not counted: s01 (kopi).xlsx." in [e.content for e in page.of("p")]


def test_nothing_is_left_to_do() -> None:
    """Where all is right there are no cards, and that is said."""
    page = Page(_first(_alone()))
    assert not page.of("article")
    assert "Nothing. All blanks are right." in page.of("section", "next")[0].content


@pytest.mark.parametrize(
    ("other", "part"),
    [
        ({"verdict": "wrong", "value": 0.50001, "answer": "0.50001", "earned": 0}, "expected 0.50000"),
        ({"verdict": "wrong", "value": 0.6, "answer": "0.6", "earned": 0}, "expected 0.5000"),
        ({"verdict": "wrong", "value": -0.00001, "expected": 0.0, "earned": 0}, "expected 0.00000"),
        ({"verdict": "empty", "answer": "", "value": None, "expected": float("nan")}, "expected –"),
        ({"verdict": "empty", "answer": "", "value": None, "expected": 1e300}, "expected 1e+300"),
        ({"verdict": "rounded", "as_text": True, "answer": "-0,03"}, "“-0,03”"),
        ({"verdict": "misconception", "code": "update-no-rate"}, "not yet, again: costs nothing"),
        ({"verdict": "misconception", "code": "no-such", "earned": 0}, "no-such"),
        ({"verdict": "rounded", "earned": Fraction(3, 7)}, "3/7 of 1"),
        ({"of": 0, "earned": 0}, "0 of 0 –"),
    ],
    ids=["close", "far", "zero", "no number", "huge", "text", "again", "unknown code", "sevenths", "nothing"],
)
def test_what_a_blank_shows(other: dict[str, object], part: str) -> None:
    """Numbers have as many decimals as they need; what can't be known is a dash."""
    other |= {key: Fraction(value) for key, value in other.items() if key in ("of", "earned")}  # type: ignore[arg-type]
    assert part in Page(_first(_alone(**other))).of("body")[0].content


def test_many_blanks_with_one_mistake_are_named() -> None:
    """A card works out a few blanks and counts the others."""
    made = _alone()
    student = made.students[0]
    blanks = [
        replace(blank, verdict="misconception", code="update-no-rate", details={})
        for blank in _class(students=3).students[0].blanks
    ]
    page = Page(_first(replace(made, students=(replace(student, blanks=tuple(blanks)),))))
    (card,) = page.of("article")
    assert len(page.of("div", "worked")) == MOST_BLANKS
    assert "likewise" in card.content
    assert f"{len(blanks) - MOST_BLANKS - 5} more" in card.content


def test_a_mistake_to_find_has_its_questions() -> None:
    """At level 7 the blanks are the two questions of the sheet."""
    for language, first in (("en", "Which cell is wrong?"), ("da", "Hvilken celle er forkert?")):
        page = Page(_first(_find(), language))
        rows = [e.content for e in page.of("th") if e.attributes["scope"] == "row"]
        assert first in rows
        assert "D20" in page.of("body")[0].content


# ------------------------------------------------------------------------------------------- the class


def test_the_class_is_counted() -> None:
    """Students per mistake, shares per blank, the mean and the spread are those of the students."""
    made = marked_class()
    page = Page(class_page(made))
    rows = [e.content for e in page.of("tr")]
    entry = catalogue()["delta-hidden-untransposed"]
    assert any(row.startswith(entry.title) and row.endswith("2 students, 3 blanks") for row in rows)
    assert mean(made) == sum((s.earned / s.of for s in made.students), Fraction(0)) / 3
    hardest = blank_counts(made)[0]
    assert (hardest.blank.term, hardest.counts["mistake"], hardest.share) == ("δ0(1)", 2, Fraction(1, 3))
    assert sum(spread(made)) == len(made.students)
    assert (spread(made)[4], spread(made)[7], spread(made)[9]) == (1, 1, 1)
    titles = [e.content for e in page.of("title")]
    assert "δ0(1): 1 right, 2 not yet" in titles
    body = page.of("body")[0].content
    for part in ("3 of 4 students marked; mean 70 %", "Without a file (1)", "s03 Carl", "not a workbook"):
        assert part in body


def test_bars_are_as_long_as_their_counts() -> None:
    """The parts of a bar lie end to end and fill it."""
    for student in _class().students:
        counts = counted(student.blanks)
        page = Page(student_page(_class(), student))
        bar = next(e for e in page.of("svg", "bar"))
        parts = [e.attributes for e in page.of("rect", "part") if e.attributes["width"] != "100%"]
        widths = [float((part["width"] or "")[:-1]) for part in parts]
        wanted = [100 * count / len(student.blanks) for count in counts.values() if count]
        if len(wanted) > 1:
            assert widths == pytest.approx(wanted, abs=1e-3)
            starts = [float((part["x"] or "").rstrip("%")) for part in parts]
            assert starts == pytest.approx([sum(wanted[:n]) for n in range(len(wanted))], abs=1e-3)
        assert bar.attributes["role"] == "img"


def test_nobody_marked() -> None:
    """A class without a marked file has no drawings, and lists who is missing."""
    page = Page(class_page(_none()))
    assert "No file was marked." in page.of("body")[0].content
    assert not page.of("svg", "bar")
    assert "Without a file (20)" in page.of("body")[0].content


# --------------------------------------------------------------------------------------------- words


def test_languages_say_the_same() -> None:
    """Each language has every sentence, with the same places to fill, and a word for each verdict."""
    english, danish = (
        tomllib.loads((LANGUAGES / f"{code}.toml").read_text("utf-8")) for code in ("en", "da")
    )
    assert english.keys() == danish.keys()
    for group in (key for key, value in english.items() if isinstance(value, dict)):
        assert english[group].keys() == danish[group].keys()
    for key, sentence in english["sentences"].items():
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in (sentence, danish["sentences"][key])]
        assert places[0] == places[1], key
    assert set(VERDICTS) <= english["verdicts"].keys()
    assert set(GROUPS) == english["groups"].keys()


def test_every_sentence_is_used() -> None:
    """No word of the pages is left over."""
    english = tomllib.loads((LANGUAGES / "en.toml").read_text("utf-8"))
    code = "".join(path.read_text("utf-8") for path in LANGUAGES.parent.glob("*.py"))
    keys = {*re.findall(r"say\(\s*f?[\"'](\w+)[\"']", code), *re.findall(r'"(\w+)"', code)}
    assert {key for key in english["sentences"].keys() - keys if not key.startswith("next_")} == set()


# ------------------------------------------------------------------------------------------- a browser


@pytest.mark.chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", ["class", "student", "wide net"])
def test_in_a_browser(name: str, width: int, dark: bool) -> None:
    """Nothing sticks out of the window, all text can be read, and the console is silent."""
    shown = chromium.measured(PAGES[name]("da" if dark else "en"), width=width, dark=dark)
    assert shown.scroll <= shown.width
    assert shown.wide == ()
    assert shown.faint == ()
    assert shown.console == ()
    assert (sum(shown.paper[:3]) < 100) == dark


@pytest.mark.chromium
@pytest.mark.parametrize("width", [400, 1280])
def test_the_browser_sees_hostile_texts_as_texts(width: int) -> None:
    """No element is born of a student's texts, nothing runs, and nothing sticks out."""
    made = hostile_class()
    for page in (
        class_page(made),
        student_page(made, made.students[7]),
        student_page(made, made.students[9]),
    ):
        shown = chromium.measured(page, width=width)
        assert shown.console == ()
        assert not shown.tags & {"script", "img", "i"}
        assert shown.scroll <= shown.width
        assert shown.wide == ()
    assert "<script>alert(1)</script>" in chromium.measured(class_page(made), width=width).text


@pytest.mark.chromium
@pytest.mark.parametrize("name", ["class", "student"])
def test_on_paper(name: str) -> None:
    """Each page is printed on a few sheets of A4, and its end is on the last of them."""
    content = chromium.printed(PAGES[name]("en"))
    assert content.startswith(b"%PDF-")
    sizes = {(float(w), float(h)) for w, h in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)}
    assert all(w == pytest.approx(595, abs=1) and h == pytest.approx(842, abs=1) for w, h in sizes)
    assert sizes
    assert 2 <= len(re.findall(rb"/Type /Page\b", content)) <= 4
