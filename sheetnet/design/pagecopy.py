"""A sheet of pages for a net that stands on pages of another workbook: its first numbers, in its language."""

from sheetnet.book.grid import Book, Sheet
from sheetnet.book.skeleton import NewSheet
from sheetnet.design.page import page_sheet
from sheetnet.layout.language import Language, languages
from sheetnet.layout.layout import Layout
from sheetnet.layout.page import read_caption
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import LEARNING_RATE, Use, is_given


def page_copy(book: Book, layout: Layout, conventions: Conventions) -> NewSheet:
    """Return a new sheet with as many pages, on which only the numbers stand that a net begins with."""
    return page_sheet(
        layout.sizes,
        conventions,
        _begun(layout),
        name=layout.sheet,
        steps=layout.steps,
        language=language_of(book.sheet(layout.sheet)),
    )


def language_of(sheet: Sheet) -> Language:
    """Return the language in which a sheet captions its new weights, English where that is no other's."""
    texts = [cell.value for line in sheet.rows.values() for cell in line.values()]
    captions = [text.casefold() for text in texts if isinstance(text, str) and read_caption(text) is not None]
    known = languages()
    return next((each for each in known if f"{each.page['new']} w(1)" in captions), known[0])


def _begun(layout: Layout) -> dict[Use, float]:
    """Return γ, the first weights, and the inputs and targets of every pattern."""
    assert layout.lens is not None
    sheet = layout.lens.view.sheet(layout.sheet)
    numbers = {Use(LEARNING_RATE): layout.learning_rate}
    for term, column in layout.columns.items():
        last = min(layout.patterns, layout.steps) if is_given(term) else int(term.kind == "w")
        for step in range(last):
            cell = sheet.cell(layout.first_row + step, column)
            if cell is not None and isinstance(cell.value, float):
                numbers[Use(term, step)] = cell.value
    return numbers
