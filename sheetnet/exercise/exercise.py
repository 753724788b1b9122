"""An exercise: the cells of some steps of a net, what each follows from, and which of them are blank."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

import numpy as np
from numpy.typing import ArrayLike

from sheetnet.book.calculator import Place
from sheetnet.book.edits import PutCell
from sheetnet.diagnosis.misconceptions import Variant, variants
from sheetnet.exercise.levels import computed_terms
from sheetnet.formula.arithmetic import ErrorValue, NotComputable, evaluate
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Reference,
    replace,
    walk,
)
from sheetnet.formula.matrix import scalar
from sheetnet.formula.text import Dialect, formula_text
from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import shifted
from sheetnet.net.terms import LEARNING_RATE, Term, Use, is_given, label, named, weights
from sheetnet.table.compact import compact
from sheetnet.table.rule import ruling

_EMPTY = Constant("")


OTHER_ROWS = frozenset(
    {"forward-other-row", "delta-other-row", "cost-other-row", "update-other-row", "sheet-doubled-row"}
)
"""Mistakes of filling down, which exercises of single steps are not about."""


class Impossible(Exception):
    """Numbers from which a cell would show an error."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """What a class is asked; every cell is a `Use`, a term of a step.

    `rules` says what each computed cell follows from, in the order in which they are computed, over cells of
    the exercise; `places` where they all stand. `blanks` are in the order of their names. What is given is
    `rounded` to the decimals that it is shown with, so that everybody goes on from the same numbers.
    """

    layout: Layout
    conventions: Conventions
    dialect: Dialect
    steps: int
    blanks: tuple[Use, ...]
    places: Mapping[Use, Place]
    rules: Mapping[Use, Expression]
    decimals: int
    rounded: bool

    @property
    def following(self) -> frozenset[Use]:
        """The cells that are not blank, but computed from blank ones."""
        found: set[Use] = set()
        for use, rule in self.rules.items():
            if use not in self.blanks and any(each in found or each in self.blanks for each in uses(rule)):
                found.add(use)
        return frozenset(found)

    @property
    def given(self) -> tuple[Use, ...]:
        """The cells that are computed from no blank and shown to the student."""
        following = self.following
        return tuple(use for use in self.rules if use not in self.blanks and use not in following)

    @property
    def plain(self) -> frozenset[Use]:
        """The cells that are given as rounded numbers; columns that follow from blanks in part are not."""
        if not self.rounded:
            return frozenset()
        mixed = set() if self.layout.pages else {use.term for use in self.following}
        return frozenset(use for use in self.given if use.term not in mixed and use not in self._repeated)

    @property
    def _repeated(self) -> frozenset[Use]:
        """The first biases that are formulas since neurons share them."""
        return frozenset(use for use in self.rules if use.term.kind == "w" and use.step == 0)

    def values(
        self, typed: Mapping[Use, float], wrong: Mapping[Use, Expression] | None = None
    ) -> dict[Use, float]:
        """Return the numbers of all cells from those that are typed; `wrong` are rules in place of others.

        Impossible where a cell would show an error.
        """
        found = dict(typed)
        plain = self.plain
        for use, rule in self.rules.items():
            value = self.value((wrong or {}).get(use, rule), found)
            found[use] = round(value, self.decimals) if use in plain else value
        return found

    def value(self, rule: Expression, values: Mapping[Use, float]) -> float:
        """Return what a rule gives, in Calc's arithmetic, from numbers of cells; Impossible for errors."""
        try:
            value = evaluate(scalar(rule), lambda use: values[self.cell_of(use)])
        except (ErrorValue, NotComputable, KeyError) as error:
            raise Impossible(str(error)) from error
        assert isinstance(value, float | int)
        return float(value)

    def cell_of(self, use: object) -> Use:
        """Return the cell of a term of a step: γ has one for all, a weight may be the new one before."""
        assert isinstance(use, Use)
        return _cell_of(use, self.places if self.layout.pages else ())

    def applies(self, rule: Expression) -> bool:
        """Tell whether all that a rule uses is on the sheet."""
        return all(self.cell_of(use) in self.places for use in uses(rule))

    def wrong_rules(self, use: Use) -> Iterator[Variant]:
        """Yield what the catalogue's mistakes make of a cell, as far as all that they use is on the sheet."""
        for variant in variants(use.term, self.layout.sizes, self.conventions):
            rule = shifted(variant.expression, use.step)
            if self.applies(rule):
                yield variant._replace(expression=rule)

    # ------------------------------------------------------------ text

    def formula(self, use: Use, rule: Expression | None = None, *, guarded: bool = False) -> str:
        """Return the formula of a cell; `guarded` shows nothing while a blank that it needs is empty."""
        rule = self.rules[use] if rule is None else rule
        place = self.places[use]
        expression = compact(self.placed(rule, place, use.step))
        if guarded:
            waiting = {*self.blanks, *self.following}
            needed = [each for each in dict.fromkeys(map(self.cell_of, uses(rule))) if each in waiting]
            for each in reversed(needed):
                cell = self.placed(Reference(each), place, use.step)
                expression = Call("IF", (Operation("=", (cell, _EMPTY)), _EMPTY, expression))
        return formula_text(expression, place[1], place[2], self.dialect)

    def placed(self, rule: Expression, place: Place, step: int) -> Expression:
        """Return a rule over cells with references relative to a place; γ is that of the step's page."""

        def put(part: Expression) -> Expression | None:
            if not (isinstance(part, Reference) and isinstance(part.target, Use)):
                return None
            fixed = part.target.term == LEARNING_RATE
            own = Use(LEARNING_RATE, step)
            target = own if fixed and own in self.places else self.cell_of(part.target)
            _, row, column = self.places[target]
            if fixed:
                return Reference(CellReference(row, column, True, True))
            return Reference(CellReference(row - place[1], column - place[2]))

        return replace(rule, put)

    # ------------------------------------------------------------ cells

    def student_edits(self, typed: Mapping[Use, float], values: Mapping[Use, float]) -> list[PutCell]:
        """Return the edits that write what is given; what follows from blanks is formulas without values."""
        edits, plain, following = list(self._typed(typed)), self.plain, self.following
        for use in self.given:
            number = use in plain or (self.rounded and use in self._repeated)
            edits.append(PutCell(*self.places[use], values[use], None if number else self.formula(use)))
        edits += [
            PutCell(*self.places[use], None, self.formula(use, guarded=True))
            for use in self.rules
            if use in following
        ]
        return [*edits, *self._rates(typed)]

    def key_edits(self, typed: Mapping[Use, float], values: Mapping[Use, float]) -> list[PutCell]:
        """Return the edits that write everything, blanks as formulas with their values."""
        edits = list(self._typed(typed))
        plain = self.plain
        for use in self.rules:
            formula = None if use in plain else self.formula(use)
            edits.append(PutCell(*self.places[use], values[use], formula))
        return [*edits, *self._rates(typed)]

    def _typed(self, typed: Mapping[Use, float]) -> Iterator[PutCell]:
        for use, value in typed.items():
            if use not in self.rules:
                yield PutCell(*self.places[use], value)

    def _rates(self, typed: Mapping[Use, float]) -> Iterator[PutCell]:
        """Yield the γ of later pages, which copy the first one's."""
        first = self.places[Use(LEARNING_RATE)]
        for use, place in self.places.items():
            if use.term == LEARNING_RATE and use.step > 0:
                reference = Reference(CellReference(first[1], first[2], True, True))
                formula = formula_text(reference, place[1], place[2], self.dialect)
                yield PutCell(*place, typed[Use(LEARNING_RATE)], formula)


