"""Sheets to be filled in by hand: what other programs make of them, and of edits of heights and print ranges."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from odf import table
from odf.element import Element
from odf.namespaces import TABLENS
from odf.opendocument import load as odf_load

from sheetnet.book import files
from sheetnet.book.edits import (
    AddSheet,
    Content,
    Edit,
    FilledColumn,
    FillRows,
    Mark,
    PutCell,
    SetHeights,
    SetPrinted,
    Style,
)
from sheetnet.book.grid import Area
from sheetnet.book.skeleton import Format, Look, NewBook, NewCell, NewSheet, Validation
from sheetnet.errors import FileError
from sheetnet.formula.pattern import pattern
from tests.book import ods_package, xlsx_package
from tests.witnesses import libreoffice, openxmlsdk, rendering

FORMATS: tuple[Format, ...] = ("ods", "xlsx")
both = pytest.mark.parametrize("form", FORMATS)
QUOTED = "It's <δ>"
OPEN = Look(boxed=True, unlocked=True, fill="FFF2CC", decimals=4, align="right", middle=True)
LOOKS = {
    "default": Look(),
    "large": Look(size=16.0, bold=True),
    "italic": Look(italic=True),
    "boxed": Look(boxed=True, ruled=True),
    "unlocked": Look(unlocked=True),
    "left": Look(align="left", centred=True),
    "centred": Look(centred=True),
    "right": Look(align="right"),
    "wrapped": Look(wrapped=True),
    "middle": Look(wrapped=True, middle=True),
}
NUMBERS = ("A number", "Type a number, or a formula.", "That is no number.")
FORMULAS = ("A formula", "It begins with =.", "That is no formula.")
SAMPLE = Path(__file__).parents[2] / "samples" / "note-2-2-2-trained"


def _form(name: str = "Form", rows: int = 30) -> NewSheet:
    """Return a sheet with a title, instructions in merged cells, and boxes to fill in."""

    def area(*place: int) -> Area:
        return Area(name, *place)

    last = 3 + rows
    cells = {
        (0, 0): NewCell("Exercise 1", Look(size=16.0, bold=True, middle=True)),
        (1, 0): NewCell("Fill in the yellow cells. " * 12, Look(wrapped=True, italic=True)),
        **{(row, 0): NewCell(f"a{row}", Look(centred=True, boxed=True)) for row in range(4, last + 1)},
        **{(row, column): NewCell(None, OPEN) for row in range(4, last + 1) for column in (1, 2)},
        **{(row, column): NewCell(None, Look(boxed=True)) for row in (4, 5) for column in (4, 5)},
    }
    return NewSheet(
        name,
        cells,
        widths={0: 30.0, 1: 40.0, 2: 40.0, 3: 5.0, 4: 40.0, 5: 40.0},
        printed=(area(0, 0, last, 5),),
        pages_high=1,
        heights={1: 14.0, 0: 12.0, **dict.fromkeys(range(4, last + 1), 9.0), last + 5: 3.5},
        portrait=True,
        protected=True,
        merged=(area(4, 4, 5, 5), area(0, 0, 0, 5), area(1, 0, 1, 5)),
        validations=(
            Validation((area(4, 1, 9, 1), area(12, 2, last, 2), area(20, 7, 20, 7)), "number", *NUMBERS),
            Validation((area(10, 1, last, 1), area(4, 2, 11, 2)), "formula", *FORMULAS),
        ),
    )


def _book(*sheets: NewSheet, **more: Any) -> NewBook:
    names = {"rate": Area("Form", 4, 1, 4, 1), "answers": Area(QUOTED, 4, 1, 9, 2)}
    return NewBook(
        sheets or (_form(), _form(QUOTED)), datetime(2024, 5, 6), **{"names": {} if sheets else names, **more}
    )


def _written(folder: Path, book: NewBook, form: Format, *edits: Edit) -> Path:
    with files.skeleton(book, form, f"new.{form}") as read:
        target = folder / f"form.{form}"
        files.save(read, target, edits)
    return target


def _as_xlsx(path: Path) -> Path:
    """Return what LibreOffice saves as .xlsx."""
    (folder := path.parent / "lo").mkdir(exist_ok=True)
    return libreoffice.converted(path, ".xlsx", folder)


def _resaved(path: Path) -> Path:
    """Return what LibreOffice saves in the same format."""
    (folder := path.parent / "again").mkdir(exist_ok=True)
    return libreoffice.converted(path, path.suffix, folder)


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def _areas(validation: Any) -> set[str]:
    """Return the cells that one of openpyxl's validations is for."""
    return {f"{row},{column}" for where in validation.sqref.ranges for row, column in _cells(str(where))}


