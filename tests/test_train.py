"""Train: what goes in, what comes out, and who agrees with the numbers."""

import math
import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from sheetnet import COST, Term, find_nets, load, read_network, read_patterns, train, train_file
from sheetnet.book.grid import a1
from sheetnet.cli import main
from sheetnet.jobs.training import Training
from sheetnet.net.terms import is_given
from tests import sheets
from tests.agreement import agree_with_calc, agree_with_gnumeric, agree_with_ironcalc, cached, formulas
from tests.witnesses import libreoffice, recalculation

FORMATS = ["ods", "xlsx"]
ALL_OF_SHEET1 = 24_859


@pytest.fixture(scope="module", params=FORMATS)
def author(
    request: pytest.FixtureRequest, author_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Training:
    """Return the author's workbook trained, as it is and as LibreOffice saves it in .xlsx."""
    folder = tmp_path_factory.mktemp(request.param)
    source = author_file
    if request.param == "xlsx":
        if (reason := libreoffice.missing()) is not None:
            pytest.skip(reason)
        source = libreoffice.converted(author_file, ".xlsx", folder)
    return train_file(source, folder / f"out.{request.param}")


@pytest.mark.shared
def test_author_values(author: Training, author_file: Path) -> None:
    """All 995 × 25 cells of Sheet1 are within 1e-14 of the author's stored values."""
    before, after = load(author_file).sheet("Sheet1"), load(author.out).sheet("Sheet1")
    compared = 0
    for row in range(7, 1002):
        for column in range(2, 27):
            mine, theirs = after.cell(row, column), before.cell(row, column)
            assert mine is not None
            assert theirs is not None
            assert mine.value == pytest.approx(theirs.value, rel=0, abs=1e-14), a1(row, column)
            compared += 1
    assert compared == 995 * 25


@pytest.mark.shared
def test_author_formulas_stay(author: Training) -> None:
    """On Sheet1 all formulas of the table stay identical as text; Ark2's 765 are mended, no others change."""
    before, after = author.book, load(author.out)
    old, new = formulas(before, "Sheet1"), formulas(after, "Sheet1")
    assert len(old) == ALL_OF_SHEET1 + 1  # and the helper N5
    assert {place: new.get(place) for place in old} == old
    old, new = formulas(before, "Ark2"), formulas(after, "Ark2")
    changed = [place for place in old if new.get(place) != old[place]]
    assert len(changed) == 765
    assert [str(area) for area in author.nets[1].departed] == ["D9", "D10:E200", "H10:I200"]


@pytest.mark.shared
def test_author_gradients(author: Training) -> None:
    """Twelve dC/dW columns begin one empty column after the cost, with captions and labels."""
    sheet = load(author.out).sheet("Sheet1")
    labels = [f"dC/dw{i}{j}" for _ in range(2) for i in range(2) for j in range(3)]
    assert [sheet.cell(5, column).value for column in range(28, 40)] == labels  # type: ignore[union-attr]
    assert sheet.cell(3, 28).value == "dC/dW layer 1"  # type: ignore[union-attr]
    assert sheet.cell(3, 34).value == "dC/dW layer 2"  # type: ignore[union-attr]
    assert all(sheet.cell(row, 27) is None for row in range(1002))
    net = author.nets[0]
    network, (x, t) = read_network(author.book, net.layout), read_patterns(author.book, net.layout)
    first = np.concatenate([gradient.ravel() for gradient in network.gradients(x[0], t[0])])
    found = [sheet.cell(7, column).value for column in range(28, 40)]  # type: ignore[union-attr]
    assert found == pytest.approx(first, rel=1e-13)
    texts = [formulas(load(author.out), "Sheet1")[7, column] for column in (28, 30)]
    assert texts in (["of:=[.M8]*[.C8]", "of:=[.M8]"], ["=M8*C8", "=M8"])


@pytest.mark.shared
@pytest.mark.libreoffice
def test_author_bits(author: Training, tmp_path: Path) -> None:
    """Every formula's value, on both sheets, is what LibreOffice computes from the formulas alone."""
    count = agree_with_calc(author.out, tmp_path / "stripped")
    assert count == ALL_OF_SHEET1 + 1 + 995 * 12 + (192 * 11 + 5) + 1 + 193 * 4


@pytest.mark.shared
@pytest.mark.libreoffice
def test_author_values_are_kept_on_opening(author: Training, tmp_path: Path) -> None:
    """LibreOffice shows the values that are stored: wrong ones, put there on purpose, stay."""
    spoilt = recalculation.spoil_values(author.out, tmp_path)
    shown = libreoffice.cached(spoilt)
    for place in ((7, 10), (7, 12), (500, 20), (1001, 26), (7, 28), (1001, 39)):
        assert shown["Sheet1"][place] == 42.5


@pytest.mark.shared
def test_dependents_are_renewed(author: Training) -> None:
    """Ark2's A11 = J200 and Sheet1's N5 = N8*1000 follow the new values."""
    book = load(author.out)
    one, two = book.sheet("Sheet1"), book.sheet("Ark2")
    assert two.cell(10, 0).value == two.cell(199, 9).value  # type: ignore[union-attr]
    assert one.cell(4, 13).value == one.cell(7, 13).value * 1000  # type: ignore[union-attr, operator]


@pytest.mark.shared
def test_training_again_changes_nothing(author: Training, tmp_path: Path) -> None:
    """The trained workbook, trained again, is the same file."""
    again = train_file(author.out, tmp_path / author.out.name)
    assert again.nets[0].departed == again.nets[1].departed == ()
    assert again.nets[0].added == ()
    assert again.out.read_bytes() == author.out.read_bytes()


@pytest.mark.shared
def test_other_parts_are_untouched(author: Training) -> None:
    """Package parts that no edit needs are byte-identical."""
    with zipfile.ZipFile(author.book.path) as old, zipfile.ZipFile(author.out) as new:
        names = set(old.namelist())
        same = {name for name in names & set(new.namelist()) if old.read(name) == new.read(name)}
    changed = names - same
    # The charts' copies of the cost had 15 digits of LibreOffice 6.1; the numbers differ in the last of them.
    if author.book.format == "ods":
        needed = r"content.xml|Object \d+/content.xml|ObjectReplacements/.*|META-INF/manifest.xml"
    else:
        needed = r"xl/(styles|calcChain).xml|\[Content_Types\].xml|xl/_rels/workbook.xml.rels|xl/(worksheets/sheet|drawings/drawing|charts/chart)\d+.xml"
    assert [name for name in changed if not re.fullmatch(needed, name)] == []
    assert same


@pytest.mark.shared
def test_chart_moves_off_the_new_columns(author: Training) -> None:
    """No drawing covers the new columns; the chart over the table stays where it was."""
    book = load(author.out)
    before = {drawing.name: drawing.area for drawing in author.book.sheet("Sheet1").drawings}
    assert author.nets[0].moved == ("Chart 1",) or len(author.nets[0].moved) == 1
    for drawing in book.sheet("Sheet1").drawings:
        assert drawing.area.last_column < 28 or drawing.area.first_column > 39
        if before[drawing.name].first_column < 26:
            assert drawing.area == before[drawing.name]
    assert [chart.ranges for chart in book.charts] == [chart.ranges for chart in author.book.charts]


SMALL = [
    pytest.param((2, 2, 2), 1, 40, id="2-2-2"),
    pytest.param((4, 8, 8, 9), sheets.SEGMENTS, 40, id="4-8-8-9 segments"),
    pytest.param((2, 2, 1), sheets.XOR, 41, id="xor"),
    pytest.param((3, 1), 1, 9, id="3-1"),
    pytest.param((2, 3, 2, 2, 1), 2, 12, id="five layers"),
    pytest.param((11, 12, 3), 1, 5, id="11-12-3"),
]


@pytest.mark.libreoffice
@pytest.mark.parametrize(("sizes", "patterns", "steps"), SMALL)
@pytest.mark.parametrize("suffix", FORMATS)
def test_other_sizes(
    tmp_path: Path, sizes: tuple[int, ...], patterns: object, steps: int, suffix: str
) -> None:
    """Nets of other sizes come out as Calc computes them, and as the engine does from the same numbers."""
    path = sheets.write(tmp_path / f"net.{suffix}", sizes, patterns=patterns)
    book = load(path)
    [layout] = find_nets(book)
    training = train_file(path, tmp_path / f"out.{suffix}", steps=steps)
    assert agree_with_calc(training.out, tmp_path / "stripped") > steps
    trace = train(read_network(book, layout), *read_patterns(book, layout), steps=steps)
    [net] = training.nets
    assert net.steps == steps
    for term in trace.columns:
        np.testing.assert_array_equal(net.term(term), trace[term], err_msg=str(term))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("sizes", "patterns", "steps"), SMALL)
