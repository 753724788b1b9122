"""The blanks of a student in the blocks of the sheet: vectors and matrices, step by step."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sheetnet.exercise.levels import FIND
from sheetnet.exercise.manifest import BlankEntry
from sheetnet.layout.language import language as sheet_language
from sheetnet.layout.page import Caption, caption_text, neuron_text
from sheetnet.marking.marks import MarkedBlank
from sheetnet.report.html.markup import Markup, clipped, element, join
from sheetnet.report.marks.html.mistakes import StudentView, anchor
from sheetnet.report.marks.html.view import GROUP, MOST_SENTENCE, SIGNS
from sheetnet.report.marks.verdict import term_text, verdict_text

MOST_COLUMNS = 12
"""Columns up to which a matrix is shown as one; the blanks of a wider one are listed."""
MOST_ALIKE = 2
"""Blanks of one verdict up to which each has its sentence; of more, the others are named."""


class Block(NamedTuple):
    """Blanks that stand together on the sheet; `kind` is that of their terms, or "found" or "other"."""

    kind: str
    layer: int
    step: int


def blocks(page: StudentView) -> Mapping[Block, Sequence[MarkedBlank]]:
    """Return the blanks in their blocks, both in the order of the sheet."""
    entries = page.view.entries(page.student.id)
    found: dict[Block, list[MarkedBlank]] = {}
    for blank in page.student.blanks:
        found.setdefault(_block(page, entries.get(blank.name), blank), []).append(blank)
    return dict(sorted(found.items(), key=lambda pair: pair[0].step))


def block_sections(page: StudentView) -> Iterator[Markup]:
    """Yield a section a block, under a heading for each step where there are several."""
    step = None
    found = blocks(page)
    several = len({block.step for block in found}) > 1
    for block, blanks in found.items():
        if several and block.step != step:
            step = block.step
            yield element("h3", page.view.say("step", step=step), class_="step")
        title = _title(page, block)
        entries = page.view.entries(page.student.id)
        table = _matrix(page, block, blanks, entries) or _list(page, block, blanks)
        yield element(
            "section",
            element("h4" if several else "h3", title),
            element(
                "div", table, class_="scroll", tabindex="0", role="region", aria_label=_named(page, block)
            ),
            _sentences(page, blanks),
            class_="block",
        )


def _block(page: StudentView, entry: BlankEntry | None, blank: MarkedBlank) -> Block:
    if page.view.manifest.level == FIND:
        return Block("found", 0, blank.step)
    if entry is None or entry.kind not in ("a", "cost", "delta", "gradient", "new"):
        return Block("other", 0, blank.step)
    return Block(entry.kind, entry.layer, blank.step)


def _title(page: StudentView, block: Block) -> str:
    say = page.view.say
    if block.kind in ("cost", "found", "other"):
        return say(f"sections.{block.kind}")
    new = sheet_language(say.code).page["new"]
    caption = caption_text(Caption(block.kind, block.layer), new)  # type: ignore[arg-type]
    return say(f"sections.{block.kind}", caption=caption)


def _named(page: StudentView, block: Block) -> str:
    return page.view.stepped(_title(page, block), block.step)


# ---------------------------------------------------------------- tables


def _matrix(
    page: StudentView, block: Block, blanks: Sequence[MarkedBlank], entries: Mapping[str, BlankEntry]
) -> Markup | None:
    """Return a block as the matrix or the row of numbers that it is, None where it is neither or too wide."""
    sizes, say = page.view.manifest.sizes, page.view.say
    last = len(sizes) - 1
    if block.kind in ("found", "other"):
        return None
    flat = block.kind in ("a", "delta", "cost")
    at: dict[tuple[int, int], MarkedBlank] = {}
    for blank in blanks:
        entry = entries[blank.name]
        at[(0, entry.i) if flat else (entry.i, entry.j)] = blank
    if len(at) < len(blanks):
        return None
    if flat:
        columns = range(sizes[block.layer] if block.kind != "cost" else 1)
        heads = [neuron_text(block.layer, i, last) for i in columns] if block.kind != "cost" else ["C"]
        rows = {0: ""}
    else:
        before = sizes[block.layer - 1]
        biased = page.view.manifest.conventions.biases != "none"
        columns = range(before + biased)
        heads = [*(f"a{j}" for j in range(before)), *([say("bias")] if biased else [])]
        rows = {i: neuron_text(block.layer, i, last) for i in range(sizes[block.layer])}
    if len(columns) > MOST_COLUMNS or max(j for _, j in at) >= len(columns):
        return None
    corner = [] if flat else [element("td", class_="corner")]
    body = [
        element(
            "tr",
            element("th", name, scope="row") if name else None,
            [_tile(page, at.get((row, j))) for j in columns],
        )
        for row, name in rows.items()
    ]
    return element(
        "table",
        element("caption", _named(page, block), class_="unseen"),
        element("thead", element("tr", corner, [element("th", head, scope="col") for head in heads])),
        element("tbody", body),
        class_="matrix wide" if len(columns) > 5 else "matrix",
    )


def _tile(page: StudentView, blank: MarkedBlank | None) -> Markup:
    """Return the cell of a blank: its name, the answer, the verdict, and what is right where it is not."""
    if blank is None:
        return element("td", page.view.say("given"), class_="given")
    return element(
        "td",
        element("span", page.terms[blank.name], class_="term"),
        element("span", page.view.answer(blank), class_="answer") if blank.answer.strip() else None,
        _verdict(page, blank),
        class_=GROUP[blank.verdict],
    )


def _verdict(page: StudentView, blank: MarkedBlank) -> Markup:
    view, say = page.view, page.view.say
    group = GROUP[blank.verdict]
    number = page.numbers.get(blank.name)
    see = element("a", say("see", number=number), href=f"#{anchor(number)}") if number else None
    marks = view.earned(blank.earned, blank.of)
    if group not in ("right", "own"):
        marks = say("marks_expected", marks=marks, value=view.expected(blank))
    return join(
        element("span", f"{SIGNS[group]} {view.verdict(blank)}", class_="verdict"),
        " ",
        element("span", marks, class_="marks"),
        join(" ", element("span", see, class_="see")) if see else None,
    )


def _list(page: StudentView, block: Block, blanks: Sequence[MarkedBlank]) -> Markup:
    """Return a block as a table of a row a blank."""
    say = page.view.say
    heads = [element("th", say(key), scope="col") for key in ("blank", "answer", "verdict")]
    rows = [
        element(
            "tr",
            element("th", page.terms[blank.name], scope="row"),
            element("td", page.view.answer(blank), class_="answer"),
            element("td", _verdict(page, blank), class_=GROUP[blank.verdict]),
        )
        for blank in blanks
    ]
    return element(
        "table",
        element("caption", _named(page, block), class_="unseen"),
        element("thead", element("tr", heads)),
        element("tbody", rows),
        class_="listed",
    )


# ---------------------------------------------------------------- sentences


def _sentences(page: StudentView, blanks: Sequence[MarkedBlank]) -> Markup | None:
    """Return what is to be said of blanks that have no card of their own, alike ones together."""
    view, say = page.view, page.view.say
    alike: dict[str, dict[str, list[MarkedBlank]]] = {}
    for blank in blanks:
        if blank.verdict in ("right", "empty") and not (blank.as_text or blank.reason):
            continue
        if blank.name not in page.numbers:
            text = verdict_text(blank, page.view.manifest.decimals, language=say.code)
            text = clipped(text.removeprefix(f"{term_text(blank, say.code)}: "), MOST_SENTENCE)
            alike.setdefault(blank.verdict, {}).setdefault(text, []).append(blank)
    items = []
    for texts in alike.values():
        shown = list(texts.items())
        several = len(shown) > MOST_ALIKE
        for text, same in shown[:1] if several else shown:
            rest = [blank for _, others in shown[1:] for blank in others] if several else []
            also = ", ".join(page.terms[blank.name] for blank in rest)
            more = f" ({say('likewise', terms=also)})" if rest else ""
            terms = view.listed(page.terms[blank.name] for blank in same)
            items.append(element("li", element("strong", terms), f" {text}{more}"))
    return element("ul", items, class_="sentences") if items else None
