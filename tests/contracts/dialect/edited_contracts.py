"""Edits of our contract that other teams' contracts have, as overlays and documents."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from contracts.spec import METHODS, canonical
from contracts.spec.document import OVERLAY_VARIABLE, SPEC_VARIABLE

Action = dict[str, Any]


def remove(target: str) -> Action:
    return {"target": target, "remove": True}


def update(target: str, value: Any) -> Action:
    return {"target": target, "update": value}


class Edit(NamedTuple):
    """`not_applicable` is a check that the edit takes the ground from, `passes` one that has to follow it. `change` edits what no path
    names in one line."""

    name: str
    actions: tuple[Action, ...] = ()
    not_applicable: str | tuple[str, ...] = ()
    change: Callable[[Any], None] | None = None
    passes: tuple[str, ...] = ()

    def environment(self, folder: Path) -> dict[str, str]:
        """Of a command whose target keeps the edited contract: a document, or an overlay, or both."""
        spec, overlay = folder / "edited.json", folder / "overlay.json"
        named = {}
        if self.change is not None:
            document = copy.deepcopy(dict(canonical().document))
            self.change(document)
            spec.write_text(json.dumps(document))
            named[SPEC_VARIABLE] = str(spec)
        if self.actions:
            info = {"title": self.name, "version": "1"}
            overlay.write_text(json.dumps({"overlay": "1.1.0", "info": info, "actions": self.actions}))
            named[OVERLAY_VARIABLE] = str(overlay)
        return named


SCHEMAS = "$.components.schemas"
ALL = "$.paths.*.*"
ITEM = "$.components.schemas.ContentItem"
CREATE = "$.paths['/content/items'].post"
ME = {
    "/users/me": {
        "get": {
            "operationId": "getMe",
            "responses": {
                "200": {
                    "description": "The caller.",
                    "headers": {"ETag": {"required": True, "schema": {"type": "string", "pattern": '^"v[1-9]+"$'}}},
                    "content": {"application/json": {"schema": {"properties": {"id": {"type": "string", "example": "u-1"}}}}},
                }
            },
        }
    }
}  # fmt: skip
REFUSALS = {
    "400": "InvalidBody", "401": "Unauthorized", "403": "Forbidden", "404": "ItemNotFound", "413": "PayloadTooLarge",
    "415": "UnsupportedMediaType",
}  # fmt: skip
DONE = {
    "200": {"description": "Done.", "content": {"application/json": {"schema": {"properties": {"ok": {"type": "boolean"}}}}}},
    **{status: {"$ref": f"#/components/responses/{name}"} for status, name in REFUSALS.items()},
}  # fmt: skip
OPERATIONS = {
    "/content/items/{id}": {
        "delete": {
            "operationId": "deleteContentItem",
            "x-permission": "content:write",
            "responses": DONE,
            "parameters": [{"$ref": "#/components/parameters/ItemId"}],
        }
    },
    "/users/me/preferences": {
        "put": {
            "operationId": "setPreferences",
            "responses": DONE,
            "x-slo": {"thresholdMs": 50, "share": 0.9, "errorShare": 0.01},
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"type": "object", "properties": {"theme": {"enum": ["dark", "light"]}}}
                    }
                },
            },
        }
    },
    "/media": {
        "post": {
            "operationId": "uploadMedia",
            "responses": DONE,
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["file"],
                            "properties": {
                                "file": {"type": "string", "format": "binary"},
                                "note": {"type": "string", "example": "a note"},
                            },
                        }
                    }
                },
            },
        }
    },
}
CHANNEL = (
    "realtime.handshake",
    "realtime.heartbeat-answered",
    "realtime.event-per-change",
    "realtime.ended-session-refused",
)
PLAIN_ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"}},
}
WRAPPED_ERROR = {"type": "object", "required": ["error"], "properties": {"error": PLAIN_ERROR}}
SPRING_ERROR = {
    "type": "object",
    "required": ["timestamp", "status", "error", "path"],
    "properties": {
        "timestamp": {"type": "string", "format": "date-time"},
        "status": {"type": "integer"},
        "error": {"type": "string"},
        "message": {"type": "string"},
        "path": {"type": "string"},
    },
}
"""What Spring Boot answers by itself."""
LISTED_ERRORS = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["status", "code", "title"],
                "properties": {name: {"type": "string"} for name in ("status", "code", "title", "detail")},
            },
        }
    },
}
"""As JSON:API 1.1 has them."""


def without(schema: str, name: str) -> tuple[Action, ...]:
    return remove(f"{schema}.properties.{name}"), remove(f"{schema}.required[?@ == '{name}']")


def errors_as(schema: Any) -> Callable[[Any], None]:
    """All problem documents of a document as plain JSON of this schema."""

    def change(document: Any) -> None:
        answers = list(document["components"]["responses"].values())
        for item in document["paths"].values():
            for method in METHODS:
                answers += item.get(method, {}).get("responses", {}).values()
        for answer in answers:
            if answer.get("content", {}).pop("application/problem+json", None) is not None:
                answer["content"]["application/json"] = {"schema": schema}

    return change


def media_types_as(name: str) -> Callable[[Any], None]:
    """The media type of all JSON bodies under another name, as a framework writes it."""

    def change(document: Any) -> None:
        bodies = [
            *document["components"]["responses"].values(),
            *document["components"].get("requestBodies", {}).values(),
        ]
        for item in document["paths"].values():
            for method in METHODS:
                operation = item.get(method, {})
                bodies += [*operation.get("responses", {}).values(), operation.get("requestBody", {})]
        for body in bodies:
            for known in ("application/json", "application/problem+json"):
                if known in body.get("content", {}):
                    body["content"][name] = body["content"].pop(known)

    return change


def validation_as_422(document: Any) -> None:
    for item in document["paths"].values():
        for method in METHODS:
            operation = item.get(method, {})
            answers = operation.get("responses", {})
            if "400" in answers:
                answers["422"] = answers.pop("400")
            operation.pop("x-state-headers", None)
    for answer in document["components"]["responses"].values():
        for content in answer.get("content", {}).values():
            if "VALIDATION_FAILED" in json.dumps(content):
                content["schema"] = {"$ref": "#/components/schemas/Problem"}
                content.pop("examples", None)
                content.pop("example", None)


def renamed(word: str, theirs: str) -> Callable[[Any], None]:
    """One word as another, everywhere."""

    def change(document: Any) -> None:
        document.update(json.loads(json.dumps(document).replace(word, theirs)))

    return change


EDITS = (
    Edit("no-etag", (
        remove(f"{ALL}.responses['304']"), remove(f"{ALL}.responses.*.headers.ETag"), remove(f"{ALL}.responses['412']"),
        remove(f"{ALL}['x-state-headers'][?@.name == 'If-Match' || @.name == 'If-None-Match']"),
    ), "http.not-modified"),
    Edit("no-idempotency-key", (
        remove(f"{ALL}['x-state-headers'][?@.name == 'Idempotency-Key']"), remove(f"{CREATE}.responses['422']"),
    ), "http.idempotency-replay"),
    Edit("no-cache-control", (remove(f"{ALL}.responses.*.headers['Cache-Control']"),)),
    Edit("create-200", (
        update(f"{CREATE}.responses", {"200": {"description": "Made.", "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ContentItemResponse"}}}}}),
        remove(f"{CREATE}.responses['201']"),
    ), "items.location-resolves"),
    Edit("validation-422", change=validation_as_422),
    Edit("conflict-code-renamed", change=renamed("VERSION_CONFLICT", "EDIT_CONFLICT")),
    Edit("plain-json-errors", change=errors_as(PLAIN_ERROR), not_applicable="http.validation-tells-where"),
    Edit("wrapped-errors", change=errors_as(WRAPPED_ERROR), not_applicable="http.request-id"),
    Edit("spring-errors", change=errors_as(SPRING_ERROR)),
    Edit("listed-errors", change=errors_as(LISTED_ERRORS)),
    Edit("permission-renamed", change=renamed("content:write", "articles:edit")),
    Edit("permission-none", (remove("$.paths.*.*['x-permission']"),)),
    Edit("writers-archive", (update("$.paths['/content/items/{id}/archive'].post", {"x-permission": "content:write"}),), passes=("permissions.matrix",)),
    Edit("categories-flat", without(f"{SCHEMAS}.Category", "children"), passes=("categories.items", "categories.counts")),
    Edit("no-createdBy", without(ITEM, "createdBy")),
    Edit("publish-keeps-platforms", (
        remove(f"{SCHEMAS}.PublishOptions.properties.platforms"), update(f"{SCHEMAS}.PublishOptions", {"additionalProperties": True}),
    ), "items.publish-platforms"),
    Edit("no-publishedAt", without(ITEM, "publishedAt")),
    Edit("no-backup", without("$.components.schemas.ContentVersion", "backup"), "revert.backup"),
    Edit("updatedAt-renamed", (
        update(f"{ITEM}.properties", {"modifiedAt": {"$ref": "#/components/schemas/Timestamp"}}),
        update(f"{ITEM}.required", ["modifiedAt"]), *without(ITEM, "updatedAt"),
    )),
    Edit("page-50", (update("$.components.parameters.Limit.schema", {"maximum": 50}),)),
    Edit("title-120", (update("$.components.schemas.Title", {"maxLength": 120}),)),
    Edit("fewer-sort-keys", (remove("$.paths['/content/items'].get.parameters[?@.name == 'sortBy'].schema.enum[3:]"),)),
    Edit("one-server", (remove("$.servers[1:]"),)),
    Edit("server-v1", (
        remove("$.servers[*]"), update("$.servers", {"url": "/v1"}),
        update("$.components.headers.Location.schema", {"pattern": "^/v1/content/items/[A-Za-z0-9_-]{1,64}$"}),
    )),
    Edit("no-server", (remove("$.servers"),)),
    Edit("ids-renamed", (
        update("$.paths['/content/items'].get", {"operationId": "list_items"}),
        update("$.paths['/auth/login'].post", {"operationId": "signIn"}),
    )),
    Edit("no-bulk", (remove("$.paths['/content/items/bulk']"),), "bulk.partial-failure"),
    Edit("no-metrics", (remove("$.paths['/metrics']"),), "http.metrics-count"),
    Edit("no-sync", (remove("$.paths['/content/sync']"),), "sync.chain"),
    Edit("no-versions", (remove("$.paths['/content/items/{id}/versions']"),), "versions.newest-first"),
    Edit("no-verify", (remove("$.paths['/auth/verify']"),), "auth.verify"),
    Edit("operation-added", (update("$.paths", ME),)),
    Edit("operations-added", (
        update("$.paths['/content/items/{id}']", OPERATIONS["/content/items/{id}"]),
        update("$.paths", {path: OPERATIONS[path] for path in ("/users/me/preferences", "/media")}),
    )),
    Edit("no-pagination", without(f"{SCHEMAS}.ContentPageResponse.properties.data", "pagination")),
    Edit("no-hasNext", without(f"{SCHEMAS}.Pagination", "hasNext")),
    Edit("hasNext-renamed", change=renamed("hasNext", "has_next_page")),
    Edit("no-hasMore", without(f"{SCHEMAS}.ContentSyncResponse.properties.data", "hasMore")),
    Edit("hasMore-renamed", change=renamed("hasMore", "moreToCome")),
    Edit("category-required", (
        update(f"{SCHEMAS}.CreateContentItemRequest", {"required": ["category"]}),
        update(f"{SCHEMAS}.CreateContentItemRequest.properties.category", {"example": "news"}),
    ), "items.create-defaults"),
    Edit("summary-added", (
        update(f"{SCHEMAS}.CreateContentItemRequest.properties", {"summary": {"type": "string", "maxLength": 300}}),
        update(f"{SCHEMAS}.ContentItem.properties", {"summary": {"type": "string"}}),
    )),
    Edit("parameter-added", (update("$.paths['/content/items'].get.parameters", {
        "name": "author", "in": "query", "schema": {"type": "string"}}),)),
    Edit("bulk-20", (update(f"{SCHEMAS}.BulkUpdateRequest.properties.operations", {"maxItems": 20}),)),
    Edit("header-added", (update(f"{CREATE}.responses['201'].headers", {"X-Trace": {"schema": {"type": "string"}}}),)),
    Edit("status-added", (update(f"{SCHEMAS}.ContentStatus", {"enum": ["scheduled"]}),)),
    Edit("short-lives", (update("$", {"x-dialect": {"tokens": {"access": 300, "refresh": 7200, "session": 86400}}}),)),
    Edit("no-grace", (update("$", {"x-dialect": {"tokens": {"grace": 0}}}),), "auth.refresh-grace-ends"),
    Edit("no-reuse-detection", (
        remove("$.paths['/auth/refresh'].post.responses['401']..enum[?@ == 'REFRESH_REUSED']"),
        remove("$.paths['/auth/refresh'].post.responses['401'].content.*.example"),
    ), "auth.refresh-grace-ends"),
    Edit("no-rotation", (
        update("$", {"x-dialect": {"tokens": {"rotates": False}}}),
        update(f"{SCHEMAS}.RefreshResponse.properties.tokens", {
            "type": "object", "required": ["accessToken", "expiresIn"], "properties": {
                "accessToken": {"type": "string"}, "expiresIn": {"type": "integer"}}}),
        remove(f"{SCHEMAS}.RefreshResponse.properties.tokens['$ref']"),
    ), "auth.refresh-rotates"),
    Edit("login-renamed", (
        update(f"{SCHEMAS}.LoginRequest.properties", {"username": {"type": "string", "format": "email", "maxLength": 254}}),
        update(f"{SCHEMAS}.LoginRequest.required", ["username"]), *without(f"{SCHEMAS}.LoginRequest", "email"),
        update(f"{SCHEMAS}.TokenPair.properties", {"access_token": {"type": "string"}, "refresh_token": {"type": "string"}}),
        update(f"{SCHEMAS}.TokenPair.required", ["access_token", "refresh_token"]),
        *without(f"{SCHEMAS}.TokenPair", "accessToken"), *without(f"{SCHEMAS}.TokenPair", "refreshToken"),
    )),
    Edit("channel-moved", (update("$", {"x-dialect": {"channel": {"path": "/live", "token": "jwt"}}}),)),
    Edit("no-channel", (update("$", {"x-dialect": {"channel": False}}),)),
    Edit("channel-header", (update("$", {"x-dialect": {"channel": {"in": "header"}}}),), passes=CHANNEL),
    Edit("channel-protocol", (update("$", {"x-dialect": {"channel": {"in": "protocol", "token": "jwt"}}}),), passes=CHANNEL),
    Edit("search-renamed", (
        update("$.paths['/content/items'].get.parameters[?@.name == 'search']", {"name": "q"}),
        update("$", {"x-dialect": {"parameters": {"q": "search"}}}),
    ), passes=("items.search-title-and-body",)),
    Edit("sort-in-snake-case", (
        update("$.paths['/content/items'].get.parameters[?@.name == 'sortBy']", {"name": "sort_by"}),
    ), passes=("items.order",)),
    Edit("platforms-repeated", (
        update("$.paths['/content/sync'].get.parameters[?@.name == 'platforms']", {"explode": True}),
    ), passes=("sync.platforms",)),
    Edit("any-media-type", change=media_types_as("*/*")),
    Edit("media-type-with-charset", change=media_types_as("Application/JSON; charset=utf-8")),
    Edit("security-unsaid", (remove("$.security"), remove(f"{ALL}.security")), passes=("tokens.required-everywhere",)),
    Edit("since-renamed", (
        update("$.paths['/content/sync'].get.parameters[?@.name == 'lastSyncTimestamp']", {"name": "since"}),
    ), passes=("sync.chain", "races.sync-under-writes")),
)  # fmt: skip
TOGETHER = (
    ("no-etag", "no-cache-control", "permission-none", "no-createdBy", "title-120", "spring-errors"),
    ("no-idempotency-key", "create-200", "no-publishedAt", "no-backup", "page-50"),
    ("updatedAt-renamed", "fewer-sort-keys", "server-v1", "ids-renamed"),
    ("one-server", "no-bulk", "no-metrics", "no-verify", "operations-added", "no-grace"),
    ("no-server", "no-sync", "no-versions", "operation-added", "no-rotation"),
    (
        "plain-json-errors",
        "permission-renamed",
        "conflict-code-renamed",
        "publish-keeps-platforms",
        "categories-flat",
    ),
    ("validation-422", "hasNext-renamed", "since-renamed", "channel-header", "writers-archive"),
    ("wrapped-errors", "hasMore-renamed", "search-renamed", "sort-in-snake-case", "channel-protocol"),
    (
        "no-pagination",
        "listed-errors",
        "no-hasMore",
        "bulk-20",
        "summary-added",
        "header-added",
        "parameter-added",
        "short-lives",
    ),
    ("no-hasNext", "category-required", "status-added", "no-reuse-detection", "channel-moved"),
    ("login-renamed", "no-channel"),
    ("platforms-repeated", "media-type-with-charset", "security-unsaid"),
    ("any-media-type",),
)
"""Edits that do not touch each other make one contract: a server starts for each contract, which takes most of a test's time."""


def together(names: tuple[str, ...]) -> Edit:
    chosen = [edit for edit in EDITS if edit.name in names]
    changes = [edit.change for edit in chosen if edit.change is not None]
    assert len(chosen) == len(names)

    def change(document: Any) -> None:
        for each in changes:
            each(document)

    return Edit(
        "+".join(names), tuple(action for edit in chosen for action in edit.actions),
        tuple(str(edit.not_applicable) for edit in chosen if edit.not_applicable), change if changes else None,
        tuple(slug for edit in chosen for slug in edit.passes),
    )  # fmt: skip
