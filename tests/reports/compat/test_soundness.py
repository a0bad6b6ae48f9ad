"""If the comparison says "no narrower", every value that the old schema allows is allowed by the new one.

The oracle is the validator: pairs of schemas are drawn, near to each other or not, and each value of a pool is judged
by both. A claim of `narrower` or `perhaps` claims nothing that could be wrong here; its silence does.
`TCHAT_FUZZ=1000000` draws fifty times as many pairs as `make test` does.
"""

import copy
import os
from itertools import product
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.compat.pointers import Node
from reports.compat.schema.schema_diff import SchemaDiff, TooManyCombinations
from reports.compat.schema.schema_equality import SchemaEquality
from reports.compat.schema.schema_shape import shape
from tests.reports.compat.schema_rows import ROWS
from tests.reports.compat.small_documents import asking, differences, letter, telling

PAIRS = int(os.environ.get("TCHAT_FUZZ", "20000")) // 80
ROUND = settings(max_examples=PAIRS, database=None, suppress_health_check=list(HealthCheck))

SCALARS: list[Any] = [None, True, False, 0, 1, 2, 3, 4, 6, -1, 2.5, "", "a", "b", "ab", "abc", "1"]
LISTS: list[Any] = [[], *([each] for each in SCALARS[:12]), *map(list, product(["a", 1, None, 2], repeat=2)), ["a", "b", 1], [[1]], [{"a": 1}], [{}, {"b": "a"}]]  # fmt: skip
FEW: list[Any] = ["a", "abc", 1, 2.5, None, [1], {}, {"a": 1}]
OBJECTS: list[Any] = [
    {},
    *({name: value} for name in ("a", "b", "c", "x1") for value in FEW),
    *({one: left, other: right} for one, other in (("a", "b"), ("a", "c"), ("b", "x1")) for left in FEW[:5] for right in FEW[:5]),
    *({"a": one, "b": other, "c": third} for one in FEW[:3] for other in FEW[:3] for third in FEW[:3]),
]  # fmt: skip
POOL: list[Any] = [*SCALARS, *LISTS, *OBJECTS]

NAMES = st.sampled_from(["a", "b", "c"])
SMALL = st.integers(0, 3)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])


def some(keywords: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keywords).map(
        lambda made: made if len(made) < 5 else dict(list(made.items())[:5])
    )


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    few = st.lists(inner, min_size=1, max_size=3)
    members = st.dictionaries(NAMES, inner, max_size=2)
    objects = some(
        {
            "properties": members, "required": st.lists(NAMES, max_size=2, unique=True), "additionalProperties": inner,
            "patternProperties": st.dictionaries(st.sampled_from(["^x", "^[ab]$"]), inner, max_size=1),
            "propertyNames": st.sampled_from([{"maxLength": 1}, {"enum": ["a", "b"]}, {"pattern": "^[abc]$"}]),
            "minProperties": SMALL, "maxProperties": SMALL, "dependentSchemas": st.dictionaries(NAMES, inner, max_size=1),
            "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=1), max_size=1),
            "unevaluatedProperties": inner,
        }
    )  # fmt: skip
    arrays = some(
        {
            "items": inner, "prefixItems": few, "contains": inner, "minContains": SMALL, "maxContains": SMALL,
            "minItems": SMALL, "maxItems": SMALL, "uniqueItems": st.booleans(), "unevaluatedItems": inner,
        }
    )  # fmt: skip
    composed = st.one_of(
        *(st.fixed_dictionaries({word: few}) for word in ("allOf", "anyOf", "oneOf")),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
        st.just({"$ref": "#/components/schemas/X"}),
    )
    typed = st.sampled_from(["object", "array"]).map(lambda name: {"type": name})
    both = st.tuples(st.one_of(st.just({}), typed), st.one_of(objects, arrays)).map(
        lambda two: two[0] | two[1]
    )
    return st.one_of(both, composed, st.tuples(both, composed).map(lambda two: two[0] | two[1]))


LEAVES = st.one_of(
    st.booleans(),
    st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=2, unique=True)).map(lambda said: {"type": said}),
    st.lists(st.sampled_from(SCALARS), min_size=1, max_size=4).map(lambda values: {"enum": values}),
    st.sampled_from(SCALARS).map(lambda value: {"const": value}),
    some({"type": st.sampled_from(["integer", "number"]), "minimum": st.sampled_from([0, 1, 1.5]), "exclusiveMinimum": SMALL,
          "maximum": SMALL, "exclusiveMaximum": SMALL, "multipleOf": st.sampled_from([1, 2, 3, 0.5])}),
    some({"type": st.just("string"), "minLength": SMALL, "maxLength": SMALL, "pattern": st.sampled_from(["^[a-z]+$", "^[ab]{1,2}$", "b", "^a"])}),
)  # fmt: skip
SCHEMAS = st.recursive(LEAVES, nested, max_leaves=6)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any, Any, Any]:
    """(old, new, component before, component after); half of the time the new one is the old one with one place changed."""
    old, before = draw(SCHEMAS), draw(SCHEMAS)
    if draw(st.booleans()):
        return old, draw(SCHEMAS), before, before
    new, after = copy.deepcopy(old), copy.deepcopy(before)
    if draw(st.booleans()):
        return old, new, before, draw(SCHEMAS)
    places = list(_places(new))
    if not places:
        return old, draw(SCHEMAS), before, after
    holder, key = draw(st.sampled_from(places))
    holder[key] = draw(SCHEMAS)
    return old, new, before, after


