"""The page of a check: what it shows, that it is sound and harmless, and how a browser shows it."""

import base64
import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sheetnet
from sheetnet import find_nets, load
from sheetnet.book.grid import Area, Book, Cell, CellError, column_index
from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedFile, check_file
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import COST, LEARNING_RATE, MEAN_COST, STEP, Term
from sheetnet.report.check import html as report
from sheetnet.report.check.html import checking_html
from sheetnet.report.check.html.card import marked
from sheetnet.report.check.html.costcurve import BUCKETS, Axis, passes, thinned
from sheetnet.report.check.html.excerpt import MOST_COLUMNS, excerpt, gaps, shortened
from sheetnet.report.check.html.gridtable import MOST_LETTERS
from sheetnet.report.check.html.netshape import MOST_NEURONS
from sheetnet.report.html.markup import clipped, element, visible
from sheetnet.report.wording import wording
from tests.checked import WORDS, author_findings, checked, checked_file, fault, with_cells
from tests.pages import Page
from tests.sheets import beside, save
from tests.witnesses import chromium

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
LANGUAGES = Path(report.__file__).with_name("languages")
MOST_BYTES = 300_000
"""Of the page on a single workbook."""

HOSTILE = {
    "script": "<script>console.error(1)</script>",
    "attribute": '" onmouseover="console.error(1)" x="',
    "apostrophe": "' onmouseover='console.error(1)' x='",
    "section": "]]><![CDATA[<i>&amp;",
    "style end": "</style></title><img src=x onerror=console.error(1)>",
    "comment": "<!-- -->&lt;!--",
    "svg": "</text></svg><svg onload=console.error(1)>",
    "link": "javascript:console.error(1)",
    "control": "a\x00b\x08c\x1b[31md\x7fe\x9ff",
    "not a character": "a\ud800b\ufffec\U0001ffffd",
    "turned": "a\u202etxt.exe\u2066b",
}
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


@cache
def _note() -> CheckedFile:
    """Return the note's net with one finding of each severity, the last about two ranges."""
    book = load(SAMPLES / "note-2-2-2-trained.ods")
    layout = find_nets(book)[0]
    first = layout.first_row
    weight = fault(book, layout, Term("w", 1, 1, 1), first + 1, "of:=[.I8]-[.N8]*[.D8]", rows=60)
    delta = fault(book, layout, Term("delta", 1, 0), first + 3, "of:=[.K11]*([.W11]*[.O11])", "warning")
    cost = fault(book, layout, COST, first + 30, "of:=([.U38]-[.Y38])^2", "remark")
    column = layout.columns[COST]
    cost = replace(cost, areas=(*cost.areas, Area(layout.sheet, first + 50, column, first + 60, column)))
    return checked(book, {layout.sheet: (weight, delta, cost)})


@cache
def _segments() -> CheckedFile:
    book = load(SAMPLES / "segments-4-8-8-9-trained.xlsx")
    layout = find_nets(book)[0]
    delta = fault(book, layout, Term("delta", 2, 3), layout.first_row + 5, "=EH13*(1-EH13)*IG13", rows=50)
    bias = fault(book, layout, Term("w", 3, 7, 8), layout.first_row + 20, "=HN27-IN27", "warning")
    return checked(book, {layout.sheet: (delta, bias)})


@cache
def _several() -> tuple[CheckedFile, ...]:
    broken = CheckedFile(Path("broken.ods"), None, (), (), "broken.ods: no workbook; save it again")
    return (_note(), _segments(), checked_file(SAMPLES / "xor-2-2-1-trained.ods"), broken)


@cache
def _pair() -> CheckedFile:
    """Return a sheet with two nets of which only the first rows are there, without values."""
    with TemporaryDirectory() as folder:
        return checked_file(save(Path(folder, "pair.xlsx"), {"Sheet1": beside((2, 2, 1), (1, 1))}))


