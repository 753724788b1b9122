"""Records read from JSON by their own types: dataclasses, tuples, literals, numbers and texts."""

import json
import math
import unicodedata
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

MAX_ITEMS = 100_000
"""Of a list."""
MAX_TEXT = 1_000
"""Characters of a text."""
_LARGEST = 2**63
_SHOWN = 60


class Malformed(Exception):
    """What was found in a record and what was expected; `where` is its place, students[3].id."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where


def decoded(kind: Any, data: object, where: str = "") -> Any:
    """Return JSON's `data` as a value of a type, which nothing in it may exceed or lack; Malformed otherwise.

    A whole number will do for a float. No float is infinite, no text has control characters.
    """
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _record(kind, data, where)
    if origin is tuple:
        return _items(get_args(kind)[0], data, where)
    if origin is Literal:
        if isinstance(data, str) and data in get_args(kind):
            return data
        raise _unlike(data, "one of " + ", ".join(get_args(kind)), where)
    if origin in (Union, UnionType):
        return _either(get_args(kind), data, where)
    return _plain(kind, data, where)


def _record(kind: Any, data: object, where: str) -> object:
    if not isinstance(data, dict):
        raise _unlike(data, "an object", where)
    hints = get_type_hints(kind)
    inside = f"{where}." if where else ""
    for name in data:
        if name not in hints:
            raise Malformed(where, f"found the key {str(name)[:40]!r}, expected none of this name")
    found = {}
    for each in fields(kind):
        if each.name in data:
            found[each.name] = decoded(hints[each.name], data[each.name], f"{inside}{each.name}")
        elif each.default is MISSING:
            raise Malformed(where, f"found no key {each.name!r}, expected one")
    try:
        return kind(**found)
    except ValueError as error:
        raise Malformed(where, f"found {error}") from error


def _items(kind: Any, data: object, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _unlike(data, "a list", where)
    if len(data) > MAX_ITEMS:
        raise Malformed(where, f"found {len(data):,} items, expected at most {MAX_ITEMS:,}")
    return tuple(decoded(kind, each, f"{where}[{at}]") for at, each in enumerate(data))


def _either(kinds: tuple[Any, ...], data: object, where: str) -> object:
    if data is None and NoneType in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not NoneType)
    if str in kinds and (isinstance(data, str) or len(kinds) == 1):
        return _plain(str, data, where)
    return decoded(next(kind for kind in kinds if kind is not str), data, where)


def _plain(kind: Any, data: object, where: str) -> float | str:
    if kind is str:
        if not isinstance(data, str):
            raise _unlike(data, "a text", where)
        if len(data) > MAX_TEXT or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in data):
            raise Malformed(where, f"found a text that is no line, expected at most {MAX_TEXT:,} characters")
        return data
    expected = "a whole number" if kind is int else "a number"
    if isinstance(data, bool) or not isinstance(data, int if kind is int else (int, float)):
        raise _unlike(data, expected, where)
    if not abs(data) < (_LARGEST if isinstance(data, int) else math.inf):
        raise _unlike(data, f"{expected} that is smaller", where)
    return data if kind is int else float(data)


def _unlike(data: object, expected: str, where: str) -> Malformed:
    if isinstance(data, dict):
        found = "an object"
    elif isinstance(data, list):
        found = "a list"
    else:
        found = json.dumps(data, ensure_ascii=False)
    return Malformed(where, f"found {found[:_SHOWN]}, expected {expected}")