def _cells(ref: str) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = openpyxl.utils.range_boundaries(ref)
    yield from product(range(top - 1, bottom), range(left - 1, right))


def _validated(sheet: Any) -> dict[str, set[str]]:
    """Return the cells of each kind of validation in one of openpyxl's sheets."""
    out: dict[str, set[str]] = {}
    for validation in sheet.data_validations.dataValidation:
        out.setdefault(validation.type, set()).update(_areas(validation))
    return out


def _asked(sheet: NewSheet) -> dict[str, set[str]]:
    kinds = {"number": "decimal", "formula": "custom"}
    return {
        kinds[validation.kind]: {
            f"{row},{column}" for area in validation.areas for row, column in _cells(str(area))
        }
        for validation in sheet.validations
    }


# ---- looks ----


@both
@pytest.mark.libreoffice
def test_looks(tmp_path: Path, form: Format) -> None:
    """LibreOffice understands sizes, slant, boxes, locks and alignment as they were meant."""
    cells = {(row, 0): NewCell("text", look) for row, look in enumerate(LOOKS.values())}
    sheet = openpyxl.load_workbook(_as_xlsx(_written(tmp_path, _book(NewSheet("Form", cells)), form)))["Form"]
    found = {name: sheet.cell(row + 1, 1) for row, name in enumerate(LOOKS)}
    assert {name: cell.font.sz for name, cell in found.items() if cell.font.sz != 10} == {"large": 16}
    assert [name for name, cell in found.items() if cell.font.i] == ["italic"]
    assert [name for name, cell in found.items() if not cell.protection.locked] == ["unlocked"]
    sides = {
        name: [side.style for side in (b.left, b.right, b.top, b.bottom)]
        for name, cell in found.items()
        if (b := cell.border).left.style
    }
    assert sides == {"boxed": ["thin"] * 4}
    assert found["boxed"].border.bottom.color.rgb == found["boxed"].border.left.color.rgb == "FF404040"
    across = {name: cell.alignment.horizontal for name, cell in found.items()}
    assert {name: one for name, one in across.items() if one not in (None, "general")} == {
        "left": "left",
        "centred": "center",
        "right": "right",
    }
    assert [name for name, cell in found.items() if cell.alignment.wrap_text] == ["wrapped", "middle"]
    down = {name: cell.alignment.vertical for name, cell in found.items()}
    assert {name: one for name, one in down.items() if one not in (None, "bottom")} == {
        "wrapped": "top",
        "middle": "center",
    }


@both
def test_a_put_cell_takes_the_lock_of_the_cell_it_is_like(tmp_path: Path, form: Format) -> None:
    """Style(like) brings the look with its lock, with a fill of its own and without."""
    sheet = NewSheet("Form", {(0, 0): NewCell(1.0, OPEN), (1, 0): NewCell(2.0, Look())}, protected=True)
    path = _written(
        tmp_path,
        _book(sheet),
        form,
        PutCell("Form", 5, 2, 3.0, style=Style(like=(0, 0))),
        PutCell("Form", 6, 2, 4.0, style=Style(like=(0, 0), fill="E2EFDA", decimals=2)),
        PutCell("Form", 7, 2, 5.0, style=Style(like=(1, 0))),
    )
    places = [(0, 0), (1, 0), (5, 2), (6, 2), (7, 2)]
    assert _locked(path, places) == [False, True, False, False, True]


def _locked(path: Path, places: Sequence[tuple[int, int]]) -> list[bool]:
    """Tell which cells of the first sheet are locked, as openpyxl or odfpy read it."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        return [sheet.cell(row + 1, column + 1).protection.locked for row, column in places]
    document = odf_load(path)
    styles = {style.getAttribute("name"): style for style in document.automaticstyles.childNodes}
    rows = _rows(document.spreadsheet.getElementsByType(table.Table)[0])
    out = []
    for row, column in places:
        style = styles[_row_cells(rows[row])[column].getAttribute("stylename")]
        [box] = [child for child in style.childNodes if child.tagName == "style:table-cell-properties"]
        out.append(box.getAttribute("cellprotect") != "none")
    return out


def _rows(sheet: Element) -> dict[int, Element]:
    """Return a table's rows by number, as odfpy reads them."""
    out: dict[int, Element] = {}
    at = 0
    for row in sheet.getElementsByType(table.TableRow):
        number = int(row.getAttribute("numberrowsrepeated") or 1)
        out |= dict.fromkeys(range(at, at + min(number, 1000)), row)
        at += number
    return out