PAGES: dict[str, Callable[[], tuple[CheckedFile, ...]]] = {
    "2-2-2 with findings": lambda: (_note(),),
    "4-8-8-9 with findings": lambda: (_segments(),),
    "2-2-1 without": lambda: (checked_file(SAMPLES / "xor-2-2-1-trained.ods"),),
    "mazur, biases fixed": lambda: (checked_file(SAMPLES / "mazur-2-2-2-trained.xlsx"),),
    "two nets on a sheet": lambda: (_pair(),),
    "several files": _several,
    "unreadable": lambda: (_several()[-1],),
}
pages = pytest.mark.parametrize("files", PAGES.values(), ids=PAGES)
languages = pytest.mark.parametrize("language", ["en", "da"])


# --------------------------------------------------------------------------------------------- sound


@pages
@languages
def test_markup_is_sound(files: Callable[[], tuple[CheckedFile, ...]], language: str) -> None:
    """Elements are closed, names are unique, links lead somewhere, headings skip no level, heads have a scope."""
    page = Page(checking_html(files(), words=WORDS, language=language))
    anchors = page.anchors
    assert len(anchors) == len(set(anchors))
    links = [e.attributes["href"] for e in page.of("a")]
    assert all(link is not None and link[0] == "#" and link[1:] in anchors for link in links)
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(e.attributes.get("scope") in ("row", "col") for e in page.of("th"))
    named = [e for e in page.of("svg") if "sample" not in e.classes]
    assert all(e.attributes.get("role") for e in named)
    assert all(e.attributes.get("aria-label") for e in page.elements if e.attributes.get("role") == "region")
    assert page.of("html")[0].attributes["lang"] == language


