"""Nets in sheets of any layout: their tables, read by what the formulas do."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetnet.book.calculator import Place, cells_of
from sheetnet.book.grid import Book, CellError, Sheet
from sheetnet.formula.address import column_name
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.layout import vocabulary
from sheetnet.layout.content import is_number
from sheetnet.layout.given import pattern_problems, patterns, repeated
from sheetnet.layout.layout import Layout
from sheetnet.layout.lens import Lens
from sheetnet.layout.problems import first_row_problems
from sheetnet.layout.prose import listing
from sheetnet.layout.rate import Rate, in_cell
from sheetnet.layout.series import SeriesReader, column_series
from sheetnet.layout.values import with_values
from sheetnet.net.conventions import Batch, Conventions
from sheetnet.net.terms import Kind, Term, is_bias
from sheetnet.recognition.assignment import Assignment, forward_assignment
from sheetnet.recognition.backward import add_backward
from sheetnet.recognition.conventions import conventions_of, own_activations
from sheetnet.recognition.descent import Descent, descent, rate_columns, standing
from sheetnet.recognition.finding import NotRead
from sheetnet.recognition.model import Model, Source
from sheetnet.recognition.neurons import Neurons, neurons
from sheetnet.recognition.proof import beyond_descent, proven_columns
from sheetnet.recognition.quantities import Quantities
from sheetnet.recognition.rates import rate_of
from sheetnet.recognition.sums import weighted_sums
from sheetnet.recognition.tables import models
from sheetnet.recognition.trial import Trial
from sheetnet.recognition.unrolling import unrolled
from sheetnet.recognition.views import turned_book, with_columns
from sheetnet.recognition.weights import add_weights

_ABOVE = 3
"""Rows above step 0 in which a column's label is looked for."""
_FEWEST = 3
"""Columns that take up the row before, at least, of what looks like a net."""
_LONGEST = 40
"""Characters of a label; what is longer is a sentence."""


def nets_by_formulas(book: Book, sheet: Sheet) -> list[Layout]:
    """Return the nets of a sheet, from the top and the left.

    First those that have one row a step, then those that have one column, or a block of cells.
    """
    own = [
        (sheet.name, row, column)
        for row, cells in sheet.rows.items()
        for column, cell in cells.items()
        if cell.formula is not None
    ]
    valued = with_values(book, own)
    rows = _read(book, valued, sheet.name, None)
    if rows.layouts:
        return rows.layouts
    turned = turned_book(valued)
    columns = _read(book, turned, sheet.name, Lens(book, turned, turned=True))
    layouts = columns.layouts or list(_nets_in_blocks(book, sheet.name))
    missing = rows.missing or columns.missing
    if not layouts and missing:
        raise NotRead(f"{book.path.name}, {sheet.name}: {missing}")
    return layouts


class _Readings(NamedTuple):
    """The nets found one way, and what was missing where none was."""

    layouts: list[Layout]
    missing: str


def _read(book: Book, view: Book, name: str, lens: Lens | None) -> _Readings:
    reader = SeriesReader(view, sheet=name)
    readings = [_Reading(book, view, model, lens) for model in models(view.sheet(name), reader)]
    found = [layout for reading in readings if (layout := reading.layout()) is not None]
    return _Readings(found, next((reading.missing for reading in readings if reading.missing), ""))


def _nets_in_blocks(book: Book, name: str) -> Iterator[Layout]:
    found = unrolled(book, name)
    for model in () if found is None else found.models:
        assert found is not None
        layout = _Reading(book, found.lens.view, model, found.lens, found.patterns).layout()
        if layout is not None:
            yield layout


