"""The print ranges of sheets, which the workbook keeps among its names (ECMA-376 part 1, 18.2.5)."""

from sheetnet.book.grid import Area
from sheetnet.book.xlsx.located import Element, Splice, inside
from sheetnet.book.xlsx.ranges import range_text
from sheetnet.book.xlsx.text import escaped

_NAME = "_xlnm.Print_Area"
# 18.2.27: what stands before the names
_BEFORE = ("sheets", "functionGroups", "externalReferences")


def print_splices(root: Element, data: bytes, index: int, areas: tuple[Area, ...]) -> list[Splice]:
    """Return the splices of the workbook's part that give sheet number `index` its print ranges.

    `root` is the outline of `data`. With no areas its name goes, so that all of the sheet is printed.
    """
    wanted = ",".join(map(range_text, areas))
    names = root.child("definedNames")
    p = root.prefix
    new = f'<{p}definedName name="{_NAME}" localSheetId="{index}">{escaped(wanted)}</{p}definedName>'
    if names is None:
        last = max((child.end for child in root.children if child.name in _BEFORE), default=root.inner)
        text = f"<{p}definedNames>{new}</{p}definedNames>".encode("ascii")
        return [(last, last, text)] if areas else []
    old = [name for name in names.children if _is_range(name, index)]
    if [name.text for name in old] == [wanted] * bool(areas):
        return []
    if not old:
        return [inside(names, data, new)]
    if areas:
        first = old[0]
        kept = data[first.start : first.inner].rstrip(b"/>").rstrip() + b">"
        text = kept + f"{escaped(wanted)}</{first.tag}>".encode("ascii")
        return [(first.start, first.end, text), *((one.start, one.end, b"") for one in old[1:])]
    if len(old) == len(names.children):
        return [(names.start, names.end, b"")]
    return [(one.start, one.end, b"") for one in old]


def _is_range(name: Element, index: int) -> bool:
    return (name.get("name") or "").lower() == _NAME.lower() and name.get("localSheetId") == str(index)
