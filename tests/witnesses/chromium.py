"""Chromium as a witness: how a page lies in a window, what its console says, what can be read.

The page is shown in a frame of the wanted width by a second page, whose script measures it from outside; so
the page itself needs no script, and may forbid them.
"""

import html
import json
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TIMEOUT = 90
"""Seconds until a page must have been measured."""

_MEASURING = r"""<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<style>:root { color-scheme: light dark } iframe { border: 0; height: 1200px; width: %dpx }</style></head>
<body><iframe src="/page"></iframe><pre id="measured"></pre><script>
const numbers = text => (text.match(/[\d.]+/g) || []).map(Number);
function light(color) {
  const [r, g, b] = color.slice(0, 3).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
}
function behind(element, view) {
  for (let at = element; at; at = at.parentElement) {
    const color = numbers(view.getComputedStyle(at).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color;
  }
  return [255, 255, 255];
}
document.querySelector("iframe").addEventListener("load", event => {
  const view = event.target.contentWindow, page = event.target.contentDocument, root = page.documentElement;
  const faint = [], wide = [];
  for (const element of page.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (own && !element.closest("svg")) {
      const [a, b] = [light(numbers(view.getComputedStyle(element).color)), light(behind(element, view))];
      const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
      if (contrast < 4.5) faint.push(`${element.tagName} ${element.className}: ${contrast.toFixed(2)}`);
    }
    const box = element.getBoundingClientRect();
    if (!element.closest(".scroll") && box.width && box.right > root.clientWidth + 1) wide.push(element.tagName);
  }
  const measured = {
    width: root.clientWidth, scroll: root.scrollWidth, faint, wide, text: page.body.innerText,
    tags: [...new Set([...page.querySelectorAll("*")].map(element => element.localName))],
    paper: numbers(view.getComputedStyle(page.body).backgroundColor),
  };
  document.getElementById("measured").textContent = JSON.stringify(measured);
});
</script></body></html>"""


@dataclass(frozen=True)
class Measured:
    """A page as it was shown.

    `scroll` is how wide its content is in a window of `width`; `wide` are tags of elements that stick out of
    it, `faint` those whose text has a contrast below 4.5 (WCAG 2, 1.4.3), drawings left out; `paper` is the
    background, `console` what the browser complained of.
    """

    width: int
    scroll: int
    wide: tuple[str, ...]
    faint: tuple[str, ...]
    text: str
    tags: frozenset[str]
    paper: tuple[float, ...]
    console: tuple[str, ...]


def measured(page: str, *, width: int, dark: bool = False) -> Measured:
    """Show a page in a frame of so many pixels and measure it."""
    with (
        _serving({"/page": page, "/": _MEASURING % width}) as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        command = [
            *_command(folder),
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--window-size={width + 100},1400",
            *("--virtual-time-budget=5000", "--dump-dom", address),
        ]
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True, encoding="utf-8")
    found = re.search(r'<pre id="measured">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, f"Chromium did not show the page: {done.stderr[-2000:]}"
    data = json.loads(html.unescape(found[1]))
    console = tuple(line for line in done.stderr.splitlines() if ":CONSOLE" in line)
    return Measured(
        width=data["width"],
        scroll=data["scroll"],
        wide=tuple(data["wide"]),
        faint=tuple(data["faint"]),
        text=data["text"],
        tags=frozenset(data["tags"]),
        paper=tuple(data["paper"]),
        console=console,
    )


def printed(page: str) -> bytes:
    """Return a page as the PDF that it is printed as."""
    with _serving({"/page": page}) as address, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.pdf")
        command = [
            *_command(folder),
            *("--no-pdf-header-footer", f"--print-to-pdf={path}", f"{address}page"),
        ]
        subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True)
        return path.read_bytes()


def missing() -> str | None:
    """Say what is missing for this witness, or None."""
    return None if _chromium() else "chromium is not installed"


def _command(folder: str) -> list[str]:
    """Return how the browser is started, with a folder for what it keeps."""
    return [
        _chromium() or "chromium",
        *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"),
        f"--user-data-dir={folder}",
    ]


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def _serving(pages: Mapping[str, str]) -> Iterator[str]:
    """Serve pages to this computer alone, and yield the address of the first."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            body = b"" if page is None else page.encode()
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
