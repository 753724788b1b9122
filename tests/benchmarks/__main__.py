"""Measure everything and print one table; always exits 0: a time is not a test."""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill

from tests.benchmarks import checking, command, creating, descent, exercising, reading, writing
from tests.benchmarks.inputs import Inputs
from tests.benchmarks.table import HEADER
from tests.witnesses import libreoffice

GROUPS = (reading, writing, creating, descent, checking, exercising, command)


def main() -> None:
    """Print each group's lines as they come."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and 10,000 rows at most")
    quick = parser.parse_args().quick
    begin = time.monotonic()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    print(HEADER)
    with TemporaryDirectory(prefix="sheetnet-benchmarks-", ignore_cleanup_errors=True) as folder:
        inputs = Inputs(
            Path(folder), rows=(10_000,) if quick else (10_000, 100_000), rounds=2 if quick else 5
        )
        try:
            for group in GROUPS:
                print(f"\n{group.TITLE}")
                for line in group.lines(inputs):
                    print(fill(line, 80) if isinstance(line, str) else line, flush=True)
        finally:
            libreoffice.close()
    print(
        f"\nMedians of works done in turn, {time.monotonic() - begin:.0f} s in all. On a busy machine measure twice."
    )


if __name__ == "__main__":
    main()