class _Reading:
    """Reads one table; `view` is the workbook as the table is seen, with one row a step.

    It is that of a `lens`, where it is not the book itself. `batch` rows are one step, whose weights stay.
    """

    def __init__(self, book: Book, view: Book, model: Model, lens: Lens | None, batch: int = 1) -> None:
        self.book, self.view, self.model, self.lens, self.batch = book, view, model, lens, batch
        self.names = labels_above(view.sheet(model.sheet), model.first, [*model.formulas, *model.given])
        self.beyond: tuple[int, ...] = ()
        self.missing = ""
        self.own_activations: tuple[int, ...] = ()
        self._cell = cells_of(view)

    def layout(self) -> Layout | None:
        """Return where the table's net stands, None where it is none."""
        model = self.model
        found = descent(model, self._number, lambda column: self._hints(column, "cost"))
        net = None if found is None else neurons(model, found.cost, lambda column: self._hints(column, "w"))
        if found is None or net is None or not net.inputs or None in net.targets:
            self.missing = self._told(found, net)
            return None
        trial = Trial(model, self._number, fixed=rate_columns(model))
        assignment = forward_assignment(net, found.cost)
        add_weights(assignment, model, net)
        quantities = Quantities(assignment, net, found.cost, trial).all()
        add_backward(assignment, model, quantities, trial, self._hints)
        rate = rate_of(self.view, model, assignment.taken, self._is_rate, found.factor) or self._unused_rate()
        sharing = len(assignment.own_biases) - len(set(assignment.own_biases))
        if len(assignment.taken) < len(set(assignment.places)) - sharing:
            return None  # one column for two quantities
        lens, columns = self._lens(assignment)
        columns = _shared_biases(assignment, columns)
        last = [
            source
            for term, source in assignment.places.items()
            if term.kind == "w" and term.layer == len(assignment.sizes) - 1
        ]
        stands = standing(model, self._number, found, rate, last)
        right = set() if stands is None else proven_columns(model, net, assignment, stands)
        conventions = conventions_of(assignment, net, trial, quantities, right, rate.value)
        scale = 1.0 if stands is None else stands.scale
        self.own_activations = tuple(
            layer
            for layer in own_activations(assignment, net, trial, rate.value)
            if assignment.places[Term("a", layer)] in right
        )
        self.beyond = beyond_descent(model, assignment)
        if self.beyond:
            right |= {state for state in model.states if state in assignment.taken}
        if self.batch > 1:
            uphill = abs(found.factor or rate.value) / rate.value if rate.value > 0 else 1.0
            batch, scale = _batch(uphill if stands is None else stands.scale, self.batch)
            scale = 1.0 if stands is None else scale
            conventions = replace(conventions, batch=batch)
        return self._laid_out(assignment, columns, rate, lens, conventions, right, scale)

    def _told(self, found: Descent | None, net: Neurons | None) -> str:
        """Return what of a net was understood and what was missing; empty where nothing looks like one."""
        model = self.model
        sums = any(
            each.products
            for column in model.formulas
            if column not in model.states
            for each in weighted_sums(model, column, model.states)
        )
        if len(model.states) < _FEWEST or not sums:
            return ""
        turned = self.lens is not None and self.lens.turned
        steps = (
            f"columns {column_name(model.first)} to {column_name(model.last)}"
            if turned
            else f"rows {model.first + 1} to {model.last + 1}"
        )
        weights = [self.names.get(state, "") for state in model.states]
        named = f" ({listing(weights)})" if all(weights) else ""
        if found is None:
            lacks = "a cost: what depends on all weights, and nothing is computed from"
        elif net is None:
            lacks = "outputs that a cost compares with targets"
        elif not net.inputs:
            lacks = "inputs: numbers that the first weights multiply"
        else:
            lacks = "a target for each output, which the cost compares with it"
        return (
            f"found steps in {steps}, {len(model.states)} weights that are updated{named} and weighted sums; "
            f"missing is {lacks}; add it, and check again"
        )

    def _unused_rate(self) -> Rate:
        """Return the learning rate that a label names though no update uses it; without one it acts as 1."""
        sheet, model = self.view.sheet(self.model.sheet), self.model
        found: list[tuple[int, Place]] = []
        for row, cells in sheet.rows.items():
            for column, cell in cells.items():
                if isinstance(cell.value, str) and cell.formula is None and vocabulary.is_rate(cell.value):
                    for place in ((sheet.name, row, column + 1), (sheet.name, row + 1, column)):
                        if is_number(self._cell(place)):
                            found.append((abs(row - model.first), place))
        return in_cell(self.view, min(found)[1]) if found else Rate(None, 1.0)

    def _lens(self, found: Assignment) -> tuple[Lens | None, dict[Term, int]]:
        """Return the lens through which all terms have columns, and these; None where they have anyway."""
        cells = [place for place in dict.fromkeys(found.places.values()) if not isinstance(place, int)]
        if not cells:
            return self.lens, {
                term: source for term, source in found.places.items() if isinstance(source, int)
            }
        base = self.lens or Lens(self.book, self.view)
        view, columns = with_columns(self.view, self.model, cells)
        at: dict[Source, int] = {place: column for column, place in columns.items()}
        real = {
            column: (sheet, down, row) if base.turned else (sheet, row, down)
            for column, (sheet, row, down) in columns.items()
        }
        self.view = view
        return replace(base, view=view, cells=real), {
            term: source if isinstance(source, int) else at[source] for term, source in found.places.items()
        }

    def _laid_out(
        self,
        found: Assignment,
        columns: dict[Term, int],
        rate: Rate,
        lens: Lens | None,
        conventions: Conventions,
        right: set[int],
        scale: float,
    ) -> Layout:
        model, sheet = self.model, self.view.sheet(self.model.sheet)
        first, last = model.first, model.last
        count, unread = patterns(sheet, first, last + 1, columns, mean=None, lenient=True)
        repeats = self.batch if self.batch > 1 else repeated(sheet, first, last, columns)
        if repeats is not None:
            count, unread = repeats, pattern_problems(sheet, first, repeats, columns)
        problems = [*first_row_problems(sheet, first, columns), *rate.problems, *unread]
        taken = {*columns.values(), *(() if rate.place is None else (rate.place[2],))}
        return Layout(
            sheet=model.sheet,
            sizes=found.sizes,
            columns=dict(sorted(columns.items(), key=lambda each: each[1])),
            label_row=max(first - 1, 0),
            caption_row=None,
            first_row=first,
            last_row=last,
            rate=rate.place,
            learning_rate=rate.value,
            conventions=conventions,
            patterns=count,
            helpers=tuple(sorted(column for column in model.formulas if column not in taken)),
            problems=tuple(dict.fromkeys(problems)),
            numbers=found.numbers,
            names=self.names,
            by_formulas=True,
            verified={
                term: form
                for term, column in columns.items()
                if column in right and (form := self._form(column)) is not None
            },
            scale=scale,
            beyond=self.beyond,
            own_activations=self.own_activations,
            tail=self._tail(last),
            lens=lens,
        )

    def _tail(self, last: int) -> int:
        """Return 1 where the weights of one more step stand below the table, else 0."""
        cells = self.view.sheet(self.model.sheet).rows.get(last + 1, {})
        formulas = [
            state for state in self.model.states if state in cells and cells[state].formula is not None
        ]
        return int(2 * len(formulas) >= len(self.model.states))

    def _form(self, column: int) -> Pattern | None:
        """Return the formula that most rows of a column repeat; of weights where they change."""
        model, sheet = self.model, self.view.sheet(self.model.sheet)
        last = model.last + (column in model.states)
        if column in model.states and self.batch > 1:
            rows = range(model.first + self.batch, model.last + 2, self.batch)
            cells = ((row, sheet.cell(row, column)) for row in rows)
            forms = Counter(
                pattern(cell.formula, row)
                for row, cell in cells
                if cell is not None and cell.formula is not None and cell.array is None
            )
            if forms:
                return forms.most_common(1)[0][0]
        runs = [
            series for series in column_series(sheet, column, model.first, last) if series.pattern is not None
        ]
        return max(runs, key=lambda run: run.last - run.first).pattern if runs else None

    def _number(self, place: Place) -> float:
        cell = self._cell(place)
        if cell is None or cell.value is None:
            return 0.0
        return cell.value if isinstance(cell.value, float) else math.nan

    def _hints(self, column: int, kind: Kind) -> bool:
        said = vocabulary.hint(self.names.get(column, ""))
        return said is not None and kind in said.kinds

    def _is_rate(self, place: Place) -> bool:
        return any(
            cell is not None and isinstance(cell.value, str) and vocabulary.is_rate(cell.value)
            for cell in map(self._cell, _around(place))
        )


