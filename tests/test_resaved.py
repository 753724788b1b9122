"""Workbooks that another program has saved again are read the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sheetnet import find_nets, load, read_file, train_file
from sheetnet.layout.layout import Layout
from tests import sheets
from tests.witnesses import gnumeric, libreoffice

PROGRAMS = [
    pytest.param(libreoffice.converted, marks=pytest.mark.libreoffice, id="LibreOffice"),
    pytest.param(gnumeric.converted, marks=pytest.mark.gnumeric, id="Gnumeric"),
]
Resave = Callable[[Path, str, Path], Path]


def _shape(layout: Layout) -> tuple[object, ...]:
    return (
        layout.sheet,
        layout.sizes,
        dict(layout.columns),
        layout.label_row,
        layout.caption_row,
        layout.first_row,
        layout.last_row,
        layout.rate,
        layout.learning_rate,
        layout.patterns,
        layout.helpers,
    )


@pytest.mark.shared
@pytest.mark.parametrize("resave", PROGRAMS)
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
def test_the_authors_workbook(author_file: Path, tmp_path: Path, resave: Resave, suffix: str) -> None:
    """The author's workbook, saved again, has the same nets and the same 765 departures."""
    (tmp_path / "again").mkdir()
    again = resave(author_file, suffix, tmp_path / "again")
    assert [_shape(layout) for layout in find_nets(load(again))] == [
        _shape(layout) for layout in find_nets(load(author_file))
    ]
    sheets_read = read_file(again).sheets
    assert [sheet.name for sheet in sheets_read] == ["Sheet1", "Ark2"]
    assert sheets_read[0].nets[0].departed == ()
    assert [str(area) for area in sheets_read[1].nets[0].departed] == ["D9", "D10:E200", "H10:I200"]
    assert [cell for cell, _ in sheets_read[0].stray] == ["N5"]


@pytest.mark.parametrize("resave", PROGRAMS)
@pytest.mark.parametrize("suffix", [".ods", ".xlsx"])
@pytest.mark.parametrize("ours", ["ods", "xlsx"])
def test_our_own_output(tmp_path: Path, resave: Resave, suffix: str, ours: str) -> None:
    """What we wrote, saved again, is read the same, and training it again finds nothing to mend or add."""
    path = sheets.write(tmp_path / f"net.{ours}", (2, 3, 1), patterns=sheets.XOR)
    out = train_file(path, tmp_path / f"out.{ours}", steps=30).out
    (tmp_path / "again").mkdir()
    again = resave(out, suffix, tmp_path / "again")
    assert [_shape(layout) for layout in find_nets(load(again))] == [
        _shape(layout) for layout in find_nets(load(out))
    ]
    [net] = train_file(again, tmp_path / f"again{suffix}").nets
    assert (net.departed, net.added, net.steps) == ((), (), 30)
