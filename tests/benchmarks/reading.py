"""Reading the author's file, against a bare pass of expat and against the libraries."""

import zipfile
from collections.abc import Iterator
from xml.parsers.expat import ParserCreate

import odf.opendocument
import openpyxl

from sheetnet.book import files
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.measure import medians, timed
from tests.benchmarks.table import Line

TITLE = "Reading the author's file, in process"


def lines(inputs: Inputs) -> Iterator[Line]:
    """Yield our load beside the others'."""
    author, twin = inputs.author(), inputs.twin()
    with zipfile.ZipFile(author) as package:
        content = package.read("content.xml")
    ours, bare, odfpy = medians(
        inputs.rounds,
        timed(lambda: files.load(author)),
        timed(lambda: ParserCreate().Parse(content, True)),
        timed(lambda: odf.opendocument.load(str(author))),
    )
    # Both are short, so that many rounds of them cost little and steady the ratio.
    ours, bare = medians(
        4 * inputs.rounds,
        timed(lambda: files.load(author)),
        timed(lambda: ParserCreate().Parse(content, True)),
    )
    yield Line(".ods / expat without handlers", ours, bare, ratio=2)
    yield Line(".ods / odfpy", ours, odfpy, ratio=1 / 8)
    ours, other = medians(
        inputs.rounds,
        timed(lambda: files.load(twin)),
        timed(lambda: openpyxl.load_workbook(twin)),
    )
    yield Line(".xlsx / openpyxl, formulas alone", ours, other)
