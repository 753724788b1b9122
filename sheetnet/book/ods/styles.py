"""The automatic styles of a document: finding one that fits, and deriving a new one."""

from collections.abc import Hashable, Mapping

from sheetnet.book.marks import SIDES, MarkLook
from sheetnet.book.ods.length import COLUMN_WIDTH, millimetres
from sheetnet.book.ods.tree import Element

DEFAULT = "Default"
"""The common style that LibreOffice gives every document; a cell may name it."""

_SAME = 0.005
"""Millimetres by which widths may differ and be one."""
_EDGE = "2.49pt"
"""The line round a mark, Excel's thick."""
_PREFIXES = {"table-cell": "ce", "graphic": "gr"}


class AutomaticStyles:
    """The styles in office:automatic-styles (OpenDocument 1.3 part 3, 3.15.3), and those that edits add.

    `added` are the new elements, in order. Equal requests get one style, and a style that stands in the
    document already is used as it is.
    """

    def __init__(self, root: Element) -> None:
        self.added: list[Element] = []
        self._names: set[str] = set()
        self._styles: dict[tuple[str, str], Element] = {}
        self._data: dict[str, Element] = {}
        self._alike: dict[Hashable, str] = {}
        for element in root.elements():
            self._register(element)

    def cell(self, base: str | None, fill: str | None, decimals: int | None) -> str:
        """Return the name of a cell style like `base` with a fill and a number format of its own."""
        style = self._clone("table-cell", base)
        if decimals is not None:
            style.attributes["style:data-style-name"] = self._number(decimals)
        if fill is not None:
            _cell_properties(style)["fo:background-color"] = f"#{fill.lower()}"
        return self._use(style, "ce", base)

    def marked(self, base: str | None, look: MarkLook) -> str:
        """Return the name of a cell style like `base` with a mark's fill and lines."""
        style = self._clone("table-cell", base)
        properties = _cell_properties(style)
        properties["fo:background-color"] = f"#{look.fill.lower()}"
        if look.sides:
            # 20.183 and 20.248: one attribute for all sides, or one for each
            for name in ("fo:border", "style:border-line-width"):
                given = properties.pop(name, None)
                if given is not None:
                    for side in SIDES:
                        properties.setdefault(f"{name}-{side}", given)
            for side in look.sides:
                properties[f"fo:border-{side}"] = f"{_EDGE} solid #{look.edge.lower()}"
                properties.pop(f"style:border-line-width-{side}", None)
        return self._use(style, "ce", base)

    def new(self, family: str, properties: Mapping[str, Mapping[str, str]]) -> str:
        """Return the name of a style of a family, of properties by their element's name."""
        style = self._clone(family, None)
        style.children += (Element(name, dict(given)) for name, given in properties.items())
        if family != "table-cell":
            style.attributes.pop("style:parent-style-name", None)
        return self._use(style, _PREFIXES[family], None)

    def width(self, base: str | None, size: float) -> str:
        """Return the name of a column style like `base` with that width in millimetres."""
        if base is not None and abs(self.column_size(base) - size) < _SAME:
            return base
        style = self._clone("table-column", base)
        style.attributes.pop("style:parent-style-name", None)
        properties = style.child("style:table-column-properties")
        if properties is None:
            properties = Element("style:table-column-properties", {"fo:break-before": "auto"})
            style.children.insert(0, properties)
        properties.attributes.pop("style:use-optimal-column-width", None)
        properties.attributes["style:column-width"] = f"{size:.2f}mm"
        return self._use(style, "co", base)

    def height(self, base: str | None, size: float) -> str:
        """Return the name of a row style like `base` with that height in millimetres."""
        style = self._clone("table-row", base)
        style.attributes.pop("style:parent-style-name", None)
        properties = style.child("style:table-row-properties")
        if properties is None:
            properties = Element("style:table-row-properties", {"fo:break-before": "auto"})
            style.children.insert(0, properties)
        given = properties.attributes
        old = millimetres(given.get("style:row-height"))
        fixed = given.get("style:use-optimal-row-height") == "false"
        if base is not None and fixed and old is not None and abs(old - size) < _SAME:
            return base
        given["style:row-height"] = f"{size:.2f}mm"
        given["style:use-optimal-row-height"] = "false"
        return self._use(style, "ro", base)

    def column_size(self, name: str | None) -> float:
        """Return the width of columns of that style, in millimetres."""
        style = self._styles.get(("table-column", name or ""))
        properties = None if style is None else style.child("style:table-column-properties")
        size = None if properties is None else millimetres(properties.attributes.get("style:column-width"))
        return COLUMN_WIDTH if size is None else size

    def _clone(self, family: str, base: str | None) -> Element:
        known = self._styles.get((family, base or ""))
        if known is not None:
            return known.copy()
        return Element(
            "style:style",
            {"style:name": "", "style:family": family, "style:parent-style-name": base or DEFAULT},
        )

    def _number(self, decimals: int) -> str:
        places = {"number:decimal-places": str(decimals), "number:min-integer-digits": "1"}
        style = Element("number:number-style", {"style:name": ""}, [Element("number:number", places)])
        return self._use(style, "N", None)

    def _use(self, style: Element, prefix: str, preferred: str | None) -> str:
        key = self._key(style)
        known = self._styles.get((style.attributes.get("style:family", ""), preferred or ""))
        if known is not None and self._key(known) == key:
            return known.attributes["style:name"]
        if key not in self._alike:
            # LibreOffice's own data styles are numbered by its format keys; 10000 is past them
            number = 10_000 if prefix == "N" else 1
            while f"{prefix}{number}" in self._names:
                number += 1
            style.attributes["style:name"] = f"{prefix}{number}"
            self._register(style)
            self.added.append(style)
        return self._alike[key]

    def _register(self, element: Element) -> None:
        name = element.attributes.get("style:name", "")
        self._names.add(name)
        if element.name == "style:style":
            self._styles[element.attributes.get("style:family", ""), name] = element
        else:
            self._data.setdefault(name, element)
        self._alike.setdefault(self._key(element), name)

    def _key(self, element: Element, *, top: bool = True) -> Hashable:
        """Return what makes two styles alike: all but their names, data styles compared by content."""
        attributes: dict[str, Hashable] = dict(element.attributes)
        if top:
            attributes.pop("style:name", None)
            data = self._data.get(element.attributes.get("style:data-style-name", ""))
            if data is not None:
                attributes["style:data-style-name"] = self._key(data)
        children = tuple(
            child.strip() if isinstance(child, str) else self._key(child, top=False)
            for child in element.children
        )
        return element.name, frozenset(attributes.items()), tuple(child for child in children if child != "")


def _cell_properties(style: Element) -> dict[str, str]:
    """Return the attributes of a cell style's own properties, which come first in it."""
    properties = style.child("style:table-cell-properties")
    if properties is None:
        properties = Element("style:table-cell-properties", {})
        style.children.insert(0, properties)
    return properties.attributes
