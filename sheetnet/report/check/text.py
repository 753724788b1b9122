"""What a check found, in words: on a terminal of 80 columns."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from sheetnet.book.grid import Book
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.diagnosis.findings import Finding
from sheetnet.formula.address import a1
from sheetnet.jobs.checking import Array, CheckedFile, CheckedNet, CheckedSheet
from sheetnet.layout.layout import Layout
from sheetnet.layout.prose import listing
from sheetnet.layout.rows import LOOKED_FOR
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import COST, LEARNING_RATE, is_given
from sheetnet.report.check.difference import Difference
from sheetnet.report.check.findings import formula_shown, message, repair, terms_text, title
from sheetnet.report.check.readas import read_parts, right_parts
from sheetnet.report.net import activations, unusual
from sheetnet.report.places import (
    empty_cells,
    first_step,
    in_blocks,
    is_blocks,
    reaches,
    scale_text,
    step_noun,
    steps_text,
)
from sheetnet.report.wording import PAGE, Wording, wording
from sheetnet.report.words import WIDTH, amount

MOST_ALSO = 2
"""Other mistakes that a formula could be as well, which are named."""
MANY = 8
"""Cells that are listed; of more, the rest are counted."""
_FIRM = "\N{NO-BREAK SPACE}"
_NAME = 12
"""The column at which a finding's lines begin after their names."""


def checking_report(files: Sequence[CheckedFile], *, language: str = "en") -> str:
    """Return the report on checked files, at most 80 columns wide."""
    report = _Report(language)
    lines: list[str] = []
    for file in files:
        if len(files) > 1:
            lines += [f"{file.path}", "-" * min(len(str(file.path)), WIDTH)]
        lines += [*report.file(file), ""]
    lines += report.summary(files)
    return "\n".join(lines).rstrip()


