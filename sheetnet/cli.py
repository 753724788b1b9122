"""The command line: the only place that prints and chooses exit codes."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sheetnet.arguments import command_parser, sizes_meant
from sheetnet.book import files
from sheetnet.diagnosis.catalogue import catalogue
from sheetnet.errors import SheetnetError
from sheetnet.jobs.annotating import annotate_file, annotated_names
from sheetnet.jobs.creating import new_file
from sheetnet.jobs.reading import read_file
from sheetnet.jobs.training import train_file
from sheetnet.progress import Progress
from sheetnet.report.creating import creation_report
from sheetnet.report.reading import reading_json, reading_report
from sheetnet.report.training import training_report

if TYPE_CHECKING:  # checking is loaded by the commands that check: the others start without it
    from sheetnet.jobs.checking import CheckedFile
    from sheetnet.jobs.marking import Marking

EXAMPLES = """sheetnet: back-propagation in spreadsheets

  sheetnet check lesson.ods                which cell is wrong, and why
  sheetnet train lesson.ods                fill in every a, δ and dC/dW,
                                           saved as lesson-trained.ods
  sheetnet train lesson.xlsx --steps 5000  the same in Excel, 5,000 rows
  sheetnet new 2-2-2                       a new sheet with a net of that
                                           size, saved as 2-2-2.ods
  sheetnet worksheet 2-2-2 class           exercises, keys and a manifest
  sheetnet mark class/teacher/manifest.json returned
                                           mark what came back
  sheetnet info lesson.ods                 show how the file is read
  sheetnet explain lesson.ods M9           show how a cell gets its value

