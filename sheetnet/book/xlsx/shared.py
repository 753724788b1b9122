"""Shared formulas: the first cell's text, moved to the cells that share it (ECMA-376 18.3.1.40)."""

import re
from functools import cache

from sheetnet.book.grid import MAX_COLUMNS, MAX_ROWS
from sheetnet.book.xlsx.ranges import column_of, letters_of

# ECMA-376 18.17.2: text in quotes, quoted sheets and what is in brackets are no references, nor are names.
_TOKEN = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'|\[(?:[^\[\]]|\[[^\[\]]*\])*\])"""
    r"""|(?<![A-Za-z0-9_.$\\?])(?:"""
    r"""(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})(?![A-Za-z0-9_.(!\[?\\])"""
    r"""|(\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3})(?![A-Za-z0-9_.(!\[$?\\])"""
    r"""|(\$?)([0-9]{1,7}):(\$?)([0-9]{1,7})(?![A-Za-z0-9_.(!\[?\\]))"""
)


class SharedFormula:
    """The text of a shared formula's first cell, without ``=``, and that cell's place."""

    __slots__ = ("_column", "_cut", "_row", "_tokens", "text")

    def __init__(self, text: str, row: int, column: int) -> None:
        self.text = text
        self._row, self._column = row, column
        self._tokens = _tokens(text)
        self._cut: dict[int, tuple[tuple[str, ...], tuple[int, ...]]] = {}

    def at(self, row: int, column: int) -> str:
        """Return the formula's text in another cell; references past an edge come in again at the other."""
        shift = column - self._column
        cut = self._cut.get(shift)
        if cut is None:
            cut = self._cut[shift] = _cut(self._tokens, shift)
        pieces, rows = cut
        if not rows:
            return pieces[0]
        down = row - self._row
        out = [pieces[0]]
        for number, piece in zip(rows, pieces[1:], strict=True):
            out.append(str((number + down) % MAX_ROWS + 1))
            out.append(piece)
        return "".join(out)


Token = str | tuple[str, int]
"""A piece that stays, or ``("column", 4)`` or ``("row", 7)`` that moves; zero-based."""


@cache
def _tokens(text: str) -> tuple[Token, ...]:
    out: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match[1] is not None or not _within(match):
            continue
        out.append(text[end : match.start()])
        end = match.end()
        if match[3] is not None:
            out += (*_part(match[2], match[3]), *_part(match[4], match[5]))
        elif match[7] is not None:
            out += (*_part(match[6], match[7]), ":", *_part(match[8], match[9]))
        else:
            out += (*_part(match[10], match[11]), ":", *_part(match[12], match[13]))
    out.append(text[end:])
    return tuple(out)


def _within(match: re.Match[str]) -> bool:
    letters = [match[group].upper() for group in (3, 7, 9) if match[group]]
    rows = [int(match[group]) for group in (5, 11, 13) if match[group]]
    return all(len(name) < 3 or name <= "XFD" for name in letters) and all(
        1 <= row <= MAX_ROWS for row in rows
    )


def _part(dollar: str, text: str) -> tuple[Token, ...]:
    if dollar:
        return (dollar + text,)
    return (("row", int(text) - 1),) if text.isdigit() else (("column", column_of(text.upper())),)


def _cut(tokens: tuple[Token, ...], shift: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    pieces, rows = [""], []
    for token in tokens:
        if isinstance(token, str):
            pieces[-1] += token
        elif token[0] == "column":
            pieces[-1] += letters_of((token[1] + shift) % MAX_COLUMNS)
        else:
            rows.append(token[1])
            pieces.append("")
    return tuple(pieces), tuple(rows)