@pages
def test_nothing_comes_from_elsewhere(files: Callable[[], tuple[CheckedFile, ...]]) -> None:
    """The page has no scripts, pictures, frames or fonts, and lets its browser have none but its own style."""
    text = checking_html(files(), words=WORDS)
    page = Page(text)
    assert not page.tags.keys() & {
        "script",
        "link",
        "img",
        "image",
        "iframe",
        "object",
        "embed",
        "base",
        "use",
        "form",
    }
    for each in page.elements:
        assert not any(name in ("src", "style") or name.startswith("on") for name in each.attributes), each
    (style,) = page.of("style")
    assert not re.search(r"url\(|@import|@font-face|expression\(", style.content)
    assert "//" not in re.sub(r"<title>.*?</title>", "", text)
    policies = [e for e in page.of("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(style.content.encode()).digest()).decode()
    assert [e.attributes["content"] for e in policies] == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert page.elements.index(policies[0]) < page.elements.index(style)


@cache
def _named(text: str) -> CheckedFile:
    """Return a checked file in which this text stands wherever a text of a file can."""
    book = load(SAMPLES / "note-2-2-2-trained.ods")
    layout = find_nets(book)[0]
    row, column = layout.first_row + 2, layout.columns[Term("a", 1, 0)]
    term = Term("a", 1, 0)
    formula = f"of:={text}"
    cells = {
        (layout.label_row, 1): Cell(text),
        (row, column): Cell(text, formula),
        (row - 1, column): Cell(CellError(text), formula),
    }
    first = fault(book, layout, term, row, formula)
    book = with_cells(book, layout.sheet, cells, name=text)
    finding = replace(
        first,
        code=text,
        areas=(Area(text, row, column, row, column), Area(text + "2", 0, 0, 1, 1)),
        expected=formula,
        value=text,
        details={"why": text},
        also=(text, text),
        cause=text,
    )
    file = checked(book, {text: (finding,)}, path=Path(f"{text.replace('/', '|')}.ods".replace("\x00", "")))
    sheet = replace(file.sheets[0], stray=(text,), error=text)
    return replace(file, sheets=(sheet,), warnings=(text,), error=text)


@hostile
@languages
def test_texts_of_a_file_stay_texts(text: str, language: str) -> None:
    """Names, labels, values, formulas and messages, whatever they are, add no element and no attribute."""
    words = replace(WORDS, mend=text)
    page = checking_html([_named(text)], words=words, language=language)
    tame = Page(checking_html([_named("harmless")], words=words, language=language))
    wild = Page(page)
    assert wild.tags == tame.tags
    assert [sorted(e.attributes) for e in wild.elements] == [sorted(e.attributes) for e in tame.elements]
    assert page.encode("utf-8").decode("utf-8") == page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    shown = visible(text)
    (code,) = [e for e in wild.of("code") if e.content == shown]
    assert code.content == shown
    assert any(e.content == shown for e in wild.of("dd"))
    assert clipped(f"“{shown}”", MOST_LETTERS) in "".join(e.content for e in wild.of("td", "faulty"))


def test_a_control_character_is_seen() -> None:
    """A sign stands for what can't be shown, and line ends stay."""
    assert visible("a\x00\x1bb\tc\nd\x7f\ud800") == "a␀␛b\tc\nd\ufffd\ufffd"
    assert element("td", "<&\"'>", title='"&') == ('<td title="&quot;&amp;">&lt;&amp;&quot;&#x27;&gt;</td>')


@pytest.mark.parametrize("formula", ["=" + "(" * 500_000, "=" + "A1+" * 400_000 + "1"], ids=["deep", "long"])
def test_a_monstrous_formula_is_cut(formula: str) -> None:
    """A formula of a megabyte is neither read nor shown whole."""
    book = load(SAMPLES / "note-2-2-2-trained.ods")
    layout = find_nets(book)[0]
    row, term = layout.first_row + 2, Term("a", 1, 0)
    finding = fault(book, layout, term, row, formula)
    book = with_cells(book, layout.sheet, {(row, layout.columns[term]): Cell(1.0, formula)})
    page = checking_html([checked(book, {layout.sheet: (finding,)})], words=WORDS)
    assert len(page) < MOST_BYTES
    assert formula[:1000] in page


# --------------------------------------------------------------------------------------- what it shows


def test_a_card_tells_its_finding() -> None:
    """A card has title, code, severity, place, both formulas, both values, why and how to mend."""
    page = Page(checking_html([_note()], words=WORDS))
    assert "Biaseseach neuron learns its own" in page.of("dl", "reading")[0].content
    error, warning, remark = page.of("article", "card")
    text = error.content
    for part in (
        "Learning rate left out",
        "update-no-rate",
        "Mistake",
        "I9:I68",
        "w11, layer 1 (column I)",
        "60 cells",
        "=I8-N8*D8",
        "=I8-$A$8*N8*D8",
        WORDS.why,
        WORDS.mend,
    ):
        assert part in text
    assert "Doubt" in warning.content
    assert "Remark" in remark.content
    assert "12 cells" in remark.content
    assert page.of("mark")[0].content == "$A$8*"
    assert page.of("p", "verdict")[0].content == "✗ 1 mistake, 1 doubt, 1 remark"


def test_faulty_cells_and_cards_lead_to_each_other() -> None:
    """Each card links to a cell with its number, and each marked cell is at fault; a sound net marks nothing."""
    file = _note()
    page = Page(checking_html([file], words=WORDS))
    cells = page.of("td", "faulty")
    areas = [area for finding in file.nets[0].findings for area in finding.areas]
    for cell in cells:
        name = cell.attributes["id"]
        assert name is not None
        letters, row = re.fullmatch(r"f1n1-([A-Z]+)(\d+)", name).groups()  # type: ignore[union-attr]
        place = Area("Sheet1", int(row) - 1, column_index(letters), int(row) - 1, column_index(letters))
        assert any(area.meets(place) for area in areas)
    assert {"error", "warning", "remark"} <= {name for cell in cells for name in cell.classes}
    assert [
        sum(f"{sign}{n} " in cell.content for cell in cells) > 0 for n, sign in ((1, "✗"), (2, "?"), (3, "i"))
    ] == [True] * 3
    names = {cell.attributes["id"] for cell in cells}
    assert {f"f1n1-{areas[i].__str__().split(':')[0]}" for i in range(4)} <= names
    sound = Page(checking_html([checked_file(SAMPLES / "note-2-2-2-trained.ods")], words=WORDS))
    assert not sound.of("td", "faulty")
    assert not sound.of("article")
    assert not sound.of("a", "mark")
    assert sound.of("p", "verdict")[0].content == "✓ No mistakes"


def test_rows_are_those_of_the_sheet() -> None:
    """Shown rows carry the sheet's numbers and values, and the gaps count the rest."""
    file = _note()
    (net,) = file.nets
    page = checking_html([file], words=WORDS)
    table = page[page.index("<tbody>", page.index('class="scroll grid"')) :]
    heads = re.findall(r'<th scope="row">(\d+|⋮)</th>', table[: table.index("</tbody>")])
    rows = [int(head) - 1 for head in heads if head != "⋮"]
    left_out = [int(count) for count in re.findall(r"… (\d+) more row", table)]
    assert len(rows) + sum(left_out) == net.layout.steps
    assert (rows[0], rows[-1]) == (net.layout.first_row, net.layout.last_row)
    assert tuple(rows) == excerpt(net).rows


def test_a_wide_table_is_shortened_around_its_faults() -> None:
    """Of a table of hundreds of columns those at fault and those that their formulas name are shown."""
    (net,) = _segments().nets
    columns = excerpt(net).columns
    assert len(columns) <= MOST_COLUMNS + MOST_COLUMNS // 2
    assert {net.layout.columns[Term("delta", 2, 3)], net.layout.columns[Term("w", 3, 7, 8)]} <= set(columns)
    named = [net.layout.columns[Term("a", 2, 3)], net.layout.columns[Term("delta", 3, 0)], net.layout.rate[2]]
    assert set(named) <= set(columns)


@pytest.mark.parametrize(
    ("wanted", "most", "expected"),
    [
        ([5, 1, 9, 5], 3, (1, 5, 9)),
        ([5, 1, 9, 3], 3, (1, 5, 9)),
        ([5, 7, 1], 9, (1, 5, 6, 7)),
        ([], 4, ()),
    ],
    ids=["all", "most wanted", "gap of one", "none"],
)
def test_shortened(wanted: list[int], most: int, expected: tuple[int, ...]) -> None:
    """The most wanted stay, in order, and a gap of one is filled."""
    assert shortened(wanted, most) == expected
    assert [index for index, _ in gaps(expected)] == list(expected)


def test_the_net_is_drawn() -> None:
    """A line a weight, in the style of its sign, a circle a neuron, and marks that lead to the cards."""
    file = _note()
    (net,) = file.nets
    page = Page(checking_html([file], words=WORDS))
    titles = [e.content for e in page.of("title")]
    weights = [term for term in net.layout.columns if term.kind == "w"]
    for term in weights:
        value = net.own[term][-1]
        assert f"w{term.i}{term.j}, layer {term.layer}: {value:.6g}" in titles
    negative = sum(net.own[term][-1] < 0 for term in weights)
    lines = [
        e for e in page.of("line") if "stroke-width" in e.attributes and e.attributes["stroke-width"] != "3"
    ]
    assert sum("negative" in e.classes for e in lines) == negative
    assert sum("positive" in e.classes for e in lines) == len(weights) - negative
    marks = {e.content: (e.classes[1], e.attributes["href"]) for e in page.of("a", "mark")}
    assert marks == {"1": ("error", "#f1n1-1"), "2": ("warning", "#f1n1-2")}
    assert len(page.of("line", "halo")) == 1
    assert len(page.of("circle", "ring")) == 1


def test_a_large_net_is_drawn_in_part(tmp_path: Path) -> None:
    """Of 30 neurons a dozen are drawn, those at fault among them, and the page stays small."""
    path = tmp_path / "wide.ods"
    sheetnet.new_file((4, 30, 2), path, seed=1, steps=5)
    book = load(path)
    layout = find_nets(book)[0]
    delta = fault(book, layout, Term("delta", 1, 17), layout.first_row + 2, "of:=[.A1]")
    page = checking_html([checked(book, {layout.sheet: (delta,)})], words=WORDS)
    parsed = Page(page)
    assert len(page) < MOST_BYTES
    titles = [e.content for e in parsed.of("title")]
    assert any(text.startswith("a17, layer 1") for text in titles)
    assert sum(bool(re.match(r"a\d+, layer 1", text)) for text in titles) <= MOST_NEURONS + 2
    assert any("11 more" in e.content for e in parsed.of("text", "more"))


def test_terms_beside_the_weights_are_marked() -> None:
    """Findings about targets, the cost and the learning rate are marked where these are drawn."""
    book = load(SAMPLES / "note-2-2-2-trained.ods")
    layout = find_nets(book)[0]
    finding = fault(book, layout, COST, layout.first_row + 1, "of:=[.A1]")
    terms = (COST, MEAN_COST), (LEARNING_RATE,), (Term("target", 0, 1),), (MEAN_COST, STEP)
    findings = [replace(finding, terms=each) for each in terms]
    page = Page(checking_html([checked(book, {layout.sheet: findings})], words=WORDS))
    assert sorted(e.content for e in page.of("a", "mark")) == ["1 4", "2", "3"]


def test_numbers_that_are_missing(tmp_path: Path) -> None:
    """A table with errors and empty cells is drawn without numbers there."""
    book = load(SAMPLES / "note-2-2-2-trained.ods")
    layout = find_nets(book)[0]
    places = [
        (row, column) for row in range(layout.first_row + 1, layout.last_row + 1) for column in layout.of("w")
    ]
    book = with_cells(book, layout.sheet, dict.fromkeys(places, Cell(CellError("#NUM!"), "of:=[.A1]")))
    file = checked(book)
    net = replace(file.nets[0], own={**file.nets[0].own, COST: np.full(layout.steps, np.nan)}, right=None)
    file = replace(file, sheets=(replace(file.sheets[0], nets=(net,)),))
    page = Page(checking_html([file], words=WORDS))
    assert sum("unknown" in e.classes for e in page.of("line")) == 12
    assert not page.of("path")


# ------------------------------------------------------------------------------------------- the curve


def test_both_curves_where_they_differ() -> None:
    """The right curve is drawn beside the sheet's own where the two differ, with their ends in words."""
    file = _note()
    (net,) = file.nets
    assert net.right is not None
    assert len(Page(checking_html([file], words=WORDS)).of("path", "curve")) == 1
    other = replace(net, own={**net.own, COST: net.own[COST] * 0.5})
    page = Page(checking_html([replace(file, sheets=(replace(file.sheets[0], nets=(other,)),))], words=WORDS))
    assert [e.classes for e in page.of("path", "curve")] == [["curve", "right"], ["curve", "own"]]
    own, right = net.own[COST][-1] * 0.5, net.right[COST][-1]
    assert f"The cost still falls ({own:.3g} at the end; {right:.3g} is right)" in page.of("body")[0].content


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([0.5, 0.1], (0, 0.5, False)),
        ([0.06, 3e-8], (1e-8, 0.1, True)),
        ([1.0, 1e-3, 0.0], (1e-3, 1.0, True)),
        ([1.0, 1e-300], (1e-16, 1.0, True)),
        ([0.0, 0.0], (0, 1.0, False)),
        ([-1.0, 3.0], (-1.0, 3.0, False)),
        ([np.nan, 2.0, np.inf], (0, 2.0, False)),
    ],
    ids=["near", "far", "zero", "denormal", "all zero", "negative", "no number"],
)
def test_axis(costs: list[float], expected: tuple[float, float, bool]) -> None:
    """The axis is logarithmic where costs differ much, and holds them all."""
    axis = Axis.of(np.array(costs))
    assert axis is not None
    assert (axis.low, axis.high) == pytest.approx(expected[:2], rel=1e-12)
    assert axis.logarithmic == expected[2]
    parts = axis.part(np.array([cost for cost in costs if np.isfinite(cost)]))
    assert (parts >= -1e-12).all()
    assert (parts <= 1 + 1e-12).all()
    assert 2 <= len(axis.ticks()) <= 9
    assert axis.ticks()[0] == pytest.approx(axis.low)


