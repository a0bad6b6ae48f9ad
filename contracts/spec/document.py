"""An OpenAPI document, read once into frozen values.

Everything that depends on the API's shape (routes, validation, objectives, cache tags, report rows) asks this module. The
document is ours or anybody's (`--spec`), with overlays over it; what it does not say has a stated default, and what cannot be
read is one line with its place.

    >>> spec = load()
    >>> spec["getContentItem"].path
    '/content/items/{id}'
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from contracts.spec.openapi_reader import OpenApiReader
from contracts.spec.operation import Operation
from contracts.spec.operation_identity import KnownOperation, identify, with_known_tokens
from contracts.spec.source import document_text, references
from contracts.spec.source import overlays as overlay_document
from contracts.spec.source.openapi_versions import upgraded
from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import check_schemas

SPEC_VARIABLE, OVERLAY_VARIABLE = "TCHAT_SPEC", "TCHAT_OVERLAY"


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document as a value. It iterates over its operations in the document's order."""

    title: str
    version: str
    digest: str
    prefixes: tuple[str, ...]
    operations: Mapping[str, Operation]
    document: Mapping[str, Any]
    """The JSON value of the document: after overlays, with references into other files resolved, as OpenAPI 3.1."""
    warnings: tuple[str, ...] = ()
    oauth: Mapping[str, Operation] = field(default_factory=dict)
    """The endpoints of the authorization server by their role (`x-oauth`). They are not among `operations`, because RFCs and not our laws
    define them."""

    def __getitem__(self, operation_id: str) -> Operation:
        found = self.operations.get(operation_id) or next(
            (endpoint for endpoint in self.oauth.values() if endpoint.id == operation_id), None
        )
        if found is None:
            known = ", ".join(self.operations)
            raise SpecError(f"the document has no operation {operation_id!r}; it has {known}")
        return found

    @property
    def endpoints(self) -> tuple[Operation, ...]:
        """The operations, and the endpoints of the authorization server."""
        return (*self.operations.values(), *self.oauth.values())

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())

    def __len__(self) -> int:
        return len(self.operations)

    @cached_property
    def validators(self) -> dict[bytes, Any]:
        """Compiled schemas by their JSON text; `contracts.schema` fills it."""
        return {}

    @cached_property
    def members(self) -> dict[tuple[str, int, str], Any]:
        """The members of bodies, by operationId, status (0 for a request) and media type; `contracts.dialect.schema_members` fills it."""
        return {}

    @cached_property
    def _routes(self) -> tuple[tuple[re.Pattern[str], tuple[str, ...], dict[str, Operation]], ...]:
        paths: dict[str, dict[str, Operation]] = {}
        for operation in self:
            paths.setdefault(operation.path, {})[operation.method] = operation
        # OAS 3.1, Paths Object: concrete paths win over templated ones, and so does `{id}:publish` over `{id}`.
        ordered = sorted(paths.items(), key=lambda entry: (entry[0].count("{"), -len(_literal(entry[0]))))
        return tuple((*_path_pattern(path), methods) for path, methods in ordered)

    def match(self, method: str, path: str) -> tuple[Operation | None, dict[str, str], tuple[str, ...]]:
        """The operation of a request, its path parameters, and the documented methods of the path.

        `path` is without a server prefix. An unknown path has no methods (404); a known path without this method has some (405 and
        `Allow`). HEAD matches the GET operation.
        """
        for pattern, names, methods in self._routes:
            found = pattern.fullmatch(path)
            if found:
                operation = methods.get("GET" if method == "HEAD" else method)
                return operation, dict(zip(names, found.groups(), strict=True)), tuple(methods)
        return None, {}, ()

    def spelled(self, path: str) -> str:
        """A path, perhaps with a query, with the slash at its end that this document has there; unchanged if it has none.

        >>> load(own_path()).spelled("/content/items")
        '/content/items'
        """
        name, mark, query = path.partition("?")
        known = self.match("", name)[2] or not self.match("", f"{name}/")[2]
        return path if known else f"{name}/{mark}{query}"


def _literal(path: str) -> str:
    """A path template without its parameters."""
    return re.sub(r"\{[^{}]+\}", "", path)


