"""Explain: what one cell of a net holds, by which rule, from which cells, and what it is good for."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from sheetnet.book import files
from sheetnet.book.calculator import Place
from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS, Area, Book, Cell
from sheetnet.diagnosis.causes import Cause, cause_of
from sheetnet.diagnosis.compare import Judged
from sheetnet.diagnosis.findings import TOLERANCE
from sheetnet.diagnosis.inference import Inference, inferred
from sheetnet.diagnosis.outcome import computed
from sheetnet.diagnosis.unrated import unrated
from sheetnet.diagnosis.world import has_rate_a_row
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1, read_address
from sheetnet.formula.arithmetic import ErrorValue, NotComputable
from sheetnet.formula.expression import Constant
from sheetnet.layout.content import holds
from sheetnet.layout.layout import Layout
from sheetnet.layout.rows import LOOKED_FOR
from sheetnet.layout.usage import used, users
from sheetnet.net.chain import Chain, chain
from sheetnet.net.terms import ASIDES, LEARNING_RATE, Term, is_bias, is_given
from sheetnet.recognition.finding import nets_by_sheet
from sheetnet.table.cellrule import CellRule, by_own_formula, cell_rule

_SCALE = 1e-6
"""A factor that differs from 1 by no more is nothing but rounding."""
Role: TypeAlias = Literal["term", "label", "learning rate", "helper", "outside"]
Verdict: TypeAlias = Literal["given", "follows", "departs", "typed", "empty"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a cell is.

    In `book` the nets' formulas have values even where the file has none. `named` tells whether it was asked
    for with its sheet; if not, `others` are the other sheets with nets. `uses` are the cells that the
    formula names (None: it can't be read), `used_by` those whose formulas name it. `layout` is that of the
    net that it belongs to, or lies beside, with the conventions that the sheet follows; `term` that of its
    column, or of the cell itself. `verdict` says of a term's cell whether the user gives its number, or else
    how it stands with its `rule`; `expected` is the rule's value from the cells that it uses, None where one
    of them is no number. `cause` is the mistake in a formula that departs, where it is known. `chain` leads
    to the gradient that the cell is or that its update holds, None behind a softmax; its cells are in the
    row of `chain_rule`. `unread` says why what stands on the sheet is no net, or not all of it.
    `unrated` are the updates that do not use the cell, if it is the learning rate's. `seen` is the cell in
    the book as the layout sees it, where that is another place: behind a lens.
    """

    book: Book
    place: Place
    cell: Cell | None
    others: tuple[str, ...]
    named: bool
    uses: tuple[Area, ...] | None
    used_by: tuple[Area, ...]
    layout: Layout | None = None
    role: Role = "outside"
    term: Term | None = None
    verdict: Verdict | None = None
    rule: CellRule | None = None
    expected: float | None = None
    cause: Cause | None = None
    chain_rule: CellRule | None = None
    chain: Chain | None = None
    unread: str | None = None
    unrated: tuple[Area, ...] = ()
    seen: Place | None = None

    @property
    def inner(self) -> Place:
        """The cell's place as the layout sees the book."""
        return self.seen or self.place

    @property
    def inner_cell(self) -> Cell | None:
        """The cell as the layout sees the book: its formula refers to places there."""
        if self.seen is None or self.layout is None:
            return self.cell
        return self.layout.seen(self.book).sheet(self.seen[0]).cell(*self.seen[1:])

    @property
    def serves_all(self) -> bool:
        """Whether the cell holds a quantity of all steps."""
        lens = None if self.layout is None else self.layout.lens
        return lens is not None and self.inner[2] in lens.cells

    def in_table(self, area: Area) -> Area:
        """Return an area of the sheet as the layout sees it."""
        if self.layout is None or self.layout.lens is None:
            return area
        sheet, top, left, bottom, right = area
        first = seen_at(self.layout, (sheet, top, left))
        last = seen_at(self.layout, (sheet, bottom, right))
        return Area(first[0], first[1], first[2], last[1], last[2])

    @property
    def address(self) -> str:
        """The cell's address on its sheet."""
        return a1(*self.place[1:])

    @property
    def step(self) -> int:
        """The step of the cell's row."""
        return 0 if self.layout is None else self.inner[1] - self.layout.first_row

    @property
    def is_stale(self) -> bool:
        """Whether the formula is right and the number beside it is not what it gives."""
        value = None if self.cell is None else self.cell.value
        return self.verdict == "follows" and self.expected is not None and not _equal(value, self.expected)


