"""The rule of one cell: over terms of the net, in cells, and worked out with the sheet's own numbers."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, Value
from sheetnet.formula.address import a1
from sheetnet.formula.arithmetic import ErrorValue, NotComputable
from sheetnet.formula.expression import (
    CellReference,
    Expression,
    Operation,
    Reference,
    add,
    divide,
    number,
    replace,
    walk,
)
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.reduction import flattened, reductions
from sheetnet.layout.content import is_number
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import SeriesReader
from sheetnet.net.equations import equation
from sheetnet.net.shortcut import by_gradient, shortened
from sheetnet.net.terms import COST, LEARNING_RATE, MEAN_COST, STEP, Term, Use, is_bias, is_given
from sheetnet.table.rule import placed, ruling
from sheetnet.table.unfolding import unfolded


class NoNumber(ErrorValue):
    """A cell that a rule uses holds no number; the text is its address."""


@dataclass(frozen=True, slots=True)
class CellRule:
    """What the rule says of a term in one row, as an expression over `Use`s that start from that row.

    `layout` has the conventions that the sheet follows.
    """

    book: Book
    layout: Layout
    term: Term
    row: int
    expression: Expression

    @property
    def uses(self) -> tuple[Use, ...]:
        """What the rule uses, in its order, each once."""
        return tuple(dict.fromkeys(_uses(self.expression)))

    @property
    def waits(self) -> bool:
        """Whether this is a weight in a row of a batch in which no weight changes."""
        batch = self.term.kind == "w" and self.layout.conventions.batch != "one"
        return batch and (self.row - self.layout.first_row) % self.layout.patterns > 0

    @property
    def sums(self) -> bool:
        """Whether this is a weight that changes by what a whole pass adds up to."""
        batch = self.term.kind == "w" and self.layout.conventions.batch != "one"
        return batch and self.layout.patterns > 1 and LEARNING_RATE in {use.term for use in self.uses}

    @property
    def adds(self) -> bool:
        """Whether this is a weight to which the update adds, not one from which it subtracts."""
        return (
            self.term.kind == "w"
            and isinstance(self.expression, Operation)
            and self.expression.operator == "+"
        )

    def place(self, use: Use) -> Place | None:
        """Return where a term stands that the rule uses, in the book that the rule sees.

        None for a learning rate inside the formulas.
        """
        if use.term == LEARNING_RATE:
            return self.layout.rate
        return self.layout.sheet, self.row + use.step, self.layout.columns[use.term]

    def address(self, use: Use, sheet: str) -> str:
        """Return where a term really stands, with its sheet where that is another one; else its number."""
        place = self.place(use)
        if place is None:
            return f"{self.layout.learning_rate:.8g}"
        name, row, column = place if self.layout.lens is None else self.layout.lens.place(*place)
        return a1(row, column) if name == sheet else f"{name}.{a1(row, column)}"

    def working(self, expression: Expression | None = None) -> list[Expression]:
        """Return the rule, or another expression over the same terms, worked out step by step.

        NoNumber where a cell holds none, ErrorValue where the calculation comes to an error.
        """
        return reductions(self.expression if expression is None else expression, self._number)

    def in_cells(self) -> Expression:
        """Return the rule as a relative formula, sums written out."""
        return placed(self.expression, self.layout, self.layout.columns[self.term])

    def _number(self, target: object) -> Value:
        assert isinstance(target, Use)
        place = self.place(target)
        if place is None:
            return self.layout.learning_rate
        sheet, row, column = place
        cell = self.book.sheet(sheet).cell(row, column)
        if cell is None or not is_number(cell):
            raise NoNumber(self.address(target, self.layout.sheet))
        return cell.value


def cell_rule(book: Book, layout: Layout, term: Term, row: int) -> CellRule | None:
    """Return the rule of a term's cell, None where the user gives its number: in step 0 and for patterns.

    Where the rule has several forms it is that of the cell's own formula: intermediate quantities and dC/dW
    are taken from their columns if it uses these, a shared bias may be updated itself or repeat neuron 0's.
    """
    if row < layout.begin(term):
        return None
    return CellRule(book, layout, term, row, flattened(_expression(book, layout, term, row)))


def _expression(book: Book, layout: Layout, term: Term, row: int) -> Expression:
    if is_given(term):
        return Reference(Use(term, -layout.patterns))
    if term == STEP:
        return add(Reference(Use(STEP, -1)), number(1))
    if term == MEAN_COST:
        costs = (Reference(Use(COST, step)) for step in range(1 - layout.patterns, 1))
        return divide(add(*costs), number(layout.patterns))
    if layout.by_formulas:
        return unfolded(term, layout, own_uses(book, layout, row, layout.columns[term]), row)
    rule = partial(
        equation,
        sizes=layout.sizes,
        conventions=layout.conventions_of(term),
        patterns=layout.patterns,
        turn=(row - layout.first_row) % layout.patterns,
    )
    own = own_uses(book, layout, row, layout.columns[term])
    if layout.pages and (term.kind == "w" or (term.kind == "new" and _by_gradient(own))):
        return ruling(term, layout, layout.conventions)
    if term.kind != "w":
        via = {use.term for use in own if use.step == 0}
        return shortened(rule(term), term, via, layout.sizes, layout.conventions_of(term), layout.shown)
    before, gradient = Use(term, -1), term._replace(kind="gradient")
    first = term._replace(i=0)
    shares = layout.conventions.biases == "shared" and is_bias(term, layout.sizes) and term.i > 0
    updated = shares and before in own and Use(first) not in own
    ruled = rule(first if updated else term)
    if Use(gradient, -1) in own and LEARNING_RATE in {use.term for use in _uses(ruled)}:
        return by_gradient(term, layout.conventions, layout.patterns)
    old = Reference(Use(first, -1))
    return replace(ruled, lambda part: Reference(before) if part == old else None) if updated else ruled


def _by_gradient(own: Collection[Use]) -> bool:
    """Tell whether a new weight takes its dC/dW from the cells for these, as it does where nothing stands."""
    return not own or any(use.term.kind == "gradient" for use in own)


def by_own_formula(book: Book, layout: Layout, term: Term, row: int) -> CellRule | None:
    """Return what the formula of a cell itself says of the net's terms; None where it uses anything else."""
    uses: list[Use | None] = []
    column = layout.columns[term]
    places = layout.terms

    def named(part: Expression) -> Expression | None:
        if not (isinstance(part, Reference) and isinstance(part.target, CellReference)):
            return None
        sheet, other, at = part.target.at(row, column)
        place = (sheet or layout.sheet, other, at)
        if place == layout.rate:
            use: Use | None = Use(LEARNING_RATE)
        else:
            known = place[0] == layout.sheet and at in places
            use = Use(places[at], other - row) if known else None
        uses.append(use)
        return part if use is None else Reference(use)

    try:
        found = replace(SeriesReader(book).expression(layout.sheet, row, column), named)
    except (Unparsable, NotComputable):
        return None
    return CellRule(book, layout, term, row, flattened(found)) if uses and None not in uses else None


def own_uses(book: Book, layout: Layout, row: int, column: int) -> set[Use]:
    """Return which of the net's terms a cell's own formula uses; none where it can't be read."""
    cell = book.sheet(layout.sheet).cell(row, column)
    if cell is None or cell.formula is None:
        return set()
    try:
        expression = SeriesReader(book).expression(layout.sheet, row, column)
    except (Unparsable, NotComputable):
        return set()
    terms = layout.terms
    places = (
        part.target.at(row, column)
        for part in walk(expression)
        if isinstance(part, Reference) and isinstance(part.target, CellReference)
    )
    return {
        Use(terms[at], other - row)
        for sheet, other, at in places
        if sheet in (None, layout.sheet) and at in terms
    }


def _uses(expression: Expression) -> list[Use]:
    return [
        part.target
        for part in walk(expression)
        if isinstance(part, Reference) and isinstance(part.target, Use)
    ]
