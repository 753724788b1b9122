"""Pages in which one cell is spoilt: exactly that cell is reported, with what belongs there, and mended."""

import re
from pathlib import Path
from typing import Any

import pytest

from sheetnet import check_file, load, train_file
from sheetnet.formula.address import read_address
from sheetnet.jobs.checking import CheckedNet
from tests.pagesheet import moved, page_cells, saved
from tests.reckoning import Content, is_formula

HEIGHT = 36
"""Rows from one page of a 2-2-2 net to the next."""

MISTAKES: dict[str, tuple[str, str]] = {
    "forward-no-bias": ("I7", "=1/(1+EXP(-(C6*C7+D6*D7)))"),
    "forward-other-bias": ("I7", "=1/(1+EXP(-(C6*C7+D6*D7+E8)))"),
    "forward-transposed": ("I10", "=1/(1+EXP(-(I7*C10+I8*C11+E10)))"),
    "forward-sign-lost": ("I8", "=1/(1+EXP(C6*C8+D6*D8+E8))"),
    "forward-brackets": ("I11", "=1/1+EXP(-(I7*C11+I8*D11+E11))"),
    "forward-other-layer": ("I10", "=1/(1+EXP(-(C6*C10+D6*D10+E10)))"),
    "forward-term-missing": ("I7", "=1/(1+EXP(-(C6*C7+E7)))"),
    "forward-linear": ("I11", "=I7*C11+I8*D11+E11"),
    "cost-no-half": ("C13", "=(I10-K10)^2+(I11-K11)^2"),
    "cost-not-squared": ("C13", "=0.5*(I10-K10)+0.5*(I11-K11)"),
    "cost-one-output": ("C13", "=0.5*(I10-K10)^2"),
    "delta-output-no-slope": ("C15", "=I10-K10"),
    "delta-output-sign": ("C16", "=(K11-I11)*I11*(1-I11)"),
    "delta-output-other-target": ("C15", "=(I10-K11)*I10*(1-I10)"),
    "delta-output-total-cost": ("C16", "=C13*I11*(1-I11)"),
    "delta-hidden-untransposed": ("C18", "=I7*(1-I7)*(C15*C10+C16*D10)"),
    "delta-hidden-updated-weights": ("C19", "=I8*(1-I8)*(C15*D29+C16*D30)"),
    "delta-hidden-one-path": ("C18", "=I7*(1-I7)*C15*C10"),
    "delta-hidden-no-slope": ("C18", "=C15*C10+C16*C11"),
    "delta-hidden-other-neuron": ("C18", "=I8*(1-I8)*(C15*C10+C16*C11)"),
    "delta-hidden-raw-error": ("C18", "=I7*(1-I7)*((I10-K10)*C10+(I11-K11)*C11)"),
    "gradient-own-activation": ("C22", "=C15*I10"),
    "gradient-other-layer": ("D25", "=C15*D6"),
    "gradient-delta-alone": ("D22", "=C15"),
    "gradient-bias-times-a": ("E22", "=C15*I7"),
    "gradient-bias-zero": ("E25", "=0"),
    "gradient-common-bias": ("E26", "=C18"),
    "update-no-rate": ("C29", "=C10-C22"),
    "update-plus": ("D30", "=D11+$K$3*D23"),
    "update-wrong-rate": ("C32", "=C7-$K$4*C25"),
    "update-rate-squared": ("C29", "=C10-$K$3^2*C22"),
    "update-none": ("E33", "=E8"),
    "update-other-weight": ("C29", "=C11-$K$3*C22"),
}


def _lowered(text: str, rows: int) -> str:
    """Return an address or a formula so many rows lower, but for what $ fixes."""
    return re.sub(r"(?<!\$)\b([A-Z])(\d+)\b", lambda match: f"{match[1]}{int(match[2]) + rows}", text)


def _checked(path: Path) -> CheckedNet:
    (net,) = check_file(path).nets
    return net


def _formula(path: Path, address: str) -> str | None:
    place = read_address(address)
    assert place is not None
    cell = load(path).sheets[0].cell(*place[1:])
    return None if cell is None else cell.formula


