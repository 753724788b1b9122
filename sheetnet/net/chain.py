"""The chain rule that leads to a gradient: from the cost back to a weight, factor by factor."""

from typing import NamedTuple, TypeAlias

from sheetnet.formula.expression import Expression, Reference, divide, multiply, negative, number, subtract
from sheetnet.net.conventions import Conventions
from sheetnet.net.intermediates import slope, square_factor
from sheetnet.net.terms import COST, Term, Use, is_bias


class WeightedSum(NamedTuple):
    """z_i(layer), which a sheet may leave without a cell."""

    layer: int
    i: int


Variable: TypeAlias = Term | WeightedSum


class Factor(NamedTuple):
    """One derivative, d `of` / d `by`, as an expression over other terms of the same step."""

    of: Variable
    by: Variable
    expression: Expression


class Path(NamedTuple):
    """The ways from the cost to a neuron's value that lead through one neuron of the next layer."""

    through: Term
    factors: tuple[Factor, ...]


class Chain(NamedTuple):
    """dC/dw_ij = dC/da_i · da_i/dz_i · dz_i/dw_ij, factor by factor.

    Of an output dC/da is `cost` and there are no `paths`; a hidden neuron's dC/da is the sum of its paths.
    """

    cost: Factor | None
    paths: tuple[Path, ...]
    slope: Factor
    carried: Factor


def chain(gradient: Term, sizes: tuple[int, ...], conventions: Conventions) -> Chain | None:
    """Return what leads to the dC/dw of a weight that belongs to one neuron, not to a bias that many share.

    dz_i/dw_ij is a_j of the layer before, and 1 for a bias. None for the weights of softmax outputs, each of
    which depends on the z of all.
    """
    if conventions.activation(gradient.layer) == "softmax":
        return None
    layer = gradient.layer
    a, z = Term("a", layer, gradient.i), WeightedSum(layer, gradient.i)
    carried = number(1) if is_bias(gradient, sizes) else _of(Term("a", layer - 1, gradient.j))
    output = layer == len(sizes) - 1
    return Chain(
        _off(a, sizes, conventions) if output else None,
        () if output else tuple(_path(a, k, sizes, conventions) for k in range(sizes[layer + 1])),
        Factor(a, z, _slope(a, conventions)),
        Factor(z, gradient._replace(kind="w"), carried),
    )


def _path(a: Term, k: int, sizes: tuple[int, ...], conventions: Conventions) -> Path:
    """dC/da_k · da_k/dz_k · dz_k/da_i through an output k, through other neurons dC/dz_k · dz_k/da_i.

    dC/dz_k is δ_k, with "T-a" its negative; so it is of a softmax's outputs.
    """
    layer = a.layer + 1
    through, z = Term("a", layer, k), WeightedSum(layer, k)
    updated = 1 if conventions.order == "outputs first" else 0
    weight = Factor(z, a, Reference(Use(Term("w", layer, k, a.i), updated)))
    if layer == len(sizes) - 1 and conventions.activation(layer) != "softmax":
        rising = Factor(through, z, _slope(through, conventions))
        return Path(through, (_off(through, sizes, conventions), rising, weight))
    delta: Expression = _of(Term("delta", layer, k))
    if conventions.difference == "T-a":
        delta = negative(delta)
    return Path(through, (Factor(COST, z, delta), weight))


def _off(a: Term, sizes: tuple[int, ...], conventions: Conventions) -> Factor:
    """dC/da_i(L) = a_i − T_i, with the cost's factor; cross-entropy's is (a − T) / a(1 − a)."""
    missed = subtract(_of(a), _of(Term("target", 0, a.i)))
    if conventions.cost == "cross-entropy":
        return Factor(COST, a, divide(missed, _slope(a, conventions)))
    factor = 2 * square_factor(sizes, conventions)
    product = missed if factor.numerator == 1 else multiply(number(factor.numerator), missed)
    return Factor(
        COST, a, product if factor.denominator == 1 else divide(product, number(factor.denominator))
    )


def _slope(a: Term, conventions: Conventions) -> Expression:
    factors = slope(a.layer, a.i, conventions)
    return multiply(*factors) if factors else number(1)


def _of(term: Term) -> Reference:
    return Reference(Use(term))
