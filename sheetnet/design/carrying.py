"""The sheets of nets, carried over into a new workbook of the other format: same cells, same places."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetnet.book.calculator import Place
from sheetnet.book.edits import PutCell
from sheetnet.book.grid import Book, Cell, CellError, Sheet, Value, a1
from sheetnet.book.skeleton import Look, NewCell, NewChart, NewSheet
from sheetnet.design import looks
from sheetnet.design.newsheet import CHART_ROWS, new_charts, new_widths, printed_parts
from sheetnet.errors import LayoutError
from sheetnet.formula.arithmetic import KNOWN_FUNCTIONS
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Expression,
    Range,
    Reference,
    Unreadable,
    number,
    walk,
)
from sheetnet.formula.expression import replace as replace_parts
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.text import Dialect, formula_text
from sheetnet.layout.labels import is_layer_caption, read_label
from sheetnet.layout.language import Language, language, languages
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import relative
from sheetnet.net.terms import Term, weight_count

_MANY = 8
_PREFIXES = ("_xlfn", "_xlws", "COM.MICROSOFT", "ORG.")
"""Before a function's name: one format's own, which the other may not have."""
_CLASSIC = """
    ACOS ADDRESS ASIN ATAN2 CHOOSE COLUMN COLUMNS CONCATENATE CORREL COUNTA COUNTBLANK COUNTIF DATE DAY
    DEGREES FACT HLOOKUP IFERROR INDEX INDIRECT INTERCEPT ISBLANK ISERROR ISNUMBER ISTEXT LARGE LEFT LEN LOG
    LOOKUP MATCH MDETERM MEDIAN MID MINVERSE MMULT MOD MONTH NOW OFFSET PEARSON RADIANS RAND RANK RIGHT ROUND
    ROUNDDOWN ROUNDUP ROW ROWS SLOPE SMALL STDEV STDEVP SUMIF SUMX2MY2 SUMX2PY2 SUMXMY2 TAN TODAY TRANSPOSE
    TRUNC VALUE VAR VARP VLOOKUP YEAR
"""
_FUNCTIONS = KNOWN_FUNCTIONS | set(_CLASSIC.split())
"""Those that both formats spell alike and take the same arguments for."""
_FORBIDDEN = set(":\\/?*[]")
_LONGEST_NAME = 31
"""Of a sheet in Excel, in UTF-16 units."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a new workbook takes over.

    `skeletons` are its sheets without formulas; `sheets` the same with all cells, formulas spelt in the new
    format's way; `puts` write the formulas that no table does; `language` is that of the captions;
    `warnings` name what is left behind.
    """

    skeletons: tuple[NewSheet, ...]
    sheets: tuple[Sheet, ...]
    puts: tuple[PutCell, ...]
    language: str
    warnings: tuple[str, ...]


def carried(book: Book, layouts: Sequence[Layout], dialect: Dialect) -> Carried:
    """Return the nets' sheets for a workbook whose formulas are of another dialect.

    A formula that needs what is left behind, or is an array's, becomes its value.
    """
    names = list(dict.fromkeys(layout.sheet for layout in layouts))
    for name in names:
        _check_name(book, name, dialect)
    rates = {
        layout.rate: layout.learning_rate
        for layout in layouts
        if layout.rate is not None and layout.rate[0] not in names
    }
    translated = {name: _Translation(book, book.sheet(name), names, rates, dialect) for name in names}
    skeletons, puts = [], []
    for name, translation in translated.items():
        nets = [layout for layout in layouts if layout.sheet == name]
        filled = _Filled(nets)
        skeletons.append(_skeleton(translation.sheet, nets, filled))
        puts += list(_puts(translation.sheet, filled))
    warnings = [_left_behind(book, names)]
    frozen = [f"{name}.{place}" for name, each in translated.items() for place in each.frozen]
    if frozen:
        more = f" and {len(frozen) - _MANY:,} more" if len(frozen) > _MANY else ""
        warnings.append(
            f"{', '.join(frozen[:_MANY])}{more}: the formula needs something that is not carried over, "
            "or is an array's; its value stands there now"
        )
    sheets = tuple(translation.sheet for translation in translated.values())
    return Carried(tuple(skeletons), sheets, tuple(puts), _language(sheets[0]).code, tuple(warnings))


def with_its_rate(layout: Layout, layouts: Sequence[Layout]) -> Layout:
    """Return the layout as it is in a new workbook of these nets: without the cell of a rate left behind."""
    carried_over = layout.rate is None or any(layout.rate[0] == other.sheet for other in layouts)
    return layout if carried_over else replace(layout, rate=None)


def _check_name(book: Book, name: str, dialect: Dialect) -> None:
    """Raise LayoutError for a sheet's name that Excel refuses."""
    too_long = len(name.encode("utf-16-le")) > 2 * _LONGEST_NAME
    odd = not name or name[0] == "'" or name[-1] == "'" or bool(_FORBIDDEN & set(name))
    if dialect == "xlsx" and (too_long or odd):
        raise LayoutError(
            f"{book.path.name}: found a sheet called '{name[:60]}', expected a name that Excel takes: 1 to "
            f"{_LONGEST_NAME} characters, none of : \\ / ? * [ ]; rename the sheet"
        )