def test_formulas_are_the_rules(
    tmp_path: Path, sizes: tuple[int, ...], patterns: object, steps: int, suffix: str
) -> None:
    """The formulas of new rows are those that an independent statement of the rule gives."""
    path = sheets.write(tmp_path / f"net.{suffix}", sizes, patterns=patterns)
    out = train_file(path, tmp_path / f"out.{suffix}", steps=steps).out
    count = patterns if isinstance(patterns, int) else len(patterns)  # type: ignore[arg-type]
    expected = sheets.formulas(sizes, steps, patterns=count)
    found = formulas(load(out), "Sheet1")
    if suffix == "ods":
        found = {place: _excel(text) for place, text in found.items()}
    assert {place: found.get(place) for place in expected} == expected


def _excel(formula: str) -> str:
    return formula.removeprefix("of:").replace("[.", "").replace(":.", ":").replace("]", "").replace(";", ",")


@pytest.mark.gnumeric
@pytest.mark.parametrize("suffix", FORMATS)
def test_gnumeric_agrees(tmp_path: Path, suffix: str) -> None:
    """A second spreadsheet program recalculates the same numbers."""
    path = sheets.write(tmp_path / f"net.{suffix}", (2, 3, 2), patterns=2)
    out = train_file(path, tmp_path / f"out.{suffix}", steps=60).out
    assert agree_with_gnumeric(out, tmp_path / "stripped") > 2000


