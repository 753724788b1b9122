"""Pattern files: every spelling of a table that programs write is read, and all else is named."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet.book import delimited, files
from sheetnet.cli import main
from sheetnet.errors import FileError, LayoutError, SheetnetError
from sheetnet.layout.patterns import patterns_of
from tests.book import ods_package, xlsx_package

XOR = "a0,a1,T0\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"
NET = (2, 2, 1)


def _write(folder: Path, content: str | bytes, name: str = "xor.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _read(path: Path, sizes: tuple[int, ...] = NET) -> list[list[float]]:
    inputs, targets = patterns_of(files.load_table(path), sizes)
    assert inputs.dtype == targets.dtype == np.float64
    assert inputs.shape == (len(targets), sizes[0])
    assert targets.shape == (len(inputs), sizes[-1])
    return np.hstack([inputs, targets]).tolist()  # type: ignore[no-any-return]


def _ods(path: Path, sheets: dict[str, dict[tuple[int, int], object]]) -> Path:
    """Write a workbook with odfpy; text that begins with ``of:`` is a formula without a value."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    def cell(value: object) -> TableCell:
        if isinstance(value, bool):
            return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
        if isinstance(value, int | float):
            return TableCell(valuetype="float", value=repr(value))
        if isinstance(value, str) and value.startswith("of:"):
            return TableCell(formula=value)
        out = TableCell(**({} if value is None else {"valuetype": "string"}))
        if value is not None:
            out.addElement(P(text=value))
        return out

    document = OpenDocumentSpreadsheet()
    for name, cells in sheets.items():
        table = Table(name=name)
        for row in range(max((row for row, _ in cells), default=-1) + 1):
            line = TableRow()
            for column in range(max(column for _, column in cells) + 1):
                line.addElement(cell(cells.get((row, column))))
            table.addElement(line)
        document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def _xlsx(path: Path, sheets: dict[str, dict[tuple[int, int], object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for (row, column), value in cells.items():
            sheet.cell(row + 1, column + 1).value = value
    book.save(path)
    return path


WORKBOOKS = {".ods": _ods, ".xlsx": _xlsx}


def _cells(rows: list[list[object]], top: int = 0, left: int = 0) -> dict[tuple[int, int], object]:
    return {
        (top + i, left + j): value
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value is not None
    }


FOUR: list[list[float]] = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
HALF: list[list[float]] = [[0.5, -1.25, 1e-05], [2, 3e10, 0.25]]

GOOD: list[tuple[str, str | bytes, list[list[float]]]] = [
    ("comma", XOR, FOUR),
    ("semicolon", XOR.replace(",", ";"), FOUR),
    ("tab", XOR.replace(",", "\t"), FOUR),
    ("CRLF", XOR.replace("\n", "\r\n"), FOUR),
    ("CR", XOR.replace("\n", "\r"), FOUR),
    ("no last line end", XOR.rstrip(), FOUR),
    ("UTF-8 BOM", XOR.encode("utf-8-sig"), FOUR),
    ("UTF-16 LE", XOR.replace(",", "\t").encode("utf-16"), FOUR),
    ("UTF-16 BE", b"\xfe\xff" + XOR.replace(",", "\t").encode("utf-16-be"), FOUR),
    ("cp1252", XOR.replace("T0", "mål").encode("cp1252"), FOUR),
    ("UTF-8 header", XOR.replace("T0", "mål₀"), FOUR),
    ("sep=;", "sep=;\r\n" + XOR.replace(",", ";"), FOUR),
    ("sep quoted", '"SEP=,"\n' + XOR, FOUR),
    ("sep after BOM", ("sep=\t\n" + XOR.replace(",", "\t")).encode("utf-8-sig"), FOUR),
    ("blank ends", XOR.replace("\n", ",,\n") + ",,,,\n\n  ,\n", FOUR),
    ("blank start", "\n,,,\n" + XOR.replace("\n", "\n,")[:-1].replace("a0", ",a0"), FOUR),
    ("all quoted", '"a0","a1","T0"\n"0.5","-1.25","1e-05"\n"2","3E+10",".25"\n', HALF),
    ("quoted names", '"a;0","a,""1""","T\n0"\n' + XOR.partition("\n")[2], FOUR),
    ("space behind the comma", '"a0", "a1", "T0"\n0.5, -1.25, 0.00001\n2, 3e10, "0.25"\n', HALF),
    ("decimal comma", "a0;a1;T0\n0,5;-1,25;1e-05\n2;3e10;0,25\n", HALF),
    ("decimal comma, tabs", "a0\ta1\tT0\n0,5\t-1,25\t1e-05\n2\t3e10\t,25\n", HALF),
    ("decimal comma, quoted", 'a0,a1,T0\n"0,5","-1,25",1e-05\n2,3e10,"0,25"\n', HALF),
    ("signs and blanks", "a0;a1;T0\n +0,5 ;\u00a0\u22121,25\u00a0;1e\u221205\n2;+3E+10;\u202f0,25\n", HALF),
    ("points without digits", "a0,a1,T0\n.5,-1.25,1.e-5\n2.,3e10,.25\n", HALF),
    ("commas and tabs", "a0,\ta1,\tT0\n0,\t0,\t0\n0,\t1,\t1\n1,\t0,\t1\n1,\t1,\t0\n", FOUR),
    ("fewer names", XOR.replace("a0,a1,T0", "a0,a1"), FOUR),
    ("more names", XOR.replace("a0,a1,T0", "a0,a1,T0,T1"), FOUR),
    ("a note below", XOR + "\nexclusive or\n", FOUR),
    ("a header like PK", XOR.replace("a0", "PK"), FOUR),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_text(tmp_path: Path, content: str | bytes, expected: list[list[float]]) -> None:
    """Delimiter, decimal sign, encoding, line ends and blank margins are found from the file."""
    assert _read(_write(tmp_path, content)) == expected


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".CSV"])
def test_suffixes(tmp_path: Path, suffix: str) -> None:
    """A text file is known by its suffix; its book has one sheet, called like the file."""
    book = files.load_table(_write(tmp_path, XOR, f"my.xor{suffix}"))
    assert (book.format, [sheet.name for sheet in book.sheets]) == ("csv", ["my.xor"])


@pytest.mark.parametrize("suffix", WORKBOOKS)
@pytest.mark.parametrize(("top", "left"), [(0, 0), (4, 2)], ids=["A1", "C5"])
def test_workbook(tmp_path: Path, suffix: str, top: int, left: int) -> None:
    """The table of a workbook's first sheet with cells may begin anywhere."""
    rows: list[list[object]] = [["x", "y", "xor"], *(list[object](row) for row in FOUR)]
    sheets: dict[str, dict[tuple[int, int], object]] = {
        "Empty": {},
        "Data": _cells(rows, top, left),
        "More": {(0, 0): "other"},
    }
    assert _read(WORKBOOKS[suffix](tmp_path / f"xor{suffix}", sheets)) == FOUR


def test_cached_values(tmp_path: Path) -> None:
    """A formula counts by its cached value, in both formats."""
    text = '<c r="{0}1" t="inlineStr"><is><t>{0}</t></is></c>'
    names = "".join(text.format(letter) for letter in "ABC")
    row = '<row r="2"><c r="A2"><f>1/2</f><v>0.5</v></c><c r="B2"><v>1</v></c><c r="C2"><v>0</v></c></row>'
    xlsx = xlsx_package.build(tmp_path / "f.xlsx", f'<row r="1">{names}</row>{row}')
    cell = '<table:table-cell office:value-type="float" office:value="{}"{}/>'
    name = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    ods = ods_package.build(
        tmp_path / "f.ods",
        f"<table:table-row>{name * 3}</table:table-row><table:table-row>"
        f"{cell.format(0.5, ' table:formula=' + chr(34) + 'of:=1/2' + chr(34))}"
        f"{cell.format(1, '')}{cell.format(0, '')}</table:table-row>",
    )
    assert _read(xlsx) == _read(ods) == [[0.5, 1, 0]]


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9).map(float)


@st.composite
def _matrices(
    draw: st.DrawFn, numbers: st.SearchStrategy[float] = NUMBERS
) -> tuple[tuple[int, ...], list[list[float]]]:
    inputs, targets = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    row = st.lists(numbers, min_size=inputs + targets, max_size=inputs + targets)
    return (inputs, 2, targets), draw(st.lists(row, min_size=1, max_size=8))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("decimal", [".", ","], ids=["point", "comma"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@settings(max_examples=12, derandomize=True, deadline=None)
@given(table=_matrices())
def test_round_trip_text(
    tmp_path_factory: pytest.TempPathFactory,
    delimiter: str,
    decimal: str,
    encoding: str,
    ending: str,
    table: tuple[tuple[int, ...], list[list[float]]],
) -> None:
    """What the csv module writes is read back bit by bit, in every dialect."""
    sizes, rows = table
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow([f"mål {i}" for i in range(len(rows[0]))])
    writer.writerows([[repr(value).replace(".", decimal) for value in row] for row in rows])
    path = _write(tmp_path_factory.mktemp("csv"), out.getvalue().encode(encoding))
    assert _read(path, sizes) == rows


@pytest.mark.parametrize("suffix", WORKBOOKS)
@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    table=_matrices(NUMBERS.filter(lambda value: abs(value) < 1e308)),
    top=st.integers(0, 3),
    left=st.integers(0, 3),
)
def test_round_trip_workbook(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    table: tuple[tuple[int, ...], list[list[float]]],
    top: int,
    left: int,
) -> None:
    """What odfpy and openpyxl write is read back bit by bit."""
    sizes, rows = table
    names: list[object] = [f"x{i}" for i in range(len(rows[0]))]
    path = tmp_path_factory.mktemp("book") / f"p{suffix}"
    cells = _cells([names, *(list[object](row) for row in rows)], top, left)
    if suffix == ".xlsx":  # openpyxl writes 16 digits, which not every double is known by
        rows = [[float(f"{value:.16g}") for value in row] for row in rows]
    assert _read(WORKBOOKS[suffix](path, {"Sheet1": cells}), sizes) == rows


def _python(text: str) -> str | float:
    """Return a field as a number when it is one, by a rule that says so in another way."""
    plain = text.strip().replace("−", "-")
    allowed = set("0123456789.,eE+-")
    if not set(plain) <= allowed or plain.count(",") + plain.count(".") > 1 or plain.endswith(","):
        return text
    if ",e" in plain.lower():
        return text
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return text


@settings(max_examples=400, derandomize=True, deadline=None)
@given(text=st.text("019.,eE+-−_x nai\u00a0٣", min_size=1, max_size=7).filter(str.strip))
def test_what_is_a_number(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A field is a number, or text as it stands, and nothing in between."""
    path = _write(tmp_path_factory.mktemp("field"), f'name;b\n"{text}";b\n')
    cell = delimited.read(path).sheets[0].rows[1][0]
    assert cell.value == _python(text)


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "inf",
        "-Infinity",
        "1.234,5",
        "1,234.5",
        "1,234,567",
        "0x1F",
        "1_000",
        "٣",
        "1e",
        "--1",
        "5%",
        "1 000",
        ".",
    ],
)
def test_no_number(tmp_path: Path, text: str) -> None:
    """What Python alone calls a number, and what groups thousands, stays text."""
    path = _write(tmp_path, f"a;b\n{text};1\n")
    assert delimited.read(path).sheets[0].rows[1][0].value == text


FAULTS: list[tuple[str, str | bytes, str]] = [
    ("no header", "0,0,0\n1,1,0\n", "xor.csv, A1: found the number 0, expected a header above the first pattern, such as a0,a1,T0; add a line of names"),
    ("no header, nan", "nan;1.234,5;0\n1;1;0\n", "xor.csv, A1: found the text 'nan', expected a header above the first pattern, such as a0,a1,T0; add a line of names"),
    ("too many", "a,b,c,d\n0,0,0,x\n", "xor.csv, A2: found 4 columns (A:D), expected 3: 2 inputs and 1 target of a 2-2-1 net; change the net or the table"),
    ("too few", "a,b\n0,0\n", "xor.csv, A2: found 2 columns (A:B), expected 3: 2 inputs and 1 target of a 2-2-1 net; add the missing columns, and put a comma, semicolon or tab between all columns"),
    ("blanks between", "a b c\n0 0 0\n", "xor.csv, A2: found 1 column (A), expected 3: 2 inputs and 1 target of a 2-2-1 net; add the missing columns, and put a comma, semicolon or tab between all columns"),
    ("decimal commas", "a,b,c\n0,5,0,3,1,0\n", "xor.csv, A2: found 6 columns (A:F), expected 3: 2 inputs and 1 target of a 2-2-1 net; if its commas are decimal, put semicolons between the columns; else change the net or the table"),
    ("a decimal comma", "a,b,c\n0,0,1\n0,5,1,0\n", "xor.csv, D3: found 0 beside the 3 columns (A:C) of the rows above, expected 2 inputs and 1 target of a 2-2-1 net; if its commas are decimal, put semicolons between the columns; else change the net or the table"),
    ("a comment", "a,b,c\n0,0,1\n0,1,1,odd\n", "xor.csv, D3: found the text 'odd' beside the 3 columns (A:C) of the rows above, expected 2 inputs and 1 target of a 2-2-1 net; change the net or the table"),
    ("empty cell", "a,b,c\n0,0,1\n0,,1\n", "xor.csv, B3: found an empty cell, expected a number; type a number there"),
    ("short row", "a,b,c\n0,0,1\n0,1\n", "xor.csv, C3: found an empty cell, expected a number; type a number there"),
    ("text", "a,b,c\n0,zero,1\n", "xor.csv, B2: found the text 'zero', expected a number; type a number there"),
    ("long text", f"a,b,c\n0,\"{'x' * 30}\n{'y' * 30}\",1\n", f"xor.csv, B2: found the text '{'x' * 30} {'y' * 9}…', expected a number; type a number there"),
    ("escape", "a,b,c\n0,\x1b[31m,1\n", "xor.csv, B2: found the text ' [31m', expected a number; type a number there"),
    ("nan", "a,b,c\n0,nan,1\n", "xor.csv, B2: found the text 'nan', expected a number; type a number there"),
    ("hexadecimal", "a,b,c\n0,0x1F,1\n", "xor.csv, B2: found the text '0x1F', expected a number; type a number there"),
    ("underscore", "a,b,c\n0,1_000,1\n", "xor.csv, B2: found the text '1_000', expected a number; write it without signs between the thousands: 1000"),
    ("thousands point", "a;b;c\n0;1.234,5;1\n", "xor.csv, B2: found the text '1.234,5', expected a number; write it without signs between the thousands: 1234,5"),
    ("thousands comma", 'a,b,c\n0,"1,234.5",1\n', "xor.csv, B2: found the text '1,234.5', expected a number; write it without signs between the thousands: 1234.5"),
    ("thousands blank", "a;b;c\n0;-1 234 567;1\n", "xor.csv, B2: found the text '-1 234 567', expected a number; write it without signs between the thousands: -1234567"),
    ("two decimal signs", 'a,b,c\n0.5,"1,234",1\n', "xor.csv, B2: found the text '1,234', expected a number; write it with digits alone and one decimal sign, the same in the whole file"),
    ("percent", "a;b;c\n0;50 %;1\n", "xor.csv, B2: found the text '50 %', expected a number; write it with digits alone and one decimal sign, the same in the whole file"),
    ("infinite", "a,b,c\n0,1e400,1\n", "xor.csv, B2: found inf, expected a finite number; type one between -1.79E+308 and 1.79E+308"),
    ("header alone", "a0,a1,T0\n", "xor.csv, A2: found no pattern below the header, expected 2 inputs and 1 target of a 2-2-1 net; type one pattern a row"),
    ("empty", "", "xor.csv: found nothing in it, expected a header such as a0,a1,T0 and below it 2 inputs and 1 target of a 2-2-1 net; type one pattern a row"),
    ("blank", "\n ,\n,,\n", "xor.csv: found nothing in it, expected a header such as a0,a1,T0 and below it 2 inputs and 1 target of a 2-2-1 net; type one pattern a row"),
    ("title", "Exclusive or\n\na,b,c\n0,0,1\n", "xor.csv, A2: found an empty row below the first text, expected the first pattern there; let nothing but one row of names stand above the patterns"),
    ("gap", "a,b,c\n0,0,1\n\n\n0,1,1\n", "xor.csv, A5: found 0 below the empty row 3, expected the patterns without a gap; delete the empty rows, or what stands below them"),
    ("blank first rows count", "\nsep=,\na,b,c\n", "xor.csv, A3: found the text 'a', expected a number; the header is the first row that is filled; remove what stands above it"),
    ("sep row counts not", "sep=;\na;b;c\n0;x;1\n", "xor.csv, B2: found the text 'x', expected a number; type a number there"),
    ("open quote", 'a,b,c\n0,"0,1\n', "xor.csv, row 2: found a field that can't be read (unexpected end of data); check its quote signs"),
    ("binary", b"PK\x03\x04\x00\x00", "xor.csv: is no text file, expected a table of numbers; save it as .csv (UTF-8), .ods or .xlsx"),
    ("broken UTF-16", b"\xff\xfea", "xor.csv: is no text file, expected a table of numbers; save it as .csv (UTF-8), .ods or .xlsx"),
    ("UTF-16 without BOM", XOR.encode("utf-16-le"), "xor.csv: is no text file, expected a table of numbers; save it as .csv (UTF-8), .ods or .xlsx"),
    ("outside cp1252", b"a\x81,b,c\n0,0,1\n", "xor.csv: is no text file, expected a table of numbers; save it as .csv (UTF-8), .ods or .xlsx"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_faults_of_text(tmp_path: Path, content: str | bytes, message: str) -> None:
    """What is no table of patterns is named by its cell, on one line, with what to do."""
    path = _write(tmp_path, content)
    with pytest.raises(SheetnetError) as caught:
        _read(path)
    assert str(caught.value) == message


IN_WORKBOOKS: list[tuple[str, object, str]] = [
    ("empty cell", None, "found an empty cell, expected a number; type a number there"),
    ("text", "zero", "found the text 'zero', expected a number; type a number there"),
    ("number as text", "0,5", "found the text '0,5', expected a number; it is stored as text: type it again in a cell formatted as a number, with your own decimal sign"),
    ("thousands", "1.234,5", "found the text '1.234,5', expected a number; write it without signs between the thousands: 1234,5"),
    ("truth value", True, "found the truth value TRUE, expected a number; type 1 or 0 there"),
]  # fmt: skip


@pytest.mark.parametrize("suffix", WORKBOOKS)
@pytest.mark.parametrize(
    ("value", "message"), [case[1:] for case in IN_WORKBOOKS], ids=[case[0] for case in IN_WORKBOOKS]
)
def test_faults_of_cells(tmp_path: Path, suffix: str, value: object, message: str) -> None:
    """A cell of a workbook that is no number is named with its sheet."""
    rows: list[list[object]] = [["x", "y", "xor"], [0, 0, 0], [0, value, 1]]
    path = WORKBOOKS[suffix](tmp_path / f"xor{suffix}", {"Data": _cells(rows, 2, 1)})
    with pytest.raises(LayoutError) as caught:
        _read(path)
    assert str(caught.value) == f"xor{suffix}, Data, C5: {message}"


@pytest.mark.parametrize(
    ("suffix", "value", "found"),
    [
        (".xlsx", "#DIV/0!", "found the error #DIV/0!, expected a number; mend its formula first"),
        (".xlsx", "=1+1", "found a formula without a value (=1+1), expected a number; open the file in a spreadsheet program and save it there"),
        (".ods", "of:=[.A1]", "found a formula without a value (of:=[.A1]), expected a number; open the file in a spreadsheet program and save it there"),
    ],
    ids=["error", "xlsx formula", "ods formula"],
)  # fmt: skip
def test_faults_of_formulas(tmp_path: Path, suffix: str, value: object, found: str) -> None:
    """Errors and formulas that no program has computed are no numbers."""
    rows: list[list[object]] = [["x", "y", "xor"], [0, value, 1]]
    path = WORKBOOKS[suffix](tmp_path / f"xor{suffix}", {"Data": _cells(rows)})
    with pytest.raises(LayoutError) as caught:
        _read(path)
    assert str(caught.value) == f"xor{suffix}, Data, B2: {found}"


def test_no_header_in_a_workbook(tmp_path: Path) -> None:
    """The first pattern is not taken for a header; an empty workbook is called so."""
    path = _xlsx(tmp_path / "xor.xlsx", {"Data": _cells([[0.5, 1, 0], [1, 1, 1]])})
    with pytest.raises(LayoutError) as caught:
        _read(path, (2, 1))
    assert str(caught.value) == (
        "xor.xlsx, Data, A1: found the number 0.5, expected a header above the first pattern, "
        "such as a0,a1,T0; add a row of names"
    )
    with pytest.raises(
        LayoutError,
        match="^none.xlsx: found nothing in it, .* such as a0,a1,…,a10,T0 and .* 11 inputs and 1 target of an 11-1 net;",
    ):
        _read(_xlsx(tmp_path / "none.xlsx", {"Data": {}}), (11, 1))


@pytest.mark.parametrize(
    ("content", "sizes"),
    [
        ("x,y\n0,5,0,3\n", (1, 1)),
        ("x,y\n0,5,0,3\n1,5,1,0\n", (2, 2)),
        ("x,y\n0,5,0,3\n1,2\n", (1, 1)),
        ("x,y\n1,2\n0,5,0,3\n", (1, 1)),
        ("x,y,z\n0,5,0,3,0,1\n", (2, 1)),
        ("x,y,z\n1,0,5,1\n", (2, 1)),
    ],
    ids=["twice the net", "as many as the net", "first row", "last row", "three", "one of three"],
)
def test_decimal_commas_between_commas(tmp_path: Path, content: str, sizes: tuple[int, ...]) -> None:
    """0,5,0,3 is never read as something: the error is about columns, and tells of decimal commas."""
    with pytest.raises(LayoutError, match=r"column.*commas are decimal, put semicolons between the columns"):
        _read(_write(tmp_path, content), sizes)


LIMITS = [
    ("MAX_BYTES", 20, "xor.csv: is larger than 0 MB, which no net needs; use a smaller table"),
    ("MAX_CELLS", 5, "xor.csv: more than 5 cells hold something, which no net needs; use a smaller table"),
    ("MAX_ROWS", 2, "xor.csv, C3: found a cell outside the largest sheet (2 rows, 16,384 columns); use a smaller table"),
    ("MAX_COLUMNS", 2, "xor.csv, C1: found a cell outside the largest sheet (1,048,576 rows, 2 columns); use a smaller table"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "limit", "message"), LIMITS, ids=[case[0] for case in LIMITS])
def test_too_large(
    tmp_path: Path, name: str, limit: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is refused by its size, its cells, its rows and its columns, each with the limit."""
    monkeypatch.setattr(delimited, name, limit)
    with pytest.raises(FileError) as caught:
        files.load_table(_write(tmp_path, XOR))
    assert str(caught.value) == message


def test_huge_field(tmp_path: Path) -> None:
    """A field that swallows the file is named by its row."""
    path = _write(tmp_path, XOR + '1,"1,0\n' + "0,0,0\n" * 30_000)
    with pytest.raises(FileError, match=r"^xor.csv, row 6: found a field that can't be read \(field larger"):
        files.load_table(path)


def _missing(folder: Path) -> Path:
    return folder / "gone.csv"


def _folder(folder: Path) -> Path:
    (folder / "folder.csv").mkdir()
    return folder / "folder.csv"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_missing, "gone.csv: no such file; check the name and the folder"),
        (_folder, r"folder.csv: is a folder, expected a table \(.csv, .ods or .xlsx\)"),
        (lambda folder: folder / ("x" * 999 + ".csv"), r"x.csv: can't be read \(File name too long\)"),
    ],
    ids=["missing", "folder", "long name"],
)
def test_no_file(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    """A path that is no file is refused on one line, by files and by the reader alone."""
    path = make(tmp_path)
    with pytest.raises(FileError, match=f"{message}$"):
        files.load_table(path)
    with pytest.raises(FileError):
        delimited.read(path)


@pytest.mark.parametrize("command", ["train", "info"])
@pytest.mark.parametrize("content", [XOR, "PK,b\n1,2\n", ""], ids=["table", "PK", "empty"])
def test_text_is_no_workbook(
    tmp_path: Path, command: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text file is not trained, and one line says why."""
    assert main([command, str(_write(tmp_path, content))]) == 2
    assert capsys.readouterr() == (
        "",
        "sheetnet: xor.csv: not a spreadsheet but a text file, expected .ods or .xlsx; "
        "open it in LibreOffice or Excel and save it as one\n",
    )
