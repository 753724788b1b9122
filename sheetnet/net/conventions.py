"""The choices in which correct back-propagation sheets differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Activation: TypeAlias = Literal["sigmoid", "tanh", "relu", "linear"]
Biases: TypeAlias = Literal["trained", "fixed", "shared", "none"]
Order: TypeAlias = Literal["simultaneous", "outputs first"]

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
BIASES: tuple[Biases, ...] = get_args(Biases)


def activations_named(names: Iterable[str]) -> tuple[Activation, ...] | None:
    """Return the activations of these names, None where one has no such name."""
    found = [next((activation for activation in ACTIVATIONS if activation == name), None) for name in names]
    known = tuple(activation for activation in found if activation is not None)
    return known if len(known) == len(found) else None


@dataclass(frozen=True, slots=True)
class Conventions:
    """How biases are treated, when weights are updated, and what the neurons compute from z.

    biases: "trained" each neuron has its own and learns it (the note); "fixed" they keep their first value
    (Mazur); "shared" the neurons of a layer share one, whose gradient is the sum of their δ; "none".
    order: "simultaneous" all derivatives first, then all updates (right); "outputs first" W(L) is updated
    before δ(L−1) is taken from it (Mazur's published numbers).
    activations: one for all layers, or one a layer from layer 1 on: "sigmoid" 1/(1+e^−z) (the note), "tanh",
    "relu" max(0, z), "linear" z.
    """

    biases: Biases = "trained"
    order: Order = "simultaneous"
    activations: tuple[Activation, ...] = ("sigmoid",)

    def __post_init__(self) -> None:
        if not self.activations:
            raise ValueError("no activation; expected one for all layers, or one a layer")
        if len(set(self.activations)) == 1:  # so that equal conventions compare equal
            object.__setattr__(self, "activations", self.activations[:1])

    def activation(self, layer: int) -> Activation:
        """Return the activation of a layer, 1 … L; ValueError when it has none."""
        if len(self.activations) == 1:
            return self.activations[0]
        if not 1 <= layer <= len(self.activations):
            raise ValueError(f"{len(self.activations)} activations, none for layer {layer}")
        return self.activations[layer - 1]
