"""What the columns on the way back may hold: the exact slopes of the sheet's own cost."""

from collections.abc import Iterator

import numpy as np

from sheetnet.net.terms import Term
from sheetnet.recognition.assignment import Assignment
from sheetnet.recognition.model import At, Model, Source
from sheetnet.recognition.neurons import Neuron, Neurons
from sheetnet.recognition.trial import Array, Trial


class Quantities:
    """The quantities of a net on drawn numbers, from the sheet's own formulas; all of shape (DRAWS,)."""

    def __init__(self, found: Assignment, net: Neurons, cost: int, trial: Trial) -> None:
        self.found, self.net, self.cost, self.trial = found, net, cost, trial
        self._slopes = trial.slopes(cost)
        self._deltas = {
            (layer, i): delta
            for layer, neurons in enumerate(net.layers, start=1)
            for i, neuron in enumerate(neurons)
            if (delta := self._delta(neuron, neurons)) is not None
        }

    def all(self) -> dict[Term, Array]:
        """Return what each term is, those first for which a column is taken if it may be several."""
        return dict(
            [*self._of_neurons(), *self._of_weights(), *self._of_outputs(), *self._back(), *self._new()]
        )

    def _value(self, source: Source) -> Array:
        return self.trial.value(At(source) if isinstance(source, int) else source)

    def _slope(self, source: Source) -> Array:
        """Return ∂C/∂ of a column or a cell."""
        place = At(source) if isinstance(source, int) else source
        return self._slopes.get(place, np.zeros_like(self.trial.value(At(self.cost))))

    def _delta(self, neuron: Neuron, layer: tuple[Neuron, ...]) -> Array | None:
        """Return ∂C/∂z of a neuron: from z itself, its bias, or a weight and what it multiplies."""
        if neuron.z is not None:
            return self._slope(neuron.z)
        own = [bias for bias in neuron.sum.biases if sum(bias in each.sum.biases for each in layer) == 1]
        if own:
            return self._slope(own[0])
        if not neuron.sum.products:
            return None
        weight, source = neuron.sum.products[0]
        with np.errstate(all="ignore"):
            delta: Array = self._slope(weight) / self._value(source)
        return delta

    # ------------------------------------------------------------ term by term

    def _of_neurons(self) -> Iterator[tuple[Term, Array]]:
        for (layer, i), delta in self._deltas.items():
            yield Term("delta", layer, i), delta

    def _of_weights(self) -> Iterator[tuple[Term, Array]]:
        for term, source in self.found.places.items():
            if term.kind == "w":
                yield term._replace(kind="gradient"), self._slope(source)

    def _of_outputs(self) -> Iterator[tuple[Term, Array]]:
        for i, target in enumerate(self.net.targets):
            if target is not None:
                output = self.net.layers[-1][i].activation
                yield Term("miss", 0, i), self._value(output) - self._value(target)
                part = self._part(target)
                if part is not None:
                    yield Term("part", 0, i), self._value(part)

    def _back(self) -> Iterator[tuple[Term, Array]]:
        last = len(self.net.layers)
        for layer, neurons in enumerate(self.net.layers, start=1):
            for i, neuron in enumerate(neurons):
                pull = self._slope(neuron.activation)
                delta = self._deltas.get((layer, i))
                if delta is not None and neuron.z != neuron.activation:
                    with np.errstate(all="ignore"):
                        yield Term("slope", layer, i), delta / pull
                yield Term("pull", layer, i), pull
                for k in range(self.found.sizes[layer + 1] if layer < last else 0):
                    weight = self.found.places.get(Term("w", layer + 1, k, i))
                    if weight is not None and (layer + 1, k) in self._deltas:
                        yield Term("path", layer, i, k), self._deltas[layer + 1, k] * self._value(weight)

    def _new(self) -> Iterator[tuple[Term, Array]]:
        states = self.trial.model.states
        for term, source in self.found.places.items():
            if term.kind == "w" and isinstance(source, int) and source in states:
                yield term._replace(kind="new"), self.trial.value(At(source, 1))

    def _part(self, target: Source) -> int | None:
        """Return the column of an output's own part of the cost: one of which the cost is made."""
        model: Model = self.trial.model
        others = {each for each in self.net.targets if each is not None and each != target}
        found = (
            column
            for column in model.direct(self.cost)
            if isinstance(column, int) and target in model.uses(column) and not others & model.uses(column)
        )
        return next(found, None) if others else None
