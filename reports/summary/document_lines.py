"""The line numbers of operations and JSON pointers in openapi.yaml, from the marks of the YAML reader.

They are given only for the document of the run, because for another one they would be wrong.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from contracts.spec import METHODS
from reports.compat.pointers import escape_step, split_pointer


@dataclass(frozen=True, slots=True)
class DocumentLines:
    """The line numbers of a document's operations and pointers, from 1; empty if the document is missing or another one."""

    pointers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    operations: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def at(self, pointer: str) -> int | None:
        """The line of a pointer, or of its nearest parent that the document has."""
        left = split_pointer(pointer)
        while left:
            found = self.pointers.get("".join(f"/{escape_step(step)}" for step in left))
            if found is not None:
                return found
            left.pop()
        return None


def read(path: Path, digest: str) -> DocumentLines:
    """The line numbers of a file whose SHA-256 is `digest`; none for any other file."""
    try:
        text = path.read_bytes()
    except OSError:
        return DocumentLines()
    return of_text(text) if hashlib.sha256(text).hexdigest() == digest else DocumentLines()


@lru_cache(maxsize=2)
def of_text(text: bytes) -> DocumentLines:
    """The line numbers of a document's text, cached: a gate and its page ask for the same document, 0.1 s each time.

    >>> found = of_text(b"paths:\\n  /a:\\n    get:\\n      operationId: readA\\n")
    >>> found.operations["readA"], found.at("/paths/~1a/get/responses/200")
    (3, 3)
    """
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError:
        return DocumentLines()
    pointers: dict[str, int] = {}
    operations: dict[str, int] = {}
    for pointer, line, value in _walk(root, ""):
        pointers[pointer] = line
        parts = split_pointer(pointer) if pointer.endswith("/operationId") else []
        if len(parts) == 4 and parts[0] == "paths" and parts[2] in METHODS and parts[3] == "operationId":
            operations[str(value)] = pointers[pointer.rpartition("/")[0]]
    return DocumentLines(MappingProxyType(pointers), MappingProxyType(operations))


def _walk(node: yaml.Node | None, pointer: str) -> Iterator[tuple[str, int, object]]:
    """Each node as (pointer, line of its key or element, value if it is a scalar), a parent before its children."""
    entries: list[tuple[str, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        entries = [(str(key.value), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        entries = [(str(index), value, value) for index, value in enumerate(node.value)]
    for name, marked, value in entries:
        place = f"{pointer}/{escape_step(name)}"
        yield place, marked.start_mark.line + 1, value.value if isinstance(value, yaml.ScalarNode) else None
        yield from _walk(value, place)
