"""Worksheets: a class set of exercises, one workbook a student, with keys and a manifest for marking."""

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.book.folders import check_folder, staged
from sheetnet.book.printing import pdf_program, print_pdf
from sheetnet.book.skeleton import Format
from sheetnet.errors import SheetnetError
from sheetnet.exercise.entry import entry_of
from sheetnet.exercise.exercise import Exercise, exercise
from sheetnet.exercise.feedback import WORDS, tolerance, verdict
from sheetnet.exercise.form import Made, Request, form_of, row_layout
from sheetnet.exercise.levels import FIND, asked_terms
from sheetnet.exercise.manifest import MAX_STEPS, VERSION, Entry, Manifest, to_json
from sheetnet.exercise.planting import Planting
from sheetnet.exercise.roster import Student, read_roster
from sheetnet.exercise.separation import RIGHT, Clash, decimals_needed
from sheetnet.exercise.task import Task, numbers_of
from sheetnet.exercise.tolerance import half_unit
from sheetnet.exercise.words import words
from sheetnet.formula.address import a1
from sheetnet.formula.text import formula_text
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import named
from sheetnet.progress import Progress, Tally
from sheetnet.recognition.finding import find_nets
from sheetnet.version import __version__

SEEDS = 10_000
"""Seeds that are drawn are below this: short enough to be typed again."""
ALONE = Student("worksheet", "")
"""Whose sheet is made where there is no class list."""
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""In the properties of all files: the time would tell one run from another."""
_ROUNDINGS = 3
"""Half units by which a gradient may differ from the cost's slope: it is taken from rounded a and δ."""
_SHOWN = 3
"""Pairs of rules that a warning names."""
_LONGEST_NAME = 32
_LINE = "____________________"


