"""Check of damaged workbooks: whatever is broken, an answer or a refusal, soon, and never a traceback."""

import json
import random
import re
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

import sheetnet
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.errors import SheetnetError
from sheetnet.jobs.annotating import annotate_file
from sheetnet.jobs.checking import CheckedFile, check_file
from sheetnet.report.check.annotation import annotation
from sheetnet.report.check.data import checking_json
from sheetnet.report.check.text import checking_report

HANG = 20.0
"""Seconds of the processor after which one case hangs."""
CASES = 30
"""Damaged files of each kind."""
AUTHOR = Path(__file__).resolve().parents[2] / "shared" / "seed" / "Simple_Neural_Net.ods"

Damage = Callable[[random.Random, bytes], bytes]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small right workbooks of both formats."""
    folder = tmp_path_factory.mktemp("sources")
    for suffix in ("ods", "xlsx"):
        sheetnet.new_file((2, 2, 1), folder / f"net.{suffix}", seed=1, steps=6)
    return {suffix: folder / f"net.{suffix}" for suffix in ("ods", "xlsx")}


def examine(path: Path) -> CheckedFile:
    """Check a file and make every report on it; fail where that takes long, or the program is at fault."""
    begin = time.process_time()
    file, refused = check_file(path), ""
    checking_report([file])
    json.dumps(checking_json([file]), allow_nan=False)
    if file.book is not None and file.nets:
        marked = path.with_name(f"marked-{path.name}")
        try:
            annotate_file(file.book, marked, annotation(file), overwrite=True)
        except SheetnetError as error:  # what is damaged elsewhere need not stop a check, but a copy
            refused = str(error)
        else:
            sheetnet.load(marked)
    assert time.process_time() - begin < HANG
    for error in (refused, file.error, *(sheet.error for sheet in file.sheets)):
        assert error is None or ("\n" not in error and "fault in sheetnet itself" not in error), error
    return file


# ---------------------------------------------------------------- packages


def _unpacked(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _flipped(rng: random.Random, package: bytes) -> bytes:
    content = bytearray(package)
    for _ in range(rng.choice((1, 3, 30))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _directory(rng: random.Random, package: bytes) -> bytes:
    content = bytearray(package)
    start = content.rindex(b"PK\5\6") if rng.random() < 0.3 else content.index(b"PK\1\2")
    for _ in range(rng.randrange(1, 6)):
        content[rng.randrange(start, len(content))] = rng.randrange(256)
    return bytes(content)


def _cut(rng: random.Random, package: bytes) -> bytes:
    first, last = sorted(rng.randrange(len(package)) for _ in range(2))
    return package[:last] if rng.random() < 0.5 else package[:first] + package[last:]


def _parts(rng: random.Random, package: bytes) -> bytes:
    """Drop, swap or empty parts."""
    parts = _unpacked(package)
    for _ in range(rng.randrange(1, 3)):
        one, other = rng.choice(list(parts)), rng.choice(list(parts))
        match rng.randrange(3):
            case 0 if len(parts) > 1:
                del parts[one]
            case 1:
                parts[one], parts[other] = parts[other], parts[one]
            case _:
                parts[one] = b""
    return _packed(parts)


# ---------------------------------------------------------------- XML

WORDS = [
    "-1",
    "0",
    "1e999",
    "nan",
    "999999999999",
    "1048577",
    "A0",
    "ZZZZ9",
    "A1:XFD1048576",
    "",
    "\u202e",
    "x" * 9999,
]
TAG = re.compile(r"<[^<>]+>")
ATTRIBUTE = re.compile(r'="[^"<>]*"')


def _xml(change: Callable[[random.Random, str], str]) -> Damage:
    """Return the damage that changes the text of one part of XML, most often that of the cells."""

    def damage(rng: random.Random, package: bytes) -> bytes:
        parts = _unpacked(package)
        names = [name for name in parts if name.endswith((".xml", ".rels"))]
        cells = [name for name in names if name in ("content.xml", "xl/worksheets/sheet1.xml")]
        name = rng.choice(cells if rng.random() < 0.6 else names)
        parts[name] = change(rng, parts[name].decode()).encode()
        return _packed(parts)

    return damage


def _place(rng: random.Random, pattern: re.Pattern[str], xml: str) -> tuple[int, int]:
    """Return where a random match begins and ends."""
    match = pattern.search(xml, rng.randrange(len(xml))) or pattern.search(xml)
    return match.span() if match is not None else (0, 0)


def _tags(rng: random.Random, xml: str) -> str:
    for _ in range(rng.randrange(1, 4)):
        start, end = _place(rng, TAG, xml)
        xml = xml[:start] + xml[end:]
    return xml


def _elements(rng: random.Random, xml: str) -> str:
    """Drop or repeat whole elements without children, which leaves the XML well formed."""
    pattern = re.compile(r"<([\w:]+)(?: [^<>]*)?(?:/>|>[^<>]*</\1>)")
    for _ in range(rng.randrange(1, 30)):
        start, end = _place(rng, pattern, xml)
        xml = xml[:start] + xml[start:end] * rng.choice((0, 0, 2, 9)) + xml[end:]
    return xml


def _attributes(rng: random.Random, xml: str) -> str:
    for _ in range(rng.choice((1, 1, 2, 20))):
        start, end = _place(rng, ATTRIBUTE, xml)
        xml = f'{xml[:start]}="{rng.choice(WORDS)}"{xml[end:]}'
    return xml


def _texts(rng: random.Random, xml: str) -> str:
    for _ in range(rng.choice((1, 2, 20))):
        start, end = _place(rng, re.compile(r">[^<>]+<"), xml)
        xml = f"{xml[:start]}>{rng.choice(WORDS)}<{xml[end:]}"
    return xml


def _deep(rng: random.Random, xml: str) -> str:
    start, end = _place(rng, TAG, xml)
    tag = re.match(r"<([\w:]+)", xml[start:end])
    name = tag[1] if tag is not None else "x"
    count = rng.choice((50, 250, 20_000))
    return xml[:start] + f"<{name}>" * count + f"</{name}>" * count + xml[start:]


def _repeats(rng: random.Random, xml: str) -> str:
    """Let cells and rows say that they repeat, or where they stand."""
    number = rng.choice(("2", "100", "20000", "1048576", "99999999999", "-5", "x"))
    kind = rng.choice(
        (
            ("<table:table-row", f'<table:table-row table:number-rows-repeated="{number}"'),
            ("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{number}"'),
            ("<table:table-cell", f'<table:table-cell table:number-rows-spanned="{number}"'),
            ('<row r="9"', f'<row r="{number}"'),
            ("<f>", f'<f t="array" ref="A1:J{number}">'),
            ("<f>", f'<f t="shared" si="{number}">'),
        )
    )
    start = xml.find(kind[0], rng.randrange(len(xml)))
    return xml if start < 0 else xml[:start] + xml[start:].replace(*kind, 1)


DAMAGES: dict[str, Damage] = {
    "flipped bytes": _flipped,
    "directory": _directory,
    "cut": _cut,
    "parts": _parts,
    "tags": _xml(_tags),
    "elements": _xml(_elements),
    "attributes": _xml(_attributes),
    "texts": _xml(_texts),
    "deep": _xml(_deep),
    "repeats": _xml(_repeats),
}


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_file(tmp_path: Path, sources: dict[str, Path], name: str, suffix: str) -> None:
    """A damaged file is checked or refused."""
    rng = random.Random(f"{name} {suffix}")
    package = sources[suffix].read_bytes()
    path = tmp_path / f"damaged.{suffix}"
    for case in range(CASES):
        path.write_bytes(DAMAGES[name](rng, package))
        try:
            examine(path)
        except BaseException:
            path.rename(tmp_path / f"case-{case}.{suffix}")  # kept by pytest, to be looked at
            raise


@pytest.mark.shared
@pytest.mark.skipif(not AUTHOR.exists(), reason="needs ../shared")
@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_file_of_the_author(tmp_path: Path, name: str) -> None:
    """So is the author's, damaged."""
    path = tmp_path / "damaged.ods"
    path.write_bytes(DAMAGES[name](random.Random(name), AUTHOR.read_bytes()))
    examine(path)