def _row_cells(row: Element) -> dict[int, Element]:
    out: dict[int, Element] = {}
    at = 0
    for cell in row.childNodes:
        number = int(cell.getAttribute("numbercolumnsrepeated") or 1)
        out |= dict.fromkeys(range(at, at + number), cell)
        at += number
    return out


# ---- sheets ----


def test_an_xlsx_as_openpyxl_reads_it(tmp_path: Path) -> None:
    """Locks, protection, names, validations, heights, paper and merged cells are in the file."""
    made = openpyxl.load_workbook(_written(tmp_path, _book(), "xlsx"))
    assert {name: found.attr_text for name, found in made.defined_names.items()} == {
        "answers": "'It''s <δ>'!$B$5:$C$10",
        "rate": "Form!$B$5",
    }
    for sheet in made:
        wanted = _form(sheet.title)
        assert sheet.protection.sheet
        assert not sheet.protection.password
        assert not sheet.protection.selectLockedCells
        assert not sheet.protection.selectUnlockedCells
        assert sheet["B5"].protection.locked is False
        assert sheet["A5"].protection.locked is True
        assert {str(area) for area in sheet.merged_cells.ranges} == {str(area) for area in wanted.merged}
        assert sheet["F6"].border.bottom.style == "thin"  # of a cell that a merged one covers
        assert sheet.page_setup.orientation == "portrait"
        heights = {row - 1: size.height for row, size in sheet.row_dimensions.items() if size.height}
        assert heights == {
            row: pytest.approx(size / 25.4 * 72, abs=0.01) for row, size in wanted.heights.items()
        }
        assert _validated(sheet) == _asked(wanted)
        for validation in sheet.data_validations.dataValidation:
            assert validation.allowBlank
            assert validation.showInputMessage
            assert validation.showErrorMessage
            first = str(validation.sqref).split(":")[0]
            words = (validation.promptTitle, validation.prompt, validation.error)
            if validation.type == "decimal":
                assert (validation.operator, validation.formula1, validation.formula2) == (
                    "between",
                    "-1E+300",
                    "1E+300",
                )
                assert (validation.errorStyle, words) == ("stop", NUMBERS)
            else:
                assert validation.formula1 == f"_xlfn.ISFORMULA({first})"
                assert (validation.errorStyle, words) == ("warning", FORMULAS)


def test_an_ods_as_odfpy_reads_it(tmp_path: Path) -> None:
    """Locks, protection, names, validations, heights and merged cells are in the file."""
    path = _written(tmp_path, _book(), "ods")
    document = odf_load(path)
    names = document.spreadsheet.getElementsByType(table.NamedRange)
    assert [(one.getAttribute("name"), one.getAttribute("cellrangeaddress")) for one in names] == [
        ("answers", "$'It''s <δ>'.$B$5:.$C$10"),
        ("rate", "$Form.$B$5"),
    ]
    tables = document.spreadsheet.getElementsByType(table.Table)
    assert [sheet.getAttribute("protected") for sheet in tables] == ["true", "true"]
    assert _locked(path, [(4, 0), (4, 1), (5, 2)]) == [True, False, False]
    rows = _rows(tables[0])
    cells = {(row, column): cell for row in rows for column, cell in _row_cells(rows[row]).items()}
    spans = {
        place: tuple(int(cell.getAttrNS(TABLENS, f"number-{axis}-spanned")) for axis in ("rows", "columns"))
        for place, cell in cells.items()
        if cell.getAttrNS(TABLENS, "number-columns-spanned")
    }
    assert spans == {(0, 0): (1, 6), (1, 0): (1, 6), (4, 4): (2, 2)}
    assert {place for place, cell in cells.items() if cell.tagName == "table:covered-table-cell"} == {
        *((row, column) for row in (0, 1) for column in range(1, 6)),
        *((4, 5), (5, 4), (5, 5)),
    }
    kinds = {
        one.getAttribute("name"): (
            one.getAttribute("condition"),
            one.getElementsByType(table.ErrorMessage)[0].getAttribute("messagetype"),
        )
        for one in document.spreadsheet.getElementsByType(table.ContentValidation)
    }
    number = "of:cell-content-is-decimal-number() and cell-content-is-between(-1E+300,1E+300)"
    assert (
        list(kinds.values())
        == [
            (number, "stop"),
            ("of:is-true-formula(ISFORMULA([.B11]))", "warning"),
        ]
        * 2
    )
    found: dict[str, set[str]] = {}
    for (row, column), cell in cells.items():
        name = cell.getAttribute("contentvalidationname")
        if name:
            kind = "decimal" if kinds[name][0] == number else "custom"
            found.setdefault(kind, set()).add(f"{row},{column}")
    assert found == _asked(_form())
    styles = {style.getAttribute("name"): style for style in document.automaticstyles.childNodes}
    heights = {}
    for row, element in rows.items():
        if element.getAttribute("stylename"):
            given = styles[element.getAttribute("stylename")].childNodes[0]
            assert given.getAttribute("useoptimalrowheight") == "false"
            heights[row] = float(given.getAttribute("rowheight").removesuffix("mm"))
    assert heights == _form().heights