def explain_cell(path: str | Path, address: str) -> Explanation:
    """Explain a cell such as M9, Ark2.M9 or Ark2!M9; without a sheet that of the book's first net.

    SheetnetError when the file can't be read, or has no such sheet or cell.
    """
    named, row, column = _read(address)
    book = files.load(Path(path))
    found = nets_by_sheet(book)
    layouts = [layout for each in found for layout in each.nets]
    if named is None:
        if not layouts:
            errors = (each.error for each in found if each.error is not None)
            raise next(errors, LayoutError(f"{book.path.name}: found no net, looked for {LOOKED_FOR}"))
        name = layouts[0].sheet
        others = tuple(dict.fromkeys(each.sheet for each in layouts if each.sheet != name))
    else:
        name, others = _sheet_named(book, named), ()
    place = name, row, column
    whole = computed(book, layouts, also=(place, *_real_cells(layouts)))
    if whole is not book:  # first weights and patterns may be formulas too
        book, found = whole, nets_by_sheet(whole)
        layouts = [layout for each in found for layout in each.nets]
    uses = used(book, place)
    error = next((each.error for each in found if each.sheet.name == name), None)
    plain = Explanation(
        book,
        place,
        book.sheet(name).cell(row, column),
        others,
        named is not None,
        None if uses is None else tuple(uses),
        tuple(users(book, place)),
        unread=None if error is None else str(error),
    )
    layout = _nearest(book, layouts, place)
    return plain if layout is None else _in_net(plain, layout)


def _real_cells(layouts: list[Layout]) -> Iterator[Place]:
    """Yield the cells of tables of any layout, where they really stand; a step that is begun too."""
    for layout in layouts:
        if layout.by_formulas:
            for column in {*layout.columns.values(), *layout.helpers}:
                for row in range(layout.first_row, layout.last_row + layout.tail + 1):
                    place = (layout.sheet, row, column)
                    yield place if layout.lens is None else layout.lens.place(*place)


def seen_at(layout: Layout, place: Place) -> Place:
    """Return where a layout sees a cell of the sheet; one that serves all steps in step 0."""
    lens = layout.lens
    if lens is None:
        return place
    for column, at in lens.cells.items():
        if at == place:
            return layout.sheet, layout.first_row, column
    if layout.pages and layout.rate is not None and place in (lens.place(*layout.rate), *lens.between):
        return layout.rate  # each page shows it
    for (row, column), at in lens.places.items():
        if at == place and layout.first_row <= row <= layout.last_row:
            return layout.sheet, row, column
    sheet, row, column = place
    return (sheet, column, row) if lens.turned else place


def _read(address: str) -> tuple[str | None, int, int]:
    found = read_address(address)
    if found is None:
        raise LayoutError(f"'{address}' is no cell; expected an address such as M9, Sheet1.M9 or Sheet1!M9")
    if found[1] >= MAX_ROWS or found[2] >= MAX_COLUMNS:
        last = a1(MAX_ROWS - 1, MAX_COLUMNS - 1)
        raise LayoutError(f"'{address}' is no cell, a sheet ends at {last}; expected an address such as M9")
    return found


def _sheet_named(book: Book, name: str) -> str:
    """Return the sheet's name as the book spells it; case does not count, as in Calc and Excel."""
    names = [sheet.name for sheet in book.sheets]
    found = [each for each in names if each == name] or [n for n in names if n.casefold() == name.casefold()]
    if not found:
        raise LayoutError(f"{book.path.name}: found no sheet '{name}', its sheets are {', '.join(names)}")
    return found[0]


