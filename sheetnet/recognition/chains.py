"""Chains of blocks: each takes its weights from the one before, w − γ·g, or a copy of where that stands."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from sheetnet.book.calculator import Place
from sheetnet.layout.content import is_number
from sheetnet.recognition.blocks import FEWEST, MOST_ALONE, Blocks, Frame, Position
from sheetnet.recognition.formulas import Formulas, changed_places, only_place, shape
from sheetnet.recognition.loneblock import lone_block

MOST_FORMULAS = 20_000
"""Formulas of a sheet in which blocks are looked for."""


class _Change(NamedTuple):
    """A weight's cell, the cell that holds its next value, and that in which this is computed, if another."""

    before: Place
    after: Place
    new: Place | None


def blocks_of(formulas: Formulas, sheet: str) -> Blocks | None:
    """Return the blocks that begin on a sheet, None where there are none."""
    own = [place for place, _ in formulas.computed(sheet)]
    if not own or len(own) > MOST_FORMULAS:
        return None
    changes = list(_changes(formulas, own))
    if any(change.before[0] != sheet for change in changes):
        return None  # a later one of several sheets
    return (
        _on_sheets(formulas, sheet)
        or _on_one_sheet(formulas, [change for change in changes if change.before[0] == sheet])
        or lone_block(formulas, own)
    )


def _changes(formulas: Formulas, cells: Iterable[Place]) -> Iterator[_Change]:
    """Yield what may be a weight's next value: w − γ·g, or a copy of such a cell."""
    for place in cells:
        expression = formulas.expression(place)
        copied = only_place(expression)
        new = copied if copied is not None and _is_elsewhere(copied, place) else None
        computed = expression if new is None else formulas.expression(new)
        for before in changed_places(computed):
            if _is_next(before, place):
                yield _Change(before, place, new)


def _is_elsewhere(copied: Place, place: Place) -> bool:
    """Tell whether a copy is not just that of the block before: an input that repeats."""
    return copied[1:] != place[1:] if copied[0] != place[0] else True


def _is_next(before: Place, after: Place) -> bool:
    """Tell whether two cells can be one weight: of one address, or below or right of the other."""
    if before[0] != after[0]:
        return before[1:] == after[1:]
    down, right = after[1] - before[1], after[2] - before[2]
    return (down > 0 and right == 0) or (down == 0 and right > 0)


def _states(changes: Iterable[_Change], located: Mapping[Place, Position]) -> dict[Position, Position | None]:
    """Return the position of each weight, with that of its new value by most of the changes."""
    votes: dict[Position, Counter[Position | None]] = {}
    for change in changes:
        new = None if change.new is None else located.get(change.new)
        votes.setdefault(located[change.before], Counter())[new] += 1
    return {position: each.most_common(1)[0][0] for position, each in sorted(votes.items())}


# ---------------------------------------------------------------- one sheet a block


def _on_sheets(formulas: Formulas, first: str) -> Blocks | None:
    names, found = [first], list[_Change]()
    copies: Counter[tuple[Position, Position]] = Counter()
    while (following := _following(formulas, names[-1], names)) is not None:
        name, changes = following
        found += changes
        copies.update(_copies(formulas, names[-1], name))
        names.append(name)
    if len(names) < 2:
        return None
    states = _states(found, {place: place[1:] for each in found for place in (*each[:2], each.new) if place})
    for (position, new), _ in copies.most_common():
        # a new value that is computed otherwise than it should be
        if position not in states and new not in states.values():
            states[position] = new
    return Blocks(tuple(map(Frame, names)), dict(sorted(states.items())))


def _following(formulas: Formulas, name: str, known: Collection[str]) -> tuple[str, list[_Change]] | None:
    """Return the sheet that takes its weights from another one, and these."""
    for sheet in formulas.book.sheets:
        if sheet.name in known:
            continue
        naming = [place for place, cell in formulas.computed(sheet.name) if name in (cell.formula or "")]
        if len(naming) > MOST_ALONE:
            continue
        changes = [change for change in _changes(formulas, naming) if change.before[0] == name]
        if len(changes) >= FEWEST:
            return sheet.name, changes
    return None


