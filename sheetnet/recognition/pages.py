"""Nets on pages: a step a page, its matrices and vectors as captioned blocks (`layout/page`)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, CellError, Sheet
from sheetnet.errors import LayoutError
from sheetnet.layout.content import holds
from sheetnet.layout.labels import read_label
from sheetnet.layout.layout import Layout
from sheetnet.layout.page import (
    Caption,
    caption_text,
    read_caption,
    read_neuron,
    read_source,
)
from sheetnet.net.terms import Term, label, sizes_text, terms, weights
from sheetnet.recognition.pageview import Page, PagesAsRows, texts_of

_NEAR = 4
"""Columns right of a caption in which the labels of its neurons begin."""
_Texts = Mapping[int, Mapping[int, str]]


def nets_on_pages(book: Book, sheet: Sheet, *, lenient: bool) -> list[Layout]:
    """Return the net whose steps are a sheet's pages, one or none.

    LayoutError where pages begin that lack a block; also where a number is missing, unless `lenient`: then
    the layout has `problems`.
    """
    texts = texts_of(sheet)
    starts = [(row, column) for row, column, caption in _captions(texts) if caption == Caption("a", 0)]
    if not starts or not any(caption == Caption("w", 1) for _, _, caption in _captions(texts)):
        return []
    _check_starts(book, sheet, texts, starts)
    bounds = [row for row, _ in starts] + [max(texts) + 1]
    pages = [_read_page(book, sheet, texts, range(begin, end)) for begin, end in pairwise(bounds)]
    first = pages[0]
    for page, (row, column) in zip(pages, starts, strict=True):
        if (page.sizes, page.biases) != (first.sizes, first.biases):
            raise LayoutError(
                f"{book.place(sheet.name, row, column)}: found a page of a {sizes_text(page.sizes)} net, "
                f"expected one of {sizes_text(first.sizes)} like the first; put it on another sheet"
            )
    rates = [
        (sheet.name, row, _right_of(sheet, row, column))
        for row, line in texts.items()
        for column, text in line.items()
        if (found := read_label(text)) is not None and found.kind == "learning_rate"
    ]
    if not rates:
        raise LayoutError(
            f"{book.path.name}, {sheet.name}: found no learning rate on the page, expected a cell "
            "labelled 'learning rate γ =' with the number beside it; add one"
        )
    return [PagesAsRows(book, sheet, pages, rates).layout(lenient=lenient)]


# ---------------------------------------------------------------- blocks


def _captions(texts: _Texts) -> Iterator[tuple[int, int, Caption]]:
    for row, line in texts.items():
        for column, text in line.items():
            caption = read_caption(text)
            if caption is not None:
                yield row, column, caption


def _check_starts(book: Book, sheet: Sheet, texts: _Texts, starts: Sequence[tuple[int, int]]) -> None:
    """Raise LayoutError for weights W(1) that have no inputs A(0) of their own."""
    inputs = [row for row, _ in starts]
    before = -1
    for row, column, caption in _captions(texts):
        if caption == Caption("w", 1):
            if not any(before < each <= row for each in inputs):
                raise LayoutError(
                    f"{book.place(sheet.name, row, column)}: found 'W(1)' of a page without its inputs, "
                    "expected them above it in a row captioned 'A(0)'; add it"
                )
            before = row


def _right_of(sheet: Sheet, row: int, column: int) -> int:
    """Return the column of the number that a label at its left names: the next one, or past empty cells."""
    cells = sheet.rows.get(row, {})
    for at in range(column + 1, column + 1 + _NEAR):
        cell = cells.get(at)
        if holds(cell) and cell is not None:
            text = isinstance(cell.value, str) and not isinstance(cell.value, CellError) and not cell.formula
            return column + 1 if text else at
    return column + 1


class _Block(NamedTuple):
    """A captioned block: the column of its neurons' labels, and their rows."""

    column: int
    rows: tuple[int, ...]


