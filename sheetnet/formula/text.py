"""Expressions as text: Excel's form and OpenFormula, with no more brackets than needed."""

import re
from collections.abc import Callable
from typing import Literal

from sheetnet.formula.address import column_name
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Range,
    Reference,
    Unreadable,
    chain,
)

# ECMA-376 18.17.2.2 and OpenFormula 5.5: all binary operators group from the left, signs bind tightest.
LEVELS = {"=": 1, "<>": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_SIGN = 6
_ATOM = 7

Dialect = Literal["ods", "xlsx"]


def formula_text(expression: Expression, row: int, column: int, dialect: Dialect) -> str:
    """Return the text, as the dialect's files store it, of a formula that stands in a zero-based place."""
    if dialect == "ods":
        return "of:=" + written(expression, lambda target: _odf(target, row, column), ";")
    return "=" + written(expression, lambda target: reference_text(target, row, column), ",")


def written(expression: Expression, name: Callable[[object], str], separator: str = ",") -> str:
    """Return an expression's text; `name` spells references, or a Range's (first, last)."""
    return _written(expression, name, separator)[0]


def _written(expression: Expression, name: Callable[[object], str], separator: str) -> tuple[str, int]:
    if isinstance(expression, Constant):
        return _constant(expression.value), _ATOM
    if isinstance(expression, Reference):
        return name(expression.target), _ATOM
    if isinstance(expression, Range):
        return name((expression.first, expression.last)), _ATOM
    if isinstance(expression, Call):
        arguments = separator.join(_written(part, name, separator)[0] for part in expression.arguments)
        return f"{expression.name}({arguments})", _ATOM
    if isinstance(expression, Unreadable):
        return expression.text, _ATOM
    first, operations = chain(expression)
    if not operations:
        text, level = _written(expression.operands[0], name, separator)
        if expression.operator == "%":
            return (text if level >= _ATOM else f"({text})") + "%", _ATOM
        sign = "-" if expression.operator == "neg" else "+"
        return sign + (text if level >= _SIGN else f"({text})"), _SIGN
    left, left_level = _written(first, name, separator)
    pieces = [left]
    for operation in operations:
        level = LEVELS[operation.operator]
        right, right_level = _written(operation.operands[1], name, separator)
        if left_level < level:
            pieces = ["(", *pieces, ")"]
        pieces += [operation.operator, right if right_level > level else f"({right})"]
        left_level = level
    return "".join(pieces), left_level


def _constant(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "TRUE()" if value else "FALSE()"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return f"{int(value)}" if abs(value) < 1e15 and value == int(value) else repr(value)


def _cell(reference: CellReference, row: int, column: int) -> str:
    _, target_row, target_column = reference.at(row, column)
    column_sign = "$" if reference.column_fixed else ""
    row_sign = "$" if reference.row_fixed else ""
    return f"{column_sign}{column_name(target_column)}{row_sign}{target_row + 1}"


def _quoted(sheet: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", sheet) and not re.fullmatch(r"[A-Za-z]{1,3}\d+", sheet)
    return sheet if plain else "'" + sheet.replace("'", "''") + "'"


def _odf(target: object, row: int, column: int) -> str:
    first, last = target if isinstance(target, tuple) and len(target) == 2 else (target, None)
    if not isinstance(first, CellReference):
        raise TypeError(f"{first!r} is not a cell")
    sheet = "" if first.sheet is None else "$" + _quoted(first.sheet)
    text = f"[{sheet}.{_cell(first, row, column)}"
    return text + (f":.{_cell(last, row, column)}]" if isinstance(last, CellReference) else "]")


def reference_text(target: object, row: int, column: int) -> str:
    """Return the address that a reference, or a Range's (first, last), has in a formula of Excel's."""
    first, last = target if isinstance(target, tuple) and len(target) == 2 else (target, None)
    if not isinstance(first, CellReference):
        raise TypeError(f"{first!r} is not a cell")
    sheet = "" if first.sheet is None else _quoted(first.sheet) + "!"
    text = sheet + _cell(first, row, column)
    return text + (f":{_cell(last, row, column)}" if isinstance(last, CellReference) else "")
