"""The manifest of a set of exercises: what each student was given, and what is expected in every blank."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal, NoReturn, TypeAlias

from sheetnet.errors import FileError
from sheetnet.exercise.record import Malformed, decoded
from sheetnet.exercise.roster import id_problem, same_file
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term, named

VERSION = 1
"""Of the format; a manifest of another one is refused."""
MAX_CHARACTERS = 50_000_000
"""Of a manifest's text: a class of thirty needs a hundredth."""
MAX_STEPS = 20
"""Of a worksheet."""
_LAYERS, _NEURONS, _DECIMALS = 50, 1_000, 15

Paper: TypeAlias = Literal["page", "rows"]
Answers: TypeAlias = Literal["numbers", "formulas"]

_NUMBERS = re.compile(r"\[\n\s*(-?\d[-+.e\d]*(?:,\n\s*-?\d[-+.e\d]*)*)\n\s*\]")
_FRACTION = re.compile(r"[0-9]{1,4}(?:/0*[1-9][0-9]{0,3})?")
_HASH = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"(?:[^/\\:.\-][^/\\:]*/)*[^/\\:.\-][^/\\:]*")
_DAMAGED = "use the manifest as worksheet wrote it"


@dataclass(frozen=True, slots=True)
class BlankEntry:
    """One blank: its defined name ("blank_001"), the term it asks for ("δ0(1)"), and what is right there.

    `kind`, `layer`, `i` and `j` are those of the Term; `kind` may be another word where no term is asked for.
    `marks` is an exact fraction, "1" or "1/2"; `cell` the address as it was made, "Sheet1.D20".
    """

    name: str
    term: str
    kind: str
    layer: int
    i: int
    j: int
    step: int
    expected: float | str
    marks: str
    tolerance: float
    cell: str


@dataclass(frozen=True, slots=True)
class Planted:
    """The mistake that is to be found: its code in the catalogue, and its cell, "Sheet1.D20"."""

    code: str
    cell: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One student's exercise; `given` is the `given_hash` of the numbers on it.

    `inputs` and `targets` have shapes (patterns, n_0) and (patterns, n_L); `weights[l − 1]` is W(l) of step
    0, shape (n_l, n_(l−1) + 1), without biases (n_l, n_(l−1)). `file` is beside the manifest, or below.
    """

    id: str
    name: str
    file: str
    given: str
    learning_rate: float
    inputs: tuple[tuple[float, ...], ...]
    targets: tuple[tuple[float, ...], ...]
    weights: tuple[tuple[tuple[float, ...], ...], ...]
    blanks: tuple[BlankEntry, ...]
    planted: Planted | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A set of exercises; `program` names what made it, `version` is that of the format."""

    version: int
    program: str
    seed: int
    sizes: tuple[int, ...]
    conventions: Conventions
    decimals: int
    layout: Paper
    level: int
    answers: Answers
    students: tuple[Entry, ...]
    steps: int = 1


def number_name(term: Term, step: int = 0) -> str:
    """Return how a given number is called where it is hashed: w00(1)@0."""
    return f"{named(term)}@{step}"


def given_hash(numbers: Mapping[str, float]) -> str:
    """Return the SHA-256, as hexadecimal digits, of lines name=number, sorted; a number is its repr."""
    lines = sorted(f"{name}={float(value)!r}" for name, value in numbers.items())
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


# ---------------------------------------------------------------- as JSON


