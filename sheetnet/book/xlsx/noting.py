"""Notes added to a worksheet: its comments, their slips, its threads, and how the parts hang together."""

from collections.abc import Mapping
from posixpath import dirname, join

from sheetnet.book.grid import a1
from sheetnet.book.xlsx.columns import Extents
from sheetnet.book.xlsx.comments import CONTENT_TYPE as COMMENTS
from sheetnet.book.xlsx.comments import no_comments, with_comments
from sheetnet.book.xlsx.located import Element, inside
from sheetnet.book.xlsx.outline import Outline, SheetPart, relations
from sheetnet.book.xlsx.partlist import PartList
from sheetnet.book.xlsx.ranges import place
from sheetnet.book.xlsx.slips import CONTENT_TYPE as SLIPS
from sheetnet.book.xlsx.slips import new_slips, with_slips
from sheetnet.book.xlsx.threads import (
    KIND,
    NOBODY,
    PERSONS,
    PERSONS_CONTENT,
    PERSONS_PART,
    PERSONS_TYPE,
    replies,
    with_person,
)

Notes = Mapping[tuple[int, int], str]
"""Texts by row and column."""


def add_notes(
    parts: PartList, found: Outline, sheet: SheetPart, notes: Notes, drawing: str | None, extents: Extents
) -> str | None:
    """Change all parts but the worksheet's own; return the id of a new drawing that it is to name.

    `drawing` is the id of the old-style drawing that it names already.
    """
    linked = [relation for relation in relations(parts.package, sheet.part) if relation.part in parts.package]
    by_ref = {a1(*where): text for where, text in notes.items()}
    part = next((relation.part for relation in linked if relation.kind == "comments"), None)
    if part is None:
        part = parts.free(join(dirname(dirname(sheet.part)), "comments{}.xml"))
        parts.add_xml(part, no_comments(found.namespace), COMMENTS)
        parts.link(sheet.part, part, f"{found.relationships}/comments")
    root, data = parts.root(part)
    parts.splice(part, data, list(with_comments(root, data, by_ref)))
    for relation in linked:
        if relation.kind == KIND:
            _reply(parts, found, relation.part, by_ref)
    slip = next((relation.part for relation in linked if relation.id == drawing), None)
    if slip is not None:
        parts.changed[slip] = with_slips(parts.data(slip), notes, extents)
        return None
    slip = parts.free(join(dirname(dirname(sheet.part)), "drawings/vmlDrawing{}.vml"))
    # Excel numbers the blocks of the sheets' shapes from 1 on; past them ours meet no other
    number = len(found.tabs) + 1 + found.sheets.index(sheet)
    # notes without slips were lost when a program threw the drawing away
    parts.add(slip, with_slips(new_slips(number), _places(root) | dict(notes), extents), SLIPS)
    return parts.link(sheet.part, slip, f"{found.relationships}/vmlDrawing")


def _places(root: Element) -> dict[tuple[int, int], str]:
    """Return the texts of a part's comments."""
    out: dict[tuple[int, int], str] = {}
    for comment in root.walk():
        if comment.name == "comment":
            try:
                where = place(comment.get("ref") or "")
            except ValueError:
                continue
            out[where] = "".join(piece.text for piece in comment.walk() if piece.name == "t")
    return out


def _reply(parts: PartList, found: Outline, part: str, notes: Mapping[str, str]) -> None:
    """Answer the threads of the cells that get a note."""
    root, data = parts.root(part)
    if not any(True for _ in replies(root, notes, "")):
        return
    linked = relations(parts.package, found.workbook)
    persons = next((r.part for r in linked if r.kind == PERSONS and r.part in parts.package), None)
    if persons is None:
        persons = parts.free(PERSONS_PART)
        parts.add_xml(persons, NOBODY, PERSONS_CONTENT)
        parts.link(found.workbook, persons, PERSONS_TYPE)
    people, known = parts.root(persons)
    person, splices = with_person(people, known)
    parts.splice(persons, known, splices)
    parts.splice(part, data, [inside(root, data, "".join(replies(root, notes, person)))])
