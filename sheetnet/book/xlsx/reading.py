"""An .xlsx or .xlsm package read as a book."""

from sheetnet.book.grid import MAX_CELLS, Area, Book, Cell, Chart, Drawing, Sheet
from sheetnet.book.package import Package
from sheetnet.book.xlsx.charts import chart_ranges
from sheetnet.book.xlsx.columns import Extents, extents, spans
from sheetnet.book.xlsx.drawings import Anchored, anchored
from sheetnet.book.xlsx.located import parse
from sheetnet.book.xlsx.located import read as read_part
from sheetnet.book.xlsx.outline import Outline, SheetPart, outline, relations
from sheetnet.book.xlsx.strings import shared_strings
from sheetnet.book.xlsx.worksheet import Budget, Worksheet, note_places, read_worksheet
from sheetnet.errors import FileError

SIGNATURES = "_xmlsignatures/"


def read(package: Package) -> Book:
    """Read a workbook; FileError when its workbook or one of its worksheets is damaged."""
    found = outline(package)
    strings = shared_strings(package, found.strings)
    budget: Budget = [MAX_CELLS]
    sheets: list[Sheet] = []
    charts: list[Chart] = []
    for part in found.sheets:
        if part.kind == "worksheet":
            content = read_worksheet(package, part.part, part.name, strings, budget)
            _add_notes(package, part.part, content)
            extent = extents(spans(content.columns), content.formats, content.heights)
        else:
            content, extent = Worksheet(part.name), Extents()
        drawings = sheet_drawings(package, part, extent)
        charts += _charts(package, found, part, drawings)
        if part.kind == "worksheet":
            sheets.append(_sheet(content, tuple(item.drawing for item in drawings)))
    signed = any(name.startswith(SIGNATURES) for name in package.names)
    macros = any(name.endswith("vbaProject.bin") for name in package.names)
    return Book(
        package.path,
        "xlsx",
        tuple(sheets),
        tuple(charts),
        found.names,
        signed=signed,
        macros=macros,
        tabs=found.tabs,
    )


def drawing_part(package: Package, sheet: SheetPart) -> str | None:
    """Return the part of a sheet's drawings, or None."""
    try:
        parts = [relation.part for relation in relations(package, sheet.part) if relation.kind == "drawing"]
    except FileError:
        return None
    return parts[0] if parts and parts[0] in package else None


def sheet_drawings(package: Package, sheet: SheetPart, extent: Extents) -> list[Anchored]:
    """Return a sheet's drawings in the order of their part; none when that part is damaged."""
    part = drawing_part(package, sheet)
    if part is None:
        return []
    try:
        return list(anchored(parse(package, part, read_part(package, part)), sheet.name, extent))
    except FileError:
        return []


def _charts(package: Package, found: Outline, sheet: SheetPart, drawings: list[Anchored]) -> list[Chart]:
    part = drawing_part(package, sheet)
    if part is None or not any(item.charts for item in drawings):
        return []
    try:
        targets = {relation.id: relation.part for relation in relations(package, part)}
    except FileError:
        return []
    charts = []
    for item in drawings:
        for name, relation in item.charts:
            chart = targets.get(relation, "")
            if chart not in package:
                continue
            try:
                root = parse(package, chart, read_part(package, chart))
            except FileError:
                continue
            charts.append(Chart(chart, name, chart_ranges(root, found.spellings)))
    return charts


def _add_notes(package: Package, part: str, content: Worksheet) -> None:
    try:
        linked = [relation.part for relation in relations(package, part) if relation.kind == "comments"]
        roots = [parse(package, notes, read_part(package, notes)) for notes in linked if notes in package]
    except FileError:
        return
    for root in roots:
        for row, column in note_places(root):
            content.rows.setdefault(row, {}).setdefault(column, Cell(None))


def _sheet(content: Worksheet, drawings: tuple[Drawing, ...]) -> Sheet:
    merged: tuple[Area, ...] = tuple(content.merged)
    return Sheet(content.name, content.rows, merged, drawings)
