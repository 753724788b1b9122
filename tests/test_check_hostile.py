"""Check of hostile workbooks: what they hold is refused or reported, never run, and costs little."""

import json
import re
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

import sheetnet
from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.book.grid import Book
from sheetnet.jobs.annotating import annotate_file
from sheetnet.jobs.checking import CheckedFile, check_file
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import COST, Term
from sheetnet.report.check.annotation import annotation
from sheetnet.report.check.data import checking_json
from sheetnet.report.check.text import checking_report

HANG = 20.0
"""Seconds of the processor after which a check hangs; it is meant to take less than one."""
STEPS = 8
DELTA = Term("delta", 1, 0)

Change = Callable[[str], str]


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every connection and every program that is started fail the test."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a workbook made the check reach out")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Book, Layout]]:
    """A workbook without a mistake, in each format."""
    folder = tmp_path_factory.mktemp("right")
    out = {}
    for suffix in ("ods", "xlsx"):
        path = folder / f"right.{suffix}"
        sheetnet.new_file((2, 2, 2), path, seed=1, steps=STEPS)
        book = sheetnet.load(path)
        out[suffix] = book, sheetnet.find_nets(book)[0]
    return out


def examined(path: Path) -> CheckedFile:
    """Check a file in time, and make every report on it."""
    begin = time.process_time()
    file = check_file(path)
    assert time.process_time() - begin < HANG
    told = [file.error or "", *(sheet.error or "" for sheet in file.sheets)]
    assert not any("fault in sheetnet itself" in text for text in told), told
    assert not any("\n" in text for text in told)
    checking_report([file])
    json.dumps(checking_json([file]), allow_nan=False)
    if file.nets:
        assert file.book is not None
        marked = path.with_name(f"marked-{path.name}")
        annotate_file(file.book, marked, annotation(file), overwrite=True)
        sheetnet.load(marked)
    assert time.process_time() - begin < 2 * HANG
    return file


