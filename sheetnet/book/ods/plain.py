"""Plain cells cut out of content.xml by a regular expression before expat sees the rest.

A callback costs more than the parsing itself, and nearly every cell of a filled sheet has one shape: a
number, perhaps a formula. Runs of such cells are whole, balanced elements, so what remains is well-formed
exactly when the document is; an element ``<_ _="n"/>`` keeps the place of run n. Expat stays the judge of
everything else.
"""

import re
from collections.abc import Callable, Iterable
from itertools import zip_longest

MARK = "_"
_PIECE = 1 << 22
_ROW_END = b"</table:table-row>"
_VALUE = '[^"&<]*'
# short enough that it is never infinite
_NUMBER = "[-.0-9]{1,200}(?:[eE][-+]?0?[0-9]{1,2})?"
# The attribute order is LibreOffice's; cells spelled otherwise go through expat.
_CELL = re.compile(
    rf'<table:table-cell(?: table:style-name="{_VALUE}")?'
    rf'(?:(?: table:formula="({_VALUE})")? office:value-type="float" office:value="({_NUMBER})"'
    r'(?: calcext:value-type="float")?><text:p>[^<&]*</text:p></table:table-cell>'
    r'|(?: table:number-columns-repeated="([1-9][0-9]{0,6})")?/>)'
)
# XML 1.0, 2.2: no character that a document may hold
_ILLEGAL = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))
_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")

Fields = tuple[list[str | None], list[str | None], list[str | None]]


class PlainCells:
    """Feeds a parser with the pieces of a part, and hands out the cells of a run when its mark comes by."""

    __slots__ = ("_buffer", "_ends", "_feed", "_off", "_parts", "_started")

    def __init__(self, feed: Callable[[bytes], object]) -> None:
        self._feed = feed
        self._buffer = b""
        self._off = self._started = False
        self._parts: list[str | None] = []
        self._ends: dict[str, tuple[int, int]] = {}

    def parse(self, chunks: Iterable[bytes]) -> None:
        """Feed the whole part to the parser."""
        for chunk in chunks:
            if not self._started:
                self._started = True
                declared = _DECLARATION.match(chunk)
                self._off = not chunk.startswith(b"<") or (
                    declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii")
                )
            if self._off:
                self._feed(chunk)
                continue
            data = self._buffer + chunk if self._buffer else chunk
            end = data.rfind(_ROW_END)
            if end >= 0:
                self._piece(data[: end + len(_ROW_END)])
                self._buffer = data[end + len(_ROW_END) :]
            elif len(data) > _PIECE:
                self._feed(data)
                self._buffer = b""
            else:
                self._buffer = data
        self._feed(self._buffer)

    def run(self, number: str) -> Fields:
        """Return the formulas, numbers and repeat counts of the cells in a run, texts or None."""
        begin, end = self._ends[number]
        parts = self._parts
        return parts[begin + 1 : end : 4], parts[begin + 2 : end : 4], parts[begin + 3 : end : 4]

    def _piece(self, data: bytes) -> None:
        # a comment or CDATA section may hold anything, and from one piece into the next
        begin = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
        if (
            _within(data, b"<!")
            or _within(data, b"<_")
            or data.find(b"?", begin) >= 0 <= data.find(b"<?", begin)
        ):
            self._off = True
        if self._off or len(data.translate(None, _ILLEGAL)) != len(data):
            self._feed(data)
            return
        self._parts = parts = _CELL.split(data.decode())
        last = len(parts) - 1
        starts = [number for number in range(0, last, 4) if parts[number]]
        if last and (not starts or starts[0] != 0):
            starts.insert(0, 0)
        self._ends = {}
        reduced: list[str | None] = []
        for begin, end in zip_longest(starts, starts[1:], fillvalue=last):
            name = str(begin)
            self._ends[name] = (begin, end)
            reduced += (parts[begin], f'<{MARK} {MARK}="', name, '"/>')
        reduced.append(parts[last])
        self._feed("".join(filter(None, reduced)).encode())


def _within(data: bytes, pair: bytes) -> bool:
    """Tell whether two bytes stand in `data`; the second is the rare one, and one byte is searched fast."""
    return pair[1:] in data and pair in data
