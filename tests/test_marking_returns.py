"""What a class returns, in whatever file and wherever its cells have gone, gets the same marks, or is listed with a reason."""

import os
from pathlib import Path

import openpyxl
import pytest

from sheetnet.book.skeleton import Format
from tests.returning import (
    class_of,
    entry_answers,
    marked,
    one,
    rewritten,
    share,
    shifted,
    verdicts,
    with_rows_above,
    zipped,
)
from tests.witnesses import gnumeric, libreoffice
from tests.worksheets import FORMATS, LEVELS, Case, MadeSet, Sets, filled

PAPERS, ANSWERS = ("page", "rows"), ("numbers", "formulas")
PAIRS: list[tuple[Case, Format]] = [
    (Case(level, paper, answers), FORMATS[(number + turn) % 2])
    for number, (level, paper) in enumerate((level, paper) for level in LEVELS for paper in PAPERS)
    for turn, answers in enumerate(ANSWERS)
]
PAIRS += [(Case(1, "page", steps=2), "xlsx"), (Case(3, "rows", steps=2), "ods")]
each = pytest.mark.parametrize(("case", "form"), PAIRS, ids=[f"{case} {form}" for case, form in PAIRS])
both = pytest.mark.parametrize("form", FORMATS)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """Return the sets of this module."""
    return Sets(tmp_path_factory.mktemp("returns"))


def _typed(made: MadeSet, form: Format) -> dict[str, float | str]:
    """Return what a student is to enter, in the way that is asked."""
    if made.manifest.answers == "formulas":
        return made.answers(made.manifest.decimals) | made.formulas(form)
    return made.answers(made.manifest.decimals)


def _some_wrong(made: MadeSet) -> dict[str, float | str]:
    """Return answers of which the first is off, the second missing, and the third a text."""
    answers = made.answers(made.manifest.decimals)
    first, second, third = list(answers)[:3]
    answers[first] = float(answers[first]) + 0.1357
    answers[third] = "no idea"
    del answers[second]
    return answers


# ---- as the student fills it in ----


@each
def test_key(tmp_path: Path, sets: Sets, case: Case, form: Format) -> None:
    """What is right, filled in by openpyxl or odfpy, has all marks, and nothing is said of it."""
    made = sets(case)
    path = filled(made.student(form), _typed(made, form), tmp_path / f"some name.{form}")
    student = one(made, path)
    assert verdicts(student) == {}
    assert share(student) == 1
    assert student.changed == ()
    assert not any(blank.as_text or blank.code or blank.reason for blank in student.blanks)


OFFICE = [
    (Case(3, "page"), "xlsx", ".ods"),
    (Case(5, "rows"), "ods", ".xlsx"),
    (Case(2, "page", "formulas"), "ods", ".ods"),
    (Case(5, "rows", "formulas"), "xlsx", ".xlsx"),
    (Case(7, "page"), "xlsx", ".ods"),
]


@pytest.mark.libreoffice
@pytest.mark.parametrize(("case", "form", "suffix"), OFFICE, ids=[f"{c} {f}{s}" for c, f, s in OFFICE])
def test_libreoffice(tmp_path: Path, sets: Sets, case: Case, form: Format, suffix: str) -> None:
    """Saved again by LibreOffice, in either format, it gets the same marks."""
    made = sets(case)
    path = filled(made.student(form), _typed(made, form), tmp_path / f"a.{form}")
    saved = libreoffice.converted(path, suffix, tmp_path / "saved") if _folder(tmp_path / "saved") else path
    student = one(made, saved)
    assert (verdicts(student), student.changed) == ({}, ())
    if case.level != 7 and case.answers == "numbers":
        wrong = filled(made.student(form), _some_wrong(made), tmp_path / f"b.{form}")
        before, after = one(made, wrong), one(made, libreoffice.converted(wrong, suffix, tmp_path / "saved"))
        assert verdicts(before) == verdicts(after)
        assert len(verdicts(after)) >= 3


