"""The death of a process, and what a user is told of it."""

DIED = (
    "the system ended the process that read it, most often for want of memory; "
    "close other programs, or delete what the file need not hold"
)


class LostError(Exception):
    """The process that had an item died; its text is the reason, as a user is told it."""
