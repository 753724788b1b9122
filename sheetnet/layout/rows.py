"""Finding nets that are laid out as in the note: a row of labels, and below it one row a step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sheetnet.book.grid import Book, Sheet
from sheetnet.errors import LayoutError
from sheetnet.layout.beside import asides, gradients, helpers
from sheetnet.layout.content import holds, labels
from sheetnet.layout.given import pattern_problems, patterns, repeated
from sheetnet.layout.groups import Incomplete, Placed, Run, group, placed
from sheetnet.layout.intermediates import intermediates
from sheetnet.layout.labels import is_layer_caption
from sheetnet.layout.layout import Layout
from sheetnet.layout.problems import first_row_problems, refusal
from sheetnet.layout.rate import find_rate
from sheetnet.layout.series import references
from sheetnet.layout.stated import stated_conventions
from sheetnet.net.terms import MEAN_COST, Term

LOOKED_FOR = "a row of labels like  a0 a1 | w00 w01 w02 … | a0 a1 | δ0 δ1 | T0 T1 | C"
_REACH = 12
"""Rows below its label in which a learning rate, or the first step, is looked for."""


class IncompleteLabels(LayoutError):
    """A row of labels that begins as the note's and does not go on so."""


def label_rows(sheet: Sheet) -> list[int]:
    """Return the rows that hold a net's labels: at least two weights and two activations.

    One weight is enough where all other quantities are there: a 1-1 net without a bias.
    """
    rows = []
    for row, cells in sorted(sheet.rows.items()):
        kinds = [label.kind for _, label in labels(cells) if label.digits or not label.bias]
        whole = {"w", "delta", "target", "cost"} <= set(kinds)
        if kinds.count("a") >= 2 and (kinds.count("w") >= 2 or whole):
            rows.append(row)
    return rows


def nets_by_labels(book: Book, sheet: Sheet, *, lenient: bool) -> Iterator[Layout]:
    """Yield the nets of a sheet that is labelled as the note's, from the top and the left.

    LayoutError where it begins such a layout but does not complete it; also where a number is missing, unless
    `lenient`: then a layout has `problems`.
    """
    rows = label_rows(sheet)
    for index, row in enumerate(rows):
        end = rows[index + 1] if index + 1 < len(rows) else max(sheet.rows) + 1
        try:
            nets, runs = group(labels(sheet.rows[row]))
            found = [placed(net) for net in nets]
        except Incomplete as gap:
            raise _incomplete(book, sheet, row, gap) from gap
        taken: set[int] = {column for net in found for column in net.places.values()}
        for net in found:
            yield _layout(book, sheet, row, end, net, runs, taken, lenient=lenient)


def _incomplete(book: Book, sheet: Sheet, row: int, gap: Incomplete) -> IncompleteLabels:
    column = gap.after + 1
    cell = sheet.cell(row, column)
    stands = "nothing" if cell is None or cell.value is None else f"'{cell.value}'"
    expected = f", expected '{gap.expected}'" if gap.expected else ""
    reason = f" ({gap.reason})" if gap.reason else ""
    return IncompleteLabels(
        f"{book.place(sheet.name, row, column)}: found {stands}{expected}{reason}; mend the labels"
    )


