"""The witnesses themselves: each must see what is wrong, and our sheets must be what they say."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests import sheets
from tests.benchmarks import office
from tests.witnesses import gnumeric, libreoffice, recalculation, rendering

FORMATS = pytest.mark.parametrize("suffix", [".ods", ".xlsx"], ids=["ods", "xlsx"])

FORMULAS: dict[str, tuple[str, float | str]] = {
    "A1": ("=0.1+0.2", 0.30000000000000004),
    "A2": ("=A1*3", 0.9000000000000001),
    "A3": ("=1/(1+EXP(-A2))", 0.710949502625004),
    "A4": ("=A3-A3*(1+2^-50)", 0.0),  # Calc's subtraction of nearly equal numbers
    "B5": ('=IF(A1>0,"yes","")', "yes"),
    "C6": ("=1/0", "#DIV/0!"),
    "C7": ("=LN(0)", "Err:502"),
}


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return FORMULAS in both formats, in cells that have styles, with LibreOffice's values cached."""
    folder = tmp_path_factory.mktemp("formulas")
    book = openpyxl.Workbook()
    for address, (formula, _) in FORMULAS.items():
        book.worksheets[0][address] = formula
        book.worksheets[0][address].number_format = "0.000"
    book.worksheets[0].title = "S"
    bare = folder / "formulas.xlsx"
    book.save(bare)
    ods = libreoffice.converted(bare, ".ods", folder)
    (folder / "again").mkdir()
    return {".ods": ods, ".xlsx": libreoffice.converted(ods, ".xlsx", folder / "again")}


def expected() -> dict[tuple[int, int], float | str]:
    book = openpyxl.Workbook()
    places = {address: book.worksheets[0][address] for address in FORMULAS}
    return {(places[a].row - 1, places[a].column - 1): value for a, (_, value) in FORMULAS.items()}


@pytest.mark.libreoffice
@FORMATS
def test_libreoffice_keeps_wrong_values_on_load_and_corrects_them_by_recalculation(
    workbook: dict[str, Path], tmp_path: Path, suffix: str
) -> None:
    """A wrong cached value is shown after a plain load; a hard recalculation gives the very double."""
    spoilt = recalculation.spoil_values(workbook[suffix], tmp_path)
    assert libreoffice.cached(spoilt) == {"S": dict.fromkeys(expected(), 42.5)}
    assert libreoffice.recalculated(spoilt) == {"S": expected()}


@pytest.mark.libreoffice
@FORMATS
def test_strip_values_leaves_formulas_without_values(
    workbook: dict[str, Path], tmp_path: Path, suffix: str
) -> None:
    """After stripping no reader finds a cached value, and LibreOffice understands every formula."""
    stripped = recalculation.strip_values(workbook[suffix], tmp_path)
    if suffix == ".xlsx":
        values = openpyxl.load_workbook(stripped, data_only=True)["S"]
        assert all(values[address].value is None for address in FORMULAS)
    else:
        assert gnumeric.values(stripped) == {"S": {}}
        assert gnumeric.values(workbook[suffix])["S"]
    assert libreoffice.recalculated(stripped) == {"S": expected()}
    assert libreoffice.formulas(stripped) == libreoffice.formulas(workbook[suffix])


@pytest.mark.libreoffice
@pytest.mark.shared
def test_stripping_the_authors_file_loses_nothing_else(author_file: Path, tmp_path: Path) -> None:
    """All numbers come back from formulas alone, in .ods and as saved by LibreOffice as .xlsx."""
    truth = libreoffice.recalculated(author_file)
    assert {name: len(cells) for name, cells in truth.items()} == {"Sheet1": 24912, "Ark2": 2144}
    for source in (author_file, libreoffice.converted(author_file, ".xlsx", tmp_path)):
        folder = tmp_path / source.suffix[1:]
        folder.mkdir()
        assert libreoffice.recalculated(recalculation.strip_values(source, folder)) == truth


