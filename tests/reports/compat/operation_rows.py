"""Pairs of documents that differ outside their schemas and security: (name, old, new, letter, rules).

B is breaking, U unknown, H harmless, - no difference.
"""

from typing import Any

from tests.reports.compat.security_rows import SECURITY, oauth, schemes
from tests.reports.compat.small_documents import Document, Row, document

STRING, INTEGER = {"schema": {"type": "string"}}, {"schema": {"type": "integer"}}
OK = {"description": "Fine."}
JSON = {"application/json": {"schema": {"type": "object"}}}


def served(place: str, *urls: str, **more: Any) -> Document:
    servers = [{"url": url, **more} for url in urls]
    if place == "operation":
        return document({"servers": servers})
    return document({}, item={"servers": servers}) if place == "path" else document({}, servers=servers)


def prefixes(count: int) -> Document:
    return {
        name: {"default": "0", "enum": [str(n) for n in range(n)]} for name, n in (("a", 20), ("b", count))
    }


SERVERS: list[Row] = [
    *(
        row
        for place in ("document", "path", "operation")
        for row in (
            (f"server of the {place}", served(place, "/v1"), served(place, "/v2"), "B", {"server.removed", "server.added"}),
            (f"server added to the {place}", served(place, "/v1"), served(place, "/v1", "/v2"), "H", {"server.added"}),
            (f"server of the {place} with a slash", served(place, "/v1"), served(place, "/v1/"), "-", set()),
            (f"first servers of the {place}", document({}), served(place, "/v1"), "B", {"server.removed", "server.added"}),
        )
    ),
    ("one of 400 prefixes", served("document", "/{a}/{b}", variables=prefixes(20)), served("document", "/{a}/{b}", variables=prefixes(19)), "U", {"operation.not-compared"}),
    ("value of a server variable", served("document", "/{v}", variables={"v": {"default": "a", "enum": ["a", "b"]}}), served("document", "/{v}", variables={"v": {"default": "a", "enum": ["a"]}}), "B", {"server.removed"}),
    ("server variable written out", served("document", "/{v}", variables={"v": {"default": "a"}}), served("document", "/a"), "-", set()),
    ("server of the path said at the operation", served("path", "/v1"), served("operation", "/v1"), "-", set()),
]  # fmt: skip


def union(mapping: Any, name: str = "kind", *, refs: str = "ab", **renamed: str) -> Document:
    discriminator = {"propertyName": name} | ({} if mapping is None else {"mapping": mapping})
    schemas = {each: {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, each: {"type": "string"}}} for each in "abc"}  # fmt: skip
    schemas |= {name: schemas[like] for name, like in renamed.items()}
    one = {
        "oneOf": [{"$ref": f"#/components/schemas/{each}"} for each in refs],
        "discriminator": discriminator,
    }
    return document(
        {"requestBody": {"content": {"application/json": {"schema": one}}}}, components={"schemas": schemas}
    )


def one_by_all_of(member: Any, **mapping: str) -> Document:
    """An answer of `a`, which `b` is one of by `allOf`."""
    sign = {"propertyName": "kind"} | ({"mapping": mapping} if mapping else {})
    schemas: Document = {
        "a": {"type": "object", "properties": {"kind": {"type": "string"}}, "discriminator": sign}
    }
    if member:
        schemas["b"] = {
            "allOf": [{"$ref": "#/components/schemas/a"}, {"properties": {"m": member["schema"]}}]
        }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/a"}}}
    return document({"responses": {"200": OK | {"content": content}}}, components={"schemas": schemas})


def replying(asking: Document) -> Document:
    """The same schema as an answer."""
    content = asking["paths"]["/a"]["post"]["requestBody"]["content"]
    return document(
        {"responses": {"200": {"description": "F", "content": content}}}, components=asking["components"]
    )


