"""The chain rule that leads to a gradient, in the sheet's cells and numbers."""

from collections.abc import Callable, Sequence

from sheetnet.formula.arithmetic import ErrorValue, NotComputable
from sheetnet.formula.expression import Constant, Expression, add, multiply
from sheetnet.net.chain import Chain, Factor, Path, WeightedSum
from sheetnet.net.terms import Term, Use
from sheetnet.report.explain.equation import figure, spaced, wrapped
from sheetnet.report.explain.naming import cost_letter, named, neuron, short, sum_letter
from sheetnet.report.explain.neighbours import no_numbers
from sheetnet.report.places import is_blocks, scale_text, step_name, step_noun
from sheetnet.report.wording import wording
from sheetnet.report.words import paragraph
from sheetnet.table.cellrule import CellRule
from sheetnet.table.unfolding import spelt

MANY, FIRST = 6, 3
"""Paths that are all shown; of more, the first ones and the last."""


def chain_lines(
    chain: Chain | None, rule: CellRule, of: CellRule, explain: Callable[[str], str]
) -> list[str]:
    """Return the chain, from the cost back to the weight; `rule` is of the row whose cells it uses.

    `of` is the rule of the cell that is explained: the gradient itself, or an update that holds it;
    `explain` returns the command that explains another cell.
    """
    layout = rule.layout
    letter = cost_letter(layout)
    gradient = f"d{letter}/d{short(of.term._replace(kind='w'), layout)}"
    if chain is None:
        return _behind_softmax(gradient, rule)
    a = chain.slope.of
    cost = f"d{letter}/d{_short(a, rule)}"
    middle, last = _derivative(chain.slope, rule), _derivative(chain.carried, rule)
    lines = paragraph(_opening(gradient, rule, of))
    lines += wrapped(f"{cost} * {middle} * {last}", f"  {gradient} = ")
    try:
        lines += ["", *_numbers(chain, rule, (cost, middle, last, gradient), explain)]
    except (ErrorValue, NotComputable) as reason:
        return [*lines, f"  {no_numbers(reason)}"]
    if of.term.kind == "gradient" and layout.conventions.gradients == "-dC/dW":
        lines += ["  This column has the negative of it."]
    if scale := scale_text(layout, wording("en")):
        lines += paragraph(f"On this sheet {scale}.", "  ")
    return lines


def _opening(gradient: str, rule: CellRule, of: CellRule) -> str:
    layout, step = rule.layout, rule.row - rule.layout.first_row
    row = f"{step_noun(layout)} {step_name(layout, rule.row)}"
    if of.row == rule.row:
        return f"{gradient} by the chain rule:"
    held = f"-{gradient}" if of.adds else gradient
    if of.sums:
        steps = f"steps {step - layout.patterns + 1}-{step}"
        return f"The update holds {held} of {steps}. {gradient} of {row} by the chain rule:"
    again = f"{gradient} by" if of.adds else "By"
    where = f"step {step}" if is_blocks(layout) else f"step {step}, {row}"
    return f"The update holds {held} of {where}. {again} the chain rule:"


def _behind_softmax(gradient: str, rule: CellRule) -> list[str]:
    """Return why no chain through one neuron leads to a weight of softmax outputs."""
    layout, layer = rule.layout, rule.term.layer
    delta = Term("delta", layer, rule.term.i)
    text = (
        f"No chain through one neuron leads to {gradient}: each output of a softmax depends on the weighted "
        f"sums of all of them. Where these ways come together is {named(delta, layout)}."
    )
    return paragraph(text)


def _numbers(
    chain: Chain, rule: CellRule, names: tuple[str, str, str, str], explain: Callable[[str], str]
) -> list[str]:
    cost, middle, last, gradient = names
    width = max(map(len, names))
    lines = []
    if chain.cost is not None:
        raise_ = chain.cost.expression
        lines += _factor(cost, chain.cost, rule, width)
    else:
        raise_ = add(*(_product(path) for path in chain.paths))
        lines += _paths(cost, chain.paths, rule, explain)
    lines += _factor(middle, chain.slope, rule, width)
    lines += _factor(last, chain.carried, rule, width)
    factors = [raise_, chain.slope.expression, chain.carried.expression]
    numbers = [Constant(_value(each, rule)) for each in factors]
    total = _value(multiply(*numbers), rule)
    text = f"{spaced(multiply(*numbers), str)} = {figure(total)}"
    return [*lines, *wrapped(text, f"  {gradient:<{width}} = ")]


