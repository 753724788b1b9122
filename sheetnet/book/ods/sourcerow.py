"""A row of content.xml as it stands: its tags and cells, cut so that single cells can be replaced."""

import re
from functools import lru_cache
from typing import NamedTuple
from xml.parsers.expat import ParserCreate

from sheetnet.book.ods.markup import TAG, escape, repeated, with_attribute

# A cell's old content; OpenDocument 1.3 part 3, 19.384 to 19.391, 19.640 and 19.680
_CONTENT = frozenset(
    (
        "table:formula",
        "table:style-name",
        "table:number-columns-repeated",
        "office:value-type",
        "office:value",
        "office:date-value",
        "office:time-value",
        "office:boolean-value",
        "office:string-value",
        "office:currency",
        "calcext:value-type",
    )
)
_TEXTS = re.compile(r"(?:\s*<text:p(?: [^<>]*)?(?:/>|>[^<]*</text:p>))*\s*")


class SourceCell(NamedTuple):
    """One stored cell: `number` columns from `first`; `raw` is its text with all that is in it."""

    first: int
    number: int
    element: str
    attributes: dict[str, str]
    raw: str

    @property
    def style(self) -> str | None:
        """The style that it names itself."""
        return self.attributes.get("table:style-name")

    @property
    def empty(self) -> bool:
        """Tell whether it holds neither value nor formula nor text."""
        given = self.attributes
        return "office:value-type" not in given and "table:formula" not in given and "<text:" not in self.raw

    def part(self, number: int) -> str:
        """Return it with another repeat count, all else as it stands."""
        return self.raw if number == self.number else _part(self.raw, number)

    def frame(self) -> tuple[str, str]:
        """Return what stays when its content is replaced: attributes, and notes and drawings inside."""
        given, raw = self.attributes, self.raw
        kept = ""
        if not _CONTENT.issuperset(given):
            kept = "".join(f' {n}="{escape(v)}"' for n, v in given.items() if n not in _CONTENT)
        # a cell of one paragraph, as nearly all are, has four tags in it; an empty one has one
        tags = raw.count("<")
        if tags == 1 or (tags == 4 and "<text:p>" in raw):
            return kept, ""
        match = TAG.match(raw)
        if match is None or match[0].endswith("/>"):
            return kept, ""
        inner = raw[match.end() : raw.rindex("</")]
        return kept, "" if _TEXTS.fullmatch(inner) else _without_text(inner)


@lru_cache(maxsize=1024)
def _part(raw: str, number: int) -> str:
    match = TAG.match(raw)
    if match is None:
        raise ValueError(raw)
    return repeated(match[0], "columns", number) + raw[match.end() :]


class SourceRow(NamedTuple):
    """A stored row: its start tag with the repeat count left out, its cells, and its end tag."""

    head: str
    cells: list[SourceCell]
    tail: str
    attributes: dict[str, str]

    def repeated_head(self, number: int) -> str:
        """Return the start tag for a repeated row."""
        return repeated(self.head, "rows", number)

    def styled(self, style: str | None) -> "SourceRow":
        """Return it with a style of the row's own; itself where it has that one, or None is asked for."""
        if style is None or style == self.attributes.get("table:style-name"):
            return self
        return self._replace(head=with_attribute(self.head, "table:style-name", style))


def empty_row(style: str | None) -> SourceRow:
    """Return a row that does not stand in the file yet."""
    head = "<table:table-row>" if style is None else f'<table:table-row table:style-name="{escape(style)}">'
    return SourceRow(head, [], "</table:table-row>", {})


def empty_cells(first: int, count: int) -> SourceCell:
    """Return cells that do not stand in the file yet."""
    raw = repeated("<table:table-cell/>", "columns", count)
    return SourceCell(first, count, "table:table-cell", {}, raw)


def _without_text(inner: str) -> str:
    """Return the children that are not text: notes, traced arrows, drawings."""
    data = f"<_>{inner}</_>".encode()
    parser = ParserCreate()
    kept: list[bytes] = []
    depth = begin = 0
    name = ""

    def start(element: str, _: dict[str, str]) -> None:
        nonlocal depth, begin, name
        finish()
        depth += 1
        if depth == 2:
            name, begin = element, parser.CurrentByteIndex

    def end(_: str) -> None:
        nonlocal depth
        finish()
        depth -= 1

    def finish() -> None:
        nonlocal begin
        if depth == 1 and begin:
            if not name.startswith(("text:", "table:table")):
                kept.append(data[begin : parser.CurrentByteIndex].strip())
            begin = 0

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    return b"".join(kept).decode()
