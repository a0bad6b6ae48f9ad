"""One of the two compared documents, with the JSON pointer of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.spec import Operation, Spec
from reports.compat.pointers import escaped
from reports.compat.schema.schema_shape import SchemaShape, shape


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """`places` maps identities in `spec.document` to pointers (`place.places`)."""

    spec: Spec
    places: dict[int, str]

    def pointer(self, node: Any) -> str:
        return self.places.get(id(node), "")

    def shape(self, schema: Any) -> SchemaShape:
        return shape(self.spec.document, schema, self.pointer(schema))

    def raw(self, operation: Operation) -> dict[str, Any]:
        found: dict[str, Any] = self.spec.document["paths"][operation.path][operation.method.lower()]
        return found

    def place(self, operation: Operation) -> str:
        return f"/paths/{escaped(operation.path)}/{operation.method.lower()}"