A, B, C = (f"#/components/schemas/{each}" for each in "abc")
DISCRIMINATORS: list[Row] = [
    ("value of the mapping", union({"x": A, "y": B}), union({"z": A, "y": B}), "B", {"request.mapping-removed", "request.mapping-added"}),
    ("value added to the mapping", union({"x": A, "y": B}), union({"x": A, "y": B, "z": B}), "H", {"request.mapping-added"}),
    ("values exchanged", union({"x": A, "y": B}), union({"x": B, "y": A}), "B", {"request.discriminator-changed"}),
    ("mapping that says the names", union(None), union({"a": A, "b": B}), "-", set()),
    ("mapping by name", union({"x": A, "y": B}), union({"x": "a", "y": "b"}), "-", set()),
    ("values exchanged in an answer", replying(union({"x": A, "y": B})), replying(union({"x": B, "y": A})), "B", {"response.discriminator-changed"}),
    ("value of an answer's mapping", replying(union({"x": A, "y": B})), replying(union({"z": A, "y": B})), "B", {"response.mapping-removed", "response.mapping-added"}),
    ("another member", union(None), union(None, "sort"), "B", {"request.discriminator-changed"}),
    ("variant of another name", union(None), union(None, refs="ax", x="b"), "B", {"request.mapping-removed", "request.mapping-added"}),
    ("schema of a value that is one by allOf", one_by_all_of(STRING), one_by_all_of(INTEGER), "B", {"response.type-changed"}),
    ("schema of a mapped value that is one by allOf", one_by_all_of(STRING, x="b"), one_by_all_of(INTEGER, x="b"), "B", {"response.type-changed"}),
    ("schema that is one by allOf removed", one_by_all_of(STRING), one_by_all_of(None), "H", {"response.mapping-removed"}),
    ("schema that is one by allOf added", one_by_all_of(None), one_by_all_of(STRING), "B", {"response.mapping-added"}),
    ("variant with its implied name", union(None), union(None, refs="abc"), "H", {"request.variant-added", "request.mapping-added"}),
]  # fmt: skip


def parameters(path: str, *listed: Any, **more: Any) -> Document:
    return document(
        {"parameters": list(listed), **more.pop("operation", {})}, method="get", path=path, **more
    )


def in_path(name: str, **said: Any) -> Document:
    return {"name": name, "in": "path", "required": True, **STRING, **said}


def query(**said: Any) -> Document:
    return {"name": "q", "in": "query", **STRING, **said}


STRINGS = {"schema": {"type": "array", "items": {"type": "string"}}}
PARAMETERS: list[Row] = [
    ("path parameter with a hyphen renamed", parameters("/a/{item-id}", in_path("item-id")), parameters("/a/{id}", in_path("id")), "-", set()),
    ("path parameter with a dot renamed", parameters("/a/{item.id}/b", in_path("item.id")), parameters("/a/{id}/b", in_path("id")), "-", set()),
    ("one of two path parameters narrower", parameters("/{a-a}/{b-b}", in_path("a-a"), in_path("b-b")), parameters("/{b}/{c}", in_path("b"), in_path("c", schema={"enum": ["x"]})), "B", {"request.enum-narrowed"}),
    ("path parameter not said to be required", parameters("/{a}", in_path("a")), parameters("/{a}", in_path("a", required=False)), "-", set()),
    ("name of a header in another case", parameters("/a", query(**{"in": "header"})), parameters("/a", query(name="Q", **{"in": "header"})), "-", set()),
    ("name of a query in another case", parameters("/a", query()), parameters("/a", query(name="Q")), "B", {"parameter.removed", "parameter.added"}),
    ("cookie required", parameters("/a", query(**{"in": "cookie"})), parameters("/a", query(required=True, **{"in": "cookie"})), "B", {"parameter.required"}),
    ("required with a default", parameters("/a"), parameters("/a", query(required=True, schema={"type": "string", "default": "x"})), "B", {"parameter.required-added"}),
    ("header Accept is ignored", parameters("/a"), parameters("/a", {"name": "Accept", "in": "header", "required": True, **STRING}), "-", set()),
    ("parameter of the path item", parameters("/a", query()), parameters("/a", item={"parameters": [query()]}), "-", set()),
    ("operation overrides the path item", parameters("/a", query(), item={"parameters": [query(schema={"enum": ["x"]})]}), parameters("/a", query()), "-", set()),
    ("one value to a list of values", parameters("/a", query()), parameters("/a", query(**STRINGS)), "-", set()),
    ("one value to a list joined by commas", parameters("/a", query()), parameters("/a", query(explode=False, **STRINGS)), "B", {"request.type-changed"}),
    ("list to one value", parameters("/a", query(**STRINGS)), parameters("/a", query()), "B", {"request.type-changed"}),
    ("integer to any text", parameters("/a", query(**INTEGER)), parameters("/a", query()), "H", {"request.type-widened"}),
    ("integer to some text", parameters("/a", query(**INTEGER)), parameters("/a", query(schema={"type": "string", "pattern": "^a"})), "U", {"request.keyword-changed"}),
    ("text to integer", parameters("/a", query()), parameters("/a", query(**INTEGER)), "B", {"request.type-changed"}),
    ("style of a scalar", parameters("/a", query()), parameters("/a", query(explode=False)), "-", set()),
    ("style of a list", parameters("/a", query(**STRINGS)), parameters("/a", query(explode=False, **STRINGS)), "B", {"parameter.style-changed"}),
    ("written as a media type", parameters("/a", query()), parameters("/a", {"name": "q", "in": "query", "content": JSON}), "B", {"parameter.style-changed"}),
    ("media type of a parameter", parameters("/a", {"name": "q", "in": "query", "content": JSON}), parameters("/a", {"name": "q", "in": "query", "content": {"application/JSON": JSON["application/json"]}}), "-", set()),
    ("one value to a list with a demand", parameters("/a", query()), parameters("/a", query(schema=STRINGS["schema"] | {"contains": {"const": "x"}})), "B", {"request.range-narrowed"}),
    ("one value to an empty list", parameters("/a", query()), parameters("/a", query(schema=STRINGS["schema"] | {"maxItems": 0})), "B", {"request.range-narrowed"}),
    ("reserved characters not as they are", parameters("/a", query(allowReserved=True)), parameters("/a", query()), "U", {"request.keyword-changed"}),
    ("no empty value any more", parameters("/a", query(allowEmptyValue=True)), parameters("/a", query()), "U", {"request.keyword-changed"}),
    ("an empty value too", parameters("/a", query()), parameters("/a", query(allowEmptyValue=True)), "-", set()),
    ("content of a parameter", parameters("/a", {"name": "q", "in": "query", "content": JSON}), parameters("/a", {"name": "q", "in": "query", "content": {"application/json": {"schema": {"type": "array"}}}}), "B", {"request.type-changed"}),
]  # fmt: skip