def rewritten(book: Book, target: Path, change: Change, part: str = "") -> Path:
    """Write a copy of a book's file with one part's text changed: the sheet, unless `part` says otherwise."""
    part = part or {"ods": "content.xml", "xlsx": "xl/worksheets/sheet1.xml"}[book.dialect]
    with zipfile.ZipFile(book.path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                text = content.decode()
                content = change(text).encode()
                assert content.decode() != text
            new.writestr(name, content)
    return target


# ---------------------------------------------------------------- one formula

FORMULAS: dict[str, tuple[str, str]] = {
    "webservice": ('WEBSERVICE("http://127.0.0.1:9/x")', 'WEBSERVICE("http://127.0.0.1:9/x")'),
    "hyperlink": ('HYPERLINK("http://127.0.0.1:9/x",1)', 'HYPERLINK("http://127.0.0.1:9/x";1)'),
    "dde": ("cmd|'/c calc'!A1", "cmd|'/c calc'!A1"),
    "dde function": ('DDE("soffice","/etc/passwd","A1")', 'DDE("soffice";"/etc/passwd";"A1")'),
    "other file": ("[other.xlsx]Sheet1!A1", "['file:///etc/passwd'#$Sheet1.A1]"),
    "other file, quoted": ("'/tmp/[other.xlsx]Sheet 1'!A1", "['file:///tmp/o.ods'#$'Sheet 1'.A1]*1"),
    "indirect": ('INDIRECT("A"&8)', 'INDIRECT("A"&8)'),
    "offset": ("OFFSET(A8,1,1,1000000,100)", "OFFSET([.A8];1;1;1000000;100)"),
    "deep": ("(" * 100_000 + "1" + ")" * 100_000,) * 2,
    "deep, no brackets": ("-" * 8000 + "1",) * 2,
    "deep, per cent": ("1" + "%" * 8000,) * 2,
    "deep, calls": ("ABS(" * 60 + "A8" + ")" * 60, "ABS(" * 60 + "[.A8]" + ")" * 60),
    "deep, powers": ("^".join(["2"] * 4000),) * 2,
    "deep, braces": ("{" * 5000 + "1" + "}" * 5000,) * 2,
    "a megabyte": ("+".join(["A8"] * 350_000), "+".join(["[.A8]"] * 180_000)),
    "10,000 operands": ("+".join(["A8"] * 10_000), "+".join(["[.A8]"] * 10_000)),
    "2,500 operands": ("+".join(["A8"] * 2_500), "+".join(["[.A8]"] * 2_500)),
    "column": ("SUM(A:A)", "SUM([.A1:.A1048576])"),
    "rows": ("SUM(1:1048576)", "SUM([.1:.1048576])"),
    "sheet": ("SUM(A1:XFD1048576)", "SUM([.A1:.XFD1048576])"),
    "sheet, products": (
        "SUMPRODUCT(A1:XFD1048576,A1:XFD1048576)",
        "SUMPRODUCT([.A1:.XFD1048576];[.A1:.XFD1048576])",
    ),
    "sheet, matrices": ("MMULT(A1:XFD1048576,A1:XFD1048576)", "MMULT([.A1:.XFD1048576];[.A1:.XFD1048576])"),
    "large range": ("SUM(AX1:CV90)", "SUM([.AX1:.CV90])"),
    "matrix of matrices": (
        "SUM(" + "MMULT(" * 20 + "A1:J10" + ",A1:J10)" * 20 + ")",
        "SUM(" + "MMULT(" * 20 + "[.A1:.J10]" + ";[.A1:.J10])" * 20 + ")",
    ),
    "own row": ("SUM(9:11)", "SUM([.A9:.XFD11])"),
    "infinite": ("1e999",) * 2,
    "400 digits": ("9" * 400,) * 2,
    "overflow": ("1E308*1E308",) * 2,
    "towers": ("9^9^9^9",) * 2,
    "no real root": ("(-8)^0.5",) * 2,
    "long text": ("REPT(\"x\",1000000000)", 'REPT("x";1000000000)'),
    "script": ('"<script>alert(1)</script>"&A8', '"<script>alert(1)</script>"&[.A8]'),
    "unterminated": ('"abc',) * 2,
    "operators alone": ("=====",) * 2,
    "blanks": (" " * 9000,) * 2,
    "impossible cells": ("A0+ZZZ9999999+A1048577", "[.A0]+[.ZZZ9999999]+[.A1048577]"),
    "deleted": ("#REF!*1", "[.#REF!]*1"),
    "no such name": ("nosuchname*2",) * 2,
    "no such sheet": ("'No\nSheet'!A1", "[$'No\nSheet'.A1]"),
    "array": ("{1,2;3,4}", "{1;2|3;4}"),
    "lambda": ("LAMBDA(x,x+1)(1)", "LAMBDA(x;x+1)(1)"),
    "volatile": ("RAND()+NOW()",) * 2,
    "union": ("SUM((A8,B9))", "SUM([.A8]~[.B9])"),
    "intersection": ("SUM(A8:C8 B7:B9)", "SUM([.A8:.C8]![.B7:.B9])"),
    "rounding far out": ("ROUND(A8,1E308)", "ROUND([.A8];1E308)"),
    "index far out": ("INDEX(A1:A5,1E308)", "INDEX([.A1:.A5];1E308)"),
    "signs of all scripts": ('"\u202e\U0001f600"&A8', '"\u202e\U0001f600"&[.A8]'),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
@pytest.mark.parametrize("name", FORMULAS)
def test_formula(tmp_path: Path, right: dict[str, tuple[Book, Layout]], name: str, suffix: str) -> None:
    """A hostile formula in a δ is a finding on its cell; nothing is run, and nothing hangs."""
    book, layout = right[suffix]
    formula = f"={FORMULAS[name][0]}" if suffix == "xlsx" else f"of:={FORMULAS[name][1]}"
    row, column = layout.first_row + 3, layout.columns[DELTA]
    path = tmp_path / f"hostile.{suffix}"
    files.save(book, path, [PutCell(layout.sheet, row, column, 0.5, formula)])
    file = examined(path)
    [net] = file.nets
    found = [
        finding
        for finding in net.findings
        for area in finding.areas
        if area.first_row <= row <= area.last_row and area.first_column <= column <= area.last_column
    ]
    assert len(found) == 1, net.findings
    assert found[0].severity in ("error", "warning")


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
@pytest.mark.parametrize("term", [Term("a", 0, 0), Term("w", 1, 0, 0), COST], ids=["a", "w", "C"])
def test_formula_in_every_row(
    tmp_path: Path, right: dict[str, tuple[Book, Layout]], term: Term, suffix: str
) -> None:
    """The same down a whole column, one formula after the other."""
    book, layout = right[suffix]
    column = layout.columns[term]
    formulas = list(FORMULAS.values())
    for first in range(0, len(formulas), STEPS):
        path = tmp_path / f"hostile.{suffix}"
        cells = [
            PutCell(
                layout.sheet,
                layout.first_row + row,
                column,
                0.5,
                f"={pair[0]}" if suffix == "xlsx" else f"of:={pair[1]}",
            )
            for row, pair in enumerate(formulas[first : first + STEPS])
        ]
        files.save(book, path, cells)
        assert examined(path).error is None


# ---------------------------------------------------------------- whole workbooks


def _names_xlsx(*names: tuple[str, str]) -> Change:
    defined = "".join(f'<definedName name="{name}">{escape(text)}</definedName>' for name, text in names)
    return lambda xml: (
        re.sub(r"(<definedNames>)|(</sheets>)", rf"\g<0>{defined}", xml, count=1)
        if ("<definedNames>" in xml)
        else xml.replace("</sheets>", f"</sheets><definedNames>{defined}</definedNames>")
    )


def _names_ods(*names: tuple[str, str]) -> Change:
    defined = "".join(
        f'<table:named-expression table:name="{name}" table:expression="of:={escape(text)}"/>'
        for name, text in names
    )
    whole = f"<table:named-expressions>{defined}</table:named-expressions>"
    return lambda xml: xml.replace("</office:spreadsheet>", f"{whole}</office:spreadsheet>")


CIRCLE = (("one", "two+1"), ("two", "three+1"), ("three", "one+1"))
BOMB = tuple((f"n{i}x", f"n{i + 1}x+n{i + 1}x") for i in range(60))


@pytest.mark.parametrize("suffix", ["ods", "xlsx"])
@pytest.mark.parametrize(
    ("names", "formula"), [(CIRCLE, "one"), (BOMB, "n0x"), (BOMB, "+".join(["n53x"] * 1000))],
    ids=["circle", "bomb", "bombs"],
)  # fmt: skip
def test_names(
    tmp_path: Path,
    right: dict[str, tuple[Book, Layout]],
    names: tuple[tuple[str, str], ...],
    formula: str,
    suffix: str,
) -> None:
    """Names that stand for each other without end are reported where they are used."""
    book, layout = right[suffix]
    row, column = layout.first_row + 3, layout.columns[DELTA]
    used = tmp_path / f"used.{suffix}"
    prefix = "=" if suffix == "xlsx" else "of:="
    files.save(book, used, [PutCell(layout.sheet, row, column, 0.5, prefix + formula)])
    path = tmp_path / f"names.{suffix}"
    if suffix == "ods":
        rewritten(sheetnet.load(used), path, _names_ods(*names))
    else:
        rewritten(sheetnet.load(used), path, _names_xlsx(*names), "xl/workbook.xml")
    [net] = examined(path).nets
    assert any((f.row, f.column) == (row, column) and f.severity != "remark" for f in net.findings)


def _last_row(xml: str, change: Change) -> str:
    """Change the last row of an .ods sheet that has a formula."""
    start = xml.rindex("<table:table-row", 0, xml.rindex('table:formula="'))
    return xml[:start] + change(xml[start:])


def _repeated(rows: int) -> Change:
    opening = f'<table:table-row table:number-rows-repeated="{rows}"'
    return lambda xml: _last_row(xml, lambda row: row.replace("<table:table-row", opening, 1))


def _valued(value: str) -> Change:
    return lambda xml: _last_row(
        xml, lambda row: re.sub(r'office:value="[^"]*"', f'office:value="{value}"', row)
    )


def _typed(kind: str) -> Change:
    return lambda xml: _last_row(
        xml, lambda row: re.sub(r'office:value-type="float" office:value="[^"]*"', kind, row)
    )


def _array(rows: int, columns: int) -> Change:
    spans = f'table:number-matrix-columns-spanned="{columns}" table:number-matrix-rows-spanned="{rows}" table:formula='
    return lambda xml: _last_row(xml, lambda row: row.replace("table:formula=", spans, 1))


def _merged(xml: str) -> str:
    spans = 'table:number-columns-spanned="16384" table:number-rows-spanned="1048576"'
    return xml.replace("<table:table-cell ", f"<table:table-cell {spans} ", 40)


def _labelled(text: str) -> Change:
    return lambda xml: xml.replace("<text:p>w01</text:p>", f"<text:p>{text}</text:p>")


def _label_rows(xml: str) -> str:
    labels = next(
        row for row in re.findall(r"<table:table-row.*?</table:table-row>", xml, re.S) if ">w01<" in row
    )
    return xml.replace(labels, labels * 10_000)


def _named_sheet(name: str) -> Change:
    return lambda xml: xml.replace('table:name="Sheet1"', f'table:name="{name}"')


def _doubled(xml: str) -> str:
    table = re.search(r"<table:table .*?</table:table>", xml, re.S)
    assert table is not None
    return xml.replace(table[0], table[0] * 2)


def _circular(xml: str) -> str:
    """Let every formula use the cell in which it stands, and the row below."""
    return re.sub(r'table:formula="of:=', 'table:formula="of:=0*SUM([.A1:.ZZ200])+', xml)


ODS: dict[str, Change] = {
    "a million rows by repeats": _repeated(1_000_000),
    "100 different rows by repeats": _repeated(100),
    "infinite values": _valued("1e999"),
    "nan values": _valued("nan"),
    "huge values": _valued("1e308"),
    "dates": _typed('office:value-type="date" office:date-value="2020-01-01"'),
    "times": _typed('office:value-type="time" office:time-value="PT12H30M00S"'),
    "per cent": _typed('office:value-type="percentage" office:value="0.5"'),
    "truths": _typed('office:value-type="boolean" office:boolean-value="true"'),
    "unknown types": _typed('office:value-type="matrix" office:value="1"'),
    "array over everything": _array(1_048_576, 16_384),
    "array over 100,000 cells": _array(10_000, 10),
    "merged": _merged,
    "label of 100,000 characters": _labelled("w" * 100_000),
    "label of digits": _labelled("w" + "1" * 5000),
    "10,000 label rows": _label_rows,
    "circles": _circular,
    "sheet in quotes": _named_sheet("it&apos;s &quot;mine&quot;"),
    "sheet with newlines": _named_sheet("a&#10;b"),
    "sheet of script": _named_sheet("&lt;script&gt;alert(1)&lt;/script&gt;"),
    "sheet without a name": _named_sheet(""),
    "sheet of 10,000 characters": _named_sheet("x" * 10_000),
    "sheets of one name": _doubled,
}


@pytest.mark.parametrize("name", ODS)
def test_ods(tmp_path: Path, right: dict[str, tuple[Book, Layout]], name: str) -> None:
    """A hostile .ods is refused or reported, in little time."""
    examined(rewritten(right["ods"][0], tmp_path / "hostile.ods", ODS[name]))


def _cells(pattern: str, new: str, count: int = 0) -> Change:
    return lambda xml: re.sub(pattern, new, xml, count=count)


def _shared(rows: int, formula: str) -> Change:
    """Add rows below the table, in each a cell that shares one formula."""
    first = f'<row r="101"><c r="A101"><f t="shared" ref="A101:A{100 + rows}" si="77">{formula}</f></c></row>'
    more = "".join(
        f'<row r="{r}"><c r="A{r}"><f t="shared" si="77"/></c></row>' for r in range(102, 101 + rows)
    )
    return lambda xml: xml.replace("</sheetData>", f"{first}{more}</sheetData>")


XLSX: dict[str, Change] = {
    "infinite values": _cells(r"<v>0\.[^<]*</v>", "<v>1e999</v>"),
    "nan values": _cells(r"<v>0\.[^<]*</v>", "<v>nan</v>"),
    "truths": _cells(r'(<c r="[A-Z]+1[0-9]"[^>]*?)( t="[a-z]+")?>(<f>.*?</f>)<v>[^<]*', r'\1 t="b">\3<v>1'),
    "errors": _cells(
        r'(<c r="[A-Z]+1[0-9]"[^>]*?)( t="[a-z]+")?>(<f>.*?</f>)<v>[^<]*', r'\1 t="e">\3<v>#N/A'
    ),
    "array over everything": _cells(r"<f>", '<f t="array" ref="A1:XFD1048576">', 1),
    "array over 100,000 cells": _cells(r"<f>", '<f t="array" ref="A1:J10000">', 1),
    "shared by all, no first": _cells(r"<f>.*?</f>", '<f t="shared" si="5"/>'),
    "shared by 20,000": _shared(20_000, "+".join(["B8"] * 30)),
    "shared, 10,000 long": _shared(2_000, "+".join(["B8"] * 2_500)),
    "merged": _cells(
        r"</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    ),
    "merged nonsense": _cells(
        r"</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="nonsense"/></mergeCells>'
    ),
    "rows out of range": _cells(r'<row r="9"', '<row r="99999999"'),
    "columns out of range": _cells(r'<c r="K9"', '<c r="ZZZZZZ9"'),
    "strings out of range": _cells(r't="inlineStr"><is>', 't="s"><v>99999999</v><is>'),
}


@pytest.mark.parametrize("name", XLSX)
def test_xlsx(tmp_path: Path, right: dict[str, tuple[Book, Layout]], name: str) -> None:
    """A hostile .xlsx is refused or reported, in little time."""
    examined(rewritten(right["xlsx"][0], tmp_path / "hostile.xlsx", XLSX[name]))
