"""Where in a document a schema stands: JSON pointers by identity, and names for people.

>>> named("/components/schemas/ContentItem/properties/tags/items")
'ContentItem.tags[]'
>>> named("/paths/~1content~1items/get/responses/200/content/application~1json/schema")
'200 application/json'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What stands between the names in a pointer and says nothing to a reader.
_SILENT = frozenset(
    {"properties", "schema", "components", "schemas", "parameters", "headers", "responses", "content"}
)


def places(document: Mapping[str, Any]) -> dict[int, str]:
    """Identity of each mapping and list in the document -> its pointer. Holds as long as the document lives."""
    found: dict[int, str] = {}
    left: list[tuple[Any, str]] = [(document, "")]
    while left:
        node, pointer = left.pop()
        if isinstance(node, dict | list) and id(node) not in found:
            found[id(node)] = pointer
            entries = node.items() if isinstance(node, dict) else enumerate(node)
            left += [(value, f"{pointer}/{escaped(str(key))}") for key, value in entries]
    return found


def escaped(step: str) -> str:
    """RFC 6901, section 3."""
    return step.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


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
