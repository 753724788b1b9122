"""Wrong forward passes: wrong weighted sums, and wrong activations of right ones."""

from collections.abc import Iterator

from sheetnet.diagnosis.misconceptions.variant import Net, Variant, a_of, label_of, w_of
from sheetnet.formula.expression import (
    Operation,
    add,
    call,
    divide,
    multiply,
    negative,
    number,
    subtract,
)
from sheetnet.net.conventions import ACTIVATIONS
from sheetnet.net.equations import VALUES
from sheetnet.net.terms import Term


def sums(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong weighted sums z."""
    layer, i = term.layer, term.i
    before, here = net.sizes[layer - 1], net.sizes[layer]
    products, bias = net.products(layer, i), net.bias(layer, i)
    if bias:
        yield Variant("forward-no-bias", add(*products))
        for k in range(here):
            if k != i:
                other = w_of(layer, k, before)
                yield Variant(
                    "forward-other-bias", add(*products, other), {"other": label_of("w", layer, k, before)}
                )
    if i < before and here > 1:
        turned = [multiply(a_of(layer - 1, j), w_of(layer, j, i)) for j in range(min(before, here))]
        yield Variant("forward-transposed", add(*turned, *bias))
    yield Variant("forward-minus-first", add(products[0], *map(negative, [*products[1:], *bias])))
    for skipped in range(layer - 1):
        if net.sizes[skipped] >= before:
            fed = [multiply(a_of(skipped, j), w_of(layer, i, j)) for j in range(before)]
            what = "the inputs" if skipped == 0 else f"layer {skipped}"
            yield Variant("forward-other-layer", add(*fed, *bias), {"what": what})
    if before > 1:
        for j in range(before):
            rest = [*products[:j], *products[j + 1 :], *bias]
            yield Variant(
                "forward-term-missing", add(*rest), {"missing": f"a{j}*{label_of('w', layer, i, j)}"}
            )
    yield from net.rows("forward-other-row", add(*products, *bias), ("a", "w"), (-1, 1))


def activations(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong activations of the right sum, and right ones of wrong sums."""
    layer, i = term.layer, term.i
    own = net.conventions.activation(layer)
    z = net.sum(layer, i)
    if own == "softmax":
        return
    value = VALUES[own]
    for variant in sums(term, net):
        if variant.code != "forward-minus-first" or own == "sigmoid":
            yield variant._replace(expression=value(variant.expression))
    one = number(1)
    if own == "sigmoid":
        yield Variant("forward-sign-lost", divide(one, add(one, call("EXP", z))))
        yield Variant("forward-one-minus", divide(one, subtract(one, call("EXP", negative(z)))))
        yield Variant("forward-brackets", add(divide(one, one), call("EXP", negative(z))))
        yield Variant(
            "forward-base", divide(one, add(one, Operation("^", (number(10), negative(z))))), {"base": "10"}
        )
        yield Variant(
            "forward-base", divide(one, add(one, Operation("^", (number(2), negative(z))))), {"base": "2"}
        )
    for other in ACTIVATIONS:
        if other != own:
            yield Variant(f"forward-{other}", VALUES[other](z))
    for test in (">", ">="):
        yield Variant("forward-step", call("IF", Operation(test, (z, number(0))), one, number(0)))