def to_json(manifest: Manifest) -> str:
    """Return a manifest's text: sorted, indented, every float exact; ValueError for one that is no number."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    # no text within it has a line end, so what begins with one is a list
    return _NUMBERS.sub(lambda match: "[" + " ".join(match[1].split()) + "]", text) + "\n"


def from_json(text: str, place: str) -> Manifest:
    """Read a manifest's text; `place` is the file's name. FileError, on one line, for whatever is none."""
    if len(text) > MAX_CHARACTERS:
        raise FileError(f"{place}: has more than {MAX_CHARACTERS:,} characters; {_DAMAGED}")
    try:
        data = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        what = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise FileError(f"{place}: is no JSON ({what[:100]}); {_DAMAGED}") from error
    try:
        version = data.get("version") if isinstance(data, dict) else VERSION
        if isinstance(version, int) and version != VERSION:
            raise FileError(
                f"{place}, version: found {version}, expected {VERSION}; mark with the version of sheetnet "
                "that made the exercises"
            )
        manifest = decoded(Manifest, data)
        assert isinstance(manifest, Manifest)
        _check(manifest)
    except Malformed as error:
        where = f", {error.where}" if error.where else ""
        raise FileError(f"{place}{where}: {error}; {_DAMAGED}") from error
    return manifest


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


# ---------------------------------------------------------------- what goes together


def _demand(holds: bool, where: str, found: object, expected: str) -> None:
    """Raise Malformed unless something holds."""
    if not holds:
        shown = repr(found)
        raise Malformed(
            where, f"found {shown if len(shown) < 60 else shown[:57] + '...'}, expected {expected}"
        )


def _check(manifest: Manifest) -> None:
    """Raise Malformed where the parts of a manifest contradict one another, or are of no exercise."""
    sizes = manifest.sizes
    usual = 2 <= len(sizes) <= _LAYERS and all(1 <= size <= _NEURONS for size in sizes)
    _demand(usual, "sizes", list(sizes), f"2 to {_LAYERS} layers of 1 to {_NEURONS:,} neurons")
    try:
        manifest.conventions.check(len(sizes) - 1)
    except ValueError as error:
        raise Malformed("conventions", f"found {error}") from error
    _demand(manifest.seed >= 0, "seed", manifest.seed, "0 or more")
    _demand(0 <= manifest.decimals <= _DECIMALS, "decimals", manifest.decimals, f"0 to {_DECIMALS}")
    _demand(manifest.level >= 0, "level", manifest.level, "0 or more")
    _demand(1 <= manifest.steps <= MAX_STEPS, "steps", manifest.steps, f"1 to {MAX_STEPS}")
    _demand(bool(manifest.students), "students", [], "at least one")
    seen: set[str] = set()
    for number, student in enumerate(manifest.students):
        where = f"students[{number}]"
        problem = id_problem(student.id)
        _demand(problem is None, f"{where}.id", student.id, str(problem))
        _demand(same_file(student.id) not in seen, f"{where}.id", student.id, "an id that no other has")
        seen.add(same_file(student.id))
        _check_student(student, manifest, where)
        _demand(
            _asked(student) == _asked(manifest.students[0]),
            f"{where}.blanks",
            f"{len(student.blanks)} blanks",
            "the terms that the first student was asked for, and a planted mistake for all or none",
        )


def _asked(student: Entry) -> tuple[object, ...]:
    """Return what all students of an exercise are asked alike: a mistake, or the terms of their blanks."""
    if student.planted is not None:
        return ("planted", len(student.blanks))
    return tuple((blank.kind, blank.layer, blank.i, blank.j, blank.step) for blank in student.blanks)


def _check_student(student: Entry, manifest: Manifest, where: str) -> None:
    sizes, bias = manifest.sizes, manifest.conventions.biases != "none"
    _demand(bool(_FILE.fullmatch(student.file)), f"{where}.file", student.file, "a name beside the manifest")
    _demand(bool(_HASH.fullmatch(student.given)), f"{where}.given", student.given, "64 hexadecimal digits")
    patterns = len(student.inputs)
    _demand(patterns >= 1, f"{where}.inputs", [], "at least one pattern")
    _demand(
        len(student.targets) == patterns, f"{where}.targets", len(student.targets), f"{patterns} patterns"
    )
    for part, rows, width in (("inputs", student.inputs, sizes[0]), ("targets", student.targets, sizes[-1])):
        for at, row in enumerate(rows):
            _demand(len(row) == width, f"{where}.{part}[{at}]", list(row), f"{width} numbers")
    shapes = [(after, before + bias) for before, after in pairwise(sizes)]
    _demand(
        len(student.weights) == len(shapes),
        f"{where}.weights",
        len(student.weights),
        f"{len(shapes)} matrices",
    )
    for at, (w, shape) in enumerate(zip(student.weights, shapes, strict=True)):
        whole = len(w) == shape[0] and all(len(row) == shape[1] for row in w)
        _demand(whole, f"{where}.weights[{at}]", [len(row) for row in w], f"shape {shape} of W({at + 1})")
    names: set[str] = set()
    for at, blank in enumerate(student.blanks):
        _check_blank(blank, manifest, f"{where}.blanks[{at}]")
        _demand(blank.name not in names, f"{where}.blanks[{at}].name", blank.name, "a name of its own")
        names.add(blank.name)


def _check_blank(blank: BlankEntry, manifest: Manifest, where: str) -> None:
    last = len(manifest.sizes) - 1
    _demand(bool(blank.name), f"{where}.name", blank.name, "a defined name")
    _demand(bool(blank.cell), f"{where}.cell", blank.cell, "an address such as 'Sheet1.D20'")
    _demand(0 <= blank.layer <= last, f"{where}.layer", blank.layer, f"0 to {last}")
    for index, value in (("i", blank.i), ("j", blank.j)):
        _demand(0 <= value <= max(manifest.sizes), f"{where}.{index}", value, f"0 to {max(manifest.sizes)}")
    _demand(0 <= blank.step <= manifest.steps, f"{where}.step", blank.step, f"0 to {manifest.steps}")
    _demand(bool(_FRACTION.fullmatch(blank.marks)), f"{where}.marks", blank.marks, "a fraction such as '1/2'")
    _demand(blank.tolerance >= 0, f"{where}.tolerance", blank.tolerance, "0 or more")
