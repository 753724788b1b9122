"""The conventions that a sheet follows, inferred from what its formulas do."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from sheetnet.book.grid import Book
from sheetnet.diagnosis.compare import Judge, Judged
from sheetnet.layout.initial import read_network
from sheetnet.layout.layout import Layout
from sheetnet.layout.series import Series, SeriesReader, column_series
from sheetnet.layout.transposed import transposed
from sheetnet.net.conventions import (
    ACTIVATIONS,
    BATCHES,
    BIASES,
    COSTS,
    DIFFERENCES,
    GRADIENTS,
    Activation,
    Biases,
    Conventions,
)
from sheetnet.net.terms import Kind, Term, is_bias
from sheetnet.table.rule import Rule

SAMPLE = 32
"""Series of a column by which conventions are chosen; a column that repeats its formula has one or two."""
MOST_FORMULAS = 3_000
"""Different formulas of a net that are read, beyond those equal to the rule by text, and 20 more a column."""
MANY = 8
"""Weights that show which way all of a layer are updated."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What a sheet follows, and every series of its columns judged by that."""

    layout: Layout
    judge: Judge
    judged: dict[Term, list[Judged]]

    @property
    def rule(self) -> Rule:
        """The rule by the sheet's conventions."""
        return self.judge.followed

    @property
    def conventions(self) -> Conventions:
        """The sheet's conventions."""
        return self.rule.conventions

    @property
    def departing(self) -> int:
        """How many cells with formulas depart from the rule."""
        return sum(_cells(item) for items in self.judged.values() for item in items if item.agrees is False)

    @property
    def misses_a_neuron(self) -> bool:
        """Whether in the column of some activation more cells depart from the rule than not."""
        columns = (items for term, items in self.judged.items() if term.kind == "a" and term.layer > 0)
        return any(
            sum(_cells(item) * (1 if item.agrees is False else -1) for item in items) > 0 for items in columns
        )


def inferred(book: Book, layout: Layout) -> Inference:
    """Return the conventions that explain a sheet's columns consistently, and its columns judged by them.

    A convention is taken where more than half of the cells of every quantity that shows it agree. Where the
    quantities contradict each other the one that departs from the sheet's other layers, or from the note, is
    at fault. Weights are read as named from neuron to neuron where that explains more cells.
    """
    found = _Inferring(book, layout).result()
    turned = transposed(layout) if found.misses_a_neuron and not layout.by_formulas else None
    if turned is None:
        return found
    return min(found, _Inferring(book, turned).result(), key=lambda each: each.departing)


def judged_by(book: Book, layout: Layout, conventions: Conventions) -> Inference:
    """Return a sheet's columns judged by given conventions."""
    return _Inferring(book, layout).judged_by(conventions)


Group = Sequence[Term]
"""Columns that show a convention together: all of one quantity."""


