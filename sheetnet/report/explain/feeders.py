"""What each cell does in another one's rule."""

from collections.abc import Iterator
from typing import NamedTuple

from sheetnet.layout.layout import Layout
from sheetnet.layout.prose import plural
from sheetnet.net.terms import LEARNING_RATE, MEAN_COST, STEP, Term, Use, is_bias, is_given
from sheetnet.report.explain.meaning import SLOPES
from sheetnet.report.explain.naming import named, neuron
from sheetnet.report.places import step_noun
from sheetnet.table.cellrule import CellRule


class Feeder(NamedTuple):
    """Cells that a rule uses for one purpose, and which it is."""

    uses: tuple[Use, ...]
    purpose: str


def feeders(rule: CellRule) -> list[Feeder]:
    """Return what a rule uses, in the order of the rule."""
    term = rule.term
    if is_given(term):
        which = "target" if term.kind == "target" else "input"
        count = rule.layout.patterns
        noun = step_noun(rule.layout)
        back = f"{plural(count, noun)} {'above' if noun == 'row' else 'before'}"
        return [Feeder(rule.uses, f"the same {which}, {back}")]
    if term == STEP:
        return [_one(rule, rule.uses[0], "the step before")]
    if term == MEAN_COST:
        return [Feeder(rule.uses, "C of these steps")]
    if _is_folded(rule):
        return list(_folded(rule))
    match term.kind:
        case "a" | "z":
            return list(_sum(rule))
        case "delta":
            return list(_delta(rule))
        case "slope":
            return [_one(rule, use, f"this neuron's own {_what(use)}") for use in rule.uses]
        case "miss":
            purposes = {"a": "what it answers", "target": "what it should answer"}
            return [_one(rule, use, purposes[use.term.kind]) for use in rule.uses]
        case "cost" | "part":
            return list(_cost(rule))
    return list(_update(rule))


def _is_folded(rule: CellRule) -> bool:
    """Tell whether a rule spells out what other sheets have δ, sums and paths for."""
    kinds = {use.term.kind for use in rule.uses}
    match rule.term.kind:
        case "gradient" | "w" | "new":
            return bool(kinds & {"target", "miss", "slope", "pull", "path", "z"}) or (
                "delta" in kinds and any(use.term.layer > rule.term.layer for use in rule.uses)
            )
        case "delta":
            hidden = rule.term.layer < len(rule.layout.sizes) - 1
            return bool(kinds & {"pull", "path"}) or (hidden and bool(kinds & {"target", "miss"}))
        case "pull" | "path":
            return True
        case "slope":
            return "w" in kinds
    return False


def _folded(rule: CellRule) -> Iterator[Feeder]:
    """Yield what a rule uses that goes back to the outputs in one formula."""
    for use in rule.uses:
        if use.term == LEARNING_RATE:
            yield Feeder((use,), _purpose(rule, use.term))
        else:
            yield _one(rule, use, _part(rule, use))


def _part(rule: CellRule, use: Use) -> str:
    """Return what a cell does in a rule that goes back to the outputs in one formula."""
    term, used, layout = rule.term, use.term, rule.layout
    outputs = len(layout.sizes) - 1
    weighed = term.kind in ("gradient", "w", "new")
    match used.kind:
        case "a" if weighed and used.layer == term.layer - 1:
            return "what this weight is multiplied by"
        case "a" if used.layer == outputs:
            return f"what {neuron(used.layer, used.i, layout)} answers; {_slope(layout, used.layer)}"
        case "a":
            return f"the value of {neuron(used.layer, used.i, layout)}; {_slope(layout, used.layer)}"
        case "target":
            return f"what {neuron(outputs, used.i, layout)} should answer"
        case "miss":
            return f"how far {neuron(outputs, used.i, layout)} is off"
        case "slope":
            return f"the slope of {neuron(used.layer, used.i, layout)}"
        case "w" if weighed and used == term._replace(kind="w"):
            return "the weight before"
        case "w":
            start, end = neuron(used.layer - 1, used.j, layout), neuron(used.layer, used.i, layout)
            return f"the way back from {end} to {start}"
        case "z":
            return f"the weighted sum into {neuron(used.layer, used.i, layout)}"
        case "gradient":
            return _purpose(rule, used)
    what = {"delta": "the sum into", "pull": "the value of", "path": "the value of"}.get(used.kind, "")
    changes = "rises" if layout.conventions.difference == "a-T" else "falls"
    target = neuron(used.layer, used.i, layout)
    by = f", by way of {neuron(used.layer + 1, used.j, layout)}" if used.kind == "path" else ""
    return f"how fast the cost {changes} with {what} {target}{by}"


def _slope(layout: Layout, layer: int) -> str:
    return SLOPES[layout.conventions.activation(layer)]


def _one(rule: CellRule, use: Use, purpose: str) -> Feeder:
    return Feeder((use,), f"{named(use.term, rule.layout)}: {purpose}")


def _what(use: Use) -> str:
    return "weighted sum" if use.term.kind == "z" else "value"


# ---------------------------------------------------------------- a and z


