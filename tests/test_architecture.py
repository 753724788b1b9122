"""The shape of the project: which room may use which, and what every module owes its reader."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "sheetnet"
ROOMS = [
    "errors",
    "version",
    "progress",
    "processes",
    "formula",
    "net",
    "book",
    "layout",
    "recognition",
    "design",
    "table",
    "diagnosis",
    "exercise",
    "marking",
    "jobs",
    "report",
    "arguments",
    "cli",
]
"""From the ground up: a room uses itself and those before it."""
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    """A module uses its own room and those below; jobs do not use each other; dialects do not either."""
    room = _room(path)
    for name in _imports(path):
        if name.startswith("sheetnet."):
            used = name.split(".")[1]
            assert used in ROOMS[: ROOMS.index(room) + 1], f"{path.name} uses {name}"
            if room == "jobs":
                assert used != "jobs"
            for one, other in (("ods", "xlsx"), ("xlsx", "ods")):
                if f"book/{one}" in path.as_posix():
                    assert not name.startswith(f"sheetnet.book.{other}")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_cli_prints_and_only_book_opens_files(path: Path) -> None:
    """Output is the command line's business, files are the workbooks'."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    calls = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    if _room(path) != "cli":
        assert "print" not in calls
    if _room(path) != "book":
        assert "open" not in calls
        assert "zipfile" not in _imports(path)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_introduce_themselves(path: Path) -> None:
    """A module is one noun, its first line a sentence."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert doc
    assert re.search(r"[.:]$", doc.splitlines()[0]) or ":" in doc.splitlines()[0]
    assert path.stem not in ("utils", "helpers", "common", "manager")
