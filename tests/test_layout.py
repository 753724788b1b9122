"""Finding nets: every freedom of the note's layout, and one clear line where a sheet breaks it."""

import re
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet import LayoutError, find_nets, load, read_network, read_patterns
from sheetnet.diagnosis.mending import mended
from sheetnet.layout.labels import read_label, weight_keys
from sheetnet.net.terms import Term, label, terms
from tests import sheets
from tests.handmade import Key, handmade, keys

SIZES = [(2, 2, 2), (1, 1, 1), (3, 1), (4, 8, 8, 9), (2, 3, 2, 2, 1), (11, 12, 3)]
FORMATS = ["ods", "xlsx"]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("suffix", FORMATS)
def test_sizes_and_columns(tmp_path: Path, sizes: tuple[int, ...], suffix: str) -> None:
    """A net of any size and depth is found, each term in its column."""
    path = sheets.write(tmp_path / f"net.{suffix}", sizes)
    book = load(path)
    [layout] = find_nets(book)
    assert layout.sizes == sizes
    assert (layout.label_row, layout.first_row, layout.last_row) == (5, 7, 7)
    assert (layout.rate, layout.learning_rate, layout.patterns) == (("Sheet1", 7, 0), 0.5, 1)
    sheet = book.sheet("Sheet1")
    for term, column in layout.columns.items():
        cell = sheet.cell(5, column)
        assert cell is not None
        assert cell.value == label(term)
    assert list(layout.columns) == [term for term in terms(sizes) if term.kind != "gradient"]
    network = read_network(book, layout)
    assert network.sizes == sizes