def body(*media: str, schema: Any = None, **said: Any) -> Document:
    content = {each: {"schema": schema or {"type": "object"}, **said} for each in media}
    return document({"requestBody": {"content": content}})


def bodies(**schemas: Any) -> Document:
    return document({"requestBody": {"content": _contents(schemas)}})


def message(**schemas: Any) -> Document:
    return document({"responses": {"200": OK | {"content": _contents(schemas)}}})


def _contents(schemas: Document) -> Document:
    kinds = {"any": "application/*", "json": "application/json", "xml": "application/atom+xml"}
    return {kinds[name]: {"schema": said} for name, said in schemas.items()}


def answer(*media: str) -> Document:
    content = {each: {"schema": {"type": "object"}} for each in media}
    return document({"responses": {"200": {"description": "Fine.", "content": content}}})


def answers(**responses: Any) -> Document:
    return document({"responses": {status.strip("_"): said for status, said in responses.items()}})


def problem(**members: Any) -> Document:
    return {"description": "Wrong.", "content": {"application/json": {"schema": {"type": "object", "required": list(members), "properties": members}}}}  # fmt: skip


TEXT = {"type": "string"}
MEDIA: list[Row] = [
    ("charset of a request", body("application/json"), body("application/json; charset=utf-8"), "-", set()),
    ("charset of an answer", answer("application/json"), answer("application/json;charset=UTF-8"), "-", set()),
    ("case of a media type", answer("application/json"), answer("Application/JSON"), "-", set()),
    ("quoted charset", answer("text/plain"), answer('text/plain; charset="utf-8"'), "-", set()),
    ("another charset", answer("text/plain; charset=utf-8"), answer("text/plain; charset=latin-1"), "B", {"answer.media-changed"}),
    ("version of a media type", body("application/json;v=1"), body("application/json;v=2"), "B", {"body.media-removed", "body.media-added"}),
    ("range takes what was taken", body("application/json"), body("application/*"), "H", {"body.media-added"}),
    ("only one of a range", body("*/*"), body("application/json"), "B", {"body.media-removed"}),
    ("answer names one of its range", answer("application/*"), answer("application/json"), "-", set()),
    ("any answer in place of one", answer("application/json"), answer("*/*"), "U", {"answer.media-added"}),
    ("parts written otherwise", body("multipart/form-data", encoding={"a": {"contentType": "text/csv"}}), body("multipart/form-data", encoding={"a": {"contentType": "text/plain"}}), "U", {"body.encoding-changed"}),
    ("one of a range narrower than the range was", bodies(any=STRING["schema"]), bodies(any=STRING["schema"], json=INTEGER["schema"]), "B", {"request.type-changed"}),
    ("range wider than its one was", message(any=STRING["schema"], json=INTEGER["schema"]), message(any=STRING["schema"]), "B", {"response.type-changed"}),
    ("media type named like an extension", body("application/json", "x-world/x-vrml"), body("application/json"), "B", {"body.media-removed"}),
    ("part named like an extension", body("multipart/form-data", encoding={"x-a": {"contentType": "text/csv"}}), body("multipart/form-data", encoding={"x-a": {"contentType": "text/plain"}}), "U", {"body.encoding-changed"}),
    ("part named like a silent word", body("multipart/form-data", encoding={"description": {"contentType": "text/csv"}}), body("multipart/form-data", encoding={"description": {"contentType": "text/plain"}}), "U", {"body.encoding-changed"}),
    ("name of an element of a request", bodies(xml={"type": "string", "xml": {"name": "a"}}), bodies(xml={"type": "string", "xml": {"name": "b"}}), "U", {"request.keyword-changed"}),
    ("element of an answer that was an attribute", message(xml={"properties": {"a": {"xml": {"attribute": True}}}}), message(xml={"properties": {"a": {}}}), "U", {"response.keyword-changed"}),
    ("schema where there was none", document({"requestBody": {"content": {"application/json": {}}}}), body("application/json"), "B", {"request.type-narrowed"}),
]  # fmt: skip

