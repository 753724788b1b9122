"""The feedback column: formulas that tell whether a gradient agrees with a central difference of the cost.

Each is one formula of inputs, weights and targets, with the forward pass written out, so that nothing which
a student typed before the gradient decides about it, and no cell shows the number.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from sheetnet.errors import LayoutError
from sheetnet.exercise.tolerance import half_unit
from sheetnet.formula.expression import (
    Constant,
    Expression,
    Operation,
    Reference,
    add,
    call,
    divide,
    number,
    replace,
    subtract,
)
from sheetnet.formula.text import written
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation, shifted
from sheetnet.net.intermediates import part
from sheetnet.net.terms import Term, Use, is_bias, named, sizes_text, weights

SMALL = 1e-4
"""By how much a weight is moved: h of (C(w+h) − C(w−h)) / 2h."""
ERROR = 2e-8
"""What the difference is off by at most, h² C'''/6, for weights up to 2: tanh; sigmoids stay below 4e-10."""
MAX_CHARACTERS = 8_192
"""Of a formula in Excel."""
MAX_NESTING = 64
"""Brackets within brackets in a formula of Excel, functions' and others."""
WORDS: Mapping[str, tuple[str, str]] = {
    "en": ("✓ agrees", "✗ not yet"),
    "da": ("✓ stemmer", "✗ ikke endnu"),
}
"""Language → what a verdict says of a gradient that agrees, and of one that does not."""

_ADDRESS = "$AB$1000"  # as long as one gets on a worksheet
_LEAST = 3  # characters of a reference and an operator
_DIGITS = 6


def tolerance(decimals: int) -> float:
    """Return by how much a gradient asked with so many decimals may differ: half a unit, and ERROR."""
    return half_unit(decimals) + ERROR


def verdict(
    term: Term,
    sizes: tuple[int, ...],
    conventions: Conventions,
    *,
    gradient: Use,
    tolerance: float,
    right: str,
    wrong: str,
    filled: Sequence[Use] = (),
) -> Expression:
    """Return what the cell beside a weight's gradient says: `right`, `wrong`, or nothing before a number.

    References are `Use`s of inputs, weights and targets of the step of `gradient`, and of that itself. It is
    compared with dC/dw as the conventions' columns have it, its negative with "-dC/dW"; a bias that a layer
    shares is moved in all its neurons. Nothing is said while one of the cells `filled` has no number.
    LayoutError, naming the largest net that can have it, when Excel would take no such formula. ValueError
    for a hidden weight where the outputs are updated first: its column is no slope of the cost.
    """
    if conventions.order == "outputs first" and term.layer < len(sizes) - 1:
        raise ValueError(
            f"the column of {named(term)} is no slope of the cost; expected simultaneous updates"
        )
    if _least(sizes) > MAX_CHARACTERS:
        raise _too_long(sizes, conventions)
    expression = _verdict(
        term,
        sizes,
        conventions,
        gradient=gradient,
        tolerance=tolerance,
        words=(right, wrong),
        filled=filled,
    )
    if not _fits(expression):
        raise _too_long(sizes, conventions)
    return expression


def central_difference(
    term: Term, sizes: tuple[int, ...], conventions: Conventions, *, step: int = 0
) -> Expression:
    """Return (C(w+h) − C(w−h)) / 2h of a weight over inputs, weights and targets of one step.

    Outputs that the weight does not lead to add the same to both costs, and are left out.
    """
    up = _cost(term, add, sizes, conventions)
    down = _cost(term, subtract, sizes, conventions)
    return shifted(divide(subtract(up, down), number(2 * SMALL)), step)


def _verdict(
    term: Term,
    sizes: tuple[int, ...],
    conventions: Conventions,
    *,
    gradient: Use,
    tolerance: float,
    words: tuple[str, str],
    filled: Sequence[Use],
) -> Expression:
    slope = central_difference(term, sizes, conventions, step=gradient.step)
    opposite = conventions.gradients == "-dC/dW" and conventions.difference == "T-a"
    off = (add if opposite else subtract)(Reference(gradient), slope)
    agrees = Operation("<=", (call("ABS", off), _plain(tolerance)))
    cells = dict.fromkeys((gradient, *filled))
    there = Operation("=", (call("COUNT", *map(Reference, cells)), number(len(cells))))
    right, wrong = map(Constant, words)
    return call("IF", there, call("IF", agrees, right, wrong), Constant(""))


def _plain(value: float) -> Expression:
    """Return a small number as a quotient: 0.5/10000, since 5e-05 is no number in every dialect."""
    if value >= 1e-3:
        return number(float(f"{value:.{_DIGITS}g}"))
    power = math.ceil(-math.log10(value))
    return divide(number(float(f"{value * 10**power:.{_DIGITS}g}")), number(10**power))


# ---------------------------------------------------------------- the forward pass, written out


def _cost(
    term: Term,
    move: Callable[[Expression, Expression], Expression],
    sizes: tuple[int, ...],
    conventions: Conventions,
) -> Expression:
    """Return C with one weight moved, as far as it depends on that weight."""
    last = len(sizes) - 1
    shared = conventions.biases == "shared" and is_bias(term, sizes)
    moved = {term._replace(i=i) for i in range(sizes[term.layer])} if shared else {term}
    apart = term.layer == last and not shared and conventions.activation(last) != "softmax"
    outputs = [term.i] if apart else range(sizes[-1])
    known: dict[Term, Expression] = {}

    def put(each: Expression) -> Expression | None:
        if not (isinstance(each, Reference) and isinstance(each.target, Use)):
            return None
        name = each.target.term
        if name in moved:
            return move(each, number(SMALL))
        if name.kind != "a" or name.layer == 0:
            return None
        if name not in known:
            known[name] = replace(equation(name, sizes, conventions), put)
        return known[name]

    return add(*(replace(part(i, sizes, conventions), put) for i in outputs))


# ---------------------------------------------------------------- what Excel takes


def _least(sizes: tuple[int, ...]) -> int:
    """Return how many characters the verdict on a weight of the outputs has at least."""
    references = 1
    for before, _ in pairwise(sizes):
        references = before * (references + 1)
    return 2 * _LEAST * references


def _fits(expression: Expression) -> bool:
    """Tell whether Excel takes an expression as a formula, whatever its cells' addresses."""
    text = written(expression, lambda _: _ADDRESS)
    depth = deepest = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return len(text) < MAX_CHARACTERS and deepest <= MAX_NESTING


def _too_long(sizes: tuple[int, ...], conventions: Conventions) -> LayoutError:
    largest = _largest(len(sizes), conventions)
    most = "" if largest is None else f"; of as many layers {sizes_text(largest)} is the largest that can"
    return LayoutError(
        f"a {sizes_text(sizes)} net can't have a feedback column: its formulas would be longer, or deeper, "
        f"than Excel's {MAX_CHARACTERS:,} characters and {MAX_NESTING} brackets{most}; make a smaller net, "
        "or leave the feedback out"
    )


def _largest(layers: int, conventions: Conventions) -> tuple[int, ...] | None:
    """Return the largest net of equally many neurons in so many layers all of whose verdicts fit."""
    largest, neurons = None, 1
    while True:
        sizes = (neurons,) * layers
        if _least(sizes) > MAX_CHARACTERS or not _all_fit(sizes, conventions):
            return largest
        largest, neurons = sizes, neurons + 1


def _all_fit(sizes: tuple[int, ...], conventions: Conventions) -> bool:
    """Tell whether the verdict on a first weight of each layer fits; those of a layer are equally long."""
    firsts = [weights(sizes, layer)[0] for layer in range(1, len(sizes))]
    return all(
        _fits(
            _verdict(
                weight,
                sizes,
                conventions,
                gradient=Use(weight._replace(kind="gradient")),
                tolerance=1e-4,
                words=WORDS["da"],
                filled=(),
            )
        )
        for weight in firsts
    )
