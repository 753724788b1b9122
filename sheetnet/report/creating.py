"""What a new workbook holds, in words."""

from sheetnet.jobs.creating import Creation
from sheetnet.layout.page import page_plan
from sheetnet.report.net import head, outcome, trained_weights, unusual
from sheetnet.report.places import spans
from sheetnet.report.words import column_runs, item, listing, plural

MOST_ROWS, MOST_COLUMNS = 60, 24
"""Rows and columns of a page that an A4 sheet shows in letters of a readable size."""


def creation_report(creation: Creation) -> str:
    """Return the report on a new workbook, at most 80 columns wide."""
    filling, layout = creation.filling, creation.layout
    lines = head(layout.sheet, filling, layout.conventions)
    words = unusual(layout.conventions)
    lines += item("biases", listing(words)) if words else []
    if creation.seed is not None:
        lines += item("seed", f"{creation.seed}: --seed {creation.seed} draws the same random numbers again")
    if filling.steps > 1:
        lines += outcome(filling, layout.conventions)
        lines += trained_weights(filling)
    if layout.pages:
        return "\n".join([*lines, *_page(creation), "", f"Saved {creation.out}."])
    gradients = layout.of("gradient")
    lines += item("slopes", f"{plural(len(gradients), 'dC/dW column')}, {listing(column_runs(gradients))}")
    noun = "chart" if len(creation.charts) == 1 else "charts"
    lines += item(noun, f"of the cost, at {listing(creation.charts)}")
    if filling.steps == 1:
        lines += item("next", f"sheetnet train {creation.out.name}")
    return "\n".join([*lines, "", f"Saved {creation.out}."])


def _page(creation: Creation) -> list[str]:
    """Return where dC/dW are on a page, whether it can be read in print, and how to get more of them."""
    layout = creation.layout
    gradients = layout.of("gradient")
    lines = item(
        "slopes", f"{plural(len(gradients), 'dC/dW cell')} a page, {listing(spans(layout, gradients))}"
    )
    plan = page_plan(layout.sizes, biases=layout.has_biases)
    if plan.height > MOST_ROWS or plan.width > MOST_COLUMNS:
        lines += item(
            "print",
            f"{plan.height} rows and {plan.width} columns a page are printed small; for so large a net a "
            "table of rows serves better (--layout rows)",
        )
    if creation.filling.steps == 1:
        lines += item("next", f"sheetnet train {creation.out.name} --steps 10   makes 10 pages of it")
    return lines
