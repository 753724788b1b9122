"""A row of labels, cut into nets: a · w a δ · w a δ · T · C, and the dC/dW columns wherever they stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetnet.layout.labels import Label, index_keys, weight_keys
from sheetnet.layout.prose import plural
from sheetnet.net.terms import INTERMEDIATES, Kind, Term, label


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

    def only_biases(self) -> bool:
        """Tell whether the labels are a layer's biases, b0 and on, and nothing else."""
        return ("0", "", True) in self.places and all(named.bias for _, named in self.labels)

    def parted(self) -> "tuple[Run, Run]":
        """Return the biases with which the labels begin, and the rest."""
        count = next((at for at, (_, named) in enumerate(self.labels) if not named.bias), len(self.labels))
        return Run(self.kind).extended(self.labels[:count]), Run(self.kind).extended(self.labels[count:])

    def without_biases(self) -> "Run":
        """Return the labels that name no bias."""
        return Run(self.kind).extended([each for each in self.labels if not each[1].bias])

    def extended(self, labels: Sequence[tuple[int, Label]]) -> "Run":
        """Add labels; return the run."""
        for column, named in labels:
            self.append(column, named)
        return self

    def columns(self, keys: Sequence[tuple[str, str, bool]]) -> list[int]:
        """Return the columns whose labels have one of the keys."""
        return [column for key in keys for column in self.places.get(key, ())]


@dataclass(slots=True)
class Groups:
    """One net's labels: its inputs, its layers' w, a and δ, T and C; `lone` are columns called b."""

    inputs: Run
    layers: list[dict[str, Run]] = field(default_factory=list)
    targets: Run | None = None
    cost: Run | None = None
    lone: list[int] = field(default_factory=list)

    def shared_biases(self) -> list[int] | None:
        """Return the columns of one bias a layer, called b, or b1 in layer 1; None where it is not one."""
        if len(self.lone) == len(self.layers):
            return self.lone
        named = [[column for column, each in layer["w"].labels if each.bias] for layer in self.layers]
        return [columns[0] for columns in named] if all(len(columns) == 1 for columns in named) else None


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
        elif run.kind == "w" and net.layers and run.only_biases():
            _add_biases(net.layers, run)
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
    lone = [column for column, named in labels if named.bias and not named.digits]
    for net in nets:
        first, last = net.inputs.labels[0][0], net.cost.labels[0][0] if net.cost is not None else -1
        net.lone += [column for column in lone if first < column < last]
    return nets, gradients


def _add_biases(layers: list[dict[str, Run]], biases: Run) -> None:
    """Add biases to the last layer; those with which it began are then the layer's before, and so on."""
    for layer in reversed(layers):
        own, rest = layer["w"].parted()
        doubled = any(key in own.places for key in biases.places)
        layer["w"] = (rest if doubled else layer["w"]).extended(biases.labels)
        if not doubled:
            return
        biases = own


def _runs(labels: Sequence[tuple[int, Label]]) -> list[Run]:
    """Cut labels where the quantity changes, and where a run of dC/dW begins again."""
    runs: list[Run] = []
    for column, named in labels:
        if named.kind in ("learning_rate", "step", "mean_cost", *INTERMEDIATES):
            continue
        if named.bias and not named.digits:
            continue
        again = runs and named.kind == "gradient" and named.key in runs[-1].places
        if not runs or runs[-1].kind != named.kind or again:
            runs.append(Run(named.kind))
        runs[-1].append(column, named)
    return runs


class Placed(NamedTuple):
    """A net as its labels tell it: sizes, the terms' columns, whether there are biases, transposed names.

    Neurons that share a bias share its column.
    """

    sizes: tuple[int, ...]
    places: dict[Term, int]
    biases: bool
    transposed: bool
    shared: bool


def placed(net: Groups) -> Placed:
    """Return where a net's terms stand; Incomplete without a label.

    Where the labels make sense only if a weight's first index is the neuron that it comes from, they are
    read so, in all layers. One bias a layer is looked for where there are no others.
    """
    shared = net.shared_biases()
    readings: list[Callable[[], Placed]] = [lambda: _placed(net), lambda: _placed(net, transposed=True)]
    if shared is not None:
        readings += [
            lambda: _placed(net, shared=shared),
            lambda: _placed(net, shared=shared, transposed=True),
        ]
    found, gaps = [], []
    for read in readings:
        try:
            found.append(read())
        except Incomplete as gap:
            gaps.append(gap)
        if found and (found[-1].biases or not net.lone):
            return found[-1]
    if not found:
        raise gaps[0]
    return found[0]


def _placed(net: Groups, *, transposed: bool = False, shared: Sequence[int] | None = None) -> Placed:
    sizes = [_count(net.inputs)]
    places = _vector("a", 0, net.inputs, sizes[0], 0, f"the inputs are a0 to a{sizes[0] - 1}")
    end = net.inputs.labels[-1][0]
    if not net.layers:
        raise Incomplete(end, "w00", "a net has at least one layer of weights")
    bias_keys = weight_keys(0, sizes[0], sizes[0], transposed=transposed)
    biases = shared is None and bool(net.layers[0]["w"].columns(bias_keys))
    for layer, runs in enumerate(net.layers, start=1):
        before, weights = sizes[-1], runs["w"] if shared is None else runs["w"].without_biases()
        rows = 0 if transposed else _rows(weights, before)
        neurons = max(rows, _count(runs.get("a")), _count(runs.get("delta")), 1)
        reason = f"layer {layer} has {plural(neurons, 'neuron')}"
        last = end
        for i in range(neurons):
            for j in range(before + biases):
                term = Term("w", layer, i, j)
                keys = weight_keys(i, j, before, transposed=transposed)
                last = places[term] = _find(weights, label(term), keys, reason, last)
            if shared is not None:
                places[Term("w", layer, i, before)] = shared[layer - 1]
        _nothing_else(weights, neurons * (before + biases), f"{reason}, layer {layer - 1} has {before}")
        end = runs["w"].labels[-1][0]
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
    several = shared is not None and max(sizes[1:]) > 1
    return Placed(tuple(sizes), places, biases or shared is not None, transposed, several)


def gradient_columns(
    runs: Sequence[Run], sizes: tuple[int, ...], *, biases: bool, transposed: bool
) -> dict[Term, int] | None:
    """Return the columns of dC/dW when the runs, one a layer, hold the labels of all weights; else None."""
    if len(runs) != len(sizes) - 1:
        return None
    places: dict[Term, int] = {}
    for layer, run in enumerate(runs, start=1):
        for i in range(sizes[layer]):
            for j in range(sizes[layer - 1] + biases):
                found = run.columns(weight_keys(i, j, sizes[layer - 1], transposed=transposed))
                if found:
                    places[Term("gradient", layer, i, j)] = found[0]
                elif j < sizes[layer - 1]:  # a bias that is never updated needs none
                    return None
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
