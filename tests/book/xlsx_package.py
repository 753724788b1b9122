"""Small .xlsx packages made by hand, for what no program at hand would write; and looking into parts."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sheetnet.book.edits import Edit
from sheetnet.book.grid import Book
from sheetnet.book.package import Package
from sheetnet.book.xlsx import changes, read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def build(
    path: Path,
    rows: str,
    *,
    head: str = "",
    tail: str = "",
    strings: Sequence[str] = (),
    parts: Mapping[str, bytes | str] | None = None,
    sheet: bytes | str | None = None,
) -> Path:
    """Write a package of one sheet called Sheet1 holding `rows`; `sheet` replaces its whole part."""
    sheet = sheet or (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}" '
        f'xmlns:r="{RELATIONS}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'
    )
    overrides = {
        "xl/workbook.xml": "sheet.main",
        SHEET: "worksheet",
        "xl/styles.xml": "styles",
        "xl/sharedStrings.xml": "sharedStrings",
    }
    content: dict[str, bytes | str] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.'
            f'spreadsheetml.{kind}+xml"/>'
            for part, kind in overrides.items()
        )
        + "</Types>",
        "_rels/.rels": relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(
            {
                "rId1": ("worksheet", "worksheets/sheet1.xml"),
                "rId2": ("styles", "/xl/styles.xml"),
                "rId3": ("sharedStrings", "sharedStrings.xml"),
            }
        ),
        SHEET: sheet,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si>{s}</si>" for s in strings)
        + "</sst>",
    }
    content |= parts or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in content.items():
            package.writestr(name, text)
    return path


def relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    """Return a part of relationships: id → (last word of the type, target)."""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
            for key, (kind, target) in targets.items()
        )
        + "</Relationships>"
    )


def book(path: Path) -> Book:
    """Read a workbook."""
    with Package(path) as package:
        return read(package)


def saved(source: Path, target: Path, *edits: Edit) -> set[str]:
    """Carry out edits on a copy; return the names of the parts that changed."""
    with Package(source) as package:
        changed = changes(package, edits)
        package.rewrite(target, changed)
    return set(changed)


def part(path: Path, name: str = SHEET) -> str:
    """Return the text of a part."""
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


def parts(path: Path) -> dict[str, bytes]:
    """Return all parts."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}
