"""Rows of one make, filled by a function compiled for them: what makes writing rows fast."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sheetnet.book.xlsx.body import attributes
from sheetnet.book.xlsx.cells import CellText, RawCell
from sheetnet.book.xlsx.plan import Clear, Filled, Marked, Put, Spec
from sheetnet.book.xlsx.ranges import letters_of
from sheetnet.book.xlsx.rowtext import kept_style, new_style, row_style, row_tag
from sheetnet.book.xlsx.text import escaped

Render = Callable[[int, tuple[str, ...], tuple[float, ...]], str]
"""(zero-based row, texts kept from the file, values of the filled columns) → the row's text"""

# what differs between two rows of one make: the number in a ref, and text between tags
_VARYING = re.compile(r'(?<=\sr=")([A-Z]+)\d+(?=")|>[^<]+(?=<)')
_ROW_NUMBER = re.compile(r'(\sr=")(\d+)(?=")')


@dataclass(frozen=True, slots=True)
class Template:
    """How rows of one make are matched and filled.

    `finite` renders rows whose values are all numbers, `partial` those with a nan. `kept_shared` are the
    shared formulas whose followers are copied; `alters` tells whether a cell gains or loses a formula.
    """

    match: Callable[[str], re.Match[str] | None]
    finite: Render
    partial: Render
    kept_shared: frozenset[str]
    alters: bool


def template(
    cells: CellText, row: int, text: str, spec: Spec, column_style: Callable[[int], int]
) -> Template | None:
    """Compile the template of rows like `text` (empty: not in the file); None for a row that has no fellows.

    Those are rows with a cell put singly or marked, with the first cell of a shared or array formula, and
    rows whose cells do not say where they are.
    """
    if any(isinstance(action, Put | Marked) for _, action in spec):
        return None
    raw, found, tail = cells.row(text) if text else ("", [], "")
    if any(not cell.attributes.get("r", "").endswith(str(row + 1)) for cell in found):
        return None
    shared: set[str] = set()
    actions = dict(spec)
    for cell in found:
        formula = cells.formula.search(cell.inner)
        kind = attributes(formula[1]) if formula else {}
        if "ref" in kind or (kind.get("t") == "shared" and formula and formula[2]):
            return None
        if cell.column not in actions and kind.get("t") == "shared":
            shared.add(kind.get("si", ""))
    maker = _Maker(cells, row, raw, spec, column_style)
    maker.lay_out(found, tail)
    pattern = re.compile(maker.pattern) if text else None
    return Template(
        pattern.fullmatch if pattern else lambda _: None,
        maker.compiled(partial=False),
        maker.compiled(partial=True),
        frozenset(shared),
        maker.alters,
    )


