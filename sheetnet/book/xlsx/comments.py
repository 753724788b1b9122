"""The notes of a worksheet: its part of comments, and what is added to it (ECMA-376 18.7)."""

from collections.abc import Iterator, Mapping

from sheetnet.book.xlsx.located import Element, Splice, inside
from sheetnet.book.xlsx.text import escaped_string

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
AUTHOR = "sheetnet"


def no_comments(namespace: str) -> str:
    """Return the root of a part without comments."""
    return f'<comments xmlns="{namespace}"><authors></authors><commentList></commentList></comments>'


def with_comments(root: Element, data: bytes, notes: Mapping[str, str]) -> Iterator[Splice]:
    """Yield the splices that add notes, by their cell's ref; behind the text of one that is there."""
    p = root.prefix
    there = {comment.get("ref"): comment for comment in root.walk() if comment.name == "comment"}
    for ref in notes.keys() & there.keys():
        yield _longer(there[ref], data, f"\n\n{notes[ref]}")
    authors, comments = root.child("authors"), root.child("commentList")
    new = [ref for ref in notes if ref not in there]
    if not new or authors is None or comments is None:
        return
    names = [author.text for author in authors.children]
    if AUTHOR not in names:
        yield inside(authors, data, f"<{p}author>{AUTHOR}</{p}author>")
    number = [*names, AUTHOR].index(AUTHOR)
    # what Excel gives a note that is typed in
    held = f'<{p}sz val="9"/><{p}color indexed="81"/><{p}rFont val="Tahoma"/><{p}family val="2"/>'
    look = f"<{p}rPr>{held}</{p}rPr>"
    yield inside(
        comments,
        data,
        "".join(
            f'<{p}comment ref="{ref}" authorId="{number}">'
            f"<{p}text>{_run(p, look, notes[ref])}</{p}text></{p}comment>"
            for ref in new
        ),
    )


def _longer(comment: Element, data: bytes, text: str) -> Splice:
    p = comment.prefix
    held = comment.child("text")
    if held is None:
        return inside(comment, data, f"<{p}text>{_run(p, '', text)}</{p}text>")
    plain = held.child("t")
    runs = [run for run in held.children if run.name == "r"]
    if runs or plain is None:  # 18.4.8: runs stand before phonetic guides
        look = runs[-1].child("rPr") if runs else None
        properties = data[look.start : look.end].decode("latin-1") if look else ""
        new = _run(p, properties, text).encode("latin-1")
        place = runs[-1].end if runs else held.inner
        return (place, place, new) if held.close != held.end else inside(held, data, new.decode("latin-1"))
    shown = escaped_string(plain.text + text)
    return plain.start, plain.end, f'<{p}t xml:space="preserve">{shown}</{p}t>'.encode()


def _run(prefix: str, properties: str, text: str) -> str:
    p = prefix
    return f'<{p}r>{properties}<{p}t xml:space="preserve">{escaped_string(text)}</{p}t></{p}r>'
