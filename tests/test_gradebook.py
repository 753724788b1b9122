"""The gradebook: numbers as numbers, texts as texts in every program, and notes that change nothing else."""

import csv
import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetnet.book import files
from sheetnet.book.grid import Book
from sheetnet.book.skeleton import Format
from sheetnet.errors import SheetnetError
from sheetnet.exercise.manifest import Planted
from sheetnet.jobs.worksheets import make_worksheets
from sheetnet.marking.marks import VERDICTS, Changed, MarkedClass, MarkedStudent
from sheetnet.marking.scheme import Scheme, read_scheme, scheme_of
from sheetnet.report.marks import (
    annotation,
    gradebook,
    gradebook_csv,
    gradebook_json,
    short_text,
    verdict_text,
)
from sheetnet.report.marks.delimited import field_text
from tests.marked import HOSTILE, TERMS, blank, entry, hostile_class, manifest, marked_class
from tests.witnesses import libreoffice

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
BANDS = scheme_of('[bands]\n"good" = "9/10"\n"=passed" = 0.5', "s.toml")


def _saved(
    marked: MarkedClass,
    folder: Path,
    form: Format = "xlsx",
    *,
    scheme: Scheme | None = None,
    language: str = "en",
) -> Path:
    path = folder / f"grades.{form}"
    new = gradebook(marked, scheme or read_scheme(None), created=CREATED, language=language)
    with files.skeleton(new, form, path.name) as base:
        files.save(base, path, [])
    return path


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def _read(text: str, delimiter: str) -> list[list[str]]:
    return list(
        csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    )


# ---------------------------------------------------------------- the workbook


def test_marks(tmp_path: Path) -> None:
    """A row a student in the order of the class, without a file no marks; a blank's column says its verdict."""
    sheet = openpyxl.load_workbook(_saved(marked_class(), tmp_path)).worksheets[0]
    head, anna, bo, carl, dina = _rows(sheet)
    assert head[:7] == ("id", "name", "mark", "of", "percent", "δ0(1) blank_001", "δ1(1) blank_002")
    assert anna == ("s01", "Anna Ørsted", 4, 10, 40, *(short_text(each.verdict) for each in _anna().blanks))
    assert bo[2:6] == (10, 10, 100, "right")
    assert carl == ("s03", "Carl", *[None] * (3 + len(TERMS)))
    assert dina[:6] == ("007", "Dina", 7, 10, 70, "mistake")
    assert sheet.freeze_panes == "C2"
    assert [sheet.cell(2, column).number_format for column in (3, 4, 5)] == ["0.00", "0.00", "0.0"]
    fills = {sheet.cell(2, 6 + at).fill.fgColor.rgb[2:] for at in range(len(VERDICTS))}
    assert fills == {"C6EFCE", "FFEB9C", "FFC7CE", "E7E6E6"}


def _anna() -> MarkedStudent:
    return marked_class().students[0]


def test_numbers_are_exact(tmp_path: Path) -> None:
    """A third is stored as the double nearest to it, and shown with the decimals of the scheme."""
    third = replace(_anna(), blanks=(replace(blank("rounded"), earned=Fraction(1, 3)),))
    marked = MarkedClass(manifest([entry("s01", blanks=1)]), (third,), (), ())
    sheet = openpyxl.load_workbook(
        _saved(marked, tmp_path, scheme=scheme_of("decimals = 3", "s.toml"))
    ).worksheets[0]
    assert sheet["C2"].value == 1 / 3
    assert sheet["E2"].value == 100 / 3
    assert sheet["C2"].number_format == "0.000"


def test_words_for_marks(tmp_path: Path) -> None:
    """A scheme with words has a column for them, a text whatever the word begins with."""
    sheet = openpyxl.load_workbook(_saved(marked_class(), tmp_path, scheme=BANDS)).worksheets[0]
    assert [sheet.cell(row, 6).value for row in range(1, 6)] == ["in words", None, "good", None, "=passed"]
    assert sheet["F5"].data_type == "s"


