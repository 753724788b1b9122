"""What can go wrong for a user: one line that names file, sheet and cell, the finding, and the next step."""


class SheetnetError(Exception):
    """Something a user can mend; its text is the whole message, on one line."""


class FileError(SheetnetError):
    """A file that can't be read or written: missing, damaged, encrypted, hostile, no room."""


class LayoutError(SheetnetError):
    """A sheet in which a net was looked for and not found whole."""


class DivergenceError(SheetnetError):
    """Training arrived at a number that no cell can show."""
