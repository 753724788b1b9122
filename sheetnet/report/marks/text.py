"""What was made of a class in words: on a terminal of 80 columns."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.exercise.roster import plain_name
from sheetnet.layout.prose import listing
from sheetnet.marking.marks import MarkedClass
from sheetnet.marking.scheme import Scheme
from sheetnet.net.terms import sizes_text
from sheetnet.report.marks.gradebook import head_text
from sheetnet.report.marks.summary import Summary, percent, reason_text
from sheetnet.report.marks.verdict import number_text, words_of
from sheetnet.report.words import WIDTH, item

MOST_MISTAKES = 5
"""Mistakes that are listed, the commonest first."""
MOST_FILES = 10
"""Files not marked, or students without one, that are listed."""


def marking_report(
    marked: MarkedClass,
    scheme: Scheme,
    *,
    gradebook: Path | None = None,
    annotated: Path | None = None,
    pages: Path | None = None,
    language: str = "en",
) -> str:
    """Return the report on a class, at most 80 columns wide; `annotated` and `pages` are folders."""
    report = _Report(marked, scheme, language)
    lines = [
        *report.head(),
        *report.results(),
        *report.open_ends(),
        *report.unmarked(saved=gradebook is not None),
    ]
    ends = []
    if gradebook is not None:
        ends.append(report.say("report.saved", gradebook=_shown(str(gradebook))))
    if annotated is not None:
        count = len(marked.students)
        ends.append(report.say("report.annotated", count=count, folder=_shown(str(annotated))))
    if pages is not None:
        ends.append(report.say("report.pages", folder=_shown(str(pages))))
    return "\n".join([*lines, *([""] if ends else []), *(line for end in ends for line in _wrapped(end))])


class _Report:
    """Puts a class into the words of one language."""

    def __init__(self, marked: MarkedClass, scheme: Scheme, language: str) -> None:
        self.marked, self.scheme, self.say = marked, scheme, words_of(language)
        self.summary = Summary.of(marked)

    def head(self) -> list[str]:
        manifest, say = self.marked.manifest, self.say
        return _wrapped(
            say(
                "report.head",
                net=sizes_text(manifest.sizes),
                blanks=say("report.blanks", count=len(self.summary.columns)),
                marked=len(self.marked.students),
                students=self._students(len(manifest.students)),
            )
        )

    def results(self) -> Iterator[str]:
        """Yield the mean, the hardest blank, and the mistakes."""
        mean = self.summary.mean()
        if mean is None:
            yield from self._item("mean", self.say("report.nothing"))
            return
        marks = [student.earned for student in self.marked.students]
        least, most = (self._mark(each) for each in (min(marks), max(marks)))
        part = percent(*mean)
        share = "–" if part is None else number_text(float(part), 0, self.say)
        words = self.say(
            "report.mean_of",
            mean=self._mark(mean[0]),
            of=self._mark(mean[1]),
            percent=share,
            least=least,
            most=most,
        )
        yield from self._item("mean", words)
        if self.scheme.bands:
            yield from self._item("bands", self._bands())
        hardest = self.summary.hardest()
        if hardest is not None:
            words = self.say(
                "report.hardest_of",
                blank=head_text(hardest.column, self.say),
                right=hardest.right,
                students=len(marks),
            )
            yield from self._item("hardest", words)
        yield from self._mistakes()

    def _bands(self) -> str:
        found = Counter(self.scheme.band(student.earned, student.of) for student in self.marked.students)
        return ", ".join(f"{word} {found[word]}" for word, _ in self.scheme.bands if found[word]) or "–"

    def _mistakes(self) -> Iterator[str]:
        say, found = self.say, self.summary.mistakes
        entries = catalogue(say.code)
        lines = [
            say(
                "report.mistake",
                title=entries[code].title if code in entries else code,
                code=code,
                students=self._students(students),
                count=blanks,
            )
            for code, students, blanks in found[:MOST_MISTAKES]
        ]
        if len(found) > MOST_MISTAKES:
            lines.append(say("report.more", count=len(found) - MOST_MISTAKES))
        yield from self._item("mistakes", *(lines or [say("report.no_mistakes")]))

    def open_ends(self) -> Iterator[str]:
        """Yield what a teacher may want to look at: changed numbers, further files, students without one."""
        say, students = self.say, self.marked.students
        changed = [student.id for student in students if student.changed]
        if changed:
            yield from self._item("changed", say("report.changed_of", students=self._listed(changed)))
        others = sum(len(student.others) for student in students)
        if others:
            yield from self._item("others", say("report.others_of", count=others))
        if self.marked.without:
            yield from self._item("without", self._listed(self.marked.without))

    def unmarked(self, *, saved: bool) -> Iterator[str]:
        """Yield the files that were not marked, each with its reason."""
        found = self.marked.unmarked
        if not found:
            return
        yield ""
        yield self.say("report.unmarked", count=len(found))
        for each in found[:MOST_FILES]:
            yield from _wrapped(f"{_shown(each.file)}: {plain_name(reason_text(each))}", "  ", "    ")
        if len(found) > MOST_FILES:
            key = "report.more_saved" if saved else "report.more"
            yield f"  {self.say(key, count=len(found) - MOST_FILES)}"

    def _students(self, count: int) -> str:
        return self.say("report.students", count=count)

    def _mark(self, value: Fraction) -> str:
        """Return marks with the scheme's decimals, without zeros at their end."""
        text = f"{float(value):.{self.scheme.decimals}f}"
        return self.say.decimal(text.rstrip("0").rstrip(".") if "." in text else text)

    def _item(self, key: str, *texts: str) -> Iterator[str]:
        for at, text in enumerate(texts):
            yield from item("" if at else self.say(f"report.{key}"), text)

    def _listed(self, names: Sequence[str]) -> str:
        shown = [_shown(name) for name in names[:MOST_FILES]]
        if len(names) > MOST_FILES:
            return f"{', '.join(shown)} {self.say('report.more', count=len(names) - MOST_FILES)}"
        return listing(shown, self.say("and"))


def _shown(name: str) -> str:
    """Return a file's name as one line that is not too long."""
    line = plain_name(name)
    return line if len(line) < WIDTH else f"…{line[-(WIDTH - 10) :]}"


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
