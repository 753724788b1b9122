"""The text of single cells: taken apart, compared with what is wanted, written (ECMA-376 18.3.1.4)."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from sheetnet.book.grid import CellError, Value
from sheetnet.book.xlsx.body import attributes
from sheetnet.book.xlsx.ranges import column_of, letters_of
from sheetnet.book.xlsx.text import escaped, escaped_string, plain, unescaped_string

_DIGITS = "0123456789"
_STYLE = re.compile(r"""\ss\s*=\s*(?:"[^"]*"|'[^']*')""")


class RawCell(NamedTuple):
    """A cell of the file: its column, what stands before it, its text, its attributes, its content."""

    column: int
    gap: str
    text: str
    attributes: dict[str, str]
    inner: str


class Held(NamedTuple):
    """What a cell is to hold: a formula without ``=``, and a value; nan is none."""

    formula: str | None
    value: Value


class CellText:
    """The grammar of cells under a prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        p = re.escape(prefix)
        self._cell = re.compile(rf"<{p}c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{p}c\s*>)", re.DOTALL)
        self._tag = re.compile(rf"<{p}c(?=[\s/>])([^>]*?)/?>")
        self._row = re.compile(rf"<{p}row(?=[\s/>])([^>]*?)(/?)>")
        self.formula = re.compile(rf"<{p}f(?=[\s/>])([^>]*?)(?:/>|>(.*?)</{p}f\s*>)", re.DOTALL)
        self._value = re.compile(rf"<{p}v(?=[\s>])[^>]*>(.*?)</{p}v\s*>", re.DOTALL)
        self._text = re.compile(rf"<{p}t(?=[\s>])[^>]*>(.*?)</{p}t\s*>|<{p}rPh.*?</{p}rPh\s*>", re.DOTALL)

    def row(self, text: str) -> tuple[str, list[RawCell], str]:
        """Take a row apart: the attributes of its tag, its cells, what stands behind the last of them."""
        tag = self._row.match(text)
        assert tag is not None
        cells = []
        at, column = tag.end(), -1
        for match in self._cell.finditer(text, tag.end()):
            found = attributes(match[1])
            ref = found.get("r")
            column = column_of(ref.rstrip(_DIGITS).upper()) if ref else column + 1
            cells.append(RawCell(column, text[at : match.start()], match[0], found, match[2] or ""))
            at = match.end()
        end = len(text) if tag[2] else text.rindex("</")
        return tag[1], cells, text[at:end]

    def held(self, cell: RawCell, formula: str | None, strings: Callable[[], list[str]]) -> Held:
        """Return what a cell of the file holds; `formula` is its formula written out."""
        kind = cell.attributes.get("t", "n")
        if kind == "inlineStr":
            return Held(
                formula,
                unescaped_string("".join(plain(text or "") for text in self._text.findall(cell.inner))),
            )
        match = self._value.search(cell.inner)
        text = plain(match[1]) if match else ""
        if not text:
            return Held(formula, "" if kind == "str" and match else None)
        value: Value = text
        if kind == "n":
            value = float(text)
        elif kind == "s":
            value = strings()[int(text)]
        elif kind == "b":
            value = text.strip() in ("1", "true")
        elif kind == "e":
            value = CellError(text)
        elif kind == "str":
            value = unescaped_string(text)
        return Held(formula, value)

    def explicit(self, cell: RawCell, formula: str) -> str:
        """Return a cell's text with its shared formula written out; all else as it stands."""
        p = self.prefix
        return self.formula.sub(lambda _: f"<{p}f>{escaped(formula)}</{p}f>", cell.text, count=1)

    def styled(self, text: str, style: str) -> str:
        """Return a cell's text with another style attribute; all else as it stands."""
        match = self._tag.match(text)
        assert match is not None
        given = _STYLE.search(match[1])
        before, after = (
            (match[1], "") if given is None else (match[1][: given.start()], match[1][given.end() :])
        )
        return f'<{self.prefix}c{before.rstrip()} s="{style}"{after}{text[match.end(1) :]}'

    def write(self, row: int, column: int, style: str, held: Held) -> str:
        """Return the text of a cell; `style` is the attribute's text, or nothing for the default."""
        p = self.prefix
        start = f'<{p}c r="{letters_of(column)}{row + 1}"' + (f' s="{style}"' if style else "")
        formula, value = held
        text = f"<{p}f>{escaped(formula)}</{p}f>" if formula is not None else ""
        kind = ""
        if isinstance(value, bool):
            kind, text = "b", f"{text}<{p}v>{int(value)}</{p}v>"
        elif isinstance(value, CellError):
            kind, text = "e", f"{text}<{p}v>{escaped(value)}</{p}v>"
        elif isinstance(value, str) and formula is not None:
            kind, text = "str", f"{text}<{p}v>{escaped_string(value)}</{p}v>"
        elif isinstance(value, str):
            space = ' xml:space="preserve"' if value.strip() != value or "\n" in value else ""
            kind, text = "inlineStr", f"<{p}is><{p}t{space}>{escaped_string(value)}</{p}t></{p}is>"
        elif value is not None and math.isfinite(value):
            text += f"<{p}v>{float(value) + 0.0!r}</{p}v>"
        start += f' t="{kind}"' if kind else ""
        return f"{start}>{text}</{p}c>" if text else f"{start}/>"


def same(one: Held, other: Held) -> bool:
    """Tell whether two cells hold the same: numbers equal as doubles, nan like nothing."""
    if one.formula != other.formula:
        return False
    a, b = (None if isinstance(v, float) and not math.isfinite(v) else v for v in (one.value, other.value))
    numbers = [isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b)]
    if all(numbers):
        return a == b
    return type(a) is type(b) and a == b
