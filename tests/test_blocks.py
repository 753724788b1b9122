"""Sheets of label/value blocks: one step a sheet, blocks below each other or side by side, passes of patterns."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from sheetnet import LayoutError, check_file, find_nets, load, train_file
from sheetnet.diagnosis.findings import Finding
from sheetnet.net.terms import COST, Term

Edits: TypeAlias = Mapping[tuple[str, str], Any]
"""What is put into cells, by sheet and address."""

TABS = ("iter 1", "iter 2", "iter 3")


def _findings(path: Path) -> list[Finding]:
    """Return the findings of a file's nets that are no mere remarks; each sheet can be checked."""
    checked = check_file(path)
    assert checked.error is None
    assert [sheet.error for sheet in checked.sheets] == [None] * len(checked.sheets)
    return [finding for net in checked.nets for finding in net.faults]


def _cells(findings: Iterable[Finding]) -> list[str]:
    return sorted(f"{area.sheet}!{area}" for finding in findings for area in finding.areas)


def _spoilt(source: Path, target: Path, edits: Edits) -> Path:
    book = openpyxl.load_workbook(source)
    for (sheet, address), value in edits.items():
        book[sheet][address] = value
    book.save(target)
    return target


# ---------------------------------------------------------------- one step a sheet


@pytest.fixture
def mazur(shared: Path) -> Path:
    return shared / "handbuilt" / "05.xlsx"


@pytest.mark.shared
def test_a_step_a_sheet_is_read(mazur: Path) -> None:
    """Three sheets of blocks are one net of three steps, each term at its own place on each of them."""
    [layout] = find_nets(load(mazur))
    assert (layout.sheet, layout.name, layout.steps, layout.patterns) == ("iter 1", "2-2-2", 3, 1)
    assert layout.conventions.biases == "fixed"
    assert layout.columns[Term("w", 1, 0, 2)] == layout.columns[Term("w", 1, 1, 2)]
    assert layout.place(Term("w", 1, 0, 0), 1) == ("iter 2", 4, 2)
    assert layout.place(Term("a", 2, 1), 2) == ("iter 3", 19, 5)
    assert layout.place(Term("gradient", 1, 1, 0), 0) == ("iter 1", 39, 2)
    assert layout.place(COST, 1) == ("iter 2", 23, 2)
    assert layout.rate_address == "E3"


@pytest.mark.shared
def test_a_step_a_sheet_is_clean(mazur: Path) -> None:
    """A right sheet has no mistakes, and nothing on it belongs to no net."""
    checked = check_file(mazur)
    assert [net.faults for net in checked.nets] == [()]
    assert [sheet.stray for sheet in checked.sheets if sheet.nets] == [()]
    assert checked.nets[0].slopes is True


UNTRANSPOSED = {
    (tab, address): f"=((-(I19-F19)*F19*(1-F19))*{one}+(-(I20-F20)*F20*(1-F20))*{other})*({a}*(1-{a}))*{i}"
    for tab in TABS
    for address, one, other, a, i in (
        ("C38", "C9", "C10", "C19", "C3"),
        ("C39", "C9", "C10", "C19", "C4"),
        ("C40", "C11", "C12", "C20", "C3"),
        ("C41", "C11", "C12", "C20", "C4"),
    )
}
SPOILT_STEPS: dict[str, tuple[Edits, str]] = {
    "a gradient": ({("iter 2", "C29"): "=-1*(I19-F19)*F19*(1-F19)*C20"}, "gradient"),
    "untransposed throughout": (UNTRANSPOSED, "delta-hidden-untransposed"),
    "a copy of another new weight": ({("iter 3", "C6"): "='iter 2'!E38"}, "sheet"),
    "a copy of an older weight": ({("iter 3", "C6"): "='iter 1'!E39"}, "sheet"),
    "another gradient": ({(tab, "E40"): "=C7-$E$3*C39" for tab in TABS}, "gradient"),
    "a sign": ({("iter 1", "E40"): "=C7+$E$3*C40"}, "update-plus"),
    "no learning rate": ({(tab, "E29"): "=C9-C29" for tab in TABS}, "update-no-rate"),
    "a typed weight": ({("iter 2", "C6"): 0.2}, "sheet-pasted"),
    "a typed activation": ({("iter 2", "C20"): 0.597}, "sheet-pasted-rounded"),
    "another neuron's sum": ({("iter 3", "C20"): "=1/(1+EXP(-1*C17))"}, ""),
}  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize(("edits", "code"), SPOILT_STEPS.values(), ids=SPOILT_STEPS)
def test_a_spoilt_step(mazur: Path, tmp_path: Path, edits: Edits, code: str) -> None:
    """Exactly the spoilt cells are reported, on their own sheets."""
    findings = _findings(_spoilt(mazur, tmp_path / "spoilt.xlsx", edits))
    assert _cells(findings) == sorted(f"{sheet}!{address}" for sheet, address in edits)
    assert all(each.code.startswith(code) for each in findings)


