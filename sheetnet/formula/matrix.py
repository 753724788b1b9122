"""Matrix formulas as scalar ones: the one expression that each cell of an array stands for."""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Range,
    Reference,
    Unreadable,
    chain,
    multiply,
    negative,
    replace,
    subtract,
)
from sheetnet.formula.functions import NotComputable
from sheetnet.formula.ranges import cells, shape

MAX_PARTS = 20_000
"""Elements that one formula may have here, those that it only passes through included."""

_ONE_BY_ONE = {
    "EXP", "LN", "LOG10", "LOG", "SQRT", "SIN", "COS", "TANH", "SINH", "COSH", "ATAN", "ABS", "INT", "SIGN",
    "ROUND", "POWER", "IF", "IFERROR", "NOT", "PI", "TRUE", "FALSE",
}  # fmt: skip
"""Functions that take arrays element by element."""
_OVER_ALL = {"SUM", "SUMSQ", "PRODUCT", "AVERAGE", "MIN", "MAX", "COUNT", "DEVSQ", "AND", "OR"}
"""Functions that make one number of all elements of all arguments."""
_MATRICES = {"MMULT", "TRANSPOSE", "INDEX"}
"""Functions that make an array."""
_PAIRED = {"SUMXMY2", "SUMX2MY2", "SUMX2PY2"}
"""Functions that make one number of two arrays of one shape."""


def is_spread(call: Call) -> bool:
    """Tell a call that is evaluated only when `scalar` has spelt it out; ranges as such are not a reason."""
    if call.name in _MATRICES or call.name in ("ROWS", "COLUMNS"):
        return True
    if call.name == "SUMPRODUCT" or call.name in _PAIRED:
        return not all(isinstance(argument, Range) for argument in call.arguments)
    return any(isinstance(argument, Call) and argument.name in _MATRICES for argument in call.arguments)


def scalar(expression: Expression) -> Expression:
    """Return an ordinary formula with its ranges spelt out: SUMPRODUCT(A1:B1,A2:B2) is SUM(A1*A2,B1*B2).

    NotComputable where one cell is expected and a range stands (programs differ there), and beyond
    `MAX_PARTS` elements.
    """
    return _Reader().single(expression, everywhere=False)


def element(expression: Expression, row: int, column: int) -> Expression:
    """Return what stands in the zero-based `row`, `column` of an array formula's result.

    Rows and columns of length 1 serve all places (OpenFormula 3.3). NotComputable beyond the array's end, for
    shapes that don't fit and for functions that are not read here.
    """
    array = _Reader().array(expression, everywhere=True)
    return array.at(_within(row, array.rows), _within(column, array.columns))


def array_element(expression: Expression, rows_down: int, columns_right: int) -> Expression:
    """Return the scalar formula, relative to its own place, of one cell of an array formula.

    The expression is relative to the array's first cell, from which the cell lies so far down and right.
    """
    return moved(element(expression, rows_down, columns_right), -rows_down, -columns_right)


def moved(expression: Expression, rows: int, columns: int) -> Expression:
    """Return the expression with its relative references that many rows and columns further."""

    def cell(reference: CellReference) -> CellReference:
        return reference._replace(
            row=reference.row + (0 if reference.row_fixed else rows),
            column=reference.column + (0 if reference.column_fixed else columns),
        )

    def change(part: Expression) -> Expression | None:
        if isinstance(part, Reference) and isinstance(part.target, CellReference):
            return Reference(cell(part.target))
        return Range(cell(part.first), cell(part.last)) if isinstance(part, Range) else None

    return replace(expression, change)


class _Array(NamedTuple):
    """An array whose elements are made when they are asked for."""

    rows: int
    columns: int
    at: Callable[[int, int], Expression]


