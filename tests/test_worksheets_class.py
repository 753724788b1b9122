"""Class sets of worksheets: lists and names of every kind, numbers of a workbook, folders, and refusals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from sheetnet import load, new_file
from sheetnet.book.skeleton import Format
from sheetnet.cli import main
from sheetnet.errors import SheetnetError
from sheetnet.jobs import worksheets as job
from sheetnet.jobs.worksheets import make_worksheets
from tests.worksheets import FORMATS, SEED, MadeSet, disagreements, filled, findings, manifest_of, parts

SAMPLE = Path(__file__).parents[1] / "samples" / "note-2-2-2.ods"
CLASS = [["id", "name"], ["s07", "Anna Ø"], ["s08", "Bo"]]
LISTS: dict[str, str | bytes] = {
    "commas.csv": "id,name\ns07,Anna Ø\ns08,Bo\n",
    "semicolons.csv": "id;name\r\ns07;Anna Ø\r\ns08;Bo\r\n",
    "tabs.csv": "id\tname\ns07\tAnna Ø\ns08\tBo\n",
    "mark.csv": "\ufeffid;name\ns07;Anna Ø\ns08;Bo\n",
}
HOSTILE = {
    "formula": "=cmd|'/c calc'!A1",
    "plus": "+1+1",
    "at": "@SUM(1;2)",
    "markup": '<b>&amp; "it\'s"]]></b>',
    "long": "x" * 500,
    "emoji": "Ann 👩🏽‍🏫 a",
    "line": "Anna\nBo\tCy",
    "direction": "Anna\u202egpj.exe",
    "number": "0.3731",
}


def _made(out: Path, source: object = (2, 2, 1), **options: object) -> MadeSet:
    made = make_worksheets(source, out, **{"seed": 5, "level": 1, **options})  # type: ignore[arg-type]
    return MadeSet(out, made, manifest_of(out))


def _list(path: Path, rows: list[list[str]]) -> Path:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(path)
    return path


# ---- class lists ----


@pytest.mark.parametrize("name", [*LISTS, "class.xlsx", "class.ods"])
def test_every_form_of_list(tmp_path: Path, name: str) -> None:
    """Each student of a list has a sheet with the name on it, a key, and a place in the manifest."""
    path = tmp_path / name
    if name in LISTS:
        path.write_text(str(LISTS[name]), encoding="utf-8", newline="")
    elif name == "class.xlsx":
        _list(path, CLASS)
    else:
        _ods_list(path)
    made = _made(tmp_path / "out", students=path)
    assert [(one.id, one.name, one.file) for one in made.manifest.students] == [
        ("s07", "Anna Ø", "students/s07.xlsx"),
        ("s08", "Bo", "students/s08.xlsx"),
    ]
    for student in made.manifest.students:
        texts = _texts(made.student("xlsx", student.id))
        assert f"Name  {student.name}" in texts
        assert f"No. {student.id}" in texts
        assert f"KEY {student.id}" in _texts(made.key("xlsx", student.id))


def _ods_list(path: Path) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document, table = OpenDocumentSpreadsheet(), Table(name="class")
    for line in CLASS:
        row = TableRow()
        for text in line:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(path)


def _texts(path: Path) -> list[str]:
    return [
        cell.value
        for sheet in load(path).sheets
        for cells in sheet.rows.values()
        for cell in cells.values()
        if isinstance(cell.value, str)
    ]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> MadeSet:
    """Return a set for students of strange names."""
    folder = tmp_path_factory.mktemp("hostile")
    _list(folder / "class.xlsx", [["id", "name"], *([f"n-{key}", name] for key, name in HOSTILE.items())])
    book = openpyxl.load_workbook(folder / "class.xlsx")
    for row in book.worksheets[0].iter_rows(min_row=2, min_col=2):
        row[0].data_type = "s"
    book.save(folder / "class.xlsx")
    return _made(folder / "out", students=folder / "class.xlsx", formats=FORMATS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("key", HOSTILE)
def test_a_name_is_text(hostile: MadeSet, key: str, form: Format) -> None:
    """Whatever a name is, it is shown as text on one line, and is in no formula, path or defined name."""
    path = hostile.student(form, f"n-{key}")
    shown = next(text for text in _texts(path) if text.startswith("Name  ")).removeprefix("Name  ")
    wanted = " ".join(HOSTILE[key].replace("\u202e", " ").split())
    assert shown == (wanted if len(wanted) <= 32 else wanted[:31].rstrip() + "…")  # beside the title
    book = load(path)
    formulas = [
        cell.formula
        for sheet in book.sheets
        for cells in sheet.rows.values()
        for cell in cells.values()
        if cell.formula
    ]
    assert formulas == []
    assert [name for name in parts(path) if HOSTILE[key] in name] == []
    names = {name for name in book.names or {} if "Print_Area" not in name}
    assert names == {"student", *(blank.name for blank in hostile.entry.blanks)}
    assert findings(hostile.key(form, f"n-{key}")) == []


@pytest.mark.parametrize("identity", ["../../x", "a/b", "a\\b", "=1", "con", ".x", "-x", "a b", "x" * 65])
def test_an_id_is_checked(tmp_path: Path, identity: str) -> None:
    """An id that is no plain name of a file is refused, and nothing is made."""
    path = tmp_path / "class.csv"
    path.write_text(f"id;name\ns1;Anna\n{identity};Bo\n", encoding="utf-8")
    with pytest.raises(SheetnetError, match=r"class\.csv, A3: found the id .*, expected") as caught:
        _made(tmp_path / "out", students=path)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == [path]


# ---- folders ----


def test_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    """It is refused; with overwrite, files of the same names are replaced and others stay."""
    out = tmp_path / "out"
    _made(out)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "students" / "mine.xlsx").write_bytes(b"mine")
    before = (out / "students" / "worksheet.xlsx").read_bytes()
    with pytest.raises(SheetnetError, match="is not empty; say --overwrite"):
        _made(out, seed=6)
    assert (out / "students" / "worksheet.xlsx").read_bytes() == before
    _made(out, seed=6, overwrite=True)
    assert (out / "students" / "worksheet.xlsx").read_bytes() != before
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (out / "students" / "mine.xlsx").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    """A folder that is there and empty is used."""
    (tmp_path / "out").mkdir()
    _made(tmp_path / "out")
    assert (tmp_path / "out" / "teacher" / "manifest.json").exists()


@pytest.mark.parametrize("there", [False, True])
def test_failing_midway_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    """What goes wrong at the second student leaves no file of the first, and what was there as it was."""
    out, path = tmp_path / "out", tmp_path / "class.csv"
    path.write_text("id;name\ns1;Anna\ns2;Bo\n", encoding="utf-8")
    if there:
        out.mkdir()
        (out / "mine.txt").write_text("mine", encoding="utf-8")
    saved: list[Path] = []
    really = job.files.save

    def save(base: object, target: Path, edits: object) -> None:
        if len(saved) == 2:
            raise SheetnetError("the disk is full")
        saved.append(target)
        really(base, target, edits)  # type: ignore[arg-type]

    monkeypatch.setattr(job.files, "save", save)
    with pytest.raises(SheetnetError, match="the disk is full"):
        _made(out, students=path, overwrite=True)
    assert len(saved) == 2
    assert sorted(p.name for p in tmp_path.rglob("*")) == sorted(
        ["class.csv", *(["out", "mine.txt"] if there else [])]
    )


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused on one line."""

    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sheetnet.book.folders.mkdtemp", refuse)
    with pytest.raises(SheetnetError, match=r"out: can't be written \(Permission denied\)"):
        make_worksheets((2, 2, 1), tmp_path / "out", level=1, seed=5)


