"""openapi.yaml, read once into frozen values.

Everything that depends on the API's shape (routes, validation, objectives, cache tags, report rows)
asks this module. It refuses a document that says something it does not understand: an extension key
that is not in `EXTENSIONS` is an error at load, so that a typo can never switch a rule off in silence.

    >>> spec = load()
    >>> spec["getContentItem"].path
    '/content/items/{id}'
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# The closed list of extension keys: key -> (where it may stand, what it says). README's table is this table.
EXTENSIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "x-slo": (
            "operation",
            "Objective: `thresholdMs` (strictly over it is a violation), `share` of requests that must keep it, "
            "`errorShare` that may fail.",
        ),
        "x-cache-tags": (
            "operation",
            "What the guide's RTK Query client `provides`, `invalidates`, and for how long it keeps an unused "
            "answer (`keepSeconds`).",
        ),
        "x-permission": (
            "operation",
            "The permission an access token must carry; without it the answer is 403.",
        ),
        "x-guide-lines": ("operation", "The lines of the integration guide that this operation comes from."),
        "x-body-limit": ("operation", "The largest request body in bytes; a larger one is answered 413."),
        "x-state-headers": (
            "operation",
            "Optional request headers whose right value depends on the server's state (a precondition, a key); "
            "not under `parameters`, because a generator could only draw values that are refused.",
        ),
        "x-reachable": (
            "response",
            "Who can provoke the status: `client` (the default), `account` (only an account that lacks a "
            "permission), `rate-limit` (only when rate limiting is on), `fault` (only an outage).",
        ),
    }
)
REACHABLE = ("client", "account", "rate-limit", "fault")


class SpecError(ValueError):
    """The document is wrong: whose fault is clear, so this carries one line for the user and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """`share` of the requests take at most `threshold_ms`; at most `error_share` of them fail."""

    threshold_ms: float
    share: float
    error_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTags:
    """RTK Query tags as `Type` or `Type:ID`, with `{arg.…}` and `{result.…}` placeholders."""

    provides: tuple[str, ...] = ()
    invalidates: tuple[str, ...] = ()
    keep_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    style: str
    explode: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    required: bool
    media_types: Mapping[str, Mapping[str, Any]]
    limit: int
    examples: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    name: str
    required: bool
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One documented response of an operation."""

    status: int
    description: str
    media_types: Mapping[str, Mapping[str, Any]]
    headers: tuple[Header, ...]
    reachable: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    id: str
    method: str
    path: str
    tag: str
    summary: str
    parameters: tuple[Parameter, ...]
    state_headers: tuple[Parameter, ...]
    """Optional headers whose right value depends on the server's state: If-Match, Idempotency-Key."""
    body: Body | None
    answers: Mapping[int, Answer]
    objective: Objective
    cache: CacheTags | None
    permission: str | None
    guide_lines: str
    security: tuple[str, ...]

    @property
    def label(self) -> str:
        """`GET /content/items/{id}`: how reports and load statistics name the operation."""
        return f"{self.method} {self.path}"

    @property
    def success(self) -> Answer:
        return self.answers[min(status for status in self.answers if 200 <= status < 300)]


@dataclass(frozen=True)
class Spec:
    """The whole document. Iterates over its operations in the document's order."""

    title: str
    version: str
    digest: str
    prefixes: tuple[str, ...]
    operations: Mapping[str, Operation]
    document: Mapping[str, Any]

    def __getitem__(self, operation_id: str) -> Operation:
        try:
            return self.operations[operation_id]
        except KeyError:
            known = ", ".join(self.operations)
            raise SpecError(f"openapi.yaml has no operation {operation_id!r}; it has {known}") from None

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())

    def __len__(self) -> int:
        return len(self.operations)

    @cached_property
    def validators(self) -> dict[int, Any]:
        """Compiled schemas by identity; `contracts.schema` fills it."""
        return {}

    @cached_property
    def _routes(self) -> tuple[tuple[re.Pattern[str], dict[str, Operation]], ...]:
        paths: dict[str, dict[str, Operation]] = {}
        for operation in self:
            paths.setdefault(operation.path, {})[operation.method] = operation
        # OAS 3.1, Paths Object: concrete paths win over templated ones.
        ordered = sorted(paths.items(), key=lambda entry: entry[0].count("{"))
        return tuple((_path_pattern(path), methods) for path, methods in ordered)

    def match(self, method: str, path: str) -> tuple[Operation | None, dict[str, str], tuple[str, ...]]:
        """The operation of a request, its path parameters, and the methods that the path documents.

        `path` stands without a server prefix. An unknown path has no methods at all (404); a known one
        without this method has some (405 and `Allow`). HEAD is judged as the GET that it mirrors.
        """
        for pattern, methods in self._routes:
            found = pattern.fullmatch(path)
            if found:
                operation = methods.get("GET" if method == "HEAD" else method)
                return operation, found.groupdict(), tuple(methods)
        return None, {}, ()


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(parts)))


