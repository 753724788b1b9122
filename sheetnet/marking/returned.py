"""A returned workbook: whose it is, what stands in its boxes, and whether what was given is still so."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetnet.book.calculator import Calculator, Formula, Place, cells_of
from sheetnet.book.grid import Book, Value, a1
from sheetnet.errors import SheetnetError
from sheetnet.exercise.exercise import Exercise, exercise, use_text
from sheetnet.exercise.form import STUDENT
from sheetnet.exercise.manifest import BlankEntry, Entry, Manifest
from sheetnet.exercise.roster import same_file
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import CellReference, Reference, Unreadable, references
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.content import meant
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import SeriesReader
from sheetnet.marking.marks import Changed
from sheetnet.net.terms import Use
from sheetnet.recognition.finding import find_nets

_SHOWN = 120
"""Characters of an answer that are kept."""
_SAME = 1e-12
"""Relative difference of a number that a program saved again."""
_FOREIGN = 0.75
"""The share of given numbers, or of boxes, beyond which a worksheet is another one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in a box: as text, and as the number that it is or was meant as.

    `decimals` are those that it was typed with, None for a formula or no number; `place` is None where the
    cell is gone. `reason` says why what stands there is no number.
    """

    text: str
    value: float | None
    place: Place | None
    formula: bool = False
    as_text: bool = False
    decimals: int | None = None
    reason: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing stands there."""
        return not self.text and self.value is None

    @property
    def cell(self) -> str:
        """Its address, empty where it is gone."""
        return "" if self.place is None else f"{self.place[0]}.{a1(*self.place[1:])}"


