"""Finding the nets of a workbook: by the note's labels, and where these are others by what formulas do."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sheetnet.book.grid import Book, Sheet
from sheetnet.errors import LayoutError
from sheetnet.layout.layout import Layout
from sheetnet.layout.problems import refusal
from sheetnet.layout.rows import LOOKED_FOR, IncompleteLabels, nets_by_labels


class NotRead(LayoutError):
    """A sheet that begins like a net; the message says what was understood and what was missing."""


class SheetNets(NamedTuple):
    """The nets of a sheet; `error` says why what begins there is none, or not all of them were found."""

    sheet: Sheet
    nets: list[Layout]
    error: LayoutError | None


def find_nets(book: Book, sheets: Sequence[str] = (), *, lenient: bool = False) -> list[Layout]:
    """Return every net of the book, or of the named sheets, in the order of the sheets.

    LayoutError where a sheet begins such a layout but does not complete it, and where a named sheet is
    missing or holds no net; also where a number is missing, unless `lenient`: then a layout has `problems`.
    """
    layouts: list[Layout] = []
    unread: NotRead | None = None
    for found in nets_by_sheet(book, sheets, lenient=lenient):
        if isinstance(found.error, NotRead):
            unread = unread or found.error
        elif found.error is not None:
            raise found.error
        layouts += found.nets
    if not layouts and unread is not None:
        raise unread
    return layouts


def nets_by_sheet(book: Book, sheets: Sequence[str] = (), *, lenient: bool = True) -> list[SheetNets]:
    """Return the nets of every sheet, or of the named ones; a sheet that can't be read stops no other.

    LayoutError where a named sheet is missing.
    """
    names = [sheet.name for sheet in book.sheets]
    for name in sheets:
        if name not in names:
            raise LayoutError(f"{book.path.name}: found no sheet '{name}', its sheets are {', '.join(names)}")
    found = []
    for sheet in book.sheets:
        if sheets and sheet.name not in sheets:
            continue
        nets: list[Layout] = []
        error = None
        try:
            nets.extend(nets_by_labels(book, sheet, lenient=lenient))
        except LayoutError as caught:
            error = caught
        if not nets and (error is None or isinstance(error, IncompleteLabels)):
            try:
                nets.extend(_on_pages(book, sheet, lenient=lenient))
                error = None if nets else error
            except LayoutError as caught:
                error = caught
        if not nets and (error is None or isinstance(error, IncompleteLabels)):
            try:
                nets.extend(_by_formulas(book, sheet, lenient=lenient))
                if nets:
                    error = None
            except LayoutError as caught:
                error = error or caught
        if not nets and sheets and error is None:
            error = LayoutError(f"{book.path.name}, {sheet.name}: found no net, looked for {LOOKED_FOR}")
        found.append(SheetNets(sheet, nets, error))
    return found


def _on_pages(book: Book, sheet: Sheet, *, lenient: bool) -> list[Layout]:
    """Return the nets whose steps are pages of captioned blocks; what reads them is loaded for these."""
    if not any(
        isinstance(cell.value, str) and cell.value.strip().casefold() == "a(0)"
        for cells in sheet.rows.values()
        for cell in cells.values()
    ):
        return []
    from sheetnet.recognition.pages import nets_on_pages

    return nets_on_pages(book, sheet, lenient=lenient)


def _by_formulas(book: Book, sheet: Sheet, *, lenient: bool) -> Iterator[Layout]:
    """Yield the nets that formulas make, however a sheet is labelled.

    What reads them is loaded when it is needed: the note's own layout does without.
    """
    if not any(cell.formula is not None for cells in sheet.rows.values() for cell in cells.values()):
        return
    from sheetnet.recognition.nets import nets_by_formulas

    for layout in nets_by_formulas(book, sheet):
        if layout.problems and not lenient:
            raise refusal(book, layout.problems[0], layout.first_row)
        yield layout