def test_not_marked(tmp_path: Path) -> None:
    """Files with their reasons, further files, changed numbers, and who sent none."""
    sheet = openpyxl.load_workbook(_saved(marked_class(), tmp_path)).worksheets[1]
    assert sheet.title == "Not marked"
    assert _rows(sheet) == [
        ("what", "student", "file", "reason"),
        ("not marked", None, "essay.docx", "not a workbook"),
        ("not marked", None, "s99.xlsx", "its id is not in the manifest"),
        ("further file", "s02", "old/s02.ods", "s02.ods was marked; this one does not count"),
        ("number changed", "007", "007.xlsx", "w00(1): -1 was handed out, 0.5 stands there (Sheet1.C6)"),
        ("no file", "s03", None, "no file of this student was among the files"),
    ]


def test_mistakes(tmp_path: Path) -> None:
    """Each mistake with its title, students and blanks, what most students made first."""
    sheet = openpyxl.load_workbook(_saved(marked_class(), tmp_path)).worksheets[2]
    assert _rows(sheet) == [
        ("code", "mistake", "students", "blanks"),
        ("delta-hidden-untransposed", "Transpose left out", 2, 3),
        ("update-no-rate", "Learning rate left out", 1, 1),
    ]


def test_danish(tmp_path: Path) -> None:
    """Sheets, heads, verdicts, reasons and titles are Danish; the numbers in sentences have a comma."""
    book = openpyxl.load_workbook(_saved(marked_class(), tmp_path, language="da"))
    assert book.sheetnames == ["Point", "Ikke rettet", "Fejl"]
    assert [cell.value for cell in book.worksheets[0][1]][:5] == ["id", "navn", "point", "af", "procent"]
    assert "ny w00(2) blank_005" in [cell.value for cell in book.worksheets[0][1]]
    assert "w00(1): -1 blev delt ud, 0,5 står der (Sheet1.C6)" in [
        cell.value for cell in book.worksheets[1]["D"]
    ]
    assert book.worksheets[2]["B2"].value == "Transponeringen glemt"


def test_a_mistake_to_be_found(tmp_path: Path) -> None:
    """The two blanks are called by their questions; later steps are named."""
    planted = entry("s01", blanks=2)
    first, second = planted.blanks
    planted = replace(
        planted, blanks=(replace(first, kind="cell"), second), planted=Planted("update-no-rate", "Sheet1.D20")
    )
    marked = MarkedClass(manifest([planted]), (), ("s01",), ())
    sheet = openpyxl.load_workbook(_saved(marked, tmp_path)).worksheets[0]
    assert [cell.value for cell in sheet[1]][5:] == [
        "Which cell is wrong? blank_001",
        "What should it be? blank_002",
    ]
    stepped = entry("s01", blanks=1)
    stepped = replace(stepped, blanks=(replace(stepped.blanks[0], step=2),))
    sheet = openpyxl.load_workbook(
        _saved(replace(marked, manifest=manifest([stepped])), tmp_path)
    ).worksheets[0]
    assert sheet["F1"].value == "δ0(1), step 2 blank_001"