@both
@pytest.mark.libreoffice
def test_libreoffice_keeps_a_form(tmp_path: Path, form: Format) -> None:
    """Names, validations, protection, heights, merged cells and paper outlive a visit to LibreOffice."""
    again = _resaved(_written(tmp_path, _book(), form))
    made = openpyxl.load_workbook(_as_xlsx(again))
    assert {name: found.attr_text.replace("$", "") for name, found in made.defined_names.items()} == {
        "answers": "'It''s <δ>'!B5:C10",
        "rate": "Form!B5",
    }
    assert set(files.load(again).names or {}) >= {"answers", "rate"}
    for sheet in made:
        wanted = _form(sheet.title)
        assert sheet.protection.sheet
        assert not sheet.protection.selectLockedCells
        assert not sheet.protection.selectUnlockedCells
        assert [sheet[cell].protection.locked for cell in ("A5", "B5", "C34")] == [True, False, False]
        assert {str(area) for area in sheet.merged_cells.ranges} == {str(area) for area in wanted.merged}
        assert _validated(sheet) == _asked(wanted)
        for validation in sheet.data_validations.dataValidation:
            number = validation.type == "decimal"
            assert (validation.errorStyle or "stop") == ("stop" if number else "warning")
            assert (validation.promptTitle, validation.prompt, validation.error) == (
                NUMBERS if number else FORMULAS
            )
            if not number:
                first = re.split("[: ]", str(validation.sqref))[0]
                assert validation.formula1 == f"_xlfn.ISFORMULA({first})"
        assert sheet.page_setup.orientation == "portrait"
        for row, height in wanted.heights.items():
            assert sheet.row_dimensions[row + 1].height == pytest.approx(height / 25.4 * 72, abs=0.6)


@both
def test_names_are_read_back(form: Format) -> None:
    """A new book's names are there as formulas when it is loaded."""
    with files.skeleton(_book(), form, "new") as book:
        names = {name: text for name, text in (book.names or {}).items() if "Print" not in name}
    assert names == (
        {"answers": "of:=[$'It''s <δ>'.$B$5:.$C$10]", "rate": "of:=[$Form.$B$5]"}
        if form == "ods"
        else {"answers": "='It''s <δ>'!$B$5:$C$10", "rate": "=Form!$B$5"}
    )


@pytest.mark.openxmlsdk
def test_the_sdk_finds_nothing(tmp_path: Path) -> None:
    """The Open XML SDK accepts a form, new and edited."""
    path = _written(tmp_path, _book(), "xlsx")
    assert openxmlsdk.findings(path) == []
    edited = _written(
        tmp_path,
        _book(_form(), NewSheet("Bare", {(0, 0): NewCell(1.0)})),
        "xlsx",
        SetPrinted("Bare", (Area("Bare", 0, 0, 3, 3),)),
        SetPrinted("Form", ()),
        SetHeights("Bare", {0: 10.0, 7: 20.0}),
    )
    assert openxmlsdk.findings(edited) == []


