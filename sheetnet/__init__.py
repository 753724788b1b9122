"""A spreadsheet-compatible calculator for back-propagation."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sheetnet.book.files import load
from sheetnet.errors import DivergenceError, FileError, LayoutError, SheetnetError
from sheetnet.jobs.creating import new_file
from sheetnet.jobs.reading import read_file
from sheetnet.jobs.training import train_file
from sheetnet.layout.initial import read_network, read_patterns
from sheetnet.net.conventions import Conventions
from sheetnet.net.descent import train
from sheetnet.net.network import Network
from sheetnet.net.terms import COST, LEARNING_RATE, Term
from sheetnet.net.trace import Trace
from sheetnet.recognition.finding import find_nets
from sheetnet.version import __version__ as __version__

if TYPE_CHECKING:
    from sheetnet.jobs.checking import check_file
    from sheetnet.jobs.explaining import explain_cell
    from sheetnet.jobs.marking import mark_files
    from sheetnet.jobs.worksheets import make_worksheets

__all__ = [
    "COST",
    "LEARNING_RATE",
    "Conventions",
    "DivergenceError",
    "FileError",
    "LayoutError",
    "Network",
    "SheetnetError",
    "Term",
    "Trace",
    "check_file",
    "explain_cell",
    "find_nets",
    "load",
    "make_worksheets",
    "mark_files",
    "new_file",
    "read_file",
    "read_network",
    "read_patterns",
    "train",
    "train_file",
]

_LATER = {
    "check_file": "sheetnet.jobs.checking",
    "explain_cell": "sheetnet.jobs.explaining",
    "make_worksheets": "sheetnet.jobs.worksheets",
    "mark_files": "sheetnet.jobs.marking",
}
"""What is loaded when first asked for: training and reading start without it."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'sheetnet' has no attribute '{name}'")
    return getattr(import_module(_LATER[name]), name)
