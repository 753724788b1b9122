"""Which quantity of the net stands where: what the columns and single cells of a table hold."""

from dataclasses import dataclass, field

from sheetnet.net.conventions import Biases
from sheetnet.net.terms import COST, Term, is_bias
from sheetnet.recognition.model import Source
from sheetnet.recognition.neurons import Neurons


@dataclass(slots=True)
class Assignment:
    """Where the terms of a net stand: in columns or single cells, or as numbers inside formulas.

    `biases` is how the neurons' biases are treated.
    """

    sizes: tuple[int, ...]
    places: dict[Term, Source] = field(default_factory=dict)
    numbers: dict[Term, float] = field(default_factory=dict)
    biases: Biases = "none"

    @property
    def taken(self) -> set[Source]:
        """The columns and cells that hold a term."""
        return set(self.places.values())

    @property
    def own_biases(self) -> list[Source]:
        """Where the neurons' biases stand; one that several share comes several times."""
        return [
            source for term, source in self.places.items() if term.kind == "w" and is_bias(term, self.sizes)
        ]


def forward_assignment(net: Neurons, cost: int) -> Assignment:
    """Return where inputs, targets, weighted sums, activations and the cost of a net stand."""
    found = Assignment(net.sizes)
    for j, source in enumerate(net.inputs):
        found.places[Term("a", 0, j)] = source
    for layer, neurons in enumerate(net.layers, start=1):
        for i, neuron in enumerate(neurons):
            found.places[Term("a", layer, i)] = neuron.activation
            if neuron.z is not None:
                found.places[Term("z", layer, i)] = neuron.z
    for i, target in enumerate(net.targets):
        if target is not None:
            found.places[Term("target", 0, i)] = target
    found.places[COST] = cost
    return found
