"""The choices in which correct back-propagation sheets differ."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

Activation: TypeAlias = Literal["sigmoid", "tanh", "relu", "linear", "softmax"]
Biases: TypeAlias = Literal["trained", "fixed", "shared", "none"]
Order: TypeAlias = Literal["simultaneous", "outputs first"]
Difference: TypeAlias = Literal["a-T", "T-a"]
Gradients: TypeAlias = Literal["dC/dW", "-dC/dW"]
Cost: TypeAlias = Literal["half squares", "squares", "mean squares", "half mean squares", "cross-entropy"]
Batch: TypeAlias = Literal["one", "sum", "mean"]

ACTIVATIONS: tuple[Activation, ...] = ("sigmoid", "tanh", "relu", "linear")
"""Those that any layer may have; the outputs may also have "softmax"."""
BIASES: tuple[Biases, ...] = get_args(Biases)
DIFFERENCES: tuple[Difference, ...] = get_args(Difference)
GRADIENTS: tuple[Gradients, ...] = get_args(Gradients)
COSTS: tuple[Cost, ...] = get_args(Cost)
BATCHES: tuple[Batch, ...] = get_args(Batch)


def activations_named(
    names: Iterable[str], among: tuple[Activation, ...] = ACTIVATIONS
) -> tuple[Activation, ...] | None:
    """Return the activations of these names, None where one has no such name."""
    found = [next((activation for activation in among if activation == name), None) for name in names]
    known = tuple(activation for activation in found if activation is not None)
    return known if len(known) == len(found) else None


@dataclass(frozen=True, slots=True)
class Conventions:
    """What the neurons compute, what they are told to make small, and how weights are updated.

    biases: "trained" each neuron has its own and learns it (the note); "fixed" they keep their first value
    (Mazur); "shared" the neurons of a layer share one, whose gradient is the sum of their δ; "none".
    order: "simultaneous" all derivatives first, then all updates (right); "outputs first" W(L) is updated
    before δ(L−1) is taken from it (Mazur's published numbers), with one pattern a step only.
    activations: one for all layers, or one a layer from layer 1 on: "sigmoid" 1/(1+e^−z) (the note), "tanh",
    "relu" max(0, z), "linear" z, and for the outputs "softmax" e^z_i / Σ e^z_k, with cross-entropy only,
    whose δ(L) is a − T where the targets add up to 1.
    difference: "a-T" (the note), or "T-a": every δ is the negative of the note's, and W ← W + γ δ A.
    gradients: with "T-a", whether columns called dC/dW hold the true one, "dC/dW", −δ A, or "-dC/dW", δ A.
    cost: of n outputs "half squares" ½ Σ (a−T)² (the note), "squares" Σ (a−T)², "mean squares"
    Σ (a−T)² / n, "half mean squares" Σ (a−T)² / 2n; "cross-entropy" −Σ T ln a of a softmax, of sigmoids
    −Σ (T ln a + (1−T) ln (1−a)). δ(L) follows from it.
    batch: "one" pattern a step (the note); "sum" or "mean": weights stay for a pass through all patterns
    and then change by γ times the sum or the mean of its dC/dW.

    ValueError for what does not go together: cross-entropy without sigmoids or a softmax as outputs, a
    softmax elsewhere or with another cost, a batch with outputs first.
    """

    biases: Biases = "trained"
    order: Order = "simultaneous"
    activations: tuple[Activation, ...] = ("sigmoid",)
    difference: Difference = "a-T"
    gradients: Gradients = "dC/dW"
    cost: Cost = "half squares"
    batch: Batch = "one"

    def __post_init__(self) -> None:
        if not self.activations:
            raise ValueError("no activation; expected one for all layers, or one a layer")
        # so that equal conventions compare equal
        if len(set(self.activations)) == 1:
            object.__setattr__(self, "activations", self.activations[:1])
        if self.difference == "a-T":
            object.__setattr__(self, "gradients", "dC/dW")
        outputs = self.activations[-1]
        if "softmax" in self.activations[:-1]:
            raise ValueError("softmax in a hidden layer; expected it for the outputs alone")
        if outputs == "softmax" and self.cost != "cross-entropy":
            raise ValueError(f"softmax outputs with the cost {self.cost}; expected cross-entropy")
        if self.cost == "cross-entropy" and outputs not in ("sigmoid", "softmax"):
            raise ValueError(f"cross-entropy of {outputs} outputs; expected sigmoid or softmax")
        if self.batch != "one" and self.order != "simultaneous":
            raise ValueError(f"a batch ({self.batch}) with outputs first; expected one pattern a step")

    def varied(self, **choices: Any) -> "Conventions | None":
        """Return these conventions with other choices, None where those do not go together."""
        try:
            return replace(self, **choices)
        except ValueError:
            return None

    def check(self, layers: int) -> None:
        """Raise ValueError unless a net of layers 1 … `layers` can have these activations."""
        if len(self.activations) not in (1, layers):
            raise ValueError(f"{len(self.activations)} activations, expected one for all layers or {layers}")
        if layers > 1 and self.activations == ("softmax",):
            raise ValueError(f"softmax in all of {layers} layers; expected it for the outputs alone")

    def activation(self, layer: int) -> Activation:
        """Return the activation of a layer, 1 … L; ValueError when it has none."""
        if len(self.activations) == 1:
            return self.activations[0]
        if not 1 <= layer <= len(self.activations):
            raise ValueError(f"{len(self.activations)} activations, none for layer {layer}")
        return self.activations[layer - 1]
