"""Sheets of any layout in what a user sees: the check's report, the map, marks, the page, explanations, training."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from sheetnet import COST, check_file, find_nets, load, train_file
from sheetnet.book.grid import a1
from sheetnet.cli import main
from sheetnet.jobs import explaining
from sheetnet.jobs.checking import CheckedFile
from sheetnet.jobs.explaining import explain_cell
from sheetnet.report.check.html import checking_html
from sheetnet.report.check.text import checking_report
from sheetnet.report.explain import explanation_report
from sheetnet.report.words import name_runs
from tests.agreement import agree_with_calc
from tests.strange import chosen, drawn
from tests.witnesses import chromium, libreoffice

HAND_BUILT = ("01", "02", "03", "04")
TURNED, BESIDE, FIXED = 5, 16, 26
"""Seeds of sheets with steps in columns and a number for γ, with two nets beside each other, with fixed cells."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command: exit code, standard output, standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "fault in sheetnet" not in captured.out + captured.err
        lines = [line for line in captured.out.splitlines() if "/" not in line]  # but for long paths
        assert "{" in captured.out[:1] or max(map(len, lines), default=0) <= 80
        return code, captured.out, captured.err

    return command


@pytest.fixture
def hand_built(shared: Path) -> Callable[[str], Path]:
    """Return a function that finds a hand-built sheet by its number."""
    return lambda name: shared / "handbuilt" / f"{name}.xlsx"


def _strange(folder: Path, seed: int, *, planted: bool = False, **forced: Any) -> Path:
    net = drawn(seed, **forced)
    path = folder / f"{seed}.xlsx"
    net.write(path, chosen(net, 1)[0] if planted else None)
    return path


# ---------------------------------------------------------------- check

REPORT_03 = """\
Sheet1  2-2-2 net, sigmoid, no biases; rows 36-67                      1 MISTAKE
  Read as: inputs C:D, targets A:B, weights E:H (into h1, h2) and M:P (into o1,
  o2), cost W, gradients X:AE, learning rate 2 in G33 ("n ="). Wrong? See info.

Slope of the wrong hidden neuron                     [delta-hidden-other-neuron]
  where     Z36:AA67: E∂w3 and E∂w4, all 32 rows (64 cells)
"""


@pytest.mark.shared
def test_the_report_reads_as_its_mock_up(run: Run, hand_built: Callable[[str], Path]) -> None:
    """What was read, where the mistake is in the sheet's own names, how to mend it, and what is right."""
    code, out, _ = run("check", hand_built("03"))
    assert code == 1
    assert out.startswith(REPORT_03)
    assert "  mend      correct Z36:AA36, then copy Z36:AA36 down to row 67.\n" in out
    right = "Right: the forward pass, the cost, the gradients of w1, w2, w5-w8, every update.\n"
    assert f"\n\n{right}" in out
    assert "your gradients say they are" in " ".join(out.split())
    assert "δ" not in out


@pytest.mark.shared
def test_a_right_sheet_has_no_more_to_say(run: Run, hand_built: Callable[[str], Path]) -> None:
    """A sheet without mistakes has no list of what is right; `sheetnet FILE` is `sheetnet check FILE`."""
    code, out, _ = run(hand_built("01"))
    assert code == 0
    assert "NO MISTAKES" in out.splitlines()[0]
    assert "Right:" not in out
    assert out == run("check", hand_built("01"))[1]


@pytest.mark.shared
def test_danish(run: Run, hand_built: Callable[[str], Path]) -> None:
    """The same in Danish, with its decimal sign."""
    out = " ".join(run("check", hand_built("03"), "--language", "da")[1].split())
    assert "Læst som: inddata C:D, mål A:B, vægte E:H (ind i h1, h2) og M:P (ind i o1, o2)" in out
    assert "Rigtigt: fremadregningen, omkostningen, gradienterne af w1, w2, w5-w8, hver opdatering." in out