def _layout(
    book: Book,
    sheet: Sheet,
    label_row: int,
    end: int,
    net: Placed,
    runs: Sequence[Run],
    taken: set[int],
    *,
    lenient: bool,
) -> Layout:
    sizes, places = net.sizes, dict(net.places)
    first = _first_row(book, sheet, label_row, end, places)
    places.update(gradients(sheet, runs, net, first))
    extra = asides(sheet, label_row, first, end, places, taken)
    last = _last_row(sheet, first, end, places, lenient=lenient)
    tail = int(last > first and _holds_weights_alone(sheet, last, places))
    last -= tail
    extra |= intermediates(
        sheet, label_row, range(first, last + 1), sizes, places, {*taken, *extra.values()}, lenient=lenient
    )
    rate = find_rate(book, sheet, label_row, range(first, last + 1), places, lenient=lenient)
    count, unread = patterns(sheet, first, end, places, mean=extra.get(MEAN_COST), lenient=lenient)
    if lenient and (repeats := repeated(sheet, first, last, places)) is not None:
        count, unread = repeats, pattern_problems(sheet, first, repeats, places)
    problems = tuple(dict.fromkeys([*first_row_problems(sheet, first, places), *rate.problems, *unread]))
    if problems and not lenient:
        raise refusal(book, problems[0], first)
    stated = stated_conventions(sheet, sizes, places, first, rate.place, biases=net.biases)
    caption = next(
        (row for row in range(label_row - 1, max(label_row - 5, -1), -1) if _has_caption(sheet, row)), None
    )
    return Layout(
        sheet=sheet.name,
        sizes=sizes,
        columns={**places, **extra},
        label_row=label_row,
        caption_row=caption,
        first_row=first,
        last_row=last,
        rate=rate.place,
        learning_rate=rate.value,
        patterns=count,
        conventions=replace(stated, biases="shared") if net.shared else stated,
        helpers=helpers(sheet, first, last, places, {*taken, *extra.values()}),
        problems=problems,
        transposed_names=net.transposed,
        tail=tail,
    )


def _has_caption(sheet: Sheet, row: int) -> bool:
    cells = sheet.rows.get(row, {})
    return any(isinstance(cell.value, str) and is_layer_caption(cell.value) for cell in cells.values())


def _first_row(book: Book, sheet: Sheet, label_row: int, end: int, places: dict[Term, int]) -> int:
    weights = [column for term, column in places.items() if term.kind == "w"]
    for row in range(label_row + 1, min(end, label_row + _REACH)):
        if any(holds(sheet.cell(row, column)) for column in weights):
            return row
    raise LayoutError(
        f"{book.place(sheet.name, label_row + 2, min(weights))}: found no initial weights, "
        f"expected numbers below the labels in row {label_row + 1}; type them in"
    )


def _last_row(sheet: Sheet, first: int, end: int, places: dict[Term, int], *, lenient: bool) -> int:
    """Return the last row of which at least half the computed columns hold something, gaps allowed.

    A row in which text is typed is none, a lenient reader asks for more texts than one. Nor is one of sums
    or means, whose formulas use nothing but their own column.
    """
    computed = [
        column
        for term, column in places.items()
        if term.kind in ("w", "delta", "cost") or (term.kind == "a" and term.layer > 0)
    ]
    steps = [first]
    gap = 0
    for row in range(first + 1, end):
        cells = sheet.rows.get(row, {})
        filled = [cells[column] for column in computed if column in cells and holds(cells[column])]
        texts = sum(isinstance(cell.value, str) and cell.formula is None for cell in filled)
        if 2 * len(filled) >= len(computed) and (2 * texts < len(filled) if lenient else not texts):
            if gap and not any(cell.formula is not None for cell in filled):
                break
            steps.append(row)
            gap = 0
        elif filled and gap:
            break
        else:
            gap += 1
            if gap > _REACH:
                break
    while len(steps) > 1 and _sums_up(sheet, steps[-1], computed):
        steps.pop()
    return steps[-1]


def _holds_weights_alone(sheet: Sheet, row: int, places: dict[Term, int]) -> bool:
    """Tell whether a row has nothing but weights: those that the step above it leads to."""
    held = {term.kind for term, column in places.items() if holds(sheet.cell(row, column))}
    return held == {"w"}


def _sums_up(sheet: Sheet, row: int, columns: Sequence[int]) -> bool:
    """Tell whether the formulas of a row use nothing but what stands above them in their columns."""
    held = [(column, sheet.cell(row, column)) for column in columns if holds(sheet.cell(row, column))]
    used = [(column, references(cell, row, column)) for column, cell in held]
    return all(
        named and all(other == column and above < row for above, other in named) for column, named in used
    )
