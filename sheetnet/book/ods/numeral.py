"""Numbers and other values as a cell stores and shows them."""

import math
from collections.abc import Mapping, Sequence

from sheetnet.book.grid import CellError, Value
from sheetnet.book.ods.markup import escape, paragraphs

VALUES = {
    "float": "office:value",
    "percentage": "office:value",
    "currency": "office:value",
    "boolean": "office:boolean-value",
    "date": "office:date-value",
    "time": "office:time-value",
}
"""Value types that stand in an attribute of their own."""


def stored(values: Sequence[float]) -> list[str]:
    """Return the shortest texts that are exactly these numbers; whole ones without ``.0``, as in Calc."""
    return (repr(values)[1:-1] + ", ").replace(".0, ", ", ").split(", ")[:-1]


def shown(values: Sequence[float], decimals: int | None, sign: str) -> list[str]:
    """Return the texts that cells show: fixed decimals, or up to 15 digits like Calc's General format."""
    one = "%.15G " if decimals is None else f"%.{decimals}f "
    text = (one * len(values)) % tuple(values)
    return (text if sign == "." else text.replace(".", sign)).split(" ")[:-1]


def value_text(
    value: Value, *, formula: bool, sign: str, decimals: int | None, calcext: bool
) -> tuple[str, str]:
    """Return attributes and paragraphs of a cell's value (OpenDocument 1.3 part 3, 19.384 to 19.391)."""

    def kind(name: str, extended: str | None = None) -> str:
        more = f' calcext:value-type="{extended or name}"' if calcext else ""
        return f' office:value-type="{name}"{{}}{more}'

    if value is None:
        return "", ""
    if isinstance(value, bool):
        word = "true" if value else "false"
        return kind("boolean").format(f' office:boolean-value="{word}"'), f"<text:p>{word.upper()}</text:p>"
    if isinstance(value, CellError) and formula:
        return kind("string", "error").format(' office:string-value=""'), paragraphs(value)
    if isinstance(value, str):
        attribute = f' office:string-value="{escape(value)}"' if formula else ""
        return kind("string").replace(
            "{}", attribute.replace("\n", "&#10;").replace("\t", "&#9;")
        ), paragraphs(value)
    number = [float(value) + 0.0]
    text = f"<text:p>{shown(number, decimals, sign)[0]}</text:p>"
    return kind("float").format(f' office:value="{stored(number)[0]}"'), text


def stored_value(kind: str | None, attributes: Mapping[str, str]) -> Value:
    """Return a value that stands in an attribute (OpenDocument 1.3 part 3, 19.387); dates as their text."""
    shown = attributes.get(VALUES.get(kind or "", "office:value"))
    if shown is None or kind is None:
        return None
    if kind == "boolean":
        return shown == "true"
    if kind in ("date", "time"):
        return shown
    if "_" in shown:  # Python reads 1_0, office programs do not
        raise ValueError(shown)
    number = float(shown)
    return number if math.isfinite(number) else CellError("#NUM!")