@both
@pytest.mark.libreoffice
@pytest.mark.parametrize("portrait", [True, False], ids=["portrait", "landscape"])
@pytest.mark.parametrize("rows", [12, 30, 70])
def test_a_range_is_one_page(tmp_path: Path, form: Format, portrait: bool, rows: int) -> None:
    """However many high rows it has, a print range that is to be one page high is one, on the right paper."""
    if reason := rendering.missing():
        pytest.skip(reason)
    path = _written(tmp_path, _book(replace(_form(rows=rows), portrait=portrait)), form)
    [page] = rendering.pages(path, tmp_path, resolution=20)
    size = re.match(rb"\x89PNG.{12}(.{4})(.{4})", page.read_bytes(), re.DOTALL)
    assert size
    width, height = (int.from_bytes(number) for number in size.groups())
    assert (height > width) == portrait


@both
@pytest.mark.libreoffice
def test_each_of_two_ranges_is_one_page(tmp_path: Path, form: Format) -> None:
    """Two print ranges of other heights, the lower one with repeated rows above it, are two pages."""
    if reason := rendering.missing():
        pytest.skip(reason)
    ranges = (Area("Form", 0, 0, 20, 5), Area("Form", 21, 0, 63, 5))
    sheet = replace(_form(rows=60), printed=ranges, repeated_rows=(0, 1))
    assert len(rendering.pages(_written(tmp_path, _book(sheet), form), tmp_path, resolution=20)) == 2


@both
@pytest.mark.libreoffice
def test_merged_cells_to_fill_in(tmp_path: Path, form: Format) -> None:
    """A merged area may be unlocked and validated, with looks for the cells that it covers or without."""
    area = Area("Form", 1, 1, 2, 3)
    sheet = NewSheet(
        "Form",
        {(row, column): NewCell(None, OPEN) for row in (1, 2) for column in (1, 3)},
        protected=True,
        merged=(area,),
        validations=(Validation((area,), "formula", *FORMULAS),),
    )
    path = _written(tmp_path, _book(sheet), form, PutCell("Form", 1, 1, 2.0))
    made = openpyxl.load_workbook(_as_xlsx(path))["Form"]
    assert [str(found) for found in made.merged_cells.ranges] == ["B2:D3"]
    assert made["B2"].protection.locked is False
    assert made["B2"].value == 2
    assert "1,1" in _validated(made)["custom"]


@both
def test_same_book_same_bytes(form: Format) -> None:
    """Names, heights and widths in another order give the same bytes."""

    def built(book: NewBook) -> bytes:
        with files.skeleton(book, form, "new") as read:
            return read.path.read_bytes()

    book = _book()
    turned = replace(
        book,
        names=dict(reversed(book.names.items())),
        sheets=tuple(
            replace(
                sheet,
                heights=dict(reversed(sheet.heights.items())),
                widths=dict(reversed(sheet.widths.items())),
                cells=dict(reversed(sheet.cells.items())),
            )
            for sheet in book.sheets
        ),
    )
    assert built(turned) == built(book)


@pytest.mark.parametrize("words", [("x" * 33, "", ""), ("", "x" * 256, ""), ("", "", "x" * 226)])
def test_words_that_excel_refuses(words: tuple[str, str, str]) -> None:
    """A title or message longer than Excel takes is no validation."""
    with pytest.raises(ValueError, match="expected at most"):
        Validation((Area("Form", 0, 0, 0, 0),), "number", *words)


# ---- edits ----


def _saved(path: Path, target: Path, *edits: Edit) -> list[str]:
    """Carry out edits on a copy; return the names of the parts that changed."""
    files.save(files.load(path), target, edits)
    before, after = _members(path), _members(target)
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def _heights(path: Path, sheet: str) -> dict[int, float]:
    """Return the heights in millimetres that a file itself fixes for rows, as openpyxl or odfpy read it."""
    if path.suffix == ".xlsx":
        rows = openpyxl.load_workbook(path)[sheet].row_dimensions
        return {row - 1: size.height / 72 * 25.4 for row, size in rows.items() if size.height}
    document = odf_load(path)
    fixed = {}
    for style in document.automaticstyles.childNodes:
        for given in style.childNodes:
            row = given.tagName == "style:table-row-properties"
            if row and given.getAttribute("useoptimalrowheight") == "false":
                height = given.getAttribute("rowheight")
                fixed[style.getAttribute("name")] = float(height.removesuffix("mm"))
    [found] = [
        one
        for one in document.spreadsheet.getElementsByType(table.Table)
        if one.getAttribute("name") == sheet
    ]
    names = {row: element.getAttribute("stylename") for row, element in _rows(found).items()}
    return {row: fixed[name] for row, name in names.items() if name in fixed}


