"""An expat parser for a part of the package: DTDs refused, damage told in the user's words."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from sheetnet.book.package import Package
from sheetnet.errors import FileError

MAX_DEPTH = 200
"""Open elements; office programs nest some thirty."""

# OpenDocument 1.3 part 3, 2.2. Every office program declares these prefixes on the root, so names are
# compared with their prefix: expat's namespace mode costs a third of the time.
NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    "chart": "urn:oasis:names:tc:opendocument:xmlns:chart:1.0",
    "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
}


class Found(Exception):
    """Leave a parse early; what was looked for is known."""


def create(package: Package, part: str) -> XMLParserType:
    """Return a parser that refuses a document type declaration, the door of every entity bomb."""

    def refuse(*_: object) -> NoReturn:
        raise FileError(
            f"{package.path.name}: its part {part} declares a document type (DTD), which no office program "
            "writes; refused"
        )

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


@contextmanager
def damage(package: Package, part: str, parser: XMLParserType) -> Iterator[None]:
    """Turn what goes wrong in parsing into a FileError that names the line."""
    try:
        yield
    except ExpatError as error:
        raise _damaged(package, part, error.lineno) from error
    except (ValueError, OverflowError, LookupError) as error:
        raise _damaged(package, part, parser.CurrentLineNumber) from error


@contextmanager
def chunks(package: Package, part: str) -> Iterator[Iterator[bytes]]:
    """Give out a part's content piece by piece, and close it however the block ends."""
    pieces = package.chunks(part)
    try:
        yield pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def check_prefixes(package: Package, root: Mapping[str, str]) -> None:
    """Refuse a root whose usual prefixes mean something else."""
    for prefix, name in NAMESPACES.items():
        needed = prefix in ("office", "table") or name in root.values()
        if needed and root.get(f"xmlns:{prefix}") != name:
            raise FileError(
                f"{package.path.name}: its XML gives '{prefix}:' another meaning than office programs do; "
                "open it in LibreOffice and save it as .ods"
            )


def count(text: str | None) -> int:
    """Return how often an element is repeated: 1 where nothing is said; ValueError for nonsense."""
    if text is None:
        return 1
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def too_deep(package: Package, part: str) -> FileError:
    """Return the refusal of elements nested without end."""
    return FileError(
        f"{package.path.name}: its part {part} nests elements more than {MAX_DEPTH} deep; refused"
    )


def _damaged(package: Package, part: str, line: int) -> FileError:
    return FileError(f"{package.path.name}: the file is damaged ({part}, line {line}); use a whole copy")
