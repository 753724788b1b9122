"""Derivatives: what a formula passes back to the cells that it refers to, exact, at many places at once."""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from sheetnet.formula import columns
from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.columns import Column, Lookup
from sheetnet.formula.expression import Expression, Range, Reference, walk
from sheetnet.formula.matrix import scalar

_Place = TypeVar("_Place", bound=Hashable)
_Partial: TypeAlias = Callable[..., Any]
_Places: TypeAlias = NDArray[np.bool_] | np.bool_


def partials(expression: Expression, lookup: Lookup) -> tuple[Column, dict[Hashable, Column]]:
    """Return an expression's values and its partial derivatives by each target that it refers to.

    The values are those of `evaluate_columns`. A derivative has shape (n,), or () where it is the same at all
    places; it is nan where the value is, and nan or infinite where there is none (SQRT at 0). At a kink it is
    that of the branch taken, 0 for ABS at 0 and MAX(0,z) at z = 0; a jump counts as flat. The arrays may be
    those of `lookup` itself: read them only. NotComputable as `evaluate_columns` raises it.
    """
    try:
        return _partials(expression, lookup)
    except NotComputable:
        if not _has_range(expression):
            raise
    return _partials(scalar(expression), lookup)


def gradients(
    place: _Place,
    *,
    expression_of: Callable[[_Place], Expression | None],
    at: Callable[[_Place, Any], _Place],
    value: Callable[[_Place], Column | float],
) -> dict[_Place, Column]:
    """Return the derivative of the cell `place` by each cell that it depends on, itself (1) the first.

    `expression_of` gives a cell's formula, None for a leaf; `at(cell, target)` the cell that a formula in
    `cell` means by a target; `value` what a cell holds, nan for an error. Each formula is differentiated
    once, at those values, and passes on what reaches its cell: ∂C/∂x = Σ ∂C/∂y · ∂y/∂x over all y that refer
    to x. Shapes are those of `partials`, NotComputable too; ValueError for cells in a circle.
    """
    formulas: dict[_Place, Expression] = {}
    needs: dict[_Place, list[_Place]] = {}
    waiting = [place]
    while waiting:
        cell = waiting.pop()
        if cell in needs:
            continue
        expression = expression_of(cell)
        needs[cell] = []
        if expression is not None:
            formulas[cell] = scalar(expression) if _has_range(expression) else expression
            targets = (part.target for part in walk(formulas[cell]) if isinstance(part, Reference))
            needs[cell] = [at(cell, target) for target in dict.fromkeys(targets)]
            waiting.extend(needs[cell])
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ValueError(f"cells that need each other: {', '.join(map(str, error.args[1]))}") from error

    found: dict[_Place, Column] = {place: np.asarray(1.0)}
    with np.errstate(all="ignore"):
        for cell in reversed(order):
            if cell not in formulas:
                continue
            gradient = found[cell]

            def lookup(target: Hashable, cell: _Place = cell) -> Column | float:
                return value(at(cell, target))

            values, slopes = partials(formulas[cell], lookup)
            failed = np.isnan(values)
            for target, slope in slopes.items():
                passed = gradient * slope
                if failed.any():  # an error that IFERROR or IF keeps from the root
                    passed = np.where(failed & (gradient == 0.0), 0.0, passed)
                source = at(cell, target)
                found[source] = np.asarray(found[source] + passed if source in found else passed)
    return found


def _has_range(expression: Expression) -> bool:
    return any(isinstance(part, Range) for part in walk(expression))


# ----------------------------------------------- forwards, by the rules of `columns`, with each step recorded


class _Step(NamedTuple):
    """A value that depends on a target: the target's own, or what an operation made of `arguments`.

    Arguments that depend on nothing are mere values; `values` are those of all arguments.
    """

    value: Any
    name: str = ""
    arguments: tuple[Any, ...] = ()
    values: tuple[Any, ...] = ()
    target: Hashable = None


