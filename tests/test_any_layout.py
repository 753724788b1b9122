"""Sheets of any layout, checked by what their formulas do: silent on what is right, exact on what is wrong."""

from pathlib import Path

import pytest

from sheetnet import LayoutError, Term, check_file, find_nets, load
from sheetnet.diagnosis.findings import Finding
from tests.rowtable import Column, changed, net, write

SHARED = Path(__file__).resolve().parents[2] / "shared" / "handbuilt"


def _faults(path: Path) -> list[Finding]:
    """Return the findings of a file that was read, but for remarks."""
    checked = check_file(path)
    assert (checked.error, [sheet.error for sheet in checked.sheets if sheet.error]) == (None, [])
    assert checked.nets
    return [finding for each in checked.nets for finding in each.faults]


def _areas(finding: Finding) -> list[str]:
    return [str(area) for area in finding.areas]


HAND_BUILT: dict[str, list[tuple[str, list[str]]]] = {
    "01": [],
    "02": [("delta-hidden-untransposed", ["X3:AA200"])],
    "03": [("delta-hidden-other-neuron", ["Z36:AA67"])],
    "04": [("update-other-gradient", ["J31:K70"])],
    "05": [],
    "06": [],
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "expected"), HAND_BUILT.items(), ids=HAND_BUILT)
def test_hand_built_sheets(name: str, expected: list[tuple[str, list[str]]]) -> None:
    """Six real sheets: the known mistakes with exactly their cells, and nothing else."""
    faults = _faults(SHARED / f"{name}.xlsx")
    assert [(finding.code, _areas(finding)) for finding in faults] == expected
    assert all(finding.severity == "error" for finding in faults)


@pytest.mark.shared
def test_mended_in_the_authors_own_form() -> None:
    """What is expected is the author's formula with the wrong references replaced, nothing else."""
    [finding] = _faults(SHARED / "03.xlsx")
    assert finding.found is not None
    assert finding.expected == finding.found.replace("J36", "L36")


# ---------------------------------------------------------------- what is right

_NEW = [Column(f"new w{k}", None, f"{{w{k}}}-$B$1*{{dw{k}}}") for k in range(1, 7)]
_VELOCITIES = [Column(f"v{k}", 0.0, f"0.9*{{v{k}<}}+$B$1*{{dw{k}<}}") for k in range(1, 7)]
RIGHT: dict[str, list[Column]] = {
    "sigmoid": net(),
    "tanh": net(activation="TANH(z)", slope="(1-h^2)"),
    "leaky relu": net(activation="IF(z>0,z,0.01*z)", slope="IF(z>0,1,0.01)"),
    "softplus": net(activation="LN(1+EXP(z))", slope="1/(1+EXP(-z))"),
    "sine": net(activation="SIN(z)", slope="COS(z)"),
    "elu": net(activation="IF(z>0,z,EXP(z)-1)", slope="IF(z>0,1,h+1)"),
    "cost of the absolute error": net(cost="ABS({t1}-{o})", delta="SIGN({o}-{t1})*{o}*(1-{o})"),
    "cross-entropy": net(cost="-{t1}*LN({o})-(1-{t1})*LN(1-{o})", delta="{o}-{t1}"),
    "fourth power": net(cost="({t1}-{o})^4", delta="-4*({t1}-{o})^3*{o}*(1-{o})"),
    "weight decay": net(update="{w<}*(1-0.001)-$B$1*{g<}"),
    "a rate that decays": [Column("rate", 0.5, "{rate<}*0.99"), *net(update="{w<}-{rate<}*{g<}")],
    "new weights in columns of their own": [*net(update="{n<}"), *_NEW],
    "SUMPRODUCT": changed(net(), z1="SUMPRODUCT({w1}:{w2},{i1}:{i2})", z2="SUMPRODUCT({w3}:{w4},{i1}:{i2})"),
    "a running mean of the cost": [*net(), Column("mean", None, "AVERAGE(P$6:{E})")],
    "the cost's logarithm": [*net(), Column("ln E", None, "LN({E})")],
    "T-a and plus": changed(
        net(delta="({t1}-{o})*{o}*(1-{o})", update="{w<}+$B$1*{g<}"),
    ),
}


@pytest.mark.parametrize("columns", RIGHT.values(), ids=RIGHT)
def test_right_sheets(tmp_path: Path, columns: list[Column]) -> None:
    """What goes down the slope of its own cost is right, whatever activation, cost or form it has."""
    path = write(tmp_path / "right.xlsx", columns)
    assert _faults(path) == []
    assert find_nets(load(path), lenient=True)[0].sizes == (2, 2, 1)


