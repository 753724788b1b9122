"""What the rule is built from, and sheets may show: z, σ', a − T and each output's own cost."""

from collections.abc import Callable
from fractions import Fraction

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
    subtract,
)
from sheetnet.net.conventions import Activation, Conventions
from sheetnet.net.terms import Kind, Term, Use


def intermediate(term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return what a "z", "slope", "miss", "part", "pull" or "path" is; references are `Use`s of terms.

    A softmax's slope is ∂a_i/∂z_i. With "T-a" a miss is T_i − a_i. The parts add up to C. The pull of a
    hidden neuron is Σ_k δ_k(l+1) w_ki(l+1), with the sign of δ; a path is one of these products.
    """
    match term.kind:
        case "z":
            return weighted_sum(term.layer, term.i, sizes, conventions)
        case "slope":
            factors = slope(term.layer, term.i, conventions)
            return multiply(*factors) if factors else number(1)
        case "miss":
            return miss(term.i, sizes, conventions)
        case "part":
            return part(term.i, sizes, conventions)
        case "pull":
            return pull(term.layer, term.i, sizes, conventions)
        case "path":
            return path(term.layer, term.i, term.j, conventions)
    raise ValueError(f"{term.kind} is no intermediate quantity; expected z, slope, miss, part, pull or path")


def use(kind: Kind, layer: int = 0, i: int = 0, j: int = 0, *, step: int = 0) -> Reference:
    """Return a reference to a term, of the same step or of `step` steps later."""
    return Reference(Use(Term(kind, layer, i, j), step))


# ---------------------------------------------------------------- z and σ'


def weighted_sum(layer: int, i: int, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return z_i = Σ_j a_j(l−1) w_ij + bias."""
    before = sizes[layer - 1]
    products = [multiply(use("a", layer - 1, j), use("w", layer, i, j)) for j in range(before)]
    bias = [] if conventions.biases == "none" else [use("w", layer, i, before)]
    return add(*products, *bias)


def slope(layer: int, i: int, conventions: Conventions) -> tuple[Expression, ...]:
    """Return the factors of σ'_i = da/dz, from a; none where it is 1."""
    return SLOPES[conventions.activation(layer)](use("a", layer, i))


SLOPES: dict[Activation, Callable[[Expression], tuple[Expression, ...]]] = {
    "sigmoid": lambda a: (a, subtract(number(1), a)),
    "tanh": lambda a: (subtract(number(1), power(a, 2)),),
    "relu": lambda a: (call("IF", Operation(">", (a, number(0))), number(1), number(0)),),
    "linear": lambda a: (),
    "softmax": lambda a: (a, subtract(number(1), a)),
}


# ---------------------------------------------------------------- what comes back from the next layer


def pull(layer: int, i: int, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return Σ_k δ_k(l+1) w_ki(l+1); of an output of squares it is a − T with the cost's factor."""
    if layer == len(sizes) - 1:
        return multiply(number(float(2 * square_factor(sizes, conventions))), miss(i, sizes, conventions))
    return add(*(path(layer, i, k, conventions) for k in range(sizes[layer + 1])))


def path(layer: int, i: int, k: int, conventions: Conventions) -> Expression:
    """Return δ_k(l+1) w_ki(l+1), with the weight of the next step where the outputs are updated first."""
    updated = 1 if conventions.order == "outputs first" else 0
    return multiply(use("delta", layer + 1, k), use("w", layer + 1, k, i, step=updated))


# ---------------------------------------------------------------- a − T and C's parts


def miss(i: int, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return a_i − T_i, or T_i − a_i."""
    a, target = use("a", len(sizes) - 1, i), use("target", 0, i)
    return subtract(a, target) if conventions.difference == "a-T" else subtract(target, a)


def part(i: int, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return C_i, by which output i adds to C, the cost's factor included."""
    if conventions.cost == "cross-entropy":
        return _negated(_information(i, sizes, conventions))
    return scaled(_square(i, sizes, conventions), square_factor(sizes, conventions))


def whole(sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return C, the sum of its parts."""
    outputs = range(sizes[-1])
    if conventions.cost == "cross-entropy":
        total = part(0, sizes, conventions)
        for i in outputs[1:]:
            total = subtract(total, _information(i, sizes, conventions))
        return total
    factor = square_factor(sizes, conventions)
    if factor.denominator <= 2:
        return add(*(part(i, sizes, conventions) for i in outputs))
    return scaled(add(*(_square(i, sizes, conventions) for i in outputs)), factor)


def _square(i: int, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return (a_i − T_i)²."""
    return power(miss(i, sizes, conventions), 2)


def square_factor(sizes: tuple[int, ...], conventions: Conventions) -> Fraction:
    """Return by what Σ (a − T)² is multiplied in C: 1, ½, 1/n or 1/2n."""
    halves = Fraction(1, 2) if conventions.cost.startswith("half") else Fraction(1)
    return halves / sizes[-1] if "mean" in conventions.cost else halves


def _information(i: int, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return what cross-entropy takes from C: T_i ln a_i, of a sigmoid T ln a + (1−T) ln (1−a)."""
    last = len(sizes) - 1
    a, target = use("a", last, i), use("target", 0, i)
    hit = multiply(target, call("LN", a))
    if conventions.activation(last) == "softmax":
        return hit
    return add(hit, multiply(subtract(number(1), target), call("LN", subtract(number(1), a))))


def _negated(expression: Expression) -> Expression:
    """Return −x, the sign of a product before its first factor."""
    if isinstance(expression, Operation) and expression.operator == "*":
        first, *rest = expression.operands
        return multiply(negative(first), *rest)
    return negative(expression)


def scaled(expression: Expression, factor: Fraction) -> Expression:
    """Return a multiple as people write it: 0.5*x as in the note, x/3."""
    if factor == 1:
        return expression
    if factor == Fraction(1, 2):
        return multiply(number(0.5), expression)
    return divide(expression, number(factor.denominator))
