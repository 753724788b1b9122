"""What of a table is proven right: the weights go down the slope of the sheet's own cost by way of it."""

from sheetnet.formula.expression import Expression
from sheetnet.net.terms import COST, Term
from sheetnet.recognition.assignment import Assignment
from sheetnet.recognition.descent import Standing, used_by_updates
from sheetnet.recognition.model import Model, sources
from sheetnet.recognition.neurons import Neuron, Neurons, shape


def beyond_descent(model: Model, found: Assignment) -> tuple[int, ...]:
    """Return the columns that go from step to step, are no weights, and of which updates are made."""
    weights = [state for state in model.states if state in found.taken]
    used = {source for each in weights for source in sources(model.formulas[each], None)}
    return tuple(state for state in model.states if state not in found.taken and state in used)


def proven_columns(model: Model, net: Neurons, found: Assignment, stands: Standing) -> set[int]:
    """Return the columns that are right because weights go down the slope by way of them.

    So are the weights, what their updates are made of, the neurons to which they alone lead and those built
    alike; an output's part of the cost with the output, and the cost with all of them.
    """
    cost, last = found.places[COST], len(net.layers)
    right = {*stands.states, *used_by_updates(model, stands.states)} - {cost}
    outputs = 0
    for layer, members in enumerate(net.layers, start=1):
        proven = [_is_proven(model, found, stands, layer, i) for i in range(len(members))]
        shapes = {_shape(model, neuron) for neuron, each in zip(members, proven, strict=True) if each}
        for i, neuron in enumerate(members):
            part = found.places.get(Term("part", 0, i)) if layer == last else None
            columns = {*neuron.chain, *([part] if isinstance(part, int) else [])}
            alike = layer < last and _is_whole(found, neuron, layer, i) and _shape(model, neuron) in shapes
            if proven[i] or alike:
                right |= columns
                outputs += layer == last
            else:
                right -= columns
    return right | {cost} if outputs == len(net.layers[-1]) and isinstance(cost, int) else right


def _is_proven(model: Model, found: Assignment, stands: Standing, layer: int, i: int) -> bool:
    """Tell whether all weights of a neuron that are updated go down the slope."""
    own = [
        source
        for term, source in found.places.items()
        if (term.kind, term.layer, term.i) == ("w", layer, i) and source in model.states
    ]
    return bool(own) and all(weight in stands.states for weight in own)


def _is_whole(found: Assignment, neuron: Neuron, layer: int, i: int) -> bool:
    """Tell whether a neuron's sum takes up all its weights, each with what it belongs to."""
    weights = {term.j: source for term, source in found.places.items() if term[:3] == ("w", layer, i)}
    width = found.sizes[layer - 1]
    taken = dict(neuron.sum.products)
    before = [found.places.get(Term("a", layer - 1, j)) for j in range(width)]
    return all(taken.get(weights.get(j, -1)) == before[j] for j in range(width)) and (
        width not in weights or weights[width] in (*neuron.sum.biases, *neuron.sum.added)
    )


def _shape(model: Model, neuron: Neuron) -> tuple[Expression, ...]:
    """Return what a neuron computes, whichever values it takes."""
    return tuple(shape(model, column) for column in neuron.chain)
