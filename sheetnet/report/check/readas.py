"""How a sheet of a layout of its own was read, and which parts of it are right, in words."""

import math
from collections.abc import Iterable

from sheetnet.book.grid import Book
from sheetnet.jobs.checking import CheckedNet
from sheetnet.layout.layout import Layout
from sheetnet.layout.prose import listing
from sheetnet.net.terms import Kind, Term, is_bias
from sheetnet.report.places import neuron_name, place_of, rate_label
from sheetnet.report.wording import Wording
from sheetnet.report.words import amount, name_runs

MOST_NEURONS = 4
"""Neurons of a layer that are named; of more there is no need."""
MOST_NAMES = 8
"""Names, or runs of names, that are listed; of more, the rest are counted."""


def read_parts(book: Book, layout: Layout, say: Wording) -> list[str]:
    """Return what was found where: inputs C:D, weights E:H (into h1, h2), learning rate 2 in G33 ("n =")."""
    parts = []
    inputs = _named(layout, "a", 0)
    if found := place_of(layout, inputs, say):
        parts.append(say("read.inputs", places=found))
    targets = _named(layout, "target", 0)
    numbers = [layout.numbers[term] for term in (*inputs, *targets) if term in layout.numbers]
    if found := place_of(layout, targets, say):
        parts.append(say("read.targets", places=found))
    if numbers:
        told = ", ".join(say.decimal(amount(value)) for value in numbers[:MOST_NAMES])
        parts.append(say("read.numbers", count=len(numbers), numbers=told))
    parts.append(say("read.weights", places=listing(_weights(layout, say), say("and"))))
    kinds: tuple[tuple[Kind, str], ...] = (("cost", "cost"), ("delta", "deltas"), ("gradient", "gradients"))
    for kind, key in kinds:
        if found := place_of(layout, [term for term in layout.columns if term.kind == kind], say):
            parts.append(say(f"read.{key}", places=found))
    parts.append(rate_text(book, layout, say))
    return parts


def rate_text(book: Book, layout: Layout, say: Wording) -> str:
    """Return the learning rate, where it stands, and the label by which it was known."""
    rate = say("net.no_rate")
    if math.isfinite(layout.learning_rate):
        rate = say.decimal(amount(layout.learning_rate))
    if layout.rate is None:
        return say("read.rate_inside", rate=rate)
    label = rate_label(book, layout)
    text = say("read.rate", rate=rate, cell=layout.rate_address)
    return f'{text} ("{label}")' if label else text


def _named(layout: Layout, kind: Kind, layer: int) -> list[Term]:
    return sorted(
        term for term in {*layout.columns, *layout.numbers} if (term.kind, term.layer) == (kind, layer)
    )


def _weights(layout: Layout, say: Wording) -> list[str]:
    texts = []
    for layer in range(1, len(layout.sizes)):
        found = place_of(layout, [t for t in layout.columns if (t.kind, t.layer) == ("w", layer)], say)
        if not found:
            continue
        names = [neuron_name(layout, layer, i) for i in range(layout.sizes[layer])]
        if all(names) and len(names) <= MOST_NEURONS:
            found = say("read.into", places=found, neurons=", ".join(filter(None, names)))
        texts.append(found)
    return texts


# ---------------------------------------------------------------- what is right


def right_parts(net: CheckedNet, say: Wording) -> list[str]:
    """Return the parts of a sheet with mistakes in which there are none: the forward pass, every update."""
    layout = net.layout
    wrong = {term for finding in net.faults for term in finding.terms}
    groups: dict[str, list[Term]] = {}
    for term in sorted(layout.own_columns, key=lambda term: (term.layer, term)):
        if (key := _group(term, layout)) is not None:
            groups.setdefault(key, []).append(term)
    parts = []
    for key in ("forward", "cost", "deltas", "gradients", "updates"):
        terms = groups.get(key, [])
        right = [term for term in terms if term not in wrong]
        if terms and len(right) == len(terms):
            parts.append(say(f"right.{key}"))
        elif right and key != "cost":
            parts.append(say(f"right.some_{key}", count=len(right), names=_names(right, layout)))
    return parts


def _group(term: Term, layout: Layout) -> str | None:
    """Return which part of a sheet a term belongs to; None for what is given."""
    if term.kind in ("a", "z"):
        return "forward" if term.layer else None
    if term.kind == "w":
        fixed = layout.conventions.biases == "fixed" and is_bias(term, layout.sizes)
        return None if fixed or layout.steps < 2 else "updates"
    return {"cost": "cost", "part": "cost", "delta": "deltas", "gradient": "gradients"}.get(term.kind)


def _names(terms: Iterable[Term], layout: Layout) -> str:
    """Return what terms are called, a gradient after its weight."""
    weights = [term._replace(kind="w") if term.kind == "gradient" else term for term in terms]
    names = name_runs(list(dict.fromkeys(map(layout.named, weights))))
    if len(names) > MOST_NAMES:
        return ", ".join(names[:MOST_NAMES]) + ", …"
    return ", ".join(names)
