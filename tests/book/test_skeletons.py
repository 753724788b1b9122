"""New workbooks: what our readers, edits and other programs make of them, alike in both formats."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from odf.opendocument import load as odf_load
from python_calamine import CalamineWorkbook

from sheetnet.book import files
from sheetnet.book.edits import ChartData, Content, Edit, FilledColumn, FillRows, PutCell
from sheetnet.book.grid import Area, Book
from sheetnet.book.skeleton import Format, Look, NewBook, NewCell, NewChart, NewSheet
from sheetnet.formula.pattern import pattern
from tests.witnesses import gnumeric, libreoffice, openxmlsdk, rendering

FORMATS: tuple[Format, ...] = ("ods", "xlsx")
both = pytest.mark.parametrize("form", FORMATS)
CREATED = datetime(2024, 5, 6, 7, 8, 9)
LABEL = Look(bold=True, centred=True, ruled=True)
NUMBER = Look(fill="FAD0BF", decimals=5)
PLAIN = Look(colour="595959")
TEXTS = (
    "=1+1",
    "+1",
    "-1",
    "@x",
    "#N/A",
    "TRUE",
    "2024-05-06",
    "007",
    " a  b ",
    "two\nlines",
    "<&>\"'",
    "δ₀ ½",
)
VALUES = (
    0.1 + 0.2,
    1 / 3,
    -2.5e-300,
    1.7976931348623157e308,
    5e-324,
    0.0,
    3,
    -1.0,
    1e22,
    12345678901234567.0,
)
ROWS = 300
QUOTED = 'It\'s "two" & <more>'


def _book(sheets: tuple[NewSheet, ...] = (), **more: Any) -> NewBook:
    return NewBook(sheets or (_net(),), more.pop("created", CREATED), **more)


def _net(name: str = "Net", last: int = 306) -> NewSheet:
    """Return a sheet with labels, a first row of three columns, and two charts of the rows to come."""
    cells = {
        (0, 0): NewCell("Change the yellow cells.", PLAIN),
        **{(5, column): NewCell(label, LABEL) for column, label in enumerate(("step", "C", "w0"))},
        (6, 0): NewCell(0.0, Look()),
        (6, 1): NewCell(None, NUMBER),
        (6, 2): NewCell(-1.5, NUMBER),
        **{(7, column): NewCell(None, look) for column, look in enumerate((Look(), NUMBER, NUMBER))},
    }
    x, cost, weight = (Area(name, 6, column, last, column) for column in range(3))
    charts = (
        NewChart("Cost: C = ½Σ(a − T)²", x, cost, "step", "C", 7, 4),
        NewChart("Weight", x, weight, "step", "w0", 26, 5, width=100.0, height=60.0),
    )
    return NewSheet(
        name,
        cells,
        widths={0: 12.0, 1: 17.0, 2: 17.0, 3: 5.0},
        frozen=(6, 1),
        charts=charts,
        printed=(Area(name, 0, 0, 306, 12), Area(name, 4, 14, 20, 16)),
        repeated_rows=(4, 5),
        repeated_columns=(0, 1),
    )


def _written(folder: Path, book: NewBook, form: Format) -> Path:
    """Build a workbook and keep its file."""
    with files.skeleton(book, form, f"new.{form}") as read:
        return Path(shutil.copy(read.path, folder))


def _steps() -> dict[int, np.ndarray[Any, Any]]:
    step = np.arange(ROWS, dtype=float)
    return {0: step, 1: 0.5 * np.exp(-step / 60) + 0.01, 2: -1.5 + np.sqrt(step) / 8}


def _fill(sheet: str = "Net") -> FillRows:
    columns = tuple(
        FilledColumn(column, ((6, Content.NUMBER),), values) for column, values in _steps().items()
    )
    return FillRows(sheet, 6, columns, 7)


def _chart_edits(book: Book, last: int) -> list[Edit]:
    """Return what brings every range to `last`, with the numbers of its column."""
    return [
        ChartData(chart.part, area, area._replace(last_row=last), _steps()[area.first_column])
        for chart in book.charts
        for area in chart.ranges
    ]


def _filled(folder: Path, form: Format, *, last: int = 305, before: int = 306, **more: Any) -> Path:
    """Build a workbook, pour its rows in, and bring its charts from row `before` to row `last`."""
    with files.skeleton(_book((_net(last=before),), **more), form, f"new.{form}") as book:
        target = folder / f"filled.{form}"
        files.save(book, target, [_fill(), *_chart_edits(book, last)])
    return target


def _members(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


@both
def test_values_are_read_back(form: Format) -> None:
    """Numbers keep every bit, text stays text whatever it looks like, and an empty cell holds nothing."""
    cells = {(row, 0): NewCell(text) for row, text in enumerate(TEXTS)}
    cells |= {(row, 2): NewCell(value, NUMBER) for row, value in enumerate(VALUES)}
    cells[0, 5] = NewCell(None, NUMBER)
    texts = (*TEXTS, "tab\tstop")  # which other programs drop from an .ods
    cells[len(TEXTS), 0] = NewCell(texts[-1])
    with files.skeleton(_book((NewSheet("Net", cells),)), form, "values") as book:
        rows = book.sheet("Net").rows
    assert [rows[row][0].value for row in range(len(texts))] == list(texts)
    assert [rows[row][2].value for row in range(len(VALUES))] == list(VALUES)
    assert {column for cells in rows.values() for column in cells} == {0, 2}
    assert all(cell.formula is None for cells in rows.values() for cell in cells.values())


@both
def test_values_as_calamine_reads_them(tmp_path: Path, form: Format) -> None:
    """An independent reader finds the same numbers and the same texts."""
    cells = {(row, 0): NewCell(text) for row, text in enumerate(TEXTS)}
    cells |= {(row, 1): NewCell(value) for row, value in enumerate(VALUES)}
    path = _written(tmp_path, _book((NewSheet("Net", cells),)), form)
    table = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Net").to_python()
    assert [line[0] for line in table] == list(TEXTS)
    assert [line[1] for line in table[: len(VALUES)]] == list(VALUES)


@both
@pytest.mark.libreoffice
@pytest.mark.parametrize("recalculate", [False, True], ids=["shown", "recalculated"])
def test_values_as_libreoffice_reads_them(tmp_path: Path, form: Format, recalculate: bool) -> None:
    """LibreOffice finds the same values, and computes none of the texts."""
    cells = {(row, 0): NewCell(text) for row, text in enumerate(TEXTS)}
    cells |= {(row, 1): NewCell(value, Look(decimals=1)) for row, value in enumerate(VALUES)}
    path = _written(tmp_path, _book((NewSheet("Net", cells),)), form)
    found = (libreoffice.recalculated if recalculate else libreoffice.cached)(path)["Net"]
    assert [found[row, 0] for row in range(len(TEXTS))] == list(TEXTS)
    assert [found[row, 1] for row in range(len(VALUES))] == list(VALUES)


@both
@pytest.mark.gnumeric
def test_values_as_gnumeric_reads_them(tmp_path: Path, form: Format) -> None:
    """Gnumeric opens a workbook with charts and finds its cells."""
    found = gnumeric.recalculated(_written(tmp_path, _book((_net(), _net(QUOTED))), form))
    assert list(found) == ["Net", QUOTED]
    assert found["Net"] == found[QUOTED]
    assert found["Net"][5, 1] == "C"
    assert found["Net"][6, 2] == -1.5


@both
def test_built_for_other_libraries(tmp_path: Path, form: Format) -> None:
    """odfpy and openpyxl load the workbook without a warning."""
    path = _written(tmp_path, _book((_net(), _net(QUOTED))), form)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", ".*odf.*", DeprecationWarning)
        warnings.filterwarnings("ignore", "unclosed file", ResourceWarning)
        if form == "ods":
            assert len(odf_load(path).spreadsheet.childNodes) == 2
        else:
            made = openpyxl.load_workbook(path)
            assert made.sheetnames == ["Net", QUOTED]
            assert [len(made[name]._charts) for name in made.sheetnames] == [2, 2]


@pytest.mark.openxmlsdk
def test_the_sdk_finds_nothing(tmp_path: Path) -> None:
    """The Open XML SDK accepts an .xlsx with charts, titles that need quotes and every look, new and filled."""
    path = _written(tmp_path, _book((_net(), _net(QUOTED)), title="A & B"), "xlsx")
    assert openxmlsdk.findings(path) == []
    assert openxmlsdk.findings(_filled(tmp_path, "xlsx")) == []


@both
@pytest.mark.libreoffice
def test_looks(tmp_path: Path, form: Format) -> None:
    """LibreOffice understands fills, fonts, number formats, alignment and lines as they were meant."""
    looks = {
        "default": Look(),
        "fill": Look(fill="E3D9F2"),
        "bold": Look(bold=True),
        "colour": Look(colour="C00000"),
        "none": Look(decimals=0),
        "five": Look(decimals=5),
        "centred": Look(centred=True),
        "ruled": Look(ruled=True),
    }
    cells = {(row, 0): NewCell(1.5, look) for row, look in enumerate(looks.values())}
    path = _written(tmp_path, _book((NewSheet("Net", cells),)), form)
    (tmp_path / "lo").mkdir()
    sheet = openpyxl.load_workbook(libreoffice.converted(path, ".xlsx", tmp_path / "lo"))["Net"]
    found = {name: sheet.cell(row + 1, 1) for row, name in enumerate(looks)}
    assert {(cell.font.name, cell.font.sz) for cell in found.values()} == {("Arial", 10)}
    assert [name for name, cell in found.items() if cell.fill.fill_type] == ["fill"]
    assert found["fill"].fill.fgColor.rgb == "FFE3D9F2"
    assert [name for name, cell in found.items() if cell.font.b] == ["bold"]
    assert found["colour"].font.color.rgb == "FFC00000"
    formats = {name: cell.number_format for name, cell in found.items()}
    assert {name: code for name, code in formats.items() if code != "General"} == {
        "none": "0",
        "five": "0.00000",
    }
    assert [name for name, cell in found.items() if cell.alignment.horizontal == "center"] == ["centred"]
    assert [name for name, cell in found.items() if cell.border.bottom.style] == ["ruled"]
    assert found["ruled"].border.bottom.style == "thin"
    assert found["ruled"].border.bottom.color.rgb == "FF808080"


@both
def test_every_cell_has_a_style_of_its_own(tmp_path: Path, form: Format) -> None:
    """Cells of text and empty ones name a style too, and equal looks share one."""
    path = _written(tmp_path, _book((_net(),)), form)
    parts = _members(path)
    if form == "ods":
        tags = re.findall(r"<table:table-cell [^>]*>", parts["content.xml"])
        named = [m[1] for tag in tags if (m := re.search(r'table:style-name="(\w+)"', tag))]
        assert len(set(named)) == parts["content.xml"].count('style:family="table-cell"') == 4
    else:
        tags = re.findall(r"<c [^>]*>", parts["xl/worksheets/sheet1.xml"])
        named = [m[1] for tag in tags if (m := re.search(r' s="(\d+)"', tag))]
        assert len(set(named)) == 4
    assert len(named) == len(_net().cells)


@pytest.mark.parametrize(("language", "sign"), [("en", "."), ("da", ","), ("de", ",")])
@pytest.mark.libreoffice
def test_decimal_sign_of_an_ods(tmp_path: Path, language: str, sign: str) -> None:
    """The file shows numbers with the sign of its language; a program shows them with its reader's."""
    cells = {
        (0, 0): NewCell(1.5),
        (0, 1): NewCell(1.5, Look(decimals=3)),
        (0, 2): NewCell(1.5, Look(bold=True)),
    }
    path = _written(tmp_path, _book((NewSheet("Net", cells),), language=language), "ods")
    assert files.load(path).decimal == sign
    shown = [text.replace(".", sign) for text in ("1.5", "1.500", "1.5")]
    assert re.findall(r"<text:p>(1.5.*?)</text:p>", _members(path)["content.xml"]) == shown
    line = libreoffice.converted(path, ".csv", tmp_path).read_text().strip()
    assert [one or two for one, two in re.findall(r'"([^"]*)"|([^,"]+)', line)] == ["1.5", "1.500", "1.5"]


