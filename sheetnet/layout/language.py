"""The languages that sheets are written in; each is one data file in `languages/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sheetnet.layout.prose import listing

LANGUAGES = ("en", "da")
"""The languages of new sheets; reading knows the words of all."""


_FOLDER = Path(__file__).with_name("languages")  # importlib.resources takes 10 ms to import


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language; the keys are those of its file."""

    code: str
    sheet: str
    conjunction: str
    captions: Mapping[str, str]
    labels: Mapping[str, str]
    biases: Mapping[str, str]
    charts: Mapping[str, str]
    spellings: Mapping[str, tuple[str, ...]]
    instructions: Mapping[str, str]
    page: Mapping[str, str]

    def listing(self, words: list[str]) -> str:
        """Return words as a list in prose: a, b and c."""
        return listing(words, self.conjunction)


@cache
def language(code: str) -> Language:
    """Return a language by its code, ``en`` or ``da``."""
    data = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Language(
        code=code,
        sheet=data["sheet"],
        conjunction=data["and"],
        captions=data["captions"],
        labels=data["labels"],
        biases=data["biases"],
        charts=data["charts"],
        spellings={key: tuple(words) for key, words in data["spellings"].items()},
        instructions=data["instructions"],
        page=data["page"],
    )


def languages() -> list[Language]:
    """Return all languages."""
    return [language(code) for code in LANGUAGES]
