"""Sheets for tests: nets of any size, spelt, shifted and combined in the ways that users find."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from sheetnet.book import files
from sheetnet.book.edits import PutCell
from sheetnet.book.ods.skeleton import build as build_ods
from sheetnet.book.skeleton import NewBook, NewCell, NewSheet
from sheetnet.book.xlsx.skeleton import build as build_xlsx
from tests.layouts import (
    COLUMN,
    ENGLISH,
    FIRST,
    LABELS,
    LOOKS,
    MAZUR_PATTERN,
    MAZUR_WEIGHTS,
    NOTE_PATTERN,
    NOTE_WEIGHTS,
    SEGMENTS,
    XOR,
    Cell,
    Cells,
    Column,
    Label,
    columns,
    label,
    net,
)

__all__ = [
    "COLUMN",
    "DANISH",
    "ENGLISH",
    "FIRST",
    "LABELS",
    "MAZUR_PATTERN",
    "MAZUR_WEIGHTS",
    "NOTE_PATTERN",
    "NOTE_WEIGHTS",
    "SEGMENTS",
    "SPELLINGS",
    "XOR",
    "Cell",
    "Cells",
    "Column",
    "Label",
    "below",
    "beside",
    "columns",
    "filled",
    "formulas",
    "label",
    "net",
    "save",
    "write",
]

_CREATED = datetime(2019, 1, 1, tzinfo=UTC)

DANISH = {
    "layer": "Lag",
    "input": "Inddata",
    "output": "Uddata",
    "target": "Mål",
    "cost": "Omkostning",
    "rate": "Læringsrate",
}

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _joined(indices: Sequence[int]) -> str:
    return label("", *indices)


SPELLINGS: dict[str, Label] = {
    "plain": label,
    "underscore": lambda letter, *i: letter + ("_" + _joined(i) if i else ""),
    "subscript": lambda letter, *i: letter + _joined(i).translate(_SUBSCRIPTS),
    "comma": lambda letter, *i: letter + ",".join(map(str, i)),
    "d": lambda letter, *i: letter.replace("δ", "d") + _joined(i),
    "delta": lambda letter, *i: letter.replace("δ", "delta") + _joined(i),
    "delta_": lambda letter, *i: letter.replace("δ", "delta") + ("_" + _joined(i) if i else ""),
    "upper": lambda letter, *i: letter.replace("δ", "Delta").upper() + _joined(i),
    "lower": lambda letter, *i: letter.lower() + _joined(i),
    "spaced": lambda letter, *i: f" {letter}{_joined(i)} ",
}
"""Ways to write a label. `spaced` has blanks around; `lower` has t0 and c, `upper` A0, W01, DELTA0."""


def beside(*nets: Sequence[int], gap: int = 2, **options: Any) -> Cells:
    """Lay out several nets side by side, `gap` empty columns apart."""
    cells: Cells = {}
    for seed, sizes in enumerate(nets, 1):
        left = max((column + 1 + gap for _, column in cells), default=0)
        cells |= net(sizes, seed=seed, left=left, **options)
    return cells


def below(*nets: Sequence[int], room: int = 12, **options: Any) -> Cells:
    """Lay out several nets below each other, with `room` empty rows for steps under each."""
    cells: Cells = {}
    for seed, sizes in enumerate(nets, 1):
        top = max((row + 1 + room for row, _ in cells), default=0)
        cells |= net(sizes, seed=seed, top=top, **options)
    return cells


def formulas(
    sizes: Sequence[int], steps: int, *, patterns: int = 1, top: int = 0, left: int = 0
) -> dict[tuple[int, int], str]:
    """Return the note's formulas for a sheet made by `net`, as Excel's text, in the author's form.

    A statement of the rule that is independent of the project's own.
    """
    at = {column: get_column_letter(COLUMN + left + i + 1) for i, column in enumerate(columns(sizes))}
    last = len(sizes) - 1
    rate = f"${get_column_letter(left + 1)}${FIRST + top + 1}"
    out = {}
    for step in range(steps):
        row = FIRST + top + step + 1

        def cell(letter: str, layer: int, *indices: int, row: int = row) -> str:
            return f"{at[Column(letter, layer, indices)]}{row}"

        for i, column in enumerate(at):
            letter, layer, indices = column
            text = None
            match letter:
                case "T":
                    text = cell(letter, layer, *indices, row=row - patterns) if step >= patterns else None
                case "a" if layer == 0:
                    text = cell(letter, layer, *indices, row=row - patterns) if step >= patterns else None
                case "a":
                    terms = [
                        f"{cell('a', layer - 1, j)}*{cell('w', layer, *indices, j)}"
                        for j in range(sizes[layer - 1])
                    ]
                    text = f"1/(1+EXP(-({'+'.join(terms)}+{cell('w', layer, *indices, sizes[layer - 1])})))"
                case "δ":
                    a = cell("a", layer, *indices)
                    if layer == last:
                        text = f"({a}-{cell('T', last, *indices)})*{a}*(1-{a})"
                    else:
                        after = range(sizes[layer + 1])
                        terms = [
                            f"{cell('δ', layer + 1, k)}*{cell('w', layer + 1, k, *indices)}" for k in after
                        ]
                        text = f"{a}*(1-{a})*({'+'.join(terms)})"
                case "C":
                    pairs = [f"0.5*({cell('a', last, k)}-{cell('T', last, k)})^2" for k in range(sizes[-1])]
                    text = "+".join(pairs)
                case "w" if step > 0:
                    i_, j_ = indices
                    text = (
                        f"{cell('w', layer, i_, j_, row=row - 1)}-{rate}*{cell('δ', layer, i_, row=row - 1)}"
                    )
                    if j_ < sizes[layer - 1]:
                        text += f"*{cell('a', layer - 1, j_, row=row - 1)}"
            if text is not None:
                out[row - 1, COLUMN + left + i] = f"={text}"
    return out


def write(path: Path, sizes: Sequence[int], **options: Any) -> Path:
    """Write one net with the options of `net`, as .ods or .xlsx by the path's suffix; return the path."""
    return save(path, {"Sheet1": net(sizes, **options)}, frozen=_corner(options))


