"""All pages of a class, each with the name of its file."""

from collections.abc import Iterator

from sheetnet.marking.marks import MarkedClass
from sheetnet.report.marks.html.classpage import class_page
from sheetnet.report.marks.html.names import CLASS_FILE, student_file
from sheetnet.report.marks.html.studentpage import student_page


def mark_pages(marked: MarkedClass, language: str = "en") -> Iterator[tuple[str, str]]:
    """Yield the page on the class and those of its students, each after its path inside their folder."""
    yield CLASS_FILE, class_page(marked, language)
    for student in marked.students:
        yield student_file(student.id), student_page(marked, student, language)
