"""A row of labels, cut into nets: a · w a δ · w a δ · T · C, and the dC/dW columns wherever they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sheetnet.layout.labels import Label, index_keys, weight_keys
from sheetnet.layout.prose import plural
from sheetnet.net.terms import Kind, Term, label


@dataclass(slots=True)
class Run:
    """Labels of one quantity that follow one another: pairs (column, label)."""

    kind: str
    labels: list[tuple[int, Label]] = field(default_factory=list)
    places: dict[tuple[str, str, bool], list[int]] = field(default_factory=dict)

    def append(self, column: int, named: Label) -> None:
        """Add the next label."""
        self.labels.append((column, named))
        self.places.setdefault(named.key, []).append(column)

    def columns(self, keys: Sequence[tuple[str, str, bool]]) -> list[int]:
        """Return the columns whose labels have one of the keys."""
        return [column for key in keys for column in self.places.get(key, ())]


@dataclass(slots=True)
class Groups:
    """One net's labels: its inputs, its layers' w, a and δ, T and C."""

    inputs: Run
    layers: list[dict[str, Run]] = field(default_factory=list)
    targets: Run | None = None
    cost: Run | None = None


class Incomplete(Exception):
    """A label that is missing: after which column, what should stand there, and why."""

    def __init__(self, after: int, expected: str, reason: str) -> None:
        super().__init__(after, expected, reason)
        self.after, self.expected, self.reason = after, expected, reason


def group(labels: Sequence[tuple[int, Label]]) -> tuple[list[Groups], list[Run]]:
    """Return the nets of a row of labels, from left to right, and its runs of dC/dW labels."""
    nets: list[Groups] = []
    gradients: list[Run] = []
    for run in _runs(labels):
        net = nets[-1] if nets else None
        if run.kind == "gradient":
            gradients.append(run)
        elif run.kind == "a" and (net is None or net.cost is not None):
            nets.append(Groups(run))
        elif net is None:
            continue
        elif run.kind == "w":
            net.layers.append({"w": run})
        elif run.kind in ("a", "delta") and net.layers and run.kind not in net.layers[-1]:
            net.layers[-1][run.kind] = run
        elif run.kind == "target" and net.targets is None:
            net.targets = run
        elif run.kind == "cost" and net.cost is None:
            net.cost = run
        elif net.cost is None:
            column, named = run.labels[0]
            raise Incomplete(column - 1, "", f"a second run of {named.kind} in the same layer")
    return nets, gradients


def _runs(labels: Sequence[tuple[int, Label]]) -> list[Run]:
    """Cut labels where the quantity changes, and where a run of dC/dW begins again."""
    runs: list[Run] = []
    for column, named in labels:
        if named.kind in ("learning_rate", "step", "mean_cost"):
            continue
        again = runs and named.kind == "gradient" and named.key in runs[-1].places
        if not runs or runs[-1].kind != named.kind or again:
            runs.append(Run(named.kind))
        runs[-1].append(column, named)
    return runs


def columns(net: Groups) -> tuple[tuple[int, ...], dict[Term, int], bool]:
    """Return sizes, the terms' columns and whether there are biases; Incomplete without a label."""
    sizes = [_count(net.inputs)]
    places = _vector("a", 0, net.inputs, sizes[0], 0, f"the inputs are a0 to a{sizes[0] - 1}")
    end = net.inputs.labels[-1][0]
    if not net.layers:
        raise Incomplete(end, "w00", "a net has at least one layer of weights")
    biases = bool(net.layers[0]["w"].columns(weight_keys(0, sizes[0], sizes[0])))
    for layer, runs in enumerate(net.layers, start=1):
        before, weights = sizes[-1], runs["w"]
        neurons = max(_rows(weights, before), _count(runs.get("a")), _count(runs.get("delta")), 1)
        reason = f"layer {layer} has {plural(neurons, 'neuron')}"
        last = end
        for i in range(neurons):
            for j in range(before + biases):
                term = Term("w", layer, i, j)
                last = places[term] = _find(weights, label(term), weight_keys(i, j, before), reason, last)
        _nothing_else(weights, neurons * (before + biases), f"{reason}, layer {layer - 1} has {before}")
        end = weights.labels[-1][0]
        vectors: tuple[Kind, ...] = ("a", "delta")
        for kind in vectors:
            places.update(_vector(kind, layer, runs.get(kind), neurons, end, reason))
            end = runs[kind].labels[-1][0]
        sizes.append(neurons)
    reason = f"layer {len(sizes) - 1} has {plural(sizes[-1], 'neuron')}"
    places.update(_vector("target", 0, net.targets, sizes[-1], end, reason))
    if net.cost is None:
        assert net.targets is not None
        raise Incomplete(net.targets.labels[-1][0], "C", "the cost closes the row of labels")
    places[Term("cost")] = net.cost.labels[0][0]
    return tuple(sizes), places, biases


def gradient_columns(runs: Sequence[Run], sizes: tuple[int, ...], *, biases: bool) -> dict[Term, int] | None:
    """Return the columns of dC/dW when the runs, one a layer, hold every label of a net; else None."""
    if len(runs) != len(sizes) - 1:
        return None
    places: dict[Term, int] = {}
    for layer, run in enumerate(runs, start=1):
        for i in range(sizes[layer]):
            for j in range(sizes[layer - 1] + biases):
                found = run.columns(weight_keys(i, j, sizes[layer - 1]))
                if not found:
                    return None
                places[Term("gradient", layer, i, j)] = found[0]
    return places


def _count(run: Run | None) -> int:
    if run is None:
        return 0
    return min(max(int(named.digits[:6]) for _, named in run.labels), len(run.labels)) + 1


def _rows(run: Run, before: int) -> int:
    """Return how many neurons a run of weights leads to, each from `before` neurons and maybe a bias."""
    rows = 0
    while run.columns([*weight_keys(rows, 0, before), *weight_keys(rows, before, before)]):
        rows += 1
    return rows


def _find(run: Run, name: str, keys: Sequence[tuple[str, str, bool]], reason: str, last: int) -> int:
    """Return the column of the one label that fits; `last` is the column of the label that comes before."""
    found = run.columns(keys)
    if len(found) == 1:
        return found[0]
    if not found:
        first = run.labels[0][0]
        raise Incomplete(last if last >= first else first - 2, name, reason)
    raise Incomplete(found[1] - 1, "", f"{name} stands there twice; {reason}")


def _nothing_else(run: Run, count: int, reason: str) -> None:
    if len(run.labels) > count:
        raise Incomplete(run.labels[count][0] - 1, "", f"{count} weights are expected: {reason}")


def _vector(kind: Kind, layer: int, run: Run | None, neurons: int, end: int, reason: str) -> dict[Term, int]:
    if run is None:
        raise Incomplete(end, label(Term(kind, layer)), reason)
    places: dict[Term, int] = {}
    last = end
    for i in range(neurons):
        term = Term(kind, layer, i)
        last = places[term] = _find(run, label(term), index_keys(i), reason, last)
    if len(run.labels) > neurons:
        raise Incomplete(run.labels[neurons][0] - 1, "", reason)
    return places
