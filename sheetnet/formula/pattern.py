"""A formula's text with its relative rows cut out, so that one text serves every row of a column."""

import re
from typing import NamedTuple

# OpenFormula 5.8 puts every reference in brackets: [.E8], [$Ark2.$A$8], [.A1:.B3].
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
# What a row number may follow inside such brackets: a column, never a sheet's name.
_ODF_ROW = re.compile(r"(?<=\.)(\$?[A-Za-z]{1,3})(\d{1,7})(?=[:\]])")
# ECMA-376 18.17.2: a reference is no part of a name or a function's name; quoted text is not read.
_A1_ROW = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'!?)|(?<![A-Za-z0-9_.$\\\[])(\$?[A-Za-z]{1,3})(\d{1,7})(?![A-Za-z0-9_.(!\[])"""
)


LONGEST = 16_384
"""Characters of a formula that is read: Excel takes 8,192, which OpenFormula spells longer."""


class Pattern(NamedTuple):
    """Literal pieces of a formula's text, and between them the row offsets of its relative references.

    ``len(offsets) == len(pieces) - 1``. ``=E8-$A$8*M8`` in row 9 (index 8) is
    ``(('=E', '-$A$8*M', ''), (-1, -1))``.
    """

    pieces: tuple[str, ...]
    offsets: tuple[int, ...]

    def text(self, row: int) -> str:
        """Return the formula's text in the zero-based `row`."""
        out = [self.pieces[0]]
        for offset, piece in zip(self.offsets, self.pieces[1:], strict=True):
            out.append(str(row + offset + 1))
            out.append(piece)
        return "".join(out)


def is_openformula(formula: str) -> bool:
    """Tell OpenFormula's text (``of:=[.A1]``) from Excel's (``=A1``)."""
    prefix = formula.partition("=")[0]
    return prefix in ("of:", "oooc:") or (prefix == "" and "[." in formula)


def pattern(formula: str, row: int) -> Pattern:
    """Cut the relative rows out of `formula`, which stands in the zero-based `row`; either dialect.

    A formula longer than any that is read stays whole.
    """
    if len(formula) > LONGEST:
        return Pattern((formula,), ())
    pieces: list[str] = []
    offsets: list[int] = []
    end = 0
    if is_openformula(formula):
        for bracket in _BRACKETS.finditer(formula):
            for match in _ODF_ROW.finditer(formula, bracket.start(), bracket.end()):
                pieces.append(formula[end : match.start(2)])
                offsets.append(int(match[2]) - 1 - row)
                end = match.end()
    else:
        for match in _A1_ROW.finditer(formula):
            if match[1] is None:
                pieces.append(formula[end : match.start(3)])
                offsets.append(int(match[3]) - 1 - row)
                end = match.end()
    pieces.append(formula[end:])
    return Pattern(tuple(pieces), tuple(offsets))
