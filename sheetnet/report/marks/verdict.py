"""The verdict on a blank in words: what it earned, what went wrong, and what is right there."""

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from string import Formatter

from sheetnet.diagnosis.catalogue import catalogue, severity
from sheetnet.diagnosis.findings import Finding
from sheetnet.exercise.roster import plain_name
from sheetnet.layout.language import language as sheet_language
from sheetnet.layout.prose import listing
from sheetnet.marking.marks import MarkedBlank, Verdict
from sheetnet.report.check.findings import message
from sheetnet.report.wording import Wording, wording

LONGEST = 2_000
"""Characters of a verdict."""
_FOLDER = Path(__file__).with_name("languages")
_MOST_ALSO = 2
_MOST_DECIMALS = 15
_GLYPHS = {
    (1, 2): "½", (1, 3): "⅓", (2, 3): "⅔", (1, 4): "¼", (3, 4): "¾", (1, 5): "⅕", (2, 5): "⅖", (3, 5): "⅗",
    (4, 5): "⅘", (1, 6): "⅙", (5, 6): "⅚", (1, 8): "⅛", (3, 8): "⅜", (5, 8): "⅝", (7, 8): "⅞",
}  # fmt: skip
# XML 1.0, 2.2: none of these is a character of a file, or it turns the text about
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)  # fmt: skip
_NEW = "new "
_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def words_of(language: str) -> Wording:
    """Return the words of marking in a language, ``en`` or ``da``."""
    return wording(language, _FOLDER)


def short_text(verdict: Verdict, language: str = "en") -> str:
    """Return a verdict in a word or two."""
    return words_of(language)(f"short.{verdict}")


def fraction_text(value: Fraction) -> str:
    """Return marks exactly: 2, ½, 1½, 3/7, 2 3/7."""
    whole, rest = divmod(value, 1)
    if not rest:
        return str(whole)
    glyph = _GLYPHS.get((rest.numerator, rest.denominator))
    if glyph is not None:
        return f"{whole or ''}{glyph}"
    return f"{whole} {rest}" if whole else str(rest)


def term_text(blank: MarkedBlank, language: str = "en") -> str:
    """Return what a blank asks for: δ0(1), and of a later step δ0(1), step 2."""
    return stepped(blank.term, blank.step, words_of(language))


def stepped(term: str, step: int, say: Wording) -> str:
    """Return a term's name in a language, new w00(2) or ny w00(2), with its step if that is later."""
    if term.startswith(_NEW):
        term = f"{sheet_language(say.code).page['new']} {term.removeprefix(_NEW)}"
    return say("said.step", term=term, at=step) if step else term


