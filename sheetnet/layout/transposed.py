"""The other reading of a sheet's weights: w_ij as the one that leads from neuron i to neuron j."""

from dataclasses import replace

from sheetnet.layout.layout import Layout
from sheetnet.net.terms import Term, is_bias


def transposed(layout: Layout) -> Layout | None:
    """Return the layout with w_ij and w_ji, and their dC/dW, exchanged; None where no layer allows it.

    A layer of as many neurons as the one before it has allows it; biases stay where they are.
    """
    columns = {_turned(term, layout): column for term, column in layout.columns.items()}
    if columns == layout.columns:
        return None
    ordered = {term: columns[term] for term in layout.columns}
    return replace(layout, columns=ordered, transposed_names=not layout.transposed_names)


def _turned(term: Term, layout: Layout) -> Term:
    sizes = layout.sizes
    if (
        term.kind not in ("w", "gradient")
        or is_bias(term, sizes)
        or sizes[term.layer] != sizes[term.layer - 1]
    ):
        return term
    return term._replace(i=term.j, j=term.i)
