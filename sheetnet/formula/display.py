"""Formulas as the user's own program shows and takes them, spelt as they were written."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sheetnet.formula.parse import FUNCTION_PREFIX, PREFIX
from sheetnet.formula.pattern import is_openformula
from sheetnet.formula.text import Dialect

_FOLDER = Path(__file__).with_name("languages")

# Possessive throughout: nothing is tried twice, so a hostile formula takes time in proportion to its length.
_QUOTED = r"'(?:[^']|'')*+'"
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*+"?)
    |(?P<bracket>\[(?:{_QUOTED}|[^\]'])*+\]?)
    |(?P<sheet>(?:{_QUOTED}|[^\W\d][\w.]*+)!)
    |(?P<quoted>{_QUOTED}|'.*+)
    |(?P<number>(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?(?![\w$]))
    |(?P<function>[^\W\d][\w.]*+)(?=\s*+\()
    |(?P<word>[\w$\\][\w.$\\?]*+)
    |(?P<sign>[{{}};,|~!])""",
    re.VERBOSE | re.DOTALL,
)
_SIDE = re.compile(rf"(?:{_QUOTED}|[^':])++")
_PLAIN_SHEET = re.compile(r"[^\W\d]\w*")


def shown(formula: str, *, dialect: Dialect, language: str = "en", decimal: str | None = None) -> str:
    """Return a file's formula as Calc (dialect "ods") or Excel ("xlsx") shows it, and takes it when pasted.

    Brackets, order and spacing stay the writer's own. `language` names functions ("da": EKSP);
    `decimal`, by default the language's, is the sign in numbers, upon which the separators depend.
    """
    names, usual = _names(language, dialect)
    spelling = _Spelling(is_openformula(formula), dialect == "ods", names, decimal or usual)
    return _TOKEN.sub(spelling.token, PREFIX.sub("=", formula, count=1))


def neutral(formula: str) -> str:
    """Return a formula in Excel's English form, whatever its file's dialect: ``=D8-$A$9*C8``, ``Ark2!A1``."""
    return shown(formula, dialect="xlsx")


class _Spelling:
    """One formula's way from the file's dialect to a program's; `token` spells what it is made of."""

    def __init__(self, from_ods: bool, to_ods: bool, names: dict[str, str], decimal: str) -> None:
        self.from_ods, self.to_ods, self.names, self.decimal = from_ods, to_ods, names, decimal
        self.in_array = False
        comma = decimal == ","
        argument = ";" if comma else ","
        # Asked of Calc 7.4. Where the comma is the decimal sign, Excel parts an array's columns differently.
        column = ("." if to_ods else "\\") if comma else ","
        union = "~" if to_ods else argument
        intersection = "!" if to_ods else " "
        # OpenFormula 5.13 and 6; ECMA-376 18.17.2
        if from_ods:
            self.signs = {";": argument, "~": union, "!": intersection}
            self.array_signs = {";": column, "|": ";"}
        else:
            self.signs = {",": argument}
            self.array_signs = {",": column, ";": ";"}

    def token(self, match: re.Match[str]) -> str:
        """Return the program's text for one token."""
        kind, text = match.lastgroup, match[0]
        if kind == "sign":
            if text in "{}":
                self.in_array = text == "{"
                return text
            return (self.array_signs if self.in_array else self.signs).get(text, text)
        if kind == "number":
            return text.replace(".", self.decimal)
        if kind == "function":
            name = FUNCTION_PREFIX.sub("", text)
            return self.names.get(name.upper(), name)
        if kind == "word":
            return self.names.get(text, text) if text in ("TRUE", "FALSE") else text
        if kind == "bracket" and self.from_ods:
            return self.reference(text)
        if kind == "sheet" and self.to_ods and not self.from_ods:
            return f"${text[:-1]}."
        return text

    def reference(self, bracket: str) -> str:
        """Return a reference that OpenFormula puts in brackets: [.A1], [$Ark2.A1:.B3] (5.8)."""
        inside = bracket[1:].removesuffix("]")
        sides = [side.rpartition(".") for side in _SIDE.findall(inside)]
        if len(sides) > 2 or not all(dot for _, dot, _ in sides) or "#" in inside:
            # another file, or a cell that is gone
            return inside.replace(".#REF!", "#REF!") if inside.startswith(".") else inside
        if self.to_ods:
            return ":".join(f"{sheet}.{cell}" if sheet else cell for sheet, _, cell in sides)
        sheet = sides[0][0].removeprefix("$")
        cells = ":".join(cell for _, _, cell in sides)
        if not sheet:
            return cells
        if not (sheet.startswith("'") or _PLAIN_SHEET.fullmatch(sheet)):
            sheet = f"'{sheet}'"
        return f"{sheet}!{cells}"


@cache
def _names(language: str, dialect: Dialect) -> tuple[dict[str, str], str]:
    """Return the functions' names by the English ones, and the decimal sign; read when they are needed."""
    if language == "en":
        return {}, "."
    data: dict[str, Any] = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {**data["functions"], **data.get(dialect, {})}, data["decimal"]