CODE, NAME = problem(code=TEXT), problem(code=TEXT, name=TEXT)
STATUSES: list[Row] = [
    ("default added", answers(_200=OK), answers(_200=OK, default=CODE), "H", {"answer.error-added"}),
    ("default said by status", answers(_200=OK, default=CODE), answers(_200=OK, _404=CODE, default=CODE), "-", set()),
    ("status of a default has less", answers(_200=OK, default=NAME), answers(_200=OK, _404=CODE, default=NAME), "B", {"response.property-removed"}),
    ("body of the default", answers(_200=OK, default=NAME), answers(_200=OK, default=CODE), "B", {"response.property-removed"}),
    ("4XX said by status", answers(_200=OK, _4XX=CODE), answers(_200=OK, _404=CODE, _4XX=CODE), "-", set()),
    ("4xx in lower case", answers(_200=OK, _4XX=CODE), answers(_200=OK, _4xx=CODE), "-", set()),
    ("status covered by its range", answers(_200=OK, _404=CODE), answers(_200=OK, _4XX=CODE), "H", {"answer.error-added"}),
    ("success beside a default", answers(_200=OK, default=CODE), answers(_200=OK, _201=OK, default=CODE), "B", {"answer.success-added"}),
    ("success is only the default", answers(default=OK), answers(_200=OK, default=OK), "-", set()),
    ("no success any more", answers(_200=OK, _404=CODE), answers(_404=CODE), "B", {"answer.success-removed"}),
    ("one success less", answers(_200=OK, _204=OK), answers(_200=OK), "H", {"answer.removed"}),
    ("success range to one", answers(_2XX=OK), answers(_200=OK), "H", {"answer.removed"}),
    ("header Content-Type is ignored", answers(_200=OK), answers(_200=OK | {"headers": {"Content-Type": STRING}}), "-", set()),
    ("header as a media type", answers(_200=OK | {"headers": {"X-A": STRING}}), answers(_200=OK | {"headers": {"X-A": {"content": JSON}}}), "B", {"answer.header-style-changed"}),
    ("media type of a header", answers(_200=OK | {"headers": {"X-A": {"content": JSON}}}), answers(_200=OK | {"headers": {"X-A": {"content": {"text/csv": JSON["application/json"]}}}}), "B", {"answer.header-style-changed"}),
    ("members of a header told apart otherwise", answers(_200=OK | {"headers": {"X-A": JSON["application/json"]}}), answers(_200=OK | {"headers": {"X-A": JSON["application/json"] | {"explode": True}}}), "B", {"answer.header-style-changed"}),
    ("explode of a header of one value", answers(_200=OK | {"headers": {"X-A": STRING}}), answers(_200=OK | {"headers": {"X-A": STRING | {"explode": True}}}), "-", set()),
    ("header with content", answers(_200=OK | {"headers": {"X-A": {"content": JSON}}}), answers(_200=OK | {"headers": {"X-A": {"content": {"application/json": {"schema": {"type": "array"}}}}}}), "B", {"response.type-changed"}),
]  # fmt: skip