def test_the_same_class_gives_the_same_file(tmp_path: Path) -> None:
    """Nothing in the file tells one run from another."""
    assert _saved(marked_class(), tmp_path).read_bytes() == _saved(marked_class(), tmp_path).read_bytes()


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_texts_of_others(form: Format, tmp_path: Path) -> None:
    """No name, file or answer becomes a formula, an error, or a file that can't be read."""
    path = _saved(hostile_class(), tmp_path, form)
    book = files.load(path)
    cells = [cell for sheet in book.sheets for row in sheet.rows.values() for cell in row.values()]
    assert not any(cell.formula for cell in cells)
    # openpyxl writes _x000D_ as it is, which is read as the sign that it names (ECMA-376 part 1, 22.9.2.19)
    texts = [cell.value for cell in cells if isinstance(cell.value, str) and "\r" not in cell.value]
    assert {type(text) for text in texts} == {str}
    assert {"=cmd|'/c calc'!A1", "<script>alert(1)</script>", "one two", "#N/A", "@SUM(A1)"} <= set(texts)
    assert not any(re.search("[\x00-\x1f\x7f\u202e]", text) for text in texts)
    assert max(map(len, texts)) <= 400
    if form == "xlsx":
        read = openpyxl.load_workbook(path)
        assert {c.data_type for sheet in read for row in sheet.iter_rows() for c in row} <= {"s", "n"}


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_libreoffice_agrees(form: Format, tmp_path: Path) -> None:
    """LibreOffice finds no formula, after a recalculation either, and reads every number."""
    path = _saved(hostile_class(), tmp_path, form)
    shown = libreoffice.formulas(path)["Marks"]
    assert shown[1, 1] == "=cmd|'/c calc'!A1"  # text, not computed
    assert libreoffice.recalculated(path)["Marks"][1, 1] == "=cmd|'/c calc'!A1"
    values = libreoffice.recalculated(_saved(marked_class(), tmp_path, form))["Marks"]
    assert [values[2, column] for column in range(6)] == ["s02", "Bo", 10.0, 10.0, 100.0, "right"]
    assert values[4, 0] == "007"


# ---------------------------------------------------------------- as text


@pytest.mark.parametrize(
    ("delimiter", "sign"), [(None, ","), (";", ";"), ("\t", "\t"), ("tab", "\t"), ("|", "|")]
)
def test_csv(delimiter: str | None, sign: str) -> None:
    """A table with a byte-order mark and CRLF, whatever is between its fields."""
    text = gradebook_csv(marked_class(), read_scheme(None), delimiter=delimiter)
    assert text.startswith(f"\ufeffid{sign}name{sign}mark{sign}of{sign}percent{sign}δ0(1) blank_001")
    assert text.count("\r\n") == text.count("\n") == 5
    rows = _read(text, sign)
    assert {len(row) for row in rows} == {5 + len(TERMS)}
    assert rows[1][:8] == [
        "s01",
        "Anna Ørsted",
        "4.00",
        "10.00",
        "40.0",
        "mistake",
        "right",
        "right, own numbers",
    ]
    assert rows[3] == ["s03", "Carl", *[""] * (3 + len(TERMS))]


def test_csv_in_danish() -> None:
    """A semicolon and a decimal comma, as a Danish Excel expects."""
    rows = _read(gradebook_csv(marked_class(), BANDS, language="da"), ";")
    assert rows[0][:6] == ["id", "navn", "point", "af", "procent", "med ord"]
    assert rows[1][2:7] == ["4,00", "10,00", "40,0", "", "fejl"]
    assert rows[4][2:6] == ["7,00", "10,00", "70,0", "'=passed"]


@pytest.mark.parametrize("delimiter", ["", "x", ";;", '"', "\n", "=", "x" * 1000])
def test_odd_delimiters(delimiter: str) -> None:
    """What is no delimiter is refused on one line."""
    with pytest.raises(SheetnetError, match="^--delimiter: found '.*', expected , ; | or tab$") as raised:
        gradebook_csv(marked_class(), read_scheme(None), delimiter=delimiter)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_of_texts_of_others(delimiter: str) -> None:
    """A field is one line that no spreadsheet computes: an apostrophe stands before what begins like a formula."""
    rows = _read(gradebook_csv(hostile_class(), BANDS, delimiter=delimiter), delimiter)
    assert len(rows) == 1 + len(HOSTILE)
    assert {len(row) for row in rows} == {8}
    for row in rows:
        for field in row:
            assert not field.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
            assert not re.search("[\x00-\x1f\x7f\u202e]", field)
    names = [row[1] for row in rows]
    assert names[1:8] == ["'=cmd|'/c calc'!A1", "'+1+1", "'-2", "'@SUM(A1)", "'=1+1", "'=1+1", "'＝1+1"]


def test_fields() -> None:
    """Other texts stay as they are."""
    for text in ("Anna", "1-2", "a=b", "'x", "Ørsted, Bo", "½"):
        assert field_text(text) == text