def _sum(rule: CellRule) -> Iterator[Feeder]:
    """Yield what a weighted sum, or the value that is made of it, uses."""
    term, layout, sizes = rule.term, rule.layout, rule.layout.sizes
    before = term.layer - 1
    sums = [use for use in rule.uses if use.term.kind == "z"]
    yield from (_one(rule, use, _into(use.term, rule)) for use in sums)
    if term.kind == "a" and layout.conventions.activation(term.layer) == "softmax":
        yield from _sums(rule)
        return
    named_one = before == 0 or len(sizes) == 3
    for use in rule.uses:
        if use.term.kind != "a":
            continue
        j = use.term.i
        weight = Term("w", term.layer, term.i, j)
        source = neuron(before, j, layout) if named_one else "that neuron"
        yield Feeder(
            (use, Use(weight)),
            f"{named(use.term, layout)} and {named(weight, layout)}: what comes from {source}",
        )
    bias = Use(Term("w", term.layer, term.i, sizes[before]))
    if bias in rule.uses:
        yield _one(rule, bias, "its bias node is always 1")


def _into(z: Term, rule: CellRule) -> str:
    own = z.i == rule.term.i
    return "its weighted sum" if own else f"the weighted sum into {neuron(z.layer, z.i, rule.layout)}"


def _sums(rule: CellRule) -> Iterator[Feeder]:
    """Yield what the weighted sums of a softmax use where they have no columns."""
    layer, sizes = rule.term.layer, rule.layout.sizes
    values = tuple(use for use in rule.uses if use.term.kind == "a")
    if values:
        yield Feeder(values, f"what layer {layer - 1} answers, which goes into every sum")
    for k in range(sizes[layer]):
        weights = tuple(use for use in rule.uses if (use.term.kind, use.term.i) == ("w", k))
        if weights:
            bias = " and its bias" if rule.layout.has_biases else ""
            own = ", this one" if k == rule.term.i else ""
            yield Feeder(weights, f"the weights of the sum into {neuron(layer, k, rule.layout)}{own}{bias}")


# ---------------------------------------------------------------- δ and C


def _delta(rule: CellRule) -> Iterator[Feeder]:
    term, layout, sizes = rule.term, rule.layout, rule.layout.sizes
    slope = SLOPES[layout.conventions.activation(term.layer)]
    output = term.layer == len(sizes) - 1
    kinds = [use.term.kind for use in rule.uses]
    cancelled = output and layout.conventions.cost == "cross-entropy"
    for use in rule.uses:
        match use.term.kind:
            case "a":
                own = "what it answers" if output and "target" in kinds else "this neuron's own value"
                plain = cancelled or "slope" in kinds
                yield _one(rule, use, own if plain else f"{own}; {slope}")
            case "target":
                yield _one(rule, use, "what it should answer")
            case "miss":
                yield _one(rule, use, f"how far {neuron(term.layer, term.i, layout)} is off")
            case "slope":
                yield _one(rule, use, "this neuron's slope")
            case "delta":
                weight = next(
                    each for each in rule.uses if each.term == Term("w", term.layer + 1, use.term.i, term.i)
                )
                delta = layout.label(use.term)
                path = neuron(term.layer + 1, use.term.i, layout)
                yield Feeder(
                    (use, weight), f"{delta} and {named(weight.term, layout)}: the path through {path}"
                )


def _cost(rule: CellRule) -> Iterator[Feeder]:
    layout, sizes = rule.layout, rule.layout.sizes
    last = len(sizes) - 1
    for use in rule.uses:
        output = neuron(last, use.term.i, layout)
        match use.term.kind:
            case "a":
                target = Term("target", 0, use.term.i)
                purpose = f"{named(use.term, layout)} and {named(target, layout)}: how far {output} is off"
                if layout.conventions.cost == "cross-entropy":
                    purpose = f"{named(use.term, layout)} and {named(target, layout)}: how {output} answers"
                yield Feeder((use, Use(target)), purpose)
            case "miss":
                yield _one(rule, use, f"how far {output} is off")
            case "part":
                yield _one(rule, use, f"what {output} adds")


# ---------------------------------------------------------------- dC/dw and updates


def _update(rule: CellRule) -> Iterator[Feeder]:
    """Yield what a dC/dw, or an update, uses; the cells of one column together."""
    together: dict[Term, list[Use]] = {}
    for use in rule.uses:
        together.setdefault(use.term, []).append(use)
    for term, uses in together.items():
        purpose = _purpose(rule, term)
        yield Feeder(
            tuple(uses), purpose if term == LEARNING_RATE else f"{named(term, rule.layout)}: {purpose}"
        )


def _purpose(rule: CellRule, used: Term) -> str:
    """Return what a term is good for in a dC/dw or an update."""
    term, layout = rule.term, rule.layout
    changes = "rises" if layout.conventions.difference == "a-T" else "falls"
    match used.kind:
        case "new":
            return "what the step before made of it"
        case "learning_rate":
            how = "how far an update goes"
            return f"the learning rate γ: {how}{'' if layout.rate else '; it has no cell'}"
        case "w" if used.i != term.i:
            return "the bias that the neurons of this layer share"
        case "w":
            return "the weight before" if not is_bias(used, layout.sizes) else "as it was before"
        case "delta":
            target = neuron(used.layer, used.i, layout)
            return f"how fast the cost {changes} with the sum into {target}"
        case "a":
            return "what this weight is multiplied by"
    changes = "falls" if layout.conventions.gradients == "-dC/dW" else "rises"
    return f"how fast the cost {changes} with this weight"
