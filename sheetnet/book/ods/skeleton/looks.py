"""A new document's styles: of cells, columns, sheets and pages; equal looks share one."""

import re
from typing import Any, TypeAlias

from odf import number, style, table, text
from odf.namespaces import STYLENS

from sheetnet.book.ods.locale import decimal_sign
from sheetnet.book.ods.numeral import shown, stored
from sheetnet.book.skeleton import Look, NewCell

Language: TypeAlias = tuple[str, str]
"""A language and a country, which say how numbers are written."""

_BLANKS = re.compile(r"((?<= ) +|^ +|\t)")
_PLAIN = Look()
_ALIGNED = {"left": "start", "center": "center", "right": "end"}
_FOOTER = 5
"""Millimetres of a page's footer, half of its lower margin."""


class NewLooks:
    """The styles of a document, each made when it is first asked for."""

    def __init__(self, document: Any, language: Language) -> None:
        self._document = document
        self._sign = decimal_sign(*language)
        self._cells: dict[Look, Any] = {}
        self._numbers: dict[int, Any] = {}
        self._widths: dict[float, Any] = {}
        self._heights: dict[float, Any] = {}
        self._pages: dict[tuple[int, bool, bool], Any] = {}
        self._frame: Any = None
        default = style.DefaultStyle(family="table-cell")
        default.addElement(
            style.TextProperties(
                fontfamily="Arial", fontsize="10pt", language=language[0], country=language[1]
            )
        )
        document.styles.addElement(default)
        document.styles.addElement(style.Style(name="Default", family="table-cell"))

    def cell(self, new: NewCell, *, covered: bool = False) -> Any:
        """Return a new cell; one that is covered by a merged area has only a look."""
        named = {"stylename": self._look(new.look)}
        if covered:
            return table.CoveredTableCell(**named)
        if new.value is None:
            return table.TableCell(**named)
        if isinstance(new.value, str):
            out = table.TableCell(valuetype="string", **named)
            for line in new.value.split("\n"):
                out.addElement(_paragraph(line))
            return out
        value = [float(new.value)]
        out = table.TableCell(valuetype="float", value=stored(value)[0], **named)
        out.addElement(text.P(text=shown(value, new.look.decimals, self._sign)[0]))
        return out

    def width(self, millimetres: float) -> Any:
        """Return the style of a column."""
        if millimetres not in self._widths:
            column = style.Style(name=f"co{len(self._widths) + 1}", family="table-column")
            column.addElement(style.TableColumnProperties(columnwidth=f"{millimetres:g}mm"))
            self._widths[millimetres] = self._added(column)
        return self._widths[millimetres]

    def height(self, millimetres: float) -> Any:
        """Return the style of a row."""
        if millimetres not in self._heights:
            row = style.Style(name=f"ro{len(self._heights) + 1}", family="table-row")
            row.addElement(
                style.TableRowProperties(
                    rowheight=f"{millimetres:g}mm", breakbefore="auto", useoptimalrowheight="false"
                )
            )
            self._heights[millimetres] = self._added(row)
        return self._heights[millimetres]

    def page(self, high: int, *, portrait: bool, headed: bool = False) -> Any:
        """Return the style of a sheet, each print range of which is at most so many pages high."""
        key = high, portrait, headed
        if key not in self._pages:
            index = len(self._pages) + 1
            name = "Default" if index == 1 else f"Page{index}"
            master = style.MasterPage(name=name, pagelayoutname=self._layout(f"pm{index}", *key))
            # LibreOffice heads the pages of a master page that says nothing with the sheet's name
            header = style.Header()
            header.setAttrNS(STYLENS, "display", "false")
            master.addElement(header)
            footer = style.Footer()
            footer.addElement(self._page_number(index))
            master.addElement(footer)
            self._document.masterstyles.addElement(master)
            sheet = style.Style(name=f"ta{index}", family="table", masterpagename=master)
            sheet.addElement(style.TableProperties(display="true"))
            self._pages[key] = self._added(sheet)
        return self._pages[key]

    def frame(self) -> Any:
        """Return the style of a chart's frame."""
        if self._frame is None:
            self._frame = style.Style(name="gr1", family="graphic")
            self._frame.addElement(style.GraphicProperties(stroke="none", fill="none", oledrawaspect="1"))
            self._added(self._frame)
        return self._frame

    def _added(self, new: Any) -> Any:
        self._document.automaticstyles.addElement(new)
        return new

    def _layout(self, name: str, high: int, portrait: bool, headed: bool) -> Any:
        page = style.PageLayout(name=name)
        paper = style.PageLayoutProperties(
            pagewidth="210mm" if portrait else "297mm",
            pageheight="297mm" if portrait else "210mm",
            printorientation="portrait" if portrait else "landscape",
            margintop="10mm",
            marginleft="10mm",
            marginright="10mm",
            marginbottom=f"{10 - _FOOTER}mm",
        )
        # LibreOffice's own: it scales each print range apart, to so many pages side by side and in height
        paper.setAttrNS(STYLENS, "scale-to-X", "1")
        paper.setAttrNS(STYLENS, "scale-to-Y", str(high))
        if headed:
            paper.setAttrNS(STYLENS, "print", "headers charts drawings objects zero-values")
        page.addElement(paper)
        page.addElement(style.HeaderStyle())
        foot = style.FooterStyle()
        foot.addElement(style.HeaderFooterProperties(minheight=f"{_FOOTER}mm", margintop="0.5mm"))
        page.addElement(foot)
        return self._added(page)

    def _page_number(self, index: int) -> Any:
        centred = style.Style(name=f"P{index}", family="paragraph")
        centred.addElement(style.ParagraphProperties(textalign="center"))
        small = style.Style(name=f"T{index}", family="text")
        small.addElement(style.TextProperties(fontfamily="Arial", fontsize="8pt", color="#595959"))
        line = text.P(stylename=self._added(centred))
        words = text.Span(stylename=self._added(small))
        words.addElement(text.PageNumber(text="1"))
        line.addElement(words)
        return line

    def _look(self, look: Look) -> Any:
        if look in self._cells:
            return self._cells[look]
        format_name = {} if look.decimals is None else {"datastylename": self._number(look.decimals)}
        cell = style.Style(
            name=f"ce{len(self._cells) + 1}", family="table-cell", parentstylename="Default", **format_name
        )
        cell.addElement(style.TableCellProperties(**_box(look)))
        if look.across is not None:
            cell.addElement(style.ParagraphProperties(textalign=_ALIGNED[look.across]))
        letters = {"color": f"#{look.colour}"}
        if look.bold:
            letters["fontweight"] = "bold"
        if look.italic:
            letters["fontstyle"] = "italic"
        if look.size != _PLAIN.size:
            letters["fontsize"] = f"{look.size:g}pt"
        cell.addElement(style.TextProperties(**letters))
        self._cells[look] = self._added(cell)
        return cell

    def _number(self, decimals: int) -> Any:
        if decimals not in self._numbers:
            new = number_style(f"N{len(self._numbers) + 1}", decimals)
            self._numbers[decimals] = self._added(new)
        return self._numbers[decimals]


