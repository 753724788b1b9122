"""A page of one step, as the note writes it: matrices and vectors as labelled blocks, one below the other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from sheetnet.layout.language import Language, languages
from sheetnet.layout.stated import settings_meant
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import COST, LEARNING_RATE, Kind, Term

Section = Literal["forward", "cost", "output", "hidden", "gradient", "new"]
SECTIONS: tuple[Section, ...] = ("forward", "cost", "output", "hidden", "gradient", "new")
"""The blocks of a page, from above; a net without hidden layers has no "hidden"."""

CAPTION, LABEL, FIRST = 0, 1, 2
"""Columns of a block's caption, of the neurons' labels, and of its first number."""
TITLE, TOLD, RATE_ROW = 0, 1, 2
"""Rows of the page's name, of what is to be done, and of the learning rate."""
RULE = 4
"""The column at which the rule of a section begins."""
_FEWEST = 3
_SIDE = 5
"""Columns at the right: a caption, a label, a number, a label, a number."""

_CAPTIONS: dict[Kind, str] = {"w": "W", "a": "a", "delta": "δ", "gradient": "dC/dW"}
_CAPTION = re.compile(r"(new|ny)?(a|w|δ|d|delta|dc/dw)\((\d{1,2})\)")
_NEURON = re.compile(r"[ho](\d{1,3})")
_SOURCE = re.compile(r"a(\d{1,3})")


class Position(NamedTuple):
    """Row and column of a cell inside its page."""

    row: int
    column: int


class Caption(NamedTuple):
    """What a block of numbers is called: a(0), W(1), δ(2), dC/dW(1), new W(1)."""

    kind: Kind
    layer: int


def caption_text(caption: Caption, new: str = "new") -> str:
    """Return how a block is captioned; `new` is the word before W for the new weights."""
    if caption == Caption("a", 0):
        return "A(0)"
    word = f"{new} W" if caption.kind == "new" else _CAPTIONS[caption.kind]
    return f"{word}({caption.layer})"


def read_caption(text: str) -> Caption | None:
    """Return what a block's caption names, None for any other text."""
    match = _CAPTION.fullmatch(re.sub(r"\s+", "", text).casefold())
    if match is None:
        return None
    kinds: dict[str, Kind] = {"a": "a", "w": "w", "dc/dw": "gradient"}
    kind = kinds.get(match[2], "delta")
    if match[1]:
        return Caption("new", int(match[3])) if kind == "w" else None
    return Caption(kind, int(match[3]))


def neuron_text(layer: int, i: int, last: int) -> str:
    """Return how a neuron is labelled: h0 in a hidden layer, o0 among the outputs."""
    return f"{'o' if layer == last else 'h'}{i}"


def read_neuron(text: str) -> int | None:
    """Return the number of a neuron that is labelled h0 or o0, None for any other text."""
    match = _NEURON.fullmatch(text.strip().casefold())
    return None if match is None else int(match[1])


def read_source(text: str) -> int | None:
    """Return the number of the neuron that a column of weights comes from, a0, None for any other text."""
    match = _SOURCE.fullmatch(text.strip().casefold())
    return None if match is None else int(match[1])


def settings_text(conventions: Conventions, language: Language) -> str:
    """Return what a page says of conventions that are not the note's; empty where all are."""
    told = []
    if conventions.activations != Conventions().activations:
        told.append(f"{language.captions['activation']}: {', '.join(conventions.activations)}")
    if conventions.biases != Conventions().biases:
        told.append(f"{language.captions['biases']}: {language.biases[conventions.biases]}")
    return "; ".join(told)


def read_settings(text: str, layers: int) -> dict[str, Any] | None:
    """Return the conventions that such a text states, None for any other text."""
    keys = {
        language.captions[key].casefold(): key for language in languages() for key in ("activation", "biases")
    }
    words = {
        keys[name.strip().casefold()]: said.strip()
        for name, colon, said in (part.partition(":") for part in text.split(";"))
        if colon and name.strip().casefold() in keys
    }
    return settings_meant(words, layers) if words else None


class Mark(NamedTuple):
    """A text of the page: `kind` tells which, `caption`, `layer` and `i` what it stands at."""

    kind: Literal["section", "caption", "neuron", "source", "bias", "one", "target", "cost", "working"]
    position: Position
    section: Section = "forward"
    caption: Caption | None = None
    layer: int = 0
    i: int = 0


@dataclass(frozen=True, slots=True)
class PagePlan:
    """Where everything stands on a page, in rows and columns of its own.

    `places` has the cells of all terms, γ, and T among them; `marks` the texts. The page is `height` rows
    high and `width` columns wide; `side` is the first column of its right part. `sections` are the title
    rows.
    """

    sizes: tuple[int, ...]
    places: Mapping[Term, Position]
    marks: tuple[Mark, ...]
    sections: Mapping[Section, int]
    height: int
    width: int
    side: int

    @property
    def pitch(self) -> int:
        """How many rows below a page's first row the next page's stands."""
        return self.height + 1

    @property
    def question_row(self) -> int:
        """The row of the question in words; below it is room for the answer."""
        return self.height - 2