@both
@pytest.mark.libreoffice
def test_page_and_view(tmp_path: Path, form: Format) -> None:
    """LibreOffice understands widths, frozen panes, paper, margins, print range and repeated rows and columns."""
    path = _written(tmp_path, _book((_net(), _net(QUOTED), NewSheet("Bare", {(0, 0): NewCell(1.0)}))), form)
    (tmp_path / "lo").mkdir()
    made = openpyxl.load_workbook(libreoffice.converted(path, ".xlsx", tmp_path / "lo"))
    for name in ("Net", QUOTED):
        sheet = made[name]
        assert re.findall("[A-Z]+[0-9]+:[A-Z]+[0-9]+", str(sheet.print_area).replace("$", "")) == [
            "A1:M307",
            "O5:Q21",
        ]
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$5:$6", "$A:$B")
        page, margins = sheet.page_setup, sheet.page_margins
        assert (page.orientation, page.paperSize) == ("landscape", 9)
        assert (page.fitToWidth, page.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert [margins.left * 25.4, margins.right * 25.4] == pytest.approx([10, 10], abs=0.3)
        assert not sheet.oddHeader.center.text
        assert "&P" in sheet.oddFooter.center.text
        narrow, wide, gap = (sheet.column_dimensions[letter].width for letter in "ABD")
        assert [narrow / wide, gap / wide] == pytest.approx([12 / 17, 5 / 17], rel=0.05)
    assert not made["Bare"].print_area
    assert made["Bare"].page_setup.orientation == "landscape"


FROZEN = {"Both": (3, 2), QUOTED: (0, 2), "Rows": (3, 0), "None": None, "Corner": (0, 0)}


def _frozen(folder: Path, form: Format) -> Path:
    sheets = tuple(NewSheet(name, {(9, 9): NewCell(1.0)}, frozen=place) for name, place in FROZEN.items())
    return _written(folder, _book(sheets), form)


def test_frozen_panes_of_an_xlsx(tmp_path: Path) -> None:
    """Rows alone, columns alone, both or nothing stay in sight on each sheet."""
    made = openpyxl.load_workbook(_frozen(tmp_path, "xlsx"))
    assert [sheet.freeze_panes for sheet in made] == ["C4", "C1", "A4", None, None]


def test_frozen_panes_of_an_ods(tmp_path: Path) -> None:
    """LibreOffice's settings freeze (mode 2) columns and rows, one of them, or nothing."""
    settings = ElementTree.fromstring(_members(_frozen(tmp_path, "ods"))["settings.xml"])
    name = "{urn:oasis:names:tc:opendocument:xmlns:config:1.0}name"
    found = {
        entry.get(name): {item.get(name): item.text for item in entry}
        for entry in settings.iter(name.replace("}name", "}config-item-map-entry"))
        if entry.get(name)
    }
    sides = [(f"{side}SplitMode", f"{side}SplitPosition") for side in ("Vertical", "Horizontal")]
    assert {sheet: [items.get(key) for side in sides for key in side] for sheet, items in found.items()} == {
        "Both": ["2", "3", "2", "2"],
        QUOTED: ["0", "0", "2", "2"],
        "Rows": ["2", "3", "0", "0"],
        "None": [None] * 4,
        "Corner": [None] * 4,
    }


@both
@pytest.mark.gnumeric  # a LibreOffice without a window saves no view
def test_frozen_panes_as_gnumeric_reads_them(tmp_path: Path, form: Format) -> None:
    """Gnumeric freezes what is to be frozen both ways, and nothing where nothing is."""
    path = _frozen(tmp_path, form)
    (tmp_path / "gnumeric").mkdir()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Workbook contains no default style")
        made = openpyxl.load_workbook(gnumeric.converted(path, ".xlsx", tmp_path / "gnumeric"))
    assert [made[name].freeze_panes for name in ("Both", "None", "Corner")] == ["C4", None, None]


@both
def test_charts_are_read_back(form: Format) -> None:
    """Charts come in the order of the sheets, with both ranges, over the cells that they cover."""
    with files.skeleton(_book((_net(), _net(QUOTED))), form, "new") as book:
        found = [{str(area) for area in chart.ranges} for chart in book.charts]
        places = [[(drawing.kind, str(drawing.area)) for drawing in sheet.drawings] for sheet in book.sheets]
        sheets = [{area.sheet for area in chart.ranges} for chart in book.charts]
        assert len({chart.part for chart in book.charts}) == 4
    assert found == [{"A7:A307", "B7:B307"}, {"A7:A307", "C7:C307"}] * 2
    assert sheets == [{"Net"}] * 2 + [{QUOTED}] * 2
    assert places == [[("chart", "E8:K25"), ("chart", "F27:J40")]] * 2


@both
def test_charts_keep_their_order(form: Format) -> None:
    """Charts come as they were given, not by their places; several may stand on one cell."""
    net = _net()
    first, second = net.charts
    for charts in ((second, first), (first, replace(second, row=first.row, column=first.column))):
        with files.skeleton(_book((replace(net, charts=charts),)), form, "new") as book:
            assert [set(chart.ranges) for chart in book.charts] == [set(chart.areas) for chart in charts]
            places = [drawing.area[1:3] for drawing in book.sheets[0].drawings]
        assert sorted(places) == sorted((chart.row, chart.column) for chart in charts)


@both
@pytest.mark.libreoffice
@pytest.mark.parametrize("sheets", [("Net",), ("Net", QUOTED)], ids=["one", "two"])
def test_charts_as_libreoffice_reads_them(tmp_path: Path, form: Format, sheets: tuple[str, ...]) -> None:
    """LibreOffice takes them for scatter charts of lines, with their titles and ranges, and keeps them so."""
    path = _written(tmp_path, _book(tuple(_net(name) for name in sheets)), form)
    (tmp_path / "lo").mkdir()
    again = libreoffice.converted(path, ".xlsx", tmp_path / "lo")
    assert [{str(area) for area in chart.ranges} for chart in files.load(again).charts] == [
        {"A7:A307", "B7:B307"},
        {"A7:A307", "C7:C307"},
    ] * len(sheets)
    parts = _members(again)
    charts = [text for name, text in sorted(parts.items()) if re.fullmatch(r"xl/charts/chart\d+.xml", name)]
    assert len(charts) == 2 * len(sheets)
    for chart in charts:
        words = re.findall(r"<a:t>([^<]+)</a:t>", chart)
        assert words in (["Cost: C = ½Σ(a − T)²", "step", "C"], ["Weight", "step", "w0"])
        assert chart.count("<c:ser>") == chart.count("<c:scatterChart>") == 1
        assert "<c:legend>" not in chart
        assert '<c:symbol val="none"/>' in chart
        assert '<c:smooth val="1"/>' not in chart
        assert '<c:delete val="1"/>' not in chart
        assert "1f4e79" in chart


@both
@pytest.mark.parametrize("before", [306, 305, 7], ids=["longer", "known", "shorter"])
def test_charts_follow_their_rows(tmp_path: Path, form: Format, before: int) -> None:
    """Charts go to the last row that was poured in, and carry its numbers, known beforehand or not."""
    path = _filled(tmp_path, form, before=before)
    book = files.load(path)
    assert {str(area) for chart in book.charts for area in chart.ranges} == {"A7:A306", "B7:B306", "C7:C306"}
    parts = _members(path)
    for chart, column in zip(book.charts, (1, 2), strict=True):
        wanted = [_steps()[0].tolist(), _steps()[column].tolist()]
        xml = parts[chart.part]
        if form == "xlsx":
            caches = re.findall(r"<numCache>.*?</numCache>", xml)
            assert [[float(v) for v in re.findall("<v>(.*?)</v>", cache)] for cache in caches] == wanted
        else:
            rows = re.findall("<table:table-row>.*?</table:table-row>", xml)[1:]
            pairs = [[float(v) for v in re.findall('office:value="(.*?)"', row)] for row in rows]
            assert [list(column) for column in zip(*pairs, strict=True)] == wanted
            assert 'chart:repeated="300"' in xml


@both
def test_known_numbers_are_in_the_charts(tmp_path: Path, form: Format) -> None:
    """A chart of numbers that the new book holds carries them at once."""
    cells = {(row, column): NewCell(row * 0.1 + column) for row in range(4) for column in range(2)}
    x, y = Area("Net", 0, 0, 3, 0), Area("Net", 0, 1, 3, 1)
    sheet = NewSheet("Net", cells, charts=(NewChart("t", x, y, "x", "y", 5, 0),))
    path = _written(tmp_path, _book((sheet,)), form)
    [chart] = files.load(path).charts
    xml = _members(path)[chart.part]
    found = re.findall(r"<v>(.*?)</v>" if form == "xlsx" else r'office:value="(.*?)"', xml)
    numbers = [cells[row, column].value for row in range(4) for column in range(2)]
    # openpyxl keeps 15 digits of a chart's copy
    assert sorted(map(float, found)) == pytest.approx(sorted(numbers), rel=1e-14)


@both
@pytest.mark.libreoffice
@pytest.mark.parametrize("before", [306, 305, 7], ids=["longer", "known", "shorter"])
def test_the_curve_is_drawn(tmp_path: Path, form: Format, before: int) -> None:
    """On the printed page a line in the chart's blue runs over most of its width, falling, then rising."""
    if reason := rendering.missing():
        pytest.skip(reason)
    path = _filled(tmp_path, form, before=before)
    printed = libreoffice.converted(path, ".pdf", tmp_path)
    command = ["pdftoppm", "-r", "100", "-l", "1", str(printed)]
    image = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
    size = re.match(rb"P6\s(\d+) (\d+)\s255\s", image)
    assert size
    pixels = np.frombuffer(image, np.uint8, offset=size.end()).reshape(int(size[2]), int(size[1]), 3)
    blue = (np.abs(pixels.astype(int) - (0x1F, 0x4E, 0x79)) < 40).all(axis=2)
    drawn = np.flatnonzero(blue.any(axis=1))
    gap = np.flatnonzero(np.diff(drawn) > 10)
    assert len(gap) == 1
    upper, lower = blue[: drawn[gap[0]] + 1], blue[drawn[gap[0]] + 1 :]
    for curve, falls, width in ((upper, True, 300), (lower, False, 200)):
        columns = np.flatnonzero(curve.any(axis=0))
        assert width < np.ptp(columns) + 1 == len(columns)
        heights = [np.flatnonzero(curve[:, column]).mean() for column in columns]
        assert (heights[-1] > heights[0]) == falls


@both
def test_rows_are_poured_in(tmp_path: Path, form: Format) -> None:
    """Rows below the header rows are filled, a header's cell is put, and all else stays."""
    target = tmp_path / f"out.{form}"
    with files.skeleton(_book(), form, f"new.{form}") as book:
        before = book.sheet("Net").rows
        formula = "of:=EXP([.A7])" if form == "ods" else "=EXP(A7)"
        column = FilledColumn(1, ((6, pattern(formula, 6)),), _steps()[1])
        files.save(
            book,
            target,
            [
                FillRows("Net", 6, (_fill().columns[0], column), 7),
                PutCell("Net", 5, 1, "put"),
                PutCell("Net", 4, 2, "above"),
                PutCell("Net", 320, 2, 7.0),
            ],
        )
    rows = files.load(target).sheet("Net").rows
    assert {row: cells for row, cells in rows.items() if row < 4} == {0: before[0]}
    assert [cell.value for cell in rows[5].values()] == ["step", "put", "w0"]
    assert rows[4][2].value == "above"
    assert rows[320][2].value == 7.0
    assert [rows[6 + step][0].value for step in range(ROWS)] == _steps()[0].tolist()
    assert [rows[6 + step][1].value for step in range(ROWS)] == _steps()[1].tolist()
    assert rows[6][2].value == -1.5
    assert rows[16][1].formula == formula.replace("A7", "A17")


@both
@pytest.mark.libreoffice
def test_poured_rows_as_libreoffice_reads_them(tmp_path: Path, form: Format) -> None:
    """After rows were poured in, LibreOffice still repeats the header rows, and shows the values unchanged."""
    path = _filled(tmp_path, form)
    shown = libreoffice.cached(path)["Net"]
    for column, values in _steps().items():
        assert [shown[6 + step, column] for step in range(ROWS)] == values.tolist()
    (tmp_path / "lo").mkdir()
    sheet = openpyxl.load_workbook(libreoffice.converted(path, ".xlsx", tmp_path / "lo"))["Net"]
    assert sheet.print_title_rows == "$5:$6"
    assert sheet.cell(200, 2).number_format == "0.00000"
    assert sheet.cell(200, 2).fill.fgColor.rgb == "FFFAD0BF"


@both
def test_same_book_same_bytes(form: Format) -> None:
    """A book gives the same bytes after others were built, with other hashes, and without lxml."""

    def built(book: NewBook) -> str:
        with files.skeleton(book, form, "new") as read:
            return hashlib.sha256(read.path.read_bytes()).hexdigest()

    bare = _book((NewSheet("Net", {(0, 0): NewCell(1.0)}),))
    first = built(bare), built(_book())
    assert (built(bare), built(_book())) == first
    code = f"""
import hashlib
from tests.book.test_skeletons import _book, files
with files.skeleton(_book(), {form!r}, "new") as read:
    print(hashlib.sha256(read.path.read_bytes()).hexdigest())
"""
    for environment in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "OPENPYXL_LXML": "False"}):
        assert _python(code, environment) == first[1]


