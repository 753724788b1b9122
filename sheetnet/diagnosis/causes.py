"""Why a formula is wrong: the misconception that explains it, or the one part in which it differs."""

import dataclasses
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sheetnet.book.calculator import cells_of
from sheetnet.book.grid import CellError
from sheetnet.diagnosis.compare import Judge
from sheetnet.diagnosis.misconceptions import folded
from sheetnet.diagnosis.respelling import edited, respelt
from sheetnet.diagnosis.world import World
from sheetnet.formula.address import a1
from sheetnet.formula.arithmetic import KNOWN_FUNCTIONS, NotComputable
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Reference,
    references,
    walk,
)
from sheetnet.formula.matrix import scalar
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.text import reference_text
from sheetnet.layout.series import Series
from sheetnet.net.terms import Term, label

MOST_EDITS = 4_000
"""Changes that are tried on one formula."""
MOST_PARTS = 150_000
"""Parts of formulas that are tried in all: a long one is changed less often."""
MOST_STEPS = 2_000
"""Cells that are followed in search of a circle."""

_OPERATORS = ("+", "-", "*", "/", "^")
_FUNCTIONS = ("EXP", "TANH", "LN", "ABS", "SQRT", "SIN", "COS")
_CONSTANTS = (0.0, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Cause:
    """A code, words for its sentences, other codes that fit as well, and the formula mended in one part.

    Causes with the same `key` are one.
    """

    code: str
    details: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    mended: str | None = None
    key: Hashable = ()

    def and_also(self, code: str) -> "Cause":
        """Return the cause with one more code that fits."""
        return dataclasses.replace(self, also=(*self.also, code))


def cause_of(judge: Judge, term: Term, series: Series, *, briefly: bool = False) -> Cause:
    """Return why a series whose formula departs from the rule does so; `briefly` just how it differs."""
    return _Inquiry(judge, term, series).cause(briefly=briefly)


def circle_of(judge: Judge, term: Term, series: Series) -> str | None:
    """Return the way from a cell whose formula seems right back to itself: =C9 in C8, and =C8 in C9.

    Only a formula that uses its own column, in its own row or below, can be right and go in a circle.
    """
    column = judge.layout.columns[term]
    own = (target.at(series.first, column) for target in references(judge.reader.of(series, column)))
    if any(place == column and row >= series.first for _, row, place in own):
        return _Inquiry(judge, term, series).circle()
    return None


class _Inquiry:
    """One wrong series under examination."""

    def __init__(self, judge: Judge, term: Term, series: Series) -> None:
        self.judge, self.term, self.series = judge, term, series
        self.layout = judge.layout
        self.column = self.layout.columns[term]
        self.terms = self.layout.terms
        self.cell = cells_of(judge.book)

    def cause(self, *, briefly: bool) -> Cause:
        text = self.series.text()
        if "#REF!" in text.upper():
            return Cause("sheet-broken-reference")
        try:
            found = self.judge.read(self.term, self.series)
        except (Unparsable, NotComputable) as error:
            return Cause("sheet-unreadable", {"reason": str(error)[:80]})
        if briefly:
            return self._unlike(found)
        if self._uses_nothing(found) and (slip := self._edited(found)) is not None:
            return slip
        misconception, circle = self._misconception(found), self.circle()
        if misconception is not None:
            if self.layout.by_formulas and (own := self._edited(found)) is not None:
                misconception = dataclasses.replace(misconception, mended=own.mended)
            return misconception if circle is None else misconception.and_also("sheet-circular")
        if circle is not None:
            return Cause("sheet-circular", {"path": circle})
        if isinstance(found, Operation) and found.operator in ("=", "<>", "<", ">", "<=", ">="):
            return Cause("sheet-truth-value")
        slip = self._edited(found)
        if slip is None and (unknown := _unknown_function(found)) is not None:
            return Cause("sheet-unreadable", {"reason": f"the function {unknown}"})
        return slip or self._unlike(found)

    def _uses_nothing(self, found: Expression) -> bool:
        """Tell whether a formula uses a cell in which no number is: then that cell is what is wrong."""
        return any(
            self._holds(sheet or self.layout.sheet, row, column)[0] in ("empty", "text")
            for sheet, row, column in (
                target.at(self._telling_row(target), self.column) for target in references(found)
            )
        )

    # ------------------------------------------------------------ misconceptions

    def _worlds(self) -> list[World]:
        worlds = [self.judge.world]
        if self.term.kind == "w":
            worlds.append(self.judge.with_own_rate())
        return worlds

    def _misconception(self, found: Expression) -> Cause | None:
        """Return the misconceptions that give this very formula."""
        for world in self._worlds():
            if world is not self.judge.world and self.judge.equal(found, self.term, self.series, world):
                return None  # but for where the rate stands it is right
            values = {row: world.evaluate(found, row, self.column) for row in self._rows()}
            if any(value is None for value in values.values()):
                return None
            codes: dict[str, Mapping[str, str]] = {}
            followed = self.judge.followed.conventions
            for variant in folded(self.term, self.layout.sizes, followed, self.layout.columns):
                if variant.code in codes:
                    continue
                wrong = variant.expression
                if all(
                    world.agree(values[row], self.term, row, world.evaluate(wrong, row, self.column))
                    for row in self._rows()
                ):
                    codes[variant.code] = variant.details
            if codes:
                code, *also = codes
                return Cause(code, self._in_own_names(codes[code]), tuple(also))
        return None

    def _in_own_names(self, details: Mapping[str, str]) -> Mapping[str, str]:
        """Return words for a sentence with the labels that the sheet itself has for what they name."""
        layout, layer = self.layout, self.term.layer
        if not layout.names:
            return details
        nearest = sorted(
            layout.columns, key=lambda term: (term.kind != self.term.kind, abs(term.layer - layer))
        )
        own = {label(term): layout.label(term) for term in reversed(nearest)}
        return {key: own.get(text, text) for key, text in details.items()}

    def _rows(self) -> list[int]:
        return self.judge.rows(self.series)

    # ------------------------------------------------------------ one part that differs

    def _edited(self, found: Expression) -> Cause | None:
        """Return the one reference, operator, constant or function that makes the formula wrong."""
        rule = scalar(self.judge.followed.expression(self.term))
        edits = min(MOST_EDITS, MOST_PARTS // sum(1 for _ in walk(found)))
        for part, new, everywhere in islice(self._edits(found, rule), edits):
            changed = edited(found, part, new, everywhere=everywhere)
            if self.judge.equal(changed, self.term, self.series):
                return self._told(found, part, new, everywhere=everywhere)
        return None

    def _edits(self, found: Expression, rule: Expression) -> Iterator[tuple[Expression, Expression, bool]]:
        """Yield what may be replaced by what, in one place or everywhere."""
        parts = list(walk(found))
        named = references(found)
        targets, own = [*self._shorter(), *references(rule)], set(named)
        targets.sort(key=own.__contains__)  # what the formula lacks is the likeliest
        uses = Counter(part.target for part in parts if isinstance(part, Reference))
        for target in targets:
            for part in parts:
                if isinstance(part, Reference) and target != part.target:
                    yield part, Reference(target), False
            for other in named:
                if other != target and uses[other] > 1:
                    yield Reference(other), Reference(target), True
        for part, new in self._other_edits(parts, rule, targets):
            yield part, new, False

    def _shorter(self) -> list[CellReference]:
        """Return what stands for a part of a weight's update in a column of its own."""
        columns, term = self.layout.columns, self.term
        if term.kind != "w":
            return []
        ways = [(term._replace(kind="gradient"), -1), (term._replace(kind="new"), -1)]
        return [CellReference(lag, columns[way] - self.column) for way, lag in ways if way in columns]

    def _other_edits(
        self, parts: Sequence[Expression], rule: Expression, targets: Sequence[CellReference]
    ) -> Iterator[tuple[Expression, Expression]]:
        constants = {*_CONSTANTS, *(p.value for p in walk(rule) if isinstance(p, Constant))}
        for part in parts:
            if isinstance(part, Operation) and len(part.operands) == 2:
                yield from (
                    (part, Operation(other, part.operands)) for other in _OPERATORS if other != part.operator
                )
            elif isinstance(part, Operation) and part.operator == "neg":
                yield part, part.operands[0]
            elif isinstance(part, Constant):
                yield from ((part, Constant(value)) for value in constants if value != part.value)
            elif isinstance(part, Call) and len(part.arguments) == 1:
                yield from ((part, Call(name, part.arguments)) for name in _FUNCTIONS if name != part.name)
        for part in parts:
            if isinstance(part, Reference | Call):
                yield part, Operation("neg", (part,))
            if isinstance(part, Constant) and isinstance(part.value, float):
                yield from ((part, Reference(target)) for target in targets)

    def _told(self, found: Expression, part: Expression, new: Expression, *, everywhere: bool) -> Cause:
        row, column = self.series.first, self.column
        dialect, text = self.judge.book.dialect, self.series.text()
        mended = None
        if self.series.array is None:
            mended = respelt(text, found, part, new, (row, column), dialect, everywhere=everywhere)
        if isinstance(part, Reference) and isinstance(new, Reference):
            assert isinstance(part.target, CellReference)
            code, details = self._reference(part.target, new.target)
            return Cause(code, details, mended=mended, key=self._key(code, part.target))
        if isinstance(part, Operation) and isinstance(new, Operation) and len(part.operands) == 2:
            details = {"found_part": part.operator, "expected_part": new.operator}
            return Cause("sheet-operator", details, mended=mended, key=(part.operator, new.operator))
        if isinstance(part, Constant):
            details = {"found_part": f"{part.value}".removesuffix(".0")}
            if isinstance(new, Constant):
                details["expected_part"] = f"{new.value}".removesuffix(".0")
            else:
                assert isinstance(new, Reference)
                details["expected_part"] = reference_text(new.target, row, column)
            return Cause("sheet-constant", details, mended=mended, key=part.value)
        if isinstance(part, Call) and isinstance(new, Call):
            details = {"found_part": part.name, "expected_part": new.name}
            return Cause("sheet-function", details, mended=mended, key=(part.name, new.name))
        return Cause("sheet-sign", mended=mended)

    def _key(self, code: str, target: CellReference) -> Hashable:
        """Return what makes two wrong references one cause: the same fixed cell, or the same way to go wrong.

        All layers share one learning rate.
        """
        if target.row_fixed and target.column_fixed:
            return target
        of_rate = code in ("update-sliding-rate", "update-wrong-rate")
        return None if of_rate else (self.term.kind, self.term.layer)

    def _reference(self, found: object, expected: object) -> tuple[str, dict[str, str]]:
        """Return the code and the words for a reference that should be another one."""
        assert isinstance(found, CellReference)
        assert isinstance(expected, CellReference)
        layout, row, column = self.layout, self._telling_row(found), self.column
        sheet, found_row, found_column = found.at(row, column)
        holds, what = self._holds(sheet or layout.sheet, found_row, found_column)
        details = {
            "found_part": reference_text(found, row, column),
            "expected_part": reference_text(expected, row, column),
            "holds": holds,
            "what": what,
            "cell": a1(row, column),
        }
        rate = layout.rate
        place = expected.at(row, column)
        if rate is not None and (place[0] or layout.sheet, *place[1:]) == rate:
            slides = not found.row_fixed and self.series.last > self.series.first
            slides = slides and (sheet or layout.sheet, found_column) == (rate[0], rate[2])
            return ("update-sliding-rate" if slides else "update-wrong-rate"), details
        if (found.row_fixed, found.column_fixed) != (expected.row_fixed, expected.column_fixed) and (
            found.at(self.series.first, column) == expected.at(self.series.first, column)
            or found_column == expected.at(row, column)[2]
        ):
            return "sheet-dollar", details
        if holds in ("empty", "text"):
            return f"sheet-{holds}-reference", details
        if found_row == place[1] and abs(found_column - place[2]) == 1:
            return "sheet-neighbour", details
        return "sheet-reference", details

    def _telling_row(self, found: CellReference) -> int:
        """Return a row in which the reference goes wrong; a sliding one is right in the first."""
        return (
            self.series.first
            if found.row_fixed or self.series.first == self.series.last
            else self.series.first + 1
        )

    def _holds(self, sheet: str, row: int, column: int) -> tuple[str, str]:
        """Return what kind of cell a wrong reference means, and what stands there."""
        layout = self.layout
        term = self.terms.get(column)
        if sheet == layout.sheet and term is not None and layout.first_row <= row <= layout.last_row:
            return "term", layout.named(term)
        cell = self.cell((sheet, row, column))
        if cell is None or (cell.value is None and cell.formula is None):
            return "empty", ""
        if isinstance(cell.value, str) and not isinstance(cell.value, CellError):
            return "text", cell.value[:24]
        return "other", f"{cell.value:g}" if isinstance(cell.value, float) else str(cell.value)

    # ------------------------------------------------------------ what is left

    def _unlike(self, found: Expression) -> Cause:
        """Return which references the formula has and the rule has not, and the reverse."""
        row, column = self.series.first, self.column
        own, ruled = (references(each) for each in (found, scalar(self.judge.followed.expression(self.term))))

        def names(some: list[CellReference], others: list[CellReference]) -> str:
            return ", ".join(reference_text(each, row, column) for each in some if each not in others)

        details = {"surplus": names(own, ruled), "missing": names(ruled, own)}
        return Cause("sheet-other-formula", details, key=(self.term.kind, self.term.layer))

    def circle(self) -> str | None:
        """Return the way from the cell through formulas back to itself, None when there is none."""
        start = (self.layout.sheet, self.series.first, self.column)
        came: dict[tuple[str, int, int], tuple[str, int, int]] = {}
        stack = [start]
        while stack and len(came) < MOST_STEPS:
            place = stack.pop()
            cell = self.cell(place)
            if cell is None or cell.formula is None:
                continue
            try:
                expression = self.judge.reader.expression(*place)
            except (Unparsable, NotComputable):
                continue
            for target in references(expression):
                sheet, row, column = target.at(place[1], place[2])
                other = (sheet or place[0], row, column)
                if other == start:
                    way = [place]
                    while way[-1] != start:
                        way.append(came[way[-1]])
                    return " → ".join([*(a1(*step[1:]) for step in reversed(way)), a1(*start[1:])])
                if other not in came and 0 <= other[1] - start[1] <= 2:  # what lies above can't lead back
                    came[other] = place
                    stack.append(other)
        return None


def _unknown_function(expression: Expression) -> str | None:
    """Return a function of an expression that this program does not evaluate, None without such."""
    calls = (part.name for part in walk(expression) if isinstance(part, Call))
    return next((name for name in calls if name not in KNOWN_FUNCTIONS), None)
