"""A sheet while it is read: its cells, columns, rows, merged areas and drawings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sheetnet.book.grid import Area, Cell, Drawing, Sheet
from sheetnet.book.ods.drawing import Frame, placed
from sheetnet.book.ods.length import COLUMN_WIDTH, ROW_HEIGHT, Run


@dataclass(slots=True)
class Table:
    """What is known of the sheet being read."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    arrays: list[tuple[Area, str]] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    column_looks: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    row_looks: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    """How many columns or rows are alike, and the attributes of their element."""

    def finished(
        self, charts: frozenset[str], sizes: Mapping[tuple[str, str], float], cap: Callable[[int], object]
    ) -> Sheet:
        """Return the sheet, with array formulas on all their cells and drawings placed.

        `sizes` are the styles' widths and heights by family and name; `cap` is told how many more cells hold
        something.
        """
        for area, formula in self.arrays:
            columns = range(area.first_column, area.last_column + 1)
            cap((area.last_row - area.first_row + 1) * len(columns))
            for row in range(area.first_row, area.last_row + 1):
                old = self.rows.get(row, {})
                self.rows[row] = dict(old)
                for column in columns:
                    value = old[column].value if column in old else None
                    self.rows[row][column] = Cell(value, formula, area)
        drawings: list[Drawing] = []
        if self.frames:
            widths = [_run("table-column", look, sizes, COLUMN_WIDTH) for look in self.column_looks]
            heights = [_run("table-row", look, sizes, ROW_HEIGHT) for look in self.row_looks]
            drawings += (placed(frame, self.name, widths, heights, charts) for frame in self.frames)
        return Sheet(self.name, self.rows, tuple(self.merged), tuple(drawings))


def _run(
    family: str, look: tuple[int, Mapping[str, str]], sizes: Mapping[tuple[str, str], float], default: float
) -> Run:
    number, attributes = look
    hidden = attributes.get("table:visibility", "visible") != "visible"
    size = sizes.get((family, attributes.get("table:style-name", "")), default)
    return Run(number, 0.0 if hidden else size)
