"""Which operation of a foreign document is which of ours: by method and path, because an operationId is any framework's taste.

The laws name operations by our ids. So a document that calls `GET /api/content/items/{itemId}` by another id, under another prefix or
with another parameter name, is read as if it said `getContentItem`, `/content/items/{id}` and `id`; what stands on the wire is the
same. Operations that the laws do not know keep their ids.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from contracts.spec.operation import Operation
from contracts.spec.source.references import resolved
from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import METHODS, walk

ACCESS = ("accessToken",)
PARAMETER = re.compile(r"\{([^{}]*)\}")


class KnownOperation(NamedTuple):
    """One operation of our own document, by method and path."""

    id: str
    method: str
    path: str
    security: tuple[str, ...] = ()


def identify(document: dict[str, Any], known: Iterable[KnownOperation], name: str) -> list[str]:
    """Give the operations of the document our ids, paths without prefix and parameter names, in place. Gives warnings."""
    table = {(op.method.lower(), _shape(op.path)): op for op in known}
    prefix = _prefix(document["paths"], table)
    warnings = _without_prefix(document, prefix, name)
    renamed: dict[str, str] = {}
    for path, item in list(document["paths"].items()):
        ours = {m: table[m, _shape(path)] for m in METHODS if m in item and (m, _shape(path)) in table}
        for method, operation in ours.items():
            renamed[item[method].get("operationId", "")] = operation.id
            item[method]["operationId"] = operation.id
        if ours:
            _rename_parameters(document, path, next(iter(ours.values())).path, name)
    _keep_apart(document, {op.id: (op.method.lower(), _shape(op.path)) for op in table.values()})
    for place in walk(document, name):
        if place.kind == "link" and place.node.get("operationId") in renamed:
            place.node["operationId"] = renamed[place.node["operationId"]]
    return warnings


def with_known_tokens(
    operations: Mapping[str, Operation], known: Iterable[KnownOperation]
) -> dict[str, Operation]:
    """Whoever asks for a token asks for the one that ours asks for, whatever its scheme is called; for the access token where it
    is no operation of ours."""
    table = {operation.id: operation.security for operation in known}
    return {
        name: replace(operation, security=table.get(name) or ACCESS)
        if operation.security and table
        else operation
        for name, operation in operations.items()
    }


def _shape(path: str) -> str:
    """A path whose parameters have no names.

    >>> _shape("/content/items/{itemId}/versions/")
    '/content/items/{}/versions/'
    """
    return PARAMETER.sub("{}", path)


def _prefix(paths: Mapping[str, Any], table: Mapping[tuple[str, str], KnownOperation]) -> str:
    """The beginning of the paths after which most operations are ours; the shortest of several."""
    candidates = {""}
    for path in paths:
        parts = path.split("/")
        candidates |= {"/".join(parts[:end]) for end in range(2, min(len(parts), 5))}

    def ours(prefix: str) -> int:
        return sum(
            (method, _shape(path[len(prefix) :])) in table
            for path, item in paths.items()
            if path.startswith(f"{prefix}/")
            for method in METHODS
            if method in item
        )

    return min(sorted(candidates), key=lambda prefix: (-ours(prefix), len(prefix)))


def _without_prefix(document: dict[str, Any], prefix: str, name: str) -> list[str]:
    """Move the prefix from the paths to the server entries. What stands beside it has no place under them any more."""
    if not prefix:
        return []
    outside = [
        path for path in document["paths"] if path.startswith("/") and not path.startswith(f"{prefix}/")
    ]
    document["paths"] = {
        path.removeprefix(prefix): item for path, item in document["paths"].items() if path not in outside
    }
    servers = document.get("servers") or [{"url": "/"}]
    document["servers"] = [{**server, "url": f"{server['url'].rstrip('/')}{prefix}"} for server in servers]
    told = ", ".join(outside)
    return [f"{name}: paths outside of {prefix} are left alone: {told}"] if outside else []


def _rename_parameters(document: dict[str, Any], path: str, wanted: str, name: str) -> None:
    names = dict(zip(PARAMETER.findall(path), PARAMETER.findall(wanted), strict=True))
    names = {theirs: ours for theirs, ours in names.items() if theirs != ours}
    if not names:
        return
    paths = document["paths"]
    item = paths.pop(path)
    if wanted in paths:
        raise SpecError(f"{name}: /paths: {path} and {wanted} are the same path")
    paths[wanted] = item

    def fail(reference: str, what: str) -> SpecError:
        return SpecError(f"{name}: {reference}: {what}")

    for holder in (item, *(item[method] for method in METHODS if method in item)):
        for index, raw in enumerate(holder.get("parameters", ())):
            parameter = resolved(document, raw, fail)
            if parameter.get("in") == "path" and parameter.get("name") in names:
                holder["parameters"][index] = {**copy.deepcopy(parameter), "name": names[parameter["name"]]}


def _keep_apart(document: dict[str, Any], known: Mapping[str, tuple[str, str]]) -> None:
    """An operation of theirs that has the id of one of ours, and is another, loses it."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and known.get(item[method].get("operationId", ""), (method, _shape(path))) != (
                method,
                _shape(path),
            ):
                del item[method]["operationId"]
