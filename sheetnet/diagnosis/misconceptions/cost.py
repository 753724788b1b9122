"""Wrong costs."""

from collections.abc import Iterator

from sheetnet.diagnosis.misconceptions.variant import Net, Variant, a_of, t_of
from sheetnet.formula.expression import (
    Expression,
    add,
    call,
    divide,
    multiply,
    negative,
    number,
    power,
    subtract,
)
from sheetnet.net.terms import COST, Term


def costs(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong costs."""
    n, last = net.sizes[-1], net.last
    misses = [subtract(a_of(last, i), t_of(i)) for i in range(n)]
    squares = [power(miss, 2) for miss in misses]
    half = number(0.5)
    yield Variant("cost-no-half", add(*squares))
    yield Variant("cost-mean", divide(add(*squares), number(n)))
    yield Variant("cost-mean", multiply(half, divide(add(*squares), number(n))))
    for factor in ([half], []):
        yield Variant("cost-not-squared", multiply(*factor, add(*misses)))
        yield Variant("cost-absolute", multiply(*factor, add(*(call("ABS", miss) for miss in misses))))
        yield Variant("cost-square-of-sum", multiply(*factor, power(add(*misses), 2)))
        for i in range(n):
            yield Variant("cost-one-output", multiply(*factor, squares[i]), {"output": f"a{i}"})
    yield Variant("cost-absolute", divide(add(*(call("ABS", miss) for miss in misses)), number(n)))
    for inside in (add(*squares), multiply(half, add(*squares)), divide(add(*squares), number(n))):
        yield Variant("cost-root", call("SQRT", inside))
    for entropy in _entropies(net):
        yield Variant("cost-cross-entropy", entropy)
    yield from net.rows("cost-other-row", net.right(COST), ("a", "target"), (-1, 1))


def parts(term: Term, net: Net) -> Iterator[Variant]:
    """Yield wrong parts that one output adds to the cost."""
    right = net.right(term)
    miss = subtract(a_of(net.last, term.i), t_of(term.i))
    for factor in ([number(0.5)], [], [number(1 / net.sizes[-1])]):
        if not factor:
            yield Variant("cost-no-half", power(miss, 2))
        yield Variant("cost-not-squared", multiply(*factor, miss))
        yield Variant("cost-not-squared", multiply(*factor, negative(miss)))
        yield Variant("cost-absolute", multiply(*factor, call("ABS", miss)))
        yield Variant("cost-root", multiply(*factor, call("SQRT", power(miss, 2))))
    yield from net.rows("cost-other-row", right, ("a", "target"), (-1, 1))


def _entropies(net: Net) -> list[Expression]:
    hits = [multiply(t_of(i), call("LN", a_of(net.last, i))) for i in range(net.sizes[-1])]
    one = number(1)
    misses = [
        multiply(subtract(one, t_of(i)), call("LN", subtract(one, a_of(net.last, i))))
        for i in range(net.sizes[-1])
    ]
    both = negative(add(*(part for pair in zip(hits, misses, strict=True) for part in pair)))
    return [both, negative(add(*hits)), divide(both, number(net.sizes[-1]))]
