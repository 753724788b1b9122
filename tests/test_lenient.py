"""Reading sheets with their faults: what can be read is read, what is no number is told."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet import LayoutError, find_nets, load, read_network, read_patterns
from sheetnet.book.grid import Book, Cell, CellError, Sheet
from sheetnet.diagnosis.mending import mended
from sheetnet.formula.address import a1
from sheetnet.layout.content import meant
from sheetnet.net.terms import LEARNING_RATE, Term
from sheetnet.recognition.finding import nets_by_sheet
from tests import sheets
from tests.handmade import handmade


def _edited(path: Path, changes: dict[str, Any]) -> Path:
    book = openpyxl.load_workbook(path)
    for address, value in changes.items():
        name, _, cell = address.rpartition("!")
        book[name or "Sheet1"][cell] = value
    book.save(path)
    return path


MEANT = {
    "0,5": 0.5, "0.5 ": 0.5, "'0.5": 0.5, "−0,25": -0.25, "½": 0.5, "1/4": 0.25, "50 %": 0.5, "1 000,5": 1000.5,
    "1.000,5": 1000.5, "1,000.5": 1000.5, "5e-1": 0.5, "\u00a00,5": 0.5, ",5": 0.5, "-.5": -0.5,
    "half": None, "": None, "nan": None, "inf": None, "1/0": None, "0,5,3": None, "1.2.3": None, "0x1": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), MEANT.items(), ids=[repr(text) for text in MEANT])
def test_what_a_text_was_meant_as(text: str, value: float | None) -> None:
    """A number typed as text is read in the ways that people type numbers; other texts are none."""
    assert meant(text) == value


FOUND: dict[str, tuple[dict[str, Any], Term, Any, float | None]] = {
    "weight with a comma": ({"F8": "0,5"}, Term("w", 1, 0, 1), "0,5", 0.5),
    "weight in words": ({"F8": "half"}, Term("w", 1, 0, 1), "half", None),
    "no weight": ({"T8": None}, Term("w", 2, 1, 2), None, None),
    "a truth value": ({"E8": True}, Term("w", 1, 0, 0), True, 1.0),
    "an error": ({"E8": "#NUM!"}, Term("w", 1, 0, 0), "#NUM!", None),
    "no input": ({"D8": None}, Term("a", 0, 1), None, None),
    "target with a blank": ({"Y8": "0.5 "}, Term("target", 0, 0), "0.5 ", 0.5),
    "rate with a comma": ({"A8": "0,5"}, LEARNING_RATE, "0,5", 0.5),
    "no rate": ({"A8": None}, LEARNING_RATE, None, None),
    "rate of 0": ({"A8": 0}, LEARNING_RATE, 0.0, None),
}


@pytest.mark.parametrize(("changes", "term", "found", "number"), FOUND.values(), ids=FOUND)
def test_problems(
    tmp_path: Path, changes: dict[str, Any], term: Term, found: Any, number: float | None
) -> None:
    """A cell without its number stops only those who need it; exactly that cell is told."""
    path = _edited(sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 5), changes)
    with pytest.raises(LayoutError):
        find_nets(load(path))
    book = load(path)
    [layout] = find_nets(book, lenient=True)
    [problem] = layout.problems
    assert a1(problem.row, problem.column) == next(iter(changes))
    assert (problem.term, problem.found, problem.meant) == (term, found, number)
    assert (layout.sizes, layout.steps, layout.patterns) == ((2, 2, 2), 5, 1)
    if term == LEARNING_RATE:
        expected = math.nan if number is None else number
        expected = found if isinstance(found, float) else expected
        assert layout.learning_rate == pytest.approx(expected, abs=0, nan_ok=True)
    else:
        read = {
            "w": lambda: read_network(book, layout).weights[term.layer - 1][term.i, term.j],
            "a": lambda: read_patterns(book, layout)[0][0, term.i],
            "target": lambda: read_patterns(book, layout)[1][0, term.i],
        }[term.kind]()
        assert math.isnan(read) if number is None else read == number


@pytest.mark.parametrize("changes", [changes for changes, *_ in FOUND.values()], ids=FOUND)
def test_problems_do_not_spoil_the_formulas(tmp_path: Path, changes: dict[str, Any]) -> None:
    """The formulas of a sheet in which a number is missing are judged as right as they are."""
    book = load(_edited(sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 5), changes))
    [layout] = find_nets(book, lenient=True)
    assert mended(book, layout, layout.last_row).departed == ()


def test_no_problem(tmp_path: Path) -> None:
    """The sheet that the tables above spoil has no problem, and is read the same."""
    book = load(sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 5))
    assert find_nets(book, lenient=True) == find_nets(book)
    assert find_nets(book)[0].problems == ()


def test_problems_of_later_patterns(tmp_path: Path) -> None:
    """A pattern that is not whole is told, and counts."""
    path = sheets.filled(tmp_path / "xor.xlsx", (2, 2, 1), 9, patterns=sheets.XOR)
    book = load(_edited(path, {"C10": "1,0", "T9": None}))
    [layout] = find_nets(book, lenient=True)
    assert layout.patterns == 4
    assert {(a1(p.row, p.column), p.found, p.meant) for p in layout.problems} == {
        ("C10", "1,0", 1.0),
        ("T9", None, None),
    }
    inputs, _ = read_patterns(book, layout)
    assert inputs[2, 0] == 1


@pytest.mark.parametrize(("patterns", "address"), [(1, "C9"), (1, "D12"), (4, "C12"), (4, "D15")])
def test_a_pasted_input_is_no_pattern(tmp_path: Path, patterns: int, address: str) -> None:
    """A number typed over a repeated input does not change how many patterns there are."""
    path = sheets.filled(tmp_path / "net.xlsx", (2, 2, 1), 12, patterns=sheets.XOR[:patterns])
    [layout] = find_nets(load(_edited(path, {address: 0.25})), lenient=True)
    assert (layout.patterns, layout.problems) == (patterns, ())


def test_text_in_the_last_row(tmp_path: Path) -> None:
    """A text typed over one formula of the last row leaves the row in the table."""
    path = _edited(sheets.filled(tmp_path / "net.xlsx", (2, 2, 2), 5), {"M12": "0,01"})
    assert find_nets(load(path), lenient=True)[0].steps == 5
    assert find_nets(load(path))[0].steps == 4


def test_one_sheet_does_not_stop_another(tmp_path: Path) -> None:
    """A sheet with incomplete labels is told beside the nets of all others."""
    cells = {"A": sheets.net((2, 2)), "B": sheets.net((1, 1)), "C": {(0, 0): sheets.Cell("hello", "caption")}}
    path = _edited(sheets.save(tmp_path / "three.xlsx", cells), {"A!C6": None})
    a, b, c = nets_by_sheet(load(path))
    assert [found.sheet.name for found in (a, b, c)] == ["A", "B", "C"]
    assert "A, C6: found nothing, expected 'a0'" in str(a.error).replace("three.xlsx, ", "")
    assert (a.nets, [net.sizes for net in b.nets], b.error, c.nets, c.error) == ([], [(1, 1)], None, [], None)
    with pytest.raises(LayoutError, match="found no sheet 'D'"):
        nets_by_sheet(load(path), ["D"])
    [named] = nets_by_sheet(load(path), ["C"])
    assert "found no net" in str(named.error)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Book]:
    """Return workbooks to be spoilt."""
    folder = tmp_path_factory.mktemp("books")
    groups = "a0 w1 b1 z1 a1 s1 d1 w2 b2 z2 a2 s2 e d2 T p C"
    return [
        load(sheets.filled(folder / "note.xlsx", (2, 2, 2), 6)),
        load(sheets.filled(folder / "xor.xlsx", (2, 2, 1), 9, patterns=sheets.XOR)),
        load(handmade(folder / "more.xlsx", (2, 3, 2), 5, groups)),
    ]


_VALUES = st.one_of(
    st.sampled_from([None, True, CellError("#NUM!"), 0.0, -1.0, math.inf, "0,5", ""]),
    st.sampled_from(["b", "b0", "b1", "z0", "w00", "a0", "a-T", "C0", "E1", "C", "eta", "δ0"]),
)
_FORMULAS = st.sampled_from(
    [
        None,
        None,
        None,
        "=A1",
        "=",
        "=1/0",
        "=foo(",
        "=eta*2",
        "=E8-lr*M8",
        "=Gone!$A$1",
        "=SUM(A1:Z99)",
        "=#REF!",
    ]
)
_CELLS = st.dictionaries(
    st.tuples(st.integers(4, 16), st.integers(0, 38)), st.builds(Cell, _VALUES, _FORMULAS)
)


@given(st.integers(0, 2), _CELLS)
@settings(max_examples=150, deadline=None)
def test_whatever_stands_there(books: list[Book], which: int, changes: dict[tuple[int, int], Cell]) -> None:
    """A lenient reader reads any sheet, or says in one line why it holds no net."""
    book = books[which]
    [sheet] = book.sheets
    rows = {row: dict(cells) for row, cells in sheet.rows.items()}
    for (row, column), cell in changes.items():
        rows.setdefault(row, {})[column] = cell
    names = {"eta": "=Sheet1!$A$8", "lr": "=#REF!", "alpha": "=Gone!$A$1", "rate": "=rate"}
    spoilt = replace(book, sheets=(Sheet(sheet.name, rows),), names=names)
    [found] = nets_by_sheet(spoilt)
    assert found.error is None or "\n" not in str(found.error)
    for layout in found.nets:
        for problem in layout.problems:
            cell = spoilt.sheet(problem.sheet).cell(problem.row, problem.column)
            assert problem.found == (None if cell is None else cell.value)
            assert layout.terms.get(problem.column, LEARNING_RATE).kind == problem.term.kind
        assert read_network(spoilt, layout).sizes == layout.sizes
        inputs, targets = read_patterns(spoilt, layout)
        assert (inputs.shape, targets.shape) == (
            (layout.patterns, layout.sizes[0]),
            (layout.patterns, layout.sizes[-1]),
        )