def _copies(formulas: Formulas, before: str, after: str) -> Iterator[tuple[Position, Position]]:
    """Yield what a sheet copies from computed cells of the one before, into which cells."""
    for place, cell in formulas.computed(after):
        copied = only_place(formulas.expression(place)) if before in (cell.formula or "") else None
        if copied is None or copied[0] != before or copied[1:] == place[1:]:
            continue
        if is_number(formulas.cell((before, *place[1:]))) and formulas.expression(copied) is not None:
            yield place[1:], copied[1:]


# ---------------------------------------------------------------- several blocks on a sheet


def _on_one_sheet(formulas: Formulas, changes: list[_Change]) -> Blocks | None:
    """Return the blocks below each other, or side by side, that most weights tell."""
    votes: dict[Position, list[_Change]] = {}
    for change in changes:
        lag = change.after[1] - change.before[1], change.after[2] - change.before[2]
        if sum(lag) > 1:
            votes.setdefault(lag, []).append(change)
    for lag, found in sorted(votes.items(), key=lambda each: (-len(each[1]), each[0])):
        own = [change for change in found if _is_repeated(formulas, change, lag)]
        roots = _roots(own, found, lag)
        if len(roots) >= FEWEST and 2 * len(own) >= len(found):
            return _framed(formulas, found, roots, lag)
    return None


def _is_repeated(formulas: Formulas, change: _Change, lag: Position) -> bool:
    """Tell whether the next value is used as the value before is, at the same distance."""
    for user in formulas.users(change.before):
        again = user[0], user[1] + lag[0], user[2] + lag[1]
        one, other = formulas.expression(user), formulas.expression(again)
        if one is None or other is None or user == change.after:
            continue
        if change.after in formulas.named(again) and shape(one) == shape(other):
            return True
    return False


def _roots(changes: list[_Change], found: list[_Change], lag: Position) -> set[Place]:
    """Return the weights with which chains of changes begin; a number typed in between begins none."""
    later = {change.after for change in found}
    known = {change.before for change in found} | later
    roots = {change.before for change in changes if change.before not in later}
    return {root for root in roots if _moved(root, lag, -1) not in known}


def _moved(place: Place, lag: Position, times: int) -> Place:
    return place[0], place[1] + times * lag[0], place[2] + times * lag[1]


def _framed(formulas: Formulas, changes: list[_Change], roots: set[Place], lag: Position) -> Blocks:
    """Return the blocks of a lag: where they begin is where the fewest formulas reach from one to another."""
    down = lag[0] > 0
    size = sum(lag)
    begin = min(_along(root, down=down) for root in roots)
    first = {root for root in roots if _along(root, down=down) < begin + size}
    end = max(_along(root, down=down) for root in first)
    sheet = next(iter(first))[0]
    start = _start(formulas, sheet, range(max(end - size + 1, 0), begin + 1), size, down=down)
    count = (max(_along(change.after, down=down) for change in changes) - start) // size + 1
    steps = [start + index * size for index in range(count)]
    frames = tuple(Frame(sheet, step, 0) if down else Frame(sheet, 0, step) for step in steps)
    blocks = Blocks(frames, {}, size if down else None, None if down else size)
    # a weight with another root has a slip in between
    weights = {at[1] for root in roots if (at := blocks.located(root)) is not None}
    weights = {each for each in weights if is_number(formulas.cell(blocks.place(0, each)))}
    located: dict[Place, Position] = {}
    inside: list[_Change] = []
    for change in changes:
        before = blocks.located(change.before)
        if before is None or before[1] not in weights:
            continue
        inside.append(change)
        located[change.before] = before[1]
        # a new value that stands in the next block is that one's own matter
        new = None if change.new is None else blocks.located(change.new)
        if change.new is not None and new is not None and new[0] == before[0]:
            located[change.new] = new[1]
    return replace(blocks, states=_states(inside, located))


def _along(place: Place, *, down: bool) -> int:
    return place[1] if down else place[2]


def _start(formulas: Formulas, sheet: str, starts: range, size: int, *, down: bool) -> int:
    """Return the first row, or column, of the first block."""
    pairs: list[tuple[int, int]] = []
    for place, _ in formulas.computed(sheet):
        one = _along(place, down=down)
        if starts[0] <= one < starts[-1] + 2 * size:
            used = [other for other in formulas.named(place) if other[0] == sheet]
            pairs += [(one, _along(other, down=down)) for other in used]

    def crossing(start: int) -> int:
        return sum(
            min(one, other) >= start and (one - start) // size != (other - start) // size
            for one, other in pairs
        )

    return min(starts, key=crossing)
