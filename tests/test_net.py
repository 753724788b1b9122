"""The rule: published numbers, central differences, and the two statements of it against each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from sheetnet import COST, Conventions, DivergenceError, Network, Term, train
from tests.networks import networks

MAZUR = [[[0.15, 0.20, 0.35], [0.25, 0.30, 0.35]], [[0.40, 0.45, 0.60], [0.50, 0.55, 0.60]]]
INPUTS, TARGETS = [0.05, 0.10], [0.01, 0.99]
FIXED = Conventions(biases="fixed")
OUTPUTS_FIRST = Conventions(biases="fixed", order="outputs first")
# Mazur's article and its recomputation print 12 decimals.
PRINTED = 5.1e-13

CONVENTIONS = [
    Conventions(biases, order)
    for biases in ("trained", "fixed", "shared", "none")
    for order in ("simultaneous", "outputs first")
]
IDS = [f"{c.biases}, {c.order}" for c in CONVENTIONS]


def test_mazur_first_step() -> None:
    """The forward pass, the deltas and the gradients are the published ones."""
    network = Network.of(MAZUR, conventions=FIXED)
    activations = network.forward(INPUTS)
    assert activations[1] == pytest.approx([0.593269992107, 0.596884378260], abs=PRINTED)
    assert activations[2] == pytest.approx([0.751365069552, 0.772928465321], abs=PRINTED)
    assert network.cost(INPUTS, TARGETS) == pytest.approx(0.298371108760, abs=PRINTED)
    hidden, output = network.deltas(activations, TARGETS)
    assert output == pytest.approx([0.138498561629, -0.038098236517], abs=PRINTED)
    assert hidden == pytest.approx([0.008771354689, 0.009954254705], abs=PRINTED)
    first, second = network.gradients(INPUTS, TARGETS)
    assert second[:, :2].ravel() == pytest.approx(
        [0.082167040564, 0.082667627848, -0.022602540477, -0.022740242216], abs=PRINTED
    )
    assert first[:, :2].ravel() == pytest.approx(
        [0.000438567734, 0.000877135469, 0.000497712735, 0.000995425471], abs=PRINTED
    )
    after = network.step(INPUTS, TARGETS)
    assert after.weights[1][:, :2].ravel() == pytest.approx(
        [0.358916479718, 0.408666186076, 0.511301270239, 0.561370121108], abs=PRINTED
    )
    assert after.weights[0][:, :2].ravel() == pytest.approx(
        [0.149780716133, 0.199561432266, 0.249751143632, 0.299502287265], abs=PRINTED
    )


@pytest.mark.parametrize(
    ("conventions", "after_one", "outputs", "cost"),
    [
        pytest.param(
            FIXED, 0.291027773694, [0.015913620444, 0.984064273515], 3.510187783e-05, id="biases fixed"
        ),
        pytest.param(
            OUTPUTS_FIRST,
            0.291027923905,
            [0.015912196326, 0.984065734486],
            3.508478630e-05,
            id="outputs first",
        ),
        pytest.param(
            Conventions(),
            0.280471446791,
            [0.011587527391, 0.988458935026],
            2.447562236e-06,
            id="the note's rule",
        ),
    ],
)
def test_mazur_ten_thousand_steps(
    conventions: Conventions, after_one: float, outputs: list[float], cost: float
) -> None:
    """Each convention arrives at its own published end."""
    trace = train(Network.of(MAZUR, conventions=conventions), INPUTS, TARGETS, steps=10_001)
    assert trace[COST][1] == pytest.approx(after_one, abs=PRINTED)
    assert trace.outputs() == pytest.approx(outputs, abs=PRINTED)
    assert trace[COST][-1] == pytest.approx(cost, abs=5.1e-15)


def test_mazur_updated_outputs_first() -> None:
    """w1 after one step is the one of his other update order."""
    trace = train(Network.of(MAZUR, conventions=OUTPUTS_FIRST), INPUTS, TARGETS, steps=2)
    assert trace[Term("w", 1, 0, 0)][1] == pytest.approx(0.149817638561, abs=PRINTED)


def test_mazur_biases_by_the_notes_rule() -> None:
    """Every bias is a weight, updated with its neuron's delta."""
    after = Network.of(MAZUR).step(INPUTS, TARGETS)
    assert after.weights[0][:, 2] == pytest.approx([0.345614322655, 0.345022872647], abs=PRINTED)
    assert after.weights[1][:, 2] == pytest.approx([0.530750719186, 0.619049118258], abs=PRINTED)


def test_the_notes_net() -> None:
    """The note's own numbers, to the 15 digits that are printed."""
    network = Network.of([[[0.5, -0.2, 0.3], [0.2, -0.6, 0.6]], [[0.1, 0.5, -0.3], [0.2, 0.3, 0.5]]])
    trace = train(network, [0.1, 0.9], [0.3, 0.4], steps=2)
    expected = {
        Term("a", 1, 0): 0.542397940774351,
        Term("a", 1, 1): 0.519989340155582,
        Term("a", 2, 0): 0.503558555952801,
        Term("a", 2, 1): 0.682324816594471,
        Term("delta", 2, 0): 0.050887061260972,
        Term("delta", 2, 1): 0.0611960669589235,
        Term("delta", 1, 0): 0.0043008314646463,
        Term("delta", 1, 1): 0.0109330854113259,
        COST: 0.0605716938833457,
    }
    for term, value in expected.items():
        assert trace[term][0] == pytest.approx(value, abs=1e-15)
    assert trace[COST][1] == pytest.approx(0.0555798750359162, abs=1e-15)


