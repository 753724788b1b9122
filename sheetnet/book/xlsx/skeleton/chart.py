"""A new chart: a curve in a plain plot (ECMA-376 part 1, 21.2)."""

import math
from typing import Any

from openpyxl.chart import ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumFmt, NumRef, NumVal
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import XYSeries
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)

from sheetnet.book.grid import Area
from sheetnet.book.skeleton import NewBook, NewChart
from sheetnet.book.xlsx.ranges import range_text

_LINE, _GRID, _AXIS = "1F4E79", "D9D9D9", "7F7F7F"
_POINT = 12_700
"""English metric units a point."""


def scatter_chart(book: NewBook, new: NewChart) -> Any:
    """Return the chart, with a copy of the numbers that the book holds already."""
    out = ScatterChart()
    out.style = None
    out.scatterStyle = "lineMarker"
    out.varyColors = False
    out.width, out.height = new.width / 10, new.height / 10
    out.title = _title(new.title, 11, bold=True) if new.title else None
    out.legend = None
    out.roundedCorners = False
    out.graphical_properties = GraphicalProperties(solidFill="FFFFFF", ln=LineProperties(noFill=True))
    out.plot_area.spPr = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    for axis, words in ((out.x_axis, new.x_title), (out.y_axis, new.y_title)):
        axis.title = _title(words, 9) if words else None
        axis.delete = False  # openpyxl leaves it out, and Excel takes that for true
        axis.majorGridlines.spPr = GraphicalProperties(ln=_line(_GRID, 0.5))
        axis.spPr = GraphicalProperties(ln=_line(_AXIS, 0.75))
        axis.majorTickMark = "out"
        # at the plot's lower left edge, wherever zero is
        axis.crosses = "min"
        axis.tickLblPos = "low"
        axis.numFmt = NumFmt("General", sourceLinked=False)
        axis.txPr = RichText(
            bodyPr=RichTextProperties(),
            p=[Paragraph(ParagraphProperties(defRPr=_characters(9)), CharacterProperties(), r=[])],
        )
    out.x_axis.axPos = "b"
    out.series.append(_series(book, new))
    return out


def _series(book: NewBook, new: NewChart) -> Any:
    out = XYSeries(
        idx=0,
        order=0,
        xVal=None if new.x is None else AxDataSource(numRef=_numbers(book, new.x)),
        yVal=NumDataSource(numRef=_numbers(book, new.y)),
    )
    out.spPr = GraphicalProperties(ln=_line(_LINE, 1.75))
    out.marker = Marker(symbol="none")
    out.smooth = False
    return out


def _numbers(book: NewBook, area: Area) -> Any:
    """Return a range with its copy; without one, later numbers would have no place in the file."""
    numbers = book.numbers(area)
    points = [NumVal(idx=i, v=value) for i, value in enumerate(numbers) if math.isfinite(value)]
    return NumRef(f=range_text(area), numCache=NumData("General", ptCount=len(numbers), pt=points))


def _title(words: str, size: float, *, bold: bool = False) -> Any:
    look = _characters(size, bold=bold)
    run = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[RegularTextRun(rPr=look, t=words)])
    return Title(tx=Text(rich=RichText(bodyPr=RichTextProperties(), p=[run])), overlay=False)


def _characters(size: float, *, bold: bool = False) -> Any:
    return CharacterProperties(sz=round(size * 100), b=bold, solidFill="000000", latin=Font(typeface="Arial"))


def _line(colour: str, points: float) -> Any:
    return LineProperties(w=round(points * _POINT), solidFill=colour)
