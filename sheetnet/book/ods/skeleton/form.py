"""What a new document lets its reader enter: validations, protected tables and names of cells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from odf import table, text
from odf.element import Element

from sheetnet.book.grid import Area, column_name
from sheetnet.book.ods.address import quoted
from sheetnet.book.skeleton import NewSheet, Validation

EXTENDED = "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"
"""The namespace of LibreOffice's own elements, which odfpy spells as LibreOffice does."""

_NUMBER = "of:cell-content-is-decimal-number() and cell-content-is-between(-1E+300,1E+300)"


class NewValidations:
    """The validations of a document; `names` are those of the cells that have one, by sheet and place."""

    def __init__(self, sheets: Sequence[NewSheet]) -> None:
        self.names: dict[tuple[str, int, int], str] = {}
        self._all: list[tuple[str, Validation]] = []
        for validation in (validation for sheet in sheets for validation in sheet.validations):
            name = f"val{len(self._all) + 1}"
            self._all.append((name, validation))
            for area in validation.areas:
                self.names |= {(area.sheet, *place): name for place in places(area)}

    def element(self) -> Any:
        """Return what stands before the sheets (OpenDocument 1.3 part 3, 9.4.4); None where there is none."""
        if not self._all:
            return None
        out = table.ContentValidations()
        for name, validation in self._all:
            out.addElement(_validation(name, validation))
        return out


def places(area: Area) -> Iterator[tuple[int, int]]:
    """Yield an area's places, row by row."""
    for row in range(area.first_row, area.last_row + 1):
        for column in range(area.first_column, area.last_column + 1):
            yield row, column


def selectable() -> Any:
    """Return LibreOffice's element that lets all cells of a protected table be selected."""
    out = Element(qname=(EXTENDED, "table-protection"), check_grammar=False)
    for cells in ("protected", "unprotected"):
        out.attributes[EXTENDED, f"select-{cells}-cells"] = "true"
    return out


def named_ranges(names: Mapping[str, Area]) -> Any:
    """Return what stands behind the sheets (9.4.11); None where there are no names."""
    if not names:
        return None
    out = table.NamedExpressions()
    for name, area in sorted(names.items()):
        sheet = f"${quoted(area.sheet)}"
        first, last = _fixed(area.first_row, area.first_column), _fixed(area.last_row, area.last_column)
        where = f"{sheet}.{first}" if first == last else f"{sheet}.{first}:.{last}"
        out.addElement(
            table.NamedRange(name=name, basecelladdress=f"{sheet}.{first}", cellrangeaddress=where)
        )
    return out


def _validation(name: str, validation: Validation) -> Any:
    first = validation.areas[0]
    cell = f"{column_name(first.first_column)}{first.first_row + 1}"
    number = validation.kind == "number"
    out = table.ContentValidation(
        name=name,
        condition=_NUMBER if number else f"of:is-true-formula(ISFORMULA([.{cell}]))",
        allowemptycell="true",
        basecelladdress=f"{quoted(first.sheet)}.{cell}",
    )
    hint = table.HelpMessage(title=validation.title, display="true")
    error = table.ErrorMessage(
        messagetype="stop" if number else "warning", title=validation.title, display="true"
    )
    for message, words in ((hint, validation.hint), (error, validation.error)):
        for line in words.split("\n"):
            message.addElement(text.P(text=line))
        out.addElement(message)
    return out


def _fixed(row: int, column: int) -> str:
    return f"${column_name(column)}${row + 1}"