class _Translation:
    """A sheet with its formulas in the other dialect; `frozen` are cells that became values.

    Defined names become what they mean, `rates` that are left behind with their sheets the numbers they are.
    """

    def __init__(
        self, book: Book, sheet: Sheet, names: Sequence[str], rates: Mapping[Place, float], dialect: Dialect
    ) -> None:
        self._book, self._own, self._names = book, sheet.name, names
        self._rates, self._dialect = rates, dialect
        self.frozen: list[str] = []
        self._patterns: dict[tuple[int, Pattern], Pattern | None] = {}
        rows = {
            row: {column: self._cell(cell, row, column) for column, cell in cells.items()}
            for row, cells in sheet.rows.items()
        }
        self.sheet = Sheet(sheet.name, rows)

    def _cell(self, cell: Cell, row: int, column: int) -> Cell:
        if cell.formula is None:
            return cell
        key = column, pattern(cell.formula, row)
        if cell.array is None and key not in self._patterns:
            self._patterns[key] = self._translated(cell.formula, row, column)
        found = None if cell.array is not None else self._patterns[key]
        if found is None:
            self.frozen.append(a1(row, column))
            return Cell(cell.value)
        return Cell(cell.value, found.text(row))

    def _translated(self, formula: str, row: int, column: int) -> Pattern | None:
        if any(prefix in formula for prefix in _PREFIXES):
            return None
        try:
            expression = relative(formula, row, column)
        except Unparsable:
            return None
        expression = resolved(expression, self._book.names, self._own)
        expression = replace_parts(expression, lambda part: self._rate(part, row, column))
        if not all(self._is_carried(part) for part in walk(expression)) or "#REF!" in formula:
            return None
        return pattern(formula_text(expression, row, column, self._dialect), row)

    def _rate(self, part: Expression, row: int, column: int) -> Expression | None:
        if not (isinstance(part, Reference) and isinstance(part.target, CellReference)):
            return None
        sheet, at, used = part.target.at(row, column)
        value = self._rates.get((sheet or self._own, at, used))
        return None if value is None else number(value)

    def _is_carried(self, part: Expression) -> bool:
        if isinstance(part, Call):
            return part.name in _FUNCTIONS
        targets: list[object] = []
        if isinstance(part, Reference):
            targets = [part.target]
        elif isinstance(part, Range):
            targets = [part.first, part.last]
        sheets = [target.sheet for target in targets if isinstance(target, CellReference)]
        return not isinstance(part, Unreadable) and all(
            name is None or name in self._names for name in sheets
        )


class _Filled:
    """The cells that the tables fill in with formulas."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self._rows: dict[int, list[range]] = {}
        for layout in layouts:
            for term, column in layout.columns.items():
                first = layout.first_row + (term.kind == "w")  # first weights may be drawn by a formula
                self._rows.setdefault(column, []).append(range(first, layout.last_row + 1))
            for column in layout.helpers:
                self._rows.setdefault(column, []).append(range(layout.first_row, layout.last_row + 1))

    def holds(self, row: int, column: int) -> bool:
        return any(row in rows for rows in self._rows.get(column, ()))


def _puts(sheet: Sheet, filled: _Filled) -> Iterator[PutCell]:
    """Yield what no skeleton holds and no table fills in: formulas, and truth values."""
    for row, cells in sheet.rows.items():
        for column, cell in cells.items():
            if isinstance(cell.value, bool) and cell.formula is None:
                yield PutCell(sheet.name, row, column, cell.value)
            elif cell.formula is not None and not filled.holds(row, column):
                yield PutCell(sheet.name, row, column, cell.value, cell.formula)


# ---------------------------------------------------------------- the new sheet


def _skeleton(sheet: Sheet, layouts: Sequence[Layout], filled: _Filled) -> NewSheet:
    """Return a sheet's values and texts in the looks of a new one."""
    cells: dict[tuple[int, int], NewCell] = {}
    terms = [layout.terms for layout in layouts]
    for row, line in sheet.rows.items():
        for column, cell in line.items():
            if cell.value is not None and not (cell.formula is not None and filled.holds(row, column)):
                value = None if cell.formula is not None else cell.value
                cells[row, column] = NewCell(_plain(value), _look(cell, row, column, layouts, terms))
    for layout in layouts:
        for term, column in layout.columns.items():
            place = layout.first_row, column
            cells[place] = NewCell(cells[place].value if place in cells else None, looks.look(term))
    new = NewSheet(sheet.name, cells, _widths(sheet, layouts), charts=_charts(sheet, layouts))
    if len(layouts) > 1:
        return new
    [only] = layouts
    return replace(
        new,
        frozen=(only.label_row + 1, min(only.columns.values())),
        printed=printed_parts(only),
        pages_high=1,
        repeated_rows=(max(only.label_row - 2, 0), only.label_row),
    )


