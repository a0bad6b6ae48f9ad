"""Reading openapi.yaml: what the document says is what the values say, and what it may not say is an error."""

from typing import Any

import pytest
import yaml

from contracts import spec
from contracts.schema import compile_schema, standalone
from contracts.spec import channel

CONTENT = [
    "getContentItems",
    "getContentItem",
    "getContentByCategory",
    "getContentCategories",
    "getContentVersions",
    "syncContent",
    "createContentItem",
    "updateContentItem",
    "publishContent",
    "archiveContent",
    "bulkUpdateContent",
    "revertContentVersion",
]
OTHERS = ["login", "refreshTokens", "logout", "verifyToken", "ingestMetrics"]


@pytest.fixture(scope="module")
def api() -> spec.Spec:
    return spec.load()


def document() -> dict[str, Any]:
    """A minimal document of one operation, to be spoilt."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "/api"}],
        "paths": {
            "/things/{id}": {
                "get": {
                    "operationId": "getThing",
                    "x-slo": {"thresholdMs": 200, "share": 0.99, "errorShare": 0},
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": {"description": "ok"}},
                }
            }
        },
    }


def parsed(doc: dict[str, Any]) -> spec.Spec:
    return spec.parse(yaml.safe_dump(doc).encode())


def test_it_has_the_seventeen_operations_of_the_guide(api: spec.Spec) -> None:
    assert {operation.id for operation in api} == {*CONTENT, *OTHERS}
    assert api.prefixes == ("/api", "")


def test_every_operation_has_an_objective_of_200_ms(api: spec.Spec) -> None:
    assert {operation.objective.threshold_ms for operation in api} == {200.0}


def test_our_document_leaves_nothing_to_a_default(api: spec.Spec) -> None:
    """Anybody's document may; ours states an objective for each operation and a limit for each body."""
    assert api.warnings == ()
    for operation in api:
        stated = api.document["paths"][operation.path][operation.method.lower()]
        assert "x-slo" in stated and ("x-body-limit" in stated) == bool(operation.body)
        assert not operation.ranges


def test_content_operations_have_cache_tags_and_guide_lines(api: spec.Spec) -> None:
    for name in CONTENT:
        operation = api[name]
        assert operation.cache is not None, name
        assert api.document["paths"][operation.path][operation.method.lower()]["x-guide-lines"], name


def test_bodies_have_limits_and_closed_schemas(api: spec.Spec) -> None:
    for operation in api:
        if operation.body:
            assert operation.body.limit >= 1024
            for schema in operation.body.media_types.values():
                validator = compile_schema(api, schema)
                assert not validator.is_valid({"no-such-member": 1}), operation.id


def test_every_body_example_is_valid_by_two_engines(api: spec.Spec) -> None:
    import jsonschema

    for operation in api:
        if operation.body is None:
            continue
        assert operation.body.examples, operation.id
        for schema in operation.body.media_types.values():
            second = jsonschema.Draft202012Validator(standalone(api, schema))
            for example in operation.body.examples.values():
                assert compile_schema(api, schema).is_valid(example), operation.id
                assert second.is_valid(example), operation.id


def test_problem_codes_are_found_through_compositions(api: spec.Spec) -> None:
    assert api["updateContentItem"].answers[409].codes == (
        "CATEGORY_UNKNOWN",
        "INVALID_STATE",
        "VERSION_CONFLICT",
    )
    assert api["login"].answers[401].codes == ("INVALID_CREDENTIALS",)
    for operation in api:
        for answer in operation.answers.values():
            assert bool(answer.codes) == (answer.status >= 400), (operation.id, answer.status)


def test_no_answer_is_documented_by_default(api: spec.Spec) -> None:
    assert all("default" not in raw.get("responses", {}) for raw in _operations(api))


def _operations(api: spec.Spec) -> list[dict[str, Any]]:
    return [item[m] for item in api.document["paths"].values() for m in spec.METHODS if m in item]


