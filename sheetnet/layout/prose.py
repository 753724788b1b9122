"""Words as a sentence has them: lists and counts."""

from collections.abc import Sequence


def listing(words: Sequence[str], conjunction: str = "and") -> str:
    """Return words as a list in prose: a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: 1 row, 1,000 rows."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