def _plain(value: Value) -> float | str | None:
    return value if isinstance(value, float | str) else None


def _look(
    cell: Cell, row: int, column: int, layouts: Sequence[Layout], terms: Sequence[Mapping[int, Term]]
) -> Look:
    for index, layout in enumerate(layouts):
        if (layout.sheet, row, column) == layout.rate:
            return looks.RATE
        inside = layout.first_row <= row <= layout.last_row + layout.patterns
        term = terms[index].get(column) if inside else None
        if term is not None:
            return looks.look(term)
        if row == layout.label_row and isinstance(cell.value, str) and read_label(cell.value) is not None:
            return looks.RATE_LABEL if layout.rate is not None and column == layout.rate[2] else looks.LABEL
        if row in (layout.caption_row, layout.label_row - 1) and isinstance(cell.value, str):
            return looks.CAPTION
    if isinstance(cell.value, str) and not isinstance(cell.value, CellError):
        return looks.CAPTION if is_layer_caption(cell.value) else looks.TEXT
    return looks.PLAIN


def _widths(sheet: Sheet, layouts: Sequence[Layout]) -> Mapping[int, float]:
    """Return the columns' widths: a column of numbers beside the tables is as wide as one of theirs."""
    widths = new_widths(layouts)
    for cells in sheet.rows.values():
        for column, cell in cells.items():
            if widths.get(column, looks.GAP_WIDTH) == looks.GAP_WIDTH and not isinstance(cell.value, str):
                widths[column] = looks.WIDTH
    return widths


def _charts(sheet: Sheet, layouts: Sequence[Layout]) -> tuple[NewChart, ...]:
    """Return the nets' charts, below each other, right of everything and of the dC/dW columns to come."""
    used = max(column for cells in sheet.rows.values() for column in cells)
    for layout in layouts:
        if not layout.gradients:
            count = weight_count(layout.sizes, biases=layout.has_biases)
            used = max(used, *layout.columns.values()) + 1 + count
    row = min(layout.first_row for layout in layouts)
    charts = []
    for layout in layouts:
        for chart in new_charts(layout, _language(sheet)):
            charts.append(replace(chart, row=row, column=used + 2))
            row += CHART_ROWS
    return tuple(charts)


def _language(sheet: Sheet) -> Language:
    """Return the language of a sheet's captions, English where they do not tell."""
    texts = {str(cell.value).casefold() for cells in sheet.rows.values() for cell in cells.values()}
    for each in languages():
        words = {
            each.captions[key].casefold() for key in ("input", "output", "target", "cost", "learning_rate")
        }
        if words & texts and each.code != "en":
            return each
    return language("en")


def _left_behind(book: Book, names: Sequence[str]) -> str:
    things = [f"the sheet {sheet.name}" for sheet in book.sheets if sheet.name not in names]
    for kind in ("chart", "picture", "shape"):
        count = sum(drawing.kind == kind for sheet in book.sheets for drawing in sheet.drawings)
        things += [f"{count} {kind}{'s' if count > 1 else ''}"] if count else []
    named = [name for name in book.names or () if "_xlnm." not in name]  # print ranges
    things += ["the defined names"] if named else []
    things += ["the macros"] if book.macros else []
    things.append("notes and formatting of your own")
    return (
        "the output is a new workbook, with new colours and charts of the cost; "
        f"left behind in {book.path.name}: {', '.join(things)}"
    )
