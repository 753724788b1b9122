"""Worksheets on paper: one A4 page a step, with nothing cut off and room to write."""

import re
import subprocess
from pathlib import Path

import pytest

from sheetnet.jobs.worksheets import make_worksheets

pytestmark = pytest.mark.libreoffice

_A4 = (595, 842)
"""Points."""


@pytest.mark.parametrize("lang", ["en", "da"])
@pytest.mark.parametrize(("sizes", "steps"), [((2, 2, 2), 2), ((3, 4, 3), 1)], ids=["2-2-2", "3-4-3"])
def test_a_page_a_step(tmp_path: Path, sizes: tuple[int, ...], steps: int, lang: str) -> None:
    """Blank and solved, each step fits one portrait A4 page; texts and boxes stay inside it, room between."""
    out = tmp_path / "out"
    made = make_worksheets(sizes, out, seed=1, steps=steps, lang=lang, feedback=True, pdf=True)
    assert made.printed
    for part in ("students", "teacher/keys"):
        printed = out / part / "worksheet.pdf"
        assert _sizes(printed) == [_A4] * steps
        for words in _pages(printed):
            assert len(words) > 60
            assert all(left > 15 and right < _A4[0] - 15 for left, _, right, _, _ in words)
            assert all(top > 15 and bottom < _A4[1] - 10 for _, top, _, bottom, _ in words)
            assert not any(text.startswith("###") for *_, text in words)
            boxes = [top for _, top, _, _, text in words if text in ("h0", "h1", "o0", "o1")]
            gaps = [after - before for before, after in zip(sorted(boxes), sorted(boxes)[1:], strict=False)]
            assert min(gap for gap in gaps if gap > 1) > 14  # 5 mm


def test_solved_and_blank(tmp_path: Path) -> None:
    """The solved page shows what the blank one leaves out: every answer, with the decimals asked for."""
    out = tmp_path / "out"
    made = make_worksheets((2, 2, 2), out, seed=1, pdf=True)
    blank, solved = (
        {text for page in _pages(out / part / "worksheet.pdf") for *_, text in page}
        for part in ("students", "teacher/keys")
    )
    answers = [f"{blank.expected:.4f}" for blank in made.manifest.students[0].blanks]
    assert set(answers) <= solved
    given = {f"{blank.expected:.4f}" for blank in made.manifest.students[0].blanks if blank.j == 2}
    assert not (set(answers) - given) & blank  # a bias's gradient is its δ, which may be given


def _sizes(path: Path) -> list[tuple[int, int]]:
    told = subprocess.run(
        ["pdfinfo", "-f", "1", "-l", "99", str(path)], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    found = re.findall(r"Page\s+\d+ size:\s+([\d.]+) x ([\d.]+)", told)
    return [(round(float(width)), round(float(height))) for width, height in found]


def _pages(path: Path) -> list[list[tuple[float, float, float, float, str]]]:
    """Return the words of each page with their places: left, top, right, bottom."""
    text = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    word = re.compile(
        r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    )
    return [
        [(float(a), float(b), float(c), float(d), said) for a, b, c, d, said in word.findall(page)]
        for page in text.split("<page ")[1:]
    ]
