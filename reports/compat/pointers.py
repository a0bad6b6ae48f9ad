"""JSON pointers (RFC 6901): a place in a document, the value there, and a short name of it for people.

>>> named("/components/schemas/ContentItem/properties/tags/items")
'ContentItem.tags[]'
>>> named("/paths/~1content~1items/get/responses/200/content/application~1json/schema")
'200 application/json'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

# What stands between the names in a pointer and says nothing to a reader.
_SILENT = frozenset(
    {"properties", "schema", "components", "schemas", "parameters", "headers", "responses", "content"}
)


# What stands under these keys is named by people, so `x-…` is no extension key there.
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


def escaped(step: str) -> str:
    """One step of a JSON pointer, escaped (RFC 6901, section 3)."""
    return step.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def followed(document: Mapping[str, Any], target: str) -> Any:
    """The value that a `$ref` within the document refers to, percent-encoding included. LookupError if there is none."""
    node: Any = document
    for step in steps(unquote(target.removeprefix("#"))):
        if isinstance(node, list):
            node = node[int(step)] if step.isdecimal() else node[len(node)]
        elif isinstance(node, Mapping):
            node = node[step]
        else:
            raise KeyError(step)
    return node


def mapped(document: Mapping[str, Any], target: str) -> str:
    """The reference that a discriminator's mapping means: it may name a schema in place of referring to it."""
    if target.startswith("#"):
        return target
    named = f"#/components/schemas/{escaped(target)}"
    try:
        followed(document, named)
    except LookupError:
        return f"#/{target}"
    return named


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its pointer; `$ref` is followed on the way, schemas apart."""

    document: Mapping[str, Any]
    value: Any
    pointer: str

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str, otherwise: Any = None) -> Any:
        return self.value.get(key, otherwise)

    def schema(self, key: str) -> Node:
        """What stands under the key, its `$ref` not followed; the schema that allows everything if nothing does."""
        return Node(self.document, self.value.get(key, {}), f"{self.pointer}/{escaped(key)}")

    def child(self, key: str) -> Node | None:
        return self._at(key, self.value[key]) if key in self.value else None

    def children(self, key: str) -> Iterator[tuple[str, Node]]:
        """The entries of the mapping or list under the key, extension keys apart."""
        held = self.value.get(key, {})
        under = Node(self.document, held, f"{self.pointer}/{escaped(key)}")
        entries = enumerate(held) if isinstance(held, list) else held.items()
        for name, value in entries:
            if not str(name).startswith("x-") or key in NAMED_BY_PEOPLE:
                yield str(name), under._at(str(name), value)

    def _at(self, step: str, value: Any) -> Node:
        pointer = f"{self.pointer}/{escaped(step)}"
        passed: set[str] = set()
        while isinstance(value, Mapping) and "$ref" in value and value["$ref"] not in passed:
            passed.add(value["$ref"])
            pointer = unquote(value["$ref"]).removeprefix("#")
            value = followed(self.document, value["$ref"])
        return Node(self.document, value, pointer)


def named(pointer: str) -> str:
    """The names in a pointer, for a sentence."""
    left = steps(pointer)
    if left[:1] == ["paths"]:
        left = left[3:]
    told = ""
    joined = "." if "schemas" in left else " "
    for before, step in zip(["", *left], left, strict=False):
        if step == "items" and before not in ("properties", "schemas"):
            told += "[]"
        elif step not in _SILENT or before == "properties":
            told += f"{joined if told else ''}{step}"
    return told or "the document"
