"""What a net's quantities mean, in a sentence each, and what a reader of their rules overlooks."""

from sheetnet.layout.layout import Layout
from sheetnet.layout.prose import plural
from sheetnet.net.conventions import Activation, Conventions, Cost
from sheetnet.net.terms import Term, is_bias
from sheetnet.report.explain.naming import named, neuron
from sheetnet.report.places import step_name, step_noun
from sheetnet.table.cellrule import CellRule

SLOPES: dict[Activation, str] = {
    "sigmoid": "a(1-a) is its slope",
    "tanh": "1-a^2 is its slope",
    "relu": "its slope is 1 where it is above 0, else 0",
    "linear": "its slope is 1",
    "softmax": "a(1-a) is its slope",
}
_COSTS: dict[Cost, str] = {
    "half squares": "half of the squares, added up",
    "squares": "the squares, added up",
    "mean squares": "the mean of the squares over {outputs}",
    "half mean squares": "half of the mean of the squares over {outputs}",
    "cross-entropy": "cross-entropy, {logarithms}, added up",
}
_PARTS: dict[Cost, str] = {
    "half squares": "half of the square of {miss}",
    "squares": "the square of {miss}",
    "mean squares": "the square of {miss}, divided by {outputs}",
    "half mean squares": "half of the square of {miss}, divided by {outputs}",
    "cross-entropy": "cross-entropy, {logarithms}",
}


def meaning(term: Term, layout: Layout) -> str:
    """Return what a term says, in one sentence."""
    return _at_a_neuron(term, layout) if term.layer or term.kind == "a" else _of_the_whole(term, layout)


def _at_a_neuron(term: Term, layout: Layout) -> str:
    sizes, conventions = layout.sizes, layout.conventions
    own = layout.own_name(Term("a", term.layer, term.i))
    it = neuron(term.layer, term.i, layout)
    match term.kind:
        case "a" if term.layer == 0:
            it = it[:1].upper() + it[1:] if own is None else it
            return f"{it}: one of the numbers that the net is asked about."
        case "a":
            return f"What {it} answers: its weighted sum{_put_through(conventions.activation(term.layer))}."
        case "z":
            return f"The weighted sum into {it}: what it goes by, before its activation."
        case "slope":
            softmax = conventions.activation(term.layer) == "softmax"
            others = ", those of the others staying as they are" if softmax else ""
            return f"How fast what {it} answers rises when its weighted sum rises{others}."
        case "w" if is_bias(term, sizes):
            whose = "each neuron of the layer" if conventions.biases == "shared" else it
            return f"What {whose} adds to its weighted sum, whatever the inputs are."
        case "w":
            return f"How much {neuron(term.layer - 1, term.j, layout)} counts in the weighted sum into {it}."
        case "delta":
            changes = "rises" if conventions.difference == "a-T" else "falls"
            return f"How fast the cost {changes} when the weighted sum into {it} rises."
        case "pull":
            changes = "rises" if conventions.difference == "a-T" else "falls"
            return f"How fast the cost {changes} when the value of {it} rises, by all ways together."
        case "path":
            changes = "rises" if conventions.difference == "a-T" else "falls"
            through = neuron(term.layer + 1, term.j, layout)
            return f"How fast the cost {changes} when the value of {it} rises, by way of {through}."
        case "new":
            return f"What {named(term._replace(kind='w'), layout)} will be in the next step."
    assert term.kind == "gradient"
    falls = conventions.gradients == "-dC/dW"
    changes = "falls (this column has the negative of dC/dw)" if falls else "rises"
    return f"How fast the cost {changes} when {named(term._replace(kind='w'), layout)} rises."


def _of_the_whole(term: Term, layout: Layout) -> str:
    conventions = layout.conventions_of(term)
    output = neuron(len(layout.sizes) - 1, term.i, layout)
    match term.kind:
        case "target":
            return f"What {output} should answer."
        case "miss" if conventions.difference == "a-T":
            return f"How far {output} is off: what it answers less what it should answer."
        case "miss":
            return f"How far {output} is off: what it should answer less what it answers."
        case "part":
            whole = conventions.cost == layout.conventions.cost
            adds = f"What {output} adds to the cost" if whole else f"What the cost is made of, for {output}"
            return f"{adds}: {_cost(_PARTS, conventions, layout.sizes)}."
        case "cost":
            return f"How far the answers are from their targets: {_cost(_COSTS, conventions, layout.sizes)}."
        case "learning_rate":
            return f"How far each update goes: new weight = weight {_update(conventions)}."
        case "step":
            return "Which step this row is, counted from 0."
    return f"The mean cost of the last {plural(layout.patterns, 'step')}, one for each pattern."


