"""The manifest: exact there and back, the same text every time, and one line for whatever is none."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetnet import Conventions
from sheetnet.errors import FileError
from sheetnet.exercise import manifest as module
from sheetnet.exercise.manifest import (
    BlankEntry,
    Entry,
    Manifest,
    Planted,
    from_json,
    given_hash,
    number_name,
    to_json,
)
from sheetnet.net.terms import LEARNING_RATE, Term

BLANK = BlankEntry("blank_001", "δ0(1)", "delta", 1, 0, 0, 0, 0.0239, "1/2", 5e-05, "Sheet1.D20")
WORD = BlankEntry("blank_002", "code", "code", 0, 0, 0, 0, "delta-hidden-untransposed", "1", 0.0, "Ark 1.D21")
WEIGHTS = (((-1.0, 1.1, 0.8), (-1.5, -0.5, -0.3)), ((0.7, -0.2, 0.3), (1.4, 0.9, -0.5)))
ANNA = Entry(
    "s07",
    'Anna "Ø" \\ =1+1',
    "s07.ods",
    "a" * 64,
    0.4,
    ((0.5, 0.4),),
    ((0.9, 0.2),),
    WEIGHTS,
    (BLANK, WORD),
    Planted("delta-hidden-untransposed", "Sheet1.D20"),
)
BO = replace(ANNA, id="s08", name="", file="files/s08.xlsx")
MADE = Manifest(1, "sheetnet 0.9", 2026, (2, 2, 2), Conventions(), 4, "page", 3, "numbers", (ANNA, BO))


def test_text_is_sorted_and_readable() -> None:
    """A person finds their way: keys sorted, a row of numbers a line, every float as Python writes it."""
    text = to_json(MADE)
    assert text == to_json(from_json(text, "manifest.json"))
    lines = text.splitlines()
    assert lines[0] == "{"
    assert text.endswith("}\n")
    assert ' "sizes": [2, 2, 2],' in lines
    assert "     [-1.0, 1.1, 0.8]," in lines
    assert '     "tolerance": 5e-05' in lines
    assert re.findall(r'(?m)^ "(\w+)"', text) == sorted(json.loads(text))
    assert json.loads(text)["students"][0]["name"] == 'Anna "Ø" \\ =1+1'
    assert '"term": "δ0(1)"' in text


@pytest.mark.parametrize(
    "manifest",
    [
        MADE,
        replace(MADE, steps=7, layout="rows", answers="formulas", level=0, decimals=6, seed=0),
        replace(
            MADE,
            conventions=Conventions(biases="shared", difference="T-a", gradients="-dC/dW", cost="squares"),
        ),
        replace(MADE, conventions=Conventions(activations=("tanh", "softmax"), cost="cross-entropy")),
        replace(MADE, students=(replace(ANNA, blanks=()),)),
        replace(
            MADE, students=(replace(ANNA, inputs=((0.0, 1.0), (1.0, 0.0)), targets=((0.0, 1.0), (1.0, 0.0))),)
        ),
    ],
    ids=["made", "rows", "T-a", "softmax", "no blanks", "patterns"],
)
def test_there_and_back(manifest: Manifest) -> None:
    """What is read is what was written."""
    assert from_json(to_json(manifest), "manifest.json") == manifest


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    name=st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200),
    expected=st.one_of(
        st.floats(allow_nan=False, allow_infinity=False), st.text('a[],1." \\δ\u2028', max_size=9)
    ),
)
def test_any_number_and_name(value: float, name: str, expected: float | str) -> None:
    """Every float comes back to the bit, every name and answer to the letter, whatever is in them."""
    blank = replace(BLANK, expected=expected, tolerance=abs(value))
    entry = replace(ANNA, name=name, learning_rate=value, inputs=((value, -0.0),), blanks=(blank,))
    back = from_json(to_json(replace(MADE, students=(entry,))), "m").students[0]
    assert (back.name, repr(back.learning_rate), repr(back.inputs[0])) == (
        name,
        repr(value),
        repr((value, -0.0)),
    )
    assert repr(back.blanks[0]) == repr(blank)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none(value: float) -> None:
    """They are not written."""
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(replace(MADE, students=(replace(ANNA, learning_rate=value),)))


def test_hash() -> None:
    """It is that of sorted lines name=number, and another number, name or sign is another hash."""
    numbers = {
        number_name(Term("w", 1, 0, 0)): 0.5,
        number_name(Term("a", 0, 1), 2): 1.0,
        number_name(LEARNING_RATE): 0.1,
    }
    assert sorted(numbers) == ["Learning rate@0", "a1(0)@2", "w00(1)@0"]
    # printf 'Learning rate@0=0.1\na1(0)@2=1.0\nw00(1)@0=0.5' | sha256sum
    expected = "0c2d01d657a0a8bf69f932e65a9fe07259b864777b17ac42e447feb7daa63e18"
    assert given_hash(numbers) == expected
    assert given_hash(dict(reversed(numbers.items()))) == expected
    assert given_hash({**numbers, "a1(0)@2": 1}) == expected
    for name, value in (("w00(1)@0", 0.5000000000000001), ("w01(1)@0", 0.5), ("w00(1)@0", -0.5)):
        assert given_hash({**numbers, name: value}) != expected


def _student(key: str, value: object) -> Callable[[Any], None]:
    return lambda data: data["students"][0].__setitem__(key, value)


def _blank(key: str, value: object) -> Callable[[Any], None]:
    return lambda data: data["students"][0]["blanks"][0].__setitem__(key, value)


def _top(key: str, value: object) -> Callable[[Any], None]:
    return lambda data: data.__setitem__(key, value)


END = "; use the manifest as worksheet wrote it"
FAULTS: dict[str, tuple[Callable[[Any], object], str]] = {
    "other version": (_top("version", 2), "m.json, version: found 2, expected 1; mark with the version of sheetnet that made the exercises"),
    "no version": (lambda data: data.pop("version"), "m.json: found no key 'version', expected one" + END),
    "version is a truth": (_top("version", True), "m.json, version: found true, expected a whole number" + END),
    "key missing": (lambda data: data.pop("seed"), "m.json: found no key 'seed', expected one" + END),
    "key missing below": (lambda data: data["students"][1]["blanks"][1].pop("marks"), "m.json, students[1].blanks[1]: found no key 'marks', expected one" + END),
    "another key": (_top("colour", 1), "m.json: found the key 'colour', expected none of this name" + END),
    "seed is text": (_top("seed", "1"), 'm.json, seed: found "1", expected a whole number' + END),
    "seed is a fraction": (_top("seed", 1.5), "m.json, seed: found 1.5, expected a whole number" + END),
    "seed is huge": (_top("seed", 10**30), "m.json, seed: found 1000000000000000000000000000000, expected a whole number that is smaller" + END),
    "seed below 0": (_top("seed", -1), "m.json, seed: found -1, expected 0 or more" + END),
    "program is null": (_top("program", None), "m.json, program: found null, expected a text" + END),
    "program is two lines": (_top("program", "a\nb"), "m.json, program: found a text that is no line, expected at most 1,000 characters" + END),
    "program is long": (_top("program", "a" * 1001), "m.json, program: found a text that is no line, expected at most 1,000 characters" + END),
    "layout": (_top("layout", "round"), 'm.json, layout: found "round", expected one of page, rows' + END),
    "sizes is a number": (_top("sizes", 2), "m.json, sizes: found 2, expected a list" + END),
    "one layer": (_top("sizes", [2]), "m.json, sizes: found [2], expected 2 to 50 layers of 1 to 1,000 neurons" + END),
    "huge layer": (_top("sizes", [2, 10**9, 2]), "m.json, sizes: found [2, 1000000000, 2], expected 2 to 50 layers of 1 to 1,000 neurons" + END),
    "sizes do not fit": (_top("sizes", [2, 3, 2]), "m.json, students[0].weights[0]: found [3, 3], expected shape (3, 3) of W(1)" + END),
    "decimals": (_top("decimals", 16), "m.json, decimals: found 16, expected 0 to 15" + END),
    "steps": (_top("steps", 0), "m.json, steps: found 0, expected 1 to 20" + END),
    "conventions": (lambda data: data["conventions"].update(cost="cross-entropy", activations=["tanh"]), "m.json, conventions: found cross-entropy of tanh outputs; expected sigmoid or softmax" + END),
    "activation": (lambda data: data["conventions"].update(activations=["step"]), 'm.json, conventions.activations[0]: found "step", expected one of sigmoid, tanh, relu, linear, softmax' + END),
    "activations": (lambda data: data["conventions"].update(activations=["tanh", "linear", "sigmoid"]), "m.json, conventions: found 3 activations, expected one for all layers or 2" + END),
    "no students": (_top("students", []), "m.json, students: found [], expected at least one" + END),
    "students is an object": (_top("students", {}), "m.json, students: found an object, expected a list" + END),
    "student is a text": (_top("students", ["Anna"]), 'm.json, students[0]: found "Anna", expected an object' + END),
    "id": (_student("id", "../x"), "m.json, students[0].id: found '../x', expected letters, digits, - _ and . alone" + END),
    "id twice": (_student("id", "S08"), "m.json, students[1].id: found 's08', expected an id that no other has" + END),
    "file elsewhere": (_student("file", "../s07.ods"), "m.json, students[0].file: found '../s07.ods', expected a name beside the manifest" + END),
    "file from the root": (_student("file", "/etc/passwd"), "m.json, students[0].file: found '/etc/passwd', expected a name beside the manifest" + END),
    "file below and up": (_student("file", "a/../../s.ods"), "m.json, students[0].file: found 'a/../../s.ods', expected a name beside the manifest" + END),
    "file on a drive": (_student("file", "C:s.ods"), "m.json, students[0].file: found 'C:s.ods', expected a name beside the manifest" + END),
    "hash": (_student("given", "A" * 64), f"m.json, students[0].given: found '{'A' * 56}..., expected 64 hexadecimal digits" + END),
    "rate is text": (_student("learning_rate", "0.4"), 'm.json, students[0].learning_rate: found "0.4", expected a number' + END),
    "no pattern": (_student("inputs", []), "m.json, students[0].inputs: found [], expected at least one pattern" + END),
    "short pattern": (_student("inputs", [[0.5]]), "m.json, students[0].inputs[0]: found [0.5], expected 2 numbers" + END),
    "targets of another count": (_student("targets", [[0.5, 0.5]] * 2), "m.json, students[0].targets: found 2, expected 1 patterns" + END),
    "one matrix": (_student("weights", [[[0.1, 0.2, 0.3]] * 2]), "m.json, students[0].weights: found 1, expected 2 matrices" + END),
    "ragged matrix": (_student("weights", [[[0.1, 0.2, 0.3], [0.1]]] * 2), "m.json, students[0].weights[0]: found [3, 1], expected shape (2, 3) of W(1)" + END),
    "weight is null": (_student("weights", [[[0.1, None, 0.3]]]), "m.json, students[0].weights[0][0][1]: found null, expected a number" + END),
    "planted": (_student("planted", {"code": "x"}), "m.json, students[0].planted: found no key 'cell', expected one" + END),
    "planted is text": (_student("planted", "x"), 'm.json, students[0].planted: found "x", expected an object' + END),
    "blank twice": (_blank("name", "blank_002"), "m.json, students[0].blanks[1].name: found 'blank_002', expected a name of its own" + END),
    "blank without a name": (_blank("name", ""), "m.json, students[0].blanks[0].name: found '', expected a defined name" + END),
    "marks": (_blank("marks", "x"), "m.json, students[0].blanks[0].marks: found 'x', expected a fraction such as '1/2'" + END),
    "marks over nothing": (_blank("marks", "1/0"), "m.json, students[0].blanks[0].marks: found '1/0', expected a fraction such as '1/2'" + END),
    "marks as a number": (_blank("marks", 1), "m.json, students[0].blanks[0].marks: found 1, expected a text" + END),
    "layer": (_blank("layer", 3), "m.json, students[0].blanks[0].layer: found 3, expected 0 to 2" + END),
    "index": (_blank("j", -1), "m.json, students[0].blanks[0].j: found -1, expected 0 to 2" + END),
    "step": (_blank("step", 2), "m.json, students[0].blanks[0].step: found 2, expected 0 to 1" + END),
    "tolerance": (_blank("tolerance", -1e-9), "m.json, students[0].blanks[0].tolerance: found -1e-09, expected 0 or more" + END),
    "cell": (_blank("cell", ""), "m.json, students[0].blanks[0].cell: found '', expected an address such as 'Sheet1.D20'" + END),
    "expected is a list": (_blank("expected", [1]), "m.json, students[0].blanks[0].expected: found a list, expected a number" + END),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), FAULTS.values(), ids=FAULTS)
def test_one_thing_wrong(spoil: Callable[[Any], object], message: str) -> None:
    """Exactly what was spoilt is told, on one line."""
    data = json.loads(to_json(MADE))
    spoil(data)
    with pytest.raises(FileError) as caught:
        from_json(json.dumps(data), "m.json")
    assert str(caught.value) == message


NO_JSON: dict[str, tuple[str, str]] = {
    "empty": ("", "m.json: is no JSON (Expecting value: line 1 column 1 (char 0))" + END),
    "cut short": (to_json(MADE)[:100], "m.json: is no JSON"),
    "deep": ("[" * 200_000, "m.json: is no JSON (it is nested too deep)" + END),
    "nan": ('{"seed": NaN}', "m.json: is no JSON (NaN is no number)" + END),
    "long number": ('{"seed": ' + "1" * 5000 + "}", "m.json: is no JSON (Exceeds the limit (4300 digits)"),
    "key twice": ('{"seed": 1, "seed": 2}', "m.json: is no JSON (a key stands twice in one object)" + END),
    "list": ("[]", "m.json: found a list, expected an object" + END),
    "text": ('"x"', 'm.json: found "x", expected an object' + END),
    "infinite": (to_json(MADE).replace('"learning_rate": 0.4', '"learning_rate": 1e999', 1), "m.json, students[0].learning_rate: found Infinity, expected a number that is smaller" + END),
    "surrogate": (to_json(MADE).replace("sheetnet 0.9", r"\ud800"), "m.json, program: found a text that is no line"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), NO_JSON.values(), ids=NO_JSON)
def test_no_manifest(text: str, message: str) -> None:
    """What is no JSON, or JSON of something else, is refused on one line."""
    with pytest.raises(FileError) as caught:
        from_json(text, "m.json")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_huge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text, or a list, beyond all use is refused before it is looked at closely."""
    monkeypatch.setattr(module, "MAX_CHARACTERS", 1000)
    with pytest.raises(
        FileError, match=r"^m: has more than 1,000 characters; use the manifest as worksheet wrote it$"
    ):
        from_json(to_json(MADE), "m")
    monkeypatch.undo()
    many = to_json(MADE).replace("[2, 2, 2]", str([2] * 100_001))
    with pytest.raises(FileError, match=r"^m, sizes: found 100,001 items, expected at most 100,000; use"):
        from_json(many, "m")


@settings(max_examples=300, derandomize=True, deadline=None)
@given(data=st.data())
def test_spoilt_anywhere(data: st.DataObject) -> None:
    """Whatever stands in the place of any part, a manifest is read or one line tells why not."""
    document = json.loads(to_json(MADE))
    part: Any = document
    while True:
        keys = sorted(part) if isinstance(part, dict) else list(range(len(part)))
        key = data.draw(st.sampled_from(keys))
        below = part[key]
        if not isinstance(below, dict | list) or not below or data.draw(st.booleans()):
            break
        part = below
    part[key] = data.draw(
        st.sampled_from([None, True, -1, 0, 1.5, 10**40, "", "x", [], [[]], {}, {"x": 1}, [1.0]])
    )
    told = "m"
    try:
        from_json(json.dumps(document), "m")
    except FileError as error:
        told = str(error)
    assert told.startswith("m")
    assert len(told) < 300
