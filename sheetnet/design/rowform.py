"""An exercise in rows: the sheet of the note, with boxes in the places of some of its formulas."""

from dataclasses import replace

import numpy as np

from sheetnet.book.skeleton import Look, NewCell, NewSheet
from sheetnet.design import looks
from sheetnet.design.newsheet import new_sheet, printed_parts
from sheetnet.design.page import Form
from sheetnet.layout.language import Language
from sheetnet.layout.layout import Layout
from sheetnet.net.network import Network
from sheetnet.net.terms import STEP, Term, Use

TOLD, HEAD = (0, 0), ((1, 0), (1, 12))
"""Cells of what is to be done, and of the student's name and number."""
_TEXT = Look(colour="595959")
_LINE = Look(ruled=True, unlocked=True)
_LINE_COLUMNS = 14
_VERDICT_WIDTH = 21.0
"""Millimetres: room for a mark and a weight's name."""
_PRINTED_COLUMNS = 14
"""On a page, so that there is room to write."""


def row_sheet(layout: Layout, form: Form, language: Language, decimals: int) -> NewSheet:
    """Return the sheet of an exercise; the layout's last row has room for weights alone."""
    steps = layout.steps - 1
    biases = layout.has_biases
    blank = [
        np.zeros((after, before + biases))
        for before, after in zip(layout.sizes[:-1], layout.sizes[1:], strict=True)
    ]
    network = Network.of(blank, learning_rate=layout.learning_rate, conventions=layout.conventions)
    given = np.zeros((1, layout.sizes[0])), np.zeros((1, layout.sizes[-1]))
    base = new_sheet(layout, network, *given, language, layout.steps)
    cells = {place: cell for place, cell in base.cells.items() if place[0] > HEAD[0][0]}
    cells[TOLD] = NewCell(form.told, _TEXT)
    for place, text in zip(HEAD, form.head, strict=True):
        cells[place] = NewCell(text, Look(bold=place == HEAD[1]))
    for step in range(steps + 1):
        for term, column in layout.columns.items():
            if step == steps and term.kind != "w":
                continue
            look = replace(looks.look(term), decimals=_decimals(term, step, decimals))
            if _asked(term, step, form):
                look = Look(boxed=True, unlocked=True, decimals=decimals)
            value = float(step) if term == STEP else None
            cells[layout.first_row + step, column] = NewCell(value, look)
    row = layout.last_row + 2
    if form.question:
        cells[row, 0] = NewCell(form.question, _TEXT)
    cells |= {(row + 1, column): NewCell(None, _LINE) for column in range(_LINE_COLUMNS)}
    cells |= form.more
    widths = dict(base.widths)
    for _, column in form.more:
        widths.setdefault(column, _VERDICT_WIDTH)
    end, last = max(layout.columns.values()), max(column for _, column in cells)
    first, *others = printed_parts(layout, _PRINTED_COLUMNS)
    parts = [first._replace(last_row=row + 2)]
    parts += [area._replace(last_row=layout.last_row) for area in others]
    top = first._replace(last_row=layout.last_row, first_row=max(layout.label_row - 2, 0))
    for start in range(end + 2, last + 1, _PRINTED_COLUMNS):  # verdicts beside the table
        parts.append(top._replace(first_column=start, last_column=min(start + _PRINTED_COLUMNS - 1, last)))
    return replace(
        base,
        cells=cells,
        widths=widths,
        charts=(),
        printed=tuple(parts),
        headed=form.headed,
        protected=form.protected,
        validations=form.validations,
        heights=dict.fromkeys(range(layout.first_row, layout.last_row + 1), 7.0),
    )


def _decimals(term: Term, step: int, decimals: int) -> int | None:
    """Return the decimals of a cell that is computed, None for one that is typed."""
    typed = term.kind in ("target", "step") or (term.kind, term.layer) == ("a", 0)
    return None if typed or (term.kind == "w" and step == 0) else decimals


def _asked(term: Term, step: int, form: Form) -> bool:
    if term.kind == "w":
        return step > 0 and Use(term._replace(kind="new"), step - 1) in form.blanks
    return Use(term, step) in form.blanks