def _python(code: str, environment: Mapping[str, str]) -> str:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
    )
    return done.stdout.strip()


@both
def test_package(tmp_path: Path, form: Format) -> None:
    """Parts bear the oldest date that a zip file knows and are deflated, but for the first, which says the type."""
    with zipfile.ZipFile(_written(tmp_path, _book(), form)) as package:
        entries = package.infolist()
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        stored = [entry.filename for entry in entries if entry.compress_type == zipfile.ZIP_STORED]
        assert stored == (["mimetype"] if form == "ods" else [])
        if form == "ods":
            assert entries[0].filename == "mimetype"
            assert package.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"


@both
@pytest.mark.parametrize(
    "created",
    [
        CREATED,
        CREATED.replace(tzinfo=UTC),
        (CREATED + timedelta(hours=2)).replace(tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=["naive", "utc", "zone"],
)
def test_properties(tmp_path: Path, form: Format, created: datetime) -> None:
    """The file says who made it and when, and its title."""
    parts = _members(_written(tmp_path, _book(created=created, title="2-2-1 & more"), form))
    text = parts["meta.xml"] if form == "ods" else parts["docProps/core.xml"] + parts["docProps/app.xml"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+", text)) == {"2024-05-06T07:08:09"}
    assert "sheetnet" in text
    assert "2-2-1 &amp; more</dc:title>" in text
    assert "odfpy" not in text.lower()
    assert "openpyxl" not in text.lower()


@both
@pytest.mark.libreoffice
def test_a_chart_of_counted_points(tmp_path: Path, form: Format) -> None:
    """A chart without a range of x draws its numbers over 1, 2, 3 … and is renewed like others."""
    net = _net()
    chart = replace(net.charts[0], x=None)
    target = tmp_path / f"counted.{form}"
    with files.skeleton(_book((replace(net, charts=(chart,)),)), form, f"new.{form}") as book:
        [read] = book.charts
        assert [str(area) for area in read.ranges] == ["B7:B307"]
        files.save(book, target, [_fill(), *_chart_edits(book, 305)])
    xml = _members(target)[files.load(target).charts[0].part]
    pattern = "<v>(.*?)</v>" if form == "xlsx" else 'office:value="(.*?)"'
    assert [float(value) for value in re.findall(pattern, xml)] == _steps()[1].tolist()
    (tmp_path / "lo").mkdir()
    again = libreoffice.converted(target, ".xlsx", tmp_path / "lo")
    [chart_as_libreoffice_has_it] = files.load(again).charts
    assert "B7:B306" in [str(area) for area in chart_as_libreoffice_has_it.ranges]
    xml = _members(again)[chart_as_libreoffice_has_it.part]
    assert xml.count("<c:scatterChart>") == 1


@both
def test_an_untitled_chart_and_book(tmp_path: Path, form: Format) -> None:
    """A book, a chart and axes without words have no empty titles."""
    area = Area("Net", 0, 0, 3, 0)
    chart = NewChart("", area, area._replace(first_column=1, last_column=1), "", "", 0, 3)
    path = _written(tmp_path, _book((NewSheet("Net", {(0, 0): NewCell(1.0)}, charts=(chart,)),)), form)
    assert "title>" not in "".join(_members(path).values()).replace("autoTitleDeleted", "").lower()


def test_reading_imports_no_builder() -> None:
    """The libraries that build new files are not loaded for anything else: they take longer than a training."""
    code = "import sys, sheetnet.cli, sheetnet.book.files, sheetnet.book.ods, sheetnet.book.xlsx; print([name for name in ('odf', 'openpyxl') if name in sys.modules])"
    assert _python(code, {}) == "[]"


@both
def test_nothing_is_left_behind(form: Format) -> None:
    """The file is there as long as its context, also when something goes wrong in it."""
    seen: list[Path] = []

    def fail() -> None:
        with files.skeleton(_book(), form, f"xor.{form}") as book:
            assert book.path.exists()
            assert book.path.name == f"xor.{form}"
            seen.append(book.path)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not seen[0].parent.exists()
