"""Notes added to cells: other programs read them, and those of the user stay."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from sheetnet.book.edits import Note
from tests.book import xlsx_package as xlsx
from tests.book.annotating import FILL, FORMATS, SAMPLES, annotated, cells, differing, mark, rich_workbook
from tests.witnesses import libreoffice, openxmlsdk


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """Return a workbook of everything that must survive."""
    return rich_workbook(tmp_path / "rich.xlsx")


@pytest.mark.libreoffice
@FORMATS
def test_notes_as_libreoffice(suffix: str, tmp_path: Path) -> None:
    """Notes of several lines stand where they should, on cells that hold something, nothing, or are not there."""
    texts = {
        (8, 4): 'found =E8-$A$8*M8\n\nexpected <&> "δ"  two blanks',
        (0, 0): "-1",
        (2000, 40): "far away",
    }
    notes = [Note("Sheet1", *place, text) for place, text in texts.items()]
    out = annotated(SAMPLES / f"note-2-2-2-trained{suffix}", tmp_path / f"o{suffix}", *notes)
    assert libreoffice.notes(out)["Sheet1"] == texts
    assert cells(out) == cells(SAMPLES / f"note-2-2-2-trained{suffix}")


@pytest.mark.libreoffice
@FORMATS
def test_note_follows_the_users(suffix: str, rich: Path, tmp_path: Path) -> None:
    """The user's text stays, ours follows after a blank line; two of ours at one cell follow each other."""
    source = rich if suffix == ".xlsx" else libreoffice.converted(rich, ".ods", tmp_path)
    edits = [
        Note("Sheet1", 5, 1, "one"),
        mark("Sheet1", "B6"),
        Note("Sheet1", 5, 1, "two\nthree"),
        Note("Sheet1", 6, 1, "new"),
    ]
    out = annotated(source, tmp_path / f"o{suffix}", *edits)
    assert libreoffice.notes(out)["Sheet1"] == {
        (5, 1): "mine\nof two lines\n\none\n\ntwo\nthree",
        (0, 4): "beside",
        (6, 1): "new",
    }
    (look,) = libreoffice.looks(out, [("Sheet1", 5, 1)])
    assert (look["fill"], look["text"]) == (int(FILL, 16), "1.200")


def test_notes_as_openpyxl(rich: Path, tmp_path: Path) -> None:
    """Authors and texts are as they were; new notes are ours."""
    out = annotated(rich, tmp_path / "o.xlsx", Note("Sheet1", 5, 1, "ours"), Note("It's 2 x", 0, 0, "\n=1"))
    assert differing(rich, out) >= {"xl/comments/comment1.xml"}
    book = openpyxl.load_workbook(out)
    sheet = book["Sheet1"]
    assert (sheet["B6"].comment.text, sheet["B6"].comment.author) == (
        "mine\nof two lines\n\nours",
        "the author",
    )
    assert (sheet["E1"].comment.text, sheet["E1"].comment.author) == ("beside", "another")
    other = book["It's 2 x"]["A1"].comment
    assert (other.text, other.author) == ("\n=1", "sheetnet")


