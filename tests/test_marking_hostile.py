"""Returns that mean harm: refused or shown as text, and the rest of the class is marked."""

import json
import struct
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from sheetnet.jobs.marking import annotate_returned, mark_files
from sheetnet.report.marks import annotation
from tests.marked import HOSTILE
from tests.returning import class_of, entry_answers, marked, rewritten, share, verdicts, zipped
from tests.worksheets import Case, MadeSet, Sets, filled

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """Return the sets of this module."""
    return Sets(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def made(tmp_path: Path, sets: Sets) -> MadeSet:
    """Return a class of two."""
    path = tmp_path / "class"
    return class_of(sets, path, "good", "bad", case=Case(1))


def _good(made: MadeSet, folder: Path) -> Path:
    return filled(made.student("xlsx", "good"), entry_answers(made, "good"), folder / "good.xlsx")


def _bad(made: MadeSet, target: Path, **answers: float | str) -> Path:
    return filled(made.student("xlsx", "bad"), entry_answers(made, "bad") | answers, target)


def _bomb() -> bytes:
    """Return a small .xlsx whose sheet unpacks to 2 GB; its directory says so only in part."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("xl/workbook.xml", "<workbook/>")
        with out.open(SHEET, "w", force_zip64=True) as part:
            block = b" " * (1 << 20)
            for _ in range(300):
                part.write(block)
    content = file.getvalue()
    size = struct.pack("<L", 300 << 20)
    return content.replace(size, struct.pack("<L", 1 << 10))


def _laughs() -> str:
    entities = "".join(
        f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{("&l" + str(n - 1) + ";") * 9 if n else ""}">'
        for n in range(9)
    )
    return f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><worksheet>&l8;</worksheet>'


def test_unreadable_files(tmp_path: Path, made: MadeSet) -> None:
    """Bombs, entities and damage are listed with a reason each; nobody else is touched."""
    folder = tmp_path / "in"
    good = _good(made, folder)
    (folder / "bomb.xlsx").write_bytes(_bomb())
    _whole(good, folder / "laughs.xlsx", SHEET, _laughs())
    _whole(
        good,
        folder / "xxe.xlsx",
        SHEET,
        '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>',
    )
    (folder / "half.xlsx").write_bytes(good.read_bytes()[:-2000])
    (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    zipped(folder / "slip.zip", {"../../../evil.xlsx": good.read_bytes()[:100], "/etc/x.xlsx": b"PK"})
    result = marked(made, folder)
    assert [(student.id, share(student)) for student in result.students] == [("good", 1)]
    names = {left.file.removeprefix(str(folder))[1:].partition("/")[0] for left in result.unmarked}
    assert names == {"bomb.xlsx", "laughs.xlsx", "xxe.xlsx", "half.xlsx", "old.xls", "slip.zip"}
    assert all(
        left.reason and "fault" not in left.reason and "root:" not in left.reason for left in result.unmarked
    )


def _whole(path: Path, target: Path, part: str, text: str) -> Path:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return zipped(target, parts | {part: text.encode()})


FORMULAS = [
    '=WEBSERVICE("http://127.0.0.1:9/"&A1)',
    '=HYPERLINK("http://127.0.0.1:9/","0.5")',
    "=cmd|'/c calc'!A1",
    "='file:///etc/[passwd]x'!A1",
    "=[1]Sheet1!A1",
    '=INDIRECT("B5")',
    "=RAND()",
    '=CALL("kernel32","WinExec","JJ","calc",0)',
    '=REPT("9",1E9)',
    "=SUM(A:XFD)",
    "=10^400",
    '=IF(1,"0.5","")&evil',
]
LONG = [
    "=" + "(" * 5_000 + "1" + ")" * 5_000,
    "=" + "+".join(["1"] * 200_000),
    "=" + "9" * 1_000_000,
]


def _with_formula(path: Path, old: str, formula: str) -> Path:
    escaped = formula[1:].replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return rewritten(path, path, SHEET, f"<f>{old}</f>", f"<f>{escaped}</f>")


def test_formulas(tmp_path: Path, made: MadeSet) -> None:
    """Formulas outside the arithmetic of this program are unreadable, in short, and do nothing."""
    names = [blank.name for blank in made.entry.blanks]
    answers = {name: f"=1000+{number}" for number, name in enumerate(names)}
    path = _bad(made, tmp_path / "bad.xlsx", **answers)
    for number, formula in enumerate(FORMULAS):
        _with_formula(path, f"1000+{number}", formula)
    [student] = marked(made, path).students
    for blank, formula in zip(student.blanks, FORMULAS, strict=True):
        assert blank.verdict == "unreadable", formula
        assert blank.value is None
        assert 0 < len(blank.reason) <= 200
        assert len(blank.answer) <= 200


@pytest.mark.parametrize("formula", LONG, ids=["brackets", "sum", "digits"])
def test_long_formula(tmp_path: Path, made: MadeSet, formula: str) -> None:
    """A formula of a megabyte, or one too deep to read, spoils its own file at most."""
    good = _good(made, tmp_path / "in")
    path = _bad(made, tmp_path / "in" / "bad.xlsx", blank_001="=1+0")
    result = marked(made, good, _with_formula(path, "1+0", formula))
    assert [student.id for student in result.students if share(student) == 1] == ["good"]
    for student in result.students[1:]:
        assert set(verdicts(student)) == {"blank_001"}
        assert len(student.blanks[0].answer) + len(student.blanks[0].reason) <= 400
    assert len(result.without) == len(result.unmarked) == 2 - len(result.students)
    assert not any("fault" in left.reason for left in result.unmarked)


def test_circle(tmp_path: Path, made: MadeSet) -> None:
    """A box that needs itself shows an error, as in a spreadsheet."""
    name = next(iter(entry_answers(made, "bad")))
    [cell] = [blank.cell.rpartition(".")[2] for blank in made.entry.blanks if blank.name == name]
    path = _bad(made, tmp_path / "bad.xlsx", **{name: f"={cell}+1"})
    [student] = marked(made, path).students
    assert verdicts(student) == {name: "unreadable"}


IDS = [
    "../../x",
    "..\\..\\x",
    "/etc/passwd",
    "=1+1",
    "good/../bad",
    "<script>",
    "x" * 50_000,
    "C:\\x",
    "CON",
    None,
    7.5,
]


def test_ids(tmp_path: Path, made: MadeSet) -> None:
    """What is no id of the class is nobody's; no file is called after it."""
    _good(made, tmp_path / "in")
    path = _bad(made, tmp_path / "bad.xlsx")
    book = openpyxl.load_workbook(path)
    [(sheet, place)] = book.defined_names["student"].destinations
    cell = book[sheet][place.replace("$", "")]
    for number, id in enumerate(IDS):
        cell.value = id
        if isinstance(id, str):
            cell.data_type = "s"
        book.save(tmp_path / "in" / f"{number}.xlsx")
    before = set(tmp_path.rglob("*"))
    marking = mark_files(made.folder / "teacher" / "manifest.json", [tmp_path / "in"])
    assert [student.id for student in marking.marked.students] == ["good"]
    assert len(marking.marked.unmarked) == len(IDS)
    annotate_returned(
        marking, tmp_path / "out", lambda student, read: annotation(student, read, 4, language="en")
    )
    after = {each.relative_to(tmp_path).as_posix() for each in set(tmp_path.rglob("*")) - before}
    assert after == {"out", "out/good.xlsx"}


def test_defined_names(tmp_path: Path, made: MadeSet) -> None:
    """Names that mean commands, other books, whole columns or themselves are no cells."""
    path = _bad(made, tmp_path / "in" / "bad.xlsx")
    meanings = [
        "cmd|'/c calc'!A1",
        "[1]Sheet1!$A$1",
        "Sheet1!$A:$A",
        "blank_004",
        "OFFSET(Sheet1!$A$1,1,1)",
        "Gone!$A$1",
        "#REF!",
    ]
    book = openpyxl.load_workbook(path)
    names = [blank.name for blank in made.entry.blanks][: len(meanings)]
    for name, meaning in zip(names, meanings, strict=True):
        book.defined_names[name] = DefinedName(name, attr_text=meaning)
    book.defined_names["evil"] = DefinedName("evil", attr_text="cmd|'/c calc'!A1")
    book.save(path)
    [student] = marked(made, path).students
    assert verdicts(student) == dict.fromkeys(names, "missing")


def test_macros_and_links(tmp_path: Path, made: MadeSet) -> None:
    """An .xlsm with macros and links to other books is marked like any other; nothing of it runs or is fetched."""
    path = _bad(made, tmp_path / "in" / "bad.xlsx")
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    types = parts["[Content_Types].xml"].decode()
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert plain in types
    types = types.replace(plain, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    parts["[Content_Types].xml"] = types.replace(
        "</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    ).encode()
    parts["xl/vbaProject.bin"] = bytes(2_000)
    parts["xl/externalLinks/externalLink1.xml"] = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    )
    macros = zipped(tmp_path / "in" / "bad.xlsm", parts)
    path.unlink()
    [student] = marked(made, macros).students
    assert (student.id, verdicts(student)) == ("bad", {})


@pytest.mark.parametrize("texts", [HOSTILE[:9], HOSTILE[9:]], ids=["first", "last"])
def test_texts(tmp_path: Path, made: MadeSet, texts: tuple[str, ...]) -> None:
    """What is typed into a box stays a text, in short, and its neighbours are marked."""
    path = _bad(made, tmp_path / "in" / "bad.xlsx")
    book = openpyxl.load_workbook(path)
    names = [blank.name for blank in made.entry.blanks][: len(texts)]
    for name, text in zip(names, texts, strict=True):
        [(sheet, place)] = book.defined_names[name].destinations
        cell = book[sheet][place.replace("$", "")]
        shown = "".join(sign for sign in text if sign >= " " and not "\ud800" <= sign <= "\udfff")
        cell._value, cell.data_type = shown, "s"
    book.save(path)
    [student] = marked(made, path).students
    assert set(verdicts(student)) <= set(names)
    for blank in student.blanks[: len(texts)]:
        assert blank.verdict in ("unreadable", "wrong", "misconception"), blank
        assert len(blank.answer) <= 200


def test_command(tmp_path: Path, made: MadeSet) -> None:
    """The command marks the rest, exits with 1, writes every output, and puts no formula of a student into one."""
    folder = tmp_path / "in"
    _good(made, folder)
    _bad(
        made,
        folder / "bad.xlsx",
        blank_001="@SUM(1+1)*cmd|' /C calc'!A0",
        blank_002='=WEBSERVICE("http://127.0.0.1:9")',
    )
    (folder / "broken.xlsx").write_bytes(b"PK\3\4")
    (folder / "=cmd.txt").write_bytes(b"x")
    out = {suffix: tmp_path / f"grades{suffix}" for suffix in (".xlsx", ".csv", ".json")}
    for suffix, target in out.items():
        extra = (
            ["--annotate", str(tmp_path / "notes"), "--html", str(tmp_path / "html")]
            if suffix == ".xlsx"
            else []
        )
        command = [
            sys.executable,
            "-m",
            "sheetnet",
            "mark",
            str(made.folder / "teacher" / "manifest.json"),
            str(folder),
            "-o",
            str(target),
            *extra,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stderr) == (1, ""), done.stderr
    json.loads(out[".json"].read_text(encoding="utf-8"))
    assert not [
        line
        for line in out[".csv"].read_text(encoding="utf-8-sig").splitlines()
        if line.startswith(("=", "@", "+"))
    ]
    book = openpyxl.load_workbook(out[".xlsx"])
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                if cell.data_type == "f":
                    assert "cmd" not in cell.value
                    assert "WEBSERVICE" not in cell.value
    assert {path.name for path in (tmp_path / "notes").iterdir()} == {"good.xlsx", "bad.xlsx"}
