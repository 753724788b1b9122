"""What a class set of worksheets holds, in words."""

from collections.abc import Sequence

from sheetnet.exercise.exercise import use_text
from sheetnet.exercise.form import Request
from sheetnet.exercise.levels import computed_terms
from sheetnet.exercise.roster import Student
from sheetnet.jobs.worksheets import ALONE, Worksheets
from sheetnet.layout.page import Caption, caption_text
from sheetnet.net.terms import Term, Use, sizes_text
from sheetnet.report.net import unusual
from sheetnet.report.words import item, listing, plural


def worksheets_report(made: Worksheets) -> str:
    """Return the report on worksheets, at most 80 columns wide."""
    request = made.request
    net = f"{sizes_text(request.sizes)} net, {' '.join(dict.fromkeys(request.conventions.activations))}"
    told = listing(unusual(request.conventions))
    steps = plural(request.steps, "page" if request.paper == "page" else "step")
    lines = [f"{made.out}  {net}{', ' if told else ''}{told}; {steps} a student"]
    suffixes = " and ".join(f".{form}" for form in made.formats)
    lines += item("students", f"{_files(made.students)} in students/ ({suffixes})")
    lines += item("blanks", _blanks(made))
    lines += item("numbers", _numbers(made))
    printed = ", and as .pdf beside the workbooks" if made.printed else ""
    lines += item("teacher", f"keys in teacher/keys/{printed}; teacher/manifest.json is for marking")
    lines += item("next", "hand out what is in students/, and keep teacher/ to yourself")
    count = 2 * len(made.students) * (len(made.formats) + made.printed) + 1
    return "\n".join([*lines, "", f"Saved {plural(count, 'file')} in {made.out}."])


def _files(students: Sequence[Student]) -> str:
    if len(students) == 1:
        name = "worksheet" if students[0] == ALONE else students[0].id
        return f"1 workbook, {name},"
    return f"{len(students):,} workbooks, {students[0].id} to {students[-1].id},"


def _blanks(made: Worksheets) -> str:
    """Return how many blanks a student has, and of what."""
    request, [first, *_] = made.request, made.manifest.students
    if request.finds:
        return f"2: the cell of the one mistake, and what should stand there, {request.decimals} decimals"
    wanted = f"{request.decimals} decimals" if request.answers == "numbers" else "formulas"
    return f"{len(first.blanks)} a student: {listing(_quantities(request))}; {wanted}"


def _quantities(request: Request) -> list[str]:
    """Return the blocks that are blank, and the cells of those that are so in part; in order."""
    terms = computed_terms(request.sizes, biases=request.conventions.biases != "none")
    parts = {_block(term) for term in terms if term not in request.asked}
    names = (use_text(Use(term)) if _block(term) in parts else _block(term) for term in request.asked)
    return list(dict.fromkeys(names))


def _block(term: Term) -> str:
    return "C" if term.kind == "cost" else caption_text(Caption(term.kind, term.layer))


def _numbers(made: Worksheets) -> str:
    """Return where the numbers are from, and what they tell apart."""
    seed = f"seed {made.seed}: --seed {made.seed} makes the same files again"
    if made.taken:
        return "those of the workbook, the same for all"
    if made.request.finds or made.remaining:
        return seed
    return f"{seed}; every mistake in the catalogue leads to another number"
