"""A row's text with its edits spliced in; the plain way, true for every row."""

import re
from collections.abc import Callable, Iterable, Mapping

from sheetnet.book.grid import Area, a1
from sheetnet.book.xlsx.body import attributes
from sheetnet.book.xlsx.cells import CellText, Held, RawCell, same
from sheetnet.book.xlsx.columns import with_height
from sheetnet.book.xlsx.plan import Action, Clear, Filled, Marked, Put, Spec
from sheetnet.book.xlsx.ranges import area, letters_of
from sheetnet.book.xlsx.shared import SharedFormula
from sheetnet.book.xlsx.text import plain
from sheetnet.errors import FileError

_SPANS = re.compile(r"""(\sspans\s*=\s*)(?:"([^"]*)"|'([^']*)')""")
_NOTHING = Held(None, None)


class RowSplicer:
    """Edits rows of one sheet in order, and remembers the shared and array formulas it has passed.

    `formulas_changed` tells whether a cell has gained or lost a formula so far. `column_style` gives the
    format of a column's empty cells, `strings` the shared strings when a text is to be compared. `marks`
    tells that cells are marked and no more is done, so that no formula needs to be known.
    """

    def __init__(
        self,
        where: str,
        prefix: str,
        column_style: Callable[[int], int],
        strings: Callable[[], list[str]],
        *,
        marks: bool = False,
    ) -> None:
        self.cells = CellText(prefix)
        self.formulas_changed = False
        self.broken: set[str] = set()
        self._where = where
        self._strings = strings
        self._marks = marks
        self._column_style = column_style
        self._shared: dict[str, SharedFormula] = {}
        self._arrays: list[Area] = []

    def pass_by(self, row: int, text: str) -> str:
        """Return the text of a row without edits: formulas are written out whose shared first cell went."""
        if self._marks:
            return text
        if "shared" not in text and "array" not in text and "dataTable" not in text:
            return text
        if self.broken:
            return self.edit(row, text, (), {})
        self._learn(row, self.cells.row(text)[1])
        return text

    def in_array(self, row: int) -> bool:
        """Tell whether an array formula that was passed covers cells of this row."""
        return any(where.first_row <= row <= where.last_row for where in self._arrays)

    def edit(
        self, row: int, text: str, spec: Spec, values: Mapping[int, float], height: float | None = None
    ) -> str:
        """Return a row's text with the cells of `spec` changed; `values` are those of filled columns.

        `text` is empty for a row that is not in the file. Cells that hold already what they are to hold stay.
        `height` is in points, None where it stays.
        """
        if self._marks and text and (marked := self._marked(row, text, spec)) is not None:
            return marked
        p = self.cells.prefix
        raw, cells, tail = self.cells.row(text) if text else ("", [], "")
        self._learn(row, cells)
        row_format = row_style(raw)
        actions = dict(spec)
        self._refuse_arrays(row, actions)
        out: list[str] = []
        written: list[int] = []
        changed = False
        there = {cell.column for cell in cells}
        pending = [c for c, action in reversed(spec) if c not in there and not isinstance(action, Clear)]
        for cell in cells:
            while pending and pending[-1] < cell.column:
                written.append(pending.pop())
                out.append(self._new(row, written[-1], actions[written[-1]], values, row_format))
            new = self._changed(row, cell, actions.get(cell.column), values)
            changed |= new != cell.text
            out += (cell.gap, new)
        while pending:
            written.append(pending.pop())
            out.append(self._new(row, written[-1], actions[written[-1]], values, row_format))
        high = with_height(raw, height)
        if not changed and not written and high == raw:
            return text
        tag = row_tag(high, row, written)
        return f"<{p}row{tag}>{''.join(out)}{tail}</{p}row>"

    def _marked(self, row: int, text: str, spec: Spec) -> str | None:
        """Return a row whose cells are marked, found as Excel spells them; None where one is not found so."""
        out: list[str] = []
        at = 0
        for column, action in spec:
            start = text.find(f'<{self.cells.prefix}c r="{letters_of(column)}{row + 1}"', at)
            if start < 0 or not isinstance(action, Marked):
                return None
            end = text.index(">", start) + 1
            tag = text[start:end]
            out += (text[at:start], self._restyled(tag, attributes(tag), action))
            at = end
        return "".join([*out, text[at:]])

    def _restyled(self, text: str, found: Mapping[str, str], action: Marked) -> str:
        style = str(action.format(_format(found)))
        return text if style == found.get("s", "0") else self.cells.styled(text, style)

    def _new(
        self, row: int, column: int, action: Action, values: Mapping[int, float], row_format: int | None
    ) -> str:
        held = wanted(action, row, values.get(column))
        self.formulas_changed |= held.formula is not None
        return self.cells.write(row, column, new_style(action, row_format, self._column_style(column)), held)

    def _changed(self, row: int, cell: RawCell, action: Action | None, values: Mapping[int, float]) -> str:
        match = self.cells.formula.search(cell.inner)
        formula = self._formula(row, cell, match)
        if action is None or isinstance(action, Marked):
            text = cell.text
            if formula is not None and _shared_index(match) in self.broken:
                text = self.cells.explicit(cell, formula)
            if action is None:
                return text
            return self._restyled(text, cell.attributes, action)
        style = kept_style(action, cell.attributes.get("s", ""))
        held = _NOTHING if isinstance(action, Clear) else wanted(action, row, values.get(cell.column))
        try:
            there = self.cells.held(cell, formula, self._strings)
        except (ValueError, IndexError):
            there = None
        if style == cell.attributes.get("s", "") and there is not None and same(there, held):
            return cell.text
        if match is not None and match[2]:
            self.broken.add(_shared_index(match))
            self.broken.discard("")
        self.formulas_changed |= (match is not None) != (held.formula is not None)
        return self.cells.write(row, cell.column, style, held)

    def _formula(self, row: int, cell: RawCell, match: re.Match[str] | None) -> str | None:
        if match is None:
            return None
        if match[2]:
            return plain(match[2])
        first = self._shared.get(_shared_index(match))
        return None if first is None else first.at(row, cell.column)

    def _learn(self, row: int, cells: Iterable[RawCell]) -> None:
        for cell in cells:
            match = self.cells.formula.search(cell.inner) if "f" in cell.inner else None
            if match is None:
                continue
            found = attributes(match[1])
            kind = found.get("t")
            if kind == "shared" and match[2]:
                self._shared[found.get("si", "")] = SharedFormula(plain(match[2]), row, cell.column)
            elif kind in ("array", "dataTable") and "ref" in found:
                self._arrays.append(area("", found["ref"]))

    def _refuse_arrays(self, row: int, actions: Mapping[int, Action]) -> None:
        for where in self._arrays:
            if where.first_row <= row <= where.last_row:
                for column, action in actions.items():
                    if isinstance(action, Marked):
                        continue
                    if where.first_column <= column <= where.last_column:
                        raise FileError(
                            f"{self._where}, {a1(row, column)}: found a cell of the array formula {where}, "
                            "which can't be changed alone; replace the array by one formula a cell"
                        )


