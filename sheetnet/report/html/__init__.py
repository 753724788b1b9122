"""What every page has: its markup, its head, and the style that all pages share."""
