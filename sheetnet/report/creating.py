"""What a new workbook holds, in words."""

from sheetnet.jobs.creating import Creation
from sheetnet.report.net import head, outcome, unusual
from sheetnet.report.words import column_runs, item, listing, plural


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
        row = layout.first_row + filling.steps
        lines += item(
            "weights", f"trained weights: row {row}, columns {listing(column_runs(layout.of('w')))}"
        )
    gradients = layout.of("gradient")
    lines += item("slopes", f"{plural(len(gradients), 'dC/dW column')}, {listing(column_runs(gradients))}")
    noun = "chart" if len(creation.charts) == 1 else "charts"
    lines += item(noun, f"of the cost, at {listing(creation.charts)}")
    if filling.steps == 1:
        lines += item("next", f"sheetnet train {creation.out.name}")
    return "\n".join([*lines, "", f"Saved {creation.out}."])
