"""Formulas laid out to be read: spaced, long sums shortened, wrapped below their bracket, worked out."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from sheetnet.formula.expression import Call, Constant, Expression, Operation, Range, Reference, Unreadable
from sheetnet.formula.reduction import operands
from sheetnet.formula.text import LEVELS
from sheetnet.report.words import WIDTH

Name: TypeAlias = Callable[[object], str]

LONG_SUM, FIRST, LAST = 6, 3, 2
"""Terms of a sum that are all shown; of more, the first and the last ones."""
LONG = 240
"""Characters of a user's own formula that are shown."""
_SIGN, _ATOM = 6, 7


def figure(value: float) -> str:
    """Return a number as a worked line shows it: six decimals, or all that it has when these are fewer."""
    size = abs(value)
    if size == 0:
        return "0"
    short = repr(float(f"{value:.12g}")).removesuffix(".0")
    if len(short.partition(".")[2]) <= 6 and "e" not in short:
        return short
    if size < 1e-3:
        return f"{value:.4g}"
    return f"{value:.6f}" if size < 1e3 else f"{value:.7g}"


def spaced(expression: Expression, name: Name) -> str:
    """Return an expression's text with blanks around its outermost operators; `name` spells references.

    Where there would be room in several sums, as in a softmax, there is none.
    """
    text = _written(expression, name, outer=True)[0]
    if text.count("( ") < 2:
        return text
    return re.sub(r" ([-+*]) ", r"\1", text).replace("( ", "(").replace(" )", ")")


def _written(expression: Expression, name: Name, *, outer: bool = False) -> tuple[str, int]:
    """Return the text and how tight it binds; a negative number binds like a sign."""
    match expression:
        case Constant(bool() as truth):
            return str(truth).upper(), _ATOM
        case Constant(float() as value):
            return figure(value), _ATOM if value >= 0 else _SIGN
        case Constant(text):
            return '"' + str(text).replace('"', '""') + '"', _ATOM
        case Reference(target):
            return name(target), _ATOM
        case Range(first, last):
            return name((first, last)), _ATOM
        case Unreadable(text):
            return text, _ATOM
        case Call():
            return _call(expression, name), _ATOM
        case Operation("%", (operand,)):
            return _tight(operand, name, _ATOM) + "%", _ATOM
        case Operation(operator, (operand,)):
            return {"neg": "-"}.get(operator, "+") + _tight(operand, name, _SIGN, spacious=True), _SIGN
        case Operation("+" | "-"):
            return _sum(expression, name, outer=outer), LEVELS["+"]
        case Operation("*" | "/"):
            return _product(expression, name, outer=outer), LEVELS["*"]
    assert isinstance(expression, Operation)
    left, right = expression.operands
    level = LEVELS[expression.operator]
    base = _written(left, name)
    negative_base = expression.operator == "^" and base[1] == _SIGN and isinstance(left, Constant)
    bracket = base[1] < level or negative_base
    text = f"({base[0]})" if bracket else base[0]
    return text + expression.operator + _tight(right, name, level + 1), level


def _call(call: Call, name: Name) -> str:
    """Return a function's call; a sum among its arguments has room."""
    if not any(map(_is_total, call.arguments)):
        return f"{call.name}({','.join(_written(part, name)[0] for part in call.arguments)})"
    if len(call.arguments) == 1:
        return call.name + _bracketed(call.arguments[0], name, spacious=True)
    return f"{call.name}({', '.join(_written(part, name, outer=True)[0] for part in call.arguments)})"


def _tight(part: Expression, name: Name, level: int, *, spacious: bool = False) -> str:
    """Return a part's text, in brackets when it binds less than a level."""
    text, own = _written(part, name)
    return text if own >= level else _bracketed(part, name, spacious=spacious)


def _bracketed(part: Expression, name: Name, *, spacious: bool) -> str:
    """Return a part in brackets; sums have room in them where there is room around."""
    if spacious and _is_total(part):
        return f"( {_sum(part, name, outer=True)} )"
    return f"({_written(part, name)[0]})"


