"""Markup: elements of HTML and SVG, in which every other text is escaped."""

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

VOID = frozenset({"br", "col", "hr", "meta"})
"""Elements without an end tag (HTML, 13.1.2)."""

_CONTROL = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}
_UNSEEN = re.compile(
    "[\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)
"""What HTML does not allow as text, and the signs that turn the direction of all text after them."""


class Markup(str):
    """Text that is markup already, and is not escaped again."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"


def element(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """Return an element; None and False leave an attribute out, ``class_`` and ``aria_label`` name theirs."""
    opening = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_text("" if value is True else _number(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{opening}>")
    return Markup(f"<{name}{opening}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Return markup and texts one after the other, the texts escaped."""
    return Markup("".join(_parts(children)))


def visible(text: str) -> str:
    """Return a text with a sign in the place of what can't be shown: ␀ for the control character 0."""
    return _UNSEEN.sub("\ufffd", text.translate(_CONTROL))


def clipped(text: str, most: int) -> str:
    """Return a text, or its beginning when it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _parts(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield _text(child)
        elif child is not None:
            yield from _parts(child)


def _text(text: str) -> str:
    return escape(visible(text))


def _number(value: str | float) -> str:
    """Return an attribute's text: coordinates with one decimal."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
