"""The edits of one sheet applied to its stored rows, one row element after another."""

from collections.abc import Iterator

from sheetnet.book.edits import PutCell
from sheetnet.book.grid import a1
from sheetnet.book.ods.looks import Looks
from sheetnet.book.ods.markup import TAG, escape, with_attribute
from sheetnet.book.ods.note import Notes
from sheetnet.book.ods.numeral import value_text
from sheetnet.book.ods.plan import Action, Annotate, Band, Clear, Fill
from sheetnet.book.ods.rowtemplate import Piece, RowJob, Slot
from sheetnet.book.ods.sourcerow import SourceCell, SourceRow, empty_cells, empty_row
from sheetnet.errors import FileError


class RowEditor:
    """Walks through a sheet's rows from the top; it never holds more than one of them."""

    def __init__(
        self,
        where: str,
        bands: list[Band],
        looks: Looks,
        notes: Notes | None,
        *,
        sign: str,
        calcext: bool,
    ) -> None:
        self._where, self._bands, self._looks, self._sign, self._calcext = where, bands, looks, sign, calcext
        self._notes = notes
        self._next = 0
        self._arrays: list[tuple[int, int, int, int]] = []
        self._slots: dict[tuple[int, str, str | None, str | None, str, str], Slot] = {}
        self._fills = {
            id(band): tuple(action for action in band.actions.values() if isinstance(action, Fill))
            for band in bands
        }

    def concerns(self, row: int, count: int) -> bool:
        """Tell whether `count` rows from `row` on are edited; rows before are done."""
        while self._next < len(self._bands) and self._bands[self._next].last < row:
            self._next += 1
        return self._next < len(self._bands) and self._bands[self._next].first < row + count

    def array(self, row: int, column: int, rows: int, columns: int) -> None:
        """Remember the place of an array formula, which no edit may touch."""
        self._arrays.append((row, column, row + rows - 1, column + columns - 1))

    def row(self, row: int, count: int, source: SourceRow, *, stored: str | None) -> list[Piece] | None:
        """Return what replaces a stored row that stands for `count` rows from `row` on; None: it stays.

        `stored` is its text as it stands, None for a row that does not stand in the file.
        """
        out: list[Piece] = []
        plain, changed = 0, False

        def flush() -> None:
            nonlocal plain
            if plain:
                out.append(self._plain(source, plain, stored))
            plain = 0

        at = row
        for number in range(self._next, len(self._bands)):
            band = self._bands[number]
            first, last = max(band.first, row), min(band.last, row + count - 1)
            if first >= row + count:
                break
            plain += first - at
            at = last + 1
            pieces = self._edited(source, band, first, last - first + 1)
            if not pieces:
                plain += last - first + 1
                continue
            changed = True
            flush()
            out += pieces
        plain += row + count - at
        if not changed:
            return None
        flush()
        return out

    def rest(self, row: int, style: str | None) -> list[Piece]:
        """Return the rows to add below the last stored one; `row` is the first that is not stored."""
        out: list[Piece] = []
        for band in self._bands:
            first = max(band.first, row)
            if first > band.last:
                continue
            source = empty_row(style)
            pieces = self._edited(source, band, first, band.last - first + 1)
            if pieces:
                if first > row:
                    out.append(self._plain(source, first - row, None))
                out += pieces
                row = band.last + 1
        return out

    def _plain(self, source: SourceRow, count: int, stored: str | None) -> str:
        head = source.repeated_head(count)
        if stored is None:
            return head + "<table:table-cell/>" + source.tail
        return head + stored[len(source.head) :]

    def _edited(self, source: SourceRow, band: Band, row: int, count: int) -> list[Piece]:
        """Return the rows of one band; nothing when all cells, and its height, are as they should be."""
        kept: list[str] = []
        slots: list[Slot] = []
        text: list[str] = []
        high = source.styled(self._looks.heights.get(band.first))
        changed = high is not source
        default = source.attributes.get("table:default-cell-style-name")
        for cell, column, action in _cut(source.cells, band.actions):
            if action is None or _nothing(action, cell):
                text.append(cell.raw)
                continue
            if isinstance(action, Annotate):
                text.append(self._annotated(action, cell, row, column, default))
                changed |= text[-1] != cell.raw
                continue
            self._check(row, count, column)
            changed = True
            if isinstance(action, Fill):
                slots.append(self._slot(action, cell, default))
                kept.append("".join(text))
                text = []
            else:
                text.append(
                    self._put(action, cell, default) if isinstance(action, PutCell) else _cleared(cell)
                )
        if not changed:
            return []
        head = high.repeated_head(1 if slots else count)
        if head.endswith("/>"):
            head = head[:-2].rstrip() + ">"
        kept.append("".join(text) if text or slots else "<table:table-cell/>")
        kept[0] = head + kept[0]
        kept[-1] += source.tail or "</table:table-row>"
        if slots:
            return [RowJob(row, count, tuple(kept), tuple(slots), self._fills[id(band)])]
        return [kept[0]]

    def _check(self, row: int, count: int, column: int) -> None:
        for first_row, first_column, last_row, last_column in self._arrays:
            if first_row < row + count and row <= last_row and first_column <= column <= last_column:
                raise FileError(
                    f"{self._where}, {a1(max(row, first_row), column)}: found an array formula, expected "
                    "a formula of its own; write the formula into each cell, without Ctrl+Shift+Enter"
                )

    def _annotated(
        self, annotate: Annotate, cell: SourceCell, row: int, column: int, row_default: str | None
    ) -> str:
        raw = cell.raw
        if annotate.look is not None:
            style = self._looks.mark(annotate.look, column, cell.style, row_default)
            tag = TAG.match(raw)
            if tag is None:
                raise ValueError(raw)
            raw = with_attribute(tag[0], "table:style-name", style) + raw[tag.end() :]
        if annotate.note is not None and self._notes is not None:
            raw = self._notes.added(raw, annotate.note, row, column)
        return raw

    def _slot(self, fill: Fill, cell: SourceCell, row_default: str | None) -> Slot:
        key = (id(fill), cell.element, cell.style, row_default, *cell.frame())
        slot = self._slots.get(key)
        if slot is None:
            style = self._looks.fill(fill, cell.style, row_default)
            kept, inner = key[4], key[5]
            slot = Slot(cell.element, _named(style) + kept, inner, fill.content, fill.finite)
            self._slots[key] = slot
        return slot

    def _put(self, put: PutCell, cell: SourceCell, row_default: str | None) -> str:
        kept, inner = cell.frame()
        style = self._looks.put(put, cell.style, row_default)
        formula = "" if put.formula is None else f' table:formula="{escape(put.formula)}"'
        attributes, text = value_text(
            put.value,
            formula=put.formula is not None,
            sign=self._sign,
            decimals=None if put.style is None else put.style.decimals,
            calcext=self._calcext,
        )
        opened = f"<{cell.element}{_named(style)}{kept}{formula}{attributes}"
        inner += text
        return f"{opened}>{inner}</{cell.element}>" if inner else f"{opened}/>"