@pytest.mark.libreoffice
def test_libreoffice_reads_the_csv(tmp_path: Path) -> None:
    """Calc reads columns and numbers, and computes nothing."""
    path = tmp_path / "grades.csv"
    files.write_text(path, gradebook_csv(hostile_class(), read_scheme(None)))
    (values,) = libreoffice.recalculated(path).values()
    assert values[1, 1] == "'=cmd|'/c calc'!A1"
    assert values[1, 3] == 2.0
    assert values[10, 0] == "h09"


# ---------------------------------------------------------------- as data


def test_json() -> None:
    """All that is known, with marks as exact texts, and the keys that programs rely on."""
    data = json.loads(json.dumps(gradebook_json(marked_class(), BANDS), allow_nan=False))
    assert list(data) == [
        "version", "program", "seed", "sizes", "level", "mean", "students", "without", "not_marked", "mistakes",
    ]  # fmt: skip
    assert data["mean"] == {"mark": "7", "of": "10"}
    assert data["without"] == ["s03"]
    assert data["not_marked"][0] == {"file": "essay.docx", "student": "", "reason": "not a workbook"}
    assert data["mistakes"][0] == {
        "code": "delta-hidden-untransposed", "title": "Transpose left out", "students": 2, "blanks": 3,
    }  # fmt: skip
    anna, _, dina = data["students"]
    assert (anna["mark"], anna["of"], dina["band"]) == ("4", "10", "=passed")
    assert anna["blanks"][4]["mark"] == "1/2"
    assert anna["blanks"][0] == {
        "name": "blank_001", "term": "δ0(1)", "step": 0, "cell": "Sheet1.A20", "verdict": "misconception",
        "answer": "-0.0121", "value": -0.0121, "expected": 0.0239, "mark": "0", "of": "1",
        "code": "delta-hidden-untransposed", "also": [], "details": {}, "working": "δ0·w00 + δ1·w10 = 0.0239",
        "as_text": False, "decimals": None, "reason": "", "message": verdict_text(_anna().blanks[0], 4),
    }  # fmt: skip
    assert dina["changed"] == [
        {"term": "w00(1)", "step": 0, "given": -1.0, "found": 0.5, "cell": "Sheet1.C6"}
    ]


def test_json_of_what_is_no_number() -> None:
    """A number that is not finite is null; texts of others are there to the letter."""
    lost = replace(
        _anna(),
        blanks=(replace(blank("wrong"), value=math.inf, expected=math.nan),),
        changed=(Changed("", 0, math.nan, None, ""),),
    )
    data = gradebook_json(replace(marked_class(), students=(lost,)), read_scheme(None))
    assert json.dumps(data, allow_nan=False)
    assert data["students"][0]["changed"][0]["given"] is None
    names = [student["name"] for student in gradebook_json(hostile_class(), read_scheme(None))["students"]]
    assert names == list(HOSTILE)


# ---------------------------------------------------------------- notes


@pytest.fixture(scope="module")
def worksheets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Any, ...]]:
    """Return a protected worksheet in both formats, and its blanks."""
    out = tmp_path_factory.mktemp("set") / "out"
    made = make_worksheets((2, 2, 2), out, seed=3, formats=("ods", "xlsx"))
    return out / "students", made.manifest.students[0].blanks


def _marked_sheet(blanks: tuple[Any, ...]) -> MarkedStudent:
    verdicts = [*VERDICTS, *["right"] * (len(blanks) - len(VERDICTS))]
    return MarkedStudent(
        "worksheet",
        "",
        "worksheet.ods",
        tuple(
            replace(blank(verdict), name=each.name, term=each.term, cell=each.cell)  # type: ignore[arg-type]
            for each, verdict in zip(blanks, verdicts, strict=True)
        ),
    )


