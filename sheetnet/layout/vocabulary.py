"""The words of hand-built sheets: which quantities a label may name, where the structure leaves a choice.

A sheet of the note's own layout is read by :mod:`sheetnet.layout.labels`, which is strict; here a label is
only a hint, and one that may be misread gives none.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from sheetnet.net.terms import Kind

Side = Literal["input", "hidden", "output", ""]

_FILE = Path(__file__).with_suffix(".toml")
_LONGEST = 40
"""A longer text is a sentence or an equation; one that is three times as long is not even tidied."""
_LONGEST_PHRASE = 4
# Patterns are compiled when a first label needs them, since that takes longer than the rest of this module.
_RUN = r"[^\W\d_]+|\d+|."
_JOINTS = " _.-"
"""What may stand between the words of a phrase: learning-rate, L.R, E_t."""
_APART = frozenset("()[]{}$,;:|→>^")
"""What may stand between a label's parts."""
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("’‘′´`", "'"),
        **dict.fromkeys("−–‐", "-"),
        **dict.fromkeys("·×", "*"),
        **dict.fromkeys("ð𝜕", "∂"),
        **dict.fromkeys("Δ∆", "δ"),
        **dict.fromkeys("Σ∑", " sum "),  # casefold would make Σ a σ
    }
)
_SUPERSCRIPT = "[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_PREDICTED = "(?i)y\N{COMBINING CIRCUMFLEX ACCENT}|y[ _]?hat|y_?\\^(?!\\()"
_ELISION = r"(?i)\b([dl])'(?=[^\W\d_]{3})"
_EVALUATED = r"(?<=.)\s*\([tnk]\)$"
"""E(t) is E, and a learning rate's letter may follow it: Learning rate (k)."""
_NEXT = r"\(?\b[tnk]\s*\+\s*1\)?$"
_SUBTRACTED = r"[^\W\d]\s*-\s*\d|^\s*-|\s\d*\.\d"
"""t-1 and -w1 and 0.5 name nothing, though their parts do."""
_NUMBER_BEHIND = r"(?i)(?:(?<=[\s:=])|\()[-+]?\d*[.,]?\d+(?:e[-+]?\d+)?\s*%?\)?$"
_DIFFERENTIAL = r"(?i)\s*(?:∂|delta|[dδ])[\s_]*(.+)"
_RUN_TOGETHER = r"(?i)([∂dδ]?)\s*(.+?)\s*_?([∂dδ])_?(.+)"
"""A derivative without its stroke: dEdw1, E∂w1."""
_A_ONE_MINUS_A = r"\(?(.+?)\)?\*?\(1-\(?(.+?)\)?\)"
_POWER_OF_NAME = r"\^(?=[{(\[ ]*[^\W\d])"
_TYPED_ZERO = r"[_(]0[1-9]\b"

_SIDES: dict[str, Side] = {"at_input": "input", "at_hidden": "hidden", "at_output": "output"}
_SAID: dict[str, Side] = {"output": "output", "y": "output", "input": "input"}
"""The sides that words say, unless the letter of a neuron says otherwise: input of h1."""
_SCALARS = ("cost", "learning_rate", "step", "mean_cost")
"""Quantities without an index."""
_TYPED = frozenset({"a", "z", "delta", "cost"})
_WEIGHTS = ("w", "gradient", "new")
_NEURONS = ("a", "z", "delta", "pull", "slope")
_BEFORE: dict[Kind, Kind] = {"w": "gradient", "z": "delta", "a": "pull"}
"""How the cost changes with a quantity."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a label may name: `kinds`, the likeliest first, and the indices as they are written.

    Digits, side and bias belong to the weight or neuron, of a derivative to what is differentiated by; `part`
    is the output whose part of the cost is differentiated, 2 in ∂E2/∂a_h1. A weight's side is where it leads.
    """

    kinds: tuple[Kind, ...]
    digits: str = ""
    second: str = ""
    side: Side = ""
    bias: bool = False
    part: str = ""

    @property
    def kind(self) -> Kind:
        """The likeliest kind."""
        return self.kinds[0]


class _Words(NamedTuple):
    """What `vocabulary.toml` says; a role is a quantity, a side or what else a word contributes."""

    whole: Mapping[str, tuple[Kind, ...]]
    meanings: Mapping[frozenset[str], tuple[Kind, ...]]
    roles: Mapping[str, str]
    capitals: Mapping[str, str]


@lru_cache(maxsize=4096)
def hint(text: str) -> Hint | None:
    """Return what a label of a hand-built sheet may name, None where it says nothing."""
    if len(text) > 3 * _LONGEST or not (plain := _plain(text)) or len(plain) > _LONGEST or "=" in plain:
        return None
    if plain[0] == "(" and plain[-1] == ")" and not set("()") & set(plain[1:-1]):
        plain = plain[1:-1]
    if "/" in plain:
        return _ratio(plain)
    return _computed(plain) or _named(plain) or _stroke_left_out(plain)


@lru_cache(maxsize=256)
def is_rate(text: str) -> bool:
    """Tell whether a text may be the label of a learning rate, with its number behind it or without."""
    named = hint(re.sub(_NUMBER_BEHIND, "", text.strip()) if len(text) <= 3 * _LONGEST else "")
    return named is not None and "learning_rate" in named.kinds


def _plain(text: str) -> str:
    """Return a label in plain signs: ∂, δ, ', -, *; 'yhat' for ŷ; accents and what follows a name gone."""
    text = re.sub(_SUPERSCRIPT, r"^\g<0>", text.translate(_SIGNS))
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)  # a 𝛥 is a Δ by now
    text = re.sub(_PREDICTED, "yhat", unicodedata.normalize("NFD", text))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = " ".join(re.sub(_ELISION, r"\1 ", text).split()).rstrip(":= ")
    return re.sub(_EVALUATED, "", re.sub(_NEXT, " new", text))


