"""Worksheets as a class meets them: sets that are made once, filled in as students do, and read again."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import openpyxl
from odf import table
from odf.element import Element
from odf.opendocument import load as odf_load

from sheetnet import check_file, find_nets, load
from sheetnet.book.grid import Book, column_index
from sheetnet.book.skeleton import Format
from sheetnet.exercise.manifest import Entry, Manifest, from_json
from sheetnet.jobs.worksheets import Worksheets, make_worksheets
from sheetnet.net.terms import COST, Term
from tests import evaluator

SEED = 918273645
"""Of the sets: so long that no number on a sheet has its digits."""
FORMATS: tuple[Format, ...] = ("xlsx", "ods")
LEVELS = (1, 2, 3, 4, 5, 7)
Answer: TypeAlias = float | str
"""A number, or a formula as the file's format spells it."""

_REFERENCE = re.compile(
    r"(?:of:)?=?\[?\$?(?P<sheet>'(?:[^']|'')+'|[^'.!\[\]]+)[.!]\$?(?P<column>[A-Z]+)\$?(?P<row>\d+)(?::.*)?\]?"
)

_GUARD = re.compile(r'IF\([A-Z]+\d+="","",(.*)\)')
_BRACKETS = re.compile(r"\[\.|\]|(?<=:)\.")


@dataclass(frozen=True, slots=True)
class Case:
    """What a set is asked to be."""

    level: int
    paper: str = "page"
    answers: str = "numbers"
    sizes: tuple[int, ...] = (2, 2, 2)
    steps: int = 1

    def __str__(self) -> str:
        name = "-".join(map(str, self.sizes))
        return f"level {self.level} {self.paper} {self.answers} {name}{' twice' if self.steps > 1 else ''}"


class Sets:
    """Sets of worksheets in a folder, each made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Any, MadeSet] = {}

    def __call__(self, case: Case, **options: Any) -> "MadeSet":
        key = case, tuple(options.items())
        if key not in self._made:
            options = {"formats": FORMATS, "seed": SEED, **options}
            out = self._folder / str(len(self._made))
            made = make_worksheets(
                case.sizes,
                out,
                level=case.level,
                paper=case.paper,
                answers=case.answers,
                steps=case.steps,
                **options,
            )
            self._made[key] = MadeSet(out, made, manifest_of(out))
        return self._made[key]


@dataclass(frozen=True, slots=True)
class MadeSet:
    """A set that was made, and its manifest as the file has it."""

    folder: Path
    made: Worksheets
    manifest: Manifest

    @property
    def entry(self) -> Entry:
        """The first student's."""
        return self.manifest.students[0]

    def student(self, form: Format, name: str | None = None) -> Path:
        return self.folder / "students" / f"{name or self.entry.id}.{form}"

    def key(self, form: Format, name: str | None = None) -> Path:
        return self.folder / "teacher" / "keys" / f"{name or self.entry.id}.{form}"

    def answers(self, decimals: int | None = None) -> dict[str, Answer]:
        """Return what belongs into the boxes by their names, numbers rounded or as they are."""
        expected = {blank.name: blank.expected for blank in self.entry.blanks}
        if decimals is None:
            return expected
        return {k: v if isinstance(v, str) else round(v, decimals) for k, v in expected.items()}

    def formulas(self, form: Format) -> dict[str, Answer]:
        """Return the key's formulas by the names of the boxes, as openpyxl or odfpy read them."""
        names = [blank.name for blank in self.entry.blanks]
        read = _xlsx_formulas if form == "xlsx" else _ods_formulas
        return {name: formula for name, formula in read(self.key(form), names).items() if formula}


def manifest_of(out: Path) -> Manifest:
    """Return the manifest in a folder of worksheets."""
    return from_json((out / "teacher" / "manifest.json").read_text(encoding="utf-8"), "manifest.json")


# ---- filling in ----


