"""Make templates/ and the samples, nets before and after training, worksheets and marks.

`python -m samples.make` needs no installation. The same versions of Python and its packages make the same
files to the last byte.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samples.students import STUDENTS, filled
from sheetnet import find_nets, load, read_network, read_patterns, train, train_file
from sheetnet.book import files
from sheetnet.book.edits import Edit, PutCell
from sheetnet.formula.address import column_index
from sheetnet.formula.parse import parse
from sheetnet.formula.text import formula_text
from sheetnet.jobs.creating import new_file
from sheetnet.jobs.marking import mark_files
from sheetnet.jobs.worksheets import make_worksheets
from sheetnet.layout.language import LANGUAGES
from sheetnet.report.marks import gradebook
from sheetnet.report.marks.html import mark_pages

HERE = Path(__file__).resolve().parent
FORMATS = ("ods", "xlsx")
CREATED = datetime(2019, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Start:
    """A net before training: its sizes, the other options of `sheetnet new`, and the steps it is trained for.

    `passes` of training are done beforehand; the weights that they give, to one decimal, are the first.
    """

    sizes: tuple[int, ...]
    options: Mapping[str, Any]
    steps: int = 0
    passes: int = field(default=0, kw_only=True)


_NOTE = {
    "weights": [[[0.5, -0.2, 0.3], [0.2, -0.6, 0.6]], [[0.1, 0.5, -0.3], [0.2, 0.3, 0.5]]],
    "patterns": ([[0.1, 0.9]], [[0.3, 0.4]]),
}
# M. Mazur, "A Step by Step Backpropagation Example", the note's reference [1]
_MAZUR = {
    "weights": [[[0.15, 0.20, 0.35], [0.25, 0.30, 0.35]], [[0.40, 0.45, 0.60], [0.50, 0.55, 0.60]]],
    "patterns": ([[0.05, 0.10]], [[0.01, 0.99]]),
    "biases": "fixed",
}
_XOR = {"patterns": HERE / "xor.csv", "seed": 147, "learning_rate": 4.0}
_SEGMENTS = {"patterns": HERE / "segments.csv"}
_PAGE = _NOTE | {"arrangement": "page"}

SAMPLES = {
    "note-2-2-2": Start((2, 2, 2), _NOTE, 200),
    "mazur-2-2-2": Start((2, 2, 2), _MAZUR, 200),
    "xor-2-2-1": Start((2, 2, 1), _XOR, 480),
    # a seed whose descent does not magnify rounding errors: elsewhere the last bits may differ
    "segments-4-8-8-9": Start((4, 8, 8, 9), _SEGMENTS | {"seed": 326, "learning_rate": 2.0}, 128, passes=111),
}
TEMPLATES = {
    "2-2-2": Start((2, 2, 2), _NOTE, 200),
    "2-2-2-page": Start((2, 2, 2), _PAGE),
    "2-2-1": Start((2, 2, 1), _XOR, 480),
    "4-8-8-9": Start((4, 8, 8, 9), _SEGMENTS | {"seed": 245, "learning_rate": 2.5}, 1600),
}

PAGES = 2
"""Pages, a step each, of the sample that is laid out so."""
CLASS = HERE / "class.csv"
WORKSHEET_SEED = 3
STUDENT = "s01"
"""Whose worksheet and key, of those of the class, are samples."""

SPOILT_STEPS = 40
WRONG = {
    "M": (8, "=K{0}*(1-K{0})*(W{0}*O{0}+X{0}*P{0})"),  # along a row of W(2), where it is the column
    "N": (8, "=L{0}*(1-L{0})*(W{0}*R{0}+X{0}*S{0})"),
    "O": (9, "=O{1}-W{1}*K{1}"),  # the learning rate is missing
}
"""Wrong formulas of a column, and the row from which they stand: {0} is the row, {1} the one above."""
PASTED = ("L", 21, 0.5083)
"""A cell over whose formula a number was pasted as it was shown: column, row, number."""


def make(folder: Path) -> list[Path]:
    """Write all files into `folder`/templates and `folder`/samples, replacing what is there; return them."""
    made = []
    for code in LANGUAGES:
        for name, start in TEMPLATES.items():
            made += [_write(folder / "templates" / code / f"{name}.{form}", start, code) for form in FORMATS]
    for name, start in SAMPLES.items():
        for form in FORMATS:
            path = _write(folder / "samples" / f"{name}.{form}", start, "en")
            made += [path, train_file(path, steps=start.steps, overwrite=True).out]
    for form in FORMATS:
        made.append(_spoilt(folder / "samples" / f"mistakes-2-2-2.{form}"))
    page = folder / "samples" / "page-2-2-2.ods"
    made.append(new_file((2, 2, 2), page, **_PAGE, steps=PAGES, overwrite=True, created=CREATED).out)
    return [*made, *_exercise(folder / "samples")]


def _write(path: Path, start: Start, code: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    options = dict(start.options)
    if start.passes:
        options["weights"] = _half_trained(start)
    options |= {"steps": 1, "advised": start.steps, "lang": code}
    new_file(start.sizes, path, **options, overwrite=True, created=CREATED)
    if start.passes:
        files.save(load(path), path, [PutCell("Sheet1", 1, 0, _told(start))])
    return path


def _spoilt(path: Path) -> Path:
    """Write the note's net as a student may build it: with mistakes, and the values that follow from them."""
    new_file((2, 2, 2), path, **_NOTE, steps=SPOILT_STEPS, overwrite=True, created=CREATED)
    book = load(path)
    edits: list[Edit] = []
    for letters, (first, text) in WRONG.items():
        for row in range(first, 8 + SPOILT_STEPS):
            place = row - 1, column_index(letters)
            formula = formula_text(parse(text.format(row, row - 1), *place), *place, book.dialect)
            edits.append(PutCell("Sheet1", *place, None, formula))
    letters, row, number = PASTED
    edits.append(PutCell("Sheet1", row - 1, column_index(letters), number))
    files.save(book, path, edits)
    train_file(path, steps=SPOILT_STEPS, mend=False, in_place=True)
    return path


