"""Other people's documents: what only ours says has a default, what cannot be read is one line with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.schema import compile_schema, violations
from contracts.spec import Spec, SpecError, load, parse
from contracts.spec.operation import BODY_LIMIT, BUDGET


def document(**operation: Any) -> dict[str, Any]:
    """One operation as a framework would write it, without any key of ours."""
    get = {"responses": {"200": {"description": "ok"}}, **operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": 1.0},
        "paths": {"/things/{thing-id}": {"get": get}},
    }


def parsed(found: dict[str, Any], **more: Any) -> Spec:
    return parse(json.dumps(found).encode(), name="foreign.json", **more)


def schema_of(spec: Spec, status: int = 200) -> Any:
    (operation,) = spec
    found = operation.response_to(status)
    assert found is not None
    return next(iter(found.media_types.values()))


def test_what_only_ours_says_has_a_default() -> None:
    (operation,) = parsed(document(requestBody={"content": {"application/json": {}}}))
    assert operation.id == "getThingsByThingId"
    assert (operation.objective, operation.permission, operation.cache) == (BUDGET, None, None)
    assert operation.body is not None and operation.body.limit == BODY_LIMIT


def test_a_header_that_openapi_ignores_is_no_parameter() -> None:
    names = ("Authorization", "accept", "Content-Type", "X-Trace")
    known = {name: {"name": name, "in": "header", "schema": {"type": "string"}} for name in names}
    given = [known["Authorization"], *({"$ref": f"#/components/parameters/{name}"} for name in names[1:])]
    spec = parsed(document(parameters=given) | {"components": {"parameters": known}})
    (operation,) = spec
    assert [parameter.name for parameter in operation.parameters] == ["X-Trace"]
    assert len(spec.document["paths"]["/things/{thing-id}"]["get"]["parameters"]) == 1


def test_a_path_parameter_may_have_any_name() -> None:
    operation, values, _ = parsed(document()).match("GET", "/things/a-1")
    assert operation is not None and values == {"thing-id": "a-1"}


@pytest.mark.parametrize(
    ("responses", "status", "documented"),
    [
        ({"200": {}, "4XX": {}}, 404, True),
        ({"200": {}, "4xx": {}}, 500, False),
        ({"200": {}, "default": {}}, 503, True),
        ({"2XX": {}}, 201, True),
        ({"404": {}, "4XX": {"content": {"text/plain": {}}}}, 404, True),
    ],
)
def test_a_response_may_be_documented_by_its_class_or_by_default(
    responses: dict[str, Any], status: int, documented: bool
) -> None:
    spec = parsed(document(responses=responses))
    (operation,) = spec
    assert (not violations(spec, operation, status, {}, b"")) == documented
    assert operation.success.status in (200, 404) or 200 <= operation.success.status < 300


def test_foreign_extension_keys_are_one_warning() -> None:
    found = document(**{"x-internal": True, "x-codegen": {"x-slow": 1}})
    found["x-logo"] = "a"
    (told,) = parsed(found).warnings
    assert "x-codegen, x-internal, x-logo" in told and "first at /x-logo" in told


@pytest.mark.parametrize("key", ["x-permision", "x-SLO", "x-cache-tag", "x-body-limits", "x-state-header"])
def test_a_misspelt_key_of_ours_is_refused(key: str) -> None:
    with pytest.raises(
        SpecError, match=r"foreign\.json: /paths/~1things~1\{thing-id\}/get: .*did you mean 'x-"
    ):
        parsed(document(**{key: 1}))


def test_names_of_the_author_are_no_extension_keys() -> None:
    found = document(parameters=[{"name": "x-trace", "in": "header", "schema": {}}])
    properties = {"x-trace": {"type": "string"}, "x-slow": {}, "properties": {"properties": {"x-slo": {}}}}
    found["components"] = {
        "schemas": {
            "x-thing": {"properties": properties, "example": {"x-perm": 1}, "default": {"x-perms": 2}}
        }
    }
    assert parsed(found).warnings == ()


@pytest.mark.parametrize(
    ("servers", "prefixes"),
    [
        (None, ("",)),
        ([], ("",)),
        ([{"url": "/v1"}], ("/v1",)),
        ([{"url": "https://api.example.com"}], ("",)),
        ([{"url": "https://api.example.com/v1/"}, {"url": "http://localhost:3000/v1"}], ("/v1",)),
        ([{"url": "{base}/v2", "variables": {"base": {"default": "https://x.example"}}}], ("/v2",)),
        ([{"url": "v3"}], ("/v3",)),
    ],
)  # fmt: skip
def test_servers_give_prefixes(servers: Any, prefixes: tuple[str, ...]) -> None:
    found = document()
    if servers is not None:
        found["servers"] = servers
    assert parsed(found).prefixes == prefixes


def test_an_operation_parameter_stands_in_for_that_of_its_path() -> None:
    found = document(
        parameters=[{"name": "thing-id", "in": "path", "required": True, "schema": {"maxLength": 3}}]
    )
    found["paths"]["/things/{thing-id}"]["parameters"] = [{"name": "thing-id", "in": "path", "schema": {}}]
    (operation,) = parsed(found)
    assert [parameter.schema for parameter in operation.parameters] == [{"maxLength": 3}]


def test_a_parameter_may_be_described_by_its_content() -> None:
    (operation,) = parsed(
        document(
            parameters=[
                {"name": "q", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
            ]
        )
    )
    assert operation.parameters[0].schema == {"type": "object"}


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "string", "nullable": True}, [None, "a"], [1]),
        ({"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], ["b"]),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, [2], [1]),
        ({"type": "integer", "maximum": 5, "exclusiveMaximum": False}, [5], [6]),
        ({"$ref": "#/components/schemas/Name", "nullable": True}, ["a"], [None]),
        ({"type": "array", "items": {"type": "number", "nullable": True}}, [[None, 1]], [["a"]]),
    ],
)
def test_openapi_3_0_is_read_as_it_means(schema: Any, valid: list[Any], invalid: list[Any]) -> None:
    found = document(
        responses={"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    )
    found |= {"openapi": "3.0.3", "components": {"schemas": {"Name": {"type": "string"}}}}
    spec = parsed(found)
    validator = compile_schema(spec, schema_of(spec))
    assert all(validator.is_valid(value) for value in valid)
    assert not any(validator.is_valid(value) for value in invalid)


def test_references_may_be_percent_encoded_and_lead_anywhere_in_the_document() -> None:
    content = {
        "application/json": {
            "schema": {"$ref": "#/paths/~1things~1%7Bthing-id%7D/get/responses/201/content/a/schema"}
        }
    }
    found = document(
        responses={
            "200": {"description": "", "content": content},
            "201": {
                "description": "",
                "content": {"a": {"schema": {"$ref": "#/components/schemas/A%20thing"}}},
            },
        }
    )
    found["components"] = {"schemas": {"A thing": {"type": "integer"}}}
    spec = parsed(found)
    validator = compile_schema(spec, schema_of(spec))
    assert validator.is_valid(1) and not validator.is_valid("a")


def test_references_into_other_files_are_brought_in(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "schemas.yaml").write_text(
        "Node: {type: object, properties: {next: {$ref: '#/Node'}, leaf: {$ref: ./leaf.json}, id: {$ref: '../api.yaml#/components/schemas/Id'}}}\n"
    )
    (tmp_path / "parts" / "leaf.json").write_text('\ufeff{"type": "boolean"}', "utf-8")
    (tmp_path / "parts" / "path.yaml").write_text(
        "get:\r\n  parameters: [{$ref: 'page.yaml'}]\r\n  responses:\r\n    '200': {$ref: 'responses.yaml#/Ok'}\r\n"
    )
    (tmp_path / "parts" / "page.yaml").write_text("{name: page, in: query, schema: {type: integer}}")
    (tmp_path / "parts" / "responses.yaml").write_text(
        "Ok: {description: ok, content: {application/json: {schema: {$ref: 'schemas.yaml#/Node'}}}}"
    )
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
        "paths: {/things: {$ref: parts/path.yaml}}\ncomponents: {schemas: {Id: {type: string}}}\n"
    )
    spec = load(tmp_path / "api.yaml")
    (operation,) = spec
    assert [parameter.name for parameter in operation.parameters] == ["page"]
    validator = compile_schema(spec, schema_of(spec))
    assert validator.is_valid({"next": {"next": {}, "leaf": True}, "id": "a"})
    assert not validator.is_valid({"next": {"leaf": 1}}) and not validator.is_valid({"id": 1})


BAD: list[tuple[str, Any, str]] = [
    ("a dangling reference in a property", {"Thing": {"properties": {"a": {"$ref": "#/components/schemas/B"}}}}, "reference to nothing"),
    ("a reference to another host", {"Thing": {"$ref": "https://example.com/a.yaml#/A"}}, "nothing is fetched"),
    ("a file that is not there", {"Thing": {"$ref": "./nowhere.yaml#/A"}}, "another file|cannot read"),
    ("null for properties", {"Thing": {"properties": None}}, "/properties: null"),
    ("null for required", {"Thing": {"required": None}}, "/components/schemas/Thing/required"),
    ("null for a schema", {"Thing": None}, "/components/schemas/Thing: null"),
    ("a misspelt type", {"Thing": {"type": "strnig"}}, "/type: 'strnig' is none of"),
    ("null without quotes", {"Thing": {"type": ["string", None]}}, "/type: null is written in quotes"),
    ("items that is a list", {"Thing": {"items": [{}]}}, "/items: a list stands where an object"),
    ("minLength that is a text", {"Thing": {"minLength": "1"}}, "/minLength: not a JSON Schema"),
]  # fmt: skip


@pytest.mark.parametrize(("schemas", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_wrong_schema_is_one_line_with_its_place(schemas: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        parsed(document() | {"components": {"schemas": schemas}})
    assert "\n" not in str(caught.value) and str(caught.value).startswith("foreign.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"components": None}, "/components: null"),
        ({"components": {"securitySchemes": None}}, "/components/securitySchemes: null"),
        ({"paths": None}, "/paths: null"),
        ({"paths": {"/a": None}}, "/paths/~1a: null"),
        ({"paths": {"/a": {"get": None}}}, "/paths/~1a/get: null"),
        (
            {"paths": {"/a": {"get": {"responses": {"twohundred": {}}}}}},
            "/twohundred: this is no key for a response",
        ),
        ({"paths": {"/a": {"get": {"responses": []}}}}, "/responses: a list stands"),
        ({"paths": {"/a": {"get": {"parameters": [{"in": "query"}]}}}}, "this parameter has no name"),
        ({"paths": {"a": {}}}, "/paths/a: this is no key for a path"),
        ({"servers": [{}]}, "/servers/0: this server has no url"),
        ({"servers": "/api"}, "/servers: a text stands where a list"),
        ({"openapi": "2.0"}, "version 2.0 is not read"),
        ({"openapi": None}, "/openapi"),
    ],
)
def test_a_wrong_document_is_one_line_with_its_place(change: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        parsed(document() | change)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("foreign.json")


def test_swagger_2_is_named() -> None:
    with pytest.raises(SpecError, match=r"Swagger 2\.0 is not read; convert it"):
        parse(b"swagger: '2.0'\npaths: {}", name="old.yaml")


def test_our_own_document_survives_being_written_as_json(tmp_path: Path) -> None:
    ours = load()
    (tmp_path / "openapi.json").write_text(
        "\ufeff" + json.dumps(ours.document).replace("\n", "\r\n"), "utf-8"
    )
    again = load(tmp_path / "openapi.json")
    assert dict(again.operations) == dict(ours.operations) and again.document == ours.document


def with_oauth(roles: dict[str, str | None], **flow: str) -> dict[str, Any]:
    """A document with a POST operation a path, its `x-oauth`, and the URLs of an authorization code flow."""
    responses = {"200": {"description": "ok"}}
    paths = {
        path: {"post": {"responses": responses, **({} if role is None else {"x-oauth": role})}}
        for path, role in roles.items()
    }
    scheme = {"type": "oauth2", "flows": {"authorizationCode": {"scopes": {}, **flow}}}
    return {**document(), "paths": paths, "components": {"securitySchemes": {"oauth": scheme}}}


@pytest.mark.parametrize(
    ("roles", "token"),
    [
        pytest.param({"/token": None, "/oauth/token": None}, "/oauth/token", id="the longest path"),
        pytest.param({"/oauth/token": None, "/token": None}, "/oauth/token", id="in any order"),
        pytest.param({"/oauth/token": None, "/session": "token"}, "/session", id="what the operation says comes first"),
        pytest.param({"/oauth/tokens": None}, None, id="another path"),
    ],
)  # fmt: skip
def test_the_url_of_a_flow_names_one_endpoint(roles: dict[str, str | None], token: str | None) -> None:
    found = parsed(
        with_oauth(roles, authorizationUrl="/authorize", tokenUrl="https://a.example/v1/oauth/token")
    )
    assert {role: each.path for role, each in found.oauth.items()} == ({"token": token} if token else {})


def test_a_role_has_one_operation() -> None:
    with pytest.raises(SpecError, match=r"^foreign\.json: POST /b: x-oauth 'token' is that of POST /a too$"):
        parsed(with_oauth({"/a": "token", "/b": "token"}))
    with pytest.raises(
        SpecError, match=r"^foreign\.json: POST /a: x-oauth 'tokens' is none of authorization, "
    ):
        parsed(with_oauth({"/a": "tokens"}))
