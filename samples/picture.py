"""Draw the pictures of samples (`python -m samples.picture`); needs LibreOffice, Chromium and pdftoppm."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetnet.book.printing import print_pdf
from tests.witnesses import chromium, libreoffice, rendering

HERE = Path(__file__).resolve().parent
SAMPLE = HERE / "note-2-2-2-trained.ods"
SHOWN = "Sheet1.A1:Sheet1.AF20"
WORKSHEETS = (HERE / "worksheet-2-2-2.xlsx", HERE / "worksheet-2-2-2-key.xlsx")
"""Of these the printed page is drawn."""
CLASS_PAGE = HERE / "class" / "index.html"
TOP = 661
"""Dots of the page on the class that are shown, down to the line below one of its rows."""
RESOLUTION = 100
"""Dots an inch of a page."""
FOOT, MARGIN = 80, 12
"""Dots at the bottom of a page that hold its number, and dots left around what is drawn."""
PAPER = 'fo:page-width="563mm" fo:page-height="110mm" style:print="headers zero-values"'


def draw(target: Path) -> Path:
    """Write the picture of the sample's first rows, with column letters and row numbers; return its path."""
    with TemporaryDirectory(prefix="sheetnet-") as folder:
        copy = Path(folder, SAMPLE.name)
        with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as out:
            for name in source.namelist():
                out.writestr(name, _set_up(name, source.read(name)))
        (page,) = rendering.pages(copy, Path(folder), resolution=85)
        target.write_bytes(page.read_bytes())
    return target


def draw_pages(sources: Sequence[Path], folder: Path) -> list[Path]:
    """Write pictures of the page that `--pdf` prints of each workbook, without its margins and number."""
    with TemporaryDirectory(prefix="sheetnet-") as place:
        return [_cropped(page, folder / page.stem) for page in print_pdf(sources, Path(place))]


def draw_class(target: Path) -> Path:
    """Write the picture of the top of the page on the class, as Chromium prints it; return its path."""
    with TemporaryDirectory(prefix="sheetnet-") as place:
        page = Path(place, "class.pdf")
        page.write_bytes(chromium.printed(CLASS_PAGE.read_text(encoding="utf-8")))
        return _cropped(page, target.with_suffix(""), bottom=TOP)


def _cropped(page: Path, stem: Path, *, bottom: int | None = None) -> Path:
    """Write the inked part of a printed page, or that above `bottom`, `stem`.png; return its path."""
    left, top, right, end = _inked(page)
    bottom = end if bottom is None else bottom
    box = f"-x {left} -y {top} -W {right - left} -H {bottom - top}".split()
    _rendered(page, ["-png", *box], str(stem))
    return stem.with_suffix(".png")


def _inked(page: Path) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what the first page shows above its number, with a margin."""
    head, size, _, dots = _rendered(page, ["-gray"]).split(b"\n", 3)  # netpbm's PGM, binary
    assert head == b"P5"
    width, height = map(int, size.split())
    dark = np.frombuffer(dots, np.uint8).reshape(height, width)[: height - FOOT] < 250
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    left, right, top, bottom = (int(line[end]) for line in (columns, rows) for end in (0, -1))
    return left - MARGIN, top - MARGIN, right + MARGIN + 1, bottom + MARGIN + 1


def _rendered(page: Path, options: Sequence[str], *stem: str) -> bytes:
    """Return what pdftoppm makes of a PDF's first page, nothing where it writes a file named by `stem`."""
    command = ["pdftoppm", "-singlefile", "-r", str(RESOLUTION), *options, str(page), *stem]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def _set_up(name: str, content: bytes) -> bytes:
    """Let the sheet print the shown cells alone, on paper of their shape, without margins and page number."""
    text = content.decode("utf-8", "surrogateescape")
    if name == "content.xml":
        text = re.sub(r'table:print-ranges="[^"]*"', f'table:print-ranges="{SHOWN}"', text)
    if name == "styles.xml":
        text = re.sub(r'fo:page-width="[^"]*" fo:page-height="[^"]*"', PAPER, text)
        text = re.sub(r'(fo:margin-\w+)="[^"]*mm"', r'\1="3mm"', text)
        text = re.sub(r"<style:footer>.*?</style:footer>", "", text)
    return text.encode("utf-8", "surrogateescape")


if __name__ == "__main__":
    if reason := rendering.missing() or chromium.missing():
        sys.exit(f"samples.picture: {reason}")
    pictures = [draw(SAMPLE.with_suffix(".png")), *draw_pages(WORKSHEETS, HERE)]
    pictures.append(draw_class(CLASS_PAGE.with_suffix(".png")))
    sys.stdout.writelines(f"{path}\n" for path in pictures)
    libreoffice.close()
