"""The net as the note writes it: matrices, one forward pass, one backward pass, one update."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetnet.net.conventions import Activation, Conventions, Cost

Array = NDArray[np.float64]

_VALUES: dict[Activation, Callable[[Array], Array]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "linear": lambda z: z,
    "softmax": lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
}
_SLOPES: dict[Activation, Callable[[Array], Array]] = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: np.where(a > 0, 1.0, 0.0),
    "linear": np.ones_like,
}
"""da/dz, from a."""
_SCALES: dict[Cost, Callable[[int], float]] = {
    "half squares": lambda outputs: 1,
    "squares": lambda outputs: 2,
    "mean squares": lambda outputs: 2 / outputs,
    "half mean squares": lambda outputs: 1 / outputs,
}
"""What the note's C and δ(L) are multiplied by."""


@dataclass(frozen=True, slots=True)
class Network:
    """A fully connected net.

    `weights[l − 1]` is W(l), shape (n_l, n_(l−1) + 1), the biases in its last column (without biases shape
    (n_l, n_(l−1))). `learning_rate` is γ.
    """

    weights: tuple[Array, ...]
    learning_rate: float = 0.5
    conventions: Conventions = field(default_factory=Conventions)

    @classmethod
    def of(
        cls,
        weights: Iterable[ArrayLike],
        *,
        learning_rate: float = 0.5,
        conventions: Conventions | None = None,
    ) -> "Network":
        """Return a network from nested lists; ValueError when the shapes do not follow one another."""
        matrices = tuple(np.asarray(w, dtype=np.float64) for w in weights)
        network = cls(matrices, learning_rate, conventions or Conventions())
        for layer, (w, after) in enumerate(pairwise(matrices), start=1):
            if after.shape[1] - network._bias != w.shape[0]:
                raise ValueError(
                    f"W({layer + 1}) has shape {after.shape}, expected {w.shape[0] + network._bias} columns "
                    f"(layer {layer} has {w.shape[0]} neurons)"
                )
        network.conventions.check(len(matrices))
        if network.conventions.biases == "shared" and any((w[:, -1] != w[0, -1]).any() for w in matrices):
            raise ValueError("biases that a layer shares differ in the last column of its W")
        return network

    @property
    def _bias(self) -> int:
        return 0 if self.conventions.biases == "none" else 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons a layer, the inputs first."""
        return (self.weights[0].shape[1] - self._bias, *(w.shape[0] for w in self.weights))

    def forward(self, inputs: ArrayLike) -> list[Array]:
        """Return a(0) … a(L), shapes (n_l,): a(l) = σ(W(l) A(l−1)), σ the layer's activation.

        Inputs of shape (n_0,). In sigmoid and softmax an e^z beyond float64 does no harm, where a sheet shows
        #NUM!.
        """
        activations = [np.asarray(inputs, dtype=np.float64)]
        for layer, w in enumerate(self.weights, start=1):
            value = _VALUES[self.conventions.activation(layer)]
            with np.errstate(over="ignore"):
                activations.append(value(w @ self._with_bias(activations[-1])))
        return activations

    def cost(self, inputs: ArrayLike, targets: ArrayLike) -> float:
        """Return C, by the note ½ Σ (a(L) − T)²; infinite where cross-entropy takes the logarithm of 0."""
        a, t = self.forward(inputs)[-1], np.asarray(targets, dtype=np.float64)
        if self.conventions.cost == "cross-entropy":
            yes, no = _xlogy(t, a), _xlogy(1 - t, 1 - a)
            softmax = self.conventions.activation(len(self.weights)) == "softmax"
            return float(-yes.sum() if softmax else -(yes + no).sum())
        return float(0.5 * _SCALES[self.conventions.cost](a.size) * ((a - t) @ (a - t)))

    def deltas(self, activations: Sequence[Array], targets: ArrayLike) -> list[Array]:
        """Return δ(1) … δ(L), shapes (n_l,): δ(l) = σ' ⊙ w(l+1)ᵀ δ(l+1), δ(L) = (a − T) ⊙ σ'.

        The sigmoid's σ' is a(1−a). With other costs δ(L) is their dC/dz(L); with "T-a" all δ are the
        negatives of these. With "outputs first" the w(l+1) in the sum is already updated.
        """
        slopes = self._cost_slopes(activations, np.asarray(targets, dtype=np.float64))
        return [-slope for slope in slopes] if self.conventions.difference == "T-a" else slopes

    def _cost_slopes(self, activations: Sequence[Array], t: Array) -> list[Array]:
        """Return dC/dz(1) … dC/dz(L), shapes (n_l,)."""
        a = activations[-1]
        slopes = [a - t]
        if self.conventions.cost != "cross-entropy":
            slope = _SLOPES[self.conventions.activation(len(self.weights))](a)
            slopes = [_SCALES[self.conventions.cost](a.size) * (a - t) * slope]
        for layer in range(len(self.weights) - 1, 0, -1):
            a, w = activations[layer], self.weights[layer]
            if self.conventions.order == "outputs first":
                w = w - self.learning_rate * self._gradient(slopes[0], a)
            slope = _SLOPES[self.conventions.activation(layer)](a)
            slopes.insert(0, slope * (w[:, : a.size].T @ slopes[0]))
        return slopes

    def gradients(self, inputs: ArrayLike, targets: ArrayLike) -> list[Array]:
        """Return dC/dW(1) … dC/dW(L), each of its W's shape: dC/dW(l) = δ(l) A(l−1)ᵀ.

        They are the true ones, whatever signs a sheet's δ and dC/dW columns have. A bias shared by a layer
        has the sum of its neurons' δ in every row; a fixed one still has a slope.
        """
        activations = self.forward(inputs)
        slopes = self._cost_slopes(activations, np.asarray(targets, dtype=np.float64))
        return [self._gradient(slope, a) for slope, a in zip(slopes, activations, strict=False)]

    def step(self, inputs: ArrayLike, targets: ArrayLike) -> "Network":
        """Return the network after one step: W ← W − γ dC/dW.

        Inputs of shape (n_0,) and targets (n_L,); in a batch those of a pass, (patterns, n_0) and
        (patterns, n_L), of whose dC/dW the sum or the mean is taken.
        """
        x, t = np.atleast_2d(np.asarray(inputs, float)), np.atleast_2d(np.asarray(targets, float))
        if self.conventions.batch == "one" and len(x) != 1:
            raise ValueError(f"{len(x)} patterns, expected one a step; or take a batch")
        share = 1 / len(x) if self.conventions.batch == "mean" else 1
        each = [self.gradients(*pattern) for pattern in zip(x, t, strict=True)]
        weights = []
        for w, *gradients in zip(self.weights, *each, strict=True):
            gradient = share * np.sum(gradients, axis=0)
            if self.conventions.biases == "fixed":
                gradient[:, -1] = 0
            weights.append(w - self.learning_rate * gradient)
        return Network(tuple(weights), self.learning_rate, self.conventions)

    def _with_bias(self, a: Array) -> Array:
        return np.append(a, 1.0) if self._bias else a

    def _gradient(self, delta: Array, a: Array) -> Array:
        gradient = np.outer(delta, self._with_bias(a))
        if self.conventions.biases == "shared":
            gradient[:, -1] = delta.sum()
        return gradient


def _xlogy(x: Array, y: Array) -> Array:
    """Return x ln y, 0 where x is 0; −∞ where only y is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == 0, 0.0, x * np.log(y))
