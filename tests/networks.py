"""Networks drawn at random, of every size, depth and convention."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from sheetnet import Conventions, Network
from sheetnet.net.conventions import ACTIVATIONS, BATCHES, BIASES, COSTS, DIFFERENCES, GRADIENTS


@st.composite
def conventions_of(draw: st.DrawFn, layers: int) -> Conventions:
    """Draw any conventions that a net of so many layers can have."""
    activations = draw(st.lists(st.sampled_from(ACTIVATIONS), min_size=layers, max_size=layers))
    cost, batch = draw(st.sampled_from(COSTS)), draw(st.sampled_from(BATCHES))
    if cost == "cross-entropy":
        activations[-1] = draw(st.sampled_from(("sigmoid", "softmax")))
        # No relu before it: outputs that reach 0 or 1 have no finite cost.
        activations[:-1] = ["tanh" if name == "relu" else name for name in activations[:-1]]
    return Conventions(
        biases=draw(st.sampled_from(BIASES)),
        order=draw(st.sampled_from(("simultaneous", "outputs first"))) if batch == "one" else "simultaneous",
        activations=tuple(activations),
        difference=draw(st.sampled_from(DIFFERENCES)),
        gradients=draw(st.sampled_from(GRADIENTS)),
        cost=cost,
        batch=batch,
    )


@st.composite
def networks(draw: st.DrawFn) -> tuple[Network, np.ndarray, np.ndarray]:
    """Draw a network of random depth, sizes and conventions, and a few patterns."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    conventions = draw(conventions_of(len(sizes) - 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = []
    # Layers without an upper bound blow up where a sigmoid does not.
    largest, rate = (2, 2) if set(conventions.activations) <= {"sigmoid", "tanh", "softmax"} else (0.7, 0.1)
    for before, neurons in pairwise(sizes):
        w = rng.uniform(-largest, largest, (neurons, before + (conventions.biases != "none")))
        if conventions.biases == "shared":
            w[:, -1] = w[0, -1]
        weights.append(w)
    network = Network.of(weights, learning_rate=float(rng.uniform(0.05, rate)), conventions=conventions)
    count = draw(st.integers(1, 3))
    return network, rng.uniform(-1, 1, (count, sizes[0])), _targets(rng, count, sizes[-1], conventions)


def _targets(rng: np.random.Generator, count: int, outputs: int, conventions: Conventions) -> np.ndarray:
    """Return targets between 0 and 1; those of a softmax add up to 1, without which a − T is no slope."""
    targets = rng.uniform(0, 1, (count, outputs))
    if conventions.activations[-1] == "softmax":
        targets /= targets.sum(axis=1, keepdims=True)
    return targets
