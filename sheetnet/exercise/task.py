"""A student's task: the numbers of an exercise, drawn or from a workbook, and the mistake to be found."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Book
from sheetnet.diagnosis.inference import inferred
from sheetnet.errors import LayoutError, SheetnetError
from sheetnet.exercise.drawing import draw
from sheetnet.exercise.exercise import Exercise, Impossible, typed_numbers
from sheetnet.exercise.form import Request
from sheetnet.exercise.planting import Planting, planted
from sheetnet.exercise.separation import Clash, remaining
from sheetnet.layout.initial import read_network, read_patterns
from sheetnet.net.network import Network
from sheetnet.net.terms import Use
from sheetnet.recognition.finding import find_nets

_TRIES = 40
"""Draws of numbers in which a place for a mistake is looked for."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a workbook: its net, inputs (patterns, n_0) and targets (patterns, n_L)."""

    network: Network
    inputs: Array
    targets: Array


def numbers_of(book: Book) -> Numbers:
    """Return the numbers of the first net of a workbook; SheetnetError where it has none."""
    layouts, name = find_nets(book), book.path.name
    if not layouts:
        raise LayoutError(
            f"{name}: found no net, expected one to take the numbers from; see sheetnet info {name}"
        )
    layout = layouts[0]
    seen = layout.seen(book)
    network = replace(read_network(seen, layout), conventions=inferred(seen, layout).conventions)
    return Numbers(network, *read_patterns(seen, layout))


@dataclass(frozen=True, slots=True)
class Task:
    """One student's numbers: those that are typed, all that follow, and the mistake, if one is planted."""

    typed: Mapping[Use, float]
    values: Mapping[Use, float]
    inputs: Array
    targets: Array
    weights: tuple[Array, ...]
    remaining: tuple[Clash, ...]
    planting: Planting | None = None

    @classmethod
    def of(cls, made: Exercise, base: Book, request: Request, numbers: Numbers | None, seed: str) -> "Task":
        """Draw a student's numbers, or take those of a workbook; SheetnetError where there are none."""
        rng = random.Random(seed)
        for _ in range(_TRIES if numbers is None and request.finds else 1):
            if numbers is None:
                found = draw(
                    request.sizes,
                    request.conventions,
                    request.asked,
                    seed=rng.randrange(2**32),
                    decimals=request.decimals,
                    steps=request.steps,
                )
                left = found.remaining
                matrices, rate = found.weights, found.learning_rate
                inputs, targets = found.inputs[None, :], found.targets[None, :]
            else:
                matrices, rate = numbers.network.weights, numbers.network.learning_rate
                inputs, targets = numbers.inputs, numbers.targets
                left = _left(numbers, request)
            typed = typed_numbers(
                matrices, rate, inputs[: request.patterns], targets[: request.patterns], request.sizes
            )
            if not request.finds:
                try:
                    values = made.values(typed)
                except Impossible as error:
                    raise SheetnetError(
                        f"the numbers of the workbook lead to {error} on the worksheet; use smaller weights"
                    ) from error
                return cls(typed, values, inputs, targets, matrices, left)
            planting = planted(made, typed, base, rng)
            if planting is not None:
                return cls(typed, planting.values, inputs, targets, matrices, left, planting)
        raise SheetnetError(
            f"found no mistake that {request.decimals} decimals tell from all others in such numbers; "
            f"use --decimals {request.decimals + 1}, or another net"
        )


def _left(numbers: Numbers, request: Request) -> tuple[Clash, ...]:
    """Return the rules that a workbook's own numbers do not tell apart."""
    if not request.asked:
        return ()
    return tuple(
        remaining(
            request.sizes,
            request.conventions,
            numbers.inputs[0],
            numbers.targets[0],
            numbers.network.weights,
            numbers.network.learning_rate,
            request.asked,
            request.decimals,
        )
    )
