"""One of the two compared documents, and its operations as nodes with pointers.

The document is read as it is: an operation needs neither an `operationId` nor any extension key of this harness.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.document_check import METHODS
from reports.compat.pointers import Node

_VARIABLE = re.compile(r"\{[^{}/]*\}")


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation of a compared document. `node` is the operation, `item` its path item, `root` the document."""

    method: str
    path: str
    node: Node
    item: Node
    root: Node

    @property
    def id(self) -> str:
        return str(self.node.get("operationId") or self.label)

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def pointer(self) -> str:
        return self.node.pointer

    @property
    def route(self) -> tuple[str, str]:
        """The method and the path without the names of its variables, which are not on the wire."""
        return self.method, _VARIABLE.sub("{}", self.path)

    @property
    def variables(self) -> list[str]:
        return [found[1:-1] for found in _VARIABLE.findall(self.path)]


@dataclass(frozen=True)
class ApiDocument:
    """One of the two compared documents."""

    document: Mapping[str, Any]

    @property
    def root(self) -> Node:
        return Node(self.document, self.document, "")

    @cached_property
    def operations(self) -> tuple[ApiOperation, ...]:
        return tuple(self._operations())

    def _operations(self) -> Iterator[ApiOperation]:
        for path, item in self.root.children("paths"):
            listed = {method: item.child(method) for method in METHODS} | dict(
                item.children("additionalOperations")
            )
            for method, node in listed.items():
                if node is not None:
                    yield ApiOperation(method.upper(), path, node, item, self.root)


def of_member(rule: str, operation: str, key: str, old: Node, new: Node, text: str) -> Difference:
    """A difference of the member under a key: in the new document, or in the old one if the new one lacks the member."""
    make, place = (in_new, new) if key in new else (in_old, old)
    return make(rule, operation, f"{place.pointer}/{key}", text)
