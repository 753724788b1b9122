"""A trained net in words: what it is, how its cost fell, what it answers."""

import textwrap

import numpy as np
from numpy.typing import NDArray

from sheetnet.layout.layout import Layout
from sheetnet.net.conventions import Activation, Batch, Conventions, Cost
from sheetnet.net.terms import COST, Term
from sheetnet.report.places import cells_of_step, spans, step_name, step_noun, steps_text
from sheetnet.report.words import WIDTH, amount, item, listing, plural
from sheetnet.table.filling import Filling

Array = NDArray[np.float64]

LOW_COST = 1e-4
"""The cost whose first step is told."""
LEARNT = 0.1
"""The largest |a − T| of a net that has learnt its patterns."""
STUCK = 0.98
"""A cost that fell by less than this part over the last quarter of the passes has stopped falling."""
MANY_PATTERNS, MANY_OUTPUTS, WORST = 32, 16, 4
"""Patterns and outputs that are all told; of more, those furthest off."""
_BOUNDS: dict[Activation, tuple[float, float]] = {
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "linear": (-np.inf, np.inf),
    "softmax": (0.0, 1.0),
}
COSTS: dict[Cost, str] = {
    "half squares": "half the sum of the squares",
    "squares": "the sum of the squares without ½",
    "mean squares": "the mean of the squares",
    "half mean squares": "half the mean of the squares",
    "cross-entropy": "cross-entropy",
}
BATCHES: dict[Batch, str] = {
    "one": "weights updated in every step by its pattern",
    "sum": "weights updated once a pass by the sum over its patterns",
    "mean": "weights updated once a pass by the mean over its patterns",
}


def head(name: str, filling: Filling, conventions: Conventions) -> list[str]:
    """Return what net stands where: sizes, activations, learning rate, rows."""
    layout = filling.layout
    rows = steps_text(layout, last=layout.first_row + filling.steps - 1)
    at = "on" if layout.pages else "in"
    steps = f"steps 0-{filling.steps - 1} {at} {rows}" if filling.steps > 1 else f"step 0 {at} {rows}"
    return textwrap.wrap(
        f"{name}  {layout.name} net, {activations(conventions, layout)}; learning rate "
        f"{amount(layout.learning_rate)} ({layout.rate_address}); {steps}",
        WIDTH,
        subsequent_indent="  ",
        break_on_hyphens=False,
    )


def trained_weights(filling: Filling) -> list[str]:
    """Return where the weights are that a net has learnt: on a page those after its update."""
    layout = filling.layout
    end = layout.first_row + filling.steps - 1
    noun, name = step_noun(layout), step_name(layout, end)
    if layout.pages:
        cells = listing(cells_of_step(layout, layout.of("new"), end))
        return item("weights", f"trained weights: new W on page {name}, {cells}")
    across = "columns " if noun == "row" else ""
    text = f"trained weights: {noun} {name}, {across}{listing(spans(layout, layout.of('w')))}"
    return item("weights", text)


OWN = "own activation"
"""What is said of an activation that has no name here."""


def activations(conventions: Conventions, layout: Layout | None = None) -> str:
    """Return the activations, layer by layer where they differ; a layout tells which have no name here."""
    own = () if layout is None else layout.own_activations
    if not own or layout is None:
        return ", ".join(conventions.activations)
    layers = range(1, len(layout.sizes))
    return ", ".join(OWN if layer in own else conventions.activation(layer) for layer in layers)


def unusual(conventions: Conventions, *, own: bool = False) -> list[str]:
    """Return the conventions that are not the note's, as words; `own` is of a sheet of its own layout."""
    words = []
    if conventions.biases == "fixed":
        words.append("biases that are never updated")
    if conventions.biases == "none":
        words.append("no biases")
    if conventions.biases == "shared":
        words.append("biases that the neurons of a layer share")
    if conventions.order == "outputs first":
        words.append("layers updated from the outputs back, each before the next δ is taken")
    words += signs(conventions, own=own)
    if conventions.cost != "half squares":
        words.append(f"the cost is {COSTS[conventions.cost]}")
    if conventions.batch != "one":
        words.append(BATCHES[conventions.batch])
    return words