def _batch(scale: float, patterns: int) -> tuple[Batch, float]:
    """Return whether a pass is added up or averaged, and the scale that is left; patterns counted as one."""
    options: list[tuple[Batch, float]] = [("mean", scale), ("sum", scale / patterns)]
    return min(options, key=lambda option: abs(math.log(option[1])))


def _around(place: Place) -> list[Place]:
    """Return the cells in which a single cell's label may stand: left of it, and above."""
    sheet, row, column = place
    return [(sheet, row, column - 1), (sheet, row - 1, column), (sheet, row, column - 2)]


def _shared_biases(found: Assignment, places: dict[Term, int]) -> dict[Term, int]:
    """Return the places with a shared bias's for each neuron that shares it."""
    if found.biases != "shared":
        return places
    out = dict(places)
    for term, column in places.items():
        if term.kind in ("w", "gradient", "new") and is_bias(term._replace(kind="w"), found.sizes):
            for i in range(found.sizes[term.layer]):
                out.setdefault(term._replace(i=i), column)
    return out


def labels_above(sheet: Sheet, first: int, columns: Sequence[int]) -> dict[int, str]:
    """Return the texts nearest above a table's first row, by column; those that stand twice tell nothing."""
    found: dict[int, str] = {}
    for column in columns:
        for row in range(first - 1, max(first - 1 - _ABOVE, -1), -1):
            cell = sheet.cell(row, column)
            if cell is None or cell.value is None:
                continue
            if isinstance(cell.value, str) and not isinstance(cell.value, CellError):
                text = " ".join(cell.value.split())
                if text and len(text) <= _LONGEST:
                    found[column] = text
            elif is_number(cell):
                pass
            break
    counts = Counter(found.values())
    return {column: text for column, text in found.items() if counts[text] == 1}
