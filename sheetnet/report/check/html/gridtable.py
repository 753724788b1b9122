"""The rows of the sheet that show its findings, as a table with the sheet's own letters and numbers."""

from collections.abc import Iterator

from sheetnet.book.grid import Area
from sheetnet.formula.address import a1, column_name
from sheetnet.net.terms import Term
from sheetnet.report.check.html.excerpt import excerpt, gaps
from sheetnet.report.check.html.view import SIGNS, NetView
from sheetnet.report.html.markup import Markup, clipped, element
from sheetnet.report.places import is_turned

MOST_LETTERS = 24
"""Letters of a cell's text that are shown."""
MOST_TITLE = 240
"""Letters of a formula that are shown when the pointer rests on its cell."""


def grid_table(view: NetView) -> Markup:
    """Return the table, in a box of its own that scrolls."""
    layout = view.net.layout
    shown = excerpt(view.net)
    heads = [line for line in (layout.caption_row, layout.label_row) if line is not None and line >= 0]
    turned = is_turned(layout)
    columns = list(gaps((*heads, *shown.columns) if turned else shown.columns))
    captions = [] if turned else heads
    letters = [_column_head(view, column, left_out) for column, left_out in columns]
    width = 1 + len(columns) + sum(left_out > 0 for _, left_out in columns)
    table = element(
        "table",
        element("caption", view.wording("grid_caption", sheet=layout.sheet), class_="unseen"),
        element(
            "thead",
            element("tr", element("th", scope="col", aria_label=view.wording("row")), letters),
            [_label_row(view, row, columns) for row in captions],
        ),
        element("tbody", _rows(view, shown.rows, columns, width)),
    )
    return element(
        "div",
        table,
        class_="scroll grid",
        tabindex="0",
        role="region",
        aria_label=view.named("rows"),
    )


def _column_head(view: NetView, column: int, left_out: int) -> Iterator[Markup]:
    if left_out:
        first, last = column_name(column - left_out), column_name(column - 1)
        name = view.wording("columns_left_out", columns=f"{first}:{last}" if left_out > 1 else first)
        yield element("th", "…", scope="col", title=name, class_="gap")
    yield element("th", column_name(column), scope="col")


def _label_row(view: NetView, row: int, columns: list[tuple[int, int]]) -> Markup:
    terms = view.net.layout.terms
    cells = []
    for column, left_out in columns:
        cell = view.sheet.cell(row, column)
        text = "" if cell is None or cell.value is None else str(cell.value)
        kind = _kind(terms[column]) if column in terms else None
        cells += [element("td", class_="gap")] if left_out else []
        cells.append(element("td", clipped(text, MOST_LETTERS), class_=kind))
    return element("tr", element("th", str(row + 1), scope="row"), cells, class_="labels")


def _rows(
    view: NetView, rows: tuple[int, ...], columns: list[tuple[int, int]], width: int
) -> Iterator[Markup]:
    areas = [
        (number, area)
        for number, finding in enumerate(view.net.findings, start=1)
        for area in finding.areas
        if area.sheet == view.net.layout.sheet
    ]
    layout = view.net.layout
    heads = set() if is_turned(layout) else {layout.caption_row, layout.label_row}
    for row, left_out in gaps(rows):
        unseen = left_out - sum(head is not None and row - left_out <= head < row for head in heads)
        if unseen:
            text = f"… {view.wording.count(unseen, 'more_rows')}"
            yield element(
                "tr",
                element("th", "⋮", scope="row"),
                element("td", text, colspan=str(width - 1)),
                class_="gap",
            )
        here = [(number, area) for number, area in areas if area.first_row <= row <= area.last_row]
        cells = []
        for column, skipped in columns:
            cells += [element("td", "…", class_="gap")] if skipped else []
            cells.append(_cell(view, row, column, here))
        yield element("tr", element("th", str(row + 1), scope="row"), cells)


def _cell(view: NetView, row: int, column: int, areas: list[tuple[int, Area]]) -> Markup:
    numbers = [number for number, area in areas if area.first_column <= column <= area.last_column]
    cell = view.sheet.cell(row, column)
    text, formula = "", None
    if cell is not None:
        text = clipped(view.wording.value(cell.value), MOST_LETTERS)
        formula = None if cell.formula is None else view.formula(cell.formula)
    title = None if formula is None else clipped(f"{a1(row, column)}  {formula}", MOST_TITLE)
    if not numbers:
        layout = view.net.layout
        names = is_turned(layout) and column == layout.label_row and row in layout.terms
        return element("td", text, title=title, class_=_kind(layout.terms[row]) if names else None)
    links = [
        element(
            "a",
            f"{SIGNS[view.severity([number])]}{number}",
            href=f"#{view.card(number)}",
            aria_label=view.wording("finding_link", numbers=number),
        )
        for number in numbers
    ]
    severity = view.severity(numbers)
    return element(
        "td", links, " ", text, title=title, id=view.cell(row, column), class_=f"faulty {severity}"
    )


def _kind(term: Term) -> str:
    """Return the class of a column, after the colours of the author's sheet."""
    return "input" if (term.kind, term.layer) == ("a", 0) else term.kind