def test_ironcalc_agrees(tmp_path: Path) -> None:
    """ironcalc recalculates the .xlsx to the same numbers."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 3, 2), patterns=2)
    out = train_file(path, tmp_path / "out.xlsx", steps=60).out
    assert agree_with_ironcalc(out, tmp_path / "stripped") > 2000


@pytest.mark.parametrize("suffix", FORMATS)
def test_readers_that_do_not_recalculate(tmp_path: Path, suffix: str) -> None:
    """openpyxl, odfpy and python-calamine see every number beside its formula."""
    from python_calamine import CalamineWorkbook

    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 2))
    training = train_file(path, tmp_path / f"out.{suffix}", steps=50)
    [net] = training.nets
    cost = net.term(COST).tolist()
    rows = (
        CalamineWorkbook.from_path(str(training.out))
        .get_sheet_by_name("Sheet1")
        .to_python(skip_empty_area=False)
    )
    assert [row[26] for row in rows[7:57]] == cost
    assert [row[28] for row in rows[7:57]] == net.term(Term("gradient", 1, 0, 0)).tolist()
    if suffix == "xlsx":
        sheet = openpyxl.load_workbook(training.out, data_only=True)["Sheet1"]
        assert [sheet.cell(row, 27).value for row in range(8, 58)] == cost
        sheet = openpyxl.load_workbook(training.out)["Sheet1"]
        assert sheet["AA8"].value == "=0.5*(U8-Y8)^2+0.5*(V8-Z8)^2"
    else:
        from odf.opendocument import load as odf_load
        from odf.table import TableCell

        cells = odf_load(str(training.out)).spreadsheet.getElementsByType(TableCell)
        values = [
            float(cell.getAttribute("value"))
            for cell in cells
            if cell.getAttribute("formula") and cell.getAttribute("value")
        ]
        assert set(cost) <= set(values)


@pytest.mark.openxmlsdk
def test_open_xml_sdk_finds_nothing_new(tmp_path: Path) -> None:
    """Microsoft's validator finds nothing in the output that it did not find in the input."""
    from tests.witnesses import openxmlsdk

    for name, sizes, patterns in (("one", (2, 2, 2), 1), ("many", (4, 8, 8, 9), sheets.SEGMENTS)):
        path = sheets.write(tmp_path / f"{name}.xlsx", sizes, patterns=patterns)
        before = openxmlsdk.findings(path)
        out = train_file(path, tmp_path / f"{name}-out.xlsx", steps=30).out
        assert set(openxmlsdk.findings(out)) <= set(before)


