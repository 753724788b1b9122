"""Formula text of either dialect, parsed to an expression."""

import re
from typing import Any

import formualizer

from sheetnet.formula.address import column_index
from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Range,
    Reference,
    Unreadable,
)
from sheetnet.formula.pattern import LONGEST, is_openformula
from sheetnet.formula.text import LEVELS

MAX_FORMULA = 8_192
"""Characters of a formula in Excel."""
MAX_NESTING = 64
"""Brackets within brackets; formualizer stops at 72, Excel at 64."""

_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})"
# OpenFormula 5.8: [.A1], [.A1:.B2], [$Ark2.A1], [$'My Sheet'.$A$1:.B2]
_ODF_SHEET = r"(?:\$?('(?:[^']|'')*'|[^'.\[\]:$]+))?"
_ODF_REFERENCE = re.compile(rf"\[{_ODF_SHEET}\.{_CELL}(?::{_ODF_SHEET}\.{_CELL})?\]")
_A1_REFERENCE = re.compile(rf"(?:('(?:[^']|'')*'|[^'!:\[\]]+)!)?{_CELL}(?::{_CELL})?")
PREFIX = re.compile(r"^(?:[a-z]+:)?=")
"""How a formula begins in a file: of:=, oooc:= or =."""
FUNCTION_PREFIX = re.compile(
    r"^(?:_xlfn\.|_xlws\.|com\.microsoft\.|org\.(?:libre|open)office\.|legacy\.)+", re.I
)
"""What files put before the names of functions that came later than the format, and no program shows."""


class Unparsable(ValueError):
    """A formula that can't be read: a syntax error, too long, nested too deep."""


def parse(formula: str, row: int, column: int) -> Expression:
    """Parse the text of a formula that stands in a zero-based place; Unparsable when it is none.

    Functions' prefixes (``_xlfn.``, ``com.microsoft.``) are dropped; names, arrays and references to other
    files become Unreadable parts, an argument left out an empty one.
    """
    if len(formula) > LONGEST or _nesting(formula) > MAX_NESTING:
        raise Unparsable(f"a formula of {len(formula)} characters, nested {_nesting(formula)} deep")
    openformula = is_openformula(formula)
    text = PREFIX.sub("=", formula, count=1)
    dialect = formualizer.FormulaDialect.OpenFormula if openformula else formualizer.FormulaDialect.Excel
    try:
        tree = formualizer.parse(text, dialect=dialect).to_dict()
    except Exception as error:  # formualizer's errors share no base class of their own
        raise Unparsable(str(error)) from error
    pattern = _ODF_REFERENCE if openformula else _A1_REFERENCE
    return _expression(tree, pattern, row, column)


def _nesting(formula: str) -> int:
    depth = deepest = 0
    for sign in formula:
        if sign == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif sign == ")":
            depth -= 1
    return deepest


def _expression(tree: dict[str, Any], pattern: re.Pattern[str], row: int, column: int) -> Expression:
    kind = tree["node_type"]
    if kind == "BinaryOp" and tree["operator"] in LEVELS:
        operands = tuple(_expression(tree[side], pattern, row, column) for side in ("left", "right"))
        return Operation(tree["operator"], operands)
    if kind == "UnaryOp":
        operator = {"-": "neg", "+": "pos"}.get(tree["operator"], tree["operator"])
        return Operation(operator, (_expression(tree["operand"], pattern, row, column),))
    if kind == "Function":
        name = FUNCTION_PREFIX.sub("", tree["name"].upper())
        return Call(name, tuple(_expression(part, pattern, row, column) for part in tree["args"]))
    if kind == "Literal" and isinstance(tree["value"], float | int | str | bool):
        value = tree["value"]
        return Constant(float(value) if isinstance(value, int) and not isinstance(value, bool) else value)
    if kind == "Reference":
        return _reference(tree["reference"], pattern, row, column)
    return Unreadable("" if kind == "Omitted" else str(tree))


def _reference(text: str, pattern: re.Pattern[str], row: int, column: int) -> Expression:
    match = pattern.fullmatch(text.strip())
    if match is None:
        return Unreadable(text)
    groups = match.groups()
    sheet = _unquoted(groups[0])
    first = _cell(groups[1:5], sheet, row, column)
    rest = groups[5:]
    if rest[-1] is None:
        return Reference(first)
    return Range(first, _cell(rest[-4:], sheet, row, column))


def _cell(groups: tuple[str, ...], sheet: str | None, row: int, column: int) -> CellReference:
    column_sign, letters, row_sign, digits = groups
    target_row, target_column = int(digits) - 1, column_index(letters)
    return CellReference(
        target_row if row_sign else target_row - row,
        target_column if column_sign else target_column - column,
        bool(row_sign),
        bool(column_sign),
        sheet,
    )


def _unquoted(sheet: str | None) -> str | None:
    if sheet is not None and sheet.startswith("'"):
        return sheet[1:-1].replace("''", "'")
    return sheet