def _is_total(part: Expression) -> bool:
    return isinstance(part, Operation) and part.operator == "+" and len(part.operands) == 2


def _sum(expression: Expression, name: Name, *, outer: bool) -> str:
    first, rest = operands(expression, ("+", "-"))
    pieces = [_written(first, name)[0]]
    for operator, part in rest:
        sign = operator
        if (
            operator == "+"
            and isinstance(part, Constant)
            and isinstance(part.value, float)
            and part.value < 0
        ):
            sign, part = "-", Constant(-part.value)  # noqa: PLW2901
        text = _tight(part, name, LEVELS["+"] + 1)
        if text.startswith("-"):
            text = _guarded(text)
        pieces.append(f" {sign} {text}" if outer else f"{sign}{text}")
    if len(pieces) > LONG_SUM:
        pieces = [*pieces[:FIRST], " + ..." if outer else "+...", *pieces[-LAST:]]
    return "".join(pieces)


def _guarded(text: str) -> str:
    """Return a product that begins with a sign with its first factor in brackets."""
    match = re.match(r"-(?:\d[\d.]*(?:e[-+]\d+)?|[\w.$!]+)", text)
    return f"({match[0]}){text[match.end() :]}" if match is not None else f"({text})"


def _product(expression: Expression, name: Name, *, outer: bool) -> str:
    first, rest = operands(expression, ("*", "/"))
    roomy = outer and all(operator == "*" for operator, _ in rest)
    text = _tight(first, name, LEVELS["*"], spacious=roomy)
    for operator, part in rest:
        factor = _tight(part, name, LEVELS["*"] + 1, spacious=roomy)
        if factor.startswith("-"):
            factor = f"({factor})"
        text += f" {operator} {factor}" if roomy else operator + factor
    return text


# ---------------------------------------------------------------- lines


def wrapped(text: str, before: str, *, width: int = WIDTH) -> list[str]:
    """Return a formula after `before`, which ends in "= "; what does not fit stands below its bracket."""
    base = len(before) - 2
    brackets = [base]
    lines = [before]
    for index, token in enumerate(_tokens(text, width - len(before))):
        gap = " " if index and not lines[-1].endswith(" ") and token[1:2] == " " else ""
        if index and len(lines[-1]) + len(gap) + len(token) > width:
            indent = brackets[-1] if brackets[-1] + len(token) <= width else base
            lines.append(" " * indent)
            gap = ""
        start = len(lines[-1]) + len(gap)
        lines[-1] += gap + token
        for match in re.finditer(r"\( | \)", token):
            if match[0] == "( ":
                brackets.append(start + match.start())
            elif len(brackets) > 1:
                brackets.pop()
    return lines


def _tokens(text: str, room: int) -> list[str]:
    """Return the pieces at which a formula may be broken: at spaced operators, else anywhere it must."""
    tokens: list[str] = []
    for token in re.split(r" (?=[-+*] )", text):
        while len(token) > room:
            cut = max((m.end() for m in re.finditer(r"[-+*/,;(]", token[:room])), default=room)
            tokens.append(token[:cut])
            token = token[cut:]  # noqa: PLW2901
        tokens.append(token)
    return tokens


def worked(texts: Sequence[str], before: str, *, width: int = WIDTH) -> list[str]:
    """Return the steps of a calculation, each after a "="; short ones share a line.

    A step with a sum in it stands alone, so that one sees its terms become one number.
    """
    steps = [text for index, text in enumerate(texts) if index == 0 or text != texts[index - 1]]
    indent = " " * (len(before) - 2)
    lines = wrapped(steps[0], before, width=width)
    for index, (last, text) in enumerate(pairwise(steps), 1):
        alone = " + " in last or " - " in last or "( " in last
        joins = (not alone or index == len(steps) - 1) and len(lines[-1]) + 3 + len(text) <= width
        if joins:
            lines[-1] += f" = {text}"
        else:
            lines += wrapped(text, f"{indent}= ", width=width)
    return lines