def test_steps_in_columns(tmp_path: Path, run: Run) -> None:
    """Where a step is a column, rows are columns, columns are rows, and formulas are copied to the right."""
    code, out, _ = run("check", _strange(tmp_path, TURNED, planted=True))
    assert code == 1
    assert "2-1-2 net, sigmoid; columns AR-BU" in out
    flat = " ".join(out.split())
    assert "inputs AN9:AN10, targets rows 10-11, weights rows 12-14 and rows 17-19, cost row 24" in flat
    assert "AR29:BU29: dC/dw01 of layer 1, all 30 columns (30 cells)" in flat
    assert "correct AR29, then copy AR29 right to column BU." in flat
    assert "down to row" not in out


@pytest.mark.parametrize("seed", range(12))
def test_all_formats_of_a_check(tmp_path: Path, run: Run, seed: int) -> None:
    """Every format of the report can be made of a strange sheet, in both languages."""
    for planted in (False, True):
        path = _strange(tmp_path, seed, planted=planted)
        for language in ("en", "da"):
            run("check", path, "--language", language)
        code, out, _ = run("check", path, "--format", "json")
        sheets = json.loads(out)["files"][0]["sheets"]
        read = [each for sheet in sheets for each in sheet.get("read_as", [])]
        assert read
        assert all(each["by"] == "formulas" and each["parts"] for each in read)
        assert run("check", path, "--format", "html", "-o", tmp_path / "x.html", "--overwrite")[0] == code


def test_names_that_go_on_are_one() -> None:
    """Three names or more that count on are told by their ends."""
    assert name_runs(["w1", "w2", "w5", "w6", "w7", "w8"]) == ["w1", "w2", "w5-w8"]
    assert name_runs(["a_h1", "a_o1", "b", "w9", "w10", "w11"]) == ["a_h1", "a_o1", "b", "w9-w11"]


# ---------------------------------------------------------------- info

MAP_01 = """\
Sheet1  2-2-2 net, sigmoid
  rows           steps 0-67 in rows 34-101; labels in row 33
  learning rate  0.5 in G32, called "η =": each update multiplies by it
  patterns       1, in row 34
  inputs         i1 (C), i2 (D)
  layer 1        weights E:H; sums I, K; values J, L
                 h1 = w1·i1 + w2·i2, a_h1 = σ(h1)
                 h2 = w3·i1 + w4·i2, a_h2 = σ(h2)
  layer 2        weights M:P; sums Q, S; values R, T
                 o1 = w5·a_h1 + w6·a_h2, a_o1 = σ(o1)
                 o2 = w7·a_h1 + w8·a_h2, a_o2 = σ(o2)
  targets        t1 (A), t2 (B)
  cost           E_tot (W): half the sum of the squares, added up from U:V
  gradients      X:AE: E∂w1-E∂w8
  no cells       δ: inside the formulas that need them
  biases         none
"""


@pytest.mark.shared
def test_the_map(run: Run, hand_built: Callable[[str], Path]) -> None:
    """The map tells in the sheet's own names what is computed from what, and where it stands."""
    assert run("info", hand_built("01"))[1] == MAP_01
    assert "  not the rule   Z36:AA67\n" in run("info", hand_built("03"))[1]


@pytest.mark.shared
def test_the_map_as_data(run: Run, hand_built: Callable[[str], Path]) -> None:
    """Each quantity has its kind, layer, indices, own name and first cell."""
    [net] = json.loads(run("info", hand_built("01"), "--json")[1])["sheets"][0]["nets"]
    assert (net["read_by"], net["direction"], net["first_row"], net["first_column"]) == (
        "formulas", "rows", 34, None,
    )  # fmt: skip
    terms = {(each["kind"], each["layer"], each["i"], each["j"]): each for each in net["terms"]}
    weight = terms["w", 1, 1, 0]
    assert (weight["name"], weight["cell"], weight["sheet"]) == ("w3", "G34", "Sheet1")