def _noted(
    path: Path, text: str, *, slips: str | None, threads: str | None = None, persons: str | None = None
) -> Path:
    """Build a workbook whose A1 has a note of which `text` is the element; `slips` is its drawing."""
    spreadsheet = "application/vnd.openxmlformats-officedocument"
    types = {"xl/comments1.xml": f"{spreadsheet}.spreadsheetml.comments+xml"}
    links = {"rId1": ("comments", "../comments1.xml")}
    parts: dict[str, bytes | str] = {
        "xl/comments1.xml": f'<comments xmlns="{xlsx.MAIN}"><authors><author>tc={{1}}</author></authors><commentList>'
        f'<comment ref="A1" authorId="0">{text}</comment></commentList></comments>'
    }
    if slips is not None:
        links["rId2"] = ("vmlDrawing", "../drawings/vmlDrawing1.vml")
        parts["xl/drawings/vmlDrawing1.vml"] = slips
    for name, content in (("threadedComments/threadedComment1", threads), ("persons/person", persons)):
        if content is not None:
            parts[f"xl/{name}.xml"] = content
            kind = "threadedcomments" if "threaded" in name else "person"
            types[f"xl/{name}.xml"] = f"application/vnd.ms-excel.{kind}+xml"
    relations = xlsx.relationships(links)
    if threads is not None:
        new = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
        relations = relations.replace(
            "</Rel",
            f'<Relationship Id="rId3" Type="{new}" Target="../threadedComments/threadedComment1.xml"/></Rel',
            1,
        )
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = relations
    source = xlsx.build(
        path,
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        tail='<legacyDrawing r:id="rId2"/><extLst/>' if slips is not None else "",
        parts=parts,
    )
    inside = xlsx.parts(source)
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items()
    )
    if slips is not None:
        overrides = f'<Default Extension="vml" ContentType="{spreadsheet}.vmlDrawing"/>' + overrides
    inside["[Content_Types].xml"] = inside["[Content_Types].xml"].replace(
        b"<Override", f"{overrides}<Override".encode(), 1
    )
    if persons is not None:
        new = "http://schemas.microsoft.com/office/2017/10/relationships/person"
        inside["xl/_rels/workbook.xml.rels"] = inside["xl/_rels/workbook.xml.rels"].replace(
            b"</Rel", f'<Relationship Id="rId9" Type="{new}" Target="persons/person.xml"/></Rel'.encode(), 1
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in inside.items():
            package.writestr(name, data)
    return path


SLIPS = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="3"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/>'
    '<v:shape id="_x0000_s3073" type="#_x0000_t202" style="position:absolute;visibility:hidden"><v:textbox><div>a<br></div>'
    '</v:textbox><x:ClientData ObjectType="Note"><x:Anchor>1, 15, 0, 2, 3, 15, 4, 4</x:Anchor><x:Row>0</x:Row>'
    "<x:Column>0</x:Column></x:ClientData></v:shape></xml>"
)
TEXTS = [
    pytest.param("<text><t>héllo </t></text>", id="plain"),
    pytest.param(
        '<text><r><t>hé</t></r><r><rPr><b/><rFont val="ＭＳ"/></rPr><t xml:space="preserve">llo </t></r></text>',
        id="rich",
    ),
    pytest.param('<text><r><t>héllo </t></r><rPh sb="0" eb="1"><t>x</t></rPh></text>', id="phonetic"),
]


@pytest.mark.openxmlsdk
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("slips", [None, SLIPS.replace("<br>", "<br/>")], ids=["no slips", "slips"])
def test_note_behind_any_text(text: str, slips: str | None, tmp_path: Path) -> None:
    """Text in one piece or in several is kept; a note that had lost its slip gets one again."""
    source = _noted(tmp_path / "s.xlsx", text, slips=slips)
    out = annotated(source, tmp_path / "o.xlsx", Note("Sheet1", 0, 0, "é"), Note("Sheet1", 4, 2, "new"))
    sheet = openpyxl.load_workbook(out)["Sheet1"]
    assert sheet["A1"].comment.text.startswith("héllo ")
    assert sheet["A1"].comment.text.endswith("\n\né")
    assert sheet["C5"].comment.text == "new"
    old = openxmlsdk.findings(source)
    assert [line for line in openxmlsdk.findings(out) if line not in old] == []
    slip = xlsx.part(out, "xl/drawings/vmlDrawing1.vml")
    assert slip.count('ObjectType="Note"') == 2
    assert len(set(re.findall(r"_x0000_s\d+", slip))) == 2
    assert xlsx.part(out).count("<legacyDrawing") == 1


