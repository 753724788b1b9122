"""What a class returns: folders, zips and debris become submissions, and nothing hostile does harm."""

import os
import struct
import time
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest

from sheetnet.book import files, submissions, zipped
from sheetnet.book.edits import Edits
from sheetnet.book.submissions import Skipped, Submission
from sheetnet.errors import FileError

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
ODS = (SAMPLES / "note-2-2-2.ods").read_bytes()
DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}
XLSX = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


def _zip(parts: dict[str, bytes], *, deflated: bool = True) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as out:
        for name, content in parts.items():
            out.writestr(zipfile.ZipInfo(name, (2026, 3, 4, 5, 6, 8)), content, out.compression)
    return file.getvalue()


def _lay(folder: Path, parts: dict[str, bytes]) -> Path:
    for name, content in parts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _found(*paths: Path, below: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the names of submissions, and of what is skipped with why, as seen from a folder."""
    names, skipped = [], []
    for each in submissions.submissions(paths):
        name = each.name.removeprefix(f"{below}{os.sep}").replace(os.sep, "/")
        if isinstance(each, Skipped):
            assert "\n" not in each.reason
            skipped.append((name, each.reason))
        else:
            names.append(name)
    return names, skipped


# ---------------------------------------------------------------- folders


def test_folders_in_folders(tmp_path: Path) -> None:
    """Folders are searched in depth, in the order of names, whatever the order they were made in."""
    _lay(
        tmp_path, {"c/Bo_2/x.xlsx": ODS, "c/Åse_1/deep/er/a.ods": ODS, "c/b.xlsm": ODS, "c/Bo_10/x.xlsx": ODS}
    )
    assert _found(tmp_path / "c", below=tmp_path / "c") == (
        ["b.xlsm", "Bo_10/x.xlsx", "Bo_2/x.xlsx", "Åse_1/deep/er/a.ods"],
        [],
    )


def test_a_submission(tmp_path: Path) -> None:
    """It has its content and its time, and its text is its name."""
    path = _lay(tmp_path, {"a.ods": ODS}) / "a.ods"
    os.utime(path, (1_700_000_000, 1_700_000_000.25))
    (one,) = submissions.submissions([path])
    assert one == Submission(str(path), ODS, 1_700_000_000.25, str(path))
    assert str(one) == str(path)
    assert len(repr(one)) < 1000


DEBRIS = [
    "~$a.xlsx",
    ".~lock.a.ods#",
    ".DS_Store",
    "._a.xlsx",
    "Thumbs.db",
    "desktop.ini",
    "a.xlsx.tmp",
    "a.xlsx.part",
    ".git",
    "__MACOSX/a.xlsx",
    "x/__MACOSX/._a.xlsx",
    "@eaDir/a.xlsx",
]


@pytest.mark.parametrize("name", DEBRIS)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_debris_is_passed_over_without_a_word(tmp_path: Path, name: str, packed: bool) -> None:
    """What systems and programs leave behind is no student's work."""
    if packed:
        (tmp_path / "c.zip").write_bytes(_zip({name: ODS, "b.ods": ODS}))
        assert _found(tmp_path, below=tmp_path) == (["c.zip/b.ods"], [])
    else:
        _lay(tmp_path, {name: ODS, "b.ods": ODS, "empty.xlsx": b""})
        assert _found(tmp_path, below=tmp_path) == (["b.ods"], [])


OTHERS = {
    "a.pdf": (b"%PDF-1.7", "not a workbook"),
    "a.docx": (_zip(DOCX), "not a workbook"),
    "a.odt": (
        _zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
        "not a workbook",
    ),
    "photo.jpeg": (b"\xff\xd8\xff", "not a workbook"),
    "a": (b"text", "not a workbook"),
    "a.rar": (b"Rar!", "unpack it first"),
    "a.tar.gz": (b"\x1f\x8b", "unpack it first"),
    "a.zip": (b"no zip", "the zip is damaged"),
    "b.zip": (_zip({"b.ods": ODS})[:-30], "the zip is damaged"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_told(tmp_path: Path, name: str, packed: bool) -> None:
    """A file that is no workbook may be a student's work: it is named, with a reason."""
    content, reason = OTHERS[name]
    if packed:
        content, name, where = _zip({name: content}), "c.zip", f"c.zip/{name}"
    else:
        where = name
    names, skipped = _found(_lay(tmp_path, {name: content}), below=tmp_path)
    assert names == []
    assert [(found, reason in why) for found, why in skipped] == [(where, True)]


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("name", ["a.xlsx.download", "a", "a.zip", "a.dat", ".a.xlsx", "old.xls", "a.xlsb"])
def test_workbooks_under_other_names(tmp_path: Path, name: str, packed: bool) -> None:
    """A workbook is known by its content, and what its name calls a workbook by that."""
    for content in (ODS, _zip(XLSX)):
        laid = {"c.zip": _zip({name: content})} if packed else {name: content}
        names, skipped = _found(_lay(tmp_path, laid), below=tmp_path)
        assert (names, skipped) == ([f"c.zip/{name}" if packed else name], [])


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_not_followed(tmp_path: Path) -> None:
    """Links out of the folder, in it, to nowhere and in circles are told, and lead nowhere; pipes do not block."""
    _lay(tmp_path, {"out/secret.ods": ODS, "c/in.ods": ODS})
    for name, target in (("out", tmp_path / "out"), ("loop", tmp_path / "c"), ("gone", tmp_path / "no")):
        (tmp_path / "c" / name).symlink_to(target)
    (tmp_path / "c/file.ods").symlink_to(tmp_path / "out/secret.ods")
    os.mkfifo(tmp_path / "c/pipe.ods")
    names, skipped = _found(tmp_path / "c", below=tmp_path / "c")
    assert names == ["in.ods"]
    link = "a link, which is not followed"
    assert skipped == [
        ("file.ods", link),
        ("gone", link),
        ("loop", link),
        ("out", link),
        ("pipe.ods", "no file"),
    ]
    (tmp_path / "named.ods").symlink_to(tmp_path / "out/secret.ods")
    assert len(list(submissions.submissions([tmp_path / "named.ods"]))) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is refused to an administrator")
def test_what_the_system_refuses(tmp_path: Path) -> None:
    """A file or folder that can't be read is told, and stops no other."""
    _lay(tmp_path, {"a.ods": ODS, "b/b.ods": ODS, "c.ods": ODS})
    (tmp_path / "a.ods").chmod(0)
    (tmp_path / "b").chmod(0)
    try:
        names, skipped = _found(tmp_path, below=tmp_path)
    finally:
        (tmp_path / "b").chmod(0o700)
    assert names == ["c.ods"]
    assert skipped == [(name, "can't be read (Permission denied)") for name in ("a.ods", "b")]


def test_no_file_twice(tmp_path: Path) -> None:
    """A file that is named and in a named folder is one submission."""
    _lay(tmp_path, {"c/a.ods": ODS, "c/b.ods": ODS})
    folder = tmp_path / "c"
    paths = folder / "b.ods", folder, tmp_path / "c" / ".." / "c" / "a.ods", folder
    assert _found(*paths, below=folder) == (["b.ods", "a.ods"], [])


@pytest.mark.parametrize("name", ["none.ods", "a.ods/none.ods", "x\0y"])
def test_a_named_file_that_is_missing(tmp_path: Path, name: str) -> None:
    """A name that stands for nothing is an error at once, before any file is read."""
    _lay(tmp_path, {"a.ods": ODS})
    with pytest.raises(FileError, match="check the name|can't be read"):
        submissions.submissions([tmp_path / "a.ods", tmp_path / name])


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """A file over the cap is not read, on the disk and in a zip."""
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.truncate(zipped.MAX_BYTES + 1)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.write(tmp_path / "a.xlsx", "a.xlsx")
    reason = "has more than 50 MB, as no worksheet has"
    assert _found(tmp_path, below=tmp_path) == ([], [("a.xlsx", reason), ("b.zip/a.xlsx", reason)])


# ---------------------------------------------------------------- zips


def test_a_zip_and_a_zip_in_it(tmp_path: Path) -> None:
    """Zips are read, and zips in them; what is deeper is told. An entry has its own time."""
    inner = _zip({"i.ods": ODS, "in.zip": _zip({"deep.ods": ODS})})
    path = (
        _lay(tmp_path, {"c.zip": _zip({"b/a.ods": ODS, "a\\z.ods": ODS, "i.zip": inner, "b/": b""})})
        / "c.zip"
    )
    found = list(submissions.submissions([path]))
    names = [each.name.removeprefix(str(path)) for each in found]
    assert names == ["/a/z.ods", "/b/a.ods", "/i.zip/i.ods", "/i.zip/in.zip"]
    assert found[-1] == Skipped(f"{path}/i.zip/in.zip", "a zip within a zip within a zip; unpack it first")
    for each in found[:-1]:
        assert isinstance(each, Submission)
        assert (each.content, each.source) == (ODS, str(path))
        assert time.localtime(each.modified)[:6] == (2026, 3, 4, 5, 6, 8)


HOSTILE = [
    "../../evil.ods",
    "/etc/evil.ods",
    "C:\\evil.ods",
    "a/../../b.ods",
    "x\0y.ods",
    "\x1b[31m.ods",
    "a" * 900 + ".ods",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_only_text(tmp_path: Path, name: str) -> None:
    """An entry's name writes nothing anywhere, and its book can be read and saved elsewhere."""
    path = _lay(tmp_path / "deep/er", {"c.zip": _zip({name: ODS})}) / "c.zip"
    before = sorted(tmp_path.rglob("*"))
    (one,) = submissions.submissions([path])
    assert isinstance(one, Submission)
    assert files.load_bytes(one.name, one.content).sheets
    assert sorted(tmp_path.rglob("*")) == before


def _patched(content: bytes, at: Sequence[tuple[bytes, int, str, int]]) -> bytes:
    """Return a zip with numbers replaced in each of its records that begin so."""
    data = bytearray(content)
    for begin, offset, form, value in at:
        place = data.find(begin)
        while place >= 0:
            struct.pack_into(form, data, place + offset, value)
            place = data.find(begin, place + 4)
    return bytes(data)


LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
PLAIN = _zip({"a.ods": b"x" * 5000}, deflated=False)
DAMAGED = {
    "encrypted": (_patched(PLAIN, [(LOCAL, 6, "<H", 1), (CENTRAL, 8, "<H", 1)]), "encrypted"),
    "method": (_patched(PLAIN, [(LOCAL, 8, "<H", 12), (CENTRAL, 10, "<H", 12)]), "packed in a way"),
    "unknown-method": (_patched(PLAIN, [(LOCAL, 8, "<H", 77), (CENTRAL, 10, "<H", 77)]), "packed in a way"),
    "sum": (_patched(PLAIN, [(CENTRAL, 16, "<L", 1)]), "damaged in its zip"),
    "size": (_patched(PLAIN, [(CENTRAL, 24, "<L", 9000), (CENTRAL, 20, "<L", 9000)]), "damaged|cut short"),
    "place": (_patched(PLAIN, [(CENTRAL, 42, "<L", 4000)]), "damaged"),
    "link": (_patched(PLAIN, [(CENTRAL, 38, "<L", 0o120777 << 16)]), "a link"),
    "directory": (_patched(PLAIN, [(END, 16, "<L", 9)]), "damaged"),
    "no-end": (PLAIN[:-10], "the zip is damaged"),
    "claims-to-be-large": (_patched(PLAIN, [(CENTRAL, 24, "<L", 2**32 - 2)]), "has more than 50 MB"),
    "directory-without-end": (_patched(PLAIN, [(END, 12, "<L", 2**31)]), "entries; unpack it first"),
}


@pytest.mark.parametrize("inner", [False, True], ids=["zip", "zip-in-zip"])
@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_zips(tmp_path: Path, case: str, inner: bool) -> None:
    """Whatever is wrong with a zip or an entry is one line, and the file after it is read."""
    content, reason = DAMAGED[case]
    laid = {"c.zip": _zip({"i.zip": content}) if inner else content, "d.ods": ODS}
    names, skipped = _found(_lay(tmp_path, laid), below=tmp_path)
    assert names == ["d.ods"]
    (told,) = skipped
    assert any(part in told[1] for part in reason.split("|")), told


def test_every_byte_of_a_zip_may_be_wrong(tmp_path: Path) -> None:
    """No byte of a zip's records, set to anything odd, makes more than lines of it."""
    path = tmp_path / "c.zip"
    content = _zip({"a.ods": b"PK", "b.zip": b"PK"})
    for place in range(len(content)):
        for value in (0, 0x7F, 0xFF):
            path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
            assert len(list(submissions.submissions([path]))) <= 2
    for place in range(len(content)):
        path.write_bytes(content[:place])
        assert len(list(submissions.submissions([path]))) <= 2


def test_a_bomb(tmp_path: Path) -> None:
    """An entry that outgrows its deflated size a thousandfold is not inflated."""
    _lay(tmp_path, {"c.zip": _zip({"bomb.xlsx": bytes(20_000_000), "d.ods": ODS})})
    names, skipped = _found(tmp_path, below=tmp_path)
    assert names == ["c.zip/d.ods"]
    assert [(name, why[-21:]) for name, why in skipped] == [("c.zip/bomb.xlsx", "refused as a zip bomb")]


def test_many_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a zip, and of those in it, share what they may inflate to."""
    inner = _zip({"1.ods": ODS, "2.ods": ODS})
    monkeypatch.setattr(zipped, "MAX_TOTAL", len(inner) + 3 * len(ODS))
    _lay(tmp_path, {"c.zip": _zip({"a.zip": inner, "b.ods": ODS, "c.ods": ODS}), "d.ods": ODS})
    names, skipped = _found(tmp_path, below=tmp_path)
    assert names == ["c.zip/a.zip/1.ods", "c.zip/a.zip/2.ods", "c.zip/b.ods", "d.ods"]
    assert [(name, why[-21:]) for name, why in skipped] == [("c.zip/c.ods", "refused as a zip bomb")]


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of more entries than any class has is refused as a whole."""
    monkeypatch.setattr(zipped, "MAX_ENTRIES", 3)
    _lay(tmp_path, {"c.zip": _zip({f"{n}.ods": ODS for n in range(4)}), "d.zip": _zip({"d.ods": ODS})})
    assert _found(tmp_path, below=tmp_path) == (
        ["d.zip/d.ods"],
        [("c.zip", "has more than 3 entries; unpack it first")],
    )


def test_names_in_utf8_that_do_not_say_so(tmp_path: Path) -> None:
    """Names as macOS packs them are read as they were meant."""
    name = "Åse Ø/æ.ods"
    raw = _zip({"x" * len(name.encode()): ODS}).replace(b"x" * len(name.encode()), name.encode())
    assert _found(_lay(tmp_path, {"c.zip": raw}), below=tmp_path)[0] == [f"c.zip/{name}"]


def test_one_content_at_a_time(tmp_path: Path) -> None:
    """Nothing is read before it is asked for."""
    _lay(tmp_path, {f"{n}.ods": ODS for n in range(3)})
    found = submissions.submissions([tmp_path])
    next(found)
    (tmp_path / "1.ods").write_bytes(b"changed")
    second = next(found)
    assert isinstance(second, Submission)
    assert second.content == b"changed"


# ---------------------------------------------------------------- a book from bytes

BROKEN = {
    "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    "a.csv": b"1,2",
    "a.ods": b"",
    "b.ods": b"text",
    "c.ods": ODS[:-500],
    "d.ods": _zip({"../x": b""}),
    "e.xlsx": _zip(DOCX),
    "f.zip": _zip({"a": b"b"}),
    "g.ods": _zip({"content.xml": b"<a"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_bytes_fail_as_files_do(tmp_path: Path, name: str) -> None:
    """The same content gives the same line, from a file and from bytes."""
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(FileError) as of_file:
        files.load(tmp_path / name)
    with pytest.raises(FileError) as of_bytes:
        files.load_bytes(name, BROKEN[name])
    assert str(of_bytes.value) == str(of_file.value)


@pytest.mark.parametrize("name", ["note-2-2-2.ods", "note-2-2-2.xlsx"])
def test_bytes_are_read_and_saved_as_files_are(tmp_path: Path, name: str) -> None:
    """A book from bytes is that of the file, and so is a copy."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"samples has no {name}")
    book, content = files.load(path), path.read_bytes()
    of_bytes = files.load_bytes(f"class.zip/{name}", content)
    assert of_bytes.sheets == book.sheets
    assert of_bytes.path == Path("class.zip", name)
    edits: Edits = ()
    files.save(book, tmp_path / f"one-{name}", edits)
    files.save_bytes(f"class.zip/{name}", content, tmp_path / f"two-{name}", edits)
    assert (tmp_path / f"one-{name}").read_bytes() == (tmp_path / f"two-{name}").read_bytes()
    with pytest.raises(FileError, match="can't be written"):
        files.save_bytes(name, content, tmp_path / "no" / name, edits)