@pytest.mark.shared
@pytest.mark.openxmlsdk
@pytest.mark.libreoffice
def test_open_xml_sdk_on_the_authors_file(author_file: Path, tmp_path: Path) -> None:
    """Moved charts, new columns and mended formulas leave the author's workbook valid."""
    from tests.witnesses import openxmlsdk

    path = libreoffice.converted(author_file, ".xlsx", tmp_path)
    out = train_file(path, tmp_path / "out.xlsx", steps=800).out
    assert set(openxmlsdk.findings(out)) <= set(openxmlsdk.findings(path))


# ---------------------------------------------------------------- what users ask for


@pytest.mark.parametrize("suffix", FORMATS)
def test_fewer_and_more_steps(tmp_path: Path, suffix: str) -> None:
    """Surplus rows are emptied and counted; more rows continue the sheet's own form."""
    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 1), patterns=sheets.XOR)
    long = train_file(path, tmp_path / f"long.{suffix}", steps=60).out
    short = train_file(long, tmp_path / f"short.{suffix}", steps=20)
    assert short.nets[0].filling.surplus == 40
    book = load(short.out)
    assert all(row < 27 for row in book.sheet("Sheet1").rows)
    assert find_nets(book)[0].steps == 20
    again = train_file(short.out, tmp_path / f"again.{suffix}", steps=60).out
    assert formulas(load(again), "Sheet1") == formulas(load(long), "Sheet1")
    assert cached(load(again)) == cached(load(long))


@pytest.mark.parametrize("suffix", FORMATS)
def test_fewer_steps_than_patterns_keep_the_patterns(tmp_path: Path, suffix: str) -> None:
    """Inputs and targets that the user typed are never emptied."""
    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 1), patterns=sheets.XOR)
    long = train_file(path, tmp_path / f"long.{suffix}", steps=9).out
    short = train_file(long, tmp_path / f"short.{suffix}", steps=2).out
    assert find_nets(load(short))[0].patterns == 4


@pytest.mark.parametrize("suffix", FORMATS)
def test_until_cost(tmp_path: Path, suffix: str) -> None:
    """Training stops after the first step at or below the cost."""
    path = sheets.write(
        tmp_path / f"net.{suffix}", (2, 2, 2), patterns=[sheets.NOTE_PATTERN], weights=sheets.NOTE_WEIGHTS
    )
    whole = train_file(path, tmp_path / f"whole.{suffix}").nets[0].term(COST)
    assert len(whole) == 1000
    first = int(np.argmax(whole <= 1e-4))
    stopped = train_file(path, tmp_path / f"stopped.{suffix}", until_cost=1e-4)
    assert stopped.nets[0].steps == first + 1 == 73
    assert stopped.nets[0].reached
    assert find_nets(load(stopped.out))[0].steps == 73