@dataclass(frozen=True, slots=True)
class Worksheets:
    """A class set that was made: where, for whom, and what is left to say about its numbers.

    `seed` is that of the numbers, which were `taken` from a workbook or drawn; `remaining` are the pairs of
    rules that they do not tell apart, of the student who has most.
    """

    out: Path
    request: Request
    manifest: Manifest
    students: tuple[Student, ...]
    formats: tuple[Format, ...]
    seed: int
    printed: bool
    taken: bool
    remaining: tuple[Clash, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the teacher should know of the numbers: which mistakes they can't tell apart."""
        if not self.remaining:
            return ()
        shown = dict.fromkeys(
            f"{clash.code} and {clash.other}" if clash.code != RIGHT else f"{clash.other} and what is right"
            for clash in self.remaining
        )
        pairs = list(shown)
        more = f" and {len(pairs) - _SHOWN} more pairs" if len(pairs) > _SHOWN else ""
        needed = decimals_needed(self.remaining)
        advice = "" if needed is None else f"; --decimals {needed} would do"
        return (
            f"in some blanks, {named(self.remaining[0].term)} for one, {self.request.decimals} decimals "
            f"can't tell apart {', '.join(pairs[:_SHOWN])}{more}{advice}.",
        )


def make_worksheets(
    source: Sequence[int] | str | Path,
    out: str | Path,
    *,
    level: int = 3,
    blanks: Sequence[str] = (),
    steps: int = 1,
    paper: str = "page",
    students: str | Path | None = None,
    seed: int | None = None,
    answers: str = "numbers",
    decimals: int = 4,
    feedback: bool = False,
    formats: Sequence[Format] = ("xlsx",),
    lang: str = "en",
    pdf: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Worksheets:
    """Make exercises on a net of given sizes, or with the numbers of a workbook, in the folder `out`.

    Each student of the class list `students` has numbers of their own, the same for the same `seed` and id.
    A SheetnetError leaves no output.
    """
    out = Path(out)
    check_folder(out, overwrite=overwrite)
    if pdf:
        pdf_program()
    class_list = (ALONE,) if students is None else read_roster(students)
    if isinstance(source, str | Path):
        numbers = numbers_of(files.load(Path(source)))
        sizes, conventions = numbers.network.sizes, numbers.network.conventions
    else:
        numbers, sizes, conventions = None, tuple(source), Conventions()
    if blanks and level == FIND:
        raise SheetnetError(
            "--blank: at level 7 nothing is left blank, one mistake is to be found; leave it out"
        )
    request = Request(
        sizes=sizes,
        conventions=conventions,
        asked=asked_terms(sizes, level, blanks, biases=conventions.biases != "none"),
        level=level,
        paper="page" if paper == "page" else "rows",
        steps=steps,
        answers="numbers" if answers == "numbers" else "formulas",
        decimals=decimals,
        feedback=feedback,
        lang=lang,
        patterns=1 if numbers is None else min(len(numbers.inputs), steps),
    )
    _check(request)
    drawn = seed if seed is not None else random.SystemRandom().randrange(1, SEEDS)
    tally = Tally(progress, len(class_list) * len(formats) * 2)
    with staged(out) as folder, ExitStack() as stack:
        makers = [_Maker(stack, request, form, folder) for form in formats]
        entries: list[Entry] = []
        left: tuple[Clash, ...] = ()
        for student in class_list:
            task = Task.of(makers[0].exercise, makers[0].base, request, numbers, f"{drawn}:{student.id}")
            left = max(left, task.remaining, key=len)
            for maker in makers:
                maker.write(student, task)
                tally.add(2)
            file = f"students/{student.id}.{formats[0]}"
            entries.append(entry_of(student, task, makers[0].exercise, makers[0].boxes, request, file))
        manifest = Manifest(
            version=VERSION,
            program=f"sheetnet {__version__}",
            seed=drawn,
            sizes=sizes,
            conventions=conventions,
            decimals=decimals,
            layout=request.paper,
            level=level,
            answers=request.answers,
            students=tuple(entries),
            steps=steps,
        )
        files.write_text(folder / "teacher" / "manifest.json", to_json(manifest))
        if pdf:
            _print(folder, class_list, formats[0])
    tally.finish()
    return Worksheets(
        out, request, manifest, class_list, tuple(formats), drawn, pdf, numbers is not None, left
    )


def _check(request: Request) -> None:
    """Raise SheetnetError for what can't be asked together."""
    if request.steps > MAX_STEPS:
        raise SheetnetError(
            f"--steps {request.steps}: found more steps than a worksheet has, expected {MAX_STEPS} at most"
        )
    if request.feedback and not any(term.kind == "gradient" for term in request.asked):
        raise SheetnetError(
            "--feedback check: no gradient is left blank, expected some; use --level 2 to 5, or --blank dC/dW"
        )
    if request.feedback and request.conventions.order == "outputs first":
        raise SheetnetError(
            "--feedback check: the workbook updates the outputs first, so its δ are no slopes of the cost; "
            "leave it out"
        )
    if request.conventions.batch != "one":
        raise SheetnetError("a worksheet has one pattern a step; the workbook updates by whole passes")


# ---------------------------------------------------------------- files


class _Maker:
    """Writes the students' files and keys of one format, each a copy of one form with other numbers."""

    def __init__(self, stack: ExitStack, request: Request, form: Format, folder: Path) -> None:
        self._request, self._form, self._folder = request, form, folder
        self._words = words(request.lang)
        self._blank, self._key = (form_of(request, _MADE, key=key) for key in (False, True))
        self.base, self._key_base = (
            stack.enter_context(files.skeleton(made.book, form, f"worksheet.{form}"))
            for made in (self._blank, self._key)
        )
        self.exercise = self._exercise()
        self.boxes = self._blank.boxes
        for part in ("students", "teacher/keys"):
            files.make_folder(folder / part)

    def _exercise(self) -> Exercise:
        request = self._request
        layout = find_nets(self.base, lenient=True)[0] if request.paper == "page" else row_layout(request)
        return exercise(
            layout,
            request.conventions,
            request.asked,
            dialect=self._form,
            steps=request.steps,
            decimals=request.decimals,
            rounded=request.answers == "numbers",
            patterns=request.patterns,
        )

    def write(self, student: Student, task: Task) -> None:
        """Write a student's file and its key."""
        made, planting = self.exercise, task.planting
        if planting is None:
            edits = made.student_edits(task.typed, task.values)
            solved = made.key_edits(task.typed, task.values)
        else:
            shown = replace(made, rules=planting.rules)
            edits = shown.student_edits(task.typed, task.values)
            solved = [*edits, *self._found(planting)]
        edits += [*self._head(student, self._blank), *self._verdicts(self._blank)]
        solved = [
            *solved,
            *self._head(student, self._key, key=True),
            *self._verdicts(self._key, task),
        ]
        name = f"{student.id}.{self._form}"
        files.save(self.base, self._folder / "students" / name, edits)
        files.save(self._key_base, self._folder / "teacher" / "keys" / name, solved)

    def _head(self, student: Student, made: Made, *, key: bool = False) -> Iterator[PutCell]:
        """Yield name and number of a student, on every page."""
        said = self._words.form
        alone = student == ALONE
        number = "" if alone else f"{said['number']} {student.id}"
        if key:
            number = f"{said['key']} {'' if alone else student.id}".strip()
        for name_place, number_place in made.heads:
            yield PutCell(*name_place, f"{said['name']}  {_shortened(student.name) or _LINE}")
            if number:
                yield PutCell(*number_place, number)

    def _verdicts(self, made: Made, task: Task | None = None) -> Iterator[PutCell]:
        """Yield the cells that compare gradients with the cost's slope; in a key they have agreed."""
        request = self._request
        right, wrong = WORDS[request.lang]
        half = half_unit(request.decimals)
        for use, place in made.verdicts.items():
            slack = tolerance(request.decimals) + (_ROUNDINGS - 1) * half
            rule = verdict(
                use.term._replace(kind="w"),
                request.sizes,
                request.conventions,
                gradient=use,
                tolerance=slack,
                right=right,
                wrong=wrong,
            )
            _, row, column = place
            placed = self.exercise.placed(rule, place, use.step)
            text = formula_text(placed, row, column, self._form)
            yield PutCell(*place, None if task is None else right, text)

    def _found(self, planting: Planting) -> Iterator[PutCell]:
        """Yield what belongs into the boxes for a mistake."""
        cell, value = self._key.boxes.values()
        _, row, column = self.exercise.places[planting.use]
        yield PutCell(*cell, a1(row, column))
        yield PutCell(*value, planting.right, self.exercise.formula(planting.use))


def _shortened(name: str) -> str:
    """Return a name that has room beside the title."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _print(folder: Path, students: Sequence[Student], form: Format) -> None:
    """Print all sheets, blank and solved, beside the workbooks."""
    for part in ("students", "teacher/keys"):
        print_pdf([folder / part / f"{student.id}.{form}" for student in students], folder / part)
