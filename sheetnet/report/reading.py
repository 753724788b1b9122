"""The map of how a file was read, in words and as JSON."""

from typing import Any

from sheetnet.formula.address import column_name
from sheetnet.jobs.reading import Reading, ReadNet, ReadSheet
from sheetnet.layout.layout import Layout
from sheetnet.layout.rows import LOOKED_FOR
from sheetnet.net.terms import INTERMEDIATES
from sheetnet.report.net import BATCHES, COSTS, activations, signs
from sheetnet.report.netmap import net_map, terms_json
from sheetnet.report.places import (
    empty_cells,
    in_blocks,
    is_blocks,
    is_turned,
    reaches,
    spans,
    step_noun,
    steps_text,
)
from sheetnet.report.words import amount, column_runs, item, listing, paragraph, plural

_NAME = 15
_SIGNS = {
    "z": "z", "slope": "σ'", "miss": "a-T", "part": "parts of C", "pull": "∂C/∂a", "path": "paths back",
    "new": "new w",
}  # fmt: skip
_MANY = 12
"""Stray cells that are listed; of more, the rest are counted."""


def reading_report(reading: Reading) -> str:
    """Return the map, at most 80 columns wide."""
    lines = []
    for sheet in reading.sheets:
        homes = (net.layout for each in reading.sheets for net in each.nets)
        home = next((layout.sheet for layout in homes if reaches(layout, sheet.name)), None)
        if home is not None:
            lines += [f"{sheet.name}  more steps of the net on {home}", ""]
            continue
        if not sheet.nets:
            lines += [f"{sheet.name}  no net: {plural(sheet.cells, 'cell')}, left alone"]
        if sheet.missing:
            lines += paragraph(f"{sheet.missing}.", "  ")
        for net in sheet.nets:
            lines += net_map(reading.book, net) if net.layout.by_formulas else _net(net)
        lines += _rest(sheet)
        lines.append("")
    if not any(sheet.nets for sheet in reading.sheets):
        lines += [*paragraph(f"Looked for {LOOKED_FOR}."), ""]
    return "\n".join(lines).rstrip()


def reading_json(reading: Reading) -> dict[str, Any]:
    """Return the map as plain data, version 1: keys may be added, none is renamed."""
    return {
        "version": 1,
        "file": str(reading.book.path),
        "format": reading.book.format,
        "warnings": list(reading.warnings),
        "sheets": [
            {
                "name": sheet.name,
                "cells": sheet.cells,
                "formulas": sheet.formulas,
                "nets": [_net_json(net) for net in sheet.nets],
                "stray": [{"cell": cell, "formula": formula} for cell, formula in sheet.stray],
                "not_understood": [{"cell": cell, "found": found} for cell, found in sheet.not_understood],
                "missing": sheet.missing or None,
            }
            for sheet in reading.sheets
        ],
    }


def _net_json(net: ReadNet) -> dict[str, Any]:
    layout = net.layout
    return {
        "sizes": list(layout.sizes),
        "activation": activations(net.conventions, net.layout),
        "biases": net.conventions.biases,
        "order": net.conventions.order,
        "difference": net.conventions.difference,
        "gradients": net.conventions.gradients,
        "cost": net.conventions.cost,
        "batch": net.conventions.batch,
        "learning_rate": {"value": layout.learning_rate, "cell": layout.rate and layout.rate_address},
        **_steps_json(layout),
        "steps": layout.steps,
        "patterns": layout.patterns,
        "columns": [
            {
                **_place_json(layout, column),
                "label": layout.label(term),
                "kind": term.kind,
                "layer": term.layer,
            }
            for column, term in sorted(layout.terms.items())
        ],
        "terms": terms_json(layout),
        "read_by": "formulas" if layout.by_formulas else "labels",
        "scale": layout.scale,
        "helpers": spans(layout, layout.helpers)
        if layout.lens is not None
        else [column_name(column) for column in layout.helpers],
        "departs_from_rule": [str(area) for area in net.departed],
        "typed_for_formulas": [str(area) for area in net.typed],
    }


def _steps_json(layout: Layout) -> dict[str, Any]:
    """Return where the steps are: in rows, or where a step is a column in columns."""
    ends = {"label": layout.label_row, "first": layout.first_row, "last": layout.last_row}
    rows, turned = step_noun(layout) == "row", is_turned(layout)
    return {
        "direction": f"{step_noun(layout)}s",
        **{f"{name}_row": row + 1 if rows else None for name, row in ends.items()},
        **{f"{name}_column": column_name(row) if turned else None for name, row in ends.items()},
    }


def _place_json(layout: Layout, column: int) -> dict[str, Any]:
    """Return the column of a quantity, or its row where a step is a column; None for a single cell."""
    single = is_blocks(layout) or (layout.lens is not None and column in layout.lens.cells)
    turned = is_turned(layout)
    return {
        "column": None if turned or single else column_name(column),
        "row": column + 1 if turned and not single else None,
    }