@pytest.mark.parametrize("suffix", FORMATS)
def test_own_forms_are_kept_and_continued(tmp_path: Path, suffix: str) -> None:
    """Formulas that equal the rule by algebra keep their text, and new rows copy them."""
    path = tmp_path / "own.xlsx"
    sheets.filled(path, (2, 2, 1), 6)
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    own = {
        "K": "=EXP(C{r}*E{r}+D{r}*F{r}+G{r})/(1+EXP(C{r}*E{r}+D{r}*F{r}+G{r}))",
        "L": "=POWER(1+EXP(-SUMPRODUCT(C{r}:D{r},H{r}:I{r})-J{r}),-1)",
        "E": "=E{q}-C{q}*($A$8*M{q})",
    }
    for letter, text in own.items():
        for row in range(9 if letter == "E" else 8, 14):
            sheet[f"{letter}{row}"] = text.format(r=row, q=row - 1)
    book.save(path)
    if suffix == "ods":
        if (reason := libreoffice.missing()) is not None:
            pytest.skip(reason)
        path = libreoffice.converted(path, ".ods", tmp_path)
    training = train_file(path, tmp_path / f"out.{suffix}", steps=10)
    assert training.nets[0].departed == ()
    new = {place: _excel(text) for place, text in formulas(load(training.out), "Sheet1").items()}
    for row in range(8, 18):
        for letter, text in own.items():
            if row > 8 or letter != "E":
                column = openpyxl.utils.column_index_from_string(letter) - 1
                assert new[row - 1, column] == text.format(r=row, q=row - 1)
    if libreoffice.missing() is None:
        agree_with_calc(training.out, tmp_path / "stripped")


@pytest.mark.shared
@pytest.mark.libreoffice
def test_no_mend_follows_the_users_own_formulas(author_file: Path, tmp_path: Path) -> None:
    """With --no-mend every formula of Ark2 stays, and the values are Calc's from those."""
    training = train_file(author_file, tmp_path / "kept.ods", mend=False, steps=250, sheets=["Ark2"])
    book = load(training.out)
    old, new = formulas(training.book, "Ark2"), formulas(book, "Ark2")
    assert {place: new[place] for place in old} == old
    assert new[200, 3] == "of:=[.D200]-[.C200]*[.G200]"
    agree_with_calc(training.out, tmp_path / "stripped", "Ark2")
    assert (
        sum(
            (a.last_row - a.first_row + 1) * (a.last_column - a.first_column + 1)
            for a in training.nets[0].departed
        )
        == 765
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_formulas(tmp_path: Path, suffix: str) -> None:
    """With --no-formulas the table holds numbers alone, the same ones."""
    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 2))
    whole = train_file(path, tmp_path / f"whole.{suffix}", steps=20)
    plain = train_file(path, tmp_path / f"plain.{suffix}", steps=20, formulas=False)
    book = load(plain.out)
    assert formulas(book, "Sheet1") == {}
    assert [book.sheet("Sheet1").cell(row, 26).value for row in range(7, 27)] == whole.nets[0].term(
        COST
    ).tolist()  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", FORMATS)
