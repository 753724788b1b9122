"""Printing to PDF: many workbooks in one run of LibreOffice, and one line for whatever fails."""

import os
import re
import shutil
import stat
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from sheetnet.book import printing
from sheetnet.book.printing import pdf_program, print_pdf
from sheetnet.errors import FileError, SheetnetError

MISSING = (
    "printing to PDF needs LibreOffice, which was not found; install it, from libreoffice.org or: "
    "apt install libreoffice-calc; or leave out --pdf"
)


def _book(path: Path, text: str = "Anna") -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append([text, 0.5])
    book.save(path)
    return path


def _folder(folder: Path) -> Path:
    (folder / "pdf").mkdir()
    return folder / "pdf"


def _program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a script in LibreOffice's place."""
    path = folder / "bin" / "soffice"
    path.parent.mkdir()
    path.write_text(f"#!{sys.executable}\nimport sys, time, pathlib\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(path.parent))


@pytest.mark.libreoffice
def test_each_file_has_its_pdf(tmp_path: Path) -> None:
    """Both formats and any names are printed, in the order asked for; nothing else is left in the folder."""
    folder = _folder(tmp_path)
    sources = [_book(tmp_path / name) for name in ("b.xlsx", "a ø ٣.xlsx", "=1.x.XLSX", "-o.xlsx")]
    pages = print_pdf(sources, folder)
    assert [page.name for page in pages] == ["b.pdf", "a ø ٣.pdf", "=1.x.pdf", "-o.pdf"]
    assert sorted(folder.iterdir()) == sorted(pages)
    assert all(page.read_bytes().startswith(b"%PDF-") for page in pages)


@pytest.mark.libreoffice
def test_a_pdf_depends_on_its_pages_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed again, at another time in another place, it is the same to the byte; another page is not."""
    source, folder = _book(tmp_path / "a.xlsx"), _folder(tmp_path)
    (first,) = print_pdf([source], folder)
    before = first.read_bytes()
    time.sleep(1.1)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (again,) = print_pdf([source], folder)
    assert again.read_bytes() == before
    (other,) = print_pdf([_book(tmp_path / "b.xlsx", "Bo")], folder)
    identities = [re.findall(rb"/DocChecksum /([0-9A-F]+)", page) for page in (before, other.read_bytes())]
    assert [len(found) for found in identities] == [1, 1]
    assert identities[0] != identities[1]


@pytest.mark.libreoffice
def test_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more than a run takes is printed in several."""
    monkeypatch.setattr(printing, "BATCH", 2)
    pages = print_pdf([_book(tmp_path / f"{name}.xlsx") for name in "abc"], _folder(tmp_path))
    assert [page.exists() for page in pages] == [True, True, True]


@pytest.mark.libreoffice
def test_a_file_that_is_none(tmp_path: Path) -> None:
    """The file of which no PDF comes is named; that one alone is spoilt."""
    folder = _folder(tmp_path)
    good, bad = _book(tmp_path / "good.xlsx"), tmp_path / "bad.xlsx"
    bad.write_bytes(good.read_bytes()[:2000])
    with pytest.raises(
        FileError, match=r"bad\.xlsx: LibreOffice made no PDF of it.*; open it in LibreOffice and"
    ):
        print_pdf([good, bad], folder)
    assert [page.name for page in folder.iterdir()] == ["good.pdf"]


def test_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nothing nothing is printed."""
    _program(tmp_path, "raise SystemExit(1)", monkeypatch)
    assert print_pdf([], tmp_path) == ()


def test_without_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install, before anything is done."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(printing, "_PLACES", (str(tmp_path / "soffice"),))
    for ask in (pdf_program, lambda: print_pdf([tmp_path / "a.ods"], tmp_path / "none")):
        with pytest.raises(SheetnetError) as caught:
            ask()
        assert str(caught.value) == MISSING


def test_usual_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A LibreOffice that is not on the PATH is found where its installer puts it."""
    place = tmp_path / "soffice.exe"
    place.write_bytes(b"")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(printing, "_PLACES", (str(tmp_path / "none"), str(place)))
    assert pdf_program() == place


def test_faults_of_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not there, a file that is not there, and two files of one PDF are refused at once."""
    _program(tmp_path, "raise SystemExit(1)", monkeypatch)
    source, folder = _book(tmp_path / "a.xlsx"), _folder(tmp_path)
    faults = [
        (
            [source],
            tmp_path / "gone",
            f"{tmp_path / 'gone'}: can't be printed to, there is no such folder; make it first",
        ),
        (
            [tmp_path / "b.ods"],
            folder,
            f"{tmp_path / 'b.ods'}: can't be printed, no such file; check the name and the folder",
        ),
        (
            [source, _book(tmp_path / "A.xlsx")],
            folder,
            f"{tmp_path / 'A.xlsx'}: would be printed to A.pdf like {source}; rename one of them",
        ),
    ]
    if source.samefile(tmp_path / "A.xlsx"):
        faults.pop()  # this file system does not tell them apart
    for sources, target, message in faults:
        with pytest.raises(FileError) as caught:
            print_pdf(sources, target)
        assert str(caught.value) == message


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_folder_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without leave to write is named."""
    _program(tmp_path, "raise SystemExit(1)", monkeypatch)
    source, folder = _book(tmp_path / "a.xlsx"), _folder(tmp_path)
    folder.chmod(0o500)
    with pytest.raises(FileError, match=r"pdf: can't be printed to \(Permission denied\)$"):
        print_pdf([source], folder)
    folder.chmod(0o700)


SCRIPTS = {
    "fails": ("print('no\\n display', file=sys.stderr); raise SystemExit(1)", r"a\.xlsx: LibreOffice made no PDF of it \(no display\); open it in LibreOffice and print it there$"),
    "no pdf": ("pathlib.Path(sys.argv[-1]).with_suffix('.pdf').write_text('oops')", r"a\.xlsx: LibreOffice made no PDF of it; open it"),
    "hangs": ("time.sleep(60)", r"a\.xlsx: LibreOffice had not printed it, and what came with it, after 0\.5 seconds; end a"),
}  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
@pytest.mark.parametrize(("script", "message"), SCRIPTS.values(), ids=SCRIPTS)
def test_libreoffice_that_fails(
    tmp_path: Path, script: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that fails, writes something else or hangs is told of; an older PDF stays."""
    _program(tmp_path, script, monkeypatch)
    folder = _folder(tmp_path)
    (folder / "a.pdf").write_bytes(b"older")
    with pytest.raises(FileError, match=message):
        print_pdf([_book(tmp_path / "a.xlsx")], folder, timeout=0.5)
    assert [(each.name, each.read_bytes()) for each in folder.iterdir()] == [("a.pdf", b"older")]


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
def test_own_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run has a profile of its own beside its copies, asks nothing, and leaves the sources alone."""
    told = tmp_path / "told"
    _program(
        tmp_path,
        f"pathlib.Path({str(told)!r}).write_text('\\n'.join(sys.argv[1:]))\npathlib.Path(sys.argv[-1]).with_suffix('.pdf').write_bytes(b'%PDF-')",
        monkeypatch,
    )
    source = _book(tmp_path / "ø.xlsx")
    content = source.read_bytes()
    print_pdf([source], _folder(tmp_path))
    profile, *options, copy = told.read_text(encoding="utf-8").splitlines()
    assert profile.startswith("-env:UserInstallation=file://")
    assert {"--headless", "--norestore", "--nolockcheck"} < set(options)
    assert Path(copy).name == "0001.xlsx"
    assert source.read_bytes() == content
    assert not Path(copy).parent.exists()
    assert shutil.which("soffice")