def _content(book: Book) -> list[Any]:
    return [
        (sheet.name, row, column, cell.value, cell.formula)
        for sheet in book.sheets
        for row, cells in sorted(sheet.rows.items())
        for column, cell in sorted(cells.items())
        if cell.value is not None or cell.formula is not None
    ]


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_notes(form: str, language: str, worksheets: Any, tmp_path: Path) -> None:
    """A note at each blank, that of a lost one at the first cell; every value, formula and lock is as before."""
    folder, blanks = worksheets
    source = folder / f"worksheet.{form}"
    book, student = files.load(source), _marked_sheet(blanks)
    edits = annotation(student, book, 4, language=language)
    assert len(edits) == len(blanks)
    target = tmp_path / source.name
    files.save(book, target, edits)
    assert _content(files.load(target)) == _content(book)
    if form == "xlsx":
        before, after = (openpyxl.load_workbook(path).worksheets[0] for path in (source, target))
        notes = {c.coordinate: c.comment.text for row in after.iter_rows() for c in row if c.comment}
        assert after.protection.sheet
        assert before.protection.sheet
        assert not any(c.comment for row in before.iter_rows() for c in row)
        for row, other in zip(before.iter_rows(), after.iter_rows(), strict=True):
            for one, two in zip(row, other, strict=True):
                looks = [repr((cell.value, cell.fill, cell.font, cell.protection)) for cell in (one, two)]
                assert looks[0] == looks[1]
        lost = student.blanks[VERDICTS.index("missing")]
        for each in student.blanks:
            text = verdict_text(each, 4, language=language)
            cell = "A1" if each is lost else each.cell.rpartition(".")[2]
            assert text[0].upper() + text[1:] in notes[cell]


def test_where_notes_go() -> None:
    """Two lost blanks share the first cell's note; a lost sheet's are on the first sheet; names may have points."""
    from sheetnet.book.grid import Sheet

    book = Book(Path("s.ods"), "ods", (Sheet("Ark.1 'a'", {}), Sheet("B", {})))
    blanks = (
        replace(blank("right"), cell="Ark.1 'a'.D20"),
        replace(blank("missing", 1), cell="B.D21"),
        replace(blank("missing", 2), cell="B.D22"),
        replace(blank("right", 3), cell="Gone.D23"),
        replace(blank("right", 4), cell=""),
    )
    notes = [
        (note.sheet, note.row, note.column, note.text)  # type: ignore[union-attr]
        for note in annotation(MarkedStudent("s", "", "s.ods", blanks), book, 4)
    ]
    assert [note[:3] for note in notes] == [("Ark.1 'a'", 0, 0), ("Ark.1 'a'", 19, 3), ("B", 0, 0)]
    assert notes[2][3].count("its cell is gone") == 2


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_libreoffice_shows_the_notes(form: str, worksheets: Any, tmp_path: Path) -> None:
    """Texts of others in a note stay its text."""
    folder, blanks = worksheets
    book = files.load(folder / f"worksheet.{form}")
    marked = tuple(
        replace(blank("unreadable", answer=text, reason=text), cell=each.cell)
        for each, text in zip(blanks, HOSTILE, strict=False)
    )
    target = tmp_path / f"out.{form}"
    files.save(book, target, annotation(MarkedStudent("s", "", "", marked), book, 4))
    (notes,) = [found for found in libreoffice.notes(target).values() if found]
    assert len(notes) == len(marked)
    assert any("<script>alert(1)</script>" in text for text in notes.values())


def test_pages(tmp_path: Path) -> None:
    """Many blanks are printed on several pages, id and name on each; no column is left out or printed twice."""
    many = tuple(replace(entry("s").blanks[0], name=f"blank_{at:03}") for at in range(26))
    marked = MarkedClass(manifest([replace(entry("s01"), blanks=many)]), (), ("s01",), ())
    sheet = openpyxl.load_workbook(_saved(marked, tmp_path)).worksheets[0]
    areas = [area.rpartition("!")[2].replace("$", "") for area in sheet.print_area.split(",")]
    assert areas == ["A1:L2", "M1:V2", "W1:AE2"]
    assert sheet.print_title_cols.replace("$", "") == "A:B"
    assert sheet.print_title_rows.replace("$", "") == "1:1"
