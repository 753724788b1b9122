"""A new chart: a document of its own inside the spreadsheet's (OpenDocument 1.3 part 3, 11)."""

import math
from typing import Any

from odf import chart, draw, style, svg, table, text
from odf.namespaces import DRAWNS, OFFICENS
from odf.opendocument import OpenDocumentChart

from sheetnet.book.grid import Area
from sheetnet.book.ods.address import range_text
from sheetnet.book.ods.numeral import stored
from sheetnet.book.ods.skeleton.looks import number_style
from sheetnet.book.skeleton import NewBook, NewChart

NOTIFIED = (DRAWNS, "notify-on-update-of-ranges")
"""The attribute of a draw:object that names the ranges it draws."""

_CLASS = "chart:scatter"
_LINE, _GRID, _AXIS = "#1f4e79", "#d9d9d9", "#7f7f7f"


def chart_document(book: NewBook, new: NewChart) -> Any:
    """Return the document of one chart, with a copy of the numbers that the book holds already."""
    document = OpenDocumentChart()
    styles = _Styles(document)
    body = chart.Chart(
        width=f"{new.width:g}mm",
        height=f"{new.height:g}mm",
        stylename=styles.chart,
        attributes={"class": _CLASS},
    )
    if new.title:
        body.addElement(_title(new.title, styles.title))
    plot = chart.PlotArea(
        stylename=styles.plot,
        cellrangeaddress=" ".join(map(range_text, new.areas)),
        datasourcehaslabels="none",
    )
    for dimension, name, its_style, label in (
        ("x", new.x_title, styles.axis, styles.label),
        ("y", new.y_title, styles.axis, styles.turned),
    ):
        axis = chart.Axis(dimension=dimension, name=f"primary-{dimension}", stylename=its_style)
        if name:
            axis.addElement(_title(name, label))
        axis.addElement(chart.Grid(stylename=styles.grid, attributes={"class": "major"}))
        plot.addElement(axis)
    series = chart.Series(
        stylename=styles.series, valuescellrangeaddress=range_text(new.y), attributes={"class": _CLASS}
    )
    if new.x is not None:
        series.addElement(chart.Domain(cellrangeaddress=range_text(new.x)))
    series.addElement(chart.DataPoint(repeated=new.y.last_row - new.y.first_row + 1))
    plot.addElement(series)
    plot.addElement(chart.Wall(stylename=styles.wall))
    body.addElement(plot)
    body.addElement(_local_table(book, new.areas))
    document.chart.addElement(body)
    return document


def _title(words: str, its_style: Any) -> Any:
    out = chart.Title(stylename=its_style)
    out.addElement(text.P(text=words))
    return out


def _local_table(book: NewBook, areas: tuple[Area, ...]) -> Any:
    """Return the copy of the numbers, laid out as LibreOffice does: counted rows, a column a range."""
    out = table.Table(name="local-table")
    counted = table.TableHeaderColumns()
    counted.addElement(table.TableColumn())
    out.addElement(counted)
    columns = table.TableColumns()
    columns.addElement(table.TableColumn(numbercolumnsrepeated=len(areas)))
    out.addElement(columns)
    header = table.TableHeaderRows()
    header.addElement(_row(["", *(range_text(area) for area in areas)]))
    out.addElement(header)
    rows = table.TableRows()
    numbers = [book.numbers(area) for area in areas]
    used = max(
        (i + 1 for column in numbers for i, value in enumerate(column) if math.isfinite(value)), default=0
    )
    for index in range(max(used, 1)):
        line = _row([str(index + 1)])
        for column, area in zip(numbers, areas, strict=True):
            cell = _number(column[index] if index < len(column) else math.nan)
            if index == 0:
                # where LibreOffice keeps the name of a column's range
                group = draw.G()
                group.addElement(svg.Desc(text=range_text(area)))
                cell.addElement(group)
            line.addElement(cell)
        rows.addElement(line)
    out.addElement(rows)
    return out


def _row(words: list[str]) -> Any:
    line = table.TableRow()
    for word in words:
        cell = table.TableCell(valuetype="string") if word else table.TableCell()
        cell.addElement(text.P(text=word))
        line.addElement(cell)
    return line


def _number(value: float) -> Any:
    shown = stored([value])[0] if math.isfinite(value) else "NaN"
    cell = table.TableCell(valuetype="float")
    cell.setAttrNS(OFFICENS, "value", shown)
    cell.addElement(text.P(text=shown))
    return cell


class _Styles:
    """A chart's styles: those of a plain plot in a textbook."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._count = 0
        document.automaticstyles.addElement(number_style("N0"))
        self.chart = self._style(
            style.GraphicProperties(stroke="none", fill="solid", fillcolor="#ffffff"),
        )
        self.title = self._style(style.ChartProperties(autoposition="true"), _font("11pt", fontweight="bold"))
        self.label = self._style(style.ChartProperties(autoposition="true"), _font("9pt"))
        self.turned = self._style(
            style.ChartProperties(autoposition="true", rotationangle="90"), _font("9pt")
        )
        self.plot = self._style(
            style.ChartProperties(
                symboltype="none",
                lines="true",
                includehiddencells="false",
                autoposition="true",
                autosize="true",
                treatemptycells="leave-gap",
            )
        )
        # at the plot's lower left edge, wherever zero is
        self.axis = self._style(
            style.ChartProperties(
                displaylabel="true",
                logarithmic="false",
                axisposition="start",
                axislabelposition="outside-start",
                tickmarkposition="at-axis",
                tickmarksmajorouter="true",
                linkdatastyletosource="false",
            ),
            style.GraphicProperties(stroke="solid", strokewidth="0.02cm", strokecolor=_AXIS),
            _font("9pt"),
            datastylename="N0",
        )
        self.grid = self._style(
            style.GraphicProperties(stroke="solid", strokewidth="0.02cm", strokecolor=_GRID)
        )
        self.series = self._style(
            style.ChartProperties(symboltype="none", lines="true"),
            style.GraphicProperties(stroke="solid", strokewidth="0.06cm", strokecolor=_LINE),
        )
        self.wall = self._style(style.GraphicProperties(stroke="none", fill="none"))

    def _style(self, *properties: Any, **more: Any) -> Any:
        self._count += 1
        out = style.Style(name=f"ch{self._count}", family="chart", **more)
        for one in properties:
            out.addElement(one)
        self._document.automaticstyles.addElement(out)
        return out


def _font(size: str, **more: str) -> Any:
    return style.TextProperties(fontfamily="Arial", fontsize=size, color="#000000", **more)
