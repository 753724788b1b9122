"""The rule of a cell in labels, in cells and in numbers, and what the sheet has in its place."""

from dataclasses import replace
from functools import partial

from sheetnet.book.calculator import Place
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.formula.arithmetic import ErrorValue, NotComputable
from sheetnet.formula.expression import CellReference, Expression
from sheetnet.formula.names import resolved
from sheetnet.formula.parse import Unparsable
from sheetnet.formula.reduction import flattened
from sheetnet.formula.text import formula_text, reference_text, written
from sheetnet.jobs.explaining import Explanation
from sheetnet.layout.series import relative
from sheetnet.net.equations import equation
from sheetnet.net.shortcut import shortened
from sheetnet.net.terms import MEAN_COST, STEP, Term, Use, is_given
from sheetnet.report.check.findings import formula_shown
from sheetnet.report.explain.equation import LONG, spaced, worked, wrapped
from sheetnet.report.explain.naming import short
from sheetnet.report.explain.neighbours import no_numbers
from sheetnet.report.places import step_noun
from sheetnet.report.words import WIDTH, command, item, paragraph, plural, value_text
from sheetnet.table.cellrule import CellRule
from sheetnet.table.compact import compact

_OTHERWISE = "the same, in other words"
_NAME = 12
"""Columns before a formula: its name and the indent."""


def equation_lines(found: Explanation, language: str) -> list[str]:
    """Return the rule, the same in cells, and worked out."""
    rule = found.rule
    assert rule is not None
    left = short(rule.term, rule.layout)
    left = left[1:-1] if rule.term.kind == "miss" and left.startswith("(") else left
    left = f"new {left}" if rule.term.kind == "w" and not rule.layout.pages else left
    width = max(len(left), len(found.address))

    def before(name: str, what: str) -> str:
        return f"  {name:<{_NAME - 2}}{what:<{width}} = "

    def cells(expression: Expression) -> str:
        text = spaced(expression, lambda target: _cell_name(target, found))
        return formula_shown(f"={text}", found.book, language).removeprefix("=")

    lines = wrapped(_rule_text(rule), before("rule", left))
    own = _own_structure(found) if found.verdict == "follows" else None
    note = "" if own is None else "as on your sheet"
    lines += _noted(
        wrapped(cells(rule.in_cells() if own is None else own), before("cells", found.address)), note
    )
    if found.verdict == "follows" and own is None:
        lines += _noted(wrapped(_own_text(found, language), before("yours", found.address)), _OTHERWISE)
    try:
        steps = rule.working()
    except (ErrorValue, NotComputable) as reason:
        return [*lines, *paragraph(no_numbers(reason), " " * _NAME)]
    texts = [spaced(step, str) for step in steps]
    return lines + worked(texts, before("numbers", ""))


def _own_text(found: Explanation, language: str) -> str:
    """Return the cell's formula as the user reads it, an array's in braces, cut short when very long."""
    assert found.cell is not None
    text = formula_shown(found.cell.formula, found.book, language).removeprefix("=")
    text = text if len(text) <= LONG else f"{text[:LONG]}..."
    return text if found.cell.array is None else f"{{={text}}}"


def _rule_text(rule: CellRule) -> str:
    layout = rule.layout
    if is_given(rule.term):
        noun = step_noun(layout)
        return f"the same, {plural(layout.patterns, noun)} {'above' if noun == 'row' else 'before'}"
    if rule.term == MEAN_COST:
        return f"the mean of C over {plural(layout.patterns, 'step')}"
    if rule.term == STEP:
        return "the step before + 1"
    if rule.sums:
        return _pass_text(rule)
    softmax = rule.term.kind == "a" and layout.conventions.activation(rule.term.layer) == "softmax"
    sums = [Term("z", rule.term.layer, k) for k in range(layout.sizes[-1])] if softmax else []
    expression = shortened(rule.expression, rule.term, sums, layout.sizes, layout.conventions)
    return spaced(expression, partial(_name, rule))


def _pass_text(rule: CellRule) -> str:
    """Return an update by what a pass adds up to, which a formula would spell out row by row."""
    term, layout, conventions = rule.term, rule.layout, rule.layout.conventions
    gradient = term._replace(kind="gradient")
    if gradient in {use.term for use in rule.uses}:
        of = short(gradient, layout)
    else:
        plain = replace(conventions, difference="a-T")
        of = spaced(flattened(equation(gradient, layout.sizes, plain)), partial(_name, rule)).replace(" ", "")
    how = "mean" if conventions.batch == "mean" else "sum"
    rows = plural(layout.patterns, step_noun(layout))
    return f"{short(term, layout)} {'+' if rule.adds else '-'} γ * the {how} of {of} over {rows}"


def _name(rule: CellRule, use: object) -> str:
    assert isinstance(use, Use)
    return short(use.term, rule.layout)


def _own_structure(found: Explanation) -> Expression | None:
    """Return the cell's own formula where it is built like the rule, long sums perhaps as SUMPRODUCT."""
    sheet, row, column = found.inner
    cell = found.inner_cell
    if cell is None or cell.formula is None or cell.array is not None or found.rule is None:
        return None
    try:
        own = relative(cell.formula, row, column)
    except Unparsable:
        return None
    if found.rule.term == MEAN_COST:
        return own
    ruled = found.rule.in_cells()
    texts = {written(each, lambda target: _plain_name(target, found)) for each in (ruled, compact(ruled))}
    meant = flattened(resolved(own, found.rule.book.names, sheet))
    return own if written(meant, lambda target: _plain_name(target, found)) in texts else None


