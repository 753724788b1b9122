"""Making worksheets for a class and marking them, beside openpyxl opening as many workbooks."""

import csv
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.inputs import Inputs
from tests.benchmarks.measure import command, medians
from tests.benchmarks.table import Line

TITLE = "Exercises"

CLASS = 200
"""Students; a class set is to take at most 60 s, its marks 30 s."""
_FEW = 20
_SAVE = "import sys, openpyxl; [openpyxl.load_workbook(f).save(f) for f in sys.argv[1:]]"
_LOAD = "import sys, openpyxl; [openpyxl.load_workbook(f) for f in sys.argv[1:]]"


def lines(inputs: Inputs) -> Iterator[Line | str]:
    """Yield a class set and its marks, beside openpyxl on the same files, and how both grow with the class."""
    sheetnet = [sys.executable, "-m", "sheetnet"]
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(inputs.folder / "bytecode")}
    sets = {count: inputs.folder / f"set-{count}" for count in (_FEW, CLASS)}
    make, mark = {}, {}
    for count, folder in sets.items():
        students = _class(inputs.folder / f"class-{count}.csv", count)
        made = ["worksheet", "2-2-2", str(folder), "--students", str(students), "--seed", "1", "--overwrite"]
        make[count] = command([*sheetnet, *made], bytecode)
        manifest, keys = folder / "teacher" / "manifest.json", folder / "returned"
        mark[count] = command([*sheetnet, "mark", str(manifest), str(keys), "--jobs", "2"], bytecode)
    few, many = medians(1, *make.values())
    for folder in sets.values():
        shutil.copytree(folder / "students", folder / "returned")
    files = [str(path) for path in sorted((sets[CLASS] / "returned").iterdir())]
    [saved] = medians(1, command([sys.executable, "-c", _SAVE, *files]))
    yield Line(f"worksheets of {CLASS} / openpyxl saving them", many, saved, most=60)
    yield Line(f"a student of {CLASS} / of {_FEW}", many / CLASS, few / _FEW)
    few, many, loaded = medians(1, *mark.values(), command([sys.executable, "-c", _LOAD, *files]))
    yield Line(f"marking {CLASS}, --jobs 2 / openpyxl loads", many, loaded, most=30)
    yield Line(f"a marked student of {CLASS} / of {_FEW}", many / CLASS, few / _FEW)


def _class(path: Path, count: int) -> Path:
    """Write a class list."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "name"))
        rows.writerows((f"s{number:03}", f"Student {number}") for number in range(1, count + 1))
    return path
