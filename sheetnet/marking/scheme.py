"""A scheme: what a verdict earns of the marks of its blank; `scheme.toml` is what holds unless told."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from sheetnet.book.files import read_text
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.errors import FileError
from sheetnet.exercise.manifest import BlankEntry
from sheetnet.exercise.roster import plain_name
from sheetnet.layout.page import Caption, caption_text
from sheetnet.marking.marks import VERDICTS, MarkedBlank, MarkedStudent, Verdict
from sheetnet.net.terms import LAYERED, Kind

MAX_MARKS = 1_000
"""Of a blank."""
MAX_DECIMALS = 6
MAX_CHARACTERS = 1_000_000
"""Of a scheme's file."""
_DEFAULT = Path(__file__).with_name("scheme.toml")
_QUANTITIES = ("a", "δ", "dC/dW", "new W", "C", "cell")
_QUANTITY = re.compile(r"(?:a|δ|dC/dW|new W)\(\d{1,2}\)|" + "|".join(map(re.escape, _QUANTITIES)))
_FRACTION = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?:/\s*([0-9]{1,9})\s*)?")
_LONGEST_WORD = 40
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a teacher gives for what.

    `verdicts` and `codes` are shares of a blank's marks, 0 to 1, `codes` by a code or the beginning of some;
    `marks` is what a blank is worth, by its quantity: "δ", "δ(1)", "new W", "C". Without `repeated` a mistake
    costs only in the first blank where a student makes it. `bands` are words, each with the share of all
    marks from which on it holds, the highest first. Marks are shown with so many `decimals`.
    """

    verdicts: Mapping[Verdict, Fraction]
    codes: Mapping[str, Fraction]
    marks: Mapping[str, Fraction]
    bands: tuple[tuple[str, Fraction], ...]
    repeated: bool
    decimals: int

    def earned(self, verdict: Verdict, of: Fraction, code: str = "", *, again: bool = False) -> Fraction:
        """Return the marks that a verdict earns of those of its blank.

        `code` is that of a mistake; `again` tells that the student made the same mistake before.
        """
        if verdict != "misconception":
            return of * self.verdicts[verdict]
        if again and not self.repeated:
            return of * self.verdicts["right"]
        named = [name for name in self.codes if code == name or code.startswith(f"{name}-")]
        return of * (self.codes[max(named, key=len)] if named else self.verdicts[verdict])

    def worth(self, blank: BlankEntry) -> Fraction:
        """Return the marks of a blank; by its layer's quantity, its quantity, or as the manifest says."""
        for name in _quantities(blank):
            if name in self.marks:
                return self.marks[name]
        return Fraction(blank.marks)

    def marked(self, student: MarkedStudent) -> MarkedStudent:
        """Return a student with the marks that the verdicts earn; what each blank is worth stays."""
        met: set[str] = set()
        blanks: list[MarkedBlank] = []
        for blank in student.blanks:
            earned = self.earned(blank.verdict, blank.of, blank.code, again=blank.code in met)
            met |= {blank.code} if blank.verdict == "misconception" else set()
            blanks.append(replace(blank, earned=earned))
        return replace(student, blanks=tuple(blanks))

    def band(self, earned: Fraction, of: Fraction) -> str:
        """Return the word for a student's marks, empty where none holds."""
        share = earned / of if of else Fraction(0)
        return next((word for word, least in self.bands if share >= least), "")


def _quantities(blank: BlankEntry) -> Iterable[str]:
    """Yield what a scheme may call a blank, the narrower name first."""
    if blank.kind not in get_args(Kind):
        yield blank.kind
        return
    if blank.kind == "cost":
        yield "C"
        return
    caption = Caption(blank.kind, blank.layer)  # type: ignore[arg-type]
    if blank.kind in LAYERED:
        whole = caption_text(caption)
        yield whole
        yield whole.partition("(")[0]


def scheme_text() -> str:
    """Return the default scheme as its file has it, for a teacher to save and change."""
    return _DEFAULT.read_text(encoding="utf-8")


def read_scheme(path: str | Path | None) -> Scheme:
    """Return the scheme of a file, or the default; FileError, on one line, for whatever is none."""
    if path is None:
        return scheme_of("", _DEFAULT.name)
    path = Path(path)
    return scheme_of(read_text(path, "a scheme, a .toml file", MAX_CHARACTERS), path.name)


def scheme_of(text: str, place: str) -> Scheme:
    """Read a scheme's text; `place` is the file's name. FileError, on one line, for whatever is none."""
    default = tomllib.loads(scheme_text(), parse_float=Decimal)
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        what = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise FileError(f"{place}: is no TOML ({what[:100]}); mend that line") from error
    for key, value in given.items():
        if key not in default:
            raise _problem(place, key, f"one of {', '.join(default)}")
        if isinstance(default[key], dict) and not isinstance(value, dict):
            raise _problem(f"{place}, {key}", value, f"a group of lines below [{key}]")
    for name in given.get("verdicts", {}):
        if name not in VERDICTS:
            raise _problem(f"{place}, verdicts", name, f"one of {', '.join(VERDICTS)}")
    given["verdicts"] = {**default["verdicts"], **given.get("verdicts", {})}
    return _scheme({**default, **given}, place)


# ---------------------------------------------------------------- what a file may say


def _scheme(data: Mapping[str, Any], place: str) -> Scheme:
    """Return a scheme from a whole file's data."""
    verdicts, codes, marks, bands = (
        {
            name: _fraction(value, f"{place}, {group}, {plain_name(name)[:_SHOWN]}", most)
            for name, value in data[group].items()
        }
        for group, most in (("verdicts", 1), ("codes", 1), ("marks", MAX_MARKS), ("bands", 1))
    )
    for code in codes:
        if not any(each == code or each.startswith(f"{code}-") for each in catalogue()):
            raise _problem(
                f"{place}, codes", code, "the code of a mistake, or the beginning of some; see sheetnet codes"
            )
    for quantity in marks:
        if not _QUANTITY.fullmatch(quantity):
            raise _problem(
                f"{place}, marks", quantity, f"a quantity, {', '.join(_QUANTITIES)}, or δ(1) of a layer"
            )
    for word in bands:
        if not word or word != plain_name(word) or len(word) > _LONGEST_WORD:
            raise _problem(f"{place}, bands", word, f"a word or some, at most {_LONGEST_WORD} characters")
    decimals, repeated = data["decimals"], data["repeated"]
    if type(decimals) is not int or not 0 <= decimals <= MAX_DECIMALS:
        raise _problem(f"{place}, decimals", decimals, f"a whole number, 0 to {MAX_DECIMALS}")
    if type(repeated) is not bool:
        raise _problem(f"{place}, repeated", repeated, "true or false")
    return Scheme(
        {verdict: verdicts[verdict] for verdict in VERDICTS},
        codes,
        marks,
        tuple(sorted(bands.items(), key=lambda band: -band[1])),
        repeated,
        decimals,
    )


def _fraction(value: object, where: str, most: int) -> Fraction:
    """Return a number, or a text such as 1/2, exactly."""
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        match = _FRACTION.fullmatch(str(value))
        if match is not None and Fraction(match[2] or 1) > 0:
            found = Fraction(match[1]) / Fraction(match[2] or 1)
            if found <= most:
                return found
    raise _problem(where, value, f"a number or a fraction such as '1/2', from 0 to {most:,}")


def _problem(where: str, found: object, expected: str) -> FileError:
    """Return the error for something that a file says."""
    shown = plain_name(str(found))
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
    return FileError(f"{where}: found '{shown}', expected {expected}")
