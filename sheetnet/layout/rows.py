"""Finding nets that are laid out as in the note: a row of labels, and below it one row a step."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sheetnet.book.grid import Book, Cell, Sheet, Value
from sheetnet.errors import LayoutError
from sheetnet.formula.pattern import Pattern, pattern
from sheetnet.layout.content import advice, found, holds, is_number, labels
from sheetnet.layout.groups import Incomplete, Run, columns, gradient_columns, group
from sheetnet.layout.labels import is_layer_caption
from sheetnet.layout.layout import Layout
from sheetnet.layout.rate import learning_rate, rate_place
from sheetnet.layout.series import references
from sheetnet.layout.stated import stated_conventions
from sheetnet.net.terms import MEAN_COST, STEP, Term, is_given

LOOKED_FOR = "a row of labels like  a0 a1 | w00 w01 w02 … | a0 a1 | δ0 δ1 | T0 T1 | C"
_REACH = 12
"""Rows below its label in which a learning rate, or the first step, is looked for."""


def find_nets(book: Book, sheets: Sequence[str] = ()) -> list[Layout]:
    """Return every net of the book, or of the named sheets, in the order of the sheets.

    LayoutError where a sheet begins such a layout but does not complete it, and where a named sheet is
    missing or holds no net.
    """
    names = [sheet.name for sheet in book.sheets]
    for name in sheets:
        if name not in names:
            raise LayoutError(f"{book.path.name}: found no sheet '{name}', its sheets are {', '.join(names)}")
    found = []
    for sheet in book.sheets:
        if not sheets or sheet.name in sheets:
            nets = list(_nets(book, sheet))
            if not nets and sheets:
                raise LayoutError(f"{book.path.name}, {sheet.name}: found no net, looked for {LOOKED_FOR}")
            found += nets
    return found


def label_rows(sheet: Sheet) -> list[int]:
    """Return the rows that hold a net's labels: at least two weights and two activations.

    One weight is enough where all other quantities are there: a 1-1 net without a bias.
    """
    rows = []
    for row, cells in sorted(sheet.rows.items()):
        kinds = [label.kind for _, label in labels(cells)]
        whole = {"w", "delta", "target", "cost"} <= set(kinds)
        if kinds.count("a") >= 2 and (kinds.count("w") >= 2 or whole):
            rows.append(row)
    return rows


def _nets(book: Book, sheet: Sheet) -> Iterator[Layout]:
    rows = label_rows(sheet)
    for index, row in enumerate(rows):
        end = rows[index + 1] if index + 1 < len(rows) else max(sheet.rows) + 1
        try:
            nets, gradients = group(labels(sheet.rows[row]))
            maps = [columns(net) for net in nets]
        except Incomplete as gap:
            raise _incomplete(book, sheet, row, gap) from gap
        taken: set[int] = {column for _, places, _ in maps for column in places.values()}
        for sizes, places, biases in maps:
            yield _layout(book, sheet, row, end, sizes, dict(places), biases, gradients, taken)


def _incomplete(book: Book, sheet: Sheet, row: int, gap: Incomplete) -> LayoutError:
    column = gap.after + 1
    cell = sheet.cell(row, column)
    stands = "nothing" if cell is None or cell.value is None else f"'{cell.value}'"
    expected = f", expected '{gap.expected}'" if gap.expected else ""
    reason = f" ({gap.reason})" if gap.reason else ""
    return LayoutError(
        f"{book.place(sheet.name, row, column)}: found {stands}{expected}{reason}; mend the labels"
    )


def _layout(
    book: Book,
    sheet: Sheet,
    label_row: int,
    end: int,
    sizes: tuple[int, ...],
    places: dict[Term, int],
    biases: bool,
    gradients: Sequence[Run],
    taken: set[int],
) -> Layout:
    first = _first_row(book, sheet, label_row, end, places)
    places.update(_gradients(sheet, gradients, sizes, places, first, biases=biases))
    rate = rate_place(book, sheet, label_row, first, min(places.values()))
    asides = _asides(sheet, label_row, first, end, places, taken)
    _check_numbers(book, sheet, first, places)
    last = _last_row(sheet, first, end, places)
    caption = next(
        (row for row in range(label_row - 1, max(label_row - 5, -1), -1) if _has_caption(sheet, row)), None
    )
    return Layout(
        sheet=sheet.name,
        sizes=sizes,
        columns={**places, **asides},
        label_row=label_row,
        caption_row=caption,
        first_row=first,
        last_row=last,
        rate=rate,
        learning_rate=learning_rate(book, rate),
        patterns=_patterns(book, sheet, first, end, places, mean=asides.get(MEAN_COST)),
        conventions=stated_conventions(sheet, sizes, places, first, rate, biases=biases),
        helpers=_helpers(sheet, first, last, places, {*taken, *asides.values()}),
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


def _check_numbers(book: Book, sheet: Sheet, row: int, places: dict[Term, int]) -> None:
    """Raise LayoutError at the first input, weight or target of step 0 that is no number."""
    names = {"a": "an input", "w": "a weight", "target": "a target"}
    for term, column in sorted(places.items(), key=lambda item: item[1]):
        if term.kind in names and (term.kind, term.layer > 0) != ("a", True):
            cell = sheet.cell(row, column)
            if not is_number(cell):
                raise LayoutError(
                    f"{book.place(sheet.name, row, column)}: {found(cell)}, "
                    f"expected {names[term.kind]}, a number; {advice(cell)}"
                )


def _last_row(sheet: Sheet, first: int, end: int, places: dict[Term, int]) -> int:
    """Return the last row of which at least half the computed columns hold something, gaps allowed."""
    computed = [
        column
        for term, column in places.items()
        if term.kind in ("w", "delta", "cost") or (term.kind == "a" and term.layer > 0)
    ]
    last = first
    gap = 0
    for row in range(first + 1, end):
        cells = sheet.rows.get(row, {})
        filled = [cells[column] for column in computed if column in cells and holds(cells[column])]
        if 2 * len(filled) >= len(computed) and not any(
            isinstance(cell.value, str) and cell.formula is None for cell in filled
        ):
            if gap and not any(cell.formula is not None for cell in filled):
                break
            last, gap = row, 0
        elif filled and gap:
            break
        else:
            gap += 1
            if gap > _REACH:
                break
    return last


def _patterns(
    book: Book, sheet: Sheet, first: int, end: int, places: dict[Term, int], *, mean: int | None
) -> int:
    """Return how many rows have inputs and targets of their own before they repeat.

    Typed numbers may repeat, too, where no formulas below them do, and no column of a `mean` counts them.
    LayoutError where a row begins a pattern and does not complete it.
    """
    given = {column: term for term, column in places.items() if is_given(term)}
    rows: list[tuple[float, ...]] = []
    for row in range(first, end):
        cells = {column: sheet.cell(row, column) for column in given}
        held = [cell for cell in cells.values() if holds(cell)]
        if not held or all(cell is not None and cell.formula is not None for cell in held):
            break
        for column, cell in cells.items():
            if not is_number(cell):
                name = "a target" if given[column].kind == "target" else "an input"
                raise LayoutError(
                    f"{book.place(sheet.name, row, column)}: {found(cell)}, "
                    f"expected {name} of pattern {row - first + 1}, a number; {advice(cell)}"
                )
        values = [cell.value for cell in cells.values() if cell is not None]
        rows.append(tuple(value for value in values if isinstance(value, float)))
    count = max(len(rows), 1)
    counted = mean is not None and _window(sheet, mean, first, first + count) in (None, count)
    if counted or any(
        references(sheet.cell(first + count, column), first + count, column) for column in given
    ):
        return count
    for period in range(1, count // 2 + 1):
        if all(rows[i] == rows[i - period] for i in range(period, count)):
            return period
    return count


def _gradients(
    sheet: Sheet,
    runs: Sequence[Run],
    sizes: tuple[int, ...],
    places: dict[Term, int],
    first: int,
    *,
    biases: bool,
) -> dict[Term, int]:
    """Return the net's dC/dW columns: those whose formulas use its δ, else the only ones that fit."""
    own = set(places.values())
    layers = len(sizes) - 1
    candidates = [
        found
        for start in range(len(runs) - layers + 1)
        if (found := gradient_columns(runs[start : start + layers], sizes, biases=biases)) is not None
    ]
    for found in candidates:
        used = {
            column
            for term, place in found.items()
            for _, column in references(sheet.cell(first, place), first, place)
        }
        if used and used <= own:
            return found
    plain = [
        found
        for found in candidates
        if not any(references(sheet.cell(first, place), first, place) for place in found.values())
    ]
    return plain[0] if len(plain) == 1 else {}


