"""A formula with a reference replaced, all else spelt as its author spelt it."""

import re

from sheetnet.formula.expression import Expression, Reference, replace, walk
from sheetnet.formula.text import Dialect, formula_text


def respelt(
    text: str,
    found: Expression,
    part: Expression,
    new: Expression,
    place: tuple[int, int],
    dialect: Dialect,
    *,
    everywhere: bool,
) -> str:
    """Return a formula's text with `part` replaced by `new`, once or everywhere.

    `found` is what the text says at its zero-based `place`. Brackets, order and spacing stay; what can't be
    told from the text alone is spelt anew.
    """
    if isinstance(part, Reference) and isinstance(new, Reference):
        old, put = (_address(each, place, dialect) for each in (part, new))
        token = re.compile(rf"(?<![A-Za-z0-9_$.!'\[]){re.escape(old)}(?![A-Za-z0-9_.(!:\]])")
        if dialect == "ods":
            token = re.compile(re.escape(old))
        places = list(token.finditer(text))
        same = [each for each in walk(found) if each == part]
        if len(places) == len(same):
            if everywhere:
                return token.sub(lambda _: put, text)
            match = places[next(at for at, each in enumerate(same) if each is part)]
            return text[: match.start()] + put + text[match.end() :]
    return formula_text(edited(found, part, new, everywhere=everywhere), *place, dialect)


def edited(found: Expression, part: Expression, new: Expression, *, everywhere: bool) -> Expression:
    """Return an expression with one part replaced, or with all that are equal to it."""
    if everywhere:
        return replace(found, lambda each: new if each == part else None)
    return replace(found, lambda each: new if each is part else None)


def _address(reference: Reference, place: tuple[int, int], dialect: Dialect) -> str:
    return formula_text(reference, *place, dialect).partition("=")[2]
