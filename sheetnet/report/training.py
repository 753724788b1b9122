"""What training did, in words."""

import textwrap

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Area
from sheetnet.formula.address import a1, column_name
from sheetnet.jobs.training import TrainedNet, Training
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import COST, Term
from sheetnet.report.words import WIDTH, amount, column_runs, item, listing, plural

Array = NDArray[np.float64]

MANY = 8
"""Cells that are listed; of more, the rest are counted."""
LOW_COST = 1e-4
"""The cost whose first step is told."""
LEARNT = 0.1
"""The largest |a − T| of a net that has learnt its patterns."""
STUCK = 0.98
"""A cost that fell by less than this part over the last quarter of the passes has stopped falling."""


def training_report(training: Training) -> str:
    """Return the report on a trained workbook, at most 80 columns wide."""
    lines: list[str] = []
    for net in training.nets:
        lines += [*_net(training, net), ""]
    lines += _unfilled(training)
    source, out = training.book.path, training.out
    if source == out:
        lines.append(f"Saved {out}.")
    else:
        lines.append(f"Saved {out}. {source.name} is unchanged.")
    return "\n".join(lines)


def _net(training: Training, net: TrainedNet) -> list[str]:
    layout = net.layout
    first, last = layout.first_row + 1, layout.first_row + net.steps
    steps = f"steps 0-{net.steps - 1} in rows {first}-{last}" if net.steps > 1 else f"step 0 in row {first}"
    lines = textwrap.wrap(
        f"{_name(training, net)}  {layout.name} net, sigmoid; learning rate {amount(layout.learning_rate)} "
        f"({layout.rate_address}); {steps}",
        WIDTH,
        subsequent_indent="  ",
        break_on_hyphens=False,
    )
    lines += _conventions(net)
    lines += _cost(net)
    lines += _stopped(net)
    lines += _outputs(net)
    weights = listing(column_runs(layout.of("w")))
    lines += item("weights", f"trained weights: row {last}, columns {weights}")
    lines += _columns(training, net)
    if net.moved:
        edge = column_name(max(net.added))
        lay = "it" if len(net.moved) == 1 else "they"
        lines += item(
            "moved", f"{listing(net.moved)}, to the right of {edge} ({lay} lay over the new columns)"
        )
    surplus = net.filling.surplus
    if surplus:
        rows = f"rows {last + 1}-{layout.last_row + 1}"
        lines += item(
            "emptied", f"{plural(surplus, 'row')} after the last step ({rows}); notes and colours stay"
        )
    lines += _departed(training, net)
    return lines


def _unfilled(training: Training) -> list[str]:
    """Tell of formulas whose values are left to a spreadsheet program."""
    helpers = [
        f"{net.layout.sheet}.{column_name(column)}"
        for net in training.nets
        for column in sorted(net.filling.values.left_out)
    ]
    places = [f"{sheet}.{a1(row, column)}" for sheet, row, column in training.unfilled]
    names = [*(f"column {name}" for name in helpers), *places[:MANY]]
    if not names:
        return []
    more = f" and {len(places) - MANY:,} more" if len(places) > MANY else ""
    text = f"Not evaluated here, left to your spreadsheet program: {', '.join(names)}{more}."
    return [*textwrap.wrap(text, WIDTH, break_on_hyphens=False), ""]


def _name(training: Training, net: TrainedNet) -> str:
    """Return the sheet's name, with the net's columns where the sheet has several nets."""
    sheet, columns = net.layout.sheet, net.layout.columns
    if sum(other.layout.sheet == sheet for other in training.nets) == 1:
        return sheet
    table = [column for term, column in columns.items() if term.kind != "gradient"]
    return f"{sheet} {a1(net.layout.first_row, min(table))}:{a1(net.filling.table.last_row, max(table))}"


def _conventions(net: TrainedNet) -> list[str]:
    words = []
    if net.conventions.biases == "fixed":
        words.append("biases that are never updated")
    if net.conventions.biases == "none":
        words.append("no biases")
    if net.conventions.order == "outputs first":
        words.append("layers updated from the outputs back, each before the next δ is taken")
    return item("read as", f"{listing(words)}: your sheet's convention, kept") if words else []


def _mean_costs(net: TrainedNet) -> Array:
    """Return the mean cost of each pass, shape (passes,)."""
    costs, patterns = net.term(COST), net.layout.patterns
    passes = len(costs) // patterns
    return costs[: passes * patterns].reshape(passes, patterns).mean(axis=1) if passes else costs[:1]


def _cost(net: TrainedNet) -> list[str]:
    means, patterns = _mean_costs(net), net.layout.patterns
    text = f"{amount(float(means[0]))} -> {amount(float(means[-1]))}".ljust(23)
    low = means <= LOW_COST
    if low.any() and not low[0]:
        step = int(low.argmax()) * patterns
        text += f"below {LOW_COST:g} from step {step} (row {net.layout.first_row + step + 1})"
    if patterns > 1:
        return [f"  {'cost':<10}{text.rstrip()}", "            (the mean of a pass over the patterns)"]
    return [f"  {'cost':<10}{text.rstrip()}"]


def _stopped(net: TrainedNet) -> list[str]:
    if net.until_cost is None:
        return []
    bound = amount(net.until_cost)
    if net.reached:
        every = "" if net.layout.patterns == 1 else " for every pattern"
        row = net.layout.first_row + net.steps
        return item("stopped", f"at step {net.steps - 1} (row {row}): cost at or below {bound}{every}")
    return item("NOT MET", f"the cost did not come down to {bound} in {plural(net.steps, 'step')}")