def _asides(
    sheet: Sheet, label_row: int, first: int, end: int, places: dict[Term, int], taken: set[int]
) -> dict[Term, int]:
    """Return the column that counts a net's steps, left of it, and that of its mean cost, right of it.

    A column in which something else is typed is its author's own.
    """
    left, right = min(places.values()), max(c for term, c in places.items() if term.kind == "cost")
    before = max((column for column in taken if column < left), default=-1)
    after = min((column for column in taken if column > right), default=right + 3)
    found = {}
    for column, label in labels(sheet.rows[label_row]):
        typed = {
            row: cell.value
            for row, cells in sheet.rows.items()
            if first <= row < end and (cell := cells.get(column)) is not None and cell.formula is None
        }
        if label.kind == "step" and before < column < left and is_number(sheet.cell(first, column)):
            begin = typed.get(first)
            if isinstance(begin, float) and all(
                _is_plain(value) and value == begin + row - first for row, value in typed.items()
            ):
                found[STEP] = column
        if label.kind == "mean_cost" and right < column < after and all(map(_is_plain, typed.values())):
            found[MEAN_COST] = column
    return found


def _is_plain(value: Value) -> bool:
    """Tell a number, or nothing: what a count of steps and a mean may stand beside."""
    return value is None or type(value) is float


def _window(sheet: Sheet, column: int, first: int, last: int) -> int | None:
    """Return over how many rows the formulas of a column reach, None where there are none."""
    for row in range(first, last + 1):
        rows = [used for used, _ in references(sheet.cell(row, column), row, column)]
        if rows:
            return max(rows) - min(rows) + 1
    return None


def _helpers(
    sheet: Sheet, first: int, last: int, places: dict[Term, int], taken: set[int]
) -> tuple[int, ...]:
    """Return the columns of one formula down the table's rows that are no term of a net and use the table."""
    own = set(places.values())
    rows = range(first, last + 1)
    counts: dict[int, Counter[Pattern]] = {}
    for row in rows:
        for column, cell in sheet.rows.get(row, {}).items():
            if cell.formula is not None and column not in own and column not in taken:
                counts.setdefault(column, Counter())[pattern(cell.formula, row)] += 1
    found = []
    for column, patterns in counts.items():
        (form, count), *_ = patterns.most_common(1)
        used = references(Cell(None, form.text(last)), last, column)
        if 2 * count > len(rows) and any(r in rows and (c in own or c == column) for r, c in used):
            found.append(column)
    return tuple(sorted(found))
