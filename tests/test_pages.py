"""Pages: a step an A4 page, made, read, checked and trained; who agrees with their numbers."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetnet import check_file, load, new_file, read_file, train_file
from sheetnet.book import files
from sheetnet.book.calculator import cells_of
from sheetnet.book.edits import PutCell
from sheetnet.cli import main
from sheetnet.errors import LayoutError
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import COST, Term
from sheetnet.recognition.finding import find_nets
from tests.agreement import agree_with_calc, agree_with_gnumeric, formulas
from tests.layouts import MAZUR_PATTERN, MAZUR_WEIGHTS, NOTE_PATTERN, NOTE_WEIGHTS
from tests.witnesses import libreoffice, openxmlsdk, rendering

FORMATS = ["ods", "xlsx"]
XOR = ([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
NETS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "2-2-2": ((2, 2, 2), {"steps": 3}),
    "one page": ((3, 4, 2), {}),
    "3-1": ((3, 1), {"steps": 2}),
    "five layers": ((2, 3, 1, 3, 2), {"steps": 2}),
    "25-21-2": ((25, 21, 2), {"steps": 2}),
    "xor": ((2, 2, 1), {"patterns": XOR, "steps": 6}),
    "a page a pattern": ((2, 2, 1), {"patterns": XOR}),
    "fewer pages than patterns": ((2, 2, 1), {"patterns": XOR, "steps": 2}),
    "danish": ((2, 2, 1), {"patterns": XOR, "lang": "da", "activations": ("tanh", "sigmoid")}),
    "tanh": ((2, 3, 2), {"steps": 2, "activations": ("tanh",)}),
    "relu": ((3, 4, 2), {"steps": 2, "activations": ("relu", "sigmoid")}),
    "mixed": ((2, 3, 3, 2), {"steps": 2, "activations": ("tanh", "relu", "linear"), "learning_rate": 0.1}),
    "fixed": ((2, 2, 2), {"steps": 3, "biases": "fixed"}),
    "shared": ((2, 3, 2), {"steps": 3, "biases": "shared", "lang": "da"}),
    "none": ((2, 2, 2), {"steps": 3, "biases": "none"}),
    "smallest": ((1, 1), {"steps": 2, "biases": "none"}),
}
EVERY = pytest.mark.parametrize(("sizes", "options"), NETS.values(), ids=NETS)


def _new(folder: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]) -> Path:
    return new_file(sizes, folder / f"new.{form}", arrangement="page", **{"seed": 1, **options}).out


def _net(path: Path) -> Layout:
    (layout,) = find_nets(load(path))
    return layout


def _value(path: Path, term: Term, step: int = 0) -> Any:
    place = _net(path).place(term, step)
    assert place is not None
    cell = cells_of(load(path))(place)
    return None if cell is None else cell.value


# ---------------------------------------------------------------- the numbers


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", FORMATS)
@EVERY
def test_values_are_those_calc_computes(
    tmp_path: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]
) -> None:
    """LibreOffice computes every stored value from the formulas alone, to the bit."""
    assert agree_with_calc(_new(tmp_path, form, sizes, options), tmp_path / "stripped") >= 5


@pytest.mark.gnumeric
@pytest.mark.parametrize("name", ["2-2-2", "mixed", "shared", "xor"])
def test_gnumeric_agrees(tmp_path: Path, name: str) -> None:
    """A second spreadsheet program computes the same numbers."""
    assert agree_with_gnumeric(_new(tmp_path, "ods", *NETS[name]), tmp_path / "stripped") >= 5


@pytest.mark.openxmlsdk
@pytest.mark.parametrize("name", ["2-2-2", "danish", "shared"])
def test_excel_would_open_it(tmp_path: Path, name: str) -> None:
    """The Open XML SDK finds nothing wrong, before training and after."""
    path = _new(tmp_path, "xlsx", *NETS[name])
    assert openxmlsdk.findings(path) == []
    assert openxmlsdk.findings(train_file(path, tmp_path / "trained.xlsx", steps=7).out) == []


def test_a_page_holds_the_numbers_of_the_note(tmp_path: Path) -> None:
    """The note's net, by the numbers of MATHS.md: those of its first step, and the cost of the next."""
    pattern = tuple([list(part)] for part in NOTE_PATTERN)
    options = {"weights": NOTE_WEIGHTS, "patterns": pattern, "steps": 2}
    path = _new(tmp_path, "ods", (2, 2, 2), options)
    found = [_value(path, Term("a", 1, 0)), _value(path, Term("a", 2, 1)), _value(path, Term("delta", 1, 1))]
    assert found == pytest.approx([0.542397940774351, 0.682324816594471, 0.0109330854113259], abs=1e-14)
    costs = [_value(path, COST), _value(path, COST, 1)]
    assert costs == pytest.approx([0.0605716938833457, 0.0555798750359162], abs=1e-14)


