"""An expression worked out step by step, as one does on paper: products before sums, brackets from within."""

from collections.abc import Callable

from sheetnet.formula.arithmetic import Value, evaluate, number
from sheetnet.formula.expression import Call, Constant, Expression, Operation, Reference, replace

_SUM, _PRODUCT = ("+", "-"), ("*", "/")


def reductions(expression: Expression, lookup: Callable[[object], Value]) -> list[Expression]:
    """Return the expression with numbers for its references, then after each step, last the result alone.

    All values are Calc's and exact; whoever shows them rounds. A difference such as 1−a counts as a number
    from the start. ErrorValue and NotComputable as `evaluate` raises them.
    """

    def filled(part: Expression) -> Expression | None:
        match part:
            case Reference():
                return Constant(_number(evaluate(part, lookup)))
            case Operation("-", (Constant(), Reference())):
                return Constant(_number(evaluate(part, lookup)))
        return None

    current = replace(expression, filled)
    steps = [current]
    while not isinstance(current, Constant):
        current = _reduced(current)
        steps.append(current)
    return steps


def operands(
    expression: Expression, operators: tuple[str, ...]
) -> tuple[Expression, list[tuple[str, Expression]]]:
    """Return the first operand of a chain of binary operators of one level, and the others with theirs."""
    rest: list[tuple[str, Expression]] = []
    while (
        isinstance(expression, Operation)
        and expression.operator in operators
        and len(expression.operands) == 2
    ):
        rest.append((expression.operator, expression.operands[1]))
        expression = expression.operands[0]
    return expression, rest[::-1]


def flattened(expression: Expression) -> Expression:
    """Return the expression without brackets that do not matter: a*(b*c) becomes a*b*c, a+(b+c) a+b+c."""
    if isinstance(expression, Call):
        return Call(expression.name, tuple(map(flattened, expression.arguments)))
    if not isinstance(expression, Operation):
        return expression
    if expression.operator not in ("+", "*") or len(expression.operands) == 1:
        return Operation(expression.operator, tuple(map(flattened, expression.operands)))
    first, rest = operands(expression, (expression.operator,))
    result = flattened(first)
    for _, part in rest:
        inner, more = operands(flattened(part), (expression.operator,))
        for each in (inner, *(other for _, other in more)):
            result = Operation(expression.operator, (result, each))
    return result


def _reduced(expression: Expression) -> Expression:
    """Return the expression after one step: every operation on numbers alone is carried out."""
    if isinstance(expression, Constant):
        return expression
    if isinstance(expression, Call):
        if expression.name == "IF" or all(isinstance(part, Constant) for part in expression.arguments):
            return _value(expression)
        return Call(expression.name, tuple(map(_reduced, expression.arguments)))
    assert isinstance(expression, Operation)
    if len(expression.operands) == 1:  # a sign is taken along with the number that it stands before
        signed = Operation(expression.operator, (_reduced(expression.operands[0]),))
        return _value(signed) if isinstance(signed.operands[0], Constant) else signed
    level = next(
        (level for level in (_SUM, _PRODUCT) if expression.operator in level), (expression.operator,)
    )
    first, rest = operands(expression, level)
    if isinstance(first, Constant) and all(isinstance(part, Constant) for _, part in rest):
        return _value(expression)
    numbers = 0
    if level == _PRODUCT and isinstance(first, Constant):
        while isinstance(rest[numbers][1], Constant):
            numbers += 1
    result: Expression = _reduced(first)
    for index, (operator, part) in enumerate(rest):
        result = Operation(operator, (result, part if index < numbers else _reduced(part)))
        if index < numbers:
            result = _value(result)
    return result


def _value(expression: Expression) -> Constant:
    return Constant(_number(evaluate(expression, _nothing)))


def _number(value: Value) -> float:
    return number(value)


def _nothing(target: object) -> Value:
    raise TypeError(f"{target!r} has no value yet")
