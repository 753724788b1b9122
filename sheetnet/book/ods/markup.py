"""XML as text: escaping, and changing attributes in the bytes of a start tag."""

import re

_ATTRIBUTE = r"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')"""
TAG = re.compile(rf"<[^\s/>!?]+(?:{_ATTRIBUTE})*\s*/?>")
"""A whole start tag; a value may hold ``>``."""
TAG_BYTES = re.compile(TAG.pattern.encode())
_ONE = re.compile(_ATTRIBUTE)
# XML 1.0, 2.2: characters that no document may hold, escaped or not
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"(?<= ) +|^ +|(?<=\n) +|\t")


def escape(text: str) -> str:
    """Return `text` as it stands between quotes or tags; forbidden characters become U+FFFD."""
    if text.isalnum():
        return text
    text = _ILLEGAL.sub("\ufffd", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def paragraphs(text: str) -> str:
    """Return a cell's text as paragraphs, runs of blanks as text:s (OpenDocument 1.3 part 3, 6.1.3)."""
    return "".join(f"<text:p>{_paragraph(line)}</text:p>" for line in text.split("\n"))


def _paragraph(line: str) -> str:
    def blanks(match: re.Match[str]) -> str:
        if match[0] == "\t":
            return "<text:tab/>"
        number = len(match[0])
        return "<text:s/>" if number == 1 else f'<text:s text:c="{number}"/>'

    return _BLANKS.sub(blanks, escape(line))


def with_attribute(tag: str, name: str, value: str | None) -> str:
    """Return the start tag with an attribute set, or removed where `value` is None."""
    for match in _ONE.finditer(tag):
        if match[1] == name:
            new = "" if value is None else f' {name}="{escape(value)}"'
            return tag[: match.start()] + new + tag[match.end() :]
    if value is None:
        return tag
    end = len(tag) - (2 if tag.endswith("/>") else 1)
    return f'{tag[:end].rstrip()} {name}="{escape(value)}"{tag[end:]}'


def repeated(tag: str, axis: str, number: int) -> str:
    """Return the start tag of a row, column or cell with its repeat count set; 1 is not written."""
    return with_attribute(tag, f"table:number-{axis}-repeated", str(number) if number > 1 else None)