def test_no_axis_without_costs() -> None:
    """Costs of which none is a number have no axis."""
    assert Axis.of(np.array([np.nan, np.inf])) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20_000), st.integers(0, 2**32 - 1))
def test_thinned_curves_keep_their_extremes(length: int, seed: int) -> None:
    """Ends, least and largest cost and gaps survive; there are at most three points a stretch."""
    numbers = np.random.default_rng(seed)
    costs = numbers.random(length)
    gap = int(numbers.integers(0, length))
    costs[gap] = np.nan
    points = thinned(costs)
    assert len(points) <= max(2 * BUCKETS, 3 * BUCKETS + 2)
    assert (np.diff(points) > 0).all()
    assert {0, length - 1, gap} <= set(points.tolist())
    if length > 1:
        assert {int(np.nanargmin(costs)), int(np.nanargmax(costs))} <= set(points.tolist())


def test_a_hundred_thousand_steps() -> None:
    """A long curve is thinned to a small page that still has its spike."""
    file = _note()
    (net,) = file.nets
    costs = np.exp(-np.arange(100_000) / 9000.0)
    costs[77_777] = 3.0
    layout = replace(net.layout, last_row=net.layout.first_row + 99_999)
    long = replace(net, layout=layout, own={**net.own, COST: costs}, right={**net.own, COST: costs})
    page = checking_html([replace(file, sheets=(replace(file.sheets[0], nets=(long,)),))], words=WORDS)
    (curve,) = Page(page).of("path", "curve")
    points = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", curve.attributes["d"] or "")]
    assert len(points) <= 3 * BUCKETS
    x, _ = min(points, key=lambda point: point[1])
    assert x == pytest.approx(points[0][0] + 0.77777 * (points[-1][0] - points[0][0]), abs=0.1)
    assert len(page) < MOST_BYTES


