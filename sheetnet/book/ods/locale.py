"""A document's default language, and the decimal sign that its displayed numbers use."""

from sheetnet.book.ods.parser import Found, chunks, create, damage
from sheetnet.book.package import Package

# Asked of LibreOffice 7.4 itself (its locale data), language by language; what is not named writes a point.
_COMMA = """
    ast az be bg br bs ca cs cu cv da de dsb el eo es et eu fi fo fr fur fy gl hr hsb hu ia id is it kab
    kk kl km ky la lb lij lld ln lt ltg lv min mk mos nb nds nl nn no nr nso pl plt pt ro ru rw sg sk sl
    sr ss st sun sv szl tg tk tn tr ts tt uk uz ve vec vi vro wa xh zu
"""
_EXCEPTIONS = {
    **dict.fromkeys(("de-CH", "de-LI", "fr-CH", "it-CH"), "."),
    **dict.fromkeys(
        (f"es-{c}" for c in ("DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "SV", "US")), "."
    ),
    **dict.fromkeys(("af-ZA", "an-ES", "en-DK", "en-ZA"), ","),
}
_PIECE = 1 << 14


def decimal_sign(language: str, country: str) -> str:
    """Return ``,`` or ``.``, as LibreOffice writes numbers in that language and country."""
    return _EXCEPTIONS.get(f"{language}-{country}", "," if language in _COMMA.split() else ".")


def document_locale(package: Package) -> tuple[str, str]:
    """Return language and country of the default cell style in styles.xml (OpenDocument 1.3 part 3, 16.4).

    Both are codes such as ``da`` and ``DK``, empty where the document has none.
    """
    part = "styles.xml"
    if part not in package:
        return "", ""
    parser = create(package, part)
    language = country = ""
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, language, country
        if name == "style:default-style":
            inside = attributes.get("style:family") == "table-cell"
        elif inside and name == "style:text-properties":
            language, country = attributes.get("fo:language", ""), attributes.get("fo:country", "")
            raise Found
        elif name in ("style:style", "office:automatic-styles"):
            raise Found

    parser.StartElementHandler = start
    try:
        with damage(package, part, parser), chunks(package, part) as pieces:
            for chunk in pieces:
                for begin in range(0, len(chunk), _PIECE):
                    parser.Parse(chunk[begin : begin + _PIECE])
    except Found:
        pass
    return ("", "") if language == "none" else (language, country)