def shared(key: str, **said: Any) -> Document:
    """Everything behind a `$ref`: the path item, the parameter, the body, the answer, its header."""
    item = {
        "parameters": [{"$ref": "#/components/parameters/q"}],
        "post": {
            "requestBody": {"$ref": "#/components/requestBodies/b"},
            "responses": {"200": {"$ref": "#/components/responses/r"}},
        },
    }
    parts: Document = {
        "pathItems": {"i": item, "j": {"$ref": "#/components/pathItems/i"}}, "parameters": {"q": query()},
        "requestBodies": {"b": {"content": JSON}}, "headers": {"h": {"required": True, **STRING}},
        "responses": {"r": {"description": "Fine.", "headers": {"X-A": {"$ref": "#/components/headers/h"}}}},
    }  # fmt: skip
    name = next(iter(parts[key])) if key else ""
    if key:
        parts[key][name] = parts[key][name] | said
    return {"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/components/pathItems/j"}}, "components": parts}


def beside(**said: Any) -> Document:
    """A path item with a `$ref`, and something beside it."""
    items = {"i": {"get": {"responses": {"200": OK}}, "parameters": [query(name="p")]}}
    item = {"$ref": "#/components/pathItems/i", **said}
    return {"openapi": "3.1.0", "paths": {"/a": item}, "components": {"pathItems": items}}


def dynamic(kind: str) -> Document:
    schema = {"type": "object", "properties": {"a": {"$dynamicRef": "#here"}}}
    made = document({"requestBody": {"content": {"application/json": {"schema": schema}}}})
    return made | {"components": {"schemas": {"A": {"$dynamicAnchor": "here", "type": kind}}}}


REFERENCES: list[Row] = [
    ("path items by $ref are the same", shared(""), shared(""), "-", set()),
    ("operation of a path item by $ref removed", shared("pathItems", get={"responses": {"200": OK}}), shared(""), "B", {"operation.removed"}),
    ("parameter of a path item by $ref", shared(""), shared("parameters", required=True), "B", {"parameter.required"}),
    ("body of a path item by $ref", shared(""), shared("requestBodies", required=True), "B", {"body.required"}),
    ("header of a path item by $ref", shared(""), shared("headers", required=False), "B", {"answer.header-optional"}),
    ("operation beside the $ref of a path item removed", beside(post={"responses": {"200": OK}}), beside(), "B", {"operation.removed"}),
    ("parameter beside the $ref of a path item", beside(), beside(parameters=[query(required=True)]), "B", {"parameter.required-added"}),
    ("schema of a dynamic reference", dynamic("string"), dynamic("integer"), "U", {"request.keyword-changed"}),
    ("schema of a dynamic reference is the same", dynamic("string"), dynamic("string"), "-", set()),
    ("another dialect of schemas", document({}), document({}, jsonSchemaDialect="http://json-schema.org/draft-07/schema#"), "U", {"operation.not-compared"}),
    ("OpenAPI's own dialect", document({}), document({}, jsonSchemaDialect="https://spec.openapis.org/oas/3.1/dialect/base"), "-", set()),
    ("path item by $ref written out", shared(""), document({"requestBody": {"content": JSON}, "responses": {"200": {"description": "F", "headers": {"X-A": {"required": True, **STRING}}}}}, item={"parameters": [query()]}), "-", set()),
]  # fmt: skip


def calls(url: str, *, where: str = "callbacks", **said: Any) -> Document:
    hook = {"post": {"requestBody": {"content": JSON}, "responses": {"200": OK}, **said}}
    return (
        document({"callbacks": {"done": {url: hook}}})
        if where == "callbacks"
        else document({}, webhooks={url: hook})
    )


CALLED_BACK: list[Row] = [
    ("callback removed", calls("{$request.body#/url}"), document({}), "B", {"callback.removed"}),
    ("callback added", document({}), calls("{$request.body#/url}"), "H", {"callback.added"}),
    ("callback changed", calls("{$request.body#/url}"), calls("{$request.body#/url}", requestBody={"required": True, "content": JSON}), "U", {"callback.changed"}),
    ("callback named like an extension removed", document({"callbacks": {"x-done": {"/u": {"post": {"responses": {"200": OK}}}}}}), document({}), "B", {"callback.removed"}),
    ("webhook named like an extension removed", calls("x-new", where="webhooks"), document({}), "B", {"webhook.removed"}),
    ("header named like an extension in a callback", calls("/u", responses={"200": OK | {"headers": {"x-trace": STRING}}}), calls("/u", responses={"200": OK | {"headers": {"x-trace": STRING | {"required": True}}}}), "U", {"callback.changed"}),
    ("callback described", calls("{$request.body#/url}"), calls("{$request.body#/url}", summary="Words"), "-", set()),
    ("webhook removed", calls("new", where="webhooks"), document({}), "B", {"webhook.removed"}),
    ("webhook added", document({}), calls("new", where="webhooks"), "H", {"webhook.added"}),
    ("webhook changed", calls("new", where="webhooks"), calls("new", where="webhooks", requestBody={"required": True, "content": JSON}), "U", {"webhook.changed"}),
]  # fmt: skip