def _box(look: Look) -> dict[str, str]:
    """Return a cell's own properties (OpenDocument 1.3 part 3, 17.18)."""
    out = {"textalignsource": "value-type" if look.across is None else "fix"}
    if look.boxed:
        out["border"] = "0.75pt solid #404040"
    elif look.ruled:
        out["borderbottom"] = "0.75pt solid #808080"
    if look.fill:
        out["backgroundcolor"] = f"#{look.fill}"
    if look.unlocked:
        out["cellprotect"] = "none"
    if look.wrapped:
        out["wrapoption"] = "wrap"
    if look.wrapped or look.middle:
        out["verticalalign"] = "middle" if look.middle else "top"
    return out


def number_style(name: str, decimals: int | None = None) -> Any:
    """Return a new number format; without a language of its own it has the reader's decimal sign."""
    out = number.NumberStyle(name=name)
    places = {} if decimals is None else {"decimalplaces": decimals}
    out.addElement(number.Number(minintegerdigits=1, **places))
    return out


def _paragraph(line: str) -> Any:
    """Return a line of text; XML would swallow runs of blanks (OpenDocument 1.3 part 3, 6.1.3)."""
    out = text.P()
    for piece in _BLANKS.split(line):
        if piece == "\t":
            out.addElement(text.Tab())
        elif piece and not piece.strip(" ") and piece != " ":
            out.addElement(text.S(c=len(piece)))
        elif piece:
            out.addText(piece)
    return out