def typed_numbers(
    matrices: Sequence[ArrayLike],
    learning_rate: float,
    inputs: ArrayLike,
    targets: ArrayLike,
    sizes: tuple[int, ...],
) -> dict[Use, float]:
    """Return the numbers of the cells that are typed.

    W(1) … W(L) are as in `Network`, inputs and targets of shapes (patterns, n_0) and (patterns, n_L).
    """
    found = {Use(LEARNING_RATE): float(learning_rate)}
    for layer, matrix in enumerate(map(np.asarray, matrices), start=1):
        for weight in weights(sizes, layer, biases=matrix.shape[1] > sizes[layer - 1]):
            found[Use(weight)] = float(matrix[weight.i, weight.j])
    for term, table in ((Term("a"), np.asarray(inputs)), (Term("target"), np.asarray(targets))):
        for step, line in enumerate(table):
            found |= {Use(term._replace(i=i), step): float(value) for i, value in enumerate(line)}
    return found


def uses(rule: Expression) -> list[Use]:
    """Return the terms of steps that a rule names, each once, from the left."""
    found = (part.target for part in walk(rule) if isinstance(part, Reference))
    return list(dict.fromkeys(use for use in found if isinstance(use, Use)))


def use_text(use: Use) -> str:
    """Return how a cell is called in words: δ0(1), new w00(2), a0(0); the layer of T and C is left out."""
    return named(use.term) if use.term != LEARNING_RATE else label(use.term)


