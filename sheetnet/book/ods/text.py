"""The text of a cell while it is read: paragraphs, runs of blanks, tabs, line breaks."""

import re
from collections.abc import Callable
from xml.parsers.expat import XMLParserType

from sheetnet.book.grid import CellError, Value
from sheetnet.book.ods.parser import MAX_DEPTH, count
from sheetnet.errors import FileError

_MAX_BLANKS = 32_767
_ERROR = re.compile(r"Err:[0-9]{3}|#[A-Z0-9/]+[!?]|#N/A")


class TextCell:
    """A cell whose text is being read; it takes the parser's handlers over until the cell's end."""

    __slots__ = (
        "_attributes",
        "_deep",
        "_depth",
        "_first",
        "_formula",
        "_last",
        "_other",
        "_paragraphs",
        "_parser",
        "_pieces",
        "_resume",
        "_write",
    )

    def __init__(
        self,
        parser: XMLParserType,
        write: Callable[[int, int, Value, str | None], None],
        other: Callable[[str, dict[str, str]], None],
        deep: Callable[[], FileError],
    ) -> None:
        self._parser, self._write, self._other, self._deep = parser, write, other, deep
        self._pieces: list[str] = []
        self._attributes: dict[str, str] = {}

    def open(
        self, first: int, last: int, attributes: dict[str, str], formula: str | None, *, paragraph: bool
    ) -> None:
        """Begin with the cell of columns `first` to before `last`; `paragraph`: its first one is open."""
        self._first, self._last, self._attributes, self._formula = first, last, attributes, formula
        self._pieces = []
        self._depth = 2 if paragraph else 1
        self._paragraphs = int(paragraph)
        parser = self._parser
        self._resume = parser.StartElementHandler
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._pieces.append if paragraph else None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._deep()
        if name == "text:p" and self._depth == 2:
            if self._paragraphs:
                self._pieces.append("\n")
            self._paragraphs += 1
            self._parser.CharacterDataHandler = self._pieces.append
        elif name == "text:s":
            # OpenDocument 1.3 part 3, 6.1.3
            self._pieces.append(" " * min(count(attributes.get("text:c")), _MAX_BLANKS))
        elif name == "text:tab":
            self._pieces.append("\t")
        elif name == "text:line-break":
            self._pieces.append("\n")
        elif not name.startswith("text:"):
            self._depth -= 1
            self._other(name, attributes)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._depth == 1:
            self._parser.CharacterDataHandler = None
        elif self._depth == 0:
            parser = self._parser
            parser.StartElementHandler, parser.EndElementHandler = self._resume, None
            shown = "".join(self._pieces)
            if self._formula is not None or shown or self._attributes:
                self._write(self._first, self._last, self._value(shown), self._formula)

    def _value(self, shown: str) -> Value:
        given = self._attributes.get("office:string-value")
        if self._attributes.get("calcext:value-type") == "error":
            return CellError(shown or given)
        # older programs store an error as a formula with an empty string and the error as its text
        if self._formula is not None and (_ERROR.fullmatch(shown) or (given == "" and shown)):
            return CellError(shown)
        return shown if given is None else given