@pytest.mark.gnumeric
@pytest.mark.parametrize(("case", "suffix"), [(Case(3, "page"), ".xlsx"), (Case(5, "rows"), ".ods")], ids=str)
def test_gnumeric(tmp_path: Path, sets: Sets, case: Case, suffix: str) -> None:
    """Saved again by Gnumeric it gets the same marks."""
    made = sets(case)
    _folder(tmp_path / "saved")
    for answers in (_typed(made, "xlsx"), _some_wrong(made)):
        path = filled(made.student("xlsx"), answers, tmp_path / "a.xlsx")
        before, after = one(made, path), one(made, gnumeric.converted(path, suffix, tmp_path / "saved"))
        assert (verdicts(before), before.changed) == (verdicts(after), after.changed)


def _folder(path: Path) -> bool:
    path.mkdir(exist_ok=True)
    return True


@both
@pytest.mark.parametrize("paper", PAPERS)
def test_comma(tmp_path: Path, sets: Sets, paper: str, form: Format) -> None:
    """A number typed as a text, with a comma, is read, and mentioned."""
    made = sets(Case(3, paper))
    answers = {name: f"{value:.4f}".replace(".", ",") for name, value in made.answers().items()}
    student = one(made, filled(made.student(form), answers, tmp_path / f"a.{form}"))
    assert verdicts(student) == {}
    assert all(blank.as_text for blank in student.blanks)


@both
def test_untouched(tmp_path: Path, sets: Sets, form: Format) -> None:
    """A sheet that was returned as it was handed out is empty, and has no marks."""
    for paper in PAPERS:
        made = sets(Case(3, paper))
        student = one(made, made.student(form))
        assert {blank.verdict for blank in student.blanks} == {"empty"}
        assert (student.earned, student.changed) == (0, ())


# ---- where cells have gone ----


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
def test_inserted(tmp_path: Path, sets: Sets, paper: str, wrong: bool) -> None:
    """Rows above, columns beside and another name of the sheet change no verdict."""
    made = sets(Case(3, paper))
    answers = _some_wrong(made) if wrong else _typed(made, "xlsx")
    path = filled(made.student("xlsx"), answers, tmp_path / "a.xlsx")
    before = one(made, path)
    after = one(made, shifted(path, tmp_path / "b.xlsx", rows=3, columns=2, title="It's mine!"))
    assert (verdicts(after), after.changed) == (verdicts(before), before.changed)
    assert [blank.cell.rpartition(".")[0] for blank in after.blanks] == ["It's mine!"] * len(after.blanks)
    path = filled(made.student("ods"), answers, tmp_path / "a.ods")
    after = one(made, with_rows_above(path, tmp_path / "b.ods", 2))
    assert (verdicts(after), after.changed) == (verdicts(before), before.changed)


def test_without_names(tmp_path: Path, sets: Sets) -> None:
    """A sheet that lost its defined names, but for the id, is read by its captions."""
    for paper in PAPERS:
        made = sets(Case(3, paper))
        path = filled(made.student("xlsx"), _some_wrong(made), tmp_path / "a.xlsx")
        before = one(made, path)
        book = openpyxl.load_workbook(path)
        for name in list(book.defined_names):
            if name != "student":
                del book.defined_names[name]
        book.save(path)
        assert verdicts(one(made, path)) == verdicts(before)