def _read_page(book: Book, sheet: Sheet, texts: _Texts, rows: range) -> Page:
    """Return the page that stands in some rows; LayoutError where a block is missing or too short."""
    own = {row: line for row, line in texts.items() if row in rows}
    captions = {caption: (row, column) for row, column, caption in reversed(list(_captions(own)))}

    def missing(what: str, row: int, column: int) -> LayoutError:
        place = book.place(sheet.name, row, column)
        return LayoutError(f"{place}: found a page of a net that begins here, expected {what} on it; add it")

    corner = captions[Caption("a", 0)]
    blocks = {caption: _block(own, at, rows.stop) for caption, at in captions.items()}
    above = {
        caption: _sources(texts, at)
        for caption, at in captions.items()
        if caption.kind in ("w", "gradient", "new")
    }
    layers = max(caption.layer for caption in captions)
    for layer in range(1, layers + 1):
        if Caption("w", layer) not in captions:
            raise missing(f"a block captioned 'W({layer})'", *corner)
    sizes = tuple(_neurons(layer, blocks, above) for layer in range(layers + 1))
    biases = any(-1 in columns for columns in above.values())
    if 0 in sizes:
        raise missing("the labels of neurons, h0 or o0, beside 'W(1)' and a0 above it", *corner)
    inputs = above[Caption("w", 1)]
    matrix = inputs.get(0, blocks[Caption("w", 1)].column + 1)
    vector = _vector_column(sheet, [block for caption, block in blocks.items() if caption.kind == "a"])
    places: dict[Term, Place] = {
        Term("a", 0, j): (sheet.name, corner[0], column) for j, column in inputs.items() if j >= 0
    }
    for term in [*terms(sizes, biases=biases), *_news(sizes, biases)]:
        if term.kind in ("target", "cost"):
            found = _beside(own, term)
            if found is None:
                raise missing(f"a cell labelled '{label(term)}' with the number beside it", *corner)
            beside = matrix - blocks[Caption("w", 1)].column if term.kind == "cost" else 0
            places[term] = sheet.name, found[0], found[1] + beside if beside else _right_of(sheet, *found)
        elif (term.kind, term.layer) != ("a", 0):
            caption = Caption(term.kind, term.layer)
            if caption not in blocks or term.i >= len(blocks[caption].rows):
                raise missing(f"a block captioned '{caption_text(caption)}' of {_size(term, sizes)}", *corner)
            block = blocks[caption]
            column: int | None
            if caption in above:
                column = above[caption].get(-1 if term.j == sizes[term.layer - 1] else term.j)
            else:
                column = matrix if block.column == blocks[Caption("w", 1)].column else vector
            if column is None:
                source = "bias" if term.j == sizes[term.layer - 1] else f"a{term.j}"
                raise missing(f"'{source}' above a column of '{caption_text(caption)}'", *corner)
            places[term] = sheet.name, block.rows[term.i], column
    return Page(sizes, biases, places)


def _vector_column(sheet: Sheet, blocks: Sequence[_Block]) -> int:
    """Return the column of activations: beside their labels, or where all of them stand further on."""
    columns = {_right_of(sheet, row, block.column) for block in blocks for row in block.rows}
    beside = max((block.column + 1 for block in blocks if block.rows), default=0)
    return columns.pop() if len(columns) == 1 else beside


def _neurons(
    layer: int, blocks: Mapping[Caption, "_Block"], above: Mapping[Caption, Mapping[int, int]]
) -> int:
    """Return how many neurons a layer has, by the block that knows of most."""
    own = [len(block.rows) for caption, block in blocks.items() if caption.layer == layer > 0]
    next_ones = [max(columns, default=-1) + 1 for each, columns in above.items() if each.layer == layer + 1]
    return max([*own, *next_ones], default=0)


def _size(term: Term, sizes: tuple[int, ...]) -> str:
    return f"{sizes[term.layer]} neurons"


def _news(sizes: tuple[int, ...], biases: bool) -> list[Term]:
    """Return the new weights of a net."""
    return [
        weight._replace(kind="new")
        for layer in range(1, len(sizes))
        for weight in weights(sizes, layer, biases=biases)
    ]


def _sources(texts: _Texts, at: tuple[int, int]) -> dict[int, int]:
    """Return the columns of a block's numbers by the neuron that they come from, −1 for the bias."""
    top, left = at
    for row in sorted((row for row in texts if row < top), reverse=True):
        found = {
            source: column
            for column, text in texts[row].items()
            if column > left and (source := _source(text)) is not None
        }
        if 0 in found:
            return found
    return {}


def _source(text: str) -> int | None:
    return -1 if text.casefold() == "bias" else read_source(text)


def _block(texts: _Texts, at: tuple[int, int], end: int) -> _Block:
    """Return the neurons of a block, which stand below each other from its caption on."""
    top, left = at
    line = texts[top]
    column = next((c for c in range(left + 1, left + _NEAR) if read_neuron(line.get(c, "")) == 0), left + 1)
    rows: list[int] = []
    for row in range(top, end):
        text = texts.get(row, {})
        if row > top and left in text and read_caption(text[left]) is not None:
            break
        if read_neuron(text.get(column, "")) == len(rows):
            rows.append(row)
    return _Block(column, tuple(rows))


def _beside(texts: _Texts, term: Term) -> tuple[int, int] | None:
    """Return the cell of the label of a target, or of the cost."""
    for row, line in texts.items():
        for column, text in line.items():
            found = read_label(text)
            if found is None or found.kind != term.kind or found.digits not in ("", str(term.i)):
                continue
            if (term.kind == "cost") == (not found.digits):
                return row, column
    return None