def _recorded(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule of values as one of steps."""

    def step(*arguments: Any) -> Any:
        values = tuple([each.value if type(each) is _Step else each for each in arguments])
        result = rule(*values)
        if name in _FLAT or not any(type(each) is _Step for each in arguments):
            return result
        return _Step(result, name, arguments, values)

    return step


def _partials(expression: Expression, lookup: Lookup) -> tuple[Column, dict[Hashable, Column]]:
    targets: dict[Hashable, None] = {}

    def leaf(target: Hashable) -> Any:
        targets[target] = None
        return _Step(lookup(target), target=target)

    try:
        with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            root = columns._value(expression, leaf, _RULES)
    except FloatingPointError:
        with np.errstate(all="ignore"):
            root = columns._value(expression, leaf, _CAREFUL)
    value = np.asarray(root.value if type(root) is _Step else root, dtype=np.float64)
    with np.errstate(all="ignore"):
        found = _propagated(root) if type(root) is _Step else {}
    slopes = {target: np.asarray(found.get(target, 0.0), dtype=np.float64) for target in targets}
    failed = np.isnan(value)
    if failed.any():
        slopes = {target: np.where(failed, np.nan, slope) for target, slope in slopes.items()}
    return value, slopes


# ------------------------------------------------------------------------ backwards, by the tables at the end


def _propagated(root: _Step) -> dict[Hashable, Any]:
    """Return what reaches each target from the root, whose derivative by itself is 1."""
    found: dict[Hashable, Any] = {}
    waiting: list[tuple[_Step, Any, _Places | None]] = [(root, 1.0, None)]
    while waiting:
        step, gradient, taken = waiting.pop()
        name = step.name
        if not name:
            # Only here is a branch that is not taken cut off: what its steps made of it may be nan.
            passed = gradient if taken is None else np.where(taken, gradient, 0.0)
            before = found.get(step.target)
            found[step.target] = passed if before is None else before + passed
        elif name in _CHOICES:
            for argument, here in zip(step.arguments, _CHOICES[name](step), strict=False):
                if type(argument) is _Step:
                    waiting.append((argument, gradient, here if taken is None else taken & here))
        elif name in _OF_ALL:
            slopes = _OF_ALL[name](*step.values)
            for argument, slope in zip(step.arguments, slopes, strict=True):
                if type(argument) is _Step:
                    waiting.append((argument, _times(gradient, slope), taken))
        else:
            for argument, slope_of in zip(step.arguments, _OF_EACH[name], strict=False):
                if type(argument) is _Step:
                    slope = slope_of(step.value, *step.values)
                    waiting.append((argument, _times(gradient, slope), taken))
    return found


def _times(gradient: Any, slope: Any) -> Any:
    if type(gradient) is float and gradient == 1.0:
        return slope
    if type(slope) is float and slope == 1.0:
        return gradient
    return gradient * slope


def _others(*values: Any) -> Iterator[Any]:
    """Yield for each factor the product of the others; a division would fail at 0."""
    before = accumulate(values[:-1], np.multiply, initial=1.0)
    after = accumulate(values[:0:-1], np.multiply, initial=1.0)
    return map(np.multiply, before, reversed(list(after)))


def _deviations(*values: Any) -> list[Any]:
    mean = sum(values) / len(values)
    return [2.0 * (value - mean) for value in values]


def _power_by_base(v: Any, a: Any, b: Any) -> Any:
    if type(b) is float and b:
        return 2.0 * a if b == 2.0 else b * np.power(a, b - 1.0)
    return np.where(np.equal(b, 0.0), 0.0, b * np.power(a, np.subtract(b, 1.0)))


def _power_by_exponent(v: Any, a: Any, b: Any) -> Any:
    return np.where(np.equal(a, 0.0) & np.greater(b, 0.0), 0.0, v * np.log(a))


def _if(step: _Step) -> tuple[_Places, ...]:
    test = step.values[0]
    return np.False_, np.not_equal(test, 0.0), np.equal(test, 0.0)


def _iferror(step: _Step) -> tuple[_Places, ...]:
    failed = np.isnan(step.values[0])
    return ~failed, failed


def _extreme(step: _Step) -> list[_Places]:
    """Tell where each argument is the one taken: of equal ones a constant, else the first."""
    taken: list[_Places] = [np.False_] * len(step.values)
    free: Any = np.True_
    for index in sorted(range(len(taken)), key=lambda index: type(step.arguments[index]) is _Step):
        equal = np.equal(step.values[index], step.value)
        taken[index] = free & equal
        free = free & ~equal
    return taken


# ----------------------------------------------------- derivatives of a value v by each of its arguments a, b

_OF_EACH: dict[str, tuple[_Partial, ...]] = {
    "+": (lambda v, a, b: 1.0, lambda v, a, b: 1.0),
    "-": (lambda v, a, b: 1.0, lambda v, a, b: -1.0),
    "*": (lambda v, a, b: b, lambda v, a, b: a),
    "/": (lambda v, a, b: np.divide(1.0, b), lambda v, a, b: np.divide(-v, b)),
    "^": (_power_by_base, _power_by_exponent),
    "neg": (lambda v, a: -1.0,),
    "pos": (lambda v, a: 1.0,),
    "%": (lambda v, a: 0.01,),
    "EXP": (lambda v, a: v,),
    "LN": (lambda v, a: np.divide(1.0, a),),
    "LOG10": (lambda v, a: np.divide(1.0 / math.log(10.0), a),),
    "LOG": (
        lambda v, a, b=10.0: np.divide(1.0, a * np.log(b)),
        lambda v, a, b: np.divide(-v, b * np.log(b)),
    ),
    "SQRT": (lambda v, a: np.divide(0.5, v),),
    "SIN": (lambda v, a: np.cos(a),),
    "COS": (lambda v, a: -np.sin(a),),
    "TANH": (lambda v, a: np.square(np.divide(1.0, np.cosh(a))),),
    "SINH": (lambda v, a: np.cosh(a),),
    "COSH": (lambda v, a: np.sinh(a),),
    "ATAN": (lambda v, a: np.divide(1.0, 1.0 + np.square(a)),),
    "ABS": (lambda v, a: np.sign(a),),
    "POWER": (_power_by_base, _power_by_exponent),
    "SUMXMY2": (lambda v, a, b: 2.0 * (a - b), lambda v, a, b: 2.0 * (b - a)),
    "SUMX2MY2": (lambda v, a, b: 2.0 * a, lambda v, a, b: -2.0 * b),
    "SUMX2PY2": (lambda v, a, b: 2.0 * a, lambda v, a, b: 2.0 * b),
}

# ------------------------------------------------ derivatives by any number of arguments, all of them at once

_OF_ALL: dict[str, Callable[..., Iterable[Any]]] = {
    "SUM": lambda *values: [1.0] * len(values),
    "SUMSQ": lambda *values: [2.0 * value for value in values],
    "SUMPRODUCT": _others,
    "PRODUCT": _others,
    "AVERAGE": lambda *values: [1.0 / len(values)] * len(values),
    "DEVSQ": _deviations,
}

# ----------------------------------------------- choices: where each argument is the one whose value is taken

_CHOICES: dict[str, Callable[[_Step], Iterable[_Places]]] = {
    "IF": _if,
    "IFERROR": _iferror,
    "MIN": _extreme,
    "MAX": _extreme,
}

# ---------------------------------------------------------------- constant between jumps: the derivative is 0

_FLAT = {
    "=", "<>", ">", ">=", "<", "<=", "INT", "SIGN", "ROUND", "COUNT", "AND", "OR", "NOT", "PI", "TRUE",
    "FALSE",
}  # fmt: skip

_RULES = {name: _recorded(name, rule) for name, rule in columns._RULES.items()}
_CAREFUL = {name: _recorded(name, rule) for name, rule in columns._CAREFUL.items()}