@pytest.mark.parametrize("seed", range(20))
def test_the_map_of_strange_sheets(tmp_path: Path, run: Run, seed: int) -> None:
    """A map has the true places of weights, inputs and targets; what has no column stops nothing."""
    net = drawn(seed)
    path = tmp_path / "net.xlsx"
    truth = net.write(path)
    code, out, _ = run("info", path)
    assert code == 0
    nets = [
        (sheet["name"], each)
        for sheet in json.loads(run("info", path, "--json")[1])["sheets"]
        for each in sheet["nets"]
    ]
    assert len(nets) == len(truth.tables)
    for table in truth.tables:
        cells = {place[0] for key, place in table.place.items() if key[0] in ("w", "target")}
        found = [
            {each["cell"] for each in read["terms"] if each["kind"] in ("w", "target")}
            for name, read in nets
            if name == table.sheet
        ]
        assert cells in found
    assert ("\n  columns  " in out) == (net.direction == "columns")


def test_formulas_without_a_net(tmp_path: Path, run: Run) -> None:
    """A sheet with formulas of another kind is told what was looked for."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in range(1, 6):
        book.active.cell(row, 1, row)
        book.active.cell(row, 2, f"=A{row}*2")
    book.save(tmp_path / "plain.xlsx")
    code, out, err = run("info", tmp_path / "plain.xlsx")
    assert code == 2
    assert "5 formulas" in out + err


# ---------------------------------------------------------------- marks


def _marked(path: Path, before: Path) -> set[tuple[str, str]]:
    """Return the cells that are filled in one workbook and were not in another."""
    old, new = openpyxl.load_workbook(before), openpyxl.load_workbook(path)
    return {
        (page.title, cell.coordinate)
        for page in new
        if page.title in old.sheetnames
        for row in page.iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb != old[page.title][cell.coordinate].fill.fgColor.rgb
    }


def _faulty(checked: CheckedFile) -> set[tuple[str, str]]:
    return {
        (area.sheet, f"{get_column_letter(column)}{row}")
        for net in checked.nets
        for finding in net.faults
        for area in finding.areas
        for left, top, right, bottom in [range_boundaries(str(area))]
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


@pytest.mark.parametrize("seed", [2, TURNED, 12, BESIDE, 25, 40, 41])
def test_marks_lie_on_the_real_cells(tmp_path: Path, run: Run, seed: int) -> None:
    """A marked copy has exactly the faulty cells filled, wherever steps and fixed cells are."""
    path, out = _strange(tmp_path, seed, planted=True), tmp_path / "marked.xlsx"
    run("check", path, "--annotate", out)
    expected = _faulty(check_file(path))
    assert _marked(out, path) == expected


@pytest.mark.libreoffice
def test_marks_in_ods(tmp_path: Path, run: Run) -> None:
    """So it is in an .ods: the notes begin where the findings' ranges do."""
    path = libreoffice.converted(_strange(tmp_path, TURNED, planted=True), ".ods", tmp_path)
    assert run("check", path, "--annotate", tmp_path / "marked.ods")[0] == 1
    notes = libreoffice.notes(tmp_path / "marked.ods")
    area = next(finding.areas[0] for net in check_file(path).nets for finding in net.faults)
    assert set(notes[area.sheet]) == {(area.first_row, area.first_column)}


# ---------------------------------------------------------------- the page


@pytest.mark.parametrize("seed", [2, TURNED, 12, FIXED])
def test_the_page_shows_the_real_cells(tmp_path: Path, seed: int) -> None:
    """Each faulty range has a link to its first cell, in a table with the sheet's own letters and numbers."""
    checked = check_file(_strange(tmp_path, seed, planted=True))
    page = checking_html([checked])
    for number, net in enumerate(checked.nets, 1):
        for finding in net.faults:
            assert f'id="f1n{number}-{a1(finding.row, finding.column)}"' in page
    assert "Traceback" not in page


@pytest.mark.chromium
@pytest.mark.parametrize("seed", [TURNED, FIXED])
def test_the_page_fits(tmp_path: Path, seed: int) -> None:
    """The page of a strange sheet is no wider than its window."""
    page = checking_html([check_file(_strange(tmp_path, seed, planted=True))])
    seen = chromium.measured(page, width=390)
    assert (seen.wide, seen.faint, seen.scroll) == ((), (), seen.width)


@pytest.mark.shared
def test_the_drawing_has_the_sheets_own_names(hand_built: Callable[[str], Path]) -> None:
    """Neurons, targets and the cost are called what the sheet calls them."""
    page = checking_html([check_file(hand_built("03"))])
    for name in ("a_h1", "i1", "t1 0.01", "w3, layer 1: "):
        assert name in page
    assert ">a0<" not in page


