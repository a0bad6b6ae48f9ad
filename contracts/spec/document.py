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

from contracts.spec.openapi_reader import METHODS, Reader, SpecError
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

__all__ = [
    "EXTENSIONS",
    "METHODS",
    "REACHABLE",
    "Body",
    "CacheTags",
    "DocumentedResponse",
    "Header",
    "Objective",
    "Operation",
    "Parameter",
    "Spec",
    "SpecError",
    "default_path",
    "from_yaml",
    "load",
    "parse",
]


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
    here = Path(__file__).resolve().parents[1]
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


def from_yaml(text: bytes) -> Any:
    """By libyaml where PyYAML has it: eight times as fast, and each start of a server or of the suite reads two documents."""
    return yaml.load(
        text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )  # a safe loader, whichever it is


def parse(text: bytes, *, name: str = "openapi.yaml") -> Spec:
    try:
        document = from_yaml(text)
    except yaml.YAMLError as error:
        raise SpecError(f"{name} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or "paths" not in document:
        raise SpecError(f"{name} is not an OpenAPI document: it has no `paths`")
    return _spec(Reader(document, name), hashlib.sha256(text).hexdigest())


def _spec(reader: Reader, digest: str) -> Spec:
    document = reader.document
    info = document.get("info", {})
    return Spec(
        title=info.get("title", ""),
        version=info.get("version", ""),
        digest=digest,
        prefixes=tuple(s["url"].rstrip("/") for s in document.get("servers", [{"url": "/"}])),
        operations=MappingProxyType(reader.operations()),
        document=document,
    )