def _key(word: str) -> str:
    plain = _plain(word).casefold()
    return "".join(c for c in plain if c not in _JOINTS)


@cache
def _words() -> _Words:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    whole = {text: tuple(kinds) for text, kinds in data.pop("whole").items()}
    meanings = {frozenset(roles.split()): tuple(kinds) for roles, kinds in data.pop("meanings").items()}
    capitals = {word: role for role, table in data.items() for word in table.pop("capitals", ())}
    roles = {_key(word): role for role, table in data.items() for words in table.values() for word in words}
    return _Words(whole, meanings, roles, capitals)


def _pieces(word: str, *, indexed: bool) -> list[str] | None:
    """Return the roles of a word's pieces, None where it is none: ah1 has a and h, dw has d and w."""
    words = _words()
    if (role := words.capitals.get(word) or words.roles.get(word.casefold())) is not None:
        return [role]
    low = word.casefold()
    if low[0] in "dδ" and (rest := _pieces(word[1:], indexed=indexed)) is not None:
        return [words.roles[low[0]], *rest] if indexed or not rest[0].startswith("at_") else None
    for tail in (1, 2):  # wih11 leads from an i to an h
        head, letters = low[:-tail], [words.roles.get(letter, "") for letter in low[-tail:]]
        if indexed and head in words.roles and all(letters):
            return [words.roles[head], *letters]
    return None


def _phrases(runs: list[str], *, indexed: bool) -> Iterator[list[str] | None]:
    """Give the roles of words in a row, the longest phrases first."""
    words = _words()
    while runs:
        for count in range(min(_LONGEST_PHRASE, len(runs)), 1, -1):
            if (role := words.roles.get("".join(runs[:count]).casefold())) is not None:
                yield [role]
                break
        else:
            count = 1
            yield _pieces(runs[0], indexed=indexed and len(runs) == 1)
        runs = runs[count:]


def _parts(text: str) -> list[str] | None:
    """Return a label's parts in order, numbers and the roles of words; None where one is no word."""
    found: list[str | None] = []
    row: list[str] = []
    for run in [*re.findall(_RUN, text), ""]:
        if run.isalpha():
            row.append(run)
            continue
        if run and run in _JOINTS:
            continue
        indexed = run.isdecimal()
        for roles in _phrases(row, indexed=indexed):
            found += [None] if roles is None else roles
        row = []
        if indexed:
            found.append(run)
        elif run and run not in _APART:
            found.append(_words().roles.get(run))
    parts = [part for part in found if part is not None]
    return parts if len(parts) == len(found) else None


def _indices(parts: list[str], text: str) -> tuple[str, str] | None:
    """Return the one or two indices of a label, None where it lists several quantities: w1 w2."""
    places = [place for place, part in enumerate(parts) if part.isdecimal()]
    indices = [parts[place] for place in places]
    if len(places) < 2:
        return (indices[0] if indices else "", "") if "^" not in text else None
    if len(places) > 2 or 0 in places:
        return None
    between = parts[places[0] + 1 : places[1]]
    leads = "w" in parts and len(between) == 1 and sum(part in _SIDES for part in parts) == 2
    if not between or leads:
        return indices[0], indices[1]  # w1,2 and w_i1h2
    return (indices[0], "") if indices[0] == indices[1] and "(" in text else None  # Input 1 (x1)


