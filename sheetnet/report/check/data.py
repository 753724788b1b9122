"""What a check found as plain data, version 1: keys may be added, none is renamed."""

import math
from collections.abc import Sequence
from typing import Any

from sheetnet.book.grid import Book, Value
from sheetnet.diagnosis.findings import Finding
from sheetnet.jobs.checking import CheckedFile, CheckedNet, CheckedSheet
from sheetnet.report.check.findings import fix, formula_neutral, message, terms_text, title
from sheetnet.report.check.readas import read_parts
from sheetnet.report.net import activations, unusual
from sheetnet.report.wording import wording


def checking_json(files: Sequence[CheckedFile], *, language: str = "en") -> dict[str, Any]:
    """Return the results of a check; formulas in Excel's English form, numbers as numbers."""
    return {"version": 1, "files": [_file(file, language) for file in files]}


def _file(file: CheckedFile, language: str) -> dict[str, Any]:
    return {
        "file": str(file.path),
        "error": file.error,
        "warnings": list(file.warnings),
        "sheets": [_sheet(sheet, file.book, language) for sheet in file.sheets],
    }


def _sheet(sheet: CheckedSheet, book: Book | None, language: str) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "error": sheet.error,
        "nets": [net.layout.name for net in sheet.nets],
        "read_as": [_read_as(net, book, language) for net in sheet.nets],
        "conventions": [word for net in sheet.nets for word in _conventions(net)],
        "formulas": sum(net.judged for net in sheet.nets),
        "central_differences_agree": [net.slopes for net in sheet.nets],
        "findings": [_finding(finding, net, language) for net in sheet.nets for finding in net.findings],
    }


def _read_as(net: CheckedNet, book: Book | None, language: str) -> dict[str, Any]:
    """Return how a net was read: by its labels or by its formulas, and what was then found where."""
    layout = net.layout
    say = wording(language)
    parts = read_parts(book, layout, say) if book is not None and layout.by_formulas else []
    return {"by": "formulas" if layout.by_formulas else "labels", "parts": parts}


def _conventions(net: CheckedNet) -> list[str]:
    return [activations(net.conventions, net.layout), *unusual(net.conventions, own=net.layout.by_formulas)]


def _finding(finding: Finding, net: CheckedNet, language: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "cells": [str(area) for area in finding.areas],
        "term": terms_text(finding.terms, net.layout, language, short=True),
        "found": formula_neutral(finding.found),
        "expected": formula_neutral(finding.expected),
        "value": _value(finding.value),
        "expected_value": _value(finding.expected_value),
        "title": title(finding, language),
        "message": message(finding, language),
        "fix": fix(finding, language),
        "also": list(finding.also),
        "follow": finding.follow,
        "cause": finding.cause,
    }


def _value(value: Value) -> float | str | bool | None:
    """Return a value as JSON has it; what is no finite number there is left out."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, str) else value
