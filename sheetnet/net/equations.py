"""The note's rule as data: for each term, an expression over other terms."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from sheetnet.formula.expression import (
    Expression,
    Reference,
    add,
    call,
    divide,
    multiply,
    negative,
    number,
    replace,
    subtract,
)
from sheetnet.net.conventions import Activation, Conventions
from sheetnet.net.intermediates import (
    intermediate,
    miss,
    pull,
    slope,
    square_factor,
    use,
    weighted_sum,
    whole,
)
from sheetnet.net.terms import INTERMEDIATES, LEARNING_RATE, Kind, Term, Use, is_bias, terms

# ---------------------------------------------------------------- activations of one neuron: a from z

VALUES: dict[Activation, Callable[[Expression], Expression]] = {
    "sigmoid": lambda z: divide(number(1), add(number(1), call("EXP", negative(z)))),
    "tanh": lambda z: call("TANH", z),
    "relu": lambda z: call("MAX", number(0), z),
    "linear": lambda z: z,
}


# ---------------------------------------------------------------- the rule


def equations(
    sizes: tuple[int, ...], conventions: Conventions, *, patterns: int = 1, turn: int = 0
) -> dict[Term, Expression]:
    """Return what every computed term follows from: references are `Use`s of terms.

    A weight's equation holds from step 1 on; inputs, targets and γ have none. In a batch of `patterns` the
    weights' equations depend on the step: `turn` is step mod patterns, and in turn 0 the pass before is
    added up; all other equations are the same in every turn. ValueError where sizes and conventions do not
    go together.
    """
    conventions.check(len(sizes) - 1)
    return {
        term: equation(term, sizes, conventions, patterns=patterns, turn=turn)
        for term in terms(sizes, biases=conventions.biases != "none")
        if term.kind in _RULES and (term.kind, term.layer) != ("a", 0)
    }


def equation(
    term: Term, sizes: tuple[int, ...], conventions: Conventions, *, patterns: int = 1, turn: int = 0
) -> Expression:
    """Return what one term follows from, an intermediate quantity or one of `equations`.

    KeyError for a term that follows from nothing.
    """
    if term.kind == "new":
        weight = term._replace(kind="w")
        return shifted(equation(weight, sizes, conventions, patterns=patterns, turn=turn), 1)
    if term.kind in INTERMEDIATES:
        return intermediate(term, sizes, conventions)
    if (term.kind, term.layer) == ("a", 0):
        raise KeyError(term)
    net = _Net(sizes, conventions, 1 if conventions.batch == "one" else patterns, turn)
    return _RULES[term.kind](term, net)


class _Net(NamedTuple):
    """What the equations of a net depend on; `patterns` is 1 unless a batch is added up."""

    sizes: tuple[int, ...]
    conventions: Conventions
    patterns: int
    turn: int


def _activation(term: Term, net: _Net) -> Expression:
    """a_i = σ(z_i), z_i = Σ_j a_j(l−1) w_ij + bias; a softmax's a_i = e^z_i / Σ_k e^z_k."""
    layer, i = term.layer, term.i
    activation = net.conventions.activation(layer)
    if activation != "softmax":
        return VALUES[activation](weighted_sum(layer, i, net.sizes, net.conventions))
    powers = [
        call("EXP", weighted_sum(layer, k, net.sizes, net.conventions)) for k in range(net.sizes[layer])
    ]
    return divide(powers[i], add(*powers))


def _delta(term: Term, net: _Net) -> Expression:
    """δ_i(L) = (a_i − T_i) σ'_i; δ_i(l) = σ'_i Σ_k δ_k(l+1) w_ki(l+1); the sigmoid's σ' = a (1−a).

    Squares without ½ and means have their factor in δ(L); cross-entropy's is a_i − T_i.
    """
    sizes, conventions = net.sizes, net.conventions
    layer, i = term.layer, term.i
    if layer == len(sizes) - 1:
        missed = miss(i, sizes, conventions)
        if conventions.cost == "cross-entropy":
            return missed
        factor = 2 * square_factor(sizes, conventions)
        times = [] if factor.numerator == 1 else [number(factor.numerator)]
        product = multiply(*times, missed, *slope(layer, i, conventions))
        return product if factor.denominator == 1 else divide(product, number(factor.denominator))
    return multiply(*slope(layer, i, conventions), pull(layer, i, sizes, conventions))


def _products(term: Term, net: _Net) -> list[list[Expression]]:
    """Return the factors of the products whose sum is ± dC/dw_ij.

    It is δ_i a_j(l−1); a bias's is δ_i, and when the layer shares it, Σ_i δ_i.
    """
    layer, i = term.layer, term.i
    if not is_bias(term, net.sizes):
        return [[use("delta", layer, i), use("a", layer - 1, term.j)]]
    if net.conventions.biases == "shared":
        return [[use("delta", layer, k)] for k in range(net.sizes[layer])]
    return [[use("delta", layer, i)]]


def _gradient(term: Term, net: _Net) -> Expression:
    """dC/dw_ij = δ_i a_j(l−1); where δ is that of T − a, −δ_i a_j(l−1), unless the sheet leaves out the −."""
    products = _products(term, net)
    if net.conventions.difference == "a-T" or net.conventions.gradients == "-dC/dW":
        return add(*(multiply(*factors) for factors in products))
    if len(products) == 1:
        (first, *rest) = products[0]
        return multiply(negative(first), *rest)
    return negative(add(*(multiply(*factors) for factors in products)))


def _update(term: Term, net: _Net) -> Expression:
    """w ← w − γ dC/dw, everything of the step before; a fixed bias stays, a shared one is neuron 0's.

    With T − a it is w + γ δ a. A batch waits for the end of a pass, and takes the sum or the mean of its
    products then.
    """
    conventions, before = net.conventions, Reference(Use(term, -1))
    bias = is_bias(term, net.sizes)
    if conventions.biases == "shared" and bias and term.i > 0:
        return Reference(Use(term._replace(i=0)))
    if (conventions.biases == "fixed" and bias) or net.turn % net.patterns:
        return before
    products = [
        [shifted(factor, step) for factor in factors]
        for step in range(-net.patterns, 0)
        for factors in _products(term, net)
    ]
    rate = Reference(Use(LEARNING_RATE))
    if len(products) == 1:
        change = multiply(rate, *products[0])
    else:
        change = multiply(rate, add(*(multiply(*factors) for factors in products)))
    if conventions.batch == "mean" and net.patterns > 1:
        change = divide(change, number(net.patterns))
    return subtract(before, change) if conventions.difference == "a-T" else add(before, change)


def _cost(term: Term, net: _Net) -> Expression:
    """C = ½ Σ_i (a_i(L) − T_i)², or what the conventions have in its place."""
    return whole(net.sizes, net.conventions)


_Rule: TypeAlias = Callable[[Term, _Net], Expression]
_RULES: dict[Kind, _Rule] = {
    "a": _activation,
    "delta": _delta,
    "gradient": _gradient,
    "cost": _cost,
    "w": _update,
}


def shifted(expression: Expression, steps: int) -> Expression:
    """Return an expression over `Use`s with all of them moved by some steps; γ is the same in every step."""

    def shift(part: Expression) -> Expression | None:
        if isinstance(part, Reference) and isinstance(part.target, Use) and part.target.term != LEARNING_RATE:
            return Reference(Use(part.target.term, part.target.step + steps))
        return None

    return replace(expression, shift)
