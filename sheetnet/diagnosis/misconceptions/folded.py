"""Wrong rules of quantities that have no column of their own, folded into the formulas that use them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from sheetnet.diagnosis.misconceptions.rules import variants
from sheetnet.diagnosis.misconceptions.variant import Variant
from sheetnet.formula.expression import Expression, Reference, replace, walk
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation, shifted
from sheetnet.net.terms import ASIDES, LEARNING_RATE, Term, Use, is_given

_DEEPEST = 3
"""Quantities folded into each other that are followed: δ(1) into dC/dW(1), δ(2) into δ(1)."""


def folded(
    term: Term, sizes: tuple[int, ...], conventions: Conventions, columns: Collection[Term], depth: int = 0
) -> Iterator[Variant]:
    """Yield the wrong rules of a term, then those of what it uses that none of the `columns` holds.

    What goes wrong alike in all quantities of a layer is tried before what goes wrong in one.
    """
    yield from variants(term, sizes, conventions)
    if depth == _DEEPEST or is_given(term) or term in ASIDES:
        return
    right = equation(term, sizes, conventions)
    for group in _without_column(right, columns):
        found = [list(folded(use.term, sizes, conventions, columns, depth + 1)) for use in group]
        if len(group) > 1:
            yield from _alike(right, group, found)
        for use, wrong in zip(group, found, strict=True):
            for variant in wrong:
                yield variant._replace(expression=_put(right, {use: variant.expression}))


def _without_column(right: Expression, columns: Collection[Term]) -> list[list[Use]]:
    """Return the uses of terms without a column, those of one kind, layer and step together."""
    uses = dict.fromkeys(
        part.target
        for part in walk(right)
        if isinstance(part, Reference) and isinstance(part.target, Use) and part.target.term != LEARNING_RATE
    )
    absent = [use for use in uses if use.term not in columns and use.term.kind != "w"]
    return [list(group) for _, group in groupby(absent, key=lambda use: (use.term[:2], use.step))]


def _alike(right: Expression, group: Sequence[Use], found: Sequence[Sequence[Variant]]) -> Iterator[Variant]:
    """Yield the wrong rules that all of a layer's quantities can follow at once."""
    first: list[dict[str, Variant]] = []
    for wrong in found:
        by_code: dict[str, Variant] = {}
        for variant in wrong:
            by_code.setdefault(variant.code, variant)
        first.append(by_code)
    for code, variant in first[0].items():
        if all(code in each for each in first):
            parts = {use: each[code].expression for use, each in zip(group, first, strict=True)}
            yield variant._replace(expression=_put(right, parts))


def _put(right: Expression, parts: Mapping[Use, Expression]) -> Expression:
    """Return an expression with some uses replaced by what the cells of these terms would hold."""

    def put(part: Expression) -> Expression | None:
        if isinstance(part, Reference) and isinstance(part.target, Use) and part.target in parts:
            return shifted(parts[part.target], part.target.step)
        return None

    return replace(right, put)
