"""Addresses as OpenDocument spells them outside formulas: Sheet1.AA8:Sheet1.AA1002, 'My Sheet'.A1."""

import re
from collections.abc import Callable

from sheetnet.book.grid import Area, a1, column_index, column_name

# OpenDocument 1.3 part 3, 18.3.1 and 18.3.2: the sheet may be quoted, the second one left out.
_CELL = r"(?:(\$?)('(?:[^']|'')*'|[^\s'.:#]+))?\.(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})"
_RANGE = re.compile(rf"{_CELL}(?::{_CELL})?")
# 18.3.3: a list is separated by blanks; those inside quotes belong to the name.
_ITEM = re.compile(r"(?:'(?:[^']|'')*'|[^\s'])+")


def parse_range(text: str) -> Area | None:
    """Return the area that `text` names, None for anything else (other files, whole columns)."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or match[2] is None:
        return None
    row, column = int(match[6]) - 1, column_index(match[4])
    if match[12] is None:
        return Area(_unquoted(match[2]), row, column, row, column)
    last_row, last_column = int(match[12]) - 1, column_index(match[10])
    if match[8] is not None and match[8] != match[2]:
        return None
    return Area(
        _unquoted(match[2]),
        min(row, last_row),
        min(column, last_column),
        max(row, last_row),
        max(column, last_column),
    )


def parse_ranges(text: str | None) -> tuple[Area, ...]:
    """Return the areas of a list of ranges, leaving out what is none."""
    found = (parse_range(item) for item in _ITEM.findall(text or ""))
    return tuple(area for area in found if area is not None)


def replace_ranges(text: str, change: Callable[[Area], Area]) -> str:
    """Return the list with every range changed that `change` changes, spelled with the same ``$`` signs."""

    def renew(item: re.Match[str]) -> str:
        area = parse_range(item[0])
        match = _RANGE.fullmatch(item[0])
        if area is None or match is None:
            return item[0]
        new = change(area)
        if new == area:
            return item[0]
        sheet = quoted(new.sheet)
        out = f"{match[1]}{sheet}.{match[3]}{column_name(new.first_column)}{match[5]}{new.first_row + 1}"
        single = (new.first_row, new.first_column) == (new.last_row, new.last_column)
        if match[12] is None and single:
            return out
        second = "" if match[12] is not None and match[8] is None else f"{match[7] or match[1]}{sheet}"
        across, down = (match[9], match[11]) if match[12] is not None else (match[3], match[5])
        return f"{out}:{second}.{across}{column_name(new.last_column)}{down}{new.last_row + 1}"

    return _ITEM.sub(renew, text)


def range_text(area: Area) -> str:
    """Return ``Sheet1.A8:Sheet1.A300``, with ``'My Sheet'`` quoted (18.3.2)."""
    sheet = quoted(area.sheet)
    return f"{sheet}.{a1(area.first_row, area.first_column)}:{sheet}.{a1(area.last_row, area.last_column)}"


def quoted(sheet: str) -> str:
    """Return a sheet's name as an address spells it: quoted where it is not one plain word."""
    if re.fullmatch(r"\w+", sheet) and not sheet[0].isdigit():
        return sheet
    return "'" + sheet.replace("'", "''") + "'"


def _unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
