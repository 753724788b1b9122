"""The note's rule as data: for each term, an expression over other terms."""

from collections.abc import Callable

from sheetnet.formula.expression import (
    Expression,
    Operation,
    Reference,
    add,
    call,
    divide,
    multiply,
    negative,
    number,
    power,
    replace,
    subtract,
)
from sheetnet.net.conventions import Activation, Conventions
from sheetnet.net.terms import LEARNING_RATE, Term, Use, is_bias, terms

# -------------------------------------------------------------- activations: a from z, da/dz's factors from a

_VALUES: dict[Activation, Callable[[Expression], Expression]] = {
    "sigmoid": lambda z: divide(number(1), add(number(1), call("EXP", negative(z)))),
    "tanh": lambda z: call("TANH", z),
    "relu": lambda z: call("MAX", number(0), z),
    "linear": lambda z: z,
}
_SLOPES: dict[Activation, Callable[[Expression], tuple[Expression, ...]]] = {
    "sigmoid": lambda a: (a, subtract(number(1), a)),
    "tanh": lambda a: (subtract(number(1), power(a, 2)),),
    "relu": lambda a: (call("IF", Operation(">", (a, number(0))), number(1), number(0)),),
    "linear": lambda a: (),
}


# ---------------------------------------------------------------- the rule


def equations(sizes: tuple[int, ...], conventions: Conventions) -> dict[Term, Expression]:
    """Return what every computed term follows from: references are `Use`s of terms.

    A weight's equation holds from step 1 on; inputs, targets and γ have none.
    """
    biases = conventions.biases != "none"
    rules = {"a": _activation, "delta": _delta, "gradient": _gradient, "cost": _cost, "w": _update}
    return {
        term: rules[term.kind](term, sizes, conventions)
        for term in terms(sizes, biases=biases)
        if term.kind in rules and (term.kind, term.layer) != ("a", 0)
    }


def _use(kind: str, layer: int = 0, i: int = 0, j: int = 0, *, step: int = 0) -> Reference:
    return Reference(Use(Term(kind, layer, i, j), step))  # type: ignore[arg-type]


def _activation(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """a_i = σ(z_i), z_i = Σ_j a_j(l−1) w_ij + bias; σ is the layer's activation."""
    layer, before = term.layer, sizes[term.layer - 1]
    products = [multiply(_use("a", layer - 1, j), _use("w", layer, term.i, j)) for j in range(before)]
    bias = [] if conventions.biases == "none" else [_use("w", layer, term.i, before)]
    return _VALUES[conventions.activation(layer)](add(*products, *bias))


def _delta(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """δ_i(L) = (a_i − T_i) σ'_i; δ_i(l) = σ'_i Σ_k δ_k(l+1) w_ki(l+1); the sigmoid's σ' = a (1−a)."""
    layer, i = term.layer, term.i
    a = _use("a", layer, i)
    slope = _SLOPES[conventions.activation(layer)](a)
    if layer == len(sizes) - 1:
        return multiply(subtract(a, _use("target", 0, i)), *slope)
    updated = 1 if conventions.order == "outputs first" else 0
    paths = [
        multiply(_use("delta", layer + 1, k), _use("w", layer + 1, k, i, step=updated))
        for k in range(sizes[layer + 1])
    ]
    return multiply(*slope, add(*paths))


def _gradient(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """dC/dw_ij = δ_i a_j(l−1); a bias's is δ_i, and when the layer shares it, Σ_i δ_i."""
    if not is_bias(term, sizes):
        return multiply(_use("delta", term.layer, term.i), _use("a", term.layer - 1, term.j))
    if conventions.biases == "shared":
        return add(*(_use("delta", term.layer, i) for i in range(sizes[term.layer])))
    return _use("delta", term.layer, term.i)


def _update(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """w ← w − γ dC/dw, everything of the step before; a fixed bias stays, a shared one is neuron 0's."""
    before = Reference(Use(term, -1))
    if conventions.biases == "fixed" and is_bias(term, sizes):
        return before
    if conventions.biases == "shared" and is_bias(term, sizes) and term.i > 0:
        return Reference(Use(term._replace(i=0)))
    gradient = _gradient(term._replace(kind="gradient"), sizes, conventions)
    product = isinstance(gradient, Operation) and gradient.operator == "*"
    factors = gradient.operands if product and isinstance(gradient, Operation) else (gradient,)
    return subtract(
        before, multiply(Reference(Use(LEARNING_RATE)), *(shifted(factor, -1) for factor in factors))
    )


def shifted(expression: Expression, steps: int) -> Expression:
    """Return an expression over `Use`s with all of them moved by some steps; γ is the same in every step."""

    def shift(part: Expression) -> Expression | None:
        if isinstance(part, Reference) and isinstance(part.target, Use) and part.target.term != LEARNING_RATE:
            return Reference(Use(part.target.term, part.target.step + steps))
        return None

    return replace(expression, shift)


def _cost(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """C = ½ Σ_i (a_i(L) − T_i)²."""
    last = len(sizes) - 1
    return add(
        *(
            multiply(number(0.5), power(subtract(_use("a", last, i), _use("target", 0, i)), 2))
            for i in range(sizes[-1])
        )
    )
