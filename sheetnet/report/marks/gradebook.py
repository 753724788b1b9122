"""The gradebook of a class as a new workbook: marks and verdicts, what was not marked, and the mistakes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sheetnet.book.grid import Area
from sheetnet.book.skeleton import Look, NewBook, NewCell, NewSheet
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.exercise.roster import plain_name
from sheetnet.exercise.words import words
from sheetnet.marking.marks import Changed, MarkedBlank, MarkedClass, Verdict
from sheetnet.marking.scheme import Scheme
from sheetnet.report.marks.summary import Column, Summary, by_name, percent, reason_text
from sheetnet.report.marks.verdict import short_text, stepped, words_of
from sheetnet.report.wording import Wording

_SHOWN_DIGITS = 8
_HEAD = Look(fill="1F4E79", colour="FFFFFF", bold=True, wrapped=True)
_NUMBER_HEAD, _BLANK_HEAD = replace(_HEAD, align="right"), replace(_HEAD, align="center")
_TEXT = Look(align="left")
_LONG = Look(align="left", wrapped=True)
_RIGHT = Look(fill="C6EFCE", colour="006100", align="center")
_NEARLY = replace(_RIGHT, fill="FFEB9C", colour="7F4F00")
_WRONG = replace(_RIGHT, fill="FFC7CE", colour="9C0006")
_NOTHING = replace(_RIGHT, fill="E7E6E6", colour="404040", italic=True)
_LOOKS: dict[Verdict, Look] = {
    "right": _RIGHT,
    "own": _RIGHT,
    "convention": _RIGHT,
    "typed": _NEARLY,
    "rounded": _NEARLY,
    "misconception": _WRONG,
    "wrong": _WRONG,
    "empty": _NOTHING,
    "unreadable": _NOTHING,
    "missing": _NOTHING,
}
_MARKS = {"id": 18.0, "name": 48.0, "mark": 16.0, "of": 14.0, "percent": 18.0, "band": 26.0}
_BLANK_WIDTH = 32.0
"""Millimetres; as many as the longest verdict takes, and the name of a blank on a second line."""
_HEAD_HEIGHT = 10.0
_A_PAGE = 12
"""Columns that are printed side by side; id and name stand on every page."""
_LINE, _LETTER = 4.5, 1.9
"""Millimetres of a line of Arial 10, and of a letter, rather more than most take."""
_NUMBERS = ("mark", "of", "percent", "students", "blanks")
_UNMARKED = {"what": 30.0, "student": 26.0, "file": 70.0, "reason": 130.0}
_MISTAKES = {"code": 62.0, "title": 90.0, "students": 20.0, "blanks": 20.0}

Row = Sequence[NewCell]


def gradebook(marked: MarkedClass, scheme: Scheme, *, created: datetime, language: str = "en") -> NewBook:
    """Return the gradebook; numbers are numbers, all else is text, whatever it begins with.

    A percentage is a number from 0 to 100. Students without a file have no marks.
    """
    summary, say = Summary.of(marked), words_of(language)
    widths = [width for name, width in _MARKS.items() if name != "band" or scheme.bands] + [
        _BLANK_WIDTH
    ] * len(summary.columns)
    sheets = (
        _sheet(say("sheets.marks"), list(_mark_rows(summary, scheme, say)), widths, columns=2),
        _sheet(say("sheets.unmarked"), list(_unmarked_rows(summary, say)), [*_UNMARKED.values()]),
        _sheet(say("sheets.mistakes"), list(_mistake_rows(summary, say)), [*_MISTAKES.values()]),
    )
    return NewBook(sheets, created, language, say("sheets.marks"))


def _sheet(name: str, rows: Sequence[Row], widths: Sequence[float], *, columns: int = 0) -> NewSheet:
    cells = {(row, column): cell for row, line in enumerate(rows) for column, cell in enumerate(line)}
    return NewSheet(
        name,
        cells,
        widths=dict(enumerate(widths)),
        frozen=(1, columns),
        printed=_pages(name, len(rows) - 1, len(widths), columns),
        repeated_rows=(0, 0),
        repeated_columns=(0, columns - 1) if columns else None,
        heights=({0: _HEAD_HEIGHT} if columns else {}) | _heights(rows, widths),
    )


def _pages(sheet: str, last_row: int, columns: int, repeated: int) -> tuple[Area, ...]:
    """Return what is printed on pages of their own: so many columns each that they can be read."""
    if not repeated:
        return ()
    starts = [0, *range(_A_PAGE, columns, _A_PAGE - repeated)]
    ends = [*(start - 1 for start in starts[1:]), columns - 1]
    return tuple(Area(sheet, 0, first, last_row, last) for first, last in zip(starts, ends, strict=True))


def _heights(rows: Sequence[Row], widths: Sequence[float]) -> dict[int, float]:
    """Return the heights of rows below the first whose wrapped texts take several lines, in millimetres."""
    found = {}
    for row, line in enumerate(rows[1:], 1):
        lines = max(
            (
                math.ceil(len(value) * _LETTER / width)
                for (value, look), width in zip(line, widths, strict=False)
                if look.wrapped and isinstance(value, str)
            ),
            default=1,
        )
        if lines > 1:
            found[row] = lines * _LINE
    return found


def _heads(names: Sequence[str], say: Wording) -> list[NewCell]:
    return [NewCell(say(f"columns.{name}"), _NUMBER_HEAD if name in _NUMBERS else _HEAD) for name in names]


def _text(text: str, look: Look = _TEXT) -> NewCell:
    """Return a cell of text: one line, without signs that no file can hold."""
    return NewCell(plain_name(text) or None, look)


# ---------------------------------------------------------------- marks


def _mark_rows(summary: Summary, scheme: Scheme, say: Wording) -> Iterator[Row]:
    names = [name for name in _MARKS if name != "band" or scheme.bands]
    blank_heads = [NewCell(head_text(column, say), _BLANK_HEAD) for column in summary.columns]
    yield [*_heads(names, say), *blank_heads]
    number, share = Look(decimals=scheme.decimals), Look(decimals=1)
    for entry, student in summary.rows():
        row = [_text(entry.id), _text(entry.name)]
        if student is not None:
            part = percent(student.earned, student.of)
            row += [NewCell(float(student.earned), number), NewCell(float(student.of), number)]
            row.append(NewCell(None if part is None else float(part), share))
            if scheme.bands:
                row.append(_text(scheme.band(student.earned, student.of)))
            blanks = by_name(student)
            row += [_verdict(blanks.get(column.name), say) for column in summary.columns]
        yield row


def head_text(column: Column, say: Wording) -> str:
    """Return the head of a blank's column: its term or its question, and its name."""
    if column.question:
        return plain_name(f"{words(say.code).form[column.question]} {column.name}")
    return plain_name(f"{stepped(column.term, column.step, say)} {column.name}")