def test_a_page_holds_the_numbers_of_mazur(tmp_path: Path) -> None:
    """Mazur's net with fixed biases, all weights updated at once: his gradients, new weights and errors."""
    pattern = tuple([list(part)] for part in MAZUR_PATTERN)
    options = {"weights": MAZUR_WEIGHTS, "patterns": pattern, "steps": 2, "biases": "fixed"}
    path = _new(tmp_path, "xlsx", (2, 2, 2), options)
    assert _value(path, COST) == pytest.approx(0.298371108760, abs=1e-12)
    assert _value(path, Term("gradient", 2, 0, 0)) == pytest.approx(0.082167040564, abs=1e-12)
    assert _value(path, Term("gradient", 1, 0, 0)) == pytest.approx(0.000438567734, abs=1e-12)
    new = [_value(path, Term("new", 1, 0, 0)), _value(path, Term("new", 2, 1, 1))]
    assert new == pytest.approx([0.149780716133, 0.561370121108], abs=1e-12)
    assert _value(path, Term("new", 1, 0, 2)) == 0.35
    assert _value(path, COST, 1) == pytest.approx(0.291027773694, abs=1e-12)


# ---------------------------------------------------------------- made and read


@pytest.mark.parametrize("form", FORMATS)
@EVERY
def test_a_page_is_read_as_it_was_made(
    tmp_path: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]
) -> None:
    """Sizes, steps, patterns and conventions are read back, and nothing is found wrong."""
    path = _new(tmp_path, form, sizes, options)
    count = len(options["patterns"][0]) if "patterns" in options else 1
    layout = _net(path)
    steps = options.get("steps", count)
    assert (layout.sizes, layout.steps, layout.pages) == (sizes, steps, True)
    assert layout.patterns == min(count, steps)
    ((sheet,),) = [read_file(path).sheets]
    (net,) = sheet.nets
    wanted = Conventions(
        biases=options.get("biases", "trained"), activations=options.get("activations", ("sigmoid",))
    )
    assert net.conventions == wanted
    assert (sheet.stray, sheet.not_understood, net.departed, net.typed) == ((), (), (), ())
    codes = {finding.code for finding in check_file(path).nets[0].findings}
    assert codes <= ({"convention-fixed-biases"} if wanted.biases == "fixed" else set())


