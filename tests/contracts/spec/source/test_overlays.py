"""OpenAPI Overlays 1.0 and 1.1: edits in their order, at the places that a JSONPath names."""

import json
import re
from typing import Any

import pytest

from contracts.spec import SpecError
from contracts.spec.source.overlays import apply

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "/api"}, {"url": "/"}],
    "paths": {
        "/a": {
            "get": {"tags": ["x"], "responses": {"200": {"description": "fine", "headers": {"ETag": {}}}}}
        },
        "/b": {"get": {"responses": {"200": {"description": "well", "headers": {"ETag": {}, "Age": {}}}}}},
    },
}


def edited(*actions: dict[str, Any], version: str = "1.1.0") -> tuple[Any, list[str]]:
    return apply(DOCUMENT, json.dumps({"overlay": version, "actions": list(actions)}).encode(), name="o.yaml")


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_update_merges_objects_and_appends_to_lists(version: str) -> None:
    found, told = edited(
        {"target": "$.paths['/a'].get", "update": {"summary": "A", "tags": ["y"]}},
        {"target": "$.servers", "update": {"url": "/v1"}},
        {"target": "$.paths.*.get.responses['200'].description", "update": "ok"},
        version=version,
    )
    assert found["paths"]["/a"]["get"]["summary"] == "A" and found["paths"]["/a"]["get"]["tags"] == ["x", "y"]
    assert [server["url"] for server in found["servers"]] == ["/api", "/", "/v1"]
    assert found["paths"]["/b"]["get"]["responses"]["200"]["description"] == "ok" and not told
    assert DOCUMENT["paths"]["/a"]["get"]["tags"] == ["x"]


def test_remove_takes_away_all_that_is_named() -> None:
    found, _ = edited(
        {"target": "$..headers.ETag", "remove": True}, {"target": "$.servers[*]", "remove": True}
    )
    assert found["servers"] == [] and "ETag" not in json.dumps(found) and "Age" in json.dumps(found)


def test_filters_name_what_has_a_member() -> None:
    found, _ = edited({"target": "$.servers[?@.url == '/']", "remove": True})
    assert found["servers"] == [{"url": "/api"}]


def test_copy_merges_what_another_path_names() -> None:
    found, _ = edited(
        {"target": "$.paths['/a'].get.responses['200']", "copy": "$.paths['/b'].get.responses['200']"}
    )
    assert set(found["paths"]["/a"]["get"]["responses"]["200"]["headers"]) == {"ETag", "Age"}


def test_actions_see_what_those_before_them_did() -> None:
    found, _ = edited(
        {"target": "$.paths", "update": {"/c": {"get": {}}}},
        {"target": "$.paths['/c'].get", "update": {"summary": "C"}},
    )
    assert found["paths"]["/c"] == {"get": {"summary": "C"}}


def test_a_target_that_names_nothing_is_a_warning() -> None:
    found, told = edited({"target": "$.pathes", "remove": True})
    assert found == DOCUMENT
    assert told == [
        "o.yaml: /actions/0: $.pathes names nothing in the document, so this action changes nothing"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: 1", "this is no OpenAPI Overlay"),
        (b"[]", "this is no OpenAPI Overlay"),
        (b"overlay: 2.0.0\nactions: []", "version 2.0.0 is not read"),
        (b"overlay: 1.0.0\nactions: [1]", "/actions/0: an action needs a `target`"),
        (b"overlay: 1.0.0\nactions: [{target: $.servers}]", "/actions/0: an action needs one of update"),
        (b"overlay: 1.0.0\nactions: [{target: 'paths[', remove: true}]", "is no JSONPath"),
        (b"overlay: 1.0.0\nactions: [{target: $, remove: true}]", "whole document cannot be removed"),
        (b"overlay: 1.0.0\nactions: [{target: $.servers, remove: true, updat: 1}]", "has no 'updat'"),
        (b"overlay: 1.1.0\nactions: [{target: $.servers, copy: $.servers.*}]", "names 2 places"),
    ],
)
def test_what_is_none_is_refused_with_its_place(text: bytes, message: str) -> None:
    with pytest.raises(SpecError, match=re.escape(message)) as caught:
        apply(DOCUMENT, text, name="o.yaml")
    assert str(caught.value).startswith("o.yaml")
