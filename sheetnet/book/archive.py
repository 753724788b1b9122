"""A new zip package as bytes, the same ones wherever and whenever it is made."""

import zipfile
from collections.abc import Mapping
from io import BytesIO


def packed(parts: Mapping[str, bytes], *, stored: str | None = None) -> bytes:
    """Return the parts as a zip file, in their order; all are deflated but the one called `stored`."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01
            entry.external_attr = 0o600 << 16
            entry.create_system = 3  # Windows and Unix would differ
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            out.writestr(entry, content, compresslevel=6)
    return file.getvalue()


def unpacked(package: bytes) -> dict[str, bytes]:
    """Return the parts of a package that a library has just built, in their order."""
    with zipfile.ZipFile(BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}