def _verdict(blank: MarkedBlank | None, say: Wording) -> NewCell:
    if blank is None:
        return NewCell(None)
    return NewCell(short_text(blank.verdict, say.code), _LOOKS[blank.verdict])


# ---------------------------------------------------------------- what was not marked, and mistakes


def _unmarked_rows(summary: Summary, say: Wording) -> Iterator[Row]:
    yield _heads([*_UNMARKED], say)
    for what, student, file, reason in unmarked_lines(summary.marked, say):
        yield [_text(text, _LONG) for text in (say(f"what.{what}"), student, file, reason)]


def unmarked_lines(marked: MarkedClass, say: Wording) -> Iterator[tuple[str, str, str, str]]:
    """Yield what a teacher should look at: what it is, whose, which file, and why."""
    for each in marked.unmarked:
        yield "unmarked", each.student, each.file, reason_text(each)
    for student in marked.students:
        for file in student.others:
            yield "others", student.id, file, say("why.others", file=student.file)
        for changed in student.changed:
            yield "changed", student.id, student.file, changed_text(changed, say)
    for name in marked.without:
        yield "without", name, "", say("why.without")


def changed_text(changed: Changed, say: Wording) -> str:
    """Return what became of a given number."""
    if not changed.term:
        return say("why.unknown")
    found = changed.found
    if isinstance(found, str):
        shown = f"“{plain_name(found)[: _SHOWN_DIGITS * 5]}”"
    else:
        shown = say("why.nothing") if found is None else say.number(found, _SHOWN_DIGITS)
    term = stepped(changed.term, changed.step, say)
    given = say.number(changed.given, _SHOWN_DIGITS)
    return say("why.changed", term=term, given=given, found=shown, cell=changed.cell)


def _mistake_rows(summary: Summary, say: Wording) -> Iterator[Row]:
    yield _heads([*_MISTAKES], say)
    entries, count = catalogue(say.code), Look(decimals=0)
    for code, students, blanks in summary.mistakes:
        title = entries[code].title if code in entries else ""
        yield [_text(code), _text(title), NewCell(float(students), count), NewCell(float(blanks), count)]
