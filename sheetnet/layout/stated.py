"""The conventions of a net as its sheet shows them before any training: stated in words, or by step 0."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sheetnet.book.grid import Book, Sheet
from sheetnet.formula.expression import Call, Expression, Operation, walk
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.language import languages
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import relative
from sheetnet.net.conventions import (
    ACTIVATIONS,
    BIASES,
    Activation,
    Biases,
    Conventions,
    Cost,
    activations_named,
)
from sheetnet.net.terms import COST, Term

_FUNCTIONS: dict[str, Activation] = {"EXP": "sigmoid", "TANH": "tanh", "MAX": "relu", "IF": "relu"}
_SUMS = {"SUM", "SUMPRODUCT"}


def stated_conventions(
    sheet: Sheet,
    sizes: tuple[int, ...],
    places: Mapping[Term, int],
    first_row: int,
    rate: tuple[str, int, int] | None,
    *,
    biases: bool,
) -> Conventions:
    """Return what the words below the learning rate say, else what the formulas of step 0 look like."""
    words = _settings(sheet, rate)
    activations = _activations(words, len(sizes) - 1)
    if activations is None:
        activations = _shown(sheet, first_row, [places[Term("a", layer)] for layer in range(1, len(sizes))])
    treated = _biases(words)
    if treated is None or treated == "none" or not biases:
        treated = "trained" if biases else "none"
    cost = _cost(sheet, first_row, places.get(COST), activations[-1])
    return Conventions(biases=treated, activations=activations, cost=cost)


def contradictions(book: Book, layout: Layout, conventions: Conventions) -> list[str]:
    """Return a warning for each word below the learning rate that the sheet's formulas contradict."""
    words, layers = _settings(book.sheet(layout.sheet), layout.rate), len(layout.sizes) - 1
    activations, treated = _activations(words, layers), _biases(words)
    # a word's key: what it was understood as, what is so, what could be said
    meanings: dict[str, tuple[str | None, str, str]] = {
        "activation": (
            None if activations is None else ", ".join(activations),
            ", ".join(conventions.activations),
            f"{', '.join(ACTIVATIONS)}, one for all layers or one for each of {layers}",
        ),
        "biases": (treated, conventions.biases, ", ".join(BIASES)),
    }
    out = []
    for key, (text, row, column) in words.items():
        understood, found, possible = meanings[key]
        place = book.place(layout.sheet, row, column)
        if understood is None:
            out.append(f"{place}: found '{text}', expected {possible}; the sheet was read as {found}")
        elif understood != found:
            out.append(
                f"{place}: found '{text}', but the formulas are those of '{found}' and were kept; correct "
                f"this cell, or empty the formulas from row {layout.first_row + 1} on to have them made anew"
            )
    return out


def settings_meant(words: Mapping[str, str], layers: int) -> dict[str, Any]:
    """Return the conventions that words for "activation" and "biases" mean, those that are understood."""
    said: _Words = {key: (text, 0, 0) for key, text in words.items()}
    meant = {"activations": _activations(said, layers), "biases": _biases(said)}
    return {key: value for key, value in meant.items() if value is not None}


_Words: TypeAlias = dict[str, tuple[str, int, int]]
"""What the cells below ``Activation`` and ``Biases`` say, and where: text, row, column."""


def _settings(sheet: Sheet, rate: tuple[str, int, int] | None) -> _Words:
    """Return the texts below captions such as ``Activation`` and ``Biases`` in the learning rate's column."""
    if rate is None:
        return {}
    name, row, column = rate
    names = {
        language.captions[key].casefold(): key for language in languages() for key in ("activation", "biases")
    }
    found: _Words = {}
    for below in range(row + 1, row + 9) if name == sheet.name else ():
        cell, value = sheet.cell(below, column), sheet.cell(below + 1, column)
        if cell is None or value is None or not isinstance(cell.value, str):
            continue
        key = names.get(cell.value.strip(" :").casefold())
        if key is not None and isinstance(value.value, str):
            found[key] = value.value.strip(), below + 1, column
    return found


def _activations(words: _Words, layers: int) -> tuple[Activation, ...] | None:
    """Return what the words say, one activation where all layers have the same."""
    names = re.split(r"[\s,;/]+", words.get("activation", ("", 0, 0))[0].strip(" ,;/").casefold())
    known = activations_named(names, (*ACTIVATIONS, "softmax"))
    if known is None or len(known) not in (1, layers):
        return None
    each = known * layers if len(known) == 1 else known
    if "softmax" in each[:-1]:
        return None
    return known[:1] if len(set(known)) == 1 else known


def _shown(sheet: Sheet, row: int, columns: Sequence[int]) -> tuple[Activation, ...]:
    """Return the activations, one a layer, that the formulas in some cells look like."""
    formulas = [_formula(sheet, row, column) for column in columns]
    *hidden, outputs = map(_activation, formulas)
    return (*hidden, "softmax" if _is_softmax(formulas[-1]) else outputs)


def _formula(sheet: Sheet, row: int, column: int) -> Expression | None:
    cell = sheet.cell(row, column)
    if cell is None or cell.formula is None:
        return None
    try:
        return relative(cell.formula, row, column)
    except Unparsable:
        return None


def _activation(formula: Expression | None) -> Activation:
    """Return the activation of one neuron that a formula looks like; the sigmoid where there is none."""
    if formula is None:
        return "sigmoid"
    calls = [call.name for call in _calls(formula) if call.name not in _SUMS]
    return next((_FUNCTIONS[name] for name in calls if name in _FUNCTIONS), "sigmoid" if calls else "linear")


def _is_softmax(formula: Expression | None) -> bool:
    """Tell a power of e divided by what has others, too."""
    match formula:
        case Operation("/", (Call("EXP") as power, below)):
            return any(call.name == "EXP" and call != power for call in _calls(below))
    return False


def _cost(sheet: Sheet, row: int, column: int | None, outputs: Activation) -> Cost:
    """Return cross-entropy where there is a logarithm, or a softmax, which needs it."""
    formula = None if column is None else _formula(sheet, row, column)
    logarithm = formula is not None and any(call.name == "LN" for call in _calls(formula))
    if outputs == "softmax" or (outputs == "sigmoid" and logarithm):
        return "cross-entropy"
    return "half squares"


def _calls(formula: Expression) -> list[Call]:
    return [part for part in walk(formula) if isinstance(part, Call)]


def _biases(words: _Words) -> Biases | None:
    text = words.get("biases", ("", 0, 0))[0].casefold()
    named = (treated for language in languages() for treated in BIASES if language.biases[treated] == text)
    return next(named, None)
