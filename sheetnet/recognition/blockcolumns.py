"""The columns of blocks that are unrolled: a position each, or for the patterns of a block a lane."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from sheetnet.book.calculator import Place
from sheetnet.book.grid import Cell, CellError
from sheetnet.formula.expression import Expression, Reference, replace
from sheetnet.layout.content import is_number
from sheetnet.recognition.blocks import Blocks, Position
from sheetnet.recognition.formulas import Formulas, only_place, places
from sheetnet.recognition.passes import Pass, inlined

Key: TypeAlias = Position | Place
"""What is a column: a position of blocks, a lane's first pattern's; or the first cell of a lane beside."""

_LONGEST = 30
"""Characters of a label; what is longer is a sentence."""
_MOSTLY = 0.9
"""Part of the cells of a lane that are alike where the others are slips."""


class BlockColumns:
    """What of blocks makes a column, and from which cells it is filled.

    Formulas that serve all patterns of a block have no column: they are written into those that use them.
    """

    def __init__(self, formulas: Formulas, blocks: Blocks, passes: Pass | None) -> None:
        self.formulas, self.blocks, self.passes = formulas, blocks, passes
        self._cells = self._found()
        self._apart: dict[Position, bool] = {}
        self._ones = self._all_one()
        self._single = self._serving_all()
        sheets = formulas.book.sheets
        filled = (column for sheet in sheets for cells in sheet.rows.values() for column in cells)
        begin = max(filled, default=0) + 2
        self.columns: dict[Key, int] = {key: begin + index for index, key in enumerate(self._keys())}
        self._usual = self._usual_forms()

    def _found(self) -> list[list[tuple[Position, Cell]]]:
        """Return the cells of each block."""
        found: list[list[tuple[Position, Cell]]] = [[] for _ in self.blocks.frames]
        for name in dict.fromkeys(frame.sheet for frame in self.blocks.frames):
            for row, cells in self.formulas.book.sheet(name).rows.items():
                for column, cell in cells.items():
                    at = self.blocks.located((name, row, column))
                    if at is not None:
                        found[at[0]].append((at[1], cell))
        return found

    # ------------------------------------------------------------ positions

    def key(self, position: Position) -> Position:
        """Return the position that stands for a lane."""
        return position if self.passes is None else self.passes.lane(position)

    def place(self, key: Key, index: int, pattern: int) -> Place:
        """Return the cell of a column, for a pattern of a block."""
        if len(key) == 3:
            assert self.passes is not None
            return self.passes.spread(key, pattern)
        if self.passes is not None and key not in self.blocks.states and self.passes.pattern(key) is not None:
            key = self.passes.moved(key, pattern)
        return self.blocks.place(index, key)

    def is_one(self, place: Place) -> bool:
        """Tell a cell that holds 1 in a lane of ones: what a bias multiplies, and no pattern."""
        at = self.blocks.located(place) if self._ones else None
        cell = self.formulas.cell(place) if at is not None and self.key(at[1]) in self._ones else None
        return cell is not None and cell.value == 1.0 and cell.formula is None

    def whole(self, expression: Expression) -> Expression:
        """Return a formula with those written into it that serve all patterns of a block."""
        if self.passes is None:
            return expression

        def apart(place: Place) -> bool:
            at = self.blocks.located(place)
            return at is not None and self._is_apart(at[1])

        return inlined(expression, self.formulas, apart)

    def _is_apart(self, position: Position) -> bool:
        """Tell whether a formula serves all patterns of a block, and has no column."""
        if position not in self._apart:
            self._apart[position] = (
                self.passes is not None
                and position not in self.blocks.states
                and self.passes.pattern(position) is None
                and any(
                    self.formulas.expression(self.blocks.place(index, position)) is not None
                    for index in range(min(len(self.blocks.frames), 2))
                )
            )
        return self._apart[position]

    def _keys(self) -> list[Key]:
        """Return what is a column: weights, formulas, and the numbers that these use."""
        found: dict[Position, None] = dict.fromkeys(self.blocks.states)
        for index, cells in enumerate(self._cells):
            for position, cell in cells:
                if cell.formula is None or self._is_apart(position):
                    continue
                found[self.key(position)] = None
                expression = self.formulas.expression(self.blocks.place(index, position))
                for place in () if expression is None else places(self.whole(expression)):
                    at = self.blocks.located(place)
                    if at is not None and at[0] in (index, index - 1):
                        found[self.key(at[1])] = None
        kept = (
            position
            for position in sorted(found)
            if not (position in self._single or position in self._ones or self._is_apart(position))
        )
        return [*kept, *(() if self.passes is None else self.passes.outside)]

    def _all_one(self) -> set[Position]:
        """Return the lanes in which hardly anything but 1 is typed."""
        if self.passes is None:
            return set()
        votes: dict[Position, Counter[bool]] = {}
        for cells in self._cells:
            for position, cell in cells:
                if self.passes.pattern(position) is not None and position not in self.blocks.states:
                    one = cell.formula is None and cell.value == 1.0 and is_number(cell)
                    votes.setdefault(self.passes.lane(position), Counter())[one] += 1
        return {lane for lane, each in votes.items() if each[True] > _MOSTLY * each.total()}

    def _serving_all(self) -> set[Position]:
        """Return the positions of numbers in the first block that serve all blocks."""
        near: Counter[Position] = Counter()
        far: Counter[Position] = Counter()
        count = len(self._cells)
        for index in range(1, count):
            for position, cell in self._cells[index]:
                for place in (
                    () if cell.formula is None else self.formulas.named(self.blocks.place(index, position))
                ):
                    at = self.blocks.located(place)
                    if at is not None and (at[0] == index or (at[0] == index - 1 and index > 1)):
                        near[at[1]] += 1
                    elif at is not None and at[0] == 0 and (index > 1 or count == 2):
                        far[at[1]] += 1
        return {
            position
            for position, seen in far.items()
            if seen > near[position]
            and position not in self.blocks.states
            and self._is_typed(self.blocks.place(0, position))
        }

    def _is_typed(self, place: Place) -> bool:
        cell = self.formulas.cell(place)
        return is_number(cell) and cell is not None and cell.formula is None

    # ------------------------------------------------------------ what is odd

    def between(self, place: Place) -> list[Place]:
        """Return the cells whose formulas are written into a weight's."""
        chained = [place]
        for step in chained:
            for used in self.formulas.named(step):
                at = self.blocks.located(used)
                if at is not None and self._is_apart(at[1]) and used not in chained:
                    chained.append(used)
        return chained[1:]

    def cause(self, place: Place, between: Sequence[Place], copied: Place | None) -> Place:
        """Return the cell that makes a weight unlike other blocks': its own, or one in between.

        Where none does it is the cell in which the new value is computed, which it may be `copied` from.
        """
        at = self.blocks.located(place)
        new = None if at is None else self.blocks.states.get(at[1])
        if at is not None and new is not None and copied != self.blocks.place(at[0] - 1, new):
            return place
        for step in (place, *between):
            at = self.blocks.located(step)
            if at is not None and self._form(step) != self._usual.get(at[1]):
                return step
        return copied if copied is not None and copied in between else place

    def usual(self, place: Place) -> Expression | None:
        """Return the formula that other blocks have where a cell stands, None where they have none."""
        at = self.blocks.located(place)
        form = None if at is None else self._usual.get(at[1])
        if at is None or form is None:
            return None
        index = at[0]

        def put(part: Expression) -> Expression | None:
            if (
                isinstance(part, Reference)
                and isinstance(part.target, tuple)
                and isinstance(part.target[0], int)
            ):
                away, *position = part.target
                if not 0 <= index + away < len(self.blocks.frames):
                    return None
                return Reference(self.blocks.place(index + away, (position[0], position[1])))
            return None

        return replace(form, put)

    def _usual_forms(self) -> dict[Position, Expression]:
        """Return the formula that most blocks have where it serves all patterns."""
        votes: dict[Position, Counter[Expression]] = {}
        for index, cells in enumerate(self._cells if self.passes is not None else ()):
            for position, cell in cells:
                if cell.formula is not None and (self._is_apart(position) or position in self.blocks.states):
                    form = self._form(self.blocks.place(index, position))
                    if form is not None:
                        votes.setdefault(position, Counter())[form] += 1
        return {position: each.most_common(1)[0][0] for position, each in votes.items()}

    def _form(self, place: Place) -> Expression | None:
        """Return a formula with its places as seen from its own block."""
        expression, at = self.formulas.expression(place), self.blocks.located(place)
        if expression is None or at is None:
            return None

        def put(part: Expression) -> Expression | None:
            used = only_place(part) if isinstance(part, Reference) else None
            found = None if used is None else self.blocks.located(used)
            return None if found is None else Reference((found[0] - at[0], *found[1]))

        return replace(expression, put)

    # ------------------------------------------------------------ labels

    def labels(self) -> dict[Key, str]:
        """Return what stands beside or above the cells of the columns; new weights are called so."""
        found = {key: label for key in self.columns if (label := self._label(self.place(key, 0, 0)))}
        for state, new in self.blocks.states.items():
            if new is not None and state in found and found.get(new, found[state]) == found[state]:
                found[new] = f"new {found[state]}"
        return {key: label for key, label in found.items() if key in self.columns}

    def _label(self, place: Place) -> str | None:
        """Return the text left of a cell, or above it; for patterns rather that above."""
        sheet, row, column = place
        left, above = (sheet, row, column - 1), (sheet, row - 1, column)
        for beside in (left, above) if self.passes is None else (above, left):
            cell = self.formulas.cell(beside)
            if cell is not None and isinstance(cell.value, str) and not isinstance(cell.value, CellError):
                text = " ".join(cell.value.split())
                if text and len(text) <= _LONGEST:
                    return text
        return None
