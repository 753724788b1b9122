"""Mark: what a class returned is read, judged, and added up."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sheetnet.book import files
from sheetnet.book.edits import Edits
from sheetnet.book.folders import staged
from sheetnet.book.grid import Book
from sheetnet.book.submissions import Skipped, Submission, submissions
from sheetnet.errors import FileError, SheetnetError, no_surprise
from sheetnet.exercise.form import NAME
from sheetnet.exercise.manifest import MAX_CHARACTERS, Manifest, from_json
from sheetnet.exercise.roster import plain_name
from sheetnet.marking.judge import Judge
from sheetnet.marking.judging import marked
from sheetnet.marking.marks import MarkedClass, MarkedStudent, Unmarked
from sheetnet.marking.returned import Returned
from sheetnet.marking.scheme import Scheme, read_scheme
from sheetnet.processes import work_over
from sheetnet.progress import Progress

_SHOWN_IDS = 3


@dataclass(frozen=True, slots=True)
class Marking:
    """A class that was marked, by which scheme; `paths` are those in which its files were found."""

    marked: MarkedClass
    scheme: Scheme
    paths: tuple[Path, ...]


def mark_files(
    manifest: str | Path,
    paths: Sequence[str | Path],
    *,
    scheme: str | Path | None = None,
    jobs: int = 1,
    dask: str | None = None,
    progress: Progress | None = None,
) -> Marking:
    """Mark what is in files, folders and zips; what can't be marked is told in the result.

    `jobs` processes share the work, or the workers of a Dask cluster at the address `dask`. FileError for a
    manifest or a scheme that can't be read, and for a path that does not exist.
    """
    source = Path(manifest)
    text = files.read_text(source, "the manifest.json of a class set", MAX_CHARACTERS)
    read, given = from_json(text, source.name), read_scheme(scheme)
    places = tuple(map(Path, paths))
    skipped: list[Unmarked] = []
    gathered = _Gathered(read)
    work = partial(_marked, text, given)
    returned = _workbooks(submissions(places), skipped)
    for index, found in enumerate(work_over(work, returned, jobs=jobs, executor_address=dask)):
        gathered.add(found)
        if progress is not None:
            progress(index + 1, max(len(read.students), index + 1))
    return Marking(gathered.result(skipped, given), given, places)


def check_outputs(inputs: Sequence[Path], file: Path | None, folders: Sequence[Path]) -> None:
    """Raise FileError where an output would replace what is marked, or lie among it.

    `inputs` are the manifest, the scheme, and the files and folders that were returned.
    """
    for output in (*([] if file is None else [file]), *folders):
        place = output.resolve()
        for source in inputs:
            read = source.resolve()
            among = read.is_dir() and place.is_relative_to(read)
            over = output in folders and read.is_file() and read.parent == place
            if place == read or among or over:
                raise FileError(
                    f"{output}: would replace, or lie among, what is read from {source}; name another output"
                )


def annotate_returned(
    marking: Marking, folder: Path, edits_of: Callable[[MarkedStudent, Book], Edits]
) -> int:
    """Save a copy of each marked file, with edits, in a folder; return how many. FileError where that fails.

    A copy is called as the student's id; the files are read again, so that they need not be kept in memory.
    """
    students = {student.file: student for student in marking.marked.students}
    count = 0
    with staged(folder) as stage:
        for found in submissions(marking.paths):
            if isinstance(found, Submission) and (student := students.pop(found.name, None)) is not None:
                book = files.load_bytes(found.name, found.content)
                target = stage / f"{student.id}.{book.format}"
                files.save_bytes(found.name, found.content, target, edits_of(student, book))
                count += 1
    return count


def _workbooks(found: Iterator[Submission | Skipped], skipped: list[Unmarked]) -> Iterator[Submission]:
    """Yield the workbooks among what was returned, and note what was passed over."""
    for each in found:
        if isinstance(each, Submission):
            yield each
        else:
            skipped.append(Unmarked(each.name, each.reason))


# ---------------------------------------------------------------- one file


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one file, and when it was saved; `id` is the student's whose file it seems to be."""

    file: str
    modified: float
    student: MarkedStudent | None
    reason: str = ""
    id: str = ""