# ---------------------------------------------------------------- explain

EXPLAINED = """\
Sheet1, X36: E∂w1, step 0 = 0.00018825567
How fast the cost rises when w1 rises.

  rule      E∂w1 = a_h1 * (1-a_h1) * ( (a_o1-t1)*a_o1*(1-a_o1)*w5
                                     + (a_o2-t2)*a_o2*(1-a_o2)*w7 ) * i1
  cells     X36  = J36 * (1-J36) * ( (R36-A36)*R36*(1-R36)*M36
                                   + (T36-B36)*T36*(1-T36)*O36 ) * C36
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is the same for all cells of a file done once."""
    for name in ("nets_by_sheet", "inferred", "computed"):
        known: dict[Any, tuple[Any, Any]] = {}
        plain = getattr(explaining, name)

        def once(*given: Any, known: Any = known, plain: Any = plain, **options: Any) -> Any:
            key = tuple(id(each) for each in given if not isinstance(each, list))
            if key not in known:
                known[key] = given, plain(*given, **options)
            return known[key][1]

        monkeypatch.setattr(explaining, name, once)
    books: dict[Path, Any] = {}

    def loaded(path: Path) -> Any:
        if path not in books:
            books[path] = load(path)
        return books[path]

    monkeypatch.setattr(explaining.files, "load", loaded)


@pytest.mark.shared
def test_a_folded_gradient(run: Run, hand_built: Callable[[str], Path]) -> None:
    """What has no column is spelt out in the sheet's own names, and each cell's part is told."""
    _, out, _ = run("explain", hand_built("03"), "X36")
    assert out.startswith(EXPLAINED)
    assert "  M36      w5: the way back from o1 to h1\n" in out
    assert "  A36      t1: what o1 should answer\n" in out
    assert "  dE_total/dw1 = dE_total/da_h1 * da_h1/dh1 * dh1/dw1\n" in out
    assert "  the mistake      Slope of the wrong hidden neuron" in run("explain", hand_built("03"), "Z36")[1]


def _explained(path: Path, sheet: str, row: int, column: int) -> explaining.Explanation:
    found = explain_cell(path, f"{sheet}.{a1(row, column)}")
    text = explanation_report(found)
    assert text.startswith(f"{sheet}, {a1(row, column)}: ")
    assert max(map(len, text.splitlines())) <= 80, a1(row, column)
    return found


@pytest.mark.shared
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", HAND_BUILT)
def test_any_cell_is_explained(hand_built: Callable[[str], Path], name: str) -> None:
    """Whatever cell of a hand-built sheet is asked for, labels and strays too, there is an explanation."""
    path = hand_built(name)
    book = load(path)
    layout = find_nets(book)[0]
    rows = {layout.first_row, layout.first_row + 1, layout.first_row + 2, layout.last_row}
    verdicts = set()
    for sheet in book.sheets:
        for row, cells in sheet.rows.items():
            for column in cells:
                inside = layout.first_row <= row <= layout.last_row and column in layout.terms
                if not inside or row in rows:
                    found = _explained(path, sheet.name, row, column)
                    assert not found.is_stale
                    verdicts.add(found.verdict)
    assert {None, "given", "follows"} <= verdicts
    assert ("departs" in verdicts) == (name != "01")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", range(20))
def test_cells_of_strange_sheets_are_explained(tmp_path: Path, seed: int) -> None:
    """On right sheets each formula of the net follows its rule, to which its value comes."""
    path = _strange(tmp_path, seed)
    for sheet in load(path).sheets:
        places = [(row, column) for row, cells in sheet.rows.items() for column in cells]
        for row, column in places[seed % 5 :: 9]:
            found = _explained(path, sheet.name, row, column)
            assert found.verdict in (None, "given", "follows"), a1(row, column)
            if found.verdict == "follows":
                assert not found.is_stale, a1(row, column)


