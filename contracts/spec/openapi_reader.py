"""`OpenApiReader`, which makes `Operation`s of an OpenAPI document and refuses what it does not understand, with the place.

The document may be a foreign one, so our extension keys (`x-slo`, `x-permission`, …) have defaults. Another key that begins with `x-`
gives a warning; one that is similar to ours is refused, because it is a typing error that would disable a rule silently.
"""

import difflib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from contracts.spec.media_types import media_types
from contracts.spec.operation import (
    BODY_LIMIT,
    BUDGET,
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
from contracts.spec.source import references
from contracts.spec.source.oauth_endpoints import oauth_endpoints
from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import METHODS, token, walk

NEARLY = 0.8
"""The similarity (difflib) above which a key counts as a misspelling of ours: `x-permision` is one, `x-internal` is not."""


def _own_server(*holders: Mapping[str, Any]) -> str | None:
    """The path of the first of the servers that an operation or its path has; None if they have none."""
    own = next((holder["servers"] for holder in holders if holder.get("servers")), None)
    return urlsplit(own[0]["url"]).path.rstrip("/") if own else None


class OpenApiReader:
    """The reader of one document. `warnings` are for the user; nothing fails because of them."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        self.document = document
        self.name = name
        self.warnings: list[str] = []
        self._oauth: Mapping[tuple[str, str], str] = {}

    def fail(self, where: str, what: str) -> SpecError:
        return SpecError(f"{self.name}: {where}: {what}")

    def operations(self) -> dict[str, Operation]:
        """The operations by operationId, in the document's order. Raises SpecError."""
        self._judge_extensions()
        self._oauth = oauth_endpoints(self.document, self.deref, self.fail)
        found: dict[str, Operation] = {}
        for path, item in self.document["paths"].items():
            for method in METHODS if path.startswith("/") else ():
                if method in item:
                    operation = self._operation(path, method, item)
                    if operation.id in found:
                        raise self.fail(f"{method} {path}", f"operationId {operation.id!r} is used twice")
                    found[operation.id] = operation
        return found

    def _judge_extensions(self) -> None:
        foreign: dict[str, str] = {}
        for place in walk(self.document, self.name):
            for key in place.node:
                if key.startswith("x-") and key not in EXTENSIONS:
                    near = difflib.get_close_matches(key.lower(), EXTENSIONS, n=1, cutoff=NEARLY)
                    if near:
                        raise self.fail(
                            place.pointer or "/", f"unknown extension key {key!r}; did you mean {near[0]!r}?"
                        )
                    foreign.setdefault(key, f"{place.pointer}/{token(key)}")
        if foreign:
            first = next(iter(foreign.values()))
            names = ", ".join(sorted(foreign))
            self.warnings.append(
                f"{self.name}: extension keys that are not ours are left alone: {names} (first at {first})"
            )

    def deref(self, node: Any) -> Any:
        """The object that a `$ref` at this node leads to. Those inside of schemas stay, because schemas are compiled with the document."""
        found = references.resolved(self.document, node, self.fail)
        if not isinstance(found, dict | bool):
            raise self.fail(
                str(node.get("$ref", "/") if isinstance(node, dict) else "/"), "an object is expected here"
            )
        return found

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> Operation:
        raw = item[method]
        where = f"{method.upper()} {path}"
        state_headers = raw.get("x-state-headers", ())
        if not isinstance(state_headers, list | tuple) or not all(isinstance(h, dict) for h in state_headers):
            raise self.fail(where, "x-state-headers is a list of headers")
        if not isinstance(raw.get("x-permission", ""), str):
            raise self.fail(where, "x-permission is a text")
        # OAS 3.1, Operation Object: a parameter of the operation replaces one of the path with the same name and location.
        stated = (self.deref(p) for p in (*item.get("parameters", ()), *raw.get("parameters", ())))
        given = (each for one in stated for each in self._each_member(one))
        parameters = {(p.get("in"), p.get("name")): p for p in given}
        required = raw.get("security", self.document.get("security"))
        public = required is not None and (not required or {} in required)
        answers, ranges = self._responses(raw.get("responses", {}), where)
        if not answers and not ranges:
            self.warnings.append(
                f"{self.name}: {where}: documents no response, so no answer is right or wrong"
            )
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            tag=(raw.get("tags") or [""])[0],
            summary=raw.get("summary", ""),
            parameters=tuple(self._parameter(p, where) for p in parameters.values()),
            state_headers=tuple(
                self._parameter({**header, "in": "header"}, where) for header in state_headers
            ),
            body=self._body(raw, where),
            answers=MappingProxyType(answers),
            ranges=MappingProxyType(ranges),
            objective=self._objective(raw["x-slo"], where) if "x-slo" in raw else BUDGET,
            cache=self._cache(raw.get("x-cache-tags"), where),
            permission=raw.get("x-permission"),
            security=() if public else tuple(name for scheme in required or () for name in scheme),
            public=public,
            oauth=(role := self._oauth.get((path, method), "")),
            server=_own_server(raw, item) if role else None,
        )

    def _responses(
        self, raw: Mapping[str, Any], where: str
    ) -> tuple[dict[int, DocumentedResponse], dict[str, DocumentedResponse]]:
        answers: dict[int, DocumentedResponse] = {}
        ranges: dict[str, DocumentedResponse] = {}
        for key, answer in raw.items():
            if key.isdecimal():
                answers[int(key)] = self._answer(int(key), answer, where)
            elif key == "default":
                ranges[key] = self._answer(400, answer, where)
            elif not key.startswith("x-"):
                ranges[key.upper()] = self._answer(int(key[0]) * 100, answer, where)
        return answers, ranges

    def _each_member(self, raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The parameters that one stands for: an exploded object of style `form` is on the wire one for each of its members, as springdoc writes
        Spring's `Pageable`; so are the `filter` and the `page` of JSON:API, with brackets (`deepObject`)."""
        schema = references.followed(self.document, raw.get("schema"))
        deep = raw.get("style") == "deepObject" and raw.get("name") in ("filter", "page")
        formed = raw.get("in") == "query" and (deep or (raw.get("style", "form") == "form" and raw.get("explode", True)))  # fmt: skip
        named = schema.get("properties") if formed and isinstance(schema, Mapping) else None
        if not named or "additionalProperties" in schema:
            yield raw
            return
        required = schema.get("required", ()) if raw.get("required") else ()
        for name, part in named.items():
            spelled = f"{raw['name']}[{name}]" if deep else name
            yield {"name": spelled, "in": "query", "required": name in required, "schema": part}

    def _parameter(self, raw: Any, where: str) -> Parameter:
        raw = self.deref(raw)
        for key in ("name", "in"):
            if not isinstance(raw.get(key), str):
                raise self.fail(where, f"a parameter has no {key}")
        style = raw.get("style", "form" if raw["in"] in ("query", "cookie") else "simple")
        return Parameter(
            name=raw["name"],
            location=raw["in"],
            required=raw.get("required", False),
            schema=_schema(raw),
            style=style,
            explode=raw.get("explode", style == "form"),
            types=references.types_of(self.document, _schema(raw)),
            content="" if "schema" in raw else next(iter(raw.get("content", ())), ""),
        )

    def _body(self, raw: dict[str, Any], where: str) -> Body | None:
        if "requestBody" not in raw:
            return None
        body = self.deref(raw["requestBody"])
        limit = raw.get("x-body-limit", BODY_LIMIT)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            raise self.fail(where, "x-body-limit is a number of bytes of at least 1")
        examples: dict[str, Any] = {}
        for content in body.get("content", {}).values():
            for name, example in content.get("examples", {}).items():
                found = self.deref(example)
                if "value" in found:
                    examples[name] = found["value"]
            if "example" in content:
                examples["example"] = content["example"]
        return Body(
            required=body.get("required", False),
            media_types=media_types(body, sent=True),
            limit=limit,
            limited="x-body-limit" in raw,
            examples=examples,
        )

    def _answer(self, status: int, raw: Any, where: str) -> DocumentedResponse:
        raw = self.deref(raw)
        reachable = raw.get("x-reachable", _usually_reachable(status))
        if reachable not in REACHABLE:
            raise self.fail(where, f"x-reachable {reachable!r} of {status} is none of {', '.join(REACHABLE)}")
        headers = []
        for name, header in raw.get("headers", {}).items():
            if name.lower() != "content-type":  # OAS 3.1, Response Object: it is ignored
                header = self.deref(header)
                headers.append(
                    Header(name=name, required=header.get("required", False), schema=_schema(header))
                )
        schemas = media_types(raw, sent=False)
        codes = tuple(sorted({c for schema in schemas.values() for c in self._codes(schema) or ()}))
        return DocumentedResponse(
            status=status,
            description=raw.get("description", ""),
            media_types=schemas,
            headers=tuple(headers),
            reachable=reachable,
            codes=codes if status >= 400 else (),
        )

    def _codes(self, schema: Any, depth: int = 0) -> frozenset[str] | None:
        """The values that `code` may have by a schema (allOf intersects, oneOf and anyOf unite); None for any value."""
        schema = self.deref(schema)
        if not isinstance(schema, dict) or depth > references.MOST_STEPS:
            return None
        code = self.deref(schema.get("properties", {}).get("code", {}))
        allowed: frozenset[str] | None = None
        if isinstance(code, dict) and ("enum" in code or "const" in code):
            allowed = frozenset(str(value) for value in code.get("enum", [code.get("const")]))
        for part in schema.get("allOf", ()):
            allowed = _narrowed(allowed, self._codes(part, depth + 1))
        for key in ("oneOf", "anyOf"):
            parts = [self._codes(part, depth + 1) for part in schema.get(key, ())]
            known = [part for part in parts if part is not None]
            if known and len(known) == len(parts):
                allowed = _narrowed(allowed, frozenset().union(*known))
        return allowed

    def _objective(self, raw: Any, where: str) -> Objective:
        if not isinstance(raw, dict) or set(raw) != {"thresholdMs", "share", "errorShare"}:
            raise self.fail(where, "x-slo must have exactly thresholdMs, share and errorShare")
        if not all(_is_share_or_time(value) for value in raw.values()):
            raise self.fail(where, "x-slo holds numbers, none over a thousand million")
        objective = Objective.of(raw)
        if not (objective.threshold_ms > 0 and 0 < objective.share < 1 and 0 <= objective.error_share < 1):
            raise self.fail(where, "x-slo needs thresholdMs > 0, 0 < share < 1, 0 <= errorShare < 1")
        return objective

    def _cache(self, raw: Any, where: str) -> CacheTags | None:
        if raw is None:
            return None
        if not isinstance(raw, dict):
            raise self.fail(where, "x-cache-tags is an object")
        unknown = set(raw) - {"provides", "invalidates", "keepSeconds"}
        if unknown:
            raise self.fail(where, f"x-cache-tags has unknown keys {', '.join(sorted(unknown))}")
        return CacheTags(
            provides=tuple(raw.get("provides", ())),
            invalidates=tuple(raw.get("invalidates", ())),
            keep_seconds=raw.get("keepSeconds"),
        )


def _schema(raw: Mapping[str, Any]) -> Any:
    """The schema of a parameter or header: its own, or that of its only media type; without either, any value is valid."""
    if "schema" in raw:
        return raw["schema"]
    content: Mapping[str, Any] = next(iter(raw.get("content", {}).values()), {})
    return content.get("schema", {})


def _usually_reachable(status: int) -> str:
    """Who can provoke a status where the document does not say it.

    >>> [_usually_reachable(status) for status in (404, 403, 429, 503)]
    ['client', 'account', 'rate-limit', 'fault']
    """
    return {403: "account", 429: "rate-limit"}.get(status, "fault" if status >= 500 else "client")


def _narrowed(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _is_share_or_time(value: Any) -> bool:
    """Whether a value is a number that fits into a float; YAML and JSON have integers of any length."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e9 <= value <= 1e9
