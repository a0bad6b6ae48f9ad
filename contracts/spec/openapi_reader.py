"""From an OpenAPI document to values: walks it once and refuses what it does not understand, with the place."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from contracts.spec.operation import (
    EXTENSIONS,
    REACHABLE,
    Body,
    CacheTags,
    DocumentedResponse,
    Header,
    Objective,
    Operation,
    Parameter,
)

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class SpecError(ValueError):
    """The document is wrong: whose fault is clear, so this carries one line for the user and no more."""


class Reader:
    """Walks the document once. Keeps `where`, so that each error can say the place."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        self.document = document
        self.name = name

    def fail(self, where: str, what: str) -> SpecError:
        return SpecError(f"{self.name}: {where}: {what}")

    def operations(self) -> dict[str, Operation]:
        """By operationId, in the document's order."""
        self._refuse_unknown_extensions(self.document, "")
        found: dict[str, Operation] = {}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item)
                    if operation.id in found:
                        raise self.fail(f"{method} {path}", f"operationId {operation.id!r} is used twice")
                    found[operation.id] = operation
        return found

    def _refuse_unknown_extensions(self, node: Any, where: str) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if isinstance(key, str) and key.startswith("x-") and key not in EXTENSIONS:
                    known = ", ".join(EXTENSIONS)
                    raise self.fail(
                        where or "/", f"unknown extension key {key!r}; the list is closed: {known}"
                    )
                # Schemas of header objects are named by header, and `X-…` header names are no extensions.
                self._refuse_unknown_extensions(value, f"{where}/{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._refuse_unknown_extensions(value, f"{where}/{index}")

    def deref(self, node: Any) -> Any:
        """Follow `$ref` at this node only; schemas keep theirs and are compiled with the document."""
        seen: set[str] = set()
        while isinstance(node, dict) and "$ref" in node:
            pointer = node["$ref"]
            if pointer in seen or not pointer.startswith("#/"):
                raise self.fail(pointer, "a reference that cannot be followed")
            seen.add(pointer)
            node = self.document
            for part in pointer[2:].split("/"):
                try:
                    node = node[part.replace("~1", "/").replace("~0", "~")]
                except (KeyError, TypeError):
                    raise self.fail(pointer, "a reference to nothing") from None
        return node

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> Operation:
        raw = item[method]
        where = f"{method.upper()} {path}"
        for key in ("operationId", "responses", "x-slo"):
            if key not in raw:
                raise self.fail(where, f"has no {key}")
        raw_parameters = [*item.get("parameters", []), *raw.get("parameters", [])]
        security = raw.get("security", self.document.get("security", []))
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            tag=(raw.get("tags") or [""])[0],
            summary=raw.get("summary", ""),
            parameters=tuple(self._parameter(p) for p in raw_parameters),
            state_headers=tuple(
                self._parameter({**header, "in": "header"}) for header in raw.get("x-state-headers", ())
            ),
            body=self._body(raw, where),
            answers=MappingProxyType(
                {int(s): self._answer(int(s), a, where) for s, a in raw["responses"].items()}
            ),
            objective=self._objective(raw["x-slo"], where),
            cache=self._cache(raw.get("x-cache-tags"), where),
            permission=raw.get("x-permission"),
            guide_lines=str(raw.get("x-guide-lines", "")),
            security=tuple(name for requirement in security for name in requirement),
        )

    def _parameter(self, raw: Any) -> Parameter:
        raw = self.deref(raw)
        style = raw.get("style", "form" if raw["in"] in ("query", "cookie") else "simple")
        return Parameter(
            name=raw["name"],
            location=raw["in"],
            required=raw.get("required", False),
            schema=raw["schema"],
            style=style,
            explode=raw.get("explode", style == "form"),
        )

    def _body(self, raw: dict[str, Any], where: str) -> Body | None:
        if "requestBody" not in raw:
            return None
        body = self.deref(raw["requestBody"])
        if "x-body-limit" not in raw:
            raise self.fail(where, "has a request body but no x-body-limit")
        examples: dict[str, Any] = {}
        for content in body["content"].values():
            for name, example in content.get("examples", {}).items():
                examples[name] = self.deref(example)["value"]
            if "example" in content:
                examples["example"] = content["example"]
        return Body(
            required=body.get("required", False),
            media_types={media: content["schema"] for media, content in body["content"].items()},
            limit=int(raw["x-body-limit"]),
            examples=examples,
        )

    def _answer(self, status: int, raw: Any, where: str) -> DocumentedResponse:
        raw = self.deref(raw)
        reachable = raw.get("x-reachable", "client")
        if reachable not in REACHABLE:
            raise self.fail(where, f"x-reachable {reachable!r} of {status} is none of {', '.join(REACHABLE)}")
        headers = []
        for name, header in raw.get("headers", {}).items():
            header = self.deref(header)
            headers.append(Header(name=name, required=header.get("required", False), schema=header["schema"]))
        media_types = {media: content["schema"] for media, content in raw.get("content", {}).items()}
        codes = tuple(sorted({c for schema in media_types.values() for c in self._codes(schema) or ()}))
        return DocumentedResponse(
            status=status,
            description=raw.get("description", ""),
            media_types=media_types,
            headers=tuple(headers),
            reachable=reachable,
            codes=codes if status >= 400 else (),
        )

    def _codes(self, schema: Any) -> frozenset[str] | None:
        """The values that `code` may take: parts of allOf narrow, those of oneOf and anyOf add; None is any."""
        schema = self.deref(schema)
        code = self.deref(schema.get("properties", {}).get("code", {}))
        allowed: frozenset[str] | None = None
        if "enum" in code or "const" in code:
            allowed = frozenset(code.get("enum", [code.get("const")]))
        for part in schema.get("allOf", ()):
            allowed = _narrowed(allowed, self._codes(part))
        for key in ("oneOf", "anyOf"):
            parts = [self._codes(part) for part in schema.get(key, ())]
            known = [part for part in parts if part is not None]
            if known and len(known) == len(parts):
                allowed = _narrowed(allowed, frozenset().union(*known))
        return allowed

    def _objective(self, raw: Any, where: str) -> Objective:
        if not isinstance(raw, dict) or set(raw) != {"thresholdMs", "share", "errorShare"}:
            raise self.fail(where, "x-slo must have exactly thresholdMs, share and errorShare")
        objective = Objective(
            threshold_ms=float(raw["thresholdMs"]),
            share=float(raw["share"]),
            error_share=float(raw["errorShare"]),
        )
        if not (objective.threshold_ms > 0 and 0 < objective.share < 1 and 0 <= objective.error_share < 1):
            raise self.fail(where, "x-slo needs thresholdMs > 0, 0 < share < 1, 0 <= errorShare < 1")
        return objective

    def _cache(self, raw: Any, where: str) -> CacheTags | None:
        if raw is None:
            return None
        unknown = set(raw) - {"provides", "invalidates", "keepSeconds"}
        if unknown:
            raise self.fail(where, f"x-cache-tags has unknown keys {', '.join(sorted(unknown))}")
        return CacheTags(
            provides=tuple(raw.get("provides", ())),
            invalidates=tuple(raw.get("invalidates", ())),
            keep_seconds=raw.get("keepSeconds"),
        )


def _narrowed(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other
