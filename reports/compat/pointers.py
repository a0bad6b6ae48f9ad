"""JSON pointers (RFC 6901) into a document: the value at a pointer, and a short name of the place for people.

>>> short_name("/components/schemas/ContentItem/properties/tags/items")
'ContentItem.tags[]'
>>> short_name("/paths/~1content~1items/get/responses/200/content/application~1json/schema")
'200 application/json'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

# Steps of a pointer that tell a reader nothing.
_SILENT = frozenset(
    {"properties", "schema", "components", "schemas", "parameters", "headers", "responses", "content"}
)

# The members of these objects are named by people, so `x-…` is not an extension key there.
NAMED_BY_PEOPLE = frozenset(
    {
        "headers",
        "securitySchemes",
        "flows",
        "scopes",
        "content",
        "callbacks",
        "webhooks",
        "encoding",
        "variables",
    }
)


def escape_step(step: str) -> str:
    """One step of a JSON pointer, escaped (RFC 6901, section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def resolve(document: Mapping[str, Any], target: str) -> Any:
    """The value that a `$ref` within the document refers to, percent-decoded. LookupError if there is none."""
    node: Any = document
    for step in split_pointer(unquote(target.removeprefix("#"))):
        if isinstance(node, list):
            node = node[int(step)] if step.isdecimal() else node[len(node)]
        elif isinstance(node, Mapping):
            node = node[step]
        else:
            raise KeyError(step)
    return node


def mapping_target(document: Mapping[str, Any], target: str) -> str:
    """The reference that an entry of a discriminator's mapping means; an entry may also be the bare name of a schema."""
    if target.startswith("#"):
        return target
    reference = f"#/components/schemas/{escape_step(target)}"
    try:
        resolve(document, reference)
    except LookupError:
        return f"#/{target}"
    return reference


def objects(document: Any) -> Iterator[Mapping[str, Any]]:
    """All objects within a value, itself included."""
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, Mapping):
            yield node
        if isinstance(node, Mapping | list):
            left += node.values() if isinstance(node, Mapping) else node


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document with its pointer. A `$ref` is followed on the way to it, except within schemas."""

    document: Mapping[str, Any]
    value: Any
    pointer: str

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str, otherwise: Any = None) -> Any:
        return self.value.get(key, otherwise)

    def schema(self, key: str) -> Node:
        """The schema under a key, its `$ref` not followed; a missing one is the schema that allows everything."""
        return Node(self.document, self.value.get(key, {}), f"{self.pointer}/{escape_step(key)}")

    def child(self, key: str) -> Node | None:
        return self._at(key, self.value[key]) if key in self.value else None

    def children(self, key: str) -> Iterator[tuple[str, Node]]:
        """The entries of the mapping or list under a key, without extension keys."""
        held = self.value.get(key, {})
        under = Node(self.document, held, f"{self.pointer}/{escape_step(key)}")
        entries = enumerate(held) if isinstance(held, list) else held.items()
        for name, value in entries:
            if not str(name).startswith("x-") or key in NAMED_BY_PEOPLE:
                yield str(name), under._at(str(name), value)

    def _at(self, step: str, value: Any) -> Node:
        pointer = f"{self.pointer}/{escape_step(step)}"
        passed: set[str] = set()
        while isinstance(value, Mapping) and "$ref" in value and value["$ref"] not in passed:
            passed.add(value["$ref"])
            pointer = unquote(value["$ref"]).removeprefix("#")
            value = resolve(self.document, value["$ref"])
        return Node(self.document, value, pointer)


def short_name(pointer: str) -> str:
    """A pointer as a short name that fits into a sentence."""
    left = split_pointer(pointer)
    if left[:1] == ["paths"]:
        left = left[3:]
    message = ""
    joined = "." if "schemas" in left else " "
    for before, step in zip(["", *left], left, strict=False):
        if step == "items" and before not in ("properties", "schemas"):
            message += "[]"
        elif step not in _SILENT or before == "properties":
            message += f"{joined if message else ''}{step}"
    return message or "the document"