def _fill(sheet: str, first: int, last: int) -> FillRows:
    values = np.arange(first, last + 1, dtype=float)
    columns = ((0, ((first, Content.NUMBER),)), (2, ((first, Content.NUMBER),)))
    return FillRows(sheet, first, tuple(FilledColumn(c, contents, values + c) for c, contents in columns))


@both
def test_heights(tmp_path: Path, form: Format) -> None:
    """Heights go to stored rows, to rows between and below them, and to rows filled in the same save."""
    cells = {(row, 0): NewCell(f"row {row}") for row in (0, 3, 4)}
    path = _written(tmp_path, _book(NewSheet("Form", cells, heights={3: 11.0})), form)
    wanted = {0: 9.0, 2: 8.0, 3: 7.0, 8: 6.5, 11: 6.0, 12: 6.0, 30: 12.5, 40: 5.5}
    edits = (
        SetHeights("Form", dict(reversed(wanted.items()))),
        _fill("Form", 10, 20),
        PutCell("Form", 8, 1, "put"),
        PutCell("Form", 4, 1, "beside"),
        PutCell("Form", 40, 5, 1.5),
    )
    target = tmp_path / f"high.{form}"
    _saved(path, target, *edits)
    assert _heights(target, "Form") == pytest.approx(wanted, abs=0.01)
    rows = files.load(target).sheet("Form").rows
    assert {row: {c: cell.value for c, cell in found.items()} for row, found in rows.items()} == {
        0: {0: "row 0"},
        3: {0: "row 3"},
        4: {0: "row 4", 1: "beside"},
        8: {1: "put"},
        40: {5: 1.5},
        **{row: {0: float(row), 2: row + 2.0} for row in range(10, 21)},
    }
    assert _saved(target, tmp_path / f"again.{form}", *edits) == []


@both
def test_nothing_but_heights_changes(tmp_path: Path, form: Format) -> None:
    """Where only heights are set, taking their attributes and styles out again gives the stored rows."""
    path = SAMPLE.with_suffix(f".{form}")
    target = tmp_path / f"high.{form}"
    sheet = files.load(path).sheets[0].name
    [part] = {"content.xml", "xl/worksheets/sheet1.xml"}.intersection(
        changed := _saved(path, target, SetHeights(sheet, {7: 9.0, 8: 9.0, 100: 8.0}))
    )
    assert changed == [part]
    before, after = (_members(one)[part].decode() for one in (path, target))
    if form == "xlsx":
        assert (
            after.replace(' ht="25.51" customHeight="1"', "").replace(' ht="22.68" customHeight="1"', "")
            == before
        )
    else:
        names = re.findall(r'<style:style style:name="(\w+)" style:family="table-row">', after)
        assert len(names) == 2
        plain = re.sub(r'<style:style style:name="\w+" style:family="table-row">.*?</style:style>', "", after)
        for name in names:
            plain = plain.replace(f' table:style-name="{name}"', "")
        assert plain == before


def test_heights_of_repeated_rows(tmp_path: Path) -> None:
    """Of a row of an .ods that stands for many, one is cut out; a style's other properties stay."""
    styles = (
        '<style:style style:name="ro7" style:family="table-row"><style:table-row-properties '
        'style:row-height="4mm" fo:break-before="page" style:use-optimal-row-height="true"/></style:style>'
    )
    stored = '<table:table-row table:style-name="ro7" table:number-rows-repeated="9"/>'
    path = ods_package.build(tmp_path / "s.ods", f"<table:table-column/>{stored}", styles=styles)
    text = ods_package.save(path, tmp_path / "t.ods", SetHeights("Sheet1", {4: 6.0}))["content.xml"].decode()
    kept = '<table:table-row table:style-name="ro7" table:number-rows-repeated="4"/>'
    assert (
        f'{kept}<table:table-row table:style-name="ro1"><table:table-cell/></table:table-row>{kept}' in text
    )
    assert (
        '<style:style style:name="ro1" style:family="table-row"><style:table-row-properties '
        'style:row-height="6.00mm" fo:break-before="page" style:use-optimal-row-height="false"/>'
    ) in text


def test_a_row_without_cells_is_filled(tmp_path: Path) -> None:
    """A row of an .ods that is one empty tag takes a cell, and the tags around it stay whole."""
    path = ods_package.build(tmp_path / "s.ods", "<table:table-column/><table:table-row/>")
    ods_package.save(path, tmp_path / "t.ods", PutCell("Sheet1", 0, 1, 2.5))
    assert ods_package.load(tmp_path / "t.ods").sheets[0].rows[0][1].value == 2.5


