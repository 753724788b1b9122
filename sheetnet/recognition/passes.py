"""Patterns inside a block: rows (or columns) that repeat their formulas while the weights stay."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from sheetnet.book.calculator import Place
from sheetnet.formula.expression import Call, Expression, replace, walk
from sheetnet.recognition.blocks import Blocks, Position
from sheetnet.recognition.formulas import Formulas, each_place, only_place, shape
from sheetnet.recognition.sums import terms_of

_Interval: TypeAlias = tuple[int, int, int]
"""Along which axis of a block something is added up (0 down, 1 to the right), from where, how many."""
_DEEP = 4
"""Cells in between that are followed from a weight to what is added up for it."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The patterns of each block: `count` of them along an axis (0 down, 1 to the right) from `start` on.

    `lanes` are the columns (rows) that hold a cell for each; `outside` are cells beside the blocks that
    serve all of these, the first pattern's of each lane.
    """

    axis: int
    start: int
    count: int
    lanes: frozenset[int]
    outside: tuple[Place, ...] = ()

    def pattern(self, position: Position) -> int | None:
        """Return to which pattern a position of a block belongs, None if to all."""
        index = position[self.axis] - self.start
        return index if 0 <= index < self.count and position[1 - self.axis] in self.lanes else None

    def lane(self, position: Position) -> Position:
        """Return the first pattern's position of a lane."""
        return self.moved(position, -(self.pattern(position) or 0))

    def moved(self, position: Position, patterns: int) -> Position:
        """Return the position of so many patterns later."""
        row, column = position
        return (row, column + patterns) if self.axis else (row + patterns, column)

    def beside(self, place: Place) -> tuple[Place, int] | None:
        """Return the outside lane in which a cell stands, as its first cell, and whose pattern's it is."""
        for first in self.outside:
            index = (place[2] - first[2]) if self.axis else (place[1] - first[1])
            if 0 <= index < self.count and place == self.spread(first, index):
                return first, index
        return None

    def spread(self, first: Place, pattern: int) -> Place:
        """Return a pattern's cell of an outside lane."""
        sheet, row, column = first
        return (sheet, row, column + pattern) if self.axis else (sheet, row + pattern, column)


def pass_of(formulas: Formulas, blocks: Blocks) -> Pass | None:
    """Return the patterns of each block, over which most updates add something up; None for one a block."""
    votes: Counter[_Interval] = Counter()
    for state, new in blocks.states.items():
        index, position = (1, state) if new is None else (0, new)
        if index >= len(blocks.frames):
            continue
        found = formulas.expression(blocks.place(index, position))
        if found is not None:
            whole = inlined(found, formulas, lambda place: _is_apart(blocks, place))
            votes.update(set(_intervals(whole, blocks)))
    for (axis, start, count), support in votes.most_common():
        if 2 * support > len(blocks.states):
            made = _laned(formulas, blocks, axis, start, count)
            if made is not None:
                return made
    return None


def inlined(expression: Expression, formulas: Formulas, apart: Callable[[Place], bool]) -> Expression:
    """Return a formula with those that stand in cells `apart` in the place of these."""

    def put(depth: int) -> Callable[[Expression], Expression | None]:
        def change(part: Expression) -> Expression | None:
            place = only_place(part)
            found = formulas.expression(place) if place is not None and depth and apart(place) else None
            return None if found is None else replace(found, put(depth - 1))

        return change

    return replace(expression, put(_DEEP))


def _is_apart(blocks: Blocks, place: Place) -> bool:
    at = blocks.located(place)
    return at is not None and at[1] not in blocks.states


def _intervals(expression: Expression, blocks: Blocks) -> Iterator[_Interval]:
    """Yield what sums add up, where it is a run of cells."""
    for part in walk(expression):
        terms: list[Expression] = []
        if isinstance(part, Call) and part.name in ("SUM", "AVERAGE"):
            terms = list(part.arguments)
        else:
            terms = [term for _, term in terms_of(part)]
            if any(only_place(term) is None for term in terms):
                continue
        named = [list(each_place(term)) for term in terms]
        if len(terms) > 1 and named[0] and len({len(each) for each in named}) == 1:
            for slot in zip(*named, strict=True):
                at = [blocks.located(place) for place in slot]
                known = [each for each in at if each is not None]
                if len(known) == len(at) and len({index for index, _ in known}) == 1:
                    yield from _run([position for _, position in known])


def _run(positions: list[Position]) -> Iterator[_Interval]:
    for axis in (0, 1):
        begin = positions[0][axis]
        along = [position[axis] - begin for position in positions]
        across = {position[1 - axis] for position in positions}
        if along == list(range(len(positions))) and len(across) == 1:
            yield axis, begin, len(positions)


# ---------------------------------------------------------------- lanes


def _laned(formulas: Formulas, blocks: Blocks, axis: int, start: int, count: int) -> Pass | None:
    """Return the patterns of an interval, None where formulas do not repeat along it."""
    filled: Counter[int] = Counter()
    frame = blocks.frames[0]
    for row, cells in formulas.book.sheet(frame.sheet).rows.items():
        for column, cell in cells.items():
            at = blocks.located((frame.sheet, row, column))
            if at is None or at[0] != 0 or at[1] in blocks.states or at[1] in blocks.states.values():
                continue
            if start <= at[1][axis] < start + count and (cell.formula is not None or cell.value is not None):
                filled[at[1][1 - axis]] += 1
    lanes = frozenset(lane for lane, cells in filled.items() if 2 * cells > count)
    found = Pass(axis, start, count, lanes)
    votes: Counter[Place] = Counter()
    stays = 0
    for lane in lanes:
        first = (start, lane) if axis == 0 else (lane, start)
        forms = [formulas.expression(blocks.place(0, found.moved(first, each))) for each in range(count)]
        usual = Counter(shape(form) for form in forms if form is not None).most_common(1)
        if not usual:
            continue
        slots: list[tuple[int, list[Place]]] = []
        for index, form in enumerate(forms):
            if form is not None and shape(form) == usual[0][0]:
                slots.append((index, list(each_place(form))))
        stays += _staying(blocks, slots)
        votes.update(_outside(found, blocks, slots))
    if stays <= 0:
        return None
    outside = tuple(sorted(first for first, seen in votes.items() if seen > 1))
    return Pass(axis, start, count, lanes, outside)


def _staying(blocks: Blocks, slots: list[tuple[int, list[Place]]]) -> int:
    """Return how many weights stay from pattern to pattern, less those that change."""
    total = 0
    for named in zip(*(each for _, each in slots), strict=True):
        at = [blocks.located(place) for place in named]
        if len(named) > 1 and all(each is not None and each[1] in blocks.states for each in at):
            common = Counter(named).most_common(1)[0][1]
            total += 1 if 2 * common > len(named) else -len(blocks.states)
    return total


def _outside(found: Pass, blocks: Blocks, slots: list[tuple[int, list[Place]]]) -> set[Place]:
    """Return the first cells of lanes beside the blocks: what formulas name one further a pattern."""
    starts: Counter[Place] = Counter()
    for index, named in slots:
        for place in dict.fromkeys(named):
            if blocks.located(place) is None:
                starts[found.spread(place, -index)] += 1
    return {first for first, seen in starts.items() if 2 * seen > len(slots) and seen > 1}