def _named(style: str | None) -> str:
    return "" if style is None else f' table:style-name="{escape(style)}"'


def _nothing(action: Action, cell: SourceCell) -> bool:
    """Tell whether an edit puts nothing where nothing is."""
    if isinstance(action, PutCell):
        nothing = action.value is None and action.formula is None and action.style is None
    else:
        nothing = isinstance(action, Clear)
    return nothing and cell.empty


def _cleared(cell: SourceCell) -> str:
    kept, inner = cell.frame()
    opened = f"<{cell.element}{_named(cell.style)}{kept}"
    return f"{opened}>{inner}</{cell.element}>" if inner else f"{opened}/>"


def _cut(
    cells: list[SourceCell], actions: dict[int, Action]
) -> Iterator[tuple[SourceCell, int, Action | None]]:
    """Yield the cells in order, repeated ones cut where an action takes one column out, new ones added."""
    columns = iter(actions)
    column = next(columns, None)
    end = 0
    for cell in cells:
        first, end = cell.first, cell.first + cell.number
        if column is None or column >= end:
            yield cell, first, None
            continue
        if cell.empty and all(_nothing(actions[c], cell) for c in actions if first <= c < end):
            # emptying what is empty leaves a repeated cell whole
            yield cell, first, None
            while column is not None and column < end:
                column = next(columns, None)
            continue
        while column is not None and column < end:
            if column > first:
                yield _some(cell, first, column - first), first, None
            yield _some(cell, column, 1), column, actions[column]
            first = column + 1
            column = next(columns, None)
        if first < end:
            yield _some(cell, first, end - first), first, None
    while column is not None:
        action = actions[column]
        new = empty_cells(column, 1)
        if not _nothing(action, new):
            if column > end:
                yield empty_cells(end, column - end), end, None
            yield new, column, action
            end = column + 1
        column = next(columns, None)


def _some(cell: SourceCell, first: int, count: int) -> SourceCell:
    return cell if count == cell.number else cell._replace(first=first, number=count, raw=cell.part(count))
