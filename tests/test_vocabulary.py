"""The words of hand-built sheets, and what a label is not."""

import tomllib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetnet.layout import vocabulary
from sheetnet.layout.labels import read_label
from sheetnet.layout.vocabulary import Hint, hint, is_rate
from sheetnet.net.terms import ASIDES, INTERMEDIATES, LEARNING_RATE, Term, label, terms
from sheetnet.net.terms import COST as COST_TERM

MEANWHILE = [Term(kind, 1, 1) for kind in INTERMEDIATES]

W1 = Hint(("w",), "1")
H1 = Hint(("z", "a"), "1", side="hidden")
NET_H1 = Hint(("z",), "1", side="hidden")
OUT_H1 = Hint(("a",), "1", side="hidden")
OUT_O1 = Hint(("a",), "1", side="output")
INPUT = Hint(("a",), side="input")
OUTPUT = Hint(("a",), side="output")
INPUT_1 = Hint(("a",), "1", side="input")
TARGET = Hint(("target",))
TARGET_1 = Hint(("target",), "1")
COST = Hint(("cost",))
ERROR = Hint(("cost", "miss"))
STEP = Hint(("step",))
WEIGHT = Hint(("w",))
GRADIENT_1 = Hint(("gradient",), "1")
NEW_1 = Hint(("new",), "1")
# fmt: off
LABELS: dict[Hint, list[str]] = {
    W1: ["w1", "w_1", "W1", "w₁", "w_{1}", "w(1)", "weight 1", "Weight 1 (w1)", "Gewicht 1", "vægt 1", "poids 1", "w1:", "old w1"],
    Hint(("w",), "11"): ["w11", "w_11", "w₁₁", "w_{11}"],
    Hint(("w",), "1", "2"): ["w1,2", "w_1_2", "w[1,2]", "w_{1,2}", "w1.2", "w 1 2"],
    Hint(("w",), "11", "2"): ["w_{11}^{(2)}", "w₁₁⁽²⁾", "w11(2)"],
    Hint(("w",), "1", "2", side="hidden"): ["w_i1h2", "w(i1,h2)", "w_x1_h2"],
    Hint(("w",), "1", "2", side="output"): ["w_h1o2", "w_h1_o2"],
    Hint(("w",), "11", side="hidden"): ["wih11"],
    WEIGHT: ["w", "Weights", "weight", "vægte", "Gewicht", "poids", "peso", "Gewichte", "gewicht"],
    Hint(("w",), bias=True): ["b", "Bias", "biases", "w_b"],
    Hint(("w",), "1", bias=True): ["b1", "b_1", "bias 1", "Bias b1", "B1"],
    Hint(("w",), "1", side="hidden", bias=True): ["b_h1", "bias h1", "b(h1)", "h1 bias"],
    H1: ["h1", "H1", "h_1", "h1 =", "hidden 1", "Hidden 1 (h1)"],
    Hint(("z", "a"), "1", side="output"): ["o1", "O1"],
    NET_H1: ["net_h1", "net(h1)", "z_h1", "zh1", "net h1", "h1_net", "in_h1", "input h1", "net input h1", "sum h1", "Σ_h1", "z(h1)"],
    Hint(("z",), "1"): ["z1", "z_1", "net1", "Σ1"],
    OUT_H1: ["a_h1", "ah1", "_ah1", "out_h1", "out(h1)", "outh1", "act_h1", "σ(h1)", "sigmoid(h1)", "σ(net_h1)", "h1_out", "output h1", "f(h1)", "tanh(h1)"],
    OUT_O1: ["a_o1", "a_O1", "out_o1", "out(o1)", "a_01", "out_01", "ŷ1", "ŷ₁", "y_hat_1", "Output 1", "output o1", "y_pred1"],
    Hint(("a", "target"), "1", side="output"): ["y1", "Y_1"],
    Hint(("a",), "1"): ["a1", "a_1", "out1"],
    Hint(("a",), "1", "2"): ["a1(2)", "a_1^{(2)}", "a1,2"],
    INPUT: ["input", "Inputs", "x", "Eingabe", "entrée", "entree", "entrada", "invoer", "inddata"],
    OUTPUT: ["Outputs", "Ouputs", "ŷ", "y_hat", "Ausgabe", "sortie", "salida", "uitvoer", "saída", "predicted"],
    INPUT_1: ["i1", "I1", "x1", "x_1", "input 1", "Input 1", "Input 1 (x1)", "Eingang 1", "a_i1", "in1"],
    TARGET: ["Targets", "desired", "desired output", "mål", "Ziel", "cible", "sortie désirée", "objetivo", "doel", "y_true", "target y"],
    TARGET_1: ["t1", "T1", "target1", "target 1", "t_1", "Sollwert 1"],
    Hint(("target",), "1", side="output"): ["target_o1", "t_o1", "to1"],
    Hint(("target", "step")): ["t", "T"],
    COST: ["E", "E_total", "E_tot", "E_t", "E_T", "Et", "Etotal", "E_TOTAL", "C", "Loss", "cost", "Total error", "Gesamtfehler", "L", "J", "Error (E)", "E(t)"],
    Hint(("cost", "mean_cost")): ["MSE", "Mean Squared Error"],
    Hint(("mean_cost",)): ["average error", "mean cost"],
    ERROR: ["error", "fejl", "Fehler", "erreur", "fout", "errore"],
    Hint(("part",), "1"): ["E1", "E_1", "C1", "E1 ="],
    Hint(("part",), "1", side="output"): ["E(o1)", "E_o1", "loss_o1"],
    Hint(("miss",), "1"): ["e1", "t1-a1", "a1 - t1", "(t1-a1)", "a-T1"],
    Hint(("miss",), "1", side="output"): ["a_o1-t1", "t1 − out_o1", "t1-o1", "y1 - t1"],
    Hint(("miss",), side="output"): ["target - output", "y - ŷ"],
    Hint(("part", "miss"), "1"): ["Error 1", "err1"],
    Hint(("delta",), "1", side="hidden"): ["δ_h1", "delta_h1", "deltah1", "delta(h1)", "error h1", "∂E/∂net_h1", "dE/dz_h1", "h1 delta"],
    Hint(("delta",), "1", side="output"): ["δ_o1", "Δ_o1", "delta o1", "∂E_t/∂net_o1"],
    Hint(("delta",), "1"): ["δ1", "δ_1", "delta 1", "dz1", "∂C/∂z_1"],
    Hint(("delta", "pull"), "1", side="hidden"): ["∂E/∂h1", "dh1"],
    Hint(("pull",), "1", side="hidden"): ["∂E/∂a_h1", "∂E_t/∂_ah1", "dEtotal/dout_h1"],
    Hint(("pull",), "1", side="output", part="1"): ["∂E1/∂a_o1", "∂E_1/∂a_01", "(∂E1/∂a_o1)"],
    Hint(("path", "pull"), "1", side="hidden", part="2"): ["∂E2/∂a_h1", "∂E_o2/∂out_h1", "∂E_2/∂_ah1", "∂E2/∂h1"],
    Hint(("path", "pull"), "1", part="2"): ["∂C2/∂a1"],
    Hint(("delta",), "1", side="output", part="1"): ["∂E1/∂net_o1"],
    Hint(("pull",), "3"): ["𝛿C/𝛿a_3", "da3"],
    Hint(("slope",), "1", side="output"): ["∂a_o1/∂o1", "∂a_o1/∂_o1", "∂out_o1/∂net_o1", "a_o1*(1-a_o1)", "a_o1(1-a_o1)", "σ'(o1)"],
    Hint(("slope",), "3"): ["𝛿a_3/𝛿z_3", "σ'(z3)", "f'(z3)", "a3*(1-a3)"],
    GRADIENT_1: [
        "∂E/∂w1", "∂E_t/∂w1", "∂E_t/∂W1 =", "dE/dw1", "dEtotal/dw1", "E∂w1", "∂E_total/∂w1", "dw1", "dW1", "Δw1", "δE_tot/δw1", "𝜕E/𝜕w1", "ðE_t/ðw1",
        "𝛿C/𝛿w_1", "𝛿w_1", "dw_1", "grad w1", "Gradient w1", "∇w1", "dEdw1", "dE_dw1", "d(E)/d(w1)", "dL/dw1", "dLoss/dw1", "delta w1", "∂w1",
    ],
    Hint(("gradient",), "5", part="1"): ["∂E1/∂w5"],
    Hint(("gradient",), "1", "2"): ["dC/dw1,2", "dC/dW_1_2"],
    Hint(("gradient",), "1", "1", side="output"): ["∂E/∂w_h1o1"],
    Hint(("gradient",), bias=True): ["𝛿b", "db", "dC/db", "∂E/∂b"],
    Hint(("gradient",), "1", bias=True): ["∂E/∂b1", "db1", "grad b1"],
    NEW_1: ["new w1", "w1+", "w1⁺", "w1'", "w1′", "w1*", "w1_new", "w1 (new)", "w1^{new}", "updated w1", "neww1", "w1(t+1)", "ny vægt 1", "neues Gewicht 1"],
    Hint(("new",), "1", bias=True): ["new b1", "b1+", "b1_new"],
    STEP: ["step", "Steps", "epoch", "iteration", "iter", "#", "Nr.", "No.", "skridt", "Schritt", "pas", "paso", "stap", "étape", "Step #"],
    Hint(("learning_rate",)): ["η", "α", "γ", "lr", "LR=", "L.R", "learning rate", "Learning_rate", "Learning rate (k)", "taux d’apprentissage", "η = "],
    Hint(("step", "learning_rate")): ["n", "n = ", "k"],
}
NOTHING = [
    "", " ", "=", "/", "'", "(", "()", "∂", "d", "i", "I", "A", "N", "1", "0.5", "#1", "10%", "with", "that", "Yes",
    "tanh", "∂o1/∂w5", "∂_o1/∂W5", "∂o1/∂a_h1", "∂net_o1/∂w5", "∂E/∂x1", "∂E1/∂net_h1", "∂E", "𝛿z_3/", "𝛿C/", "E1/∂W5",
    "w1/w2", "h1=i1*W1+I2*W2", "o1=(a_h1*W5)+(a_h2*W6)", "w1*i1 + w2*i2", "E1+E2", "(1/2) * (t1 - a_o1)²",
    "sigmoid' = EXP([cell])", "∂E_t/∂w5 = ∂(E1+E2)/∂w5", "(a_o1 - t1) * a_o1 * (1 - a_o1) * a_h1", "w1 = 0.15",
    "η = 0.1", "LR 0.5", "w 0.15", "t-1", "-w1", "w1 w2", "h1, h2", "w1-w4", "i1-h1", "w1 b1", "h1 o1", "x,y", "x²",
    "E²", "z1'", "o1'", "E'", "E(h1)", "target h1", "iter 1", "Step 1", "hidden layer", "output layer",
    "Initial conditions", "initialization", "Desired Function to Learn", "AND Gate", "Pseudo code", "number of epochs",
    "the weights of the net are changed step by step", "Back propagation of the error",
    "input" + 200 * " " + "1",
]
RATES = [
    "η", "η = 0.1", "η =  0.2", "η=1", "α", "γ:", "eta", "alpha", "n =", "n = ", "k", "lr", "LR", "LR=", "LR 0.5",
    "lr: 0,5", "L.R", "L. R.", "learning rate", "Learning rate (k)", "Learning rate (η)", "Learning rate (0.5)",
    "learning_rate = 1e-3", "Lernrate", "læringsrate", "Indlæringsrate", "taux d'apprentissage", "tasa de aprendizaje",
    "step size", "leersnelheid",
]
# fmt: on
HEADERS = {"01.xlsx": "33", "02.xlsx": "2", "03.xlsx": "35", "04.xlsx": "29", "05.xlsx": "B", "06.xlsx": "12"}
"""The row of labels, or the column of labels of a block."""


