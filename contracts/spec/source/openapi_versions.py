"""The conversion of an OpenAPI 3.0 document to 3.1, because only the schemas of 3.1 are JSON Schemas.

The differences, according to the migration notes of the OpenAPI Initiative, are `nullable`, boolean `exclusiveMinimum` and
`exclusiveMaximum`, and keywords beside a `$ref`, which 3.0 ignores. Parameters that all versions ignore are removed as well.
"""

from typing import Any

from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import walk

IGNORED = ("accept", "authorization", "content-type")


def upgraded(document: dict[str, Any], name: str) -> None:
    """Convert a document to 3.1 in place. Raises SpecError for an unsupported version."""
    version = str(document.get("openapi", "3.1.0"))
    if "swagger" in document and "openapi" not in document:
        raise SpecError(
            f"{name}: /swagger: Swagger {document['swagger']} is not read; convert it to OpenAPI 3"
        )
    if version.startswith("3.0"):
        for place in walk(document, name):
            if place.kind == "schema":
                _upgrade(place.node)
        document["openapi"] = "3.1.0"
    elif not version.startswith(("3.1", "3.2")):
        raise SpecError(f"{name}: /openapi: version {version} is not read; 3.0, 3.1 and 3.2 are")
    _drop_ignored(document)


def _drop_ignored(document: dict[str, Any]) -> None:
    """Remove parameters for headers that OpenAPI describes elsewhere (OAS 3.1, Parameter Object); FastAPI makes one of each `Header`
    argument. Malformed parts of the document are skipped, because `structure` reports them."""
    known = _object(_object(document.get("components")).get("parameters"))
    for item in map(_object, _object(document.get("paths")).values()):
        for holder in map(_object, (item, *item.values())):
            given = holder.get("parameters")
            if isinstance(given, list):
                holder["parameters"] = [each for each in given if not _is_ignored(known, each)]


def _is_ignored(known: dict[str, Any], parameter: Any) -> bool:
    node = _object(parameter)
    place, _, name = str(node.get("$ref", "")).rpartition("/")
    if place == "#/components/parameters":
        node = _object(known.get(name))
    return node.get("in") == "header" and str(node.get("name")).lower() in IGNORED


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _upgrade(schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        reference = schema["$ref"]
        schema.clear()
        schema["$ref"] = reference
        return
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if schema.pop("nullable", False) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
