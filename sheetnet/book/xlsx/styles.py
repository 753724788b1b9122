"""Cell formats appended to styles.xml, each once (ECMA-376 18.8)."""

import re

from sheetnet.book.xlsx.located import Element, Splice, spliced
from sheetnet.book.xlsx.text import escaped

_BUILTIN = {"0": 1, "0.00": 2}
"""Number formats that need no entry (18.8.30)."""
_FIRST_CUSTOM = 164
_ATTRIBUTE = re.compile(r"""\s+([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")


class Styles:
    """The formats of a workbook and those added to it; `root` is the outline of `data`.

    Made without a root, where a package has no styles, it gives every cell format 0.
    """

    def __init__(self, root: Element | None, data: bytes) -> None:
        self._root, self._data = root, data
        self._prefix = root.prefix if root else ""
        self._fills = self._items("fills")
        self._formats = self._items("cellXfs")
        self._codes = {e.get("formatCode"): e.get("numFmtId") for e in self._elements("numFmts")}
        self._ids = [int(number) for number in self._codes.values() if number and number.isdigit()]
        self._solid = self._solid_fills()
        self._known: dict[str, int] = {}
        for index, raw in enumerate(self._formats):
            self._known.setdefault(_canonical(raw), index)
        self._added: dict[str, list[str]] = {"numFmts": [], "fills": [], "cellXfs": []}

    def format(self, base: int, fill: str | None, decimals: int | None) -> int:
        """Return the format that is `base` with a fill and a number format; appended where it is new."""
        if not 0 <= base < len(self._formats):
            base = 0
        if not self._formats or (fill is None and decimals is None):
            return base
        changes: dict[str, str] = {}
        if fill is not None and self._fills:
            changes |= {"fillId": str(self._fill(fill.upper())), "applyFill": "1"}
        if decimals is not None:
            number = self._number_format("0." + "0" * decimals if decimals else "0")
            changes |= {"numFmtId": str(number), "applyNumberFormat": "1"}
        raw = _with_attributes(self._formats[base], changes)
        known = self._known.get(_canonical(raw))
        if known is not None:
            return known
        self._known[_canonical(raw)] = len(self._formats)
        self._formats.append(raw)
        self._added["cellXfs"].append(raw)
        return len(self._formats) - 1

    def content(self) -> bytes | None:
        """Return the new styles.xml, or None where nothing was added."""
        if self._root is None or not any(self._added.values()):
            return None
        splices: list[Splice] = []
        for name, added in self._added.items():
            new = "".join(added).encode("latin-1")
            element = self._root.child(name)
            if not added:
                continue
            if element is None:  # numFmts is the first child of styleSheet (18.8.39)
                tag = f"{self._prefix}{name}"
                new = f'<{tag} count="{len(added)}">'.encode() + new + f"</{tag}>".encode()
                splices.append((self._root.inner, self._root.inner, new))
                continue
            start = self._data[element.start : element.inner].decode("latin-1")
            empty = element.close == element.end
            count = len(element.children) + len(added)
            if element.get("count") is not None:
                start = _with_attributes(start, {"count": str(count)})
            if empty:
                start = start.rstrip("/>").rstrip() + ">"
                new += f"</{element.tag}>".encode()
            splices.append((element.start, element.inner, start.encode("latin-1")))
            splices.append((element.close, element.close, new))
        return spliced(self._data, splices)

    def _elements(self, name: str) -> list[Element]:
        parent = self._root.child(name) if self._root else None
        return parent.children if parent else []

    def _items(self, name: str) -> list[str]:
        return [self._data[e.start : e.end].decode("latin-1") for e in self._elements(name)]

    def _solid_fills(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for index, element in enumerate(self._elements("fills")):
            pattern = element.child("patternFill")
            colour = element.child("patternFill", "fgColor")
            if pattern is not None and colour is not None and pattern.get("patternType") == "solid":
                rgb = colour.get("rgb")
                if rgb and len(colour.attributes) == 1:
                    found.setdefault(rgb[-6:].upper(), index)
        return found

    def _fill(self, rgb: str) -> int:
        if rgb not in self._solid:
            p = self._prefix
            raw = (
                f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{rgb}"/>'
                f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>'
            )
            self._solid[rgb] = len(self._fills)
            self._fills.append(raw)
            self._added["fills"].append(raw)
        return self._solid[rgb]

    def _number_format(self, code: str) -> int:
        if code in _BUILTIN:
            return _BUILTIN[code]
        known = self._codes.get(code)
        if known is None:
            known = str(max([_FIRST_CUSTOM - 1, *self._ids]) + 1)
            self._ids.append(int(known))
            self._codes[code] = known
            p = self._prefix
            self._added["numFmts"].append(f'<{p}numFmt numFmtId="{known}" formatCode="{escaped(code)}"/>')
        return int(known)


def _tag(raw: str) -> tuple[str, str, str]:
    """Cut an element into its name, its attributes and the rest from ``>`` or ``/>`` on."""
    end = raw.index(">")
    end -= raw[end - 1] == "/"
    match = re.match(r"<[^\s/>]+", raw)
    assert match is not None
    return match[0], raw[match.end() : end], raw[end:]


def _with_attributes(raw: str, changes: dict[str, str]) -> str:
    name, text, rest = _tag(raw)
    attributes = {key: value[1:-1] for key, value in _ATTRIBUTE.findall(text)} | changes
    return name + "".join(f' {key}="{value}"' for key, value in attributes.items()) + rest


def _canonical(raw: str) -> str:
    """Return an xf's text with its attributes in order, so that equal formats are equal texts."""
    name, text, rest = _tag(raw)
    return name + str(sorted((key, value[1:-1]) for key, value in _ATTRIBUTE.findall(text))) + rest
