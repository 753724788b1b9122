"""Where each quantity of one net stands in a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sheetnet.book.grid import MAX_CELLS, Book
from sheetnet.formula.address import a1
from sheetnet.formula.pattern import Pattern
from sheetnet.layout.lens import Lens
from sheetnet.layout.problems import Problem
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import (
    ASIDES,
    MEAN_COST,
    STEP,
    Kind,
    Term,
    is_bias,
    is_given,
    label,
    named,
    sizes_text,
)

DEFAULT_STEPS = 1000
"""Rows of a net of which a sheet holds only the first."""


def default_steps(patterns: int) -> int:
    """Return how many rows such a net gets: every pattern has one."""
    return max(DEFAULT_STEPS, patterns)


@dataclass(frozen=True, slots=True)
class Layout:
    """A net laid out as in the note: one row a step, one column a term; all places zero-based.

    `first_row` is step 0, `last_row` the last filled step; `patterns` rows from the first hold inputs and
    targets of their own, which then repeat. `conventions` are those that the sheet states, or shows in its
    first row; later rows may show others. `helpers` are columns of formulas in the table that are no term.
    `rate` is None where the learning rate is a number inside the formulas. `problems` are cells without the
    number that belongs there, which only a lenient reader lets pass. `transposed_names` tells that the sheet
    names a weight w_ij that leads from neuron i to neuron j. `shown` has the conventions of misses and parts
    of the cost where their columns have others than the sheet goes on with.

    A sheet of another layout is read by what its formulas do (`by_formulas`): then terms may have no column,
    and follow from their equations, or are `numbers` inside formulas; `names` are its own labels by column.
    `verified` are the formulas of columns by which the sheet goes down the slope of its own cost: whatever
    conventions they follow, they are right. Its gradients are `scale` times that slope.
    Updates that also use the columns `beyond`, which no gradient descent has, are not judged: momentum, say.
    The layers of `own_activations` compute what has no name here, whatever the conventions say.
    `tail` is 1 where the weights of one more step stand below the last row.
    With a `lens` all places are those of the lens's view of the workbook. On `pages` a step is a page, on
    which a new weight follows from its dC/dW, and the next page's weight is that new one.
    """

    sheet: str
    sizes: tuple[int, ...]
    columns: Mapping[Term, int]
    label_row: int
    caption_row: int | None
    first_row: int
    last_row: int
    rate: tuple[str, int, int] | None
    learning_rate: float
    conventions: Conventions
    patterns: int = 1
    helpers: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    transposed_names: bool = False
    shown: Mapping[Kind, Conventions] = field(default_factory=dict)
    numbers: Mapping[Term, float] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    by_formulas: bool = False
    verified: Mapping[Term, Pattern] = field(default_factory=dict)
    scale: float = 1.0
    tail: int = 0
    beyond: tuple[int, ...] = ()
    own_activations: tuple[int, ...] = ()
    lens: Lens | None = None
    pages: bool = False

    @property
    def descends(self) -> bool:
        """Whether all weights that are updated go down the slope of the cost."""
        learning = [
            term
            for term in self.columns
            if term.kind == "w" and not (self.conventions.biases == "fixed" and is_bias(term, self.sizes))
        ]
        return all(term in self.verified for term in learning)

    @property
    def corner(self) -> tuple[str, int, int]:
        """The cell at which a net begins, as its sheet has it: above its first column's step 0."""
        place = (self.sheet, self.label_row, min(self.columns.values()))
        return place if self.lens is None else self.lens.place(*place)

    def seen(self, book: Book) -> Book:
        """Return the workbook as this layout sees it: the book itself, or its lens's view."""
        return book if self.lens is None else self.lens.view

    def conventions_of(self, term: Term) -> Conventions:
        """Return the conventions that a term's column follows."""
        return self.shown.get(term.kind, self.conventions)

    @property
    def steps(self) -> int:
        """How many rows the table has."""
        return self.last_row - self.first_row + 1

    @property
    def most_steps(self) -> int:
        """How many rows of these columns can be read again; the captions count too."""
        return MAX_CELLS // len(self.columns) - self.first_row

    @property
    def has_biases(self) -> bool:
        """Whether the neurons have biases."""
        return self.conventions.biases != "none"

    @property
    def beside(self) -> tuple[int, ...]:
        """The columns in the table that the net does not need: helpers, the count of steps, the mean cost."""
        return (*self.helpers, *(self.columns[term] for term in ASIDES if term in self.columns))

    @property
    def gradients(self) -> bool:
        """Whether the sheet has dC/dW columns."""
        return any(term.kind == "gradient" for term in self.columns)

    @property
    def rate_address(self) -> str:
        """The learning rate's address, with its sheet when that is another one; else where its number is."""
        if self.rate is None:
            return "in the formulas"
        sheet, row, column = self.rate if self.lens is None else self.lens.place(*self.rate)
        return a1(row, column) if sheet == self.sheet else f"{sheet}.{a1(row, column)}"

    @property
    def terms(self) -> dict[int, Term]:
        """The term of each column; of a bias that neurons share, the first one's."""
        return {column: term for term, column in reversed(list(self.columns.items()))}

    @property
    def own_columns(self) -> dict[Term, int]:
        """The column of each term that has one of its own, or is the first of those that share it."""
        first = self.terms
        return {term: column for term, column in self.columns.items() if first[column] == term}

    def place(self, term: Term, step: int) -> tuple[str, int, int] | None:
        """Return where a term stands in a step, None when it has no cell."""
        column = self.columns.get(term)
        if column is None:
            return None
        place = (self.sheet, self.first_row + step, column)
        return place if self.lens is None else self.lens.place(*place)

    def begin(self, term: Term) -> int:
        """Return the first row in which the rule's formula of a term stands; above it are numbers, if any."""
        if is_given(term):
            return self.first_row + self.patterns
        if term == MEAN_COST:
            return self.first_row + self.patterns - 1
        shared = self.conventions.biases == "shared" and is_bias(term, self.sizes) and term.i > 0
        return self.first_row + (term == STEP or (term.kind == "w" and not shared))

    def label(self, term: Term) -> str:
        """Return a term's label in the sheet's own way; with transposed names a bias is b0 and dC/db0."""
        if (own := self.own_name(term)) is not None:
            return own
        if not self.transposed_names or term.kind not in ("w", "gradient"):
            return label(term)
        if is_bias(term, self.sizes):
            return f"{'b' if term.kind == 'w' else 'dC/db'}{term.i}"
        return label(term._replace(i=term.j, j=term.i))

    def own_name(self, term: Term) -> str | None:
        """Return the label that a sheet of another layout has for a term, None where it has none."""
        return self.names.get(self.columns.get(term, -1))

    def named(self, term: Term) -> str:
        """Return a term's label with its layer, δ0(1), or the sheet's own label, which needs none."""
        return self.own_name(term) or named(term)

    def of(self, kind: str, layer: int | None = None) -> list[int]:
        """Return the columns of a quantity, of one layer or of all, in the order of their indices."""
        found = [
            (term, column)
            for term, column in self.columns.items()
            if term.kind == kind and layer in (None, term.layer)
        ]
        return list(dict.fromkeys(column for _, column in sorted(found)))

    @property
    def name(self) -> str:
        """The sizes as people say them: 2-2-2."""
        return sizes_text(self.sizes)