def _places(schema: Any) -> list[tuple[Any, Any]]:
    """(holder, key) of each schema within a schema."""
    found: list[tuple[Any, Any]] = []
    if isinstance(schema, dict):
        for word, value in schema.items():
            if word in (
                "not",
                "contains",
                "if",
                "then",
                "else",
                "items",
                "additionalProperties",
                "unevaluatedItems",
            ):
                found += [(schema, word), *_places(value)]
            elif word in (
                "allOf",
                "anyOf",
                "oneOf",
                "prefixItems",
                "properties",
                "patternProperties",
                "dependentSchemas",
            ):
                for key in range(len(value)) if isinstance(value, list) else value:
                    found += [(value, key), *_places(value[key])]
    return found


def _document(schema: Any, component: Any) -> dict[str, Any]:
    return {"components": {"schemas": {"S": schema, "X": component}}}


def _allowed(schema: Any, component: Any) -> list[bool] | None:
    try:
        check = jsonschema_rs.Draft202012Validator({**_document(schema, component), "allOf": [schema]})
        return [check.is_valid(value) for value in POOL]
    except (ValueError, RecursionError):  # a reference that goes round without end
        return None


def _effects(old: Any, new: Any, before: Any, after: Any) -> frozenset[str]:
    documents = [_document(old, before), _document(new, after)]
    one, other = (
        shape(Node(each, each["components"]["schemas"]["S"], "/components/schemas/S")) for each in documents
    )
    walk = SchemaDiff(operation="", direction="request", equality=SchemaEquality(*documents))
    try:
        return walk.effects(one, other)
    except TooManyCombinations:
        return frozenset({"perhaps narrower", "perhaps wider"})


def _held(old: Any, new: Any, before: Any, after: Any) -> None:
    was, now = _allowed(old, before), _allowed(new, after)
    if was is None or now is None:
        return
    found = _effects(old, new, before, after)
    for stem, one, other in (("narrower", was, now), ("wider", now, was)):
        if not found & {stem, f"perhaps {stem}"}:
            lost = [value for value, here, there in zip(POOL, one, other, strict=True) if here and not there]
            assert not lost, f"not told to be {stem}, yet {lost[:3]}"


def _ends(schema: Any) -> bool:
    """Whether no `$ref` of the component leads to itself without a value between."""
    return "$ref" not in str(schema)


@ROUND
@given(pairs())
def test_what_is_not_called_narrower_or_wider_is_neither(drawn: tuple[Any, Any, Any, Any]) -> None:
    old, new, before, after = drawn
    if _ends(before) and _ends(after):
        _held(old, new, before, after)


@pytest.mark.parametrize(("old", "new"), [pytest.param(row[1], row[2], id=row[0]) for row in ROWS])
def test_the_rows_of_the_table_are_sound(old: Any, new: Any) -> None:
    _held(old, new, True, True)


CLOSED_WORLD = frozenset({"response.range-widened", "response.opened", "response.variants-overlap"})
"""What an answer may do by the habits of clients, and not by its schema."""


@ROUND
@given(pairs())
def test_what_harms_no_client_allows_what_was_allowed(drawn: tuple[Any, Any, Any, Any]) -> None:
    """The same for the severities, where every object says what else may stand in it and no member is of one side only."""
    old, new, *_ = map(_closed, drawn)
    was, now = _allowed(old, True), _allowed(new, True)
    if was is None or now is None or "$ref" in f"{old}{new}":
        return
    asked, message = differences(asking(old), asking(new)), differences(telling(old), telling(new))
    if letter(asked) in "H-":
        assert not [v for v, here, there in zip(POOL, was, now, strict=True) if here and not there][:3], asked
    if letter(message) in "H-" and not {change.rule for change in message} & (
        CLOSED_WORLD | {"response.property-added"}
    ):
        assert not [v for v, here, there in zip(POOL, was, now, strict=True) if there and not here][:3], (
            message
        )


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        word: _closed(value) if word not in ("enum", "const", "required", "type") else value
        for word, value in schema.items()
    }
    objects = {
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "patternProperties",
        "dependentRequired",
        "dependentSchemas",
    }
    if objects & made.keys() or made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made