def test_heights_in_place_of_others(tmp_path: Path) -> None:
    """A row of an .xlsx keeps its other attributes, and a shared formula whose first cell is there."""
    rows = (
        '<row r="1" ht="20" customHeight="1" hidden="1" x14ac:dyDescent="0.2"><c r="A1"><f t="shared" '
        'ref="A1:A2" si="0">B1</f><v>1</v></c></row><row r="2"><c r="A2"><f t="shared" si="0"/><v>1</v></c></row>'
    )
    path = xlsx_package.build(tmp_path / "s.xlsx", rows)
    xlsx_package.saved(path, tmp_path / "t.xlsx", SetHeights("Sheet1", {0: 25.4, 1: 12.7, 2: 12.7}))
    assert xlsx_package.part(tmp_path / "t.xlsx").split("<sheetData>")[1].split("</sheetData>")[0] == (
        '<row r="1" hidden="1" x14ac:dyDescent="0.2" ht="72" customHeight="1"><c r="A1"><f t="shared" '
        'ref="A1:A2" si="0">B1</f><v>1</v></c></row><row r="2" ht="36" customHeight="1"><c r="A2">'
        '<f t="shared" si="0"/><v>1</v></c></row><row r="3" ht="36" customHeight="1"></row>'
    )


@both
def test_heights_beside_formulas_and_marks(tmp_path: Path, form: Format) -> None:
    """A height in the midst of a block of formulas, or of marked cells, leaves them as they are without it."""
    formula = "of:=[.A8]*2" if form == "ods" else "=A8*2"
    values = np.arange(6.0)
    edits = (
        FillRows("Form", 7, (FilledColumn(1, ((7, pattern(formula, 7)),), values),)),
        Mark(Area("Form", 8, 1, 10, 2), "FFC7CE"),
    )
    book = _book(NewSheet("Form", {(row, 0): NewCell(row / 2) for row in range(7, 13)}))
    plain = _written(tmp_path, book, form, *edits[:1])
    rows = files.load(plain).sheet("Form").rows
    for number, more in enumerate((edits[:1], edits[1:])):
        path = tmp_path / f"{number}.{form}"
        _saved(plain, path, *more, SetHeights("Form", {9: 9.0}))
        assert files.load(path).sheet("Form").rows == rows
        assert _heights(path, "Form") == pytest.approx({9: 9.0}, abs=0.01)


@both
@pytest.mark.libreoffice
def test_heights_as_libreoffice_reads_them(tmp_path: Path, form: Format) -> None:
    """LibreOffice gives rows of a trained sheet, and rows below it, the heights that were set."""
    path = SAMPLE.with_suffix(f".{form}")
    sheet = files.load(path).sheets[0].name
    wanted = {0: 14.0, 9: 9.0, 1500: 8.0}
    _saved(path, tmp_path / f"high.{form}", SetHeights(sheet, wanted))
    rows = openpyxl.load_workbook(_as_xlsx(tmp_path / f"high.{form}"))[sheet].row_dimensions
    for row, height in wanted.items():
        assert rows[row + 1].height == pytest.approx(height / 25.4 * 72, abs=0.6)
    assert rows[11].height == pytest.approx(12.8, abs=0.6)


@both
def test_a_height_below_the_last_row(tmp_path: Path, form: Format) -> None:
    """A row that no sheet has can't be high."""
    with (
        files.skeleton(_book(), form, f"new.{form}") as book,
        pytest.raises(FileError, match="1,048,576 rows"),
    ):
        files.save(book, tmp_path / f"out.{form}", [SetHeights("Form", {1_048_576: 9.0})])


def _printed(path: Path) -> dict[str, str]:
    """Return each sheet's print ranges, as openpyxl or odfpy read them."""
    if path.suffix == ".xlsx":
        return {sheet.title: str(sheet.print_area).replace("$", "") for sheet in openpyxl.load_workbook(path)}
    sheets = odf_load(path).spreadsheet.getElementsByType(table.Table)
    return {sheet.getAttribute("name"): sheet.getAttribute("printranges") or "" for sheet in sheets}


