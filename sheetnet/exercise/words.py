"""What worksheets say to students; one data file a language, in `languages/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("languages")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; the keys are those of its file."""

    form: Mapping[str, str]
    questions: Mapping[str, str]
    boxes: Mapping[str, str]


@cache
def words(code: str) -> Words:
    """Return the words of a language, ``en`` or ``da``."""
    data = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Words(data["form"], data["questions"], data["boxes"])
