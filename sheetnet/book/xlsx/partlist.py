"""The parts of a package while it is edited, and what names them: relationships and content types."""

import posixpath
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from sheetnet.book.package import Content, Package
from sheetnet.book.xlsx.located import Element, Splice, inside, parse, read, spliced
from sheetnet.book.xlsx.outline import (
    CONTENT_TYPES,
    rels_part,
    without_relation,
    without_types,
)
from sheetnet.book.xlsx.text import escaped

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


class PartList:
    """What becomes of a package's parts; `changed` are the new contents."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.changed: dict[str, Content] = {}
        self._gone: set[str] = set()
        self._types: dict[str, str] = {}
        self._extensions: dict[str, str] = {}

    def data(self, part: str) -> bytes:
        """Return a part's bytes as they are now."""
        known = self.changed.get(part)
        return known if isinstance(known, bytes) else read(self.package, part)

    def root(self, part: str) -> tuple[Element, bytes]:
        """Return a part's outline and its bytes as they are now."""
        data = self.data(part)
        return parse(self.package, part, data), data

    def splice(self, part: str, data: bytes, splices: list[Splice]) -> None:
        """Change a part whose bytes are `data`."""
        if splices:
            self.changed[part] = spliced(data, splices)

    def free(self, pattern: str) -> str:
        """Return the name of a new part, ``{}`` in its pattern a number."""
        taken = {name.lower() for name in (*self.package.names, *self.changed)}
        number = 1
        while pattern.format(number).lower() in taken:
            number += 1
        return pattern.format(number)

    def add(self, part: str, content: bytes, kind: str) -> None:
        """Add a part of a content type; one whose extension says it gets no entry of its own."""
        self.changed[part] = content
        if part.endswith(".vml"):
            self._extensions["vml"] = kind
        else:
            self._types[part] = kind

    def add_xml(self, part: str, text: str, kind: str) -> None:
        """Add a part of a content type that holds an element, given in ASCII."""
        self.add(part, f"{DECLARATION}{text}".encode("ascii"), kind)

    def drop(self, part: str) -> None:
        """Take a part out."""
        self.changed[part] = None
        self._gone.add(part)

    def link(self, source: str, target: str, kind: str) -> str:
        """Add a relationship of a type and return its id."""
        rels = rels_part(source)
        if rels in self.package or rels in self.changed:
            root, data = self.root(rels)
        else:
            data = f'{DECLARATION}<Relationships xmlns="{_RELATIONSHIPS}"></Relationships>'.encode()
            root = parse(self.package, rels, data)
        ids = {entry.get("Id") for entry in root.children}
        number = len(ids) + 1
        while f"rId{number}" in ids:
            number += 1
        where = posixpath.relpath("/" + target, "/" + posixpath.dirname(source))
        new = f'<{root.prefix}Relationship Id="rId{number}" Type="{kind}" Target={quoteattr(where)}/>'
        self.splice(rels, data, [inside(root, data, new)])
        return f"rId{number}"

    def unlink(self, source: str, target: str) -> None:
        """Take the relationships to a part out."""
        rels = rels_part(source)
        if rels in self.package:
            data = self.data(rels)
            self.splice(rels, data, without_relation(self.package, source, target, data))

    def finish(self) -> dict[str, Content]:
        """Return all that changes, the list of content types with it."""
        if self._gone:
            data = self.data(CONTENT_TYPES)
            self.splice(CONTENT_TYPES, data, without_types(self.package, self._gone, data))
        if self._types or self._extensions:
            root, data = self.root(CONTENT_TYPES)
            self.splice(CONTENT_TYPES, data, [inside(root, data, "".join(self._entries(root)))])
        return self.changed

    def _entries(self, root: Element) -> Iterator[str]:
        known = {(e.get("Extension") or "").lower() for e in root.children if e.name == "Default"}
        for extension, kind in self._extensions.items():
            if extension not in known:
                yield f'<{root.prefix}Default Extension="{extension}" ContentType="{kind}"/>'
        for part, kind in self._types.items():
            yield f'<{root.prefix}Override PartName="/{escaped(part)}" ContentType="{kind}"/>'