def test_costs_of_patterns_are_meant_over_a_pass() -> None:
    """The mean of each whole pass is drawn; a pass that is not done is left out."""
    assert passes(np.array([1.0, 3.0, 2.0, 4.0, 9.0]), 2) == pytest.approx([2.0, 3.0])
    assert passes(np.array([1.0]), 2) == pytest.approx([1.0])


# --------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("value", "expected", "shown"),
    [
        (0.1, 0.10023135, ("0.1", "0.10023135")),
        (0.123456789123, 0.123456789124, ("0.123456789123", "0.123456789124")),
        (0.1, 0.1, ("0.1", "0.1")),
        (0.3, 0.1 + 0.2, ("0.29999999999999999", "0.30000000000000004")),
        (None, 2.0, ("", "2")),
        ("0,5", 0.5, ("“0,5”", "0.5")),
        (True, 0.5, ("TRUE", "0.5")),
        (CellError("#NUM!"), None, ("#NUM!", "")),
    ],
    ids=["plain", "close", "equal", "last bit", "empty", "text", "truth", "error"],
)
def test_a_value_and_the_right_one_can_be_told_apart(
    value: float | str | None, expected: float | None, shown: tuple[str, str]
) -> None:
    """Two numbers get as many digits as they need."""
    assert wording("en").pair(value, expected) == shown


