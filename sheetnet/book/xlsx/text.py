"""Text as it stands in a part's bytes, read as latin-1 so that nothing that is kept can change."""

import html
import re

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def escaped(text: str) -> str:
    """Return XML in ASCII, true in every encoding that a part may have."""
    out = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return out if out.isascii() else out.encode("ascii", "xmlcharrefreplace").decode("ascii")


def escaped_string(text: str) -> str:
    """Return a cell's text: what XML can't hold is spelt ``_x0007_`` (ECMA-376 22.9.2.19, ST_Xstring)."""
    text = _ESCAPE_LIKE.sub("_x005F_", text)
    return escaped(_FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_", text)).replace("\r", "&#13;")


def plain(raw: str) -> str:
    """Return the text that escaped bytes, read as latin-1, stand for; bytes are taken as UTF-8."""
    if not raw.isascii():
        raw = raw.encode("latin-1").decode("utf-8", "replace")
    return html.unescape(raw) if "&" in raw else raw


def unescaped_string(text: str) -> str:
    """Return a cell's text with ``_x0007_`` and its like resolved (ECMA-376 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
