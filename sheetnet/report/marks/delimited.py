"""The gradebook's first table as a text file of columns, which learning platforms read too (RFC 4180)."""

import csv
from collections.abc import Iterator
from io import StringIO

from sheetnet.errors import SheetnetError
from sheetnet.exercise.roster import plain_name
from sheetnet.marking.marks import MarkedClass
from sheetnet.marking.scheme import Scheme
from sheetnet.report.marks.gradebook import head_text
from sheetnet.report.marks.summary import Summary, by_name, percent
from sheetnet.report.marks.verdict import number_text, short_text, words_of
from sheetnet.report.wording import Wording

DELIMITERS = {"en": ",", "da": ";"}
"""Language → what stands between fields: where the comma is decimal Excel reads no other."""
_KNOWN = (",", ";", "\t", "|")
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel takes the file for no UTF-8
# owasp.org, "CSV Injection": Excel and Calc compute a field that begins so, with wide signs too
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def gradebook_csv(
    marked: MarkedClass, scheme: Scheme, *, delimiter: str | None = None, language: str = "en"
) -> str:
    """Return the table as text: marks with the language's decimal sign, a byte-order mark at its beginning.

    A text that a spreadsheet would compute has an apostrophe before it. SheetnetError for an odd delimiter.
    """
    if delimiter is None:
        delimiter = DELIMITERS.get(language, ",")
    delimiter = "\t" if delimiter in ("tab", "\\t") else delimiter
    if delimiter not in _KNOWN:
        raise SheetnetError(f"--delimiter: found '{plain_name(delimiter)}', expected , ; | or tab")
    out = StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(_rows(marked, scheme, language))
    return _MARK + out.getvalue()


def _rows(marked: MarkedClass, scheme: Scheme, language: str) -> Iterator[list[str]]:
    summary, say = Summary.of(marked), words_of(language)
    names = ["id", "name", "mark", "of", "percent", *(["band"] if scheme.bands else [])]
    heads = [say(f"columns.{name}") for name in names]
    yield [*heads, *(field_text(head_text(column, say)) for column in summary.columns)]
    for entry, student in summary.rows():
        row = [field_text(entry.id), field_text(entry.name)]
        if student is None:
            yield row + [""] * (len(names) - 2 + len(summary.columns))
            continue
        part = percent(student.earned, student.of)
        row += [_number(float(each), scheme.decimals, say) for each in (student.earned, student.of)]
        row.append("" if part is None else _number(float(part), 1, say))
        if scheme.bands:
            row.append(field_text(scheme.band(student.earned, student.of)))
        blanks = by_name(student)
        for column in summary.columns:
            blank = blanks.get(column.name)
            row.append("" if blank is None else short_text(blank.verdict, language))
        yield row


def field_text(text: str) -> str:
    """Return a text as one line that no spreadsheet computes."""
    line = plain_name(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


def _number(value: float, decimals: int, say: Wording) -> str:
    return number_text(value, decimals, say)
