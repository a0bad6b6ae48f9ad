"""A framework's document is read with our operation ids, whatever it calls them, by method and path."""

import json
from typing import Any

import pytest

from contracts.spec import Spec, canonical, parse
from contracts.spec.operation_identity import KnownOperation

KNOWN = [KnownOperation(operation.id, operation.method, operation.path) for operation in canonical()]


def read(paths: dict[str, Any], **more: Any) -> Spec:
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **more}
    return parse(json.dumps(document).encode(), name="foreign.json", known=KNOWN)


def operation(name: str = "", **more: Any) -> dict[str, Any]:
    return {**({"operationId": name} if name else {}), "responses": {"200": {"description": ""}}, **more}


def test_ids_prefix_and_parameter_names_are_ours() -> None:
    parameter = {"$ref": "#/components/parameters/Item"}
    spec = read(
        {
            "/api/v2/content/items": {"get": operation("list_items_api_get"), "post": operation()},
            "/api/v2/content/items/{item_id}": {"parameters": [parameter], "get": operation("read")},
            "/api/v2/content/items/{contentId}/publish": {"post": operation("pub", parameters=[
                {"name": "contentId", "in": "path", "required": True, "schema": {"type": "string"}}])},
            "/api/v2/users/me": {"get": operation("me")},
        },
        components={"parameters": {"Item": {"name": "item_id", "in": "path", "required": True, "schema": {}}}},
        servers=[{"url": "https://x.example/"}],
    )  # fmt: skip
    assert list(spec.operations) == [
        "getContentItems",
        "createContentItem",
        "me",
        "getContentItem",
        "publishContent",
    ]
    assert spec.prefixes == ("/api/v2",) and spec["getContentItem"].path == "/content/items/{id}"
    assert [p.name for o in ("getContentItem", "publishContent") for p in spec[o].parameters] == ["id", "id"]
    assert spec.match("GET", "/content/items/c-1")[1] == {"id": "c-1"}


def test_paths_beside_the_prefix_are_a_warning() -> None:
    spec = read(
        {
            "/api/content/items": {"get": operation()},
            "/api/auth/login": {"post": operation()},
            "/health": {"get": operation()},
        }
    )
    assert set(spec.operations) == {"getContentItems", "login"}
    assert spec.warnings == ("foreign.json: paths outside of /api are left alone: /health",)


def test_endpoints_of_oauth_beside_the_prefix_stay_at_the_root() -> None:
    """Doorkeeper's are at `/oauth`, whatever the place of the API."""
    flow = {"authorizationUrl": "/oauth/authorize", "tokenUrl": "/oauth/token"}
    schemes = {"oauth": {"type": "oauth2", "flows": {"authorizationCode": flow}}}
    paths = {
        "/api/v1/content/items": {"get": operation()},
        "/api/v1/auth/login": {"post": operation()},
        "/api/v1/oauth/revoke": {"post": {**operation(), "x-oauth": "revocation"}},
        "/oauth/authorize": {"get": operation(), "delete": operation()},
        "/oauth/token": {"post": operation()},
        "/oauth/sign-in": {"post": {**operation(), "x-oauth": "consent"}},
        "/oauth/applications": {"get": operation()},
    }
    spec = read(paths, components={"securitySchemes": schemes})
    assert {role: (end.server, end.path) for role, end in spec.oauth.items()} == {
        "authorization": ("", "/oauth/authorize"),
        "token": ("", "/oauth/token"),
        "consent": ("", "/oauth/sign-in"),
        "revocation": (None, "/oauth/revoke"),
    }
    assert set(spec.operations) == {"getContentItems", "login"}
    assert spec.warnings == ("foreign.json: paths outside of /api/v1 are left alone: /oauth/applications",)


def test_of_two_endpoints_with_one_path_that_below_the_prefix_stays() -> None:
    paths = {
        f"{prefix}/oauth/token": {"post": {**operation(), "x-oauth": "token"}} for prefix in ("/api", "")
    }
    spec = read(
        {"/api/content/items": {"get": operation()}, "/api/auth/login": {"post": operation()}, **paths}
    )
    assert spec.oauth["token"].server is None


def test_an_operation_with_the_id_of_another_of_ours_loses_it() -> None:
    spec = read(
        {"/content/items": {"get": operation("login")}, "/login": {"post": operation("getContentItem")}}
    )
    assert set(spec.operations) == {"getContentItems", "postLogin"}


def test_links_follow_the_ids() -> None:
    links = {"read": {"operationId": "read_it", "parameters": {}}}
    answer = {"201": {"description": "", "links": links}}
    spec = read(
        {
            "/content/items": {"post": {"operationId": "make", "responses": answer}},
            "/content/items/{x}": {"get": operation("read_it")},
        }
    )
    assert (
        spec.document["paths"]["/content/items"]["post"]["responses"]["201"]["links"]["read"]["operationId"]
        == "getContentItem"
    )


@pytest.mark.parametrize("paths", [{}, {"/a": {"get": operation("a")}, "/b/c": {"get": operation("b")}}])
def test_a_document_of_another_api_stays_what_it_is(paths: dict[str, Any]) -> None:
    spec = read(paths)
    assert spec.prefixes == ("",) and len(spec) == len(paths)


def test_our_own_document_is_not_changed() -> None:
    text = json.dumps(canonical().document).encode()
    assert parse(text, name="openapi.json", known=KNOWN).document == canonical().document
