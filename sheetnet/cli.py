"""The command line: the only place that prints and chooses exit codes."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

import sheetnet
from sheetnet.errors import SheetnetError
from sheetnet.jobs.reading import read_file
from sheetnet.jobs.training import Progress, train_file
from sheetnet.report.reading import reading_json, reading_report
from sheetnet.report.training import training_report

EXAMPLES = """sheetnet: back-propagation in spreadsheets

  sheetnet train lesson.ods                fill in every a, δ and dC/dW,
                                           saved as lesson-trained.ods
  sheetnet train lesson.xlsx --steps 5000  the same in Excel, 5,000 rows
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


def _fail(message: str) -> int:
    print(f"sheetnet: {message}", file=sys.stderr)
    return IMPOSSIBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sheetnet",
        description="Back-propagation in spreadsheets: .ods and .xlsx in, .ods and .xlsx out.",
    )
    parser.add_argument("--version", action="version", version=f"sheetnet {sheetnet.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

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