@cache
def page_plan(sizes: tuple[int, ...], *, biases: bool = True) -> PagePlan:
    """Return the plan of the page of a net of any size."""
    return _Planner(sizes, biases).plan()


class _Planner:
    """Lays the blocks out from above."""

    def __init__(self, sizes: tuple[int, ...], biases: bool) -> None:
        self._sizes, self._biases, self._last = sizes, biases, len(sizes) - 1
        most = max(_FEWEST, *(before + biases for before in sizes[:-1]))
        self._side = FIRST + most + 1
        self._width = self._side + max(_SIDE, most)
        self._places: dict[Term, Position] = {}
        self._marks: list[Mark] = []
        self._sections: dict[Section, int] = {}
        self._row = RATE_ROW + 1

    def plan(self) -> PagePlan:
        self._places[LEARNING_RATE] = Position(RATE_ROW, self._side + 4)
        self._forward()
        self._begin("cost")
        self._marks.append(Mark("cost", Position(self._row, LABEL)))
        self._places[COST] = Position(self._row, FIRST)
        self._row += 1
        for section, layers in (("output", [self._last]), ("hidden", range(self._last - 1, 0, -1))):
            if layers:
                self._begin("output" if section == "output" else "hidden")
                for layer in layers:
                    self._deltas(layer)
        self._matrices("gradient")
        self._matrices("new")
        return PagePlan(
            self._sizes,
            self._places,
            tuple(self._marks),
            self._sections,
            self._row + 2,
            self._width,
            self._side,
        )

    def _begin(self, section: Section) -> None:
        self._sections[section] = self._row
        self._marks.append(Mark("section", Position(self._row, CAPTION), section))
        self._row += 1

    def _forward(self) -> None:
        self._begin("forward")
        self._sources(1)
        self._marks.append(Mark("caption", Position(self._row, CAPTION), caption=Caption("a", 0)))
        for j in range(self._sizes[0]):
            self._places[Term("a", 0, j)] = Position(self._row, FIRST + j)
        if self._biases:
            self._marks.append(Mark("one", Position(self._row, FIRST + self._sizes[0])))
        self._row += 1
        for layer in range(1, self._last + 1):
            if layer > 1:
                self._sources(layer)
            self._column(Caption("a", layer), self._side)
            if layer == self._last:
                for i in range(self._sizes[layer]):
                    row = self._row + i
                    self._marks.append(Mark("target", Position(row, self._side + 3), i=i))
                    self._places[Term("target", 0, i)] = Position(row, self._side + 4)
            self._matrix(Caption("w", layer))

    def _deltas(self, layer: int) -> None:
        self._column(Caption("delta", layer), CAPTION)
        for i in range(self._sizes[layer]):
            self._marks.append(Mark("working", Position(self._row + i, self._side - 2), layer=layer, i=i))
        self._row += self._sizes[layer]

    def _matrices(self, kind: Literal["gradient", "new"]) -> None:
        self._begin(kind)
        for layer in range(self._last, 0, -1):
            self._sources(layer, kind)
            self._matrix(Caption(kind, layer))

    def _sources(self, layer: int, section: Section = "forward") -> None:
        """Put where a layer's weights come from above their columns."""
        for j in range(self._sizes[layer - 1]):
            self._marks.append(Mark("source", Position(self._row, FIRST + j), section, layer=layer, i=j))
        if self._biases:
            self._marks.append(Mark("bias", Position(self._row, FIRST + self._sizes[layer - 1])))
        self._row += 1

    def _column(self, caption: Caption, column: int) -> None:
        """Put a vector, a neuron a row."""
        kind, layer = caption
        self._neurons(caption, column)
        for i in range(self._sizes[layer]):
            self._places[Term(kind, layer, i)] = Position(self._row + i, column + FIRST)

    def _matrix(self, caption: Caption) -> None:
        kind, layer = caption
        self._neurons(caption, CAPTION)
        for i in range(self._sizes[layer]):
            for j in range(self._sizes[layer - 1] + self._biases):
                self._places[Term(kind, layer, i, j)] = Position(self._row + i, FIRST + j)
        self._row += self._sizes[layer]

    def _neurons(self, caption: Caption, column: int) -> None:
        self._marks.append(Mark("caption", Position(self._row, column), caption=caption))
        for i in range(self._sizes[caption.layer]):
            self._marks.append(
                Mark("neuron", Position(self._row + i, column + LABEL), layer=caption.layer, i=i)
            )
