"""Cell formats appended to styles.xml, each once (ECMA-376 18.8)."""

import re
from collections.abc import Mapping

from sheetnet.book.edits import SheetCell
from sheetnet.book.marks import MarkLook
from sheetnet.book.xlsx.located import Element, Splice, spliced
from sheetnet.book.xlsx.text import escaped

_BUILTIN = {"0": 1, "0.00": 2}
"""Number formats that need no entry (18.8.30)."""
_FIRST_CUSTOM = 164
# 18.8.22 and 18.8.4: the order of what they hold; Strict files say start and end
_FONT = [
    "b",
    "i",
    "strike",
    "condense",
    "extend",
    "outline",
    "shadow",
    "u",
    "vertAlign",
    "sz",
    "color",
    "name",
    "family",
    "charset",
    "scheme",
]
_BORDER = ["start", "left", "end", "right", "top", "bottom", "diagonal", "vertical", "horizontal"]
_EDGE = "thick"
_LINK = "0563C1"
_ATTRIBUTE = re.compile(r"""\s+([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")


class Styles:
    """The formats of a workbook and those added to it; `root` is the outline of `data`.

    Made without a root, where a package has no styles, it gives every cell format 0.
    """

    def __init__(self, root: Element | None, data: bytes) -> None:
        self._root, self._data = root, data
        self._prefix = root.prefix if root else ""
        self._parts = {name: self._items(name) for name in ("fonts", "fills", "borders")}
        self._formats = self._items("cellXfs")
        self._codes = {e.get("formatCode"): e.get("numFmtId") for e in self._elements("numFmts")}
        self._ids = [int(number) for number in self._codes.values() if number and number.isdigit()]
        self._solid = self._solid_fills()
        self._known: dict[str, int] = {}
        for index, raw in enumerate(self._formats):
            self._known.setdefault(_canonical(raw), index)
        names = ("numFmts", "fonts", "fills", "borders", "cellXfs")
        self._added: dict[str, list[str]] = {name: [] for name in names}
        self._marks: dict[tuple[int, MarkLook], int] = {}

    def format(self, base: int, fill: str | None, decimals: int | None) -> int:
        """Return the format that is `base` with a fill and a number format; appended where it is new."""
        if not 0 <= base < len(self._formats):
            base = 0
        if not self._formats or (fill is None and decimals is None):
            return base
        changes = {} if fill is None else self._filled(fill)
        if decimals is not None:
            number = self._number_format("0." + "0" * decimals if decimals else "0")
            changes |= {"numFmtId": str(number), "applyNumberFormat": "1"}
        return self._format(_with_attributes(self._formats[base], changes))

    def marked(self, base: int, look: MarkLook) -> int:
        """Return the format that is `base` with a mark's fill and lines."""
        found = self._marks.get((base, look))
        if found is None:
            if not self._formats:
                return base
            raw = self._formats[base if 0 <= base < len(self._formats) else 0]
            changes = self._filled(look.fill)
            if look.sides and self._parts["borders"]:
                border = self._border(_number(raw, "borderId"), look)
                changes |= {"borderId": str(border), "applyBorder": "1"}
            found = self._marks[base, look] = self._format(_with_attributes(raw, changes))
        return found

    def cell(self, cell: SheetCell) -> int:
        """Return the format of a new sheet's cell: the workbook's normal letters, at the top of the cell."""
        if not self._formats or not self._parts["fonts"] or not self._parts["fills"]:
            return 0
        font = _number(self._formats[0], "fontId")
        if cell.bold or cell.link is not None:
            font = self._font(font, cell)
        fill = 0 if cell.fill is None else self._fill(cell.fill.upper())
        p = self._prefix
        wrap = ' wrapText="1"' if cell.wrapped else ""
        return self._format(
            f'<{p}xf numFmtId="0" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyFont="1" '
            f'applyFill="1" applyAlignment="1"><{p}alignment vertical="top"{wrap}/></{p}xf>'
        )

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

    def _format(self, raw: str) -> int:
        known = self._known.get(_canonical(raw))
        if known is None:
            known = self._known[_canonical(raw)] = len(self._formats)
            self._formats.append(raw)
            self._added["cellXfs"].append(raw)
        return known

    def _part(self, name: str, raw: str) -> int:
        """Return the number of a font, fill or border; appended where it is new."""
        known = self._parts[name]
        if raw not in known:
            known.append(raw)
            self._added[name].append(raw)
        return known.index(raw)

    def _filled(self, fill: str) -> dict[str, str]:
        if not self._parts["fills"]:
            return {}
        return {"fillId": str(self._fill(fill.upper())), "applyFill": "1"}

    def _fill(self, rgb: str) -> int:
        if rgb not in self._solid:
            p = self._prefix
            self._solid[rgb] = self._part(
                "fills",
                f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{rgb}"/>'
                f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>',
            )
        return self._solid[rgb]

    def _border(self, base: int, look: MarkLook) -> int:
        p = self._prefix
        line = f'style="{_EDGE}"><{p}color rgb="FF{look.edge}"/>'
        sides = {side: f"<{p}{side} {line}</{p}{side}>" for side in look.sides}
        for side, other in (("left", "start"), ("right", "end")):
            if side in sides:
                sides[other] = ""
        return self._part("borders", self._changed("borders", base, sides, _BORDER))

    def _font(self, base: int, cell: SheetCell) -> int:
        p = self._prefix
        changes = {"b": f"<{p}b/>"} if cell.bold else {}
        if cell.link is not None:
            changes |= {"u": f"<{p}u/>", "color": f'<{p}color rgb="FF{_LINK}"/>'}
        return self._part("fonts", self._changed("fonts", base, changes, _FONT))

    def _changed(self, name: str, base: int, changes: Mapping[str, str], order: list[str]) -> str:
        """Return a font or border like number `base` with other children."""
        elements = self._elements(name)
        element = elements[base if base < len(elements) else 0]
        held = {e.name: self._data[e.start : e.end].decode("latin-1") for e in element.children}
        held |= changes
        inner = "".join(held[child] for child in sorted(held, key=lambda one: _rank(one, order)))
        opened = self._data[element.start : element.inner].decode("latin-1").rstrip("/>").rstrip()
        return f"{opened}>{inner}</{element.tag}>"

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
    name, _, rest = _tag(raw)
    attributes = _attributes(raw) | changes
    return name + "".join(f' {key}="{value}"' for key, value in attributes.items()) + rest


def _canonical(raw: str) -> str:
    """Return an xf's text with its attributes in order, so that equal formats are equal texts."""
    name, _, rest = _tag(raw)
    return name + str(sorted(_attributes(raw).items())) + rest


def _attributes(raw: str) -> dict[str, str]:
    return {key: value[1:-1] for key, value in _ATTRIBUTE.findall(_tag(raw)[1])}


def _number(raw: str, name: str) -> int:
    """Return the number of the part that a format names."""
    text = _attributes(raw).get(name, "0")
    return int(text) if text.isdigit() else 0


def _rank(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)
