"""Rules evaluated for many draws of a net's numbers at once, compiled into one straight-line program."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.expression import (
    Call,
    Constant,
    Expression,
    Operation,
    Reference,
    chain,
    walk,
)
from sheetnet.net.conventions import Conventions
from sheetnet.net.equations import equation
from sheetnet.net.terms import LEARNING_RATE, Term, Use, is_bias, weights

Array = NDArray[np.float64]

_FUNCTIONS = {"EXP": "exp", "TANH": "tanh", "LN": "log", "SQRT": "sqrt", "ABS": "abs"}
_OPERATORS = {"+": "+", "-": "-", "*": "*", "/": "/", ">": ">", ">=": ">=", "^": "**"}


def given_terms(sizes: tuple[int, ...], conventions: Conventions) -> list[Term]:
    """Return what a net is given, in the order of a draw's numbers: inputs, targets, γ, weights of step 0.

    Where a layer shares its bias, neuron 0's stands for all.
    """
    biases = conventions.biases != "none"
    found = [Term("a", 0, i) for i in range(sizes[0])]
    found += [Term("target", 0, i) for i in range(sizes[-1])]
    found.append(LEARNING_RATE)
    for layer in range(1, len(sizes)):
        found += [
            weight
            for weight in weights(sizes, layer, biases=biases)
            if not (conventions.biases == "shared" and weight.i and is_bias(weight, sizes))
        ]
    return found


def numbers_of(
    sizes: tuple[int, ...],
    conventions: Conventions,
    inputs: ArrayLike,
    targets: ArrayLike,
    matrices: Sequence[ArrayLike],
    learning_rate: float,
) -> Array:
    """Return a net's numbers as one draw, shape (given,).

    Inputs of shape (n_0,), targets (n_L,), `matrices` W(1) … W(L) as in `Network`.
    """
    x, t = np.asarray(inputs, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    w = [np.asarray(matrix, dtype=np.float64) for matrix in matrices]
    rows = {"a": lambda term: x[term.i], "target": lambda term: t[term.i]}
    rows |= {"w": lambda term: w[term.layer - 1][term.i, term.j], "learning_rate": lambda _: learning_rate}
    return np.array([rows[term.kind](term) for term in given_terms(sizes, conventions)], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Expressions of a net as functions of its `given` numbers."""

    given: tuple[Term, ...]
    count: int
    _run: Callable[[Array, Array], None]

    def values(self, numbers: Array) -> Array:
        """Return the expressions' values, shape (count, draws), of numbers of shape (given, draws).

        The numbers of a draw are those of every step; nan or infinite where a cell would show an error.
        """
        out = np.empty((self.count, numbers.shape[1]))
        with np.errstate(all="ignore"):
            self._run(numbers, out)
        return out


def evaluation(
    sizes: tuple[int, ...], conventions: Conventions, wanted: Sequence[tuple[Expression, int]]
) -> Evaluation:
    """Compile expressions over `Use`s, each as it stands in a step counted from 0.

    NotComputable for a function that no rule of a net has.
    """
    given = given_terms(sizes, conventions)
    code = _Code(sizes, conventions, {term: row for row, term in enumerate(given)})
    results = [code.value(expression, step) for expression, step in wanted]
    body = [
        "def run(numbers,out):",
        *(f" g{row}=numbers[{row}]" for row in range(len(given))),
        *(f" {line}" for line in code.lines),
        *(f" out[{row}]={name}" for row, name in enumerate(results)),
    ]
    functions = ("exp", "tanh", "log", "sqrt", "abs", "where", "maximum", "negative", "power")
    scope: dict[str, Any] = {name: getattr(np, name) for name in functions}
    # The source is made here, from the catalogue's expressions alone; nothing of a user's is in it.
    exec(compile("\n".join(body) + "\n", "<draws>", "exec"), scope)
    return Evaluation(tuple(given), len(results), scope["run"])


def is_shown(expression: Expression, step: int, steps: int) -> bool:
    """Tell whether all that an expression uses in a step stands on a sheet of so many steps.

    The new weights of the last step do too.
    """
    for part in walk(expression):
        if isinstance(part, Reference) and isinstance(part.target, Use):
            term, at = part.target.term, part.target.step + step
            if term != LEARNING_RATE and not 0 <= at < steps + (term.kind == "w"):
                return False
    return True


class _Code:
    """Statements that compute expressions; what recurs is computed once."""

    def __init__(self, sizes: tuple[int, ...], conventions: Conventions, given: Mapping[Term, int]) -> None:
        self.lines: list[str] = []
        self._sizes, self._conventions, self._given = sizes, conventions, given
        self._names: dict[str, str] = {}
        self._terms: dict[tuple[Term, int], str] = {}

    def value(self, expression: Expression, step: int) -> str:
        """Return the name or the constant that holds an expression's value in a step."""
        first, operations = chain(expression)
        name = self._part(first, step)
        for operation in operations:
            right = self.value(operation.operands[1], step)
            name = self._binary(operation.operator, name, right)
        return name

    def _term(self, term: Term, step: int) -> str:
        """Return the name of a term's value by the right rule; inputs, targets and γ are those of step 0."""
        if term in self._given and (term.kind != "w" or step == 0):
            return f"g{self._given[term]}"
        if (term, step) not in self._terms:
            right = equation(term, self._sizes, self._conventions)
            self._terms[term, step] = self.value(right, step)
        return self._terms[term, step]

    def _part(self, expression: Expression, step: int) -> str:
        match expression:
            case Constant(float() as value):
                return repr(value)
            case Reference(Use() as use):
                return self._term(use.term, use.step + step)
            case Operation("neg", (operand,)):
                return self._once(f"negative({self.value(operand, step)})")
            case Call("MAX", (one, other)):
                return self._once(f"maximum({self.value(one, step)},{self.value(other, step)})")
            case Call("IF", (test, yes, no)):
                parts = (self.value(part, step) for part in (test, yes, no))
                return self._once(f"where({','.join(parts)})")
            case Call(name, (operand,)) if name in _FUNCTIONS:
                return self._once(f"{_FUNCTIONS[name]}({self.value(operand, step)})")
        raise NotComputable(str(expression))

    def _binary(self, operator: str, left: str, right: str) -> str:
        if operator not in _OPERATORS:
            raise NotComputable(operator)
        if (operator, right) == ("^", "2.0"):
            return self._once(f"{left}*{left}")
        if operator in "+*" and right < left:
            left, right = right, left
        return self._once(f"{left}{_OPERATORS[operator]}{right}")

    def _once(self, text: str) -> str:
        if text not in self._names:
            self._names[text] = f"v{len(self._names)}"
            self.lines.append(f"{self._names[text]}={text}")
        return self._names[text]
