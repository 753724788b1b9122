"""Numbers for an exercise: such that every mistake shows, and shows which one it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from sheetnet.errors import SheetnetError
from sheetnet.exercise.candidates import Candidates, Dice, Units, candidates
from sheetnet.exercise.evaluation import Array
from sheetnet.exercise.pairs import RIGHT, Tie
from sheetnet.exercise.separation import Clash, Demand, Separation, decimals_needed, separation
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import LEARNING_RATE, Term, named, sizes_text, weights

_FIRST = 128
"""Draws to begin with."""
_KEPT = 16
"""Draws of which each generation goes on; few would all become one."""
_CHANGES = 8
"""Ways in which each of them is changed."""
_GENERATIONS = 150
_PATIENCE = 30
"""Generations without a better draw after which a search is given up."""
_FEW_GENERATIONS = 40
_MANY_PAIRS = 25_000
"""Pairs of rules beyond which the whole demand is not waited for; a 3-4-2 net has 15,000."""
_TRIALS = 3
"""Seeds that show whether a demand can be met at all."""
_HOPELESS = 10
"""Wrong rules that look right after one attempt beyond which no other attempt helps."""
_MOST_ASKED = 9
"""Decimals that a message advises at most."""
_NAMED = 3
"""Pairs of rules that a message names."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The numbers of an exercise: inputs (n_0,), targets (n_L,), W(1) … W(L) as in `Network`, γ.

    `holds` is what they tell apart in the first `apart` steps of the sheet, and `remaining` what they do not
    in any step; `structural` is what no numbers could.
    """

    inputs: Array
    targets: Array
    weights: tuple[Array, ...]
    learning_rate: float
    holds: Demand
    apart: int
    remaining: tuple[Clash, ...]
    structural: tuple[Tie, ...]


def draw(
    sizes: tuple[int, ...],
    conventions: Conventions,
    asked: Sequence[Term],
    *,
    seed: int,
    decimals: int = 4,
    steps: int = 1,
) -> Drawn:
    """Draw numbers for blanks of some terms in each of a sheet's steps, the same for the same seed.

    A wrong rule differs from the right one, and from every other one, by ten tolerances of marking where
    `decimals` decimals are asked. Where that can't be had in all steps, it is in step 0; where wrong rules
    can't all be told from each other, `Drawn.holds` is less than "blanks". SheetnetError where a wrong rule
    can't be told from the right one in step 0.
    """
    terms = tuple(dict.fromkeys(asked))
    for apart in dict.fromkeys((steps, 1)):
        task = _Task(sizes, conventions, terms, decimals, steps, apart)
        found = list(_attempts(task, seed, _aim(task)))
        if found:
            among, numbers, holds = max(found, key=lambda each: _rank(each[2]))
            every = replace(task, apart=steps).rules()
            return _drawn(among, numbers, holds, apart, every)
    raise _failure(task, seed)


@dataclass(frozen=True, slots=True)
class _Task:
    """What numbers are asked for; `apart` is in how many of the steps they must tell rules apart."""

    sizes: tuple[int, ...]
    conventions: Conventions
    asked: tuple[Term, ...]
    decimals: int
    steps: int
    apart: int

    def rules(self) -> Separation:
        """Return the rules that are to be told apart."""
        return separation(
            self.sizes,
            self.conventions,
            self.asked,
            decimals=self.decimals,
            steps=self.steps,
            judged=self.apart,
        )

    def candidates(self, more: int) -> Candidates:
        """Return the numbers to look among, with some decimals more than they need."""
        return _candidates(self.sizes, self.conventions, self.steps, more)


@lru_cache(maxsize=32)
def _aim(task: _Task) -> Demand:
    """Return what is worth looking for: the whole demand if some seeds meet it; the same for all draws."""
    demand = task.rules().demand
    if len(task.rules().left) > _MANY_PAIRS:
        return "right"
    for seed in range(_TRIALS):
        if any(holds == demand for _, _, holds in _attempts(task, seed, demand)):
            return demand
    return "right"


def _attempts(task: _Task, seed: int, enough: Demand) -> Iterator[tuple[Candidates, Array, Demand]]:
    """Yield the numbers of each attempt that meets a demand; no more after one that meets `enough`."""
    rules = task.rules()
    # More steps take finer numbers than one.
    for attempt, more in enumerate((0, 0, 0, 0, 1) if task.steps == 1 else (1, 1, 1, 2)):
        among = task.candidates(more)
        # Dice of its own: how long one attempt is does not matter to the next.
        numbers = _search(rules, among, Dice.of(seed, attempt))
        if numbers is None:
            continue
        holds = rules.holds(numbers)
        if holds is not None:
            yield among, numbers, holds
            if _rank(holds) >= _rank(enough):
                return
        elif sum(clash.code == RIGHT for clash in rules.clashes(numbers)) > _HOPELESS:
            return


def _rank(demand: Demand) -> int:
    return get_args(Demand).index(demand)


@lru_cache(maxsize=32)
def _candidates(
    sizes: tuple[int, ...], conventions: Conventions, steps: int, more_decimals: int
) -> Candidates:
    return candidates(sizes, conventions, steps=steps, more_decimals=more_decimals)


def _search(
    rules: Separation, among: Candidates, dice: Dice, generations: int = _GENERATIONS
) -> Array | None:
    """Return the numbers that clash least, shape (given,), None where no draw is suitable."""
    units = among.some(dice, _FIRST)
    if not units.shape[1]:
        return None
    units, scores = _best(units, rules.scores(among.numbers(units)))
    since = 0
    for generation in range(generations):
        if scores[0] == 0 or generation - since > _PATIENCE:
            break
        changed = among.changed(dice, units, _CHANGES)
        ceiling = float(scores[-1]) if len(scores) == _KEPT else np.inf
        found = rules.scores(among.numbers(changed), ceiling)
        least = scores[0]
        units, scores = _best(np.concatenate([units, changed], axis=1), np.concatenate([scores, found]))
        since = generation if scores[0] < least else since
    return among.numbers(units[:, 0])


def _best(units: Units, scores: NDArray[np.int64]) -> tuple[Units, NDArray[np.int64]]:
    _, once = np.unique(units, axis=1, return_index=True)
    once.sort()
    kept = once[np.argsort(scores[once], kind="stable")][:_KEPT]
    return units[:, kept], scores[kept]


def _drawn(among: Candidates, numbers: Array, holds: Demand, apart: int, every: Separation) -> Drawn:
    """Return a draw's numbers, shape (given,), as a net has them; a layer's shared bias once a neuron."""
    at = dict(zip(among.given, numbers.tolist(), strict=True))
    sizes, biases = among.sizes, among.conventions.biases
    matrices = []
    for layer in range(1, len(sizes)):
        shape = sizes[layer], sizes[layer - 1] + (biases != "none")
        flat = [at.get(w, at[w._replace(i=0)]) for w in weights(sizes, layer, biases=biases != "none")]
        matrices.append(np.array(flat).reshape(shape))
    return Drawn(
        np.array([at[Term("a", 0, i)] for i in range(sizes[0])]),
        np.array([at[Term("target", 0, i)] for i in range(sizes[-1])]),
        tuple(matrices),
        at[LEARNING_RATE],
        holds,
        apart,
        every.clashes(numbers),
        every.structural,
    )


def _failure(task: _Task, seed: int) -> SheetnetError:
    """Return what to tell a user: which rules no numbers were found for, and how many decimals would do."""
    net, rules, among = sizes_text(task.sizes), task.rules(), task.candidates(0)
    numbers = _search(rules, among, Dice.of(seed))
    if numbers is None:
        return SheetnetError(f"{net}: no numbers that suit an exercise; take another seed or fewer neurons")
    mistaken = [clash for clash in rules.clashes(numbers) if clash.code == RIGHT]
    shown = ", ".join(f"{clash.other} in {named(clash.term)}" for clash in mistaken[:_NAMED])
    more = f" and {len(mistaken) - _NAMED} more" if len(mistaken) > _NAMED else ""
    needed = decimals_needed(mistaken)
    for enough in range(task.decimals + 1, needed or _MOST_ASKED):
        finer = rules.with_decimals(enough)
        numbers = _search(finer, among, Dice.of(seed), _FEW_GENERATIONS)
        if numbers is not None and finer.holds(numbers):
            needed = enough
            break
    advice = f"ask for {needed}" if needed else "ask for other quantities"
    return SheetnetError(
        f"{net}: found no numbers that tell the right value from that of {shown}{more} "
        f"when {task.decimals} decimals are asked; {advice}"
    )