@pytest.mark.parametrize(
    ("found", "expected", "marks"),
    [
        ("=D8-$A$9*C8*G8", "=D8-$A$8*C8*G8", ["$A$9"]),
        ("=D9-C9*G9", "=D9-$A$8*C9*G9", []),
        ("=1/(1+EXP(Z8))", "=1/(1+EXP(-Z8))", []),
        ("=K9", "=1/(1+EXP(-(C8*E8+D8*F8+G8)))", []),
    ],
    ids=["reference", "missing", "sign", "nothing alike"],
)
def test_what_differs_in_a_formula_is_marked(found: str, expected: str, marks: list[str]) -> None:
    """Only the parts that the right formula does not have are marked."""
    text = marked(found, expected)
    assert re.findall("<mark>(.*?)</mark>", text) == marks
    assert re.sub("<.*?>", "", text) == found


def test_languages_say_the_same() -> None:
    """Each language has every sentence, with the same places to fill."""
    english, danish = (
        tomllib.loads((LANGUAGES / f"{code}.toml").read_text("utf-8")) for code in ("en", "da")
    )
    assert english.keys() == danish.keys()
    assert english["counts"].keys() == danish["counts"].keys()
    assert english["sentences"].keys() == danish["sentences"].keys()
    for key, sentence in english["sentences"].items():
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in (sentence, danish["sentences"][key])]
        assert places[0] == places[1], key


