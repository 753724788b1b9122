"""The columns on the way back: told by what they equal, and where they equal nothing by who uses them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import numpy as np

from sheetnet.formula.expression import Constant
from sheetnet.net.terms import Kind, Term, is_bias
from sheetnet.recognition.assignment import Assignment
from sheetnet.recognition.descent import update_of, used_by_updates
from sheetnet.recognition.model import At, Model, sources
from sheetnet.recognition.sums import factors_of, source_of, terms_of
from sheetnet.recognition.trial import Array, Trial, constant_ratio

SCALES = (1.0, 2.0, 0.5)
"""By what a column may be larger than the slope: where the cost's factor, or its ½, is left out."""

Hint = Callable[[int, Kind], bool]
"""Tells whether a column's label speaks for a kind."""


def add_backward(
    found: Assignment, model: Model, quantities: Mapping[Term, Array], trial: Trial, hint: Hint
) -> None:
    """Give the columns that are no part of the forward pass the quantities that they hold, or should hold."""
    columns = [
        column
        for column in model.formulas
        if column not in found.taken and column not in model.states and model.uses(column)
    ]
    order = {term: index for index, term in enumerate(quantities)}
    used = _gradients_used(found, model)
    votes = _votes(found, model, columns, hint)
    ranked: list[tuple[tuple[int, int], int, Term]] = []
    for column in columns:
        value = trial.value(At(column))
        as_delta = any(term.kind == "delta" for term in votes[column])
        as_gradient = not as_delta and any(term.kind == "gradient" for term in votes[column])
        for term, quantity in quantities.items():
            if term in found.places or not _is_multiple(value, quantity):
                continue
            if term.kind == "path" and any(each.kind == "pull" for each in votes[column]):
                continue  # one path where all belong
            if as_gradient and term.kind not in ("gradient", "new"):
                continue
            if as_delta and hint(column, "delta") and term.kind in ("pull", "path", "miss", "slope"):
                continue  # δ without its slope: what a weight's gradient multiplies is δ
            # δ and the gradient of a bias are one number: what only an update uses is the gradient
            apt = 2 * hint(column, term.kind) + 2 * (term in used.get(column, ()))
            apt += (column in used and len(model.users(column)) == 1) == (term.kind == "gradient")
            ranked.append(((apt, -order[term]), column, term))
    for _, column, term in sorted(ranked, key=lambda each: (each[0], -each[1]), reverse=True):
        if term not in found.places and column not in found.taken:
            found.places[term] = column
    _add_by_use(found, model, [column for column in columns if column not in found.taken], hint)


def _gradients_used(found: Assignment, model: Model) -> dict[int, set[Term]]:
    """Return as whose gradient the updates use a column."""
    out: dict[int, set[Term]] = {}
    terms = {source: term for term, source in found.places.items()}
    for state in model.states:
        for column in update_of(model, state):
            for source in sources(model.formulas[column], None):
                if isinstance(source, int) and state in terms:
                    out.setdefault(source, set()).add(terms[state]._replace(kind="gradient"))
    return out


def _is_multiple(value: Array, quantity: Array) -> bool:
    if not np.isfinite(value).any() or not np.any(np.abs(quantity[np.isfinite(quantity)]) > 1e-9):
        return False
    ratio = constant_ratio(value, quantity)
    return ratio is not None and any(abs(abs(ratio) - scale) < 1e-5 * scale for scale in SCALES)


# ---------------------------------------------------------------- by use

_Votes: TypeAlias = dict[int, Counter[Term]]


def _votes(found: Assignment, model: Model, columns: Iterable[int], hint: Hint) -> _Votes:
    """Return how often columns are used as a quantity: γ·g in an update, δ·a in a gradient."""
    votes: _Votes = {column: Counter() for column in columns}
    terms = {source: term for term, source in found.places.items()}
    for state in model.states:
        weight = terms.get(state)
        if weight is None:
            continue
        for column in update_of(model, state):
            if column in votes:
                votes[column][weight._replace(kind="new")] += 3
            _vote(votes, model, column, weight, found, hint)
        for column in _gradients(found, model, weight, state):
            _vote(votes, model, column, weight, found, hint, inside=True)
    return votes


def _gradients(found: Assignment, model: Model, weight: Term, state: int) -> set[int]:
    """Return the columns that hold the gradient of a weight, or are taken from it in its update."""
    known = found.places.get(weight._replace(kind="gradient"))
    taken = {
        source
        for column in update_of(model, state)
        for source in sources(model.formulas[column], None)
        if isinstance(source, int) and source in model.formulas and source not in model.states
    }
    return (taken | {known} if isinstance(known, int) else taken) - set(found.places.values()) | (
        {known} if isinstance(known, int) else set()
    )


def _add_by_use(found: Assignment, model: Model, unknown: Iterable[int], hint: Hint) -> None:
    """Give columns that equal nothing the quantity as which others use them."""
    votes, leading = _votes(found, model, unknown, hint), used_by_updates(model)
    for column in sorted(votes, key=lambda column: (-sum(votes[column].values()), column)):
        if column in leading:
            _choose(found, column, votes[column], hint)
    _add_deltas(found, model, [column for column in votes if column not in found.taken], hint)


def _add_deltas(found: Assignment, model: Model, unknown: Iterable[int], hint: Hint) -> None:
    """Give columns that only gradients use the δ as which they do."""
    votes: _Votes = {column: Counter() for column in unknown}
    for term, source in list(found.places.items()):
        if term.kind == "gradient" and isinstance(source, int):
            _vote(votes, model, source, term._replace(kind="w"), found, hint, inside=True)
    for column, own in votes.items():
        _choose(found, column, own, hint)


def _choose(found: Assignment, column: int, votes: Counter[Term], hint: Hint) -> None:
    chosen = [
        (count + 2 * hint(column, term.kind), term.kind == "delta", term)
        for term, count in votes.items()
        if term not in found.places
    ]
    if chosen:
        found.places[max(chosen, key=lambda each: each[:2])[2]] = column


_OWN: tuple[Kind, ...] = ("a", "z", "slope")
"""Quantities of a neuron from which its slope is made."""


def _vote(
    votes: _Votes,
    model: Model,
    column: int,
    weight: Term,
    found: Assignment,
    hint: Hint,
    *,
    inside: bool = False,
) -> None:
    """Count what the update of a weight, or `inside` its gradient, says of the columns that it multiplies."""
    bias = is_bias(weight, found.sizes)
    source = Term("a", weight.layer - 1, weight.j)
    before = None if bias else found.places.get(source)
    gradient, delta = weight._replace(kind="gradient"), Term("delta", weight.layer, weight.i)
    for _, term in terms_of(model.formulas[column]):
        factors = [factor for factor in factors_of(term) if not isinstance(factor, Constant)]
        named = [each for factor in factors if (each := source_of(factor)) is not None]
        odd = [each for each in named if isinstance(each, int) and each in votes]
        if len(odd) != 1:
            continue
        own = {found.places.get(Term(kind, weight.layer, weight.i)) for kind in _OWN}
        if own & {each for factor in factors for each in sources(factor, None)} - {before}:
            votes[odd[0]][delta._replace(kind="pull")] += 2
        elif before is not None and before in named:
            votes[odd[0]][delta] += 2
        elif bias and not hint(odd[0], "gradient"):
            votes[odd[0]].update([delta, gradient])
        elif not inside:
            votes[odd[0]][gradient] += 2
