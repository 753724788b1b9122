"""Wrong rules as people believe them: what they write into a cell, for a net of any sizes, and its code.

A text that names what a net has not (LookupError) is not written there.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from tests.planting import FIRST, RATE, At, Base, differ
from tests.reckoning import split


class Mistake(NamedTuple):
    """A wrong rule: its code, the quantity it is written for, and its text without the =.

    Quantities: "sum" the weighted sum, in the column of z or inside a; "a"; "C"; "output δ"; "hidden δ";
    "product" δ·a, in the column of dC/dW or inside the update; "w" the update. `all` is the code where all
    rows are so, if that is another one.
    """

    code: str
    quantity: str
    text: Callable[[At], str]
    all: str | None = None


def planted(base: Base, mistake: Mistake, rows: range) -> dict[str, str]:
    """Return the formulas of a mistake in some rows, by address; columns in which it is none are left out."""
    found = {}
    for column, letters in base.places.items():
        texts = {}
        for row in rows:
            with suppress(LookupError):
                if (text := _written(At(base, column, row), mistake)) is not None:
                    texts[row] = text
        if any(differ(text, base.right(column, row) or "", base) for row, text in texts.items()):
            found |= {f"{letters}{row}": f"={text}" for row, text in texts.items()}
    return found


def equals(base: Base, mistake: Mistake, wrong: Mapping[str, str]) -> bool:
    """Tell whether a mistake, too, makes of each of some cells what stands there wrongly."""
    columns = {letters: column for column, letters in base.places.items()}
    for address, formula in wrong.items():
        letters, row = split(address)
        try:
            text = _written(At(base, columns[letters], row), mistake)
        except LookupError:
            return False
        if text is None or differ(text, formula[1:], base):
            return False
    return bool(wrong)


def _written(at: At, mistake: Mistake) -> str | None:
    """Return what the mistake makes of a cell, None where it has nothing to do with it."""
    letter, extra = at.column.letter, at.base.extra
    computed = letter != "a" or at.layer > 0
    match mistake.quantity:
        case "sum" if letter == ("z" if extra else "a") and computed:
            return mistake.text(at) if extra else f"1/(1+EXP(-({mistake.text(at)})))"
        case "output δ" if letter == "δ" and at.layer == at.end:
            return mistake.text(at)
        case "hidden δ" if letter == "δ" and at.layer < at.end:
            return mistake.text(at)
        case "product" if extra and letter == "dC/dw":
            return mistake.text(at)
        case "product" if not extra and letter == "w" and at.row > FIRST:
            return f"{at.itself(-1)}-{RATE}*{mistake.text(at.moved(-1))}"
        case "w" if letter == "w" and at.row > FIRST:
            return mistake.text(at)
        case quantity if letter == quantity and letter in ("a", "C") and computed:
            return mistake.text(at)
    return None


def _only(applies: bool, text: str) -> str:
    if not applies:
        raise LookupError
    return text


# ---------------------------------------------------------------- forward


def _transposed(at: At) -> str:
    products = [f"{at.a(at.layer - 1, j)}*{at.w(at.layer, j, at.i)}" for j in at.neurons(-1)]
    return _only(at.i < at.base.sizes[at.layer - 1], "+".join([*products, at.bias()]))


def _other_bias(at: At) -> str:
    return "+".join([*at.products(), at.bias(1)])


def _minus_first(at: At) -> str:
    return f"1/(1+EXP(-{at.sum}))"


def _fed_before(at: At) -> str:
    products = [f"{at.a(at.layer - 2, j)}*{at.w(at.layer, at.i, j)}" for j in at.neurons(-1)]
    return _only(at.layer > 1, "+".join([*products, at.bias()]))


FORWARD: dict[str, Mistake] = {
    "bias left out": Mistake("forward-no-bias", "sum", lambda at: "+".join(at.products())),
    "another neuron's bias": Mistake("forward-other-bias", "sum", _other_bias),
    "weights transposed": Mistake("forward-transposed", "sum", _transposed),
    "the minus binds only the first product": Mistake("forward-minus-first", "a", _minus_first),
    "sign lost": Mistake("forward-sign-lost", "a", lambda at: f"1/(1+EXP({at.x}))"),
    "1-EXP": Mistake("forward-one-minus", "a", lambda at: f"1/(1-EXP(-{at.x}))"),
    "brackets lost": Mistake("forward-brackets", "a", lambda at: f"1/1+EXP(-{at.x})"),
    "wrong base": Mistake("forward-base", "a", lambda at: f"1/(1+10^-{at.x})"),
    "tanh": Mistake("forward-tanh", "a", lambda at: f"TANH({at.x})"),
    "ReLU": Mistake("forward-relu", "a", lambda at: f"MAX(0,{at.x})"),
    "step": Mistake("forward-step", "a", lambda at: f"IF({at.x}>0,1,0)"),
    "nothing in place of σ": Mistake("forward-linear", "a", lambda at: at.x),
    "output layer left linear": Mistake("forward-linear", "a", lambda at: _only(at.layer == at.end, at.x)),
    "hidden layer tanh": Mistake("forward-tanh", "a", lambda at: _only(at.layer < at.end, f"TANH({at.x})")),
    "layer 2 fed by the inputs": Mistake("forward-other-layer", "sum", _fed_before),
    "previous row's a": Mistake("forward-other-row", "sum", lambda at: "+".join([*at.products(a=-1), at.bias()])),
    "next row's a": Mistake("forward-other-row", "sum", lambda at: "+".join([*at.products(a=1), at.bias()])),
    "previous row's W": Mistake(
        "forward-other-row", "sum", lambda at: "+".join([*at.products(w=-1), at.bias(rows=-1)])
    ),
    "next row's W": Mistake("forward-other-row", "sum", lambda at: "+".join([*at.products(w=1), at.bias(rows=1)])),
    "first term missing": Mistake("forward-term-missing", "sum", lambda at: "+".join([*at.products()[1:], at.bias()])),
    "last term missing": Mistake("forward-term-missing", "sum", lambda at: "+".join([*at.products()[:-1], at.bias()])),
}  # fmt: skip


# ---------------------------------------------------------------- the cost


def _summed(at: At, form: str, rows: int = 0) -> str:
    return "+".join(form.replace("#", at.miss(k, rows=rows)) for k in at.neurons())


def _mean(at: At) -> str:
    return f"({_summed(at, '#^2')})/{len(at.neurons())}"


def _cross_entropy(at: At) -> str:
    pairs = [(at.t(k), at.a(at.end, k)) for k in at.neurons()]
    return f"-({'+'.join(f'{t}*LN({a})+(1-{t})*LN(1-{a})' for t, a in pairs)})"


COST: dict[str, Mistake] = {
    "no ½": Mistake("cost-no-half", "C", lambda at: _summed(at, "#^2")),
    "not squared": Mistake("cost-not-squared", "C", lambda at: _summed(at, "0.5*#")),
    "|a-T|": Mistake("cost-absolute", "C", lambda at: _summed(at, "ABS#")),
    "half |a-T|": Mistake("cost-absolute", "C", lambda at: _summed(at, "0.5*ABS#")),
    "square of the sum": Mistake("cost-square-of-sum", "C", lambda at: f"0.5*({_summed(at, '#')})^2"),
    "mean": Mistake("cost-mean", "C", _mean),
    "one output only": Mistake("cost-one-output", "C", lambda at: f"0.5*{at.miss(0)}^2"),
    "root": Mistake("cost-root", "C", lambda at: f"SQRT({_summed(at, '#^2')})"),
    "root of half": Mistake("cost-root", "C", lambda at: f"SQRT({_summed(at, '0.5*#^2')})"),
    "cross-entropy": Mistake("cost-cross-entropy", "C", _cross_entropy),
    "another row's": Mistake("cost-other-row", "C", lambda at: _summed(at, "0.5*#^2", rows=-1)),
    "next row's": Mistake("cost-other-row", "C", lambda at: _summed(at, "0.5*#^2", rows=1)),
}  # fmt: skip


# ---------------------------------------------------------------- δ of the outputs


def _own(at: At) -> str:
    return at.a(at.layer, at.i)


def _slope(at: At, i: int | None = None, step: int = 0) -> str:
    a = at.a(at.layer + step, at.i if i is None else i)
    return f"{a}*(1-{a})"


def _next(at: At) -> int:
    """Return another neuron of the layer: the next one, or the first."""
    return _other(at, (at.i + 1) % len(at.neurons()))


def _other(at: At, k: int) -> int:
    if k == at.i:
        raise LookupError
    return k


OUTPUT_DELTA: dict[str, Mistake] = {
    "(1-a) forgotten": Mistake("delta-output-a-alone", "output δ", lambda at: f"{at.miss(at.i)}*{_own(at)}"),
    "a forgotten": Mistake("delta-output-a-missing", "output δ", lambda at: f"{at.miss(at.i)}*(1-{_own(at)})"),
    "σ' forgotten": Mistake("delta-output-no-slope", "output δ", lambda at: at.miss(at.i)[1:-1]),
    "sign flipped": Mistake("delta-output-sign", "output δ", lambda at: f"({at.t(at.i)}-{_own(at)})*{_slope(at)}"),
    "factor 2": Mistake("delta-output-factor-two", "output δ", lambda at: f"2*{at.miss(at.i)}*{_slope(at)}"),
    "z(1-z)": Mistake("delta-output-z-slope", "output δ", lambda at: f"{at.miss(at.i)}*{at.x}*(1-{at.x})"),
    "squared error": Mistake("delta-output-squared", "output δ", lambda at: f"{at.miss(at.i)}^2*{_slope(at)}"),
    "T(1-T)": Mistake(
        "delta-output-target-slope", "output δ", lambda at: f"{at.miss(at.i)}*{at.t(at.i)}*(1-{at.t(at.i)})"
    ),
    "another output's target": Mistake(
        "delta-output-other-target", "output δ", lambda at: f"{at.miss(at.i, _next(at))}*{_slope(at)}"
    ),
    "another output's a": Mistake(
        "delta-output-other-output", "output δ", lambda at: f"{at.miss(_next(at), at.i)}*{_slope(at)}"
    ),
    "another output's slope": Mistake(
        "delta-output-other-output", "output δ", lambda at: f"{at.miss(at.i)}*{_slope(at, _next(at))}"
    ),
    "the total cost": Mistake("delta-output-total-cost", "output δ", lambda at: f"{at.cost}*{_slope(at)}"),
    "tanh's slope": Mistake(
        "delta-output-other-activation", "output δ", lambda at: f"{at.miss(at.i)}*(1-{_own(at)}^2)"
    ),
    "another output's δ": Mistake(
        "delta-other-delta", "output δ", lambda at: f"{at.miss(_next(at))}*{_slope(at, _next(at))}"
    ),
    "another row's a": Mistake(
        "delta-other-row", "output δ", lambda at: f"{at.miss(at.i, rows=-1)}*{_slope(at.moved(-1))}"
    ),
}  # fmt: skip


# ---------------------------------------------------------------- δ of a hidden layer


def _back(at: At, weight: Callable[[int], str]) -> str:
    return f"{_slope(at)}*({at.along(weight)})"


def _bias_summed_in(at: At) -> str:
    bias = at.along(lambda k: at.w(at.layer + 1, k, len(at.neurons())))
    return f"{_slope(at)}*({at.paths}+{bias})"


def _raw(at: At) -> str:
    parts = [f"{at.miss(k)}*{at.w(at.end, k, at.i)}" for k in at.neurons(1)]
    return _only(at.layer + 1 == at.end, f"{_slope(at)}*({'+'.join(parts)})")


def _brackets(at: At) -> str:
    return f"{_slope(at)}*{at.paths}"


def _anothers(at: At) -> str:
    """δ1 where δ0 belongs."""
    return f"{_slope(at)}*({at.paths.replace(at.d(at.layer + 1, 0), at.d(at.layer + 1, 1), 1)})"


def _crossed(at: At) -> str:
    parts = [f"{at.d(2, 1 - k)}*{at.w(2, k, at.i)}" for k in at.neurons(1)]
    return _only(len(at.base.sizes) == 3 and len(parts) == 2, f"{_slope(at)}*({'+'.join(parts)})")


HIDDEN_DELTA: dict[str, Mistake] = {
    "no transpose": Mistake(
        "delta-hidden-untransposed", "hidden δ", lambda at: _back(at, lambda k: at.w(at.layer + 1, at.i, k))
    ),
    "updated W(2)": Mistake(
        "delta-hidden-updated-weights",
        "hidden δ",
        lambda at: _back(at, lambda k: at.w(at.layer + 1, k, at.i, rows=1)),
        "convention-outputs-first",
    ),
    "one path only": Mistake(
        "delta-hidden-one-path",
        "hidden δ",
        lambda at: f"{_slope(at)}*{at.d(at.layer + 1, 0)}*{at.w(at.layer + 1, 0, at.i)}",
    ),
    "raw error": Mistake("delta-hidden-raw-error", "hidden δ", _raw),
    "weights left out": Mistake(
        "delta-hidden-no-weights",
        "hidden δ",
        lambda at: f"{_slope(at)}*({'+'.join(at.d(at.layer + 1, k) for k in at.neurons(1))})",
    ),
    "W(1) in place of W(2)": Mistake(
        "delta-hidden-other-weights", "hidden δ", lambda at: _back(at, lambda k: at.w(at.layer, k, at.i))
    ),
    "σ' forgotten": Mistake("delta-hidden-no-slope", "hidden δ", lambda at: at.paths),
    "σ' of another layer": Mistake(
        "delta-hidden-other-slope", "hidden δ", lambda at: f"{_slope(at, step=1)}*({at.paths})"
    ),
    "(1-a) forgotten": Mistake("delta-hidden-a-alone", "hidden δ", lambda at: f"{_own(at)}*({at.paths})"),
    "a forgotten": Mistake("delta-hidden-a-missing", "hidden δ", lambda at: f"(1-{_own(at)})*({at.paths})"),
    "one neuron's a(1-a) for all": Mistake(
        "delta-hidden-other-neuron", "hidden δ", lambda at: f"{_slope(at, _other(at, 0))}*({at.paths})"
    ),
    "brackets": Mistake("delta-hidden-brackets", "hidden δ", _brackets),
    "bias column summed in": Mistake("delta-hidden-bias", "hidden δ", _bias_summed_in),
    "C in place of δ": Mistake(
        "delta-hidden-cost",
        "hidden δ",
        lambda at: f"{_slope(at)}*({'+'.join(f'{at.cost}*{at.w(at.layer + 1, k, at.i)}' for k in at.neurons(1))})",
    ),
    "C alone": Mistake("delta-hidden-cost", "hidden δ", lambda at: f"{_slope(at)}*{at.cost}"),
    "another neuron's δ": Mistake("delta-hidden-other-delta", "hidden δ", _anothers),
    "δ crossed": Mistake("delta-hidden-other-delta", "hidden δ", _crossed),
    "sign": Mistake("delta-hidden-sign", "hidden δ", lambda at: f"-{_slope(at)}*({at.paths})"),
    "another row's δ": Mistake(
        "delta-other-row",
        "hidden δ",
        lambda at: f"{_slope(at)}*({at.along(lambda k: at.w(at.layer + 1, k, at.i), rows=-1)})",
    ),
}  # fmt: skip


# ---------------------------------------------------------------- the gradient


def _to_bias(at: At, text: str) -> str:
    return _only(at.is_bias, text)


def _to_weight(at: At, text: str) -> str:
    return _only(not at.is_bias, text)


def _other_layer(at: At) -> str:
    other = at.layer + 1 if at.layer < at.end else at.layer - 1
    return _to_weight(at, f"{at.d(other, at.i)}*{at.a(at.layer - 1, at.j)}")


def _swapped(at: At) -> str:
    return _to_weight(at, f"{at.d(at.layer, at.j)}*{at.a(at.layer - 1, at.i)}")


def _as_printed(at: At) -> str:
    """dC/dw11(1) of a 2-2-2 net as the note prints it."""
    first = f"{at.miss(0)}*{_slope(At(at.base, at.column._replace(layer=2), at.row), 1)}*{at.w(2, 0, 1)}"
    second = f"{at.miss(1)}*{_slope(At(at.base, at.column._replace(layer=2), at.row), 1)}*{at.w(2, 1, 1)}"
    printed = f"{first}*{at.a(1, 0)}*(1-{at.a(1, 1)})*{at.a(0, 1)}"
    right = f"{second}*{at.a(1, 1)}*(1-{at.a(1, 1)})*{at.a(0, 1)}"
    return _only(at.base.sizes == (2, 2, 2) and at.column[1:] == (1, (1, 1)), f"({printed}+{right})")


GRADIENT: dict[str, Mistake] = {
    "a of this layer": Mistake(
        "gradient-own-activation",
        "product",
        lambda at: _to_weight(at, f"{at.d(at.layer, at.i)}*{at.a(at.layer, at.j)}"),
    ),
    "a of the weight's own neuron": Mistake(
        "gradient-own-activation",
        "product",
        lambda at: _to_weight(at, f"{at.d(at.layer, at.i)}*{at.a(at.layer, at.i)}"),
    ),
    "δ index swapped": Mistake("gradient-transposed", "product", _swapped),
    "another layer's δ": Mistake("gradient-other-layer", "product", _other_layer),
    "δ alone": Mistake("gradient-delta-alone", "product", lambda at: _to_weight(at, at.d(at.layer, at.i))),
    "bias gradient multiplied by a": Mistake(
        "gradient-bias-times-a",
        "product",
        lambda at: _to_bias(at, f"{at.d(at.layer, at.i)}*{at.a(at.layer - 1, 0)}"),
    ),
    "bias gradient multiplied by the own a": Mistake(
        "gradient-bias-times-a", "product", lambda at: _to_bias(at, f"{at.d(at.layer, at.i)}*{at.a(at.layer, at.i)}")
    ),
    "bias gradient 0": Mistake("gradient-bias-zero", "product", lambda at: _to_bias(at, "0")),
    "the note's dC/dw11(1)": Mistake("gradient-note", "product", _as_printed),
    "one common bias gradient": Mistake(
        "gradient-common-bias", "product", lambda at: _to_bias(at, at.d(at.layer, _other(at, 0)))
    ),
    "the sum as common bias gradient": Mistake(
        "gradient-common-bias",
        "product",
        lambda at: _to_bias(at, f"({'+'.join(at.d(at.layer, k) for k in at.neurons())})"),
    ),
}  # fmt: skip


# ---------------------------------------------------------------- the update


def _change(at: At, form: str) -> str:
    """Return the weight above and a change, # standing for the gradient."""
    return f"{at.itself(-1)}{form.replace('#', at.moved(-1).gradient)}"


