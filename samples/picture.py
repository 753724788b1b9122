"""Draw README's picture of a trained sample (`python -m samples.picture`); needs LibreOffice and pdftoppm."""

import re
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.witnesses import libreoffice, rendering

HERE = Path(__file__).resolve().parent
SAMPLE = HERE / "note-2-2-2-trained.ods"
SHOWN = "Sheet1.A1:Sheet1.AF20"
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
    if reason := rendering.missing():
        sys.exit(f"samples.picture: {reason}")
    sys.stdout.write(f"{draw(SAMPLE.with_suffix('.png'))}\n")
    libreoffice.close()
