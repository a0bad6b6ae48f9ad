"""Documents as people write them: YAML by the 1.2 core schema, JSON by a JSON parser, nothing lost in silence."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.spec import SpecError, parse
from contracts.spec.source.document_text import DEEPEST, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[SE, NO, on, off, yes, no, y, n]", ["SE", "NO", "on", "off", "yes", "no", "y", "n"]),
        ("[12:30, 12:30:45, 190:20:30]", ["12:30", "12:30:45", "190:20:30"]),
        ("[2024-01-01, 2024-01-01T10:00:00Z]", ["2024-01-01", "2024-01-01T10:00:00Z"]),
        ("[1e3, 1.5E-2, .5, 1., -0.0]", [1000.0, 0.015, 0.5, 1.0, -0.0]),
        ("[0o17, 0x1F, 017, +7, -3]", [15, 31, 17, 7, -3]),
        ("[1_000, 0b11, =, <, .]", ["1_000", "0b11", "=", "<", "."]),
        ("[~, null, Null, '', 'null']", [None, None, None, "", "null"]),
        ("[true, True, TRUE, tRUE]", [True, True, True, "tRUE"]),
        ("{on: 1, no: 2, 1: 3, 2024-01-01: 4, ~: 5, 1e3: 6}", {"on": 1, "no": 2, "1": 3, "2024-01-01": 4, "~": 5, "1e3": 6}),
        ("[!!str 1, !!int '2', !!float 3, !!null '', !!bool 'true']", ["1", 2, 3.0, None, True]),
        ("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\nf: {<<: [*x], b: 3}", {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}, "f": {"b": 3}}),
        ("{'<<': 1}", {"<<": 1}),
        ("a: 1\r\nb:\r\n  - 2\r\n", {"a": 1, "b": [2]}),
        ("\ufeffa: 1", {"a": 1}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ("{a: b, c: [d]}", {"a": "b", "c": ["d"]}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
    ],
)  # fmt: skip
def test_values_are_those_of_the_standard(text: str, value: Any) -> None:
    found = read(text.encode(), name="a.yaml")
    assert found == value
    assert json.dumps(found, sort_keys=True) == json.dumps(
        value, sort_keys=True
    )  # types too: 1 is not 1.0, and true is not 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", "a: 1\nb: 2\na: 3", r"a\.yaml:3: the key 'a' stands here and in line 1"),
        ("a.yaml", "a: {b: 1,\n c: 2,\n b: 3}", r"a\.yaml:3: the key 'b' stands here and in line 1"),
        ("a.yaml", "200: x\n'200': y", r"a\.yaml:2: the key '200'"),
        ("a.json", '{"a": 1,\n"b": {"c": 1,\n"c": 2}}', r"a\.json:3: the key 'c' stands here and in line 2"),
        ("a.json", '{"a": 1,}', r"a\.json:1: not JSON"),
        ("a.json", '{"a": NaN}', r"NaN is no JSON number"),
        ("a.json", "a: 1", r"not JSON"),
        ("a.json", '{"a": "\\ud800"}', "lone surrogate"),
        ("a.yaml", "a: .inf", r"a\.yaml:1: \.inf is no JSON number"),
        ("a.yaml", "a: 1e999", r"too large"),
        ("a.json", '{"a": -1e999}', r"too large"),
        ("a.yaml", "a: " + "1" * 5000, r"a number of 5000 digits"),
        ("a.yaml", "a: &x [*x]", r"a\.yaml:1: the alias \*x stands inside of what it names"),
        ("a.yaml", "&x {a: *x}", r"the alias \*x stands inside"),
        ("a.yaml", "a: *x", r"names no anchor"),
        ("a.yaml", "? {a: 1}\n: 2", r"a\.yaml:1: a key is an object or a list"),
        ("a.yaml", "a: !!binary aGk=", r"the tag .*binary is not one of JSON's types"),
        ("a.yaml", "a: !date 2024-01-01", r"the tag !date"),
        ("a.yaml", "a: !!int x", r"'x' is not a value of !!int"),
        ("a.yaml", "a: 1\n---\nb: 2", r"it holds 2 documents"),
        ("a.yaml", "", r"it holds no documents"),
        ("a.yaml", "a: [", r"a\.yaml:2: not YAML"),
        ("a.yaml", "a: \x01", r"not YAML"),
        ("a.yaml", "{<<: 1}", r"<< merges objects"),
    ],
)
def test_what_is_none_is_refused_with_its_line(name: str, text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        read(text.encode("utf-8", "surrogatepass"), name=name)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(name)


@pytest.mark.parametrize("text", [b"\xff\xfe\xff", b"a: \xe9"], ids=["half UTF-16", "Latin-1"])
def test_what_is_no_text_is_refused(text: bytes) -> None:
    with pytest.raises(SpecError, match=r"a\.yaml:1: byte \d+ is not UTF"):
        read(text, name="a.yaml")


@pytest.mark.parametrize("name", ["deep.json", "deep.yaml"])
@pytest.mark.parametrize("levels", [DEEPEST + 1, 3_000, 100_000])
def test_what_is_nested_too_deep_is_refused_in_one_line(name: str, levels: int) -> None:
    with pytest.raises(SpecError, match=r"nested deeper than|not YAML: .*depth"):
        read(b"[" * levels + b"]" * levels, name=name)


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(SpecError, match="with its aliases written out"):
        read("\n".join(lines).encode(), name="bomb.yaml")


def test_an_alias_is_a_copy() -> None:
    found = read(b"a: &x {b: [1]}\nc: *x", name="a.yaml")
    found["c"]["b"].append(2)
    assert found["a"] == {"b": [1]}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not (number and math.log10(abs(number)) > 300)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii", categories=["L", "N"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(value=VALUES)
def test_json_reads_as_itself_whatever_the_file_is_called(value: Any) -> None:
    text = json.dumps({"value": value}).encode()
    assert read(text, name="a.json") == {"value": value}
    assert read(text, name="a.yaml") == {"value": value}


def test_a_refusal_that_quotes_a_large_value_stays_short() -> None:
    with pytest.raises(SpecError) as refused:
        parse(json.dumps({"openapi": {"a": ["x" * 9] * 100}, "paths": {}}).encode(), name="large.json")
    line = str(refused.value)
    assert len(line) < 400 and line.startswith("large.json: /openapi: version") and line.endswith("are")
