"""Students: how each of the class fills in the worksheet, with what goes wrong in hand-built sheets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sheetnet.book.edits import Edit, PutCell
from sheetnet.book.grid import Book, a1
from sheetnet.formula.address import read_address

DECIMALS = 4
"""That the worksheet asks for."""
SOURCES = {2: ("I7", "I8", ""), 1: ("C6", "D6", "")}
"""The cells of what the weights of a layer come from, the bias's last: 1."""
DELTAS = {(2, 0): "C15", (2, 1): "C16", (1, 0): "C18", (1, 1): "C19"}
"""(layer, neuron) → the cell of its δ."""
WEIGHTS = {(2, 0): 10, (2, 1): 11, (1, 0): 7, (1, 1): 8}
"""(layer, neuron) → the row of its weights."""
GRADIENTS = {(2, 0): 22, (2, 1): 23, (1, 0): 25, (1, 1): 26}
NEW = {(2, 0): 29, (2, 1): 30, (1, 0): 32, (1, 1): 33}
RATE = "K3"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, and the number that the student's program computed from it."""

    text: str
    value: float


Answers = dict[str, float | str | Formula]
"""Address → what is typed there."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The numbers of a worksheet by their addresses."""

    numbers: Mapping[str, float]

    def worked(
        self, *, transposed: bool = True, rate: float | None = None, decimals: int | None = DECIMALS
    ) -> dict[str, float]:
        """Return all 26 answers, each from those before it as they were written down.

        Without `transposed` the error comes back along a row of W(2); `rate` stands for the learning rate.
        """
        known = dict(self.numbers)
        gamma = known[RATE] if rate is None else rate

        def write(address: str, value: float) -> None:
            known[address] = value if decimals is None else round(value, decimals)

        for j in (0, 1):
            a = known[SOURCES[2][j]]
            paths = [
                f"{'CD'[j]}{WEIGHTS[2, i]}" if transposed else f"{'CD'[i]}{WEIGHTS[2, j]}" for i in (0, 1)
            ]
            write(DELTAS[1, j], a * (1 - a) * sum(known[DELTAS[2, i]] * known[paths[i]] for i in (0, 1)))
        for (layer, i), row in GRADIENTS.items():
            for column, source in zip("CDE", SOURCES[layer], strict=True):
                write(f"{column}{row}", known[DELTAS[layer, i]] * (known[source] if source else 1))
        for at, row in NEW.items():
            for column in "CDE":
                gradient = known[f"{column}{GRADIENTS[at]}"]
                write(f"{column}{row}", known[f"{column}{WEIGHTS[at]}"] - gamma * gradient)
        return {address: value for address, value in known.items() if address not in self.numbers}


def ada(sheet: Sheet) -> Answers:
    """Fill in what is right."""
    return {**sheet.worked()}


def bo(sheet: Sheet) -> Answers:
    """Leave the transpose out in δ(1); the rest is right from these δ."""
    return {**sheet.worked(transposed=False)}


def clara(sheet: Sheet) -> Answers:
    """Give the gradients of one output two decimals, with a comma where the program has a point."""
    right = sheet.worked()
    return {**right, **{cell: f"{right[cell]:.2f}".replace(".", ",") for cell in ("C22", "D22", "E22")}}


def david(sheet: Sheet) -> Answers:
    """Leave the learning rate out in layer 2, and do not come to layer 1."""
    careless = sheet.worked(rate=1.0)
    return {cell: value for cell, value in careless.items() if int(cell[1:]) < NEW[1, 0]}


def emma(sheet: Sheet) -> Answers:
    """Type formulas, all of them right, and type over a number that was given."""
    changed = {"I7": round(sheet.numbers["I7"], 1)}
    values = replace(sheet, numbers={**sheet.numbers, **changed}).worked(decimals=None)
    texts = {"C18": "=I7*(1-I7)*(C15*C10+C16*C11)", "C19": "=I8*(1-I8)*(C15*D10+C16*D11)"}
    for (layer, i), row in GRADIENTS.items():
        for column, source in zip("CDE", SOURCES[layer], strict=True):
            texts[f"{column}{row}"] = f"={DELTAS[layer, i]}*{source}".removesuffix("*")
    for at, row in NEW.items():
        for column in "CDE":
            texts[f"{column}{row}"] = f"={column}{WEIGHTS[at]}-$K$3*{column}{GRADIENTS[at]}"
    return {**changed, **{cell: Formula(text, values[cell]) for cell, text in texts.items()}}


STUDENTS: Mapping[str, Callable[[Sheet], Answers]] = {
    "s01": ada,
    "s02": bo,
    "s03": clara,
    "s04": david,
    "s05": emma,
}
"""Id, in class.csv, → how that student fills in the worksheet."""


def filled(book: Book, id: str) -> Iterator[Edit]:
    """Yield what a student does to a worksheet."""
    [sheet] = book.sheets
    numbers = {
        a1(row, column): cell.value
        for row, cells in sheet.rows.items()
        for column, cell in cells.items()
        if isinstance(cell.value, float)
    }
    for address, typed in STUDENTS[id](Sheet(numbers)).items():
        place = read_address(address)
        assert place is not None
        if isinstance(typed, Formula):
            yield PutCell(sheet.name, *place[1:], typed.value, typed.text)
        else:
            yield PutCell(sheet.name, *place[1:], typed)