More:  sheetnet --help    sheetnet check --help
"""

OK, FOUND, IMPOSSIBLE = 0, 1, 2
_BOOKS = (".ods", ".ots", ".xlsx", ".xlsm", ".xltx", ".xltm")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0 done, 2 could not do it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")  # report/words.py says what that is
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments:
        print(EXAMPLES, end="")
        return OK
    if arguments[0].lower().endswith(_BOOKS) or Path(arguments[0]).is_file():
        arguments.insert(0, "check")  # sheetnet FILE
    options = command_parser().parse_args(arguments)
    try:
        code = _COMMANDS[options.command](options)
        sys.stdout.flush()
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
            arrangement=options.layout,
            overwrite=options.overwrite,
            progress=progress,
        )
    print(creation_report(creation))
    return OK


def _check(options: argparse.Namespace) -> int:
    from sheetnet.jobs.checking import check_files

    paths = [Path(name) for name in options.files]
    copies: Sequence[Path] = ()
    if options.annotate is not None:
        copies = annotated_names(paths, Path(options.annotate), overwrite=options.overwrite)
    report = None if options.output is None else Path(options.output)
    if report is not None:
        if report in copies:
            return _fail(f"{report}: can't be both the report and the marked copy; name two files")
        files.check_target(report, paths, overwrite=options.overwrite)
    checked = check_files(
        paths,
        sheets=options.sheet,
        select=options.select,
        ignore=options.ignore,
        tolerance=options.tolerance,
        jobs=options.jobs,
        dask=options.dask,
    )
    for file in checked:
        _warn(file.warnings)
    done = _annotate(checked, copies, options)
    told = options.format == "text" and report is None and len(checked) > 1
    for file in checked:
        if file.error is not None and not told:
            _fail(file.error)
    if any(file.error is None for file in checked) or options.format == "json":
        text = _checked(checked, options)
        if report is None:
            if options.format == "html" and hasattr(sys.stdout, "reconfigure"):
                sys.stdout.reconfigure(encoding="utf-8")  # as the page itself says
            print(text)
        else:
            files.write_text(report, text + "\n")
    if not done or any(
        file.error or not file.nets or any(sheet.error for sheet in file.sheets) for file in checked
    ):
        return IMPOSSIBLE
    return FOUND if any(net.faults for file in checked for net in file.nets) else OK


def _annotate(checked: "Sequence[CheckedFile]", copies: Sequence[Path], options: argparse.Namespace) -> bool:
    """Save marked copies of the files that have nets; tell whether all could be saved."""
    from sheetnet.report.check import annotation

    done = True
    for file, copy in zip(checked, copies, strict=False):
        if file.book is None or not file.nets:
            continue
        try:
            edits = annotation(file, language=options.language)
            annotate_file(file.book, copy, edits, overwrite=options.overwrite)
        except SheetnetError as error:  # the reports on all files are still to come
            _fail(str(error))
            done = False
        else:
            print(f"Saved {copy}. {file.path.name} is unchanged.", file=sys.stderr)
    return done


def _checked(checked: "Sequence[CheckedFile]", options: argparse.Namespace) -> str:
    from sheetnet.report.check import checking_json, checking_report

    if options.format == "json":
        return json.dumps(checking_json(checked, language=options.language), indent=2, ensure_ascii=True)
    if options.format == "html":
        from sheetnet.report.check.html import checking_html

        return checking_html(checked, language=options.language)
    return checking_report(checked, language=options.language)


def _list_codes(options: argparse.Namespace) -> int:
    from sheetnet.report.check import code_report, codes_report

    if options.code is None:
        print(codes_report(options.language))
        return OK
    code = options.code.casefold()
    if code not in catalogue():
        family = [known for known in catalogue() if known.startswith(f"{code}-")]
        if family:
            print(codes_report(options.language, family=code))
            return OK
        near = get_close_matches(options.code, catalogue(), 1)
        hint = f"; did you mean {near[0]}?" if near else "; sheetnet codes lists them"
        return _fail(f"'{options.code}' is no code{hint}")
    print(code_report(code, options.language))
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


def _worksheet(options: argparse.Namespace) -> int:
    from sheetnet.jobs.worksheets import make_worksheets
    from sheetnet.report.worksheets import worksheets_report

    sizes = sizes_meant(options.source)
    if sizes is None and not Path(options.source).exists() and not options.source.lower().endswith(_BOOKS):
        return _fail(
            f"'{options.source}': found neither sizes nor a file, expected neurons a layer, such as 2-2-2, "
            "or a workbook"
        )
    with _bar(sys.stderr) as progress:
        made = make_worksheets(
            options.source if sizes is None else sizes,
            options.out,
            level=options.level,
            blanks=options.blank,
            steps=options.steps,
            paper=options.layout,
            students=options.students,
            seed=options.seed,
            answers=options.answers,
            decimals=options.decimals,
            feedback=options.feedback == "check",
            formats=tuple(dict.fromkeys(options.format)) or ("xlsx",),
            lang=options.language,
            pdf=options.pdf,
            overwrite=options.overwrite,
            progress=progress,
        )
    _warn(made.warnings)
    print(worksheets_report(made))
    return OK


def _mark(options: argparse.Namespace) -> int:
    from sheetnet.book.folders import check_folder
    from sheetnet.jobs.marking import annotate_returned, check_outputs, mark_files
    from sheetnet.report.marks import annotation, marking_report

    outputs = [Path(name) for name in (options.output, options.annotate, options.html) if name is not None]
    if len(set(outputs)) < len(outputs):
        return _fail("-o, --annotate and --html name one place; name different ones")
    book, notes, pages = (
        None if name is None else Path(name) for name in (options.output, options.annotate, options.html)
    )
    if options.delimiter is not None and (book is None or book.suffix.lower() != ".csv"):
        return _fail("--delimiter is for a gradebook in .csv; name it with -o")
    if book is not None:
        files.check_report(book, (".xlsx", ".csv", ".json"), overwrite=options.overwrite)
    for folder in (notes, pages):
        if folder is not None:
            check_folder(folder, overwrite=options.overwrite)
    read = [options.manifest, *options.files, *([] if options.scheme is None else [options.scheme])]
    check_outputs([Path(name) for name in read], book, [each for each in (notes, pages) if each is not None])
    with _bar(sys.stderr) as progress:
        marking = mark_files(
            options.manifest,
            options.files,
            scheme=options.scheme,
            jobs=options.jobs,
            dask=options.dask,
            progress=progress,
        )
    marked, scheme, language = marking.marked, marking.scheme, options.language
    if book is not None:
        _save_gradebook(marking, book, options)
    if notes is not None:
        decimals = marked.manifest.decimals
        annotate_returned(
            marking, notes, lambda student, read: annotation(student, read, decimals, language=language)
        )
    if pages is not None:
        _save_pages(marking, pages, language)
    print(marking_report(marked, scheme, gradebook=book, annotated=notes, pages=pages, language=language))
    return FOUND if marked.unmarked else OK


def _save_gradebook(marking: "Marking", target: Path, options: argparse.Namespace) -> None:
    from sheetnet.report.marks import gradebook, gradebook_csv, gradebook_json

    marked, scheme, language = marking.marked, marking.scheme, options.language
    if target.suffix.lower() == ".xlsx":
        created = datetime.now(UTC).replace(microsecond=0)
        files.save_new(gradebook(marked, scheme, created=created, language=language), target)
    elif target.suffix.lower() == ".csv":
        files.write_text(
            target, gradebook_csv(marked, scheme, delimiter=options.delimiter, language=language)
        )
    else:
        data = gradebook_json(marked, scheme, language=language)
        files.write_text(target, json.dumps(data, indent=2, ensure_ascii=True) + "\n")


def _save_pages(marking: "Marking", folder: Path, language: str) -> None:
    from sheetnet.book.folders import staged
    from sheetnet.report.marks.html import mark_pages

    with staged(folder) as stage:
        for name, text in mark_pages(marking.marked, language):
            target = stage / name
            files.make_folder(target.parent)
            files.write_text(target, text)


def _info(options: argparse.Namespace) -> int:
    reading = read_file(options.file, sheets=options.sheet)
    _warn(reading.warnings)
    if options.json:
        print(json.dumps(reading_json(reading), indent=2, ensure_ascii=True))
    else:
        print(reading_report(reading))
    return OK if any(sheet.nets for sheet in reading.sheets) else IMPOSSIBLE


def _explain(options: argparse.Namespace) -> int:
    from sheetnet.jobs.explaining import explain_cell
    from sheetnet.report.explain import explanation_report

    print(explanation_report(explain_cell(options.file, options.cell), options.language))
    return OK


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(f"sheetnet: warning: {warning}", file=sys.stderr)


def _bar(stream: TextIO) -> AbstractContextManager[Progress | None]:
    """Return a progress bar on a terminal, and nothing elsewhere."""
    if not stream.isatty():
        return nullcontext(None)
    from sheetnet.report.progress import Bar

    return Bar(stream)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "codes": _list_codes,
    "explain": _explain,
    "info": _info,
    "mark": _mark,
    "new": _new,
    "train": _train,
    "worksheet": _worksheet,
}


if __name__ == "__main__":
    sys.exit(main())
