"""A block that is alone: one step, with the new weights in cells of their own."""

from collections import Counter

from sheetnet.book.calculator import Place
from sheetnet.layout.content import is_number
from sheetnet.recognition.blocks import FEWEST, MOST_ALONE, Blocks, Frame, Position
from sheetnet.recognition.formulas import Formulas, changed_places


def lone_block(formulas: Formulas, own: list[Place]) -> Blocks | None:
    """Return the one block of a sheet on which the new weights are used no more."""
    if len(own) > MOST_ALONE:
        return None
    pairs: list[tuple[Place, Place]] = []
    idle: list[tuple[Place, Place]] = []
    for place in own:
        if formulas.users(place):
            continue
        for weight in changed_places(formulas.expression(place)):
            if _is_initial(formulas, weight) and weight[0] == place[0]:
                others = [used for used in formulas.named(place) if used != weight]
                led = any(weight in formulas.precedents(used) for used in others)
                (pairs if led else idle).append((weight, place))
    # a weight to which nothing leads back is one that a slip leaves unused
    distances = {_distance(*pair) for pair in pairs}
    return _paired(formulas, [*pairs, *(pair for pair in idle if _distance(*pair) in distances)])


def _is_initial(formulas: Formulas, place: Place) -> bool:
    """Tell a number, typed or computed from nothing."""
    cell = formulas.cell(place)
    if cell is None or cell.formula is None:
        return is_number(cell)
    return formulas.expression(place) is not None and not formulas.named(place)


def _paired(formulas: Formulas, pairs: list[tuple[Place, Place]]) -> Blocks | None:
    """Return a block of weights and their new values; what two claim has the one at the usual distance."""
    distances = Counter(_distance(*pair) for pair in pairs)
    news: dict[Place, Place] = {}
    for weight, new in sorted(pairs, key=lambda pair: (-distances[_distance(*pair)], pair)):
        if weight not in news and new not in news.values():
            news[weight] = new
    for _, new in pairs:
        if new in news.values():
            continue
        # the new value of a weight that another one took: that at the usual distance
        for distance, _ in distances.most_common():
            likely = new[0], new[1] - distance[0], new[2] - distance[1]
            if likely not in news and _is_initial(formulas, likely) and formulas.users(likely):
                news[likely] = new
                break
    if len(news) < FEWEST:
        return None
    sheet = next(iter(news))[0]
    states: dict[Position, Position | None] = {weight[1:]: new[1:] for weight, new in news.items()}
    return Blocks((Frame(sheet),), dict(sorted(states.items())))


def _distance(weight: Place, new: Place) -> Position:
    return new[1] - weight[1], new[2] - weight[2]