def _named(text: str) -> Hint | None:
    """Return what words, symbols and numbers name together."""
    if (kinds := _words().whole.get(text.strip(" ()[]_"))) is not None:
        return Hint(kinds) if kinds else None
    if re.search(_SUBTRACTED, text):
        return None
    text = re.sub(_POWER_OF_NAME, " ", text.rstrip("+*^") + " new" * text.endswith(("+", "*")))
    parts = _parts(text)
    if not parts or parts[0].isdecimal() or (indices := _indices(parts, text)) is None:
        return None
    digits, second = indices
    ends = [_SIDES[part] for part in parts if part in _SIDES]
    roles = {part for part in parts if not part.isdecimal()} - _SIDES.keys() - {"filler"}
    if len(roles) > 1:
        roles -= {"number"}
    if not ends and not second and roles <= _TYPED and re.search(_TYPED_ZERO, text):
        ends, digits = ["output"], digits[1:]  # a_01 for a_o1
    side: Side = ends[-1] if ends else ""
    kinds = _meaning(roles, side, digits)
    if not kinds:
        return None
    found = Hint(kinds, digits, second, side, bias="bias" in roles)
    if found.kind in _WEIGHTS:
        return replace(found, side=_leads_to(ends, bias=found.bias))
    if not side and found.kind == "a":
        return replace(found, side=next((said for role, said in _SAID.items() if role in roles), ""))
    return found if _fits(found, ends) else None


def _leads_to(ends: list[Side], *, bias: bool) -> Side:
    """Return the side of a weight; w_h1 may come from h1 as well as lead to it, b_h1 and w_i1h1 may not."""
    if "output" in ends:
        return "output"
    return "hidden" if "hidden" in ends and (bias or len(set(ends)) > 1) else ""


def _meaning(roles: set[str], side: Side, digits: str) -> tuple[Kind, ...]:
    """Return the kinds that roles mean together, of a neuron of a side or of one with an index."""
    if not roles and side:
        return ("a",) if side == "input" else ("z", "a")
    meanings = _words().meanings
    for more in (f"@{side}", "@digits" if digits else "", ""):
        if (kinds := meanings.get(frozenset(roles | {more} - {""}))) is not None:
            return tuple(kind for kind in kinds if not digits or kind not in _SCALARS)
    return ()


def _fits(named: Hint, ends: list[Side]) -> bool:
    """Tell whether a quantity can have the side and the second index that its label gives."""
    if len(set(ends)) > 1 or (named.second and named.kind not in _NEURONS):
        return False
    if named.side == "input":
        return named.kind == "a"
    return not (named.side == "hidden" and named.kind in ("target", "part", "miss", *_SCALARS))


def _computed(text: str) -> Hint | None:
    """Return a quantity that is named by how it is computed: a1-t1, a-t1, a1*(1-a1)."""
    if (match := re.fullmatch(_A_ONE_MINUS_A, text.replace(" ", ""))) is not None:
        named = _named(match[1])
        alike = named is not None and named == _named(match[2]) and "a" in named.kinds
        return replace(named, kinds=("slope",)) if named is not None and alike else None
    first, minus, second = text.strip("()").partition("-")
    if not minus or (one := _named(first.strip())) is None or (other := _named(second.strip())) is None:
        return None
    for target, output in ((one, other), (other, one)):
        alike = output.digits in (target.digits, "") and not output.second and output.side in ("output", "")
        if alike and "target" in target.kinds and "a" in output.kinds:
            return Hint(("miss",), target.digits, side=output.side)
    return None


def _ratio(text: str) -> Hint | None:
    """Return what a derivative is: ∂E/∂w1."""
    top, *bottoms = [re.fullmatch(_DIFFERENTIAL, side) for side in text.split("/")]
    if top is None or len(bottoms) != 1 or bottoms[0] is None:
        return None
    return _derivative(top[1], bottoms[0][1])


def _stroke_left_out(text: str) -> Hint | None:
    """Return what a derivative is that is written in a row: E∂w1, dEdw1."""
    match = re.fullmatch(_RUN_TOGETHER, text)
    if match is None or not (match[1] or match[3] == "∂"):
        return None
    return _derivative(match[2], match[4], of_cost=True)


def _derivative(top: str, bottom: str, *, of_cost: bool = False) -> Hint | None:
    """Return what ∂top/∂bottom is; of one output's part of the cost a hidden neuron has only a path."""
    of, by = _named(top), _named(bottom)
    if of is None or by is None or by.side == "input":
        return None
    if {"cost", "part"} & set(of.kinds) or (of.kind == "miss" and by.kind == "w"):
        kinds = tuple(_BEFORE[kind] for kind in by.kinds if kind in _BEFORE)
        if of.kind == "part" and by.kind != "w" and by.side != "output":
            kinds = ("path", "pull") if "pull" in kinds else ()
        return replace(by, kinds=kinds, part=of.digits) if kinds else None
    if of_cost or "a" not in of.kinds or "z" not in by.kinds or of == by or of.digits != by.digits:
        return None
    if of.side and by.side and of.side != by.side:
        return None
    return Hint(("slope",), by.digits, by.second, of.side or by.side)