def promised(**slo: Any) -> Document:
    return document({"x-slo": {"thresholdMs": 200, "share": 0.99, "errorShare": 0.001, **slo}})


OBJECTIVES: list[Row] = [
    ("ten times as slow", promised(), promised(thresholdMs=2000), "B", {"objective.loosened"}),
    ("for fewer requests", promised(), promised(share=0.95), "B", {"objective.loosened"}),
    ("with more errors", promised(), promised(errorShare=0.01), "B", {"objective.loosened"}),
    ("not promised any more", promised(), document({}), "B", {"objective.loosened"}),
    ("promised now", document({}), promised(), "H", {"objective.tightened"}),
    ("faster and for fewer", promised(), promised(thresholdMs=100, share=0.95), "B", {"objective.loosened", "objective.tightened"}),
]  # fmt: skip


def old_style(schema: Any, version: str = "3.0.3") -> Document:
    return document(
        {"requestBody": {"content": {"application/json": {"schema": schema}}}},
    ) | {"openapi": version}


OLDER: list[Row] = [
    ("3.0 nullable to 3.1", old_style({"type": "string", "nullable": True}), old_style({"type": ["string", "null"]}, "3.1.0"), "-", set()),
    ("3.0 not nullable any more", old_style({"type": "string", "nullable": True}), old_style({"type": "string"}), "B", {"request.type-narrowed"}),
    ("3.0 exclusiveMinimum to 3.1", old_style({"type": "number", "minimum": 1, "exclusiveMinimum": True}), old_style({"type": "number", "exclusiveMinimum": 1}, "3.1.0"), "-", set()),
    ("3.0 exclusiveMinimum false", old_style({"type": "number", "minimum": 1, "exclusiveMinimum": False}), old_style({"type": "number", "minimum": 1}, "3.1.0"), "-", set()),
    ("nullable without a type says nothing", old_style({"allOf": [{"type": "string"}], "nullable": True}), old_style({"allOf": [{"type": "string"}]}), "-", set()),
]  # fmt: skip


def of_3_2(made: Document, **item: Any) -> Document:
    return made | {"openapi": "3.2.0", "paths": {"/a": made["paths"]["/a"] | item}}


def default_mapping(name: str) -> Document:
    made = union({"x": A, "y": B})
    made["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"]["discriminator"][
        "defaultMapping"
    ] = name
    return of_3_2(made)


def stream(kind: str) -> Document:
    return of_3_2(answers(_200=OK | {"content": {"text/event-stream": {"itemSchema": {"type": kind}}}}))


NEWER: list[Row] = [
    ("3.2 query removed", of_3_2(document({}), query={"responses": {"200": OK}}), of_3_2(document({})), "B", {"operation.removed"}),
    ("3.2 operation of another method removed", of_3_2(document({}), additionalOperations={"COPY": {"responses": {"200": OK}}}), of_3_2(document({})), "B", {"operation.removed"}),
    ("3.2 items of a stream", stream("string"), stream("integer"), "B", {"response.type-changed"}),
    ("3.2 variant of any other value", default_mapping("a"), default_mapping("b"), "B", {"request.discriminator-changed"}),
    ("3.2 metadata of an authorization server", schemes([{"o": []}], o=oauth() | {"oauth2MetadataUrl": "/a"}), schemes([{"o": []}], o=oauth() | {"oauth2MetadataUrl": "/b"}), "B", {"security.scheme-changed"}),
]  # fmt: skip

ROWS: list[Row] = [
    *SECURITY, *SERVERS, *DISCRIMINATORS, *PARAMETERS, *MEDIA, *STATUSES, *REFERENCES, *CALLED_BACK, *OBJECTIVES, *OLDER, *NEWER,
]  # fmt: skip