class _Inferring:
    """Tries conventions, each judged once."""

    def __init__(self, book: Book, layout: Layout) -> None:
        self.book, self.layout = book, layout
        self.layers = len(layout.sizes) - 1
        # what formulas say does not depend on conventions
        most = MOST_FORMULAS + 20 * len(layout.columns)
        self._reader = SeriesReader(book, sheet=layout.sheet, most=most)
        self._samples: dict[Term, list[Series]] = {}
        self._rest: dict[Term, Iterator[Series]] = {}
        self._between: dict[Kind, Conventions] = {}
        self._judges: dict[Conventions, Judge] = {}
        self._found: dict[tuple[Hashable, Term], list[Judged]] = {}

    def result(self) -> Inference:
        now = self.layout.conventions
        self._show(now)
        if not self.layout.by_formulas:  # else the formulas have told
            now = self._updates(now)
        if not self._is_told(self.layers):
            now = self._outputs(now)
        for layer in range(self.layers - 1, 0, -1):
            if not self._is_told(layer):
                now = self._hidden(now, layer)
        hidden = self._of("delta", range(1, self.layers))
        if now.batch == "one":
            now = self._fewest(now, hidden, [replace(now, order="outputs first")])
        return self._final(now)

    def judged_by(self, now: Conventions) -> Inference:
        """Return all columns judged by the conventions."""
        self._show(now)
        return self._final(now)

    def _final(self, now: Conventions) -> Inference:
        found = {
            term: [self._verified(now, item) for item in self._all_judged(now, term)]
            for term in self.layout.columns
        }
        return Inference(self.layout, self._judge(now), found)

    def _is_told(self, layer: int) -> bool:
        """Tell whether a layer's activation is known: a neuron of it is right, or it is as usual."""
        if not self.layout.by_formulas:
            return False
        if any(term.kind == "a" and term.layer == layer for term in self.layout.verified):
            return True
        now = self.layout.conventions
        others = [now.activation(other) for other in range(1, self.layers + 1) if other != layer]
        return not _unlike(now.activation(layer), others)

    def _verified(self, now: Conventions, item: Judged) -> Judged:
        """Return a verdict, but that a formula is right that says what the verified one says."""
        form = self.layout.verified.get(item.term)
        if item.agrees is not False or form is None or item.series.pattern is None:
            return item
        return item._replace(agrees=True) if self._judge(now).says(item, form) else item

    # ------------------------------------------------------------ choices

    def _show(self, now: Conventions) -> None:
        """Choose what columns of a − T and of C's parts show, whatever the sheet makes of them."""
        options: dict[Kind, list[Conventions]] = {
            "miss": [replace(now, difference=difference) for difference in DIFFERENCES],
            "part": [
                replace(now, activations=("sigmoid",), cost=cost) for cost in COSTS if cost != "cross-entropy"
            ],
        }
        shown: dict[Kind, Conventions] = {}
        for kind, others in options.items():
            if terms := self._of(kind):
                best = self._fewest(others[0], terms, others)
                if self._holds(best, terms):
                    shown[kind] = best
        self._between = shown
        self._judges.clear()
        self._found.clear()

    def _outputs(self, now: Conventions) -> Conventions:
        """Choose the output layer's activation, the cost, and the sign of δ."""
        last = self.layers
        gradients = self._of("gradient", [last])[:MANY]
        groups = [*self._neurons(last), self._of("cost"), self._of("w", [last])[:MANY], gradients]
        if all(self._holds(now, group) for group in groups):
            return now
        activations: list[Activation] = [*ACTIVATIONS, "softmax"]
        varied = (
            self._varied(sign, last, activation, cost=cost)
            for sign, activation, cost in product(self._signs(now), activations, COSTS)
        )
        options = [option for option in varied if option is not None]
        others = self._settled(now, range(1, last))
        return self._best([now, *options], groups, lambda option: _unlike(option.activation(last), others))

    def _hidden(self, now: Conventions, layer: int) -> Conventions:
        groups = self._neurons(layer)
        if all(self._holds(now, group) for group in groups):
            return now
        varied = (self._varied(now, layer, activation) for activation in ACTIVATIONS)
        options = [option for option in varied if option is not None]
        others = self._settled(now, (other for other in range(1, self.layers + 1) if other != layer))
        return self._best([now, *options], groups, lambda option: _unlike(option.activation(layer), others))

    def _updates(self, now: Conventions) -> Conventions:
        """Choose how biases are treated, whether a pass is one update, and with which sign it is made."""
        biases = self._treatments() if self.layout.has_biases else [now.biases]
        batches = BATCHES if self.layout.patterns > 1 else BATCHES[:1]
        options = [
            replace(sign, biases=treated, batch=batch)
            for sign, treated, batch in product(self._signs(now), biases, batches)
        ]
        weights, gradients = self._of("w"), self._of("gradient")
        own_biases = [term for term in weights if is_bias(term, self.layout.sizes)]
        if all(self._holds(now, group) for group in (weights, own_biases, gradients)):
            return now
        return self._fewest(now, [*weights, *gradients], options)

    def _signs(self, now: Conventions) -> list[Conventions]:
        """Return the ways in which the signs of δ, dC/dW and the updates go together."""
        if self.layout.by_formulas:
            return [now]
        gradients = GRADIENTS if self._of("gradient") else GRADIENTS[:1]
        signs = [(difference, stated) for difference in DIFFERENCES for stated in gradients]
        return list(dict.fromkeys(replace(now, difference=d, gradients=g) for d, g in signs))

    def _settled(self, now: Conventions, layers: Iterable[int]) -> list[Activation]:
        """Return the activations of those layers whose forward pass and δ agree about it."""
        return [
            now.activation(layer)
            for layer in layers
            if all(self._holds(now, self._of(kind, [layer])) for kind in ("a", "delta"))
        ]

    def _treatments(self) -> list[Biases]:
        """Return how biases may be treated; those that begin with different values are not shared."""
        if self.layout.by_formulas:
            return [self.layout.conventions.biases]  # the formulas have told
        first = read_network(self.book, self.layout).weights
        alike = all(len(set(weights[:, -1].tolist())) == 1 for weights in first)
        return [each for each in BIASES if each != "none" and (alike or each != "shared")]

    def _best(
        self, options: Sequence[Conventions], groups: Sequence[Group], unlike: Callable[[Conventions], int]
    ) -> Conventions:
        """Return the option that contradicts the fewest groups; of equals the most usual, then the first."""
        fewest = len(groups)
        best: list[Conventions] = []
        for option in options:
            failing = self._failing(option, groups, fewest)
            if failing < fewest:
                best = []
            if failing <= fewest:
                fewest = failing
                best.append(option)

        def unusual(option: Conventions) -> tuple[int, int, int]:
            away = (option.cost != "half squares") + (option.difference != "a-T")
            return unlike(option), away, sum(self._departing(option, group) for group in groups)

        return min(best, key=unusual)

    def _failing(self, option: Conventions, groups: Sequence[Group], most: int) -> int:
        """Return how many groups an option contradicts; no more are judged when it is more than `most`."""
        failing = 0
        for group in groups:
            failing += not self._holds(option, group)
            if failing > most:
                break
        return failing

    def _fewest(self, now: Conventions, terms: Group, options: Iterable[Conventions]) -> Conventions:
        """Return the option from which the fewest cells of some terms depart."""
        fewest, best = self._departing(now, terms), now
        for option in options if fewest else ():
            departing = self._departing(option, terms)
            if departing < fewest:
                fewest, best = departing, option
        return best

    def _varied(
        self, now: Conventions, layer: int, activation: Activation, **choices: str
    ) -> Conventions | None:
        """Return conventions with another activation in a layer, None where choices do not go together."""
        each = [now.activation(number) for number in range(1, self.layers + 1)]
        found = now.varied(activations=(*each[: layer - 1], activation, *each[layer:]), **choices)
        softmax_everywhere = found is not None and self.layers > 1 and found.activations == ("softmax",)
        return None if softmax_everywhere else found

    # ------------------------------------------------------------ judging

    def _of(self, kind: str, layers: Iterable[int] | None = None) -> list[Term]:
        wanted = None if layers is None else set(layers)
        return [
            term
            for term in self.layout.columns
            if term.kind == kind and (wanted is None or term.layer in wanted)
        ]

    def _neurons(self, layer: int) -> list[Group]:
        """Return the groups that show a layer's activation; without δ its gradients and updates do."""
        shown: list[Group] = [self._of(kind, [layer]) for kind in ("a", "delta", "slope")]
        if shown[1]:
            return shown
        return [*shown, self._of("gradient", [layer])[:MANY], self._of("w", [layer])[:MANY]]

    def _judge(self, conventions: Conventions) -> Judge:
        if conventions not in self._judges:
            followed = Rule(self.layout, conventions, self.book.dialect, shown=self._between)
            self._judges[conventions] = Judge(self.book, self.layout, followed, self._reader)
        return self._judges[conventions]

    def _judged(self, conventions: Conventions, term: Term) -> list[Judged]:
        key = self._shown(conventions, term), term
        if key not in self._found:
            judge = self._judge(conventions)
            self._found[key] = [
                each for series in self._sample(term) for each in judge.verdicts(term, series)
            ]
        return self._found[key]

    def _all_judged(self, conventions: Conventions, term: Term) -> list[Judged]:
        judge, shown = self._judge(conventions), self._judged(conventions, term)
        rest = (each for series in self._rest[term] for each in judge.verdicts(term, series))
        return [part for item in (*shown, *rest) for part in judge.by_turns(item)]

    def _sample(self, term: Term) -> list[Series]:
        """Return the first series of a term's column; the rest is left to be found when it is asked for."""
        if term not in self._samples:
            layout, sheet = self.layout, self.book.sheet(self.layout.sheet)
            last = layout.last_row + (layout.tail if term.kind == "w" else 0)
            self._rest[term] = column_series(sheet, layout.columns[term], layout.first_row, last)
            self._samples[term] = list(islice(self._rest[term], SAMPLE))
        return self._samples[term]

    def _shown(self, conventions: Conventions, term: Term) -> Hashable:
        """Return what of some conventions can show in a term's column."""
        now = conventions
        common = now.biases, now.order, now.batch
        if term.kind == "a" and term.layer > 0:
            return *common, *(now.activation(layer) for layer in range(1, term.layer + 1))
        return (*common, now.activations, now.cost) if term.kind == "cost" else now

    def _departing(self, conventions: Conventions, terms: Group) -> int:
        """Return how many cells of some terms depart from the rule."""
        return sum(
            _cells(item) for term in terms for item in self._judged(conventions, term) if item.agrees is False
        )

    def _holds(self, conventions: Conventions, terms: Group) -> bool:
        """Tell whether more than half of the formulas of some terms agree; without any there is no doubt."""
        items = [item for term in terms for item in self._judged(conventions, term)]
        judged = sum(_cells(item) for item in items if item.agrees is not None)
        return judged == 0 or 2 * sum(_cells(item) for item in items if item.agrees) > judged


def _cells(item: Judged) -> int:
    return item.series.last - item.series.first + 1


def _unlike(activation: Activation, others: Sequence[Activation]) -> int:
    """Return how unusual an activation is: not that of the other layers, or not the sigmoid."""
    if others:
        return 0 if activation in others else 1
    return 0 if activation == "sigmoid" else 1
