"""What training did, in words."""

import textwrap
from dataclasses import replace

from sheetnet.book.grid import Area
from sheetnet.formula.address import a1, column_name
from sheetnet.jobs.training import TrainedNet, Training
from sheetnet.layout.layout import Layout
from sheetnet.report.net import head, outcome, trained_weights, unusual
from sheetnet.report.places import first_cell, pages_rows, spans, step_noun, steps_text
from sheetnet.report.words import WIDTH, column_runs, command, item, listing, plural

MANY = 8
"""Cells that are listed; of more, the rest are counted."""


def training_report(training: Training) -> str:
    """Return the report on a trained workbook, at most 80 columns wide."""
    lines: list[str] = []
    for net in training.nets:
        lines += [*_net(training, net), ""]
    lines += _unfilled(training)
    source, out = training.book.path, training.out
    if source == out:
        lines.append(f"Saved {out}.")
    else:
        lines.append(f"Saved {out}. {source.name} is unchanged.")
    return "\n".join(lines)


def _net(training: Training, net: TrainedNet) -> list[str]:
    layout = net.layout
    end = layout.first_row + net.steps - 1
    lines = head(_name(training, net), net.filling, net.conventions)
    words = unusual(net.conventions, own=layout.by_formulas)
    lines += item("read as", f"{listing(words)}: your sheet's convention, kept") if words else []
    lines += outcome(net.filling, net.conventions, until_cost=net.until_cost, met=net.reached)
    noun = step_noun(layout)
    lines += trained_weights(net.filling)
    lines += _columns(training, net)
    if net.moved:
        edge = column_name(max(net.added))
        lay = "it" if len(net.moved) == 1 else "they"
        lines += item(
            "moved", f"{listing(net.moved)}, to the right of {edge} ({lay} lay over the new columns)"
        )
    surplus = net.filling.surplus
    if surplus:
        kept = "notes stay" if layout.pages else "notes and colours stay"
        lines += item(
            "emptied", f"{plural(surplus, noun)} after the last step ({_rows_after(layout, end)}); {kept}"
        )
    lines += _departed(training, net)
    return lines


def _rows_after(layout: Layout, end: int) -> str:
    """Return where the steps stood that come after row `end` of the table."""
    if layout.pages:
        rows = pages_rows(layout, layout.last_row)[end - layout.first_row + 1 :]
        return f"rows {rows[0].first + 1}-{rows[-1].last + 1}"
    return steps_text(replace(layout, first_row=end + 1))


def _unfilled(training: Training) -> list[str]:
    """Tell of formulas whose values are left to a spreadsheet program."""
    helpers = [
        f"{net.layout.sheet}.{place}"
        for net in training.nets
        for place in spans(net.layout, net.filling.values.left_out)
    ]
    places = [f"{sheet}.{a1(row, column)}" for sheet, row, column in training.unfilled]
    names = [*(f"{'' if ' ' in name else 'column '}{name}" for name in helpers), *places[:MANY]]
    if not names:
        return []
    more = f" and {len(places) - MANY:,} more" if len(places) > MANY else ""
    text = f"Not evaluated here, left to your spreadsheet program: {', '.join(names)}{more}."
    return [*textwrap.wrap(text, WIDTH, break_on_hyphens=False), ""]


def _name(training: Training, net: TrainedNet) -> str:
    """Return the sheet's name, with the net's columns where the sheet has several nets."""
    layout = net.layout
    sheet, columns = layout.sheet, layout.columns
    if sum(other.layout.sheet == sheet for other in training.nets) == 1:
        return sheet
    if layout.lens is not None:
        return f"{sheet} {first_cell(layout)}"
    table = [column for term, column in columns.items() if term.kind != "gradient"]
    return f"{sheet} {a1(layout.first_row, min(table))}:{a1(net.filling.table.last_row, max(table))}"


def _columns(training: Training, net: TrainedNet) -> list[str]:
    text = f"{plural(len(net.added), 'dC/dW column')}, {listing(column_runs(net.added))}"
    if not training.formulas:
        rows = "the table holds numbers alone, no formulas (--no-formulas)"
        return item("added" if net.added else "numbers", f"{text}; {rows}" if net.added else rows)
    unchanged = "none of your formulas was changed"
    if net.departed or net.typed:
        return item("added", text) if net.added else []
    return item("added", f"{text}; {unchanged}") if net.added else item("formulas", unchanged)


def _departed(training: Training, net: TrainedNet) -> list[str]:
    lines: list[str] = []
    if net.departed:
        count = _cells(net.departed)
        one = count == 1
        noun = "formula of yours" if one else "formulas of yours"
        if net.mend:
            text = f"{noun} did not follow the rule and {'was' if one else 'were'} replaced:"
        else:
            text = f"{noun} {'does' if one else 'do'} not follow the rule; the values follow from "
            text += "it:" if one else "them:"
        lines += item("MENDED" if net.mend else "KEPT", f"{count:,} {text}")
        lines += item("", ", ".join(map(str, net.departed)), 12)
        check = command("check", training.book.path, "--sheet", net.layout.sheet, indent=18)
        lines.append(f"            Why:  {check}")
        if net.mend:
            lines.append("            To keep your own formulas:  --no-mend")
    if net.typed:
        count = _cells(net.typed)
        noun = "cell held" if count == 1 else "cells held"
        end = "replaced:" if net.mend else "kept:"
        text = f"{count:,} {noun} something typed where a formula belongs, {end}"
        lines += item("TYPED", text) + item("", ", ".join(map(str, net.typed)), 12)
    return lines


def _cells(areas: tuple[Area, ...]) -> int:
    return sum(
        (area.last_row - area.first_row + 1) * (area.last_column - area.first_column + 1) for area in areas
    )
