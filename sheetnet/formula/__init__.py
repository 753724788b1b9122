"""The language of cells: expressions, formula text of both dialects, Calc's arithmetic."""