@both
def test_print_ranges(tmp_path: Path, form: Format) -> None:
    """Print ranges are replaced, added where there are none, and taken away; nothing else changes."""
    bare = NewSheet("Bare", {(0, 0): NewCell(1.0)})
    path = _written(tmp_path, _book(bare, _form(), _form(QUOTED)), form)
    edits = (
        SetPrinted("Bare", (Area("Bare", 0, 0, 3, 3), Area("Bare", 5, 0, 5, 0))),
        SetPrinted(QUOTED, (Area(QUOTED, 1, 1, 2, 2),)),
        SetPrinted("Form", ()),
    )
    target = tmp_path / f"out.{form}"
    part = "content.xml" if form == "ods" else "xl/workbook.xml"
    assert _saved(path, target, *edits) == [part]
    assert _printed(target) == (
        {"Bare": "Bare.A1:Bare.D4 Bare.A6:Bare.A6", "Form": "", QUOTED: "'It''s <δ>'.B2:'It''s <δ>'.C3"}
        if form == "ods"
        else {"Bare": "'Bare'!A1:D4,'Bare'!A6", "Form": "", QUOTED: "'It''s <δ>'!B2:C3"}
    )
    before, after = (_members(one)[part].decode() for one in (path, target))
    ranges = (
        r' table:print-ranges="[^"]*"' if form == "ods" else r"<definedName [^>]*Print_Area.*?</definedName>"
    )
    names = "</?definedNames>"
    assert re.sub(names, "", re.sub(ranges, "", after)) == re.sub(names, "", re.sub(ranges, "", before))
    assert _saved(target, tmp_path / f"again.{form}", *edits) == []


@both
@pytest.mark.libreoffice
def test_print_ranges_as_libreoffice_reads_them(tmp_path: Path, form: Format) -> None:
    """LibreOffice prints what was set, in a book to which a sheet is added in the same save."""
    path = _written(
        tmp_path,
        _book(NewSheet("Bare", {(0, 0): NewCell(1.0)}), _form(QUOTED)),
        form,
        AddSheet("Added", ()),
        SetPrinted(QUOTED, (Area(QUOTED, 1, 1, 2, 2),)),
        SetPrinted("Bare", (Area("Bare", 0, 0, 3, 3), Area("Bare", 5, 0, 5, 1))),
    )
    made = openpyxl.load_workbook(_as_xlsx(path))
    assert made.sheetnames == ["Bare", QUOTED, "Added"]
    assert str(made[QUOTED].print_area).replace("$", "").endswith("!B2:C3")
    assert re.findall("[A-Z]+[0-9]+:[A-Z]+[0-9]+", str(made["Bare"].print_area).replace("$", "")) == [
        "A1:D4",
        "A6:B6",
    ]


def test_print_ranges_of_other_makes(tmp_path: Path) -> None:
    """A workbook's part without names, with others, or with a hidden range of the same name is spliced right."""
    head = f'<workbook xmlns="{xlsx_package.MAIN}" xmlns:r="{xlsx_package.RELATIONS}"><sheets>'
    head += '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
    name = '<definedName name="_xlnm.Print_Area" localSheetId="0"{}>{}</definedName>'
    other = '<definedName name="rate">Sheet1!$A$8</definedName>'
    calc = '<calcPr calcId="1"/></workbook>'
    new, hidden = name.format("", "Sheet1!$A$1:$B$2"), ' hidden="1"'
    for number, (names, areas, wanted) in enumerate(
        [
            ("", 1, f"<definedNames>{new}</definedNames>"),
            ("", 0, ""),
            (f"<definedNames>{other}</definedNames>", 1, f"<definedNames>{other}{new}</definedNames>"),
            (
                f"<definedNames>{name.format(hidden, 'Sheet1!$C$3')}{other}</definedNames>",
                1,
                f"<definedNames>{name.format(hidden, 'Sheet1!$A$1:$B$2')}{other}</definedNames>",
            ),
            (f"<definedNames>{new}{other}</definedNames>", 0, f"<definedNames>{other}</definedNames>"),
            (f"<definedNames>{new}</definedNames>", 0, ""),
        ]
    ):
        path = xlsx_package.build(
            tmp_path / f"{number}.xlsx", "", parts={"xl/workbook.xml": f"{head}{names}{calc}"}
        )
        edit = SetPrinted("Sheet1", (Area("Sheet1", 0, 0, 1, 1),) * areas)
        xlsx_package.saved(path, tmp_path / "out.xlsx", edit)
        assert xlsx_package.part(tmp_path / "out.xlsx", "xl/workbook.xml") == f"{head}{wanted}{calc}"
