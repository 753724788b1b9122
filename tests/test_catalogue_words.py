"""The catalogue's words: every language has the same codes, and the same places in its sentences."""

import re
import tomllib
from pathlib import Path

from sheetnet import report
from sheetnet.diagnosis.catalogue import REMARKS, WARNINGS, catalogue


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_languages_have_the_same_entries() -> None:
    """Danish and English explain the same codes in the same order, with the same places to be filled."""
    english, danish = catalogue("en"), catalogue("da")
    assert list(english) == list(danish)
    for code, entry in english.items():
        other = danish[code]
        assert _places(entry.why) == _places(other.why), code
        assert set(entry.titles) == set(other.titles)
        assert other.title != entry.title, code
        assert (entry.wrong, entry.right, entry.severity) == (other.wrong, other.right, other.severity)


def test_reports_say_the_same() -> None:
    """Each language of the reports has every sentence, with the same places to be filled."""
    folder = Path(report.__file__).with_name("languages")
    english, danish = (tomllib.loads((folder / f"{code}.toml").read_text("utf-8")) for code in ("en", "da"))
    assert _shape(english) == _shape(danish)


def _shape(data: object) -> object:
    """Return what sentences have in common in all languages: their keys and places."""
    if isinstance(data, dict):
        return {key: _shape(value) for key, value in data.items()}
    return [_shape(each) for each in data] if isinstance(data, list) else _places(str(data))


def test_severities_name_codes() -> None:
    """Only codes of the catalogue are doubts or remarks."""
    assert set(catalogue()) >= WARNINGS | REMARKS


def test_titles_are_short() -> None:
    """A title fits on the line of a finding, beside its code and its number."""
    for language in ("en", "da"):
        for entry in catalogue(language).values():
            for title in (entry.title, *entry.titles.values()):
                assert len(title) + len(entry.code) + 5 <= 80, entry.code
