"""The document of the foreign server, as a framework would write it out: no prose, no `x-` key but one, no link, no example."""

from typing import Any, NamedTuple

TEXT: dict[str, Any] = {"type": "string"}
STAMP: dict[str, Any] = {"type": "string", "format": "date-time"}
COUNT: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
TITLE: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
CATEGORY: dict[str, Any] = {"type": ["string", "null"]}
TAGS: dict[str, Any] = {"type": "array", "items": TEXT}
STATUS: dict[str, Any] = {"type": "string", "enum": ["draft", "published", "archived"]}
LIMIT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 100}
PAGE: dict[str, Any] = {"type": "integer", "minimum": 1}


def record(*optional: str, **members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": [name for name in members if name not in optional],
    }


def many(schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def data(schema: Any) -> dict[str, Any]:
    return record(data=schema)


ITEM = record(
    id=TEXT, title=TEXT, body=TEXT, category=CATEGORY, status=STATUS, tags=TAGS, version=COUNT, created_at=STAMP, updated_at=STAMP
)  # fmt: skip
LIST = data(
    record(data=many(ITEM), pagination=record(page=COUNT, limit=COUNT, total=COUNT, total_pages=COUNT))
)
TOKENS = record(accessToken=TEXT, refreshToken=TEXT, expiresIn=COUNT)
ERROR = record("details", code=TEXT, message=TEXT, details={"type": ["object", "null"]})
CONTENT = {"body": TEXT, "category": CATEGORY, "tags": TAGS}
CHANGE = record(
    "id",
    "version",
    "data",
    type={"enum": ["update", "publish", "archive"]},
    id=TEXT,
    version=COUNT,
    data={"type": "object"},
)
CHANGE["required"] = ["type", "id"]
ROW = record(id=TEXT, name=TEXT, parentId=CATEGORY, itemCount=COUNT)
VERSION = record(id=TEXT, version=COUNT, createdAt=STAMP, snapshot=ITEM)
WINDOW = record(items=many(ITEM), deleted=many(record(id=TEXT, deletedAt=STAMP)), syncTimestamp=STAMP)


class ForeignOperation(NamedTuple):
    """`permission` empty: whoever has a session; None: nobody needs one. `refusals` beside 401, 403 and 422."""

    method: str
    path: str
    name: str
    permission: str | None
    success: int
    answer: Any
    body: Any = None
    query: dict[str, Any] = {}  # noqa: RUF012
    refusals: tuple[int, ...] = ()


READ, WRITE = "content:read", "content:write"
ITEMS, ONE = "/content/items", "/content/items/{id}"
LISTED = {"page": PAGE, "limit": LIMIT, "status": STATUS, "search": TEXT, "category": TEXT}
OPERATIONS = (
    ForeignOperation("post", "/auth/login", "login", None, 200, record(
        user=record(id=TEXT, email=TEXT), tokens=TOKENS, permissions=many(TEXT)), record(email=TEXT, password=TEXT), {}, (401,)),
    ForeignOperation("post", "/auth/refresh", "refresh", "", 200, record(tokens=TOKENS)),
    ForeignOperation("post", "/auth/logout", "logout", "", 200, record(success=FLAG)),
    ForeignOperation("get", "/auth/verify", "verify", "", 200, record(valid=FLAG)),
    ForeignOperation("get", ITEMS, "list", READ, 200, LIST, None, {
        **LISTED, "sortBy": {"enum": ["updatedAt", "title"]}, "sortOrder": {"enum": ["asc", "desc"]}}),
    ForeignOperation("post", ITEMS, "create", WRITE, 200, data(ITEM), record("body", "category", "tags", title=TITLE, **CONTENT)),
    ForeignOperation("post", f"{ITEMS}/bulk", "bulk", WRITE, 200, data(record(
        successfulOperations=COUNT, failedOperations=many(record(id=TEXT, error=TEXT)))), record(operations={**many(CHANGE), "maxItems": 100})),
    ForeignOperation("get", ONE, "read", READ, 200, data(ITEM), None, {"version": COUNT}, (404,)),
    ForeignOperation("put", ONE, "update", WRITE, 200, data(ITEM), record(
        "title", "body", "category", "tags", version=COUNT, title=TITLE, **CONTENT), {}, (404, 409)),
    ForeignOperation("post", f"{ONE}/publish", "publish", "content:publish", 200, data(ITEM), None, {}, (404, 409)),
    ForeignOperation("post", f"{ONE}/archive", "archive", WRITE, 200, record(success=FLAG), None, {}, (404,)),
    ForeignOperation("post", f"{ONE}/revert", "revert", WRITE, 200, data(ITEM), record(versionId=TEXT), {}, (404,)),
    ForeignOperation("get", f"{ONE}/versions", "versions", READ, 200, data(many(VERSION)), None, {"limit": LIMIT}, (404,)),
    ForeignOperation("get", "/content/categories", "categories", READ, 200, data(many(ROW)), None, {"includeEmpty": FLAG}),
    ForeignOperation("get", "/content/categories/{category}/items", "by_category", READ, 200, LIST, None, {
        "page": PAGE, "limit": LIMIT, "status": STATUS, "includeSubcategories": FLAG}, (404,)),
    ForeignOperation("get", "/content/sync", "sync", READ, 200, data(WINDOW), None, {
        "lastSyncTimestamp": STAMP, "includeDeleted": FLAG}),
    ForeignOperation("post", "/metrics", "metrics", "", 200, record(accepted=COUNT), record(metrics=many({"type": "object"}), session={"type": "object"})),
)  # fmt: skip


def answer(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def parameters(operation: ForeignOperation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": TEXT}
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    for name, schema in operation.query.items():
        found.append({"name": name, "in": "query", "required": name == "lastSyncTimestamp", "schema": schema})
    return found


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        refusals = {422, *operation.refusals, *(() if operation.permission is None else (401, 403))}
        made: dict[str, Any] = {
            "operationId": f"{operation.name}_{operation.method}",
            "parameters": parameters(operation),
            "responses": {
                str(operation.success): answer(operation.answer),
                **{str(status): answer(ERROR) for status in sorted(refusals)},
            },
        }
        if operation.permission:
            made["x-permission"] = operation.permission
        if operation.body is not None:
            made["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": operation.body}},
            }
        paths.setdefault(f"/v1{operation.path}", {})[operation.method] = made
    return {
        "openapi": "3.1.0",
        "info": {"title": "Somebody's", "version": "7"},
        "paths": paths,
        "x-dialect": {"promises": ["single use"]},
    }
