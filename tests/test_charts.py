"""Charts: they follow the last step, carry the new numbers, and get out of the way."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import LineChart, Reference

from sheetnet import COST, load, train_file
from sheetnet.book.grid import Area
from tests import sheets
from tests.witnesses import libreoffice


def _with_chart(path: Path, steps: int, anchor: str = "AD10", sheet: str = "Sheet1") -> Path:
    """Write a 2-2-2 sheet of formulas with a chart of the cost."""
    sheets.filled(path, (2, 2, 2), steps)
    book = openpyxl.load_workbook(path)
    table = book["Sheet1"]
    host = table if sheet == "Sheet1" else book.create_sheet(sheet)
    chart = LineChart()
    chart.add_data(Reference(table, min_col=27, min_row=8, max_row=7 + steps))
    host.add_chart(chart, anchor)
    book.save(path)
    return path


@pytest.mark.libreoffice
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
@pytest.mark.parametrize("steps", [20, 60], ids=["fewer", "more"])
@pytest.mark.parametrize("host", ["Sheet1", "Other"])
def test_ranges_follow_the_last_step(tmp_path: Path, suffix: str, steps: int, host: str) -> None:
    """A range that ended at the last step ends at the new one, and its copy of the data is the new cost."""
    path = _with_chart(tmp_path / "chart.xlsx", 40, sheet=host)
    path = libreoffice.converted(path, f".{suffix}", tmp_path / "made")
    training = train_file(path, tmp_path / f"out.{suffix}", steps=steps)
    [chart] = load(training.out).charts
    assert chart.ranges == (Area("Sheet1", 7, 26, 6 + steps, 26),)
    cost = training.nets[0].term(COST)
    with zipfile.ZipFile(training.out) as package:
        xml = package.read(chart.part).decode()
    if suffix == "xlsx":
        cache = xml[xml.index("<c:numCache>") :]
        stored = [float(value) for value in re.findall(r"<c:v>(.*?)</c:v>", cache)]
    else:
        table = xml[xml.index("local-table") :]
        stored = [float(value) for value in re.findall(r'office:value="(.*?)"', table)]
    assert stored == cost.tolist()


def test_a_chart_drawn_beforehand(tmp_path: Path) -> None:
    """A chart over the rows that a first row is to get ends at the last of them."""
    path = sheets.write(tmp_path / "first.xlsx", (2, 2, 2))
    book = openpyxl.load_workbook(path)
    chart = LineChart()
    chart.add_data(Reference(book["Sheet1"], min_col=27, min_row=8, max_row=1007))
    book["Sheet1"].add_chart(chart, "AD10")
    book.save(path)
    [drawn] = load(train_file(path, steps=40).out).charts
    assert [str(area) for area in drawn.ranges] == ["AA8:AA47"]


@pytest.mark.shared
@pytest.mark.parametrize("steps", [500, 1500])
def test_the_authors_charts(author_file: Path, tmp_path: Path, steps: int) -> None:
    """The chart of all steps follows; the one of the first 75 stays."""
    training = train_file(author_file, tmp_path / "out.ods", steps=steps, sheets=["Sheet1"])
    charts = load(training.out).charts
    assert [str(area) for chart in charts for area in chart.ranges] == [f"AA8:AA{7 + steps}", "AA8:AA82"]


def test_a_chart_over_the_new_columns_moves(tmp_path: Path) -> None:
    """A chart moves to the right of the new columns, and one beside it keeps its distance."""
    path = _with_chart(tmp_path / "chart.xlsx", 12, anchor="AD10")
    book = openpyxl.load_workbook(path)
    chart = LineChart()
    chart.add_data(Reference(book["Sheet1"], min_col=27, min_row=8, max_row=19))
    book["Sheet1"].add_chart(chart, "AN10")
    book.save(path)
    training = train_file(path, tmp_path / "out.xlsx")
    [net] = training.nets
    assert len(net.moved) == 2
    before = load(path).sheet("Sheet1").drawings
    after = load(training.out).sheet("Sheet1").drawings
    assert min(drawing.area.first_column for drawing in after) == max(net.added) + 2
    shift = {new.area.first_column - old.area.first_column for old, new in zip(before, after, strict=True)}
    assert len(shift) == 1
