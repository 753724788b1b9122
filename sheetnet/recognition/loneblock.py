"""A block that is alone: one step, with the new weights in cells of their own."""

from collections import Counter

from sheetnet.book.calculator import Place
from sheetnet.layout.content import is_number
from sheetnet.recognition.blocks import FEWEST, MOST_ALONE, Blocks, Frame, Position
from sheetnet.recognition.formulas import Formulas, changed_places, places


def lone_block(formulas: Formulas, own: list[Place]) -> Blocks | None:
    """Return the one block of a sheet on which the new weights are used no more."""
    if len(own) > MOST_ALONE:
        return None
    pairs: list[tuple[Place, Place]] = []
    for place in own:
        if formulas.users(place):
            continue
        expression = formulas.expression(place)
        for weight in changed_places(expression):
            if _is_initial(formulas, weight) and weight[0] == place[0] and expression is not None:
                others = [used for used in places(expression) if used != weight]
                if any(weight in formulas.precedents(used) for used in others):
                    pairs.append((weight, place))
    return _paired(formulas, pairs)


def _is_initial(formulas: Formulas, place: Place) -> bool:
    cell = formulas.cell(place)
    expression = formulas.expression(place)
    return is_number(cell) or (expression is not None and not places(expression))


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
