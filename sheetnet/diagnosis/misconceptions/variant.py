"""One wrong rule, and the pieces of the right one that wrong rules are put together from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetnet.formula.expression import (
    Expression,
    Reference,
    multiply,
    number,
    replace,
    subtract,
)
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation
from sheetnet.net.intermediates import slope, square_factor, use, weighted_sum
from sheetnet.net.terms import Kind, Term, Use, label


class Variant(NamedTuple):
    """One wrong rule: its code, what the cell would hold, and words for the places of its sentences."""

    code: str
    expression: Expression
    details: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Net:
    """The terms of a net as wrong rules name them, and the right rule's pieces."""

    sizes: tuple[int, ...]
    conventions: Conventions
    last: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", len(self.sizes) - 1)

    @property
    def biases(self) -> bool:
        """Whether neurons have biases."""
        return self.conventions.biases != "none"

    def right(self, term: Term) -> Expression:
        """Return the right rule of a term."""
        return equation(term, self.sizes, self.conventions)

    def slope(self, layer: int, i: int) -> tuple[Expression, ...]:
        """Return the factors of σ' of a neuron."""
        if layer == self.last and self.conventions.cost == "cross-entropy":
            return ()
        return slope(layer, i, self.conventions)

    def sum(self, layer: int, i: int) -> Expression:
        """Return z of a neuron."""
        return weighted_sum(layer, i, self.sizes, self.conventions)

    def products(self, layer: int, i: int) -> list[Expression]:
        """Return the products of a weighted sum, without the bias."""
        return [multiply(a_of(layer - 1, j), w_of(layer, i, j)) for j in range(self.sizes[layer - 1])]

    def bias(self, layer: int, i: int) -> list[Expression]:
        """Return a neuron's bias, if it has one."""
        return [w_of(layer, i, self.sizes[layer - 1])] if self.biases else []

    def miss(self, i: int, k: int | None = None) -> Expression:
        """Return a_i − T_k, or its negative where the sheet has that; k is i unless it is said."""
        pair = a_of(self.last, i), t_of(i if k is None else k)
        return subtract(*pair) if self.conventions.difference == "a-T" else subtract(*reversed(pair))

    def factor(self) -> list[Expression]:
        """Return the factor of δ(L) that belongs to the cost."""
        if self.conventions.cost == "cross-entropy":
            return []
        factor = 2 * square_factor(self.sizes, self.conventions)
        return [] if factor == 1 else [number(float(factor))]

    def rows(
        self, code: str, right: Expression, kinds: Sequence[str], steps: Sequence[int]
    ) -> Iterator[Variant]:
        """Yield the right rule with terms of some kinds, or all of them, taken from other rows."""
        for step in steps:
            for chosen in [*([kind] for kind in kinds), kinds]:
                yield Variant(code, in_rows(right, chosen, step), {"row": "before" if step < 0 else "after"})


def a_of(layer: int, i: int) -> Reference:
    """Return a_i of a layer."""
    return use("a", layer, i)


def w_of(layer: int, i: int, j: int, *, step: int = 0) -> Reference:
    """Return w_ij of a layer, of the same step or of a later one."""
    return use("w", layer, i, j, step=step)


def d_of(layer: int, i: int) -> Reference:
    """Return δ_i of a layer."""
    return use("delta", layer, i)


def t_of(i: int) -> Reference:
    """Return T_i."""
    return use("target", 0, i)


def in_rows(expression: Expression, kinds: Sequence[str], step: int) -> Expression:
    """Return an expression with its terms of some kinds taken from other rows."""

    def move(part: Expression) -> Expression | None:
        if isinstance(part, Reference) and isinstance(part.target, Use) and part.target.term.kind in kinds:
            return Reference(Use(part.target.term, part.target.step + step))
        return None

    return replace(expression, move)


def label_of(kind: Kind, layer: int = 0, i: int = 0, j: int = 0) -> str:
    """Return the label of a term."""
    return label(Term(kind, layer, i, j))
