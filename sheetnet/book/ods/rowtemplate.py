"""Rows of one shape as text: an f-string compiled once, then run over columns of numbers."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from types import FunctionType
from typing import Final, NamedTuple, TypeAlias

from sheetnet.book.edits import Content
from sheetnet.book.ods.markup import escape
from sheetnet.book.ods.numeral import shown, stored
from sheetnet.book.ods.plan import Fill
from sheetnet.formula.pattern import Pattern

_SLICE: Final = 256
_CELLS: Final = 64 * _SLICE
"""Rows, and cells, that are put together at a time."""


class Slot(NamedTuple):
    """One filled cell of a row: what stays of it, and what kind of content it gets."""

    element: str
    attributes: str
    inner: str
    content: Pattern | Content
    finite: bool


class RowJob(NamedTuple):
    """One row to be written, or `number` alike: texts between its slots, and the columns filling them."""

    row: int
    number: int
    kept: tuple[str, ...]
    slots: tuple[Slot, ...]
    fills: tuple[Fill, ...]


Piece: TypeAlias = str | RowJob


def rendered(pieces: Iterable[Piece], *, sign: str, calcext: bool) -> Iterator[tuple[int, bytes]]:
    """Yield how many rows are written, and their text; neighbouring rows of one shape are taken together."""
    batch: list[RowJob] = []
    for piece in pieces:
        if batch and not (isinstance(piece, RowJob) and _joins(piece, batch)):
            yield from _written(batch, sign, calcext)
            batch = []
        if isinstance(piece, RowJob):
            batch.append(piece)
        else:
            yield 1, piece.encode()
    if batch:
        yield from _written(batch, sign, calcext)


def _joins(job: RowJob, batch: list[RowJob]) -> bool:
    last = batch[-1]
    single = job.number == last.number == 1 and len(batch) < _slice(job)
    return single and last.slots == job.slots and last.fills is job.fills


def _slice(job: RowJob) -> int:
    """Return how many rows are put together at a time."""
    return max(1, min(_SLICE, _CELLS // max(len(job.slots), 1)))


def _written(batch: list[RowJob], sign: str, calcext: bool) -> Iterator[tuple[int, bytes]]:
    job = batch[0]
    rows, offsets = _compiled(job.slots, calcext)
    total, size = job.number if len(batch) == 1 else len(batch), _slice(job)
    for begin in range(0, total, size):
        number = min(size, total - begin)
        first = job.row + begin
        streams: list[Iterable[str]] = []
        if len(batch) == 1:
            streams += (repeat(text) for text in job.kept)
        else:
            streams += zip(*(other.kept for other in batch), strict=True)
        for offset in offsets:
            streams.append([str(row) for row in range(first + offset + 1, first + offset + 1 + number)])
        for slot, fill in zip(job.slots, job.fills, strict=True):
            if slot.finite:
                begins = first - fill.block.first_row
                # Calc shows −0 as 0
                part = fill.column.values[begins : begins + number] + 0.0
                # inputs and targets repeat, and so does all else once a net has converged
                same = bool((part == part[0]).all())
                values = part[:1].tolist() if same else part.tolist()
                decimals = None if fill.column.style is None else fill.column.style.decimals
                texts = stored(values), shown(values, decimals, sign)
                streams += (repeat(text[0]) for text in texts) if same else texts
        yield number, "".join(rows(streams, range(number))).encode()


_Rows = Callable[[list[Iterable[str]], range], list[str]]


@lru_cache(maxsize=256)
def _compiled(slots: tuple[Slot, ...], calcext: bool) -> tuple[_Rows, tuple[int, ...]]:
    """Return a function from streams of texts to rows, and the row offsets it wants streams of.

    The streams are the kept texts, the row numbers at each offset, then number and shown text of each
    finite slot. The function is put together as a syntax tree, so no text of a file is ever read as code.
    """
    offsets = sorted({o for slot in slots if isinstance(slot.content, Pattern) for o in slot.content.offsets})
    pieces: list[str | ast.expr] = [_name("k0")]
    names = [f"k{n}" for n in range(len(slots) + 1)] + [f"r{n}" for n in range(len(offsets))]
    for number, slot in enumerate(slots):
        texts: list[str | ast.expr] = [f"<{slot.element}{slot.attributes}"]
        if isinstance(slot.content, Pattern):
            texts.append(' table:formula="')
            for piece, offset in zip(slot.content.pieces, [*slot.content.offsets, None], strict=True):
                texts.append(escape(piece))
                if offset is not None:
                    texts.append(_name(f"r{offsets.index(offset)}"))
            texts.append('"')
        if slot.finite:
            names += (f"v{number}", f"t{number}")
            extended = ' calcext:value-type="float"' if calcext else ""
            texts += (' office:value-type="float" office:value="', _name(f"v{number}"))
            texts += (f'"{extended}>{slot.inner}<text:p>', _name(f"t{number}"), f"</text:p></{slot.element}>")
        else:
            texts.append(f">{slot.inner}</{slot.element}>" if slot.inner else "/>")
        pieces += (*texts, _name(f"k{number + 1}"))
    return _function(names, pieces), tuple(offsets)


def _name(name: str) -> ast.expr:
    return ast.FormattedValue(ast.Name(name, ast.Load()), -1)


def _function(names: list[str], pieces: list[str | ast.expr]) -> _Rows:
    """Return ``lambda streams, rows: [f"…" for names…, _ in zip(*streams, rows)]``."""
    target = ast.Tuple([ast.Name(name, ast.Store()) for name in (*names, "_")], ast.Store())
    arguments = [ast.Starred(ast.Name("streams", ast.Load()), ast.Load()), ast.Name("rows", ast.Load())]
    source = ast.Call(ast.Name("zip", ast.Load()), arguments, [])
    comprehension = ast.ListComp(ast.JoinedStr(_merged(pieces)), [ast.comprehension(target, source, [], 0)])
    signature = ast.arguments([], [ast.arg("streams"), ast.arg("rows")], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(signature, comprehension)))
    code = compile(tree, "<rows>", "eval").co_consts[0]
    return FunctionType(code, {"zip": zip})


def _merged(pieces: list[str | ast.expr]) -> list[ast.expr]:
    """Join neighbouring texts to one constant."""
    out: list[ast.expr] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if text:
            out.append(ast.Constant(text))
            text = ""
        out.append(piece)
    return [*out, ast.Constant(text)] if text else out
