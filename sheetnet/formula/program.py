"""Columns of formulas as one straight-line program, row after row, to the last bit of Calc's."""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sheetnet.formula import arithmetic, functions
from sheetnet.formula.expression import Call, Constant, Expression, Operation, Reference, chain, walk

HUGE = 1e150
"""Beyond this size a product of two values may overflow inside a formula, where only `evaluate` sees it."""


class Lag(NamedTuple):
    """The value in a column of the program, so many rows up; 0 is the same row."""

    column: int
    rows: int


class Circular(Exception):
    """Columns of one row that need each other."""


class Irregular(Exception):
    """An expression that has no straight-line form."""


class Failure(Exception):
    """The row and column at which Calc would show an error, and what it shows."""

    def __init__(self, row: int, column: int, shown: str) -> None:
        super().__init__(row, column, shown)
        self.row, self.column, self.shown = row, column, shown


@dataclass(frozen=True, slots=True)
class Program:
    """Column expressions over `Lag`s, in an order in which a row can be computed; None is a given number."""

    columns: tuple[Expression | None, ...]
    order: tuple[int, ...]
    run: Callable[["array[float]", int, int, "Sequence[array[float]]"], None]


def compile_columns(columns: Sequence[Expression | None]) -> Program:
    """Compile columns; Circular or Irregular when a row can't be computed from earlier ones."""
    order = _order(columns)
    width = len(columns)
    lagged = sorted({lag.column for expression in columns for lag in _lags(expression) if lag.rows == 1})
    given = [column for column, expression in enumerate(columns) if expression is None]
    code = _Code(width, [expression for expression in columns if expression is not None])
    for column in order:
        expression = columns[column]
        if expression is not None:
            code.line(f"v{column}={code.value(expression)}")
    body = [
        "def run(out,first,last,given):",
        " append=out.frombytes",
        *(f" g{column}=given[{column}]" for column in given),
        *(f" p{column}=out[{column - width}] if first else 0.0" for column in lagged),
        " for row in range(first,last):",
        *(f"  v{column}=g{column}[row]" for column in given),
        *("  " + line for line in code.lines),
        f"  append(pack({','.join(f'v{column}' for column in range(width))}))",
        *(f"  p{column}=v{column}" for column in lagged),
    ]
    scope: dict[str, Any] = {
        "exp": math.exp,
        "tanh": math.tanh,
        "ln": math.log,
        "total": _total,
        "pack": Struct(f"{width}d").pack,
        "settle": functions.settle,
        "E": 2.0**-95,
        **code.functions,
    }
    # The source is made here, from expressions alone; no text of the file's is in it.
    exec(compile("\n".join(body) + "\n", "<columns>", "exec"), scope)
    return Program(tuple(columns), tuple(order), scope["run"])


def run_rows(
    program: Program, out: "array[float]", first: int, last: int, given: "Sequence[array[float]]"
) -> None:
    """Append rows `first` … `last` − 1 to `out`, which holds all rows before them, row by row.

    `given[column]` has a number a row for each column without an expression. Failure at the first cell in
    which Calc would show an error.
    """
    width = len(program.columns)
    row = first
    while row < last:
        try:
            program.run(out, row, last, given)
            failed = None
        except (OverflowError, ZeroDivisionError, ValueError, TypeError):
            failed = len(out) // width
        suspect = _first_suspect(out, width, row)
        stop = suspect if suspect is not None else failed
        row = last if stop is None else stop
        del out[row * width :]
        while row < last:
            evaluate_row(program, out, row, given)
            row += 1
            if max(map(abs, out[-width:])) < HUGE:
                break


def evaluate_row(program: Program, out: "array[float]", row: int, given: "Sequence[array[float]]") -> None:
    """Append one row, expression by expression; Failure where Calc would show an error."""
    width = len(program.columns)
    values = [0.0] * width

    def lookup(target: object) -> arithmetic.Value:
        assert isinstance(target, Lag)
        return values[target.column] if target.rows == 0 else out[(row - target.rows) * width + target.column]

    for column in program.order:
        expression = program.columns[column]
        try:
            value = given[column][row] if expression is None else arithmetic.evaluate(expression, lookup)
            values[column] = arithmetic.number(value)
        except arithmetic.ErrorValue as error:
            raise Failure(row, column, str(error)) from error
    out.extend(values)


