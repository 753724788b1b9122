"""Recognising nets in sheets of any layout, from what their formulas do."""
