"""The matching of a foreign document's operations with ours, by method and path, because each framework makes operationIds of its own.

The laws name operations by our ids. So a document that has `GET /api/content/items/{itemId}`, with another id, prefix or parameter name,
is read as if it had `getContentItem`, `/content/items/{id}` and `id`; requests are the same in both cases. Operations that no law covers
keep their ids.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from contracts.spec.operation import Operation
from contracts.spec.source.oauth_endpoints import may_be_endpoint
from contracts.spec.source.references import resolved
from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import METHODS, walk

ACCESS = ("accessToken",)
PARAMETER = re.compile(r"\{([^{}]*)\}")
CUSTOM = "}:"
"""What a path template with a custom method has: `/content/items/{id}:publish`."""


class KnownOperation(NamedTuple):
    """An operation of our own document, to be found by method and path."""

    id: str
    method: str
    path: str
    security: tuple[str, ...] = ()


def identify(document: dict[str, Any], known: Iterable[KnownOperation], name: str) -> list[str]:
    """Give the document's operations our ids, paths and parameter names, in place. Returns warnings."""
    table = {(op.method.lower(), _shape(op.path)): op for op in known}
    prefix = _prefix(document["paths"], table)
    warnings = _without_prefix(document, prefix, name)
    table |= _declared(document, table, prefix, name)
    renamed: dict[str, str] = {}
    plain = {_shape(path) for path in document["paths"] if CUSTOM not in path}
    for path, item in list(document["paths"].items()):
        if CUSTOM in path and _shape(path) in plain:
            continue  # beside the path that is ours
        ours = {m: table[m, _shape(path)] for m in METHODS if m in item and (m, _shape(path)) in table}
        for method, operation in ours.items():
            renamed[item[method].get("operationId", "")] = operation.id
            item[method]["operationId"] = operation.id
        if ours:
            _rename_parameters(document, path, _spelled(next(iter(ours.values())).path, path), name)
    # Of an operation at two places the declared one is last, and counts.
    _drop_misleading_ids(document, {op.id: (op.method.lower(), _shape(op.path)) for op in table.values()})
    _make_missing_ids(document)
    for place in walk(document, name):
        if place.kind == "link" and place.node.get("operationId") in renamed:
            place.node["operationId"] = renamed[place.node["operationId"]]
    return warnings


def _declared(
    document: dict[str, Any], table: Mapping[tuple[str, str], KnownOperation], prefix: str, name: str
) -> dict[tuple[str, str], KnownOperation]:
    """The operations that `x-dialect` names by a method and path of the document's own: `operations: {"POST /sessions": login}`."""
    dialect = document.get("x-dialect")
    declared = dialect.get("operations", {}) if isinstance(dialect, Mapping) else {}
    known = {op.id: op for op in table.values()} if isinstance(declared, Mapping) else {}
    found: dict[tuple[str, str], KnownOperation] = {}
    for place, meant in declared.items() if known else ():
        method, _, path = place.partition(" ")
        shown = path.removeprefix(prefix)
        if method.lower() not in document["paths"].get(shown, {}):
            raise SpecError(f"{name}: /x-dialect/operations: {place!r} is no method and path of the document")
        if meant not in known:
            raise SpecError(
                f"{name}: /x-dialect/operations: {meant!r} is no operation of ours ({', '.join(known)})"
            )
        names, ours = PARAMETER.findall(path), PARAMETER.findall(known[meant].path)
        if len(names) != len(ours):
            raise SpecError(
                f"{name}: /x-dialect/operations: {place!r} has {len(names)} parameters, and {known[meant].path} {len(ours)}"
            )
        renamed = PARAMETER.sub("{}", shown).format(*(f"{{{each}}}" for each in ours))
        found[method.lower(), _shape(shown)] = known[meant]._replace(path=renamed.removesuffix("/"))
    return found


def with_known_tokens(
    operations: Mapping[str, Operation], known: Iterable[KnownOperation]
) -> dict[str, Operation]:
    """The operations with the security of ours, whatever their schemes are called, and if the document speaks of none. One that is not
    ours needs the access token if it needs any; none needs one where the document says so."""
    table = {operation.id: operation.security for operation in known}
    return {
        name: replace(operation, security=table.get(name) or ACCESS)
        if table and (operation.security or (table.get(name) and not operation.public))
        else operation
        for name, operation in operations.items()
    }


def _shape(path: str) -> str:
    """A path template without the names of its parameters and without a slash at its end, which some frameworks put there. Google's
    custom methods (AIP-136) have a colon where ours have a slash.

    >>> _shape("/content/items/{itemId}/versions/"), _shape("/content/items/{name}:publish")
    ('/content/items/{}/versions', '/content/items/{}/publish')
    """
    return PARAMETER.sub("{}", path).removesuffix("/").replace("{}:", "{}/")


def _spelled(ours: str, path: str) -> str:
    """A path of ours with the target's slash at its end, or with the colon of its custom method."""
    if CUSTOM in path:
        ours = "}:".join(ours.rsplit("}/", 1))
    return f"{ours}/" if path.endswith("/") and not ours.endswith("/") else ours


def _prefix(paths: Mapping[str, Any], table: Mapping[tuple[str, str], KnownOperation]) -> str:
    """The path prefix with which most operations are ours; the shortest if there are several."""
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
    """Move the prefix from the paths to the server entries, and drop paths outside of it, with a warning. Endpoints of OAuth stay, with the root of
    the host as their server."""
    if not prefix:
        return []
    paths, dropped = document["paths"], []
    kept = {
        path.removeprefix(prefix): item
        for path, item in paths.items()
        if not path.startswith("/") or path.startswith(f"{prefix}/")
    }
    for path in (each for each in paths if each.startswith("/") and not each.startswith(f"{prefix}/")):
        endpoints = [m for m in METHODS if m in paths[path] and may_be_endpoint(document, path, m)]
        if not endpoints or path in kept:
            dropped.append(path)
            continue
        others = {name: part for name, part in paths[path].items() if name not in METHODS}
        kept[path] = {"servers": [{"url": "/"}], **others, **{m: paths[path][m] for m in endpoints}}
    document["paths"] = kept
    servers = document.get("servers") or [{"url": "/"}]
    document["servers"] = [{**server, "url": f"{server['url'].rstrip('/')}{prefix}"} for server in servers]
    return [f"{name}: paths outside of {prefix} are left alone: {', '.join(dropped)}"] if dropped else []


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


def _drop_misleading_ids(document: dict[str, Any], known: Mapping[str, tuple[str, str]]) -> None:
    """Delete the id of an operation that has the id of one of ours but another method or path."""
    for path, item in document["paths"].items():
        for method in METHODS:
            place = (method, _shape(path))
            if method in item and known.get(item[method].get("operationId", ""), place) != place:
                del item[method]["operationId"]


def _make_missing_ids(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and not item[method].get("operationId"):
                item[method]["operationId"] = _made_id(method, path)


def _made_id(method: str, path: str) -> str:
    """An operationId for an operation that has none.

    >>> _made_id("get", "/users/{userId}/preferences"), _made_id("delete", "/")
    ('getUsersByUserIdPreferences', 'deleteRoot')
    """
    words = re.findall(r"\w+", path.replace("{", "By/")) or ["Root"]
    return method + "".join(word[:1].upper() + word[1:] for word in words)