@pytest.mark.shared
def test_expected_formulas_are_those_of_the_cell(mazur: Path, tmp_path: Path) -> None:
    """What belongs in a cell is said in the addresses of its own sheet, and each cell is typed anew."""
    copied = {("iter 3", "C6"): "='iter 2'!E38"}
    [finding] = _findings(_spoilt(mazur, tmp_path / "one.xlsx", copied))
    assert (finding.found, finding.expected) == ("='iter 2'!E38", "='iter 2'!E39")
    assert (finding.details["found_part"], finding.details["expected_part"]) == ("iter 2.E38", "iter 2.E39")
    assert [f"{area.sheet}!{area}" for area in finding.correct] == ["iter 3!C6"]
    edits = {(tab, "E40"): "=C7+$E$3*C40" for tab in TABS}
    [finding] = _findings(_spoilt(mazur, tmp_path / "all.xlsx", edits))
    assert [each.expected for each in finding.examples] == ["=C7-E3*C40"] * 3
    assert finding.copies == ()


# ---------------------------------------------------------------- passes of patterns


@pytest.fixture
def gate(shared: Path) -> Path:
    return shared / "handbuilt" / "06.xlsx"


@pytest.mark.shared
def test_a_pass_a_block_is_read(gate: Path) -> None:
    """Four patterns a block are a batch: one row each, the weights in the block's one cell."""
    [layout] = find_nets(load(gate))
    assert (layout.sheet, layout.name, layout.patterns, layout.steps) == ("Sheet1", "2-1", 4, 51 * 4)
    assert (layout.conventions.batch, layout.conventions.cost, layout.scale) == ("mean", "squares", 1.0)
    assert [layout.place(Term("w", 1, 0, 0), step) for step in (0, 3, 4)] == [
        ("Sheet1", 12, 1), ("Sheet1", 12, 1), ("Sheet1", 21, 1),
    ]  # fmt: skip
    assert layout.place(Term("target"), 6) == ("Sheet1", 5, 2)
    assert layout.place(Term("gradient", 1, 0, 1), 5) == ("Sheet1", 22, 16)


@pytest.mark.shared
def test_a_pass_a_block_is_clean(gate: Path) -> None:
    """A right sheet has no mistakes; the sums of the cost belong to no net, the means of gradients do."""
    checked = check_file(gate)
    assert [net.findings for net in checked.nets] == [()]
    unused = {"O467", "P467", "Q467"}
    assert set(checked.sheets[0].stray) == unused | {f"I{row}" for row in range(17, 468, 9)}


PASSES = range(22, 464, 9)
SPOILT_PASSES: dict[str, tuple[Edits, str]] = {
    "a gradient": ({("Sheet1", "P24"): "=J24*K24*N24"}, "gradient"),
    "an input of another pattern": ({("Sheet1", "G15"): "=A13+(B13*E15)+(C13*F14)"}, ""),
    "another target": ({("Sheet1", "J23"): "=2*(H23-$C$4)"}, ""),
    "a weight of the pass before": ({("Sheet1", "G23"): "=A22+(B13*E23)+(C22*F23)"}, "sheet"),
    "a sign": ({("Sheet1", "B31"): "=B22+$C$9*P26"}, ""),
    "a typed weight": ({("Sheet1", "B31"): -2.2}, "sheet-pasted-number"),
    "a mean of too few": ({("Sheet1", "P26"): "=AVERAGE(P22:P24)"}, ""),
    "signs throughout": (
        {
            ("Sheet1", f"{w}{row}"): f"={w}{row - 9}+$C$9*{g}{row - 5}"
            for w, g in zip("ABC", "OPQ", strict=True)
            for row in PASSES
        },
        "",
    ),
}


