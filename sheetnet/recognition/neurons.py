"""The neurons of a table, layer by layer: which weights multiply which values into which activation."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sheetnet.formula.expression import Constant, Expression, Operation, Reference, walk
from sheetnet.formula.expression import replace as replaced
from sheetnet.recognition.model import Model, Source, sources
from sheetnet.recognition.sums import WeightedSum, factors_of, nodes_of, source_of, terms_of, weighted_sums

_COST_SAYS = 1000
"""By how much the cost's word on which output has which target outweighs that of other formulas."""


@dataclass(frozen=True, slots=True)
class Neuron:
    """One neuron: its weighted sum, the column of its activation, and that of z where it has one.

    `chain` are all columns from the sum to the activation.
    """

    sum: WeightedSum
    activation: int
    z: int | None
    chain: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Neurons:
    """The net of a table: its inputs, its layers of neurons, and each output's target (None: not found)."""

    inputs: tuple[Source, ...]
    layers: tuple[tuple[Neuron, ...], ...]
    targets: tuple[Source | None, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons of each layer, the inputs first."""
        return (len(self.inputs), *map(len, self.layers))


def neurons(model: Model, cost: int, is_weight: Callable[[int], bool]) -> Neurons | None:
    """Return the net that leads to a cost; None where there is no weighted sum, or no output.

    `is_weight` tells whether a column is labelled as a weight.
    """
    return _Reader(model, cost, is_weight).net()


class _Reader:
    """Finds neurons by following a table's formulas from the weights to the cost."""

    def __init__(self, model: Model, cost: int, is_weight: Callable[[int], bool]) -> None:
        self.model, self.cost = model, cost
        self.weights: set[Source] = {*model.states, *still_weights(model, is_weight)}
        self.before_cost = {*model.uses(cost), cost}
        depends = [column for column in model.formulas if self.weights & model.uses(column)]
        sums = {column: weighted_sums(model, column, self.weights) for column in depends}
        self.constants = self._constants()
        self.inputs = self._inputs(sums)
        self.targets = self._targets(sums)
        self.forward = {
            column
            for column in depends
            if column not in self.weights and not self.targets & model.uses(column)
        }
        self.sums = {column: sums[column] for column in self.forward if sums[column]}

    def net(self) -> Neurons | None:
        found = self._neurons()
        if not found:
            return None
        by_column = {column: neuron for neuron in found for column in neuron.chain}
        outputs = self._outputs(found)
        if not outputs:
            return None
        layers = self._layers(found, by_column, outputs)
        inputs = self._ordered_inputs(layers[0])
        targets = self._matched(layers[-1])
        return Neurons(inputs, layers, targets)

    # ------------------------------------------------------------ data

    def _constants(self) -> set[Source]:
        """Return what is given: columns of numbers, and single cells."""
        model = self.model
        cells = {
            source
            for column in model.formulas
            for source in model.direct(column)
            if not isinstance(source, int)
        }
        return {*model.given, *cells}

    def _inputs(self, sums: dict[int, list[WeightedSum]]) -> set[Source]:
        """Return the given values that weights multiply."""
        return {
            source
            for each in sums.values()
            for one in each
            for _, source in one.products
            if source in self.constants
        }

    def _targets(self, sums: dict[int, list[WeightedSum]]) -> set[Source]:
        """Return the given values on which the cost depends that are neither inputs nor biases."""
        biases = {
            source
            for column, each in sums.items()
            if column in self.before_cost
            for one in each
            if one.products
            for source in one.added
        }
        return {
            source
            for source in self.before_cost
            if source in self.constants and source not in self.inputs | biases | self.weights
        }

    # ------------------------------------------------------------ neurons

    def _neurons(self) -> list[Neuron]:
        multiplied = {source for each in self.sums.values() for one in each for _, source in one.products}
        parts = {
            source
            for each in self.sums.values()
            for one in each
            for source in one.added
            if isinstance(source, int) and source in self.sums and source not in multiplied
        }
        found: list[Neuron] = []
        for column in sorted(self.sums):
            if column in parts:
                continue
            one = self._with_parts(self.sums[column][0])
            if not (one.products and self._is_neuron(one, column, multiplied)):
                continue
            found.append(self._followed(one, multiplied))
        steps = {shape(self.model, each.chain[1]) for each in found if len(each.chain) > 1}
        chosen: dict[int, Neuron] = {}
        for neuron in (self._as_others(each, steps) for each in found):
            chosen.setdefault(neuron.activation, neuron)
        return list(chosen.values())

    def _as_others(self, neuron: Neuron, steps: Collection[Expression]) -> Neuron:
        """Return a neuron that nothing takes up with the activation that others like it have."""
        if len(neuron.chain) > 1 or neuron.activation in self.before_cost:
            return neuron
        users = (user for user in self._users(neuron.activation) if shape(self.model, user) in steps)
        column = next(users, None)
        if column is None:
            return neuron
        z = neuron.activation if neuron.sum.whole else None
        return Neuron(neuron.sum, column, z, (*neuron.chain, column))

    def _with_parts(self, one: WeightedSum) -> WeightedSum:
        """Return a sum with the sums in columns of their own that it adds up."""
        while True:
            part = next(
                (
                    source
                    for source in one.added
                    if isinstance(source, int) and source in self.sums and source != one.column
                ),
                None,
            )
            if part is None:
                return one
            other = self.sums[part][0]
            added = [*one.added]
            added.remove(part)
            one = replace(
                one,
                products=(*one.products, *other.products),
                biases=(*one.biases, *other.biases),
                added=(*added, *(source for source in other.added if source != part)),
                number=one.number + other.number,
            )

    def _is_neuron(self, one: WeightedSum, column: int, multiplied: Collection[Source]) -> bool:
        """Tell a neuron from a product on the way back: it leads to the cost, or is what weights multiply."""
        if column in self.before_cost:
            return True
        inputs = all(source in self.inputs for _, source in one.products)
        return inputs and bool({column, *self._users(column)} & set(multiplied) or one.whole)

    def _followed(self, one: WeightedSum, multiplied: Collection[Source]) -> Neuron:
        """Return the neuron of a sum: the activation is what weights multiply, or what the cost compares."""
        column, way = one.column, [one.column]
        while column not in multiplied and not self._is_compared(column):
            following = [user for user in self._users(column) if user not in way]
            better = [user for user in following if user in self.before_cost] or [
                user for user in following if user in multiplied
            ]
            if not better:
                break
            column = better[0]
            way.append(column)
        z = one.column if one.whole and one.column != column else None
        return Neuron(one, column, z, tuple(way))

    def _users(self, column: int) -> list[int]:
        """Return the forward columns that are functions of a column, without a weighted sum of their own."""
        return [
            user
            for user in sorted(self.forward)
            if column in self.model.direct(user) and user not in self.sums
        ]

    def _is_compared(self, column: int) -> bool:
        """Tell whether what leads to the cost brings a column together with a target."""
        return any(
            column in self.model.direct(user) and self.targets & {*self.model.direct(user)}
            for user in self.before_cost
            if isinstance(user, int)
        )

    # ------------------------------------------------------------ layers

    def _outputs(self, found: Sequence[Neuron]) -> list[Neuron]:
        compared = [neuron for neuron in found if self._is_compared(neuron.activation)]
        if compared:
            return compared
        sources_used = {source for neuron in found for _, source in neuron.sum.products}
        return [neuron for neuron in found if neuron.activation not in sources_used]

    def _layers(
        self, found: Sequence[Neuron], by_column: dict[int, Neuron], outputs: Sequence[Neuron]
    ) -> tuple[tuple[Neuron, ...], ...]:
        depths: dict[int, int] = {}

        def depth(neuron: Neuron, waiting: tuple[int, ...] = ()) -> int:
            if neuron.activation not in depths:
                if neuron.activation in waiting:
                    return 1
                below = [
                    depth(by_column[source], (*waiting, neuron.activation))
                    for _, source in neuron.sum.products
                    if isinstance(source, int) and source in by_column
                ]
                # one source of another layer is a slip
                depths[neuron.activation] = 1 + (Counter(below).most_common(1)[0][0] if below else 0)
            return depths[neuron.activation]

        hidden = [neuron for neuron in found if neuron not in outputs]
        last = max([depth(neuron) for neuron in outputs] + [depth(neuron) + 1 for neuron in hidden])
        layers: list[list[Neuron]] = [[] for _ in range(last)]
        for neuron in found:
            at = last if neuron in outputs else depth(neuron)
            layers[at - 1].append(neuron)
        return tuple(tuple(sorted(layer, key=lambda neuron: neuron.activation)) for layer in layers if layer)

    def _ordered_inputs(self, first: Sequence[Neuron]) -> tuple[Source, ...]:
        """Return the inputs of the first layer: columns from the left, then single cells."""
        used = {source for neuron in first for _, source in neuron.sum.products if source in self.inputs}
        return tuple(
            sorted(used, key=lambda source: (not isinstance(source, int), str(type(source)), source))
        )

    def _matched(self, outputs: Sequence[Neuron]) -> tuple[Source | None, ...]:
        """Return each output's target: what most formulas take from it, or multiply its logarithm by."""
        votes: Counter[tuple[int, Source]] = Counter()
        columns = {neuron.activation for neuron in outputs}
        for column, expression in self.model.formulas.items():
            weight = _COST_SAYS if column in self.before_cost else 1
            for part in walk(expression):
                for one, other in _pairs(part):
                    if one in columns and other in self.targets:
                        votes[one, other] += weight
        if len(outputs) == 1 and len(self.targets) == 1:
            return (next(iter(self.targets)),)
        found: dict[int, Source] = {}
        for (output, target), _ in votes.most_common():
            if output not in found and target not in found.values():
                found[output] = target
        left = sorted(self.targets - set(found.values()), key=str)
        if len(left) == 1 and len(found) == len(outputs) - 1:
            missing = next(neuron.activation for neuron in outputs if neuron.activation not in found)
            found[missing] = left[0]
        return tuple(found.get(neuron.activation) for neuron in outputs)


def shape(model: Model, column: int) -> Expression:
    """Return what a column's formula does, whatever cells it names."""
    nothing = Reference(None)
    return replaced(model.formulas[column], lambda part: nothing if isinstance(part, Reference) else None)


def still_weights(model: Model, is_weight: Callable[[int], bool]) -> set[Source]:
    """Return the given columns that are weights which are never updated.

    They multiply what weights multiply elsewhere, or lead to it: then it is the column by which a single cell
    is multiplied, or the one that is labelled as a weight.
    """
    multiplied = {
        source
        for column in model.formulas
        for each in weighted_sums(model, column, model.states)
        for _, source in each.products
    }
    leading = {
        each for source in multiplied if isinstance(source, int) for each in (source, *model.uses(source))
    }
    found: set[Source] = set()
    for column, expression in model.formulas.items():
        if column in model.states:
            continue
        for node in nodes_of(expression):
            products = list(_products(node))
            beside = any(each in model.states for product in products for each in product)
            for weight, source in (pair for one, other in products for pair in ((one, other), (other, one))):
                if not isinstance(weight, int) or weight not in model.given or weight in multiplied:
                    continue
                likely = is_weight(weight) or source in model.formulas or not isinstance(source, int)
                leads = (column in leading or beside) and source not in model.states
                if source in multiplied or (leads and likely):
                    found.add(weight)
    return found


def _products(node: Expression) -> Iterator[tuple[Source, Source]]:
    """Yield the products of two sources that a sum adds up."""
    for _, term in terms_of(node):
        named = [source_of(factor) for factor in factors_of(term) if not isinstance(factor, Constant)]
        if len(named) == 2 and named[0] is not None and named[1] is not None:
            yield named[0], named[1]


def _pairs(part: object) -> list[tuple[Source, Source]]:
    """Return what a part of a formula compares: x − y, and y · LN(x)."""
    if isinstance(part, Operation) and part.operator == "-" and len(part.operands) == 2:
        one, other = map(source_of, part.operands)
        if one is not None and other is not None:
            return [(one, other), (other, one)]
    if isinstance(part, Operation) and part.operator == "*":
        factors = factors_of(part)
        named = [source_of(factor) for factor in factors]
        rest = [factor for factor, name in zip(factors, named, strict=True) if name is None]
        inner = {
            source
            for factor in rest
            if not isinstance(factor, Constant | Reference)
            for source in sources(factor, None)
        }
        return [(one, name) for name in named if name is not None for one in inner]
    return []
