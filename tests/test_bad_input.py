"""Bad input: one clear line, exit code 2, input untouched, nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sheetnet.cli import main
from tests import sheets
from tests.witnesses import libreoffice

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _zip(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return path


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _ods(folder: Path) -> Path:
    return sheets.write(folder / "good.ods", (2, 2, 2))


def _xlsx(folder: Path) -> Path:
    return sheets.write(folder / "good.xlsx", (2, 2, 2))


def _bytes(content: bytes, name: str = "bad.ods") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def _truncated(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        whole = sheets.write(folder / name, (2, 2, 2))
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        return whole

    return make


def _with_part(
    source: Callable[[Path], Path], name: str, change: Callable[[bytes], bytes]
) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = source(folder)
        parts = _parts(path)
        found = next((part for part in parts if part == name), name)
        parts[found] = change(parts.get(found, b""))
        return _zip(path, parts)

    return make


def _doctype(xml: bytes) -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    head, _, rest = xml.partition(b"?>")
    return head + b"?>" + entity + rest


def _half(xml: bytes) -> bytes:
    return xml[: len(xml) // 2]


def _bomb(folder: Path) -> Path:
    parts = _parts(_ods(folder))
    path = folder / "bomb.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            if name != "content.xml":
                out.writestr(name, content)
        with out.open("content.xml", "w") as stream:
            for _ in range(300):
                stream.write(b" " * (1 << 20))
    return path


def _flipped(folder: Path) -> Path:
    path = _ods(folder)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("content.xml").header_offset + 300
    for place in range(start, start + 40):
        content[place] ^= 0x5A
    path.write_bytes(bytes(content))
    return path


def _edited(changes: dict[str, object], sizes: tuple[int, ...] = (2, 2, 2)) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = sheets.write(folder / "lesson.xlsx", sizes)
        book = openpyxl.load_workbook(path)
        for address, value in changes.items():
            book["Sheet1"][address] = value
        book.save(path)
        return path

    return make


def _plain(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active["A1"] = "hello"  # type: ignore[index]
    book.save(folder / "plain.xlsx")
    return folder / "plain.xlsx"


CASES: list[tuple[str, Callable[[Path], Path], str]] = [
    ("missing", lambda folder: folder / "gone.ods", r"gone.ods: no such file"),
    ("folder", lambda folder: folder, r"is a folder, expected a spreadsheet"),
    ("text", _bytes(b"a,b\n1,2\n", "x.csv"), r"x.csv: not a spreadsheet"),
    ("empty", _bytes(b""), r"bad.ods: not a spreadsheet"),
    ("old xls", _bytes(COMPOUND + b"Workbook".decode().encode("utf-16-le") * 9, "a.xls"), r"old Excel file.*save it as .xlsx"),
    ("encrypted xlsx", _bytes(COMPOUND + "EncryptedPackage".encode("utf-16-le"), "a.xlsx"), r"encrypted.*without a password"),
    ("other zip", lambda folder: _zip(folder / "a.zip", {"a.txt": b"x"}), r"a zip file, but not a spreadsheet"),
    ("xlsb", lambda folder: _zip(folder / "a.xlsb", {"xl/workbook.bin": b"x", "[Content_Types].xml": b"x"}), r"xlsb.*save it as .xlsx"),
    ("truncated ods", _truncated("half.ods"), r"half.ods: the file is damaged"),
    ("truncated xlsx", _truncated("half.xlsx"), r"half.xlsx: the file is damaged"),
    ("flipped bytes", _flipped, r"content.xml.*damaged|damaged.*content.xml"),
    ("dotted name", lambda folder: _zip(folder / "a.ods", {"../../evil": b"x", "content.xml": b"<a/>"}), r"'../../evil'.*refused"),
    ("bomb", _bomb, r"refused as a zip bomb"),
    ("ods dtd", _with_part(_ods, "content.xml", _doctype), r"DTD|DOCTYPE|entit"),
    ("xlsx dtd", _with_part(_xlsx, "xl/worksheets/sheet1.xml", _doctype), r"DTD|DOCTYPE|entit"),
    ("ods half xml", _with_part(_ods, "content.xml", _half), r"damaged \(.*content.xml"),
    ("xlsx half xml", _with_part(_xlsx, "xl/worksheets/sheet1.xml", _half), r"damaged \(.*sheet1.xml"),
    ("no net", _plain, r"plain.xlsx: found no net, looked for a row of labels"),
    ("text weight", _edited({"F8": "0,5"}), r"lesson.xlsx, Sheet1, F8: found the text '0,5', expected a weight"),
    ("error weight", _edited({"F8": "#DIV/0!"}), r"F8: found the error #DIV/0!"),
    ("overflow", _edited({"E8": -9000, "C8": 1}), r"lesson.xlsx, Sheet1, K8: step 0, a0 of layer 1 .*Calc would show #NUM!"),
    ("divergence", _edited({"A8": 1e300}), r"lesson.xlsx, Sheet1, [A-Z]+\d+: step \d+, .*Calc would show #NUM!"),
    ("in the way", _edited({"K40": "my note"}), r"K40: found 'my note', expected free cells for 1,000 steps.*--steps 32"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_one_line(
    tmp_path: Path, make: Callable[[Path], Path], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is one line that says what to do; train and info leave everything as it was."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = make(folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    begin = time.monotonic()
    assert main(["train", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1, printed.err
    assert printed.err.startswith("sheetnet: ")
    assert re.search(message, printed.err), printed.err
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert time.monotonic() - begin < 20


def test_more_steps_than_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More rows than a sheet has are refused with the largest number that fits."""
    assert main(["train", str(_ods(tmp_path)), "--steps", "1048570"]) == 2
    assert "a sheet has 1,048,576 rows; use --steps 1048569 or less" in capsys.readouterr().err