@pytest.mark.shared
@pytest.mark.parametrize(("edits", "code"), SPOILT_PASSES.values(), ids=SPOILT_PASSES)
def test_a_spoilt_pass(gate: Path, tmp_path: Path, edits: Edits, code: str) -> None:
    """Exactly the spoilt cells are reported."""
    findings = _findings(_spoilt(gate, tmp_path / "spoilt.xlsx", edits))
    assert _cells(findings) == sorted(f"{sheet}!{address}" for sheet, address in edits)
    assert all(each.code.startswith(code) for each in findings)


@pytest.mark.shared
def test_what_serves_a_pass_is_expected_in_its_own_cell(gate: Path, tmp_path: Path) -> None:
    """A mean between the gradients and the weight is at fault itself, and said to be a mean again."""
    path = _spoilt(gate, tmp_path / "spoilt.xlsx", {("Sheet1", "P26"): "=AVERAGE(P22:P24)"})
    [finding] = _findings(path)
    assert (finding.found, finding.expected) == ("=AVERAGE(P22:P24)", "=AVERAGE(P22:P25)")


# ---------------------------------------------------------------- own sheets

RATE = "$B$2"


def _block(sheet: Any, top: int, left: int, before: tuple[int, int] | None, *, copies: bool = True) -> None:
    """Write one step of a 2-2-1 net as labels and values; row and column are those of its first label.

    Weights come from the block `before`: copies of the new ones, or computed in their own place.
    """

    def at(row: int, block: tuple[int, int] = (top, left)) -> str:
        return f"{get_column_letter(block[1] + 1)}{block[0] + row}"

    names = ["i1", "i2", "w1", "w2", "w3", "w4", "v1", "v2", "b1", "b2", "c"]
    typed = [0.3, 0.7, 0.2, -0.4, 0.5, 0.1, -0.3, 0.6, 0.15, -0.25, 0.35]
    for row, (name, value) in enumerate(zip(names, typed, strict=True)):
        sheet[f"{get_column_letter(left)}{top + row}"] = name
        sheet[at(row)] = value
    steps = [
        ("h1", f"=1/(1+EXP(-({at(0)}*{at(2)}+{at(1)}*{at(3)}+{at(8)})))"),
        ("h2", f"=1/(1+EXP(-({at(0)}*{at(4)}+{at(1)}*{at(5)}+{at(9)})))"),
        ("o", f"=1/(1+EXP(-({at(11)}*{at(6)}+{at(12)}*{at(7)}+{at(10)})))"),
        ("target", 0.9),
        ("E", f"=({at(13)}-{at(14)})^2/2"),
        ("d", f"=({at(13)}-{at(14)})*{at(13)}*(1-{at(13)})"),
        ("d1", f"={at(16)}*{at(6)}*{at(11)}*(1-{at(11)})"),
        ("d2", f"={at(16)}*{at(7)}*{at(12)}*(1-{at(12)})"),
    ]
    for row, (name, formula) in enumerate(steps, 11):
        sheet[f"{get_column_letter(left)}{top + row}"] = name
        sheet[at(row)] = formula
    slopes = [(17, 0), (17, 1), (18, 0), (18, 1), (16, 11), (16, 12), (17, None), (18, None), (16, None)]
    for row, (delta, a) in enumerate(slopes):

        def change(block: tuple[int, int], delta: int = delta, a: int | None = a) -> str:
            return f"{RATE}*{at(delta, block)}" + ("" if a is None else f"*{at(a, block)}")

        if copies:
            sheet[f"{get_column_letter(left)}{top + 19 + row}"] = names[2 + row]
            sheet[at(19 + row)] = f"={at(2 + row)}-{change((top, left))}"
            if before is not None:
                sheet[at(2 + row)] = f"={at(19 + row, before)}"
        elif before is not None:
            sheet[at(2 + row)] = f"={at(2 + row, before)}-{change(before)}"