@pytest.mark.parametrize("spelling", sheets.SPELLINGS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_spellings(tmp_path: Path, spelling: str, suffix: str) -> None:
    """Labels are read in every spelling, also above ten neurons."""
    for sizes in ((2, 3, 2), (11, 12, 3)):
        path = sheets.write(
            tmp_path / f"{len(sizes)}{sizes[0]}.{suffix}", sizes, label=sheets.SPELLINGS[spelling]
        )
        [layout] = find_nets(load(path))
        assert layout.sizes == sizes


@pytest.mark.parametrize(("top", "left"), [(0, 0), (3, 0), (0, 4), (40, 30)])
@pytest.mark.parametrize("words", [sheets.ENGLISH, sheets.DANISH], ids=["en", "da"])
def test_position_and_captions(tmp_path: Path, top: int, left: int, words: dict[str, str]) -> None:
    """The table may stand anywhere, with English or Danish captions."""
    path = sheets.write(tmp_path / "net.ods", (2, 2, 1), patterns=sheets.XOR, top=top, left=left, words=words)
    book = load(path)
    [layout] = find_nets(book)
    assert layout.sizes == (2, 2, 1)
    assert layout.first_row == 7 + top
    assert layout.patterns == 4
    inputs, targets = read_patterns(book, layout)
    assert [
        (tuple(map(int, x)), tuple(map(int, t))) for x, t in zip(inputs, targets, strict=True)
    ] == sheets.XOR


def test_biases_by_name(tmp_path: Path) -> None:
    """Biases labelled b0 and b1 are those of neurons 0 and 1."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 2, 2))
    plain = load(path)
    book = openpyxl.load_workbook(path)
    for address, text in {"G6": "b0", "J6": "b1", "Q6": "bias0", "T6": "bias1"}.items():
        book["Sheet1"][address] = text
    book.save(path)
    [layout] = find_nets(load(path))
    assert layout.columns == find_nets(plain)[0].columns
    assert layout.conventions.biases == "trained"


@pytest.mark.parametrize(
    "text", ["learning rate:", "Learning rate (γ)", "η", "Indlæringshastighed", "Læringsraten", "LR", "alpha"]
)
def test_words_for_the_learning_rate(tmp_path: Path, text: str) -> None:
    """The learning rate is found under the words that people use."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 2, 2))
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["A6"] = text
    book.save(path)
    assert find_nets(load(path))[0].learning_rate == 0.5


def test_several_nets_on_a_sheet(tmp_path: Path) -> None:
    """Nets beside and below one another are found one by one."""
    beside = sheets.save(tmp_path / "beside.ods", {"A": sheets.beside((2, 2, 2), (1, 1, 1))})
    below = sheets.save(
        tmp_path / "below.xlsx", {"A": sheets.below((2, 2, 2), (3, 2)), "B": sheets.net((1, 2, 1))}
    )
    assert [layout.sizes for layout in find_nets(load(beside))] == [(2, 2, 2), (1, 1, 1)]
    found = find_nets(load(below))
    assert [(layout.sheet, layout.sizes) for layout in found] == [
        ("A", (2, 2, 2)),
        ("A", (3, 2)),
        ("B", (1, 2, 1)),
    ]
    assert found[0].rate != found[1].rate


@pytest.mark.shared
def test_the_authors_workbook(author_file: Path) -> None:
    """Both sheets are read as LAYOUT.md describes them."""
    one, two = find_nets(load(author_file))
    assert (one.sheet, one.sizes, one.first_row, one.last_row) == ("Sheet1", (2, 2, 2), 7, 1001)
    assert (two.sheet, two.sizes, two.first_row, two.last_row) == ("Ark2", (1, 1, 1), 7, 199)
    assert one.columns[Term("cost")] == 26
    assert one.helpers == two.helpers == ()


@given(st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_labels_of_our_own_are_unique(i: int, j: int) -> None:
    """The label that we write for a weight is read as that weight and no other of the same net."""
    found = read_label(label(Term("w", 1, i, j)))
    assert found is not None
    fits = [(k, m) for k in range(31) for m in range(32) if found.key in weight_keys(k, m, 31)]
    assert fits == [(i, j)]


@pytest.mark.parametrize(
    "text", ["", "w", "a", "w1", "Layer 1", "T", "c1", "hello", "a0 and a1", "0.5", "x0", "w1,2,3"]
)
def test_what_is_no_label(text: str) -> None:
    """Other words are no labels."""
    assert read_label(text) is None


def _spoilt(tmp_path: Path, changes: dict[str, object]) -> Path:
    path = sheets.write(tmp_path / "lesson.xlsx", (2, 2, 2))
    book = openpyxl.load_workbook(path)
    for address, value in changes.items():
        book["Sheet1"][address] = value
    book.save(path)
    return path


SPOILT = [
    ({"L6": "b1"}, r"L6: found 'b1', expected 'a1' \(layer 1 has 2 neurons\)"),
    ({"L6": None}, r"L6: found nothing, expected 'a1'"),
    ({"K6": None, "L6": None}, r"K6: found nothing, expected 'a0'"),
    ({"L6": "a0"}, r"L6: found 'a0'.*a0 stands there twice"),
    ({"F6": "w07"}, r"found .*, expected 'w01'"),
    ({"F6": None}, r"F6: found nothing, expected 'w01' \(layer 1 has 2 neurons\)"),
    ({"F6": "x01"}, r"F6: found 'x01', expected 'w01'"),
    ({"F6": "w00"}, r"F6: found 'w00'.*w00 stands there twice"),
    ({"C6": None}, r"C6: found nothing, expected 'a0'"),
    ({"M6": None}, r"M6: found nothing, expected 'δ0'"),
    ({"N6": None}, r"N6: found nothing, expected 'δ1'"),
    ({"Z6": None}, r"Z6: found nothing, expected 'T1'"),
    ({"AA6": None}, r"AA6: found nothing, expected 'C'"),
    ({"A6": None}, r"found no learning rate, expected a cell labelled 'Learning rate'"),
    ({"A8": None}, r"A8: found an empty cell, expected the learning rate"),
    ({"A8": -0.5}, r"A8: found the learning rate -0.5, expected a number above 0"),
    ({"A8": 0}, r"A8: found the learning rate 0, expected a number above 0"),
    ({"A8": "0,5"}, r"A8: found the text '0,5', expected the learning rate, a number; it is stored as text"),
    ({"F8": "0,5"}, r"F8: found the text '0,5', expected a weight, a number; it is stored as text"),
    ({"F8": "half"}, r"F8: found the text 'half', expected a weight, a number; type a number"),
    ({"F8": None}, r"F8: found an empty cell, expected a weight"),
    ({"Y8": None}, r"Y8: found an empty cell, expected a target"),
    ({"D8": None}, r"D8: found an empty cell, expected an input"),
    ({"F8": "#NUM!"}, r"F8: found the error #NUM!, expected a weight"),
    ({"F8": True}, r"F8: found the truth value TRUE, expected a weight"),
    ({f"{c}8": None for c in "EFGHIJOPQRST"}, r"E8: found no initial weights"),
]


@pytest.mark.parametrize(
    ("changes", "message"), SPOILT, ids=[str(next(iter(changes.items()))) for changes, _ in SPOILT]
)
def test_one_line_for_a_broken_layout(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    """File, sheet and cell, what was found and what was expected, on one line."""
    path = _spoilt(tmp_path, changes)
    with pytest.raises(LayoutError) as error:
        find_nets(load(path))
    text = str(error.value)
    assert re.search(message, text), text
    assert text.startswith("lesson.xlsx, Sheet1")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("address", "value", "message"),
    [
        (
            "C10",
            "0,5",
            r"C10: found the text '0,5', expected an input of pattern 3, a number; it is stored as text",
        ),
        ("T9", None, r"T9: found an empty cell, expected a target of pattern 2, a number"),
    ],
)
def test_incomplete_patterns(tmp_path: Path, address: str, value: object, message: str) -> None:
    """A pattern that is not whole is named, not silently left out."""
    path = sheets.write(tmp_path / "xor.xlsx", (2, 2, 1), patterns=sheets.XOR)
    book = openpyxl.load_workbook(path)
    book["Sheet1"][address] = value
    book.save(path)
    with pytest.raises(LayoutError, match=message):
        find_nets(load(path))


def test_unspoilt_is_read(tmp_path: Path) -> None:
    """The sheet that the table above spoils is read when nothing is spoilt."""
    assert len(find_nets(load(_spoilt(tmp_path, {})))) == 1


def test_named_sheets(tmp_path: Path) -> None:
    """A sheet that is asked for must be there, and hold a net."""
    cells = {"A": sheets.net((1, 1)), "B": {(0, 0): sheets.Cell("hello", "caption")}}
    book = load(sheets.save(tmp_path / "two.ods", cells))
    assert len(find_nets(book)) == 1
    with pytest.raises(LayoutError, match="found no sheet 'C', its sheets are A, B"):
        find_nets(book, ["C"])
    with pytest.raises(LayoutError, match="two.ods, B: found no net, looked for a row of labels"):
        find_nets(book, ["B"])


BIASES = {
    "after the weights": "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C",
    "before the weights": "a0 b1 w1 a1 d1 b2 w2 a2 d2 T C",
    "after a": "a0 w1 a1 b1 d1 w2 a2 b2 d2 T C",
    "after δ": "a0 w1 a1 d1 b1 w2 a2 d2 b2 T C",
    "after δ of three layers": "a0 w1 a1 d1 b1 w2 a2 d2 b2 w3 a3 d3 b3 T C",
    "here and there": "a0 b1 w1 a1 d1 w2 a2 d2 b2 T C",
}


@pytest.mark.parametrize("groups", BIASES.values(), ids=BIASES)
@pytest.mark.parametrize("sizes", [(2, 2, 2, 2), (1, 3, 2, 1)], ids=str)
def test_biases_in_a_group_of_their_own(tmp_path: Path, sizes: tuple[int, ...], groups: str) -> None:
    """Biases b0, b1 may stand before or after the weights of their layer, or after its a and δ."""
    sizes = sizes if "w3" in groups else sizes[:3]
    book = load(handmade(tmp_path / "net.xlsx", sizes, 3, groups))
    [layout] = find_nets(book)
    order = [key for group in groups.split() for key in keys(sizes, group)]
    assert layout.sizes == sizes
    for layer in range(1, len(sizes)):
        for i in range(sizes[layer]):
            bias = Term("w", layer, i, sizes[layer - 1])
            assert order[layout.columns[bias] - 2] == Key("b", layer, i)
    assert mended(book, layout, layout.last_row).departed == ()
