"""Checking the author's file and long sheets, against loading and recalculating them elsewhere."""

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import ironcalc
import openpyxl

from sheetnet.jobs.checking import check_file
from tests.benchmarks import office
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.measure import command, medians, timed
from tests.benchmarks.table import Line
from tests.rowtable import changed, net, write

TITLE = "Checking"

BOUND = 1.5 / 2.2
"""1.5 s where odfpy takes 2.2 s to load the same file."""
FORMULAS = 2_000
"""Formulas of a sheet that somebody built by hand."""
_MISTAKES = 1
"""The exit code of a check that found mistakes."""


def lines(inputs: Inputs) -> Iterator[Line | str]:
    """Yield the command beside odfpy's load, the check beside recalculations, and long sheets' cells."""
    author, twin = inputs.author(), inputs.twin()
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(inputs.folder / "bytecode")}
    works = (
        command([sys.executable, "-m", "sheetnet", "check", str(author)], bytecode, codes=(0, _MISTAKES)),
        command(
            [sys.executable, "-c", "import sys, odf.opendocument as o; o.load(sys.argv[1])", str(author)]
        ),
    )
    medians(1, *works)
    ours, odfpy = medians(inputs.rounds, *works)
    yield Line("check author's .ods, command / odfpy load", ours, odfpy, ratio=BOUND)
    ours, theirs = medians(
        inputs.rounds,
        timed(partial(check_file, twin)),
        timed(partial(_recalculated, _plain(twin, inputs.folder))),
    )
    yield Line("check its .xlsx / ironcalc load, evaluate", ours, theirs)
    if reason := office.missing(uno=True):
        yield f"LibreOffice recalculating is left out: {reason}"
    else:
        with office.Recalculation(author, inputs.folder) as recalculation:
            recalculation.seconds()  # the first one also compiles the formulas
            ours, theirs = medians(inputs.rounds, timed(partial(check_file, author)), recalculation.seconds)
        yield Line("check .ods / LibreOffice recalculating it", ours, theirs)
    yield from _hand_built(inputs)
    counts = (inputs.rows[0] // 10, *inputs.rows)
    for few, many in pairwise(counts):
        files = inputs.trained(".ods", few), inputs.trained(".ods", many)
        small, large = medians(1, *(timed(partial(check_file, file)) for file in files))
        yield Line(f"check .ods, a row of {many:,} / of {few:,}", large / many, small / few, ratio=1.25)


def _hand_built(inputs: Inputs) -> Iterator[Line]:
    """Yield the command on a sheet of another layout, and on a folder of a hundred in two processes."""
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(inputs.folder / "bytecode")}
    columns = changed(net(), h2="TANH({z2})")
    file = write(inputs.folder / "hand-built.xlsx", columns, rows=FORMULAS // 20)
    check = [sys.executable, "-m", "sheetnet", "check"]
    load = "import sys, openpyxl; [openpyxl.load_workbook(sys.argv[1], data_only=d) for d in (False, True)]"
    works = (
        command([*check, str(file)], bytecode, codes=(0, _MISTAKES)),
        command([sys.executable, "-c", load, str(file)]),
    )
    medians(1, *works)
    ours, openpyxls = medians(inputs.rounds, *works)
    yield Line("check hand-built / openpyxl loads", ours, openpyxls)
    folder = inputs.folder / "hundred"
    folder.mkdir(exist_ok=True)
    files = [shutil.copy(file, folder / f"{number}.xlsx") for number in range(100)]
    many, one = medians(
        1,
        command([*check, "--jobs", "2", *map(str, files)], bytecode, codes=(0, _MISTAKES)),
        command([*check, str(file)], bytecode, codes=(0, _MISTAKES)),
    )
    yield Line("check 100 of them, --jobs 2 / one", many, one)


def _plain(path: Path, folder: Path) -> Path:
    """Return the workbook as openpyxl writes it again, without charts, which ironcalc does not read."""
    plain = folder / f"plain-{path.name}"
    openpyxl.load_workbook(path).save(plain)
    return plain


def _recalculated(path: Path) -> None:
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
