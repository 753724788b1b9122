"""Defined names in formulas: what they stand for."""

from collections.abc import Mapping

from sheetnet.formula.expression import (
    CellReference,
    Expression,
    Range,
    Reference,
    Unreadable,
    replace,
    walk,
)
from sheetnet.formula.parse import Unparsable, parse

MAX_DEPTH = 8
"""Names that may stand for names in turn."""
MAX_PARTS = 10_000
"""Parts that an expression may have when its names are spelt out."""


def resolved(expression: Expression, names: Mapping[str, str] | None, sheet: str | None = None) -> Expression:
    """Return the expression with its defined names replaced by what they stand for.

    `names` has a formula for each name, those of one sheet called ``sheet!name``; `sheet` is the formula's
    own, whose names come first. What is no name, or one that means another cell wherever it stands, is left
    as it is.
    """
    if not names or not any(isinstance(part, Unreadable) for part in walk(expression)):
        return expression
    return _Names(names, sheet).spelt_out(expression, 0)


class _Names:
    """The names as one formula's sheet knows them, and how many parts its expression may still take up."""

    def __init__(self, names: Mapping[str, str], sheet: str | None) -> None:
        # names do not tell case apart, in neither program
        self.formulas = {name.casefold(): formula for name, formula in names.items()}
        self.sheet = sheet
        self.left = MAX_PARTS

    def spelt_out(self, expression: Expression, depth: int) -> Expression:
        """Return an expression with the names in it replaced."""
        return replace(expression, lambda part: self.meaning(part, depth))

    def meaning(self, part: Expression, depth: int) -> Expression | None:
        """Return what a part stands for when it is a name, else None."""
        formula = self.formula(part.text) if isinstance(part, Unreadable) and depth < MAX_DEPTH else None
        if formula is None:
            return None
        try:
            meaning = parse(formula, 0, 0)
        except Unparsable:
            return None
        parts = list(walk(meaning))
        self.left -= len(parts)
        if self.left < 0 or any(_moves(part) for part in parts):
            return None
        return self.spelt_out(meaning, depth + 1)

    def formula(self, text: str) -> str | None:
        """Return the formula of a name as a formula spells it: rate, $$rate, Sheet1!rate, $'My net'.rate."""
        text = text.removeprefix("$$").strip("[]").casefold()
        own = f"{self.sheet}!{text}".casefold()
        if own in self.formulas or text in self.formulas:
            return self.formulas.get(own, self.formulas.get(text))
        sheet, sign, name = text.rpartition("!" if "!" in text else ".")
        sheet = sheet.removeprefix("$")
        if sheet.startswith("'"):
            sheet = sheet[1:-1].replace("''", "'")
        return self.formulas.get(f"{sheet}!{name}", self.formulas.get(name)) if sign else None


def _moves(part: Expression) -> bool:
    """Tell a reference that is another cell wherever its name is used."""
    if isinstance(part, Reference) and isinstance(part.target, CellReference):
        return not (part.target.row_fixed and part.target.column_fixed)
    return isinstance(part, Range) and (_moves(Reference(part.first)) or _moves(Reference(part.last)))
