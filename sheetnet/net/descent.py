"""Training by the equations, step after step, with the arithmetic of a sheet."""

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sheetnet.errors import DivergenceError
from sheetnet.formula.expression import Expression, Reference, number, replace
from sheetnet.formula.program import Failure, Lag, Program, compile_columns, run_rows
from sheetnet.net.equations import equations, shifted
from sheetnet.net.network import Network
from sheetnet.net.terms import COST, LEARNING_RATE, Term, Use, is_given, label, terms
from sheetnet.net.trace import Trace

CHUNK = 1000
"""Steps between two looks at the cost."""


def train(
    network: Network,
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    steps: int = 1000,
    until_cost: float | None = None,
) -> Trace:
    """Train `network` for `steps` rows, each with one pattern, and return every term of every step.

    In a batch the weights change with the first row of each pass. Inputs have shape (patterns, n_0) or
    (n_0,), targets (patterns, n_L) or (n_L,). The values are those that Calc computes from the note's
    formulas, bit for bit; step 0 holds the first weights. `until_cost` stops after the first whole pass in
    which every pattern's cost is at or below it. DivergenceError where a sheet would show an error value.
    """
    x, t = np.atleast_2d(np.asarray(inputs, float)), np.atleast_2d(np.asarray(targets, float))
    sizes = network.sizes
    if x.shape != (len(x), sizes[0]) or t.shape != (len(x), sizes[-1]):
        raise ValueError(f"inputs of shape {x.shape} and targets of shape {t.shape} do not fit a {sizes} net")
    names = terms(sizes, biases=network.conventions.biases != "none")
    columns = {term: index for index, term in enumerate(names)}
    out: array[float] = array("d")
    given = _given(names, x, t, steps)
    looked = 0
    for program, start, end in _programs(network, names, columns, steps, len(x)):
        try:
            run_rows(program, out, start, end, given)
        except Failure as failure:
            name = label(names[failure.column])
            raise DivergenceError(
                f"step {failure.row}: {name} of layer {names[failure.column].layer} can't be computed "
                f"(Calc would show {failure.shown}); try a smaller learning rate or smaller weights"
            ) from failure
        if until_cost is not None and (end == steps or end - looked >= CHUNK):
            looked = end
            end_row = reached(_costs(out, columns, len(names)), len(x), until_cost)
            if end_row is not None:
                del out[end_row * len(names) :]
                break
    return _trace(sizes, columns, out)


def reached(costs: NDArray[np.float64], patterns: int, until_cost: float) -> int | None:
    """Return after how many steps the first whole pass with every cost at or below the bound is done."""
    passes = len(costs) // patterns
    good = (costs[: passes * patterns].reshape(passes, patterns) <= until_cost).all(axis=1)
    return (int(good.argmax()) + 1) * patterns if good.any() else None


def _trace(sizes: tuple[int, ...], columns: dict[Term, int], out: "array[float]") -> Trace:
    values = np.frombuffer(out, dtype=np.float64).reshape(-1, len(columns)).copy()
    return Trace(sizes, columns, values)


def _costs(out: "array[float]", columns: dict[Term, int], width: int) -> NDArray[np.float64]:
    return np.frombuffer(out, dtype=np.float64).reshape(-1, width)[:, columns[COST]].copy()


def _given(
    names: Sequence[Term], x: NDArray[np.float64], t: NDArray[np.float64], steps: int
) -> "list[array[float]]":
    """Return each step's input and target, a column a term; empty for terms that are computed."""
    turns = np.arange(steps) % len(x)
    out = []
    for term in names:
        source = (t if term.kind == "target" else x) if is_given(term) else None
        out.append(array("d") if source is None else array("d", source[turns, term.i].tobytes()))
    return out


def _programs(
    network: Network,
    names: Sequence[Term],
    columns: dict[Term, int],
    steps: int,
    patterns: int,
) -> Iterator[tuple[Program, int, int]]:
    """Yield programs and the steps they are for: step 0, whose weights are numbers, and all later ones.

    Of a batch the first step of a pass has one, and the others share another.
    """
    sizes, conventions = network.sizes, network.conventions

    def later(turn: int) -> dict[Term, Expression]:
        rules = equations(sizes, conventions, patterns=patterns, turn=turn)

        def lagged(part: Expression) -> Expression | None:
            if isinstance(part, Reference) and isinstance(part.target, Use):
                term, step = part.target
                if term == LEARNING_RATE:
                    return number(network.learning_rate)
                if step > 0:
                    return replace(shifted(rules[term], step), lagged)
                return Reference(Lag(columns[term], -step))
            return None

        return {term: replace(rule, lagged) for term, rule in rules.items()}

    def compiled(rules: dict[Term, Expression]) -> Program:
        return compile_columns([rules.get(term) for term in names])

    first = {
        term: number(network.weights[term.layer - 1][term.i, term.j]) for term in names if term.kind == "w"
    }
    update = later(0)
    yield compiled({**update, **first}), 0, min(1, steps)
    updating = compiled(update)
    if conventions.batch == "one" or patterns == 1:
        yield from ((updating, low, min(low + CHUNK, steps)) for low in range(1, steps, CHUNK))
        return
    waiting = compiled(later(1))
    for begin in range(0, steps, patterns):
        if begin:
            yield updating, begin, begin + 1
        yield waiting, begin + 1, min(begin + patterns, steps)