def _cell_of(use: Use, pages: Container[Use]) -> Use:
    """Return the cell of a term of a step; `pages` are the cells that pages have, empty for rows."""
    if use.term.kind == "learning_rate":
        return Use(LEARNING_RATE)
    if use.term.kind == "w" and use.step > 0 and use not in pages:
        return Use(use.term._replace(kind="new"), use.step - 1)
    return use


def exercise(
    layout: Layout,
    conventions: Conventions,
    asked: Sequence[Term],
    *,
    dialect: Dialect,
    steps: int,
    decimals: int,
    rounded: bool,
    patterns: int = 1,
) -> Exercise:
    """Return the exercise on a laid out net in which the `asked` terms of every step are blank.

    In a layout of rows the new weights of a step stand in the row below it, which the layout counts as one
    more step; beside rounded numbers they follow from dC/dW there too, as students see it.
    """
    biases = conventions.biases != "none"
    computed = computed_terms(layout.sizes, biases=biases)
    shown = [*layout.columns, *(() if layout.pages else (each for each in computed if each.kind == "new"))]
    places: dict[Use, Place] = {}
    for step in range(steps):
        for term in shown:
            new = term.kind == "new" and not layout.pages
            use = Use(term, step)
            cell = use if layout.pages else _cell_of(use, ())
            place = layout.place(term._replace(kind="w"), step + 1) if new else layout.place(term, step)
            if place is not None and term.kind not in ("step", "mean_cost"):
                places.setdefault(cell, place)
    assert layout.rate is not None
    places[Use(LEARNING_RATE)] = layout.rate if layout.lens is None else layout.lens.place(*layout.rate)
    if layout.lens is not None:
        copies = sorted(layout.lens.between)
        places |= {Use(LEARNING_RATE, step): place for step, place in enumerate(copies, start=1)}
    shown_cells: Container[Use] = places if layout.pages else ()

    def canonical(part: Expression) -> Expression | None:
        if isinstance(part, Reference) and isinstance(part.target, Use):
            return Reference(_cell_of(part.target, shown_cells))
        return None

    paged = changed(layout, pages=True)
    rules = {} if layout.pages or conventions.biases != "shared" else dict(_shared_biases(layout.sizes))
    for step in range(steps):
        for term in layout.columns:
            if is_given(term) and step >= patterns:
                rules[Use(term, step)] = Reference(Use(term, step - patterns))
        if layout.pages and step:
            for layer in range(1, len(layout.sizes)):
                for weight in weights(layout.sizes, layer, biases=biases):
                    rules[Use(weight, step)] = Reference(Use(weight._replace(kind="new"), step - 1))
        for term in computed:
            source = paged if rounded and term.kind == "new" else layout
            rule = shifted(ruling(term, source, conventions), step)
            rules[Use(term, step)] = replace(rule, canonical)
    blanks = tuple(Use(term, step) for step in range(steps) for term in computed if term in asked)
    return Exercise(layout, conventions, dialect, steps, blanks, places, _in_order(rules), decimals, rounded)


def _shared_biases(sizes: Sequence[int]) -> Iterator[tuple[Use, Expression]]:
    """Yield the first biases that repeat the first neuron's, as they do in the note's columns."""
    for layer in range(1, len(sizes)):
        first, *others = (Term("w", layer, i, sizes[layer - 1]) for i in range(sizes[layer]))
        yield from ((Use(term), Reference(Use(first))) for term in others)


def _in_order(rules: Mapping[Use, Expression]) -> dict[Use, Expression]:
    """Return rules in an order in which they can be computed, the given one as far as possible."""
    found: dict[Use, Expression] = {}

    def add(use: Use) -> None:
        if use in found or use not in rules:
            return
        for needed in uses(rules[use]):
            add(needed)
        found[use] = rules[use]

    for use in rules:
        add(use)
    return found
