"""The names of the pages' files, and the address by which one leads to another."""

from urllib.parse import quote

CLASS_FILE = "index.html"
"""The page on the class; students' pages are in a folder of their own, so that no id can be its name."""
_FOLDER = "students"


def student_file(id: str) -> str:
    """Return where a student's page is, beside the one on the class; an id is safe in a file's name."""
    return f"{_FOLDER}/{id}.html"


def student_link(id: str) -> str:
    """Return the relative address of a student's page (RFC 3986, 4.2), in UTF-8, percent-encoded."""
    return quote(student_file(id), safe="/", errors="replace")