@languages
def test_conventions_have_words(language: str) -> None:
    """Each convention has a name, and each choice words; activations go by their own names."""
    for name, choices in get_type_hints(Conventions).items():
        words = tomllib.loads((LANGUAGES / f"{language}.toml").read_text("utf-8"))["conventions"][name]
        assert "name" in words
        missing = {choice for choice in get_args(choices) if isinstance(choice, str)} - words.keys()
        assert not missing, name
    assert wording("da", LANGUAGES).convention("activations", ("tanh", "linear"))[1] == "tanh, lineær"
    assert wording("en", LANGUAGES).convention("unheard of", "so") == ("unheard of", "so")


def test_numbers_in_danish() -> None:
    """Danish numbers have a decimal comma, and points between thousands."""
    assert (wording("da").number(0.25), wording("da").integer(27056)) == ("0,25", "27.056")
    assert (wording("en").number(0.25), wording("en").integer(27056)) == ("0.25", "27,056")


def test_several_files_have_an_index() -> None:
    """The index names each net with its verdict, and the file that could not be read; one net needs none."""
    page = Page(checking_html(_several(), words=WORDS))
    rows = [e.content for e in page.of("tr")][1:5]
    assert rows[0].startswith("note-2-2-2-trained.odsSheet12-2-2✗ 1 mistake")
    assert rows[2] == "xor-2-2-1-trained.odsSheet12-2-1✓ No mistakes"
    assert rows[3] == "broken.ods! could not be checked"
    assert "no workbook; save it again" in page.of("p", "failed")[0].content
    assert page.of("p", "tally")[0].content == "1 net is right, 2 nets have mistakes, 1 could not be checked"
    assert not Page(checking_html([_note()], words=WORDS)).of("nav")


def test_two_nets_on_a_sheet() -> None:
    """Nets of one sheet are told apart by their first cells."""
    page = Page(checking_html([_pair()], words=WORDS))
    assert [e.content for e in page.of("h3")] == ["Sheet1 C8 2-2-1 net", "Sheet1 Z8 1-1 net"]
    assert [e.attributes["id"] for e in page.of("section", "net")] == ["f1n1", "f1n2"]


