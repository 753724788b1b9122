"""Edits of an .ods document as changes of its parts."""

from collections.abc import Callable, Generator
from contextlib import closing

from sheetnet.book.edits import ChartData, Edits
from sheetnet.book.ods.chartedit import renewed_chart
from sheetnet.book.ods.columnedit import ColumnEditor
from sheetnet.book.ods.frameedit import FrameEditor
from sheetnet.book.ods.locale import decimal_sign, document_locale
from sheetnet.book.ods.looks import looks
from sheetnet.book.ods.manifest import PART as MANIFEST
from sheetnet.book.ods.manifest import SIGNATURES, media_types, without
from sheetnet.book.ods.newsheet import PREFIXES as SHEET_PREFIXES
from sheetnet.book.ods.newsheet import sheet_text
from sheetnet.book.ods.note import PREFIXES as NOTE_PREFIXES
from sheetnet.book.ods.note import Notes
from sheetnet.book.ods.parser import chunks
from sheetnet.book.ods.plan import Plan, plan
from sheetnet.book.ods.rowedit import RowEditor
from sheetnet.book.ods.splice import PART, SheetEditor, Splice
from sheetnet.book.ods.survey import survey
from sheetnet.book.ods.views import frozen_views
from sheetnet.book.package import Content, Package, Sink


def changes(
    package: Package, edits: Edits, *, progress: Callable[[int], object] | None = None
) -> dict[str, Content]:
    """Return the parts that the edits change; what no edit changes is not among them.

    content.xml is a function that writes it piece by piece. A signature goes as soon as anything changes.
    """
    types = media_types(package)
    planned = plan(package.path.name, edits)
    parts: dict[str, Content] = {}
    for part, data in planned.charts.items():
        new = renewed_chart(package, part, data)
        if new is not None:
            parts[part] = new
    charts = {part.rpartition("/")[0]: data for part, data in planned.charts.items()}
    # LibreOffice draws a chart without a stored picture from its numbers
    pictures = {f"ObjectReplacements/{name}": name for name in charts if f"{name}/content.xml" in parts}
    renewed = frozenset(name for picture, name in pictures.items() if picture in package)
    gone = [picture for picture in pictures if picture in package]

    if planned.sheets or planned.added or renewed or _follow(planned.charts):
        known = survey(package, planned)
        sign = decimal_sign(*document_locale(package))

        def content() -> Generator[tuple[int, bytes], None, None]:
            editors: dict[str, SheetEditor] = {}
            for name, sheet in planned.sheets.items():
                where = f"{package.path.name}, {name}"
                columns = ColumnEditor(known.sheets[name], known.styles, sheet.widths, sheet.last_column)
                look = looks(sheet, known.sheets[name], known.styles)
                notes = Notes(known.styles, columns.runs) if sheet.noted else None
                rows = RowEditor(where, sheet.bands, look, notes, sign=sign, calcext=known.calcext)
                frames = FrameEditor(name, columns.runs, sheet.moves, charts, renewed)
                editors[name] = SheetEditor(rows, columns, frames, sheet.printed)
            added = {
                sheet.name: sheet_text(sheet, known.styles, sign=sign, calcext=known.calcext)
                for sheet in planned.added
            }
            styles = "".join(map(str, known.styles.added))
            elsewhere = FrameEditor("", (), {}, charts, renewed)
            return Splice(
                package,
                editors,
                elsewhere,
                styles,
                added=added,
                prefixes=_prefixes(planned, styles),
                sign=sign,
                calcext=known.calcext,
            ).pieces()

        def write(sink: Sink) -> None:
            with closing(content()) as pieces:
                for rows, piece in pieces:
                    sink(piece)
                    if rows and progress is not None:
                        progress(rows)

        if _differs(package, content()):
            parts[PART] = write
    if planned.added:
        parts |= frozen_views(package, planned.added)
    if gone:
        parts |= dict.fromkeys(gone)
    if parts and SIGNATURES in package:
        parts[SIGNATURES] = None
        gone.append(SIGNATURES)
    listed = [name for name in gone if name in types]
    if listed:
        parts[MANIFEST] = without(package.read(MANIFEST), listed)
    return parts


def _prefixes(planned: Plan, styles: str) -> frozenset[str]:
    """Return the prefixes that what is written uses; odfpy's documents declare only those that they need."""
    sheets = planned.sheets.values()
    return frozenset(
        (
            "text",
            *(("style", "fo", "number") if styles else ()),
            *(("of",) if any(sheet.formulas for sheet in sheets) else ()),
            *(NOTE_PREFIXES if any(sheet.noted for sheet in sheets) else ()),
            *(SHEET_PREFIXES if planned.added else ()),
        )
    )


def _follow(charts: dict[str, list[ChartData]]) -> bool:
    """Tell whether a chart's range changes, which its frame on the sheet names too."""
    return any(change.old != change.new for data in charts.values() for change in data)


def _differs(package: Package, pieces: Generator[tuple[int, bytes], None, None]) -> bool:
    """Tell whether the pieces are anything but the part as it stands; read no further than that."""
    with closing(pieces), chunks(package, PART) as stored:
        old = b""
        for _, piece in pieces:
            at = 0
            while at < len(piece):
                old = old or next(stored, b"")
                size = min(len(old), len(piece) - at)
                if not size or old[:size] != piece[at : at + size]:
                    return True
                old, at = old[size:], at + size
        return bool(old or next(stored, b""))
