"""The rule in a sheet's own addresses: the formula that belongs in each column of a layout."""

from collections.abc import Mapping
from types import MappingProxyType

from sheetnet.errors import LayoutError
from sheetnet.formula.expression import (
    CellReference,
    Expression,
    Range,
    Reference,
    add,
    call,
    multiply,
    number,
    replace,
    subtract,
)
from sheetnet.formula.parse import MAX_FORMULA
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.formula.text import Dialect, formula_text
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation, shifted
from sheetnet.net.terms import (
    ASIDES,
    COST,
    LEARNING_RATE,
    MEAN_COST,
    STEP,
    Kind,
    Term,
    Use,
    is_bias,
    is_given,
    label,
)
from sheetnet.table.compact import compact
from sheetnet.table.table import Piece, Table


class Rule:
    """What conventions ask of a sheet: for every term that has a column a relative formula, and its text.

    It stands from the row `layout.begin` on. Sums of many products are SUMPRODUCTs of ranges. `shown` are
    quantities of which a sheet has columns by other conventions than it goes on with: T − a beside a δ of
    a − T, the squares of which C is a half.
    """

    def __init__(
        self,
        layout: Layout,
        conventions: Conventions,
        dialect: Dialect,
        *,
        shown: Mapping[Kind, Conventions] = MappingProxyType({}),
    ) -> None:
        conventions.check(len(layout.sizes) - 1)
        self.conventions = conventions
        self.shown = shown
        self._layout, self._dialect = layout, dialect
        self._expressions: dict[tuple[Term, int], Expression] = {}
        self._patterns: dict[tuple[Term, int], Pattern] = {}

    def expression(self, term: Term, row: int | None = None) -> Expression:
        """Return a term's formula, relative to its own column.

        Where weights change once a pass, they have another formula in its first `row` than in the others.
        """
        turn = 0 if row is None else self.turn(term, row)
        if (term, turn) not in self._expressions:
            found = self._found(term, turn)  # on a page no two cells of a product stand side by side
            self._expressions[term, turn] = found if self._layout.pages else compact(found)
        return self._expressions[term, turn]

    def pattern(self, term: Term, row: int | None = None) -> Pattern:
        """Return the text of a term's formula, that of `row` where rows differ."""
        key = term, 0 if row is None else self.turn(term, row)
        if key not in self._patterns:
            layout = self._layout
            place = layout.first_row + layout.patterns, layout.columns[term]
            text = formula_text(self.expression(term, row), *place, self._dialect)
            self._patterns[key] = pattern(text, place[0])
        return self._patterns[key]

    def known(self) -> dict[tuple[int, Pattern], Expression]:
        """Return all expressions by column and text, as a Table wants them."""
        return {
            (column, self.pattern(term)): self.expression(term)
            for term, column in self._layout.own_columns.items()
        }

    def turn(self, term: Term, row: int) -> int:
        """Return 1 in the rows of a batch in which the weights stay, else 0."""
        if self.conventions.batch == "one" or term.kind != "w":
            return 0
        return int((row - self._layout.first_row) % self._layout.patterns > 0)

    def _found(self, term: Term, turn: int) -> Expression:
        layout = self._layout
        if term not in ASIDES and not is_given(term):
            conventions = self.shown.get(term.kind, self.conventions)
            return placed(ruling(term, layout, conventions, turn=turn), layout, layout.columns[term])
        if term == STEP:
            return add(Reference(CellReference(-1, 0)), number(1))
        if term == MEAN_COST:
            cost = layout.columns[COST] - layout.columns[term]
            window = Range(CellReference(1 - layout.patterns, cost), CellReference(0, cost))
            return call("AVERAGE", window)
        return Reference(CellReference(-layout.patterns, 0))


def ruling(term: Term, layout: Layout, conventions: Conventions, *, turn: int = 0) -> Expression:
    """Return what a term's cells follow from, over `Use`s of terms that have cells of their own."""
    ruled = _paged(term, layout.sizes, conventions) if layout.pages else None
    if ruled is None:
        ruled = equation(term, layout.sizes, conventions, patterns=layout.patterns, turn=turn)
    return spelt_out(ruled, layout, conventions)


