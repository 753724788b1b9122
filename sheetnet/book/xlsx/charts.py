"""Charts: the ranges they draw, and the copies of the numbers that they carry (ECMA-376 21.2.2)."""

from collections.abc import Mapping

import numpy as np

from sheetnet.book.edits import ChartData
from sheetnet.book.grid import Area
from sheetnet.book.xlsx.located import Element, Splice
from sheetnet.book.xlsx.ranges import range_area, range_text
from sheetnet.book.xlsx.text import escaped


def chart_ranges(root: Element, sheets: Mapping[str, str]) -> tuple[Area, ...]:
    """Return the ranges of a chart in the order of its part, each once; unions are left out."""
    found: dict[Area, None] = {}
    for element in root.walk():
        if element.name == "f" and (where := range_area(element.text, sheets)) is not None:
            found[where] = None
    return tuple(found)


def chart_splices(root: Element, data: bytes, edit: ChartData, sheets: Mapping[str, str]) -> list[Splice]:
    """Return what an edit changes in a chart's part; nothing when range and numbers are there already."""
    splices: list[Splice] = []
    for holder in root.walk():
        formula = holder.child("f")
        if formula is None or range_area(formula.text, sheets) != edit.old:
            continue
        if edit.new != edit.old:
            splices.append((formula.inner, formula.close, escaped(range_text(edit.new)).encode("ascii")))
        cache = holder.child("numCache")
        if cache is not None and _cached(cache) != _wanted(edit):
            splices.append((cache.start, cache.end, _cache(cache, data, edit)))
    return splices


def _digits(value: float) -> str:
    return f"{value + 0.0:.15g}"


def _wanted(edit: ChartData) -> tuple[int, dict[int, str]]:
    values = edit.values.ravel()
    return len(values), {i: _digits(v) for i, v in enumerate(values.tolist()) if np.isfinite(v)}


def _cached(cache: Element) -> tuple[int, dict[int, str]]:
    count = 0
    points: dict[int, str] = {}
    for element in cache.children:
        try:
            if element.name == "ptCount":
                count = int(element.get("val") or 0)
            elif element.name == "pt" and (value := element.child("v")) is not None:
                points[int(element.get("idx") or 0)] = _digits(float(value.text))
        except ValueError:
            return -1, {}
    return count, points


def _cache(cache: Element, data: bytes, edit: ChartData) -> bytes:
    p = cache.prefix
    code = cache.child("formatCode")
    values = edit.values.ravel().tolist()
    out = [f"<{cache.tag}>", data[code.start : code.end].decode("latin-1") if code else ""]
    out.append(f'<{p}ptCount val="{len(values)}"/>')
    for index, value in enumerate(values):
        if np.isfinite(value):
            out.append(f'<{p}pt idx="{index}"><{p}v>{value + 0.0!r}</{p}v></{p}pt>')
    out.append(f"</{cache.tag}>")
    return "".join(out).encode("latin-1")