@pytest.mark.parametrize(
    ("text", "expected"), [(text, expected) for expected, texts in LABELS.items() for text in texts]
)
def test_labels(text: str, expected: Hint) -> None:
    """A label gives the quantities that it may name, with its indices as they are written."""
    assert hint(text) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_what_names_nothing(text: str) -> None:
    """Sentences, equations, lists and quantities that no column is asked for give no hint."""
    assert hint(text) is None


@pytest.mark.parametrize("text", RATES)
def test_rates(text: str) -> None:
    """A learning rate is known by its word or its letter, also with its number in the same cell."""
    assert is_rate(text)


@pytest.mark.parametrize(
    "text", ["", "N", "w1", "h1", "0.5", "E = 0.1", "rates of change", "η1", "Momentum", "= 1"]
)
def test_what_is_no_rate(text: str) -> None:
    assert not is_rate(text)


def test_no_word_means_two_things() -> None:
    """A word stands under one quantity, though several languages may share it; and each part of a meaning exists."""
    data = tomllib.loads(Path(vocabulary.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    del data["whole"]
    named = {part for roles in data.pop("meanings") for part in roles.split() if part[0] != "@"}
    roles: dict[str, str] = {}
    for role, table in data.items():
        for language, words in table.items():
            for word in words if language != "capitals" else ():
                assert roles.setdefault(word.replace(" ", "").casefold(), role) == role, word
    assert named <= data.keys()


@pytest.mark.parametrize(
    "term", [*terms((2, 3, 12)), *ASIDES, COST_TERM, LEARNING_RATE, *MEANWHILE], ids=label
)
def test_the_notes_own_labels(term: Term) -> None:
    """The note's own labels are understood too, as the strict reading has them where it knows them."""
    found, strict = hint(label(term)), read_label(label(term))
    assert found is not None
    assert found.kind == term.kind
    assert strict is None or (found.digits, found.second) == (strict.digits, strict.second)


@pytest.mark.shared
@pytest.mark.parametrize("name", HEADERS)
def test_every_label_of_sheets_from_elsewhere(shared: Path, name: str) -> None:
    """Every column of six hand-built sheets has a hint; the curves pasted beside one, η = 0.1, are no columns."""
    folder = shared / "handbuilt"
    if not folder.is_dir():
        pytest.skip("the hand-built sheets of ../shared are not here")
    sheet = next(
        sheet for sheet in openpyxl.load_workbook(folder / name) if sheet["E2"].value or name != "05.xlsx"
    )
    texts = [cell.value for cell in sheet[HEADERS[name]] if isinstance(cell.value, str)]
    unknown = [text for text in texts if hint(text) is None]
    assert len(texts) > 10
    assert [text for text in unknown if not is_rate(text)] in ([], ["Initial conditions"])


@given(st.text(max_size=45) | st.text("∂dδeEtwhio1_ ()^'-/+*=²", max_size=12))
def test_any_text(text: str) -> None:
    """No text is too odd; a hint has a kind at least, and only digits for its indices."""
    found = hint(text)
    is_rate(text)
    if found is not None:
        assert found.kinds
        assert all(not index or index.isdecimal() for index in (found.digits, found.second, found.part))
