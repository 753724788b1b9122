"""templates/ and samples/: what stands in the repository is what is made, is right, and teaches what is told."""

import csv
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from samples import make, picture
from sheetnet import check_file, find_nets, load, read_file, read_network, train_file
from sheetnet.book.grid import Book
from sheetnet.exercise.roster import read_roster
from tests import sheets
from tests.agreement import Place, agree_with_calc, agree_with_gnumeric, agree_with_ironcalc, cached
from tests.layouts import Pattern
from tests.witnesses import chromium, openxmlsdk, rendering

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = pytest.mark.parametrize("suffix", ["ods", "xlsx"])

PATTERNS: Mapping[str, Sequence[Pattern]] = {
    "note-2-2-2": [sheets.NOTE_PATTERN],
    "mazur-2-2-2": [sheets.MAZUR_PATTERN],
    "xor-2-2-1": sheets.XOR,
    "segments-4-8-8-9": sheets.SEGMENTS,
}
"""What each sample learns."""
STEPS = {"note-2-2-2": 200, "mazur-2-2-2": 200, "xor-2-2-1": 480, "segments-4-8-8-9": 128}
TEMPLATES = {"2-2-2": 1, "2-2-1": 4, "4-8-8-9": 16}
"""The templates and their numbers of patterns."""

UNTRAINED = [f"templates/{code}/{name}" for code in ("en", "da") for name in TEMPLATES]
UNTRAINED += [f"samples/{name}" for name in PATTERNS]
TRAINED = [f"samples/{name}-trained" for name in PATTERNS]
FILES = [f"{name}.{suffix}" for name in UNTRAINED + TRAINED for suffix in ("ods", "xlsx")]
SPOILT = [f"samples/mistakes-2-2-2.{suffix}" for suffix in ("ods", "xlsx")]
"""The sheet for the checker; tests/test_check.py says what is found in it."""
PAGES = [
    *(f"templates/{code}/2-2-2-page.{suffix}" for code in ("en", "da") for suffix in ("ods", "xlsx")),
    "samples/page-2-2-2.ods",
]
"""The note's net on pages."""
WORKSHEET, KEY = "samples/worksheet-2-2-2.xlsx", "samples/worksheet-2-2-2-key.xlsx"
RETURNED = [f"samples/class/returned/{id}.xlsx" for id in ("s01", "s02", "s03", "s04", "s05")]
GRADEBOOK = "samples/class/gradebook.xlsx"
COMPUTED = [*FILES, *SPOILT, *PAGES, KEY, RETURNED[-1]]
"""What has formulas."""
MADE = [*COMPUTED, WORKSHEET, *RETURNED[:-1], GRADEBOOK]
TEXTS = [
    f"samples/class/{name}"
    for name in ("manifest.json", "index.html", *(f"students/s0{number}.html" for number in range(1, 6)))
]
"""What is made and is no workbook."""

Numbers = dict[tuple[int, int], float]
"""(row, column) → number."""


def _numbers(path: Path) -> Numbers:
    """Return all numbers of the only sheet."""
    [sheet] = load(path).sheets
    return {
        (row, column): cell.value
        for row, cells in sheet.rows.items()
        for column, cell in cells.items()
        if isinstance(cell.value, float)
    }


def _sizes(name: str) -> tuple[int, ...]:
    """Return the sizes that a file's name ends in: xor-2-2-1-trained.ods."""
    [sizes] = re.findall(r"\d+(?:-\d+)+", name)
    return tuple(map(int, sizes.split("-")))


def _learns(name: str, numbers: Numbers, *, last: bool = True) -> list[tuple[int, int]]:
    """Return the outputs on the wrong side of ½ in the last pass, or the first: row, output."""
    sizes, patterns = _sizes(name), PATTERNS[name]
    place = {column: sheets.COLUMN + i for i, column in enumerate(sheets.columns(sizes))}
    end = sheets.FIRST + (STEPS[name] if last else len(patterns))
    return [
        (row, i)
        for row, (_, targets) in zip(range(end - len(patterns), end), patterns, strict=True)
        for i, target in enumerate(targets)
        if (numbers[row, place[sheets.Column("a", len(sizes) - 1, (i,))]] > 0.5) != (target > 0.5)
    ]


def _at(address: str) -> tuple[int, int]:
    """Return row and column of an A1 address, zero-based; column alone in row 0."""
    match = re.fullmatch(r"([A-Z]+)(\d*)", address)
    assert match
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2] or 1) - 1, column - 1