def _noted(lines: list[str], note: str) -> list[str]:
    """Return lines with a note behind the last one where there is room, else before the first."""
    if not note:
        return lines
    gap = next((gap for gap in (8, 4, 2) if len(lines[-1]) + gap + len(note) <= WIDTH), None)
    if gap is None:
        return [*lines, " " * _NAME + f"({note})"]
    return [*lines[:-1], lines[-1] + " " * gap + note]


def _cell_name(target: object, found: Explanation) -> str:
    """Return a reference of the cell's formula in Excel's form, fixed where its own text has it so."""
    lens = None if found.layout is None else found.layout.lens
    if lens is None:
        return reference_text(target, *found.place[1:])
    if isinstance(target, tuple) and len(target) == 2:
        return ":".join(_cell_name(each, found) for each in target)
    assert isinstance(target, CellReference)
    sheet, row, column = target.at(*found.inner[1:])
    place = lens.place(sheet or found.inner[0], row, column)
    fixed = (target.row_fixed, target.column_fixed)
    if column in lens.cells:
        fixed = True, True
    elif lens.turned:
        fixed = fixed[::-1]
    name = None if place[0] == found.place[0] else place[0]
    return reference_text(CellReference(*_at(place, fixed, found), *fixed, name), *found.place[1:])


def _at(place: Place, fixed: tuple[bool, bool], found: Explanation) -> tuple[int, int]:
    """Return a cell's row and column as a reference has them: what is not fixed from the formula's own."""
    own = found.place[1:]
    row, column = (
        at if is_fixed else at - base for at, is_fixed, base in zip(place[1:], fixed, own, strict=True)
    )
    return row, column


def _plain_name(target: object, found: Explanation) -> str:
    """Return a reference without the signs that fix it, for comparing formulas."""
    if isinstance(target, CellReference) and target.sheet == found.inner[0]:
        target = target._replace(sheet=None)
    return _cell_name(target, found).replace("$", "")


def departure(found: Explanation, language: str) -> list[str]:
    """Return what stands in the cell where that is not what the rule gives."""
    cell = found.cell
    expected = "" if found.expected is None else value_text(found.expected)
    gives = f"; the rule gives {expected}" if expected else ""
    check = command("check", found.book.path, indent=8)
    see, more = f"  Why:  {check}", f"  More:  {check}"
    if found.verdict == "empty":
        return ["", *paragraph("The cell is empty; sheetnet train fills it in.", "  ")]
    assert cell is not None
    value = value_text(cell.value, formula=cell.formula is not None)
    if found.verdict == "typed":
        if not isinstance(cell.value, float):
            return ["", *paragraph(f"Your sheet has {value} here, no formula{gives}.", "  "), more]
        text = f"Your sheet has a number here, {value}, no formula"
        if found.expected is not None and _is_rounded(cell.value, found.expected):
            return ["", *paragraph(f"{text}: the rule's, {expected}, rounded.", "  "), more]
        return ["", *paragraph(f"{text}{gives}.", "  "), more]
    if found.verdict == "departs":
        assert found.rule is not None
        ruled = formula_shown(_ruled(found), found.book, language).removeprefix("=")
        own = _own_text(found, language)
        return [
            "",
            *_valued("your sheet has", own, value),
            *_valued("the rule is", ruled, expected),
            *_mistake(found),
            see,
        ]
    if found.is_stale and cell.value is None:
        return ["", *paragraph(f"The file has no value beside this formula; it gives {expected}.", "  ")]
    if found.is_stale:
        text = (
            f"The value in the file, {value}, is not what its formula gives now, {expected}: "
            "have the sheet recalculated (Ctrl+Shift+F9 in Calc, Ctrl+Alt+F9 in Excel)."
        )
        return ["", *paragraph(text, "  ")]
    return []


def _ruled(found: Explanation) -> str | None:
    """Return the rule's formula in the sheet's own addresses."""
    assert found.rule is not None
    lens = found.rule.layout.lens
    if lens is None:
        return formula_text(found.rule.in_cells(), *found.place[1:], "xlsx")
    text = formula_text(found.rule.in_cells(), *found.inner[1:], found.book.dialect)
    return lens.formula(text, found.place[0])


def _mistake(found: Explanation) -> list[str]:
    """Return the mistake in a few words, and its code, where it is known."""
    if found.cause is None:
        return []
    entry = catalogue()[found.cause.code]
    title = entry.titles.get(found.cause.details.get("holds", ""), entry.title)
    return item("the mistake", f"{title} [{entry.code}]", 17)


def _valued(name: str, formula: str, value: str) -> list[str]:
    """Return a formula after its name, cut short when it is very long, and its value."""
    text = formula if len(formula) <= LONG + 10 else f"{formula[:LONG]}..."
    lines = wrapped(text, f"  {name:<17}")
    if value and len(lines[-1]) + 3 + len(value) <= WIDTH:
        return [*lines[:-1], f"{lines[-1]} = {value}"]
    return [*lines, f"{'':17}= {value}"] if value else lines


def _is_rounded(typed: float, exact: float) -> bool:
    """Tell whether a typed number is the exact one, rounded to the decimals that it has."""
    return "e" not in repr(typed) and round(exact, len(repr(typed).partition(".")[2])) == typed
