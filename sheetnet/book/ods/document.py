"""An .ods document, read."""

from sheetnet.book.grid import Book
from sheetnet.book.ods.chart import read_chart
from sheetnet.book.ods.locale import decimal_sign, document_locale
from sheetnet.book.ods.manifest import CHART, SIGNATURES, media_types
from sheetnet.book.ods.reader import read_contents
from sheetnet.book.package import Package


def read(package: Package) -> Book:
    """Read the sheets, charts and names of an .ods package (OpenDocument 1.3)."""
    types = media_types(package)
    objects = {
        name.rstrip("/"): f"{name.rstrip('/')}/content.xml" for name, kind in types.items() if kind == CHART
    }
    objects = {name: part for name, part in objects.items() if part in package}
    contents = read_contents(package, frozenset(objects))
    shown = {frame.object: frame.name for frame in contents.frames if frame.object}
    language, country = document_locale(package)
    return Book(
        path=package.path,
        format="ods",
        sheets=contents.sheets,
        charts=tuple(read_chart(package, part, shown.get(name, name)) for name, part in objects.items()),
        names=contents.names,
        decimal=decimal_sign(language, country),
        language=language,
        signed=SIGNATURES in package,
        macros=any(name.startswith(("Basic/", "Scripts/")) for name in package.names),
        tabs=tuple(sheet.name for sheet in contents.sheets),
    )
