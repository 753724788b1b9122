"""What a page of marks needs to know: the exercise, the words, and how numbers and blanks are written."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.exercise.levels import FIND
from sheetnet.exercise.manifest import BlankEntry, Manifest
from sheetnet.exercise.words import words
from sheetnet.layout.language import language as sheet_language
from sheetnet.layout.prose import listing
from sheetnet.marking.marks import MarkedBlank, MarkedClass, Verdict
from sheetnet.net.terms import sizes_text
from sheetnet.report.html.markup import clipped
from sheetnet.report.marks.verdict import fraction_text, number_text
from sheetnet.report.wording import Wording, wording

Group: TypeAlias = Literal["right", "own", "nearly", "mistake", "nothing"]
"""What verdicts are summed up as."""
GROUPS: tuple[Group, ...] = get_args(Group)
GROUP: Mapping[Verdict, Group] = {
    "right": "right",
    "convention": "right",
    "own": "own",
    "typed": "nearly",
    "rounded": "nearly",
    "misconception": "mistake",
    "wrong": "mistake",
    "empty": "nothing",
    "unreadable": "nothing",
    "missing": "nothing",
}
SIGNS: Mapping[Group, str] = {"right": "✓", "own": "✓", "nearly": "≈", "mistake": "✗", "nothing": "–"}
"""What marks a verdict beside its words and its colour."""
MOST_TEXT = 60
"""Characters of a name or an answer that are shown where there is little room."""
MOST_SENTENCE = 1200
"""Characters of a sentence that are shown."""
MOST_TERMS = 6
"""Blanks that are listed in a sentence; of more, the rest are counted."""

_MOST_DECIMALS = 15
_LANGUAGES = Path(__file__).with_name("languages")
_NUMBER = re.compile(r"[-+]?\d+\.\d+(?:[eE][-+]?\d+)?")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True, slots=True)
class MarkView:
    """A class's exercise in the words of one language."""

    manifest: Manifest
    say: Wording

    @classmethod
    def of(cls, marked: MarkedClass, language: str) -> "MarkView":
        """Return the view on a class in a language, ``en`` or ``da``."""
        return cls(marked.manifest, wording(language, _LANGUAGES))

    @property
    def net(self) -> str:
        """Which net the exercise is about: 2-2-2 net, sigmoid."""
        kinds = dict.fromkeys(self.manifest.conventions.activations)
        return self.say("net", sizes=sizes_text(self.manifest.sizes), activations=", ".join(kinds))

    def entries(self, id: str) -> dict[str, BlankEntry]:
        """Return the blanks of a student's exercise by their names."""
        return {
            blank.name: blank for each in self.manifest.students if each.id == id for blank in each.blanks
        }

    def name(self, id: str) -> str:
        """Return a student's name by the id; empty where none is known."""
        return next((each.name for each in self.manifest.students if each.id == id), "")

    # ------------------------------------------------------------ blanks

    def term(self, blank: MarkedBlank, entry: BlankEntry | None) -> str:
        """Return what a blank is called: δ0(1), new w00(2), and at level 7 one of its questions."""
        if self.manifest.level == FIND and entry is not None:
            return words(self.say.code).form["cell" if entry.kind == "cell" else "value"]
        new = sheet_language(self.say.code).page["new"]
        return f"{new} {blank.term.removeprefix('new ')}" if blank.term.startswith("new ") else blank.term

    def stepped(self, term: str, step: int) -> str:
        """Return a blank's name with its step where the exercise has several."""
        return self.say("at_step", term=term, step=step) if self.manifest.steps > 1 else term

    def listed(self, terms: Iterable[str]) -> str:
        """Return terms as a list in prose, the rest of many counted."""
        found = list(dict.fromkeys(terms))
        if len(found) > MOST_TERMS:
            found = [*found[: MOST_TERMS - 1], self.say.count(len(found) - MOST_TERMS + 1, "more")]
        return listing(found, self.say("and"))

    def verdict(self, blank: MarkedBlank) -> str:
        """Return a verdict in a word or two; a mistake made before costs nothing a second time."""
        again = GROUP[blank.verdict] == "mistake" and 0 < blank.of == blank.earned
        return self.say("verdicts.again" if again else f"verdicts.{blank.verdict}")

    def title(self, code: str) -> str:
        """Return the name of a mistake; a code that is not in the catalogue stands for itself."""
        entry = catalogue(self.say.code).get(code)
        return code if entry is None else entry.title

    # ------------------------------------------------------------ numbers

    def answer(self, blank: MarkedBlank, most: int = MOST_TEXT) -> str:
        """Return what stands in a blank, in quotes where a number was typed as text."""
        text = " ".join(blank.answer.split())
        if not text:
            return self.say("empty_answer")
        if _NUMBER.fullmatch(text) and not blank.as_text:
            text = self.say.decimal(text)
        return f"“{clipped(text, most)}”" if blank.as_text else clipped(text, most)

    def expected(self, blank: MarkedBlank) -> str:
        """Return what is right, with the decimals that were asked, or as many as tell it from the answer."""
        if isinstance(blank.expected, str):
            return clipped(blank.expected, MOST_TEXT)
        value, right = blank.value, float(blank.expected)
        if not math.isfinite(right):
            return "–"
        decimals, text = self.manifest.decimals, ""
        while not text or (
            decimals <= _MOST_DECIMALS
            and GROUP[blank.verdict] == "mistake"
            and value not in (None, right)
            and number_text(value or 0.0, decimals - 1, self.say) == text
        ):
            text = number_text(right, decimals, self.say)
            decimals += 1
        return text

    def working(self, blank: MarkedBlank) -> str:
        """Return the right rule as a line, its numbers with the language's own decimal sign."""
        return self.say.decimal("0.0")[1].join(_POINT.split(clipped(blank.working, MOST_SENTENCE)))

    def number(self, value: float | str | None) -> str:
        """Return a given number as it stands, whatever it is."""
        if isinstance(value, float | int):
            return self.say.number(float(value), 10)
        return self.say("empty_answer") if value is None else f"“{clipped(value, MOST_TEXT)}”"

    def earned(self, earned: Fraction, of: Fraction) -> str:
        """Return what was earned of what could be: ½ of 1."""
        return self.say("of", earned=fraction_text(earned), of=fraction_text(of))

    def percent(self, earned: Fraction, of: Fraction) -> str:
        """Return the share in whole per cent, a half rounded up; a dash where nothing could be had."""
        if of <= 0:
            return "–"
        return self.say("percent", percent=math.floor(earned / of * 100 + Fraction(1, 2)))


def counted(blanks: Sequence[MarkedBlank]) -> dict[Group, int]:
    """Return how many blanks there are of each group, zeros among them."""
    found = dict.fromkeys(GROUPS, 0)
    for blank in blanks:
        found[GROUP[blank.verdict]] += 1
    return found