UPDATE: dict[str, Mistake] = {
    "γ missing": Mistake("update-no-rate", "w", lambda at: _change(at, "-#")),
    "γ from an empty cell": Mistake("update-wrong-rate", "w", lambda at: _change(at, "-$A$9*#")),
    "γ from another cell": Mistake("update-wrong-rate", "w", lambda at: _change(at, "-$C$8*#")),
    "γ relative": Mistake(
        "update-wrong-rate", "w", lambda at: _change(at, f"-A{at.row - 1}*#"), "update-sliding-rate"
    ),
    "γ squared": Mistake("update-rate-squared", "w", lambda at: _change(at, f"-{RATE}^2*#")),
    "divided by γ": Mistake("update-rate-divided", "w", lambda at: _change(at, f"-#/{RATE}")),
    "plus instead of minus": Mistake("update-plus", "w", lambda at: _change(at, f"+{RATE}*#")),
    "biases never updated": Mistake(
        "update-none", "w", lambda at: _to_bias(at, at.itself(-1)), "convention-fixed-biases"
    ),
    "one layer's biases never updated": Mistake(
        "update-none", "w", lambda at: _to_bias(at, _only(at.layer == 1, at.itself(-1)))
    ),
    "one layer never updated": Mistake("update-none", "w", lambda at: _only(at.layer == 1, at.itself(-1))),
    "only the change": Mistake(
        "update-only-change", "w", lambda at: f"{RATE}*{at.moved(-1).gradient}"
    ),
}  # fmt: skip

MISTAKES: Mapping[str, Mistake] = {
    f"{family}: {name}": mistake
    for family, table in (
        ("forward", FORWARD),
        ("cost", COST),
        ("output δ", OUTPUT_DELTA),
        ("hidden δ", HIDDEN_DELTA),
        ("gradient", GRADIENT),
        ("update", UPDATE),
    )
    for name, mistake in table.items()
}
"""Every wrong rule of a formula, by its family and what it is called."""
