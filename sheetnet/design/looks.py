"""How the cells of a net look on a new sheet: the colours of the note's own."""

from sheetnet.book.skeleton import Look
from sheetnet.net.terms import Term, label

GREEN, YELLOW, LAVENDER, SALMON, BLUE = "ADD58A", "FFFBCC", "DFCCE4", "F68E76", "E3EEF9"
"""Learning rate and targets, inputs, weights, activations: the author's; dC/dW: a pale blue, not his."""
DECIMALS = 5
WIDTH = 17.0
"""Millimetres: room for -12.34567 in Arial 10."""
GRADIENT_WIDTH = 18.0
COST_WIDTH = 23.0
"""Room for its caption in any language, with nothing but a page's edge right of it."""
RATE_WIDTH, STEP_WIDTH, GAP_WIDTH = 26.0, 12.0, 5.0

TEXT = Look(colour="595959")
CAPTION = Look(bold=True, colour="595959")
LABEL = Look(bold=True, centred=True, ruled=True)
RATE_LABEL = Look(bold=True, ruled=True)
RATE = Look(fill=GREEN)
PLAIN = Look()

_INPUT, _TARGET = Look(fill=YELLOW), Look(fill=GREEN)
_STEP = Look(colour="595959", centred=True)
_FILLS = {"w": LAVENDER, "a": SALMON, "gradient": BLUE}


def look(term: Term) -> Look:
    """Return the look of a term's cells: inputs, targets and steps as typed, all else with five decimals."""
    if term.kind == "target":
        return _TARGET
    if (term.kind, term.layer) == ("a", 0):
        return _INPUT
    if term.kind == "step":
        return _STEP
    return Look(fill=_FILLS.get(term.kind), decimals=DECIMALS)


def width(term: Term) -> float:
    """Return the width of a term's column in millimetres."""
    least = {"step": STEP_WIDTH, "gradient": GRADIENT_WIDTH, "cost": COST_WIDTH}.get(term.kind, WIDTH)
    return max(least, text_width(len(label(term))) if term.kind == "gradient" else 0.0)


def text_width(characters: int) -> float:
    """Return about the millimetres that so many characters take in Arial 10, bold."""
    return 2.1 * characters + 1.0


def characters(millimetres: float) -> int:
    """Return about how many characters of a text find room."""
    return int(millimetres / 1.75)
