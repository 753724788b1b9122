"""What a student's worksheet is and holds: locks, boxes, the right numbers, and nothing that gives a key away."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from odf import table
from odf.opendocument import load as odf_load

from sheetnet import load
from sheetnet.book.grid import a1
from sheetnet.book.skeleton import Format
from sheetnet.jobs.worksheets import make_worksheets
from sheetnet.net.terms import Term, named
from tests import worksheets
from tests.worksheets import (
    FORMATS,
    LEVELS,
    SEED,
    Case,
    MadeSet,
    Sets,
    manifest_of,
    parts,
    places,
    reckoned,
    shown,
)

CASES = [
    Case(level, paper, answers)
    for level in LEVELS
    for paper in ("page", "rows")
    for answers in ("numbers", "formulas")
]
CASES += [Case(level, paper, steps=2) for level in (1, 3) for paper in ("page", "rows")]
ASKED = [case for case in CASES if case.level != 7]
every = pytest.mark.parametrize("case", CASES, ids=map(str, CASES))
asked = pytest.mark.parametrize("case", ASKED, ids=map(str, ASKED))
both = pytest.mark.parametrize("form", FORMATS)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """Return the sets of this module."""
    return Sets(tmp_path_factory.mktemp("worksheets"))


# ---- what gives nothing away ----


def _spellings(value: float) -> set[str]:
    """Return how a number may be written, without its sign."""
    size = abs(value)
    return {
        repr(size),
        f"{size:.15g}",
        f"{size:.17g}",
        *(f"{size:.{decimals}f}" for decimals in range(4, 11)),
    }


def _secrets(made: MadeSet) -> Iterator[tuple[str, set[str]]]:
    """Yield the blanks whose numbers stand nowhere else by right, and how these may be spelt."""
    hidden = {(blank.kind, blank.layer) for blank in made.entry.blanks}
    for blank in made.entry.blanks:
        bias = blank.kind == "gradient" and blank.j == made.manifest.sizes[blank.layer - 1]
        if isinstance(blank.expected, float) and not (bias and ("delta", blank.layer) not in hidden):
            yield blank.term, _spellings(blank.expected)


@both
@every
def test_no_answer_in_the_package(sets: Sets, case: Case, form: Format) -> None:
    """No part of a student's file has the number of a blank in it, in whatever spelling."""
    made = sets(case)
    tokens = {token for text in parts(made.student(form)).values() for token in NUMBER.findall(text)}
    assert {term: found for term, spelt in _secrets(made) if (found := spelt & tokens)} == {}
    key = {token for text in parts(made.key(form)).values() for token in NUMBER.findall(text)}
    assert all(spelt & key for _, spelt in _secrets(made))  # the search finds what is there


@both
@every
def test_nothing_else_in_the_package(sets: Sets, case: Case, form: Format) -> None:
    """There is no seed, no comment, no property of its own, nothing hidden, and no time of its making."""
    made = sets(case)
    package = parts(made.student(form))
    whole = "".join(package.values())
    assert str(SEED) not in whole
    assert not re.search(
        r'hidden="(?:1|true)"|veryHidden|"collapse"|visibility="(?:filter|hidden)"|table:display="false"',
        whole,
    )
    assert not [
        name
        for name in package
        if re.search(r"(?i)comment|calcchain|custom|vml|thumbnail|printersettings", name)
    ]
    assert "annotation" not in whole
    assert "user-defined" not in whole
    assert re.findall(
        r"20\d\d-\d\d-\d\dT[\d:]+Z?",
        "".join(v for k, v in package.items() if "Properties" in v or k == "meta.xml" or "core" in k),
    )
    assert {stamp[:10] for stamp in re.findall(r"20\d\d-\d\d-\d\dT[\d:]+", whole)} <= {"2000-01-01"}
    with zipfile.ZipFile(made.student(form)) as opened:
        assert {info.date_time[0] for info in opened.infolist()} == {1980}
        assert not opened.comment


