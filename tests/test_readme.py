"""README: its transcripts are what the commands print, its Python runs, its promises are the options."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sheetnet.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = ("check", "codes", "train", "new", "worksheet", "mark", "info", "explain")
TRANSCRIPTS = [
    "".join(blocks)
    for section in re.split(r"^#+ ", README, flags=re.MULTILINE)
    if (blocks := re.findall(r"```console\n(.*?)```", section, re.DOTALL))
]
"""What stands in the transcripts of a section, which go on in one folder."""


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the samples, and work there."""
    (tmp_path / "samples").mkdir()
    for name in ("note-2-2-2.ods", "note-2-2-2.xlsx", "mistakes-2-2-2.ods", "class.csv"):
        shutil.copy(ROOT / "samples" / name, tmp_path / "samples")
    shutil.copytree(ROOT / "samples" / "class" / "returned", tmp_path / "samples" / "class" / "returned")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=["train-and-check", "worksheet-and-mark"])
def test_transcript(copy: Path, capsys: pytest.CaptureFixture[str], transcript: str) -> None:
    """Each command of a transcript prints just what stands below it."""
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", transcript, re.MULTILINE)
    assert commands
    for command, expected in commands:
        assert _printed(command.split(), capsys) == expected.rstrip("\n") + "\n"
        assert all(len(line) <= 80 for line in expected.splitlines())


def _printed(command: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command of ours, or one that lists a folder or shows a file; return what it prints."""
    match command:
        case ["cat", name]:
            return Path(name).read_text(encoding="utf-8")
        case ["ls", name]:
            return "  ".join(sorted(path.name for path in Path(name).iterdir())) + "\n"
        case ["sheetnet", *arguments]:
            finds = arguments[:2] == ["check", "samples/mistakes-2-2-2.ods"]
            assert main(arguments) == (1 if finds else 0)
            return capsys.readouterr().out
    raise AssertionError(command)


def test_python_example(copy: Path) -> None:
    """The lines of Python, ten and three on a class, run and print numbers."""
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "[0.06057169 0.05557988] [0.3 0.4]" in done.stdout
    assert "('Clara Nissen', '49/2')" in done.stdout
    assert (copy / "trained.ods").exists()
    assert len([line for line in code.splitlines() if line.strip()]) <= 13


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """README names every option that the command has."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options
    for option in options:
        assert option in README, option


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_listed(command: str) -> None:
    """README lists the command, and explains it."""
    assert f"\n    sheetnet {command} " in README
    assert f"**{command}**" in README


def test_help_reads_well(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In 80 columns the help names each command beside what it does; examples are no wider."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^    {command}  +[a-z]", told, re.MULTILINE), command
    main([])
    told += (examples := capsys.readouterr().out)
    assert all(len(line) <= 80 for line in told.splitlines())
    assert {words.split()[1] for words in re.findall(r"^  (sheetnet .*)", examples, re.MULTILINE)} <= {
        *COMMANDS
    }


def test_pictures_are_there() -> None:
    """The pictures that README shows are in the repository."""
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 1000
    for target in re.findall(r"\]\(((?!http).*?)\)", README):
        assert (ROOT / target).is_file(), target