def _outputs(net: TrainedNet) -> list[str]:
    layout, steps = net.layout, net.steps
    last = len(layout.sizes) - 1
    outputs = np.column_stack([net.term(Term("a", last, i)) for i in range(layout.sizes[-1])])
    targets = np.column_stack([net.term(Term("target", 0, i)) for i in range(layout.sizes[-1])])
    inputs = np.column_stack([net.term(Term("a", 0, i)) for i in range(layout.sizes[0])])
    shown = list(range(max(steps - layout.patterns, 0), steps))
    lines: list[str] = []
    if layout.patterns == 1:
        lines += item("outputs", _pairs(outputs[-1], targets[-1]))
    else:
        lines += item(
            "patterns", f"{layout.patterns}, one a step; outputs in the last pass, and their targets:"
        )
        for step in sorted(shown, key=lambda step: step % layout.patterns):
            lines += _pattern(inputs[step], outputs[step], targets[step])
        if steps < layout.patterns:
            lines += item("", f"{plural(layout.patterns - steps, 'pattern')} not used: too few steps", 12)
    miss = float(np.abs(outputs[shown] - targets[shown]).max())
    if miss > LEARNT and not net.reached:
        lines += item("NOT LEARNT", f"worst miss {miss:.2f}; {_advice(net, targets[shown])}", 12)
    elif net.until_cost is not None and not net.reached:
        lines += item("", _advice(net, targets[shown]), 12)
    return lines


def _advice(net: TrainedNet, targets: Array) -> str:
    """Return what may help a net that has not learnt."""
    if targets.min() < 0 or targets.max() > 1:
        return "a sigmoid's output lies between 0 and 1, and a target of yours does not"
    means = _mean_costs(net)
    earlier = means[len(means) * 3 // 4]
    if len(means) > 100 and means[-1] > STUCK * earlier:
        return "the cost has stopped falling: try other initial weights, or another learning rate"
    return f"try --steps {_more(net.steps)}, or other initial weights"


def _pairs(outputs: Array, targets: Array) -> str:
    return "   ".join(
        f"a{i} {a:.4f} (target {t:g})" for i, (a, t) in enumerate(zip(outputs, targets, strict=True))
    )


def _pattern(inputs: Array, outputs: Array, targets: Array) -> list[str]:
    given = " ".join(f"{value:g}" for value in inputs)
    if len(outputs) <= 2:
        return item("", f"{given} -> {_pairs(outputs, targets)}", 12)
    width = max(4, *(len(f"{t:g}") for t in targets))
    first = f"{given} -> " + " ".join(f"{a:.2f}".rjust(width) for a in outputs)
    second = "targets".rjust(len(given)) + "    " + " ".join(f"{t:g}".rjust(width) for t in targets)
    if max(len(first), len(second)) + 12 <= WIDTH:
        return [" " * 12 + first, " " * 12 + second]
    pairs = " ".join(f"{a:.2f} ({t:g})" for a, t in zip(outputs, targets, strict=True))
    return item("", f"{given} -> {pairs}", 12)


def _more(steps: int) -> int:
    """Return about ten times as many steps, a round number."""
    power = int(10 ** (len(str(steps)) - 1))
    return min(-(-steps // power) * power * 10, 1_000_000)


def _columns(training: Training, net: TrainedNet) -> list[str]:
    text = f"{plural(len(net.added), 'dC/dW column')}, {listing(column_runs(net.added))}"
    if not training.formulas:
        rows = "the table holds numbers alone, no formulas (--no-formulas)"
        return item("added" if net.added else "numbers", f"{text}; {rows}" if net.added else rows)
    unchanged = "none of your formulas was changed"
    if net.departed or net.typed:
        return item("added", text) if net.added else []
    return item("added", f"{text}; {unchanged}") if net.added else item("formulas", unchanged)


def _departed(training: Training, net: TrainedNet) -> list[str]:
    lines: list[str] = []
    if net.departed:
        count = _cells(net.departed)
        one = count == 1
        noun = "formula of yours" if one else "formulas of yours"
        if net.mend:
            text = f"{noun} did not follow the rule and {'was' if one else 'were'} replaced:"
        else:
            text = f"{noun} {'does' if one else 'do'} not follow the rule; the values follow from "
            text += "it:" if one else "them:"
        lines += item("MENDED" if net.mend else "KEPT", f"{count:,} {text}")
        lines += item("", ", ".join(map(str, net.departed)), 12)
        check = f"sheetnet check {training.book.path.name} --sheet {_argument(net.layout)}"
        lines.append(f"            Why:  {check}")
        if net.mend:
            lines.append("            To keep your own formulas:  --no-mend")
    if net.typed:
        count = _cells(net.typed)
        noun = "cell held" if count == 1 else "cells held"
        end = "replaced:" if net.mend else "kept:"
        text = f"{count:,} {noun} something typed where a formula belongs, {end}"
        lines += item("TYPED", text) + item("", ", ".join(map(str, net.typed)), 12)
    return lines


def _cells(areas: tuple[Area, ...]) -> int:
    return sum(
        (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1) for area in areas
    )


def _argument(layout: Layout) -> str:
    return layout.sheet if layout.sheet.isidentifier() else f'"{layout.sheet}"'