@both
@pytest.mark.parametrize("case", [case for case in CASES if case.level == 7], ids=str)
def test_the_mistake_is_not_named(sets: Sets, case: Case, form: Format) -> None:
    """A sheet with a mistake says neither its code nor, in words, its cell."""
    made = sets(case)
    planted = made.entry.planted
    assert planted is not None
    whole = "".join(parts(made.student(form)).values())
    assert planted.code not in whole
    address = planted.cell.split(".")[-1]
    assert not re.search(rf">[^<]*(?<![A-Z$.]){address}(?!\d)[^<]*</(?:text:p|t)>", whole)
    right = made.entry.blanks[1].expected
    assert isinstance(right, float)
    assert not re.search(rf">-?{re.escape(f'{abs(right):.4f}')}<", whole)


def test_folders(sets: Sets) -> None:
    """Students' files are alone in their folder; keys and the manifest are the teacher's."""
    made = sets(CASES[0])
    assert sorted(
        str(path.relative_to(made.folder)) for path in made.folder.rglob("*") if path.is_file()
    ) == [
        "students/worksheet.ods",
        "students/worksheet.xlsx",
        "teacher/keys/worksheet.ods",
        "teacher/keys/worksheet.xlsx",
        "teacher/manifest.json",
    ]


@both
def test_what_follows_from_blanks_has_no_value(tmp_path: Path, form: Format) -> None:
    """Cells that are computed from blanks are formulas without a stored number, and show nothing yet."""
    make_worksheets((2, 2, 2), tmp_path / "out", blanks=["δ(2)"], seed=SEED, formats=[form])
    path = tmp_path / "out" / "students" / f"worksheet.{form}"
    book = load(path)
    following = [
        cell
        for sheet in book.sheets
        for cells in sheet.rows.values()
        for cell in cells.values()
        if cell.formula
    ]
    assert len(following) == 2 + 12 + 12
    assert {cell.value for cell in following} <= {None, ""}


# ---- locks, boxes and names ----


@every
def test_an_xlsx_is_protected(sets: Sets, case: Case) -> None:
    """Without a password; boxes are unlocked, framed and checked, and all else that is filled is locked."""
    made = sets(case)
    book = openpyxl.load_workbook(made.student("xlsx"))
    [sheet] = book.worksheets
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert not book.security.workbookPassword
    boxes = {place[1:] for place in places(made.student("xlsx")).values()}
    assert len(boxes) == len(made.entry.blanks)
    unlocked = {
        (c.row - 1, c.column - 1) for row in sheet.iter_rows() for c in row if not c.protection.locked
    }
    assert boxes <= unlocked
    assert {place for place in unlocked if sheet.cell(place[0] + 1, place[1] + 1).value is not None} == set()
    for row, column in boxes:
        border = sheet.cell(row + 1, column + 1).border
        assert {side.style for side in (border.left, border.right, border.top, border.bottom)} == {"thin"}
    checked = {
        (row - 1, column - 1)
        for one in sheet.data_validations.dataValidation
        for area in one.sqref.ranges
        for row, column in area.cells
    }
    assert checked == boxes - ({places(made.student("xlsx"))["blank_001"][1:]} if case.level == 7 else set())
    kinds = {one.type for one in sheet.data_validations.dataValidation}
    assert kinds == {"custom" if case.answers == "formulas" and case.level != 7 else "decimal"}


@every
def test_an_ods_is_protected(sets: Sets, case: Case) -> None:
    """Without a password; boxes are unlocked, framed and checked, and all else that is filled is locked."""
    made = sets(case)
    document = odf_load(made.student("ods"))
    [sheet] = document.spreadsheet.getElementsByType(table.Table)
    assert sheet.getAttribute("protected") == "true"
    assert not sheet.getAttribute("protectionkey")
    styles = {style.getAttribute("name"): style for style in document.automaticstyles.childNodes}
    boxes = {place[1:] for place in places(made.student("ods")).values()}
    unchecked = set()
    for row, column in boxes:
        cell = worksheets._ods_cell(document, "Sheet1", row, column)
        [look] = [
            n
            for n in styles[cell.getAttribute("stylename")].childNodes
            if n.tagName == "style:table-cell-properties"
        ]
        assert look.getAttribute("cellprotect") == "none"
        assert look.getAttribute("border") not in (None, "none")
        if not cell.getAttribute("contentvalidationname"):
            unchecked.add((row, column))
    assert len(unchecked) == (case.level == 7)
    opened = {
        name
        for name, style in styles.items()
        if any(
            node.tagName == "style:table-cell-properties" and node.getAttribute("cellprotect") == "none"
            for node in style.childNodes
        )
    }
    for cell in sheet.getElementsByType(table.TableCell):
        if cell.getAttribute("stylename") in opened:
            assert cell.getAttribute("valuetype") is None


