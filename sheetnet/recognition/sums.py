"""Weighted sums in formulas: what is multiplied by which weight, and what is added as a bias."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from sheetnet.formula.expression import (
    Call,
    Constant,
    Expression,
    Operation,
    Reference,
    chain,
    children,
    walk,
)
from sheetnet.recognition.model import At, Model, Source


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """Σ weight · source + biases, as it stands in the formula of a column.

    `products` are pairs (weight, what it multiplies), `biases` weights that multiply nothing, `added` other
    sources that are only added, `number` is what is added as a number. `whole` tells that the column holds
    the sum itself and no function of it.
    """

    column: int
    products: tuple[tuple[Source, Source], ...]
    biases: tuple[Source, ...] = ()
    added: tuple[Source, ...] = ()
    number: float = 0.0
    whole: bool = False

    @property
    def weights(self) -> tuple[Source, ...]:
        """All weights, with the biases."""
        return (*(weight for weight, _ in self.products), *self.biases)


def weighted_sums(model: Model, column: int, weights: Collection[Source]) -> list[WeightedSum]:
    """Return the weighted sums in a column's formula, each once, outer before inner ones."""
    expression = model.formulas.get(column)
    found: list[WeightedSum] = []
    if expression is not None:
        for node in nodes_of(expression):
            each = _read(node, column, weights)
            if each is not None and each.weights and (each.products or len(each.weights) > 1 or each.added):
                whole = _bare(node) == _bare(expression)
                each = replace(each, whole=whole)
                if all((each.products, each.biases) != (old.products, old.biases) for old in found):
                    found.append(each)
    return found


def source_of(part: Expression) -> Source | None:
    """Return what a part of a formula names, when it is nothing but a reference."""
    part = _bare(part)
    if isinstance(part, Reference):
        if isinstance(part.target, At):
            return part.target.column
        if isinstance(part.target, tuple):
            return part.target
    return None


def terms_of(expression: Expression) -> Iterator[tuple[int, Expression]]:
    """Yield what a formula adds up, with its sign."""
    stack = [(1, expression)]
    while stack:
        sign, part = stack.pop()
        if isinstance(part, Operation) and part.operator in ("+", "-") and len(part.operands) == 2:
            first, operations = chain(part)
            flat: list[tuple[int, Expression]] = []
            split = len(operations)
            while split and operations[split - 1].operator in ("+", "-"):
                split -= 1
            head: Expression = first if split == 0 else operations[split - 1]
            flat.append((sign, head))
            for operation in operations[split:]:
                flat.append((sign if operation.operator == "+" else -sign, operation.operands[1]))
            stack.extend(reversed(flat))
        elif isinstance(part, Operation) and part.operator in ("neg", "pos"):
            stack.append((-sign if part.operator == "neg" else sign, part.operands[0]))
        elif isinstance(part, Call) and part.name in ("SUM", "SUMPRODUCT") and part.arguments:
            if part.name == "SUM" or len(part.arguments) == 1:
                stack.extend((sign, argument) for argument in reversed(part.arguments))
            else:
                yield sign, part
        else:
            yield sign, part


def factors_of(expression: Expression) -> list[Expression]:
    """Return what a term multiplies; a divisor counts if it is no number, signs do not."""
    found: list[Expression] = []
    stack = [expression]
    while stack:
        part = stack.pop()
        if isinstance(part, Operation) and part.operator in ("neg", "pos"):
            stack.append(part.operands[0])
        elif isinstance(part, Operation) and part.operator == "*":
            stack.extend(reversed(part.operands))
        elif isinstance(part, Operation) and part.operator == "/" and isinstance(part.operands[1], Constant):
            stack.append(part.operands[0])
        elif isinstance(part, Call) and part.name in ("PRODUCT", "SUMPRODUCT"):
            stack.extend(reversed(part.arguments))
        else:
            found.append(part)
    return found


def nodes_of(expression: Expression) -> Iterator[Expression]:
    """Yield the parts of a formula that may be sums: those that are no operand of one."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        for _, term in terms_of(node):
            if term is node:
                stack.extend(children(node))
                continue
            for factor in factors_of(term):
                if source_of(factor) is None and not isinstance(factor, Constant):
                    stack.append(factor)


def _read(node: Expression, column: int, weights: Collection[Source]) -> WeightedSum | None:
    products: list[tuple[Source, Source]] = []
    biases: list[Source] = []
    added: list[Source] = []
    number = 0.0
    for sign, term in terms_of(node):
        factors = factors_of(term)
        named = [source_of(factor) for factor in factors]
        own = [source for source in named if source is not None and source in weights]
        numbers = [factor for factor in factors if isinstance(factor, Constant)]
        if not own:
            if len(factors) == 1 and (alone := named[0]) is not None:
                added.append(alone)
            elif len(factors) == len(numbers) == 1 and isinstance(numbers[0].value, float):
                number += sign * numbers[0].value
            elif len(factors) > 1:
                return None if _has(term, weights) else WeightedSum(column, ())
            continue
        weight = own[0]
        rest = list(zip(factors, named, strict=True))
        rest.remove(next(each for each in rest if each[1] == weight))
        rest = [each for each in rest if not isinstance(each[0], Constant)]
        if not rest:
            biases.append(weight)
        elif len(rest) == 1:
            source = rest[0][1] if rest[0][1] is not None else _only(rest[0][0])
            if source is None:
                return None
            products.append((weight, source))
        else:
            return None
    return WeightedSum(column, tuple(products), tuple(biases), tuple(added), number)


def _only(expression: Expression) -> Source | None:
    """Return the one source that an expression depends on, None where there are several or none."""
    found = {source_of(part) for part in walk(expression) if isinstance(part, Reference)}
    return found.pop() if len(found) == 1 else None


def _has(expression: Expression, weights: Collection[Source]) -> bool:
    return any(isinstance(part, Reference) and source_of(part) in weights for part in walk(expression))


def _bare(expression: Expression) -> Expression:
    while isinstance(expression, Operation) and expression.operator == "pos":
        expression = expression.operands[0]
    return expression