def test_one_cause_on_several_sheets() -> None:
    """Cards of one cause lead to each other."""
    file = _note()
    (net,) = file.nets
    book = with_cells(file.book, "Sheet1", {}, name="Copy") if file.book else None
    assert isinstance(book, Book)
    assert file.book is not None
    both = replace(book, sheets=(*file.book.sheets, *book.sheets))
    findings = [replace(finding, cause=f"c{n}") for n, finding in enumerate(net.findings, 1)]

    def moved(finding: Finding) -> Finding:
        return replace(finding, areas=tuple(area._replace(sheet="Copy") for area in finding.areas))

    page = Page(
        checking_html([checked(both, {"Sheet1": findings, "Copy": [moved(findings[0])]})], words=WORDS)
    )
    cards = page.of("article", "card")
    assert cards[0].content.endswith("The same onCopy")
    assert cards[3].content.endswith("The same onSheet1")
    assert "The same on" not in cards[1].content


@pytest.mark.shared
def test_findings_of_a_check(author_file: Path) -> None:
    """What a check finds is told in the report's own words, with how to mend it."""
    page = Page(checking_html([check_file(author_file)]))
    first, second = page.of("article", "card")
    for part in ("Learning rate from an empty cell", "=D8-$A$9*C8*G8", "=D8-$A$8*C8*G8", "0.10023135"):
        assert part in first.content
    for part in ("Learning rate left out", "D10:E200, H10:I200", "764 cells", "0.10045271", "0.10022635"):
        assert part in second.content
    assert "copy D9:E9 and H9:I9 down to row 200" in second.content
    assert "dC/dW columns" not in page.of("body")[0].content


@pytest.mark.shared
def test_the_authors_workbook(author_file: Path) -> None:
    """Sheet1 is right; Ark2 has two cards, their cells marked, and the page is small."""
    text = checking_html([checked_file(author_file, author_findings())], words=WORDS)
    page = Page(text)
    assert len(text.encode()) < MOST_BYTES
    assert [e.content for e in page.of("p", "verdict")] == ["✓ No mistakes", "✗ 2 mistakes"]
    marked_cells = {e.attributes["id"] for e in page.of("td", "faulty")}
    assert {"f1n2-D9", "f1n2-D10", "f1n2-E10", "f1n2-H10", "f1n2-I200"} <= marked_cells
    assert "f1n2-E9" not in marked_cells
    assert "3.03e-13 at the end; 3.02e-08 is right" in text


# ------------------------------------------------------------------------------------------- a browser


@pytest.mark.chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 390, 1400])
def test_in_a_browser(width: int, dark: bool) -> None:
    """Nothing sticks out of the window, all text can be read, and the console is silent."""
    shown = chromium.measured(checking_html(_several(), words=WORDS), width=width, dark=dark)
    assert shown.scroll <= shown.width
    assert shown.wide == ()
    assert shown.faint == ()
    assert shown.console == ()
    assert (sum(shown.paper[:3]) < 100) == dark


@pytest.mark.chromium
def test_the_browser_sees_hostile_texts_as_texts() -> None:
    """No element is born of a file's texts, nothing runs, nothing is fetched."""
    files = [_named(text) for text in HOSTILE.values()]
    shown = chromium.measured(checking_html(files, words=WORDS), width=390)
    assert shown.console == ()
    assert not shown.tags & {"script", "img", "i"}
    assert HOSTILE["script"] in shown.text
    assert HOSTILE["style end"] in shown.text
    assert shown.scroll <= shown.width


@pytest.mark.chromium
def test_the_browser_tells_a_spoilt_page() -> None:
    """A page that is too wide, faint, or has a script is told, so the tests above could fail."""
    page = checking_html([_note()], words=WORDS)
    assert chromium.measured(page.replace("<main>", "<main><script>1</script>"), width=390).console
    loose = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    spoilt = loose.replace("<main>", '<main><p style="width: 900px; color: #aaa">x</p>')
    shown = chromium.measured(spoilt, width=390)
    assert shown.scroll > 900
    assert shown.wide == ("P",)
    assert len(shown.faint) == 1