def signs(conventions: Conventions, *, own: bool = False) -> list[str]:
    """Return the signs of δ and dC/dW that are not the note's, as words."""
    words = []
    if conventions.difference == "T-a":
        added = "T-a in place of a-T" if own else "δ taken from T-a and added in the update"
        words.append(added)
    if conventions.gradients == "-dC/dW":
        words.append(f"{'gradients' if own else 'dC/dW columns'} that hold its negative")
    return words


def outcome(
    filling: Filling, conventions: Conventions, *, until_cost: float | None = None, met: bool = False
) -> list[str]:
    """Return how the cost fell, whether it came down to `until_cost`, and what the net answers."""
    lines = _cost(filling)
    if until_cost is not None:
        lines += _stopped(filling, until_cost, met=met)
    return lines + _outputs(filling, conventions, until_cost=until_cost, met=met)


def _mean_costs(filling: Filling) -> Array:
    """Return the mean cost of each pass, shape (passes,)."""
    costs, patterns = filling.term(COST), filling.layout.patterns
    passes = len(costs) // patterns
    return costs[: passes * patterns].reshape(passes, patterns).mean(axis=1) if passes else costs[:1]


def _cost(filling: Filling) -> list[str]:
    means, patterns = _mean_costs(filling), filling.layout.patterns
    text = f"{amount(float(means[0]))} -> {amount(float(means[-1]))}".ljust(23)
    if filling.layout.pages and filling.steps == 1:
        text = amount(float(means[0]))
    low = means <= LOW_COST
    if low.any() and not low[0]:
        step = int(low.argmax()) * patterns
        text += f"below {LOW_COST:g} from step {step} ({_row(filling, step)})"
    if patterns > 1:
        return [f"  {'cost':<10}{text.rstrip()}", "            (the mean of a pass over the patterns)"]
    return [f"  {'cost':<10}{text.rstrip()}"]


def _stopped(filling: Filling, until_cost: float, *, met: bool) -> list[str]:
    bound = amount(until_cost)
    if met:
        every = "" if filling.layout.patterns == 1 else " for every pattern"
        row = _row(filling, filling.steps - 1)
        return item("stopped", f"at step {filling.steps - 1} ({row}): cost at or below {bound}{every}")
    return item("NOT MET", f"the cost did not come down to {bound} in {plural(filling.steps, 'step')}")


def _row(filling: Filling, step: int) -> str:
    """Return where a step is: row 8, column H."""
    layout = filling.layout
    noun = step_noun(layout)
    return f"{noun} {step_name(layout, layout.first_row + step)}"


def _outputs(filling: Filling, conventions: Conventions, *, until_cost: float | None, met: bool) -> list[str]:
    layout, steps = filling.layout, filling.steps
    last = len(layout.sizes) - 1
    outputs = np.column_stack([filling.term(Term("a", last, i)) for i in range(layout.sizes[-1])])
    targets = np.column_stack([filling.term(Term("target", 0, i)) for i in range(layout.sizes[-1])])
    inputs = np.column_stack([filling.term(Term("a", 0, i)) for i in range(layout.sizes[0])])
    shown = list(range(max(steps - layout.patterns, 0), steps))
    lines: list[str] = []
    if layout.patterns == 1:
        lines += item("outputs", _pairs(outputs[-1], targets[-1], layout))
    else:
        which, told = "outputs in the last pass, and their targets", shown
        if len(shown) > MANY_PATTERNS:
            worst = np.abs(outputs[shown] - targets[shown]).max(axis=1).argsort()[-WORST:]
            which, told = f"the {WORST} furthest off in the last pass", [shown[int(i)] for i in worst]
        lines += item("patterns", f"{layout.patterns:,}, one a step; {which}:")
        for step in sorted(told, key=lambda step: step % layout.patterns):
            lines += _pattern(inputs[step], outputs[step], targets[step], layout)
        if steps < layout.patterns:
            lines += item("", f"{plural(layout.patterns - steps, 'pattern')} not used: too few steps", 12)
    miss = float(np.abs(outputs[shown] - targets[shown]).max())
    if miss > LEARNT and not met and not layout.pages:  # on which a few steps are looked at
        lines += item(
            "NOT LEARNT", f"worst miss {miss:.2f}; {_advice(filling, conventions, targets[shown])}", 12
        )
    elif until_cost is not None and not met:
        lines += item("", _advice(filling, conventions, targets[shown]), 12)
    return lines