def _first_suspect(out: "array[float]", width: int, first: int) -> int | None:
    rows: NDArray[np.float64] = np.frombuffer(out, dtype=np.float64).reshape(-1, width)[first:]
    if rows.size == 0:
        return None
    with np.errstate(invalid="ignore"):
        bad = ~(np.abs(rows) < HUGE).all(axis=1)
    return int(bad.argmax()) + first if bad.any() else None


def _lags(expression: Expression | None) -> list[Lag]:
    if expression is None:
        return []
    return [
        part.target
        for part in walk(expression)
        if isinstance(part, Reference) and isinstance(part.target, Lag)
    ]


def _order(columns: Sequence[Expression | None]) -> list[int]:
    """Return the columns in an order in which each follows those of its own row that it needs."""
    needs = [{lag.column for lag in _lags(expression) if lag.rows == 0} for expression in columns]
    users: list[list[int]] = [[] for _ in columns]
    for column, needed in enumerate(needs):
        for other in needed:
            users[other].append(column)
    waiting = [len(needed) for needed in needs]
    ready = [column for column, count in enumerate(waiting) if count == 0]
    order: list[int] = []
    for column in ready:
        order.append(column)
        for user in users[column]:
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)
    if len(order) < len(columns):
        raise Circular
    return order


class _Code:
    """Statements that compute expressions, each sum and difference followed by Calc's rule."""

    def __init__(self, width: int, expressions: Sequence[Expression]) -> None:
        self.width = width
        self.lines: list[str] = []
        self.functions: dict[str, object] = {}
        self._temporaries = 0
        # Only short parts recur (1-a, γ·δ), and long sums would be costly to compare.
        parts = Counter(part for expression in expressions for part in walk(expression) if _is_short(part))
        self._repeated = {part for part, count in parts.items() if count > 1}
        self._known: dict[Expression, str] = {}

    def line(self, text: str) -> None:
        self.lines.append(text)

    def value(self, expression: Expression) -> str:
        """Return a Python expression for the value; statements it needs are added first."""
        first, operations = chain(expression)
        text = self._once(first, None)
        for operation in operations:
            text = self._once(operation, text)
        return text

    def _once(self, expression: Expression, left: str | None) -> str:
        """Return the text of an expression, its left operand's given; what recurs is computed once."""
        if not (_is_short(expression) and expression in self._repeated):
            return self._value(expression, left)
        if expression not in self._known:
            text = self._value(expression, left)
            self._known[expression] = text if text.isidentifier() else self._temporary(text)
        return self._known[expression]

    def _value(self, expression: Expression, left: str | None) -> str:
        if isinstance(expression, Constant) and isinstance(expression.value, float | bool):
            if not math.isfinite(expression.value):
                raise Irregular("a constant beyond float64")
            return repr(float(expression.value))
        if isinstance(expression, Reference) and isinstance(expression.target, Lag):
            return self._reference(expression.target)
        if isinstance(expression, Operation):
            return self._operation(expression, left)
        if isinstance(expression, Call):
            return self._call(expression)
        raise Irregular(str(expression))

    def _call(self, expression: Call) -> str:
        """Return the calls of which a rule has many as Python; the evaluator sees to all others."""
        match expression:
            case Call("EXP" | "TANH" | "LN", (operand,)):
                return f"{expression.name.lower()}({self.value(operand)})"
            case Call("MAX", (Constant(0.0), operand)):
                name = self._atom(operand, self.value(operand))
                return f"({name} if {name}>0.0 else 0.0)"
            case Call("IF", (Operation(">", (Reference(), Constant(0.0))) as test, Constant(), Constant())):
                left = self.value(test.operands[0])
                yes, no = (self.value(part) for part in expression.arguments[1:])
                return f"({yes} if {left}>0.0 else {no})"
            case Call("SUM" | "AVERAGE", arguments) if all(
                isinstance(part, Operation | Reference) for part in arguments
            ):
                total = f"total([{','.join(map(self.value, arguments))}])"
                return total if expression.name == "SUM" else f"({total}/{len(arguments)}.0)"
        return self._evaluated(expression)

    def _reference(self, lag: Lag) -> str:
        if lag.rows == 0:
            return f"v{lag.column}"
        if lag.rows == 1:
            return f"p{lag.column}"
        if lag.rows < 0:
            raise Irregular("a reference to a later row")
        return f"out[{lag.column - lag.rows * self.width}]"

    def _operation(self, expression: Operation, left: str | None) -> str:
        operator = expression.operator
        if left is None:
            if operator == "%":
                return f"({self.value(expression.operands[0])}/100.0)"
            return f"({'-' if operator == 'neg' else '+'}{self.value(expression.operands[0])})"
        scale, other = expression.operands
        if operator in ("+", "-"):
            left, right = self._atom(scale, left), self._atom(other, self.value(other))
            if operator == "+" and _never_negative(scale) and _never_negative(other):
                return f"({left}+{right})"
            name = self._temporary(f"{left}{operator}{right}")
            # These tests only sort out what can't be near 0; `settle` then decides as Calc does.
            if isinstance(scale, Constant):
                bound = 2 * functions.NEARLY_EQUAL * abs(float(scale.value))
                test = f"{-bound!r}<{name}<{bound!r}"
            else:
                test = f"{name}*{name}<=E*{left}*{left}"
            self.line(f"if {test}: {name}=settle({left},{right},{name})")
            return name
        if operator in ("*", "/"):
            return f"({left}{operator}{self.value(other)})"
        if operator == "^" and isinstance(other, Constant) and other.value in (2.0, 3.0):
            return f"({self._atom(scale, left)}**{other.value!r})"
        return self._evaluated(expression)

    def _atom(self, expression: Expression, text: str) -> str:
        if text.isidentifier() or isinstance(expression, Constant):
            return text
        return self._temporary(text)

    def _temporary(self, text: str) -> str:
        self._temporaries += 1
        name = f"t{self._temporaries}"
        self.line(f"{name}={text}")
        return name

    def _evaluated(self, expression: Operation | Call) -> str:
        """Return a call of the evaluator for what has no Python spelling of the same bits."""
        lags = sorted(set(_lags(expression)))
        if any(isinstance(part, Reference) and not isinstance(part.target, Lag) for part in walk(expression)):
            raise Irregular(str(expression))
        name = f"f{len(self.functions)}"
        self.functions[name] = _evaluator(expression, lags)
        return f"{name}({','.join(self._reference(lag) for lag in lags)})"