@pytest.mark.parametrize(("steps", "page"), [(1, 0), (2, 1), (3, 1)])
@pytest.mark.parametrize("code", MISTAKES)
def test_the_spoilt_cell_is_found_and_mended(tmp_path: Path, code: str, steps: int, page: int) -> None:
    """One finding: the code, the cell, the formula that belongs there; train writes that."""
    (address, wrong), rows = MISTAKES[code], page * HEIGHT
    address, wrong = _lowered(address, rows), _lowered(wrong, rows)
    right = page_cells(tmp_path, (2, 2, 2), steps)
    path = saved(tmp_path / "spoilt.xlsx", {**right, address: wrong})
    (finding,) = _checked(path).findings
    assert (finding.code, [str(area) for area in finding.areas]) == (code, [address])
    assert (finding.found, finding.expected) == (wrong, right[address])
    assert [str(area) for area in finding.correct] == [address]
    trained = train_file(path, tmp_path / "mended.xlsx")
    assert [str(area) for area in trained.nets[0].departed] == [address]
    assert _formula(trained.out, address) == right[address]
    assert _checked(trained.out).findings == ()


@pytest.mark.parametrize(
    ("address", "wrong", "code"),
    [
        ("C43", "=C7", "update-none"),
        ("C43", "=D32", "sheet-neighbour"),
        ("C46", "=C32", "sheet-reference"),
    ],
)
def test_weights_of_a_later_page_are_the_new_ones(
    tmp_path: Path, address: str, wrong: str, code: str
) -> None:
    """A page that begins with the old weights, or with others, is found."""
    right = page_cells(tmp_path, (2, 2, 2), 2)
    (finding,) = _checked(saved(tmp_path / "spoilt.xlsx", {**right, address: wrong})).findings
    assert (finding.code, str(finding.areas[0]), finding.expected) == (code, address, right[address])


@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 4, 2), (2, 1)])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_typed_numbers_are_right_as_far_as_their_decimals_tell(
    tmp_path: Path, sizes: tuple[int, ...], steps: int
) -> None:
    """Every number typed with four decimals: no finding; one of them wrong: that one."""
    right = page_cells(tmp_path, sizes, steps)
    path = saved(tmp_path / "typed.xlsx", right, typed=4)
    assert _checked(path).findings == ()
    delta = next(address for address, text in right.items() if text == "δ(1)")
    cell = f"C{delta[1:]}"
    (finding,) = _checked(saved(path, {**right, cell: 0.4321}, typed=4)).findings
    assert ([str(area) for area in finding.areas], finding.expected) == ([cell], right[cell])


def test_answers_among_formulas(tmp_path: Path) -> None:
    """A number is as good an answer as a formula, on whatever page; a wrong one is found."""
    right = page_cells(tmp_path, (2, 2, 2), 2)
    path = tmp_path / "answers.xlsx"
    answers: dict[str, Content] = {**right, "C58": 0.0488, "C54": -0.0151}
    assert _checked(saved(path, answers)).findings == ()
    (finding,) = _checked(saved(path, {**answers, "C59": 0.5})).findings
    assert ([str(area) for area in finding.areas], finding.expected) == (["C59"], right["C59"])


def test_empty_cells_are_no_mistakes(tmp_path: Path) -> None:
    """What is still to be filled in is not found wrong."""
    right = page_cells(tmp_path, (2, 2, 2), 2)
    for address in ("C54", "I7", "C29", "C49"):
        cells = {place: content for place, content in right.items() if place != address}
        path = saved(tmp_path / "blank.xlsx", cells)
        assert [str(area) for f in _checked(path).findings for area in f.areas] == [], address
        assert (
            _formula(train_file(path, tmp_path / "filled.xlsx", overwrite=True).out, address)
            == right[address]
        )


CONVENTIONS: dict[str, tuple[dict[str, str], dict[str, Any], set[str]]] = {
    "T-a": (
        {"C15": "=(K10-I10)*I10*(1-I10)", "C16": "=(K11-I11)*I11*(1-I11)", "-$K$3": "+$K$3"},
        {"difference": "T-a"},
        set(),
    ),
    "no half": (
        {
            "C13": "=(I10-K10)^2+(I11-K11)^2",
            "C15": "=2*(I10-K10)*I10*(1-I10)",
            "C16": "=2*(I11-K11)*I11*(1-I11)",
        },
        {"cost": "squares"},
        set(),
    ),
    "outputs first": (
        {"C18": "=I7*(1-I7)*(C15*C29+C16*C30)", "C19": "=I8*(1-I8)*(C15*D29+C16*D30)"},
        {"order": "outputs first"},
        {"convention-outputs-first"},
    ),
    "of its own copy of γ": ({"$K$3": "K3"}, {}, set()),
    "spelt otherwise": (
        {"I7": "=EXP(C6*C7+D6*D7+E7)/(1+EXP(C6*C7+D6*D7+E7))", "C22": "=I7*C15"},
        {},
        set(),
    ),
}


