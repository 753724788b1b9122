"""Copies of a workbook whose formulas have no value or a wrong one: what a recalculation has to put right."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

_ATTRIBUTES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*?"""
_ODS_CELL = re.compile(
    rf"<(table:(?:covered-)?table-cell)\b({_ATTRIBUTES}\stable:formula={_ATTRIBUTES})(?:/>|>(.*?)</\1>)",
    re.DOTALL,
)
_ODS_VALUE = re.compile(
    r"""\s(?:office:(?:value|value-type|string-value|boolean-value|date-value|time-value|currency)|calcext:value-type)="""
    r"""(?:"[^"]*"|'[^']*')"""
)
# A note has paragraphs of its own; they stay.
_ODS_TEXT = re.compile(
    rf"(<office:annotation\b.*?</office:annotation>)|<text:p\b{_ATTRIBUTES}(?:/>|>.*?</text:p>)", re.DOTALL
)
_XLSX_CELL = re.compile(rf"<((?:\w+:)?)c\b({_ATTRIBUTES})>((?:(?!</\1c>).)*?<\1f\b.*?)</\1c>", re.DOTALL)
_XLSX_VALUE = re.compile(rf"<(?:\w+:)?v\b{_ATTRIBUTES}(?:/>|>.*?</(?:\w+:)?v>)", re.DOTALL)
_XLSX_TYPE = re.compile(r"""\st=(?:"[^"]*"|'[^']*')""")


def strip_values(path: Path, folder: Path) -> Path:
    """Copy an .ods or .xlsx to `folder` without the cached values of its formula cells; return the copy."""
    return _rewritten(path, folder, None)


def spoil_values(path: Path, folder: Path, value: float = 42.5) -> Path:
    """Copy an .ods or .xlsx to `folder` with `value` cached in every formula cell; return the copy."""
    return _rewritten(path, folder, value)


def _rewritten(path: Path, folder: Path, value: float | None) -> Path:
    """Rewrite the parts that hold cells, with `value` or nothing cached in every formula cell."""
    target = folder / path.name
    if target.resolve() == path.resolve():
        raise ValueError(f"{path}: choose another folder, the file would be overwritten")
    ods = path.suffix in (".ods", ".ots")
    cell, replace = (_ODS_CELL, _ods(value)) if ods else (_XLSX_CELL, _xlsx(value))
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "content.xml" if ods else entry.filename.startswith("xl/worksheets/sheet"):
                content = cell.sub(replace, content.decode()).encode()
            copy.writestr(entry, content)
    return target


def _ods(value: float | None) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        name, attributes, content = match[1], _ODS_VALUE.sub("", match[2]), match[3] or ""
        content = _ODS_TEXT.sub(lambda found: found[1] or "", content)
        if value is not None:
            attributes += f' office:value-type="float" office:value="{value!r}"'
        return f"<{name}{attributes}>{content}</{name}>"

    return replace


def _xlsx(value: float | None) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        prefix, attributes, content = match[1], _XLSX_TYPE.sub("", match[2]), _XLSX_VALUE.sub("", match[3])
        if value is not None:
            content += f"<{prefix}v>{value!r}</{prefix}v>"
        return f"<{prefix}c{attributes}>{content}</{prefix}c>"

    return replace
