"""A student's annotated copy: a note at each blank and nothing else, as edits."""

from sheetnet.book.edits import Edit, Note
from sheetnet.book.grid import Book
from sheetnet.formula.address import read_address
from sheetnet.marking.marks import MarkedBlank, MarkedStudent
from sheetnet.report.marks.verdict import verdict_text

_FIRST = (0, 0)


def annotation(student: MarkedStudent, book: Book, decimals: int, *, language: str = "en") -> list[Edit]:
    """Return the notes for a student's workbook: a blank's verdict at its cell.

    That on a blank whose cell is gone is at the first cell of its sheet. `decimals` were asked for.
    """
    found: dict[tuple[str, int, int], list[str]] = {}
    for blank in student.blanks:
        text = verdict_text(blank, decimals, language=language)
        found.setdefault(_place(blank, book), []).append(text[:1].upper() + text[1:])
    return [Note(*place, "\n\n".join(texts)) for place, texts in sorted(found.items())]


def _place(blank: MarkedBlank, book: Book) -> tuple[str, int, int]:
    """Return where the verdict on a blank is noted; a sheet's name may have points itself."""
    sheet, _, cell = blank.cell.rpartition(".")
    address = read_address(cell)
    known = sheet in {each.name for each in book.sheets}
    if known and address is not None and blank.verdict != "missing":
        return sheet, address[1], address[2]
    return (sheet if known else book.sheets[0].name, *_FIRST)