def verdict_text(blank: MarkedBlank, decimals: int, *, language: str = "en") -> str:
    """Return the verdict on a blank in a line of whole sentences; `decimals` are those that were asked.

    `details` may name what is the student's own as "own", δ0, and a convention as "convention", T-a.
    """
    say = words_of(language)
    text = " ".join(filter(None, (_head(blank, say), *_sentences(blank, decimals, language, say))))
    text = _HIDDEN.sub(" ", text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _head(blank: MarkedBlank, say: Wording) -> str:
    marks = say("said.marks", earned=fraction_text(blank.earned), of=fraction_text(blank.of))
    if blank.verdict in ("typed", "rounded"):
        return say("head.right" if blank.earned == blank.of else "head.nearly", marks=marks)
    if blank.verdict == "own":
        own = plain_name(blank.details.get("own", ""))
        return say("head.own" if own else "head.own_numbers", own=own, marks=marks)
    if blank.verdict == "convention":
        name = blank.details.get("convention") or next(iter(blank.details.values()), "")
        key = "head.convention" if name else "head.convention_unnamed"
        return say(key, convention=_convention(name, say), marks=marks)
    return say(f"head.{blank.verdict}", marks=marks, term=term_text(blank, say.code))


def _convention(name: str, say: Wording) -> str:
    try:
        return say(f"conventions.{name}")
    except (KeyError, TypeError):  # a point in a name leads into a group, or into none
        return plain_name(name)


def _sentences(blank: MarkedBlank, decimals: int, language: str, say: Wording) -> Iterator[str]:
    if blank.as_text and blank.value is not None and blank.verdict != "unreadable":
        yield say("said.as_text", value=say.number(blank.value, _MOST_DECIMALS))
    expected = _expected(blank, decimals, say)
    match blank.verdict:
        case "right" | "own" | "convention":
            return
        case "typed":
            yield say("said.typed")
        case "rounded":
            if blank.decimals is not None and blank.decimals < decimals:
                yield say("said.rounded", count=blank.decimals, asked=decimals, expected=expected)
            else:
                yield say("said.rounded_early", expected=expected)
            return
        case "misconception":
            yield from _mistake(blank, language, say)
        case "wrong":
            yield _resting(blank, say)
        case "unreadable":
            found = dict.fromkeys(map(plain_name, (blank.answer, blank.reason)))
            reason = ": ".join(filter(None, found))
            yield say("said.reason", reason=reason) if reason else ""
    yield _working(blank, "" if blank.verdict == "typed" and not blank.working else expected, say)


def _mistake(blank: MarkedBlank, language: str, say: Wording) -> Iterator[str]:
    """Yield why a mistake of the catalogue is one, and which others it could be."""
    entries = catalogue(language)
    if blank.code in entries:
        yield why_text(blank, language)
    titles = [f"“{entries[code].title}”" for code in blank.also if code in entries and code != blank.code]
    if titles:
        yield say("said.also", titles=listing(titles[:_MOST_ALSO], say("or")))
    if blank.of and blank.earned == blank.of:
        yield say("said.again")


def _resting(blank: MarkedBlank, say: Wording) -> str:
    """Return on what an answer rests that can't be, empty where it rests on nothing of the kind."""
    kind, _, what = blank.reason.partition("-")
    if kind != "rests":
        return ""
    try:
        return say("said.rests", what=say(f"rests.{what}"))
    except KeyError:
        return say("said.rests", what=say("rests.number"))


def why_text(blank: MarkedBlank, language: str) -> str:
    """Return why a blank's mistake is one; what it means in general where a detail of it is not known."""
    entry = catalogue(language)[blank.code]
    places = {name for _, name, _, _ in Formatter().parse(entry.why) if name}
    if not places <= set(blank.details):
        return entry.meaning
    details = {name: plain_name(text) for name, text in blank.details.items()}
    return message(Finding(blank.code, severity(blank.code), (), (), 0, 0, details=details), language)


def _working(blank: MarkedBlank, expected: str, say: Wording) -> str:
    """Return the right rule, and the number that it gives, unless it ends with that."""
    working = say.decimal("0.0")[1].join(_POINT.split(blank.working))
    if not working:
        return say("said.expected", expected=expected) if expected else ""
    if expected and working.rpartition("= ")[2].strip("()") != expected:
        working = f"{working} = {expected}"
    return say("said.working", working=working)


def _expected(blank: MarkedBlank, decimals: int, say: Wording) -> str:
    """Return what is right with the decimals asked; with more where the answer would show as the same."""
    if isinstance(blank.expected, str):
        return plain_name(blank.expected)
    if not math.isfinite(blank.expected):
        return ""
    wrong = blank.verdict in ("misconception", "wrong") and blank.value is not None
    while (
        wrong
        and decimals < _MOST_DECIMALS
        and blank.value != blank.expected
        and number_text(blank.value or 0.0, decimals, say) == number_text(blank.expected, decimals, say)
    ):
        decimals += 1
    return number_text(blank.expected, decimals, say)


def number_text(value: float, decimals: int, say: Wording) -> str:
    """Return a number with so many decimals; no zero has a sign, and none that is huge all its digits."""
    if not math.isfinite(value) or abs(value) >= 1e15:
        return say.number(value, _MOST_DECIMALS)
    return say.decimal(f"{round(value, decimals) + 0.0:.{decimals}f}")