@pytest.mark.parametrize("form", FORMATS)
def test_pages_are_reproducible(tmp_path: Path, form: str) -> None:
    """The same seed and the same moment give the same bytes."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    found = [
        new_file(
            (2, 3, 2), tmp_path / f"{name}.{form}", arrangement="page", seed=3, created=moment
        ).out.read_bytes()
        for name in ("one", "two")
    ]
    assert found[0] == found[1]


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("sizes", [(2, 2, 2), (4, 8, 8, 9)])
def test_a_step_is_a_sheet_of_paper(tmp_path: Path, form: str, sizes: tuple[int, ...]) -> None:
    """Each step is printed on one page, those that training adds too, and none that it took away."""
    if (reason := rendering.missing()) is not None:
        pytest.skip(reason)
    path = _new(tmp_path, form, sizes, {"steps": 2})
    longer = train_file(path, tmp_path / f"longer.{form}", steps=3).out
    shorter = train_file(path, tmp_path / f"shorter.{form}", steps=1).out
    assert [len(rendering.pages(each, tmp_path, resolution=30)) for each in (path, longer, shorter)] == [
        2,
        3,
        1,
    ]


# ---------------------------------------------------------------- trained


@pytest.mark.parametrize("form", FORMATS)
@EVERY
def test_trained_pages_are_those_of_a_longer_sheet(
    tmp_path: Path, form: str, sizes: tuple[int, ...], options: dict[str, Any]
) -> None:
    """Training to more steps gives the cells that a new sheet of so many has, in its looks."""
    path = _new(tmp_path, form, sizes, options)
    training = train_file(path, tmp_path / f"trained.{form}", steps=8)
    (net,) = training.nets
    assert (net.departed, net.typed, net.added, net.steps) == ((), (), (), 8)
    assert training.warnings == ()
    count = len(options["patterns"][0]) if "patterns" in options else 1
    if count > options.get("steps", count):
        return  # the sheet had only some of the patterns
    longer = new_file(
        sizes,
        tmp_path / f"longer.{form}",
        arrangement="page",
        **{"seed": 1, **options, "steps": 8},
    ).out
    assert load(training.out).sheets[0].rows == load(longer).sheets[0].rows


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", FORMATS)
def test_trained_pages_hold_what_calc_computes(tmp_path: Path, form: str) -> None:
    """LibreOffice computes the values of further pages from their formulas alone."""
    path = train_file(_new(tmp_path, form, *NETS["mixed"]), tmp_path / f"trained.{form}", steps=5).out
    assert agree_with_calc(path, tmp_path / "stripped") > 300


@pytest.mark.parametrize("form", FORMATS)
def test_surplus_pages_are_emptied(tmp_path: Path, form: str) -> None:
    """Fewer steps leave nothing on the pages after them, not even their labels."""
    path = _new(tmp_path, form, (2, 2, 2), {"steps": 3})
    shorter = train_file(path, tmp_path / f"shorter.{form}", steps=1)
    (tmp_path / "one").mkdir()
    one = _new(tmp_path / "one", form, (2, 2, 2), {"steps": 1})

    def held(place: Path) -> dict[tuple[int, int], object]:
        rows = load(place).sheets[0].rows
        return {
            (r, c): cell for r, line in rows.items() for c, cell in line.items() if cell.value is not None
        }

    assert held(shorter.out) == held(one)
    assert shorter.nets[0].filling.surplus == 2


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("steps", [1, 2])
def test_blank_pages_are_filled_in(tmp_path: Path, form: str, steps: int) -> None:
    """Where all computed cells are empty training writes them all, on as many pages as there are."""
    path = _new(tmp_path, form, (2, 3, 2), {"steps": steps})
    book = load(path)
    empty = [PutCell("Sheet1", row, column, None) for row, column in formulas(book, "Sheet1")]
    files.save(book, tmp_path / f"blank.{form}", empty)
    checked = check_file(tmp_path / f"blank.{form}")
    assert [finding.code for finding in checked.nets[0].findings] == ["sheet-not-filled"]
    trained = train_file(tmp_path / f"blank.{form}", tmp_path / f"filled.{form}")
    assert load(trained.out).sheets[0].rows == load(path).sheets[0].rows


def test_training_stops_at_a_cost(tmp_path: Path) -> None:
    """The page on which the cost comes down to a bound is the last one."""
    path = _new(tmp_path, "ods", (2, 2, 2), {"seed": 5})
    training = train_file(path, tmp_path / "trained.ods", steps=20, until_cost=0.09)
    assert training.nets[0].reached
    costs = [_value(training.out, COST, step) for step in range(training.nets[0].steps)]
    assert costs[-1] <= 0.09 < costs[-2]


def test_numbers_alone(tmp_path: Path) -> None:
    """With formulas left out no cell of the pages has one."""
    path = _new(tmp_path, "xlsx", (2, 2, 2), {"steps": 2})
    training = train_file(path, tmp_path / "trained.xlsx", steps=4, formulas=False)
    assert formulas(load(training.out), "Sheet1") == {}
    assert check_file(training.out).nets[0].findings == ()


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    """A note below the last page stops further pages, in one line."""
    path = _new(tmp_path, "ods", (2, 2, 2), {})
    book = load(path)
    files.save(book, tmp_path / "noted.ods", [PutCell("Sheet1", 90, 2, "mine")])
    with pytest.raises(
        LayoutError, match=r"C91: found 'mine', expected free cells for 5 pages; .* --steps 2"
    ):
        train_file(tmp_path / "noted.ods", tmp_path / "out.ods", steps=5)
    assert train_file(tmp_path / "noted.ods", tmp_path / "out.ods", steps=2).nets[0].steps == 2


# ---------------------------------------------------------------- resaved, and on a terminal


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", FORMATS)
def test_a_sheet_that_libreoffice_saved_is_read_alike(tmp_path: Path, form: str) -> None:
    """A round trip through the other format changes nothing that is read."""
    path = _new(tmp_path, form, *NETS["danish"])
    other = libreoffice.converted(path, {"ods": ".xlsx", "xlsx": ".ods"}[form], tmp_path)
    one, two = _net(path), _net(other)
    assert (one.sizes, one.steps, one.patterns, one.conventions) == (
        two.sizes,
        two.steps,
        two.patterns,
        two.conventions,
    )
    assert check_file(other).nets[0].findings == ()


@pytest.mark.parametrize("name", ["2-2-2", "one page", "danish"])
def test_reports_name_pages_and_cells(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands speak of pages and of cells, in 80 columns."""
    monkeypatch.chdir(tmp_path)
    path = _new(Path(), "ods", *NETS[name])
    net = "-".join(map(str, NETS[name][0]))
    commands = [
        ["new", net, "again.ods", "--layout", "page", "--seed", "1"],
        ["info", str(path)],
        ["check", str(path)],
        ["train", str(path), "--steps", "5"],
        ["explain", str(path), "C60"],
    ]
    for command in commands:
        assert main(command) == 0, command
        said = capsys.readouterr().out
        assert all(len(line) <= 80 for line in said.splitlines())
        assert "page" in said or command[0] == "explain", command
        assert " columns " not in said
        assert "row 3" not in said


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["2-2-2", "danish", "fixed", "xor"])
def test_training_to_the_other_format(tmp_path: Path, form: str, name: str) -> None:
    """The output is a new workbook, with the pages that a new sheet of so many steps has."""
    sizes, options = NETS[name]
    path = _new(tmp_path, form, sizes, {**options, "steps": 5})
    other = {"ods": "xlsx", "xlsx": "ods"}[form]
    training = train_file(path, tmp_path / f"trained.{other}", steps=6)
    assert training.warnings == ()
    longer = _new(tmp_path, other, sizes, {**options, "steps": 6})
    assert load(training.out).sheets[0].rows == load(longer).sheets[0].rows
    assert agreeing(_net(training.out), _net(longer))


