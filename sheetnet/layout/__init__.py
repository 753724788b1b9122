"""Where a net sits in a workbook."""
