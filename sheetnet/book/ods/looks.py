"""Which style each written cell gets: its own, the one asked for, a like cell's, the column's."""

from dataclasses import dataclass

from sheetnet.book.edits import FillRows, PutCell, Style
from sheetnet.book.marks import MarkLook
from sheetnet.book.ods.plan import Fill, SheetPlan
from sheetnet.book.ods.styles import DEFAULT, AutomaticStyles
from sheetnet.book.ods.survey import SheetSurvey


@dataclass(slots=True)
class Looks:
    """The style names of one sheet's edits; new styles are added to `styles` as they are asked for."""

    survey: SheetSurvey
    styles: AutomaticStyles
    columns: dict[tuple[int, int], str | None]
    puts: dict[tuple[int, int], str | None]
    marks: dict[tuple[MarkLook, str | None], str]
    heights: dict[int, str]
    """The styles of rows that get a height."""

    def fill(self, fill: Fill, own: str | None, row_default: str | None) -> str | None:
        """Return the style of a filled cell; None leaves a plain number without one."""
        if own is not None:
            return own
        like = self.columns[fill.block.first_row, fill.column.column]
        return like or row_default or self.survey.column_style(fill.column.column) or DEFAULT

    def put(self, put: PutCell, own: str | None, row_default: str | None) -> str | None:
        """Return the style of a cell that is put."""
        given = self.puts.get((put.row, put.column))
        if given is not None or own is not None or put.formula is None:
            return given or own
        # FACTS: LibreOffice recalculates a formula cell that names no style of its own
        return row_default or self.survey.column_style(put.column) or DEFAULT

    def mark(self, look: MarkLook, column: int, own: str | None, row_default: str | None) -> str:
        """Return the style of a marked cell."""
        return self.marks[look, own or row_default or self.survey.column_style(column)]


def looks(plan: SheetPlan, survey: SheetSurvey, styles: AutomaticStyles) -> Looks:
    """Settle the styles of a sheet's edits."""
    columns: dict[tuple[int, int], str | None] = {}
    for block in plan.blocks:
        for column in block.columns:
            style = None
            if column.style is not None and column.column in survey.bare:
                style = _derived(column.style, (block.first_row, column.column), survey, styles)
            columns[block.first_row, column.column] = style or _like(block, column.column, survey)
    puts = {
        (put.row, put.column): _derived(put.style, (put.row, put.column), survey, styles)
        for put in plan.puts
        if put.style is not None
    }
    marks = {(look, base): styles.marked(base, look) for look, base in survey.marked}
    heights: dict[int, str] = {}
    for row, size in sorted(plan.heights.items()):
        known = survey.rows.get(row)
        heights[row] = styles.height(None if known is None else known.style, size)
    return Looks(survey, styles, columns, puts, marks, heights)


def _like(block: FillRows, column: int, survey: SheetSurvey) -> str | None:
    look = None if block.like_row is None else survey.rows.get(block.like_row)
    return None if look is None else look.own(column)


def _derived(
    style: Style, place: tuple[int, int], survey: SheetSurvey, styles: AutomaticStyles
) -> str | None:
    base = survey.style(*(style.like or place))
    if style.fill is None and style.decimals is None:
        return base
    return styles.cell(base, style.fill, style.decimals)