def _total(values: list[float]) -> float:
    try:
        return arithmetic.total(values)
    except arithmetic.ErrorValue as error:
        raise ValueError(str(error)) from error


def _evaluator(expression: Expression, lags: list[Lag]) -> Callable[..., float]:
    def value(*values: float) -> float:
        known = dict(zip(lags, values, strict=True))
        try:
            return arithmetic.number(arithmetic.evaluate(expression, lambda target: known[target]))  # type: ignore[index]
        except arithmetic.ErrorValue as error:
            raise ValueError(str(error)) from error

    return value


def _is_short(expression: Expression) -> bool:
    """Tell an operation or a call of at most eight parts."""
    if not isinstance(expression, Operation | Call):
        return False
    return sum(1 for _ in islice(walk(expression), 9)) <= 8


def _never_negative(expression: Expression) -> bool:
    if isinstance(expression, Constant):
        return isinstance(expression.value, float) and expression.value >= 0
    if isinstance(expression, Call):
        return expression.name == "EXP"
    if isinstance(expression, Operation):
        if expression.operator == "^":
            exponent = expression.operands[1]
            return isinstance(exponent, Constant) and exponent.value == 2.0
        first, operations = chain(expression)
        if not all(operation.operator in ("+", "*", "/") for operation in operations[:-1]):
            return False
        right = (operation.operands[1] for operation in operations)
        return expression.operator in ("+", "*", "/") and all(map(_never_negative, (first, *right)))
    return False
