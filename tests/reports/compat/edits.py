"""Edits of the real openapi.yaml: what is done to it, and what a client of the old document would feel.

Each edit changes a parsed copy in place. `rules` are all rules that it must set off, and no other may.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Document = dict[str, Any]

METHODS = {"get", "put", "post", "delete", "patch"}
ITEMS = "/paths/~1content~1items"
ITEM = "/paths/~1content~1items~1{id}"
SCHEMAS = "/components/schemas"
CREATE = f"{ITEMS}/post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """`severity` is the worst of the findings: breaking, unknown, harmless, or none."""

    id: str
    change: Callable[[Document], None]
    severity: str
    rules: frozenset[str]
    before: Callable[[Document], None] = lambda document: None
    """What is done to the old document first, where the real one leaves no room for the edit."""


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _key(node: Any, step: str) -> Any:
    return int(step) if isinstance(node, list) else step


def at(document: Document, pointer: str) -> Any:
    node: Any = document
    for step in _steps(pointer):
        node = node[_key(node, step)]
    return node


def put(pointer: str, value: Any) -> Callable[[Document], None]:
    """Set what is at the pointer, or append to a list where it ends in `-`."""

    def change(document: Document) -> None:
        parent, last = at(document, pointer.rpartition("/")[0]), _steps(pointer)[-1]
        if last == "-":
            parent.append(copy.deepcopy(value))
        else:
            parent[_key(parent, last)] = copy.deepcopy(value)

    return change


def drop(pointer: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        parent, last = at(document, pointer.rpartition("/")[0]), _steps(pointer)[-1]
        del parent[_key(parent, last)]

    return change


def without(pointer: str, value: Any) -> Callable[[Document], None]:
    """Remove a value of a list."""
    return lambda document: at(document, pointer).remove(value)


def move(old: str, new: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        value = at(document, old)
        drop(old)(document)
        put(new, value)(document)

    return change


def copied(old: str, new: str) -> Callable[[Document], None]:
    return lambda document: put(new, at(document, old))(document)


def all_of(*changes: Callable[[Document], None]) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        for each in changes:
            each(document)

    return change


def parameter(
    operation: str, name: str, change: Callable[[dict[str, Any]], None]
) -> Callable[[Document], None]:
    """Difference a parameter that the operation lists itself."""

    def edit(document: Document) -> None:
        (found,) = [entry for entry in at(document, f"{operation}/parameters") if entry.get("name") == name]
        change(found)

    return edit


def forget(operation: str, name: str) -> Callable[[Document], None]:
    def edit(document: Document) -> None:
        listed = at(document, f"{operation}/parameters")
        listed[:] = [entry for entry in listed if entry.get("name") != name]

    return edit


def _rename_path_parameter(document: Document) -> None:
    document["paths"] = {path.replace("{id}", "{item}"): item for path, item in document["paths"].items()}
    document["components"]["parameters"]["ItemId"]["name"] = "item"


def _retitle(document: Document) -> None:
    document["info"]["description"] = "Other words."
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            item[method].update(summary="Other words", description="Others.", tags=["Auth"])
    for schema in document["components"]["schemas"].values():
        schema["description"] = "Other words."


def _inline(document: Document) -> None:
    put(f"{SCHEMAS}/ContentItem/properties/title", at(document, f"{SCHEMAS}/Title"))(document)


def _wrap(document: Document) -> None:
    put(f"{SCHEMAS}/ContentItemResponse", {"allOf": [at(document, f"{SCHEMAS}/ContentItemResponse")]})(
        document
    )


def _split(document: Document) -> None:
    kinds = [{"type": "integer"}, {"type": "null"}]
    put(f"{SCHEMAS}/Category/properties/itemCount", {"anyOf": kinds, "minimum": 0})(document)


def _new_operation(document: Document) -> None:
    made = copy.deepcopy(document["paths"]["/content/categories"])
    made["get"]["operationId"] = "getContentKinds"
    document["paths"]["/content/kinds"] = made


def _new_variant(document: Document) -> None:
    schemas = document["components"]["schemas"]
    made = copy.deepcopy(schemas["BulkArchiveOperation"])
    made["properties"]["type"] = {"type": "string", "enum": ["restore"]}
    schemas["BulkRestoreOperation"] = made
    schemas["BulkOperation"]["oneOf"].append({"$ref": "#/components/schemas/BulkRestoreOperation"})
    schemas["BulkOperation"]["discriminator"]["mapping"]["restore"] = (
        "#/components/schemas/BulkRestoreOperation"
    )


def _lose_variant(document: Document) -> None:
    choice = document["components"]["schemas"]["BulkOperation"]
    gone = choice["oneOf"].pop()["$ref"]
    mapping = choice["discriminator"]["mapping"]
    choice["discriminator"]["mapping"] = {name: target for name, target in mapping.items() if target != gone}


def required(yes: bool) -> Callable[[dict[str, Any]], None]:
    return lambda found: found.update(required=yes)


def schema(**words: Any) -> Callable[[dict[str, Any]], None]:
    return lambda found: found["schema"].update(words)


NEW_QUERY = {"name": "author", "in": "query", "schema": {"type": "string"}, "example": "ada"}
NOTE = {"type": "string", "maxLength": 50}
GONE = {"description": "The item is gone.", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}  # fmt: skip


def edit(
    id: str,
    change: Callable[[Document], None],
    severity: str,
    *rules: str,
    before: Callable[[Document], None] | None = None,
) -> Edit:
    made = Edit(id=id, change=change, severity=severity, rules=frozenset(rules))
    return replace(made, before=before) if before else made


NOTHING = (
    edit("nothing", lambda document: None, "none"),
    edit("words", _retitle, "none"),
    edit("reference inlined", _inline, "none"),
    edit("reference wrapped in allOf", _wrap, "none"),
    edit(
        "pattern spelled otherwise",
        put("/components/headers/ETag/schema/pattern", '^"v[1-9][0-9]*"$'),
        "none",
    ),
    edit("name in a path template", _rename_path_parameter, "none"),
)

OPERATIONS = (
    edit("path removed", drop(f"{ITEM}~1revert"), "breaking", "operation.removed"),
    edit("method removed", drop(CREATE), "breaking", "operation.removed"),
    edit(
        "path renamed",
        move("/paths/~1content~1sync", "/paths/~1content~1changes"),
        "breaking",
        "operation.moved",
    ),
    edit("method changed", move(f"{ITEM}/put", f"{ITEM}/patch"), "breaking", "operation.moved"),
    edit("operation added", _new_operation, "harmless", "operation.added"),
    edit(
        "operationId changed", put(f"{ITEMS}/get/operationId", "listItems"), "harmless", "operation.renamed"
    ),
    edit("operation deprecated", put(f"{ITEMS}/get/deprecated", True), "harmless", "operation.deprecated"),
    edit("server removed", drop("/servers/1"), "breaking", "server.removed"),
    edit("server added", put("/servers/-", {"url": "/v2"}), "harmless", "server.added"),
    edit("objective loosened", put(f"{ITEMS}/get/x-slo/thresholdMs", 500), "breaking", "objective.loosened"),
    edit("objective tightened", put(f"{ITEMS}/get/x-slo/share", 0.999), "harmless", "objective.tightened"),
    edit("cache tags changed", put(f"{ITEMS}/get/x-cache-tags/keepSeconds", 5), "harmless", "cache.changed"),
)

ACCESS = (
    edit("permission changed", put(f"{ITEMS}/get/x-permission", "content:write"), "breaking", "permission.changed"),
    edit("permission dropped", drop(f"{ITEMS}/get/x-permission"), "harmless", "permission.dropped"),
    edit("permission asked", put("/paths/~1auth~1verify/get/x-permission", "content:read"), "breaking", "permission.changed"),
    edit("login needs a token", put("/paths/~1auth~1login/post/security", [{"accessToken": []}]), "breaking", "security.narrowed"),
    edit("other token", put("/paths/~1auth~1refresh/post/security", [{"accessToken": []}]), "breaking", "security.narrowed"),
    edit("no token needed", put(f"{ITEMS}/get/security", []), "harmless", "security.loosened"),
    edit("second scheme", put(f"{ITEMS}/get/security", [{"accessToken": []}, {"refreshToken": []}]), "harmless", "security.loosened"),
    edit(
        "scheme redefined",
        put("/components/securitySchemes/accessToken", {"type": "apiKey", "in": "header", "name": "X-Key"}),
        "breaking",
        "security.scheme-changed",
    ),
)  # fmt: skip

PARAMETERS = (
    edit("query parameter removed", forget(f"{ITEMS}/get", "search"), "breaking", "parameter.removed"),
    edit("required query parameter added", put(f"{ITEMS}/get/parameters/-", NEW_QUERY | {"required": True}), "breaking", "parameter.required-added"),
    edit("optional query parameter added", put(f"{ITEMS}/get/parameters/-", NEW_QUERY), "harmless", "parameter.added"),
    edit("query parameter required", parameter(f"{ITEMS}/get", "category", required(True)), "breaking", "parameter.required"),
    edit("query parameter optional", parameter("/paths/~1content~1sync/get", "lastSyncTimestamp", required(False)), "harmless", "parameter.optional"),
    edit("query parameter to header", parameter(f"{ITEMS}/get", "category", lambda found: found.update({"in": "header"})), "breaking", "parameter.removed", "parameter.added"),
    edit("header required", put("/components/parameters/RequestId/required", True), "breaking", "parameter.required"),
    edit("smaller maximum", put("/components/parameters/Limit/schema/maximum", 50), "breaking", "request.range-narrowed"),
    edit("larger maximum", put("/components/parameters/Limit/schema/maximum", 200), "harmless", "request.range-widened"),
    edit("longer minimum length", parameter(f"{ITEMS}/get", "search", schema(minLength=3)), "breaking", "request.range-narrowed"),
    edit("default changed", put("/components/parameters/Limit/schema/default", 50), "breaking", "request.default-changed"),
    edit("enum value removed", parameter(f"{ITEMS}/get", "sortOrder", schema(enum=["desc"])), "breaking", "request.enum-narrowed"),
    edit("enum value added", parameter(f"{ITEMS}/get", "sortBy", schema(enum=["updatedAt", "createdAt", "title", "publishedAt", "version", "id"])), "harmless", "request.enum-widened"),
    edit("page is a boolean", put("/components/parameters/Page/schema", {"type": "boolean"}), "breaking", "request.type-changed"),
    edit("state header removed", drop(f"{CREATE}/x-state-headers"), "breaking", "parameter.removed"),
    edit("other serialisation", parameter("/paths/~1content~1sync/get", "platforms", lambda found: found.update(style="pipeDelimited", explode=False)), "breaking", "parameter.style-changed"),
)  # fmt: skip

CREATE_REQUEST = f"{SCHEMAS}/CreateContentItemRequest"

REQUESTS = (
    edit("required member added", all_of(put(f"{CREATE_REQUEST}/properties/note", NOTE), put(f"{CREATE_REQUEST}/required/-", "note")), "breaking", "request.required-added"),
    edit("optional member added", put(f"{CREATE_REQUEST}/properties/note", NOTE), "harmless", "request.property-added"),
    edit("member required", put(f"{CREATE_REQUEST}/required/-", "category"), "breaking", "request.required-added"),
    edit("member optional", without(f"{SCHEMAS}/MetricsRequest/required", "session"), "harmless", "request.required-dropped"),
    edit("member removed", drop(f"{CREATE_REQUEST}/properties/metadata"), "breaking", "request.property-removed"),
    edit("member renamed", move(f"{CREATE_REQUEST}/properties/tags", f"{CREATE_REQUEST}/properties/labels"), "breaking", "request.property-removed", "request.property-added"),
    edit("shorter title", put(f"{SCHEMAS}/Title/maxLength", 100), "breaking", "request.range-narrowed", "response.range-narrowed"),
    edit("longer title", put(f"{SCHEMAS}/Title/maxLength", 300), "harmless", "request.range-widened", "response.range-widened"),
    edit("member of another type", put(f"{SCHEMAS}/UpdateContentItemRequest/properties/version", {"type": "string"}), "breaking", "request.type-changed"),
    edit("body required", put(f"{CREATE}/requestBody/required", True), "breaking", "body.required", before=put(f"{CREATE}/requestBody/required", False)),
    edit("body optional", put(f"{CREATE}/requestBody/required", False), "harmless", "body.optional"),
    edit("body of another media type", move(f"{CREATE}/requestBody/content/application~1json", f"{CREATE}/requestBody/content/application~1cbor"), "breaking", "body.media-removed", "body.media-added"),
    edit("smaller body", put(f"{CREATE}/x-body-limit", 1024), "breaking", "body.limit-lowered"),
    edit("larger body", put(f"{CREATE}/x-body-limit", 9999999), "harmless", "body.limit-raised"),
    edit("body added", all_of(copied(f"{CREATE}/requestBody", f"{ITEM}~1versions/get/requestBody"), put(f"{ITEM}~1versions/get/x-body-limit", 1)), "breaking", "body.required-added"),
    edit("body removed", drop(f"{CREATE}/requestBody"), "breaking", "body.removed"),
    edit("object opened", drop(f"{CREATE_REQUEST}/additionalProperties"), "harmless", "request.opened"),
    edit("map closed", put(f"{SCHEMAS}/Metadata/additionalProperties", False), "breaking", "request.closed", "response.closed"),
    edit("one more dependency", put(f"{SCHEMAS}/LoginRequest/dependentRequired/email", ["deviceId"]), "breaking", "request.dependency-added"),
    edit("variant removed", _lose_variant, "breaking", "request.variant-removed", "request.mapping-removed"),
    edit("variant added", _new_variant, "harmless", "request.variant-added", "request.mapping-added"),
    edit("format dropped", drop(f"{SCHEMAS}/LoginRequest/properties/email/format"), "harmless", "request.format-widened"),
    edit("fewer platforms", put(f"{SCHEMAS}/Platform/enum", ["web", "ios"]), "breaking", "request.enum-narrowed", "response.enum-narrowed"),
    edit("pattern dropped", drop(f"{SCHEMAS}/LoginRequest/properties/password/pattern"), "harmless", "request.pattern-widened"),
    edit("narrower pattern", put(f"{SCHEMAS}/RevertRequest/properties/versionId", {"type": "string", "pattern": "^[a-z0-9-]{1,64}$", "minLength": 1, "maxLength": 64}), "breaking", "request.pattern-narrowed"),
    edit("pattern beyond us", put(f"{SCHEMAS}/LoginRequest/properties/password/pattern", "^(?=.*[0-9]).*$"), "unknown", "request.pattern-changed"),
    edit("forbidden values", put(f"{SCHEMAS}/Title/not", {"const": "x"}), "breaking", "request.not-narrowed", "response.not-narrowed"),
    edit("condition without consequence", put(f"{CREATE_REQUEST}/if", {"required": ["tags"]}), "none"),
    edit("condition beyond us", all_of(put(f"{CREATE_REQUEST}/if", {"required": ["tags"]}), put(f"{CREATE_REQUEST}/then", {"required": ["category"]})), "unknown", "request.keyword-changed", before=all_of(put(f"{CREATE_REQUEST}/if", {"required": ["metadata"]}), put(f"{CREATE_REQUEST}/then", {"required": ["category"]}))),
)  # fmt: skip

CONTENT_ITEM = f"{SCHEMAS}/ContentItem"
CREATED = f"{CREATE}/responses/201"

RESPONSES = (
    edit("field removed", all_of(drop(f"{CONTENT_ITEM}/properties/publishedAt"), without(f"{CONTENT_ITEM}/required", "publishedAt")), "breaking", "response.property-removed"),
    edit("field renamed", all_of(move(f"{SCHEMAS}/TokenPair/properties/expiresIn", f"{SCHEMAS}/TokenPair/properties/expires"), put(f"{SCHEMAS}/TokenPair/required", ["accessToken", "refreshToken", "expires", "tokenType"])), "breaking", "response.property-removed", "response.property-added"),
    edit("optional field removed", drop(f"{SCHEMAS}/LoginResponse/properties/user/properties/role"), "harmless", "response.optional-removed"),
    edit("field optional", without(f"{CONTENT_ITEM}/required", "updatedBy"), "breaking", "response.required-dropped"),
    edit("field always there", put(f"{SCHEMAS}/LoginResponse/properties/user/required/-", "role"), "harmless", "response.required-added"),
    edit("field added", put(f"{CONTENT_ITEM}/properties/note", NOTE), "harmless", "response.property-added"),
    edit("field of another type", put(f"{CONTENT_ITEM}/properties/version", {"type": "string"}), "breaking", "response.type-changed"),
    edit("field may be null", put(f"{SCHEMAS}/Category/properties/name/type", ["string", "null"]), "breaking", "response.type-widened"),
    edit("field may be null by anyOf", _split, "breaking", "response.variant-added"),
    edit("field never null", put(f"{CONTENT_ITEM}/properties/publishedAt", {"$ref": "#/components/schemas/Timestamp"}), "harmless", "response.variant-removed"),
    edit("integer to number", put(f"{SCHEMAS}/Category/properties/itemCount/type", "number"), "breaking", "response.type-widened"),
    edit("one more status value", put(f"{SCHEMAS}/ContentStatus/enum/-", "scheduled"), "breaking", "request.enum-widened", "response.enum-widened"),
    edit("one more change type", put(f"{SCHEMAS}/ContentVersion/properties/changeType/enum/-", "merged"), "breaking", "response.enum-widened"),
    edit("one change type less", without(f"{SCHEMAS}/ContentVersion/properties/changeType/enum", "reverted"), "harmless", "response.enum-narrowed"),
    edit("one more error code", put(f"{SCHEMAS}/TokenProblem/allOf/1/properties/code/enum/-", "REFRESH_REUSED"), "breaking", "response.enum-widened"),
    edit("list may be empty", drop(f"{SCHEMAS}/ContentVersionsResponse/properties/data/minItems"), "breaking", "response.may-be-empty"),
    edit("repeats in a list", drop(f"{SCHEMAS}/LoginResponse/properties/permissions/uniqueItems"), "breaking", "response.repeats-allowed"),
    edit("format dropped from an answer", drop(f"{SCHEMAS}/LoginResponse/properties/user/properties/email/format"), "breaking", "response.format-widened"),
    edit("deep in a recursive schema", drop(f"{SCHEMAS}/Category/properties/name/maxLength"), "harmless", "response.range-widened"),
    edit("envelope removed", put(f"{SCHEMAS}/ContentItemResponse", {"$ref": "#/components/schemas/ContentItem"}), "breaking", "response.property-removed", "response.property-added"),
    edit("answer opened", drop(f"{SCHEMAS}/Pagination/additionalProperties"), "harmless", "response.opened"),
    edit("success status changed", move(CREATED, f"{CREATE}/responses/200"), "breaking", "answer.status-changed"),
    edit("second success status", copied(CREATED, f"{CREATE}/responses/202"), "breaking", "answer.success-added"),
    edit("error status added", put(f"{ITEM}/get/responses/410", GONE), "harmless", "answer.error-added"),
    edit("error status removed", drop(f"{CREATE}/responses/409"), "harmless", "answer.removed"),
    edit("answer of another media type", move(f"{CREATED}/content/application~1json", f"{CREATED}/content/application~1hal+json"), "breaking", "answer.media-changed"),
    edit("second media type of an answer", copied(f"{CREATED}/content/application~1json", f"{CREATED}/content/application~1hal+json"), "unknown", "answer.media-added"),
    edit("answer header removed", drop(f"{CREATED}/headers/ETag"), "breaking", "answer.header-removed"),
    edit("answer header optional", put("/components/headers/Location/required", False), "breaking", "answer.header-optional"),
    edit("answer header added", put(f"{CREATED}/headers/X-Cost", {"schema": {"type": "integer"}}), "harmless", "answer.header-added"),
    edit("answer header retyped", put("/components/headers/RetryAfter/schema", {"type": "string"}), "breaking", "response.type-changed"),
)  # fmt: skip

RATE_LIMITED = "/components/responses/RateLimited/headers/RateLimit"
AS_HAL = copied(f"{CREATED}/content/application~1json", f"{CREATED}/content/application~1hal+json")
ROLE_NEEDS_NAME = put(f"{SCHEMAS}/LoginResponse/properties/user/dependentRequired", {"name": ["role"]})
FORBIDDEN_TITLE = put(f"{SCHEMAS}/Title/not", {"const": "x"})

MIRRORED = (
    edit("answer without a body", drop(f"{CREATED}/content"), "breaking", "answer.body-removed"),
    edit("answer with a body", put(f"{CREATED}/content", {"application/json": {"schema": {}}}), "harmless", "answer.body-added", before=drop(f"{CREATED}/content")),
    edit("optional answer header removed", drop(RATE_LIMITED), "harmless", "answer.header-dropped"),
    edit("answer header always there", put("/components/headers/RateLimit/required", True), "harmless", "answer.header-required"),
    edit("one of two media types removed", drop(f"{CREATED}/content/application~1hal+json"), "breaking", "answer.media-removed", before=AS_HAL),
    edit("optional body added", all_of(put(f"{ITEM}~1versions/get/requestBody", {"content": {"application/json": {"schema": {}}}}), put(f"{ITEM}~1versions/get/x-body-limit", 1)), "harmless", "body.added"),
    edit("dependencies dropped", drop(f"{SCHEMAS}/LoginRequest/dependentRequired"), "harmless", "request.dependency-dropped"),
    edit("format changed", parameter("/paths/~1content~1sync/get", "lastSyncTimestamp", schema(format="date")), "breaking", "request.format-changed"),
    edit("format asked", put(f"{SCHEMAS}/ArchiveOptions/properties/reason/format", "uri"), "breaking", "request.format-narrowed"),
    edit("format of an answer changed", put(f"{SCHEMAS}/Timestamp/format", "date"), "breaking", "response.format-changed"),
    edit("format of an answer promised", put(f"{SCHEMAS}/Category/properties/name/format", "uri"), "harmless", "response.format-narrowed"),
    edit("values forbidden no more", drop(f"{SCHEMAS}/Title/not"), "breaking", "request.not-widened", "response.not-widened", before=FORBIDDEN_TITLE),
    edit("no repeats", put(f"{SCHEMAS}/BulkUpdateRequest/properties/operations/uniqueItems", True), "breaking", "request.repeats-refused"),
    edit("repeats among tags", drop(f"{SCHEMAS}/Tags/uniqueItems"), "breaking", "request.repeats-allowed", "response.repeats-allowed"),
    edit("no repeats in an answer", put(f"{SCHEMAS}/CategoriesResponse/properties/data/uniqueItems", True), "harmless", "response.repeats-refused"),
    edit("category never null", put(f"{SCHEMAS}/CategoryReference/type", "string"), "breaking", "request.type-narrowed", "response.type-narrowed"),
    edit("null taken", put(f"{SCHEMAS}/LoginRequest/properties/password/type", ["string", "null"]), "harmless", "request.type-widened"),
    edit("dependency in an answer", ROLE_NEEDS_NAME, "harmless", "response.dependency-added"),
    edit("no dependency in an answer", drop(f"{SCHEMAS}/LoginResponse/properties/user/dependentRequired"), "breaking", "response.dependency-dropped", before=ROLE_NEEDS_NAME),
    edit("word beyond us", put(f"{CONTENT_ITEM}/properties/id/maximumLength", 3), "unknown", "response.keyword-changed"),
    edit("token of another form", put(f"{SCHEMAS}/Token/pattern", "^v4[.].+$"), "unknown", "response.pattern-changed"),
    edit("narrower pattern of an answer", put(f"{SCHEMAS}/Category/properties/parentId/pattern", "^[a-z]{1,64}$"), "harmless", "response.pattern-narrowed"),
    edit("pattern of an answer dropped", drop(f"{SCHEMAS}/Category/properties/parentId/pattern"), "breaking", "response.pattern-widened"),
)  # fmt: skip

LATER = (
    edit("one value left by const", parameter(f"{ITEMS}/get", "sortOrder", lambda found: found.update(schema={"type": "string", "const": "desc"})), "breaking", "request.enum-narrowed", "request.default-changed"),
    edit("default where there was none", parameter(f"{ITEMS}/get", "category", schema(default="news")), "breaking", "request.default-changed"),
    edit("default of a member", put(f"{CREATE_REQUEST}/properties/platforms/default", ["ios"]), "breaking", "request.default-changed"),
    edit("answer header that always comes", put(f"{ITEMS}/get/responses/200/headers/X-Next", {"required": True, "schema": {"type": "string"}}), "harmless", "answer.header-added"),
    edit("no 304 any more", drop(f"{ITEM}/get/responses/304"), "harmless", "answer.removed"),
    edit("no token anywhere", drop("/security"), "harmless", "security.loosened"),
    edit("values in another order", put(f"{SCHEMAS}/ContentStatus/enum", ["archived", "published", "draft"]), "none"),
)  # fmt: skip

EDITS: tuple[Edit, ...] = LATER + NOTHING + OPERATIONS + ACCESS + PARAMETERS + REQUESTS + RESPONSES + MIRRORED