def _put_through(activation: Activation) -> str:
    if activation == "softmax":
        return ", put through the softmax, which makes all outputs add up to 1"
    return "" if activation == "linear" else f", put through the {activation}"


def _cost(words: dict[Cost, str], conventions: Conventions, sizes: tuple[int, ...]) -> str:
    outputs = f"the number of outputs, {sizes[-1]}" if words is _PARTS else plural(sizes[-1], "output")
    miss = "a-T" if conventions.difference == "a-T" else "T-a"
    softmax = conventions.activation(len(sizes) - 1) == "softmax"
    logarithms = "-T*ln(a)" if softmax else "-T*ln(a)-(1-T)*ln(1-a)"
    return words[conventions.cost].format(outputs=outputs, logarithms=logarithms, miss=miss)


def _update(conventions: Conventions) -> str:
    over = {"one": "", "sum": ", added up over a pass", "mean": ", its mean over a pass"}[conventions.batch]
    if conventions.difference == "a-T":
        return f"- γ * dC/dw{over}"
    return f"+ γ * δ * a{over}"


# ---------------------------------------------------------------- what is easily overlooked


def remarks(rule: CellRule) -> str:
    """Return what a rule's reader easily overlooks."""
    term, layout = rule.term, rule.layout
    sizes, conventions = layout.sizes, layout.conventions
    if term.kind == "delta" and term.layer < len(sizes) - 1:
        same = step_noun(layout)
        weights = f"The weights are those of the same {same}, before the update."
        if conventions.order == "outputs first":
            weights = f"The weights are those of the next {same}: this sheet updates the outputs first."
        bias = " The bias takes no part: nothing flows back into a bias node." if layout.has_biases else ""
        return weights + bias
    if term.kind == "delta" and conventions.cost == "cross-entropy":
        activation = conventions.activation(term.layer)
        only = ", as long as the targets add up to 1" if activation == "softmax" else ""
        return f"The slope of the {activation} takes no part: cross-entropy cancels it{only}."
    return _update_remarks(rule) if term.kind == "w" and not layout.pages else ""


def _step(rule: CellRule, lag: int) -> str:
    """Return the row of the sheet, or the column, that is so many steps from the rule's: row 8."""
    noun = step_noun(rule.layout)
    return f"{noun} {step_name(rule.layout, rule.row + lag)}"


def _update_remarks(rule: CellRule) -> str:
    layout, conventions = rule.layout, rule.layout.conventions
    bias = is_bias(rule.term, layout.sizes)
    if conventions.biases == "fixed" and bias:
        return "Biases are never updated on this sheet."
    turn = (rule.row - layout.first_row) % layout.patterns
    if conventions.biases == "shared" and any(
        use.term.i != rule.term.i and use.step == 0 for use in rule.uses
    ):
        return "The neurons of this layer share one bias."
    if rule.waits:
        return (
            "The weights of this sheet change once a pass through all patterns, and wait until then: "
            f"next in {_step(rule, layout.patterns - turn)}."
        )
    if rule.sums:
        how = "mean" if conventions.batch == "mean" else "sum"
        noun = step_noun(layout)
        ends = [step_name(layout, row) for row in (rule.row - layout.patterns, rule.row - 1)]
        told = (
            f"The weights of this sheet change once a pass, by the {how} of what its "
            f"{plural(layout.patterns, noun)} give, {ends[0]}-{ends[1]}."
        )
    else:
        order = "first all derivatives, then all updates"
        told = f"All of them stand in {_step(rule, -1)}, the step before: {order}."
    if rule.adds:
        by_gradient = "gradient" in {use.term.kind for use in rule.uses}
        what = "what is called dC/dw here" if by_gradient else "this δ"
        told += f" It is added, since {what} says how fast the cost falls."
    if conventions.biases == "shared" and bias:
        told += " The neurons of this layer share the bias, so their δ are added up."
    return told
