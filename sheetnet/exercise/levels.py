"""Which quantities an exercise leaves blank: by its level, from worked example to own work, or by name."""

import re
from collections.abc import Iterable, Iterator, Sequence

from sheetnet.errors import SheetnetError
from sheetnet.layout.page import read_caption
from sheetnet.net.terms import COST, Kind, Term, named, sizes_text, terms, weights

LEVELS = (1, 2, 3, 4, 5, 7)
FIND = 7
"""The level at which a complete sheet has one mistake that is to be found."""
_KINDS: dict[int, tuple[Kind, ...]] = {
    1: ("new",),
    2: ("new", "gradient"),
    3: ("new", "gradient", "delta"),
    4: ("new", "gradient", "delta"),
    5: ("new", "gradient", "delta", "cost", "a"),
}
_AFTER = re.compile(r"(w\d*(?:,\d+)?\(\d+\))(new|ny)")


def computed_terms(sizes: tuple[int, ...], *, biases: bool = True) -> list[Term]:
    """Return what a student can be asked for, in the order in which it is computed."""
    last = len(sizes) - 1
    found = [Term("a", layer, i) for layer in range(1, last + 1) for i in range(sizes[layer])]
    found.append(COST)
    found += [Term("delta", layer, i) for layer in range(last, 0, -1) for i in range(sizes[layer])]
    back = [weight for layer in range(last, 0, -1) for weight in weights(sizes, layer, biases=biases)]
    found += [weight._replace(kind="gradient") for weight in back]
    return found + [weight._replace(kind="new") for weight in back]


def asked_terms(
    sizes: tuple[int, ...], level: int, named_blanks: Sequence[str] = (), *, biases: bool = True
) -> tuple[Term, ...]:
    """Return the terms of one step that are blank; those that are named, or else those of the level.

    None are at level 7. SheetnetError for a name that is no quantity of the net.
    """
    whole = computed_terms(sizes, biases=biases)
    if any(not text.strip() for text in named_blanks):
        raise SheetnetError(f"--blank: found nothing, expected quantities: {', '.join(_quantities(sizes))}")
    if named_blanks:
        wanted = {term for text in named_blanks for term in _meant(text, sizes, whole)}
        return tuple(term for term in whole if term in wanted)
    if level == FIND:
        return ()
    last = len(sizes) - 1
    return tuple(
        term
        for term in whole
        if term.kind in _KINDS[level] and not (level == 3 and term.kind == "delta" and term.layer == last)
    )


def _meant(text: str, sizes: tuple[int, ...], whole: Sequence[Term]) -> Iterator[Term]:
    """Yield the terms that a text names; it may name several, set apart by commas or blanks between them."""
    for part in re.split(r"[;|]|,\s+|,(?=\D)", text):
        if part.strip():
            found = [*_named(part, whole)]
            if not found:
                quantities = ", ".join(_quantities(sizes))
                raise SheetnetError(
                    f"--blank: found '{part.strip()[:40]}', expected quantities of a {sizes_text(sizes)} "
                    f"net: {quantities}, or one of them such as {named(whole[-1])}"
                )
            yield from found


def _named(text: str, whole: Sequence[Term]) -> Iterable[Term]:
    """Return the terms of a block, δ(1), of a quantity, δ, or of a single cell, δ0(1)."""
    plain = re.sub(r"\s+", "", text).casefold()
    after = _AFTER.fullmatch(plain)
    if after is not None:
        plain = f"new{after[1]}"
    if plain == "c":
        return [COST]
    quantities: dict[str, Kind] = {"a": "a", "δ": "delta", "d": "delta", "delta": "delta"}
    quantities |= {"dc/dw": "gradient", "w": "new", "neww": "new", "nyw": "new", "wnew": "new"}
    if plain in quantities:
        return [term for term in whole if term.kind == quantities[plain]]
    caption = read_caption(plain)
    if caption is not None:
        kind: Kind = "new" if caption.kind == "w" else caption.kind
        return [term for term in whole if (term.kind, term.layer) == (kind, caption.layer)]
    plain = re.sub(r"^(delta|d)(?=\d)", "δ", plain)
    plain = re.sub(r"^ny", "new", plain)
    return [
        term
        for term in whole
        if plain in (key := re.sub(r"\s+", "", named(term)).casefold(), key.removeprefix("new"))
    ]


def _quantities(sizes: tuple[int, ...]) -> list[str]:
    layers = range(len(sizes) - 1, 0, -1)
    return [f"{word}({layer})" for word in ("a", "δ", "dC/dW", "new W") for layer in layers] + ["C"]


def shown_terms(sizes: tuple[int, ...], *, biases: bool = True) -> list[Term]:
    """Return all terms of a step of an exercise: those of the note's columns, and the new weights."""
    return [
        *terms(sizes, biases=biases),
        *(term for term in computed_terms(sizes, biases=biases) if term.kind == "new"),
    ]
