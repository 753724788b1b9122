"""The package's list of parts: media types, encryption, and dropping an entry."""

import re
from collections.abc import Iterable

from sheetnet.book.ods.parser import create, damage
from sheetnet.book.package import Package
from sheetnet.errors import FileError

PART = "META-INF/manifest.xml"
SIGNATURES = "META-INF/documentsignatures.xml"
CHART = "application/vnd.oasis.opendocument.chart"
_ENTRY = re.compile(
    rb"""\s*<manifest:file-entry(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(?:/>|>\s*</manifest:file-entry\s*>)"""
)


def media_types(package: Package) -> dict[str, str]:
    """Return each part's media type (OpenDocument 1.3 part 2, 4.3); FileError when one is encrypted."""
    types: dict[str, str] = {}
    if PART not in package:
        return types
    parser = create(package, PART)

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "file-entry":
            given = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            types[given.get("full-path", "")] = given.get("media-type", "")
        elif local == "encryption-data":
            raise FileError(f"{package.path.name}: the file is encrypted; save a copy without a password")

    parser.StartElementHandler = start
    with damage(package, PART, parser):
        parser.Parse(package.read(PART), True)
    return types


def without(manifest: bytes, parts: Iterable[str]) -> bytes:
    """Return the manifest without the entries of `parts`; all else byte for byte."""
    paths = [part.replace("&", "&amp;").encode() for part in parts]

    def kept(match: re.Match[bytes]) -> bytes:
        entry = match[0]
        gone = any(
            b'full-path="' + path + b'"' in entry or b"full-path='" + path + b"'" in entry for path in paths
        )
        return b"" if gone else entry

    return _ENTRY.sub(kept, manifest)
