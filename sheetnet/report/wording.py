"""The words and numbers of reports in one language; each language is a data file."""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sheetnet.book.grid import Value

_FOLDER = Path(__file__).with_name("languages")
_MOST_DIGITS = 17
"""Digits that tell any two doubles apart."""


class Wording:
    """The words of one language, by their keys, and how it writes numbers.

    `data` is a file's content: sentences with places in braces, in groups; of a pair the first is said of
    one and the second of many. Keys of the group `sentences` need not be called by it.
    """

    def __init__(self, code: str, data: Mapping[str, Any]) -> None:
        self.code = code
        self._data = {**data.get("sentences", {}), **data}
        self._decimal, self._thousands = data["decimal"], data["thousands"]

    def __call__(self, key: str, **places: object) -> str:
        """Return a sentence with its places filled; `group.name` names one of a group."""
        found: Any = self._data
        for name in key.split("."):
            found = found[name]
        if isinstance(found, list):
            found = found[places["count"] != 1]
        sentence: str = found
        shown = {name: self.integer(v) if isinstance(v, int) else v for name, v in places.items()}
        return sentence.format(**shown)

    def convention(self, name: str, choice: str | tuple[str, ...]) -> tuple[str, str]:
        """Return what a convention is about and what is chosen; names without words stand as they are."""
        words = self._data["conventions"].get(name, {})
        chosen = [choice] if isinstance(choice, str) else choice
        return words.get("name", name), ", ".join(words.get(each, each) for each in chosen)

    def count(self, count: int, key: str) -> str:
        """Return so and so many of something: 1 mistake, 27,056 cells."""
        one, many = self._data["counts"][key]
        return f"{self.integer(count)} {one if count == 1 else many}"

    def integer(self, value: int) -> str:
        """Return a whole number."""
        return f"{value:,}".replace(",", self._thousands)

    def number(self, value: float, digits: int = 6) -> str:
        """Return a number with so many digits."""
        return self.decimal(f"{value:.{digits}g}") if math.isfinite(value) else "–"

    def decimal(self, text: str) -> str:
        """Return a number's text with the language's own decimal sign."""
        return text.replace(".", self._decimal)

    def value(self, value: Value, digits: int = 6) -> str:
        """Return what a cell holds: texts in quotes, truths in capitals."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, float | int):
            return self.number(value, digits)
        return str(value) if type(value) is not str else f"“{value}”"

    def pair(self, value: Value, expected: float | None) -> tuple[str, str]:
        """Return a value and the right one, with as many digits as tell the two apart."""
        if expected is None:
            return self.value(value, 8), ""
        shown, right = self.value(value, 8), self.number(expected, 8)
        for digits in range(9, _MOST_DIGITS + 1):
            if shown != right or value == expected:
                break
            shown, right = self.value(value, digits), self.number(expected, digits)
        return shown, right


PAGE = Path(__file__).parent / "check" / "html" / "languages"
"""The folder of the words that only the page of a check has, and of the conventions' names."""


@cache
def wording(code: str, folder: Path = _FOLDER) -> Wording:
    """Return the words of a language by its code, ``en`` or ``da``, from the files of a folder."""
    return Wording(code, tomllib.loads((folder / f"{code}.toml").read_text(encoding="utf-8")))