def _factor(name: str, factor: Factor, rule: CellRule, width: int) -> list[str]:
    value = figure(_value(factor.expression, rule))
    if isinstance(factor.expression, Constant):
        bias = "the bias node is always 1" if isinstance(factor.of, WeightedSum) else "a is z itself"
        return [f"  {name:<{width}} = {value}  ({bias})"]
    return wrapped(f"{_in_cells(factor.expression, rule)} = {value}", f"  {name:<{width}} = ")


def _paths(cost: str, paths: Sequence[Path], rule: CellRule, explain: Callable[[str], str]) -> list[str]:
    """Return how the cost depends on a hidden neuron's value: through every neuron of the next layer."""
    sizes = rule.layout.sizes
    layer = paths[0].through.layer
    which = "output" if layer == len(sizes) - 1 else f"neuron of layer {layer}"
    lines = [f"  {cost}, through {'the' if len(paths) == 1 else 'every'} {which}:"]
    told = list(paths) if len(paths) <= MANY else [*paths[:FIRST], paths[-1]]
    for path in told:
        if len(told) < len(paths) and path is paths[-1]:
            lines.append(f"    ... {len(paths) - len(told)} more like these")
        through = neuron(layer, path.through.i, rule.layout)
        lines += wrapped(
            " * ".join(_derivative(factor, rule) for factor in path.factors), f"    {through}: = "
        )
        indent = " " * (len(through) + 6)
        cells = " * ".join(_as_factor(_in_cells(factor.expression, rule)) for factor in path.factors)
        lines += wrapped(cells, f"{indent}= ")
        numbers = multiply(*(Constant(_value(factor.expression, rule)) for factor in path.factors))
        lines += wrapped(f"{spaced(numbers, str)} = {figure(_value(numbers, rule))}", f"{indent}= ")
    if len(paths) > 1:
        parts = [Constant(_value(_product(path), rule)) for path in paths]
        total = add(*parts)
        lines += wrapped(f"{spaced(total, str)} = {figure(_value(total, rule))}", "    together: = ")
    if isinstance(paths[0].factors[0].by, WeightedSum):
        delta, sign = Term("delta", layer, 0), "" if rule.layout.conventions.difference == "a-T" else "-"
        lines.append(f"    d{cost_letter(rule.layout)}/dz is that neuron's {sign}δ.")
        if delta in rule.layout.columns:
            lines[-1] += " To go on:"
            lines.append(f"      {explain(rule.address(Use(delta), rule.layout.sheet))}")
    return lines


def _product(path: Path) -> Expression:
    return multiply(*(factor.expression for factor in path.factors))


def _value(expression: Expression, rule: CellRule) -> float:
    result = rule.working(spelt(expression, rule.layout))[-1]
    assert isinstance(result, Constant)
    assert isinstance(result.value, float)
    return result.value


def _in_cells(expression: Expression, rule: CellRule) -> str:
    """Return an expression over terms in the sheet's addresses."""

    def name(target: object) -> str:
        assert isinstance(target, Use)
        return rule.address(target, rule.layout.sheet)

    return spaced(spelt(expression, rule.layout), name).replace(" ", "")


def _as_factor(text: str) -> str:
    """Return a difference in brackets, as a factor has it."""
    return f"({text})" if "-" in text and "*" not in text else text


def _derivative(factor: Factor, rule: CellRule) -> str:
    top = (
        cost_letter(rule.layout)
        if isinstance(factor.of, Term) and factor.of.kind == "cost"
        else _short(factor.of, rule)
    )
    return f"d{top}/d{_short(factor.by, rule)}"


def _short(variable: Term | WeightedSum, rule: CellRule) -> str:
    if isinstance(variable, WeightedSum):
        return sum_letter(variable.layer, variable.i, rule.layout)
    return short(variable, rule.layout)