def test_a_folder_where_a_file_goes(tmp_path: Path) -> None:
    """A folder called like a file that is to be written is refused, and nothing is replaced."""
    out = tmp_path / "out"
    (out / "students" / "worksheet.xlsx").mkdir(parents=True)
    with pytest.raises(SheetnetError, match=r"worksheet\.xlsx: can't be written"):
        _made(out, overwrite=True)
    assert not (out / "teacher").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# ---- refusals ----

REFUSED: dict[str, tuple[list[str], str]] = {
    "level": (["2-2-2", "OUT", "--level", "6"], "--level"),
    "blank": (["2-2-2", "OUT", "--blank", "q(3)"], "--blank: found 'q(3)', expected quantities of a 2-2-2 net"),
    "no such layer": (["2-2-2", "OUT", "--blank", "δ(3)"], "--blank: found 'δ(3)'"),
    "no such cell": (["2-2-2", "OUT", "--blank", "w00(1) w77(1)"], "--blank"),
    "file without a net": (["EMPTY", "OUT"], "empty.xlsx: found no net"),
    "file that is missing": (["gone.ods", "OUT"], "gone.ods"),
    "neither": (["2-x", "OUT"], "'2-x': found neither sizes nor a file"),
    "one layer": (["2", "OUT"], "2"),
    "decimals": (["2-2-2", "OUT", "--decimals", "99"], "--decimals"),
    "decimals of a text": (["2-2-2", "OUT", "--decimals", "four"], "--decimals"),
    "steps": (["2-2-2", "OUT", "--steps", "0"], "--steps"),
    "no gradient": (["2-2-2", "OUT", "--level", "1", "--feedback", "check"], "--feedback check: no gradient is left blank"),
    "class that is missing": (["2-2-2", "OUT", "--students", "gone.csv"], "gone.csv"),
    "class without ids": (["2-2-2", "OUT", "--students", "NOIDS"], "noids.csv: found no column called id"),
    "out is a file": (["2-2-2", "EMPTY"], "empty.xlsx: is a file, expected the name of a folder"),
    "out has no parent": (["2-2-2", "OUT/a/b"], "there is no folder"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """One line says what is wrong, the exit code is 2, and nothing is made."""
    _list(tmp_path / "empty.xlsx", [["nothing", "here"]])
    (tmp_path / "noids.csv").write_text("who\nAnna\n", encoding="utf-8")
    known = {
        "OUT": str(tmp_path / "out"),
        "EMPTY": str(tmp_path / "empty.xlsx"),
        "NOIDS": str(tmp_path / "noids.csv"),
    }
    known["OUT/a/b"] = str(tmp_path / "a" / "b")
    before = sorted(tmp_path.iterdir())
    assert _exit(["worksheet", *(known.get(each, each) for each in arguments)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    [*_, line] = printed.err.rstrip("\n").split("\n")
    assert message in line, printed.err
    assert "Traceback" not in printed.err
    assert sorted(tmp_path.iterdir()) == before


def _exit(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def test_pdf_without_libreoffice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where LibreOffice is missing, one line says what to install, before anything is made."""
    from sheetnet.book import printing

    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(printing, "_PLACES", (), raising=False)
    assert main(["worksheet", "2-2-2", str(tmp_path / "out"), "--pdf"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "printing to PDF needs LibreOffice, which was not found; install it" in line
    assert list(tmp_path.iterdir()) == []


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command makes what it says, in lines of at most 80 columns."""
    (tmp_path / "class.csv").write_text(str(LISTS["commas.csv"]), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["--seed", "7", "--students", str(tmp_path / "class.csv"), "--level", "1", "--language", "da"]
    assert main(["worksheet", "2-2-1", str(out), *arguments, "--format", "ods", "--format", "xlsx"]) == 0
    printed = capsys.readouterr()
    made = [path for path in out.rglob("*") if path.is_file()]
    assert f"Saved {len(made)} files in" in printed.out
    assert len(made) == 2 * 2 * 2 + 1
    assert "seed 7: --seed 7 makes the same files again" in " ".join(printed.out.split())
    assert all(len(line) <= 80 for line in printed.out.splitlines() if str(tmp_path) not in line)
    assert "Navn  Anna Ø" in _texts(out / "students" / "s07.ods")


def test_a_seed_is_drawn_and_told(tmp_path: Path) -> None:
    """Without a seed one is drawn, and is in the manifest."""
    one, two = (_made(tmp_path / name, seed=None) for name in ("one", "two"))
    again = _made(tmp_path / "again", seed=one.manifest.seed)
    assert again.student("xlsx").read_bytes() == one.student("xlsx").read_bytes()
    assert one.manifest.seed == one.made.seed
    assert two.manifest.seed > 0


# ---- the numbers of a workbook ----


def _conventional(folder: Path, **options: object) -> Path:
    patterns = np.array([[0.35, 0.8]]), np.array([[0.3, 0.7]])
    weights = [[[0.31, -0.42, 0.25], [-0.53, 0.64, -0.37]], [[0.72, -0.28, 0.16], [-0.45, 0.57, -0.33]]]
    if options.get("biases") == "none":
        weights = [[row[:2] for row in matrix] for matrix in weights]
    path = folder / "source.ods"
    new_file((2, 2, 2), path, weights=weights, patterns=patterns, learning_rate=0.9, steps=3, **options)  # type: ignore[arg-type]
    return path


SOURCES: dict[str, Callable[[Path], Path]] = {
    "the note's": lambda _: SAMPLE,
    "tanh": lambda folder: _conventional(folder, activations=("tanh",)),
    "fixed biases": lambda folder: _conventional(folder, biases="fixed"),
    "no biases": lambda folder: _conventional(folder, biases="none"),
    "page": lambda folder: _conventional(folder, arrangement="page"),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("paper", ["page", "rows"])
@pytest.mark.parametrize("source", SOURCES)
def test_numbers_of_a_workbook(tmp_path: Path, source: str, paper: str, form: Format) -> None:
    """The workbook's own numbers and conventions are on the worksheet, which is right when filled in."""
    path = SOURCES[source](tmp_path)
    made = _made(tmp_path / "out", path, level=4, paper=paper, answers="formulas", formats=[form])
    entry, conventions = made.entry, made.manifest.conventions
    assert conventions.activations == (("tanh",) if source == "tanh" else ("sigmoid",))
    assert conventions.biases == {"fixed biases": "fixed", "no biases": "none"}.get(source, "trained")
    if source == "the note's":
        assert entry.targets == ((0.3, 0.4),)
        assert entry.learning_rate == 0.5
    else:
        assert (entry.learning_rate, entry.inputs, entry.targets) == (0.9, ((0.35, 0.8),), ((0.3, 0.7),))
        assert entry.weights[1][0][:2] == (0.72, -0.28)
    serious = [code for code, _ in findings(made.key(form)) if not code.startswith("convention")]
    assert serious == []
    target = filled(made.student(form), made.formulas(form), tmp_path / f"filled.{form}")
    assert [code for code, _ in findings(target) if not code.startswith("convention")] == []
    assert disagreements(target, made) == []


def test_warning_about_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a workbook's numbers can't tell apart is said in one warning; drawn numbers need none."""
    assert main(["worksheet", str(SAMPLE), str(tmp_path / "out"), "--decimals", "2"]) == 0
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("sheetnet: warning: in some blanks, ")
    assert "2 decimals can't tell apart" in line
    assert main(["worksheet", "2-2-2", str(tmp_path / "drawn"), "--seed", str(SEED)]) == 0
    assert capsys.readouterr().err == ""