def agreeing(one: Layout, other: Layout) -> bool:
    """Tell whether two sheets are read alike."""
    names = ("sizes", "steps", "patterns", "conventions", "columns")
    return all(getattr(one, name) == getattr(other, name) for name in names)


@pytest.mark.parametrize(
    ("sizes", "steps", "said"),
    [
        ("2-2-2", "40000", "2-2-2: 40,000 pages are more than a sheet takes; use --steps 29127 or less"),
        ("17000-2", "1", "17000-2: a page would have .* a sheet takes 1,048,576 and 16,384"),
    ],
)
def test_limits_are_told_in_one_line(
    tmp_path: Path, sizes: str, steps: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What no sheet takes is refused before it is made."""
    out = tmp_path / "new.ods"
    assert main(["new", sizes, str(out), "--layout", "page", "--steps", steps]) == 2
    assert re.search(said, capsys.readouterr().err)
    assert not out.exists()


def test_a_page_that_is_printed_small_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large net has its page, and the report tells that it is hardly read in print."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "4-8-8-9", "--layout", "page", "--seed", "1"]) == 0
    assert "printed small" in capsys.readouterr().out
    assert main(["new", "2-2-2", "--layout", "page", "--seed", "1"]) == 0
    assert "printed small" not in capsys.readouterr().out


def test_a_renamed_sheet_among_others_that_openpyxl_saved(tmp_path: Path) -> None:
    """Without stored values, under another name and behind another sheet the pages are the same."""
    path = _new(tmp_path, "xlsx", (2, 2, 2), {"steps": 2})
    book = openpyxl.load_workbook(path)
    book.active.title = "Week 3"
    book.create_sheet("Notes", 0)["A1"] = "what we did"
    book["Week 3"].column_dimensions["B"].hidden = True
    book.save(tmp_path / "again.xlsx")
    checked = check_file(tmp_path / "again.xlsx")
    assert [len(sheet.nets) for sheet in checked.sheets] == [0, 1]
    assert checked.nets[0].findings == ()
    assert checked.nets[0].layout.steps == 2
    longer = train_file(tmp_path / "again.xlsx", tmp_path / "longer.xlsx", steps=4).out
    assert check_file(longer).nets[0].layout.steps == 4
    assert load(longer).sheet("Notes").rows == load(path.with_name("again.xlsx")).sheet("Notes").rows
