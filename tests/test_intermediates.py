"""Columns of z, σ', a − T and the cost's parts: read where they stand, kept, and filled down."""

from pathlib import Path

import openpyxl
import pytest

from sheetnet import find_nets, load, train_file
from sheetnet.diagnosis.mending import mended
from sheetnet.layout.labels import read_label
from sheetnet.net.terms import INTERMEDIATES, Term
from tests import sheets
from tests.agreement import agree_with_calc, cached
from tests.handmade import Key, handmade, keys, name

NAMED = {
    "z0": ("z", "0"), "z_1": ("z", "1"), "net0": ("z", "0"), "net_1": ("z", "1"), "Sum0": ("z", "0"),
    "σ'0": ("slope", "0"), "σ′(z0)": ("slope", "0"), "s'1": ("slope", "1"), "sigma'0": ("slope", "0"),
    "f’0": ("slope", "0"), "a'0": ("slope", "0"), "a0(1-a0)": ("slope", "0"), "a1*(1−a1)": ("slope", "1"),
    "a0-T0": ("miss", "0"), "(a1 − T1)": ("miss", "1"), "a-T0": ("miss", "0"), "a-T": ("miss", ""),
    "T0-a0": ("miss", "0"), "e0": ("miss", "0"), "err_0": ("miss", "0"), "error0": ("miss", "0"),
    "fejl0": ("miss", "0"), "C0": ("part", "0"), "C_1": ("part", "1"), "E0": ("part", "0"),
    "E_1": ("part", "1"), "cost0": ("part", "0"), "Omkostning1": ("part", "1"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "read"), NAMED.items(), ids=NAMED)
def test_labels(text: str, read: tuple[str, str]) -> None:
    """Intermediate quantities are known by the names that people give them."""
    label = read_label(text)
    assert label is not None
    assert (label.kind, label.digits, label.second) == (*read, "")


@pytest.mark.parametrize("text", ["z", "σ'", "a0(1-a1)", "a0-T1", "net", "e", "E", "c0", "z0,1", "a0-a0"])
def test_no_labels(text: str) -> None:
    """What only looks like one is none."""
    assert read_label(text) is None


ORDERS = {
    "before a": "a0 w1 b1 z1 a1 s1 d1 w2 b2 z2 a2 s2 e d2 T p C",
    "before w": "a0 z1 w1 b1 s1 a1 d1 z2 w2 b2 s2 a2 d2 T C p e",
    "at the right": "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C z1 z2 s1 s2 e p",
}


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 1)], ids=str)
@pytest.mark.parametrize("groups", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("formulas", [True, False], ids=["formulas", "numbers"])
def test_read_where_they_stand(tmp_path: Path, sizes: tuple[int, ...], groups: str, formulas: bool) -> None:
    """Each column is that of its layer, found by its formulas, or by the order where there are none."""
    path = handmade(tmp_path / "net.xlsx", sizes, 4, groups)
    if not formulas:
        book = openpyxl.load_workbook(path)
        for row in book["Sheet1"].iter_rows(min_row=8):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = 0.25
        book.save(path)
    [layout] = find_nets(load(path))
    columns = [Key(key[0], int(key[1:] or 0)) for key in groups.split() if key[0] in "zsep"]
    expected = {(key.letter, key.layer, i) for key in columns for i in range(sizes[key.layer or -1])}
    letters = {"z": "z", "slope": "s", "miss": "e", "part": "p"}
    found = {term: column for term, column in layout.columns.items() if term.kind in INTERMEDIATES}
    assert {(letters[term.kind], term.layer, term.i) for term in found} == expected
    sheet = openpyxl.load_workbook(path)["Sheet1"]
    order = [key for group in groups.split() for key in keys(sizes, group)]
    for term, column in found.items():
        assert order[column - 2] == Key(letters[term.kind], term.layer, term.i)
        assert sheet.cell(6, column + 1).value == name(order[column - 2])
    assert (layout.sizes, layout.steps, layout.helpers) == (sizes, 4, ())


@pytest.mark.libreoffice
@pytest.mark.parametrize("groups", ORDERS.values(), ids=ORDERS)
def test_filled_down(tmp_path: Path, groups: str) -> None:
    """Training keeps and continues them, with the values that Calc computes, and those of a sheet without."""
    path = handmade(tmp_path / "net.xlsx", (2, 3, 2), 4, groups)
    training = train_file(path, steps=12)
    assert training.nets[0].departed == training.nets[0].typed == ()
    [layout] = find_nets(load(training.out))
    assert layout.steps == 12
    between = [term for term in layout.columns if term.kind in INTERMEDIATES]
    assert between == [term for term in find_nets(load(path))[0].columns if term.kind in INTERMEDIATES]
    assert len(between) == 3 + 3 + 2 + 2 + 2 + 2
    assert agree_with_calc(training.out, tmp_path / "stripped") > 12 * len(between)
    z = layout.columns[Term("z", 2, 1)]
    a = layout.columns[Term("a", 2, 1)]
    plain = train_file(
        handmade(tmp_path / "plain.xlsx", (2, 3, 2), 4, "a0 w1 b1 a1 d1 w2 b2 a2 d2 T C"), steps=12
    )
    other = find_nets(load(plain.out))[0].columns[Term("a", 2, 1)]
    ours, theirs = cached(load(training.out)), cached(load(plain.out))
    for row in range(7, 19):
        assert ours["Sheet1", row, a] == theirs["Sheet1", row, other]
        assert ours["Sheet1", row, z] != ours["Sheet1", row, a]


UNCLEAR = {
    "one missing": {"H6": "x0"},
    "one twice": {"I6": "z0"},
    "a wrong index": {"I6": "z2"},
    "text in one": {"H9": "abc"},
    "nothing in one": {"H8": None, "H9": None, "H10": None, "H11": None},
}


@pytest.mark.parametrize("changes", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_unclear_stays_beside(tmp_path: Path, changes: dict[str, object]) -> None:
    """Labels that are incomplete, doubled or ambiguous make no sheet unreadable, and name nothing."""
    path = handmade(tmp_path / "net.xlsx", (1, 2, 1), 4, "a0 w1 b1 z1 a1 d1 w2 b2 z2 a2 d2 T C")
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    assert [sheet[f"{column}6"].value for column in "HI"] == ["z0", "z1"]
    for address, value in changes.items():
        sheet[address] = value
    book.save(path)
    [layout] = find_nets(load(path))
    assert [term for term in layout.columns if term.kind in INTERMEDIATES] == [Term("z", 2, 0)]
    assert layout.sizes == (1, 2, 1)


def test_a_stranger_is_no_part(tmp_path: Path) -> None:
    """Columns called C0 and C1 that use nothing of the net are none of its parts."""
    path = sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 4)
    book = openpyxl.load_workbook(path)
    for column, text in (("AC", "C0"), ("AD", "C1")):
        book["Sheet1"][f"{column}6"] = text
        for row in range(8, 12):
            book["Sheet1"][f"{column}{row}"] = f"=ROW()-{row}"
    book.save(path)
    [layout] = find_nets(load(path))
    assert [term for term in layout.columns if term.kind in INTERMEDIATES] == []


def test_right_formulas_stay_right(tmp_path: Path) -> None:
    """Formulas that go through columns of z and σ' are the rule's, and a wrong z is its a's fault no more."""
    path = handmade(tmp_path / "net.xlsx", (2, 2, 2), 4, ORDERS["before a"])
    book = load(path)
    [layout] = find_nets(book)
    assert mended(book, layout, layout.last_row).departed == ()
