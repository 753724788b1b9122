"""Class lists: read as the teacher sees them from every kind of table, and refused on one line."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet.book import delimited, files
from sheetnet.errors import FileError
from sheetnet.exercise import roster
from sheetnet.exercise.roster import Student, id_problem, plain_name, read_roster, same_file
from tests.witnesses import libreoffice

CLASS = (Student("s07", "Anna Ø"), Student("s08", "Bo"))


def _csv(folder: Path, content: str | bytes) -> Path:
    path = folder / "class.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _xlsx(folder: Path, rows: list[list[Any]], *, before: str | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "9.a"
    for row in rows:
        sheet.append(row)
    if before is not None:
        book.create_sheet(before, 0).append(["nothing", "here"])
    path = folder / "class.xlsx"
    book.save(path)
    return path


TEXTS: dict[str, str | bytes] = {
    "commas": "id,name\ns07,Anna Ø\ns08,Bo\n",
    "semicolons": "id;name\r\ns07;Anna Ø\r\ns08;Bo\r\n",
    "tabs": "id\tname\ns07\tAnna Ø\ns08\tBo",
    "byte order mark": "\ufeffid;name\ns07;Anna Ø\ns08;Bo\n",
    "cp1252": "id;name\ns07;Anna Ø\ns08;Bo\n".encode("cp1252"),
    "utf-16": "id\tname\ns07\tAnna Ø\ns08\tBo\n".encode("utf-16"),
    "Danish": "Nr.;Navn\ns07;Anna Ø\ns08;Bo\n",
    "capitals": "ID,NAME\ns07,Anna Ø\ns08,Bo\n",
    "blanks": " Id , Name \n s07 , Anna Ø \n s08 , Bo \n",
    "columns in another order": "class,name,mail,id\n9.a,Anna Ø,,s07\n9.a,Bo,b@c,s08\n",
    "id before nr": "nr;id;navn\n1;s07;Anna Ø\n2;s08;Bo\n",
    "header lower down": "Class 9.a\n\nSpring;2026\nid;name\ns07;Anna Ø\ns08;Bo\n",
    "empty rows": "id;name\n\ns07;Anna Ø\n;\n ; \ns08;Bo\n\n",
    "rows of other columns": "id;name;mail\ns07;Anna Ø;\n;;a@b\ns08;Bo;\n",
    "quoted": '"id","name"\n"s07","Anna Ø"\n"s08","Bo"\n',
    "declared": "sep=;\nid;name\ns07;Anna Ø\ns08;Bo\n",
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_text_files(tmp_path: Path, content: str | bytes) -> None:
    """Delimiter, encoding, order and place of the columns are found."""
    assert read_roster(_csv(tmp_path, content)) == CLASS


@pytest.mark.parametrize("text", ["007", "1e5", "1.50", "7.0", "2024-05-01", "1_000", "Ærø", "٣", "TRUE"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_ids_of_text_files_stay(tmp_path: Path, text: str, delimiter: str) -> None:
    """An id is what is written, even where it looks like a number."""
    path = _csv(tmp_path, f"id{delimiter}name\n{text}{delimiter}Anna\n")
    assert read_roster(path) == (Student(text, "Anna"),)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("id;name\ns1;Hansen, Anna\ns2;Olsen, Bo\n", "Hansen, Anna"),
        ("id,name\ns1,\"Hansen; Anna\"\ns2,Bo\n", "Hansen; Anna"),
        ("id,name\ns1,Anna; Bo\ns2,Bo\ns3,Cy; D\n", "Anna; Bo"),
        ("id;name;mark\ns1;Anna;12,5\ns2;Bo;7,25\n", "Anna"),
        ("id;name\ns1;7,5\n", "7,5"),
    ],
)  # fmt: skip
def test_delimiter_among_others(tmp_path: Path, content: str, name: str) -> None:
    """Commas in names and marks part no columns where another sign parts them alike in every row."""
    assert read_roster(_csv(tmp_path, content))[0] == Student("s1", name)


def test_tables_of_numbers_are_read_as_before(tmp_path: Path) -> None:
    """Only who asks for texts gets them."""
    path = _csv(tmp_path, "id;name\n007;1,5\n")
    assert [cell.value for cell in delimited.read(path).sheets[0].rows[1].values()] == [7.0, 1.5]
    assert [cell.value for cell in files.load_table(path).sheets[0].rows[1].values()] == [7.0, 1.5]
    assert [cell.value for cell in files.load_table(path, texts=True).sheets[0].rows[1].values()] == [
        "007",
        "1,5",
    ]


def test_workbook(tmp_path: Path) -> None:
    """Numbers that are whole have no decimals; the first sheet that names its columns counts."""
    rows = [
        ["Class list"],
        ["name", "x", "id"],
        ["Anna", 1, 7],
        ["=1+1", 2, "007"],
        [None, 3, None],
        ["Bo", 4, 12.5],
    ]
    path = _xlsx(tmp_path, rows, before="Cover")
    book = openpyxl.load_workbook(path)
    book["9.a"]["A4"].data_type = "s"
    book.save(path)
    assert read_roster(path) == (Student("7", "Anna"), Student("007", "=1+1"), Student("12.5", "Bo"))


@pytest.mark.libreoffice
def test_ods(tmp_path: Path) -> None:
    """A class list that LibreOffice saved, with texts, numbers, a date and a line break."""
    rows = [["nr", "navn"], [7, "Anna\nØ"], ["007", "Bo"], [date(2024, 5, 1), "Cy"]]
    path = libreoffice.converted(_xlsx(tmp_path, rows), ".ods", _folder(tmp_path))
    assert read_roster(path) == (Student("7", "Anna Ø"), Student("007", "Bo"), Student("2024-05-01", "Cy"))


def _folder(folder: Path) -> Path:
    (folder / "out").mkdir()
    return folder / "out"


def test_names_may_be_missing_or_anything(tmp_path: Path) -> None:
    """Names are data: formulas, long texts and control characters become one line."""
    assert read_roster(_csv(tmp_path, "id\ns1\ns2\n")) == (Student("s1", ""), Student("s2", ""))
    assert read_roster(_csv(tmp_path, "id;name\ns1;\n")) == (Student("s1", ""),)
    content = f'id;name\ns1;=1+1\ns2;"Anna\nHansen\x1b[31m"\ns3;{"x" * 300}\ns4;@a\u202eb\n'
    names = [student.name for student in read_roster(_csv(tmp_path, content))]
    assert names == ["=1+1", "Anna Hansen [31m", "x" * 199 + "…", "@a b"]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(text=st.text(max_size=300))
def test_any_name_is_one_line(text: str) -> None:
    """A name can be stored in XML and shown on one line, and made plain again it is the same."""
    name = plain_name(text)
    assert len(name) <= roster.MAX_NAME
    assert len(name.splitlines()) <= 1
    assert all(sign >= " " and sign not in "\x7f\ufffe\uffff" for sign in name)
    name.encode()
    assert plain_name(name) == name


NO_COLUMN = "class.csv: found no column called id in the first 20 rows, expected a class list with the columns id and name; name the columns in a row above the students"
SAFE = "expected letters, digits, - _ and . alone"

FAULTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", NO_COLUMN),
    "no header": ("s07;Anna\ns08;Bo\n", NO_COLUMN),
    "header too low": ("x\n" * 20 + "id\ns1\n", NO_COLUMN),
    "no students": ("id;name\n;\n", "class.csv, A1: found no students below this row, expected at least one; add a row with an id for each"),
    "no id": ("id;name\ns07;Anna\n;Bo\n", "class.csv, A3: found no id for 'Bo', expected one; type an id there"),
    "twice": ("id;name\ns07;Anna\ns08;Bo\ns07;Cy\n", "class.csv, A4: found the id 's07' a second time (the first is A2; capitals do not count), expected each once; give one another id"),
    "twice but for case": ("name;id\nAnna;Sø7\nBo;sØ7\n", "class.csv, B3: found the id 'sØ7' a second time (the first is B2; capitals do not count), expected each once; give one another id"),
    "twice but for accents": ("id\n\u00e9\ne\u0301\n", "class.csv, A3: found the id 'é' a second time (the first is A2; capitals do not count), expected each once; give one another id"),
    "blank": ("id;name\ns 07;Anna\n", f"class.csv, A2: found the id 's 07', {SAFE}; type another one, such as s-07"),
    "slash": ("id;name\n../etc/x;Anna\n", f"class.csv, A2: found the id '../etc/x', {SAFE}; type another one, such as etc-x"),
    "back slash": ("id\na\\b\n", f"class.csv, A2: found the id 'a\\b', {SAFE}; type another one, such as a-b"),
    "formula": ("id;name\n=1+1;Anna\n", f"class.csv, A2: found the id '=1+1', {SAFE}; type another one, such as 1-1"),
    "signs alone": ("id\n???\n", f"class.csv, A2: found the id '???', {SAFE}; type another one"),
    "decimal comma": ("id;name\n12,5;Anna\n13,5;Bo\n", f"class.csv, A2: found the id '12,5', {SAFE}; type another one, such as 12-5"),
    "zero width": ("id\na\u200bb\n", f"class.csv, A2: found the id 'a\u200bb', {SAFE}; type another one, such as a-b"),
    "hidden file": ("id\n.x\n", "class.csv, A2: found the id '.x', expected no . or - at its beginning, no . at its end, and no two in a row; type another one, such as x"),
    "option": ("id\n-x\n", "class.csv, A2: found the id '-x', expected no . or - at its beginning, no . at its end, and no two in a row; type another one, such as x"),
    "two dots": ("id\na..b\n", "class.csv, A2: found the id 'a..b', expected no . or - at its beginning, no . at its end, and no two in a row; type another one, such as a.b"),
    "device": ("id\nCon\n", "class.csv, A2: found the id 'Con', expected another one, since Windows keeps this name for a device; type another one"),
    "device with suffix": ("id\ncom1.x\n", "class.csv, A2: found the id 'com1.x', expected another one, since Windows keeps this name for a device; type another one"),
    "long": (f"id\n{'x' * 65}\n", f"class.csv, A2: found the id '{'x' * 39}…', expected at most 64 characters; type another one"),
    "long in bytes": (f"id\n{'𠀀' * 60}\n", f"class.csv, A2: found the id '{'𠀀' * 39}…', expected at most 64 characters; type another one"),
    "two id columns": ("id;name;ID\ns1;Anna;s2\n", "class.csv, C1: found a second column called 'id' (the first is A1), expected one; rename the other"),
    "two name columns": ("id;name;Name\ns1;Anna;s2\n", "class.csv, C1: found a second column called 'name' (the first is B1), expected one; rename the other"),
    "no text": (b"id\x00;name", "class.csv: is no text file, expected a table; save it as .csv (UTF-8), .ods or .xlsx"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_faults(tmp_path: Path, content: str | bytes, message: str) -> None:
    """What is wrong with a list is told on one line: where, what was found, what was expected, what to do."""
    with pytest.raises(FileError) as caught:
        read_roster(_csv(tmp_path, content))
    assert str(caught.value) == message


WORKBOOK_FAULTS: dict[str, tuple[list[list[Any]], str]] = {
    "no column": ([["number", "name"]], "class.xlsx, 9.a: found no column called id in the first 20 rows, expected a class list with the columns id and name; name the columns in a row above the students"),
    "no id": ([["id", "name"], [None, "Bo"]], "class.xlsx, 9.a, A2: found no id for 'Bo', expected one; type an id there"),
    "number and text": ([["id"], [7.0], ["7"]], "class.xlsx, 9.a, A3: found the id '7' a second time (the first is A2; capitals do not count), expected each once; give one another id"),
    "error": ([["id"], ["#N/A"]], "class.xlsx, 9.a, A2: found the error #N/A, expected an id; type it as text"),
    "formula": ([["id"], ["=1+1"]], "class.xlsx, 9.a, A2: found a formula without a value, expected an id; type it as text"),
    "huge number": ([["id"], [1e20]], f"class.xlsx, 9.a, A2: found the id '1e+20', {SAFE}; type another one, such as 1e-20"),
    "negative": ([["id"], [-7]], "class.xlsx, 9.a, A2: found the id '-7', expected no . or - at its beginning, no . at its end, and no two in a row; type another one, such as 7"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "message"), WORKBOOK_FAULTS.values(), ids=WORKBOOK_FAULTS)
def test_faults_of_workbooks(tmp_path: Path, rows: list[list[Any]], message: str) -> None:
    """In a workbook the sheet is named too."""
    with pytest.raises(FileError) as caught:
        read_roster(_xlsx(tmp_path, rows))
    assert str(caught.value) == message


def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list longer than any class is refused where it becomes so, and one of that length is read."""
    monkeypatch.setattr(roster, "MAX_STUDENTS", 2)
    assert len(read_roster(_csv(tmp_path, "id\na\nb\n"))) == 2
    with pytest.raises(
        FileError, match=r"^class\.csv, A4: found more than 2 students, expected a class; split the list$"
    ):
        read_roster(_csv(tmp_path, "id\na\nb\nc\n"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "gone.csv", "gone.csv: no such file; check the name and the folder"),
        (lambda folder: folder, r"is a folder, expected a spreadsheet"),
    ],
    ids=["missing", "folder"],
)
def test_no_file(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    """A path that is no file is refused."""
    with pytest.raises(FileError, match=message):
        read_roster(make(tmp_path))


@settings(max_examples=500, derandomize=True, deadline=None)
@given(text=st.text("aAéøß1.-_ /\\:*?\u0301\u200b\u0661²ǅ", min_size=1, max_size=6))
def test_safe_ids_name_files(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A safe id names one file of its own in the folder that is asked for."""
    if id_problem(text) is None:
        folder = tmp_path_factory.mktemp("ids")
        path = folder / f"{text}.ods"
        path.write_text("")
        assert [each.name for each in folder.iterdir()] == [path.name]
        assert same_file(text) == same_file(text.upper())
        assert not set(text) & set(' /\\:*?"<>|')
