"""What an explanation says, taken apart, and its numbers worked out again by Python's own arithmetic."""

import math
import re
from pathlib import Path

import pytest

from sheetnet import explain_cell
from sheetnet.report.explain.equation import figure
from sheetnet.report.explain.text import explanation_report

WIDTH = 80


def report(path: Path, cell: str) -> str:
    """Return the report, after looking at its width."""
    text = explanation_report(explain_cell(path, cell))
    assert all(len(line) <= WIDTH for line in text.splitlines()), text
    return text


def worked_out(text: str) -> float:
    """Return the value of a line of numbers."""
    names = {
        "EXP": math.exp,
        "TANH": math.tanh,
        "LN": math.log,
        "MAX": max,
        "IF": lambda condition, then, other: then if condition else other,
    }
    return float(eval(text.replace("^", "**"), {"__builtins__": {}}, names))


def steps(text: str) -> list[str]:
    """Return the steps of a report's worked numbers, each in one piece."""
    match = re.search(r"^  numbers (.*?)\n(?! {12})", text + "\n\n", re.MULTILINE | re.DOTALL)
    assert match is not None, text
    return [" ".join(step.split()) for step in match[1].split("= ")[1:]]


def check_numbers(path: Path, cell: str, value: float) -> str:
    """Assert that every step has the value of the cell, but for its rounding, and that the head shows it."""
    text = report(path, cell)
    assert f" = {value:.8g}" in " ".join(text.split("\n\n")[0].split())
    found = steps(text)
    assert found[-1] == figure(value)
    for step in found:
        if "..." not in step:
            # numbers are shown to six decimals, or four digits: what they are multiplied by is at most 10
            assert worked_out(step) == pytest.approx(value, rel=2e-3, abs=2e-5), (cell, step)
    for product, result in re.findall(r"^ .* = ([-\d.].*) = (\S+)$", _chain(text), re.M):
        if "..." not in product and not re.search("[A-Z]", product):
            assert worked_out(product) == pytest.approx(float(result), rel=2e-3, abs=2e-6), (cell, product)
    return text


def chained(text: str, name: str) -> float:
    """Return the dC/dw to which a report's chain comes."""
    [result] = re.findall(rf"^  {re.escape(name)} +=.* = (\S+)$", _chain(text), re.MULTILINE)
    return float(result)


def _chain(text: str) -> str:
    return "".join(re.split(r"chain\s+rule", text)[1:])
