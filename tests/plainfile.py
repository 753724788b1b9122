"""The plainest workbooks that the formats allow: one sheet, every cell written out with its value."""

import zipfile
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from sheetnet.book.grid import CellError

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class PlainCell(NamedTuple):
    """A value (None: not computed) and a formula as the format spells it, with its =."""

    value: float | str | bool | None
    formula: str | None = None


def write_plain(path: Path, cells: Mapping[tuple[int, int], PlainCell]) -> Path:
    """Write Sheet1 with cells by zero-based (row, column), .ods or .xlsx by the suffix; return the path."""
    parts = _ods(cells) if path.suffix == ".ods" else _xlsx(cells)
    with zipfile.ZipFile(path, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return path


def _rows(cells: Mapping[tuple[int, int], PlainCell]) -> Iterator[tuple[int, list[tuple[int, PlainCell]]]]:
    for row, places in groupby(sorted(cells), key=lambda place: place[0]):
        yield row, [(place[1], cells[place]) for place in places]


def _ods(cells: Mapping[tuple[int, int], PlainCell]) -> dict[str, str]:
    """OpenDocument 1.3 part 3, 9.1: rows and columns in between are empty and repeated."""
    body, next_row = [], 0
    for row, placed in _rows(cells):
        if row > next_row:
            body.append(
                f'<table:table-row table:number-rows-repeated="{row - next_row}"><table:table-cell/></table:table-row>'
            )
        body.append("<table:table-row>")
        next_column = 0
        for column, cell in placed:
            if column > next_column:
                body.append(f'<table:table-cell table:number-columns-repeated="{column - next_column}"/>')
            body.append(_ods_cell(cell))
            next_column = column + 1
        body.append("</table:table-row>")
        next_row = row + 1
    spaces = " ".join(f'xmlns:{name}="{_OFFICE}{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<office:document-content {spaces} xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
        f'<office:body><office:spreadsheet><table:table table:name="Sheet1">{"".join(body)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in (("/", mime), ("content.xml", "text/xml"))
    )
    manifest = f'<manifest:manifest xmlns:manifest="{_OFFICE}manifest:1.0" manifest:version="1.3">{entries}</manifest:manifest>'
    return {"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": manifest}


def _ods_cell(cell: PlainCell) -> str:
    formula = "" if cell.formula is None else f" table:formula={quoteattr(cell.formula)}"
    match cell.value:
        case None:
            return f"<table:table-cell{formula}/>"
        case bool():
            shown = str(cell.value).lower()
            return f'<table:table-cell{formula} office:value-type="boolean" office:boolean-value="{shown}"/>'
        case str():
            error = ' calcext:value-type="error"' if isinstance(cell.value, CellError) else ""
            text = f"<text:p>{escape(cell.value)}</text:p>"
            return f'<table:table-cell{formula} office:value-type="string"{error}>{text}</table:table-cell>'
    return f'<table:table-cell{formula} office:value-type="float" office:value="{cell.value!r}"/>'


def _xlsx(cells: Mapping[tuple[int, int], PlainCell]) -> dict[str, str]:
    """ECMA-376 part 1, 18.3.1: texts as inline strings."""
    rows = "".join(
        f'<row r="{row + 1}">{"".join(_xlsx_cell(row, column, cell) for column, cell in placed)}</row>'
        for row, placed in _rows(cells)
    )
    types = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{_SHEET_TYPE}.{kind}+xml"/>'
        for part, kind in (("workbook.xml", "sheet.main"), ("worksheets/sheet1.xml", "worksheet"))
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>{types}</Types>',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }


def _relation(kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>'


def _xlsx_cell(row: int, column: int, cell: PlainCell) -> str:
    formula = "" if cell.formula is None else f"<f>{escape(cell.formula[1:])}</f>"
    where = f'r="{get_column_letter(column + 1)}{row + 1}"'
    match cell.value:
        case None:
            return f"<c {where}>{formula}</c>"
        case bool():
            return f'<c {where} t="b">{formula}<v>{int(cell.value)}</v></c>'
        case CellError():
            return f'<c {where} t="e">{formula}<v>{escape(cell.value)}</v></c>'
        case str() if cell.formula is None:
            return f'<c {where} t="inlineStr"><is><t xml:space="preserve">{escape(cell.value)}</t></is></c>'
        case str():
            return f'<c {where} t="str">{formula}<v>{escape(cell.value)}</v></c>'
    return f"<c {where}>{formula}<v>{cell.value!r}</v></c>"
