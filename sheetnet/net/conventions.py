"""The choices in which correct back-propagation sheets differ."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Conventions:
    """How biases are treated, and when weights are updated.

    biases: "trained" each neuron has its own and learns it (the note); "fixed" they keep their first value
    (Mazur); "shared" the neurons of a layer share one, whose gradient is the sum of their δ; "none".
    order: "simultaneous" all derivatives first, then all updates (right); "outputs first" W(L) is updated
    before δ(L−1) is taken from it (Mazur's published numbers).
    """

    biases: Literal["trained", "fixed", "shared", "none"] = "trained"
    order: Literal["simultaneous", "outputs first"] = "simultaneous"
