"""What Excel makes of a formula: a small reader of its own, apart from the project's."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from openpyxl.utils import column_index_from_string

Place: TypeAlias = tuple[int, int]
"""Row and column, as openpyxl numbers them."""
Value: TypeAlias = float | list[float]
Read: TypeAlias = Callable[[Callable[[Place], float]], Value]
"""From what gives a cell's number to an expression's value."""

_TOKEN = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?![\d(])|([A-Z][A-Z0-9]*)\(|(\d+\.?\d*|\.\d+)|([-+*/^(),:<>=])")


def _flat(values: Sequence[Value]) -> list[float]:
    return [number for value in values for number in (value if isinstance(value, list) else [value])]


def _lists(values: Sequence[Value]) -> list[list[float]]:
    return [value if isinstance(value, list) else [value] for value in values]


FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], float]] = {
    "EXP": lambda v: math.exp(_flat(v)[0]),
    "LN": lambda v: math.log(_flat(v)[0]),
    "TANH": lambda v: math.tanh(_flat(v)[0]),
    "POWER": lambda v: _power(*_flat(v)),
    "MAX": lambda v: max(_flat(v)),
    "SUM": lambda v: math.fsum(_flat(v)),
    "AVERAGE": lambda v: math.fsum(_flat(v)) / len(_flat(v)),
    "IF": lambda v: _flat(v)[1 if _flat(v)[0] else 2],
    "SUMPRODUCT": lambda v: math.fsum(math.prod(row) for row in zip(*_lists(v), strict=True)),
    "SUMXMY2": lambda v: math.fsum((x - y) ** 2 for x, y in zip(*_lists(v), strict=True)),
}


def _power(base: float, exponent: float) -> float:
    value = base**exponent
    if isinstance(value, complex):
        raise ValueError("a root of a negative number")
    return value


def read(formula: str) -> Read:
    """Return what evaluates a formula, with Excel's precedence: unary minus, then ^ from the left, then * and /."""
    reader = _Reader(formula.removeprefix("="))
    found = reader.compared()
    assert reader.at == len(reader.tokens), formula
    return found


def places(formula: str) -> list[Place]:
    """Return the cells that a formula names, a range's ends among them."""
    return [
        (int(match[2]), column_index_from_string(match[1])) for match in _TOKEN.finditer(formula) if match[1]
    ]


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = [match.groups() for match in _TOKEN.finditer(text)]
        assert sum(len(match[0]) for match in _TOKEN.finditer(text)) == len(text), text
        self.at = 0

    def sign(self, signs: str) -> str:
        """Return the next sign if it is one of these, and go on."""
        if self.at < len(self.tokens) and (found := self.tokens[self.at][4]) and found in signs:
            self.at += 1
            return found
        return ""

    def compared(self) -> Read:
        left = self.summed()
        while sign := self.sign("<>="):
            left = _binary(sign, left, self.summed())
        return left

    def summed(self) -> Read:
        left = self.multiplied()
        while sign := self.sign("+-"):
            left = _binary(sign, left, self.multiplied())
        return left

    def multiplied(self) -> Read:
        left = self.raised()
        while sign := self.sign("*/"):
            left = _binary(sign, left, self.raised())
        return left

    def raised(self) -> Read:
        left = self.signed()
        while self.sign("^"):
            left = _binary("^", left, self.signed())
        return left

    def signed(self) -> Read:
        if sign := self.sign("+-"):
            operand = self.signed()
            return operand if sign == "+" else lambda cell: -_flat([operand(cell)])[0]
        return self.atom()

    def atom(self) -> Read:
        column, row, function, number, _ = self.tokens[self.at]
        self.at += 1
        if column:
            first = int(row), column_index_from_string(column)
            if not self.sign(":"):
                return lambda cell: cell(first)
            last = int(self.tokens[self.at][1]), column_index_from_string(self.tokens[self.at][0])
            self.at += 1
            rows, columns = (
                range(*sorted(ends)[:1], sorted(ends)[1] + 1) for ends in zip(first, last, strict=True)
            )
            return lambda cell: [cell((r, c)) for r in rows for c in columns]
        if function:
            arguments = [self.compared()]
            while self.sign(","):
                arguments.append(self.compared())
            assert self.sign(")")
            return lambda cell: FUNCTIONS[function]([argument(cell) for argument in arguments])
        if number:
            return lambda cell: float(number)
        self.at -= 1
        assert self.sign("(")
        inner = self.compared()
        assert self.sign(")")
        return inner


_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "^": _power,
    ">": lambda x, y: float(x > y),
    "<": lambda x, y: float(x < y),
    "=": lambda x, y: float(x == y),
}


def _binary(sign: str, left: Read, right: Read) -> Read:
    def value(cell: Callable[[Place], float]) -> float:
        (x,), (y,) = _lists([left(cell), right(cell)])
        return _BINARY[sign](x, y)

    return value


class Sheet:
    """The values of a sheet of numbers and formulas; empty cells count as 0, an error is nan."""

    def __init__(self, numbers: Mapping[Place, float], texts: Mapping[Place, str]) -> None:
        self.numbers, self.texts = numbers, texts
        self.known: dict[Place, float] = {}

    def value(self, place: Place) -> float:
        """Return a cell's number."""
        if place not in self.known:
            text = self.texts.get(place)
            self.known[place] = math.nan  # for a circle
            self.known[place] = self.numbers.get(place, 0.0) if text is None else self.result(text)
        return self.known[place]

    def result(self, formula: str) -> float:
        """Return what a formula would give in this sheet; nan for an error."""
        try:
            value = read(formula)(self.value)
        except (ArithmeticError, ValueError):
            return math.nan
        assert isinstance(value, float)
        return value
