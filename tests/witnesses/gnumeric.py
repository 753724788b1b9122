"""Gnumeric as a witness: a second spreadsheet that recalculates both formats.

Debian builds it with `long double`: it agrees with Calc to about 1e-12 where numbers are well conditioned,
never bit for bit, and EXP(800) is a number to it, not an error.
"""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from xml.etree import ElementTree

Values: TypeAlias = dict[str, dict[tuple[int, int], float | str]]
"""Sheet name → zero-based (row, column) → number or text; empty cells are left out."""

TIMEOUT = 180
"""Seconds that one conversion may take."""

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class GnumericError(RuntimeError):
    """Gnumeric could not convert a file."""


def recalculated(path: Path) -> Values:
    """Return all values after Gnumeric has computed every formula; an error is its text (``#DIV/0!``)."""
    with TemporaryDirectory(prefix="sheetnet-gnumeric-") as folder:
        return values(converted(path, ".ods", Path(folder)))


def converted(path: Path, suffix: str, folder: Path) -> Path:
    """Recalculate `path`, save it as .ods, .xlsx, .xls, or .csv in `folder`; return the new file."""
    target = folder.resolve() / f"{path.stem}{suffix}"
    if target == path.resolve():
        raise ValueError(f"{path}: choose another folder, Gnumeric would overwrite it")
    command = [shutil.which("ssconvert") or "ssconvert", "--recalc", str(path.resolve()), str(target)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT,
        check=False,
        env=dict(os.environ) | {"LC_ALL": "C.UTF-8"},
    )
    if done.returncode != 0 or not target.exists():
        raise GnumericError(f"{path}: ssconvert failed ({done.returncode}): {done.stderr.strip()[-500:]}")
    return target


def missing() -> str | None:
    """Say what is missing for this witness, or None."""
    return None if shutil.which("ssconvert") else "ssconvert (Gnumeric) is not installed"


def values(path: Path) -> Values:
    """Return the values that an .ods file stores; plain code that serves Gnumeric's regular files."""
    with zipfile.ZipFile(path) as package:
        root = ElementTree.fromstring(package.read("content.xml"))
    sheets: Values = {}
    for table in root.iter(f"{_TABLE}table"):
        cells = sheets[table.get(f"{_TABLE}name", "")] = {}
        for row, element in _repeated(table.iter(f"{_TABLE}table-row"), "rows"):
            kinds = (child for child in element if child.tag.endswith("table-cell"))
            for column, cell in _repeated(kinds, "columns"):
                value = _value(cell)
                if value is not None:
                    cells[row, column] = value
    return sheets


def _repeated(
    elements: Iterator[ElementTree.Element], what: str
) -> Iterator[tuple[int, ElementTree.Element]]:
    """Yield each element as often as it is repeated, with its index; one that holds no value only counts."""
    index = 0
    for element in elements:
        count = int(element.get(f"{_TABLE}number-{what}-repeated", 1))
        if any(cell.get(f"{_OFFICE}value-type") is not None for cell in element.iter()):
            for i in range(count):
                yield index + i, element
        index += count


def _value(cell: ElementTree.Element) -> float | str | None:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in ("float", "percentage", "currency"):
        return float(cell.get(f"{_OFFICE}value", "nan"))
    if kind == "boolean":
        return float(cell.get(f"{_OFFICE}boolean-value") == "true")
    if kind == "string":
        text = "\n".join(_text(paragraph) for paragraph in cell.findall(f"{_TEXT}p"))
        return cell.get(f"{_OFFICE}string-value") or text or None
    return None if kind is None else cell.get(f"{_OFFICE}{kind}-value")


def _text(paragraph: ElementTree.Element) -> str:
    """Return a paragraph's text; `text:s` stands for spaces that XML would swallow (OpenDocument 6.1.3)."""
    text = ""
    for element in paragraph.iter():
        if element.tag == f"{_TEXT}s":
            text += " " * int(element.get(f"{_TEXT}c", 1))
        text += element.text or ""
        text += (element.tail or "") if element is not paragraph else ""
    return text