class _Report:
    """Puts results into the words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.say: Wording = wording(language)

    def file(self, file: CheckedFile) -> list[str]:
        if file.book is None:
            return textwrap.wrap(file.error or "", WIDTH, break_on_hyphens=False)
        lines: list[str] = []
        for sheet in file.sheets:
            lines += [*self._sheet(file, file.book, sheet), ""]
        if not file.nets and not any(sheet.error for sheet in file.sheets):
            looked_for = self.say("summary.looked_for", file=file.path.name, what=LOOKED_FOR)
            lines += textwrap.wrap(looked_for, WIDTH, break_on_hyphens=False)
        return lines[:-1] if lines and not lines[-1] else lines

    def _sheet(self, file: CheckedFile, book: Book, sheet: CheckedSheet) -> list[str]:
        lines: list[str] = []
        if sheet.error is not None:
            lines += textwrap.wrap(sheet.error, WIDTH, break_on_hyphens=False)
        elif home := next((net.layout.sheet for net in file.nets if reaches(net.layout, sheet.name)), None):
            lines.append(self.say("summary.part_of", sheet=sheet.name, net=home))
        elif not sheet.nets:
            cells = sum(map(len, book.sheet(sheet.name).rows.values()))
            lines.append(
                self.say("summary.no_net", sheet=sheet.name, cells=self.say("summary.cells", count=cells))
            )
        for index, net in enumerate(sheet.nets):
            lines += [*([""] if index else []), *self._net(book, sheet, net)]
        return lines

    # ------------------------------------------------------------ a net

    def _net(self, book: Book, sheet: CheckedSheet, net: CheckedNet) -> list[str]:
        lines = self._head(self._read(sheet, net), self._verdict(net))
        words = self._conventions(net)
        if net.layout.by_formulas:
            lines += [*self._indented(self._read_as(book, net, words)), *([""] if net.faults else [])]
        elif words:
            lines += self._indented(self.say("net.read_as", conventions=listing(words, self.say("and"))))
        if not net.faults:
            lines += self._indented(" ".join(self._right(sheet, net)))
        for number, finding in enumerate(net.findings, 1):
            lines += self._finding(book, net, finding, number if len(net.findings) > 1 else None)
        if net.faults:
            lines += self._mending(net) + self._outcome(sheet, net)
        return lines

    def _read(self, sheet: CheckedSheet, net: CheckedNet) -> str:
        """Return what net stands where, in one line."""
        layout, say = net.layout, self.say
        told = activations(net.conventions, net.layout)
        if layout.by_formulas:
            if net.conventions.biases == "none":
                told += f", {say('read.no_biases')}"
            return say(
                "net.head_own",
                sheet=sheet.name,
                net=layout.name,
                activations=told,
                rows=steps_text(layout, say),
            )
        return say(
            "net.head",
            sheet=sheet.name,
            net=layout.name,
            activations=told,
            rate=self._rate(layout.learning_rate),
            cell=layout.rate_address,
            rows=steps_text(layout, say).replace(" ", _FIRM if layout.pages else " "),
        )

    def _read_as(self, book: Book, net: CheckedNet, words: Sequence[str]) -> str:
        """Return how a sheet of a layout of its own was read; its head has told of missing biases."""
        say = self.say
        parts = read_parts(book, net.layout, say)
        if net.conventions.biases == "none":
            words = words[1:]
        doubted = any(finding.code == "convention-scale" for finding in net.findings)
        scale = "" if doubted else scale_text(net.layout, say)
        more = [*words, *([scale] if scale else [])]
        text = ", ".join(parts) + "".join(f"; {each}" for each in more)
        key = "read.as_blocks" if is_blocks(net.layout) else "read.as"
        return f"{say(key, parts=text)} {say('read.wrong')}"

    def _conventions(self, net: CheckedNet) -> list[str]:
        """Return the conventions that are not the note's, but for the activations, in words."""
        conventions = net.conventions
        if self.language == "en":
            return unusual(conventions, own=net.layout.by_formulas)
        say = wording(self.language, PAGE)
        choices = [field.name for field in fields(conventions) if field.name != "activations"]
        pairs = [
            say.convention(name, getattr(conventions, name))
            for name in choices
            if getattr(conventions, name) != getattr(Conventions(), name)
        ]
        return [f"{name.lower()}: {chosen}" for name, chosen in pairs]

    def _rate(self, rate: float) -> str:
        return self.say.decimal(amount(rate)) if np.isfinite(rate) else self.say("net.no_rate")

    def _head(self, head: str, verdict: str) -> list[str]:
        # a number stays with its word
        whole = re.sub(r" (?=[\d(])", _FIRM, head)
        room = WIDTH - len(verdict) - 1
        lines = [
            line.replace(_FIRM, " ")
            for line in textwrap.wrap(whole, room, subsequent_indent="  ", break_on_hyphens=False)
        ]
        return [f"{lines[0]}{verdict:>{WIDTH - len(lines[0])}}", *lines[1:]]

    def _verdict(self, net: CheckedNet) -> str:
        counts = [
            self.say(f"verdict.{severity}", count=count)
            for severity in ("error", "warning")
            if (count := sum(finding.severity == severity for finding in net.findings))
        ]
        if any(finding.code == "sheet-not-filled" for finding in net.findings):
            return self.say("verdict.empty")
        if not counts and net.hidden:
            return self.say("verdict.hidden")
        return ", ".join(counts) or self.say("verdict.right")

    def _right(self, sheet: CheckedSheet, net: CheckedNet) -> list[str]:
        say = self.say
        if any(finding.code == "sheet-not-filled" for finding in net.findings):
            text = say("net.empty")
        elif net.hidden:
            text = say("net.hidden", count=net.hidden)
        elif not net.judged:
            text = say("net.typed") + "."
        else:
            text = say("net.one_formula") if net.judged == 1 else say("net.formulas", count=net.judged)
            text += f"; {say('net.agrees')}." if net.slopes else "."
        if net.layout.pages and text != say("net.empty") and (count := empty_cells(net.layout)):
            text += f" {say('net.unfilled', count=count)}."
        return [text, *self._stray(sheet, net)]

    def _stray(self, sheet: CheckedSheet, net: CheckedNet) -> list[str]:
        if not sheet.stray or net is not sheet.nets[-1]:
            return []
        names = [*sheet.stray[:MANY], *(["…"] if len(sheet.stray) > MANY else [])]
        return [self.say("net.stray", cells=", ".join(names))]

    def _indented(self, text: str) -> list[str]:
        return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)

    # ------------------------------------------------------------ a finding

    def _finding(self, book: Book, net: CheckedNet, finding: Finding, number: int | None) -> list[str]:
        say = self.say
        name = f"{number} " if number is not None else ""
        code = f"[{finding.code}]"
        heading = f"{name}{title(finding, self.language)}"
        if finding.severity != "error":
            heading += f" ({say(f'severity.{finding.severity}')})"
        room = WIDTH - len(heading)
        lines = [f"{heading}{code:>{room}}"] if room > len(code) else [heading, f"{code:>{WIDTH}}"]
        lines += self._item("where", self._where(net, finding))
        if finding.severity != "remark":
            lines += self._formulas(book, finding)
        lines += self._item("why", message(finding, self.language))
        if finding.also:
            entries = catalogue(self.language)
            lines += self._item("also", "; ".join(entries[code].title for code in finding.also[:MOST_ALSO]))
        if len(net.faults) == 1 and finding.severity == "error":
            how = repair(finding.correct, finding.copies, self.language)
            lines += self._item("mend", f"{how}." if how else "")
        return lines

    def _item(self, name: str, text: str) -> list[str]:
        return textwrap.wrap(
            text,
            WIDTH,
            initial_indent="  " + self.say(f"names.{name}").ljust(_NAME - 2),
            subsequent_indent=" " * _NAME,
            break_long_words=True,
            break_on_hyphens=False,
        )

    def _where(self, net: CheckedNet, finding: Finding) -> str:
        say, layout = self.say, net.layout
        own = in_blocks({area[:3] for area in finding.areas}) if layout.pages else finding.areas
        areas = list(dict.fromkeys(map(str, own)))
        if len(areas) > MANY:
            areas = [*areas[:MANY], "…"]
        text = f"{', '.join(areas)}: {terms_text(finding.terms, layout, self.language)}"
        ends = first_step(layout, finding.areas)
        if layout.steps > 1 and ends is not None and LEARNING_RATE not in finding.terms:
            text += f", {self._steps(layout, *ends)}"
        return text if finding.cells == 1 else f"{text} {say('where.cells', count=finding.cells)}"

    def _steps(self, layout: Layout, first: int, last: int) -> str:
        if layout.by_formulas and (first, last) == (0, layout.steps - 1):
            return self.say(f"where.all_{step_noun(layout)}s", count=layout.steps)
        if first == last:
            return self.say("where.step", first=str(first))
        return self.say("where.steps", first=str(first), last=str(last))

    def _formulas(self, book: Book, finding: Finding) -> list[str]:
        """Return what was found and what was expected, formulas and values below each other."""
        say = self.say
        found = formula_shown(finding.found, book, self.language)
        expected = formula_shown(finding.expected, book, self.language)
        values = say.pair(finding.value, finding.expected_value)
        cell = f"({a1(finding.row, finding.column)})" if finding.cells > 1 else ""
        if finding.severity == "warning" and not (found or expected or any(values)):
            return []
        if not found and not expected:
            return self._item("found", f"{values[0]} {cell}".strip()) + (
                self._item("expected", values[1]) if values[1] else []
            )
        nothing = finding.value is None and finding.found is None
        found = found or say("names.empty" if nothing else "names.none")
        difference = Difference(found, expected)
        room = WIDTH - _NAME - max(map(len, values)) - len(cell) - 4
        if max(len(found), len(expected)) > room:
            found, expected = difference.shortened(room)
        width = max(len(found), len(expected))
        lines = []
        for name, formula, value in (("found", found, values[0]), ("expected", expected, values[1])):
            if not formula and not value:
                continue
            line = f"  {say(f'names.{name}'):<{_NAME - 2}}{formula:<{width}}  {value}"
            if name == "found" and cell:
                line = f"{line:<{_NAME + width + 2 + max(map(len, values))}}  {cell}"
            lines.append(line.rstrip())
        return lines

    # ------------------------------------------------------------ all findings of a net

    def _mending(self, net: CheckedNet) -> list[str]:
        """Return one way to mend all mistakes, where there are several."""
        faults = [finding for finding in net.faults if finding.severity == "error"]
        if len(faults) < 2:
            return []
        correct = [area for finding in faults for area in finding.correct]
        copies = [pair for finding in faults for pair in finding.copies]
        how = repair(correct, copies, self.language)
        key = "fix.both" if len(faults) == 2 else "fix.all"
        return textwrap.wrap(self.say(key, how=how, count=len(faults)), WIDTH) if how else []

    def _outcome(self, sheet: CheckedSheet, net: CheckedNet) -> list[str]:
        say = self.say
        texts = []
        faults = [finding for finding in net.faults if finding.severity == "error"]
        if net.layout.by_formulas and faults and not net.hidden:
            parts = right_parts(net, say)
            texts += [say("right.right", parts=", ".join(parts))] if parts else []
        if net.hidden:
            texts.append(say("net.hidden", count=net.hidden))
        elif net.follow:
            these = {1: say("outcome.this"), 2: say("outcome.these_two")}.get(
                len(faults), say("outcome.these")
            )
            key = "outcome.follow_one" if net.follow == 1 else "outcome.follow"
            texts.append(say(key, count=net.follow, these=these))
        if faults and not net.recalculated:
            texts.append(say("outcome.stale"))
        elif faults and not net.hidden and not any(COST in finding.terms for finding in faults):
            texts += self._cost(net)
        if net.slopes is False and faults:
            texts.append(say(_disagreement(net)))
        texts += self._stray(sheet, net)
        lines = [line for text in texts for line in textwrap.wrap(text, WIDTH, break_on_hyphens=False)]
        return [*([""] if lines else []), *lines]

    def _cost(self, net: CheckedNet) -> list[str]:
        """Return what the curve of the cost would have shown, and whether the end is right."""
        say = self.say
        if net.right is None or net.layout.steps < 2 or COST not in net.right:
            return []
        start, own, right = _ends(net.own[COST], net.right[COST], net.layout.patterns)
        if not np.isfinite(own):
            return [say("outcome.broken")]
        if not _passes_repeat(net):
            return []
        digits = next((d for d in (3, 6, 9) if f"{own:.{d}g}" != f"{right:.{d}g}"), 12)
        figures = {
            "start": self._brief(start),
            "own": self._brief(own, digits),
            "right": self._brief(right, digits),
        }
        if abs(own - right) <= 1e-9 * abs(right) + 1e-15:
            return [] if net.follow else [say("outcome.same")]
        if own >= start:
            return [say("outcome.rises", **figures)]
        if abs(own - right) <= 0.1 * abs(right):
            return [say("outcome.alike", **figures)]
        return [say("outcome.faster" if own < right else "outcome.slower", **figures)]

    def _brief(self, value: float, digits: int = 3) -> str:
        """Return a cost with three digits, or with as many as tell it from another."""
        if not np.isfinite(value):
            return "–"
        return self.say.decimal(
            amount(float(f"{value:.{digits}g}")) if value >= 1e-3 else f"{value:.{digits - 2}e}"
        )

    # ------------------------------------------------------------ all files

    def summary(self, files: Sequence[CheckedFile]) -> list[str]:
        """Return how many sheets are right, and how to get a marked copy."""
        say = self.say
        nets = [net for file in files for sheet in file.sheets for net in sheet.nets]
        wrong = [net for net in nets if net.faults]
        several = any(len(sheet.nets) > 1 for file in files for sheet in file.sheets)
        ending, right = ("_nets" if several else ""), len(nets) - len(wrong)
        parts = [say(f"summary.right{ending}", count=right)] if right else []
        if wrong:
            counts = listing(
                [
                    say(f"summary.{severity}", count=count)
                    for severity in ("error", "warning")
                    if (count := sum(f.severity == severity for net in wrong for f in net.faults))
                ],
                say("and"),
            )
            parts.append(say(f"summary.wrong{ending}", count=len(wrong), faults=counts))
        failed = sum(file.book is None or any(s.error for s in file.sheets) for file in files)
        if failed and len(files) > 1:
            parts.append(say("summary.failed", count=failed))
        if len(nets) < 2 and not wrong and not failed:
            return []
        text = ", ".join(parts) + "." if parts else ""
        lines = textwrap.wrap(text, WIDTH, break_on_hyphens=False)
        if wrong and len(files) == 1:
            marked = say("summary.marked", name=f"{files[0].path.stem}-checked{files[0].path.suffix}")
            fits = len(lines[-1]) + 1 + len(marked) <= WIDTH
            lines[-1:] = [f"{lines[-1]} {marked}"] if fits else [lines[-1], marked]
        return lines


def _disagreement(net: CheckedNet) -> str:
    """Return the key of what central differences have to say against a sheet: by its δ, or what it has."""
    if net.layout.of("delta") and not (net.layout.by_formulas and net.layout.gradients):
        return "net.disagrees"
    return "net.disagrees_gradients" if net.layout.gradients else "net.disagrees_updates"


def _ends(own: Array, right: Array, patterns: int) -> tuple[float, float, float]:
    """Return the sheet's cost at first and at the end, and the right one at the end: means of a pass."""
    passes = max(patterns, 1)
    return float(np.mean(own[:passes])), float(np.mean(own[-passes:])), float(np.mean(right[-passes:]))


def _passes_repeat(net: CheckedNet) -> bool:
    """Tell whether a table begins and ends with the same patterns: else its costs can't be compared."""
    period = max(net.layout.patterns, 1)
    given = [values for term, values in (net.right or {}).items() if is_given(term)]
    repeat = all(np.array_equal(values[period:], values[:-period]) for values in given)
    return repeat and net.layout.steps >= 2 * period