@given(networks())
@settings(max_examples=150, deadline=None)
def test_matrices_and_generated_code_agree(drawn: tuple[Network, np.ndarray, np.ndarray]) -> None:
    """The numpy matrices and the code made from the equations give the same numbers, step after step."""
    network, inputs, targets = drawn
    conventions, patterns = network.conventions, len(inputs)
    trace = train(network, inputs, targets, steps=7)
    sign = -1 if conventions.gradients == "-dC/dW" else 1
    for step in range(7):
        x, t = inputs[step % patterns], targets[step % patterns]
        for mine, theirs in zip(network.weights, trace.weights(step), strict=True):
            np.testing.assert_allclose(theirs, mine, rtol=1e-11, atol=1e-13)
        assert trace[COST][step] == pytest.approx(network.cost(x, t), rel=1e-11, abs=1e-14)
        for kind, found in (
            ("delta", network.deltas(network.forward(x), t)),
            ("gradient", [sign * gradient for gradient in network.gradients(x, t)]),
        ):
            for layer, expected in enumerate(found, start=1):
                terms = [term for term in trace.columns if (term.kind, term.layer) == (kind, layer)]
                shown = [trace[term][step] for term in terms]
                np.testing.assert_allclose(shown, expected.ravel(), rtol=1e-10, atol=1e-14)
        if conventions.batch == "one":
            network = network.step(x, t)
        elif step % patterns == patterns - 1:
            network = network.step(inputs, targets)


@given(networks())
@settings(max_examples=100, deadline=None)
def test_gradients_are_central_differences(drawn: tuple[Network, np.ndarray, np.ndarray]) -> None:
    """dC/dW is the slope of the cost, measured by moving each weight a little both ways."""
    network, inputs, targets = drawn
    if network.conventions.order != "simultaneous":
        conventions = replace(network.conventions, order="simultaneous")
        network = Network(network.weights, network.learning_rate, conventions)
    x, t, h = inputs[0], targets[0], 1e-5
    for layer, (w, a) in enumerate(zip(network.weights, network.forward(x), strict=False), start=1):
        z = w @ np.append(a, np.ones(w.shape[1] - a.size))
        assume(network.conventions.activation(layer) != "relu" or (np.abs(z) > 1e-3).all())  # its kink
    for layer, gradient in enumerate(network.gradients(x, t)):
        for place in np.ndindex(gradient.shape):
            shared = network.conventions.biases == "shared" and place[1] == gradient.shape[1] - 1
            costs = []
            for sign in (1, -1):
                weights = [w.copy() for w in network.weights]
                weights[layer][(slice(None), place[1]) if shared else place] += sign * h
                costs.append(Network.of(weights, conventions=network.conventions).cost(x, t))
            assert gradient[place] == pytest.approx((costs[0] - costs[1]) / (2 * h), abs=2e-9)


def test_central_differences_find_a_wrong_gradient() -> None:
    """The tolerance of the check above tells a gradient that is wrong by 0.05 % from a right one."""
    gradient = Network.of(MAZUR).gradients(INPUTS, TARGETS)[1][0, 0]
    assert gradient * 1.0005 != pytest.approx(gradient, abs=2e-9)


@pytest.mark.parametrize("conventions", CONVENTIONS, ids=IDS)
def test_until_cost_stops_after_a_whole_pass(conventions: Conventions) -> None:
    """Training stops after the first pass in which every pattern is at or below the bound."""
    rng = np.random.default_rng(5)
    bias = conventions.biases != "none"
    weights = [rng.uniform(-1, 1, (2, 2 + bias)), rng.uniform(-1, 1, (1, 2 + bias))]
    if conventions.biases == "shared":
        weights[0][:, -1] = weights[0][0, -1]
    network = Network.of(weights, learning_rate=1.0, conventions=conventions)
    patterns = [[0.2, 0.9], [0.8, 0.3]], [[0.6], [0.4]]
    whole = train(network, *patterns, steps=2000)[COST]
    stopped = train(network, *patterns, steps=2000, until_cost=0.01)[COST]
    passes = [max(whole[i], whole[i + 1]) for i in range(0, 2000, 2)]
    first = next((i for i, cost in enumerate(passes) if cost <= 0.01), None)
    assert len(stopped) == (2000 if first is None else 2 * first + 2)


def test_overflow_names_the_step() -> None:
    """EXP beyond 709.78 is #NUM! in a sheet, and an error here, not 0."""
    network = Network.of([[[-8000.0, 0.0]], [[1.0, 0.0]]])
    with pytest.raises(DivergenceError, match=r"step 0: a0 of layer 1 .*#NUM!"):
        train(network, [0.9], [0.5], steps=3)


def test_huge_numbers_that_are_still_numbers_go_on() -> None:
    """A weight of 1e200 is no error as long as no cell overflows."""
    network = Network.of([[[1e200, 0.0]], [[1.0, 0.0]]])
    trace = train(network, [1e-199], [0.5], steps=50)
    assert trace[Term("w", 1, 0, 0)][49] == 1e200


def test_shapes_are_checked() -> None:
    """Matrices that do not follow one another are refused."""
    with pytest.raises(ValueError, match=r"W\(2\) has shape"):
        Network.of([[[1.0, 2.0]], [[1.0, 2.0, 3.0]]])
    with pytest.raises(ValueError, match="3 activations"):
        Network.of(MAZUR, conventions=Conventions(activations=("tanh", "relu", "linear")))
    with pytest.raises(ValueError, match="a layer shares"):
        Network.of([[[1.0, 0.1], [1.0, 0.2]]], conventions=Conventions("shared"))
    with pytest.raises(ValueError, match="do not fit"):
        train(Network.of(MAZUR), [1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="2 patterns, expected one a step"):
        Network.of(MAZUR).step([INPUTS, INPUTS], [TARGETS, TARGETS])
