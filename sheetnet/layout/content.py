"""What a cell holds, as one who looks for labels and numbers sees it."""

import math
import re
import unicodedata
from collections.abc import Mapping

from sheetnet.book.grid import Cell, CellError, Value
from sheetnet.layout.labels import Label, read_label

_NUMERAL = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:/(\d+))?(%)?")
_NOT_COUNTED = re.compile(r"[\s'’_]")


def labels(cells: Mapping[int, Cell]) -> list[tuple[int, Label]]:
    """Return the labels of a row with their columns, from the left."""
    out = []
    for column, cell in sorted(cells.items()):
        if isinstance(cell.value, str) and not isinstance(cell.value, CellError) and len(cell.value) < 24:
            label = read_label(cell.value)
            if label is not None:
                out.append((column, label))
    return out


def is_number(cell: Cell | None) -> bool:
    """Tell whether a cell has a number, typed or computed; what is beyond float64 is none."""
    return cell is not None and isinstance(cell.value, float) and math.isfinite(cell.value)


def holds(cell: Cell | None) -> bool:
    """Tell whether a cell has a value or a formula; a note alone is neither."""
    return cell is not None and (cell.value is not None or cell.formula is not None)


def found(cell: Cell | None) -> str:
    """Return what an error says of a cell that should hold a number."""
    if cell is None or (cell.value is None and cell.formula is None):
        return "found an empty cell"
    if isinstance(cell.value, CellError):
        return f"found the error {cell.value}"
    if isinstance(cell.value, str):
        return f"found the text '{cell.value}'"
    if isinstance(cell.value, bool):
        return f"found the truth value {str(cell.value).upper()}"
    if cell.value is None:
        return f"found a formula without a value ({cell.formula})"
    return f"found {cell.value:g}"


def advice(cell: Cell | None) -> str:
    """Return what to do about a cell that should hold a number."""
    if cell is not None and isinstance(cell.value, CellError):
        return "mend its formula first"
    if cell is None or not isinstance(cell.value, str) or meant(cell.value) is None:
        return "type a number there"
    return "it is stored as text: type it again in a cell formatted as a number, with your own decimal sign"


def meant(value: Value) -> float | None:
    """Return the number that a text or a truth value was meant as, None where it is none.

    Either decimal sign, blanks, apostrophes, a typographic minus, fractions and percentages are read.
    """
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or isinstance(value, CellError):
        return None
    plain = unicodedata.normalize("NFKC", value).casefold().replace("−", "-").replace("⁄", "/")
    plain = _NOT_COUNTED.sub("", plain)
    if plain.count(",") == 1:  # 1.000,5 as well as 0,5 and 1,000.5
        comma_last = plain.rfind(",") > plain.rfind(".")
        plain = plain.replace(".", "").replace(",", ".") if comma_last else plain.replace(",", "")
    match = _NUMERAL.fullmatch(plain)
    if match is None or (match[2] is not None and not float(match[2])):
        return None
    number = float(match[1]) / float(match[2] or 1) / (100 if match[3] else 1)
    return number if math.isfinite(number) else None
