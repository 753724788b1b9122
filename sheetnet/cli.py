"""The command line: the only place that prints and chooses exit codes."""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn, TextIO

import sheetnet
from sheetnet.errors import SheetnetError
from sheetnet.jobs.creating import new_file
from sheetnet.jobs.reading import read_file
from sheetnet.jobs.training import train_file
from sheetnet.layout.language import LANGUAGES
from sheetnet.net.conventions import ACTIVATIONS, BIASES, Activation, activations_named
from sheetnet.progress import Progress
from sheetnet.report.creating import creation_report
from sheetnet.report.reading import reading_json, reading_report
from sheetnet.report.training import training_report

EXAMPLES = """sheetnet: back-propagation in spreadsheets

  sheetnet train lesson.ods                fill in every a, δ and dC/dW,
                                           saved as lesson-trained.ods
  sheetnet train lesson.xlsx --steps 5000  the same in Excel, 5,000 rows
  sheetnet new 2-2-2                       a new sheet with a net of that
                                           size, saved as 2-2-2.ods
  sheetnet info lesson.ods                 show how the file is read

More:  sheetnet --help    sheetnet train --help
"""

OK, IMPOSSIBLE = 0, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0 done, 2 could not do it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")  # report/words.py says what that is
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments:
        print(EXAMPLES, end="")
        return OK
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except SheetnetError as error:
        return _fail(str(error))
    except BrokenPipeError:  # the reader of our output has gone: `sheetnet info … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return _fail("interrupted; no output was written")
    except MemoryError:
        return _fail("not enough memory for this file; try fewer steps")
    return code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and stop."""
        self.exit(IMPOSSIBLE, f"sheetnet: {message}; see {self.prog} --help\n")


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


def _fail(message: str) -> int:
    print(f"sheetnet: {message}", file=sys.stderr)
    return IMPOSSIBLE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sheetnet",
        description="Back-propagation in spreadsheets: .ods and .xlsx in, .ods and .xlsx out.",
    )
    parser.add_argument("--version", action="version", version=f"sheetnet {sheetnet.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)

    train = commands.add_parser(
        "train",
        help="a spreadsheet with initial weights becomes the trained spreadsheet",
        description="Train every net of a workbook: fill in every step with formulas and their values, "
        "and add the dC/dW columns. All else in the workbook stays as it is.",
    )
    train.add_argument("file", metavar="IN", help="the workbook, .ods or .xlsx")
    train.add_argument(
        "out", metavar="OUT", nargs="?", help="the output; default: IN-trained, of IN's format"
    )
    train.add_argument(
        "--sheet", action="append", default=[], metavar="NAME", help="train only this sheet; repeatable"
    )
    train.add_argument(
        "--steps",
        type=_count,
        metavar="N",
        help="rows, steps 0 to N-1; default: as many as there are, or 1000",
    )
    train.add_argument(
        "--until-cost", type=_cost, metavar="C", help="stop after the first step at or below this cost"
    )
    train.add_argument("--no-mend", action="store_true", help="keep formulas that depart from the rule")
    train.add_argument("--no-formulas", action="store_true", help="write numbers alone")
    place = train.add_mutually_exclusive_group()
    place.add_argument("--in-place", action="store_true", help="replace IN itself")
    place.add_argument("--overwrite", action="store_true", help="replace OUT when it exists")
    train.set_defaults(run=_train)

    new = commands.add_parser(
        "new",
        help="a new spreadsheet with a net of any size",
        description="Make a workbook with a net of any size, laid out as in the note, and train it.",
    )
    new.add_argument("sizes", metavar="SIZES", type=_sizes, help="neurons a layer, such as 2-2-2 or 4-8-8-9")
    new.add_argument(
        "out", metavar="OUT", nargs="?", help="the workbook, .ods or .xlsx; default: SIZES.ods, here"
    )
    new.add_argument(
        "--learning-rate", type=_rate, default=0.5, metavar="G", help="the learning rate γ; default: 0.5"
    )
    new.add_argument(
        "--seed", type=_seed, metavar="N", help="draw the random numbers of an earlier sheet again"
    )
    new.add_argument(
        "--patterns", metavar="FILE", help="inputs and targets, a pattern a row: .csv, .ods or .xlsx"
    )
    new.add_argument("--steps", type=_count, metavar="N", help="rows, steps 0 to N-1; default: 1000")
    new.add_argument(
        "--biases", choices=BIASES, default="trained", help="how biases are treated; default: trained"
    )
    new.add_argument(
        "--activation",
        type=_activations,
        default=("sigmoid",),
        metavar="NAME",
        help=f"{', '.join(ACTIVATIONS)}; one for all layers, or one a layer: tanh,sigmoid",
    )
    new.add_argument("--language", choices=LANGUAGES, default="en", help="of captions and instructions")
    new.add_argument("--overwrite", action="store_true", help="replace OUT when it exists")
    new.set_defaults(run=_new)

    info = commands.add_parser(
        "info",
        help="show how a file is read",
        description="Show how a workbook is read: sizes, columns, steps, learning rate, stray cells.",
    )
    info.add_argument("file", metavar="FILE", help="the workbook, .ods or .xlsx")
    info.add_argument(
        "--sheet", action="append", default=[], metavar="NAME", help="show only this sheet; repeatable"
    )
    info.add_argument("--json", action="store_true", help="print JSON")
    info.set_defaults(run=_info)
    return parser


def _count(text: str) -> int:
    try:
        count = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of rows; expected 1 or more")
    return count


def _cost(text: str) -> float:
    try:
        cost = float(text.replace(",", "."))
    except ValueError:
        cost = -1.0
    if not 0 <= cost < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a cost; expected a number such as 0.0001")
    return cost


def _sizes(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[1-9][0-9]{0,6}(-[1-9][0-9]{0,6})+", text):
        raise argparse.ArgumentTypeError(f"'{text}' are no sizes; expected neurons a layer, such as 2-2-2")
    return tuple(map(int, text.split("-")))


def _rate(text: str) -> float:
    try:
        rate = float(text.replace(",", "."))
    except ValueError:
        rate = 0.0
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


def _new(options: argparse.Namespace) -> int:
    layers = len(options.sizes) - 1
    if len(options.activation) not in (1, layers):
        return _fail(
            f"--activation names {len(options.activation)} layers, expected 1 or {layers}: "
            "the inputs have none"
        )
    with _bar(sys.stderr) as progress:
        creation = new_file(
            options.sizes,
            options.out,
            learning_rate=options.learning_rate,
            seed=options.seed,
            patterns=options.patterns,
            steps=options.steps,
            biases=options.biases,
            activations=options.activation,
            lang=options.language,
            overwrite=options.overwrite,
            progress=progress,
        )
    print(creation_report(creation))
    return OK


def _train(options: argparse.Namespace) -> int:
    if options.in_place and options.out is not None:
        return _fail(f"with --in-place {options.file} is the output; leave out {options.out}")
    with _bar(sys.stderr) as progress:
        training = train_file(
            options.file,
            options.out,
            sheets=options.sheet,
            steps=options.steps,
            until_cost=options.until_cost,
            mend=not options.no_mend,
            formulas=not options.no_formulas,
            in_place=options.in_place,
            overwrite=options.overwrite,
            progress=progress,
        )
    _warn(training.warnings)
    print(training_report(training))
    return OK


def _info(options: argparse.Namespace) -> int:
    reading = read_file(options.file, sheets=options.sheet)
    _warn(reading.warnings)
    if options.json:
        print(json.dumps(reading_json(reading), indent=2, ensure_ascii=True))
    else:
        print(reading_report(reading))
    return OK if any(sheet.nets for sheet in reading.sheets) else IMPOSSIBLE


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(f"sheetnet: warning: {warning}", file=sys.stderr)


def _bar(stream: TextIO) -> AbstractContextManager[Progress | None]:
    """Return a progress bar on a terminal, and nothing elsewhere."""
    if not stream.isatty():
        return nullcontext(None)
    from sheetnet.report.progress import Bar

    return Bar(stream)


if __name__ == "__main__":
    sys.exit(main())
