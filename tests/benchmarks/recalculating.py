"""Time LibreOffice's hard recalculation of one file: a line on stdin asks, a line on stdout has the seconds.

Runs under a Python that has `uno`: `python recalculating.py SOFFICE PROFILE FILE`.
"""

import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Answer until stdin ends, then end LibreOffice."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "witnesses"))
    import uno_server  # type: ignore[import-not-found]

    soffice, profile, path = sys.argv[1:]
    office, desktop = uno_server.start(soffice, profile)
    try:
        document = uno_server.opened(desktop, path, None)
        for _ in sys.stdin:
            begin = time.perf_counter()
            document.calculateAll()
            print(time.perf_counter() - begin, flush=True)
        document.close(True)
    finally:
        try:
            desktop.terminate()
            office.wait(10)
        except Exception:
            office.kill()
    # pyuno's bridge may crash or hang when the interpreter takes it down
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