def filled(path: Path, answers: Mapping[str, Answer], target: Path) -> Path:
    """Save a workbook with answers in the boxes of these names, by openpyxl or odfpy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    (_fill_xlsx if path.suffix == ".xlsx" else _fill_ods)(path, answers, target)
    return target


def _fill_xlsx(path: Path, answers: Mapping[str, Answer], target: Path) -> None:
    book = openpyxl.load_workbook(path)
    for name, answer in answers.items():
        _named_cell(book, name).value = answer
    book.save(target)
    book.close()


def _named_cell(book: Any, name: str) -> Any:
    [(sheet, place)] = book.defined_names[name].destinations
    return book[sheet][place]


def _xlsx_formulas(path: Path, names: list[str]) -> dict[str, str]:
    book = openpyxl.load_workbook(path)
    found = {name: _named_cell(book, name).value for name in names}
    return {name: value for name, value in found.items() if str(value).startswith("=")}


def _fill_ods(path: Path, answers: Mapping[str, Answer], target: Path) -> None:
    document = odf_load(path)
    for name, (sheet, row, column) in _ods_names(document).items():
        if name in answers:
            _type(_ods_cell(document, sheet, row, column), answers[name])
    document.save(target)


def _ods_formulas(path: Path, names: list[str]) -> dict[str, str]:
    document = odf_load(path)
    places = _ods_names(document)
    cells = {name: _ods_cell(document, *places[name]) for name in names}
    return {
        name: cell.getAttribute("formula") for name, cell in cells.items() if cell.getAttribute("formula")
    }


def _ods_names(document: Any) -> dict[str, tuple[str, int, int]]:
    ranges = document.spreadsheet.getElementsByType(table.NamedRange)
    return {one.getAttribute("name"): placed(one.getAttribute("cellrangeaddress")) for one in ranges}


def _ods_cell(document: Any, sheet: str, row: int, column: int) -> Element:
    """Return a cell's own element; one that stands for several is split."""
    [found] = [
        t for t in document.spreadsheet.getElementsByType(table.Table) if t.getAttribute("name") == sheet
    ]
    at = 0
    for line in found.getElementsByType(table.TableRow):
        number = int(line.getAttribute("numberrowsrepeated") or 1)
        if at <= row < at + number:
            assert number == 1, f"row {row + 1} stands for {number} rows"
            return _of_row(line, column)
        at += number
    raise KeyError((sheet, row, column))


def _of_row(line: Element, column: int) -> Element:
    at = 0
    for cell in list(line.childNodes):
        number = int(cell.getAttribute("numbercolumnsrepeated") or 1)
        if at <= column < at + number:
            for part, count in (("before", column - at), ("after", at + number - 1 - column)):
                if count:
                    other = table.TableCell()
                    other.attributes = dict(cell.attributes)
                    other.setAttribute("numbercolumnsrepeated", str(count))
                    after = cell.nextSibling
                    line.insertBefore(other, cell if part == "before" else after)
            if number > 1:
                cell.removeAttribute("numbercolumnsrepeated")
            return cell
        at += number
    raise KeyError(column)


def _type(cell: Element, answer: Answer) -> None:
    if isinstance(answer, float):
        cell.setAttribute("valuetype", "float")
        cell.setAttribute("value", repr(answer))
    elif answer.startswith("of:"):
        cell.setAttribute("formula", answer)
    else:
        from odf.text import P

        cell.setAttribute("valuetype", "string")
        cell.addElement(P(text=answer))


# ---- reading ----


def placed(text: str) -> tuple[str, int, int]:
    """Return the sheet, row and column of an address such as ``$Sheet1.$D$20``."""
    match = _REFERENCE.fullmatch(text)
    assert match is not None, text
    sheet = match["sheet"]
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, int(match["row"]) - 1, column_index(match["column"])


def places(path: Path) -> dict[str, tuple[str, int, int]]:
    """Return where the boxes of a workbook are, by their defined names."""
    names = load(path).names or {}
    return {name: placed(text) for name, text in names.items() if name.startswith("blank_")}


def entered(path: Path) -> dict[str, object]:
    """Return the values of the boxes by their names; formulas without one are computed."""
    book, found = load(path), {}
    for name, (sheet, row, column) in places(path).items():
        cell = book.sheet(sheet).cell(row, column)
        found[name] = None if cell is None else cell.value
        if cell is not None and cell.value is None and cell.formula is not None:
            found[name] = _sheet(book, sheet).value((row + 1, column + 1))
    return found


def _sheet(book: Book, name: str) -> evaluator.Sheet:
    """Return a sheet for the tests' own evaluator, its formulas spelt as Excel spells them."""
    numbers, texts = {}, {}
    for row, cells in book.sheet(name).rows.items():
        for column, cell in cells.items():
            if isinstance(cell.value, float):
                numbers[row + 1, column + 1] = cell.value
            elif cell.formula is not None:
                texts[row + 1, column + 1] = _as_filled_in(cell.formula)
    return evaluator.Sheet(numbers, texts)