def _paged(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression | None:
    """Return how a page computes a new weight, w − γ dC/dW, or w, the new one of the page before.

    None for what follows its usual equation, as new biases do that are fixed or shared; a shared bias repeats
    that of the first neuron.
    """
    bias = is_bias(term._replace(kind="w"), sizes)
    if term.kind == "w":
        if bias and term.i > 0 and conventions.biases == "shared":
            return Reference(Use(term._replace(i=0)))
        return Reference(Use(term._replace(kind="new"), -1))
    if term.kind != "new" or conventions.batch != "one":
        return None
    if bias and conventions.biases != "trained":
        return None
    change = multiply(Reference(Use(LEARNING_RATE)), Reference(Use(term._replace(kind="gradient"))))
    uphill = conventions.difference == "T-a" and conventions.gradients == "-dC/dW"
    return (add if uphill else subtract)(Reference(Use(term._replace(kind="w"))), change)


def rule_table(layout: Layout, dialect: Dialect) -> Table:
    """Return the table that follows the rule throughout, in the layout's rows and by its conventions.

    LayoutError where a formula would be longer than a cell takes.
    """
    found = Rule(layout, layout.conventions, dialect)
    for term in layout.own_columns:
        check_length(found.pattern(term).text(layout.last_row), layout, term, layout.name)
    columns = {}
    for term, column in layout.own_columns.items():
        begin = layout.begin(term)
        given = [Piece(layout.first_row, min(begin - 1, layout.last_row), None)]
        ruled = [Piece(begin, layout.last_row, found.pattern(term))]
        columns[column] = tuple(piece for piece in (*given, *ruled) if piece.first <= piece.last)
    return Table(layout.sheet, layout.first_row, layout.last_row, columns, found.known())


def check_length(formula: str, layout: Layout, term: Term, place: str) -> None:
    """Raise LayoutError for a formula of a term that is longer than a cell takes."""
    if len(formula) > MAX_FORMULA:
        layer, added = len(layout.sizes) - 1, "outputs"
        if term.kind == "delta":
            layer, added = term.layer + 1, "δ"
        elif term.kind in ("a", "z"):
            layer, added = term.layer - 1, "products"
        size = layout.sizes[layer]
        raise LayoutError(
            f"{place}: the formula of {label(term)} adds up {size} {added} of layer {layer} and would have "
            f"{len(formula):,} characters, a cell takes {MAX_FORMULA:,}; "
            f"use at most about {size * MAX_FORMULA // len(formula)} neurons there"
        )


def spelt_out(ruled: Expression, layout: Layout, conventions: Conventions) -> Expression:
    """Return an expression over terms with those that have no column replaced by what they follow from."""

    def spell(part: Expression) -> Expression | None:
        if not (isinstance(part, Reference) and isinstance(part.target, Use)):
            return None
        use = standing(part.target, layout)
        found = without_column(use, layout, conventions)
        if found is None:
            return part if use == part.target else Reference(use)
        return spelt_out(found, layout, conventions)

    return replace(ruled, spell)


def standing(use: Use, layout: Layout) -> Use:
    """Return the use that stands for another: on a page a weight of the next step is this step's new one."""
    if layout.pages and use.term.kind == "w" and use.step > 0:
        return Use(use.term._replace(kind="new"), use.step - 1)
    return use


def without_column(use: Use, layout: Layout, conventions: Conventions) -> Expression | None:
    """Return what a term that has no column follows from, None for one that has a place of its own.

    It is a number inside formulas, or the term's equation in the step that is meant. KeyError for an input
    or a target without a column.
    """
    term, step = use
    if term in layout.columns or term == LEARNING_RATE:
        return None
    if term in layout.numbers:
        return number(layout.numbers[term])
    return shifted(equation(term, layout.sizes, conventions, patterns=layout.patterns), step)


def placed(equation: Expression, layout: Layout, column: int) -> Expression:
    """Return an equation over terms as a formula, relative to the column in which it stands."""
    rate: Expression = number(layout.learning_rate)
    if layout.rate is not None:
        sheet, row, at = layout.rate
        rate = Reference(CellReference(row, at, True, True, None if sheet == layout.sheet else sheet))

    def place(part: Expression) -> Expression | None:
        if not (isinstance(part, Reference) and isinstance(part.target, Use)):
            return None
        term, step = part.target
        return (
            rate if term == LEARNING_RATE else Reference(CellReference(step, layout.columns[term] - column))
        )

    return replace(equation, place)