def test_explained_where_steps_are_columns(tmp_path: Path, run: Run) -> None:
    """A cell is asked for, and its neighbours are named, by their real addresses."""
    _, out, _ = run("explain", _strange(tmp_path, BESIDE), "BK38")
    assert out.startswith("Sheet1, BK38: w1, step 1 = ")
    assert "  cells     BK38   = BJ38 - BJ34*BJ53        as on your sheet\n" in out
    assert "All of them stand in column BJ, the step before" in out


# ---------------------------------------------------------------- train


@pytest.mark.shared
@pytest.mark.libreoffice
@pytest.mark.parametrize("name", HAND_BUILT)
def test_mended_sheets_are_clean(
    tmp_path: Path, run: Run, hand_built: Callable[[str], Path], name: str
) -> None:
    """A trained copy has no mistakes, and LibreOffice computes from its formulas the numbers beside them."""
    out = tmp_path / f"{name}.xlsx"
    code, text, _ = run("train", hand_built(name), out)
    assert code == 0
    assert ("MENDED" in text) == (name != "01")
    assert run("check", out)[0] == 0
    assert agree_with_calc(out, tmp_path / "stripped") > 800


MENDED = {
    "02": ("AA200", "T200*(1-T200)*P200"),
    "03": ("Z36", "L36*(1-L36)*C36"),
    "04": ("J31", "($W$27*AC30)"),
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "cell", "part"), [(n, *each) for n, each in MENDED.items()], ids=MENDED)
def test_mended_in_the_authors_own_form(
    tmp_path: Path, hand_built: Callable[[str], Path], name: str, cell: str, part: str
) -> None:
    """Only the wrong part of a formula is replaced; --no-mend keeps it, and what is right is not touched."""
    path = hand_built(name)
    own = openpyxl.load_workbook(path)
    sheet = check_file(path).nets[0].layout.sheet
    for mend in (True, False):
        trained = openpyxl.load_workbook(
            train_file(path, tmp_path / f"{mend}.xlsx", mend=mend, overwrite=True).out
        )
        was, now = own[sheet][cell].value, trained[sheet][cell].value
        assert (now == was) == (not mend)
        assert len(now) == len(was)
        if mend:
            assert part in now
    faulty = _faulty(check_file(path))
    mended = openpyxl.load_workbook(tmp_path / "True.xlsx")[sheet]
    for row in own[sheet].iter_rows():
        for each in row:
            if each.data_type == "f" and (sheet, each.coordinate) not in faulty:
                assert mended[each.coordinate].value == each.value


@pytest.mark.shared
@pytest.mark.libreoffice
def test_more_and_fewer_steps(tmp_path: Path, run: Run, hand_built: Callable[[str], Path]) -> None:
    """New rows go on with the author's own formulas; a cost that is reached ends the table."""
    out = tmp_path / "more.xlsx"
    assert run("train", hand_built("01"), out, "--steps", 120)[0] == 0
    assert "rows 34-153" in run("check", out)[1]
    page = openpyxl.load_workbook(out)["Sheet1"]
    assert page["X153"].value == page["X101"].value.replace("101", "153")
    assert page["C153"].value == 0.05
    agree_with_calc(out, tmp_path / "stripped")
    _, text, _ = run("train", hand_built("03"), tmp_path / "until.xlsx", "--until-cost", "0.03")
    assert "stopped   at step 24 (row 60): cost at or below 0.03" in text
    assert "emptied   7 rows" in text
    assert openpyxl.load_workbook(tmp_path / "until.xlsx")["Sheet1"]["E61"].value is None
    assert openpyxl.load_workbook(tmp_path / "until.xlsx")["Sheet1"]["G33"].value == 2


@pytest.mark.parametrize("seed", range(24))
def test_strange_sheets_are_continued(tmp_path: Path, run: Run, seed: int) -> None:
    """A right sheet stays right, in rows or in columns, one more step taken up; no formula is mended."""
    path, out = _strange(tmp_path, seed), tmp_path / "trained.xlsx"
    code, text, _ = run("train", path, out)
    assert code == 0
    assert "MENDED" not in text
    assert "\n  added " not in text
    own, now = openpyxl.load_workbook(path), openpyxl.load_workbook(out)
    for page in own:
        for row in page.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert now[page.title][cell.coordinate].value == cell.value, cell.coordinate
    assert run("check", out)[0] == 0
    for before, after in zip(find_nets(load(path)), find_nets(load(out)), strict=True):
        assert after.steps == before.steps + before.tail
        assert after.tail == 0