# ---------------------------------------------------------------- formulas


def _soup(rng: random.Random, corpus: list[str]) -> str:
    """Return tokens of real formulas in an order of chance."""
    tokens = re.findall(r"\[[^\]]*\]|[A-Za-z_.$]+[0-9]*|[0-9.]+|.", "".join(rng.sample(corpus, 3)))
    tokens += [
        "SUM(",
        "MMULT(",
        "IF(",
        "#REF!",
        "%",
        "^",
        "{1",
        '"',
        "'",
        "A:A",
        "-",
        "1E308",
        "!",
        ":",
        "~",
        "\u03b4",
    ]
    kind = rng.random()
    if kind < 0.5:  # one formula with a few tokens changed
        own = re.findall(r"\[[^\]]*\]|[A-Za-z_.$]+[0-9]*|[0-9.]+|.", rng.choice(corpus))
        for _ in range(rng.randrange(1, 4)):
            own[rng.randrange(len(own))] = rng.choice(tokens)
        return "".join(own)
    return "".join(rng.choices(tokens, k=rng.choice((3, 10, 40, 400))))


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
def test_damaged_formulas(tmp_path: Path, sources: dict[str, Path], suffix: str) -> None:
    """Whatever stands in the place of a formula, the net is checked."""
    rng = random.Random(suffix)
    book = sheetnet.load(sources[suffix])
    [layout] = sheetnet.find_nets(book)
    cells = [
        (row, column, cell.formula)
        for row, line in book.sheet(layout.sheet).rows.items()
        for column, cell in line.items()
        if cell.formula is not None and layout.first_row <= row <= layout.last_row
    ]
    prefix = "of:=" if suffix == "ods" else "="
    corpus = [formula.removeprefix(prefix) for _, _, formula in cells]
    path = tmp_path / f"soup.{suffix}"
    for _ in range(CASES):
        edits = [
            PutCell(layout.sheet, row, column, rng.choice((None, 0.5, "text")), prefix + _soup(rng, corpus))
            for row, column, _ in sorted(rng.sample(cells, rng.randrange(1, 6)))
        ]
        files.save(book, path, edits)
        file = examine(path)
        assert file.error is None
        assert file.nets
