"""How one cell gets its value, in words."""

from sheetnet.report.explain.text import explanation_report as explanation_report