# ---------------------------------------------------------------- what is made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which templates and samples were made anew."""
    folder = tmp_path_factory.mktemp("made")
    assert sorted(path.relative_to(folder).as_posix() for path in make.make(folder)) == sorted(
        [*MADE, *TEXTS]
    )
    return folder


def test_no_other_files_are_there() -> None:
    """templates/ and samples/ hold the workbooks that are made, and no others."""
    paths = [path for folder in ("templates", "samples") for path in (ROOT / folder).rglob("*")]
    suffixes = (".ods", ".xlsx", ".json", ".html")
    found = [path.relative_to(ROOT).as_posix() for path in paths if path.suffix in suffixes]
    assert sorted(found) == sorted([*MADE, *TEXTS])


@pytest.mark.parametrize("name", MADE)
def test_files_are_what_make_makes(made: Path, name: str) -> None:
    """Every cell, chart and part of the files in the repository is what `samples.make` makes."""
    ours, theirs = load(ROOT / name), load(made / name)
    assert _cells(ours) == _cells(theirs)
    assert ours.charts == theirs.charts
    assert [sheet.drawings for sheet in ours.sheets] == [sheet.drawings for sheet in theirs.sheets]
    assert ours.names == theirs.names
    with zipfile.ZipFile(ROOT / name) as old, zipfile.ZipFile(made / name) as new:
        assert old.namelist() == new.namelist()


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_what_make_makes(made: Path, name: str) -> None:
    """So are the manifest and the pages."""
    assert (ROOT / name).read_text(encoding="utf-8") == (made / name).read_text(encoding="utf-8")


