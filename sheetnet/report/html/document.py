"""A document: a page of HTML that needs nothing beside itself and forbids its browser all else."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from sheetnet.report.html.markup import Child, Markup, element


def document(title: str, *body: Child, style: Path, language: str) -> str:
    """Return a page with the style that all pages share, and after it that of a file of its own.

    Its browser may use no other style, and no script, picture or form (Content Security Policy, level 3).
    """
    rules = _rules(style)
    digest = base64.b64encode(hashlib.sha256(rules.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", rules),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *body), lang=language)}\n"


@cache
def _rules(style: Path) -> Markup:
    files = (Path(__file__).with_name("base.css"), style)
    return Markup("".join(file.read_text(encoding="utf-8") for file in files))