def test_deleted(tmp_path: Path, sets: Sets) -> None:
    """A blank whose row is gone is missing, and no other."""
    made = sets(Case(3, "page"))
    path = filled(made.student("xlsx"), _typed(made, "xlsx"), tmp_path / "a.xlsx")
    last = made.entry.blanks[-1]
    book = openpyxl.load_workbook(path)
    [(sheet, place)] = book.defined_names[last.name].destinations
    row = book[sheet][place.replace("$", "")].row
    gone = [
        blank.name
        for blank in made.entry.blanks
        if int(blank.cell.rpartition(".")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == row
    ]
    for name in gone:
        book.defined_names[name].attr_text = "#REF!"
    book[sheet].delete_rows(row)
    book.save(path)
    student = one(made, path)
    assert verdicts(student) == dict.fromkeys(gone, "missing")
    assert {blank.earned for blank in student.blanks if blank.name in gone} == {0}


def test_sorted(tmp_path: Path, sets: Sets) -> None:
    """Where rows were sorted, given numbers are reported as changed, or the file is set apart."""
    made = sets(Case(3, "page"))
    path = filled(made.student("xlsx"), _typed(made, "xlsx"), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    [sheet] = book.worksheets
    [top] = [cell for line in sheet.iter_rows() for cell in line if cell.value == "W(1)"][:1] or [None]
    weights = [blank for blank in made.entry.blanks if blank.term.startswith("new w")]
    assert weights
    assert top is not None
    first, second = top.row, top.row + 1
    for column in range(1, sheet.max_column + 1):
        one_, other = (sheet.cell(row, column) for row in (first, second))
        if isinstance(one_.value, float | int) and isinstance(other.value, float | int):
            one_.value, other.value = other.value, one_.value
    book.save(path)
    student = one(made, path)
    assert {change.term for change in student.changed} >= {"w00(1)"}


@both
def test_changed(tmp_path: Path, sets: Sets, form: Format) -> None:
    """A given number that was changed is reported with what it was and is; marks stay."""
    for paper in PAPERS:
        made = sets(Case(3, paper))
        from sheetnet import find_nets, load
        from sheetnet.net.terms import Term

        source = made.student(form)
        [layout] = find_nets(load(source), lenient=True)
        place = layout.place(Term("w", 1, 1, 0), 0)
        assert place is not None
        path = filled(source, _typed(made, form), tmp_path / f"a.{form}")
        _put(path, place, 0.77)
        student = one(made, path)
        [change] = student.changed
        assert (change.term, change.given, change.found) == ("w10(1)", made.entry.weights[0][1][0], 0.77)
        assert verdicts(student) == {}


def _put(path: Path, place: tuple[str, int, int], value: float) -> None:
    from sheetnet.book import files
    from sheetnet.book.edits import PutCell

    book = files.load(path)
    files.save(book, path, [PutCell(*place, value)])


@both
def test_pasted_text(tmp_path: Path, sets: Sets, form: Format) -> None:
    """Text over the boxes is unreadable, and shown."""
    made = sets(Case(1, "rows"))
    answers = dict.fromkeys(made.answers(), "see my notes, page 2")
    student = one(made, filled(made.student(form), answers, tmp_path / f"a.{form}"))
    assert {blank.verdict for blank in student.blanks} == {"unreadable"}
    assert {blank.answer for blank in student.blanks} == {"see my notes, page 2"}
    assert student.earned == 0


# ---- formulas ----


def test_lying_value(tmp_path: Path, sets: Sets) -> None:
    """A value stored with a formula is not believed: what the formula gives counts."""
    made = sets(Case(1, "page"))
    name, right = next(iter(made.answers(4).items()))
    path = filled(made.student("xlsx"), made.answers(4) | {name: "=1+0"}, tmp_path / "a.xlsx")
    lie = rewritten(
        path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", "<f>1+0</f><v />", f"<f>1+0</f><v>{right}</v>"
    )
    student = one(made, lie)
    assert list(verdicts(student)) == [name]
    assert student.blanks[0].value == 1


def test_typed_for_formulas(tmp_path: Path, sets: Sets) -> None:
    """Where formulas are asked, a right number and a formula without cells are typed; half the marks."""
    made = sets(Case(1, "page", "formulas"))
    names = list(made.answers())
    answers = made.answers(4) | made.formulas("xlsx")
    answers[names[0]] = made.answers(4)[names[0]]
    answers[names[1]] = f"={made.answers()[names[1]]!r}+0"
    answers[names[2]] = "=SUM(1,2)"
    student = one(made, filled(made.student("xlsx"), answers, tmp_path / "a.xlsx"))
    found = verdicts(student)
    assert found.pop(names[2]) in ("wrong", "misconception")
    assert found == {names[0]: "typed", names[1]: "typed"}
    assert student.earned == student.of - 2


def test_errors(tmp_path: Path, sets: Sets) -> None:
    """A formula that shows an error, or can't be computed here, is unreadable with its reason."""
    made = sets(Case(1, "page"))
    names = list(made.answers())
    bad = dict(zip(names, ("=1/0", "=NOSUCH(1)", "=#REF!", "=1+"), strict=False))
    student = one(made, filled(made.student("xlsx"), made.answers(4) | bad, tmp_path / "a.xlsx"))
    assert verdicts(student) == dict.fromkeys(bad, "unreadable")
    assert all(blank.reason for blank in student.blanks if blank.name in bad)


# ---- whose it is ----


def test_two_files(tmp_path: Path, sets: Sets) -> None:
    """Of two files of a student the newer counts, whatever they are called, and both are listed."""
    made = class_of(sets, tmp_path, "s01", "s02")
    right = filled(made.student("xlsx", "s01"), entry_answers(made, "s01"), tmp_path / "in" / "final.xlsx")
    old = filled(made.student("xlsx", "s01"), {}, tmp_path / "in" / "zz final (2).xlsx")
    for path, time in ((right, 2_000_000_000), (old, 1_900_000_000)):
        os.utime(path, (time, time))
    result = marked(made, tmp_path / "in")
    [student] = result.students
    assert (student.id, share(student), student.file) == ("s01", 1, str(right))
    assert student.others == (str(old),)
    [left] = result.unmarked
    assert (left.file, left.student) == (str(old), "s01")
    assert result.without == ("s02",)
    os.utime(old, (2_100_000_000, 2_100_000_000))
    assert marked(made, tmp_path / "in").students[0].earned == 0


def test_swapped_names(tmp_path: Path, sets: Sets) -> None:
    """Who is who stands in the files; their names may be anybody's."""
    made = class_of(sets, tmp_path, "s01", "s02")
    filled(made.student("xlsx", "s01"), entry_answers(made, "s01"), tmp_path / "in" / "s02.xlsx")
    filled(made.student("xlsx", "s02"), {}, tmp_path / "in" / "s01.xlsx")
    result = marked(made, tmp_path / "in")
    assert [(one_.id, one_.earned > 0, one_.changed) for one_ in result.students] == [
        ("s01", True, ()),
        ("s02", False, ()),
    ]
    assert result.unmarked == ()


def test_answers_of_another(tmp_path: Path, sets: Sets) -> None:
    """Whoever copies the answers of a neighbour has a sheet with other numbers, and no marks for them."""
    made = class_of(sets, tmp_path, "s01", "s02")
    path = filled(made.student("xlsx", "s02"), entry_answers(made, "s01"), tmp_path / "in" / "a.xlsx")
    [student] = marked(made, path).students
    assert student.id == "s02"
    assert share(student) < 0.4


def test_zips(tmp_path: Path, sets: Sets) -> None:
    """Files in zips in zips, as platforms hand them out, are marked."""
    made = class_of(sets, tmp_path, "s01", "s02")
    paths = [
        filled(made.student("xlsx", id), entry_answers(made, id), tmp_path / f"{id}.xlsx")
        for id in ("s01", "s02")
    ]
    inner = zipped(tmp_path / "inner.zip", {"deep/s01.xlsx": paths[0].read_bytes()})
    outer = zipped(
        tmp_path / "outer.zip",
        {"Anna_12/inner.zip": inner.read_bytes(), "Bo_13/x.xlsx": paths[1].read_bytes()},
    )
    result = marked(made, outer)
    assert [share(student) for student in result.students] == [1, 1]
    assert (result.unmarked, result.without) == ((), ())


def test_strangers(tmp_path: Path, sets: Sets) -> None:
    """What is no worksheet of this set is listed with a reason, and is nobody's marks."""
    made = class_of(sets, tmp_path, "s01", "s02")
    stranger = class_of(sets, tmp_path / "x", "t77", case=Case(3))
    other = class_of(sets, tmp_path / "y", "s01", "s02", case=Case(1), seed=5)
    folder = tmp_path / "in"
    good = filled(made.student("xlsx", "s02"), entry_answers(made, "s02"), folder / "good.xlsx")
    filled(stranger.student("xlsx", "t77"), entry_answers(stranger, "t77"), folder / "stranger.xlsx")
    filled(other.student("xlsx", "s01"), entry_answers(other, "s01"), folder / "other.xlsx")
    openpyxl.Workbook().save(folder / "empty.xlsx")
    (folder / "broken.xlsx").write_bytes(good.read_bytes()[:3000])
    (folder / "essay.docx").write_bytes(b"PK")
    result = marked(made, folder)
    assert [(student.id, share(student)) for student in result.students] == [("s02", 1)]
    assert result.without == ("s01",)
    listed = {Path(left.file).name: left for left in result.unmarked}
    assert set(listed) == {"stranger.xlsx", "other.xlsx", "empty.xlsx", "broken.xlsx", "essay.docx"}
    assert all(left.reason and "\n" not in left.reason for left in listed.values())
    assert listed["other.xlsx"].student == "s01"


def test_same_numbers_other_boxes(tmp_path: Path, sets: Sets) -> None:
    """A worksheet with the same numbers that asks for other quantities is one of another set."""
    made = sets(Case(1), formats=("xlsx",))
    source = made.key("xlsx")
    from sheetnet.jobs.worksheets import make_worksheets

    for level in (1, 2):
        make_worksheets(source, tmp_path / str(level), level=level)
    result = marked(made_of(tmp_path / "1"), tmp_path / "2" / "students")
    assert result.students == ()
    assert [left.reason for left in result.unmarked]


def made_of(folder: Path) -> MadeSet:
    """Return a set that is there already."""
    from tests.worksheets import manifest_of

    return MadeSet(folder, None, manifest_of(folder))  # type: ignore[arg-type]


def test_without_a_class_list(tmp_path: Path, sets: Sets) -> None:
    """A set of one has no id, and needs none; what is no worksheet is not taken for it."""
    made = sets(Case(3))
    path = filled(made.student("xlsx"), _typed(made, "xlsx"), tmp_path / "in" / "a.xlsx")
    os.utime(path, (1_900_000_000, 1_900_000_000))
    openpyxl.Workbook().save(tmp_path / "in" / "b.xlsx")
    result = marked(made, tmp_path / "in")
    assert [share(student) for student in result.students] == [1]
    [left] = result.unmarked
    assert left.file.endswith("b.xlsx")


def test_processes(tmp_path: Path, sets: Sets) -> None:
    """Two processes mark as one does."""
    made = class_of(sets, tmp_path, "s01", "s02")
    for id in ("s01", "s02"):
        filled(made.student("xlsx", id), _first(entry_answers(made, id)), tmp_path / "in" / f"{id}.xlsx")
    (tmp_path / "in" / "broken.xlsx").write_bytes(b"PK\3\4")
    assert marked(made, tmp_path / "in", jobs=2) == marked(made, tmp_path / "in")


def _first(answers: dict[str, float | str]) -> dict[str, float | str]:
    return dict(list(answers.items())[:5])


# ---- a mistake that was to be found ----


@pytest.mark.parametrize("paper", PAPERS)
def test_found(tmp_path: Path, sets: Sets, paper: str) -> None:
    """The cell may be given with its sheet, with dollars or in small letters, and the number as a number."""
    made = sets(Case(7, paper))
    (cell, value) = made.answers(4).values()
    for spelt in (
        str(cell),
        str(cell).lower(),
        f"${str(cell)[0]}${str(cell)[1:]}",
        f"Sheet1.{cell}",
        f"Sheet1!{cell}",
        f" {cell} ",
    ):
        student = one(
            made, filled(made.student("xlsx"), {"blank_001": spelt, "blank_002": value}, tmp_path / "a.xlsx")
        )
        assert verdicts(student) == {}, spelt
    wrong = {"blank_001": "A1", "blank_002": float(value) + 0.3}
    student = one(made, filled(made.student("xlsx"), wrong, tmp_path / "a.xlsx"))
    assert verdicts(student) == {"blank_001": "wrong", "blank_002": "wrong"}
    student = one(made, made.student("xlsx"))
    assert verdicts(student) == {"blank_001": "empty", "blank_002": "empty"}


def test_found_below_inserted_rows(tmp_path: Path, sets: Sets) -> None:
    """Where rows were inserted the cell's address is the new one."""
    made = sets(Case(7, "page"))
    cell, value = made.answers(4).values()
    answers = {"blank_001": cell, "blank_002": value}
    path = filled(made.student("ods"), answers, tmp_path / "a.ods")
    moved = with_rows_above(path, tmp_path / "b.ods", 2)
    assert verdicts(one(made, moved)) == {"blank_001": "wrong"}
    letter, row = str(cell)[0], int(str(cell)[1:])
    path = filled(made.student("ods"), answers | {"blank_001": f"{letter}{row + 2}"}, tmp_path / "a.ods")
    assert verdicts(one(made, with_rows_above(path, tmp_path / "b.ods", 2))) == {}
