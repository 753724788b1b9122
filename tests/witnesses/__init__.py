"""Programs that are not ours and say what a workbook holds: oracles for the tests."""
