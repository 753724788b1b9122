"""The page: its head, an index, and a section for every file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from sheetnet.jobs.checking import CheckedFile, CheckedSheet
from sheetnet.report.check import findings
from sheetnet.report.check.html.netsection import VERDICTS, net_name, net_section, verdict
from sheetnet.report.check.html.view import NetView, Words
from sheetnet.report.html.document import document
from sheetnet.report.html.markup import Markup, clipped, element, join
from sheetnet.report.wording import PAGE, Wording, wording

MOST_STRAY = 12
"""Cells beside the nets that are listed; of more, the rest are counted."""
MOST_NAME = 200
"""Characters of a line that are shown."""


def checking_html(files: Sequence[CheckedFile], *, language: str = "en", words: Words = findings) -> str:
    """Return the page on one or more checked files, which needs nothing beside itself.

    `language` is ``en`` or ``da``; `words` tell the findings. Everything from the files is escaped, and the
    page forbids its browser all but its own style.
    """
    say = wording(language, PAGE)
    named = files[0].path.name if len(files) == 1 else say.count(len(files), "files")
    sections = [_file(file, f"f{number}", words, say) for number, file in enumerate(files, start=1)]
    several = sum(max(len(file.nets), 1) for file in files) > 1
    return document(
        say("title", name=clipped(named, MOST_NAME)),
        element("header", element("h1", say("heading")), element("p", _tally(files, say), class_="tally")),
        _index(files, say) if several else None,
        element("main", sections),
        element("footer", element("p", say("footer"))),
        style=Path(__file__).with_name("page.css"),
        language=say.code,
    )


def _tally(files: Sequence[CheckedFile], say: Wording) -> str:
    """Return the count of nets by their verdicts."""
    kinds = [verdict(net, say)[0] for file in files for net in file.nets]
    failed = sum(file.error is not None for file in files)
    failed += sum(sheet.error is not None for file in files for sheet in file.sheets)
    parts = [(sum(kind == wanted for kind in kinds), f"nets_{wanted}") for wanted in VERDICTS]
    counts = [say.count(count, key) for count, key in (*parts, (failed, "failed")) if count]
    return ", ".join(counts) or say("no_net")


def _index(files: Sequence[CheckedFile], say: Wording) -> Markup:
    rows: list[Markup] = []
    for number, file in enumerate(files, start=1):
        rows += _index_rows(file, f"f{number}", say)
    columns = [element("th", say(key), scope="col") for key in ("file", "sheet", "sizes", "verdict")]
    table = element("table", element("thead", element("tr", columns)), element("tbody", rows))
    box = element("div", table, class_="scroll", tabindex="0")
    return element("nav", element("h2", say("index")), box, aria_label=say("index"), class_="index")


def _index_rows(file: CheckedFile, anchor: str, say: Wording) -> Iterator[Markup]:
    link = element("a", clipped(file.path.name, MOST_NAME), href=f"#{anchor}")
    name = element("th", link, scope="row")
    for nth, net in enumerate(file.nets, start=1):
        kind, text = verdict(net, say)
        sheet = element("a", clipped(net_name(net, file.nets), MOST_NAME), href=f"#{anchor}n{nth}")
        cells = [sheet, net.layout.name]
        yield element(
            "tr",
            name,
            [element("td", cell) for cell in cells],
            element("td", VERDICTS[kind], " ", text, class_=f"verdict {kind}"),
        )
    failed = file.error is not None or any(sheet.error is not None for sheet in file.sheets)
    if failed or not file.nets:
        text = say("not_checked") if failed else say("no_net")
        sign = "!" if failed else "–"
        empty = [element("td"), element("td")]
        yield element("tr", name, empty, element("td", sign, " ", text, class_="verdict failed"))


def _file(file: CheckedFile, anchor: str, words: Words, say: Wording) -> Markup:
    alike: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for nth, net in enumerate(file.nets, start=1):
        for number, finding in enumerate(net.findings, start=1):
            if finding.cause:
                alike[finding.cause].append((f"{anchor}n{nth}-{number}", finding.sheet))
    sections = []
    nets = file.nets
    if file.book is not None:
        for nth, net in enumerate(nets, start=1):
            name = clipped(net_name(net, nets), MOST_NAME)
            sections.append(net_section(NetView(file.book, net, words, say, name, f"{anchor}n{nth}"), alike))
    notes = [element("p", f"! {clipped(file.error, 2 * MOST_NAME)}", class_="failed")] if file.error else []
    notes += [element("p", f"! {clipped(text, 2 * MOST_NAME)}", class_="note") for text in file.warnings]
    return element(
        "section",
        element("h2", clipped(file.path.name, MOST_NAME)),
        notes,
        sections,
        [_rest(sheet, say) for sheet in file.sheets],
        id=anchor,
        class_="file",
    )


def _rest(sheet: CheckedSheet, say: Wording) -> Markup:
    """Return what else is to be said of a sheet."""
    name = clipped(sheet.name, MOST_NAME)
    parts = []
    if sheet.error is not None:
        parts.append(element("p", f"! {name}: {clipped(sheet.error, 2 * MOST_NAME)}", class_="failed"))
    elif not sheet.nets:
        parts.append(element("p", f"{name}: {say('no_net')}", class_="note"))
    if sheet.stray and sheet.nets:
        text = ", ".join(sheet.stray[:MOST_STRAY])
        left_out = len(sheet.stray) - MOST_STRAY
        text += f", {say('more', count=say.integer(left_out))}" if left_out > 0 else ""
        parts.append(element("p", say("stray", sheet=name, cells=text), class_="note"))
    return join(parts)