def test_making_again_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    """All files are the same to the last byte when they are made a second time."""
    make.make(tmp_path)
    names = [*MADE, *TEXTS]
    assert [name for name in names if (made / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def _cells(book: Book) -> dict[Place, tuple[str | None, str]]:
    return {
        (sheet.name, row, column): (cell.formula, repr(cell.value))
        for sheet in book.sheets
        for row, cells in sheet.rows.items()
        for column, cell in cells.items()
    }


@pytest.mark.parametrize(("name", "sizes"), [("xor", (2, 2, 1)), ("segments", (4, 8, 8, 9))])
def test_pattern_files(name: str, sizes: tuple[int, ...]) -> None:
    """The .csv files hold the patterns of exclusive or, and of the seven segments."""
    with (ROOT / f"samples/{name}.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    patterns = [(tuple(map(int, row[: sizes[0]])), tuple(map(int, row[sizes[0] :]))) for row in rows]
    assert patterns == {"xor": sheets.XOR, "segments": sheets.SEGMENTS}[name]


@pytest.mark.parametrize("name", [*TEMPLATES, "2-2-2-page"])
def test_templates_differ_in_words_alone(name: str) -> None:
    """The English and the Danish template, .ods and .xlsx, have the same numbers in the same cells."""
    paths = [
        ROOT / f"templates/{code}/{name}.{suffix}" for code in ("en", "da") for suffix in ("ods", "xlsx")
    ]
    first, *others = [_numbers(path) for path in paths]
    assert len(first) > 2 * TEMPLATES.get(name, 1)
    assert all(other == first for other in others)


@pytest.mark.libreoffice
def test_the_pictures_can_be_drawn(tmp_path: Path) -> None:
    """README's picture is drawn on one page; so are those of the worksheet and its key, without margins."""
    if reason := rendering.missing():
        pytest.skip(reason)
    assert picture.draw(tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    drawn = picture.draw_pages(picture.WORKSHEETS, tmp_path)
    assert [path.name for path in drawn] == ["worksheet-2-2-2.png", "worksheet-2-2-2-key.png"]
    for path in drawn:
        header = path.read_bytes()[:24]
        width, height = (int.from_bytes(header[at : at + 4], "big") for at in (16, 20))
        assert header.startswith(b"\x89PNG")
        assert 650 < width < height < 1120  # of a sheet of 827 × 1169 dots


@pytest.mark.parametrize("name", ["worksheet-2-2-2.png", "worksheet-2-2-2-key.png", "class/index.png"])
def test_pictures_of_pages_are_small(name: str) -> None:
    """They are quickly loaded."""
    assert 20_000 < (ROOT / "samples" / name).stat().st_size < 150_000


# ---------------------------------------------------------------- how they are read and trained


@pytest.mark.parametrize("name", [*FILES, *PAGES])
def test_info_understands_everything(name: str) -> None:
    """Nothing is stray, departs from the rule or is not understood, and there is nothing to warn of."""
    reading = read_file(ROOT / name)
    [sheet] = reading.sheets
    [net] = sheet.nets
    assert (reading.warnings, sheet.stray, sheet.not_understood, net.departed, net.typed) == ((),) * 5
    assert net.layout.sizes == _sizes(name)
    assert net.conventions.biases == ("fixed" if "mazur" in name else "trained")


@pytest.mark.parametrize("name", [name for name in [*FILES, *PAGES] if "trained" not in name])
def test_training_a_new_sheet_mends_nothing(tmp_path: Path, name: str) -> None:
    """Train continues the sheet's own formulas and adds no columns."""
    training = train_file(ROOT / name, tmp_path / Path(name).name, steps=20)
    [net] = training.nets
    assert (net.departed, net.typed, net.added, net.moved, training.unfilled) == ((),) * 5
    assert net.steps == 20


@pytest.mark.parametrize("name", [name for name in FILES if "trained" in name])
def test_training_again_changes_nothing(tmp_path: Path, name: str) -> None:
    """A trained sample, trained again, keeps every part as it is."""
    out = train_file(ROOT / name, tmp_path / Path(name).name).out
    with zipfile.ZipFile(ROOT / name) as old, zipfile.ZipFile(out) as new:
        assert [part for part in old.namelist() if old.read(part) != new.read(part)] == []


@pytest.mark.parametrize("name", [name for name in FILES if "mazur" not in name])
def test_formulas_are_the_rules(name: str) -> None:
    """The formulas are those that an independent statement of the rule gives."""
    trained = re.fullmatch(r"samples/(.*)-trained\..*", name)
    patterns = next(count for sizes, count in TEMPLATES.items() if sizes == "-".join(map(str, _sizes(name))))
    expected = sheets.formulas(_sizes(name), STEPS[trained[1]] if trained else 1, patterns=patterns)
    [sheet] = load(ROOT / name).sheets
    found = {place: _excel(sheet.rows[place[0]][place[1]].formula or "") for place in expected}
    assert found == expected


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_the_numbers_of_rows(name: str) -> None:
    """A page holds what the rows of the trained sample hold for the same step, and the row after it."""
    pages, rows = _numbers(ROOT / name), _numbers(ROOT / "samples/note-2-2-2-trained.ods")
    for step in range(make.PAGES if name.startswith("samples") else 1):
        for address, column in ON_A_PAGE.items():
            row, at = _at(address)
            assert pages[row + step * PITCH, at] == rows[sheets.FIRST + step, _at(column)[1]], address
        for address, column in NEW_ON_A_PAGE.items():
            row, at = _at(address)
            assert pages[row + step * PITCH, at] == rows[sheets.FIRST + step + 1, _at(column)[1]], address


PITCH = 36
"""Rows from a page to the next one."""
ON_A_PAGE = {
    "C6": "C", "D6": "D", "I7": "K", "I8": "L", "I10": "U", "I11": "V", "K10": "Y", "K11": "Z", "C13": "AA",
    "C15": "W", "C16": "X", "C18": "M", "C19": "N",
    "C22": "AI", "D22": "AJ", "E22": "AK", "C23": "AL", "D23": "AM", "E23": "AN",
    "C25": "AC", "D25": "AD", "E25": "AE", "C26": "AF", "D26": "AG", "E26": "AH",
}  # fmt: skip
"""Cells of the first page, and the columns of rows that hold the same."""
NEW_ON_A_PAGE = {
    "C29": "O", "D29": "P", "E29": "Q", "C30": "R", "D30": "S", "E30": "T",
    "C32": "E", "D32": "F", "E32": "G", "C33": "H", "D33": "I", "E33": "J",
}  # fmt: skip
"""The same of new weights, which stand in the row of the step after."""


def test_the_worksheet_and_its_key() -> None:
    """The worksheet has 26 empty boxes; the key has the same numbers, and in each box what is right."""
    worksheet, key = load(ROOT / WORKSHEET), load(ROOT / KEY)
    names = [f"blank_{number:03}" for number in range(1, 27)]
    assert worksheet.names is not None
    boxes = {_at(worksheet.names[name].rpartition("!")[2].replace("$", "")) for name in names}
    assert not {"blank_000", "blank_027"} & worksheet.names.keys()
    assert worksheet.names == key.names
    given, solved = _numbers(ROOT / WORKSHEET), _numbers(ROOT / KEY)
    assert solved.keys() - given.keys() == boxes
    assert given == {place: solved[place] for place in given}
    assert not any(cell.formula for cells in worksheet.sheets[0].rows.values() for cell in cells.values())
    [net] = check_file(ROOT / KEY).nets
    assert list(net.findings) == []
    a0, delta0, delta1, w00, w01 = (given[_at(address)] for address in ("I7", "C15", "C16", "C10", "D10"))
    assert a0 * (1 - a0) * (delta0 * w00 + delta1 * w01) == pytest.approx(0.0873, abs=5e-5)  # told in README


def test_the_worksheet_is_for_one_of_the_class() -> None:
    """The class list has five students; the worksheet bears the name and number of one of them."""
    students = {student.id: student.name for student in read_roster(make.CLASS)}
    assert len(students) == 5
    for name, number in ((WORKSHEET, "No. s01"), (KEY, "KEY s01")):
        cells = load(ROOT / name).sheets[0].rows[0].values()
        assert {f"Name  {students[make.STUDENT]}", number} <= {cell.value for cell in cells}


def _excel(formula: str) -> str:
    return formula.removeprefix("of:").replace("[.", "").replace(":.", ":").replace("]", "").replace(";", ",")


# ---------------------------------------------------------------- what they compute and learn

NUMBERS = {
    "note-2-2-2": {
        "K8": 0.542397940774351,
        "L8": 0.519989340155582,
        "M8": 0.0043008314646463,
        "N8": 0.0109330854113259,
        "U8": 0.503558555952801,
        "V8": 0.682324816594471,
        "W8": 0.050887061260972,
        "X8": 0.0611960669589235,
        "AA8": 0.0605716938833457,
        "AA9": 0.0555798750359162,
    },
    "mazur-2-2-2": {
        "K8": 0.593269992107,
        "L8": 0.596884378260,
        "M8": 0.008771354689,
        "N8": 0.009954254705,
        "U8": 0.751365069552,
        "V8": 0.772928465321,
        "W8": 0.138498561629,
        "X8": -0.038098236517,
        "AA8": 0.298371108760,
        "AC8": 0.000438567734,
        "AD8": 0.000877135469,
        "AF8": 0.000497712735,
        "AG8": 0.000995425471,
        "AI8": 0.082167040564,
        "AJ8": 0.082667627848,
        "AL8": -0.022602540477,
        "AM8": -0.022740242216,
        "E9": 0.149780716133,
        "F9": 0.199561432266,
        "H9": 0.249751143632,
        "I9": 0.299502287265,
        "O9": 0.358916479718,
        "P9": 0.408666186076,
        "R9": 0.511301270239,
        "S9": 0.561370121108,
        "AA9": 0.291027773694,
    },
}
"""Published and hand-worked numbers of the first step and the one after it."""


@SUFFIXES
@pytest.mark.parametrize("name", NUMBERS)
def test_reference_numbers(name: str, suffix: str) -> None:
    """The note's and Mazur's nets have the numbers of their texts, to all the decimals given."""
    numbers = _numbers(ROOT / f"samples/{name}-trained.{suffix}")
    found = {address: numbers[_at(address)] for address in NUMBERS[name]}
    assert found == pytest.approx(NUMBERS[name], rel=0, abs=6e-13)


@SUFFIXES
def test_mazurs_biases_stay(suffix: str) -> None:
    """The biases, columns G, J, Q and T, are the same in all 200 rows; the weights beside them are not."""
    numbers = _numbers(ROOT / f"samples/mazur-2-2-2-trained.{suffix}")
    for letter, bias in (("G", 0.35), ("J", 0.35), ("Q", 0.6), ("T", 0.6)):
        column = _at(letter)[1]
        assert {numbers[row, column] for row in range(7, 207)} == {bias}
        assert len({numbers[row, column - 1] for row in range(7, 207)}) == 200


@SUFFIXES
@pytest.mark.parametrize("name", PATTERNS)
def test_samples_learn(name: str, suffix: str) -> None:
    """In the first pass some outputs are on the wrong side of ½, in the last pass none."""
    path = ROOT / f"samples/{name}-trained.{suffix}"
    numbers = _numbers(path)
    assert _learns(name, numbers, last=False) or name == "mazur-2-2-2"
    assert _learns(name, numbers) == []


def test_exclusive_or_is_learnt_well() -> None:
    """In the last pass every output is within 0.1 of its target."""
    numbers = _numbers(ROOT / "samples/xor-2-2-1-trained.ods")
    outputs = [numbers[row, _at("R")[1]] for row in range(483, 487)]
    assert outputs == pytest.approx([0, 1, 1, 0], abs=0.1)


def test_segments_start_half_trained() -> None:
    """The first weights have one decimal, and several numbers are shown wrongly by them."""
    book = load(ROOT / "samples/segments-4-8-8-9.ods")
    network = read_network(book, find_nets(book)[0])
    assert all((matrix == matrix.round(1)).all() for matrix in network.weights)
    wrong = [
        inputs
        for inputs, targets in sheets.SEGMENTS
        if any((network.forward(inputs)[-1] > 0.5) != [target > 0.5 for target in targets])
    ]
    assert len(wrong) == 11
    assert "half-trained" in str(book.sheets[0].rows[1][0].value)


# ---------------------------------------------------------------- who agrees

LARGE = "samples/segments-4-8-8-9-trained"


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", [name for name in COMPUTED if name != f"{LARGE}.xlsx"])
def test_libreoffice_agrees(tmp_path: Path, name: str) -> None:
    """LibreOffice computes the very values from the formulas alone: by its numbers, too, the nets learn."""
    assert agree_with_calc(ROOT / name, tmp_path) == len(cached(load(ROOT / name))) > 15


@pytest.mark.gnumeric
@pytest.mark.parametrize("name", COMPUTED)
def test_gnumeric_agrees(tmp_path: Path, name: str) -> None:
    """A second spreadsheet program recalculates the same numbers, to 1e-12."""
    assert agree_with_gnumeric(ROOT / name, tmp_path) > 15


@pytest.mark.parametrize("name", [name for name in COMPUTED if name.endswith(".xlsx")])
def test_ironcalc_agrees(tmp_path: Path, name: str) -> None:
    """ironcalc recalculates the .xlsx to the same numbers, to 1e-12."""
    assert agree_with_ironcalc(ROOT / name, tmp_path) > 15


@pytest.mark.openxmlsdk
@pytest.mark.parametrize("name", [name for name in MADE if name.endswith(".xlsx")])
def test_open_xml_sdk_finds_nothing(name: str) -> None:
    """Microsoft's validator finds nothing wrong."""
    assert openxmlsdk.findings(ROOT / name) == []


# ---------------------------------------------------------------- what README tells

*TOLD, TOLD_OF_CLASS = re.findall(
    r"^## (\S+?):.*?\n(.*?)(?=^## |\Z)",
    (ROOT / "samples/README.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


COMMANDS = {
    **{name: f"train samples/{name}.ods --steps {STEPS[name]}" for name in PATTERNS},
    "mistakes-2-2-2": "check samples/mistakes-2-2-2.ods",
    "page-2-2-2": "train samples/page-2-2-2.ods --steps 10",
    "worksheet-2-2-2": f"worksheet 2-2-2 class --students samples/class.csv --seed {make.WORKSHEET_SEED}",
    "class": "mark samples/class/manifest.json samples/class/returned -o marks.xlsx --html marks",
}
"""What is told to be done with each sample, or to make it."""


def test_readme_has_a_section_for_each_sample() -> None:
    """Each sample has its section, with the command that belongs to it."""
    sections = [*TOLD, TOLD_OF_CLASS]
    assert [name for name, _ in sections] == list(COMMANDS)
    for name, text in sections:
        assert f"    sheetnet {COMMANDS[name]}\n" in text


def _shown(name: str) -> list[Path]:
    """Return the files that a section is about: the trained ones if the net is trained, a worksheet's key."""
    stem = f"{name}-trained" if name in PATTERNS else name
    stem = stem.replace("worksheet-2-2-2", "worksheet-2-2-2-key")
    return [path for path in sorted((ROOT / "samples").glob(f"{stem}.*")) if path.suffix != ".png"]


@pytest.mark.parametrize(("name", "text"), TOLD, ids=[name for name, _ in TOLD])
def test_readme_tells_what_stands_there(name: str, text: str) -> None:
    """Every cell that README names holds what is told: numbers to all decimals, texts from their beginning."""
    told = re.findall(r"`([A-Z]+\d+)`\s+\(([^)]+)\)", text)
    charts = re.findall(r"chart at ([A-Z]+\d+)", text)
    assert [address for address, _ in told] + charts
    assert sorted(re.findall(r"\b[A-Z]+\d+\b", text)) == sorted([*charts, *(address for address, _ in told)])
    assert _shown(name)
    for path in _shown(name):
        [sheet] = load(path).sheets
        for address, content in told:
            row, column = _at(address)
            value = sheet.rows[row][column].value
            if isinstance(value, float):
                assert f"{value:.{len(content.partition('.')[2])}f}" == content, address
            else:
                assert str(value).startswith(" ".join(content.split())), address
        corners = [(drawing.area.first_row, drawing.area.first_column) for drawing in sheet.drawings]
        assert {_at(address) for address in charts} <= set(corners)


TABLES = [(name, text) for name, text in TOLD if not name.startswith(("page", "worksheet"))]


@pytest.mark.parametrize(("name", "text"), TABLES, ids=[name for name, _ in TABLES])
def test_readme_names_columns(name: str, text: str) -> None:
    """Every column that README names has the label told."""
    [sheet] = load(_shown(name)[0]).sheets
    columns = re.findall(r"[Cc]olumn ([A-Z]+) \(([^)]+)\)", text)
    assert len(columns) == len(re.findall(r"[Cc]olumn ", text)) > 0
    for column, label in columns:
        assert sheet.rows[sheets.LABELS][_at(column)[1]].value == label, column


def test_readme_on_the_class() -> None:
    """The marks that README tells are those of the gradebook, and of what each student did."""
    told = re.findall(r"^\| (s\d+) \| .* \| ([\d.]+) \|$", TOLD_OF_CLASS[1], re.MULTILINE)
    marks, _, mistakes = load(ROOT / GRADEBOOK).sheets
    head, *students = ([cell.value for cell in cells.values()] for cells in marks.rows.values())
    assert [(student[0], student[2]) for student in students] == [(id, float(mark)) for id, mark in told]
    verdicts = {str(student[0]): Counter(student[5:]) for student in students}
    assert head[2:5] == ["mark", "of", "percent"]
    assert verdicts == {
        "s01": {"right": 26},
        "s02": {"mistake": 2, "right": 12, "right, own numbers": 12},
        "s03": {"nearly: rounded": 3, "right": 21, "right, own numbers": 2},
        "s04": {"right": 14, "mistake": 6, "empty": 6},
        "s05": {"not yet": 3, "right": 15, "right, own numbers": 8},
    }
    assert {cells[0].value: cells[3].value for cells in mistakes.rows.values()} == {
        "code": "blanks",
        "update-no-rate": 6,
        "delta-hidden-untransposed": 2,
    }


def test_the_class_is_small() -> None:
    """Nobody waits for it."""
    assert sum(path.stat().st_size for path in (ROOT / "samples/class").rglob("*.*")) < 400_000


@pytest.mark.chromium
def test_the_page_on_the_class_can_be_drawn(tmp_path: Path) -> None:
    """Its top is drawn, wider than high, and is small."""
    if reason := chromium.missing() or rendering.missing():
        pytest.skip(reason)
    header = picture.draw_class(tmp_path / "class.png").read_bytes()[:24]
    width, height = (int.from_bytes(header[at : at + 4], "big") for at in (16, 20))
    assert header.startswith(b"\x89PNG")
    assert 500 < height < width < 827


def test_readme_on_the_segments() -> None:
    """C and D are wrong most often in the first two passes, the tens least; from row 88 on all are right."""
    numbers = _numbers(ROOT / f"{LARGE}.ods")
    wrong = dict.fromkeys(["tens B", "tens C", *"ABCDEFG"], 0)
    first, last = _at("HX")[1], sheets.FIRST + STEPS["segments-4-8-8-9"]
    for row in range(sheets.FIRST, last):
        _, targets = sheets.SEGMENTS[(row - sheets.FIRST) % 16]
        for i, segment in enumerate(wrong):
            miss = (numbers[row, first + i] > 0.5) != (targets[i] > 0.5)
            assert not (miss and row >= 87)
            wrong[segment] += miss and row < sheets.FIRST + 32
    order = sorted(wrong, key=wrong.__getitem__)
    assert (sorted(order[:2]), sorted(order[-2:])) == (["tens B", "tens C"], ["C", "D"])
