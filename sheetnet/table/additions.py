"""Where new columns go: the dC/dW columns of a net, right of its table, on cells that hold nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sheetnet.book.edits import Edit, MoveDrawing, PutCell, SetWidth, Style
from sheetnet.book.grid import MAX_COLUMNS, Area, Book, Sheet
from sheetnet.design import looks
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1, column_name
from sheetnet.layout.labels import is_layer_caption
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import Term, weights
from sheetnet.table.room import free_column


@dataclass(frozen=True, slots=True)
class Addition:
    """The layout with its dC/dW columns, the edits that label them, and the area they take."""

    layout: Layout
    edits: tuple[Edit, ...] = ()
    area: Area | None = None


def with_gradients(book: Book, layout: Layout, last_row: int, taken: Sequence[Area]) -> Addition:
    """Return the layout with dC/dW columns; unchanged when it has them.

    `taken` are areas that other additions use. LayoutError when the sheet has no columns left.
    """
    if layout.gradients:
        return Addition(layout)
    sheet = book.sheet(layout.sheet)
    terms = [
        weight._replace(kind="gradient")
        for layer in range(1, len(layout.sizes))
        for weight in weights(layout.sizes, layer, biases=layout.has_biases)
    ]
    top = layout.label_row - 1 if layout.caption_row is None else layout.caption_row
    start = free_column(sheet, layout, len(terms), top=max(top, 0), last_row=last_row, taken=taken)
    end = start + len(terms) - 1
    if end >= MAX_COLUMNS:
        raise LayoutError(
            f"{book.path.name}, {sheet.name}: {len(terms)} dC/dW columns from {column_name(start)} on "
            f"do not fit, a sheet has {MAX_COLUMNS:,} columns; use a smaller net"
        )
    places = {term: start + index for index, term in enumerate(terms)}
    area = Area(sheet.name, max(top, 0), start, last_row, end)
    edits = [
        *_captions(sheet, layout, places),
        SetWidth(sheet.name, start, end, max(map(looks.width, terms))),
    ]
    return Addition(replace(layout, columns={**layout.columns, **places}), tuple(edits), area)


def value_style(layout: Layout) -> Style:
    """Return the look of a dC/dW cell."""
    return Style(like=(layout.first_row, layout.of("delta", 1)[0]), fill=looks.BLUE, decimals=looks.DECIMALS)


def _captions(sheet: Sheet, layout: Layout, places: dict[Term, int]) -> list[Edit]:
    edits: list[Edit] = []
    weight = layout.of("w")[0]
    label_style = Style(like=(layout.label_row, weight))
    caption_style = label_style
    row = layout.label_row - 1 if layout.caption_row is None else layout.caption_row
    word = "layer"
    caption = sheet.cell(row, weight) if layout.caption_row is not None else None
    if caption is not None and isinstance(caption.value, str) and is_layer_caption(caption.value):
        caption_style = Style(like=(row, weight))  # that of "Layer 1"
        word = caption.value.split()[0].lower()
    for term, column in places.items():
        edits.append(PutCell(sheet.name, layout.label_row, column, layout.label(term), style=label_style))
        if (term.i, term.j) == (0, 0) and row >= 0:
            edits.append(PutCell(sheet.name, row, column, f"dC/dW {word} {term.layer}", style=caption_style))
    return edits


def drawing_moves(sheet: Sheet, areas: Sequence[Area]) -> tuple[list[MoveDrawing], tuple[str, ...]]:
    """Return moves, all by as many columns, of what floats over new areas to their right, and its names.

    What the moved drawings would then cover moves along.
    """
    moving = {
        index for index, drawing in enumerate(sheet.drawings) if any(drawing.area.meets(a) for a in areas)
    }
    if not moving:
        return [], ()
    free = max(area.last_column for area in areas) + 2
    shift = free - min(sheet.drawings[index].area.first_column for index in moving)
    grown = True
    while grown:
        places = [_shifted(sheet.drawings[index].area, shift) for index in moving]
        pushed = {
            index
            for index, drawing in enumerate(sheet.drawings)
            if index not in moving and any(drawing.area.meets(place) for place in places)
        }
        grown = bool(pushed)
        moving |= pushed
    edits = [
        MoveDrawing(sheet.name, index, sheet.drawings[index].area.first_column + shift)
        for index in sorted(moving)
    ]
    names = [_name(sheet, index) for index in sorted(moving)]
    return edits, tuple(names)


def _name(sheet: Sheet, index: int) -> str:
    drawing = sheet.drawings[index]
    return drawing.name or f"the {drawing.kind} at {a1(drawing.area.first_row, drawing.area.first_column)}"


def _shifted(area: Area, columns: int) -> Area:
    return area._replace(first_column=area.first_column + columns, last_column=area.last_column + columns)
