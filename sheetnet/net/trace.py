"""What a net's terms are at each step."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetnet.net.terms import Term


@dataclass(frozen=True, slots=True)
class Trace:
    """Terms by step: `values` has shape (steps, terms), `columns` says where each term stands in it."""

    sizes: tuple[int, ...]
    columns: Mapping[Term, int]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, term: Term) -> NDArray[np.float64]:
        """Return a term's values, shape (steps,)."""
        return self.values[:, self.columns[term]]

    def weights(self, step: int = -1) -> list[NDArray[np.float64]]:
        """Return W(1) … W(L) of a step, shapes (n_l, n_(l−1) + 1), or one column less without biases."""
        matrices = []
        for layer in range(1, len(self.sizes)):
            terms = [term for term in self.columns if term.kind == "w" and term.layer == layer]
            flat = self.values[step, [self.columns[term] for term in terms]]
            matrices.append(flat.reshape(self.sizes[layer], -1))
        return matrices

    def outputs(self, step: int = -1) -> NDArray[np.float64]:
        """Return a(L) of a step, shape (n_L,)."""
        last = len(self.sizes) - 1
        return self.values[step, [self.columns[Term("a", last, i)] for i in range(self.sizes[-1])]]
