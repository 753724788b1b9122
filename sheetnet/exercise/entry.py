"""What the manifest says of one student: the numbers that were given, and what is right in every box."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.calculator import Place
from sheetnet.exercise.exercise import Exercise, use_text
from sheetnet.exercise.form import Request
from sheetnet.exercise.manifest import BlankEntry, Entry, Planted, given_hash, number_name
from sheetnet.exercise.roster import Student
from sheetnet.exercise.task import Task
from sheetnet.exercise.tolerance import half_unit
from sheetnet.formula.address import a1
from sheetnet.net.terms import LEARNING_RATE, Use


def entry_of(
    student: Student, task: Task, made: Exercise, boxes: Mapping[str, Place], request: Request, file: str
) -> Entry:
    """Return what the manifest says of a student, whose sheet has these boxes, by their defined names."""
    half = half_unit(request.decimals)
    asked: list[tuple[Use, str, float | str]]
    if task.planting is None:
        asked = [(use, use.term.kind, task.values[use]) for use in made.blanks]
    else:
        use = task.planting.use
        asked = [(use, "cell", a1(*made.places[use][1:])), (use, use.term.kind, task.planting.right)]
    blanks = [
        BlankEntry(
            name=name,
            term=use_text(use),
            kind=kind,
            layer=use.term.layer,
            i=use.term.i,
            j=use.term.j,
            step=use.step,
            expected=expected,
            marks="1",
            tolerance=half,
            cell=_address(place),
        )
        for (name, place), (use, kind, expected) in zip(boxes.items(), asked, strict=True)
    ]
    shown = dict(task.typed)
    shown |= {use: task.values[use] for use in made.plain}
    return Entry(
        id=student.id,
        name=student.name,
        file=file,
        given=given_hash({number_name(use.term, use.step): value for use, value in shown.items()}),
        learning_rate=task.typed[Use(LEARNING_RATE)],
        inputs=_table(task.inputs[: request.patterns]),
        targets=_table(task.targets[: request.patterns]),
        weights=tuple(_table(matrix) for matrix in task.weights),
        blanks=tuple(blanks),
        planted=None
        if task.planting is None
        else Planted(task.planting.code, _address(made.places[task.planting.use])),
    )


def _table(numbers: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in line) for line in numbers)


def _address(place: Place) -> str:
    sheet, row, column = place
    return f"{sheet}.{a1(row, column)}"
