"""Cells that should hold a number of a net and do not: text, truth values, errors, nothing at all."""

from collections.abc import Mapping
from typing import NamedTuple

from sheetnet.book.grid import Book, Sheet, Value
from sheetnet.errors import LayoutError
from sheetnet.layout.content import advice, found, is_number, meant
from sheetnet.net.terms import LEARNING_RATE, Term, is_given


class Problem(NamedTuple):
    """A cell of an input, a weight, a target or the learning rate that holds no number, or none that can be.

    `found` is what it holds, `meant` the number that was meant where it can be read as one.
    """

    sheet: str
    row: int
    column: int
    term: Term
    found: Value
    meant: float | None


def problem(sheet: Sheet, row: int, column: int, term: Term) -> Problem | None:
    """Return what is wrong with a cell that should hold a term's number, None where it does."""
    cell = sheet.cell(row, column)
    if cell is not None and is_number(cell):
        assert isinstance(cell.value, float)
        return (
            Problem(sheet.name, row, column, term, cell.value, None)
            if term == LEARNING_RATE and not cell.value > 0
            else None
        )
    value = None if cell is None else cell.value
    return Problem(sheet.name, row, column, term, value, meant(value))


def first_row_problems(sheet: Sheet, row: int, places: Mapping[Term, int]) -> list[Problem]:
    """Return the inputs, weights and targets of step 0 that are no numbers, from the left."""
    given = [(column, term) for term, column in places.items() if term.kind == "w" or is_given(term)]
    columns = dict(reversed(given))  # of terms that share one the first
    found = [problem(sheet, row, column, columns[column]) for column in sorted(columns)]
    return [each for each in found if each is not None]


def refusal(book: Book, problem: Problem, first_row: int) -> LayoutError:
    """Return the error that names a problem, for those who can't go on without the number."""
    place = book.place(problem.sheet, problem.row, problem.column)
    cell = book.sheet(problem.sheet).cell(problem.row, problem.column)
    if problem.term == LEARNING_RATE and is_number(cell):
        return LayoutError(
            f"{place}: found the learning rate {problem.found:g}, expected a number above 0; "
            "0.5 is a good start"
        )
    return LayoutError(
        f"{place}: {found(cell)}, expected {_name(problem, first_row)}, a number; {advice(cell)}"
    )


def _name(problem: Problem, first_row: int) -> str:
    names = {"a": "an input", "w": "a weight", "target": "a target", "learning_rate": "the learning rate"}
    name = names[problem.term.kind]
    step = problem.row - first_row
    return f"{name} of pattern {step + 1}" if is_given(problem.term) and step > 0 else name