def default_path() -> Path:
    """openapi.yaml beside the packages (a checkout), inside them (a wheel), or where TCHAT_SPEC says."""
    named = os.environ.get("TCHAT_SPEC")
    if named:
        return Path(named)
    here = Path(__file__).resolve().parent
    checkout = here.parent / "openapi.yaml"
    return checkout if checkout.exists() else here / "openapi.yaml"


def load(path: Path | None = None) -> Spec:
    """Read and check a document; SpecError names the place of the first thing that is wrong."""
    return _load(path or default_path())


@lru_cache(maxsize=8)
def _load(path: Path) -> Spec:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SpecError(f"cannot read the spec {path}: {error.strerror}") from None
    return parse(text, name=path.name)


def parse(text: bytes, *, name: str = "openapi.yaml") -> Spec:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(text, Loader=loader)  # a safe loader, whichever it is
    except yaml.YAMLError as error:
        raise SpecError(f"{name} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or "paths" not in document:
        raise SpecError(f"{name} is not an OpenAPI document: it has no `paths`")
    return _Reader(document, name).spec(hashlib.sha256(text).hexdigest())


class _Reader:
    """Walks the document once. Keeps `where`, so that each error can say the place."""

    def __init__(self, document: dict[str, Any], name: str) -> None:
        self.document = document
        self.name = name

    def fail(self, where: str, what: str) -> SpecError:
        return SpecError(f"{self.name}: {where}: {what}")

    def spec(self, digest: str) -> Spec:
        self._refuse_unknown_extensions(self.document, "")
        operations: dict[str, Operation] = {}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item)
                    if operation.id in operations:
                        raise self.fail(f"{method} {path}", f"operationId {operation.id!r} is used twice")
                    operations[operation.id] = operation
        info = self.document.get("info", {})
        return Spec(
            title=info.get("title", ""),
            version=info.get("version", ""),
            digest=digest,
            prefixes=tuple(s["url"].rstrip("/") for s in self.document.get("servers", [{"url": "/"}])),
            operations=MappingProxyType(operations),
            document=self.document,
        )

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

    def _answer(self, status: int, raw: Any, where: str) -> Answer:
        raw = self.deref(raw)
        reachable = raw.get("x-reachable", "client")
        if reachable not in REACHABLE:
            raise self.fail(where, f"x-reachable {reachable!r} of {status} is none of {', '.join(REACHABLE)}")
        headers = []
        for name, header in raw.get("headers", {}).items():
            header = self.deref(header)
            headers.append(Header(name=name, required=header.get("required", False), schema=header["schema"]))
        media_types = {media: content["schema"] for media, content in raw.get("content", {}).items()}
        codes = tuple(sorted({c for schema in media_types.values() for c in self._codes(schema)}))
        return Answer(
            status=status,
            description=raw.get("description", ""),
            media_types=media_types,
            headers=tuple(headers),
            reachable=reachable,
            codes=codes if status >= 400 else (),
        )

    def _codes(self, schema: Any) -> Iterator[str]:
        """The values that `code` of a problem document may take, wherever the composition hides them."""
        schema = self.deref(schema)
        if not isinstance(schema, dict):
            return
        code = self.deref(schema.get("properties", {}).get("code", {}))
        if "const" in code:
            yield code["const"]
        yield from code.get("enum", ())
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key, ()):
                yield from self._codes(part)

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
