"""What a cell holds, as one who looks for labels and numbers sees it."""

from collections.abc import Mapping

from sheetnet.book.grid import Cell, CellError
from sheetnet.layout.labels import Label, read_label


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
    """Tell whether a cell has a number, typed or computed."""
    return cell is not None and isinstance(cell.value, float) and not isinstance(cell.value, bool)


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
    text = cell.value if cell is not None and isinstance(cell.value, str) else ""
    if isinstance(cell and cell.value, CellError):
        return "mend its formula first"
    try:
        float(text.strip().replace(",", ".").replace("−", "-").lstrip("'"))
    except ValueError:
        return "type a number there"
    return "it is stored as text: type it again in a cell formatted as a number, with your own decimal sign"