def _nearest(book: Book, layouts: list[Layout], place: Place) -> Layout | None:
    """Return the net to which a cell belongs, else the first one of its sheet in whose rows it lies."""
    belonging = [each for each in layouts if _role(book, each, place) != "outside"]
    beside = [each for each in layouts if each.sheet == place[0]]
    near = [each for each in beside if each.label_row <= seen_at(each, place)[1] <= each.last_row]
    return next(iter([*belonging, *near, *beside]), None)


def _role(book: Book, layout: Layout, place: Place) -> Role:
    real, place = place, seen_at(layout, place)
    sheet, row, column = place
    if place == layout.rate:
        return "learning rate"
    if sheet != layout.sheet:
        return "outside"
    term = layout.terms.get(column)
    if term is not None and not layout.pages and _is_label(book, layout, real, place):
        return "label"
    last = layout.last_row + (layout.tail if term is not None and term.kind == "w" else 0)
    if term is not None and is_given(term):  # patterns may be typed below the last step
        last = max(last, layout.first_row + layout.patterns - 1)
    if not layout.first_row <= row <= last:
        return "outside"
    if term is not None:
        return "term"
    if layout.rate is not None and column == layout.rate[2] and has_rate_a_row(layout.seen(book), layout):
        return "learning rate"
    return "helper" if column in layout.helpers else "outside"


def _is_label(book: Book, layout: Layout, real: Place, place: Place) -> bool:
    """Tell whether a cell is a column's label: in the label row, or above it the name that was read."""
    if not layout.by_formulas:
        return place[1] == layout.label_row
    name = layout.names.get(place[2])
    if name is None or place[1] >= layout.first_row:
        return False
    cell = book.sheet(real[0]).cell(*real[1:])
    return cell is not None and isinstance(cell.value, str) and " ".join(cell.value.split()) == name


def _in_net(plain: Explanation, layout: Layout) -> Explanation:
    """Return the explanation with what the net has to say."""
    book = layout.seen(plain.book)
    seen = seen_at(layout, plain.place)
    _, row, column = seen
    role = _role(plain.book, layout, plain.place)
    read = inferred(book, layout)
    plain = replace(plain, layout=layout, seen=None if layout.lens is None else seen)
    layout = replace(_with_rate(plain, read.layout), conventions=read.conventions, shown=read.rule.shown)
    term = layout.terms.get(column)
    found = replace(plain, layout=layout, role=role, term=term)
    if role == "learning rate":
        users = [found.in_table(area) for area in plain.used_by]
        left = _on_sheet(unrated(read, users), layout)
        return replace(found, term=LEARNING_RATE, unrated=left)
    if role != "term" or term is None:
        return found
    departing = _departing(read, term, row)
    rule = _rule(book, layout, term, row, departs=departing is not None)
    if rule is None or found.serves_all or _is_typed_by_user(plain.cell, layout, term):
        return replace(found, verdict="given")
    expected = _value(rule)
    chain_rule, leading = _chain(rule)
    return replace(
        found,
        verdict=_verdict(plain.cell, rule, expected, departing is not None),
        rule=rule,
        expected=expected,
        cause=None if departing is None else _cause(read, departing),
        chain_rule=chain_rule,
        chain=leading,
    )


def _is_typed_by_user(cell: Cell | None, layout: Layout, term: Term) -> bool:
    """Tell inputs, targets and fixed biases that a sheet of its own layout repeats as numbers."""
    fixed = layout.conventions.biases == "fixed" and term.kind == "w" and is_bias(term, layout.sizes)
    typed = cell is not None and cell.formula is None and type(cell.value) is float
    return layout.by_formulas and typed and (fixed or is_given(term))


