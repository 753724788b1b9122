"""What training did, in words."""

import numpy as np
from numpy.typing import NDArray

from sheetnet.formula.address import column_name
from sheetnet.jobs.training import TrainedNet, Training
from sheetnet.layout.layout import Layout
from sheetnet.net.terms import COST, Term
from sheetnet.report.words import amount, column_runs, item, listing, plural

Array = NDArray[np.float64]

LOW_COST = 1e-4
"""The cost whose first step is told."""
LEARNT = 0.1
"""The largest |a − T| of a net that has learnt its patterns."""


def training_report(training: Training) -> str:
    """Return the report on a trained workbook, at most 80 columns wide."""
    lines: list[str] = []
    for net in training.nets:
        lines += [*_net(training, net), ""]
    source, out = training.book.path, training.out
    if source == out:
        lines.append(f"Saved {out}.")
    else:
        lines.append(f"Saved {out}. {source.name} is unchanged.")
    return "\n".join(lines)


def _net(training: Training, net: TrainedNet) -> list[str]:
    layout = net.layout
    first, last = layout.first_row + 1, layout.first_row + net.steps
    lines = [
        f"{layout.sheet}  {layout.name} net, sigmoid; learning rate {amount(layout.learning_rate)} "
        f"({layout.rate_address}); steps 0-{net.steps - 1} in rows {first}-{last}"
    ]
    lines += _conventions(net)
    lines += _cost(net)
    lines += _stopped(net)
    lines += _outputs(net)
    weights = listing(column_runs(layout.of("w")))
    lines += item("weights", f"trained weights: row {last}, columns {weights}")
    lines += _columns(net)
    if net.moved:
        edge = column_name(max(net.added))
        lines += item("moved", f"{listing(net.moved)}, to the right of {edge} (it lay over the new columns)")
    surplus = net.filling.surplus
    if surplus:
        rows = f"rows {last + 1}-{layout.last_row + 1}"
        lines += item(
            "emptied", f"{plural(surplus, 'row')} after the last step ({rows}); notes and colours stay"
        )
    lines += _departed(training, net)
    return lines


def _conventions(net: TrainedNet) -> list[str]:
    words = []
    if net.conventions.biases == "fixed":
        words.append("biases that are never updated")
    if net.conventions.biases == "none":
        words.append("no biases")
    if net.conventions.order == "outputs first":
        words.append("layers updated from the outputs back, each before the next δ is taken")
    return item("read as", f"{listing(words)}: your sheet's convention, kept") if words else []


def _cost(net: TrainedNet) -> list[str]:
    costs, patterns = net.term(COST), net.layout.patterns
    passes = len(costs) // patterns
    means = costs[: passes * patterns].reshape(passes, patterns).mean(axis=1) if passes else costs[:1]
    text = f"{amount(float(means[0]))} -> {amount(float(means[-1]))}".ljust(23)
    low = means <= LOW_COST
    if low.any() and not low[0]:
        step = int(low.argmax()) * patterns
        text += f"below {LOW_COST:g} from step {step} (row {net.layout.first_row + step + 1})"
    if patterns > 1:
        text = text.rstrip() + "  mean of a pass"
    return item("cost", text.rstrip()) if "  " not in text.rstrip() else ["  cost      " + text.rstrip()]


def _stopped(net: TrainedNet) -> list[str]:
    if net.until_cost is None:
        return []
    if net.reached:
        every = "" if net.layout.patterns == 1 else " for every pattern"
        return item("stopped", f"at step {net.steps - 1}: cost at or below {amount(net.until_cost)}{every}")
    return item(
        "NOT MET",
        f"the cost did not come down to {amount(net.until_cost)} in {plural(net.steps, 'step')}; "
        f"try --steps {_more(net.steps)}",
    )