def test_momentum_is_not_judged(tmp_path: Path) -> None:
    """Updates that use more than the gradient are a doubt, and nothing else is found."""
    columns = [*net(update="{w<}-{v}"), *_VELOCITIES]
    [finding] = _faults(write(tmp_path / "momentum.xlsx", columns))
    assert (finding.code, finding.severity) == ("convention-beyond-descent", "warning")
    assert finding.details["what"] == "v1, v2, v3, v4, v5 and v6"


def test_scale_is_a_doubt(tmp_path: Path) -> None:
    """A cost without ½ beside a δ of ½ is said once, as a matter of scale."""
    [finding] = _faults(write(tmp_path / "scale.xlsx", net(cost="({t1}-{o})^2")))
    assert (finding.code, finding.severity) == ("convention-scale", "warning")
    assert finding.details == {"scale": "0.5"}


# ---------------------------------------------------------------- what is wrong

_LEAKY = net(activation="IF(z>0,z,0.01*z)", slope="IF(z>0,1,0.01)")
WRONG: dict[str, tuple[list[Column], str, list[str]]] = {
    "a gradient of the other neuron's weight": (
        changed(_LEAKY, dw3="{do}*{w5}*IF({z2}>0,1,0.01)*{i1}"), "", ["V6:V17"],
    ),
    "a gradient with the wrong source": (
        changed(net(activation="LN(1+EXP(z))", slope="1/(1+EXP(-z))"), dw5="{do}*{h2}"),
        "gradient-other-weight", ["R6:R17"],
    ),
    "a new weight from another gradient": (
        [*net(update="{n<}"), *_NEW[:2], Column("new w3", None, "{w3}-$B$1*{dw4}"), *_NEW[3:]],
        "update-other-gradient", ["Z6:Z17"],
    ),
    "a neuron unlike the others": (changed(net(), h2="TANH({z2})"), "forward-tanh", ["M6:M17"]),
    "no rate": (changed(net(), w4="{w4<}-{dw4<}"), "update-no-rate", ["G7:G17"]),
    "no rate anywhere": (net(update="{w<}-{g<}"), "update-no-rate", ["D7:I17"]),
    "a weight left out of the sum": (
        changed(net(), zo="{w5}*{h1}"), "forward-term-missing", ["N6:N17"],
    ),
    "a weight never updated": (changed(net(), w6="{w6<}"), "update-none", ["I7:I17"]),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "code", "areas"), WRONG.values(), ids=WRONG)
def test_wrong_sheets(tmp_path: Path, columns: list[Column], code: str, areas: list[str]) -> None:
    """One mistake is one finding with exactly its cells, by the name it has if it has one."""
    [finding] = _faults(write(tmp_path / "wrong.xlsx", columns))
    assert (_areas(finding), finding.severity) == (areas, "error")
    assert code in ("", finding.code, *finding.also)


# ---------------------------------------------------------------- labels, and what can't be read


def test_labels_that_lie(tmp_path: Path) -> None:
    """Two weights under each other's labels are judged by their formulas, with a remark about the labels."""
    swap = {"w3": "w4", "w4": "w3"}
    columns = [
        Column(
            swap.get(column.label, column.label),
            column.first,
            column.formula
            and column.formula.replace("{w3", "{w_").replace("{w4", "{w3").replace("{w_", "{w4"),
        )
        for column in net()
    ]
    path = write(tmp_path / "labels.xlsx", columns)
    assert _faults(path) == []
    [[remark]] = [each.findings for each in check_file(path).nets]
    assert (remark.code, remark.severity, _areas(remark)) == ("sheet-swapped-labels", "remark", ["F5", "G5"])
    layout = find_nets(load(path), lenient=True)[0]
    assert layout.place(Term("w", 1, 1, 0), 0) == ("Sheet", 5, 5)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    """A sheet that can't be read says what was understood and what was missing."""
    path = write(tmp_path / "no-cost.xlsx", net(cost=None))
    with pytest.raises(LayoutError) as caught:
        find_nets(load(path), lenient=True)
    assert str(caught.value).startswith(
        "no-cost.xlsx, Sheet: found steps in rows 6 to 17, 6 weights that are updated (w1, w2, w3, w4, w5 and w6)"
    )
    [sheet] = check_file(path).sheets
    assert sheet.error == str(caught.value)
