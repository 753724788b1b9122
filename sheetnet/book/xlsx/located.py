"""Elements of an XML part, each with the byte offsets at which it stands."""

import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from sheetnet.book.package import Package
from sheetnet.errors import FileError

_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_DECLARED = re.compile(r"""^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')""")

MAX_DEPTH = 200
"""Open elements; office programs nest some thirty."""

Splice = tuple[int, int, bytes]
"""Replace the bytes from a start to an end by others."""


def local(tag: str) -> str:
    """Return a tag's or attribute's name without its prefix: Strict and prefixed parts read the same."""
    return tag.rpartition(":")[2]


class Element:
    """One element: `start` and `end` around it, `inner` and `close` around its content."""

    __slots__ = ("attributes", "children", "close", "end", "inner", "name", "start", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], start: int, inner: int) -> None:
        self.tag = tag
        self.name = local(tag)
        self.attributes = attributes
        self.start = start
        self.inner = self.close = self.end = inner
        self.children: list[Element] = []
        self.text = ""

    @property
    def prefix(self) -> str:
        """The namespace prefix with its colon, or nothing."""
        return self.tag[: len(self.tag) - len(self.name)]

    def get(self, name: str) -> str | None:
        """Return an attribute by its local name (``id`` finds ``r:id``), or None."""
        value = self.attributes.get(name)
        if value is None:
            for key, other in self.attributes.items():
                if local(key) == name:
                    return other
        return value

    def child(self, *names: str) -> "Element | None":
        """Return the first child called so, or the child's child, or None."""
        found: Element | None = self
        for name in names:
            found = next((child for child in found.children if child.name == name), None) if found else None
        return found

    def walk(self) -> Iterator["Element"]:
        """Yield this element and all below it in order, but for what mc:Fallback holds."""
        yield self
        for child in self.children:
            if child.name != "Fallback":
                yield from child.walk()


class _Found(Exception):
    """The element looked for has begun."""


class _Builder:
    def __init__(self, until: str | None) -> None:
        self.data = bytearray()
        self.open: list[Element] = []
        self.root: Element | None = None
        self._until = until
        self.parser = parser()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        start = self.parser.CurrentByteIndex
        match = _TAG.match(self.data, start)
        element = Element(tag, attributes, start, match.end() if match else start)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)
        if len(self.open) > MAX_DEPTH:
            raise FileError(f"it nests elements more than {MAX_DEPTH} deep; refused")
        if match and not match[1]:
            element.close = -1
        if element.name == self._until:
            raise _Found

    def _end(self, tag: str) -> None:
        element = self.open.pop()
        if element.close == -1:
            element.close = self.parser.CurrentByteIndex
            element.end = self.data.index(b">", element.close) + 1

    def _text(self, text: str) -> None:
        self.open[-1].text += text


def parser() -> expat.XMLParserType:
    """Return a parser that refuses a DTD, which no office program writes and only an attack needs."""
    made = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise FileError("it holds a DTD, which no office program writes; refused")

    made.StartDoctypeDeclHandler = refuse
    return made


def damaged(package: Package, part: str, line: int) -> FileError:
    """Return the error for a part that can't be read."""
    return FileError(f"{package.path.name}: the file is damaged ({part}, line {line}); use a whole copy")


def utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a part's bytes, turned into UTF-8 where they are UTF-16 (ECMA-376 part 2, 9.1.2 allows both)."""
    pieces = iter(chunks)
    first = next(pieces, b"")
    if first[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        yield first
        yield from pieces
        return
    text = (first + b"".join(pieces)).decode("utf-16", "replace")
    yield _DECLARED.sub(r"\1", text, count=1).encode()


def read(package: Package, part: str) -> bytes:
    """Return a part's bytes in UTF-8."""
    return b"".join(utf8(package.chunks(part)))


def parse(package: Package, part: str, data: bytes) -> Element:
    """Return the root of a small part; FileError when it is not well-formed."""
    builder = _Builder(None)
    builder.data += data
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise damaged(package, part, error.lineno) from error
    except FileError as error:
        raise FileError(f"{package.path.name}: {error}") from None
    assert builder.root is not None
    return builder.root


def parse_head(package: Package, part: str, chunks: Iterator[bytes], until: str) -> tuple[Element, bytes]:
    """Read a part up to the start tag of `until`; return its root and the bytes taken from `chunks`.

    The last child of the root is the element `until`, without its content.
    """
    builder = _Builder(until)
    try:
        for chunk in chunks:
            builder.data += chunk
            builder.parser.Parse(chunk, False)
        builder.parser.Parse(b"", True)
    except _Found:
        assert builder.root is not None
        return builder.root, bytes(builder.data)
    except expat.ExpatError as error:
        raise damaged(package, part, error.lineno) from error
    except FileError as error:
        raise FileError(f"{package.path.name}: {error}") from None
    raise damaged(package, part, builder.parser.CurrentLineNumber)


def inside(parent: Element, data: bytes, text: str) -> Splice:
    """Return the splice that puts text at the end of what an element holds."""
    new = text.encode("ascii")
    if parent.close != parent.end:
        return parent.close, parent.close, new
    opened = data[parent.start : parent.end].rstrip(b"/>").rstrip()
    return parent.start, parent.end, opened + b">" + new + f"</{parent.tag}>".encode()


def spliced(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Return `data` with splices, which do not overlap, carried out."""
    out: list[bytes] = []
    at = 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        out += (data[at:start], new)
        at = end
    return b"".join([*out, data[at:]])