def _written(
    path: Path, corners: list[tuple[int, int]], edits: Mapping[str, Any], *, copies: bool = True
) -> Path:
    """Write blocks at the given corners, then change cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Net"
    sheet["A2"], sheet["B2"] = "learning rate", 0.5
    before = None
    for corner in corners:
        _block(sheet, *corner, before, copies=copies)
        before = corner
    for address, value in edits.items():
        sheet[address] = value
    book.save(path)
    return path


SHAPES: dict[str, tuple[list[tuple[int, int]], bool]] = {
    "one block": ([(5, 1)], True),
    "one block further right": ([(3, 4)], True),
    "two below each other": ([(5, 1), (35, 1)], True),
    "four below each other": ([(5 + 30 * index, 1) for index in range(4)], True),
    "four without copies": ([(5 + 24 * index, 1) for index in range(4)], False),
    "three side by side": ([(5, 1 + 3 * index) for index in range(3)], True),
    "three side by side without copies": ([(5, 1 + 3 * index) for index in range(3)], False),
}


@pytest.mark.parametrize(("corners", "copies"), SHAPES.values(), ids=SHAPES)
def test_right_blocks(tmp_path: Path, corners: list[tuple[int, int]], copies: bool) -> None:
    """Blocks in any place are one net of as many steps, and have no mistakes."""
    path = _written(tmp_path / "net.xlsx", corners, {}, copies=copies)
    [layout] = find_nets(load(path))
    assert (layout.sheet, layout.name, layout.steps) == ("Net", "2-2-1", len(corners))
    for step, (top, left) in enumerate(corners):
        assert layout.place(Term("w", 1, 0, 0), step) == ("Net", top + 1, left)
        assert layout.place(Term("target"), step) == ("Net", top + 13, left)
    assert _cells(_findings(path)) == []


WRONG: dict[str, tuple[list[tuple[int, int]], Mapping[str, Any]]] = {
    "one block, a sign": ([(5, 1)], {"B24": "=B7+$B$2*B22*B5"}),
    "one block, another weight": ([(5, 1)], {"B26": "=B7-$B$2*B23*B5"}),
    "one block, a δ": ([(5, 1)], {"B22": "=B21*B12*B16*(1-B16)"}),
    "one block, an activation": ([(5, 1)], {"B17": "=1/(1+EXP(-(B5*B9+B6*B10+B13)))"}),
    "below each other, a δ": ([(5 + 30 * index, 1) for index in range(4)], {"B82": "=B81*B72*B76*(1-B76)"}),
    "below each other, a copy": ([(5 + 30 * index, 1) for index in range(4)], {"B69": "=B57"}),
    "side by side, a copy": ([(5, 1 + 3 * index) for index in range(3)], {"H9": "=E25"}),
    "side by side, a new weight": ([(5, 1 + 3 * index) for index in range(3)], {"E26": "=E9-$B$2*E23*E6"}),
}


@pytest.mark.parametrize(("corners", "edits"), WRONG.values(), ids=WRONG)
def test_wrong_blocks(tmp_path: Path, corners: list[tuple[int, int]], edits: Mapping[str, Any]) -> None:
    """Exactly the spoilt cell is reported."""
    path = _written(tmp_path / "net.xlsx", corners, edits)
    assert _cells(_findings(path)) == [f"Net!{address}" for address in edits]


@pytest.mark.libreoffice
@pytest.mark.parametrize("edits", [{}, {"B82": "=B81*B72*B76*(1-B76)"}], ids=["right", "wrong"])
def test_blocks_in_ods(tmp_path: Path, edits: Mapping[str, Any]) -> None:
    """OpenDocument's formulas are read alike."""
    path = _written(tmp_path / "net.xlsx", [(5 + 30 * index, 1) for index in range(4)], edits)
    program = shutil.which("soffice") or "soffice"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    converted = path.with_suffix(".ods")
    [layout] = find_nets(load(converted))
    assert (layout.name, layout.steps) == ("2-2-1", 4)
    assert _cells(_findings(converted)) == [f"Net!{address}" for address in edits]
    assert [each.expected for each in _findings(converted)] == [
        "of:=[.B81]*[.B71]*[.B76]*(1-[.B76])" for _ in edits
    ]


