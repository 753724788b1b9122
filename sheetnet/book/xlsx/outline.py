"""The outline of a workbook's package: which part is which, and how they refer to each other."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from sheetnet.book.package import Package
from sheetnet.book.xlsx.located import Element, Splice, parse, read
from sheetnet.errors import FileError

CONTENT_TYPES = "[Content_Types].xml"
_TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TRANSITIONAL_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_STRICT_RELATIONSHIPS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship inside the package: `kind` is the last word of its type, `part` its target."""

    id: str
    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet's name, the part that holds it, and whether it is a worksheet or a chartsheet."""

    name: str
    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The workbook's parts; None where it has no such part."""

    workbook: str
    sheets: tuple[SheetPart, ...]
    strict: bool
    tabs: tuple[str, ...]
    names: dict[str, str]
    strings: str | None
    styles: str | None
    chain: str | None

    @property
    def namespace(self) -> str:
        """The namespace of the elements (ECMA-376 part 1, annex A: Strict has its own)."""
        return _STRICT if self.strict else _TRANSITIONAL

    @property
    def relationships(self) -> str:
        """The namespace of attributes that name relationships, and the beginning of these' types."""
        return _STRICT_RELATIONSHIPS if self.strict else _TRANSITIONAL_RELATIONSHIPS

    @property
    def spellings(self) -> dict[str, str]:
        """The sheets' names by their lower case."""
        return {sheet.name.lower(): sheet.name for sheet in self.sheets}


def outline(package: Package) -> Outline:
    """Read which parts a package's workbook has; FileError when it is no .xlsx."""
    main = next((r.part for r in relations(package, "") if r.kind == "officeDocument"), "xl/workbook.xml")
    if main.endswith(".bin") or "xl/workbook.bin" in package:
        raise FileError(
            f"{package.path.name}: it is a binary workbook (.xlsb), expected .xlsx; save as .xlsx"
        )
    if main not in package:
        raise FileError(f"{package.path.name}: it holds no workbook; expected .xlsx or .xlsm, save as .xlsx")
    root = parse(package, main, read(package, main))
    if root.name != "workbook":
        raise FileError(f"{package.path.name}: it holds a {root.name}, not a workbook; save as .xlsx")
    by_id = {relation.id: relation for relation in relations(package, main)}
    by_kind = {relation.kind: relation.part for relation in by_id.values()}
    listed = root.child("sheets")
    sheets = []
    every: list[str] = []
    for entry in listed.children if listed else ():
        every.append(entry.get("name") or "")
        target = by_id.get(entry.get("id") or "")
        if target is not None and target.kind in ("worksheet", "chartsheet"):
            sheets.append(SheetPart(every[-1], target.kind, target.part))
    return Outline(
        main,
        tuple(sheets),
        _STRICT in root.attributes.values(),
        tuple(every),
        _names(root, every),
        by_kind.get("sharedStrings"),
        by_kind.get("styles"),
        by_kind.get("calcChain"),
    )


def _names(root: Element, sheets: list[str]) -> dict[str, str]:
    """Return defined names as formulas; one that is local to a sheet is called ``sheet!name``."""
    names: dict[str, str] = {}
    defined = root.child("definedNames")
    for entry in defined.children if defined else ():
        name, scope = entry.get("name"), entry.get("localSheetId")
        if name and scope and scope.isdigit() and int(scope) < len(sheets):
            names[f"{sheets[int(scope)]}!{name}"] = f"={entry.text}"
        elif name:
            names[name] = f"={entry.text}"
    return names


def rels_part(part: str) -> str:
    """Return the name of the part with a part's relationships; the package's own for ``""``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def relations(package: Package, part: str) -> tuple[Relation, ...]:
    """Return a part's relationships to other parts; external ones are left out."""
    rels = rels_part(part)
    if rels not in package:
        return ()
    return tuple(
        relation for _, relation in _entries(package, part, parse(package, rels, read(package, rels)))
    )


def _entries(package: Package, part: str, root: Element) -> Iterator[tuple[Element, Relation]]:
    # OPC (ECMA-376 part 2, 9.1.1.3) compares part names without regard to case
    spelt: dict[str, str] | None = None
    for entry in root.children:
        target = entry.get("Target")
        if entry.name != "Relationship" or not target or entry.get("TargetMode") == "External":
            continue
        name = posixpath.normpath(
            posixpath.join("/", posixpath.dirname(part), unquote(target.replace("\\", "/")))
        )
        name = name.lstrip("/")
        if name not in package:
            spelt = spelt or {known.lower(): known for known in package.names}
            name = spelt.get(name.lower(), name)
        kind = (entry.get("Type") or "").rpartition("/")[2]
        yield entry, Relation(entry.get("Id") or "", kind, name)


def without_relation(package: Package, part: str, target: str, data: bytes) -> list[Splice]:
    """Return the splices that take a target out of the relationships of `part`, whose bytes are `data`."""
    root = parse(package, rels_part(part), data)
    return [(e.start, e.end, b"") for e, relation in _entries(package, part, root) if relation.part == target]


def without_types(package: Package, parts: set[str], data: bytes) -> list[Splice]:
    """Return the splices that take parts' own content types out of ``[Content_Types].xml``."""
    root = parse(package, CONTENT_TYPES, data)
    gone = {"/" + part.lower() for part in parts}
    return [(e.start, e.end, b"") for e in root.children if (e.get("PartName") or "").lower() in gone]
