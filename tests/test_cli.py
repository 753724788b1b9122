"""The command line as a user meets it."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sheetnet import COST, find_nets, load, read_network, train_file
from sheetnet.cli import main
from tests import sheets

FORMATS = ["ods", "xlsx"]


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``python -m sheetnet`` and return what it printed."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        **options.pop("env", {}),
    }  # type: ignore[dict-item]
    return subprocess.run(
        [sys.executable, "-m", "sheetnet", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding=str(options.pop("encoding", "utf-8")),
        env=environment,  # type: ignore[arg-type]
        timeout=120,
        check=False,
    )


def test_plain_command_shows_examples() -> None:
    """Without arguments there are three examples and no error."""
    done = run(env={"PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0
    assert done.stdout.count("  sheetnet ") >= 3
    assert done.stderr == ""
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize("suffix", FORMATS)
def test_train_and_info(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The default output stands beside the input; the report fits a terminal; info reads the result."""
    path = sheets.write(
        tmp_path / f"lesson.{suffix}", (2, 2, 2), patterns=[sheets.NOTE_PATTERN], weights=sheets.NOTE_WEIGHTS
    )
    before = path.read_bytes()
    assert main(["train", str(path), "--steps", "995"]) == 0
    report = capsys.readouterr().out
    assert path.read_bytes() == before
    assert (tmp_path / f"lesson-trained.{suffix}").exists()
    assert "cost      0.0605717 -> 0         below 0.0001 from step 72 (row 80)" in report
    assert "outputs   a0 0.3000 (target 0.3)   a1 0.4000 (target 0.4)" in report
    assert "added     12 dC/dW columns, AC:AN; none of your formulas was changed" in report
    assert all(len(line) <= 80 or line.startswith("Saved") for line in report.splitlines())
    assert main(["info", str(tmp_path / f"lesson-trained.{suffix}"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    [net] = found["sheets"][0]["nets"]
    assert (net["sizes"], net["steps"], net["first_row"], net["patterns"]) == ([2, 2, 2], 995, 8, 1)
    assert net["learning_rate"] == {"value": 0.5, "cell": "A8"}
    assert main(["info", str(path)]) == 0
    assert all(len(line) <= 80 for line in capsys.readouterr().out.splitlines())


def test_patterns_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every pattern's outputs stand beside its targets, and a net that has not learnt is told so."""
    path = sheets.write(tmp_path / "xor.ods", (2, 2, 1), patterns=sheets.XOR)
    assert main(["train", str(path), "--steps", "40"]) == 0
    report = capsys.readouterr().out
    for pattern in ("0 0", "0 1", "1 0", "1 1"):
        assert f"{pattern} -> a0 0." in report
    assert "NOT LEARNT" in report
    assert "worst miss 0." in report
    assert "try --steps 400, or other initial weights" in report


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_piped_to_a_poor_console(tmp_path: Path, encoding: str) -> None:
    """Output to a console without Greek letters never fails; δ becomes d."""
    path = sheets.write(tmp_path / "net.ods", (2, 2, 2))
    done = run("info", path, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}, encoding=encoding)
    assert done.returncode == 0, done.stderr
    assert ("δ M:N" if encoding == "utf-8" else "d M:N") in done.stdout
    assert run(env={"PYTHONIOENCODING": encoding}, encoding=encoding).returncode == 0
    help_text = run("train", "--help", env={"PYTHONIOENCODING": encoding}, encoding=encoding)
    assert help_text.returncode == 0


def test_output_is_never_overwritten_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output that exists is refused; --overwrite replaces it, --in-place replaces the input."""
    path = sheets.write(tmp_path / "net.ods", (1, 1))
    out = tmp_path / "net-trained.ods"
    out.write_text("precious")
    assert main(["train", str(path)]) == 2
    assert "net-trained.ods: exists already; say --overwrite" in capsys.readouterr().err
    assert out.read_text() == "precious"
    assert main(["train", str(path), str(path)]) == 2
    assert "is the input itself; say --in-place" in capsys.readouterr().err
    assert main(["train", str(path), "--overwrite", "--steps", "3"]) == 0
    assert main(["train", str(path), "--in-place", "--steps", "3"]) == 0
    assert path.read_bytes() == out.read_bytes()
    assert main(["train", str(path), str(out), "--in-place"]) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net-trained.ods", "net.ods"]


@pytest.mark.parametrize(
    ("lock", "program"),
    [(".~lock.net.ods#", "LibreOffice"), ("~$net.ods", "Excel")],
    ids=["LibreOffice", "Excel"],
)
def test_open_elsewhere(tmp_path: Path, lock: str, program: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An input that is open gives a warning, an output that is open is refused."""
    path = sheets.write(tmp_path / "net.ods", (1, 1))
    (tmp_path / lock).write_text("user")
    assert main(["train", str(path), str(tmp_path / "out.ods"), "--steps", "3"]) == 0
    assert f"warning: net.ods is open in {program}" in capsys.readouterr().err
    assert main(["train", str(path), "--in-place"]) == 2
    assert f"is open in {program}; close it there first" in capsys.readouterr().err
    (tmp_path / lock.replace("net", "out")).write_text("user")
    assert main(["train", str(path), str(tmp_path / "out.ods"), "--overwrite"]) == 2


def test_suffix_of_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output is an .ods or an .xlsx, or keeps the input's suffix: .xlsm stays .xlsm."""
    path = sheets.write(tmp_path / "net.xlsx", (1, 1))
    assert main(["train", str(path), str(tmp_path / "out.xls")]) == 2
    assert "name the output out.xlsx" in capsys.readouterr().err
    macros = tmp_path / "net.xlsm"
    shutil.copy(path, macros)
    assert train_file(macros, steps=3).out.name == "net-trained.xlsm"


@pytest.mark.parametrize("steps", ["0", "-1", "many", "1.5"])
def test_steps_must_be_a_count(steps: str) -> None:
    """A wrong number of steps is a usage error, exit code 2."""
    with pytest.raises(SystemExit) as stop:
        main(["train", "x.ods", "--steps", steps])
    assert stop.value.code == 2


def test_a_sheet_by_name(tmp_path: Path) -> None:
    """With --sheet the others are left alone."""
    path = sheets.save(tmp_path / "two.ods", {"A": sheets.net((1, 1)), "B": sheets.net((1, 1))})
    assert main(["train", str(path), "--sheet", "B", "--steps", "4"]) == 0
    book = load(tmp_path / "two-trained.ods")
    assert max(book.sheet("A").rows) == 7
    assert max(book.sheet("B").rows) == 10


def test_no_progress_bar_in_a_pipe(tmp_path: Path) -> None:
    """Nothing but the report is printed when nobody watches."""
    path = sheets.write(tmp_path / "net.xlsx", (2, 2, 2))
    done = run("train", path, "--steps", "3000")
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_net_that_is_stuck(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the cost falls no more, or a target is out of reach, more steps are not all that is advised."""
    contrary = sheets.write(tmp_path / "contrary.ods", (1, 1), patterns=[((0.5,), (0.0,)), ((0.5,), (1.0,))])
    assert main(["train", str(contrary), "--steps", "4000"]) == 0
    assert "rows 8 and 9 have equal inputs and different targets" in " ".join(capsys.readouterr().out.split())
    bump = [((0.2,), (0.0,)), ((0.5,), (1.0,)), ((0.8,), (0.0,))]
    stuck = sheets.write(tmp_path / "stuck.ods", (1, 1), patterns=bump)
    assert main(["train", str(stuck), "--steps", "4000"]) == 0
    assert (
        "the cost falls slowly or no more: try --steps 40000, and if that does not help other initial weights"
        in " ".join(capsys.readouterr().out.split())
    )
    high = sheets.write(tmp_path / "high.ods", (1, 1), patterns=[((0.5,), (4.0,))])
    assert main(["train", str(high), "--steps", "40"]) == 0
    assert "a sigmoid's output lies between 0 and 1" in " ".join(capsys.readouterr().out.split())


def test_a_weight_that_is_drawn_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A first weight that changes whenever the file is opened is warned of."""
    path = sheets.write(tmp_path / "net.ods", (1, 1))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    text = parts["content.xml"].decode()
    [layout] = find_nets(load(path))
    value = repr(float(read_network(load(path), layout).weights[0][0, 0]))
    parts["content.xml"] = text.replace(
        f'office:value="{value}"', f'table:formula="of:=RAND()" office:value="{value}"', 1
    ).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert main(["train", str(path), "--steps", "4"]) == 0
    assert "draws a new number whenever the file is opened" in capsys.readouterr().err


def test_several_nets_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two nets of one sheet are named with their cells."""
    path = sheets.save(tmp_path / "two.ods", {"A": sheets.beside((2, 2, 2), (1, 1, 1))})
    assert main(["train", str(path), "--steps", "4"]) == 0
    heads = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("A ")]
    assert len(set(heads)) == 2


def test_wrong_suffix_of_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook under a wrong name is to be renamed; a folder that is missing is named."""
    path = sheets.write(tmp_path / "net.xlsx", (1, 1)).rename(tmp_path / "net.ods")
    assert main(["train", str(path)]) == 2
    assert (
        "net.ods: is an .xlsx workbook under another name; rename it to net.xlsx" in capsys.readouterr().err
    )


def test_python_api(tmp_path: Path) -> None:
    """The library does the same and never prints."""
    path = sheets.write(
        tmp_path / "net.ods", (2, 2, 2), patterns=[sheets.NOTE_PATTERN], weights=sheets.NOTE_WEIGHTS
    )
    told: list[tuple[int, int]] = []
    training = train_file(path, steps=2500, progress=lambda done, total: told.append((done, total)))
    assert training.nets[0].term(COST)[0] == pytest.approx(0.0605716938833457, abs=1e-15)
    assert told[-1] == (5000, 5000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 3


def test_training_starts_without_checking() -> None:
    """What only checking needs is loaded when it is asked for; the package still offers all it names."""
    code = (
        "import sys, sheetnet.cli; print([name for name in sys.modules if 'misconceptions' in name]); "
        "import sheetnet; print([name for name in sheetnet.__all__ if not hasattr(sheetnet, name)], "
        "hasattr(sheetnet, 'no_such_name'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "[]\n[] False\n"