def test_slips_that_are_no_xml(tmp_path: Path) -> None:
    """Excel's drawing with an open <br> stays as it is, but for a larger slip and the new one."""
    source = _noted(tmp_path / "s.xlsx", "<text><t>a</t></text>", slips=SLIPS)
    out = annotated(source, tmp_path / "o.xlsx", Note("Sheet1", 0, 0, "b\nc"), Note("Sheet1", 1, 0, "d"))
    slip = xlsx.part(out, "xl/drawings/vmlDrawing1.vml")
    grown = SLIPS.replace("3, 15, 4, 4<", "3, 15, 7, 4<").removesuffix("</xml>")
    assert slip.startswith(grown)
    assert slip.removeprefix(grown).startswith('<v:shape id="_x0000_s3074"')


THREADS = (
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<threadedComment ref="A1" dT="2024-05-01T10:00:00.00" personId="{00000000-0000-0000-0000-000000000001}" '
    'id="{00000000-0000-0000-0000-00000000000A}"><text>Why?</text></threadedComment></ThreadedComments>'
)
PERSONS = (
    '<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<person displayName="Ada" id="{00000000-0000-0000-0000-000000000001}" userId="ada" providerId="None"/></personList>'
)


@pytest.mark.openxmlsdk
@pytest.mark.parametrize("persons", [PERSONS, None], ids=["persons", "no persons"])
def test_thread_gets_a_reply(persons: str | None, tmp_path: Path) -> None:
    """In a thread the note is a reply of ours, which names the first comment; other cells get plain notes."""
    source = _noted(
        tmp_path / "s.xlsx",
        "<text><t>[Threaded comment]</t></text>",
        slips=SLIPS.replace("<br>", "<br/>"),
        threads=THREADS,
        persons=persons,
    )
    out = annotated(
        source, tmp_path / "o.xlsx", Note("Sheet1", 0, 0, "found <x>"), Note("Sheet1", 3, 3, "new")
    )
    thread = xlsx.part(out, "xl/threadedComments/threadedComment1.xml")
    assert thread.startswith(THREADS.removesuffix("</ThreadedComments>"))
    (reply,) = re.findall(r"<threadedComment ref=\"A1\"[^>]*parentId=[^>]*>.*?</threadedComment>", thread)
    assert 'parentId="{00000000-0000-0000-0000-00000000000A}"' in reply
    assert "<text>found &lt;x&gt;</text>" in reply
    people = xlsx.part(out, "xl/persons/person.xml" if persons else "xl/persons/person1.xml")
    (own,) = re.findall(r'displayName="sheetnet" id="([^"]+)"', people)
    assert f'personId="{own}"' in reply
    old = openxmlsdk.findings(source)
    assert [line for line in openxmlsdk.findings(out) if line not in old] == []


@pytest.mark.parametrize(
    ("tail", "before"),
    [
        pytest.param("", "</worksheet>", id="nothing"),
        pytest.param(
            '<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/>',
            "</worksheet>",
            id="margins",
        ),
        pytest.param('<legacyDrawingHF r:id="rId7"/><extLst/>', "<legacyDrawingHF", id="header pictures"),
        pytest.param('<tableParts count="0"/><extLst/>', "<tableParts", id="tables"),
        pytest.param(
            '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"/><tableParts/>',
            "<mc:AlternateContent",
            id="controls",
        ),
    ],
)
@pytest.mark.parametrize("empty", [False, True], ids=["rows", "no rows"])
def test_place_of_the_drawing(tail: str, before: str, empty: bool, tmp_path: Path) -> None:
    """The worksheet names the notes' drawing just where the schema wants it."""
    data = "<sheetData/>" if empty else '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    sheet = f'<worksheet xmlns="{xlsx.MAIN}" xmlns:r="{xlsx.RELATIONS}">{data}{tail}</worksheet>'
    source = xlsx.build(tmp_path / "s.xlsx", "", sheet=sheet)
    out = annotated(source, tmp_path / "o.xlsx", Note("Sheet1", 0, 0, "n"))
    text = xlsx.part(out)
    assert re.search(rf"<legacyDrawing [^>]*/>{before}", text)
    (new,) = re.findall(r"<legacyDrawing [^>]*/>", text)
    assert text.replace(new, "").replace("<sheetData></sheetData>", "<sheetData/>") == sheet