def _shared_index(match: re.Match[str] | None) -> str:
    found = attributes(match[1]) if match is not None else {}
    return found.get("si", "") if found.get("t") == "shared" else ""


def wanted(action: Action, row: int, value: float | None) -> Held:
    """Return what an action puts into its cell."""
    if isinstance(action, Filled):
        formula = action.pattern.text(row).removeprefix("=") if action.pattern is not None else None
        return Held(formula, value)
    return Held(action.formula, action.value) if isinstance(action, Put) else _NOTHING


def kept_style(action: Action, style: str) -> str:
    """Return the style attribute of a cell that is in the file: its own, or what the edit asks for."""
    if isinstance(action, Put) and action.style is not None:
        return str(action.style or "")
    if isinstance(action, Filled) and style in ("", "0") and action.own:
        return str(action.own)
    return style


def new_style(action: Action, row_format: int | None, column_format: int) -> str:
    """Return the style attribute of a cell that is not in the file yet."""
    if isinstance(action, Marked):
        return str(action.format(column_format if row_format is None else row_format) or "")
    if isinstance(action, Put):
        first = action.style
    else:
        assert isinstance(action, Filled)
        first = action.own if action.own is not None else action.like
    for style in (first, row_format):
        if style is not None:
            return str(style or "")
    return str(column_format or "")


def _format(found: Mapping[str, str]) -> int:
    style = found.get("s", "0")
    return int(style) if style.isdecimal() else 0


def row_style(raw: str) -> int | None:
    """Return the format that a row's attributes give its empty cells, or None (18.3.1.73, customFormat)."""
    if "customFormat" not in raw:
        return None
    found = attributes(raw)
    style = found.get("s", "0")
    return int(style) if found.get("customFormat") in ("1", "true") and style.isdigit() else None


def row_tag(raw: str, row: int, written: list[int]) -> str:
    """Return a row's attributes with its number, and with spans that hold the columns written."""
    if not re.search(r"(?:^|\s)r\s*=", raw):
        raw = f' r="{row + 1}"' + raw
    match = _SPANS.search(raw)
    if match is None or not written:
        return raw.rstrip()
    try:
        first, last = (int(number) for number in (match[2] or match[3]).split(":"))
    except ValueError:  # several spans: they are optional
        return _SPANS.sub("", raw).rstrip()
    first, last = min(first, min(written) + 1), max(last, max(written) + 1)
    return f'{raw[: match.start()]}{match[1]}"{first}:{last}"{raw[match.end() :]}'.rstrip()
