"""Check of bad input: one line that says what to do, exit code 2, the other files reported, no debris."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import sheetnet
from sheetnet.cli import main
from sheetnet.jobs import checking
from sheetnet.jobs.checking import CheckedFile, check_file, check_files
from tests import sheets, test_bad_input
from tests.witnesses import libreoffice

ROOT = str(Path(__file__).resolve().parents[1])
READABLE = {"no net", "text weight", "error weight", "overflow", "divergence", "in the way"}
"""Cases that are about training: a check reads these files, and says more of them than one line."""
BAD = [case for case in test_bad_input.CASES if case[0] not in READABLE]


@pytest.fixture
def right(tmp_path: Path) -> Path:
    """A small workbook without a mistake."""
    return _right(tmp_path / "right.ods")


def _right(path: Path, steps: int = 5) -> Path:
    sheetnet.new_file((2, 2, 1), path, seed=1, steps=steps)
    return path


def _wrong(path: Path) -> Path:
    """Make an .xlsx with one wrong formula."""
    _right(path)
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    row, column = next(
        (cell.row, cell.column)
        for cells in sheet.iter_rows()
        for cell in cells
        if isinstance(cell.value, str) and "$A$8" in cell.value
    )
    sheet.cell(row, column).value = sheet.cell(row, column).value.replace("$A$8", "$A$9")
    book.save(path)
    return path


def _json(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["files"]
    return files


def _run(arguments: Sequence[str | Path], folder: Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "sheetnet", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": ROOT},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


# ---------------------------------------------------------------- files that can't be read


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_one_line(
    tmp_path: Path, make: Callable[[Path], Path], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that can't be read gives one line on stderr, the same in JSON, and stays as it was."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = make(folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert main(["check", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert re.search(message, printed.err), printed.err
    assert main(["check", str(path), "--format", "json"]) == 2
    [file] = _json(capsys)
    assert printed.err == f"sheetnet: {file['error']}\n"
    assert file["sheets"] == []
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_other_files_are_reported(
    tmp_path: Path, right: Path, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad file stops no other, in one process or in several."""
    wrong = _wrong(tmp_path / "wrong.xlsx")
    cut = tmp_path / "cut.ods"
    cut.write_bytes(right.read_bytes()[:2000])
    names = [str(path) for path in (tmp_path / "gone.ods", right, cut, wrong)]
    assert main(["check", *names, "--jobs", jobs, "--format", "json"]) == 2
    printed = capsys.readouterr()
    files = json.loads(printed.out)["files"]
    assert [file["file"] for file in files] == names
    assert [bool(file["error"]) for file in files] == [True, False, True, False]
    assert "no such file" in files[0]["error"]
    assert "damaged" in files[2]["error"]
    assert [len(file["sheets"][0]["findings"]) for file in (files[1], files[3])] == [0, 1]
    assert printed.err.count("\n") == 2
    assert main(["check", *names, "--jobs", jobs]) == 2
    printed = capsys.readouterr()
    assert printed.err == ""
    text = " ".join(printed.out.split())
    assert "gone.ods: no such file" in text
    assert "NO MISTAKES" in text
    assert "2 files could not be checked" in text


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that may not be read is named."""
    right.chmod(0)
    assert main(["check", str(right)]) == 2
    assert "right.ods: can't be read (Permission denied)" in capsys.readouterr().err


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_encrypted_by_libreoffice(
    tmp_path: Path, right: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file with a password is refused as such."""
    path = libreoffice.converted(right, suffix, tmp_path / "locked", password="secret")
    assert main(["check", str(path)]) == 2
    assert "encrypted" in capsys.readouterr().err