def _advice(filling: Filling, conventions: Conventions, targets: Array) -> str:
    """Return what may help a net that has not learnt."""
    activation = conventions.activation(len(filling.layout.sizes) - 1)
    low, high = _BOUNDS[activation]
    if targets.min() < low or targets.max() > high:
        if high < np.inf:
            return (
                f"a {activation}'s output lies between {low:g} and {high:g}, and a target of yours does not"
            )
        return f"a {activation}'s output is never below {low:g}, and a target of yours is"
    if contrary := _contrary(filling):
        return contrary
    means = _mean_costs(filling)
    earlier = means[len(means) * 3 // 4]
    if len(means) > 100 and means[-1] > STUCK * earlier:
        return (
            f"the cost falls slowly or no more: try --steps {_more(filling)}, and if that does not help "
            "other initial weights or another learning rate"
        )
    return f"try --steps {_more(filling)}, or other initial weights"


def _contrary(filling: Filling) -> str:
    """Return what is wrong with two patterns that no net can learn both, if there are such."""
    layout = filling.layout
    if not (layout.of("a", 0) and layout.of("target")):
        return ""
    seen: dict[bytes, int] = {}
    inputs, targets = (
        np.column_stack([filling.values.column(column)[: layout.patterns] for column in columns])
        for columns in (layout.of("a", 0), layout.of("target"))
    )
    for pattern, given in enumerate(inputs):
        first = seen.setdefault(given.tobytes(), pattern)
        if (targets[first] != targets[pattern]).any():
            rows = [step_name(layout, layout.first_row + each) for each in (first, pattern)]
            noun = f"{step_noun(layout)}s"
            return (
                f"{noun} {rows[0]} and {rows[1]} have equal inputs and different targets: no net learns both"
            )
    return ""


def _pairs(outputs: Array, targets: Array, layout: Layout) -> str:
    told, before = list(range(len(outputs))), ""
    if len(outputs) > MANY_OUTPUTS:
        told = sorted(np.abs(outputs - targets).argsort()[-WORST:].tolist())
        before = f"{len(outputs):,}, furthest off are   "
    last = len(layout.sizes) - 1
    names = [layout.own_name(Term("a", last, i)) or f"a{i}" for i in range(len(outputs))]
    return before + "   ".join(f"{names[i]} {outputs[i]:.4f} (target {targets[i]:g})" for i in told)


def _pattern(inputs: Array, outputs: Array, targets: Array, layout: Layout) -> list[str]:
    given = " ".join(f"{value:g}" for value in inputs[:MANY_OUTPUTS])
    given += " ..." if len(inputs) > MANY_OUTPUTS else ""
    if len(outputs) <= 2 or len(outputs) > MANY_OUTPUTS:
        return item("", f"{given} -> {_pairs(outputs, targets, layout)}", 12)
    width = max(4, *(len(f"{t:g}") for t in targets))
    first = f"{given} -> " + " ".join(f"{a:.2f}".rjust(width) for a in outputs)
    second = "targets".rjust(len(given)) + "    " + " ".join(f"{t:g}".rjust(width) for t in targets)
    if max(len(first), len(second)) + 12 <= WIDTH:
        return [" " * 12 + first, " " * 12 + second]
    pairs = " ".join(f"{a:.2f} ({t:g})" for a, t in zip(outputs, targets, strict=True))
    return item("", f"{given} -> {pairs}", 12)


def _more(filling: Filling) -> int:
    """Return about ten times as many steps, a round number, as far as the output can be read again."""
    steps = filling.steps
    power = int(10 ** (len(str(steps)) - 1))
    return max(min(-(-steps // power) * power * 10, filling.layout.most_steps), steps)
