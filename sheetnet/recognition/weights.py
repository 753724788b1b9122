"""The weights' places in a net: from which value and to which neuron each of them leads."""

from collections.abc import Iterator, Mapping, Sequence

from sheetnet.net.terms import Term, is_bias
from sheetnet.recognition.assignment import Assignment
from sheetnet.recognition.descent import used_by_updates
from sheetnet.recognition.model import Model, Source
from sheetnet.recognition.neurons import Neuron, Neurons

_NOWHERE = -1
"""The index of what a weight multiplies that is no value of the layer before."""


def add_weights(found: Assignment, model: Model, net: Neurons) -> None:
    """Give each weight its place, and tell how biases are treated; what a slip leaves over fills its gap."""
    claims = _claims(found, net)
    shared = _shared(found, model, claims)
    for weight, terms in claims.items():
        if weight not in shared and len(terms) > 1 and isinstance(weight, int) and weight in model.states:
            back = used_by_updates(model, [weight])
            # a bias that two neurons add belongs to the one from which its update comes
            terms.sort(key=lambda term, back=back: -len(back & {*net.layers[term.layer - 1][term.i].chain}))  # type: ignore[misc]
    odd: list[tuple[Term, Source]] = []
    for weight, terms in claims.items():
        for term in terms if weight in shared else terms[:1]:
            if term.j == _NOWHERE or term in found.places:
                odd.append((term, weight))
            else:
                found.places[term] = weight
    has_bias = bool(found.numbers) or any(
        is_bias(term, found.sizes) for terms in claims.values() for term in terms
    )
    gaps = [term for term in _all(found.sizes, biases=has_bias) if term not in found.places]
    gaps = [term for term in gaps if term not in found.numbers]
    # a velocity, of which other updates are made, is no weight
    unused = [
        state
        for state in model.states
        if state not in claims and set(model.users(state)) & {*model.states} <= {state}
    ]
    if unused and not gaps and not has_bias:  # biases that no neuron takes up
        has_bias = True
        gaps = [term for term in _all(found.sizes, biases=True) if is_bias(term, found.sizes)]
    _fill(found, gaps, odd, unused)
    found.numbers |= {term: 0.0 for term in gaps if term not in found.places}
    if has_bias:
        learnt = any(source in model.states for source in found.own_biases)
        found.biases = "fixed" if not learnt else "shared" if shared else "trained"


def _claims(found: Assignment, net: Neurons) -> dict[Source, list[Term]]:
    """Return the places that each weight has by the sums in which it stands; a bias may be a number there."""
    claims: dict[Source, list[Term]] = {}
    before: dict[Source, int] = {source: j for j, source in enumerate(net.inputs)}
    for layer, neurons in enumerate(net.layers, start=1):
        for i, neuron in enumerate(neurons):
            for weight, source in neuron.sum.products:
                claims.setdefault(weight, []).append(Term("w", layer, i, before.get(source, _NOWHERE)))
            bias = Term("w", layer, i, found.sizes[layer - 1])
            added = _added(neuron, found)
            for weight in neuron.sum.biases or added[:1]:
                claims.setdefault(weight, []).append(bias)
            if neuron.sum.number and not (neuron.sum.biases or added):
                found.numbers[bias] = neuron.sum.number
        before = {column: i for i, neuron in enumerate(neurons) for column in neuron.chain}
    return claims


def _added(neuron: Neuron, found: Assignment) -> list[Source]:
    """Return what is added to a weighted sum and can be a bias that is never updated."""
    return [source for source in neuron.sum.added if source not in found.taken]


def _all(sizes: tuple[int, ...], *, biases: bool) -> Iterator[Term]:
    for layer in range(1, len(sizes)):
        for i in range(sizes[layer]):
            for j in range(sizes[layer - 1] + biases):
                yield Term("w", layer, i, j)


def _shared(found: Assignment, model: Model, claims: Mapping[Source, list[Term]]) -> set[Source]:
    """Return the biases that all neurons of their layer share; where others are left over it is a slip."""
    unused = sum(state not in claims for state in model.states)
    return {
        weight
        for weight, terms in claims.items()
        if len({term.layer for term in terms}) == 1
        and all(is_bias(term, found.sizes) for term in terms)
        and 1 < len(terms) == found.sizes[terms[0].layer]
        and unused < len(terms) - 1
    }


def _fill(
    found: Assignment, gaps: Sequence[Term], odd: Sequence[tuple[Term, Source]], unused: Sequence[int]
) -> None:
    """Give weights that multiply something odd, or nothing, the places that are left."""
    for claimed, weight in odd:
        own = [
            term
            for term in gaps
            if term not in found.places and (term.layer, term.i) == (claimed.layer, claimed.i)
        ]
        if own and weight not in found.taken:
            found.places[own[0]] = weight
    left = [term for term in gaps if term not in found.places]
    for term, state in zip(left, unused, strict=False):
        found.places[term] = state
