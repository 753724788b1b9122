"""Pictures of a workbook's printed pages, to be looked at."""

import shutil
import subprocess
from pathlib import Path

from tests.witnesses import libreoffice


def pages(
    path: Path, folder: Path, *, resolution: int = 90, first: int = 1, last: int | None = None
) -> list[Path]:
    """Print `path` with LibreOffice and return its pages `first` … `last`, as PNG files in `folder`."""
    printed = libreoffice.converted(path, ".pdf", folder)
    stem = folder / f"{path.stem}{path.suffix.replace('.', '-')}"
    command = [shutil.which("pdftoppm") or "pdftoppm", "-png", "-r", str(resolution), "-f", str(first)]
    if last is not None:
        command += ["-l", str(last)]
    subprocess.run([*command, str(printed), str(stem)], check=True, capture_output=True, timeout=120)
    printed.unlink()
    return sorted(folder.glob(f"{stem.name}-*.png"))


def missing() -> str | None:
    """Say what is missing for this witness, or None."""
    return libreoffice.missing() or (
        None if shutil.which("pdftoppm") else "pdftoppm (poppler-utils) is not installed"
    )
