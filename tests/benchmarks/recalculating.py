"""Time LibreOffice's hard recalculation of one file: a line on stdin asks, a line on stdout has the seconds.

Runs under a Python that has `uno`: `python recalculating.py SOFFICE PROFILE FILE`.
"""

import sys
import time
from pathlib import Path
from typing import Any


def _fails(document: Any, kind: int) -> bool:
    """Tell whether a formula of the document shows an error, which is the `kind` of result."""
    for sheet in document.Sheets:
        cursor = sheet.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        if cursor.queryFormulaCells(kind).Count:
            return True
    return False


def main() -> None:
    """Answer until stdin ends, then end LibreOffice."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "witnesses"))
    import uno_server  # type: ignore[import-not-found]

    soffice, profile, path = sys.argv[1:]
    office, desktop = uno_server.start(soffice, profile, "en-US")
    try:
        document = uno_server.opened(desktop, path, None)
        for _ in sys.stdin:
            begin = time.perf_counter()
            document.calculateAll()
            seconds = time.perf_counter() - begin
            if _fails(document, uno_server.ERROR):
                raise ValueError(f"{path}: formulas show errors, which take another time than numbers")
            print(seconds, flush=True)
        document.close(True)
    except Exception as error:
        print(error, flush=True)
    finally:
        uno_server.leave(office, desktop)


if __name__ == "__main__":
    main()