@pytest.mark.libreoffice
def test_strip_values_keeps_notes_and_plain_numbers(tmp_path: Path) -> None:
    """A cell's note has paragraphs and stays; so do cells without a formula."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"] = 7, "=A1+1"
    sheet["A2"].comment = openpyxl.comments.Comment("keep me", "somebody")
    book.save(tmp_path / "notes.xlsx")
    (tmp_path / "stripped").mkdir()
    ods = libreoffice.converted(tmp_path / "notes.xlsx", ".ods", tmp_path)
    stripped = recalculation.strip_values(ods, tmp_path / "stripped")
    with zipfile.ZipFile(stripped) as package:
        content = package.read("content.xml").decode()
    assert "keep me" in content
    assert content.count("office:value=") == 1
    assert libreoffice.cached(stripped) == {"Sheet": {(0, 0): 7.0, (1, 0): 8.0}}


@pytest.mark.gnumeric
@FORMATS
@pytest.mark.libreoffice
def test_gnumeric_agrees(workbook: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    """Gnumeric recalculates wrong values in both formats to Calc's numbers."""
    spoilt = recalculation.spoil_values(workbook[suffix], tmp_path)
    seen, truth = gnumeric.recalculated(spoilt)["S"], expected()
    assert seen.pop((6, 2)) == "#NUM!"
    assert truth.pop((6, 2)) == "Err:502"
    assert {k: v for k, v in seen.items() if isinstance(v, str)} == {(4, 1): "yes", (5, 2): "#DIV/0!"}
    numbers = {k: v for k, v in truth.items() if isinstance(v, float)}
    assert {k: seen[k] for k in numbers} == pytest.approx(numbers, rel=1e-14, abs=1e-14)


@pytest.mark.libreoffice
def test_a_file_that_libreoffice_refuses_is_an_error_and_the_next_one_is_read(
    workbook: dict[str, Path], tmp_path: Path
) -> None:
    """Text, a missing file and an encrypted one raise; the same LibreOffice goes on serving."""
    text = tmp_path / "text.ods"
    text.write_text("no spreadsheet")
    locked = libreoffice.converted(workbook[".ods"], ".xlsx", tmp_path, password="secret")
    for path in (text, tmp_path / "missing.ods", locked):
        with pytest.raises(libreoffice.OfficeError):
            libreoffice.cached(path)
    assert libreoffice.cached(workbook[".ods"])["S"][0, 0] == pytest.approx(0.3)


