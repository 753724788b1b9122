"""Back-propagation as people type it, right in any manner, and wrong in every way of the catalogue."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias


class Key(NamedTuple):
    """One scalar of a net, and the few other cells beside it.

    Kinds: a, w, z, target, cost, part (an output's own cost), delta, back (what comes back to a hidden
    neuron: ∂C/∂a), gradient, rate; "empty", "stray" and "slid" are what wrong updates take for the rate.
    """

    kind: str
    layer: int = 0
    i: int = 0
    j: int = 0


Ref: TypeAlias = Callable[[Key, int], str]
"""From a scalar and how many steps later it is to how a formula names it; LookupError where it has no cell."""


@dataclass(frozen=True)
class Manner:
    """What the formulas of a sheet depend on; `biases` are trained, fixed, shared, "fixed shared" or none.

    `deltas` are in "columns", "folded" into what uses them, or there are "backs" instead. `negative` columns
    of gradients hold −dC/dW, which is added. The last fields are ways of spelling.
    """

    sizes: tuple[int, ...] = (2, 2, 2)
    hidden: str = "sigmoid"
    outputs: str = "sigmoid"
    cost: str = "half"
    biases: str = "trained"
    z: bool = True
    deltas: str = "columns"
    gradients: bool = True
    difference: str = "a-T"
    negative: bool = True
    parts: bool = False
    sigmoid: str = "1/(1+EXP(-#))"
    tanh: str = "TANH(#)"
    relu: str = "MAX(0,#)"
    square: str = "0.5*(#)^2"
    total: str = "+"
    weight_first: bool = True
    slope_first: bool = False
    minus_spelt: bool = False
    target_first: bool = True
    update: str = "w-r*g"

    @property
    def end(self) -> int:
        """The number of the output layer."""
        return len(self.sizes) - 1

    @property
    def adds(self) -> bool:
        """Whether the updates add."""
        return self.difference == "T-a" and (self.negative or not self.gradients)

    def activation(self, layer: int) -> str:
        """Return a layer's activation."""
        return self.outputs if layer == self.end else self.hidden

    def is_bias(self, key: Key) -> bool:
        """Tell the weights and gradients of biases from others."""
        return key.kind in ("w", "gradient") and key.j == self.sizes[key.layer - 1]

    def weights(self, kind: str = "w") -> list[Key]:
        """Return the weights that have cells, a shared bias once; of gradients those that are trained."""
        found = []
        for layer in range(1, len(self.sizes)):
            for i in range(self.sizes[layer]):
                found += [Key(kind, layer, i, j) for j in range(self.sizes[layer - 1])]
                own = self.biases in ("trained", "fixed") or ("shared" in self.biases and i == 0)
                if own and (kind == "w" or "fixed" not in self.biases):
                    found.append(Key(kind, layer, i, self.sizes[layer - 1]))
        return found

    def neurons(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return layer and number of the neurons of some layers."""
        return [(layer, i) for layer in range(first, last + 1) for i in range(self.sizes[layer])]


class Mistake(NamedTuple):
    """A wrong rule: what it is written for, its code, its text, and where it may be planted.

    Quantities: sum, a, part, cost, miss δ (δ of an output), paths and slope (of a hidden δ), hidden δ,
    gradient, update. `spots`: "all" cells of the quantity, "one" neuron's or weight's, one "row" of that one.
    `votes` tells when it is only wrong beside a neuron or weight that does it right: where all of a layer are
    so it is a convention, or other cells could as well be the wrong ones. `doubt`: where all are so it is at
    least a warning. `also` are codes that say the same.
    """

    name: str
    quantity: str
    code: str
    text: Callable[["Rule"], str]
    spots: str = "all one row"
    votes: Callable[[Manner], bool] = lambda net: False
    doubt: bool = False
    also: frozenset[str] = frozenset()


class Hook(NamedTuple):
    """A mistake and the neurons or weights in which it is made; `nested` inside others' formulas, too."""

    mistake: Mistake
    only: frozenset[tuple[int, int, int]]
    nested: bool = False


NOWHERE = Key("")


@dataclass(frozen=True)
class Rule:
    """The formula of a cell `own`, and of the quantity `at` that is being written in it."""

    net: Manner
    ref: Ref
    own: Key
    at: Key = NOWHERE
    hook: Hook | None = None
    shift: int = 0

    @property
    def text(self) -> str:
        """The formula without its =."""
        kind, layer, i, j = self.own
        match kind:
            case "z":
                return self.sum(layer, i)
            case "a":
                return self.activation(layer, i)
            case "part":
                return self.part(i)
            case "cost":
                return self.cost
            case "delta":
                return self.whole_delta(layer, i)
            case "back":
                return self.paths(layer, i)
            case "gradient":
                return self.whole_gradient(layer, i, j)
        return self.put("update", self.own, lambda rule: rule.updated(rule.at, rule.change(*self.own[1:])))

    def put(self, quantity: str, key: Key, right: "Callable[[Rule], str]") -> str:
        """Return a quantity's text, the wrong one where the mistake is made."""
        hook, there = self.hook, replace(self, at=key)
        if hook is None or hook.mistake.quantity != quantity or key[1:] not in hook.only:
            return right(there)
        if not hook.nested and self.own.layer != key.layer:
            return right(there)
        return hook.mistake.text(replace(there, hook=hook._replace(only=hook.only - {key[1:]})))

    def moved(self, steps: int) -> "Rule":
        """Return the rule some steps later."""
        return replace(self, shift=self.shift + steps)

    def of(self, kind: str, *indices: int) -> str:
        """Return how a scalar is named."""
        return self.ref(Key(kind, *indices), self.shift)

    # ------------------------------------------------------------ forward

    def a(self, layer: int, i: int) -> str:
        """a_i of a layer."""
        return self.of("a", layer, i)

    def w(self, layer: int, i: int, j: int) -> str:
        """w_ij of a layer, no bias."""
        if j >= self.net.sizes[layer - 1] or layer > self.net.end:
            raise LookupError
        return self.of("w", layer, i, j)

    def bias(self, layer: int, i: int) -> str:
        """Neuron i's bias."""
        if self.net.biases == "none":
            raise LookupError
        return self.of("w", layer, 0 if "shared" in self.net.biases else i, self.net.sizes[layer - 1])

    def times(self, weight: str, other: str) -> str:
        """A product in the author's order."""
        return f"{weight}*{other}" if self.net.weight_first else f"{other}*{weight}"

    def products(self, layer: int, i: int) -> list[str]:
        """The products of the weighted sum."""
        return [
            self.times(self.w(layer, i, j), self.a(layer - 1, j)) for j in range(self.net.sizes[layer - 1])
        ]

    def added(self, products: list[str], bias: "Rule | None" = None) -> str:
        """A weighted sum of other products, its bias the one of `at`, maybe by another rule."""
        rule = bias or self
        biases = [] if self.net.biases == "none" else [rule.bias(self.at.layer, rule.at.i)]
        if not products + biases:
            raise LookupError
        return "+".join(products + biases)

    def sum(self, layer: int, i: int) -> str:
        """The weighted sum."""
        return self.put("sum", Key("z", layer, i), lambda rule: rule.added(rule.products(layer, i)))

    def x(self, layer: int, i: int) -> str:
        """What the activation is taken of."""
        return self.of("z", layer, i) if self.net.z else f"({self.sum(layer, i)})"

    def activation(self, layer: int, i: int) -> str:
        """The activation."""
        kind = self.net.activation(layer)
        forms = {"sigmoid": self.net.sigmoid, "tanh": self.net.tanh, "relu": self.net.relu, "linear": "#"}
        return self.put("a", Key("a", layer, i), lambda rule: rule.function(forms[kind]))

    def function(self, form: str) -> str:
        """A form with x of `at` in the place of #."""
        x = self.x(self.at.layer, self.at.i)
        return x.removeprefix("(").removesuffix(")") if form == "#" else form.replace("#", x)

    # ------------------------------------------------------------ the cost

    @property
    def outputs(self) -> range:
        """The numbers of the outputs."""
        return range(self.net.sizes[-1])

    def difference(self, i: int, t: int | None = None, *, target_first: bool) -> str:
        """a_i and T_t without brackets, one less the other."""
        a, target = self.a(self.net.end, i), self.of("target", 0, i if t is None else t)
        return f"{target}-{a}" if target_first else f"{a}-{target}"

    def part(self, k: int, form: str | None = None) -> str:
        """One output's cost, without what belongs to the total."""
        if form is None:
            return self.put("part", Key("part", 0, k), lambda rule: rule.part(k, self.net.square))
        return form.replace("#", self.difference(k, target_first=self.net.target_first))

    def summed(self, form: str) -> str:
        """Σ of a form over the outputs."""
        return "+".join(self.part(k, form) for k in self.outputs)

    def all_parts(self, join: str = "+") -> str:
        """The parts added up, by their columns where there are any."""
        parts = [self.of("part", 0, k) if self.net.parts else self.part(k) for k in self.outputs]
        if join == "+":
            return "+".join(parts)
        return f"{join}({','.join(parts)})"

    @property
    def cost(self) -> str:
        """The cost."""
        return self.put("cost", self.own, lambda rule: rule.right_cost)

    @property
    def right_cost(self) -> str:
        """The cost by the author's convention."""
        if self.net.cost != "mean":
            return self.all_parts("+" if self.net.total == "AVERAGE" else self.net.total)
        if self.net.total == "AVERAGE":
            return self.all_parts("AVERAGE")
        return f"({self.all_parts()})/{len(self.outputs)}"

    # ------------------------------------------------------------ δ

    @property
    def scale(self) -> str:
        """What the cost's slope has before the difference."""
        count = len(self.outputs)
        if self.net.cost == "half" or (self.net.cost == "mean" and count == 2):
            return ""
        return "2*" if self.net.cost == "squares" or count == 1 else f"2/{count}*"

    def miss(self, i: int, t: int | None = None) -> str:
        """The difference of a and T in the author's direction, in brackets."""
        turned = self.net.difference == "T-a"
        if self.net.minus_spelt and not turned:
            return f"-({self.difference(i, t, target_first=True)})"
        return f"({self.difference(i, t, target_first=turned)})"

    def slope(self, layer: int, i: int, kind: str | None = None) -> str:
        """σ' by the activation; nothing where it is 1."""
        a = self.a(layer, i)
        forms = {
            "sigmoid": f"{a}*(1-{a})", "tanh": f"(1-{a}^2)", "relu": f"IF({a}>0,1,0)", "linear": "",
        }  # fmt: skip
        return forms[kind or self.net.activation(layer)]

    def output_delta(self, miss: str | None = None, slope: str | None = None) -> str:
        """δ of the output `at`, with another difference or slope."""
        slope = self.slope(*self.at[1:3]) if slope is None else slope
        return joined(self.scaled(self.miss(self.at.i) if miss is None else miss), slope)

    def scaled(self, miss: str) -> str:
        """A difference with the cost's scale before it."""
        return f"-{self.scale}{miss[1:]}" if miss.startswith("-") else self.scale + miss

    def hidden_delta(self, paths: str | None = None) -> str:
        """δ of the hidden neuron `at`, with another sum of paths."""
        _, layer, i, _ = self.at
        if paths is None:
            paths = self.of("back", layer, i) if self.net.deltas == "backs" else self.paths(layer, i)
        slope = self.put("slope", Key("delta", layer, i), lambda rule: rule.slope(layer, i))
        both = [slope, factor(paths)] if self.net.slope_first else [factor(paths), slope]
        return joined(*both)

    def whole_delta(self, layer: int, i: int) -> str:
        """δ as its own cell has it."""
        key = Key("delta", layer, i)
        if layer == self.net.end:
            return self.put("miss δ", key, Rule.output_delta)
        return self.put("hidden δ", key, Rule.hidden_delta)

    def d(self, layer: int, i: int) -> str:
        """δ_i of a layer, its column or all of its text."""
        if layer > self.net.end or layer < 1 or i >= self.net.sizes[layer]:
            raise LookupError
        if self.net.deltas == "columns":
            return self.of("delta", layer, i)
        return factor(self.whole_delta(layer, i))

    def paths(self, layer: int, i: int) -> str:
        """Σ_k δ_k w_ki of the layer after."""
        return self.put("paths", Key("delta", layer, i), lambda rule: rule.along())

    def along(
        self, weight: Callable[[int], str] | None = None, delta: Callable[[int], str] | None = None
    ) -> str:
        """Σ_k δ(k)·weight(k) over the layer after `at`."""
        _, layer, i, _ = self.at
        return "+".join(
            f"{delta(k) if delta else self.d(layer + 1, k)}*{weight(k) if weight else self.w(layer + 1, k, i)}"
            for k in range(self.net.sizes[layer + 1])
        )

    # ------------------------------------------------------------ gradient and update

    def whole_gradient(self, layer: int, i: int, j: int) -> str:
        """dC/dw_ij as its own cell has it."""
        key = Key("gradient", layer, i, j)
        text = self.put("gradient", key, lambda rule: rule.product(layer, i, j))
        turned = self.net.difference == "T-a" and self.net.gradients and not self.net.negative
        return f"-{factor(text)}" if turned else text

    def product(self, layer: int, i: int, j: int) -> str:
        """δ_i a_j of the layer before; of a bias δ_i, or the sum of all that share it."""
        if j < self.net.sizes[layer - 1]:
            return f"{self.d(layer, i)}*{self.a(layer - 1, j)}"
        shared = self.net.biases == "shared"
        return "+".join(self.d(layer, k) for k in (range(self.net.sizes[layer]) if shared else [i]))

    def change(self, layer: int, i: int, j: int) -> str:
        """The gradient that the update takes, a step before."""
        before = self.moved(-1)
        if self.net.gradients:
            return before.of("gradient", layer, i, j)
        return factor(before.whole_gradient(layer, i, j))

    def updated(self, weight: Key, change: str, rate: str | None = None, form: str | None = None) -> str:
        """The weight of the step before and a change, w, r and g of the form being replaced."""
        form = form or (self.net.update.replace("-", "+") if self.net.adds else self.net.update)
        before = self.moved(-1)
        parts = {"w": before.of(*weight), "r": rate or before.of("rate"), "g": change}
        return re.sub("[wrg]", lambda found: parts[found[0]], form)


def joined(*factors: str) -> str:
    """Return a product, empty factors left out."""
    return "*".join(each for each in factors if each)


def plain(formula: str) -> str:
    """Return a formula with powers in the place of ABS and SQRT, which the tests' evaluator lacks."""
    while found := re.search(r"\b(ABS|SQRT)\(", formula):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(formula[end], 0)
            end += 1
        inner = formula[found.end() : end - 1]
        power = f"((({inner})^2)^0.5)" if found[1] == "ABS" else f"(({inner})^0.5)"
        formula = formula[: found.start()] + power + formula[end:]
    return formula


def factor(text: str) -> str:
    """Return a text in brackets if it could not be a factor without."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in "+-" and text[place - 1 : place] != "^":
            return f"({text})"
    return text


# ---------------------------------------------------------------- wrong rules

Text: TypeAlias = Callable[[Rule], str]


def when(applies: Callable[[Rule], bool], text: Text) -> Text:
    """Return the text of a mistake that needs something."""

    def written(rule: Rule) -> str:
        if not applies(rule):
            raise LookupError
        return text(rule)

    return written


def _is(*activations: str) -> Callable[[Rule], bool]:
    return lambda r: r.net.activation(r.at.layer) in activations


def _always(_: Manner) -> bool:
    return True


def _differs(net: Manner) -> bool:
    """Tell whether a layer is not σ: δ and forward pass that disagree could then both be the wrong ones."""
    return any(net.activation(layer) != "sigmoid" for layer in range(1, net.end + 1))


def _other(r: Rule) -> int:
    """Return the next neuron of the layer."""
    other = (r.at.i + 1) % r.net.sizes[r.at.layer]
    if other == r.at.i:
        raise LookupError
    return other


def _inputs(a: int = 0, w: int = 0, start: int = 0, end: int | None = None) -> Text:
    """Return the weighted sum with a or w some steps later, or only some of its products."""

    def text(r: Rule) -> str:
        _, layer, i, _ = r.at
        products = [
            r.times(r.moved(w).w(layer, i, j), r.moved(a).a(layer - 1, j))
            for j in range(r.net.sizes[layer - 1])
        ]
        return r.added(products[start:end], r.moved(w))

    return text


def _has_inputs(r: Rule) -> bool:
    return r.net.sizes[r.at.layer - 1] > 1


def _transposed(r: Rule) -> str:
    _, layer, i, _ = r.at
    return r.added([r.times(r.w(layer, j, i), r.a(layer - 1, j)) for j in range(r.net.sizes[layer - 1])])


def _fed_before(r: Rule) -> str:
    _, layer, i, _ = r.at
    return r.added([r.times(r.w(layer, i, j), r.a(layer - 2, j)) for j in range(r.net.sizes[layer - 1])])


def _function(form: str, *right: str) -> Text:
    return when(_is(*right), lambda r: r.function(form))


def _slope(form: str) -> Text:
    """Return a part of the slope of σ."""
    return when(_is("sigmoid"), lambda r: form.replace("#", r.a(r.at.layer, r.at.i)))


def _own(r: Rule) -> str:
    return r.slope(r.at.layer, r.at.i)


def _others(r: Rule) -> str:
    """Return the slope of another activation."""
    return r.slope(r.at.layer, r.at.i, "tanh" if _is("sigmoid")(r) else "sigmoid")


def _turned(r: Rule) -> str:
    return r.output_delta(f"({r.difference(r.at.i, target_first=r.net.difference == 'a-T')})")


def _squared(r: Rule) -> str:
    return r.output_delta(f"({r.difference(r.at.i, target_first=r.net.difference == 'T-a')})^2")


def _z_slope(r: Rule) -> str:
    x = r.x(r.at.layer, r.at.i)
    return r.output_delta(slope=f"{x}*(1-{x})")


def _target_slope(r: Rule) -> str:
    t = r.of("target", 0, r.at.i)
    return r.output_delta(slope=f"{t}*(1-{t})")


def _row_before(r: Rule) -> str:
    a, t = r.moved(-1).a(r.net.end, r.at.i), r.of("target", 0, r.at.i)
    miss = f"({t}-{a})" if r.net.difference == "T-a" else f"({a}-{t})"
    return r.output_delta(miss, _own(r.moved(-1)))


def _biases(r: Rule) -> str:
    _, layer, i, _ = r.at
    after = range(r.net.sizes[layer + 1])
    return "+".join([r.paths(layer, i), *(f"{r.d(layer + 1, k)}*{r.bias(layer + 1, k)}" for k in after)])


def _exchanged(r: Rule, numbers: dict[int, int]) -> str:
    """Return the paths with δ of other neurons."""
    return r.along(delta=lambda k: r.d(r.at.layer + 1, numbers.get(k, k)))


def _brackets(r: Rule) -> str:
    slope, paths = _own(r), r.paths(r.at.layer, r.at.i)
    return joined(slope, paths) if r.net.slope_first else joined(paths, slope)


def _as_printed(r: Rule) -> str:
    """dC/dw11(1) of a 2-2-2 net as the note prints it."""
    first, second = (joined(factor(r.miss(k)), r.slope(2, 1), r.w(2, k, 1)) for k in (0, 1))
    a0, a1, x = r.a(1, 0), r.a(1, 1), r.a(0, 1)
    return f"({first}*{a0}*(1-{a1})*{x}+{second}*{a1}*(1-{a1})*{x})"


def _printed(r: Rule) -> bool:
    net = r.net
    manner = (net.sizes, net.cost, net.hidden, net.outputs, net.difference)
    return manner == ((2, 2, 2), "half", "sigmoid", "sigmoid", "a-T") and r.at[1:] == (1, 1, 1)


def _weight(text: Text) -> Text:
    return when(lambda r: not r.net.is_bias(r.at), text)


def _bias(text: Text) -> Text:
    return when(lambda r: r.net.is_bias(r.at), text)


def _before(r: Rule) -> str:
    """Return the value that comes in along the weight."""
    return r.a(r.at.layer - 1, r.at.j)


def _swapped(r: Rule) -> str:
    _, layer, i, j = r.at
    return f"{r.d(layer, j)}*{r.a(layer - 1, i)}"


def _layer_beside(r: Rule) -> int:
    return r.at.layer + (1 if r.at.layer < r.net.end else -1)


def _weight_beside(r: Rule) -> Key:
    """Return the weight from the next neuron, or into the next one."""
    _, layer, i, j = r.at
    before, own = r.net.sizes[layer - 1], r.net.sizes[layer]
    if r.net.is_bias(r.at) or before * own == 1:
        raise LookupError
    return Key("w", layer, i, (j + 1) % before) if before > 1 else Key("w", layer, (i + 1) % own, j)


def _changed(form: str, rate: str | None = None) -> Text:
    """Return an update by a form in which ± is the right sign; `rate` is the kind of what is taken for it."""

    def text(r: Rule) -> str:
        signs = {"±": "+" if r.net.adds else "-", "∓": "-" if r.net.adds else "+"}
        spelt = re.sub("[±∓]", lambda found: signs[found[0]], form)
        taken = None if rate is None else r.moved(-1).of(rate)
        return r.updated(r.at, r.change(*r.at[1:]), taken, spelt)

    return text


def _in_cell(r: Rule) -> bool:
    return not r.moved(-1).of("rate")[0].isdigit()


def _double(r: Rule) -> str:
    return r.updated(r.at, r.change(*r.at[1:]), f"{2 * float(r.of('rate')):g}")


def _after_all(r: Rule) -> str:
    """Return the update of a bias in a sheet that leaves them."""
    return r.updated(r.at, factor(r.moved(-1).whole_gradient(*r.at[1:])))


_ONE, _ALL = "one row", "all one row"
_SUM: list[tuple[str, str, Text]] = [
    ("weights transposed", "forward-transposed", _transposed),
    ("fed by the layer before", "forward-other-layer", when(lambda r: r.at.layer > 1, _fed_before)),
    ("previous row's a", "forward-other-row", _inputs(a=-1)),
    ("next row's inputs", "forward-other-row", when(lambda r: r.at.layer == 1, _inputs(a=1))),
    ("previous row's W", "forward-other-row", _inputs(w=-1)),
    ("first term missing", "forward-term-missing", when(_has_inputs, _inputs(start=1))),
    ("last term missing", "forward-term-missing", when(_has_inputs, _inputs(end=-1))),
]
_FUNCTION: list[tuple[str, str, Text]] = [
    ("sign lost", "forward-sign-lost", _function("1/(1+EXP(#))", "sigmoid")),
    ("1-EXP", "forward-one-minus", _function("1/(1-EXP(-#))", "sigmoid")),
    ("brackets of σ lost", "forward-brackets", _function("1/1+EXP(-#)", "sigmoid")),
    ("wrong base", "forward-base", _function("1/(1+10^-#)", "sigmoid")),
]
_ACTIVATION: list[tuple[str, str, Text]] = [
    ("tanh", "forward-tanh", _function("TANH(#)", "sigmoid", "relu", "linear")),
    ("ReLU", "forward-relu", _function("MAX(0,#)", "sigmoid", "tanh", "linear")),
    ("σ", "forward-sigmoid", _function("1/(1+EXP(-#))", "tanh", "relu", "linear")),
    ("nothing in place of σ", "forward-linear", _function("#", "sigmoid", "tanh", "relu")),
    ("step", "forward-step", _function("IF(#>0,1,0)", "sigmoid", "tanh", "relu", "linear")),
]
_PART: list[tuple[str, str, Text]] = [
    (
        "not squared",
        "cost-not-squared",
        lambda r: r.part(r.at.i, "0.5*(#)" if r.net.cost == "half" else "(#)"),
    ),
    ("|a-T|", "cost-absolute", lambda r: r.part(r.at.i, "ABS(#)")),
    (
        "half |a-T|",
        "cost-absolute",
        when(lambda r: r.net.cost == "half", lambda r: r.part(r.at.i, "0.5*ABS(#)")),
    ),
    (
        "previous row's a in C",
        "cost-other-row",
        lambda r: r.net.square.replace(
            "#", f"{r.moved(-1).a(r.net.end, r.at.i)}-{r.of('target', 0, r.at.i)}"
        ),
    ),
    (
        "cross-entropy",
        "cost-cross-entropy",
        when(
            lambda r: r.net.outputs == "sigmoid",
            lambda r: "-(#*LN(@)+(1-#)*LN(1-@))".replace("#", r.of("target", 0, r.at.i)).replace(
                "@", r.a(r.net.end, r.at.i)
            ),
        ),
    ),
]
_COST: list[tuple[str, str, Text]] = [
    (
        "square of the sum",
        "cost-square-of-sum",
        when(
            lambda r: not r.net.parts,
            lambda r: f"{'0.5*' if r.net.cost == 'half' else ''}({r.summed('(#)')})^2",
        ),
    ),
    ("one output only", "cost-one-output", lambda r: r.of("part", 0, 0) if r.net.parts else r.part(0)),
    ("root", "cost-root", lambda r: f"SQRT({r.right_cost})"),
    ("root of the sum", "cost-root", when(lambda r: not r.net.parts, lambda r: f"SQRT({r.summed('(#)^2')})")),
]
_OUTPUT: list[tuple[str, str, Text]] = [
    ("(1-a) forgotten", "delta-output-a-alone", lambda r: r.output_delta(slope=_slope("#")(r))),
    ("a forgotten", "delta-output-a-missing", lambda r: r.output_delta(slope=_slope("(1-#)")(r))),
    ("z(1-z)", "delta-output-z-slope", when(_is("sigmoid"), _z_slope)),
    ("squared error", "delta-output-squared", _squared),
    ("T(1-T)", "delta-output-target-slope", when(_is("sigmoid"), _target_slope)),
    (
        "another output's target",
        "delta-output-other-target",
        lambda r: r.output_delta(r.miss(r.at.i, _other(r))),
    ),
    ("another output's a", "delta-output-other-output", lambda r: r.output_delta(r.miss(_other(r), r.at.i))),
    (
        "another output's slope",
        "delta-output-other-output",
        lambda r: r.output_delta(slope=r.slope(r.at.layer, _other(r))),
    ),
    ("the total cost", "delta-output-total-cost", lambda r: joined(r.of("cost"), _own(r))),
]
_PATHS: list[tuple[str, str, Text]] = [
    (
        "no transpose",
        "delta-hidden-untransposed",
        lambda r: r.along(lambda k: r.w(r.at.layer + 1, r.at.i, k)),
    ),
    (
        "one path only",
        "delta-hidden-one-path",
        lambda r: f"{r.d(r.at.layer + 1, 0)}*{r.w(r.at.layer + 1, 0, r.at.i)}",
    ),
    (
        "raw error",
        "delta-hidden-raw-error",
        when(
            lambda r: r.at.layer + 1 == r.net.end,
            lambda r: r.along(delta=lambda k: factor(r.scaled(r.miss(k)))),
        ),
    ),
    (
        "weights left out",
        "delta-hidden-no-weights",
        lambda r: "+".join(r.d(r.at.layer + 1, k) for k in range(r.net.sizes[r.at.layer + 1])),
    ),
    (
        "W(1) in place of W(2)",
        "delta-hidden-other-weights",
        lambda r: r.along(lambda k: r.w(r.at.layer, k, r.at.i)),
    ),
    ("bias column summed in", "delta-hidden-bias", _biases),
    ("C in place of δ", "delta-hidden-cost", lambda r: r.along(delta=lambda k: r.of("cost"))),
    ("another neuron's δ", "delta-hidden-other-delta", lambda r: _exchanged(r, {0: 1})),
    (
        "δ crossed",
        "delta-hidden-other-delta",
        when(lambda r: r.net.sizes[r.at.layer + 1] == 2, lambda r: _exchanged(r, {0: 1, 1: 0})),
    ),
]
_GRADIENT: list[tuple[str, str, Text]] = [
    ("a of this layer", "gradient-own-activation", _weight(lambda r: f"{r.d(r.at.layer, r.at.i)}*{r.a(r.at.layer, r.at.j)}")),
    ("a of the weight's own neuron", "gradient-own-activation", _weight(lambda r: f"{r.d(r.at.layer, r.at.i)}*{r.a(r.at.layer, r.at.i)}")),
    ("another layer's δ", "gradient-other-layer", _weight(lambda r: f"{r.d(_layer_beside(r), r.at.i)}*{_before(r)}")),
    ("δ alone", "gradient-delta-alone", _weight(lambda r: r.d(r.at.layer, r.at.i))),
    ("bias gradient times a", "gradient-bias-times-a", _bias(lambda r: f"{factor(r.product(*r.at[1:]))}*{r.a(r.at.layer - 1, 0)}")),
    ("bias gradient times the own a", "gradient-bias-times-a", _bias(lambda r: f"{factor(r.product(*r.at[1:]))}*{r.a(r.at.layer, r.at.i)}")),
    ("the note's dC/dw11(1)", "gradient-note", when(_printed, _as_printed)),
    ("one common bias gradient", "gradient-common-bias", _bias(when(lambda r: r.net.biases == "trained", lambda r: r.d(r.at.layer, 0)))),
]  # fmt: skip


def _family(
    quantity: str,
    rows: list[tuple[str, str, Text]],
    spots: str = _ALL,
    votes: Callable[[Manner], bool] = lambda net: False,
) -> list[Mistake]:
    return [Mistake(name, quantity, code, text, spots, votes) for name, code, text in rows]


MISTAKES: list[Mistake] = [
    Mistake("bias left out", "sum", "forward-no-bias", when(lambda r: r.net.biases != "none", lambda r: "+".join(r.products(*r.at[1:3]))), _ALL, lambda net: "fixed" in net.biases),
    Mistake("another neuron's bias", "sum", "forward-other-bias", when(lambda r: r.net.biases == "trained", lambda r: "+".join([*r.products(*r.at[1:3]), r.bias(r.at.layer, _other(r))])), _ONE, _always),
    *_family("sum", _SUM, _ONE, _always),
    Mistake("the minus binds only the first product", "a", "forward-minus-first", when(lambda r: not r.net.z and _is("sigmoid")(r), lambda r: f"1/(1+EXP(-{r.sum(*r.at[1:3])}))"), _ALL, lambda net: "fixed" in net.biases and 1 in net.sizes[:-1]),
    *_family("a", _FUNCTION),
    *_family("a", _ACTIVATION, _ALL, _differs),
    # ------------------------------------------------------------ the cost
    Mistake("no ½", "part", "cost-no-half", when(lambda r: r.net.cost == "half", lambda r: r.part(r.at.i, "(#)^2")), doubt=True, also=frozenset({"delta-output-factor-missing"})),
    Mistake("mean", "cost", "cost-mean", when(lambda r: r.net.cost == "half" and r.net.sizes[-1] > 1, lambda r: f"({r.all_parts() if r.net.parts else r.summed('(#)^2')})/{r.net.sizes[-1]}"), doubt=True),
    *_family("part", _PART),
    *_family("cost", _COST),
    # ------------------------------------------------------------ δ of the outputs
    *_family("miss δ", _OUTPUT),
    Mistake("σ' forgotten", "miss δ", "delta-output-no-slope", when(_is("sigmoid", "tanh"), lambda r: r.output_delta(slope="")), _ALL, lambda net: net.outputs != "sigmoid"),
    Mistake("sign flipped", "miss δ", "delta-output-sign", _turned, _ALL, lambda net: net.difference == "T-a"),
    Mistake("factor 2", "miss δ", "delta-output-factor-two", when(lambda r: not r.scale, lambda r: f"2*{factor(r.output_delta())}"), doubt=True, also=frozenset({"cost-no-half"})),
    Mistake("factor forgotten", "miss δ", "delta-output-factor-missing", when(lambda r: bool(r.scale), lambda r: joined(r.miss(r.at.i), _own(r))), doubt=True, also=frozenset({"cost-no-half", "cost-mean"})),
    Mistake("another activation's slope", "miss δ", "delta-output-other-activation", lambda r: r.output_delta(slope=_others(r)), _ALL, _differs),
    Mistake("another output's δ", "miss δ", "delta-other-delta", lambda r: replace(r, at=r.at._replace(i=_other(r))).output_delta(), _ONE, _always),
    Mistake("another row's a", "miss δ", "delta-other-row", _row_before, _ONE, _always),
    # ------------------------------------------------------------ δ of a hidden layer
    *_family("paths", _PATHS),
    Mistake("updated W(2)", "paths", "delta-hidden-updated-weights", lambda r: r.along(lambda k: r.moved(1).w(r.at.layer + 1, k, r.at.i)), _ONE, _always),
    Mistake("another row's δ", "paths", "delta-other-row", lambda r: r.along(delta=lambda k: r.moved(-1).d(r.at.layer + 1, k)), _ONE, _always),
    Mistake("σ' forgotten (hidden)", "slope", "delta-hidden-no-slope", when(lambda r: bool(_own(r)), lambda r: ""), _ALL, lambda net: net.hidden != "sigmoid"),
    Mistake("(1-a) forgotten (hidden)", "slope", "delta-hidden-a-alone", _slope("#")),
    Mistake("a forgotten (hidden)", "slope", "delta-hidden-a-missing", _slope("(1-#)")),
    Mistake("σ' of another layer", "slope", "delta-hidden-other-slope", when(lambda r: r.net.activation(r.at.layer + 1) != "linear", lambda r: r.slope(r.at.layer + 1, r.at.i))),
    Mistake("one neuron's a(1-a) for all", "slope", "delta-hidden-other-neuron", lambda r: r.slope(r.at.layer, 0)),
    Mistake("another activation's slope (hidden)", "slope", "delta-hidden-other-activation", _others, _ALL, _differs),
    Mistake("sign (hidden)", "slope", "delta-hidden-sign", lambda r: f"-{_own(r)}"),
    Mistake("brackets lost", "hidden δ", "delta-hidden-brackets", when(lambda r: r.net.deltas != "backs", _brackets)),
    Mistake("C alone", "hidden δ", "delta-hidden-cost", lambda r: joined(_own(r), r.of("cost"))),
    # ------------------------------------------------------------ the gradient
    *_family("gradient", _GRADIENT),
    Mistake("δ index swapped", "gradient", "gradient-transposed", _weight(_swapped), _ALL, lambda net: net.gradients),
    Mistake("bias gradient 0", "gradient", "gradient-bias-zero", _bias(lambda r: "0"), _ONE, _always),
    Mistake("the sum as common bias gradient", "gradient", "gradient-common-bias", _bias(when(lambda r: r.net.biases == "trained", lambda r: "+".join(r.d(r.at.layer, k) for k in range(r.net.sizes[r.at.layer])))), _ONE, _always),
    Mistake("sign of the gradient", "gradient", "gradient-sign", lambda r: f"-{factor(r.product(*r.at[1:]))}", _ONE, _always),
    Mistake("another weight's gradient", "gradient", "gradient-other-weight", lambda r: r.product(*_weight_beside(r)[1:]), _ONE, _always),
    # ------------------------------------------------------------ the update
    Mistake("γ missing", "update", "update-no-rate", _changed("w±g"), _ONE, _always),
    Mistake("γ from an empty cell", "update", "update-wrong-rate", _changed("w±r*g", "empty"), _ONE, _always, also=frozenset({"sheet-empty-reference"})),
    Mistake("γ from another cell", "update", "update-wrong-rate", _changed("w±r*g", "stray"), _ONE, _always, also=frozenset({"sheet-reference"})),
    Mistake("γ relative", "update", "update-sliding-rate", _changed("w±r*g", "slid"), "all one", also=frozenset({"update-wrong-rate"})),
    Mistake("γ squared", "update", "update-rate-squared", when(_in_cell, _changed("w±r^2*g"))),
    Mistake("divided by γ", "update", "update-rate-divided", when(_in_cell, _changed("w±g/r"))),
    Mistake("another number for γ", "update", "update-written-rate", when(lambda r: not _in_cell(r), _double), _ONE, _always, also=frozenset({"update-wrong-rate", "sheet-constant"})),
    Mistake("plus instead of minus", "update", "update-plus", _changed("w∓r*g"), _ALL, lambda net: net.difference == "T-a"),
    Mistake("one layer never updated", "update", "update-none", when(lambda r: r.at.layer == 1 < r.net.end, lambda r: r.moved(-1).of(*r.at)), "all"),
    Mistake("one weight never updated", "update", "update-none", lambda r: r.moved(-1).of(*r.at), _ONE, _always),
    Mistake("one bias updated after all", "update", "update-fixed-bias", _after_all, "one", _always),
    Mistake("only the change", "update", "update-only-change", _changed("r*g"), _ONE, _always),
    Mistake("another gradient subtracted", "update", "update-other-gradient", lambda r: r.updated(r.at, r.change(*_weight_beside(r)[1:])), _ONE, _always, also=frozenset({"gradient-other-weight"})),
    Mistake("another weight carried on", "update", "update-other-weight", lambda r: r.updated(_weight_beside(r), r.change(*r.at[1:])), _ONE, _always),
    Mistake("the gradient of a row before", "update", "update-other-row", lambda r: r.updated(r.at, r.moved(-1).change(*r.at[1:])), _ONE, _always),
]  # fmt: skip
"""Every wrong rule of a formula; those that a net cannot have, or that equal the rule, are to be left out."""