class _Maker:
    """Lays out the pieces of a row: literal text, kept groups, numbers of rows, values."""

    def __init__(
        self, cells: CellText, row: int, raw: str, spec: Spec, column_style: Callable[[int], int]
    ) -> None:
        self.alters = False
        self._cells, self._row, self._raw = cells, row, raw
        self._actions = dict(spec)
        filled = [column for column, action in spec if isinstance(action, Filled)]
        self._value = {column: index for index, column in enumerate(filled)}
        self._column_style = column_style
        self._row_format = row_style(raw)
        self._lines: dict[bool, list[str]] = {False: [], True: []}
        self._offsets: set[int] = {0}
        self._groups = 0
        self.pattern = ""

    def lay_out(self, found: list[RawCell], tail: str) -> None:
        p = self._cells.prefix
        pending = sorted(set(self._actions).difference(cell.column for cell in found), reverse=True)
        written = [column for column in pending if isinstance(self._actions[column], Filled)]
        before, after = self._tag(row_tag(self._raw, self._row, written))
        self._literal(f"<{p}row{before}")
        self._both("{r0}")
        self._literal(f"{after}>")
        start, rest = self._tag(self._raw)
        self.pattern = re.escape(f"<{p}row{start}") + r"\d+" + re.escape(rest) + "/?>"
        kept = ""
        for cell in found:
            while pending and pending[-1] < cell.column:
                kept = self._keep(kept)
                self._new(pending.pop())
            action = self._actions.get(cell.column)
            if action is None:
                kept += cell.gap + cell.text
                continue
            kept = self._keep(kept + cell.gap)
            self.pattern += _wild(cell.text)
            style = kept_style(action, cell.attributes.get("s", ""))
            had = self._cells.formula.search(cell.inner) is not None
            self.alters |= had != (isinstance(action, Filled) and action.pattern is not None)
            self._cell(cell.column, style)
        kept = self._keep(kept)
        while pending:
            self._new(pending.pop())
        self._keep(tail)
        self._literal(f"</{p}row>")
        if found or tail:
            self.pattern += re.escape(f"</{p}row") + r"\s*>"
        else:
            self.pattern += f"(?:{re.escape(f'</{p}row')}\\s*>)?"

    def compiled(self, *, partial: bool) -> Render:
        names = "".join(f"    r{_name(o)} = str(n + {o + 1})\n" for o in sorted(self._offsets))
        kept = "".join(f"k{i}," for i in range(self._groups))
        values = "".join(f"v{i}," for i in range(len(self._value)))
        source = (
            f"def render(n, k, v):\n{names}"
            + (f"    {kept} = k\n" if kept else "")
            + (f"    {values} = v\n" if values else "")
            + "    return (\n"
            + "".join(f"        {line}\n" for line in self._lines[partial])
            + "    )\n"
        )
        space: dict[str, Render] = {}
        exec(compile(source, "<row>", "exec"), space)  # the text is all ours: literals are escaped
        return space["render"]

    def _tag(self, raw: str) -> tuple[str, str]:
        match = _ROW_NUMBER.search(raw)
        if match is None:
            return ' r="', '"' + raw
        return raw[: match.end(1)], raw[match.end() :]

    def _keep(self, kept: str) -> str:
        if kept:
            self._both(f"{{k{self._groups}}}")
            self._groups += 1
            self.pattern += f"({_wild(kept)})"
        return ""

    def _new(self, column: int) -> None:
        action = self._actions[column]
        if isinstance(action, Filled):
            self.alters |= action.pattern is not None
            self._cell(column, new_style(action, self._row_format, self._column_style(column)))

    def _cell(self, column: int, style: str) -> None:
        p = self._cells.prefix
        action = self._actions[column]
        self._literal(f'<{p}c r="{letters_of(column)}')
        self._both("{r0}")
        self._literal('"' + (f' s="{style}"' if style else ""))
        if isinstance(action, Clear):
            self._literal("/>")
            return
        assert isinstance(action, Filled)
        value = f"v{self._value[column]}"
        number = f"<{p}v>{{{value}!r}}</{p}v>"
        if action.pattern is None:
            self._lines[False].append(f"f'>{number}</{p}c>'")
            self._lines[True].append(f'f\'{{f""">{number}</{p}c>""" if {value} == {value} else "/>"}}\'')
            return
        pieces = action.pattern.pieces
        self._literal(f"><{p}f>" + escaped(pieces[0].removeprefix("=")))
        for offset, piece in zip(action.pattern.offsets, pieces[1:], strict=True):
            self._offsets.add(offset)
            self._both(f"{{r{_name(offset)}}}")
            self._literal(escaped(piece))
        self._literal(f"</{p}f>")
        self._lines[False].append(f"f'{number}</{p}c>'")
        self._lines[True].append(f'f\'{{f"""{number}""" if {value} == {value} else ""}}</{p}c>\'')

    def _literal(self, text: str) -> None:
        quoted = text.encode("unicode_escape").decode("ascii").replace("'", "\\'")
        self._both(quoted.replace("{", "{{").replace("}", "}}"))

    def _both(self, text: str) -> None:
        for lines in self._lines.values():
            lines.append(f"f'{text}'")


def _name(offset: int) -> str:
    return f"m{-offset}" if offset < 0 else str(offset)


def _wild(text: str) -> str:
    """Return a regular expression for texts that differ from `text` only where rows of one make do."""
    out: list[str] = []
    at = 0
    for match in _VARYING.finditer(text):
        out.append(re.escape(text[at : match.start()]))
        out.append(match[1] + r"\d++" if match[1] else ">[^<]++")
        at = match.end()
    return "".join([*out, re.escape(text[at:])])
