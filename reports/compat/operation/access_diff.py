"""The comparison of an operation outside its messages: servers, permission, objective, cache tags, callbacks."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.operation.api_document import ApiDocument, ApiOperation, of_member
from reports.compat.operation.node_equality import same
from reports.compat.pointers import Node
from reports.compat.schema.json_values import canonical_json
from reports.compat.schema.schema_equality import SchemaEquality

_MOST_SERVERS = 256
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document(was: ApiDocument, now: ApiDocument, equality: SchemaEquality) -> Iterator[Difference]:
    """The differences outside single operations: servers, schema dialect and webhooks."""
    yield from _servers(was.root, now.root, "", "everything")
    if _dialect(was) != _dialect(now):
        message = f"schemas without `$schema` are of {_dialect(now)} and were of {_dialect(was)}, and what that means is unknown"
        yield of_member("operation.not-compared", "", "jsonSchemaDialect", was.root, now.root, message)
    yield from _called_back("webhook", was.root, now.root, "", equality)


def _dialect(version: ApiDocument) -> str:
    """The dialect of the schemas. OpenAPI's own dialects count as JSON Schema 2020-12, because their keywords are known."""
    dialect = str(version.root.get("jsonSchemaDialect", _DIALECT))
    return _DIALECT if dialect.startswith(("https://spec.openapis.org/oas/3.", _DIALECT)) else dialect


def operation(old: ApiOperation, new: ApiOperation, equality: SchemaEquality) -> Iterator[Difference]:
    was, now = _server_place(old), _server_place(new)
    if was.pointer or now.pointer:
        yield from _servers(was, now, old.id, new.label)
    yield from _permission(old, new)
    for rule, message in _objective(old.node.get("x-slo"), new.node.get("x-slo")):
        yield of_member(rule, old.id, "x-slo", old.node, new.node, message)
    if canonical_json(old.node.get("x-cache-tags")) != canonical_json(new.node.get("x-cache-tags")):
        message = "the client cache is told other tags or another time"
        yield of_member("cache.changed", old.id, "x-cache-tags", old.node, new.node, message)
    yield from _called_back("callback", old.node, new.node, old.id, equality)


def _server_place(operation: ApiOperation) -> Node:
    """The node that lists the servers of an operation: itself, its path item or the document."""
    places = (operation.node, operation.item, operation.root)
    return next((place for place in places if place.get("servers")), operation.root)


def _servers(old: Node, new: Node, operation: str, what: str) -> Iterator[Difference]:
    before, here = _urls(old), _urls(new)
    if before is None or here is None:
        if canonical_json(old.get("servers")) != canonical_json(new.get("servers")):
            message = f"{what} is served under more URLs than can be compared"
            yield of_member("operation.not-compared", operation, "servers", old, new, message)
        return
    for url in before:
        if url not in here:
            message = f"{what} is not served under {url or '/'} any more"
            make, place = (in_old, old) if "servers" in old else (in_new, new)
            yield make("server.removed", operation, f"{place.pointer}/servers", message)
    for url in here:
        if url not in before:
            message = f"{what} is served under {url or '/'} too"
            yield of_member("server.added", operation, "servers", old, new, message)


def _urls(place: Node) -> list[str] | None:
    """The base URLs of an operation, with every value of the server variables; None if they are too many."""
    found: dict[str, None] = {}
    listed = [server.value for _, server in place.children("servers")]
    for server in listed or [{"url": "/"}]:
        variables = {
            name: each for name, each in server.get("variables", {}).items() if isinstance(each, dict)
        }
        choices = [
            [(name, str(value)) for value in each.get("enum") or [each.get("default", "")]]
            for name, each in variables.items()
        ]
        if prod(map(len, choices)) > _MOST_SERVERS:
            return None
        for chosen in product(*choices):
            url = str(server["url"])
            for name, value in chosen:
                url = url.replace(f"{{{name}}}", value)
            found[url.rstrip("/")] = None
    return list(found)


def _permission(old: ApiOperation, new: ApiOperation) -> Iterator[Difference]:
    was, now = old.node.get("x-permission"), new.node.get("x-permission")
    if was == now:
        return
    if now is None:
        message = f"the permission {was} is not needed any more"
        yield in_old("permission.dropped", old.id, f"{old.pointer}/x-permission", message)
    else:
        message = f"the permission {now} is needed and was {was or 'none'}; without it the answer is 403"
        yield in_new("permission.changed", old.id, f"{new.pointer}/x-permission", message)


def _objective(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """The change of a latency objective; a longer threshold, a smaller share or more errors loosen it."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if isinstance(old, dict):
            yield "objective.loosened", "how fast it answers is not promised any more"
        elif isinstance(new, dict):
            yield "objective.tightened", "how fast it answers is promised now"
        return
    for name, sign in (("thresholdMs", 1), ("share", -1), ("errorShare", 1)):
        was, now = (_promised(each.get(name)) for each in (old, new))
        if was == now:
            continue
        looser = now is None if was is None or now is None else sign * now > sign * was
        yield (
            f"objective.{'loosened' if looser else 'tightened'}",
            f"{name} is {_number(now)} and was {_number(was)}",
        )


def _promised(value: Any) -> float | None:
    """A member of an objective as a number; None if it is not one."""
    return float(value) if isinstance(value, int | float) and value == value else None


def _number(value: float | None) -> str:
    return "not there" if value is None else f"{value:g}"


def _called_back(
    what: str, old: Node, new: Node, operation: str, equality: SchemaEquality
) -> Iterator[Difference]:
    """The change of callbacks or webhooks: removed, added or different; how they differ is not judged."""
    key = f"{what}s"
    before, here = dict(old.children(key)), dict(new.children(key))
    for name, node in before.items():
        if name not in here:
            message = f"the {what} {name} is not called any more"
            yield in_old(f"{what}.removed", operation, node.pointer, message)
        elif not same(node, here[name], equality):
            message = f"the {what} {name} is different, and what that means for its receiver is unknown"
            yield in_new(f"{what}.changed", operation, here[name].pointer, message)
    for name, node in here.items():
        if name not in before:
            yield in_new(f"{what}.added", operation, node.pointer, f"the {what} {name} is called now")
