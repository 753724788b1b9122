"""The shared strings of a workbook: rich text joined, phonetic guides left out (ECMA-376 18.4)."""

from xml.parsers import expat

from sheetnet.book.package import Package
from sheetnet.book.xlsx.located import damaged, local, parser
from sheetnet.book.xlsx.text import unescaped_string
from sheetnet.errors import FileError


def shared_strings(package: Package, part: str | None) -> list[str]:
    """Return the texts of sharedStrings.xml in order; none when there is no such part."""
    if part is None or part not in package:
        return []
    texts: list[str] = []
    pieces: list[str] = []
    state = {"t": False, "phonetic": 0}
    read = parser()
    read.buffer_text = True

    def start(tag: str, _: dict[str, str]) -> None:
        name = local(tag)
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            state["phonetic"] += 1
        elif name == "t":
            state["t"] = not state["phonetic"]

    def end(tag: str) -> None:
        name = local(tag)
        if name == "si":
            texts.append(unescaped_string("".join(pieces)))
        elif name == "rPh":
            state["phonetic"] -= 1
        elif name == "t":
            state["t"] = False

    def text(data: str) -> None:
        if state["t"]:
            pieces.append(data)

    read.StartElementHandler = start
    read.EndElementHandler = end
    read.CharacterDataHandler = text
    try:
        for chunk in package.chunks(part):
            read.Parse(chunk, False)
        read.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(package, part, error.lineno) from error
    except FileError as error:
        raise (
            error if package.path.name in str(error) else FileError(f"{package.path.name}: {error}")
        ) from None
    return texts
