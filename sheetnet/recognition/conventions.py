"""The conventions of a table, from what its formulas give on drawn numbers."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np

from sheetnet.formula.arithmetic import NotComputable
from sheetnet.formula.derivative import partials
from sheetnet.net.conventions import (
    ACTIVATIONS,
    Activation,
    Conventions,
    Cost,
    Difference,
    Gradients,
)
from sheetnet.net.terms import Kind, Term, is_bias
from sheetnet.recognition.assignment import Assignment
from sheetnet.recognition.descent import update_of
from sheetnet.recognition.model import At, Source
from sheetnet.recognition.neurons import Neuron, Neurons
from sheetnet.recognition.trial import Array, Trial, constant_ratio

_CLOSE = 1e-9
_LEADING: tuple[Kind, ...] = ("delta", "pull")
"""Quantities that a gradient multiplies."""
_BACK: tuple[Kind, ...] = ("delta", "pull", "path")


def conventions_of(
    found: Assignment,
    net: Neurons,
    trial: Trial,
    quantities: Mapping[Term, Array],
    right: Collection[Source],
    rate: float,
) -> Conventions:
    """Return what a table follows; `right` are columns that are known to be so, whose word counts most."""
    reader = _Reader(found, net, trial, right, rate)
    with np.errstate(all="ignore"):
        activations = reader.activations()
        cost = reader.cost(activations[-1], quantities)
        difference, gradients = reader.signs(quantities)
    chosen = Conventions(
        biases=found.biases, activations=activations, difference=difference, gradients=gradients
    )
    return chosen.varied(cost=cost) or chosen


def own_activations(found: Assignment, net: Neurons, trial: Trial, rate: float) -> tuple[int, ...]:
    """Return the layers whose neurons compute none of the activations that have a name here."""
    reader = _Reader(found, net, trial, (), rate)
    with np.errstate(all="ignore"):
        return tuple(
            layer for layer, neurons in enumerate(net.layers, start=1) if reader.of_layer(neurons) is None
        )


class _Reader:
    """Compares what the columns give with what each convention asks for."""

    def __init__(
        self, found: Assignment, net: Neurons, trial: Trial, right: Collection[Source], rate: float
    ) -> None:
        self.found, self.net, self.trial, self.right, self.rate = found, net, trial, right, rate

    def value(self, source: Source) -> Array:
        return self.trial.value(At(source) if isinstance(source, int) else source)

    # ------------------------------------------------------------ activations

    def activations(self) -> tuple[Activation, ...]:
        each = [
            self.of_layer(neurons) or self._by_slopes(layer)
            for layer, neurons in enumerate(self.net.layers, start=1)
        ]
        known = [activation for activation in each if activation is not None]
        usual = Counter(known).most_common(1)[0][0] if known else "sigmoid"
        usual = "sigmoid" if usual == "softmax" else usual
        return tuple(activation or usual for activation in each)

    def of_layer(self, neurons: Sequence[Neuron]) -> Activation | None:
        """Return what most neurons of a layer compute, those that are known to be right before all."""
        votes: Counter[Activation] = Counter()
        for neuron in neurons:
            activation = self._of_neuron(neuron, neurons)
            if activation is not None:
                votes[activation] += 100 if neuron.activation in self.right else 1
        if not votes:
            return None
        # of two that are as frequent the more usual one
        order = {activation: -index for index, activation in enumerate((*ACTIVATIONS, "softmax"))}
        return max(votes, key=lambda activation: (votes[activation], order[activation]))

    def _by_slopes(self, layer: int) -> Activation | None:
        """Return the activation whose slope the updates of a layer's weights have, where its own is none."""
        votes: Counter[Activation] = Counter()
        for i, neuron in enumerate(self.net.layers[layer - 1]):
            delta, a = self._fall(layer, i), self.value(neuron.activation)
            back = self._back(layer, i)
            if delta is None or back is None:
                continue
            slopes: dict[Activation, Array] = {
                "sigmoid": a * (1 - a),
                "tanh": 1 - a**2,
                "relu": (a > 0).astype(float),
                "linear": np.ones_like(a),
            }
            votes.update(
                each for each, slope in slopes.items() if constant_ratio(delta, back * slope) is not None
            )
        return votes.most_common(1)[0][0] if votes else None

    def _fall(self, layer: int, i: int) -> Array | None:
        """Return what is proportional to δ of a neuron: how a weight falls, by what it multiplies."""
        weight, source = (
            self.found.places.get(Term("w", layer, i, 0)),
            self.found.places.get(Term("a", layer - 1)),
        )
        if not isinstance(weight, int) or source is None or weight not in self.trial.model.states:
            return None
        with np.errstate(all="ignore"):
            fall: Array = self.trial.change(weight) / self.value(source)
        return fall

    def _back(self, layer: int, i: int) -> Array | None:
        """Return what is proportional to what comes back to a neuron: a − T, or Σ δ w of the next layer."""
        if layer == len(self.net.layers):
            target = self.net.targets[i]
            return (
                None if target is None else self.value(self.net.layers[-1][i].activation) - self.value(target)
            )
        total: Array | None = None
        for k in range(self.found.sizes[layer + 1]):
            weight, delta = self.found.places.get(Term("w", layer + 1, k, i)), self._fall(layer + 1, k)
            if weight is None or delta is None:
                return None
            total = delta * self.value(weight) + (0.0 if total is None else total)
        return total

    def _of_neuron(self, neuron: Neuron, neurons: Sequence[Neuron]) -> Activation | None:
        a, z = self.value(neuron.activation), self._sum(neuron)
        with np.errstate(all="ignore"):
            powers = [np.exp(self._sum(each)) for each in neurons]
            for activation, expected in (
                ("sigmoid", 1 / (1 + np.exp(-z))),
                ("tanh", np.tanh(z)),
                ("relu", np.maximum(z, 0)),
                ("linear", z),
                ("softmax", np.exp(z) / sum(powers)),
            ):
                if _same(a, expected):
                    return activation  # type: ignore[return-value]
        return None

    def _sum(self, neuron: Neuron) -> Array:
        if neuron.z is not None:
            return self.value(neuron.z)
        parts = [self.value(weight) * self.value(source) for weight, source in neuron.sum.products]
        parts += [self.value(source) for source in (*neuron.sum.biases, *neuron.sum.added)]
        total: Array = sum(parts, np.zeros_like(parts[0])) + neuron.sum.number
        return total

    # ------------------------------------------------------------ cost

    def cost(self, activation: Activation, quantities: Mapping[Term, Array]) -> Cost:
        """Return what the cost is a multiple of; where it is nothing known, what δ of the outputs says."""
        if activation == "softmax":
            return "cross-entropy"
        outputs = [self.value(neuron.activation) for neuron in self.net.layers[-1]]
        targets = [self.value(target) for target in self.net.targets if target is not None]
        cost = self.found.places[Term("cost")]
        squares: Array = sum(
            ((a - t) ** 2 for a, t in zip(outputs, targets, strict=True)), np.zeros_like(outputs[0])
        )
        ratio = constant_ratio(self.value(cost), squares)
        if ratio is not None and (named := _named(ratio, len(outputs))) is not None:
            return named
        with np.errstate(all="ignore"):
            entropy: Array = -sum(
                (t * np.log(a) + (1 - t) * np.log(1 - a) for a, t in zip(outputs, targets, strict=True)),
                np.zeros_like(outputs[0]),
            )
        if activation == "sigmoid" and constant_ratio(self.value(cost), entropy) is not None:
            return "cross-entropy"
        return next(self._by_delta(quantities, outputs, targets), "half squares")

    def _by_delta(
        self, quantities: Mapping[Term, Array], outputs: Sequence[Array], targets: Sequence[Array]
    ) -> Iterator[Cost]:
        last = len(self.net.layers)
        for i, (a, t) in enumerate(zip(outputs, targets, strict=True)):
            slope = quantities.get(Term("slope", last, i), np.ones_like(a))
            column, fall = self.found.places.get(Term("delta", last, i)), self._fall(last, i)
            deltas = [] if column is None else [self.value(column)]
            deltas += [] if fall is None or not self.rate > 0 else [fall / self.rate]
            for delta in deltas:
                ratio = constant_ratio(delta, (a - t) * slope)
                named = None if ratio is None else _named(abs(ratio) / 2, len(outputs))
                if named is not None:
                    yield named

    # ------------------------------------------------------------ signs

    def signs(self, quantities: Mapping[Term, Array]) -> tuple[Difference, Gradients]:
        """Return whether δ and the gradients have the sign of the slope or the other one.

        δ of an output falls with its target, or rises with it; what the columns are worth is asked only where
        that can't be told, since a wrong forward pass turns it round.
        """
        gradient = self._gradient_sign(quantities)
        back = self._majority(
            self._output_signs(),
            (self._sign(term, quantities) for term in self.found.places if term.kind in _BACK),
            (gradient * sign for sign in self._use_signs(quantities)),
        )
        turned = back < 0 or (back == 0 and gradient < 0)
        if turned and back:
            by_delta = self._majority(back * sign for sign in self._use_signs(quantities))
            gradient = by_delta or gradient
            if gradient < 0 and self._majority(map(self._update_sign, self._gradients())) > 0:
                turned = False  # a sign turned round in δ alone: the updates still subtract
        return "T-a" if turned else "a-T", "-dC/dW" if turned and gradient < 0 else "dC/dW"

    @staticmethod
    def _majority(*evidence: Iterable[int]) -> int:
        """Return the sign of which the first evidence that says anything has more."""
        for signs in evidence:
            total = sum(signs)
            if total:
                return int(np.sign(total))
        return 0

    def _gradient_sign(self, quantities: Mapping[Term, Array]) -> int:
        return self._majority(
            (self._sign(term, quantities) for term in self._gradients()),
            map(self._update_sign, self._gradients()),
        )

    def _gradients(self) -> list[Term]:
        return [term for term in self.found.places if term.kind == "gradient"]

    def _update_sign(self, gradient: Term) -> int:
        """Return 1 where an update takes away a gradient, −1 where it adds it."""
        weight, column = (self.found.places.get(term) for term in (gradient._replace(kind="w"), gradient))
        states = self.trial.model.states
        if not isinstance(weight, int) or not isinstance(column, int) or weight not in states:
            return 0
        slopes = [
            slope
            for each in update_of(self.trial.model, weight)
            for target, slope in self._slopes(each).items()
            if isinstance(target, At) and target.column == column
        ]
        return -_direction(slopes[0]) if slopes else 0

    def _output_signs(self) -> Iterator[int]:
        """Yield the sign of each output's δ: 1 where it falls with the target."""
        last = len(self.net.layers)
        for i, target in enumerate(self.net.targets):
            for kind in ("miss", "delta", "pull"):
                column = self.found.places.get(Term(kind, 0 if kind == "miss" else last, i))
                key = At(target) if isinstance(target, int) else target
                if isinstance(column, int) and key in (slopes := self._slopes(column)):
                    yield -_direction(slopes[key])

        for i, neuron in enumerate(self.net.layers[-2] if last > 1 else ()):
            weight = self.found.places.get(Term("w", last, 0, i))
            target = self.net.targets[0]
            key = At(target) if isinstance(target, int) else target
            for kind in _LEADING:
                column = self.found.places.get(Term(kind, last - 1, i))
                slopes = self._slopes(column) if isinstance(column, int) else {}
                if weight is not None and key in slopes and neuron is not None:
                    yield -_direction(slopes[key] * self.value(weight))

    def _use_signs(self, quantities: Mapping[Term, Array]) -> Iterator[int]:
        """Yield the signs with which gradients take δ, or what leads to it."""
        for term, column in self.found.places.items():
            if term.kind != "gradient" or is_bias(term, self.found.sizes) or not isinstance(column, int):
                continue
            before, slopes = self.found.places.get(Term("a", term.layer - 1, term.j)), self._slopes(column)
            for kind in _LEADING:
                used = self.found.places.get(Term(kind, term.layer, term.i))
                slope = quantities.get(Term("slope", term.layer, term.i), np.ones(1))
                if isinstance(used, int) and before is not None and At(used) in slopes:
                    expected = self.value(before) * (slope if kind == "pull" else 1.0)
                    ratio = constant_ratio(slopes[At(used)], expected)
                    yield 0 if ratio is None else int(np.sign(ratio))

    def _slopes(self, column: int) -> Mapping[object, Array]:
        """Return the partial derivatives of a column's formula by what it names."""
        try:
            _, slopes = partials(self.trial.model.formulas[column], self.trial.value)
        except NotComputable:
            return {}
        return slopes

    def _sign(self, term: Term, quantities: Mapping[Term, Array]) -> int:
        source, quantity = self.found.places[term], quantities.get(term)
        if quantity is None:
            return 0
        ratio = constant_ratio(self.value(source), quantity)
        return 0 if ratio is None else int(np.sign(ratio))


def _direction(values: Array) -> int:
    """Return the sign that most values have, 0 where none is known."""
    known = values[np.isfinite(values)]
    return int(np.sign(np.median(known))) if known.size else 0


def _same(one: Array, other: Array) -> bool:
    known = np.isfinite(one) & np.isfinite(other)
    with np.errstate(invalid="ignore"):
        return bool(known.any() and (np.abs(one - other)[known] <= _CLOSE).all())


def _named(ratio: float, outputs: int) -> Cost | None:
    """Return the cost that is so many times Σ (a − T)²."""
    costs: list[tuple[Cost, float]] = [
        ("half squares", 0.5),
        ("squares", 1.0),
        ("mean squares", 1 / outputs),
        ("half mean squares", 0.5 / outputs),
    ]
    return next((cost for cost, factor in costs if abs(ratio - factor) < 1e-6 * factor), None)
