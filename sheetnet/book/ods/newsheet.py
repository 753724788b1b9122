"""A sheet to be added, as text of content.xml."""

from itertools import groupby

from sheetnet.book.edits import AddSheet, SheetCell
from sheetnet.book.grid import a1_range
from sheetnet.book.ods.address import quoted
from sheetnet.book.ods.markup import escape, paragraphs, repeated, with_attribute
from sheetnet.book.ods.numeral import value_text
from sheetnet.book.ods.styles import AutomaticStyles

PREFIXES = ("xlink",)
"""What the elements written here use beside `office`, `table` and `text`."""


def sheet_text(sheet: AddSheet, styles: AutomaticStyles, *, sign: str, calcext: bool) -> str:
    """Return the table; its first rows that stay in view are repeated on every printed page too."""
    columns = ""
    for width, same in groupby(sheet.widths):
        style = with_attribute("<table:table-column/>", "table:style-name", styles.width(None, width))
        columns += repeated(style, "columns", len(list(same)))
    rows = [
        f"<table:table-row>{''.join(_cell(cell, styles, sign, calcext) for cell in row)}</table:table-row>"
        if row
        else "<table:table-row><table:table-cell/></table:table-row>"
        for row in sheet.rows
    ]
    head, body = "".join(rows[: sheet.frozen]), "".join(rows[sheet.frozen :])
    if head:
        head = f"<table:table-header-rows>{head}</table:table-header-rows>"
    # 9.1.2: a table has a column and a row
    columns = columns or "<table:table-column/>"
    body = body or "<table:table-row><table:table-cell/></table:table-row>"
    return f'<table:table table:name="{escape(sheet.name)}">{columns}{head}{body}</table:table>'


def _cell(cell: SheetCell, styles: AutomaticStyles, sign: str, calcext: bool) -> str:
    opened = f'<table:table-cell table:style-name="{_style(cell, styles)}"'
    if cell.value is None:
        return f"{opened}/>"
    attributes, text = value_text(cell.value, formula=False, sign=sign, decimals=None, calcext=calcext)
    if cell.link is not None and isinstance(cell.value, str):
        where = f"#{quoted(cell.link.sheet)}.{a1_range(*cell.link[1:])}"
        shown = paragraphs(cell.value.replace("\n", " ")).removeprefix("<text:p>").removesuffix("</text:p>")
        text = f'<text:p><text:a xlink:href="{escape(where)}" xlink:type="simple">{shown}</text:a></text:p>'
    return f"{opened}{attributes}>{text}</table:table-cell>"


def _style(cell: SheetCell, styles: AutomaticStyles) -> str:
    box = {"style:vertical-align": "top"}
    if cell.fill is not None:
        box["fo:background-color"] = f"#{cell.fill.lower()}"
    if cell.wrapped:
        box["fo:wrap-option"] = "wrap"
    letters: dict[str, str] = {}
    if cell.bold:
        letters["fo:font-weight"] = "bold"
    if cell.link is not None:
        letters |= {"fo:color": "#0563c1", "style:text-underline-style": "solid"}
    properties = {"style:table-cell-properties": box, "style:text-properties": letters}
    return styles.new("table-cell", {name: given for name, given in properties.items() if given})
