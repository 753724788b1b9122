"""The rows of a worksheet's sheetData, cut out of its bytes one after the other.

Between comments and CDATA sections every ``<`` of XML begins a tag, and a row holds no row: so once those are
resolved, finding ``</row>`` is exact. Whether the part is well-formed was seen when it was read.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_ODD = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Row(NamedTuple):
    """One row of the file: its zero-based number, what stands before it (white space), and its text."""

    number: int
    gap: str
    text: str


def attributes(raw: str) -> dict[str, str]:
    """Return the attributes of a start tag's text."""
    return {name: double or single for name, double, single in ATTRIBUTE.findall(raw)}


class Body:
    """The text behind ``<sheetData>``, of `prefix`, from `text` and further chunks, read as latin-1."""

    def __init__(self, text: str, chunks: Iterable[bytes], prefix: str) -> None:
        self._text, self._chunks = text, iter(chunks)
        self._row, self._row_end = f"<{prefix}row", f"</{prefix}row"
        self._tag = re.compile(rf"<{re.escape(prefix)}row(?=[\s/>])([^>]*?)(/?)>")
        self._end = f"</{prefix}sheetData"
        self._rowless = False
        self._resolve()

    def followed_by(self, text: str, chunks: Iterable[bytes]) -> "Body":
        """Return this body with what stands behind its end; for a sheetData that is one empty tag."""
        self._text, self._chunks, self._rowless = text, iter(chunks), True
        return self

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the order of the file."""
        number, at = -1, 0
        while not self._rowless:
            text = self._text
            start = text.find("<", at)
            match = self._tag.match(text, start) if start >= 0 else None
            if match is not None:
                end = match.end()
                if not match[2]:
                    close = text.find(self._row_end, end)
                    end = text.find(">", close) + 1 if close >= 0 else 0
                if end:
                    given = re.search(r"""(?:^|\s)r\s*=\s*["']\s*(\d+)""", match[1])
                    number = int(given[1]) - 1 if given else number + 1
                    yield Row(number, text[at:start], text[start:end])
                    at = end
                    continue
            elif start >= 0 and text.startswith(self._end, start):
                self._text = text[at:]
                return
            self._text = text[at:]
            at = 0
            if not self._more():
                return

    def rest(self) -> Iterator[str]:
        """Yield what stands behind the last row, to the end of the part."""
        yield self._text
        for chunk in self._chunks:
            yield chunk.decode("latin-1")

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._text += chunk.decode("latin-1")
        self._resolve()
        return True

    def _resolve(self) -> None:
        """Drop comments and spell CDATA as text, so that ``<`` begins tags only."""
        if "!" not in self._text and "?" not in self._text:  # one letter is found faster than two
            return
        while "<!" in self._text or "<?" in self._text:
            inside, end, after = self._text.partition(self._end)
            cleaned = _ODD.sub(_plain, inside)
            if "<!" not in cleaned and "<?" not in cleaned:
                self._text = cleaned + end + after
                return
            chunk = next(self._chunks, None)
            if chunk is None:
                return
            self._text += chunk.decode("latin-1")


def _plain(odd: re.Match[str]) -> str:
    return (odd[1] or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