def _marked(text: str, scheme: Scheme, returned: Submission) -> _Result:
    """Mark one file; nothing that it holds can be worse than a reason why it is not marked."""
    name, modified = returned.name, returned.modified
    try:
        with no_surprise(name):
            judge = _judge_of(text, scheme)
            sheet = Returned(files.load_bytes(name, returned.content))
            entry = sheet.student(judge.manifest)
            if entry is None:
                return _Result(name, modified, None, _stranger(sheet, judge.manifest))
            if reason := sheet.foreign(judge.exercise, judge.shown(entry), entry.blanks):
                return _Result(name, modified, None, reason, entry.id)
            return _Result(name, modified, marked(judge, entry, sheet, name))
    except SheetnetError as error:
        return _Result(name, modified, None, str(error))


_JUDGES: dict[str, Judge] = {}
"""The judge of the manifest at hand, made once in a process."""


def _judge_of(text: str, scheme: Scheme) -> Judge:
    digest = hashlib.sha256(f"{scheme!r}\n{text}".encode()).hexdigest()
    if digest not in _JUDGES:
        _JUDGES.clear()
        _JUDGES[digest] = Judge(from_json(text, "manifest.json"), scheme)
    return _JUDGES[digest]


def _stranger(sheet: Returned, manifest: Manifest) -> str:
    """Return why a workbook is nobody's."""
    if not sheet.has_name(NAME.format(1)):
        return "found no boxes of a worksheet in it, expected the workbook that was handed out"
    ids = [entry.id for entry in manifest.students]
    more = f" and {len(ids) - _SHOWN_IDS} more" if len(ids) > _SHOWN_IDS else ""
    return f"found no id of this class on it, expected one of {', '.join(ids[:_SHOWN_IDS])}{more}"


# ---------------------------------------------------------------- the class


class _Gathered:
    """What became of all files; of several of one student the newest counts."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._best: dict[str, _Result] = {}
        self._others: dict[str, list[str]] = {}
        self._unmarked: list[Unmarked] = []

    def add(self, found: _Result | FileError) -> None:
        """Take up what became of a file."""
        if isinstance(found, FileError):
            name, _, reason = str(found).partition(": ")
            self._unmarked.append(Unmarked(name, reason or name))
            return
        if found.student is None:
            self._unmarked.append(Unmarked(found.file, _without_name(found.reason, found.file), found.id))
            return
        id = found.student.id
        best = self._best.get(id)
        if best is None:
            self._best[id] = found
            return
        older, newer = sorted((best, found), key=lambda each: (each.modified, each.file))
        self._best[id] = newer
        self._others.setdefault(id, []).append(older.file)

    def result(self, skipped: Sequence[Unmarked], scheme: Scheme) -> MarkedClass:
        """Return the class, in the order of its manifest."""
        students, without = [], []
        for entry in self._manifest.students:
            best = self._best.get(entry.id)
            if best is None or best.student is None:
                without.append(entry.id)
                continue
            others = tuple(sorted(self._others.get(entry.id, ())))
            students.append(scheme.marked(replace(best.student, others=others)))
        older = [
            Unmarked(other, f"{student.file} of the same student is newer, and counts", student.id)
            for student in students
            for other in student.others
        ]
        unmarked = sorted({*self._unmarked, *skipped, *older})
        return MarkedClass(self._manifest, tuple(students), tuple(without), tuple(unmarked))


def _without_name(reason: str, file: str) -> str:
    """Return a reason without the file's name, which stands beside it."""
    for name in (file, Path(file).name):
        reason = reason.removeprefix(f"{name}: ").removeprefix(f"{name}, ")
    return plain_name(reason)
