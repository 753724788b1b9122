"""The slips of paper on which Excel shows notes: shapes in VML, which is text to us and seldom quite XML.

ECMA-376 part 4, 19.1 and 19.4. Excel writes ``<br>`` into it, so it is never parsed.
"""

import re
from collections.abc import Mapping

from sheetnet.book.xlsx.columns import PIXEL, Extents

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_ROOT = re.compile(rb"<xml(?=[\s>])[^>]*>")
_END = re.compile(rb"</xml\s*>\s*$")
_NUMBER = re.compile(rb"_x0000_s(\d+)")
_DATA = re.compile(rb"<x:ClientData(?:(?!</x:ClientData).)*</x:ClientData\s*>", re.DOTALL)
_ROW = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>")
_COLUMN = re.compile(rb"<x:Column>\s*(\d+)\s*</x:Column>")
_ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
# pixels of a slip, and of a line on it; its font is some 7 pixels wide
_WIDTH, _LINE, _CHARACTERS = 380, 17, 54


def new_slips(number: int) -> bytes:
    """Return a drawing without shapes, the workbook's `number`th."""
    declared = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in _NAMESPACES.items())
    return (
        f'<xml{declared}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{number}"/></o:shapelayout>'
        f"{_TYPE}</xml>"
    ).encode()


def with_slips(data: bytes, notes: Mapping[tuple[int, int], str], extents: Extents) -> bytes:
    """Return the drawing with a slip for each cell's note; one that is there grows by the text's lines."""
    new = dict(notes)

    def grown(match: re.Match[bytes]) -> bytes:
        row, column = _ROW.search(match[0]), _COLUMN.search(match[0])
        text = new.pop((int(row[1]), int(column[1])), None) if row and column else None
        if text is None:
            return match[0]
        return _ANCHOR.sub(
            lambda anchor: anchor[1] + _grown(anchor[2], _lines(text) + 1) + anchor[3], match[0]
        )

    data = _declared(_DATA.sub(grown, data))
    number = max([1024 * _block(data), *map(int, _NUMBER.findall(data))])
    shapes = "" if b'id="_x0000_t202"' in data else _TYPE
    for (row, column), text in new.items():
        number += 1
        shapes += _shape(number, row, column, _lines(text), extents)
    end = _END.search(data)
    place = end.start() if end else len(data)
    return data[:place] + shapes.encode() + data[place:]


def _lines(text: str) -> int:
    return sum(1 + len(line) // _CHARACTERS for line in text.split("\n"))


def _block(data: bytes) -> int:
    """Return the number of the block of 1024 shape ids that the drawing has for itself."""
    match = re.search(rb"""<o:idmap[^>]*?\sdata=["'](\d+)""", data)
    return int(match[1]) if match else 1


def _grown(anchor: bytes, lines: int) -> bytes:
    numbers = anchor.split(b",")
    if len(numbers) != 8 or not numbers[6].strip().isdigit():
        return anchor
    numbers[6] = b" %d" % (int(numbers[6]) + lines)
    return b",".join(numbers)


def _declared(data: bytes) -> bytes:
    match = _ROOT.search(data)
    if match is None:
        return data
    missing = [
        f' xmlns:{prefix}="{name}"'
        for prefix, name in _NAMESPACES.items()
        if f"xmlns:{prefix}=".encode() not in match[0]
    ]
    return data[: match.end() - 1] + "".join(missing).encode() + data[match.end() - 1 :]


def _shape(number: int, row: int, column: int, lines: int, extents: Extents) -> str:
    left = extents.left(column + 1) + 15 * PIXEL
    top = max(extents.top(row) - 10 * PIXEL, 0)
    anchor = ", ".join(
        f"{where}, {rest // PIXEL}"
        for where, rest in (
            extents.column_at(left),
            (extents.row_at(top), 0),
            extents.column_at(left + _WIDTH * PIXEL),
            (extents.row_at(top + (lines + 1) * _LINE * PIXEL) + 1, 0),
        )
    )
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData>"
        "</v:shape>"
    )
