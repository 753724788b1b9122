"""Shortcuts: a term's rule that takes z, σ', a − T, C's parts and dC/dW from where a sheet shows them."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from sheetnet.formula.expression import (
    Expression,
    Operation,
    Reference,
    add,
    divide,
    multiply,
    negative,
    number,
    power,
    replace,
    subtract,
)
from sheetnet.formula.reduction import operands
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import shifted
from sheetnet.net.intermediates import intermediate, scaled, slope, square_factor, use
from sheetnet.net.terms import LEARNING_RATE, Kind, Term, Use


def shortened(
    rule: Expression,
    term: Term,
    via: Collection[Term],
    sizes: tuple[int, ...],
    conventions: Conventions,
    shown: Mapping[Kind, Conventions] = MappingProxyType({}),
) -> Expression:
    """Return a term's rule by way of the intermediate quantities `via`, as far as they take part in it.

    A δ takes its slope from σ', an a its weighted sum from z, the cost is the sum of its parts. `shown` has
    the conventions of misses and parts where they are others: T − a beside a δ of a − T, parts without ½.
    """
    if term.kind == "cost" and (total := _of_parts(via, sizes, conventions, shown)) is not None:
        return total
    own_slope, own_z = Term("slope", term.layer, term.i), Term("z", term.layer, term.i)
    if term.kind == "delta" and own_slope in via:
        rule = _with_slope(rule, term, sizes, conventions)
    if term.kind == "slope" and own_z in via and conventions.activation(term.layer) == "relu":
        return replace(rule, lambda part: use("z", *own_z[1:]) if part == use("a", *own_z[1:]) else None)
    turned = shown.get("miss", conventions).difference != conventions.difference
    places: dict[Expression, Expression] = {}
    for each in via:
        if each == term or each.kind not in ("z", "miss"):
            continue
        spelt, place = intermediate(each, sizes, conventions), Reference(Use(each))
        places[spelt] = negative(place) if turned and each.kind == "miss" else place
        places[power(spelt, 2)] = power(place, 2)
    return replace(rule, places.get)


def _of_parts(
    via: Collection[Term],
    sizes: tuple[int, ...],
    conventions: Conventions,
    shown: Mapping[Kind, Conventions],
) -> Expression | None:
    """Return the cost as its parts added up, None unless all are there and no more than divided after."""
    parts = [Term("part", 0, i) for i in range(sizes[-1])]
    theirs = shown.get("part", conventions)
    if not all(each in via for each in parts):
        return None
    total = add(*(Reference(Use(each)) for each in parts))
    if "cross-entropy" in (theirs.cost, conventions.cost):
        return total if theirs.cost == conventions.cost else None
    ratio = square_factor(sizes, conventions) / square_factor(sizes, theirs)
    return scaled(total, ratio) if ratio.numerator == 1 else None


def _with_slope(rule: Expression, term: Term, sizes: tuple[int, ...], conventions: Conventions) -> Expression:
    """Return a δ with σ' for its factors, or as one more factor where it is 1 and the rule leaves it out."""
    output = term.layer == len(sizes) - 1
    if output and conventions.cost == "cross-entropy":
        return rule  # it has cancelled out
    if isinstance(rule, Operation) and rule.operator == "/":
        product, divisor = rule.operands
        return divide(_with_slope(product, term, sizes, conventions), divisor)
    first, rest = operands(rule, ("*",))
    factors = [first, *(factor for _, factor in rest)]
    spelt = list(slope(term.layer, term.i, conventions))
    count = len(factors) if output else 0
    at = next((i for i in range(len(factors)) if spelt and factors[i : i + len(spelt)] == spelt), count)
    factors[at : at + len(spelt)] = [use("slope", term.layer, term.i)]
    return multiply(*factors)


def by_gradient(weight: Term, conventions: Conventions, patterns: int) -> Expression:
    """Return a weight's update by way of its dC/dW: those of the pass before in a batch of `patterns`."""
    gradient = Reference(Use(weight._replace(kind="gradient")))
    steps = 1 if conventions.batch == "one" else patterns
    change = multiply(
        Reference(Use(LEARNING_RATE)), add(*(shifted(gradient, step) for step in range(-steps, 0)))
    )
    if conventions.batch == "mean" and steps > 1:
        change = divide(change, number(steps))
    before = Reference(Use(weight, -1))
    return add(before, change) if conventions.gradients == "-dC/dW" else subtract(before, change)
