"""Wrong δ, of outputs and of hidden neurons."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

from sheetnet.diagnosis.misconceptions.variant import Net, Variant, a_of, d_of, t_of, w_of
from sheetnet.formula.expression import (
    Expression,
    add,
    multiply,
    negative,
    number,
    power,
    subtract,
)
from sheetnet.net.intermediates import SLOPES, use
from sheetnet.net.terms import Term


def deltas(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong δ."""
    yield from _output_deltas(term, net) if term.layer == net.last else _hidden_deltas(term, net)


def _output_deltas(term: Term, net: Net) -> Iterator[Variant]:
    layer, i = term.layer, term.i
    a, t, miss, factor = a_of(layer, i), t_of(i), net.miss(i), net.factor()
    slope, right = net.slope(layer, i), net.right(term)
    one = number(1)
    if slope:
        yield Variant("delta-output-no-slope", multiply(*factor, miss))
    yield from _half_slopes("delta-output", slope, lambda part: multiply(*factor, miss, *part), a)
    yield Variant("delta-output-sign", negative(right))
    yield Variant("delta-output-factor-two", multiply(number(2), right))
    if factor:
        yield Variant("delta-output-factor-missing", multiply(miss, *slope))
    z = net.sum(layer, i)
    yield Variant("delta-output-z-slope", multiply(*factor, miss, z, subtract(one, z)))
    for half in ([], [number(0.5)]):
        yield Variant("delta-output-squared", multiply(*half, power(miss, 2), *slope))
    yield Variant("delta-output-target-slope", multiply(*factor, miss, t, subtract(one, t)))
    for k in range(net.sizes[-1]):
        if k != i:
            other = {"other": f"T{k}"}
            yield Variant("delta-output-other-target", multiply(*factor, net.miss(i, k), *slope), other)
            for parts in (
                (net.miss(k, i), slope),
                (miss, net.slope(layer, k)),
                (net.miss(k, i), net.slope(layer, k)),
            ):
                changed = multiply(*factor, parts[0], *parts[1])
                yield Variant("delta-output-other-output", changed, {"other": f"a{k}"})
            yield Variant("delta-other-delta", net.right(term._replace(i=k)), {"other": f"δ{k}"})
    yield Variant("delta-output-total-cost", multiply(use("cost"), *slope))
    yield from _other_slopes(
        "delta-output-other-activation", net, layer, a, lambda s: multiply(*factor, miss, *s)
    )
    yield from net.rows("delta-other-row", right, ("a", "target"), (-1, 1))


def _half_slopes(
    family: str,
    slope: Sequence[Expression],
    build: Callable[[Sequence[Expression]], Expression],
    a: Expression,
) -> Iterator[Variant]:
    """Yield what a sigmoid's slope a(1−a) becomes when half of it is forgotten."""
    if len(slope) == 2:
        yield Variant(f"{family}-a-alone", build([a]))
        yield Variant(f"{family}-a-missing", build([subtract(number(1), a)]))


def _other_slopes(
    code: str, net: Net, layer: int, a: Expression, build: Callable[[Sequence[Expression]], Expression]
) -> Iterator[Variant]:
    """Yield δ with the slope of another activation than the layer's; a linear one's is none at all.

    A sigmoid's a is above 0, where the slope of relu is 1 and can't be told from none.
    """
    own = net.conventions.activation(layer)
    for other, factors in SLOPES.items():
        if other not in (own, "linear", "softmax") and (own, other) != ("sigmoid", "relu"):
            yield Variant(code, build(factors(a)), {"activation": other})