def test_open_elsewhere(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that a program has open is checked as it was saved, with a warning."""
    right.with_name(f".~lock.{right.name}#").write_text("someone")
    assert main(["check", str(right)]) == 0
    assert "is open in LibreOffice" in capsys.readouterr().err


def test_too_many_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More cells than any net needs are refused, in a file of a few kilobytes."""
    path = _right(tmp_path / "large.ods")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    row = (
        b'<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        b'table:number-columns-repeated="9" office:value-type="float" office:value="1"/></table:table-row>'
    )
    parts["content.xml"] = parts["content.xml"].replace(b"</table:table>", row + b"</table:table>", 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert main(["check", str(path)]) == 2
    assert "more than 5,000,000 cells hold something" in capsys.readouterr().err


# ---------------------------------------------------------------- sheets that can't be read


def _sheets(path: Path, contents: dict[str, sheets.Cells]) -> Path:
    return sheets.save(path, contents)


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
def test_a_bad_sheet_stops_no_other(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An incomplete layout is told with its cell, and the nets of other sheets are checked."""
    good, broken = sheets.net((2, 2, 2)), sheets.net((2, 2, 2))
    place = next(place for place, cell in broken.items() if cell.value == "w11")
    broken[place] = broken[place]._replace(value="nonsense")
    empty = {(0, 0): sheets.Cell("a shopping list", next(iter(good.values())).look)}
    path = _sheets(tmp_path / f"three.{suffix}", {"Bad": broken, "None": empty, "Good": good})
    assert main(["check", str(path), "--format", "json"]) == 2
    [file] = _json(capsys)
    assert file["error"] is None
    by_name = {sheet["name"]: sheet for sheet in file["sheets"]}
    assert "found 'nonsense', expected 'w11'" in by_name["Bad"]["error"]
    assert by_name["Bad"]["nets"] == []
    assert by_name["None"]["nets"] == by_name["None"]["findings"] == []
    assert by_name["None"]["error"] is None
    assert by_name["Good"]["nets"] == ["2-2-2"]
    assert main(["check", str(path), "--sheet", "Good"]) in (0, 1)


def test_without_a_net(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook without a net could not be checked; the report says what was looked for."""
    path = test_bad_input._plain(tmp_path)
    assert main(["check", str(path), "--format", "json"]) == 2
    [file] = _json(capsys)
    assert [sheet["nets"] for sheet in file["sheets"]] == [[]]
    assert main(["check", str(path)]) == 2
    assert "a row of labels like" in " ".join(capsys.readouterr().out.split())


def test_a_fault_of_the_program_is_told_as_one(
    tmp_path: Path, right: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception that nobody foresaw is no finding and no traceback, and other nets are reported."""
    path = _sheets(tmp_path / "two.ods", {"One": sheets.net((2, 2, 1)), "Two": sheets.net((2, 2, 2))})
    inferred = checking.inferred

    def broken(book: Any, layout: Any) -> Any:
        if layout.sheet == "One":
            raise ZeroDivisionError("division\nby zero")
        return inferred(book, layout)

    monkeypatch.setattr(checking, "inferred", broken)
    file = check_file(path)
    one, two = file.sheets
    assert one.nets == ()
    assert one.error is not None
    assert re.fullmatch(
        r"two\.ods, One, \w+: could not be checked for a fault in sheetnet itself "
        r"\(ZeroDivisionError: division by zero; test_check_bad_input.py, line \d+\); please report .*",
        one.error,
    )
    assert [net.layout.name for net in two.nets] == ["2-2-2"]
    assert main(["check", str(path)]) == 2
    assert "a fault in sheetnet itself" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("error", "message"),
    [(MemoryError(), "not enough memory"), (OSError(5, "Input/output error"), r"can't be read \(Input/output error\)")],
    ids=["memory", "disk"],
)  # fmt: skip
def test_want_of_memory_or_disk(
    right: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    """Where the system fails, the file could not be read, and the next one is."""
    load = checking.files.load

    def failing(path: Path) -> Any:
        if path.name == "other.ods":
            raise error
        return load(path)

    monkeypatch.setattr(checking.files, "load", failing)
    bad, good = check_files([right.with_name("other.ods"), right])
    assert re.match(rf"other\.ods: {message}", bad.error or "")
    assert good.error is None


def _dying(path: str | Path) -> str:
    """Stand in for a check that the system kills."""
    if Path(path).name == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    return f"checked {path}"


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_process_that_is_killed() -> None:
    """A process that the system kills takes no other file with it."""
    from sheetnet.errors import FileError
    from sheetnet.processes import in_processes

    paths = ["a", "killer", "b", "c"]
    results = in_processes(_dying, paths, 2)
    assert [results[0], *results[2:]] == ["checked a", "checked b", "checked c"]
    assert isinstance(results[1], FileError)
    assert "for want of memory" in str(results[1])


# ---------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "right.ods", "--sheet", "Nope"], r"right.ods: found no sheet 'Nope', its sheets are "),
        (["check", "right.ods", "--select", "nonsense"], r"'nonsense' is no code; sheetnet codes lists them"),
        (["check", "right.ods", "--ignore", "sheet-,nonsense"], r"'nonsense' is no code"),
        (["check", "right.ods", "--tolerance", "nan"], r"'nan' is no tolerance"),
        (["check", "right.ods", "--tolerance", "-1"], r"is no tolerance|expected one argument"),
        (["check", "right.ods", "--tolerance", "much"], r"'much' is no tolerance"),
        (["check", "right.ods", "--jobs", "0"], r"'0' is not a number"),
        (["check"], r"required: FILE"),
        (["check", "right.ods", "-o", "old.txt"], r"old.txt: exists already; say --overwrite"),
        (["check", "right.ods", "-o", "no/r.txt"], r"no/r.txt: can't be written, there is no folder no"),
        (["check", "right.ods", "-o", "right.ods", "--overwrite"], r"right.ods: is the input itself"),
        (["check", "right.ods", "-o", "folder"], r"folder: is a folder"),
        (["check", "right.ods", "--annotate", "right.ods", "--overwrite"], r"right.ods: is the input itself"),
        (["check", "right.ods", "--annotate", "old.ods"], r"old.ods: exists already; say --overwrite"),
        (["check", "right.ods", "--annotate", "new.xlsx"], r"format of right.ods; name it new.ods"),
        (["check", "right.ods", "--annotate", "no/new.ods"], r"there is no folder no"),
        (["check", "right.ods", "--annotate", "folder"], r"folder: is a folder"),
        (["check", "right.ods", "b/right.ods", "--annotate", "old.txt"], r"old.txt: is a file, expected a folder"),
        (["check", "right.ods", "b/right.ods", "--annotate", "b", "--overwrite"], r"b/right.ods: is the input itself"),
        (["check", "right.ods", "b/right.ods", "--annotate", "folder"], r"folder/right.ods: exists already"),
        (["check", "right.ods", "--annotate", "x.ods", "-o", "x.ods"], r"can't be both the report and the marked copy"),
        (["missing.ods"], r"missing.ods: no such file; check the name"),
        (["old.txt"], r"old.txt: not a spreadsheet but a text file"),
        (["chekc", "right.ods"], r"invalid choice: 'chekc'"),
    ],
    ids=lambda value: " ".join(value[-3:]) if isinstance(value, list) else "",
)  # fmt: skip
def test_refused_options(
    tmp_path: Path,
    right: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An option that can't be followed is one line and exit code 2, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    for name in ("b/right.ods", "folder/right.ods"):
        Path(name).parent.mkdir()
        Path(name).write_bytes(right.read_bytes())
    for name in ("old.txt", "old.ods"):
        Path(name).write_text("old")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    try:
        code = main(arguments)
    except SystemExit as stop:  # what argparse refuses
        code = stop.code  # type: ignore[assignment]
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert re.search(message, printed.err), printed.err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_file_alone_is_checked(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook's name without a command means check."""
    assert main([str(right)]) == 0
    text = capsys.readouterr().out
    assert main(["check", str(right)]) == 0
    assert capsys.readouterr().out == text


# ---------------------------------------------------------------- marked copies


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_two_files_of_one_name(
    tmp_path: Path, right: Path, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two workbooks of one name get two copies, a file that can't be read gets none."""
    (tmp_path / "b").mkdir()
    other = _right(tmp_path / "b" / "right.ods", steps=6)
    out = tmp_path / "marked"
    gone = tmp_path / "gone.ods"
    assert main(["check", str(right), str(gone), str(other), "--annotate", str(out), "--jobs", jobs]) == 2
    assert sorted(path.name for path in out.iterdir()) == ["right-2.ods", "right.ods"]
    saved = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Saved")]
    assert [line.partition(". ")[0] for line in saved] == [
        f"Saved {out / 'right.ods'}",
        f"Saved {out / 'right-2.ods'}",
    ]
    rows = [check_file(out / name).nets[0].layout.steps for name in ("right.ods", "right-2.ods")]
    assert rows == [5, 6]


def test_a_copy_that_cannot_be_saved(tmp_path: Path, right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy that can't be saved is told, the other copies and the report are there, the exit code is 2."""
    disguised = tmp_path / "disguised.xlsx"
    disguised.write_bytes(right.read_bytes())
    out = tmp_path / "marked"
    assert main(["check", str(disguised), str(right), "--annotate", str(out)]) == 2
    printed = capsys.readouterr()
    assert [path.name for path in out.iterdir()] == ["right.ods"]
    assert "disguised.xlsx: is an .ods workbook under another name" in printed.err
    assert printed.out.count("NO MISTAKES") == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
@pytest.mark.parametrize("option", ["-o", "--annotate"])
def test_full_disk(
    tmp_path: Path,
    right: Path,
    option: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk leaves the old output whole, and no debris."""
    from sheetnet.book import package

    out = tmp_path / "out.ods"
    out.write_bytes(b"old")
    opened = open

    def full(name: object, mode: str = "r", *rest: object) -> object:
        return opened("/dev/full", "wb") if "x" in mode else opened(name, mode, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(package, "open", full, raising=False)
    assert main(["check", str(right), option, str(out), "--overwrite"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert out.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ods", "right.ods"]


# ---------------------------------------------------------------- pipes and interrupts


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt(tmp_path: Path, jobs: str) -> None:
    """Ctrl-C, which reaches every process of a command, ends it in one line and leaves no debris."""
    names = [_right(tmp_path / f"net{number}.xlsx", steps=3000).name for number in range(2)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sheetnet", "check", *names * 8, "--jobs", jobs, "--annotate", "out"],
        env={**os.environ, "PYTHONPATH": ROOT},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(2.5)  # it has begun, and is far from its end
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == b""
    assert errors.decode().splitlines() == ["sheetnet: interrupted; no output was written"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net0.xlsx", "net1.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="a shell")
@pytest.mark.parametrize("form", ["text", "json"])
def test_closed_pipe(tmp_path: Path, right: Path, form: str) -> None:
    """A reader that goes away is no error: sheetnet check … | true."""
    command = f"{sys.executable} -m sheetnet check {right.name} {right.name} --format {form} | true"
    result = subprocess.run(
        command,
        shell=True,
        env={**os.environ, "PYTHONPATH": ROOT},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stderr == ""


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names of any bytes")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_that_is_no_text(tmp_path: Path, right: Path, form: str) -> None:
    """A file whose name is no UTF-8 is reported, on the terminal and in a file."""
    name = os.fsdecode(b"caf\xe9.ods")
    (tmp_path / name).write_bytes(right.read_bytes())
    result = _run(["check", name, right.name, "--format", form, "-o", "report"], tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "caf" in (tmp_path / "report").read_text(encoding="utf-8")
    result = _run(["check", name, right.name, "--format", form], tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_no_result_is_pickled_away(right: Path) -> None:
    """Several processes give what one gives."""
    one, two = (check_files([right, right], jobs=jobs) for jobs in (1, 2))
    assert [_summary(file) for file in one] == [_summary(file) for file in two]


def _summary(file: CheckedFile) -> tuple[object, ...]:
    return (
        file.path,
        file.error,
        [(net.layout, net.conventions, net.findings, net.judged) for net in file.nets],
    )
