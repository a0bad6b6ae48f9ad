"""The comparison of requests: parameters and the body. The server must still accept what it accepted before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reports.compat.difference import Difference, Severity, in_new, in_old
from reports.compat.operation.api_document import ApiOperation, of_member
from reports.compat.operation.media_type import content_difference, matching_key, media_types
from reports.compat.operation.node_equality import same
from reports.compat.pointers import Node
from reports.compat.schema.json_values import NUMBERS
from reports.compat.schema.schema_diff import SchemaDiff
from reports.compat.schema.schema_shape import SchemaShape, shape

Key = tuple[str, str]
_UNHEARD = frozenset({"accept", "content-type", "authorization"})
"""Header parameters of these names are ignored (OAS 3.1, 4.8.12.2)."""
_SCALARS = NUMBERS | {"boolean"}


@dataclass(frozen=True, slots=True)
class ParameterNode:
    """A documented parameter, with the defaults of OpenAPI for its style."""

    node: Node
    location: str
    required: bool

    @property
    def name(self) -> str:
        return str(self.node.get("name"))

    @property
    def style(self) -> str:
        return str(self.node.get("style", "form" if self.location in ("query", "cookie") else "simple"))

    @property
    def explode(self) -> bool:
        return bool(self.node.get("explode", self.style == "form"))

    @property
    def shape(self) -> SchemaShape:
        return shape(self.node.schema("schema"))


def parameters(old: ApiOperation, new: ApiOperation, walk: SchemaDiff) -> Iterator[Difference]:
    before, here = _keyed(old), _keyed(new)
    for key, parameter in before.items():
        if key in here:
            yield from _parameter(old, parameter, here[key], walk)
        else:
            effect = "is ignored now" if parameter.location in ("query", "header", "cookie") else "is gone"
            message = f"the {parameter.location} parameter {parameter.name} {effect}; a client that sends it gets another result"
            yield in_old("parameter.removed", old.id, parameter.node.pointer, message)
    for key, parameter in here.items():
        if key not in before:
            rule = "parameter.required-added" if parameter.required else "parameter.added"
            must = " and must be sent" if parameter.required else ""
            message = f"the {parameter.location} parameter {parameter.name} is new{must}"
            yield in_new(rule, old.id, parameter.node.pointer, message)


def _keyed(operation: ApiOperation) -> dict[Key, ParameterNode]:
    """The parameters by what is on the wire: a path parameter by its position, a header by its lower-case name."""
    listed = [*operation.item.children("parameters"), *operation.node.children("parameters")]
    found: dict[Key, ParameterNode] = {}
    for _, node in listed:
        location = str(node.get("in"))
        # A path parameter is required even if it is not marked as required.
        required = location == "path" or node.get("required") is True
        parameter = ParameterNode(node, location, required)
        name = parameter.name.lower() if location == "header" else parameter.name
        if location == "header" and name in _UNHEARD:
            continue
        if location == "path" and name in operation.variables:
            name = str(operation.variables.index(name))
        found[location, name] = parameter
    # A state header is never required; a precondition that must be sent would be a documented parameter.
    for _, node in operation.node.children("x-state-headers"):
        parameter = ParameterNode(node, "header", False)
        found.setdefault(("header", parameter.name.lower()), parameter)
    return found


def _parameter(
    operation: ApiOperation, old: ParameterNode, new: ParameterNode, walk: SchemaDiff
) -> Iterator[Difference]:
    name = f"the {old.location} parameter {old.name}"
    if old.required != new.required:
        rule = "parameter.required" if new.required else "parameter.optional"
        message = f"{name} {'must be sent now' if new.required else 'may be left out now'}"
        yield in_new(rule, operation.id, new.node.pointer, message)
    if ("content" in old.node) != ("content" in new.node):
        message = f"{name} is written as {'a media type' if 'content' in new.node else new.style} now"
        yield in_new("parameter.style-changed", operation.id, new.node.pointer, message)
        return
    about = replace(walk, about=old.name)
    for keyword in ("allowReserved", "allowEmptyValue"):
        was, now = (each.node.get(keyword) is True for each in (old, new))
        if was != now and (was or keyword == "allowReserved"):
            message = (
                f"`{keyword}` is {str(now).lower()} now, and whether a client sent what it allowed is unknown"
            )
            yield about.change("keyword-changed", new.node.pointer, "new", message)
    if "content" in old.node:
        yield from _content(operation, old, new, about)
        return
    before, here = old.shape, new.shape
    if "array" not in before.types and here.types == {"array"} and new.style == "form" and new.explode:
        # With lists written as repeated names, one value is a list of one.
        yield from _as_list(old, before, here, about)
        return
    styled = (old.style, old.explode) != (new.style, new.explode)
    # A scalar looks the same in every style (OpenAPI 3.1, Style Examples), but for those of a path that add a sign.
    if styled and ({"array", "object"} & before.types & here.types or old.location == "path"):
        message = f"{name} is written as {new.style}{_exploded(new)} and was as {old.style}{_exploded(old)}"
        yield in_new("parameter.style-changed", operation.id, new.node.pointer, message)
    if before.types and before.types <= _SCALARS and here.types == {"string"}:
        # On the wire all values are text, so any text includes the numbers of before.
        if all(keyword in ("type", "default") or walk.equality.silent(keyword) for keyword in here.keywords):
            stem, message = "type-widened", "may be any text now"
        else:
            stem, message = (
                "keyword-changed",
                "is text now, and whether every old value is allowed is unknown",
            )
        yield about.change(stem, here.pointer_of("type"), "new", message)
        return
    yield from about.compare(before, here)


def _as_list(
    old: ParameterNode, before: SchemaShape, here: SchemaShape, walk: SchemaDiff
) -> Iterator[Difference]:
    found = list(walk.compare(before, here.item(0)))
    yield from found
    one = {"type": "array", "minItems": 1, "maxItems": 1, "items": old.node.get("schema", {})}
    refused = walk.effects(shape(Node(old.node.document, one, "")), here) & {"narrower", "perhaps narrower"}
    if refused and all(change.severity is Severity.HARMLESS for change in found):
        stem = "range-narrowed" if "narrower" in refused else "keyword-changed"
        yield walk.change(stem, here, "new", "a list of one value is refused now")


def _content(
    operation: ApiOperation, old: ParameterNode, new: ParameterNode, walk: SchemaDiff
) -> Iterator[Difference]:
    here = media_types(new.node)
    for media, (_, node) in media_types(old.node).items():
        found = matching_key(media, here)
        if found is None:
            message = f"the {old.location} parameter {old.name} is not written as {media} any more"
            yield in_old("parameter.style-changed", operation.id, old.node.pointer, message)
        else:
            yield from content_difference(walk, media, node, here[found][1])


def _exploded(parameter: ParameterNode) -> str:
    return " exploded" if parameter.explode else ""


def body(old: ApiOperation, new: ApiOperation, walk: SchemaDiff) -> Iterator[Difference]:
    was, now = old.node.child("requestBody"), new.node.child("requestBody")
    if was is None or now is None:
        if was is not None:
            yield in_old("body.removed", old.id, was.pointer, "the request has no body any more")
        elif now is not None:
            must = now.get("required") is True
            message = f"the request has a body now{', which must be sent' if must else ''}"
            yield in_new("body.required-added" if must else "body.added", old.id, now.pointer, message)
        return
    if (was.get("required") is True) != (now.get("required") is True):
        must = now.get("required") is True
        message = f"the body {'must be sent now' if must else 'may be left out now'}"
        yield in_new("body.required" if must else "body.optional", old.id, now.pointer, message)
    yield from _limit(old, new)
    before, here = media_types(was), media_types(now)
    for media, (_, node) in before.items():
        found = matching_key(media, here)
        if found is None:
            message = f"a body of {media} is answered 415 now"
            yield in_old("body.media-removed", old.id, node.pointer, message)
            continue
        other = here[found][1]
        yield from content_difference(walk, media, node, other)
        was_written, is_written = (
            Node(each.document, each.get("encoding", {}), "") for each in (node, other)
        )
        if not same(was_written, is_written, walk.equality, named=True):
            message = f"how the parts of {media} are written is different, and what that means is unknown"
            yield in_new("body.encoding-changed", old.id, other.pointer, message)
    for media, (_, node) in here.items():
        found = matching_key(media, before)
        if found is None:
            yield in_new("body.media-added", old.id, node.pointer, f"a body of {media} is taken now")
        else:  # the old range that covers this type
            yield from content_difference(walk, media, before[found][1], node)


def _limit(old: ApiOperation, new: ApiOperation) -> Iterator[Difference]:
    was, now = old.node.get("x-body-limit"), new.node.get("x-body-limit")
    if was == now or not isinstance(was or 0, int) or not isinstance(now or 0, int):
        return
    lowered = now is not None and (was is None or now < was)
    message = f"the body may have {_bytes(now)} and had {_bytes(was)}"
    rule = "body.limit-lowered" if lowered else "body.limit-raised"
    yield of_member(rule, old.id, "x-body-limit", old.node, new.node, message)


def _bytes(limit: int | None) -> str:
    return "no stated limit" if limit is None else f"{limit:,} bytes"
