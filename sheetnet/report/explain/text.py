"""A cell explained in words: what it is, its rule in labels, in cells and in numbers, what it is used for."""

import shlex

from sheetnet.book.grid import Area
from sheetnet.diagnosis.world import has_rate_a_row
from sheetnet.formula.address import a1
from sheetnet.jobs.explaining import Explanation
from sheetnet.layout.content import advice, holds, is_number
from sheetnet.layout.content import found as what_stands
from sheetnet.layout.labels import is_layer_caption
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import MEAN_COST, Term
from sheetnet.report.check.findings import formula_shown
from sheetnet.report.explain.chain import chain_lines
from sheetnet.report.explain.equation import LONG, wrapped
from sheetnet.report.explain.meaning import meaning, remarks
from sheetnet.report.explain.naming import named
from sheetnet.report.explain.neighbours import cells_text, fed, plain_uses, used_by
from sheetnet.report.explain.ruled import departure, equation_lines
from sheetnet.report.places import is_turned, pages_rows, spans, step_noun, steps_text
from sheetnet.report.words import WIDTH, command, listing, paragraph, plural, value_text

_OTHERS = 4
"""Other sheets that are all named."""


def explanation_report(found: Explanation, language: str = "en") -> str:
    """Return the explanation, at most 80 columns wide; `language` is that of its formulas."""
    blocks = [_head(found)]
    if found.rule is not None:
        blocks.append([*equation_lines(found, language), *departure(found, language)])
        blocks.append([*fed(found), *paragraph(remarks(found.rule), "  ")])
        if found.chain_rule is not None:
            blocks.append(
                chain_lines(found.chain, found.chain_rule, found.rule, lambda cell: _explain(found, cell, 6))
            )
    else:
        blocks.append(_plain(found, language))
    blocks.append(used_by(found))
    return "\n\n".join("\n".join(block) for block in blocks if block)


# ---------------------------------------------------------------- what it is


def _head(found: Explanation) -> list[str]:
    title = f"{found.place[0]}, {found.address}: {_title(found)}"
    lines = paragraph(title)
    if found.others:
        cells = [shlex.quote(f"{sheet}.{found.address}") for sheet in found.others]
        if len(cells) > _OTHERS:
            cells = [*cells[:_OTHERS], "..."]
        aside = f"(for the other{'s' if len(cells) > 1 else ''}: {', '.join(cells)})"
        if len(lines[-1]) + 5 + len(aside) <= WIDTH:
            lines[-1] += "     " + aside
        else:
            lines += paragraph(aside)
    if found.layout is not None and found.term is not None and found.role in ("term", "learning rate"):
        lines += paragraph(meaning(found.term, found.layout))
    return lines


def _title(found: Explanation) -> str:
    cell = found.cell
    value = "empty" if cell is None else value_text(cell.value, formula=cell.formula is not None)
    layout, term = found.layout, found.term
    if layout is None or found.role == "outside":
        return f"{_kind(found)}{'' if value == 'empty' else f' = {value}'}"
    if found.role == "helper":
        return f"a column of your own beside the net's, step {found.step} = {value}"
    assert term is not None
    if found.role == "label":
        return f"the label of {named(term, layout)}, {value}"
    if found.role == "learning rate":
        return f"the learning rate γ = {value}"
    when = "the same in every step" if found.serves_all else f"step {found.step}"
    return f"{named(term, layout)}, {when} = {value}"


def _kind(found: Explanation) -> str:
    cell = found.cell
    if cell is None or (cell.value is None and cell.formula is None):
        return "an empty cell"
    if cell.formula is not None:
        return "a formula of your own, not part of the net"
    if isinstance(cell.value, str):
        return "a caption" if is_layer_caption(cell.value) else "a text"
    return "a truth value" if isinstance(cell.value, bool) else "a number, not part of the net"


def _explain(found: Explanation, address: str, indent: int) -> str:
    """Return what explains another cell of the sheet; FILE stands for a name too long for a line."""
    cell = f"{found.place[0]}.{address}" if found.named else address
    return command("explain", found.book.path, cell, indent=indent)


def _plain(found: Explanation, language: str) -> list[str]:
    """Return what a cell without a rule is: given by the user, a label, or beside the net."""
    cell, layout = found.cell, found.layout
    lines: list[str] = []
    if cell is not None and cell.formula is not None:
        text = formula_shown(cell.formula, found.book, language).removeprefix("=")
        lines += wrapped(text[:LONG], f"  formula   {found.address} = ")
        lines += plain_uses(found)
    if found.unread is not None and found.role == "outside":
        lines += paragraph(f"The sheet is not understood: {found.unread}.", "  ")
    if layout is None:
        none = "" if found.unread else f"There is no net on sheet {found.place[0]}."
        return [*lines, *paragraph(none, "  ")]
    if found.role == "term" and found.term is not None:
        return [*lines, *paragraph(_given(found, layout, found.term), "  ")]
    if found.role == "label":
        return [
            *paragraph(
                f"Its {'row' if step_noun(layout) == 'column' else 'column'} has the values, one a step, "
                f"in {steps_text(layout)}. For the first one:",
                "  ",
            ),
            f"    {_explain(found, _first(layout, found.inner[2]), 4)}",
        ]
    if found.role == "learning rate":
        return [*lines, *paragraph(_rate(found, layout), "  ")]
    if found.role == "helper":
        return lines
    return [*lines, *paragraph(_beside(found, layout), "  ")]