def _outputs(net: TrainedNet) -> list[str]:
    layout, steps = net.layout, net.steps
    last = len(layout.sizes) - 1
    outputs = np.column_stack([net.term(Term("a", last, i)) for i in range(layout.sizes[-1])])
    targets = np.column_stack([net.term(Term("target", 0, i)) for i in range(layout.sizes[-1])])
    inputs = np.column_stack([net.term(Term("a", 0, i)) for i in range(layout.sizes[0])])
    shown = range(max(steps - layout.patterns, 0), steps)
    lines: list[str] = []
    if layout.patterns == 1:
        pairs = [
            f"a{i} {a:.4f} (target {t:g})"
            for i, (a, t) in enumerate(zip(outputs[-1], targets[-1], strict=True))
        ]
        lines += item("outputs", "   ".join(pairs))
    else:
        lines += item(
            "patterns", f"{layout.patterns}, one a step; outputs in the last pass, and their targets:"
        )
        order = sorted(shown, key=lambda step: step % layout.patterns)
        for step in order:
            lines += _pattern(inputs[step], outputs[step], targets[step])
    miss = float(np.abs(outputs[list(shown)] - targets[list(shown)]).max())
    if miss > LEARNT:
        advice = f"try --steps {_more(steps)}, or other initial weights"
        lines += item("NOT LEARNT", f"worst miss {miss:.2f}; {advice}", 12)
    return lines


def _pattern(inputs: Array, outputs: Array, targets: Array) -> list[str]:
    given = " ".join(f"{value:g}" for value in inputs)
    if len(outputs) <= 2:
        found = "   ".join(
            f"a{i} {a:.4f} (target {t:g})" for i, (a, t) in enumerate(zip(outputs, targets, strict=True))
        )
        return item("", f"{given} -> {found}", 12)
    width = max(4, *(len(f"{t:g}") for t in targets))
    first = f"{given} -> " + " ".join(f"{a:.2f}".rjust(width) for a in outputs)
    second = "targets".rjust(len(given)) + "    " + " ".join(f"{t:g}".rjust(width) for t in targets)
    if max(len(first), len(second)) + 12 <= 80:
        return [" " * 12 + first, " " * 12 + second]
    return item(
        "", f"{given} -> " + " ".join(f"{a:.2f} ({t:g})" for a, t in zip(outputs, targets, strict=True)), 12
    )


def _more(steps: int) -> int:
    """Return about ten times as many steps, a round number."""
    power = int(10 ** (len(str(steps)) - 1))
    return min(-(-steps // power) * power * 10, 1_000_000)


def _columns(net: TrainedNet) -> list[str]:
    unchanged = "none of your formulas was changed"
    if not net.added:
        return [] if net.departed else item("formulas", unchanged)
    text = f"{plural(len(net.added), 'dC/dW column')}, {listing(column_runs(net.added))}"
    return item("added", text if net.departed else f"{text}; {unchanged}")


def _departed(training: Training, net: TrainedNet) -> list[str]:
    if not net.departed:
        return []
    count = sum(
        (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1)
        for area in net.departed
    )
    ranges = ", ".join(map(str, net.departed))
    does = (
        "formula of yours did not follow the rule and was"
        if count == 1
        else "formulas of yours did not follow the rule and were"
    )
    check = f"sheetnet check {training.book.path.name} --sheet {_argument(net.layout)}"
    if net.mend:
        lines = item("MENDED", f"{count:,} {does} replaced:")
        lines += item("", ranges, 12)
        lines += [f"            Why:  {check}", "            To keep your own formulas:  --no-mend"]
        return lines
    does = (
        does.replace(" was", " is")
        .replace(" were", " are")
        .replace("did not", "do not" if count > 1 else "does not")
    )
    lines = item("KEPT", f"{count:,} {does} kept; the values follow from them:")
    return lines + item("", ranges, 12) + [f"            Why:  {check}"]


def _argument(layout: Layout) -> str:
    return layout.sheet if layout.sheet.isidentifier() else f'"{layout.sheet}"'