def _hidden_deltas(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong δ of hidden neurons: wrong sums, right slope; then the right one with wrong slopes."""
    slope, right = net.slope(term.layer, term.i), net.right(term)
    for code, total, details in _sums(term, net):
        yield Variant(code, multiply(*slope, total), details)
    yield from _slopes(term, net)
    for k in range(net.sizes[term.layer]):
        if k != term.i:
            yield Variant("delta-other-delta", net.right(term._replace(i=k)), {"other": f"δ{k}"})
    yield Variant("delta-hidden-sign", negative(right))
    yield from net.rows("delta-other-row", right, ("a", "w", "delta"), (-1, 1))


def _sums(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong sums of what comes back from the next layer, without the slope."""
    layer, i = term.layer, term.i
    here, outs = net.sizes[layer], range(net.sizes[layer + 1])
    paths = [multiply(d_of(layer + 1, k), w_of(layer + 1, k, i)) for k in outs]
    if i < len(outs):
        rows = range(min(len(outs), here + net.biases))
        turned = [multiply(d_of(layer + 1, k), w_of(layer + 1, i, k)) for k in rows]
        yield Variant("delta-hidden-untransposed", add(*turned))
    moved = [multiply(d_of(layer + 1, k), w_of(layer + 1, k, i, step=1)) for k in outs]
    yield Variant("delta-hidden-updated-weights", add(*moved))
    if net.conventions.order == "outputs first":
        yield Variant("delta-hidden-old-weights", add(*paths))
    for k in outs if len(outs) > 1 else ():
        yield Variant("delta-hidden-one-path", paths[k], {"path": f"δ{k}"})
    if layer + 1 == net.last:
        for factor in [net.factor(), []] if net.factor() else [[]]:
            raw = add(*(multiply(*factor, net.miss(k), w_of(net.last, k, i)) for k in outs))
            yield Variant("delta-hidden-raw-error", raw)
    yield Variant("delta-hidden-no-weights", add(*(d_of(layer + 1, k) for k in outs)))
    for row, column in _fitting(net, layer, i, len(outs)):
        wrong = [multiply(d_of(layer + 1, k), w_of(layer, row(k), column(k))) for k in outs]
        yield Variant("delta-hidden-other-weights", add(*wrong))
    if net.biases:
        bias = [multiply(d_of(layer + 1, k), w_of(layer + 1, k, here)) for k in outs]
        yield Variant("delta-hidden-bias", add(*paths, *bias))
    yield Variant("delta-hidden-cost", add(*(multiply(use("cost"), w_of(layer + 1, k, i)) for k in outs)))
    yield Variant("delta-hidden-cost", use("cost"))
    for k, m in permutations(outs, 2):
        swapped = [multiply(d_of(layer + 1, m if x == k else x), w_of(layer + 1, x, i)) for x in outs]
        yield Variant("delta-hidden-other-delta", add(*swapped), {"other": f"δ{m}"})
    if len(outs) == 2:
        crossed = [multiply(d_of(layer + 1, 1 - k), w_of(layer + 1, k, i)) for k in outs]
        yield Variant("delta-hidden-other-delta", add(*crossed), {"other": "δ1 and δ0"})


def _slopes(term: Term, net: Net) -> Iterator[Variant]:
    """Yield the right sum of what comes back, times wrong slopes."""
    layer, i = term.layer, term.i
    slope, outs = net.slope(layer, i), range(net.sizes[layer + 1])
    paths = [multiply(d_of(layer + 1, k), w_of(layer + 1, k, i)) for k in outs]
    total = add(*paths)
    if slope:
        yield Variant("delta-hidden-no-slope", total)
    yield from _half_slopes("delta-hidden", slope, lambda part: multiply(*part, total), a_of(layer, i))
    for other in (layer + 1, layer - 1):
        if i < net.sizes[other]:
            factors = _factors(net, other, i, layer)
            yield Variant("delta-hidden-other-slope", multiply(*factors, total), {"layer": str(other)})
    each = [multiply(path, *net.slope(layer + 1, k)) for k, path in enumerate(paths)]
    yield Variant("delta-hidden-other-slope", add(*each), {"layer": str(layer + 1)})
    for k in range(net.sizes[layer]):
        if k != i:
            own = net.slope(layer, k)
            yield Variant("delta-hidden-other-neuron", multiply(*own, total), {"other": f"a{k}"})
    if len(outs) > 1 and slope:
        yield Variant("delta-hidden-brackets", add(multiply(*slope, paths[0]), *paths[1:]))
    yield from _other_slopes(
        "delta-hidden-other-activation", net, layer, a_of(layer, i), lambda part: multiply(*part, total)
    )


def _fitting(
    net: Net, layer: int, i: int, after: int
) -> Iterator[tuple[Callable[[int], int], Callable[[int], int]]]:
    """Yield the ways to take weights of W(l) in place of W(l+1): along its column i, or along its row i."""
    here, before = net.sizes[layer], net.sizes[layer - 1]
    if after <= here and i < before + net.biases:
        yield (lambda k: k), (lambda _: i)
    if after <= before + net.biases:
        yield (lambda _: i), (lambda k: k)


def _factors(net: Net, layer: int, i: int, own: int) -> Sequence[Expression]:
    """Return σ' of a neuron of another layer; inputs count as if they had the activation of layer `own`."""
    return net.slope(layer, i) if layer else SLOPES[net.conventions.activation(own)](a_of(0, i))