def test_more_columns_than_a_sheet_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A net whose dC/dW columns do not fit is refused."""
    path = sheets.write(tmp_path / "wide.xlsx", (99, 90), left=0)
    assert main(["train", str(path), "--steps", "2"]) == 2
    error = capsys.readouterr().err
    assert "dC/dW columns" in error
    assert "16,384 columns" in error


def test_formula_longer_than_a_sheet_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A neuron that leads to too many others is refused, naming the cell and the limit."""
    path = sheets.write(tmp_path / "long.xlsx", (1, 1, 700))
    assert main(["train", str(path), "--steps", "2"]) == 2
    error = capsys.readouterr().err
    assert "long.xlsx, Sheet1, EDX8: the formula of C adds up 700 outputs of layer 2 and would have" in error
    assert "characters, a cell takes 8,192; use at most about" in error


def test_array_formula_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An array formula is not torn apart."""
    path = tmp_path / "array.xlsx"
    sheets.filled(path, (2, 2, 1), 4)
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["K9"] = openpyxl.worksheet.formula.ArrayFormula("K9:L9", "=C9:D9*2")
    book.save(path)
    assert main(["train", str(path)]) == 2
    assert "K9: found an array formula over K9:L9" in capsys.readouterr().err


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_encrypted_by_libreoffice(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with a password is refused as such."""
    path = libreoffice.converted(_ods(tmp_path), suffix, tmp_path / "locked", password="secret")
    assert main(["train", str(path)]) == 2
    assert "encrypted" in capsys.readouterr().err


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere; Windows has other rules"
)
def test_unwritable_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that can't be written to is named."""
    path = _ods(tmp_path)
    tmp_path.chmod(0o500)
    try:
        assert main(["train", str(path)]) == 2
        assert "can't be written (Permission denied)" in capsys.readouterr().err
    finally:
        tmp_path.chmod(0o700)


def test_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output in a folder that does not exist is refused."""
    assert main(["train", str(_ods(tmp_path)), str(tmp_path / "no" / "out.ods")]) == 2
    assert "can't be written, there is no folder" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
def test_full_disk(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk leaves no output and no debris, and the old output whole."""
    from sheetnet.book import package

    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 2))
    out = tmp_path / f"net-trained.{suffix}"
    out.write_bytes(b"old")
    opened = open

    def full(name: object, mode: str = "r", *rest: object) -> object:
        return opened("/dev/full", "wb") if "x" in mode else opened(name, mode, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(package, "open", full, raising=False)
    assert main(["train", str(path), "--overwrite"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert out.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, out.name])


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT], ids=["kill", "interrupt"])
def test_killed_run_leaves_the_old_output(tmp_path: Path, kill: signal.Signals) -> None:
    """A killed run leaves the old output or the whole new one."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 2, 2))
    out = tmp_path / "net-trained.xlsx"
    out.write_bytes(b"old")
    root = str(Path(__file__).resolve().parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "sheetnet", "train", str(path), "--steps", "60000", "--overwrite"],
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(p.name.endswith(".tmp") for p in tmp_path.iterdir()):
        time.sleep(0.01)
    process.send_signal(kill)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert out.read_bytes() == b"old"
    if kill == signal.SIGINT:
        assert b"Traceback" not in errors
        assert not any(p.name.endswith(".tmp") for p in tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
def test_signed_file(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A digitally signed file gives a warning, and the output carries no signature that does not hold."""
    path = sheets.write(tmp_path / f"net.{suffix}", (1, 1))
    parts = _parts(path)
    name = "META-INF/documentsignatures.xml" if suffix == "ods" else "_xmlsignatures/sig1.xml"
    parts[name] = b"<signature/>"
    _zip(path, parts)
    assert main(["train", str(path), "--steps", "3"]) == 0
    assert "is digitally signed" in capsys.readouterr().err
    assert name not in _parts(tmp_path / f"net-trained.{suffix}")
    assert name in _parts(path)