def _on_sheet(areas: Iterable[Area], layout: Layout) -> tuple[Area, ...]:
    """Return areas that a layout sees as those of the sheet."""
    lens = layout.lens
    return tuple(areas) if lens is None else tuple(part for area in areas for part in lens.areas(area))


def _rule(book: Book, layout: Layout, term: Term, row: int, *, departs: bool) -> CellRule | None:
    """Return a cell's rule; of a formula that is right by other conventions what it says itself."""
    if not layout.by_formulas:
        return cell_rule(book, layout, term, row)
    try:
        rule = cell_rule(book, layout, term, row)
    except KeyError:  # an input or a target without a cell
        return by_own_formula(book, layout, term, row)
    cell = book.sheet(layout.sheet).cell(row, layout.columns[term])
    if rule is None or departs or cell is None or cell.formula is None or is_given(term):
        return rule
    expected = _value(rule)
    own = by_own_formula(book, layout, term, row)
    if own is None or expected is None:
        return rule
    value = _value(own)
    scaled = not math.isclose(layout.scale, 1, rel_tol=_SCALE) and term.kind not in ("a", "z", "cost")
    return own if value is not None and (scaled or not _equal(value, expected)) else rule


def _with_rate(found: Explanation, layout: Layout) -> Layout:
    """Return the layout with the learning rate that the cell uses, where every row has one of its own."""
    if layout.rate is None or not has_rate_a_row(layout.seen(found.book), layout):
        return layout
    sheet, first, column = layout.rate
    uses = map(found.in_table, found.uses or ())
    rows = [area.first_row for area in uses if (area.sheet, area.first_column) == (sheet, column)]
    own = [row for row in rows if first <= row <= layout.last_row]
    return replace(layout, rate=(sheet, own[0], column)) if own else layout


def _departing(read: Inference, term: Term, row: int) -> Judged | None:
    """Return the series of a cell whose formula departs from the rule."""
    series = (item for item in read.judged[term] if item.series.first <= row <= item.series.last)
    return next((item for item in series if item.agrees is False), None)


def _cause(read: Inference, item: Judged) -> Cause | None:
    """Return why a formula departs, as the check has it; inputs and targets may come from anywhere."""
    first = read.layout.begin(item.term)
    if item.series.last < first:
        return None
    series = item.series._replace(first=max(item.series.first, first))
    return None if is_given(item.term) or item.term in ASIDES else cause_of(read.judge, item.term, series)


def _value(rule: CellRule) -> float | None:
    try:
        result = rule.working()[-1]
    except (ErrorValue, NotComputable):
        return None
    assert isinstance(result, Constant)
    assert isinstance(result.value, float)
    return result.value


def _verdict(cell: Cell | None, rule: CellRule, expected: float | None, departed: bool) -> Verdict:
    if cell is None or not holds(cell):
        return "empty"
    if cell.formula is None:
        return "typed"
    if is_given(rule.term) or rule.term in ASIDES:  # what users may fill in as they like
        departed = expected is None or not _equal(cell.value, expected)
    return "departs" if departed else "follows"


def _chain(rule: CellRule) -> tuple[CellRule | None, Chain | None]:
    """Return the chain of a dC/dw, or of the one that an update holds, and the rule in whose row it is.

    A batch holds those of a pass: that of its last row.
    """
    term, layout = rule.term, rule.layout
    copied = layout.pages and term.kind == "w"
    if term.kind not in ("w", "gradient", *(["new"] if layout.pages else [])) or rule.waits or copied:
        return None, None
    before = replace(rule, row=rule.row - (term.kind == "w"))
    biases = layout.conventions.biases if is_bias(term, layout.sizes) else "trained"
    if biases == "trained" or (biases == "fixed" and term.kind == "gradient"):
        return before, chain(term._replace(kind="gradient"), layout.sizes, layout.conventions)
    return None, None


def _equal(value: object, expected: float) -> bool:
    return type(value) is float and math.isclose(value, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE / 1000)