@both
@every
def test_names(sets: Sets, case: Case, form: Format) -> None:
    """Each blank is a defined name, the manifest's, and points at the manifest's cell."""
    made = sets(case)
    found = {name: f"{place[0]}.{a1(*place[1:])}" for name, place in places(made.student(form)).items()}
    assert found == {blank.name: blank.cell for blank in made.entry.blanks}
    assert list(found) == [f"blank_{number:03d}" for number in range(1, len(found) + 1)]


# ---- numbers ----


@both
@asked
def test_expected_numbers(sets: Sets, case: Case, form: Format) -> None:
    """What is expected follows, by the matrices, from the numbers that stand in the student's file."""
    made = sets(case)
    weights, before = None, None
    for step in range(case.steps):
        given = shown(made.student(form), step, case.sizes)
        if step:
            given |= {("w", layer): before["new", layer] for layer in range(1, len(case.sizes))}
            given["a", 0], given["target", 0] = weights
        weights = given["a", 0], given["target", 0]
        before = reckoned(given, made.entry.learning_rate, case.sizes)
        for blank in made.entry.blanks:
            if blank.step == step:
                found = before[blank.kind, blank.layer][max(blank.i, 0), max(blank.j, 0)]
                assert blank.expected == pytest.approx(found, abs=1e-12), blank.term


@pytest.mark.parametrize("seed", range(1, 4))
def test_drawn_numbers(tmp_path: Path, seed: int) -> None:
    """Given numbers have few decimals, are no 0, 1 or ½; neurons are in their range, and both signs of a − T occur."""
    make_worksheets((2, 2, 2), tmp_path / "out", level=5, seed=seed)
    [entry] = manifest_of(tmp_path / "out").students
    drawn = [
        *np.ravel(entry.inputs),
        *np.ravel(entry.targets),
        *(w for m in entry.weights for w in np.ravel(m)),
    ]
    assert all(value == round(value, 2) for value in drawn)
    assert not {0.0, 0.5, 1.0} & {abs(value) for value in drawn}
    expected = {blank.term: blank.expected for blank in entry.blanks}
    outputs = [expected[f"a{i}(2)"] for i in range(2)]
    assert all(0.15 < expected[f"a{i}({layer})"] < 0.85 for layer in (1, 2) for i in range(2))
    assert len({np.sign(a - t) for a, t in zip(outputs, entry.targets[0], strict=True)}) == 2


# ---- the same again ----


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("level", [3, 7])
def test_same_seed_same_bytes(tmp_path: Path, level: int) -> None:
    """Made again in another folder all files are the same; from another seed none is, nor another student's."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\ns1,Anna\ns2,Bo\n", encoding="utf-8")
    options = {"level": level, "formats": FORMATS, "students": roster}
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        make_worksheets((2, 2, 1), tmp_path / name, seed=seed, **options)
    one, two, three = (_bytes(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys() == three.keys()
    assert not [name for name in one if one[name] == three[name]]
    first, second = manifest_of(tmp_path / "one").students
    assert first.given != second.given


def test_numbers_of_a_student_are_his_own(tmp_path: Path) -> None:
    """Who else is on the list, and in what order, changes nothing in a student's files."""
    for name, text in (("one", "s1,Anna\ns2,Bo\n"), ("two", "s9,Cy\ns2,Bo\n")):
        (tmp_path / f"{name}.csv").write_text(f"id,name\n{text}", encoding="utf-8")
        make_worksheets((2, 2, 1), tmp_path / name, seed=5, students=tmp_path / f"{name}.csv")
    one, two = (_bytes(tmp_path / name) for name in ("one", "two"))
    shared = {"students/s2.xlsx", "teacher/keys/s2.xlsx"}
    assert {name for name in one.keys() & two.keys() if one[name] == two[name]} == shared


def test_terms_of_the_manifest(sets: Sets) -> None:
    """A blank's term is written out, and given as its parts."""
    made = sets(Case(5))
    for blank in made.entry.blanks:
        term = Term(blank.kind, blank.layer, blank.i, blank.j)  # type: ignore[arg-type]
        assert blank.term == named(term)
