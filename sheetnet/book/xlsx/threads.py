"""Threads of comments, as Excel has beside notes since 2018 ([MS-XLSX] 2.6.205): a note becomes a reply."""

from collections.abc import Iterator, Mapping
from uuid import NAMESPACE_URL, uuid5

from sheetnet.book.xlsx.located import Element, Splice, inside
from sheetnet.book.xlsx.text import escaped_string

KIND = "threadedComment"
PERSONS = "person"
PERSONS_PART = "xl/persons/person{}.xml"
PERSONS_TYPE = "http://schemas.microsoft.com/office/2017/10/relationships/person"
PERSONS_CONTENT = "application/vnd.ms-excel.person+xml"
NOBODY = '<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"/>'
_NAME = "sheetnet"


def with_person(root: Element, data: bytes) -> tuple[str, list[Splice]]:
    """Return the id by which the list of persons names us, and the splices that put us in."""
    for person in root.children:
        if person.get("displayName") == _NAME:
            return person.get("id") or "", []
    own = _identity("person")
    new = f'<{root.prefix}person displayName="{_NAME}" id="{own}" userId="{_NAME}" providerId="None"/>'
    return own, [inside(root, data, new)]


def replies(root: Element, notes: Mapping[str, str], person: str) -> Iterator[str]:
    """Yield a reply for each note, by its cell's ref, whose cell has a thread."""
    p = root.prefix
    for ref, text in notes.items():
        thread = [comment for comment in root.children if comment.get("ref") == ref]
        first = next((comment for comment in thread if comment.get("parentId") is None), None)
        if first is None:
            continue
        own = _identity(f"{first.get('id')}/{len(thread)}")
        # a reply is read in the order of its time; the newest one's is not before the others'
        time = max((comment.get("dT") or "" for comment in thread), default="")
        when = f' dT="{time}"' if time else ""
        yield (
            f'<{p}threadedComment ref="{ref}"{when} personId="{person}" id="{own}" '
            f'parentId="{first.get("id")}"><{p}text>{escaped_string(text)}</{p}text></{p}threadedComment>'
        )


def _identity(name: str) -> str:
    return f"{{{str(uuid5(NAMESPACE_URL, f'sheetnet:{name}')).upper()}}}"
