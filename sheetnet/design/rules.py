"""The rule of each section of a page, in the note's letters, by the conventions of the net."""

from sheetnet.layout.language import Language
from sheetnet.net.conventions import Activation, Conventions
from sheetnet.net.terms import Term, label

_NAMES: dict[Activation, str] = {"sigmoid": "σ", "tanh": "tanh", "relu": "relu", "softmax": "softmax"}
_FEW = 3
"""Outputs, or paths, up to which a sum is written out."""


def forward_rule(layers: int, conventions: Conventions) -> str:
    """Return how activations follow: a(l) = σ( W(l) A(l-1) )."""
    if len(conventions.activations) == 1:
        return f"a(l) = {_function(conventions.activation(1), 'W(l) A(l-1)')}"
    return ",  ".join(
        f"a({layer}) = {_function(conventions.activation(layer), f'W({layer}) A({layer - 1})')}"
        for layer in range(1, layers + 1)
    )


def _function(activation: Activation, argument: str) -> str:
    return argument if activation == "linear" else f"{_NAMES[activation]}( {argument} )"


def cost_rule(outputs: int, conventions: Conventions) -> str:
    """Return what the cost is: C = ½(a0-T0)² + ½(a1-T1)²."""
    if conventions.cost == "cross-entropy":
        softmax = conventions.activations[-1] == "softmax"
        return "C = -Σ T ln a" if softmax else "C = -Σ ( T ln a + (1-T) ln (1-a) )"
    half = "½" if conventions.cost in ("half squares", "half mean squares") else ""
    mean = f" / {outputs}" if "mean" in conventions.cost and outputs > 1 else ""
    if outputs > _FEW:
        return f"C = {half}{' ' if half else ''}Σ (a-T)²{mean}"
    squares = " + ".join(f"{half}(a{i}-T{i})²" for i in range(outputs))
    return f"C = ( {squares} ){mean}" if mean else f"C = {squares}"


def output_rule(layers: int, outputs: int, conventions: Conventions) -> str:
    """Return how the δ of outputs follow: δ = (a-T) a (1-a)."""
    miss = "(a-T)" if conventions.difference == "a-T" else "(T-a)"
    if conventions.cost == "cross-entropy":
        return f"δ = {miss}"
    factors = {"squares": "2 ", "mean squares": f"2/{outputs} ", "half mean squares": f"1/{outputs} "}
    slope = _slope(conventions.activation(layers), "a")
    return f"δ = {factors.get(conventions.cost, '')}{miss} {slope}".rstrip()


def hidden_rule(sizes: tuple[int, ...], conventions: Conventions) -> str:
    """Return how the δ of hidden neurons follow: δj(1) = aj (1-aj) ( δ0(2) w0j(2) + δ1(2) w1j(2) )."""
    layers = len(sizes) - 1
    hidden = {conventions.activation(layer) for layer in range(1, layers)}
    slope = f"{_slope(hidden.pop(), 'aj')} " if len(hidden) == 1 else "σ' "
    weight = "new w" if conventions.order == "outputs first" else "w"
    if layers > 2:
        return f"δj(l) = {slope}Σi δi(l+1) {weight}ij(l+1)"
    if sizes[-1] > _FEW - 1:
        return f"δj(1) = {slope}Σi δi(2) {weight}ij(2)"
    paths = " + ".join(f"δ{i}(2) {weight}{i}j(2)" for i in range(sizes[-1]))
    return f"δj(1) = {slope}( {paths} )" if sizes[-1] > 1 else f"δj(1) = {slope}{paths}"


def _slope(activation: Activation, a: str) -> str:
    return {
        "sigmoid": f"{a} (1-{a})",
        "tanh": f"(1-{a}²)",
        "relu": f"({a}>0)",
        "linear": "",
        "softmax": "",
    }[activation]


def gradient_rule(conventions: Conventions, language: Language) -> str:
    """Return how gradients follow, with what a weight multiplies in words."""
    sign = "-" if conventions.difference == "T-a" and conventions.gradients == "dC/dW" else ""
    return f"dC/dwij = {sign}δi · {language.page['source']}"


def new_rule(conventions: Conventions, gradients: int, this: int, language: Language) -> str:
    """Return how weights are updated; `gradients` and `this` are numbers of sections."""
    sign = "+" if conventions.gradients == "-dC/dW" else "-"
    if conventions.order == "outputs first":
        return f"w {sign} γ · dC/dw"
    before = str(gradients) if gradients < 4 else f"{gradients - 1} {language.conjunction} {gradients}"
    return f"w {sign} γ · dC/dw   {language.page['order'].format(before=before, this=this)}"


def question_term(sizes: tuple[int, ...]) -> tuple[str, str] | None:
    """Return the labels of a weight on the way to δ0(1), and of the one that it is mistaken for."""
    if len(sizes) < 3 or sizes[2] < 2 or sizes[1] < 2:
        return None
    return label(Term("w", 2, 1, 0)), label(Term("w", 2, 0, 1))
