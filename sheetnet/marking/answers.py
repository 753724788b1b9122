"""A student's answers, judged from the student's own numbers, one after the other as they are computed."""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sheetnet.exercise.exercise import Exercise, Impossible, use_text
from sheetnet.formula.expression import Expression
from sheetnet.formula.text import written
from sheetnet.marking.judge import Judge
from sheetnet.marking.marks import Verdict
from sheetnet.marking.returned import Answer
from sheetnet.net.terms import LEARNING_RATE, Use

MORE = 1e-9
"""Of a tolerance, for the last bit of a number that lies just at its edge."""
_FEWEST = 2
"""Answers that show a convention; one alone is a mistake."""
_NEVER = ("number", "saturated", "zero")
"""Numbers on which no work can rest even where a mistake of the catalogue leads to them."""

_WRONG: tuple[Verdict, ...] = ("wrong", "misconception", "empty", "unreadable", "missing")


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on one answer, and what goes with it."""

    verdict: Verdict
    expected: float
    code: str = ""
    also: tuple[str, ...] = ()
    details: Mapping[str, str] | None = None
    decimals: int | None = None
    reason: str = ""


class Answers:
    """The answers of one student, each judged from the student's own numbers before it."""

    def __init__(self, judge: Judge, right: Mapping[Use, float], answers: Mapping[Use, Answer]) -> None:
        self._judge, self._right, self._answers = judge, right, answers
        self._made = judge.exercise
        self.own: dict[Use, float] = dict(right)
        """What a student goes on with: the own number where there is one that can be, else the right one."""
        self._units: dict[Use, float] = {}
        self._unlikely: dict[Use, str] = {}
        self._judged: dict[Use, Judged] = {}
        self._mended: dict[Use, float] = self.own
        """What a student goes on with who puts every slip right."""
        self._take()
        self._accepted = self._convention()
        self._mended = dict(self.own)
        for use, rule in self._made.rules.items():
            if use in self._answers:
                self._judged[use] = self._judge_one(use)
                if self._judged[use].verdict in _WRONG:
                    self._mended[use] = self._mended_value(rule, self._right[use])
            elif use in self._following:
                self._mended[use] = self._mended_value(rule, self.own[use])

    def judged(self, use: Use) -> Judged:
        """Return the verdict on the answer in a blank."""
        return self._judged[use]

    # ------------------------------------------------------------ what the student goes on with

    def _take(self) -> None:
        """Take up the numbers of all answers, and let what follows from them follow."""
        blanks = set(self._made.blanks)
        for use, value in self._right.items():
            if use not in self._made.rules:
                self._units[use] = self._hidden(value)
        for use, rule in self._made.rules.items():
            if use in blanks:
                answer = self._answers[use]
                if answer.value is None:
                    continue
                impossible = self._impossible(use, answer.value)
                if impossible and (impossible in _NEVER or not self._follows(use, answer)):
                    self._unlikely[use] = impossible
                self.own[use] = answer.value
                self._units[use] = self._unit(answer, self._right[use])
            elif use in self._following:
                try:
                    self.own[use] = self._judge.value(rule, self.own)
                    if (impossible := self._impossible(use, self.own[use])) in _NEVER:
                        self._unlikely[use] = impossible
                    self._units[use] = self._hidden(self.own[use]) + self._spread(rule)
                except Impossible:
                    self._unlikely[use] = "error"
            else:
                self._units[use] = self._hidden(self._right[use])

    def _follows(self, use: Use, answer: Answer) -> bool:
        """Tell whether an answer follows from the student's own numbers, by the rule or by a mistake."""
        if is_rounded(answer, self._right[use], self._judge.manifest.decimals):
            return True
        if self._fits(answer, self._made.rules[use]):
            return True
        return not self._resting(use) and bool(self._codes(use, answer))

    def _hidden(self, value: float) -> float:
        """Return how far a number is from what a sheet shows of it."""
        if not math.isfinite(value):
            return 0.0
        return abs(value - round(value, self._judge.manifest.decimals))

    def _unit(self, answer: Answer, right: float) -> float:
        """Return how far a student's unrounded number may be from the answer.

        A number such as 0.5 has fewer decimals only if it is right but for that; it may stand for 0.5000.
        """
        assert answer.value is not None
        asked = self._judge.manifest.decimals
        if answer.decimals is None:
            return self._hidden(answer.value)
        early = abs(answer.value - right) > self._judge.half and is_rounded(answer, right, asked)
        decimals = answer.decimals if early else max(answer.decimals, asked)
        return max(0.5 * 10.0 ** -min(decimals, 15), self._hidden(answer.value))

    @cached_property
    def _following(self) -> frozenset[Use]:
        return self._made.following

    def _impossible(self, use: Use, value: float) -> str:
        """Return why no work can rest on a number, empty where it can."""
        kind = use.term.kind
        if not math.isfinite(value):
            return "number"
        right = self._right[use]
        half = self._judge.half
        if abs(value - right) <= half:
            return ""
        shown = round(value, self._judge.manifest.decimals)
        if kind == "gradient" and self._shows_as_nothing(value, right):
            return "idle"
        if kind in ("a", "delta"):
            activation = self._judge.manifest.conventions.activation(use.term.layer)
            ends = {"sigmoid": (0, 1), "softmax": (0, 1), "tanh": (-1, 1)}.get(activation)
            if kind == "a" and ends is not None and not ends[0] < shown < ends[1]:
                return "saturated" if shown in ends else "activation"
            if kind == "delta" and shown == 0 and activation != "relu":
                return "zero"
        if kind in ("a", "delta", "gradient") and self._is_copied(use, value):
            return "copied"
        return ""

    def _shows_as_nothing(self, value: float, right: float) -> bool:
        """Tell a number that is 0 in the decimals asked for, where the right one is not."""
        return abs(value) <= self._judge.half * (1 + MORE) < abs(right) - self._judge.half

    def _is_idle(self, use: Use, own: float) -> bool:
        """Tell own numbers by which nothing is done, from a wrong one that no mistake of the catalogue gives.

        They are a gradient of 0, and a weight that stays as it was.
        """
        term, right = use.term, self._right[use]
        sources = [self._judged[each].verdict for each in self._sources(use) if each in self._judged]
        if "wrong" not in sources:
            return False
        if term.kind in ("delta", "gradient"):
            return self._shows_as_nothing(own, right)
        if term.kind != "new":
            return False
        before = self.own.get(self._made.cell_of(Use(term._replace(kind="w"), use.step)), 0.0)
        return self._shows_as_nothing(own - before, right - before)

    def _is_copied(self, use: Use, value: float) -> bool:
        """Tell a number that another cell of its quantity has, too, given or answered, and wrongly."""
        term = use.term
        for other, number in self._right.items():
            if other == use or (other.term.kind, other.step) != (term.kind, use.step):
                continue
            if term.kind != "delta" and other.term.layer != term.layer:  # inputs have few digits
                continue
            answer = self._answers.get(other)
            held = number if answer is None else answer.value
            if held == value and abs(value) > 0 and abs(self._right[use] - number) > self._judge.half:
                return True
        return False

    # ------------------------------------------------------------ one answer

    def _judge_one(self, use: Use) -> Judged:
        answer = self._answers[use]
        right, manifest = self._right[use], self._judge.manifest
        if answer.place is None:
            return Judged("missing", right)
        if answer.value is None:
            return Judged("empty" if answer.empty else "unreadable", right, reason=answer.reason)
        rule = self._made.rules[use]
        found = self._by_rule(use, answer, rule)
        if (found is None or found.verdict == "rounded") and self._accepted is not None:
            name, other = self._accepted
            if self._fits(answer, other.rules[use]):
                expected = self._judge.value(other.rules[use], self.own)
                found = Judged("convention", expected, details={"convention": name})
        if found is not None:
            asked = manifest.answers == "formulas" and not answer.formula
            return replace(found, verdict="typed") if asked and found.verdict != "rounded" else found
        expected = self._expected(use)
        resting = self._resting(use)
        if not resting and self._fits(answer, rule):
            resting = "idle"  # what was gone on with does nothing
        codes = [] if resting else self._codes(use, answer)
        if codes:
            (code, details), *also = codes
            return Judged("misconception", expected, code, tuple(other for other, _ in also), details)
        return Judged("wrong", expected, reason=f"rests-{resting}" if resting else "")

    def _by_rule(self, use: Use, answer: Answer, rule: Expression) -> Judged | None:
        """Return the verdict on what follows the right rule, None for what does not."""
        assert answer.value is not None
        right, half = self._right[use], self._judge.half * (1 + MORE)
        if abs(answer.value - right) <= half:
            return Judged("right", right)
        decimals = self._judge.manifest.decimals
        resting = self._resting(use)
        try:
            own, spread = self._judge.value(rule, self.own), self._spread(rule, formula=answer.formula)
        except Impossible:
            return (
                Judged("rounded", right, decimals=answer.decimals)
                if is_rounded(answer, right, decimals)
                else None
            )
        if abs(answer.value - own) <= half + spread and not resting and not self._is_idle(use, own):
            verdicts = {self._judged[each].verdict for each in self._sources(use) if each in self._judged}
            short = is_rounded(answer, own, decimals) and abs(answer.value - own) > half
            if short and "rounded" in verdicts:
                return Judged("rounded", own, decimals=answer.decimals)
            return Judged("right" if verdicts <= {"right", "typed"} else "own", own)
        if (mended := self._by_mended(use, answer, rule)) is not None:
            return mended
        if any(self._fits(answer, each.expression, exactly=True) for each in self._judge.variants(use)):
            return None  # an old weight has few decimals by itself
        for number in (right, own):
            if is_rounded(answer, number, decimals, spread if number == own else 0.0) and (
                number == right or not resting
            ):
                return Judged("rounded", number, decimals=answer.decimals)
        return None

    def _by_mended(self, use: Use, answer: Answer, rule: Expression) -> Judged | None:
        """Return the verdict on what follows from right numbers where slips stand: none was gone on with."""
        if not self._is_mended(rule) or not self._fits(answer, rule, self._mended):
            return None
        verdicts = {self._judged[each].verdict for each in self._sources(use) if each in self._judged}
        near = verdicts <= {"right", "typed", *_WRONG}
        return Judged("right" if near else "own", self._mended_value(rule, self._right[use]))

    def _is_mended(self, rule: Expression) -> bool:
        return any(self._mended.get(each) != self.own.get(each) for each in self._judge.needed(rule))

    def _mended_value(self, rule: Expression, otherwise: float) -> float:
        try:
            return self._judge.value(rule, self._mended)
        except Impossible:
            return otherwise

    def _expected(self, use: Use) -> float:
        """Return what is right in a cell, from the student's own numbers where these can be."""
        if self._resting(use):
            return self._right[use]
        try:
            return self._judge.value(self._made.rules[use], self.own)
        except Impossible:
            return self._right[use]

    def _fits(
        self,
        answer: Answer,
        rule: Expression,
        numbers: Mapping[Use, float] | None = None,
        *,
        exactly: bool = False,
        more: float = 0.0,
    ) -> bool:
        """Tell whether an answer is what some rule gives from `numbers`, the student's own by default.

        It may be off by `more` than the rounding of these.
        """
        if answer.value is None:
            return False
        numbers = self.own if numbers is None else numbers
        try:
            value = self._judge.value(rule, numbers)
            spread = self._spread(rule, numbers, formula=answer.formula) + more
        except Impossible:
            return False
        return abs(answer.value - value) <= (MORE if exactly else self._judge.half * (1 + MORE) + spread)

    def _codes(self, use: Use, answer: Answer) -> list[tuple[str, Mapping[str, str]]]:
        """Return the mistakes of the catalogue that give an answer, each once, with their words.

        Those that give it from the student's own numbers, else from these with the slips put right.
        """
        more = self._by_way_of_gradient(use)
        for numbers in (self.own, *([] if self._mended is self.own else [self._mended])):
            found: dict[str, Mapping[str, str]] = {}
            for variant in self._judge.variants(use):
                if variant.code not in found and self._fits(answer, variant.expression, numbers, more=more):
                    found[variant.code] = variant.details
            if found:
                return list(found.items())
        return []

    def _by_way_of_gradient(self, use: Use) -> float:
        """Return how far the rounding of dC/dW moves a new weight that is wrongly updated by it."""
        gradient = Use(use.term._replace(kind="gradient"), use.step)
        if use.term.kind != "new" or gradient not in self._made.places:
            return 0.0
        rate = abs(self._right[Use(LEARNING_RATE)])
        return 1.01 * max(rate, 1.0) * self._units.get(gradient, 0.0)

    def _spread(
        self, rule: Expression, numbers: Mapping[Use, float] | None = None, *, formula: bool = False
    ) -> float:
        """Return how far the rounding of the student's own numbers can move what a rule gives.

        A `formula` goes on from given numbers as they are, not as they are shown.
        """
        numbers = self.own if numbers is None else numbers
        total = 0.0
        for use in self._judge.needed(rule):
            unit = self._units.get(use, 0.0)
            if numbers[use] != self.own[use]:
                unit = max(unit, self._judge.half)
            if not unit or (formula and use not in self._answers):
                continue
            up, down = (
                self._judge.value(rule, {**numbers, use: numbers[use] + sign * unit}) for sign in (1, -1)
            )
            total += abs(up - down) / 2
        return 1.01 * total

    def _resting(self, use: Use) -> str:
        """Return why a cell rests on a number that can't be; empty where it does not."""
        found = (self._unlikely[each] for each in self._sources(use) if each in self._unlikely)
        return next(found, "")

    def _sources(self, use: Use) -> list[Use]:
        """Return the cells that one is computed from, and what those that follow from blanks are."""
        found = list(self._judge.needed(self._made.rules[use]))
        for each in found:
            if each in self._following:
                more = self._judge.needed(self._made.rules[each])
                found += [other for other in more if other not in found]
        return found

    # ------------------------------------------------------------ conventions

    def _convention(self) -> tuple[str, Exercise] | None:
        """Return another convention that the answers follow wherever it matters, None where there is none.

        An answer that follows neither is a mistake of its own; one that follows the sheet's refutes it.
        """
        for alternative, other, changed in self._judge.alternatives:
            told = self._told(other, changed)
            kinds = {use.term.kind for use in told}
            if len(told) >= _FEWEST and kinds >= alternative.told and self._keeps(kinds, changed):
                return alternative.name, other
        return None

    def _keeps(self, kinds: Container[str], changed: Container[Use]) -> bool:
        """Tell whether answers of these kinds follow the rule where a convention changes nothing.

        Who leaves all weights as they were has no fixed biases.
        """
        answers = [
            (use, self._answers[use])
            for use in self._made.blanks
            if use.term.kind in kinds and use not in changed and self._answers[use].value is not None
        ]
        kept = sum(self._fits(answer, self._made.rules[use]) for use, answer in answers)
        return 2 * kept >= len(answers)

    def _told(self, other: Exercise, changed: Sequence[Use]) -> list[Use]:
        """Return the cells that show a convention, none where one refutes it, or more do not show it."""
        told: list[Use] = []
        neither = 0
        for use in changed:
            answer = self._answers[use]
            if answer.value is None or not self._differ(use, other):
                continue
            if use in self._unlikely:
                neither += 1
            elif self._fits(answer, other.rules[use]):
                told.append(use)
            elif self._fits(answer, self._made.rules[use]):
                return []
            else:
                neither += 1
        return told if len(told) > neither else []

    def _differ(self, use: Use, other: Exercise) -> bool:
        """Tell whether a convention asks for another number in a cell."""
        try:
            one, two = (self._judge.value(made.rules[use], self.own) for made in (self._made, other))
        except Impossible:
            return True
        return abs(one - two) > 4 * self._judge.half

    # ------------------------------------------------------------ how it is worked out

    def working(self, use: Use) -> str:
        """Return the right rule of a cell with letters, and with the student's own numbers."""
        rule = self._made.rules[use]
        own = {} if self._resting(use) else self.own
        decimals = self._judge.manifest.decimals

        def letters(target: object) -> str:
            assert isinstance(target, Use)
            return "γ" if target.term == LEARNING_RATE else use_text(self._made.cell_of(target))

        def numbers(target: object) -> str:
            assert isinstance(target, Use)
            cell = self._made.cell_of(target)
            value = round(own.get(cell, self._right[cell]), decimals)
            text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
            return f"({text})" if value < 0 else text

        return f"{written(rule, letters)} = {written(rule, numbers)}"


def is_rounded(answer: Answer, right: float, decimals: int, spread: float = 0.0) -> bool:
    """Tell a number that is right but for having fewer decimals than are asked for, at least half of them.

    `spread` is how far `right` may be off itself.
    """
    given = answer.decimals
    if given is None or given >= decimals or answer.value in (None, 0.0):
        return False
    assert answer.value is not None
    least = (decimals + 1) // 2  # 0.50 is saved as 0.5
    return abs(answer.value - right) <= 0.5 * 10.0 ** -max(given, least) * (1 + MORE) + spread
