"""Values of parameters as texts and back, by style: a table, and everything that is written is read again."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.spec import Operation, Parameter, canonical
from contracts.spec.parameter_values import QueryError, loosely, parameters, written

TYPES: dict[str, Any] = {
    "array": {"type": "array", "items": {"type": "integer"}},
    "object": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}}},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
}


def parameter(kind: str, style: str = "form", explode: bool = True, content: str = "") -> Parameter:
    types = frozenset({kind})
    return Parameter(name="p", location="query", required=False, schema=TYPES[kind], style=style, explode=explode, types=types, content=content)  # fmt: skip


def read(of: Parameter, query: str) -> Any:
    operation = Operation(
        id="o", method="GET", path="/o", tag="", summary="", parameters=(of,), state_headers=(), body=None, answers={},
        objective=canonical()["login"].objective, cache=None, permission=None, security=(),
    )  # fmt: skip
    return next((value for _, value in parameters(canonical(), operation, query, {}, {})), None)


@pytest.mark.parametrize(
    ("of", "query", "value"),
    [
        (parameter("array"), "p=1&p=2", [1, 2]),
        (parameter("array"), "p=7", [7]),
        (parameter("array", explode=False), "p=1,2", [1, 2]),
        (parameter("array", explode=False), "p=1%2C2", [1, 2]),
        (parameter("array", explode=False), "p=", []),
        (parameter("array", "pipeDelimited", explode=False), "p=1|2", [1, 2]),
        (parameter("array", "pipeDelimited", explode=False), "p=1%7C2", [1, 2]),
        (parameter("array", "spaceDelimited", explode=False), "p=1+2", [1, 2]),
        (parameter("array", "pipeDelimited", explode=True), "p=1&p=2", [1, 2]),
        (parameter("object"), "a=1&b=true&c=x", {"a": 1, "b": True}),
        (parameter("object"), "c=x", None),
        (parameter("object", explode=False), "p=a,1,b,true", {"a": 1, "b": True}),
        (parameter("object", "deepObject"), "p[a]=1&p%5Bb%5D=false&p=x", {"a": 1, "b": False}),
        (parameter("object", content="application/json"), "p=%7B%22a%22:1%7D", {"a": 1}),
        (parameter("object", content="application/json"), "p=%7B", "{"),
        (parameter("integer"), "p=-3", -3),
        (parameter("integer"), "p=-0", "-0"),
        (parameter("integer"), "p=007", "007"),
        (parameter("number"), "p=-1.5e3", -1500.0),
        (parameter("boolean"), "p=TRUE", "TRUE"),
        (parameter("string"), "p=a+b", "a b"),
        (parameter("string"), "q=1", None),
    ],
)
def test_a_query_is_read_by_the_parameters_style(of: Parameter, query: str, value: Any) -> None:
    assert read(of, query) == value


@pytest.mark.parametrize(
    "of", [parameter("integer"), parameter("array", explode=False), parameter("object", explode=False)]
)
def test_what_has_no_repetition_stands_once(of: Parameter) -> None:
    with pytest.raises(QueryError):
        read(of, "p=1&p=2")


STYLES = [("form", True), ("form", False), ("pipeDelimited", False), ("spaceDelimited", False)]
WAYS = [
    *[("array", style, explode, "") for style, explode in STYLES],
    *[("object", style, explode, "") for style, explode in STYLES],
    ("object", "deepObject", True, ""),
    ("object", "form", True, "application/json"),
    ("array", "form", True, "application/json"),
    *[(kind, "form", True, "") for kind in ("integer", "boolean", "string")],
]
OF_KIND = {
    "array": st.lists(st.integers(), min_size=1),
    "object": st.fixed_dictionaries({"a": st.integers(), "b": st.booleans()}),
    "integer": st.integers(-(10**30), 10**30),
    "boolean": st.booleans(),
    "string": st.text(st.characters(codec="utf-8")),
}


@given(st.sampled_from(WAYS).flatmap(lambda way: st.tuples(st.just(way), OF_KIND[way[0]])))
def test_what_is_written_is_read_again(drawn: tuple[tuple[str, str, bool, str], Any]) -> None:
    way, value = drawn
    of = parameter(*way)
    query = "&".join(f"{quote(name)}={quote(text)}" for name, text in written(of, value))
    assert read(of, query) == value


def test_a_repeated_list_is_among_what_a_framework_may_read() -> None:
    assert [1, 2] in loosely(canonical(), parameter("array"), ["1", "2"])
    assert [1, 2] in loosely(canonical(), parameter("array", explode=False), ["1, 2"])
