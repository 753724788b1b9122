"""Check: which cells of a hand-built sheet are wrong, and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetnet.book import files
from sheetnet.book.calculator import Place
from sheetnet.book.grid import Book, Sheet
from sheetnet.diagnosis.catalogue import severity
from sheetnet.diagnosis.conventions import convention_faults
from sheetnet.diagnosis.faults import Faults
from sheetnet.diagnosis.findings import TOLERANCE, Finding
from sheetnet.diagnosis.general import general_findings
from sheetnet.diagnosis.grouping import findings_of
from sheetnet.diagnosis.inference import Inference, inferred
from sheetnet.diagnosis.labels import Swap, lying_names, relabelled, swap_finding
from sheetnet.diagnosis.numbers import Numbers
from sheetnet.diagnosis.outcome import (
    computed,
    following,
    numbers_of,
    own_values,
    recalculated,
    right_values,
)
from sheetnet.diagnosis.placing import put_back
from sheetnet.diagnosis.slopes import slopes_agree
from sheetnet.errors import FileError, SheetnetError, no_surprise
from sheetnet.formula.address import a1
from sheetnet.layout.layout import Layout
from sheetnet.layout.stated import contradictions
from sheetnet.net.conventions import Conventions
from sheetnet.net.terms import Term
from sheetnet.recognition.finding import SheetNets, nets_by_sheet

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CheckedNet:
    """One net that was checked.

    `findings` are in the order of their severity, then of their places. `judged` counts the formulas that
    were compared with the rule, `follow` the cells that hold other numbers only because of the findings.
    `own` has what the sheet holds, by term, shape (steps,), nan where there is no number; `right` what the
    rule gives from the same first row, None where that can't be computed. `slopes` tells what central
    differences of the sheet's own cost say of its δ and dC/dW: True they agree, False they do not, None they
    could not be taken. `hidden` counts the faults that were not asked for. `recalculated` tells that the
    numbers stored beside wrong formulas are those that they give.
    """

    layout: Layout
    conventions: Conventions
    findings: tuple[Finding, ...]
    judged: int
    follow: int
    own: Mapping[Term, Array]
    right: Mapping[Term, Array] | None
    slopes: bool | None
    hidden: int = 0
    recalculated: bool = True

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are no mere remarks."""
        return tuple(finding for finding in self.findings if finding.severity != "remark")


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """A sheet and its nets; `error` says in one line why a net that begins there could not be checked.

    `stray` are cells with formulas that belong to no net, as addresses.
    """

    name: str
    nets: tuple[CheckedNet, ...]
    stray: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was checked; `book` is None where it could not be read, `error` says why in one line.

    The nets' formulas have values in it even where the file has none.
    """

    path: Path
    book: Book | None
    sheets: tuple[CheckedSheet, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str | None = None

    @property
    def nets(self) -> tuple[CheckedNet, ...]:
        """All nets of the file."""
        return tuple(net for sheet in self.sheets for net in sheet.nets)


def check_file(
    path: str | Path,
    *,
    content: bytes | None = None,
    sheets: Sequence[str] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    tolerance: float = TOLERANCE,
) -> CheckedFile:
    """Check every net of a workbook; what can't be read is told in the result and raises nothing.

    `select` and `ignore` are codes, or beginnings of codes, of findings to keep and to leave out.
    `tolerance` is the relative difference up to which numbers count as equal. With `content`, what the file
    holds, nothing is looked for at `path`, and its lock file gives no warning.
    """
    path = Path(path)
    try:
        with no_surprise(path.name):
            stored = files.load(path) if content is None else files.load_bytes(str(path), content)
            found = nets_by_sheet(stored, sheets, lenient=True)
            book = computed(stored, _layouts(found))
            if book is not stored:  # first weights and patterns may be formulas too
                found = nets_by_sheet(book, sheets, lenient=True)
            numbers = numbers_of(book, _layouts(found))
    except SheetnetError as error:
        return CheckedFile(path, None, error=str(error))
    checked, unlike = [], []
    for each in found:
        sheet, texts = _checked_sheet(book, each, numbers, tolerance)
        nets = tuple(_wanted(net, select, ignore) for net in sheet.nets)
        checked.append(replace(sheet, nets=nets))
        unlike += texts
    warnings = files.warnings(book) if content is None else []
    return CheckedFile(path, book, _same_causes(checked), (*warnings, *unlike))


def check_files(
    paths: Sequence[str | Path],
    *,
    sheets: Sequence[str] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    tolerance: float = TOLERANCE,
    jobs: int = 1,
    dask: str | None = None,
) -> list[CheckedFile]:
    """Check workbooks one after the other, or in several processes; options are those of `check_file`.

    `dask` is the address of a Dask cluster that does it, to which the files are sent.
    """
    check = partial(check_file, sheets=sheets, select=select, ignore=ignore, tolerance=tolerance)
    if dask is not None:
        return _check_there(check, [Path(path) for path in paths], dask)
    if min(jobs, len(paths)) < 2:
        return [check(path) for path in paths]
    from sheetnet.processes import in_processes

    return [
        CheckedFile(Path(path), None, error=str(result)) if isinstance(result, SheetnetError) else result
        for path, result in zip(paths, in_processes(check, paths, jobs), strict=True)
    ]


def _check_there(check: Callable[..., CheckedFile], paths: Sequence[Path], address: str) -> list[CheckedFile]:
    """Check workbooks on a Dask cluster, which knows of them only what is sent."""
    from sheetnet.processes import work_over

    results: Iterator[CheckedFile | FileError] = work_over(
        partial(_check_sent, check),
        map(_to_send, paths),
        executor_address=address,
        named=lambda sent: str(sent[0]),
    )
    checked = []
    for path, result in zip(paths, results, strict=True):
        if isinstance(result, FileError):
            checked.append(CheckedFile(path, None, error=str(result)))
        else:
            warnings = [] if result.book is None else files.warnings(result.book)
            checked.append(replace(result, warnings=(*warnings, *result.warnings)))
    return checked


def _to_send(path: Path) -> tuple[Path, bytes | FileError]:
    try:
        return path, files.content_of(path)
    except FileError as error:
        return path, error


def _check_sent(check: Callable[..., CheckedFile], sent: tuple[Path, bytes | FileError]) -> CheckedFile:
    path, content = sent
    if isinstance(content, FileError):
        return CheckedFile(path, None, error=str(content))
    return check(path, content=content)


def _layouts(found: Iterable[SheetNets]) -> list[Layout]:
    return [layout for each in found for layout in each.nets]


def _checked_sheet(
    book: Book, found: SheetNets, numbers: Numbers, tolerance: float
) -> tuple[CheckedSheet, list[str]]:
    """Return a sheet with its nets checked, and what it states otherwise than it computes.

    A net that can't be checked stops no other.
    """
    nets: list[CheckedNet] = []
    texts: list[str] = []
    errors = [] if found.error is None else [str(found.error)]
    for layout in found.nets:
        try:
            with no_surprise(book.place(*layout.corner)):
                seen = layout.seen(book)
                own = numbers if layout.lens is None else numbers_of(seen, [layout])
                net = _checked(seen, layout, own, tolerance)
                texts += contradictions(seen, net.layout, net.conventions)
        except SheetnetError as error:
            errors.append(str(error))
        else:
            nets.append(net)
    stray = _stray(found.sheet, found.nets)
    return CheckedSheet(found.sheet.name, tuple(nets), stray, next(iter(errors), None)), texts


def _checked(book: Book, layout: Layout, numbers: Numbers, tolerance: float) -> CheckedNet:
    inference = inferred(book, layout)
    swaps: Sequence[Swap]
    if layout.by_formulas:
        swaps = lying_names(layout)
    else:
        inference, swaps = relabelled(book, inference)
    layout = inference.layout
    slopes = layout.descends if layout.by_formulas else slopes_agree(book, inference, numbers)
    faults = [*Faults(book, inference, numbers, tolerance), *convention_faults(inference)]
    faulty = any(severity(fault.cause.code) != "remark" for fault in faults)
    findings = (
        *findings_of(faults, book, inference, numbers),
        *general_findings(inference, slopes=slopes, faulty=faulty),
        *(swap_finding(layout, swap) for swap in swaps),
    )
    own, right = own_values(layout, numbers), right_values(book, inference, numbers)
    follow = 0
    if right is not None and any(finding.severity == "error" for finding in findings):
        areas = [area for finding in findings if finding.severity == "error" for area in finding.areas]
        follow = following(layout, own, right, areas, tolerance)
        findings = tuple(replace(finding, follow=follow) for finding in findings)
    return CheckedNet(
        layout=layout,
        conventions=inference.conventions,
        findings=tuple(put_back(finding, layout.lens) for finding in findings),
        judged=_judged(inference),
        follow=follow,
        own=own,
        right=right,
        slopes=slopes,
        recalculated=recalculated(inference, numbers, tolerance),
    )


def _judged(inference: Inference) -> int:
    series = (item.series for term in inference.layout.own_columns for item in inference.judged[term])
    return sum(each.last - each.first + 1 for each in series if each.pattern is not None)


def _wanted(net: CheckedNet, select: Sequence[str], ignore: Sequence[str]) -> CheckedNet:
    """Return a net with the findings that were asked for."""
    findings = tuple(
        finding
        for finding in net.findings
        if (not select or finding.code.startswith(tuple(select)))
        and not (ignore and finding.code.startswith(tuple(ignore)))
    )
    wanted = replace(net, findings=findings)
    return replace(wanted, hidden=len(net.faults) - len(wanted.faults))


def _stray(sheet: Sheet, layouts: Sequence[Layout]) -> tuple[str, ...]:
    """Return the formulas of a sheet with nets that belong to none of them."""
    if not layouts:
        return ()
    tables = [
        (layout.first_row, layout.last_row + layout.tail, {*layout.columns.values(), *layout.helpers})
        for layout in layouts
        if layout.lens is None
    ]
    rates = {layout.rate for layout in layouts}
    seen = {place for layout in layouts for place in _seen(layout)}
    return tuple(
        a1(row, column)
        for row, cells in sorted(sheet.rows.items())
        for column, cell in sorted(cells.items())
        if cell.formula is not None
        and (sheet.name, row, column) not in rates
        and (sheet.name, row, column) not in seen
        and not any(first <= row <= last and column in columns for first, last, columns in tables)
    )


def _seen(layout: Layout) -> Iterator[Place]:
    """Yield the cells of a net that is seen through a lens."""
    lens = layout.lens
    if lens is not None:
        yield from lens.between
        for row in range(layout.first_row, layout.last_row + layout.tail + 1):
            for column in (*layout.columns.values(), *layout.helpers):
                yield lens.place(layout.sheet, row, column)


def _same_causes(sheets: Sequence[CheckedSheet]) -> tuple[CheckedSheet, ...]:
    """Return the sheets, findings that were copied from one to another marked as of one cause."""
    names: dict[tuple[str, str, str], str] = {}
    out = []
    for sheet in sheets:
        nets = []
        for net in sheet.nets:
            findings = []
            for finding in net.findings:
                key = (finding.code, finding.found or str(finding.areas), str(finding.areas[0]))
                names.setdefault(key, f"c{len(names) + 1}")
                findings.append(replace(finding, cause=names[key]))
            nets.append(replace(net, findings=tuple(findings)))
        out.append(replace(sheet, nets=tuple(nets)))
    return tuple(out)
