"""Small .ods packages made by hand, for what no program at hand would write; and looking into parts."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from sheetnet.book.edits import Edit
from sheetnet.book.grid import Book
from sheetnet.book.ods import changes, read
from sheetnet.book.package import Package

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_NAME = "urn:oasis:names:tc:opendocument:xmlns"
ROOT = (
    f'<office:document-content xmlns:office="{_NAME}:office:1.0" xmlns:style="{_NAME}:style:1.0" '
    f'xmlns:text="{_NAME}:text:1.0" xmlns:table="{_NAME}:table:1.0" xmlns:draw="{_NAME}:drawing:1.0" '
    f'xmlns:fo="{_NAME}:xsl-fo-compatible:1.0" xmlns:svg="{_NAME}:svg-compatible:1.0" '
    f'xmlns:number="{_NAME}:datastyle:1.0" xmlns:chart="{_NAME}:chart:1.0" xmlns:of="{_NAME}:of:1.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.2">'
)
STYLES = (
    f'<office:document-styles xmlns:office="{_NAME}:office:1.0" xmlns:style="{_NAME}:style:1.0" '
    f'xmlns:fo="{_NAME}:xsl-fo-compatible:1.0" office:version="1.2"><office:styles>'
    '<style:default-style style:family="table-cell"><style:text-properties fo:language="{}" fo:country="{}"/>'
    '</style:default-style><style:style style:name="Default" style:family="table-cell"/></office:styles>'
    "</office:document-styles>"
)


def build(
    path: Path,
    sheet: str,
    *,
    styles: str = "",
    around: str = "{}",
    content: str | None = None,
    parts: Mapping[str, str | None] | None = None,
    locale: tuple[str, str] = ("en", "US"),
) -> Path:
    """Write a package with one sheet called Sheet1 that holds `sheet`; `content` replaces its whole part.

    `around` is what stands in office:spreadsheet, with ``{}`` for the sheet; `parts` are more parts, None
    for one that is left out.
    """
    table = f'<table:table table:name="Sheet1">{sheet}</table:table>'
    members: dict[str, str | None] = {
        "mimetype": MIMETYPE,
        "content.xml": content
        or f'<?xml version="1.0" encoding="UTF-8"?>\n{ROOT}<office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{around.format(table)}"
        "</office:spreadsheet></office:body></office:document-content>",
        "styles.xml": STYLES.replace("{}", locale[0], 1).replace("{}", locale[1], 1),
    }
    members |= parts or {}
    members.setdefault("META-INF/manifest.xml", manifest(dict.fromkeys(members, "text/xml")))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            if text is not None:
                file.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return path


def manifest(types: Mapping[str, str], inside: str = "") -> str:
    """Return a manifest of parts and their media types."""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}">{inside}'
        "</manifest:file-entry>"
        for name, kind in {"/": MIMETYPE, **types}.items()
        if name not in ("mimetype", "META-INF/manifest.xml")
    )
    return f'<manifest:manifest xmlns:manifest="{_NAME}:manifest:1.0" manifest:version="1.2">{entries}</manifest:manifest>'


def load(path: Path) -> Book:
    """Read a file."""
    with Package(path) as package:
        return read(package)


def save(source: Path, target: Path, *edits: Edit) -> dict[str, bytes]:
    """Write `source` with the edits to `target`; return the parts that differ, as they are now."""
    with Package(source) as package:
        package.rewrite(target, changes(package, edits))
    before, after = members(source), members(target)
    return {name: after.get(name, b"") for name in before | after if before.get(name) != after.get(name)}


def changed(source: Path, *edits: Edit) -> list[str]:
    """Return the names of the parts that the edits would change."""
    with Package(source) as package:
        return list(changes(package, edits))


def members(path: Path) -> dict[str, bytes]:
    """Return all parts."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def number(value: object, formula: str = "", more: str = "") -> str:
    """Return a number cell."""
    stored = f' table:formula="{formula}"' if formula else ""
    return (
        f'<table:table-cell{more}{stored} office:value-type="float" office:value="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def row(*cells: str, more: str = "") -> str:
    """Return a row of cells."""
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"
