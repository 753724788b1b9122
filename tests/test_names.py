"""Defined names in formulas, of both dialects."""

import pytest

from sheetnet.formula.expression import Unreadable, walk
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import parse
from sheetnet.formula.text import formula_text

NAMES = {
    "learning_rate": "=Sheet1!$A$8",
    "γ": "of:=[$Sheet1.$A$8]",
    "half": "=0.5",
    "weights": "of:=[$Sheet1.$E$8:.$F$8]",
    "step": "=learning_rate*half",
    "My net!rate": "=$A$9",
    "rate": "=$A$10",
    "moving": "=Sheet1!A8",
    "circle": "=circle+1",
    "broken": "=1+(",
}
TEXTS = [
    ("=E8-learning_rate*M8", "=E8-Sheet1!$A$8*M8"),
    ("=E8-Learning_Rate*M8", "=E8-Sheet1!$A$8*M8"),
    ("of:=[.E8]-γ*[.M8]", "=E8-Sheet1!$A$8*M8"),
    ("of:=$$γ*half", "=Sheet1!$A$8*0.5"),
    ("=SUMPRODUCT(weights,C8:D8)", "=SUMPRODUCT(Sheet1!$E$8:$F$8,C8:D8)"),
    ("=step^2", "=(Sheet1!$A$8*0.5)^2"),
    ("=rate", "=$A$9"),
    ("='My net'!rate", "=$A$9"),
    ("of:=$'My net'.rate", "=$A$9"),
    ("=Sheet1!rate", "=$A$10"),
    ("=moving+half", "=moving+0.5"),
    ("=broken+half", "=broken+0.5"),
    ("=unknown*A1", "=unknown*A1"),
]


@pytest.mark.parametrize(("formula", "expected"), TEXTS, ids=[formula for formula, _ in TEXTS])
def test_names_are_what_they_stand_for(formula: str, expected: str) -> None:
    """Names of fixed cells, ranges and constants are replaced, one sheet's before the book's; all else stays."""
    expression = resolved(parse(formula, 7, 12), NAMES, "My net")
    assert formula_text(expression, 7, 12, "xlsx") == expected


def test_names_in_circles_end() -> None:
    """A name that stands for itself is spelt out a few times, and one that grows without end is left."""
    assert any(isinstance(part, Unreadable) for part in walk(resolved(parse("=circle", 0, 0), NAMES)))
    growing = {f"n{i}": "=" + "+".join([f"n{i + 1}"] * 200) for i in range(8)}
    assert sum(1 for _ in walk(resolved(parse("=n0", 0, 0), growing))) < 50_000