def _rate(found: Explanation, layout: Layout) -> str:
    """Return where a learning rate comes from, and who uses it."""
    cell = found.cell
    if not is_number(cell):
        return _no_number(found)
    if layout.pages and layout.lens is not None and found.place in layout.lens.between:
        first = layout.rate_address
        return f"Every page shows γ; all updates of the {layout.name} net use that of page 1, {first}."
    how = "You typed it" if cell is None or cell.formula is None else "It is your formula's value"
    if has_rate_a_row(layout.seen(found.book), layout):
        each = step_noun(layout)
        return f"{how}; on this sheet each {each} of the {layout.name} net has one."
    if not found.unrated:
        return f"{how}; every update of the {layout.name} net uses it."
    left, one = cells_text(found.unrated, found), sum(map(_size, found.unrated)) == 1
    return (
        f"{how}; every update of the {layout.name} net should use it, "
        f"but {left} {'does' if one else 'do'} not."
    )


def _size(area: Area) -> int:
    return (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1)


def _no_number(found: Explanation) -> str:
    """Return what a cell holds in which a number should stand."""
    return f"Expected a number here, {what_stands(found.cell)}; {advice(found.cell)}."


def _first(layout: Layout, column: int) -> str:
    """Return the address of a column's first step."""
    place = (layout.sheet, layout.first_row, column)
    return a1(*(place if layout.lens is None else layout.lens.place(*place))[1:])


def _given(found: Explanation, layout: Layout, term: Term) -> str:
    """Return where the number of an input, a target or a first weight comes from."""
    cell = found.cell
    if term == MEAN_COST:
        return "The mean begins when all patterns had their turn."
    if cell is None or not holds(cell):
        return "Nothing stands here yet: type a number."
    if not is_number(cell):
        return _no_number(found)
    typed = (
        "You typed this number" if cell is None or cell.formula is None else "This is your formula's value"
    )
    if found.serves_all or (layout.by_formulas and found.step >= layout.patterns and term.kind != "w"):
        return f"{typed}; {'every step uses it' if found.serves_all else 'each step has one of its own'}."
    if term.kind == "w" and layout.by_formulas and found.step > 0:
        return f"{typed}: this bias is never updated."
    noun = step_noun(layout)
    if term.kind == "w":
        return f"{typed}: training starts from it. Each later {noun} has the weight after one more update."
    if term.kind == "step":
        return f"{typed}: the first row is step 0."
    if layout.patterns == 1:
        return f"{typed}; every later {noun} repeats it."
    return (
        f"{typed}: pattern {found.step + 1} of {layout.patterns}. It comes back every "
        f"{plural(layout.patterns, noun)}."
    )


def _beside(found: Explanation, layout: Layout) -> str:
    """Return where a cell lies that belongs to no net."""
    _, row, column = found.inner
    table = f"the {layout.name} net is in {steps_text(layout)}"
    where = listing(spans(layout, layout.columns.values()))
    if layout.pages:
        return _beside_pages(found, layout, where)
    if column in layout.terms and row > layout.last_row:
        after, more = ("right of", "columns") if is_turned(layout) else ("below", "rows")
        return f"It stands {after} the net's last step: {table}. sheetnet train --steps makes more {more}."
    return f"It is no part of the net: {table}, {'columns ' if step_noun(layout) == 'row' else ''}{where}."


def _beside_pages(found: Explanation, layout: Layout, where: str) -> str:
    """Return on which page a cell lies that holds none of the net's numbers."""
    _, row, _ = found.place
    rows = pages_rows(layout, layout.last_row)
    number = next((page for page, (top, end) in enumerate(rows, 1) if top <= row <= end), None)
    if number is None:
        more = " sheetnet train --steps makes more pages." if row > rows[-1].last else ""
        return f"It is no part of the {layout.name} net, which is on {steps_text(layout)}.{more}"
    numbers = f"The numbers of page 1 are in {where}"
    alike = ", those of the others in the same cells lower down" if len(rows) > 1 else ""
    return f"It is none of the net's numbers, on page {number} of the {layout.name} net. {numbers}{alike}."
