"""The arguments of the command line: which commands there are, their options, and what those may be."""

import argparse
import re
from typing import NoReturn, TypeAlias

from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.diagnosis.findings import TOLERANCE
from sheetnet.exercise.levels import LEVELS
from sheetnet.layout.language import LANGUAGES
from sheetnet.net.conventions import ACTIVATIONS, BIASES, Activation, activations_named
from sheetnet.version import __version__

USAGE_ERROR = 2
"""The exit code of a command that can't be read."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and stop."""
        self.exit(USAGE_ERROR, f"sheetnet: {message}; see {self.prog} --help\n")


class _Command(_Parser):
    """A command's parser, which takes OUT after options too: new 2-2-2 --seed 1 my.ods."""

    _intermixed = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse arguments, options and positional ones in any order."""
        if self._intermixed:
            return super().parse_known_args(args, namespace)
        self._intermixed = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixed = False


_Commands: TypeAlias = "argparse._SubParsersAction[_Command]"


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; the chosen one is in `command`."""
    parser = _Parser(
        prog="sheetnet",
        description="Back-propagation in spreadsheets: .ods and .xlsx in, .ods and .xlsx out.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"sheetnet {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Command)
    for add in (
        _add_check,
        _add_codes,
        _add_train,
        _add_new,
        _add_worksheet,
        _add_mark,
        _add_info,
        _add_explain,
    ):
        add(commands)
    return parser


def _add_check(commands: _Commands) -> None:
    command = commands.add_parser(
        "check",
        help="which cells of a hand-built sheet are wrong, and why",
        description="Compare every formula of every net with the rule of back-propagation, and say which "
        "cells are at fault, why, and how to mend them.",
    )
    command.add_argument("files", metavar="FILE", nargs="+", help="workbooks, .ods or .xlsx")
    command.add_argument(
        "--sheet", action="append", default=[], metavar="NAME", help="check only this sheet; repeatable"
    )
    command.add_argument("--format", choices=("text", "json", "html"), default="text", help="of the report")
    command.add_argument("-o", "--output", metavar="OUT", help="write the report to this file")
    command.add_argument(
        "--annotate",
        metavar="OUT",
        help="save a copy with the faulty cells marked; with several files OUT is a folder",
    )
    command.add_argument(
        "--select", type=_codes, default=(), metavar="CODES", help="only these codes, or families of codes"
    )
    command.add_argument(
        "--ignore", type=_codes, default=(), metavar="CODES", help="not these codes, or families of codes"
    )
    command.add_argument(
        "--tolerance",
        type=_tolerance,
        default=TOLERANCE,
        metavar="R",
        help="relative difference of numbers that count as equal; default: 1e-9",
    )
    command.add_argument("--language", choices=LANGUAGES, default="en", help="of the report and its formulas")
    processes = command.add_mutually_exclusive_group()
    processes.add_argument("--jobs", type=_processes, default=1, metavar="N", help="processes; default: 1")
    processes.add_argument(
        "--dask", metavar="ADDRESS", help="of a Dask scheduler, on whose workers the files are checked"
    )
    command.add_argument("--overwrite", action="store_true", help="replace OUT when it exists")


def _add_codes(commands: _Commands) -> None:
    command = commands.add_parser(
        "codes",
        help="the catalogue of mistakes: every code with its meaning",
        description="List the codes of mistakes, or explain one, with an example.",
    )
    command.add_argument("code", metavar="CODE", nargs="?", help="the code to explain")
    command.add_argument("--language", choices=LANGUAGES, default="en", help="of the catalogue")


def _add_train(commands: _Commands) -> None:
    command = commands.add_parser(
        "train",
        help="a spreadsheet with initial weights becomes the trained spreadsheet",
        description="Train every net of a workbook: fill in every step with formulas and their values, "
        "and add the dC/dW columns. All else in the workbook stays as it is.",
    )
    command.add_argument("file", metavar="IN", help="the workbook, .ods or .xlsx")
    command.add_argument(
        "out", metavar="OUT", nargs="?", help="the output; default: IN-trained, of IN's format"
    )
    command.add_argument(
        "--sheet", action="append", default=[], metavar="NAME", help="train only this sheet; repeatable"
    )
    command.add_argument(
        "--steps",
        type=_count,
        metavar="N",
        help="rows or pages, steps 0 to N-1; default: as many as there are, or 1000 rows",
    )
    command.add_argument(
        "--until-cost", type=_cost, metavar="C", help="stop after the first step at or below this cost"
    )
    command.add_argument("--no-mend", action="store_true", help="keep formulas that depart from the rule")
    command.add_argument("--no-formulas", action="store_true", help="write numbers alone")
    place = command.add_mutually_exclusive_group()
    place.add_argument("--in-place", action="store_true", help="replace IN itself")
    place.add_argument("--overwrite", action="store_true", help="replace OUT when it exists")


def _add_new(commands: _Commands) -> None:
    command = commands.add_parser(
        "new",
        help="a new spreadsheet with a net of any size",
        description="Make a workbook with a net of any size, laid out as in the note or on pages, and train "
        "it.",
    )
    command.add_argument(
        "sizes", metavar="SIZES", type=_sizes, help="neurons a layer, such as 2-2-2 or 4-8-8-9"
    )
    command.add_argument(
        "out", metavar="OUT", nargs="?", help="the workbook, .ods or .xlsx; default: SIZES.ods, here"
    )
    command.add_argument(
        "--learning-rate", type=_rate, default=0.5, metavar="G", help="the learning rate γ; default: 0.5"
    )
    command.add_argument(
        "--seed", type=_seed, metavar="N", help="draw the random numbers of an earlier sheet again"
    )
    command.add_argument(
        "--patterns", metavar="FILE", help="inputs and targets, a pattern a row: .csv, .ods or .xlsx"
    )
    command.add_argument(
        "--layout",
        choices=("rows", "page"),
        default="rows",
        help="one row a step, or one A4 page a step; default: rows",
    )
    command.add_argument(
        "--steps",
        type=_count,
        metavar="N",
        help="rows or pages, steps 0 to N-1; default: 1000 rows, or a page a pattern",
    )
    command.add_argument(
        "--biases", choices=BIASES, default="trained", help="how biases are treated; default: trained"
    )
    command.add_argument(
        "--activation",
        type=_activations,
        default=("sigmoid",),
        metavar="NAME",
        help=f"{', '.join(ACTIVATIONS)}; one for all layers, or one a layer: tanh,sigmoid",
    )
    command.add_argument("--language", choices=LANGUAGES, default="en", help="of captions and instructions")
    command.add_argument("--overwrite", action="store_true", help="replace OUT when it exists")


def _add_worksheet(commands: _Commands) -> None:
    command = commands.add_parser(
        "worksheet",
        help="exercises for a class, each student with numbers of their own",
        description="Make exercises on one or more steps of a net: a workbook for each student, a key for "
        "each, and a manifest for marking.",
    )
    command.add_argument(
        "source",
        metavar="SIZES|FILE",
        help="neurons a layer, such as 2-2-2, or a workbook whose numbers are taken",
    )
    command.add_argument("out", metavar="OUTDIR", help="the folder for students/ and teacher/")
    command.add_argument(
        "--level",
        type=int,
        choices=LEVELS,
        default=3,
        help="blank are 1 new weights; 2 also gradients; 3 also hidden δ; 4 also output δ; 5 also the cost "
        "and the forward pass; 7 nothing: one mistake is to be found; default: 3",
    )
    command.add_argument(
        "--blank",
        action="append",
        default=[],
        metavar="TERMS",
        help="leave these quantities blank instead, such as 'δ(1)' or 'W(2) new'; repeatable",
    )
    command.add_argument("--steps", type=_count, default=1, metavar="N", help="steps; default: 1")
    command.add_argument(
        "--layout",
        choices=("page", "rows"),
        default="page",
        help="one A4 page a step, or one row a step; default: page",
    )
    command.add_argument(
        "--students", metavar="CLASS", help="a list with the columns id and name: .csv, .ods or .xlsx"
    )
    command.add_argument("--seed", type=_seed, metavar="N", help="draw the numbers of an earlier set again")
    command.add_argument(
        "--answers",
        choices=("numbers", "formulas"),
        default="numbers",
        help="what students fill in; default: numbers",
    )
    command.add_argument(
        "--decimals", type=_decimals, default=4, metavar="N", help="decimals of answers; default: 4"
    )
    command.add_argument(
        "--feedback",
        choices=("none", "check"),
        default="none",
        help="check: say beside each gradient whether it agrees with the cost's slope; default: none",
    )
    command.add_argument(
        "--format",
        action="append",
        choices=("xlsx", "ods"),
        default=[],
        help="of the workbooks, may be given twice; default: xlsx",
    )
    command.add_argument("--language", choices=LANGUAGES, default="en", help="of the worksheets")
    command.add_argument(
        "--pdf", action="store_true", help="also print the blank and the solved sheets, with LibreOffice"
    )
    command.add_argument("--overwrite", action="store_true", help="replace files in OUTDIR")


def _add_mark(commands: _Commands) -> None:
    command = commands.add_parser(
        "mark",
        help="mark the worksheets that a class returned",
        description="Mark what a class returned: what follows from a student's own mistake is right, and "
        "mistakes are named. Give folders and zips as they come; who it is stands in the files.",
    )
    command.add_argument("manifest", metavar="MANIFEST", help="teacher/manifest.json of the class set")
    command.add_argument(
        "files", metavar="FILE|FOLDER|ZIP", nargs="+", help="what was returned; folders and zips are searched"
    )
    command.add_argument(
        "-o", "--output", metavar="GRADEBOOK", help="save the gradebook, .xlsx, .csv or .json"
    )
    command.add_argument(
        "--annotate", metavar="DIR", help="save a copy of each file with a note at each blank, in this folder"
    )
    command.add_argument("--html", metavar="DIR", help="save a page for each student and one on the class")
    command.add_argument(
        "--scheme", metavar="FILE", help="what is given for what, a .toml; default: 1 mark a blank"
    )
    command.add_argument(
        "--delimiter",
        metavar="D",
        help="between the fields of a .csv: , ; | or tab; default: comma, in Danish a semicolon",
    )
    command.add_argument("--language", choices=LANGUAGES, default="en", help="of all that is written")
    processes = command.add_mutually_exclusive_group()
    processes.add_argument("--jobs", type=_processes, default=1, metavar="N", help="processes; default: 1")
    processes.add_argument(
        "--dask", metavar="ADDRESS", help="of a Dask scheduler, on whose workers the files are marked"
    )
    command.add_argument("--overwrite", action="store_true", help="replace what exists")


def _add_info(commands: _Commands) -> None:
    command = commands.add_parser(
        "info",
        help="show how a file is read",
        description="Show how a workbook is read: sizes, columns, steps, learning rate, stray cells.",
    )
    command.add_argument("file", metavar="FILE", help="the workbook, .ods or .xlsx")
    command.add_argument(
        "--sheet", action="append", default=[], metavar="NAME", help="show only this sheet; repeatable"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def _add_explain(commands: _Commands) -> None:
    command = commands.add_parser(
        "explain",
        help="what one cell is: its rule, in cells and in numbers",
        description="Explain one cell: its rule in words, in cells and in numbers step by step, the cells "
        "that feed it and those that it feeds, and for a gradient the chain rule.",
    )
    command.add_argument("file", metavar="FILE", help="the workbook, .ods or .xlsx")
    command.add_argument(
        "cell", metavar="[SHEET.]CELL", help="such as M9 or Sheet1.M9; without SHEET that of the first net"
    )
    command.add_argument(
        "--language", choices=LANGUAGES, default="en", help="of functions and decimal signs in formulas"
    )


# ---------------------------------------------------------------- what options may be


def _count(text: str) -> int:
    try:
        count = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of steps; expected 1 or more")
    return count


def _decimals(text: str) -> int:
    if not re.fullmatch(r"[1-9]|10", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of decimals; expected 1 to 10")
    return int(text)


def _processes(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of processes; expected 1 or more")
    return int(text)


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().casefold() for code in text.split(",") if code.strip())
    for code in codes:
        if not any(known.startswith(code) for known in catalogue()):
            raise argparse.ArgumentTypeError(f"'{code}' is no code; sheetnet codes lists them")
    return codes


def _number(text: str) -> float:
    """Read a number with a point or a comma; what is none gives NaN, which no bound admits."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")


def _tolerance(text: str) -> float:
    tolerance = _number(text)
    if not 0 <= tolerance < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no tolerance; expected a number such as 1e-6")
    return tolerance


def _cost(text: str) -> float:
    cost = _number(text)
    if not 0 <= cost < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a cost; expected a number such as 0.0001")
    return cost


def sizes_meant(text: str) -> tuple[int, ...] | None:
    """Return the sizes that a text such as 2-2-2 means, None for any other text."""
    usual = re.fullmatch(r"[1-9][0-9]{0,6}(-[1-9][0-9]{0,6})+", text)
    return None if usual is None else tuple(map(int, text.split("-")))


def _sizes(text: str) -> tuple[int, ...]:
    sizes = sizes_meant(text)
    if sizes is None:
        raise argparse.ArgumentTypeError(f"'{text}' are no sizes; expected neurons a layer, such as 2-2-2")
    return sizes


def _rate(text: str) -> float:
    rate = _number(text)
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is no learning rate; expected a number such as 0.5")
    return rate


def _seed(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no seed; expected a whole number such as 1")
    return int(text)


def _activations(text: str) -> tuple[Activation, ...]:
    known = activations_named(name.strip().lower() for name in text.split(","))
    if known is None:
        raise argparse.ArgumentTypeError(f"'{text}': expected {', '.join(ACTIVATIONS)}, one or one a layer")
    return known