# ---------------------------------------------------------------- own sheets with passes

SUM, MEAN = "{w}-{rate}*SUM({g})", "{w}-{rate}*AVERAGE({g})"
PRODUCTS, QUARTER = "{w}-{rate}*SUMPRODUCT({d},{x})", "{w}-{rate}*SUM({g})/4"
XOR = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
FIRST = (0.2, -0.4, 0.1, 0.5, 0.3, -0.2, 0.6, -0.7, 0.15)
LEADING = ((10, 2), (10, 3), (10, 0), (11, 2), (11, 3), (11, 0), (9, 5), (9, 6), (9, 0))
"""The columns of δ and of what it is multiplied by in each weight's gradient; 0 for none."""
HIGH = 14
"""Rows of a block: labels, weights, labels, four patterns, a total, new weights."""


def _passes(
    path: Path,
    blocks: int,
    update: str,
    *,
    apart: bool,
    turned: bool = False,
    edits: Mapping[str, Any] | None = None,
) -> Path:
    """Write a 2-2-1 net that learns XOR, four patterns a block; new weights stand `apart`, or only in the next block."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Net"

    def at(row: int, column: int, sign: str = "") -> str:
        row, column = (column, row) if turned else (row, column)
        return f"{sign}{get_column_letter(column)}{sign}{row}"

    sheet[at(1, 1)], sheet[at(1, 2)] = "learning rate", 0.5

    def run(top: int, column: int) -> str:
        return f"{at(top + 3, column)}:{at(top + 6, column)}"

    def new(j: int, top: int) -> str:
        delta, source = LEADING[j]
        form = update if source or "SUMPRODUCT" not in update else SUM
        cells = {"w": at(top + 1, 2 + j), "rate": at(1, 2, "$"), "g": run(top, 12 + j)}
        return "=" + form.format(**cells, d=run(top, delta), x=run(top, source or delta))

    for top in range(3, 3 + HIGH * blocks, HIGH):
        for j, value in enumerate(FIRST):
            sheet[at(top, 2 + j)] = f"w{j}"
            sheet[at(top + 1, 2 + j)] = value
            if top > 3:
                sheet[at(top + 1, 2 + j)] = f"={at(top - 5, 2 + j)}" if apart else new(j, top - HIGH)
            if apart:
                sheet[at(top + 9, 2 + j)] = new(j, top)
        heads = ("x1", "x2", "t", "h1", "h2", "o", "E", "do", "d1", "d2")
        for column, head in enumerate(heads):
            sheet[at(top + 2, 2 + column)] = head
        w = [at(top + 1, 2 + j, "$") for j in range(9)]
        for row, pattern in enumerate(XOR, top + 3):
            x1, x2, t, h1, h2, o, _, do, d1, d2 = (at(row, 2 + column) for column in range(10))
            formulas = [
                f"=1/(1+EXP(-({w[0]}*{x1}+{w[1]}*{x2}+{w[2]})))",
                f"=1/(1+EXP(-({w[3]}*{x1}+{w[4]}*{x2}+{w[5]})))",
                f"=1/(1+EXP(-({w[6]}*{h1}+{w[7]}*{h2}+{w[8]})))",
                f"=0.5*({o}-{t})^2",
                f"=({o}-{t})*{o}*(1-{o})",
                f"={do}*{w[6]}*{h1}*(1-{h1})",
                f"={do}*{w[7]}*{h2}*(1-{h2})",
                *(f"={d1}*{x1}", f"={d1}*{x2}", f"={d1}"),
                *(f"={d2}*{x1}", f"={d2}*{x2}", f"={d2}"),
                *(f"={do}*{h1}", f"={do}*{h2}", f"={do}"),
            ]
            for column, content in enumerate([*pattern, *formulas]):
                sheet[at(row, 2 + column)] = content
        sheet[at(top + 8, 8)] = f"=SUM({at(top + 3, 8)}:{at(top + 6, 8)})"
    for address, content in (edits or {}).items():
        sheet[address] = content
    book.save(path)
    return path


@pytest.mark.parametrize("turned", [False, True], ids=["patterns down", "patterns to the right"])
@pytest.mark.parametrize(
    ("update", "batch"),
    [(SUM, "sum"), (MEAN, "mean"), (PRODUCTS, "sum"), (QUARTER, "mean")],
    ids=["SUM", "AVERAGE", "SUMPRODUCT", "SUM/4"],
)
@pytest.mark.parametrize(("blocks", "apart"), [(3, False), (3, True), (2, False), (1, True)])
def test_right_passes(
    tmp_path: Path, update: str, batch: str, blocks: int, apart: bool, turned: bool
) -> None:
    """However a pass is added up, and wherever its new weights stand, the net is read and clean."""
    path = _passes(tmp_path / "net.xlsx", blocks, update, apart=apart, turned=turned)
    [layout] = find_nets(load(path))
    assert (layout.name, layout.steps, layout.patterns) == ("2-2-1", 4 * blocks, 4)
    assert layout.conventions.batch == batch
    assert layout.scale == pytest.approx(1, abs=1e-9)
    assert _cells(_findings(path)) == []


WRONG_PASSES: dict[str, tuple[str, bool, Mapping[str, Any], Sequence[str]]] = {
    "a new weight of another gradient": (SUM, True, {"C26": "=C18-$B$1*SUM(L20:L23)"}, ["C26"]),
    "a δ of another neuron": (SUM, True, {"J21": "=I21*$H$18*E21*(1-F21)"}, ["J21"]),
    "a copy of another weight": (SUM, True, {"C18": "=B12"}, ["C18"]),
    "a weight without a step": (SUM, False, {"C18": "=C4"}, ["C18"]),
    "signs throughout": (
        SUM,
        False,
        {f"{c}{row}": f"={c}{row - 14}+$B$1*SUM({g}{row - 12}:{g}{row - 9})"
         for c, g in zip("BCDEFGHIJ", "LMNOPQRST", strict=True) for row in (18, 32)},
        [f"{c}{row}" for c in "BCDEFGHIJ" for row in (18, 32)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("update", "apart", "edits", "cells"), WRONG_PASSES.values(), ids=WRONG_PASSES)
def test_wrong_passes(
    tmp_path: Path, update: str, apart: bool, edits: Mapping[str, Any], cells: Sequence[str]
) -> None:
    """Exactly the spoilt cells are reported."""
    path = _passes(tmp_path / "net.xlsx", 3, update, apart=apart, edits=edits)
    assert _cells(_findings(path)) == sorted(f"Net!{cell}" for cell in cells)


# ---------------------------------------------------------------- what blocks are not for


def test_blocks_are_not_filled_in(tmp_path: Path) -> None:
    """A net in blocks has no rows to go on with: training it is refused, and nothing is written."""
    path = _written(tmp_path / "net.xlsx", [(5, 1), (35, 1)], {})
    with pytest.raises(LayoutError, match=r"net\.xlsx, Net, B5: found a net in blocks of cells"):
        train_file(path)
    assert list(tmp_path.iterdir()) == [path]


def test_formulas_that_are_no_net(tmp_path: Path) -> None:
    """Sums, products and running totals below each other are no blocks."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 60, 3):
        sheet[f"A{row}"], sheet[f"B{row}"] = row, 2
        sheet[f"C{row}"] = f"=A{row}*B{row}+A{row}"
        sheet[f"C{row + 1}"] = f"=C{row}+C{row - 2}" if row > 1 else 0
    book.save(tmp_path / "sums.xlsx")
    assert find_nets(load(tmp_path / "sums.xlsx")) == []
