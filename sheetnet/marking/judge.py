"""The judge of a set: the exercise of its manifest, by this and by other conventions, and its wrong rules."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from sheetnet.diagnosis.misconceptions import Variant
from sheetnet.exercise.exercise import OTHER_ROWS, Exercise, Impossible, exercise, typed_numbers, uses
from sheetnet.exercise.levels import computed_terms, shown_terms
from sheetnet.exercise.manifest import Entry, Manifest
from sheetnet.exercise.tolerance import half_unit
from sheetnet.formula.arithmetic import ErrorValue, NotComputable, evaluate
from sheetnet.formula.expression import Expression
from sheetnet.formula.matrix import scalar
from sheetnet.layout.layout import Layout
from sheetnet.marking.scheme import Scheme
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term, Use


class Alternative(NamedTuple):
    """Another convention that is accepted: its name and choices, what must be asked for, what shows it."""

    name: str
    choices: Mapping[str, str]
    asked: frozenset[str]
    told: frozenset[str]


_ALTERNATIVES = (
    Alternative(
        "T-a",
        {"difference": "T-a", "gradients": "dC/dW"},
        frozenset({"delta", "new"}),
        frozenset({"delta"}),
    ),
    Alternative(
        "T-a",
        {"difference": "T-a", "gradients": "-dC/dW"},
        frozenset({"delta", "new"}),
        frozenset({"delta", "new"}),
    ),
    Alternative("squares", {"cost": "squares"}, frozenset({"cost", "delta"}), frozenset({"cost", "delta"})),
    Alternative(
        "mean squares", {"cost": "mean squares"}, frozenset({"cost", "delta"}), frozenset({"cost", "delta"})
    ),
    Alternative(
        "outputs first", {"order": "outputs first"}, frozenset({"delta", "new"}), frozenset({"delta"})
    ),
    Alternative("fixed", {"biases": "fixed"}, frozenset({"new"}), frozenset({"new"})),
)


class Judge:
    """Knows what all students of one manifest are asked; their exercise is one, the numbers are their own."""

    def __init__(self, manifest: Manifest, scheme: Scheme) -> None:
        self.manifest, self.scheme = manifest, scheme
        self.exercise = self._exercise(manifest.conventions)
        self._variants: dict[Use, list[Variant]] = {}
        self._read: dict[int, tuple[Expression, Expression, tuple[Use, ...]]] = {}

    def _exercise(self, conventions: Conventions) -> Exercise:
        manifest = self.manifest
        biases = conventions.biases != "none"
        first = manifest.students[0]
        asked = {
            Term(blank.kind, blank.layer, blank.i, blank.j)  # type: ignore[arg-type]
            for blank in first.blanks
            if first.planted is None
        }
        terms = shown_terms(manifest.sizes, biases=biases)
        pages = manifest.layout == "page"
        kept = terms if pages else [term for term in terms if term.kind != "new"]
        layout = Layout(
            sheet="",
            sizes=manifest.sizes,
            columns={term: index for index, term in enumerate(kept)},
            label_row=0,
            caption_row=None,
            first_row=1,
            last_row=manifest.steps,
            rate=("", 0, len(kept)),
            learning_rate=first.learning_rate,
            conventions=conventions,
            pages=pages,
        )
        return exercise(
            layout,
            conventions,
            [term for term in computed_terms(manifest.sizes, biases=biases) if term in asked],
            dialect="xlsx",
            steps=manifest.steps,
            decimals=manifest.decimals,
            rounded=manifest.answers == "numbers",
            patterns=len(first.inputs),
        )

    @cached_property
    def alternatives(self) -> list[tuple[Alternative, Exercise, tuple[Use, ...]]]:
        """The exercise by other conventions that are accepted, and the blanks whose rules these change."""
        found = []
        asked = {use.term.kind for use in self.exercise.blanks}
        for each in _ALTERNATIVES:
            other = self.manifest.conventions.varied(**each.choices)
            if other is not None and other != self.manifest.conventions and asked >= each.asked:
                made = self._exercise(other)
                rules = self.exercise.rules
                changed = tuple(use for use in made.blanks if made.rules[use] != rules[use])
                found.append((each, made, changed))
        return found

    def variants(self, use: Use) -> list[Variant]:
        """Return the wrong rules that a cell of the exercise may follow."""
        if use not in self._variants:
            rules = self.exercise.wrong_rules(use)
            self._variants[use] = [each for each in rules if each.code not in OTHER_ROWS]
        return self._variants[use]

    def value(self, rule: Expression, values: Mapping[Use, float]) -> float:
        """Return what a rule of the exercise gives from the numbers of cells; Impossible for an error."""
        plain, _ = self._plain(rule)
        try:
            value = evaluate(plain, lambda use: values[self.exercise.cell_of(use)])
        except (ErrorValue, NotComputable, KeyError) as error:
            raise Impossible(str(error)) from error
        assert isinstance(value, float | int)
        return float(value)

    def needed(self, rule: Expression) -> tuple[Use, ...]:
        """Return the cells that a rule uses, each once."""
        return self._plain(rule)[1]

    def _plain(self, rule: Expression) -> tuple[Expression, tuple[Use, ...]]:
        """Return a rule with its ranges spelt out, and its cells; each is read once for the whole class."""
        known = self._read.get(id(rule))
        if known is None:
            cells = dict.fromkeys(map(self.exercise.cell_of, uses(rule)))
            known = self._read[id(rule)] = rule, scalar(rule), tuple(cells)  # kept, so that its id is too
        return known[1:]

    # ------------------------------------------------------------ students

    def typed(self, entry: Entry) -> dict[Use, float]:
        """Return the numbers that a student was given to begin with."""
        return typed_numbers(
            entry.weights, entry.learning_rate, entry.inputs, entry.targets, self.manifest.sizes
        )

    def shown(self, entry: Entry) -> dict[Use, float]:
        """Return the numbers that stand on a student's sheet as it is handed out."""
        typed = self.typed(entry)
        if entry.planted is not None or not self.exercise.rounded:
            return typed
        values = self.exercise.values(typed)
        return typed | {use: values[use] for use in self.exercise.given}

    @property
    def half(self) -> float:
        """Half a unit of the last decimal that is asked for."""
        return half_unit(self.manifest.decimals)
