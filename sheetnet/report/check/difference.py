"""Two formulas side by side, cut down to where they differ."""

import re
from difflib import SequenceMatcher

_TOKEN = re.compile(r"'[^']*'[.!]?|\"[^\"]*\"|\$?[A-Za-z_][A-Za-z0-9_.$]*|[0-9.,]+(?:[eE][+-]?[0-9]+)?|\s+|.")
_CONTEXT = 6
"""Tokens that are kept on either side of a difference."""
_FEW = 3
"""Differences that are all shown."""


class Difference:
    """A formula that was found and the one that was expected, token by token."""

    def __init__(self, found: str, expected: str) -> None:
        self.found, self.expected = _TOKEN.findall(found), _TOKEN.findall(expected)
        matcher = SequenceMatcher(None, self.found, self.expected, autojunk=False)
        self._blocks = matcher.get_opcodes() if len(self.found) * len(self.expected) < 4_000_000 else []

    def shortened(self, width: int) -> tuple[str, str]:
        """Return both formulas with long stretches that they share as …, each at most `width` wide.

        Where they differ in many places the first of them is shown, and what follows is cut.
        """
        changes = [block for block in self._blocks if block[0] != "equal"]
        if len(changes) > _FEW:
            _, start, _, other, _ = changes[0]
            return self._from(self.found, start, width), self._from(self.expected, other, width)
        for context in range(_CONTEXT, -1, -1):
            found, expected = self._around(context)
            if max(len(found), len(expected)) <= width:
                return found, expected
        return _cut(found, width), _cut(expected, width)

    def _from(self, tokens: list[str], start: int, width: int) -> str:
        """Return a formula from where a difference is well in sight, cut to a width."""
        whole = "".join(tokens)
        if len("".join(tokens[: start + 1])) <= width // 2:
            return _cut(whole, width)
        return _cut("…" + "".join(tokens[max(start - _CONTEXT, 0) :]), width)

    def _around(self, context: int) -> tuple[str, str]:
        found: list[str] = []
        expected: list[str] = []
        for number, (kind, start, end, other_start, other_end) in enumerate(self._blocks):
            if kind != "equal":
                found += self.found[start:end]
                expected += self.expected[other_start:other_end]
                continue
            left = 0 if number == 0 else context
            right = 0 if number == len(self._blocks) - 1 else context
            same = self.found[start:end]
            if len(same) > left + right + 1:
                begin = ["="] if number == 0 and same[0] == "=" else []
                same = [*begin, *same[:left], "…", *(same[-right:] if right else [])]
            found += same
            expected += same
        return "".join(found), "".join(expected)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