@pytest.mark.parametrize("name", CONVENTIONS)
def test_conventions_are_read_and_kept(tmp_path: Path, name: str) -> None:
    """What the page follows uniformly is no mistake, and further pages follow it too."""
    changes, wanted, codes = CONVENTIONS[name]
    cells = page_cells(tmp_path, (2, 2, 2), 1)
    for address, text in changes.items():
        if address in cells:
            cells[address] = text
        else:
            cells = {
                place: held.replace(address, text) if is_formula(held) and isinstance(held, str) else held
                for place, held in cells.items()
            }
    path = saved(tmp_path / "own.xlsx", cells)
    net = _checked(path)
    assert {finding.code for finding in net.findings} == codes
    assert {key: getattr(net.conventions, key) for key in wanted} == wanted
    longer = train_file(path, tmp_path / "longer.xlsx", steps=3)
    again = _checked(longer.out)
    assert ({finding.code for finding in again.findings}, again.layout.steps) == (codes, 3)
    assert all(getattr(again.conventions, key) == value for key, value in wanted.items())


# ---------------------------------------------------------------- moved and damaged

MOVES = {
    "above": (lambda row: row + 3, lambda column: column),
    "left": (lambda row: row, lambda column: column + 2),
    "between blocks": (lambda row: row + (row > 11) + 2 * (row > 24) + 3 * (row > 40), lambda column: column),
    "between pages": (lambda row: row + 4 * (row > 35), lambda column: column),
    "beside": (lambda row: row, lambda column: column + 2 * (column > 6)),
    "after the captions": (lambda row: row, lambda column: column + (column > 1)),
    "after the labels": (lambda row: row, lambda column: column + (column > 2)),
}


@pytest.mark.parametrize("name", MOVES)
def test_inserted_rows_and_columns_change_nothing(tmp_path: Path, name: str) -> None:
    """The pages are read where they stand, and further ones follow."""
    path = saved(tmp_path / "moved.xlsx", moved(page_cells(tmp_path, (2, 2, 2), 2), *MOVES[name]))
    net = _checked(path)
    assert (net.findings, net.judged, net.layout.steps) == ((), 82, 2)
    longer = _checked(train_file(path, tmp_path / "longer.xlsx", steps=4).out)
    assert (longer.findings, longer.judged, longer.layout.steps) == ((), 180, 4)


def test_a_damaged_page_is_refused_in_one_line(tmp_path: Path) -> None:
    """Whatever label goes, the sheet is read as it is, or what is missing is named with a cell."""
    right = page_cells(tmp_path, (2, 2, 2), 2)
    labels = [at for at, held in right.items() if isinstance(held, str) and not is_formula(held)]
    unread = 0
    for address in labels:
        cells = {place: content for place, content in right.items() if place != address}
        checked = check_file(saved(tmp_path / "damaged.xlsx", cells))
        errors = [sheet.error for sheet in checked.sheets if sheet.error is not None]
        unread += bool(errors)
        for error in errors:
            assert re.search(r"damaged.xlsx, Sheet1, A\d+: found .* expected .*; add it$", error), error
            assert "\n" not in error
        if not errors:
            (net,) = checked.nets
            assert (net.findings, net.layout.sizes, net.layout.steps) == ((), (2, 2, 2), 2), address
    assert unread > 40


def test_the_page_of_another_net_is_refused(tmp_path: Path) -> None:
    """Pages of one sheet are steps of one net."""
    one, other = page_cells(tmp_path, (2, 2, 2), 1), page_cells(tmp_path, (2, 3, 2), 1)
    cells = {**one, **moved(other, lambda row: row + 40)}
    checked = check_file(saved(tmp_path / "two.xlsx", cells))
    assert checked.sheets[0].error is not None
    assert "A46: found a page of a 2-3-2 net, expected one of 2-2-2" in checked.sheets[0].error
