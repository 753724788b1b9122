"""A cell's note in content.xml (OpenDocument 1.3 part 3, 14.1)."""

from collections.abc import Sequence

from sheetnet.book.ods.length import COLUMN_WIDTH, ROW_HEIGHT, Run, edge
from sheetnet.book.ods.markup import TAG, paragraphs
from sheetnet.book.ods.styles import AutomaticStyles

PREFIXES = ("draw", "svg", "fo")
"""What the elements written here use beside `office` and `text`."""

_END = "</office:annotation>"
# Calc takes the size only with a place; when the note is looked at, it finds a place itself.
# A slip of paper 80 mm wide takes some 50 characters a line; Calc makes it higher where that is not enough
_WIDTH, _HEIGHT, _CHARACTERS = 80.0, 4.5, 50


class Notes:
    """Writes notes into the cells of a sheet whose columns are `runs`; all slips look alike."""

    def __init__(self, styles: AutomaticStyles, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._style = styles.new(
            "graphic",
            {
                "style:graphic-properties": {
                    "draw:fill": "solid",
                    "draw:fill-color": "#ffffc0",
                    "draw:auto-grow-height": "true",
                    "draw:auto-grow-width": "false",
                    "draw:textarea-vertical-align": "top",
                    "fo:padding": "1mm",
                    "fo:min-height": "0mm",
                },
                "style:text-properties": {"fo:font-size": "10pt"},
            },
        )

    def added(self, raw: str, text: str, row: int, column: int) -> str:
        """Return a cell's text with a note; behind the text of one that it has, after a blank line."""
        end = raw.rfind(_END)
        if end >= 0:
            return raw[:end] + paragraphs(f"\n{text}") + raw[end:]
        tag = TAG.match(raw)
        if tag is None:
            raise ValueError(raw)
        lines = sum(1 + len(line) // _CHARACTERS for line in text.split("\n"))
        left, top = edge(self._runs, column + 1, COLUMN_WIDTH) + 5, row * ROW_HEIGHT
        note = (
            f'<office:annotation draw:style-name="{self._style}" svg:width="{_WIDTH:g}mm" '
            f'svg:height="{lines * _HEIGHT + 2:g}mm" svg:x="{left:.2f}mm" svg:y="{top:.2f}mm">'
            f"{paragraphs(text)}{_END}"
        )
        if not tag[0].endswith("/>"):
            return raw[: tag.end()] + note + raw[tag.end() :]
        name = tag[0][1:].split(None, 1)[0].rstrip("/>")
        return f"{tag[0][:-2].rstrip()}>{note}</{name}>{raw[tag.end() :]}"
