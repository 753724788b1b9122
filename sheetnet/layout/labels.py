"""The words of a sheet: which quantity a column's label names, in the spellings that people use."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from sheetnet.layout.language import languages
from sheetnet.net.terms import Kind

_LABEL = re.compile(r"([^\d,;.]+?)(\d+)?(?:[,;.](\d+))?")
_IGNORED = re.compile(r"[\s_{}^$()]+")
_SIGNS = str.maketrans("’‘′´`−–·×", "'''''--**")
_SLOPE = re.compile(r"a(\d+)\*?1-a\1")
_MISS = re.compile(r"a(\d+)-t\1|t(\d+)-a\2")
"""Quantities that are named by how they are computed, a0(1-a0) and a0-T0; brackets are gone by then."""

_SYMBOLS: dict[Kind, tuple[str, ...]] = {
    "a": ("a",),
    "w": ("w",),
    "delta": ("δ", "d", "delta"),
    "gradient": ("dc/dw", "∂c/∂w", "δc/δw", "dcdw"),
    "target": ("t",),
    "cost": ("c",),
    "learning_rate": ("γ", "η", "α"),
    "step": (),
    "mean_cost": (),
    "z": ("z", "net", "sum"),
    "slope": ("σ'", "s'", "sigma'", "f'", "a'", "σ'z", "s'z", "sigma'z", "f'z"),
    "miss": ("e", "err", "a-t", "t-a"),
    "part": (),
    "pull": (),
    "path": (),
    "new": (),
}
"""Spellings in any language; words of one language are in its file."""
_BIASES: dict[str, Kind] = {"b": "w", "bias": "w", "dc/db": "gradient", "∂c/∂b": "gradient"}
_ALONE: tuple[Kind, ...] = ("cost", "learning_rate", "step", "mean_cost")
"""Quantities without an index."""
_CAPITALS = ("C", "E")
"""Each output's own part of the cost is C0 or E0; e0 is the miss of output 0."""


def _plain(text: str) -> str:
    """Return a text without what does not count: case, accents of type (₀ is 0), spaces, '_', braces, '^'."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text.translate(_SIGNS))).casefold()


def _spellings() -> dict[str, Kind]:
    found = {spelling: kind for kind, spellings in _SYMBOLS.items() for spelling in spellings}
    for language in languages():
        for kind in _SYMBOLS:
            words = language.spellings.get(kind, ())
            found |= {_plain(word): kind for word in (*words, language.labels.get(kind, ""))}
    del found[""]
    return found


_KINDS = _spellings()
_LAYERS = {language.captions["layer"].casefold() for language in languages()}


@dataclass(frozen=True, slots=True)
class Label:
    """A label's quantity and indices; `digits` may stand for one index, or for two run together.

    `bias` marks a weight, or its gradient, that is named as the bias of one neuron: b0; or of a layer: b.
    """

    kind: Kind
    digits: str = ""
    second: str = ""
    bias: bool = False

    @property
    def key(self) -> tuple[str, str, bool]:
        """What is compared: a label may be that of several weights, w110 of (1, 10) and of (11, 0)."""
        return self.digits, self.second, self.bias


def index_keys(i: int) -> list[tuple[str, str, bool]]:
    """Return the keys of labels with the single index i."""
    return [(str(i), "", False)]


def weight_keys(i: int, j: int, before: int, *, transposed: bool = False) -> list[tuple[str, str, bool]]:
    """Return the keys of labels that can be w_ij's; j = `before` is the bias, which may be called b_i.

    With `transposed` names the neuron that a weight comes from is named first, w_ji.
    """
    first, second = (j, i) if transposed else (i, j)
    keys = [(f"{first}{second}", "", False), (str(first), str(second), False)]
    return [*keys, (str(i), "", True)] if j == before else keys


@lru_cache(maxsize=4096)
def read_label(text: str) -> Label | None:
    """Return what a label names, or None when it is no word of the note's."""
    plain = _plain(text).rstrip(":=")
    if _KINDS.get(plain[:-1]) == "learning_rate" and plain[-1:] in _SYMBOLS["learning_rate"]:
        plain = plain[:-1]  # "Learning rate (γ)"
    if (slope := _SLOPE.fullmatch(plain)) is not None:
        return Label("slope", slope[1])
    if (miss := _MISS.fullmatch(plain)) is not None:
        return Label("miss", miss[1] or miss[2])
    match = _LABEL.fullmatch(plain)
    if plain in _BIASES and _BIASES[plain] == "w":
        return Label("w", bias=True)  # the one that a layer shares
    if match is not None and match[1] in _BIASES and match[2] and not match[3]:
        return Label(_BIASES[match[1]], match[2], bias=True)
    if match is None or match[1] not in _KINDS:
        return None
    kind, digits, second = _KINDS[match[1]], match[2] or "", match[3] or ""
    capital = text.strip()[:1] in _CAPITALS
    if (
        digits
        and not second
        and ((kind == "cost" and match[1] != "c") or (match[1] in ("c", "e") and capital))
    ):
        return Label("part", digits)
    if kind in _ALONE:
        return None if digits else Label(kind)
    if plain in ("a-t", "t-a"):
        return Label(kind)  # of the only output
    if not digits or (second and kind not in ("w", "gradient")):
        return None
    if kind in ("w", "gradient") and not second and len(digits) < 2:
        return None
    return Label(kind, digits, second)


def is_layer_caption(text: str) -> bool:
    """Tell whether a text is a caption such as ``Layer 1``."""
    words = text.casefold().split()
    return len(words) == 2 and words[0] in _LAYERS and words[1].isdigit()