@pytest.mark.parametrize(
    ("method", "path", "operation", "parameters", "methods"),
    [
        pytest.param(
            "GET", "/content/items/a1", "getContentItem", {"id": "a1"}, ("GET", "PUT"), id="template"
        ),
        pytest.param(
            "POST", "/content/items/bulk", "bulkUpdateContent", {}, ("POST",), id="literal first (R26)"
        ),
        pytest.param("GET", "/content/items/bulk", None, {}, ("POST",), id="bulk is never an id (R26)"),
        pytest.param("HEAD", "/content/items", "getContentItems", {}, ("GET", "POST"), id="HEAD is GET"),
        pytest.param("DELETE", "/content/items", None, {}, ("GET", "POST"), id="405 knows the methods"),
        pytest.param("GET", "/content/items/", None, {}, (), id="a trailing slash is another path"),
        pytest.param("GET", "/nothing", None, {}, (), id="unknown path"),
    ],
)
def test_match(
    api: spec.Spec,
    method: str,
    path: str,
    operation: str | None,
    parameters: dict[str, str],
    methods: tuple[str, ...],
) -> None:
    found, values, allowed = api.match(method, path)
    assert (found.id if found else None) == operation
    if operation:
        assert values == parameters
    assert sorted(allowed) == sorted(methods)


def test_an_unknown_extension_key_is_an_error_that_names_its_place() -> None:
    doc = document()
    doc["paths"]["/things/{id}"]["get"]["x-slow"] = 1
    with pytest.raises(
        spec.SpecError, match=r"/paths/.*: unknown extension key 'x-slow'; did you mean 'x-slo'"
    ):
        parsed(doc)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(
            lambda op: op["x-slo"].pop("share"), "exactly thresholdMs, share", id="half an objective"
        ),
        pytest.param(lambda op: op["x-slo"].update(share=2), "0 < share < 1", id="impossible share"),
        pytest.param(
            lambda op: op.update({"x-cache-tags": {"keep": 1}}), "unknown keys keep", id="cache tag typo"
        ),
        pytest.param(
            lambda op: op["responses"]["200"].update({"x-reachable": "nobody"}),
            "none of client",
            id="reachable typo",
        ),
        pytest.param(
            lambda op: op.update(parameters=[{"$ref": "#/components/parameters/X"}]),
            "a reference to nothing",
            id="dangling reference",
        ),
    ],
)
def test_what_is_wrong_with_a_document_is_one_line(spoil: Any, message: str) -> None:
    doc = document()
    spoil(doc["paths"]["/things/{id}"]["get"])
    with pytest.raises(spec.SpecError, match=message) as caught:
        parsed(doc)
    assert "\n" not in str(caught.value)


def test_an_operation_id_used_twice_is_an_error() -> None:
    doc = document()
    doc["paths"]["/other/{id}"] = doc["paths"]["/things/{id}"]
    with pytest.raises(spec.SpecError, match="used twice"):
        parsed(doc)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"a: [", r"openapi.yaml:2: not YAML", id="broken YAML"),
        pytest.param(b"just a text", "is not an OpenAPI document", id="a text"),
        pytest.param(b"info: {}", "is not an OpenAPI document", id="no paths"),
    ],
)
def test_rubbish_is_refused_in_one_line(text: bytes, message: str) -> None:
    with pytest.raises(spec.SpecError, match=message) as caught:
        spec.parse(text)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named() -> None:
    from pathlib import Path

    with pytest.raises(spec.SpecError, match=r"cannot read the spec .*nowhere\.yaml"):
        spec.load(Path("nowhere.yaml"))


def test_every_message_example_is_valid_and_fits_one_type_only() -> None:
    found = channel.load()
    for messages in (found.from_server, found.from_client):
        for message in messages.values():
            assert message.examples, message.type
            for example in message.examples:
                fitting = [other.type for other in messages.values() if other.is_valid(example)]
                assert fitting == [message.type]


def test_server_messages_are_closed() -> None:
    for message in channel.load().from_server.values():
        example = message.examples[0]
        assert not message.is_valid({**example, "extra": 1})
        assert not message.is_valid({**example, "data": {**example["data"], "extra": 1}})