class Returned:
    """Reads one returned workbook; its formulas are evaluated here, by the whitelist, and nowhere else."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._cell = cells_of(book)
        self._reader = SeriesReader(book)
        self._calculator = Calculator(self._content)
        self.layout = self._found_layout()
        self._places: Mapping[Use, Place] | None = None

    def _found_layout(self) -> Layout | None:
        try:
            return next(iter(find_nets(self.book, lenient=True)), None)
        except SheetnetError:
            return None

    def _content(self, place: Place) -> Value | Formula:
        cell = self._cell(place)
        if cell is None or cell.formula is None:
            return None if cell is None else cell.value
        try:
            return Formula(self._reader.expression(*place))
        except Unparsable as error:
            raise NotComputable(str(error)) from error

    # ------------------------------------------------------------ whose it is

    def student(self, manifest: Manifest) -> Entry | None:
        """Return the student whose file it is, by the id that stands in it; a manifest of one needs none."""
        place = self.named(STUDENT)
        cell = None if place is None else self._cell(place)
        words = str(cell.value).split() if cell is not None and cell.value is not None else []
        entries = {same_file(entry.id): entry for entry in manifest.students}
        for word in reversed(words[:20]):
            if (entry := entries.get(same_file(word[:200]))) is not None:
                return entry
        if not words and len(manifest.students) == 1:
            return manifest.students[0]
        return None

    # ------------------------------------------------------------ boxes

    def named(self, name: str) -> Place | None:
        """Return the cell that a defined name means, None where there is none, or it is gone."""
        names = self.book.names or {}
        for key in (name, *(each for each in names if each.endswith(f"!{name}"))):
            if key in names:
                own = key.rpartition("!")[0] or self.book.sheets[0].name
                meaning = resolved(Unreadable(key), names, own)
                if isinstance(meaning, Reference) and isinstance(meaning.target, CellReference):
                    sheet, row, column = meaning.target.at(0, 0)
                    if any(each.name == (sheet or own) for each in self.book.sheets):
                        return sheet or own, row, column
        return None

    def has_name(self, name: str) -> bool:
        """Tell whether a name is defined, be its cell gone or not."""
        return any(each == name or each.endswith(f"!{name}") for each in self.book.names or {})

    def answer(self, name: str, use: Use | None, made: Exercise) -> Answer:
        """Return what stands in a box; without its name it is looked for where its term stands."""
        place = self.named(name)
        if place is None and not self.has_name(name) and use is not None:
            place = self.places(made).get(use)
        if place is None:
            return Answer("", None, None)
        cell = self._cell(place)
        if cell is None or (cell.value is None and cell.formula is None):
            return Answer("", None, place)
        if cell.formula is None:
            return _typed(cell.value, place)
        try:
            return self._computed(place, cell.formula)
        except (ArithmeticError, RecursionError, ValueError) as error:  # one box must not cost the others
            return Answer(cell.formula[:_SHOWN], None, place, formula=True, reason=str(error)[:_SHOWN])

    def _computed(self, place: Place, formula: str) -> Answer:
        shown = formula.removeprefix("of:")[:_SHOWN]
        try:
            value = self._calculator.value(place)
        except NotComputable as error:
            return Answer(shown, None, place, formula=True, reason=str(error)[:_SHOWN])
        if isinstance(value, bool | int | float) and math.isfinite(value):
            try:
                refers = bool(references(self._reader.expression(*place)))
            except (Unparsable, NotComputable):
                refers = False
            return Answer(shown, float(value), place, formula=refers)
        number = meant(value)
        reason = "" if number is not None else str("" if value is None else value)[:_SHOWN] or shown
        return Answer(shown, number, place, formula=True, reason=reason, as_text=number is not None)

    # ------------------------------------------------------------ what was given

    def places(self, made: Exercise) -> Mapping[Use, Place]:
        """Return where the cells of the exercise stand in this workbook; empty where it can't be read."""
        if self._places is None:
            self._places = self._found_places(made)
        return self._places

    def _found_places(self, made: Exercise) -> Mapping[Use, Place]:
        layout = self.layout
        if layout is None or layout.sizes != made.layout.sizes:
            return {}
        try:
            return exercise(
                layout,
                made.conventions,
                (),
                dialect=self.book.dialect,
                steps=min(made.steps, layout.steps),
                decimals=made.decimals,
                rounded=made.rounded,
            ).places
        except (KeyError, ValueError, AssertionError):
            return {}

    def foreign(self, made: Exercise, given: Mapping[Use, float], blanks: Sequence[BlankEntry]) -> str:
        """Return why a workbook is no worksheet of this set, empty where it is one."""
        named = [blank.name for blank in blanks if self.has_name(blank.name)]
        if not named and not self.places(made):
            return "found no boxes of a worksheet in it, expected the workbook that was handed out"
        found = self.changed(made, given)
        if len(found) > _FOREIGN * len(given):
            return (
                f"{len(found)} of {len(given)} given numbers are others than were handed out; "
                "it seems to be of another set, look at it yourself"
            )
        places, others = self.places(made), set(self.places(made).values())
        if made.blanks and len(named) == len(blanks):
            at = {use: self.named(blank.name) for use, blank in zip(made.blanks, blanks, strict=True)}
            moved = [use for use, place in at.items() if place in others and place != places.get(use)]
            if len(moved) > _FOREIGN * len(blanks):
                return (
                    "its boxes ask for other quantities; it seems to be of another set, look at it yourself"
                )
        return ""

    def changed(self, made: Exercise, given: Mapping[Use, float]) -> tuple[Changed, ...]:
        """Return the given numbers that are not as they were handed out."""
        places = self.places(made)
        if not places:
            return (Changed("", 0, math.nan, None, ""),)
        found = []
        for use, number in given.items():
            place = places.get(use)
            if place is None:
                continue
            try:
                value = self._calculator.value(place)
            except NotComputable:
                value = None
            read = value if isinstance(value, float) else meant(value)
            if read is None or abs(read - number) > _SAME * max(abs(number), 1.0):
                shown = value if isinstance(value, float) else None if value is None else str(value)[:_SHOWN]
                cell = f"{place[0]}.{a1(*place[1:])}"
                found.append(Changed(use_text(use), use.step, number, shown, cell))
        return tuple(found)


def _typed(value: Value, place: Place) -> Answer:
    """Return what was typed into a box, with the decimals that it was typed with."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        number = float(value)
        if not math.isfinite(number):
            return Answer(str(value), None, place, reason=str(value))
        text = repr(number).removesuffix(".0")
        return Answer(text, number, place, decimals=_decimals(text))
    text = str(value)
    read = meant(value)
    shown = text[:_SHOWN]
    if read is None or isinstance(value, bool):
        return Answer(shown, None, place, reason=shown)
    return Answer(shown, read, place, as_text=True, decimals=_decimals(text.replace(",", ".")))


def _decimals(text: str) -> int:
    """Return the decimals of a number as it was typed."""
    mantissa, _, exponent = text.casefold().strip().partition("e")
    match = re.search(r"\.(\d+)", mantissa)
    own = len(match[1]) if match else 0
    return max(own - int(exponent or 0), 0) if re.fullmatch(r"[-+]?\d*", exponent) else own
