"""The net that a sheet begins with: its first weights, its learning rate, its patterns."""

import numpy as np
from numpy.typing import NDArray

from sheetnet.book.grid import Book
from sheetnet.errors import LayoutError
from sheetnet.formula.address import a1
from sheetnet.layout.content import found, is_number, meant
from sheetnet.layout.layout import Layout
from sheetnet.net.network import Network
from sheetnet.net.terms import Term, weights


def read_network(book: Book, layout: Layout) -> Network:
    """Return the network of step 0: W(l) of shape (n_l, n_(l−1) + 1), and γ.

    A weight that is no number is what was meant, or nan.
    """
    matrices = []
    for layer in range(1, len(layout.sizes)):
        terms = weights(layout.sizes, layer, biases=layout.has_biases)
        flat = [
            layout.numbers[term]
            if term in layout.numbers
            else _number(book, layout, layout.first_row, layout.columns[term])
            for term in terms
        ]
        matrices.append(np.array(flat).reshape(layout.sizes[layer], -1))
    return Network(tuple(matrices), layout.learning_rate, layout.conventions)


def check_shared(book: Book, layout: Layout) -> None:
    """Raise LayoutError where biases that the neurons of a layer share begin with different values."""
    row = layout.first_row
    cells = book.sheet(layout.sheet).rows[row]
    for layer in range(1, len(layout.sizes)):
        bias = layout.sizes[layer - 1]
        columns = [layout.columns[Term("w", layer, i, bias)] for i in range(layout.sizes[layer])]
        first = cells[columns[0]].value
        for column in columns[1:]:
            if cells[column].value != first:
                raise LayoutError(
                    f"{book.place(layout.sheet, row, column)}: {found(cells[column])}, expected {first:g}, "
                    f"the bias that the neurons of layer {layer} share; type ={a1(row, columns[0])} there"
                )


def read_patterns(book: Book, layout: Layout) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return inputs and targets, shapes (patterns, n_0) and (patterns, n_L).

    One that is no number is what was meant, or nan.
    """

    def numbers(columns: list[int]) -> NDArray[np.float64]:
        rows = range(layout.first_row, layout.first_row + layout.patterns)
        return np.array([[_number(book, layout, row, column) for column in columns] for row in rows], float)

    return numbers(layout.of("a", 0)), numbers(layout.of("target"))


def _number(book: Book, layout: Layout, row: int, column: int) -> float:
    cell = book.sheet(layout.sheet).cell(row, column)
    if cell is not None and is_number(cell):
        assert isinstance(cell.value, float)
        return cell.value
    read = meant(None if cell is None else cell.value)
    return np.nan if read is None else read
