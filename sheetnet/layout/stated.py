"""The conventions of a net as its sheet shows them before any training: stated in words, or by step 0."""

from collections.abc import Mapping

from sheetnet.book.grid import Sheet
from sheetnet.formula.expression import Call, walk
from sheetnet.formula.parse import Unparsable
from sheetnet.layout.language import languages
from sheetnet.layout.series import relative
from sheetnet.net.conventions import ACTIVATIONS, Activation, Biases, Conventions
from sheetnet.net.terms import Term

_FUNCTIONS: dict[str, Activation] = {"EXP": "sigmoid", "TANH": "tanh", "MAX": "relu", "IF": "relu"}
_SUMS = {"SUM", "SUMPRODUCT"}


def stated_conventions(
    sheet: Sheet,
    sizes: tuple[int, ...],
    places: Mapping[Term, int],
    first_row: int,
    rate: tuple[str, int, int],
    *,
    biases: bool,
) -> Conventions:
    """Return what the words below the learning rate say, else what the formulas of step 0 look like."""
    words = _settings(sheet, rate)
    activations = _named(words.get("activation", ""), len(sizes) - 1)
    if activations is None:
        activations = tuple(
            _shown(sheet, first_row, places[Term("a", layer)]) for layer in range(1, len(sizes))
        )
    treated = _biases(words.get("biases", "")) if biases else "none"
    return Conventions(biases=treated, activations=activations)


def _settings(sheet: Sheet, rate: tuple[str, int, int]) -> dict[str, str]:
    """Return the texts below captions such as ``Activation`` and ``Biases`` in the learning rate's column."""
    name, row, column = rate
    names = {
        language.captions[key].casefold(): key for language in languages() for key in ("activation", "biases")
    }
    found: dict[str, str] = {}
    for below in range(row + 1, row + 9) if name == sheet.name else ():
        cell, value = sheet.cell(below, column), sheet.cell(below + 1, column)
        if cell is None or value is None or not isinstance(cell.value, str):
            continue
        key = names.get(cell.value.strip().casefold())
        if key is not None and isinstance(value.value, str):
            found[key] = value.value.strip().casefold()
    return found


def _named(text: str, layers: int) -> tuple[Activation, ...] | None:
    names = [name.strip() for name in text.split(",")]
    known = tuple(activation for name in names for activation in ACTIVATIONS if activation == name)
    return known if len(known) == len(names) and len(known) in (1, layers) else None


def _shown(sheet: Sheet, row: int, column: int) -> Activation:
    """Return the activation that a formula looks like; the sigmoid where there is none."""
    cell = sheet.cell(row, column)
    if cell is None or cell.formula is None:
        return "sigmoid"
    try:
        expression = relative(cell.formula, row, column)
    except Unparsable:
        return "sigmoid"
    calls = [part.name for part in walk(expression) if isinstance(part, Call) and part.name not in _SUMS]
    return next((_FUNCTIONS[name] for name in calls if name in _FUNCTIONS), "sigmoid" if calls else "linear")


def _biases(text: str) -> Biases:
    for language in languages():
        for treated in ("fixed", "shared"):
            if language.biases[treated] == text:
                return treated
    return "trained"
