"""The rule of a cell by way of what its sheet shows; what has no column is spelt out."""

from collections.abc import Collection

from sheetnet.formula.expression import Expression, Reference, multiply, number, replace, walk
from sheetnet.layout.layout import Layout
from sheetnet.net.equations import equation, shifted
from sheetnet.net.intermediates import intermediate, slope
from sheetnet.net.shortcut import by_gradient, shortened
from sheetnet.net.terms import LEARNING_RATE, Term, Use, is_bias


def unfolded(term: Term, layout: Layout, own: Collection[Use], row: int) -> Expression:
    """Return a term's rule over terms that have a column, or are numbers in the formulas.

    It goes by way of those intermediate quantities that the cell's `own` formula uses. KeyError where an
    input or a target has no place.
    """
    turn = (row - layout.first_row) % layout.patterns
    lag = -1 if term.kind == "w" else 0
    via = {use.term for use in own if use.step == lag}
    return _Unfolding(layout, via, turn).rule(term, own)


class _Unfolding:
    """Spells out rules by way of the terms `via`."""

    def __init__(self, layout: Layout, via: Collection[Term], turn: int) -> None:
        self.layout, self.via, self.turn = layout, via, turn

    def rule(self, term: Term, own: Collection[Use]) -> Expression:
        """Return the rule of a cell, by way of what its own formula uses."""
        layout = self.layout
        if term.kind not in ("w", "new"):
            return self.spelt(self._short(term))
        weight, now = term._replace(kind="w"), 0 if term.kind == "new" else -1
        if term.kind == "w" and Use(weight._replace(kind="new"), -1) in own:
            return Reference(Use(weight._replace(kind="new"), -1))
        first = weight._replace(i=0)
        shares = layout.conventions.biases == "shared" and is_bias(weight, layout.sizes) and weight.i > 0
        before = Use(weight, now)
        updated = shares and before in own and Use(first, now + 1) not in own
        ruled = self._equation(first if updated else weight)
        gradient = weight._replace(kind="gradient")
        if LEARNING_RATE in _terms(ruled) and Use(gradient, now) in own:
            ruled = by_gradient(weight, layout.conventions, layout.patterns)
        elif updated:
            old = Reference(Use(first, -1))
            ruled = replace(ruled, lambda part: Reference(Use(weight, -1)) if part == old else None)
        return self.spelt(shifted(ruled, now + 1))

    def _equation(self, term: Term) -> Expression:
        layout = self.layout
        return equation(
            term,
            layout.sizes,
            layout.conventions_of(term),
            patterns=layout.patterns,
            turn=self.turn,
        )

    def _short(self, term: Term) -> Expression:
        """Return a term's equation by way of intermediate quantities."""
        layout, conventions = self.layout, self.layout.conventions_of(term)
        pull = Term("pull", term.layer, term.i)
        if term.kind == "delta" and pull in self.via and pull in layout.columns:
            own = Term("slope", term.layer, term.i)
            factors = slope(term.layer, term.i, conventions)
            slopes = (Reference(Use(own)),) if own in self.via else factors
            return multiply(*slopes, Reference(Use(pull)))
        ruled = self._equation(term)
        via = [each for each in self.via if each.kind not in ("pull", "path", "new")]
        ruled = shortened(ruled, term, via, layout.sizes, conventions, layout.shown)
        places = {
            intermediate(each, layout.sizes, conventions): Reference(Use(each))
            for each in self.via
            if each.kind == "path" and each != term
        }
        return replace(ruled, places.get) if places else ruled

    def spelt(self, ruled: Expression) -> Expression:
        """Return an expression with the terms that have no column spelt out."""

        def spell(part: Expression) -> Expression | None:
            if not (isinstance(part, Reference) and isinstance(part.target, Use)):
                return None
            term, step = part.target
            if term in self.layout.columns or term == LEARNING_RATE:
                return None
            if term in self.layout.numbers:
                return number(self.layout.numbers[term])
            return self.spelt(shifted(self._short(term), step))

        return replace(ruled, spell)


def spelt(ruled: Expression, layout: Layout) -> Expression:
    """Return an expression over any terms of a net as one over those that have a column."""
    return _Unfolding(layout, (), 0).spelt(ruled)


def _terms(expression: Expression) -> set[Term]:
    parts = (part.target for part in walk(expression) if isinstance(part, Reference))
    return {target.term for target in parts if isinstance(target, Use)}