def save(
    path: Path, sheets: Mapping[str, Cells], *, frozen: tuple[int, int] | None = (LABELS + 1, COLUMN)
) -> Path:
    """Write sheets of cells as .ods or .xlsx; `frozen` is the first row and column that scroll."""
    build = {".ods": build_ods, ".xlsx": build_xlsx}[path.suffix]
    path.write_bytes(build(_book(sheets, frozen)))
    return path


def filled(path: Path, sizes: Sequence[int], steps: int, **options: Any) -> Path:
    """Write an .xlsx with all formulas of `steps` steps and no cached values; options are those of `net`."""
    cells = net(sizes, **options)
    patterns = options.get("patterns", 1)
    shape = {key: options[key] for key in ("top", "left") if key in options}
    texts = formulas(sizes, steps, patterns=patterns if isinstance(patterns, int) else len(patterns), **shape)
    first = FIRST + options.get("top", 0)
    looks = {column: cell.look for (row, column), cell in cells.items() if row == first}
    cells |= {(row, column): Cell(None, looks[column]) for row, column in texts}
    edits = [PutCell("Sheet1", *place, None, formula) for place, formula in texts.items()]
    with files.skeleton(_book({"Sheet1": cells}, _corner(options)), "xlsx", path.name) as book:
        files.save(book, path, edits)
    return path


def _book(sheets: Mapping[str, Cells], frozen: tuple[int, int] | None) -> NewBook:
    return NewBook(tuple(_sheet(name, cells, frozen) for name, cells in sheets.items()), _CREATED)


def _sheet(name: str, cells: Cells, frozen: tuple[int, int] | None) -> NewSheet:
    rates = {column for (_, column), cell in cells.items() if cell.look == "rate label"}
    used = {column for _, column in cells}
    widths = {
        column: 26 if column in rates else 17 if column in used else 5 for column in range(max(used) + 1)
    }
    styled = {place: NewCell(value, LOOKS[look]) for place, (value, look) in cells.items()}
    return NewSheet(name, styled, widths=widths, frozen=frozen)


def _corner(options: Mapping[str, Any]) -> tuple[int, int]:
    return options.get("top", 0) + LABELS + 1, options.get("left", 0) + COLUMN