@pytest.mark.libreoffice
def test_a_hang_is_an_error_and_the_next_call_starts_anew(
    workbook: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When no answer comes in time LibreOffice is killed, and the next call has another."""
    libreoffice.cached(workbook[".ods"])
    with monkeypatch.context() as patch:
        patch.setattr(libreoffice, "TIMEOUT", 0)
        with pytest.raises(libreoffice.OfficeError, match="no answer"):
            libreoffice.cached(workbook[".ods"])
    assert libreoffice.cached(workbook[".ods"])["S"]


@pytest.mark.libreoffice
def test_pages_are_pictures(tmp_path: Path) -> None:
    """A sheet prints on one page."""
    if reason := rendering.missing():
        pytest.skip(reason)
    path = sheets.write(tmp_path / "net.ods", (2, 2, 2))
    (page,) = rendering.pages(path, tmp_path)
    assert page.read_bytes().startswith(b"\x89PNG")


@pytest.mark.openxmlsdk
def test_sheets_are_valid_office_open_xml(tmp_path: Path) -> None:
    """Microsoft's SDK finds nothing in sheets with formulas or several tabs."""
    from tests.witnesses import openxmlsdk

    tabs = {"One": sheets.beside((2, 2, 1), (1, 1)), "Two": sheets.below((2, 1), (3, 2))}
    assert openxmlsdk.findings(sheets.save(tmp_path / "tabs.xlsx", tabs)) == []
    assert openxmlsdk.findings(sheets.filled(tmp_path / "filled.xlsx", (2, 3, 1), 5)) == []


@pytest.mark.libreoffice
@FORMATS
def test_sheets_hold_every_digit_at_its_place(tmp_path: Path, suffix: str) -> None:
    """Numbers of 17 digits, labels and instructions arrive in LibreOffice as they were given."""
    cells = sheets.net((11, 3, 1), seed=5, decimals=17, patterns=3, top=2, left=1, words=sheets.DANISH)
    path = sheets.save(tmp_path / f"net{suffix}", {"A": cells, "B": sheets.beside((2, 2, 2), (1, 1))})
    given = {place: cell.value for place, cell in cells.items() if cell.value is not None}
    seen = libreoffice.cached(path)
    assert seen["A"] == given
    assert len(given) > 11 * 3 + 3 * 12 + 4
    assert sum(value == "Learning rate" for value in seen["B"].values()) == 2


@pytest.mark.libreoffice
@pytest.mark.shared
def test_formulas_are_the_authors(author_file: Path) -> None:
    """The formulas that `sheets` states are those of the author's Sheet1, all 24,859 of them, as text."""
    seen = libreoffice.formulas(author_file)["Sheet1"]
    stated = sheets.formulas((2, 2, 2), 995)
    assert len(stated) == 24859
    assert {place: seen[place] for place in stated} == stated


@pytest.mark.libreoffice
def test_filled_sheets_compute_the_notes_numbers(tmp_path: Path) -> None:
    """A sheet of formulas alone gives the costs of the note's net; several patterns take turns."""
    note = {"weights": sheets.NOTE_WEIGHTS, "patterns": [sheets.NOTE_PATTERN]}
    seen = libreoffice.recalculated(sheets.filled(tmp_path / "note.xlsx", (2, 2, 2), 2, **note))["Sheet1"]
    assert (seen[7, 26], seen[8, 26]) == pytest.approx((0.0605716938833457, 0.0555798750359162), abs=1e-15)
    path = sheets.filled(tmp_path / "xor.xlsx", (2, 2, 1), 9, patterns=sheets.XOR, top=1, left=3)
    turns = libreoffice.recalculated(path)["Sheet1"]
    assert [turns.get((8 + step, 5)) for step in range(9)] == [0, 0, 1, 1] * 2 + [0]


def test_labels_are_unique_above_ten_neurons() -> None:
    """Within a layer no two labels are alike, however many neurons it has."""
    columns = sheets.columns((12, 112, 2))
    for layer in (1, 2):
        labels = [sheets.label(c.letter, *c.indices) for c in columns if c.layer == layer and c.letter != "T"]
        assert len(set(labels)) == len(labels)
    assert [sheets.label("w", *i) for i in ((0, 1), (1, 10), (11, 0))] == ["w01", "w1,10", "w11,0"]


def test_random_nets_have_no_zero() -> None:
    """Random numbers have the decimals asked for and are never 0."""
    for seed in range(20):
        values = [c.value for c in sheets.net((4, 8, 8, 9), seed=seed).values() if isinstance(c.value, float)]
        assert 0 not in values
        assert all(value == round(value, 1) for value in values)


@pytest.mark.libreoffice
def test_the_benchmarks_recalculation_answers_with_seconds(workbook: dict[str, Path], tmp_path: Path) -> None:
    """The benchmarks' LibreOffice recalculates a file as often as it is asked; a file with errors it refuses."""
    sound = tmp_path / "sound.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "=0.1+0.2"
    book.save(sound)
    with office.Recalculation(sound, tmp_path) as recalculation_:
        assert 0 < recalculation_.seconds() < 60
        assert 0 < recalculation_.seconds() < 60
    with (
        office.Recalculation(workbook[".ods"], tmp_path) as recalculation_,
        pytest.raises(libreoffice.OfficeError),
    ):
        recalculation_.seconds()
