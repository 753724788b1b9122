"""Tests of sheetnet."""