def _as_filled_in(formula: str) -> str:
    """Return a formula as Excel spells it, without what guards it from empty boxes."""
    text = _BRACKETS.sub("", formula.removeprefix("of:")).replace(";", ",").removeprefix("=")
    while match := _GUARD.fullmatch(text):
        text = match[1]
    return text


def disagreements(path: Path, made: MadeSet) -> list[tuple[str, object, object]]:
    """Return the boxes, looked up by name, that do not hold what the manifest expects, within its tolerance."""
    values = entered(path)
    return [
        (blank.name, values.get(blank.name), blank.expected)
        for blank in made.entry.blanks
        if not _agrees(values.get(blank.name), blank.expected, blank.tolerance)
    ]


def _agrees(value: object, expected: float | str, tolerance: float) -> bool:
    if isinstance(expected, str) or not isinstance(value, float):
        return value == expected
    return abs(value - expected) <= tolerance * (1 + 1e-9)


def findings(path: Path) -> list[tuple[str, str]]:
    """Return what is found in a workbook, as code and first cell, in the sheets' order."""
    checked = check_file(path)
    assert checked.error is None, checked.error
    assert [sheet.error for sheet in checked.sheets] == [None] * len(checked.sheets)
    assert len(checked.nets) == 1
    return [(one.code, f"{one.sheet}.{one.areas[0]}") for one in checked.nets[0].findings]


def parts(path: Path) -> dict[str, str]:
    """Return the parts of a package as text."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


# ---- an independent calculation ----


@cache
def _shape(sizes: tuple[int, ...]) -> tuple[dict[tuple[str, int], tuple[int, int]], int]:
    last = len(sizes) - 1
    found = {("a", layer): (sizes[layer], 1) for layer in range(last + 1)}
    found |= {("delta", layer): (sizes[layer], 1) for layer in range(1, last + 1)}
    for kind in ("w", "gradient", "new"):
        found |= {(kind, layer): (sizes[layer], sizes[layer - 1] + 1) for layer in range(1, last + 1)}
    return found | {("target", 0): (sizes[-1], 1), ("cost", 0): (1, 1)}, last


def shown(path: Path, step: int, sizes: tuple[int, ...]) -> dict[tuple[str, int], np.ndarray]:
    """Return the numbers that stand in a student's file in a step, by quantity and layer; nan where none is."""
    book: Book = load(path)
    [layout] = find_nets(book, lenient=True)
    found = {}
    for (kind, layer), (rows, columns) in _shape(sizes)[0].items():
        table_ = np.full((rows, columns), np.nan)
        for i, j in np.ndindex(rows, columns):
            term = COST if kind == "cost" else Term(kind, layer, i, j)  # type: ignore[arg-type]
            place = layout.place(term, step)
            if place is None and kind == "new":
                place = layout.place(term._replace(kind="w"), step + 1)
            cell = None if place is None else book.sheet(place[0]).cell(*place[1:])
            if cell is not None and isinstance(cell.value, float):
                table_[i, j] = cell.value
        found[kind, layer] = table_
    return found


def reckoned(
    given: Mapping[tuple[str, int], np.ndarray], rate: float, sizes: tuple[int, ...]
) -> dict[tuple[str, int], np.ndarray]:
    """Return back-propagation of one step, going on from the numbers that are given wherever there are some."""
    last, found = len(sizes) - 1, {key: given[key] for key in given if key[0] in ("w", "target")}
    take = lambda key, value: np.where(np.isnan(given[key]), value, given[key])  # noqa: E731
    found["a", 0] = given["a", 0]
    for layer in range(1, last + 1):
        z = given["w", layer] @ np.vstack([found["a", layer - 1], [[1.0]]])
        found["a", layer] = take(("a", layer), 1 / (1 + np.exp(-z)))
    miss = found["a", last] - given["target", 0]
    found["cost", 0] = take(("cost", 0), 0.5 * miss.T @ miss)
    for layer in range(last, 0, -1):
        a = found["a", layer]
        back = miss if layer == last else given["w", layer + 1][:, :-1].T @ found["delta", layer + 1]
        found["delta", layer] = take(("delta", layer), back * a * (1 - a))
        slope = found["delta", layer] @ np.vstack([found["a", layer - 1], [[1.0]]]).T
        found["gradient", layer] = take(("gradient", layer), slope)
        found["new", layer] = given["w", layer] - rate * found["gradient", layer]
    return found