def _net(net: ReadNet) -> list[str]:
    layout = net.layout
    lines = [f"{layout.sheet}  {layout.name} net, {activations(net.conventions, net.layout)}"]
    lines += _pages(layout) if layout.pages else _rows(layout)
    lines += item("layer 0", f"inputs {_columns(net, 'a', 0)}", _NAME)
    for layer in range(1, len(layout.sizes)):
        parts = [f"{kind} {_columns(net, kind, layer)}" for kind in ("w", "a", "delta")]
        lines += item(f"layer {layer}", "   ".join(parts).replace("delta", "δ"), _NAME)
    lines += item("targets", f"{_columns(net, 'target')};  cost {_columns(net, 'cost')}", _NAME)
    lines += item(
        "dC/dW", _columns(net, "gradient") if layout.gradients else "no columns; train adds them", _NAME
    )
    biases = {
        "trained": "one a neuron, the last weight of its row: " + _biases(net),
        "fixed": "never updated: " + _biases(net),
        "shared": "one a layer, which its neurons share: " + _biases(net),
        "none": "none",
    }
    lines += item("biases", biases.get(net.conventions.biases, net.conventions.biases), _NAME)
    if net.conventions.order != "simultaneous":
        lines += item(
            "order", "layers are updated from the outputs back, each before the next δ is taken", _NAME
        )
    if told := signs(net.conventions):
        lines += item("signs", "; ".join(told), _NAME)
    if net.conventions.cost != "half squares":
        lines += item("cost", COSTS[net.conventions.cost], _NAME)
    if net.conventions.batch != "one":
        lines += item("batch", BATCHES[net.conventions.batch], _NAME)
    if layout.transposed_names:
        lines += item("names", "w01 leads from neuron 0 to neuron 1 of the next layer", _NAME)
    if parts := [f"{_SIGNS[kind]} {_columns(net, kind)}" for kind in INTERMEDIATES if layout.of(kind)]:
        lines += item("on the way", ";  ".join(parts), _NAME)
    if layout.helpers:
        lines += item(
            "helpers", f"columns {listing(column_runs(layout.helpers))}: formulas beside the net's", _NAME
        )
    if net.departed:
        lines += item("not the rule", ", ".join(map(str, net.departed)), _NAME)
    if net.typed:
        typed = in_blocks(area[:3] for area in net.typed) if layout.pages else net.typed
        lines += item("no formulas", "numbers stand in " + ", ".join(map(str, typed)), _NAME)
    if layout.pages and (count := empty_cells(layout)):
        lines += item("empty", f"{plural(count, 'cell')}, still to be filled in", _NAME)
    return lines


def _rows(layout: Layout) -> list[str]:
    """Return in which rows steps, patterns and the learning rate are."""
    first = layout.first_row
    steps = (
        f"steps 0-{layout.steps - 1} in rows {first + 1}-{layout.last_row + 1}"
        if layout.steps > 1
        else f"step 0 in row {first + 1}"
    )
    rows = (
        f"row {first + 1}" if layout.patterns == 1 else f"rows {first + 1}-{first + layout.patterns}, in turn"
    )
    return [
        *item("rows", f"{steps}; labels in row {layout.label_row + 1}", _NAME),
        *_rate(layout),
        *item("patterns", f"{layout.patterns}, in {rows}", _NAME),
    ]


def _pages(layout: Layout) -> list[str]:
    """Return on which pages steps and patterns are, and where the learning rate is."""
    steps = f"steps 0-{layout.steps - 1}" if layout.steps > 1 else "step 0"
    alike = "; below are the cells of page 1" if layout.steps > 1 else ""
    pages = "page 1" if layout.patterns == 1 else f"pages 1-{layout.patterns}, in turn"
    return [
        *item("pages", f"{steps} on {steps_text(layout)}{alike}", _NAME),
        *_rate(layout),
        *item("patterns", f"{layout.patterns}, on {pages}", _NAME),
    ]


def _rate(layout: Layout) -> list[str]:
    where = f"in {layout.rate_address}" if layout.rate is not None else layout.rate_address
    return item("learning rate", f"{amount(layout.learning_rate)} {where}", _NAME)


def _biases(net: ReadNet) -> str:
    layout = net.layout
    columns = {
        column
        for term, column in layout.columns.items()
        if term.kind == "w" and term.j == layout.sizes[term.layer - 1]
    }
    return listing(spans(layout, columns))


def _columns(net: ReadNet, kind: str, layer: int | None = None) -> str:
    return ", ".join(spans(net.layout, net.layout.of(kind, layer)))


def _rest(sheet: ReadSheet) -> list[str]:
    lines = []
    if sheet.nets and sheet.stray:
        cells = [f"{cell} ({formula})" for cell, formula in sheet.stray[:_MANY]]
        more = f" and {len(sheet.stray) - _MANY} more" if len(sheet.stray) > _MANY else ""
        lines += item("stray", f"formulas that are not the net's: {', '.join(cells)}{more}", _NAME)
    if sheet.not_understood:
        cells = [f"{cell} '{found}'" for cell, found in sheet.not_understood[:_MANY]]
        lines += item("not understood", ", ".join(cells), _NAME)
    return lines