class _Reader:
    """Reads expressions as arrays and counts the elements made.

    `everywhere` tells that arrays are taken as such in all places: inside array formulas, and in the
    arguments of functions like SUMPRODUCT. Elsewhere only whole ranges and matrix functions may stand, and
    only where a function takes an array.
    """

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def single(self, expression: Expression, *, everywhere: bool) -> Expression:
        """Return an expression that is one value."""
        array = self.array(expression, everywhere=everywhere)
        if (array.rows, array.columns) != (1, 1) or isinstance(expression, Range):
            raise NotComputable("a range where one cell is expected")
        return array.at(0, 0)

    def array(self, expression: Expression, *, everywhere: bool) -> _Array:
        """Return an expression as an array; one value is an array of one element."""
        if isinstance(expression, Range):
            return self._range(expression)
        if isinstance(expression, Operation):
            first, operations = chain(expression)
            if not operations:
                return self._each(expression.operands, everywhere, lambda parts: _like(expression, parts))
            terms = [first, *(operation.operands[1] for operation in operations)]

            def chained(parts: list[Expression]) -> Expression:
                value = parts[0]
                for operation, part in zip(operations, parts[1:], strict=True):
                    value = Operation(operation.operator, (value, part))
                return value

            return self._each(terms, everywhere, chained)
        if isinstance(expression, Call):
            return self._call(expression, everywhere)
        if isinstance(expression, Unreadable) and everywhere:
            raise NotComputable(f"'{expression.text}'")
        return self._one(expression)

    def _one(self, expression: Expression) -> _Array:
        self._count(1)
        return _Array(1, 1, lambda row, column: expression)

    def _count(self, parts: int) -> None:
        self._left -= parts
        if self._left < 0:
            raise NotComputable(f"a formula of more than {MAX_PARTS} elements")

    def _elements(self, array: _Array) -> list[Expression]:
        """Return the elements column by column, the order in which Calc sums."""
        if array.rows * array.columns > self._left:
            self._count(array.rows * array.columns)  # refused before any is made
        return [array.at(row, column) for column, row in product(range(array.columns), range(array.rows))]

    def _range(self, area: Range) -> _Array:
        first = next(cells(area))
        rows, columns = shape(area)

        def at(row: int, column: int) -> Expression:
            self._count(1)
            return Reference(first._replace(row=first.row + row, column=first.column + column))

        return _Array(rows, columns, at)

    def _each(
        self,
        operands: "list[Expression] | tuple[Expression, ...]",
        everywhere: bool,
        made: Callable[[list[Expression]], Expression],
    ) -> _Array:
        """Return the array whose elements are `made` of those of the operands."""
        if not everywhere:
            return self._one(made([self.single(part, everywhere=False) for part in operands]))
        arrays = [self.array(part, everywhere=True) for part in operands]
        rows = _common([array.rows for array in arrays])
        columns = _common([array.columns for array in arrays])

        def at(row: int, column: int) -> Expression:
            self._count(1)
            return made(
                [
                    array.at(row if array.rows > 1 else 0, column if array.columns > 1 else 0)
                    for array in arrays
                ]
            )

        return _Array(rows, columns, at) if (rows, columns) != (1, 1) else self._one(at(0, 0))

    # ------------------------------------------------------------ functions

    def _call(self, call: Call, everywhere: bool) -> _Array:
        name, arguments = call.name, call.arguments
        if name in _OVER_ALL:
            arrays = [self.array(argument, everywhere=everywhere) for argument in arguments]
            return self._one(Call(name, tuple(part for array in arrays for part in self._elements(array))))
        if name == "SUMPRODUCT" and arguments:
            return self._one(_sum([multiply(*factors) for factors in self._tuples(arguments)]))
        if name in _PAIRED and len(arguments) == 2:
            return self._one(_paired(name, self._tuples(arguments)))
        if name == "MMULT" and len(arguments) == 2:
            return self._product(*(self.array(argument, everywhere=True) for argument in arguments))
        if name == "TRANSPOSE" and len(arguments) == 1:
            rows, columns, at = self.array(arguments[0], everywhere=True)
            return _Array(columns, rows, lambda row, column: at(column, row))
        if name == "INDEX" and 2 <= len(arguments) <= 3:
            return self._index(self.array(arguments[0], everywhere=everywhere), arguments[1:])
        if name in ("ROWS", "COLUMNS") and len(arguments) == 1:
            array = self.array(arguments[0], everywhere=everywhere)
            return self._one(Constant(float(array.rows if name == "ROWS" else array.columns)))
        if name not in _ONE_BY_ONE and everywhere:
            raise NotComputable(f"the function {name} in an array")
        return self._each(arguments, everywhere, lambda parts: _like(call, parts))

    def _tuples(self, arguments: tuple[Expression, ...]) -> list[tuple[Expression, ...]]:
        """Return the elements of arrays of one shape, place by place."""
        arrays = [self.array(argument, everywhere=True) for argument in arguments]
        if len({(array.rows, array.columns) for array in arrays}) != 1:
            raise NotComputable("arrays of different shapes")
        return list(zip(*(self._elements(array) for array in arrays), strict=True))

    def _product(self, left: _Array, right: _Array) -> _Array:
        if left.columns != right.rows:
            raise NotComputable("matrices whose shapes don't fit")

        def at(row: int, column: int) -> Expression:
            self._count(right.rows)
            return _sum(
                [multiply(left.at(row, inner), right.at(inner, column)) for inner in range(right.rows)]
            )

        return _Array(left.rows, right.columns, at)

    def _index(self, array: _Array, indices: tuple[Expression, ...]) -> _Array:
        """Return INDEX with constant indices, where 0 is a whole row or column."""
        given = [Constant(0.0) if part == Unreadable("") else part for part in indices]
        numbers = [part.value for part in given if isinstance(part, Constant)]
        if len(numbers) < len(indices) or not all(isinstance(n, float) and n == int(n) for n in numbers):
            raise NotComputable("INDEX with computed indices")
        row, column = (*map(int, numbers), 0)[:2]
        if len(numbers) == 1 and array.rows == 1:
            row, column = 0, row
        if not (0 <= row <= array.rows and 0 <= column <= array.columns):
            raise NotComputable("INDEX beyond the array's end")
        return _Array(
            1 if row else array.rows,
            1 if column else array.columns,
            lambda i, j: array.at(row - 1 if row else i, column - 1 if column else j),
        )


def _like(expression: Operation | Call, parts: list[Expression]) -> Expression:
    if isinstance(expression, Call):
        return Call(expression.name, tuple(parts))
    return Operation(expression.operator, tuple(parts))


def _sum(terms: list[Expression]) -> Expression:
    return terms[0] if len(terms) == 1 else Call("SUM", tuple(terms))


def _paired(name: str, pairs: list[tuple[Expression, ...]]) -> Expression:
    if name == "SUMXMY2":
        return Call("SUMSQ", tuple(subtract(x, y) for x, y in pairs))
    squares = [(multiply(x, x), multiply(y, y)) for x, y in pairs]
    if name == "SUMX2MY2":
        squares = [(x, negative(y)) for x, y in squares]
    return Call("SUM", tuple(square for pair in squares for square in pair))


def _common(lengths: list[int]) -> int:
    """Return the length that arrays have together, where those of length 1 serve all places."""
    longer = {length for length in lengths if length > 1}
    if len(longer) > 1:
        raise NotComputable("arrays of different shapes")
    return max(longer, default=1)


def _within(index: int, length: int) -> int:
    if length == 1:
        return 0
    if index >= length:
        raise NotComputable("a place beyond the array's end, which shows #N/A")
    return index