def _path_pattern(path: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The regular expression of a path template, and the names of its parameters in order."""
    parts = re.split(r"\{([^{}]+)\}", path)
    pattern = "".join("([^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    return re.compile(pattern), tuple(parts[1::2])


def default_path() -> Path:
    """The path of the document: that of TCHAT_SPEC, else our own."""
    named = os.environ.get(SPEC_VARIABLE)
    return Path(named) if named else own_path()


def own_path() -> Path:
    """The path of our openapi.yaml: beside the packages in a checkout, inside of `contracts` in a wheel."""
    here = Path(__file__).resolve().parents[1]
    checkout = here.parent / "openapi.yaml"
    return checkout if checkout.exists() else here / "openapi.yaml"


def default_overlays() -> tuple[Path, ...]:
    """The overlays that TCHAT_OVERLAY lists, separated as in PATH (`:`, on Windows `;`)."""
    return tuple(Path(part) for part in os.environ.get(OVERLAY_VARIABLE, "").split(os.pathsep) if part)


def load(path: Path | None = None, overlays: Iterable[Path] | None = None) -> Spec:
    """The document at `path` with its overlays. Raises SpecError with the place of the first error.

    Without arguments it is the document that the environment names (`contracts.command.document_options` sets it); with a path only, that
    document without overlays.
    """
    if path is None:
        return _load(default_path(), default_overlays() if overlays is None else tuple(overlays))
    return _load(path, tuple(overlays or ()))


@lru_cache(maxsize=1)
def canonical() -> Spec:
    """Our own document, for which the laws are written, whatever document the target has."""
    path = own_path()
    return parse(_bytes(path, "spec"), name=path.name, folder=path.parent)


@lru_cache(maxsize=8)
def _load(path: Path, overlays: tuple[Path, ...]) -> Spec:
    if path == own_path() and not overlays:
        return canonical()
    return parse(
        _bytes(path, "spec"),
        name=path.name,
        folder=path.resolve().parent,
        overlays=[(overlay.name, _bytes(overlay, "overlay")) for overlay in overlays],
        known=[KnownOperation(op.id, op.method, op.path, op.security) for op in canonical()],
    )


def _bytes(path: Path, kind: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpecError(f"cannot read the {kind} {path}: {error.strerror}") from None
    except ValueError as error:  # a null character in the name
        raise SpecError(f"cannot read the {kind} {str(path)!r}: {error}") from None


def parse(
    text: bytes,
    *,
    name: str = "openapi.yaml",
    folder: Path | None = None,
    overlays: Iterable[tuple[str, bytes]] = (),
    known: Iterable[KnownOperation] = (),
) -> Spec:
    """The document in a text. `folder` is the base of references to other files, `overlays` are (name, text), and `known` are the
    operations whose ids and paths are used for its own (`contracts.spec.operation_identity`). Raises SpecError."""
    try:
        return _parse(text, name, folder, overlays, known)
    except SpecError:
        raise
    except RecursionError:
        raise SpecError(f"{name}: it is nested too deep, or its references lead in a circle") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # It is malformed in a way that no check covers.
        problem = f"{type(error).__name__}: {error}"
        raise SpecError(f"{name}: it cannot be understood as OpenAPI: {problem}") from None


def _parse(
    text: bytes,
    name: str,
    folder: Path | None,
    overlays: Iterable[tuple[str, bytes]],
    known: Iterable[KnownOperation],
) -> Spec:
    document = document_text.read(text, name=name)
    digest = hashlib.sha256(text)
    warnings: list[str] = []
    for overlay, edits in overlays:
        document, notes = overlay_document.apply(document, edits, name=overlay)
        warnings += notes
        digest.update(edits)
    if not isinstance(document, dict) or not ("paths" in document or "swagger" in document):
        raise SpecError(f"{name} is not an OpenAPI document: it has no `paths`")
    upgraded(document, name)
    references.bundle(document, name, folder)
    check_schemas(document, name)
    warnings += identify(document, known, name)
    reader = OpenApiReader(document, name)
    operations = with_known_tokens(reader.operations(), known)
    info = document.get("info", {})
    return Spec(
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        digest=digest.hexdigest(),
        prefixes=prefixes(document.get("servers") or [{"url": "/"}]),
        operations=MappingProxyType({id: each for id, each in operations.items() if not each.oauth}),
        document=document,
        warnings=(*warnings, *reader.warnings),
        oauth=MappingProxyType({each.oauth: each for each in operations.values() if each.oauth}),
    )


def prefixes(servers: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The paths of the server entries. Their hosts are ignored, because the user names the host with the target.

    >>> prefixes([{"url": "https://{region}.example.com/v1/", "variables": {"region": {"default": "eu"}}}, {"url": "/"}])
    ('/v1', '')
    """
    found = []
    for server in servers:
        url = server["url"]
        for name, variable in server.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
        path = url if url.startswith("/") else urlsplit(url).path if "//" in url else f"/{url}"
        found.append(path.rstrip("/"))
    return tuple(dict.fromkeys(found))
