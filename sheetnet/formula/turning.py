"""Formulas of a sheet whose rows are taken for columns: every reference with row and column exchanged."""

import re

from sheetnet.formula.address import column_index, column_name
from sheetnet.formula.pattern import is_openformula

_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})"
# OpenFormula 5.8: a reference stands in brackets, its cells after a dot.
_ODF = re.compile(rf"(?<=\.){_CELL}(?=[:\]])")
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
# ECMA-376 18.17.2: quoted text and names of sheets and functions are not read.
_A1 = re.compile(
    rf"""("(?:[^"]|"")*"|'(?:[^']|'')*'!?|[A-Za-z_][\w.]*!)|(?<![A-Za-z0-9_.$\\\[]){_CELL}(?![A-Za-z0-9_.(!\[])"""
)


def turned(formula: str) -> str:
    """Return a formula with all its references exchanged: =E8-$A$9 becomes =H5-$I$1; either dialect.

    Turned twice it is the same again. A product of matrices is not turned into that of their transposes.
    """
    if is_openformula(formula):
        return _BRACKETS.sub(
            lambda bracket: _ODF.sub(lambda cell: _exchanged(*cell.groups()), bracket[0]), formula
        )
    return _A1.sub(lambda match: match[0] if match[1] else _exchanged(*match.groups()[1:]), formula)


def _exchanged(column_sign: str, letters: str, row_sign: str, digits: str) -> str:
    return f"{row_sign}{column_name(int(digits) - 1)}{column_sign}{column_index(letters) + 1}"
