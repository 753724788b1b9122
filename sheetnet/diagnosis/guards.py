"""Guards against rows that are not filled: IF(C9="","",…) is its last part wherever C9 is."""

from collections.abc import Callable

from sheetnet.formula.expression import (
    Call,
    CellReference,
    Constant,
    Expression,
    Operation,
    Reference,
    replace,
    walk,
)

_EMPTY = Constant("")


def unguarded(expression: Expression, filled: Callable[[CellReference], bool]) -> Expression:
    """Return an expression without guards; `filled` tells of which cells they let through."""

    def part(guard: Expression) -> Expression | None:
        if not (isinstance(guard, Call) and guard.name == "IF" and len(guard.arguments) == 3):
            return None
        test, first, second = guard.arguments
        if not (isinstance(test, Operation) and test.operator in ("=", "<>") and _EMPTY in test.operands):
            return None
        shown, empty = (second, first) if test.operator == "=" else (first, second)
        asked = [each.target for each in test.operands if isinstance(each, Reference)]
        passes = empty == _EMPTY and asked and all(isinstance(t, CellReference) and filled(t) for t in asked)
        return replace(shown, part) if passes else None

    guarded = any(isinstance(each, Constant) and each == _EMPTY for each in walk(expression))
    return replace(expression, part) if guarded else expression