@pytest.mark.libreoffice
@pytest.mark.parametrize("seed", [1, 2, TURNED, 6, 12, 17])
def test_turned_sheets_agree_with_calc(tmp_path: Path, seed: int) -> None:
    """Where steps are columns, LibreOffice computes the numbers that were stored."""
    out = train_file(_strange(tmp_path, seed), tmp_path / "trained.xlsx").out
    theirs = libreoffice.recalculated(out)
    for sheet in load(out).sheets:
        for row, cells in sheet.rows.items():
            for column, cell in cells.items():
                if cell.formula is not None and isinstance(cell.value, float):
                    value = theirs[sheet.name][row, column]
                    assert isinstance(value, float)
                    assert math.isclose(cell.value, value, rel_tol=1e-12, abs_tol=1e-15)


def test_columns_to_the_right(tmp_path: Path, run: Run) -> None:
    """New steps of a turned sheet are new columns, as far as there is room."""
    path = _strange(tmp_path, 2)
    layout = find_nets(load(path))[0]
    steps = layout.steps + 3
    out = train_file(path, tmp_path / "more.xlsx", steps=steps).out
    assert (
        f"columns AB-{get_column_letter(column_index_from_string('AB') + steps - 1)}" in run("check", out)[1]
    )
    code, _, err = run("train", path, tmp_path / "far.xlsx", "--steps", 20000)
    assert (code, err.count("\n")) == (2, 1)
    assert "2.xlsx, Sheet1: 20,000 steps end in column" in err
    code, _, err = run("train", _strange(tmp_path, TURNED), tmp_path / "way.xlsx", "--steps", 40)
    assert (code, err.count("\n")) == (2, 1)
    assert "5.xlsx, Sheet1, AN10: found '0.21', expected free cells for 40 steps" in err


@pytest.mark.parametrize("seed", [2, TURNED, 12, 25])
def test_planted_mistakes_are_mended(tmp_path: Path, run: Run, seed: int) -> None:
    """After mending a strange sheet is clean."""
    out = tmp_path / "mended.xlsx"
    assert "MENDED" in run("train", _strange(tmp_path, seed, planted=True), out)[1]
    assert run("check", out)[0] == 0


def test_another_format(tmp_path: Path, run: Run) -> None:
    """A sheet of its own layout is not poured into a new workbook; one line says so."""
    code, _, err = run("train", _strange(tmp_path, 3), tmp_path / "new.ods")
    assert (code, err.count("\n")) == (2, 1)
    assert "3.xlsx, Sheet1: " in err
    assert "new.xlsx" in err


@pytest.mark.shared
def test_blocks(run: Run, hand_built: Callable[[str], Path], tmp_path: Path) -> None:
    """A net whose steps are blocks is read, shown and explained; training says that it can't continue it."""
    code, out, _ = run("check", hand_built("05"))
    assert code == 0
    assert "sheets iter 1 to iter 3" in out
    assert "iter 2  more steps of the net on iter 1" in out
    assert "h2), net(h2)" not in run("info", hand_built("05"))[1]
    assert run("explain", hand_built("05"), "iter 2.C5")[1].startswith("iter 2, C5: w1, step 1 = ")
    code, _, err = run("train", hand_built("05"), tmp_path / "out.xlsx")
    assert (code, err.count("\n")) == (2, 1)
    assert "05.xlsx, iter 1" in err


def test_until_cost_names_a_column(tmp_path: Path) -> None:
    """Where a step is a column the report says in which one training stopped."""
    path = _strange(tmp_path, 2)
    costs = train_file(path, tmp_path / "all.xlsx").nets[0].filling.term(COST)
    bound = float(costs[3])
    training = train_file(path, tmp_path / "until.xlsx", until_cost=bound)
    assert training.nets[0].steps == 4
    assert "columns AB-AE" in checking_report([check_file(training.out)])