def _exercise(folder: Path) -> list[Path]:
    """Write one student's worksheet and its key, what the whole class returned, and its marks."""
    made = [folder / "worksheet-2-2-2.xlsx", folder / "worksheet-2-2-2-key.xlsx"]
    with TemporaryDirectory(prefix="sheetnet-") as place:
        out = make_worksheets((2, 2, 2), Path(place, "class"), students=CLASS, seed=WORKSHEET_SEED).out
        for part, path in zip(("students", "teacher/keys"), made, strict=True):
            copyfile(out / part / f"{STUDENT}.xlsx", path)
        return [*made, *_class(out, folder / "class")]


def _class(out: Path, folder: Path) -> list[Path]:
    """Write a class's manifest, the worksheets of `out` as they are returned, the gradebook and the pages."""
    manifest, returned, book = folder / "manifest.json", folder / "returned", folder / "gradebook.xlsx"
    returned.mkdir(parents=True, exist_ok=True)
    copyfile(out / "teacher" / manifest.name, manifest)
    made = [manifest, book]
    for id in STUDENTS:
        made.append(returned / f"{id}.xlsx")
        sheet = load(out / "students" / f"{id}.xlsx")
        files.save(sheet, made[-1], list(filled(sheet, id)))
    marking = mark_files(manifest, [returned])
    named = [replace(each, file=Path(each.file).name) for each in marking.marked.students]
    marked = replace(marking.marked, students=tuple(named))
    files.save_new(gradebook(marked, marking.scheme, created=CREATED), book)
    for name, text in mark_pages(marked):
        made.append(folder / name)
        made[-1].parent.mkdir(exist_ok=True)
        files.write_text(made[-1], text)
    return made


def _half_trained(start: Start) -> list[NDArray[np.float64]]:
    """Return the weights after the start's `passes`, rounded to one decimal."""
    with TemporaryDirectory(prefix="sheetnet-") as folder:
        path = Path(folder, "new.ods")
        new_file(start.sizes, path, **start.options, steps=1)
        book = load(path)
    [layout] = find_nets(book)
    inputs, targets = read_patterns(book, layout)
    steps = start.passes * len(inputs)
    trace = train(read_network(book, layout), inputs, targets, steps=steps + 1)
    return [weights.round(1) + 0.0 for weights in trace.weights()]  # + 0.0: no -0.0


def _told(start: Start) -> str:
    """Return what the sheet says of its weights, in place of the line that says how to train."""
    return (
        f"The first weights are half-trained: those of seed {start.options['seed']} after {start.passes} "
        f"passes, rounded to one decimal.  sheetnet train FILE --steps {start.steps}  makes a trained copy."
    )


if __name__ == "__main__":
    sys.stdout.writelines(f"{path.relative_to(HERE.parent)}\n" for path in make(HERE.parent))
