"""Training 2-2-2, a step's time, against numpy and against LibreOffice recalculating the rows."""

from collections.abc import Iterator

import sheetnet
from sheetnet.book.files import load
from sheetnet.diagnosis.mending import mended
from sheetnet.layout.initial import read_network, read_patterns
from sheetnet.table.additions import with_gradients
from sheetnet.table.values import Values
from tests.benchmarks import office
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.measure import medians, timed
from tests.benchmarks.table import Line

TITLE = "Training 2-2-2, a step"

STEPS = 20_000
BOUND = 5e-6
"""Seconds a step, with Calc's arithmetic."""
_NUMPY_STEPS = 2_000


def lines(inputs: Inputs) -> Iterator[Line | str]:
    """Yield our steps beside the others'."""
    book = load(inputs.sample(".ods"))
    (layout,) = sheetnet.find_nets(book)
    network = read_network(book, layout)
    inputs_, targets = read_patterns(book, layout)

    def by_matrices() -> None:
        net = network
        for _ in range(_NUMPY_STEPS):
            net = net.step(inputs_[0], targets[0])

    last_row = layout.first_row + STEPS - 1
    table = mended(book, with_gradients(book, layout, last_row, ()).layout, last_row, mend=True).table

    def by_formulas() -> None:
        for _ in Values(book, table).compute():
            pass

    ours, formulas, matrices = medians(
        2 * inputs.rounds,
        timed(lambda: sheetnet.train(network, inputs_, targets, steps=STEPS)),
        timed(by_formulas),
        timed(by_matrices),
    )
    ours, formulas, matrices = ours / STEPS, formulas / STEPS, matrices / _NUMPY_STEPS
    yield Line("by the equations / numpy matrices", ours, matrices, most=BOUND)
    yield Line("by a sheet's formulas, 39 columns / numpy", formulas, matrices, most=BOUND)
    if reason := office.missing(uno=True):
        yield f"LibreOffice recalculating is left out: {reason}"
        return
    rows = inputs.rows[0]
    with office.Recalculation(inputs.trained(".ods", rows), inputs.folder) as recalculation:
        recalculation.seconds()  # the first one also compiles the formulas
        ours, theirs = medians(2 * inputs.rounds, timed(by_formulas), recalculation.seconds)
    yield Line("by a sheet's formulas / LibreOffice", ours / STEPS, theirs / rows)
