"""README: its transcript is what the command prints, its Python runs, its promises are the options."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sheetnet.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the samples, and work there."""
    (tmp_path / "samples").mkdir()
    for name in ("note-2-2-2.ods", "note-2-2-2.xlsx", "mistakes-2-2-2.ods"):
        shutil.copy(ROOT / "samples" / name, tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_transcript(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command of the transcript prints just what stands below it."""
    [block] = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    commands = re.findall(r"^\$ sheetnet (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    assert commands
    for command, expected in commands:
        assert main(command.split()) == (1 if command.startswith("check") else 0)
        assert capsys.readouterr().out == expected.rstrip("\n") + "\n"
        assert all(len(line) <= 80 for line in expected.splitlines())


def test_python_example(copy: Path) -> None:
    """The ten lines of Python run and print numbers."""
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "[0.06057169 0.05557988] [0.3 0.4]" in done.stdout
    assert (copy / "trained.ods").exists()
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize("command", ["check", "codes", "train", "new", "info"])
def test_every_option_is_documented(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """README names every option that the command has."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options
    for option in options:
        assert option in README, option


def test_pictures_are_there() -> None:
    """The pictures that README shows are in the repository."""
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 1000
