"""Compares what a client sends: parameters, state headers and the body. What was taken before must still be taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from contracts.spec import Body, Operation, Parameter
from reports.compat.difference import Difference, Side
from reports.compat.operation.document_version import DocumentVersion
from reports.compat.schema.schema_diff import SchemaDiff

Key = tuple[str, str]


def parameters(
    was: DocumentVersion, now: DocumentVersion, old: Operation, new: Operation
) -> Iterator[Difference]:
    before, here = _keyed(old), _keyed(new)
    for key, parameter in before.items():
        if key in here:
            yield from _parameter(was, now, old, parameter, here[key])
        else:
            effect = "is ignored now" if parameter.location in ("query", "header", "cookie") else "is gone"
            told = f"the {parameter.location} parameter {parameter.name} {effect}; what it asked for does not happen"
            yield _at(was, old, parameter, "parameter.removed", told, "old")
    for key, parameter in here.items():
        if key not in before:
            rule = "parameter.required-added" if parameter.required else "parameter.added"
            must = " and must be sent" if parameter.required else ""
            told = f"the {parameter.location} parameter {parameter.name} is new{must}"
            yield _at(now, old, parameter, rule, told, "new")


def _keyed(operation: Operation) -> dict[Key, Parameter]:
    """By what is on the wire: a path parameter is its place in the path, a header name has no case."""
    path = re.findall(r"\{(\w+)\}", operation.path)
    # A state header is never required; a precondition that must be sent would be a documented parameter.
    listed = [*operation.parameters, *(replace(header, required=False) for header in operation.state_headers)]
    found: dict[Key, Parameter] = {}
    for parameter in listed:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        if parameter.location == "path" and name in path:
            name = str(path.index(name))
        found[parameter.location, name] = parameter
    return found


def _parameter(
    was: DocumentVersion, now: DocumentVersion, operation: Operation, old: Parameter, new: Parameter
) -> Iterator[Difference]:
    name = f"the {old.location} parameter {old.name}"
    if old.required != new.required:
        rule = "parameter.required" if new.required else "parameter.optional"
        told = f"{name} {'must be sent now' if new.required else 'may be left out now'}"
        yield _at(now, operation, new, rule, told, "new")
    before, here = was.shape(old.schema), now.shape(new.schema)
    styled = (old.style, old.explode) != (new.style, new.explode)
    # A scalar looks the same in every style (OpenAPI 3.1, Style Examples), but for those of a path that add a sign.
    if styled and ({"array", "object"} & before.types & here.types or old.location == "path"):
        told = f"{name} is written as {new.style}{_exploded(new)} and was as {old.style}{_exploded(old)}"
        yield _at(now, operation, new, "parameter.style-changed", told, "new")
    yield from SchemaDiff(operation=operation.id, direction="request", about=old.name).compare(before, here)


def _exploded(parameter: Parameter) -> str:
    return " exploded" if parameter.explode else ""


def _at(
    version: DocumentVersion, operation: Operation, parameter: Parameter, rule: str, told: str, side: Side
) -> Difference:
    place = version.pointer(parameter.schema).removesuffix("/schema")
    return Difference(rule=rule, operation=operation.id, pointer=place, side=side, text=told)


def body(was: DocumentVersion, now: DocumentVersion, old: Operation, new: Operation) -> Iterator[Difference]:
    def change(rule: str, told: str, *, key: str = "requestBody", gone: bool = False) -> Difference:
        place = f"{was.place(old) if gone else now.place(new)}/{key}"
        return Difference(
            rule=rule, operation=old.id, pointer=place, side="old" if gone else "new", text=told
        )

    if old.body is None or new.body is None:
        if old.body is not None:
            yield change("body.removed", "the request has no body any more", gone=True)
        elif new.body is not None:
            must = new.body.required
            told = f"the request has a body now{', which must be sent' if must else ''}"
            yield change("body.required-added" if must else "body.added", told)
        return
    if old.body.required != new.body.required:
        must = new.body.required
        told = f"the body {'must be sent now' if must else 'may be left out now'}"
        yield change("body.required" if must else "body.optional", told)
    if old.body.limit != new.body.limit:
        told = f"the body may have {new.body.limit:,} bytes and had {old.body.limit:,}"
        lowered = new.body.limit < old.body.limit
        yield change("body.limit-lowered" if lowered else "body.limit-raised", told, key="x-body-limit")
    for media in _only(old.body, new.body):
        yield change(
            "body.media-removed",
            f"a body of {media} is answered 415 now",
            key="requestBody/content",
            gone=True,
        )
    for media in _only(new.body, old.body):
        yield change("body.media-added", f"a body of {media} is taken now", key="requestBody/content")
    walk = SchemaDiff(operation=old.id, direction="request")
    for media, schema in _common(old.body.media_types, new.body.media_types):
        yield from walk.compare(was.shape(schema), now.shape(new.body.media_types[media]))


def _only(one: Body, other: Body) -> list[str]:
    return [media for media in one.media_types if media not in other.media_types]


def _common(
    one: Mapping[str, Mapping[str, object]], other: Mapping[str, object]
) -> list[tuple[str, Mapping[str, object]]]:
    return [(media, schema) for media, schema in one.items() if media in other]