def test_numbers_alone_are_trained_again(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of right numbers is filled with formulas where it stands, and nothing is called a mistake."""
    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 2))
    whole = train_file(path, tmp_path / f"whole.{suffix}", steps=20)
    plain = train_file(path, tmp_path / f"plain.{suffix}", steps=20, formulas=False)
    again = train_file(plain.out, tmp_path / f"again.{suffix}")
    [net] = again.nets
    assert (net.added, net.departed, net.typed) == ((), (), ())
    given = {column for term, column in net.layout.columns.items() if is_given(term)}  # typed: they stay so
    expected = formulas(load(whole.out), "Sheet1")
    found = formulas(load(again.out), "Sheet1")
    assert found == {place: text for place, text in expected.items() if place[1] not in given}
    assert main(["train", str(whole.out), str(tmp_path / f"numbers.{suffix}"), "--no-formulas"]) == 0
    assert "the table holds numbers alone" in capsys.readouterr().out
    same = train_file(plain.out, tmp_path / f"same.{suffix}", formulas=False)
    assert same.out.read_bytes() == plain.out.read_bytes()


@pytest.mark.parametrize("suffix", FORMATS)
def test_several_nets_and_sheets(tmp_path: Path, suffix: str) -> None:
    """Nets beside and below one another are trained each for itself; nothing overlaps."""
    cells = {"A": sheets.beside((2, 2, 2), (1, 1, 1)), "B": sheets.below((2, 2, 2), (3, 2), room=40)}
    path = sheets.save(tmp_path / f"many.{suffix}", cells)
    training = train_file(path, tmp_path / f"out.{suffix}", steps=20)
    assert [net.layout.sheet for net in training.nets] == ["A", "A", "B", "B"]
    columns = [column for net in training.nets[:2] for column in net.filling.table.columns]
    assert len(columns) == len(set(columns))
    again = train_file(training.out, tmp_path / f"again.{suffix}", steps=20)
    assert all(net.added == () for net in again.nets)
    assert again.out.read_bytes() == training.out.read_bytes()
    for net in training.nets:
        layout = net.layout
        trace = train(read_network(training.book, layout), *read_patterns(training.book, layout), steps=20)
        np.testing.assert_array_equal(net.term(COST), trace[COST])


@pytest.mark.parametrize("suffix", FORMATS)
def test_new_columns_avoid_what_is_there(tmp_path: Path, suffix: str) -> None:
    """Cells that hold something are never overwritten; the new columns go to the next free place."""
    cells = sheets.net((2, 2, 2))
    cells[30, 33] = sheets.Cell("note to myself", "caption")
    path = sheets.save(tmp_path / f"net.{suffix}", {"Sheet1": cells})
    training = train_file(path, tmp_path / f"out.{suffix}", steps=50)
    assert training.nets[0].added == tuple(range(35, 47))
    cell = load(training.out).sheet("Sheet1").cell(30, 33)
    assert cell is not None
    assert cell.value == "note to myself"


def test_captions_in_the_sheets_own_language(tmp_path: Path) -> None:
    """A sheet that says Lag 1 gets dC/dW lag 1."""
    path = sheets.write(tmp_path / "net.ods", (2, 2, 2), words=sheets.DANISH)
    sheet = load(train_file(path, steps=3).out).sheet("Sheet1")
    assert [sheet.cell(3, column).value for column in (28, 34)] == ["dC/dW lag 1", "dC/dW lag 2"]  # type: ignore[union-attr]


def test_numbers_pasted_over_formulas_are_mended(tmp_path: Path) -> None:
    """A pasted number is no formula: it is replaced, and listed."""
    path = tmp_path / "pasted.xlsx"
    sheets.filled(path, (2, 2, 2), 10)
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["K12"] = 0.5
    book.save(path)
    training = train_file(path, tmp_path / "out.xlsx")
    assert [str(area) for area in training.nets[0].typed] == ["K12"]
    assert training.nets[0].departed == ()
    assert formulas(load(training.out), "Sheet1")[11, 10] == "=1/(1+EXP(-(C12*E12+D12*F12+G12)))"
    kept = train_file(path, tmp_path / "kept.xlsx", mend=False)
    assert kept.nets[0].term(Term("a", 1, 0))[4] == 0.5


def test_conventions_are_not_mistakes(tmp_path: Path) -> None:
    """Biases that are never updated, and W(2) updated before δ(1), are kept when they are uniform."""
    path = tmp_path / "fixed.xlsx"
    sheets.filled(path, (2, 2, 2), 12)
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    for row in range(9, 20):
        for letter in "GJQT":
            sheet[f"{letter}{row}"] = f"={letter}{row - 1}"
    for row in range(8, 20):
        sheet[f"M{row}"] = f"=K{row}*(1-K{row})*(W{row}*O{row + 1}+X{row}*R{row + 1})"
        sheet[f"N{row}"] = f"=L{row}*(1-L{row})*(W{row}*P{row + 1}+X{row}*S{row + 1})"
    book.save(path)
    training = train_file(path, tmp_path / "out.xlsx", steps=11)
    [net] = training.nets
    assert net.departed == ()
    assert (net.conventions.biases, net.conventions.order) == ("fixed", "outputs first")


@pytest.mark.libreoffice
def test_a_learning_rate_of_each_row(tmp_path: Path) -> None:
    """A rate that decays by a formula from row to row is a convention: kept, continued, and computed."""
    path = tmp_path / "decaying.xlsx"
    sheets.filled(path, (2, 2, 2), 12)
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    for row in range(9, 20):
        sheet[f"A{row}"] = f"=A{row - 1}*0.99"
        for cell in sheet[row]:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("$A$8", f"A{row - 1}")
    book.save(path)
    training = train_file(path, tmp_path / "out.xlsx", steps=30)
    [net] = training.nets
    assert net.departed == net.typed == ()
    assert formulas(load(training.out), "Sheet1")[36, 4] == "=E36-A36*M36*C36"
    agree_with_calc(training.out, tmp_path / "stripped")
    last = load(training.out).sheet("Sheet1").cell(36, 0)
    assert last is not None
    assert last.value == pytest.approx(0.5 * 0.99**29)


def test_helper_columns_are_extended(tmp_path: Path) -> None:
    """A column of the user's own formulas beside the net's is kept and filled down."""
    path = tmp_path / "helper.xlsx"
    sheets.filled(path, (1, 1), 5)
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    last = sheet.max_column + 2
    for row in range(8, 13):
        sheet.cell(row, last, f"=E{row}*2+1")
    book.save(path)
    training = train_file(path, tmp_path / "out.xlsx", steps=9)
    [net] = training.nets
    assert net.layout.helpers == (last - 1,)
    assert formulas(load(training.out), "Sheet1")[15, last - 1] == "=E16*2+1"
    values = net.filling.values
    assert values.at(15, last - 1) == values.at(15, 4) * 2 + 1
    assert math.isfinite(values.at(15, last - 1))


def test_a_plain_odfpy_document(tmp_path: Path) -> None:
    """A document that declares next to no prefixes comes out well formed, and odfpy reads it."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.opendocument import load as odf_load
    from odf.table import Table as OdfTable
    from odf.table import TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    table = OdfTable(name="Sheet1")
    labels = ["Learning rate", "a0", "w00", "w01", "a0", "δ0", "T0", "C"]
    for line in (labels, [0.5, 0.3, 0.1, 0.2, None, None, 0.7, None]):
        row = TableRow()
        for value in line:
            cell = TableCell(valuetype="float", value=value) if isinstance(value, float) else TableCell()
            if isinstance(value, str):
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            row.addElement(cell)
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "plain.ods"))
    out = train_file(tmp_path / "plain.ods", steps=9).out
    again = odf_load(str(out))
    assert len(again.spreadsheet.getElementsByType(TableRow)) >= 10
    assert [name.getAttribute("name") for name in again.automaticstyles.childNodes]


@pytest.mark.parametrize("suffix", FORMATS)
def test_parts_too_large_for_a_plain_zip(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part beyond what a plain zip entry holds is written as zip64, and read back the same."""
    path = sheets.write(tmp_path / f"net.{suffix}", (2, 2, 2))
    plain = train_file(path, tmp_path / f"plain.{suffix}", steps=90)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 50_000)
    large = train_file(path, tmp_path / f"large.{suffix}", steps=90)
    monkeypatch.undo()
    assert large.out.read_bytes() != plain.out.read_bytes()
    assert cached(load(large.out)) == cached(load(plain.out))
