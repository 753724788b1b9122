"""What students return: worked out in memory or in files, and what marking makes of it."""

import zipfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
from odf import table
from odf.opendocument import load as odf_load
from openpyxl.utils import get_column_letter, quote_sheetname

from sheetnet.exercise.manifest import Entry
from sheetnet.formula.expression import Expression
from sheetnet.jobs.marking import mark_files
from sheetnet.marking.answers import Answers, Judged
from sheetnet.marking.judge import Judge
from sheetnet.marking.marks import MarkedClass, MarkedStudent
from sheetnet.marking.returned import Answer
from sheetnet.marking.scheme import read_scheme
from sheetnet.net.terms import Use, named
from tests.worksheets import Case, MadeSet, Sets

PLACE = ("Sheet1", 0, 0)
"""Where answers stand that stand in no file."""


# ---- in memory ----


_judges: dict[Path, Judge] = {}


def judge_of(made: MadeSet) -> Judge:
    """Return the judge of a set, by the default scheme."""
    if made.folder not in _judges:
        _judges[made.folder] = Judge(made.manifest, read_scheme(None))
    return _judges[made.folder]


def worked(
    judge: Judge,
    entry: Entry,
    wrong: Mapping[Use, Expression] | None = None,
    *,
    rounded: bool = False,
    typed: Mapping[Use, float] | None = None,
) -> dict[Use, float]:
    """Return all numbers as a student works them out, one after the other.

    `wrong` are rules in place of others, `typed` answers whatever the rule says; `rounded` goes on from
    each number as it was rounded, and as the sheet shows it.
    """
    made, found = judge.exercise, judge.typed(entry)
    rules = made.rules | (wrong or {})
    for use in [*(wrong or {}), *rules] if len(wrong or {}) == len(rules) else rules:
        value = judge.value(rules[use], found)
        value = (typed or {}).get(use, value)
        found[use] = round(value, judge.manifest.decimals) if rounded or use in made.plain else value
    return found


def number(value: float, decimals: int, **other: Any) -> Answer:
    """Return a number that was typed with so many decimals."""
    value = round(value, decimals)
    text = repr(value).removesuffix(".0")
    return Answer(text, value, PLACE, decimals=min(decimals, len(text.partition(".")[2])), **other)


def judged(
    judge: Judge, entry: Entry, values: Mapping[Use, float], other: Mapping[Use, Answer] | None = None
) -> dict[Use, Judged]:
    """Return the verdicts on numbers typed with the decimals that are asked for; `other` answers replace some."""
    made, decimals = judge.exercise, judge.manifest.decimals
    right = made.values(judge.typed(entry))
    answers = {use: number(values[use], decimals) for use in made.blanks} | dict(other or {})
    sheet = Answers(judge, right, answers)
    return {use: sheet.judged(use) for use in made.blanks}


def called(judge: Judge, name: str, step: int = 0) -> Use:
    """Return the cell that is called so, δ0(1)."""
    return next(use for use in judge.exercise.rules if named(use.term) == name and use.step == step)


# ---- in files ----


def marked(made: MadeSet, *paths: Path, **options: Any) -> MarkedClass:
    """Return what mark makes of what was returned."""
    return mark_files(made.folder / "teacher" / "manifest.json", paths, **options).marked


def one(made: MadeSet, *paths: Path) -> MarkedStudent:
    """Return the marks of the only student; nothing may be left unmarked."""
    result = marked(made, *paths)
    assert result.unmarked == ()
    [student] = result.students
    return student


def verdicts(student: MarkedStudent) -> dict[str, str]:
    """Return the verdicts other than right, by the names of the boxes."""
    return {blank.name: blank.verdict for blank in student.blanks if blank.verdict != "right"}


def share(student: MarkedStudent) -> Fraction:
    """Return the share of all marks that a student has."""
    return student.earned / student.of


def class_of(sets: Sets, folder: Path, *ids: str, case: Case | None = None, **options: Any) -> MadeSet:
    """Return the set of a class of these ids, in the format xlsx."""
    path = folder / f"{'-'.join(ids)}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("id,name\n" + "".join(f"{id},Name of {id}\n" for id in ids), encoding="utf-8")
    return sets(case or Case(3), students=path, **{"formats": ("xlsx",), **options})


def entry_answers(made: MadeSet, id: str) -> dict[str, float | str]:
    """Return what belongs into the boxes of a student of a class, rounded as asked."""
    [entry] = [each for each in made.manifest.students if each.id == id]
    decimals = made.manifest.decimals
    return {
        blank.name: blank.expected if isinstance(blank.expected, str) else round(blank.expected, decimals)
        for blank in entry.blanks
    }


def zipped(target: Path, parts: Mapping[str, bytes]) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target


# ---- what people do to their sheets ----


def shifted(path: Path, target: Path, *, rows: int, columns: int, title: str | None = None) -> Path:
    """Save an .xlsx with rows above and columns beside it, under another title; it must have no formulas."""
    book = openpyxl.load_workbook(path)
    [sheet] = book.worksheets
    old = sheet.title
    assert not any(cell.data_type == "f" for line in sheet.iter_rows() for cell in line)
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    sheet.insert_rows(1, rows)
    sheet.insert_cols(1, columns)
    sheet.title = title or old
    for name in book.defined_names.values():
        [(_, place)] = name.destinations
        cell = sheet[place.replace("$", "")]
        name.attr_text = (
            f"{quote_sheetname(sheet.title)}!${get_column_letter(cell.column + columns)}${cell.row + rows}"
        )
    book.save(target)
    book.close()
    return target


def with_rows_above(path: Path, target: Path, rows: int) -> Path:
    """Save an .ods with rows above it; it must have no formulas."""
    document = odf_load(path)
    first = document.spreadsheet.getElementsByType(table.TableRow)[0]
    for _ in range(rows):
        row = table.TableRow()
        row.addElement(table.TableCell())
        first.parentNode.insertBefore(row, first)
    for named_range in document.spreadsheet.getElementsByType(table.NamedRange):
        address = named_range.getAttribute("cellrangeaddress")
        sheet, column, row_number = address.rpartition("$")[0].rpartition(".")[0], *_split(address)
        named_range.setAttribute("cellrangeaddress", f"{sheet}.${column}${row_number + rows}")
    document.save(target)
    return target


def _split(address: str) -> tuple[str, int]:
    _, column, row = address.rsplit("$", 2)
    return column, int(row)


def rewritten(path: Path, target: Path, part: str, old: str, new: str) -> Path:
    """Save a package in which a text of one part is another."""
    with zipfile.ZipFile(path) as package:
        parts = {info.filename: package.read(info) for info in package.infolist()}
    text = parts[part].decode("utf-8")
    assert old in text
    parts[part] = text.replace(old, new).encode("utf-8")
    return zipped(target, parts)
